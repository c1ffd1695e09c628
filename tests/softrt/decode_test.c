/* Every codec and format that the runtime decodes, bit for bit against ffmpeg. */
#include "decode_run.h"

#include <stdlib.h>
#include <string.h>
#include <vpl/mfxvp8.h>

#define SOURCE "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 "

struct coded {
    const char *name;
    const char *args;
    mfxU32 codec;
    const char *planar; /* ffmpeg's formats whose samples the decoder's are */
    const char *paired; /* chroma in pairs; NULL: ffmpeg has none with the same range of values */
};

static const struct coded clips[] = {
    {"avc8.264", SOURCE "-pix_fmt yuv420p -c:v libx264 -bf 2 -g 12", MFX_CODEC_AVC, "yuv420p", "nv12"},
    {"avc10.264", SOURCE "-pix_fmt yuv420p10le -c:v libx264 -g 12", MFX_CODEC_AVC, "yuv420p10le", "p010le"},
    {"hevc8.265", SOURCE "-pix_fmt yuv420p -c:v libx265 -preset fast -x265-params log-level=none:keyint=12",
     MFX_CODEC_HEVC, "yuv420p", "nv12"},
    {"hevc10.265", SOURCE "-pix_fmt yuv420p10le -c:v libx265 -preset fast -x265-params log-level=none",
     MFX_CODEC_HEVC, "yuv420p10le", "p010le"},
    {"mpeg2.m2v", SOURCE "-pix_fmt yuv420p -c:v mpeg2video -bf 2 -b:v 2M", MFX_CODEC_MPEG2, "yuv420p",
     "nv12"},
    {"jpeg.mjpeg", SOURCE "-pix_fmt yuvj420p -c:v mjpeg", MFX_CODEC_JPEG, "yuvj420p", NULL},
    {"vp8.ivf", SOURCE "-pix_fmt yuv420p -c:v libvpx -deadline realtime -cpu-used 8", MFX_CODEC_VP8,
     "yuv420p", "nv12"},
    {"vp9_8.ivf", SOURCE "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8", MFX_CODEC_VP9,
     "yuv420p", "nv12"},
    {"vp9_10.ivf", SOURCE "-pix_fmt yuv420p10le -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -profile:v 2",
     MFX_CODEC_VP9, "yuv420p10le", "p010le"},
    {"av1_8.ivf", SOURCE "-pix_fmt yuv420p -c:v libaom-av1 -usage realtime -cpu-used 8", MFX_CODEC_AV1,
     "yuv420p", "nv12"},
    {"av1_10.ivf", SOURCE "-pix_fmt yuv420p10le -c:v libaom-av1 -usage realtime -cpu-used 8", MFX_CODEC_AV1,
     "yuv420p10le", "p010le"},
};

static mfxU32 paired_fourcc(const struct coded *coded)
{
    return strcmp(coded->paired, "nv12") == 0 ? MFX_FOURCC_NV12 : MFX_FOURCC_P010;
}

#define NUM_CLIPS (sizeof(clips) / sizeof(clips[0]))

static void check(const char *path, const char *pix_fmt, const struct decode_options *options)
{
    struct decode_result result;

    decode_run_file(path, options, &result);
    assert_same_as_ffmpeg(path, pix_fmt, &result);
    assert_int_equal(result.num_corrupted, 0);
    assert_int_equal(result.num_errors, 0);
    assert_int_equal(result.num_changed, 0);
    assert_int_equal(result.num_incompatible, 0);
    decode_result_free(&result);
}

static void planar_format_equals_ffmpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_CLIPS; i++) {
        char *path = clip(clips[i].name, clips[i].args);

        check(path, clips[i].planar, &(struct decode_options){.codec = clips[i].codec});
        free(path);
    }
}

static void paired_format_equals_ffmpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_CLIPS; i++) {
        char *path = clip(clips[i].name, clips[i].args);

        if (clips[i].paired)
            check(path, clips[i].paired,
                  &(struct decode_options){
                      .codec = clips[i].codec, .fourcc = paired_fourcc(&clips[i]), .pad = 32});
        free(path);
    }
}

/* Equal pitches on both sides are a case of their own inside libswscale. */
static void paired_format_is_exact_at_any_pitch(void **state)
{
    static const size_t pads[] = {0, 16, 32, 64, 96, 128, 192};
    char *path = clip(clips[0].name, clips[0].args);

    (void)state;
    for (size_t i = 0; i < sizeof(pads) / sizeof(pads[0]); i++)
        check(path, "nv12",
              &(struct decode_options){.codec = MFX_CODEC_AVC, .fourcc = MFX_FOURCC_NV12, .pad = pads[i]});
    free(path);
}

static void surfaces_by_mem_id_are_locked_once_a_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_CLIPS; i++) {
        char *path = clip(clips[i].name, clips[i].args);
        struct decode_options options = {.codec = clips[i].codec, .by_mid = true};
        struct decode_result result;

        decode_run_file(path, &options, &result);
        assert_int_equal(result.num_frames, 30);
        assert_int_equal(result.locks, result.num_frames);
        assert_int_equal(result.unlocks, result.num_frames);
        assert_int_equal(result.lock_errors, 0);
        assert_same_as_ffmpeg(path, clips[i].planar, &result);
        decode_result_free(&result);
        free(path);
    }
}

static void check_video(const char *path, const char *pix_fmt, mfxU32 codec, mfxU32 fourcc)
{
    struct decode_options options = {.codec = codec, .fourcc = fourcc, .video = true};
    struct decode_result result;
    bool in_order = codec == MFX_CODEC_JPEG;

    decode_run_file(path, &options, &result);
    assert_int_equal(result.num_frames, 30);
    assert_same_as_ffmpeg(path, pix_fmt, &result);
    assert_int_equal(result.allocs, 1);
    assert_int_equal(result.frees, 1);
    assert_int_equal(result.locks, 30);
    assert_int_equal(result.unlocks, 30);
    assert_int_equal(result.lock_errors, 0);
    assert_int_equal(result.num_kept, in_order ? 0 : 1);
    assert_int_equal(result.num_others, in_order ? 0 : 30);
    decode_result_free(&result);
}

static void video_memory_gets_the_same_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_CLIPS; i++) {
        char *path = clip(clips[i].name, clips[i].args);

        check_video(path, clips[i].planar, clips[i].codec, 0);
        if (clips[i].paired)
            check_video(path, clips[i].paired, clips[i].codec, paired_fourcc(&clips[i]));
        free(path);
    }
}

#define ODD_SOURCE "-f lavfi -i testsrc2=size=162x122:rate=25 -frames:v 12 "

static void surfaces_of_the_pictures_own_size_will_do(void **state)
{
    static const struct coded odd[] = {
        {"odd.264", ODD_SOURCE "-pix_fmt yuv420p -c:v libx264", MFX_CODEC_AVC, "yuv420p", "nv12"},
        {"odd10.265", ODD_SOURCE "-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none",
         MFX_CODEC_HEVC, "yuv420p10le", "p010le"},
        {"odd.m2v", ODD_SOURCE "-pix_fmt yuv420p -c:v mpeg2video -b:v 1M", MFX_CODEC_MPEG2, "yuv420p",
         "nv12"},
        {"odd.mjpeg", ODD_SOURCE "-pix_fmt yuvj420p -c:v mjpeg", MFX_CODEC_JPEG, "yuvj420p", NULL},
        {"odd.ivf", ODD_SOURCE "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8",
         MFX_CODEC_VP9, "yuv420p", "nv12"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        char *path = clip(odd[i].name, odd[i].args);
        struct decode_options options = {.codec = odd[i].codec, .exact = true};

        check(path, odd[i].planar, &options);
        if (odd[i].paired) {
            options.fourcc = paired_fourcc(&odd[i]);
            check(path, odd[i].paired, &options);
        }
        free(path);
    }
}

static void odd_width_and_height_will_do(void **state)
{
    char *path =
        clip("odd_vp9.ivf", "-f lavfi -i testsrc2=size=161x121:rate=25 -frames:v 12 -pix_fmt yuv420p "
                            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8");
    struct decode_options options = {.codec = MFX_CODEC_VP9, .exact = true};

    (void)state;
    check(path, "yuv420p", &options);
    options.fourcc = MFX_FOURCC_NV12;
    check(path, "nv12", &options);
    free(path);
}

static void jpeg_goes_to_every_format(void **state)
{
    static const struct {
        const char *name;
        const char *args;
        mfxU32 fourcc;
        const char *pix_fmt;
    } cases[] = {
        {"j422.mjpeg", SOURCE "-pix_fmt yuvj422p -c:v mjpeg", MFX_FOURCC_I420, "yuvj420p"},
        {"j422.mjpeg", SOURCE "-pix_fmt yuvj422p -c:v mjpeg", MFX_FOURCC_RGB4, "bgra"},
        {"j444.mjpeg", SOURCE "-pix_fmt yuvj444p -c:v mjpeg", MFX_FOURCC_I420, "yuvj420p"},
        {"jpeg.mjpeg", SOURCE "-pix_fmt yuvj420p -c:v mjpeg", MFX_FOURCC_RGB4, "bgra"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = clip(cases[i].name, cases[i].args);

        check(path, cases[i].pix_fmt,
              &(struct decode_options){.codec = MFX_CODEC_JPEG, .fourcc = cases[i].fourcc, .exact = true});
        free(path);
    }
}

/* ffmpeg has no full-range NV12 and YUY2, so the samples themselves are compared: packed, and otherwise
 * untouched. */
static void jpeg_422_to_yuy2_loses_nothing(void **state)
{
    char *path = clip("j422.mjpeg", SOURCE "-pix_fmt yuvj422p -c:v mjpeg");
    struct decode_options options = {.codec = MFX_CODEC_JPEG, .fourcc = MFX_FOURCC_YUY2, .exact = true};
    struct decode_result result;
    size_t size;
    uint8_t *planar = clip_raw(path, "yuvj422p", &size);
    const size_t luma = 320 * 180;
    size_t wrong = 0;

    (void)state;
    decode_run_file(path, &options, &result);
    assert_int_equal(result.size, size);
    for (size_t i = 0; i < size; i++) {
        const uint8_t *picture = planar + i / (luma * 2) * (luma * 2);
        size_t at = i % (luma * 2);
        uint8_t expected =
            at % 2 == 0 ? picture[at / 2] : picture[luma + (at % 4 == 3) * (luma / 2) + at / 4];
        wrong += result.data[i] != expected;
    }
    assert_int_equal(wrong, 0);
    decode_result_free(&result);
    free(planar);
    free(path);
}

static void jpeg_to_nv12_loses_nothing(void **state)
{
    char *path = clip("jpeg.mjpeg", SOURCE "-pix_fmt yuvj420p -c:v mjpeg");
    struct decode_options options = {.codec = MFX_CODEC_JPEG, .fourcc = MFX_FOURCC_NV12, .exact = true};
    struct decode_result result;
    size_t size;
    uint8_t *planar = clip_raw(path, "yuvj420p", &size);
    const size_t luma = 320 * 180;
    size_t wrong = 0;

    (void)state;
    decode_run_file(path, &options, &result);
    assert_int_equal(result.size, size);
    for (size_t i = 0; i < size; i++) {
        const uint8_t *picture = planar + i / (luma * 3 / 2) * (luma * 3 / 2);
        size_t at = i % (luma * 3 / 2);
        size_t chroma = at - luma;
        uint8_t expected = at < luma ? picture[at] : picture[luma + chroma % 2 * (luma / 4) + chroma / 2];
        wrong += result.data[i] != expected;
    }
    assert_int_equal(wrong, 0);
    decode_result_free(&result);
    free(planar);
    free(path);
}

static void pieces_of_any_size_make_the_same_frames(void **state)
{
    static const size_t pieces[] = {1, 7, 1000, 4096, 65536};
    static const size_t which[] = {0, 2, 4, 5};

    (void)state;
    for (size_t c = 0; c < sizeof(which) / sizeof(which[0]); c++) {
        const struct coded *coded = &clips[which[c]];
        char *path = clip(coded->name, coded->args);

        for (size_t i = is_slow() ? 1 : 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
            check(path, coded->planar, &(struct decode_options){.codec = coded->codec, .piece = pieces[i]});
        free(path);
    }
}

static void any_async_depth_and_thread_count_make_the_same_frames(void **state)
{
    static const mfxU16 depths[] = {1, 2, 8, 20};
    char *path = clip(clips[0].name, clips[0].args);

    (void)state;
    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
        for (mfxU16 threads = 0; threads < 3; threads++)
            check(path, "yuv420p",
                  &(struct decode_options){.codec = MFX_CODEC_AVC, .async = depths[i], .threads = threads});
    free(path);
}

static void interlaced_frames_say_so(void **state)
{
    char *path =
        clip("interlaced.m2v", SOURCE "-vf tinterlace=interleave_top,fieldorder=tff -pix_fmt yuv420p "
                                      "-c:v mpeg2video -flags +ilme+ildct -top 1 -b:v 2M");
    struct runtime runtime;
    struct stream stream;
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_MPEG2};

    (void)state;
    runtime_open(&runtime);
    stream_open(&stream, path, 0);
    assert_true(decode_header(runtime.session, &stream, &par));
    assert_int_equal(par.mfx.FrameInfo.PicStruct, MFX_PICSTRUCT_FIELD_TFF);
    assert_int_equal(par.mfx.FrameInfo.Height % 32, 0);
    stream_close(&stream);
    runtime_close(&runtime);
    check(path, "yuv420p", &(struct decode_options){.codec = MFX_CODEC_MPEG2});
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planar_format_equals_ffmpeg),
        cmocka_unit_test(paired_format_equals_ffmpeg),
        cmocka_unit_test(paired_format_is_exact_at_any_pitch),
        cmocka_unit_test(surfaces_by_mem_id_are_locked_once_a_frame),
        cmocka_unit_test(video_memory_gets_the_same_frames),
        cmocka_unit_test(surfaces_of_the_pictures_own_size_will_do),
        cmocka_unit_test(odd_width_and_height_will_do),
        cmocka_unit_test(jpeg_goes_to_every_format),
        cmocka_unit_test(jpeg_422_to_yuy2_loses_nothing),
        cmocka_unit_test(jpeg_to_nv12_loses_nothing),
        cmocka_unit_test(pieces_of_any_size_make_the_same_frames),
        cmocka_unit_test(any_async_depth_and_thread_count_make_the_same_frames),
        cmocka_unit_test(interlaced_frames_say_so),
    };

    return cmocka_run_group_tests_name("softrt decode", tests, NULL, NULL);
}
