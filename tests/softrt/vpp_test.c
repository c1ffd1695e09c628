/* Resizing, cropping and conversion, against what ffmpeg's own filters make of the same pictures. */
#include "vpp_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 320,
    HEIGHT = 180,
    FRAMES = 3
};

static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010,
                                 MFX_FOURCC_I010, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};
enum {
    NUM_FORMATS = sizeof(formats) / sizeof(formats[0])
};

/* Bytewise, which is stricter than by samples for 10 bits in the low ones. */
static double psnr8(const uint8_t *a, const uint8_t *b, size_t size)
{
    double sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += (double)(a[i] - b[i]) * (a[i] - b[i]);
    return sum > 0 ? 10 * log10(255.0 * 255.0 * (double)size / sum) : INFINITY;
}

static void assert_as_ffmpeg(const struct vpp_setup *setup, const char *filter)
{
    const mfxFrameInfo *in = &setup->par.vpp.In;
    const mfxFrameInfo *out = &setup->par.vpp.Out;
    struct vpp_result result;
    size_t size;
    uint8_t *expected = vpp_expected(setup->source, setup->num_frames, in->FourCC, in->CropW, in->CropH,
                                     filter, out->FourCC, &size);

    vpp_run(setup, &result);
    assert_int_equal(result.count, setup->num_frames);
    assert_int_equal(result.size, size);
    assert_int_equal(result.stat.NumFrame, setup->num_frames);
    assert_int_equal(result.stat.NumCachedFrame, 0);
    if (memcmp(result.data, expected, size) != 0)
        fail_msg("%s to %s, %ux%u to %ux%u: %.1f dB", pix_fmt_name(in->FourCC), pix_fmt_name(out->FourCC),
                 in->CropW, in->CropH, out->CropW, out->CropH, psnr8(result.data, expected, size));
    free(expected);
    vpp_result_free(&result);
}

static void convert_all(mfxU16 to_width, mfxU16 to_height, size_t pad, bool by_mid)
{
    char filter[64];

    (void)snprintf(filter, sizeof(filter), "scale=%u:%u:flags=bicubic", to_width, to_height);
    for (size_t from = 0; from < NUM_FORMATS; from++) {
        uint8_t *source = vpp_source(formats[from], WIDTH, HEIGHT, FRAMES);

        for (size_t to = 0; to < NUM_FORMATS; to++) {
            struct vpp_setup setup = {.source = source, .num_frames = FRAMES, .pad = pad, .by_mid = by_mid};

            vpp_defaults(&setup.par, formats[from], WIDTH, HEIGHT, formats[to], to_width, to_height);
            assert_as_ffmpeg(&setup, filter);
        }
        free(source);
    }
}

static void every_conversion_is_ffmpegs(void **state)
{
    (void)state;
    convert_all(WIDTH, HEIGHT, 0, false);
}

static void every_conversion_and_reduction_is_ffmpegs(void **state)
{
    (void)state;
    convert_all(160, 90, 0, true);
}

/* A width that no vector divides, in surfaces without a byte to spare and in padded ones. */
static void every_conversion_and_enlargement_is_ffmpegs(void **state)
{
    (void)state;
    convert_all(406, 230, 0, false);
    convert_all(406, 230, 96, false);
}

static void same_format_and_size_is_a_copy(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_FORMATS; i++) {
        uint8_t *source = vpp_source(formats[i], WIDTH, HEIGHT, FRAMES);
        struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
        struct vpp_result result;

        vpp_defaults(&setup.par, formats[i], WIDTH, HEIGHT, formats[i], WIDTH, HEIGHT);
        vpp_run(&setup, &result);
        assert_int_equal(result.count, FRAMES);
        assert_memory_equal(result.data, source, result.size);
        free(source);
        vpp_result_free(&result);
    }
}

/* There and back again between formats that hold the same samples. */
static void repacking_loses_nothing(void **state)
{
    const mfxU32 pairs[][2] = {{MFX_FOURCC_NV12, MFX_FOURCC_I420},
                               {MFX_FOURCC_I420, MFX_FOURCC_NV12},
                               {MFX_FOURCC_P010, MFX_FOURCC_I010},
                               {MFX_FOURCC_I010, MFX_FOURCC_P010}};

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint8_t *source = vpp_source(pairs[i][0], WIDTH, HEIGHT, FRAMES);
        struct vpp_setup there = {.source = source, .num_frames = FRAMES};
        struct vpp_setup back = {.num_frames = FRAMES};
        struct vpp_result result;
        struct vpp_result again;

        vpp_defaults(&there.par, pairs[i][0], WIDTH, HEIGHT, pairs[i][1], WIDTH, HEIGHT);
        vpp_run(&there, &result);
        back.source = result.data;
        vpp_defaults(&back.par, pairs[i][1], WIDTH, HEIGHT, pairs[i][0], WIDTH, HEIGHT);
        vpp_run(&back, &again);
        assert_memory_equal(again.data, source, again.size);
        free(source);
        vpp_result_free(&result);
        vpp_result_free(&again);
    }
}

static void input_crop_is_cut_out(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
    struct vpp_result result;
    size_t size;
    uint8_t *expected;

    (void)state;
    /* the source fills a rectangle within a larger surface */
    vpp_defaults(&setup.par, MFX_FOURCC_NV12, WIDTH + 96, HEIGHT + 44, MFX_FOURCC_I420, 240, 100);
    setup.par.vpp.In.CropX = 34;
    setup.par.vpp.In.CropY = 18;
    setup.par.vpp.In.CropW = WIDTH;
    setup.par.vpp.In.CropH = HEIGHT;
    vpp_run(&setup, &result);
    expected = vpp_expected(source, FRAMES, MFX_FOURCC_NV12, WIDTH, HEIGHT, "scale=240:100:flags=bicubic",
                            MFX_FOURCC_I420, &size);
    assert_int_equal(result.size, size);
    assert_memory_equal(result.data, expected, size);
    free(expected);
    free(source);
    vpp_result_free(&result);
}

/* Black as 16-bit patterns, luma and chroma; packed formats have all in one. */
struct black {
    mfxU32 fourcc;
    uint8_t luma[4];
    uint8_t chroma[4];
};
static const struct black blacks[] = {
    {MFX_FOURCC_NV12, {0x10, 0x10, 0x10, 0x10}, {0x80, 0x80, 0x80, 0x80}},
    {MFX_FOURCC_I420, {0x10, 0x10, 0x10, 0x10}, {0x80, 0x80, 0x80, 0x80}},
    {MFX_FOURCC_P010, {0x00, 0x10, 0x00, 0x10}, {0x00, 0x80, 0x00, 0x80}},
    {MFX_FOURCC_I010, {0x40, 0x00, 0x40, 0x00}, {0x00, 0x02, 0x00, 0x02}},
    {MFX_FOURCC_YUY2, {0x10, 0x80, 0x10, 0x80}, {0, 0, 0, 0}},
    {MFX_FOURCC_RGB4, {0, 0, 0, 0xff}, {0, 0, 0, 0}},
};

/* `picture` in a black surface that looks like `info`: the whole of it; allocated. (Not ffmpeg's pad: in 5.1
 * its black is not black in 10 bits.) */
static uint8_t *in_black(const mfxFrameInfo *info, const struct black *black, const uint8_t *picture,
                         size_t *size)
{
    struct frames frames;
    struct frame *frame;
    uint8_t *whole;
    size_t luma;

    frames_create(&frames, info, 1, false, 0);
    frame = &frames.frame[0];
    luma = frame->pitch * info->Height;
    for (size_t i = 0; i < frame->size; i++)
        frame->bytes[i] = i < luma ? black->luma[i % 4] : black->chroma[i % 4];
    picture_put(&frames, &frame->surface, picture);
    frame->surface.Info.CropX = frame->surface.Info.CropY = 0;
    frame->surface.Info.CropW = frame->surface.Info.CropH = 0;
    whole = malloc(frame->size + 1);
    assert_non_null(whole);
    *size = picture_get(&frames, &frame->surface, whole);
    frames_destroy(&frames);
    return whole;
}

/* Around the output's crop rectangle everything is black, and the rectangle holds the picture. */
static void output_crop_is_letterboxed(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_FORMATS; i++) {
        uint8_t *source = vpp_source(formats[i], WIDTH, HEIGHT, FRAMES);
        struct vpp_setup setup = {
            .source = source, .num_frames = FRAMES, .whole_output = true, .by_mid = i % 2};
        struct vpp_result result;
        size_t scaled_size;
        uint8_t *scaled = vpp_expected(source, FRAMES, formats[i], WIDTH, HEIGHT,
                                       "scale=202:114:flags=bicubic", formats[i], &scaled_size);

        vpp_defaults(&setup.par, formats[i], WIDTH, HEIGHT, formats[i], 320, 240);
        setup.par.vpp.Out.CropX = 38;
        setup.par.vpp.Out.CropY = 62;
        setup.par.vpp.Out.CropW = 202;
        setup.par.vpp.Out.CropH = 114;
        vpp_run(&setup, &result);
        for (size_t f = 0; f < FRAMES; f++) {
            size_t size;
            uint8_t *expected =
                in_black(&setup.par.vpp.Out, &blacks[i], scaled + f * (scaled_size / FRAMES), &size);

            assert_int_equal(result.size, size * FRAMES);
            if (memcmp(result.data + f * size, expected, size) != 0)
                fail_msg("%s: %.1f dB", pix_fmt_name(formats[i]),
                         psnr8(result.data + f * size, expected, size));
            free(expected);
        }
        free(scaled);
        free(source);
        vpp_result_free(&result);
    }
}

static void scaling_methods_are_libswscales(void **state)
{
    const struct {
        mfxU16 mode, method;
        const char *filter;
    } cases[] = {
        {0, MFX_INTERPOLATION_NEAREST_NEIGHBOR, "scale=200:120:flags=neighbor"},
        {0, MFX_INTERPOLATION_BILINEAR, "scale=200:120:flags=bilinear"},
        {0, MFX_INTERPOLATION_ADVANCED, "scale=200:120:flags=lanczos"},
        {MFX_SCALING_MODE_LOWPOWER, 0, "scale=200:120:flags=bilinear"},
        {MFX_SCALING_MODE_QUALITY, 0, "scale=200:120:flags=lanczos"},
        {MFX_SCALING_MODE_DEFAULT, 0, "scale=200:120:flags=bicubic"},
    };
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
        mfxExtVPPScaling scaling = {.Header = {MFX_EXTBUFF_VPP_SCALING, sizeof(scaling)}};
        mfxExtBuffer *buffers[] = {&scaling.Header};

        scaling.ScalingMode = cases[i].mode;
        scaling.InterpolationMethod = cases[i].method;
        vpp_defaults(&setup.par, MFX_FOURCC_I420, WIDTH, HEIGHT, MFX_FOURCC_I420, 200, 120);
        setup.par.ExtParam = buffers;
        setup.par.NumExtParam = 1;
        assert_as_ffmpeg(&setup, cases[i].filter);
    }
    free(source);
}

static void colours_follow_the_signal_info(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
    mfxExtVPPVideoSignalInfo old = {.Header = {MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, sizeof(old)}};
    mfxExtVideoSignalInfo in = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO_IN, sizeof(in)}};
    mfxExtBuffer *old_buffers[] = {&old.Header};
    mfxExtBuffer *new_buffers[] = {&in.Header};

    (void)state;
    old.In.TransferMatrix = MFX_TRANSFERMATRIX_BT709;
    old.In.NominalRange = MFX_NOMINALRANGE_16_235;
    old.Out.NominalRange = MFX_NOMINALRANGE_0_255;
    vpp_defaults(&setup.par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_RGB4, WIDTH, HEIGHT);
    setup.par.ExtParam = old_buffers;
    setup.par.NumExtParam = 1;
    assert_as_ffmpeg(&setup, "scale=in_color_matrix=bt709:flags=bicubic");

    in.VideoFullRange = 1;
    in.ColourDescriptionPresent = 1;
    in.MatrixCoefficients = 6;
    setup.par.ExtParam = new_buffers;
    assert_as_ffmpeg(&setup, "scale=in_color_matrix=smpte170m:in_range=full:flags=bicubic");
    free(source);
}

static mfxU64 odd_stamp(size_t frame)
{
    return 90001 * frame * frame + 17;
}

static void time_stamps_pass_through(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .num_frames = FRAMES, .stamp = odd_stamp};
    struct vpp_result result;

    (void)state;
    vpp_defaults(&setup.par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, 160, 90);
    vpp_run(&setup, &result);
    for (size_t i = 0; i < FRAMES; i++)
        assert_int_equal(result.stamps[i], odd_stamp(i));
    assert_int_equal(result.pic_struct, MFX_PICSTRUCT_PROGRESSIVE);
    free(source);
    vpp_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_conversion_is_ffmpegs),
        cmocka_unit_test(every_conversion_and_reduction_is_ffmpegs),
        cmocka_unit_test(every_conversion_and_enlargement_is_ffmpegs),
        cmocka_unit_test(same_format_and_size_is_a_copy),
        cmocka_unit_test(repacking_loses_nothing),
        cmocka_unit_test(input_crop_is_cut_out),
        cmocka_unit_test(output_crop_is_letterboxed),
        cmocka_unit_test(scaling_methods_are_libswscales),
        cmocka_unit_test(colours_follow_the_signal_info),
        cmocka_unit_test(time_stamps_pass_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
