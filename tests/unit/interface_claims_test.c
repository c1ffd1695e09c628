/* What components say with SetNumSurfaces and RevokeSurfaces, and how a pool follows. */
#include "fixture.h"
#include "pool/interface.h"
#include "pool/internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

struct claimed {
    struct fixture f;
    struct vfa_interface_config interface;
    mfxExtAllocationHints hints;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
    mfxSurfacePoolInterface *face;
};

/* A pool that begins with `first` surfaces and was made for `surfaces`. */
static void prepare(struct claimed *c, mfxPoolAllocationPolicy policy, mfxU32 first, mfxU16 surfaces)
{
    fixture_open(&c->f, NULL, 0);
    c->interface = vfa_interface_config_defaults();
    c->hints = (mfxExtAllocationHints){.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof c->hints},
                                       .AllocationPolicy = policy,
                                       .NumberToPreAllocate = first};
    c->config = vfa_pool_config_defaults();
    c->config.allocator = c->f.mfx;
    c->config.request = request_of(MFX_FOURCC_NV12, 64, 32, surfaces, surfaces);
    c->config.frame_interface = &c->interface;
    c->config.hints = &c->hints;
}

static void create(struct claimed *c)
{
    assert_int_equal(vfa_pool_create(&c->pool, &c->config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_interface(c->pool, &c->face), MFX_ERR_NONE);
}

static void open_optimal(struct claimed *c, mfxU32 first, mfxU16 surfaces)
{
    prepare(c, MFX_ALLOCATION_OPTIMAL, first, surfaces);
    create(c);
}

static void close_pool(struct claimed *c)
{
    assert_int_equal(c->face->Release(c->face), MFX_ERR_NONE);
    vfa_pool_destroy(&c->pool);
    fixture_close(&c->f);
}

/* How many surfaces can be had; they are kept in `out`. */
static int acquire_all(struct claimed *c, mfxFrameSurface1 **out)
{
    int count = 0;
    while (count < 64 && vfa_pool_acquire(c->pool, 0, &out[count]) == MFX_ERR_NONE)
        count++;
    return count;
}

static void release_all(struct claimed *c, mfxFrameSurface1 **surfaces, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(vfa_pool_release(c->pool, surfaces[i]), MFX_ERR_NONE);
}

static mfxU32 size_of(struct claimed *c)
{
    mfxU32 size = 0;
    assert_int_equal(c->face->GetCurrentPoolSize(c->face, &size), MFX_ERR_NONE);
    return size;
}

static mfxU32 most_of(struct claimed *c)
{
    mfxU32 size = 0;
    assert_int_equal(c->face->GetMaximumPoolSize(c->face, &size), MFX_ERR_NONE);
    return size;
}

static void without_claims_the_pool_is_what_it_was_made_for(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    open_optimal(&c, 1, 2);
    assert_int_equal(most_of(&c), 2);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 2);
    release_all(&c, out, count);
    close_pool(&c);
}

static void the_pool_grows_to_the_sum_of_claims(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    struct vfa_pool_stats stats;
    open_optimal(&c, 1, 2);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 3), MFX_ERR_NONE);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 4), MFX_ERR_NONE);
    assert_int_equal(size_of(&c), 1); /* made when they are needed */
    assert_int_equal(most_of(&c), 7);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 7);
    assert_int_equal(size_of(&c), 7);
    assert_int_equal(vfa_pool_stats(c.pool, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.limit, 7);
    release_all(&c, out, count);
    close_pool(&c);
}

static void small_claims_take_nothing_away(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    open_optimal(&c, 2, 4);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 1), MFX_ERR_NONE);
    assert_int_equal(most_of(&c), 4);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 4);
    release_all(&c, out, count);
    close_pool(&c);
}

static void revoking_gives_back_what_is_idle(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    open_optimal(&c, 1, 2);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 5), MFX_ERR_NONE);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 5);
    release_all(&c, out, count);
    long frames = atomic_load(&c.f.memory.live_blocks);
    assert_int_equal(c.face->RevokeSurfaces(c.face, 4), MFX_WRN_OUT_OF_RANGE);
    assert_int_equal(size_of(&c), 5);
    assert_int_equal(c.face->RevokeSurfaces(c.face, 5), MFX_ERR_NONE);
    assert_int_equal(size_of(&c), 2);
    assert_true(atomic_load(&c.f.memory.live_blocks) < frames);
    count = acquire_all(&c, out);
    assert_int_equal(count, 2);
    release_all(&c, out, count);
    close_pool(&c);
}

static void revoked_surfaces_stay_valid_until_they_are_back(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64], *more;
    open_optimal(&c, 1, 1);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 3), MFX_ERR_NONE);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 3);
    assert_int_equal(c.face->RevokeSurfaces(c.face, 3), MFX_ERR_NONE);
    assert_int_equal(size_of(&c), 1);
    for (int i = 0; i < count; i++) {
        assert_int_equal(out[i]->FrameInterface->Map(out[i], MFX_MAP_READ), MFX_ERR_NONE);
        assert_int_equal(out[i]->FrameInterface->Unmap(out[i]), MFX_ERR_NONE);
    }
    assert_int_equal(vfa_pool_acquire(c.pool, 0, &more), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    release_all(&c, out, count);
    count = acquire_all(&c, out);
    assert_int_equal(count, 1);
    release_all(&c, out, count);
    close_pool(&c);
}

static void claims_stop_at_max_surfaces(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    prepare(&c, MFX_ALLOCATION_OPTIMAL, 1, 2);
    c.config.max_surfaces = 6;
    create(&c);
    assert_int_equal(c.face->SetNumSurfaces(c.face, UINT32_MAX), MFX_ERR_NONE);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 6);
    release_all(&c, out, count);
    close_pool(&c);
}

/* A thread that waits for a surface. */
struct waiter {
    struct vfa_pool *pool;
    mfxFrameSurface1 *surface;
    mfxStatus status;
    pthread_t thread;
};

static void *wait_for_one(void *arg)
{
    struct waiter *w = arg;
    w->status = vfa_pool_acquire(w->pool, 60000, &w->surface);
    return NULL;
}

static void a_claim_serves_those_who_wait(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *out[64];
    struct vfa_pool_stats stats = {.waits = 0};
    struct waiter waiters[2];
    open_optimal(&c, 1, 1);
    int count = acquire_all(&c, out);
    assert_int_equal(count, 1);
    for (int i = 0; i < 2; i++) {
        waiters[i] = (struct waiter){.pool = c.pool};
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_for_one, &waiters[i]), 0);
    }
    while (stats.waits < 3) /* the acquire in vain has been counted too */
        assert_int_equal(vfa_pool_stats(c.pool, &stats), MFX_ERR_NONE);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 3), MFX_ERR_NONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(waiters[i].thread, NULL), 0);
        assert_int_equal(waiters[i].status, MFX_ERR_NONE);
        assert_int_equal(vfa_pool_release(c.pool, waiters[i].surface), MFX_ERR_NONE);
    }
    release_all(&c, out, count);
    close_pool(&c);
}

static void other_policies_take_no_claims(void **state)
{
    (void)state;
    static const mfxPoolAllocationPolicy others[] = {MFX_ALLOCATION_UNLIMITED, MFX_ALLOCATION_LIMITED};
    for (size_t i = 0; i < 2; i++) {
        struct claimed c;
        prepare(&c, others[i], 2, 2);
        c.hints.DeltaToAllocateOnTheFly = 1;
        create(&c);
        mfxU32 most = most_of(&c);
        assert_int_equal(c.face->SetNumSurfaces(c.face, 9), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
        assert_int_equal(c.face->RevokeSurfaces(c.face, 9), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
        assert_int_equal(most_of(&c), most);
        assert_int_equal(size_of(&c), 2);
        close_pool(&c);
    }
}

static void claims_outlive_the_pool(void **state)
{
    (void)state;
    struct claimed c;
    open_optimal(&c, 1, 2);
    vfa_pool_destroy(&c.pool);
    assert_int_equal(c.face->SetNumSurfaces(c.face, 3), MFX_ERR_NONE);
    assert_int_equal(c.face->RevokeSurfaces(c.face, 3), MFX_ERR_NONE);
    assert_int_equal(size_of(&c), 0);
    close_pool(&c);
}

/* Components come and go while others use the pool and it ends. */
struct component {
    mfxSurfacePoolInterface *face;
    struct vfa_pool *pool; /* NULL: only claims */
    atomic_bool *stop;
    unsigned wrong;
    pthread_t thread;
};

static void *come_and_go(void *arg)
{
    struct component *component = arg;
    while (!atomic_load(component->stop)) {
        component->wrong += component->face->SetNumSurfaces(component->face, 4) != MFX_ERR_NONE;
        component->wrong += component->face->RevokeSurfaces(component->face, 4) != MFX_ERR_NONE;
    }
    return NULL;
}

static void *use_surfaces(void *arg)
{
    struct component *component = arg;
    for (int i = 0; i < 3000; i++) {
        mfxFrameSurface1 *surface;
        mfxStatus status = vfa_pool_acquire(component->pool, 1, &surface);
        component->wrong += status != MFX_ERR_NONE && status != MFX_WRN_ALLOC_TIMEOUT_EXPIRED;
        if (status == MFX_ERR_NONE)
            component->wrong += vfa_pool_release(component->pool, surface) != MFX_ERR_NONE;
    }
    return NULL;
}

static void components_come_and_go(void **state)
{
    (void)state;
    struct claimed c;
    atomic_bool stop = false;
    struct component components[4];
    open_optimal(&c, 1, 1);
    for (size_t i = 0; i < 4; i++) {
        components[i] = (struct component){.face = c.face, .pool = c.pool, .stop = &stop};
        assert_int_equal(
            pthread_create(&components[i].thread, NULL, i < 2 ? come_and_go : use_surfaces, &components[i]),
            0);
    }
    assert_int_equal(pthread_join(components[2].thread, NULL), 0);
    assert_int_equal(pthread_join(components[3].thread, NULL), 0);
    vfa_pool_destroy(&c.pool); /* in the middle of claims */
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(components[0].thread, NULL), 0);
    assert_int_equal(pthread_join(components[1].thread, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(components[i].wrong, 0);
    close_pool(&c);
}

static void *destroy_pool(void *arg)
{
    struct claimed *c = arg;
    vfa_pool_destroy(&c->pool);
    return NULL;
}

/* Whoever ends the last reference after that frees what the pool's end still waits in. */
static void a_pool_is_there_until_the_last_claim_is_followed(void **state)
{
    (void)state;
    struct claimed c;
    pthread_t thread;
    struct timespec time = {.tv_nsec = 50000000};
    open_optimal(&c, 1, 1);
    struct vfa__interface_pool *shared = c.pool->interfaces;
    pthread_mutex_lock(&shared->lock);
    shared->callers++; /* one that is about to take the pool's lock */
    pthread_mutex_unlock(&shared->lock);
    assert_int_equal(pthread_create(&thread, NULL, destroy_pool, &c), 0);
    nanosleep(&time, NULL);
    pthread_mutex_lock(&shared->lock);
    assert_non_null(shared->pool);
    shared->callers--;
    pthread_cond_broadcast(&shared->alone);
    pthread_mutex_unlock(&shared->lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_null(shared->pool);
    close_pool(&c);
}

static void the_owner_gets_the_interface(void **state)
{
    (void)state;
    struct claimed c;
    mfxFrameSurface1 *surface;
    mfxHDL same;
    mfxSurfacePoolInterface *none = (mfxSurfacePoolInterface *)&c;
    open_optimal(&c, 1, 1);
    assert_int_equal(vfa_pool_acquire(c.pool, 0, &surface), MFX_ERR_NONE);
    assert_int_equal(surface->FrameInterface->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &same),
                     MFX_ERR_NONE);
    assert_ptr_equal(same, c.face);
    assert_int_equal(c.face->Release(c.face), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(c.pool, surface), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_interface(NULL, &none), MFX_ERR_NULL_PTR);
    assert_null(none);
    assert_int_equal(vfa_pool_interface(c.pool, NULL), MFX_ERR_NULL_PTR);
    close_pool(&c);
    prepare(&c, MFX_ALLOCATION_LIMITED, 1, 1);
    c.config.frame_interface = NULL;
    assert_int_equal(vfa_pool_create(&c.pool, &c.config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_interface(c.pool, &none), MFX_ERR_UNSUPPORTED);
    vfa_pool_destroy(&c.pool);
    fixture_close(&c.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_claims_the_pool_is_what_it_was_made_for),
        cmocka_unit_test(the_pool_grows_to_the_sum_of_claims),
        cmocka_unit_test(small_claims_take_nothing_away),
        cmocka_unit_test(revoking_gives_back_what_is_idle),
        cmocka_unit_test(revoked_surfaces_stay_valid_until_they_are_back),
        cmocka_unit_test(claims_stop_at_max_surfaces),
        cmocka_unit_test(a_claim_serves_those_who_wait),
        cmocka_unit_test(other_policies_take_no_claims),
        cmocka_unit_test(claims_outlive_the_pool),
        cmocka_unit_test(components_come_and_go),
        cmocka_unit_test(a_pool_is_there_until_the_last_claim_is_followed),
        cmocka_unit_test(the_owner_gets_the_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
