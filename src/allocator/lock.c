/* Lock and Unlock of one frame, the long way: quick.h does what can be done quickly. A frame that is always
 * mapped takes one compare-and-swap each way: no mutex, no system call, no heap. Any other is mapped by its
 * first lock and unmapped by its last, under the slot's map_lock; the rights of the map are the first lock's,
 * and grow with those that join. */
#include "allocator/internal.h"
#include "allocator/quick.h"
#include "base/cancel.h"

#include <string.h>

static mfxStatus explain_lock(struct vfa__call *call, mfxStatus status)
{
    if (status == MFX_ERR_INVALID_HANDLE)
        vfa__explain_mid(call);
    else if (status == MFX_ERR_UNDEFINED_BEHAVIOR)
        vfa__explain(call, "the frame is not locked");
    else if (status == MFX_ERR_LOCK_MEMORY)
        vfa__explain(call, "the frame is locked more than a million times: Unlocks are missing");
    return status;
}

/* Both with map_lock held and the lock taken. */
static mfxStatus map_first(struct vfa__call *call, struct vfa__slot *slot, mfxU32 flags)
{
    const struct vfa_backend *backend = slot->set->backend;
    struct vfa_backend_host host = vfa__host(call);
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    int before = vfa__cancel_off();
    mfxStatus status = backend->map(backend->self, &host, slot->frame, flags, &view);
    vfa__cancel_as(before);
    if (status != MFX_ERR_NONE)
        return status;
    slot->channel[0] = view.Y;
    slot->channel[1] = view.U;
    slot->channel[2] = view.V;
    slot->channel[3] = view.A;
    slot->pitch_bytes = vfa_frame_data_pitch(&view);
    slot->map_flags = flags & MFX_MAP_READ_WRITE;
    return MFX_ERR_NONE;
}

/* A map for WRITE alone discards what the frame held: its pixels mean nothing until they are all written, so
 * nobody joins it. WRITE joining READ has no such excuse: what is there stays. */
static mfxStatus join_map(struct vfa__call *call, struct vfa__slot *slot, mfxU32 flags)
{
    const struct vfa_backend *backend = slot->set->backend;
    mfxU32 held = slot->map_flags, wanted = flags & MFX_MAP_READ_WRITE;
    if (held == MFX_MAP_WRITE) {
        vfa__explain(call,
                     "the frame is locked for writing alone (MFX_MAP_WRITE, what it held is discarded), "
                     "which excludes every other lock: unlock it first");
        return MFX_ERR_LOCK_MEMORY;
    }
    if (!(wanted & ~held))
        return MFX_ERR_NONE;
    mfxStatus status = MFX_ERR_LOCK_MEMORY;
    if (backend->remap) {
        struct vfa_backend_host host = vfa__host(call);
        int before = vfa__cancel_off();
        status = backend->remap(backend->self, &host, slot->frame, held, wanted);
        vfa__cancel_as(before);
    }
    if (status == MFX_ERR_NONE)
        slot->map_flags = held | wanted;
    else if (!call->cause[0])
        vfa__explain(call, "the frame is mapped with flags 0x%x, not for 0x%x: unlock it first", held, flags);
    return status;
}

static mfxStatus unmap_last(struct vfa__call *call, struct vfa__slot *slot)
{
    const struct vfa_backend *backend = slot->set->backend;
    struct vfa_backend_host host = vfa__host(call);
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    (void)vfa__slot_show(slot, &view);
    memset(slot->channel, 0, sizeof slot->channel);
    slot->pitch_bytes = 0;
    slot->map_flags = 0;
    int before = vfa__cancel_off();
    mfxStatus status = backend->unmap(backend->self, &host, slot->frame, &view);
    vfa__cancel_as(before);
    return status;
}

static mfxStatus lock_mapped(struct vfa__call *call, struct vfa__slot *slot, mfxU32 flags, mfxFrameData *data)
{
    bool first, died = false;
    pthread_mutex_lock(&slot->map_lock);
    mfxStatus status = vfa__slot_lock(slot, call->mid, &first);
    if (status != MFX_ERR_NONE) {
        pthread_mutex_unlock(&slot->map_lock);
        return explain_lock(call, status);
    }
    if (!flags)
        flags = atomic_load_explicit(&slot->set->direction, memory_order_relaxed);
    status = first ? map_first(call, slot, flags) : join_map(call, slot, flags);
    if (status == MFX_ERR_NONE)
        (void)vfa__slot_show(slot, data);
    else
        died = vfa__slot_cancel_lock(slot, call->mid, first);
    pthread_mutex_unlock(&slot->map_lock);
    if (died) /* freed meanwhile */
        vfa__set_frame_died(call, slot->set);
    return status;
}

static mfxStatus unlock_mapped(struct vfa__call *call, struct vfa__slot *slot)
{
    mfxStatus unmapped = MFX_ERR_NONE;
    bool died = false;
    pthread_mutex_lock(&slot->map_lock);
    mfxStatus status = vfa__slot_check_locked(slot, call->mid);
    if (status == MFX_ERR_NONE) {
        if (vfa__slot_locks(slot) == 1)
            unmapped = unmap_last(call, slot);
        (void)vfa__slot_unlock(slot, call->mid, &died); /* locks come and go under map_lock alone */
    }
    pthread_mutex_unlock(&slot->map_lock);
    if (died)
        vfa__set_frame_died(call, slot->set);
    return status == MFX_ERR_NONE ? unmapped : explain_lock(call, status);
}

mfxStatus vfa__frame_lock(struct vfa__call *call, mfxU32 flags, mfxFrameData *data)
{
    struct vfa__slot *slot = vfa__slot_find(&call->allocator->slots, call->mid);
    if (!slot)
        return explain_lock(call, MFX_ERR_INVALID_HANDLE);
    if (vfa__slot_needs_map(slot))
        return lock_mapped(call, slot, flags, data);
    bool first;
    mfxStatus status = vfa__slot_lock(slot, call->mid, &first);
    return status == MFX_ERR_NONE ? vfa__slot_show(slot, data) : explain_lock(call, status);
}

mfxStatus vfa__frame_unlock(struct vfa__call *call, mfxFrameData *data)
{
    mfxStatus status;
    struct vfa__slot *slot = vfa__slot_find(&call->allocator->slots, call->mid);
    if (!slot) {
        status = explain_lock(call, MFX_ERR_INVALID_HANDLE);
    } else if (vfa__slot_needs_map(slot)) {
        status = unlock_mapped(call, slot);
    } else {
        bool died;
        status = vfa__slot_unlock(slot, call->mid, &died);
        if (status != MFX_ERR_NONE)
            explain_lock(call, status);
        else if (died)
            vfa__set_frame_died(call, slot->set);
    }
    vfa_frame_data_clear(data);
    return status;
}
