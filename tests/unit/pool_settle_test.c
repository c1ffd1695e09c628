/* Settling: what decoders do with work surfaces, as real runtimes were seen to do it. */
#include "pool_fixture.h"

/* Asks from a thread that never fed the decoder. */
static mfxStatus acquire_elsewhere(struct vfa_pool *pool, int32_t timeout_ms)
{
    struct waiting_thread w = waiting_for(pool, timeout_ms);
    assert_int_equal(pthread_create(&w.thread, NULL, waiting_thread_run, &w), 0);
    assert_int_equal(pthread_join(w.thread, NULL), 0);
    if (w.surface)
        release(pool, w.surface);
    return w.status;
}

/* A pool of `surfaces` with one lent, which the runtime holds. */
static mfxFrameSurface1 *open_with_one_lent(struct fixture *f, int surfaces)
{
    fixture_open(f, surfaces);
    mfxFrameSurface1 *work = acquire(f->pool);
    runtime_holds(work);
    assert_int_equal(vfa_pool_settle(f->pool, work, NULL), MFX_ERR_NONE);
    assert_places(f->pool, surfaces - 1, 0, 1, 0);
    return work;
}

static void a_system_memory_decoder_returns_the_work_surface_itself(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    for (int frame = 0; frame < 10; frame++) {
        mfxFrameSurface1 *work = acquire(f.pool);
        runtime_holds(work);
        runtime_lets_go(work); /* before the application gets to see it */
        assert_int_equal(vfa_pool_settle(f.pool, work, work), MFX_ERR_NONE);
        assert_places(f.pool, 1, 1, 0, 0);
        assert_int_equal(acquire_elsewhere(f.pool, 0), MFX_ERR_NONE);
        assert_places(f.pool, 1, 1, 0, 0);
        release(f.pool, work);
    }
    fixture_close(&f);
}

static void a_work_surface_that_is_not_kept_is_free_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *work = acquire(f.pool);
    assert_int_equal(vfa_pool_settle(f.pool, work, NULL), MFX_ERR_NONE);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void a_kept_work_surface_is_lent_until_it_is_the_output(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *first = open_with_one_lent(&f, 3);
    /* MORE_SURFACE: another one, kept as well. */
    mfxFrameSurface1 *second = acquire(f.pool);
    runtime_holds(second);
    assert_int_equal(vfa_pool_settle(f.pool, second, NULL), MFX_ERR_NONE);
    assert_places(f.pool, 1, 0, 2, 0);
    /* The first comes out; Locked of both falls before anybody settles. */
    mfxFrameSurface1 *third = acquire(f.pool);
    runtime_holds(third);
    runtime_lets_go(first);
    assert_int_equal(vfa_pool_settle(f.pool, third, first), MFX_ERR_NONE);
    assert_places(f.pool, 0, 1, 2, 0);
    runtime_lets_go(second);
    runtime_lets_go(third);
    release(f.pool, first);
    assert_places(f.pool, 1, 0, 2, 0);
    fixture_close(&f);
}

static void an_output_is_leased_though_locked_is_0_before_settling(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *first = open_with_one_lent(&f, 2);
    mfxFrameSurface1 *work = acquire(f.pool);
    runtime_holds(work);
    runtime_lets_go(first);
    /* DecodeFrameAsync has returned `first`, and nobody has settled it: no other thread may get it. */
    assert_int_equal(acquire_elsewhere(f.pool, 20), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(vfa_pool_settle(f.pool, work, first), MFX_ERR_NONE);
    assert_places(f.pool, 0, 1, 1, 0);
    runtime_lets_go(work);
    release(f.pool, first);
    fixture_close(&f);
}

static void settling_takes_back_skipped_frames(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *skipped = open_with_one_lent(&f, 3);
    runtime_lets_go(skipped);
    mfxFrameSurface1 *work = acquire(f.pool);
    runtime_holds(work);
    assert_int_equal(vfa_pool_settle(f.pool, work, NULL), MFX_ERR_NONE);
    assert_places(f.pool, 2, 0, 1, 0);
    runtime_lets_go(work);
    fixture_close(&f);
}

static void only_the_feeding_thread_takes_lent_surfaces_back(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 1);
    runtime_lets_go(lent);
    assert_int_equal(acquire_elsewhere(f.pool, 0), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(acquire_elsewhere(f.pool, 20), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_places(f.pool, 0, 0, 1, 0);
    assert_ptr_equal(acquire(f.pool), lent);
    release(f.pool, lent);
    fixture_close(&f);
}

/* Takes over the feeding on its own thread, then asks there. */
static void *take_over(void *arg)
{
    struct waiting_thread *w = arg;
    w->status = vfa_pool_settle(w->pool, NULL, NULL);
    if (w->status == MFX_ERR_NONE)
        runtime_lets_go(w->surface);
    if (w->status == MFX_ERR_NONE)
        w->status = vfa_pool_acquire(w->pool, 0, &w->surface);
    return NULL;
}

static void feeding_moves_to_the_thread_that_settles(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 1);
    struct waiting_thread w = {.pool = f.pool, .surface = lent};
    assert_int_equal(pthread_create(&w.thread, NULL, take_over, &w), 0);
    join_waiting(&w, MFX_ERR_NONE);
    assert_ptr_equal(w.surface, lent);
    release(f.pool, lent);
    fixture_close(&f);
}

static void a_repeated_output_may_be_one_released_before(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *first = open_with_one_lent(&f, 3);
    mfxFrameSurface1 *work = acquire(f.pool);
    runtime_holds(work);
    assert_int_equal(vfa_pool_settle(f.pool, work, first), MFX_ERR_NONE);
    release(f.pool, first); /* the runtime keeps it as a reference */
    assert_places(f.pool, 1, 0, 1, 1);
    mfxFrameSurface1 *unused = acquire(f.pool);
    assert_int_equal(vfa_pool_settle(f.pool, unused, first), MFX_ERR_NONE);
    assert_places(f.pool, 1, 1, 1, 0);
    runtime_lets_go(first);
    runtime_lets_go(work);
    release(f.pool, first);
    fixture_close(&f);
}

static void reordered_output_of_a_whole_stream(void **state)
{
    (void)state;
    enum {
        POOL = 9,
        FRAMES = 400
    };
    struct fixture f;
    fixture_open(&f, POOL);
    mfxFrameSurface1 *dpb[4] = {NULL}, *held[2] = {NULL};
    unsigned int seed = 1;
    int shown = 0, skipped = 0;
    for (int frame = 0; frame < FRAMES; frame++) {
        mfxFrameSurface1 *work = acquire(f.pool), *out = NULL;
        runtime_holds(work);
        seed = seed * 1103515245u + 12345u;
        int at = (int)(seed >> 16 & 3);
        if (dpb[at]) {
            runtime_lets_go(dpb[at]);
            if (seed >> 20 & 7)
                out = dpb[at]; /* else this frame is never shown */
            else
                skipped++;
        }
        dpb[at] = work;
        assert_int_equal(vfa_pool_settle(f.pool, work, out), MFX_ERR_NONE);
        if (out) {
            if (held[shown % 2])
                release(f.pool, held[shown % 2]);
            held[shown++ % 2] = out;
        }
        struct vfa_pool_stats stats = stats_of(f.pool);
        assert_int_equal(stats.lent,
                         (dpb[0] != NULL) + (dpb[1] != NULL) + (dpb[2] != NULL) + (dpb[3] != NULL));
        assert_int_equal(stats.leased, shown < 2 ? shown : 2);
        assert_int_equal(stats.pending, 0);
    }
    assert_true(shown > 250 && skipped > 20);
    release(f.pool, held[0]);
    release(f.pool, held[1]);
    for (int i = 0; i < 4; i++)
        runtime_lets_go(dpb[i]);
    assert_int_equal(vfa_pool_settle(f.pool, NULL, NULL), MFX_ERR_NONE);
    assert_places(f.pool, POOL, 0, 0, 0);
    fixture_close(&f);
}

static void wrong_states_are_refused_and_nothing_changes(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 5);
    mfxFrameSurface1 *work = acquire(f.pool), *leased = acquire(f.pool), *twice = acquire(f.pool);
    mfxFrameSurface1 *free_ = acquire(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, twice), MFX_ERR_NONE);
    release(f.pool, free_);
    const struct {
        mfxFrameSurface1 *work, *out;
        mfxStatus status;
    } wrong[] = {
        {NULL, work, MFX_ERR_NULL_PTR},
        {free_, NULL, MFX_ERR_UNDEFINED_BEHAVIOR},
        {free_, free_, MFX_ERR_UNDEFINED_BEHAVIOR},
        {free_, lent, MFX_ERR_UNDEFINED_BEHAVIOR},
        {lent, NULL, MFX_ERR_UNDEFINED_BEHAVIOR},
        {lent, lent, MFX_ERR_UNDEFINED_BEHAVIOR},
        {twice, NULL, MFX_ERR_UNDEFINED_BEHAVIOR},
        {twice, lent, MFX_ERR_UNDEFINED_BEHAVIOR},
        {work, leased, MFX_ERR_UNDEFINED_BEHAVIOR},
        {work, free_, MFX_ERR_UNDEFINED_BEHAVIOR},
    };
    runtime_lets_go(lent); /* a settle that succeeded would take it back */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(vfa_pool_settle(f.pool, wrong[i].work, wrong[i].out), wrong[i].status);
        assert_places(f.pool, 1, 3, 1, 0);
    }
    assert_int_equal(vfa_pool_settle(NULL, work, NULL), MFX_ERR_NULL_PTR);
    /* Every lease is as it was. */
    release(f.pool, work);
    release(f.pool, leased);
    release(f.pool, twice);
    release(f.pool, twice);
    assert_places(f.pool, 4, 0, 1, 0);
    fixture_close(&f);
}

static void lent_surfaces_can_be_neither_released_nor_referenced(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 2);
    assert_int_equal(vfa_pool_release(f.pool, lent), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_ref(f.pool, lent), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_places(f.pool, 1, 0, 1, 0);
    fixture_close(&f);
}

static void a_surface_taken_back_goes_to_whoever_waits(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 2);
    mfxFrameSurface1 *work = acquire(f.pool);
    start_waiting(&w, f.pool, -1);
    runtime_lets_go(lent);
    sleep_ms(20);
    assert_false(atomic_load(&w.done)); /* lent, and the feeder has not settled */
    runtime_holds(work);
    assert_int_equal(vfa_pool_settle(f.pool, work, NULL), MFX_ERR_NONE);
    join_waiting(&w, MFX_ERR_NONE);
    assert_ptr_equal(w.surface, lent);
    runtime_lets_go(work);
    release(f.pool, lent);
    fixture_close(&f);
}

/* Lends a surface on its own thread, then waits there for one. */
static void *lend_and_wait(void *arg)
{
    struct waiting_thread *w = arg;
    mfxFrameSurface1 *work = NULL;
    w->status = vfa_pool_acquire(w->pool, 0, &work);
    if (w->status != MFX_ERR_NONE)
        return NULL;
    runtime_holds(work);
    w->status = vfa_pool_settle(w->pool, work, NULL);
    if (w->status != MFX_ERR_NONE)
        return NULL;
    runtime_lets_go(work);
    /* The feeder stands behind the other waiter, which gets the lent surface; the feeder gets the next. */
    struct vfa_pool_stats stats = {.waits = 0};
    while (w->status == MFX_ERR_NONE && stats.waits < 1) {
        sleep_ms(1);
        w->status = vfa_pool_stats(w->pool, &stats);
    }
    if (w->status != MFX_ERR_NONE)
        return NULL;
    w->status = vfa_pool_acquire_as(w->pool, &w->want, &w->surface);
    return NULL;
}

static void while_the_feeder_waits_lent_surfaces_go_to_the_head(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    mfxFrameSurface1 *taken = acquire(f.pool);
    struct waiting_thread head, feeder = waiting_for(f.pool, 5000);
    assert_int_equal(pthread_create(&feeder.thread, NULL, lend_and_wait, &feeder), 0);
    while (!stats_of(f.pool).lent)
        sleep_ms(1);
    start_waiting(&head, f.pool, 5000);
    join_waiting(&head, MFX_ERR_NONE);
    assert_ptr_not_equal(head.surface, taken);
    release(f.pool, taken);
    join_waiting(&feeder, MFX_ERR_NONE);
    assert_ptr_equal(feeder.surface, taken);
    release(f.pool, head.surface);
    release(f.pool, feeder.surface);
    fixture_close(&f);
}

static void *let_go_soon(void *surface)
{
    sleep_ms(20); /* by then the feeder waits */
    runtime_lets_go(surface);
    return NULL;
}

static void the_waiting_feeder_notices_that_the_runtime_lets_go(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *lent = open_with_one_lent(&f, 1);
    double start = seconds();
    mfxFrameSurface1 *surface;
    assert_int_equal(vfa_pool_acquire(f.pool, 20, &surface), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_true(seconds() - start >= 0.019);
    pthread_t runtime;
    assert_int_equal(pthread_create(&runtime, NULL, let_go_soon, lent), 0);
    assert_int_equal(vfa_pool_acquire(f.pool, -1, &surface), MFX_ERR_NONE);
    assert_ptr_equal(surface, lent);
    assert_int_equal(pthread_join(runtime, NULL), 0);
    release(f.pool, surface);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_memory_decoder_returns_the_work_surface_itself),
        cmocka_unit_test(a_work_surface_that_is_not_kept_is_free_again),
        cmocka_unit_test(a_kept_work_surface_is_lent_until_it_is_the_output),
        cmocka_unit_test(an_output_is_leased_though_locked_is_0_before_settling),
        cmocka_unit_test(settling_takes_back_skipped_frames),
        cmocka_unit_test(only_the_feeding_thread_takes_lent_surfaces_back),
        cmocka_unit_test(feeding_moves_to_the_thread_that_settles),
        cmocka_unit_test(a_repeated_output_may_be_one_released_before),
        cmocka_unit_test(reordered_output_of_a_whole_stream),
        cmocka_unit_test(wrong_states_are_refused_and_nothing_changes),
        cmocka_unit_test(lent_surfaces_can_be_neither_released_nor_referenced),
        cmocka_unit_test(a_surface_taken_back_goes_to_whoever_waits),
        cmocka_unit_test(while_the_feeder_waits_lent_surfaces_go_to_the_head),
        cmocka_unit_test(the_waiting_feeder_notices_that_the_runtime_lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
