/* A pool's beginning and end. internal.h has the rules. */
#include "base/checked.h"
#include "pool/frames.h"
#include "pool/interface.h"
#include "pool/surfaces.h"

#include <stdio.h>

static mfxStatus check_brought(const struct vfa_pool_config *config)
{
    if (config->allocator || config->hints || config->frame_interface || !config->surface_count ||
        config->surface_count > UINT16_MAX)
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
    mfxStatus status = vfa__surface_check_mode(allocator, config->mode);
    return status == MFX_ERR_NONE ? vfa__interface_check_config(config) : status;
}

/* Gives every slot its surface; where it is, Data.Locked says. */
static void bring_surfaces(struct vfa_pool *pool, mfxFrameSurface1 *surfaces)
{
    pool->surfaces = surfaces;
    pool->surfaces_bytes = pool->capacity * sizeof *surfaces;
    pool->count = pool->limit = pool->capacity;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        struct vfa__pool_slot *slot = &pool->slots[i];
        slot->surface = &surfaces[i];
        slot->mid = surfaces[i].Data.MemId;
        slot->first_lease = 1;
        vfa__pool_put_locked(pool, i);
    }
}

/* Gives every slot a place for a surface, and no frame. */
static mfxStatus make_places(struct vfa_pool *pool)
{
    struct vfa__pool_surface *surfaces = vfa__gate_allocate(
        &pool->gate, pool->capacity * sizeof *surfaces, _Alignof(struct vfa__pool_surface), VFA_MEMORY_BOOK);
    if (!surfaces)
        return MFX_ERR_MEMORY_ALLOC;
    pool->surfaces = surfaces;
    pool->surfaces_bytes = pool->capacity * sizeof *surfaces;
    for (uint32_t i = 0; i < pool->capacity; i++) {
        pool->slots[i].surface = &surfaces[i].surface;
        atomic_init(&pool->slots[i].flags, VFA__SLOT_ABSENT);
        (void)vfa__bits_give(&pool->absent, i, true);
    }
    return MFX_ERR_NONE;
}

/* A reset makes the new surfaces before the old ones are back; a word of bits is there anyway. */
static uint32_t capacity_for(const struct vfa_pool *pool, uint32_t count)
{
    uint32_t limit = pool->limit > count ? pool->limit : count, places = VFA__BITS_PER_WORD;
    if (pool->brought)
        return count;
    if (places < pool->most)
        places = pool->most;
    return 2 * limit > places ? 2 * limit : places;
}

mfxStatus vfa__pool_make_records(struct vfa_pool *pool, uint32_t count)
{
    if (pool->slots)
        return MFX_ERR_NONE;
    size_t bytes;
    pool->capacity = capacity_for(pool, count);
    if (!vfa__multiply(pool->capacity, sizeof(struct vfa__pool_slot) + sizeof(struct vfa__pool_surface),
                       &bytes))
        return MFX_ERR_MEMORY_ALLOC;
    pool->slots_bytes = pool->capacity * sizeof *pool->slots;
    pool->slots =
        vfa__gate_allocate(&pool->gate, pool->slots_bytes, _Alignof(struct vfa__pool_slot), VFA_MEMORY_BOOK);
    if (!pool->slots)
        return MFX_ERR_MEMORY_ALLOC;
    struct vfa__bits *sets[] = {&pool->free, &pool->pending, &pool->lent, &pool->retired, &pool->absent};
    mfxStatus status = MFX_ERR_NONE;
    for (size_t i = 0; status == MFX_ERR_NONE && i < sizeof sets / sizeof *sets; i++)
        status = vfa__bits_init(sets[i], &pool->gate, pool->capacity);
    if (status == MFX_ERR_NONE && !pool->brought)
        status = make_places(pool);
    return status;
}

/* Accepts what is left behind when making the records failed. */
static void release_records(struct vfa_pool *pool)
{
    struct vfa__bits *sets[] = {&pool->free, &pool->pending, &pool->lent, &pool->retired, &pool->absent};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        vfa__bits_finish(sets[i], &pool->gate);
    if (!pool->brought)
        vfa__gate_release(&pool->gate, pool->surfaces, pool->surfaces_bytes, VFA_MEMORY_BOOK);
    vfa__gate_release(&pool->gate, pool->slots, pool->slots_bytes, VFA_MEMORY_BOOK);
}

static mfxStatus make_first_batch(struct vfa_pool *pool, const struct vfa__pool_size *size)
{
    struct vfa__pool_batch *batch;
    mfxFrameAllocRequest first = vfa__pool_request_for(&pool->request, pool->hinted, size->initial);
    pool->limit = size->limit;
    pool->most = pool->interfaces ? size->most : 0;
    if (!size->initial)
        return vfa__pool_make_records(pool, 0);
    mfxStatus status = vfa__pool_make_batch(pool, &first, &pool->info, &batch);
    if (status != MFX_ERR_NONE)
        return status;
    pool->response = batch->response;
    vfa__pool_install(pool, batch);
    if (pool->limit < pool->count)
        pool->limit = pool->count; /* Alloc gave more */
    return MFX_ERR_NONE;
}

static mfxStatus fill_pool(struct vfa_pool *pool, const struct vfa_pool_config *config)
{
    if (config->surfaces) {
        mfxStatus status = vfa__pool_make_records(pool, (uint32_t)config->surface_count);
        if (status == MFX_ERR_NONE)
            bring_surfaces(pool, config->surfaces);
        return status;
    }
    struct vfa__pool_size size;
    mfxStatus status = vfa__pool_size_for(config->hints, config->max_surfaces, &config->request, &size);
    return status == MFX_ERR_NONE ? make_first_batch(pool, &size) : status;
}

static mfxStatus init_pool(struct vfa_pool *pool, const struct vfa_pool_config *config)
{
    (void)snprintf(pool->name, sizeof pool->name, "%s", config->name ? config->name : "pool");
    pool->log = config->log;
    pool->mode = config->mode;
    pool->brought = config->surfaces;
    pool->max_surfaces = config->max_surfaces;
    pool->request = config->request;
    pool->info = config->request.Info;
    pool->ended = config->ended;
    pool->ended_user = config->ended_user;
    pool->hinted = config->hints;
    if (pool->hinted)
        pool->hints = *config->hints;
    if (!pool->brought)
        pool->allocator = *config->allocator;
    if (pthread_mutex_init(&pool->lock, NULL))
        return MFX_ERR_MEMORY_ALLOC;
    mfxStatus status = vfa__interface_pool_create(pool, config->frame_interface);
    if (status == MFX_ERR_NONE)
        status = fill_pool(pool, config);
    if (status == MFX_ERR_NONE) {
        vfa__interface_pool_update(pool);
        return MFX_ERR_NONE;
    }
    release_records(pool);
    vfa__interface_pool_detach(pool->interfaces);
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
    uint32_t home = vfa__bits_count(&pool->free) + vfa__bits_count(&pool->pending) +
                    vfa__bits_count(&pool->lent) + vfa__bits_count(&pool->retired) +
                    vfa__bits_count(&pool->absent);
    return home == pool->capacity;
}

void vfa__pool_free(struct vfa_pool *pool)
{
    vfa__pool_free_batches(pool);
    release_records(pool);
    vfa__interface_pool_detach(pool->interfaces);
    pthread_mutex_destroy(&pool->lock);
    void (*ended)(void *user) = pool->ended;
    void *ended_user = pool->ended_user;
    struct vfa__gate gate = pool->gate;
    vfa__gate_release(&gate, pool, sizeof *pool, VFA_MEMORY_BOOK);
    if (ended)
        ended(ended_user);
}

void vfa_pool_close(struct vfa_pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    vfa__pool_shut(pool);
    vfa__pool_leave(pool);
}

void vfa_pool_destroy(struct vfa_pool **pool)
{
    if (!pool || !*pool)
        return;
    struct vfa_pool *p = *pool;
    *pool = NULL;
    struct vfa__pool_note note = {.text = ""};
    vfa__interface_pool_close(p->interfaces);
    pthread_mutex_lock(&p->lock);
    vfa__pool_shut(p);
    p->destroyed = true;
    vfa__pool_note_leftovers(p, &note);
    vfa__pool_leave(p);
    vfa__pool_write_note(&note);
}

const mfxFrameAllocResponse *vfa_pool_response(const struct vfa_pool *pool)
{
    return pool && !pool->brought ? &pool->response : NULL;
}

mfxStatus vfa_pool_interface(struct vfa_pool *pool, mfxSurfacePoolInterface **out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    if (!pool)
        return MFX_ERR_NULL_PTR;
    return pool->interfaces ? vfa__interface_pool_get(pool->interfaces, out) : MFX_ERR_UNSUPPORTED;
}
