/* How an allocator is given to vfa-conform, the program that tells whether an mfxFrameAllocator keeps the
 * contract between a VPL runtime and its application: as a plug-in, a shared object that exports
 * vfa_conform_open. It needs this header and VPL's, and links nothing of this library. docs/conformance.md
 * has an example. */
#ifndef VFA_CONFORM_H
#define VFA_CONFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxvideo.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VFA_CONFORM_EXPORT __attribute__((visibility("default")))
#else
#define VFA_CONFORM_EXPORT
#endif

/* An operation that writes a surface, as a rule plays it. */
struct vfa_conform_operation {
    mfxStatus (*wait)(void *user, mfxU32 wait_ms); /* MFX_WRN_IN_EXECUTION, or how it ended */
    void *user;
};

/* Surfaces with an mfxFrameSurfaceInterface, for the rules about that. */
struct vfa_conform_surfaces {
    void *user;

    /* A surface with one reference, which the rule releases. NULL: there is none. */
    mfxFrameSurface1 *(*acquire)(void *user);

    /* The surface's memory is still there, and nobody else's, after the last Release: stale surfaces can be
     * tried. */
    bool outlives_release;

    mfxHandleType device_type; /* 0: system memory, no handles */
    mfxResourceType native_type;

    bool answers_pool; /* QueryInterface knows MFX_GUID_SURFACE_POOL */
    mfxPoolAllocationPolicy policy;
    mfxU32 pool_size;

    /* Makes `operation` what the surface waits for. NULL: rules about operations are left out. */
    mfxStatus (*produce)(void *user, mfxFrameSurface1 *surface,
                         const struct vfa_conform_operation *operation);
};

/* An allocator to be judged, and what is known of it. Zeroed when vfa_conform_open gets it; what is left so
 * means "none" or the default. */
struct vfa_conform_subject {
    size_t size;                  /* sizeof(struct vfa_conform_subject), set by vfa-conform */
    const char *name;             /* for the report; NULL: the plug-in's path */
    mfxFrameAllocator *allocator; /* needed */

    /* What Alloc serves: MFX_MEMTYPE_SYSTEM_MEMORY, a VIDEO_MEMORY target, or both. Needed. */
    mfxU16 memory;
    /* FourCCs that must be served in system and in video memory, ended by 0. NULL: every one of API 2.8 is
     * tried, and what Alloc answers MFX_ERR_UNSUPPORTED is left out. */
    const mfxU32 *system_formats;
    const mfxU32 *video_formats;

    /* Optional: copies `bytes` bytes of a row of a plane (in the order of memory) out of the frame that
     * GetHDL's `handle` stands for, by another way than the allocator's Lock. MFX_ERR_UNSUPPORTED where it
     * cannot. */
    mfxStatus (*read_video)(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane, unsigned row,
                            void *out, size_t bytes);

    const struct vfa_conform_surfaces *surfaces; /* optional */

    void *user;
    void (*close)(struct vfa_conform_subject *subject); /* ends all of this; may be NULL */
};

/* What a plug-in exports: makes an allocator. Called in a fresh process for each rule, and by some rules
 * twice, for two allocators that know nothing of each other. `options` is what the command line said, or "".
 */
typedef mfxStatus vfa_conform_open_fn(const char *options, struct vfa_conform_subject *subject);
VFA_CONFORM_EXPORT mfxStatus vfa_conform_open(const char *options, struct vfa_conform_subject *subject);

#ifdef __cplusplus
}
#endif

#endif
