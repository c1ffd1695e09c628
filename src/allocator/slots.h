/* Frame handles: what a mfxMemId is, and the slot it names.
 *
 * A mid is a number, not an address: top bit | allocator nonce | generation | slot index. Slots live in
 * chunks that stay until the allocator ends, so any number can be checked without touching freed memory: the
 * index must exist and the slot's state word must carry the mid's generation.
 *
 * The state word is {generation, pins, needs map, dying, live, lock count}, changed only by compare-and-swap:
 *   dead  -> live             publish (the frame's facts are written before: release)
 *   live  -> live, count +-1  lock (acquire), unlock (release)
 *   live  -> dead, next gen.  retire, when nobody holds a lock
 *   live  -> dying            retire, when somebody does: no new locks
 *   dying -> dying, count -1  unlock
 *   dying -> dead, next gen.  the last unlock
 * Pins hold a frame as locks do, but are counted apart. So a slot dies exactly once per generation, and
 * whoever makes it die knows it. */
#ifndef VFA_ALLOCATOR_SLOTS_H
#define VFA_ALLOCATOR_SLOTS_H

#include "memory/gate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct vfa__set;

/* Widths of a mid's fields. A 32-bit build has fewer handles: 30 allocators, 16,384 frames, 4,096 reuses of a
 * slot. */
#if UINTPTR_MAX > 0xffffffffu
#define VFA__NONCE_BITS      15
#define VFA__GENERATION_BITS 24
#define VFA__INDEX_BITS      24
#else
#define VFA__NONCE_BITS      5
#define VFA__GENERATION_BITS 12
#define VFA__INDEX_BITS      14
#endif

/* Chunk k holds VFA__FIRST_CHUNK << k slots: an index finds its slot in a few instructions, however many
 * there are. An index may be larger than that of any slot: there is one chunk more, which is never made. */
#define VFA__FIRST_CHUNK_BITS 6
#define VFA__CHUNKS           (VFA__INDEX_BITS - VFA__FIRST_CHUNK_BITS)

/* One frame that exists, existed or may exist. Two cache lines: no two slots share one, and Lock and Unlock
 * of a frame that is always mapped need the first alone. */
struct vfa__slot {
    _Alignas(64) _Atomic uint64_t state;

    /* Written while the slot is dead, constant while it is live or dying (the pointers and the pitch of a
     * frame that is not always mapped are written under map_lock by the lock that maps it). */
    mfxU8 *channel[4];
    uint32_t pitch_bytes;
    uint32_t map_flags; /* READ and WRITE of the current map; guarded by map_lock */

    /* Lock statistics without a third atomic operation in Lock: only the lock that takes the count from 0 to
     * 1 writes first_locks, and there is one such lock at a time; the others add to nested_locks. */
    _Atomic uint64_t first_locks;
    struct vfa__set *set;
    void *frame; /* the backend's */
    _Atomic uint64_t nested_locks;

    /* Serialises map, remap and unmap of a frame that is not always mapped, and whatever else its backend
     * does with one frame. Guards nothing that outlives the slot: a stale handle may wait for it at any time,
     * which is why it lives here and not with the frame. */
    pthread_mutex_t map_lock;
    uint32_t index;     /* its own */
    uint32_t next_free; /* index + 1 of the next free slot; guarded by vfa__slots.lock */
};

/* The slots of one allocator. */
struct vfa__slots {
    struct vfa__gate *gate;
    uint64_t mid_top; /* what the mids of this allocator begin with: top bit | nonce */
    _Atomic(struct vfa__slot *) chunk[VFA__CHUNKS + 1];
    pthread_mutex_t lock; /* guards the four below, and next_free of the slots */
    uint32_t used;        /* slots handed out at least once */
    uint32_t capacity;    /* slots in chunks */
    uint32_t first_free;  /* index + 1, 0: none */
    uint32_t free_count;  /* in that list */
};

mfxStatus vfa__slots_init(struct vfa__slots *slots, struct vfa__gate *gate);
void vfa__slots_finish(struct vfa__slots *slots);

/* Takes `count` dead slots, all or none. MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__slots_reserve(struct vfa__slots *slots, size_t count, struct vfa__slot **out);

/* Gives back dead slots. One whose generations are used up is never handed out again. */
void vfa__slots_return(struct vfa__slots *slots, struct vfa__slot *const *slot, size_t count);

/* Makes a reserved slot live. Everything else in the slot must be set before. `needs_map`: its pixels are
 * reached by the backend's map, under map_lock. */
void vfa__slot_publish(struct vfa__slot *slot, bool needs_map);

/* The mid of a slot in its present generation. */
mfxMemId vfa__slot_mid(const struct vfa__slots *slots, const struct vfa__slot *slot);

/* Takes back a lock as if it had never been: for a frame whose locks come and go under map_lock. True when
 * that was the last lock of a freed frame. */
bool vfa__slot_cancel_lock(struct vfa__slot *slot, mfxMemId mid, bool first);

/* The same answers as of unlock, changing nothing; MFX_ERR_NONE: it is locked. */
mfxStatus vfa__slot_check_locked(const struct vfa__slot *slot, mfxMemId mid);

/* Keeps a live frame from ending, without a lock: the frame is neither mapped nor counted as locked by pins
 * alone. MFX_ERR_INVALID_HANDLE; MFX_ERR_LOCK_MEMORY: too many. Unpin: true when the frame was freed and this
 * ended it. */
mfxStatus vfa__slot_pin(struct vfa__slot *slot, mfxMemId mid);
bool vfa__slot_unpin(struct vfa__slot *slot);

/* Ends the slot's publication: true when it died at once, false when the last unlock will. The slot must be
 * live. */
bool vfa__slot_retire(struct vfa__slot *slot);

/* A look that may be old when it returns. */
bool vfa__slot_is_live(const struct vfa__slot *slot, mfxMemId mid);
uint32_t vfa__slot_locks(const struct vfa__slot *slot);
uint64_t vfa__slot_lock_total(const struct vfa__slot *slot);

/* ---- what Lock and Unlock do, for every frame: inline ---- */

#define VFA__SLOT_COUNT_BITS       20
#define VFA__SLOT_COUNT_MASK       ((UINT64_C(1) << VFA__SLOT_COUNT_BITS) - 1)
#define VFA__SLOT_LIVE             (UINT64_C(1) << 20)
#define VFA__SLOT_DYING            (UINT64_C(1) << 21)
#define VFA__SLOT_NEEDS_MAP        (UINT64_C(1) << 22)
#define VFA__SLOT_PIN_SHIFT        24
#define VFA__SLOT_PIN_ONE          (UINT64_C(1) << VFA__SLOT_PIN_SHIFT)
#define VFA__SLOT_PIN_MASK         (UINT64_C(0xffff) << VFA__SLOT_PIN_SHIFT)
#define VFA__SLOT_HELD_MASK        (VFA__SLOT_COUNT_MASK | VFA__SLOT_PIN_MASK)
#define VFA__SLOT_GENERATION_SHIFT 40
#define VFA__SLOT_GENERATION_MASK  ((UINT64_C(1) << VFA__GENERATION_BITS) - 1)
#define VFA__SLOT_INDEX_MASK       ((UINT64_C(1) << VFA__INDEX_BITS) - 1)
#define VFA__SLOT_NONCE_MASK       ((UINT64_C(1) << VFA__NONCE_BITS) - 1)
#define VFA__SLOT_FIRST_CHUNK      (UINT32_C(1) << VFA__FIRST_CHUNK_BITS)

/* A mid from its top bit down. */
#define VFA__MID_TOP              (UINT64_C(1) << (VFA__NONCE_BITS + VFA__GENERATION_BITS + VFA__INDEX_BITS))
#define VFA__MID_NONCE_SHIFT      (VFA__GENERATION_BITS + VFA__INDEX_BITS)
#define VFA__MID_GENERATION_SHIFT VFA__INDEX_BITS

static inline uint64_t vfa__mid_generation(mfxMemId mid)
{
    return ((uint64_t)(uintptr_t)mid >> VFA__MID_GENERATION_SHIFT) & VFA__SLOT_GENERATION_MASK;
}

static inline uint32_t vfa__mid_index(mfxMemId mid)
{
    return (uint32_t)((uint64_t)(uintptr_t)mid & VFA__SLOT_INDEX_MASK);
}

/* Dead, one generation on. */
static inline uint64_t vfa__slot_dead_state(uint64_t state)
{
    return ((state >> VFA__SLOT_GENERATION_SHIFT) + 1) << VFA__SLOT_GENERATION_SHIFT;
}

/* What an unlock answers. */
static inline mfxStatus vfa__slot_check_state(uint64_t state, mfxMemId mid)
{
    if (state >> VFA__SLOT_GENERATION_SHIFT != vfa__mid_generation(mid) ||
        !(state & (VFA__SLOT_LIVE | VFA__SLOT_DYING)))
        return MFX_ERR_INVALID_HANDLE;
    return (state & VFA__SLOT_COUNT_MASK) ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR;
}

/* The slot with that index, used or not; NULL when there is no such chunk. */
static inline struct vfa__slot *vfa__slot_at(const struct vfa__slots *slots, uint32_t index)
{
    /* Counted so that chunk k begins at VFA__SLOT_FIRST_CHUNK << k: the top bit says which it is. */
    uint32_t number = index + VFA__SLOT_FIRST_CHUNK;
    unsigned int top = 31u ^ (unsigned int)__builtin_clz(number);
    struct vfa__slot *slot =
        atomic_load_explicit(&slots->chunk[top - VFA__FIRST_CHUNK_BITS], memory_order_acquire);
    return slot ? slot + (number ^ UINT32_C(1) << top) : NULL;
}

/* The slot a number names, alive or not; NULL when it is no mid of this allocator. */
static inline struct vfa__slot *vfa__slot_find(const struct vfa__slots *slots, mfxMemId mid)
{
    uint64_t number = (uint64_t)(uintptr_t)mid;
    if (number >> VFA__MID_NONCE_SHIFT != slots->mid_top)
        return NULL;
    return vfa__slot_at(slots, vfa__mid_index(mid));
}

/* As published. True of the frame that a mid names if the mid proves good when it is locked. */
static inline bool vfa__slot_needs_map(const struct vfa__slot *slot)
{
    return atomic_load_explicit(&slot->state, memory_order_relaxed) & VFA__SLOT_NEEDS_MAP;
}

static inline void vfa__slot_count_lock(struct vfa__slot *slot, bool first)
{
    if (first)
        atomic_store_explicit(&slot->first_locks,
                              atomic_load_explicit(&slot->first_locks, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&slot->nested_locks, 1, memory_order_relaxed);
}

/* Takes one lock. MFX_ERR_INVALID_HANDLE: not this mid's frame, or freed. MFX_ERR_LOCK_MEMORY: a million
 * already. */
static inline mfxStatus vfa__slot_lock(struct vfa__slot *slot, mfxMemId mid, bool *first)
{
    uint64_t want = vfa__mid_generation(mid) << VFA__SLOT_GENERATION_SHIFT | VFA__SLOT_LIVE;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~(VFA__SLOT_HELD_MASK | VFA__SLOT_NEEDS_MAP)) != want)
            return MFX_ERR_INVALID_HANDLE;
        if ((state & VFA__SLOT_COUNT_MASK) == VFA__SLOT_COUNT_MASK)
            return MFX_ERR_LOCK_MEMORY;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1, memory_order_acquire,
                                                    memory_order_relaxed));
    *first = !(state & VFA__SLOT_COUNT_MASK);
    vfa__slot_count_lock(slot, *first);
    return MFX_ERR_NONE;
}

/* Returns one lock; *died when it was the last one of a freed frame.
 * MFX_ERR_INVALID_HANDLE; MFX_ERR_UNDEFINED_BEHAVIOR: not locked. */
static inline mfxStatus vfa__slot_unlock(struct vfa__slot *slot, mfxMemId mid, bool *died)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        mfxStatus status = vfa__slot_check_state(state, mid);
        if (status != MFX_ERR_NONE)
            return status;
        next = state - 1;
        if ((state & VFA__SLOT_DYING) && !(next & VFA__SLOT_HELD_MASK))
            next = vfa__slot_dead_state(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    *died = !(next & (VFA__SLOT_LIVE | VFA__SLOT_DYING));
    return MFX_ERR_NONE;
}

#endif
