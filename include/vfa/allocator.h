/* The mfxFrameAllocator: frames for a VPL session, in any kind of memory that a backend offers.
 *
 * One allocator serves any number of sessions and threads. Its five callbacks check every handle they are
 * given: a mid that is stale, foreign or made up is MFX_ERR_INVALID_HANDLE, never a crash. */
#ifndef VFA_ALLOCATOR_H
#define VFA_ALLOCATOR_H

#include <vfa/backend.h>
#include <vfa/memory.h>
#include <vfa/observe.h>

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vfa_allocator;

/* How an allocator is made. Start from vfa_allocator_config_defaults(); zero means the default everywhere. */
struct vfa_allocator_config {
    size_t size;      /* sizeof(struct vfa_allocator_config) */
    const char *name; /* for log and reports, copied; NULL: "vfa" */
    /* Copied. NULL: records from vfa_memory_default(), and frames as `frame_memory` says. A manager of the
     * application's own is asked for everything, for pixels frame by frame; `frame_memory` must be zero. */
    const struct vfa_memory *memory;
    struct vfa_log log;                /* default: no log */
    const struct vfa_backend *backend; /* array of backend_count, copied; NULL: the system backend alone */
    size_t backend_count;
    size_t max_frame_bytes; /* most pixel memory alive at once; 0: no limit. Beyond it Alloc makes fewer
                               frames, down to NumFrameMin, or fails with MFX_ERR_MEMORY_ALLOC. What is
                               kept of sets that ended never exceeds the rest */
    struct vfa_frame_memory frame_memory; /* of frames in system memory */
};

/* The defaults, to be changed field by field. */
static inline struct vfa_allocator_config vfa_allocator_config_defaults(void)
{
    struct vfa_allocator_config config;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    return config;
}

/* Makes an allocator. `config` NULL: all defaults (frames in system memory, no log).
 * MFX_ERR_NULL_PTR (out, or a function missing in memory or backend), MFX_ERR_INVALID_VIDEO_PARAM (a struct
 * whose size is not known, no or too many backends, a backend that serves nothing, flags that are none),
 * MFX_ERR_UNSUPPORTED (frame_memory with a memory manager of the application's own), MFX_ERR_MEMORY_ALLOC. On
 * error *out is NULL. Any thread. The caller owns the result and ends it with vfa_allocator_destroy. */
VFA_API VFA_MUST_USE mfxStatus vfa_allocator_create(struct vfa_allocator **out,
                                                    const struct vfa_allocator_config *config);

/* Ends an allocator and everything it still holds, after writing one error line to its log for each response
 * not freed, each wrapped frame not unwrapped and each frame still locked. Accepts NULL; clears *allocator.
 * The caller makes sure that no session uses the allocator any more (MFXClose first) and no thread is inside
 * it. */
VFA_API void vfa_allocator_destroy(struct vfa_allocator **allocator);

/* The callbacks, for MFXVideoCORE_SetFrameAllocator and for the application itself; they live as long as
 * `allocator`. NULL only for NULL. Any thread. Source: mfxFrameAllocator in mfxvideo.h. A NULL pthis is
 * MFX_ERR_NULL_PTR. What each does:
 *
 * Alloc(pthis, request, response): NumFrameSuggested frames, or down to NumFrameMin when memory is short. A
 * second Alloc for the same frames (same AllocId, FourCC, ChromaFormat, depth and memory kind; origin bits
 * within, count not above that of the set, size not beyond what its frames hold) while nobody but its maker
 * holds the set gets the same mids, counted: so a decoder's Init finds the frames its application allocated.
 * While that claim lives a further Alloc makes new frames. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: no backend
 * serves the memory type or the format; MFX_ERR_INVALID_VIDEO_PARAM: no frames asked for, or a size of 0;
 * MFX_ERR_MEMORY_ALLOC; a backend's own code. On error the response is zeroed.
 *
 * Which backend: those that serve the type are asked in the order of the configuration, video memory before
 * system memory where the type allows both, until one does not answer MFX_ERR_UNSUPPORTED. Any other failure
 * is the call's.
 *
 * Lock(pthis, mid, data): sets PitchHigh, PitchLow and every channel pointer the format defines, clears the
 * others, leaves the rest of `data` alone. Asks for the rights that vfa_frames_direction says. Counted:
 * nested and concurrent Locks give the same pointers. No mutex, no system call and no heap on system frames.
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE; MFX_ERR_LOCK_MEMORY: the backend failed, too many locks are held,
 * or those held exclude this one (see vfa_map); a backend's own code.
 *
 * Unlock(pthis, mid, data): ends one Lock; zeroes pitch and pointers of `data`, which may be NULL. Also
 * accepted after Free, for a lock taken before. MFX_ERR_INVALID_HANDLE; MFX_ERR_UNDEFINED_BEHAVIOR: not
 * locked; a backend's own code, when the last Unlock could not unmap: the lock has ended all the same.
 *
 * GetHDL(pthis, mid, handle): the native handle, one pointer. MFX_ERR_UNSUPPORTED: frames in system memory
 * have none; MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE; MFX_ERR_LOCK_MEMORY: too many calls wait for this
 * frame; a backend's own code.
 *
 * Free(pthis, response): drops the reference that this response stands for; the last one ends the frames,
 * those still locked when their last lock ends. A zeroed or failed response is MFX_ERR_NONE;
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: unknown, or freed already. */
VFA_API mfxFrameAllocator *vfa_allocator_mfx(struct vfa_allocator *allocator);

/* A value for mfxVideoParam.AllocId that this allocator gave to nobody else, never 0: decoders with different
 * ids never share frames. 0 only for NULL. Any thread. */
VFA_API mfxU32 vfa_next_alloc_id(struct vfa_allocator *allocator);

/* How vfa_frames_alloc may depart from the Alloc callback. */
enum vfa_frames_flag {
    VFA_FRAMES_SHARED = 1,  /* any number of Allocs may claim the set at once */
    VFA_FRAMES_PRIVATE = 2, /* none may */
};

/* Allocates frames as the application: like the Alloc callback, but always a new set (an application that
 * allocates for two decoders before either Init is never given the first one's frames). `flags`: enum
 * vfa_frames_flag. End the response with vfa_frames_free or the Free callback. Errors as Alloc, and
 * MFX_ERR_INVALID_VIDEO_PARAM for flags that exclude each other. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_frames_alloc(struct vfa_allocator *allocator,
                                                const mfxFrameAllocRequest *request, unsigned int flags,
                                                mfxFrameAllocResponse *response);

/* Like vfa_frames_alloc, from the backend whose `self` (not NULL) this is, with a `detail` that this backend
 * understands (NULL: none). The request's Type must be one it serves; no other backend is asked. Errors as
 * vfa_frames_alloc, and MFX_ERR_INVALID_HANDLE: this allocator has no such backend. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_frames_alloc_from(struct vfa_allocator *allocator, const void *self,
                                                     const void *detail, const mfxFrameAllocRequest *request,
                                                     unsigned int flags, mfxFrameAllocResponse *response);

/* What the Lock callback, which has no direction, means on the frames of a response (and of every response
 * that shares them): MFX_MAP_READ, MFX_MAP_WRITE (what the frame holds is discarded) or MFX_MAP_READ_WRITE,
 * the default for every type, since runtimes may read and write. Applies to locks taken after. Frames in
 * system memory are always mapped for everything. MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: other flags;
 * MFX_ERR_INVALID_HANDLE: no response of this allocator, or freed. Any thread. */
VFA_API mfxStatus vfa_frames_direction(struct vfa_allocator *allocator, const mfxFrameAllocResponse *response,
                                       mfxU32 flags);

/* Replaces frames on a change of resolution: makes new ones for `request`, as vfa_frames_alloc does, and only
 * when that succeeded frees `response` and sets it to the new ones, whose direction is that of the old. Old
 * frames that are still locked end with their last Unlock; frames that a runtime shares stay until it frees
 * them. A zeroed response: just allocates.
 *
 * Does nothing, and leaves `response` as it is, when its frames serve the request already: same AllocId,
 * FourCC, ChromaFormat, depths, Shift, memory kind and flags; other Type bits within; the size not beyond
 * what the frames hold (1920x1080 in system memory holds 1920x1088 as well, since rows are rounded to 32); at
 * least NumFrameSuggested frames, or NumFrameMin where memory was too short for as many when they were made.
 * vfa_frame_info still tells what was allocated, not what was asked for last.
 *
 * While both sets exist both count against max_frame_bytes. Errors as vfa_frames_alloc, and
 * MFX_ERR_INVALID_HANDLE: `response` is unknown or freed. On error it is untouched and its frames are as
 * usable as before. Any thread, but one at a time for a response. */
VFA_API VFA_MUST_USE mfxStatus vfa_frames_replace(struct vfa_allocator *allocator,
                                                  const mfxFrameAllocRequest *request, unsigned int flags,
                                                  mfxFrameAllocResponse *response);

/* Free, and zeroes the response when that succeeds, so that a second call is harmless. */
VFA_API mfxStatus vfa_frames_free(struct vfa_allocator *allocator, mfxFrameAllocResponse *response);

/* Called once when the library no longer needs the planes of a wrapped frame: after vfa_unwrap and the last
 * Unlock, or from vfa_allocator_destroy. On any thread, with no lock held. */
typedef void vfa_release_fn(void *user, const mfxFrameData *planes);

/* Makes a frame of planes that the application owns, and gives it a mid for Lock and mfxFrameData.MemId.
 * `info`: what the planes hold. `planes`: PitchHigh, PitchLow and the pointers as the format defines them;
 * NULL for a pointer that follows from another of the same plane (V of NV12). `release` may be NULL.
 * MFX_ERR_NULL_PTR; MFX_ERR_UNSUPPORTED: unknown FourCC; MFX_ERR_INVALID_VIDEO_PARAM: size 0, a plane
 * missing, a pitch shorter than a row; MFX_ERR_MEMORY_ALLOC. On error *mid is NULL and `release` is not
 * called. Any thread. The planes must stay valid until `release` is called. */
VFA_API VFA_MUST_USE mfxStatus vfa_wrap_host(struct vfa_allocator *allocator, const mfxFrameInfo *info,
                                             const mfxFrameData *planes, vfa_release_fn *release, void *user,
                                             mfxMemId *mid);

/* Ends a wrapped frame. MFX_ERR_INVALID_HANDLE: not the mid of a wrapped frame, or unwrapped already. Any
 * thread. */
VFA_API mfxStatus vfa_unwrap(struct vfa_allocator *allocator, mfxMemId mid);

/* Lock and Unlock that say what the pixels are wanted for (`flags`: mfxMemoryFlags), so that a backend which
 * copies need not copy twice. Where frames are mapped by the first lock and unmapped by the last: a lock that
 * wants more than the map allows widens it, if the backend can, and a lock for WRITE that joins a map for
 * READ keeps what the frame holds. A map for WRITE alone, which discards that, is exclusive: any further lock
 * is MFX_ERR_LOCK_MEMORY. MFX_MAP_NOWAIT concerns the first lock. MFX_ERR_UNSUPPORTED for flags that are
 * none; else as Lock. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_map(struct vfa_allocator *allocator, mfxMemId mid, mfxU32 flags,
                                       mfxFrameData *data);
VFA_API mfxStatus vfa_unmap(struct vfa_allocator *allocator, mfxMemId mid, mfxFrameData *data);

/* The frame info of a frame as it was requested when it was made. MFX_ERR_NULL_PTR, MFX_ERR_INVALID_HANDLE.
 * Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_frame_info(struct vfa_allocator *allocator, mfxMemId mid,
                                              mfxFrameInfo *info);

/* The most recent failure: which call, which request or frame, which cause. MFX_ERR_NONE as status when there
 * was none. MFX_ERR_NULL_PTR. Any thread; with several threads failing at once, the one that was last. */
VFA_API mfxStatus vfa_last_error(struct vfa_allocator *allocator, struct vfa_error *out);

/* Figures of an allocator, since it was made. */
struct vfa_stats {
    uint64_t alloc_calls;    /* successful Allocs, claims of existing sets included */
    uint64_t alloc_shared;   /* of these, claims of a set that was there */
    uint64_t alloc_short;    /* of these, with fewer frames than NumFrameSuggested */
    uint64_t free_calls;     /* successful Frees */
    uint64_t failed_calls;   /* calls that returned an error */
    uint64_t lock_calls;     /* successful Locks of the frames alive now and of those gone */
    uint64_t responses_live; /* not freed yet */
    uint64_t frames_live;    /* wrapped ones included */
    uint64_t frames_peak;
    uint64_t frames_locked;  /* now */
    uint64_t frames_retired; /* freed while locked, waiting for the last Unlock */
    uint64_t frame_bytes;    /* pixel memory alive now */
    uint64_t frame_bytes_peak;
    uint64_t book_bytes; /* the library's own records, now */
    uint64_t book_bytes_peak;
    struct vfa_frame_memory_stats memory; /* zero with a memory manager of the application's own */
};

/* A snapshot of the figures, consistent in each field. MFX_ERR_NULL_PTR. Any thread. */
VFA_API mfxStatus vfa_allocator_stats(struct vfa_allocator *allocator, struct vfa_stats *out);

/* Gives the memory back that has been kept for frame sets to come (config.frame_memory) for at least
 * `idle_ms`: 0 gives back all. The bytes; 0 for NULL. Any thread. */
VFA_API size_t vfa_allocator_trim(struct vfa_allocator *allocator, uint32_t idle_ms);

/* Leaves the pages of the memory that has been kept for at least `idle_ms` to the system, which takes them
 * only when it is short of memory: until then the next set of the shape finds them as they are. For an
 * application that will be idle; otherwise it happens by itself (frame_memory.yield_ms). Not of memory that
 * is to be present. The bytes for which this was new; 0 for NULL. Any thread. */
VFA_API size_t vfa_allocator_yield(struct vfa_allocator *allocator, uint32_t idle_ms);

/* Writes what is alive into `text` as lines: each response not freed with its request, each wrapped frame,
 * each frame still locked. Like snprintf, returns the length the whole text has; `text` may be NULL when
 * `bytes` is 0. */
VFA_API size_t vfa_allocator_report(struct vfa_allocator *allocator, char *text, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
