/* The encoder's entry points: orders that are wrong, arguments that are missing, parameters that make no
 * sense. */
#include "encode_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                                MFX_CODEC_VP9, MFX_CODEC_AV1,  MFX_CODEC_JPEG};

static void init_avc(mfxVideoParam *par)
{
    encode_defaults(par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, par), MFX_ERR_NONE);
}

static void nothing_works_before_init(void **state)
{
    mfxVideoParam par = {0};
    mfxEncodeStat stat;
    mfxBitstream bs;
    mfxSyncPoint sync;

    (void)state;
    bitstream_create(&bs, 1000);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoENCODE_GetEncodeStat(SESSION, &stat), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, &sync),
                     MFX_ERR_NOT_INITIALIZED);
    bitstream_destroy(&bs);
}

static void nulls_are_refused(void **state)
{
    mfxVideoParam par;
    mfxFrameAllocRequest request;
    mfxBitstream bs;
    mfxBitstream empty = {0};
    mfxSyncPoint sync;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, NULL, &request), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, NULL), MFX_ERR_NULL_PTR);
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NULL_PTR);
    init_avc(&par);
    bitstream_create(&bs, 1000);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_GetEncodeStat(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, NULL, &sync), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &empty, &sync), MFX_ERR_NULL_PTR);
    bs.DataOffset = 600;
    bs.DataLength = 401;
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, &sync),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    bitstream_destroy(&bs);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void a_second_init_is_undefined_behaviour(void **state)
{
    mfxVideoParam par;

    (void)state;
    init_avc(&par);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    init_avc(&par);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NOT_INITIALIZED);
}

static void draining_nothing_is_more_data(void **state)
{
    mfxVideoParam par;
    mfxBitstream bs;
    mfxSyncPoint sync;

    (void)state;
    init_avc(&par);
    bitstream_create(&bs, 1000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, &sync), MFX_ERR_MORE_DATA);
    bitstream_destroy(&bs);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void query_without_input_tells_what_is_configurable(void **state)
{
    mfxVideoParam par = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        memset(&par, 0, sizeof(par));
        par.mfx.CodecId = codecs[i];
        assert_int_equal(MFXVideoENCODE_Query(SESSION, NULL, &par), MFX_ERR_NONE);
        assert_int_equal(par.mfx.CodecId, codecs[i]);
        assert_int_not_equal(par.mfx.FrameInfo.FourCC, 0);
        assert_int_not_equal(par.mfx.FrameInfo.Width, 0);
        assert_int_not_equal(par.IOPattern, 0);
        assert_int_not_equal(par.AsyncDepth, 0);
        assert_int_equal(par.mfx.LowPower, 0);
        if (codecs[i] != MFX_CODEC_JPEG)
            assert_int_not_equal(par.mfx.TargetKbps, 0);
    }
    par.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, NULL, &par), MFX_ERR_UNSUPPORTED);
}

/* One field at a time: what Query answers, and what becomes of the field. */
#define EXPECT_QUERY(field, value, status, becomes) \
    expect_query(#field, offsetof(mfxVideoParam, field), sizeof(par.field), value, status, becomes)

static void expect_query(const char *field, size_t offset, size_t size, mfxU32 value, mfxStatus status,
                         mfxU32 becomes)
{
    mfxVideoParam par;
    mfxU32 now = 0;
    mfxStatus answer;

    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    memcpy((char *)&par + offset, &value, size);
    answer = MFXVideoENCODE_Query(SESSION, &par, &par);
    memcpy(&now, (char *)&par + offset, size);
    if (answer != status || now != becomes)
        fail_msg("%s = %u: answered %d and made it %u", field, value, answer, now);
}

static void query_clears_what_it_cannot_do(void **state)
{
    mfxVideoParam par;

    (void)state;
    EXPECT_QUERY(mfx.CodecId, MFX_CODEC_VC1, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_YUY2, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.FourCC, 0xffffffff, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.ChromaFormat, MFX_CHROMAFORMAT_YUV422, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.BitDepthLuma, 10, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.Width, 65535, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.CropX, 65535, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.CropW, 321, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.CropH, 179, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.FrameRateExtN, 4000000000u, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.FrameRateExtD, 0, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.AspectRatioW, 4, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.FrameInfo.PicStruct, MFX_PICSTRUCT_FIELD_SINGLE, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_HIGH_422, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_HIGH10, MFX_ERR_UNSUPPORTED, 0); /* not of 8 bits */
    EXPECT_QUERY(mfx.CodecLevel, 77, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.RateControlMethod, MFX_RATECONTROL_LA, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.GopOptFlag, 8, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.EncodedOrder, 1, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(mfx.LowPower, MFX_CODINGOPTION_ON, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, MFX_CODINGOPTION_OFF);
    EXPECT_QUERY(Protected, 1, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(IOPattern, MFX_IOPATTERN_IN_VIDEO_MEMORY, MFX_ERR_NONE, MFX_IOPATTERN_IN_VIDEO_MEMORY);
    EXPECT_QUERY(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(IOPattern, 3, MFX_ERR_UNSUPPORTED, 0);
}

static void query_mends_what_can_be_mended(void **state)
{
    mfxVideoParam par;

    (void)state;
    EXPECT_QUERY(mfx.TargetUsage, 9, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, MFX_TARGETUSAGE_BALANCED);
    EXPECT_QUERY(mfx.GopRefDist, 100, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 17);
    EXPECT_QUERY(mfx.NumRefFrame, 17, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 16);
    EXPECT_QUERY(mfx.NumSlice, 60000, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, (CLIP_HEIGHT + 15) / 16);
    EXPECT_QUERY(mfx.IdrInterval, 3, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 0);
    EXPECT_QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_PROGRESSIVE_HIGH, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM,
                 MFX_PROFILE_AVC_HIGH);
    EXPECT_QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_BASELINE, MFX_ERR_NONE, MFX_PROFILE_AVC_BASELINE);
    EXPECT_QUERY(mfx.LowPower, MFX_CODINGOPTION_OFF, MFX_ERR_NONE, MFX_CODINGOPTION_OFF);
    EXPECT_QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_I420, MFX_ERR_NONE, MFX_FOURCC_I420);

    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.RateControlMethod = MFX_RATECONTROL_VBR;
    par.mfx.TargetKbps = 1000;
    par.mfx.MaxKbps = 500;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(par.mfx.MaxKbps, 1000);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void init_refuses_what_query_clears(void **state)
{
    mfxVideoParam par;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.IOPattern = 3;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.FrameInfo.FrameRateExtN = par.mfx.FrameInfo.FrameRateExtD = 0;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.FrameInfo.Width = 0;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.RateControlMethod = MFX_RATECONTROL_CBR;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_HEVC, MFX_FOURCC_NV12);
    par.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    memset(&par, 0, sizeof(par));
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NOT_INITIALIZED);
}

static void io_surf_counts_async_depth(void **state)
{
    mfxFrameAllocRequest request;
    mfxVideoParam par;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.AsyncDepth = 7;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type,
                     MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE);
    assert_int_equal(request.NumFrameSuggested, 7);
    assert_true(request.NumFrameMin <= request.NumFrameSuggested);
    assert_int_equal(request.Info.Width, par.mfx.FrameInfo.Width);
    assert_int_equal(request.Info.FourCC, par.mfx.FrameInfo.FourCC);
    par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, 0x0112);
    assert_int_equal(request.NumFrameSuggested, 7);
    par.mfx.CodecId = MFX_CODEC_JPEG;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, 0x0152);
    par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, 0x0142);
    par.AsyncDepth = 65535;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_NONE);
    assert_int_equal(request.NumFrameSuggested, 65535);
    par.IOPattern = 3;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request), MFX_ERR_INVALID_VIDEO_PARAM);
}

static void clients_buffers_are_taken(void **state)
{
    struct {
        mfxExtBuffer header;
        mfxU16 mode, frames;
        mfxU16 reserved[58];
    } multi = {.header = {MFX_MAKEFOURCC('M', 'F', 'R', 'P'), sizeof(multi)}};
    mfxExtCodingOption co = {.Header = {MFX_EXTBUFF_CODING_OPTION, sizeof(co)}};
    mfxExtCodingOption2 co2 = {.Header = {MFX_EXTBUFF_CODING_OPTION2, sizeof(co2)}};
    mfxExtCodingOption3 co3 = {.Header = {MFX_EXTBUFF_CODING_OPTION3, sizeof(co3)}};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)}};
    mfxExtBuffer *buffers[] = {&multi.header, &co.Header, &co2.Header, &co3.Header, &signal.Header};
    mfxVideoParam par;

    (void)state;
    co.CAVLC = MFX_CODINGOPTION_ON;
    co.AUDelimiter = MFX_CODINGOPTION_ON;
    co2.LookAheadDepth = 12;
    co2.BRefType = MFX_B_REF_OFF;
    co3.GPB = MFX_CODINGOPTION_ON;
    signal.VideoFormat = 5;
    signal.ColourDescriptionPresent = 1;
    signal.ColourPrimaries = signal.TransferCharacteristics = signal.MatrixCoefficients = 1;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.ExtParam = buffers;
    par.NumExtParam = 5;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(co3.GPB, MFX_CODINGOPTION_OFF);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    co.CAVLC = 0;
    co2.LookAheadDepth = 0;
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(co.CAVLC, MFX_CODINGOPTION_ON);
    assert_int_equal(co2.LookAheadDepth, 12);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void unknown_and_broken_buffers_are_refused(void **state)
{
    mfxExtEncoderROI roi = {.Header = {MFX_EXTBUFF_ENCODER_ROI, sizeof(roi)}};
    mfxExtCodingOption co = {.Header = {MFX_EXTBUFF_CODING_OPTION, sizeof(co)}};
    mfxExtBuffer *buffers[] = {&roi.Header, &co.Header};
    mfxVideoParam par;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    buffers[0] = &co.Header;
    co.Header.BufferSz = 12;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    co.Header.BufferSz = sizeof(co);
    co.FieldOutput = MFX_CODINGOPTION_ON;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(co.FieldOutput, 0);
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_UNDEFINED_BEHAVIOR); /* the same one twice */
    buffers[0] = NULL;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NULL_PTR);
}

/* In a block of just the size it says, so that a checker sees every look beyond it. */
static void header_buffers_of_another_size_are_refused(void **state)
{
    static const mfxU32 kinds[] = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, MFX_EXTBUFF_CODING_OPTION_VPS};
    mfxVideoParam par;

    (void)state;
    init_avc(&par);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        mfxExtBuffer *buffer = malloc(sizeof(*buffer));

        assert_non_null(buffer);
        *buffer = (mfxExtBuffer){kinds[i], sizeof(*buffer)};
        par.ExtParam = &buffer;
        par.NumExtParam = 1;
        assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &par), MFX_ERR_UNSUPPORTED);
        free(buffer);
    }
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static void reset_changes_what_fits(void **state)
{
    mfxVideoParam par;
    mfxVideoParam now = {0};

    (void)state;
    init_avc(&par);
    par.mfx.RateControlMethod = MFX_RATECONTROL_VBR;
    par.mfx.TargetKbps = 321;
    par.mfx.GopPicSize = 15;
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 160;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
    assert_int_equal(now.mfx.TargetKbps, 321);
    assert_int_equal(now.mfx.GopPicSize, 15);
    assert_int_equal(now.mfx.FrameInfo.Width, 160);
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 640;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_HEVC, MFX_FOURCC_NV12);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_I420);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

static mfxU16 any(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % 3 ? (mfxU16)((*seed >> 8) % 64) : (mfxU16)(*seed >> 12);
}

/* What Init took can be encoded. */
static void encode_two(void)
{
    mfxVideoParam now = {0};
    struct frames frames;
    mfxBitstream bs;
    mfxSyncPoint sync;
    mfxStatus status = MFX_ERR_NONE;
    size_t coded = 0;

    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
    frames_create(&frames, &now.mfx.FrameInfo, 2, false, 0);
    bitstream_create(&bs, 4000000);
    for (size_t given = 0; given < 2 || status != MFX_ERR_MORE_DATA;) {
        mfxFrameSurface1 *surface = given < 2 ? &frames.frame[given].surface : NULL;

        status = MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, surface, &bs, &sync);
        if (status == MFX_WRN_DEVICE_BUSY) {
            sleep_ms(1);
            continue;
        }
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
        coded += status == MFX_ERR_NONE;
        bs.DataLength = 0;
        given += surface != NULL;
        if (surface)
            status = MFX_ERR_NONE;
    }
    assert_int_equal(coded, 2);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

static void any_parameters_get_an_answer(void **state)
{
    unsigned seed = 20240607;
    size_t accepted = 0;
    size_t rounds = is_slow() ? 150 : 600;

    (void)state;
    for (size_t i = 0; i < rounds; i++) {
        mfxExtCodingOption co = {.Header = {MFX_EXTBUFF_CODING_OPTION, sizeof(co)}};
        mfxExtCodingOption2 co2 = {.Header = {MFX_EXTBUFF_CODING_OPTION2, sizeof(co2)}};
        mfxExtCodingOption3 co3 = {.Header = {MFX_EXTBUFF_CODING_OPTION3, sizeof(co3)}};
        mfxExtBuffer *buffers[] = {&co.Header, &co2.Header, &co3.Header};
        mfxU16 *blocks[] = {&co.reserved1, (mfxU16 *)&co2.IntRefType, &co3.NumSliceI};
        size_t sizes[] = {(sizeof(co) - sizeof(mfxExtBuffer)) / 2, (sizeof(co2) - sizeof(mfxExtBuffer)) / 2,
                          (sizeof(co3) - sizeof(mfxExtBuffer)) / 2};
        mfxVideoParam par;
        mfxVideoParam out = {0};
        mfxFrameAllocRequest request;

        encode_defaults(&par, codecs[i % (sizeof(codecs) / sizeof(codecs[0]))], MFX_FOURCC_NV12);
        for (unsigned change = any(&seed) % 4 + 1; change; change--)
            ((mfxU16 *)&par.mfx)[any(&seed) % (sizeof(par.mfx) / 2)] = any(&seed);
        if (any(&seed) % 2) {
            par.ExtParam = buffers;
            par.NumExtParam = 3;
            for (size_t b = 0; b < 3; b++)
                blocks[b][any(&seed) % sizes[b]] = any(&seed);
        }
        par.mfx.FrameInfo.Width &= 0x1ff; /* sizes that are quickly encoded */
        par.mfx.FrameInfo.Height &= 0x1ff;
        (void)MFXVideoENCODE_QueryIOSurf(SESSION, &par, &request);
        out.ExtParam = par.ExtParam;
        out.NumExtParam = par.NumExtParam;
        (void)MFXVideoENCODE_Query(SESSION, &par, &out);
        if (MFXVideoENCODE_Init(SESSION, &par) < MFX_ERR_NONE)
            continue;
        accepted++;
        assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &out), MFX_ERR_NONE);
        if (accepted % 4 == 0) /* which takes longer than all the rest */
            encode_two();
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    }
    print_message("%zu of %zu parameter sets were accepted\n", accepted, rounds);
    assert_true(accepted > 0 && accepted < rounds);
}

static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%lu", &pages), 1);
    assert_int_equal(fclose(statm), 0);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Room for what the runtime needs, and none for the library's threads. Once: a libx264 that cannot open
 * leaves behind what it has. */
static void init_says_that_memory_ran_out(void **state)
{
    mfxVideoParam par;
    struct rlimit before, limit;
    mfxStatus status;

    (void)state;
    if (is_slow()) /* sanitizers and valgrind need address space of their own */
        return;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.NumThread = 4;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    limit = before;
    limit.rlim_cur = address_space() + (4 << 20);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
    status = MFXVideoENCODE_Init(SESSION, &par);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_works_before_init),
        cmocka_unit_test(nulls_are_refused),
        cmocka_unit_test(a_second_init_is_undefined_behaviour),
        cmocka_unit_test(draining_nothing_is_more_data),
        cmocka_unit_test(query_without_input_tells_what_is_configurable),
        cmocka_unit_test(query_clears_what_it_cannot_do),
        cmocka_unit_test(query_mends_what_can_be_mended),
        cmocka_unit_test(init_refuses_what_query_clears),
        cmocka_unit_test(io_surf_counts_async_depth),
        cmocka_unit_test(clients_buffers_are_taken),
        cmocka_unit_test(unknown_and_broken_buffers_are_refused),
        cmocka_unit_test(header_buffers_of_another_size_are_refused),
        cmocka_unit_test(reset_changes_what_fits),
        cmocka_unit_test(any_parameters_get_an_answer),
        cmocka_unit_test(init_says_that_memory_ran_out),
    };
    return cmocka_run_group_tests(tests, open_runtime, close_runtime);
}
