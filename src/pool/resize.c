/* A pool that grows, shrinks and changes its frames. internal.h has the rules. */
#include "pool/frames.h"
#include "pool/interface.h"

#include <string.h>
#include <vpl/mfxsurfacepool.h>

/* With no limit asked for, as many as no pipeline needs: more surfaces out are a leak. */
#define UNLIMITED 1024

/* What SetNumSurfaces may add up to. */
static uint32_t most_for(uint32_t limit, uint32_t max_surfaces)
{
    uint32_t most = max_surfaces ? max_surfaces : UNLIMITED;
    return most > limit ? most : limit;
}

static mfxStatus check_hints(const mfxExtAllocationHints *hints)
{
    if (hints->Header.BufferId != MFX_EXTBUFF_ALLOCATION_HINTS || hints->Header.BufferSz != sizeof *hints)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return hints->NumberToPreAllocate <= UINT16_MAX && hints->DeltaToAllocateOnTheFly <= UINT16_MAX
               ? MFX_ERR_NONE
               : MFX_ERR_INVALID_VIDEO_PARAM;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

mfxStatus vfa__pool_size_for(const mfxExtAllocationHints *hints, uint32_t max_surfaces,
                             const mfxFrameAllocRequest *request, struct vfa__pool_size *size)
{
    uint32_t asked = larger(request->NumFrameMin, request->NumFrameSuggested);
    *size = (struct vfa__pool_size){.initial = asked, .limit = asked};
    if (hints) {
        mfxStatus status = check_hints(hints);
        if (status != MFX_ERR_NONE)
            return status;
        size->initial = hints->NumberToPreAllocate;
        switch (hints->AllocationPolicy) {
        case MFX_ALLOCATION_OPTIMAL:
            break;
        case MFX_ALLOCATION_UNLIMITED:
            size->limit = max_surfaces ? max_surfaces : UNLIMITED;
            break;
        case MFX_ALLOCATION_LIMITED:
            size->limit = size->initial + hints->DeltaToAllocateOnTheFly;
            break;
        default:
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
        size->limit = larger(size->limit, size->initial);
        if (hints->AllocationPolicy == MFX_ALLOCATION_OPTIMAL)
            size->most = most_for(size->limit, max_surfaces);
    }
    return size->limit && size->limit <= UINT16_MAX && (!max_surfaces || size->limit <= max_surfaces)
               ? MFX_ERR_NONE
               : MFX_ERR_INVALID_VIDEO_PARAM;
}

mfxFrameAllocRequest vfa__pool_request_for(const mfxFrameAllocRequest *request, bool hinted, uint32_t count)
{
    mfxFrameAllocRequest first = *request;
    if (hinted) {
        first.NumFrameSuggested = (mfxU16)count;
        if (first.NumFrameMin > count)
            first.NumFrameMin = (mfxU16)count;
    }
    return first;
}

uint32_t vfa__pool_limit(const struct vfa_pool *pool)
{
    uint32_t claimed = vfa__interface_pool_claimed(pool->interfaces);
    if (claimed > pool->most)
        claimed = pool->most;
    return larger(pool->limit, claimed);
}

bool vfa__pool_may_grow(const struct vfa_pool *pool)
{
    return !pool->closed && pool->count + pool->growing < vfa__pool_limit(pool);
}

bool vfa__pool_grow(struct vfa_pool *pool, bool *failed)
{
    if (*failed || !vfa__pool_may_grow(pool))
        return false;
    mfxFrameAllocRequest request = pool->request;
    mfxFrameInfo info = pool->info;
    uint32_t generation = pool->generation;
    struct vfa__pool_batch *batch;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    pool->growing++;
    pthread_mutex_unlock(&pool->lock);
    mfxStatus status = vfa__pool_make_batch(pool, &request, &info, &batch);
    pthread_mutex_lock(&pool->lock);
    pool->growing--;
    *failed = status != MFX_ERR_NONE;
    if (*failed)
        return true;
    bool room = pool->count < vfa__pool_limit(pool); /* it may have become less */
    if (pool->closed || generation != pool->generation || !room)
        vfa__pool_retire_unused(pool, batch);
    else
        vfa__pool_install(pool, batch);
    return true;
}

static void open_gates_again(struct vfa_pool *pool)
{
    if (!pool->head && !pool->closed)
        vfa__pool_gates(pool, false);
}

/* Whether every surface is free and none was acquired since `moment`. */
static bool is_idle(struct vfa_pool *pool, const struct vfa__pool_batch *batch, uint64_t moment)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        uint32_t index = batch->index[i];
        if (atomic_load_explicit(&pool->slots[index].since, memory_order_relaxed) > moment)
            return false;
        if (vfa__pool_locked(pool, index) ||
            !(vfa__bits_has(&pool->free, index) || vfa__bits_has(&pool->pending, index)))
            return false;
    }
    return true;
}

static uint32_t trim_locked(struct vfa_pool *pool, uint64_t moment)
{
    uint32_t trimmed = 0;
    vfa__pool_keep_peak(pool);
    vfa__pool_gates(pool, true);
    for (struct vfa__pool_batch *batch = pool->batches, *next; batch; batch = next) {
        next = batch->next;
        if (batch->response.mids == pool->response.mids || !is_idle(pool, batch, moment))
            continue; /* those of the beginning stay: a component may know them */
        trimmed += batch->count;
        vfa__pool_retire(pool, batch);
    }
    open_gates_again(pool);
    return trimmed;
}

/* Retires what is more than `limit`, of the idle batches or of any. */
static void retire_excess(struct vfa_pool *pool, uint32_t limit, bool idle)
{
    for (struct vfa__pool_batch *batch = pool->batches, *next; batch; batch = next) {
        next = batch->next;
        if (pool->count < limit + batch->count || batch->response.mids == pool->response.mids)
            continue;
        if (!idle || is_idle(pool, batch, UINT64_MAX))
            vfa__pool_retire(pool, batch);
    }
}

void vfa__pool_shrink(struct vfa_pool *pool)
{
    uint32_t limit = vfa__pool_limit(pool);
    if (pool->count <= limit)
        return;
    vfa__pool_keep_peak(pool);
    vfa__pool_gates(pool, true);
    retire_excess(pool, limit, true);
    retire_excess(pool, limit, false);
    open_gates_again(pool);
}

uint32_t vfa_pool_trim(struct vfa_pool *pool, uint32_t idle_ms)
{
    if (!pool || pool->brought)
        return 0;
    uint64_t now = vfa__coarse_ns(), idle = idle_ms * VFA__NS_PER_MS;
    pthread_mutex_lock(&pool->lock);
    uint32_t trimmed = idle <= now ? trim_locked(pool, now - idle) : 0;
    pool->trimmed += trimmed;
    vfa__pool_serve(pool);
    vfa__pool_leave(pool);
    return trimmed;
}

/* Whether the frames there are do for the request. */
static bool fits(const struct vfa_pool *pool, const mfxFrameAllocRequest *request, uint32_t limit)
{
    const mfxFrameInfo *have = &pool->request.Info, *want = &request->Info;
    return request->Type == pool->request.Type && request->AllocId == pool->request.AllocId &&
           want->FourCC == have->FourCC && want->ChromaFormat == have->ChromaFormat &&
           want->BitDepthLuma == have->BitDepthLuma && want->BitDepthChroma == have->BitDepthChroma &&
           want->Shift == have->Shift && want->Width <= have->Width && want->Height <= have->Height &&
           limit <= pool->limit;
}

/* The surfaces get their new Info as they are acquired: until then somebody may use the old one. */
static void reuse(struct vfa_pool *pool, const mfxFrameInfo *info)
{
    pool->info = *info;
    pool->generation++;
    for (struct vfa__pool_batch *batch = pool->batches; batch; batch = batch->next) {
        for (uint32_t i = 0; i < batch->count; i++)
            atomic_fetch_or_explicit(&pool->slots[batch->index[i]].flags, VFA__SLOT_STALE,
                                     memory_order_relaxed);
    }
}

/* Puts `batch`, which may be NULL, in the place of all there is. */
static void replace(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                    const struct vfa__pool_size *size, struct vfa__pool_batch *batch)
{
    vfa__pool_keep_peak(pool);
    vfa__pool_gates(pool, true);
    while (pool->batches)
        vfa__pool_retire(pool, pool->batches);
    pool->request = *request;
    pool->info = request->Info;
    pool->limit = size->limit;
    pool->generation++;
    pool->response = (mfxFrameAllocResponse){.mids = NULL};
    if (batch) {
        pool->response = batch->response;
        pool->limit = larger(size->limit, batch->count);
        vfa__pool_install(pool, batch);
    }
    open_gates_again(pool);
}

/* Under the lock but for the making. */
static mfxStatus make_and_replace(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                                  const struct vfa__pool_size *size)
{
    struct vfa__pool_batch *batch = NULL;
    mfxFrameAllocRequest first = vfa__pool_request_for(request, pool->hinted, size->initial);
    mfxStatus status = MFX_ERR_NONE;
    pool->resetting = true;
    pool->inside++;
    pthread_mutex_unlock(&pool->lock);
    if (size->initial)
        status = vfa__pool_make_batch(pool, &first, &request->Info, &batch);
    pthread_mutex_lock(&pool->lock);
    pool->inside--;
    pool->resetting = false;
    if (status != MFX_ERR_NONE)
        return status;
    if (!pool->closed) {
        replace(pool, request, size, batch);
        return MFX_ERR_NONE;
    }
    if (batch)
        vfa__pool_retire_unused(pool, batch);
    return MFX_ERR_ABORTED;
}

static mfxStatus reset_locked(struct vfa_pool *pool, const mfxFrameAllocRequest *request, bool *replaced)
{
    struct vfa__pool_size size;
    mfxStatus status =
        vfa__pool_size_for(pool->hinted ? &pool->hints : NULL, pool->max_surfaces, request, &size);
    if (status != MFX_ERR_NONE)
        return status;
    if (pool->closed)
        return MFX_ERR_ABORTED;
    if (pool->resetting)
        return MFX_ERR_RESOURCE_MAPPED;
    if (fits(pool, request, size.limit)) {
        reuse(pool, &request->Info);
        return MFX_ERR_NONE;
    }
    status = make_and_replace(pool, request, &size);
    *replaced = status == MFX_ERR_NONE;
    return status;
}

mfxStatus vfa_pool_reset(struct vfa_pool *pool, const mfxFrameAllocRequest *request, bool *replaced)
{
    bool is_new = false;
    if (replaced)
        *replaced = false;
    if (!pool || !request)
        return MFX_ERR_NULL_PTR;
    if (pool->brought)
        return MFX_ERR_UNSUPPORTED;
    pthread_mutex_lock(&pool->lock);
    mfxStatus status = reset_locked(pool, request, &is_new);
    vfa__pool_serve(pool);
    vfa__pool_leave(pool);
    if (replaced)
        *replaced = is_new;
    return status;
}
