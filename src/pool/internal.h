/* The pool's own struct, and the rules its files keep.
 *
 * Where a surface is
 * ------------------
 * At every moment a surface is in exactly one place:
 *
 *   free     its bit is in `free`
 *   pending  its bit is in `pending`: released by the application, still Locked by the runtime
 *   lent     its bit is in `lent`: given to the decoder as work surface, not come back as output
 *   leased   no bit, slot.leases has some
 *   retired  its bit is in `retired`: come home to a batch that is to be freed, or still Locked by the
 * runtime absent   its bit is in `absent`: a place for a surface, without a frame moving   no bit,
 * slot.leases has none: on its way between the others, in one thread's hands
 *
 *   free    -> leased   acquire, or hand-off to a waiter         bit taken out, Data.Locked read again: 0
 *   free    -> pending  the same, but Locked was not 0: leased, submitted and released in between
 *   pending -> leased   acquire with nothing free                Locked 0, bit taken out, Locked 0 again
 *   pending -> leased   settle: the decoder outputs a surface a second time
 *   leased  -> leased   ref, release of one lease of several
 *   leased  -> free     release of the last lease, Locked 0; settle of a work surface that was not kept
 *   leased  -> pending  release of the last lease, Locked not 0
 *   leased  -> lent     settle of a work surface that is Locked; release of the last lease of one that had
 *                       more than the caller's when it was settled (VFA__LEASES_LENT)
 *   lent    -> leased   settle: it is the output
 *   lent    -> free     settle, or acquire by the feeding thread, and Locked is 0
 *   absent  -> free     creation, growth, reset
 *   free    -> retired  trim, reset; pending the same
 *   leased  -> retired  release of the last lease, its batch being retired; lent the same
 *   retired -> leased   settle: the decoder outputs it after all
 *   retired -> absent   all of the batch are here and not Locked: freed
 *
 * Whoever takes the bit out owns the surface; whoever takes the last of slot.leases owns it until the bit
 * is back. Both are single compare-and-swaps, so two threads never own one surface. Giving a bit releases,
 * taking it acquires: the next owner sees what the last one wrote. Leases go up relaxed (from none only by
 * the owner) and down acquire-release, so the last holder sees what the others wrote. Data.Locked is read
 * with acquire, so that what the runtime did to the frame before it let go is seen.
 *
 * Frames that come and go
 * -----------------------
 * frames.h has the batches. Whether a surface's batch is retired says slot.flags, which changes under the
 * lock with the gates shut, and is looked at by whoever takes the surface's bit. A thread may put a surface
 * whose batch was retired a moment ago among the free ones: opening the gates releases, and putting goes on
 * that release, so the taker sees the flag and puts the surface away. Places, with their number of leases and
 * their address, are never given to another surface while the old one may be in use, and live as long as the
 * pool: looking an address up needs no lock.
 *
 * Lent surfaces
 * -------------
 * Locked of a lent surface may be 0 while it is on its way to the application as an output: the runtime drops
 * it when it likes, and only the thread that called DecodeFrameAsync knows the output's address. So lent
 * surfaces are looked at only by, or while it waits in acquire for, the thread that settled last, `feeder`:
 * it has settled every output by then.
 * A runtime that uses the frame interface also takes references, leases that it ends when it likes: a work
 * surface with such leases is marked with VFA__LEASES_LENT when it is settled. The mark comes and goes, and a
 * lease of a marked surface ends, under `lock` only, so that settle finds it in either state.
 *
 * Waiting, and why no wake-up is lost
 * -----------------------------------
 * Waiters stand in a queue under `lock`. The first one shuts the gates of `free` and `pending` (bits.h) and
 * only then looks for a surface. A surface put into a set before its gate was shut is seen by that look;
 * afterwards putting is refused, and the thread that wants to put takes the lock, puts past the gate and
 * serves the queue. Taking is refused as well, so an acquire that begins after somebody queued comes to the
 * lock and queues behind. The gates are opened by whoever empties the queue.
 * Surfaces go from hand to hand: `serve` leases them to the head and tells it. A waiter whose time is up
 * takes the lock again before it decides, finds what it was handed, if anything, and then has not timed out.
 * Nobody signals Locked: while a surface is pending (or lent, and the feeder waits) the head, and only the
 * head, wakes up every millisecond to look. Who puts into `pending` or leaves the head of the queue wakes the
 * new head if it has reason to look.
 * A waiter that may make a surface does so before it sleeps, whoever gets it then. When there is room again
 * (frames went, growth failed or was overtaken by a reset) the first waiter that has not failed yet is told.
 *
 * The end
 * -------
 * Closing shuts the gates for good. So each surface that is not home when a pool is destroyed will come home
 * under the lock; the thread that brings the last one, or the last waiter that leaves, frees everything. A
 * thread that put a surface without the lock, that is before the gates were shut, does not touch the pool any
 * more.
 *
 * No callback of the application, the allocator or the memory manager runs under `lock`.
 *
 * tests/model/pool.pml has these rules for a model checker: what changes here changes there. */
#ifndef VFA_POOL_INTERNAL_H
#define VFA_POOL_INTERNAL_H

#include "base/clock.h"
#include "memory/gate.h"
#include "observe/text.h"
#include "pool/bits.h"

#include <pthread.h>
#include <vfa/pool.h>
#include <vpl/mfxsurfacepool.h>

#define VFA__POOL_NAME_MAX 32
#define VFA__POOL_TEXT_MAX 448

/* The leases of a surface in one word: how many have no token, a bit for each that has one, whether it was
 * settled as work while others held it too, and how many times the surface has been leased. A token is the
 * times, which of the bits, and how many leases have ended that had this bit. Whoever counts that one up has
 * ended the lease, and alone clears its bit: so no token is good twice. */
#define VFA__LEASES_PLAIN     UINT64_C(0x3ff)
#define VFA__LEASES_TOKENS    (((UINT64_C(1) << VFA_POOL_TOKENS_MAX) - 1) << 10)
#define VFA__LEASES_ANY       (VFA__LEASES_PLAIN | VFA__LEASES_TOKENS)
#define VFA__LEASES_LENT      (UINT64_C(1) << (10 + VFA_POOL_TOKENS_MAX))
#define VFA__LEASES_TIMES_BIT (11 + VFA_POOL_TOKENS_MAX)
#define VFA__TOKEN_BIT_MASK   UINT64_C(0x1f) /* which bit, from 1 */
#define VFA__TOKEN_ENDED_BIT  5
#define VFA__TOKEN_ENDED_MAX  ((UINT32_C(1) << (VFA__LEASES_TIMES_BIT - VFA__TOKEN_ENDED_BIT)) - 1)

/* What the pool knows of a surface, on cache lines of its own; what acquire and release need is on the first.
 */
struct vfa__pool_slot {
    _Alignas(64) _Atomic uint64_t leases;
    /* Written by the surface's owner and by those who hold a lease, read by those who report: nothing is
     * counted in common, so threads that use different surfaces do not meet. */
    _Atomic uint64_t since; /* of vfa__coarse_ns: when it was leased */
    _Atomic(const char *) tag;
    mfxFrameSurface1 *surface;
    struct vfa__interface *interface; /* of the surface; NULL: it has none */
    mfxMemId mid;
    uint64_t first_lease;                        /* of those since its frame is there; guarded by the lock */
    atomic_uint flags;                           /* VFA__SLOT_; changed under the lock */
    _Atomic uint32_t ended[VFA_POOL_TOKENS_MAX]; /* leases with each token bit, up to VFA__TOKEN_ENDED_MAX */
};

#define VFA__SLOT_ABSENT  1u
#define VFA__SLOT_RETIRED 2u
#define VFA__SLOT_STALE   4u /* its Info is of before a reset */

/* How many surfaces a pool has. */
struct vfa__pool_size {
    uint32_t initial; /* to begin with */
    uint32_t limit;
    uint32_t most; /* of MFX_ALLOCATION_OPTIMAL: what components may make of the limit; else 0 */
};

/* A surface that the pool made, on cache lines of its own; of a size that a shift divides by. */
struct vfa__pool_surface {
    _Alignas(256) mfxFrameSurface1 surface;
};

enum vfa__wait_outcome {
    VFA__WAIT_QUEUED,
    VFA__WAIT_HANDED,
    VFA__WAIT_ABORTED,
    VFA__WAIT_CANCELLED,
};

/* A waiting acquire, on its thread's stack. Guarded by the pool's lock. */
struct vfa__pool_waiter {
    struct vfa__pool_waiter *next, *previous;
    const struct vfa_pool_want *want;
    pthread_cond_t wake;
    uintptr_t thread;
    enum vfa__wait_outcome outcome; /* in the queue while it is VFA__WAIT_QUEUED */
    uint32_t index;                 /* of the surface handed over */
    bool polls;                     /* will look again by itself within a millisecond */
    bool failed;                    /* to make a surface: it does not try again */
};

struct vfa__interface;
struct vfa__interface_pool;

struct vfa_pool {
    /* Changed without the lock while their gates are open. */
    struct vfa__bits free;
    struct vfa__bits pending;

    /* Not changed between creation and the end. */
    struct vfa__pool_slot *slots;
    void
        *surfaces; /* struct vfa__pool_surface, or the application's mfxFrameSurface1 when they are brought */
    size_t slots_bytes;
    size_t surfaces_bytes;
    uint32_t capacity; /* places for surfaces */
    uint32_t max_surfaces;
    uint32_t most; /* that SetNumSurfaces may make of `limit` */
    void (*ended)(void *user);
    void *ended_user;
    bool brought;
    bool hinted;
    mfxExtAllocationHints hints;
    enum vfa_surface_mode mode;
    struct vfa__interface_pool *interfaces; /* NULL: surfaces have no frame interface */
    mfxFrameAllocator allocator;
    struct vfa__gate gate;
    struct vfa_log log;
    char name[VFA__POOL_NAME_MAX];

    pthread_mutex_t lock; /* guards all that follows, and the gates */
    struct vfa__bits lent;
    struct vfa__bits retired;
    struct vfa__bits absent;
    struct vfa__pool_batch *batches;
    struct vfa__pool_batch *retiring;
    mfxFrameAllocRequest request;   /* for the frames there are */
    mfxFrameAllocResponse response; /* the one the pool began with, or began anew */
    mfxFrameInfo info;              /* for their surfaces */
    uint32_t count;                 /* surfaces that are not retired */
    uint32_t limit;                 /* what count may grow to */
    uint32_t growing;               /* surfaces being made */
    uint32_t generation;            /* of resets */
    bool resetting;
    uint32_t peak; /* of before frames went */
    uint64_t made;
    uint64_t trimmed;
    struct vfa__pool_waiter *head, *tail;
    uintptr_t feeder; /* the thread that settled last; 0: none did */
    uint32_t inside;  /* threads that come back: waiters that have not left, those who make or free frames */
    bool closed;
    bool destroyed; /* frees itself once nothing is out and nobody inside */
    uint64_t waits;
    uint64_t timeouts;
    uint64_t cancelled;
    uint64_t waited_ns;
    uint64_t longest_wait_ns;
    uint64_t waits_by_time[VFA_POOL_WAIT_BUCKETS];
};

/* A log line made under the lock, to be written after it. */
struct vfa__pool_note {
    struct vfa_log log;
    enum vfa_log_level level;
    char text[VFA__POOL_TEXT_MAX];
};

/* Whether the runtime holds the surface. */
static inline bool vfa__pool_locked(const struct vfa_pool *pool, uint32_t index)
{
    return __atomic_load_n(&pool->slots[index].surface->Data.Locked, __ATOMIC_ACQUIRE) != 0;
}

/* Whether a surface that nobody leases belongs among the free ones, as it is. */
static inline bool vfa__pool_is_plain(const struct vfa_pool *pool, uint32_t index)
{
    return !vfa__pool_locked(pool, index) &&
           !atomic_load_explicit(&pool->slots[index].flags, memory_order_relaxed);
}

/* The index of a surface, or VFA__BITS_NONE for one that is not the pool's. */
static inline uint32_t vfa__pool_index(const struct vfa_pool *pool, const mfxFrameSurface1 *surface)
{
    uintptr_t offset = (uintptr_t)surface - (uintptr_t)pool->surfaces; /* wraps below the first */
    if (offset >= pool->surfaces_bytes)
        return VFA__BITS_NONE;
    if (pool->brought) /* each division is by a constant */
        return offset % sizeof(mfxFrameSurface1) ? VFA__BITS_NONE
                                                 : (uint32_t)(offset / sizeof(mfxFrameSurface1));
    return offset % sizeof(struct vfa__pool_surface) ? VFA__BITS_NONE
                                                     : (uint32_t)(offset / sizeof(struct vfa__pool_surface));
}

/* Whether anybody holds a lease of the surface. */
static inline bool vfa__pool_leased(const struct vfa_pool *pool, uint32_t index)
{
    return atomic_load_explicit(&pool->slots[index].leases, memory_order_relaxed) & VFA__LEASES_ANY;
}

/* How many leases a surface has. What was done before one of them ended is seen from here on. */
static inline uint32_t vfa__pool_leases(const struct vfa_pool *pool, uint32_t index)
{
    uint64_t leases = atomic_load_explicit(&pool->slots[index].leases, memory_order_acquire);
    return (uint32_t)(leases & VFA__LEASES_PLAIN) +
           (uint32_t)__builtin_popcountll(leases & VFA__LEASES_TOKENS);
}

/* The calling thread, as a number that no other living thread has. */
static inline uintptr_t vfa__this_thread(void)
{
    return (uintptr_t)pthread_self();
}

/* How often the surface has been leased. */
static inline uint64_t vfa__pool_times(const struct vfa_pool *pool, uint32_t index)
{
    return atomic_load_explicit(&pool->slots[index].leases, memory_order_relaxed) >> VFA__LEASES_TIMES_BIT;
}

/* A moving surface becomes leased. */
static inline void vfa__pool_lease(struct vfa_pool *pool, uint32_t index, const char *tag)
{
    struct vfa__pool_slot *slot = &pool->slots[index];
    uint64_t times = vfa__pool_times(pool, index);
    atomic_store_explicit(&slot->leases, ((times + 1) << VFA__LEASES_TIMES_BIT) | 1, memory_order_relaxed);
    atomic_store_explicit(&slot->since, vfa__coarse_ns(), memory_order_relaxed);
    atomic_store_explicit(&slot->tag, tag, memory_order_relaxed);
}

/* lease.c: taking and putting without the queue. */

/* Ends a lease of a surface that has more of them, and is not marked as lent. false: it does not. */
bool vfa__pool_release_shared(struct vfa_pool *pool, uint32_t index);

/* Makes a free or a pending surface moving: its index, VFA__BITS_NONE, or VFA__BITS_GATED without the lock
 * while somebody waits. */
uint32_t vfa__pool_take(struct vfa_pool *pool, bool locked);

/* Puts a moving surface where its batch and Data.Locked say, past the gates. Under the lock. */
void vfa__pool_put_locked(struct vfa_pool *pool, uint32_t index);

/* wait.c, under the lock but for the first. */

/* Acquires when the fast path found nothing. Takes the lock. */
mfxStatus vfa__pool_acquire_slowly(struct vfa_pool *pool, const struct vfa_pool_want *want, uint32_t *index);

/* Hands what is there to those who wait, in their order. */
void vfa__pool_serve(struct vfa_pool *pool);

/* Refuses all that is to come, and sends the waiters away. */
void vfa__pool_shut(struct vfa_pool *pool);

/* Shuts or opens the gates of both sets. */
void vfa__pool_gates(struct vfa_pool *pool, bool shut);

/* resize.c */

/* MFX_ERR_INVALID_VIDEO_PARAM: no surfaces, too many, or hints that are none. `hints` NULL: what is
 * requested, for good. */
mfxStatus vfa__pool_size_for(const mfxExtAllocationHints *hints, uint32_t max_surfaces,
                             const mfxFrameAllocRequest *request, struct vfa__pool_size *size);

/* The request for the frames to begin with. */
mfxFrameAllocRequest vfa__pool_request_for(const mfxFrameAllocRequest *request, bool hinted, uint32_t count);

/* How many surfaces there may be: what the pool was made for, or what components ask for. Under the lock. */
uint32_t vfa__pool_limit(const struct vfa_pool *pool);

/* Whether there may be one more surface. Under the lock. */
bool vfa__pool_may_grow(const struct vfa_pool *pool);

/* Retires what is beyond the limit, idle surfaces first. Under the lock. */
void vfa__pool_shrink(struct vfa_pool *pool);

/* Under the lock, which it leaves meanwhile, by a thread that is `inside`: makes one more surface. false:
 * there may be none, and nothing was done. *failed: there could be none; it is not tried again. */
bool vfa__pool_grow(struct vfa_pool *pool, bool *failed);

/* settle.c, under the lock. */

/* Frees the lent surfaces that the runtime has let go. */
void vfa__pool_reclaim_lent(struct vfa_pool *pool);

/* frames.c */

/* Unlocks; frees the batches whose time has come. Whether it is a destroyed pool that nobody uses any more,
 * for the caller to free. */
bool vfa__pool_leave_unfreed(struct vfa_pool *pool);

/* The same, and frees the pool then. */
void vfa__pool_leave(struct vfa_pool *pool);

/* pool.c */

/* Makes the records for so many surfaces, unless they are made. */
mfxStatus vfa__pool_make_records(struct vfa_pool *pool, uint32_t count);

/* Whether a destroyed pool is to be freed now, by the caller, with vfa__pool_free after unlocking. Under the
 * lock; true at most once. */
bool vfa__pool_is_over(const struct vfa_pool *pool);

/* Frees the pool and its frames. Without the lock. */
void vfa__pool_free(struct vfa_pool *pool);

/* report.c */

/* Where the surfaces are, in one line: vfa_pool_explain. */
void vfa__pool_describe(struct vfa_pool *pool, struct vfa__text *text);

/* Keeps the peak of surfaces out at once, before frames go. Under the lock. */
void vfa__pool_keep_peak(struct vfa_pool *pool);

/* Notes that an acquire waited in vain. Under the lock. */
void vfa__pool_note_timeout(struct vfa_pool *pool, int32_t timeout_ms, struct vfa__pool_note *note);

/* Notes what is still out as the pool is destroyed; an empty text when nothing is. Under the lock. */
void vfa__pool_note_leftovers(struct vfa_pool *pool, struct vfa__pool_note *note);

void vfa__pool_write_note(const struct vfa__pool_note *note);

#endif
