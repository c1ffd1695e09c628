/* Map and Unmap of mfxFrameSurfaceInterface: many readers or one writer. */
#include "base/cond.h"
#include "pool/interface.h"
#include "pool/internal.h"

#include <string.h>
#include <vfa/allocator.h>

static bool are_flags(mfxU32 flags)
{
    return (flags & MFX_MAP_READ_WRITE) && !(flags & ~(mfxU32)(MFX_MAP_READ_WRITE | MFX_MAP_NOWAIT));
}

static bool is_locked(const mfxFrameSurface1 *surface)
{
    return __atomic_load_n(&surface->Data.Locked, __ATOMIC_ACQUIRE) != 0;
}

static mfxStatus map_frame(const struct vfa__interface *interface, mfxU32 flags, mfxFrameData *view)
{
    const mfxFrameAllocator *allocator = &interface->pool->allocator;
    memset(view, 0, sizeof *view);
    mfxStatus status = interface->ours ? vfa_map(interface->ours, interface->mid, flags, view)
                                       : allocator->Lock(allocator->pthis, interface->mid, view);
    if (status < MFX_ERR_NONE)
        return status;
    if (view->Y || view->U || view->V || view->A) /* every format has its first samples behind one of these */
        return MFX_ERR_NONE;
    (void)allocator->Unlock(allocator->pthis, interface->mid, view);
    return MFX_ERR_LOCK_MEMORY;
}

static mfxStatus unmap_frame(const struct vfa__interface *interface, mfxFrameData *view)
{
    const mfxFrameAllocator *allocator = &interface->pool->allocator;
    mfxStatus status = allocator->Unlock(allocator->pthis, interface->mid, view);
    return status < MFX_ERR_NONE ? status : MFX_ERR_NONE;
}

/* Writes only what is different: other readers of the same surface look at it. */
static void show(const mfxFrameData *view, mfxFrameSurface1 *surface)
{
    mfxFrameData *data = &surface->Data;
    if (data->PitchHigh == view->PitchHigh && data->PitchLow == view->PitchLow && data->Y == view->Y &&
        data->U == view->U && data->V == view->V && data->A == view->A)
        return;
    data->PitchHigh = view->PitchHigh;
    data->PitchLow = view->PitchLow;
    data->Y = view->Y;
    data->U = view->U;
    data->V = view->V;
    data->A = view->A;
}

static void hide(mfxFrameSurface1 *surface)
{
    static const mfxFrameData nothing;
    show(&nothing, surface);
}

/* Maps without the lock, which the caller holds before and after. */
static mfxStatus map_unlocked(struct vfa__interface *interface, mfxU32 flags)
{
    mfxFrameData view;
    pthread_mutex_unlock(&interface->lock);
    int before = vfa__cancel_off();
    mfxStatus status = map_frame(interface, flags, &view);
    vfa__cancel_as(before);
    pthread_mutex_lock(&interface->lock);
    interface->mapped = status == MFX_ERR_NONE;
    if (interface->mapped)
        interface->view = view;
    return status;
}

/* The frame is mapped for the first reader, and whoever comes meanwhile waits for that. */
static mfxStatus map_for_readers(struct vfa__interface *interface, mfxU32 flags)
{
    mfxStatus status = MFX_ERR_NONE;
    while (interface->moving)
        vfa__cond_wait(&interface->changed, &interface->lock, NULL);
    if (interface->mapped)
        return MFX_ERR_NONE;
    interface->moving = true;
    status = map_unlocked(interface, flags);
    interface->moving = false;
    return status;
}

/* From the first line on the reader is one: no writer comes between the operation that it waits for and it.
 */
static mfxStatus start_reading(struct vfa__interface *interface, mfxU32 flags)
{
    bool nowait = flags & MFX_MAP_NOWAIT;
    if (nowait && interface->writer)
        return MFX_ERR_RESOURCE_MAPPED;
    interface->readers++;
    while (interface->writer)
        vfa__cond_wait(&interface->changed, &interface->lock, NULL);
    mfxStatus status = vfa__interface_await(interface, nowait ? 0 : MFX_INFINITE);
    if (nowait)
        status = status == MFX_WRN_IN_EXECUTION ? MFX_ERR_RESOURCE_MAPPED : MFX_ERR_NONE;
    if (status == MFX_ERR_NONE)
        status = map_for_readers(interface, flags);
    if (status != MFX_ERR_NONE)
        interface->readers--;
    return status;
}

static mfxStatus start_writing(struct vfa__interface *interface, const mfxFrameSurface1 *surface,
                               mfxU32 flags)
{
    if (interface->readers || interface->writer || interface->moving || interface->produced)
        return MFX_ERR_LOCK_MEMORY;
    if (is_locked(interface->surface) || is_locked(surface))
        return MFX_ERR_LOCK_MEMORY;
    interface->writer = true;
    mfxStatus status = map_unlocked(interface, flags | MFX_MAP_NOWAIT);
    if (status == MFX_ERR_NONE)
        interface->outcome = MFX_ERR_NONE; /* of an operation that failed: its pixels are replaced */
    else
        interface->writer = false;
    return status == MFX_ERR_RESOURCE_MAPPED ? MFX_ERR_LOCK_MEMORY : status;
}

mfxStatus MFX_CDECL vfa__interface_map(mfxFrameSurface1 *surface, mfxU32 flags)
{
    struct vfa__interface *interface;
    mfxStatus status = vfa__interface_of(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    if (!are_flags(flags))
        return MFX_ERR_UNSUPPORTED;
    status = vfa_pool_ref(interface->pool, interface->surface);
    if (status != MFX_ERR_NONE)
        return status == MFX_ERR_UNDEFINED_BEHAVIOR ? MFX_ERR_INVALID_HANDLE : status;
    atomic_fetch_add_explicit(&interface->maps, VFA__MAPS_BEGIN, memory_order_release);
    pthread_mutex_lock(&interface->lock);
    status =
        flags & MFX_MAP_WRITE ? start_writing(interface, surface, flags) : start_reading(interface, flags);
    if (status == MFX_ERR_NONE) {
        interface->held++;
        show(&interface->view, surface);
    }
    pthread_cond_broadcast(&interface->changed);
    pthread_mutex_unlock(&interface->lock);
    if (status == MFX_ERR_NONE)
        return status;
    atomic_fetch_add_explicit(&interface->maps, VFA__MAPS_END, memory_order_release);
    (void)vfa_pool_release(interface->pool, interface->surface);
    return status;
}

/* The last map ends. Those who come meanwhile wait. */
static mfxStatus end_last(struct vfa__interface *interface, mfxFrameSurface1 *surface)
{
    mfxFrameData view = interface->view;
    hide(interface->surface);
    hide(surface);
    interface->mapped = false;
    interface->moving = true;
    pthread_mutex_unlock(&interface->lock);
    int before = vfa__cancel_off();
    mfxStatus status = unmap_frame(interface, &view);
    vfa__cancel_as(before);
    pthread_mutex_lock(&interface->lock);
    interface->moving = false;
    return status;
}

static mfxStatus end_map(struct vfa__interface *interface, mfxFrameSurface1 *surface)
{
    mfxStatus status = MFX_ERR_NONE;
    interface->held--;
    if (interface->held == 0)
        status = end_last(interface, surface);
    else if (surface != interface->surface)
        hide(surface);
    if (interface->writer)
        interface->writer = false;
    else
        interface->readers--;
    pthread_cond_broadcast(&interface->changed);
    return status;
}

mfxStatus MFX_CDECL vfa__interface_unmap(mfxFrameSurface1 *surface)
{
    struct vfa__interface *interface;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    pthread_mutex_lock(&interface->lock);
    bool held = interface->held != 0;
    if (held)
        status = end_map(interface, surface);
    pthread_mutex_unlock(&interface->lock);
    if (!held)
        return MFX_ERR_UNSUPPORTED;
    atomic_fetch_add_explicit(&interface->maps, VFA__MAPS_END, memory_order_release);
    (void)vfa_pool_release(interface->pool, interface->surface);
    return status;
}
