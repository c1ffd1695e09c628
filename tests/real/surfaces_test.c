/* VA surfaces on Intel's driver: pixels written one way are read the other ways. The base of what the tests
 * of this project's own VA code stand on. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <drm_fourcc.h>
#include <va/va.h>
#include <va/va_drm.h>
#include <va/va_drmcommon.h>

enum {
    WIDTH = 320,
    HEIGHT = 240,
    MAX_ROW_BYTES = WIDTH * 4
};

static const struct format {
    unsigned rt, fourcc;
    unsigned planes;
    unsigned row_bytes, rows[2];
} formats[] = {
    {VA_RT_FORMAT_YUV420, VA_FOURCC_NV12, 2, WIDTH, {HEIGHT, HEIGHT / 2}},
    {VA_RT_FORMAT_YUV420_10, VA_FOURCC_P010, 2, WIDTH * 2, {HEIGHT, HEIGHT / 2}},
    {VA_RT_FORMAT_YUV422, VA_FOURCC_YUY2, 1, WIDTH * 2, {HEIGHT, 0}},
    {VA_RT_FORMAT_RGB32, VA_FOURCC_BGRA, 1, WIDTH * 4, {HEIGHT, 0}},
};

struct display {
    int node;
    VADisplay va;
};

static int open_display(void **state)
{
    static struct display d;
    int major, minor;
    d.node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    assert_true(d.node >= 0);
    d.va = vaGetDisplayDRM(d.node);
    vaSetInfoCallback(d.va, NULL, NULL);
    assert_int_equal(vaInitialize(d.va, &major, &minor), VA_STATUS_SUCCESS);
    *state = &d;
    return 0;
}

static int close_display(void **state)
{
    struct display *d = *state;
    if (!d)
        return 0;
    assert_int_equal(vaTerminate(d->va), VA_STATUS_SUCCESS);
    return close(d->node);
}

static VASurfaceID create_surface(VADisplay va, const struct format *f)
{
    VASurfaceID surface;
    VASurfaceAttrib attribute = {.type = VASurfaceAttribPixelFormat,
                                 .flags = VA_SURFACE_ATTRIB_SETTABLE,
                                 .value = {.type = VAGenericValueTypeInteger, .value.i = (int)f->fourcc}};
    assert_int_equal(vaCreateSurfaces(va, f->rt, WIDTH, HEIGHT, &surface, 1, &attribute, 1),
                     VA_STATUS_SUCCESS);
    return surface;
}

/* A byte that tells plane, row and column apart. */
static uint8_t pattern(unsigned seed, unsigned plane, unsigned row, unsigned x)
{
    return (uint8_t)(seed + plane * 101 + row * 7 + x * 3 + x / 64);
}

/* Writes the pattern to the rows of an image, or checks that it is there. */
static void go_through_image(VADisplay va, const VAImage *image, const struct format *f, unsigned seed,
                             bool write)
{
    uint8_t *bytes;
    assert_int_equal(image->num_planes, f->planes);
    assert_int_equal(vaMapBuffer(va, image->buf, (void **)&bytes), VA_STATUS_SUCCESS);
    for (unsigned plane = 0; plane < f->planes; plane++)
        for (unsigned row = 0; row < f->rows[plane]; row++) {
            uint8_t expected[MAX_ROW_BYTES],
                *at = bytes + image->offsets[plane] + image->pitches[plane] * row;
            for (unsigned x = 0; x < f->row_bytes; x++)
                expected[x] = pattern(seed, plane, row, x);
            if (write)
                memcpy(at, expected, f->row_bytes);
            else
                assert_memory_equal(at, expected, f->row_bytes);
        }
    assert_int_equal(vaUnmapBuffer(va, image->buf), VA_STATUS_SUCCESS);
}

static void go_through_surface(VADisplay va, VASurfaceID surface, const struct format *f, unsigned seed,
                               bool write)
{
    VAImage image;
    assert_int_equal(vaSyncSurface(va, surface), VA_STATUS_SUCCESS);
    assert_int_equal(vaDeriveImage(va, surface, &image), VA_STATUS_SUCCESS);
    go_through_image(va, &image, f, seed, write);
    assert_int_equal(vaDestroyImage(va, image.image_id), VA_STATUS_SUCCESS);
}

static void a_derived_image_keeps_what_was_written(void **state)
{
    VADisplay va = ((struct display *)*state)->va;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        VASurfaceID surfaces[2] = {create_surface(va, &formats[i]), create_surface(va, &formats[i])};
        go_through_surface(va, surfaces[0], &formats[i], 1, true);
        go_through_surface(va, surfaces[1], &formats[i], 2, true);
        go_through_surface(va, surfaces[0], &formats[i], 1, false);
        go_through_surface(va, surfaces[1], &formats[i], 2, false);
        assert_int_equal(vaDestroySurfaces(va, surfaces, 2), VA_STATUS_SUCCESS);
    }
}

static void images_are_put_and_got(void **state)
{
    VADisplay va = ((struct display *)*state)->va;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct format *f = &formats[i];
        VAImageFormat wanted = {.fourcc = f->fourcc, .byte_order = VA_LSB_FIRST};
        VAImage image;
        VASurfaceID surface = create_surface(va, f);
        assert_int_equal(vaCreateImage(va, &wanted, WIDTH, HEIGHT, &image), VA_STATUS_SUCCESS);
        go_through_image(va, &image, f, 3, true);
        assert_int_equal(vaPutImage(va, surface, image.image_id, 0, 0, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT),
                         VA_STATUS_SUCCESS);
        go_through_surface(va, surface, f, 3, false);
        go_through_surface(va, surface, f, 4, true);
        assert_int_equal(vaGetImage(va, surface, 0, 0, WIDTH, HEIGHT, image.image_id), VA_STATUS_SUCCESS);
        go_through_image(va, &image, f, 4, false);
        assert_int_equal(vaDestroyImage(va, image.image_id), VA_STATUS_SUCCESS);
        assert_int_equal(vaDestroySurfaces(va, &surface, 1), VA_STATUS_SUCCESS);
    }
}

/* Where byte x of a row is: Intel's Y tiles are 32 rows of 128 bytes, kept as eight columns of 16 bytes. */
static size_t byte_at(uint64_t modifier, size_t pitch, size_t row, size_t x)
{
    if (modifier != I915_FORMAT_MOD_Y_TILED)
        return row * pitch + x;
    size_t tile = row / 32 * (pitch / 128) + x / 128;
    return tile * 4096 + x % 128 / 16 * 512 + row % 32 * 16 + x % 16;
}

static VADRMPRIMESurfaceDescriptor export_surface(VADisplay va, VASurfaceID surface)
{
    VADRMPRIMESurfaceDescriptor d;
    assert_int_equal(vaExportSurfaceHandle(va, surface, VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2,
                                           VA_EXPORT_SURFACE_READ_WRITE | VA_EXPORT_SURFACE_COMPOSED_LAYERS,
                                           &d),
                     VA_STATUS_SUCCESS);
    assert_int_equal(d.num_objects, 1);
    assert_int_equal(d.num_layers, 1);
    return d;
}

static void an_exported_surface_is_mapped(void **state)
{
    VADisplay va = ((struct display *)*state)->va;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct format *f = &formats[i];
        VASurfaceID surface = create_surface(va, f);
        go_through_surface(va, surface, f, 5, true);
        VADRMPRIMESurfaceDescriptor d = export_surface(va, surface);
        uint64_t modifier = d.objects[0].drm_format_modifier;
        if (modifier != I915_FORMAT_MOD_Y_TILED && modifier != DRM_FORMAT_MOD_LINEAR)
            skip(); /* newer GPUs tile in other ways */
        const uint8_t *bytes = mmap(NULL, d.objects[0].size, PROT_READ, MAP_SHARED, d.objects[0].fd, 0);
        assert_ptr_not_equal(bytes, MAP_FAILED);
        for (unsigned plane = 0; plane < f->planes; plane++)
            for (unsigned row = 0; row < f->rows[plane]; row++) {
                uint8_t expected[MAX_ROW_BYTES], found[MAX_ROW_BYTES];
                for (unsigned x = 0; x < f->row_bytes; x++) {
                    expected[x] = pattern(5, plane, row, x);
                    found[x] = bytes[d.layers[0].offset[plane] +
                                     byte_at(modifier, d.layers[0].pitch[plane], row, x)];
                }
                assert_memory_equal(found, expected, f->row_bytes);
            }
        munmap((void *)(uintptr_t)bytes, d.objects[0].size);
        close(d.objects[0].fd);
        assert_int_equal(vaDestroySurfaces(va, &surface, 1), VA_STATUS_SUCCESS);
    }
}

static void an_exported_surface_is_imported(void **state)
{
    VADisplay va = ((struct display *)*state)->va;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct format *f = &formats[i];
        VASurfaceID surface = create_surface(va, f), imported;
        VADRMPRIMESurfaceDescriptor d = export_surface(va, surface);
        VASurfaceAttrib attributes[] = {
            {.type = VASurfaceAttribMemoryType,
             .flags = VA_SURFACE_ATTRIB_SETTABLE,
             .value = {.type = VAGenericValueTypeInteger, .value.i = VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2}},
            {.type = VASurfaceAttribExternalBufferDescriptor,
             .flags = VA_SURFACE_ATTRIB_SETTABLE,
             .value = {.type = VAGenericValueTypePointer, .value.p = &d}},
        };
        assert_int_equal(vaCreateSurfaces(va, f->rt, WIDTH, HEIGHT, &imported, 1, attributes, 2),
                         VA_STATUS_SUCCESS);
        close(d.objects[0].fd);
        go_through_surface(va, surface, f, 6, true);
        go_through_surface(va, imported, f, 6, false);
        /* The memory outlives the surface that was exported. */
        assert_int_equal(vaDestroySurfaces(va, &surface, 1), VA_STATUS_SUCCESS);
        go_through_surface(va, imported, f, 6, false);
        assert_int_equal(vaDestroySurfaces(va, &imported, 1), VA_STATUS_SUCCESS);
    }
}

static unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void surfaces_that_come_and_go_leave_no_descriptors(void **state)
{
    VADisplay va = ((struct display *)*state)->va;
    unsigned before = 0;
    for (int round = 0; round < 300; round++) {
        const struct format *f = &formats[round % (int)(sizeof formats / sizeof *formats)];
        VASurfaceID surface = create_surface(va, f);
        VADRMPRIMESurfaceDescriptor d = export_surface(va, surface);
        VAImage image;
        assert_int_equal(vaDeriveImage(va, surface, &image), VA_STATUS_SUCCESS);
        assert_int_equal(vaDestroyImage(va, image.image_id), VA_STATUS_SUCCESS);
        assert_int_equal(vaDestroySurfaces(va, &surface, 1), VA_STATUS_SUCCESS);
        close(d.objects[0].fd);
        if (round == 20) /* the driver keeps some buffers of its own */
            before = descriptors();
    }
    assert_int_equal(descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_derived_image_keeps_what_was_written),
        cmocka_unit_test(images_are_put_and_got),
        cmocka_unit_test(an_exported_surface_is_mapped),
        cmocka_unit_test(an_exported_surface_is_imported),
        cmocka_unit_test(surfaces_that_come_and_go_leave_no_descriptors),
    };
    return cmocka_run_group_tests(tests, open_display, close_display);
}
