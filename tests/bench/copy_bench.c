/* Copies of a 4K NV12 picture between planes of different pitches, rotating over eight buffers: beside memcpy
 * of as many bytes in one piece, and FFmpeg's av_image_copy. Ours as it is, written past the caches, and from
 * the size on that vfa_copy_measure found. All contestants take turns within each round; ratios are of one
 * round's figures. */
#include "summary.h"

#include <libavutil/imgutils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <vfa/vfa.h>

#define ROUNDS     25
#define BUFFERS    8 /* half of them sources */
#define WIDTH      3840
#define HEIGHT     2160
#define FROM_PITCH 3840
#define TO_PITCH   4096
#define BYTES      ((size_t)WIDTH * HEIGHT * 3 / 2)
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

struct bench {
    mfxU8 *buffer[BUFFERS];
    struct vfa_copy_config config[CONTESTANTS];
};

/* Of this thread's own time: what else runs on the machine is not counted. */
static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
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

static mfxFrameData planes_of(mfxU8 *buffer, mfxU16 pitch)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    data.PitchLow = pitch;
    data.Y = buffer;
    data.UV = buffer + (size_t)pitch * HEIGHT;
    return data;
}

static int copy_ours(mfxU8 *from, mfxU8 *to, const struct vfa_copy_config *config)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = MFX_FOURCC_NV12;
    info.Width = WIDTH;
    info.Height = HEIGHT;
    mfxFrameData source = planes_of(from, FROM_PITCH), target = planes_of(to, TO_PITCH);
    return vfa_copy_planes(&info, &source, &target, config) != MFX_ERR_NONE;
}

static int copy_av(mfxU8 *from, mfxU8 *to)
{
    uint8_t *target[4] = {to, to + (size_t)TO_PITCH * HEIGHT, NULL, NULL};
    const uint8_t *source[4] = {from, from + (size_t)FROM_PITCH * HEIGHT, NULL, NULL};
    int target_pitch[4] = {TO_PITCH, TO_PITCH, 0, 0}, source_pitch[4] = {FROM_PITCH, FROM_PITCH, 0, 0};
    av_image_copy(target, target_pitch, source, source_pitch, AV_PIX_FMT_NV12, WIDTH, HEIGHT);
    return 0;
}

/* Each pair of buffers once. */
static int run_one(struct bench *b, int who)
{
    int failed = 0;
    for (int i = 0; i < BUFFERS; i += 2) {
        mfxU8 *from = b->buffer[i], *to = b->buffer[i + 1];
        switch (who) {
        case MEMCPY:
            memcpy(to, from, BYTES);
            break;
        case AV_IMAGE_COPY:
            failed += copy_av(from, to);
            break;
        default:
            failed += copy_ours(from, to, &b->config[who]);
            break;
        }
    }
    return failed;
}

static void print_results(const struct bench *b, double us[CONTESTANTS][ROUNDS])
{
    struct summary bandwidth[CONTESTANTS];
    for (int who = 0; who < CONTESTANTS; who++) {
        double ratio[ROUNDS];
        for (int round = 0; round < ROUNDS; round++)
            ratio[round] = us[MEMCPY][round] / us[who][round];
        bandwidth[who] = summarise(ratio, ROUNDS);
    }
    printf(
        "A %dx%d NV12 picture, pitch %d to %d, over %d buffers; medians (lowest to highest) of %d rounds\n",
        WIDTH, HEIGHT, FROM_PITCH, TO_PITCH, BUFFERS, ROUNDS);
    for (int who = 0; who < CONTESTANTS; who++) {
        struct summary time = summarise(us[who], ROUNDS);
        printf("  %-28s %8.0f us (%.0f to %.0f), %5.1f GB/s, %.2f of memcpy's bandwidth (%.2f to %.2f)\n",
               name[who], time.median, time.lowest, time.highest, (double)BYTES / time.median / 1e3,
               bandwidth[who].median, bandwidth[who].lowest, bandwidth[who].highest);
    }
    size_t bypass = b->config[OURS_MEASURED].bypass_bytes;
    if (bypass)
        printf("  writing past the caches pays from %zu KiB on, as vfa_copy_measure found\n", bypass / 1024);
    else
        printf("  writing past the caches never pays here, as vfa_copy_measure found\n");
}

/* ---- fills ---- */

enum filler {
    MEMSET,
    FILL_NV12,
    FILL_P010,
    FILLERS
};

static const char *const filler_name[FILLERS] = {"memset, one piece", "vfa_fill_color, NV12",
                                                 "the same, P010"};

/* As many bytes each: the picture of two bytes a sample is half as wide. */
static int fill_one(int who, mfxU8 *to)
{
    static const struct vfa_color black8 = {{16, 128, 128, 0}}, black10 = {{64, 512, 512, 0}};
    mfxFrameInfo info;
    mfxFrameData data = planes_of(to, WIDTH);
    memset(&info, 0, sizeof info);
    info.FourCC = who == FILL_P010 ? MFX_FOURCC_P010 : MFX_FOURCC_NV12;
    info.Width = who == FILL_P010 ? WIDTH / 2 : WIDTH;
    info.Height = HEIGHT;
    info.Shift = who == FILL_P010;
    if (who != MEMSET)
        return vfa_fill_color(&info, &data, who == FILL_P010 ? &black10 : &black8, VFA_FILL_PICTURE) !=
               MFX_ERR_NONE;
    memset(to, 16, BYTES);
    return 0;
}

static int measure_fills(struct bench *b)
{
    static double us[FILLERS][ROUNDS];
    int failed = 0;
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < FILLERS; who++) {
            double start = now_us();
            for (int i = 0; i < BUFFERS; i++)
                failed |= fill_one(who, b->buffer[i]);
            if (round >= 0)
                us[who][round] = (now_us() - start) / BUFFERS;
        }
    }
    double ratio[FILLERS][ROUNDS];
    for (int who = 0; who < FILLERS; who++)
        for (int round = 0; round < ROUNDS; round++)
            ratio[who][round] = us[MEMSET][round] / us[who][round];
    printf("As many bytes made black, over %d buffers\n", BUFFERS);
    for (int who = 0; who < FILLERS; who++) {
        struct summary time = summarise(us[who], ROUNDS), of = summarise(ratio[who], ROUNDS);
        printf("  %-28s %8.0f us (%.0f to %.0f), %5.1f GB/s, %.2f of memset's bandwidth (%.2f to %.2f)\n",
               filler_name[who], time.median, time.lowest, time.highest, (double)BYTES / time.median / 1e3,
               of.median, of.lowest, of.highest);
    }
    return failed;
}

int main(void)
{
    static double us[CONTESTANTS][ROUNDS];
    struct bench b;
    int failed = open_bench(&b);
    for (int round = -1; round < ROUNDS && !failed; round++) { /* the first warms up */
        for (int who = 0; who < CONTESTANTS; who++) {
            double start = now_us();
            failed |= run_one(&b, who);
            if (round >= 0)
                us[who][round] = (now_us() - start) * 2 / BUFFERS;
        }
    }
    if (!failed) {
        print_results(&b, us);
        failed = measure_fills(&b);
    }
    if (failed)
        fputs("copy_bench: a call failed\n", stderr);
    close_bench(&b);
    return failed ? 1 : 0;
}
