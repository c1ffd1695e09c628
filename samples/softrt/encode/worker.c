/* The worker's side of the encoder: frames into the library, pictures out of it. */
#include "encode/encode.h"

#include <stdlib.h>

/* A surface to encode, or (without one) the order to drain. */
struct encode_job {
    struct srt_job job;
    struct encode_queue *queue;
    struct srt_op *op;
    mfxFrameSurface1 *surface; /* held */
    struct encode_control control;
};

void encode_picture_free(struct encode_picture *picture)
{
    av_packet_free(&picture->packet);
    encode_sei_free(picture->sei);
    free(picture);
}

/* On the worker: a frame that was accepted is lost, and the next call says so. */
static void fail(struct encode_queue *queue, mfxStatus status)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->failure == MFX_ERR_NONE)
        queue->failure = status;
    queue->broken = queue->broken || status == MFX_ERR_DEVICE_FAILED;
    pthread_mutex_unlock(&queue->lock);
}

static void push_picture(struct encode_queue *queue, struct encode_picture *picture)
{
    pthread_mutex_lock(&queue->lock);
    if (queue->last)
        queue->last->next = picture;
    else
        queue->first = picture;
    queue->last = picture;
    queue->ready++;
    queue->in_library--;
    pthread_mutex_unlock(&queue->lock);
}

/* The number of the frame at whose time a picture is decoded. How many frames that is late the libraries know
 * only after as many: of a sequence that ends before, libx264 counts none, and libx265 says what it never
 * set. */
static int64_t decoded_at(const struct encode_codec *codec, const AVPacket *packet)
{
    int64_t late = codec->b_frames;

    if (late > 2) /* B frames are the references of other B frames at most */
        late = 2;
    if (codec->draining && codec->frames <= late)
        return packet->pts - late;
    return packet->dts == AV_NOPTS_VALUE ? packet->pts : packet->dts;
}

/* VP9's pictures come in IVF unless that is turned off, as on Intel's runtimes; AV1's, as the API says, only
 * where the buffer is attached. */
static bool wants_ivf(const struct encode_params *params)
{
    if (params->par.mfx.CodecId == MFX_CODEC_VP9)
        return params->vp9.WriteIVFHeaders != MFX_CODINGOPTION_OFF;
    return params->par.mfx.CodecId == MFX_CODEC_AV1 && params->av1_bitstream.Header.BufferId &&
           params->av1_bitstream.WriteIVFHeaders != MFX_CODINGOPTION_OFF;
}

static void describe_picture(struct encode_queue *queue, struct encode_picture *picture)
{
    const AVPacket *packet = picture->packet;
    const mfxFrameInfo *info = &queue->params.par.mfx.FrameInfo;
    bool adds_headers = packet->flags & AV_PKT_FLAG_KEY && !queue->headers.in_packets;

    picture->frame_type = encode_frame_type(queue->params.par.mfx.CodecId, packet, &picture->places);
    picture->size = (size_t)packet->size + (adds_headers ? queue->headers.size : 0);
    if (!picture->places.delimiter_size)
        picture->size += queue->headers.delimiter_size;
    picture->sei = encode_sei_take(&queue->sei, queue->times.base + packet->pts);
    picture->size += picture->sei ? picture->sei->size : 0;
    picture->pts = encode_times_pts(&queue->times, packet->pts);
    picture->dts = encode_times_dts(&queue->times, decoded_at(&queue->codec, packet));
    picture->pic_struct = info->PicStruct;
    picture->order = (mfxU32)(queue->times.base + packet->pts);
    picture->qp = encode_packet_qp(packet);
    if (wants_ivf(&queue->params))
        picture->ivf_size = encode_ivf(picture->ivf, &queue->params.par, picture->size, queue->coded);
    picture->size += picture->ivf_size;
    queue->coded++;
}

/* Takes one packet. MFX_ERR_MORE_DATA when there is none. */
static mfxStatus receive(struct encode_queue *queue)
{
    struct encode_picture *picture = calloc(1, sizeof(*picture));
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    if (!picture)
        return status;
    picture->packet = av_packet_alloc();
    if (picture->packet)
        status = encode_codec_receive(&queue->codec, picture->packet);
    if (status != MFX_ERR_NONE) {
        encode_picture_free(picture);
        return status;
    }
    describe_picture(queue, picture);
    push_picture(queue, picture);
    return MFX_ERR_NONE;
}

static size_t ready_pictures(struct encode_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    size_t ready = queue->ready;
    pthread_mutex_unlock(&queue->lock);
    return ready;
}

/* All packets the library has now; while draining it would give up everything at once, so only `most`. */
static void receive_all(struct encode_queue *queue, size_t most)
{
    mfxStatus status = MFX_ERR_NONE;

    while (status == MFX_ERR_NONE && ready_pictures(queue) < most)
        status = receive(queue);
    if (queue->codec.drained) {
        pthread_mutex_lock(&queue->lock);
        queue->in_library = 0;
        pthread_mutex_unlock(&queue->lock);
    }
    if (status != MFX_ERR_NONE && status != MFX_ERR_MORE_DATA)
        fail(queue, status);
}

/* Frames after a drain: the libraries cannot go on, so what is left in them comes out and they begin anew. */
static mfxStatus restart(struct encode_queue *queue)
{
    struct encode_codec fresh;
    mfxStatus status;

    receive_all(queue, SIZE_MAX);
    status = encode_codec_open(&fresh, &queue->params, queue->threads);
    if (status != MFX_ERR_NONE)
        return status;
    encode_codec_close(&queue->codec);
    queue->codec = fresh;
    encode_times_restart(&queue->times);
    return MFX_ERR_NONE;
}

/* A library that held nothing back when it was to be drained was never told so. And with open GOPs x265 makes
 * no IDR picture but the first, whatever it is asked: a new sequence begins with one. */
static bool needs_new_sequence(const struct encode_queue *queue, const struct encode_control *control)
{
    const mfxInfoMFX *mfx = &queue->params.par.mfx;
    bool only_first = mfx->CodecId == MFX_CODEC_HEVC && !mfx->IdrInterval;

    return queue->codec.frames > 0 &&
           (control->begins || (control->frame_type & MFX_FRAMETYPE_IDR && only_first));
}

static mfxStatus encode(struct encode_queue *queue, mfxFrameSurface1 *surface, struct encode_control *control)
{
    AVFrame *frame;
    mfxStatus status = MFX_ERR_NONE;

    if (needs_new_sequence(queue, control))
        status = encode_codec_drain(&queue->codec);
    if (status == MFX_ERR_NONE && queue->codec.draining)
        status = restart(queue);

    if (status == MFX_ERR_NONE)
        status =
            srt_frame_from_surface(srt_access_in(queue->session, &queue->params.par), surface, false, &frame);
    if (status != MFX_ERR_NONE)
        return status;
    encode_times_add(&queue->times, surface->Data.TimeStamp);
    status = encode_codec_send(&queue->codec, &queue->params, frame, surface->Info.CropX, control);
    if (status != MFX_ERR_NONE) {
        queue->times.next--;
        return status;
    }
    encode_sei_keep(&queue->sei, control->sei, queue->times.next - 1);
    control->sei = NULL;
    pthread_mutex_lock(&queue->lock);
    queue->in_library++;
    pthread_mutex_unlock(&queue->lock);
    return MFX_ERR_NONE;
}

static void end_frame(struct encode_job *job, mfxStatus status)
{
    struct encode_queue *queue = job->queue;

    if (status != MFX_ERR_NONE)
        fail(queue, status);
    srt_surface_drop(job->surface);
    encode_sei_free(job->control.sei);
    srt_op_finish(job->op, status);
    srt_op_unref(&job->op);
    free(job);
    pthread_mutex_lock(&queue->lock);
    queue->waiting--;
    pthread_mutex_unlock(&queue->lock);
}

static void run_frame(struct srt_job *base)
{
    struct encode_job *job = (struct encode_job *)base;
    struct encode_queue *queue = job->queue;
    mfxStatus status = srt_op_await_inputs(job->op);

    srt_knobs_delay(queue->session->knobs, SRT_KNOB_ENCODE);
    if (status == MFX_ERR_NONE) {
        status = encode(queue, job->surface, &job->control);
        receive_all(queue, SIZE_MAX);
    }
    end_frame(job, status);
}

static void cancel_frame(struct srt_job *base)
{
    end_frame((struct encode_job *)base, MFX_ERR_ABORTED);
}

static void end_drain(struct srt_job *base)
{
    struct encode_job *job = (struct encode_job *)base;

    pthread_mutex_lock(&job->queue->lock);
    job->queue->drain_queued = false;
    pthread_mutex_unlock(&job->queue->lock);
    free(job);
}

static void run_drain(struct srt_job *base)
{
    struct encode_queue *queue = ((struct encode_job *)base)->queue;
    mfxStatus status = encode_codec_drain(&queue->codec);

    if (status == MFX_ERR_NONE)
        receive_all(queue, queue->depth);
    else
        fail(queue, status);
    end_drain(base);
}

mfxStatus encode_frame_job(struct encode_queue *queue, mfxFrameSurface1 *surface,
                           const struct encode_control *control, struct srt_job **out)
{
    struct encode_job *job = calloc(1, sizeof(*job));
    mfxStatus status;

    if (!job)
        return MFX_ERR_MEMORY_ALLOC;
    job->job.run = run_frame;
    job->job.cancel = cancel_frame;
    job->queue = queue;
    status = srt_session_begin_op(queue->session, &job->op);
    if (status != MFX_ERR_NONE)
        goto no_op;
    status = srt_op_consumes(job->op, surface);
    if (status != MFX_ERR_NONE)
        goto no_hold;
    status = srt_surface_hold(surface);
    if (status != MFX_ERR_NONE)
        goto no_hold;
    job->surface = surface;
    job->control = *control;
    *out = &job->job;
    return MFX_ERR_NONE;

no_hold:
    srt_op_finish(job->op, MFX_ERR_ABORTED);
    srt_op_unref(&job->op);
no_op:
    free(job);
    return status;
}

mfxStatus encode_queue_drain_job(struct encode_queue *queue)
{
    struct encode_job *job = calloc(1, sizeof(*job));

    if (!job)
        return MFX_ERR_MEMORY_ALLOC;
    job->job.run = run_drain;
    job->job.cancel = end_drain;
    job->queue = queue;
    pthread_mutex_lock(&queue->lock);
    queue->drain_queued = true;
    pthread_mutex_unlock(&queue->lock);
    srt_worker_push(queue->worker, &job->job);
    return MFX_ERR_NONE;
}
