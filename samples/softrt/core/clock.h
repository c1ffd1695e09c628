/* Waiting with a timeout on the monotonic clock. */
#ifndef SOFTRT_CLOCK_H
#define SOFTRT_CLOCK_H

#include <pthread.h>
#include <time.h>
#include <vpl/mfxdefs.h>

/* A condition variable whose timeouts a change of the wall clock does not touch. Non-zero on failure. */
static inline int srt_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attr;

    if (pthread_condattr_init(&attr))
        return -1;
    int failed = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) || pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
    return failed ? -1 : 0;
}

static inline struct timespec srt_later(struct timespec t, mfxU32 ms)
{
    t.tv_sec += (time_t)(ms / 1000);
    t.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

/* The moment `wait_ms` from now. MFX_INFINITE is 49 days, long enough for any operation. */
static inline struct timespec srt_deadline(mfxU32 wait_ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return srt_later(t, wait_ms);
}

/* Non-zero when the deadline has passed. May wake early without a reason, as condition variables do. */
static inline int srt_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock,
                                      const struct timespec *deadline)
{
    return pthread_cond_timedwait(cond, lock, deadline);
}

#endif
