/* Copies of a 4K NV12 picture between planes of different pitches, rotating over eight buffers: beside memcpy
 * of as many bytes in one piece, and FFmpeg's av_image_copy. Ours as it is, written past the caches, and from
 * the size on that vfa_copy_measure found. The same for pictures of other sizes, through the caches and past
 * them. All contestants take turns within each round; ratios are of one round's figures. */
#include "figures.h"
#include "summary.h"

#include <libavutil/avutil.h>
#include <libavutil/imgutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <vfa/vfa.h>

#define ROUNDS     25
#define SWEEP_TURN ((size_t)12 << 20) /* bytes copied in one turn of the smaller pictures */
#define BUFFERS    8                  /* half of them sources */
#define WIDTH      3840
#define HEIGHT     2160
#define FROM_PITCH 3840
#define TO_PITCH   4096
#define ROOM       ((size_t)TO_PITCH * HEIGHT * 3 / 2)
#define HUGE_PAGE  ((size_t)2 << 20)

enum contestant {
    MEMCPY,
    AV_IMAGE_COPY,
    OURS,
    OURS_PAST_CACHE,
    OURS_MEASURED,
    CONTESTANTS
};

static const char *const name[CONTESTANTS] = {
    "memcpy, one piece",         "av_image_copy",         "vfa_copy_planes",
    "the same, past the caches", "the same, as measured",
};

/* In names of figures. */
static const char *const word[CONTESTANTS] = {"memcpy", "av", "cached", "past", "measured"};

static struct figures *figures;

struct bench {
    mfxU8 *buffer[BUFFERS];
    struct vfa_copy_config config[CONTESTANTS];
};

static size_t bytes_of(size_t height)
{
    return WIDTH * height * 3 / 2;
}

static int open_bench(struct bench *b)
{
    memset(b, 0, sizeof *b);
    for (int i = 0; i < BUFFERS; i++) {
        b->buffer[i] = aligned_alloc(HUGE_PAGE, (ROOM / HUGE_PAGE + 1) * HUGE_PAGE);
        if (!b->buffer[i])
            return -1;
        (void)madvise(b->buffer[i], ROOM, MADV_HUGEPAGE); /* the same for all; refused, it is what it is */
        memset(b->buffer[i], i, ROOM);
    }
    for (int i = 0; i < CONTESTANTS; i++)
        b->config[i] = vfa_copy_config_defaults();
    b->config[OURS_PAST_CACHE].bypass_bytes = 1;
    return vfa_copy_measure(&b->config[OURS_MEASURED], NULL, 0) == MFX_ERR_NONE ? 0 : -1;
}

static void close_bench(struct bench *b)
{
    for (int i = 0; i < BUFFERS; i++)
        free(b->buffer[i]);
}

static mfxFrameData planes_of(mfxU8 *buffer, mfxU16 pitch, mfxU16 height)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    data.PitchLow = pitch;
    data.Y = buffer;
    data.UV = buffer + (size_t)pitch * height;
    return data;
}

static int copy_ours(mfxU8 *from, mfxU8 *to, mfxU16 height, const struct vfa_copy_config *config)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = MFX_FOURCC_NV12;
    info.Width = WIDTH;
    info.Height = height;
    mfxFrameData source = planes_of(from, FROM_PITCH, height), target = planes_of(to, TO_PITCH, height);
    return vfa_copy_planes(&info, &source, &target, config) != MFX_ERR_NONE;
}

static int copy_av(mfxU8 *from, mfxU8 *to, int height)
{
    uint8_t *target[4] = {to, to + (size_t)TO_PITCH * (size_t)height, NULL, NULL};
    const uint8_t *source[4] = {from, from + (size_t)FROM_PITCH * (size_t)height, NULL, NULL};
    int target_pitch[4] = {TO_PITCH, TO_PITCH, 0, 0}, source_pitch[4] = {FROM_PITCH, FROM_PITCH, 0, 0};
    av_image_copy(target, target_pitch, source, source_pitch, AV_PIX_FMT_NV12, WIDTH, height);
    return 0;
}

/* A picture of so many rows from each pair of buffers once. */
static int run_one(struct bench *b, int who, mfxU16 height)
{
    int failed = 0;
    for (int i = 0; i < BUFFERS; i += 2) {
        mfxU8 *from = b->buffer[i], *to = b->buffer[i + 1];
        switch (who) {
        case MEMCPY:
            memcpy(to, from, bytes_of(height));
            break;
        case AV_IMAGE_COPY:
            failed += copy_av(from, to, height);
            break;
        default:
            failed += copy_ours(from, to, height, &b->config[who]);
            break;
        }
    }
    return failed;
}

static void print_results(const struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    struct summary bandwidth[CONTESTANTS];
    for (int who = 0; who < CONTESTANTS; who++)
        bandwidth[who] = summarise_ratio(us[MEMCPY], us[who], ROUNDS);
    printf(
        "A %dx%d NV12 picture, pitch %d to %d, over %d buffers; medians (lowest to highest) of %d rounds\n",
        WIDTH, HEIGHT, FROM_PITCH, TO_PITCH, BUFFERS, ROUNDS);
    for (int who = 0; who < CONTESTANTS; who++) {
        struct summary time = summarise(us[who], ROUNDS);
        printf("  %-28s %8.0f us (%.0f to %.0f), %5.1f GB/s, %.2f of memcpy's bandwidth (%.2f to %.2f)\n",
               name[who], time.median, time.lowest, time.highest,
               (double)bytes_of(HEIGHT) / time.median / 1e3, bandwidth[who].median, bandwidth[who].lowest,
               bandwidth[who].highest);
    }
    size_t bypass = b->config[OURS_MEASURED].bypass_bytes;
    if (bypass)
        printf("  writing past the caches pays from %zu KiB on, as vfa_copy_measure found\n", bypass / 1024);
    else
        printf("  writing past the caches never pays here, as vfa_copy_measure found\n");
}

/* As bandwidths: the sweep has names of its own. */
static void keep_bandwidth(const double *us, int who, size_t height, size_t calls)
{
    double bandwidth[ROUNDS];
    char figure[64], text[128];
    size_t kib = bytes_of(height) / 1024;
    for (int round = 0; round < ROUNDS; round++)
        bandwidth[round] = (double)bytes_of(height) / us[round] / 1e3;
    if (height == HEIGHT)
        (void)snprintf(figure, sizeof figure, "%s", word[who]);
    else
        (void)snprintf(figure, sizeof figure, "sweep_%s_%zu", word[who], kib);
    (void)snprintf(text, sizeof text, "%s, %zu KiB", name[who], kib);
    figures_add(figures, &(struct figure){figure, text, "GB/s", calls}, bandwidth, ROUNDS);
}

static void keep_results(const struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    double bypass_kib = (double)b->config[OURS_MEASURED].bypass_bytes / 1024;
    for (int who = 0; who < CONTESTANTS; who++) {
        char figure[64], text[128];
        keep_bandwidth(us[who], who, HEIGHT, BUFFERS / 2);
        (void)snprintf(figure, sizeof figure, "%s_of_memcpy", word[who]);
        (void)snprintf(text, sizeof text, "%s, of memcpy's bandwidth", name[who]);
        if (who != MEMCPY)
            figures_add_ratio(figures, figure, text, us[MEMCPY], us[who], ROUNDS);
    }
    figures_add(figures,
                &(struct figure){"bypass_kib",
                                 "vfa_copy_measure: past the caches from this size on; 0: never", "KiB", 0},
                &bypass_kib, 1);
}

/* Us for one picture of so many rows: all contestants, in turns. */
static int measure(struct bench *b, mfxU16 height, size_t repeat, double us[CONTESTANTS][ROUNDS])
{
    int failed = 0;
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < CONTESTANTS; who++) {
            double start = cpu_us();
            for (size_t i = 0; i < repeat; i++)
                failed |= run_one(b, who, height);
            if (round >= 0)
                us[who][round] = (cpu_us() - start) * 2 / BUFFERS / (double)repeat;
        }
    }
    return failed;
}

/* Pictures as wide, of 90 KiB to 11.5 MiB: the eight buffers together are from within a core's own cache to
 * beyond what all share. */
static int sweep(struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    printf("Pictures of fewer rows: GB/s, medians\n  %10s", "KiB");
    for (int who = 0; who < OURS_MEASURED; who++)
        printf("  %26s", name[who]);
    putchar('\n');
    for (mfxU16 height = 16; height < HEIGHT; height = (mfxU16)(height * 2)) {
        size_t bytes = bytes_of(height), repeat = SWEEP_TURN / bytes * 2 / BUFFERS;
        if (repeat == 0)
            repeat = 1;
        if (measure(b, height, repeat, us))
            return 1;
        printf("  %10zu", bytes / 1024);
        for (int who = 0; who < OURS_MEASURED; who++) {
            keep_bandwidth(us[who], who, height, repeat * BUFFERS / 2);
            printf("  %26.1f", (double)bytes / summarise(us[who], ROUNDS).median / 1e3);
        }
        putchar('\n');
    }
    return 0;
}

/* ---- fills ---- */

enum filler {
    MEMSET,
    FILL_NV12,
    FILL_P010,
    FILLERS
};

static const char *const filler_name[FILLERS] = {"memset, one piece", "vfa_fill_color, NV12",
                                                 "vfa_fill_color, P010"};

static const char *const filler_word[FILLERS] = {"memset", "fill_nv12", "fill_p010"};

/* As many bytes each: the picture of two bytes a sample is half as wide. */
static int fill_one(int who, mfxU8 *to)
{
    static const struct vfa_color black8 = {{16, 128, 128, 0}}, black10 = {{64, 512, 512, 0}};
    mfxFrameInfo info;
    mfxFrameData data = planes_of(to, WIDTH, HEIGHT);
    memset(&info, 0, sizeof info);
    info.FourCC = who == FILL_P010 ? MFX_FOURCC_P010 : MFX_FOURCC_NV12;
    info.Width = who == FILL_P010 ? WIDTH / 2 : WIDTH;
    info.Height = HEIGHT;
    info.Shift = who == FILL_P010;
    if (who != MEMSET)
        return vfa_fill_color(&info, &data, who == FILL_P010 ? &black10 : &black8, VFA_FILL_PICTURE) !=
               MFX_ERR_NONE;
    memset(to, 16, bytes_of(HEIGHT));
    return 0;
}

static int measure_fills(struct bench *b)
{
    static double us[FILLERS][ROUNDS];
    int failed = 0;
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < FILLERS; who++) {
            double start = cpu_us();
            for (int i = 0; i < BUFFERS; i++)
                failed |= fill_one(who, b->buffer[i]);
            if (round >= 0)
                us[who][round] = (cpu_us() - start) / BUFFERS;
        }
    }
    printf("As many bytes made black, over %d buffers\n", BUFFERS);
    for (int who = 0; who < FILLERS; who++) {
        double bandwidth[ROUNDS];
        for (int round = 0; round < ROUNDS; round++)
            bandwidth[round] = (double)bytes_of(HEIGHT) / us[who][round] / 1e3;
        figures_add(figures, &(struct figure){filler_word[who], filler_name[who], "GB/s", BUFFERS}, bandwidth,
                    ROUNDS);
        struct summary of = summarise_ratio(us[MEMSET], us[who], ROUNDS);
        double sorted[ROUNDS];
        memcpy(sorted, us[who], sizeof sorted);
        struct summary time = summarise(sorted, ROUNDS);
        printf("  %-28s %8.0f us (%.0f to %.0f), %5.1f GB/s, %.2f of memset's bandwidth (%.2f to %.2f)\n",
               filler_name[who], time.median, time.lowest, time.highest,
               (double)bytes_of(HEIGHT) / time.median / 1e3, of.median, of.lowest, of.highest);
    }
    return failed;
}

int main(void)
{
    static double us[CONTESTANTS][ROUNDS];
    struct bench b;
    figures = figures_open("copy");
    figures_library(figures, "libavutil", av_version_info());
    int failed = !figures || open_bench(&b);
    if (!failed)
        failed = measure(&b, HEIGHT, 1, us);
    if (!failed) {
        keep_results(&b, us);
        print_results(&b, us);
        failed = measure_fills(&b) || sweep(&b, us);
        close_bench(&b);
    }
    if (failed)
        fputs("copy_bench: a call failed\n", stderr);
    failed |= figures_close(figures, !failed);
    return failed ? 1 : 0;
}
