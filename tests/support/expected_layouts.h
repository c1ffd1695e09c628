/* Where each sample of each picture format lies, written by hand from VPL's documents: what the tests compare
 * the library's table with. Include after ONEVPL_EXPERIMENTAL is defined: XYUV and ABGR16F are named. */
#ifndef VFA_TEST_EXPECTED_LAYOUTS_H
#define VFA_TEST_EXPECTED_LAYOUTS_H

#include <vfa/format.h>

#define RGB3 MFX_MAKEFOURCC('R', 'G', 'B', '3') /* by number: its name is deprecated */

/* One channel of a format, by hand: its samples are at
 *   base + P * R * quarters / 4 + offset + (y / y_div) * (P / pitch_div) + (x / x_div) * step
 * with P the pitch and R the rows of the layout. sample_bytes 0: the pointer is NULL. A channel whose pointer
 * is that of another one, because they share a word, is `shared` and has no bytes of its own. */
struct channel {
    uint8_t quarters, offset, x_div, y_div, pitch_div, step, sample_bytes, shared;
};

#define NONE                      0, 0, 1, 1, 1, 0, 0, 0
#define SHARED                    0, 0, 1, 1, 1, 0, 0, 1
#define PLANE(quarters, bytes)    quarters, 0, 1, 1, 1, bytes, bytes, 0
#define PACKED(offset, step)      0, offset, 1, 1, 1, step, 1, 0
#define PACKED16(offset, step)    0, offset, 1, 1, 1, step, 2, 0
#define CHROMA_2(offset, step)    0, offset, 2, 1, 1, step, 1, 0
#define CHROMA16_2(offset, step)  0, offset, 2, 1, 1, step, 2, 0
#define PAIR_420(offset, bytes)   4, offset, 2, 2, 1, 2 * (bytes), bytes, 0
#define PAIR_422(offset, bytes)   4, offset, 2, 1, 1, 2 * (bytes), bytes, 0
#define HALF_420(quarters, bytes) quarters, 0, 2, 2, 2, bytes, bytes, 0
#define HALF_422(quarters, bytes) quarters, 0, 2, 1, 2, bytes, bytes, 0

/* Slots in the order of mfxFrameData: Y or R, U or G, V or B, A. `quarters`: the whole frame in quarters of P
 * * R; `pixel_bytes`: the shortest pitch is width * pixel_bytes. */
static const struct {
    mfxU32 fourcc;
    uint8_t pixel_bytes, quarters;
    struct channel slot[4];
} expected[] = {
    {MFX_FOURCC_NV12, 1, 6, {{PLANE(0, 1)}, {PAIR_420(0, 1)}, {PAIR_420(1, 1)}, {NONE}}},
    {MFX_FOURCC_P010, 2, 6, {{PLANE(0, 2)}, {PAIR_420(0, 2)}, {PAIR_420(2, 2)}, {NONE}}},
    {MFX_FOURCC_P016, 2, 6, {{PLANE(0, 2)}, {PAIR_420(0, 2)}, {PAIR_420(2, 2)}, {NONE}}},
    {MFX_FOURCC_NV16, 1, 8, {{PLANE(0, 1)}, {PAIR_422(0, 1)}, {PAIR_422(1, 1)}, {NONE}}},
    {MFX_FOURCC_P210, 2, 8, {{PLANE(0, 2)}, {PAIR_422(0, 2)}, {PAIR_422(2, 2)}, {NONE}}},
    /* VU and V: both the pair, taken as one sample of two bytes here */
    {MFX_FOURCC_NV21, 1, 6, {{PLANE(0, 1)}, {4, 0, 2, 2, 1, 2, 2, 0}, {4, 0, 2, 2, 1, 2, 0, 1}, {NONE}}},

    {MFX_FOURCC_IYUV, 1, 6, {{PLANE(0, 1)}, {HALF_420(4, 1)}, {HALF_420(5, 1)}, {NONE}}},
    {MFX_FOURCC_YV12, 1, 6, {{PLANE(0, 1)}, {HALF_420(5, 1)}, {HALF_420(4, 1)}, {NONE}}},
    {MFX_FOURCC_I010, 2, 6, {{PLANE(0, 2)}, {HALF_420(4, 2)}, {HALF_420(5, 2)}, {NONE}}},
    {MFX_FOURCC_I422, 1, 8, {{PLANE(0, 1)}, {HALF_422(4, 1)}, {HALF_422(6, 1)}, {NONE}}},
    {MFX_FOURCC_I210, 2, 8, {{PLANE(0, 2)}, {HALF_422(4, 2)}, {HALF_422(6, 2)}, {NONE}}},

    {MFX_FOURCC_YUY2, 2, 4, {{PACKED(0, 2)}, {CHROMA_2(1, 4)}, {CHROMA_2(3, 4)}, {NONE}}},
    {MFX_FOURCC_UYVY, 2, 4, {{PACKED(1, 2)}, {CHROMA_2(0, 4)}, {CHROMA_2(2, 4)}, {NONE}}},
    {MFX_FOURCC_Y210, 4, 4, {{PACKED16(0, 4)}, {CHROMA16_2(2, 8)}, {CHROMA16_2(6, 8)}, {NONE}}},
    {MFX_FOURCC_Y216, 4, 4, {{PACKED16(0, 4)}, {CHROMA16_2(2, 8)}, {CHROMA16_2(6, 8)}, {NONE}}},

    {MFX_FOURCC_AYUV, 4, 4, {{PACKED(2, 4)}, {PACKED(1, 4)}, {PACKED(0, 4)}, {PACKED(3, 4)}}},
    {MFX_FOURCC_XYUV, 4, 4, {{PACKED(2, 4)}, {PACKED(1, 4)}, {PACKED(0, 4)}, {PACKED(3, 4)}}},
    {MFX_FOURCC_Y410, 4, 4, {{SHARED}, {PLANE(0, 4)}, {SHARED}, {SHARED}}},
    {MFX_FOURCC_Y416, 8, 4, {{PACKED16(2, 8)}, {PACKED16(0, 8)}, {PACKED16(4, 8)}, {PACKED16(6, 8)}}},

    {MFX_FOURCC_RGB4, 4, 4, {{PACKED(2, 4)}, {PACKED(1, 4)}, {PACKED(0, 4)}, {PACKED(3, 4)}}},
    {MFX_FOURCC_AYUV_RGB4, 4, 4, {{PACKED(2, 4)}, {PACKED(1, 4)}, {PACKED(0, 4)}, {PACKED(3, 4)}}},
    {MFX_FOURCC_BGR4, 4, 4, {{PACKED(0, 4)}, {PACKED(1, 4)}, {PACKED(2, 4)}, {PACKED(3, 4)}}},
    {RGB3, 3, 4, {{PACKED(2, 3)}, {PACKED(1, 3)}, {PACKED(0, 3)}, {NONE}}},
    {MFX_FOURCC_RGB565, 2, 4, {{PLANE(0, 2)}, {SHARED}, {SHARED}, {NONE}}},
    {MFX_FOURCC_A2RGB10, 4, 4, {{SHARED}, {SHARED}, {PLANE(0, 4)}, {SHARED}}},
    {MFX_FOURCC_ARGB16, 8, 4, {{PACKED16(4, 8)}, {PACKED16(2, 8)}, {PACKED16(0, 8)}, {PACKED16(6, 8)}}},
    {MFX_FOURCC_ABGR16, 8, 4, {{PACKED16(0, 8)}, {PACKED16(2, 8)}, {PACKED16(4, 8)}, {PACKED16(6, 8)}}},
    {MFX_FOURCC_ABGR16F, 8, 4, {{SHARED}, {SHARED}, {PLANE(0, 8)}, {SHARED}}},

    {MFX_FOURCC_RGBP, 1, 12, {{PLANE(0, 1)}, {PLANE(4, 1)}, {PLANE(8, 1)}, {NONE}}},
    {MFX_FOURCC_BGRP, 1, 12, {{PLANE(8, 1)}, {PLANE(4, 1)}, {PLANE(0, 1)}, {NONE}}},

    {MFX_FOURCC_R16, 2, 4, {{PLANE(0, 2)}, {NONE}, {NONE}, {NONE}}},
    {MFX_FOURCC_P8_TEXTURE, 1, 4, {{PLANE(0, 1)}, {NONE}, {NONE}, {NONE}}},
};

#define EXPECTED_COUNT (sizeof expected / sizeof expected[0])

#endif
