/* What the decoder tells of frames and of itself: time stamps, parameters, counts, user data. */
#include "decode_fixture.h"

#include <stdlib.h>
#include <string.h>

static void frames_carry_their_time_stamps_and_order(void **state)
{
    const char *args = CLIP "-c:v libvpx-vp9 -deadline realtime -cpu-used 8";
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxU32 order = 0;

    (void)state;
    memset(&f, 0, sizeof(f));
    runtime_open(&f.runtime);
    f.session = f.runtime.session;
    fixture_open_clip(&f, "stamps.ivf", args, MFX_CODEC_VP9);
    fixture_init(&f);
    for (bool more = true; order < 30;) {
        mfxStatus status = fixture_next_frame(&f, more ? &f.stream.bits : NULL, &out, &sync);

        if (status == MFX_ERR_MORE_DATA) {
            assert_true(more);
            more = stream_read(&f.stream);
            continue;
        }
        assert_int_equal(status, MFX_ERR_NONE);
        assert_int_equal(out->Data.TimeStamp, order * 3600);
        assert_int_equal(out->Data.FrameOrder, order);
        assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_ORIGINAL_TIMESTAMP);
        assert_int_equal(out->Info.CropW, 320);
        assert_int_equal(out->Info.CropH, 180);
        assert_int_equal(out->Info.PicStruct, MFX_PICSTRUCT_PROGRESSIVE);
        order++;
    }
    fixture_close(&f);
}

static void reordered_frames_keep_the_stamps_of_their_pictures(void **state)
{
    struct fixture f;
    struct stream whole;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxU64 last = 0;
    size_t count = 0;
    bool ended = false;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    stream_open(&whole, f.path, 500);
    /* Pieces with rising stamps: each goes to the first picture that begins in its piece, so they stay in the
     * order of decoding, and every frame that comes out is stamped with one of them or with none. */
    while (!ended) {
        mfxStatus status = fixture_next_frame(&f, &whole.bits, &out, &sync);

        if (status == MFX_ERR_MORE_DATA) {
            ended = !stream_read(&whole);
            whole.bits.TimeStamp = whole.num_reads * 1000;
        } else {
            assert_int_equal(status, MFX_ERR_NONE);
            if (out->Data.TimeStamp != (mfxU64)MFX_TIMESTAMP_UNKNOWN) {
                assert_int_equal(out->Data.TimeStamp % 1000, 0);
                assert_true(out->Data.TimeStamp <= whole.num_reads * 1000);
                assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_ORIGINAL_TIMESTAMP);
                last = out->Data.TimeStamp;
                count++;
            }
        }
    }
    assert_true(last > 1000 && count > 10);
    stream_close(&whole);
    fixture_close(&f);
}

static void without_time_stamps_they_are_unknown(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_true(out->Data.TimeStamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN);
    assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_TIMESTAMP_UNKNOWN);
    fixture_close(&f);
}

/* Where the next access unit delimiter (NAL type 9) begins after `from`. */
static size_t next_picture(const uint8_t *data, size_t size, size_t from)
{
    for (size_t i = from + 1; i + 4 < size; i++)
        if (!data[i] && !data[i + 1] && data[i + 2] == 1 && (data[i + 3] & 0x1f) == 9)
            return i;
    return size;
}

/* A picture a call, announced as complete: the decoder need not wait for the beginning of the next one. */
static void pictures_can_be_given_one_by_one(void **state)
{
    const char *args = CLIP "-c:v libx264 -bf 0 -g 10 -bsf:v h264_metadata=aud=insert";
    struct fixture f;
    size_t size;
    uint8_t *data;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t given = 0;
    size_t got = 0;
    mfxStatus status;

    (void)state;
    memset(&f, 0, sizeof(f));
    runtime_open(&f.runtime);
    f.session = f.runtime.session;
    fixture_open_clip(&f, "delimited.264", args, MFX_CODEC_AVC);
    fixture_init(&f);
    data = file_read(f.path, &size);
    for (size_t at = next_picture(data, size, 0); at < size; given++) {
        size_t end = next_picture(data, size, at);
        mfxBitstream bits = {.Data = data + at,
                             .DataLength = (mfxU32)(end - at),
                             .MaxLength = (mfxU32)(end - at),
                             .TimeStamp = given * 3600,
                             .DataFlag = MFX_BITSTREAM_COMPLETE_FRAME};

        while ((status = fixture_next_frame(&f, &bits, &out, &sync)) == MFX_ERR_NONE)
            assert_int_equal(out->Data.TimeStamp, got++ * 3600);
        assert_int_equal(status, MFX_ERR_MORE_DATA);
        assert_int_equal(bits.DataLength, 0);
        at = end;
    }
    assert_int_equal(given, 30);
    while (fixture_next_frame(&f, NULL, &out, &sync) == MFX_ERR_NONE)
        assert_int_equal(out->Data.TimeStamp, got++ * 3600);
    assert_int_equal(got, 30);
    fixture_close(&f);
    free(data);
}

static void working_parameters_can_be_asked_for(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxVideoParam par = {0};
    mfxU8 sps[200];
    mfxU8 pps[200];
    mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                     .SPSBuffer = sps,
                                     .PPSBuffer = pps,
                                     .SPSBufSize = sizeof(sps),
                                     .PPSBufSize = sizeof(pps)};
    mfxExtBuffer *ext[] = {&sets.Header};

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par), MFX_ERR_NONE);
    assert_int_equal(par.mfx.CodecId, MFX_CODEC_AVC);
    assert_int_equal(par.AsyncDepth, 2);
    assert_int_equal(par.mfx.FrameInfo.FourCC, MFX_FOURCC_I420);
    par.ExtParam = ext;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par),
                     MFX_ERR_NOT_FOUND); /* no header seen yet */
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par), MFX_ERR_NONE);
    assert_ptr_equal(par.ExtParam, ext);
    assert_int_equal(par.mfx.FrameInfo.CropH, 180);
    assert_int_equal(par.mfx.FrameInfo.Height, 192);
    assert_int_equal(sps[4] & 0x1f, 7);
    fixture_close(&f);
}

static void statistics_count(void **state)
{
    struct fixture f;
    mfxDecodeStat stat;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(fixture_decode_rest(&f), 30);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NONE);
    assert_int_equal(stat.NumFrame, 30);
    assert_int_equal(stat.NumError, 0);
    assert_int_equal(stat.NumSkippedFrame, 0);
    assert_int_equal(stat.NumCachedFrame, 0);
    fixture_close(&f);
}

static void skipping_goes_by_steps_and_is_counted(void **state)
{
    struct fixture f;
    mfxDecodeStat stat;
    size_t count;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_LESS), MFX_WRN_VALUE_NOT_CHANGED);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NONE);
    count = fixture_decode_rest(&f);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NONE);
    assert_true(stat.NumSkippedFrame > 5);
    assert_int_equal(count + stat.NumSkippedFrame, 30);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_WRN_VALUE_NOT_CHANGED);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_NOSKIP), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, (mfxSkipMode)99), MFX_ERR_UNSUPPORTED);
    fixture_close(&f);
}

/* x264 writes its settings into an SEI message: a UUID and text. */
static void user_data_can_be_fetched(void **state)
{
    struct fixture f;
    mfxU8 bytes[4096];
    mfxPayload payload = {.Data = bytes, .BufSize = 10};
    mfxU64 stamp = 0;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    /* From the first byte of the clip: the message may come before what DecodeHeader points at. */
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.NumBit, 0);
    assert_int_equal(fixture_decode_rest(&f), 30);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NOT_ENOUGH_BUFFER);
    payload.BufSize = sizeof(bytes);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.Type, 5);
    assert_true(payload.NumBit > 16 * 8);
    assert_non_null(memmem(bytes, payload.NumBit / 8, "x264", 4));
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.NumBit, 0);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_carry_their_time_stamps_and_order),
        cmocka_unit_test(reordered_frames_keep_the_stamps_of_their_pictures),
        cmocka_unit_test(without_time_stamps_they_are_unknown),
        cmocka_unit_test(pictures_can_be_given_one_by_one),
        cmocka_unit_test(working_parameters_can_be_asked_for),
        cmocka_unit_test(statistics_count),
        cmocka_unit_test(skipping_goes_by_steps_and_is_counted),
        cmocka_unit_test(user_data_can_be_fetched),
    };

    return cmocka_run_group_tests_name("softrt decode info", tests, NULL, NULL);
}
