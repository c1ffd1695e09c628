/* Settling what a decoder did with a work surface. internal.h has the rules. */
#include "pool/internal.h"

void vfa__pool_reclaim_lent(struct vfa_pool *pool)
{
    for (uint32_t i = vfa__bits_next(&pool->lent, 0); i != VFA__BITS_NONE;
         i = vfa__bits_next(&pool->lent, i + 1)) {
        if (vfa__pool_locked(pool, i))
            continue;
        (void)vfa__bits_remove(&pool->lent, i, true);
        vfa__pool_put_locked(pool, i);
    }
}

/* The caller's lease of a work surface ends. It is moving then, unless others hold it too: a runtime that
 * takes references of what it keeps. */
static bool end_lease(struct vfa_pool *pool, uint32_t index, bool *moving)
{
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed), next;
    do {
        if (!(seen & VFA__LEASES_PLAIN) || (seen & VFA__LEASES_LENT))
            return false;
        *moving = (seen & VFA__LEASES_ANY) == 1;
        if (!*moving && !pool->interfaces)
            return false;
        next = *moving ? seen - 1 : (seen - 1) | VFA__LEASES_LENT;
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, next, memory_order_acq_rel,
                                                    memory_order_relaxed));
    return true;
}

/* A surface marked as lent is leased to the caller as well, and no longer marked. */
static bool lease_marked(struct vfa_pool *pool, uint32_t index)
{
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    do {
        if (!(seen & VFA__LEASES_LENT) || (seen & VFA__LEASES_PLAIN) == VFA__LEASES_PLAIN)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(leases, &seen, (seen & ~VFA__LEASES_LENT) + 1,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

/* An output comes from the lent surfaces, or from the pending ones when the decoder shows a frame again that
 * it kept as a reference. */
static bool take_output(struct vfa_pool *pool, uint32_t index, const char *tag)
{
    if (lease_marked(pool, index))
        return true;
    if (vfa__bits_remove(&pool->lent, index, true) != index &&
        vfa__bits_remove(&pool->pending, index, true) != index &&
        vfa__bits_remove(&pool->retired, index, true) != index)
        return false;
    vfa__pool_lease(pool, index, tag);
    return true;
}

/* Lends `work` and leases `out`, or changes nothing. VFA__BITS_NONE: no such surface. */
static bool exchange(struct vfa_pool *pool, uint32_t work, uint32_t out)
{
    const char *tag = atomic_load_explicit(&pool->slots[work].tag, memory_order_relaxed);
    bool moving;
    if (!end_lease(pool, work, &moving))
        return false;
    if (out == VFA__BITS_NONE || take_output(pool, out, tag)) {
        if (moving)
            (void)vfa__bits_give(&pool->lent, work, true);
        return true;
    }
    if (moving)
        atomic_fetch_add_explicit(&pool->slots[work].leases, 1, memory_order_release);
    else
        (void)lease_marked(pool, work);
    return false;
}

static mfxStatus settle_locked(struct vfa_pool *pool, uint32_t work, uint32_t out)
{
    bool lends = work != VFA__BITS_NONE && work != out;
    if (lends ? !exchange(pool, work, out) : out != VFA__BITS_NONE && !vfa__pool_leased(pool, out))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    pool->feeder = vfa__this_thread();
    vfa__pool_reclaim_lent(pool); /* `work` too, when the runtime did not keep it */
    vfa__pool_serve(pool);
    return MFX_ERR_NONE;
}

mfxStatus vfa_pool_settle(struct vfa_pool *pool, mfxFrameSurface1 *work, mfxFrameSurface1 *out)
{
    if (!pool || (out && !work))
        return MFX_ERR_NULL_PTR;
    uint32_t work_index = work ? vfa__pool_index(pool, work) : VFA__BITS_NONE;
    uint32_t out_index = out ? vfa__pool_index(pool, out) : VFA__BITS_NONE;
    if ((work && work_index == VFA__BITS_NONE) || (out && out_index == VFA__BITS_NONE))
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&pool->lock);
    mfxStatus status = settle_locked(pool, work_index, out_index);
    vfa__pool_leave(pool);
    return status;
}
