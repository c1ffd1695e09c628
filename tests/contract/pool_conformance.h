/* A pool's surfaces as the subject of surface_conformance.h. */
#ifndef CONFORM_POOL_CONFORMANCE_H
#define CONFORM_POOL_CONFORMANCE_H

#include "surface_conformance.h"

#include <stdio.h>
#include <string.h>
#include <vfa/pool.h>

struct pool_subject {
    struct vfa_pool *pool;
    struct vfa_conform_operation operation;
    struct vfa_conform_surfaces rules;
};

static inline mfxFrameSurface1 *pool_subject_acquire(void *user)
{
    struct pool_subject *subject = user;
    mfxFrameSurface1 *surface;
    return vfa_pool_acquire(subject->pool, 0, &surface) == MFX_ERR_NONE ? surface : NULL;
}

static inline mfxStatus pool_subject_wait(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    const struct pool_subject *subject = user;
    (void)surface;
    return subject->operation.wait(subject->operation.user, wait_ms);
}

static inline mfxStatus pool_subject_produce(void *user, mfxFrameSurface1 *surface,
                                             const struct vfa_conform_operation *operation)
{
    struct pool_subject *subject = user;
    subject->operation = *operation;
    return vfa_surface_produce(surface, pool_subject_wait, subject);
}

/* `interface`: the one of the pool's configuration; `video`: its frames have handles. */
static inline void pool_subject_init(struct pool_subject *subject, struct vfa_pool *pool,
                                     const struct vfa_interface_config *interface, bool video)
{
    struct vfa_pool_stats stats;
    memset(subject, 0, sizeof *subject);
    subject->pool = pool;
    subject->rules.user = subject;
    subject->rules.acquire = pool_subject_acquire;
    subject->rules.produce = pool_subject_produce;
    subject->rules.outlives_release = true;
    subject->rules.device_type = video ? interface->device_type : (mfxHandleType)0;
    subject->rules.native_type = interface->native_type;
    subject->rules.answers_pool = true;
    subject->rules.policy = MFX_ALLOCATION_LIMITED;
    if (vfa_pool_stats(pool, &stats) == MFX_ERR_NONE)
        subject->rules.pool_size = stats.surfaces;
}

static inline void pool_subject_print(void *user, const char *rule, const char *what)
{
    (void)user;
    printf("broken: %s: %s\n", rule, what);
}

#endif
