/* One line for each FourCC of API 2.8. Source: mfxFrameData and ColorFourCC in mfxstructures.h, and where
 * that is silent, what today's runtimes set and read. */
#include "formats.h"

#define CODE(a, b, c, d) ((mfxU32)(a) | (mfxU32)(b) << 8 | (mfxU32)(c) << 16 | (mfxU32)(d) << 24)

/* Declared for experimental use only, and deprecated. */
#define FOURCC_XYUV    CODE('X', 'Y', 'U', 'V')
#define FOURCC_ABGR16F CODE('B', 'G', 'R', 'F')
#define FOURCC_RGB3    CODE('R', 'G', 'B', '3')

/* Planes of `n` bytes a sample. */
#define ONE(px, n)      .planes = 1, .plane = {{px, n, 1, 1}}
#define SEMI(n, rows)   .planes = 2, .plane = {{1, n, 1, 1}, {2, 2 * (n), rows, 1}}
#define PLANAR(n, rows) .planes = 3, .plane = {{1, n, 1, 1}, {2, n, rows, 2}, {2, n, rows, 2}}
#define FULL            .planes = 3, .plane = {{1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}}

#define NEED(plane, offset)  POINTER_NEEDED, plane, offset
#define MAYBE(plane, offset) POINTER_OPTIONAL, plane, offset
#define NONE                 POINTER_UNSAID, 0, 0

#define AT(y, u, v, a) .channel = {{y}, {u}, {v}, {a}}

const struct conform_format conform_formats[] = {
    {MFX_FOURCC_NV12, "NV12", 8, 0, 0, SEMI(1, 2), AT(NEED(0, 0), NEED(1, 0), NEED(1, 1), NONE)},
    {MFX_FOURCC_NV21, "NV21", 8, 0, 0, SEMI(1, 2), AT(NEED(0, 0), NEED(1, 0), NEED(1, 0), NONE)},
    {MFX_FOURCC_NV16, "NV16", 8, 0, 0, SEMI(1, 1), AT(NEED(0, 0), NEED(1, 0), NEED(1, 1), NONE)},
    {MFX_FOURCC_YV12, "YV12", 8, 0, 0, PLANAR(1, 2), AT(NEED(0, 0), NEED(2, 0), NEED(1, 0), NONE)},
    {MFX_FOURCC_I420, "I420", 8, 0, 0, PLANAR(1, 2), AT(NEED(0, 0), NEED(1, 0), NEED(2, 0), NONE)},
    {MFX_FOURCC_I422, "I422", 8, 0, 0, PLANAR(1, 1), AT(NEED(0, 0), NEED(1, 0), NEED(2, 0), NONE)},
    {MFX_FOURCC_I010, "I010", 10, 0, 0, PLANAR(2, 2), AT(NEED(0, 0), NEED(1, 0), NEED(2, 0), NONE)},
    {MFX_FOURCC_I210, "I210", 10, 0, 0, PLANAR(2, 1), AT(NEED(0, 0), NEED(1, 0), NEED(2, 0), NONE)},
    {MFX_FOURCC_P010, "P010", 10, 1, 0, SEMI(2, 2), AT(NEED(0, 0), NEED(1, 0), NEED(1, 2), NONE)},
    {MFX_FOURCC_P016, "P016", 12, 1, 0, SEMI(2, 2), AT(NEED(0, 0), NEED(1, 0), NEED(1, 2), NONE)},
    {MFX_FOURCC_P210, "P210", 10, 1, 0, SEMI(2, 1), AT(NEED(0, 0), NEED(1, 0), NEED(1, 2), NONE)},
    {MFX_FOURCC_YUY2, "YUY2", 8, 0, 0, ONE(2, 4), AT(NEED(0, 0), NEED(0, 1), NEED(0, 3), NONE)},
    {MFX_FOURCC_UYVY, "UYVY", 8, 0, 0, ONE(2, 4), AT(NEED(0, 1), NEED(0, 0), NEED(0, 2), NONE)},
    {MFX_FOURCC_Y210, "Y210", 10, 1, 0, ONE(2, 8), AT(NEED(0, 0), NEED(0, 2), NEED(0, 6), NONE)},
    {MFX_FOURCC_Y216, "Y216", 12, 1, 0, ONE(2, 8), AT(NEED(0, 0), NEED(0, 2), NEED(0, 6), NONE)},
    {MFX_FOURCC_Y410, "Y410", 10, 0, 0, ONE(1, 4), AT(MAYBE(0, 0), NEED(0, 0), MAYBE(0, 0), MAYBE(0, 0))},
    {MFX_FOURCC_Y416, "Y416", 12, 1, 0, ONE(1, 8), AT(NEED(0, 2), NEED(0, 0), NEED(0, 4), NEED(0, 6))},
    {MFX_FOURCC_AYUV, "AYUV", 8, 0, 0, ONE(1, 4), AT(NEED(0, 2), NEED(0, 1), NEED(0, 0), NEED(0, 3))},
    {MFX_FOURCC_AYUV_RGB4, "AYUV_RGB4", 8, 0, 0, ONE(1, 4),
     AT(NEED(0, 2), NEED(0, 1), NEED(0, 0), NEED(0, 3))},
    {FOURCC_XYUV, "XYUV", 8, 0, 0, ONE(1, 4), AT(NEED(0, 2), NEED(0, 1), NEED(0, 0), MAYBE(0, 3))},
    {MFX_FOURCC_RGB4, "RGB4", 8, 0, 0, ONE(1, 4), AT(NEED(0, 2), NEED(0, 1), NEED(0, 0), NEED(0, 3))},
    {MFX_FOURCC_BGR4, "BGR4", 8, 0, 0, ONE(1, 4), AT(NEED(0, 0), NEED(0, 1), NEED(0, 2), NEED(0, 3))},
    {MFX_FOURCC_A2RGB10, "A2RGB10", 10, 0, 0, ONE(1, 4), AT(NEED(0, 0), NEED(0, 0), NEED(0, 0), NEED(0, 0))},
    {MFX_FOURCC_ARGB16, "ARGB16", 16, 0, 0, ONE(1, 8), AT(NEED(0, 4), NEED(0, 2), NEED(0, 0), NEED(0, 6))},
    {MFX_FOURCC_ABGR16, "ABGR16", 16, 0, 0, ONE(1, 8), AT(NEED(0, 0), NEED(0, 2), NEED(0, 4), NEED(0, 6))},
    {FOURCC_ABGR16F, "ABGR16F", 16, 0, 0, ONE(1, 8), AT(NEED(0, 0), NEED(0, 0), NEED(0, 0), NEED(0, 0))},
    {FOURCC_RGB3, "RGB3", 8, 0, 0, ONE(1, 3), AT(NEED(0, 2), NEED(0, 1), NEED(0, 0), NONE)},
    {MFX_FOURCC_RGB565, "RGB565", 0, 0, 0, ONE(1, 2), AT(NEED(0, 0), NEED(0, 0), NEED(0, 0), NONE)},
    {MFX_FOURCC_RGBP, "RGBP", 8, 0, 0, FULL, AT(NEED(0, 0), NEED(1, 0), NEED(2, 0), NONE)},
    {MFX_FOURCC_BGRP, "BGRP", 8, 0, 0, FULL, AT(NEED(2, 0), NEED(1, 0), NEED(0, 0), NONE)},
    {MFX_FOURCC_R16, "R16", 16, 0, 0, ONE(1, 2), AT(NEED(0, 0), NONE, NONE, NONE)},
    {MFX_FOURCC_P8, "P8", 0, 0, 1, ONE(1, 1), AT(NEED(0, 0), NONE, NONE, NONE)},
    {MFX_FOURCC_P8_TEXTURE, "P8_TEXTURE", 0, 0, 0, ONE(1, 1), AT(NEED(0, 0), NONE, NONE, NONE)},
};

const size_t conform_format_count = sizeof conform_formats / sizeof *conform_formats;

const struct conform_format *conform_format_find(mfxU32 fourcc)
{
    for (size_t i = 0; i < conform_format_count; i++)
        if (conform_formats[i].fourcc == fourcc)
            return &conform_formats[i];
    return NULL;
}

size_t conform_row_bytes(const struct conform_format *format, size_t plane, size_t width)
{
    size_t unit_px = format->plane[plane].unit_px;
    return (width + unit_px - 1) / unit_px * format->plane[plane].unit_bytes;
}

size_t conform_min_pitch(const struct conform_format *format, size_t width)
{
    size_t least = 0;
    for (size_t i = 0; i < format->planes; i++) {
        size_t bytes = conform_row_bytes(format, i, width) * format->plane[i].pitch_div;
        least = bytes > least ? bytes : least;
    }
    return least;
}
