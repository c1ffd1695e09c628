/* Which requests a set of frames that is there can serve. All under the book's lock. */
#ifndef VFA_ALLOCATOR_MATCH_H
#define VFA_ALLOCATOR_MATCH_H

#include "allocator/book.h"

/* May this set be shared at all, now? */
bool vfa__set_is_open(const struct vfa__set *set);

/* Does this Alloc of a decoder ask for frames of this kind, for the same component? Whatever their size and
 * number. */
bool vfa__set_is_claimed_by(const struct vfa__set *set, const mfxFrameAllocRequest *want);

/* Do the set's frames hold pictures of this size? */
bool vfa__set_holds(const struct vfa__set *set, const mfxFrameInfo *want);

/* Would new frames, for this request and with these flags, be no better? A request that asks for nothing is
 * never served. */
bool vfa__set_serves(const struct vfa__set *set, const mfxFrameAllocRequest *want, unsigned int flags);

/* The flags of frames made for a request: a runtime's own frames are nobody else's. */
unsigned int vfa__set_flags(const mfxFrameAllocRequest *request, unsigned int flags);

#endif
