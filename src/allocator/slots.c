/* Frame handles and their slots: the chunks that hold them, and what is seldom done with the state word. */
#include "allocator/slots.h"

#include <assert.h>
#include <stddef.h>

_Static_assert(sizeof(struct vfa__slot) <= 128, "a slot is two cache lines");
_Static_assert(offsetof(struct vfa__slot, set) <= 64, "what every Lock needs is in the first");

/* The one piece of process-wide state: it keeps the mids of several allocators apart. Never 0 nor all ones,
 * so that no mid is the all-ones value that runtimes reserve. */
static uint64_t next_nonce(void)
{
    static _Atomic uint64_t counter;
    uint64_t n = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
    return n % (VFA__SLOT_NONCE_MASK - 1) + 1;
}

mfxStatus vfa__slots_init(struct vfa__slots *slots, struct vfa__gate *gate)
{
    slots->gate = gate;
    slots->mid_top = VFA__MID_TOP >> VFA__MID_NONCE_SHIFT | next_nonce();
    for (size_t i = 0; i <= VFA__CHUNKS; i++)
        atomic_init(&slots->chunk[i], NULL);
    slots->used = slots->capacity = slots->first_free = slots->free_count = 0;
    return pthread_mutex_init(&slots->lock, NULL) ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE;
}

static size_t chunk_slots(size_t chunk)
{
    return (size_t)VFA__SLOT_FIRST_CHUNK << chunk;
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
        atomic_init(&chunk[i].state, UINT64_C(1) << VFA__SLOT_GENERATION_SHIFT);
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
    return !((atomic_load_explicit(&slot->state, memory_order_relaxed) >> VFA__SLOT_GENERATION_SHIFT) &
             VFA__SLOT_GENERATION_MASK);
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
    assert(!(state & (VFA__SLOT_LIVE | VFA__SLOT_DYING | VFA__SLOT_HELD_MASK)));
    state |= needs_map ? VFA__SLOT_LIVE | VFA__SLOT_NEEDS_MAP : VFA__SLOT_LIVE;
    atomic_store_explicit(&slot->state, state, memory_order_release);
}

mfxMemId vfa__slot_mid(const struct vfa__slots *slots, const struct vfa__slot *slot)
{
    uint64_t generation =
        atomic_load_explicit(&slot->state, memory_order_relaxed) >> VFA__SLOT_GENERATION_SHIFT;
    uint64_t mid = slots->mid_top << VFA__MID_NONCE_SHIFT |
                   (generation & VFA__SLOT_GENERATION_MASK) << VFA__MID_GENERATION_SHIFT | slot->index;
    return (mfxMemId)(uintptr_t)mid; /* NOLINT(performance-no-int-to-ptr): a mid is a number */
}

mfxStatus vfa__slot_check_locked(const struct vfa__slot *slot, mfxMemId mid)
{
    return vfa__slot_check_state(atomic_load_explicit(&slot->state, memory_order_acquire), mid);
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
    uint64_t want = vfa__mid_generation(mid) << VFA__SLOT_GENERATION_SHIFT | VFA__SLOT_LIVE;
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    do {
        if ((state & ~(VFA__SLOT_HELD_MASK | VFA__SLOT_NEEDS_MAP)) != want)
            return MFX_ERR_INVALID_HANDLE;
        if ((state & VFA__SLOT_PIN_MASK) == VFA__SLOT_PIN_MASK)
            return MFX_ERR_LOCK_MEMORY;
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, state + VFA__SLOT_PIN_ONE,
                                                    memory_order_acquire, memory_order_relaxed));
    return MFX_ERR_NONE;
}

bool vfa__slot_unpin(struct vfa__slot *slot)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        assert(state & VFA__SLOT_PIN_MASK);
        next = state - VFA__SLOT_PIN_ONE;
        if ((state & VFA__SLOT_DYING) && !(next & VFA__SLOT_HELD_MASK))
            next = vfa__slot_dead_state(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return !(next & (VFA__SLOT_LIVE | VFA__SLOT_DYING));
}

bool vfa__slot_retire(struct vfa__slot *slot)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_relaxed), next;
    do {
        assert(state & VFA__SLOT_LIVE);
        next = (state & VFA__SLOT_HELD_MASK) ? (state & ~VFA__SLOT_LIVE) | VFA__SLOT_DYING
                                             : vfa__slot_dead_state(state);
    } while (!atomic_compare_exchange_weak_explicit(&slot->state, &state, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return !(next & VFA__SLOT_DYING);
}

bool vfa__slot_is_live(const struct vfa__slot *slot, mfxMemId mid)
{
    uint64_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    return (state & ~(VFA__SLOT_HELD_MASK | VFA__SLOT_NEEDS_MAP)) ==
           (vfa__mid_generation(mid) << VFA__SLOT_GENERATION_SHIFT | VFA__SLOT_LIVE);
}

uint32_t vfa__slot_locks(const struct vfa__slot *slot)
{
    return (uint32_t)(atomic_load_explicit(&slot->state, memory_order_relaxed) & VFA__SLOT_COUNT_MASK);
}

uint64_t vfa__slot_lock_total(const struct vfa__slot *slot)
{
    return atomic_load_explicit(&slot->first_locks, memory_order_relaxed) +
           atomic_load_explicit(&slot->nested_locks, memory_order_relaxed);
}
