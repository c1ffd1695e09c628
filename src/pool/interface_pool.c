/* mfxSurfacePoolInterface: what a pool says of itself through its surfaces. It knows the pool's figures,
 * never the pool, and so may outlive it. */
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
    bool over = !shared->attached && !shared->references;
    pthread_mutex_unlock(&shared->lock);
    if (!over)
        return;
    while (shared->claims) {
        struct vfa__interface_claim *claim = shared->claims;
        shared->claims = claim->next;
        vfa__gate_release(&shared->gate, claim, sizeof *claim, VFA_MEMORY_BOOK);
    }
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

static mfxStatus add_claim(struct vfa__interface_pool *shared, mfxU32 surfaces)
{
    if (shared->policy != MFX_ALLOCATION_OPTIMAL)
        return MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
    struct vfa__interface_claim *claim = vfa__gate_allocate(
        &shared->gate, sizeof *claim, _Alignof(struct vfa__interface_claim), VFA_MEMORY_BOOK);
    if (!claim)
        return MFX_ERR_MEMORY_ALLOC;
    claim->surfaces = surfaces;
    claim->next = shared->claims;
    shared->claims = claim;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL set_num_surfaces(mfxSurfacePoolInterface *mfx, mfxU32 surfaces)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    status = add_claim(shared, surfaces);
    unlock(shared);
    return status;
}

static mfxStatus remove_claim(struct vfa__interface_pool *shared, mfxU32 surfaces)
{
    if (shared->policy != MFX_ALLOCATION_OPTIMAL)
        return MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
    for (struct vfa__interface_claim **at = &shared->claims; *at; at = &(*at)->next) {
        struct vfa__interface_claim *claim = *at;
        if (claim->surfaces != surfaces)
            continue;
        *at = claim->next;
        vfa__gate_release(&shared->gate, claim, sizeof *claim, VFA_MEMORY_BOOK);
        return MFX_ERR_NONE;
    }
    return MFX_WRN_OUT_OF_RANGE;
}

static mfxStatus MFX_CDECL revoke_surfaces(mfxSurfacePoolInterface *mfx, mfxU32 surfaces)
{
    struct vfa__interface_pool *shared;
    mfxStatus status = lock(mfx, &shared);
    if (status != MFX_ERR_NONE)
        return status;
    status = remove_claim(shared, surfaces);
    unlock(shared);
    return status;
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

static uint32_t maximum(const struct vfa__interface_pool *shared)
{
    if (shared->policy == MFX_ALLOCATION_UNLIMITED)
        return UINT32_MAX;
    if (shared->policy == MFX_ALLOCATION_LIMITED || !shared->claims)
        return shared->limit; /* no component said what it needs: what the pool was made for */
    uint64_t sum = 0;
    for (const struct vfa__interface_claim *claim = shared->claims; claim; claim = claim->next)
        sum += claim->surfaces;
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
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
        pthread_mutex_init(&shared->lock, NULL)) {
        vfa__gate_release(&pool->gate, shared, sizeof *shared, VFA_MEMORY_BOOK);
        return MFX_ERR_MEMORY_ALLOC;
    }
    shared->config = *config;
    shared->open = shared->attached = true;
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
    shared->open = shared->attached = false;
    shared->size = 0;
    unlock(shared);
}
