/* Frames in host memory: each one buffer with all its planes, laid out by the format table. */
#include "base/checked.h"
#include "format/reason.h"

#include <string.h>
#include <vfa/backend.h>

/* A set of equal frames. They lie in one block, or, where an application's memory manager is asked, in a
 * block each, so that a set can be as large as memory allows, frame by frame. */
struct system_set {
    struct vfa_layout layout;
    size_t set_bytes; /* of this struct */
    size_t count;
    struct vfa_backend_memory memory; /* zero: a block for each frame */
    void *base[];
};

static struct system_set *new_set(const struct vfa_backend_host *host, const struct vfa_layout *layout,
                                  size_t count)
{
    size_t bytes;
    if (!vfa__multiply(count, sizeof(void *), &bytes) || !vfa__add(bytes, sizeof(struct system_set), &bytes))
        return NULL;
    struct system_set *set = host->allocate(host, bytes, _Alignof(struct system_set), VFA_MEMORY_BOOK);
    if (set) {
        set->layout = *layout;
        set->set_bytes = bytes;
    }
    return set;
}

static void system_destroy(void *self, const struct vfa_backend_host *host,
                           const struct vfa_backend_set *made)
{
    (void)self;
    struct system_set *set = made->set;
    if (set->memory.handle)
        host->release_set(host, &set->memory);
    else
        while (set->count > 0)
            host->release(host, set->base[--set->count], set->layout.size_bytes, VFA_MEMORY_FRAME);
    host->release(host, set, set->set_bytes, VFA_MEMORY_BOOK);
}

static void allocate_together(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                              struct system_set *set)
{
    set->count = host->allocate_set(host, set->layout.size_bytes, set->layout.alignment_bytes, order->min,
                                    order->count, &set->memory);
    for (size_t i = 0; i < set->count; i++)
        set->base[i] = set->memory.base + i * set->memory.stride_bytes;
}

static void allocate_each(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                          struct system_set *set)
{
    while (set->count < order->count) {
        void *base =
            host->allocate(host, set->layout.size_bytes, set->layout.alignment_bytes, VFA_MEMORY_FRAME);
        if (!base)
            break;
        set->base[set->count++] = base;
    }
}

/* Pixels for as many frames as there is memory for, or none. */
static mfxStatus allocate_pixels(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                                 struct system_set *set)
{
    if (host->allocate_set)
        allocate_together(host, order, set);
    else
        allocate_each(host, order, set);
    if (set->count >= order->min)
        return MFX_ERR_NONE;
    host->explain(host, "no memory for %u frames, each %zu bytes: for %zu, and at least %u are needed",
                  order->count, set->layout.size_bytes, set->count, order->min);
    return MFX_ERR_MEMORY_ALLOC;
}

static mfxStatus system_create(void *self, const struct vfa_backend_host *host,
                               const struct vfa_backend_order *order, struct vfa_backend_frame *frames,
                               struct vfa_backend_set *made)
{
    if (order->request->Type & MFX_MEMTYPE_EXPORT_FRAME) {
        host->explain(host, "MFX_MEMTYPE_EXPORT_FRAME: frames in host memory cannot be exported");
        return MFX_ERR_UNSUPPORTED;
    }
    struct vfa_layout layout;
    mfxStatus status = vfa_layout_compute(&order->request->Info, self, &layout);
    if (status != MFX_ERR_NONE) {
        host->explain(host, "no layout for such a frame: %s",
                      vfa__layout_reason(&order->request->Info, status));
        return status;
    }
    struct system_set *set = new_set(host, &layout, order->count);
    if (!set) {
        host->explain(host, "no memory for the record of %u frames", order->count);
        return MFX_ERR_MEMORY_ALLOC;
    }
    made->set = set;
    status = allocate_pixels(host, order, set);
    if (status != MFX_ERR_NONE) {
        system_destroy(self, host, made);
        return status;
    }
    for (size_t i = 0; i < set->count; i++) {
        frames[i].frame = set->base[i];
        /* Cannot fail: neither pointer is NULL. */
        (void)!vfa_layout_point(&layout, set->base[i], &frames[i].view);
    }
    made->count = (mfxU16)set->count;
    made->bytes = set->count * layout.size_bytes; /* they are all there, so it fits */
    made->width_px = layout.width_px;
    made->rows = layout.rows;
    return MFX_ERR_NONE;
}

mfxStatus vfa_backend_system(const struct vfa_layout_rules *rules, struct vfa_backend *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->name = "system";
    out->self = (void *)(uintptr_t)rules; /* NOLINT: void * for every backend; this one only reads it */
    out->kinds = MFX_MEMTYPE_SYSTEM_MEMORY;
    out->traits = VFA_BACKEND_ALWAYS_MAPPED;
    out->create = system_create;
    out->destroy = system_destroy;
    return MFX_ERR_NONE;
}
