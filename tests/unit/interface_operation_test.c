/* Operations that tell when they are done, vfa_surface_begin and vfa_surface_complete; and the end of a pool.
 */
#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct operated {
    struct fixture f;
    struct vfa_interface_config interface;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
    mfxFrameSurface1 *surface;
    mfxFrameSurfaceInterface *face;
};

static void prepare(struct operated *o)
{
    fixture_open(&o->f, NULL, 0);
    o->interface = vfa_interface_config_defaults();
    o->config = vfa_pool_config_defaults();
    o->config.allocator = o->f.mfx;
    o->config.request = request_of(MFX_FOURCC_NV12, 64, 32, 1, 1);
    o->config.frame_interface = &o->interface;
}

static void open_one(struct operated *o)
{
    prepare(o);
    assert_int_equal(vfa_pool_create(&o->pool, &o->config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(o->pool, 0, &o->surface), MFX_ERR_NONE);
    o->face = o->surface->FrameInterface;
}

static void close_one(struct operated *o)
{
    assert_int_equal(o->face->Release(o->surface), MFX_ERR_NONE);
    vfa_pool_destroy(&o->pool);
    fixture_close(&o->f);
}

static mfxU32 count_of(mfxFrameSurface1 *surface)
{
    mfxU32 count = 0;
    assert_int_equal(surface->FrameInterface->GetRefCounter(surface, &count), MFX_ERR_NONE);
    return count;
}

static void an_operation_holds_the_surface_until_it_is_complete(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    assert_int_equal(count_of(o.surface), 2);
    assert_int_equal(o.face->Synchronize(o.surface, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(o.face->Synchronize(o.surface, 5), MFX_WRN_IN_EXECUTION);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_RESOURCE_MAPPED);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_WRITE), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_NONE);
    assert_int_equal(count_of(o.surface), 1);
    assert_int_equal(o.face->Synchronize(o.surface, 0), MFX_ERR_NONE);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(o.face->Unmap(o.surface), MFX_ERR_NONE);
    close_one(&o);
}

static void a_failure_is_told_until_the_pixels_are_replaced(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_ABORTED), MFX_ERR_NONE);
    assert_int_equal(o.face->Synchronize(o.surface, MFX_INFINITE), MFX_ERR_ABORTED);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_READ), MFX_ERR_ABORTED);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(o.face->Unmap(o.surface), MFX_ERR_NONE);
    assert_int_equal(o.face->Synchronize(o.surface, 0), MFX_ERR_NONE);
    close_one(&o);
}

static void the_next_use_of_a_surface_knows_of_no_failure(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_ABORTED), MFX_ERR_NONE);
    assert_int_equal(o.face->Release(o.surface), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(o.pool, 0, &o.surface), MFX_ERR_NONE);
    assert_int_equal(o.face->Synchronize(o.surface, 0), MFX_ERR_NONE);
    close_one(&o);
}

static void a_write_map_of_the_operation_outlasts_its_beginning(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_READ_WRITE), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    memset(o.surface->Data.Y, 9, 64);
    assert_int_equal(o.face->Unmap(o.surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_NONE);
    assert_int_equal(o.face->Map(o.surface, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(o.surface->Data.Y[0], 9);
    assert_int_equal(o.face->Unmap(o.surface), MFX_ERR_NONE);
    close_one(&o);
}

static mfxStatus never_called(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)user, (void)surface, (void)wait_ms;
    return MFX_ERR_UNKNOWN;
}

static void operations_are_begun_and_completed_once(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_surface_produce(o.surface, never_called, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(count_of(o.surface), 2);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(count_of(o.surface), 1);
    close_one(&o);
}

static mfxStatus MFX_CDECL synchronize_elsewhere(mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)surface, (void)wait_ms;
    return MFX_ERR_NONE;
}

static void an_operation_may_hold_the_last_reference(void **state)
{
    (void)state;
    struct operated o;
    open_one(&o);
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_NONE);
    assert_int_equal(o.face->Release(o.surface), MFX_ERR_NONE);
    mfxFrameSurface1 *other = NULL;
    assert_int_equal(vfa_pool_acquire(o.pool, 0, &other), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(o.pool, 0, &other), MFX_ERR_NONE);
    assert_ptr_equal(other, o.surface);
    close_one(&o);
}

static void only_this_librarys_surfaces_have_operations(void **state)
{
    (void)state;
    struct operated o;
    mfxFrameSurface1 bare = {.Data = {.Locked = 0}};
    open_one(&o);
    assert_int_equal(vfa_surface_begin(NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surface_complete(NULL, MFX_ERR_NONE), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surface_begin(&bare), MFX_ERR_INVALID_HANDLE);
    mfxStatus(MFX_CDECL * ours)(mfxFrameSurface1 *, mfxU32) = o.face->Synchronize;
    o.face->Synchronize = synchronize_elsewhere;
    assert_int_equal(vfa_surface_begin(o.surface), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_surface_complete(o.surface, MFX_ERR_NONE), MFX_ERR_INVALID_HANDLE);
    o.face->Synchronize = ours;
    mfxFrameSurface1 *surface = o.surface;
    assert_int_equal(o.face->Release(surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_begin(surface), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_pool_acquire(o.pool, 0, &o.surface), MFX_ERR_NONE);
    close_one(&o);
}

/* Who waits finds the surface without the operation's lease, and may end the last one. */
static void *wait_and_release(void *arg)
{
    mfxFrameSurface1 *surface = arg;
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    mfxU32 count = 0;
    mfxStatus status = face->Synchronize(surface, MFX_INFINITE);
    if (status == MFX_ERR_NONE)
        status = face->GetRefCounter(surface, &count);
    if (status == MFX_ERR_NONE && count != 1)
        status = MFX_ERR_UNKNOWN;
    return face->Release(surface) == MFX_ERR_NONE && status == MFX_ERR_NONE ? arg : NULL;
}

static void who_waits_finds_the_lease_gone(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct operated o;
        pthread_t thread;
        void *good;
        open_one(&o);
        mfxFrameSurface1 *surface = o.surface;
        assert_int_equal(vfa_surface_begin(surface), MFX_ERR_NONE);
        vfa_pool_destroy(&o.pool); /* so that the interface goes with the waiter's release */
        assert_int_equal(pthread_create(&thread, NULL, wait_and_release, surface), 0);
        assert_int_equal(vfa_surface_complete(surface, MFX_ERR_NONE), MFX_ERR_NONE);
        assert_int_equal(pthread_join(thread, &good), 0);
        assert_non_null(good);
        fixture_close(&o.f);
    }
}

static void count_ends(void *user)
{
    atomic_fetch_add((atomic_int *)user, 1);
}

static atomic_bool asked, may_end;

/* An application's wait, in which threads can be cancelled. */
static mfxStatus slow_operation(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)user, (void)surface, (void)wait_ms;
    atomic_store(&asked, true);
    while (!atomic_load(&may_end)) {
        sched_yield();
        pthread_testcancel();
    }
    return MFX_ERR_NONE;
}

static void *synchronize(void *arg)
{
    struct operated *o = arg;
    assert_int_equal(o->face->Synchronize(o->surface, MFX_INFINITE), MFX_ERR_NONE);
    pthread_testcancel();
    return NULL;
}

/* Whoever asks the runtime does it for all who wait: were it cancelled then, they would wait for good. */
static void a_cancelled_thread_ends_after_its_wait(void **state)
{
    (void)state;
    struct operated o;
    pthread_t first, second;
    void *end;
    open_one(&o);
    atomic_store(&asked, false);
    atomic_store(&may_end, false);
    assert_int_equal(vfa_surface_produce(o.surface, slow_operation, NULL), MFX_ERR_NONE);
    assert_int_equal(pthread_create(&first, NULL, synchronize, &o), 0);
    while (!atomic_load(&asked))
        sched_yield();
    assert_int_equal(pthread_create(&second, NULL, synchronize, &o), 0);
    assert_int_equal(pthread_cancel(first), 0);
    atomic_store(&may_end, true);
    assert_int_equal(pthread_join(second, &end), 0);
    assert_null(end);
    assert_int_equal(pthread_join(first, &end), 0);
    assert_ptr_equal(end, PTHREAD_CANCELED);
    close_one(&o);
}

static void the_end_of_a_pool_is_told(void **state)
{
    (void)state;
    struct operated o;
    atomic_int ends = 0;
    prepare(&o);
    o.config.ended = count_ends;
    o.config.ended_user = &ends;
    assert_int_equal(vfa_pool_create(&o.pool, &o.config), MFX_ERR_NONE);
    vfa_pool_destroy(&o.pool);
    assert_int_equal(ends, 1);
    assert_int_equal(vfa_pool_create(&o.pool, &o.config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(o.pool, 0, &o.surface), MFX_ERR_NONE);
    vfa_pool_destroy(&o.pool);
    assert_int_equal(ends, 1);
    assert_int_equal(o.surface->FrameInterface->Release(o.surface), MFX_ERR_NONE);
    assert_int_equal(ends, 2);
    o.config.request.NumFrameMin = o.config.request.NumFrameSuggested = 0;
    assert_int_equal(vfa_pool_create(&o.pool, &o.config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(ends, 2); /* it never began */
    fixture_close(&o.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_holds_the_surface_until_it_is_complete),
        cmocka_unit_test(a_failure_is_told_until_the_pixels_are_replaced),
        cmocka_unit_test(the_next_use_of_a_surface_knows_of_no_failure),
        cmocka_unit_test(a_write_map_of_the_operation_outlasts_its_beginning),
        cmocka_unit_test(operations_are_begun_and_completed_once),
        cmocka_unit_test(an_operation_may_hold_the_last_reference),
        cmocka_unit_test(only_this_librarys_surfaces_have_operations),
        cmocka_unit_test(who_waits_finds_the_lease_gone),
        cmocka_unit_test(a_cancelled_thread_ends_after_its_wait),
        cmocka_unit_test(the_end_of_a_pool_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
