/* mfxFrameSurface1 over the frames of any allocator. */
#include "pool/surfaces.h"

#include <stddef.h>
#include <string.h>

mfxStatus vfa__surface_check_mode(const mfxFrameAllocator *allocator, enum vfa_surface_mode mode)
{
    switch (mode) {
    case VFA_SURFACE_MEMID:
        return MFX_ERR_NONE;
    case VFA_SURFACE_POINTERS:
        return allocator->Lock && allocator->Unlock ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
    }
    return MFX_ERR_INVALID_VIDEO_PARAM;
}

static mfxStatus lock(const mfxFrameAllocator *allocator, mfxMemId mid, mfxFrameData *data)
{
    mfxStatus status = allocator->Lock(allocator->pthis, mid, data);
    if (status < MFX_ERR_NONE)
        return status;
    if (vfa__surface_has_pointers(data))
        return MFX_ERR_NONE;
    (void)allocator->Unlock(allocator->pthis, mid, data);
    return MFX_ERR_LOCK_MEMORY;
}

/* Data.Locked by an atomic store: a pool that looks for a surface that was let go may read it at any time. */
static void assign(mfxFrameSurface1 *surface, const mfxFrameSurface1 *value)
{
    const size_t locked = offsetof(mfxFrameSurface1, Data.Locked),
                 behind = locked + sizeof value->Data.Locked;
    memcpy(surface, value, locked);
    __atomic_store_n(&surface->Data.Locked, value->Data.Locked, __ATOMIC_RELAXED);
    memcpy((unsigned char *)surface + behind, (const unsigned char *)value + behind, sizeof *value - behind);
}

static void zero(mfxFrameSurface1 *surface)
{
    mfxFrameSurface1 nothing;
    memset(&nothing, 0, sizeof nothing);
    assign(surface, &nothing);
}

mfxStatus vfa__surface_fill(const mfxFrameAllocator *allocator, mfxMemId mid, const mfxFrameInfo *info,
                            enum vfa_surface_mode mode, mfxFrameSurface1 *surface)
{
    zero(surface);
    if (!mid)
        return MFX_ERR_INVALID_HANDLE;
    mfxFrameSurface1 filled;
    memset(&filled, 0, sizeof filled);
    if (mode == VFA_SURFACE_POINTERS) {
        mfxStatus status = lock(allocator, mid, &filled.Data);
        if (status != MFX_ERR_NONE)
            return status;
    }
    filled.Version.Version = MFX_FRAMESURFACE1_VERSION;
    filled.Info = *info;
    filled.Data.MemId = mid;
    filled.Data.Locked = 0;
    assign(surface, &filled);
    return MFX_ERR_NONE;
}

mfxStatus vfa__surface_clear(const mfxFrameAllocator *allocator, mfxMemId mid, enum vfa_surface_mode mode,
                             mfxFrameSurface1 *surface)
{
    if (!surface->Version.Version)
        return MFX_ERR_NONE;
    mfxStatus status = MFX_ERR_NONE;
    if (mode == VFA_SURFACE_POINTERS)
        status = allocator->Unlock(allocator->pthis, mid, &surface->Data);
    zero(surface);
    return status < MFX_ERR_NONE ? status : MFX_ERR_NONE;
}

mfxStatus vfa_surfaces_fill(mfxFrameAllocator *allocator, const mfxFrameAllocResponse *response,
                            const mfxFrameInfo *info, enum vfa_surface_mode mode, mfxFrameSurface1 *surfaces,
                            size_t count)
{
    if (!allocator || !response || !response->mids || !info || !surfaces)
        return MFX_ERR_NULL_PTR;
    if (!count || count > response->NumFrameActual)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = vfa__surface_check_mode(allocator, mode);
    size_t filled = 0;
    memset(surfaces, 0, count * sizeof *surfaces);
    while (status == MFX_ERR_NONE && filled < count) {
        status = vfa__surface_fill(allocator, response->mids[filled], info, mode, &surfaces[filled]);
        filled += status == MFX_ERR_NONE;
    }
    if (status == MFX_ERR_NONE)
        return MFX_ERR_NONE;
    while (filled > 0) {
        filled--;
        (void)vfa__surface_clear(allocator, response->mids[filled], mode, &surfaces[filled]);
    }
    return status;
}

mfxStatus vfa_surfaces_clear(mfxFrameAllocator *allocator, enum vfa_surface_mode mode,
                             mfxFrameSurface1 *surfaces, size_t count)
{
    if (!allocator || !surfaces)
        return MFX_ERR_NULL_PTR;
    mfxStatus first = vfa__surface_check_mode(allocator, mode);
    if (first != MFX_ERR_NONE)
        return first;
    while (count > 0) {
        mfxFrameSurface1 *surface = &surfaces[--count];
        bool held = __atomic_load_n(&surface->Data.Locked, __ATOMIC_ACQUIRE) != 0;
        mfxStatus status = vfa__surface_clear(allocator, surface->Data.MemId, mode, surface);
        if (first == MFX_ERR_NONE)
            first = held ? MFX_ERR_LOCK_MEMORY : status;
    }
    return first;
}
