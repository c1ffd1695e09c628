/* What applications do for every frame: take a surface and give it back, Lock a frame and Unlock it; beside
 * FFmpeg's AVBufferPool, and GStreamer's gst_video_frame_map where it is installed; and beside two
 * compare-and-swaps of one word, the least that each of these pairs takes where threads share what it is
 * about. All contestants take turns within each round, in one process and on one thread. */
#include "figures.h"
#include "lock_floor.h"
#include "summary.h"

#ifdef BENCH_GSTREAMER
#include <gst/video/video.h>
#endif
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <stdio.h>
#include <string.h>
#include <vfa/vfa.h>

#define ROUNDS     61
#define CALLS      50000
#define FRAMES     256
#define SMALL_POOL 8

enum contestant {
    AV_BUFFER_POOL,
    POOL_OF_8,
    POOL_OF_256,
    LOCK_UNLOCK,
    SWAPS,
    SWAPS_AND_WRITES,
#ifdef BENCH_GSTREAMER
    GST_FRAME_MAP,
#endif
    CONTESTANTS
};

/* In names of figures. */
static const char *const word[CONTESTANTS] = {
    [AV_BUFFER_POOL] = "av_pool", [POOL_OF_8] = "pool_8", [POOL_OF_256] = "pool_256",
    [LOCK_UNLOCK] = "lock",       [SWAPS] = "two_cas",    [SWAPS_AND_WRITES] = "lock_floor",
#ifdef BENCH_GSTREAMER
    [GST_FRAME_MAP] = "gst_map",
#endif
};

static const char *const name[CONTESTANTS] = {
    [AV_BUFFER_POOL] = "AVBufferPool get+unref",
    [POOL_OF_8] = "vfa_pool acquire+release, 8 surfaces",
    [POOL_OF_256] = "vfa_pool acquire+release, 256 surfaces",
    [LOCK_UNLOCK] = "Lock+Unlock, system frame",
    [SWAPS] = "two compare-and-swaps alone",
    [SWAPS_AND_WRITES] = "the same with what Lock writes",
#ifdef BENCH_GSTREAMER
    [GST_FRAME_MAP] = "gst_video_frame_map+unmap",
#endif
};

struct bench {
    struct vfa_allocator *allocator;
    struct vfa_pool *small, *large;
    AVBufferPool *peer;
    const mfxFrameAllocResponse *response;
#ifdef BENCH_GSTREAMER
    GstVideoInfo info;
    GstBuffer *buffer[FRAMES];
#endif
};

static struct vfa_pool *new_pool(struct vfa_allocator *allocator, mfxU16 count)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_pool *pool = NULL;

    config.allocator = vfa_allocator_mfx(allocator);
    config.request.Info.FourCC = MFX_FOURCC_NV12;
    config.request.Info.Width = config.request.Info.Height = 64;
    config.request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    config.request.NumFrameMin = config.request.NumFrameSuggested = count;
    return vfa_pool_create(&pool, &config) == MFX_ERR_NONE ? pool : NULL;
}

#ifdef BENCH_GSTREAMER
static int open_gstreamer(struct bench *b)
{
    int failed = !gst_video_info_set_format(&b->info, GST_VIDEO_FORMAT_NV12, 64, 64);
    for (int i = 0; i < FRAMES; i++) {
        b->buffer[i] = gst_buffer_new_allocate(NULL, b->info.size, NULL);
        failed += !b->buffer[i];
    }
    return failed;
}

static void close_gstreamer(struct bench *b)
{
    for (int i = 0; i < FRAMES; i++)
        gst_clear_buffer(&b->buffer[i]);
}

static int run_gstreamer(struct bench *b)
{
    int failed = 0;
    for (int i = 0; i < CALLS; i++) {
        GstVideoFrame frame;
        failed += !gst_video_frame_map(&frame, &b->info, b->buffer[i % FRAMES], GST_MAP_READWRITE);
        gst_video_frame_unmap(&frame);
    }
    return failed;
}
#endif

static int open_bench(struct bench *b)
{
    memset(b, 0, sizeof *b);
    if (vfa_allocator_create(&b->allocator, NULL) != MFX_ERR_NONE)
        return -1;
    b->small = new_pool(b->allocator, SMALL_POOL);
    b->large = new_pool(b->allocator, FRAMES);
    b->peer = av_buffer_pool_init(4096, NULL);
    b->response = vfa_pool_response(b->large);
#ifdef BENCH_GSTREAMER
    if (open_gstreamer(b))
        return -1;
#endif
    return b->small && b->large && b->peer ? 0 : -1;
}

static void close_bench(struct bench *b)
{
#ifdef BENCH_GSTREAMER
    close_gstreamer(b);
#endif
    vfa_pool_destroy(&b->small);
    vfa_pool_destroy(&b->large);
    av_buffer_pool_uninit(&b->peer);
    vfa_allocator_destroy(&b->allocator);
}

/* Each returns how many calls failed, so that none can be optimised away or fail unseen. */
static int run_peer(struct bench *b)
{
    int failed = 0;
    for (int i = 0; i < CALLS; i++) {
        AVBufferRef *buffer = av_buffer_pool_get(b->peer);
        failed += !buffer;
        av_buffer_unref(&buffer);
    }
    return failed;
}

static int run_pool(struct vfa_pool *pool)
{
    int failed = 0;
    for (int i = 0; i < CALLS; i++) {
        mfxFrameSurface1 *surface;
        failed += vfa_pool_acquire(pool, 0, &surface) != MFX_ERR_NONE;
        failed += vfa_pool_release(pool, surface) != MFX_ERR_NONE;
    }
    return failed;
}

static int run_lock(struct bench *b)
{
    mfxFrameAllocator *mfx = vfa_allocator_mfx(b->allocator);
    int failed = 0;
    for (int i = 0; i < CALLS; i++) {
        mfxFrameData data;
        mfxMemId mid = b->response->mids[i % FRAMES];
        failed += mfx->Lock(mfx->pthis, mid, &data) != MFX_ERR_NONE;
        failed += mfx->Unlock(mfx->pthis, mid, &data) != MFX_ERR_NONE;
    }
    return failed;
}

static int run_one(struct bench *b, int who)
{
    switch (who) {
    case SWAPS:
        return run_lock_floor(CALLS, FRAMES, 0);
    case SWAPS_AND_WRITES:
        return run_lock_floor(CALLS, FRAMES, 1);
    case AV_BUFFER_POOL:
        return run_peer(b);
    case POOL_OF_8:
        return run_pool(b->small);
    case POOL_OF_256:
        return run_pool(b->large);
#ifdef BENCH_GSTREAMER
    case GST_FRAME_MAP:
        return run_gstreamer(b);
#endif
    default:
        return run_lock(b);
    }
}

static void print_results(double ns[CONTESTANTS][ROUNDS])
{
    printf("Per frame on one thread; medians of %d rounds of %d calls\n", ROUNDS, CALLS);
#ifdef BENCH_GSTREAMER
    struct summary locks = summarise_ratio(ns[LOCK_UNLOCK], ns[GST_FRAME_MAP], ROUNDS);
    printf("  Lock+Unlock takes %.3f of gst_video_frame_map+unmap (%.3f to %.3f)\n", locks.median,
           locks.lowest, locks.highest);
#endif
    double relative[CONTESTANTS]; /* before the values are sorted */
    for (int who = 0; who < CONTESTANTS; who++)
        relative[who] = summarise_ratio(ns[who], ns[AV_BUFFER_POOL], ROUNDS).median;
    for (int who = 0; who < CONTESTANTS; who++) {
        struct summary time = summarise(ns[who], ROUNDS);
        printf("  %-40s %6.1f ns  (%.1f to %.1f)  %.2f of AVBufferPool\n", name[who], time.median,
               time.lowest, time.highest, relative[who]);
    }
}

static int keep_figures(double ns[CONTESTANTS][ROUNDS], struct figures *figures)
{
    figures_library(figures, "libavutil", av_version_info());
    for (int who = 0; who < CONTESTANTS; who++)
        figures_add(figures, &(struct figure){word[who], name[who], "ns", CALLS}, ns[who], ROUNDS);
    figures_add_ratio(figures, "pool_8_of_av", "acquire+release, 8 surfaces, of AVBufferPool's time",
                      ns[POOL_OF_8], ns[AV_BUFFER_POOL], ROUNDS);
    figures_add_ratio(figures, "lock_of_av", "Lock+Unlock, of AVBufferPool's get+unref", ns[LOCK_UNLOCK],
                      ns[AV_BUFFER_POOL], ROUNDS);
    figures_add_ratio(figures, "two_cas_of_av", "two compare-and-swaps, of AVBufferPool's get+unref",
                      ns[SWAPS], ns[AV_BUFFER_POOL], ROUNDS);
#ifdef BENCH_GSTREAMER
    char *gstreamer = gst_version_string();
    figures_library(figures, "GStreamer", gstreamer);
    figures_add_ratio(figures, "lock_of_gst", "Lock+Unlock, of gst_video_frame_map+unmap's time",
                      ns[LOCK_UNLOCK], ns[GST_FRAME_MAP], ROUNDS);
    figures_add_ratio(figures, "two_cas_of_gst", "two compare-and-swaps, of gst_video_frame_map+unmap",
                      ns[SWAPS], ns[GST_FRAME_MAP], ROUNDS);
    figures_add_ratio(figures, "floor_of_gst", "the same with what Lock writes, of gst_video_frame_map+unmap",
                      ns[SWAPS_AND_WRITES], ns[GST_FRAME_MAP], ROUNDS);
#endif
    int failed = figures_close(figures, 1);
#ifdef BENCH_GSTREAMER
    g_free(gstreamer);
#endif
    return failed;
}

int main(void)
{
    static double ns[CONTESTANTS][ROUNDS];
    static struct bench b;
#ifdef BENCH_GSTREAMER
    gst_init(NULL, NULL);
#endif
    struct figures *figures = figures_open("hot_path");
    int failed = !figures || open_bench(&b);

    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < CONTESTANTS; who++) {
            double start = cpu_ns();
            failed |= run_one(&b, who);
            if (round >= 0)
                ns[who][round] = (cpu_ns() - start) / CALLS;
        }
    }
    close_bench(&b);
    if (failed) {
        fputs("hot_path_bench: a call failed\n", stderr);
        (void)figures_close(figures, 0);
        return 1;
    }
    failed = keep_figures(ns, figures);
    print_results(ns);
    return failed ? 1 : 0;
}
