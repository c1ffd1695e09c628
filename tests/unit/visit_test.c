/* Functions that a backend offers beyond its vtable: who is visited, and what a visit keeps away. */
#include "mock_device.h"

#include <pthread.h>
#include <semaphore.h>
#include <time.h>

struct seen {
    void *self, *frame;
    uint32_t locks;
    mfxStatus answer;
};

static mfxStatus look(void *self, const struct vfa_backend_host *host, void *frame, uint32_t locks,
                      void *user)
{
    struct seen *seen = user;
    device_enter(self, frame);
    seen->self = self;
    seen->frame = frame;
    seen->locks = locks;
    if (seen->answer != MFX_ERR_NONE)
        host->explain(host, "nothing to see");
    device_leave(frame);
    return seen->answer;
}

static void a_visit_finds_the_frame_and_its_locks(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(3);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    struct seen seen = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[2];
    assert_int_equal(vfa_backend_visit(f.a, "test_look", mid, &d, look, &seen), MFX_ERR_NONE);
    assert_ptr_equal(seen.self, &d);
    assert_ptr_equal(seen.frame, device_frame_of(&f, mid));
    assert_int_equal(seen.locks, 0);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_visit(f.a, "test_look", mid, &d, look, &seen), MFX_ERR_NONE);
    assert_int_equal(seen.locks, 2);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).lock_calls, 2); /* a visit is no lock */
    assert_int_equal(atomic_load(&d.maps), 1);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void a_visit_that_fails_is_recorded_under_the_name_of_the_call(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    struct vfa_error error;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    struct seen seen = {.answer = MFX_ERR_DEVICE_FAILED};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_visit(f.a, "test_look", response.mids[0], &d, look, &seen),
                     MFX_ERR_DEVICE_FAILED);
    assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
    assert_int_equal(error.status, MFX_ERR_DEVICE_FAILED);
    assert_string_equal(error.call, "test_look");
    assert_ptr_equal(error.mid, response.mids[0]);
    assert_non_null(strstr(error.text, "nothing to see"));
    assert_true(test_log_has(&f.log, "test_look"));
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void only_frames_of_the_given_backend_are_visited(void **state)
{
    (void)state;
    struct fixture f;
    struct device first, second;
    struct vfa_backend backends[3] = {
        device_backend(&first, "first"), device_backend(&second, "second"), {0}};
    assert_int_equal(vfa_backend_system(NULL, &backends[2]), MFX_ERR_NONE);
    fixture_open(&f, backends, 3);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse video, system;
    struct seen seen = {0};
    assert_int_equal(alloc(&f, &request, &video), MFX_ERR_NONE);
    request.Type = TYPE_DECODE_SYSTEM;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    mfxU8 pixels[64 * 96];
    mfxFrameData planes = {.PitchLow = 64, .Y = pixels, .UV = pixels + 64 * 64};
    mfxMemId wrapped;
    assert_int_equal(vfa_wrap_host(f.a, &request.Info, &planes, NULL, NULL, &wrapped), MFX_ERR_NONE);
    const mfxMemId others[] = {video.mids[0], system.mids[0], wrapped};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(vfa_backend_visit(f.a, "test_look", others[i], &second, look, &seen),
                         MFX_ERR_INVALID_HANDLE);
    assert_true(test_log_has(&f.log, "the frame is in first memory"));
    assert_true(test_log_has(&f.log, "the frame is in wrapped memory"));
    assert_null(seen.frame);
    assert_int_equal(vfa_unwrap(f.a, wrapped), MFX_ERR_NONE);
    assert_int_equal(release(&f, &video), MFX_ERR_NONE);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    fixture_close(&f);
    check_device(&first);
    check_device(&second);
}

static void handles_that_are_no_frames_are_not_visited(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    struct seen seen = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId locked = response.mids[0], stale = response.mids[1];
    assert_int_equal(lock(&f, locked, &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    const mfxMemId bad[] = {NULL, &f, (char *)stale + 1000, stale, locked /* freed, though still there */};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(vfa_backend_visit(f.a, "test_look", bad[i], &d, look, &seen),
                         MFX_ERR_INVALID_HANDLE);
    assert_true(test_log_has(&f.log, "stale"));
    assert_null(seen.frame);
    assert_int_equal(unlock(&f, locked, &data), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static void nulls_are_answered(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    struct seen seen = {0};
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
    mfxFrameAllocResponse system;
    assert_int_equal(alloc(&f, &request, &system), MFX_ERR_NONE);
    mfxMemId mid = system.mids[0];
    assert_int_equal(vfa_backend_visit(NULL, "test_look", mid, &d, look, &seen), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_backend_visit(f.a, NULL, mid, &d, look, &seen), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_backend_visit(f.a, "test_look", mid, &d, NULL, &seen), MFX_ERR_NULL_PTR);
    /* The system backend's self may be NULL: that does not name it. */
    assert_int_equal(vfa_backend_visit(f.a, "test_look", mid, NULL, look, &seen), MFX_ERR_NULL_PTR);
    assert_null(seen.frame);
    assert_int_equal(release(&f, &system), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

struct guest {
    struct fixture *f;
    struct device *d;
    mfxMemId mid;
    sem_t inside, leave;
    mfxStatus status;
};

static mfxStatus stay(void *self, const struct vfa_backend_host *host, void *frame, uint32_t locks,
                      void *user)
{
    struct guest *guest = user;
    (void)host, (void)locks;
    device_enter(self, frame);
    sem_post(&guest->inside);
    while (sem_wait(&guest->leave))
        ;
    device_leave(frame);
    return MFX_ERR_NONE;
}

static void *visit_thread(void *argument)
{
    struct guest *guest = argument;
    guest->status = vfa_backend_visit(guest->f->a, "test_stay", guest->mid, guest->d, stay, guest);
    return NULL;
}

/* Returns when the visit is in progress. */
static void begin_visit(struct guest *guest, pthread_t *thread)
{
    guest->status = MFX_ERR_UNKNOWN;
    assert_int_equal(sem_init(&guest->inside, 0, 0), 0);
    assert_int_equal(sem_init(&guest->leave, 0, 0), 0);
    assert_int_equal(pthread_create(thread, NULL, visit_thread, guest), 0);
    while (sem_wait(&guest->inside))
        ;
}

static void end_visit(struct guest *guest, pthread_t thread)
{
    sem_post(&guest->leave);
    pthread_join(thread, NULL);
    assert_int_equal(guest->status, MFX_ERR_NONE);
    sem_destroy(&guest->inside);
    sem_destroy(&guest->leave);
}

static void a_free_during_a_visit_takes_effect_after_it(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    pthread_t thread;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct guest guest = {.f = &f, .d = &d, .mid = response.mids[1]};
    begin_visit(&guest, &thread);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&d.sets), 1);
    assert_int_equal(stats_of(&f).frames_retired, 2);
    end_visit(&guest, thread);
    assert_int_equal(atomic_load(&d.sets), 0);
    assert_int_equal(lock(&f, guest.mid, &data), MFX_ERR_INVALID_HANDLE);
    close_with_device(&f, &d);
}

struct caller {
    struct fixture *f;
    mfxMemId mid;
    atomic_int done;
};

static void *map_thread(void *argument)
{
    struct caller *c = argument;
    mfxFrameData data = {0};
    if (lock(c->f, c->mid, &data) == MFX_ERR_NONE && unlock(c->f, c->mid, &data) == MFX_ERR_NONE)
        atomic_fetch_add(&c->done, 1);
    return NULL;
}

static void *handle_thread(void *argument)
{
    struct caller *c = argument;
    if (device_frame_of(c->f, c->mid))
        atomic_fetch_add(&c->done, 1);
    return NULL;
}

static void maps_and_handles_wait_for_a_visit_to_that_frame_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(2);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    pthread_t visitor, mapper, asker;
    const struct timespec while_they_would_be_done = {.tv_nsec = 30 * 1000 * 1000};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct guest guest = {.f = &f, .d = &d, .mid = response.mids[1]};
    struct caller caller = {.f = &f, .mid = response.mids[1]};
    begin_visit(&guest, &visitor);
    assert_int_equal(pthread_create(&mapper, NULL, map_thread, &caller), 0);
    assert_int_equal(pthread_create(&asker, NULL, handle_thread, &caller), 0);
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_NONE);
    nanosleep(&while_they_would_be_done, NULL);
    assert_int_equal(atomic_load(&caller.done), 0);
    end_visit(&guest, visitor);
    pthread_join(mapper, NULL);
    pthread_join(asker, NULL);
    assert_int_equal(atomic_load(&caller.done), 2);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

static mfxStatus count_visit(void *self, const struct vfa_backend_host *host, void *frame, uint32_t locks,
                             void *user)
{
    struct device_frame *f = frame;
    (void)host;
    device_enter(self, f);
    f->visits++;
    if (!locks != !f->rights) /* mapped while it is locked, and only then */
        atomic_fetch_add((atomic_int *)user, 1);
    device_leave(f);
    return MFX_ERR_NONE;
}

struct crowd {
    struct fixture *f;
    struct device *d;
    mfxMemId mid;
    atomic_int failures;
};

static void *crowd_thread(void *argument)
{
    struct crowd *c = argument;
    for (int i = 0; i < 4000; i++) {
        mfxFrameData data = {0};
        if (vfa_backend_visit(c->f->a, "test_count", c->mid, c->d, count_visit, &c->failures) ||
            vfa_map(c->f->a, c->mid, i % 2 ? MFX_MAP_READ : MFX_MAP_READ_WRITE, &data) ||
            !device_frame_of(c->f, c->mid) || unlock(c->f, c->mid, &data))
            atomic_fetch_add(&c->failures, 1);
    }
    return NULL;
}

static void visits_maps_and_handles_of_one_frame_take_turns(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct crowd c = {.f = &f, .d = &d, .mid = response.mids[0]};
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, crowd_thread, &c), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&c.failures), 0);
    assert_int_equal(device_frame_of(&f, c.mid)->visits, 4 * 4000);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

struct cancelled_user {
    struct fixture *f;
    struct device *d;
    mfxMemId mid;
};

static void *use_while_cancelled(void *arg)
{
    const struct cancelled_user *u = arg;
    mfxFrameData data;
    mfxHDL handle;
    struct seen seen = {0};
    assert_int_equal(pthread_cancel(pthread_self()), 0);
    assert_int_equal(lock(u->f, u->mid, &data), MFX_ERR_NONE);
    assert_int_equal(unlock(u->f, u->mid, &data), MFX_ERR_NONE);
    assert_int_equal(u->f->mfx->GetHDL(u->f->mfx->pthis, u->mid, &handle), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_visit(u->f->a, "test_look", u->mid, u->d, look, &seen), MFX_ERR_NONE);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse another;
    request.AllocId++;
    assert_int_equal(alloc(u->f, &request, &another), MFX_ERR_NONE);
    assert_int_equal(release(u->f, &another), MFX_ERR_NONE);
    pthread_testcancel();
    return NULL;
}

/* It would take the frame's mutex with it. */
static void a_thread_is_not_cancelled_within_a_backend(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response;
    mfxFrameData data;
    pthread_t thread;
    void *end;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct cancelled_user user = {&f, &d, response.mids[0]};
    assert_int_equal(pthread_create(&thread, NULL, use_while_cancelled, &user), 0);
    assert_int_equal(pthread_join(thread, &end), 0);
    assert_ptr_equal(end, PTHREAD_CANCELED);
    assert_int_equal(atomic_load(&d.maps), 1);
    assert_int_equal(atomic_load(&d.creates), 2);
    assert_int_equal(lock(&f, user.mid, &data), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, user.mid, &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_finds_the_frame_and_its_locks),
        cmocka_unit_test(a_visit_that_fails_is_recorded_under_the_name_of_the_call),
        cmocka_unit_test(only_frames_of_the_given_backend_are_visited),
        cmocka_unit_test(handles_that_are_no_frames_are_not_visited),
        cmocka_unit_test(nulls_are_answered),
        cmocka_unit_test(a_free_during_a_visit_takes_effect_after_it),
        cmocka_unit_test(maps_and_handles_wait_for_a_visit_to_that_frame_alone),
        cmocka_unit_test(visits_maps_and_handles_of_one_frame_take_turns),
        cmocka_unit_test(a_thread_is_not_cancelled_within_a_backend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
