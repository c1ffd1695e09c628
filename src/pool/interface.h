/* The frame interface of one surface, and what the surfaces of a pool share of it.
 *
 * A map is a lease of the surface: so the surface, and with it this record, stays while anybody maps, whoever
 * releases what. The last thing that a function which ends a lease does is to end it; the pool may be gone
 * then. */
#ifndef VFA_POOL_INTERFACE_H
#define VFA_POOL_INTERFACE_H

#include "memory/gate.h"

#include <pthread.h>
#include <stdbool.h>
#include <vfa/interface.h>
#include <vfa/pool.h>
#include <vpl/mfxsurfacepool.h>

/* A component's SetNumSurfaces. */
struct vfa__interface_claim {
    struct vfa__interface_claim *next;
    uint32_t surfaces;
};

/* Lives while the pool does or somebody holds a reference to `mfx`. */
struct vfa__interface_pool {
    mfxSurfacePoolInterface mfx; /* first */
    struct vfa_interface_config config;
    struct vfa__gate gate; /* its own: the pool's ends with the pool */
    pthread_mutex_t lock;  /* guards what follows; its address is mfx.Context */
    uint32_t references;   /* the application's */
    bool open;             /* the pool was not destroyed */
    struct vfa_pool *pool; /* NULL: it was freed */
    uint32_t callers;      /* threads that use `pool`, which is not freed before they are done */
    pthread_cond_t alone;  /* there are none */
    mfxPoolAllocationPolicy policy;
    uint32_t limit;
    uint32_t size;
    struct vfa__interface_claim *claims; /* MFX_ALLOCATION_OPTIMAL */
};

/* What a map and its end do to `maps`. A lease is taken before it is counted as a map, and given up after
 * that. */
#define VFA__MAPS_COUNT UINT64_C(0xffffffff)
#define VFA__MAPS_BEGIN (VFA__MAPS_COUNT + 2)
#define VFA__MAPS_END   VFA__MAPS_COUNT

/* One surface's. */
struct vfa__interface {
    mfxFrameSurfaceInterface mfx; /* first */
    struct vfa_pool *pool;
    struct vfa__interface_pool *shared;
    mfxFrameSurface1 *surface; /* the pool's */
    mfxMemId mid;
    uint32_t index;             /* of the surface in its pool */
    mfxU16 type;                /* of the request */
    struct vfa_allocator *ours; /* the pool's allocator, when it is this library's */
    _Atomic uint64_t maps;      /* leases that are maps: how many, and above that how often that changed */

    pthread_mutex_t lock;   /* guards what follows; its address is mfx.Context. Never held over a callback */
    pthread_cond_t changed; /* any of it */
    uint32_t readers;       /* those that map, and those on their way */
    uint32_t held;          /* maps that are there */
    bool writer;            /* maps, or is on its way */
    bool moving;            /* readers: a thread maps or unmaps the frame, without the lock */
    bool mapped;            /* the frame is */
    mfxFrameData view;      /* while mapped: pitch and pointers */
    vfa_operation_fn *wait; /* for the operation that produces the surface; NULL: none, or it is done */
    void *wait_user;
    bool awaited;      /* a thread is in `wait` */
    bool produced;     /* between vfa_surface_begin and vfa_surface_complete */
    uint64_t wait_use; /* which use of the surface `wait` and `outcome` are of */
    mfxStatus outcome; /* of the operation that is done */
};

/* What a pool does. */

mfxStatus vfa__interface_check_config(const struct vfa_pool_config *config);

/* Makes what the surfaces of `pool` share. MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__interface_pool_create(struct vfa_pool *pool, const struct vfa_interface_config *config);

/* What mfxSurfacePoolInterface says. `limit`: the most surfaces, but for MFX_ALLOCATION_UNLIMITED,
 * and for _OPTIMAL as long as no component says what it needs. Accepts NULL. */
void vfa__interface_pool_describe(struct vfa__interface_pool *shared, mfxPoolAllocationPolicy policy,
                                  uint32_t limit, uint32_t size);

/* What components ask for with SetNumSurfaces, added up; 0 but for MFX_ALLOCATION_OPTIMAL. Accepts NULL.
 * Under the pool's lock or none. */
uint32_t vfa__interface_pool_claimed(struct vfa__interface_pool *shared);

/* The same with the figures of the pool, under its lock. */
void vfa__interface_pool_update(const struct vfa_pool *pool);

/* The pool is destroyed; nobody finds the interface any more. Accepts NULL. */
void vfa__interface_pool_close(struct vfa__interface_pool *shared);

/* The pool is freed. Accepts NULL. */
void vfa__interface_pool_detach(struct vfa__interface_pool *shared);

/* Gives a filled surface its interface. `type`: of the request. MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__interface_create(struct vfa_pool *pool, mfxFrameSurface1 *surface, mfxU16 type,
                                struct vfa__interface **out);
void vfa__interface_destroy(struct vfa__interface *interface);

/* Between the files of the interface. */

/* The interface of a surface or of a copy of it. MFX_ERR_NULL_PTR, MFX_ERR_INVALID_HANDLE. */
mfxStatus vfa__interface_of(const mfxFrameSurface1 *surface, struct vfa__interface **out);

/* The same, and MFX_ERR_INVALID_HANDLE for a stale surface. */
mfxStatus vfa__interface_in_use(const mfxFrameSurface1 *surface, struct vfa__interface **out);

mfxStatus MFX_CDECL vfa__interface_map(mfxFrameSurface1 *surface, mfxU32 flags);
mfxStatus MFX_CDECL vfa__interface_unmap(mfxFrameSurface1 *surface);
mfxStatus MFX_CDECL vfa__interface_synchronize(mfxFrameSurface1 *surface, mfxU32 wait_ms);

/* Waits for the operation that produces the surface. Under the lock, which is dropped meanwhile. */
mfxStatus vfa__interface_await(struct vfa__interface *interface, mfxU32 wait_ms);

/* One more reference to the pool's interface. MFX_ERR_NOT_INITIALIZED: the pool was destroyed. */
mfxStatus vfa__interface_pool_get(struct vfa__interface_pool *shared, mfxSurfacePoolInterface **out);

#endif
