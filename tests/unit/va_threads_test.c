/* Many threads at one VA backend: what is found out is found out once, frames are mapped by every way at the
 * same time, freed while locked, and allocated while others are found out about. For race detectors. */
#include "va_fixture.h"

#define THREADS 4
#define ROUNDS  300

static struct va_fixture v;
static mfxFrameAllocResponse shared;
static atomic_long failures;
static pthread_barrier_t start;

/* cmocka's assertions belong to the main thread. */
static void check(bool good)
{
    if (!good)
        atomic_fetch_add(&failures, 1);
}

static void run_threads(void *(*function)(void *))
{
    pthread_t thread[THREADS];
    atomic_store(&failures, 0);
    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, function, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    pthread_barrier_destroy(&start);
    assert_int_equal(atomic_load(&failures), 0);
}

static void open_frames(bool shadow)
{
    va_prepare(&v);
    v.fake.shadow = shadow;
    va_open(&v);
    shared = va_alloc(&v, MFX_FOURCC_NV12, THREADS);
}

static void close_frames(void)
{
    assert_int_equal(release(&v.f, &shared), MFX_ERR_NONE);
    assert_va_holds_nothing(&v);
    va_close(&v);
}

/* --- finding out */

static void *probe_and_alloc(void *number)
{
    struct vfa_va_facts facts;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P010, 1);
    request.AllocId = (mfxU32)(size_t)number;
    pthread_barrier_wait(&start);
    if ((size_t)number % 2) {
        check(vfa_va_probe(v.va, &request.Info, request.Type, &facts, NULL) == MFX_ERR_NONE);
        check(facts.chosen[VFA_VA_READ] != VFA_VA_WAY_MEASURED);
    } else {
        check(vfa_frames_alloc(v.f.a, &request, 0, &response) == MFX_ERR_NONE);
        check(vfa_frames_free(v.f.a, &response) == MFX_ERR_NONE);
    }
    return NULL;
}

static void a_format_is_found_out_once(void **state)
{
    (void)state;
    open_frames(false);
    v.fake.spin_ns[FAKE_EXPORT] = 5000000; /* long enough for all to come */
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    run_threads(probe_and_alloc);
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_EXPORT]), 1); /* which only finding out calls */
    close_frames();
}

/* --- maps */

static enum vfa_va_way way_of(size_t number, int round)
{
    return (enum vfa_va_way)(1 + (number + (size_t)round) % (VFA_VA_WAYS - 1));
}

/* Its own frame, by ways that others change meanwhile. */
static void *use_own_frame(void *number)
{
    size_t self = (size_t)number;
    mfxMemId mid = shared.mids[self];
    pthread_barrier_wait(&start);
    for (int round = 0; round < ROUNDS; round++) {
        mfxFrameData data;
        unsigned int seed = (unsigned int)round * 4 + (unsigned int)self;
        check(vfa_va_set_way(v.va, MFX_FOURCC_NV12, (enum vfa_va_direction)(round % VFA_VA_DIRECTIONS),
                             way_of(self, round)) == MFX_ERR_NONE);
        check(vfa_map(v.f.a, mid, MFX_MAP_WRITE, &data) == MFX_ERR_NONE);
        (void)va_pixels(MFX_FOURCC_NV12, &data, seed, VA_FILL);
        check(vfa_unmap(v.f.a, mid, &data) == MFX_ERR_NONE);
        check(vfa_map(v.f.a, mid, MFX_MAP_READ_WRITE, &data) == MFX_ERR_NONE);
        check(va_pixels(MFX_FOURCC_NV12, &data, seed, VA_COUNT_BAD) == 0);
        check(vfa_unmap(v.f.a, mid, &data) == MFX_ERR_NONE);
        check(vfa_map(v.f.a, mid, MFX_MAP_READ, &data) == MFX_ERR_NONE);
        check(va_pixels(MFX_FOURCC_NV12, &data, seed, VA_COUNT_BAD) == 0);
        check(vfa_unmap(v.f.a, mid, &data) == MFX_ERR_NONE);
    }
    return NULL;
}

static void different_frames_by_every_way(void **state)
{
    (void)state;
    for (int shadow = 0; shadow < 2; shadow++) {
        open_frames(shadow);
        run_threads(use_own_frame);
        close_frames();
    }
}

/* One frame that all read, nested and at the same time. */
static void *read_one_frame(void *number)
{
    size_t self = (size_t)number;
    pthread_barrier_wait(&start);
    for (int round = 0; round < ROUNDS; round++) {
        mfxFrameData data, nested;
        check(vfa_va_set_way(v.va, MFX_FOURCC_NV12, VFA_VA_READ, way_of(self, round)) == MFX_ERR_NONE);
        check(vfa_map(v.f.a, shared.mids[0], MFX_MAP_READ, &data) == MFX_ERR_NONE);
        check(vfa_map(v.f.a, shared.mids[0], MFX_MAP_READ, &nested) == MFX_ERR_NONE);
        check(data.Y == nested.Y && data.UV == nested.UV);
        check(va_pixels(MFX_FOURCC_NV12, &data, 77, VA_COUNT_BAD) == 0);
        check(vfa_unmap(v.f.a, shared.mids[0], &nested) == MFX_ERR_NONE);
        check(vfa_unmap(v.f.a, shared.mids[0], &data) == MFX_ERR_NONE);
    }
    return NULL;
}

static void one_frame_by_every_way(void **state)
{
    (void)state;
    open_frames(true);
    va_write(&v, MFX_FOURCC_NV12, shared.mids[0], 77);
    run_threads(read_one_frame);
    assert_int_equal(atomic_load(&v.fake.mappings_alive), 0);
    close_frames();
}

/* --- lives of frames */

static void *live_and_die(void *number)
{
    size_t self = (size_t)number;
    const mfxU32 formats[THREADS] = {MFX_FOURCC_NV12, MFX_FOURCC_IYUV, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};
    pthread_barrier_wait(&start);
    for (int round = 0; round < ROUNDS; round++) {
        mfxFrameAllocResponse response;
        mfxFrameData data;
        mfxHDL handle;
        mfxU32 fourcc = formats[(self + (size_t)round) % THREADS];
        mfxFrameAllocRequest request = va_request(fourcc, 2);
        check(vfa_frames_alloc(v.f.a, &request, VFA_FRAMES_PRIVATE, &response) == MFX_ERR_NONE);
        mfxMemId mid = response.mids[1];
        check(v.f.mfx->GetHDL(v.f.mfx->pthis, mid, &handle) == MFX_ERR_NONE);
        check(lock(&v.f, mid, &data) == MFX_ERR_NONE);
        check(vfa_frames_free(v.f.a, &response) == MFX_ERR_NONE); /* while locked */
        (void)va_pixels(fourcc, &data, 1, VA_FILL);
        check(unlock(&v.f, mid, &data) == MFX_ERR_NONE);
        check(lock(&v.f, mid, &data) == MFX_ERR_INVALID_HANDLE);
    }
    return NULL;
}

static void frames_are_made_and_freed_while_locked(void **state)
{
    (void)state;
    open_frames(false);
    run_threads(live_and_die);
    assert_int_equal(atomic_load(&v.fake.surfaces_alive), THREADS);
    close_frames();
}

/* --- losing the display under them */

static void *work_till_lost(void *number)
{
    size_t self = (size_t)number;
    pthread_barrier_wait(&start);
    for (int round = 0; round < ROUNDS; round++) {
        mfxFrameData data;
        if (self == 0 && round == ROUNDS / 2)
            vfa_va_display_lost(v.va);
        mfxStatus status = vfa_map(v.f.a, shared.mids[self], MFX_MAP_READ_WRITE, &data);
        check(status == MFX_ERR_NONE || status == MFX_ERR_DEVICE_LOST);
        if (status != MFX_ERR_NONE)
            continue;
        status = vfa_unmap(v.f.a, shared.mids[self], &data);
        check(status == MFX_ERR_NONE || status == MFX_ERR_DEVICE_LOST);
    }
    return NULL;
}

static void a_display_lost_at_work_harms_nobody(void **state)
{
    (void)state;
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        open_frames(true);
        assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_READ_WRITE, (enum vfa_va_way)way), MFX_ERR_NONE);
        run_threads(work_till_lost);
        long calls = atomic_load(&v.fake.total);
        assert_int_equal(release(&v.f, &shared), MFX_ERR_NONE);
        assert_va_holds_nothing(&v);
        fixture_close(&v.f);
        vfa_va_destroy(&v.va);
        assert_int_equal(atomic_load(&v.fake.total), calls);
        assert_int_equal(atomic_load(&v.va_memory.live_bytes), 0);
        fake_va_finish(&v.fake);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_format_is_found_out_once),
        cmocka_unit_test(different_frames_by_every_way),
        cmocka_unit_test(one_frame_by_every_way),
        cmocka_unit_test(frames_are_made_and_freed_while_locked),
        cmocka_unit_test(a_display_lost_at_work_harms_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
