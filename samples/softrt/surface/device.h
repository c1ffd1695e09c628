/* VA surfaces that an application's allocator names by GetHDL: their pixels, for this runtime, which has no
 * GPU to read and write them. libvfa-va reaches them, by whichever way is fastest on the driver. */
#ifndef SOFTRT_DEVICE_H
#define SOFTRT_DEVICE_H

#include <stdbool.h>
#include <vpl/mfxvideo.h>

struct srt_session;
struct srt_device;

/* A surface's pixels within reach. */
struct srt_device_map;

/* Maps the VA surface behind `mid`. `info`: its format and size, or, where the surface is smaller, the crop
 * rectangle in it; nothing beyond that may be looked at. `flags`:
 * MFX_MAP_READ or MFX_MAP_WRITE, which discards what the surface holds, or both. The session's device is made
 * with the first map, on the session's display. MFX_ERR_LOCK_MEMORY: no display, no handle, or the driver
 * does not let the pixels be reached; MFX_ERR_MEMORY_ALLOC. Any thread. */
mfxStatus srt_device_map(struct srt_session *session, const mfxFrameAllocator *allocator, mfxMemId mid,
                         const mfxFrameInfo *info, mfxU32 flags, struct srt_device_map **out);

/* Pitch and pointers. */
const mfxFrameData *srt_device_pixels(const struct srt_device_map *map);

/* Ends the map; what was written is in the surface then. MFX_ERR_LOCK_MEMORY: it is not. Clears the pointer.
 */
mfxStatus srt_device_unmap(struct srt_device_map **slot);

/* The session ends. Maps that are left keep the device. Accepts NULL, clears the pointer. */
void srt_device_unref(struct srt_device **slot);

#endif
