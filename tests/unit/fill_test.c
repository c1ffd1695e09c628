/* Pictures of one colour: every sample of every format where VPL says it lies, in the part that was asked
 * for, and never a byte elsewhere. */
#define ONEVPL_EXPERIMENTAL /* XYUV and ABGR16F by name */
#include "fixture.h"

#include "../support/expected_layouts.h"

struct rectangle {
    mfxU16 x, y, width, height;
};

/* Where channels share a word, by hand: what VPL's structs say. 0: they do not. */
static uint64_t shared_word(mfxU32 fourcc, const mfxU16 s[4])
{
    switch (fourcc) {
    case MFX_FOURCC_NV21:
        return s[2] | (uint64_t)s[1] << 8;
    case MFX_FOURCC_Y410:
        return s[1] | (uint64_t)s[0] << 10 | (uint64_t)s[2] << 20 | (uint64_t)s[3] << 30;
    case MFX_FOURCC_A2RGB10:
        return s[2] | (uint64_t)s[1] << 10 | (uint64_t)s[0] << 20 | (uint64_t)s[3] << 30;
    case MFX_FOURCC_RGB565:
        return s[2] | (uint64_t)s[1] << 5 | (uint64_t)s[0] << 11;
    case MFX_FOURCC_ABGR16F:
        return s[0] | (uint64_t)s[1] << 16 | (uint64_t)s[2] << 32 | (uint64_t)s[3] << 48;
    default:
        return 0;
    }
}

/* Different in each channel, and with bits at both ends of what the format can hold. */
static struct vfa_color some_color(mfxU32 fourcc, unsigned int depth)
{
    switch (fourcc) {
    case MFX_FOURCC_Y410:
    case MFX_FOURCC_A2RGB10:
        return (struct vfa_color){{0x201, 0x302, 0x284, 2}};
    case MFX_FOURCC_RGB565:
        return (struct vfa_color){{0x11, 0x2a, 0x1c, 0xffff}}; /* it has no alpha */
    default: {
        unsigned int top = 1u << (depth - 1);
        return (struct vfa_color){
            {(mfxU16)(top | 1), (mfxU16)(top | 2), (mfxU16)(top | 4), (mfxU16)(top | 8)}};
    }
    }
}

static void put(mfxU8 *at, uint64_t value, size_t bytes, bool erase)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = erase ? 0xaa : (mfxU8)(value >> 8 * i);
}

/* Writes, or erases, the samples of the pixels in the rectangle. */
static void expect(mfxU8 *base, size_t e, const struct vfa_layout *layout, const struct rectangle *where,
                   const struct vfa_color *color, unsigned int shift, bool erase)
{
    size_t area = layout->pitch_bytes * layout->rows;
    for (int c = 0; c < 4; c++) {
        const struct channel *slot = &expected[e].slot[c];
        uint64_t word = shared_word(expected[e].fourcc, color->sample);
        bool is_word = word && (expected[e].fourcc != MFX_FOURCC_NV21 || c == 1);
        if (!slot->sample_bytes)
            continue;
        for (int y = where->y; y < where->y + where->height; y++)
            for (int x = where->x; x < where->x + where->width; x++)
                put(base + area * slot->quarters / 4 + slot->offset +
                        (size_t)(y / slot->y_div) * (layout->pitch_bytes / slot->pitch_div) +
                        (size_t)(x / slot->x_div) * slot->step,
                    is_word ? word : (uint64_t)color->sample[c] << shift, slot->sample_bytes, erase);
    }
}

/* Two pixels in one unit are filled together. */
static struct rectangle whole_units(size_t e, struct rectangle r)
{
    if (expected[e].quarters == 4 && expected[e].slot[1].x_div == 2)
        r.width = (mfxU16)(r.width + r.width % 2);
    return r;
}

static void check_part(size_t e, const mfxFrameInfo *info, unsigned int depth, unsigned int shift,
                       enum vfa_fill_part part)
{
    struct vfa_layout layout;
    mfxFrameData data;
    assert_int_equal(vfa_layout_compute(info, NULL, &layout), MFX_ERR_NONE);
    mfxU8 *base = malloc(layout.size_bytes), *want = malloc(layout.size_bytes);
    assert_non_null(base);
    assert_non_null(want);
    memset(base, 0xaa, layout.size_bytes);
    memset(want, 0xaa, layout.size_bytes);
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_layout_point(&layout, base, &data), MFX_ERR_NONE);
    struct vfa_color color = some_color(expected[e].fourcc, depth);
    struct rectangle all = whole_units(e, (struct rectangle){0, 0, info->Width, info->Height}),
                     crop = whole_units(
                         e, (struct rectangle){info->CropX, info->CropY, info->CropW, info->CropH});
    if (!info->CropW || !info->CropH)
        crop = all;
    expect(want, e, &layout, part == VFA_FILL_CROP ? &crop : &all, &color, shift, false);
    if (part == VFA_FILL_BORDER)
        expect(want, e, &layout, &crop, &color, shift, true);
    assert_int_equal(vfa_fill_color(info, &data, &color, part), MFX_ERR_NONE);
    assert_memory_equal(base, want, layout.size_bytes);
    free(base);
    free(want);
}

static void check_each_part(size_t e, mfxFrameInfo *info, unsigned int depth, unsigned int shift)
{
    static const struct rectangle crop[] = {
        {0, 0, 0, 0}, {4, 2, 16, 8}, {0, 0, 15, 7}, {20, 10, 17, 11}, {0, 0, 37, 21}};
    for (size_t i = 0; i < sizeof crop / sizeof *crop; i++) {
        info->CropX = crop[i].x;
        info->CropY = crop[i].y;
        info->CropW = crop[i].width;
        info->CropH = crop[i].height;
        check_part(e, info, depth, shift, VFA_FILL_PICTURE);
        check_part(e, info, depth, shift, VFA_FILL_CROP);
        check_part(e, info, depth, shift, VFA_FILL_BORDER);
    }
}

static mfxFrameInfo info_of(mfxU32 fourcc)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = fourcc;
    info.Width = 37;
    info.Height = 21;
    return info;
}

static void every_sample_of_every_format_is_filled(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXPECTED_COUNT; e++) {
        mfxFrameInfo info = info_of(expected[e].fourcc);
        unsigned int depth = vfa_format_find(info.FourCC)->bit_depth;
        check_each_part(e, &info, depth, 0);
        info.BitDepthLuma = info.BitDepthChroma = 8; /* may be said of any */
        check_each_part(e, &info, depth, 0);
    }
}

static void depths_and_shifts_are_those_of_the_info(void **state)
{
    (void)state;
    for (size_t e = 0; e < EXPECTED_COUNT; e++) {
        mfxFrameInfo info = info_of(expected[e].fourcc);
        if (!vfa_format_find(info.FourCC)->msb_shift_allowed)
            continue;
        for (unsigned int depth = 10; depth <= 16; depth += 2) {
            info.BitDepthLuma = info.BitDepthChroma = (mfxU16)depth;
            info.Shift = 1;
            check_each_part(e, &info, depth, 16 - depth);
            info.Shift = 0;
            check_each_part(e, &info, depth, 0);
        }
    }
}

/* Rows of one byte, without a gap between them. */
static void rows_without_a_gap(void **state)
{
    (void)state;
    mfxU8 pixels[64 * 48 + 2];
    mfxFrameInfo info = info_of(MFX_FOURCC_NV12);
    info.Width = 64;
    info.Height = 32;
    mfxFrameData data = {.PitchLow = 64, .Y = pixels + 1, .UV = pixels + 1 + 64 * 32};
    memset(pixels, 0xaa, sizeof pixels);
    const struct vfa_color color = {{16, 128, 128, 0}};
    assert_int_equal(vfa_fill_color(&info, &data, &color, VFA_FILL_PICTURE), MFX_ERR_NONE);
    for (size_t i = 1; i < sizeof pixels - 1; i++)
        assert_int_equal(pixels[i], i < 1 + 64 * 32 ? 16 : 128);
    assert_int_equal(pixels[0], 0xaa);
    assert_int_equal(pixels[sizeof pixels - 1], 0xaa);
}

/* ---- black ---- */

static void black_is_black_in_each_format(void **state)
{
    (void)state;
    static const struct {
        mfxU32 fourcc;
        mfxU16 depth, black[4];
    } known[] = {
        {MFX_FOURCC_NV12, 0, {16, 128, 128}},
        {MFX_FOURCC_YV12, 8, {16, 128, 128}},
        {MFX_FOURCC_P010, 0, {64, 512, 512}},
        {MFX_FOURCC_P010, 8, {64, 512, 512}},
        {MFX_FOURCC_P016, 0, {256, 2048, 2048}},
        {MFX_FOURCC_P016, 16, {4096, 32768, 32768}},
        {MFX_FOURCC_Y216, 16, {4096, 32768, 32768}},
        {MFX_FOURCC_AYUV, 0, {16, 128, 128, 255}},
        {MFX_FOURCC_Y410, 0, {64, 512, 512, 3}},
        {MFX_FOURCC_Y416, 12, {256, 2048, 2048, 4095}},
        {MFX_FOURCC_RGB4, 0, {0, 0, 0, 255}},
        {RGB3, 0, {0, 0, 0, 0}},
        {MFX_FOURCC_RGB565, 0, {0, 0, 0, 0}},
        {MFX_FOURCC_A2RGB10, 0, {0, 0, 0, 3}},
        {MFX_FOURCC_ARGB16, 0, {0, 0, 0, 65535}},
        {MFX_FOURCC_ABGR16F, 0, {0, 0, 0, 0x3c00}},
        {MFX_FOURCC_RGBP, 0, {0, 0, 0, 0}},
        {MFX_FOURCC_R16, 0, {0, 0, 0, 0}},
        {MFX_FOURCC_P8, 0, {0, 0, 0, 0}},
        {MFX_FOURCC_P016, 2, {0, 2, 2, 0}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        mfxFrameInfo info = {
            .FourCC = known[i].fourcc, .BitDepthLuma = known[i].depth, .BitDepthChroma = known[i].depth};
        struct vfa_color black;
        assert_int_equal(vfa_color_black(&info, VFA_RANGE_LIMITED, &black), MFX_ERR_NONE);
        assert_memory_equal(black.sample, known[i].black, sizeof black.sample);
        assert_int_equal(vfa_color_black(&info, VFA_RANGE_FULL, &black), MFX_ERR_NONE);
        assert_int_equal(black.sample[0], 0);
        assert_memory_equal(black.sample + 1, known[i].black + 1, 3 * sizeof *black.sample);
    }
}

/* ---- what is refused ---- */

static void samples_beyond_the_depth_are_refused(void **state)
{
    (void)state;
    static const struct {
        mfxU32 fourcc;
        struct vfa_color color;
    } bad[] = {
        {MFX_FOURCC_NV12, {{256, 0, 0, 0}}},       {MFX_FOURCC_NV12, {{0, 0, 256, 0}}},
        {MFX_FOURCC_P010, {{1024, 0, 0, 0}}},      {MFX_FOURCC_Y410, {{0, 0, 0, 4}}},
        {MFX_FOURCC_RGB565, {{32, 0, 0, 0}}},      {MFX_FOURCC_RGB565, {{0, 64, 0, 0}}},
        {MFX_FOURCC_P8_TEXTURE, {{256, 0, 0, 0}}},
    };
    mfxU8 pixels[64 * 64 * 4];
    memset(pixels, 0xaa, sizeof pixels);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mfxFrameInfo info = info_of(bad[i].fourcc);
        mfxFrameData data = {
            .PitchLow = 192, .Y = pixels, .U = pixels + 8192, .V = pixels + 8192, .A = pixels};
        assert_int_equal(vfa_fill_color(&info, &data, &bad[i].color, VFA_FILL_PICTURE),
                         MFX_ERR_INVALID_VIDEO_PARAM);
    }
    for (size_t i = 0; i < sizeof pixels; i++)
        assert_int_equal(pixels[i], 0xaa);
}

static void parts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const struct rectangle bad[] = {
        {30, 0, 8, 8}, {0, 20, 8, 2}, {1, 0, 8, 8}, {0, 1, 8, 8}, {65535, 0, 65535, 1}};
    mfxU8 pixels[64 * 48];
    const struct vfa_color color = {{1, 1, 1, 1}};
    mfxFrameInfo info = info_of(MFX_FOURCC_NV12), bytes = {.FourCC = MFX_FOURCC_P8, .BufferSize = 5};
    mfxFrameData data = {.PitchLow = 64, .Y = pixels, .UV = pixels + 64 * 32};
    memset(pixels, 0xaa, sizeof pixels);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        info.CropX = bad[i].x;
        info.CropY = bad[i].y;
        info.CropW = bad[i].width;
        info.CropH = bad[i].height;
        assert_int_equal(vfa_fill_color(&info, &data, &color, VFA_FILL_CROP), MFX_ERR_INVALID_VIDEO_PARAM);
        assert_int_equal(vfa_fill_color(&info, &data, &color, VFA_FILL_BORDER), MFX_ERR_INVALID_VIDEO_PARAM);
    }
    assert_int_equal(vfa_fill_color(&info, &data, &color, (enum vfa_fill_part)3),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_fill_color(&bytes, &data, &color, VFA_FILL_CROP), MFX_ERR_INVALID_VIDEO_PARAM);
    for (size_t i = 0; i < sizeof pixels; i++)
        assert_int_equal(pixels[i], 0xaa);
    assert_int_equal(vfa_fill_color(&bytes, &data, &color, VFA_FILL_PICTURE), MFX_ERR_NONE);
    for (size_t i = 0; i < sizeof pixels; i++)
        assert_int_equal(pixels[i], i < 5 ? 1 : 0xaa);
}

static void bad_arguments_are_told_apart(void **state)
{
    (void)state;
    mfxU8 pixels[64];
    mfxFrameInfo info = info_of(MFX_FOURCC_R16), unknown = info_of(0x12345678),
                 deep = info_of(MFX_FOURCC_R16);
    mfxFrameData data = {.PitchLow = 64, .Y = pixels};
    struct vfa_color color = {{9, 9, 9, 9}}, zero = {{0}};
    deep.BitDepthLuma = 17;
    assert_int_equal(vfa_fill_color(NULL, &data, &color, VFA_FILL_PICTURE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_fill_color(&info, NULL, &color, VFA_FILL_PICTURE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_fill_color(&info, &data, NULL, VFA_FILL_PICTURE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_fill_color(&unknown, &data, &color, VFA_FILL_PICTURE), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_fill_color(&deep, &data, &color, VFA_FILL_PICTURE), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_color_black(&info, VFA_RANGE_FULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_color_black(NULL, VFA_RANGE_FULL, &color), MFX_ERR_NULL_PTR);
    assert_memory_equal(&color, &zero, sizeof zero);
    assert_int_equal(vfa_color_black(&unknown, VFA_RANGE_FULL, &color), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_color_black(&info, (enum vfa_range)2, &color), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_color_black(&deep, VFA_RANGE_FULL, &color), MFX_ERR_INVALID_VIDEO_PARAM);
}

/* ---- frames ---- */

static void frames_are_filled_and_cleared(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 32, 1, 1);
    request.Info.CropW = request.Info.CropH = 16;
    mfxFrameAllocResponse response;
    const struct vfa_color color = {{200, 100, 50, 0}}, beyond = {{256, 0, 0, 0}};
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[0];
    assert_int_equal(vfa_clear_frame(f.a, mid, VFA_RANGE_LIMITED), MFX_ERR_NONE);
    assert_int_equal(vfa_fill_frame(f.a, mid, &color, VFA_FILL_CROP), MFX_ERR_NONE);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    size_t pitch = vfa_frame_data_pitch(&data);
    for (size_t y = 0; y < 32; y++)
        for (size_t x = 0; x < 64; x++) {
            bool inside = x < 16 && y < 16;
            assert_int_equal(data.Y[y * pitch + x], inside ? 200 : 16);
            assert_int_equal(data.UV[y / 2 * pitch + x], !inside ? 128 : x % 2 ? 50 : 100);
        }
    assert_int_equal(vfa_fill_frame(f.a, mid, &color, VFA_FILL_PICTURE), MFX_ERR_NONE);
    assert_int_equal(data.Y[31 * pitch + 63], 200);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_fill_frame(f.a, mid, &beyond, VFA_FILL_PICTURE), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_fill_frame(f.a, mid, &color, (enum vfa_fill_part)9), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_clear_frame(f.a, mid, (enum vfa_range)9), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_fill_frame(NULL, mid, &color, VFA_FILL_PICTURE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_fill_frame(f.a, mid, NULL, VFA_FILL_PICTURE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_clear_frame(NULL, mid, VFA_RANGE_FULL), MFX_ERR_NULL_PTR);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_clear_frame(f.a, mid, VFA_RANGE_FULL), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_fill_frame(f.a, mid, &color, VFA_FILL_CROP), MFX_ERR_INVALID_HANDLE);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_of_every_format_is_filled),
        cmocka_unit_test(depths_and_shifts_are_those_of_the_info),
        cmocka_unit_test(rows_without_a_gap),
        cmocka_unit_test(black_is_black_in_each_format),
        cmocka_unit_test(samples_beyond_the_depth_are_refused),
        cmocka_unit_test(parts_that_are_none_are_refused),
        cmocka_unit_test(bad_arguments_are_told_apart),
        cmocka_unit_test(frames_are_filled_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
