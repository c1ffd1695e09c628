/* Frame rates: which picture each output shows, when, and with which answers. */
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 96,
    HEIGHT = 64,
    FRAMES = 30
};

struct rate_case {
    struct vpp_setup setup;
    mfxExtVPPFrameRateConversion rate;
    mfxExtVPPDenoise2 denoise;
    mfxExtVPPDeinterlacing deinterlacing;
    mfxExtBuffer *buffers[3];
};

static void attach(struct rate_case *c, mfxExtBuffer *buffer, mfxU32 id, mfxU32 size)
{
    buffer->BufferId = id;
    buffer->BufferSz = size;
    c->buffers[c->setup.par.NumExtParam++] = buffer;
}

static void begin(struct rate_case *c, mfxU32 in, mfxU32 out, mfxU16 algorithm)
{
    memset(c, 0, sizeof(*c));
    vpp_defaults(&c->setup.par, MFX_FOURCC_I420, WIDTH, HEIGHT, MFX_FOURCC_I420, WIDTH, HEIGHT);
    c->setup.par.vpp.In.FrameRateExtN = in;
    c->setup.par.vpp.Out.FrameRateExtN = out;
    c->setup.par.ExtParam = c->buffers;
    c->setup.source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    c->setup.num_frames = FRAMES;
    c->rate.Algorithm = algorithm;
    if (algorithm)
        attach(c, &c->rate.Header, MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, sizeof(c->rate));
}

static void end(struct rate_case *c)
{
    free((void *)(uintptr_t)c->setup.source);
}

static size_t rounded_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static mfxU64 stamp(size_t frame)
{
    return 1000 + frame * 4321;
}

/* Output n shows the newest of `pictures` that is not later than it. */
static void assert_shows(const struct vpp_result *result, const uint8_t *pictures, size_t in, size_t out)
{
    const size_t size = picture_size(MFX_FOURCC_I420, WIDTH, HEIGHT);

    for (size_t n = 0; n < result->count; n++)
        if (memcmp(result->data + n * size, pictures + n * in / out * size, size) != 0)
            fail_msg("%zu to %zu: output %zu is not picture %zu", in, out, n, n * in / out);
}

static const struct {
    mfxU32 in, out;
} rates[] = {{24, 60}, {60, 24}, {30, 25}, {25, 30}, {30, 60}, {30, 10}};

static void run_and_count(const struct rate_case *c, struct vpp_result *result, mfxU32 in, mfxU32 out)
{
    vpp_run(&c->setup, result);
    assert_int_equal(result->count, rounded_up((size_t)FRAMES * out, in));
    assert_int_equal(result->stat.NumFrame, result->count);
    assert_int_equal(result->stat.NumCachedFrame, 0);
    if (out > in) { /* every frame is shown, and each further time comes with another surface */
        assert_int_equal(result->num_more_data, 0);
        assert_int_equal(result->num_more_surface, result->count - FRAMES);
    } else { /* every frame is shown or dropped */
        assert_int_equal(result->num_more_surface, 0);
        assert_int_equal(result->num_more_data, FRAMES - result->count);
    }
}

static void rates_alone_drop_and_repeat(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct vpp_result result;
        struct rate_case c;

        begin(&c, rates[i].in, rates[i].out, 0);
        c.setup.par.AsyncDepth = i % 2; /* 1 leaves as few surfaces as can be */
        run_and_count(&c, &result, rates[i].in, rates[i].out);
        assert_shows(&result, c.setup.source, rates[i].in, rates[i].out);
        vpp_result_free(&result);
        end(&c);
    }
}

static void preserved_stamps_are_the_frames_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        const mfxU32 in = rates[i].in;
        const mfxU32 out = rates[i].out;
        struct vpp_result result;
        struct rate_case c;

        begin(&c, in, out, MFX_FRCALGM_PRESERVE_TIMESTAMP);
        c.setup.stamp = stamp;
        run_and_count(&c, &result, in, out);
        for (size_t n = 0; n < result.count; n++) {
            bool repeats = n && (n - 1) * in / out == n * in / out;

            assert_true(result.stamps[n] == (repeats ? (mfxU64)MFX_TIMESTAMP_UNKNOWN : stamp(n * in / out)));
        }
        vpp_result_free(&result);
        end(&c);
    }
}

static void distributed_stamps_are_even(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct vpp_result result;
        struct rate_case c;

        begin(&c, rates[i].in, rates[i].out, MFX_FRCALGM_DISTRIBUTED_TIMESTAMP);
        c.setup.stamp = stamp;
        run_and_count(&c, &result, rates[i].in, rates[i].out);
        for (size_t n = 0; n < result.count; n++)
            assert_int_equal(result.stamps[n], stamp(0) + n * 90000 / rates[i].out);
        vpp_result_free(&result);
        end(&c);
    }
}

/* As ffmpeg's fps does it, as far as that goes: its end is a matter of the last frame's duration. */
static void ffmpegs_fps_shows_the_same(void **state)
{
    struct vpp_result result;
    struct rate_case c;
    size_t size;
    uint8_t *expected;

    (void)state;
    begin(&c, 30, 24, 0);
    run_and_count(&c, &result, 30, 24);
    expected = vpp_expected(c.setup.source, FRAMES, MFX_FOURCC_I420, WIDTH, HEIGHT, "fps=24:round=up",
                            MFX_FOURCC_I420, &size);
    assert_true(size >= result.size - result.size / result.count && size <= result.size);
    assert_memory_equal(result.data, expected, size);
    free(expected);
    vpp_result_free(&result);
    end(&c);
}

static void filters_see_the_frames_that_are_dropped(void **state)
{
    struct vpp_result result;
    struct rate_case c;
    size_t size;
    uint8_t *filtered;

    (void)state;
    begin(&c, 60, 24, 0);
    attach(&c, &c.denoise.Header, MFX_EXTBUFF_VPP_DENOISE2, sizeof(c.denoise));
    filtered = vpp_expected(c.setup.source, FRAMES, MFX_FOURCC_I420, WIDTH, HEIGHT, "hqdn3d=4",
                            MFX_FOURCC_I420, &size);
    run_and_count(&c, &result, 60, 24);
    assert_shows(&result, filtered, 60, 24);
    vpp_result_free(&result);

    c.setup.par.AsyncDepth = 1;
    c.setup.par.vpp.In.FrameRateExtN = 25; /* and repeated outputs are filtered once */
    c.setup.par.vpp.Out.FrameRateExtN = 60;
    run_and_count(&c, &result, 25, 60);
    assert_shows(&result, filtered, 25, 60);
    vpp_result_free(&result);
    free(filtered);
    end(&c);
}

/* 30 frames are 60 fields a second, of which 25 or 50 are shown. */
static void fields_become_pictures_before_the_rate_changes(void **state)
{
    const struct {
        mfxU16 mode;
        mfxU32 out;
        size_t pictures; /* a second */
        const char *filter;
    } cases[] = {{MFX_DEINTERLACING_ADVANCED, 25, 30, "setfield=tff,bwdif=send_frame:tff"},
                 {MFX_DEINTERLACING_AUTO_DOUBLE, 50, 60, "setfield=tff,bwdif=send_field:tff"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct vpp_result result;
        struct rate_case c;
        size_t size;
        uint8_t *pictures;

        begin(&c, 30, cases[i].out, 0);
        attach(&c, &c.deinterlacing.Header, MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(c.deinterlacing));
        c.deinterlacing.Mode = cases[i].mode;
        c.setup.par.vpp.In.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
        pictures = vpp_expected(c.setup.source, FRAMES, MFX_FOURCC_I420, WIDTH, HEIGHT, cases[i].filter,
                                MFX_FOURCC_I420, &size);
        vpp_run(&c.setup, &result);
        assert_int_equal(result.count, FRAMES * cases[i].out / 30);
        assert_int_equal(result.stat.NumCachedFrame, 0);
        assert_shows(&result, pictures, cases[i].pictures, cases[i].out);
        vpp_result_free(&result);
        free(pictures);
        end(&c);
    }
}

/* A VPP and surfaces for single calls. */
struct calls {
    struct runtime runtime;
    struct rate_case c;
    struct frames in, out;
};

static void open_calls(struct calls *calls, mfxU32 in, mfxU32 out)
{
    begin(&calls->c, in, out, MFX_FRCALGM_PRESERVE_TIMESTAMP);
    runtime_open(&calls->runtime);
    frames_create(&calls->in, &calls->c.setup.par.vpp.In, 4, false, 0);
    frames_create(&calls->out, &calls->c.setup.par.vpp.Out, 4, false, 0);
    assert_int_equal(MFXVideoVPP_Init(calls->runtime.session, &calls->c.setup.par), MFX_ERR_NONE);
}

static void close_calls(struct calls *calls)
{
    runtime_close(&calls->runtime);
    assert_int_equal(frames_locked(&calls->in), 0);
    assert_int_equal(frames_locked(&calls->out), 0);
    frames_destroy(&calls->in);
    frames_destroy(&calls->out);
    end(&calls->c);
}

static mfxStatus call(struct calls *calls, int in, mfxU16 *repeated)
{
    mfxExtVppAuxData aux = {.Header = {MFX_EXTBUFF_VPP_AUXDATA, sizeof(aux)}, .RepeatedFrame = 7};
    mfxSyncPoint sync = NULL;
    mfxStatus status =
        MFXVideoVPP_RunFrameVPPAsync(calls->runtime.session, in < 0 ? NULL : &calls->in.frame[in].surface,
                                     &calls->out.frame[0].surface, &aux, &sync);

    assert_int_equal(sync != NULL, status == MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE);
    if (sync)
        sync_ok(calls->runtime.session, sync);
    *repeated = aux.RepeatedFrame;
    return status;
}

#define EXPECT_CALL(in, status, repeats)                       \
    do {                                                       \
        assert_int_equal(call(&calls, in, &repeated), status); \
        assert_int_equal(repeated, repeats);                   \
    } while (0)

static void repeats_are_told(void **state)
{
    struct calls calls;
    mfxU16 repeated;

    (void)state;
    open_calls(&calls, 24, 60);
    for (int round = 0; round < 2; round++) { /* after a drain it begins anew */
        EXPECT_CALL(-1, MFX_ERR_MORE_DATA, 0);
        EXPECT_CALL(0, MFX_ERR_MORE_SURFACE, 0);
        EXPECT_CALL(1, MFX_ERR_UNDEFINED_BEHAVIOR, 0); /* MORE_SURFACE asks for the same frame */
        EXPECT_CALL(0, MFX_ERR_MORE_SURFACE, 1);
        EXPECT_CALL(0, MFX_ERR_NONE, 1);
        EXPECT_CALL(1, MFX_ERR_MORE_SURFACE, 0);
        EXPECT_CALL(-1, MFX_ERR_NONE, 1);
        EXPECT_CALL(-1, MFX_ERR_MORE_DATA, 0);
        EXPECT_CALL(-1, MFX_ERR_MORE_DATA, 0);
        assert_int_equal(frames_locked(&calls.in), 0);
    }
    close_calls(&calls);
}

static void frames_that_are_dropped_are_not_kept(void **state)
{
    struct calls calls;
    mfxU16 repeated;

    (void)state;
    open_calls(&calls, 30, 10);
    EXPECT_CALL(0, MFX_ERR_NONE, 0);
    EXPECT_CALL(1, MFX_ERR_MORE_DATA, 0);
    EXPECT_CALL(2, MFX_ERR_MORE_DATA, 0);
    assert_int_equal(frames_locked(&calls.in), 0);
    EXPECT_CALL(3, MFX_ERR_NONE, 0);
    EXPECT_CALL(-1, MFX_ERR_MORE_DATA, 0);
    close_calls(&calls);
}

static void closing_between_two_outputs_gives_the_frame_back(void **state)
{
    struct calls calls;
    mfxU16 repeated;

    (void)state;
    open_calls(&calls, 24, 60);
    EXPECT_CALL(0, MFX_ERR_MORE_SURFACE, 0);
    assert_true(frames_locked(&calls.in) > 0); /* it will be shown again */
    close_calls(&calls);
}

/* Frames of an allocator whose next Lock fails: the outputs of that frame fail, and no others. With and
 * without filters, which count what they get. */
static void a_frame_that_fails_fails_its_outputs_alone(void **state)
{
    (void)state;
    for (int filtered = 0; filtered < 2; filtered++) {
        struct rate_case c;
        struct runtime runtime;
        struct frames in;
        struct frames out;

        begin(&c, 30, 60, 0);
        if (filtered)
            attach(&c, &c.denoise.Header, MFX_EXTBUFF_VPP_DENOISE2, sizeof(c.denoise));
        runtime_open(&runtime);
        frames_create(&in, &c.setup.par.vpp.In, 3, true, 0);
        frames_create(&out, &c.setup.par.vpp.Out, 1, false, 0);
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime.session, &in.allocator), MFX_ERR_NONE);
        assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_NONE);
        for (int call = 0; call < 6; call++) {
            mfxFrameSurface1 *frame = &in.frame[call / 2].surface;
            mfxSyncPoint sync;
            mfxStatus status;

            frame->Data.TimeStamp = 100 + (mfxU64)call / 2;
            if (call == 2)
                atomic_store(&in.lock_fails_at, 1);
            status = MFXVideoVPP_RunFrameVPPAsync(runtime.session, frame, &out.frame[0].surface, NULL, &sync);
            assert_int_equal(status, call % 2 ? MFX_ERR_NONE : MFX_ERR_MORE_SURFACE);
            status = MFXVideoCORE_SyncOperation(runtime.session, sync, 60000);
            assert_true(call / 2 == 1 ? status < MFX_ERR_NONE : status == MFX_ERR_NONE);
            if (call == 4)
                assert_int_equal(out.frame[0].surface.Data.TimeStamp, 102);
        }
        assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
        assert_int_equal(frames_locked(&in), 0);
        assert_int_equal(atomic_load(&in.num_errors), 0);
        runtime_close(&runtime);
        frames_destroy(&in);
        frames_destroy(&out);
        end(&c);
    }
}

static void reset_changes_the_rate(void **state)
{
    struct calls calls;
    mfxU16 repeated;

    (void)state;
    open_calls(&calls, 24, 60);
    EXPECT_CALL(0, MFX_ERR_MORE_SURFACE, 0);
    calls.c.setup.par.vpp.Out.FrameRateExtN = 12;
    assert_int_equal(MFXVideoVPP_Reset(calls.runtime.session, &calls.c.setup.par), MFX_ERR_NONE);
    EXPECT_CALL(1, MFX_ERR_NONE, 0);
    EXPECT_CALL(2, MFX_ERR_MORE_DATA, 0);
    EXPECT_CALL(3, MFX_ERR_NONE, 0);
    close_calls(&calls);
}

static void surfaces_of_the_runtimes_own_are_given_for_each_output(void **state)
{
    struct calls calls;
    mfxFrameSurface1 *out;
    mfxStatus status = MFX_ERR_MORE_SURFACE;
    int outputs = 0;

    (void)state;
    open_calls(&calls, 24, 60);
    for (; status == MFX_ERR_MORE_SURFACE; outputs++) {
        status = MFXVideoVPP_ProcessFrameAsync(calls.runtime.session, &calls.in.frame[0].surface, &out);
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE);
        assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
        assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    }
    assert_int_equal(outputs, 3);
    close_calls(&calls);
}

/* One call on to the next session, and how its operation ends. */
static mfxStatus pass_on(mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 *out, bool wait)
{
    mfxSyncPoint sync;

    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(session, in, out, NULL, &sync), MFX_ERR_NONE);
    return wait ? MFXVideoCORE_SyncOperation(session, sync, 60000) : MFX_ERR_NONE;
}

/* The frame that fails, for want of the one it is made from, is the first after a drain. */
static void a_first_frame_that_fails_spoils_nothing_after_it(void **state)
{
    struct runtime late, runtime;
    struct rate_case c;
    struct frames frames;
    mfxFrameSurface1 *in, *between, *out;
    mfxVideoParam par;
    mfxSyncPoint sync;

    (void)state;
    assert_int_equal(setenv("SOFTRT_KNOBS", "latency=vpp:50ms,fail=vpp:2:MFX_ERR_DEVICE_FAILED", 1), 0);
    runtime_open(&late);
    assert_int_equal(unsetenv("SOFTRT_KNOBS"), 0);
    runtime.session = runtime_session(&late);
    assert_int_equal(MFXJoinSession(late.session, runtime.session), MFX_ERR_NONE);
    vpp_defaults(&par, MFX_FOURCC_I420, WIDTH, HEIGHT, MFX_FOURCC_I420, WIDTH, HEIGHT);
    assert_int_equal(MFXVideoVPP_Init(late.session, &par), MFX_ERR_NONE);
    begin(&c, 30, 30, 0);
    attach(&c, &c.denoise.Header, MFX_EXTBUFF_VPP_DENOISE2, sizeof(c.denoise));
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_NONE);
    frames_create(&frames, &par.vpp.In, 3, false, 0);
    in = &frames.frame[0].surface;
    between = &frames.frame[1].surface;
    out = &frames.frame[2].surface;
    for (int i = 1; i <= 3; i++) {
        mfxStatus made = pass_on(late.session, in, between, false);

        assert_int_equal(made, MFX_ERR_NONE);
        assert_int_equal(pass_on(runtime.session, between, out, true),
                         i == 2 ? MFX_ERR_ABORTED : MFX_ERR_NONE);
        if (i == 1)
            assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, NULL, out, NULL, &sync),
                             MFX_ERR_MORE_DATA);
    }
    end(&c);
    assert_int_equal(MFXClose(runtime.session), MFX_ERR_NONE);
    runtime_close(&late);
    assert_int_equal(frames_locked(&frames), 0);
    frames_destroy(&frames);
}

/* The frame is another session's, whose worker is late: only then does it have its time. */
static void times_begin_with_that_of_a_frame_that_is_still_to_come(void **state)
{
    struct runtime late, runtime;
    struct rate_case c;
    mfxVideoParam par;
    mfxFrameSurface1 *in = NULL, *between = NULL, *out = NULL;

    (void)state;
    assert_int_equal(setenv("SOFTRT_KNOBS", "latency=vpp:100ms", 1), 0);
    runtime_open(&late);
    assert_int_equal(unsetenv("SOFTRT_KNOBS"), 0);
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_I420, WIDTH, HEIGHT, MFX_FOURCC_I420, WIDTH, HEIGHT);
    assert_int_equal(MFXVideoVPP_Init(late.session, &par), MFX_ERR_NONE);
    begin(&c, 30, 60, MFX_FRCALGM_DISTRIBUTED_TIMESTAMP);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_NONE);
    assert_int_equal(MFXMemory_GetSurfaceForVPP(late.session, &in), MFX_ERR_NONE);
    in->Data.TimeStamp = 90000;
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(late.session, in, &between), MFX_ERR_NONE);
    for (mfxU64 i = 0; i < 2; i++) {
        assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, between, &out),
                         i ? MFX_ERR_NONE : MFX_ERR_MORE_SURFACE);
        assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
        assert_int_equal(out->Data.TimeStamp, 90000 + i * 1500);
        assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    }
    assert_int_equal(between->FrameInterface->Release(between), MFX_ERR_NONE);
    assert_int_equal(in->FrameInterface->Release(in), MFX_ERR_NONE);
    end(&c);
    runtime_close(&runtime);
    runtime_close(&late);
}

static void surfaces_are_asked_for_by_the_rates(void **state)
{
    struct runtime runtime;
    mfxFrameAllocRequest request[2];
    struct rate_case c;

    (void)state;
    runtime_open(&runtime);
    begin(&c, 24, 60, 0);
    c.setup.par.AsyncDepth = 5;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(runtime.session, &c.setup.par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].NumFrameSuggested, 5);
    assert_int_equal(request[1].NumFrameMin, 5);
    assert_int_equal(request[1].NumFrameSuggested, 5 + 2); /* three outputs of one frame, all at once */
    end(&c);
    runtime_close(&runtime);
}

static void what_cannot_be_done_is_refused(void **state)
{
    mfxU32 ids[] = {MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION};
    mfxExtVPPDoNotUse without = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without)}, .NumAlg = 1, .AlgList = ids};
    struct runtime runtime;
    struct rate_case c;
    mfxVideoParam *par = &c.setup.par;

    (void)state;
    runtime_open(&runtime);
    begin(&c, 1, 65, MFX_FRCALGM_PRESERVE_TIMESTAMP | MFX_FRCALGM_DISTRIBUTED_TIMESTAMP);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_Query(runtime.session, par, par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(par->vpp.Out.FrameRateExtN, 0);
    assert_int_equal(c.rate.Algorithm, 0);
    par->vpp.Out.FrameRateExtN = 64;
    par->vpp.Out.FrameRateExtD = 1;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, par, par), MFX_ERR_NONE);
    c.rate.Algorithm = 0x18;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, par, par), MFX_ERR_UNSUPPORTED);
    attach(&c, &without.Header, MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without));
    assert_int_equal(MFXVideoVPP_Query(runtime.session, par, par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(par->vpp.Out.FrameRateExtN, 0);
    end(&c);
    runtime_close(&runtime);
}

/* As the header has it: the simple filter instead, and a warning. */
static void interpolation_becomes_repetition(void **state)
{
    struct runtime runtime;
    struct rate_case c;
    mfxVideoParam *par = &c.setup.par;

    (void)state;
    runtime_open(&runtime);
    begin(&c, 24, 60, MFX_FRCALGM_FRAME_INTERPOLATION);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_Reset(runtime.session, par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_GetVideoParam(runtime.session, par), MFX_ERR_NONE);
    assert_int_equal(c.rate.Algorithm, MFX_FRCALGM_PRESERVE_TIMESTAMP);
    c.rate.Algorithm = MFX_FRCALGM_FRAME_INTERPOLATION | MFX_FRCALGM_DISTRIBUTED_TIMESTAMP;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, par, par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(c.rate.Algorithm, MFX_FRCALGM_DISTRIBUTED_TIMESTAMP);
    end(&c);
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_alone_drop_and_repeat),
        cmocka_unit_test(preserved_stamps_are_the_frames_own),
        cmocka_unit_test(distributed_stamps_are_even),
        cmocka_unit_test(ffmpegs_fps_shows_the_same),
        cmocka_unit_test(filters_see_the_frames_that_are_dropped),
        cmocka_unit_test(fields_become_pictures_before_the_rate_changes),
        cmocka_unit_test(repeats_are_told),
        cmocka_unit_test(frames_that_are_dropped_are_not_kept),
        cmocka_unit_test(closing_between_two_outputs_gives_the_frame_back),
        cmocka_unit_test(a_frame_that_fails_fails_its_outputs_alone),
        cmocka_unit_test(reset_changes_the_rate),
        cmocka_unit_test(surfaces_of_the_runtimes_own_are_given_for_each_output),
        cmocka_unit_test(a_first_frame_that_fails_spoils_nothing_after_it),
        cmocka_unit_test(times_begin_with_that_of_a_frame_that_is_still_to_come),
        cmocka_unit_test(surfaces_are_asked_for_by_the_rates),
        cmocka_unit_test(what_cannot_be_done_is_refused),
        cmocka_unit_test(interpolation_becomes_repetition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
