/* What the decoder says it can do, and what it reads in a header. */
#include "decode_fixture.h"

#include <stdlib.h>
#include <string.h>

static void a_broken_bitstream_structure_is_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxBitstream bits;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    bits = f.stream.bits;
    bits.DataOffset = bits.MaxLength;
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(f.session, &bits, frames_free_one(&f.frames), &out, &sync),
        MFX_ERR_UNDEFINED_BEHAVIOR);
    bits.DataOffset = UINT32_MAX;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &bits, &f.par), MFX_ERR_UNDEFINED_BEHAVIOR);
    fixture_close(&f);
}

static void the_header_is_read_without_being_consumed(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);
    const mfxFrameInfo *info = &f.par.mfx.FrameInfo;
    assert_int_equal(info->Width, 320);
    assert_int_equal(info->Height, 192);
    assert_int_equal(info->CropW, 320);
    assert_int_equal(info->CropH, 180);
    assert_int_equal(info->FourCC, MFX_FOURCC_I420);
    assert_int_equal(info->ChromaFormat, MFX_CHROMAFORMAT_YUV420);
    assert_int_equal(info->BitDepthLuma, 8);
    assert_int_equal(info->PicStruct, MFX_PICSTRUCT_PROGRESSIVE);
    assert_int_equal(info->FrameRateExtN, 25 * info->FrameRateExtD);
    assert_int_equal(info->AspectRatioW, info->AspectRatioH);
    assert_int_equal(f.par.mfx.CodecProfile, MFX_PROFILE_AVC_HIGH);
    assert_true(f.par.mfx.CodecLevel >= MFX_LEVEL_AVC_1);
    /* On the first byte of the sequence parameter set. */
    const mfxU8 *at = f.stream.bits.Data + f.stream.bits.DataOffset;
    assert_true(at[0] == 0 && at[1] == 0 && at[2] == 1 && (at[3] & 0x1f) == 7);
    fixture_close(&f);
}

static void too_little_of_a_header_asks_for_more(void **state)
{
    struct fixture f;
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_AVC};

    (void)state;
    fixture_open(&f);
    for (mfxU32 length = 0; length < 40; length++) {
        mfxBitstream bits = f.stream.bits;

        bits.DataLength = length;
        assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &bits, &par), MFX_ERR_MORE_DATA);
        assert_true(bits.DataLength == length || length <= 3); /* all of the header that there is stays */
    }
    par.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &par), MFX_ERR_UNSUPPORTED);
    fixture_close(&f);
}

static void the_header_fills_extension_buffers(void **state)
{
    struct fixture f;
    mfxU8 sps[256] = {0};
    mfxU8 pps[256] = {0};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)}};
    mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                     .SPSBuffer = sps,
                                     .PPSBuffer = pps,
                                     .SPSBufSize = sizeof(sps),
                                     .PPSBufSize = sizeof(pps)};
    mfxExtBuffer *ext[] = {&signal.Header, &sets.Header};

    (void)state;
    fixture_open(&f);
    f.par.ExtParam = ext;
    f.par.NumExtParam = 2;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &f.par), MFX_ERR_NONE);
    assert_int_equal(signal.ColourDescriptionPresent, 1);
    assert_int_equal(signal.ColourPrimaries, 1);
    assert_int_equal(signal.TransferCharacteristics, 1);
    assert_int_equal(signal.MatrixCoefficients, 1);
    assert_int_equal(signal.VideoFullRange, 0);
    assert_true(sets.SPSBufSize > 8 && sets.SPSBufSize < sizeof(sps));
    assert_true(sps[0] == 0 && sps[1] == 0 && sps[2] == 0 && sps[3] == 1 && (sps[4] & 0x1f) == 7);
    assert_true(sets.PPSBufSize > 4 && (pps[4] & 0x1f) == 8);
    sets.SPSBufSize = 4;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &f.par),
                     MFX_ERR_NOT_ENOUGH_BUFFER);
    fixture_close(&f);
}

static void query_names_what_can_be_set(void **state)
{
    struct fixture f;
    mfxVideoParam out = {.mfx.CodecId = MFX_CODEC_HEVC};

    (void)state;
    fixture_open(&f);
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, &out), MFX_ERR_NONE);
    assert_int_equal(out.mfx.CodecId, MFX_CODEC_HEVC);
    assert_int_equal(out.IOPattern, MFX_IOPATTERN_OUT_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    assert_true(out.AsyncDepth && out.mfx.FrameInfo.Width && out.mfx.FrameInfo.FourCC);
    assert_int_equal(out.Protected, 0);
    out.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, &out), MFX_ERR_UNSUPPORTED);
    fixture_close(&f);
}

static void query_clears_what_cannot_be(void **state)
{
    struct fixture f;
    mfxVideoParam out;

    (void)state;
    fixture_open(&f);

#define QUERY(field, value, status, result)                                   \
    do {                                                                      \
        mfxVideoParam in = f.par;                                             \
        in.field = (value);                                                   \
        memset(&out, 0, sizeof(out));                                         \
        assert_int_equal(MFXVideoDECODE_Query(f.session, &in, &out), status); \
        assert_int_equal(out.field, result);                                  \
    } while (0)

    QUERY(AsyncDepth, 3, MFX_ERR_NONE, 3);
    QUERY(mfx.CodecId, MFX_CODEC_VC1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_HIGH_422, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.CodecLevel, 99, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_AYUV, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_RGB4, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.ChromaFormat, MFX_CHROMAFORMAT_YUV444, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM,
          MFX_CHROMAFORMAT_YUV420);
    QUERY(mfx.FrameInfo.BitDepthLuma, 10, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 8);
    QUERY(mfx.FrameInfo.Shift, 1, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 0);
    QUERY(mfx.FrameInfo.Width, 20000, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.Height, 65535, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.CropW, 400, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.PicStruct, 0x77, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FrameRateExtD, 0, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.DecodedOrder, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.SliceGroupsPresent, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(Protected, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY, MFX_ERR_NONE, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    QUERY(IOPattern, MFX_IOPATTERN_IN_VIDEO_MEMORY, MFX_ERR_UNSUPPORTED, 0);
    QUERY(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY, MFX_ERR_UNSUPPORTED,
          0);
    QUERY(AsyncDepth, 1000, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 64);
#undef QUERY
    fixture_close(&f);
}

static void extension_buffers_must_be_known_and_paired(void **state)
{
    struct fixture f;
    mfxExtDecVideoProcessing processing = {.Header = {MFX_EXTBUFF_DEC_VIDEO_PROCESSING, sizeof(processing)}};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)}};
    mfxExtBuffer *unknown[] = {&processing.Header};
    mfxExtBuffer *known[] = {&signal.Header};
    mfxVideoParam out = {0};

    (void)state;
    fixture_open(&f);
    f.par.ExtParam = unknown;
    f.par.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_INVALID_VIDEO_PARAM);
    f.par.ExtParam = known;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &out), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_ERR_NONE);
    f.par.ExtParam = NULL;
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_NULL_PTR);
    f.par.NumExtParam = 0;
    fixture_close(&f);
}

static void init_refuses_what_is_wrong_or_missing(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f);

#define REFUSE(field, value)                                                                 \
    do {                                                                                     \
        mfxVideoParam par = f.par;                                                           \
        par.field = (value);                                                                 \
        assert_int_equal(MFXVideoDECODE_Init(f.session, &par), MFX_ERR_INVALID_VIDEO_PARAM); \
    } while (0)

    REFUSE(mfx.CodecId, 0);
    REFUSE(mfx.FrameInfo.FourCC, 0);
    REFUSE(mfx.FrameInfo.FourCC, MFX_FOURCC_YUY2);
    REFUSE(mfx.FrameInfo.Width, 0);
    REFUSE(mfx.FrameInfo.Height, 0);
    REFUSE(mfx.FrameInfo.Width, 32000);
    REFUSE(IOPattern, 0);
    REFUSE(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY);
    REFUSE(Protected, 1);
#undef REFUSE
    f.par.mfx.FrameInfo.FourCC = MFX_FOURCC_P010;
    f.par.mfx.FrameInfo.BitDepthLuma = f.par.mfx.FrameInfo.BitDepthChroma = 10;
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_INVALID_VIDEO_PARAM); /* no shift */
    fixture_close(&f);
}

static void surfaces_needed_follow_async_depth(void **state)
{
    struct fixture f;
    mfxFrameAllocRequest request;

    (void)state;
    fixture_open(&f);
    f.par.AllocId = 77;
    for (mfxU16 depth = 0; depth <= 20; depth += 5) {
        f.par.AsyncDepth = depth;
        assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_NONE);
        assert_int_equal(request.NumFrameMin, depth ? depth : 4);
        assert_int_equal(request.NumFrameSuggested, request.NumFrameMin + 1);
        assert_int_equal(request.Type,
                         MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY);
        assert_int_equal(request.Info.Width, f.par.mfx.FrameInfo.Width);
        assert_int_equal(request.Info.FourCC, MFX_FOURCC_I420);
    }
    f.par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_INVALID_VIDEO_PARAM);
    f.par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    f.par.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_INVALID_VIDEO_PARAM);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_bitstream_structure_is_refused),
        cmocka_unit_test(the_header_is_read_without_being_consumed),
        cmocka_unit_test(too_little_of_a_header_asks_for_more),
        cmocka_unit_test(the_header_fills_extension_buffers),
        cmocka_unit_test(query_names_what_can_be_set),
        cmocka_unit_test(query_clears_what_cannot_be),
        cmocka_unit_test(extension_buffers_must_be_known_and_paired),
        cmocka_unit_test(init_refuses_what_is_wrong_or_missing),
        cmocka_unit_test(surfaces_needed_follow_async_depth),
    };

    return cmocka_run_group_tests_name("softrt decode query", tests, NULL, NULL);
}
