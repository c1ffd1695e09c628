/* A surface's own bytes as a libav frame, for as long as libav keeps a reference. */
#include "surface/frame.h"

#include "surface/convert.h"

#include <libavutil/buffer.h>
#include <libswscale/swscale.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What one AVBuffer stands for: the surface's Locked count, where the surface is read, and the allocator's
 * Lock. Whoever writes holds the surface already. */
struct lease {
    mfxFrameSurface1 *surface;
    bool held;
    struct srt_mapping mapping;
};

/* Leases begin here and end on whatever thread of libav's lets the last reference go. Counted up, with
 * release, when one is complete, and looked at, with acquire, when it ends: so the end sees what the
 * beginning wrote, and a race detector that knows nothing of libav's own locks sees that it does. */
static atomic_uint leases_begun;

static void end_lease(void *opaque, uint8_t *data)
{
    struct lease *lease = opaque;

    (void)data;
    (void)atomic_load_explicit(&leases_begun, memory_order_acquire);
    (void)srt_surface_unmap(&lease->mapping);
    if (lease->held)
        srt_surface_drop(lease->surface);
    free(lease);
}

static mfxStatus begin_lease(struct srt_access access, mfxFrameSurface1 *surface, bool writable,
                             struct lease **out)
{
    struct lease *lease = calloc(1, sizeof(*lease));
    mfxStatus status = MFX_ERR_NONE;

    if (!lease)
        return MFX_ERR_MEMORY_ALLOC;
    if (!writable)
        status = srt_surface_hold(surface);
    if (status != MFX_ERR_NONE)
        goto no_hold;
    lease->surface = surface;
    lease->held = !writable;
    status = srt_surface_map(access, surface, writable, &lease->mapping);
    if (status != MFX_ERR_NONE)
        goto no_map;
    *out = lease;
    return MFX_ERR_NONE;

no_map:
    if (lease->held)
        srt_surface_drop(surface);
no_hold:
    free(lease);
    return status;
}

mfxStatus srt_frame_from_surface(struct srt_access access, mfxFrameSurface1 *surface, bool writable,
                                 AVFrame **out)
{
    AVFrame *frame = av_frame_alloc();
    struct lease *lease;
    mfxStatus status;

    *out = NULL;
    if (!frame)
        return MFX_ERR_MEMORY_ALLOC;
    status = begin_lease(access, surface, writable, &lease);
    if (status != MFX_ERR_NONE) {
        av_frame_free(&frame);
        return status;
    }
    const struct srt_mapping *m = &lease->mapping;
    frame->format = m->format->pix_fmt;
    frame->width = m->width;
    frame->height = m->height;
    for (int i = 0; i < 4; i++) {
        frame->data[i] = m->planes[i];
        frame->linesize[i] = m->linesizes[i];
    }
    /* One buffer keeps the whole surface; its size covers the first plane, all that libav may ask of it. */
    frame->buf[0] = av_buffer_create(m->planes[0], (size_t)m->linesizes[0] * (size_t)m->height, end_lease,
                                     lease, writable ? 0 : AV_BUFFER_FLAG_READONLY);
    if (!frame->buf[0]) {
        end_lease(lease, NULL);
        av_frame_free(&frame);
        return MFX_ERR_MEMORY_ALLOC;
    }
    frame->extended_data = frame->data;
    (void)atomic_fetch_add_explicit(&leases_begun, 1, memory_order_release);
    *out = frame;
    return MFX_ERR_NONE;
}

mfxStatus srt_frame_finish(AVFrame **frame)
{
    struct lease *lease = av_buffer_get_opaque((*frame)->buf[0]);
    mfxStatus status = srt_surface_unmap(&lease->mapping);

    av_frame_free(frame);
    return status;
}

/* The same meaning on both sides: towards YUV the range stays, towards RGB it is undone. */
static struct srt_conversion keep_colours(const AVFrame *from)
{
    struct srt_colour colour = {
        .matrix = from->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : (int)from->colorspace,
        .full_range = from->color_range == AVCOL_RANGE_JPEG,
    };

    return (struct srt_conversion){.flags = SWS_BICUBIC, .threads = 1, .from = colour, .to = colour};
}

mfxStatus srt_frame_to_surface(struct srt_access access, const AVFrame *from, mfxFrameSurface1 *surface,
                               struct srt_converter **converter)
{
    struct srt_conversion how = keep_colours(from);
    AVFrame *to;
    mfxStatus finished;
    mfxStatus status = srt_frame_from_surface(access, surface, true, &to);

    if (status != MFX_ERR_NONE)
        return status;
    status = srt_convert(converter, &how, from, 0, to, surface->Info.CropX);
    finished = srt_frame_finish(&to);
    return status == MFX_ERR_NONE ? finished : status;
}
