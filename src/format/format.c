/* The one table of pixel format facts, and the look-ups in it. Nothing else in the library knows a FourCC. */
#include <stdio.h>
#include <vfa/format.h>

/* VA and DRM codes are numbers here, so that the library needs neither libva nor libdrm to compile; the
 * format test compares each with the public headers' names. Both, like VPL, read a code's first letter from
 * its low byte. The spelled letters are not always those of VPL: VA's I420 is VPL's IYUV, and VA's RGB565 is
 * the very number of VPL's ARGB16, so a code of one must never be passed for one of the other. */
#define CODE(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* VPL declares these only for experimental use, and RGB3 as deprecated; frames of them exist all the same. */
#define FOURCC_XYUV    CODE('X', 'Y', 'U', 'V')
#define FOURCC_ABGR16F CODE('B', 'G', 'R', 'F')
#define FOURCC_RGB3    CODE('R', 'G', 'B', '3')

/* VA_RT_FORMAT_ */
enum {
    RT_NONE = 0,
    RT_YUV420 = 0x00000001,
    RT_YUV422 = 0x00000002,
    RT_YUV444 = 0x00000004,
    RT_YUV420_10 = 0x00000100,
    RT_YUV422_10 = 0x00000200,
    RT_YUV444_10 = 0x00000400,
    RT_YUV420_12 = 0x00001000,
    RT_YUV422_12 = 0x00002000,
    RT_YUV444_12 = 0x00004000,
    RT_RGB16 = 0x00010000,
    RT_RGB32 = 0x00020000,
    RT_RGBP = 0x00100000,
    RT_RGB32_10 = 0x00200000,
};

/* One plane; `bytes` are those of a sample. */
#define PLANE(px, bytes, row_divisor, pitch_divisor) \
    .unit_px = (px), .unit_bytes = (bytes), .row_div = (row_divisor), .pitch_div = (pitch_divisor)
#define FULL(bytes)               PLANE(1, bytes, 1, 1)
#define PAIRS(bytes, row_divisor) PLANE(2, 2 * (bytes), row_divisor, 1)
#define HALF(bytes, row_divisor)  PLANE(2, bytes, row_divisor, 2)

/* All planes of a frame, in their order in memory. */
#define PACKED(px, bytes) .plane_count = 1, .plane = {{PLANE(px, bytes, 1, 1)}}
#define SEMI_PLANAR(bytes, row_divisor) \
    .plane_count = 2, .plane = {{FULL(bytes)}, {PAIRS(bytes, row_divisor)}}
#define PLANAR(bytes, row_divisor) \
    .plane_count = 3, .plane = {{FULL(bytes)}, {HALF(bytes, row_divisor)}, {HALF(bytes, row_divisor)}}
#define THREE_FULL .plane_count = 3, .plane = {{FULL(1)}, {FULL(1)}, {FULL(1)}}

/* Channel pointers, slot by slot: Y or R; U or G; V or B; A. */
#define AT(plane_index, bytes) (plane_index), (bytes)
#define ABSENT                 -1, 0
#define POINTERS(y, u, v, a)   .channel = {{y}, {u}, {v}, {a}}

#define DEPTH(significant, container) .bit_depth = (significant), .container_bits = (container)
#define RGB                           .rgb = 1
#define SHIFTABLE                     .msb_shift_allowed = 1
#define VA(code, rt)                  .va_fourcc = (code), .va_image_fourcc = (code), .va_rt_format = (rt)
#define NO_VA                         VA(0, RT_NONE)
#define DRM(code)                     .drm_fourcc = (code)
#define NO_DRM                        DRM(0)
#define MFX(code, text)               .fourcc = (code), .name = (text)
#define CHROMA(name)                  .chroma_format = MFX_CHROMAFORMAT_##name

static const struct vfa_format formats[] = {
    /* 4:2:0, semi-planar */
    {MFX(MFX_FOURCC_NV12, "NV12"), .summary = "4:2:0 semi-planar, 8 bit", CHROMA(YUV420), DEPTH(8, 8),
     SEMI_PLANAR(1, 2), POINTERS(AT(0, 0), AT(1, 0), AT(1, 1), ABSENT),
     VA(CODE('N', 'V', '1', '2'), RT_YUV420), DRM(CODE('N', 'V', '1', '2'))},
    /* The slot that is U elsewhere is VU here: the pair, and V its first byte. */
    {MFX(MFX_FOURCC_NV21, "NV21"), .summary = "4:2:0 semi-planar, V first, 8 bit", CHROMA(YUV420),
     DEPTH(8, 8), SEMI_PLANAR(1, 2), POINTERS(AT(0, 0), AT(1, 0), AT(1, 0), ABSENT),
     VA(CODE('N', 'V', '2', '1'), RT_YUV420), DRM(CODE('N', 'V', '2', '1'))},
    {MFX(MFX_FOURCC_P010, "P010"), .summary = "4:2:0 semi-planar, 10 bit in 16", CHROMA(YUV420),
     DEPTH(10, 16), SHIFTABLE, SEMI_PLANAR(2, 2), POINTERS(AT(0, 0), AT(1, 0), AT(1, 2), ABSENT),
     VA(CODE('P', '0', '1', '0'), RT_YUV420_10), DRM(CODE('P', '0', '1', '0'))},
    {MFX(MFX_FOURCC_P016, "P016"), .summary = "4:2:0 semi-planar, 12 to 16 bit in 16", CHROMA(YUV420),
     DEPTH(12, 16), SHIFTABLE, SEMI_PLANAR(2, 2), POINTERS(AT(0, 0), AT(1, 0), AT(1, 2), ABSENT),
     VA(CODE('P', '0', '1', '6'), RT_YUV420_12), DRM(CODE('P', '0', '1', '6'))},

    /* 4:2:0, planar */
    {MFX(MFX_FOURCC_I420, "I420"), .summary = "4:2:0 planar, 8 bit", CHROMA(YUV420), DEPTH(8, 8),
     PLANAR(1, 2), POINTERS(AT(0, 0), AT(1, 0), AT(2, 0), ABSENT), VA(CODE('I', '4', '2', '0'), RT_YUV420),
     DRM(CODE('Y', 'U', '1', '2'))},
    {MFX(MFX_FOURCC_YV12, "YV12"), .summary = "4:2:0 planar, V first, 8 bit", CHROMA(YUV420), DEPTH(8, 8),
     PLANAR(1, 2), POINTERS(AT(0, 0), AT(2, 0), AT(1, 0), ABSENT), VA(CODE('Y', 'V', '1', '2'), RT_YUV420),
     DRM(CODE('Y', 'V', '1', '2'))},
    {MFX(MFX_FOURCC_I010, "I010"), .summary = "4:2:0 planar, 10 bit in 16", CHROMA(YUV420), DEPTH(10, 16),
     PLANAR(2, 2), POINTERS(AT(0, 0), AT(1, 0), AT(2, 0), ABSENT), VA(CODE('I', '0', '1', '0'), RT_YUV420_10),
     NO_DRM},

    /* 4:2:2, semi-planar. va.h's P208 reads like NV16, but drivers take it for a plain buffer. */
    {MFX(MFX_FOURCC_NV16, "NV16"), .summary = "4:2:2 semi-planar, 8 bit", CHROMA(YUV422), DEPTH(8, 8),
     SEMI_PLANAR(1, 1), POINTERS(AT(0, 0), AT(1, 0), AT(1, 1), ABSENT), NO_VA, DRM(CODE('N', 'V', '1', '6'))},
    {MFX(MFX_FOURCC_P210, "P210"), .summary = "4:2:2 semi-planar, 10 bit in 16", CHROMA(YUV422),
     DEPTH(10, 16), SHIFTABLE, SEMI_PLANAR(2, 1), POINTERS(AT(0, 0), AT(1, 0), AT(1, 2), ABSENT), NO_VA,
     DRM(CODE('P', '2', '1', '0'))},

    /* 4:2:2, planar */
    {MFX(MFX_FOURCC_I422, "I422"), .summary = "4:2:2 planar, 8 bit", CHROMA(YUV422), DEPTH(8, 8),
     PLANAR(1, 1), POINTERS(AT(0, 0), AT(1, 0), AT(2, 0), ABSENT), VA(CODE('4', '2', '2', 'H'), RT_YUV422),
     DRM(CODE('Y', 'U', '1', '6'))},
    {MFX(MFX_FOURCC_I210, "I210"), .summary = "4:2:2 planar, 10 bit in 16", CHROMA(YUV422), DEPTH(10, 16),
     PLANAR(2, 1), POINTERS(AT(0, 0), AT(1, 0), AT(2, 0), ABSENT), NO_VA, NO_DRM},

    /* 4:2:2, packed: a unit is two pixels */
    {MFX(MFX_FOURCC_YUY2, "YUY2"), .summary = "4:2:2 packed Y U Y V, 8 bit", CHROMA(YUV422), DEPTH(8, 8),
     PACKED(2, 4), POINTERS(AT(0, 0), AT(0, 1), AT(0, 3), ABSENT), VA(CODE('Y', 'U', 'Y', '2'), RT_YUV422),
     DRM(CODE('Y', 'U', 'Y', 'V'))},
    {MFX(MFX_FOURCC_UYVY, "UYVY"), .summary = "4:2:2 packed U Y V Y, 8 bit", CHROMA(YUV422), DEPTH(8, 8),
     PACKED(2, 4), POINTERS(AT(0, 1), AT(0, 0), AT(0, 2), ABSENT), VA(CODE('U', 'Y', 'V', 'Y'), RT_YUV422),
     DRM(CODE('U', 'Y', 'V', 'Y'))},
    {MFX(MFX_FOURCC_Y210, "Y210"), .summary = "4:2:2 packed Y U Y V, 10 bit in 16", CHROMA(YUV422),
     DEPTH(10, 16), SHIFTABLE, PACKED(2, 8), POINTERS(AT(0, 0), AT(0, 2), AT(0, 6), ABSENT),
     VA(CODE('Y', '2', '1', '0'), RT_YUV422_10), DRM(CODE('Y', '2', '1', '0'))},
    {MFX(MFX_FOURCC_Y216, "Y216"), .summary = "4:2:2 packed Y U Y V, 12 to 16 bit in 16", CHROMA(YUV422),
     DEPTH(12, 16), SHIFTABLE, PACKED(2, 8), POINTERS(AT(0, 0), AT(0, 2), AT(0, 6), ABSENT),
     VA(CODE('Y', '2', '1', '6'), RT_YUV422_12), DRM(CODE('Y', '2', '1', '6'))},

    /* 4:4:4, packed */
    {MFX(MFX_FOURCC_AYUV, "AYUV"), .summary = "4:4:4 packed V U Y A, 8 bit", CHROMA(YUV444), DEPTH(8, 8),
     PACKED(1, 4), POINTERS(AT(0, 2), AT(0, 1), AT(0, 0), AT(0, 3)), VA(CODE('A', 'Y', 'U', 'V'), RT_YUV444),
     DRM(CODE('A', 'Y', 'U', 'V'))},
    /* The unused byte is pointed to as if it were A: VPL wants all pointers of a packed format. */
    {MFX(FOURCC_XYUV, "XYUV"), .summary = "4:4:4 packed V U Y X, 8 bit", CHROMA(YUV444), DEPTH(8, 8),
     PACKED(1, 4), POINTERS(AT(0, 2), AT(0, 1), AT(0, 0), AT(0, 3)), VA(CODE('X', 'Y', 'U', 'V'), RT_YUV444),
     DRM(CODE('X', 'Y', 'U', 'V'))},
    {MFX(MFX_FOURCC_Y410, "Y410"), .summary = "4:4:4 packed in 32 bits, 10 bit", CHROMA(YUV444),
     DEPTH(10, 10), PACKED(1, 4), POINTERS(AT(0, 0), AT(0, 0), AT(0, 0), AT(0, 0)),
     VA(CODE('Y', '4', '1', '0'), RT_YUV444_10), DRM(CODE('Y', '4', '1', '0'))},
    {MFX(MFX_FOURCC_Y416, "Y416"), .summary = "4:4:4 packed U Y V A, 12 to 16 bit in 16", CHROMA(YUV444),
     DEPTH(12, 16), SHIFTABLE, PACKED(1, 8), POINTERS(AT(0, 2), AT(0, 0), AT(0, 4), AT(0, 6)),
     VA(CODE('Y', '4', '1', '6'), RT_YUV444_12), DRM(CODE('Y', '4', '1', '6'))},

    /* RGB, packed. VA and DRM name the word from its high byte, so A R G B is B G R A in memory; Mesa's VA
     * drivers name the bytes as they lie in memory instead. */
    {MFX(MFX_FOURCC_RGB4, "RGB4"), .summary = "RGB packed B G R A, 8 bit", CHROMA(YUV444), RGB, DEPTH(8, 8),
     PACKED(1, 4), POINTERS(AT(0, 2), AT(0, 1), AT(0, 0), AT(0, 3)), VA(CODE('A', 'R', 'G', 'B'), RT_RGB32),
     .va_fourcc_other = CODE('B', 'G', 'R', 'A'), DRM(CODE('A', 'R', '2', '4'))},
    {MFX(MFX_FOURCC_BGR4, "BGR4"), .summary = "RGB packed R G B A, 8 bit", CHROMA(YUV444), RGB, DEPTH(8, 8),
     PACKED(1, 4), POINTERS(AT(0, 0), AT(0, 1), AT(0, 2), AT(0, 3)), VA(CODE('A', 'B', 'G', 'R'), RT_RGB32),
     .va_fourcc_other = CODE('R', 'G', 'B', 'A'), DRM(CODE('A', 'B', '2', '4'))},
    /* To VA it is an AYUV surface; what lies in it are the bytes of RGB4, and DRM's code says that. */
    {MFX(MFX_FOURCC_AYUV_RGB4, "AYUV_RGB4"), .summary = "RGB packed B G R A in an AYUV surface, 8 bit",
     CHROMA(YUV444), RGB, DEPTH(8, 8), PACKED(1, 4), POINTERS(AT(0, 2), AT(0, 1), AT(0, 0), AT(0, 3)),
     VA(CODE('A', 'Y', 'U', 'V'), RT_YUV444), DRM(CODE('A', 'R', '2', '4'))},
    {MFX(FOURCC_RGB3, "RGB3"), .summary = "RGB packed B G R, 8 bit", CHROMA(YUV444), RGB, DEPTH(8, 8),
     PACKED(1, 3), POINTERS(AT(0, 2), AT(0, 1), AT(0, 0), ABSENT), NO_VA, DRM(CODE('R', 'G', '2', '4'))},
    {MFX(MFX_FOURCC_RGB565, "RGB565"), .summary = "RGB packed in 16 bits, 5 6 5 bit", CHROMA(YUV444), RGB,
     DEPTH(5, 6), PACKED(1, 2), POINTERS(AT(0, 0), AT(0, 0), AT(0, 0), ABSENT),
     VA(CODE('R', 'G', '1', '6'), RT_RGB16), DRM(CODE('R', 'G', '1', '6'))},
    /* Runtimes create the surface as ARGB and let the RT format tell the depth; its images say A2R10G10B10.
     */
    {MFX(MFX_FOURCC_A2RGB10, "A2RGB10"), .summary = "RGB packed in 32 bits, 10 bit", CHROMA(YUV444), RGB,
     DEPTH(10, 10), PACKED(1, 4), POINTERS(AT(0, 0), AT(0, 0), AT(0, 0), AT(0, 0)),
     .va_fourcc = CODE('A', 'R', 'G', 'B'), .va_image_fourcc = CODE('A', 'R', '3', '0'),
     .va_rt_format = RT_RGB32_10, DRM(CODE('A', 'R', '3', '0'))},
    /* va.h has no RT format for 16 bits a sample; drivers go by the pixel format, and the deepest is nearest.
     */
    {MFX(MFX_FOURCC_ARGB16, "ARGB16"), .summary = "RGB packed B G R A, 16 bit", CHROMA(YUV444), RGB,
     DEPTH(16, 16), PACKED(1, 8), POINTERS(AT(0, 4), AT(0, 2), AT(0, 0), AT(0, 6)),
     VA(CODE('A', 'R', 'G', '4'), RT_RGB32_10), DRM(CODE('A', 'R', '4', '8'))},
    {MFX(MFX_FOURCC_ABGR16, "ABGR16"), .summary = "RGB packed R G B A, 16 bit", CHROMA(YUV444), RGB,
     DEPTH(16, 16), PACKED(1, 8), POINTERS(AT(0, 0), AT(0, 2), AT(0, 4), AT(0, 6)),
     VA(CODE('A', 'B', 'G', '4'), RT_RGB32_10), DRM(CODE('A', 'B', '4', '8'))},
    {MFX(FOURCC_ABGR16F, "ABGR16F"), .summary = "RGB packed R G B A, 16 bit floating point", CHROMA(YUV444),
     RGB, DEPTH(16, 16), PACKED(1, 8), POINTERS(AT(0, 0), AT(0, 0), AT(0, 0), AT(0, 0)), NO_VA,
     DRM(CODE('A', 'B', '4', 'H'))},

    /* RGB, planar */
    {MFX(MFX_FOURCC_RGBP, "RGBP"), .summary = "RGB planar, 8 bit", CHROMA(YUV444), RGB, DEPTH(8, 8),
     THREE_FULL, POINTERS(AT(0, 0), AT(1, 0), AT(2, 0), ABSENT), VA(CODE('R', 'G', 'B', 'P'), RT_RGBP),
     NO_DRM},
    {MFX(MFX_FOURCC_BGRP, "BGRP"), .summary = "RGB planar, B first, 8 bit", CHROMA(YUV444), RGB, DEPTH(8, 8),
     THREE_FULL, POINTERS(AT(2, 0), AT(1, 0), AT(0, 0), ABSENT), VA(CODE('B', 'G', 'R', 'P'), RT_RGBP),
     NO_DRM},

    /* One channel, and data that is no picture */
    {MFX(MFX_FOURCC_R16, "R16"), .summary = "one channel, 16 bit", CHROMA(MONOCHROME), DEPTH(16, 16),
     SHIFTABLE, PACKED(1, 2), POINTERS(AT(0, 0), ABSENT, ABSENT, ABSENT), NO_VA,
     DRM(CODE('R', '1', '6', ' '))},
    {MFX(MFX_FOURCC_P8, "P8"), .summary = "linear buffer of bytes", CHROMA(MONOCHROME), DEPTH(8, 8),
     .linear = 1, PACKED(1, 1), POINTERS(AT(0, 0), ABSENT, ABSENT, ABSENT),
     VA(CODE('P', '2', '0', '8'), RT_NONE), NO_DRM},
    {MFX(MFX_FOURCC_P8_TEXTURE, "P8_TEXTURE"), .summary = "rows of bytes", CHROMA(MONOCHROME), DEPTH(8, 8),
     PACKED(1, 1), POINTERS(AT(0, 0), ABSENT, ABSENT, ABSENT), NO_VA, NO_DRM},
};

#define FORMAT_COUNT (sizeof formats / sizeof formats[0])

const struct vfa_format *vfa_format_find(mfxU32 fourcc)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (formats[i].fourcc == fourcc)
            return &formats[i];
    return NULL;
}

size_t vfa_format_count(void)
{
    return FORMAT_COUNT;
}

const struct vfa_format *vfa_format_at(size_t index)
{
    return index < FORMAT_COUNT ? &formats[index] : NULL;
}

/* Whatever the locale says. */
static int is_printable(unsigned int character)
{
    return character >= 0x20 && character < 0x7f;
}

const char *vfa_fourcc_text(mfxU32 fourcc, char text[VFA_FOURCC_TEXT_MAX])
{
    if (!text)
        return "";
    unsigned int a = fourcc & 0xff, b = fourcc >> 8 & 0xff, c = fourcc >> 16 & 0xff, d = fourcc >> 24;
    const struct vfa_format *format = vfa_format_find(fourcc);
    if (format)
        (void)snprintf(text, VFA_FOURCC_TEXT_MAX, "%s", format->name);
    else if (is_printable(a) && is_printable(b) && is_printable(c) && is_printable(d))
        (void)snprintf(text, VFA_FOURCC_TEXT_MAX, "'%c%c%c%c'", (int)a, (int)b, (int)c, (int)d);
    else
        (void)snprintf(text, VFA_FOURCC_TEXT_MAX, "0x%08x", fourcc);
    return text;
}
