/* What VPL's codes are to FFmpeg's libraries: codecs, pixel formats, picture structure. */
#include "formats.h"

#include <stddef.h>
#include <vfa/format.h>
#include <vpl/mfxjpeg.h>
#include <vpl/mfxvp8.h>

static const struct {
    mfxU32 mfx;
    enum AVCodecID av;
    const char *name;
} codecs[] = {
    {MFX_CODEC_AVC, AV_CODEC_ID_H264, "h264"},
    {MFX_CODEC_HEVC, AV_CODEC_ID_HEVC, "hevc"},
    {MFX_CODEC_JPEG, AV_CODEC_ID_MJPEG, "jpeg"},
    {MFX_CODEC_MPEG2, AV_CODEC_ID_MPEG2VIDEO, "mpeg2"},
    {MFX_CODEC_MPEG2, AV_CODEC_ID_MPEG1VIDEO, "mpeg1"},
    {MFX_CODEC_VP8, AV_CODEC_ID_VP8, "vp8"},
    {MFX_CODEC_VP9, AV_CODEC_ID_VP9, "vp9"},
    {MFX_CODEC_AV1, AV_CODEC_ID_AV1, "av1"},
    {MFX_CODEC_VC1, AV_CODEC_ID_VC1, "vc1"},
};

static const struct {
    mfxU32 fourcc;
    enum AVPixelFormat av;
} formats[] = {
    {MFX_FOURCC_I420, AV_PIX_FMT_YUV420P},     {MFX_FOURCC_NV12, AV_PIX_FMT_NV12},
    {MFX_FOURCC_I420, AV_PIX_FMT_YUVJ420P},    {MFX_FOURCC_I010, AV_PIX_FMT_YUV420P10LE},
    {MFX_FOURCC_P010, AV_PIX_FMT_P010LE},      {MFX_FOURCC_NV21, AV_PIX_FMT_NV21},
    {MFX_FOURCC_I422, AV_PIX_FMT_YUV422P},     {MFX_FOURCC_NV16, AV_PIX_FMT_NV16},
    {MFX_FOURCC_I210, AV_PIX_FMT_YUV422P10LE}, {MFX_FOURCC_P210, AV_PIX_FMT_P210LE},
    {MFX_FOURCC_YUY2, AV_PIX_FMT_YUYV422},     {MFX_FOURCC_UYVY, AV_PIX_FMT_UYVY422},
    {MFX_FOURCC_Y210, AV_PIX_FMT_Y210LE},      {MFX_FOURCC_RGB4, AV_PIX_FMT_BGRA},
    {MFX_FOURCC_BGR4, AV_PIX_FMT_RGBA},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

mfxU32 codec_to_mfx(enum AVCodecID id)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (codecs[i].av == id)
            return codecs[i].mfx;
    return 0;
}

enum AVCodecID codec_to_av(mfxU32 codec)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (codecs[i].mfx == codec)
            return codecs[i].av;
    return AV_CODEC_ID_NONE;
}

const char *codec_name(mfxU32 codec)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (codecs[i].mfx == codec)
            return codecs[i].name;
    return "raw video";
}

enum AVPixelFormat format_to_av(mfxU32 fourcc)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].fourcc == fourcc)
            return formats[i].av;
    return AV_PIX_FMT_NONE;
}

mfxU32 format_to_mfx(enum AVPixelFormat format)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (formats[i].av == format)
            return formats[i].fourcc;
    return 0;
}

bool format_describe(mfxU32 fourcc, mfxFrameInfo *info)
{
    const struct vfa_format *facts = vfa_format_find(fourcc);

    if (!facts)
        return false;
    info->FourCC = fourcc;
    info->ChromaFormat = facts->chroma_format;
    info->BitDepthLuma = facts->bit_depth;
    info->BitDepthChroma = facts->bit_depth;
    info->Shift = facts->msb_shift_allowed && facts->bit_depth < facts->container_bits;
    return true;
}

unsigned int format_depth(const mfxFrameInfo *info)
{
    const struct vfa_format *facts = vfa_format_find(info->FourCC);

    if (info->BitDepthLuma)
        return info->BitDepthLuma;
    return facts ? facts->bit_depth : 8;
}

mfxU16 field_order_to_mfx(enum AVFieldOrder order)
{
    switch (order) {
    case AV_FIELD_TT:
    case AV_FIELD_BT:
        return MFX_PICSTRUCT_FIELD_TFF;
    case AV_FIELD_BB:
    case AV_FIELD_TB:
        return MFX_PICSTRUCT_FIELD_BFF;
    default:
        return MFX_PICSTRUCT_PROGRESSIVE;
    }
}

enum AVFieldOrder field_order_to_av(mfxU16 picstruct)
{
    if (picstruct & MFX_PICSTRUCT_FIELD_TFF)
        return AV_FIELD_TT;
    if (picstruct & MFX_PICSTRUCT_FIELD_BFF)
        return AV_FIELD_BB;
    return picstruct & MFX_PICSTRUCT_PROGRESSIVE ? AV_FIELD_PROGRESSIVE : AV_FIELD_UNKNOWN;
}

void frame_info_size(mfxFrameInfo *info, unsigned int width, unsigned int height)
{
    unsigned int rows = info->PicStruct == MFX_PICSTRUCT_PROGRESSIVE ? 16 : 32;

    info->Width = (mfxU16)((width + 15) & ~15u);
    info->Height = (mfxU16)((height + rows - 1) & ~(rows - 1));
    info->CropX = 0;
    info->CropY = 0;
    info->CropW = (mfxU16)width;
    info->CropH = (mfxU16)height;
}
