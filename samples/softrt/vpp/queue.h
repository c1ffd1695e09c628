/* The two sides of video processing in flight: queue.c counts the calls on the application's threads,
 * worker.c makes the pictures on the worker's. */
#ifndef SOFTRT_VPP_QUEUE_H
#define SOFTRT_VPP_QUEUE_H

#include "vpp/vpp.h"

#define VPP_STAMPS 8 /* more frames than a deinterlacer keeps */

struct vpp_queue {
    struct srt_session *session;
    struct srt_access in, out;
    struct srt_worker *worker;
    struct vpp_params params;
    struct vpp_plan plan;
    size_t depth;

    /* The calls' side of the deinterlacer's account. */
    int64_t pushed; /* frames */
    int64_t given;  /* pictures */
    bool draining;
    const mfxFrameSurface1 *last_in;

    /* The worker's. */
    struct srt_converter *unpack; /* from the surface's format to the deinterlacer's */
    struct srt_converter *finish;
    struct vpp_deinterlacer *deinterlacer;
    mfxU64 stamps[VPP_STAMPS];
    int64_t frames_in;
    int64_t pictures_out;
    bool ended;

    pthread_mutex_t lock; /* guards all below */
    size_t active;        /* calls with an output, queued or running: those an application can wait for */
    mfxVPPStat stat;
};

struct vpp_job {
    struct srt_job job;
    struct vpp_queue *queue;
    struct srt_op *op;
    mfxFrameSurface1 *in;  /* held; NULL when no frame comes in */
    mfxFrameSurface1 *out; /* held; NULL when no picture is due */
    struct srt_hold out_hold;
    bool end;     /* no more frames come */
    bool restart; /* the first frame after an end */
};

/* A job for `in` (NULL: no frame comes in) and `out` (NULL: no picture is due); both are held from now on.
 * MFX_ERR_MEMORY_ALLOC, MFX_ERR_LOCK_MEMORY. */
mfxStatus vpp_job_new(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                      struct vpp_job **result);

/* A fresh deinterlacer: while the worker has no jobs, or on the worker. */
mfxStatus vpp_deinterlacer_restart(struct vpp_queue *queue);

#endif
