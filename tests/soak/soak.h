/* One process that lives long: what it does in each round, and what may not grow. */
#ifndef VFA_SOAK_H
#define VFA_SOAK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/memory.h"

#include <vfa/vfa.h>

struct soak {
    uint64_t random; /* changes with each number drawn */
    struct test_memory memory;
    struct vfa_memory manager;
    struct vfa_allocator *lasting; /* lives as long as the device, and is used by many rounds */
    struct test_memory lasting_memory;
    struct vfa_va *va;       /* NULL: no device */
    struct runtime *runtime; /* of tests/softrt */
    char *const *clips;      /* paths of H.264 streams */
    unsigned clip_count;
};

/* A number below `most` (> 0). */
unsigned soak_pick(struct soak *soak, unsigned most);

/* An allocator over all there is: system memory, and VA surfaces where there is a device. */
struct vfa_allocator *soak_allocator(struct soak *soak);

/* A new one, or the one that lasts. */
struct vfa_allocator *soak_some_allocator(struct soak *soak);

/* Ends one (but the one that lasts) that must hold nothing any more: no responses, frames, locks, surfaces,
 * maps, descriptors; and, when it is the last, no block of the memory manager. */
void soak_end_allocator(struct soak *soak, struct vfa_allocator **allocator);

/* The request for some frames of some format and size. */
mfxFrameAllocRequest soak_request(struct soak *soak);

/* One round each. They fail by cmocka's assertions. */
void soak_frames(struct soak *soak); /* Alloc, Lock, GetHDL and Free in any order, stale handles among them */
void soak_pool(
    struct soak *soak); /* threads at a pool that is reset, trimmed, cancelled, closed under them */
void soak_decode(struct soak *soak); /* a session that decodes into a pool, some way or to the end */

#endif
