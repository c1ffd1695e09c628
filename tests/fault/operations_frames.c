/* Operations of allocator.h and surface.h that make, replace and end frames. */
#include "bench.h"

#define CHUNK 70 /* more than the first handles that an allocator makes room for */

static void no_response(struct bench *b)
{
    assert_null(b->made.mids);
    assert_int_equal(b->made.NumFrameActual, 0);
    assert_int_equal(b->made.AllocId, 0);
}

static void end_frames(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
    no_response(b);
}

static mfxStatus make(struct bench *b, mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest request = bench_request(min, suggested);
    memset(&b->made, 0xff, sizeof b->made);
    mfxStatus status = vfa_frames_alloc(b->v.f.a, &request, 0, &b->made);
    if (status == MFX_ERR_NONE)
        assert_in_range(b->made.NumFrameActual, min, suggested);
    return status;
}

static mfxStatus alloc_three(struct bench *b)
{
    return make(b, 3, 3);
}

static mfxStatus alloc_one_at_least(struct bench *b)
{
    return make(b, 1, 3);
}

static mfxStatus alloc_by_callback(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(3, 3);
    memset(&b->made, 0xff, sizeof b->made);
    return alloc(&b->v.f, &request, &b->made);
}

/* The application's set, and a runtime's Alloc that finds it. */
static void make_to_be_shared(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, 0, &b->made), MFX_ERR_NONE);
}

static mfxStatus claim(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    mfxFrameAllocResponse claimed;
    memset(&claimed, 0xff, sizeof claimed);
    mfxStatus status = alloc(&b->v.f, &request, &claimed);
    if (status != MFX_ERR_NONE) {
        assert_null(claimed.mids);
        return status;
    }
    assert_ptr_equal(claimed.mids[0], b->made.mids[0]);
    return release(&b->v.f, &claimed);
}

static void end_shared(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
}

static void new_allocator(struct bench *b)
{
    bench_open_allocator(b, &b->v.f.a, NULL, 0);
    b->v.f.mfx = vfa_allocator_mfx(b->v.f.a);
}

static mfxStatus alloc_beyond_a_chunk(struct bench *b)
{
    return make(b, CHUNK, CHUNK);
}

static void end_new_allocator(struct bench *b, mfxStatus status)
{
    end_frames(b, status);
    vfa_allocator_destroy(&b->v.f.a);
}

static mfxStatus alloc_surfaces(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc_from(b->v.f.a, b->v.va, NULL, &request, VFA_FRAMES_PRIVATE, &b->made);
}

static mfxStatus alloc_coded(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, 2);
    request.Info.BufferSize = 100;
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc(b->v.f.a, &request, 0, &b->made);
}

static mfxStatus direct(struct bench *b)
{
    return vfa_frames_direction(b->v.f.a, &b->frames, MFX_MAP_READ_WRITE);
}

/* --- replaced and freed */

static void make_small(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, 0, &b->made), MFX_ERR_NONE);
    b->mid = b->made.mids[0];
    va_write(&b->v, MFX_FOURCC_NV12, b->mid, 77);
}

static mfxStatus replace(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(3, 3);
    request.Info.Width = 4 * VA_WIDTH;
    return vfa_frames_replace(b->v.f.a, &request, 0, &b->made);
}

static void as_it_was(struct bench *b)
{
    assert_int_equal(b->made.NumFrameActual, 2);
    assert_ptr_equal(b->made.mids[0], b->mid);
    assert_int_equal(va_count_bad(&b->v, MFX_FOURCC_NV12, b->mid, 77), 0);
}

static mfxStatus replace_with_the_same(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    return vfa_frames_replace(b->v.f.a, &request, 0, &b->made);
}

static void free_either(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
}

/* Wishes are for those who have no manager of their own. */
static void make_wishing(struct bench *b)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = bench_memory(b);
    if (!config.memory)
        config.frame_memory.flags = VFA_FRAME_MEMORY_GUARDS | VFA_FRAME_MEMORY_PRESENT |
                                    VFA_FRAME_MEMORY_ON_NODE | VFA_FRAME_MEMORY_KEEP_NONE;
    assert_int_equal(vfa_allocator_create(&b->made_allocator, &config), MFX_ERR_NONE);
}

static mfxStatus allocate_wishing(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(1, 3);
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc(b->made_allocator, &request, 0, &b->made);
}

static void end_wishing(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->made_allocator, &b->made), MFX_ERR_NONE);
    vfa_allocator_destroy(&b->made_allocator);
}

static mfxStatus copy(struct bench *b)
{
    return vfa_copy_frame(b->v.f.a, b->frames.mids[0], b->v.f.a, b->made.mids[0], 0, 0, NULL);
}

static mfxStatus fill_frame(struct bench *b)
{
    const struct vfa_color color = {{1, 2, 3, 4}};
    return vfa_fill_frame(b->v.f.a, b->made.mids[0], &color, VFA_FILL_PICTURE);
}

static mfxStatus clear_frame(struct bench *b)
{
    return vfa_clear_frame(b->v.f.a, b->made.mids[0], VFA_RANGE_LIMITED);
}

static mfxStatus measure(struct bench *b)
{
    struct vfa_copy_config config = vfa_copy_config_defaults();
    return vfa_copy_measure(&config, bench_memory(b), 4096);
}

static mfxStatus free_frames(struct bench *b)
{
    return vfa_frames_free(b->v.f.a, &b->made);
}

static mfxStatus free_by_callback(struct bench *b)
{
    mfxStatus status = release(&b->v.f, &b->made);
    memset(&b->made, 0, sizeof b->made);
    return status;
}

/* Freed while locked: the frames end with the lock. */
static void make_and_lock(struct bench *b)
{
    make_small(b);
    assert_int_equal(lock(&b->v.f, b->mid, &b->data), MFX_ERR_NONE);
    assert_int_equal(free_frames(b), MFX_ERR_NONE);
}

static mfxStatus end_the_last_lock(struct bench *b)
{
    return unlock(&b->v.f, b->mid, &b->data);
}

/* --- wrapped */

static mfxStatus wrap(struct bench *b)
{
    mfxFrameInfo info = bench_request(1, 1).Info;
    mfxFrameData planes;
    memset(&planes, 0, sizeof planes);
    planes.PitchLow = 32;
    planes.Y = b->pixels;
    planes.UV = b->pixels + 32 * VA_HEIGHT;
    b->mid = b;
    return vfa_wrap_host(b->v.f.a, &info, &planes, NULL, NULL, &b->mid);
}

static void not_wrapped(struct bench *b)
{
    assert_null(b->mid);
}

static mfxStatus unwrap(struct bench *b)
{
    return vfa_unwrap(b->v.f.a, b->mid);
}

static void end_wrapped(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(unwrap(b), MFX_ERR_NONE);
}

static void wrap_first(struct bench *b)
{
    assert_int_equal(wrap(b), MFX_ERR_NONE);
}

/* --- surfaces */

static mfxStatus fill(struct bench *b, const mfxFrameAllocResponse *response, enum vfa_surface_mode mode)
{
    mfxFrameInfo info = bench_request(1, 1).Info;
    memset(b->array, 0xff, sizeof b->array);
    return vfa_surfaces_fill(b->v.f.mfx, response, &info, mode, b->array, BENCH_FRAMES);
}

static mfxStatus fill_by_mid(struct bench *b)
{
    return fill(b, &b->frames, VFA_SURFACE_MEMID);
}

static mfxStatus fill_by_pointer(struct bench *b)
{
    return fill(b, &b->made, VFA_SURFACE_POINTERS);
}

static void zeroed(struct bench *b)
{
    static const mfxFrameSurface1 none[BENCH_FRAMES];
    assert_memory_equal(b->array, none, sizeof none);
    for (size_t i = 0; i < BENCH_FRAMES; i++)
        assert_int_equal(unlock(&b->v.f, b->made.mids[i], NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
}

static void make_surfaces_to_copy(struct bench *b)
{
    assert_int_equal(alloc_surfaces(b), MFX_ERR_NONE);
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, VFA_VA_WAY_IMAGE_COPY),
                         MFX_ERR_NONE);
}

static void end_surfaces_to_copy(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_surfaces_clear(b->v.f.mfx, VFA_SURFACE_POINTERS, b->array, BENCH_FRAMES),
                         MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, VFA_VA_WAY_MEASURED),
                         MFX_ERR_NONE);
}

static void fill_first(struct bench *b)
{
    make_surfaces_to_copy(b);
    assert_int_equal(fill_by_pointer(b), MFX_ERR_NONE);
}

static mfxStatus clear(struct bench *b)
{
    return vfa_surfaces_clear(b->v.f.mfx, VFA_SURFACE_POINTERS, b->array, BENCH_FRAMES);
}

static const struct operation rows[] = {
    {"vfa_frames_alloc", &world_allocator, NULL, alloc_three, no_response, end_frames, MFX_ERR_MEMORY_ALLOC,
     TELLS},
    {"vfa_frames_alloc: fewer will do", &world_allocator, NULL, alloc_one_at_least, no_response, end_frames,
     MFX_ERR_MEMORY_ALLOC, MAY_SERVE | TELLS},
    {"vfa_frames_alloc: handles beyond the first chunk", &world_empty, new_allocator, alloc_beyond_a_chunk,
     no_response, end_new_allocator, MFX_ERR_MEMORY_ALLOC, KEEPS | TELLS},
    {"vfa_frames_alloc: coded buffers", &world_va, NULL, alloc_coded, no_response, end_frames,
     MFX_ERR_MEMORY_ALLOC, TELLS},
    {"Alloc", &world_allocator, NULL, alloc_by_callback, no_response, end_frames, MFX_ERR_MEMORY_ALLOC,
     TELLS},
    {"Alloc: frames that are there", &world_allocator, make_to_be_shared, claim, NULL, end_shared,
     MFX_ERR_MEMORY_ALLOC, TELLS},
    {"vfa_frames_alloc_from", &world_va, NULL, alloc_surfaces, no_response, end_frames, MFX_ERR_MEMORY_ALLOC,
     TELLS},
    {"vfa_frames_direction", &world_allocator, NULL, direct, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_frames_replace", &world_allocator, make_small, replace, as_it_was, free_either,
     MFX_ERR_MEMORY_ALLOC, MAY_SERVE | TELLS},
    {"vfa_frames_replace: by nothing", &world_allocator, make_small, replace_with_the_same, as_it_was,
     free_either, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_frames_alloc: with wishes", &world_empty, make_wishing, allocate_wishing, no_response, end_wishing,
     MFX_ERR_MEMORY_ALLOC, MAY_SERVE},
    {"vfa_copy_frame", &world_allocator, make_to_be_shared, copy, NULL, end_shared, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_fill_frame", &world_allocator, make_to_be_shared, fill_frame, NULL, end_shared, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_clear_frame", &world_allocator, make_to_be_shared, clear_frame, NULL, end_shared, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_copy_measure", &world_empty, NULL, measure, NULL, NULL, MFX_ERR_MEMORY_ALLOC, 0},
    {"vfa_frames_free", &world_allocator, make_small, free_frames, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"Free", &world_allocator, make_small, free_by_callback, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"Free: while locked", &world_allocator, make_and_lock, end_the_last_lock, NULL, NULL, MFX_ERR_NONE,
     MAY_SERVE},
    {"vfa_wrap_host", &world_allocator, NULL, wrap, not_wrapped, end_wrapped, MFX_ERR_MEMORY_ALLOC, TELLS},
    {"vfa_unwrap", &world_allocator, wrap_first, unwrap, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_surfaces_fill", &world_allocator, NULL, fill_by_mid, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_surfaces_fill: pointers", &world_va, make_surfaces_to_copy, fill_by_pointer, zeroed,
     end_surfaces_to_copy, MFX_ERR_MEMORY_ALLOC, KEEPS | TELLS},
    {"vfa_surfaces_clear", &world_va, fill_first, clear, NULL, end_surfaces_to_copy, MFX_ERR_NONE,
     ASKS_NOTHING},
};

const struct operations operations_frames = OPERATIONS(rows);
