/* What is done with one frame while it can neither end nor be mapped or unmapped: its native handle, and the
 * functions that a backend offers beyond its vtable. */
#include "allocator/internal.h"
#include "base/cancel.h"

/* Holds the call's frame against a Free at the same time; NULL when it cannot. */
static struct vfa__slot *pin(struct vfa__call *call, mfxStatus *status)
{
    struct vfa__slot *slot = vfa__slot_find(&call->allocator->slots, call->mid);
    *status = slot ? vfa__slot_pin(slot, call->mid) : MFX_ERR_INVALID_HANDLE;
    if (*status == MFX_ERR_NONE)
        return slot;
    if (*status == MFX_ERR_INVALID_HANDLE)
        vfa__explain_mid(call);
    else
        vfa__explain(call, "too many calls wait for this frame");
    return NULL;
}

static void unpin(struct vfa__call *call, struct vfa__slot *slot)
{
    struct vfa__set *set = slot->set;
    if (vfa__slot_unpin(slot)) /* freed meanwhile */
        vfa__set_frame_died(call, set);
}

mfxStatus vfa__frame_handle(struct vfa__call *call, mfxHDL *handle)
{
    mfxStatus status;
    struct vfa__slot *slot = pin(call, &status);
    if (!slot)
        return status;
    const struct vfa_backend *backend = slot->set->backend;
    if (backend && backend->get_handle) {
        struct vfa_backend_host host = vfa__host(call);
        int before = vfa__cancel_off();
        pthread_mutex_lock(&slot->map_lock);
        status = backend->get_handle(backend->self, &host, slot->frame, handle);
        pthread_mutex_unlock(&slot->map_lock);
        vfa__cancel_as(before);
    } else {
        status = MFX_ERR_UNSUPPORTED;
        vfa__explain(call, "frames in %s memory have no native handle", backend ? backend->name : "wrapped");
    }
    unpin(call, slot);
    return status;
}

static mfxStatus visit_frame(struct vfa__call *call, const void *self, vfa_backend_visit_fn *visit,
                             void *user)
{
    mfxStatus status;
    struct vfa__slot *slot = pin(call, &status);
    if (!slot)
        return status;
    const struct vfa_backend *backend = slot->set->backend;
    if (backend && backend->self == self) {
        struct vfa_backend_host host = vfa__host(call);
        int before = vfa__cancel_off();
        pthread_mutex_lock(&slot->map_lock);
        status = visit(backend->self, &host, slot->frame, vfa__slot_locks(slot), user);
        pthread_mutex_unlock(&slot->map_lock);
        vfa__cancel_as(before);
    } else {
        status = MFX_ERR_INVALID_HANDLE;
        vfa__explain(call, "the frame is in %s memory, not of the backend that the call is for",
                     backend ? backend->name : "wrapped");
    }
    unpin(call, slot);
    return status;
}

mfxStatus vfa_backend_visit(struct vfa_allocator *a, const char *name, mfxMemId mid, const void *self,
                            vfa_backend_visit_fn *visit, void *user)
{
    if (!a || !name)
        return vfa__fail_null(a, "vfa_backend_visit", "the name of the call");
    if (!self || !visit)
        return vfa__fail_null(a, name, self ? "visit" : "self");
    struct vfa__call call = {.allocator = a, .name = name, .mid = mid};
    return vfa__end_call(&call, visit_frame(&call, self, visit, user));
}
