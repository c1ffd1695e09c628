/* The memory of frames in an allocator that has no memory manager of the application's own: one mapping a
 * set, kept for the next one. */
#include "fixture.h"

#include <sys/mman.h>

struct frames {
    struct vfa_allocator *a;
    mfxFrameAllocResponse response;
};

static void open_frames(struct frames *f, struct vfa_frame_memory options, size_t limit)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    memset(f, 0, sizeof *f);
    config.frame_memory = options;
    config.max_frame_bytes = limit;
    assert_int_equal(vfa_allocator_create(&f->a, &config), MFX_ERR_NONE);
}

static mfxStatus allocate(struct frames *f, mfxU16 width, mfxU16 height, mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, width, height, min, suggested);
    return vfa_frames_alloc(f->a, &request, 0, &f->response);
}

static void finish_set(struct frames *f)
{
    assert_int_equal(vfa_frames_free(f->a, &f->response), MFX_ERR_NONE);
}

static unsigned char *pixels(struct frames *f, int i)
{
    mfxFrameAllocator *mfx = vfa_allocator_mfx(f->a);
    mfxFrameData data = {.Y = NULL};
    assert_int_equal(mfx->Lock(mfx->pthis, f->response.mids[i], &data), MFX_ERR_NONE);
    unsigned char *y = data.Y;
    assert_int_equal(mfx->Unlock(mfx->pthis, f->response.mids[i], &data), MFX_ERR_NONE);
    return y;
}

/* Writes all of them. */
static void touch(struct frames *f, size_t frame_bytes)
{
    for (int i = 0; i < f->response.NumFrameActual; i++)
        memset(pixels(f, i), i, frame_bytes);
}

static struct vfa_frame_memory_stats memory_of(struct frames *f)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(f->a, &stats), MFX_ERR_NONE);
    return stats.memory;
}

static void the_frames_of_a_set_lie_one_after_another(void **state)
{
    (void)state;
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    assert_int_equal(allocate(&f, 1920, 1080, 5, 5), MFX_ERR_NONE);
    ptrdiff_t stride = pixels(&f, 1) - pixels(&f, 0);
    assert_true(stride >= 2048 * 1088 * 3 / 2 || stride >= 1920 * 1088 * 3 / 2);
    for (int i = 0; i < 5; i++) {
        assert_int_equal((uintptr_t)pixels(&f, i) % 4096, 0);
        assert_ptr_equal(pixels(&f, i), pixels(&f, 0) + i * stride);
    }
    assert_int_equal(memory_of(&f).sets, 1);
    finish_set(&f);
    vfa_allocator_destroy(&f.a);
}

/* Whether every page of every frame is there: its first use is then no page fault. */
static bool all_present(struct frames *f, size_t frame_bytes)
{
    static unsigned char there[4096];
    size_t pages = (frame_bytes + 4095) / 4096;
    assert_true(pages <= sizeof there);
    for (int i = 0; i < f->response.NumFrameActual; i++) {
        assert_int_equal(mincore(pixels(f, i), frame_bytes, there), 0);
        for (size_t page = 0; page < pages; page++)
            if (!(there[page] & 1))
                return false;
    }
    return true;
}

/* Close and Init, Reset, a resolution ladder: after the first time each memory is there, and its pages too.
 */
static void a_shape_that_was_there_costs_no_page_fault(void **state)
{
    (void)state;
    static const mfxU16 ladder[][2] = {{1920, 1080}, {1280, 720}, {1920, 1080}, {640, 360}, {1920, 1080}};
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 5; i++) {
            assert_int_equal(allocate(&f, ladder[i][0], ladder[i][1], 4, 4), MFX_ERR_NONE);
            size_t bytes = (size_t)ladder[i][0] * ladder[i][1] * 3 / 2;
            if (pass)
                assert_true(all_present(&f, bytes));
            touch(&f, bytes);
            finish_set(&f);
        }
    }
    assert_int_equal(memory_of(&f).recycled, 7);
    assert_int_equal(memory_of(&f).mapped_bytes, memory_of(&f).kept_bytes);
    vfa_allocator_destroy(&f.a);
}

static void replaced_frames_are_recycled_too(void **state)
{
    (void)state;
    mfxFrameAllocRequest large = request_of(MFX_FOURCC_NV12, 640, 360, 3, 3);
    mfxFrameAllocRequest small = request_of(MFX_FOURCC_NV12, 320, 180, 3, 3);
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    small.AllocId = 1;
    for (int i = 0; i < 6; i++)
        assert_int_equal(vfa_frames_replace(f.a, i % 2 ? &large : &small, 0, &f.response), MFX_ERR_NONE);
    assert_int_equal(memory_of(&f).sets, 6);
    assert_int_equal(memory_of(&f).recycled, 4);
    finish_set(&f);
    vfa_allocator_destroy(&f.a);
}

static void memory_of_a_locked_frame_is_not_recycled(void **state)
{
    (void)state;
    struct frames f;
    mfxFrameData data = {.Y = NULL};
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    mfxFrameAllocator *mfx = vfa_allocator_mfx(f.a);
    assert_int_equal(allocate(&f, 320, 180, 2, 2), MFX_ERR_NONE);
    mfxMemId mid = f.response.mids[0];
    assert_int_equal(mfx->Lock(mfx->pthis, mid, &data), MFX_ERR_NONE);
    memset(data.Y, 0x33, 320);
    finish_set(&f);
    assert_int_equal(memory_of(&f).kept_sets, 0);
    assert_int_equal(allocate(&f, 320, 180, 2, 2), MFX_ERR_NONE);
    touch(&f, 320);
    assert_int_equal(data.Y[5], 0x33);
    assert_int_equal(mfx->Unlock(mfx->pthis, mid, &data), MFX_ERR_NONE);
    assert_int_equal(memory_of(&f).kept_sets, 1);
    finish_set(&f);
    vfa_allocator_destroy(&f.a);
}

static void trim_gives_kept_memory_back(void **state)
{
    (void)state;
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    assert_int_equal(allocate(&f, 1920, 1080, 2, 2), MFX_ERR_NONE);
    assert_int_equal(vfa_allocator_trim(f.a, 0), 0);
    assert_int_equal(vfa_allocator_yield(f.a, 0), 0);
    touch(&f, 1920 * 1080);
    finish_set(&f);
    uint64_t kept = memory_of(&f).kept_bytes;
    assert_true(kept >= (uint64_t)2 * 1920 * 1088 * 3 / 2);
    assert_int_equal(vfa_allocator_trim(f.a, 60000), 0);
    assert_int_equal(vfa_allocator_trim(f.a, 0), kept);
    assert_int_equal(memory_of(&f).mapped_bytes, 0);
    assert_int_equal(vfa_allocator_trim(NULL, 0), 0);
    vfa_allocator_destroy(&f.a);
}

/* However many fit: not by halves, to the frame. */
/* What the system did not need is there again without a page fault; what it took is empty. */
static void kept_memory_is_left_to_a_system_that_needs_it(void **state)
{
    (void)state;
    size_t bytes = (size_t)1280 * 720 * 3 / 2;
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    for (int taken = 0; taken < 2; taken++) {
        assert_int_equal(allocate(&f, 1280, 720, 4, 4), MFX_ERR_NONE);
        unsigned char *first = pixels(&f, 0);
        touch(&f, bytes);
        finish_set(&f);
        uint64_t yielded = vfa_allocator_yield(f.a, 0);
        assert_int_equal(yielded, memory_of(&f).yielded_bytes);
        assert_true(yielded == memory_of(&f).kept_bytes ||
                    !yielded); /* where the system knows no such thing */
        if (taken)
            (void)madvise(first, 4 * bytes / 4096 * 4096, MADV_PAGEOUT); /* as if it were short of memory */
        assert_int_equal(allocate(&f, 1280, 720, 4, 4), MFX_ERR_NONE);
        assert_ptr_equal(pixels(&f, 0), first);
        assert_int_equal(memory_of(&f).yielded_bytes, 0);
        if (!taken)
            assert_true(all_present(&f, bytes));
        touch(&f, bytes);
        assert_int_equal(pixels(&f, 3)[bytes - 1], 3);
        finish_set(&f);
    }
    assert_int_equal(memory_of(&f).recycled, 3);
    assert_int_equal(vfa_allocator_yield(NULL, 0), 0);
    vfa_allocator_destroy(&f.a);
}

static void as_many_frames_as_the_limit_allows(void **state)
{
    (void)state;
    enum {
        FRAME = 8192 /* 64x64 NV12: 6144, in whole pages */
    };
    struct frames f;
    for (size_t most = 1; most <= 20; most++) {
        open_frames(&f, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_KEEP_NONE},
                    most * FRAME + FRAME - 1);
        assert_int_equal(allocate(&f, 64, 64, 1, 20), MFX_ERR_NONE);
        assert_int_equal(f.response.NumFrameActual, most);
        finish_set(&f);
        mfxU16 too_many = (mfxU16)(most + 1);
        assert_int_equal(allocate(&f, 64, 64, too_many, 30), MFX_ERR_MEMORY_ALLOC);
        assert_int_equal(allocate(&f, 64, 64, too_many, too_many), MFX_ERR_MEMORY_ALLOC);
        assert_int_equal(allocate(&f, 64, 64, (mfxU16)most, (mfxU16)most), MFX_ERR_NONE);
        finish_set(&f);
        assert_int_equal(memory_of(&f).mapped_bytes, 0);
        vfa_allocator_destroy(&f.a);
    }
}

static void a_set_beyond_the_address_space_is_refused(void **state)
{
    (void)state;
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = 0}, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_P8, 0, 0, 1, 3);
    static const mfxU64 sizes[] = {UINT64_MAX, UINT64_MAX / 2, UINT64_MAX / 3};
    for (int i = 0; i < 3; i++) {
        request.Info.BufferSize = sizes[i];
        assert_int_equal(vfa_frames_alloc(f.a, &request, 0, &f.response), MFX_ERR_MEMORY_ALLOC);
    }
    assert_int_equal(memory_of(&f).mapped_bytes, 0);
    vfa_allocator_destroy(&f.a);
}

static void pages_are_present_on_request(void **state)
{
    (void)state;
    struct frames f;
    open_frames(&f, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_PRESENT}, 0);
    assert_int_equal(allocate(&f, 1920, 1080, 3, 3), MFX_ERR_NONE);
    assert_int_equal(memory_of(&f).present_bytes, memory_of(&f).mapped_bytes);
    assert_true(all_present(&f, 1920 * 1080 * 3 / 2));
    finish_set(&f);
    vfa_allocator_destroy(&f.a);
}

static void what_the_system_does_not_grant_is_done_without(void **state)
{
    (void)state;
    struct frames f;
    const unsigned int flags = VFA_FRAME_MEMORY_HUGETLB | VFA_FRAME_MEMORY_ON_NODE;
    open_frames(&f, (struct vfa_frame_memory){.flags = flags, .node = 1000}, 0);
    assert_int_equal(allocate(&f, 1920, 1080, 3, 3), MFX_ERR_NONE);
    touch(&f, 1920 * 1080);
    struct vfa_frame_memory_stats stats = memory_of(&f);
    assert_int_equal(stats.node_bytes, 0);
    assert_true(stats.hugetlb_bytes == 0 || stats.hugetlb_bytes == stats.mapped_bytes);
    finish_set(&f);
    vfa_allocator_destroy(&f.a);
}

static void wishes_beside_a_manager_of_the_applications_own_are_refused(void **state)
{
    (void)state;
    static const struct vfa_frame_memory wishes[] = {
        {.flags = VFA_FRAME_MEMORY_PRESENT}, {.node = 1}, {.keep_bytes = 1}, {.keep_ms = 1}, {.yield_ms = 1}};
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_allocator *a;
    config.memory = vfa_memory_default();
    for (int i = 0; i < 4; i++) {
        config.frame_memory = wishes[i];
        assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_UNSUPPORTED);
        assert_null(a);
    }
    config.memory = NULL;
    config.frame_memory = (struct vfa_frame_memory){.flags = 1u << 31};
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_null(a);
}

static void a_manager_of_the_applications_own_is_asked_for_each_frame(void **state)
{
    (void)state;
    struct fixture f;
    mfxFrameAllocResponse response;
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 180, 3, 5);
    fixture_open(&f, NULL, 0);
    f.memory.fail_frames_after = 4;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 4);
    assert_int_equal(atomic_load(&f.memory.frame_requests), 5);
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(f.a, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.memory.sets, 0);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_allocator_trim(f.a, 0), 0);
    assert_int_equal(vfa_allocator_yield(f.a, 0), 0);
    fixture_close(&f);
}

static void the_limit_counts_for_a_manager_of_the_applications_own_too(void **state)
{
    (void)state;
    struct test_memory counted;
    struct vfa_memory manager = test_memory_manager(&counted);
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct frames f;
    config.memory = &manager;
    config.max_frame_bytes = 3 * 8192 + 8191; /* 64x64 NV12: 6144, in whole pages */
    assert_int_equal(vfa_allocator_create(&f.a, &config), MFX_ERR_NONE);
    assert_int_equal(allocate(&f, 64, 64, 1, 20), MFX_ERR_NONE);
    assert_int_equal(f.response.NumFrameActual, 3);
    finish_set(&f);
    assert_int_equal(allocate(&f, 64, 64, 4, 20), MFX_ERR_MEMORY_ALLOC);
    vfa_allocator_destroy(&f.a);
    assert_int_equal(atomic_load(&counted.live_blocks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frames_of_a_set_lie_one_after_another),
        cmocka_unit_test(a_shape_that_was_there_costs_no_page_fault),
        cmocka_unit_test(replaced_frames_are_recycled_too),
        cmocka_unit_test(memory_of_a_locked_frame_is_not_recycled),
        cmocka_unit_test(trim_gives_kept_memory_back),
        cmocka_unit_test(kept_memory_is_left_to_a_system_that_needs_it),
        cmocka_unit_test(as_many_frames_as_the_limit_allows),
        cmocka_unit_test(a_set_beyond_the_address_space_is_refused),
        cmocka_unit_test(pages_are_present_on_request),
        cmocka_unit_test(what_the_system_does_not_grant_is_done_without),
        cmocka_unit_test(wishes_beside_a_manager_of_the_applications_own_are_refused),
        cmocka_unit_test(a_manager_of_the_applications_own_is_asked_for_each_frame),
        cmocka_unit_test(the_limit_counts_for_a_manager_of_the_applications_own_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
