/* One surface over one frame. */
#ifndef VFA_POOL_SURFACES_H
#define VFA_POOL_SURFACES_H

#include <stdbool.h>
#include <vfa/surface.h>

/* MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM: the allocator cannot do what `mode` needs. */
mfxStatus vfa__surface_check_mode(const mfxFrameAllocator *allocator, enum vfa_surface_mode mode);

/* As vfa_surfaces_fill, for one; the surface is zeroed on error. */
mfxStatus vfa__surface_fill(const mfxFrameAllocator *allocator, mfxMemId mid, const mfxFrameInfo *info,
                            enum vfa_surface_mode mode, mfxFrameSurface1 *surface);

/* Whether the data have the pixels' pointers: every format has its first samples behind one of these. */
static inline bool vfa__surface_has_pointers(const mfxFrameData *data)
{
    return data->Y || data->U || data->V || data->A;
}

/* Unlocks what vfa__surface_fill locked and zeroes the surface; a zeroed one is left alone. */
mfxStatus vfa__surface_clear(const mfxFrameAllocator *allocator, mfxMemId mid, enum vfa_surface_mode mode,
                             mfxFrameSurface1 *surface);

#endif
