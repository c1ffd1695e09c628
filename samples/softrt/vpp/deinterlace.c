/* Deinterlacing by libavfilter: frames in, pictures out. */
#include "vpp/vpp.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/opt.h>
#include <stdio.h>
#include <stdlib.h>

struct vpp_deinterlacer {
    AVFilterGraph *graph;
    AVFilterContext *source;
    AVFilterContext *sink;
};

static mfxStatus to_status(int averror)
{
    return averror == AVERROR(ENOMEM) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_DEVICE_FAILED;
}

int vpp_deinterlacer_format(int format)
{
    switch (format) {
    case AV_PIX_FMT_NV12:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_P010LE:
        return AV_PIX_FMT_YUV420P10LE;
    case AV_PIX_FMT_YUYV422:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_BGRA:
        return AV_PIX_FMT_GBRP;
    default:
        return format;
    }
}

static int add_source(struct vpp_deinterlacer *d, int format, int width, int height)
{
    char args[96];

    (void)snprintf(args, sizeof(args), "pix_fmt=%d:width=%d:height=%d:time_base=1/1:pixel_aspect=1/1", format,
                   width, height);
    return avfilter_graph_create_filter(&d->source, avfilter_get_by_name("buffer"), "in", args, NULL,
                                        d->graph);
}

static int add_filter(struct vpp_deinterlacer *d, const struct vpp_plan *plan)
{
    AVFilterContext *filter;
    char args[64];
    int err;

    /* Both filters number their options alike: mode 0 is one picture a frame, 1 one a field. */
    (void)snprintf(args, sizeof(args), "mode=%d:parity=auto:deint=%s", plan->fields_out == 2 ? 1 : 0,
                   plan->only_interlaced ? "interlaced" : "all");
    err = avfilter_graph_create_filter(&filter, avfilter_get_by_name(plan->deinterlacer), "deinterlace", args,
                                       NULL, d->graph);
    if (err < 0)
        return err;
    err = avfilter_link(d->source, 0, filter, 0);
    return err < 0 ? err : avfilter_link(filter, 0, d->sink, 0);
}

mfxStatus vpp_deinterlacer_create(struct vpp_deinterlacer **out, const struct vpp_plan *plan, int format,
                                  int width, int height)
{
    struct vpp_deinterlacer *d = calloc(1, sizeof(*d));
    int err = AVERROR(ENOMEM);

    *out = NULL;
    if (!d)
        return MFX_ERR_MEMORY_ALLOC;
    d->graph = avfilter_graph_alloc();
    if (!d->graph)
        goto failed;
    d->graph->nb_threads = plan->conversion.threads;
    err = add_source(d, format, width, height);
    if (err >= 0)
        err = avfilter_graph_create_filter(&d->sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL,
                                           d->graph);
    if (err >= 0)
        err = add_filter(d, plan);
    if (err >= 0)
        err = avfilter_graph_config(d->graph, NULL);
    if (err < 0)
        goto failed;
    *out = d;
    return MFX_ERR_NONE;

failed:
    vpp_deinterlacer_free(&d);
    return to_status(err);
}

mfxStatus vpp_deinterlacer_push(struct vpp_deinterlacer *d, AVFrame *frame)
{
    int err = av_buffersrc_add_frame_flags(d->source, frame, 0);

    av_frame_free(&frame);
    return err < 0 ? to_status(err) : MFX_ERR_NONE;
}

mfxStatus vpp_deinterlacer_pull(struct vpp_deinterlacer *d, AVFrame **out)
{
    AVFrame *frame = av_frame_alloc();
    int err;

    *out = NULL;
    if (!frame)
        return MFX_ERR_MEMORY_ALLOC;
    err = av_buffersink_get_frame(d->sink, frame);
    if (err >= 0) {
        *out = frame;
        return MFX_ERR_NONE;
    }
    av_frame_free(&frame);
    return err == AVERROR(EAGAIN) || err == AVERROR_EOF ? MFX_ERR_MORE_DATA : to_status(err);
}

void vpp_deinterlacer_free(struct vpp_deinterlacer **d)
{
    if (!*d)
        return;
    avfilter_graph_free(&(*d)->graph);
    free(*d);
    *d = NULL;
}
