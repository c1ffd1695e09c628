/* A pool's frames come and go in batches, each one response of Alloc and the surfaces over its frames.
 *
 * A batch is made and freed without the lock, for that calls the allocator; its surfaces are moving
 * meanwhile. A batch that is retired gives its surfaces to nobody any more. It is freed when all have come
 * home and the runtime has let them go, by whoever notices: vfa__pool_leave looks. */
#ifndef VFA_POOL_FRAMES_H
#define VFA_POOL_FRAMES_H

#include "pool/internal.h"

struct vfa__pool_batch {
    struct vfa__pool_batch *next;
    mfxFrameAllocResponse response;
    uint32_t capacity; /* of index */
    uint32_t count;
    uint32_t index[]; /* of the surfaces */
};

/* Allocates what `request` says, as many as Alloc gives, and makes surfaces with `info` over them. What Alloc
 * or Lock answered; MFX_ERR_MEMORY_ALLOC; MFX_ERR_NOT_ENOUGH_BUFFER: the pool has no place for NumFrameMin
 * more surfaces. On error nothing is left. Without the lock. */
mfxStatus vfa__pool_make_batch(struct vfa_pool *pool, const mfxFrameAllocRequest *request,
                               const mfxFrameInfo *info, struct vfa__pool_batch **out);

/* Under the lock: puts the surfaces of a batch that was made among the free ones. */
void vfa__pool_install(struct vfa_pool *pool, struct vfa__pool_batch *batch);

/* Under the lock, the gates shut: retires an installed batch. */
void vfa__pool_retire(struct vfa_pool *pool, struct vfa__pool_batch *batch);

/* Under the lock: retires a batch that was made and not installed. */
void vfa__pool_retire_unused(struct vfa_pool *pool, struct vfa__pool_batch *batch);

/* Frees everything. Without the lock, when nobody uses the pool any more. */
void vfa__pool_free_batches(struct vfa_pool *pool);

#endif
