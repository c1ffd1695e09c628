/* Every sample of every format has its own bytes, where VPL says the pointers are. */
#define ONEVPL_EXPERIMENTAL /* XYUV and ABGR16F by name */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "../support/expected_layouts.h"
#include "frame_layout.h"

static const struct {
    mfxU16 width, height;
} sizes[] = {{1, 1},   {2, 2},    {3, 1},     {1, 3},     {16, 16},  {17, 31}, {33, 2},
             {64, 48}, {255, 65}, {320, 180}, {65535, 1}, {1, 4099}, {4096, 2}};

#define SIZE_COUNT (sizeof sizes / sizeof sizes[0])

/* Cheap, deterministic, and different for neighbours. */
static uint8_t pattern(size_t seed, size_t row, size_t index)
{
    uint32_t mixed = (uint32_t)(seed * 2654435761U + row * 40503U + index * 2246822519U);
    return (uint8_t)((mixed ^ mixed >> 15) * 2654435761U >> 24);
}

/* ---- where things are ---- */

static void the_expectations_cover_every_format(void **state)
{
    (void)state;
    assert_int_equal(EXPECTED_COUNT + 1, vfa_format_count()); /* and P8, which is linear */
    for (size_t i = 0; i < EXPECTED_COUNT; i++)
        assert_non_null(vfa_format_find(expected[i].fourcc));
}

static void pitch_rows_and_size_follow_the_default_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        for (size_t s = 0; s < SIZE_COUNT; s++) {
            mfxFrameInfo info = picture(expected[i].fourcc, sizes[s].width, sizes[s].height);
            struct vfa_layout layout = computed(&info, NULL);
            size_t pitch = rounded(rounded(info.Width, 32) * expected[i].pixel_bytes, 64);
            pitch += pitch % 4096 ? 0 : 128;
            size_t rows = rounded(info.Height, 32);
            assert_int_equal(layout.pitch_bytes, pitch);
            assert_int_equal(layout.rows, rows);
            assert_int_equal(layout.width_px, rounded(info.Width, 32));
            assert_int_equal(layout.size_bytes, rounded(pitch * rows * expected[i].quarters / 4, 4096));
            assert_int_equal(layout.alignment_bytes, 4096);
        }
    }
}

static void pointers_are_where_vpl_says(void **state)
{
    (void)state;
    uint8_t *base = (uint8_t *)(uintptr_t)0x100000;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        for (size_t s = 0; s < SIZE_COUNT; s++) {
            mfxFrameInfo info = picture(expected[i].fourcc, sizes[s].width, sizes[s].height);
            struct vfa_layout layout = computed(&info, NULL);
            mfxFrameData data;
            assert_int_equal(vfa_layout_point(&layout, base, &data), MFX_ERR_NONE);
            assert_int_equal(vfa_frame_data_pitch(&data), layout.pitch_bytes);
            for (size_t c = 0; c < 4; c++) {
                const struct channel *channel = &expected[i].slot[c];
                size_t start = layout.pitch_bytes * layout.rows * channel->quarters / 4 + channel->offset;
                uint8_t *there = channel->sample_bytes || channel->shared ? base + start : NULL;
                assert_ptr_equal(slot_of(&data, c), there);
            }
        }
    }
}

static void planes_start_at_multiples_of_16_bytes_by_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        for (size_t s = 0; s < SIZE_COUNT; s++) {
            mfxFrameInfo info = picture(expected[i].fourcc, sizes[s].width, sizes[s].height);
            struct vfa_layout layout = computed(&info, NULL);
            for (size_t p = 0; p < layout.plane_count; p++) {
                assert_int_equal(layout.plane[p].offset_bytes % 16, 0);
                assert_int_equal(layout.plane[p].pitch_bytes % 16, 0);
            }
        }
    }
}

/* ---- room for every sample ---- */

enum {
    MARGIN = 64,
    CANARY = 0xc5
};

struct frame {
    uint8_t *block, *base;
    size_t bytes;
};

static struct frame new_frame(const struct vfa_layout *layout)
{
    struct frame frame = {.bytes = layout->size_bytes};
    frame.block = malloc(frame.bytes + 2 * MARGIN);
    assert_non_null(frame.block);
    memset(frame.block, CANARY, frame.bytes + 2 * MARGIN);
    frame.base = frame.block + MARGIN;
    return frame;
}

static void end_frame(const struct frame *frame)
{
    for (size_t i = 0; i < MARGIN; i++) {
        assert_int_equal(frame->block[i], CANARY);
        assert_int_equal(frame->base[frame->bytes + i], CANARY);
    }
    free(frame->block);
}

/* Writes or checks all samples of one channel through its pointer. */
static void sweep_channel(const struct channel *channel, size_t slot, const mfxFrameData *data,
                          const mfxFrameInfo *info, int check)
{
    size_t pitch = vfa_frame_data_pitch(data) / channel->pitch_div;
    size_t rows = ((size_t)info->Height + channel->y_div - 1) / channel->y_div;
    size_t columns = ((size_t)info->Width + channel->x_div - 1) / channel->x_div;
    for (size_t y = 0; y < rows; y++) {
        uint8_t *row = slot_of(data, slot) + y * pitch;
        for (size_t x = 0; x < columns; x++) {
            for (size_t b = 0; b < channel->sample_bytes; b++) {
                uint8_t value = pattern(slot, y, x * channel->sample_bytes + b);
                if (!check)
                    row[x * channel->step + b] = value;
                else if (row[x * channel->step + b] != value)
                    fail_msg("slot %zu, sample %zu,%zu was overwritten", slot, x, y);
            }
        }
    }
}

static void every_sample_written_through_the_pointers_is_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        for (size_t s = 0; s < SIZE_COUNT; s++) {
            mfxFrameInfo info = picture(expected[i].fourcc, sizes[s].width, sizes[s].height);
            struct vfa_layout layout = computed(&info, NULL);
            struct frame frame = new_frame(&layout);
            mfxFrameData data;
            assert_int_equal(vfa_layout_point(&layout, frame.base, &data), MFX_ERR_NONE);
            for (int check = 0; check < 2; check++)
                for (size_t c = 0; c < 4; c++)
                    if (expected[i].slot[c].sample_bytes)
                        sweep_channel(&expected[i].slot[c], c, &data, &info, check);
            end_frame(&frame);
        }
    }
}

/* Writes or checks the picture's bytes of all planes by the layout's own numbers, row by row. */
static void sweep_planes(const struct vfa_layout *layout, const mfxFrameInfo *info, uint8_t *base, int check)
{
    static uint8_t source[65536 * 8 + 256];
    if (!source[1])
        for (size_t i = 0; i < sizeof source; i++)
            source[i] = pattern(99, 0, i);
    for (size_t p = 0; p < layout->plane_count; p++) {
        const struct vfa_layout_plane *plane = &layout->plane[p];
        size_t rows =
            (info->Height + layout->format->plane[p].row_div - (size_t)1) / layout->format->plane[p].row_div;
        assert_true(rows <= plane->rows);
        for (size_t y = 0; y < rows; y++) {
            uint8_t *row = base + plane->offset_bytes + y * plane->pitch_bytes;
            const uint8_t *pixels = source + (p * 83 + y * 31) % 251;
            if (!check)
                memcpy(row, pixels, plane->row_bytes);
            else if (memcmp(row, pixels, plane->row_bytes) != 0)
                fail_msg("plane %zu, row %zu was overwritten", p, y);
        }
    }
}

static void round_trip_planes(mfxU32 fourcc, mfxU16 width, mfxU16 height,
                              const struct vfa_layout_rules *rules)
{
    mfxFrameInfo info = picture(fourcc, width, height);
    struct vfa_layout layout = computed(&info, rules);
    struct frame frame = new_frame(&layout);
    sweep_planes(&layout, &info, frame.base, 0);
    sweep_planes(&layout, &info, frame.base, 1);
    end_frame(&frame);
}

static void every_row_of_every_plane_has_room_under_any_rules(void **state)
{
    (void)state;
    static const struct vfa_layout_rules rules[] = {
        {0, 0, 0, 0}, {1, 1, 1, 1}, {16, 128, 16, 1}, {2, 1, 2, 64}, {1, 4096, 1, 65536}};
    for (size_t i = 0; i < EXPECTED_COUNT; i++)
        for (size_t s = 0; s < SIZE_COUNT; s++)
            for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++)
                round_trip_planes(expected[i].fourcc, sizes[s].width, sizes[s].height, &rules[r]);
}

static void full_hd_has_room_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++)
        round_trip_planes(expected[i].fourcc, 1920, 1080, NULL);
}

static void the_largest_picture_of_any_format_has_a_layout(void **state)
{
    (void)state;
    if (SIZE_MAX == UINT32_MAX) {
        mfxFrameInfo info = picture(MFX_FOURCC_ARGB16, 65535, 65535);
        struct vfa_layout layout;
        assert_int_equal(vfa_layout_compute(&info, NULL, &layout), MFX_ERR_MEMORY_ALLOC);
        return;
    }
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        mfxFrameInfo info = picture(expected[i].fourcc, 65535, 65535);
        struct vfa_layout layout = computed(&info, NULL);
        uint64_t pitch = (uint64_t)65536 * expected[i].pixel_bytes + 128;
        assert_int_equal(layout.pitch_bytes, pitch);
        assert_int_equal(layout.size_bytes, pitch * 65536 * expected[i].quarters / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_expectations_cover_every_format),
        cmocka_unit_test(pitch_rows_and_size_follow_the_default_rules),
        cmocka_unit_test(pointers_are_where_vpl_says),
        cmocka_unit_test(planes_start_at_multiples_of_16_bytes_by_default),
        cmocka_unit_test(every_sample_written_through_the_pointers_is_read_back),
        cmocka_unit_test(every_row_of_every_plane_has_room_under_any_rules),
        cmocka_unit_test(full_hd_has_room_too),
        cmocka_unit_test(the_largest_picture_of_any_format_has_a_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
