/* Every codec and format that the runtime encodes: ffmpeg decodes all frames, close to the source, with
 * defaults. */
#include "encode_run.h"

#include <stdlib.h>
#include <string.h>

struct kind {
    const char *name; /* of the file; its extension tells ffmpeg the format */
    mfxU32 codec;
    mfxU32 fourcc;
    const char *decoded; /* ffmpeg's format to compare in */
    mfxU32 compare;      /* the source's format with the same bytes */
    unsigned bytes;      /* a sample */
    unsigned shift;
};

static const struct kind kinds[] = {
    {"enc_nv12.264", MFX_CODEC_AVC, MFX_FOURCC_NV12, "nv12", MFX_FOURCC_NV12, 1, 0},
    {"enc_i420.264", MFX_CODEC_AVC, MFX_FOURCC_I420, "yuv420p", MFX_FOURCC_I420, 1, 0},
    {"enc_p010.264", MFX_CODEC_AVC, MFX_FOURCC_P010, "p010le", MFX_FOURCC_P010, 2, 6},
    {"enc_i010.264", MFX_CODEC_AVC, MFX_FOURCC_I010, "yuv420p10le", MFX_FOURCC_I010, 2, 0},
    {"enc_nv12.265", MFX_CODEC_HEVC, MFX_FOURCC_NV12, "nv12", MFX_FOURCC_NV12, 1, 0},
    {"enc_i420.265", MFX_CODEC_HEVC, MFX_FOURCC_I420, "yuv420p", MFX_FOURCC_I420, 1, 0},
    {"enc_p010.265", MFX_CODEC_HEVC, MFX_FOURCC_P010, "p010le", MFX_FOURCC_P010, 2, 6},
    {"enc_i010.265", MFX_CODEC_HEVC, MFX_FOURCC_I010, "yuv420p10le", MFX_FOURCC_I010, 2, 0},
    {"enc_nv12.m2v", MFX_CODEC_MPEG2, MFX_FOURCC_NV12, "nv12", MFX_FOURCC_NV12, 1, 0},
    {"enc_i420.m2v", MFX_CODEC_MPEG2, MFX_FOURCC_I420, "yuv420p", MFX_FOURCC_I420, 1, 0},
    {"enc_vp9_nv12.ivf", MFX_CODEC_VP9, MFX_FOURCC_NV12, "nv12", MFX_FOURCC_NV12, 1, 0},
    {"enc_vp9_i420.ivf", MFX_CODEC_VP9, MFX_FOURCC_I420, "yuv420p", MFX_FOURCC_I420, 1, 0},
    {"enc_vp9_p010.ivf", MFX_CODEC_VP9, MFX_FOURCC_P010, "p010le", MFX_FOURCC_P010, 2, 6},
    {"enc_nv12.obu", MFX_CODEC_AV1, MFX_FOURCC_NV12, "nv12", MFX_FOURCC_NV12, 1, 0},
    {"enc_i420.obu", MFX_CODEC_AV1, MFX_FOURCC_I420, "yuv420p", MFX_FOURCC_I420, 1, 0},
    {"enc_p010.obu", MFX_CODEC_AV1, MFX_FOURCC_P010, "p010le", MFX_FOURCC_P010, 2, 6},
    {"enc_nv12.mjpeg", MFX_CODEC_JPEG, MFX_FOURCC_NV12, "yuvj420p", MFX_FOURCC_I420, 1, 0},
    {"enc_i420.mjpeg", MFX_CODEC_JPEG, MFX_FOURCC_I420, "yuvj420p", MFX_FOURCC_I420, 1, 0},
    {"enc_rgb4.mjpeg", MFX_CODEC_JPEG, MFX_FOURCC_RGB4, "bgra", MFX_FOURCC_RGB4, 1, 0},
};

static void check_quality(const struct kind *kind, const struct encode_result *result)
{
    size_t size;
    size_t expected_size;
    uint8_t *decoded = encode_decoded(kind->name, result, kind->decoded, &size);
    uint8_t *expected = encode_source(kind->compare, &expected_size);
    double db;

    assert_int_equal(size, expected_size); /* so the number of frames is right as well */
    db = psnr(decoded, expected, size, kind->bytes, kind->shift);
    print_message("%-16s %6.2f dB, %zu bytes\n", kind->name, db, result->size);
    assert_true(db > 35.0);
    free(decoded);
    free(expected);
}

static void run_kind(const struct kind *kind, bool by_mid, size_t pad)
{
    struct encode_setup setup = {.by_mid = by_mid, .pad = pad};
    struct encode_result result;
    struct runtime runtime;

    runtime_open(&runtime);
    encode_defaults(&setup.par, kind->codec, kind->fourcc);
    encode_run(&runtime, &setup, &result);
    runtime_close(&runtime);
    check_quality(kind, &result);
    encode_result_free(&result);
}

static void every_codec_and_format_is_close_to_its_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        run_kind(&kinds[i], false, 0);
}

static void surfaces_by_mid_are_locked_and_unlocked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += 3)
        run_kind(&kinds[i], true, 64);
}

static void encode_from(mfxU16 io_pattern, const struct kind *kind, struct encode_result *result)
{
    struct encode_setup setup = {0};
    struct runtime runtime;

    runtime_open(&runtime);
    encode_defaults(&setup.par, kind->codec, kind->fourcc);
    setup.par.IOPattern = io_pattern;
    encode_run(&runtime, &setup, result);
    runtime_close(&runtime);
}

static void video_memory_makes_the_same_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct encode_result system;
        struct encode_result video;

        if (kinds[i].fourcc != MFX_FOURCC_NV12) /* how frames are reached does not depend on it */
            continue;
        encode_from(MFX_IOPATTERN_IN_SYSTEM_MEMORY, &kinds[i], &system);
        encode_from(MFX_IOPATTERN_IN_VIDEO_MEMORY, &kinds[i], &video);
        assert_int_equal(video.size, system.size);
        assert_memory_equal(video.data, system.data, system.size);
        encode_result_free(&system);
        encode_result_free(&video);
    }
}

/* ffmpeg has no packed 4:2:2 of full range, so the source's planes are compared. */
static void jpeg_of_packed_422(void **state)
{
    const struct kind kind = {"enc_yuy2.mjpeg", MFX_CODEC_JPEG, MFX_FOURCC_YUY2, "yuvj422p", 0, 1, 0};
    struct encode_setup setup = {0};
    struct encode_result result;
    struct runtime runtime;
    size_t packed_size;
    size_t size;
    uint8_t *packed = encode_source(MFX_FOURCC_YUY2, &packed_size);
    uint8_t *decoded;
    double sum = 0;

    (void)state;
    runtime_open(&runtime);
    encode_defaults(&setup.par, kind.codec, kind.fourcc);
    encode_run(&runtime, &setup, &result);
    runtime_close(&runtime);
    decoded = encode_decoded(kind.name, &result, kind.decoded, &size);
    assert_int_equal(size, packed_size);
    for (size_t frame = 0; frame < CLIP_FRAMES; frame++) {
        const size_t area = (size_t)CLIP_WIDTH * CLIP_HEIGHT;
        const uint8_t *luma = decoded + frame * area * 2;
        const uint8_t *cb = luma + area;
        const uint8_t *from = packed + frame * area * 2;

        for (size_t i = 0; i < area / 2; i++) {
            double y = from[4 * i] - luma[2 * i];
            double u = from[4 * i + 1] - cb[i];
            sum += y * y + u * u;
        }
    }
    sum /= (double)CLIP_FRAMES * CLIP_WIDTH * CLIP_HEIGHT;
    assert_true(sum < 20.5); /* 35 dB */
    free(packed);
    free(decoded);
    encode_result_free(&result);
}

static void jpeg_quality_is_in_order(void **state)
{
    const mfxU16 qualities[] = {1, 25, 50, 75, 100};
    size_t last = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(qualities) / sizeof(qualities[0]); i++) {
        struct encode_setup setup = {.num_frames = 3};
        struct encode_result result;
        struct runtime runtime;

        runtime_open(&runtime);
        encode_defaults(&setup.par, MFX_CODEC_JPEG, MFX_FOURCC_NV12);
        setup.par.mfx.Quality = qualities[i];
        encode_run(&runtime, &setup, &result);
        runtime_close(&runtime);
        if (qualities[i] > 1 &&
            qualities[i] != 25) /* the scale ends at 31, quality 1 and 25 are both there */
            assert_true(result.size > last);
        last = result.size;
        encode_result_free(&result);
    }
}

/* Sizes that are no multiple of anything, in surfaces without a byte to spare. */
static void odd_sizes_in_tight_surfaces(void **state)
{
    const struct {
        mfxU32 codec;
        mfxU32 fourcc;
        mfxU16 width, height;
        const char *name;
        const char *pix_fmt;
    } cases[] = {
        {MFX_CODEC_AVC, MFX_FOURCC_NV12, 162, 122, "odd.264", "yuv420p"},
        {MFX_CODEC_AVC, MFX_FOURCC_P010, 66, 50, "odd10.264", "yuv420p10le"},
        {MFX_CODEC_HEVC, MFX_FOURCC_NV12, 162, 122, "odd.265", "yuv420p"},
        {MFX_CODEC_HEVC, MFX_FOURCC_I420, 18, 16, "odd_small.265", "yuv420p"},
        {MFX_CODEC_JPEG, MFX_FOURCC_NV12, 33, 17, "odd.mjpeg", "yuvj420p"},
        {MFX_CODEC_JPEG, MFX_FOURCC_YUY2, 34, 17, "odd422.mjpeg", "yuvj422p"},
        {MFX_CODEC_JPEG, MFX_FOURCC_RGB4, 33, 17, "odd444.mjpeg", "yuvj444p"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct encode_result result = {0};
        struct runtime runtime;
        struct frames frames;
        mfxVideoParam par;
        mfxBitstream bs;
        mfxSyncPoint sync;
        mfxStatus status;
        size_t size;

        encode_defaults(&par, cases[i].codec, cases[i].fourcc);
        par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = cases[i].width;
        par.mfx.FrameInfo.Height = par.mfx.FrameInfo.CropH = cases[i].height;
        runtime_open(&runtime);
        frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
        bitstream_create(&bs, 1000000);
        assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
        memset(frames.frame[0].bytes, 0x10, frames.frame[0].size);
        status = MFXVideoENCODE_EncodeFrameAsync(runtime.session, NULL, &frames.frame[0].surface, &bs, &sync);
        assert_int_equal(status, MFX_ERR_MORE_DATA);
        while ((status = MFXVideoENCODE_EncodeFrameAsync(runtime.session, NULL, NULL, &bs, &sync)) ==
               MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
        assert_int_equal(status, MFX_ERR_NONE);
        result.data = bs.Data;
        result.size = bs.DataLength;
        free(encode_decoded(cases[i].name, &result, cases[i].pix_fmt, &size));
        assert_true(size > 0);
        runtime_close(&runtime);
        assert_int_equal(frames_locked(&frames), 0);
        bitstream_destroy(&bs);
        frames_destroy(&frames);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_codec_and_format_is_close_to_its_source),
        cmocka_unit_test(surfaces_by_mid_are_locked_and_unlocked),
        cmocka_unit_test(video_memory_makes_the_same_stream),
        cmocka_unit_test(jpeg_of_packed_422),
        cmocka_unit_test(jpeg_quality_is_in_order),
        cmocka_unit_test(odd_sizes_in_tight_surfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
