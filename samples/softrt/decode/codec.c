/* The codecs that are decoded: their capabilities, and how VPL's and libav's words for them correspond. */
#include "decode/decode.h"

#include <libavutil/pixdesc.h>
#include <string.h>
#include <vpl/mfxvp8.h>

#define COUNT(array) ((mfxU16)(sizeof(array) / sizeof((array)[0])))

static const mfxU32 formats_8[] = {MFX_FOURCC_I420, MFX_FOURCC_NV12};
static const mfxU32 formats_10[] = {MFX_FOURCC_I010, MFX_FOURCC_P010};
static const mfxU32 formats_8_10[] = {MFX_FOURCC_I420, MFX_FOURCC_NV12, MFX_FOURCC_I010, MFX_FOURCC_P010};
static const mfxU32 formats_jpeg[] = {MFX_FOURCC_I420, MFX_FOURCC_NV12, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

#define PROFILE(name, set)    \
    {                         \
        name, set, COUNT(set) \
    }

static const struct srt_profile_caps avc_profiles[] = {
    PROFILE(MFX_PROFILE_AVC_BASELINE, formats_8),
    PROFILE(MFX_PROFILE_AVC_MAIN, formats_8),
    PROFILE(MFX_PROFILE_AVC_HIGH, formats_8),
    PROFILE(MFX_PROFILE_AVC_HIGH10, formats_8_10),
    PROFILE(MFX_PROFILE_AVC_CONSTRAINED_BASELINE, formats_8),
};
static const struct srt_profile_caps hevc_profiles[] = {
    PROFILE(MFX_PROFILE_HEVC_MAIN, formats_8),
    PROFILE(MFX_PROFILE_HEVC_MAINSP, formats_8),
    PROFILE(MFX_PROFILE_HEVC_MAIN10, formats_8_10),
};
static const struct srt_profile_caps mpeg2_profiles[] = {
    PROFILE(MFX_PROFILE_MPEG2_SIMPLE, formats_8),
    PROFILE(MFX_PROFILE_MPEG2_MAIN, formats_8),
    PROFILE(MFX_PROFILE_MPEG2_HIGH, formats_8),
};
static const struct srt_profile_caps jpeg_profiles[] = {PROFILE(MFX_PROFILE_JPEG_BASELINE, formats_jpeg)};
static const struct srt_profile_caps vp8_profiles[] = {
    PROFILE(MFX_PROFILE_VP8_0, formats_8),
    PROFILE(MFX_PROFILE_VP8_1, formats_8),
    PROFILE(MFX_PROFILE_VP8_2, formats_8),
    PROFILE(MFX_PROFILE_VP8_3, formats_8),
};
static const struct srt_profile_caps vp9_profiles[] = {
    PROFILE(MFX_PROFILE_VP9_0, formats_8),
    PROFILE(MFX_PROFILE_VP9_2, formats_10),
};
static const struct srt_profile_caps av1_profiles[] = {PROFILE(MFX_PROFILE_AV1_MAIN, formats_8_10)};

/* AVC: nal_unit_type is the low five bits (ITU-T H.264, 7.3.1). */
static bool is_avc_header(uint8_t code)
{
    return (code & 0x1f) == 7;
}

static bool is_avc_picture(uint8_t code)
{
    return (code & 0x1f) >= 1 && (code & 0x1f) <= 5;
}

/* HEVC: six bits after the first one (ITU-T H.265, 7.3.1.2). Headers begin with the VPS, or an SPS alone. */
static bool is_hevc_header(uint8_t code)
{
    return (code >> 1 & 0x3f) == 32 || (code >> 1 & 0x3f) == 33;
}

static bool is_hevc_picture(uint8_t code)
{
    return (code >> 1 & 0x3f) < 32;
}

/* MPEG-2: ITU-T H.262, table 6-1. */
static bool is_mpeg2_header(uint8_t code)
{
    return code == 0xb3;
}

static bool is_mpeg2_picture(uint8_t code)
{
    return code == 0x00;
}

/* JPEG: start of image, start of scan (ITU-T T.81, table B.1). */
static bool is_jpeg_header(uint8_t code)
{
    return code == 0xd8;
}

static bool is_jpeg_picture(uint8_t code)
{
    return code == 0xda;
}

/* A number of VPL's, 0 when `valid` says that libav's means nothing. */
static mfxU16 number(bool valid, int value)
{
    return (mfxU16)(valid ? value : 0);
}

/* libav keeps H.264's constraint flags in the same bits as VPL does. */
static mfxU16 same(int value)
{
    return number(value > 0 && value <= UINT16_MAX, value);
}

static mfxU16 mpeg2_profile(int value)
{
    return number(value > 0 && value < 16, (value & 15) * 16);
}

/* general_level_idc is 30 times the level, VPL's number ten times. */
static mfxU16 hevc_level(int value)
{
    return number(value > 0, value / 3);
}

static mfxU16 jpeg_profile(int value)
{
    (void)value;
    return MFX_PROFILE_JPEG_BASELINE;
}

static mfxU16 from_one(int value)
{
    return number(value >= 0 && value < 4, (value & 3) + 1);
}

/* seq_level_idx counts the levels 2.0, 2.1, ... in fours. */
static mfxU16 av1_level(int value)
{
    return number(value >= 0 && value < 24, MFX_LEVEL_AV1_2 + value / 4 * 10 + value % 4);
}

static mfxU16 no_level(int value)
{
    (void)value;
    return MFX_LEVEL_UNKNOWN;
}

#define CAPS(id, level, set)                                                            \
    {                                                                                   \
        .codec = (id), .max_level = (level), .width = {1, SRT_MAX_WIDTH, 1},            \
        .height = {1, SRT_MAX_HEIGHT, 1}, .profiles = (set), .num_profiles = COUNT(set) \
    }

static const struct srt_decode_codec codecs[] = {
    {CAPS(MFX_CODEC_AVC, MFX_LEVEL_AVC_62, avc_profiles), AV_CODEC_ID_H264, NULL, SRT_START_CODES,
     is_avc_header, is_avc_picture, same, same},
    {CAPS(MFX_CODEC_HEVC, MFX_LEVEL_HEVC_62, hevc_profiles), AV_CODEC_ID_HEVC, NULL, SRT_START_CODES,
     is_hevc_header, is_hevc_picture, same, hevc_level},
    {CAPS(MFX_CODEC_MPEG2, MFX_LEVEL_MPEG2_HIGH, mpeg2_profiles), AV_CODEC_ID_MPEG2VIDEO, NULL,
     SRT_START_CODES, is_mpeg2_header, is_mpeg2_picture, mpeg2_profile, same},
    {CAPS(MFX_CODEC_JPEG, MFX_LEVEL_UNKNOWN, jpeg_profiles), AV_CODEC_ID_MJPEG, NULL, SRT_MARKERS,
     is_jpeg_header, is_jpeg_picture, jpeg_profile, no_level},
    {CAPS(MFX_CODEC_VP8, MFX_LEVEL_UNKNOWN, vp8_profiles), AV_CODEC_ID_VP8, "vp8", SRT_PACKETS, NULL, NULL,
     from_one, no_level},
    {CAPS(MFX_CODEC_VP9, MFX_LEVEL_UNKNOWN, vp9_profiles), AV_CODEC_ID_VP9, "vp9", SRT_PACKETS, NULL, NULL,
     from_one, no_level},
    /* libavcodec's own "av1" decoder drives hardware only; libdav1d and libaom are the software ones. */
    {CAPS(MFX_CODEC_AV1, MFX_LEVEL_AV1_73, av1_profiles), AV_CODEC_ID_AV1, "libdav1d", SRT_PACKETS, NULL,
     NULL, from_one, av1_level},
};

const AVCodec *srt_decode_avcodec(const struct srt_decode_codec *codec)
{
    const AVCodec *found = codec->preferred ? avcodec_find_decoder_by_name(codec->preferred) : NULL;

    if (!found && codec->id == AV_CODEC_ID_AV1)
        return avcodec_find_decoder_by_name("libaom-av1");
    return found ? found : avcodec_find_decoder(codec->id);
}

const struct srt_decode_codec *srt_decode_codec_find(mfxU32 codec_id)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (codecs[i].caps.codec == codec_id)
            return srt_decode_avcodec(&codecs[i]) ? &codecs[i] : NULL;
    return NULL;
}

const struct srt_codec_caps *srt_decoder_caps(size_t index)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (srt_decode_avcodec(&codecs[i]) && index-- == 0)
            return &codecs[i].caps;
    return NULL;
}

/* One of 4:2:0, 4:2:2 and 4:4:4, and 4:0:0 that is shown as 4:2:0. */
static mfxU16 chroma_of(const AVPixFmtDescriptor *desc)
{
    if (desc->nb_components == 1)
        return MFX_CHROMAFORMAT_YUV420;
    if (desc->flags & AV_PIX_FMT_FLAG_RGB || desc->log2_chroma_w == 0)
        return MFX_CHROMAFORMAT_YUV444;
    return desc->log2_chroma_h ? MFX_CHROMAFORMAT_YUV420 : MFX_CHROMAFORMAT_YUV422;
}

mfxU32 srt_stream_fourcc(const struct srt_decode_codec *codec, const struct srt_stream_info *info)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(info->format);
    bool jpeg = codec->caps.codec == MFX_CODEC_JPEG;

    if (!desc)
        return 0;
    switch (desc->comp[0].depth) {
    case 8:
        if (jpeg || chroma_of(desc) == MFX_CHROMAFORMAT_YUV420)
            return MFX_FOURCC_I420;
        return chroma_of(desc) == MFX_CHROMAFORMAT_YUV422 ? MFX_FOURCC_I422 : MFX_FOURCC_AYUV;
    case 10:
        if (chroma_of(desc) == MFX_CHROMAFORMAT_YUV420)
            return MFX_FOURCC_I010;
        return chroma_of(desc) == MFX_CHROMAFORMAT_YUV422 ? MFX_FOURCC_I210 : MFX_FOURCC_Y410;
    default:
        return chroma_of(desc) == MFX_CHROMAFORMAT_YUV420 ? MFX_FOURCC_P016 : MFX_FOURCC_Y416;
    }
}

bool srt_stream_fits(const struct srt_decode_codec *codec, const struct srt_stream_info *info, mfxU32 fourcc)
{
    switch (srt_stream_fourcc(codec, info)) {
    case MFX_FOURCC_I420:
        return fourcc == MFX_FOURCC_I420 || fourcc == MFX_FOURCC_NV12 ||
               (codec->caps.codec == MFX_CODEC_JPEG &&
                (fourcc == MFX_FOURCC_YUY2 || fourcc == MFX_FOURCC_RGB4));
    case MFX_FOURCC_I010:
        return fourcc == MFX_FOURCC_I010 || fourcc == MFX_FOURCC_P010;
    default:
        return false;
    }
}
