/* libavcodec on a worker: packets in, frames out. */
#include "core/clock.h"
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

struct ready {
    struct ready *next;
    AVFrame *frame;
    mfxU16 corrupted;
};

/* `lock` guards the fields below it; the codec's context is the worker's alone once that runs. */
struct srt_engine {
    AVCodecContext *context;
    struct srt_worker *worker;
    size_t max_in_flight; /* constant */
    AVFrame *spare;       /* the worker's: what the next frame is received into */
    bool lost;            /* the worker's: a packet failed, and no frame has said so yet */

    pthread_mutex_t lock;
    pthread_cond_t progress; /* a frame, room, or the end of a drain */
    struct ready *first;
    struct ready *last;
    size_t num_ready;
    size_t num_queued; /* packets */
    size_t drains;     /* drain jobs queued or running */
    enum srt_engine_state state;
    mfxStatus error;
    struct srt_engine_stats stats;
};

enum task {
    DECODE,
    DRAIN,
    RESTART,
    SKIP_FILTER
};

struct task_job {
    struct srt_job job; /* first */
    struct srt_engine *engine;
    enum task task;
    AVPacket *packet; /* DECODE */
    enum AVDiscard skip;
};

/* A packet that gave no frame may have been what later ones refer to: the next frame bears the mark. */
static void note_failure(struct srt_engine *engine, int err)
{
    engine->lost = true;
    pthread_mutex_lock(&engine->lock);
    engine->stats.errors++;
    if (err == AVERROR(ENOMEM) && engine->error == MFX_ERR_NONE)
        engine->error = MFX_ERR_MEMORY_ALLOC;
    pthread_mutex_unlock(&engine->lock);
}

static void lay_ready(struct srt_engine *engine, struct ready *node)
{
    pthread_mutex_lock(&engine->lock);
    if (engine->last)
        engine->last->next = node;
    else
        engine->first = node;
    engine->last = node;
    engine->num_ready++;
    engine->stats.frames++;
    if (node->corrupted)
        engine->stats.errors++;
    pthread_cond_signal(&engine->progress);
    pthread_mutex_unlock(&engine->lock);
}

/* One frame or error from the decoder. Its answer, AVERROR(EAGAIN) and AVERROR_EOF when there is no more. */
static int receive(struct srt_engine *engine)
{
    struct ready *node;
    int err;

    if (!engine->spare)
        engine->spare = av_frame_alloc();
    if (!engine->spare)
        return AVERROR(ENOMEM);
    err = avcodec_receive_frame(engine->context, engine->spare);
    if (err < 0)
        return err;
    node = calloc(1, sizeof(*node));
    if (!node) {
        av_frame_unref(engine->spare);
        return AVERROR(ENOMEM);
    }
    node->frame = engine->spare;
    srt_picture_unify(node->frame);
    node->corrupted = srt_picture_corruption(node->frame);
    if (engine->lost)
        node->corrupted |= MFX_CORRUPTION_REFERENCE_FRAME;
    engine->lost = false;
    engine->spare = NULL;
    lay_ready(engine, node);
    return 0;
}

/* Frame threads report each damaged frame in its turn, so an error is no reason to stop; a decoder that
 * answers with nothing but errors is. */
static void receive_all(struct srt_engine *engine)
{
    enum {
        hopeless = 256
    };

    for (int errors = 0; errors < hopeless;) {
        int err = receive(engine);

        if (err == AVERROR(EAGAIN) || err == AVERROR_EOF)
            return;
        if (err < 0) {
            note_failure(engine, err);
            errors++;
        }
    }
}

static void decode(struct srt_engine *engine, const AVPacket *packet)
{
    int err = avcodec_send_packet(engine->context, packet);

    if (err < 0 && err != AVERROR_EOF)
        note_failure(engine, err);
    receive_all(engine);
}

static void end_drain(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->drains--;
    if (engine->drains == 0 && engine->state == SRT_ENGINE_DRAINING)
        engine->state = SRT_ENGINE_DRAINED;
    pthread_cond_signal(&engine->progress);
    pthread_mutex_unlock(&engine->lock);
}

static void end_packet(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->num_queued--;
    pthread_cond_signal(&engine->progress);
    pthread_mutex_unlock(&engine->lock);
}

static void free_task(struct task_job *task)
{
    av_packet_free(&task->packet);
    free(task);
}

static void run_task(struct srt_job *job)
{
    struct task_job *task = (struct task_job *)job;
    struct srt_engine *engine = task->engine;

    switch (task->task) {
    case DECODE:
        decode(engine, task->packet);
        end_packet(engine);
        break;
    case DRAIN:
        decode(engine, NULL);
        end_drain(engine);
        break;
    case RESTART:
        avcodec_flush_buffers(engine->context);
        engine->lost = false;
        break;
    case SKIP_FILTER:
        engine->context->skip_loop_filter = task->skip;
        break;
    }
    free_task(task);
}

static void cancel_task(struct srt_job *job)
{
    free_task((struct task_job *)job);
}

static struct task_job *new_task(struct srt_engine *engine, enum task kind)
{
    struct task_job *task = calloc(1, sizeof(*task));

    if (!task)
        return NULL;
    task->job.run = run_task;
    task->job.cancel = cancel_task;
    task->engine = engine;
    task->task = kind;
    return task;
}

static AVCodecContext *open_codec(const struct srt_engine_config *config)
{
    const AVCodec *decoder = srt_decode_avcodec(config->codec);
    AVCodecContext *context = avcodec_alloc_context3(decoder);

    if (!context)
        return NULL;
    context->log_level_offset = SRT_LOG_OFFSET;
    context->thread_count = config->threads;
    context->thread_type = FF_THREAD_FRAME | FF_THREAD_SLICE;
    context->pkt_timebase = (AVRational){1, 90000};
    /* A damaged picture comes out, marked, rather than not at all. */
    context->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    if (config->no_film_grain)
        context->export_side_data |= AV_CODEC_EXPORT_DATA_FILM_GRAIN;
    if (avcodec_open2(context, decoder, NULL) < 0)
        avcodec_free_context(&context);
    return context;
}

mfxStatus srt_engine_create(const struct srt_engine_config *config, struct srt_engine **out)
{
    struct srt_engine *engine = calloc(1, sizeof(*engine));

    *out = NULL;
    if (!engine)
        return MFX_ERR_MEMORY_ALLOC;
    engine->max_in_flight = config->max_in_flight;
    if (pthread_mutex_init(&engine->lock, NULL))
        goto no_lock;
    if (srt_cond_init(&engine->progress))
        goto no_cond;
    engine->context = open_codec(config);
    if (!engine->context)
        goto no_codec;
    if (srt_worker_create(&engine->worker, "softrt-decode") != MFX_ERR_NONE)
        goto no_worker;
    *out = engine;
    return MFX_ERR_NONE;

no_worker:
    avcodec_free_context(&engine->context);
no_codec:
    pthread_cond_destroy(&engine->progress);
no_cond:
    pthread_mutex_destroy(&engine->lock);
no_lock:
    free(engine);
    return MFX_ERR_MEMORY_ALLOC;
}

static bool has_room(const struct srt_engine *engine)
{
    return engine->num_queued + engine->num_ready < engine->max_in_flight;
}

bool srt_engine_has_room(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    bool room = has_room(engine);
    pthread_mutex_unlock(&engine->lock);
    return room;
}

static bool has_news(const struct srt_engine *engine)
{
    return engine->first || (engine->state == SRT_ENGINE_RUNNING && has_room(engine)) ||
           engine->state == SRT_ENGINE_DRAINED;
}

bool srt_engine_await(struct srt_engine *engine, mfxU32 wait_ms)
{
    struct timespec deadline = srt_deadline(wait_ms);
    bool news;

    pthread_mutex_lock(&engine->lock);
    while (!(news = has_news(engine)) && !srt_cond_wait_until(&engine->progress, &engine->lock, &deadline)) {
    }
    pthread_mutex_unlock(&engine->lock);
    return news;
}

/* After a drain libavcodec wants to be told that the stream goes on. */
static mfxStatus wake(struct srt_engine *engine)
{
    struct task_job *restart;
    bool asleep;

    pthread_mutex_lock(&engine->lock);
    asleep = engine->state != SRT_ENGINE_RUNNING;
    pthread_mutex_unlock(&engine->lock);
    if (!asleep)
        return MFX_ERR_NONE;
    restart = new_task(engine, RESTART);
    if (!restart)
        return MFX_ERR_MEMORY_ALLOC;
    pthread_mutex_lock(&engine->lock);
    engine->state = SRT_ENGINE_RUNNING;
    pthread_mutex_unlock(&engine->lock);
    srt_worker_push(engine->worker, &restart->job);
    return MFX_ERR_NONE;
}

mfxStatus srt_engine_push(struct srt_engine *engine, const uint8_t *data, size_t size, int64_t pts)
{
    struct task_job *task = new_task(engine, DECODE);

    if (!task)
        return MFX_ERR_MEMORY_ALLOC;
    task->packet = av_packet_alloc();
    if (!task->packet || size > INT32_MAX || av_new_packet(task->packet, (int)size) < 0 ||
        wake(engine) != MFX_ERR_NONE) {
        free_task(task);
        return MFX_ERR_MEMORY_ALLOC;
    }
    memcpy(task->packet->data, data, size);
    task->packet->pts = pts;
    pthread_mutex_lock(&engine->lock);
    engine->num_queued++;
    pthread_mutex_unlock(&engine->lock);
    srt_worker_push(engine->worker, &task->job);
    return MFX_ERR_NONE;
}

mfxStatus srt_engine_drain(struct srt_engine *engine)
{
    struct task_job *task;

    if (srt_engine_state(engine) != SRT_ENGINE_RUNNING)
        return MFX_ERR_NONE;
    task = new_task(engine, DRAIN);
    if (!task)
        return MFX_ERR_MEMORY_ALLOC;
    pthread_mutex_lock(&engine->lock);
    engine->state = SRT_ENGINE_DRAINING;
    engine->drains++;
    pthread_mutex_unlock(&engine->lock);
    srt_worker_push(engine->worker, &task->job);
    return MFX_ERR_NONE;
}

AVFrame *srt_engine_peek(struct srt_engine *engine, mfxU16 *corrupted)
{
    AVFrame *frame = NULL;

    pthread_mutex_lock(&engine->lock);
    if (engine->first) {
        frame = engine->first->frame;
        *corrupted = engine->first->corrupted;
    }
    pthread_mutex_unlock(&engine->lock);
    return frame;
}

void srt_engine_pop(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    struct ready *node = engine->first;
    engine->first = node->next;
    if (!engine->first)
        engine->last = NULL;
    engine->num_ready--;
    pthread_mutex_unlock(&engine->lock);
    free(node);
}

enum srt_engine_state srt_engine_state(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    enum srt_engine_state state = engine->state;
    pthread_mutex_unlock(&engine->lock);
    return state;
}

mfxStatus srt_engine_error(struct srt_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    mfxStatus error = engine->error;
    engine->error = MFX_ERR_NONE;
    pthread_mutex_unlock(&engine->lock);
    return error;
}

mfxStatus srt_engine_skip_filter(struct srt_engine *engine, enum AVDiscard skip)
{
    struct task_job *task = new_task(engine, SKIP_FILTER);

    if (!task)
        return MFX_ERR_MEMORY_ALLOC;
    task->skip = skip;
    srt_worker_push(engine->worker, &task->job);
    return MFX_ERR_NONE;
}

void srt_engine_stats(struct srt_engine *engine, struct srt_engine_stats *out)
{
    pthread_mutex_lock(&engine->lock);
    *out = engine->stats;
    out->cached = (mfxU32)(engine->num_queued + engine->num_ready);
    pthread_mutex_unlock(&engine->lock);
}

void srt_engine_destroy(struct srt_engine **slot)
{
    struct srt_engine *engine = *slot;

    *slot = NULL;
    if (!engine)
        return;
    srt_worker_destroy(&engine->worker);
    while (engine->first) {
        struct ready *node = engine->first;
        engine->first = node->next;
        av_frame_free(&node->frame);
        free(node);
    }
    av_frame_free(&engine->spare);
    avcodec_free_context(&engine->context);
    pthread_cond_destroy(&engine->progress);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}
