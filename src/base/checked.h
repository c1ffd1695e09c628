/* Sizes combined without overflow. Every function returns false, and leaves *out alone, when the result does
 * not fit. */
#ifndef VFA_BASE_CHECKED_H
#define VFA_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool vfa__add(size_t a, size_t b, size_t *out)
{
    if (a > SIZE_MAX - b)
        return false;
    *out = a + b;
    return true;
}

static inline bool vfa__multiply(size_t a, size_t b, size_t *out)
{
    if (b && a > SIZE_MAX / b)
        return false;
    *out = a * b;
    return true;
}

static inline bool vfa__is_power_of_two(size_t n)
{
    return n && !(n & (n - 1));
}

/* Rounds up to a multiple of `alignment`, a power of two. */
static inline bool vfa__align(size_t n, size_t alignment, size_t *out)
{
    size_t sum;
    if (!vfa__add(n, alignment - 1, &sum))
        return false;
    *out = sum & ~(alignment - 1);
    return true;
}

/* The sum, or the largest number there is. */
static inline uint32_t vfa__saturating_add32(uint32_t a, uint32_t b)
{
    return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

#endif
