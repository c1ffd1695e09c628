/* A kind of frame memory. The allocator decides who gets frames and who may lock them; a backend only makes
 * them.
 *
 * What the allocator guarantees a backend: arguments are valid and counts not 0; a set is destroyed once,
 * when none of its frames is mapped; map and unmap of one frame alternate, remap comes between them, and none
 * of these, of get_handle and of a visit run at the same time for one frame (nested and concurrent Locks are
 * counted above), while different frames are served concurrently; no lock of the library is held but that of
 * the frame itself, so a backend must not call the allocator with the mid of a frame it is called for. */
#ifndef VFA_BACKEND_H
#define VFA_BACKEND_H

#include <vfa/format.h>
#include <vfa/memory.h>
#include <vfa/observe.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vfa_allocator;

/* The memory kinds that a request's Type may name. Source: ExtMemFrameType in mfxstructures.h. */
#define VFA_MEMTYPE_VIDEO                                                                  \
    (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET | \
     MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET)
#define VFA_MEMTYPE_KINDS (VFA_MEMTYPE_VIDEO | MFX_MEMTYPE_SYSTEM_MEMORY)

/* How a backend's frames are reached. */
enum vfa_backend_trait {
    /* Pixels lie at one address from create to destroy: Lock needs neither map nor unmap, and takes no mutex.
     */
    VFA_BACKEND_ALWAYS_MAPPED = 1,
};

/* One frame of a set, as its backend made it. */
struct vfa_backend_frame {
    void *frame;       /* the backend's own; passed to map, unmap and get_handle */
    mfxFrameData view; /* ALWAYS_MAPPED: pitch and pointers. Otherwise left as it is */
};

/* The memory of all frames of a set. */
struct vfa_backend_memory {
    void *handle;         /* the allocator's */
    unsigned char *base;  /* of the first frame */
    size_t stride_bytes;  /* from one frame to the next */
    size_t counted_bytes; /* the allocator's */
};

/* What a backend may use during a call. Valid only until the call returns. */
struct vfa_backend_host {
    void *context;
    /* Host memory through the allocator's memory manager; zeroed when `use` is VFA_MEMORY_BOOK. NULL: none.
     */
    void *(*allocate)(const struct vfa_backend_host *host, size_t bytes, size_t alignment,
                      enum vfa_memory_use use);
    void (*release)(const struct vfa_backend_host *host, void *block, size_t bytes, enum vfa_memory_use use);
    /* Notes why the call is about to fail; the text reaches the log and vfa_last_error. */
    void (*explain)(const struct vfa_backend_host *host, const char *format, ...) VFA_PRINTF(2, 3);
    /* Host memory for the pixels of a whole set, to be released as one; contents undefined. For `count`
     * frames, or as many as memory allows down to `min`: how many, or 0. Both NULL when the application has a
     * memory manager of its own, which is asked for each frame, with `allocate`. */
    size_t (*allocate_set)(const struct vfa_backend_host *host, size_t frame_bytes, size_t alignment,
                           size_t min, size_t count, struct vfa_backend_memory *out);
    void (*release_set)(const struct vfa_backend_host *host, const struct vfa_backend_memory *memory);
};

/* The frames one create call is to make. */
struct vfa_backend_order {
    const mfxFrameAllocRequest *request; /* Info and Type; its counts are not normalised, use those below */
    mfxU16 min;                          /* fewer than this are of no use: make none then */
    mfxU16 count;                        /* wanted; array length of `frames` */
    const void *detail; /* what the application gave vfa_frames_alloc_from for this backend; else NULL */
};

/* What it made. */
struct vfa_backend_set {
    void *set;    /* the backend's own; passed to destroy */
    size_t bytes; /* pixel memory of the whole set, for the statistics */
    mfxU16 count; /* frames made: order.min to order.count */
    /* The picture that each frame can hold, where rounding made it larger than requested; 0: as requested. */
    size_t width_px;
    size_t rows;
};

/* The vtable; vfa_allocator_create checks and copies it. */
struct vfa_backend {
    size_t size;         /* sizeof(struct vfa_backend) */
    const char *name;    /* for log and reports: "system"; static storage */
    void *self;          /* passed to every function; must outlive the allocator */
    mfxU16 kinds;        /* those of VFA_MEMTYPE_KINDS that it serves */
    unsigned int traits; /* enum vfa_backend_trait */

    /* Makes order->count frames, or as many as memory allows down to order->min, or none.
     * MFX_ERR_UNSUPPORTED: not this format (another backend is asked then); MFX_ERR_INVALID_VIDEO_PARAM;
     * MFX_ERR_MEMORY_ALLOC. Nothing may be left behind on failure. */
    mfxStatus (*create)(void *self, const struct vfa_backend_host *host,
                        const struct vfa_backend_order *order, struct vfa_backend_frame *frames,
                        struct vfa_backend_set *set);

    /* Ends a set and all its frames. Cannot fail. */
    void (*destroy)(void *self, const struct vfa_backend_host *host, const struct vfa_backend_set *set);

    /* Makes a frame's pixels reachable and fills pitch and pointers of `view`. `flags`: mfxMemoryFlags.
     * Both NULL when ALWAYS_MAPPED. MFX_ERR_LOCK_MEMORY. */
    mfxStatus (*map)(void *self, const struct vfa_backend_host *host, void *frame, mfxU32 flags,
                     mfxFrameData *view);
    mfxStatus (*unmap)(void *self, const struct vfa_backend_host *host, void *frame, mfxFrameData *view);

    /* A lock with `wanted` rights joins a map that has `held` (both mfxMemoryFlags, READ and WRITE alone;
     * never a map for WRITE alone, which nobody joins). On MFX_ERR_NONE the pixels stay where they are and
     * the map has held|wanted; on failure the map is as it was. May be NULL: then maps are never widened, and
     * such a lock is MFX_ERR_LOCK_MEMORY. */
    mfxStatus (*remap)(void *self, const struct vfa_backend_host *host, void *frame, mfxU32 held,
                       mfxU32 wanted);

    /* The native handle of a frame: writes exactly one pointer. NULL: frames have none, and GetHDL answers
     * MFX_ERR_UNSUPPORTED. The handle's storage must live until destroy. */
    mfxStatus (*get_handle)(void *self, const struct vfa_backend_host *host, void *frame, mfxHDL *handle);

    /* The allocator is done with the backend. May be NULL. */
    void (*finish)(void *self);
};

/* Called with a frame for a function that a backend offers beyond its vtable. Never at the same time as map,
 * unmap, remap, get_handle, destroy of that frame or another visit to it. `locks`: how many locks are held on
 * it now (of an ALWAYS_MAPPED frame it may have changed since). Must not call the allocator with the same
 * frame's mid. */
typedef mfxStatus vfa_backend_visit_fn(void *self, const struct vfa_backend_host *host, void *frame,
                                       uint32_t locks, void *user);

/* Finds the frame of `mid`, which must be of the backend whose `self` (not NULL) is given, and visits it. A
 * Free at the same time takes effect when the visit is over. A failure is recorded for vfa_last_error and the
 * log under the name `call` (static storage). MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: no such frame, or it
 * is of another backend; MFX_ERR_LOCK_MEMORY: too many visits wait for this frame; what `visit` returned. Any
 * thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_backend_visit(struct vfa_allocator *allocator, const char *call,
                                                 mfxMemId mid, const void *self, vfa_backend_visit_fn *visit,
                                                 void *user);

/* The backend of frames in host memory (MFX_MEMTYPE_SYSTEM_MEMORY): all planes of a frame in one buffer, laid
 * out by vfa_layout_compute with `rules`, which must outlive the allocator (NULL: the defaults). Fills `out`.
 * An allocator created without naming backends has this one. MFX_ERR_NULL_PTR. */
VFA_API VFA_MUST_USE mfxStatus vfa_backend_system(const struct vfa_layout_rules *rules,
                                                  struct vfa_backend *out);

#ifdef __cplusplus
}
#endif

#endif
