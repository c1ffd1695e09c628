/* The pools of surfaces between the stages: made from a plan, replaced when the stream changes, retired when
 * the runtime has let go of the last surface. */
#ifndef TRANSCODE_POOLS_H
#define TRANSCODE_POOLS_H

#include "runtime.h"

struct pool_entry {
    struct vfa_plan plan;
    struct vfa_plan_result result;
    struct vfa_pool *pool;
    bool retired; /* replaced, but the runtime may still hold surfaces */
};

struct pools {
    struct runtime *runtime;
    struct pool_entry *entries;
    size_t count;
    size_t made; /* ever */
};

/* Makes the pool that a plan asks for, of frames of our allocator. */
enum exit_code pools_make(struct pools *pools, const struct vfa_plan *plan, struct vfa_pool **out);

/* No new surfaces are wanted from this pool (NULL is allowed). It goes when its last surface is free. */
void pools_retire(struct pools *pools, struct vfa_pool *pool);

/* Destroys those retired pools whose surfaces have all come back. */
void pools_sweep(struct pools *pools);

/* Destroys all. The components must be closed. */
void pools_finish(struct pools *pools);

/* Surfaces of the pools in use, as planned. */
uint64_t pools_planned(const struct pools *pools);

#endif
