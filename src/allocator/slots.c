/* Frame handles and their slots: the state word, and the chunks that hold it. */
#include "allocator/slots.h"

#include <assert.h>

#define COUNT_BITS       20
#define COUNT_MASK       ((UINT64_C(1) << COUNT_BITS) - 1)
#define LIVE             (UINT64_C(1) << 20)
#define DYING            (UINT64_C(1) << 21)
#define NEEDS_MAP        (UINT64_C(1) << 22)
#define PIN_SHIFT        24
#define PIN_ONE          (UINT64_C(1) << PIN_SHIFT)
#define PIN_MASK         (UINT64_C(0xffff) << PIN_SHIFT)
#define HELD_MASK        (COUNT_MASK | PIN_MASK)
#define GENERATION_SHIFT 40
#define GENERATION_MASK  ((UINT64_C(1) << VFA__GENERATION_BITS) - 1)
#define INDEX_MASK       ((UINT64_C(1) << VFA__INDEX_BITS) - 1)
#define NONCE_MASK       ((UINT64_C(1) << VFA__NONCE_BITS) - 1)
#define FIRST_CHUNK      (UINT32_C(1) << VFA__FIRST_CHUNK_BITS)

_Static_assert(sizeof(struct vfa__slot) <= 128, "a slot is two cache lines");

/* A mid from its top bit down. */
#define MID_TOP              (UINT64_C(1) << (VFA__NONCE_BITS + VFA__GENERATION_BITS + VFA__INDEX_BITS))
#define MID_NONCE_SHIFT      (VFA__GENERATION_BITS + VFA__INDEX_BITS)
#define MID_GENERATION_SHIFT VFA__INDEX_BITS

static uint64_t mid_generation(mfxMemId mid)
{
    return ((uint64_t)(uintptr_t)mid >> MID_GENERATION_SHIFT) & GENERATION_MASK;
}

static uint32_t mid_index(mfxMemId mid)
{
    return (uint32_t)((uint64_t)(uintptr_t)mid & INDEX_MASK);
}

/* The one piece of process-wide state: it keeps the mids of several allocators apart. Never 0 nor all ones,
 * so that no mid is the all-ones value that runtimes reserve. */
static uint64_t next_nonce(void)
{
    static _Atomic uint64_t counter;
    uint64_t n = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
    return n % (NONCE_MASK - 1) + 1;
}

mfxStatus vfa__slots_init(struct vfa__slots *slots, struct vfa__gate *gate)
{
    slots->gate = gate;
    slots->nonce = next_nonce();
    for (size_t i = 0; i < VFA__CHUNKS; i++)
        atomic_init(&slots->chunk[i], NULL);
    slots->used = slots->capacity = slots->first_free = slots->free_count = 0;
    return pthread_mutex_init(&slots->lock, NULL) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

static size_t chunk_slots(size_t chunk)
{
    return (size_t)FIRST_CHUNK << chunk;
}

static void release_chunk(struct vfa__slots *slots, struct vfa__slot *chunk, size_t index)
{
    for (size_t i = 0; chunk && i < chunk_slots(index); i++)
        pthread_mutex_destroy(&chunk[i].map_lock);
    vfa__gate_release(slots->gate, chunk, chunk_slots(index) * sizeof *chunk, VFA_MEMORY_BOOK);
}

void vfa__slots_finish(struct vfa__slots *slots)
{
    for (size_t i = 0; i < VFA__CHUNKS; i++)
        release_chunk(slots, atomic_load_explicit(&slots->chunk[i], memory_order_relaxed), i);
    pthread_mutex_destroy(&slots->lock);
}

struct vfa__slot *vfa__slot_at(const struct vfa__slots *slots, uint32_t index)
{
    uint32_t row = (index >> VFA__FIRST_CHUNK_BITS) + 1;
    unsigned int chunk = 31u - (unsigned int)__builtin_clz(row);
    if (chunk >= VFA__CHUNKS)
        return NULL;
    struct vfa__slot *slot = atomic_load_explicit(&slots->chunk[chunk], memory_order_acquire);
    return slot ? slot + (index - (((UINT32_C(1) << chunk) - 1) << VFA__FIRST_CHUNK_BITS)) : NULL;
}

struct vfa__slot *vfa__slot_find(const struct vfa__slots *slots, mfxMemId mid)
{
    uint64_t number = (uint64_t)(uintptr_t)mid;
    if (number >> MID_NONCE_SHIFT != (MID_TOP >> MID_NONCE_SHIFT | slots->nonce))
        return NULL;
    return vfa__slot_at(slots, mid_index(mid));
}

static struct vfa__slot *new_chunk(struct vfa__slots *slots, size_t index)
{
    size_t count = chunk_slots(index);
    struct vfa__slot *chunk =
        vfa__gate_allocate(slots->gate, count * sizeof *chunk, _Alignof(struct vfa__slot), VFA_MEMORY_BOOK);
    for (size_t i = 0; chunk && i < count; i++) {
        if (pthread_mutex_init(&chunk[i].map_lock, NULL)) {
            while (i > 0)
                pthread_mutex_destroy(&chunk[--i].map_lock);
            vfa__gate_release(slots->gate, chunk, count * sizeof *chunk, VFA_MEMORY_BOOK);
            return NULL;
        }
        atomic_init(&chunk[i].state, UINT64_C(1) << GENERATION_SHIFT);
    }
    return chunk;
}

/* Called and returns with slots->lock held, but lets it go while memory is asked for. */
static mfxStatus grow(struct vfa__slots *slots)
{
    size_t index = 0;
    while (index < VFA__CHUNKS && atomic_load_explicit(&slots->chunk[index], memory_order_relaxed))
        index++;
    if (index == VFA__CHUNKS)
        return MFX_ERR_MEMORY_ALLOC;
    pthread_mutex_unlock(&slots->lock);
    struct vfa__slot *chunk = new_chunk(slots, index);
    pthread_mutex_lock(&slots->lock);
    if (!chunk)
        return MFX_ERR_MEMORY_ALLOC;
    if (!atomic_load_explicit(&slots->chunk[index], memory_order_relaxed)) {
        atomic_store_explicit(&slots->chunk[index], chunk, memory_order_release);
        slots->capacity += (uint32_t)chunk_slots(index);
        return MFX_ERR_NONE;
    }
    /* Another thread was faster with the same chunk. */
    pthread_mutex_unlock(&slots->lock);
    release_chunk(slots, chunk, index);
    pthread_mutex_lock(&slots->lock);
    return MFX_ERR_NONE;
}

mfxStatus vfa__slots_reserve(struct vfa__slots *slots, size_t count, struct vfa__slot **out)
{
    mfxStatus status = MFX_ERR_NONE;
    pthread_mutex_lock(&slots->lock);
    while (status == MFX_ERR_NONE && slots->free_count + (slots->capacity - slots->used) < count)
        status = grow(slots);
    for (size_t i = 0; status == MFX_ERR_NONE && i < count; i++) {
        bool reused = slots->first_free;
        uint32_t index = reused ? slots->first_free - 1 : slots->used;
        struct vfa__slot *slot = vfa__slot_at(slots, index);
        assert(slot); /* its chunk is there: capacity counts it */
        if (reused) {
            slots->first_free = slot->next_free;
            slots->free_count--;
        } else {
            slots->used++;
        }
        slot->index = index;
        out[i] = slot;
    }
    pthread_mutex_unlock(&slots->lock);
    return status;
}

/* The first generation is 1, so the one that comes back as 0 has no more after it. */
static bool is_used_up(const struct vfa__slot *slot)
{
    return !((atomic_load_explicit(&slot->state, memory_order_relaxed) >> GENERATION_SHIFT) &
             GENERATION_MASK);
}

void vfa__slots_return(struct vfa__slots *slots, struct vfa__slot *const *slot, size_t count)
{
    pthread_mutex_lock(&slots->lock);
    for (size_t i = count; i > 0; i--) {
        struct vfa__slot *s = slot[i - 1];
        if (is_used_up(s))
            continue;
        s->next_free = slots->first_free;
        slots->first_free = s->index + 1;
        slots->free_count++;
    }
    pthread_mutex_unlock(&slots->lock);
}

void vfa__slot_publish(struct vfa__slot *slot, bool needs_map)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    assert(!(state & (LIVE | DYING | HELD_MASK)));
    state |= needs_map ? LIVE | NEEDS_MAP : LIVE;
    atomic_store_explicit(&slot->state, state, memory_order_release);
}

bool vfa__slot_needs_map(const struct vfa__slot *slot)
{
    return atomic_load_explicit(&slot->state, memory_order_relaxed) & NEEDS_MAP;
}

mfxMemId vfa__slot_mid(const struct vfa__slots *slots, const struct vfa__slot *slot)
{
    uint64_t generation = atomic_load_explicit(&slot->state, memory_order_relaxed) >> GENERATION_SHIFT;
    uint64_t mid = MID_TOP | slots->nonce << MID_NONCE_SHIFT |
                   (generation & GENERATION_MASK) << MID_GENERATION_SHIFT | slot->index;
    return (mfxMemId)(uintptr_t)mid; /* NOLINT(performance-no-int-to-ptr): a mid is a number */
}

/* Dead, one generation on. */
static uint64_t dead(uint64_t state)
{
    return ((state >> GENERATION_SHIFT) + 1) << GENERATION_SHIFT;
}

mfxStatus vfa__slot_lock(struct vfa__slot *slot, mfxMemId mid, bool *first)
{
    uint64_t want = mid_generation(mid) << GENERATION_SHIFT | LIVE;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~(HELD_MASK | NEEDS_MAP)) != want)
            return MFX_ERR_INVALID_HANDLE;
        if ((state & COUNT_MASK) == COUNT_MASK)
            return MFX_ERR_LOCK_MEMORY;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + 1, memory_order_acquire,
                                                    memory_order_relaxed));
    *first = !(state & COUNT_MASK);
    if (*first)
        atomic_store_explicit(&slot->first_locks,
                              atomic_load_explicit(&slot->first_locks, memory_order_relaxed) + 1,
                              memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&slot->nested_locks, 1, memory_order_relaxed);
    return MFX_ERR_NONE;
}

static mfxStatus check_locked(uint64_t state, mfxMemId mid)
{
    if (state >> GENERATION_SHIFT != mid_generation(mid) || !(state & (LIVE | DYING)))
        return MFX_ERR_INVALID_HANDLE;
    return (state & COUNT_MASK) ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR;
}

mfxStatus vfa__slot_check_locked(const struct vfa__slot *slot, mfxMemId mid)
{
    return check_locked(atomic_load_explicit(&slot->state, memory_order_acquire), mid);
}

mfxStatus vfa__slot_unlock(struct vfa__slot *slot, mfxMemId mid, bool *died)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        mfxStatus status = check_locked(state, mid);
        if (status != MFX_ERR_NONE)
            return status;
        next = state - 1;
        if ((state & DYING) && !(next & HELD_MASK))
            next = dead(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    *died = !(next & (LIVE | DYING));
    return MFX_ERR_NONE;
}

bool vfa__slot_cancel_lock(struct vfa__slot *slot, mfxMemId mid, bool first)
{
    bool died = false;
    if (first)
        atomic_store_explicit(&slot->first_locks,
                              atomic_load_explicit(&slot->first_locks, memory_order_relaxed) - 1,
                              memory_order_relaxed);
    else
        atomic_fetch_sub_explicit(&slot->nested_locks, 1, memory_order_relaxed);
    (void)vfa__slot_unlock(slot, mid, &died); /* the caller's own lock: it cannot fail */
    return died;
}

mfxStatus vfa__slot_pin(struct vfa__slot *slot, mfxMemId mid)
{
    uint64_t want = mid_generation(mid) << GENERATION_SHIFT | LIVE;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~(HELD_MASK | NEEDS_MAP)) != want)
            return MFX_ERR_INVALID_HANDLE;
        if ((state & PIN_MASK) == PIN_MASK)
            return MFX_ERR_LOCK_MEMORY;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + PIN_ONE,
                                                    memory_order_acquire, memory_order_relaxed));
    return MFX_ERR_NONE;
}

bool vfa__slot_unpin(struct vfa__slot *slot)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        assert(state & PIN_MASK);
        next = state - PIN_ONE;
        if ((state & DYING) && !(next & HELD_MASK))
            next = dead(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return !(next & (LIVE | DYING));
}

bool vfa__slot_retire(struct vfa__slot *slot)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        assert(state & LIVE);
        next = (state & HELD_MASK) ? (state & ~LIVE) | DYING : dead(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return !(next & DYING);
}

bool vfa__slot_is_live(const struct vfa__slot *slot, mfxMemId mid)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    return (state & ~(HELD_MASK | NEEDS_MAP)) == (mid_generation(mid) << GENERATION_SHIFT | LIVE);
}

uint32_t vfa__slot_locks(const struct vfa__slot *slot)
{
    return (uint32_t)(atomic_load_explicit(&slot->state, memory_order_relaxed) & COUNT_MASK);
}

uint64_t vfa__slot_lock_total(const struct vfa__slot *slot)
{
    return atomic_load_explicit(&slot->first_locks, memory_order_relaxed) +
           atomic_load_explicit(&slot->nested_locks, memory_order_relaxed);
}
