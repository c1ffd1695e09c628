/* Frame layouts: their rules, what is refused, what is set in mfxFrameData, and no size that overflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frame_layout.h"

static const struct vfa_layout_rules tight = {1, 1, 1, 1};

/* Spelled out once, so that a mistake in the arithmetic of both table and test cannot hide. */
static void nv12_1920x1080_in_plain_numbers(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 1920, 1080);
    struct vfa_layout layout = computed(&info, NULL);
    assert_int_equal(layout.pitch_bytes, 1920);
    assert_int_equal(layout.rows, 1088);
    assert_int_equal(layout.plane_count, 2);
    assert_int_equal(layout.plane[0].offset_bytes, 0);
    assert_int_equal(layout.plane[0].rows, 1088);
    assert_int_equal(layout.plane[1].offset_bytes, 2088960);
    assert_int_equal(layout.plane[1].pitch_bytes, 1920);
    assert_int_equal(layout.plane[1].row_bytes, 1920);
    assert_int_equal(layout.plane[1].rows, 544);
    assert_int_equal(layout.size_bytes, 3133440);
}

static void i420_162x122_in_plain_numbers(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_I420, 162, 122);
    struct vfa_layout layout = computed(&info, NULL);
    assert_int_equal(layout.pitch_bytes, 192);
    assert_int_equal(layout.rows, 128);
    assert_int_equal(layout.plane[1].offset_bytes, 24576);
    assert_int_equal(layout.plane[1].pitch_bytes, 96);
    assert_int_equal(layout.plane[1].row_bytes, 81);
    assert_int_equal(layout.plane[1].rows, 64);
    assert_int_equal(layout.plane[2].offset_bytes, 30720);
    assert_int_equal(layout.size_bytes, 36864);
}

/* Rows 4096 bytes apart would put each other out of the processor's caches. */
static void no_default_pitch_is_a_multiple_of_4096(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_P010, 2048, 1080);
    struct vfa_layout layout = computed(&info, NULL);
    assert_int_equal(layout.pitch_bytes, 4224);
    assert_int_equal(layout.plane[1].offset_bytes, 4224 * 1088);
    assert_int_equal(layout.plane[1].pitch_bytes, 4224);
    info = picture(MFX_FOURCC_I420, 8192, 64); /* nor half of it, that of the chroma planes */
    layout = computed(&info, NULL);
    assert_int_equal(layout.pitch_bytes, 8320);
    assert_int_equal(layout.plane[1].pitch_bytes, 4160);
}

static void a_pitch_rule_is_kept_to(void **state)
{
    (void)state;
    const struct vfa_layout_rules rules = {.pitch_bytes = 64};
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 4096, 2160);
    assert_int_equal(computed(&info, &rules).pitch_bytes, 4096);
}

/* ---- large frames ---- */

static void a_pitch_beyond_16_bits_goes_to_pitch_high(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_ARGB16, 20001, 1);
    struct vfa_layout layout = computed(&info, NULL);
    mfxFrameData data;
    assert_int_equal(layout.pitch_bytes, 160256);
    assert_int_equal(vfa_layout_point(&layout, &data, &data), MFX_ERR_NONE);
    assert_int_equal(data.PitchHigh, 2);
    assert_int_equal(data.PitchLow, 160256 - 2 * 65536);
    assert_int_equal(vfa_frame_data_pitch(&data), 160256);
}

static void p8_is_a_buffer_of_buffer_size(void **state)
{
    (void)state;
    mfxFrameInfo info = linear(5000000001);
    struct vfa_layout layout;
    mfxFrameData data;
    if (SIZE_MAX == UINT32_MAX) {
        assert_int_equal(vfa_layout_compute(&info, NULL, &layout), MFX_ERR_MEMORY_ALLOC);
        info = linear(300001);
    }
    layout = computed(&info, NULL);
    assert_int_equal(layout.size_bytes, rounded((size_t)info.BufferSize, 4096));
    assert_int_equal(layout.pitch_bytes, 0);
    assert_int_equal(layout.plane_count, 1);
    assert_int_equal(layout.plane[0].row_bytes, info.BufferSize);
    assert_int_equal(vfa_layout_point(&layout, &data, &data), MFX_ERR_NONE);
    assert_ptr_equal(data.Y, &data);
    assert_null(data.U);
    assert_null(data.V);
    assert_null(data.A);
    assert_int_equal(vfa_frame_data_pitch(&data), 0);
}

/* A runtime copies the frame info of a 10 bit encoder into the request for its coded buffers. */
static void p8_has_no_bit_depth_to_be_wrong(void **state)
{
    (void)state;
    mfxFrameInfo info = linear(1000);
    info.BitDepthLuma = 10;
    info.Shift = 1;
    assert_int_equal(computed(&info, NULL).size_bytes, 4096);
}

/* ---- rules ---- */

static void zero_rules_are_the_defaults(void **state)
{
    (void)state;
    static const struct vfa_layout_rules zero = {0};
    mfxFrameInfo info = picture(MFX_FOURCC_YUY2, 101, 57);
    struct vfa_layout by_zero = computed(&info, &zero), by_null = computed(&info, NULL);
    assert_memory_equal(&by_zero, &by_null, sizeof by_null);
}

static void each_rule_rounds_its_own_quantity(void **state)
{
    (void)state;
    const struct vfa_layout_rules rules = {128, 1024, 64, 65536};
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 130, 65);
    struct vfa_layout layout = computed(&info, &rules);
    assert_int_equal(layout.width_px, 256);
    assert_int_equal(layout.pitch_bytes, 1024);
    assert_int_equal(layout.rows, 128);
    assert_int_equal(layout.size_bytes, 196608);
    assert_int_equal(layout.alignment_bytes, 65536);
}

/* Half of an odd pitch would not do for the chroma planes. */
static void tight_rules_keep_the_chroma_pitch_exact(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_I420, 3, 3);
    struct vfa_layout layout = computed(&info, &tight);
    assert_int_equal(layout.pitch_bytes, 4);
    assert_int_equal(layout.plane[1].pitch_bytes, 2);
    assert_int_equal(layout.plane[1].row_bytes, 2);
    assert_int_equal(layout.plane[1].rows, 2);
    assert_int_equal(layout.size_bytes, 4 * 3 + 2 * 2 * 2);
}

static void the_base_is_aligned_to_16_bytes_at_least(void **state)
{
    (void)state;
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 16, 16);
    assert_int_equal(computed(&info, &tight).alignment_bytes, 16);
}

static void rules_that_are_no_powers_of_two_are_invalid(void **state)
{
    (void)state;
    static const struct vfa_layout_rules bad[] = {
        {3, 0, 0, 0}, {0, 48, 0, 0}, {0, 0, 24, 0}, {0, 0, 0, 5000}, {SIZE_MAX, 0, 0, 0}};
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 16, 16);
    struct vfa_layout layout;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(vfa_layout_compute(&info, &bad[i], &layout), MFX_ERR_INVALID_VIDEO_PARAM);
}

static void rules_that_no_address_space_holds_are_out_of_memory(void **state)
{
    (void)state;
    const size_t huge = SIZE_MAX / 2 + 1;
    const struct vfa_layout_rules bad[] = {
        {huge, 0, 0, 0}, {0, huge, 0, 0}, {0, 0, huge, 0}, {huge, huge, huge, huge}};
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 16, 16);
    struct vfa_layout layout;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(vfa_layout_compute(&info, &bad[i], &layout), MFX_ERR_MEMORY_ALLOC);
        assert_true(is_all_zero(&layout, sizeof layout));
    }
}

static void a_pitch_that_32_bits_cannot_say_is_out_of_memory(void **state)
{
    (void)state;
    if (SIZE_MAX == UINT32_MAX)
        return; /* there the address space ends first, as the test above shows */
    const struct vfa_layout_rules rules = {.pitch_bytes = (size_t)((uint64_t)1 << 32)};
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 16, 16);
    struct vfa_layout layout;
    assert_int_equal(vfa_layout_compute(&info, &rules, &layout), MFX_ERR_MEMORY_ALLOC);
    assert_true(is_all_zero(&layout, sizeof layout));
}

/* ---- what is refused ---- */

static void refused(mfxFrameInfo info, mfxStatus status)
{
    struct vfa_layout layout;
    memset(&layout, 0xaa, sizeof layout);
    assert_int_equal(vfa_layout_compute(&info, NULL, &layout), status);
    assert_true(is_all_zero(&layout, sizeof layout));
}

static void sizes_of_nothing_are_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < vfa_format_count(); i++) {
        if (vfa_format_at(i)->linear)
            continue;
        refused(picture(vfa_format_at(i)->fourcc, 0, 16), MFX_ERR_INVALID_VIDEO_PARAM);
        refused(picture(vfa_format_at(i)->fourcc, 16, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    }
    refused(linear(0), MFX_ERR_INVALID_VIDEO_PARAM);
}

static void a_buffer_beyond_the_address_space_is_out_of_memory(void **state)
{
    (void)state;
    refused(linear(UINT64_MAX), MFX_ERR_MEMORY_ALLOC);
    refused(linear((mfxU64)SIZE_MAX - 4094), MFX_ERR_MEMORY_ALLOC);
}

static void an_unknown_fourcc_is_unsupported(void **state)
{
    (void)state;
    refused(picture(0, 16, 16), MFX_ERR_UNSUPPORTED);
    refused(picture(MFX_MAKEFOURCC('I', '4', '2', '0'), 16, 16), MFX_ERR_UNSUPPORTED); /* VA's, not VPL's */
}

static void null_arguments_are_refused(void **state)
{
    (void)state;
    struct vfa_layout layout;
    mfxFrameInfo info = picture(MFX_FOURCC_NV12, 16, 16);
    mfxFrameData data;
    memset(&layout, 0xaa, sizeof layout);
    assert_int_equal(vfa_layout_compute(&info, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_layout_compute(NULL, NULL, &layout), MFX_ERR_NULL_PTR);
    assert_true(is_all_zero(&layout, sizeof layout));
    assert_int_equal(vfa_layout_point(&layout, &data, &data), MFX_ERR_NOT_INITIALIZED);
    layout = computed(&info, NULL);
    assert_int_equal(vfa_layout_point(NULL, &data, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_layout_point(&layout, NULL, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_layout_point(&layout, &data, NULL), MFX_ERR_NULL_PTR);
    vfa_frame_data_clear(NULL);
}

static mfxStatus with_depth(mfxU32 fourcc, mfxU16 luma, mfxU16 chroma, mfxU16 shift)
{
    struct vfa_layout layout;
    mfxFrameInfo info = picture(fourcc, 16, 16);
    info.BitDepthLuma = luma;
    info.BitDepthChroma = chroma;
    info.Shift = shift;
    return vfa_layout_compute(&info, NULL, &layout);
}

static void a_depth_that_the_samples_cannot_hold_is_invalid(void **state)
{
    (void)state;
    assert_int_equal(with_depth(MFX_FOURCC_NV12, 8, 8, 0), MFX_ERR_NONE);
    assert_int_equal(with_depth(MFX_FOURCC_NV12, 10, 8, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(with_depth(MFX_FOURCC_NV12, 0, 9, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(with_depth(MFX_FOURCC_P010, 10, 10, 1), MFX_ERR_NONE);
    assert_int_equal(with_depth(MFX_FOURCC_P016, 16, 16, 1), MFX_ERR_NONE);
    assert_int_equal(with_depth(MFX_FOURCC_P016, 17, 16, 1), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(with_depth(MFX_FOURCC_Y410, 10, 10, 0), MFX_ERR_NONE);
    assert_int_equal(with_depth(MFX_FOURCC_Y410, 12, 12, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(with_depth(MFX_FOURCC_NV12, 65535, 0, 0), MFX_ERR_INVALID_VIDEO_PARAM);
}

/* Runtimes fill in 8 where the application said nothing, RGB565 and all. */
static void a_depth_of_8_is_as_good_as_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < vfa_format_count(); i++)
        assert_int_equal(with_depth(vfa_format_at(i)->fourcc, 8, 8, 0), MFX_ERR_NONE);
}

static void shift_is_invalid_where_the_table_does_not_allow_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < vfa_format_count(); i++) {
        int allowed = vfa_format_at(i)->msb_shift_allowed || vfa_format_at(i)->linear;
        assert_int_equal(with_depth(vfa_format_at(i)->fourcc, 0, 0, 1),
                         allowed ? MFX_ERR_NONE : MFX_ERR_INVALID_VIDEO_PARAM);
    }
}

static void crop_and_chroma_format_do_not_matter(void **state)
{
    (void)state;
    mfxFrameInfo plain = picture(MFX_FOURCC_NV12, 176, 144), other = plain;
    other.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    other.CropX = 7;
    other.CropW = 65535;
    struct vfa_layout a = computed(&plain, NULL), b = computed(&other, NULL);
    assert_memory_equal(&a, &b, sizeof a);
}

/* ---- mfxFrameData ---- */

static void pointing_replaces_stale_values_and_touches_nothing_else(void **state)
{
    (void)state;
    uint8_t base[1];
    for (size_t i = 0; i < vfa_format_count(); i++) {
        mfxFrameInfo info = picture(vfa_format_at(i)->fourcc, 16, 16);
        struct vfa_layout layout = computed(&info, NULL);
        mfxFrameData stale, clean;
        memset(&stale, 0xa5, sizeof stale);
        memset(&clean, 0, sizeof clean);
        assert_int_equal(vfa_layout_point(&layout, base, &stale), MFX_ERR_NONE);
        assert_int_equal(vfa_layout_point(&layout, base, &clean), MFX_ERR_NONE);
        for (size_t c = 0; c < 4; c++)
            assert_ptr_equal(slot_of(&stale, c), slot_of(&clean, c));
        assert_int_equal(vfa_frame_data_pitch(&stale), layout.pitch_bytes);

        mfxFrameData untouched = stale; /* but for what pointing may set */
        untouched.PitchHigh = untouched.PitchLow = 0xa5a5;
        memset(&untouched.Y, 0xa5, sizeof untouched.Y);
        memset(&untouched.U, 0xa5, sizeof untouched.U);
        memset(&untouched.V, 0xa5, sizeof untouched.V);
        memset(&untouched.A, 0xa5, sizeof untouched.A);
        unsigned char all_stale[sizeof untouched];
        memset(all_stale, 0xa5, sizeof all_stale);
        assert_memory_equal(&untouched, all_stale, sizeof all_stale);
    }
}

static void clearing_zeroes_pitch_and_pointers_and_nothing_else(void **state)
{
    (void)state;
    mfxFrameData data, want;
    memset(&data, 0xa5, sizeof data);
    want = data;
    want.PitchHigh = want.PitchLow = 0;
    want.Y = want.U = want.V = want.A = NULL;
    vfa_frame_data_clear(&data);
    assert_memory_equal(&data, &want, sizeof data);
}

/* ---- whatever comes ---- */

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static void random_info(uint64_t *random, mfxFrameInfo *info)
{
    uint64_t words[(sizeof *info + 7) / 8];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        words[i] = next_random(random);
    memcpy(info, words, sizeof *info);
    uint64_t choice = next_random(random);
    if (choice % 16) /* mostly a format there is, and a depth that may pass */
        info->FourCC = vfa_format_at((choice >> 8) % vfa_format_count())->fourcc;
    if (choice & 16) {
        info->BitDepthLuma = (mfxU16)(info->BitDepthLuma % 18);
        info->BitDepthChroma = (mfxU16)(info->BitDepthChroma % 18);
        info->Shift &= 1;
    }
    if (choice & 32)
        info->BitDepthLuma = info->BitDepthChroma = info->Shift = 0;
}

static void random_rules(uint64_t *random, struct vfa_layout_rules *rules)
{
    size_t *const rule[4] = {&rules->width_px, &rules->pitch_bytes, &rules->rows, &rules->size_bytes};
    for (size_t i = 0; i < 4; i++) {
        uint64_t choice = next_random(random);
        unsigned int most = choice % 8 ? 14 : sizeof(size_t) * 8; /* mostly sensible ones */
        *rule[i] = choice & 8 ? (size_t)1 << (choice >> 8) % most : 0;
        if (choice >> 32 == 0x5a5a)
            *rule[i] = (size_t)choice;
    }
}

/* Each plane holds its rows, none reaches into the next, the last one ends within the frame. */
static void assert_sound(const struct vfa_layout *layout)
{
    size_t end = 0;
    for (size_t p = 0; p < layout->plane_count; p++) {
        const struct vfa_layout_plane *plane = &layout->plane[p];
        assert_int_equal(plane->offset_bytes, end);
        assert_true(plane->row_bytes > 0 && plane->row_bytes <= plane->pitch_bytes);
        assert_true(plane->rows > 0 && plane->rows <= (SIZE_MAX - end) / plane->pitch_bytes);
        end += plane->rows * plane->pitch_bytes;
    }
    assert_true(end <= layout->size_bytes);
    assert_true(layout->alignment_bytes >= 16 && !(layout->alignment_bytes & (layout->alignment_bytes - 1)));
}

static void a_million_random_infos_give_sound_layouts_or_clean_errors(void **state)
{
    (void)state;
    uint64_t random = 0x9e3779b97f4a7c15;
    size_t sound = 0, errors = 0;
    for (size_t i = 0; i < 1000000; i++) {
        mfxFrameInfo info;
        struct vfa_layout_rules rules;
        struct vfa_layout layout;
        random_info(&random, &info);
        random_rules(&random, &rules);
        memset(&layout, 0xaa, sizeof layout);
        mfxStatus status = vfa_layout_compute(&info, i % 2 ? &rules : NULL, &layout);
        if (status == MFX_ERR_NONE) {
            sound++;
            assert_sound(&layout);
            continue;
        }
        errors++;
        assert_true(status == MFX_ERR_UNSUPPORTED || status == MFX_ERR_INVALID_VIDEO_PARAM ||
                    status == MFX_ERR_MEMORY_ALLOC);
        assert_true(is_all_zero(&layout, sizeof layout));
    }
    /* The generator must reach both sides well. */
    assert_true(sound > 200000 && errors > 200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nv12_1920x1080_in_plain_numbers),
        cmocka_unit_test(i420_162x122_in_plain_numbers),
        cmocka_unit_test(no_default_pitch_is_a_multiple_of_4096),
        cmocka_unit_test(a_pitch_rule_is_kept_to),
        cmocka_unit_test(a_pitch_beyond_16_bits_goes_to_pitch_high),
        cmocka_unit_test(p8_is_a_buffer_of_buffer_size),
        cmocka_unit_test(p8_has_no_bit_depth_to_be_wrong),
        cmocka_unit_test(zero_rules_are_the_defaults),
        cmocka_unit_test(each_rule_rounds_its_own_quantity),
        cmocka_unit_test(tight_rules_keep_the_chroma_pitch_exact),
        cmocka_unit_test(the_base_is_aligned_to_16_bytes_at_least),
        cmocka_unit_test(rules_that_are_no_powers_of_two_are_invalid),
        cmocka_unit_test(rules_that_no_address_space_holds_are_out_of_memory),
        cmocka_unit_test(a_pitch_that_32_bits_cannot_say_is_out_of_memory),
        cmocka_unit_test(sizes_of_nothing_are_invalid),
        cmocka_unit_test(a_buffer_beyond_the_address_space_is_out_of_memory),
        cmocka_unit_test(an_unknown_fourcc_is_unsupported),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(a_depth_that_the_samples_cannot_hold_is_invalid),
        cmocka_unit_test(a_depth_of_8_is_as_good_as_none),
        cmocka_unit_test(shift_is_invalid_where_the_table_does_not_allow_it),
        cmocka_unit_test(crop_and_chroma_format_do_not_matter),
        cmocka_unit_test(pointing_replaces_stale_values_and_touches_nothing_else),
        cmocka_unit_test(clearing_zeroes_pitch_and_pointers_and_nothing_else),
        cmocka_unit_test(a_million_random_infos_give_sound_layouts_or_clean_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
