/* A frame allocator that fails under Intel's runtimes: the component says so, nothing stays behind in the
 * allocator (each test's end looks), and what comes after works.
 *   real_runtime_failure IMPLEMENTATION-NAME MAJOR-VERSION-OF-API
 *
 * What fails while a picture is worked on fails in the session for good, at least for the addresses of the
 * surfaces and bitstreams concerned: both runtimes keep what depends on what by address. Only a new session
 * begins anew. */
#include "runtime.h"

static void decode_whole_clip(struct runtime *r, mfxU16 io_pattern)
{
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, io_pattern);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

static void what_alloc_answers_is_the_answer_of_init(void **state)
{
    struct runtime *r = *state;
    const mfxStatus answers[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_UNSUPPORTED, MFX_ERR_DEVICE_LOST};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct decoding d;
        decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
        frames_alloc(&d.frames, r, &d.request);
        recorder_fail(&r->recorder, RECORDER_ALLOC, 1, answers[i]);
        assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), answers[i]);
        assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NOT_INITIALIZED);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 0);
        assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
        assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
        assert_int_equal(d.pictures, CLIP_PICTURES);
        decoder_close(&d);
        recorder_clear(&r->recorder);
    }
}

static void fewer_frames_than_the_least_are_freed_and_init_fails(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    frames_alloc(&d.frames, r, &d.request);
    recorder_cut(&r->recorder, (mfxU16)(d.request.NumFrameMin - 1));
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 1);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    decoder_close(&d);
}

static void a_decoder_refused_the_handle_of_its_first_surface_fails(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    decoder_start(&d);
    recorder_fail(&r->recorder, RECORDER_GET_HDL, 1, MFX_ERR_INVALID_HANDLE);
    assert_int_equal(decoder_rest(&d), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(d.pictures, 0);
    runtime_renew(r);
    frames_drop(&d.frames);
    clip_close(&d.clip);
    decode_whole_clip(r, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
}

/* Some refusals, those of reference pictures among them, the runtimes do not look at. */
static void a_decoder_refused_any_handle_fails_or_decodes_all(void **state)
{
    struct runtime *r = *state;
    bool reached = true;
    for (size_t nth = 1; reached; nth += nth < 8 ? 1 : 5) {
        struct decoding d;
        decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
        decoder_start(&d);
        recorder_fail(&r->recorder, RECORDER_GET_HDL, nth, MFX_ERR_INVALID_HANDLE);
        if (decoder_rest(&d) == MFX_ERR_NONE)
            assert_int_equal(d.pictures, CLIP_PICTURES);
        reached = recorder_failed(&r->recorder, RECORDER_GET_HDL);
        recorder_fail(&r->recorder, RECORDER_GET_HDL, 0, MFX_ERR_NONE);
        recorder_clear(&r->recorder);
        runtime_renew(r);
        frames_drop(&d.frames);
        clip_close(&d.clip);
    }
    decode_whole_clip(r, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
}

static void a_decoder_refused_a_lock_fails_at_that_picture(void **state)
{
    struct runtime *r = *state;
    const unsigned nths[] = {1, 2, CLIP_PICTURES};
    for (size_t i = 0; i < sizeof nths / sizeof *nths; i++) {
        struct decoding d;
        decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_SYSTEM_MEMORY);
        decoder_start(&d);
        recorder_fail(&r->recorder, RECORDER_LOCK, nths[i], MFX_ERR_LOCK_MEMORY);
        assert_int_equal(decoder_rest(&d), MFX_ERR_LOCK_MEMORY);
        assert_int_equal(d.pictures, nths[i] - 1);
        runtime_renew(r);
        frames_drop(&d.frames);
        clip_close(&d.clip);
    }
    decode_whole_clip(r, MFX_IOPATTERN_OUT_SYSTEM_MEMORY);
}

/* Encodes until something fails: how many pictures did not. */
static unsigned encode(struct runtime *r, mfxU16 io_pattern, mfxStatus *status)
{
    static struct encoding e;
    static struct frames frames;
    const mfxFrameInfo info = nv12_info(320, 240);
    unsigned pictures = 0;
    encoder_open(&e, r, r->session, &info, io_pattern);
    frames_alloc(&frames, r, &e.request);
    assert_int_equal(MFXVideoENCODE_Init(r->session, &e.par), MFX_ERR_NONE);
    for (*status = MFX_ERR_NONE; pictures < 4; pictures++)
        if ((*status = encoder_encode(&e, frames_next(&frames))) != MFX_ERR_NONE)
            break;
    runtime_renew(r);
    frames_drop(&frames);
    return pictures;
}

static void check_encoder(struct runtime *r, mfxU16 io_pattern, enum recorder_kind kind, mfxStatus refusal)
{
    mfxStatus status;
    for (unsigned nth = 1; nth <= 3; nth++) {
        recorder_fail(&r->recorder, kind, nth, refusal);
        assert_int_equal(encode(r, io_pattern, &status), nth - 1);
        assert_int_equal(status, refusal);
    }
    assert_int_equal(encode(r, io_pattern, &status), 4);
    assert_int_equal(status, MFX_ERR_NONE);
}

static void an_encoder_refused_a_handle_fails_at_that_picture(void **state)
{
    check_encoder(*state, MFX_IOPATTERN_IN_VIDEO_MEMORY, RECORDER_GET_HDL, MFX_ERR_INVALID_HANDLE);
}

static void an_encoder_refused_a_lock_fails_at_that_picture(void **state)
{
    check_encoder(*state, MFX_IOPATTERN_IN_SYSTEM_MEMORY, RECORDER_LOCK, MFX_ERR_LOCK_MEMORY);
}

/* One picture from the one size to the other. */
static mfxStatus process(struct runtime *r, mfxU16 io_pattern)
{
    static struct frames from, to;
    mfxFrameAllocRequest request[2];
    mfxVideoParam par = {.IOPattern = io_pattern, .AsyncDepth = 1};
    mfxSyncPoint sync = NULL;
    par.vpp.In = nv12_info(640, 480);
    par.vpp.Out = nv12_info(320, 240);
    memset(request, 0, sizeof request);
    assert_int_equal(MFXVideoVPP_QueryIOSurf(r->session, &par, request), MFX_ERR_NONE);
    frames_alloc(&from, r, &request[0]);
    frames_alloc(&to, r, &request[1]);
    assert_int_equal(MFXVideoVPP_Init(r->session, &par), MFX_ERR_NONE);
    mfxStatus status =
        MFXVideoVPP_RunFrameVPPAsync(r->session, frames_next(&from), frames_next(&to), NULL, &sync);
    if (sync)
        status = runtime_sync(r->session, sync);
    runtime_renew(r);
    frames_drop(&from);
    frames_drop(&to);
    return status;
}

static void check_processor(struct runtime *r, mfxU16 io_pattern, enum recorder_kind kind, size_t calls,
                            mfxStatus refusal)
{
    for (size_t nth = 1; nth <= calls; nth++) {
        recorder_clear(&r->recorder);
        recorder_fail(&r->recorder, kind, nth, refusal);
        assert_int_equal(process(r, io_pattern), refusal);
        assert_true(recorder_failed(&r->recorder, kind));
    }
    assert_int_equal(process(r, io_pattern), MFX_ERR_NONE);
}

static void processing_refused_a_handle_fails(void **state)
{
    check_processor(*state, MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY, RECORDER_GET_HDL,
                    2, MFX_ERR_INVALID_HANDLE);
    check_processor(*state, MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY, RECORDER_GET_HDL,
                    1, MFX_ERR_INVALID_HANDLE);
    check_processor(*state, MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY, RECORDER_GET_HDL,
                    1, MFX_ERR_INVALID_HANDLE);
}

static void processing_refused_a_lock_fails(void **state)
{
    check_processor(*state, MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY, RECORDER_LOCK,
                    2, MFX_ERR_LOCK_MEMORY);
    check_processor(*state, MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY, RECORDER_LOCK, 1,
                    MFX_ERR_LOCK_MEMORY);
    check_processor(*state, MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY, RECORDER_LOCK, 1,
                    MFX_ERR_LOCK_MEMORY);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(what_alloc_answers_is_the_answer_of_init),
        runtime_test(fewer_frames_than_the_least_are_freed_and_init_fails),
        runtime_test(a_decoder_refused_the_handle_of_its_first_surface_fails),
        runtime_test(a_decoder_refused_any_handle_fails_or_decodes_all),
        runtime_test(a_decoder_refused_a_lock_fails_at_that_picture),
        runtime_test(an_encoder_refused_a_handle_fails_at_that_picture),
        runtime_test(an_encoder_refused_a_lock_fails_at_that_picture),
        runtime_test(processing_refused_a_handle_fails),
        runtime_test(processing_refused_a_lock_fails),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
