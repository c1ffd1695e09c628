/* Import slots on a real driver: what may be bound, what is refused, and what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dmabuf.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <va/va_drm.h>

#define SLOTS   4
#define BUFFERS 6

/* NV12 slots, and linear buffers with a picture each: buffer i is filled with pattern i. */
struct fixture {
    struct side side;
    mfxFrameAllocResponse slots;
    const struct vfa_format *format;
    struct buffer buffer[BUFFERS];
    VADRMPRIMESurfaceDescriptor picture[BUFFERS];
};

static void open_with(struct fixture *f, const struct vfa_va_config *config)
{
    size_t size;
    memset(f, 0, sizeof *f);
    side_open_with(&f->side, config);
    f->format = vfa_format_find(MFX_FOURCC_NV12);
    f->slots = frames_on(&f->side, MFX_FOURCC_NV12, SLOTS, true);
    assert_non_null(f->slots.mids);
    for (unsigned int i = 0; i < BUFFERS; i++) {
        f->picture[i] = linear_picture(f->format, 384, &size);
        f->buffer[i] = buffer_new(size);
        f->picture[i].objects[0].fd = f->buffer[i].fd;
        use_buffer(&f->buffer[i], &f->picture[i], f->format, FILL, i);
    }
}

static struct fixture *open_fixture(void)
{
    static struct fixture f;
    struct vfa_va_config config = vfa_va_config_defaults();
    open_with(&f, &config);
    return &f;
}

/* The allocator frees what is left of the slots. */
static void close_fixture(struct fixture *f)
{
    side_close(&f->side);
    for (size_t i = 0; i < BUFFERS; i++)
        buffer_end(&f->buffer[i]);
}

static mfxStatus bind_as(struct fixture *f, size_t slot, const VADRMPRIMESurfaceDescriptor *d, uint64_t key)
{
    return vfa_va_bind_dmabuf(f->side.va, f->side.a, f->slots.mids[slot], d, key);
}

static void bind(struct fixture *f, size_t slot, size_t buffer, uint64_t key)
{
    mfxStatus status = bind_as(f, slot, &f->picture[buffer], key);
    if (status != MFX_ERR_NONE)
        expect_failure(&f->side, status, MFX_ERR_NONE, "");
}

static mfxStatus unbind(struct fixture *f, size_t slot)
{
    return vfa_va_unbind(f->side.va, f->side.a, f->slots.mids[slot]);
}

/* The slot shows the picture of that buffer. */
static void shows(struct fixture *f, size_t slot, unsigned int buffer)
{
    check(&f->side, f->slots.mids[slot], MFX_FOURCC_NV12, buffer);
}

static struct vfa_va_stats stats_of(const struct fixture *f)
{
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_stats(f->side.va, &stats), MFX_ERR_NONE);
    return stats;
}

/* --- the slots */

static void a_slot_with_nothing_bound_says_so(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameData data;
    VADRMPRIMESurfaceDescriptor d;
    mfxHDL handle;
    (void)state;
    memset(&data, 0, sizeof data);
    mfxStatus status = f->side.mfx->Lock(f->side.mfx->pthis, f->slots.mids[0], &data);
    expect_failure(&f->side, status, MFX_ERR_NOT_INITIALIZED, "nothing is bound");
    status = f->side.mfx->GetHDL(f->side.mfx->pthis, f->slots.mids[0], &handle);
    expect_failure(&f->side, status, MFX_ERR_NOT_INITIALIZED, "nothing is bound");
    status = vfa_va_export(f->side.va, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_READ, &d);
    expect_failure(&f->side, status, MFX_ERR_NOT_INITIALIZED, "nothing is bound");
    assert_int_equal(stats_of(f).surfaces, 0);
    assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
    close_fixture(f);
}

static void the_handle_stays_where_it_is_while_bindings_change(void **state)
{
    struct fixture *f = open_fixture();
    mfxHDL first, second;
    (void)state;
    bind(f, 0, 0, 0);
    assert_int_equal(f->side.mfx->GetHDL(f->side.mfx->pthis, f->slots.mids[0], &first), MFX_ERR_NONE);
    shows(f, 0, 0);
    bind(f, 0, 1, 0);
    assert_int_equal(f->side.mfx->GetHDL(f->side.mfx->pthis, f->slots.mids[0], &second), MFX_ERR_NONE);
    assert_ptr_equal(first, second);
    shows(f, 0, 1);
    assert_int_equal(stats_of(f).surfaces, 1);
    assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 0);
    close_fixture(f);
}

static void slots_are_shared_only_when_the_application_says_so(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameAllocRequest request = frames_of(MFX_FOURCC_NV12, 2);
    mfxFrameAllocResponse slots, claimed;
    (void)state;
    request.Type =
        MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET;
    request.AllocId = 7;
    assert_int_equal(vfa_va_slots_alloc(f->side.va, f->side.a, &request, 0, &slots), MFX_ERR_NONE);
    assert_int_equal(f->side.mfx->Alloc(f->side.mfx->pthis, &request, &claimed), MFX_ERR_NONE);
    assert_ptr_not_equal(claimed.mids[0], slots.mids[0]);
    assert_int_equal(vfa_frames_free(f->side.a, &claimed), MFX_ERR_NONE);
    request.AllocId = 8;
    assert_int_equal(vfa_va_slots_alloc(f->side.va, f->side.a, &request, VFA_FRAMES_SHARED, &slots),
                     MFX_ERR_NONE);
    assert_int_equal(f->side.mfx->Alloc(f->side.mfx->pthis, &request, &claimed), MFX_ERR_NONE);
    assert_ptr_equal(claimed.mids[0], slots.mids[0]);
    close_fixture(f);
}

static void slots_of_buffers_are_refused(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameAllocRequest request = frames_of(MFX_FOURCC_P8, 1);
    mfxFrameAllocResponse slots;
    (void)state;
    request.Info.BufferSize = 4096;
    mfxStatus status = vfa_va_slots_alloc(f->side.va, f->side.a, &request, 0, &slots);
    expect_failure(&f->side, status, MFX_ERR_UNSUPPORTED, "P8");
    close_fixture(f);
}

static void frames_with_surfaces_of_their_own_are_not_bound(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameAllocResponse own = frames_on(&f->side, MFX_FOURCC_NV12, 1, false);
    (void)state;
    mfxStatus status = vfa_va_bind_dmabuf(f->side.va, f->side.a, own.mids[0], &f->picture[0], 0);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "no import slot");
    status = vfa_va_bind_surface(f->side.va, f->side.a, own.mids[0], 0);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "no import slot");
    status = vfa_va_unbind(f->side.va, f->side.a, own.mids[0]);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "no import slot");
    close_fixture(f);
}

static void a_locked_slot_keeps_its_binding(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameData data;
    (void)state;
    bind(f, 0, 0, 0);
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_map(f->side.a, f->slots.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
    expect_failure(&f->side, bind_as(f, 0, &f->picture[1], 0), MFX_ERR_RESOURCE_MAPPED, "locked");
    expect_failure(&f->side, unbind(f, 0), MFX_ERR_RESOURCE_MAPPED, "locked");
    mfxStatus status = vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], 0);
    expect_failure(&f->side, status, MFX_ERR_RESOURCE_MAPPED, "locked");
    assert_int_equal(vfa_unmap(f->side.a, f->slots.mids[0], &data), MFX_ERR_NONE);
    shows(f, 0, 0);
    close_fixture(f);
}

static void a_slot_freed_while_locked_ends_with_its_unlock(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameData data;
    mfxMemId mid = f->slots.mids[0];
    (void)state;
    bind(f, 0, 0, 0);
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_map(f->side.a, mid, MFX_MAP_READ, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_frames_free(f->side.a, &f->slots), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 1);
    mfxStatus status = vfa_va_bind_dmabuf(f->side.va, f->side.a, mid, &f->picture[1], 0);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "");
    assert_int_equal(vfa_unmap(f->side.a, mid, &data), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 0);
    close_fixture(f);
}

static void a_thousand_bindings_leave_nothing_behind(void **state)
{
    struct fixture *f = open_fixture();
    (void)state;
    bind(f, 0, 0, 0);
    size_t files = open_files();
    for (unsigned int i = 0; i < 1000; i++) {
        bind(f, i % SLOTS, i % BUFFERS, i % 3 ? 0 : i % BUFFERS + 1);
        if (i % 100 == 0)
            shows(f, i % SLOTS, i % BUFFERS);
    }
    assert_true(stats_of(f).surfaces <= SLOTS + BUFFERS);
    for (size_t i = 0; i < SLOTS; i++)
        assert_int_equal(unbind(f, i), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(f->side.va, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 0);
    assert_int_equal(stats_of(f).fds, 0);
    bind(f, 0, 0, 0);
    assert_int_equal(open_files(), files);
    close_fixture(f);
}

/* --- what is refused */

/* A descriptor with a mistake. The binding that was there stays. */
static void expect_refusal(struct fixture *f, const VADRMPRIMESurfaceDescriptor *d, mfxStatus wanted,
                           const char *words)
{
    size_t files = open_files();
    expect_failure(&f->side, bind_as(f, 0, d, 9), wanted, words);
    assert_int_equal(open_files(), files);
    assert_int_equal(stats_of(f).surfaces, 1);
    shows(f, 0, 0);
}

static void another_format_or_a_smaller_picture_is_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.fourcc = VA_FOURCC_P010;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "fourcc");
    d = f->picture[1];
    d.layers[0].drm_format = DRM_FORMAT_NV21;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "DRM code");
    d = f->picture[1];
    d.layers[0].num_planes = 1;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "DRM code");
    d = f->picture[1];
    d.num_layers = 2;
    d.layers[0].num_planes = d.layers[1].num_planes = 1;
    d.layers[0].drm_format = d.layers[1].drm_format = DRM_FORMAT_R8;
    d.layers[1].pitch[0] = d.layers[0].pitch[1];
    d.layers[1].offset[0] = d.layers[0].offset[1];
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "DRM code");
    d = f->picture[1];
    d.num_layers = 2;
    d.layers[1] = d.layers[0];
    d.layers[0].drm_format = DRM_FORMAT_R8;
    d.layers[0].num_planes = 1;
    d.layers[1].drm_format = DRM_FORMAT_GR88;
    d.layers[1].num_planes = 2;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "DRM code");
    d = f->picture[1];
    d.width = WIDTH - 2;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "318x180");
    d = f->picture[1];
    d.height = HEIGHT - 2;
    expect_refusal(f, &d, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "320x178");
    close_fixture(f);
}

static void numbers_that_cannot_be_are_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.num_objects = 0;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "no object");
    d.num_objects = 5;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "more than four");
    d = f->picture[1];
    d.num_layers = 0;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "no layer");
    d.num_layers = 5;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "no layer");
    d = f->picture[1];
    d.layers[0].num_planes = 5;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "a layer without planes");
    d = f->picture[1];
    d.layers[0].object_index[1] = 1;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "an object that there is not");
    d = f->picture[1];
    d.num_layers = 4;
    for (size_t l = 1; l < 4; l++)
        d.layers[l] = d.layers[0];
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "more planes");
    close_fixture(f);
}

static void planes_outside_their_buffer_are_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.layers[0].pitch[1] = WIDTH - 1;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "plane 1: pitch 319");
    d = f->picture[1];
    d.objects[0].size = 384 * HEIGHT * 3 / 2 - 1;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "plane 1: offset");
    d = f->picture[1];
    d.layers[0].offset[1] = UINT32_MAX - 383;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "plane 1: offset 4294966912");
    d = f->picture[1];
    d.layers[0].pitch[0] = UINT32_MAX;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "plane 0: offset 0 and 180 rows of pitch 4294967295");
    d = f->picture[1];
    d.layers[0].offset[1] -= 1;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "planes 0 and 1 overlap");
    d = f->picture[1];
    d.objects[0].size = (uint32_t)f->buffer[1].size + 65536 * 16;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "object 0: said to have");
    close_fixture(f);
}

static void a_file_descriptor_that_is_not_open_is_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.objects[0].fd = -1;
    expect_refusal(f, &d, MFX_ERR_INVALID_HANDLE, "not open");
    d.objects[0].fd = fcntl(f->buffer[1].fd, F_DUPFD_CLOEXEC, 0);
    assert_int_equal(close(d.objects[0].fd), 0);
    expect_refusal(f, &d, MFX_ERR_INVALID_HANDLE, "not open");
    close_fixture(f);
}

static void a_file_that_is_no_buffer_is_refused_by_the_driver(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.objects[0].fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(d.objects[0].fd >= 0);
    mfxStatus status = bind_as(f, 0, &d, 9);
    assert_int_not_equal(status, MFX_ERR_NONE);
    expect_failure(&f->side, status, status, "vaCreateSurfaces(DRM_PRIME_2)");
    assert_int_equal(close(d.objects[0].fd), 0);
    shows(f, 0, 0);
    close_fixture(f);
}

static void modifiers_that_the_driver_does_not_use_are_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d = f->picture[1];
    (void)state;
    bind(f, 0, 0, 0);
    d.objects[0].drm_format_modifier = I915_FORMAT_MOD_X_TILED;
    expect_refusal(f, &d, MFX_ERR_UNSUPPORTED, "modifier 0x0100000000000001");
    d.objects[0].drm_format_modifier = DRM_FORMAT_MOD_INVALID;
    expect_refusal(f, &d, MFX_ERR_UNSUPPORTED, "modifier 0x00ffffffffffffff");
    d = f->picture[1];
    d.num_objects = 2;
    d.objects[1] = d.objects[0];
    d.objects[1].drm_format_modifier = I915_FORMAT_MOD_Y_TILED;
    expect_refusal(f, &d, MFX_ERR_INVALID_VIDEO_PARAM, "different modifiers");
    close_fixture(f);
}

/* iHD answers success, and would show other bytes. A driver that does honour them is right as well. */
static void layouts_are_honoured_or_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d[4];
    (void)state;
    struct buffer large = buffer_new((size_t)4 * 384 * HEIGHT);
    for (size_t i = 0; i < 4; i++) {
        d[i] = f->picture[1];
        d[i].objects[0].fd = large.fd;
        d[i].objects[0].size = (uint32_t)large.size;
    }
    d[0].layers[0].offset[0] = 4096; /* no multiple of the pitch */
    d[0].layers[0].offset[1] += 4096;
    d[1].layers[0].offset[1] += 64;
    d[2].layers[0].pitch[1] *= 2; /* another one than the luma's */
    d[3].num_objects = 2;         /* chroma in a buffer of its own */
    d[3].objects[1] = f->picture[2].objects[0];
    d[3].layers[0].object_index[1] = 1;
    for (size_t i = 0; i < 4; i++) {
        if (bind_as(f, 0, &d[i], 0) == MFX_ERR_NONE) {
            if (i < 3) {
                use_buffer(&large, &d[i], f->format, FILL, 20 + (unsigned int)i);
                shows(f, 0, 20 + (unsigned int)i);
            }
            assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
        }
        assert_int_equal(stats_of(f).surfaces, 0);
    }
    buffer_end(&large);
    close_fixture(f);
}

/* --- keys */

static void a_key_serves_the_same_buffer_without_the_driver(void **state)
{
    struct fixture *f = open_fixture();
    (void)state;
    bind(f, 0, 0, 1);
    bind(f, 0, 1, 2);
    VADRMPRIMESurfaceDescriptor d = f->picture[0];
    d.objects[0].fd = fcntl(f->buffer[0].fd, F_DUPFD_CLOEXEC, 0); /* the buffer counts, not its number */
    assert_int_equal(bind_as(f, 0, &d, 1), MFX_ERR_NONE);
    assert_int_equal(close(d.objects[0].fd), 0);
    shows(f, 0, 0);
    assert_int_equal(stats_of(f).imports, 2);
    assert_int_equal(stats_of(f).import_hits, 1);
    assert_int_equal(stats_of(f).surfaces, 2);
    close_fixture(f);
}

static void a_key_with_another_buffer_forgets_the_former(void **state)
{
    struct fixture *f = open_fixture();
    (void)state;
    bind(f, 0, 0, 1);
    assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 1);
    bind(f, 0, 1, 1);
    assert_int_equal(stats_of(f).surfaces, 1);
    bind(f, 1, 2, 1); /* the former is still bound: it stays for slot 0 */
    assert_int_equal(stats_of(f).surfaces, 2);
    shows(f, 0, 1);
    shows(f, 1, 2);
    assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 1);
    assert_int_equal(stats_of(f).import_hits, 0);
    close_fixture(f);
}

static void a_key_with_another_layout_is_imported_anew(void **state)
{
    struct fixture *f = open_fixture();
    (void)state;
    bind(f, 0, 0, 1);
    VADRMPRIMESurfaceDescriptor d = f->picture[0];
    d.layers[0].pitch[0] = d.layers[0].pitch[1] = 320;
    d.layers[0].offset[1] = 320 * HEIGHT;
    assert_int_equal(bind_as(f, 0, &d, 1), MFX_ERR_NONE);
    use_buffer(&f->buffer[0], &d, f->format, FILL, 7);
    shows(f, 0, 7);
    assert_int_equal(stats_of(f).import_hits, 0);
    assert_int_equal(stats_of(f).surfaces, 1);
    close_fixture(f);
}

static void no_more_surfaces_are_kept_than_configured(void **state)
{
    static struct fixture f;
    struct vfa_va_config config = vfa_va_config_defaults();
    (void)state;
    config.import_cache = 2;
    open_with(&f, &config);
    for (size_t i = 0; i < 4; i++)
        bind(&f, 0, i, i + 1);
    assert_int_equal(stats_of(&f).surfaces, 3); /* one bound, two idle: those of keys 2 and 3 */
    for (size_t i = 0; i < 8; i++)
        bind(&f, i % 2, 2 + i % 2, 3 + i % 2); /* bound and idle in turn: nothing more is given up */
    assert_int_equal(stats_of(&f).surfaces, 3);
    assert_int_equal(stats_of(&f).import_hits, 8);
    assert_int_equal(stats_of(&f).imports, 4);
    close_fixture(&f);
}

static void those_bound_longest_ago_are_given_up(void **state)
{
    static const uint64_t order[] = {1, 2, 1, 3, 4};
    static struct fixture f;
    struct vfa_va_config config = vfa_va_config_defaults();
    (void)state;
    config.import_cache = 2;
    open_with(&f, &config);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        bind(&f, 0, order[i] - 1, order[i]);
    assert_int_equal(stats_of(&f).import_hits, 1);
    bind(&f, 0, 0, 1);
    assert_int_equal(stats_of(&f).import_hits, 2);
    bind(&f, 0, 1, 2); /* was given up for key 4 */
    assert_int_equal(stats_of(&f).import_hits, 2);
    close_fixture(&f);
}

static void forgetting_leaves_what_is_bound(void **state)
{
    struct fixture *f = open_fixture();
    (void)state;
    bind(f, 0, 0, 1);
    bind(f, 1, 1, 2);
    assert_int_equal(unbind(f, 1), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(f->side.va, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 1);
    assert_int_equal(vfa_va_import_forget(f->side.va, 1), MFX_ERR_NONE);
    assert_int_equal(vfa_va_import_forget(f->side.va, 77), MFX_ERR_NONE);
    shows(f, 0, 0);
    assert_int_equal(unbind(f, 0), MFX_ERR_NONE);
    assert_int_equal(stats_of(f).surfaces, 0);
    bind(f, 0, 0, 1);
    assert_int_equal(stats_of(f).import_hits, 0);
    assert_int_equal(vfa_va_import_forget(NULL, 0), MFX_ERR_NULL_PTR);
    close_fixture(f);
}

static void two_frames_of_one_surface_are_locked_one_at_a_time(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameData data, other;
    (void)state;
    memset(&data, 0, sizeof data);
    memset(&other, 0, sizeof other);
    bind(f, 0, 0, 1);
    bind(f, 1, 0, 1);
    assert_int_equal(stats_of(f).surfaces, 1);
    assert_int_equal(vfa_map(f->side.a, f->slots.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
    mfxStatus status = vfa_map(f->side.a, f->slots.mids[1], MFX_MAP_READ, &other);
    expect_failure(&f->side, status, MFX_ERR_LOCK_MEMORY, "another frame");
    assert_int_equal(vfa_unmap(f->side.a, f->slots.mids[0], &data), MFX_ERR_NONE);
    shows(f, 1, 0);
    close_fixture(f);
}

/* --- the application's surfaces */

/* Made beside the library. */
static VASurfaceID surface_of(struct fixture *f, unsigned int rt_format, unsigned int fourcc,
                              unsigned int width)
{
    VASurfaceID surface;
    VASurfaceAttrib attribute = {.type = VASurfaceAttribPixelFormat,
                                 .flags = VA_SURFACE_ATTRIB_SETTABLE,
                                 .value = {.type = VAGenericValueTypeInteger, .value.i = (int)fourcc}};
    assert_int_equal(
        vaCreateSurfaces(vfa_va_display(f->side.va), rt_format, width, HEIGHT, &surface, 1, &attribute, 1),
        VA_STATUS_SUCCESS);
    return surface;
}

static void a_surface_of_the_application_stays_its_own(void **state)
{
    struct fixture *f = open_fixture();
    VASurfaceID surface = surface_of(f, VA_RT_FORMAT_YUV420, VA_FOURCC_NV12, WIDTH);
    mfxHDL handle;
    (void)state;
    assert_int_equal(vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], surface), MFX_ERR_NONE);
    assert_int_equal(vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[1], surface), MFX_ERR_NONE);
    assert_int_equal(f->side.mfx->GetHDL(f->side.mfx->pthis, f->slots.mids[0], &handle), MFX_ERR_NONE);
    assert_int_equal(*(VASurfaceID *)handle, surface);
    fill(&f->side, f->slots.mids[0], MFX_FOURCC_NV12, 6);
    check(&f->side, f->slots.mids[1], MFX_FOURCC_NV12, 6);
    assert_int_equal(stats_of(f).surfaces, 0);
    bind(f, 0, 0, 0);
    assert_int_equal(unbind(f, 1), MFX_ERR_NONE);
    assert_int_equal(vaDestroySurfaces(vfa_va_display(f->side.va), &surface, 1), VA_STATUS_SUCCESS);
    close_fixture(f);
}

static void another_surface_than_the_frame_wants_is_refused(void **state)
{
    struct fixture *f = open_fixture();
    VASurfaceID small = surface_of(f, VA_RT_FORMAT_YUV420, VA_FOURCC_NV12, WIDTH / 2);
    VASurfaceID other = surface_of(f, VA_RT_FORMAT_YUV422, VA_FOURCC_YUY2, WIDTH);
    (void)state;
    bind(f, 0, 0, 0);
    mfxStatus status = vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], small);
    expect_failure(&f->side, status, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "160x180");
    status = vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], other);
    expect_failure(&f->side, status, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "fourcc");
    status = vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], VA_INVALID_SURFACE);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "VA_INVALID_SURFACE");
    status = vfa_va_bind_surface(f->side.va, f->side.a, f->slots.mids[0], 12345);
    expect_failure(&f->side, status, MFX_ERR_INVALID_HANDLE, "vaDeriveImage");
    shows(f, 0, 0);
    assert_int_equal(vaDestroySurfaces(vfa_va_display(f->side.va), &small, 1), VA_STATUS_SUCCESS);
    assert_int_equal(vaDestroySurfaces(vfa_va_display(f->side.va), &other, 1), VA_STATUS_SUCCESS);
    close_fixture(f);
}

/* --- export */

static void an_export_is_refused_while_the_frame_is_locked_for_writing(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameAllocResponse own = frames_on(&f->side, MFX_FOURCC_NV12, 1, false);
    VADRMPRIMESurfaceDescriptor d;
    mfxFrameData data;
    (void)state;
    memset(&data, 0, sizeof data);
    memset(&d, 0xff, sizeof d);
    assert_int_equal(vfa_map(f->side.a, own.mids[0], MFX_MAP_WRITE, &data), MFX_ERR_NONE);
    mfxStatus status = vfa_va_export(f->side.va, f->side.a, own.mids[0], VFA_VA_EXPORT_READ, &d);
    expect_failure(&f->side, status, MFX_ERR_RESOURCE_MAPPED, "locked for writing");
    assert_int_equal(d.num_objects, 0);
    assert_int_equal(vfa_unmap(f->side.a, own.mids[0], &data), MFX_ERR_NONE);
    fill(&f->side, own.mids[0], MFX_FOURCC_NV12, 1);
    assert_int_equal(vfa_map(f->side.a, own.mids[0], MFX_MAP_READ, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, own.mids[0], VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    assert_int_equal(vfa_unmap(f->side.a, own.mids[0], &data), MFX_ERR_NONE);
    vfa_va_descriptor_close(&d);
    close_fixture(f);
}

static void file_descriptors_of_an_export_are_the_callers(void **state)
{
    struct fixture *f = open_fixture();
    mfxFrameAllocResponse own = frames_on(&f->side, MFX_FOURCC_NV12, 1, false);
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    size_t files = open_files();
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, own.mids[0],
                                   VFA_VA_EXPORT_READ | VFA_VA_EXPORT_WRITE | VFA_VA_EXPORT_SEPARATE, &d),
                     MFX_ERR_NONE);
    assert_int_equal(d.num_layers, 2);
    assert_int_equal(stats_of(f).fds, 0);
    int fd = d.objects[0].fd;
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    vfa_va_descriptor_close(&d);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(errno, EBADF);
    vfa_va_descriptor_close(&d);
    vfa_va_descriptor_close(NULL);
    assert_int_equal(open_files(), files);
    close_fixture(f);
}

static void an_export_for_nothing_is_refused(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_SEPARATE, &d),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_READ | 8, &d),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_READ, NULL),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_export(NULL, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_READ, &d),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_bind_dmabuf(f->side.va, f->side.a, f->slots.mids[0], NULL, 0), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_bind_dmabuf(f->side.va, NULL, f->slots.mids[0], &f->picture[0], 0),
                     MFX_ERR_NULL_PTR);
    close_fixture(f);
}

/* An export of what was imported is the buffer that it was. */
static void an_import_is_exported_as_what_it_was(void **state)
{
    struct fixture *f = open_fixture();
    VADRMPRIMESurfaceDescriptor d;
    (void)state;
    bind(f, 0, 3, 0);
    assert_int_equal(vfa_va_export(f->side.va, f->side.a, f->slots.mids[0], VFA_VA_EXPORT_READ, &d),
                     MFX_ERR_NONE);
    bind(f, 1, 2, 1);
    assert_int_equal(bind_as(f, 1, &d, 1), MFX_ERR_NONE);
    vfa_va_descriptor_close(&d);
    shows(f, 1, 3);
    close_fixture(f);
}

/* The application's display, which is still there to be ended. */
static void after_the_display_is_lost_nothing_is_bound_or_exported(void **state)
{
    static struct fixture f;
    struct vfa_va_config config = vfa_va_config_defaults();
    VADRMPRIMESurfaceDescriptor d;
    int major, minor;
    (void)state;
    int node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    config.display = vaGetDisplayDRM(node);
    assert_int_equal(vaInitialize(config.display, &major, &minor), VA_STATUS_SUCCESS);
    open_with(&f, &config);
    bind(&f, 0, 0, 1);
    bind(&f, 1, 1, 2);
    assert_int_equal(unbind(&f, 1), MFX_ERR_NONE);
    vfa_va_display_lost(f.side.va);
    expect_failure(&f.side, bind_as(&f, 1, &f.picture[1], 2), MFX_ERR_DEVICE_LOST, "lost");
    expect_failure(&f.side, unbind(&f, 0), MFX_ERR_DEVICE_LOST, "lost");
    mfxStatus status = vfa_va_export(f.side.va, f.side.a, f.slots.mids[0], VFA_VA_EXPORT_READ, &d);
    expect_failure(&f.side, status, MFX_ERR_DEVICE_LOST, "lost");
    close_fixture(&f);
    assert_int_equal(vaTerminate(config.display), VA_STATUS_SUCCESS);
    assert_int_equal(close(node), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_with_nothing_bound_says_so),
        cmocka_unit_test(the_handle_stays_where_it_is_while_bindings_change),
        cmocka_unit_test(slots_are_shared_only_when_the_application_says_so),
        cmocka_unit_test(slots_of_buffers_are_refused),
        cmocka_unit_test(frames_with_surfaces_of_their_own_are_not_bound),
        cmocka_unit_test(a_locked_slot_keeps_its_binding),
        cmocka_unit_test(a_slot_freed_while_locked_ends_with_its_unlock),
        cmocka_unit_test(a_thousand_bindings_leave_nothing_behind),
        cmocka_unit_test(another_format_or_a_smaller_picture_is_refused),
        cmocka_unit_test(numbers_that_cannot_be_are_refused),
        cmocka_unit_test(planes_outside_their_buffer_are_refused),
        cmocka_unit_test(a_file_descriptor_that_is_not_open_is_refused),
        cmocka_unit_test(a_file_that_is_no_buffer_is_refused_by_the_driver),
        cmocka_unit_test(modifiers_that_the_driver_does_not_use_are_refused),
        cmocka_unit_test(layouts_are_honoured_or_refused),
        cmocka_unit_test(a_key_serves_the_same_buffer_without_the_driver),
        cmocka_unit_test(a_key_with_another_buffer_forgets_the_former),
        cmocka_unit_test(a_key_with_another_layout_is_imported_anew),
        cmocka_unit_test(no_more_surfaces_are_kept_than_configured),
        cmocka_unit_test(those_bound_longest_ago_are_given_up),
        cmocka_unit_test(forgetting_leaves_what_is_bound),
        cmocka_unit_test(two_frames_of_one_surface_are_locked_one_at_a_time),
        cmocka_unit_test(a_surface_of_the_application_stays_its_own),
        cmocka_unit_test(another_surface_than_the_frame_wants_is_refused),
        cmocka_unit_test(an_export_is_refused_while_the_frame_is_locked_for_writing),
        cmocka_unit_test(file_descriptors_of_an_export_are_the_callers),
        cmocka_unit_test(an_export_for_nothing_is_refused),
        cmocka_unit_test(an_import_is_exported_as_what_it_was),
        cmocka_unit_test(after_the_display_is_lost_nothing_is_bound_or_exported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
