/* What an application does with whole frame sets, beyond Alloc and Free: choose how they are made, say how
 * they are used, replace them. */
#include "allocator/internal.h"

#include <string.h>

/* Begins a call that makes frames. MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM: the call has ended. */
static mfxStatus begin(struct vfa__call *call, struct vfa_allocator *a, const char *name,
                       const mfxFrameAllocRequest *request, unsigned int flags,
                       const mfxFrameAllocResponse *response)
{
    *call = (struct vfa__call){.allocator = a, .name = name, .request = request};
    if (!a || !request || !response) {
        (void)vfa__fail_null(a, name, request ? "response" : "request");
        return MFX_ERR_NULL_PTR;
    }
    if (flags == 0 || flags == VFA_FRAMES_SHARED || flags == VFA_FRAMES_PRIVATE)
        return MFX_ERR_NONE;
    vfa__explain(call, "flags 0x%x: VFA_FRAMES_SHARED or VFA_FRAMES_PRIVATE or neither", flags);
    return vfa__end_call(call, MFX_ERR_INVALID_VIDEO_PARAM);
}

mfxStatus vfa_frames_alloc(struct vfa_allocator *a, const mfxFrameAllocRequest *request, unsigned int flags,
                           mfxFrameAllocResponse *response)
{
    if (response)
        memset(response, 0, sizeof *response);
    struct vfa__call call;
    mfxStatus status = begin(&call, a, "vfa_frames_alloc", request, flags, response);
    if (status != MFX_ERR_NONE)
        return status;
    const struct vfa__terms terms = {.flags = flags, .direction = MFX_MAP_READ_WRITE};
    return vfa__end_call(&call, vfa__frames_make(&call, &terms, response));
}

/* The backend with this `self` that serves the type. */
static mfxStatus find_backend(struct vfa__call *call, const void *self, const struct vfa_backend **out)
{
    const struct vfa_allocator *a = call->allocator;
    mfxStatus status = MFX_ERR_INVALID_HANDLE;
    for (size_t i = 0; i < a->backend_count; i++) {
        if (a->backend[i].self != self)
            continue;
        *out = &a->backend[i];
        if ((*out)->kinds & call->request->Type)
            return MFX_ERR_NONE;
        status = MFX_ERR_UNSUPPORTED;
    }
    if (status == MFX_ERR_UNSUPPORTED)
        vfa__explain(call, "the %s backend does not serve memory type 0x%04x", (*out)->name,
                     call->request->Type);
    else
        vfa__explain(call, "this allocator has no such backend");
    return status;
}

mfxStatus vfa_frames_alloc_from(struct vfa_allocator *a, const void *self, const void *detail,
                                const mfxFrameAllocRequest *request, unsigned int flags,
                                mfxFrameAllocResponse *response)
{
    static const char name[] = "vfa_frames_alloc_from";
    if (response)
        memset(response, 0, sizeof *response);
    if (!self)
        return vfa__fail_null(a, name, "self");
    struct vfa__call call;
    mfxStatus status = begin(&call, a, name, request, flags, response);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__terms terms = {.flags = flags, .direction = MFX_MAP_READ_WRITE, .detail = detail};
    status = find_backend(&call, self, &terms.backend);
    return vfa__end_call(&call, status == MFX_ERR_NONE ? vfa__frames_make(&call, &terms, response) : status);
}

mfxStatus vfa_frames_free(struct vfa_allocator *a, mfxFrameAllocResponse *response)
{
    if (!a || !response)
        return vfa__fail_null(a, "Free", "response");
    struct vfa__call call = {.allocator = a, .name = "Free"};
    mfxStatus status = vfa__end_call(&call, vfa__frames_free(&call, response));
    if (status == MFX_ERR_NONE)
        memset(response, 0, sizeof *response);
    return status;
}

mfxStatus vfa_frames_direction(struct vfa_allocator *a, const mfxFrameAllocResponse *response, mfxU32 flags)
{
    static const char name[] = "vfa_frames_direction";
    if (!a || !response)
        return vfa__fail_null(a, name, "response");
    struct vfa__call call = {.allocator = a, .name = name};
    if (!flags || (flags & ~(mfxU32)MFX_MAP_READ_WRITE)) {
        vfa__explain(&call, "flags 0x%x: MFX_MAP_READ, MFX_MAP_WRITE or both", flags);
        return vfa__end_call(&call, MFX_ERR_UNSUPPORTED);
    }
    if (vfa__book_direct(&a->book, response->mids, flags))
        return MFX_ERR_NONE;
    return vfa__end_call(&call, vfa__fail_response(&call, response));
}

/* Makes frames beside those of `old`, then ends that one. */
static mfxStatus exchange(struct vfa__call *call, const struct vfa__terms *terms, mfxFrameAllocResponse *old)
{
    mfxFrameAllocResponse made;
    mfxStatus status = vfa__frames_make(call, terms, &made);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa__frames_free(call, old);
    if (status != MFX_ERR_NONE) { /* freed on another thread since */
        (void)vfa__frames_free(call, &made);
        return vfa__fail_response(call, old);
    }
    *old = made;
    return MFX_ERR_NONE;
}

mfxStatus vfa_frames_replace(struct vfa_allocator *a, const mfxFrameAllocRequest *request, unsigned int flags,
                             mfxFrameAllocResponse *response)
{
    struct vfa__call call;
    mfxStatus status = begin(&call, a, "vfa_frames_replace", request, flags, response);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__terms terms = {.flags = flags, .direction = MFX_MAP_READ_WRITE};
    bool serves = false;
    if (response->mids &&
        !vfa__book_compare(&a->book, response->mids, request, flags, &serves, &terms.direction))
        return vfa__end_call(&call, vfa__fail_response(&call, response));
    return serves ? MFX_ERR_NONE : vfa__end_call(&call, exchange(&call, &terms, response));
}
