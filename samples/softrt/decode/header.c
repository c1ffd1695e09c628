/* MFXVideoDECODE_DecodeHeader: the parameters that a stream's headers tell. */
#include "core/guise.h"
#include "decode/decode.h"

#include <libavutil/pixdesc.h>
#include <string.h>

static mfxU16 aligned(int value, int to)
{
    int up = (value + to - 1) / to * to;

    return up > UINT16_MAX ? UINT16_MAX / 16 * 16 : (mfxU16)up;
}

static mfxU16 ratio_part(int value)
{
    return value > 0 && value <= UINT16_MAX ? (mfxU16)value : 0;
}

/* Formats that the runtime does not do are named as far as VPL has a name, so that Query can refuse them. */
static void describe_format(const struct srt_session *session, const struct srt_decode_codec *codec,
                            const struct srt_stream_info *info, mfxFrameInfo *frame)
{
    mfxU32 fourcc = srt_guise_format(session->config.semi_planar, srt_stream_fourcc(codec, info));
    const struct srt_pixel_format *format = srt_pixel_format_find(fourcc);
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(info->format);

    if (format) {
        srt_pixel_format_describe(format, frame);
        return;
    }
    frame->FourCC = fourcc;
    frame->BitDepthLuma = frame->BitDepthChroma = (mfxU16)(desc ? desc->comp[0].depth : 0);
    frame->Shift = fourcc == MFX_FOURCC_P016;
    frame->ChromaFormat = fourcc == MFX_FOURCC_P016                                ? MFX_CHROMAFORMAT_YUV420
                          : fourcc == MFX_FOURCC_I422 || fourcc == MFX_FOURCC_I210 ? MFX_CHROMAFORMAT_YUV422
                                                                                   : MFX_CHROMAFORMAT_YUV444;
}

static mfxU16 jpeg_chroma(const struct srt_stream_info *info)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(info->format);

    if (!desc || desc->nb_components == 1)
        return MFX_CHROMAFORMAT_MONOCHROME;
    if (desc->log2_chroma_w == 2)
        return MFX_CHROMAFORMAT_YUV411;
    if (desc->log2_chroma_w == 1)
        return desc->log2_chroma_h ? MFX_CHROMAFORMAT_YUV420 : MFX_CHROMAFORMAT_YUV422H;
    return desc->log2_chroma_h ? MFX_CHROMAFORMAT_YUV422V : MFX_CHROMAFORMAT_YUV444;
}

static void describe_codec(const struct srt_decode_codec *codec, const struct srt_stream_info *info,
                           mfxInfoMFX *mfx)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(info->format);

    mfx->CodecProfile = info->profile;
    mfx->CodecLevel = info->level;
    switch (codec->caps.codec) {
    case MFX_CODEC_JPEG:
        mfx->JPEGChromaFormat = jpeg_chroma(info);
        mfx->JPEGColorFormat =
            desc && desc->flags & AV_PIX_FMT_FLAG_RGB ? MFX_JPEG_COLORFORMAT_RGB : MFX_JPEG_COLORFORMAT_YCbCr;
        break;
    case MFX_CODEC_AV1:
        mfx->FilmGrain = info->film_grain;
        break;
    default:
        mfx->MaxDecFrameBuffering = (mfxU16)info->reorder;
        break;
    }
}

void srt_stream_describe(const struct srt_session *session, const struct srt_decode_codec *codec,
                         const struct srt_stream_info *info, mfxVideoParam *par)
{
    mfxFrameInfo *frame = &par->mfx.FrameInfo;

    memset(frame, 0, sizeof(*frame));
    describe_format(session, codec, info, frame);
    frame->Width = aligned(info->width, 16);
    frame->Height = aligned(info->height, info->pic_struct == MFX_PICSTRUCT_PROGRESSIVE ? 16 : 32);
    frame->CropW = (mfxU16)info->width;
    frame->CropH = (mfxU16)info->height;
    frame->PicStruct = info->pic_struct;
    /* "The frame rate is defaulted to 30 frames per second" (mfxFrameInfo). */
    bool has_rate = info->frame_rate.num > 0 && info->frame_rate.den > 0;
    frame->FrameRateExtN = has_rate ? (mfxU32)info->frame_rate.num : 30;
    frame->FrameRateExtD = has_rate ? (mfxU32)info->frame_rate.den : 1;
    frame->AspectRatioW = ratio_part(info->aspect.num);
    frame->AspectRatioH = ratio_part(info->aspect.den);
    if (!frame->AspectRatioW || !frame->AspectRatioH)
        frame->AspectRatioW = frame->AspectRatioH = 0;
    describe_codec(codec, info, &par->mfx);
}

/* ISO/IEC 23091-2 numbers, which libav's enumerations are. 5: video format unspecified. */
static void describe_signal(const struct srt_stream_info *info, mfxExtVideoSignalInfo *signal)
{
    signal->VideoFormat = 5;
    signal->VideoFullRange = info->range == AVCOL_RANGE_JPEG;
    signal->ColourPrimaries = (mfxU16)info->primaries;
    signal->TransferCharacteristics = (mfxU16)info->transfer;
    signal->MatrixCoefficients = (mfxU16)info->matrix;
    signal->ColourDescriptionPresent = info->primaries != AVCOL_PRI_UNSPECIFIED ||
                                       info->transfer != AVCOL_TRC_UNSPECIFIED ||
                                       info->matrix != AVCOL_SPC_UNSPECIFIED;
}

static bool is_avc_sps(uint8_t code)
{
    return (code & 0x1f) == 7;
}

static bool is_avc_pps(uint8_t code)
{
    return (code & 0x1f) == 8;
}

static bool is_hevc_vps(uint8_t code)
{
    return (code >> 1 & 0x3f) == 32;
}

static bool is_hevc_sps(uint8_t code)
{
    return (code >> 1 & 0x3f) == 33;
}

static bool is_hevc_pps(uint8_t code)
{
    return (code >> 1 & 0x3f) == 34;
}

/* With a four-byte start code, as parameter sets are written. A unit that is not there has size 0. */
static mfxStatus copy_unit(const uint8_t *header, size_t size, bool (*is)(uint8_t code), mfxU8 *to,
                           mfxU16 *room)
{
    const uint8_t *unit;
    size_t unit_size;

    if (!srt_scan_unit(header, size, is, &unit, &unit_size)) {
        *room = 0;
        return MFX_ERR_NONE;
    }
    if (!to)
        return MFX_ERR_NULL_PTR;
    if (unit_size + 1 > *room)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    to[0] = 0;
    memcpy(to + 1, unit, unit_size);
    *room = (mfxU16)(unit_size + 1);
    return MFX_ERR_NONE;
}

/* MPEG-2: the sequence header with its extensions is the "SPS", all up to the picture. */
static mfxStatus copy_mpeg2(const uint8_t *header, size_t size, mfxExtCodingOptionSPSPPS *out)
{
    out->PPSBufSize = 0;
    if (!out->SPSBuffer)
        return MFX_ERR_NULL_PTR;
    if (size > out->SPSBufSize)
        return MFX_ERR_NOT_ENOUGH_BUFFER;
    memcpy(out->SPSBuffer, header, size);
    out->SPSBufSize = (mfxU16)size;
    return MFX_ERR_NONE;
}

static mfxStatus copy_sets(const struct srt_decode_codec *codec, const uint8_t *header, size_t size,
                           mfxExtCodingOptionSPSPPS *out)
{
    bool hevc = codec->caps.codec == MFX_CODEC_HEVC;
    mfxStatus status;

    if (codec->caps.codec == MFX_CODEC_MPEG2)
        return copy_mpeg2(header, size, out);
    if (codec->framing != SRT_START_CODES)
        return MFX_ERR_UNSUPPORTED;
    status = copy_unit(header, size, hevc ? is_hevc_sps : is_avc_sps, out->SPSBuffer, &out->SPSBufSize);
    if (status == MFX_ERR_NONE)
        status = copy_unit(header, size, hevc ? is_hevc_pps : is_avc_pps, out->PPSBuffer, &out->PPSBufSize);
    return status;
}

mfxStatus srt_stream_describe_ext(const struct srt_decode_codec *codec, const struct srt_stream_info *info,
                                  const uint8_t *header, size_t header_size, mfxVideoParam *par)
{
    mfxExtBuffer *signal = srt_ext_buffer(par->ExtParam, par->NumExtParam, MFX_EXTBUFF_VIDEO_SIGNAL_INFO);
    mfxExtBuffer *sets = srt_ext_buffer(par->ExtParam, par->NumExtParam, MFX_EXTBUFF_CODING_OPTION_SPSPPS);
    mfxExtBuffer *vps = srt_ext_buffer(par->ExtParam, par->NumExtParam, MFX_EXTBUFF_CODING_OPTION_VPS);
    mfxStatus status = MFX_ERR_NONE;

    if (signal && signal->BufferSz >= sizeof(mfxExtVideoSignalInfo))
        describe_signal(info, (mfxExtVideoSignalInfo *)signal);
    if (sets && sets->BufferSz >= sizeof(mfxExtCodingOptionSPSPPS))
        status = copy_sets(codec, header, header_size, (mfxExtCodingOptionSPSPPS *)sets);
    if (status == MFX_ERR_NONE && vps && vps->BufferSz >= sizeof(mfxExtCodingOptionVPS)) {
        mfxExtCodingOptionVPS *out = (mfxExtCodingOptionVPS *)vps;
        status = codec->caps.codec == MFX_CODEC_HEVC
                     ? copy_unit(header, header_size, is_hevc_vps, out->VPSBuffer, &out->VPSBufSize)
                     : MFX_ERR_UNSUPPORTED;
    }
    return status;
}

static void skip(mfxBitstream *bs, size_t bytes)
{
    bs->DataOffset += (mfxU32)bytes;
    bs->DataLength -= (mfxU32)bytes;
}

/* No header: "moves the bitstream pointer close to the end of the bitstream buffer but leaves enough data in
 * the buffer to avoid possible loss of start code". */
static void skip_all(const struct srt_decode_codec *codec, mfxBitstream *bs)
{
    size_t keep = codec->framing == SRT_PACKETS
                      ? 0
                      : srt_scan_partial(codec, bs->Data + bs->DataOffset, bs->DataLength);

    skip(bs, bs->DataLength - keep);
}

mfxStatus srt_MFXVideoDECODE_DecodeHeader(mfxSession handle, mfxBitstream *bs, mfxVideoParam *par)
{
    const struct srt_session *session = srt_session_get(handle);
    const struct srt_decode_codec *codec;
    struct srt_header header;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!bs || !par || (!bs->Data && bs->DataLength))
        return MFX_ERR_NULL_PTR;
    if ((mfxU64)bs->DataOffset + bs->DataLength > bs->MaxLength)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    codec = srt_decode_codec_find(par->mfx.CodecId);
    if (!codec)
        return MFX_ERR_UNSUPPORTED;
    if (!bs->DataLength)
        return MFX_ERR_MORE_DATA;
    status = srt_find_header(codec, bs->Data + bs->DataOffset, bs->DataLength, 0,
                             bs->DataFlag & (MFX_BITSTREAM_COMPLETE_FRAME | MFX_BITSTREAM_EOS), &header);
    if (status == MFX_ERR_NOT_FOUND) {
        skip_all(codec, bs);
        return MFX_ERR_MORE_DATA;
    }
    if (status == MFX_ERR_MORE_DATA || status == MFX_ERR_NONE)
        skip(bs, header.begin);
    if (status != MFX_ERR_NONE)
        return status;
    srt_stream_describe(session, codec, &header.info, par);
    return srt_stream_describe_ext(codec, &header.info, bs->Data + bs->DataOffset, header.end - header.begin,
                                   par);
}
