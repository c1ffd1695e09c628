/* What video processing can do: filters, and the surface formats they take and give. */
#include "vpp/vpp.h"

#include <libavfilter/avfilter.h>

#define COUNT(array) ((mfxU16)(sizeof(array) / sizeof((array)[0])))

static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010,
                                 MFX_FOURCC_I010, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

#define ALL_FORMATS formats, COUNT(formats), formats, COUNT(formats)

static const struct srt_filter_caps filters[] = {
    {MFX_EXTBUFF_VPP_SCALING, 0, {16, SRT_MAX_WIDTH, 1}, {16, SRT_MAX_HEIGHT, 1}, ALL_FORMATS},
    {MFX_EXTBUFF_VPP_COLOR_CONVERSION, 0, {16, SRT_MAX_WIDTH, 1}, {16, SRT_MAX_HEIGHT, 1}, ALL_FORMATS},
    {MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, 0, {16, SRT_MAX_WIDTH, 1}, {16, SRT_MAX_HEIGHT, 1}, ALL_FORMATS},
    {MFX_EXTBUFF_VPP_DEINTERLACING, 1, {16, SRT_MAX_WIDTH, 1}, {16, SRT_MAX_HEIGHT, 1}, ALL_FORMATS},
};

static bool is_there(const struct srt_filter_caps *caps)
{
    return caps->filter != MFX_EXTBUFF_VPP_DEINTERLACING ||
           (avfilter_get_by_name("bwdif") && avfilter_get_by_name("estdif"));
}

const struct srt_filter_caps *srt_vpp_caps(size_t index)
{
    for (size_t i = 0; i < COUNT(filters); i++)
        if (is_there(&filters[i]) && index-- == 0)
            return &filters[i];
    return NULL;
}
