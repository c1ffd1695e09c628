/* Descriptors of dma-bufs that are bound to slots: planes in one layer or a layer each, and what is wrong
 * with one is an error that says so, before the driver sees it. */
#include "va_fixture.h"

#include <sys/mman.h>
#include <unistd.h>
#include <vfa/dmabuf.h>

#define PITCH            64
#define OBJECT_BYTES     4096
#define CODE(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

struct bench {
    struct va_fixture v;
    mfxFrameAllocResponse slots;
    VADRMPRIMESurfaceDescriptor d;
    int fd;
};

/* One slot, and a picture of two planes in one object, each in a layer of its own. */
static void open_bench(struct bench *b, mfxU32 fourcc, uint32_t va_fourcc, uint32_t luma, uint32_t chroma)
{
    mfxFrameAllocRequest request = va_request(fourcc, 1);
    memset(b, 0, sizeof *b);
    va_prepare_small(&b->v);
    va_open(&b->v);
    assert_int_equal(vfa_va_slots_alloc(b->v.va, b->v.f.a, &request, 0, &b->slots), MFX_ERR_NONE);
    b->fd = memfd_create("picture", MFD_CLOEXEC);
    assert_true(b->fd >= 0);
    assert_int_equal(ftruncate(b->fd, OBJECT_BYTES), 0);
    b->d.fourcc = va_fourcc;
    b->d.width = VA_WIDTH;
    b->d.height = VA_HEIGHT;
    b->d.num_objects = 1;
    b->d.objects[0].fd = b->fd;
    b->d.objects[0].size = OBJECT_BYTES;
    b->d.num_layers = 2;
    b->d.layers[0].drm_format = luma;
    b->d.layers[1].drm_format = chroma;
    b->d.layers[0].num_planes = b->d.layers[1].num_planes = 1;
    b->d.layers[0].pitch[0] = b->d.layers[1].pitch[0] = PITCH;
    b->d.layers[1].offset[0] = PITCH * VA_HEIGHT;
}

static void close_bench(struct bench *b)
{
    assert_int_equal(vfa_frames_free(b->v.f.a, &b->slots), MFX_ERR_NONE);
    va_close(&b->v);
    close(b->fd);
}

static mfxStatus bind(struct bench *b)
{
    return vfa_va_bind_dmabuf(b->v.va, b->v.f.a, b->slots.mids[0], &b->d, 0);
}

/* What is written through the frame is in the buffer, plane by plane. */
static void assert_shows(struct bench *b, mfxU32 fourcc, size_t sample_bytes)
{
    mfxU8 row[PITCH];
    va_write(&b->v, fourcc, b->slots.mids[0], 9);
    for (uint32_t plane = 0; plane < 2; plane++)
        for (size_t y = 0; y < (size_t)VA_HEIGHT >> plane; y++) {
            off_t at = (off_t)(plane * PITCH * VA_HEIGHT + y * PITCH);
            assert_true(pread(b->fd, row, VA_WIDTH * sample_bytes, at) == (ssize_t)(VA_WIDTH * sample_bytes));
            for (size_t x = 0; x < VA_WIDTH * sample_bytes; x++)
                assert_int_equal(row[x], va_pixel(9, plane, y, x));
        }
}

static void planes_may_have_a_layer_each(void **state)
{
    (void)state;
    static const struct {
        mfxU32 fourcc;
        uint32_t va_fourcc, luma, chroma;
        size_t sample_bytes;
    } forms[] = {
        {MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('R', '8', ' ', ' '), CODE('G', 'R', '8', '8'), 1},
        {MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('R', '8', ' ', ' '), CODE('R', 'G', '8', '8'), 1},
        {MFX_FOURCC_P010, VA_FOURCC_P010, CODE('R', '1', '6', ' '), CODE('G', 'R', '3', '2'), 2},
        {MFX_FOURCC_P010, VA_FOURCC_P010, CODE('R', '1', '6', ' '), CODE('R', 'G', '3', '2'), 2},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        static struct bench b;
        open_bench(&b, forms[i].fourcc, forms[i].va_fourcc, forms[i].luma, forms[i].chroma);
        assert_int_equal(bind(&b), MFX_ERR_NONE);
        assert_shows(&b, forms[i].fourcc, forms[i].sample_bytes);
        close_bench(&b);
    }
}

static void layers_of_other_samples_are_another_format(void **state)
{
    (void)state;
    static const struct {
        mfxU32 fourcc;
        uint32_t va_fourcc, luma, chroma;
    } forms[] = {
        {MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('R', '1', '6', ' '), CODE('G', 'R', '8', '8')},
        {MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('R', '8', ' ', ' '), CODE('R', '8', ' ', ' ')},
        {MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('G', 'R', '8', '8'), CODE('R', '8', ' ', ' ')},
        {MFX_FOURCC_P010, VA_FOURCC_P010, CODE('R', '8', ' ', ' '), CODE('G', 'R', '3', '2')},
        {MFX_FOURCC_P010, VA_FOURCC_P010, CODE('R', '1', '6', ' '), CODE('G', 'R', '8', '8')},
        {MFX_FOURCC_P010, VA_FOURCC_P010, CODE('R', '1', '6', ' '), CODE('R', '1', '6', ' ')},
        {MFX_FOURCC_NV12, VA_FOURCC_P010, CODE('R', '8', ' ', ' '), CODE('G', 'R', '8', '8')},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        static struct bench b;
        open_bench(&b, forms[i].fourcc, forms[i].va_fourcc, forms[i].luma, forms[i].chroma);
        assert_int_equal(bind(&b), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
        close_bench(&b);
    }
}

/* --- one thing wrong */

static void one_layer_of_one_plane(VADRMPRIMESurfaceDescriptor *d)
{
    d->num_layers = 1;
}

static void two_planes_in_a_layer_of_two(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[1].num_planes = 2;
    d->layers[1].pitch[1] = PITCH;
    d->layers[1].offset[1] = 2 * PITCH * VA_HEIGHT;
}

static void too_narrow(VADRMPRIMESurfaceDescriptor *d)
{
    d->width--;
}

static void too_low(VADRMPRIMESurfaceDescriptor *d)
{
    d->height--;
}

static void larger_than_its_file(VADRMPRIMESurfaceDescriptor *d)
{
    d->objects[0].size = OBJECT_BYTES + 1;
}

static void pitch_below_a_row(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[1].pitch[0] = VA_WIDTH - 1;
}

static void beyond_its_object(VADRMPRIMESurfaceDescriptor *d)
{
    d->objects[0].size = PITCH * VA_HEIGHT * 3 / 2 - 1;
}

static void one_over_the_other(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[1].offset[0] -= PITCH;
}

static void chroma_first(VADRMPRIMESurfaceDescriptor *d)
{
    d->layers[0].offset[0] = PITCH * VA_HEIGHT / 2;
    d->layers[1].offset[0] = 0;
}

static void another_modifier(VADRMPRIMESurfaceDescriptor *d)
{
    d->objects[0].drm_format_modifier = 77;
}

static void a_closed_file(VADRMPRIMESurfaceDescriptor *d)
{
    d->objects[0].fd = 1000000;
}

static void what_is_wrong_with_a_descriptor_is_said(void **state)
{
    (void)state;
    static const struct {
        void (*spoil)(VADRMPRIMESurfaceDescriptor *);
        mfxStatus status;
        const char *words;
    } cases[] = {
        {one_layer_of_one_plane, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "1 layers"},
        {two_planes_in_a_layer_of_two, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "2 layers"},
        {too_narrow, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "15x16, the frame 16x16"},
        {too_low, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, "16x15, the frame 16x16"},
        {larger_than_its_file, MFX_ERR_INVALID_VIDEO_PARAM, "said to have 4097 bytes, has 4096"},
        {pitch_below_a_row, MFX_ERR_INVALID_VIDEO_PARAM, "plane 1: pitch 15"},
        {beyond_its_object, MFX_ERR_INVALID_VIDEO_PARAM, "plane 1: offset 1024"},
        {one_over_the_other, MFX_ERR_INVALID_VIDEO_PARAM, "planes 0 and 1 overlap"},
        {another_modifier, MFX_ERR_UNSUPPORTED, "modifier 0x000000000000004d"},
        {a_closed_file, MFX_ERR_INVALID_HANDLE, "not open"},
    };
    static struct bench b;
    open_bench(&b, MFX_FOURCC_NV12, VA_FOURCC_NV12, CODE('R', '8', ' ', ' '), CODE('G', 'R', '8', '8'));
    const VADRMPRIMESurfaceDescriptor good = b.d;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b.d = good;
        cases[i].spoil(&b.d);
        long calls = atomic_load(&b.v.fake.calls[FAKE_CREATE_SURFACES]);
        mfxStatus status = bind(&b);
        struct vfa_error error = error_of(&b.v);
        if (status != cases[i].status || !strstr(error.text, cases[i].words))
            fail_msg("case %zu: %s: %s", i, vfa_status_name(status), error.text);
        assert_int_equal(atomic_load(&b.v.fake.calls[FAKE_CREATE_SURFACES]), calls);
    }
    b.d = good;
    chroma_first(&b.d); /* one behind the other, in whichever order, is no overlap */
    b.d.layers[0].offset[0] = PITCH * VA_HEIGHT / 2 - 1;
    assert_int_equal(bind(&b), MFX_ERR_INVALID_VIDEO_PARAM);
    chroma_first(&b.d);
    assert_int_equal(bind(&b), MFX_ERR_NONE);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_may_have_a_layer_each),
        cmocka_unit_test(layers_of_other_samples_are_another_format),
        cmocka_unit_test(what_is_wrong_with_a_descriptor_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
