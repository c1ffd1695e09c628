/* Pool: who holds what and since when, how long was waited, and the words for it. */
#include "pool_fixture.h"

#include "pool/internal.h"

static mfxFrameSurface1 *acquire_as(struct vfa_pool *pool, const char *tag)
{
    struct vfa_pool_want want = vfa_pool_want_defaults();
    want.tag = tag;
    mfxFrameSurface1 *surface = NULL;
    assert_int_equal(vfa_pool_acquire_as(pool, &want, &surface), MFX_ERR_NONE);
    return surface;
}

/* Makes the lease of a surface older. */
static void age(struct vfa_pool *pool, const mfxFrameSurface1 *surface, uint64_t ms)
{
    atomic_fetch_sub(&pool->slots[vfa__pool_index(pool, surface)].since, ms * VFA__NS_PER_MS);
}

static void assert_holder(const struct vfa_pool_holder *holder, const char *tag, unsigned int surfaces)
{
    if (tag)
        assert_string_equal(holder->tag, tag);
    else
        assert_null(holder->tag);
    assert_int_equal(holder->surfaces, surfaces);
}

static void a_surface_is_held_by_whom_it_was_acquired_as(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_holder holders[4];
    char own[] = "decoder"; /* the same words elsewhere are the same holder */
    fixture_open(&f, 8);
    mfxFrameSurface1 *s[] = {acquire_as(f.pool, "decoder"), acquire_as(f.pool, "encoder"),
                             acquire_as(f.pool, own), acquire(f.pool)};
    age(f.pool, s[0], 7000);
    age(f.pool, s[2], 9000);
    assert_int_equal(vfa_pool_holders(f.pool, holders, 4), 3);
    assert_holder(&holders[0], "decoder", 2);
    assert_holder(&holders[1], "encoder", 1);
    assert_holder(&holders[2], NULL, 1);
    assert_in_range(holders[0].longest_ns, 9000 * VFA__NS_PER_MS, 60000 * VFA__NS_PER_MS);
    assert_in_range(holders[1].longest_ns, 0, 6000 * VFA__NS_PER_MS);
    for (int i = 0; i < 4; i++)
        release(f.pool, s[i]);
    assert_int_equal(vfa_pool_holders(f.pool, holders, 4), 0);
    fixture_close(&f);
}

static void a_surface_goes_on_to_another_holder(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_holder holder;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire_as(f.pool, "decoder");
    age(f.pool, surface, 9000);
    assert_int_equal(vfa_pool_tag(f.pool, surface, "encoder"), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_holders(f.pool, &holder, 1), 1);
    assert_holder(&holder, "encoder", 1);
    assert_in_range(holder.longest_ns, 0, 6000 * VFA__NS_PER_MS);
    mfxFrameSurface1 stranger = {.Data = {.Locked = 0}};
    assert_int_equal(vfa_pool_tag(NULL, surface, "a"), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_tag(f.pool, NULL, "a"), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_tag(f.pool, &stranger, "a"), MFX_ERR_INVALID_HANDLE);
    release(f.pool, surface);
    assert_int_equal(vfa_pool_tag(f.pool, surface, "a"), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_holders(f.pool, &holder, 1), 0);
    assert_int_equal(vfa_pool_holders(NULL, &holder, 1), 0);
    assert_int_equal(vfa_pool_holders(f.pool, NULL, 1), 0);
    fixture_close(&f);
}

static void a_tag_does_not_outlive_its_lease(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_holder holder;
    fixture_open(&f, 1);
    release(f.pool, acquire_as(f.pool, "decoder"));
    mfxFrameSurface1 *surface = acquire(f.pool);
    assert_int_equal(vfa_pool_holders(f.pool, &holder, 1), 1);
    assert_holder(&holder, NULL, 1);
    release(f.pool, surface);
    fixture_close(&f);
}

static void an_output_is_held_by_whom_its_work_surface_was(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_holder holder;
    fixture_open(&f, 2);
    mfxFrameSurface1 *first = acquire_as(f.pool, "an earlier one");
    runtime_holds(first);
    assert_int_equal(vfa_pool_settle(f.pool, first, NULL), MFX_ERR_NONE);
    mfxFrameSurface1 *second = acquire_as(f.pool, "decoder");
    runtime_holds(second);
    assert_int_equal(vfa_pool_settle(f.pool, second, first), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_holders(f.pool, &holder, 1), 1);
    assert_holder(&holder, "decoder", 1);
    release(f.pool, first);
    fixture_close(&f);
}

static void a_waiter_gets_its_surface_under_its_own_tag(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    struct vfa_pool_holder holder;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire_as(f.pool, "encoder");
    struct vfa_pool_want want = vfa_pool_want_defaults();
    want.timeout_ms = -1;
    want.tag = "writer";
    start_waiting_so(&w, f.pool, want);
    release(f.pool, surface);
    join_waiting(&w, MFX_ERR_NONE);
    assert_int_equal(vfa_pool_holders(f.pool, &holder, 1), 1);
    assert_holder(&holder, "writer", 1);
    release(f.pool, surface);
    fixture_close(&f);
}

static void more_holders_than_asked_for_are_summed_up(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const tags[] = {"a", "b", "c", "d", "b"};
    struct vfa_pool_holder holders[2];
    mfxFrameSurface1 *s[5];
    fixture_open(&f, 5);
    for (int i = 0; i < 5; i++)
        s[i] = acquire_as(f.pool, tags[i]);
    assert_int_equal(vfa_pool_holders(f.pool, holders, 2), 2);
    assert_holder(&holders[0], "a", 1);
    assert_holder(&holders[1], VFA_POOL_OTHERS, 4);
    for (int i = 0; i < 5; i++)
        release(f.pool, s[i]);
    fixture_close(&f);
}

static void wants_are_checked(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_pool_want want = vfa_pool_want_defaults();
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)mock_pixels;
    assert_int_equal(vfa_pool_acquire_as(f.pool, NULL, &surface), MFX_ERR_NULL_PTR);
    assert_null(surface);
    assert_int_equal(vfa_pool_acquire_as(NULL, &want, &surface), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, NULL), MFX_ERR_NULL_PTR);
    want.size--;
    assert_int_equal(vfa_pool_acquire_as(f.pool, &want, &surface), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void waits_are_counted_by_their_length(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameSurface1 *out;
    fixture_open(&f, 1);
    mfxFrameSurface1 *held = acquire(f.pool);
    assert_nothing_to_acquire(f.pool);
    assert_int_equal(vfa_pool_acquire(f.pool, 20, &out), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    struct vfa_pool_stats stats = stats_of(f.pool);
    assert_int_equal(stats.waits, 2);
    assert_int_equal(stats.waits_by_time[0], 1);
    uint64_t longer = 0;
    for (int i = 15; i < VFA_POOL_WAIT_BUCKETS; i++) /* from 2^14 us on */
        longer += stats.waits_by_time[i];
    assert_int_equal(longer, 1);
    assert_true(stats.longest_wait_ns >= 20 * VFA__NS_PER_MS);
    assert_true(stats.waited_ns >= stats.longest_wait_ns);
    release(f.pool, held);
    fixture_close(&f);
}

static void explain_says_who_holds_the_surfaces(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 9);
    mfxFrameSurface1 *s[7];
    for (int i = 0; i < 7; i++)
        s[i] = acquire_as(f.pool, i < 6 ? "encoder" : NULL);
    runtime_holds(s[0]);
    runtime_holds(s[1]);
    assert_int_equal(vfa_pool_settle(f.pool, s[0], NULL), MFX_ERR_NONE);
    release(f.pool, s[1]);
    uint64_t now = vfa__coarse_ns() + 100 * VFA__NS_PER_MS; /* a time to come counts as none */
    for (int i = 0; i < 7; i++)
        atomic_store(&f.pool->slots[i].since, now);
    static const char expected[] =
        "pool 'decode': 9 surfaces: 4 leased by 'encoder' for 0 ms, 1 leased for 0 ms, 1 lent to the "
        "runtime, 1 released but still Locked by the runtime, 2 free";
    char text[256];
    assert_int_equal(vfa_pool_explain(f.pool, text, sizeof text), sizeof expected - 1);
    assert_string_equal(text, expected);
    assert_int_equal(vfa_pool_explain(f.pool, NULL, 0), sizeof expected - 1);
    assert_int_equal(vfa_pool_explain(f.pool, text, 14), sizeof expected - 1);
    assert_string_equal(text, "pool 'decode'");
    assert_int_equal(vfa_pool_explain(NULL, text, sizeof text), 0);
    assert_string_equal(text, "");
    age(f.pool, s[5], 5000);
    vfa_pool_explain(f.pool, text, sizeof text);
    assert_non_null(strstr(text, "4 leased by 'encoder' for 4"));
    for (int i = 2; i < 7; i++)
        release(f.pool, s[i]);
    vfa_pool_explain(f.pool, text, sizeof text);
    assert_non_null(strstr(text, "9 surfaces: 0 leased, 1 lent"));
    fixture_close(&f);
}

static void destroy_says_who_holds_what_is_out(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 2);
    mfxFrameSurface1 *named = acquire_as(f.pool, "encoder"), *nameless = acquire(f.pool);
    struct vfa_pool *pool = f.pool;
    vfa_pool_destroy(&f.pool);
    assert_non_null(strstr(f.log.text,
                           "pool 'decode' is destroyed with surfaces out; surface 0 (mid 0x10000): "
                           "leased by 'encoder', leases 1, Locked 0; surface 1 (mid 0x10001): leases "
                           "1, Locked 0\n"));
    release(pool, named);
    release(pool, nameless);
    assert_nothing_left(&f);
    pthread_mutex_destroy(&f.log.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_surface_is_held_by_whom_it_was_acquired_as),
        cmocka_unit_test(a_surface_goes_on_to_another_holder),
        cmocka_unit_test(a_tag_does_not_outlive_its_lease),
        cmocka_unit_test(an_output_is_held_by_whom_its_work_surface_was),
        cmocka_unit_test(a_waiter_gets_its_surface_under_its_own_tag),
        cmocka_unit_test(more_holders_than_asked_for_are_summed_up),
        cmocka_unit_test(wants_are_checked),
        cmocka_unit_test(waits_are_counted_by_their_length),
        cmocka_unit_test(explain_says_who_holds_the_surfaces),
        cmocka_unit_test(destroy_says_who_holds_what_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
