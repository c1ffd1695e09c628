/* Checks an encoder's parameters: what cannot be done is cleared, what can be mended is mended. */
#include "encode/encode.h"

#include "core/guise.h"
#include "core/verdict.h"
/* Bounds of the libraries. */
enum {
    WORST_ICQ = 51,
    LEAST_CTU = 16,
    MOST_CTU = 64,
    MACROBLOCK = 16
};
#define MOST_KBPS 2000000U
/* Frames a second that rate control can count with. */
#define MOST_RATE 1000U

mfxU32 encode_brc_multiplier(const mfxVideoParam *par)
{
    return par->mfx.BRCParamMultiplier ? par->mfx.BRCParamMultiplier : 1;
}

int encode_width(const mfxFrameInfo *info)
{
    return info->CropW ? info->CropW : info->Width - info->CropX;
}

int encode_height(const mfxFrameInfo *info)
{
    return info->CropH ? info->CropH : info->Height - info->CropY;
}

bool encode_is_simple(const mfxInfoMFX *mfx)
{
    if (mfx->CodecId == MFX_CODEC_AVC)
        return (mfx->CodecProfile & 0xff) == MFX_PROFILE_AVC_BASELINE;
    return mfx->CodecId == MFX_CODEC_MPEG2 && mfx->CodecProfile == MFX_PROFILE_MPEG2_SIMPLE;
}

bool encode_has_one_qp(mfxU32 codec)
{
    return codec == MFX_CODEC_MPEG2 || codec == MFX_CODEC_VP9 || codec == MFX_CODEC_AV1;
}

mfxU16 encode_least_slices(const mfxInfoMFX *mfx)
{
    if (mfx->CodecId != MFX_CODEC_MPEG2)
        return 1;
    return (mfxU16)((encode_height(&mfx->FrameInfo) + MACROBLOCK - 1) / MACROBLOCK);
}

static bool is_interlaced(const mfxFrameInfo *info)
{
    return info->PicStruct == MFX_PICSTRUCT_FIELD_TFF || info->PicStruct == MFX_PICSTRUCT_FIELD_BFF;
}

static void check_format(struct srt_verdict *v, mfxFrameInfo *info, const struct srt_codec_caps *caps)
{
    const struct srt_pixel_format *format = srt_pixel_format_find(info->FourCC);
    bool known = false;

    if (!info->FourCC)
        return;
    for (mfxU16 p = 0; p < caps->num_profiles; p++)
        for (mfxU16 f = 0; f < caps->profiles[p].num_formats; f++)
            known = known || caps->profiles[p].formats[f] == info->FourCC;
    if (!known || !format) {
        info->FourCC = 0;
        v->refused = true;
        return;
    }
    if (srt_is_packed(format)) /* clients write 4:2:0 there, whatever the format */
        info->ChromaFormat = format->chroma_format;
    srt_refuse_if(v, &info->ChromaFormat, info->ChromaFormat && info->ChromaFormat != format->chroma_format);
    srt_refuse_if(v, &info->BitDepthLuma, info->BitDepthLuma && info->BitDepthLuma != format->bit_depth);
    srt_refuse_if(v, &info->BitDepthChroma,
                  info->BitDepthChroma && info->BitDepthChroma != format->bit_depth);
    srt_refuse_if(v, &info->Shift, info->Shift && !format->shift);
}

/* Chroma samples are shared by two columns, and in 4:2:0 by two rows. */
static void check_crop(struct srt_verdict *v, mfxFrameInfo *info)
{
    bool pairs_x = info->FourCC != MFX_FOURCC_RGB4;
    bool pairs_y = pairs_x && info->FourCC != MFX_FOURCC_YUY2;
    bool x_wrong = (mfxU32)info->CropX + info->CropW > info->Width || (pairs_x && info->CropX % 2);
    bool y_wrong = (mfxU32)info->CropY + info->CropH > info->Height || (pairs_y && info->CropY % 2);

    if (info->Width && x_wrong) {
        srt_refuse(v, &info->CropX);
        srt_refuse(v, &info->CropW);
    }
    if (info->Height && y_wrong) {
        srt_refuse(v, &info->CropY);
        srt_refuse(v, &info->CropH);
    }
}

/* Clears the crop's side where that is what is wrong, else the surface's. */
static void check_side(struct srt_verdict *v, mfxU16 *side, mfxU16 *crop, int coded, const mfxRange32U *range)
{
    if (!*side)
        return;
    if (*side > range->Max)
        srt_refuse(v, side);
    else if (coded < (int)range->Min || coded % (int)range->Step)
        srt_refuse(v, *crop ? crop : side);
}

static void check_size(struct srt_verdict *v, mfxFrameInfo *info, const struct srt_codec_caps *caps)
{
    srt_refuse_if(v, &info->Width, !srt_guise_has_side(info->Width));
    srt_refuse_if(v, &info->Height, !srt_guise_has_side(info->Height));
    check_crop(v, info);
    check_side(v, &info->Width, &info->CropW, encode_width(info), &caps->width);
    check_side(v, &info->Height, &info->CropH, encode_height(info), &caps->height);
}

/* Field pairs need an even number of chroma lines in each field. */
static void check_pic_struct(struct srt_verdict *v, mfxFrameInfo *info, mfxU32 codec)
{
    if (info->PicStruct == MFX_PICSTRUCT_UNKNOWN || info->PicStruct == MFX_PICSTRUCT_PROGRESSIVE)
        return;
    srt_refuse_if(v, &info->PicStruct,
                  !encode_facts(codec)->interlaced || !is_interlaced(info) || encode_height(info) % 4 != 0);
}

/* MPEG-2 has a list of rates; the other codecs write any. */
static bool rate_known(const char *library, mfxU32 n, mfxU32 d)
{
    const AVRational *rates = library ? avcodec_find_encoder_by_name(library)->supported_framerates : NULL;

    for (; rates && rates->num; rates++)
        if ((mfxU64)rates->num * d == (mfxU64)rates->den * n)
            return true;
    return !rates;
}

static void check_rates(struct srt_verdict *v, mfxFrameInfo *info, const char *library)
{
    mfxU64 n = info->FrameRateExtN;
    mfxU64 d = info->FrameRateExtD;

    if (!n != !d || n > d * MOST_RATE || d > n * MOST_RATE ||
        (n && !rate_known(library, info->FrameRateExtN, info->FrameRateExtD))) {
        info->FrameRateExtN = info->FrameRateExtD = 0;
        v->refused = true;
    }
    if (!info->AspectRatioW && info->AspectRatioH == 1) /* ffmpeg's 0/1: not known */
        srt_mend(v, &info->AspectRatioH, 0);
    if (!info->AspectRatioW != !info->AspectRatioH) {
        info->AspectRatioW = info->AspectRatioH = 0;
        v->refused = true;
    }
}

/* MPEG-2 writes square samples or one of three shapes of the whole picture, VP9 and AV1 nothing. */
static bool can_write_aspect(const mfxFrameInfo *info, mfxU32 codec)
{
    static const mfxU16 shapes[][2] = {{4, 3}, {16, 9}, {221, 100}};
    mfxU64 across = (mfxU64)info->AspectRatioW * (mfxU64)encode_width(info);
    mfxU64 down = (mfxU64)info->AspectRatioH * (mfxU64)encode_height(info);

    if (info->AspectRatioW == info->AspectRatioH || !info->Width || !info->Height)
        return true;
    for (size_t i = 0; codec == MFX_CODEC_MPEG2 && i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (across * shapes[i][1] == down * shapes[i][0])
            return true;
    return codec == MFX_CODEC_AVC || codec == MFX_CODEC_HEVC || codec == MFX_CODEC_JPEG;
}

static void check_aspect(struct srt_verdict *v, mfxFrameInfo *info, mfxU32 codec)
{
    if (can_write_aspect(info, codec))
        return;
    srt_mend(v, &info->AspectRatioW, 1);
    srt_mend(v, &info->AspectRatioH, 1);
}

static void check_session_side(struct srt_verdict *v, mfxVideoParam *par)
{
    srt_refuse_if(v, &par->Protected, par->Protected);
    srt_refuse_if(v, &par->IOPattern, par->IOPattern && !srt_is_iopattern(par->IOPattern, SRT_IOPATTERN_IN));
    /* A GPU's other encoder. ffmpeg asks for it with VP9, always. */
    if (par->mfx.LowPower == MFX_CODINGOPTION_ON)
        srt_mend(v, &par->mfx.LowPower, MFX_CODINGOPTION_OFF);
    srt_refuse_if(v, &par->mfx.LowPower, par->mfx.LowPower && par->mfx.LowPower != MFX_CODINGOPTION_OFF);
}

static bool profile_takes(const struct srt_profile_caps *profile, mfxU32 fourcc)
{
    for (mfxU16 i = 0; i < profile->num_formats; i++)
        if (profile->formats[i] == fourcc)
            return true;
    return !fourcc;
}

static bool profile_known(const struct srt_codec_caps *caps, mfxU16 profile, mfxU32 fourcc)
{
    for (mfxU16 i = 0; i < caps->num_profiles; i++)
        if (caps->profiles[i].profile == profile && profile_takes(&caps->profiles[i], fourcc))
            return true;
    return false;
}

/* An AVC profile's constraint bits are x264's to set: those asked for are dropped, but for the Constrained
 * Baseline that x264 writes. */
static void check_profile(struct srt_verdict *v, mfxInfoMFX *mfx, const struct srt_codec_caps *caps)
{
    mfxU16 base = mfx->CodecId == MFX_CODEC_AVC ? mfx->CodecProfile & 0xff : mfx->CodecProfile;

    if (!mfx->CodecProfile)
        return;
    if (!profile_known(caps, base, mfx->FrameInfo.FourCC))
        srt_refuse(v, &mfx->CodecProfile);
    else if (base != mfx->CodecProfile && mfx->CodecProfile != MFX_PROFILE_AVC_CONSTRAINED_BASELINE)
        srt_mend(v, &mfx->CodecProfile, base);
    if (mfx->CodecId == MFX_CODEC_AVC && encode_is_simple(mfx) && is_interlaced(&mfx->FrameInfo))
        srt_refuse(v, &mfx->FrameInfo.PicStruct);
}

static void check_level(struct srt_verdict *v, mfxInfoMFX *mfx, const struct encode_facts *facts)
{
    bool is_hevc = mfx->CodecId == MFX_CODEC_HEVC;
    mfxU16 level = is_hevc ? mfx->CodecLevel & (mfxU16)~MFX_TIER_HEVC_HIGH : mfx->CodecLevel;

    if (!mfx->CodecLevel)
        return;
    for (size_t i = 0; i < facts->num_levels; i++)
        if (facts->levels[i] == level)
            return;
    srt_refuse(v, &mfx->CodecLevel);
}

/* x264 and x265 take any number; MPEG-2 has two with B pictures, VP9 and AV1 what their libraries use. */
static void check_references(struct srt_verdict *v, mfxInfoMFX *mfx, mfxU16 most)
{
    bool fixed = mfx->CodecId == MFX_CODEC_VP9 || mfx->CodecId == MFX_CODEC_AV1 ||
                 (mfx->CodecId == MFX_CODEC_MPEG2 && mfx->GopRefDist > 1);

    srt_limit(v, &mfx->NumRefFrame, most);
    if (fixed && mfx->NumRefFrame && mfx->NumRefFrame < most)
        srt_mend(v, &mfx->NumRefFrame, most);
}

static void check_gop(struct srt_verdict *v, mfxInfoMFX *mfx, const struct encode_facts *facts)
{
    bool closed = mfx->GopOptFlag & MFX_GOP_CLOSED;

    srt_refuse_if(v, &mfx->GopOptFlag, mfx->GopOptFlag & ~(MFX_GOP_CLOSED | MFX_GOP_STRICT));
    srt_limit(v, &mfx->GopPicSize, facts->most_gop);
    srt_limit(v, &mfx->GopRefDist, facts->most_ref_dist);
    if (mfx->GopPicSize)
        srt_limit(v, &mfx->GopRefDist, mfx->GopPicSize);
    if (encode_is_simple(mfx))
        srt_limit(v, &mfx->GopRefDist, 1);
    /* AVC counts the I frames between IDR frames, HEVC asks how often an I frame is IDR, 0 being never again;
     * MPEG-2 the same of sequence headers. x264 makes all of them IDR; x265 either none, with open GOPs, or
     * all; MPEG-2's have one each. */
    srt_limit(v, &mfx->IdrInterval, facts->most_idr_interval);
    if (mfx->CodecId == MFX_CODEC_HEVC && closed && !mfx->IdrInterval)
        mfx->IdrInterval = 1;
    check_references(v, mfx, facts->most_references);
}

/* A slice a row, or none but the picture. */
static bool has_one_slicing(mfxU32 codec)
{
    return codec != MFX_CODEC_AVC && codec != MFX_CODEC_HEVC;
}

int encode_largest_block(const mfxFrameInfo *info)
{
    int height = encode_height(info);
    int shorter = encode_width(info) < height ? encode_width(info) : height;
    int block = MOST_CTU;

    while (block > LEAST_CTU && shorter < block)
        block /= 2;
    return block;
}

static void check_slices(struct srt_verdict *v, mfxInfoMFX *mfx)
{
    int height = encode_height(&mfx->FrameInfo);
    int block = mfx->CodecId == MFX_CODEC_HEVC ? encode_largest_block(&mfx->FrameInfo) : MACROBLOCK;

    if (has_one_slicing(mfx->CodecId)) {
        if (mfx->NumSlice && mfx->FrameInfo.Height && mfx->NumSlice != encode_least_slices(mfx))
            srt_mend(v, &mfx->NumSlice, encode_least_slices(mfx));
        return;
    }
    if (mfx->FrameInfo.Height)
        srt_limit(v, &mfx->NumSlice, (mfxU16)((height + block - 1) / block));
}

/* One quantiser for all pictures, and libvpx and libaom have not every one. */
static void check_one_qp(struct srt_verdict *v, mfxInfoMFX *mfx)
{
    mfxU16 *fields[] = {&mfx->QPP, &mfx->QPI, &mfx->QPB};
    mfxU16 qp = mfx->QPP ? mfx->QPP : mfx->QPI ? mfx->QPI : mfx->QPB;

    if (qp && mfx->CodecId != MFX_CODEC_MPEG2)
        qp = encode_vpx_nearest_qp(qp);
    for (size_t i = 0; i < 3; i++)
        if (*fields[i] && *fields[i] != qp)
            srt_mend(v, fields[i], qp);
}

/* x264 and x265 take the distances between I, P and B quantisers as factors between 0.01 and 10, six
 * steps to the double: so far may I lie above and below P, and B the other way round. */
static void check_qp_distances(struct srt_verdict *v, mfxInfoMFX *mfx)
{
    enum {
        NEAR = 19,
        FAR = 39
    };

    if (!mfx->QPP)
        return;
    if (mfx->QPI && mfx->QPI + NEAR < mfx->QPP)
        srt_mend(v, &mfx->QPI, (mfxU16)(mfx->QPP - NEAR));
    srt_limit(v, &mfx->QPI, (mfxU16)(mfx->QPP + FAR));
    if (mfx->QPB && mfx->QPB + FAR < mfx->QPP)
        srt_mend(v, &mfx->QPB, (mfxU16)(mfx->QPP - FAR));
    srt_limit(v, &mfx->QPB, (mfxU16)(mfx->QPP + NEAR));
}

static void check_qp(struct srt_verdict *v, mfxInfoMFX *mfx, mfxU16 most)
{
    srt_refuse_if(v, &mfx->QPI, mfx->QPI > most);
    srt_refuse_if(v, &mfx->QPP, mfx->QPP > most);
    srt_refuse_if(v, &mfx->QPB, mfx->QPB > most);
    if (encode_has_one_qp(mfx->CodecId))
        check_one_qp(v, mfx);
    else
        check_qp_distances(v, mfx);
}

static void check_bitrate(struct srt_verdict *v, mfxInfoMFX *mfx, mfxU32 multiplier)
{
    mfxU32 most = MOST_KBPS / multiplier;
    bool constant = mfx->RateControlMethod == MFX_RATECONTROL_CBR;

    srt_limit(v, &mfx->TargetKbps, (mfxU16)(most < UINT16_MAX ? most : UINT16_MAX));
    srt_limit(v, &mfx->MaxKbps, (mfxU16)(most < UINT16_MAX ? most : UINT16_MAX));
    if (mfx->MaxKbps && (mfx->MaxKbps < mfx->TargetKbps || (constant && mfx->MaxKbps != mfx->TargetKbps)))
        srt_mend(v, &mfx->MaxKbps, mfx->TargetKbps);
    if (mfx->BufferSizeInKB)
        srt_limit(v, &mfx->InitialDelayInKB, mfx->BufferSizeInKB);
}

static void check_rate_control(struct srt_verdict *v, mfxVideoParam *par, const struct encode_facts *facts)
{
    mfxU16 method = par->mfx.RateControlMethod;

    if (method && (method >= 32 || !(facts->methods & 1U << method))) {
        srt_refuse(v, &par->mfx.RateControlMethod);
        return;
    }
    switch (method) {
    case MFX_RATECONTROL_CQP:
        check_qp(v, &par->mfx, facts->most_qp);
        break;
    case MFX_RATECONTROL_ICQ:
        srt_refuse_if(v, &par->mfx.ICQQuality, par->mfx.ICQQuality > WORST_ICQ);
        break;
    default:
        check_bitrate(v, &par->mfx, encode_brc_multiplier(par));
    }
}

static void check_video(struct srt_verdict *v, mfxVideoParam *par)
{
    mfxInfoMFX *mfx = &par->mfx;
    const struct encode_facts *facts = encode_facts(mfx->CodecId);

    if (mfx->TargetUsage > MFX_TARGETUSAGE_BEST_SPEED)
        srt_mend(v, &mfx->TargetUsage, MFX_TARGETUSAGE_BALANCED);
    srt_refuse_if(v, &mfx->EncodedOrder, mfx->EncodedOrder);
    check_level(v, mfx, facts);
    check_gop(v, mfx, facts);
    check_slices(v, mfx);
    check_rate_control(v, par, facts);
}

static void check_jpeg(struct srt_verdict *v, mfxInfoMFX *mfx)
{
    srt_refuse_if(v, &mfx->Interleaved, mfx->Interleaved > MFX_SCANTYPE_INTERLEAVED);
    srt_limit(v, &mfx->Quality, 100);
    srt_refuse_if(v, &mfx->RestartInterval, mfx->RestartInterval);
}

mfxStatus encode_check(struct encode_params *params)
{
    struct srt_verdict v = {0};
    mfxInfoMFX *mfx = &params->par.mfx;
    const struct srt_codec_caps *caps = encode_caps(mfx->CodecId);
    mfxStatus status;

    if (!caps) {
        mfx->CodecId = 0;
        return MFX_ERR_UNSUPPORTED;
    }
    check_session_side(&v, &params->par);
    check_format(&v, &mfx->FrameInfo, caps);
    check_size(&v, &mfx->FrameInfo, caps);
    check_pic_struct(&v, &mfx->FrameInfo, mfx->CodecId);
    check_rates(&v, &mfx->FrameInfo, encode_facts(mfx->CodecId)->library);
    check_aspect(&v, &mfx->FrameInfo, mfx->CodecId);
    check_profile(&v, mfx, caps);
    if (mfx->CodecId == MFX_CODEC_JPEG)
        check_jpeg(&v, mfx);
    else
        check_video(&v, &params->par);
    status = srt_worse(srt_verdict_status(&v), encode_check_buffers(params));
    if (mfx->CodecId == MFX_CODEC_JPEG)
        return status;
    return srt_worse(status, encode_check_options(params));
}
