/* Condition variables on the monotonic clock. */
#ifndef VFA_BASE_COND_H
#define VFA_BASE_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

/* One whose timed waits take a vfa__moment. False: the system has no means. */
static inline bool vfa__cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes))
        return false;
    bool ready =
        !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) && !pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return ready;
}

#endif
