/* The pixel formats the runtime does, and what libav calls them. */
#include "core/guise.h"
#include "surface/frame.h"

static const struct srt_pixel_format formats[] = {
    {MFX_FOURCC_NV12, AV_PIX_FMT_NV12, MFX_CHROMAFORMAT_YUV420, 8, 0},
    {MFX_FOURCC_I420, AV_PIX_FMT_YUV420P, MFX_CHROMAFORMAT_YUV420, 8, 0},
    {MFX_FOURCC_P010, AV_PIX_FMT_P010LE, MFX_CHROMAFORMAT_YUV420, 10, 1},
    {MFX_FOURCC_I010, AV_PIX_FMT_YUV420P10LE, MFX_CHROMAFORMAT_YUV420, 10, 0},
    {MFX_FOURCC_YUY2, AV_PIX_FMT_YUYV422, MFX_CHROMAFORMAT_YUV422, 8, 0},
    {MFX_FOURCC_RGB4, AV_PIX_FMT_BGRA, MFX_CHROMAFORMAT_YUV444, 8, 0},
};

const struct srt_pixel_format *srt_pixel_format_at(size_t index)
{
    return index < sizeof(formats) / sizeof(formats[0]) ? &formats[index] : NULL;
}

const struct srt_pixel_format *srt_pixel_format_find(mfxU32 fourcc)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i].fourcc == fourcc && srt_guise_has_format(fourcc))
            return &formats[i];
    return NULL;
}

void srt_pixel_format_describe(const struct srt_pixel_format *format, mfxFrameInfo *info)
{
    info->FourCC = format->fourcc;
    info->ChromaFormat = format->chroma_format;
    info->BitDepthLuma = format->bit_depth;
    info->BitDepthChroma = format->bit_depth;
    info->Shift = format->shift;
}
