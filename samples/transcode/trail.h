/* The operations that a chain's earlier stages began last. What depends on a failed one answers
 * MFX_ERR_ABORTED: the trail leads back to it. */
#ifndef TRANSCODE_TRAIL_H
#define TRANSCODE_TRAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <vpl/mfx.h>

/* More than all stages have in flight. */
#define TRAIL_STEPS 256

struct trail_step {
    const char *doing; /* "decoding" */
    const char *call;  /* that began it */
    uint64_t frame;    /* of that stage, from 0 */
    mfxSyncPoint sync;
};

/* All zeros at first. */
struct trail {
    struct trail_step steps[TRAIL_STEPS]; /* a ring */
    uint64_t count;                       /* begun so far */
};

/* An operation has begun; one without a sync point is none. The texts stay the caller's. */
void trail_add(struct trail *trail, const struct trail_step *step);

/* The first operation that failed by itself, and with what; false: there is none, as far as the runtime still
 * knows. */
bool trail_failed(const struct trail *trail, mfxSession session, struct trail_step *step, mfxStatus *status);

#endif
