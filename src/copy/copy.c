/* Copies between frames of allocators, and fills of them: mapped for as long as it takes. */
#include "copy/color.h"

#include <stdbool.h>
#include <string.h>
#include <vfa/allocator.h>
#include <vfa/copy.h>

static bool same_pixels(const mfxFrameInfo *a, const mfxFrameInfo *b)
{
    return a->FourCC == b->FourCC && a->BitDepthLuma == b->BitDepthLuma &&
           a->BitDepthChroma == b->BitDepthChroma && a->Shift == b->Shift;
}

/* What is to be copied, as a picture of its own. */
static mfxStatus find_part(const mfxFrameInfo *from, const mfxFrameInfo *to, mfxU16 width, mfxU16 height,
                           mfxFrameInfo *part)
{
    *part = *from;
    if (!same_pixels(from, to))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (from->FourCC == MFX_FOURCC_P8) /* bytes, which have no width */
        return !width && !height && from->BufferSize <= to->BufferSize ? MFX_ERR_NONE
                                                                       : MFX_ERR_INVALID_VIDEO_PARAM;
    if (width || height) {
        part->Width = width;
        part->Height = height;
    }
    bool fits = part->Width <= from->Width && part->Height <= from->Height && part->Width <= to->Width &&
                part->Height <= to->Height;
    return fits ? MFX_ERR_NONE : MFX_ERR_INVALID_VIDEO_PARAM;
}

/* A frame that is written whole need not be fetched first. */
static mfxU32 target_flags(const mfxFrameInfo *part, const mfxFrameInfo *to)
{
    bool whole = to->FourCC == MFX_FOURCC_P8 ? part->BufferSize == to->BufferSize
                                             : part->Width == to->Width && part->Height == to->Height;
    return whole ? MFX_MAP_WRITE : MFX_MAP_READ_WRITE;
}

mfxStatus vfa_copy_frame(struct vfa_allocator *from_allocator, mfxMemId from,
                         struct vfa_allocator *to_allocator, mfxMemId to, mfxU16 width, mfxU16 height,
                         const struct vfa_copy_config *config)
{
    mfxFrameInfo from_info, to_info, part;
    mfxFrameData source, target;
    if (!from_allocator || !to_allocator)
        return MFX_ERR_NULL_PTR;
    if (from_allocator == to_allocator && from == to)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (config && config->size != sizeof *config) /* before the target is mapped, which may discard it */
        return MFX_ERR_INVALID_VIDEO_PARAM;
    memset(&source, 0, sizeof source);
    memset(&target, 0, sizeof target);
    mfxStatus status = vfa_frame_info(from_allocator, from, &from_info);
    if (status == MFX_ERR_NONE)
        status = vfa_frame_info(to_allocator, to, &to_info);
    if (status == MFX_ERR_NONE)
        status = find_part(&from_info, &to_info, width, height, &part);
    if (status == MFX_ERR_NONE)
        status = vfa_map(from_allocator, from, MFX_MAP_READ, &source);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_map(to_allocator, to, target_flags(&part, &to_info), &target);
    if (status == MFX_ERR_NONE) {
        status = vfa_copy_planes(&part, &source, &target, config);
        mfxStatus written = vfa_unmap(to_allocator, to, &target);
        if (status == MFX_ERR_NONE)
            status = written;
    }
    mfxStatus read = vfa_unmap(from_allocator, from, &source);
    return status == MFX_ERR_NONE ? read : status;
}

static mfxStatus fill_mapped(struct vfa_allocator *a, mfxMemId mid, const mfxFrameInfo *info,
                             const struct vfa_color *color, enum vfa_fill_part part)
{
    mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES];
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    /* Before the frame is mapped, which may discard it. */
    mfxStatus status = vfa__color_units(info, color, unit);
    if (status == MFX_ERR_NONE)
        status = vfa_map(a, mid, part == VFA_FILL_PICTURE ? MFX_MAP_WRITE : MFX_MAP_READ_WRITE, &data);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_fill_color(info, &data, color, part);
    mfxStatus written = vfa_unmap(a, mid, &data);
    return status == MFX_ERR_NONE ? written : status;
}

mfxStatus vfa_fill_frame(struct vfa_allocator *a, mfxMemId mid, const struct vfa_color *color,
                         enum vfa_fill_part part)
{
    mfxFrameInfo info;
    if (!a || !color)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa_frame_info(a, mid, &info);
    return status == MFX_ERR_NONE ? fill_mapped(a, mid, &info, color, part) : status;
}

mfxStatus vfa_clear_frame(struct vfa_allocator *a, mfxMemId mid, enum vfa_range range)
{
    mfxFrameInfo info;
    struct vfa_color black;
    if (!a)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = vfa_frame_info(a, mid, &info);
    if (status == MFX_ERR_NONE)
        status = vfa_color_black(&info, range, &black);
    return status == MFX_ERR_NONE ? fill_mapped(a, mid, &info, &black, VFA_FILL_PICTURE) : status;
}
