/* Where the planes of a frame lie: computed from the table, never overflowing. */
#include "base/checked.h"

#include <string.h>
#include <vfa/format.h>

/* VPL: "The frame buffer pointers must be 16-byte aligned". */
#define MIN_BASE_ALIGNMENT 16

/* Rows that are a multiple of this apart fall into the same sets of a cache, and the neighbours of a pixel
 * above and below put each other out. So such a pitch gets two lines more: half of it, the pitch of chroma
 * planes, is then a whole number of lines too. By how much it helps: docs/memory.md. */
#define ALIAS_BYTES   4096
#define PADDING_BYTES 128

/* A frame info that leaves its bit depth alone may say 8 for any format: runtimes treat 0 and 8 alike. */
#define NEUTRAL_DEPTH 8

static size_t size_max(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t or_default(size_t value, size_t fallback)
{
    return value ? value : fallback;
}

/* Fills in the defaults; false when a rule is no power of two. */
static bool resolve_rules(const struct vfa_layout_rules *rules, struct vfa_layout_rules *out)
{
    static const struct vfa_layout_rules defaults = {0};
    if (!rules)
        rules = &defaults;
    out->width_px = or_default(rules->width_px, 32);
    out->pitch_bytes = or_default(rules->pitch_bytes, 64);
    out->rows = or_default(rules->rows, 32);
    out->size_bytes = or_default(rules->size_bytes, 4096);
    return vfa__is_power_of_two(out->width_px) && vfa__is_power_of_two(out->pitch_bytes) &&
           vfa__is_power_of_two(out->rows) && vfa__is_power_of_two(out->size_bytes);
}

static bool samples_fit(const struct vfa_format *format, const mfxFrameInfo *info)
{
    size_t most = size_max(format->container_bits, NEUTRAL_DEPTH);
    if (info->BitDepthLuma > most || info->BitDepthChroma > most)
        return false;
    return !info->Shift || format->msb_shift_allowed;
}

/* `n` is far below SIZE_MAX wherever this is used without a check: a plane's divisors are 1 or 2. */
static size_t divide_up(size_t n, size_t divisor)
{
    return n / divisor + (n % divisor != 0);
}

static bool row_bytes(const struct vfa_format_plane *plane, size_t width_px, size_t *out)
{
    return vfa__multiply(divide_up(width_px, plane->unit_px), plane->unit_bytes, out);
}

/* The frame's one pitch: wide enough for every plane, each of which has its share of it. So where planes have
 * half the pitch it is even, and half of it holds their rows, whatever the rules are. `padded`: not one that
 * caches suffer from. */
static bool frame_pitch(const struct vfa_format *format, size_t width_px, size_t alignment, bool padded,
                        size_t *out)
{
    size_t pitch = 0;
    for (size_t i = 0; i < format->plane_count; i++) {
        size_t bytes;
        if (!row_bytes(&format->plane[i], width_px, &bytes) ||
            !vfa__multiply(bytes, format->plane[i].pitch_div, &bytes))
            return false;
        pitch = size_max(pitch, bytes);
    }
    return vfa__align(pitch, alignment, out) &&
           (!padded || *out % ALIAS_BYTES || vfa__add(*out, PADDING_BYTES, out));
}

/* Puts the planes one after another; *end is where the last one ends. */
static bool place_planes(struct vfa_layout *layout, size_t picture_width_px, size_t *end)
{
    *end = 0;
    for (size_t i = 0; i < layout->plane_count; i++) {
        const struct vfa_format_plane *facts = &layout->format->plane[i];
        struct vfa_layout_plane *plane = &layout->plane[i];
        size_t bytes;
        plane->offset_bytes = *end;
        plane->pitch_bytes = layout->pitch_bytes / facts->pitch_div;
        plane->rows = divide_up(layout->rows, facts->row_div);
        if (!row_bytes(facts, picture_width_px, &plane->row_bytes) ||
            !vfa__multiply(plane->pitch_bytes, plane->rows, &bytes) || !vfa__add(*end, bytes, end))
            return false;
    }
    return true;
}

static mfxStatus picture_layout(const mfxFrameInfo *info, const struct vfa_layout_rules *rules, bool padded,
                                struct vfa_layout *layout)
{
    size_t pitch = 0, end; /* GCC does not see at -O1 that it is set */
    if (!info->Width || !info->Height || !samples_fit(layout->format, info))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!vfa__align(info->Width, rules->width_px, &layout->width_px) ||
        !vfa__align(info->Height, rules->rows, &layout->rows) ||
        !frame_pitch(layout->format, layout->width_px, rules->pitch_bytes, padded, &pitch))
        return MFX_ERR_MEMORY_ALLOC;
    if (pitch > UINT32_MAX)
        return MFX_ERR_MEMORY_ALLOC; /* PitchHigh and PitchLow cannot say it */
    layout->pitch_bytes = (uint32_t)pitch;
    if (!place_planes(layout, info->Width, &end) || !vfa__align(end, rules->size_bytes, &layout->size_bytes))
        return MFX_ERR_MEMORY_ALLOC;
    return MFX_ERR_NONE;
}

/* Of a linear buffer the info says nothing but the size: the fields of a picture share their bytes with it.
 */
static mfxStatus linear_layout(const mfxFrameInfo *info, const struct vfa_layout_rules *rules,
                               struct vfa_layout *layout)
{
    if (!info->BufferSize)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (info->BufferSize > SIZE_MAX)
        return MFX_ERR_MEMORY_ALLOC;
    size_t bytes = (size_t)info->BufferSize;
    layout->plane[0].row_bytes = bytes;
    layout->plane[0].pitch_bytes = bytes;
    layout->plane[0].rows = 1;
    return vfa__align(bytes, rules->size_bytes, &layout->size_bytes) ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
}

mfxStatus vfa_layout_compute(const mfxFrameInfo *info, const struct vfa_layout_rules *rules,
                             struct vfa_layout *out)
{
    if (!out)
        return MFX_ERR_NULL_PTR;
    memset(out, 0, sizeof *out);
    if (!info)
        return MFX_ERR_NULL_PTR;

    struct vfa_layout_rules resolved;
    struct vfa_layout layout = {.format = vfa_format_find(info->FourCC)};
    if (!layout.format)
        return MFX_ERR_UNSUPPORTED;
    if (!resolve_rules(rules, &resolved))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    bool padded = !rules || !rules->pitch_bytes; /* who has a rule for the pitch means just that */
    layout.plane_count = layout.format->plane_count;
    layout.alignment_bytes = size_max(resolved.size_bytes, MIN_BASE_ALIGNMENT);
    mfxStatus status = layout.format->linear ? linear_layout(info, &resolved, &layout)
                                             : picture_layout(info, &resolved, padded, &layout);
    if (status == MFX_ERR_NONE)
        *out = layout;
    return status;
}

static mfxU8 *channel_address(const struct vfa_layout *layout, void *base, enum vfa_channel channel)
{
    const struct vfa_format_channel *facts = &layout->format->channel[channel];
    if (facts->plane < 0)
        return NULL;
    return (mfxU8 *)base + layout->plane[facts->plane].offset_bytes + facts->offset_bytes;
}

mfxStatus vfa_layout_point(const struct vfa_layout *layout, void *base, mfxFrameData *data)
{
    if (!layout || !base || !data)
        return MFX_ERR_NULL_PTR;
    if (!layout->format)
        return MFX_ERR_NOT_INITIALIZED;
    data->PitchHigh = (mfxU16)(layout->pitch_bytes >> 16);
    data->PitchLow = (mfxU16)(layout->pitch_bytes & 0xffff);
    data->Y = channel_address(layout, base, VFA_CHANNEL_Y);
    data->U = channel_address(layout, base, VFA_CHANNEL_U);
    data->V = channel_address(layout, base, VFA_CHANNEL_V);
    data->A = channel_address(layout, base, VFA_CHANNEL_A);
    return MFX_ERR_NONE;
}

void vfa_frame_data_clear(mfxFrameData *data)
{
    if (!data)
        return;
    data->PitchHigh = 0;
    data->PitchLow = 0;
    data->Y = NULL;
    data->U = NULL;
    data->V = NULL;
    data->A = NULL;
}
