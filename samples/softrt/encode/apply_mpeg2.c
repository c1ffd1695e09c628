/* An MPEG-2 encoder's parameters in the words of libavcodec's own encoder. */
#include "encode/encode.h"

/* How hard it looks for the best coding, from TargetUsage 1 (best quality) to 7: mb_decision 2 weighs bits
 * against errors, 1 counts bits, 0 compares differences. */
static const int decisions[] = {FF_MB_DECISION_RD,     FF_MB_DECISION_RD,     FF_MB_DECISION_BITS,
                                FF_MB_DECISION_SIMPLE, FF_MB_DECISION_SIMPLE, FF_MB_DECISION_SIMPLE,
                                FF_MB_DECISION_SIMPLE};

static void apply_rate_control(AVCodecContext *avctx, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    if (mfx->RateControlMethod == MFX_RATECONTROL_CQP) {
        avctx->flags |= AV_CODEC_FLAG_QSCALE;
        avctx->qmin = 1;
        avctx->global_quality = FF_QP2LAMBDA * mfx->QPP;
        return;
    }
    encode_apply_bitrate(avctx, p);
    if (mfx->RateControlMethod == MFX_RATECONTROL_CBR)
        avctx->rc_min_rate = avctx->rc_max_rate;
    else /* how far it strays from its rate: left alone, it ends far above */
        avctx->bit_rate_tolerance = (int)(5 * avctx->bit_rate * avctx->time_base.num / avctx->time_base.den);
    if (p->co2.MinQPP)
        avctx->qmin = p->co2.MinQPP;
    if (p->co2.MaxQPP)
        avctx->qmax = p->co2.MaxQPP;
}

static void apply_level(AVCodecContext *avctx, const mfxInfoMFX *mfx)
{
    avctx->profile =
        mfx->CodecProfile == MFX_PROFILE_MPEG2_SIMPLE ? FF_PROFILE_MPEG2_SIMPLE : FF_PROFILE_MPEG2_MAIN;
    if (mfx->CodecLevel)
        avctx->level = mfx->CodecLevel; /* MFX_LEVEL_MPEG2_ are the numbers of the stream */
}

void encode_apply_mpeg2(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    encode_apply_gop(avctx, p);
    apply_level(avctx, mfx);
    apply_rate_control(avctx, p);
    avctx->mb_decision = decisions[mfx->TargetUsage - 1];
    if (mfx->GopOptFlag & MFX_GOP_CLOSED)
        avctx->flags |= (int)AV_CODEC_FLAG_CLOSED_GOP;
    if (mfx->GopOptFlag & MFX_GOP_STRICT)
        av_dict_set(options, "mpv_flags", "strict_gop", 0);
    else if (p->co2.AdaptiveB == MFX_CODINGOPTION_ON)
        av_dict_set_int(options, "b_strategy", 1, 0);
    /* closed GOPs and its search for scene changes do not go together: libavcodec says so and gives up */
    if (mfx->GopOptFlag & (MFX_GOP_CLOSED | MFX_GOP_STRICT) || p->co2.AdaptiveI == MFX_CODINGOPTION_OFF)
        av_dict_set_int(options, "sc_threshold", 1000000000, 0);
    if (p->signal.Header.BufferId)
        av_dict_set_int(options, "video_format", p->signal.VideoFormat, 0);
}
