/* Whether an mfxFrameSurfaceInterface keeps the rules of the VPL header, whoever's it is: a list of rules,
 * each tried on a fresh surface and told by name when it is broken. No test framework, so that a test can
 * show that a broken interface is caught. */
#ifndef CONFORM_SURFACE_CONFORMANCE_H
#define CONFORM_SURFACE_CONFORMANCE_H

#include <vfa/conform.h>

/* Tries every rule, or the one called `only`; calls `broken` for each that does not hold, with its name and
 * what went wrong. Returns how many did not; 1 for a rule that does not exist. */
size_t surface_conformance_run(const struct vfa_conform_surfaces *subject, const char *only,
                               void (*broken)(void *user, const char *rule, const char *what), void *user);

#endif
