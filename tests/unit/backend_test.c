/* Frames that are reached through map and unmap, as device memory is: a backend that checks its own
 * guarantees. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#define FRAMES_MAX 8

/* Video memory that exists only in this test: 64x64 NV12. */
struct device {
    mfxU8 pixels[FRAMES_MAX][64 * 96];
    atomic_int mapped[FRAMES_MAX];
    atomic_int maps, unmaps, sets, finished, broken_promises;
    mfxStatus create_status, map_status, unmap_status;
    mfxU32 last_flags;
};

static mfxStatus device_create(void *self, const struct vfa_backend_host *host,
                               const struct vfa_backend_order *order, struct vfa_backend_frame *frames,
                               struct vfa_backend_set *set)
{
    struct device *d = self;
    if (d->create_status != MFX_ERR_NONE) {
        host->explain(host, "device says no");
        return d->create_status;
    }
    set->count = order->count < FRAMES_MAX ? order->count : FRAMES_MAX;
    if (set->count < order->min)
        return MFX_ERR_MEMORY_ALLOC;
    for (int i = 0; i < set->count; i++)
        frames[i].frame = &d->mapped[i];
    set->set = d;
    set->bytes = set->count * sizeof d->pixels[0];
    atomic_fetch_add(&d->sets, 1);
    return MFX_ERR_NONE;
}

static void device_destroy(void *self, const struct vfa_backend_host *host, const struct vfa_backend_set *set)
{
    struct device *d = self;
    (void)host;
    for (int i = 0; i < set->count; i++)
        if (atomic_load(&d->mapped[i]))
            atomic_fetch_add(&d->broken_promises, 1);
    atomic_fetch_sub(&d->sets, 1);
}

static mfxStatus device_map(void *self, const struct vfa_backend_host *host, void *frame, mfxU32 flags,
                            mfxFrameData *view)
{
    struct device *d = self;
    atomic_int *mapped = frame;
    if (d->map_status != MFX_ERR_NONE) {
        host->explain(host, "cannot map");
        return d->map_status;
    }
    if (atomic_fetch_add(mapped, 1))
        atomic_fetch_add(&d->broken_promises, 1);
    atomic_fetch_add(&d->maps, 1);
    d->last_flags = flags;
    view->PitchLow = 64;
    view->Y = d->pixels[mapped - d->mapped];
    view->UV = view->Y + 64 * 64;
    view->V = view->UV + 1;
    return MFX_ERR_NONE;
}

static mfxStatus device_unmap(void *self, const struct vfa_backend_host *host, void *frame,
                              mfxFrameData *view)
{
    struct device *d = self;
    atomic_int *mapped = frame;
    if (atomic_fetch_sub(mapped, 1) != 1 || view->Y != d->pixels[mapped - d->mapped])
        atomic_fetch_add(&d->broken_promises, 1);
    atomic_fetch_add(&d->unmaps, 1);
    if (d->unmap_status != MFX_ERR_NONE)
        host->explain(host, "cannot unmap");
    return d->unmap_status;
}

static mfxStatus device_handle(void *self, const struct vfa_backend_host *host, void *frame, mfxHDL *handle)
{
    (void)self, (void)host;
    *handle = frame;
    return MFX_ERR_NONE;
}

static void device_finish(void *self)
{
    struct device *d = self;
    atomic_fetch_add(&d->finished, 1);
}

static void open_with_device(struct fixture *f, struct device *d)
{
    memset(d, 0, sizeof *d);
    struct vfa_backend backends[2] = {
        {0},
        {.size = sizeof(struct vfa_backend),
         .name = "test device",
         .self = d,
         .kinds = VFA_MEMTYPE_VIDEO,
         .create = device_create,
         .destroy = device_destroy,
         .map = device_map,
         .unmap = device_unmap,
         .get_handle = device_handle,
         .finish = device_finish},
    };
    assert_int_equal(vfa_backend_system(NULL, &backends[0]), MFX_ERR_NONE);
    fixture_open(f, backends, 2);
}

static void close_with_device(struct fixture *f, struct device *d)
{
    fixture_close(f);
    assert_int_equal(atomic_load(&d->sets), 0);
    assert_int_equal(atomic_load(&d->maps), atomic_load(&d->unmaps));
    assert_int_equal(atomic_load(&d->broken_promises), 0);
    assert_int_equal(atomic_load(&d->finished), 1);
}

static mfxFrameAllocRequest video_request(mfxU16 count)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, count, count);
    request.Type = 0x0212;
    return request;
}

static void requests_are_routed_by_type_and_video_wins(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse video, both, system, fallback;
    assert_int_equal(alloc(&f, &request, &video), MFX_ERR_NONE);
    mfxHDL handle;
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, video.mids[1], &handle), MFX_ERR_NONE);
    assert_ptr_equal(handle, &d.mapped[1]);
    request.Type = 0x0152;
    assert_int_equal(alloc(&f, &request, &both), MFX_ERR_NONE);
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, both.mids[0], &handle), MFX_ERR_NONE);
    request.Type = 0x0142;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, system.mids[0], &handle), MFX_ERR_UNSUPPORTED);
    /* A device that does not do the format leaves the request to system memory, if that is allowed too. */
    d.create_status = MFX_ERR_UNSUPPORTED;
    request.Type = 0x0152;
    assert_int_equal(alloc(&f, &request, &fallback), MFX_ERR_NONE);
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, fallback.mids[0], &handle), MFX_ERR_UNSUPPORTED);
    request.Type = 0x0112;
    mfxFrameAllocResponse none;
    assert_int_equal(alloc(&f, &request, &none), MFX_ERR_UNSUPPORTED);
    assert_true(test_log_has(&f.log, "device says no"));
    /* A lack of memory is no reason to fall back silently. */
    d.create_status = MFX_ERR_MEMORY_ALLOC;
    request.Type = 0x0152;
    assert_int_equal(alloc(&f, &request, &none), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(release(&f, &video), MFX_ERR_NONE);
    assert_int_equal(release(&f, &both), MFX_ERR_NONE);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    assert_int_equal(release(&f, &fallback), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void decoder_and_processor_targets_are_interchangeable(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    request.Type =
        MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    mfxFrameAllocResponse app, init, system;
    assert_int_equal(alloc(&f, &request, &app), MFX_ERR_NONE);
    request.Type = TYPE_DECODE_SYSTEM;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    assert_ptr_not_equal(system.mids[0], app.mids[0]); /* other memory */
    request.Type = 0x0212;
    assert_int_equal(alloc(&f, &request, &init), MFX_ERR_NONE);
    assert_ptr_equal(init.mids[0], app.mids[0]);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    assert_int_equal(release(&f, &init), MFX_ERR_NONE);
    assert_int_equal(release(&f, &app), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void the_first_lock_maps_and_the_last_unlock_unmaps(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[1];
    mfxFrameData a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    assert_int_equal(lock(&f, mid, &a), MFX_ERR_NONE);
    assert_int_equal(d.last_flags, MFX_MAP_READ_WRITE);
    assert_int_equal(vfa_map(f.a, mid, MFX_MAP_READ, &b), MFX_ERR_NONE);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(atomic_load(&d.maps), 1);
    assert_int_equal(vfa_unmap(f.a, mid, &b), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.unmaps), 0);
    assert_int_equal(unlock(&f, mid, &a), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.unmaps), 1);
    assert_int_equal(unlock(&f, mid, &a), MFX_ERR_UNDEFINED_BEHAVIOR);
    /* A map for reading does not serve a writer. */
    assert_int_equal(vfa_map(f.a, mid, MFX_MAP_READ, &a), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, mid, MFX_MAP_WRITE, &b), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(vfa_unmap(f.a, mid, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, mid, 0, &a), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_map(f.a, mid, 0x20, &a), MFX_ERR_UNSUPPORTED);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_map_that_fails_leaves_the_frame_unlocked(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data = {0};
    d.map_status = MFX_ERR_LOCK_MEMORY;
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_LOCK_MEMORY);
    assert_null(data.Y);
    assert_true(test_log_has(&f.log, "cannot map"));
    assert_int_equal(stats_of(&f).frames_locked, 0);
    d.map_status = MFX_ERR_NONE;
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    d.unmap_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(stats_of(&f).frames_locked, 0); /* told, but not locked for ever */
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void mapped_frames_freed_or_leaked_are_unmapped_before_they_end(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse freed, leaked;
    mfxFrameData data = {0}, other = {0};
    assert_int_equal(alloc(&f, &request, &freed), MFX_ERR_NONE);
    mfxMemId mid = freed.mids[0];
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &freed), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 1);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 0);
    assert_int_equal(alloc(&f, &request, &leaked), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(lock(&f, leaked.mids[1], &other), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

struct mapper {
    struct fixture *f;
    mfxMemId mid;
    atomic_int failures;
};

static void *map_storm(void *argument)
{
    struct mapper *m = argument;
    for (int i = 0; i < 5000; i++) {
        mfxFrameData data = {0};
        mfxHDL handle;
        if (lock(m->f, m->mid, &data) != MFX_ERR_NONE || !data.Y || data.UV != data.Y + 4096 ||
            m->f->mfx->GetHDL(m->f->mfx->pthis, m->mid, &handle) != MFX_ERR_NONE ||
            unlock(m->f, m->mid, &data) != MFX_ERR_NONE)
            atomic_fetch_add(&m->failures, 1);
    }
    return NULL;
}

static void threads_share_one_map(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct mapper m = {.f = &f, .mid = response.mids[0]};
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, map_storm, &m), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&m.failures), 0);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_routed_by_type_and_video_wins),
        cmocka_unit_test(decoder_and_processor_targets_are_interchangeable),
        cmocka_unit_test(the_first_lock_maps_and_the_last_unlock_unmaps),
        cmocka_unit_test(a_map_that_fails_leaves_the_frame_unlocked),
        cmocka_unit_test(mapped_frames_freed_or_leaked_are_unmapped_before_they_end),
        cmocka_unit_test(threads_share_one_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
