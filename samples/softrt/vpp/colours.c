/* Colours of the outputs (mfxExtVPPProcAmp): those of Init, or those that an output surface brings along.
 * They come after all other filters, which look at other frames, turn pictures and show them more than once:
 * what each output is to look like is known with its surface only. */
#include "vpp/queue.h"

#include <string.h>

static const mfxExtVPPProcAmp no_colours;

mfxStatus vpp_colours_read(mfxExtVPPProcAmp *colours, const struct vpp_params *params,
                           const mfxFrameSurface1 *out)
{
    const mfxExtBuffer *own;

    *colours = vpp_wants(params, VPP_PROCAMP) ? params->procamp : no_colours;
    if (!out->Data.NumExtParam)
        return MFX_ERR_NONE;
    if (!out->Data.ExtParam)
        return MFX_ERR_NULL_PTR;
    own = srt_ext_buffer(out->Data.ExtParam, out->Data.NumExtParam, MFX_EXTBUFF_VPP_PROCAMP);
    if (!own || params->excluded & VPP_PROCAMP)
        return MFX_ERR_NONE;
    if (own->BufferSz != sizeof(*colours))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    memcpy(colours, own, sizeof(*colours));
    return vpp_filters_check_colours(colours) ? MFX_ERR_NONE : MFX_ERR_INVALID_VIDEO_PARAM;
}

/* The filters for these colours and pictures of this size: mostly those of the picture before. */
static mfxStatus prepare(struct vpp_colours *c, const char *chain, int threads, const struct srt_size *size)
{
    mfxStatus status;

    if (c->graph && !strcmp(chain, c->chain) && !memcmp(size, &c->size, sizeof(*size)))
        return MFX_ERR_NONE;
    vpp_graph_free(&c->graph);
    status = vpp_graph_create(&c->graph, chain, threads, size);
    if (status != MFX_ERR_NONE)
        return status;
    memcpy(c->chain, chain, sizeof(c->chain));
    c->size = *size;
    return MFX_ERR_NONE;
}

mfxStatus vpp_colours_adjust(struct vpp_queue *queue, const mfxExtVPPProcAmp *colours, const AVFrame *picture,
                             int left_px, AVFrame **out)
{
    struct vpp_colours *c = &queue->colours;
    const struct srt_size size = {vpp_filters_planar_yuv(picture->format), picture->width, picture->height};
    char chain[VPP_CHAIN] = "";
    AVFrame *frame;
    mfxStatus status;

    *out = NULL;
    vpp_filters_add_colours(chain, &queue->plan, &queue->params, colours);
    if (!chain[0])
        return MFX_ERR_NONE;
    status = prepare(c, chain, queue->plan.conversion.threads, &size);
    if (status != MFX_ERR_NONE)
        return status;
    frame = av_frame_clone(picture);
    if (!frame)
        return MFX_ERR_MEMORY_ALLOC;
    status = vpp_picture_unpack(&c->unpack, &queue->plan.conversion, size.format, left_px, &frame);
    if (status != MFX_ERR_NONE) {
        av_frame_free(&frame);
        return status;
    }
    status = vpp_graph_push(c->graph, frame);
    return status == MFX_ERR_NONE ? vpp_graph_pull(c->graph, out) : status;
}

void vpp_colours_finish(struct vpp_colours *colours)
{
    vpp_graph_free(&colours->graph);
    srt_converter_free(&colours->unpack);
    srt_converter_free(&colours->finish);
}
