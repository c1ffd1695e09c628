/* The monotonic clock. */
#ifndef VFA_BASE_CLOCK_H
#define VFA_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define VFA__NS_PER_S  UINT64_C(1000000000)
#define VFA__NS_PER_MS UINT64_C(1000000)

static inline uint64_t vfa__now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists, the pointer is good */
    return (uint64_t)now.tv_sec * VFA__NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The time that the calling thread had a processor: what others do with it meanwhile is not counted. */
static inline uint64_t vfa__thread_ns(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used); /* the same */
    return (uint64_t)used.tv_sec * VFA__NS_PER_S + (uint64_t)used.tv_nsec;
}

/* The first clock as of its last tick, milliseconds ago: for what is asked often and need not be exact. */
static inline uint64_t vfa__coarse_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * VFA__NS_PER_S + (uint64_t)now.tv_nsec;
}

/* A moment of vfa__now_ns as the timed waits want it. */
static inline struct timespec vfa__moment(uint64_t ns)
{
    struct timespec moment;
    moment.tv_sec = (time_t)(ns / VFA__NS_PER_S);
    moment.tv_nsec = (long)(ns % VFA__NS_PER_S);
    return moment;
}

#endif
