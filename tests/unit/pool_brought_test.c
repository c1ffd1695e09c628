/* Pool: over surfaces that the application brings. */
#include "pool_fixture.h"

#include "pool/internal.h"

#define BROUGHT 3

struct brought {
    struct fixture f;
    mfxFrameSurface1 surfaces[BROUGHT];
};

static void prepare(struct brought *b)
{
    fixture_prepare(&b->f, 1);
    memset(b->surfaces, 0, sizeof b->surfaces);
    for (int i = 0; i < BROUGHT; i++) {
        b->surfaces[i].Data.TimeStamp = (mfxU64)i;
        b->surfaces[i].Data.MemId = (mfxMemId)(uintptr_t)(i + 1);
    }
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.memory = &b->f.manager;
    config.log = b->f.config.log;
    config.surfaces = b->surfaces;
    config.surface_count = BROUGHT;
    b->f.config = config;
}

static void open_brought(struct brought *b)
{
    prepare(b);
    assert_int_equal(vfa_pool_create(&b->f.pool, &b->f.config), MFX_ERR_NONE);
}

static void the_pool_hands_out_the_very_surfaces_it_was_given(void **state)
{
    (void)state;
    struct brought b;
    open_brought(&b);
    mfxFrameSurface1 before[BROUGHT];
    memcpy(before, b.surfaces, sizeof before);
    for (int i = 0; i < BROUGHT; i++)
        assert_ptr_equal(acquire(b.f.pool), &b.surfaces[i]);
    assert_nothing_to_acquire(b.f.pool);
    for (int i = 0; i < BROUGHT; i++)
        release(b.f.pool, &b.surfaces[i]);
    assert_null(vfa_pool_response(b.f.pool));
    fixture_close(&b.f);
    assert_memory_equal(before, b.surfaces, sizeof before);
    assert_int_equal(b.f.frames.lock_calls, 0);
}

static void pointers_do_as_well_as_mids(void **state)
{
    (void)state;
    struct brought b;
    prepare(&b);
    b.surfaces[0].Data.MemId = NULL;
    b.surfaces[0].Data.Y = mock_pixels;
    b.surfaces[1].Data.MemId = NULL;
    b.surfaces[1].Data.B = mock_pixels;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_NONE);
    mfxFrameSurface1 *surface = acquire(b.f.pool);
    assert_ptr_equal(surface->Data.Y, mock_pixels);
    release(b.f.pool, surface);
    fixture_close(&b.f);
}

static void a_surface_that_is_locked_when_brought_waits_for_its_runtime(void **state)
{
    (void)state;
    struct brought b;
    prepare(&b);
    runtime_holds(&b.surfaces[0]);
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_NONE);
    assert_places(b.f.pool, BROUGHT - 1, 0, 0, 1);
    assert_ptr_equal(acquire(b.f.pool), &b.surfaces[1]);
    assert_ptr_equal(acquire(b.f.pool), &b.surfaces[2]);
    assert_nothing_to_acquire(b.f.pool);
    runtime_lets_go(&b.surfaces[0]);
    assert_ptr_equal(acquire(b.f.pool), &b.surfaces[0]);
    for (int i = 0; i < BROUGHT; i++)
        release(b.f.pool, &b.surfaces[i]);
    fixture_close(&b.f);
}

static void brought_surfaces_settle_and_carry_tokens(void **state)
{
    (void)state;
    struct brought b;
    struct vfa_lease lease;
    open_brought(&b);
    mfxFrameSurface1 *work = acquire(b.f.pool);
    runtime_holds(work);
    assert_int_equal(vfa_pool_settle(b.f.pool, work, NULL), MFX_ERR_NONE);
    mfxFrameSurface1 *next = acquire(b.f.pool);
    assert_int_equal(vfa_pool_settle(b.f.pool, next, work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_claim(b.f.pool, work, &lease), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_end(b.f.pool, &lease), MFX_ERR_NONE);
    assert_places(b.f.pool, BROUGHT - 1, 0, 0, 1);
    runtime_lets_go(work);
    fixture_close(&b.f);
}

static void what_is_between_and_beside_the_surfaces_is_foreign(void **state)
{
    (void)state;
    struct brought b;
    open_brought(&b);
    mfxFrameSurface1 *own = acquire(b.f.pool), alone = *own;
    unsigned char *first = (unsigned char *)b.surfaces;
    mfxFrameSurface1 *const strangers[] = {
        &alone,
        (mfxFrameSurface1 *)(first + 64),
        (mfxFrameSurface1 *)(first + sizeof b.surfaces),
        (mfxFrameSurface1 *)(first - sizeof alone),
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        assert_int_equal(vfa_pool_release(b.f.pool, strangers[i]), MFX_ERR_INVALID_HANDLE);
    release(b.f.pool, own);
    fixture_close(&b.f);
}

static void the_pool_lives_until_the_last_lease_ends_the_surfaces_longer(void **state)
{
    (void)state;
    struct brought b;
    open_brought(&b);
    mfxFrameSurface1 *surface = acquire(b.f.pool);
    struct vfa_pool *kept = b.f.pool;
    vfa_pool_destroy(&b.f.pool);
    assert_true(test_log_has(&b.f.log, "surface 0 (mid 0x1): leases 1, Locked 0"));
    release(kept, surface);
    assert_nothing_left(&b.f);
    assert_ptr_equal(surface->Data.MemId, (mfxMemId)1);
}

static void what_cannot_be_handed_out_is_refused(void **state)
{
    (void)state;
    struct brought b;
    prepare(&b);
    const struct vfa_pool_config good = b.f.config;
    b.f.config.surface_count = 0;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    b.f.config.surface_count = 65536;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    b.f.config = good;
    b.f.config.allocator = &b.f.frames.mfx;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    b.f.config = good;
    b.f.config.surfaces = NULL;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_NULL_PTR);
    b.f.config = good;
    b.surfaces[1].Data.MemId = NULL;
    assert_int_equal(vfa_pool_create(&b.f.pool, &b.f.config), MFX_ERR_INVALID_HANDLE);
    assert_null(b.f.pool);
    assert_nothing_left(&b.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pool_hands_out_the_very_surfaces_it_was_given),
        cmocka_unit_test(pointers_do_as_well_as_mids),
        cmocka_unit_test(a_surface_that_is_locked_when_brought_waits_for_its_runtime),
        cmocka_unit_test(brought_surfaces_settle_and_carry_tokens),
        cmocka_unit_test(what_is_between_and_beside_the_surfaces_is_foreign),
        cmocka_unit_test(the_pool_lives_until_the_last_lease_ends_the_surfaces_longer),
        cmocka_unit_test(what_cannot_be_handed_out_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
