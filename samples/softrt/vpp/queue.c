/* Video processing calls on their way through the worker.
 *
 * What a call will give is known when it is made: plain processing gives one picture for one frame; the
 * deinterlacers give frame n's pictures once frame n + 1 (or the end) has come. So the answers MORE_DATA and
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

static mfxStatus run_plain(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                           mfxSyncPoint *sync)
{
    struct vpp_job *job;
    mfxStatus status;

    if (!in)
        return MFX_ERR_MORE_DATA; /* nothing is ever kept */
    if (is_full(queue))
        return MFX_WRN_DEVICE_BUSY;
    status = vpp_job_new(queue, in, out, &job);
    if (status == MFX_ERR_NONE)
        submit(queue, job, sync);
    return status;
}

/* Pictures the deinterlacer has once `pushed` frames are in. */
static int64_t pictures_due(const struct vpp_queue *queue, int64_t pushed, bool ended)
{
    int64_t frames = ended ? pushed : pushed - 1;
    return frames > 0 ? frames * queue->plan.fields_out : 0;
}

static mfxStatus run_deinterlacing(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                                   mfxSyncPoint *sync)
{
    bool again = queue->given < pictures_due(queue, queue->pushed, queue->draining);
    bool fresh = in && queue->draining && !again; /* the last drain is over */
    int64_t before = fresh ? 0 : queue->pushed;
    int64_t given = fresh ? 0 : queue->given;
    bool takes = in && !again;
    int64_t pushed = before + takes;
    bool ended = !fresh && (queue->draining || !in);
    bool gives = given < pictures_due(queue, pushed, ended);
    struct vpp_job *job;
    mfxStatus status;

    if (again && in && in != queue->last_in)
        return MFX_ERR_UNDEFINED_BEHAVIOR; /* MORE_SURFACE asks for the same frame again */
    if (!in && !gives) {
        queue->draining = queue->pushed > 0;
        return MFX_ERR_MORE_DATA;
    }
    if (gives && is_full(queue))
        return MFX_WRN_DEVICE_BUSY;
    status = vpp_job_new(queue, takes ? in : NULL, gives ? out : NULL, &job);
    if (status != MFX_ERR_NONE)
        return status;
    job->end = ended;
    job->restart = fresh;
    queue->pushed = pushed;
    queue->given = given + gives;
    queue->draining = ended;
    queue->last_in = in;
    submit(queue, job, sync);
    if (!gives)
        return MFX_ERR_MORE_DATA;
    return queue->given < pictures_due(queue, pushed, ended) ? MFX_ERR_MORE_SURFACE : MFX_ERR_NONE;
}

mfxStatus vpp_queue_run(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                        mfxSyncPoint *sync)
{
    return queue->plan.deinterlacer ? run_deinterlacing(queue, in, out, sync)
                                    : run_plain(queue, in, out, sync);
}

const struct vpp_params *vpp_queue_params(const struct vpp_queue *queue)
{
    return &queue->params;
}

void vpp_queue_stat(struct vpp_queue *queue, mfxVPPStat *stat)
{
    int64_t kept = queue->pushed * queue->plan.fields_out - queue->given;

    pthread_mutex_lock(&queue->lock);
    *stat = queue->stat;
    pthread_mutex_unlock(&queue->lock);
    stat->NumCachedFrame = kept > 0 ? (mfxU32)kept : 0;
}

/* What cannot be done is found out now, and not by the first picture. */
static mfxStatus prepare(struct vpp_queue *queue)
{
    const mfxFrameInfo *in = &queue->params.par.vpp.In;
    const mfxFrameInfo *out = &queue->params.par.vpp.Out;
    struct srt_size from = {srt_pixel_format_find(in->FourCC)->pix_fmt, vpp_width(in), vpp_height(in)};
    struct srt_size to = {srt_pixel_format_find(out->FourCC)->pix_fmt, vpp_width(out), vpp_height(out)};
    mfxStatus status = MFX_ERR_NONE;

    if (queue->plan.deinterlacer) {
        from.format = vpp_deinterlacer_format(from.format);
        status = vpp_deinterlacer_restart(queue);
    }
    if (status == MFX_ERR_NONE)
        status = srt_converter_prepare(&queue->finish, &queue->plan.conversion, &from, &to);
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
    vpp_deinterlacer_free(&queue->deinterlacer);
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
    vpp_deinterlacer_free(&gone->deinterlacer);
    srt_converter_free(&gone->unpack);
    srt_converter_free(&gone->finish);
    pthread_mutex_destroy(&gone->lock);
    free(gone);
}
