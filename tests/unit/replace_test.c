/* Frames for a new resolution: made before the old ones go, or not made when the old ones serve. */
#include "mock_device.h"

static mfxFrameAllocRequest hd_request(void)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 180, 2, 4);
    request.AllocId = 7;
    return request;
}

static mfxFrameAllocResponse made(struct fixture *f, const mfxFrameAllocRequest *request)
{
    mfxFrameAllocResponse response;
    assert_int_equal(vfa_frames_alloc(f->a, request, 0, &response), MFX_ERR_NONE);
    return response;
}

/* The response names the frames it named before, and they are good. */
static void assert_kept(struct fixture *f, const mfxFrameAllocResponse *now,
                        const mfxFrameAllocResponse *then)
{
    mfxFrameData data = {0};
    assert_memory_equal(now, then, sizeof *now);
    assert_int_equal(lock(f, now->mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(f, now->mids[0], &data), MFX_ERR_NONE);
}

static void new_frames_take_the_place_of_the_old(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response = made(&f, &request);
    mfxMemId old = response.mids[0];
    mfxFrameData data = {0};
    mfxFrameInfo info;
    request.Info.Width = 640;
    request.Info.Height = 360;
    request.NumFrameSuggested = 5;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 5);
    assert_int_equal(response.AllocId, 7);
    assert_int_equal(vfa_frame_info(f.a, response.mids[4], &info), MFX_ERR_NONE);
    assert_int_equal(info.Width, 640);
    assert_int_equal(lock(&f, old, &data), MFX_ERR_INVALID_HANDLE);
    struct vfa_stats stats = stats_of(&f);
    assert_int_equal(stats.frames_live, 5);
    assert_int_equal(stats.frames_peak, 9); /* both were there at once */
    assert_int_equal(stats.responses_live, 1);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_zeroed_response_is_just_filled(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response = {0};
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 4);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void frames_that_serve_stay_and_tell_the_truth(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response = made(&f, &request), before = response;
    const struct {
        mfxU16 width, height, min, suggested;
    } less[] = {
        {320, 180, 2, 4}, /* the same */
        {320, 192, 2, 4}, /* no more than rounding made of it */
        {310, 170, 2, 4}, {64, 64, 2, 4}, {320, 180, 1, 1},
    };
    for (size_t i = 0; i < sizeof less / sizeof less[0]; i++) {
        mfxFrameInfo info;
        request.Info.Width = less[i].width;
        request.Info.Height = less[i].height;
        request.NumFrameMin = less[i].min;
        request.NumFrameSuggested = less[i].suggested;
        assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
        assert_kept(&f, &response, &before);
        assert_int_equal(vfa_frame_info(f.a, response.mids[0], &info), MFX_ERR_NONE);
        assert_int_equal(info.Width, 320);
        assert_int_equal(info.Height, 180);
    }
    assert_int_equal(stats_of(&f).alloc_calls, 1);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_decoder_finds_frames_that_only_rounding_made_large_enough(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response = made(&f, &request), runtime;
    request.Info.Height = 192;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &runtime), MFX_ERR_NONE);
    assert_ptr_equal(runtime.mids[0], response.mids[0]);
    assert_int_equal(release(&f, &runtime), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void rounding_counts_only_as_far_as_the_backend_rounds(void **state)
{
    (void)state;
    struct fixture f;
    const struct vfa_layout_rules tight = {.width_px = 1, .pitch_bytes = 16, .rows = 1, .size_bytes = 16};
    struct vfa_backend backend;
    assert_int_equal(vfa_backend_system(&tight, &backend), MFX_ERR_NONE);
    fixture_open(&f, &backend, 1);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response = made(&f, &request);
    const mfxMemId old = response.mids[0];
    request.Info.Height = 192;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_ptr_not_equal(response.mids[0], old);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

typedef void change_fn(mfxFrameAllocRequest *request, unsigned int *flags);

#define CHANGE(name, statement)                                          \
    static void name(mfxFrameAllocRequest *request, unsigned int *flags) \
    {                                                                    \
        (void)request, (void)flags;                                      \
        statement;                                                       \
    }
CHANGE(other_fourcc, request->Info.FourCC = MFX_FOURCC_YV12)
CHANGE(other_chroma, request->Info.ChromaFormat = 0)
CHANGE(other_luma_depth, request->Info.BitDepthLuma = 8)
CHANGE(other_chroma_depth, request->Info.BitDepthChroma = 8)
CHANGE(other_component, request->AllocId = 8)
CHANGE(other_memory, request->Type = TYPE_VIDEO)
CHANGE(other_memory_allowed, request->Type |= MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET)
CHANGE(more_origins, request->Type |= MFX_MEMTYPE_FROM_VPPIN)
CHANGE(internal, request->Type |= MFX_MEMTYPE_INTERNAL_FRAME)
CHANGE(wider, request->Info.Width = 321)
CHANGE(higher, request->Info.Height = 193)
CHANGE(more_frames, request->NumFrameSuggested = 5)
CHANGE(more_frames_needed, request->NumFrameMin = 5)
CHANGE(other_flags, *flags = VFA_FRAMES_SHARED)

static void frames_that_differ_in_anything_that_matters_are_replaced(void **state)
{
    (void)state;
    change_fn *const changes[] = {other_fourcc,
                                  other_chroma,
                                  other_luma_depth,
                                  other_chroma_depth,
                                  other_component,
                                  other_memory,
                                  more_origins,
                                  internal,
                                  wider,
                                  higher,
                                  more_frames,
                                  more_frames_needed,
                                  other_flags,
                                  other_memory_allowed};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct fixture f;
        struct device d;
        open_with_device(&f, &d);
        mfxFrameAllocRequest request = hd_request();
        mfxFrameAllocResponse response = made(&f, &request);
        const mfxMemId old = response.mids[0];
        unsigned int flags = 0;
        changes[i](&request, &flags);
        assert_int_equal(vfa_frames_replace(f.a, &request, flags, &response), MFX_ERR_NONE);
        assert_ptr_not_equal(response.mids[0], old);
        /* And what was made is what is wanted. */
        const mfxMemId now = response.mids[0];
        assert_int_equal(vfa_frames_replace(f.a, &request, flags, &response), MFX_ERR_NONE);
        assert_ptr_equal(response.mids[0], now);
        assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
        close_with_device(&f, &d);
    }
}

static void a_changed_shift_is_another_format(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    request.Info.FourCC = MFX_FOURCC_P010;
    mfxFrameAllocResponse response = made(&f, &request);
    const mfxMemId old = response.mids[0];
    request.Info.Shift = 1;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_ptr_not_equal(response.mids[0], old);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_buffer_is_replaced_by_a_larger_one_only(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    memset(&request.Info, 0, sizeof request.Info);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 100000;
    mfxFrameAllocResponse response = made(&f, &request), before = response;
    request.Info.BufferSize = 70000;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_kept(&f, &response, &before);
    request.Info.BufferSize = 200000;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_ptr_not_equal(response.mids, before.mids);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void frames_that_memory_kept_few_are_not_made_again_for_the_same_wish(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    f.memory.fail_frames_after = 3;
    mfxFrameAllocResponse response = made(&f, &request), before = response;
    assert_int_equal(response.NumFrameActual, 3);
    f.memory.fail_frames_after = -1;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_kept(&f, &response, &before);
    request.NumFrameMin = 4; /* now they are too few */
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 4);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_replacement_that_fails_leaves_the_old_frames(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request(), bad;
    mfxFrameAllocResponse response = made(&f, &request), before = response;
    f.memory.fail_frames_after = 0;
    request.Info.Width = 640;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_MEMORY_ALLOC);
    assert_kept(&f, &response, &before);
    f.memory.fail_frames_after = -1;
    bad = hd_request();
    bad.NumFrameMin = bad.NumFrameSuggested = 0;
    assert_int_equal(vfa_frames_replace(f.a, &bad, 0, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    bad = hd_request();
    bad.Info.Width = 0;
    assert_int_equal(vfa_frames_replace(f.a, &bad, 0, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    bad = hd_request();
    bad.Type = MFX_MEMTYPE_FROM_DECODE;
    assert_int_equal(vfa_frames_replace(f.a, &bad, 0, &response), MFX_ERR_UNSUPPORTED);
    bad = hd_request();
    bad.Info.FourCC = 1;
    assert_int_equal(vfa_frames_replace(f.a, &bad, 0, &response), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_frames_replace(f.a, &request, 3, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_kept(&f, &response, &before);
    assert_int_equal(stats_of(&f).frames_live, 4);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void every_failed_request_for_memory_leaves_the_old_frames(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct fixture f;
        struct device d;
        open_with_device(&f, &d);
        mfxFrameAllocRequest request = video_request(2);
        mfxFrameAllocResponse response = made(&f, &request), before = response;
        mfxFrameData data = {0};
        request.Info.Width = 2 * DEVICE_SIZE;
        f.memory.fail_at = atomic_load(&f.memory.requests) + n;
        mfxStatus status = vfa_frames_replace(f.a, &request, 0, &response);
        bool was_reached = atomic_load(&f.memory.requests) >= f.memory.fail_at;
        assert_int_equal(status, was_reached ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
        if (was_reached)
            assert_kept(&f, &response, &before);
        assert_int_equal(atomic_load(&d.sets), 1);
        assert_int_equal(lock(&f, response.mids[1], &data), MFX_ERR_NONE);
        assert_int_equal(unlock(&f, response.mids[1], &data), MFX_ERR_NONE);
        assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
        close_with_device(&f, &d);
        if (!was_reached) {
            assert_true(n > 4); /* frames, set, reference, the device's record */
            break;
        }
    }
}

static void old_frames_that_are_locked_end_with_their_last_unlock(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response = made(&f, &request);
    mfxMemId held = response.mids[1];
    mfxFrameData data = {0}, other = {0};
    assert_int_equal(lock(&f, held, &data), MFX_ERR_NONE);
    request.Info.Width = 2 * DEVICE_SIZE;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 2);
    assert_int_equal(stats_of(&f).frames_retired, 2);
    memset(data.Y, 7, 64 * 64); /* still ours */
    assert_int_equal(lock(&f, held, &other), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(unlock(&f, held, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 1);
    assert_int_equal(atomic_load(&d.unmaps), 1);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void frames_that_a_runtime_shares_stay_until_it_frees_them(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request(), larger = hd_request();
    mfxFrameAllocResponse response = made(&f, &request), runtime;
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &runtime), MFX_ERR_NONE);
    assert_ptr_equal(runtime.mids[0], response.mids[0]);
    larger.Info.Width = 640;
    assert_int_equal(vfa_frames_replace(f.a, &larger, 0, &response), MFX_ERR_NONE);
    assert_ptr_not_equal(runtime.mids[0], response.mids[0]);
    assert_int_equal(lock(&f, runtime.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, runtime.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frames_live, 8);
    assert_int_equal(release(&f, &runtime), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frames_live, 4);
    /* The decoder's next Init finds the new ones. */
    assert_int_equal(alloc(&f, &larger, &runtime), MFX_ERR_NONE);
    assert_ptr_equal(runtime.mids[0], response.mids[0]);
    assert_int_equal(release(&f, &runtime), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void new_frames_have_the_direction_of_the_old(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response = made(&f, &request);
    mfxFrameData data = {0};
    assert_int_equal(vfa_frames_direction(f.a, &response, MFX_MAP_READ), MFX_ERR_NONE);
    request.Info.Width = 2 * DEVICE_SIZE;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.last_flags), MFX_MAP_READ);
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_response_that_is_none_is_not_replaced(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse freed = made(&f, &request), response = {0};
    mfxMemId made_up[1] = {NULL};
    mfxFrameAllocResponse forged = {.mids = made_up, .NumFrameActual = 1};
    assert_int_equal(release(&f, &freed), MFX_ERR_NONE);
    mfxFrameAllocResponse before = freed;
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &freed), MFX_ERR_INVALID_HANDLE);
    assert_memory_equal(&freed, &before, sizeof freed);
    assert_true(test_log_has(&f.log, "freed before"));
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &forged), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_frames_replace(NULL, &request, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_replace(f.a, NULL, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(stats_of(&f).frames_live, 0);
    fixture_close(&f);
}

/* A log that frees the old response once the new frames are made, as a second thread might. */
struct meddler {
    struct vfa_allocator *a;
    mfxFrameAllocResponse old;
};

static void free_the_old(void *user, enum vfa_log_level level, const char *message)
{
    struct meddler *m = user;
    (void)level;
    if (!m->old.mids || !strstr(message, "made 3 frames"))
        return;
    mfxFrameAllocResponse old = m->old;
    m->old.mids = NULL;
    assert_int_equal(vfa_frames_free(m->a, &old), MFX_ERR_NONE);
}

static void a_response_freed_meanwhile_is_not_replaced(void **state)
{
    (void)state;
    struct meddler m = {0};
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.log = (struct vfa_log){.write = free_the_old, .user = &m, .level = VFA_LOG_INFO};
    assert_int_equal(vfa_allocator_create(&m.a, &config), MFX_ERR_NONE);
    mfxFrameAllocRequest request = hd_request();
    mfxFrameAllocResponse response;
    struct vfa_stats stats;
    assert_int_equal(vfa_frames_alloc(m.a, &request, 0, &response), MFX_ERR_NONE);
    m.old = response;
    request.Info.Width = 640;
    request.NumFrameSuggested = 3;
    assert_int_equal(vfa_frames_replace(m.a, &request, 0, &response), MFX_ERR_INVALID_HANDLE);
    assert_null(m.old.mids); /* it came to that */
    assert_int_equal(vfa_allocator_stats(m.a, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.frames_live, 0);
    assert_int_equal(stats.responses_live, 0);
    vfa_allocator_destroy(&m.a);
}

static void both_sets_count_against_the_limit(void **state)
{
    (void)state;
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.max_frame_bytes = 6 * 8192; /* 64x64 NV12: 6144, in whole pages */
    struct vfa_allocator *a;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NONE);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 2, 4);
    mfxFrameAllocResponse response = {0};
    assert_int_equal(vfa_frames_replace(a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 4);
    request.AllocId = 1;
    assert_int_equal(vfa_frames_replace(a, &request, 0, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 2);
    assert_int_equal(vfa_frames_free(a, &response), MFX_ERR_NONE);
    vfa_allocator_destroy(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_frames_take_the_place_of_the_old),
        cmocka_unit_test(a_zeroed_response_is_just_filled),
        cmocka_unit_test(frames_that_serve_stay_and_tell_the_truth),
        cmocka_unit_test(a_decoder_finds_frames_that_only_rounding_made_large_enough),
        cmocka_unit_test(rounding_counts_only_as_far_as_the_backend_rounds),
        cmocka_unit_test(frames_that_differ_in_anything_that_matters_are_replaced),
        cmocka_unit_test(a_changed_shift_is_another_format),
        cmocka_unit_test(a_buffer_is_replaced_by_a_larger_one_only),
        cmocka_unit_test(frames_that_memory_kept_few_are_not_made_again_for_the_same_wish),
        cmocka_unit_test(a_replacement_that_fails_leaves_the_old_frames),
        cmocka_unit_test(every_failed_request_for_memory_leaves_the_old_frames),
        cmocka_unit_test(old_frames_that_are_locked_end_with_their_last_unlock),
        cmocka_unit_test(frames_that_a_runtime_shares_stay_until_it_frees_them),
        cmocka_unit_test(new_frames_have_the_direction_of_the_old),
        cmocka_unit_test(a_response_that_is_none_is_not_replaced),
        cmocka_unit_test(a_response_freed_meanwhile_is_not_replaced),
        cmocka_unit_test(both_sets_count_against_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
