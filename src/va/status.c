/* What a VAStatus means in VPL's words. */
#include "va/internal.h"

#define ROW(va, mfx)     \
    {                    \
        (va), #va, (mfx) \
    }

/* MFX_ERR_RESOURCE_MAPPED: in use, try again. MFX_ERR_GPU_HANG: it did not get done in time. */
static const struct {
    VAStatus va;
    const char *name;
    mfxStatus mfx;
} table[] = {
    ROW(VA_STATUS_SUCCESS, MFX_ERR_NONE),
    ROW(VA_STATUS_ERROR_OPERATION_FAILED, MFX_ERR_DEVICE_FAILED),
    ROW(VA_STATUS_ERROR_ALLOCATION_FAILED, MFX_ERR_MEMORY_ALLOC),
    ROW(VA_STATUS_ERROR_INVALID_DISPLAY, MFX_ERR_DEVICE_LOST),
    ROW(VA_STATUS_ERROR_INVALID_CONFIG, MFX_ERR_NOT_INITIALIZED),
    ROW(VA_STATUS_ERROR_INVALID_CONTEXT, MFX_ERR_NOT_INITIALIZED),
    ROW(VA_STATUS_ERROR_INVALID_SURFACE, MFX_ERR_INVALID_HANDLE),
    ROW(VA_STATUS_ERROR_INVALID_BUFFER, MFX_ERR_INVALID_HANDLE),
    ROW(VA_STATUS_ERROR_INVALID_IMAGE, MFX_ERR_INVALID_HANDLE),
    ROW(VA_STATUS_ERROR_INVALID_SUBPICTURE, MFX_ERR_INVALID_HANDLE),
    ROW(VA_STATUS_ERROR_ATTR_NOT_SUPPORTED, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_MAX_NUM_EXCEEDED, MFX_ERR_NOT_ENOUGH_BUFFER),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_PROFILE, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_SURFACE_BUSY, MFX_ERR_LOCK_MEMORY),
    ROW(VA_STATUS_ERROR_FLAG_NOT_SUPPORTED, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_INVALID_PARAMETER, MFX_ERR_INVALID_VIDEO_PARAM),
    ROW(VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED, MFX_ERR_INVALID_VIDEO_PARAM),
    ROW(VA_STATUS_ERROR_UNIMPLEMENTED, MFX_ERR_NOT_IMPLEMENTED),
    ROW(VA_STATUS_ERROR_SURFACE_IN_DISPLAYING, MFX_ERR_LOCK_MEMORY),
    ROW(VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM),
    ROW(VA_STATUS_ERROR_DECODING_ERROR, MFX_ERR_ABORTED),
    ROW(VA_STATUS_ERROR_ENCODING_ERROR, MFX_ERR_ABORTED),
    ROW(VA_STATUS_ERROR_INVALID_VALUE, MFX_ERR_INVALID_VIDEO_PARAM),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_FILTER, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_INVALID_FILTER_CHAIN, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_HW_BUSY, MFX_ERR_RESOURCE_MAPPED),
    ROW(VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE, MFX_ERR_UNSUPPORTED),
    ROW(VA_STATUS_ERROR_NOT_ENOUGH_BUFFER, MFX_ERR_NOT_ENOUGH_BUFFER),
    ROW(VA_STATUS_ERROR_TIMEDOUT, MFX_ERR_GPU_HANG),
    {(VAStatus)VA_STATUS_ERROR_UNKNOWN, "VA_STATUS_ERROR_UNKNOWN", MFX_ERR_UNKNOWN},
};

#define ROWS (sizeof table / sizeof table[0])

mfxStatus vfa_va_status(VAStatus status)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].va == status)
            return table[i].mfx;
    return MFX_ERR_UNKNOWN;
}

const char *vfa_va_status_name(VAStatus status)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].va == status)
            return table[i].name;
    return "a status that va.h does not define";
}

bool vfa__va_may_pass(mfxStatus status)
{
    return status == MFX_ERR_MEMORY_ALLOC || status == MFX_ERR_NOT_ENOUGH_BUFFER ||
           status == MFX_ERR_LOCK_MEMORY || status == MFX_ERR_RESOURCE_MAPPED || status == MFX_ERR_GPU_HANG;
}

mfxStatus vfa__va_failed(struct vfa_va *va, const struct vfa_backend_host *host, const char *call,
                         VAStatus status)
{
    mfxStatus check = vfa__va_check_lost(va, host);
    if (check != MFX_ERR_NONE)
        return check; /* the call was not made */
    atomic_fetch_add_explicit(&va->counts.driver_errors, 1, memory_order_relaxed);
    host->explain(host, "%s: %s (0x%x)", call, vfa_va_status_name(status), (unsigned int)status);
    mfxStatus result = vfa_va_status(status);
    return result == MFX_ERR_NONE ? MFX_ERR_UNKNOWN : result; /* a failure, whatever the driver calls it */
}

mfxStatus vfa__va_check_lost(const struct vfa_va *va, const struct vfa_backend_host *host)
{
    if (!atomic_load_explicit(&va->lost, memory_order_acquire))
        return MFX_ERR_NONE;
    host->explain(host, "the display was lost (vfa_va_display_lost): destroy the allocator, open another");
    return MFX_ERR_DEVICE_LOST;
}
