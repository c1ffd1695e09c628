/* Import slots: frames that have a mid, and no surface until one is bound to them. */
#include "va/driver.h"
#include "va/import.h"

#include <string.h>
#include <vfa/dmabuf.h>

const char vfa__va_slots_detail[] = "import slots";

/* --- the frames */

void vfa__va_slots_create(const struct vfa_backend_order *order, struct vfa__va_set *set)
{
    set->slots = true;
    set->shape.width = set->shape.info.Width; /* a buffer need not have more */
    set->shape.height = set->shape.info.Height;
    for (; set->count < order->count; set->count++)
        set->frame[set->count] =
            (struct vfa__va_frame){.id = VA_INVALID_ID, .set = set, .binding = VFA__VA_UNBOUND};
}

mfxStatus vfa__va_check_bound(const struct vfa_backend_host *host, const struct vfa__va_frame *frame)
{
    if (frame->binding != VFA__VA_UNBOUND)
        return MFX_ERR_NONE;
    host->explain(host,
                  "nothing is bound to this import slot: vfa_va_bind_dmabuf or vfa_va_bind_surface first");
    return MFX_ERR_NOT_INITIALIZED;
}

void vfa__va_frame_end(struct vfa__va_frame *frame)
{
    struct vfa_va *va = frame->set->va;
    switch (frame->binding) {
    case VFA__VA_OWN:
        if (frame->set->coded)
            vfa__va_coded_destroy(va, frame->id);
        else
            vfa__va_surface_destroy(va, frame->id);
        break;
    case VFA__VA_IMPORTED:
        vfa__va_import_return(va, frame->import);
        break;
    case VFA__VA_UNBOUND:
    case VFA__VA_FOREIGN:
        break;
    }
    frame->import = NULL;
}

static void rebind(struct vfa__va_frame *frame, enum vfa__va_binding binding, VASurfaceID surface,
                   struct vfa__va_import *import)
{
    vfa__va_frame_end(frame);
    frame->binding = binding;
    frame->id = surface;
    frame->import = import;
}

mfxStatus vfa_va_slots_alloc(struct vfa_va *va, struct vfa_allocator *allocator,
                             const mfxFrameAllocRequest *request, unsigned int flags,
                             mfxFrameAllocResponse *response)
{
    /* A runtime that got them would find nothing in them. */
    return vfa_frames_alloc_from(allocator, va, vfa__va_slots_detail, request,
                                 flags ? flags : VFA_FRAMES_PRIVATE, response);
}

/* --- what is bound */

static mfxStatus check_slot(struct vfa_va *va, const struct vfa_backend_host *host,
                            const struct vfa__va_frame *frame, uint32_t locks)
{
    mfxStatus status = vfa__va_check_lost(va, host);
    if (status != MFX_ERR_NONE)
        return status;
    if (!frame->set->slots) {
        host->explain(host, "the frame has a surface of its own, it is no import slot (vfa_va_slots_alloc)");
        return MFX_ERR_INVALID_HANDLE;
    }
    if (locks > 0) {
        host->explain(host, "the frame is locked, %u times", locks);
        return MFX_ERR_RESOURCE_MAPPED;
    }
    return MFX_ERR_NONE;
}

struct dmabuf_order {
    const VADRMPRIMESurfaceDescriptor *descriptor;
    uint64_t key;
};

static mfxStatus visit_dmabuf(void *self, const struct vfa_backend_host *host, void *frame_pointer,
                              uint32_t locks, void *user)
{
    struct vfa_va *va = self;
    struct vfa__va_frame *frame = frame_pointer;
    const struct dmabuf_order *order = user;
    VADRMPRIMESurfaceDescriptor descriptor;
    struct vfa__va_picture picture;
    struct vfa__va_import *import = NULL;
    mfxStatus status = check_slot(va, host, frame, locks);
    if (status == MFX_ERR_NONE)
        status = vfa__va_descriptor_check(host, frame->set, order->descriptor, &descriptor, &picture);
    if (status == MFX_ERR_NONE)
        status =
            vfa__va_import_take(va, host, &frame->set->shape, &descriptor, &picture, order->key, &import);
    if (status == MFX_ERR_NONE)
        rebind(frame, VFA__VA_IMPORTED, import->surface, import);
    return status;
}

mfxStatus vfa_va_bind_dmabuf(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid,
                             const VADRMPRIMESurfaceDescriptor *descriptor, uint64_t key)
{
    struct dmabuf_order order = {.descriptor = descriptor, .key = key};
    if (!descriptor)
        return MFX_ERR_NULL_PTR;
    return vfa_backend_visit(allocator, "vfa_va_bind_dmabuf", mid, va, visit_dmabuf, &order);
}

/* A derived image says what a surface is; the driver that does not derive leaves it to the application. */
static mfxStatus check_surface(struct vfa_va *va, const struct vfa_backend_host *host,
                               const struct vfa__va_shape *shape, VASurfaceID surface)
{
    VAImage image;
    if (surface == VA_INVALID_SURFACE) {
        host->explain(host, "VA_INVALID_SURFACE");
        return MFX_ERR_INVALID_HANDLE;
    }
    VAStatus status = vfa__drv_derive_image(va, surface, &image);
    if (status == VA_STATUS_ERROR_INVALID_SURFACE || status == VA_STATUS_ERROR_INVALID_DISPLAY)
        return vfa__va_failed(va, host, "vaDeriveImage", status);
    if (status != VA_STATUS_SUCCESS)
        return MFX_ERR_NONE;
    vfa__drv_destroy_image(va, image.image_id);
    if (image.format.fourcc == shape->image_format.fourcc && image.width >= shape->info.Width &&
        image.height >= shape->info.Height)
        return MFX_ERR_NONE;
    host->explain(host, "surface 0x%x has %ux%u of VA fourcc 0x%08x, the frame %ux%u of 0x%08x", surface,
                  image.width, image.height, image.format.fourcc, shape->info.Width, shape->info.Height,
                  shape->image_format.fourcc);
    return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
}

static mfxStatus visit_surface(void *self, const struct vfa_backend_host *host, void *frame_pointer,
                               uint32_t locks, void *user)
{
    struct vfa_va *va = self;
    struct vfa__va_frame *frame = frame_pointer;
    const VASurfaceID *surface = user;
    mfxStatus status = check_slot(va, host, frame, locks);
    if (status == MFX_ERR_NONE)
        status = check_surface(va, host, &frame->set->shape, *surface);
    if (status == MFX_ERR_NONE)
        rebind(frame, VFA__VA_FOREIGN, *surface, NULL);
    return status;
}

mfxStatus vfa_va_bind_surface(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid,
                              VASurfaceID surface)
{
    return vfa_backend_visit(allocator, "vfa_va_bind_surface", mid, va, visit_surface, &surface);
}

static mfxStatus visit_unbind(void *self, const struct vfa_backend_host *host, void *frame_pointer,
                              uint32_t locks, void *user)
{
    struct vfa__va_frame *frame = frame_pointer;
    (void)user;
    mfxStatus status = check_slot(self, host, frame, locks);
    if (status == MFX_ERR_NONE)
        rebind(frame, VFA__VA_UNBOUND, VA_INVALID_ID, NULL);
    return status;
}

mfxStatus vfa_va_unbind(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid)
{
    return vfa_backend_visit(allocator, "vfa_va_unbind", mid, va, visit_unbind, NULL);
}
