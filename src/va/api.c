/* The table of libva's own functions. */
#include "va/internal.h"

#include <va/va_drm.h>

static const struct vfa_va_api libva = {
    .size = sizeof libva,
    .get_display_drm = vaGetDisplayDRM,
    .initialize = vaInitialize,
    .terminate = vaTerminate,
    .query_vendor_string = vaQueryVendorString,
    .max_num_image_formats = vaMaxNumImageFormats,
    .query_image_formats = vaQueryImageFormats,
    .create_surfaces = vaCreateSurfaces,
    .destroy_surfaces = vaDestroySurfaces,
    .sync_surface = vaSyncSurface,
    .sync_surface2 = vaSyncSurface2,
    .derive_image = vaDeriveImage,
    .create_image = vaCreateImage,
    .destroy_image = vaDestroyImage,
    .get_image = vaGetImage,
    .put_image = vaPutImage,
    .create_buffer = vaCreateBuffer,
    .destroy_buffer = vaDestroyBuffer,
    .map_buffer = vaMapBuffer,
#if VA_CHECK_VERSION(1, 21, 0)
    .map_buffer2 = vaMapBuffer2,
#endif
    .unmap_buffer = vaUnmapBuffer,
    .export_surface_handle = vaExportSurfaceHandle,
};

const struct vfa_va_api *vfa_va_api_libva(void)
{
    return &libva;
}
