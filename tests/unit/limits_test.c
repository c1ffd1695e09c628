/* Where numbers end: pins, slots, AllocIds, frames that a report names. And what becomes of a slot's chunk
 * that two threads made at once. */
#include "mock_device.h"

#include <allocator/internal.h>
#include <allocator/slots.h>

enum {
    PINS_MAX = 65535,
    NAMED_MAX = 64,
};

static struct vfa__slot *slot_of(struct fixture *f, mfxMemId mid)
{
    struct vfa__slot *slot = vfa__slot_find(&f->a->slots, mid);
    assert_non_null(slot);
    return slot;
}

static mfxStatus look(void *self, const struct vfa_backend_host *host, void *frame, uint32_t locks,
                      void *user)
{
    (void)self, (void)host, (void)frame, (void)locks;
    ++*(int *)user;
    return MFX_ERR_NONE;
}

static void a_frame_that_too_many_calls_wait_for_refuses_more(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    open_with_device(&f, &d);
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId mid = response.mids[0];
    for (int i = 0; i < PINS_MAX; i++)
        assert_int_equal(vfa__slot_pin(slot_of(&f, mid), mid), MFX_ERR_NONE);

    mfxHDL handle = NULL;
    struct vfa_error error;
    int visits = 0;
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, mid, &handle), MFX_ERR_LOCK_MEMORY);
    assert_null(handle);
    assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
    assert_non_null(strstr(error.text, "too many calls"));
    assert_int_equal(vfa_backend_visit(f.a, "visit", mid, &d, look, &visits), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(visits, 0);
    mfxFrameData data = {0};
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE); /* which is no pin */
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);

    assert_false(vfa__slot_unpin(slot_of(&f, mid)));
    assert_int_equal(vfa_backend_visit(f.a, "visit", mid, &d, look, &visits), MFX_ERR_NONE);
    assert_int_equal(visits, 1);
    for (int i = 1; i < PINS_MAX; i++)
        assert_false(vfa__slot_unpin(slot_of(&f, mid)));
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    close_with_device(&f, &d);
}

/* As if all slots that mids can number were there and in use. */
static void no_more_frames_than_mids_are_made(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 32, 1, 1);
    mfxFrameAllocResponse response = {0};
    struct vfa__slots *slots = &f.a->slots;
    static struct vfa__slot other;
    for (size_t i = 0; i < VFA__CHUNKS; i++)
        atomic_store(&slots->chunk[i], &other);
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    assert_null(response.mids);
    for (size_t i = 0; i < VFA__CHUNKS; i++)
        atomic_store(&slots->chunk[i], NULL);
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

/* A memory manager that, asked for a table's first chunk, has another thread ask for it too, and be faster.
 */
struct race {
    struct test_memory memory;
    struct vfa__slots slots;
    struct vfa__slot *faster, *slower;
    bool begun;
};

static void *reserve_faster(void *user)
{
    struct race *race = user;
    if (vfa__slots_reserve(&race->slots, 1, &race->faster) != MFX_ERR_NONE)
        race->faster = NULL;
    return NULL;
}

static void *allocate_slowly(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    struct race *race = user;
    if (!race->begun) {
        pthread_t thread;
        race->begun = true;
        if (pthread_create(&thread, NULL, reserve_faster, race) == 0)
            pthread_join(thread, NULL);
    }
    return test_memory_allocate(&race->memory, bytes, alignment, use);
}

static void release_to_race(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct race *race = user;
    test_memory_release(&race->memory, block, bytes, use);
}

static void of_two_threads_that_make_the_same_slots_the_faster_wins(void **state)
{
    (void)state;
    struct race race = {.begun = false};
    (void)test_memory_manager(&race.memory);
    struct vfa_memory manager = {
        .size = sizeof manager, .user = &race, .allocate = allocate_slowly, .release = release_to_race};
    struct vfa__gate gate;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_NONE);
    assert_int_equal(vfa__slots_init(&race.slots, &gate), MFX_ERR_NONE);
    assert_int_equal(vfa__slots_reserve(&race.slots, 1, &race.slower), MFX_ERR_NONE);
    assert_non_null(race.faster);
    assert_ptr_not_equal(race.slower, race.faster);
    assert_int_equal(atomic_load(&race.memory.requests), 2);
    assert_int_equal(atomic_load(&race.memory.live_blocks), 1); /* the slower one's chunk is gone */
    assert_int_equal(race.slots.capacity, UINT32_C(1) << VFA__FIRST_CHUNK_BITS);
    vfa__slots_return(&race.slots, &race.faster, 1);
    vfa__slots_return(&race.slots, &race.slower, 1);
    vfa__slots_finish(&race.slots);
    assert_int_equal(atomic_load(&race.memory.live_blocks), 0);
}

static void alloc_ids_begin_anew_after_the_last_and_are_never_0(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    f.a->book.next_alloc_id = UINT32_MAX - 1;
    assert_int_equal(vfa_next_alloc_id(f.a), UINT32_MAX);
    assert_int_equal(vfa_next_alloc_id(f.a), 1);
    assert_int_equal(vfa_next_alloc_id(f.a), 2);
    assert_int_equal(vfa_next_alloc_id(NULL), 0);
    fixture_close(&f);
}

static void a_report_names_so_many_locked_frames_and_counts_the_rest(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 32, NAMED_MAX + 3, NAMED_MAX + 3);
    mfxFrameAllocResponse response = {0};
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data = {0};
    for (int i = 0; i < NAMED_MAX + 3; i++)
        assert_int_equal(lock(&f, response.mids[i], &data), MFX_ERR_NONE);
    static char text[16384];
    assert_in_range(vfa_allocator_report(f.a, text, sizeof text), 1, sizeof text - 1);
    assert_non_null(strstr(text, "frame 63 ("));
    assert_null(strstr(text, "frame 64 ("));
    assert_non_null(strstr(text, "and 3 more frames are still locked\n"));
    for (int i = 0; i < NAMED_MAX + 3; i++)
        assert_int_equal(unlock(&f, response.mids[i], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

/* A device that asks for host memory for its frames, as much as the allocator lets it. */
static size_t granted;

static mfxStatus create_in_host_memory(void *self, const struct vfa_backend_host *host,
                                       const struct vfa_backend_order *order,
                                       struct vfa_backend_frame *frames, struct vfa_backend_set *made)
{
    void *block = host->allocate(host, 4096, 64, VFA_MEMORY_FRAME);
    if (!block)
        return MFX_ERR_MEMORY_ALLOC;
    granted++;
    host->release(host, block, 4096, VFA_MEMORY_FRAME);
    return device_create(self, host, order, frames, made);
}

static void a_backends_own_host_memory_counts_against_the_limit(void **state)
{
    (void)state;
    struct fixture f;
    struct device d;
    struct vfa_backend backend = device_backend(&d, "test device");
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    mfxFrameAllocRequest request = video_request(1);
    mfxFrameAllocResponse response = {0};
    backend.create = create_in_host_memory;
    for (size_t limit = 4095; limit <= 4096; limit++) {
        struct vfa_memory manager = test_memory_manager(&f.memory);
        config.memory = &manager;
        config.log = test_log_sink(&f.log, VFA_LOG_DEBUG);
        config.backend = &backend;
        config.backend_count = 1;
        config.max_frame_bytes = limit;
        granted = 0;
        backend.self = &d;
        memset(&d, 0, sizeof d);
        assert_int_equal(vfa_allocator_create(&f.a, &config), MFX_ERR_NONE);
        f.mfx = vfa_allocator_mfx(f.a);
        assert_int_equal(alloc(&f, &request, &response), limit < 4096 ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
        assert_int_equal(granted, limit < 4096 ? 0 : 1);
        if (limit == 4096)
            assert_int_equal(release(&f, &response), MFX_ERR_NONE);
        close_with_device(&f, &d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_that_too_many_calls_wait_for_refuses_more),
        cmocka_unit_test(no_more_frames_than_mids_are_made),
        cmocka_unit_test(of_two_threads_that_make_the_same_slots_the_faster_wins),
        cmocka_unit_test(alloc_ids_begin_anew_after_the_last_and_are_never_0),
        cmocka_unit_test(a_backends_own_host_memory_counts_against_the_limit),
        cmocka_unit_test(a_report_names_so_many_locked_frames_and_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
