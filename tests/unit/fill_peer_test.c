/* Black pictures beside those of libavutil, for the formats that both know. */
#include "fixture.h"

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#define WIDTH  64
#define HEIGHT 32

/* By name: which of them there are depends on the version. P016 and its like have all 16 bits there. */
static const struct {
    mfxU32 fourcc;
    const char *name;
    mfxU16 depth, shift;
} peer[] = {
    {MFX_FOURCC_NV12, "nv12", 0, 0},       {MFX_FOURCC_NV21, "nv21", 0, 0},
    {MFX_FOURCC_P010, "p010le", 10, 1},    {MFX_FOURCC_P016, "p016le", 16, 0},
    {MFX_FOURCC_I420, "yuv420p", 0, 0},    {MFX_FOURCC_I010, "yuv420p10le", 0, 0},
    {MFX_FOURCC_NV16, "nv16", 0, 0},       {MFX_FOURCC_P210, "p210le", 10, 1},
    {MFX_FOURCC_I422, "yuv422p", 0, 0},    {MFX_FOURCC_I210, "yuv422p10le", 0, 0},
    {MFX_FOURCC_YUY2, "yuyv422", 0, 0},    {MFX_FOURCC_UYVY, "uyvy422", 0, 0},
    {MFX_FOURCC_Y210, "y210le", 10, 1},    {MFX_FOURCC_Y216, "y212le", 12, 1},
    {MFX_FOURCC_AYUV, "vuya", 0, 0},       {MFX_FOURCC_RGB4, "bgra", 0, 0},
    {MFX_FOURCC_BGR4, "rgba", 0, 0},       {MFX_FOURCC_RGB565, "rgb565le", 0, 0},
    {MFX_FOURCC_ARGB16, "bgra64le", 0, 0}, {MFX_FOURCC_ABGR16, "rgba64le", 0, 0},
};
#define PEERS (sizeof peer / sizeof *peer)

static void compare(size_t i, enum AVPixelFormat theirs, enum vfa_range range)
{
    mfxFrameInfo info = {.FourCC = peer[i].fourcc, .Width = WIDTH, .Height = HEIGHT, .Shift = peer[i].shift};
    info.BitDepthLuma = info.BitDepthChroma = peer[i].depth;
    struct vfa_layout layout;
    assert_int_equal(vfa_layout_compute(&info, NULL, &layout), MFX_ERR_NONE);
    mfxU8 *ours = malloc(layout.size_bytes), *other = malloc(layout.size_bytes);
    assert_non_null(ours);
    assert_non_null(other);
    memset(ours, 0xaa, layout.size_bytes);
    memset(other, 0xaa, layout.size_bytes);
    mfxFrameData data = {0};
    struct vfa_color black;
    uint8_t *plane[4] = {NULL};
    ptrdiff_t pitch[4] = {0};
    for (uint32_t p = 0; p < layout.plane_count; p++) {
        plane[p] = other + layout.plane[p].offset_bytes;
        pitch[p] = (ptrdiff_t)layout.plane[p].pitch_bytes;
    }
    assert_int_equal(vfa_layout_point(&layout, ours, &data), MFX_ERR_NONE);
    assert_int_equal(vfa_color_black(&info, range, &black), MFX_ERR_NONE);
    assert_int_equal(vfa_fill_color(&info, &data, &black, VFA_FILL_PICTURE), MFX_ERR_NONE);
    enum AVColorRange their_range = range == VFA_RANGE_FULL ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    assert_true(av_image_fill_black(plane, pitch, theirs, their_range, WIDTH, HEIGHT) >= 0);
    assert_memory_equal(ours, other, layout.size_bytes);
    free(ours);
    free(other);
}

static void black_is_what_libavutil_writes(void **state)
{
    (void)state;
    size_t compared = 0;
    for (size_t i = 0; i < PEERS; i++) {
        enum AVPixelFormat theirs = av_get_pix_fmt(peer[i].name);
        if (theirs == AV_PIX_FMT_NONE)
            continue;
        compare(i, theirs, VFA_RANGE_LIMITED);
        compare(i, theirs, VFA_RANGE_FULL);
        compared++;
    }
    assert_true(compared >= 16); /* of libavutil 57 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(black_is_what_libavutil_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
