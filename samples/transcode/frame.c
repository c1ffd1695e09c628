/* A frame on its way from one stage to the next: its surface, its time stamp, its pixels. */
#include "frame.h"

#include "formats.h"

#include <string.h>
#include <time.h>

/* With nothing under way that could free a surface, waiting longer is no use. */
#define ACQUIRE_TIMEOUT_MS 60000

#define BUSY_PAUSE_NS 1000000

void frame_release(struct frame *frame)
{
    if (frame->surface)
        (void)vfa_pool_release(frame->pool, frame->surface);
    memset(frame, 0, sizeof *frame);
}

enum exit_code frame_stamp(struct runtime *runtime, struct frame *frame, mfxU64 *stamp)
{
    enum exit_code code = EXIT_DONE;

    if (frame->surface->Data.TimeStamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN && frame->sync) {
        code = runtime_sync(runtime, frame->sync, "a frame");
        frame->sync = NULL;
    }
    *stamp = frame->surface->Data.TimeStamp;
    return code;
}

/* Surfaces come free as operations end: so that is what is waited for, and the pool only when none is under
 * way. */
enum exit_code frame_acquire(struct runtime *runtime, const struct relief *relief, struct vfa_pool *pool,
                             const char *holder, mfxFrameSurface1 **out)
{
    struct vfa_pool_want want = vfa_pool_want_defaults();
    mfxStatus status;
    bool waited = true;

    want.tag = holder;
    while ((status = vfa_pool_acquire_as(pool, &want, out)) == MFX_WRN_ALLOC_TIMEOUT_EXPIRED && waited) {
        enum exit_code code = relief->wait(relief->user, &waited);
        if (code != EXIT_DONE)
            return code;
        vfa_pool_poke(pool);
    }
    if (status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED) {
        want.timeout_ms = ACQUIRE_TIMEOUT_MS;
        status = vfa_pool_acquire_as(pool, &want, out);
    }
    if (status != MFX_ERR_NONE) {
        char where[256];
        vfa_pool_explain(pool, where, sizeof where);
        return runtime_fail(runtime, "vfa_pool_acquire", status, "%s", where);
    }
    (*out)->Data.TimeStamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    return EXIT_DONE;
}

enum exit_code frame_wait_busy(const struct relief *relief)
{
    bool waited;
    enum exit_code code = relief->wait(relief->user, &waited);

    if (code == EXIT_DONE && !waited)
        nanosleep(&(struct timespec){.tv_nsec = BUSY_PAUSE_NS}, NULL);
    return code;
}

static uint8_t *channel_of(const mfxFrameData *data, int channel)
{
    switch (channel) {
    case VFA_CHANNEL_Y:
        return data->Y;
    case VFA_CHANNEL_U:
        return data->U;
    case VFA_CHANNEL_V:
        return data->V;
    default:
        return data->A;
    }
}

/* libav's planes are the format's, in the same order; each begins at the lowest of its channels, here at the
 * crop rectangle. */
static void point(struct frame_view *view, const struct vfa_format *format, const mfxFrameInfo *info)
{
    for (int c = 0; c < VFA_CHANNELS; c++) {
        int p = format->channel[c].plane;
        uint8_t *first = channel_of(&view->data, c);
        if (p < 0 || !first)
            continue;
        const struct vfa_format_plane *plane = &format->plane[p];
        view->pitches[p] = (int)(vfa_frame_data_pitch(&view->data) / plane->pitch_div);
        view->planes[p] = first - format->channel[c].offset_bytes +
                          (ptrdiff_t)(info->CropY / plane->row_div) * view->pitches[p] +
                          (ptrdiff_t)(info->CropX / plane->unit_px) * plane->unit_bytes;
    }
}

enum exit_code frame_map(struct runtime *runtime, const mfxFrameSurface1 *surface, mfxU32 flags,
                         struct frame_view *view)
{
    const struct vfa_format *format = vfa_format_find(surface->Info.FourCC);

    memset(view, 0, sizeof *view);
    view->format = format_to_av(surface->Info.FourCC);
    if (!format || view->format == AV_PIX_FMT_NONE)
        return fail(EXIT_INTERNAL, "a surface of a format that libavutil does not know");
    mfxStatus status = vfa_map(runtime->allocator, surface->Data.MemId, flags, &view->data);
    if (status != MFX_ERR_NONE)
        return runtime_fail(runtime, "vfa_map", status, "reaching the pixels of a frame");
    view->allocator = runtime->allocator;
    view->mid = surface->Data.MemId;
    view->width = surface->Info.CropW ? surface->Info.CropW : surface->Info.Width;
    view->height = surface->Info.CropH ? surface->Info.CropH : surface->Info.Height;
    point(view, format, &surface->Info);
    return EXIT_DONE;
}

void frame_unmap(struct frame_view *view)
{
    if (view->allocator)
        (void)vfa_unmap(view->allocator, view->mid, &view->data);
    view->allocator = NULL;
}
