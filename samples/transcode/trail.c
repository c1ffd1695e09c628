/* The operations that a chain's earlier stages began last. */
#include "trail.h"

void trail_add(struct trail *trail, const struct trail_step *step)
{
    if (step->sync)
        trail->steps[trail->count++ % TRAIL_STEPS] = *step;
}

/* Nothing is waited for: what failed has ended. An operation that the runtime has forgotten is an invalid
 * handle. */
static bool has_failed(mfxSession session, mfxSyncPoint sync, mfxStatus *status)
{
    *status = MFXVideoCORE_SyncOperation(session, sync, 0);
    switch (*status) {
    case MFX_ERR_ABORTED:
    case MFX_ERR_INVALID_HANDLE:
    case MFX_ERR_NULL_PTR:
        return false;
    default:
        return *status < MFX_ERR_NONE;
    }
}

bool trail_failed(const struct trail *trail, mfxSession session, struct trail_step *step, mfxStatus *status)
{
    uint64_t first = trail->count > TRAIL_STEPS ? trail->count - TRAIL_STEPS : 0;

    for (uint64_t i = first; i < trail->count; i++) {
        *step = trail->steps[i % TRAIL_STEPS];
        if (has_failed(session, step->sync, status))
            return true;
    }
    return false;
}
