/* The table of pixel formats: complete, consistent, and its VA and DRM codes those of the public headers. */
#define ONEVPL_EXPERIMENTAL /* XYUV and ABGR16F by name */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <drm_fourcc.h>
#include <string.h>
#include <va/va.h>
#include <vfa/format.h>

#define RGB3 MFX_MAKEFOURCC('R', 'G', 'B', '3') /* by number: its name is deprecated */

/* What other APIs call the same bytes; written by hand from the headers' descriptions. */
static const struct {
    mfxU32 fourcc;
    const char *name;
    mfxU16 chroma_format;
    uint8_t bit_depth;
    uint32_t va, va_image, va_rt, drm;
} expected[] = {
    {MFX_FOURCC_NV12, "NV12", MFX_CHROMAFORMAT_YUV420, 8, VA_FOURCC_NV12, VA_FOURCC_NV12, VA_RT_FORMAT_YUV420,
     DRM_FORMAT_NV12},
    {MFX_FOURCC_NV21, "NV21", MFX_CHROMAFORMAT_YUV420, 8, VA_FOURCC_NV21, VA_FOURCC_NV21, VA_RT_FORMAT_YUV420,
     DRM_FORMAT_NV21},
    {MFX_FOURCC_P010, "P010", MFX_CHROMAFORMAT_YUV420, 10, VA_FOURCC_P010, VA_FOURCC_P010,
     VA_RT_FORMAT_YUV420_10, DRM_FORMAT_P010},
    {MFX_FOURCC_P016, "P016", MFX_CHROMAFORMAT_YUV420, 12, VA_FOURCC_P016, VA_FOURCC_P016,
     VA_RT_FORMAT_YUV420_12, DRM_FORMAT_P016},
    {MFX_FOURCC_IYUV, "I420", MFX_CHROMAFORMAT_YUV420, 8, VA_FOURCC_I420, VA_FOURCC_I420, VA_RT_FORMAT_YUV420,
     DRM_FORMAT_YUV420},
    {MFX_FOURCC_YV12, "YV12", MFX_CHROMAFORMAT_YUV420, 8, VA_FOURCC_YV12, VA_FOURCC_YV12, VA_RT_FORMAT_YUV420,
     DRM_FORMAT_YVU420},
    {MFX_FOURCC_I010, "I010", MFX_CHROMAFORMAT_YUV420, 10, VA_FOURCC_I010, VA_FOURCC_I010,
     VA_RT_FORMAT_YUV420_10, 0},
    {MFX_FOURCC_NV16, "NV16", MFX_CHROMAFORMAT_YUV422, 8, 0, 0, 0, DRM_FORMAT_NV16},
    {MFX_FOURCC_P210, "P210", MFX_CHROMAFORMAT_YUV422, 10, 0, 0, 0, DRM_FORMAT_P210},
    {MFX_FOURCC_I422, "I422", MFX_CHROMAFORMAT_YUV422, 8, VA_FOURCC_422H, VA_FOURCC_422H, VA_RT_FORMAT_YUV422,
     DRM_FORMAT_YUV422},
    {MFX_FOURCC_I210, "I210", MFX_CHROMAFORMAT_YUV422, 10, 0, 0, 0, 0},
    {MFX_FOURCC_YUY2, "YUY2", MFX_CHROMAFORMAT_YUV422, 8, VA_FOURCC_YUY2, VA_FOURCC_YUY2, VA_RT_FORMAT_YUV422,
     DRM_FORMAT_YUYV},
    {MFX_FOURCC_UYVY, "UYVY", MFX_CHROMAFORMAT_YUV422, 8, VA_FOURCC_UYVY, VA_FOURCC_UYVY, VA_RT_FORMAT_YUV422,
     DRM_FORMAT_UYVY},
    {MFX_FOURCC_Y210, "Y210", MFX_CHROMAFORMAT_YUV422, 10, VA_FOURCC_Y210, VA_FOURCC_Y210,
     VA_RT_FORMAT_YUV422_10, DRM_FORMAT_Y210},
    {MFX_FOURCC_Y216, "Y216", MFX_CHROMAFORMAT_YUV422, 12, VA_FOURCC_Y216, VA_FOURCC_Y216,
     VA_RT_FORMAT_YUV422_12, DRM_FORMAT_Y216},
    {MFX_FOURCC_AYUV, "AYUV", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_AYUV, VA_FOURCC_AYUV, VA_RT_FORMAT_YUV444,
     DRM_FORMAT_AYUV},
    {MFX_FOURCC_XYUV, "XYUV", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_XYUV, VA_FOURCC_XYUV, VA_RT_FORMAT_YUV444,
     DRM_FORMAT_XYUV8888},
    {MFX_FOURCC_Y410, "Y410", MFX_CHROMAFORMAT_YUV444, 10, VA_FOURCC_Y410, VA_FOURCC_Y410,
     VA_RT_FORMAT_YUV444_10, DRM_FORMAT_Y410},
    {MFX_FOURCC_Y416, "Y416", MFX_CHROMAFORMAT_YUV444, 12, VA_FOURCC_Y416, VA_FOURCC_Y416,
     VA_RT_FORMAT_YUV444_12, DRM_FORMAT_Y416},
    {MFX_FOURCC_RGB4, "RGB4", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_ARGB, VA_FOURCC_ARGB, VA_RT_FORMAT_RGB32,
     DRM_FORMAT_ARGB8888},
    {MFX_FOURCC_BGR4, "BGR4", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_ABGR, VA_FOURCC_ABGR, VA_RT_FORMAT_RGB32,
     DRM_FORMAT_ABGR8888},
    {MFX_FOURCC_AYUV_RGB4, "AYUV_RGB4", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_AYUV, VA_FOURCC_AYUV,
     VA_RT_FORMAT_YUV444, DRM_FORMAT_ARGB8888},
    {RGB3, "RGB3", MFX_CHROMAFORMAT_YUV444, 8, 0, 0, 0, DRM_FORMAT_RGB888},
    {MFX_FOURCC_RGB565, "RGB565", MFX_CHROMAFORMAT_YUV444, 5, VA_FOURCC_RGB565, VA_FOURCC_RGB565,
     VA_RT_FORMAT_RGB16, DRM_FORMAT_RGB565},
    {MFX_FOURCC_A2RGB10, "A2RGB10", MFX_CHROMAFORMAT_YUV444, 10, VA_FOURCC_ARGB, VA_FOURCC_A2R10G10B10,
     VA_RT_FORMAT_RGB32_10, DRM_FORMAT_ARGB2101010},
    {MFX_FOURCC_ARGB16, "ARGB16", MFX_CHROMAFORMAT_YUV444, 16, VA_FOURCC_ARGB64, VA_FOURCC_ARGB64,
     VA_RT_FORMAT_RGB32_10, DRM_FORMAT_ARGB16161616},
    {MFX_FOURCC_ABGR16, "ABGR16", MFX_CHROMAFORMAT_YUV444, 16, VA_FOURCC_ABGR64, VA_FOURCC_ABGR64,
     VA_RT_FORMAT_RGB32_10, DRM_FORMAT_ABGR16161616},
    {MFX_FOURCC_ABGR16F, "ABGR16F", MFX_CHROMAFORMAT_YUV444, 16, 0, 0, 0, DRM_FORMAT_ABGR16161616F},
    {MFX_FOURCC_RGBP, "RGBP", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_RGBP, VA_FOURCC_RGBP, VA_RT_FORMAT_RGBP,
     0},
    {MFX_FOURCC_BGRP, "BGRP", MFX_CHROMAFORMAT_YUV444, 8, VA_FOURCC_BGRP, VA_FOURCC_BGRP, VA_RT_FORMAT_RGBP,
     0},
    {MFX_FOURCC_R16, "R16", MFX_CHROMAFORMAT_MONOCHROME, 16, 0, 0, 0, DRM_FORMAT_R16},
    {MFX_FOURCC_P8, "P8", MFX_CHROMAFORMAT_MONOCHROME, 8, VA_FOURCC_P208, VA_FOURCC_P208, 0, 0},
    {MFX_FOURCC_P8_TEXTURE, "P8_TEXTURE", MFX_CHROMAFORMAT_MONOCHROME, 8, 0, 0, 0, 0},
};

#define EXPECTED_COUNT (sizeof expected / sizeof expected[0])

static void every_fourcc_of_the_vpl_headers_is_in_the_table_once(void **state)
{
    (void)state;
    assert_int_equal(vfa_format_count(), EXPECTED_COUNT);
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        const struct vfa_format *format = vfa_format_find(expected[i].fourcc);
        size_t found = 0;
        assert_non_null(format);
        assert_int_equal(format->fourcc, expected[i].fourcc);
        for (size_t k = 0; k < vfa_format_count(); k++)
            found += vfa_format_at(k)->fourcc == expected[i].fourcc;
        assert_int_equal(found, 1);
    }
}

static void aliases_are_one_format(void **state)
{
    (void)state;
    assert_ptr_equal(vfa_format_find(MFX_FOURCC_I420), vfa_format_find(MFX_FOURCC_IYUV));
    assert_ptr_equal(vfa_format_find(MFX_FOURCC_BGRA), vfa_format_find(MFX_FOURCC_RGB4));
}

static void names_depths_and_chroma_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        const struct vfa_format *format = vfa_format_find(expected[i].fourcc);
        assert_string_equal(format->name, expected[i].name);
        assert_int_equal(format->chroma_format, expected[i].chroma_format);
        assert_int_equal(format->bit_depth, expected[i].bit_depth);
    }
}

static void va_and_drm_codes_are_those_of_the_public_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        const struct vfa_format *format = vfa_format_find(expected[i].fourcc);
        assert_int_equal(format->va_fourcc, expected[i].va);
        assert_int_equal(format->va_image_fourcc, expected[i].va_image);
        assert_int_equal(format->va_rt_format, expected[i].va_rt);
        assert_int_equal(format->drm_fourcc, expected[i].drm);
    }
}

static void a_va_code_is_not_taken_for_the_vpl_code_of_that_number(void **state)
{
    (void)state;
    assert_int_equal(VA_FOURCC_RGB565, MFX_FOURCC_ARGB16);
    assert_int_equal(vfa_format_find(VA_FOURCC_RGB565)->va_fourcc, VA_FOURCC_ARGB64);
    assert_null(vfa_format_find(VA_FOURCC_I420));
}

static void shift_is_allowed_where_samples_may_be_in_the_high_bits(void **state)
{
    (void)state;
    static const mfxU32 shiftable[] = {MFX_FOURCC_P010, MFX_FOURCC_P016, MFX_FOURCC_P210, MFX_FOURCC_Y210,
                                       MFX_FOURCC_Y216, MFX_FOURCC_Y416, MFX_FOURCC_R16};
    size_t allowed = 0;
    for (size_t i = 0; i < vfa_format_count(); i++)
        allowed += vfa_format_at(i)->msb_shift_allowed;
    assert_int_equal(allowed, sizeof shiftable / sizeof shiftable[0]);
    for (size_t i = 0; i < sizeof shiftable / sizeof shiftable[0]; i++)
        assert_true(vfa_format_find(shiftable[i])->msb_shift_allowed);
}

static void only_p8_is_linear(void **state)
{
    (void)state;
    for (size_t i = 0; i < vfa_format_count(); i++)
        assert_int_equal(vfa_format_at(i)->linear, vfa_format_at(i)->fourcc == MFX_FOURCC_P8);
}

static void assert_plane_is_possible(const struct vfa_format_plane *plane)
{
    assert_true(plane->unit_px == 1 || plane->unit_px == 2);
    assert_in_range(plane->unit_bytes, 1, 8);
    assert_true(plane->row_div == 1 || plane->row_div == 2);
    assert_true(plane->pitch_div == 1 || plane->pitch_div == 2);
}

static void every_entry_is_consistent(void **state)
{
    (void)state;
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        size_t planes_pointed_to = 0;
        assert_true(format->summary && *format->summary);
        assert_in_range(format->plane_count, 1, VFA_MAX_PLANES);
        assert_in_range(format->bit_depth, 1, format->container_bits);
        assert_true(!format->va_rt_format || format->va_fourcc);
        assert_int_equal(!format->va_fourcc, !format->va_image_fourcc);
        for (size_t p = 0; p < format->plane_count; p++)
            assert_plane_is_possible(&format->plane[p]);
        assert_int_equal(format->plane[0].row_div * format->plane[0].pitch_div, 1);
        for (size_t c = 0; c < VFA_CHANNELS; c++) {
            if (format->channel[c].plane < 0)
                continue;
            assert_true(format->channel[c].plane < format->plane_count);
            assert_true(format->channel[c].offset_bytes < format->plane[format->channel[c].plane].unit_bytes);
            planes_pointed_to |= (size_t)1 << format->channel[c].plane;
        }
        assert_int_equal(planes_pointed_to, ((size_t)1 << format->plane_count) - 1);
    }
}

static void an_unknown_fourcc_is_not_found(void **state)
{
    (void)state;
    assert_null(vfa_format_find(0));
    assert_null(vfa_format_find(UINT32_MAX));
    assert_null(vfa_format_find(MFX_MAKEFOURCC('n', 'v', '1', '2')));
    assert_null(vfa_format_at(vfa_format_count()));
    assert_null(vfa_format_at(SIZE_MAX));
}

static void a_fourcc_is_written_readably(void **state)
{
    (void)state;
    char text[VFA_FOURCC_TEXT_MAX];
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_NV12, text), "NV12");
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_IYUV, text), "I420");
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_P8, text), "P8");
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_ARGB16, text), "ARGB16");
    assert_string_equal(vfa_fourcc_text(MFX_MAKEFOURCC('H', '2', '6', '4'), text), "'H264'");
    assert_string_equal(vfa_fourcc_text(MFX_MAKEFOURCC('V', 'P', '9', ' '), text), "'VP9 '");
    assert_string_equal(vfa_fourcc_text(1, text), "0x00000001");
    assert_string_equal(vfa_fourcc_text(UINT32_MAX, text), "0xffffffff");
    assert_ptr_equal(vfa_fourcc_text(0, text), text);
    assert_string_equal(vfa_fourcc_text(MFX_FOURCC_NV12, NULL), "");
}

static void every_name_fits_the_text(void **state)
{
    (void)state;
    char text[VFA_FOURCC_TEXT_MAX];
    for (size_t i = 0; i < vfa_format_count(); i++)
        assert_string_equal(vfa_fourcc_text(vfa_format_at(i)->fourcc, text), vfa_format_at(i)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fourcc_of_the_vpl_headers_is_in_the_table_once),
        cmocka_unit_test(aliases_are_one_format),
        cmocka_unit_test(names_depths_and_chroma_are_right),
        cmocka_unit_test(va_and_drm_codes_are_those_of_the_public_headers),
        cmocka_unit_test(a_va_code_is_not_taken_for_the_vpl_code_of_that_number),
        cmocka_unit_test(shift_is_allowed_where_samples_may_be_in_the_high_bits),
        cmocka_unit_test(only_p8_is_linear),
        cmocka_unit_test(every_entry_is_consistent),
        cmocka_unit_test(an_unknown_fourcc_is_not_found),
        cmocka_unit_test(a_fourcc_is_written_readably),
        cmocka_unit_test(every_name_fits_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
