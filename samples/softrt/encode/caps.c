/* What the encoder can do: codecs, profiles, surface formats, sizes. */
#include "encode/encode.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const mfxU32 eight_bit[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420};
static const mfxU32 ten_bit[] = {MFX_FOURCC_P010, MFX_FOURCC_I010};
static const mfxU32 jpeg_formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

static const struct srt_profile_caps avc[] = {
    {MFX_PROFILE_AVC_BASELINE, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_AVC_MAIN, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_AVC_HIGH, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_AVC_HIGH10, ten_bit, COUNT(ten_bit)},
};
static const struct srt_profile_caps hevc[] = {
    {MFX_PROFILE_HEVC_MAIN, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_HEVC_MAIN10, ten_bit, COUNT(ten_bit)},
};
static const struct srt_profile_caps jpeg[] = {
    {MFX_PROFILE_JPEG_BASELINE, jpeg_formats, COUNT(jpeg_formats)},
};

static const struct srt_codec_caps codecs[] = {
    {MFX_CODEC_AVC, MFX_LEVEL_AVC_62, true, {16, SRT_MAX_WIDTH, 2}, {16, SRT_MAX_HEIGHT, 2}, avc, COUNT(avc)},
    {MFX_CODEC_HEVC,
     MFX_LEVEL_HEVC_62,
     true,
     {16, SRT_MAX_WIDTH, 2},
     {16, SRT_MAX_HEIGHT, 2},
     hevc,
     COUNT(hevc)},
    {MFX_CODEC_JPEG, 0, false, {2, SRT_MAX_WIDTH, 1}, {2, SRT_MAX_HEIGHT, 1}, jpeg, COUNT(jpeg)},
};
static const char *const libraries[] = {"libx264", "libx265", "mjpeg"};

const char *encode_library(mfxU32 codec)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (codecs[i].codec == codec)
            return libraries[i];
    return NULL;
}

const struct srt_codec_caps *srt_encoder_caps(size_t index)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (avcodec_find_encoder_by_name(libraries[i]) && index-- == 0)
            return &codecs[i];
    return NULL;
}

const struct srt_codec_caps *encode_caps(mfxU32 codec)
{
    const struct srt_codec_caps *caps;

    for (size_t i = 0; (caps = srt_encoder_caps(i)); i++)
        if (caps->codec == codec)
            return caps;
    return NULL;
}
