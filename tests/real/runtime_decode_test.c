/* What a decoder of Intel's runtimes asks of a frame allocator, and when.
 *   real_runtime_decode IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

#define VIDEO  MFX_IOPATTERN_OUT_VIDEO_MEMORY
#define SYSTEM MFX_IOPATTERN_OUT_SYSTEM_MEMORY

static void assert_same_frames(const mfxFrameAllocResponse *a, const mfxFrameAllocResponse *b)
{
    assert_int_equal(a->NumFrameActual, b->NumFrameActual);
    for (mfxU16 i = 0; i < a->NumFrameActual; i++)
        assert_ptr_equal(a->mids[i], b->mids[i]);
}

static void init_to_video_memory_is_given_the_frames_the_application_made(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    frames_alloc(&d.frames, r, &d.request);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    struct recorder_call alloc = recorder_get(&r->recorder, RECORDER_ALLOC, 0);
    assert_int_equal(alloc.request.Type, TYPE_DECODE_VIDEO);
    assert_int_equal(alloc.request.NumFrameMin, d.request.NumFrameMin);
    assert_int_equal(alloc.request.NumFrameSuggested, d.request.NumFrameSuggested);
    assert_memory_equal(&alloc.request.Info, &d.request.Info, sizeof d.request.Info);
    assert_same_frames(&alloc.response, &d.frames.response);
    assert_true(pthread_equal(alloc.thread, pthread_self()));
    assert_int_equal(runtime_stats(r).alloc_shared, 1);
    decoder_close(&d);
}

static void pictures_to_video_memory_need_handles_and_no_lock(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_UNLOCK), 0);
    size_t handles = recorder_count(&r->recorder, RECORDER_GET_HDL);
    assert_true(handles >= CLIP_PICTURES);
    for (size_t i = 0; i < handles; i++) {
        struct recorder_call call = recorder_get(&r->recorder, RECORDER_GET_HDL, i);
        mfxHDL again;
        assert_true(frames_has(&d.frames, call.mid));
        assert_int_equal(r->mfx->GetHDL(r->mfx->pthis, call.mid, &again), MFX_ERR_NONE);
        assert_ptr_equal(again, call.handle); /* kept by the runtime, and read later */
    }
    decoder_close(&d);
}

/* Index of the first call from `from` on; fails when there is none. */
static size_t find_call(struct recorder *recorder, size_t from, enum recorder_kind kind, bool application)
{
    size_t count;
    const struct recorder_call *calls = recorder_calls(recorder, &count);
    for (size_t i = from; i < count; i++)
        if (calls[i].kind == kind && calls[i].application == application)
            return i;
    fail_msg("no call of kind %d by %s", (int)kind, application ? "the application" : "the runtime");
    return 0;
}

static void close_frees_what_init_was_given_before_the_application_does(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    size_t count;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 0);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 1);
    struct recorder_call freed = recorder_get(&r->recorder, RECORDER_FREE, 0);
    assert_same_frames(&freed.response, &d.frames.response);
    assert_int_equal(runtime_stats(r).frames_live, d.frames.response.NumFrameActual);
    frames_free(&d.frames);
    clip_close(&d.clip);

    size_t made = find_call(&r->recorder, 0, RECORDER_ALLOC, true);
    size_t claimed = find_call(&r->recorder, made, RECORDER_ALLOC, false);
    size_t given_back = find_call(&r->recorder, claimed, RECORDER_FREE, false);
    size_t ended = find_call(&r->recorder, given_back, RECORDER_FREE, true);
    (void)recorder_calls(&r->recorder, &count);
    assert_int_equal(ended, count - 1);
}

static void closing_the_session_frees_too(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    mfxFrameSurface1 *picture;
    assert_int_equal(decoder_next(&d, &picture), MFX_ERR_NONE);
    assert_int_equal(MFXClose(r->session), MFX_ERR_NONE);
    r->session = NULL;
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 1);
    frames_free(&d.frames);
    clip_close(&d.clip);
}

static void frames_freed_before_close_stay_until_then(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    mfxU16 count = d.frames.response.NumFrameActual;
    assert_int_equal(r->mfx->Free(r->mfx->pthis, &d.frames.response), MFX_ERR_NONE);
    assert_int_equal(runtime_stats(r).frames_live, count);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    assert_int_equal(runtime_stats(r).frames_live, 0);
    clip_close(&d.clip);
}

static void pictures_to_system_memory_are_locked_by_mid(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, SYSTEM);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_GET_HDL), 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), CLIP_PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_UNLOCK), CLIP_PICTURES);
    for (size_t i = 0; i < CLIP_PICTURES; i++)
        assert_true(frames_has(&d.frames, recorder_get(&r->recorder, RECORDER_LOCK, i).mid));
    decoder_close(&d);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 0);
}

static void surfaces_with_pointers_need_no_call_at_all(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, SYSTEM);
    frames_alloc_pointers(&d.frames, r, &d.request);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    for (int kind = 0; kind < RECORDER_KINDS; kind++)
        assert_int_equal(recorder_count(&r->recorder, (enum recorder_kind)kind), 0);
    decoder_close(&d);
}

static void mids_with_the_highest_bit_set_serve(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    for (mfxU16 i = 0; i < d.frames.response.NumFrameActual; i++)
        assert_true((uintptr_t)d.frames.response.mids[i] >> 63);
    mfxFrameSurface1 *picture;
    while (decoder_next(&d, &picture) == MFX_ERR_NONE) {
        assert_true(frames_has(&d.frames, picture->Data.MemId));
        d.pictures++;
    }
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

static void decoded_pictures_can_be_locked_by_the_application(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_start(&d);
    mfxFrameSurface1 *picture;
    while (decoder_next(&d, &picture) == MFX_ERR_NONE) {
        mfxFrameData data = {0};
        assert_int_equal(vfa_map(r->frames, picture->Data.MemId, MFX_MAP_READ, &data), MFX_ERR_NONE);
        assert_non_null(data.Y);
        assert_non_null(data.UV);
        assert_true(data.PitchLow >= picture->Info.CropW);
        assert_int_equal(vfa_unmap(r->frames, picture->Data.MemId, &data), MFX_ERR_NONE);
        d.pictures++;
    }
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

struct codec {
    const char *clip;
    mfxU32 codec, fourcc;
    mfxU16 shift;
    mfxU16 frames[2]; /* libmfx-gen's, libmfxhw64's, which cannot decode AV1; 0: as many as the clip says */
};

static const struct codec codecs[] = {
    {"hevc.265", MFX_CODEC_HEVC, MFX_FOURCC_NV12, 0, {0, 0}},
    {"hevc10.265", MFX_CODEC_HEVC, MFX_FOURCC_P010, 1, {0, 0}},
    {"vp9.ivf", MFX_CODEC_VP9, MFX_FOURCC_NV12, 0, {8 + ASYNC_DEPTH + 7, 8 + ASYNC_DEPTH + 2}},
    {"av1.ivf", MFX_CODEC_AV1, MFX_FOURCC_NV12, 0, {8 + ASYNC_DEPTH + 7, 0}},
};

static void each_codec_claims_frames_of_its_kind(void **state)
{
    struct runtime *r = *state;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        const struct codec *c = &codecs[i];
        mfxU16 frames = c->frames[runtime_is_old()];
        struct decoding d;
        if (runtime_is_old() && c->codec == MFX_CODEC_AV1)
            continue;
        recorder_clear(&r->recorder);
        decoder_open(&d, r, c->clip, c->codec, VIDEO);
        decoder_start(&d);
        struct recorder_call alloc = recorder_get(&r->recorder, RECORDER_ALLOC, 0);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
        assert_int_equal(alloc.request.Type, TYPE_DECODE_VIDEO);
        assert_int_equal(alloc.request.Info.FourCC, c->fourcc);
        assert_int_equal(alloc.request.Info.Shift, c->shift);
        assert_int_equal(alloc.request.NumFrameMin, frames ? frames : d.request.NumFrameMin);
        assert_int_equal(alloc.request.NumFrameSuggested, alloc.request.NumFrameMin);
        assert_true(alloc.request.NumFrameMin > ASYNC_DEPTH + 1);
        assert_same_frames(&alloc.response, &d.frames.response);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), 0);
        decoder_close(&d);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 1);
    }
}

static void the_older_runtime_takes_the_handles_of_vp9_frames_at_init(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "vp9.ivf", MFX_CODEC_VP9, VIDEO);
    decoder_start(&d);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_GET_HDL),
                     runtime_is_old() ? d.frames.response.NumFrameActual : 0);
    decoder_close(&d);
}

static void the_older_runtime_has_no_av1(void **state)
{
    struct runtime *r = *state;
    struct decoding d = {.par = {.IOPattern = VIDEO, .AsyncDepth = 2}};
    d.par.mfx.CodecId = MFX_CODEC_AV1;
    d.par.mfx.CodecProfile = MFX_PROFILE_AV1_MAIN;
    d.par.mfx.FrameInfo = nv12_info(320, 240);
    mfxStatus status = MFXVideoDECODE_Init(r->session, &d.par);
    if (runtime_is_old()) {
        assert_int_equal(status, MFX_ERR_UNSUPPORTED);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    } else {
        assert_int_equal(status, MFX_ERR_NONE);
        assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    }
}

static void ten_bits_in_video_memory_must_be_shifted(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "hevc10.265", MFX_CODEC_HEVC, VIDEO);
    d.par.mfx.FrameInfo.Shift = 0;
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    clip_close(&d.clip);
}

/* Nobody made frames before: Init gets ones of its own, and frees them. */
static void init_without_frames_of_the_application_makes_them(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(runtime_stats(r).frames_live, d.request.NumFrameSuggested);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    assert_int_equal(runtime_stats(r).frames_live, 0);
    clip_close(&d.clip);
}

static void a_session_takes_one_allocator_once(void **state)
{
    struct runtime *r = *state;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(r->session, &r->recorder.runtime.mfx),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(init_to_video_memory_is_given_the_frames_the_application_made),
        runtime_test(pictures_to_video_memory_need_handles_and_no_lock),
        runtime_test(close_frees_what_init_was_given_before_the_application_does),
        runtime_test(closing_the_session_frees_too),
        runtime_test(frames_freed_before_close_stay_until_then),
        runtime_test(pictures_to_system_memory_are_locked_by_mid),
        runtime_test(surfaces_with_pointers_need_no_call_at_all),
        runtime_test(mids_with_the_highest_bit_set_serve),
        runtime_test(decoded_pictures_can_be_locked_by_the_application),
        runtime_test(each_codec_claims_frames_of_its_kind),
        runtime_test(the_older_runtime_takes_the_handles_of_vp9_frames_at_init),
        runtime_test(the_older_runtime_has_no_av1),
        runtime_test(ten_bits_in_video_memory_must_be_shifted),
        runtime_test(init_without_frames_of_the_application_makes_them),
        runtime_test(a_session_takes_one_allocator_once),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
