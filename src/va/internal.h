/* The VA-API backend's own structs: the display, a set of surfaces, one frame and its map. */
#ifndef VFA_VA_INTERNAL_H
#define VFA_VA_INTERNAL_H

#include "memory/gate.h"
#include "observe/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <vfa/va.h>

#define VFA__VA_DEVICE_MAX  64
#define VFA__VA_VENDOR_MAX  128
#define VFA__VA_FORMATS_MAX 64
#define VFA__VA_CAUSE_MAX   224

/* What the backend holds of the driver, counted where the driver is called. */
struct vfa__va_counts {
    atomic_uint_fast64_t surfaces, images, buffers, mappings, fds;
    atomic_uint_fast64_t maps[VFA_VA_WAYS];
    atomic_uint_fast64_t writebacks, syncs, driver_errors, imports, import_hits;
};

struct vfa_va {
    struct vfa_va_api api;
    VADisplay display;
    int fd; /* of the render node that the backend opened; -1: the display is the application's */
    char device[VFA__VA_DEVICE_MAX];
    char vendor[VFA__VA_VENDOR_MAX];
    struct vfa__gate gate;
    struct vfa_log log;
    uint64_t sync_timeout_ns;
    atomic_bool lost;
    struct vfa__va_counts counts;
    VAImageFormat *image_formats; /* that the driver has; constant */
    size_t image_format_count, image_formats_bytes;
    atomic_uint_fast8_t forced[VFA__VA_FORMATS_MAX][VFA_VA_DIRECTIONS]; /* enum vfa_va_way, by format index */
    pthread_mutex_t policy_lock; /* guards `policies`, and serialises probes; driver calls under it are fine:
                                    no other lock is taken inside but those of a scratch set */
    struct vfa__va_policy *policies;
    pthread_mutex_t import_lock;    /* guards the imports; taken under a frame's lock of the allocator; driver
                                       calls    under it, but no other lock */
    struct vfa__va_import *imports; /* those with a key, bound last first */
    size_t idle_imports;            /* of these, those that no frame is bound to */
    size_t idle_imports_max;
};

/* Everything that surfaces made together have in common. */
struct vfa__va_shape {
    const struct vfa_format *format;
    size_t format_index;
    mfxFrameInfo info;          /* of the frames: what is mapped and copied */
    uint16_t width, height;     /* of the surfaces, and of images beside them: rounded up */
    uint32_t usage;             /* VA_SURFACE_ATTRIB_USAGE_HINT_ */
    uint32_t va_fourcc;         /* that the surfaces are created with */
    VAImageFormat image_format; /* of images beside the surface */
    struct vfa_layout layout;   /* of copies in host memory */
};

/* What was found out of surfaces of one format and usage. Constant once listed; lives as long as the backend.
 */
struct vfa__va_policy {
    struct vfa__va_policy *next;
    struct vfa_va_facts facts;
    unsigned int tries; /* that it took to find out so much, this one included */
};

/* One way into a surface, open. */
struct vfa__va_access {
    VAImage image;
    void *bytes; /* NULL: not open */
    bool derived;
};

/* A map in progress. */
struct vfa__va_map {
    enum vfa_va_way way; /* VFA_VA_WAY_MEASURED: not mapped */
    mfxU32 flags;        /* MFX_MAP_READ, MFX_MAP_WRITE */
    struct vfa__va_access access;
    void *copy; /* of the COPY ways */
};

struct vfa__va_set;
struct vfa__va_import;

/* Whose surface a frame has. */
enum vfa__va_binding {
    VFA__VA_OWN = 0, /* its own, made with the set */
    VFA__VA_UNBOUND, /* none: a slot */
    VFA__VA_IMPORTED,
    VFA__VA_FOREIGN, /* the application's */
};

/* One frame. GetHDL hands out the address of `id`. */
struct vfa__va_frame {
    VAGenericID id; /* VASurfaceID, or VABufferID of a coded buffer */
    struct vfa__va_set *set;
    struct vfa__va_map map;
    enum vfa__va_binding binding;
    struct vfa__va_import *import; /* VFA__VA_IMPORTED */
};

struct vfa__va_set {
    struct vfa_va *va;
    struct vfa__va_shape shape;
    const struct vfa__va_policy *policy; /* NULL: coded buffers, and the scratch set of a probe */
    bool coded, slots;
    size_t record_bytes, max_count, count;
    pthread_mutex_t idle_lock; /* guards the idle ones; no other lock inside, no driver call under it */
    VAImage *idle_images;      /* of shape.image_format, between two maps; room for max_count */
    void **idle_copies;        /* of shape.layout */
    size_t idle_image_count, idle_copy_count;
    struct vfa__va_frame frame[];
};

/* --- failures (status.c) */

/* Counts and explains a failed call of libva: "vaGetImage: VA_STATUS_ERROR_HW_BUSY (0x22)". Returns its
 * mfxStatus. */
mfxStatus vfa__va_failed(struct vfa_va *va, const struct vfa_backend_host *host, const char *call,
                         VAStatus status);

/* A failure for want of memory or time, that another try may not meet: no answer to what a driver can do. */
bool vfa__va_may_pass(mfxStatus status);

/* MFX_ERR_DEVICE_LOST, explained, once the application said so; else MFX_ERR_NONE. */
mfxStatus vfa__va_check_lost(const struct vfa_va *va, const struct vfa_backend_host *host);

/* --- surfaces (surface.c) */

/* The shape of surfaces for a request. MFX_ERR_UNSUPPORTED, MFX_ERR_INVALID_VIDEO_PARAM,
 * MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__va_shape(struct vfa_va *va, const struct vfa_backend_host *host, const mfxFrameInfo *info,
                        mfxU16 type, struct vfa__va_shape *out);

/* One surface of that shape; refused usage hints are left out. */
mfxStatus vfa__va_surface_create(struct vfa_va *va, const struct vfa_backend_host *host,
                                 const struct vfa__va_shape *shape, VASurfaceID *out);
void vfa__va_surface_destroy(struct vfa_va *va, VASurfaceID surface);

/* A surface of that shape over somebody's dma-buf. The descriptor and its file descriptors stay the
 * caller's. */
mfxStatus vfa__va_surface_import(struct vfa_va *va, const struct vfa_backend_host *host,
                                 const struct vfa__va_shape *shape,
                                 const VADRMPRIMESurfaceDescriptor *descriptor, VASurfaceID *out);

/* --- sets (set.c) */

/* A record with room for `count` frames, none made yet. NULL: no memory, explained. */
struct vfa__va_set *vfa__va_set_new(struct vfa_va *va, const struct vfa_backend_host *host, size_t count);
/* The frame behind the last one has got its id, and becomes one of the set. MFX_ERR_DEVICE_FAILED, explained:
 * another frame of the set has that id already. */
mfxStatus vfa__va_set_join(const struct vfa_backend_host *host, struct vfa__va_set *set);
/* Ends the frames and everything cached for them, then the record. */
void vfa__va_set_delete(const struct vfa_backend_host *host, struct vfa__va_set *set);

/* Staging images and host copies of a set: cached, made when none is idle. */
mfxStatus vfa__va_image_take(const struct vfa_backend_host *host, struct vfa__va_set *set, VAImage *out);
void vfa__va_image_return(struct vfa__va_set *set, const VAImage *image);
void *vfa__va_copy_take(const struct vfa_backend_host *host, struct vfa__va_set *set);
void vfa__va_copy_return(struct vfa__va_set *set, void *copy);

/* --- import slots (slots.c) */

/* The `detail` of an order for slots. */
extern const char vfa__va_slots_detail[];

/* The frames of a set of slots: nothing bound. */
void vfa__va_slots_create(const struct vfa_backend_order *order, struct vfa__va_set *set);

/* MFX_ERR_NOT_INITIALIZED, explained: a slot with nothing bound. */
mfxStatus vfa__va_check_bound(const struct vfa_backend_host *host, const struct vfa__va_frame *frame);

/* Ends what a frame has of the driver, if that is the frame's to end. */
void vfa__va_frame_end(struct vfa__va_frame *frame);

/* --- coded buffers (coded.c) */

mfxStatus vfa__va_coded_create(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                               struct vfa__va_set *set);
mfxStatus vfa__va_coded_map(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                            mfxFrameData *view);
mfxStatus vfa__va_coded_unmap(const struct vfa_backend_host *host, struct vfa__va_frame *frame);
void vfa__va_coded_destroy(struct vfa_va *va, VABufferID buffer);

/* --- maps (map.c) */

/* Waits until the driver is done with a surface. MFX_ERR_RESOURCE_MAPPED: MFX_MAP_NOWAIT, and it is not. */
mfxStatus vfa__va_sync(const struct vfa_backend_host *host, struct vfa__va_frame *frame, mfxU32 flags);

/* Opens a frame by one way, and ends that. */
mfxStatus vfa__va_map_open(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                           enum vfa_va_way way, mfxU32 flags, mfxFrameData *view);
mfxStatus vfa__va_map_close(const struct vfa_backend_host *host, struct vfa__va_frame *frame);

/* The planes of an open image as VPL sees them. NULL, or why VPL cannot express them or they cannot be. */
const char *vfa__va_image_view(const struct vfa__va_shape *shape, const struct vfa__va_access *access,
                               mfxFrameData *view);

/* --- policy (policy.c) */

enum vfa_va_direction vfa__va_direction(mfxU32 flags);

/* What is known of frames of a shape, found out now when it is not. */
mfxStatus vfa__va_policy(struct vfa_va *va, const struct vfa_backend_host *host,
                         const struct vfa__va_shape *shape, const struct vfa__va_policy **out);

/* Composes why the bytes of such surfaces cannot be reached, way by way; returns `text`. */
const char *vfa__va_why_no_way(const struct vfa_va_facts *facts, char *text, size_t bytes);

/* The ways to try for a map, best first, ended by VFA_VA_WAY_MEASURED. */
void vfa__va_ways(const struct vfa__va_set *set, mfxU32 flags, enum vfa_va_way ways[VFA_VA_WAYS]);

/* --- finding out (probe.c; scratch.h has its parts) */

/* Tries, proves and measures every way on a scratch surface. */
mfxStatus vfa__va_find_out(struct vfa_va *va, const struct vfa_backend_host *host,
                           const struct vfa__va_shape *shape, struct vfa_va_facts *facts);

/* --- the canary (canary.c) */

/* Is it proven that a derived image, mapped to be read, leaves the surface alone when it is unmapped? Notes
 * in `facts` whether the surface exports, and how. An error: it could not be found out; then *harmless is
 * false. */
mfxStatus vfa__va_read_is_harmless(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                                   struct vfa_va_facts *facts, bool *harmless);

/* --- copies (copy.c) */

/* NULL, or why the image cannot be what it says. Its pitches may be any. */
const char *vfa__va_copy_unfit(const struct vfa__va_shape *shape, const VAImage *image);

/* Copies all planes of a picture between an open image and host memory. Reads go through streaming loads,
 * which make a difference of an order of magnitude where the mapping is uncached. */
void vfa__va_copy_out(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy);
void vfa__va_copy_in(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy);

/* Fills all planes of a picture in an open image. */
void vfa__va_fill(const struct vfa__va_shape *shape, const struct vfa__va_access *access, mfxU8 byte);

#endif
