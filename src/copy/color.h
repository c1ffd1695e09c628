/* Where the samples of a pixel lie within the units of its planes, and what a colour looks like there. */
#ifndef VFA_COPY_COLOR_H
#define VFA_COPY_COLOR_H

#include <vfa/copy.h>

/* The units of a picture of `info` that has this colour everywhere. MFX_ERR_UNSUPPORTED: an unknown FourCC;
 * MFX_ERR_INVALID_VIDEO_PARAM: a sample of more bits than the channel's. */
mfxStatus vfa__color_units(const mfxFrameInfo *info, const struct vfa_color *color,
                           mfxU8 unit[VFA_MAX_PLANES][VFA_UNIT_MAX_BYTES]);

#endif
