/* A frame on its way from one stage to the next: a surface of a pool, and the operation that fills it. */
#ifndef TRANSCODE_FRAME_H
#define TRANSCODE_FRAME_H

#include "runtime.h"

#include <libavutil/pixfmt.h>
#include <stdint.h>

struct frame {
    mfxFrameSurface1 *surface; /* leased to whoever has the frame */
    struct vfa_pool *pool;     /* where it goes back to */
    mfxSyncPoint sync;         /* NULL: its pixels are there already */
};

/* Gives the surface back; the runtime may still be reading it. Clears the frame. */
void frame_release(struct frame *frame);

/* The surface's time stamp, as the runtime set it. One that sets it only when the operation ends is waited
 * for; the surface's TimeStamp must have been MFX_TIMESTAMP_UNKNOWN when it was handed over. */
enum exit_code frame_stamp(struct runtime *runtime, struct frame *frame, mfxU64 *stamp);

/* What stages call when no surface is free, or the runtime is busy: waits until something moves. */
struct relief {
    enum exit_code (*wait)(void *user,
                           bool *waited); /* for the oldest operation; *waited false: there is none */
    void *user;
};

/* A free surface of the pool, its time stamp unknown. `holder`: the stage that will have it, for reports. */
enum exit_code frame_acquire(struct runtime *runtime, const struct relief *relief, struct vfa_pool *pool,
                             const char *holder, mfxFrameSurface1 **out);

/* The runtime answered MFX_WRN_DEVICE_BUSY: waits for the oldest operation, or a moment when there is none.
 */
enum exit_code frame_wait_busy(const struct relief *relief);

/* A surface's visible pixels as libav sees them. */
struct frame_view {
    struct vfa_allocator *allocator;
    mfxMemId mid;
    mfxFrameData data;
    enum AVPixelFormat format;
    int width;
    int height;
    uint8_t *planes[4];
    int pitches[4];
};

/* Maps a surface for reading or writing (`flags`: mfxMemoryFlags) until frame_unmap. */
enum exit_code frame_map(struct runtime *runtime, const mfxFrameSurface1 *surface, mfxU32 flags,
                         struct frame_view *view);
void frame_unmap(struct frame_view *view);

#endif
