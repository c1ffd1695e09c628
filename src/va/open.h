/* Opening a display for a backend that was given none. */
#ifndef VFA_VA_OPEN_H
#define VFA_VA_OPEN_H

#include "va/internal.h"

/* Sets display, fd and device. `device` NULL: the first node that opens.
 * MFX_ERR_NOT_FOUND; MFX_ERR_DEVICE_FAILED. */
mfxStatus vfa__va_open_display(struct vfa_va *va, const struct vfa_backend_host *host, const char *device);

/* Ends what vfa__va_open_display made, if it made anything. */
void vfa__va_close_display(struct vfa_va *va);

#endif
