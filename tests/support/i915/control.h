/* For tests that run under the shim: its faults changed while the program runs. Absent the shim (on hardware)
 * these return false, and the test skips. */
#ifndef VFA_I915_CONTROL_H
#define VFA_I915_CONTROL_H

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* Replaces the rules of VFA_I915_FAIL and starts counting anew; "" ends all failures. */
static inline bool i915_fail(const char *rules)
{
    int (*set)(const char *) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "vfa_i915_fail");
    memcpy(&set, &symbol, sizeof set);
    return set && set(rules) == 0;
}

/* As VFA_I915_BUSY. */
static inline bool i915_busy(unsigned times)
{
    void (*set)(unsigned) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, "vfa_i915_busy");
    memcpy(&set, &symbol, sizeof set);
    if (set)
        set(times);
    return set != NULL;
}

#endif
