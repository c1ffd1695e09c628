/* The application's side of the encoder: frames are queued, coded pictures handed out (see encode.h for what
 * bounds them). */
#include "encode/encode.h"

#include <stdlib.h>
#include <string.h>

static mfxStatus take_failure(struct encode_queue *queue)
{
    mfxStatus status;

    pthread_mutex_lock(&queue->lock);
    status = queue->failure;
    if (!queue->broken)
        queue->failure = MFX_ERR_NONE;
    pthread_mutex_unlock(&queue->lock);
    return status;
}

/* The oldest ready picture, left where it is. MFX_ERR_MORE_DATA when there is none, MFX_ERR_NOT_ENOUGH_BUFFER
 * when it is too large for `bs`. */
static mfxStatus peek(struct encode_queue *queue, const mfxBitstream *bs, struct encode_picture **out)
{
    size_t room = bs->MaxLength - bs->DataOffset - bs->DataLength;

    pthread_mutex_lock(&queue->lock);
    *out = queue->first;
    pthread_mutex_unlock(&queue->lock);
    if (!*out)
        return MFX_ERR_MORE_DATA;
    if ((*out)->size <= room)
        return MFX_ERR_NONE;
    pthread_mutex_lock(&queue->lock);
    if (queue->largest_bytes < (*out)->size) /* so that GetVideoParam tells how much is needed */
        queue->largest_bytes = (mfxU32)(*out)->size;
    pthread_mutex_unlock(&queue->lock);
    return MFX_ERR_NOT_ENOUGH_BUFFER;
}

static mfxU8 *append(mfxU8 *at, const uint8_t *data, size_t size)
{
    if (size)
        memcpy(at, data, size);
    return at + size;
}

/* What mfxExtAVCEncodedFrameInfo, attached to the bitstream, can be told: libavcodec says nothing of
 * references. */
static void tell_frame_info(const struct encode_picture *picture, const mfxBitstream *bs)
{
    enum {
        NO_LONG_TERM = 0xffff
    };
    mfxExtBuffer *buffer =
        bs->ExtParam ? srt_ext_buffer(bs->ExtParam, bs->NumExtParam, MFX_EXTBUFF_ENCODED_FRAME_INFO) : NULL;
    mfxExtAVCEncodedFrameInfo *info = (mfxExtAVCEncodedFrameInfo *)buffer;

    if (!info || info->Header.BufferSz != sizeof(*info))
        return;
    *info = (mfxExtAVCEncodedFrameInfo){.Header = info->Header,
                                        .FrameOrder = picture->order,
                                        .PicStruct = picture->pic_struct,
                                        .LongTermIdx = NO_LONG_TERM,
                                        .QP = picture->qp};
}

/* The access unit delimiter comes first, parameter sets behind it (H.264 7.4.1.2.3, H.265 7.4.2.4.4),
 * although libavcodec writes x264's note about itself before even the delimiter. The application's messages
 * come behind the library's, of which one may have to be the first. */
static void copy_picture(const struct encode_queue *queue, const struct encode_picture *picture,
                         mfxBitstream *bs)
{
    const struct encode_headers *headers = &queue->headers;
    const struct encode_places *places = &picture->places;
    const AVPacket *packet = picture->packet;
    size_t behind = places->delimiter_at + places->delimiter_size;
    size_t slices = places->slice_at < behind ? behind : places->slice_at;
    mfxU8 *at = bs->Data + bs->DataOffset + bs->DataLength;

    at = append(at, picture->ivf, picture->ivf_size);
    if (places->delimiter_size)
        at = append(at, packet->data + places->delimiter_at, places->delimiter_size);
    else
        at = append(at, headers->delimiter, headers->delimiter_size);
    if (packet->flags & AV_PKT_FLAG_KEY && !headers->in_packets)
        at = append(at, headers->data, headers->size);
    at = append(at, packet->data, places->delimiter_at);
    at = append(at, packet->data + behind, slices - behind);
    if (picture->sei)
        at = append(at, picture->sei->data, picture->sei->size);
    (void)append(at, packet->data + slices, (size_t)packet->size - slices);
    bs->DataLength += (mfxU32)picture->size;
    bs->TimeStamp = picture->pts;
    bs->DecodeTimeStamp = picture->dts;
    bs->FrameType = picture->frame_type;
    bs->PicStruct = picture->pic_struct;
    bs->DataFlag = MFX_BITSTREAM_COMPLETE_FRAME;
    bs->CodecId = queue->params.par.mfx.CodecId;
    tell_frame_info(picture, bs);
}

static void pop_picture(struct encode_queue *queue, struct encode_picture *picture)
{
    pthread_mutex_lock(&queue->lock);
    queue->first = picture->next;
    if (!queue->first)
        queue->last = NULL;
    queue->ready--;
    queue->stat.NumFrame++;
    queue->handed_out++;
    queue->stat.NumBit += (mfxU64)picture->size * 8;
    if (queue->largest_bytes < picture->size)
        queue->largest_bytes = (mfxU32)picture->size;
    pthread_mutex_unlock(&queue->lock);
    encode_picture_free(picture);
}

/* Hands the picture out: done within the call, so the sync point stands for an operation already finished.
 * One that a test knob fails gives no bytes. */
static mfxStatus hand_out(struct encode_queue *queue, struct encode_picture *picture, mfxBitstream *bs,
                          struct srt_op *op, mfxSyncPoint *sync)
{
    mfxStatus outcome = srt_knobs_outcome(queue->session->knobs, SRT_KNOB_ENCODE);

    if (outcome == MFX_ERR_NONE)
        copy_picture(queue, picture, bs);
    pop_picture(queue, picture);
    *sync = srt_op_sync_point(op);
    srt_op_finish(op, outcome);
    return MFX_ERR_NONE;
}

static bool is_full(struct encode_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool full = queue->ready + queue->waiting >= queue->depth;
    pthread_mutex_unlock(&queue->lock);
    return full;
}

mfxStatus encode_queue_submit(struct encode_queue *queue, mfxFrameSurface1 *surface,
                              struct encode_control *control, mfxBitstream *bs, mfxSyncPoint *sync)
{
    struct encode_control asked = *control;
    struct encode_picture *picture;
    struct srt_job *job = NULL;
    struct srt_op *op = NULL;
    mfxStatus status = take_failure(queue);
    mfxStatus output;

    if (status != MFX_ERR_NONE)
        return status;
    output = peek(queue, bs, &picture);
    if (output == MFX_ERR_NOT_ENOUGH_BUFFER)
        return output;
    if (output == MFX_ERR_MORE_DATA && is_full(queue))
        return MFX_WRN_DEVICE_BUSY;
    if (output == MFX_ERR_NONE)
        status = srt_session_begin_op(queue->session, &op);
    asked.begins = queue->ended;
    if (status == MFX_ERR_NONE)
        status = encode_frame_job(queue, surface, &asked, &job);
    if (status != MFX_ERR_NONE) {
        srt_op_unref(&op);
        return status;
    }
    queue->ended = false;
    control->sei = NULL; /* the job's now */
    pthread_mutex_lock(&queue->lock);
    queue->waiting++;
    pthread_mutex_unlock(&queue->lock);
    if (output == MFX_ERR_NONE)
        output = hand_out(queue, picture, bs, op, sync);
    srt_op_unref(&op);
    srt_worker_push(queue->worker, job);
    return output;
}

/* Is nothing left anywhere? Otherwise makes sure that the worker brings out what is. */
static mfxStatus go_on_draining(struct encode_queue *queue)
{
    bool empty;
    bool queue_one;

    pthread_mutex_lock(&queue->lock);
    empty = !queue->ready && !queue->waiting && !queue->in_library && !queue->drain_queued;
    queue_one = !queue->drain_queued && (queue->in_library || queue->waiting) && queue->ready < queue->depth;
    pthread_mutex_unlock(&queue->lock);
    if (empty)
        return MFX_ERR_MORE_DATA;
    return queue_one ? encode_queue_drain_job(queue) : MFX_ERR_NONE;
}

mfxStatus encode_queue_drain(struct encode_queue *queue, mfxBitstream *bs, mfxSyncPoint *sync)
{
    struct encode_picture *picture;
    struct srt_op *op;
    mfxStatus status = take_failure(queue);

    queue->ended = true;
    if (status == MFX_ERR_NONE)
        status = go_on_draining(queue);
    if (status != MFX_ERR_NONE)
        return status;
    status = peek(queue, bs, &picture);
    if (status != MFX_ERR_NONE)
        return status == MFX_ERR_MORE_DATA ? MFX_WRN_DEVICE_BUSY : status;
    status = srt_session_begin_op(queue->session, &op);
    if (status != MFX_ERR_NONE)
        return status;
    status = hand_out(queue, picture, bs, op, sync);
    srt_op_unref(&op);
    return status;
}

void encode_queue_stat(struct encode_queue *queue, mfxEncodeStat *stat, mfxU32 *largest_bytes)
{
    pthread_mutex_lock(&queue->lock);
    *stat = queue->stat;
    stat->NumCachedFrame = (mfxU32)((size_t)queue->in_library + queue->ready + queue->waiting);
    *largest_bytes = queue->largest_bytes;
    pthread_mutex_unlock(&queue->lock);
}

/* QueryIOSurf tells how many frames JPEG's threads hold, so it must know their number; the others decide
 * themselves. */
static int wanted_threads(const struct srt_session *session, const mfxVideoParam *par)
{
    if (par->mfx.CodecId == MFX_CODEC_JPEG)
        return srt_thread_count(session, par->mfx.NumThread);
    return srt_session_threads(session, par->mfx.NumThread);
}

mfxStatus encode_queue_start(struct encode_queue *queue, struct srt_session *session,
                             const struct encode_params *params)
{
    mfxStatus status;

    memset(queue, 0, sizeof(*queue));
    queue->session = session;
    queue->params = *params;
    queue->depth = params->par.AsyncDepth;
    queue->threads = wanted_threads(session, &params->par);
    encode_times_start(&queue->times, &params->par.mfx.FrameInfo);
    if (pthread_mutex_init(&queue->lock, NULL))
        return MFX_ERR_MEMORY_ALLOC;
    status = encode_codec_open(&queue->codec, params, queue->threads);
    if (status != MFX_ERR_NONE)
        goto no_codec;
    status = encode_headers_read(&queue->headers, &queue->codec, params);
    if (status != MFX_ERR_NONE)
        goto no_headers;
    status = srt_worker_create(&queue->worker, "softrt-encode");
    if (status != MFX_ERR_NONE)
        goto no_worker;
    return MFX_ERR_NONE;

no_worker:
    encode_headers_free(&queue->headers);
no_headers:
    encode_codec_close(&queue->codec);
no_codec:
    pthread_mutex_destroy(&queue->lock);
    return status;
}

void encode_queue_stop(struct encode_queue *queue)
{
    srt_worker_destroy(&queue->worker);
    encode_codec_close(&queue->codec);
    encode_headers_free(&queue->headers);
    while (queue->first) {
        struct encode_picture *picture = queue->first;
        queue->first = picture->next;
        encode_picture_free(picture);
    }
    encode_sei_free(queue->sei);
    pthread_mutex_destroy(&queue->lock);
}

/* What was coded and never handed out is not in the stream. */
void encode_queue_continue(struct encode_queue *queue, const struct encode_queue *before)
{
    queue->coded = queue->handed_out = before->handed_out;
}
