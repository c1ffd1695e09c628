/* mfxFrameSurfaceInterface: reference counts, handles, and its beginning and end. */
#include "pool/interface.h"

#include "allocator/identify.h"
#include "base/cond.h"
#include "pool/internal.h"

#include <string.h>

mfxStatus vfa__interface_of(const mfxFrameSurface1 *surface, struct vfa__interface **out)
{
    if (!surface)
        return MFX_ERR_NULL_PTR;
    /* Nothing beyond FrameInterface is looked at before its Context is known to be right. */
    struct vfa__interface *interface = (struct vfa__interface *)surface->FrameInterface;
    if (!interface || interface->mfx.Context != &interface->lock)
        return MFX_ERR_INVALID_HANDLE;
    *out = interface;
    return MFX_ERR_NONE;
}

mfxStatus vfa__interface_in_use(const mfxFrameSurface1 *surface, struct vfa__interface **out)
{
    mfxStatus status = vfa__interface_of(surface, out);
    if (status == MFX_ERR_NONE && !vfa__pool_leases((*out)->pool, (*out)->index))
        status = MFX_ERR_INVALID_HANDLE;
    return status;
}

static mfxStatus MFX_CDECL add_ref(mfxFrameSurface1 *surface)
{
    struct vfa__interface *interface;
    mfxStatus status = vfa__interface_of(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_pool_ref(interface->pool, interface->surface);
    return status == MFX_ERR_UNDEFINED_BEHAVIOR ? MFX_ERR_INVALID_HANDLE : status;
}

/* How many references there are beside the maps. One that begins meanwhile makes the count too high, but one
 * that ends in between would make it too low, and a reference that is there would seem to be none: so both
 * are of one moment. */
static uint32_t count_references(struct vfa__interface *interface)
{
    uint64_t maps = atomic_load_explicit(&interface->maps, memory_order_acquire), seen;
    uint32_t leases;
    do {
        seen = maps;
        leases = vfa__pool_leases(interface->pool, interface->index);
        maps = atomic_load_explicit(&interface->maps, memory_order_acquire);
    } while (maps != seen);
    uint32_t count = (uint32_t)(maps & VFA__MAPS_COUNT);
    return leases > count ? leases - count : 0;
}

static mfxStatus MFX_CDECL release(mfxFrameSurface1 *surface)
{
    struct vfa__interface *interface;
    mfxStatus status = vfa__interface_of(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    if (!count_references(interface)) /* a map's lease is not the caller's to end */
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    return vfa_pool_release(interface->pool, interface->surface);
}

static mfxStatus MFX_CDECL get_ref_counter(mfxFrameSurface1 *surface, mfxU32 *counter)
{
    struct vfa__interface *interface;
    if (!counter)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__interface_of(surface, &interface);
    *counter = status == MFX_ERR_NONE ? count_references(interface) : 0;
    return status;
}

static mfxStatus native_handle(const struct vfa__interface *interface, mfxHDL *handle)
{
    const struct vfa_pool *pool = interface->pool;
    *handle = NULL;
    if (!(interface->type & VFA_MEMTYPE_VIDEO) || !pool->allocator.GetHDL)
        return MFX_ERR_UNSUPPORTED;
    mfxStatus status = pool->allocator.GetHDL(pool->allocator.pthis, interface->mid, handle);
    if (status == MFX_ERR_NONE && !*handle)
        status = MFX_ERR_INVALID_HANDLE;
    return status;
}

static mfxStatus MFX_CDECL get_native_handle(mfxFrameSurface1 *surface, mfxHDL *resource,
                                             mfxResourceType *resource_type)
{
    struct vfa__interface *interface;
    mfxHDL handle;
    if (!resource || !resource_type)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    if (status == MFX_ERR_NONE)
        status = native_handle(interface, &handle);
    if (status != MFX_ERR_NONE)
        return status;
    *resource = handle;
    *resource_type = interface->shared->config.native_type;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL get_device_handle(mfxFrameSurface1 *surface, mfxHDL *device,
                                             mfxHandleType *device_type)
{
    struct vfa__interface *interface;
    mfxHDL native;
    if (!device || !device_type)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    if (status == MFX_ERR_NONE && !interface->shared->config.device)
        status = MFX_ERR_UNSUPPORTED;
    if (status == MFX_ERR_NONE)
        status = native_handle(interface, &native); /* frames of both kinds of memory may be the request's */
    if (status != MFX_ERR_NONE)
        return status;
    *device = interface->shared->config.device;
    *device_type = interface->shared->config.device_type;
    return MFX_ERR_NONE;
}

static void MFX_CDECL do_nothing(mfxStatus status)
{
    (void)status;
}

static mfxStatus MFX_CDECL query_interface(mfxFrameSurface1 *surface, mfxGUID guid, mfxHDL *out)
{
    struct vfa__interface *interface;
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    mfxStatus status = vfa__interface_in_use(surface, &interface);
    if (status != MFX_ERR_NONE)
        return status;
    if (memcmp(&guid, &MFX_GUID_SURFACE_POOL, sizeof guid) != 0)
        return MFX_ERR_UNSUPPORTED;
    mfxSurfacePoolInterface *pool;
    status = vfa__interface_pool_get(interface->shared, &pool);
    if (status == MFX_ERR_NONE)
        *out = pool;
    return status;
}

static void fill_table(struct vfa__interface *interface)
{
    mfxFrameSurfaceInterface *mfx = &interface->mfx;
    mfx->Context = &interface->lock;
    mfx->Version.Version = MFX_FRAMESURFACEINTERFACE_VERSION;
    mfx->AddRef = add_ref;
    mfx->Release = release;
    mfx->GetRefCounter = get_ref_counter;
    mfx->Map = vfa__interface_map;
    mfx->Unmap = vfa__interface_unmap;
    mfx->GetNativeHandle = get_native_handle;
    mfx->GetDeviceHandle = get_device_handle;
    mfx->Synchronize = vfa__interface_synchronize;
    mfx->OnComplete = interface->shared->config.on_complete;
    if (!mfx->OnComplete)
        mfx->OnComplete = do_nothing; /* there are runtimes that call it unchecked */
    mfx->QueryInterface = query_interface;
}

mfxStatus vfa__interface_check_config(const struct vfa_pool_config *config)
{
    const struct vfa_interface_config *interface = config->frame_interface;
    if (!interface)
        return MFX_ERR_NONE;
    /* Pointers for good, and pointers while mapped: a surface has one or the other. */
    if (interface->size != sizeof *interface || config->mode != VFA_SURFACE_MEMID)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return config->allocator->Lock && config->allocator->Unlock ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

mfxStatus vfa__interface_create(struct vfa_pool *pool, mfxFrameSurface1 *surface, mfxU16 type,
                                struct vfa__interface **out)
{
    *out = NULL;
    struct vfa__interface *interface =
        vfa__gate_allocate(&pool->gate, sizeof *interface, _Alignof(struct vfa__interface), VFA_MEMORY_BOOK);
    if (!interface)
        return MFX_ERR_MEMORY_ALLOC;
    if (pthread_mutex_init(&interface->lock, NULL))
        goto no_lock;
    if (!vfa__cond_init(&interface->changed))
        goto no_cond;
    interface->pool = pool;
    interface->shared = pool->interfaces;
    interface->surface = surface;
    interface->mid = surface->Data.MemId;
    interface->index = vfa__pool_index(pool, surface);
    interface->type = type;
    interface->ours = vfa__allocator_of(&pool->allocator);
    atomic_init(&interface->maps, 0);
    fill_table(interface);
    surface->FrameInterface = &interface->mfx;
    *out = interface;
    return MFX_ERR_NONE;

no_cond:
    pthread_mutex_destroy(&interface->lock);
no_lock:
    vfa__gate_release(&pool->gate, interface, sizeof *interface, VFA_MEMORY_BOOK);
    return MFX_ERR_MEMORY_ALLOC;
}

void vfa__interface_destroy(struct vfa__interface *interface)
{
    if (!interface)
        return;
    pthread_mutex_lock(&interface->lock); /* vfa_surface_complete may be about to leave it */
    pthread_mutex_unlock(&interface->lock);
    pthread_cond_destroy(&interface->changed);
    pthread_mutex_destroy(&interface->lock);
    vfa__gate_release(&interface->pool->gate, interface, sizeof *interface, VFA_MEMORY_BOOK);
}
