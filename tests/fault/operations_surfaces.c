/* Operations on frames that are surfaces of a driver, in the states that they may be in: made, locked, freed
 * while locked, bound, copied, filled, coded buffers, and in pools. */
#include "bench.h"

/* --- ways into them: those that ask for the most */

static void force(struct bench *b, enum vfa_va_way read, enum vfa_va_way write, enum vfa_va_way both)
{
    assert_int_equal(vfa_va_set_way(b->v.va, 0, VFA_VA_READ, read), MFX_ERR_NONE);
    assert_int_equal(vfa_va_set_way(b->v.va, 0, VFA_VA_WRITE, write), MFX_ERR_NONE);
    assert_int_equal(vfa_va_set_way(b->v.va, 0, VFA_VA_READ_WRITE, both), MFX_ERR_NONE);
}

static void force_all(struct bench *b, enum vfa_va_way way)
{
    force(b, way, way, way);
}

/* --- made, replaced and freed */

static mfxStatus make(struct bench *b, mfxU32 fourcc, mfxU16 min, mfxU16 suggested)
{
    mfxFrameAllocRequest request = va_request(fourcc, suggested);
    request.NumFrameMin = min;
    if (fourcc == MFX_FOURCC_P8)
        request.Info.BufferSize = 100;
    memset(&b->made, 0xff, sizeof b->made);
    mfxStatus status = vfa_frames_alloc(b->v.f.a, &request, VFA_FRAMES_PRIVATE, &b->made);
    if (status == MFX_ERR_NONE) {
        assert_in_range(b->made.NumFrameActual, min, suggested);
        b->mid = b->made.mids[0];
    }
    return status;
}

static mfxStatus alloc_fewer(struct bench *b)
{
    return make(b, MFX_FOURCC_NV12, 1, 3);
}

static mfxStatus alloc_by_callback(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    memset(&b->made, 0xff, sizeof b->made);
    return alloc(&b->v.f, &request, &b->made);
}

static void no_response(struct bench *b)
{
    assert_null(b->made.mids);
    assert_int_equal(b->made.NumFrameActual, 0);
}

static mfxStatus free_made(struct bench *b)
{
    return vfa_frames_free(b->v.f.a, &b->made);
}

static void end_frames(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        assert_int_equal(free_made(b), MFX_ERR_NONE);
}

static void end_either(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(free_made(b), MFX_ERR_NONE);
    force_all(b, VFA_VA_WAY_MEASURED);
}

static void make_two(struct bench *b)
{
    assert_int_equal(make(b, MFX_FOURCC_NV12, 2, 2), MFX_ERR_NONE);
    va_write(&b->v, MFX_FOURCC_NV12, b->mid, 77);
    memset(&b->data, 0, sizeof b->data);
}

static mfxStatus replace(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 3);
    request.Info.Width = 4 * VA_WIDTH;
    return vfa_frames_replace(b->v.f.a, &request, VFA_FRAMES_PRIVATE, &b->made);
}

static void as_it_was(struct bench *b)
{
    assert_int_equal(b->made.NumFrameActual, 2);
    assert_ptr_equal(b->made.mids[0], b->mid);
    assert_int_equal(va_count_bad(&b->v, MFX_FOURCC_NV12, b->mid, 77), 0);
}

/* --- mapped */

/* Whoever got pointers may touch every byte of the picture. */
static mfxStatus touched(struct bench *b, mfxStatus status)
{
    if (status == MFX_ERR_NONE)
        (void)va_pixels(MFX_FOURCC_NV12, &b->data, 3, VA_FILL);
    return status;
}

static mfxStatus map_and_unmap(struct bench *b, mfxU32 flags)
{
    memset(&b->data, 0, sizeof b->data);
    mfxStatus status = touched(b, vfa_map(b->v.f.a, b->mid, flags, &b->data));
    return status == MFX_ERR_NONE ? vfa_unmap(b->v.f.a, b->mid, &b->data) : status;
}

static mfxStatus write_all(struct bench *b)
{
    return map_and_unmap(b, MFX_MAP_WRITE);
}

static mfxStatus read_and_write(struct bench *b)
{
    return map_and_unmap(b, MFX_MAP_READ_WRITE);
}

static void not_mapped(struct bench *b)
{
    assert_int_equal(vfa_unmap(b->v.f.a, b->mid, NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
}

#define MAKE_MAPPED_BY(name, way)       \
    static void name(struct bench *b)   \
    {                                   \
        make_two(b);                    \
        force_all(b, VFA_VA_WAY_##way); \
    }
MAKE_MAPPED_BY(make_derived, DERIVE)
MAKE_MAPPED_BY(make_image, IMAGE)
MAKE_MAPPED_BY(make_derived_copy, DERIVE_COPY)
MAKE_MAPPED_BY(make_image_copy, IMAGE_COPY)

/* Locked to be read; then for writing too. */
static void make_and_read(struct bench *b)
{
    make_image(b);
    assert_int_equal(vfa_map(b->v.f.a, b->mid, MFX_MAP_READ, &b->data), MFX_ERR_NONE);
}

static mfxStatus widen(struct bench *b)
{
    mfxFrameData inner = {.MemId = NULL};
    mfxStatus status = vfa_map(b->v.f.a, b->mid, MFX_MAP_READ_WRITE, &inner), end;
    if (status == MFX_ERR_NONE) {
        (void)va_pixels(MFX_FOURCC_NV12, &inner, 3, VA_FILL);
        status = vfa_unmap(b->v.f.a, b->mid, &inner);
    }
    end = vfa_unmap(b->v.f.a, b->mid, &b->data);
    return status == MFX_ERR_NONE ? end : status;
}

/* Freed while locked: what ends the lock puts the pixels back, and ends the frames. */
static void make_locked_and_free(struct bench *b)
{
    make_image(b);
    assert_int_equal(touched(b, vfa_map(b->v.f.a, b->mid, MFX_MAP_WRITE, &b->data)), MFX_ERR_NONE);
    assert_int_equal(free_made(b), MFX_ERR_NONE);
}

static mfxStatus end_the_last_lock(struct bench *b)
{
    return vfa_unmap(b->v.f.a, b->mid, &b->data);
}

static void measured_again(struct bench *b, mfxStatus status)
{
    (void)status;
    force_all(b, VFA_VA_WAY_MEASURED);
}

/* --- copied and filled */

static void make_to_copy(struct bench *b)
{
    make_two(b);
    force(b, VFA_VA_WAY_IMAGE_COPY, VFA_VA_WAY_DERIVE_COPY, VFA_VA_WAY_IMAGE_COPY);
}

static mfxStatus copy(struct bench *b)
{
    return vfa_copy_frame(b->v.f.a, b->made.mids[0], b->v.f.a, b->made.mids[1], 0, 0, NULL);
}

static mfxStatus fill(struct bench *b)
{
    const struct vfa_color color = {{1, 2, 3, 4}};
    return vfa_fill_frame(b->v.f.a, b->mid, &color, VFA_FILL_PICTURE);
}

static mfxStatus clear(struct bench *b)
{
    return vfa_clear_frame(b->v.f.a, b->mid, VFA_RANGE_LIMITED);
}

static void none_mapped(struct bench *b)
{
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(vfa_unmap(b->v.f.a, b->made.mids[i], NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
}

/* --- coded buffers */

static void make_coded(struct bench *b)
{
    assert_int_equal(make(b, MFX_FOURCC_P8, 2, 2), MFX_ERR_NONE);
}

static mfxStatus use_coded(struct bench *b)
{
    memset(&b->data, 0, sizeof b->data);
    mfxStatus status = lock(&b->v.f, b->mid, &b->data);
    if (status != MFX_ERR_NONE)
        return status;
    memset(b->data.Y, 1, 100);
    return unlock(&b->v.f, b->mid, &b->data);
}

/* --- what is bound to a slot */

static mfxFrameAllocResponse slots;

static void bind(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    assert_int_equal(vfa_va_slots_alloc(b->v.va, b->v.f.a, &request, 0, &slots), MFX_ERR_NONE);
    b->mid = slots.mids[0];
    assert_int_equal(vfa_va_bind_dmabuf(b->v.va, b->v.f.a, b->mid, &b->picture, 7), MFX_ERR_NONE);
}

static void end_binding(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_frames_free(b->v.f.a, &slots), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(b->v.va, 0), MFX_ERR_NONE);
    b->mid = b->made.mids[0];
}

static mfxStatus read_bound(struct bench *b)
{
    memset(&b->data, 0, sizeof b->data);
    mfxStatus status = vfa_map(b->v.f.a, b->mid, MFX_MAP_READ, &b->data);
    return status == MFX_ERR_NONE ? vfa_unmap(b->v.f.a, b->mid, &b->data) : status;
}

/* Found under its key: the driver is not asked. A file that the system says nothing of is one that is not
 * open. */
static mfxStatus bind_again(struct bench *b)
{
    mfxStatus status = vfa_va_bind_dmabuf(b->v.va, b->v.f.a, b->mid, &b->picture, 7);
    if (status == MFX_ERR_INVALID_HANDLE && fault_hit()) {
        assert_string_equal(fault_hit(), "fstat");
        return MFX_ERR_MEMORY_ALLOC;
    }
    return status;
}

static void still_bound(struct bench *b)
{
    mfxHDL handle = NULL;
    assert_int_equal(b->v.f.mfx->GetHDL(b->v.f.mfx->pthis, b->mid, &handle), MFX_ERR_NONE);
}

/* --- exported, a layer a plane */

static mfxStatus export_layers(struct bench *b)
{
    memset(&b->exported, 0xff, sizeof b->exported);
    return vfa_va_export(b->v.va, b->v.f.a, b->frames.mids[0], VFA_VA_EXPORT_READ | VFA_VA_EXPORT_SEPARATE,
                         &b->exported);
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
}

/* --- an allocator that ends with frames in it, one of them locked */

static void make_unfinished(struct bench *b)
{
    struct vfa_backend backend;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    assert_int_equal(bench_create_va(b, &b->made_va), MFX_ERR_NONE);
    assert_int_equal(vfa_va_backend(b->made_va, &backend), MFX_ERR_NONE);
    bench_open_allocator(b, &b->made_allocator, &backend, 1);
    assert_int_equal(vfa_frames_alloc(b->made_allocator, &request, 0, &b->made), MFX_ERR_NONE);
    memset(&b->data, 0, sizeof b->data);
    assert_int_equal(vfa_map(b->made_allocator, b->made.mids[0], MFX_MAP_READ_WRITE, &b->data), MFX_ERR_NONE);
}

static mfxStatus destroy(struct bench *b)
{
    vfa_allocator_destroy(&b->made_allocator);
    assert_null(b->made_allocator);
    assert_int_equal(fake_va_alive(&b->v.fake), 0);
    return MFX_ERR_NONE;
}

static void end_backend(struct bench *b, mfxStatus status)
{
    (void)status;
    vfa_va_destroy(&b->made_va);
}

/* --- pools of surfaces */

static void configure(struct bench *b)
{
    b->hints = (mfxExtAllocationHints){
        .Header = {.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS, .BufferSz = sizeof b->hints},
        .AllocationPolicy = MFX_ALLOCATION_LIMITED,
        .NumberToPreAllocate = 2,
        .DeltaToAllocateOnTheFly = 2};
    b->interface = vfa_interface_config_defaults();
    b->config = vfa_pool_config_defaults();
    b->config.allocator = b->v.f.mfx;
    b->config.request = va_request(MFX_FOURCC_NV12, 2);
    b->config.hints = &b->hints;
    b->config.memory = bench_memory(b);
    b->config.log = bench_log(b);
    b->config.frame_interface = &b->interface;
}

static mfxStatus create_pool(struct bench *b)
{
    b->made_pool = (struct vfa_pool *)b;
    return vfa_pool_create(&b->made_pool, &b->config);
}

static void no_pool(struct bench *b)
{
    assert_null(b->made_pool);
}

static void make_pool(struct bench *b)
{
    configure(b);
    assert_int_equal(create_pool(b), MFX_ERR_NONE);
}

static void take(struct bench *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(vfa_pool_acquire(b->made_pool, 0, &b->surface[i]), MFX_ERR_NONE);
}

static void end_pool(struct bench *b, mfxStatus status)
{
    (void)status;
    for (size_t i = 0; i < 4; i++)
        if (b->surface[i])
            assert_int_equal(vfa_pool_release(b->made_pool, b->surface[i]), MFX_ERR_NONE);
    memset(b->surface, 0, sizeof b->surface);
    vfa_pool_destroy(&b->made_pool);
    force_all(b, VFA_VA_WAY_MEASURED);
}

static void make_pool_and_take_all(struct bench *b)
{
    make_pool(b);
    take(b, 2);
}

/* Why a pool did not grow, its allocator knows; that there was no memory to ask with, nobody does. */
static mfxStatus grow(struct bench *b)
{
    uint64_t before = error_of(&b->v).sequence;
    mfxStatus status = vfa_pool_acquire(b->made_pool, 0, &b->surface[2]);
    if (status != MFX_WRN_ALLOC_TIMEOUT_EXPIRED)
        return status;
    assert_null(b->surface[2]);
    struct vfa_error error = error_of(&b->v);
    return error.sequence != before ? error.status : MFX_ERR_MEMORY_ALLOC;
}

/* One is out, and stays what it was. */
static void make_pool_and_take_one(struct bench *b)
{
    make_pool(b);
    take(b, 1);
}

static mfxStatus reset(struct bench *b)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 2);
    bool replaced = true;
    request.Info.Width = 4 * VA_WIDTH;
    mfxStatus status = vfa_pool_reset(b->made_pool, &request, &replaced);
    assert_int_equal(replaced, status == MFX_ERR_NONE);
    return status;
}

static void has_its_surfaces(struct bench *b)
{
    assert_int_equal(b->surface[0]->Info.Width, VA_WIDTH);
    assert_int_equal(vfa_pool_acquire(b->made_pool, 0, &b->surface[1]), MFX_ERR_NONE);
    assert_int_equal(b->surface[1]->Info.Width, VA_WIDTH);
}

static mfxStatus destroy_pool(struct bench *b)
{
    vfa_pool_destroy(&b->made_pool);
    assert_null(b->made_pool);
    return MFX_ERR_NONE;
}

/* --- and their interface */

static void take_to_map(struct bench *b)
{
    make_pool(b);
    force(b, VFA_VA_WAY_IMAGE_COPY, VFA_VA_WAY_DERIVE_COPY, VFA_VA_WAY_IMAGE_COPY);
    take(b, 1);
}

static mfxStatus map_by_interface(struct bench *b)
{
    mfxFrameSurface1 *surface = b->surface[0];
    mfxStatus status = surface->FrameInterface->Map(surface, MFX_MAP_READ_WRITE);
    if (status == MFX_ERR_LOCK_MEMORY && error_of(&b->v).status == MFX_ERR_RESOURCE_MAPPED)
        return vfa_va_status(b->v.fake.fail_status); /* the GPU works on it: how, only the driver says */
    if (status != MFX_ERR_NONE)
        return status;
    (void)va_pixels(MFX_FOURCC_NV12, &surface->Data, 3, VA_FILL);
    return surface->FrameInterface->Unmap(surface);
}

static void not_mapped_by_interface(struct bench *b)
{
    assert_null(b->surface[0]->Data.Y);
    assert_int_not_equal(b->surface[0]->FrameInterface->Unmap(b->surface[0]), MFX_ERR_NONE);
}

static mfxStatus native_handle(struct bench *b)
{
    mfxHDL handle = NULL;
    mfxResourceType type;
    return b->surface[0]->FrameInterface->GetNativeHandle(b->surface[0], &handle, &type);
}

#define NO_MEMORY MFX_ERR_MEMORY_ALLOC

static const struct operation rows[] = {
    {"Alloc: surfaces", &world_va, NULL, alloc_by_callback, no_response, end_frames, NO_MEMORY, TELLS},
    {"vfa_frames_alloc: fewer surfaces will do", &world_va, NULL, alloc_fewer, no_response, end_frames,
     NO_MEMORY, MAY_SERVE | TELLS},
    {"vfa_frames_replace: surfaces", &world_va, make_derived, replace, as_it_was, end_either, NO_MEMORY,
     TELLS},
    {"vfa_frames_free: surfaces", &world_va, make_two, free_made, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_unmap: the last of surfaces that were freed", &world_va, make_locked_and_free, end_the_last_lock,
     NULL, measured_again, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_map: the surface itself", &world_va, make_derived, read_and_write, not_mapped, end_either,
     MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_map: an image", &world_va, make_image, read_and_write, not_mapped, end_either, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_map: a copy of the surface", &world_va, make_derived_copy, write_all, not_mapped, end_either,
     NO_MEMORY, TELLS},
    {"vfa_map: a copy of an image", &world_va, make_image_copy, read_and_write, not_mapped, end_either,
     NO_MEMORY, TELLS},
    {"vfa_map: what is read, to be written too", &world_va, make_and_read, widen, not_mapped, end_either,
     MFX_ERR_NONE, ASKS_NOTHING},
    {"vfa_copy_frame: surfaces", &world_va, make_to_copy, copy, none_mapped, end_either, NO_MEMORY,
     KEEPS | TELLS},
    {"vfa_fill_frame: a surface", &world_va, make_to_copy, fill, none_mapped, end_either, NO_MEMORY, TELLS},
    {"vfa_clear_frame: a surface", &world_va, make_to_copy, clear, none_mapped, end_either, NO_MEMORY, TELLS},
    {"Lock, Unlock: a coded buffer", &world_va, make_coded, use_coded, not_mapped, end_either, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_map: what is bound", &world_slots, bind, read_bound, not_mapped, end_binding, MFX_ERR_NONE,
     ASKS_NOTHING},
    {"vfa_va_bind_dmabuf: what is under its key", &world_slots, bind, bind_again, still_bound, end_binding,
     NO_MEMORY, MAY_SERVE},
    {"vfa_va_export: a layer a plane", &world_va, NULL, export_layers, no_export, end_export,
     MFX_ERR_DEVICE_FAILED, MAY_SERVE | TELLS},
    {"vfa_allocator_destroy: surfaces, one of them locked", &world_empty, make_unfinished, destroy, NULL,
     end_backend, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_pool_create: surfaces", &world_va, configure, create_pool, no_pool, end_pool, NO_MEMORY, 0},
    {"vfa_pool_destroy: surfaces", &world_va, make_pool, destroy_pool, NULL, NULL, MFX_ERR_NONE, MAY_SERVE},
    {"vfa_pool_acquire: a pool of surfaces grows", &world_va, make_pool_and_take_all, grow, NULL, end_pool,
     NO_MEMORY, 0},
    {"vfa_pool_reset: surfaces, one of them out", &world_va, make_pool_and_take_one, reset, has_its_surfaces,
     end_pool, NO_MEMORY, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Map, Unmap of a surface", &world_va, take_to_map, map_by_interface,
     not_mapped_by_interface, end_pool, NO_MEMORY, TELLS},
    {"mfxFrameSurfaceInterface: GetNativeHandle of a surface", &world_va, take_to_map, native_handle, NULL,
     end_pool, MFX_ERR_NONE, ASKS_NOTHING},
};

const struct operations operations_surfaces = OPERATIONS(rows);
