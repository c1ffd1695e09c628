/* MFXVideoENCODE_Reset on every codec: what it changes is in the stream that follows, which begins anew. */
#include "encode_run.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    mfxU32 id;
    const char *file;
    mfxU16 good, bad; /* quantisers */
} codecs[] = {
    {MFX_CODEC_AVC, "reset.264", 20, 40},      {MFX_CODEC_HEVC, "reset.265", 20, 40},
    {MFX_CODEC_MPEG2, "reset.m2v", 3, 20},     {MFX_CODEC_VP9, "reset_vp9.ivf", 60, 200},
    {MFX_CODEC_AV1, "reset_av1.obu", 60, 200},
};
enum {
    NUM_CODECS = sizeof(codecs) / sizeof(codecs[0]),
    FRAMES = 12,
    SMALL_WIDTH = 96,
    SMALL_HEIGHT = 64
};

/* What comes out between two drains. */
struct part {
    struct encode_result result;
    mfxU16 types[FRAMES];
};

static void start(mfxU32 codec, mfxU16 qp, mfxVideoParam *par)
{
    encode_defaults(par, codec, MFX_FOURCC_I420);
    par->mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
    par->mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par->mfx.QPI = par->mfx.QPP = par->mfx.QPB = qp;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, par), MFX_ERR_NONE);
}

static void take(struct part *part, mfxBitstream *bs)
{
    struct encode_result *result = &part->result;

    assert_true(result->count < FRAMES);
    result->data = realloc(result->data, result->size + bs->DataLength);
    assert_non_null(result->data);
    memcpy(result->data + result->size, bs->Data, bs->DataLength);
    result->size += bs->DataLength;
    part->types[result->count++] = bs->FrameType;
    bs->DataLength = 0;
}

/* FRAMES frames of the session's present size, and a drain. */
static void encode_part(const mfxVideoParam *par, struct part *part)
{
    struct frames frames;
    mfxBitstream bs;
    mfxSyncPoint sync;
    mfxStatus status = MFX_ERR_NONE;
    size_t size;
    uint8_t *source = encode_source(MFX_FOURCC_I420, &size);
    size_t given = 0;

    memset(part, 0, sizeof(*part));
    frames_create(&frames, &par->mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 1000000);
    while (given < FRAMES || status != MFX_ERR_MORE_DATA) {
        mfxFrameSurface1 *surface = given < FRAMES ? frames_free_one(&frames) : NULL;

        if (surface) /* the clip's beginning, cut to whatever size there is */
            picture_put(&frames, surface,
                        source + given * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
        status = MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, surface, &bs, &sync);
        if (status == MFX_WRN_DEVICE_BUSY) {
            sleep_ms(1);
            continue;
        }
        given += surface != NULL;
        if (status == MFX_ERR_NONE)
            take(part, &bs);
        else
            assert_int_equal(status, MFX_ERR_MORE_DATA);
        if (surface)
            status = MFX_ERR_NONE;
    }
    assert_int_equal(part->result.count, FRAMES);
    assert_true(part->types[0] & MFX_FRAMETYPE_IDR);
    free(source);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

static void quantisers_change(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        mfxVideoParam par;
        mfxVideoParam now = {0};
        mfxEncodeStat stat;
        struct part good;
        struct part bad;

        start(codecs[c].id, codecs[c].good, &par);
        encode_part(&par, &good);
        assert_int_equal(MFXVideoENCODE_GetEncodeStat(SESSION, &stat), MFX_ERR_NONE);
        assert_int_equal(stat.NumFrame, FRAMES);
        par.mfx.QPI = par.mfx.QPP = par.mfx.QPB = codecs[c].bad;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        assert_int_equal(MFXVideoENCODE_GetEncodeStat(SESSION, &stat), MFX_ERR_NONE);
        assert_int_equal(stat.NumFrame, 0);
        assert_int_equal(stat.NumBit, 0);
        assert_int_equal(stat.NumCachedFrame, 0);
        assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
        assert_int_equal(now.mfx.QPP, codecs[c].bad);
        encode_part(&par, &bad);
        assert_true(bad.result.size < good.result.size / 2);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        encode_result_free(&good.result);
        encode_result_free(&bad.result);
    }
}

static void bit_rates_and_methods_change(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        mfxVideoParam par;
        struct part high;
        struct part low;

        start(codecs[c].id, codecs[c].good, &par);
        par.mfx.RateControlMethod = MFX_RATECONTROL_CBR;
        par.mfx.InitialDelayInKB = par.mfx.MaxKbps = 0;
        par.mfx.TargetKbps = 1500;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        encode_part(&par, &high);
        par.mfx.TargetKbps = 60;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        encode_part(&par, &low);
        print_message("%-14s %zu and %zu bytes\n", codecs[c].file, high.result.size, low.result.size);
        assert_true(low.result.size < high.result.size);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        encode_result_free(&high.result);
        encode_result_free(&low.result);
    }
}

static void gops_change(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        mfxVideoParam par;
        struct part part;

        start(codecs[c].id, codecs[c].bad, &par);
        par.mfx.GopPicSize = 4;
        par.mfx.GopRefDist = 1;
        par.mfx.GopOptFlag = MFX_GOP_CLOSED | MFX_GOP_STRICT;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        encode_part(&par, &part);
        for (size_t i = 0; i < FRAMES; i++)
            assert_int_equal(!!(part.types[i] & MFX_FRAMETYPE_IDR), i % 4 == 0);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        encode_result_free(&part.result);
    }
}

/* Down, and up again as far as Init went. */
static void sizes_change_within_those_of_init(void **state)
{
    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        mfxVideoParam par;
        mfxVideoParam larger;
        struct part part;
        size_t size;

        start(codecs[c].id, codecs[c].bad, &par);
        larger = par;
        par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = SMALL_WIDTH;
        par.mfx.FrameInfo.Height = par.mfx.FrameInfo.CropH = SMALL_HEIGHT;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        encode_part(&par, &part);
        free(encode_decoded(codecs[c].file, &part.result, "yuv420p", &size));
        assert_int_equal(size, FRAMES * picture_size(MFX_FOURCC_I420, SMALL_WIDTH, SMALL_HEIGHT));
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &larger), MFX_ERR_NONE);
        larger.mfx.FrameInfo.Width *= 2;
        larger.mfx.FrameInfo.CropW *= 2;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &larger), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        encode_result_free(&part.result);
    }
}

static void frame_rates_change(void **state)
{
    mfxVideoParam par;
    mfxVideoParam now = {0};

    (void)state;
    for (size_t c = 0; c < NUM_CODECS; c++) {
        start(codecs[c].id, codecs[c].bad, &par);
        par.mfx.FrameInfo.FrameRateExtN = 25;
        assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
        assert_int_equal(now.mfx.FrameInfo.FrameRateExtN, 25);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    }
}

/* What needs another Init says so, and the encoder goes on as it was. */
static void what_needs_another_init_changes_nothing(void **state)
{
    mfxVideoParam par;
    mfxVideoParam changed;
    mfxVideoParam now = {0};

    (void)state;
    start(MFX_CODEC_VP9, 60, &par);
    changed = par;
    changed.mfx.CodecId = MFX_CODEC_AV1;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &changed), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    changed = par;
    changed.AsyncDepth = 20;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &changed), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    changed = par;
    changed.mfx.RateControlMethod = MFX_RATECONTROL_LA;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &changed), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
    assert_int_equal(now.mfx.CodecId, MFX_CODEC_VP9);
    assert_int_equal(now.mfx.QPP, 60);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

/* Reset always begins a new sequence; to go on with the old one cannot be asked for, and Query tells. */
static void a_new_sequence_is_told_and_cannot_be_declined(void **state)
{
    mfxExtEncoderResetOption option = {.Header = {MFX_EXTBUFF_ENCODER_RESET_OPTION, sizeof(option)}};
    mfxExtBuffer *buffers[] = {&option.Header};
    mfxVideoParam par;

    (void)state;
    start(MFX_CODEC_AVC, 20, &par);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_NONE);
    assert_int_equal(option.StartNewSequence, MFX_CODINGOPTION_ON);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
    option.StartNewSequence = MFX_CODINGOPTION_OFF;
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 640;
    option.StartNewSequence = MFX_CODINGOPTION_UNKNOWN;
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Query(SESSION, &par, &par), MFX_ERR_NONE); /* there is nothing to reset */
}

/* The file that VP9 comes in goes on: it has one header. */
static void ivf_goes_on_after_reset(void **state)
{
    mfxVideoParam par;
    struct part first;
    struct part second;

    (void)state;
    start(MFX_CODEC_VP9, 60, &par);
    encode_part(&par, &first);
    assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
    encode_part(&par, &second);
    assert_memory_equal(first.result.data, "DKIF", 4);
    assert_memory_not_equal(second.result.data, "DKIF", 4);
    assert_int_equal(second.result.data[4], FRAMES); /* the picture's number */
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    encode_result_free(&first.result);
    encode_result_free(&second.result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quantisers_change, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(bit_rates_and_methods_change, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(gops_change, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(sizes_change_within_those_of_init, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(frame_rates_change, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(what_needs_another_init_changes_nothing, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(a_new_sequence_is_told_and_cannot_be_declined, open_runtime,
                                        close_runtime),
        cmocka_unit_test_setup_teardown(ivf_goes_on_after_reset, open_runtime, close_runtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
