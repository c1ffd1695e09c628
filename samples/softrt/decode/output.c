/* Decoded frames into the application's surfaces, on a worker of their own. */
#include "core/clock.h"
#include "core/guise.h"
#include "decode/decode.h"
#include "surface/convert.h"

#include <stdlib.h>

struct srt_output {
    struct srt_access access;
    struct srt_worker *worker;
    struct srt_converter *converter; /* the worker's */
    size_t max_in_flight;            /* constant */
    pthread_mutex_t lock;            /* guards in_flight */
    pthread_cond_t fewer;
    size_t in_flight;
};

struct copy_job {
    struct srt_job job; /* first */
    struct srt_output *output;
    struct srt_op *op;
    AVFrame *frame;
    mfxFrameSurface1 *surface;
    struct srt_hold hold;
    mfxStatus status;
};

static void one_less(struct srt_output *output)
{
    pthread_mutex_lock(&output->lock);
    output->in_flight--;
    pthread_cond_signal(&output->fewer);
    pthread_mutex_unlock(&output->lock);
}

/* A GPU is not done the moment after it got its work, and clients take that for granted: GStreamer's decoders
 * offer the surface that they just got as output again if it is not locked when the call returns. So in the
 * guise of hardware an operation that nobody waits for takes so long; the GPU runtime takes as long as 20. */
#define HARDWARE_MS 10

/* Queued copies are promises made (the application has their sync points), so they are kept when the
 * component closes too. */
static void end_copy(struct srt_job *job)
{
    struct copy_job *copy = (struct copy_job *)job;
    struct srt_output *output = copy->output;
    mfxStatus status = copy->status;

    av_frame_free(&copy->frame);
    status = srt_surface_drop_output(copy->surface, copy->hold, status);
    one_less(output);
    srt_op_finish(copy->op, status);
    srt_op_unref(&copy->op);
    free(copy);
}

static void copy_pixels(struct copy_job *copy)
{
    struct srt_output *output = copy->output;
    struct srt_knobs *knobs = output->access.session->knobs;

    copy->status = srt_knobs_outcome(knobs, SRT_KNOB_DECODE);
    srt_knobs_delay(knobs, SRT_KNOB_DECODE);
    if (copy->status == MFX_ERR_NONE)
        copy->status = srt_frame_to_surface(output->access, copy->frame, copy->surface, &output->converter);
}

static void run_copy(struct srt_job *job)
{
    struct copy_job *copy = (struct copy_job *)job;

    copy_pixels(copy);
    if (srt_is_hardware())
        srt_op_linger(copy->op, HARDWARE_MS);
    end_copy(job);
}

static void cancel_copy(struct srt_job *job)
{
    copy_pixels((struct copy_job *)job);
    end_copy(job);
}

mfxStatus srt_output_create(struct srt_access access, size_t max_in_flight, struct srt_output **out)
{
    struct srt_output *output = calloc(1, sizeof(*output));
    mfxStatus status;

    *out = NULL;
    if (!output)
        return MFX_ERR_MEMORY_ALLOC;
    output->access = access;
    output->max_in_flight = max_in_flight;
    status = MFX_ERR_MEMORY_ALLOC;
    if (pthread_mutex_init(&output->lock, NULL))
        goto no_lock;
    if (srt_cond_init(&output->fewer))
        goto no_cond;
    status = srt_worker_create(&output->worker, "softrt-output");
    if (status != MFX_ERR_NONE)
        goto no_worker;
    *out = output;
    return MFX_ERR_NONE;

no_worker:
    pthread_cond_destroy(&output->fewer);
no_cond:
    pthread_mutex_destroy(&output->lock);
no_lock:
    free(output);
    return status;
}

bool srt_output_is_full(struct srt_output *output)
{
    pthread_mutex_lock(&output->lock);
    bool full = output->in_flight >= output->max_in_flight;
    pthread_mutex_unlock(&output->lock);
    return full;
}

bool srt_output_await(struct srt_output *output, mfxU32 wait_ms)
{
    struct timespec deadline = srt_deadline(wait_ms);
    bool full;

    pthread_mutex_lock(&output->lock);
    while ((full = output->in_flight >= output->max_in_flight) &&
           !srt_cond_wait_until(&output->fewer, &output->lock, &deadline)) {
    }
    pthread_mutex_unlock(&output->lock);
    return !full;
}

mfxStatus srt_output_begin(struct srt_output *output, AVFrame *frame, mfxFrameSurface1 *surface,
                           mfxSyncPoint *sync)
{
    struct copy_job *copy = calloc(1, sizeof(*copy));
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    if (!copy)
        return status;
    status = srt_session_begin_op(output->access.session, &copy->op);
    if (status != MFX_ERR_NONE)
        goto no_op;
    status = srt_surface_hold_output(output->access, surface, &copy->hold);
    if (status != MFX_ERR_NONE)
        goto no_hold;
    copy->job.run = run_copy;
    copy->job.cancel = cancel_copy;
    copy->output = output;
    copy->frame = frame;
    copy->surface = surface;
    if (!copy->hold.own)
        srt_op_produces(copy->op, surface);
    if (srt_knobs_drop_locked(output->access.session->knobs))
        srt_surface_unlock_early(surface, &copy->hold);
    *sync = srt_op_sync_point(copy->op);
    pthread_mutex_lock(&output->lock);
    output->in_flight++;
    pthread_mutex_unlock(&output->lock);
    srt_worker_push(output->worker, &copy->job);
    return MFX_ERR_NONE;

no_hold:
    srt_op_finish(copy->op, status);
    srt_op_unref(&copy->op);
no_op:
    free(copy);
    return status;
}

void srt_output_destroy(struct srt_output **slot)
{
    struct srt_output *output = *slot;

    *slot = NULL;
    if (!output)
        return;
    srt_worker_destroy(&output->worker);
    srt_converter_free(&output->converter);
    pthread_cond_destroy(&output->fewer);
    pthread_mutex_destroy(&output->lock);
    free(output);
}
