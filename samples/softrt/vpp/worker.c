/* The worker's side of video processing: one job makes at most one picture. */
#include "vpp/queue.h"

#include <stdlib.h>

mfxStatus vpp_deinterlacer_restart(struct vpp_queue *queue)
{
    const mfxFrameInfo *in = &queue->params.par.vpp.In;
    int format = vpp_deinterlacer_format(srt_pixel_format_find(in->FourCC)->pix_fmt);

    vpp_deinterlacer_free(&queue->deinterlacer);
    queue->frames_in = queue->pictures_out = 0;
    queue->ended = false;
    return vpp_deinterlacer_create(&queue->deinterlacer, &queue->plan, format, vpp_width(in), vpp_height(in));
}

/* The frame in memory and a format that libavfilter can work on, which is the surface's own where that will
 * do. */
static mfxStatus unpack(struct vpp_queue *queue, AVFrame **frame, int left_px)
{
    struct srt_conversion how = queue->plan.conversion;
    int format = vpp_deinterlacer_format((*frame)->format);
    AVFrame *unpacked;
    mfxStatus status;

    how.to = how.from; /* the deinterlacer's pictures mean what the surface's did */
    if (format == (*frame)->format && srt_frame_has_room(*frame, left_px))
        return MFX_ERR_NONE;
    status = srt_convert_new(&queue->unpack, &how, *frame, left_px, format, &unpacked);
    if (status != MFX_ERR_NONE)
        return status;
    av_frame_free(frame);
    *frame = unpacked;
    return MFX_ERR_NONE;
}

static void mark_fields(AVFrame *frame, mfxU16 pic_struct, mfxU16 otherwise)
{
    if (!(pic_struct & (MFX_PICSTRUCT_PROGRESSIVE | MFX_PICSTRUCT_FIELD_TFF | MFX_PICSTRUCT_FIELD_BFF)))
        pic_struct = otherwise;
    frame->interlaced_frame = !(pic_struct & MFX_PICSTRUCT_PROGRESSIVE);
    frame->top_field_first = !(pic_struct & MFX_PICSTRUCT_FIELD_BFF);
}

static mfxStatus push(struct vpp_queue *queue, mfxFrameSurface1 *in)
{
    AVFrame *frame;
    mfxStatus status = srt_frame_from_surface(queue->in, in, false, &frame);

    if (status != MFX_ERR_NONE)
        return status;
    status = unpack(queue, &frame, in->Info.CropX);
    if (status != MFX_ERR_NONE) {
        av_frame_free(&frame);
        return status;
    }
    mark_fields(frame, in->Info.PicStruct, queue->params.par.vpp.In.PicStruct);
    frame->pts = queue->frames_in;
    queue->stamps[queue->frames_in++ % VPP_STAMPS] = in->Data.TimeStamp;
    return vpp_deinterlacer_push(queue->deinterlacer, frame);
}

static mfxU64 half_frame(const mfxFrameInfo *info)
{
    if (!info->FrameRateExtN)
        return 0;
    return ((mfxU64)info->FrameRateExtD * 90000U + info->FrameRateExtN) / (2 * (mfxU64)info->FrameRateExtN);
}

/* A second field lies half way to the next frame, or half a frame later where there is none. */
static mfxU64 stamp_of(const struct vpp_queue *queue, int64_t picture)
{
    int64_t frame = picture / queue->plan.fields_out;
    mfxU64 first = queue->stamps[frame % VPP_STAMPS];
    mfxU64 next;

    if (picture % queue->plan.fields_out == 0 || first == (mfxU64)MFX_TIMESTAMP_UNKNOWN)
        return first;
    next = frame + 1 < queue->frames_in ? queue->stamps[(frame + 1) % VPP_STAMPS] : 0;
    if (next == (mfxU64)MFX_TIMESTAMP_UNKNOWN || next <= first)
        return first + half_frame(&queue->params.par.vpp.In);
    return first + (next - first) / 2;
}

static mfxStatus pull(struct vpp_queue *queue, mfxFrameSurface1 *out)
{
    AVFrame *picture;
    mfxStatus status = vpp_deinterlacer_pull(queue->deinterlacer, &picture);

    if (status == MFX_ERR_MORE_DATA)
        return MFX_ERR_ABORTED; /* a frame before this one failed and never came */
    if (status != MFX_ERR_NONE)
        return status;
    status = vpp_picture_write(queue->out, &queue->finish, &queue->plan.conversion, picture, 0, out);
    av_frame_free(&picture);
    out->Data.TimeStamp = stamp_of(queue, queue->pictures_out);
    out->Data.FrameOrder = (mfxU32)queue->pictures_out++;
    out->Info.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    return status;
}

static mfxStatus deinterlace(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    mfxStatus status = MFX_ERR_NONE;

    if (job->restart || !queue->deinterlacer)
        status = vpp_deinterlacer_restart(queue);
    if (status == MFX_ERR_NONE && job->in)
        status = push(queue, job->in);
    if (status == MFX_ERR_NONE && job->end && !queue->ended) {
        queue->ended = true;
        status = vpp_deinterlacer_push(queue->deinterlacer, NULL);
    }
    if (status == MFX_ERR_NONE && job->out)
        status = pull(queue, job->out);
    return status;
}

static mfxStatus process(struct vpp_job *job)
{
    struct vpp_queue *queue = job->queue;
    AVFrame *frame;
    mfxStatus status = srt_frame_from_surface(queue->in, job->in, false, &frame);

    if (status != MFX_ERR_NONE)
        return status;
    status = vpp_picture_write(queue->out, &queue->finish, &queue->plan.conversion, frame,
                               job->in->Info.CropX, job->out);
    av_frame_free(&frame);
    job->out->Data.TimeStamp = job->in->Data.TimeStamp;
    job->out->Data.FrameOrder = job->in->Data.FrameOrder;
    job->out->Data.Corrupted = job->in->Data.Corrupted;
    job->out->Data.DataFlag = job->in->Data.DataFlag;
    job->out->Info.PicStruct = job->in->Info.PicStruct;
    return status;
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

static void run_job(struct srt_job *base)
{
    struct vpp_job *job = (struct vpp_job *)base;
    mfxStatus status = srt_op_await_inputs(job->op);

    if (status == MFX_ERR_NONE)
        status = job->queue->plan.deinterlacer ? deinterlace(job) : process(job);
    end_job(job, status);
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
    status = srt_op_begin(queue->session->core, &job->op);
    if (status != MFX_ERR_NONE)
        goto no_op;
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
