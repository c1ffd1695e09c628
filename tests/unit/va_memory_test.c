/* Host memory is refused at the n-th request, for n = 1, 2, 3 ... until the operation needs no n-th: it fails
 * with MFX_ERR_MEMORY_ALLOC or does without, nothing is left behind, and it works right after. */
#include "va_fixture.h"

#define SEED 5

static void fail_at(struct test_memory *memory, long n)
{
    atomic_store(&memory->requests, 0);
    memory->fail_at = n;
}

static bool was_hit(const struct test_memory *memory)
{
    return memory->fail_at && atomic_load(&memory->requests) >= memory->fail_at;
}

static void create(void **state)
{
    (void)state;
    static struct va_fixture v;
    long n = 1;
    for (bool hit = true; hit; n++) {
        va_prepare(&v);
        struct vfa_memory manager = test_memory_manager(&v.va_memory);
        struct vfa_error error;
        v.config.memory = &manager;
        fail_at(&v.va_memory, n);
        mfxStatus status = vfa_va_create(&v.va, &v.config, &error);
        hit = was_hit(&v.va_memory);
        assert_int_equal(status, hit ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
        if (hit)
            assert_non_null(strstr(error.text, "no memory for"));
        fail_at(&v.va_memory, 0);
        if (hit)
            assert_int_equal(vfa_va_create(&v.va, &v.config, NULL), MFX_ERR_NONE);
        vfa_va_destroy(&v.va);
        assert_int_equal(atomic_load(&v.va_memory.live_bytes), 0);
        fake_va_finish(&v.fake);
    }
    assert_int_equal(n, 4); /* itself, and the list of formats */
}

/* The first Alloc of a format, whose memory comes from both managers: the allocator's and the backend's. */
static bool first_alloc(long n, bool of_backend, bool on)
{
    static struct va_fixture v;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    mfxFrameAllocResponse response;
    va_prepare_small(&v);
    va_open(&v);
    struct test_memory *memory = of_backend ? &v.va_memory : &v.f.memory;
    memory->fail_all_after = on;
    fail_at(memory, n);
    mfxStatus status = alloc(&v.f, &request, &response);
    bool hit = was_hit(memory);
    fail_at(memory, 0);
    if (!hit)
        assert_int_equal(status, MFX_ERR_NONE);
    if (status != MFX_ERR_NONE) {
        assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
        assert_null(response.mids);
        assert_va_holds_nothing(&v);
        assert_int_equal(fake_va_alive(&v.fake), 0);
        assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_NONE);
    }
    if (!on || of_backend) { /* once is tried again, and what lasted is looked at again */
        struct vfa_va_facts facts = facts_of(&v, MFX_FOURCC_NV12);
        for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
            assert_int_not_equal(facts.chosen[d], VFA_VA_WAY_MEASURED);
        for (size_t w = VFA_VA_WAY_DERIVE; w < VFA_VA_WAYS; w++)
            assert_null(facts.way[w].unfit);
    }
    va_write(&v, MFX_FOURCC_NV12, response.mids[1], SEED);
    assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[1], SEED), 0);
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    va_close(&v);
    return hit;
}

static void alloc_of_a_new_format(void **state)
{
    (void)state;
    for (int of_backend = 0; of_backend < 2; of_backend++)
        for (int on = 0; on < 2; on++) {
            long n = 1;
            while (first_alloc(n, of_backend, on))
                n++;
            assert_true(n > (of_backend ? 1 : 5));
        }
}

static void open_with_frames(struct va_fixture *v, mfxFrameAllocResponse *response)
{
    va_prepare(v);
    va_open(v);
    *response = va_alloc(v, MFX_FOURCC_NV12, 2);
}

/* A refused block is MFX_ERR_MEMORY_ALLOC, an unanswered request for it success. */
static bool map_with_refusal(struct va_fixture *v, const mfxFrameAllocResponse *response, mfxU32 flags,
                             long n, bool has_alternatives)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    (void)va_surface_pixels(v, surface_of(v, response->mids[1]), SEED, VA_FILL);
    fail_at(&v->f.memory, n);
    mfxStatus status = vfa_map(v->f.a, response->mids[1], flags, &data);
    bool hit = was_hit(&v->f.memory);
    fail_at(&v->f.memory, 0);
    assert_int_equal(status, hit && !has_alternatives ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
    if (status != MFX_ERR_NONE) {
        assert_non_null(strstr(error_of(v).text, "no memory for a copy of the frame"));
        assert_int_equal(vfa_map(v->f.a, response->mids[1], flags, &data), MFX_ERR_NONE);
    }
    if (flags & MFX_MAP_READ)
        assert_int_equal(va_pixels(MFX_FOURCC_NV12, &data, SEED, VA_COUNT_BAD), 0);
    else
        (void)va_pixels(MFX_FOURCC_NV12, &data, SEED, VA_FILL);
    assert_int_equal(vfa_unmap(v->f.a, response->mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(va_surface_pixels(v, surface_of(v, response->mids[1]), SEED, VA_COUNT_BAD), 0);
    return hit;
}

static void maps_by_every_way(void **state)
{
    (void)state;
    const mfxU32 flags[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};
    static struct va_fixture v;
    for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
        for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++) {
            mfxFrameAllocResponse response; /* a new one each time: copies are cached */
            open_with_frames(&v, &response);
            assert_int_equal(vfa_va_set_way(v.va, 0, (enum vfa_va_direction)d, (enum vfa_va_way)way),
                             MFX_ERR_NONE);
            long n = 1;
            while (map_with_refusal(&v, &response, flags[d], n, way == VFA_VA_WAY_MEASURED))
                n++;
            if (way >= VFA_VA_WAY_DERIVE_COPY)
                assert_int_equal(n, 2);
            assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
            va_close(&v);
        }
    }
}

static void replace_keeps_the_old_frames(void **state)
{
    (void)state;
    static struct va_fixture v;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 3);
    long n = 1;
    request.Info.Width = 2 * VA_WIDTH;
    for (bool hit = true; hit; n++) {
        open_with_frames(&v, &response);
        fail_at(&v.f.memory, n);
        mfxStatus status = vfa_frames_replace(v.f.a, &request, 0, &response);
        hit = was_hit(&v.f.memory);
        fail_at(&v.f.memory, 0);
        assert_int_equal(status, hit ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
        assert_int_equal(response.NumFrameActual, hit ? 2 : 3);
        va_write(&v, MFX_FOURCC_NV12, response.mids[1], SEED);
        assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[1], SEED), 0);
        assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
        va_close(&v);
    }
    assert_true(n > 4);
}

static void coded_buffers(void **state)
{
    (void)state;
    static struct va_fixture v;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, 2);
    mfxFrameAllocResponse response;
    long n = 1;
    memset(&request.Info, 0, sizeof request.Info);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 64;
    for (bool hit = true; hit; n++) {
        va_prepare(&v);
        va_open(&v);
        fail_at(&v.f.memory, n);
        mfxStatus status = alloc(&v.f, &request, &response);
        hit = was_hit(&v.f.memory);
        fail_at(&v.f.memory, 0);
        assert_int_equal(status, hit ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_NONE);
        assert_int_equal(fake_va_alive(&v.fake), hit ? 0 : 2);
        if (hit)
            assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_NONE);
        assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
        va_close(&v);
    }
    assert_true(n > 4);
}

static void probe(void **state)
{
    (void)state;
    static struct va_fixture v;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    long n = 1;
    for (bool hit = true; hit; n++) {
        struct vfa_va_facts facts;
        struct vfa_error error;
        va_prepare(&v);
        va_open(&v);
        fail_at(&v.va_memory, n);
        mfxStatus status = vfa_va_probe(v.va, &request.Info, request.Type, &facts, &error);
        hit = was_hit(&v.va_memory);
        fail_at(&v.va_memory, 0);
        assert_true(status == MFX_ERR_NONE || (hit && status == MFX_ERR_MEMORY_ALLOC));
        assert_int_equal(error.status, status);
        assert_va_holds_nothing(&v);
        facts = facts_of(&v, MFX_FOURCC_NV12);
        assert_false(facts.provisional);
        va_close(&v);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create),
        cmocka_unit_test(alloc_of_a_new_format),
        cmocka_unit_test(maps_by_every_way),
        cmocka_unit_test(replace_keeps_the_old_frames),
        cmocka_unit_test(coded_buffers),
        cmocka_unit_test(probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
