/* The decoder call by call: order, arguments, answers. */
#include "decode_fixture.h"

#include <stdlib.h>
#include <string.h>

static void calls_before_init_say_so(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out = NULL;
    mfxSyncPoint sync = NULL;
    mfxDecodeStat stat;
    mfxPayload payload = {0};
    mfxU64 stamp;

    (void)state;
    fixture_open(&f);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &f.par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &f.par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, &f.frames.frame[0].surface, &out, &sync),
        MFX_ERR_NOT_INITIALIZED);
    fixture_init(&f);
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    fixture_close(&f);
}

static void null_arguments_are_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxFrameSurface1 *work;
    mfxSyncPoint sync;
    mfxBitstream empty = {.DataLength = 10, .MaxLength = 10};
    mfxFrameAllocRequest request;
    mfxPayload payload = {0};
    mfxU64 stamp;

    (void)state;
    fixture_open(&f);
    work = &f.frames.frame[0].surface;
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, NULL, &request), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, NULL, &f.par), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &empty, &f.par), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_Init(f.session, NULL), MFX_ERR_NULL_PTR);
    fixture_init(&f);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, NULL, &payload), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, work, NULL, &sync),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, work, &out, NULL),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &empty, work, &out, &sync), MFX_ERR_NULL_PTR);
    /* None of that cost a byte of the stream. */
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

static void surfaces_that_do_not_suit_are_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxFrameSurface1 work;
    mfxFrameSurface1 good;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    good = f.frames.frame[0].surface;

#define ANSWER(change, expected)                                                                         \
    do {                                                                                                 \
        work = good;                                                                                     \
        change;                                                                                          \
        assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, &work, &out, &sync), \
                         expected);                                                                      \
        assert_null(out);                                                                                \
    } while (0)

    ANSWER(work.Info.FourCC = MFX_FOURCC_NV12, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.FourCC = 0x12345678, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Width = 304, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Height = 0, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV444, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.BitDepthLuma = 10, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Shift = 1, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.CropX = 300, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Data.MemId = NULL, MFX_ERR_NULL_PTR);
    ANSWER(work.Data.Y = (mfxU8 *)&work, MFX_ERR_UNDEFINED_BEHAVIOR);
    ANSWER(work.Data.Locked = 1, MFX_ERR_MORE_SURFACE);
#undef ANSWER
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

/* An allocator whose Lock waits until the test lets it go on. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static mfxStatus (*plain_lock)(mfxHDL, mfxMemId, mfxFrameData *);

static mfxStatus MFX_CDECL gated_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return plain_lock(pthis, mid, data);
}

static void as_many_outputs_as_async_depth_then_busy(void **state)
{
    struct fixture f;
    struct runtime second;
    mfxFrameSurface1 *out[3] = {NULL};
    mfxSyncPoint sync[3] = {NULL};
    mfxFrameAllocator gated;

    (void)state;
    fixture_open(&f);
    second.loader = f.runtime.loader;
    second.session = runtime_session(&f.runtime);
    gated = f.frames.allocator;
    plain_lock = gated.Lock;
    gated.Lock = gated_lock;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(second.session, &gated), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(second.session, &f.par), MFX_ERR_NONE);
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < 2;) {
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits,
                                                           frames_free_one(&f.frames), &out[i], &sync[i]);
        if (status == MFX_ERR_NONE) {
            assert_true(surface_locked(out[i]) > 0);
            assert_int_equal(MFXVideoCORE_SyncOperation(second.session, sync[i], 0), MFX_WRN_IN_EXECUTION);
            assert_int_equal(MFXVideoCORE_SyncOperation(second.session, sync[i], 5), MFX_WRN_IN_EXECUTION);
            i++;
        } else {
            assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
            sleep_ms(1);
        }
    }
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits,
                                                         frames_free_one(&f.frames), &out[2], &sync[2]),
                         MFX_WRN_DEVICE_BUSY);
        sleep_ms(1);
    }
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits, out[0], &out[2], &sync[2]),
        MFX_ERR_MORE_SURFACE);
    pthread_mutex_unlock(&gate);
    sync_ok(second.session, sync[1]);
    sync_ok(second.session, sync[0]);
    assert_int_equal(surface_locked(out[0]), 0);
    sync_ok(second.session, sync[0]); /* the same answer again */
    assert_int_equal(MFXClose(second.session), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_surface_that_cannot_be_locked_fails_its_operation_alone(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    atomic_store(&f.frames.refuse, true);
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(surface_locked(out), 0);
    atomic_store(&f.frames.refuse, false);
    assert_int_equal(fixture_decode_rest(&f), 29);
    fixture_close(&f);
}

static void an_application_that_never_syncs_leaks_nothing(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    while (fixture_next_frame(&f, &f.stream.bits, &out, &sync) == MFX_ERR_NONE)
        count++;
    while (fixture_next_frame(&f, NULL, &out, &sync) == MFX_ERR_NONE)
        count++;
    assert_int_equal(count, 30);
    fixture_close(&f);
}

static void draining_ends_with_more_data_and_the_stream_may_go_on(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(fixture_drain(&f), 0);
    assert_int_equal(fixture_decode_rest(&f), 30);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(fixture_next_frame(&f, NULL, &out, &sync), MFX_ERR_MORE_DATA);
    stream_close(&f.stream);
    stream_open(&f.stream, f.path, 0);
    assert_true(stream_read(&f.stream));
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

static void reset_starts_over_in_the_same_surfaces(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxVideoParam par;

    (void)state;
    fixture_open(&f);
    fixture_init(&f);
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &f.par), MFX_ERR_NONE);
    stream_close(&f.stream);
    stream_open(&f.stream, f.path, 0);
    assert_true(stream_read(&f.stream));
    assert_int_equal(fixture_decode_rest(&f), 30);
    par = f.par;
    par.mfx.FrameInfo.Width = 640;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    par = f.par;
    par.mfx.CodecId = MFX_CODEC_HEVC;
    par.mfx.CodecProfile = par.mfx.CodecLevel = 0;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    par = f.par;
    par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_before_init_say_so),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(surfaces_that_do_not_suit_are_refused),
        cmocka_unit_test(as_many_outputs_as_async_depth_then_busy),
        cmocka_unit_test(a_surface_that_cannot_be_locked_fails_its_operation_alone),
        cmocka_unit_test(an_application_that_never_syncs_leaks_nothing),
        cmocka_unit_test(draining_ends_with_more_data_and_the_stream_may_go_on),
        cmocka_unit_test(reset_starts_over_in_the_same_surfaces),
    };

    return cmocka_run_group_tests_name("softrt decode api", tests, NULL, NULL);
}
