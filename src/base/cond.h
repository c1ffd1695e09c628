/* Condition variables on the monotonic clock. */
#ifndef VFA_BASE_COND_H
#define VFA_BASE_COND_H

#include "base/cancel.h"

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

/* Waits with `lock` held, until `moment` (NULL: for as long as it takes). A thread that is cancelled
 * meanwhile goes on to wait, and takes the lock with it no more than any other. */
static inline void vfa__cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *moment)
{
    int before = vfa__cancel_off();
    if (moment)
        (void)pthread_cond_timedwait(cond, lock, moment);
    else
        (void)pthread_cond_wait(cond, lock);
    vfa__cancel_as(before);
}

#endif
