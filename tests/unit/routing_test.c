/* Which backend makes the frames: by memory type, by turns, or by the application's choice. */
#include "mock_device.h"

/* An allocator of system memory and of two devices, as of two displays. */
static void open_with_two(struct fixture *f, struct device *first, struct device *second)
{
    struct vfa_backend backends[3] = {device_backend(first, "first"), {0}, device_backend(second, "second")};
    assert_int_equal(vfa_backend_system(NULL, &backends[1]), MFX_ERR_NONE);
    fixture_open(f, backends, 3);
}

static void close_with_two(struct fixture *f, const struct device *first, const struct device *second)
{
    fixture_close(f);
    check_device(first);
    check_device(second);
}

static void the_type_names_the_memory_and_video_wins(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse video, both, system;
    assert_int_equal(alloc(&f, &request, &video), MFX_ERR_NONE);
    assert_true(is_on_device(&f, video.mids[1], &d));
    request.Type = TYPE_EITHER;
    assert_int_equal(alloc(&f, &request, &both), MFX_ERR_NONE);
    assert_true(is_on_device(&f, both.mids[0], &d));
    request.Type = 0x0142;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    assert_null(device_frame_of(&f, system.mids[0]));
    assert_int_equal(release(&f, &video), MFX_ERR_NONE);
    assert_int_equal(release(&f, &both), MFX_ERR_NONE);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_format_no_device_does_is_left_to_system_memory_where_that_may_be(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    open_with_two(&f, &first, &second);
    first.create_status = second.create_status = MFX_ERR_UNSUPPORTED;
    mfxFrameAllocRequest request = video_request(2);
    request.Type = TYPE_EITHER;
    mfxFrameAllocResponse fallback, none;
    assert_int_equal(alloc(&f, &request, &fallback), MFX_ERR_NONE);
    assert_null(device_frame_of(&f, fallback.mids[0]));
    assert_int_equal(atomic_load(&first.creates), 1);
    assert_int_equal(atomic_load(&second.creates), 1);
    request.Type = TYPE_VIDEO;
    assert_int_equal(alloc(&f, &request, &none), MFX_ERR_UNSUPPORTED);
    assert_null(none.mids);
    assert_int_equal(release(&f, &fallback), MFX_ERR_NONE);
    close_with_two(&f, &first, &second);
}

static void no_other_failure_falls_through_to_the_next_backend(void **state)
{
    (void)state;
    const mfxStatus failures[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_DEVICE_LOST, MFX_ERR_DEVICE_FAILED,
                                  MFX_ERR_INVALID_VIDEO_PARAM, MFX_ERR_UNKNOWN};
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        struct fixture f;
        struct device first, second;
        open_with_two(&f, &first, &second);
        first.create_status = failures[i];
        first.reason = "the first one has had it";
        mfxFrameAllocRequest request = video_request(2);
        request.Type = TYPE_EITHER;
        mfxFrameAllocResponse none;
        assert_int_equal(alloc(&f, &request, &none), failures[i]);
        assert_null(none.mids);
        assert_int_equal(atomic_load(&second.creates), 0);
        assert_int_equal(stats_of(&f).frames_live, 0);
        assert_true(test_log_has(&f.log, "the first one has had it"));
        close_with_two(&f, &first, &second);
    }
}

static void the_first_device_that_does_the_format_wins(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    open_with_two(&f, &first, &second);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse a, b;
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &a), MFX_ERR_NONE);
    assert_true(is_on_device(&f, a.mids[0], &first));
    first.create_status = MFX_ERR_UNSUPPORTED;
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &b), MFX_ERR_NONE);
    assert_true(is_on_device(&f, b.mids[0], &second));
    assert_int_equal(release(&f, &a), MFX_ERR_NONE);
    assert_int_equal(release(&f, &b), MFX_ERR_NONE);
    close_with_two(&f, &first, &second);
}

static void what_a_device_that_refused_had_written_is_forgotten(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    open_with_two(&f, &first, &second);
    first.create_status = MFX_ERR_UNSUPPORTED;
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    const mfxMemId old = response.mids[0];
    request.Info.Height = DEVICE_SIZE + 1; /* more than the second device's frames hold */
    assert_int_equal(vfa_frames_replace(f.a, &request, 0, &response), MFX_ERR_NONE);
    assert_ptr_not_equal(response.mids[0], old);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_two(&f, &first, &second);
}

static void each_backend_that_refuses_is_heard(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    struct vfa_error error;
    open_with_two(&f, &first, &second);
    first.create_status = second.create_status = MFX_ERR_UNSUPPORTED;
    first.reason = "no such format here";
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse none;
    assert_int_equal(alloc(&f, &request, &none), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
    assert_non_null(strstr(error.text, "first: no such format here; second: MFX_ERR_UNSUPPORTED"));
    second.create_status = MFX_ERR_MEMORY_ALLOC;
    assert_int_equal(alloc(&f, &request, &none), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
    assert_non_null(strstr(error.text, "first: no such format here; second: MFX_ERR_MEMORY_ALLOC"));
    close_with_two(&f, &first, &second);
}

static void an_application_may_choose_the_backend_and_tell_it_more(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    int detail = 42;
    open_with_two(&f, &first, &second);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse a, b;
    assert_int_equal(vfa_frames_alloc_from(f.a, &second, &detail, &request, 0, &a), MFX_ERR_NONE);
    assert_true(is_on_device(&f, a.mids[0], &second));
    assert_ptr_equal(second.last_detail, &detail);
    assert_int_equal(vfa_frames_alloc_from(f.a, &first, NULL, &request, 0, &b), MFX_ERR_NONE);
    assert_true(is_on_device(&f, b.mids[0], &first));
    assert_null(first.last_detail);
    assert_int_equal(vfa_frames_free(f.a, &a), MFX_ERR_NONE);
    /* A detail goes to nobody else, and stays with nobody. */
    second.last_detail = &f;
    first.create_status = MFX_ERR_UNSUPPORTED;
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &a), MFX_ERR_NONE);
    assert_true(is_on_device(&f, a.mids[0], &second));
    assert_null(second.last_detail);
    assert_int_equal(vfa_frames_free(f.a, &a), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f.a, &b), MFX_ERR_NONE);
    close_with_two(&f, &first, &second);
}

static void a_chosen_backend_that_cannot_is_not_replaced_by_another(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    open_with_two(&f, &first, &second);
    mfxFrameAllocRequest request = video_request(2);
    request.Type = TYPE_EITHER;
    mfxFrameAllocResponse none;
    second.create_status = MFX_ERR_UNSUPPORTED;
    assert_int_equal(vfa_frames_alloc_from(f.a, &second, NULL, &request, 0, &none), MFX_ERR_UNSUPPORTED);
    assert_null(none.mids);
    assert_int_equal(atomic_load(&first.creates), 0);
    request.Type = TYPE_DECODE_SYSTEM;
    assert_int_equal(vfa_frames_alloc_from(f.a, &first, NULL, &request, 0, &none), MFX_ERR_UNSUPPORTED);
    assert_true(test_log_has(&f.log, "the first backend does not serve memory type 0x0242"));
    assert_int_equal(atomic_load(&first.creates), 0);
    close_with_two(&f, &first, &second);
}

static void a_backend_that_is_not_there_cannot_be_chosen(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    memset(&response, 0xff, sizeof response);
    assert_int_equal(vfa_frames_alloc_from(f.a, &f, NULL, &request, 0, &response), MFX_ERR_INVALID_HANDLE);
    assert_null(response.mids);
    assert_true(test_log_has(&f.log, "no such backend"));
    /* The system backend's self may be NULL: that does not choose it. */
    assert_int_equal(vfa_frames_alloc_from(f.a, NULL, NULL, &request, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc_from(NULL, &d, NULL, &request, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc_from(f.a, &d, NULL, NULL, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc_from(f.a, &d, NULL, &request, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc_from(f.a, &d, NULL, &request, 8, &response),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(atomic_load(&d.creates), 0);
    close_with_device(&f, &d);
}

static void chosen_frames_are_all_or_none_when_memory_ends(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct fixture f;
        struct device d;
        open_with_device(&f, &d);
        mfxFrameAllocRequest request = video_request(2);
        mfxFrameAllocResponse response;
        f.memory.fail_at = atomic_load(&f.memory.requests) + n;
        mfxStatus status = vfa_frames_alloc_from(f.a, &d, NULL, &request, 0, &response);
        bool was_reached = atomic_load(&f.memory.requests) >= f.memory.fail_at;
        if (was_reached) {
            assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
            assert_null(response.mids);
            assert_int_equal(atomic_load(&d.sets), 0);
        } else {
            assert_int_equal(status, MFX_ERR_NONE);
        }
        assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
        close_with_device(&f, &d);
        if (!was_reached) {
            assert_true(n > 4); /* frames, set, reference, the device's record, a chunk of slots */
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_type_names_the_memory_and_video_wins),
        cmocka_unit_test(a_format_no_device_does_is_left_to_system_memory_where_that_may_be),
        cmocka_unit_test(no_other_failure_falls_through_to_the_next_backend),
        cmocka_unit_test(the_first_device_that_does_the_format_wins),
        cmocka_unit_test(what_a_device_that_refused_had_written_is_forgotten),
        cmocka_unit_test(each_backend_that_refuses_is_heard),
        cmocka_unit_test(an_application_may_choose_the_backend_and_tell_it_more),
        cmocka_unit_test(a_chosen_backend_that_cannot_is_not_replaced_by_another),
        cmocka_unit_test(a_backend_that_is_not_there_cannot_be_chosen),
        cmocka_unit_test(chosen_frames_are_all_or_none_when_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
