/* The response book: when an Alloc finds frames that are there, and who may free what. */
#include "fixture.h"

static void a_decoders_init_gets_the_frames_its_application_allocated(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 8);
    request.AllocId = vfa_next_alloc_id(f.a);
    mfxFrameAllocResponse app, init;
    assert_int_equal(alloc(&f, &request, &app), MFX_ERR_NONE);
    request.NumFrameSuggested = 6;
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_int_equal(init.NumFrameActual, 8);
    assert_memory_equal(app.mids, init.mids, 8 * sizeof(mfxMemId));
    assert_int_equal(stats_of(&f).alloc_shared, 1);
    assert_int_equal(stats_of(&f).frames_live, 8);
    /* The decoder closes first; the frames stay the application's. */
    mfxFrameData data;
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(lock(&f, app.mids[7], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, app.mids[7], &data), MFX_ERR_NONE);
    /* And a second Init claims them again. */
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_memory_equal(app.mids, init.mids, 8 * sizeof(mfxMemId));
    assert_int_equal(release(&f, &app), MFX_ERR_NONE);
    assert_int_equal(lock(&f, init.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, init.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frame_bytes, 0);
    fixture_close(&f);
}

static void a_claimed_set_is_nobody_elses(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request =
        request_of(MFX_FOURCC_NV12, 320, 192, 4, 4); /* AllocId 0, as the careless do */
    mfxFrameAllocResponse app1, init1, app2, init2;
    assert_int_equal(alloc(&f, &request, &app1), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &init1), MFX_ERR_NONE);
    assert_ptr_equal(app1.mids[0], init1.mids[0]);
    assert_int_equal(alloc(&f, &request, &app2), MFX_ERR_NONE);
    assert_ptr_not_equal(app2.mids[0], init1.mids[0]);
    assert_int_equal(alloc(&f, &request, &init2), MFX_ERR_NONE);
    assert_ptr_equal(app2.mids[0], init2.mids[0]);
    /* A set whose maker has gone is its claimer's alone. */
    mfxFrameAllocResponse app3;
    assert_int_equal(release(&f, &app1), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &app3), MFX_ERR_NONE);
    assert_ptr_not_equal(app3.mids[0], init1.mids[0]);
    assert_int_equal(release(&f, &app2), MFX_ERR_NONE);
    assert_int_equal(release(&f, &app3), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init1), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init2), MFX_ERR_NONE);
    fixture_close(&f);
}

static void the_application_may_allocate_for_two_decoders_before_either_init(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 4);
    mfxFrameAllocResponse app1, app2, init1, init2;
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &app1), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &app2), MFX_ERR_NONE);
    assert_ptr_not_equal(app1.mids[0], app2.mids[0]);
    assert_int_equal(alloc(&f, &request, &init1), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &init2), MFX_ERR_NONE);
    assert_ptr_not_equal(init1.mids[0], init2.mids[0]);
    assert_int_equal(stats_of(&f).frames_live, 8);
    assert_int_equal(vfa_frames_free(f.a, &app1), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f.a, &app2), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init1), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init2), MFX_ERR_NONE);
    fixture_close(&f);
}

static void shared_and_private_sets_do_as_they_say(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 4);
    mfxFrameAllocResponse shared, claim[3], own, other;
    assert_int_equal(vfa_frames_alloc(f.a, &request, VFA_FRAMES_SHARED, &shared), MFX_ERR_NONE);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(alloc(&f, &request, &claim[i]), MFX_ERR_NONE);
        assert_ptr_equal(claim[i].mids[0], shared.mids[0]);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(release(&f, &claim[i]), MFX_ERR_NONE);
    assert_int_equal(release(&f, &shared), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_alloc(f.a, &request, VFA_FRAMES_PRIVATE, &own), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &other), MFX_ERR_NONE);
    assert_ptr_not_equal(own.mids[0], other.mids[0]);
    assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    assert_int_equal(release(&f, &own), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_alloc(f.a, &request, VFA_FRAMES_SHARED | VFA_FRAMES_PRIVATE, &own),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_frames_alloc(f.a, &request, 64, &own), MFX_ERR_INVALID_VIDEO_PARAM);
    fixture_close(&f);
}

static void only_a_decoder_finds_the_applications_frames(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 4);
    mfxFrameAllocResponse shared, other;
    assert_int_equal(vfa_frames_alloc(f.a, &request, VFA_FRAMES_SHARED, &shared), MFX_ERR_NONE);
    const mfxU16 origins[] = {MFX_MEMTYPE_FROM_ENCODE, MFX_MEMTYPE_FROM_VPPIN, MFX_MEMTYPE_FROM_VPPOUT};
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        request.Type = (mfxU16)((TYPE_DECODE_SYSTEM & ~MFX_MEMTYPE_FROM_DECODE) | origins[i]);
        assert_int_equal(alloc(&f, &request, &other), MFX_ERR_NONE);
        assert_ptr_not_equal(other.mids[0], shared.mids[0]);
        assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    }
    request.Type = TYPE_DECODE_SYSTEM;
    assert_int_equal(alloc(&f, &request, &other), MFX_ERR_NONE);
    assert_ptr_equal(other.mids[0], shared.mids[0]);
    assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    assert_int_equal(release(&f, &shared), MFX_ERR_NONE);
    fixture_close(&f);
}

static void bitstream_buffers_are_not_shared(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_P8, 0, 0, 2, 2);
    mfxFrameAllocResponse made, other;
    request.Info.BufferSize = 5000;
    assert_int_equal(vfa_frames_alloc(f.a, &request, VFA_FRAMES_SHARED, &made), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &other), MFX_ERR_NONE);
    assert_ptr_not_equal(other.mids[0], made.mids[0]);
    assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    assert_int_equal(release(&f, &made), MFX_ERR_NONE);
    fixture_close(&f);
}

static void what_must_agree_for_frames_to_be_shared(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest made = request_of(MFX_FOURCC_P010, 320, 192, 4, 8);
    made.AllocId = 5;
    made.Type |= MFX_MEMTYPE_FROM_VPPIN; /* applications add their other uses */
    made.Info.BitDepthLuma = made.Info.BitDepthChroma = 10;
    made.Info.Shift = 1;
    mfxFrameAllocResponse app, other;
    assert_int_equal(alloc(&f, &made, &app), MFX_ERR_NONE);
    mfxFrameAllocRequest same = made;
    same.Type = TYPE_DECODE_SYSTEM;
    same.Info.Width = 300;
    same.Info.Height = 100;
    same.Info.CropW = 300;
    same.NumFrameSuggested = 3;
    for (int i = 0; i < 10; i++) {
        mfxFrameAllocRequest differs = same;
        switch (i) {
        case 0:
            differs.AllocId = 6;
            break;
        case 1:
            differs.Info.FourCC = MFX_FOURCC_NV12;
            differs.Info.Shift = 0;
            differs.Info.BitDepthLuma = differs.Info.BitDepthChroma = 8;
            break;
        case 2:
            differs.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV422;
            break;
        case 3:
            differs.Info.Shift = 0;
            break;
        case 4:
            differs.Type |= MFX_MEMTYPE_FROM_VPPOUT; /* not among the set's origins */
            break;
        case 5:
            differs.Info.Width = 321;
            break;
        case 6:
            differs.Info.Height = 193;
            break;
        case 7:
            differs.NumFrameMin = 9;
            break;
        case 8:
            differs.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
            break;
        default:
            differs.Type |= MFX_MEMTYPE_INTERNAL_FRAME;
            break;
        }
        assert_int_equal(alloc(&f, &differs, &other), MFX_ERR_NONE);
        assert_ptr_not_equal(other.mids[0], app.mids[0]);
        assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    }
    assert_int_equal(stats_of(&f).alloc_shared, 0);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 3); /* 5, 6 and 7: almost the same */
    assert_int_equal(alloc(&f, &same, &other), MFX_ERR_NONE);
    assert_ptr_equal(other.mids[0], app.mids[0]);
    assert_int_equal(release(&f, &other), MFX_ERR_NONE);
    assert_int_equal(release(&f, &app), MFX_ERR_NONE);
    fixture_close(&f);
}

static void only_decoders_look_for_frames_that_are_there(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 4);
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    mfxFrameAllocResponse a, b;
    assert_int_equal(alloc(&f, &request, &a), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &b), MFX_ERR_NONE);
    assert_ptr_not_equal(a.mids[0], b.mids[0]);
    assert_int_equal(release(&f, &a), MFX_ERR_NONE);
    assert_int_equal(release(&f, &b), MFX_ERR_NONE);
    fixture_close(&f);
}

static void alloc_ids_are_distinct_and_never_zero(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxU32 last = 0;
    for (int i = 0; i < 1000; i++) {
        mfxU32 id = vfa_next_alloc_id(f.a);
        assert_true(id > last);
        last = id;
    }
    fixture_close(&f);
}

static void a_share_that_memory_refuses_leaves_the_set_alone(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 4, 4);
    mfxFrameAllocResponse app, init;
    assert_int_equal(alloc(&f, &request, &app), MFX_ERR_NONE);
    request.NumFrameMin = request.NumFrameSuggested = 1; /* less than the set has: asks for room twice */
    for (long n = 1; n <= 2; n++) {
        f.memory.fail_at = atomic_load(&f.memory.requests) + n;
        assert_int_equal(alloc(&f, &request, &init), MFX_ERR_MEMORY_ALLOC);
        assert_null(init.mids);
    }
    f.memory.fail_at = 0;
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_int_equal(init.NumFrameActual, 4);
    assert_ptr_equal(init.mids[3], app.mids[3]);
    assert_int_equal(release(&f, &app), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decoders_init_gets_the_frames_its_application_allocated),
        cmocka_unit_test(a_claimed_set_is_nobody_elses),
        cmocka_unit_test(the_application_may_allocate_for_two_decoders_before_either_init),
        cmocka_unit_test(shared_and_private_sets_do_as_they_say),
        cmocka_unit_test(only_a_decoder_finds_the_applications_frames),
        cmocka_unit_test(bitstream_buffers_are_not_shared),
        cmocka_unit_test(what_must_agree_for_frames_to_be_shared),
        cmocka_unit_test(only_decoders_look_for_frames_that_are_there),
        cmocka_unit_test(alloc_ids_are_distinct_and_never_zero),
        cmocka_unit_test(a_share_that_memory_refuses_leaves_the_set_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
