/* What an encoder does where the application left it open, written here once. */
#include "encode/encode.h"

/* Quality as x264 and x265 count it, lower is better: well above 35 dB on ordinary pictures. */
enum {
    ICQ_QUALITY = 21,
    QPP = 24,
    QPI_BELOW = 3,
    QPB_ABOVE = 2,
    HIGHEST_QP = 51
};
#define JPEG_QUALITY 90
#define GOP_SIZE     250 /* x264's and x265's own */

/* The presets' own numbers of B frames, from TargetUsage 1 (best quality) to 7. */
static mfxU16 default_ref_dist(const mfxInfoMFX *mfx)
{
    static const mfxU16 avc[] = {9, 4, 4, 4, 4, 4, 4};
    static const mfxU16 hevc[] = {9, 9, 5, 5, 5, 5, 5};
    const mfxU16 *table = mfx->CodecId == MFX_CODEC_AVC ? avc : hevc;
    mfxU16 dist = table[mfx->TargetUsage - 1];

    if (mfx->CodecId == MFX_CODEC_AVC && (mfx->CodecProfile & 0xff) == MFX_PROFILE_AVC_BASELINE)
        return 1;
    return dist < mfx->GopPicSize ? dist : mfx->GopPicSize;
}

static void complete_qp(mfxInfoMFX *mfx)
{
    if (!mfx->QPP)
        mfx->QPP = QPP;
    if (!mfx->QPI)
        mfx->QPI = mfx->QPP > QPI_BELOW ? mfx->QPP - QPI_BELOW : 1;
    if (!mfx->QPB)
        mfx->QPB = mfx->QPP + QPB_ABOVE < HIGHEST_QP ? mfx->QPP + QPB_ABOVE : HIGHEST_QP;
}

static mfxStatus complete_rate_control(mfxInfoMFX *mfx)
{
    if (!mfx->RateControlMethod) /* a bitrate alone says VBR, nothing at all says quality */
        mfx->RateControlMethod = mfx->TargetKbps ? MFX_RATECONTROL_VBR : MFX_RATECONTROL_ICQ;
    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP:
        complete_qp(mfx);
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
    if (!mfx->FrameInfo.FrameRateExtN)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!mfx->TargetUsage)
        mfx->TargetUsage = MFX_TARGETUSAGE_BALANCED;
    if (!mfx->GopPicSize)
        mfx->GopPicSize = GOP_SIZE;
    if (!mfx->GopRefDist)
        mfx->GopRefDist = default_ref_dist(mfx);
    if (!mfx->NumSlice)
        mfx->NumSlice = 1;
    return complete_rate_control(mfx);
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
