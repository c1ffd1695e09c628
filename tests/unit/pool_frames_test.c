/* Pools over this library's allocator: whose frames they get. */
#include "fixture.h"

static struct vfa_pool *new_pool(struct fixture *f, mfxFrameAllocRequest request)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.allocator = f->mfx;
    config.request = request;
    struct vfa_pool *pool;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    return pool;
}

static void a_new_pool_never_gets_the_frames_of_an_old_one(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    /* The same AllocId, and a smaller picture after a resolution change: Alloc alone would share. */
    struct vfa_pool *old = new_pool(&f, request_of(MFX_FOURCC_NV12, 320, 192, 4, 4));
    struct vfa_pool *next = new_pool(&f, request_of(MFX_FOURCC_NV12, 160, 96, 4, 4));
    const mfxFrameAllocResponse *a = vfa_pool_response(old), *b = vfa_pool_response(next);
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            assert_ptr_not_equal(a->mids[i], b->mids[k]);
    assert_int_equal(stats_of(&f).alloc_shared, 0);
    vfa_pool_destroy(&old);
    vfa_pool_destroy(&next);
    fixture_close(&f);
}

static void a_decoders_init_finds_the_pools_frames(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 4, 4);
    request.AllocId = vfa_next_alloc_id(f.a);
    struct vfa_pool *pool = new_pool(&f, request);
    mfxFrameAllocResponse init;
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_memory_equal(init.mids, vfa_pool_response(pool)->mids, 4 * sizeof(mfxMemId));
    vfa_pool_destroy(&pool); /* the decoder is closed later: its claim keeps the frames */
    mfxFrameData data;
    assert_int_equal(lock(&f, init.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, init.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    fixture_close(&f);
}

static void surfaces_in_pointer_mode_are_locked_for_good(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    struct vfa_pool_config config = vfa_pool_config_defaults();
    config.allocator = f.mfx;
    config.request = request_of(MFX_FOURCC_I420, 64, 64, 2, 2);
    config.mode = VFA_SURFACE_POINTERS;
    struct vfa_pool *pool;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frames_locked, 2);
    mfxFrameSurface1 *surface;
    assert_int_equal(vfa_pool_acquire(pool, 0, &surface), MFX_ERR_NONE);
    memset(surface->Data.Y, 1, 64 * 64);
    assert_int_equal(vfa_pool_release(pool, surface), MFX_ERR_NONE);
    vfa_pool_destroy(&pool);
    assert_int_equal(stats_of(&f).frames_locked, 0);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_pool_never_gets_the_frames_of_an_old_one),
        cmocka_unit_test(a_decoders_init_finds_the_pools_frames),
        cmocka_unit_test(surfaces_in_pointer_mode_are_locked_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
