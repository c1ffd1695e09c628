/* A VA display of the runtime's own. */
#include "core/display.h"

#ifdef SOFTRT_VA

#include "core/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <vfa/va.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vfa_va *own; /* guarded by the lock until it is made, constant from then on */

/* At the end of the process, unless another thread is still at work. */
static void close_own(void)
{
    if (!srt_session_any())
        vfa_va_destroy(&own);
}

/* A node that does not open now may do so later. */
mfxHDL srt_display_own(void)
{
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&lock);
    if (!own) {
        status = vfa_va_create(&own, NULL, NULL);
        if (status == MFX_ERR_NONE)
            (void)atexit(close_own); /* or it stays open: the system closes it */
    }
    pthread_mutex_unlock(&lock);
    return status == MFX_ERR_NONE ? vfa_va_display(own) : NULL;
}

#else

mfxHDL srt_display_own(void)
{
    return NULL;
}

#endif
