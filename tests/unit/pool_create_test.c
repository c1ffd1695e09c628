/* Pool: creation, over good and bad allocators, with and without memory. */
#include "pool_fixture.h"

#include <vfa/vfa.h>

static void create_refuses_bad_arguments(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 4);
    struct vfa_pool_config good = f.config;
    f.pool = (struct vfa_pool *)&f;
    assert_int_equal(vfa_pool_create(NULL, &good), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_create(&f.pool, NULL), MFX_ERR_NULL_PTR);
    assert_null(f.pool);

    struct vfa_pool_config config = good;
    config.size--;
    assert_int_equal(vfa_pool_create(&f.pool, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config = good;
    config.request.NumFrameMin = config.request.NumFrameSuggested = 0;
    assert_int_equal(vfa_pool_create(&f.pool, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config = good;
    config.mode = (enum vfa_surface_mode)2;
    assert_int_equal(vfa_pool_create(&f.pool, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config = good;
    f.manager.size = 0;
    assert_int_equal(vfa_pool_create(&f.pool, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    f.manager.size = sizeof f.manager;
    f.manager.release = NULL;
    assert_int_equal(vfa_pool_create(&f.pool, &config), MFX_ERR_NULL_PTR);
    assert_null(f.pool);
    assert_nothing_left(&f);
}

static void create_needs_the_callbacks_it_uses(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 4);
    mfxFrameAllocator whole = f.frames.mfx;
    f.config.allocator = NULL;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NULL_PTR);
    f.config.allocator = &f.frames.mfx;
    f.frames.mfx.Alloc = NULL;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NULL_PTR);
    f.frames.mfx = whole;
    f.frames.mfx.Free = NULL;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NULL_PTR);
    f.frames.mfx = whole;
    f.frames.mfx.Lock = NULL;
    f.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NULL_PTR);
    f.config.mode = VFA_SURFACE_MEMID;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    f.frames.mfx = whole;
    fixture_close(&f);
}

static void create_asks_alloc_what_it_was_told_and_takes_all_it_gets(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 4);
    f.config.request.AllocId = 77;
    f.config.request.Type = 0x0242;
    f.frames.actual = 6;
    f.frames.alloc_status = MFX_WRN_PARTIAL_ACCELERATION;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    assert_memory_equal(&f.frames.request, &f.config.request, sizeof f.config.request);
    assert_places(f.pool, 6, 0, 0, 0);
    assert_int_equal(vfa_pool_response(f.pool)->NumFrameActual, 6);
    assert_int_equal(vfa_pool_response(f.pool)->AllocId, 77);
    fixture_close(&f);
}

static void create_passes_on_why_alloc_failed(void **state)
{
    (void)state;
    const mfxStatus causes[] = {MFX_ERR_MEMORY_ALLOC, MFX_ERR_UNSUPPORTED, MFX_ERR_DEVICE_LOST};
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        fixture_prepare(&f, 4);
        f.frames.alloc_status = causes[i];
        assert_int_equal(vfa_pool_create(&f.pool, &f.config), causes[i]);
        assert_true(test_log_has(&f.log, vfa_status_name(causes[i])));
        assert_int_equal(f.log.lines[VFA_LOG_ERROR], 1);
        assert_null(f.pool);
        assert_nothing_left(&f);
    }
}

static void create_refuses_a_response_that_breaks_the_contract(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 4);
    f.frames.actual = 3; /* fewer than NumFrameMin */
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_MEMORY_ALLOC);
    f.frames.actual = 0;
    f.config.request.NumFrameMin = 0;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_MEMORY_ALLOC);
    f.frames.actual = -1;
    f.frames.null_mid_at = 2;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_INVALID_HANDLE);
    f.frames.null_mid_at = -1;
    f.frames.null_mids = 1;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_INVALID_HANDLE);
    assert_null(f.pool);
    assert_nothing_left(&f);
}

static void create_undoes_everything_when_memory_runs_out(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 65);
    int failures = 0;
    mfxStatus status;
    do {
        atomic_store(&f.memory.requests, 0);
        f.memory.fail_at = failures + 1;
        status = vfa_pool_create(&f.pool, &f.config);
        if (status != MFX_ERR_NONE) {
            failures++;
            assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
            assert_null(f.pool);
            assert_nothing_left(&f);
        }
    } while (status != MFX_ERR_NONE);
    assert_int_equal(failures, 9); /* the pool, its slots, five sets, its surfaces, the batch */
    fixture_close(&f);
}

static void create_undoes_everything_when_a_lock_fails(void **state)
{
    (void)state;
    for (int at = 1; at <= 9; at++) {
        struct fixture f;
        fixture_prepare(&f, 9);
        f.config.mode = VFA_SURFACE_POINTERS;
        f.frames.lock_fails_at = at;
        assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_LOCK_MEMORY);
        assert_int_equal(atomic_load(&f.frames.lock_calls), at);
        assert_null(f.pool);
        assert_nothing_left(&f);
    }
}

static void pointer_mode_locks_frames_for_the_life_of_the_pool(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 3);
    f.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    assert_int_equal(mock_locked_frames(&f.frames), 3);
    mfxFrameSurface1 *surface = acquire(f.pool);
    assert_non_null(surface->Data.Y);
    release(f.pool, surface);
    assert_int_equal(mock_locked_frames(&f.frames), 3);
    fixture_close(&f); /* checks that Free came after Unlock */
}

static void a_pool_over_our_own_allocator(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 4);
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_allocator *allocator;
    config.memory = &f.manager;
    assert_int_equal(vfa_allocator_create(&allocator, &config), MFX_ERR_NONE);
    f.config.allocator = vfa_allocator_mfx(allocator);
    f.config.mode = VFA_SURFACE_POINTERS;
    f.config.request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    f.config.request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    mfxFrameSurface1 *surface = acquire(f.pool);
    memset(surface->Data.Y, 16, 64);
    release(f.pool, surface);
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(allocator, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.frames_locked, 4);
    vfa_pool_destroy(&f.pool);
    assert_int_equal(vfa_allocator_stats(allocator, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.frames_locked, 0);
    vfa_allocator_destroy(&allocator);
    assert_nothing_left(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_refuses_bad_arguments),
        cmocka_unit_test(create_needs_the_callbacks_it_uses),
        cmocka_unit_test(create_asks_alloc_what_it_was_told_and_takes_all_it_gets),
        cmocka_unit_test(create_passes_on_why_alloc_failed),
        cmocka_unit_test(create_refuses_a_response_that_breaks_the_contract),
        cmocka_unit_test(create_undoes_everything_when_memory_runs_out),
        cmocka_unit_test(create_undoes_everything_when_a_lock_fails),
        cmocka_unit_test(pointer_mode_locks_frames_for_the_life_of_the_pool),
        cmocka_unit_test(a_pool_over_our_own_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
