/* The pools of surfaces between the stages: made from a plan, made one for another plan when the stream
 * changes, retired when no stage draws from them any more. */
#ifndef TRANSCODE_POOLS_H
#define TRANSCODE_POOLS_H

#include "runtime.h"

struct pool_entry {
    struct vfa_plan plan;
    struct vfa_plan_result result; /* of the frames there are: those of an earlier plan, if they fit */
    mfxU16 most;                   /* surfaces that any of its plans asked for */
    struct vfa_pool *pool;
    bool retired; /* not in use, but the runtime may still hold surfaces */
};

struct pools {
    struct runtime *runtime;
    struct pool_entry *entries;
    size_t count;
    size_t made; /* ever */
};

/* Makes the pool that a plan asks for, of frames of our allocator, where *pool is NULL. Else makes *pool one
 * for this plan: its frames are kept if they fit, or replaced, and those that the runtime still holds go when
 * it lets go of them; a pool that cannot keep track of so many is retired, and *pool a new one. On failure
 * *pool is as it was. */
enum exit_code pools_make(struct pools *pools, const struct vfa_plan *plan, struct vfa_pool **pool);

/* No new surfaces are wanted from *pool (NULL is allowed), which is NULL then. It goes when its last surface
 * is free. */
void pools_retire(struct pools *pools, struct vfa_pool **pool);

/* Frees what was replaced or retired and has come back. */
void pools_sweep(struct pools *pools);

/* Destroys all. The components must be closed. */
void pools_finish(struct pools *pools);

/* Surfaces of the pools in use, as planned. */
uint64_t pools_planned(const struct pools *pools);

#endif
