/* Frames in VA-API surfaces (libvfa-va): a backend for MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
 * PROCESSOR_TARGET and ENCODER_TARGET requests. dma-bufs in and out of its frames: dmabuf.h.
 *
 * Formats: every FourCC of the format table that has a VA equivalent and that the driver creates. P8 requests
 * become coded buffers (VAEncCodedBufferType): BufferSize bytes, AllocId is the VAContextID, Lock gives the
 * first coded segment, GetHDL a VABufferID. Not supported: protected surfaces, MVC, FEI.
 *
 * Order of ending: vfa_allocator_destroy for every allocator with the backend, then vfa_va_destroy, then
 * vaTerminate where the application owns the display. */
#ifndef VFA_VA_H
#define VFA_VA_H

#include <stdbool.h>
#include <va/va.h>
#include <va/va_drmcommon.h>
#include <vfa/allocator.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vfa_va;

/* The calls of libva that the backend makes, so that a test can count, refuse or fail any of them. Entries
 * are as va.h documents them; sync_surface2 and map_buffer2 may be NULL, all others must be there. Without
 * sync_surface2 (or where the driver does not implement it) no wait is bounded, not even of MFX_MAP_NOWAIT.
 */
struct vfa_va_api {
    size_t size; /* sizeof(struct vfa_va_api) */
    VADisplay (*get_display_drm)(int fd);
    VAStatus (*initialize)(VADisplay, int *major, int *minor);
    VAStatus (*terminate)(VADisplay);
    const char *(*query_vendor_string)(VADisplay);
    int (*max_num_image_formats)(VADisplay);
    VAStatus (*query_image_formats)(VADisplay, VAImageFormat *formats, int *count);
    VAStatus (*create_surfaces)(VADisplay, unsigned int rt_format, unsigned int width, unsigned int height,
                                VASurfaceID *surfaces, unsigned int count, VASurfaceAttrib *attributes,
                                unsigned int attribute_count);
    VAStatus (*destroy_surfaces)(VADisplay, VASurfaceID *surfaces, int count);
    VAStatus (*sync_surface)(VADisplay, VASurfaceID);
    VAStatus (*sync_surface2)(VADisplay, VASurfaceID, uint64_t timeout_ns);
    VAStatus (*derive_image)(VADisplay, VASurfaceID, VAImage *image);
    VAStatus (*create_image)(VADisplay, VAImageFormat *format, int width, int height, VAImage *image);
    VAStatus (*destroy_image)(VADisplay, VAImageID);
    VAStatus (*get_image)(VADisplay, VASurfaceID, int x, int y, unsigned int width, unsigned int height,
                          VAImageID);
    VAStatus (*put_image)(VADisplay, VASurfaceID, VAImageID, int source_x, int source_y,
                          unsigned int source_width, unsigned int source_height, int x, int y,
                          unsigned int width, unsigned int height);
    VAStatus (*create_buffer)(VADisplay, VAContextID, VABufferType, unsigned int size, unsigned int count,
                              void *data, VABufferID *buffer);
    VAStatus (*destroy_buffer)(VADisplay, VABufferID);
    VAStatus (*map_buffer)(VADisplay, VABufferID, void **bytes);
    VAStatus (*map_buffer2)(VADisplay, VABufferID, void **bytes, uint32_t flags);
    VAStatus (*unmap_buffer)(VADisplay, VABufferID);
    VAStatus (*export_surface_handle)(VADisplay, VASurfaceID, uint32_t memory_type, uint32_t flags,
                                      void *descriptor);
};

/* libva itself. Static storage, any thread. */
VFA_API const struct vfa_va_api *vfa_va_api_libva(void);

/* How the bytes of a surface are reached. */
enum vfa_va_way {
    VFA_VA_WAY_MEASURED = 0,    /* whichever was proven and measured fastest on this driver: the default */
    VFA_VA_WAY_DERIVE = 1,      /* vaDeriveImage, vaMapBuffer: in place, or as the driver makes it look */
    VFA_VA_WAY_IMAGE = 2,       /* an image beside the surface, vaGetImage and vaPutImage */
    VFA_VA_WAY_DERIVE_COPY = 3, /* as DERIVE, and copied to and from host memory with streaming loads: for
                                   mappings that are uncached, or whose pitches VPL cannot express */
    VFA_VA_WAY_IMAGE_COPY = 4,  /* as IMAGE, and copied likewise */
    VFA_VA_WAYS = 5
};

/* What a map is for: mfxMemoryFlags as an index. */
enum vfa_va_direction {
    VFA_VA_READ = 0,       /* MFX_MAP_READ: never written back */
    VFA_VA_WRITE = 1,      /* MFX_MAP_WRITE: what was there is not read */
    VFA_VA_READ_WRITE = 2, /* MFX_MAP_READ_WRITE; the Lock callback too, unless vfa_frames_direction says */
    VFA_VA_DIRECTIONS = 3
};

/* How a backend is made. Start from vfa_va_config_defaults(); zero means the default everywhere. */
struct vfa_va_config {
    size_t size; /* sizeof(struct vfa_va_config) */
    VADisplay
        display; /* initialised, the application's; must outlive the backend. NULL: opened from `device` */
    const char *device;              /* render node, "/dev/dri/renderD128"; NULL: the first that opens */
    const struct vfa_va_api *api;    /* copied; NULL: libva */
    const struct vfa_memory *memory; /* copied; for the records of the backend itself. NULL: the default */
    struct vfa_log log;              /* default: no log */
    mfxU32 sync_timeout_ms; /* how long a Lock waits for the GPU to be done with a surface; 0: 10,000 */
    mfxU32 import_cache; /* imported surfaces with a key that are kept while no frame is bound to them; 0: 32
                          */
    enum vfa_va_way way[VFA_VA_DIRECTIONS]; /* one way for all formats, instead of the measured */
};

static inline struct vfa_va_config vfa_va_config_defaults(void)
{
    struct vfa_va_config config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    return config;
}

/* Makes a backend on a display. `config` NULL: all defaults. On failure *out is NULL, and `error` (may be
 * NULL) says which call failed and why.
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: a struct whose size is not known, an entry missing in the
 * table, a way that is none; MFX_ERR_NOT_FOUND: no render node opens; MFX_ERR_DEVICE_FAILED: the node has no
 * VA driver, or one that lists an absurd number of image formats; what vaQueryImageFormats failed with;
 * MFX_ERR_MEMORY_ALLOC. Any thread. The caller owns the result. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_create(struct vfa_va **out, const struct vfa_va_config *config,
                                             struct vfa_error *error);

/* Ends a backend, and the display when the backend opened it. Every allocator with it is destroyed before.
 * Accepts NULL; clears *va. */
VFA_API void vfa_va_destroy(struct vfa_va **va);

/* The vtable for vfa_allocator_config.backend. Any number of allocators may have it. MFX_ERR_NULL_PTR. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_backend(struct vfa_va *va, struct vfa_backend *out);

/* The display, for MFXVideoCORE_SetHandle (MFX_HANDLE_VA_DISPLAY). NULL only for NULL. */
VFA_API VADisplay vfa_va_display(const struct vfa_va *va);

/* What the driver calls itself, and the render node opened ("" for an application's display). Never NULL;
 * they live as long as `va`. */
VFA_API const char *vfa_va_vendor(const struct vfa_va *va);
VFA_API const char *vfa_va_device(const struct vfa_va *va);

/* The application lost the display (device removed, server gone): from here on every call answers
 * MFX_ERR_DEVICE_LOST, no call of libva is made any more, and Free and destroy only give back host memory.
 * Pixels of frames that are locked may be gone. What the allocator answers without its backend stays: one
 * more Lock of a locked frame, an Alloc that shares frames. Accepts NULL. Any thread. */
VFA_API void vfa_va_display_lost(struct vfa_va *va);

/* mfxStatus for a VAStatus, and its name ("VA_STATUS_ERROR_HW_BUSY"). Any thread.
 * Source: va.h; docs/errors.md has the table. */
VFA_API mfxStatus vfa_va_status(VAStatus status);
VFA_API const char *vfa_va_status_name(VAStatus status);

/* Sets the way for one format (`fourcc` 0: every format) and direction, whatever was measured;
 * VFA_VA_WAY_MEASURED undoes that. Frames already allocated follow at their next map.
 * MFX_ERR_NULL_PTR, MFX_ERR_UNSUPPORTED: unknown FourCC; MFX_ERR_INVALID_VIDEO_PARAM: no such direction or
 * way; MFX_ERR_MEMORY_ALLOC. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_set_way(struct vfa_va *va, mfxU32 fourcc,
                                              enum vfa_va_direction direction, enum vfa_va_way way);

/* What was found out of one way. */
struct vfa_va_way_facts {
    VAStatus refused;  /* by the driver, or VA_STATUS_SUCCESS */
    const char *unfit; /* NULL, or why the way is not used though the driver accepts it; static storage */
    bool writes_back;  /* not proven that a read map leaves the surface alone when it ends (iHD re-tiles): a
                          reader might undo what another writer put there meanwhile. Not used to read where
                          another way works */
    uint32_t ns[VFA_VA_DIRECTIONS]; /* least cost of a map, every byte touched once, and unmap; 0: not
                                       measured */
};

/* What was found out of a format. */
struct vfa_va_facts {
    mfxU32 fourcc;
    uint32_t usage;       /* VA_SURFACE_ATTRIB_USAGE_HINT_ bits that the surfaces are created with */
    mfxU16 width, height; /* of the scratch surface it was found out on */
    struct vfa_va_way_facts way[VFA_VA_WAYS];  /* [VFA_VA_WAY_MEASURED] is not used */
    enum vfa_va_way chosen[VFA_VA_DIRECTIONS]; /* VFA_VA_WAY_MEASURED: no way works, Lock will fail */
    bool provisional; /* something failed twice in a row for want of memory or time, or no way works: found
                         out again at the next Alloc or vfa_va_probe, twice at most */
    VAStatus export_refused; /* by the driver, in either form, or VA_STATUS_SUCCESS */
    uint64_t modifier;       /* of the dma-buf that a surface exports */
    uint32_t probe_ns;       /* what finding out took */
};

/* Finds out, or remembers, what the driver makes of frames like `info` with request type `type`: the
 * same that Alloc does, once per format and usage. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: no VA equivalent
 * (P8: no surface), or the driver does not create such surfaces; MFX_ERR_INVALID_VIDEO_PARAM;
 * MFX_ERR_MEMORY_ALLOC; MFX_ERR_DEVICE_LOST; what creating the surface failed with. On error `out` is zeroed.
 * Any thread; `error` may be NULL. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_probe(struct vfa_va *va, const mfxFrameInfo *info, mfxU16 type,
                                            struct vfa_va_facts *out, struct vfa_error *error);

/* Figures of a backend: what it holds of the driver now, and what it did. */
struct vfa_va_stats {
    uint64_t surfaces, images, buffers, mappings, fds;
    uint64_t maps[VFA_VA_WAYS]; /* map callbacks served, by way */
    uint64_t writebacks;        /* of these, those whose pixels were put back by a copy */
    uint64_t syncs;
    uint64_t driver_errors;        /* calls of libva that failed */
    uint64_t imports, import_hits; /* dma-bufs made surfaces of, and served by surfaces that were there */
};
VFA_API mfxStatus vfa_va_stats(const struct vfa_va *va, struct vfa_va_stats *out);

#ifdef __cplusplus
}
#endif

#endif
