/* Rate control of every codec: bit rates are reached, quantisers are what was asked for, qualities are in
 * order, and what a library cannot do is refused. */
#include "encode_run.h"
#include "stream_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct codec {
    mfxU32 id;
    const char *file;
    mfxU16 kbps;      /* a rate at which it neither starves nor has too much */
    mfxU16 good, bad; /* quantisers */
};

static const struct codec codecs[] = {
    {MFX_CODEC_AVC, "rate.264", 150, 20, 36},      {MFX_CODEC_HEVC, "rate.265", 150, 20, 36},
    {MFX_CODEC_MPEG2, "rate.m2v", 500, 3, 12},     {MFX_CODEC_VP9, "rate_vp9.ivf", 200, 60, 160},
    {MFX_CODEC_AV1, "rate_av1.obu", 200, 60, 160},
};
enum {
    NUM_CODECS = sizeof(codecs) / sizeof(codecs[0])
};

static void fast(mfxVideoParam *par, mfxU32 codec)
{
    encode_defaults(par, codec, MFX_FOURCC_I420);
    par->mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
}

static void run(const struct encode_setup *setup, struct encode_result *result)
{
    struct runtime runtime;

    runtime_open(&runtime);
    encode_run(&runtime, setup, result);
    runtime_close(&runtime);
}

static void set_cqp(mfxVideoParam *par, mfxU16 qp)
{
    par->mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par->mfx.QPI = par->mfx.QPP = par->mfx.QPB = qp;
}

/* The most bits that a decoder, which is sent `kbps` all the time, must have had before the first picture:
 * what its buffer has to hold. */
static double buffer_kbit(const struct encode_result *result, double kbps)
{
    double fill = 0;
    double most = 0;

    for (size_t i = 0; i < result->count; i++) {
        fill += (double)result->pictures[i].bytes * 8 / 1000 - kbps / 30;
        if (fill < 0)
            fill = 0;
        most = fill > most ? fill : most;
    }
    return most;
}

static void check_rate(const struct codec *codec, mfxU16 method, const uint8_t *source)
{
    struct encode_setup setup = {.source = source, .source_frames = CHANGING_FRAMES, .num_frames = 180};
    struct encode_result result;
    bool constant = method == MFX_RATECONTROL_CBR;
    double tolerance = constant ? 0.12 : 0.2;
    double kbps;
    double buffer;

    if (is_slow())
        setup.num_frames = CHANGING_FRAMES;
    fast(&setup.par, codec->id);
    setup.par.mfx.RateControlMethod = method;
    setup.par.mfx.TargetKbps = codec->kbps;
    setup.par.mfx.MaxKbps = (mfxU16)(constant ? codec->kbps : codec->kbps * 2);
    run(&setup, &result);
    kbps = (double)result.size * 8 / 1000 / ((double)setup.num_frames / 30);
    buffer = buffer_kbit(&result, codec->kbps);
    print_message("%-12s %s of %u kbit/s: %.0f, in a buffer of %.0f kbit\n", codec->file,
                  constant ? "CBR" : "VBR", codec->kbps, kbps, buffer);
    assert_true(kbps > codec->kbps * (1 - tolerance) && kbps < codec->kbps * (1 + tolerance));
    if (constant) /* a second's worth is what it is told */
        assert_true(buffer < codec->kbps * 1.2);
    encode_result_free(&result);
}

/* CBR comes within 12 %, VBR within 20 % of its rate, over three scenes that repeat. */
static void rates_are_reached_on_changing_content(void **state)
{
    uint8_t *source = encode_changing_source(MFX_FOURCC_I420);

    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        check_rate(&codecs[c], MFX_RATECONTROL_CBR, source);
        check_rate(&codecs[c], MFX_RATECONTROL_VBR, source);
    }
    free(source);
}

static const uint8_t *source_of(mfxU32 fourcc)
{
    static uint8_t *source;
    size_t size;

    if (!source)
        source = encode_source(fourcc, &size);
    return source;
}

/* Encodes in few frames; the size, and the quality by what ffmpeg decodes. */
static double quality_of(const struct codec *codec, const struct encode_setup *setup, size_t *size)
{
    struct encode_result result;
    size_t decoded_size;
    uint8_t *decoded;
    double db;

    run(setup, &result);
    *size = result.size;
    decoded = encode_decoded(codec->file, &result, "yuv420p", &decoded_size);
    db = psnr(decoded, source_of(MFX_FOURCC_I420), decoded_size, 1, 0);
    free(decoded);
    encode_result_free(&result);
    return db;
}

static void icq_qualities_are_in_order(void **state)
{
    static const mfxU16 steps[] = {5, 20, 35, 50};

    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        double last_db = 1000;
        size_t last_size = SIZE_MAX;

        for (size_t s = 0; codecs[c].id != MFX_CODEC_MPEG2 && s < sizeof(steps) / sizeof(steps[0]); s++) {
            struct encode_setup setup = {.num_frames = 10};
            size_t size;
            double db;

            fast(&setup.par, codecs[c].id);
            setup.par.mfx.RateControlMethod = MFX_RATECONTROL_ICQ;
            setup.par.mfx.ICQQuality = steps[s];
            db = quality_of(&codecs[c], &setup, &size);
            print_message("%-12s ICQ %2u: %zu bytes, %.1f dB\n", codecs[c].file, steps[s], size, db);
            assert_true(db < last_db);
            assert_true(size < last_size);
            last_db = db;
            last_size = size;
        }
    }
}

enum {
    FEW = 8
};

static void encode_cqp(const struct codec *codec, mfxU16 qp, mfxU16 (*by_frame)(size_t),
                       struct encode_result *result)
{
    struct encode_setup setup = {.num_frames = FEW, .qp = by_frame};

    fast(&setup.par, codec->id);
    set_cqp(&setup.par, qp);
    run(&setup, result);
}

static void check_all(const char *path, const char *field, int expected, int offset)
{
    int values[256];
    size_t count = trace_fields(path, field, NULL, values, 256);

    assert_in_range(count, FEW, 256);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(values[i] + offset, expected);
}

/* Read back from the headers: of VP9 and AV1 those of hidden frames as well. */
static void quantisers_are_those_asked_for(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        size_t last = SIZE_MAX;

        for (int bad = 0; bad < 2; bad++) {
            mfxU16 qp = bad ? codecs[c].bad : codecs[c].good;
            struct encode_result result;
            char *path;
            int init[4];

            encode_cqp(&codecs[c], qp, NULL, &result);
            assert_int_equal(result.par.mfx.QPP, qp);
            assert_true(result.size < last);
            last = result.size;
            path = encode_written(codecs[c].file, &result);
            if (codecs[c].id == MFX_CODEC_AVC || codecs[c].id == MFX_CODEC_HEVC) {
                const char *field = c ? "init_qp_minus26" : "pic_init_qp_minus26";
                assert_true(trace_fields(path, field, NULL, init, 4) > 0);
                check_all(path, "slice_qp_delta", qp, 26 + init[0]);
            } else {
                check_all(path, codecs[c].id == MFX_CODEC_MPEG2 ? "quantiser_scale_code" : "base_q_idx", qp,
                          0);
            }
            free(path);
            encode_result_free(&result);
        }
    }
}

static mfxU16 rising(size_t frame)
{
    return (mfxU16)(2 + frame);
}

/* MPEG-2 takes a quantiser for each frame; what is coded last is not what was given last. */
static void mpeg2_takes_a_quantiser_for_each_frame(void **state)
{
    const struct codec *codec = &codecs[2];
    struct encode_result result;
    int values[FEW];
    char *path;

    (void)state;
    encode_cqp(codec, 9, rising, &result);
    path = encode_written(codec->file, &result);
    assert_int_equal(trace_fields(path, "quantiser_scale_code", "picture_coding_type", values, FEW), FEW);
    for (size_t i = 0; i < FEW; i++)
        assert_int_equal(values[i], rising((size_t)(result.pictures[i].pts / 3000)));
    free(path);
    encode_result_free(&result);
}

/* Between the quantisers of libvpx and libaom, and of three that differ where all pictures have one. */
static void quantisers_that_there_are_not_are_mended(void **state)
{
    static const struct {
        mfxU32 codec;
        mfxU16 i, p, b, becomes;
    } cases[] = {
        {MFX_CODEC_VP9, 101, 101, 101, 100}, {MFX_CODEC_VP9, 1, 1, 0, 4},   {MFX_CODEC_AV1, 254, 254, 0, 255},
        {MFX_CODEC_AV1, 247, 248, 0, 249},   {MFX_CODEC_MPEG2, 5, 6, 7, 6},
    };
    struct runtime runtime;

    (void)state;
    runtime_open(&runtime);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mfxVideoParam par;

        fast(&par, cases[i].codec);
        par.mfx.RateControlMethod = MFX_RATECONTROL_CQP;
        par.mfx.QPI = cases[i].i;
        par.mfx.QPP = cases[i].p;
        par.mfx.QPB = cases[i].b;
        assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
        assert_int_equal(par.mfx.QPI, cases[i].becomes);
        assert_int_equal(par.mfx.QPP, cases[i].becomes);
        assert_true(!par.mfx.QPB || par.mfx.QPB == cases[i].becomes);
        assert_int_equal(MFXVideoENCODE_Query(runtime.session, &par, &par), MFX_ERR_NONE);
    }
    runtime_close(&runtime);
}

static void refuses(mfxSession session, mfxU32 codec, mfxU16 method)
{
    mfxVideoParam par;

    fast(&par, codec);
    par.mfx.RateControlMethod = method;
    par.mfx.TargetKbps = 20;
    assert_int_equal(MFXVideoENCODE_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(par.mfx.RateControlMethod, 0);
}

static void methods_that_no_library_has_are_refused(void **state)
{
    static const mfxU16 methods[] = {
        MFX_RATECONTROL_AVBR, MFX_RATECONTROL_LA,   MFX_RATECONTROL_LA_ICQ,   MFX_RATECONTROL_LA_HRD,
        MFX_RATECONTROL_VCM,  MFX_RATECONTROL_QVBR, MFX_RATECONTROL_CQP + 32, 0xffff};
    struct runtime runtime;

    (void)state;
    runtime_open(&runtime);
    for (size_t c = 0; c < NUM_CODECS; c++)
        for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++)
            refuses(runtime.session, codecs[c].id, methods[m]);
    refuses(runtime.session, MFX_CODEC_MPEG2, MFX_RATECONTROL_ICQ);
    runtime_close(&runtime);
}

/* The frames that go in before the first picture comes out, one at a time. */
static size_t frames_before_first(mfxU32 codec, mfxU16 depth)
{
    mfxExtCodingOption2 co2 = {.Header = {MFX_EXTBUFF_CODING_OPTION2, sizeof(co2)}, .LookAheadDepth = depth};
    mfxExtBuffer *buffers[] = {&co2.Header};
    struct runtime runtime;
    mfxVideoParam par;
    struct frames frames;
    mfxBitstream bs;
    mfxSyncPoint sync;
    mfxStatus status;
    size_t count = 0;

    fast(&par, codec);
    par.AsyncDepth = 1;
    par.mfx.NumThread = 1; /* more of them have frames of their own */
    par.mfx.GopRefDist = 1;
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    runtime_open(&runtime);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 1000000);
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
    do {
        status = MFXVideoENCODE_EncodeFrameAsync(runtime.session, NULL, &frames.frame[0].surface, &bs, &sync);
        if (status == MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
        else
            count++;
    } while (status != MFX_ERR_NONE && count < 200);
    runtime_close(&runtime);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
    return count;
}

/* The depth is the number of frames that the encoder wants to see behind the one it codes. */
static void look_ahead_is_as_deep_as_asked(void **state)
{
    static const mfxU32 with[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_VP9, MFX_CODEC_AV1};

    (void)state;
    for (size_t c = 0; c < sizeof(with) / sizeof(with[0]); c++) {
        size_t less = frames_before_first(with[c], 8);
        size_t more = frames_before_first(with[c], 20);

        print_message("look-ahead of 8: %zu frames, of 20: %zu\n", less, more);
        assert_in_range(less, 8, 8 + 5);
        assert_in_range(more, 20, 20 + 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_reached_on_changing_content),
        cmocka_unit_test(icq_qualities_are_in_order),
        cmocka_unit_test(quantisers_are_those_asked_for),
        cmocka_unit_test(mpeg2_takes_a_quantiser_for_each_frame),
        cmocka_unit_test(quantisers_that_there_are_not_are_mended),
        cmocka_unit_test(methods_that_no_library_has_are_refused),
        cmocka_unit_test(look_ahead_is_as_deep_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
