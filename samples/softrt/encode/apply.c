/* An encoder's parameters in the words of libavcodec and libx264; which library has which; and what all of
 * them are told. */
#include "encode/engine.h"

#include <libavutil/bprint.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

AVRational encode_frame_rate(const mfxFrameInfo *info)
{
    mfxU32 n = info->FrameRateExtN ? info->FrameRateExtN : 30;
    mfxU32 d = info->FrameRateExtD ? info->FrameRateExtD : 1;
    AVRational rate;

    av_reduce(&rate.num, &rate.den, n, d, INT_MAX / 2);
    return rate;
}

AVRational encode_sample_aspect(const mfxFrameInfo *info)
{
    AVRational aspect = {0, 1};

    if (info->AspectRatioW)
        av_reduce(&aspect.num, &aspect.den, info->AspectRatioW, info->AspectRatioH, UINT16_MAX);
    return aspect;
}

/* TargetUsage 1 (best quality) to 7 (best speed); both libraries use the same names. */
const char *encode_preset(const mfxInfoMFX *mfx)
{
    static const char *const presets[] = {"veryslow", "slower", "slow",    "medium",
                                          "fast",     "faster", "veryfast"};

    return presets[mfx->TargetUsage - 1];
}

/* libx264's own "name=value:..." list, for what libavcodec has no option for. */
static void add(AVBPrint *list, const char *name, int value)
{
    av_bprintf(list, "%s%s=%d", list->len ? ":" : "", name, value);
}

static bool is_on(mfxU16 option)
{
    return option == MFX_CODINGOPTION_ON;
}

static bool is_off(mfxU16 option)
{
    return option == MFX_CODINGOPTION_OFF;
}

static int64_t to_bits(mfxU64 kilo, mfxU32 multiplier)
{
    return (int64_t)(kilo * multiplier * 1000);
}

static int limit_int(int64_t value)
{
    return value < INT_MAX ? (int)value : INT_MAX;
}

/* BufferSizeInKB is the size of the decoder's buffer when the application gives it; left open it is one
 * second's worth for CBR, two of the highest rate for VBR. VBR without a highest rate is free to spend bits
 * anywhere. A buffer begins three quarters full, as libavcodec has it. */
struct encode_rates encode_rates(const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    mfxU32 multiplier = encode_brc_multiplier(&p->par);
    bool constant = mfx->RateControlMethod == MFX_RATECONTROL_CBR;
    bool hrd = is_on(p->co.NalHrdConformance) || is_on(p->co.VuiNalHrdParameters);
    struct encode_rates rates = {.target = to_bits(mfx->TargetKbps, multiplier),
                                 .most = to_bits(mfx->MaxKbps, multiplier)};

    if (!rates.most && hrd)
        rates.most = rates.target * 2;
    if (!rates.most)
        return rates;
    rates.buffer = limit_int(mfx->BufferSizeInKB ? to_bits(mfx->BufferSizeInKB, multiplier) * 8
                                                 : rates.most * (constant ? 1 : 2));
    rates.filled = limit_int(to_bits(mfx->InitialDelayInKB, multiplier) * 8);
    if (!rates.filled)
        rates.filled = (int)(rates.buffer * 3LL / 4);
    if (rates.filled > rates.buffer)
        rates.filled = rates.buffer;
    return rates;
}

void encode_apply_bitrate(AVCodecContext *avctx, const struct encode_params *p)
{
    struct encode_rates rates = encode_rates(p);

    avctx->bit_rate = rates.target;
    avctx->rc_max_rate = rates.most;
    avctx->rc_buffer_size = rates.buffer;
    avctx->rc_initial_buffer_occupancy = rates.filled;
}

/* Six quantiser steps double the step size. */
double encode_step_factor(int steps)
{
    return pow(2.0, steps / 6.0);
}

static void apply_rate_control(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP:
        av_dict_set_int(options, "qp", mfx->QPP, 0);
        avctx->i_quant_factor = (float)encode_step_factor(mfx->QPI - mfx->QPP);
        avctx->b_quant_factor = (float)encode_step_factor(mfx->QPB - mfx->QPP);
        break;
    case MFX_RATECONTROL_ICQ:
        av_dict_set_int(options, "crf", mfx->ICQQuality, 0);
        break;
    default:
        encode_apply_bitrate(avctx, p);
    }
    if (p->co2.MinQPP)
        avctx->qmin = p->co2.MinQPP;
    if (p->co2.MaxQPP)
        avctx->qmax = p->co2.MaxQPP;
}

int encode_references(const struct encode_params *p)
{
    mfxU16 references = p->par.mfx.NumRefFrame;

    if (p->co.MaxDecFrameBuffering && (!references || references > p->co.MaxDecFrameBuffering))
        references = p->co.MaxDecFrameBuffering;
    return references;
}

void encode_apply_gop(AVCodecContext *avctx, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    int references = encode_references(p);

    avctx->gop_size = mfx->GopPicSize;
    avctx->max_b_frames = mfx->GopRefDist - 1;
    if (mfx->GopOptFlag & MFX_GOP_STRICT)
        avctx->keyint_min = mfx->GopPicSize;
    if (references)
        avctx->refs = references;
}

static void apply_avc_profile(AVCodecContext *avctx, const mfxInfoMFX *mfx, AVDictionary **options)
{
    static const struct {
        mfxU16 profile;
        const char *name;
    } names[] = {{MFX_PROFILE_AVC_BASELINE, "baseline"},
                 {MFX_PROFILE_AVC_MAIN, "main"},
                 {MFX_PROFILE_AVC_HIGH, "high"},
                 {MFX_PROFILE_AVC_HIGH10, "high10"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].profile == (mfx->CodecProfile & 0xff))
            av_dict_set(options, "profile", names[i].name, 0);
    if (mfx->CodecLevel)
        avctx->level = mfx->CodecLevel;
}

static void apply_avc_decisions(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options,
                                AVBPrint *list)
{
    bool strict = p->par.mfx.GopOptFlag & MFX_GOP_STRICT;

    if (strict || is_off(p->co2.AdaptiveI))
        av_dict_set_int(options, "sc_threshold", 0, 0);
    if (strict || is_off(p->co2.AdaptiveB))
        av_dict_set_int(options, "b_strategy", 0, 0);
    if (p->co2.BRefType)
        av_dict_set_int(options, "b-pyramid", p->co2.BRefType == MFX_B_REF_PYRAMID ? 2 : 0, 0);
    if (p->co2.LookAheadDepth)
        av_dict_set_int(options, "rc-lookahead", p->co2.LookAheadDepth, 0);
    if (is_off(p->co2.MBBRC))
        av_dict_set_int(options, "aq-mode", 0, 0);
    if (p->co2.Trellis)
        avctx->trellis = p->co2.Trellis == MFX_TRELLIS_OFF ? 0 : 2;
    if (p->co3.WeightedPred)
        av_dict_set_int(options, "weightp", p->co3.WeightedPred == MFX_WEIGHTED_PRED_DEFAULT ? 0 : 2, 0);
    if (p->co3.WeightedBiPred)
        av_dict_set_int(options, "weightb", p->co3.WeightedBiPred != MFX_WEIGHTED_PRED_DEFAULT, 0);
    if (p->co2.DisableDeblockingIdc)
        add(list, "no-deblock", 1);
}

static void apply_avc_syntax(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options,
                             AVBPrint *list)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    avctx->slices = mfx->NumSlice;
    if (p->co2.MaxSliceSize)
        av_dict_set_int(options, "slice-max-size", p->co2.MaxSliceSize, 0);
    if (p->co2.NumMbPerSlice)
        add(list, "slice-max-mbs", p->co2.NumMbPerSlice);
    if (p->co.CAVLC)
        av_dict_set_int(options, "coder", is_off(p->co.CAVLC), 0);
    if (is_on(p->co.AUDelimiter))
        av_dict_set_int(options, "aud", 1, 0);
    if (is_on(p->co.PicTimingSEI))
        add(list, "pic-struct", 1);
    if (is_on(p->co2.FixedFrameRate))
        add(list, "force-cfr", 1);
    if (is_on(p->co.NalHrdConformance) || is_on(p->co.VuiNalHrdParameters))
        av_dict_set(options, "nal-hrd", mfx->RateControlMethod == MFX_RATECONTROL_CBR ? "cbr" : "vbr", 0);
}

/* The numbers go into the SEI messages as they are. */
void encode_mastering_text(const mfxExtMasteringDisplayColourVolume *m, char text[ENCODE_MASTERING_TEXT])
{
    (void)snprintf(text, ENCODE_MASTERING_TEXT, "G(%u,%u)B(%u,%u)R(%u,%u)WP(%u,%u)L(%u,%u)",
                   m->DisplayPrimariesX[0], m->DisplayPrimariesY[0], m->DisplayPrimariesX[1],
                   m->DisplayPrimariesY[1], m->DisplayPrimariesX[2], m->DisplayPrimariesY[2], m->WhitePointX,
                   m->WhitePointY, m->MaxDisplayMasteringLuminance, m->MinDisplayMasteringLuminance);
}

static void apply_hdr(const struct encode_params *p, AVBPrint *list)
{
    char text[ENCODE_MASTERING_TEXT];

    if (p->mastering.InsertPayloadToggle) {
        encode_mastering_text(&p->mastering, text);
        av_bprintf(list, "%smastering-display=%s", list->len ? ":" : "", text);
    }
    if (p->light.InsertPayloadToggle)
        av_bprintf(list, "%scll=%u,%u", list->len ? ":" : "", p->light.MaxContentLightLevel,
                   p->light.MaxPicAverageLightLevel);
}

static void apply_video_format(const struct encode_params *p, AVBPrint *list)
{
    static const char *const names[] = {"component", "pal", "ntsc", "secam", "mac"};

    if (p->signal.Header.BufferId && p->signal.VideoFormat < sizeof(names) / sizeof(names[0]))
        av_bprintf(list, "%svideoformat=%s", list->len ? ":" : "", names[p->signal.VideoFormat]);
}

static void apply_jpeg(AVCodecContext *avctx, const mfxInfoMFX *mfx)
{
    avctx->flags |= AV_CODEC_FLAG_QSCALE;
    avctx->qmin = 1;
    avctx->qmax = 31;
    avctx->global_quality = FF_QP2LAMBDA * encode_jpeg_qscale(mfx->Quality);
}

/* The usual meaning of 1 to 100 is a factor to the quantisation tables of JPEG's annex K: 5000 / q percent
 * below 50, 200 - 2q from there. libavcodec's own table times scale / 8 compares to those at scale 16 for 100
 * percent. */
int encode_jpeg_qscale(mfxU16 quality)
{
    int percent = quality < 50 ? 5000 / (quality ? quality : 1) : 200 - 2 * quality;
    int scale = (percent * 16 + 50) / 100;

    return scale < 1 ? 1 : scale > 31 ? 31 : scale;
}

static mfxStatus apply_avc(AVCodecContext *avctx, const struct encode_params *params, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &params->par.mfx;
    AVBPrint list;
    mfxStatus status = MFX_ERR_NONE;

    av_bprint_init(&list, 256, AV_BPRINT_SIZE_UNLIMITED);
    av_dict_set(options, "preset", encode_preset(mfx), 0);
    av_dict_set_int(options, "forced-idr", 1, 0);
    encode_apply_gop(avctx, params);
    apply_rate_control(avctx, params, options);
    apply_avc_profile(avctx, mfx, options);
    apply_avc_decisions(avctx, params, options, &list);
    apply_avc_syntax(avctx, params, options, &list);
    apply_video_format(params, &list);
    apply_hdr(params, &list);
    if (!av_bprint_is_complete(&list) || (list.len && av_dict_set(options, "x264-params", list.str, 0) < 0))
        status = MFX_ERR_MEMORY_ALLOC;
    av_bprint_finalize(&list, NULL);
    return status;
}

mfxStatus encode_apply_options(AVCodecContext *avctx, const struct encode_params *params,
                               AVDictionary **options)
{
    switch (params->par.mfx.CodecId) {
    case MFX_CODEC_JPEG:
        apply_jpeg(avctx, &params->par.mfx);
        return MFX_ERR_NONE;
    case MFX_CODEC_MPEG2:
        encode_apply_mpeg2(avctx, params, options);
        return MFX_ERR_NONE;
    case MFX_CODEC_AV1:
        encode_apply_av1(avctx, params, options);
        return MFX_ERR_NONE;
    default:
        return apply_avc(avctx, params, options);
    }
}
