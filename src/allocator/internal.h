/* The allocator's own struct, and one call on it. */
#ifndef VFA_ALLOCATOR_INTERNAL_H
#define VFA_ALLOCATOR_INTERNAL_H

#include "allocator/book.h"
#include "allocator/slots.h"
#include "memory/gate.h"
#include "memory/store.h"
#include "observe/log.h"
#include "observe/text.h"

#include <vfa/allocator.h>

#define VFA__MAX_BACKENDS 8
#define VFA__NAME_MAX     32
#define VFA__CAUSE_MAX    224

struct vfa_allocator {
    mfxFrameAllocator callbacks;
    struct vfa__slots slots;
    struct vfa__gate gate;
    struct vfa__book book;
    struct vfa__store store; /* of frames in system memory */
    bool has_store;          /* the application has no memory manager of its own */
    char name[VFA__NAME_MAX];
    struct vfa_log log;
    struct vfa_backend backend[VFA__MAX_BACKENDS];
    size_t backend_count;
    size_t max_frame_bytes;       /* SIZE_MAX: no limit */
    atomic_size_t budgeted_bytes; /* host frame memory alive or being made: what the limit is held against */
    pthread_mutex_t error_lock;   /* guards last_error */
    struct vfa_error last_error;
};

/* One call in progress: what it was given, so that its failure can be explained. Lives on the caller's stack.
 */
struct vfa__call {
    struct vfa_allocator *allocator;
    const char *name;
    const mfxFrameAllocRequest *request; /* or NULL */
    mfxMemId mid;                        /* or NULL */
    char cause[VFA__CAUSE_MAX];
};

/* Fails a call of this name for a pointer that is NULL: `what`, unless it is the allocator itself. */
mfxStatus vfa__fail_null(struct vfa_allocator *allocator, const char *name, const char *what);

/* Notes why the call is about to fail. */
void vfa__explain(struct vfa__call *call, const char *format, ...) VFA_PRINTF(2, 3);

/* Ends a call: a failure is recorded for vfa_last_error and logged. Returns `status`. No lock may be held. */
mfxStatus vfa__end_call(struct vfa__call *call, mfxStatus status);

/* Why a mid is not good, in words. */
void vfa__explain_mid(struct vfa__call *call);

/* Why a response is not one that can be freed or changed. Returns MFX_ERR_INVALID_HANDLE. */
mfxStatus vfa__fail_response(struct vfa__call *call, const mfxFrameAllocResponse *response);

/* The services a backend gets during `call`. */
struct vfa_backend_host vfa__host(struct vfa__call *call);

/* How frames are to be made, beyond what the call's request says. */
struct vfa__terms {
    unsigned int flags;                /* enum vfa_frames_flag */
    bool may_claim;                    /* frames that are there may be shared */
    mfxU32 direction;                  /* of the new frames */
    const struct vfa_backend *backend; /* NULL: whichever serves the request's type */
    const void *detail;                /* for that backend */
};

/* Makes new frames, or shares those that are there. The response is zeroed on failure. */
mfxStatus vfa__frames_make(struct vfa__call *call, const struct vfa__terms *terms,
                           mfxFrameAllocResponse *response);
mfxStatus vfa__frames_free(struct vfa__call *call, const mfxFrameAllocResponse *response);

/* Ends the publication of a retired set's frames, and the set too when none is locked. */
void vfa__set_retire(struct vfa__call *call, struct vfa__set *set);

/* One frame of a retired set died: the last one ends the set. */
void vfa__set_frame_died(struct vfa__call *call, struct vfa__set *set);

/* Ends a set's memory, whatever its slots say: the caller sees to it that nobody uses them. */
void vfa__set_end(struct vfa__call *call, struct vfa__set *set);

/* Lock and Unlock. `flags`: mfxMemoryFlags; 0: the direction of the frame's set. `data` of unlock may be
 * NULL.
 */
mfxStatus vfa__frame_lock(struct vfa__call *call, mfxU32 flags, mfxFrameData *data);
mfxStatus vfa__frame_unlock(struct vfa__call *call, mfxFrameData *data);

/* The native handle of the call's frame. */
mfxStatus vfa__frame_handle(struct vfa__call *call, mfxHDL *handle);

/* The five callbacks. */
void vfa__callbacks_init(struct vfa_allocator *allocator);

/* One log line of level error for everything that is still alive. */
void vfa__report_leaks(struct vfa_allocator *allocator);

#endif
