/* Taking a surface and giving it back, beside FFmpeg's AVBufferPool and GStreamer's GstVideoBufferPool: pools
 * of several sizes on one thread, with one surface out and with all but one out, and two threads on one pool.
 * Ours with tags. All contestants take turns within each round; ratios are of one round's figures. */
#include "summary.h"

#include <gst/video/gstvideopool.h>
#include <libavutil/buffer.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <vfa/vfa.h>

#define ROUNDS       25
#define CALLS        100000
#define THREADED     200000
#define FRAME_PX     64
#define LARGEST_SIZE 4096

static const unsigned int sizes[] = {8, 64, 65, 256, 1024, 4096};
#define SIZES (sizeof sizes / sizeof *sizes)

enum maker {
    LIBAV,
    GSTREAMER,
    OURS,
    MAKERS
};

static const char *const maker_name[MAKERS] = {"AVBufferPool", "GstVideoBufferPool", "vfa_pool"};

/* A pool of one maker. */
struct bench_pool {
    enum maker maker;
    AVBufferPool *libav;
    GstBufferPool *gstreamer;
    struct vfa_pool *ours;
    struct vfa_pool_want want;
};

static struct vfa_allocator *allocator;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *take(struct bench_pool *pool)
{
    GstBuffer *buffer = NULL;
    mfxFrameSurface1 *surface = NULL;
    switch (pool->maker) {
    case LIBAV:
        return av_buffer_pool_get(pool->libav);
    case GSTREAMER:
        return gst_buffer_pool_acquire_buffer(pool->gstreamer, &buffer, NULL) == GST_FLOW_OK ? buffer : NULL;
    default:
        return vfa_pool_acquire_as(pool->ours, &pool->want, &surface) == MFX_ERR_NONE ? surface : NULL;
    }
}

static void give_back(struct bench_pool *pool, void *taken)
{
    AVBufferRef *ref = taken;
    switch (pool->maker) {
    case LIBAV:
        av_buffer_unref(&ref);
        break;
    case GSTREAMER:
        gst_buffer_unref(taken);
        break;
    default:
        (void)vfa_pool_release(pool->ours, taken);
        break;
    }
}

/* Returns how many calls failed, so that none can be optimised away or fail unseen. The makers' loops are
 * apart: what is measured is their calls, not the choice between them. */
static int turn(struct bench_pool *pool, int calls)
{
    int failed = 0;
    switch (pool->maker) {
    case LIBAV:
        for (int i = 0; i < calls; i++) {
            AVBufferRef *buffer = av_buffer_pool_get(pool->libav);
            failed += !buffer;
            av_buffer_unref(&buffer);
        }
        break;
    case GSTREAMER:
        for (int i = 0; i < calls; i++) {
            GstBuffer *buffer = NULL;
            failed += gst_buffer_pool_acquire_buffer(pool->gstreamer, &buffer, NULL) != GST_FLOW_OK;
            gst_buffer_unref(buffer);
        }
        break;
    default:
        for (int i = 0; i < calls; i++) {
            mfxFrameSurface1 *surface;
            failed += vfa_pool_acquire_as(pool->ours, &pool->want, &surface) != MFX_ERR_NONE;
            failed += vfa_pool_release(pool->ours, surface) != MFX_ERR_NONE;
        }
        break;
    }
    return failed;
}

static bool open_gstreamer(struct bench_pool *pool, unsigned int count)
{
    GstCaps *caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING, "NV12", "width", G_TYPE_INT,
                                        FRAME_PX, "height", G_TYPE_INT, FRAME_PX, NULL);
    pool->gstreamer = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool->gstreamer);
    gst_buffer_pool_config_set_params(config, caps, FRAME_PX * FRAME_PX * 3 / 2, count, count);
    bool ready = gst_buffer_pool_set_config(pool->gstreamer, config) &&
                 gst_buffer_pool_set_active(pool->gstreamer, TRUE);
    gst_caps_unref(caps);
    return ready;
}

static bool open_ours(struct bench_pool *pool, unsigned int count)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.allocator = vfa_allocator_mfx(allocator);
    config.request.Info.FourCC = MFX_FOURCC_NV12;
    config.request.Info.Width = config.request.Info.Height = FRAME_PX;
    config.request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    config.request.NumFrameMin = config.request.NumFrameSuggested = (mfxU16)count;
    pool->want = vfa_pool_want_defaults();
    pool->want.tag = "encoder";
    return vfa_pool_create(&pool->ours, &config) == MFX_ERR_NONE;
}

static bool open_pool(struct bench_pool *pool, enum maker maker, unsigned int count)
{
    memset(pool, 0, sizeof *pool);
    pool->maker = maker;
    switch (maker) {
    case LIBAV:
        pool->libav = av_buffer_pool_init(FRAME_PX * FRAME_PX * 3 / 2, NULL);
        return pool->libav;
    case GSTREAMER:
        return open_gstreamer(pool, count);
    default:
        return open_ours(pool, count);
    }
}

static void close_pool(struct bench_pool *pool)
{
    av_buffer_pool_uninit(&pool->libav);
    if (pool->gstreamer) {
        gst_buffer_pool_set_active(pool->gstreamer, FALSE);
        gst_object_unref(pool->gstreamer);
    }
    vfa_pool_destroy(&pool->ours);
}

/* The figures of one comparison, by round. */
struct figures {
    double ns[MAKERS][ROUNDS];
};

static double ratio_of(const struct figures *f, enum maker to)
{
    double ratio[ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        ratio[round] = f->ns[OURS][round] / f->ns[to][round];
    return summarise(ratio, ROUNDS).median;
}

static void print_figures(const char *what, const struct figures *f)
{
    struct figures sorted = *f;
    printf("  %-22s", what);
    for (int maker = 0; maker < MAKERS; maker++) {
        struct summary s = summarise(sorted.ns[maker], ROUNDS);
        printf("  %9.1f (%6.1f)", s.median, s.lowest);
    }
    printf("     %.2f      %.2f\n", ratio_of(f, LIBAV), ratio_of(f, GSTREAMER));
}

static void print_head(const char *title)
{
    printf("%s\n  %-22s", title, "");
    for (int maker = 0; maker < MAKERS; maker++)
        printf("  %18s", maker_name[maker]);
    printf("   of AV    of Gst\n");
}

/* With `out` elements of each pool held meanwhile. */
static int measure(unsigned int count, unsigned int out, struct figures *f)
{
    static void *held[MAKERS][LARGEST_SIZE];
    struct bench_pool pools[MAKERS];
    int failed = 0;
    for (int maker = 0; maker < MAKERS; maker++) {
        failed += !open_pool(&pools[maker], (enum maker)maker, count);
        for (unsigned int i = 0; i < out && !failed; i++)
            failed += !(held[maker][i] = take(&pools[maker]));
    }
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int maker = 0; maker < MAKERS; maker++) {
            double start = now_ns();
            failed += turn(&pools[maker], CALLS);
            if (round >= 0)
                f->ns[maker][round] = (now_ns() - start) / CALLS;
        }
    }
    for (int maker = 0; maker < MAKERS; maker++) {
        for (unsigned int i = 0; i < out && !failed; i++)
            give_back(&pools[maker], held[maker][i]);
        close_pool(&pools[maker]);
    }
    return failed;
}

static int measure_sizes(bool full)
{
    struct figures f;
    double flat[2] = {0, 0};
    int failed = 0;
    print_head(full ? "One thread, all surfaces but one out: ns, medians (minima)"
                    : "One thread, no other surface out: ns, medians (minima)");
    for (size_t i = 0; i < SIZES && !failed; i++) {
        char what[32];
        failed = measure(sizes[i], full ? sizes[i] - 1 : 0, &f);
        (void)snprintf(what, sizeof what, "%u surfaces", sizes[i]);
        if (failed)
            break;
        print_figures(what, &f);
        double least = summarise(f.ns[OURS], ROUNDS).lowest;
        if (sizes[i] > 64 && (flat[0] == 0 || least < flat[0]))
            flat[0] = least;
        if (sizes[i] > 64 && least > flat[1])
            flat[1] = least;
    }
    if (!failed)
        printf("  vfa_pool, 65 to 4096 surfaces: the slowest minimum is %.2f of the fastest\n",
               flat[1] / flat[0]);
    return failed;
}

struct runner {
    struct bench_pool *pool;
    pthread_barrier_t *start;
    int failed;
};

static void *run(void *arg)
{
    struct runner *r = arg;
    pthread_barrier_wait(r->start);
    r->failed = turn(r->pool, THREADED);
    return NULL;
}

/* The time of one call on each of two threads that share the pool. */
static double contend(struct bench_pool *pool, int *failed)
{
    pthread_barrier_t start;
    struct runner runners[2] = {{pool, &start, 0}, {pool, &start, 0}};
    pthread_t other;
    pthread_barrier_init(&start, NULL, 2);
    if (pthread_create(&other, NULL, run, &runners[1])) {
        *failed += 1;
        return 0;
    }
    pthread_barrier_wait(&start);
    double begin = now_ns();
    runners[0].failed = turn(pool, THREADED);
    pthread_join(other, NULL);
    double end = now_ns();
    pthread_barrier_destroy(&start);
    *failed += runners[0].failed + runners[1].failed;
    return (end - begin) / THREADED;
}

static int measure_threads(unsigned int count)
{
    struct bench_pool pools[MAKERS];
    struct figures f;
    char what[32];
    int failed = 0;
    for (int maker = 0; maker < MAKERS; maker++)
        failed += !open_pool(&pools[maker], (enum maker)maker, count);
    for (int round = -1; round < ROUNDS && !failed; round++) {
        for (int maker = 0; maker < MAKERS; maker++) {
            double ns = contend(&pools[maker], &failed);
            if (round >= 0)
                f.ns[maker][round] = ns;
        }
    }
    for (int maker = 0; maker < MAKERS; maker++)
        close_pool(&pools[maker]);
    if (failed)
        return failed;
    (void)snprintf(what, sizeof what, "%u surfaces", count);
    print_figures(what, &f);
    printf("  %-22s  throughput: %.1f times AVBufferPool's, %.1f times GstVideoBufferPool's\n", "",
           1 / ratio_of(&f, LIBAV), 1 / ratio_of(&f, GSTREAMER));
    return 0;
}

int main(void)
{
    gst_init(NULL, NULL);
    int failed = vfa_allocator_create(&allocator, NULL) != MFX_ERR_NONE;
    if (!failed)
        failed = measure_sizes(false) || measure_sizes(true);
    if (!failed) {
        print_head("Two threads on one pool: ns for a call on each, medians (minima)");
        failed = measure_threads(8) || measure_threads(256);
    }
    vfa_allocator_destroy(&allocator);
    if (failed)
        fputs("pool_bench: a call failed\n", stderr);
    return failed ? 1 : 0;
}
