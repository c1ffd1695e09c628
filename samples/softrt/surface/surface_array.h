/* mfxSurfaceArray: the surfaces of one call, counted as a whole. It has a reference of its own to each of
 * them, beside the one that the application gets and releases. */
#ifndef SOFTRT_SURFACE_ARRAY_H
#define SOFTRT_SURFACE_ARRAY_H

#include <vpl/mfxvideo.h>

/* Empty, with room for `most` surfaces and one reference. NULL when there is no memory. */
mfxSurfaceArray *srt_surface_array_create(mfxU32 most);

/* Adds a surface, whose reference is the application's from then on; there must be room. What AddRef answers,
 * and nothing was added. */
mfxStatus srt_surface_array_add(mfxSurfaceArray *mfx, mfxFrameSurface1 *surface);

/* Ends an array that the application has never seen, and its references to the surfaces. Accepts NULL, clears
 * the pointer. */
void srt_surface_array_discard(mfxSurfaceArray **slot);

#endif
