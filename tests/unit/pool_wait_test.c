/* Waiting for a surface: timeouts, order, hand-off, polling of Data.Locked, and being sent away. */
#include "pool_fixture.h"

#include "pool/internal.h"

static void a_timeout_takes_its_time_and_says_who_holds_the_surfaces(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool), *out = held;
    double start = seconds();
    assert_int_equal(vfa_pool_acquire(f.pool, 50, &out), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    double waited = seconds() - start;
    assert_null(out);
    assert_true(waited >= 0.05 && waited < 5);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 1);
    assert_true(test_log_has(&f.log, "pool 'decode': 1 surface: 1 leased for "));
    assert_true(test_log_has(&f.log, " ms, 0 lent to the runtime, 0 released but still Locked by the "
                                     "runtime, 0 free; none became free in 50 ms"));
    struct vfa_pool_stats stats = stats_of(f.pool);
    assert_int_equal(stats.waits, 1);
    assert_int_equal(stats.timeouts, 1);
    assert_true(stats.waited_ns >= 50000000);
    release(f.pool, held);
    fixture_close(&f);
}

static void no_timeout_returns_at_once_without_a_warning(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 5; i++)
        assert_nothing_to_acquire(f.pool);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 0);
    assert_int_equal(stats_of(f.pool).timeouts, 5);
    assert_int_equal(stats_of(f.pool).waited_ns, 0);
    release(f.pool, held);
    fixture_close(&f);
}

static void the_longest_timeout_does_not_overflow(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w, v;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    start_waiting(&w, f.pool, INT32_MAX);
    start_waiting(&v, f.pool, INT32_MIN);
    sleep_ms(10);
    assert_false(atomic_load(&w.done) || atomic_load(&v.done));
    release(f.pool, held);
    join_waiting(&w, MFX_ERR_NONE);
    release(f.pool, w.surface);
    join_waiting(&v, MFX_ERR_NONE);
    release(f.pool, v.surface);
    fixture_close(&f);
}

static void waiters_are_served_in_their_order(void **state)
{
    (void)state;
    enum {
        WAITERS = 6
    };
    struct fixture f;
    struct waiting_thread w[WAITERS];
    fixture_open(&f, 2);
    mfxFrameSurface1 *held[2] = {acquire(f.pool), acquire(f.pool)};
    for (int i = 0; i < WAITERS; i++)
        start_waiting(&w[i], f.pool, i % 2 ? -1 : 60000);
    for (int i = 0; i < WAITERS; i++) {
        release(f.pool, i < 2 ? held[i] : w[i - 2].surface);
        join_waiting(&w[i], MFX_ERR_NONE);
        for (int j = i + 1; j < WAITERS; j++)
            assert_false(atomic_load(&w[j].done));
    }
    release(f.pool, w[WAITERS - 2].surface);
    release(f.pool, w[WAITERS - 1].surface);
    assert_places(f.pool, 2, 0, 0, 0);
    fixture_close(&f);
}

static void an_acquire_does_not_overtake_a_waiter(void **state)
{
    (void)state;
    for (int surfaces = 1; surfaces <= 130; surfaces += 43) {
        struct fixture f;
        struct waiting_thread w;
        mfxFrameSurface1 *held[130];
        fixture_open(&f, surfaces);
        for (int i = 0; i < surfaces; i++)
            held[i] = acquire(f.pool);
        start_waiting(&w, f.pool, -1);
        release(f.pool, held[surfaces - 1]);
        assert_nothing_to_acquire(f.pool); /* it is the waiter's, awake or not */
        join_waiting(&w, MFX_ERR_NONE);
        assert_ptr_equal(w.surface, held[surfaces - 1]);
        for (int i = 0; i < surfaces; i++)
            release(f.pool, held[i]);
        fixture_close(&f);
    }
}

static void the_fast_path_is_open_again_when_nobody_waits(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 65);
    mfxFrameSurface1 *held[65], *out;
    for (int i = 0; i < 65; i++)
        held[i] = acquire(f.pool);
    assert_int_equal(vfa_pool_acquire(f.pool, 5, &out), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    start_waiting(&w, f.pool, -1);
    release(f.pool, held[64]);
    join_waiting(&w, MFX_ERR_NONE);
    pthread_mutex_lock(&f.pool->lock);
    for (int i = 0; i < 65; i++)
        release(f.pool, held[i]);
    release(f.pool, acquire(f.pool));
    pthread_mutex_unlock(&f.pool->lock);
    fixture_close(&f);
}

/* The waiter's time is up while it cannot get the lock, and a surface is handed to it before it does. */
static void a_surface_handed_over_after_the_deadline_is_success(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    start_waiting(&w, f.pool, 400); /* time enough to get the lock, on a busy machine under memcheck too */
    pthread_mutex_lock(&f.pool->lock);
    bool in_time = f.pool->head != NULL;
    sleep_ms(500);
    atomic_fetch_sub(&f.pool->slots[0].leases, 1);
    vfa__pool_put_locked(f.pool, 0);
    vfa__pool_serve(f.pool);
    pthread_mutex_unlock(&f.pool->lock);
    join_waiting(&w, MFX_ERR_NONE);
    assert_true(in_time);
    assert_ptr_equal(w.surface, held);
    assert_int_equal(stats_of(f.pool).timeouts, 0);
    release(f.pool, held);
    fixture_close(&f);
}

static void a_waiter_that_leaves_does_not_break_the_queue(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[4];
    const int32_t timeouts[] = {-1, 30, -1, 30}; /* one leaves from the middle, one from the end */
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 4; i++)
        start_waiting(&w[i], f.pool, timeouts[i]);
    join_waiting(&w[1], MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    join_waiting(&w[3], MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    release(f.pool, held);
    join_waiting(&w[0], MFX_ERR_NONE);
    release(f.pool, held);
    join_waiting(&w[2], MFX_ERR_NONE);
    release(f.pool, held);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

/* Data.Locked, which nobody signals */

static void the_head_notices_that_the_runtime_lets_go(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    runtime_holds(surface);
    release(f.pool, surface);
    start_waiting(&w, f.pool, -1);
    sleep_ms(10);
    assert_false(atomic_load(&w.done));
    runtime_lets_go(surface);
    join_waiting(&w, MFX_ERR_NONE);
    release(f.pool, w.surface);
    fixture_close(&f);
}

static void a_release_while_locked_makes_the_waiting_head_look(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    start_waiting(&w, f.pool, -1); /* nothing to look at yet */
    runtime_holds(surface);
    release(f.pool, surface);
    sleep_ms(10);
    assert_false(atomic_load(&w.done));
    runtime_lets_go(surface);
    join_waiting(&w, MFX_ERR_NONE);
    release(f.pool, w.surface);
    fixture_close(&f);
}

static void a_head_that_leaves_lets_its_successor_look(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread first, second;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    runtime_holds(surface);
    release(f.pool, surface);
    start_waiting(&first, f.pool, 30);
    start_waiting(&second, f.pool, -1);
    join_waiting(&first, MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    runtime_lets_go(surface);
    join_waiting(&second, MFX_ERR_NONE);
    release(f.pool, second.surface);
    fixture_close(&f);
}

static void a_head_that_is_served_lets_its_successor_look(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread first, second;
    fixture_open(&f, 2);
    mfxFrameSurface1 *a = acquire(f.pool), *b = acquire(f.pool);
    runtime_holds(b);
    release(f.pool, b);
    start_waiting(&first, f.pool, -1);
    start_waiting(&second, f.pool, -1);
    release(f.pool, a);
    join_waiting(&first, MFX_ERR_NONE);
    runtime_lets_go(b);
    join_waiting(&second, MFX_ERR_NONE);
    assert_ptr_equal(first.surface, a);
    assert_ptr_equal(second.surface, b);
    release(f.pool, a);
    release(f.pool, b);
    fixture_close(&f);
}

static void only_the_head_polls(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[3];
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    runtime_holds(surface);
    release(f.pool, surface);
    for (int i = 0; i < 3; i++)
        start_waiting(&w[i], f.pool, -1);
    int head_polls = 0, others_poll = 0;
    for (int i = 0; i < 20; i++) {
        sleep_ms(1);
        pthread_mutex_lock(&f.pool->lock);
        head_polls += f.pool->head->polls;
        others_poll += f.pool->head->next->polls || f.pool->tail->polls;
        pthread_mutex_unlock(&f.pool->lock);
    }
    assert_true(head_polls > 0);
    assert_int_equal(others_poll, 0);
    runtime_lets_go(surface);
    for (int i = 0; i < 3; i++) {
        join_waiting(&w[i], MFX_ERR_NONE);
        release(f.pool, surface);
    }
    fixture_close(&f);
}

/* The poke alone serves the waiter: while the test holds the lock, the waiter cannot look for itself. */
static void poke_makes_the_pool_look_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 2);
    mfxFrameSurface1 *a = acquire(f.pool), *b = acquire(f.pool);
    start_waiting(&w, f.pool, -1);
    pthread_mutex_lock(&f.pool->lock);
    /* Locked by the runtime and let go without anybody's notice: the head does not poll. */
    atomic_fetch_sub(&f.pool->slots[0].leases, 1);
    bool given = vfa__bits_give(&f.pool->pending, 0, true);
    pthread_mutex_unlock(&f.pool->lock);
    assert_true(given);
    sleep_ms(20);
    assert_false(atomic_load(&w.done));
    vfa_pool_poke(f.pool);
    join_waiting(&w, MFX_ERR_NONE);
    assert_ptr_equal(w.surface, a);
    release(f.pool, a);
    release(f.pool, b);
    fixture_close(&f);
}

/* Being sent away */

static void closing_sends_every_waiter_away(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[3];
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    for (int i = 0; i < 3; i++)
        start_waiting(&w[i], f.pool, -1);
    vfa_pool_close(f.pool);
    for (int i = 0; i < 3; i++)
        join_waiting(&w[i], MFX_ERR_ABORTED);
    assert_int_equal(stats_of(f.pool).timeouts, 0);
    release(f.pool, held);
    fixture_close(&f);
}

static void destroying_sends_waiters_away_and_the_last_lease_frees(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w[3];
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    struct vfa_pool *kept = f.pool;
    for (int i = 0; i < 3; i++)
        start_waiting(&w[i], f.pool, -1);
    vfa_pool_destroy(&f.pool);
    for (int i = 0; i < 3; i++)
        join_waiting(&w[i], MFX_ERR_ABORTED);
    assert_int_equal(atomic_load(&f.frames.live), 1);
    release(kept, held);
    assert_nothing_left(&f);
}

static void the_last_waiter_to_leave_a_destroyed_pool_frees_it(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct fixture f;
        struct waiting_thread w[3];
        fixture_open(&f, 1);
        mfxFrameSurface1 *surface = acquire(f.pool);
        runtime_holds(surface);
        release(f.pool, surface);
        for (int i = 0; i < 3; i++)
            start_waiting(&w[i], f.pool, i == 1 ? 60000 : -1);
        vfa_pool_destroy(&f.pool);
        for (int i = 0; i < 3; i++)
            join_waiting(&w[i], MFX_ERR_ABORTED);
        assert_nothing_left(&f);
    }
}

/* A log that looks at the pool from inside its callback, which would hang if a lock were held. */
static void look_at_pool(void *user, enum vfa_log_level level, const char *message)
{
    struct vfa_pool_stats stats;
    (void)message;
    struct fixture *f = user;
    if (level == VFA_LOG_WARNING && vfa_pool_stats(f->pool, &stats) == MFX_ERR_NONE)
        f->log.lines[level]++;
}

static void the_log_is_written_with_no_lock_held(void **state)
{
    (void)state;
    struct fixture f;
    fixture_prepare(&f, 1);
    f.config.log = (struct vfa_log){.write = look_at_pool, .user = &f};
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE);
    mfxFrameSurface1 *held = acquire(f.pool), *out;
    assert_int_equal(vfa_pool_acquire(f.pool, 1, &out), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 1);
    release(f.pool, held);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeout_takes_its_time_and_says_who_holds_the_surfaces),
        cmocka_unit_test(no_timeout_returns_at_once_without_a_warning),
        cmocka_unit_test(the_longest_timeout_does_not_overflow),
        cmocka_unit_test(waiters_are_served_in_their_order),
        cmocka_unit_test(an_acquire_does_not_overtake_a_waiter),
        cmocka_unit_test(the_fast_path_is_open_again_when_nobody_waits),
        cmocka_unit_test(a_surface_handed_over_after_the_deadline_is_success),
        cmocka_unit_test(a_waiter_that_leaves_does_not_break_the_queue),
        cmocka_unit_test(the_head_notices_that_the_runtime_lets_go),
        cmocka_unit_test(a_release_while_locked_makes_the_waiting_head_look),
        cmocka_unit_test(a_head_that_leaves_lets_its_successor_look),
        cmocka_unit_test(a_head_that_is_served_lets_its_successor_look),
        cmocka_unit_test(only_the_head_polls),
        cmocka_unit_test(poke_makes_the_pool_look_at_once),
        cmocka_unit_test(closing_sends_every_waiter_away),
        cmocka_unit_test(destroying_sends_waiters_away_and_the_last_lease_frees),
        cmocka_unit_test(the_last_waiter_to_leave_a_destroyed_pool_frees_it),
        cmocka_unit_test(the_log_is_written_with_no_lock_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
