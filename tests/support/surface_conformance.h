/* Whether an mfxFrameSurfaceInterface keeps the rules of the VPL header, whoever's it is: a list of rules,
 * each tried on a fresh surface and told by name when it is broken. No test framework, so that a test can
 * show that a broken interface is caught. */
#ifndef VFA_TEST_SURFACE_CONFORMANCE_H
#define VFA_TEST_SURFACE_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxvideo.h>

/* An operation that writes a surface, as a rule plays it. */
struct surface_operation {
    mfxStatus (*wait)(void *user, mfxU32 wait_ms); /* MFX_WRN_IN_EXECUTION, or how it ended */
    void *user;
};

/* Whose surfaces, and what is known of them. */
struct surface_conformance {
    void *user;

    /* A surface with one reference, which the rule releases. NULL: there is none. */
    mfxFrameSurface1 *(*acquire)(void *user);

    /* The surface's memory is still there, and nobody else's, after the last Release: stale surfaces can be
     * tried. */
    bool outlives_release;

    mfxHandleType device_type; /* 0: system memory, no handles */
    mfxResourceType native_type;

    bool answers_pool; /* QueryInterface knows MFX_GUID_SURFACE_POOL */
    mfxPoolAllocationPolicy policy;
    mfxU32 pool_size;

    /* Makes `operation` what the surface waits for. NULL: rules about operations are left out. */
    mfxStatus (*produce)(void *user, mfxFrameSurface1 *surface, const struct surface_operation *operation);
};

/* Tries every rule, or the one called `only`; calls `broken` for each that does not hold, with its name and
 * what went wrong. Returns how many did not; 1 for a rule that does not exist. */
size_t surface_conformance_run(const struct surface_conformance *subject, const char *only,
                               void (*broken)(void *user, const char *rule, const char *what), void *user);

#endif
