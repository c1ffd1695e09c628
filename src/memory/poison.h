/* Marks memory that nobody may touch, for those who look on: the address sanitizer, and valgrind where its
 * header is there at build time. Nothing without them. */
#ifndef VFA_MEMORY_POISON_H
#define VFA_MEMORY_POISON_H

#include <stdbool.h>
#include <stddef.h>

#if defined __SANITIZE_ADDRESS__
#define VFA__HAS_ASAN 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define VFA__HAS_ASAN 1
#endif
#endif

#ifdef VFA__HAS_ASAN
#include <sanitizer/asan_interface.h>
#define VFA__POISONS true /* and whoever touches poisoned memory is told of */
#else
#define VFA__POISONS false
#endif

#if defined __has_include && !defined VFA__HAS_ASAN
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

/* Nobody may touch it. */
static inline void vfa__poison(void *at, size_t bytes)
{
#if defined VFA__HAS_ASAN
    ASAN_POISON_MEMORY_REGION(at, bytes);
#elif defined VALGRIND_MAKE_MEM_NOACCESS
    (void)VALGRIND_MAKE_MEM_NOACCESS(at, bytes);
#else
    (void)at, (void)bytes;
#endif
}

/* It may be written, and then read. */
static inline void vfa__unpoison(void *at, size_t bytes)
{
#if defined VFA__HAS_ASAN
    ASAN_UNPOISON_MEMORY_REGION(at, bytes);
#elif defined VALGRIND_MAKE_MEM_UNDEFINED
    (void)VALGRIND_MAKE_MEM_UNDEFINED(at, bytes);
#else
    (void)at, (void)bytes;
#endif
}

#endif
