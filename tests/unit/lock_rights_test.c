/* What the locks of one mapped frame may do with its pixels: the rights of its map, who widens them, whom
 * they exclude, and what a Lock without direction means. */
#include "mock_device.h"

#include <pthread.h>

struct rights {
    struct fixture f;
    struct device d;
    mfxFrameAllocResponse response;
    mfxMemId mid;
};

static void open_rights(struct rights *r)
{
    open_with_device(&r->f, &r->d);
    mfxFrameAllocRequest request = video_request(2);
    assert_int_equal(alloc(&r->f, &request, &r->response), MFX_ERR_NONE);
    r->mid = r->response.mids[1];
}

static void close_rights(struct rights *r)
{
    assert_int_equal(release(&r->f, &r->response), MFX_ERR_NONE);
    close_with_device(&r->f, &r->d);
}

static mfxStatus map(struct rights *r, mfxU32 flags)
{
    mfxFrameData data = {0};
    return vfa_map(r->f.a, r->mid, flags, &data);
}

static void unmap(struct rights *r, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(vfa_unmap(r->f.a, r->mid, NULL), MFX_ERR_NONE);
}

static void the_first_lock_says_what_the_map_is_for(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    const mfxU32 flags[] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE, MFX_MAP_READ | MFX_MAP_NOWAIT};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        assert_int_equal(map(&r, flags[i]), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&r.d.last_flags), flags[i]);
        unmap(&r, 1);
    }
    close_rights(&r);
}

static void flags_that_are_none_map_nothing(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    assert_int_equal(map(&r, 0), MFX_ERR_UNSUPPORTED);
    assert_int_equal(map(&r, MFX_MAP_NOWAIT), MFX_ERR_UNSUPPORTED);
    assert_int_equal(map(&r, MFX_MAP_READ | 0x20), MFX_ERR_UNSUPPORTED);
    assert_int_equal(atomic_load(&r.d.maps), 0);
    close_rights(&r);
}

static void a_lock_within_the_rights_of_the_map_joins_it(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_NONE);
    unmap(&r, 2);
    assert_int_equal(map(&r, MFX_MAP_READ_WRITE), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_NONE);
    unmap(&r, 3);
    assert_int_equal(atomic_load(&r.d.maps), 2);
    assert_int_equal(atomic_load(&r.d.remaps), 0);
    close_rights(&r);
}

static void a_writer_that_joins_readers_widens_the_map_where_it_is(void **state)
{
    (void)state;
    const mfxU32 writers[] = {MFX_MAP_WRITE, MFX_MAP_READ_WRITE, MFX_MAP_WRITE | MFX_MAP_NOWAIT};
    for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
        struct rights r;
        mfxFrameData reader = {0}, writer = {0};
        open_rights(&r);
        assert_int_equal(vfa_map(r.f.a, r.mid, MFX_MAP_READ, &reader), MFX_ERR_NONE);
        assert_int_equal(vfa_map(r.f.a, r.mid, writers[i], &writer), MFX_ERR_NONE);
        assert_memory_equal(&reader, &writer, sizeof reader);
        assert_int_equal(atomic_load(&r.d.last_held), MFX_MAP_READ);
        assert_int_equal(atomic_load(&r.d.last_wanted), writers[i] & MFX_MAP_READ_WRITE);
        /* Widened, for all that follow, until the last lock ends. */
        assert_int_equal(vfa_unmap(r.f.a, r.mid, &writer), MFX_ERR_NONE);
        assert_int_equal(map(&r, MFX_MAP_READ_WRITE), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&r.d.remaps), 1);
        assert_int_equal(atomic_load(&r.d.maps), 1);
        unmap(&r, 2);
        assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
        assert_int_equal(device_frame_of(&r.f, r.mid)->rights, MFX_MAP_READ);
        unmap(&r, 1);
        close_rights(&r);
    }
}

static void not_to_wait_is_no_right_of_the_map(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    assert_int_equal(map(&r, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.last_held), MFX_MAP_READ);
    unmap(&r, 2);
    assert_int_equal(map(&r, MFX_MAP_WRITE | MFX_MAP_NOWAIT), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_LOCK_MEMORY);
    unmap(&r, 1);
    close_rights(&r);
}

static void a_map_that_cannot_be_widened_stays_as_it_is(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    r.d.remap_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_DEVICE_FAILED);
    assert_true(test_log_has(&r.f.log, "mapped with flags 0x1, not for 0x2"));
    assert_int_equal(stats_of(&r.f).lock_calls, 1);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    r.d.remap_status = MFX_ERR_NONE;
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_NONE);
    unmap(&r, 3);
    close_rights(&r);
}

static void a_backend_without_remap_never_widens(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    struct vfa_backend backend = device_backend(&d, "plain device");
    backend.remap = NULL;
    fixture_open(&f, &backend, 1);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, response.mids[0], MFX_MAP_WRITE, &data), MFX_ERR_LOCK_MEMORY);
    assert_true(test_log_has(&f.log, "unlock it first"));
    assert_int_equal(vfa_unmap(f.a, response.mids[0], NULL), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_map_that_discards_excludes_every_other_lock(void **state)
{
    (void)state;
    struct rights r;
    mfxFrameData data = {0};
    open_rights(&r);
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(map(&r, MFX_MAP_WRITE), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(map(&r, MFX_MAP_READ_WRITE), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_LOCK_MEMORY);
    assert_null(data.Y);
    assert_true(test_log_has(&r.f.log, "excludes every other lock"));
    assert_int_equal(atomic_load(&r.d.remaps), 0);
    unmap(&r, 1);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    unmap(&r, 1);
    assert_int_equal(stats_of(&r.f).lock_calls, 2);
    close_rights(&r);
}

static void a_lock_without_direction_means_both_unless_told(void **state)
{
    (void)state;
    struct rights r;
    mfxFrameData data = {0};
    const mfxU32 directions[] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
    open_rights(&r);
    assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.last_flags), MFX_MAP_READ_WRITE);
    assert_int_equal(unlock(&r.f, r.mid, &data), MFX_ERR_NONE);
    for (size_t i = 0; i < sizeof directions / sizeof directions[0]; i++) {
        assert_int_equal(vfa_frames_direction(r.f.a, &r.response, directions[i]), MFX_ERR_NONE);
        assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_NONE);
        assert_int_equal(atomic_load(&r.d.last_flags), directions[i]);
        assert_int_equal(unlock(&r.f, r.mid, &data), MFX_ERR_NONE);
    }
    close_rights(&r);
}

static void a_direction_applies_to_later_locks_and_not_to_vfa_map(void **state)
{
    (void)state;
    struct rights r;
    mfxFrameData data = {0};
    open_rights(&r);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.remaps), 0);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, MFX_MAP_READ_WRITE), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.remaps), 0); /* the map that is there stays */
    assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.remaps), 1);
    unmap(&r, 3);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(map(&r, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.last_flags), MFX_MAP_READ);
    unmap(&r, 1);
    close_rights(&r);
}

static void a_direction_holds_for_all_who_share_the_frames(void **state)
{
    (void)state;
    struct rights r;
    mfxFrameData data = {0};
    mfxFrameAllocResponse runtime;
    mfxFrameAllocRequest request = video_request(2);
    open_rights(&r);
    assert_int_equal(alloc(&r.f, &request, &runtime), MFX_ERR_NONE);
    assert_ptr_equal(runtime.mids[1], r.mid);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(lock(&r.f, runtime.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.last_flags), MFX_MAP_READ);
    unmap(&r, 1);
    assert_int_equal(release(&r.f, &runtime), MFX_ERR_NONE);
    close_rights(&r);
}

static void bad_directions_change_nothing(void **state)
{
    (void)state;
    struct rights r;
    mfxFrameData data = {0};
    mfxMemId made_up[1] = {NULL};
    mfxFrameAllocResponse zeroed = {0}, forged = {.mids = made_up, .NumFrameActual = 1}, freed;
    mfxFrameAllocRequest request = video_request(1);
    open_rights(&r);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, 0), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_frames_direction(r.f.a, &r.response, MFX_MAP_READ | MFX_MAP_NOWAIT),
                     MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_frames_direction(NULL, &r.response, MFX_MAP_READ), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_direction(r.f.a, NULL, MFX_MAP_READ), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_direction(r.f.a, &zeroed, MFX_MAP_READ), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_frames_direction(r.f.a, &forged, MFX_MAP_READ), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(vfa_frames_alloc(r.f.a, &request, 0, &freed), MFX_ERR_NONE);
    assert_int_equal(release(&r.f, &freed), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_direction(r.f.a, &freed, MFX_MAP_READ), MFX_ERR_INVALID_HANDLE);
    assert_true(test_log_has(&r.f.log, "freed before"));
    assert_int_equal(lock(&r.f, r.mid, &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&r.d.last_flags), MFX_MAP_READ_WRITE);
    unmap(&r, 1);
    close_rights(&r);
}

static void system_frames_are_mapped_for_everything(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_direction(f.a, &response, MFX_MAP_WRITE), MFX_ERR_NONE);
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, response.mids[0], MFX_MAP_WRITE, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_map(f.a, response.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(unlock(&f, response.mids[0], NULL), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

struct storm {
    struct rights *r;
    atomic_int failures, excluded;
};

/* Readers and writers in turn; now and then one that discards, who finds the frame alone or is refused. */
static void *right_storm(void *argument)
{
    struct storm *s = argument;
    static const mfxU32 flags[] = {MFX_MAP_READ, MFX_MAP_READ_WRITE, MFX_MAP_READ, MFX_MAP_WRITE};
    for (int i = 0; i < 8000; i++) {
        mfxFrameData data = {0};
        mfxStatus status = vfa_map(s->r->f.a, s->r->mid, flags[i % 4], &data);
        if (status == MFX_ERR_LOCK_MEMORY)
            atomic_fetch_add(&s->excluded, 1);
        else if (status != MFX_ERR_NONE || !data.Y || data.UV != data.Y + 4096)
            atomic_fetch_add(&s->failures, 1);
        if (i % 100 == 0 && vfa_frames_direction(s->r->f.a, &s->r->response, flags[i / 100 % 4]))
            atomic_fetch_add(&s->failures, 1);
        if (status == MFX_ERR_NONE && vfa_unmap(s->r->f.a, s->r->mid, &data) != MFX_ERR_NONE)
            atomic_fetch_add(&s->failures, 1);
    }
    return NULL;
}

static void threads_may_widen_one_map_at_once(void **state)
{
    (void)state;
    struct rights r;
    open_rights(&r);
    struct storm s = {.r = &r};
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, right_storm, &s), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&s.failures), 0);
    struct vfa_stats stats = stats_of(&r.f);
    assert_int_equal(stats.frames_locked, 0);
    assert_int_equal(stats.lock_calls, 4 * 8000 - atomic_load(&s.excluded));
    close_rights(&r);
}

/* A device whose map takes its time and fails; the frame is freed by another thread meanwhile. */
static struct fixture *freeing;
static mfxFrameAllocResponse freed;

static void *free_frames(void *user)
{
    (void)user;
    return release(freeing, &freed) == MFX_ERR_NONE ? freeing : NULL;
}

static mfxStatus map_in_vain(void *self, const struct vfa_backend_host *host, void *frame, mfxU32 flags,
                             mfxFrameData *view)
{
    (void)self, (void)frame, (void)flags, (void)view;
    pthread_t thread;
    void *done = NULL;
    if (pthread_create(&thread, NULL, free_frames, NULL) != 0 || pthread_join(thread, &done) != 0 || !done)
        host->explain(host, "nothing was freed");
    return MFX_ERR_LOCK_MEMORY;
}

static void frames_freed_while_their_map_fails_end_with_that_call(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    struct vfa_backend backend = device_backend(&d, "test device");
    backend.map = map_in_vain;
    fixture_open(&f, &backend, 1);
    mfxFrameAllocRequest request = video_request(1);
    assert_int_equal(alloc(&f, &request, &freed), MFX_ERR_NONE);
    mfxMemId mid = freed.mids[0];
    mfxFrameData data = {0};
    freeing = &f;
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(atomic_load(&d.sets), 0);
    assert_int_equal(stats_of(&f).frames_live, 0);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_INVALID_HANDLE);
    close_with_device(&f, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_lock_says_what_the_map_is_for),
        cmocka_unit_test(flags_that_are_none_map_nothing),
        cmocka_unit_test(a_lock_within_the_rights_of_the_map_joins_it),
        cmocka_unit_test(a_writer_that_joins_readers_widens_the_map_where_it_is),
        cmocka_unit_test(not_to_wait_is_no_right_of_the_map),
        cmocka_unit_test(a_map_that_cannot_be_widened_stays_as_it_is),
        cmocka_unit_test(a_backend_without_remap_never_widens),
        cmocka_unit_test(a_map_that_discards_excludes_every_other_lock),
        cmocka_unit_test(a_lock_without_direction_means_both_unless_told),
        cmocka_unit_test(a_direction_applies_to_later_locks_and_not_to_vfa_map),
        cmocka_unit_test(a_direction_holds_for_all_who_share_the_frames),
        cmocka_unit_test(bad_directions_change_nothing),
        cmocka_unit_test(system_frames_are_mapped_for_everything),
        cmocka_unit_test(threads_may_widen_one_map_at_once),
        cmocka_unit_test(frames_freed_while_their_map_fails_end_with_that_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
