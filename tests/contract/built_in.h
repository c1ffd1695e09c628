/* This project's own allocator as one to be judged. */
#ifndef CONFORM_BUILT_IN_H
#define CONFORM_BUILT_IN_H

#include "kit.h"

#include <vfa/allocator.h>

struct built_in_plan {
    const char *name;
    struct vfa_allocator_config config;
    mfxU16 memory;    /* that it serves */
    mfxU16 pool_type; /* of the surfaces */
    mfxHDL device;    /* that surfaces name; NULL: they are in system memory */
    void (*finish)(void *user);
    void *finish_user;
};

/* On failure `finish` has not been called. */
mfxStatus built_in_open(const struct built_in_plan *plan, struct vfa_conform_subject *subject);

#endif
