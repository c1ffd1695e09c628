/* The worker's side of video processing: one job makes at most one picture. */
#include "vpp/queue.h"

#include <stdlib.h>

mfxStatus vpp_graph_restart(struct vpp_queue *queue)
{
    const mfxFrameInfo *in = &queue->params.par.vpp.In;
    struct srt_size size = {queue->plan.filtered.format, vpp_width(in), vpp_height(in)};

    av_frame_free(&queue->picture);
    if (queue->layers)
        vpp_layers_drop(queue->layers);
    queue->picture_index = -1;
    queue->frames_in = queue->frames_lost = 0;
    queue->first_stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    queue->ended = false;
    if (!queue->plan.chain[0])
        return MFX_ERR_NONE;
    vpp_graph_free(&queue->graph);
    return vpp_graph_create(&queue->graph, queue->plan.chain, queue->plan.conversion.threads, &size);
}

static void mark_fields(AVFrame *frame, mfxU16 pic_struct, mfxU16 otherwise)
{
    if (!(pic_struct & (MFX_PICSTRUCT_PROGRESSIVE | MFX_PICSTRUCT_FIELD_TFF | MFX_PICSTRUCT_FIELD_BFF)))
        pic_struct = otherwise;
    frame->interlaced_frame = !(pic_struct & MFX_PICSTRUCT_PROGRESSIVE);
    frame->top_field_first = !(pic_struct & MFX_PICSTRUCT_FIELD_BFF);
}

static struct vpp_origin *origin_of(struct vpp_queue *queue, int64_t frame)
{
    return &queue->origins[frame % VPP_ORIGINS];
}

/* Once the frame can be reached: what fills it may write all this until then. */
static void remember(struct vpp_queue *queue, int64_t frame, const mfxFrameSurface1 *in)
{
    *origin_of(queue, frame) = (struct vpp_origin){.stamp = in->Data.TimeStamp,
                                                   .order = in->Data.FrameOrder,
                                                   .corrupted = in->Data.Corrupted,
                                                   .flags = in->Data.DataFlag,
                                                   .pic_struct = in->Info.PicStruct};
    if (frame == 0 && queue->first_stamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN)
        queue->first_stamp = in->Data.TimeStamp;
}

static mfxStatus filter(struct vpp_queue *queue, AVFrame *frame, const mfxFrameSurface1 *in)
{
    const struct vpp_plan *plan = &queue->plan;
    mfxStatus status =
        vpp_picture_unpack(&queue->unpack, &plan->conversion, plan->filtered.format, in->Info.CropX, &frame);

    if (status != MFX_ERR_NONE) {
        av_frame_free(&frame);
        return status;
    }
    mark_fields(frame, in->Info.PicStruct, queue->params.par.vpp.In.PicStruct);
    frame->pts = queue->frames_in;
    remember(queue, queue->frames_in++, in);
    return vpp_graph_push(queue->graph, frame);
}

/* What is said of the first stream's frame is said of the output. */
static mfxStatus add_layer(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    int stream = (int)(job->frame % queue->plan.streams);
    mfxStatus status = vpp_layers_put(queue->layers, stream, queue->in, job->in);

    if (status == MFX_ERR_NONE && stream == 0)
        remember(queue, 0, job->in);
    return status;
}

/* Without filters the frame is the picture. */
static mfxStatus push(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    AVFrame *frame;
    mfxStatus status;

    if (queue->layers)
        return add_layer(job);
    status = srt_frame_from_surface(queue->in, job->in, false, &frame);
    if (status != MFX_ERR_NONE)
        return status;
    if (queue->graph)
        return filter(queue, frame, job->in);
    remember(queue, job->frame, job->in);
    av_frame_free(&queue->picture);
    queue->picture = frame;
    queue->picture_index = job->frame;
    queue->picture_left_px = job->in->Info.CropX;
    return MFX_ERR_NONE;
}

/* Passes over pictures until that one is at hand. MFX_ERR_MORE_DATA when it has not come. */
static mfxStatus reach(struct vpp_queue *queue, int64_t picture)
{
    while (queue->graph && queue->picture_index < picture) {
        AVFrame *next;
        mfxStatus status = vpp_graph_pull(queue->graph, &next);

        if (status != MFX_ERR_NONE)
            return status;
        av_frame_free(&queue->picture);
        queue->picture = next;
        queue->picture_index++;
    }
    return queue->picture && queue->picture_index == picture ? MFX_ERR_NONE : MFX_ERR_MORE_DATA;
}

static mfxU64 half_frame(const mfxFrameInfo *info)
{
    if (!info->FrameRateExtN)
        return 0;
    return ((mfxU64)info->FrameRateExtD * 90000U + info->FrameRateExtN) / (2 * (mfxU64)info->FrameRateExtN);
}

/* A second field lies half way to the next frame, or half a frame later where there is none. */
static mfxU64 stamp_of(struct vpp_queue *queue, int64_t picture)
{
    int64_t frame = picture / queue->plan.fields_out;
    mfxU64 first = origin_of(queue, frame)->stamp;
    mfxU64 next;

    if (picture % queue->plan.fields_out == 0 || first == (mfxU64)MFX_TIMESTAMP_UNKNOWN)
        return first;
    next = frame + 1 < queue->frames_in ? origin_of(queue, frame + 1)->stamp : 0;
    if (next == (mfxU64)MFX_TIMESTAMP_UNKNOWN || next <= first)
        return first + half_frame(&queue->params.par.vpp.In);
    return first + (next - first) / 2;
}

static void label(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    const struct vpp_origin *origin = origin_of(queue, queue->picture_index / queue->plan.fields_out);
    const struct vpp_timing timing = {.output = job->output,
                                      .repeats = job->repeats,
                                      .stamp = stamp_of(queue, queue->picture_index),
                                      .first_stamp = queue->first_stamp};
    bool counted = queue->plan.deinterlaces || queue->plan.outputs != queue->plan.pictures;
    mfxFrameSurface1 *out = job->out;

    if (!job->stamped) {
        out->Data.TimeStamp = vpp_rate_stamp(&queue->plan, &queue->params.par.vpp.Out, &timing);
        out->Data.FrameOrder = counted ? (mfxU32)job->output : origin->order;
    }
    out->Data.Corrupted = origin->corrupted;
    out->Data.DataFlag = origin->flags;
    out->Info.PicStruct = queue->plan.deinterlaces ? MFX_PICSTRUCT_PROGRESSIVE : origin->pic_struct;
}

static mfxStatus compose(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    mfxStatus status = vpp_layers_compose(queue->layers, queue->out, job->out);

    vpp_layers_drop(queue->layers);
    queue->picture_index = 0;
    label(job);
    return status;
}

static mfxStatus write_picture(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    int left_px = queue->graph ? 0 : queue->picture_left_px;
    AVFrame *adjusted;
    mfxStatus status = vpp_colours_adjust(queue, &job->colours, queue->picture, left_px, &adjusted);

    if (status != MFX_ERR_NONE)
        return status;
    if (!adjusted)
        return vpp_picture_write(queue->out, &queue->finish, &queue->plan.conversion, queue->picture, left_px,
                                 job->out, NULL);
    status = vpp_picture_write(queue->out, &queue->colours.finish, &queue->plan.conversion, adjusted, 0,
                               job->out, NULL);
    av_frame_free(&adjusted);
    return status;
}

static mfxStatus show(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    mfxStatus status = reach(queue, job->picture - queue->frames_lost * queue->plan.fields_out);

    if (status == MFX_ERR_MORE_DATA)
        return MFX_ERR_ABORTED; /* a frame before this one failed and never came */
    if (status != MFX_ERR_NONE)
        return status;
    status = write_picture(job);
    label(job);
    if (job->last)
        av_frame_free(&queue->picture);
    return status;
}

/* Pictures that come before the next output's are of no use. */
static mfxStatus pass_over(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    mfxStatus status = reach(queue, job->picture - 1 - queue->frames_lost * queue->plan.fields_out);

    av_frame_free(&queue->picture);
    return status == MFX_ERR_MORE_DATA ? MFX_ERR_NONE : status;
}

static mfxStatus work(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    mfxStatus status = MFX_ERR_NONE;

    if (job->restart || (!queue->graph && queue->plan.chain[0]))
        status = vpp_graph_restart(queue);
    if (status == MFX_ERR_NONE && job->in) {
        status = push(job);
        queue->frames_lost += status != MFX_ERR_NONE && queue->graph;
    }
    if (status == MFX_ERR_NONE && job->end && !queue->ended && queue->graph) {
        queue->ended = true;
        status = vpp_graph_push(queue->graph, NULL);
    }
    if (status != MFX_ERR_NONE)
        return status;
    if (queue->layers)
        return job->out ? compose(job) : MFX_ERR_NONE;
    return job->out ? show(job) : pass_over(job);
}

/* Everything is given back before the operation ends: who waits for it finds the surfaces unlocked. */
static void end_job(struct vpp_job *job, mfxStatus status)
{
    struct vpp_queue *queue = job->queue;

    if (job->in)
        srt_surface_drop(job->in);
    if (job->out) {
        status = srt_surface_drop_output(job->out, job->out_hold, status);
        pthread_mutex_lock(&queue->lock);
        queue->active--;
        queue->stat.NumFrame += status == MFX_ERR_NONE;
        pthread_mutex_unlock(&queue->lock);
    }
    srt_op_finish(job->op, status);
    srt_op_unref(&job->op);
    free(job);
}

/* A frame that never came. The sequence that it is the first of begins all the same. */
static void lose(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;

    if (job->restart)
        (void)vpp_graph_restart(queue); /* where that fails the next frame tries again */
    queue->frames_lost += job->in && queue->graph;
}

static void run_job(struct srt_job *base)
{
    struct vpp_job *job = (struct vpp_job *)base;
    struct srt_knobs *knobs = job->queue->session->knobs;
    mfxStatus outcome = MFX_ERR_NONE;
    mfxStatus status = srt_op_await_inputs(job->op);

    srt_knobs_delay(knobs, SRT_KNOB_VPP);
    if (status == MFX_ERR_NONE)
        status = work(job);
    else
        lose(job);
    if (job->out)
        outcome = srt_knobs_outcome(knobs, SRT_KNOB_VPP);
    end_job(job, status == MFX_ERR_NONE ? outcome : status);
}

static void cancel_job(struct srt_job *base)
{
    end_job((struct vpp_job *)base, MFX_ERR_ABORTED);
}

/* Holds both surfaces, and tells the operations which it reads and which it fills. */
static mfxStatus hold(struct vpp_job *job, mfxFrameSurface1 *in, mfxFrameSurface1 *out)
{
    mfxStatus status = MFX_ERR_NONE;

    if (in) {
        status = srt_op_consumes(job->op, in);
        if (status == MFX_ERR_NONE)
            status = srt_surface_hold(in);
        if (status != MFX_ERR_NONE)
            return status;
        job->in = in;
    }
    if (out) {
        status = srt_surface_hold_output(job->queue->out, out, &job->out_hold);
        if (status != MFX_ERR_NONE) {
            if (in)
                srt_surface_drop(in);
            return status;
        }
        if (!job->out_hold.own)
            srt_op_produces(job->op, out);
        job->out = out;
    }
    return status;
}

mfxStatus vpp_job_new(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                      struct vpp_job **result)
{
    struct vpp_job *job = calloc(1, sizeof(*job));
    mfxStatus status;

    if (!job)
        return MFX_ERR_MEMORY_ALLOC;
    job->job.run = run_job;
    job->job.cancel = cancel_job;
    job->queue = queue;
    status = srt_session_begin_op(queue->session, &job->op);
    if (status != MFX_ERR_NONE)
        goto no_op;
    status = out ? vpp_colours_read(&job->colours, &queue->params, out) : MFX_ERR_NONE;
    if (status == MFX_ERR_NONE)
        status = hold(job, in, out);
    if (status != MFX_ERR_NONE)
        goto no_hold;
    *result = job;
    return MFX_ERR_NONE;

no_hold:
    srt_op_finish(job->op, MFX_ERR_ABORTED);
    srt_op_unref(&job->op);
no_op:
    free(job);
    return status;
}
