/* What video processing can do: filters, and the surface formats they take and give. */
#include "vpp/vpp.h"

#include <libavfilter/avfilter.h>

#define COUNT(array) ((mfxU16)(sizeof(array) / sizeof((array)[0])))

static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010,
                                 MFX_FOURCC_I010, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

#define ALL_FORMATS formats, COUNT(formats), formats, COUNT(formats)

static const mfxU32 composed[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_RGB4};

#define ALL_SIZES             \
    {16, SRT_MAX_WIDTH, 1},   \
    {                         \
        16, SRT_MAX_HEIGHT, 1 \
    }

/* `needs` names the filters of libavfilter without which there is none, the last one NULL. */
static const struct {
    struct srt_filter_caps caps;
    const char *needs[3];
} filters[] = {
    {{MFX_EXTBUFF_VPP_SCALING, 0, ALL_SIZES, ALL_FORMATS}, {NULL}},
    {{MFX_EXTBUFF_VPP_COLOR_CONVERSION, 0, ALL_SIZES, ALL_FORMATS}, {NULL}},
    {{MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, 0, ALL_SIZES, ALL_FORMATS}, {NULL}},
    {{MFX_EXTBUFF_VPP_DEINTERLACING, 1, ALL_SIZES, ALL_FORMATS}, {"bwdif", "estdif", NULL}},
    {{MFX_EXTBUFF_VPP_COMPOSITE, 0, ALL_SIZES, composed, COUNT(composed), composed, COUNT(composed)}, {NULL}},
    {{MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, 0, ALL_SIZES, ALL_FORMATS}, {NULL}},
    {{MFX_EXTBUFF_VPP_DENOISE, 0, ALL_SIZES, ALL_FORMATS}, {"hqdn3d", NULL}},
    {{MFX_EXTBUFF_VPP_DENOISE2, 0, ALL_SIZES, ALL_FORMATS}, {"hqdn3d", NULL}},
    {{MFX_EXTBUFF_VPP_DETAIL, 0, ALL_SIZES, ALL_FORMATS}, {"unsharp", NULL}},
    {{MFX_EXTBUFF_VPP_PROCAMP, 0, ALL_SIZES, ALL_FORMATS}, {"lutyuv", "hue", NULL}},
    {{MFX_EXTBUFF_VPP_ROTATION, 0, ALL_SIZES, ALL_FORMATS}, {"transpose", NULL}},
    {{MFX_EXTBUFF_VPP_MIRRORING, 0, ALL_SIZES, ALL_FORMATS}, {"hflip", "vflip", NULL}},
};

static bool is_there(const char *const *needs)
{
    for (; *needs; needs++)
        if (!avfilter_get_by_name(*needs))
            return false;
    return true;
}

const struct srt_filter_caps *srt_vpp_caps(size_t index)
{
    for (size_t i = 0; i < COUNT(filters); i++)
        if (is_there(filters[i].needs) && index-- == 0)
            return &filters[i].caps;
    return NULL;
}
