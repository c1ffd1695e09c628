/* Surfaces of the runtime's own, VPL's internal memory model: everything goes through their frame interface.
 */
#ifndef SOFTRT_OWN_SURFACE_H
#define SOFTRT_OWN_SURFACE_H

#include "frames.h"

typedef mfxStatus(MFX_CDECL *own_get_fn)(mfxSession session, mfxFrameSurface1 **surface);

/* A surface that MFXMemory_GetSurfaceFor... hands out; fails the test when there is none. */
mfxFrameSurface1 *own_get(own_get_fn get, mfxSession session);
void own_release(mfxFrameSurface1 *surface);
mfxU32 own_references(mfxFrameSurface1 *surface);

/* The crop rectangle, NV12 or I420, as a packed picture: from it, mapped for writing; into it, mapped for
 * reading, which waits for the operation. Return its size. */
size_t own_put(mfxFrameSurface1 *surface, const uint8_t *picture);
size_t own_take(mfxFrameSurface1 *surface, uint8_t *picture);

/* Grey: a picture where it does not matter which. */
void own_blank(mfxFrameSurface1 *surface);

/* The hints, ready to be attached. */
mfxExtAllocationHints own_hints(mfxPoolAllocationPolicy policy, mfxU32 first, mfxU32 more, mfxU32 wait_ms);

#endif
