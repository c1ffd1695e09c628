/* Extension buffers: which of API 2.8's an encoder and a decoder take (docs/softrt-buffers.md has the same
 * table), those of wrong size or attached twice, and what the smaller ones do. */
#include "encode_run.h"
#include "stream_trace.h"

#include <stdlib.h>
#include <string.h>

#include <vpl/mfxbrc.h>
#include <vpl/mfxcamera.h>
#include <vpl/mfxpcp.h>

static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                                MFX_CODEC_VP9, MFX_CODEC_AV1,  MFX_CODEC_JPEG};
enum {
    NUM_CODECS = sizeof(codecs) / sizeof(codecs[0]),
    ENCODE = 1, /* MFXVideoENCODE_Query takes it, all zeros */
    DECODE = 2
};

struct kind {
    const char *name;
    mfxU32 id;
    size_t size;
    int taken;
};

#define KIND(id, type, taken)        \
    {                                \
#id, id, sizeof(type), taken \
    }

static const struct kind kinds[] = {
    KIND(MFX_EXTBUFF_CODING_OPTION, mfxExtCodingOption, ENCODE),
    KIND(MFX_EXTBUFF_CODING_OPTION2, mfxExtCodingOption2, ENCODE),
    KIND(MFX_EXTBUFF_CODING_OPTION3, mfxExtCodingOption3, ENCODE),
    KIND(MFX_EXTBUFF_CODING_OPTION_SPSPPS, mfxExtCodingOptionSPSPPS, ENCODE | DECODE),
    KIND(MFX_EXTBUFF_CODING_OPTION_VPS, mfxExtCodingOptionVPS, ENCODE | DECODE),
    KIND(MFX_EXTBUFF_VIDEO_SIGNAL_INFO, mfxExtVideoSignalInfo, ENCODE | DECODE),
    KIND(MFX_EXTBUFF_CHROMA_LOC_INFO, mfxExtChromaLocInfo, ENCODE),
    KIND(MFX_EXTBUFF_MASTERING_DISPLAY_COLOUR_VOLUME, mfxExtMasteringDisplayColourVolume, ENCODE),
    KIND(MFX_EXTBUFF_CONTENT_LIGHT_LEVEL_INFO, mfxExtContentLightLevelInfo, ENCODE),
    KIND(MFX_EXTBUFF_ENCODER_RESET_OPTION, mfxExtEncoderResetOption, ENCODE),
    KIND(MFX_EXTBUFF_HEVC_PARAM, mfxExtHEVCParam, ENCODE | DECODE),
    KIND(MFX_EXTBUFF_HEVC_TILES, mfxExtHEVCTiles, ENCODE),
    KIND(MFX_EXTBUFF_VP9_PARAM, mfxExtVP9Param, ENCODE),
    KIND(MFX_EXTBUFF_AV1_BITSTREAM_PARAM, mfxExtAV1BitstreamParam, ENCODE),
    KIND(MFX_EXTBUFF_AV1_RESOLUTION_PARAM, mfxExtAV1ResolutionParam, ENCODE),
    KIND(MFX_EXTBUFF_AV1_TILE_PARAM, mfxExtAV1TileParam, ENCODE),
    KIND(MFX_EXTBUFF_HYPER_MODE_PARAM, mfxExtHyperModeParam, ENCODE),
    KIND(MFX_EXTBUFF_ALLOCATION_HINTS, mfxExtAllocationHints, ENCODE | DECODE),

    KIND(MFX_EXTBUFF_ENCODER_CAPABILITY, mfxExtEncoderCapability, 0),
    KIND(MFX_EXTBUFF_ENCODER_ROI, mfxExtEncoderROI, 0),
    KIND(MFX_EXTBUFF_ENCODER_IPCM_AREA, mfxExtEncoderIPCMArea, 0),
    KIND(MFX_EXTBUFF_AVC_REFLIST_CTRL, mfxExtAVCRefListCtrl, 0),
    KIND(MFX_EXTBUFF_AVC_REFLISTS, mfxExtAVCRefLists, 0),
    KIND(MFX_EXTBUFF_AVC_TEMPORAL_LAYERS, mfxExtAvcTemporalLayers, 0),
    KIND(MFX_EXTBUFF_UNIVERSAL_TEMPORAL_LAYERS, mfxExtTemporalLayers, 0),
    KIND(MFX_EXTBUFF_VP9_TEMPORAL_LAYERS, mfxExtVP9TemporalLayers, 0),
    KIND(MFX_EXTBUFF_VP9_SEGMENTATION, mfxExtVP9Segmentation, 0),
    KIND(MFX_EXTBUFF_AV1_SEGMENTATION, mfxExtAV1Segmentation, 0),
    KIND(MFX_EXTBUFF_AV1_FILM_GRAIN_PARAM, mfxExtAV1FilmGrainParam, 0),
    KIND(MFX_EXTBUFF_AVC_ROUNDING_OFFSET, mfxExtAVCRoundingOffset, 0),
    KIND(MFX_EXTBUFF_PICTURE_TIMING_SEI, mfxExtPictureTimingSEI, 0),
    KIND(MFX_EXTBUFF_HEVC_REGION, mfxExtHEVCRegion, 0),
    KIND(MFX_EXTBUFF_PRED_WEIGHT_TABLE, mfxExtPredWeightTable, 0),
    KIND(MFX_EXTBUFF_DIRTY_RECTANGLES, mfxExtDirtyRect, 0),
    KIND(MFX_EXTBUFF_MOVING_RECTANGLES, mfxExtMoveRect, 0),
    KIND(MFX_EXTBUFF_MBQP, mfxExtMBQP, 0),
    KIND(MFX_EXTBUFF_MB_FORCE_INTRA, mfxExtMBForceIntra, 0),
    KIND(MFX_EXTBUFF_MB_DISABLE_SKIP_MAP, mfxExtMBDisableSkipMap, 0),
    KIND(MFX_EXTBUFF_MV_OVER_PIC_BOUNDARIES, mfxExtMVOverPicBoundaries, 0),
    KIND(MFX_EXTBUFF_PARTIAL_BITSTREAM_PARAM, mfxExtPartialBitstreamParam, 0),
    KIND(MFX_EXTBUFF_DEVICE_AFFINITY_MASK, mfxExtDeviceAffinityMask, 0),
    KIND(MFX_EXTBUFF_INSERT_HEADERS, mfxExtInsertHeaders, 0),
    KIND(MFX_EXTBUFF_BRC, mfxExtBRC, 0),
    KIND(MFX_EXTBUFF_TIME_CODE, mfxExtTimeCode, 0),
    KIND(MFX_EXTBUFF_ENCODED_FRAME_INFO, mfxExtAVCEncodedFrameInfo, 0),
    KIND(MFX_EXTBUFF_ENCODED_UNITS_INFO, mfxExtEncodedUnitsInfo, 0),
    KIND(MFX_EXTBUFF_DECODED_FRAME_INFO, mfxExtDecodedFrameInfo, 0),
    KIND(MFX_EXTBUFF_DECODE_ERROR_REPORT, mfxExtDecodeErrorReport, 0),
    KIND(MFX_EXTBUFF_DEC_VIDEO_PROCESSING, mfxExtDecVideoProcessing, 0),
    KIND(MFX_EXTBUFF_CROPS, mfxExtInCrops, 0),
    KIND(MFX_EXTBUFF_VPP_DONOTUSE, mfxExtVPPDoNotUse, 0),
    KIND(MFX_EXTBUFF_VPP_SCALING, mfxExtVPPScaling, 0),
};

/* In a block of its own, so that a checker sees every look beyond it. */
static mfxExtBuffer *buffer_new(const struct kind *kind, size_t size)
{
    mfxExtBuffer *buffer = calloc(1, size);

    assert_non_null(buffer);
    buffer->BufferId = kind->id;
    buffer->BufferSz = (mfxU32)size;
    return buffer;
}

static mfxStatus query(mfxU32 codec, mfxExtBuffer **buffers, mfxU16 count, bool decode)
{
    mfxVideoParam par;

    encode_defaults(&par, codec, MFX_FOURCC_NV12);
    par.ExtParam = buffers;
    par.NumExtParam = count;
    if (!decode)
        return MFXVideoENCODE_Query(SESSION, &par, &par);
    par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    return MFXVideoDECODE_Query(SESSION, &par, &par);
}

static void expect(const struct kind *kind, mfxU32 codec, bool decode)
{
    bool taken = kind->taken & (decode ? DECODE : ENCODE);
    mfxExtBuffer *whole = buffer_new(kind, kind->size);
    mfxExtBuffer *half = buffer_new(kind, sizeof(mfxExtBuffer));
    mfxExtBuffer *twice[] = {whole, whole};
    mfxStatus once = query(codec, &whole, 1, decode);
    mfxStatus repeated = query(codec, twice, 2, decode);

    if (once != (taken ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED))
        fail_msg("%s %s: %d", decode ? "decode" : "encode", kind->name, once);
    if (repeated != (taken ? MFX_ERR_UNDEFINED_BEHAVIOR : MFX_ERR_UNSUPPORTED))
        fail_msg("%s %s twice: %d", decode ? "decode" : "encode", kind->name, repeated);
    assert_int_equal(query(codec, &half, 1, decode), MFX_ERR_UNSUPPORTED);
    free(whole);
    free(half);
}

static void every_buffer_gets_its_answer(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t c = 0; c < NUM_CODECS; c++)
            expect(&kinds[k], codecs[c], false);
        expect(&kinds[k], MFX_CODEC_HEVC, true);
    }
}

/* All that clients were seen to attach, on every codec: wishes of another codec are refused, their absence is
 * not. */
static void what_clients_attach_is_taken_on_every_codec(void **state)
{
    static const mfxU32 attached[] = {MFX_EXTBUFF_CODING_OPTION,     MFX_EXTBUFF_CODING_OPTION2,
                                      MFX_EXTBUFF_CODING_OPTION3,    MFX_EXTBUFF_HEVC_PARAM,
                                      MFX_EXTBUFF_HEVC_TILES,        MFX_EXTBUFF_VP9_PARAM,
                                      MFX_EXTBUFF_VIDEO_SIGNAL_INFO, MFX_EXTBUFF_AV1_BITSTREAM_PARAM};
    enum {
        COUNT = sizeof(attached) / sizeof(attached[0])
    };

    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        mfxExtBuffer *buffers[COUNT];
        mfxVideoParam par;

        for (size_t i = 0; i < COUNT; i++)
            for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
                if (kinds[k].id == attached[i])
                    buffers[i] = buffer_new(&kinds[k], kinds[k].size);
        encode_defaults(&par, codecs[c], MFX_FOURCC_NV12);
        par.ExtParam = buffers;
        par.NumExtParam = COUNT;
        assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
        assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &par), MFX_ERR_NONE);
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE); /* which is what came out */
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        for (size_t i = 0; i < COUNT; i++)
            free(buffers[i]);
    }
}

static void wishes_for_another_codec_are_refused(void **state)
{
    mfxExtVP9Param vp9 = {.Header = {MFX_EXTBUFF_VP9_PARAM, sizeof(vp9)},
                          .WriteIVFHeaders = MFX_CODINGOPTION_ON};
    mfxExtCodingOption2 co2 = {.Header = {MFX_EXTBUFF_CODING_OPTION2, sizeof(co2)}, .LookAheadDepth = 8};
    mfxExtContentLightLevelInfo light = {.Header = {MFX_EXTBUFF_CONTENT_LIGHT_LEVEL_INFO, sizeof(light)},
                                         .InsertPayloadToggle = MFX_PAYLOAD_IDR};
    mfxExtHyperModeParam hyper = {.Header = {MFX_EXTBUFF_HYPER_MODE_PARAM, sizeof(hyper)},
                                  .Mode = MFX_HYPERMODE_ON};
    mfxExtBuffer *buffer = &vp9.Header;

    (void)state;
    assert_int_equal(query(MFX_CODEC_AVC, &buffer, 1, false), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vp9.WriteIVFHeaders, 0);
    buffer = &co2.Header;
    assert_int_equal(query(MFX_CODEC_JPEG, &buffer, 1, false), MFX_ERR_UNSUPPORTED);
    assert_int_equal(co2.LookAheadDepth, 0);
    buffer = &light.Header;
    assert_int_equal(query(MFX_CODEC_AV1, &buffer, 1, false), MFX_ERR_UNSUPPORTED);
    assert_int_equal(light.InsertPayloadToggle, 0);
    buffer = &hyper.Header;
    assert_int_equal(query(MFX_CODEC_AVC, &buffer, 1, false), MFX_ERR_UNSUPPORTED);
    assert_int_equal(hyper.Mode, MFX_HYPERMODE_OFF);
}

static void encode_with(mfxU32 codec, mfxExtBuffer *buffer, const char *file, struct encode_result *result,
                        char **path)
{
    struct encode_setup setup = {.num_frames = 2};
    struct runtime own;

    encode_defaults(&setup.par, codec, MFX_FOURCC_NV12);
    setup.par.mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
    setup.par.ExtParam = &buffer;
    setup.par.NumExtParam = 1;
    runtime_open(&own);
    encode_run(&own, &setup, result);
    runtime_close(&own);
    *path = encode_written(file, result);
}

static void hevc_blocks_and_sao_are_as_asked(void **state)
{
    mfxExtHEVCParam hevc = {.Header = {MFX_EXTBUFF_HEVC_PARAM, sizeof(hevc)},
                            .SampleAdaptiveOffset = MFX_SAO_DISABLE,
                            .LCUSize = 16};
    struct encode_result result;
    int value = -1;
    char *path;

    (void)state;
    encode_with(MFX_CODEC_HEVC, &hevc.Header, "lcu.265", &result, &path);
    assert_true(trace_fields(path, "log2_diff_max_min_luma_coding_block_size", NULL, &value, 1) > 0);
    assert_int_equal(value, 1); /* 8 to 16 */
    assert_true(trace_fields(path, "sample_adaptive_offset_enabled_flag", NULL, &value, 1) > 0);
    assert_int_equal(value, 0);
    free(path);
    encode_result_free(&result);
}

/* What is coded is whole blocks of eight. */
static void hevc_param_tells_the_coded_size(void **state)
{
    mfxExtHEVCParam hevc = {.Header = {MFX_EXTBUFF_HEVC_PARAM, sizeof(hevc)}, .PicWidthInLumaSamples = 999};
    mfxExtBuffer *buffers[] = {&hevc.Header};
    mfxVideoParam par;

    (void)state;
    encode_defaults(&par, MFX_CODEC_HEVC, MFX_FOURCC_NV12);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(hevc.PicWidthInLumaSamples, 160);
    assert_int_equal(hevc.PicHeightInLumaSamples, 96);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void chroma_location_is_written(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        mfxExtChromaLocInfo chroma = {.Header = {MFX_EXTBUFF_CHROMA_LOC_INFO, sizeof(chroma)},
                                      .ChromaLocInfoPresentFlag = 1,
                                      .ChromaSampleLocTypeTopField = 2,
                                      .ChromaSampleLocTypeBottomField = 2};
        struct encode_result result;
        int value = -1;
        char *path;

        encode_with(codecs[c], &chroma.Header, c ? "chroma.265" : "chroma.264", &result, &path);
        assert_true(trace_fields(path, "chroma_sample_loc_type_top_field", NULL, &value, 1) > 0);
        assert_int_equal(value, 2);
        free(path);
        encode_result_free(&result);
    }
}

/* BT.709; VP9's word for it is color_space 2, and it has none for the primaries. */
static void colours_are_written(void **state)
{
    static const struct {
        const char *file, *field;
        int value;
    } cases[NUM_CODECS] = {
        {"colour.264", "matrix_coefficients", 1}, {"colour.265", "matrix_coefficients", 1},
        {"colour.m2v", "matrix_coefficients", 1}, {"colour.ivf", "color_space", 2},
        {"colour.obu", "matrix_coefficients", 1}, {NULL, NULL, 0},
    };

    (void)state;
    for (size_t c = 0; cases[c].file; c++) {
        mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)},
                                        .ColourDescriptionPresent = 1,
                                        .ColourPrimaries = 1,
                                        .TransferCharacteristics = 1,
                                        .MatrixCoefficients = 1};
        mfxExtBuffer *buffer = &signal.Header;
        struct encode_result result;
        int value = -1;
        char *path;

        encode_with(codecs[c], &signal.Header, cases[c].file, &result, &path);
        assert_true(trace_fields(path, cases[c].field, NULL, &value, 1) > 0);
        assert_int_equal(value, cases[c].value);
        assert_int_equal(query(codecs[c], &buffer, 1, false),
                         codecs[c] == MFX_CODEC_VP9 ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE);
        assert_int_equal(signal.ColourPrimaries, codecs[c] == MFX_CODEC_VP9 ? 2 : 1);
        free(path);
        encode_result_free(&result);
    }
}

/* Attached to the bitstream: the picture's place and its quantiser. */
static void encoded_frame_info_is_filled(void **state)
{
    mfxExtAVCEncodedFrameInfo info = {.Header = {MFX_EXTBUFF_ENCODED_FRAME_INFO, sizeof(info)}, .MAD = 7};
    mfxExtBuffer *buffers[] = {&info.Header};
    struct frames frames;
    mfxVideoParam par;
    mfxBitstream bs;
    mfxSyncPoint sync;
    mfxStatus status;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par.mfx.QPI = par.mfx.QPP = par.mfx.QPB = 23;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 100000);
    bs.ExtParam = buffers;
    bs.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, &frames.frame[0].surface, &bs, &sync),
                     MFX_ERR_MORE_DATA);
    while ((status = MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, &sync)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(status, MFX_ERR_NONE);
    assert_int_equal(info.FrameOrder, 0);
    assert_int_equal(info.QP, 23);
    assert_int_equal(info.PicStruct, MFX_PICSTRUCT_PROGRESSIVE);
    assert_int_equal(info.MAD, 0);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_buffer_gets_its_answer),
        cmocka_unit_test(what_clients_attach_is_taken_on_every_codec),
        cmocka_unit_test(wishes_for_another_codec_are_refused),
        cmocka_unit_test(hevc_blocks_and_sao_are_as_asked),
        cmocka_unit_test(hevc_param_tells_the_coded_size),
        cmocka_unit_test(chroma_location_is_written),
        cmocka_unit_test(colours_are_written),
        cmocka_unit_test(encoded_frame_info_is_filled),
    };
    return cmocka_run_group_tests(tests, open_runtime, close_runtime);
}
