/* What an encoder does where the application left it open, written here once. */
#include "encode/encode.h"

/* Quality as x264 and x265 count it, lower is better: well above 35 dB on ordinary pictures. */
enum {
    ICQ_QUALITY = 21,
    QPI_BELOW = 3,
    QPB_ABOVE = 2
};
#define JPEG_QUALITY 90

/* The presets' own numbers of B frames, from TargetUsage 1 (best quality) to 7; and those usual in MPEG-2. */
static mfxU16 default_ref_dist(const mfxInfoMFX *mfx)
{
    static const mfxU16 avc[] = {9, 4, 4, 4, 4, 4, 4};
    static const mfxU16 hevc[] = {9, 9, 5, 5, 5, 5, 5};
    mfxU16 dist = 1;

    if (encode_is_simple(mfx))
        return 1;
    if (mfx->CodecId == MFX_CODEC_AVC)
        dist = avc[mfx->TargetUsage - 1];
    else if (mfx->CodecId == MFX_CODEC_HEVC)
        dist = hevc[mfx->TargetUsage - 1];
    else if (mfx->CodecId == MFX_CODEC_MPEG2 && mfx->NumRefFrame != 1)
        dist = 3;
    return dist < mfx->GopPicSize ? dist : mfx->GopPicSize;
}

/* Where all kinds of pictures have one quantiser, any of the three gives it. */
static void complete_qp(mfxInfoMFX *mfx, const struct encode_facts *facts)
{
    bool one = encode_has_one_qp(mfx->CodecId);

    if (!mfx->QPP && one)
        mfx->QPP = mfx->QPI ? mfx->QPI : mfx->QPB;
    if (!mfx->QPP)
        mfx->QPP = facts->default_qp;
    if (one) {
        mfx->QPI = mfx->QPB = mfx->QPP;
        return;
    }
    if (!mfx->QPI)
        mfx->QPI = mfx->QPP > QPI_BELOW ? mfx->QPP - QPI_BELOW : 1;
    if (!mfx->QPB && mfx->QPP + QPB_ABOVE < facts->most_qp)
        mfx->QPB = mfx->QPP + QPB_ABOVE;
    else if (!mfx->QPB)
        mfx->QPB = facts->most_qp;
}

/* A bitrate alone says VBR, nothing at all says quality. */
static mfxU16 default_method(const mfxInfoMFX *mfx, const struct encode_facts *facts)
{
    if (mfx->TargetKbps)
        return MFX_RATECONTROL_VBR;
    return facts->methods & 1U << MFX_RATECONTROL_ICQ ? MFX_RATECONTROL_ICQ : MFX_RATECONTROL_CQP;
}

static mfxStatus complete_rate_control(mfxInfoMFX *mfx, const struct encode_facts *facts)
{
    if (!mfx->RateControlMethod)
        mfx->RateControlMethod = default_method(mfx, facts);
    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP:
        complete_qp(mfx, facts);
        return MFX_ERR_NONE;
    case MFX_RATECONTROL_ICQ:
        if (!mfx->ICQQuality)
            mfx->ICQQuality = ICQ_QUALITY;
        return MFX_ERR_NONE;
    default:
        if (!mfx->TargetKbps)
            return MFX_ERR_INVALID_VIDEO_PARAM;
        if (mfx->RateControlMethod == MFX_RATECONTROL_CBR)
            mfx->MaxKbps = mfx->TargetKbps;
        return MFX_ERR_NONE;
    }
}

static mfxStatus complete_video(mfxInfoMFX *mfx)
{
    const struct encode_facts *facts = encode_facts(mfx->CodecId);

    if (!mfx->FrameInfo.FrameRateExtN)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!mfx->TargetUsage)
        mfx->TargetUsage = MFX_TARGETUSAGE_BALANCED;
    if (!mfx->GopPicSize)
        mfx->GopPicSize = facts->default_gop;
    if (!mfx->GopRefDist)
        mfx->GopRefDist = default_ref_dist(mfx);
    if (!mfx->NumSlice)
        mfx->NumSlice = encode_least_slices(mfx);
    if (mfx->CodecId == MFX_CODEC_MPEG2) /* each of its I pictures has a sequence header */
        mfx->IdrInterval = 1;
    return complete_rate_control(mfx, facts);
}

mfxStatus encode_complete(struct encode_params *params)
{
    mfxVideoParam *par = &params->par;
    mfxFrameInfo *info = &par->mfx.FrameInfo;
    const struct srt_pixel_format *format = srt_pixel_format_find(info->FourCC);

    if (!format || !info->Width || !info->Height || !par->IOPattern)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    srt_pixel_format_describe(format, info);
    if (!info->PicStruct)
        info->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    par->AsyncDepth = srt_async_depth(par);
    if (par->mfx.CodecId == MFX_CODEC_HEVC) {
        params->hevc.PicWidthInLumaSamples = encode_hevc_coded(encode_width(info));
        params->hevc.PicHeightInLumaSamples = encode_hevc_coded(encode_height(info));
    }
    if (par->mfx.CodecId != MFX_CODEC_JPEG)
        return complete_video(&par->mfx);
    par->mfx.Interleaved = MFX_SCANTYPE_INTERLEAVED;
    if (!par->mfx.Quality)
        par->mfx.Quality = JPEG_QUALITY;
    return MFX_ERR_NONE;
}

/* Pictures that do not compress may come out larger than they went in. */
mfxU32 encode_default_buffer_kb(const mfxVideoParam *par)
{
    const mfxFrameInfo *info = &par->mfx.FrameInfo;
    mfxU64 samples = (mfxU64)encode_width(info) * (mfxU64)encode_height(info);
    mfxU64 bytes = samples * (info->FourCC == MFX_FOURCC_RGB4 ? 3 : 2) * (info->BitDepthLuma > 8 ? 2 : 1);

    return (mfxU32)(bytes * 3 / 2 / 1000 + 64);
}
