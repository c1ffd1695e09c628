/* Scaling and conversion between libav frames whose memory is an application's surface. */
#include "surface/convert.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

/* Widest vector libswscale works with, in bytes. */
#define VECTOR_BYTES 64

/* What a libswscale context was made for. */
struct shape {
    int from_format, from_width, from_height;
    int to_format, to_width, to_height;
    struct srt_conversion how;
};

struct srt_converter {
    struct SwsContext *sws;
    struct shape shape;
    AVFrame *padded_from; /* where the application's rows end too early */
    AVFrame *padded_to;
};

bool srt_frame_has_room(const AVFrame *frame, int left_px)
{
    for (int plane = 0; plane < 4 && frame->data[plane]; plane++) {
        int bytes = av_image_get_linesize(frame->format, frame->width, plane);
        int left = left_px ? av_image_get_linesize(frame->format, left_px, plane) : 0;

        if (bytes < 0 || left < 0)
            return false;
        if (bytes % VECTOR_BYTES && FFALIGN(bytes, VECTOR_BYTES) > frame->linesize[plane] - left)
            return false;
    }
    return true;
}

static bool same_shape(const struct shape *a, const struct shape *b)
{
    return a->from_format == b->from_format && a->from_width == b->from_width &&
           a->from_height == b->from_height && a->to_format == b->to_format && a->to_width == b->to_width &&
           a->to_height == b->to_height && a->how.flags == b->how.flags && a->how.threads == b->how.threads &&
           a->how.from.matrix == b->how.from.matrix && a->how.from.full_range == b->how.from.full_range &&
           a->how.to.matrix == b->how.to.matrix && a->how.to.full_range == b->how.to.full_range;
}

static bool is_rgb(int format)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);
    return desc && desc->flags & AV_PIX_FMT_FLAG_RGB;
}

static int set_options(struct SwsContext *sws, const struct shape *shape, int threads)
{
    const struct {
        const char *name;
        int value;
    } options[] = {
        {"srcw", shape->from_width},
        {"srch", shape->from_height},
        {"src_format", shape->from_format},
        {"dstw", shape->to_width},
        {"dsth", shape->to_height},
        {"dst_format", shape->to_format},
        {"sws_flags", shape->how.flags},
        {"threads", threads},
        {"src_range", shape->how.from.full_range},
        {"dst_range", shape->how.to.full_range},
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (av_opt_set_int(sws, options[i].name, options[i].value, 0) < 0)
            return -1;
    return 0;
}

/* RGB has no matrix and is always of full range: the YUV side alone says how to get there. */
static int set_colours(struct SwsContext *sws, const struct shape *shape)
{
    int from_full = is_rgb(shape->from_format) ? 1 : shape->how.from.full_range;
    int to_full = is_rgb(shape->to_format) ? 1 : shape->how.to.full_range;

    return sws_setColorspaceDetails(sws, sws_getCoefficients(shape->how.from.matrix), from_full,
                                    sws_getCoefficients(shape->how.to.matrix), to_full, 0, 1 << 16, 1 << 16);
}

static mfxStatus new_context(const struct shape *shape, int threads, struct SwsContext **out)
{
    struct SwsContext *sws = sws_alloc_context();
    int err;

    *out = NULL;
    if (!sws)
        return MFX_ERR_MEMORY_ALLOC;
    err = set_options(sws, shape, threads) ? AVERROR(EINVAL) : sws_init_context(sws, NULL, NULL);
    if (err < 0) {
        sws_freeContext(sws);
        return err == AVERROR(ENOMEM) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_UNSUPPORTED;
    }
    *out = sws;
    return MFX_ERR_NONE;
}

/* libswscale 6 leaks when a context of several threads cannot be made: a single one is tried first. */
static mfxStatus try_first(const struct shape *shape)
{
    struct SwsContext *sws;
    mfxStatus status = new_context(shape, 1, &sws);

    sws_freeContext(sws);
    return status;
}

static mfxStatus prepare(struct srt_converter *c, const struct shape *shape)
{
    mfxStatus status = MFX_ERR_NONE;

    if (c->sws && same_shape(&c->shape, shape))
        return MFX_ERR_NONE;
    sws_freeContext(c->sws);
    av_frame_free(&c->padded_from);
    av_frame_free(&c->padded_to);
    c->sws = NULL;
    if (!sws_isSupportedInput(shape->from_format) || !sws_isSupportedOutput(shape->to_format))
        return MFX_ERR_UNSUPPORTED;
    if (shape->how.threads > 1)
        status = try_first(shape);
    if (status == MFX_ERR_NONE)
        status = new_context(shape, shape->how.threads, &c->sws);
    if (status != MFX_ERR_NONE)
        return status;
    (void)set_colours(c->sws, shape); /* refused where neither side has colours to convert */
    c->shape = *shape;
    return MFX_ERR_NONE;
}

/* A padded frame of that shape, kept in *frame while nobody else refers to it. */
static mfxStatus padded(AVFrame **frame, int format, int width, int height)
{
    if (*frame && av_frame_is_writable(*frame) && (*frame)->format == format && (*frame)->width == width &&
        (*frame)->height == height)
        return MFX_ERR_NONE;
    av_frame_free(frame);
    *frame = av_frame_alloc();
    if (!*frame)
        return MFX_ERR_MEMORY_ALLOC;
    (*frame)->format = format;
    (*frame)->width = width;
    (*frame)->height = height;
    if (av_frame_get_buffer(*frame, 0) < 0) {
        av_frame_free(frame);
        return MFX_ERR_MEMORY_ALLOC;
    }
    return MFX_ERR_NONE;
}

static void copy(AVFrame *to, const AVFrame *from)
{
    const uint8_t *planes[4] = {from->data[0], from->data[1], from->data[2], from->data[3]};

    av_image_copy(to->data, to->linesize, planes, from->linesize, to->format, to->width, to->height);
}

static mfxStatus scale(struct srt_converter *c, const AVFrame *from, int from_left_px, AVFrame *to,
                       int to_left_px)
{
    /* Between equal pitches libswscale copies whole rows, beyond the rectangle and the last one beyond the
     * surface. */
    bool direct = srt_frame_has_room(to, to_left_px) && (!to_left_px || to->linesize[0] != from->linesize[0]);
    mfxStatus status;

    if (!srt_frame_has_room(from, from_left_px)) {
        status = padded(&c->padded_from, from->format, from->width, from->height);
        if (status != MFX_ERR_NONE)
            return status;
        copy(c->padded_from, from);
        from = c->padded_from;
    }
    if (!direct) {
        status = padded(&c->padded_to, to->format, to->width, to->height);
        if (status != MFX_ERR_NONE)
            return status;
    }
    if (sws_scale_frame(c->sws, direct ? to : c->padded_to, from) < 0)
        return MFX_ERR_UNKNOWN;
    if (!direct)
        copy(to, c->padded_to);
    return MFX_ERR_NONE;
}

static bool is_copy(const struct shape *shape)
{
    return shape->from_format == shape->to_format && shape->from_width == shape->to_width &&
           shape->from_height == shape->to_height && shape->how.from.matrix == shape->how.to.matrix &&
           shape->how.from.full_range == shape->how.to.full_range;
}

static struct shape shape_of(const struct srt_conversion *how, const struct srt_size *from,
                             const struct srt_size *to)
{
    return (struct shape){
        .from_format = from->format,
        .from_width = from->width,
        .from_height = from->height,
        .to_format = to->format,
        .to_width = to->width,
        .to_height = to->height,
        .how = *how,
    };
}

mfxStatus srt_converter_prepare(struct srt_converter **converter, const struct srt_conversion *how,
                                const struct srt_size *from, const struct srt_size *to)
{
    struct shape shape = shape_of(how, from, to);

    if (is_copy(&shape))
        return MFX_ERR_NONE;
    if (!*converter)
        *converter = calloc(1, sizeof(**converter));
    return *converter ? prepare(*converter, &shape) : MFX_ERR_MEMORY_ALLOC;
}

mfxStatus srt_convert(struct srt_converter **converter, const struct srt_conversion *how, const AVFrame *from,
                      int from_left_px, AVFrame *to, int to_left_px)
{
    const struct srt_size from_size = {from->format, from->width, from->height};
    const struct srt_size to_size = {to->format, to->width, to->height};
    struct shape shape = shape_of(how, &from_size, &to_size);
    mfxStatus status;

    if (is_copy(&shape)) {
        copy(to, from);
        return MFX_ERR_NONE;
    }
    status = srt_converter_prepare(converter, how, &from_size, &to_size);
    return status == MFX_ERR_NONE ? scale(*converter, from, from_left_px, to, to_left_px) : status;
}

mfxStatus srt_convert_new(struct srt_converter **converter, const struct srt_conversion *how,
                          const AVFrame *from, int from_left_px, int format, AVFrame **to)
{
    AVFrame *frame = NULL;
    mfxStatus status = padded(&frame, format, from->width, from->height);

    *to = NULL;
    if (status == MFX_ERR_NONE)
        status = srt_convert(converter, how, from, from_left_px, frame, 0);
    if (status == MFX_ERR_NONE && av_frame_copy_props(frame, from) < 0)
        status = MFX_ERR_MEMORY_ALLOC;
    if (status == MFX_ERR_NONE)
        *to = frame;
    else
        av_frame_free(&frame);
    return status;
}

void srt_converter_free(struct srt_converter **converter)
{
    if (!*converter)
        return;
    sws_freeContext((*converter)->sws);
    av_frame_free(&(*converter)->padded_from);
    av_frame_free(&(*converter)->padded_to);
    free(*converter);
    *converter = NULL;
}
