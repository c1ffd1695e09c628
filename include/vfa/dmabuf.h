/* dma-bufs out of VA frames and into them (libvfa-va).
 *
 * Out: vfa_va_export gives the buffers of a frame as file descriptors, for a display, a camera, an encoder of
 * another API or another process.
 *
 * In: import slots, frames that have a stable mid but no surface yet. A dma-buf, or a surface of the
 * application's, is bound to a slot frame by frame; the mid is what the runtime sees. A runtime keeps what
 * GetHDL gave it, and reads the VASurfaceID behind it when it uses the frame: bind only while neither the
 * runtime (Data.Locked) nor a Lock of yours holds the frame.
 *
 * Failures are explained by vfa_last_error of the allocator. */
#ifndef VFA_DMABUF_H
#define VFA_DMABUF_H

#include <vfa/va.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an export is for, and its form. */
enum vfa_va_export_flag {
    VFA_VA_EXPORT_READ = 1,  /* the receiver reads */
    VFA_VA_EXPORT_WRITE = 2, /* the receiver writes. Drivers may hand out descriptors that the processor can
                                only map to read all the same (iHD) */
    VFA_VA_EXPORT_SEPARATE = 4, /* one layer a plane (R8 and GR88), instead of one for all (NV12) */
};

/* Exports the surface of a frame, after waiting until the driver is done with it.
 * `flags`: VFA_VA_EXPORT_READ or WRITE or both; SEPARATE besides. Formats of one plane are the same in either
 * form, and the driver is asked for both. `out`: layout and modifier; its file descriptors are the caller's,
 * close-on-exec, and keep the buffers alive beyond the frame: end them with vfa_va_descriptor_close.
 * A frame locked for writing is refused, since its pixels may reach the surface with the last Unlock only;
 * one locked for reading is not. While others write through the export, do not keep the frame locked.
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_VIDEO_PARAM: no such flags; MFX_ERR_INVALID_HANDLE: no frame of this
 * backend, or the driver does not export this format (iHD: NV21, I422, RGB565); MFX_ERR_UNSUPPORTED: a coded
 * buffer; MFX_ERR_NOT_INITIALIZED: a slot with nothing bound; MFX_ERR_RESOURCE_MAPPED: locked for writing;
 * MFX_ERR_DEVICE_FAILED: the driver's answer makes no sense (iHD answers some formats with no layer, or with
 * planes of pitch 0); MFX_ERR_GPU_HANG; MFX_ERR_DEVICE_LOST; what the driver failed with. On error `out` is
 * zeroed. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_export(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid,
                                             unsigned int flags, VADRMPRIMESurfaceDescriptor *out);

/* Closes the file descriptors of an export, and zeroes it, so that a second call is harmless. Accepts NULL.
 * Any thread. */
VFA_API void vfa_va_descriptor_close(VADRMPRIMESurfaceDescriptor *descriptor);

/* Allocates import slots: frames with mids and no surfaces. Lock and GetHDL of a frame with nothing bound
 * answer MFX_ERR_NOT_INITIALIZED. No pixel memory is made, and none counted against max_frame_bytes.
 * `request`: as for vfa_frames_alloc, with a VIDEO_MEMORY target in Type. `flags`: 0 or VFA_FRAMES_PRIVATE:
 * no Alloc of a runtime gets these frames; VFA_FRAMES_SHARED: any number of Allocs may, and runtimes then ask
 * for the handle of each frame at once, so bind them all before. End the response with vfa_frames_free, which
 * unbinds them all; vfa_frames_replace makes ordinary frames and is not for slots.
 * Errors as vfa_frames_alloc_from; MFX_ERR_UNSUPPORTED for P8 too. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_slots_alloc(struct vfa_va *va, struct vfa_allocator *allocator,
                                                  const mfxFrameAllocRequest *request, unsigned int flags,
                                                  mfxFrameAllocResponse *response);

/* Binds a dma-buf to a slot, in place of what was bound before. On error the former binding stays.
 *
 * `descriptor` and its file descriptors are only read, and stay the caller's, who may close them as soon as
 * the call returns. It is checked before the driver sees it: format (VA fourcc; DRM codes of one layer for
 * all planes, or of a layer a plane), size not below the frame's, plane pitches and offsets within objects,
 * objects within buffers, one modifier for all. Several objects may be one buffer or several. The surface is
 * then asked for its layout, since drivers answer success for layouts that they do not honour (iHD rounds a
 * plane's offset down to whole rows, and takes all planes from the first object).
 *
 * Modifiers: DRM_FORMAT_MOD_LINEAR, and the one that the driver's own surfaces of this format and usage
 * export. So DRM_FORMAT_MOD_INVALID, a layout agreed on elsewhere, is taken only from drivers that speak of
 * their own surfaces so.
 *
 * `key`: not 0: the surface is remembered under it, and a later bind with the same key, layout and buffers
 * (told by their inodes; Linux 5.3 or later) is served without the driver. When the key comes with another
 * buffer, the former surface is forgotten. Buffers of a queue are best keyed by their index plus one. 0: the
 * surface ends with its binding. Where pixels come from is not asked: whoever fills the buffer is done with
 * it, or the driver waits for it by the fences of the dma-buf.
 *
 * Two frames may have one buffer, under one key or several. Under one key they have one surface too, and only
 * one of them can be locked at a time (MFX_ERR_LOCK_MEMORY). Otherwise, and where the buffer is an export of
 * the same display, that is two surfaces over one memory: on iHD these share what the driver knows of the
 * buffer, and what is written through one is lost when the other is written back. Do not lock both at a time.
 *
 * MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE: no frame of this backend, one that is no slot, or a file
 * descriptor that is not open; MFX_ERR_RESOURCE_MAPPED: the frame is locked; MFX_ERR_INVALID_VIDEO_PARAM: the
 * descriptor contradicts itself or its buffers; MFX_ERR_INCOMPATIBLE_VIDEO_PARAM: another format than the
 * frame's, or a smaller picture; MFX_ERR_UNSUPPORTED: a modifier not accepted, or a layout that the driver
 * does not honour; MFX_ERR_MEMORY_ALLOC; MFX_ERR_DEVICE_LOST; what the driver failed with. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_bind_dmabuf(struct vfa_va *va, struct vfa_allocator *allocator,
                                                  mfxMemId mid, const VADRMPRIMESurfaceDescriptor *descriptor,
                                                  uint64_t key);

/* Binds a surface of the application's to a slot, in place of what was bound before. It stays the
 * application's: it must live until it is unbound, replaced, or the frames have ended, and is never destroyed
 * here. Format and size are compared where the driver derives an image of it; where it does not (Mesa: YUV)
 * the application is believed. On error the former binding stays.
 * MFX_ERR_NULL_PTR (`va` or `allocator`); MFX_ERR_INVALID_HANDLE: no frame of this backend, one that is no
 * slot, or no surface; MFX_ERR_RESOURCE_MAPPED: the frame is locked; MFX_ERR_INCOMPATIBLE_VIDEO_PARAM:
 * another format than the frame's, or a smaller picture; MFX_ERR_DEVICE_LOST. Any thread. */
VFA_API VFA_MUST_USE mfxStatus vfa_va_bind_surface(struct vfa_va *va, struct vfa_allocator *allocator,
                                                   mfxMemId mid, VASurfaceID surface);

/* Ends the binding of a slot; MFX_ERR_NONE where nothing is bound. MFX_ERR_NULL_PTR; MFX_ERR_INVALID_HANDLE:
 * no frame of this backend, or one that is no slot; MFX_ERR_RESOURCE_MAPPED: the frame is locked;
 * MFX_ERR_DEVICE_LOST. Any thread. */
VFA_API mfxStatus vfa_va_unbind(struct vfa_va *va, struct vfa_allocator *allocator, mfxMemId mid);

/* Forgets the surface of a key, whose buffer is not coming back: it ends now, or when the last frame that has
 * it is bound to another or ends. Unknown keys are none of the caller's mistakes: surfaces that no frame is
 * bound to are kept, but not more than vfa_va_config.import_cache, those bound longest ago going first. `key`
 * 0: all surfaces that no frame is bound to. MFX_ERR_NULL_PTR. Any thread. */
VFA_API mfxStatus vfa_va_import_forget(struct vfa_va *va, uint64_t key);

#ifdef __cplusplus
}
#endif

#endif
