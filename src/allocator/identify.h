/* Telling an allocator of this library from any other by its callbacks. */
#ifndef VFA_ALLOCATOR_IDENTIFY_H
#define VFA_ALLOCATOR_IDENTIFY_H

#include <vfa/allocator.h>

/* The allocator behind the callbacks, or NULL when they are not this library's. */
struct vfa_allocator *vfa__allocator_of(const mfxFrameAllocator *callbacks);

#endif
