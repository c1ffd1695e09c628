/* Operations of va.h. */
#include "bench.h"

#define NODES "/dev/dri/renderD128"

/* --- beginning and end */

static mfxStatus create(struct bench *b)
{
    b->made_va = (struct vfa_va *)b;
    return bench_create_va(b, &b->made_va);
}

static void no_backend(struct bench *b)
{
    assert_null(b->made_va);
    assert_int_equal(atomic_load(&b->v.fake.displays_open), 0);
}

static void end_backend(struct bench *b, mfxStatus status)
{
    (void)status;
    vfa_va_destroy(&b->made_va);
}

/* A node of the tests' own, and the fake behind it. */
static void with_a_node(struct bench *b)
{
    b->v.config.display = NULL;
    fake_va_on_drm(&b->v.fake);
    fault_redirect(NODES, "/dev/null");
}

/* An application cannot tell a node that does not open from one that is not there; other ends are want of
 * memory. */
static mfxStatus create_on_a_node(struct bench *b)
{
    mfxStatus status = create(b);
    const char *hit = fault_hit();
    if (hit && (strcmp(hit, "open") == 0 || strcmp(hit, "access") == 0)) {
        assert_int_equal(status, MFX_ERR_NOT_FOUND);
        return MFX_ERR_MEMORY_ALLOC;
    }
    return status;
}

static void end_node(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_string_equal(vfa_va_device(b->made_va), NODES);
    end_backend(b, status);
    fault_redirect(NULL, NULL);
}

static void make_on_a_node(struct bench *b)
{
    with_a_node(b);
    assert_int_equal(create(b), MFX_ERR_NONE);
}

static mfxStatus destroy(struct bench *b)
{
    vfa_va_destroy(&b->made_va);
    assert_null(b->made_va);
    assert_int_equal(atomic_load(&b->v.fake.displays_open), 0);
    return MFX_ERR_NONE;
}

static void make(struct bench *b)
{
    assert_int_equal(create(b), MFX_ERR_NONE);
}

static mfxStatus lose(struct bench *b)
{
    vfa_va_display_lost(b->made_va);
    return MFX_ERR_NONE;
}

/* --- questions */

static mfxStatus backend(struct bench *b)
{
    struct vfa_backend found;
    return vfa_va_backend(b->v.va, &found);
}

static mfxStatus names(struct bench *b)
{
    assert_ptr_equal(vfa_va_display(b->v.va), &b->v.fake);
    assert_string_equal(vfa_va_vendor(b->v.va), b->v.fake.vendor);
    assert_string_equal(vfa_va_device(b->v.va), "");
    assert_string_equal(vfa_va_status_name(VA_STATUS_SUCCESS), "VA_STATUS_SUCCESS");
    assert_non_null(vfa_va_api_libva());
    return vfa_va_status(VA_STATUS_SUCCESS);
}

static mfxStatus stats(struct bench *b)
{
    struct vfa_va_stats found;
    return vfa_va_stats(b->v.va, &found);
}

static mfxStatus set_way(struct bench *b)
{
    return vfa_va_set_way(b->v.va, MFX_FOURCC_NV12, VFA_VA_READ, VFA_VA_WAY_MEASURED);
}

/* --- a format that nothing is known of */

static mfxStatus probe(struct bench *b)
{
    static const struct vfa_va_facts none;
    struct vfa_va_facts facts;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_I420, 1);
    mfxStatus status = vfa_va_probe(b->made_va, &request.Info, request.Type, &facts, NULL);
    if (status != MFX_ERR_NONE)
        assert_memory_equal(&facts, &none, sizeof none);
    return status;
}

static void make_all(struct bench *b)
{
    struct vfa_backend found;
    make(b);
    assert_int_equal(vfa_va_backend(b->made_va, &found), MFX_ERR_NONE);
    bench_open_allocator(b, &b->made_allocator, &found, 1);
}

static mfxStatus alloc_first(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_I420, 2);
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_frames_alloc(b->made_allocator, &request, 0, &b->made);
}

static void no_frames(struct bench *b)
{
    assert_null(b->made.mids);
}

static void end_all(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->made_allocator, &b->made), MFX_ERR_NONE);
    vfa_allocator_destroy(&b->made_allocator);
    end_backend(b, status);
}

#define NO_MEMORY MFX_ERR_MEMORY_ALLOC

static const struct operation rows[] = {
    {"vfa_va_create", &world_empty, NULL, create, no_backend, end_backend, NO_MEMORY, 0},
    {"vfa_va_create: on a node", &world_empty, with_a_node, create_on_a_node, no_backend, end_node, NO_MEMORY,
     0},
    {"vfa_va_destroy", &world_empty, make_on_a_node, destroy, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_va_display_lost", &world_empty, make, lose, NULL, end_backend, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_backend", &world_va, NULL, backend, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_display", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_vendor", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_device", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_status", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_status_name", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_api_libva", &world_va, NULL, names, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_stats", &world_va, NULL, stats, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_set_way", &world_va, NULL, set_way, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_probe", &world_empty, make, probe, NULL, end_backend, NO_MEMORY, MAY_SERVE | FINDS_OUT},
    {"vfa_frames_alloc: surfaces of a new format", &world_empty, make_all, alloc_first, no_frames, end_all,
     NO_MEMORY, MAY_SERVE | KEEPS | FINDS_OUT},
};

const struct operations operations_va = OPERATIONS(rows);
