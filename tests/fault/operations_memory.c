/* Where the memory of frames in system memory comes from: operations on allocators in each state of it. */
#include "bench.h"

#define HUGE_SIDE 1024 /* two frames of this size take more than a huge page */

static void no_response(struct bench *b)
{
    assert_null(b->made.mids);
    assert_int_equal(b->made.NumFrameActual, 0);
}

static mfxStatus alloc_three(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(3, 3);
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc(b->v.f.a, &request, 0, &b->made);
}

static void end_frames(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
}

static uint64_t kept_sets(struct bench *b)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(b->v.f.a, &stats), MFX_ERR_NONE);
    return stats.memory.kept_sets;
}

/* --- nothing is kept: all of it is asked of the system */

static void keep_nothing(struct bench *b)
{
    (void)vfa_allocator_trim(b->v.f.a, 0);
    assert_int_equal(kept_sets(b), 0);
}

/* --- what is needed is kept */

static void keep_three(struct bench *b)
{
    keep_nothing(b);
    assert_int_equal(alloc_three(b), MFX_ERR_NONE);
    end_frames(b, MFX_ERR_NONE);
    assert_int_equal(kept_sets(b), b->source == SOURCE_HEAP);
}

static void is_kept(struct bench *b)
{
    no_response(b);
    assert_int_equal(kept_sets(b), b->source == SOURCE_HEAP);
}

/* --- something else is kept, and given up when the system has no more */

static void keep_another(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(5, 5);
    keep_nothing(b);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, 0, &b->made), MFX_ERR_NONE);
    end_frames(b, MFX_ERR_NONE);
}

/* --- wishes for huge pages, whatever this machine has of them */

static void make_huge(struct bench *b)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = bench_memory(b);
    config.log = bench_log(b);
    if (!config.memory)
        config.frame_memory.flags = VFA_FRAME_MEMORY_HUGETLB;
    assert_int_equal(vfa_allocator_create(&b->made_allocator, &config), MFX_ERR_NONE);
    fault_redirect("/sys/kernel/mm/transparent_hugepage/", "/proc/self/comm"); /* they are on */
}

static mfxStatus alloc_huge(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    request.Info.Width = request.Info.Height = HUGE_SIDE;
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc(b->made_allocator, &request, 0, &b->made);
}

static void end_huge(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->made_allocator, &b->made), MFX_ERR_NONE);
    vfa_allocator_destroy(&b->made_allocator);
    fault_redirect(NULL, NULL);
}

/* --- the default manager itself, as applications call it */

static mfxStatus use_default(struct bench *b)
{
    const struct vfa_memory *memory = vfa_memory_default();
    (void)b;
    void *block = memory->allocate(memory->user, 100, 64, VFA_MEMORY_FRAME);
    if (!block)
        return MFX_ERR_MEMORY_ALLOC;
    memset(block, 1, 100);
    memory->release(memory->user, block, 100, VFA_MEMORY_FRAME);
    return MFX_ERR_NONE;
}

#define NO_MEMORY MFX_ERR_MEMORY_ALLOC

static const struct operation rows[] = {
    {"vfa_frames_alloc: nothing is kept", &world_allocator, keep_nothing, alloc_three, no_response,
     end_frames, NO_MEMORY, MAY_SERVE | TELLS},
    {"vfa_frames_alloc: what is kept", &world_allocator, keep_three, alloc_three, is_kept, end_frames,
     NO_MEMORY, TELLS},
    {"vfa_frames_alloc: what is kept stands in the way", &world_allocator, keep_another, alloc_three,
     no_response, end_frames, NO_MEMORY, MAY_SERVE | KEEPS | TELLS},
    {"vfa_frames_alloc: huge pages", &world_empty, make_huge, alloc_huge, no_response, end_huge, NO_MEMORY,
     MAY_SERVE | KEEPS},
    {"vfa_memory_default: allocate", &world_empty, NULL, use_default, NULL, NULL, NO_MEMORY, 0},
};

const struct operations operations_memory = OPERATIONS(rows);
