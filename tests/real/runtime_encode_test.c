/* What an encoder of Intel's runtimes asks of a frame allocator: pictures of the application's, never frames.
 *   real_runtime_encode IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

#define VIDEO    MFX_IOPATTERN_IN_VIDEO_MEMORY
#define SYSTEM   MFX_IOPATTERN_IN_SYSTEM_MEMORY
#define PICTURES 4

struct work {
    struct encoding encoder;
    struct frames frames;
};

static struct work *start(struct runtime *r, mfxU16 io_pattern, enum vfa_surface_mode mode)
{
    static struct work w;
    const mfxFrameInfo info = nv12_info(320, 240);
    encoder_open(&w.encoder, r, r->session, &info, io_pattern);
    if (mode == VFA_SURFACE_POINTERS)
        frames_alloc_pointers(&w.frames, r, &w.encoder.request);
    else
        frames_alloc(&w.frames, r, &w.encoder.request);
    assert_int_equal(MFXVideoENCODE_Init(r->session, &w.encoder.par), MFX_ERR_NONE);
    return &w;
}

/* As applications do: paints a surface, then hands it over. */
static void paint(struct runtime *r, const mfxFrameSurface1 *surface, int shade)
{
    mfxFrameData data = {0};
    assert_int_equal(vfa_map(r->frames, surface->Data.MemId, MFX_MAP_WRITE, &data), MFX_ERR_NONE);
    for (size_t row = 0; row < surface->Info.CropH; row++)
        memset(data.Y + row * data.PitchLow, shade, surface->Info.CropW);
    for (size_t row = 0; row < surface->Info.CropH / 2u; row++)
        memset(data.UV + row * data.PitchLow, 128, surface->Info.CropW);
    assert_int_equal(vfa_unmap(r->frames, surface->Data.MemId, &data), MFX_ERR_NONE);
}

static void encode_all(struct runtime *r, struct work *w)
{
    for (int i = 0; i < PICTURES; i++) {
        mfxFrameSurface1 *surface = frames_next(&w->frames);
        paint(r, surface, 40 + i);
        assert_int_equal(encoder_encode(&w->encoder, surface), MFX_ERR_NONE);
    }
}

static void finish(struct runtime *r, struct work *w)
{
    assert_int_equal(MFXVideoENCODE_Close(r->session), MFX_ERR_NONE);
    frames_free(&w->frames);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_FREE), 0);
}

static void a_picture_in_video_memory_needs_its_handle_once(void **state)
{
    struct runtime *r = *state;
    struct work *w = start(r, VIDEO, VFA_SURFACE_MEMID);
    encode_all(r, w);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_GET_HDL), PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), 0);
    for (size_t i = 0; i < PICTURES; i++)
        assert_true(frames_has(&w->frames, recorder_get(&r->recorder, RECORDER_GET_HDL, i).mid));
    finish(r, w);
}

static void a_picture_in_system_memory_is_locked_once_by_mid(void **state)
{
    struct runtime *r = *state;
    struct work *w = start(r, SYSTEM, VFA_SURFACE_MEMID);
    encode_all(r, w);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_GET_HDL), 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_UNLOCK), PICTURES);
    for (size_t i = 0; i < PICTURES; i++)
        assert_true(frames_has(&w->frames, recorder_get(&r->recorder, RECORDER_LOCK, i).mid));
    finish(r, w);
}

/* The application's own maps are no calls of the allocator's callbacks. */
static void a_picture_with_pointers_needs_no_call_at_all(void **state)
{
    struct runtime *r = *state;
    struct work *w = start(r, SYSTEM, VFA_SURFACE_POINTERS);
    encode_all(r, w);
    for (int kind = 0; kind < RECORDER_KINDS; kind++)
        assert_int_equal(recorder_count(&r->recorder, (enum recorder_kind)kind), 0);
    finish(r, w);
}

static void init_and_close_need_no_frames(void **state)
{
    struct runtime *r = *state;
    struct work *w = start(r, VIDEO, VFA_SURFACE_MEMID);
    for (int kind = 0; kind < RECORDER_KINDS; kind++)
        assert_int_equal(recorder_count(&r->recorder, (enum recorder_kind)kind), 0);
    finish(r, w);
}

static void hevc_needs_no_frames_at_init_either(void **state)
{
    struct runtime *r = *state;
    mfxVideoParam par = {.IOPattern = VIDEO, .AsyncDepth = 1};
    par.mfx.CodecId = MFX_CODEC_HEVC;
    par.mfx.LowPower = MFX_CODINGOPTION_ON;
    par.mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par.mfx.QPI = par.mfx.QPP = par.mfx.QPB = 30;
    par.mfx.GopRefDist = 1;
    par.mfx.FrameInfo = nv12_info(320, 256);
    assert_int_equal(MFXVideoENCODE_Init(r->session, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Close(r->session), MFX_ERR_NONE);
    for (int kind = 0; kind < RECORDER_KINDS; kind++)
        assert_int_equal(recorder_count(&r->recorder, (enum recorder_kind)kind), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(a_picture_in_video_memory_needs_its_handle_once),
        runtime_test(a_picture_in_system_memory_is_locked_once_by_mid),
        runtime_test(a_picture_with_pointers_needs_no_call_at_all),
        runtime_test(init_and_close_need_no_frames),
        runtime_test(hevc_needs_no_frames_at_init_either),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
