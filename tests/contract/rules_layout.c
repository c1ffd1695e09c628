/* Rules of where the bytes of a frame lie. */
#include "frame.h"
#include "rules.h"

#include <stdlib.h>

/* What the rules of one format begin with: a set, its first frame locked. */
struct look {
    struct set set;
    mfxFrameData data;
    struct planes planes;
};

static void open_look(struct trial *t, const struct conform_format *format, size_t width, size_t height,
                      struct look *look)
{
    mfxFrameAllocRequest request = plain_request(t, format, width, height, 2);
    memset(look, 0, sizeof *look);
    STEP(make(t, &request, &look->set));
    lock_planes(t, format, &look->set.request.Info, look->set.response.mids[0], &look->data, &look->planes);
}

static void close_look(struct trial *t, struct look *look)
{
    STEP(unlock(t, look->set.response.mids[0], &look->data));
    give_back(t, &look->set);
}

static void try_pitch(struct trial *t, const struct conform_format *format)
{
    static const size_t widths[] = {64, 80, 720};
    for (size_t i = 0; i < sizeof widths / sizeof *widths && !format->linear; i++) {
        struct look look;
        STEP(open_look(t, format, widths[i], HEIGHT, &look));
        size_t pitch = pitch_of(&look.data), least = conform_min_pitch(format, widths[i]);
        REQUIRE(pitch >= least, "the pitch is %zu bytes for a width of %zu, at least %zu are needed", pitch,
                widths[i], least);
        REQUIRE(pitch % format->plane[format->planes - 1].pitch_div == 0,
                "half of the pitch, %zu, is no pitch", pitch);
        STEP(close_look(t, &look));
    }
}

void rule_layout_pitch(struct trial *t)
{
    every_format(t, try_pitch);
}

/* The sizes that some allocators and drivers make at all are smaller. */
static void try_wide(struct trial *t, const struct conform_format *format)
{
    enum {
        WIDE = 65520
    };
    struct set set = {.request = plain_request(t, format, WIDE, 16, 1)};
    struct planes planes;
    mfxFrameData data;
    if (format->linear)
        return;
    memset(&set.response, 0, sizeof set.response);
    memset(&data, 0, sizeof data);
    if (call_alloc(t, &set.request, &set.response) < MFX_ERR_NONE)
        return;
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], &data, &planes));
    size_t pitch = pitch_of(&data), least = conform_min_pitch(format, WIDE);
    REQUIRE(pitch >= least, "PitchHigh and PitchLow say %zu bytes for rows of %zu", pitch, least);
    fill(&planes, 1);
    REQUIRE(holds(&planes, 1), "rows of %zu bytes, %zu apart, overlap", least, pitch);
    STEP(unlock(t, set.response.mids[0], &data));
    STEP(give_back(t, &set));
}

void rule_layout_pitch_high(struct trial *t)
{
    every_format(t, try_wide);
}

static void try_pointers(struct trial *t, const struct conform_format *format)
{
    static const char *const names[CONFORM_CHANNELS] = {"Y/R", "U/G", "V/B", "A"};
    struct look look;
    STEP(open_look(t, format, WIDTH, HEIGHT, &look));
    for (size_t c = 0; c < CONFORM_CHANNELS; c++) {
        const mfxU8 *pointer = channel_of(&look.data, c);
        const mfxU8 *right = look.planes.plane[format->channel[c].plane].base + format->channel[c].offset;
        if (format->channel[c].pointer == POINTER_UNSAID ||
            (format->channel[c].pointer == POINTER_OPTIONAL && !pointer))
            continue;
        REQUIRE(pointer == right, "%s is %p; where plane %d begins and %d bytes on is %p", names[c],
                (const void *)pointer, format->channel[c].plane, format->channel[c].offset,
                (const void *)right);
    }
    for (size_t i = 1; i < format->planes; i++)
        REQUIRE(look.planes.plane[i].base > look.planes.plane[i - 1].base,
                "plane %zu lies before plane %zu: the format has them in the other order", i, i - 1);
    STEP(close_look(t, &look));
}

void rule_layout_pointers(struct trial *t)
{
    every_format(t, try_pointers);
}

static void try_alignment(struct trial *t, const struct conform_format *format)
{
    static const size_t widths[] = {64, 80, 208};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        struct look look;
        STEP(open_look(t, format, widths[w], HEIGHT, &look));
        for (size_t i = 0; i < look.planes.count; i++)
            REQUIRE((uintptr_t)look.planes.plane[i].base % 16 == 0,
                    "plane %zu of a frame %zu pixels wide is at %p, no multiple of 16", i, widths[w],
                    (void *)look.planes.plane[i].base);
        STEP(close_look(t, &look));
    }
}

void rule_layout_alignment(struct trial *t)
{
    every_format(t, try_alignment);
}

/* --- Nothing overlaps */

struct span {
    uintptr_t begin, end;
    size_t frame, plane;
};

static int compare_spans(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    return left->begin < right->begin ? -1 : left->begin > right->begin;
}

static void try_apart(struct trial *t, const struct conform_format *format)
{
    enum {
        FRAMES = 4
    };
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, FRAMES);
    struct span spans[FRAMES * CONFORM_PLANES_MAX];
    size_t count = 0;
    struct set set;
    STEP(make(t, &request, &set));
    for (size_t f = 0; f < FRAMES; f++) {
        struct planes planes;
        STEP(lock_planes(t, format, &request.Info, set.response.mids[f], NULL, &planes));
        for (size_t i = 0; i < planes.count; i++) {
            uintptr_t begin = (uintptr_t)planes.plane[i].base;
            uintptr_t end = begin + (planes.plane[i].rows - 1) * planes.plane[i].pitch;
            spans[count++] = (struct span){begin, end + planes.plane[i].row_bytes, f, i};
        }
    }
    qsort(spans, count, sizeof *spans, compare_spans);
    for (size_t i = 1; i < count; i++)
        REQUIRE(spans[i].begin >= spans[i - 1].end,
                "plane %zu of frame %zu reaches into plane %zu of frame %zu", spans[i - 1].plane,
                spans[i - 1].frame, spans[i].plane, spans[i].frame);
    for (size_t f = 0; f < FRAMES; f++)
        STEP(unlock(t, set.response.mids[f], NULL));
    STEP(give_back(t, &set));
}

void rule_layout_planes_apart(struct trial *t)
{
    every_format(t, try_apart);
}

static void try_bytes(struct trial *t, const struct conform_format *format)
{
    enum {
        FRAMES = 3
    };
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH + 16, HEIGHT, FRAMES);
    struct set set;
    STEP(make(t, &request, &set));
    for (unsigned i = 0; i < FRAMES; i++)
        STEP(fill_frame(t, format, &set, i, i));
    for (unsigned i = 0; i < FRAMES; i++)
        STEP(check_frame(t, format, &set, i, i, "Unlock and Lock"));
    for (unsigned i = FRAMES; i-- > 0;)
        STEP(fill_frame(t, format, &set, i, 10 + i));
    for (unsigned i = 0; i < FRAMES; i++)
        STEP(check_frame(t, format, &set, i, 10 + i, "being written a second time"));
    STEP(give_back(t, &set));
}

void rule_layout_reads_back(struct trial *t)
{
    every_format(t, try_bytes);
}

/* Large ones first: what belongs to the last request alone would be too small for them. */
void rule_layout_side_by_side(struct trial *t)
{
    static const mfxU16 sizes[][2] = {{192, 96}, {128, 128}, {64, 48}, {32, 16}};
    enum {
        SETS = sizeof sizes / sizeof *sizes
    };
    const struct conform_format *formats[2] = {a_format(t)};
    struct set sets[SETS];
    if (!formats[0])
        return;
    formats[1] = another_format(t, formats[0]);
    formats[1] = formats[1] ? formats[1] : formats[0];
    for (unsigned i = 0; i < SETS; i++) {
        mfxFrameAllocRequest request = plain_request(t, formats[i / 2 % 2], sizes[i][0], sizes[i][1], 2);
        STEP(make(t, &request, &sets[i]));
        STEP(fill_frame(t, formats[i / 2 % 2], &sets[i], 1, i));
    }
    for (unsigned i = 0; i < SETS; i++)
        STEP(check_frame(t, formats[i / 2 % 2], &sets[i], 1, i,
                         "writing to frames of other sizes and formats"));
    for (unsigned i = 0; i < SETS; i++)
        STEP(give_back(t, &sets[i]));
}

/* --- What codecs and GPU runtimes take for granted */

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* The planes with the rows that padding adds. The gap between two planes may have none of its own (chroma at
 * Y + pitch * Height): what lies there is then written twice, and the later plane counts. */
static void pad(const struct conform_format *format, struct planes *planes)
{
    for (size_t i = 0; i < planes->count; i++)
        planes->plane[i].rows = round_up(HEIGHT, 32) / format->plane[i].row_div;
    for (size_t i = 0; i + 1 < planes->count; i++) {
        size_t gap = (size_t)(planes->plane[i + 1].base - planes->plane[i].base) / planes->plane[i].pitch;
        if (gap < planes->plane[i].rows)
            planes->plane[i].rows = gap;
    }
}

static void try_padding(struct trial *t, const struct conform_format *format)
{
    enum {
        FRAMES = 3
    };
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, FRAMES);
    struct planes planes[FRAMES];
    struct set set;
    if (format->linear)
        return;
    STEP(make(t, &request, &set));
    for (unsigned i = 0; i < FRAMES; i++) {
        STEP(lock_planes(t, format, &request.Info, set.response.mids[i], NULL, &planes[i]));
        for (size_t p = 1; p < planes[i].count; p++)
            REQUIRE(planes[i].plane[p].base > planes[i].plane[p - 1].base, "planes are not in order");
        pad(format, &planes[i]);
        fill(&planes[i], i);
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        REQUIRE(holds(&planes[i], i), "what is written to the rows up to %zu of frame %u does not stay",
                round_up(HEIGHT, 32), i);
        STEP(unlock(t, set.response.mids[i], NULL));
    }
    STEP(give_back(t, &set));
}

void rule_layout_padding(struct trial *t)
{
    every_format(t, try_padding);
}

static void try_zero_copy(struct trial *t, const struct conform_format *format)
{
    struct look look;
    if (format->linear)
        return;
    STEP(open_look(t, format, WIDTH + 16, HEIGHT, &look));
    size_t pitch = pitch_of(&look.data), rows = round_up(HEIGHT, 32);
    REQUIRE((uintptr_t)look.planes.plane[0].base % 4096 == 0, "a frame begins at %p, no multiple of 4096",
            (void *)look.planes.plane[0].base);
    REQUIRE(pitch % 16 == 0 && pitch >= conform_min_pitch(format, round_up(WIDTH + 16, 32)),
            "the pitch is %zu for a width of %d", pitch, WIDTH + 16);
    for (size_t i = 1; i < look.planes.count; i++) {
        size_t before = look.planes.plane[i - 1].pitch, div = format->plane[i - 1].row_div;
        size_t gap = (size_t)(look.planes.plane[i].base - look.planes.plane[i - 1].base);
        REQUIRE(gap == before * (rows / div) || gap == before * (HEIGHT / div),
                "plane %zu lies %zu bytes behind plane %zu, whose pitch is %zu", i, gap, i - 1, before);
    }
    STEP(close_look(t, &look));
}

void rule_layout_zero_copy(struct trial *t)
{
    every_format(t, try_zero_copy);
}
