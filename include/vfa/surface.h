/* mfxFrameSurface1 over allocated frames, for applications that keep their own pools. */
#ifndef VFA_SURFACE_H
#define VFA_SURFACE_H

#include <vfa/defs.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a surface tells a runtime where its pixels are. */
enum vfa_surface_mode {
    VFA_SURFACE_MEMID = 0, /* Data.MemId; the runtime Locks through its session's allocator */
    VFA_SURFACE_POINTERS =
        1, /* Data.Y and so on, each frame Locked until vfa_surfaces_clear; needs no allocator on the
              session (runtimes ignore MemId when a pointer is set, but it is set as well) */
};

/* Fills surfaces[0 .. count-1] for the frames of `response`, which any mfxFrameAllocator made from `info`.
 * `count`: at most response->NumFrameActual. Surfaces get Version 1.1, the info verbatim, no FrameInterface,
 * Locked 0. MFX_ERR_NULL_PTR: also when the mode needs Lock and Unlock and they are missing;
 * MFX_ERR_INVALID_VIDEO_PARAM: count 0 or beyond the response, an unknown mode; MFX_ERR_INVALID_HANDLE: a
 * NULL mid; MFX_ERR_LOCK_MEMORY: Lock set no pointer; what Lock returned. On error every surface is zeroed
 * (but for a NULL or a bad count, which leave the array alone) and nothing stays locked. Any thread; the
 * caller owns the array and must keep it in place while a runtime knows its surfaces: they are told apart by
 * address. Source: mfxFrameSurface1. */
VFA_API VFA_MUST_USE mfxStatus vfa_surfaces_fill(mfxFrameAllocator *allocator,
                                                 const mfxFrameAllocResponse *response,
                                                 const mfxFrameInfo *info, enum vfa_surface_mode mode,
                                                 mfxFrameSurface1 *surfaces, size_t count);

/* Unlocks what vfa_surfaces_fill locked and zeroes the array. Surfaces that the runtime still holds
 * (Data.Locked) are cleared all the same; the first of them makes the result MFX_ERR_LOCK_MEMORY.
 * Zeroed surfaces are left alone. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: an unknown mode; what Unlock
 * returned first. Data.MemId must be as vfa_surfaces_fill left it. */
VFA_API mfxStatus vfa_surfaces_clear(mfxFrameAllocator *allocator, enum vfa_surface_mode mode,
                                     mfxFrameSurface1 *surfaces, size_t count);

#ifdef __cplusplus
}
#endif

#endif
