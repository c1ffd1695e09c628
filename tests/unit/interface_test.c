/* What a pool's frame interface does beyond the header's rules: when it is there, what it means to the pool.
 */
#include "fixture.h"
#include "mock_device.h"
#include "pool/interface.h"
#include "pool/internal.h"

#include <limits.h>
#include <sched.h>

/* The allocator, and a pool with an interface. */
struct shared {
    struct fixture f;
    struct vfa_interface_config interface;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
};

static void prepare(struct shared *s, int surfaces)
{
    fixture_open(&s->f, NULL, 0);
    s->interface = vfa_interface_config_defaults();
    s->config = vfa_pool_config_defaults();
    s->config.allocator = s->f.mfx;
    s->config.request = request_of(MFX_FOURCC_NV12, 64, 32, (mfxU16)surfaces, (mfxU16)surfaces);
    s->config.frame_interface = &s->interface;
}

static void open_pool(struct shared *s, int surfaces)
{
    prepare(s, surfaces);
    assert_int_equal(vfa_pool_create(&s->pool, &s->config), MFX_ERR_NONE);
}

static void close_pool(struct shared *s)
{
    vfa_pool_destroy(&s->pool);
    fixture_close(&s->f);
}

static mfxFrameSurface1 *acquire(struct shared *s)
{
    mfxFrameSurface1 *surface;
    assert_int_equal(vfa_pool_acquire(s->pool, 0, &surface), MFX_ERR_NONE);
    return surface;
}

static mfxU32 count_of(mfxFrameSurface1 *surface)
{
    mfxU32 count = UINT_MAX;
    assert_int_equal(surface->FrameInterface->GetRefCounter(surface, &count), MFX_ERR_NONE);
    return count;
}

static void assert_places(struct vfa_pool *pool, int free_, int leased, int lent)
{
    struct vfa_pool_stats stats;
    assert_int_equal(vfa_pool_stats(pool, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.free, free_);
    assert_int_equal(stats.leased, leased);
    assert_int_equal(stats.lent, lent);
}

/* --- When it is there */

static void off_unless_asked_for(void **state)
{
    (void)state;
    struct shared s;
    prepare(&s, 1);
    assert_null(vfa_pool_config_defaults().frame_interface);
    s.config.frame_interface = NULL;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_NONE);
    mfxFrameSurface1 *surface = acquire(&s);
    assert_null(surface->FrameInterface);
    assert_int_equal(vfa_surface_produce(surface, (vfa_operation_fn *)(uintptr_t)1, NULL),
                     MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s);
}

static void a_wrong_configuration_is_refused(void **state)
{
    (void)state;
    struct shared s;
    prepare(&s, 1);
    s.interface.size--;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_INVALID_VIDEO_PARAM);
    s.interface.size++;
    s.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_INVALID_VIDEO_PARAM);
    s.config.mode = VFA_SURFACE_MEMID;
    mfxFrameAllocator bare = *s.f.mfx;
    bare.Lock = NULL;
    s.config.allocator = &bare;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_NULL_PTR);
    mfxFrameSurface1 own = {.Data.MemId = &own};
    s.config.allocator = NULL;
    s.config.surfaces = &own; /* nothing is written into those */
    s.config.surface_count = 1;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_null(s.pool);
    close_pool(&s);
}

static void out_of_memory_at_every_step(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct shared s;
        struct test_memory memory;
        struct vfa_memory manager = test_memory_manager(&memory);
        prepare(&s, 3);
        s.config.memory = &manager;
        memory.fail_at = n;
        mfxStatus status = vfa_pool_create(&s.pool, &s.config);
        bool enough = status == MFX_ERR_NONE;
        if (!enough)
            assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
        close_pool(&s);
        assert_int_equal(atomic_load(&memory.live_blocks), 0);
        if (enough)
            break;
    }
}

static int completions;

static void MFX_CDECL on_complete(mfxStatus status)
{
    completions += status == MFX_ERR_NONE;
}

static void on_complete_is_the_applications(void **state)
{
    (void)state;
    struct shared s;
    prepare(&s, 1);
    s.interface.on_complete = on_complete;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_NONE);
    mfxFrameSurface1 *surface = acquire(&s);
    completions = 0;
    surface->FrameInterface->OnComplete(MFX_ERR_NONE);
    assert_int_equal(completions, 1);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s);
}

static void an_interface_copied_elsewhere_is_refused(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxFrameSurfaceInterface elsewhere = *surface->FrameInterface;
    mfxFrameSurface1 copy = *surface;
    copy.FrameInterface = &elsewhere;
    assert_int_equal(surface->FrameInterface->AddRef(&copy), MFX_ERR_INVALID_HANDLE);
    elsewhere.Context = &elsewhere; /* as other runtimes have it */
    assert_int_equal(surface->FrameInterface->Release(&copy), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s);
}

/* --- References are leases */

static void the_last_release_gives_the_surface_back(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    assert_int_equal(surface->FrameInterface->AddRef(surface), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    assert_places(s.pool, 0, 1, 0);
    assert_int_equal(surface->FrameInterface->Release(surface), MFX_ERR_NONE);
    assert_places(s.pool, 1, 0, 0);
    assert_int_equal(count_of(surface), 0);
    close_pool(&s);
}

static void a_pool_outlives_its_destruction_by_its_references(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 2);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    mfxHDL pool;
    assert_int_equal(face->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &pool), MFX_ERR_NONE);
    mfxSurfacePoolInterface *of_pool = pool;
    vfa_pool_destroy(&s.pool);
    assert_int_equal(face->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_int_equal(face->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &pool), MFX_ERR_NOT_INITIALIZED);
    assert_null(pool);
    mfxU32 size = 1;
    assert_int_equal(of_pool->GetCurrentPoolSize(of_pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 2);
    assert_int_equal(face->Release(surface), MFX_ERR_NONE); /* the pool ends */
    assert_int_equal(of_pool->GetCurrentPoolSize(of_pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 0);
    assert_int_equal(of_pool->Release(of_pool), MFX_ERR_NONE);
    fixture_close(&s.f);
}

static void a_map_holds_the_surface(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    assert_int_equal(face->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(face->Release(surface), MFX_ERR_NONE);
    assert_int_equal(count_of(surface), 0);
    assert_int_equal(face->Release(surface), MFX_ERR_UNDEFINED_BEHAVIOR); /* the map's is not the caller's */
    assert_places(s.pool, 0, 1, 0);
    assert_non_null(surface->Data.Y);
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_places(s.pool, 1, 0, 0);
    close_pool(&s);
}

/* --- With a decoder that takes references */

static void a_work_surface_with_references_is_lent_when_they_end(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 2);
    mfxFrameSurface1 *work = acquire(&s);
    mfxFrameSurfaceInterface *face = work->FrameInterface;
    assert_int_equal(face->AddRef(work), MFX_ERR_NONE); /* the runtime keeps it */
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_NONE);
    assert_places(s.pool, 1, 1, 0);
    assert_int_equal(face->AddRef(work), MFX_ERR_NONE); /* and uses it twice */
    assert_int_equal(face->Release(work), MFX_ERR_NONE);
    assert_places(s.pool, 1, 1, 0);
    assert_int_equal(face->Release(work), MFX_ERR_NONE);
    assert_places(s.pool, 1, 0, 1); /* it may be on its way as an output */
    assert_int_equal(face->Release(work), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_settle(s.pool, NULL, NULL), MFX_ERR_NONE);
    assert_places(s.pool, 2, 0, 0);
    close_pool(&s);
}

static void an_output_is_settled_whether_its_references_have_ended_or_not(void **state)
{
    (void)state;
    for (int ended = 0; ended < 2; ended++) {
        struct shared s;
        open_pool(&s, 3);
        mfxFrameSurface1 *kept = acquire(&s), *work = acquire(&s);
        mfxFrameSurfaceInterface *face = kept->FrameInterface;
        assert_int_equal(face->AddRef(kept), MFX_ERR_NONE);
        assert_int_equal(vfa_pool_settle(s.pool, kept, NULL), MFX_ERR_NONE);
        assert_int_equal(work->FrameInterface->AddRef(work), MFX_ERR_NONE);
        if (ended)
            assert_int_equal(face->Release(kept), MFX_ERR_NONE);
        assert_int_equal(vfa_pool_settle(s.pool, work, kept), MFX_ERR_NONE);
        if (!ended)
            assert_int_equal(face->Release(kept), MFX_ERR_NONE);
        assert_int_equal(count_of(kept), 1); /* the application's, of the output */
        assert_places(s.pool, 1, 2, 0);
        assert_int_equal(vfa_pool_release(s.pool, kept), MFX_ERR_NONE);
        assert_places(s.pool, 2, 1, 0);
        assert_int_equal(work->FrameInterface->Release(work), MFX_ERR_NONE);
        assert_places(s.pool, 2, 0, 1);
        close_pool(&s);
    }
}

static void a_refused_settle_changes_nothing_about_references(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 3);
    mfxFrameSurface1 *work = acquire(&s), *leased = acquire(&s);
    assert_int_equal(work->FrameInterface->AddRef(work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_settle(s.pool, work, leased), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(count_of(work), 2);
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_UNDEFINED_BEHAVIOR); /* settled already */
    assert_int_equal(count_of(work), 1);
    assert_int_equal(work->FrameInterface->Release(work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, leased), MFX_ERR_NONE);
    close_pool(&s);
}

static void a_claimed_lease_of_a_lent_surface_ends_by_its_token(void **state)
{
    (void)state;
    struct shared s;
    struct vfa_lease lease;
    open_pool(&s, 1);
    mfxFrameSurface1 *work = acquire(&s);
    assert_int_equal(vfa_pool_ref(s.pool, work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_claim(s.pool, work, &lease), MFX_ERR_NONE);
    assert_int_equal(count_of(work), 2);
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_NONE);
    assert_int_equal(work->FrameInterface->Release(work), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_end(s.pool, &lease), MFX_ERR_NONE);
    assert_places(s.pool, 0, 0, 1);
    close_pool(&s);
}

static void the_feeder_waits_for_the_last_reference(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *work = acquire(&s), *next;
    assert_int_equal(work->FrameInterface->AddRef(work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(s.pool, 5, &next), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(work->FrameInterface->Release(work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(s.pool, 5, &next), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, next), MFX_ERR_NONE);
    close_pool(&s);
}

/* A runtime's thread that ends the references it is handed. */
struct runtime_thread {
    _Atomic(mfxFrameSurface1 *) next;
    atomic_bool over;
};

static void *end_references(void *arg)
{
    struct runtime_thread *r = arg;
    while (!atomic_load(&r->over)) {
        mfxFrameSurface1 *surface = atomic_exchange(&r->next, NULL);
        if (surface)
            (void)surface->FrameInterface->Release(surface);
        else
            sched_yield();
    }
    return NULL;
}

/* The last reference to an output ends while the output is being settled. */
static void settling_races_with_the_runtimes_references(void **state)
{
    (void)state;
    struct shared s;
    struct runtime_thread runtime = {.over = false};
    pthread_t thread;
    mfxFrameSurface1 *kept = NULL;
    open_pool(&s, 4);
    assert_int_equal(pthread_create(&thread, NULL, end_references, &runtime), 0);
    for (int i = 0; i < 5000; i++) {
        mfxFrameSurface1 *work;
        assert_int_equal(vfa_pool_acquire(s.pool, 10000, &work), MFX_ERR_NONE);
        assert_int_equal(work->FrameInterface->AddRef(work), MFX_ERR_NONE);
        while (atomic_load(&runtime.next))
            sched_yield();
        atomic_store(&runtime.next, kept);
        assert_int_equal(vfa_pool_settle(s.pool, work, kept), MFX_ERR_NONE);
        if (kept)
            assert_int_equal(vfa_pool_release(s.pool, kept), MFX_ERR_NONE);
        kept = work;
    }
    while (atomic_load(&runtime.next))
        sched_yield();
    atomic_store(&runtime.over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(kept->FrameInterface->Release(kept), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_settle(s.pool, NULL, NULL), MFX_ERR_NONE);
    assert_places(s.pool, 4, 0, 0);
    close_pool(&s);
}

static void a_destroyed_pool_ends_with_the_runtimes_last_reference(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *work = acquire(&s);
    mfxFrameSurfaceInterface *face = work->FrameInterface;
    assert_int_equal(face->AddRef(work), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_settle(s.pool, work, NULL), MFX_ERR_NONE);
    vfa_pool_destroy(&s.pool);
    assert_int_equal(face->Release(work), MFX_ERR_NONE);
    fixture_close(&s.f);
}

/* --- Operations */

static mfxStatus ended_with(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    (void)surface;
    (void)wait_ms;
    return *(mfxStatus *)user;
}

static void an_operations_failure_stays_until_somebody_writes(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    mfxStatus outcome = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(vfa_surface_produce(surface, ended_with, &outcome), MFX_ERR_NONE);
    assert_int_equal(face->Map(surface, MFX_MAP_READ), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(face->Synchronize(surface, 0), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(face->Map(surface, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_NONE); /* what there is */
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_int_equal(face->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_int_equal(face->Synchronize(surface, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s);
}

static void a_warning_is_no_failure(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxStatus outcome = MFX_WRN_VIDEO_PARAM_CHANGED;
    assert_int_equal(vfa_surface_produce(surface, ended_with, &outcome), MFX_ERR_NONE);
    assert_int_equal(surface->FrameInterface->Synchronize(surface, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s);
}

static void an_operation_ends_with_the_use_of_its_surface(void **state)
{
    (void)state;
    struct shared s;
    open_pool(&s, 1);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxStatus outcome = MFX_WRN_IN_EXECUTION;
    assert_int_equal(vfa_surface_produce(surface, ended_with, &outcome), MFX_ERR_NONE);
    assert_int_equal(surface->FrameInterface->Synchronize(surface, 2), MFX_WRN_IN_EXECUTION);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_produce(surface, ended_with, &outcome), MFX_ERR_INVALID_HANDLE);
    assert_ptr_equal(acquire(&s), surface);
    assert_int_equal(surface->FrameInterface->Synchronize(surface, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    assert_int_equal(vfa_surface_produce(NULL, ended_with, &outcome), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surface_produce(surface, NULL, &outcome), MFX_ERR_NULL_PTR);
    close_pool(&s);
}

/* --- Frames that have to be mapped */

struct on_device {
    struct device device;
    struct fixture f;
    struct vfa_pool *pool;
    mfxFrameSurface1 *surface;
    mfxFrameSurfaceInterface *face;
};

static void open_device_pool(struct on_device *d, struct vfa_interface_config *interface)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    open_with_device(&d->f, &d->device);
    config.allocator = d->f.mfx;
    config.request = video_request(1);
    config.frame_interface = interface;
    assert_int_equal(vfa_pool_create(&d->pool, &config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(d->pool, 0, &d->surface), MFX_ERR_NONE);
    d->face = d->surface->FrameInterface;
}

static void close_device_pool(struct on_device *d)
{
    assert_int_equal(vfa_pool_release(d->pool, d->surface), MFX_ERR_NONE);
    vfa_pool_destroy(&d->pool);
    close_with_device(&d->f, &d->device);
}

static void a_map_says_what_it_is_for(void **state)
{
    (void)state;
    static struct on_device d;
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    static const mfxU32 flags[][2] = {
        {MFX_MAP_READ, MFX_MAP_READ},
        {MFX_MAP_READ | MFX_MAP_NOWAIT, MFX_MAP_READ | MFX_MAP_NOWAIT},
        {MFX_MAP_WRITE, MFX_MAP_WRITE | MFX_MAP_NOWAIT}, /* a writer never waits, for the GPU neither */
        {MFX_MAP_READ_WRITE, MFX_MAP_READ_WRITE | MFX_MAP_NOWAIT},
    };
    open_device_pool(&d, &interface);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        assert_int_equal(d.face->Map(d.surface, flags[i][0]), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&d.device.last_flags), flags[i][1]);
        assert_int_equal(d.face->Unmap(d.surface), MFX_ERR_NONE);
    }
    assert_int_equal(atomic_load(&d.device.maps), 4);
    close_device_pool(&d);
}

static void a_failing_map_leaves_nothing(void **state)
{
    (void)state;
    static struct on_device d;
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    open_device_pool(&d, &interface);
    d.device.map_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(d.face->Map(d.surface, MFX_MAP_READ), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(d.face->Map(d.surface, MFX_MAP_WRITE), MFX_ERR_DEVICE_FAILED);
    d.device.map_status = MFX_ERR_RESOURCE_MAPPED; /* the GPU works on it */
    assert_int_equal(d.face->Map(d.surface, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_RESOURCE_MAPPED);
    assert_int_equal(d.face->Map(d.surface, MFX_MAP_WRITE), MFX_ERR_LOCK_MEMORY);
    assert_null(d.surface->Data.Y);
    assert_int_equal(count_of(d.surface), 1);
    d.device.map_status = MFX_ERR_NONE;
    assert_int_equal(d.face->Unmap(d.surface), MFX_ERR_UNSUPPORTED);
    assert_int_equal(d.face->Map(d.surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    d.device.unmap_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(d.face->Unmap(d.surface), MFX_ERR_DEVICE_FAILED); /* told, and over all the same */
    d.device.unmap_status = MFX_ERR_NONE;
    assert_int_equal(d.face->Unmap(d.surface), MFX_ERR_UNSUPPORTED);
    assert_int_equal(count_of(d.surface), 1);
    close_device_pool(&d);
}

static void no_device_handle_without_a_device(void **state)
{
    (void)state;
    static struct on_device d;
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    mfxHDL handle;
    mfxHandleType type;
    mfxResourceType resource;
    open_device_pool(&d, &interface);
    assert_int_equal(d.face->GetDeviceHandle(d.surface, &handle, &type), MFX_ERR_UNSUPPORTED);
    assert_int_equal(d.face->GetNativeHandle(d.surface, &handle, &resource), MFX_ERR_NONE);
    assert_ptr_equal(handle, device_frame_of(&d.f, d.surface->Data.MemId));
    close_device_pool(&d);
}

/* --- The pool's interface */

static void a_growing_pool_says_how_large_it_is(void **state)
{
    (void)state;
    struct shared s;
    mfxExtAllocationHints hints = {.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof hints},
                                   .AllocationPolicy = MFX_ALLOCATION_LIMITED,
                                   .NumberToPreAllocate = 1,
                                   .DeltaToAllocateOnTheFly = 2};
    prepare(&s, 1);
    s.config.hints = &hints;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_NONE);
    mfxFrameSurface1 *first = acquire(&s);
    mfxHDL out;
    mfxU32 size;
    assert_int_equal(first->FrameInterface->QueryInterface(first, MFX_GUID_SURFACE_POOL, &out), MFX_ERR_NONE);
    mfxSurfacePoolInterface *pool = out;
    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 3);
    assert_int_equal(pool->GetCurrentPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 1);
    mfxFrameSurface1 *second = acquire(&s); /* made for it */
    assert_int_equal(pool->GetCurrentPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 2);
    assert_int_equal(second->FrameInterface->Map(second, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(second->FrameInterface->Unmap(second), MFX_ERR_NONE);
    assert_int_equal(second->FrameInterface->Release(second), MFX_ERR_NONE);
    assert_int_equal(first->FrameInterface->Release(first), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_trim(s.pool, 0), 1);
    assert_int_equal(pool->GetCurrentPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 1);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    close_pool(&s);
}

static void components_add_up_in_an_optimal_pool(void **state)
{
    (void)state;
    struct shared s;
    mfxExtAllocationHints hints = {.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof hints},
                                   .AllocationPolicy = MFX_ALLOCATION_OPTIMAL,
                                   .NumberToPreAllocate = 1};
    prepare(&s, 1);
    s.config.hints = &hints;
    assert_int_equal(vfa_pool_create(&s.pool, &s.config), MFX_ERR_NONE);
    mfxFrameSurface1 *surface = acquire(&s);
    mfxHDL out;
    mfxU32 size;
    assert_int_equal(surface->FrameInterface->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &out),
                     MFX_ERR_NONE);
    mfxSurfacePoolInterface *pool = out;
    assert_int_equal(pool->SetNumSurfaces(pool, 4), MFX_ERR_NONE);
    assert_int_equal(pool->SetNumSurfaces(pool, 3), MFX_ERR_NONE);
    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 7);
    assert_int_equal(pool->RevokeSurfaces(pool, 5), MFX_WRN_OUT_OF_RANGE);
    assert_int_equal(pool->RevokeSurfaces(pool, 4), MFX_ERR_NONE);
    assert_int_equal(pool->RevokeSurfaces(pool, 4), MFX_WRN_OUT_OF_RANGE);
    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, 3);
    assert_int_equal(pool->SetNumSurfaces(pool, UINT32_MAX), MFX_ERR_NONE);
    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    assert_int_equal(size, UINT32_MAX);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    assert_int_equal(pool->Release(pool), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(vfa_pool_release(s.pool, surface), MFX_ERR_NONE);
    close_pool(&s); /* with claims that nobody revoked */
}

enum {
    MAPS = 100000
};

struct mapper {
    mfxFrameSurface1 *surface;
    atomic_uint maps;
};

static void *map_on_and_on(void *arg)
{
    struct mapper *mapper = arg;
    mfxFrameSurface1 *surface = mapper->surface;
    bool ok = true;
    while (ok && atomic_fetch_add(&mapper->maps, 1) < MAPS)
        ok = surface->FrameInterface->Map(surface, MFX_MAP_READ) == MFX_ERR_NONE &&
             surface->FrameInterface->Unmap(surface) == MFX_ERR_NONE;
    if (!ok)
        atomic_store(&mapper->maps, MAPS);
    return ok ? mapper : NULL;
}

/* Of a reference that is there while others map: a map that ends while Release or GetRefCounter count is not
 * taken for it. */
static void a_reference_is_not_overlooked_beside_maps(void **state)
{
    (void)state;
    struct shared s;
    pthread_t thread;
    open_pool(&s, 1);
    struct mapper mapper = {.surface = acquire(&s)};
    mfxFrameSurface1 *surface = mapper.surface;
    assert_int_equal(pthread_create(&thread, NULL, map_on_and_on, &mapper), 0);
    int lost = 0;
    while (atomic_load(&mapper.maps) < MAPS)
        lost += count_of(surface) < 1;
    void *mapped;
    assert_int_equal(pthread_join(thread, &mapped), 0);
    assert_non_null(mapped);
    assert_int_equal(lost, 0);
    assert_int_equal(count_of(surface), 1);
    assert_int_equal(surface->FrameInterface->Release(surface), MFX_ERR_NONE);
    close_pool(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_unless_asked_for),
        cmocka_unit_test(a_wrong_configuration_is_refused),
        cmocka_unit_test(out_of_memory_at_every_step),
        cmocka_unit_test(on_complete_is_the_applications),
        cmocka_unit_test(an_interface_copied_elsewhere_is_refused),
        cmocka_unit_test(the_last_release_gives_the_surface_back),
        cmocka_unit_test(a_pool_outlives_its_destruction_by_its_references),
        cmocka_unit_test(a_map_holds_the_surface),
        cmocka_unit_test(a_reference_is_not_overlooked_beside_maps),
        cmocka_unit_test(a_work_surface_with_references_is_lent_when_they_end),
        cmocka_unit_test(an_output_is_settled_whether_its_references_have_ended_or_not),
        cmocka_unit_test(a_refused_settle_changes_nothing_about_references),
        cmocka_unit_test(a_claimed_lease_of_a_lent_surface_ends_by_its_token),
        cmocka_unit_test(the_feeder_waits_for_the_last_reference),
        cmocka_unit_test(settling_races_with_the_runtimes_references),
        cmocka_unit_test(a_destroyed_pool_ends_with_the_runtimes_last_reference),
        cmocka_unit_test(an_operations_failure_stays_until_somebody_writes),
        cmocka_unit_test(a_warning_is_no_failure),
        cmocka_unit_test(an_operation_ends_with_the_use_of_its_surface),
        cmocka_unit_test(a_map_says_what_it_is_for),
        cmocka_unit_test(a_failing_map_leaves_nothing),
        cmocka_unit_test(no_device_handle_without_a_device),
        cmocka_unit_test(a_growing_pool_says_how_large_it_is),
        cmocka_unit_test(components_add_up_in_an_optimal_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
