/* Pool: waits that are cancelled one by one, while others go on. */
#include "pool_fixture.h"

static struct vfa_pool_want until_cancelled(struct vfa_pool_cancel *cancel)
{
    struct vfa_pool_want want = vfa_pool_want_defaults();
    want.timeout_ms = -1;
    want.cancel = cancel;
    return want;
}

static void cancel(struct vfa_pool *pool, struct vfa_pool_cancel *which)
{
    assert_int_equal(vfa_pool_cancel_waits(pool, which), MFX_ERR_NONE);
}

static void cancelling_ends_one_wait_and_no_other(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[4];
    struct vfa_pool_cancel cancels[4] = {{0}};
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 4; i++)
        start_waiting_so(&w[i], f.pool, until_cancelled(&cancels[i]));
    cancel(f.pool, &cancels[1]); /* from the middle, the front and the end of the queue */
    join_waiting(&w[1], MFX_ERR_NOT_FOUND);
    cancel(f.pool, &cancels[0]);
    join_waiting(&w[0], MFX_ERR_NOT_FOUND);
    cancel(f.pool, &cancels[3]);
    join_waiting(&w[3], MFX_ERR_NOT_FOUND);
    assert_false(atomic_load(&w[2].done));
    release(f.pool, held);
    join_waiting(&w[2], MFX_ERR_NONE);
    release(f.pool, w[2].surface);
    struct vfa_pool_stats stats = stats_of(f.pool);
    assert_int_equal(stats.cancelled, 3);
    assert_int_equal(stats.timeouts, 0);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void one_cancel_ends_all_waits_it_was_given_to(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[3];
    struct vfa_pool_cancel shared = {0};
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 3; i++)
        start_waiting_so(&w[i], f.pool, until_cancelled(&shared));
    cancel(f.pool, &shared);
    for (int i = 0; i < 3; i++)
        join_waiting(&w[i], MFX_ERR_NOT_FOUND);
    release(f.pool, held);
    fixture_close(&f);
}

/* Whoever cancels need not know whether the wait has begun. */
static void a_wait_that_begins_after_it_was_cancelled_ends_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_cancel early = {0};
    struct vfa_pool_want want = until_cancelled(&early);
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool), *out = held;
    cancel(f.pool, &early);
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &out), MFX_ERR_NOT_FOUND);
    assert_null(out);
    want.timeout_ms = 0;
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &out), MFX_ERR_NOT_FOUND);
    release(f.pool, held);
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &out), MFX_ERR_NONE); /* no wait, nothing to cancel */
    early = (struct vfa_pool_cancel){0};
    want.timeout_ms = 5;
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &held), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    release(f.pool, out);
    fixture_close(&f);
}

static void the_successor_of_a_cancelled_head_looks_at_locked(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread first, second;
    struct vfa_pool_cancel end = {0};
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    runtime_holds(surface);
    release(f.pool, surface);
    start_waiting_so(&first, f.pool, until_cancelled(&end));
    start_waiting(&second, f.pool, -1);
    cancel(f.pool, &end);
    join_waiting(&first, MFX_ERR_NOT_FOUND);
    runtime_lets_go(surface);
    join_waiting(&second, MFX_ERR_NONE);
    release(f.pool, second.surface);
    fixture_close(&f);
}

static void the_fast_path_is_open_again_when_the_last_wait_was_cancelled(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    struct vfa_pool_cancel end = {0};
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    start_waiting_so(&w, f.pool, until_cancelled(&end));
    cancel(f.pool, &end);
    join_waiting(&w, MFX_ERR_NOT_FOUND);
    uint64_t waits = stats_of(f.pool).waits;
    release(f.pool, held);
    release(f.pool, acquire(f.pool));
    assert_int_equal(stats_of(f.pool).waits, waits);
    fixture_close(&f);
}

/* It would take the pool's lock with it, and leave its place in the queue behind. */
static void a_cancelled_thread_leaves_the_queue_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread first, second;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    start_waiting(&first, f.pool, 200);
    assert_int_equal(pthread_cancel(first.thread), 0);
    start_waiting(&second, f.pool, -1);
    join_waiting(&first, MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    release(f.pool, held);
    join_waiting(&second, MFX_ERR_NONE);
    release(f.pool, second.surface);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void closing_and_cancelling_have_codes_of_their_own(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[2];
    struct vfa_pool_cancel ends[2] = {{0}};
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 2; i++)
        start_waiting_so(&w[i], f.pool, until_cancelled(&ends[i]));
    cancel(f.pool, &ends[0]);
    join_waiting(&w[0], MFX_ERR_NOT_FOUND);
    vfa_pool_close(f.pool);
    join_waiting(&w[1], MFX_ERR_ABORTED);
    cancel(f.pool, &ends[1]);
    struct vfa_pool_want want = until_cancelled(&ends[1]);
    mfxFrameSurface1 *out;
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &out), MFX_ERR_ABORTED);
    assert_int_equal(vfa_pool_cancel_waits(NULL, &ends[0]), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_cancel_waits(f.pool, NULL), MFX_ERR_NULL_PTR);
    release(f.pool, held);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancelling_ends_one_wait_and_no_other),
        cmocka_unit_test(one_cancel_ends_all_waits_it_was_given_to),
        cmocka_unit_test(a_wait_that_begins_after_it_was_cancelled_ends_at_once),
        cmocka_unit_test(the_successor_of_a_cancelled_head_looks_at_locked),
        cmocka_unit_test(the_fast_path_is_open_again_when_the_last_wait_was_cancelled),
        cmocka_unit_test(a_cancelled_thread_leaves_the_queue_in_order),
        cmocka_unit_test(closing_and_cancelling_have_codes_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
