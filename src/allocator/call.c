/* A call's failure: explained, recorded, logged; and what a backend may ask for during one. */
#include "allocator/internal.h"
#include "base/checked.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void explain_list(struct vfa__call *call, const char *format, va_list args)
{
    (void)vsnprintf(call->cause, sizeof call->cause, format, args);
}

void vfa__explain(struct vfa__call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    explain_list(call, format, args);
    va_end(args);
}

mfxStatus vfa__fail_null(struct vfa_allocator *a, const char *name, const char *what)
{
    if (!a)
        return MFX_ERR_NULL_PTR;
    struct vfa__call call = {.allocator = a, .name = name};
    vfa__explain(&call, "%s is NULL", what);
    return vfa__end_call(&call, MFX_ERR_NULL_PTR);
}

void vfa__explain_mid(struct vfa__call *call)
{
    const struct vfa__slots *slots = &call->allocator->slots;
    const struct vfa__slot *slot = vfa__slot_find(slots, call->mid);
    if (!call->mid)
        vfa__explain(call, "the frame handle is NULL");
    else if (!slot)
        vfa__explain(call, "frame handle %p is none of this allocator", call->mid);
    else if (!vfa__slot_is_live(slot, call->mid))
        vfa__explain(call, "frame handle %p is stale: its frame was freed, or never was", call->mid);
}

mfxStatus vfa__fail_response(struct vfa__call *call, const mfxFrameAllocResponse *response)
{
    if (vfa__book_has_ended(&call->allocator->book, response->mids))
        vfa__explain(call, "this response (AllocId %u, %u frames) was freed before", response->AllocId,
                     response->NumFrameActual);
    else
        vfa__explain(call, "mids %p is no response of this allocator", (void *)response->mids);
    return MFX_ERR_INVALID_HANDLE;
}

static void compose(const struct vfa__call *call, mfxStatus status, char *line, size_t bytes)
{
    struct vfa__text text;
    vfa__text_init(&text, line, bytes);
    vfa__text_add(&text, "%s", call->name);
    if (call->request) {
        vfa__text_add(&text, "(");
        vfa__text_add_request(&text, call->request);
        vfa__text_add(&text, ")");
    } else if (call->mid) {
        vfa__text_add(&text, "(%p)", call->mid);
    }
    vfa__text_add(&text, ": %s", vfa_status_name(status));
    if (call->cause[0])
        vfa__text_add(&text, ": %s", call->cause);
}

mfxStatus vfa__end_call(struct vfa__call *call, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        return status;
    struct vfa_allocator *a = call->allocator;
    char line[VFA_ERROR_TEXT_MAX];
    compose(call, status, line, sizeof line);
    pthread_mutex_lock(&a->error_lock);
    struct vfa_error *error = &a->last_error;
    error->status = status;
    error->call = call->name;
    error->sequence++;
    error->mid = call->mid;
    if (call->request)
        error->request = *call->request;
    else
        memset(&error->request, 0, sizeof error->request);
    memcpy(error->text, line, sizeof line);
    pthread_mutex_unlock(&a->error_lock);
    vfa__log(&a->log, VFA_LOG_ERROR, "%s: %s", a->name, line);
    return status;
}

mfxStatus vfa_last_error(struct vfa_allocator *a, struct vfa_error *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!a)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&a->error_lock);
    *out = a->last_error;
    pthread_mutex_unlock(&a->error_lock);
    return MFX_ERR_NONE;
}

/* Takes `bytes` out of the limit on frame memory; false when it is spent. */
static bool take_budget(struct vfa_allocator *a, size_t bytes)
{
    size_t now = atomic_load_explicit(&a->budgeted_bytes, memory_order_relaxed);
    do {
        if (now > a->max_frame_bytes || bytes > a->max_frame_bytes - now)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&a->budgeted_bytes, &now, now + bytes,
                                                    memory_order_relaxed, memory_order_relaxed));
    return true;
}

static void return_budget(struct vfa_allocator *a, size_t bytes)
{
    atomic_fetch_sub_explicit(&a->budgeted_bytes, bytes, memory_order_relaxed);
}

static void *host_allocate(const struct vfa_backend_host *host, size_t bytes, size_t alignment,
                           enum vfa_memory_use use)
{
    struct vfa__call *call = host->context;
    struct vfa_allocator *a = call->allocator;
    if (use == VFA_MEMORY_FRAME && !take_budget(a, bytes))
        return NULL;
    void *block = vfa__gate_allocate(&a->gate, bytes, alignment, use);
    if (!block && use == VFA_MEMORY_FRAME)
        return_budget(a, bytes);
    return block;
}

static void host_release(const struct vfa_backend_host *host, void *block, size_t bytes,
                         enum vfa_memory_use use)
{
    struct vfa__call *call = host->context;
    struct vfa_allocator *a = call->allocator;
    if (!block)
        return;
    vfa__gate_release(&a->gate, block, bytes, use);
    if (use == VFA_MEMORY_FRAME)
        return_budget(a, bytes);
}

static bool allocate_frames(struct vfa_allocator *a, const struct vfa__shape *shape,
                            struct vfa_backend_memory *out)
{
    size_t bytes;
    if (!vfa__multiply(shape->frame_bytes, shape->count, &bytes) || !take_budget(a, bytes))
        return false;
    struct vfa__extent *extent = vfa__store_take(&a->store, shape);
    if (!extent) {
        return_budget(a, bytes);
        return false;
    }
    *out = (struct vfa_backend_memory){extent, extent->base, extent->stride, bytes};
    return true;
}

static void release_frames(struct vfa_allocator *a, const struct vfa_backend_memory *memory, bool keep)
{
    return_budget(a, memory->counted_bytes);
    vfa__store_give(&a->store, memory->handle, keep);
}

/* Finds by halving how many frames there is memory for, when it is not enough for all. */
static size_t host_allocate_set(const struct vfa_backend_host *host, size_t frame_bytes, size_t alignment,
                                size_t min, size_t count, struct vfa_backend_memory *out)
{
    struct vfa__call *call = host->context;
    struct vfa_allocator *a = call->allocator;
    struct vfa__shape shape = {frame_bytes, alignment, count};
    memset(out, 0, sizeof *out);
    if (allocate_frames(a, &shape, out))
        return count;
    size_t most = min - 1; /* whatever is below is of no use */
    while (count - most > 1) {
        shape.count = most + (count - most) / 2;
        if (allocate_frames(a, &shape, out)) {
            most = shape.count;
            release_frames(a, out, false);
        } else {
            count = shape.count;
        }
    }
    memset(out, 0, sizeof *out);
    shape.count = most;
    return most >= min && allocate_frames(a, &shape, out) ? most : 0;
}

static void host_release_set(const struct vfa_backend_host *host, const struct vfa_backend_memory *memory)
{
    struct vfa__call *call = host->context;
    if (memory->handle)
        release_frames(call->allocator, memory, true);
}

static void host_explain(const struct vfa_backend_host *host, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    explain_list(host->context, format, args);
    va_end(args);
}

struct vfa_backend_host vfa__host(struct vfa__call *call)
{
    bool has_store = call->allocator->has_store;
    return (struct vfa_backend_host){
        .context = call,
        .allocate = host_allocate,
        .release = host_release,
        .explain = host_explain,
        .allocate_set = has_store ? host_allocate_set : NULL,
        .release_set = has_store ? host_release_set : NULL,
    };
}
