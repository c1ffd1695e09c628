/* Colours: the format table says where a channel begins in a unit, this where its bits are. */
#include "copy/color.h"

#include <stdbool.h>

/* VPL declares it only for experimental use. */
#define FOURCC_ABGR16F MFX_MAKEFOURCC('B', 'G', 'R', 'F')

#define ONE_AS_HALF_FLOAT 0x3c00

/* Depths that a frame info may say of any format, and that mean the format's own. */
#define NEUTRAL_DEPTH 8

struct sample {
    uint8_t bit;  /* the lowest one, counted from the start of the unit */
    uint8_t bits; /* of the channel's */
};

/* Formats whose channels share a word, or a pair: the pointers of mfxFrameData do not say where each is. In
 * the order of enum vfa_channel. Source: mfxY410, mfxA2RGB10, mfxABGR16FP and ColorFourCC in mfxstructures.h.
 */
static const struct {
    mfxU32 fourcc;
    struct sample channel[VFA_CHANNELS];
} shared[] = {
    {MFX_FOURCC_NV21, {{0, 8}, {8, 8}, {0, 8}, {0, 0}}},
    {MFX_FOURCC_Y410, {{10, 10}, {0, 10}, {20, 10}, {30, 2}}},
    {MFX_FOURCC_A2RGB10, {{20, 10}, {10, 10}, {0, 10}, {30, 2}}},
    {MFX_FOURCC_RGB565, {{11, 5}, {5, 6}, {0, 5}, {0, 0}}},
    {FOURCC_ABGR16F, {{0, 16}, {16, 16}, {32, 16}, {48, 16}}},
};

static const struct sample *find_shared(const struct vfa_format *format, int channel)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (shared[i].fourcc == format->fourcc)
            return &shared[i].channel[channel];
    return NULL;
}

static bool has_channel(const struct vfa_format *format, int channel)
{
    return format->channel[channel].plane >= 0;
}

/* The significant bits of a sample. */
static unsigned int depth_of(const struct vfa_format *format, const mfxFrameInfo *info, int channel)
{
    const struct sample *sample = find_shared(format, channel);
    if (sample)
        return sample->bits;
    bool chroma = channel == VFA_CHANNEL_U || channel == VFA_CHANNEL_V;
    unsigned int said = format->linear ? 0 : chroma ? info->BitDepthChroma : info->BitDepthLuma;
    return said && said != NEUTRAL_DEPTH ? said : format->bit_depth;
}

/* A shifted sample is in the high bits of its container. */
static unsigned int lowest_bit(const struct vfa_format *format, const mfxFrameInfo *info, int channel)
{
    const struct sample *sample = find_shared(format, channel);
    if (sample)
        return sample->bit;
    unsigned int begin = format->channel[channel].offset_bytes * 8u;
    bool shifted = format->msb_shift_allowed && info->Shift;
    return shifted ? begin + format->container_bits - depth_of(format, info, channel) : begin;
}

mfxStatus vfa__color_units(const mfxFrameInfo *info, const struct vfa_color *color,
                           mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES])
{
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    uint64_t word[VFA_MAX_PLANES] = {0};
    if (!format)
        return MFX_ERR_UNSUPPORTED;
    for (int c = 0; c < VFA_CHANNELS; c++) {
        if (!has_channel(format, c))
            continue;
        uint64_t sample = color->sample[c];
        const struct vfa_format_plane *plane = &format->plane[format->channel[c].plane];
        unsigned int depth = depth_of(format, info, c);
        if (depth > format->container_bits || sample >> depth)
            return MFX_ERR_INVALID_VIDEO_PARAM;
        unsigned int bit = lowest_bit(format, info, c);
        word[format->channel[c].plane] |= sample << bit;
        /* A unit of two pixels in one plane has two luma samples, half a unit apart. */
        if (c == VFA_CHANNEL_Y && plane->unit_px == 2)
            word[format->channel[c].plane] |= sample << (bit + plane->unit_bytes * 4u);
    }
    for (int p = 0; p < VFA_MAX_PLANES; p++)
        for (int i = 0; i < VFA_UNIT_MAX_BYTES; i++)
            unit[p][i] = (mfxU8)(word[p] >> 8 * i);
    return MFX_ERR_NONE;
}

/* The range of the depth, divided by 2 so many times. */
static mfxU16 part_of_range(unsigned int depth, unsigned int halvings)
{
    return (mfxU16)((UINT32_C(1) << depth) >> halvings);
}

static mfxU16 black_sample(const struct vfa_format *format, const mfxFrameInfo *info, int channel,
                           enum vfa_range range)
{
    unsigned int depth = depth_of(format, info, channel);
    if (channel == VFA_CHANNEL_A)
        return format->fourcc == FOURCC_ABGR16F ? ONE_AS_HALF_FLOAT : (mfxU16)((1u << depth) - 1);
    if (format->rgb || format->chroma_format == MFX_CHROMAFORMAT_MONOCHROME)
        return 0;
    if (channel != VFA_CHANNEL_Y)
        return part_of_range(depth, 1);
    return range == VFA_RANGE_LIMITED ? part_of_range(depth, 4) : 0;
}

mfxStatus vfa_color_black(const mfxFrameInfo *info, enum vfa_range range, struct vfa_color *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!info)
        return MFX_ERR_NULL_PTR;
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    if (!format)
        return MFX_ERR_UNSUPPORTED;
    if (range != VFA_RANGE_LIMITED && range != VFA_RANGE_FULL)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    struct vfa_color black = {{0}};
    for (int c = 0; c < VFA_CHANNELS; c++) {
        if (!has_channel(format, c))
            continue;
        if (depth_of(format, info, c) > format->container_bits)
            return MFX_ERR_INVALID_VIDEO_PARAM;
        black.sample[c] = black_sample(format, info, c, range);
    }
    *out = black;
    return MFX_ERR_NONE;
}
