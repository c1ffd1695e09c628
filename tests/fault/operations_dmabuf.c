/* Operations of dmabuf.h. */
#include "bench.h"

/* --- out */

static mfxStatus export_frame(struct bench *b)
{
    memset(&b->exported, 0xff, sizeof b->exported);
    return vfa_va_export(b->v.va, b->v.f.a, b->frames.mids[0], VFA_VA_EXPORT_READ, &b->exported);
}

static void no_export(struct bench *b)
{
    static const VADRMPRIMESurfaceDescriptor none;
    assert_memory_equal(&b->exported, &none, sizeof none);
}

static void end_export(struct bench *b, mfxStatus status)
{
    (void)status;
    vfa_va_descriptor_close(&b->exported);
    no_export(b);
}

static void export_first(struct bench *b)
{
    assert_int_equal(export_frame(b), MFX_ERR_NONE);
}

static mfxStatus close_descriptor(struct bench *b)
{
    vfa_va_descriptor_close(&b->exported);
    no_export(b);
    return MFX_ERR_NONE;
}

/* --- in */

static mfxStatus alloc_slots(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    memset(&b->made, 0xff, sizeof b->made);
    return vfa_va_slots_alloc(b->v.va, b->v.f.a, &request, 0, &b->made);
}

static void no_slots(struct bench *b)
{
    assert_null(b->made.mids);
}

static void end_slots(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(vfa_frames_free(b->v.f.a, &b->made), MFX_ERR_NONE);
}

static mfxStatus bind(struct bench *b, uint64_t key)
{
    return vfa_va_bind_dmabuf(b->v.va, b->v.f.a, b->mid, &b->picture, key);
}

static mfxStatus bind_once(struct bench *b)
{
    return bind(b, 0);
}

static mfxStatus bind_by_key(struct bench *b)
{
    return bind(b, 7);
}

static mfxStatus bind_surface(struct bench *b)
{
    return vfa_va_bind_surface(b->v.va, b->v.f.a, b->mid, surface_of(&b->v, b->frames.mids[0]));
}

/* What was bound before still is: the surface of the frame beside it. */
static void bind_a_surface(struct bench *b)
{
    assert_int_equal(bind_surface(b), MFX_ERR_NONE);
}

static void still_bound(struct bench *b)
{
    assert_int_equal(surface_of(&b->v, b->mid), surface_of(&b->v, b->frames.mids[0]));
}

static mfxStatus unbind(struct bench *b)
{
    return vfa_va_unbind(b->v.va, b->v.f.a, b->mid);
}

static void end_binding(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(unbind(b), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(b->v.va, 0), MFX_ERR_NONE);
}

static void bind_first(struct bench *b)
{
    assert_int_equal(bind(b, 7), MFX_ERR_NONE);
}

static void bind_and_unbind(struct bench *b)
{
    bind_first(b);
    assert_int_equal(unbind(b), MFX_ERR_NONE);
}

static mfxStatus forget(struct bench *b)
{
    return vfa_va_import_forget(b->v.va, 7);
}

/* A file that the system says nothing of is answered as one that is not open: it cannot be told apart. */
static mfxStatus failing_bind(struct bench *b, mfxStatus status)
{
    (void)b;
    const char *hit = fault_hit();
    if (hit && status == MFX_ERR_INVALID_HANDLE) {
        assert_string_equal(hit, "fstat");
        return MFX_ERR_MEMORY_ALLOC;
    }
    if (hit && status == MFX_ERR_UNSUPPORTED) { /* of the driver's own answer: the layout is not proven */
        assert_true(strcmp(hit, "fstat") == 0 || strcmp(hit, "fcntl") == 0);
        return MFX_ERR_MEMORY_ALLOC;
    }
    return status;
}

static mfxStatus bind_once_failing(struct bench *b)
{
    return failing_bind(b, bind_once(b));
}

static mfxStatus bind_by_key_failing(struct bench *b)
{
    return failing_bind(b, bind_by_key(b));
}

static const struct operation rows[] = {
    {"vfa_va_export", &world_va, NULL, export_frame, no_export, end_export, MFX_ERR_DEVICE_FAILED,
     MAY_SERVE | TELLS},
    {"vfa_va_descriptor_close", &world_va, export_first, close_descriptor, NULL, NULL, MFX_ERR_NONE,
     MAY_SERVE},
    {"vfa_va_slots_alloc", &world_va, NULL, alloc_slots, no_slots, end_slots, MFX_ERR_MEMORY_ALLOC, TELLS},
    {"vfa_va_bind_dmabuf", &world_slots, bind_a_surface, bind_once_failing, still_bound, end_binding,
     MFX_ERR_MEMORY_ALLOC, MAY_SERVE},
    {"vfa_va_bind_dmabuf: under a key", &world_slots, bind_a_surface, bind_by_key_failing, still_bound,
     end_binding, MFX_ERR_MEMORY_ALLOC, MAY_SERVE},
    {"vfa_va_bind_surface", &world_slots, NULL, bind_surface, NULL, end_binding, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_unbind", &world_slots, bind_first, unbind, NULL, end_binding, MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_va_import_forget", &world_slots, bind_and_unbind, forget, NULL, NULL, MFX_ERR_NONE, ASKS_NOTHING},
};

const struct operations operations_dmabuf = OPERATIONS(rows);
