/* The memory of frame sets: 20 frames of 1080p allocated, touched and freed, beside the C library's
 * aligned_alloc, FFmpeg's av_buffer_alloc and mimalloc where it is installed; the same with memory that was
 * kept, beside a memset of as many warm bytes in huge pages; and a ladder of resolutions, whose calls are
 * timed apart from the touching. All contestants take turns within each round; ratios are of one round's
 * figures. */
#include "figures.h"
#include "summary.h"

#include <dlfcn.h>
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <vfa/vfa.h>

#define ROUNDS      15
#define SET_FRAMES  20
#define SET_WIDTH   1920
#define SET_HEIGHT  1088
#define FRAME_BYTES ((size_t)SET_WIDTH * SET_HEIGHT * 3 / 2)
#define PAGE        4096
#define HUGE_PAGE   ((size_t)2 << 20)

/* So that all sizes of the ladder together are under the default limit of what is kept. */
#define LADDER_FRAMES 8

static struct figures *figures;

static long faults(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_minflt;
}

/* ---- a set of 1080p ---- */

enum contestant {
    MEMSET,
    GLIBC,
    LIBAV,
    MIMALLOC,
    OURS_COLD,
    OURS_SMALL_PAGES,
    OURS_PRESENT,
    OURS_RECYCLED,
    OURS_YIELDED, /* the system could have taken its pages, and did not need them */
    CONTESTANTS
};

static const char *const name[CONTESTANTS] = {
    [MEMSET] = "memset of warm memory",
    [GLIBC] = "aligned_alloc, touch, free",
    [LIBAV] = "av_buffer_alloc",
    [MIMALLOC] = "mimalloc",
    [OURS_COLD] = "vfa, nothing kept",
    [OURS_SMALL_PAGES] = "vfa, small pages",
    [OURS_PRESENT] = "vfa, pages present",
    [OURS_RECYCLED] = "vfa, kept memory",
    [OURS_YIELDED] = "vfa, kept memory, yielded",
};

/* In names of figures. */
static const char *const word[CONTESTANTS] = {
    [MEMSET] = "memset",
    [GLIBC] = "glibc",
    [LIBAV] = "av",
    [MIMALLOC] = "mimalloc",
    [OURS_COLD] = "cold",
    [OURS_SMALL_PAGES] = "small",
    [OURS_PRESENT] = "present",
    [OURS_RECYCLED] = "recycled",
    [OURS_YIELDED] = "yielded",
};

struct bench {
    struct vfa_allocator *allocator[CONTESTANTS]; /* of ours */
    void *warm;
    void *mimalloc; /* the library; NULL: not installed */
    void *(*mi_malloc_aligned)(size_t, size_t);
    void (*mi_free)(void *);
};

static mfxStatus open_ours(struct bench *b, int who, unsigned int flags)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.frame_memory.flags = flags;
    return vfa_allocator_create(&b->allocator[who], &config);
}

/* Loaded, not linked: linked it would take the place of the C library's heap. */
static void open_mimalloc(struct bench *b)
{
    b->mimalloc = dlopen("libmimalloc.so.2.0", RTLD_NOW | RTLD_LOCAL);
    if (!b->mimalloc)
        b->mimalloc = dlopen("libmimalloc.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!b->mimalloc)
        return;
    void *allocate = dlsym(b->mimalloc, "mi_malloc_aligned"), *release = dlsym(b->mimalloc, "mi_free");
    memcpy(&b->mi_malloc_aligned, &allocate, sizeof allocate);
    memcpy(&b->mi_free, &release, sizeof release);
}

static int open_bench(struct bench *b)
{
    memset(b, 0, sizeof *b);
    open_mimalloc(b);
    b->warm = aligned_alloc(HUGE_PAGE, FRAME_BYTES * SET_FRAMES / HUGE_PAGE * HUGE_PAGE + HUGE_PAGE);
    if (b->warm) /* the best there is; refused, it is what it is */
        (void)madvise(b->warm, FRAME_BYTES * SET_FRAMES, MADV_HUGEPAGE);
    if (!b->warm || open_ours(b, OURS_COLD, VFA_FRAME_MEMORY_KEEP_NONE) ||
        open_ours(b, OURS_SMALL_PAGES, VFA_FRAME_MEMORY_KEEP_NONE | VFA_FRAME_MEMORY_SMALL_PAGES) ||
        open_ours(b, OURS_PRESENT, VFA_FRAME_MEMORY_KEEP_NONE | VFA_FRAME_MEMORY_PRESENT) ||
        open_ours(b, OURS_RECYCLED, 0) || open_ours(b, OURS_YIELDED, 0))
        return -1;
    return 0;
}

static void close_bench(struct bench *b)
{
    for (int i = 0; i < CONTESTANTS; i++)
        vfa_allocator_destroy(&b->allocator[i]);
    free(b->warm);
    if (b->mimalloc)
        dlclose(b->mimalloc);
}

static mfxFrameAllocRequest request_of(mfxU16 width, mfxU16 height, mfxU16 frames)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = width;
    request.Info.Height = height;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = frames;
    return request;
}

static int touch(struct vfa_allocator *allocator, const mfxFrameAllocResponse *response, size_t frame_bytes)
{
    mfxFrameAllocator *mfx = vfa_allocator_mfx(allocator);
    int failed = 0;
    for (int i = 0; i < response->NumFrameActual; i++) {
        mfxFrameData data = {.Y = NULL};
        failed += mfx->Lock(mfx->pthis, response->mids[i], &data) != MFX_ERR_NONE;
        if (data.Y)
            memset(data.Y, i, frame_bytes);
        failed += mfx->Unlock(mfx->pthis, response->mids[i], &data) != MFX_ERR_NONE;
    }
    return failed;
}

static int run_ours(struct vfa_allocator *allocator)
{
    mfxFrameAllocRequest request = request_of(SET_WIDTH, SET_HEIGHT, SET_FRAMES);
    mfxFrameAllocResponse response;
    if (vfa_frames_alloc(allocator, &request, 0, &response) != MFX_ERR_NONE)
        return 1;
    int failed = touch(allocator, &response, FRAME_BYTES);
    return failed + (vfa_frames_free(allocator, &response) != MFX_ERR_NONE);
}

static int run_glibc(void)
{
    void *block[SET_FRAMES];
    int failed = 0;
    for (int i = 0; i < SET_FRAMES; i++) {
        block[i] = aligned_alloc(PAGE, FRAME_BYTES);
        failed += !block[i];
    }
    for (int i = 0; i < SET_FRAMES && !failed; i++)
        memset(block[i], i, FRAME_BYTES);
    for (int i = 0; i < SET_FRAMES; i++)
        free(block[i]);
    return failed;
}

static int run_libav(void)
{
    AVBufferRef *buffer[SET_FRAMES];
    int failed = 0;
    for (int i = 0; i < SET_FRAMES; i++) {
        buffer[i] = av_buffer_alloc(FRAME_BYTES);
        failed += !buffer[i];
    }
    for (int i = 0; i < SET_FRAMES && !failed; i++)
        memset(buffer[i]->data, i, FRAME_BYTES);
    for (int i = 0; i < SET_FRAMES; i++)
        av_buffer_unref(&buffer[i]);
    return failed;
}

static int run_mimalloc(struct bench *b)
{
    void *block[SET_FRAMES];
    int failed = 0;
    for (int i = 0; i < SET_FRAMES; i++) {
        block[i] = b->mi_malloc_aligned(FRAME_BYTES, PAGE);
        failed += !block[i];
    }
    for (int i = 0; i < SET_FRAMES && !failed; i++)
        memset(block[i], i, FRAME_BYTES);
    for (int i = 0; i < SET_FRAMES; i++)
        b->mi_free(block[i]);
    return failed;
}

static bool takes_part(const struct bench *b, int who)
{
    return who != MIMALLOC || (b->mi_malloc_aligned && b->mi_free);
}

static int run_one(struct bench *b, int who)
{
    switch (who) {
    case MEMSET:
        for (size_t i = 0; i < SET_FRAMES; i++)
            memset((char *)b->warm + i * FRAME_BYTES, (int)i, FRAME_BYTES);
        return 0;
    case GLIBC:
        return run_glibc();
    case LIBAV:
        return run_libav();
    case MIMALLOC:
        return run_mimalloc(b);
    default:
        return run_ours(b->allocator[who]);
    }
}

static void print_sets(const struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    struct summary glibc[CONTESTANTS], memset_[CONTESTANTS];
    for (int who = 0; who < CONTESTANTS; who++) {
        glibc[who] = summarise_ratio(us[who], us[GLIBC], ROUNDS);
        memset_[who] = summarise_ratio(us[who], us[MEMSET], ROUNDS);
    }
    printf("%d NV12 frames of %dx%d, %.1f MB: ms, medians (lowest to highest) of %d rounds\n", SET_FRAMES,
           SET_WIDTH, SET_HEIGHT, (double)(FRAME_BYTES * SET_FRAMES) / 1e6, ROUNDS);
    for (int who = 0; who < CONTESTANTS; who++) {
        if (!takes_part(b, who)) {
            printf("  %-28s not installed\n", name[who]);
            continue;
        }
        struct summary time = summarise(us[who], ROUNDS);
        printf("  %-28s %8.2f (%.2f to %.2f)  %5.2f of aligned_alloc (%.2f to %.2f), %5.2f of memset\n",
               name[who], time.median / 1e3, time.lowest / 1e3, time.highest / 1e3, glibc[who].median,
               glibc[who].lowest, glibc[who].highest, memset_[who].median);
    }
}

static void keep_sets(const struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    double ms[ROUNDS];
    char of[64], text[128];
    for (int who = 0; who < CONTESTANTS; who++) {
        if (!takes_part(b, who))
            continue;
        for (int round = 0; round < ROUNDS; round++)
            ms[round] = us[who][round] / 1e3;
        figures_add(figures, &(struct figure){word[who], name[who], "ms", 0}, ms, ROUNDS);
        (void)snprintf(of, sizeof of, "%s_of_glibc", word[who]);
        (void)snprintf(text, sizeof text, "%s, of aligned_alloc's time", name[who]);
        if (who != GLIBC)
            figures_add_ratio(figures, of, text, us[who], us[GLIBC], ROUNDS);
    }
    figures_add_ratio(figures, "recycled_of_memset", "vfa, kept memory, of a warm memset's time",
                      us[OURS_RECYCLED], us[MEMSET], ROUNDS);
}

static int measure_sets(void)
{
    static double us[CONTESTANTS][ROUNDS];
    struct bench b;
    int failed = open_bench(&b);
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < CONTESTANTS; who++) {
            if (!takes_part(&b, who))
                continue;
            if (who == OURS_YIELDED)
                (void)vfa_allocator_yield(b.allocator[who], 0);
            double start = cpu_us();
            failed |= run_one(&b, who);
            if (round >= 0)
                us[who][round] = cpu_us() - start;
        }
    }
    struct vfa_stats stats;
    if (!failed && vfa_allocator_stats(b.allocator[OURS_RECYCLED], &stats) == MFX_ERR_NONE)
        printf("The system grants %s huge pages for %.1f of %.1f MB\n",
               stats.memory.huge_bytes ? "transparent" : "no", (double)stats.memory.huge_bytes / 1e6,
               (double)stats.memory.mapped_bytes / 1e6);
    if (!failed) {
        keep_sets(&b, us);
        print_sets(&b, us);
    }
    close_bench(&b);
    return failed;
}

/* ---- the ladder ---- */

static const mfxU16 ladder[][2] = {{1920, 1088}, {1280, 720}, {1920, 1088}, {3840, 2160}, {1920, 1088}};
#define STEPS (sizeof ladder / sizeof *ladder)

/* One way up and down. *us: of Alloc and Free alone. */
static int climb(struct vfa_allocator *allocator, double *us, double *minor_faults)
{
    long before = faults();
    int failed = 0;
    *us = 0;
    for (size_t i = 0; i < STEPS; i++) {
        mfxFrameAllocRequest request = request_of(ladder[i][0], ladder[i][1], LADDER_FRAMES);
        mfxFrameAllocResponse response;
        double start = cpu_us();
        if (vfa_frames_alloc(allocator, &request, 0, &response) != MFX_ERR_NONE)
            return 1;
        *us += cpu_us() - start;
        failed += touch(allocator, &response, (size_t)ladder[i][0] * ladder[i][1] * 3 / 2);
        start = cpu_us();
        failed += vfa_frames_free(allocator, &response) != MFX_ERR_NONE;
        *us += cpu_us() - start;
    }
    *minor_faults = (double)(faults() - before);
    return failed;
}

static void keep_ladder(double us[2][ROUNDS], double minor[2][ROUNDS])
{
    figures_add(figures, &(struct figure){"ladder_heap", "Alloc and Free over the C library's heap", "us", 0},
                us[0], ROUNDS);
    figures_add(figures, &(struct figure){"ladder_ours", "Alloc and Free, kept memory", "us", 0}, us[1],
                ROUNDS);
    figures_add_ratio(figures, "ladder_of_heap", "kept memory, of the time over the heap", us[1], us[0],
                      ROUNDS);
    figures_add(figures,
                &(struct figure){"ladder_faults_heap", "minor faults over the C library's heap", "faults", 0},
                minor[0], ROUNDS);
    figures_add(figures, &(struct figure){"ladder_faults_ours", "minor faults, kept memory", "faults", 0},
                minor[1], ROUNDS);
}

static void print_ladder(double us[2][ROUNDS], double minor[2][ROUNDS])
{
    struct summary relative = summarise_ratio(us[1], us[0], ROUNDS);
    printf(
        "A ladder, 1080p, 720p, 1080p, 4K, 1080p, %d frames each, after the first time: Alloc and Free, us\n",
        LADDER_FRAMES);
    for (int who = 0; who < 2; who++) {
        struct summary time = summarise(us[who], ROUNDS), faulted = summarise(minor[who], ROUNDS);
        printf("  %-28s %8.1f (%.1f to %.1f), at most %.0f minor faults\n",
               who ? "vfa, kept memory" : "vfa over the C library's heap", time.median, time.lowest,
               time.highest, faulted.highest);
    }
    printf("  %.4f of the heap's time\n", relative.median);
}

static int measure_ladder(void)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_allocator *heap = NULL, *ours = NULL;
    double us[2][ROUNDS], minor[2][ROUNDS];
    config.memory = vfa_memory_default();
    int failed = vfa_allocator_create(&heap, &config) != MFX_ERR_NONE ||
                 vfa_allocator_create(&ours, NULL) != MFX_ERR_NONE;
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first pass is the first one */
        int at = round < 0 ? 0 : round;
        failed = climb(heap, &us[0][at], &minor[0][at]) || climb(ours, &us[1][at], &minor[1][at]);
    }
    vfa_allocator_destroy(&heap);
    vfa_allocator_destroy(&ours);
    if (failed)
        return failed;
    keep_ladder(us, minor);
    print_ladder(us, minor);
    return 0;
}

int main(void)
{
    figures = figures_open("frames");
    figures_library(figures, "libavutil", av_version_info());
    int failed = !figures || measure_sets() || measure_ladder();
    if (failed)
        fputs("frames_bench: a call failed\n", stderr);
    failed |= figures_close(figures, !failed);
    return failed ? 1 : 0;
}
