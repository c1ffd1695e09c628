/* The response book: which frame sets exist, and who refers to them.
 *
 * Each successful Alloc is a reference with a mids array of its own, though all references to one set hold
 * the same mids: so Free knows by the address of the array which reference ends, the application's or the
 * runtime's, and a second Free of the same response is told from the first. The records of ended references
 * are kept for a while, oldest out first, so that a late second Free does not meet a new response at the same
 * address. */
#ifndef VFA_ALLOCATOR_BOOK_H
#define VFA_ALLOCATOR_BOOK_H

#include "allocator/slots.h"

#include <vfa/allocator.h>

struct vfa__set;

/* One response that was given out. */
struct vfa__reference {
    struct vfa__reference *next;
    struct vfa__set *set; /* NULL once ended */
    bool maker;           /* whose Alloc made the set */
    size_t record_bytes;
    mfxMemId mids[];
};

/* What a frame set is to the rest of the library. */
enum vfa__set_stage {
    VFA__SET_MAKING = 0,
    VFA__SET_LISTED,  /* in the book; Alloc may find it */
    VFA__SET_RETIRED, /* freed; frames still locked keep it */
};

/* Frames made together. Written by its maker before it enters the book; the fields under `book lock` change
 * after. */
struct vfa__set {
    struct vfa__set *next, *previous;  /* book lock */
    enum vfa__set_stage stage;         /* book lock */
    unsigned int references;           /* book lock */
    bool maker_refers;                 /* book lock: the reference of who made it has not ended */
    const struct vfa_backend *backend; /* NULL: a wrapped frame */
    struct vfa_backend_set made;
    mfxFrameAllocRequest request;
    unsigned int flags;       /* enum vfa_frames_flag */
    _Atomic mfxU32 direction; /* mfxMemoryFlags of a Lock that does not say; any thread, any time */
    atomic_size_t alive;      /* frames whose slots are not dead, plus one while it is being retired */
    vfa_release_fn *release;  /* of a wrapped frame */
    void *release_user;
    mfxFrameData planes;
    size_t record_bytes;
    size_t count;
    struct vfa__slot *slot[];
};

/* How many ended references are remembered. */
#define VFA__ENDED_MAX 64

struct vfa__book {
    struct vfa__gate *gate;
    struct vfa__slots *slots;
    pthread_mutex_t lock; /* guards everything below; never held while calling out; no other lock inside it */
    struct vfa__set *sets;             /* listed and retired */
    struct vfa__reference *references; /* live */
    struct vfa__reference *ended, **ended_last;
    size_t ended_count;
    mfxU32 next_alloc_id;
    struct vfa_stats stats; /* the fields that are counted here */
};

mfxStatus vfa__book_init(struct vfa__book *book, struct vfa__gate *gate, struct vfa__slots *slots);
void vfa__book_finish(struct vfa__book *book);

/* Records, unlisted. NULL: no memory. */
struct vfa__set *vfa__set_new(struct vfa__gate *gate, size_t max_count);
void vfa__set_delete(struct vfa__gate *gate, struct vfa__set *set);
struct vfa__reference *vfa__reference_new(struct vfa__gate *gate, size_t max_count);
void vfa__reference_delete(struct vfa__gate *gate, struct vfa__reference *reference);

/* Enters a finished set, with the reference of its maker (NULL for a wrapped frame), and publishes its
 * frames: from here on their mids, which the reference gets, are good. */
void vfa__book_enter(struct vfa__book *book, struct vfa__set *set, struct vfa__reference *reference);

/* What stands in the way of a claim. */
enum vfa__claim {
    VFA__CLAIM_NONE,  /* no such set */
    VFA__CLAIM_SMALL, /* the set is there, unclaimed, but has fewer frames or smaller ones than asked for */
    VFA__CLAIM_MADE,  /* `reference` now refers to it */
};

/* Finds a set that the request may share and refers to it. `reference` must have room for any set in the
 * book: its room is `room`; a larger set is not found but reported in *needed, to be tried again. */
enum vfa__claim vfa__book_claim(struct vfa__book *book, const mfxFrameAllocRequest *request,
                                struct vfa__reference *reference, size_t room, size_t *needed);

/* Sets the direction of the set that a response refers to. False: it refers to none. */
bool vfa__book_direct(struct vfa__book *book, const mfxMemId *mids, mfxU32 direction);

/* Does the set that a response refers to serve a request with these flags (see vfa__set_serves)? False: it
 * refers to none. */
bool vfa__book_compare(struct vfa__book *book, const mfxMemId *mids, const mfxFrameAllocRequest *want,
                       unsigned int flags, bool *serves, mfxU32 *direction);

/* Is this a response that was freed? As far as that is remembered. */
bool vfa__book_has_ended(struct vfa__book *book, const mfxMemId *mids);

/* What became of a reference. */
enum vfa__ending {
    VFA__ENDING_UNKNOWN, /* never given out */
    VFA__ENDING_TWICE,   /* ended before */
    VFA__ENDING_SHARED,  /* ended; others still refer to the set */
    VFA__ENDING_LAST,    /* ended; *out is retired, and the caller's to retire frame by frame */
};
enum vfa__ending vfa__book_end(struct vfa__book *book, const mfxMemId *mids, struct vfa__set **out);

/* Retires a wrapped frame's set, if the slot's mid is still that of one. */
bool vfa__book_end_wrapped(struct vfa__book *book, struct vfa__slot *slot, mfxMemId mid,
                           struct vfa__set **set);

/* Takes a retired set whose frames are all dead out of the book. */
void vfa__book_remove(struct vfa__book *book, struct vfa__set *set);

#endif
