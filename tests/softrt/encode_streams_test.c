/* What is particular to the streams of MPEG-2, VP9 and AV1: sequence headers, IVF, hidden frames, tiles. */
#include "encode_run.h"
#include "stream_trace.h"

#include <stdlib.h>
#include <string.h>

static void fast(mfxVideoParam *par, mfxU32 codec)
{
    encode_defaults(par, codec, MFX_FOURCC_NV12);
    par->mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
}

static void run(struct encode_setup *setup, mfxExtBuffer *buffer, struct encode_result *result)
{
    struct runtime runtime;

    setup->par.ExtParam = &buffer;
    setup->par.NumExtParam = 1;
    runtime_open(&runtime);
    encode_run(&runtime, setup, result);
    runtime_close(&runtime);
}

static unsigned little(const uint8_t *at, int bytes)
{
    unsigned value = 0;

    while (bytes--)
        value = value << 8 | at[bytes];
    return value;
}

/* A file that can be played as it is: one header, then one before each picture, which counts them. */
static void check_ivf(const struct encode_result *result, const char *fourcc)
{
    const uint8_t *at = result->data;

    assert_memory_equal(at, "DKIF", 4);
    assert_memory_equal(at + 8, fourcc, 4);
    assert_int_equal(little(at + 12, 2), CLIP_WIDTH);
    assert_int_equal(little(at + 14, 2), CLIP_HEIGHT);
    for (size_t i = 0; i < result->count; at += result->pictures[i++].bytes) {
        const uint8_t *header = i ? at : at + 32;

        assert_int_equal(little(header, 4), result->pictures[i].bytes - 12 - (i ? 0 : 32));
        assert_int_equal(little(header + 4, 4), i);
    }
}

static void vp9_comes_in_ivf_unless_that_is_off(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        mfxExtVP9Param vp9 = {.Header = {MFX_EXTBUFF_VP9_PARAM, sizeof(vp9)}};
        struct encode_setup setup = {.num_frames = 5};
        struct encode_result result;

        vp9.WriteIVFHeaders = (mfxU16)(way == 0 ? 0 : way == 1 ? MFX_CODINGOPTION_ON : MFX_CODINGOPTION_OFF);
        fast(&setup.par, MFX_CODEC_VP9);
        run(&setup, &vp9.Header, &result);
        if (way < 2)
            check_ivf(&result, "VP90");
        else
            assert_int_equal(result.data[0] >> 6, 2); /* frame_marker */
        encode_result_free(&result);
    }
}

static void av1_comes_in_ivf_where_asked(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        mfxExtAV1BitstreamParam av1 = {.Header = {MFX_EXTBUFF_AV1_BITSTREAM_PARAM, sizeof(av1)}};
        struct encode_setup setup = {.num_frames = 5};
        struct encode_result result;

        av1.WriteIVFHeaders = (mfxU16)(way == 0 ? 0 : MFX_CODINGOPTION_OFF);
        fast(&setup.par, MFX_CODEC_AV1);
        run(&setup, &av1.Header, &result);
        if (way == 0)
            check_ivf(&result, "AV01");
        else
            assert_int_equal(result.data[0] >> 3, 2); /* a temporal delimiter */
        encode_result_free(&result);
    }
}

/* With look-ahead libaom codes pictures that are not shown: they come with the next one that is, and each
 * bitstream is one shown frame, as ffmpeg counts them. */
static void hidden_frames_come_with_shown_ones(void **state)
{
    mfxExtCodingOption2 co2 = {.Header = {MFX_EXTBUFF_CODING_OPTION2, sizeof(co2)}, .LookAheadDepth = 16};
    struct encode_setup setup = {0};
    struct encode_result result;
    int show[4 * CLIP_FRAMES];
    size_t hidden = 0;
    size_t count;
    size_t size;
    char *path;

    (void)state;
    fast(&setup.par, MFX_CODEC_AV1);
    run(&setup, &co2.Header, &result);
    path = encode_written("hidden.obu", &result);
    count = trace_fields(path, "show_frame", NULL, show, 4 * CLIP_FRAMES);
    for (size_t i = 0; i < count; i++)
        hidden += !show[i];
    print_message("%zu frames are not shown\n", hidden);
    assert_true(hidden > 0);
    free(file_raw(path, "yuv420p", &size));
    assert_int_equal(size, CLIP_FRAMES * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
    for (size_t i = 0; i < result.count; i++) {
        assert_int_equal(result.pictures[i].pts, i * 3000);
        assert_int_equal(result.pictures[i].dts, i * 3000);
    }
    free(path);
    encode_result_free(&result);
}

static void tiles_are_as_many_as_asked(void **state)
{
    mfxExtAV1TileParam tiles = {.Header = {MFX_EXTBUFF_AV1_TILE_PARAM, sizeof(tiles)}, .NumTileColumns = 2};
    struct encode_setup setup = {.num_frames = 2};
    struct encode_result result;
    int values[4] = {0};
    char *path;

    (void)state;
    fast(&setup.par, MFX_CODEC_AV1);
    run(&setup, &tiles.Header, &result);
    path = encode_written("tiles.obu", &result);
    assert_int_equal(trace_fields(path, "tile_cols_log2", NULL, values, 4), 2);
    assert_int_equal(values[0], 1);
    free(path);
    encode_result_free(&result);
}

/* Tiles of less than the least size do not exist. */
static void tiles_that_there_are_not_are_mended(void **state)
{
    mfxExtVP9Param vp9 = {
        .Header = {MFX_EXTBUFF_VP9_PARAM, sizeof(vp9)}, .NumTileRows = 2, .NumTileColumns = 4};
    mfxExtAV1TileParam av1 = {
        .Header = {MFX_EXTBUFF_AV1_TILE_PARAM, sizeof(av1)}, .NumTileRows = 2, .NumTileColumns = 64};
    mfxExtBuffer *buffers[] = {&vp9.Header};
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    fast(&par, MFX_CODEC_VP9);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 512;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(vp9.NumTileRows, 1);
    assert_int_equal(vp9.NumTileColumns, 2);
    buffers[0] = &av1.Header;
    fast(&par, MFX_CODEC_AV1);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(av1.NumTileRows, 1); /* 92 pixels */
    assert_int_equal(av1.NumTileColumns, 2);
    runtime_close(&runtime);
}

static void buffers_of_vp9_and_av1_are_checked(void **state)
{
    mfxExtVP9Param vp9 = {.Header = {MFX_EXTBUFF_VP9_PARAM, sizeof(vp9)},
                          .FrameWidth = CLIP_WIDTH / 2,
                          .QIndexDeltaLumaDC = 3,
                          .NumTileRows = 3};
    mfxExtAV1ResolutionParam size = {.Header = {MFX_EXTBUFF_AV1_RESOLUTION_PARAM, sizeof(size)},
                                     .FrameWidth = CLIP_WIDTH,
                                     .FrameHeight = CLIP_HEIGHT / 2};
    mfxExtAV1TileParam tiles = {.Header = {MFX_EXTBUFF_AV1_TILE_PARAM, sizeof(tiles)}, .NumTileGroups = 2};
    mfxExtBuffer *buffers[] = {&vp9.Header};
    mfxExtBuffer *av1_buffers[] = {&size.Header, &tiles.Header};
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    fast(&par, MFX_CODEC_VP9);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vp9.FrameWidth, 0);
    assert_int_equal(vp9.QIndexDeltaLumaDC, 0);
    assert_int_equal(vp9.NumTileRows, 0);
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_NONE);

    fast(&par, MFX_CODEC_AV1);
    par.ExtParam = av1_buffers;
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(size.FrameWidth, CLIP_WIDTH);
    assert_int_equal(size.FrameHeight, 0);
    assert_int_equal(tiles.NumTileGroups, 1);
    runtime_close(&runtime);
}

/* GetVideoParam knows MPEG-2's sequence header before there is a picture: it is the one that the stream
 * begins with. */
static void mpeg2_header_is_that_of_the_stream(void **state)
{
    mfxU8 header[256];
    mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                     .SPSBuffer = header,
                                     .SPSBufSize = sizeof(header)};
    mfxExtBuffer *buffers[] = {&sets.Header};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)},
                                    .VideoFormat = 2,
                                    .ColourDescriptionPresent = 1,
                                    .ColourPrimaries = 1,
                                    .TransferCharacteristics = 1,
                                    .MatrixCoefficients = 1};
    mfxExtBuffer *signals[] = {&signal.Header};
    struct encode_setup setup = {.num_frames = 4};
    struct encode_result result;
    struct runtime runtime;
    mfxVideoParam par;
    int value;
    char *path;

    (void)state;
    fast(&par, MFX_CODEC_MPEG2);
    par.mfx.RateControlMethod = MFX_RATECONTROL_CBR;
    par.mfx.TargetKbps = 800;
    setup.par = par;
    run(&setup, &signal.Header, &result);
    runtime_open(&runtime);
    par.ExtParam = signals;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
    par.ExtParam = buffers;
    assert_int_equal(MFXVideoENCODE_GetVideoParam(runtime.session, &par), MFX_ERR_NONE);
    runtime_close(&runtime);
    assert_true(sets.SPSBufSize > 20);
    assert_memory_equal(result.data, header, sets.SPSBufSize);
    assert_int_equal(result.data[sets.SPSBufSize + 3], 0xb8); /* the group of pictures follows */
    assert_int_equal(par.mfx.CodecProfile, MFX_PROFILE_MPEG2_MAIN);
    assert_int_equal(par.mfx.CodecLevel, MFX_LEVEL_MPEG2_MAIN);
    path = encode_written("header.m2v", &result);
    assert_true(trace_fields(path, "video_format", NULL, &value, 1) > 0);
    assert_int_equal(value, 2);
    free(path);
    encode_result_free(&result);
}

static void interlaced_mpeg2_is_marked_so(void **state)
{
    mfxExtCodingOption co = {.Header = {MFX_EXTBUFF_CODING_OPTION, sizeof(co)},
                             .FramePicture = MFX_CODINGOPTION_ON};
    struct encode_setup setup = {.num_frames = 4};
    struct encode_result result;
    int value = -1;
    char *path;

    (void)state;
    fast(&setup.par, MFX_CODEC_MPEG2);
    setup.par.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_FIELD_BFF;
    run(&setup, &co.Header, &result);
    assert_int_equal(result.pictures[0].pic_struct, MFX_PICSTRUCT_FIELD_BFF);
    path = encode_written("interlaced.m2v", &result);
    assert_true(trace_fields(path, "progressive_sequence", NULL, &value, 1) > 0);
    assert_int_equal(value, 0);
    assert_true(trace_fields(path, "top_field_first", NULL, &value, 1) > 0);
    assert_int_equal(value, 0);
    assert_true(trace_fields(path, "progressive_frame", NULL, &value, 1) > 0);
    assert_int_equal(value, 0);
    free(path);
    encode_result_free(&result);
}

/* A rate that MPEG-2 cannot write, levels and profiles. */
static void mpeg2_refuses_what_it_cannot_write(void **state)
{
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    fast(&par, MFX_CODEC_MPEG2);
    par.mfx.FrameInfo.FrameRateExtN = 31;
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(par.mfx.FrameInfo.FrameRateExtN, 0);
    fast(&par, MFX_CODEC_MPEG2);
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 4096;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    fast(&par, MFX_CODEC_MPEG2);
    par.mfx.CodecProfile = MFX_PROFILE_MPEG2_SIMPLE;
    par.mfx.GopRefDist = 3;
    par.mfx.NumSlice = 1;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(par.mfx.GopRefDist, 1);
    assert_int_equal(par.mfx.NumSlice, (CLIP_HEIGHT + 15) / 16);
    par.mfx.CodecProfile = MFX_PROFILE_MPEG2_HIGH;
    assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    runtime_close(&runtime);
}

/* Where a stream has no word for the shape of its samples, the application is told that they are square. */
static void shapes_of_samples_that_cannot_be_written_are_mended(void **state)
{
    static const struct {
        mfxU32 codec;
        mfxU16 w, h;
        mfxStatus status;
    } cases[] = {
        {MFX_CODEC_VP9, 12, 11, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM},
        {MFX_CODEC_AV1, 12, 11, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM},
        {MFX_CODEC_AV1, 1, 1, MFX_ERR_NONE},
        {MFX_CODEC_MPEG2, 12, 11, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM},
        {MFX_CODEC_MPEG2, 46, 45, MFX_ERR_NONE}, /* of 160x92: 16:9 */
        {MFX_CODEC_AVC, 12, 11, MFX_ERR_NONE},
    };
    struct runtime runtime;

    (void)state;
    runtime_open(&runtime);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mfxVideoParam par;
        bool mended = cases[i].status != MFX_ERR_NONE;

        fast(&par, cases[i].codec);
        par.mfx.FrameInfo.AspectRatioW = cases[i].w;
        par.mfx.FrameInfo.AspectRatioH = cases[i].h;
        assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), cases[i].status);
        assert_int_equal(par.mfx.FrameInfo.AspectRatioW, mended ? 1 : cases[i].w);
        assert_int_equal(par.mfx.FrameInfo.AspectRatioH, mended ? 1 : cases[i].h);
    }
    runtime_close(&runtime);
}

static void numbers_of_references_are_what_the_libraries_use(void **state)
{
    static const struct {
        mfxU32 codec;
        mfxU16 ref_dist, asked, becomes;
    } cases[] = {
        {MFX_CODEC_VP9, 0, 1, 3},   {MFX_CODEC_AV1, 0, 2, 7},   {MFX_CODEC_MPEG2, 3, 1, 2},
        {MFX_CODEC_MPEG2, 0, 5, 2}, {MFX_CODEC_MPEG2, 1, 1, 1}, {MFX_CODEC_AVC, 0, 5, 5},
    };
    struct runtime runtime;

    (void)state;
    runtime_open(&runtime);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mfxVideoParam par;
        bool mended = cases[i].asked != cases[i].becomes;

        fast(&par, cases[i].codec);
        par.mfx.GopRefDist = cases[i].ref_dist;
        par.mfx.NumRefFrame = cases[i].asked;
        assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par),
                         mended ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE);
        assert_int_equal(par.mfx.NumRefFrame, cases[i].becomes);
    }
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vp9_comes_in_ivf_unless_that_is_off),
        cmocka_unit_test(av1_comes_in_ivf_where_asked),
        cmocka_unit_test(hidden_frames_come_with_shown_ones),
        cmocka_unit_test(tiles_are_as_many_as_asked),
        cmocka_unit_test(tiles_that_there_are_not_are_mended),
        cmocka_unit_test(buffers_of_vp9_and_av1_are_checked),
        cmocka_unit_test(mpeg2_header_is_that_of_the_stream),
        cmocka_unit_test(shapes_of_samples_that_cannot_be_written_are_mended),
        cmocka_unit_test(numbers_of_references_are_what_the_libraries_use),
        cmocka_unit_test(interlaced_mpeg2_is_marked_so),
        cmocka_unit_test(mpeg2_refuses_what_it_cannot_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
