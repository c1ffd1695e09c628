/* The five callbacks of mfxFrameAllocator, and Lock and Unlock by name for applications. */
#include "allocator/identify.h"
#include "allocator/internal.h"
#include "allocator/quick.h"

#include <string.h>

/* So that the way of frames that are always mapped keeps to few registers and no stack. */
#define APART __attribute__((noinline))

/* `cause` is not cleared beyond its first byte: this is on the way of every Lock of a frame that is mapped.
 */
static inline void begin(struct vfa__call *call, struct vfa_allocator *a, const char *name, mfxMemId mid)
{
    call->allocator = a;
    call->name = name;
    call->request = NULL;
    call->mid = mid;
    call->cause[0] = '\0';
}

static mfxStatus alloc_callback(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = pthis;
    if (!a || !request || !response) {
        if (response)
            memset(response, 0, sizeof *response);
        return vfa__fail_null(a, "Alloc", request ? "response" : "request");
    }
    struct vfa__call call;
    begin(&call, a, "Alloc", NULL);
    call.request = request;
    const struct vfa__terms terms = {.may_claim = true, .direction = MFX_MAP_READ_WRITE};
    return vfa__end_call(&call, vfa__frames_make(&call, &terms, response));
}

static mfxStatus free_callback(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = pthis;
    if (!a || !response)
        return vfa__fail_null(a, "Free", "response");
    struct vfa__call call;
    begin(&call, a, "Free", NULL);
    return vfa__end_call(&call, vfa__frames_free(&call, response));
}

APART static mfxStatus lock(struct vfa_allocator *a, const char *name, mfxMemId mid, mfxU32 flags,
                            mfxFrameData *data)
{
    if (!a || !data)
        return vfa__fail_null(a, name, "mfxFrameData");
    struct vfa__call call;
    begin(&call, a, name, mid);
    mfxStatus status = vfa__frame_lock(&call, flags, data);
    return status == MFX_ERR_NONE ? status : vfa__end_call(&call, status);
}

APART static mfxStatus unlock(struct vfa_allocator *a, const char *name, mfxMemId mid, mfxFrameData *data)
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
    struct vfa_allocator *a = pthis;
    if (a && data && vfa__quick_lock(&a->slots, mid, data))
        return MFX_ERR_NONE;
    return lock(a, "Lock", mid, 0, data);
}

static mfxStatus unlock_callback(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct vfa_allocator *a = pthis;
    if (a && vfa__quick_unlock(&a->slots, mid, data))
        return MFX_ERR_NONE;
    return unlock(a, "Unlock", mid, data);
}

mfxStatus vfa_map(struct vfa_allocator *a, mfxMemId mid, mfxU32 flags, mfxFrameData *data)
{
    bool are_flags =
        (flags & MFX_MAP_READ_WRITE) && !(flags & ~(mfxU32)(MFX_MAP_READ_WRITE | MFX_MAP_NOWAIT));
    if (are_flags && a && data && vfa__quick_lock(&a->slots, mid, data))
        return MFX_ERR_NONE;
    if (are_flags || !a || !data)
        return lock(a, "vfa_map", mid, flags, data);
    struct vfa__call call;
    begin(&call, a, "vfa_map", mid);
    vfa__explain(&call, "flags 0x%x are no mfxMemoryFlags", flags);
    return vfa__end_call(&call, MFX_ERR_UNSUPPORTED);
}

mfxStatus vfa_unmap(struct vfa_allocator *a, mfxMemId mid, mfxFrameData *data)
{
    if (a && vfa__quick_unlock(&a->slots, mid, data))
        return MFX_ERR_NONE;
    return unlock(a, "vfa_unmap", mid, data);
}

static mfxStatus get_hdl_callback(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    struct vfa_allocator *a = pthis;
    if (!a || !handle)
        return vfa__fail_null(a, "GetHDL", "handle");
    *handle = NULL;
    struct vfa__call call;
    begin(&call, a, "GetHDL", mid);
    return vfa__end_call(&call, vfa__frame_handle(&call, handle));
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
