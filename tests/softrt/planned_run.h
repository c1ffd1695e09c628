/* A small pipeline on the software runtime, in pools of exactly as many surfaces as a test says: decode ->
 * encode, or decode -> vpp -> encode, in one thread. The application keeps each surface until it has waited
 * for the operation that uses it, keeps AsyncDepth operations in flight, and may keep frames for itself. A
 * second encoder may get the same frames, each before the next one is made. */
#ifndef SOFTRT_PLANNED_RUN_H
#define SOFTRT_PLANNED_RUN_H

#include "support.h"

#include <vfa/vfa.h>

enum {
    MOST_POOLS = 2,
    MOST_DEPTH = 16,
    MOST_HOLDS = 4
};

struct planned_pipeline {
    const char *clip; /* path */
    mfxU32 decode, encode;
    mfxU32 second; /* what the second encoder makes; 0: there is none */
    mfxU16 depth;
    mfxU16 b_frames; /* of the encoder */
    mfxU16 holds;    /* frames the application keeps, of the last pool */
    bool scale;      /* filters */
    bool deinterlace;
};

enum planned_end {
    PLANNED_DONE,
    PLANNED_STALLED, /* no surface is free, and none can become so */
};

/* Asks the runtime, and plans each pool; returns how many pools there are. */
size_t planned_plan(struct runtime *runtime, const struct planned_pipeline *pipeline,
                    struct vfa_plan plans[MOST_POOLS]);

/* How an application behaves that finds no surface free. */
struct planned_way {
    bool relief;      /* it waits for its oldest operation; otherwise it does not give up its AsyncDepth */
    int32_t patience; /* ms for a surface that the runtime has; then it has stalled */
};

/* Runs the clip through. *frames is how many were encoded. Fails the test when the runtime answers with an
 * error. */
enum planned_end planned_run(struct runtime *runtime, const struct planned_pipeline *pipeline,
                             const struct vfa_plan *plans, const mfxU16 *surfaces, struct planned_way way,
                             size_t *frames);

#endif
