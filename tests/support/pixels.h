/* The pixels of a frame, through its mfxFrameData pointers alone: a pattern written, and looked for. Include
 * after cmocka.h. */
#ifndef VFA_TEST_PIXELS_H
#define VFA_TEST_PIXELS_H

#include <stdbool.h>
#include <vfa/format.h>

/* Row `y` of plane `plane`, where the format's facts and the pointers say it lies. */
static inline mfxU8 *pixel_row(const mfxFrameInfo *info, const mfxFrameData *data, size_t plane, size_t y)
{
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    mfxU8 *pointer[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane == (int)plane)
            return pointer[c] - format->channel[c].offset_bytes +
                   y * (vfa_frame_data_pitch(data) / format->plane[plane].pitch_div);
    return NULL;
}

static inline size_t pixel_rows(const mfxFrameInfo *info, size_t plane)
{
    size_t divisor = vfa_format_find(info->FourCC)->plane[plane].row_div;
    return (info->Height + divisor - 1) / divisor;
}

static inline size_t pixel_row_bytes(const mfxFrameInfo *info, size_t plane)
{
    const struct vfa_format_plane *facts = &vfa_format_find(info->FourCC)->plane[plane];
    return ((size_t)info->Width + facts->unit_px - 1) / facts->unit_px * facts->unit_bytes;
}

static inline mfxU8 pixel_at(unsigned int seed, size_t plane, size_t y, size_t x)
{
    return (mfxU8)(seed * 101 + plane * 47 + y * 3 + x * 5 + (x >> 8) + (y >> 8));
}

/* The plane of the first byte that is not the pattern's, or -1. */
static inline int pixels_differ(const mfxFrameInfo *info, const mfxFrameData *data, unsigned int seed)
{
    size_t planes = vfa_format_find(info->FourCC)->plane_count;
    for (size_t plane = 0; plane < planes; plane++)
        for (size_t y = 0; y < pixel_rows(info, plane); y++) {
            const mfxU8 *row = pixel_row(info, data, plane, y);
            for (size_t x = 0; x < pixel_row_bytes(info, plane); x++)
                if (row[x] != pixel_at(seed, plane, y, x))
                    return (int)plane;
        }
    return -1;
}

static inline void pixels_write(const mfxFrameInfo *info, const mfxFrameData *data, unsigned int seed)
{
    size_t planes = vfa_format_find(info->FourCC)->plane_count;
    for (size_t plane = 0; plane < planes; plane++)
        for (size_t y = 0; y < pixel_rows(info, plane); y++) {
            mfxU8 *row = pixel_row(info, data, plane, y);
            for (size_t x = 0; x < pixel_row_bytes(info, plane); x++)
                row[x] = pixel_at(seed, plane, y, x);
        }
}

#endif
