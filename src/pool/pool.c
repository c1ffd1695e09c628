/* A pool's beginning and end. internal.h has the rules. */
#include "allocator/identify.h"
#include "base/checked.h"
#include "observe/log.h"
#include "pool/internal.h"
#include "pool/surfaces.h"

#include <stdio.h>
#include <string.h>

static mfxStatus check_brought(const struct vfa_pool_config *config)
{
    if (config->allocator || !config->surface_count || config->surface_count > UINT16_MAX)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    for (size_t i = 0; i < config->surface_count; i++) {
        const mfxFrameData *data = &config->surfaces[i].Data;
        if (!data->MemId && !vfa__surface_has_pointers(data))
            return MFX_ERR_INVALID_HANDLE;
    }
    return MFX_ERR_NONE;
}

static mfxStatus check_config(const struct vfa_pool_config *config)
{
    if (config->size != sizeof *config)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (config->surfaces)
        return check_brought(config);
    const mfxFrameAllocator *allocator = config->allocator;
    if (!allocator || !allocator->Alloc || !allocator->Free)
        return MFX_ERR_NULL_PTR;
    if (!config->request.NumFrameMin && !config->request.NumFrameSuggested)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return vfa__surface_check_mode(allocator, config->mode);
}

static void free_frames(struct vfa_pool *pool)
{
    if (pool->brought)
        return;
    mfxStatus status = pool->allocator.Free(pool->allocator.pthis, &pool->response);
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
static mfxStatus ask_for_frames(struct vfa_pool *pool, mfxFrameAllocRequest request)
{
    struct vfa_allocator *ours = vfa__allocator_of(&pool->allocator);
    if (ours)
        return vfa_frames_alloc(ours, &request, 0, &pool->response);
    return pool->allocator.Alloc(pool->allocator.pthis, &request, &pool->response);
}

static mfxStatus allocate_frames(struct vfa_pool *pool, const struct vfa_pool_config *config)
{
    mfxStatus status = ask_for_frames(pool, config->request);
    if (status >= MFX_ERR_NONE) {
        status = check_response(&config->request, &pool->response);
        if (status == MFX_ERR_NONE)
            return MFX_ERR_NONE;
        free_frames(pool);
    }
    struct vfa__text text;
    char asked[160];
    vfa__text_init(&text, asked, sizeof asked);
    vfa__text_add_request(&text, &config->request);
    vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': %s for %s", pool->name, vfa_status_name(status), asked);
    return status;
}

static void clear_surfaces(struct vfa_pool *pool, uint32_t count)
{
    if (pool->brought)
        return;
    while (count > 0) {
        count--;
        mfxStatus status = vfa__surface_clear(&pool->allocator, pool->slots[count].mid, pool->mode,
                                              pool->slots[count].surface);
        if (status != MFX_ERR_NONE)
            vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': Unlock of surface %u answered %s", pool->name,
                     count, vfa_status_name(status));
    }
}

/* Gives every slot its surface; where it is, Data.Locked says. */
static void bring_surfaces(struct vfa_pool *pool, mfxFrameSurface1 *surfaces)
{
    pool->surfaces = surfaces;
    pool->surfaces_bytes = pool->count * sizeof *surfaces;
    for (uint32_t i = 0; i < pool->count; i++) {
        pool->slots[i].surface = &surfaces[i];
        pool->slots[i].mid = surfaces[i].Data.MemId;
        vfa__pool_put_locked(pool, i);
    }
}

static mfxStatus make_surfaces(struct vfa_pool *pool, const mfxFrameInfo *info)
{
    struct vfa__pool_surface *surfaces = vfa__gate_allocate(
        &pool->gate, pool->count * sizeof *surfaces, _Alignof(struct vfa__pool_surface), VFA_MEMORY_BOOK);
    if (!surfaces)
        return MFX_ERR_MEMORY_ALLOC;
    pool->surfaces = surfaces;
    pool->surfaces_bytes = pool->count * sizeof *surfaces;
    for (uint32_t i = 0; i < pool->count; i++) {
        struct vfa__pool_slot *slot = &pool->slots[i];
        slot->surface = &surfaces[i].surface;
        slot->mid = pool->response.mids[i];
        mfxStatus status = vfa__surface_fill(&pool->allocator, slot->mid, info, pool->mode, slot->surface);
        if (status != MFX_ERR_NONE) {
            vfa__log(&pool->log, VFA_LOG_ERROR, "pool '%s': Lock of surface %u answered %s", pool->name, i,
                     vfa_status_name(status));
            clear_surfaces(pool, i);
            return status;
        }
        vfa__pool_put_locked(pool, i);
    }
    return MFX_ERR_NONE;
}

static mfxStatus allocate_records(struct vfa_pool *pool)
{
    size_t bytes;
    if (!vfa__multiply(pool->count, sizeof(struct vfa__pool_slot) + sizeof(struct vfa__pool_surface), &bytes))
        return MFX_ERR_MEMORY_ALLOC;
    pool->slots_bytes = pool->count * sizeof *pool->slots;
    pool->slots =
        vfa__gate_allocate(&pool->gate, pool->slots_bytes, _Alignof(struct vfa__pool_slot), VFA_MEMORY_BOOK);
    if (!pool->slots)
        return MFX_ERR_MEMORY_ALLOC;
    struct vfa__bits *sets[] = {&pool->free, &pool->pending, &pool->lent};
    mfxStatus status = MFX_ERR_NONE;
    for (size_t i = 0; status == MFX_ERR_NONE && i < sizeof sets / sizeof *sets; i++)
        status = vfa__bits_init(sets[i], &pool->gate, pool->count);
    return status;
}

/* Accepts what is left behind when making the records failed. */
static void release_records(struct vfa_pool *pool)
{
    vfa__bits_finish(&pool->lent, &pool->gate);
    vfa__bits_finish(&pool->pending, &pool->gate);
    vfa__bits_finish(&pool->free, &pool->gate);
    if (!pool->brought)
        vfa__gate_release(&pool->gate, pool->surfaces, pool->surfaces_bytes, VFA_MEMORY_BOOK);
    vfa__gate_release(&pool->gate, pool->slots, pool->slots_bytes, VFA_MEMORY_BOOK);
}

static mfxStatus init_pool(struct vfa_pool *pool, const struct vfa_pool_config *config)
{
    (void)snprintf(pool->name, sizeof pool->name, "%s", config->name ? config->name : "pool");
    pool->log = config->log;
    pool->mode = config->mode;
    pool->brought = config->surfaces;
    if (!pool->brought)
        pool->allocator = *config->allocator;
    if (pthread_mutex_init(&pool->lock, NULL))
        return MFX_ERR_MEMORY_ALLOC;
    mfxStatus status = pool->brought ? MFX_ERR_NONE : allocate_frames(pool, config);
    if (status != MFX_ERR_NONE)
        goto no_frames;
    pool->count = pool->brought ? (uint32_t)config->surface_count : pool->response.NumFrameActual;
    status = allocate_records(pool);
    if (status == MFX_ERR_NONE && pool->brought)
        bring_surfaces(pool, config->surfaces);
    else if (status == MFX_ERR_NONE)
        status = make_surfaces(pool, &config->request.Info);
    if (status == MFX_ERR_NONE)
        return MFX_ERR_NONE;
    release_records(pool);
    free_frames(pool);
no_frames:
    pthread_mutex_destroy(&pool->lock);
    return status;
}

mfxStatus vfa_pool_create(struct vfa_pool **out, const struct vfa_pool_config *config)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    if (!config)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = check_config(config);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__gate gate;
    status = vfa__gate_init(&gate, config->memory);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa_pool *pool =
        vfa__gate_allocate(&gate, sizeof *pool, _Alignof(struct vfa_pool), VFA_MEMORY_BOOK);
    if (!pool)
        return MFX_ERR_MEMORY_ALLOC;
    pool->gate = gate; /* with the pool itself counted */
    status = init_pool(pool, config);
    if (status != MFX_ERR_NONE) {
        vfa__gate_release(&gate, pool, sizeof *pool, VFA_MEMORY_BOOK);
        return status;
    }
    *out = pool;
    return MFX_ERR_NONE;
}

bool vfa__pool_is_over(const struct vfa_pool *pool)
{
    if (!pool->destroyed || pool->inside)
        return false;
    uint32_t home =
        vfa__bits_count(&pool->free) + vfa__bits_count(&pool->pending) + vfa__bits_count(&pool->lent);
    return home == pool->count;
}

void vfa__pool_free(struct vfa_pool *pool)
{
    clear_surfaces(pool, pool->count);
    free_frames(pool);
    release_records(pool);
    pthread_mutex_destroy(&pool->lock);
    struct vfa__gate gate = pool->gate;
    vfa__gate_release(&gate, pool, sizeof *pool, VFA_MEMORY_BOOK);
}

void vfa_pool_close(struct vfa_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    vfa__pool_shut(pool);
    pthread_mutex_unlock(&pool->lock);
}

void vfa_pool_destroy(struct vfa_pool **pool)
{
    if (!pool || !*pool)
        return;
    struct vfa_pool *p = *pool;
    *pool = NULL;
    struct vfa__pool_note note = {.text = ""};
    pthread_mutex_lock(&p->lock);
    vfa__pool_shut(p);
    p->destroyed = true;
    vfa__pool_note_leftovers(p, &note);
    bool over = vfa__pool_is_over(p);
    pthread_mutex_unlock(&p->lock);
    vfa__pool_write_note(&note);
    if (over)
        vfa__pool_free(p);
}

const mfxFrameAllocResponse *vfa_pool_response(const struct vfa_pool *pool)
{
    return pool && !pool->brought ? &pool->response : NULL;
}
