/* The two sides of video processing in flight: queue.c counts the calls on the application's threads,
 * worker.c makes the pictures on the worker's. */
#ifndef SOFTRT_VPP_QUEUE_H
#define SOFTRT_VPP_QUEUE_H

#include "vpp/layers.h"

#define VPP_ORIGINS 8 /* more frames than a deinterlacer keeps */

/* What an input surface says about its picture. */
struct vpp_origin {
    mfxU64 stamp;
    mfxU32 order;
    mfxU16 corrupted;
    mfxU16 flags;
    mfxU16 pic_struct;
};

/* What adjusts the colours of outputs; all zeros at first. */
struct vpp_colours {
    struct vpp_graph *graph; /* NULL until there is something to adjust */
    char chain[VPP_CHAIN];   /* what it does */
    struct srt_size size;    /* with what pictures */
    struct srt_converter *unpack, *finish;
};

struct vpp_queue {
    struct srt_session *session;
    struct srt_access in, out;
    struct srt_worker *worker;
    struct vpp_params params;
    struct vpp_plan plan;
    size_t depth;

    /* The calls' side of the account, since the first frame or the last drain. */
    int64_t pushed; /* frames */
    int64_t given;  /* output surfaces */
    bool draining;
    const mfxFrameSurface1 *last_in;

    /* The worker's. */
    struct srt_converter *unpack; /* from the surface's format to the filters' */
    struct srt_converter *finish;
    struct vpp_graph *graph;
    struct vpp_layers *layers;
    struct vpp_colours colours;
    struct vpp_origin origins[VPP_ORIGINS]; /* of the frames the filters may still keep */
    mfxU64 first_stamp;                     /* of the first frame, which is known once that is there */
    int64_t frames_in;                      /* into the filters */
    int64_t frames_lost;                    /* those that failed on their way there */
    bool ended;
    AVFrame *picture; /* what came last, until no more outputs are to show it */
    int64_t picture_index;
    int picture_left_px;

    pthread_mutex_t lock; /* guards all below */
    size_t active;        /* calls with an output, queued or running: those an application can wait for */
    mfxVPPStat stat;
};

struct vpp_job {
    struct srt_job job;
    struct vpp_queue *queue;
    struct srt_op *op;
    mfxFrameSurface1 *in;  /* held; NULL when no frame comes in */
    mfxFrameSurface1 *out; /* held; NULL when nothing is to be shown */
    struct srt_hold out_hold;
    mfxExtVPPProcAmp colours; /* of `out` */
    int64_t frame;            /* the number of `in` */
    int64_t output;           /* the number of `out`, or of the next output to come */
    int64_t picture;          /* the one to be shown there */
    bool repeats;             /* an output before this one shows it too */
    bool last;                /* no output after this one shows it */
    bool end;                 /* no more frames come */
    bool restart;             /* the first frame after an end */
    bool stamped;             /* the output has its times since the call */
};

/* A job for `in` (NULL: no frame comes in) and `out` (NULL: no picture is due); both are held from now on.
 * MFX_ERR_MEMORY_ALLOC, MFX_ERR_LOCK_MEMORY. */
mfxStatus vpp_job_new(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                      struct vpp_job **result);

/* colours.c. What an output is to look like: Header.BufferId is 0 where nothing is to be adjusted.
 * MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM for what its surface brings along. */
mfxStatus vpp_colours_read(mfxExtVPPProcAmp *colours, const struct vpp_params *params,
                           const mfxFrameSurface1 *out);
/* On the worker: the picture in those colours, as a new frame; NULL where they change nothing. */
mfxStatus vpp_colours_adjust(struct vpp_queue *queue, const mfxExtVPPProcAmp *colours, const AVFrame *picture,
                             int left_px, AVFrame **out);
void vpp_colours_finish(struct vpp_colours *colours);

/* Filters that have seen nothing yet, and no layers: while the worker has no jobs, or on the worker. */
mfxStatus vpp_graph_restart(struct vpp_queue *queue);

#endif
