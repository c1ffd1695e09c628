/* The calls of libva, each behind one function that knows what the backend holds of the driver, and that
 * calls nothing any more once the display is lost: then they answer VA_STATUS_ERROR_INVALID_DISPLAY, and what
 * ends something only counts. */
#ifndef VFA_VA_DRIVER_H
#define VFA_VA_DRIVER_H

#include "va/internal.h"

/* What makes something: a success without an id is a failure here. */
VAStatus vfa__drv_create_surface(struct vfa_va *va, const struct vfa__va_shape *shape,
                                 VASurfaceAttrib *attributes, unsigned int attribute_count, VASurfaceID *out);
void vfa__drv_destroy_surface(struct vfa_va *va, VASurfaceID surface);
/* `call`: set to the name of what was called. */
VAStatus vfa__drv_sync(struct vfa_va *va, VASurfaceID surface, uint64_t timeout_ns, const char **call);

VAStatus vfa__drv_derive_image(struct vfa_va *va, VASurfaceID surface, VAImage *out);
VAStatus vfa__drv_create_image(struct vfa_va *va, const struct vfa__va_shape *shape, VAImage *out);
void vfa__drv_destroy_image(struct vfa_va *va, VAImageID image);
VAStatus vfa__drv_get_image(struct vfa_va *va, const struct vfa__va_shape *shape, VASurfaceID surface,
                            VAImageID image);
VAStatus vfa__drv_put_image(struct vfa_va *va, const struct vfa__va_shape *shape, VASurfaceID surface,
                            VAImageID image);

VAStatus vfa__drv_create_coded(struct vfa_va *va, VAContextID context, unsigned int bytes, VABufferID *out);
void vfa__drv_destroy_buffer(struct vfa_va *va, VABufferID buffer);

/* `read_only`: with vaMapBuffer2 where there is one. A success without an address is a failure here. `call`
 * as above. */
VAStatus vfa__drv_map(struct vfa_va *va, VABufferID buffer, bool read_only, void **bytes, const char **call);
VAStatus vfa__drv_unmap(struct vfa_va *va, VABufferID buffer);

/* Exports, with every file descriptor close-on-exec. A success that makes no sense is a failure here;
 * `absurd` says what of it, or is NULL. The file descriptors are counted until they are closed or given away.
 * On failure `out` is zeroed. */
VAStatus vfa__drv_export(struct vfa_va *va, VASurfaceID surface, uint32_t flags,
                         VADRMPRIMESurfaceDescriptor *out, const char **absurd);
void vfa__drv_close_fds(struct vfa_va *va, VADRMPRIMESurfaceDescriptor *descriptor);
void vfa__drv_give_fds(struct vfa_va *va, const VADRMPRIMESurfaceDescriptor *descriptor);

#endif
