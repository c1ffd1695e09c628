/* mfxFrameSurfaceInterface on the surfaces of a pool: reference counting, and pixels without an allocator.
 *
 * Off unless vfa_pool_config.frame_interface is set. On, each surface's FrameInterface is there (version 1.0)
 * with all its functions. Use it between parts of an application, and with runtimes that take an
 * application's interface for what it is. Leave it off toward the GPU runtimes: without an allocator on the
 * session, they take the Context of every surface for an object of their own (docs/surfaces.md).
 *
 * What the functions do, beyond the header. Every one of them: MFX_ERR_NULL_PTR for a NULL argument;
 * MFX_ERR_INVALID_HANDLE for a FrameInterface that is not the library's or was copied elsewhere, a Context
 * that was changed, and, but for Release and GetRefCounter, a stale surface: one that went back to its pool.
 * Any thread. A surface may be a copy of the pool's: FrameInterface says which one is meant.
 *
 * AddRef, Release: vfa_pool_ref and vfa_pool_release. The last Release gives the surface back to the pool;
 * MFX_ERR_UNDEFINED_BEHAVIOR: the count was 0.
 *
 * GetRefCounter: the leases of the surface; 0 when it is in the pool, or lent to a decoder that did not
 * AddRef it.
 *
 * Map: pitch and pointers appear in the surface it is called with. Many readers or one writer.
 *   MFX_MAP_READ waits for a writer, then for the operation that produces the surface (vfa_surface_produce),
 *   and is then first; with MFX_MAP_NOWAIT it answers MFX_ERR_RESOURCE_MAPPED instead of either. What the
 *   operation failed with is what Map answers; NOWAIT reads what there is.
 *   MFX_MAP_WRITE (what the frame holds is discarded) and MFX_MAP_READ_WRITE wait for nobody:
 *   MFX_ERR_LOCK_MEMORY when anybody reads, writes or is about to read, when Data.Locked is not 0, or while
 *   the GPU works on the frame.
 *   MFX_ERR_UNSUPPORTED: flags that are none of these. Else what vfa_map or the allocator's Lock answers.
 *   A map holds the surface: it does not go back to the pool before Unmap. That reference is not counted by
 *   GetRefCounter. A thread that reads while it writes waits for itself, for good.
 *
 * Unmap: the last one clears the pointers of the pool's surface; those of a copy it clears each time.
 * MFX_ERR_UNSUPPORTED: not mapped; what vfa_unmap or Unlock answers, when the map has ended all the same.
 *
 * GetNativeHandle: what the allocator's GetHDL answers. GetDeviceHandle: the device of the configuration.
 * MFX_ERR_UNSUPPORTED: system memory, or no device was given.
 *
 * Synchronize: waits for the operation that produces the surface (vfa_surface_produce, vfa_surface_begin), if
 * there is one.
 * MFX_WRN_IN_EXECUTION: not done in time; what it failed with (MFX_ERR_ABORTED and others).
 *
 * OnComplete: the function of the configuration, or one that does nothing; never NULL.
 *
 * QueryInterface: MFX_GUID_SURFACE_POOL gives the pool's mfxSurfacePoolInterface with one more reference, to
 * be released; it may outlive the pool, whose size then is 0. Under MFX_ALLOCATION_OPTIMAL the pool may grow
 * to what components say with SetNumSurfaces, added up, where that is more than it was made for, and to
 * max_surfaces of its configuration (0: 1024) at most; whoever waits for a surface finds room at once.
 * Surfaces beyond what is left after RevokeSurfaces are given back, those that are out as they come home; the
 * ones that the pool began with stay. Other policies answer MFX_WRN_INCOMPATIBLE_VIDEO_PARAM.
 * MFX_ERR_UNSUPPORTED: another GUID; MFX_ERR_NOT_INITIALIZED: the pool was destroyed.
 *
 * Source: mfxFrameSurfaceInterface in mfxstructures.h, mfxSurfacePoolInterface in mfxsurfacepool.h. */
#ifndef VFA_INTERFACE_H
#define VFA_INTERFACE_H

#include <vfa/defs.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a pool's interface is made. Start from vfa_interface_config_defaults(). */
struct vfa_interface_config {
    size_t size;                 /* sizeof(struct vfa_interface_config) */
    mfxHDL device;               /* for GetDeviceHandle: vfa_va_display(va). NULL: there is none */
    mfxHandleType device_type;   /* default MFX_HANDLE_VA_DISPLAY */
    mfxResourceType native_type; /* of GetNativeHandle, default MFX_RESOURCE_VA_SURFACE */
    void(MFX_CDECL *on_complete)(mfxStatus status); /* the OnComplete of every surface; NULL: does nothing */
};

/* The defaults, to be changed field by field. */
static inline struct vfa_interface_config vfa_interface_config_defaults(void)
{
    struct vfa_interface_config config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.device_type = MFX_HANDLE_VA_DISPLAY;
    config.native_type = MFX_RESOURCE_VA_SURFACE;
    return config;
}

/* Waits for the operation that writes a surface, `wait_ms` milliseconds at most (MFX_INFINITE: as long as it
 * takes): MFX_WRN_IN_EXECUTION when it is not done; anything else when it is, below 0 what it failed with.
 * Usually MFXVideoCORE_SyncOperation. Never called by two threads at once for one surface, with no lock
 * held, and not again once it is done. */
typedef mfxStatus vfa_operation_fn(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms);

/* Says that an asynchronous operation writes `surface`, one with an interface: Synchronize, and the first Map
 * for reading, wait for it. It ends with a result that stays until the next operation, a write map, or the
 * surface's return to its pool. Call it after the runtime took the surface (and after vfa_pool_settle).
 * `user` must stay valid until then. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: no such interface, or stale;
 * MFX_ERR_UNDEFINED_BEHAVIOR: somebody waits for the operation before it. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_surface_produce(mfxFrameSurface1 *surface, vfa_operation_fn *wait,
                                                   void *user);

/* The same for an operation that tells when it is done: a runtime's, on surfaces of its own. From begin to
 * complete somebody writes the surface: Synchronize, and the first Map for reading, wait; Map for writing
 * answers MFX_ERR_LOCK_MEMORY (one that began before stays). begin takes a lease of the surface, and complete
 * ends it: whoever waited finds the surface without it. `result`: below 0 what the operation failed with; it
 * stays as that of vfa_surface_produce does. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: no such interface, one
 * of another copy of this library, or stale; MFX_ERR_UNDEFINED_BEHAVIOR: another operation is under way, or
 * none is; MFX_ERR_NOT_ENOUGH_BUFFER: of vfa_pool_ref. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_surface_begin(mfxFrameSurface1 *surface);
VFA_API mfxStatus vfa_surface_complete(mfxFrameSurface1 *surface, mfxStatus result);

#ifdef __cplusplus
}
#endif

#endif
