/* Pool: leases with a token, which nobody else ends. */
#include "pool_fixture.h"

#include "pool/internal.h"

static struct vfa_lease claim(struct vfa_pool *pool, mfxFrameSurface1 *surface)
{
    struct vfa_lease lease;
    assert_int_equal(vfa_pool_claim(pool, surface, &lease), MFX_ERR_NONE);
    assert_ptr_equal(lease.surface, surface);
    return lease;
}

static void end(struct vfa_pool *pool, struct vfa_lease lease)
{
    assert_int_equal(vfa_pool_end(pool, &lease), MFX_ERR_NONE);
    assert_null(lease.surface);
    assert_int_equal(lease.token, 0);
}

static void assert_ended(struct vfa_pool *pool, struct vfa_lease lease)
{
    struct vfa_lease copy = lease;
    assert_int_equal(vfa_pool_end(pool, &copy), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_ptr_equal(copy.surface, lease.surface);
    assert_int_equal(copy.token, lease.token);
}

static void a_lease_ends_once_even_after_the_surface_went_out_again(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    struct vfa_lease first = claim(f.pool, acquire(f.pool));
    assert_places(f.pool, 0, 1, 0, 0);
    end(f.pool, first);
    assert_places(f.pool, 1, 0, 0, 0);
    assert_ended(f.pool, first);
    struct vfa_lease second = claim(f.pool, acquire(f.pool));
    assert_ptr_equal(second.surface, first.surface);
    assert_ended(f.pool, first);
    assert_places(f.pool, 0, 1, 0, 0);
    end(f.pool, second);
    fixture_close(&f);
}

static void an_ended_lease_is_null(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    struct vfa_lease lease = claim(f.pool, acquire(f.pool));
    assert_int_equal(vfa_pool_end(f.pool, &lease), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_end(f.pool, &lease), MFX_ERR_NULL_PTR);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void a_plain_release_does_not_end_a_lease_with_a_token(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    struct vfa_lease lease = claim(f.pool, surface);
    assert_int_equal(vfa_pool_release(f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_settle(f.pool, surface, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_places(f.pool, 0, 1, 0, 0);
    end(f.pool, lease);
    fixture_close(&f);
}

/* 1:N: no holder can end the lease of another one. */
static void each_holder_has_a_token_of_its_own(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    struct vfa_lease a = claim(f.pool, surface), b = claim(f.pool, surface);
    assert_int_not_equal(a.token, b.token);
    end(f.pool, a);
    assert_ended(f.pool, a);
    assert_places(f.pool, 0, 1, 0, 0);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    end(f.pool, b);
    assert_places(f.pool, 0, 1, 0, 0);
    release(f.pool, surface);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

/* While somebody else holds the surface, so that it is the same lease of the pool's all the time. */
static void no_token_is_used_again_while_the_surface_is_out(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    struct vfa_lease former = {.surface = NULL};
    for (int i = 0; i < 100; i++) {
        assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
        struct vfa_lease lease = claim(f.pool, surface);
        if (former.surface)
            assert_ended(f.pool, former);
        former = lease;
        end(f.pool, lease);
    }
    release(f.pool, surface);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void a_lease_that_ends_while_locked_leaves_the_surface_to_the_runtime(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    struct vfa_lease lease = claim(f.pool, acquire(f.pool));
    runtime_holds(lease.surface);
    end(f.pool, lease);
    assert_places(f.pool, 0, 0, 0, 1);
    assert_ended(f.pool, lease);
    runtime_lets_go(lease.surface);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void ending_a_lease_serves_who_waits(void **state)
{
    (void)state;
    struct fixture f;
    struct waiting_thread w;
    fixture_open(&f, 1);
    struct vfa_lease lease = claim(f.pool, acquire(f.pool));
    start_waiting(&w, f.pool, -1);
    end(f.pool, lease);
    join_waiting(&w, MFX_ERR_NONE);
    assert_ended(f.pool, lease);
    release(f.pool, w.surface);
    fixture_close(&f);
}

static void ending_the_last_lease_of_a_destroyed_pool_frees_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, 1);
    struct vfa_pool *kept = f.pool;
    mfxFrameSurface1 *surface = acquire(f.pool);
    assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
    struct vfa_lease lease = claim(f.pool, surface);
    vfa_pool_destroy(&f.pool);
    assert_true(test_log_has(&f.log, "leases 2, Locked 0"));
    release(kept, surface);
    end(kept, lease);
    assert_nothing_left(&f);
}

static void tokens_are_limited(void **state)
{
    (void)state;
    struct fixture f;
    struct vfa_lease leases[VFA_POOL_TOKENS_MAX], none = {.token = 1};
    fixture_open(&f, 1);
    mfxFrameSurface1 *surface = acquire(f.pool);
    for (int i = 0; i < VFA_POOL_TOKENS_MAX; i++) {
        assert_int_equal(vfa_pool_ref(f.pool, surface), MFX_ERR_NONE);
        leases[i] = claim(f.pool, surface);
    }
    assert_int_equal(vfa_pool_claim(f.pool, surface, &none), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_null(none.surface);
    assert_int_equal(none.token, 0);
    release(f.pool, surface);
    assert_int_equal(vfa_pool_claim(f.pool, surface, &none), MFX_ERR_UNDEFINED_BEHAVIOR);
    for (int i = 0; i < VFA_POOL_TOKENS_MAX; i++)
        end(f.pool, leases[i]);
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void what_is_not_a_lease_is_refused(void **state)
{
    (void)state;
    struct fixture f, g;
    fixture_open(&f, 2);
    fixture_open(&g, 1);
    struct vfa_lease lease = claim(f.pool, acquire(f.pool)), out;
    mfxFrameSurface1 *plain = acquire(f.pool), *other = acquire(g.pool);
    assert_int_equal(vfa_pool_claim(NULL, plain, &out), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_claim(f.pool, NULL, &out), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_claim(f.pool, plain, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_claim(f.pool, other, &out), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_pool_end(NULL, &lease), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_end(f.pool, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_end(g.pool, &lease), MFX_ERR_INVALID_HANDLE);
    const uint64_t forged[] = {0,
                               1,
                               UINT64_MAX,
                               lease.token + 1,
                               lease.token & ~VFA__TOKEN_BIT_MASK,
                               lease.token | VFA__TOKEN_BIT_MASK,
                               lease.token ^ UINT64_C(1) << VFA__TOKEN_ENDED_BIT,
                               lease.token ^ VFA__LEASES_LENT,
                               lease.token ^ UINT64_C(1) << VFA__LEASES_TIMES_BIT};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        assert_ended(f.pool, (struct vfa_lease){.surface = lease.surface, .token = forged[i]});
    assert_ended(f.pool, (struct vfa_lease){.surface = plain, .token = lease.token});
    assert_places(f.pool, 0, 2, 0, 0);
    end(f.pool, lease);
    release(f.pool, plain);
    release(g.pool, other);
    fixture_close(&f);
    fixture_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_ends_once_even_after_the_surface_went_out_again),
        cmocka_unit_test(an_ended_lease_is_null),
        cmocka_unit_test(a_plain_release_does_not_end_a_lease_with_a_token),
        cmocka_unit_test(each_holder_has_a_token_of_its_own),
        cmocka_unit_test(no_token_is_used_again_while_the_surface_is_out),
        cmocka_unit_test(a_lease_that_ends_while_locked_leaves_the_surface_to_the_runtime),
        cmocka_unit_test(ending_a_lease_serves_who_waits),
        cmocka_unit_test(ending_the_last_lease_of_a_destroyed_pool_frees_it),
        cmocka_unit_test(tokens_are_limited),
        cmocka_unit_test(what_is_not_a_lease_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
