/* What an application asks of an encoder, and gets: quantisers by picture type, key frames, GOPs, time
 * stamps, headers. */
#include "encode_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked for holds at every speed, and checkers are slow enough: the highest. */
static void fast(mfxVideoParam *par, mfxU32 codec, mfxU32 fourcc)
{
    encode_defaults(par, codec, fourcc);
    if (codec != MFX_CODEC_JPEG) /* which has but one */
        par->mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
}

static void run(struct encode_setup *setup, struct encode_result *result)
{
    struct runtime runtime;

    runtime_open(&runtime);
    encode_run(&runtime, setup, result);
    runtime_close(&runtime);
}

static size_t coded_size(mfxU32 codec, void (*change)(mfxVideoParam *, mfxU16), mfxU16 value, size_t frames)
{
    struct encode_setup setup = {.num_frames = frames};
    struct encode_result result;
    size_t size;

    fast(&setup.par, codec, MFX_FOURCC_I420);
    change(&setup.par, value);
    run(&setup, &result);
    size = result.size;
    encode_result_free(&result);
    return size;
}

static void set_cbr(mfxVideoParam *par, mfxU16 kbps)
{
    par->mfx.RateControlMethod = MFX_RATECONTROL_CBR;
    par->mfx.TargetKbps = kbps;
}

static void set_cqp(mfxVideoParam *par, mfxU16 qp)
{
    par->mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par->mfx.QPI = qp;
    par->mfx.QPP = qp;
    par->mfx.QPB = qp;
}

/* The first two have more to ask for. */
static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2, MFX_CODEC_VP9, MFX_CODEC_AV1};
enum {
    NUM_CODECS = sizeof(codecs) / sizeof(codecs[0])
};

static void a_multiplier_scales_bitrates(void **state)
{
    struct encode_setup setup = {.num_frames = 120};
    struct encode_result result;
    double kbps;

    (void)state;
    fast(&setup.par, MFX_CODEC_AVC, MFX_FOURCC_I420);
    set_cbr(&setup.par, 100);
    setup.par.mfx.BRCParamMultiplier = 4;
    run(&setup, &result);
    kbps = (double)result.size * 8 / 1000 / 4;
    assert_true(kbps > 400 * 0.75 && kbps < 400 * 1.25);
    encode_result_free(&result);
}

static void set_qpi(mfxVideoParam *par, mfxU16 qpi)
{
    set_cqp(par, 30);
    par->mfx.QPI = qpi;
    par->mfx.GopPicSize = 1;
}

static void set_qpb(mfxVideoParam *par, mfxU16 qpb)
{
    set_cqp(par, 30);
    par->mfx.QPB = qpb;
}

/* The quantisers of the three picture types are apart. */
static void quantisers_are_by_picture_type(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        assert_true(coded_size(codecs[c], set_qpi, 20, 5) > coded_size(codecs[c], set_qpi, 40, 5) * 2);
        assert_true(coded_size(codecs[c], set_qpb, 20, 30) > coded_size(codecs[c], set_qpb, 40, 30));
    }
}

static size_t count_type(const struct encode_result *result, mfxU16 type)
{
    size_t count = 0;

    for (size_t i = 0; i < result->count; i++)
        count += (result->pictures[i].type & type) == type;
    return count;
}

static void a_key_frame_is_made_on_request(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        struct encode_setup setup = {.key_at = 17};
        struct encode_result result;
        bool found = false;

        fast(&setup.par, codecs[c], MFX_FOURCC_NV12);
        setup.par.mfx.GopPicSize = 100;
        run(&setup, &result);
        assert_int_equal(count_type(&result, MFX_FRAMETYPE_IDR), 2);
        for (size_t i = 0; i < result.count; i++)
            if (result.pictures[i].pts == 17 * (mfxU64)3000) {
                assert_int_equal(result.pictures[i].type,
                                 MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF);
                found = true;
            }
        assert_true(found);
        for (size_t i = 1; i < result.count; i++)
            assert_true(result.pictures[i].dts > result.pictures[i - 1].dts);
        encode_result_free(&result);
    }
}

/* A closed GOP of ten, the first picture of each being IDR, and two B pictures between others where the codec
 * has them. */
static void check_closed_gop(struct encode_setup *setup, bool has_b)
{
    struct encode_result result;

    setup->par.mfx.GopPicSize = 10;
    setup->par.mfx.GopRefDist = has_b ? 3 : 1;
    setup->par.mfx.GopOptFlag = MFX_GOP_STRICT | MFX_GOP_CLOSED;
    run(setup, &result);
    assert_int_equal(count_type(&result, MFX_FRAMETYPE_I), 3);
    assert_int_equal(count_type(&result, MFX_FRAMETYPE_IDR), 3);
    assert_true(count_type(&result, MFX_FRAMETYPE_B) >= (has_b ? 15 : 0));
    for (size_t i = 0; i < result.count; i++)
        if (result.pictures[i].type & MFX_FRAMETYPE_IDR)
            assert_int_equal(result.pictures[i].pts % (10 * 3000), 0);
    assert_int_equal(result.par.mfx.GopRefDist, has_b ? 3 : 1);
    encode_result_free(&result);
}

static void gops_are_as_asked(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        struct encode_setup setup = {0};
        struct encode_result result;

        fast(&setup.par, codecs[c], MFX_FOURCC_I420);
        check_closed_gop(&setup, codecs[c] != MFX_CODEC_VP9 && codecs[c] != MFX_CODEC_AV1);

        setup.par.mfx.GopRefDist = 1;
        run(&setup, &result);
        assert_int_equal(count_type(&result, MFX_FRAMETYPE_B), 0);
        assert_int_equal(count_type(&result, MFX_FRAMETYPE_P), 27);
        for (size_t i = 0; i < result.count; i++)
            assert_int_equal(result.pictures[i].pts, i * 3000);
        encode_result_free(&result);

        setup.par.mfx.GopPicSize = 1;
        run(&setup, &result);
        assert_int_equal(count_type(&result, MFX_FRAMETYPE_I), 30);
        encode_result_free(&result);
    }
}

/* HEVC's other kind of GOP: only the first I frame is IDR. */
static void hevc_gops_are_open_unless_asked(void **state)
{
    struct encode_setup setup = {0};
    struct encode_result result;

    (void)state;
    fast(&setup.par, MFX_CODEC_HEVC, MFX_FOURCC_I420);
    setup.par.mfx.GopPicSize = 10;
    setup.par.mfx.GopOptFlag = MFX_GOP_STRICT;
    run(&setup, &result);
    assert_int_equal(count_type(&result, MFX_FRAMETYPE_I), 3);
    assert_int_equal(count_type(&result, MFX_FRAMETYPE_IDR), 1);
    encode_result_free(&result);
    setup.par.mfx.IdrInterval = 1;
    run(&setup, &result);
    assert_int_equal(count_type(&result, MFX_FRAMETYPE_IDR), 3);
    encode_result_free(&result);
}

static mfxU64 uneven(size_t frame)
{
    return 1000000 + frame * 3003 + (frame % 3) * 700;
}

static mfxU64 unknown(size_t frame)
{
    (void)frame;
    return (mfxU64)MFX_TIMESTAMP_UNKNOWN;
}

static int by_value(const void *a, const void *b)
{
    mfxU64 x = *(const mfxU64 *)a;
    mfxU64 y = *(const mfxU64 *)b;
    return x < y ? -1 : x > y;
}

static void check_times(const struct encode_result *result, mfxU64 (*stamp)(size_t))
{
    mfxU64 seen[CLIP_FRAMES];

    assert_int_equal(result->count, CLIP_FRAMES);
    for (size_t i = 0; i < result->count; i++) {
        seen[i] = result->pictures[i].pts;
        assert_true(result->pictures[i].dts <= (mfxI64)result->pictures[i].pts);
        assert_true(!i || result->pictures[i].dts > result->pictures[i - 1].dts);
    }
    qsort(seen, CLIP_FRAMES, sizeof(seen[0]), by_value);
    for (size_t i = 0; i < CLIP_FRAMES; i++)
        assert_int_equal(seen[i], stamp == unknown ? i * 3000 : stamp(i));
}

static void time_stamps_come_out_and_decoding_times_rise(void **state)
{
    const mfxU32 all[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                          MFX_CODEC_VP9, MFX_CODEC_AV1,  MFX_CODEC_JPEG};

    (void)state;
    for (size_t c = 0; c < sizeof(all) / sizeof(all[0]); c++) {
        struct encode_setup setup = {.stamp = uneven};
        struct encode_result result;

        fast(&setup.par, all[c], MFX_FOURCC_NV12);
        run(&setup, &result);
        check_times(&result, uneven);
        encode_result_free(&result);
        setup.stamp = unknown;
        run(&setup, &result);
        check_times(&result, unknown);
        encode_result_free(&result);
    }
}

/* The bitstream is too small at first: nothing is lost, and GetVideoParam says how much is needed. */
static void too_small_a_buffer_loses_nothing(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        struct encode_setup small = {.room = 100};
        struct encode_setup large = {0};
        struct encode_result a;
        struct encode_result b;

        fast(&small.par, codecs[c], MFX_FOURCC_I420);
        small.par.mfx.NumThread = 1; /* so that two runs are alike */
        large.par = small.par;
        run(&small, &a);
        run(&large, &b);
        assert_true(a.num_too_small > 0);
        assert_int_equal(b.num_too_small, 0);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        encode_result_free(&a);
        encode_result_free(&b);
    }
}

static void statistics_count(void **state)
{
    struct encode_setup setup = {0};
    struct encode_result result;

    (void)state;
    fast(&setup.par, MFX_CODEC_AVC, MFX_FOURCC_I420);
    run(&setup, &result);
    assert_int_equal(result.stat.NumFrame, CLIP_FRAMES);
    assert_int_equal(result.stat.NumBit, result.size * 8);
    assert_int_equal(result.stat.NumCachedFrame, 0);
    encode_result_free(&result);
}

static void interlaced_avc_is_marked_so(void **state)
{
    struct encode_setup setup = {0};
    struct encode_result result;
    size_t size;

    (void)state;
    fast(&setup.par, MFX_CODEC_AVC, MFX_FOURCC_I420);
    setup.par.mfx.FrameInfo.Height = (CLIP_HEIGHT + 31) / 32 * 32;
    setup.par.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    run(&setup, &result);
    free(encode_decoded("interlaced.264", &result, "yuv420p", &size));
    assert_int_equal(size, CLIP_FRAMES * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
    /* frame_mbs_only_flag is 0, so x264 has written PAFF or MBAFF: told by ffmpeg's own parser */
    encode_result_free(&result);
}

/* The parameter sets that GetVideoParam gives are those of the stream. */
static void headers_are_those_of_the_stream(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        mfxU8 sps[256];
        mfxU8 pps[256];
        mfxU8 vps[256];
        mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                         .SPSBuffer = sps,
                                         .PPSBuffer = pps,
                                         .SPSBufSize = sizeof(sps),
                                         .PPSBufSize = sizeof(pps)};
        mfxExtCodingOptionVPS video = {.Header = {MFX_EXTBUFF_CODING_OPTION_VPS, sizeof(video)},
                                       .VPSBuffer = vps,
                                       .VPSBufSize = sizeof(vps)};
        mfxExtBuffer *buffers[] = {&sets.Header, &video.Header};
        struct encode_setup setup = {.num_frames = 2};
        struct encode_result result;
        struct runtime runtime;
        mfxVideoParam par;
        size_t at = 0;

        fast(&par, codecs[c], MFX_FOURCC_I420);
        setup.par = par;
        run(&setup, &result);
        runtime_open(&runtime);
        assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
        par.ExtParam = buffers;
        par.NumExtParam = codecs[c] == MFX_CODEC_HEVC ? 2 : 1;
        assert_int_equal(MFXVideoENCODE_GetVideoParam(runtime.session, &par), MFX_ERR_NONE);
        if (par.NumExtParam == 2) {
            assert_memory_equal(result.data, vps, video.VPSBufSize);
            at = video.VPSBufSize;
        }
        assert_true(sets.SPSBufSize > 8 && sets.PPSBufSize > 4);
        assert_memory_equal(result.data + at, sps, sets.SPSBufSize);
        assert_memory_equal(result.data + at + sets.SPSBufSize, pps, sets.PPSBufSize);
        assert_int_equal(par.mfx.CodecProfile,
                         codecs[c] == MFX_CODEC_AVC ? MFX_PROFILE_AVC_HIGH : MFX_PROFILE_HEVC_MAIN);
        assert_true(par.mfx.CodecLevel >= MFX_LEVEL_AVC_1 && par.mfx.CodecLevel <= MFX_LEVEL_AVC_2);
        assert_true(par.mfx.BufferSizeInKB > 0);
        sets.SPSBufSize = 4;
        assert_int_equal(MFXVideoENCODE_GetVideoParam(runtime.session, &par), MFX_ERR_NOT_ENOUGH_BUFFER);
        runtime_close(&runtime);
        encode_result_free(&result);
    }
}

/* A delimiter, when asked for, is the first unit of every picture: parameter sets come after it. */
static void access_unit_delimiters_come_first(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        mfxExtCodingOption option = {.Header = {MFX_EXTBUFF_CODING_OPTION, sizeof(option)},
                                     .AUDelimiter = MFX_CODINGOPTION_ON};
        mfxExtBuffer *buffers[] = {&option.Header};
        struct encode_setup setup = {.num_frames = 6};
        struct encode_result result;
        size_t at = 0;
        const uint8_t *next;

        fast(&setup.par, codecs[c], MFX_FOURCC_I420);
        setup.par.ExtParam = buffers;
        setup.par.NumExtParam = 1;
        run(&setup, &result);
        for (size_t i = 0; i < result.count; at += result.pictures[i++].bytes)
            assert_int_equal(result.data[at + 4], codecs[c] == MFX_CODEC_AVC ? 9 : 35 << 1);
        next = result.data + 4 + (codecs[c] == MFX_CODEC_AVC ? 2 : 3); /* the delimiter's own bytes */
        next += next[2] == 1 ? 3 : 4;
        assert_int_equal(*next, codecs[c] == MFX_CODEC_AVC ? 0x67 : 32 << 1); /* SPS, VPS */
        encode_result_free(&result);
    }
}

static void profiles_and_levels_are_written(void **state)
{
    const struct {
        mfxU32 codec, fourcc;
        mfxU16 profile, level;
    } cases[] = {
        {MFX_CODEC_AVC, MFX_FOURCC_I420, MFX_PROFILE_AVC_CONSTRAINED_BASELINE, MFX_LEVEL_AVC_3},
        {MFX_CODEC_AVC, MFX_FOURCC_NV12, MFX_PROFILE_AVC_MAIN, MFX_LEVEL_AVC_41},
        {MFX_CODEC_AVC, MFX_FOURCC_P010, MFX_PROFILE_AVC_HIGH10, MFX_LEVEL_AVC_51},
        {MFX_CODEC_HEVC, MFX_FOURCC_I420, MFX_PROFILE_HEVC_MAIN, MFX_LEVEL_HEVC_41},
        {MFX_CODEC_HEVC, MFX_FOURCC_P010, MFX_PROFILE_HEVC_MAIN10, MFX_LEVEL_HEVC_5 | MFX_TIER_HEVC_HIGH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct encode_setup setup = {.num_frames = 2};
        struct encode_result result;

        fast(&setup.par, cases[i].codec, cases[i].fourcc);
        setup.par.mfx.CodecProfile = cases[i].profile;
        setup.par.mfx.CodecLevel = cases[i].level;
        run(&setup, &result);
        assert_int_equal(result.par.mfx.CodecProfile, cases[i].profile);
        assert_int_equal(result.par.mfx.CodecLevel, cases[i].level);
        encode_result_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_multiplier_scales_bitrates),
        cmocka_unit_test(quantisers_are_by_picture_type),
        cmocka_unit_test(a_key_frame_is_made_on_request),
        cmocka_unit_test(gops_are_as_asked),
        cmocka_unit_test(hevc_gops_are_open_unless_asked),
        cmocka_unit_test(time_stamps_come_out_and_decoding_times_rise),
        cmocka_unit_test(too_small_a_buffer_loses_nothing),
        cmocka_unit_test(statistics_count),
        cmocka_unit_test(interlaced_avc_is_marked_so),
        cmocka_unit_test(headers_are_those_of_the_stream),
        cmocka_unit_test(access_unit_delimiters_come_first),
        cmocka_unit_test(profiles_and_levels_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
