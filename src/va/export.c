/* Frames as dma-bufs. */
#include "va/export.h"
#include "va/driver.h"

#include <string.h>
#include <vfa/dmabuf.h>

VAStatus vfa__va_export_any(struct vfa_va *va, VASurfaceID surface, uint32_t access,
                            VADRMPRIMESurfaceDescriptor *out)
{
    const char *absurd;
    VAStatus status = vfa__drv_export(va, surface, access | VA_EXPORT_SURFACE_COMPOSED_LAYERS, out, &absurd);
    if (status != VA_STATUS_SUCCESS &&
        vfa__drv_export(va, surface, access | VA_EXPORT_SURFACE_SEPARATE_LAYERS, out, &absurd) ==
            VA_STATUS_SUCCESS)
        return VA_STATUS_SUCCESS;
    return status;
}

struct order {
    unsigned int flags;
    VADRMPRIMESurfaceDescriptor *out;
};

static uint32_t access_of(unsigned int flags)
{
    uint32_t access = 0;
    if (flags & VFA_VA_EXPORT_READ)
        access |= VA_EXPORT_SURFACE_READ_ONLY;
    if (flags & VFA_VA_EXPORT_WRITE)
        access |= VA_EXPORT_SURFACE_WRITE_ONLY;
    return access;
}

static mfxStatus export_surface(const struct vfa_backend_host *host, const struct vfa__va_frame *frame,
                                const struct order *order)
{
    struct vfa_va *va = frame->set->va;
    const char *absurd = NULL;
    uint32_t access = access_of(order->flags);
    uint32_t form = order->flags & VFA_VA_EXPORT_SEPARATE ? VA_EXPORT_SURFACE_SEPARATE_LAYERS
                                                          : VA_EXPORT_SURFACE_COMPOSED_LAYERS;
    VAStatus status = frame->set->shape.format->plane_count == 1
                          ? vfa__va_export_any(va, frame->id, access, order->out)
                          : vfa__drv_export(va, frame->id, access | form, order->out, &absurd);
    if (status == VA_STATUS_SUCCESS) {
        vfa__drv_give_fds(va, order->out);
        return MFX_ERR_NONE;
    }
    mfxStatus result = vfa__va_failed(va, host, "vaExportSurfaceHandle", status);
    if (absurd)
        host->explain(host, "vaExportSurfaceHandle answers success with %s", absurd);
    return result;
}

static mfxStatus visit(void *self, const struct vfa_backend_host *host, void *frame_pointer, uint32_t locks,
                       void *user)
{
    struct vfa__va_frame *frame = frame_pointer;
    (void)locks;
    mfxStatus status = vfa__va_check_lost(self, host);
    if (status == MFX_ERR_NONE)
        status = vfa__va_check_bound(host, frame);
    if (status != MFX_ERR_NONE)
        return status;
    if (frame->set->coded) {
        host->explain(host, "a coded buffer is not a surface");
        return MFX_ERR_UNSUPPORTED;
    }
    if (frame->map.flags & MFX_MAP_WRITE) {
        host->explain(host, "the frame is locked for writing: its pixels reach the surface with the Unlock");
        return MFX_ERR_RESOURCE_MAPPED;
    }
    status = vfa__va_sync(host, frame, 0);
    return status == MFX_ERR_NONE ? export_surface(host, frame, user) : status;
}

mfxStatus vfa_va_export(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid, unsigned int flags,
                        VADRMPRIMESurfaceDescriptor *out)
{
    struct order order = {.flags = flags, .out = out};
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!access_of(flags) ||
        flags & ~(unsigned int)(VFA_VA_EXPORT_READ | VFA_VA_EXPORT_WRITE | VFA_VA_EXPORT_SEPARATE))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return vfa_backend_visit(allocator, "vfa_va_export", mid, va, visit, &order);
}
