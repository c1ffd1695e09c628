/* Does it pay to add some bytes to a pitch whose rows fall into few sets of the caches? What goes down a
 * picture, a row at a time or a column of blocks at a time, for pitches as the library makes them and with
 * one, two and three cache lines more. All pitches take turns within each round; ratios are of one round's
 * figures. */
#include "figures.h"
#include "summary.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ROUNDS    11
#define PADDINGS  4 /* 0 to 3 cache lines */
#define LINE      64
#define TAPS      8
#define HUGE_PAGE ((size_t)2 << 20)
#define ROOM      ((size_t)48 << 20)
#define BLOCK     16
#define STRIP     64

/* Planes of bytes: what is 16 bits a sample is as wide as two of 8. */
static const struct {
    const char *what;
    int row_bytes, rows;
} picture[] = {
    {"1080p NV12", 1920, 1088}, {"2048x1080 NV12", 2048, 1080}, {"4K NV12", 3840, 2160},
    {"4K P010", 7680, 2160},    {"4096x2160 NV12", 4096, 2160}, {"4096x2160 P010", 8192, 2160},
};
#define PICTURES (sizeof picture / sizeof *picture)

struct plane {
    uint8_t *at;
    size_t pitch;
    int width, rows;
};

/* As scalers and loop filters of one dimension: each row of the result from eight rows. */
static void filter_rows(const struct plane *to, const struct plane *from)
{
    static const int tap[TAPS] = {-1, 4, -11, 40, 40, -11, 4, -1};
    for (int y = 0; y + TAPS <= from->rows; y++) {
        const uint8_t *source = from->at + (size_t)y * from->pitch;
        uint8_t *target = to->at + (size_t)y * to->pitch;
        for (int x = 0; x < from->width; x++) {
            int sum = 32;
            for (int t = 0; t < TAPS; t++)
                sum += tap[t] * source[(size_t)t * from->pitch + (size_t)x];
            sum >>= 6;
            target[x] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
        }
    }
}

/* The same down one strip of a cache line's width after another, as codecs go over blocks. */
static void filter_strips(const struct plane *to, const struct plane *from)
{
    for (int x = 0; x + STRIP <= from->width; x += STRIP) {
        struct plane source = *from, target = *to;
        source.at += x;
        target.at += x;
        source.width = target.width = STRIP;
        filter_rows(&target, &source);
    }
}

/* Rows become columns, block by block, as a filter that turns pictures does it. */
static void transpose(const struct plane *to, const struct plane *from)
{
    int rows = from->rows / BLOCK * BLOCK, width = from->width / BLOCK * BLOCK;
    rows = rows < to->width ? rows : to->width / BLOCK * BLOCK;
    width = width < to->rows ? width : to->rows / BLOCK * BLOCK;
    for (int y = 0; y < rows; y += BLOCK)
        for (int x = 0; x < width; x += BLOCK)
            for (int j = 0; j < BLOCK; j++)
                for (int i = 0; i < BLOCK; i++)
                    to->at[(size_t)(x + j) * to->pitch + (size_t)(y + i)] =
                        from->at[(size_t)(y + i) * from->pitch + (size_t)(x + j)];
}

/* Blocks from here and there, as motion compensation fetches them, with the rows that its filter needs. */
static void fetch_blocks(const struct plane *to, const struct plane *from)
{
    uint32_t random = 1;
    for (int y = 0; y + 2 * STRIP <= from->rows; y += STRIP) {
        for (int x = 0; x + 2 * STRIP <= from->width; x += STRIP) {
            random = random * 1664525u + 1013904223u;
            const uint8_t *source = from->at + (size_t)(y + (int)(random >> 20 & 31)) * from->pitch +
                                    (size_t)(x + (int)(random >> 26));
            uint8_t *target = to->at + (size_t)y * to->pitch + (size_t)x;
            for (int j = 0; j < STRIP; j++)
                for (int i = 0; i < STRIP; i++)
                    target[(size_t)j * to->pitch + (size_t)i] =
                        (uint8_t)((source[(size_t)j * from->pitch + (size_t)i] +
                                   source[(size_t)(j + 7) * from->pitch + (size_t)i] + 1) >>
                                  1);
        }
    }
}

typedef void pattern_fn(const struct plane *to, const struct plane *from);
static const struct {
    const char *what;
    pattern_fn *run;
} pattern[] = {
    {"8 taps, by rows", filter_rows},
    {"8 taps, by strips", filter_strips},
    {"transposed", transpose},
    {"blocks fetched", fetch_blocks},
};
#define PATTERNS (sizeof pattern / sizeof *pattern)

static struct figures *figures;

/* "PITCH_PATTERN_plus_BYTES": time in that without the bytes. */
static void keep(size_t which, size_t how, size_t padding, const double *ratio)
{
    static const char *const word[PATTERNS] = {"rows", "strips", "transposed", "fetched"};
    char name[64], text[128];
    (void)snprintf(name, sizeof name, "%d_%s_plus_%zu", picture[which].row_bytes, word[how], padding * LINE);
    (void)snprintf(text, sizeof text, "%s, %s, %zu bytes more", picture[which].what, pattern[how].what,
                   padding * LINE);
    figures_add(figures, &(struct figure){name, text, "ratio", 0}, ratio, ROUNDS);
}

static double time_one(pattern_fn *run, uint8_t *const room[2], size_t which, size_t pitch)
{
    struct plane from = {room[0], pitch, picture[which].row_bytes, picture[which].rows}, to = from;
    to.at = room[1];
    double start = cpu_us();
    run(&to, &from);
    return cpu_us() - start;
}

static void measure(uint8_t *const room[2], size_t which, size_t how)
{
    double ratio[PADDINGS][ROUNDS], us[ROUNDS];
    size_t pitch = ((size_t)picture[which].row_bytes + LINE - 1) / LINE * LINE;
    for (int round = -1; round < ROUNDS; round++) { /* the first warms up */
        double took[PADDINGS];
        for (size_t padding = 0; padding < PADDINGS; padding++)
            took[padding] = time_one(pattern[how].run, room, which, pitch + padding * LINE);
        for (size_t padding = 0; round >= 0 && padding < PADDINGS; padding++)
            ratio[padding][round] = took[padding] / took[0];
        if (round >= 0)
            us[round] = took[0];
    }
    printf("  %-16s %-18s pitch %5zu: %8.0f us;", picture[which].what, pattern[how].what, pitch,
           summarise(us, ROUNDS).median);
    for (size_t padding = 1; padding < PADDINGS; padding++) {
        keep(which, how, padding, ratio[padding]);
        struct summary of = summarise(ratio[padding], ROUNDS);
        printf("  +%zu: %.2f (%.2f to %.2f)", padding * LINE, of.median, of.lowest, of.highest);
    }
    putchar('\n');
}

int main(void)
{
    uint8_t *room[2];
    figures = figures_open("pitch");
    if (!figures)
        return 1;
    for (int i = 0; i < 2; i++) {
        room[i] = aligned_alloc(HUGE_PAGE, ROOM);
        if (!room[i]) {
            fputs("pitch_bench: no memory\n", stderr);
            (void)figures_close(figures, 0);
            return 1;
        }
        (void)madvise(room[i], ROOM, MADV_HUGEPAGE); /* as frames of the library; refused, it is what it is */
        memset(room[i], i + 1, ROOM);
    }
    printf("Down a picture, the first plane: times of padded pitches in those of the pitch without; medians "
           "(lowest to highest) of %d rounds\n",
           ROUNDS);
    for (size_t which = 0; which < PICTURES; which++)
        for (size_t how = 0; how < PATTERNS; how++)
            measure(room, which, how);
    free(room[0]);
    free(room[1]);
    return figures_close(figures, 1) ? 1 : 0;
}
