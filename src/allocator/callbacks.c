/* The five callbacks of mfxFrameAllocator, and their named equals for applications. */
#include "allocator/identify.h"
#include "allocator/internal.h"

#include <string.h>

/* `cause` is not cleared beyond its first byte: this is on the way of every Lock. */
static inline void begin(struct vfa__call *call, struct vfa_allocator *a, const char *name, mfxMemId mid)
{
    call->allocator = a;
    call->name = name;
    call->request = NULL;
    call->mid = mid;
    call->cause[0] = '\0';
}

static mfxStatus fail_null(struct vfa_allocator *a, const char *name, const char *what)
{
    if (!a)
        return MFX_ERR_NULL_PTR;
    struct vfa__call call;
    begin(&call, a, name, NULL);
    vfa__explain(&call, "%s is NULL", what);
    return vfa__end_call(&call, MFX_ERR_NULL_PTR);
}

static mfxStatus alloc_callback(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = pthis;
    if (!a || !request || !response) {
        if (response)
            memset(response, 0, sizeof *response);
        return fail_null(a, "Alloc", request ? "response" : "request");
    }
    struct vfa__call call;
    begin(&call, a, "Alloc", NULL);
    call.request = request;
    return vfa__end_call(&call, vfa__frames_make(&call, 0, true, response));
}

mfxStatus vfa_frames_alloc(struct vfa_allocator *a, const mfxFrameAllocRequest *request, unsigned int flags,
                           mfxFrameAllocResponse *response)
{
    if (!a || !request || !response) {
        if (response)
            memset(response, 0, sizeof *response);
        return fail_null(a, "vfa_frames_alloc", request ? "response" : "request");
    }
    struct vfa__call call;
    begin(&call, a, "vfa_frames_alloc", NULL);
    call.request = request;
    if (flags != 0 && flags != VFA_FRAMES_SHARED && flags != VFA_FRAMES_PRIVATE) {
        memset(response, 0, sizeof *response);
        vfa__explain(&call, "flags 0x%x: VFA_FRAMES_SHARED or VFA_FRAMES_PRIVATE or neither", flags);
        return vfa__end_call(&call, MFX_ERR_INVALID_VIDEO_PARAM);
    }
    return vfa__end_call(&call, vfa__frames_make(&call, flags, false, response));
}

static mfxStatus free_callback(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = pthis;
    if (!a || !response)
        return fail_null(a, "Free", "response");
    struct vfa__call call;
    begin(&call, a, "Free", NULL);
    return vfa__end_call(&call, vfa__frames_free(&call, response));
}

mfxStatus vfa_frames_free(struct vfa_allocator *a, mfxFrameAllocResponse *response)
{
    mfxStatus status = free_callback(a, response);
    if (status == MFX_ERR_NONE)
        memset(response, 0, sizeof *response);
    return status;
}

static mfxStatus lock(struct vfa_allocator *a, const char *name, mfxMemId mid, mfxU32 flags,
                      mfxFrameData *data)
{
    if (!a || !data)
        return fail_null(a, name, "mfxFrameData");
    struct vfa__call call;
    begin(&call, a, name, mid);
    if (!(flags & MFX_MAP_READ_WRITE) || (flags & ~(mfxU32)(MFX_MAP_READ_WRITE | MFX_MAP_NOWAIT))) {
        vfa__explain(&call, "flags 0x%x are no mfxMemoryFlags", flags);
        return vfa__end_call(&call, MFX_ERR_UNSUPPORTED);
    }
    mfxStatus status = vfa__frame_lock(&call, flags, data);
    return status == MFX_ERR_NONE ? status : vfa__end_call(&call, status);
}

static mfxStatus unlock(struct vfa_allocator *a, const char *name, mfxMemId mid, mfxFrameData *data)
{
    if (!a)
        return MFX_ERR_NULL_PTR;
    struct vfa__call call;
    begin(&call, a, name, mid);
    mfxStatus status = vfa__frame_unlock(&call, data);
    return status == MFX_ERR_NONE ? status : vfa__end_call(&call, status);
}

static mfxStatus lock_callback(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return lock(pthis, "Lock", mid, MFX_MAP_READ_WRITE, data);
}

static mfxStatus unlock_callback(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return unlock(pthis, "Unlock", mid, data);
}

mfxStatus vfa_map(struct vfa_allocator *a, mfxMemId mid, mfxU32 flags, mfxFrameData *data)
{
    return lock(a, "vfa_map", mid, flags, data);
}

mfxStatus vfa_unmap(struct vfa_allocator *a, mfxMemId mid, mfxFrameData *data)
{
    return unlock(a, "vfa_unmap", mid, data);
}

static mfxStatus ask_handle(struct vfa__call *call, const struct vfa__slot *slot, mfxHDL *handle)
{
    const struct vfa_backend *backend = slot->set->backend;
    if (!backend || !backend->get_handle) {
        vfa__explain(call, "frames in %s memory have no native handle", backend ? backend->name : "wrapped");
        return MFX_ERR_UNSUPPORTED;
    }
    struct vfa_backend_host host = vfa__host(call);
    return backend->get_handle(backend->self, &host, slot->frame, handle);
}

/* The frame is pinned while it is asked, so that a Free at the same time cannot pull it away. */
static mfxStatus get_handle(struct vfa__call *call, mfxHDL *handle)
{
    struct vfa__slot *slot = vfa__slot_find(&call->allocator->slots, call->mid);
    if (!slot || vfa__slot_pin(slot, call->mid) != MFX_ERR_NONE) {
        vfa__explain_mid(call);
        return MFX_ERR_INVALID_HANDLE;
    }
    mfxStatus status = ask_handle(call, slot, handle);
    if (vfa__slot_unpin(slot))
        vfa__set_frame_died(call, slot->set);
    return status;
}

static mfxStatus get_hdl_callback(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    struct vfa_allocator *a = pthis;
    if (!a || !handle)
        return fail_null(a, "GetHDL", "handle");
    *handle = NULL;
    struct vfa__call call;
    begin(&call, a, "GetHDL", mid);
    return vfa__end_call(&call, get_handle(&call, handle));
}

void vfa__callbacks_init(struct vfa_allocator *a)
{
    a->callbacks.pthis = a;
    a->callbacks.Alloc = alloc_callback;
    a->callbacks.Lock = lock_callback;
    a->callbacks.Unlock = unlock_callback;
    a->callbacks.GetHDL = get_hdl_callback;
    a->callbacks.Free = free_callback;
}

struct vfa_allocator *vfa__allocator_of(const mfxFrameAllocator *callbacks)
{
    return callbacks->Alloc == alloc_callback ? callbacks->pthis : NULL;
}
