/* The pictures that one output is composed of: scaled, and put one over the other. */
#include "vpp/layers.h"

#include <stdlib.h>

struct stream {
    mfxVPPCompInputStream how;
    struct srt_converter *converter;
    AVFrame *frame; /* NULL until it has come */
    const mfxFrameSurface1 *surface;
    int left_px, top_px; /* of its crop rectangle */
};

struct vpp_layers {
    struct stream streams[VPP_MOST_STREAMS];
    int count;
    bool rgb; /* the output */
    uint8_t colour[3];
    mfxFrameInfo out;                   /* as initialised */
    struct srt_conversion plain, mixed; /* of frames of the input's format, and of the other */
    int plain_format;
    struct srt_conversion finish;
    struct srt_converter *repack;
};

/* The canvas is planar, and so are layers: with a plane of alpha where that counts. */
static int layer_format(const struct vpp_layers *l, const mfxVPPCompInputStream *how)
{
    if (how->PixelAlphaEnable)
        return l->rgb ? AV_PIX_FMT_GBRAP : AV_PIX_FMT_YUVA420P;
    return l->rgb ? AV_PIX_FMT_GBRP : AV_PIX_FMT_YUV420P;
}

/* Streams with alpha of their own are of RGB, whatever the others are. */
static int stream_format(const struct vpp_layers *l, const mfxVPPCompInputStream *how)
{
    return how->PixelAlphaEnable ? AV_PIX_FMT_BGRA : l->plain_format;
}

static const struct srt_conversion *conversion_for(const struct vpp_layers *l, int format)
{
    bool same = (format == AV_PIX_FMT_BGRA) == (l->plain_format == AV_PIX_FMT_BGRA);

    return same ? &l->plain : &l->mixed;
}

static mfxStatus prepare(struct vpp_layers *l, const mfxFrameInfo *in)
{
    mfxStatus status = MFX_ERR_NONE;

    for (int i = 0; i < l->count && status == MFX_ERR_NONE; i++) {
        const mfxVPPCompInputStream *how = &l->streams[i].how;
        struct srt_size from = {stream_format(l, how), vpp_width(in), vpp_height(in)};
        struct srt_size to = {layer_format(l, how), (int)how->DstW, (int)how->DstH};

        status = srt_converter_prepare(&l->streams[i].converter, conversion_for(l, from.format), &from, &to);
    }
    return status;
}

mfxStatus vpp_layers_create(struct vpp_layers **out, const struct vpp_params *params,
                            const struct vpp_plan *plan)
{
    struct vpp_layers *l = calloc(1, sizeof(*l));
    mfxStatus status;

    *out = NULL;
    if (!l)
        return MFX_ERR_MEMORY_ALLOC;
    l->count = plan->streams;
    l->out = params->par.vpp.Out;
    l->rgb = l->out.FourCC == MFX_FOURCC_RGB4;
    l->colour[0] = (uint8_t)params->composite.Y; /* or R, G, B: the same fields */
    l->colour[1] = (uint8_t)params->composite.U;
    l->colour[2] = (uint8_t)params->composite.V;
    l->plain = plan->conversion;
    l->mixed = plan->mixed;
    l->finish = plan->conversion;
    l->finish.from = l->finish.to;
    l->plain_format = srt_pixel_format_find(params->par.vpp.In.FourCC)->pix_fmt;
    for (int i = 0; i < l->count; i++)
        l->streams[i].how = params->streams[i];
    status = prepare(l, &params->par.vpp.In);
    if (status != MFX_ERR_NONE)
        vpp_layers_free(&l);
    *out = l;
    return status;
}

static void put(struct stream *s, const mfxFrameSurface1 *surface, AVFrame *frame)
{
    av_frame_free(&s->frame);
    s->frame = frame;
    s->surface = surface;
    s->left_px = surface->Info.CropX;
    s->top_px = surface->Info.CropY;
}

static bool shows(const struct stream *s, const mfxFrameSurface1 *surface)
{
    const mfxFrameInfo *info = &surface->Info;

    return s->frame && s->surface == surface && s->left_px == info->CropX && s->top_px == info->CropY &&
           s->frame->width == vpp_width(info) && s->frame->height == vpp_height(info);
}

mfxStatus vpp_layers_put(struct vpp_layers *l, int stream, struct srt_access access,
                         mfxFrameSurface1 *surface)
{
    AVFrame *frame;
    mfxStatus status;

    for (int i = 0; i < stream; i++) {
        if (!shows(&l->streams[i], surface))
            continue;
        frame = av_frame_clone(l->streams[i].frame);
        if (!frame)
            return MFX_ERR_MEMORY_ALLOC;
        put(&l->streams[stream], surface, frame);
        return MFX_ERR_NONE;
    }
    status = srt_frame_from_surface(access, surface, false, &frame);
    if (status == MFX_ERR_NONE)
        put(&l->streams[stream], surface, frame);
    return status;
}

static mfxStatus new_frame(int format, int width, int height, AVFrame **out)
{
    AVFrame *frame = av_frame_alloc();

    *out = NULL;
    if (!frame)
        return MFX_ERR_MEMORY_ALLOC;
    frame->format = format;
    frame->width = width;
    frame->height = height;
    if (av_frame_get_buffer(frame, 0) < 0) {
        av_frame_free(&frame);
        return MFX_ERR_MEMORY_ALLOC;
    }
    *out = frame;
    return MFX_ERR_NONE;
}

static struct vpp_layer describe(const struct vpp_layers *l, const struct stream *s, const AVFrame *picture,
                                 const mfxFrameInfo *out)
{
    return (struct vpp_layer){
        .picture = picture,
        .x = (int)s->how.DstX - out->CropX,
        .y = (int)s->how.DstY - out->CropY,
        .subsampled = !l->rgb,
        .black = l->rgb || l->plain.to.full_range ? 0 : 16,
        .alpha = s->how.GlobalAlphaEnable ? s->how.GlobalAlpha : 255,
        .keyed = s->how.LumaKeyEnable,
        .key_min = s->how.LumaKeyMin,
        .key_max = s->how.LumaKeyMax,
        .pixel_alpha = s->how.PixelAlphaEnable,
    };
}

static mfxStatus add(struct vpp_layers *l, struct stream *s, const mfxFrameInfo *out, AVFrame *canvas)
{
    AVFrame *picture;
    struct vpp_layer layer;
    mfxStatus status = new_frame(layer_format(l, &s->how), (int)s->how.DstW, (int)s->how.DstH, &picture);

    if (status != MFX_ERR_NONE)
        return status;
    status =
        srt_convert(&s->converter, conversion_for(l, s->frame->format), s->frame, s->left_px, picture, 0);
    if (status == MFX_ERR_NONE) {
        layer = describe(l, s, picture, out);
        vpp_blend(canvas, &layer);
    }
    av_frame_free(&picture);
    return status;
}

mfxStatus vpp_layers_compose(struct vpp_layers *l, struct srt_access access, mfxFrameSurface1 *out)
{
    const struct vpp_rectangle all = {0, 0, vpp_width(&out->Info), vpp_height(&out->Info)};
    int format = l->rgb ? AV_PIX_FMT_GBRP : AV_PIX_FMT_YUV420P;
    AVFrame *canvas;
    mfxStatus status;

    for (int i = 0; i < l->count; i++)
        if (!l->streams[i].frame)
            return MFX_ERR_ABORTED; /* it failed on its way here */
    status = new_frame(format, all.width, all.height, &canvas);
    if (status != MFX_ERR_NONE)
        return status;
    vpp_fill(canvas->data, canvas->linesize, format, all, l->colour);
    for (int i = 0; i < l->count && status == MFX_ERR_NONE; i++)
        status = add(l, &l->streams[i], &out->Info, canvas);
    if (status == MFX_ERR_NONE)
        status = vpp_picture_write(access, &l->repack, &l->finish, canvas, 0, out, l->colour);
    av_frame_free(&canvas);
    return status;
}

void vpp_layers_drop(struct vpp_layers *l)
{
    for (int i = 0; i < l->count; i++)
        av_frame_free(&l->streams[i].frame);
}

void vpp_layers_free(struct vpp_layers **layers)
{
    struct vpp_layers *gone = *layers;

    *layers = NULL;
    if (!gone)
        return;
    vpp_layers_drop(gone);
    for (int i = 0; i < gone->count; i++)
        srt_converter_free(&gone->streams[i].converter);
    srt_converter_free(&gone->repack);
    free(gone);
}
