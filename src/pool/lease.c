/* Acquire, release and ref: the paths without a lock. internal.h has the rules.
 *
 * What a pair costs is its three compare-and-swaps: the rest of the way is kept short, and what it seldom
 * needs is in functions of its own. */
#include "pool/internal.h"

#define SELDOM __attribute__((cold, noinline))

static bool is_retired(const struct vfa_pool *pool, uint32_t index)
{
    return atomic_load_explicit(&pool->slots[index].flags, memory_order_relaxed) & VFA__SLOT_RETIRED;
}

void vfa__pool_put_locked(struct vfa_pool *pool, uint32_t index)
{
    struct vfa__bits *set = vfa__pool_locked(pool, index) ? &pool->pending : &pool->free;
    if (is_retired(pool, index))
        set = &pool->retired;
    (void)vfa__bits_give(set, index, true);
}

/* put() for a surface that is Locked or touched by a reset, or with a gate shut. */
SELDOM static void put_slowly(struct vfa_pool *pool, uint32_t index)
{
    struct vfa__bits *set = vfa__pool_locked(pool, index) ? &pool->pending : &pool->free;
    if (!is_retired(pool, index) && vfa__bits_give(set, index, false))
        return;
    pthread_mutex_lock(&pool->lock);
    vfa__pool_put_locked(pool, index);
    vfa__pool_serve(pool);
    vfa__pool_leave(pool);
}

/* Puts a moving surface. With an open gate the pool is not touched afterwards: it may be gone. */
static inline void put(struct vfa_pool *pool, uint32_t index)
{
    if (!vfa__pool_is_plain(pool, index) || !vfa__bits_give(&pool->free, index, false))
        put_slowly(pool, index);
}

/* Returns a surface that turned out to be held by the runtime. Always to `pending`, even if Locked has
 * dropped again: a search that has left `free` behind must not leave a surface there. */
static void put_back(struct vfa_pool *pool, uint32_t index, bool locked)
{
    if (!vfa__bits_give(&pool->pending, index, locked))
        put(pool, index);
}

/* What a reset meant for a surface that was out: gives it its new Info, or puts it away. Whether it may be
 * leased. */
static bool catch_up(struct vfa_pool *pool, uint32_t index)
{
    if (is_retired(pool, index)) {
        vfa__pool_put_locked(pool, index);
        return false;
    }
    pool->slots[index].surface->Info = pool->info;
    atomic_store_explicit(&pool->slots[index].flags, 0, memory_order_relaxed);
    return true;
}

/* is_usable() for a surface that is Locked or touched by a reset. */
SELDOM static bool make_usable(struct vfa_pool *pool, uint32_t index, bool locked)
{
    if (vfa__pool_locked(pool, index)) {
        put_back(pool, index, locked);
        return false;
    }
    if (!atomic_load_explicit(&pool->slots[index].flags, memory_order_relaxed))
        return true;
    if (locked)
        return catch_up(pool, index);
    pthread_mutex_lock(&pool->lock);
    bool usable = catch_up(pool, index);
    vfa__pool_leave(pool);
    return usable;
}

/* Whether a surface that was taken may be leased; else it was put elsewhere. */
static inline bool is_usable(struct vfa_pool *pool, uint32_t index, bool locked)
{
    return vfa__pool_is_plain(pool, index) || make_usable(pool, index, locked);
}

SELDOM static uint32_t take_pending(struct vfa_pool *pool, bool locked)
{
    for (uint32_t i = vfa__bits_next(&pool->pending, 0); i != VFA__BITS_NONE;
         i = vfa__bits_next(&pool->pending, i + 1)) {
        if (vfa__pool_locked(pool, i))
            continue;
        uint32_t removed = vfa__bits_remove(&pool->pending, i, locked);
        if (removed == VFA__BITS_GATED)
            return removed;
        if (removed == VFA__BITS_NONE)
            continue; /* another thread was faster */
        if (is_usable(pool, i, locked))
            return i;
    }
    return VFA__BITS_NONE;
}

static inline uint32_t take(struct vfa_pool *pool, bool locked)
{
    for (;;) {
        uint32_t i = vfa__bits_take(&pool->free, locked);
        if (i == VFA__BITS_NONE)
            return take_pending(pool, locked);
        if (i == VFA__BITS_GATED || is_usable(pool, i, locked))
            return i;
    }
}

uint32_t vfa__pool_take(struct vfa_pool *pool, bool locked)
{
    return take(pool, locked);
}

mfxStatus vfa_pool_acquire_as(struct vfa_pool *pool, const struct vfa_pool_want *want, mfxFrameSurface1 **out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    if (!pool || !want)
        return MFX_ERR_NULL_PTR;
    if (want->size != sizeof *want)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    uint32_t index = take(pool, false);
    if (index < VFA__BITS_GATED) {
        vfa__pool_lease(pool, index, want->tag);
    } else {
        mfxStatus status = vfa__pool_acquire_slowly(pool, want, &index);
        if (status != MFX_ERR_NONE)
            return status;
    }
    *out = pool->slots[index].surface;
    return MFX_ERR_NONE;
}

mfxStatus vfa_pool_acquire(struct vfa_pool *pool, int32_t timeout_ms, mfxFrameSurface1 **out)
{
    const struct vfa_pool_want want = {.size = sizeof want, .timeout_ms = timeout_ms};
    return vfa_pool_acquire_as(pool, &want, out);
}

mfxStatus vfa_pool_tag(struct vfa_pool *pool, const mfxFrameSurface1 *surface, const char *tag)
{
    if (!pool || !surface)
        return MFX_ERR_NULL_PTR;
    uint32_t index = vfa__pool_index(pool, surface);
    if (index == VFA__BITS_NONE)
        return MFX_ERR_INVALID_HANDLE;
    struct vfa__pool_slot *slot = &pool->slots[index];
    if (!vfa__pool_leased(pool, index))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    atomic_store_explicit(&slot->tag, tag, memory_order_relaxed);
    atomic_store_explicit(&slot->since, vfa__coarse_ns(), memory_order_relaxed);
    return MFX_ERR_NONE;
}

mfxStatus vfa_pool_ref(struct vfa_pool *pool, mfxFrameSurface1 *surface)
{
    if (!pool || !surface)
        return MFX_ERR_NULL_PTR;
    uint32_t index = vfa__pool_index(pool, surface);
    if (index == VFA__BITS_NONE)
        return MFX_ERR_INVALID_HANDLE;
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    do {
        if (!(seen & VFA__LEASES_ANY))
            return MFX_ERR_UNDEFINED_BEHAVIOR;
        if ((seen & VFA__LEASES_PLAIN) == VFA__LEASES_PLAIN)
            return MFX_ERR_NOT_ENOUGH_BUFFER;
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, seen + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return MFX_ERR_NONE;
}

/* Ends a lease of a surface marked as lent: `lease` is what it counts for in the word. false: the surface is
 * no longer marked. */
SELDOM static bool end_lent(struct vfa_pool *pool, uint32_t index, uint64_t lease)
{
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    pthread_mutex_lock(&pool->lock);
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed), next = seen;
    bool marked = seen & VFA__LEASES_LENT;
    /* Others may take leases meanwhile, and nobody but the lock's owner ends one. */
    do {
        if (!marked)
            break;
        next = seen - lease;
        if (!(next & VFA__LEASES_ANY))
            next &= ~VFA__LEASES_LENT;
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    if (marked && !(next & VFA__LEASES_ANY)) {
        (void)vfa__bits_give(&pool->lent, index, true);
        vfa__pool_serve(pool);
    }
    vfa__pool_leave(pool);
    return marked;
}

mfxStatus vfa_pool_release(struct vfa_pool *pool, mfxFrameSurface1 *surface)
{
    if (!pool || !surface)
        return MFX_ERR_NULL_PTR;
    uint32_t index = vfa__pool_index(pool, surface);
    if (index == VFA__BITS_NONE)
        return MFX_ERR_INVALID_HANDLE;
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    for (;;) {
        if (!(seen & VFA__LEASES_PLAIN))
            return MFX_ERR_UNDEFINED_BEHAVIOR;
        if (seen & VFA__LEASES_LENT) {
            if (end_lent(pool, index, 1))
                return MFX_ERR_NONE;
            seen = atomic_load_explicit(leases, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(leases, &seen, seen - 1, memory_order_acq_rel,
                                                         memory_order_relaxed)) {
            break;
        }
    }
    if ((seen & VFA__LEASES_ANY) == 1)
        put(pool, index);
    return MFX_ERR_NONE;
}

bool vfa__pool_release_shared(struct vfa_pool *pool, uint32_t index)
{
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    do {
        bool shared = (seen & VFA__LEASES_PLAIN) && ((seen - 1) & VFA__LEASES_ANY);
        if (!shared || (seen & VFA__LEASES_LENT))
            return false;
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, seen - 1, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return true;
}

/* Which element of slot.ended a token's bit has. */
static unsigned int number_of(uint64_t bit)
{
    return (unsigned int)__builtin_ctzll(bit / (VFA__LEASES_PLAIN + 1));
}

/* By the holder of the bit: nobody else counts meanwhile. */
static uint64_t token_of(const struct vfa__pool_slot *slot, uint64_t leases, uint64_t bit)
{
    uint64_t ended = atomic_load_explicit(&slot->ended[number_of(bit)], memory_order_relaxed);
    return leases >> VFA__LEASES_TIMES_BIT << VFA__LEASES_TIMES_BIT | ended << VFA__TOKEN_ENDED_BIT |
           (number_of(bit) + 1);
}

mfxStatus vfa_pool_claim(struct vfa_pool *pool, mfxFrameSurface1 *surface, struct vfa_lease *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = (struct vfa_lease){.surface = NULL};
    if (!pool || !surface)
        return MFX_ERR_NULL_PTR;
    uint32_t index = vfa__pool_index(pool, surface);
    if (index == VFA__BITS_NONE)
        return MFX_ERR_INVALID_HANDLE;
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed), bit;
    do {
        if (!(seen & VFA__LEASES_PLAIN))
            return MFX_ERR_UNDEFINED_BEHAVIOR;
        uint64_t unused = ~seen & VFA__LEASES_TOKENS;
        if (!unused)
            return MFX_ERR_NOT_ENOUGH_BUFFER;
        bit = unused & (~unused + 1); /* the lowest */
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, (seen - 1) | bit, memory_order_acquire,
                                                    memory_order_relaxed));
    out->surface = surface;
    out->token = token_of(&pool->slots[index], seen, bit);
    return MFX_ERR_NONE;
}

/* Counts a lease as ended, if the token is that of one that has not: its bit then, 0 if not. */
static uint64_t end_token(struct vfa__pool_slot *slot, uint64_t token)
{
    uint64_t number = (token & VFA__TOKEN_BIT_MASK) - 1;
    if (number >= VFA_POOL_TOKENS_MAX)
        return 0;
    uint64_t bit = (VFA__LEASES_PLAIN + 1) << number;
    uint64_t leases = atomic_load_explicit(&slot->leases, memory_order_relaxed);
    uint32_t ended = (uint32_t)(token >> VFA__TOKEN_ENDED_BIT) & VFA__TOKEN_ENDED_MAX;
    if (!(leases & bit) || leases >> VFA__LEASES_TIMES_BIT != token >> VFA__LEASES_TIMES_BIT)
        return 0;
    return atomic_compare_exchange_strong_explicit(&slot->ended[number], &ended,
                                                   (ended + 1) & VFA__TOKEN_ENDED_MAX, memory_order_relaxed,
                                                   memory_order_relaxed)
               ? bit
               : 0;
}

mfxStatus vfa_pool_end(struct vfa_pool *pool, struct vfa_lease *lease)
{
    if (!pool || !lease || !lease->surface)
        return MFX_ERR_NULL_PTR;
    uint32_t index = vfa__pool_index(pool, lease->surface);
    if (index == VFA__BITS_NONE)
        return MFX_ERR_INVALID_HANDLE;
    uint64_t bit = end_token(&pool->slots[index], lease->token);
    if (!bit)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    bool lent = false;
    while (!lent) {
        if (seen & VFA__LEASES_LENT) {
            lent = end_lent(pool, index, bit);
            if (!lent)
                seen = atomic_load_explicit(leases, memory_order_relaxed);
        } else if (atomic_compare_exchange_weak_explicit(leases, &seen, seen & ~bit, memory_order_acq_rel,
                                                         memory_order_relaxed)) {
            break;
        }
    }
    *lease = (struct vfa_lease){.surface = NULL};
    if (!lent && (seen & VFA__LEASES_ANY) == bit)
        put(pool, index);
    return MFX_ERR_NONE;
}

void vfa_pool_poke(struct vfa_pool *pool)
{
    if (!pool || !vfa__bits_gated(&pool->free))
        return;
    pthread_mutex_lock(&pool->lock);
    vfa__pool_serve(pool);
    vfa__pool_leave(pool);
}
