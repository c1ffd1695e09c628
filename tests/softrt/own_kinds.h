/* The four kinds of surfaces that the runtime hands out, as subjects of the conformance suite. */
#ifndef SOFTRT_OWN_KINDS_H
#define SOFTRT_OWN_KINDS_H

#include "own_surface.h"

/* Tries every rule on surfaces of each kind, of sessions whose components all have `hints` (NULL: none).
 * `display`: in video memory of that VA display; NULL: in system memory. Fails the test for a rule that does
 * not hold. `size`: how many surfaces the pools have after one was taken. */
void own_kinds_check(mfxExtAllocationHints *hints, mfxPoolAllocationPolicy policy, mfxU32 size,
                     mfxHDL display);

#endif
