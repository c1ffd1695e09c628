/* An encoder's mfxVideoParam: from the options, by Query; and back to a container's stream parameters. */
#include "encoder_params.h"

#include "formats.h"

#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mem.h>
#include <string.h>
#include <vpl/mfxjpeg.h>

#define DEFAULT_QUALITY      23
#define DEFAULT_JPEG_QUALITY 90
#define MAX_QP               51

/* Room for parameter sets. */
#define HEADER_BYTES 1024

static void set_rate_control(mfxInfoMFX *mfx, const struct options *options, mfxU16 method)
{
    mfxU16 quality = options->quality ? options->quality : DEFAULT_QUALITY;
    mfxU32 multiplier = options->bitrate_kbps / UINT16_MAX + 1; /* the fields have 16 bits */

    mfx->RateControlMethod = method;
    mfx->BRCParamMultiplier = 0;
    mfx->InitialDelayInKB = 0;
    switch (method) {
    case MFX_RATECONTROL_VBR:
        mfx->BRCParamMultiplier = (mfxU16)multiplier;
        mfx->TargetKbps = (mfxU16)(options->bitrate_kbps / multiplier);
        mfx->MaxKbps = 0;
        break;
    case MFX_RATECONTROL_ICQ:
        mfx->ICQQuality = quality;
        mfx->MaxKbps = 0;
        break;
    default: /* a runtime without ICQ: the same on average, with key frames a little better */
        mfx->QPI = quality > 3 ? (mfxU16)(quality - 2) : 1;
        mfx->QPP = quality;
        mfx->QPB = quality + 2 < MAX_QP ? (mfxU16)(quality + 2) : MAX_QP;
        break;
    }
}

static void *attach(struct encode_stage *encoder, mfxU32 id, void *buffer, size_t size)
{
    mfxExtBuffer *header = buffer;

    header->BufferId = id;
    header->BufferSz = (mfxU32)size;
    encoder->ext[encoder->par.NumExtParam++] = header;
    encoder->par.ExtParam = encoder->ext;
    return buffer;
}

/* Colours are not coded with the pixels: a player has to be told how to read them. */
static void set_colours(struct encode_stage *encoder, const AVCodecParameters *source)
{
    bool described = source->color_primaries != AVCOL_PRI_UNSPECIFIED ||
                     source->color_trc != AVCOL_TRC_UNSPECIFIED ||
                     source->color_space != AVCOL_SPC_UNSPECIFIED;
    bool full = source->color_range == AVCOL_RANGE_JPEG;

    if (!described && !full)
        return;
    mfxExtVideoSignalInfo *signal =
        attach(encoder, MFX_EXTBUFF_VIDEO_SIGNAL_INFO, &encoder->signal, sizeof encoder->signal);
    signal->VideoFormat = 5; /* unspecified, in Annex E of H.264 */
    signal->VideoFullRange = full;
    signal->ColourDescriptionPresent = described;
    signal->ColourPrimaries = (mfxU16)source->color_primaries;
    signal->TransferCharacteristics = (mfxU16)source->color_trc;
    signal->MatrixCoefficients = (mfxU16)source->color_space;
}

static mfxU32 scaled(AVRational value, int64_t unit)
{
    int64_t number = value.den ? av_rescale(value.num, unit, value.den) : 0;
    return number > 0 && number <= UINT32_MAX ? (mfxU32)number : 0;
}

/* HDR10: what the mastering display could show, in the units of HEVC's SEI messages (primaries green, blue,
 * red). */
static void set_mastering(struct encode_stage *encoder, const AVStream *source)
{
    static const int order[3] = {1, 2, 0};
    const AVMasteringDisplayMetadata *from =
        (const void *)av_stream_get_side_data(source, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, NULL);

    if (!from || !from->has_primaries || !from->has_luminance)
        return;
    mfxExtMasteringDisplayColourVolume *to = attach(encoder, MFX_EXTBUFF_MASTERING_DISPLAY_COLOUR_VOLUME,
                                                    &encoder->mastering, sizeof encoder->mastering);
    to->InsertPayloadToggle = MFX_PAYLOAD_IDR;
    for (int i = 0; i < 3; i++) {
        to->DisplayPrimariesX[i] = (mfxU16)scaled(from->display_primaries[order[i]][0], 50000);
        to->DisplayPrimariesY[i] = (mfxU16)scaled(from->display_primaries[order[i]][1], 50000);
    }
    to->WhitePointX = (mfxU16)scaled(from->white_point[0], 50000);
    to->WhitePointY = (mfxU16)scaled(from->white_point[1], 50000);
    to->MaxDisplayMasteringLuminance = scaled(from->max_luminance, 10000);
    to->MinDisplayMasteringLuminance = scaled(from->min_luminance, 10000);
}

static void set_light(struct encode_stage *encoder, const AVStream *source)
{
    const AVContentLightMetadata *from =
        (const void *)av_stream_get_side_data(source, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, NULL);

    if (!from || from->MaxCLL > UINT16_MAX || from->MaxFALL > UINT16_MAX)
        return;
    mfxExtContentLightLevelInfo *to =
        attach(encoder, MFX_EXTBUFF_CONTENT_LIGHT_LEVEL_INFO, &encoder->light, sizeof encoder->light);
    to->InsertPayloadToggle = MFX_PAYLOAD_IDR;
    to->MaxContentLightLevel = (mfxU16)from->MaxCLL;
    to->MaxPicAverageLightLevel = (mfxU16)from->MaxFALL;
}

void encoder_params_init(struct encode_stage *encoder, mfxU32 codec, const AVStream *source)
{
    const struct options *options = encoder->options;
    mfxVideoParam *par = &encoder->par;

    par->mfx.CodecId = codec;
    par->AsyncDepth = options->async_depth;
    par->IOPattern = runtime_pattern_in(encoder->runtime);
    if (codec == MFX_CODEC_JPEG) {
        par->mfx.Interleaved = MFX_SCANTYPE_INTERLEAVED;
        par->mfx.Quality = options->quality ? options->quality : DEFAULT_JPEG_QUALITY;
        return;
    }
    par->mfx.TargetUsage = options->preset;
    par->mfx.GopPicSize = options->gop;
    par->mfx.GopRefDist = options->bframes >= 0 ? (mfxU16)(options->bframes + 1) : 0;
    par->mfx.LowPower = options->low_power;
    set_colours(encoder, source->codecpar);
    if (codec == MFX_CODEC_HEVC) {
        par->mfx.IdrInterval = 1; /* every I-frame: places to seek to, which 0 would not mark as such */
        set_mastering(encoder, source);
        set_light(encoder, source);
    }
}

/* A runtime may answer that it would do something else instead. */
static bool as_asked(const mfxInfoMFX *answer, const mfxInfoMFX *asked)
{
    if (answer->FrameInfo.FourCC != asked->FrameInfo.FourCC ||
        answer->FrameInfo.PicStruct != asked->FrameInfo.PicStruct)
        return false;
    if (asked->CodecId == MFX_CODEC_JPEG)
        return true;
    return answer->RateControlMethod == asked->RateControlMethod &&
           (asked->LowPower == MFX_CODINGOPTION_UNKNOWN || answer->LowPower == asked->LowPower);
}

/* Query writes into what it is asked with: so it is asked with a copy, extension buffers too. */
static bool query(struct encode_stage *encoder, const mfxVideoParam *par)
{
    struct encode_stage scratch = *encoder;
    mfxVideoParam asked = *par;
    mfxExtBuffer *ext[ENCODER_EXT];

    for (mfxU16 i = 0; i < asked.NumExtParam; i++)
        ext[i] = (mfxExtBuffer *)((char *)&scratch + ((char *)encoder->ext[i] - (char *)encoder));
    asked.ExtParam = asked.NumExtParam ? ext : NULL;
    mfxStatus status = MFXVideoENCODE_Query(encoder->runtime->session, &asked, &asked);
    return status >= MFX_ERR_NONE && as_asked(&asked.mfx, &par->mfx);
}

static bool query_rate_controls(struct encode_stage *encoder, mfxVideoParam *par)
{
    if (par->mfx.CodecId == MFX_CODEC_JPEG)
        return query(encoder, par);
    if (encoder->options->bitrate_kbps) {
        set_rate_control(&par->mfx, encoder->options, MFX_RATECONTROL_VBR);
        return query(encoder, par);
    }
    set_rate_control(&par->mfx, encoder->options, MFX_RATECONTROL_ICQ);
    if (query(encoder, par))
        return true;
    set_rate_control(&par->mfx, encoder->options, MFX_RATECONTROL_CQP);
    return query(encoder, par);
}

/* Some devices encode in low-power mode only; a runtime may not know a buffer that says nothing it must know.
 */
bool encoder_accepts(struct encode_stage *encoder, const mfxFrameInfo *info)
{
    bool may_choose_power =
        encoder->options->low_power == MFX_CODINGOPTION_UNKNOWN && encoder->par.mfx.CodecId != MFX_CODEC_JPEG;

    for (int bare = 0; bare < 2; bare++) {
        for (int low_power = 0; low_power <= may_choose_power; low_power++) {
            mfxVideoParam par = encoder->par;
            par.mfx.FrameInfo = *info;
            if (bare)
                par.NumExtParam = 0;
            if (low_power)
                par.mfx.LowPower = MFX_CODINGOPTION_ON;
            if (query_rate_controls(encoder, &par)) {
                encoder->par = par;
                return true;
            }
        }
    }
    return false;
}

/* The parameter sets, one after the other: VPS of HEVC, SPS, PPS. */
static enum exit_code join_headers(struct encode_stage *encoder, const mfxExtCodingOptionVPS *vps,
                                   const mfxExtCodingOptionSPSPPS *sets, AVCodecParameters *stream)
{
    size_t vps_size = encoder->par.mfx.CodecId == MFX_CODEC_HEVC ? vps->VPSBufSize : 0;
    size_t size = vps_size + sets->SPSBufSize + sets->PPSBufSize;

    stream->extradata = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!stream->extradata)
        return fail_memory("the stream's headers");
    stream->extradata_size = (int)size;
    memcpy(stream->extradata, vps->VPSBuffer, vps_size);
    memcpy(stream->extradata + vps_size, sets->SPSBuffer, sets->SPSBufSize);
    memcpy(stream->extradata + vps_size + sets->SPSBufSize, sets->PPSBuffer, sets->PPSBufSize);
    return EXIT_DONE;
}

/* GetVideoParam, with buffers for the parameter sets where the codec has them. */
static enum exit_code read_back(struct encode_stage *encoder, mfxVideoParam *actual,
                                AVCodecParameters *stream)
{
    mfxU8 vps_bytes[HEADER_BYTES], sps_bytes[HEADER_BYTES], pps_bytes[HEADER_BYTES];
    mfxExtCodingOptionSPSPPS sets = {
        .Header = {.BufferId = MFX_EXTBUFF_CODING_OPTION_SPSPPS, .BufferSz = sizeof sets},
        .SPSBuffer = sps_bytes,
        .PPSBuffer = pps_bytes,
        .SPSBufSize = sizeof sps_bytes,
        .PPSBufSize = sizeof pps_bytes};
    mfxExtCodingOptionVPS vps = {
        .Header = {.BufferId = MFX_EXTBUFF_CODING_OPTION_VPS, .BufferSz = sizeof vps},
        .VPSBuffer = vps_bytes,
        .VPSBufSize = sizeof vps_bytes};
    mfxExtBuffer *ext[] = {&sets.Header, &vps.Header};
    mfxU32 codec = encoder->par.mfx.CodecId;

    memset(actual, 0, sizeof *actual);
    actual->ExtParam = ext;
    actual->NumExtParam = codec == MFX_CODEC_JPEG ? 0 : codec == MFX_CODEC_HEVC ? 2 : 1;
    mfxStatus status = MFXVideoENCODE_GetVideoParam(encoder->runtime->session, actual);
    actual->ExtParam = NULL;
    actual->NumExtParam = 0;
    if (status < MFX_ERR_NONE)
        return runtime_fail(encoder->runtime, "MFXVideoENCODE_GetVideoParam", status,
                            "asking the %s encoder for its stream headers", codec_name(codec));
    return codec == MFX_CODEC_JPEG ? EXIT_DONE : join_headers(encoder, &vps, &sets, stream);
}

enum exit_code encoder_params_describe(struct encode_stage *encoder, mfxVideoParam *actual,
                                       AVCodecParameters *stream)
{
    const mfxFrameInfo *info = &encoder->par.mfx.FrameInfo;
    enum exit_code code = read_back(encoder, actual, stream);

    if (code != EXIT_DONE)
        return code;
    if (encoder->par.mfx.CodecId != MFX_CODEC_JPEG && actual->mfx.GopRefDist)
        encoder->par.mfx.GopRefDist = actual->mfx.GopRefDist;
    stream->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codec_id = codec_to_av(encoder->par.mfx.CodecId);
    stream->format = format_to_av(info->FourCC);
    stream->width = info->CropW;
    stream->height = info->CropH;
    stream->field_order = field_order_to_av(info->PicStruct);
    if (info->AspectRatioW && info->AspectRatioH)
        stream->sample_aspect_ratio = (AVRational){info->AspectRatioW, info->AspectRatioH};
    stream->bit_rate = encoder->options->bitrate_kbps * INT64_C(1000);
    return EXIT_DONE;
}
