/* The planes of a picture: pointers and pitch of a mfxFrameData, seen with the format's facts. */
#include "format/planes.h"

static mfxU8 *channel_of(const mfxFrameData *data, int channel)
{
    switch (channel) {
    case VFA_CHANNEL_Y:
        return data->Y;
    case VFA_CHANNEL_U:
        return data->U;
    case VFA_CHANNEL_V:
        return data->V;
    default:
        return data->A;
    }
}

mfxU8 *vfa__plane_start(const struct vfa_format *format, const mfxFrameData *data, int8_t plane)
{
    for (int c = 0; c < VFA_CHANNELS; c++) {
        mfxU8 *p = channel_of(data, c);
        if (p && format->channel[c].plane == plane)
            return p - format->channel[c].offset_bytes;
    }
    return NULL;
}

mfxStatus vfa__planes_find(const mfxFrameInfo *info, const mfxFrameData *data,
                           struct vfa__plane plane[VFA_MAX_PLANES], uint32_t *count)
{
    struct vfa_layout layout;
    mfxStatus status = vfa_layout_compute(info, NULL, &layout);
    if (status != MFX_ERR_NONE)
        return status;
    const struct vfa_format *format = layout.format;
    for (uint32_t i = 0; i < layout.plane_count; i++) {
        struct vfa__plane *p = &plane[i];
        p->start = vfa__plane_start(format, data, (int8_t)i);
        p->row_bytes = layout.plane[i].row_bytes;
        if (!p->start)
            return MFX_ERR_INVALID_VIDEO_PARAM;
        if (format->linear) { /* one row, whatever the pitch says */
            p->pitch_bytes = p->row_bytes;
            p->rows = 1;
            continue;
        }
        size_t pitch = vfa_frame_data_pitch(data), divisor = format->plane[i].pitch_div;
        size_t row_div = format->plane[i].row_div;
        p->pitch_bytes = pitch / divisor;
        p->rows = ((size_t)info->Height + row_div - 1) / row_div;
        if (p->pitch_bytes < p->row_bytes || pitch % divisor)
            return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    *count = layout.plane_count;
    return MFX_ERR_NONE;
}
