/* The vtable: sets of surfaces made, mapped and ended. */
#include "va/import.h"

#include <string.h>

/* --- create and destroy */

static bool is_short_of_memory(mfxStatus status)
{
    return status == MFX_ERR_MEMORY_ALLOC || status == MFX_ERR_NOT_ENOUGH_BUFFER;
}

/* Surfaces one by one: when memory runs out, those that are there may be enough. */
static mfxStatus create_surfaces(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                                 struct vfa__va_set *set)
{
    while (set->count < order->count) {
        struct vfa__va_frame *frame = &set->frame[set->count];
        mfxStatus status = vfa__va_surface_create(set->va, host, &set->shape, &frame->id);
        if (status == MFX_ERR_NONE)
            status = vfa__va_set_join(host, set);
        if (status != MFX_ERR_NONE)
            return status;
    }
    return MFX_ERR_NONE;
}

static mfxStatus fill_set(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                          struct vfa__va_set *set)
{
    mfxStatus status;
    if (set->shape.format->linear) {
        status = vfa__va_coded_create(host, order, set);
    } else {
        status = vfa__va_policy(set->va, host, &set->shape, &set->policy);
        if (status != MFX_ERR_NONE)
            return status;
        if ((order->request->Type & MFX_MEMTYPE_EXPORT_FRAME) && set->policy->facts.export_refused) {
            host->explain(host, "MFX_MEMTYPE_EXPORT_FRAME: vaExportSurfaceHandle of %s: %s",
                          set->shape.format->name, vfa_va_status_name(set->policy->facts.export_refused));
            return MFX_ERR_UNSUPPORTED;
        }
        if (order->detail)
            vfa__va_slots_create(order, set);
        else
            status = create_surfaces(host, order, set);
    }
    return is_short_of_memory(status) && set->count >= order->min ? MFX_ERR_NONE : status;
}

/* vfa_frames_alloc_from takes what the application gives it. */
static mfxStatus check_detail(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                              const struct vfa__va_shape *shape)
{
    if (order->detail != vfa__va_slots_detail) {
        host->explain(host, "the detail of a request for VA frames must be NULL");
        return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    if (shape->format->linear) {
        host->explain(host, "%s is a buffer of the driver: nothing can be bound to it", shape->format->name);
        return MFX_ERR_UNSUPPORTED;
    }
    return MFX_ERR_NONE;
}

static mfxStatus va_create(void *self, const struct vfa_backend_host *host,
                           const struct vfa_backend_order *order, struct vfa_backend_frame *frames,
                           struct vfa_backend_set *made)
{
    struct vfa_va *va = self;
    struct vfa__va_shape shape;
    mfxStatus status = vfa__va_check_lost(va, host);
    if (status == MFX_ERR_NONE)
        status = vfa__va_shape(va, host, &order->request->Info, order->request->Type, &shape);
    if (status == MFX_ERR_NONE && order->detail)
        status = check_detail(host, order, &shape);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__va_set *set = vfa__va_set_new(va, host, order->count);
    if (!set)
        return MFX_ERR_MEMORY_ALLOC;
    set->shape = shape;
    status = fill_set(host, order, set);
    if (status != MFX_ERR_NONE) {
        vfa__va_set_delete(host, set);
        return status;
    }
    for (size_t i = 0; i < set->count; i++)
        frames[i].frame = &set->frame[i];
    made->set = set;
    made->count = (mfxU16)set->count;
    if (set->slots)
        return MFX_ERR_NONE; /* what is bound has its own memory, and need not be rounded */
    made->bytes = set->count * shape.layout.size_bytes; /* what the driver takes is about that */
    made->width_px = shape.width;
    made->rows = shape.height;
    return MFX_ERR_NONE;
}

static void va_destroy(void *self, const struct vfa_backend_host *host, const struct vfa_backend_set *made)
{
    (void)self;
    vfa__va_set_delete(host, made->set);
}

/* --- map and unmap */

/* What callers of the vtable see: the maps that finding out makes are not among the figures. */
static void count(atomic_uint_fast64_t *figure)
{
    atomic_fetch_add_explicit(figure, 1, memory_order_relaxed);
}

static mfxStatus map_surface(const struct vfa_backend_host *host, struct vfa__va_frame *frame, mfxU32 flags,
                             mfxFrameData *view)
{
    enum vfa_va_way ways[VFA_VA_WAYS];
    mfxStatus status = vfa__va_sync(host, frame, flags);
    if (status != MFX_ERR_NONE)
        return status;
    vfa__va_ways(frame->set, flags, ways);
    if (ways[0] == VFA_VA_WAY_MEASURED) {
        char why[VFA__VA_CAUSE_MAX];
        host->explain(host, "%s", vfa__va_why_no_way(&frame->set->policy->facts, why, sizeof why));
        return MFX_ERR_UNSUPPORTED;
    }
    for (size_t i = 0; ways[i] != VFA_VA_WAY_MEASURED; i++) {
        status = vfa__va_map_open(host, frame, ways[i], flags, view);
        if (status == MFX_ERR_NONE)
            count(&frame->set->va->counts.maps[ways[i]]);
        if (status == MFX_ERR_NONE || status == MFX_ERR_DEVICE_LOST)
            break;
    }
    return status;
}

static mfxStatus va_map(void *self, const struct vfa_backend_host *host, void *frame_pointer, mfxU32 flags,
                        mfxFrameData *view)
{
    struct vfa__va_frame *frame = frame_pointer;
    mfxStatus status = vfa__va_check_lost(self, host);
    if (status == MFX_ERR_NONE)
        status = vfa__va_check_bound(host, frame);
    if (status != MFX_ERR_NONE)
        return status;
    if (frame->set->coded)
        return vfa__va_coded_map(host, frame, view);
    status = vfa__va_import_enter(host, frame->import);
    if (status != MFX_ERR_NONE)
        return status;
    status = map_surface(host, frame, flags, view);
    if (status != MFX_ERR_NONE)
        vfa__va_import_leave(frame->import);
    return status;
}

static mfxStatus unmap_surface(const struct vfa_backend_host *host, struct vfa__va_frame *frame)
{
    bool puts = (frame->map.flags & MFX_MAP_WRITE) && frame->map.way != VFA_VA_WAY_DERIVE;
    mfxStatus status = vfa__va_map_close(host, frame);
    if (puts && status == MFX_ERR_NONE)
        count(&frame->set->va->counts.writebacks);
    return status;
}

static mfxStatus va_unmap(void *self, const struct vfa_backend_host *host, void *frame_pointer,
                          mfxFrameData *view)
{
    (void)view;
    struct vfa__va_frame *frame = frame_pointer;
    mfxStatus status = frame->set->coded ? vfa__va_coded_unmap(host, frame) : unmap_surface(host, frame);
    vfa__va_import_leave(frame->import);
    return status == MFX_ERR_NONE ? vfa__va_check_lost(self, host) : status;
}

/* The pixels are where they are; what changes is whether they are put back at the end. */
static mfxStatus va_remap(void *self, const struct vfa_backend_host *host, void *frame_pointer, mfxU32 held,
                          mfxU32 wanted)
{
    struct vfa_va *va = self;
    struct vfa__va_frame *frame = frame_pointer;
    mfxStatus status = vfa__va_check_lost(va, host);
    if (status != MFX_ERR_NONE)
        return status;
    (void)held; /* READ: a map for WRITE alone is never widened */
    if (frame->map.way == VFA_VA_WAY_DERIVE && va->api.map_buffer2) {
        host->explain(host, "the frame is mapped to be read only: unlock it first");
        return MFX_ERR_LOCK_MEMORY;
    }
    frame->map.flags |= wanted & MFX_MAP_READ_WRITE;
    return MFX_ERR_NONE;
}

static mfxStatus va_get_handle(void *self, const struct vfa_backend_host *host, void *frame_pointer,
                               mfxHDL *handle)
{
    struct vfa__va_frame *frame = frame_pointer;
    mfxStatus status = vfa__va_check_lost(self, host);
    if (status == MFX_ERR_NONE)
        status = vfa__va_check_bound(host, frame);
    if (status == MFX_ERR_NONE)
        *handle = &frame->id;
    return status;
}

mfxStatus vfa_va_backend(struct vfa_va *va, struct vfa_backend *out)
{
    if (!va || !out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->name = "VA-API";
    out->self = va;
    out->kinds = VFA_MEMTYPE_VIDEO;
    out->create = va_create;
    out->destroy = va_destroy;
    out->map = va_map;
    out->unmap = va_unmap;
    out->remap = va_remap;
    out->get_handle = va_get_handle;
    return MFX_ERR_NONE;
}
