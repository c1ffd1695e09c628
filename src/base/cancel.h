/* pthread_cancel, held off: a thread that ended inside the library would leave locks, a place in a queue and
 * what is half done behind, and others would wait for it for good. So whatever waits, or calls a driver or a
 * function of the application's while others depend on its return, holds cancellation off: it takes effect
 * after the call. */
#ifndef VFA_BASE_CANCEL_H
#define VFA_BASE_CANCEL_H

#include <pthread.h>

/* What to give vfa__cancel_as. */
static inline int vfa__cancel_off(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void vfa__cancel_as(int before)
{
    (void)pthread_setcancelstate(before, &before);
}

#endif
