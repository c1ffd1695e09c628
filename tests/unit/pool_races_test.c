/* Moments between two threads that other tests reach by chance, made to happen: gates that shut while a
 * surface is put away, a mark that goes while a lease of it ends, a pool that is destroyed within a reset, an
 * operation that is waited for. And allocators that answer success and give nothing. */
#include "fixture.h"
#include "mock_device.h"
#include "pool/interface.h"
#include "pool/internal.h"

#include <time.h>
#include <vfa/interface.h>
#include <vpl/mfxsurfacepool.h>

struct races {
    struct fixture f;
    struct vfa_interface_config interface;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
    mfxFrameAllocator odd; /* an allocator that is not the library's, before it */
};

static void prepare(struct races *r, mfxU16 surfaces)
{
    memset(r, 0, sizeof *r);
    fixture_open(&r->f, NULL, 0);
    r->interface = vfa_interface_config_defaults();
    r->config = vfa_pool_config_defaults();
    r->config.allocator = r->f.mfx;
    r->config.request = request_of(MFX_FOURCC_NV12, 64, 32, surfaces, surfaces);
}

static void open_pool(struct races *r)
{
    assert_int_equal(vfa_pool_create(&r->pool, &r->config), MFX_ERR_NONE);
}

static void close_pool(struct races *r)
{
    vfa_pool_destroy(&r->pool);
    fixture_close(&r->f);
}

static mfxFrameSurface1 *acquire(struct races *r)
{
    mfxFrameSurface1 *surface = NULL;
    assert_int_equal(vfa_pool_acquire(r->pool, 0, &surface), MFX_ERR_NONE);
    return surface;
}

static struct vfa_pool_stats pool_stats(struct races *r)
{
    struct vfa_pool_stats stats;
    assert_int_equal(vfa_pool_stats(r->pool, &stats), MFX_ERR_NONE);
    return stats;
}

static void locked_is(mfxFrameSurface1 *surface, mfxU16 locked)
{
    __atomic_store_n(&surface->Data.Locked, locked, __ATOMIC_RELEASE);
}

/* --- gates */

static void a_surface_is_put_back_though_the_gates_shut_meanwhile(void **state)
{
    (void)state;
    struct races r;
    prepare(&r, 2);
    open_pool(&r);
    mfxFrameSurface1 *first = acquire(&r);
    assert_int_equal(vfa_pool_release(r.pool, first), MFX_ERR_NONE);
    locked_is(first, 1); /* by a runtime that took it back */
    pthread_mutex_lock(&r.pool->lock);
    vfa__bits_gate(&r.pool->pending, true);
    pthread_mutex_unlock(&r.pool->lock);
    mfxFrameSurface1 *second = acquire(&r);
    assert_ptr_not_equal(second, first);
    assert_int_equal(pool_stats(&r).pending, 1);
    assert_int_equal(pool_stats(&r).free, 0);
    pthread_mutex_lock(&r.pool->lock);
    vfa__bits_gate(&r.pool->pending, false);
    pthread_mutex_unlock(&r.pool->lock);
    locked_is(first, 0);
    assert_ptr_equal(acquire(&r), first);
    assert_int_equal(vfa_pool_release(r.pool, first), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(r.pool, second), MFX_ERR_NONE);
    close_pool(&r);
}

/* --- marks of lent surfaces */

struct ending {
    struct races *r;
    mfxFrameSurface1 *surface;
    struct vfa_lease *lease; /* NULL: a plain one */
    atomic_int begun;
    mfxStatus status;
};

static void *end_one(void *user)
{
    struct ending *e = user;
    atomic_store(&e->begun, 1);
    e->status = e->lease ? vfa_pool_end(e->r->pool, e->lease) : vfa_pool_release(e->r->pool, e->surface);
    return NULL;
}

/* A lease of a surface that is marked as lent ends, and waits for the lock, under which the surface is
 * settled as an output: it is leased to the settler, and marked no longer. */
static void end_while_settled(struct ending *e)
{
    const struct timespec long_enough = {.tv_nsec = 50 * 1000000};
    struct vfa_pool *pool = e->r->pool;
    _Atomic uint64_t *leases = &pool->slots[vfa__pool_index(pool, e->surface)].leases;
    pthread_t thread;
    assert_true(atomic_load(leases) & VFA__LEASES_LENT);
    pthread_mutex_lock(&pool->lock);
    assert_int_equal(pthread_create(&thread, NULL, end_one, e), 0);
    while (!atomic_load(&e->begun))
        nanosleep(&long_enough, NULL);
    nanosleep(&long_enough, NULL);
    atomic_store(leases, (atomic_load(leases) & ~VFA__LEASES_LENT) + 1);
    pthread_mutex_unlock(&pool->lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(e->status, MFX_ERR_NONE);
}

static void a_lease_ends_though_its_surface_is_settled_meanwhile(void **state)
{
    (void)state;
    for (int with_token = 0; with_token < 2; with_token++) {
        struct races r;
        struct vfa_lease lease;
        prepare(&r, 1);
        r.config.frame_interface = &r.interface;
        open_pool(&r);
        struct ending e = {.r = &r, .surface = acquire(&r), .lease = with_token ? &lease : NULL};
        assert_int_equal(vfa_pool_ref(r.pool, e.surface), MFX_ERR_NONE);
        if (with_token)
            assert_int_equal(vfa_pool_claim(r.pool, e.surface, &lease), MFX_ERR_NONE);
        assert_int_equal(vfa_pool_settle(r.pool, e.surface, NULL), MFX_ERR_NONE);
        end_while_settled(&e);
        assert_int_equal(pool_stats(&r).leased, 1); /* the settler's */
        assert_int_equal(vfa_pool_release(r.pool, e.surface), MFX_ERR_NONE);
        assert_int_equal(pool_stats(&r).free, 1);
        assert_int_equal(vfa_pool_release(r.pool, e.surface), MFX_ERR_UNDEFINED_BEHAVIOR);
        close_pool(&r);
    }
}

/* --- a reset */

static struct vfa_pool *ended_within; /* by the next Alloc */

static mfxStatus alloc_and_end(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = vfa_allocator_mfx(pthis);
    vfa_pool_destroy(&ended_within);
    return inner->Alloc(inner->pthis, request, response);
}

static void a_pool_destroyed_within_a_reset_frees_the_new_frames_too(void **state)
{
    (void)state;
    struct races r;
    bool replaced = true;
    prepare(&r, 1);
    r.odd = *r.f.mfx;
    r.odd.Alloc = alloc_and_end;
    r.config.allocator = &r.odd;
    open_pool(&r);
    mfxFrameSurface1 *held = acquire(&r);
    mfxFrameAllocRequest larger = request_of(MFX_FOURCC_NV12, 128, 64, 1, 1);
    ended_within = r.pool;
    assert_int_equal(vfa_pool_reset(r.pool, &larger, &replaced), MFX_ERR_ABORTED);
    assert_false(replaced);
    assert_int_equal(stats_of(&r.f).frames_live, 1); /* what is held */
    assert_int_equal(vfa_pool_release(r.pool, held), MFX_ERR_NONE);
    fixture_close(&r.f); /* which finds no frame */
}

/* --- operations */

static mfxStatus operation_while_waited_for(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)wait_ms;
    *(mfxStatus *)user = vfa_surface_produce(surface, operation_while_waited_for, user);
    return MFX_ERR_NONE;
}

static void no_operation_begins_while_the_one_before_is_waited_for(void **state)
{
    (void)state;
    struct races r;
    mfxStatus second = MFX_ERR_NONE;
    prepare(&r, 1);
    r.config.frame_interface = &r.interface;
    open_pool(&r);
    mfxFrameSurface1 *surface = acquire(&r);
    assert_int_equal(vfa_surface_produce(surface, operation_while_waited_for, &second), MFX_ERR_NONE);
    assert_int_equal(surface->FrameInterface->Synchronize(surface, MFX_INFINITE), MFX_ERR_NONE);
    assert_int_equal(second, MFX_ERR_UNDEFINED_BEHAVIOR);
    second = MFX_ERR_NONE;
    assert_int_equal(surface->FrameInterface->Synchronize(surface, MFX_INFINITE), MFX_ERR_NONE);
    assert_int_equal(second, MFX_ERR_NONE); /* it did not take the place of the first */
    assert_int_equal(vfa_pool_release(r.pool, surface), MFX_ERR_NONE);
    close_pool(&r);
}

/* --- maps through copies */

static void a_copy_loses_its_pointers_while_others_still_read(void **state)
{
    (void)state;
    struct races r;
    prepare(&r, 1);
    r.config.frame_interface = &r.interface;
    open_pool(&r);
    mfxFrameSurface1 *surface = acquire(&r), copy = *surface;
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    assert_int_equal(face->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(face->Map(&copy, MFX_MAP_READ), MFX_ERR_NONE);
    assert_ptr_equal(copy.Data.Y, surface->Data.Y);
    assert_int_equal(face->Unmap(&copy), MFX_ERR_NONE);
    assert_null(copy.Data.Y);
    assert_non_null(surface->Data.Y);
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_null(surface->Data.Y);
    assert_int_equal(vfa_pool_release(r.pool, surface), MFX_ERR_NONE);
    close_pool(&r);
}

/* --- success without anything */

static int odd_unlocks;

static mfxStatus lock_nothing(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    (void)pthis, (void)mid, (void)data;
    return MFX_ERR_NONE;
}

static mfxStatus unlock_nothing(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    (void)pthis, (void)mid, (void)data;
    odd_unlocks++;
    return MFX_ERR_NONE;
}

static mfxStatus handle_of_nothing(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    (void)pthis, (void)mid, (void)handle;
    return MFX_ERR_NONE;
}

static mfxStatus pass_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = vfa_allocator_mfx(pthis);
    return inner->Alloc(inner->pthis, request, response);
}

static void an_allocator_that_gives_nothing_is_not_believed(void **state)
{
    (void)state;
    struct races r;
    struct device d;
    memset(&r, 0, sizeof r);
    open_with_device(&r.f, &d);
    r.interface = vfa_interface_config_defaults();
    r.config = vfa_pool_config_defaults();
    r.config.request = video_request(1);
    r.config.frame_interface = &r.interface;
    r.odd = *r.f.mfx;
    r.odd.pthis = r.f.a;
    r.odd.Alloc = pass_alloc;
    r.odd.Lock = lock_nothing;
    r.odd.Unlock = unlock_nothing;
    r.odd.GetHDL = handle_of_nothing;
    r.config.allocator = &r.odd;
    open_pool(&r);
    mfxFrameSurface1 *surface = acquire(&r);
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    mfxHDL handle = &r;
    mfxResourceType type;
    odd_unlocks = 0;
    assert_int_equal(face->GetNativeHandle(surface, &handle, &type), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(face->Map(surface, MFX_MAP_READ), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(odd_unlocks, 1);
    assert_null(surface->Data.Y);
    assert_int_equal(face->Unmap(surface), MFX_ERR_UNSUPPORTED); /* it is not mapped */
    assert_int_equal(vfa_pool_release(r.pool, surface), MFX_ERR_NONE);
    vfa_pool_destroy(&r.pool);
    close_with_device(&r.f, &d);
}

static void an_unlimited_pool_says_so(void **state)
{
    (void)state;
    struct races r;
    mfxExtAllocationHints hints = {.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof hints},
                                   .AllocationPolicy = MFX_ALLOCATION_UNLIMITED,
                                   .NumberToPreAllocate = 1};
    prepare(&r, 1);
    r.config.hints = &hints;
    r.config.frame_interface = &r.interface;
    open_pool(&r);
    mfxFrameSurface1 *surface = acquire(&r);
    mfxHDL out;
    mfxU32 size = 0;
    mfxPoolAllocationPolicy policy;
    assert_int_equal(surface->FrameInterface->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &out),
                     MFX_ERR_NONE);
    mfxSurfacePoolInterface *pool = out;
    assert_int_equal(pool->GetAllocationPolicy(pool, &policy), MFX_ERR_NONE);
    assert_int_equal(policy, MFX_ALLOCATION_UNLIMITED);
    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, UINT32_MAX);
    assert_int_equal(pool->SetNumSurfaces(pool, 3), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(pool->RevokeSurfaces(pool, 3), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(r.pool, surface), MFX_ERR_NONE);
    close_pool(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_surface_is_put_back_though_the_gates_shut_meanwhile),
        cmocka_unit_test(a_lease_ends_though_its_surface_is_settled_meanwhile),
        cmocka_unit_test(a_pool_destroyed_within_a_reset_frees_the_new_frames_too),
        cmocka_unit_test(no_operation_begins_while_the_one_before_is_waited_for),
        cmocka_unit_test(a_copy_loses_its_pointers_while_others_still_read),
        cmocka_unit_test(an_allocator_that_gives_nothing_is_not_believed),
        cmocka_unit_test(an_unlimited_pool_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
