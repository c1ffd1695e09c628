/* P8 frames: the driver's coded buffers, which encoders write bitstreams to. */
#include "va/driver.h"

#include <limits.h>
#include <string.h>

static mfxStatus coded_one(const struct vfa_backend_host *host, VAContextID context, unsigned int bytes,
                           struct vfa__va_set *set)
{
    struct vfa__va_frame *frame = &set->frame[set->count];
    VAStatus status = vfa__drv_create_coded(set->va, context, bytes, &frame->id);
    if (status != VA_STATUS_SUCCESS)
        return vfa__va_failed(set->va, host, "vaCreateBuffer(VAEncCodedBufferType)", status);
    return vfa__va_set_join(host, set);
}

mfxStatus vfa__va_coded_create(const struct vfa_backend_host *host, const struct vfa_backend_order *order,
                               struct vfa__va_set *set)
{
    set->coded = true;
    mfxU64 bytes = order->request->Info.BufferSize;
    if (bytes > UINT_MAX) {
        host->explain(host, "BufferSize %llu: vaCreateBuffer takes 32 bits", (unsigned long long)bytes);
        return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    mfxStatus status = MFX_ERR_NONE;
    while (status == MFX_ERR_NONE && set->count < order->count)
        status = coded_one(host, order->request->AllocId, (unsigned int)bytes, set);
    return status;
}

mfxStatus vfa__va_coded_map(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                            mfxFrameData *view)
{
    void *segment;
    const char *call;
    VAStatus status = vfa__drv_map(frame->set->va, frame->id, false, &segment, &call);
    if (status != VA_STATUS_SUCCESS)
        return vfa__va_failed(frame->set->va, host, call, status);
    view->Y = ((const VACodedBufferSegment *)segment)->buf;
    if (view->Y)
        return MFX_ERR_NONE;
    (void)vfa__drv_unmap(frame->set->va, frame->id);
    host->explain(host, "the coded buffer has no segment with bytes");
    return MFX_ERR_LOCK_MEMORY;
}

mfxStatus vfa__va_coded_unmap(const struct vfa_backend_host *host, struct vfa__va_frame *frame)
{
    VAStatus status = vfa__drv_unmap(frame->set->va, frame->id);
    return status == VA_STATUS_SUCCESS ? MFX_ERR_NONE
                                       : vfa__va_failed(frame->set->va, host, "vaUnmapBuffer", status);
}

void vfa__va_coded_destroy(struct vfa_va *va, VABufferID buffer)
{
    vfa__drv_destroy_buffer(va, buffer);
}
