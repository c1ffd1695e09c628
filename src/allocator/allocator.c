/* An allocator's beginning and end. */
#include "allocator/internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static mfxStatus check_backend(const struct vfa_backend *backend)
{
    if (backend->size != sizeof *backend || !(backend->kinds & VFA_MEMTYPE_KINDS))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!backend->name || !backend->create || !backend->destroy)
        return MFX_ERR_NULL_PTR;
    bool mapped_by_call = !(backend->traits & VFA_BACKEND_ALWAYS_MAPPED);
    return mapped_by_call && (!backend->map || !backend->unmap) ? MFX_ERR_NULL_PTR : MFX_ERR_NONE;
}

static mfxStatus check_config(const struct vfa_allocator_config *config)
{
    if (config->size != sizeof *config || config->backend_count > VFA__MAX_BACKENDS ||
        (config->backend && !config->backend_count))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!config->backend && config->backend_count)
        return MFX_ERR_NULL_PTR;
    const struct vfa_frame_memory *frames = &config->frame_memory;
    mfxStatus status = vfa__store_check(frames);
    if (status == MFX_ERR_NONE && config->memory &&
        (frames->flags || frames->node || frames->keep_bytes || frames->keep_ms || frames->yield_ms))
        status = MFX_ERR_UNSUPPORTED;
    for (size_t i = 0; status == MFX_ERR_NONE && i < config->backend_count; i++)
        status = check_backend(&config->backend[i]);
    return status;
}

static void take_backends(struct vfa_allocator *a, const struct vfa_allocator_config *config)
{
    if (config->backend_count) {
        memcpy(a->backend, config->backend, config->backend_count * sizeof *a->backend);
        a->backend_count = config->backend_count;
        return;
    }
    mfxStatus status = vfa_backend_system(NULL, &a->backend[0]);
    assert(status == MFX_ERR_NONE);
    (void)status;
    a->backend_count = 1;
}

static mfxStatus init_parts(struct vfa_allocator *a, const struct vfa_allocator_config *config)
{
    (void)snprintf(a->name, sizeof a->name, "%s", config->name ? config->name : "vfa");
    a->log = config->log;
    a->max_frame_bytes = config->max_frame_bytes ? config->max_frame_bytes : SIZE_MAX;
    atomic_init(&a->budgeted_bytes, 0);
    vfa__callbacks_init(a);
    take_backends(a, config);
    if (pthread_mutex_init(&a->error_lock, NULL))
        return MFX_ERR_MEMORY_ALLOC;
    mfxStatus status = vfa__slots_init(&a->slots, &a->gate);
    if (status != MFX_ERR_NONE)
        goto no_slots;
    status = vfa__book_init(&a->book, &a->gate, &a->slots);
    if (status != MFX_ERR_NONE)
        goto no_book;
    a->has_store = !config->memory;
    if (a->has_store)
        status = vfa__store_init(&a->store, &a->gate, &config->frame_memory, a->max_frame_bytes, NULL);
    if (status != MFX_ERR_NONE)
        goto no_store;
    return MFX_ERR_NONE;
no_store:
    vfa__book_finish(&a->book);
no_book:
    vfa__slots_finish(&a->slots);
no_slots:
    pthread_mutex_destroy(&a->error_lock);
    return status;
}

mfxStatus vfa_allocator_create(struct vfa_allocator **out, const struct vfa_allocator_config *config)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    const struct vfa_allocator_config defaults = vfa_allocator_config_defaults();
    if (!config)
        config = &defaults;
    mfxStatus status = check_config(config);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__gate gate;
    status = vfa__gate_init(&gate, config->memory);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa_allocator *a =
        vfa__gate_allocate(&gate, sizeof *a, _Alignof(struct vfa_allocator), VFA_MEMORY_BOOK);
    if (!a)
        return MFX_ERR_MEMORY_ALLOC;
    a->gate = gate; /* with the allocator itself counted */
    status = init_parts(a, config);
    if (status != MFX_ERR_NONE) {
        vfa__gate_release(&gate, a, sizeof *a, VFA_MEMORY_BOOK);
        return status;
    }
    *out = a;
    return MFX_ERR_NONE;
}

/* Frames that a caller forgot to unlock are unmapped first: a backend destroys only what is not mapped. */
static void force_unmap(struct vfa_allocator *a, const struct vfa__set *set)
{
    if (!set->backend || (set->backend->traits & VFA_BACKEND_ALWAYS_MAPPED))
        return;
    for (size_t i = 0; i < set->count; i++) {
        struct vfa__slot *slot = set->slot[i];
        if (!vfa__slot_locks(slot))
            continue;
        struct vfa__call call = {
            .allocator = a, .name = "vfa_allocator_destroy", .mid = vfa__slot_mid(&a->slots, slot)};
        struct vfa_backend_host host = vfa__host(&call);
        mfxFrameData view;
        memset(&view, 0, sizeof view);
        view.PitchHigh = (mfxU16)(slot->pitch_bytes >> 16);
        view.PitchLow = (mfxU16)slot->pitch_bytes;
        view.Y = slot->channel[0];
        view.U = slot->channel[1];
        view.V = slot->channel[2];
        view.A = slot->channel[3];
        (void)vfa__end_call(&call, set->backend->unmap(set->backend->self, &host, slot->frame, &view));
    }
}

void vfa_allocator_destroy(struct vfa_allocator **allocator)
{
    if (!allocator || !*allocator)
        return;
    struct vfa_allocator *a = *allocator;
    *allocator = NULL;
    struct vfa__call call = {.allocator = a, .name = "vfa_allocator_destroy"};
    vfa__report_leaks(a);
    while (a->book.sets) {
        struct vfa__set *set = a->book.sets;
        force_unmap(a, set);
        a->book.sets = set->next;
        vfa__set_end(&call, set);
    }
    if (a->has_store)
        vfa__store_finish(&a->store);
    vfa__book_finish(&a->book);
    vfa__slots_finish(&a->slots);
    for (size_t i = 0; i < a->backend_count; i++)
        if (a->backend[i].finish)
            a->backend[i].finish(a->backend[i].self);
    pthread_mutex_destroy(&a->error_lock);
    struct vfa__gate gate = a->gate;
    vfa__gate_release(&gate, a, sizeof *a, VFA_MEMORY_BOOK);
}

size_t vfa_allocator_trim(struct vfa_allocator *a, uint32_t idle_ms)
{
    return a && a->has_store ? vfa__store_trim(&a->store, idle_ms) : 0;
}

size_t vfa_allocator_yield(struct vfa_allocator *a, uint32_t idle_ms)
{
    return a && a->has_store ? vfa__store_yield(&a->store, idle_ms) : 0;
}

mfxFrameAllocator *vfa_allocator_mfx(struct vfa_allocator *a)
{
    return a ? &a->callbacks : NULL;
}

mfxU32 vfa_next_alloc_id(struct vfa_allocator *a)
{
    if (!a)
        return 0;
    pthread_mutex_lock(&a->book.lock);
    mfxU32 id = ++a->book.next_alloc_id;
    if (!id)
        id = ++a->book.next_alloc_id; /* 0 is what those get who do not ask */
    pthread_mutex_unlock(&a->book.lock);
    return id;
}

mfxStatus vfa_frame_info(struct vfa_allocator *a, mfxMemId mid, mfxFrameInfo *info)
{
    if (info)
        memset(info, 0, sizeof *info);
    if (!a || !info)
        return MFX_ERR_NULL_PTR;
    struct vfa__call call = {.allocator = a, .name = "vfa_frame_info", .mid = mid};
    mfxStatus status = MFX_ERR_INVALID_HANDLE;
    struct vfa__slot *slot = vfa__slot_find(&a->slots, mid);
    pthread_mutex_lock(&a->book.lock);
    /* A set is retired, and its slots die, only after it left the listed ones under this lock. */
    if (slot && vfa__slot_is_live(slot, mid)) {
        *info = slot->set->request.Info;
        status = MFX_ERR_NONE;
    }
    pthread_mutex_unlock(&a->book.lock);
    if (status != MFX_ERR_NONE)
        vfa__explain_mid(&call);
    return vfa__end_call(&call, status);
}
