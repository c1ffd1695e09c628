/* The planes of a picture, found by what a mfxFrameData says. */
#ifndef VFA_FORMAT_PLANES_H
#define VFA_FORMAT_PLANES_H

#include <vfa/format.h>

/* One plane of a picture that somebody has: its rows are those of the picture, without padding. */
struct vfa__plane {
    mfxU8 *start;
    size_t pitch_bytes;
    size_t row_bytes;
    size_t rows;
};

/* The start of a plane, from whichever pointer into it is set; NULL when none is. */
mfxU8 *vfa__plane_start(const struct vfa_format *format, const mfxFrameData *data, int8_t plane);

/* All planes of a picture of `info`: how many in *count. MFX_ERR_UNSUPPORTED, MFX_ERR_INVALID_VIDEO_PARAM and
 * MFX_ERR_MEMORY_ALLOC as of vfa_layout_compute; MFX_ERR_INVALID_VIDEO_PARAM: a plane is missing, a pitch
 * shorter than a row. */
mfxStatus vfa__planes_find(const mfxFrameInfo *info, const mfxFrameData *data,
                           struct vfa__plane plane[VFA_MAX_PLANES], uint32_t *count);

#endif
