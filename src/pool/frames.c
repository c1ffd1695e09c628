/* A pool's frames: asked of the allocator, made into surfaces, given back. internal.h has the rules. */
#include "pool/frames.h"

#include "allocator/identify.h"
#include "base/checked.h"
#include "observe/log.h"
#include "pool/interface.h"
#include "pool/surfaces.h"

static void free_response(struct vfa_pool *pool, mfxFrameAllocResponse *response)
{
    mfxStatus status = pool->allocator.Free(pool->allocator.pthis, response);
    if (status < MFX_ERR_NONE)
        vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': Free answered %s", pool->name,
                 vfa_status_name(status));
}

/* Whether the response is what Alloc promises. */
static mfxStatus check_response(const mfxFrameAllocRequest *request, const mfxFrameAllocResponse *response)
{
    if (!response->NumFrameActual || response->NumFrameActual < request->NumFrameMin)
        return MFX_ERR_MEMORY_ALLOC;
    if (!response->mids)
        return MFX_ERR_INVALID_HANDLE;
    for (size_t i = 0; i < response->NumFrameActual; i++) {
        if (!response->mids[i])
            return MFX_ERR_INVALID_HANDLE;
    }
    return MFX_ERR_NONE;
}

/* A pool is always the application's, and its frames its own: where the allocator can be told so, a pool
 * never shares the frames of an older one with the same AllocId, while a decoder's Init still finds them. */
static mfxStatus ask_for_frames(struct vfa_pool *pool, mfxFrameAllocRequest request,
                                mfxFrameAllocResponse *response)
{
    struct vfa_allocator *ours = vfa__allocator_of(&pool->allocator);
    if (ours)
        return vfa_frames_alloc(ours, &request, 0, response);
    return pool->allocator.Alloc(pool->allocator.pthis, &request, response);
}

static mfxStatus allocate_frames(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                                 mfxFrameAllocResponse *response)
{
    mfxStatus status = ask_for_frames(pool, *request, response);
    if (status >= MFX_ERR_NONE) {
        status = check_response(request, response);
        if (status == MFX_ERR_NONE)
            return MFX_ERR_NONE;
        free_response(pool, response);
    }
    struct vfa__text text;
    char asked[160];
    vfa__text_init(&text, asked, sizeof asked);
    vfa__text_add_request(&text, request);
    vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': %s for %s", pool->name, vfa_status_name(status), asked);
    return status;
}

static size_t batch_bytes(uint32_t capacity)
{
    return sizeof(struct vfa__pool_batch) + capacity * sizeof(uint32_t);
}

static struct vfa__pool_batch *new_batch(struct vfa_pool *pool, const mfxFrameAllocResponse *response)
{
    uint32_t capacity = response->NumFrameActual;
    struct vfa__pool_batch *batch = vfa__gate_allocate(&pool->gate, batch_bytes(capacity),
                                                       _Alignof(struct vfa__pool_batch), VFA_MEMORY_BOOK);
    if (!batch)
        return NULL;
    batch->response = *response;
    batch->capacity = capacity;
    return batch;
}

static void delete_batch(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    vfa__gate_release(&pool->gate, batch, batch_bytes(batch->capacity), VFA_MEMORY_BOOK);
}

/* Takes as many places as there are frames, or as many as there are. */
static void take_places(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    pthread_mutex_lock(&pool->lock);
    while (batch->count < batch->capacity) {
        uint32_t index = vfa__bits_take(&pool->absent, true);
        if (index == VFA__BITS_NONE)
            break;
        batch->index[batch->count++] = index;
    }
    pthread_mutex_unlock(&pool->lock);
}

static void give_places(struct vfa_pool *pool, const struct vfa__pool_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        (void)vfa__bits_give(&pool->absent, batch->index[i], true);
}

static void clear_surfaces(struct vfa_pool *pool, const struct vfa__pool_batch *batch, uint32_t count)
{
    while (count > 0) {
        uint32_t index = batch->index[--count];
        struct vfa__pool_slot *slot = &pool->slots[index];
        vfa__interface_destroy(slot->interface);
        slot->interface = NULL;
        mfxStatus status = vfa__surface_clear(&pool->allocator, slot->mid, pool->mode, slot->surface);
        if (status != MFX_ERR_NONE)
            vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': Unlock of surface %u answered %s", pool->name,
                     index, vfa_status_name(status));
    }
}

static mfxStatus fill_surfaces(struct vfa_pool *pool, const struct vfa__pool_batch *batch, mfxU16 type,
                               const mfxFrameInfo *info)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        struct vfa__pool_slot *slot = &pool->slots[batch->index[i]];
        slot->mid = batch->response.mids[i];
        mfxStatus status = vfa__surface_fill(&pool->allocator, slot->mid, info, pool->mode, slot->surface);
        if (status != MFX_ERR_NONE)
            vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': Lock of surface %u answered %s", pool->name,
                     batch->index[i], vfa_status_name(status));
        else if (pool->interfaces)
            status = vfa__interface_create(pool, slot->surface, type, &slot->interface);
        if (status != MFX_ERR_NONE) {
            clear_surfaces(pool, batch, i + 1);
            return status;
        }
    }
    return MFX_ERR_NONE;
}

static mfxStatus make_surfaces(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                               const mfxFrameInfo *info, struct vfa__pool_batch *batch)
{
    take_places(pool, batch);
    mfxStatus status = batch->count && batch->count >= request->NumFrameMin
                           ? fill_surfaces(pool, batch, request->Type, info)
                           : MFX_ERR_NOT_ENOUGH_BUFFER;
    if (status == MFX_ERR_NONE)
        return MFX_ERR_NONE;
    pthread_mutex_lock(&pool->lock);
    give_places(pool, batch);
    pthread_mutex_unlock(&pool->lock);
    return status;
}

mfxStatus vfa__pool_make_batch(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                               const mfxFrameInfo *info, struct vfa__pool_batch **out)
{
    mfxFrameAllocResponse response = {.mids = NULL};
    mfxStatus status = allocate_frames(pool, request, &response);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__pool_batch *batch = NULL;
    status = vfa__pool_make_records(pool, response.NumFrameActual);
    if (status == MFX_ERR_NONE) {
        batch = new_batch(pool, &response);
        status = batch ? make_surfaces(pool, request, info, batch) : MFX_ERR_MEMORY_ALLOC;
    }
    if (status == MFX_ERR_NONE) {
        *out = batch;
        return MFX_ERR_NONE;
    }
    if (batch)
        delete_batch(pool, batch);
    free_response(pool, &response);
    return status;
}

void vfa__pool_install(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    uint64_t now = vfa__coarse_ns();
    batch->next = pool->batches;
    pool->batches = batch;
    pool->count += batch->count;
    pool->made += batch->count;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct vfa__pool_slot *slot = &pool->slots[batch->index[i]];
        slot->first_lease = vfa__pool_times(pool, batch->index[i]) + 1;
        atomic_store_explicit(&slot->since, now, memory_order_relaxed);
        atomic_store_explicit(&slot->flags, 0, memory_order_relaxed);
        vfa__pool_put_locked(pool, batch->index[i]);
    }
}

/* A surface that is at home stays there, out of sight. */
static void shelve(struct vfa_pool *pool, uint32_t index)
{
    if (vfa__bits_remove(&pool->free, index, true) == index ||
        vfa__bits_remove(&pool->pending, index, true) == index)
        (void)vfa__bits_give(&pool->retired, index, true);
}

void vfa__pool_retire(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    for (struct vfa__pool_batch **link = &pool->batches; *link; link = &(*link)->next) {
        if (*link == batch) {
            *link = batch->next;
            pool->count -= batch->count;
            break;
        }
    }
    batch->next = pool->retiring;
    pool->retiring = batch;
    for (uint32_t i = 0; i < batch->count; i++) {
        atomic_store_explicit(&pool->slots[batch->index[i]].flags, VFA__SLOT_RETIRED, memory_order_relaxed);
        shelve(pool, batch->index[i]);
    }
}

void vfa__pool_retire_unused(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    vfa__pool_retire(pool, batch);
    for (uint32_t i = 0; i < batch->count; i++)
        (void)vfa__bits_give(&pool->retired, batch->index[i], true);
}

/* Whether neither the application nor the runtime has a surface of the batch. */
static bool is_complete(struct vfa_pool *pool, const struct vfa__pool_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        shelve(pool, batch->index[i]); /* it may have come home on the way without the lock */
        if (!vfa__bits_has(&pool->retired, batch->index[i]) || vfa__pool_locked(pool, batch->index[i]))
            return false;
    }
    return true;
}

/* Takes a complete batch out: its surfaces are moving. NULL: there is none. */
static struct vfa__pool_batch *take_complete(struct vfa_pool *pool)
{
    for (struct vfa__pool_batch **link = &pool->retiring, *batch; (batch = *link); link = &batch->next) {
        if (!is_complete(pool, batch))
            continue;
        *link = batch->next;
        for (uint32_t i = 0; i < batch->count; i++) {
            (void)vfa__bits_remove(&pool->retired, batch->index[i], true);
            atomic_store_explicit(&pool->slots[batch->index[i]].flags, VFA__SLOT_ABSENT,
                                  memory_order_relaxed);
        }
        return batch;
    }
    return NULL;
}

bool vfa__pool_leave_unfreed(struct vfa_pool *pool)
{
    struct vfa__pool_batch *batch;
    while ((batch = take_complete(pool))) {
        pool->inside++; /* so that nobody frees the pool meanwhile */
        pthread_mutex_unlock(&pool->lock);
        clear_surfaces(pool, batch, batch->count);
        free_response(pool, &batch->response);
        pthread_mutex_lock(&pool->lock);
        give_places(pool, batch);
        pthread_mutex_unlock(&pool->lock);
        delete_batch(pool, batch);
        pthread_mutex_lock(&pool->lock);
        pool->inside--;
    }
    vfa__interface_pool_update(pool);
    bool over = vfa__pool_is_over(pool);
    pthread_mutex_unlock(&pool->lock);
    return over;
}

void vfa__pool_leave(struct vfa_pool *pool)
{
    if (vfa__pool_leave_unfreed(pool))
        vfa__pool_free(pool);
}

static void free_list(struct vfa_pool *pool, struct vfa__pool_batch *batch)
{
    while (batch) {
        struct vfa__pool_batch *next = batch->next;
        clear_surfaces(pool, batch, batch->count);
        free_response(pool, &batch->response);
        delete_batch(pool, batch);
        batch = next;
    }
}

void vfa__pool_free_batches(struct vfa_pool *pool)
{
    free_list(pool, pool->retiring);
    free_list(pool, pool->batches);
    pool->retiring = pool->batches = NULL;
}
