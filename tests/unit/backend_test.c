/* Frames that are reached through map and unmap, as device memory is: a backend that checks its own
 * guarantees. */
#include "mock_device.h"

#include <pthread.h>

static void decoder_and_processor_targets_are_interchangeable(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    request.Type =
        MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    mfxFrameAllocResponse app, init, system;
    assert_int_equal(alloc(&f, &request, &app), MFX_ERR_NONE);
    request.Type = TYPE_DECODE_SYSTEM;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    assert_ptr_not_equal(system.mids[0], app.mids[0]); /* other memory */
    request.Type = TYPE_VIDEO;
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_ptr_equal(init.mids[0], app.mids[0]);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    assert_int_equal(release(&f, &app), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void the_first_lock_maps_and_the_last_unlock_unmaps(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[1];
    mfxFrameData a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    assert_int_equal(lock(&f, mid, &a), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, mid, MFX_MAP_READ, &b), MFX_ERR_NONE);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(atomic_load(&d.maps), 1);
    assert_int_equal(vfa_unmap(f.a, mid, &b), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.unmaps), 0);
    assert_int_equal(unlock(&f, mid, &a), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.unmaps), 1);
    assert_int_equal(unlock(&f, mid, &a), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_map_that_fails_leaves_the_frame_unlocked(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data = {0};
    d.map_status = MFX_ERR_LOCK_MEMORY;
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_LOCK_MEMORY);
    assert_null(data.Y);
    assert_true(test_log_has(&f.log, "cannot map"));
    assert_int_equal(stats_of(&f).frames_locked, 0);
    assert_int_equal(stats_of(&f).lock_calls, 0);
    d.map_status = MFX_ERR_NONE;
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    d.unmap_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(stats_of(&f).frames_locked, 0); /* told, but not locked for ever */
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void mapped_frames_freed_or_leaked_are_unmapped_before_they_end(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse freed, leaked;
    mfxFrameData data = {0}, other = {0};
    assert_int_equal(alloc(&f, &request, &freed), MFX_ERR_NONE);
    mfxMemId mid = freed.mids[0];
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &freed), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 1);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 0);
    assert_int_equal(alloc(&f, &request, &leaked), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[1], &other), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void an_unmap_that_fails_while_the_allocator_ends_is_told(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(3);
    mfxFrameAllocResponse leaked;
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &leaked), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[2], &data), MFX_ERR_NONE);
    d.unmap_status = MFX_ERR_DEVICE_LOST;
    vfa_allocator_destroy(&f.a); /* and goes on with the other frame */
    assert_true(test_log_has(&f.log, "MFX_ERR_DEVICE_LOST: cannot unmap"));
    assert_int_equal(atomic_load(&d.unmaps), 2);
    close_with_device(&f, &d);
}

static void a_freed_frame_whose_last_unmap_fails_ends_all_the_same(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[0];
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    d.unmap_status = MFX_ERR_DEVICE_LOST;
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_DEVICE_LOST);
    assert_null(data.Y);
    assert_int_equal(atomic_load(&d.sets), 0);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_INVALID_HANDLE);
    close_with_device(&f, &d);
}

struct mapper {
    struct fixture *f;
    mfxMemId mid;
    atomic_int failures;
};

static void *map_storm(void *argument)
{
    struct mapper *m = argument;
    for (int i = 0; i < 5000; i++) {
        mfxFrameData data = {0};
        mfxHDL handle;
        if (lock(m->f, m->mid, &data) != MFX_ERR_NONE || !data.Y || data.UV != data.Y + 4096 ||
            m->f->mfx->GetHDL(m->f->mfx->pthis, m->mid, &handle) != MFX_ERR_NONE ||
            unlock(m->f, m->mid, &data) != MFX_ERR_NONE)
            atomic_fetch_add(&m->failures, 1);
    }
    return NULL;
}

static void threads_share_one_map(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct mapper m = {.f = &f, .mid = response.mids[0]};
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, map_storm, &m), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&m.failures), 0);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoder_and_processor_targets_are_interchangeable),
        cmocka_unit_test(the_first_lock_maps_and_the_last_unlock_unmaps),
        cmocka_unit_test(a_map_that_fails_leaves_the_frame_unlocked),
        cmocka_unit_test(mapped_frames_freed_or_leaked_are_unmapped_before_they_end),
        cmocka_unit_test(an_unmap_that_fails_while_the_allocator_ends_is_told),
        cmocka_unit_test(a_freed_frame_whose_last_unmap_fails_ends_all_the_same),
        cmocka_unit_test(threads_share_one_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
