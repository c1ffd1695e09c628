/* Frames in VA surfaces, by an allocator as hardware applications have one: it counts what it is asked, and
 * can be one that does not lock video memory (ffmpeg's), or that fills in a pair of handles. */
#ifndef SOFTRT_VA_FRAMES_H
#define SOFTRT_VA_FRAMES_H

#include "support.h"

#include <stdatomic.h>
#include <va/va.h>

struct vfa_va;
struct vfa_allocator;

enum {
    VA_FRAMES = 12
};

struct va_frames {
    VADisplay display; /* the test's */
    int node;
    struct vfa_va *va;
    struct vfa_allocator *inner;
    mfxFrameAllocator allocator; /* for MFXVideoCORE_SetFrameAllocator */
    mfxStatus lock_answers;      /* MFX_ERR_NONE: it locks */
    mfxStatus handle_answers;
    VASurfaceID *instead; /* what all handles are; NULL: each frame's own */
    atomic_int num_locks;
    atomic_int num_handles;
};

/* On the render node of the test's environment. */
void va_frames_open(struct va_frames *frames);
void va_frames_close(struct va_frames *frames);

/* A set of surfaces of that allocator. */
struct va_set {
    struct va_frames *frames;
    mfxFrameAllocResponse response;
    mfxFrameSurface1 surface[VA_FRAMES];
    bool taken[VA_FRAMES]; /* by the test */
    size_t count;
};

/* As many as `request` suggests. */
void va_set_alloc(struct va_set *set, struct va_frames *frames, const mfxFrameAllocRequest *request);
void va_set_free(struct va_set *set);

/* One that neither the runtime nor the test holds; waits ten seconds at most. */
mfxFrameSurface1 *va_set_free_one(struct va_set *set);
bool *va_set_taken(struct va_set *set, const mfxFrameSurface1 *surface);

/* The crop rectangle of an NV12 surface as `ffmpeg -f rawvideo` writes it. */
void va_picture_get(struct va_frames *frames, const mfxFrameSurface1 *surface, uint8_t *to);

#endif
