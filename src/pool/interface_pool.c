/* mfxSurfacePoolInterface: what a pool says of itself through its surfaces. It knows the pool's figures, and
 * may outlive the pool. Its lock comes after the pool's; the way back, when components say what they need, is
 * to count as a caller, whom the pool waits for before it is freed. */
#include "base/cond.h"
#include "pool/interface.h"
#include "pool/internal.h"

static mfxStatus lock(mfxSurfacePoolInterface *mfx, struct vfa__interface_pool **out)
{
    if (!mfx)
        return MFX_ERR_NULL_PTR;
    struct vfa__interface_pool *shared = (struct vfa__interface_pool *)mfx;
    if (mfx->Context != &shared->lock)
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&shared->lock);
    *out = shared;
    return MFX_ERR_NONE;
}

/* Unlocks, and frees what nobody needs any more. */
static void unlock(struct vfa__interface_pool *shared)
{
    bool over = !shared->pool && !shared->references && !shared->callers;
    pthread_mutex_unlock(&shared->lock);
    if (!over)
        return;
    while (shared->claims) {
        struct vfa__interface_claim *claim = shared->claims;
        shared->claims = claim->next;
        vfa__gate_release(&shared->gate, claim, sizeof *claim, VFA_MEMORY_BOOK);
    }
    pthread_cond_destroy(&shared->alone);
    pthread_mutex_destroy(&shared->lock);
    struct vfa__gate gate = shared->gate;
    vfa__gate_release(&gate, shared, sizeof *shared, VFA_MEMORY_BOOK);
}

static mfxStatus MFX_CDECL add_ref(mfxSurfacePoolInterface *mfx)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    shared->references++;
    unlock(shared);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL release(mfxSurfacePoolInterface *mfx)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    if (shared->references)
        shared->references--;
    else
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    unlock(shared);
    return status;
}

static mfxStatus MFX_CDECL get_ref_counter(mfxSurfacePoolInterface *mfx, mfxU32 *counter)
{
    struct vfa__interface_pool *shared;
    if (!counter)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    *counter = shared->references;
    unlock(shared);
    return MFX_ERR_NONE;
}

/* Has the pool follow what components ask for. Unlocks. */
static void follow_claims(struct vfa__interface_pool *shared)
{
    struct vfa_pool *pool = shared->pool;
    bool over = false;
    shared->callers += pool != NULL;
    pthread_mutex_unlock(&shared->lock);
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    if (pool->destroyed) { /* and perhaps about to be freed by somebody else */
        pthread_mutex_unlock(&pool->lock);
    } else {
        vfa__pool_shrink(pool);
        vfa__pool_serve(pool);
        over = vfa__pool_leave_unfreed(pool);
    }
    pthread_mutex_lock(&shared->lock);
    if (--shared->callers == 0)
        pthread_cond_broadcast(&shared->alone);
    unlock(shared);
    if (over)
        vfa__pool_free(pool);
}

/* The manager is asked for memory, and given it back, without the lock: the caller's reference keeps the
 * pool's figures here meanwhile. */
static mfxStatus MFX_CDECL set_num_surfaces(mfxSurfacePoolInterface *mfx, mfxU32 surfaces)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    bool counts = shared->policy == MFX_ALLOCATION_OPTIMAL;
    unlock(shared);
    if (!counts)
        return MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
    struct vfa__interface_claim *claim = vfa__gate_allocate(
        &shared->gate, sizeof *claim, _Alignof(struct vfa__interface_claim), VFA_MEMORY_BOOK);
    if (!claim)
        return MFX_ERR_MEMORY_ALLOC;
    claim->surfaces = surfaces;
    pthread_mutex_lock(&shared->lock);
    claim->next = shared->claims;
    shared->claims = claim;
    follow_claims(shared);
    return MFX_ERR_NONE;
}

static struct vfa__interface_claim *take_claim(struct vfa__interface_pool *shared, mfxU32 surfaces)
{
    for (struct vfa__interface_claim **at = &shared->claims; *at; at = &(*at)->next) {
        struct vfa__interface_claim *claim = *at;
        if (claim->surfaces == surfaces) {
            *at = claim->next;
            return claim;
        }
    }
    return NULL;
}

static mfxStatus MFX_CDECL revoke_surfaces(mfxSurfacePoolInterface *mfx, mfxU32 surfaces)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    bool counts = shared->policy == MFX_ALLOCATION_OPTIMAL;
    struct vfa__interface_claim *claim = counts ? take_claim(shared, surfaces) : NULL;
    if (claim)
        follow_claims(shared);
    else
        unlock(shared);
    vfa__gate_release(&shared->gate, claim, sizeof *claim, VFA_MEMORY_BOOK);
    if (!counts)
        return MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
    return claim ? MFX_ERR_NONE : MFX_WRN_OUT_OF_RANGE;
}

static mfxStatus MFX_CDECL get_allocation_policy(mfxSurfacePoolInterface *mfx,
                                                 mfxPoolAllocationPolicy *policy)
{
    struct vfa__interface_pool *shared;
    if (!policy)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    *policy = shared->policy;
    unlock(shared);
    return MFX_ERR_NONE;
}

static uint32_t sum_of_claims(const struct vfa__interface_pool *shared)
{
    uint64_t sum = 0;
    if (shared->policy != MFX_ALLOCATION_OPTIMAL)
        return 0;
    for (const struct vfa__interface_claim *claim = shared->claims; claim; claim = claim->next)
        sum += claim->surfaces;
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static uint32_t maximum(const struct vfa__interface_pool *shared)
{
    uint32_t sum = sum_of_claims(shared);
    if (shared->policy == MFX_ALLOCATION_UNLIMITED)
        return UINT32_MAX;
    return sum > shared->limit ? sum : shared->limit;
}

uint32_t vfa__interface_pool_claimed(struct vfa__interface_pool *shared)
{
    if (!shared)
        return 0;
    pthread_mutex_lock(&shared->lock);
    uint32_t sum = sum_of_claims(shared);
    pthread_mutex_unlock(&shared->lock);
    return sum;
}

static mfxStatus MFX_CDECL get_maximum_pool_size(mfxSurfacePoolInterface *mfx, mfxU32 *size)
{
    struct vfa__interface_pool *shared;
    if (!size)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    *size = maximum(shared);
    unlock(shared);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL get_current_pool_size(mfxSurfacePoolInterface *mfx, mfxU32 *size)
{
    struct vfa__interface_pool *shared;
    if (!size)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    *size = shared->size;
    unlock(shared);
    return MFX_ERR_NONE;
}

mfxStatus vfa__interface_pool_get(struct vfa__interface_pool *shared, mfxSurfacePoolInterface **out)
{
    pthread_mutex_lock(&shared->lock);
    bool open = shared->open;
    shared->references += open;
    pthread_mutex_unlock(&shared->lock);
    *out = open ? &shared->mfx : NULL;
    return open ? MFX_ERR_NONE : MFX_ERR_NOT_INITIALIZED;
}

mfxStatus vfa__interface_pool_create(struct vfa_pool *pool, const struct vfa_interface_config *config)
{
    if (!config)
        return MFX_ERR_NONE;
    struct vfa__interface_pool *shared = vfa__gate_allocate(
        &pool->gate, sizeof *shared, _Alignof(struct vfa__interface_pool), VFA_MEMORY_BOOK);
    if (!shared)
        return MFX_ERR_MEMORY_ALLOC;
    if (vfa__gate_init(&shared->gate, &pool->gate.memory) != MFX_ERR_NONE ||
        pthread_mutex_init(&shared->lock, NULL))
        goto no_lock;
    if (pthread_cond_init(&shared->alone, NULL))
        goto no_cond;
    shared->config = *config;
    shared->open = true;
    shared->pool = pool;
    shared->mfx.Context = &shared->lock;
    shared->mfx.AddRef = add_ref;
    shared->mfx.Release = release;
    shared->mfx.GetRefCounter = get_ref_counter;
    shared->mfx.SetNumSurfaces = set_num_surfaces;
    shared->mfx.RevokeSurfaces = revoke_surfaces;
    shared->mfx.GetAllocationPolicy = get_allocation_policy;
    shared->mfx.GetMaximumPoolSize = get_maximum_pool_size;
    shared->mfx.GetCurrentPoolSize = get_current_pool_size;
    pool->interfaces = shared;
    return MFX_ERR_NONE;

no_cond:
    pthread_mutex_destroy(&shared->lock);
no_lock:
    vfa__gate_release(&pool->gate, shared, sizeof *shared, VFA_MEMORY_BOOK);
    return MFX_ERR_MEMORY_ALLOC;
}

void vfa__interface_pool_describe(struct vfa__interface_pool *shared, mfxPoolAllocationPolicy policy,
                                  uint32_t limit, uint32_t size)
{
    if (!shared)
        return;
    pthread_mutex_lock(&shared->lock);
    shared->policy = policy;
    shared->limit = limit;
    shared->size = size;
    pthread_mutex_unlock(&shared->lock);
}

void vfa__interface_pool_update(const struct vfa_pool *pool)
{
    vfa__interface_pool_describe(pool->interfaces,
                                 pool->hinted ? pool->hints.AllocationPolicy : MFX_ALLOCATION_LIMITED,
                                 pool->limit, pool->count);
}

void vfa__interface_pool_close(struct vfa__interface_pool *shared)
{
    if (!shared)
        return;
    pthread_mutex_lock(&shared->lock);
    shared->open = false;
    pthread_mutex_unlock(&shared->lock);
}

void vfa__interface_pool_detach(struct vfa__interface_pool *shared)
{
    if (!shared)
        return;
    pthread_mutex_lock(&shared->lock);
    shared->open = false;
    while (shared->callers)
        vfa__cond_wait(&shared->alone, &shared->lock, NULL);
    shared->pool = NULL; /* not before: from now on whoever ends the last reference frees this */
    shared->size = 0;
    unlock(shared);
}
