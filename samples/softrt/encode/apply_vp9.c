/* A VP9 encoder's parameters in the words of libvpx. What nobody asks for is left as the library has it. */
#include "encode/engine.h"

#include <libavutil/cpu.h>
#include <limits.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

/* libvpx's variable rate, of one pass, ends a third below what it was asked for, so that VBR is its constant
 * rate here, with a decoder's buffer of four seconds where nobody asks for another. */
static struct encode_rates constant_rates(const struct encode_params *p)
{
    enum {
        VARIABLE_SECONDS = 4
    };
    const mfxInfoMFX *mfx = &p->par.mfx;
    struct encode_rates rates = encode_rates(p);
    int64_t room = rates.target * VARIABLE_SECONDS;

    if (mfx->RateControlMethod == MFX_RATECONTROL_CBR || mfx->BufferSizeInKB)
        return rates;
    rates.buffer = room < INT_MAX ? (int)room : INT_MAX;
    if (!rates.filled || !mfx->InitialDelayInKB)
        rates.filled = (int)(rates.buffer * 3LL / 4);
    return rates;
}

static unsigned int milliseconds(int bits, int64_t bits_a_second)
{
    return (unsigned int)(bits * 1000LL / bits_a_second);
}

static void configure_bitrate(vpx_codec_enc_cfg_t *cfg, const struct encode_params *p)
{
    struct encode_rates rates = constant_rates(p);

    cfg->rc_end_usage = VPX_CBR;
    cfg->rc_target_bitrate = cfg->ss_target_bitrate[0] = (unsigned int)((rates.target + 500) / 1000);
    cfg->rc_2pass_vbr_minsection_pct = cfg->rc_2pass_vbr_maxsection_pct = 100;
    if (rates.buffer)
        cfg->rc_buf_sz = milliseconds(rates.buffer, rates.target);
    if (rates.filled)
        cfg->rc_buf_initial_sz = milliseconds(rates.filled, rates.target);
}

static void configure_rate_control(vpx_codec_enc_cfg_t *cfg, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP: /* constant quality, with nowhere to go from it */
        cfg->rc_min_quantizer = cfg->rc_max_quantizer = (unsigned int)encode_vpx_quantiser(mfx->QPP);
        cfg->rc_end_usage = VPX_Q;
        break;
    case MFX_RATECONTROL_ICQ:
        cfg->rc_end_usage = VPX_Q;
        break;
    default:
        configure_bitrate(cfg, p);
    }
    cfg->rc_buf_optimal_sz = cfg->rc_buf_sz * 5 / 6;
}

void encode_configure_vp9(vpx_codec_enc_cfg_t *cfg, const struct encode_params *p, int threads)
{
    enum {
        MOST_THREADS = 16
    };
    const mfxInfoMFX *mfx = &p->par.mfx;
    const mfxFrameInfo *info = &mfx->FrameInfo;
    AVRational rate = encode_frame_rate(info);

    cfg->g_w = (unsigned int)encode_width(info);
    cfg->g_h = (unsigned int)encode_height(info);
    cfg->g_timebase = (struct vpx_rational){rate.den, rate.num};
    if (info->BitDepthLuma > 8) {
        cfg->g_profile = 2;
        cfg->g_bit_depth = VPX_BITS_10;
        cfg->g_input_bit_depth = 10;
    }
    if (!threads)
        threads = av_cpu_count();
    cfg->g_threads = (unsigned int)(threads < MOST_THREADS ? threads : MOST_THREADS);
    cfg->g_lag_in_frames = p->co2.LookAheadDepth;
    cfg->kf_max_dist = mfx->GopPicSize;
    if (mfx->GopOptFlag & MFX_GOP_STRICT || p->co2.AdaptiveI == MFX_CODINGOPTION_OFF)
        cfg->kf_min_dist = mfx->GopPicSize;
    configure_rate_control(cfg, p);
}

/* The slower half of TargetUsage looks at each frame in all ways, the faster one has no time to. */
static bool is_good(const struct encode_params *p)
{
    return p->par.mfx.TargetUsage < MFX_TARGETUSAGE_BALANCED;
}

unsigned long encode_vp9_deadline(const struct encode_params *p)
{
    return is_good(p) ? VPX_DL_GOOD_QUALITY : VPX_DL_REALTIME;
}

static int speed(const struct encode_params *p)
{
    static const int speeds[] = {1, 2, 3, 5, 6, 7, 8};

    return speeds[p->par.mfx.TargetUsage - 1];
}

/* VP9 has words for these alone. */
static int colour_space(const mfxExtVideoSignalInfo *s)
{
    switch (s->ColourDescriptionPresent ? s->MatrixCoefficients : AVCOL_SPC_UNSPECIFIED) {
    case AVCOL_SPC_BT709:
        return VPX_CS_BT_709;
    case AVCOL_SPC_BT470BG:
        return VPX_CS_BT_601;
    case AVCOL_SPC_SMPTE170M:
        return VPX_CS_SMPTE_170;
    case AVCOL_SPC_SMPTE240M:
        return VPX_CS_SMPTE_240;
    case AVCOL_SPC_BT2020_NCL:
        return VPX_CS_BT_2020;
    case AVCOL_SPC_RESERVED:
        return VPX_CS_RESERVED;
    default:
        return VPX_CS_UNKNOWN;
    }
}

bool encode_vp9_is_full_range(const struct encode_params *p)
{
    return p->signal.Header.BufferId && p->signal.VideoFullRange;
}

static unsigned int control_quality(vpx_codec_ctx_t *codec, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    bool constant = mfx->RateControlMethod == MFX_RATECONTROL_CQP;
    unsigned int failed = 0;

    if (constant)
        failed |= vpx_codec_control(codec, VP8E_SET_CQ_LEVEL, (unsigned int)encode_vpx_quantiser(mfx->QPP));
    else if (mfx->RateControlMethod == MFX_RATECONTROL_ICQ)
        failed |=
            vpx_codec_control(codec, VP8E_SET_CQ_LEVEL, (unsigned int)encode_vpx_quality(mfx->ICQQuality));
    if (!constant && p->co2.MBBRC) /* 3: what changes is refreshed in turn */
        failed |= vpx_codec_control(codec, VP9E_SET_AQ_MODE, p->co2.MBBRC == MFX_CODINGOPTION_ON ? 3U : 0U);
    return failed;
}

mfxStatus encode_control_vp9(vpx_codec_ctx_t *codec, const struct encode_params *p)
{
    unsigned int failed = vpx_codec_control(codec, VP8E_SET_CPUUSED, speed(p));

    failed |= control_quality(codec, p);
    if (p->vp9.NumTileColumns)
        failed |= vpx_codec_control(codec, VP9E_SET_TILE_COLUMNS, encode_vpx_log2(p->vp9.NumTileColumns));
    failed |= vpx_codec_control(codec, VP9E_SET_COLOR_SPACE, colour_space(&p->signal));
    failed |= vpx_codec_control(codec, VP9E_SET_COLOR_RANGE,
                                encode_vp9_is_full_range(p) ? VPX_CR_FULL_RANGE : VPX_CR_STUDIO_RANGE);
    return failed ? MFX_ERR_INVALID_VIDEO_PARAM : MFX_ERR_NONE;
}
