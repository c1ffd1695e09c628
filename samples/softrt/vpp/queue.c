/* Video processing calls on their way through the worker.
 *
 * What a call will give is known when it is made: filters give one picture for one frame, deinterlacers give
 * frame n's pictures once frame n + 1 (or the end) has come, and the rates say how many outputs show a
 * picture; a composition gives one output for a frame of each of its streams. So the answers MORE_DATA and
 * MORE_SURFACE are counted out on the application's thread, while the pictures are made on the worker's. */
#include "vpp/queue.h"

#include <stdlib.h>

static void submit(struct vpp_queue *queue, struct vpp_job *job, mfxSyncPoint *sync)
{
    if (job->out) {
        *sync = srt_op_sync_point(job->op);
        pthread_mutex_lock(&queue->lock);
        queue->active++;
        pthread_mutex_unlock(&queue->lock);
    }
    srt_worker_push(queue->worker, &job->job);
}

static bool is_full(struct vpp_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool full = queue->active >= queue->depth;
    pthread_mutex_unlock(&queue->lock);
    return full;
}

/* Outputs due once `pushed` frames are in. */
static int64_t outputs_due(const struct vpp_queue *queue, int64_t pushed, bool ended)
{
    if (queue->plan.streams)
        return pushed / queue->plan.streams;
    int64_t frames = pushed - (queue->plan.deinterlaces && !ended);

    return frames > 0 ? vpp_rate_outputs(&queue->plan, frames * queue->plan.fields_out) : 0;
}

/* The account after a call, if it is taken. */
struct turn {
    int64_t pushed;
    int64_t given; /* without this call's */
    bool fresh;    /* begins anew after a drain */
    bool takes;    /* the frame is a new one */
    bool gives;
    bool ended;
};

static struct turn next_turn(const struct vpp_queue *queue, bool in)
{
    bool again = queue->given < outputs_due(queue, queue->pushed, queue->draining);
    struct turn t = {.fresh = in && queue->draining && !again, .takes = in && !again};

    t.pushed = (t.fresh ? 0 : queue->pushed) + t.takes;
    t.given = t.fresh ? 0 : queue->given;
    t.ended = !t.fresh && (queue->draining || !in);
    t.gives = t.given < outputs_due(queue, t.pushed, t.ended);
    return t;
}

static void describe(struct vpp_job *job, const struct vpp_queue *queue, const struct turn *t)
{
    job->frame = t->pushed - 1;
    job->output = t->given;
    job->picture = vpp_rate_picture(&queue->plan, t->given);
    job->repeats = t->given && vpp_rate_picture(&queue->plan, t->given - 1) == job->picture;
    job->last = vpp_rate_picture(&queue->plan, t->given + 1) > job->picture;
    job->end = t->ended;
    job->restart = t->fresh;
}

static void commit(struct vpp_queue *queue, const struct turn *t, const mfxFrameSurface1 *in)
{
    queue->pushed = t->pushed;
    queue->given = t->given + t->gives;
    queue->draining = t->ended;
    queue->last_in = in;
}

/* One picture for one frame, which is there already: its times are told when the call returns. ffmpeg looks
 * at them before it waits. */
static void stamp_early(struct vpp_job *job)
{
    const struct vpp_plan *plan = &job->queue->plan;

    job->stamped = job->in && job->out && !plan->streams && !plan->deinterlaces &&
                   plan->outputs == plan->pictures && srt_op_has_inputs(job->op);
    if (!job->stamped)
        return;
    job->out->Data.TimeStamp = job->in->Data.TimeStamp;
    job->out->Data.FrameOrder = job->in->Data.FrameOrder;
}

static mfxStatus send(struct vpp_queue *queue, const struct turn *t, mfxFrameSurface1 *in,
                      mfxFrameSurface1 *out, mfxSyncPoint *sync)
{
    struct vpp_job *job;
    mfxStatus status = vpp_job_new(queue, t->takes ? in : NULL, t->gives ? out : NULL, &job);

    if (status != MFX_ERR_NONE)
        return status;
    commit(queue, t, in);
    describe(job, queue, t);
    stamp_early(job);
    submit(queue, job, sync);
    return MFX_ERR_NONE;
}

/* The end has come before the last of a composition's streams: those that are there are given back. */
static mfxStatus drop_layers(struct vpp_queue *queue, struct turn *t)
{
    mfxSyncPoint none;
    mfxStatus status;

    t->fresh = true;
    status = send(queue, t, NULL, NULL, &none);
    return status == MFX_ERR_NONE ? MFX_ERR_MORE_DATA : status;
}

mfxStatus vpp_queue_run(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                        mfxSyncPoint *sync, bool *repeats)
{
    struct turn t = next_turn(queue, in);
    mfxStatus status;

    if (in && !t.takes && in != queue->last_in)
        return MFX_ERR_UNDEFINED_BEHAVIOR; /* MORE_SURFACE asks for the same frame again */
    if (!in && !t.gives) {
        if (queue->plan.streams && !queue->draining && queue->pushed % queue->plan.streams)
            return drop_layers(queue, &t);
        queue->draining = queue->pushed > 0;
        return MFX_ERR_MORE_DATA;
    }
    if (!t.gives && !queue->plan.chain[0] && !queue->plan.streams) { /* nobody needs this frame */
        commit(queue, &t, in);
        return MFX_ERR_MORE_DATA;
    }
    if (t.gives && is_full(queue))
        return MFX_WRN_DEVICE_BUSY;
    status = send(queue, &t, in, out, sync);
    if (status != MFX_ERR_NONE)
        return status;
    if (!t.gives)
        return MFX_ERR_MORE_DATA;
    *repeats =
        t.given && vpp_rate_picture(&queue->plan, t.given - 1) == vpp_rate_picture(&queue->plan, t.given);
    return queue->given < outputs_due(queue, t.pushed, t.ended) ? MFX_ERR_MORE_SURFACE : MFX_ERR_NONE;
}

const struct vpp_params *vpp_queue_params(const struct vpp_queue *queue)
{
    return &queue->params;
}

int vpp_queue_stream(const struct vpp_queue *queue)
{
    if (!queue->plan.streams || queue->draining)
        return 0;
    return (int)(queue->pushed % queue->plan.streams);
}

void vpp_queue_stat(struct vpp_queue *queue, mfxVPPStat *stat)
{
    int64_t kept = outputs_due(queue, queue->pushed, true) - queue->given;

    if (queue->plan.streams && !queue->draining)
        kept = queue->pushed % queue->plan.streams;
    pthread_mutex_lock(&queue->lock);
    *stat = queue->stat;
    pthread_mutex_unlock(&queue->lock);
    stat->NumCachedFrame = kept > 0 ? (mfxU32)kept : 0;
}

/* What cannot be done is found out now, and not by the first picture. */
static mfxStatus prepare(struct vpp_queue *queue)
{
    const mfxFrameInfo *out = &queue->params.par.vpp.Out;
    struct srt_size to = {srt_pixel_format_find(out->FourCC)->pix_fmt, vpp_width(out), vpp_height(out)};
    mfxStatus status = MFX_ERR_NONE;

    if (queue->plan.streams)
        status = vpp_layers_create(&queue->layers, &queue->params, &queue->plan);
    if (status == MFX_ERR_NONE)
        status = vpp_graph_restart(queue);
    if (status == MFX_ERR_NONE && !queue->plan.streams)
        status = srt_converter_prepare(&queue->finish, &queue->plan.conversion, &queue->plan.filtered, &to);
    return status == MFX_ERR_MEMORY_ALLOC || status == MFX_ERR_NONE ? status : MFX_ERR_INVALID_VIDEO_PARAM;
}

mfxStatus vpp_queue_start(struct vpp_queue **out, struct srt_session *session,
                          const struct vpp_params *params)
{
    struct vpp_queue *queue = calloc(1, sizeof(*queue));
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    *out = NULL;
    if (!queue)
        return status;
    queue->session = session;
    queue->params = *params;
    queue->in = srt_access_in(session, &params->par);
    queue->out = srt_access_out(session, &params->par);
    queue->depth = params->par.AsyncDepth;
    vpp_plan_make(&queue->plan, params, srt_thread_count(session, 0));
    if (pthread_mutex_init(&queue->lock, NULL))
        goto no_lock;
    status = prepare(queue);
    if (status != MFX_ERR_NONE)
        goto no_worker;
    status = srt_worker_create(&queue->worker, "softrt-vpp");
    if (status != MFX_ERR_NONE)
        goto no_worker;
    *out = queue;
    return MFX_ERR_NONE;

no_worker:
    srt_converter_free(&queue->finish);
    vpp_graph_free(&queue->graph);
    vpp_layers_free(&queue->layers);
    pthread_mutex_destroy(&queue->lock);
no_lock:
    free(queue);
    return status;
}

void vpp_queue_stop(struct vpp_queue **queue)
{
    struct vpp_queue *gone = *queue;

    *queue = NULL;
    if (!gone)
        return;
    srt_worker_destroy(&gone->worker);
    av_frame_free(&gone->picture);
    vpp_graph_free(&gone->graph);
    vpp_layers_free(&gone->layers);
    vpp_colours_finish(&gone->colours);
    srt_converter_free(&gone->unpack);
    srt_converter_free(&gone->finish);
    pthread_mutex_destroy(&gone->lock);
    free(gone);
}
