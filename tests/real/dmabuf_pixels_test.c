/* dma-bufs out of VA frames and into them, on a real driver: what pixels come through, for every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dmabuf.h"

#include <drm_fourcc.h>

/* Exports a frame of `from`, imports it into a slot of `to`, and moves pixels both ways. False: the driver
 * does not export that format. */
static bool goes_around(struct side *from, struct side *to, mfxU32 fourcc, unsigned int flags)
{
    VADRMPRIMESurfaceDescriptor d;
    mfxFrameAllocResponse own = frames_on(from, fourcc, 1, false);
    if (!own.mids)
        return false;
    fill(from, own.mids[0], fourcc, 1);
    bool exported =
        vfa_va_export(from->va, from->a, own.mids[0], VFA_VA_EXPORT_READ | flags, &d) == MFX_ERR_NONE;
    if (exported) {
        mfxFrameAllocResponse slots = frames_on(to, fourcc, 1, true);
        assert_non_null(slots.mids);
        mfxStatus status = vfa_va_bind_dmabuf(to->va, to->a, slots.mids[0], &d, 0);
        if (status != MFX_ERR_NONE)
            expect_failure(to, status, MFX_ERR_NONE, vfa_format_find(fourcc)->name);
        vfa_va_descriptor_close(&d);
        check(to, slots.mids[0], fourcc, 1);
        fill(to, slots.mids[0], fourcc, 2);
        check(from, own.mids[0], fourcc, 2);
        assert_int_equal(vfa_frames_free(to->a, &slots), MFX_ERR_NONE);
    }
    assert_int_equal(vfa_frames_free(from->a, &own), MFX_ERR_NONE);
    return exported;
}

static size_t all_formats_go_around(struct side *from, struct side *to, unsigned int flags)
{
    size_t exported = 0;
    for (size_t i = 0; i < vfa_format_count(); i++)
        if (vfa_format_at(i)->va_rt_format && goes_around(from, to, vfa_format_at(i)->fourcc, flags))
            exported++;
    print_message("%zu formats\n", exported);
    return exported;
}

static void every_exported_format_is_imported_by_another_display(void **state)
{
    struct side from, to;
    (void)state;
    side_open(&from);
    side_open(&to);
    assert_true(all_formats_go_around(&from, &to, 0) >= 10);
    assert_true(all_formats_go_around(&from, &to, VFA_VA_EXPORT_SEPARATE) >= 10);
    side_close(&from);
    side_close(&to);
}

static void every_exported_format_is_imported_by_its_own_display(void **state)
{
    struct side side;
    (void)state;
    side_open(&side);
    assert_true(all_formats_go_around(&side, &side, 0) >= 10);
    side_close(&side);
}

static void a_linear_export_is_mapped_with_the_pixels_of_its_frame(void **state)
{
    struct side side;
    VADRMPRIMESurfaceDescriptor d;
    const struct vfa_format *format = vfa_format_find(MFX_FOURCC_I420);
    (void)state;
    side_open(&side);
    mfxFrameAllocResponse own = frames_on(&side, MFX_FOURCC_I420, 1, false);
    fill(&side, own.mids[0], MFX_FOURCC_I420, 5);
    assert_int_equal(vfa_va_export(side.va, side.a, own.mids[0], VFA_VA_EXPORT_READ, &d), MFX_ERR_NONE);
    if (d.objects[0].drm_format_modifier != DRM_FORMAT_MOD_LINEAR) {
        print_message("SKIPPED: this driver's I420 is not linear\n");
    } else {
        struct buffer buffer = {.fd = d.objects[0].fd, .size = d.objects[0].size};
        buffer.bytes = mmap(NULL, buffer.size, PROT_READ, MAP_SHARED, buffer.fd, 0);
        assert_ptr_not_equal(buffer.bytes, MAP_FAILED);
        use_buffer(&buffer, &d, format, CHECK, 5);
        assert_int_equal(munmap(buffer.bytes, buffer.size), 0);
    }
    vfa_va_descriptor_close(&d);
    side_close(&side);
}

/* The ways were measured on the driver's own surfaces, which are tiled. */
static void linear_buffers_go_through_every_way(void **state)
{
    static const mfxU32 fourccs[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_YUY2,
                                     MFX_FOURCC_AYUV, MFX_FOURCC_RGB4, MFX_FOURCC_I420};
    struct side side;
    (void)state;
    side_open(&side);
    for (size_t i = 0; i < sizeof fourccs / sizeof fourccs[0]; i++) {
        const struct vfa_format *format = vfa_format_find(fourccs[i]);
        size_t size;
        VADRMPRIMESurfaceDescriptor d = linear_picture(format, (uint32_t)row_bytes(format, 0) + 64, &size);
        struct buffer buffer = buffer_new(size);
        mfxFrameAllocResponse slots = frames_on(&side, fourccs[i], 1, true);
        d.objects[0].fd = buffer.fd;
        if (fourccs[i] == MFX_FOURCC_RGB4)
            d.fourcc = VA_FOURCC_ARGB;
        mfxStatus status = vfa_va_bind_dmabuf(side.va, side.a, slots.mids[0], &d, 0);
        if (status != MFX_ERR_NONE)
            expect_failure(&side, status, MFX_ERR_NONE, format->name);
        for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++) {
            for (unsigned int direction = 0; direction < VFA_VA_DIRECTIONS; direction++)
                assert_int_equal(vfa_va_set_way(side.va, fourccs[i], (enum vfa_va_direction)direction,
                                                (enum vfa_va_way)way),
                                 MFX_ERR_NONE);
            use_buffer(&buffer, &d, format, FILL, way);
            check(&side, slots.mids[0], fourccs[i], way);
            fill(&side, slots.mids[0], fourccs[i], way + 10);
            use_buffer(&buffer, &d, format, CHECK, way + 10);
        }
        assert_int_equal(vfa_frames_free(side.a, &slots), MFX_ERR_NONE);
        buffer_end(&buffer);
    }
    side_close(&side);
}

/* Cameras give a file descriptor a plane, of one buffer. */
static void file_descriptors_of_one_buffer_are_one_buffer(void **state)
{
    const struct vfa_format *format = vfa_format_find(MFX_FOURCC_NV12);
    struct side side;
    size_t size;
    (void)state;
    side_open(&side);
    VADRMPRIMESurfaceDescriptor d = linear_picture(format, 384, &size);
    struct buffer buffer = buffer_new(size);
    mfxFrameAllocResponse slots = frames_on(&side, MFX_FOURCC_NV12, 1, true);
    d.num_objects = 2;
    d.objects[0].fd = buffer.fd;
    d.objects[1] = d.objects[0];
    d.objects[1].fd = fcntl(buffer.fd, F_DUPFD_CLOEXEC, 0);
    d.num_layers = 2;
    d.layers[0].drm_format = DRM_FORMAT_R8;
    d.layers[0].num_planes = 1;
    d.layers[1].drm_format = DRM_FORMAT_GR88;
    d.layers[1].num_planes = 1;
    d.layers[1].object_index[0] = 1;
    d.layers[1].offset[0] = d.layers[0].offset[1];
    d.layers[1].pitch[0] = d.layers[0].pitch[1];
    use_buffer(&buffer, &d, format, FILL, 3);
    assert_int_equal(vfa_va_bind_dmabuf(side.va, side.a, slots.mids[0], &d, 0), MFX_ERR_NONE);
    assert_int_equal(close(d.objects[1].fd), 0);
    check(&side, slots.mids[0], MFX_FOURCC_NV12, 3);
    side_close(&side);
    buffer_end(&buffer);
}

static void a_larger_picture_shows_its_upper_left_corner(void **state)
{
    const struct vfa_format *format = vfa_format_find(MFX_FOURCC_NV12);
    struct side side;
    size_t size;
    (void)state;
    side_open(&side);
    VADRMPRIMESurfaceDescriptor d = linear_picture(format, 768, &size);
    d.width = 640;
    d.height = 360;
    d.layers[0].offset[1] = 768 * 360;
    d.objects[0].size = 768 * 540;
    struct buffer buffer = buffer_new(d.objects[0].size);
    mfxFrameAllocResponse slots = frames_on(&side, MFX_FOURCC_NV12, 1, true);
    d.objects[0].fd = buffer.fd;
    memset(buffer.bytes, 0xee, buffer.size);
    use_buffer(&buffer, &d, format, FILL, 4);
    assert_int_equal(vfa_va_bind_dmabuf(side.va, side.a, slots.mids[0], &d, 0), MFX_ERR_NONE);
    check(&side, slots.mids[0], MFX_FOURCC_NV12, 4);
    fill(&side, slots.mids[0], MFX_FOURCC_NV12, 5);
    use_buffer(&buffer, &d, format, CHECK, 5);
    assert_int_equal(buffer.bytes[WIDTH], 0xee);
    assert_int_equal(buffer.bytes[768 * HEIGHT], 0xee);
    side_close(&side);
    buffer_end(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exported_format_is_imported_by_another_display),
        cmocka_unit_test(every_exported_format_is_imported_by_its_own_display),
        cmocka_unit_test(a_linear_export_is_mapped_with_the_pixels_of_its_frame),
        cmocka_unit_test(linear_buffers_go_through_every_way),
        cmocka_unit_test(file_descriptors_of_one_buffer_are_one_buffer),
        cmocka_unit_test(a_larger_picture_shows_its_upper_left_corner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
