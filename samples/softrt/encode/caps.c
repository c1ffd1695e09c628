/* What the encoder can do: codecs, profiles, surface formats, sizes, and what differs from library to
 * library.
 */
#include "encode/engine.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const mfxU32 eight_bit[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420};
static const mfxU32 ten_bit[] = {MFX_FOURCC_P010, MFX_FOURCC_I010};
static const mfxU32 both_depths[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010, MFX_FOURCC_I010};
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
static const struct srt_profile_caps mpeg2[] = {
    {MFX_PROFILE_MPEG2_SIMPLE, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_MPEG2_MAIN, eight_bit, COUNT(eight_bit)},
};
static const struct srt_profile_caps vp9[] = {
    {MFX_PROFILE_VP9_0, eight_bit, COUNT(eight_bit)},
    {MFX_PROFILE_VP9_2, ten_bit, COUNT(ten_bit)},
};
static const struct srt_profile_caps av1[] = {
    {MFX_PROFILE_AV1_MAIN, both_depths, COUNT(both_depths)},
};
static const struct srt_profile_caps jpeg[] = {
    {MFX_PROFILE_JPEG_BASELINE, jpeg_formats, COUNT(jpeg_formats)},
};

static const mfxU16 avc_levels[] = {9,  10, 11, 12, 13, 20, 21, 22, 30, 31,
                                    32, 40, 41, 42, 50, 51, 52, 60, 61, 62};
static const mfxU16 hevc_levels[] = {10, 20, 21, 30, 31, 40, 41, 50, 51, 52, 60, 61, 62};
static const mfxU16 mpeg2_levels[] = {MFX_LEVEL_MPEG2_LOW, MFX_LEVEL_MPEG2_MAIN, MFX_LEVEL_MPEG2_HIGH1440,
                                      MFX_LEVEL_MPEG2_HIGH};

/* libavcodec writes no MPEG-2 picture whose sides' lowest twelve bits are all zero. */
#define MPEG2_MOST 4094

#define VIDEO_SIZES           \
    {16, SRT_MAX_WIDTH, 2},   \
    {                         \
        16, SRT_MAX_HEIGHT, 2 \
    }
#define BITRATE_OR_QP (1U << MFX_RATECONTROL_CBR | 1U << MFX_RATECONTROL_VBR | 1U << MFX_RATECONTROL_CQP)
#define ANY_METHOD    (BITRATE_OR_QP | 1U << MFX_RATECONTROL_ICQ)

/* What a library can do of mfxInfoMFX. libvpx and libaom show pictures in the order in which they code them;
 * how far apart their hidden ones lie is theirs to say. */
static const struct encode_facts codecs[] = {
    {{MFX_CODEC_AVC, MFX_LEVEL_AVC_62, true, VIDEO_SIZES, avc, COUNT(avc)},
     .engine = &encode_lavc,
     .library = "libx264",
     .levels = avc_levels,
     .num_levels = COUNT(avc_levels),
     .methods = ANY_METHOD,
     .most_qp = 51,
     .default_qp = 24,
     .most_gop = UINT16_MAX,
     .default_gop = 250,
     .most_ref_dist = 17,
     .most_references = 16,
     .interlaced = true},
    {{MFX_CODEC_HEVC, MFX_LEVEL_HEVC_62, true, VIDEO_SIZES, hevc, COUNT(hevc)},
     .engine = &encode_x265,
     .levels = hevc_levels,
     .num_levels = COUNT(hevc_levels),
     .methods = ANY_METHOD,
     .most_qp = 51,
     .default_qp = 24,
     .most_gop = UINT16_MAX,
     .default_gop = 250,
     .most_ref_dist = 17,
     .most_references = 16,
     .most_idr_interval = 1},
    {{MFX_CODEC_MPEG2,
      MFX_LEVEL_MPEG2_HIGH,
      true,
      {16, MPEG2_MOST, 2},
      {16, MPEG2_MOST, 2},
      mpeg2,
      COUNT(mpeg2)},
     .engine = &encode_lavc,
     .library = "mpeg2video",
     .levels = mpeg2_levels,
     .num_levels = COUNT(mpeg2_levels),
     .methods = BITRATE_OR_QP,
     .most_qp = 31,
     .default_qp = 4,
     .most_gop = 600,
     .default_gop = 15,
     .most_ref_dist = 17,
     .most_references = 2,
     .most_idr_interval = 1,
     .interlaced = true},
    {{MFX_CODEC_VP9, 0, false, VIDEO_SIZES, vp9, COUNT(vp9)},
     .engine = &encode_vpx,
     .methods = ANY_METHOD,
     .most_qp = 255,
     .default_qp = 100,
     .most_gop = UINT16_MAX,
     .default_gop = 250,
     .most_ref_dist = 1,
     .most_references = 3},
    {{MFX_CODEC_AV1, MFX_LEVEL_AV1_73, false, VIDEO_SIZES, av1, COUNT(av1)},
     .engine = &encode_lavc,
     .library = "libaom-av1",
     .methods = ANY_METHOD,
     .most_qp = 255,
     .default_qp = 120,
     .most_gop = UINT16_MAX,
     .default_gop = 250,
     .most_ref_dist = 1,
     .most_references = 7},
    {{MFX_CODEC_JPEG, 0, false, {2, SRT_MAX_WIDTH, 1}, {2, SRT_MAX_HEIGHT, 1}, jpeg, COUNT(jpeg)},
     .engine = &encode_lavc,
     .library = "mjpeg"},
};

/* What the runtime is linked to is there; libavcodec may have been built without others. */
static bool is_there(const struct encode_facts *facts)
{
    return !facts->library || avcodec_find_encoder_by_name(facts->library);
}

/* The index-th of those whose library is there. */
static const struct encode_facts *facts_at(size_t index)
{
    for (size_t i = 0; i < COUNT(codecs); i++)
        if (is_there(&codecs[i]) && index-- == 0)
            return &codecs[i];
    return NULL;
}

const struct encode_facts *encode_facts(mfxU32 codec)
{
    const struct encode_facts *facts;

    for (size_t i = 0; (facts = facts_at(i)); i++)
        if (facts->caps.codec == codec)
            return facts;
    return NULL;
}

const struct srt_codec_caps *srt_encoder_caps(size_t index)
{
    const struct encode_facts *facts = facts_at(index);

    return facts ? &facts->caps : NULL;
}

const struct srt_codec_caps *encode_caps(mfxU32 codec)
{
    const struct encode_facts *facts = encode_facts(codec);

    return facts ? &facts->caps : NULL;
}
