/* A chain of libavfilter's filters: frames in, pictures out. */
#include "vpp/vpp.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>

struct vpp_graph {
    AVFilterGraph *graph;
    AVFilterContext *source;
    AVFilterContext *sink;
};

static mfxStatus to_status(int averror)
{
    return averror == AVERROR(ENOMEM) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_DEVICE_FAILED;
}

static int add_ends(struct vpp_graph *g, const struct srt_size *size)
{
    char args[96];
    int err;

    (void)snprintf(args, sizeof(args), "pix_fmt=%d:width=%d:height=%d:time_base=1/1:pixel_aspect=1/1",
                   size->format, size->width, size->height);
    err =
        avfilter_graph_create_filter(&g->source, avfilter_get_by_name("buffer"), "in", args, NULL, g->graph);
    if (err < 0)
        return err;
    return avfilter_graph_create_filter(&g->sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL,
                                        g->graph);
}

/* What the chain leaves open at `end`, which is its first filter's input or its last one's output. */
static AVFilterInOut *open_end(AVFilterContext *end, const char *name)
{
    AVFilterInOut *open = avfilter_inout_alloc();

    if (!open)
        return NULL;
    open->name = av_strdup(name);
    open->filter_ctx = end;
    if (!open->name)
        avfilter_inout_free(&open);
    return open;
}

/* No conversion is put between the filters: the plan chose a format that all of them take. */
static int add_chain(struct vpp_graph *g, const char *chain)
{
    AVFilterInOut *from = open_end(g->source, "in");
    AVFilterInOut *to = open_end(g->sink, "out");
    int err = from && to ? avfilter_graph_parse_ptr(g->graph, chain, &to, &from, NULL) : AVERROR(ENOMEM);

    avfilter_inout_free(&from);
    avfilter_inout_free(&to);
    if (err < 0)
        return err;
    avfilter_graph_set_auto_convert(g->graph, (unsigned)AVFILTER_AUTO_CONVERT_NONE);
    return avfilter_graph_config(g->graph, NULL);
}

mfxStatus vpp_graph_create(struct vpp_graph **out, const char *chain, int threads,
                           const struct srt_size *size)
{
    struct vpp_graph *g = calloc(1, sizeof(*g));
    int err = AVERROR(ENOMEM);

    *out = NULL;
    if (!g)
        return MFX_ERR_MEMORY_ALLOC;
    g->graph = avfilter_graph_alloc();
    if (!g->graph)
        goto failed;
    g->graph->nb_threads = threads;
    err = add_ends(g, size);
    if (err >= 0)
        err = add_chain(g, chain);
    if (err < 0)
        goto failed;
    *out = g;
    return MFX_ERR_NONE;

failed:
    vpp_graph_free(&g);
    return to_status(err);
}

mfxStatus vpp_graph_push(struct vpp_graph *g, AVFrame *frame)
{
    int err = av_buffersrc_add_frame_flags(g->source, frame, 0);

    av_frame_free(&frame);
    return err < 0 ? to_status(err) : MFX_ERR_NONE;
}

mfxStatus vpp_graph_pull(struct vpp_graph *g, AVFrame **out)
{
    AVFrame *frame = av_frame_alloc();
    int err;

    *out = NULL;
    if (!frame)
        return MFX_ERR_MEMORY_ALLOC;
    err = av_buffersink_get_frame(g->sink, frame);
    if (err >= 0) {
        *out = frame;
        return MFX_ERR_NONE;
    }
    av_frame_free(&frame);
    return err == AVERROR(EAGAIN) || err == AVERROR_EOF ? MFX_ERR_MORE_DATA : to_status(err);
}

void vpp_graph_free(struct vpp_graph **g)
{
    if (!*g)
        return;
    avfilter_graph_free(&(*g)->graph);
    free(*g);
    *g = NULL;
}
