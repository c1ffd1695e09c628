/* Frames on their way into the encoder: which are taken, what bounds them, and that none is lost or kept. */
#include "encode_run.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void init_avc(mfxVideoParam *par)
{
    encode_defaults(par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, par), MFX_ERR_NONE);
}

static void frame_controls_that_cannot_be_honoured_are_refused(void **state)
{
    mfxEncodeCtrl controls[] = {
        {.FrameType = MFX_FRAMETYPE_P},
        {.FrameType = MFX_FRAMETYPE_B},
        {.SkipFrame = 1},
        {.NumExtParam = 1},
        {.QP = 20},
    };
    mfxVideoParam par;
    struct frames frames;
    mfxBitstream bs;
    mfxSyncPoint sync;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 100000);
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
        assert_int_equal(
            MFXVideoENCODE_EncodeFrameAsync(SESSION, &controls[i], &frames.frame[0].surface, &bs, &sync),
            MFX_ERR_UNSUPPORTED);
    assert_int_equal(frames_locked(&frames), 0);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

static void surfaces_that_do_not_fit_are_refused(void **state)
{
    mfxVideoParam par;
    struct frames frames;
    mfxFrameSurface1 surface;
    mfxBitstream bs;
    mfxSyncPoint sync;

    (void)state;
    init_avc(&par);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 100000);
#define EXPECT_FRAME(change, status)                                                                    \
    do {                                                                                                \
        surface = frames.frame[0].surface;                                                              \
        change;                                                                                         \
        assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, &surface, &bs, &sync), status); \
        assert_int_equal(surface.Data.Locked, 0);                                                       \
    } while (0)
    EXPECT_FRAME(surface.Info.FourCC = MFX_FOURCC_I420, MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(surface.Info.Width = CLIP_WIDTH / 2, MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(surface.Info.CropW = CLIP_WIDTH / 2, MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(surface.Info.CropX = 65535, MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(surface.Data.Pitch = 16, MFX_ERR_UNDEFINED_BEHAVIOR);
    EXPECT_FRAME(surface.Data.UV = NULL; surface.Data.V = NULL, MFX_ERR_UNDEFINED_BEHAVIOR);
#undef EXPECT_FRAME
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

/* An allocator whose Lock waits until the gate opens: so the worker stands still for as long as a test needs.
 */
static struct {
    mfxFrameAllocator real;
    atomic_bool open;
} gate;

static mfxStatus MFX_CDECL lock_at_gate(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    while (!atomic_load(&gate.open))
        sleep_ms(1);
    return gate.real.Lock(pthis, mid, data);
}

static void set_gate(struct frames *frames)
{
    mfxFrameAllocator allocator = frames->allocator;

    gate.real = frames->allocator;
    atomic_store(&gate.open, false);
    allocator.Lock = lock_at_gate;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(SESSION, &allocator), MFX_ERR_NONE);
}

static mfxStatus encode(struct frames *frames, int frame, mfxBitstream *bs)
{
    mfxSyncPoint sync;
    mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(
        SESSION, NULL, frame < 0 ? NULL : &frames->frame[frame].surface, bs, &sync);

    if (status == MFX_ERR_NONE)
        sync_ok(SESSION, sync);
    return status;
}

/* The queue has AsyncDepth places; a full one is told at once, and nothing is taken. */
static void a_full_queue_is_busy(void **state)
{
    mfxVideoParam par;
    struct frames frames;
    mfxBitstream bs;

    (void)state;
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.AsyncDepth = 3;
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    frames_create(&frames, &par.mfx.FrameInfo, 4, true, 0);
    set_gate(&frames);
    bitstream_create(&bs, 1000000);
    for (int i = 0; i < 3; i++)
        assert_int_equal(encode(&frames, i, &bs), MFX_ERR_MORE_DATA);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(encode(&frames, 3, &bs), MFX_WRN_DEVICE_BUSY);
        assert_int_equal(surface_locked(&frames.frame[3].surface), 0);
        assert_int_not_equal(surface_locked(&frames.frame[i].surface), 0);
    }
    atomic_store(&gate.open, true);
    while (encode(&frames, 3, &bs) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    assert_int_equal(frames_locked(&frames), 0);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

/* Whatever was accepted and not yet begun is given back by Close, by Reset and by MFXClose. */
static void nothing_is_kept_when_it_ends_in_flight(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        mfxVideoParam par;
        struct frames frames;
        mfxBitstream bs;

        open_runtime(NULL);
        encode_defaults(&par, way ? MFX_CODEC_HEVC : MFX_CODEC_AVC, MFX_FOURCC_I420);
        par.AsyncDepth = 10;
        assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
        frames_create(&frames, &par.mfx.FrameInfo, 10, false, 0);
        bitstream_create(&bs, 1000000);
        for (int i = 0; i < 10; i++)
            assert_int_equal(encode(&frames, i, &bs), MFX_ERR_MORE_DATA);
        if (way == 0)
            assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        else if (way == 1)
            assert_int_equal(MFXVideoENCODE_Reset(SESSION, &par), MFX_ERR_NONE);
        if (way < 2) {
            assert_int_equal(frames_locked(&frames), 0);
            assert_int_equal(bs.DataLength, 0);
        }
        close_runtime(NULL);
        assert_int_equal(frames_locked(&frames), 0);
        bitstream_destroy(&bs);
        frames_destroy(&frames);
    }
}

/* The frame that could not be read is told by the next call; those around it are coded. */
static void a_lock_that_fails_is_reported_once(void **state)
{
    mfxVideoParam par;
    struct frames frames;
    mfxBitstream bs;
    mfxEncodeStat stat;
    mfxStatus status;

    (void)state;
    init_avc(&par);
    frames_create(&frames, &par.mfx.FrameInfo, 3, true, 0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(SESSION, &frames.allocator), MFX_ERR_NONE);
    bitstream_create(&bs, 1000000);
    assert_int_equal(encode(&frames, 0, &bs), MFX_ERR_MORE_DATA);
    for (int i = 0; i < 5000 && frames_locked(&frames); i++)
        sleep_ms(1);
    atomic_store(&frames.refuse, true);
    assert_int_equal(encode(&frames, 1, &bs), MFX_ERR_MORE_DATA);
    for (int i = 0; i < 5000 && frames_locked(&frames); i++)
        sleep_ms(1);
    atomic_store(&frames.refuse, false);
    assert_int_equal(encode(&frames, 2, &bs), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(encode(&frames, 2, &bs), MFX_ERR_MORE_DATA);
    while ((status = encode(&frames, -1, &bs)) != MFX_ERR_MORE_DATA)
        if (status == MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
    assert_int_equal(MFXVideoENCODE_GetEncodeStat(SESSION, &stat), MFX_ERR_NONE);
    assert_int_equal(stat.NumFrame, 2);
    assert_int_equal(stat.NumCachedFrame, 0);
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

/* One coded picture more, in `bs`: of a sequence the first is IDR, none is decoded after it is shown, and
 * decoding time goes on. */
static void count_coded(mfxBitstream *bs, mfxI64 *last, size_t *coded)
{
    assert_true(*coded || bs->FrameType & MFX_FRAMETYPE_IDR);
    assert_true(bs->DecodeTimeStamp <= (mfxI64)bs->TimeStamp);
    assert_true(bs->DecodeTimeStamp > *last);
    *last = bs->DecodeTimeStamp;
    bs->DataLength = 0;
    (*coded)++;
}

/* All frames and a drain. A codec without delay may give the first pictures before the drain. */
static void encode_sequence(struct frames *frames, mfxBitstream *bs, mfxU64 *stamp, mfxI64 *last)
{
    size_t coded = 0;
    mfxStatus status;

    for (size_t i = 0; i < frames->count; i++, *stamp += 3000) {
        frames->frame[i].surface.Data.TimeStamp = *stamp;
        status = encode(frames, (int)i, bs);
        if (status == MFX_ERR_NONE)
            count_coded(bs, last, &coded);
        else
            assert_int_equal(status, MFX_ERR_MORE_DATA);
    }
    while ((status = encode(frames, -1, bs)) != MFX_ERR_MORE_DATA) {
        if (status == MFX_WRN_DEVICE_BUSY) {
            sleep_ms(1);
            continue;
        }
        assert_int_equal(status, MFX_ERR_NONE);
        count_coded(bs, last, &coded);
    }
    assert_int_equal(coded, frames->count);
}

static void encode_three_sequences(size_t length)
{
    const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                             MFX_CODEC_VP9, MFX_CODEC_AV1,  MFX_CODEC_JPEG};

    for (size_t c = 0; c < sizeof(codecs) / sizeof(codecs[0]); c++) {
        mfxVideoParam par;
        struct frames frames;
        mfxBitstream bs;
        mfxI64 last = INT64_MIN;
        mfxU64 stamp = 900000;

        encode_defaults(&par, codecs[c], MFX_FOURCC_I420);
        assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
        frames_create(&frames, &par.mfx.FrameInfo, length, false, 0);
        bitstream_create(&bs, 1000000);
        for (int round = 0; round < 3; round++)
            encode_sequence(&frames, &bs, &stamp, &last);
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
        assert_int_equal(frames_locked(&frames), 0);
        bitstream_destroy(&bs);
        frames_destroy(&frames);
    }
}

/* After a drain the encoder takes frames again: a new sequence, on the same clock. */
static void frames_after_a_drain_begin_a_new_sequence(void **state)
{
    (void)state;
    encode_three_sequences(4);
}

/* Fewer frames than a picture may be late: libx265 then says a decoding time that it has never set. Fresh
 * memory is filled, so that this shows without a checker as well. */
static void the_shortest_sequences_have_decoding_times(void **state)
{
    (void)state;
    (void)mallopt(M_PERTURB, 0x55);
    encode_three_sequences(1);
    encode_three_sequences(2);
    (void)mallopt(M_PERTURB, 0);
}

/* Coded pictures are appended behind what is there. */
static void pictures_are_appended(void **state)
{
    mfxVideoParam par;
    struct frames frames;
    mfxBitstream bs;
    mfxStatus status;

    (void)state;
    encode_defaults(&par, MFX_CODEC_JPEG, MFX_FOURCC_I420);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &par), MFX_ERR_NONE);
    frames_create(&frames, &par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 1000000);
    memset(bs.Data, 0x5a, 1000);
    bs.DataOffset = 300;
    bs.DataLength = 700;
    assert_int_equal(encode(&frames, 0, &bs), MFX_ERR_MORE_DATA);
    while ((status = encode(&frames, -1, &bs)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(status, MFX_ERR_NONE);
    assert_int_equal(bs.DataOffset, 300);
    assert_true(bs.DataLength > 700 + 100);
    assert_int_equal(bs.Data[999], 0x5a);
    assert_int_equal(bs.Data[1000], 0xff);
    assert_int_equal(bs.Data[1001], 0xd8); /* start of image */
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frame_controls_that_cannot_be_honoured_are_refused, open_runtime,
                                        close_runtime),
        cmocka_unit_test_setup_teardown(surfaces_that_do_not_fit_are_refused, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(a_full_queue_is_busy, open_runtime, close_runtime),
        cmocka_unit_test(nothing_is_kept_when_it_ends_in_flight),
        cmocka_unit_test_setup_teardown(a_lock_that_fails_is_reported_once, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(frames_after_a_drain_begin_a_new_sequence, open_runtime,
                                        close_runtime),
        cmocka_unit_test_setup_teardown(the_shortest_sequences_have_decoding_times, open_runtime,
                                        close_runtime),
        cmocka_unit_test_setup_teardown(pictures_are_appended, open_runtime, close_runtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
