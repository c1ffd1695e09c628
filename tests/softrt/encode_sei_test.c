/* SEI messages of the application's: in the right picture, behind the encoder's own, whole. */
#include "encode_run.h"
#include "stream_trace.h"

#include <stdlib.h>
#include <string.h>

/* user_data_registered_itu_t_t35 with bytes that would look like start codes. */
static mfxU8 registered[] = {4, 12, 0xb5, 0, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0};
static mfxU8 second[] = {4, 3, 0xb5, 7, 8};

static mfxPayload payload_of(mfxU8 *data, size_t size)
{
    return (mfxPayload){.Data = data, .NumBit = (mfxU32)size * 8, .BufSize = (mfxU16)size, .Type = data[0]};
}

static void messages_come_with_their_picture(void **state)
{
    static const struct {
        mfxU32 codec;
        const char *file;
    } cases[] = {{MFX_CODEC_AVC, "sei.264"}, {MFX_CODEC_HEVC, "sei.265"}};
    mfxPayload a = payload_of(registered, sizeof(registered));
    mfxPayload b = payload_of(second, sizeof(second));
    mfxPayload *payloads[] = {&a, &b};

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        struct encode_setup setup = {
            .num_frames = 12, .payloads = payloads, .num_payloads = 2, .payloads_at = 5};
        struct encode_result plain;
        struct encode_result result;
        struct runtime runtime;
        int country[4];
        size_t size;
        char *path;

        encode_defaults(&setup.par, cases[c].codec, MFX_FOURCC_NV12);
        setup.par.mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
        setup.par.mfx.NumThread = 1; /* so that two runs are alike */
        runtime_open(&runtime);
        encode_run(&runtime, &setup, &result);
        setup.num_payloads = 0;
        encode_run(&runtime, &setup, &plain);
        runtime_close(&runtime);
        for (size_t i = 0; i < result.count; i++) {
            bool here = result.pictures[i].pts == 5 * (mfxU64)3000;

            assert_int_equal(result.pictures[i].pts, plain.pictures[i].pts);
            assert_int_equal(result.pictures[i].bytes > plain.pictures[i].bytes, here);
        }
        path = encode_written(cases[c].file, &result);
        assert_int_equal(trace_fields(path, "itu_t_t35_country_code", NULL, country, 4), 2);
        assert_int_equal(country[0], 0xb5);
        free(file_raw(path, "yuv420p", &size));
        assert_int_equal(size, 12 * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
        free(path);
        encode_result_free(&result);
        encode_result_free(&plain);
    }
}

static void encode_one(mfxU32 codec, mfxEncodeCtrl *ctrl, mfxStatus expected)
{
    struct runtime runtime;
    struct frames frames;
    mfxVideoParam par;
    mfxBitstream bs;
    mfxSyncPoint sync;

    encode_defaults(&par, codec, MFX_FOURCC_NV12);
    runtime_open(&runtime);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 100000);
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(
        MFXVideoENCODE_EncodeFrameAsync(runtime.session, ctrl, &frames.frame[0].surface, &bs, &sync),
        expected);
    runtime_close(&runtime); /* with the message still inside, where it was taken */
    assert_int_equal(frames_locked(&frames), 0);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

static void messages_that_make_no_sense_are_refused(void **state)
{
    mfxPayload good = payload_of(registered, sizeof(registered));
    mfxPayload none = {0};
    mfxPayload beyond = good;
    mfxPayload bits = good;
    mfxPayload suffix = good;
    mfxPayload *list[2] = {&good, NULL};
    mfxEncodeCtrl ctrl = {.NumPayload = 1, .Payload = list};

    (void)state;
    beyond.NumBit = beyond.BufSize * 8U + 8;
    bits.NumBit -= 3;
    suffix.CtrlFlags = MFX_PAYLOAD_CTRL_SUFFIX;
    encode_one(MFX_CODEC_AVC, &ctrl, MFX_ERR_MORE_DATA);
    encode_one(MFX_CODEC_VP9, &ctrl, MFX_ERR_UNSUPPORTED);
    ctrl.NumPayload = 2;
    encode_one(MFX_CODEC_AVC, &ctrl, MFX_ERR_NULL_PTR);
    list[1] = &none;
    encode_one(MFX_CODEC_AVC, &ctrl, MFX_ERR_NULL_PTR);
    list[1] = &beyond;
    encode_one(MFX_CODEC_HEVC, &ctrl, MFX_ERR_INVALID_VIDEO_PARAM);
    list[1] = &bits;
    encode_one(MFX_CODEC_HEVC, &ctrl, MFX_ERR_INVALID_VIDEO_PARAM);
    list[1] = &suffix;
    encode_one(MFX_CODEC_HEVC, &ctrl, MFX_ERR_UNSUPPORTED);
    ctrl.Payload = NULL;
    encode_one(MFX_CODEC_AVC, &ctrl, MFX_ERR_NULL_PTR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_with_their_picture),
        cmocka_unit_test(messages_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
