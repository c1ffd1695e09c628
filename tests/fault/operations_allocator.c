/* Operations of allocator.h and backend.h that make, end and ask allocators, and reach frames. */
#include "bench.h"

/* --- beginning and end */

static mfxStatus create_with(struct bench *b, const struct vfa_backend *backends, size_t count)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.name = "made";
    config.memory = bench_memory(b);
    config.backend = backends;
    config.backend_count = count;
    b->made_allocator = (struct vfa_allocator *)b;
    return vfa_allocator_create(&b->made_allocator, &config);
}

static mfxStatus create(struct bench *b)
{
    return create_with(b, NULL, 0);
}

static mfxStatus create_over_two(struct bench *b)
{
    struct vfa_backend backends[2];
    assert_int_equal(vfa_va_backend(b->v.va, &backends[0]), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_system(NULL, &backends[1]), MFX_ERR_NONE);
    return create_with(b, backends, 2);
}

static void no_allocator(struct bench *b)
{
    assert_null(b->made_allocator);
}

static void end_allocator(struct bench *b, mfxStatus status)
{
    (void)status;
    vfa_allocator_destroy(&b->made_allocator);
}

static void make_allocator(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    bench_open_allocator(b, &b->made_allocator, NULL, 0);
    assert_int_equal(vfa_frames_alloc(b->made_allocator, &request, 0, &b->made), MFX_ERR_NONE);
}

static mfxStatus destroy(struct bench *b)
{
    memset(&b->made, 0, sizeof b->made);
    vfa_allocator_destroy(&b->made_allocator);
    assert_null(b->made_allocator);
    return MFX_ERR_NONE;
}

/* --- questions */

static mfxStatus mfx(struct bench *b)
{
    assert_ptr_equal(vfa_allocator_mfx(b->v.f.a), b->v.f.mfx);
    return MFX_ERR_NONE;
}

static mfxStatus next_id(struct bench *b)
{
    assert_int_not_equal(vfa_next_alloc_id(b->v.f.a), 0);
    return MFX_ERR_NONE;
}

static mfxStatus info(struct bench *b)
{
    mfxFrameInfo found;
    return vfa_frame_info(b->v.f.a, b->frames.mids[0], &found);
}

static mfxStatus last_error(struct bench *b)
{
    struct vfa_error error;
    return vfa_last_error(b->v.f.a, &error);
}

static mfxStatus stats(struct bench *b)
{
    struct vfa_stats found;
    return vfa_allocator_stats(b->v.f.a, &found);
}

static mfxStatus report(struct bench *b)
{
    char text[1000];
    assert_true(vfa_allocator_report(b->v.f.a, text, sizeof text) > 0);
    assert_true(vfa_allocator_report(b->v.f.a, NULL, 0) > 0);
    return MFX_ERR_NONE;
}

static void keep_set(struct bench *b)
{
    mfxFrameAllocRequest request = bench_request(1, 1);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, VFA_FRAMES_PRIVATE, &b->made), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
}

static mfxStatus trim(struct bench *b)
{
    struct vfa_stats found;
    (void)vfa_allocator_trim(b->v.f.a, 0);
    assert_int_equal(vfa_allocator_stats(b->v.f.a, &found), MFX_ERR_NONE);
    assert_int_equal(found.memory.kept_bytes, 0);
    return MFX_ERR_NONE;
}

static mfxStatus yield(struct bench *b)
{
    struct vfa_stats found;
    size_t bytes = vfa_allocator_yield(b->v.f.a, 0);
    assert_int_equal(vfa_allocator_stats(b->v.f.a, &found), MFX_ERR_NONE);
    assert_int_equal(found.memory.yielded_bytes, bytes);
    return MFX_ERR_NONE;
}

static mfxStatus system_backend(struct bench *b)
{
    struct vfa_backend backend;
    (void)b;
    return vfa_backend_system(NULL, &backend);
}

/* --- pixels */

static mfxStatus take_lock(struct bench *b)
{
    return lock(&b->v.f, b->mid, &b->data);
}

static mfxStatus map(struct bench *b)
{
    return vfa_map(b->v.f.a, b->mid, MFX_MAP_READ_WRITE, &b->data);
}

static void no_pointers(struct bench *b)
{
    assert_null(b->data.Y);
    assert_int_equal(vfa_unmap(b->v.f.a, b->mid, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
}

static void first_frame(struct bench *b)
{
    memset(&b->data, 0, sizeof b->data);
    b->mid = b->frames.mids[0];
}

static void end_lock(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_unmap(b->v.f.a, b->mid, &b->data), MFX_ERR_NONE);
}

static void lock_first(struct bench *b)
{
    first_frame(b);
    assert_int_equal(take_lock(b), MFX_ERR_NONE);
}

static mfxStatus end_a_lock(struct bench *b)
{
    return unlock(&b->v.f, b->mid, &b->data);
}

static mfxStatus unmap(struct bench *b)
{
    return vfa_unmap(b->v.f.a, b->mid, &b->data);
}

/* Frames of their own: what a map caches goes with them. */
static void new_surface(struct bench *b)
{
    static const enum vfa_va_way ways[VFA_VA_DIRECTIONS] = {VFA_VA_WAY_IMAGE_COPY, VFA_VA_WAY_DERIVE_COPY,
                                                            VFA_VA_WAY_DERIVE_COPY};
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    memset(&b->data, 0, sizeof b->data);
    assert_int_equal(vfa_frames_alloc(b->v.f.a, &request, VFA_FRAMES_PRIVATE, &b->made), MFX_ERR_NONE);
    b->mid = b->made.mids[0];
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, ways[d]), MFX_ERR_NONE);
}

static mfxStatus map_to_read(struct bench *b)
{
    return vfa_map(b->v.f.a, b->mid, MFX_MAP_READ, &b->data);
}

static void end_new_surface(struct bench *b, mfxStatus status)
{
    end_lock(b, status);
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, VFA_VA_WAY_MEASURED),
                         MFX_ERR_NONE);
}

static void new_locked_surface(struct bench *b)
{
    new_surface(b);
    assert_int_equal(map(b), MFX_ERR_NONE);
}

static void end_unmapped_surface(struct bench *b, mfxStatus status)
{
    (void)status;
    end_new_surface(b, MFX_ERR_UNKNOWN);
}

static mfxStatus handle(struct bench *b)
{
    mfxHDL found = NULL;
    mfxStatus status = b->v.f.mfx->GetHDL(b->v.f.mfx->pthis, b->frames.mids[0], &found);
    assert_non_null(found);
    return status;
}

static mfxStatus look(void *self, const struct vfa_backend_host *host, void *frame, uint32_t locks,
                      void *user)
{
    (void)self, (void)host, (void)frame, (void)locks, (void)user;
    return MFX_ERR_NONE;
}

static mfxStatus visit(struct bench *b)
{
    return vfa_backend_visit(b->v.f.a, "a visit", b->frames.mids[0], b->v.va, look, NULL);
}

static const struct operation rows[] = {
    {"vfa_allocator_create", &world_empty, NULL, create, no_allocator, end_allocator, MFX_ERR_MEMORY_ALLOC,
     0},
    {"vfa_allocator_create: two backends", &world_va, NULL, create_over_two, no_allocator, end_allocator,
     MFX_ERR_MEMORY_ALLOC, 0},
    {"vfa_allocator_destroy", &world_empty, make_allocator, destroy, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_allocator_mfx", &world_allocator, NULL, mfx, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_next_alloc_id", &world_allocator, NULL, next_id, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_frame_info", &world_allocator, NULL, info, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_last_error", &world_allocator, NULL, last_error, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_allocator_stats", &world_allocator, NULL, stats, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_allocator_report", &world_allocator, NULL, report, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_allocator_trim", &world_allocator, keep_set, trim, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_allocator_yield", &world_allocator, keep_set, yield, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_backend_system", &world_empty, NULL, system_backend, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_backend_visit", &world_va, NULL, visit, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"Lock", &world_allocator, first_frame, take_lock, no_pointers, end_lock, MFX_ERR_NONE, ASKS_NOTHING},
    {"Lock: a surface", &world_va, new_surface, take_lock, no_pointers, end_new_surface, MFX_ERR_MEMORY_ALLOC,
     TELLS},
    {"Unlock", &world_allocator, lock_first, end_a_lock, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"Unlock: a surface", &world_va, new_locked_surface, end_a_lock, NULL, end_unmapped_surface, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"GetHDL", &world_va, NULL, handle, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_map", &world_allocator, first_frame, map, no_pointers, end_lock, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_map: a surface", &world_va, new_surface, map, no_pointers, end_new_surface, MFX_ERR_MEMORY_ALLOC,
     TELLS},
    {"vfa_map: a surface to be read", &world_va, new_surface, map_to_read, no_pointers, end_new_surface,
     MFX_ERR_MEMORY_ALLOC, TELLS},
    {"vfa_unmap", &world_va, new_locked_surface, unmap, NULL, end_unmapped_surface, MFX_ERR_NONE,
     ASKS_NOTHING},
};

const struct operations operations_allocator = OPERATIONS(rows);
