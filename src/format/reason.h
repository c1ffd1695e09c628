/* Why a frame has no layout, in words; for both libraries. */
#ifndef VFA_FORMAT_REASON_H
#define VFA_FORMAT_REASON_H

#include <vfa/format.h>

/* What is wrong with `info` where vfa_layout_compute answered `status`, and what would be right. */
static inline const char *vfa__layout_reason(const mfxFrameInfo *info, mfxStatus status)
{
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    if (!format)
        return "the FourCC is none of API 2.8; vfa_format_at knows them all";
    if (status == MFX_ERR_MEMORY_ALLOC)
        return "such a frame exceeds the address space, or its pitch 32 bits";
    if (format->linear)
        return "BufferSize is 0; it says how many bytes a buffer has";
    if (!info->Width || !info->Height)
        return "Width and Height must not be 0";
    if (info->Shift && !format->msb_shift_allowed)
        return "Shift must be 0: this format has no bits to shift by";
    if (info->BitDepthLuma > format->container_bits || info->BitDepthChroma > format->container_bits)
        return "BitDepthLuma or BitDepthChroma is more than the format holds; 0 is the format's own";
    return "the layout's rules must be powers of two";
}

#endif
