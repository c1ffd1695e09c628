/* Surfaces over dma-bufs, kept by key. */
#ifndef VFA_VA_IMPORT_H
#define VFA_VA_IMPORT_H

#include "va/descriptor.h"

/* One surface over somebody's buffers. All but `mapped` is guarded by the display's import_lock; `surface`
 * and `key` are constant. */
struct vfa__va_import {
    struct vfa__va_import *next;
    uint64_t key;
    bool listed; /* under its key */
    uint32_t bindings;
    VASurfaceID surface;
    uint32_t rt_format;
    struct vfa__va_picture picture;
    atomic_flag mapped; /* by one of the frames that are bound to it */
};

/* The surface of a picture, with one binding more: the one that is listed under `key`, or a new one. Ended by
 * vfa__va_import_return. */
mfxStatus vfa__va_import_take(struct vfa_va *va, const struct vfa_backend_host *host,
                              const struct vfa__va_shape *shape,
                              const VADRMPRIMESurfaceDescriptor *descriptor,
                              const struct vfa__va_picture *picture, uint64_t key,
                              struct vfa__va_import **out);
void vfa__va_import_return(struct vfa_va *va, struct vfa__va_import *import);

/* A map of one frame begins and ends: drivers do not count the maps of one surface reliably (iHD). `import`
 * NULL: nothing to do. MFX_ERR_LOCK_MEMORY, explained: another frame has it mapped. */
mfxStatus vfa__va_import_enter(const struct vfa_backend_host *host, struct vfa__va_import *import);
void vfa__va_import_leave(struct vfa__va_import *import);

#endif
