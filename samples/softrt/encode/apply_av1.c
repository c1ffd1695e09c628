/* An AV1 encoder's parameters in the words of libavcodec and libaom. */
#include "encode/engine.h"

static void apply_bitrate(AVCodecContext *avctx, const struct encode_params *p)
{
    encode_apply_bitrate(avctx, p);
    if (p->par.mfx.RateControlMethod == MFX_RATECONTROL_CBR)
        avctx->rc_min_rate = avctx->rc_max_rate;
}

static void apply_rate_control(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP: /* constant quality, with nowhere to go from it */
        avctx->qmin = avctx->qmax = encode_vpx_quantiser(mfx->QPP);
        av_dict_set_int(options, "crf", avctx->qmin, 0);
        break;
    case MFX_RATECONTROL_ICQ:
        av_dict_set_int(options, "crf", encode_vpx_quality(mfx->ICQQuality), 0);
        break;
    default:
        apply_bitrate(avctx, p);
    }
    if (mfx->RateControlMethod != MFX_RATECONTROL_CQP &&
        p->co2.MBBRC) /* 3: what changes is refreshed in turn */
        av_dict_set_int(options, "aq-mode", p->co2.MBBRC == MFX_CODINGOPTION_ON ? 3 : 0, 0);
}

/* Speeds from TargetUsage 1 to 7. The slower half looks at each frame in all ways ("good"), the faster one
 * has no time to ("realtime"). libaom looks ahead only in the former. */
static void apply_speed(const struct encode_params *p, AVDictionary **options)
{
    static const int good[] = {4, 5, 6, 6, 6, 6, 6};
    static const int realtime[] = {6, 6, 6, 6, 7, 8, 8};
    mfxU16 usage = p->par.mfx.TargetUsage;
    bool is_good = usage < MFX_TARGETUSAGE_BALANCED || p->co2.LookAheadDepth;

    av_dict_set(options, "usage", is_good ? "good" : "realtime", 0);
    av_dict_set_int(options, "cpu-used", is_good ? good[usage - 1] : realtime[usage - 1], 0);
    av_dict_set_int(options, "lag-in-frames", p->co2.LookAheadDepth, 0);
}

static void apply_tiles(const mfxExtAV1TileParam *tiles, AVDictionary **options)
{
    if (tiles->NumTileRows)
        av_dict_set_int(options, "tile-rows", encode_vpx_log2(tiles->NumTileRows), 0);
    if (tiles->NumTileColumns)
        av_dict_set_int(options, "tile-columns", encode_vpx_log2(tiles->NumTileColumns), 0);
}

void encode_apply_av1(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    avctx->gop_size = mfx->GopPicSize;
    if (mfx->GopOptFlag & MFX_GOP_STRICT || p->co2.AdaptiveI == MFX_CODINGOPTION_OFF)
        avctx->keyint_min = mfx->GopPicSize;
    avctx->max_b_frames = 0;
    apply_rate_control(avctx, p, options);
    apply_speed(p, options);
    apply_tiles(&p->av1_tiles, options);
}
