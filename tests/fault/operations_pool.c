/* Operations of pool.h. */
#include "bench.h"

/* --- beginning and end */

static mfxStatus create(struct bench *b)
{
    b->made_pool = (struct vfa_pool *)b;
    return vfa_pool_create(&b->made_pool, &b->config);
}

static void no_pool(struct bench *b)
{
    assert_null(b->made_pool);
}

static void end_pool(struct bench *b, mfxStatus status)
{
    (void)status;
    vfa_pool_destroy(&b->made_pool);
}

static void plain(struct bench *b)
{
    b->config.hints = NULL;
    b->config.request = bench_request(3, 3);
}

static void with_pointers(struct bench *b)
{
    plain(b);
    b->config.mode = VFA_SURFACE_POINTERS;
}

/* Pointers of surfaces that are copied: each Lock asks for memory. */
static void with_pointers_to_copies(struct bench *b)
{
    with_pointers(b);
    b->config = vfa_pool_config_defaults();
    b->config.allocator = b->v.f.mfx;
    b->config.request = va_request(MFX_FOURCC_NV12, 3);
    b->config.memory = bench_memory(b);
    b->config.mode = VFA_SURFACE_POINTERS;
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, VFA_VA_WAY_IMAGE_COPY),
                         MFX_ERR_NONE);
}

static void end_pool_of_copies(struct bench *b, mfxStatus status)
{
    end_pool(b, status);
    for (int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(b->v.va, 0, (enum vfa_va_direction)d, VFA_VA_WAY_MEASURED),
                         MFX_ERR_NONE);
}

static void with_an_interface(struct bench *b)
{
    plain(b);
    b->interface = vfa_interface_config_defaults();
    b->config.frame_interface = &b->interface;
}

static void with_own_surfaces(struct bench *b)
{
    mfxFrameInfo info = bench_request(1, 1).Info;
    assert_int_equal(
        vfa_surfaces_fill(b->v.f.mfx, &b->frames, &info, VFA_SURFACE_MEMID, b->array, BENCH_FRAMES),
        MFX_ERR_NONE);
    b->config.allocator = NULL;
    b->config.hints = NULL;
    b->config.surfaces = b->array;
    b->config.surface_count = BENCH_FRAMES;
}

static void fewer_will_do(struct bench *b)
{
    b->config.hints = NULL;
    b->config.request = bench_request(1, 3);
}

static void make_pool(struct bench *b)
{
    plain(b);
    assert_int_equal(create(b), MFX_ERR_NONE);
}

static mfxStatus destroy(struct bench *b)
{
    vfa_pool_destroy(&b->made_pool);
    assert_null(b->made_pool);
    return MFX_ERR_NONE;
}

static mfxStatus close_made(struct bench *b)
{
    vfa_pool_close(b->made_pool);
    return MFX_ERR_NONE;
}

/* --- acquired and released */

static mfxStatus acquire(struct bench *b)
{
    return vfa_pool_acquire(b->pool, 0, &b->surface[2]);
}

static mfxStatus acquire_as(struct bench *b)
{
    struct vfa_pool_want want = vfa_pool_want_defaults();
    want.tag = "sweep";
    want.timeout_ms = 1;
    return vfa_pool_acquire_as(b->pool, &want, &b->surface[2]);
}

static void no_surface(struct bench *b)
{
    assert_null(b->surface[2]);
}

static void acquire_one(struct bench *b)
{
    assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[2]), MFX_ERR_NONE);
}

static void acquire_two(struct bench *b)
{
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[i]), MFX_ERR_NONE);
    b->surface[2] = (mfxFrameSurface1 *)b->array;
}

static void release_all(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_pool_release(b->pool, b->surface[2]), MFX_ERR_NONE);
    for (size_t i = 0; i < 2; i++)
        if (b->surface[i])
            assert_int_equal(vfa_pool_release(b->pool, b->surface[i]), MFX_ERR_NONE);
    memset(b->surface, 0, sizeof b->surface);
    (void)vfa_pool_trim(b->pool, 0);
}

/* A pool that cannot grow for want of memory is one with nothing free. */
static mfxStatus acquire_a_new_one(struct bench *b)
{
    mfxStatus status = acquire(b);
    return status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED ? MFX_ERR_MEMORY_ALLOC : status;
}

/* Everything is out: the wait itself is what may fail. */
static void acquire_all(struct bench *b)
{
    acquire_two(b);
    for (size_t i = 2; i < 4; i++)
        assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[i]), MFX_ERR_NONE);
}

static mfxStatus wait_in_vain(struct bench *b)
{
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)b->array;
    mfxStatus status = vfa_pool_acquire(b->pool, 1, &surface);
    assert_null(surface);
    return status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED ? MFX_ERR_NONE : status;
}

static void release_four(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_pool_release(b->pool, b->surface[3]), MFX_ERR_NONE);
    release_all(b, MFX_ERR_NONE);
}

static mfxStatus give_back(struct bench *b)
{
    return vfa_pool_release(b->pool, b->surface[2]);
}

static mfxStatus settle(struct bench *b)
{
    return vfa_pool_settle(b->pool, b->surface[2], NULL);
}

static mfxStatus settle_as_output(struct bench *b)
{
    return vfa_pool_settle(b->pool, b->surface[2], b->surface[2]);
}

static mfxStatus refer(struct bench *b)
{
    mfxStatus status = vfa_pool_ref(b->pool, b->surface[2]);
    return status == MFX_ERR_NONE ? give_back(b) : status;
}

static mfxStatus claim_and_end(struct bench *b)
{
    mfxStatus status = vfa_pool_claim(b->pool, b->surface[2], &b->lease);
    return status == MFX_ERR_NONE ? vfa_pool_end(b->pool, &b->lease) : status;
}

static mfxStatus tag(struct bench *b)
{
    return vfa_pool_tag(b->pool, b->surface[2], "sweep");
}

static mfxStatus cancel(struct bench *b)
{
    struct vfa_pool_cancel cancel = {0};
    return vfa_pool_cancel_waits(b->pool, &cancel);
}

/* --- other sizes */

static void grow(struct bench *b)
{
    acquire_all(b);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(vfa_pool_release(b->pool, b->surface[i]), MFX_ERR_NONE);
    memset(b->surface, 0, sizeof b->surface);
}

static mfxStatus trim(struct bench *b)
{
    assert_int_equal(vfa_pool_trim(b->pool, 0), 2);
    return MFX_ERR_NONE;
}

static mfxStatus reset_to(struct bench *b, mfxU16 width, bool *replaced)
{
    mfxFrameAllocRequest request = bench_request(2, 2);
    request.Info.Width = width;
    return vfa_pool_reset(b->pool, &request, replaced);
}

static mfxStatus reset(struct bench *b)
{
    bool replaced = true;
    mfxStatus status = reset_to(b, 4 * VA_WIDTH, &replaced);
    assert_int_equal(replaced, status == MFX_ERR_NONE);
    return status;
}

static void has_its_frames(struct bench *b)
{
    assert_int_equal(vfa_pool_response(b->pool)->NumFrameActual, 2);
    acquire_one(b);
    assert_int_equal(b->surface[2]->Info.Width, VA_WIDTH);
    assert_int_equal(give_back(b), MFX_ERR_NONE);
    b->surface[2] = NULL;
}

/* Not to a smaller size: that would be served by the frames there are. */
static void reset_back(struct bench *b, mfxStatus status)
{
    if (status != MFX_ERR_NONE)
        return;
    vfa_pool_destroy(&b->pool);
    assert_int_equal(vfa_pool_create(&b->pool, &b->config), MFX_ERR_NONE);
}

static mfxStatus reset_to_less(struct bench *b)
{
    bool replaced = true;
    mfxStatus status = reset_to(b, VA_WIDTH / 2, &replaced);
    assert_false(replaced);
    return status == MFX_ERR_NONE ? reset_to(b, VA_WIDTH, NULL) : status;
}

/* --- questions */

static mfxStatus poke(struct bench *b)
{
    vfa_pool_poke(b->pool);
    return MFX_ERR_NONE;
}

static mfxStatus stats(struct bench *b)
{
    struct vfa_pool_stats found;
    return vfa_pool_stats(b->pool, &found);
}

static mfxStatus holders(struct bench *b)
{
    struct vfa_pool_holder found[2];
    assert_int_equal(vfa_pool_holders(b->pool, found, 2), 1);
    return MFX_ERR_NONE;
}

static mfxStatus explain(struct bench *b)
{
    char text[300];
    assert_true(vfa_pool_explain(b->pool, text, sizeof text) > 0);
    return MFX_ERR_NONE;
}

static mfxStatus response(struct bench *b)
{
    assert_non_null(vfa_pool_response(b->pool));
    return MFX_ERR_NONE;
}

#define NO_MEMORY MFX_ERR_MEMORY_ALLOC

static const struct operation rows[] = {
    {"vfa_pool_create", &world_pool, plain, create, no_pool, end_pool, NO_MEMORY, 0},
    {"vfa_pool_create: it may grow", &world_pool, NULL, create, no_pool, end_pool, NO_MEMORY, 0},
    {"vfa_pool_create: fewer will do", &world_pool, fewer_will_do, create, no_pool, end_pool, NO_MEMORY,
     MAY_SERVE},
    {"vfa_pool_create: pointers", &world_pool, with_pointers, create, no_pool, end_pool, NO_MEMORY, 0},
    {"vfa_pool_create: pointers to copies", &world_va, with_pointers_to_copies, create, no_pool,
     end_pool_of_copies, NO_MEMORY, 0},
    {"vfa_pool_create: a frame interface", &world_pool, with_an_interface, create, no_pool, end_pool,
     NO_MEMORY, 0},
    {"vfa_pool_create: the application's surfaces", &world_pool, with_own_surfaces, create, no_pool, end_pool,
     NO_MEMORY, 0},
    {"vfa_pool_destroy", &world_pool, make_pool, destroy, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_pool_close", &world_pool, make_pool, close_made, NULL, end_pool, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_acquire", &world_pool, NULL, acquire, NULL, release_all, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_acquire: the pool grows", &world_pool, acquire_two, acquire_a_new_one, no_surface, release_all,
     NO_MEMORY, 0},
    {"vfa_pool_acquire: in vain", &world_pool, acquire_all, wait_in_vain, NULL, release_four, NO_MEMORY, 0},
    {"vfa_pool_acquire_as", &world_pool, NULL, acquire_as, NULL, release_all, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_cancel_waits", &world_pool, NULL, cancel, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_tag", &world_pool, acquire_one, tag, NULL, release_all, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_settle", &world_pool, acquire_one, settle, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_settle: an output", &world_pool, acquire_one, settle_as_output, NULL, release_all,
     MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_ref", &world_pool, acquire_one, refer, NULL, release_all, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_release", &world_pool, acquire_one, give_back, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_claim", &world_pool, acquire_one, claim_and_end, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_end", &world_pool, acquire_one, claim_and_end, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_trim", &world_pool, grow, trim, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_pool_reset", &world_pool, NULL, reset, has_its_frames, reset_back, NO_MEMORY, MAY_SERVE},
    {"vfa_pool_reset: to less", &world_pool, NULL, reset_to_less, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_poke", &world_pool, NULL, poke, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_stats", &world_pool, NULL, stats, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_holders", &world_pool, acquire_one, holders, NULL, release_all, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_explain", &world_pool, NULL, explain, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_pool_response", &world_pool, NULL, response, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
};

const struct operations operations_pool = OPERATIONS(rows);
