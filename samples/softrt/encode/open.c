/* Opening the library of an encoder without waiting for ever.
 *
 * libavcodec has one lock for the whole process, under which it opens libaom. An application that calls
 * MFXVideoENCODE_Init from an encoder of its own libavcodec (as ffmpeg's Quick Sync encoders are) holds that
 * lock, and the call would wait for itself. Nothing tells whether it does. So the library is opened on a
 * thread, which gets some time. (libx265 and libvpx are not opened by libavcodec, and the rest it opens
 * without its lock.) */
#include "core/clock.h"
#include "encode/encode.h"

#include <stdio.h>
#include <stdlib.h>

/* Libraries open in some milliseconds. */
#ifdef SOFTRT_MEMCHECK
#define PATIENCE_MS 120000
#else
#define PATIENCE_MS 10000
#endif

struct opening {
    AVCodecContext *avctx;
    const AVCodec *library;
    AVDictionary *options;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t ended;
    bool done;
    bool abandoned; /* nobody waits any more: the thread cleans up */
    int err;
};

/* Threads that nobody waits for. A process that ends meanwhile would take the libraries from under them: it
 * waits for them first, for they go on as soon as the application has left its avcodec_open2. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    unsigned int count;
    bool waited_for; /* at the end of the process */
} left = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static void await_left(void)
{
    struct timespec deadline;

    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&left.lock);
    while (left.count && !pthread_cond_timedwait(&left.fewer, &left.lock, &deadline))
        ;
    pthread_mutex_unlock(&left.lock);
}

static void one_more_left(void)
{
    pthread_mutex_lock(&left.lock);
    left.count++;
    if (!left.waited_for)
        left.waited_for = !atexit(await_left);
    pthread_mutex_unlock(&left.lock);
}

static void one_less_left(void)
{
    pthread_mutex_lock(&left.lock);
    left.count--;
    pthread_cond_signal(&left.fewer);
    pthread_mutex_unlock(&left.lock);
}

static void end_opening(struct opening *opening)
{
    avcodec_free_context(&opening->avctx);
    av_dict_free(&opening->options);
    pthread_cond_destroy(&opening->ended);
    pthread_mutex_destroy(&opening->lock);
    free(opening);
}

static void *open_library(void *arg)
{
    struct opening *opening = arg;
    int err = avcodec_open2(opening->avctx, opening->library, &opening->options);

    pthread_mutex_lock(&opening->lock);
    opening->err = err;
    opening->done = true;
    bool abandoned = opening->abandoned;
    pthread_cond_signal(&opening->ended);
    pthread_mutex_unlock(&opening->lock);
    if (abandoned) {
        end_opening(opening);
        one_less_left();
    }
    return NULL;
}

static struct opening *new_opening(void)
{
    struct opening *opening = calloc(1, sizeof(*opening));

    if (!opening)
        return NULL;
    if (pthread_mutex_init(&opening->lock, NULL)) {
        free(opening);
        return NULL;
    }
    if (srt_cond_init(&opening->ended)) {
        pthread_mutex_destroy(&opening->lock);
        free(opening);
        return NULL;
    }
    return opening;
}

/* Did it end in time? If not, what it works with is the thread's from now on. */
static bool await(struct opening *opening)
{
    struct timespec deadline = srt_deadline(PATIENCE_MS);

    pthread_mutex_lock(&opening->lock);
    while (!opening->done && !srt_cond_wait_until(&opening->ended, &opening->lock, &deadline))
        ;
    bool done = opening->done;
    opening->abandoned = !done;
    if (!done)
        one_more_left();
    pthread_mutex_unlock(&opening->lock);
    return done;
}

static mfxStatus give_up(void)
{
    (void)fprintf(
        stderr, "libvpl-softrt: MFXVideoENCODE_Init: libavcodec does not open libaom: the application itself "
                "is in an avcodec_open2. Encode AV1 from outside of it, or another codec\n");
    return MFX_ERR_DEVICE_FAILED;
}

mfxStatus encode_open_library(AVCodecContext **avctx, const AVCodec *library, AVDictionary **options,
                              int *err)
{
    struct opening *opening = new_opening();
    pthread_t thread;

    if (!opening)
        return MFX_ERR_MEMORY_ALLOC;
    opening->library = library;
    opening->avctx = *avctx;
    opening->options = *options;
    if (pthread_create(&thread, NULL, open_library, opening)) {
        opening->avctx = NULL; /* still the caller's */
        opening->options = NULL;
        end_opening(opening);
        return MFX_ERR_MEMORY_ALLOC;
    }
    *avctx = NULL;
    *options = NULL;
    if (!await(opening)) {
        (void)pthread_detach(thread);
        return give_up();
    }
    (void)pthread_join(thread, NULL);
    *err = opening->err;
    *avctx = opening->avctx;
    *options = opening->options;
    opening->avctx = NULL;
    opening->options = NULL;
    end_opening(opening);
    return MFX_ERR_NONE;
}
