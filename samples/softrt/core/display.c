/* A VA display of the runtime's own. */
#include "core/display.h"

#ifdef SOFTRT_VA

#include <pthread.h>
#include <vfa/va.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vfa_va *own; /* guarded by the lock until it is made, constant from then on */

/* A node that does not open now may do so later. */
mfxHDL srt_display_own(void)
{
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&lock);
    if (!own)
        status = vfa_va_create(&own, NULL, NULL);
    pthread_mutex_unlock(&lock);
    return status == MFX_ERR_NONE ? vfa_va_display(own) : NULL;
}

#else

mfxHDL srt_display_own(void)
{
    return NULL;
}

#endif
