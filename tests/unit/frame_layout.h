/* Frame infos and layouts for the tests of src/format. Include after cmocka.h. */
#ifndef TESTS_UNIT_FRAME_LAYOUT_H
#define TESTS_UNIT_FRAME_LAYOUT_H

#include <string.h>
#include <vfa/format.h>

static inline mfxFrameInfo picture(mfxU32 fourcc, mfxU16 width, mfxU16 height)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = fourcc;
    info.Width = width;
    info.Height = height;
    return info;
}

static inline mfxFrameInfo linear(mfxU64 bytes)
{
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = MFX_FOURCC_P8;
    info.BufferSize = bytes;
    return info;
}

static inline struct vfa_layout computed(const mfxFrameInfo *info, const struct vfa_layout_rules *rules)
{
    struct vfa_layout layout;
    assert_int_equal(vfa_layout_compute(info, rules, &layout), MFX_ERR_NONE);
    return layout;
}

static inline size_t rounded(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static inline int is_all_zero(const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;
    while (count && !byte[count - 1])
        count--;
    return !count;
}

static inline uint8_t *slot_of(const mfxFrameData *data, size_t slot)
{
    uint8_t *const slots[4] = {data->Y, data->U, data->V, data->A};
    return slots[slot];
}

#endif
