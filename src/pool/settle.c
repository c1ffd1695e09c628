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

/* The caller's only lease ends: the surface is moving. */
static bool take_lease(struct vfa_pool *pool, uint32_t index)
{
    _Atomic uint64_t *leases = &pool->slots[index].leases;
    uint64_t seen = atomic_load_explicit(leases, memory_order_relaxed);
    return (seen & VFA__LEASES_ANY) == 1 &&
           atomic_compare_exchange_strong_explicit(leases, &seen, seen - 1, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

/* An output comes from the lent surfaces, or from the pending ones when the decoder shows a frame again that
 * it kept as a reference. */
static bool take_output(struct vfa_pool *pool, uint32_t index)
{
    return vfa__bits_remove(&pool->lent, index, true) == index ||
           vfa__bits_remove(&pool->pending, index, true) == index ||
           vfa__bits_remove(&pool->retired, index, true) == index;
}

/* Makes `work` moving and `out` leased, or changes nothing. VFA__BITS_NONE: no such surface. */
static bool exchange(struct vfa_pool *pool, uint32_t work, uint32_t out)
{
    if (!take_lease(pool, work))
        return false;
    if (out == VFA__BITS_NONE)
        return true;
    if (!take_output(pool, out)) {
        atomic_fetch_add_explicit(&pool->slots[work].leases, 1, memory_order_release);
        return false;
    }
    vfa__pool_lease(pool, out, atomic_load_explicit(&pool->slots[work].tag, memory_order_relaxed));
    return true;
}

static mfxStatus settle_locked(struct vfa_pool *pool, uint32_t work, uint32_t out)
{
    bool lends = work != VFA__BITS_NONE && work != out;
    if (lends ? !exchange(pool, work, out) : out != VFA__BITS_NONE && !vfa__pool_leased(pool, out))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    pool->feeder = vfa__this_thread();
    if (lends)
        (void)vfa__bits_give(&pool->lent, work, true);
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
