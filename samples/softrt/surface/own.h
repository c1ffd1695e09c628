/* Surfaces of the runtime's own, VPL's internal memory model: what MFXMemory_GetSurfaceFor... and calls
 * without a surface hand out. They are libvfa's: one allocator and one pool for each side of a component,
 * made when the first surface is wanted, or at Init when mfxExtAllocationHints asks for some then.
 *
 * The frame interface of such a surface ends its operations itself (vfa_surface_begin): surfaces go from
 * session to session, and outlive them. Allocator and pool stay until the last surface is released. */
#ifndef SOFTRT_OWN_H
#define SOFTRT_OWN_H

#include <stdbool.h>
#include <vpl/mfxsurfacepool.h>
#include <vpl/mfxvideo.h>

struct srt_session;
struct srt_own;

/* What mfxExtAllocationHints may say: Header.BufferId 0 stands for "not attached". */
bool srt_own_hints_valid(const mfxExtAllocationHints *hints);

/* Would Reset change what Init was told? */
bool srt_own_hints_differ(const mfxExtAllocationHints *init, const mfxExtAllocationHints *reset);

/* The surfaces of one side. `request`: as QueryIOSurf says it; video memory is made on the session's VA
 * display. `name`: kept as it is. Makes surfaces at once where the hints say so, unless the application has
 * an allocator. What their making failed with; MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_own_create(struct srt_own **out, struct srt_session *session, const char *name,
                         const mfxFrameAllocRequest *request, const mfxExtAllocationHints *hints);
struct srt_own *srt_own_ref(struct srt_own *own);
void srt_own_unref(struct srt_own **slot); /* accepts NULL, clears the pointer */

/* The component ends: nobody gets a surface any more, those that are out stay valid. Accepts NULL. */
void srt_own_close(struct srt_own *own);

/* A surface with one reference, the caller's. MFX_ERR_UNSUPPORTED: the application has an allocator, and all
 * frames are its; or there is no VA display for video memory. MFX_WRN_ALLOC_TIMEOUT_EXPIRED: as many as the
 * hints allow are out, also after their Wait. MFX_ERR_MEMORY_ALLOC. MFX_ERR_NOT_INITIALIZED: closed
 * meanwhile. */
mfxStatus srt_own_get(struct srt_own *own, mfxFrameSurface1 **out);

/* Is it a surface of the runtime's own, of whatever session? */
bool srt_own_has(const mfxFrameSurface1 *surface);

/* From now on surfaces look like `info`. What making new ones failed with, and nothing has changed. */
mfxStatus srt_own_describe(struct srt_own *own, const mfxFrameInfo *info);

/* What QueryIOSurf of the component that takes these surfaces says it needs, for the pool they come from; 0
 * when it needs none any more. Remembers what it said of which pool. */
struct srt_own_claim {
    mfxSurfacePoolInterface *pool; /* a reference; NULL */
    mfxU32 surfaces;
};
void srt_own_claim(struct srt_own_claim *claim, mfxFrameSurface1 *surface, mfxU32 surfaces);
void srt_own_claim_end(struct srt_own_claim *claim);

#endif
