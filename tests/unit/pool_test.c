/* Pool: leases, Data.Locked, the end, figures and words. Creation, settling and waiting have tests of their
 * own. */
#include "pool_fixture.h"

#include "pool/internal.h"

static const int sizes[] = {1, 63, 64, 65, 300, 4096, 65535};
#define SIZES (sizeof sizes / sizeof *sizes)

/* Leases */

static void every_surface_is_handed_out_once(void **state)
{
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct fixture f;
        fixture_open(&f, sizes[s]);
        size_t count = (size_t)sizes[s];
        mfxFrameSurface1 **got = calloc(count, sizeof *got);
        unsigned char *seen = calloc(count, 1);
        for (int round = 0; round < 2; round++) {
            memset(seen, 0, count);
            for (size_t i = 0; i < count; i++) {
                got[i] = acquire(f.pool);
                int index = mock_index(&f.frames, got[i]->Data.MemId);
                if (index < 0 || index >= sizes[s])
                    fail_msg("frame %d is none of the pool's", index);
                else
                    assert_int_equal(seen[index]++, 0);
            }
            assert_nothing_to_acquire(f.pool);
            assert_places(f.pool, 0, sizes[s], 0, 0);
            for (size_t i = 0; i < count; i++)
                release(f.pool, got[i]);
            assert_places(f.pool, sizes[s], 0, 0, 0);
        }
        free(seen);
        free(got);
        fixture_close(&f);
    }
}

static void the_last_surface_is_found_wherever_it_is(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 4096);
    static mfxFrameSurface1 *got[4096];
    for (int i = 0; i < 4096; i++)
        got[i] = acquire(f.pool);
    for (int i = 4095; i >= 0; i -= 39) {
        release(f.pool, got[i]);
        assert_ptr_equal(acquire(f.pool), got[i]);
    }
    for (int i = 0; i < 4096; i++)
        release(f.pool, got[i]);
    fixture_close(&f);
}

static void acquire_and_release_refuse_null(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)mock_pixels;
    assert_int_equal(vfa_pool_acquire(NULL, 0, &surface), MFX_ERR_NULL_PTR);
    assert_null(surface);
    assert_int_equal(vfa_pool_acquire(f.pool, 0, NULL), MFX_ERR_NULL_PTR);
    surface = acquire(f.pool);
    assert_int_equal(vfa_pool_release(NULL, surface), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_release(f.pool, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_ref(NULL, surface), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_ref(f.pool, NULL), MFX_ERR_NULL_PTR);
    assert_places(f.pool, 0, 1, 0, 0);
    release(f.pool, surface);
    fixture_close(&f);
}

static void a_double_release_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    mfxFrameSurface1 *surface = acquire(f.pool);
    release(f.pool, surface);
    assert_int_equal(vfa_pool_release(f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_places(f.pool, 2, 0, 0, 0);
    fixture_close(&f);
}

static void surfaces_of_others_are_refused(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_open(&f, 2);
    fixture_open(&g, 2);
    mfxFrameSurface1 alone = {.Data = {.MemId = (mfxMemId)(uintptr_t)MOCK_FIRST_MID}};
    mfxFrameSurface1 *other = acquire(g.pool), *own = acquire(f.pool);
    mfxFrameSurface1 *const strangers[] = {
        other,
        &alone,
        (mfxFrameSurface1 *)((unsigned char *)own + 8),
        (mfxFrameSurface1 *)((unsigned char *)f.pool->surfaces + f.pool->surfaces_bytes),
        (mfxFrameSurface1 *)((unsigned char *)f.pool->surfaces - sizeof(struct vfa__pool_surface)),
        (mfxFrameSurface1 *)(uintptr_t)UINTPTR_MAX,
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        assert_int_equal(vfa_pool_release(f.pool, strangers[i]), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_pool_ref(f.pool, strangers[i]), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_pool_settle(f.pool, strangers[i], NULL), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_pool_settle(f.pool, own, strangers[i]), MFX_ERR_INVALID_HANDLE);
    }
    assert_places(f.pool, 1, 1, 0, 0);
    assert_places(g.pool, 1, 1, 0, 0);
    release(f.pool, own);
    release(g.pool, other);
    fixture_close(&f);
    fixture_close(&g);
}

static void each_lease_is_released_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    for (int i = 0; i < 3; i++) {
        assert_nothing_to_acquire(f.pool);
        release(f.pool, surface);
    }
    assert_int_equal(vfa_pool_release(f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_ptr_equal(acquire(f.pool), surface);
    release(f.pool, surface);
    fixture_close(&f);
}

static void leases_do_not_wrap(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    for (int i = 1; i < 1023; i++)
        assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NOT_ENOUGH_BUFFER);
    for (int i = 0; i < 1023; i++)
        release(f.pool, surface);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

/* Data.Locked */

static void a_surface_released_while_locked_is_pending_until_the_runtime_lets_go(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    runtime_holds(surface);
    release(f.pool, surface);
    assert_places(f.pool, 0, 0, 0, 1);
    assert_nothing_to_acquire(f.pool);
    assert_int_equal(vfa_pool_release(f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    runtime_lets_go(surface);
    assert_places(f.pool, 1, 0, 0, 0);
    assert_ptr_equal(acquire(f.pool), surface);
    release(f.pool, surface);
    fixture_close(&f);
}

static void locked_is_read_again_after_a_surface_is_taken(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    mfxFrameSurface1 *first = acquire(f.pool);
    release(f.pool, first);
    runtime_holds(first); /* still in the free set */
    mfxFrameSurface1 *second = acquire(f.pool);
    assert_ptr_not_equal(second, first);
    assert_places(f.pool, 0, 1, 0, 1);
    assert_nothing_to_acquire(f.pool);
    runtime_lets_go(first);
    assert_ptr_equal(acquire(f.pool), first);
    release(f.pool, first);
    release(f.pool, second);
    fixture_close(&f);
}

static void pending_surfaces_are_looked_at_only_when_none_is_free(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 3);
    mfxFrameSurface1 *a = acquire(f.pool), *b = acquire(f.pool), *c = acquire(f.pool);
    runtime_holds(a);
    runtime_holds(b);
    release(f.pool, a);
    release(f.pool, b);
    release(f.pool, c);
    runtime_lets_go(b);
    assert_ptr_equal(acquire(f.pool), c);
    assert_ptr_equal(acquire(f.pool), b);
    assert_nothing_to_acquire(f.pool);
    runtime_lets_go(a);
    release(f.pool, b);
    release(f.pool, c);
    fixture_close(&f);
}

static void the_fast_path_takes_no_mutex(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 65);
    pthread_mutex_lock(&f.pool->lock); /* acquire and release would hang */
    mfxFrameSurface1 *surface = acquire(f.pool), *other = acquire(f.pool);
    release(f.pool, surface);
    runtime_holds(other);
    release(f.pool, other);
    runtime_lets_go(other);
    vfa_pool_poke(f.pool);
    pthread_mutex_unlock(&f.pool->lock);
    fixture_close(&f);
}

/* The end */

static void destroy_accepts_null_and_clears_the_pointer(void **state)
{
    (void)state;
    struct vfa_pool *none = NULL;
    vfa_pool_destroy(NULL);
    vfa_pool_destroy(&none);
    vfa_pool_close(NULL);
    vfa_pool_poke(NULL);
    struct fixture f;
    fixture_open(&f, 1);
    fixture_close(&f);
}

static void a_closed_pool_refuses_acquire_but_takes_surfaces_back(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 65);
    mfxFrameSurface1 *surface = acquire(f.pool), *work = acquire(f.pool);
    vfa_pool_close(f.pool);
    vfa_pool_close(f.pool);
    const int32_t timeouts[] = {0, 10, -1};
    for (int i = 0; i < 3; i++) {
        mfxFrameSurface1 *out = surface;
        assert_int_equal(vfa_pool_acquire(f.pool, timeouts[i], &out), MFX_ERR_ABORTED);
        assert_null(out);
    }
    vfa_pool_poke(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    release(f.pool, surface);
    release(f.pool, surface);
    assert_int_equal(vfa_pool_settle(f.pool, work, NULL), MFX_ERR_NONE);
    assert_places(f.pool, 65, 0, 0, 0);
    fixture_close(&f);
}

static void frames_live_until_the_last_lease_ends(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 3);
    f.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    mfxFrameSurface1 *a = acquire(f.pool), *b = acquire(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, b), MFX_ERR_NONE);
    struct vfa_pool *kept = f.pool;
    vfa_pool_destroy(&f.pool);
    assert_null(f.pool);
    assert_true(test_log_has(&f.log, "surface 0 (mid 0x10000): leases 1, Locked 0"));
    assert_true(test_log_has(&f.log, "surface 1 (mid 0x10001): leases 2, Locked 0"));
    release(kept, a);
    assert_int_equal(vfa_pool_release(kept, a), MFX_ERR_UNDEFINED_BEHAVIOR);
    release(kept, b);
    assert_int_equal(atomic_load(&f.frames.live), 1);
    assert_int_equal(mock_locked_frames(&f.frames), 3);
    b->Data.Y[0] = 1; /* still there */
    release(kept, b);
    assert_nothing_left(&f);
}

static void settling_the_last_lease_of_a_destroyed_pool_frees_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    mfxFrameSurface1 *work = acquire(f.pool);
    struct vfa_pool *kept = f.pool;
    vfa_pool_destroy(&f.pool);
    assert_int_equal(atomic_load(&f.frames.live), 1);
    assert_int_equal(vfa_pool_settle(kept, work, NULL), MFX_ERR_NONE);
    assert_nothing_left(&f);
}

static void locked_and_lent_surfaces_do_not_hold_up_destroy_but_are_named(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 20);
    for (int i = 0; i < 12; i++) {
        mfxFrameSurface1 *surface = acquire(f.pool);
        runtime_holds(surface);
        if (i % 2)
            release(f.pool, surface);
        else
            assert_int_equal(vfa_pool_settle(f.pool, surface, NULL), MFX_ERR_NONE);
    }
    assert_places(f.pool, 8, 0, 6, 6);
    vfa_pool_destroy(&f.pool);
    assert_nothing_left(&f);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 1);
    assert_true(test_log_has(&f.log, "surface 7 (mid 0x10007): Locked 1; and 4 more"));
}

static void a_clean_end_says_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    release(f.pool, acquire(f.pool));
    fixture_close(&f);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING] + f.log.lines[VFA_LOG_ERROR], 0);
}

static void failures_of_unlock_and_free_are_logged_and_do_not_stop_the_end(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 2);
    f.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    f.frames.unlock_status = MFX_ERR_DEVICE_FAILED;
    f.frames.free_status = MFX_ERR_INVALID_HANDLE;
    fixture_close(&f);
    assert_true(test_log_has(&f.log, "Unlock of surface 1 answered MFX_ERR_DEVICE_FAILED"));
    assert_true(test_log_has(&f.log, "Unlock of surface 0 answered MFX_ERR_DEVICE_FAILED"));
    assert_true(test_log_has(&f.log, "Free answered MFX_ERR_INVALID_HANDLE"));
}

/* Figures */

static void stats_count_acquires_and_the_peak(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 300);
    mfxFrameSurface1 *s[100];
    for (int i = 0; i < 100; i++)
        s[i] = acquire(f.pool);
    for (int i = 0; i < 100; i++)
        release(f.pool, s[i]);
    for (int i = 0; i < 10; i++)
        release(f.pool, acquire(f.pool));
    struct vfa_pool_stats stats = stats_of(f.pool);
    assert_int_equal(stats.acquired, 110);
    assert_int_equal(stats.peak, 100);
    assert_int_equal(stats.waits, 0);
    assert_int_equal(vfa_pool_stats(f.pool, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_stats(NULL, &stats), MFX_ERR_NULL_PTR);
    assert_int_equal(stats.acquired, 0);
    assert_null(vfa_pool_response(NULL));
    fixture_close(&f);
}

static void long_names_are_cut_and_no_name_is_pool(void **state)
{
    (void)state;
    struct fixture f;
    char text[128];
    fixture_prepare(&f, 1);
    f.config.name = "a name that is longer than what the pool keeps";
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    vfa_pool_explain(f.pool, text, sizeof text);
    assert_memory_equal(text, "pool 'a name that is longer than what':", 39);
    fixture_close(&f);
    fixture_prepare(&f, 1);
    f.config.name = NULL;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    vfa_pool_explain(f.pool, text, sizeof text);
    assert_memory_equal(text, "pool 'pool':", 12);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_surface_is_handed_out_once),
        cmocka_unit_test(the_last_surface_is_found_wherever_it_is),
        cmocka_unit_test(acquire_and_release_refuse_null),
        cmocka_unit_test(a_double_release_is_refused_and_changes_nothing),
        cmocka_unit_test(surfaces_of_others_are_refused),
        cmocka_unit_test(each_lease_is_released_once),
        cmocka_unit_test(leases_do_not_wrap),
        cmocka_unit_test(a_surface_released_while_locked_is_pending_until_the_runtime_lets_go),
        cmocka_unit_test(locked_is_read_again_after_a_surface_is_taken),
        cmocka_unit_test(pending_surfaces_are_looked_at_only_when_none_is_free),
        cmocka_unit_test(the_fast_path_takes_no_mutex),
        cmocka_unit_test(destroy_accepts_null_and_clears_the_pointer),
        cmocka_unit_test(a_closed_pool_refuses_acquire_but_takes_surfaces_back),
        cmocka_unit_test(frames_live_until_the_last_lease_ends),
        cmocka_unit_test(settling_the_last_lease_of_a_destroyed_pool_frees_it),
        cmocka_unit_test(locked_and_lent_surfaces_do_not_hold_up_destroy_but_are_named),
        cmocka_unit_test(a_clean_end_says_nothing),
        cmocka_unit_test(failures_of_unlock_and_free_are_logged_and_do_not_stop_the_end),
        cmocka_unit_test(stats_count_acquires_and_the_peak),
        cmocka_unit_test(long_names_are_cut_and_no_name_is_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
