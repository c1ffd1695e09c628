/* Test knobs as an application meets them: what SOFTRT_KNOBS says when a session is made, that session does.
 */
#include "decode_fixture.h"
#include "encode_run.h"
#include "own_surface.h"
#include "vpp_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define VARIABLE "SOFTRT_KNOBS"

enum {
    WIDTH = 64,
    HEIGHT = 32
};

static void set_knobs(const char *knobs)
{
    assert_int_equal(setenv(VARIABLE, knobs, 1), 0);
}

static void unset_knobs(void)
{
    assert_int_equal(unsetenv(VARIABLE), 0);
}

static void open_with(struct runtime *runtime, const char *knobs)
{
    set_knobs(knobs);
    runtime_open(runtime);
    unset_knobs();
}

/* The decoder of the tests' usual clip, initialised, in a session with knobs. */
static void open_decoder(struct fixture *f, const char *knobs)
{
    set_knobs(knobs);
    fixture_open(f);
    unset_knobs();
    fixture_init(f);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

/* What MFXCreateSession answers with these knobs, and what it writes to stderr; allocated. */
static mfxStatus create_session(mfxLoader loader, const char *knobs, mfxSession *session, char **said)
{
    char *path = clip_path("knobs.XXXXXX");
    int file = mkstemp(path);
    int before = dup(STDERR_FILENO);
    size_t size;
    mfxStatus status;

    assert_true(file >= 0 && before >= 0);
    set_knobs(knobs);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    status = MFXCreateSession(loader, 0, session);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    unset_knobs();
    *said = (char *)file_read(path, &size);
    (*said)[size] = '\0';
    (void)close(file);
    (void)close(before);
    assert_int_equal(unlink(path), 0);
    free(path);
    return status;
}

static void a_mistake_refuses_the_session_and_says_what_is_wrong(void **state)
{
    static const struct {
        const char *knobs, *wrong, *allowed;
    } mistakes[] = {
        {"latency", "'latency'", "NAME=VALUE"},
        {"latency=decode:5ms,", "''", "NAME=VALUE"},
        {"slow=decode:5ms", "'slow'", "latency, busy, fail, fail_call and drop_locked"},
        {"latency=decod:5ms", "'decod'", "decode, encode, vpp, and any"},
        {"latency=decode", "'decode'", "wants a value"},
        {"latency=decode:5", "'5'", "200us, 5ms or 1s"},
        {"latency=decode:0ms", "'0ms'", "200us, 5ms or 1s"},
        {"latency=decode:11s", "'11s'", "at most 10s"},
        {"latency=decode:-5ms", "'-5ms'", "200us, 5ms or 1s"},
        {"latency=any:5ms,latency=vpp:6ms", "'latency=vpp:6ms'", "before for vpp"},
        {"busy=encode:0", "'0'", "from 1 on"},
        {"busy=encode:3x", "'3x'", "from 1 on"},
        {"busy=encode:99999999999999999999", "'99999999999999999999'", "from 1 on"},
        {"fail=vpp:7", "'7'", "wants a status"},
        {"fail=vpp:+:MFX_ERR_GPU_HANG", "'+'", "from 1 on"},
        {"fail=vpp:7:GPU_HANG", "'GPU_HANG'", "MFX_ERR_..."},
        {"fail=vpp:7:MFX_WRN_DEVICE_BUSY", "'MFX_WRN_DEVICE_BUSY'", "MFX_ERR_..."},
        {"fail=vpp:7:MFX_ERR_MORE_DATA", "'MFX_ERR_MORE_DATA'", "asks for more"},
        {"fail_call=vpp:7:MFX_ERR_NONE", "'MFX_ERR_NONE'", "MFX_WRN_..."},
        {"drop_locked=yes", "'yes'", "neither 0 nor 1"},
        {"drop_locked=1,drop_locked=1", "'drop_locked=1'", "before"},
        {"busy=\033[31m:3", "'?[31m'", "decode, encode, vpp"},
    };
    struct runtime *runtime = *state;

    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        mfxSession session = NULL;
        char *said;

        assert_true(create_session(runtime->loader, mistakes[i].knobs, &session, &said) < MFX_ERR_NONE);
        assert_null(session);
        if (!strstr(said, VARIABLE) || !strstr(said, mistakes[i].wrong) ||
            !strstr(said, mistakes[i].allowed) || strchr(said, '\033'))
            fail_msg("%s: says '%s'", mistakes[i].knobs, said);
        free(said);
    }
}

static void what_is_right_is_taken_without_a_word(void **state)
{
    static const char *const right[] = {
        "",
        "latency=decode:5ms,busy=encode:3,fail=vpp:7:MFX_ERR_GPU_HANG,drop_locked=1",
        "latency=any:200us",
        "fail_call=any:4+:MFX_WRN_VIDEO_PARAM_CHANGED,fail=any:1:MFX_ERR_DEVICE_LOST,drop_locked=0",
    };
    struct runtime *runtime = *state;

    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        mfxSession session = NULL;
        char *said;

        assert_int_equal(create_session(runtime->loader, right[i], &session, &said), MFX_ERR_NONE);
        assert_string_equal(said, "");
        assert_int_equal(MFXClose(session), MFX_ERR_NONE);
        free(said);
    }
}

/* --- decode */

static void a_decoded_frame_takes_as_long_as_is_set(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_decoder(&f, "latency=decode:60ms");
    for (int i = 0; i < 3; i++) {
        double begun;

        assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
        begun = now_ms();
        sync_ok(f.session, sync);
        assert_true(is_slow() || now_ms() - begun >= 30); /* the call came back before that */
        assert_int_equal(surface_locked(out), 0);
    }
    fixture_close(&f);
}

static void every_third_call_of_the_decoder_is_busy_and_nothing_is_lost(void **state)
{
    struct fixture f;
    unsigned calls = 0, busy = 0, frames = 0;
    mfxBitstream *bits;

    (void)state;
    open_decoder(&f, "busy=decode:3");
    bits = &f.stream.bits;
    for (;;) {
        mfxFrameSurface1 *out;
        mfxSyncPoint sync;
        mfxU32 before = f.stream.bits.DataLength;
        mfxStatus status =
            MFXVideoDECODE_DecodeFrameAsync(f.session, bits, frames_free_one(&f.frames), &out, &sync);

        if (++calls % 3 == 0) {
            assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
            assert_null(out);
            assert_int_equal(f.stream.bits.DataLength, before);
            busy++;
        } else if (status == MFX_ERR_NONE) {
            sync_ok(f.session, sync);
            frames++;
        } else if (status == MFX_ERR_MORE_DATA) {
            if (!bits)
                break;
            bits = NULL;
        } else {
            assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        }
    }
    assert_int_equal(frames, 30);
    assert_true(busy >= 10);
    fixture_close(&f);
}

static void the_frame_that_is_to_fail_fails_alone(void **state)
{
    struct fixture f;

    (void)state;
    open_decoder(&f, "fail=decode:7:MFX_ERR_GPU_HANG");
    for (int i = 1; i <= 20; i++) {
        mfxFrameSurface1 *out;
        mfxSyncPoint sync;

        assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
        assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 60000),
                         i == 7 ? MFX_ERR_GPU_HANG : MFX_ERR_NONE);
        assert_int_equal(surface_locked(out), 0);
    }
    fixture_close(&f);
}

static void the_call_that_is_to_fail_takes_nothing(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_decoder(&f, "fail_call=decode:1:MFX_ERR_DEVICE_LOST");
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_DEVICE_LOST);
    assert_null(out);
    assert_int_equal(fixture_decode_rest(&f), 30);
    fixture_close(&f);
}

static void calls_that_are_wrong_by_themselves_are_not_counted(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_decoder(&f, "fail_call=decode:1:MFX_ERR_DEVICE_LOST");
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, NULL, &out, &sync),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, frames_free_one(&f.frames), &out, &sync),
        MFX_ERR_DEVICE_LOST);
    fixture_close(&f);
}

static void locked_falls_long_before_the_frame_is_there(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_decoder(&f, "drop_locked=1,latency=decode:300ms");
    assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(surface_locked(out), 0);
    assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 0), MFX_WRN_IN_EXECUTION);
    sync_ok(f.session, sync);
    assert_int_equal(surface_locked(out), 0);
    fixture_close(&f);
}

/* ThreadSanitizer sees what such an application does wrong by itself. */
#ifndef __SANITIZE_THREAD__
/* The next two frames, offered whatever surface has Locked at 0: into the same one? */
static bool share_a_surface(const char *knobs)
{
    struct fixture f;
    mfxFrameSurface1 *out[2];
    mfxSyncPoint sync[2];
    bool same;

    open_decoder(&f, knobs);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fixture_next_frame(&f, &f.stream.bits, &out[i], &sync[i]), MFX_ERR_NONE);
    same = out[0] == out[1];
    for (int i = 0; i < 2; i++)
        sync_ok(f.session, sync[i]);
    fixture_close(&f);
    return same;
}

static void an_application_that_goes_by_locked_alone_loses_a_frame(void **state)
{
    (void)state;
    if (!is_slow()) /* else the first may be there before the second is asked for */
        assert_false(share_a_surface("latency=decode:300ms"));
    assert_true(share_a_surface("drop_locked=1,latency=decode:100ms"));
}
#endif

/* --- VPP */

static void open_vpp(struct runtime *runtime, const char *knobs)
{
    mfxVideoParam par;

    open_with(runtime, knobs);
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    assert_int_equal(MFXVideoVPP_Init(runtime->session, &par), MFX_ERR_NONE);
}

/* One call, and what its operation ended with where it began one. */
static mfxStatus process(mfxSession session, mfxStatus *ended)
{
    mfxFrameSurface1 *in = own_get(MFXMemory_GetSurfaceForVPP, session);
    mfxFrameSurface1 *out = own_get(MFXMemory_GetSurfaceForVPPOut, session);
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    own_blank(in);
    status = MFXVideoVPP_RunFrameVPPAsync(session, in, out, NULL, &sync);
    assert_int_equal(status == MFX_ERR_NONE, sync != NULL);
    *ended = sync ? MFXVideoCORE_SyncOperation(session, sync, 60000) : MFX_ERR_NONE;
    if (sync)
        assert_int_equal(out->FrameInterface->Synchronize(out, 60000), *ended);
    own_release(in);
    own_release(out);
    return status;
}

static void vpp_is_late_busy_and_fails_as_it_is_told(void **state)
{
    struct runtime runtime;
    mfxStatus ended;

    (void)state;
    open_vpp(&runtime, "latency=vpp:20ms,busy=vpp:4,fail=vpp:2:MFX_ERR_DEVICE_FAILED,"
                       "fail_call=vpp:7:MFX_ERR_MEMORY_ALLOC");
    for (int call = 1, operation = 0; call <= 12; call++) {
        double begun = now_ms();
        mfxStatus status = process(runtime.session, &ended);

        if (call == 7) {
            assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
        } else if (call % 4 == 0) {
            assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        } else {
            assert_int_equal(status, MFX_ERR_NONE);
            assert_true(now_ms() - begun >= 20);
            assert_int_equal(ended, ++operation == 2 ? MFX_ERR_DEVICE_FAILED : MFX_ERR_NONE);
        }
    }
    assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
    runtime_close(&runtime);
}

static void counts_go_on_when_a_component_is_initialised_anew(void **state)
{
    struct runtime runtime;
    mfxVideoParam par;
    mfxStatus ended;

    (void)state;
    open_vpp(&runtime, "fail=vpp:3+:MFX_ERR_GPU_HANG");
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(process(runtime.session, &ended), MFX_ERR_NONE);
        assert_int_equal(ended, i >= 3 ? MFX_ERR_GPU_HANG : MFX_ERR_NONE);
        assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
        vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
        assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    }
    runtime_close(&runtime);
}

static void each_session_has_the_knobs_of_its_own_time(void **state)
{
    struct runtime runtime;
    struct runtime second;
    mfxVideoParam par;
    mfxStatus ended;

    (void)state;
    open_vpp(&runtime, "fail=any:1+:MFX_ERR_GPU_HANG");
    second.session = runtime_session(&runtime); /* made without knobs */
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    assert_int_equal(MFXVideoVPP_Init(second.session, &par), MFX_ERR_NONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(process(runtime.session, &ended), MFX_ERR_NONE);
        assert_int_equal(ended, MFX_ERR_GPU_HANG);
        assert_int_equal(process(second.session, &ended), MFX_ERR_NONE);
        assert_int_equal(ended, MFX_ERR_NONE);
    }
    assert_int_equal(MFXClose(second.session), MFX_ERR_NONE);
    runtime_close(&runtime);
}

/* --- encode */

/* JPEG: every frame is a picture of its own. */
static void open_encoder(struct runtime *runtime, const char *knobs)
{
    mfxVideoParam par;

    open_with(runtime, knobs);
    encode_defaults(&par, MFX_CODEC_JPEG, MFX_FOURCC_NV12);
    par.AsyncDepth = 1;
    par.mfx.NumThread = 1;
    assert_int_equal(MFXVideoENCODE_Init(runtime->session, &par), MFX_ERR_NONE);
}

/* Counts what the encoder answered: what SyncOperation said, picture by picture, and busy answers. */
struct told {
    mfxStatus ended[16];
    mfxU32 bytes[16];
    size_t pictures, calls, busy;
};

static void encode_call(mfxSession session, mfxFrameSurface1 *surface, struct told *told, mfxStatus *status)
{
    mfxSyncPoint sync = NULL;
    mfxBitstream bits;

    bitstream_create(&bits, 100000);
    *status = MFXVideoENCODE_EncodeFrameAsync(session, NULL, surface, &bits, &sync);
    told->calls++;
    told->busy += *status == MFX_WRN_DEVICE_BUSY;
    if (sync) {
        told->ended[told->pictures] = MFXVideoCORE_SyncOperation(session, sync, 60000);
        told->bytes[told->pictures++] = bits.DataLength;
    }
    bitstream_destroy(&bits);
}

static void encode_frames(mfxSession session, size_t count, struct told *told)
{
    mfxStatus status;

    memset(told, 0, sizeof(*told));
    for (size_t i = 0; i <= count; i++) {
        mfxFrameSurface1 *surface = i < count ? own_get(MFXMemory_GetSurfaceForEncode, session) : NULL;

        if (surface)
            own_blank(surface);
        do {
            encode_call(session, surface, told, &status);
            if (status == MFX_WRN_DEVICE_BUSY)
                sleep_ms(1);
        } while (status == MFX_WRN_DEVICE_BUSY || (!surface && status == MFX_ERR_NONE));
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
        if (surface)
            own_release(surface);
    }
    assert_int_equal(told->pictures, count);
}

static void an_encoded_picture_fails_when_it_is_told_to(void **state)
{
    struct runtime runtime;
    struct told told;

    (void)state;
    open_encoder(&runtime, "fail=encode:3:MFX_ERR_DEVICE_LOST");
    encode_frames(runtime.session, 5, &told);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(told.ended[i], i == 2 ? MFX_ERR_DEVICE_LOST : MFX_ERR_NONE);
        assert_true((told.bytes[i] > 0) == (i != 2));
    }
    runtime_close(&runtime);
}

static void an_encoder_that_is_late_or_busy_loses_no_picture(void **state)
{
    struct runtime runtime;
    struct told told;
    double begun;

    (void)state;
    open_encoder(&runtime, "latency=encode:20ms,busy=encode:2");
    begun = now_ms();
    encode_frames(runtime.session, 5, &told);
    assert_true(now_ms() - begun >= 5 * 20);
    assert_true(told.busy >= told.calls / 2);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(told.ended[i], MFX_ERR_NONE);
    runtime_close(&runtime);
}

static void a_call_of_the_encoder_fails_when_it_is_told_to(void **state)
{
    struct runtime runtime;
    struct told told = {.calls = 0};
    mfxFrameSurface1 *surface;
    mfxStatus status;

    (void)state;
    open_encoder(&runtime, "fail_call=encode:1:MFX_ERR_NOT_ENOUGH_BUFFER");
    surface = own_get(MFXMemory_GetSurfaceForEncode, runtime.session);
    own_blank(surface);
    encode_call(runtime.session, surface, &told, &status);
    assert_int_equal(status, MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_int_equal(surface_locked(surface), 0);
    own_release(surface);
    encode_frames(runtime.session, 2, &told);
    runtime_close(&runtime);
}

static int open_plain(void **state)
{
    struct runtime *runtime = calloc(1, sizeof(*runtime));

    assert_non_null(runtime);
    runtime_open(runtime);
    *state = runtime;
    return 0;
}

static int close_plain(void **state)
{
    runtime_close(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mistake_refuses_the_session_and_says_what_is_wrong, open_plain,
                                        close_plain),
        cmocka_unit_test_setup_teardown(what_is_right_is_taken_without_a_word, open_plain, close_plain),
        cmocka_unit_test(a_decoded_frame_takes_as_long_as_is_set),
        cmocka_unit_test(every_third_call_of_the_decoder_is_busy_and_nothing_is_lost),
        cmocka_unit_test(the_frame_that_is_to_fail_fails_alone),
        cmocka_unit_test(the_call_that_is_to_fail_takes_nothing),
        cmocka_unit_test(calls_that_are_wrong_by_themselves_are_not_counted),
        cmocka_unit_test(locked_falls_long_before_the_frame_is_there),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(an_application_that_goes_by_locked_alone_loses_a_frame),
#endif
        cmocka_unit_test(vpp_is_late_busy_and_fails_as_it_is_told),
        cmocka_unit_test(counts_go_on_when_a_component_is_initialised_anew),
        cmocka_unit_test(each_session_has_the_knobs_of_its_own_time),
        cmocka_unit_test(an_encoded_picture_fails_when_it_is_told_to),
        cmocka_unit_test(an_encoder_that_is_late_or_busy_loses_no_picture),
        cmocka_unit_test(a_call_of_the_encoder_fails_when_it_is_told_to),
    };

    return cmocka_run_group_tests_name("softrt knobs", tests, NULL, NULL);
}
