/* dma-buf descriptors, checked, and in one form that can be compared. */
#ifndef VFA_VA_DESCRIPTOR_H
#define VFA_VA_DESCRIPTOR_H

#include "va/internal.h"

#include <sys/types.h>

#define VFA__VA_OBJECTS_MAX 4

/* Where a plane lies: in which of a picture's buffers, and where in it. */
struct vfa__va_plane {
    uint32_t buffer, offset, pitch;
};

/* A picture in dma-bufs: buffers in the order in which the planes use them, each once. */
struct vfa__va_picture {
    uint32_t va_fourcc, width, height;
    uint64_t modifier;
    uint32_t plane_count, buffer_count;
    struct vfa__va_plane plane[VFA_MAX_PLANES];
    uint32_t object[VFA__VA_OBJECTS_MAX]; /* of the descriptor, that first named this buffer */
    struct {
        dev_t device;
        ino_t inode;
    } identity[VFA__VA_OBJECTS_MAX];
    bool identified; /* the kernel tells buffers apart by their inodes: since Linux 5.3, which is when
                        dma-bufs came to say their size as well */
};

/* NULL, or what is impossible about the numbers of a descriptor. */
const char *vfa__va_descriptor_absurd(const VADRMPRIMESurfaceDescriptor *descriptor);

/* The picture of a descriptor that is not absurd. *wrong is NULL, or says what is: MFX_ERR_INVALID_HANDLE, a
 * file descriptor that is not open; MFX_ERR_INVALID_VIDEO_PARAM. */
mfxStatus vfa__va_picture_read(const VADRMPRIMESurfaceDescriptor *descriptor, struct vfa__va_picture *out,
                               const char **wrong);

/* Whether two pictures have the same planes in the same buffers, as far as buffers can be told apart. */
bool vfa__va_picture_same(const struct vfa__va_picture *a, const struct vfa__va_picture *b);

/* Checks what an application gives against the frames it is for, and puts it into the driver's words:
 * `for_driver` has each buffer once, and the frame's size. MFX_ERR_INVALID_HANDLE,
 * MFX_ERR_INVALID_VIDEO_PARAM, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, MFX_ERR_UNSUPPORTED, explained. */
mfxStatus vfa__va_descriptor_check(const struct vfa_backend_host *host, const struct vfa__va_set *set,
                                   const VADRMPRIMESurfaceDescriptor *descriptor,
                                   VADRMPRIMESurfaceDescriptor *for_driver, struct vfa__va_picture *picture);

#endif
