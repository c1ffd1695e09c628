/* Fills of planes that are mapped: all of a picture, what its crop rectangle shows, or what surrounds that.
 */
#include "copy/color.h"
#include "format/planes.h"

#include <stdbool.h>
#include <string.h>

/* Rows of a plane, from one byte to another. */
struct region {
    size_t left, right;
    size_t top, bottom;
};

/* Doubles what is filled until all is. */
static void fill_row(mfxU8 *row, size_t bytes, const mfxU8 *unit, size_t unit_bytes)
{
    size_t done = unit_bytes < bytes ? unit_bytes : bytes;
    memcpy(row, unit, done);
    while (done < bytes) {
        size_t next = done < bytes - done ? done : bytes - done;
        memcpy(row + done, row, next);
        done += next;
    }
}

static bool is_one_byte(const mfxU8 *unit, size_t unit_bytes)
{
    for (size_t i = 1; i < unit_bytes; i++)
        if (unit[i] != unit[0])
            return false;
    return true;
}

static void fill_area(const struct vfa__plane *plane, const struct region *area, const mfxU8 *unit,
                      size_t unit_bytes)
{
    size_t bytes = area->right - area->left, rows = area->bottom - area->top;
    mfxU8 *first = plane->start + area->top * plane->pitch_bytes + area->left;
    if (!bytes || !rows)
        return;
    if (is_one_byte(unit, unit_bytes)) {
        if (bytes == plane->pitch_bytes) { /* one long row */
            bytes *= rows;
            rows = 1;
        }
        for (size_t y = 0; y < rows; y++)
            memset(first + y * plane->pitch_bytes, unit[0], bytes);
        return;
    }
    fill_row(first, bytes, unit, unit_bytes);
    for (size_t y = 1; y < rows; y++)
        memcpy(first + y * plane->pitch_bytes, first, bytes);
}

/* What surrounds an area of a plane. */
static void fill_around(const struct vfa__plane *plane, const struct region *hole, const mfxU8 *unit,
                        size_t unit_bytes)
{
    const struct region parts[] = {
        {0, plane->row_bytes, 0, hole->top},
        {0, hole->left, hole->top, hole->bottom},
        {hole->right, plane->row_bytes, hole->top, hole->bottom},
        {0, plane->row_bytes, hole->bottom, plane->rows},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        fill_area(plane, &parts[i], unit, unit_bytes);
}

static struct region all_of(const struct vfa__plane *plane)
{
    return (struct region){0, plane->row_bytes, 0, plane->rows};
}

/* The part of a plane that the crop rectangle shows. False: it is none, or begins within a unit. */
static bool find_crop(const mfxFrameInfo *info, const struct vfa_format_plane *facts, struct region *out)
{
    size_t right = (size_t)info->CropX + info->CropW, bottom = (size_t)info->CropY + info->CropH;
    if (right > info->Width || bottom > info->Height || info->CropX % facts->unit_px ||
        info->CropY % facts->row_div)
        return false;
    out->left = (size_t)info->CropX / facts->unit_px * facts->unit_bytes;
    out->right = (right + facts->unit_px - 1) / facts->unit_px * facts->unit_bytes;
    out->top = (size_t)info->CropY / facts->row_div;
    out->bottom = (bottom + facts->row_div - 1) / facts->row_div;
    return true;
}

static size_t unit_bytes_of(const struct vfa_format *format, uint32_t plane)
{
    return format->linear ? 1 : format->plane[plane].unit_bytes;
}

mfxStatus vfa_fill_planes(const mfxFrameInfo *info, const mfxFrameData *data,
                          const mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES])
{
    struct vfa__plane plane[VFA_MAX_PLANES];
    uint32_t count;
    if (!info || !data || !unit)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__planes_find(info, data, plane, &count);
    if (status != MFX_ERR_NONE)
        return status;
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    for (uint32_t i = 0; i < count; i++) {
        struct region area = all_of(&plane[i]);
        fill_area(&plane[i], &area, unit[i], unit_bytes_of(format, i));
    }
    return MFX_ERR_NONE;
}

/* The crop rectangle in each plane; all of it where the info has none. */
static mfxStatus find_crops(const mfxFrameInfo *info, const struct vfa__plane *plane, uint32_t count,
                            enum vfa_fill_part part, struct region *crop)
{
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    if (part != VFA_FILL_PICTURE && part != VFA_FILL_CROP && part != VFA_FILL_BORDER)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (part != VFA_FILL_PICTURE && format->linear) /* bytes, which no rectangle is of */
        return MFX_ERR_INVALID_VIDEO_PARAM;
    for (uint32_t i = 0; i < count; i++) {
        crop[i] = all_of(&plane[i]);
        if (part != VFA_FILL_PICTURE && info->CropW && info->CropH &&
            !find_crop(info, &format->plane[i], &crop[i]))
            return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    return MFX_ERR_NONE;
}

mfxStatus vfa_fill_color(const mfxFrameInfo *info, const mfxFrameData *data, const struct vfa_color *color,
                         enum vfa_fill_part part)
{
    struct vfa__plane plane[VFA_MAX_PLANES];
    struct region crop[VFA_MAX_PLANES];
    mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES];
    uint32_t count;
    if (!info || !data || !color)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa__planes_find(info, data, plane, &count);
    if (status == MFX_ERR_NONE)
        status = vfa__color_units(info, color, unit);
    if (status == MFX_ERR_NONE)
        status = find_crops(info, plane, count, part, crop);
    if (status != MFX_ERR_NONE)
        return status;
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    for (uint32_t i = 0; i < count; i++) {
        size_t unit_bytes = unit_bytes_of(format, i);
        if (part == VFA_FILL_BORDER)
            fill_around(&plane[i], &crop[i], unit[i], unit_bytes);
        else
            fill_area(&plane[i], &crop[i], unit[i], unit_bytes);
    }
    return MFX_ERR_NONE;
}
