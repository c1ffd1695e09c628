/* Surfaces as dma-bufs. */
#ifndef VFA_VA_EXPORT_H
#define VFA_VA_EXPORT_H

#include "va/internal.h"

/* Exports in one layer, or in a layer a plane where the driver refuses that (iHD: XYUV). `access`:
 * VA_EXPORT_SURFACE_READ_ONLY, WRITE_ONLY or READ_WRITE. Ended by vfa__drv_close_fds. */
VAStatus vfa__va_export_any(struct vfa_va *va, VASurfaceID surface, uint32_t access,
                            VADRMPRIMESurfaceDescriptor *out);

#endif
