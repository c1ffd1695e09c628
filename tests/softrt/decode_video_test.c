/* Decoding into video memory: what the application's allocator is asked and when, which surfaces are taken
 * and kept, and what happens when the allocator fails. That the frames are right is decode_test's subject. */
#include "decode_fixture.h"

#include <stdlib.h>
#include <string.h>

static void open_video(struct fixture *f)
{
    fixture_open(f);
    f->par.AllocId = 77;
    fixture_use_video(f);
}

static void init_allocates_once_what_query_io_surf_says(void **state)
{
    struct fixture f;
    mfxFrameAllocRequest request;

    (void)state;
    open_video(&f);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, 0x0212);
    fixture_init(&f);
    assert_string_equal(f.frames.calls, "A");
    assert_int_equal(f.frames.request.Type, 0x0212);
    assert_int_equal(f.frames.request.AllocId, 77);
    assert_memory_equal(&f.frames.request, &request, sizeof(request));
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_string_equal(f.frames.calls, "A");
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NONE);
    assert_string_equal(f.frames.calls, "AF");
    fixture_init(&f);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NONE);
    assert_string_equal(f.frames.calls, "AFAF");
    fixture_close(&f);
}

/* One surface more than in system memory is in use, but for JPEG, whose pictures come as they are decoded. */
static void surfaces_needed_count_the_one_kept(void **state)
{
    struct fixture f;
    mfxFrameAllocRequest request;

    (void)state;
    open_video(&f);
    for (mfxU16 depth = 1; depth <= 16; depth += 5) {
        f.par.AsyncDepth = depth;
        assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_NONE);
        assert_int_equal(request.NumFrameMin, depth + 1);
        assert_int_equal(request.NumFrameSuggested, depth + 2);
    }
    f.par.AsyncDepth = 3;
    f.par.mfx.CodecId = MFX_CODEC_JPEG;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, 0x0212);
    assert_int_equal(request.NumFrameMin, 3);
    fixture_close(&f);
}

/* Alloc, a Lock and an Unlock for each frame, Free: and no handles. */
static void calls_come_in_order(void **state)
{
    struct fixture f;
    char expected[64] = "A";

    (void)state;
    open_video(&f);
    fixture_init(&f);
    assert_int_equal(fixture_decode_rest(&f), 30);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NONE);
    for (size_t i = 0; i < 30; i++)
        strcat(expected, "LU");
    strcat(expected, "F");
    assert_string_equal(f.frames.calls, expected);
    fixture_close(&f);
}

/* In flight, never synced, never closed: the frames are finished before they are freed. */
static void closing_the_session_frees_after_all_work(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_true(frames_locked(&f.frames) > 0);
    assert_int_equal(MFXClose(f.session), MFX_ERR_NONE);
    f.runtime.session = NULL;
    assert_string_equal(f.frames.calls, "ALULULUF");
    assert_int_equal(frames_locked(&f.frames), 0);
    fixture_close(&f);
}

static void init_needs_an_allocator(void **state)
{
    struct fixture f;
    mfxSession bare;

    (void)state;
    open_video(&f);
    bare = runtime_session(&f.runtime);
    assert_int_equal(MFXVideoDECODE_Init(bare, &f.par), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(MFXVideoDECODE_Close(bare), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(bare, &f.frames.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(bare, &f.par), MFX_ERR_NONE);
    assert_int_equal(MFXClose(bare), MFX_ERR_NONE);
    fixture_close(&f);
}

/* The application's own answer comes back, nothing is left running, and the next Init is as good as any. */
static void what_alloc_answers_init_answers(void **state)
{
    static const mfxStatus answers[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_UNSUPPORTED, MFX_ERR_INVALID_HANDLE,
                                        MFX_ERR_DEVICE_LOST};
    struct fixture f;
    int threads;

    (void)state;
    open_video(&f);
    threads = count_threads();
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        f.frames.alloc_answers = answers[i];
        assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), answers[i]);
        for (unsigned waited = 0; waited < 1000 && count_threads() != threads; waited++)
            sleep_ms(1); /* the kernel takes a moment to forget a thread that was joined */
        assert_int_equal(count_threads(), threads);
        assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    }
    assert_string_equal(f.frames.calls, "AAAA");
    f.frames.alloc_answers = MFX_ERR_NONE;
    fixture_init(&f);
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

static void fewer_frames_than_needed_are_given_back(void **state)
{
    struct fixture f;

    (void)state;
    open_video(&f);
    f.frames.alloc_gives = 2; /* AsyncDepth 2 needs 3 */
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_MEMORY_ALLOC);
    assert_string_equal(f.frames.calls, "AF");
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    f.frames.alloc_gives = 3;
    fixture_init(&f);
    assert_int_equal(fixture_next_frame(&f, NULL, &(mfxFrameSurface1 *){NULL}, &(mfxSyncPoint){NULL}),
                     MFX_ERR_MORE_DATA);
    fixture_close(&f);
}

/* An allocator that says it made frames and names none of them. */
static mfxFrameAllocator named;

static mfxStatus MFX_CDECL alloc_nameless(mfxHDL pthis, mfxFrameAllocRequest *request,
                                          mfxFrameAllocResponse *response)
{
    mfxStatus status = named.Alloc(pthis, request, response);

    if (status == MFX_ERR_NONE)
        response->mids[response->NumFrameActual - 1] = NULL;
    return status;
}

static void frames_without_a_name_are_given_back(void **state)
{
    struct fixture f;
    mfxSession session;

    (void)state;
    open_video(&f);
    session = runtime_session(&f.runtime);
    named = f.frames.allocator;
    f.frames.allocator.Alloc = alloc_nameless;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(session, &f.frames.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(session, &f.par), MFX_ERR_MEMORY_ALLOC);
    assert_string_equal(f.frames.calls, "AF");
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
    fixture_close(&f);
}

static void surfaces_that_init_did_not_get_are_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 work;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxU8 byte;

    (void)state;
    open_video(&f);
    fixture_init(&f);

#define ANSWER(change, status)                                                                           \
    do {                                                                                                 \
        work = f.frames.frame[0].surface;                                                                \
        change;                                                                                          \
        assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, &work, &out, &sync), \
                         status);                                                                        \
        assert_null(out);                                                                                \
        assert_int_equal(work.Data.Locked, 0);                                                           \
    } while (0)

    ANSWER(work.Data.MemId = (mfxMemId)state, MFX_ERR_UNDEFINED_BEHAVIOR);
    ANSWER(work.Data.MemId = (mfxMemId)(uintptr_t)1, MFX_ERR_UNDEFINED_BEHAVIOR);
    ANSWER(work.Data.MemId = NULL, MFX_ERR_NULL_PTR);
    ANSWER(work.Data.MemId = NULL; work.Data.Y = &byte, MFX_ERR_UNDEFINED_BEHAVIOR);
#undef ANSWER
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

/* Pointers that an earlier Lock of the application's left in a surface say nothing of video memory. */
static void stale_pointers_are_not_followed(void **state)
{
    struct fixture f;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    for (size_t i = 0; i < f.frames.count; i++) {
        mfxFrameData *data = &f.frames.frame[i].surface.Data;

        data->Y = data->U = data->V = (mfxU8 *)(uintptr_t)64;
        data->Pitch = 8;
    }
    assert_int_equal(fixture_decode_rest(&f), 30);
    assert_int_equal(atomic_load(&f.frames.num_locks), 30);
    fixture_close(&f);
}

static mfxStatus call(struct fixture *f, mfxBitstream *bits, mfxFrameSurface1 *work, mfxFrameSurface1 **out,
                      mfxSyncPoint *sync)
{
    for (unsigned tries = 0; tries < 20000; tries++) {
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(f->session, bits, work, out, sync);

        if (status != MFX_WRN_DEVICE_BUSY)
            return status;
        sleep_ms(1);
    }
    fail_msg("busy for twenty seconds");
    return MFX_ERR_UNKNOWN;
}

static void a_frame_comes_in_the_surface_offered_before(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *kept;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    kept = frames_free_one(&f.frames);
    assert_int_equal(call(&f, &f.stream.bits, kept, &out, &sync), MFX_ERR_MORE_SURFACE);
    assert_int_equal(surface_locked(kept), 1);
    assert_int_equal(call(&f, &f.stream.bits, kept, &out, &sync), MFX_ERR_MORE_SURFACE); /* still in use */
    assert_int_equal(surface_locked(kept), 1);
    for (size_t i = 0; i < 5; i++) {
        mfxFrameSurface1 *work = frames_free_one(&f.frames);

        assert_int_equal(call(&f, &f.stream.bits, work, &out, &sync), MFX_ERR_NONE);
        assert_ptr_equal(out, kept);
        assert_int_equal(out->Data.FrameOrder, i);
        sync_ok(f.session, sync);
        assert_int_equal(surface_locked(out), 0);
        assert_int_equal(surface_locked(work), 1);
        kept = work;
    }
    fixture_close(&f);
}

/* Once there is no picture to come; and the stream may go on. */
static void a_drained_decoder_keeps_no_surface(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(fixture_decode_rest(&f), 30);
        assert_int_equal(frames_locked(&f.frames), 0);
        assert_int_equal(fixture_next_frame(&f, NULL, &out, &sync), MFX_ERR_MORE_DATA);
        stream_close(&f.stream);
        stream_open(&f.stream, f.path, 0);
        assert_true(stream_read(&f.stream));
    }
    fixture_close(&f);
}

static void reset_allocates_nothing_and_keeps_no_surface(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxVideoParam par;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &f.par), MFX_ERR_NONE);
    assert_int_equal(frames_locked(&f.frames), 0);
    stream_close(&f.stream);
    stream_open(&f.stream, f.path, 0);
    assert_true(stream_read(&f.stream));
    assert_int_equal(fixture_decode_rest(&f), 30);

#define RESET(change, status)                                            \
    do {                                                                 \
        par = f.par;                                                     \
        change;                                                          \
        assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), status); \
    } while (0)

    RESET(par.mfx.FrameInfo.Width = 640, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    RESET(par.AsyncDepth = 3, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    RESET(par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    RESET(par.AsyncDepth = 1, MFX_ERR_NONE);
#undef RESET
    assert_int_equal(atomic_load(&f.frames.num_allocs), 1);
    assert_int_equal(atomic_load(&f.frames.num_frees), 0);
    fixture_close(&f);
}

/* Decodes all of it, counting the frames whose operation failed: which must be with `expected`. */
static size_t count_failures(struct fixture *f, mfxStatus expected, size_t *frames)
{
    size_t failures = 0;
    mfxBitstream *bits = &f->stream.bits;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    for (*frames = 0;;) {
        mfxStatus status = fixture_next_frame(f, bits, &out, &sync);

        if (status == MFX_ERR_MORE_DATA && !bits)
            return failures;
        if (status == MFX_ERR_MORE_DATA) {
            bits = NULL;
            continue;
        }
        assert_int_equal(status, MFX_ERR_NONE);
        status = MFXVideoCORE_SyncOperation(f->session, sync, 60000);
        assert_true(status == MFX_ERR_NONE || status == expected);
        failures += status != MFX_ERR_NONE;
        ++*frames;
    }
}

/* The frame is told of, the ones after it come, and nothing stays locked. */
static void a_lock_or_unlock_that_fails_costs_one_frame(void **state)
{
    static const int nth[] = {1, 15, 30};

    (void)state;
    for (size_t i = 0; i < sizeof(nth) / sizeof(nth[0]); i++)
        for (int unlock = 0; unlock < 2; unlock++) {
            struct fixture f;
            size_t frames;

            open_video(&f);
            fixture_init(&f);
            atomic_store(unlock ? &f.frames.unlock_fails_at : &f.frames.lock_fails_at, nth[i]);
            assert_int_equal(count_failures(&f, MFX_ERR_LOCK_MEMORY, &frames), 1);
            assert_int_equal(frames, 30);
            assert_int_equal(atomic_load(&f.frames.num_locks), unlock ? 30 : 29);
            assert_int_equal(atomic_load(&f.frames.num_unlocks), atomic_load(&f.frames.num_locks));
            assert_int_equal(frames_locked(&f.frames), 0);
            fixture_close(&f);
        }
}

static void every_lock_may_fail(void **state)
{
    struct fixture f;
    size_t frames;

    (void)state;
    open_video(&f);
    fixture_init(&f);
    atomic_store(&f.frames.refuse, true);
    assert_int_equal(count_failures(&f, MFX_ERR_LOCK_MEMORY, &frames), 30);
    assert_int_equal(frames, 30);
    assert_int_equal(atomic_load(&f.frames.num_unlocks), 0);
    fixture_close(&f);
}

/* Samples in the high bits, as the GPU runtime has them; and no surfaces that Alloc was not asked for. */
static void what_video_memory_cannot_be_is_refused(void **state)
{
    struct fixture f;

    (void)state;
    open_video(&f);
    f.par.mfx.FrameInfo.FourCC = MFX_FOURCC_P010;
    f.par.mfx.FrameInfo.BitDepthLuma = f.par.mfx.FrameInfo.BitDepthChroma = 10;
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_INVALID_VIDEO_PARAM);
    f.par.mfx.FrameInfo.Shift = 1;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_ERR_NONE);
    f.par.mfx.CodecId = MFX_CODEC_VP9;
    f.par.mfx.CodecProfile = f.par.mfx.CodecLevel = 0;
    f.par.mfx.EnableReallocRequest = MFX_CODINGOPTION_ON;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(f.par.mfx.EnableReallocRequest, MFX_CODINGOPTION_OFF);
    assert_string_equal(f.frames.calls, "");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_allocates_once_what_query_io_surf_says),
        cmocka_unit_test(surfaces_needed_count_the_one_kept),
        cmocka_unit_test(calls_come_in_order),
        cmocka_unit_test(closing_the_session_frees_after_all_work),
        cmocka_unit_test(init_needs_an_allocator),
        cmocka_unit_test(what_alloc_answers_init_answers),
        cmocka_unit_test(fewer_frames_than_needed_are_given_back),
        cmocka_unit_test(frames_without_a_name_are_given_back),
        cmocka_unit_test(surfaces_that_init_did_not_get_are_refused),
        cmocka_unit_test(stale_pointers_are_not_followed),
        cmocka_unit_test(a_frame_comes_in_the_surface_offered_before),
        cmocka_unit_test(a_drained_decoder_keeps_no_surface),
        cmocka_unit_test(reset_allocates_nothing_and_keeps_no_surface),
        cmocka_unit_test(a_lock_or_unlock_that_fails_costs_one_frame),
        cmocka_unit_test(every_lock_may_fail),
        cmocka_unit_test(what_video_memory_cannot_be_is_refused),
    };

    return cmocka_run_group_tests_name("softrt decode video", tests, NULL, NULL);
}
