/* A VP9 or AV1 encoder's parameters in the words of libvpx and libaom, which have most of them in common. */
#include "encode/encode.h"

/* Both count 64 quantisers, which stand for the quantiser indices 0, 4, 8 ... 244, 249 and 255 of the
 * streams. The first is lossless coding, which nobody asks for by a quantiser. */
enum {
    LAST_QUANTISER = 63,
    EVEN_STEPS = 61,
    BEST_ICQ = 1,
    WORST_ICQ = 51
};

static mfxU16 index_of(int quantiser)
{
    static const mfxU16 last[] = {249, 255};

    return quantiser > EVEN_STEPS ? last[quantiser - EVEN_STEPS - 1] : (mfxU16)(quantiser * 4);
}

static int quantiser_for(mfxU16 index)
{
    int quantiser = 1;

    while (quantiser < LAST_QUANTISER && index_of(quantiser + 1) - index <= index - index_of(quantiser))
        quantiser++;
    return quantiser;
}

mfxU16 encode_vpx_nearest_qp(mfxU16 qp)
{
    return index_of(quantiser_for(qp));
}

/* ICQ's 1 to 51 spread over 0 to 63. */
static int constant_quality(mfxU16 icq)
{
    return ((icq - BEST_ICQ) * LAST_QUANTISER + (WORST_ICQ - BEST_ICQ) / 2) / (WORST_ICQ - BEST_ICQ);
}

/* libvpx's variable rate, of one pass, ends a third below what it was asked for, so that VBR is its constant
 * rate here, with a decoder's buffer of four seconds where nobody asks for another. */
static void apply_vp9_bitrate(AVCodecContext *avctx, const struct encode_params *p)
{
    enum {
        VARIABLE_SECONDS = 4
    };
    bool constant = p->par.mfx.RateControlMethod == MFX_RATECONTROL_CBR;
    int64_t room = avctx->bit_rate * VARIABLE_SECONDS;

    if (!constant && !p->par.mfx.BufferSizeInKB)
        avctx->rc_buffer_size = room < INT32_MAX ? (int)room : INT32_MAX;
    avctx->rc_min_rate = avctx->rc_max_rate = avctx->bit_rate;
}

static void apply_bitrate(AVCodecContext *avctx, const struct encode_params *p)
{
    encode_apply_bitrate(avctx, p);
    if (p->par.mfx.CodecId == MFX_CODEC_VP9)
        apply_vp9_bitrate(avctx, p);
    else if (p->par.mfx.RateControlMethod == MFX_RATECONTROL_CBR)
        avctx->rc_min_rate = avctx->rc_max_rate;
}

static void apply_rate_control(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP: /* constant quality, with nowhere to go from it */
        avctx->qmin = avctx->qmax = quantiser_for(mfx->QPP);
        av_dict_set_int(options, "crf", avctx->qmin, 0);
        break;
    case MFX_RATECONTROL_ICQ:
        av_dict_set_int(options, "crf", constant_quality(mfx->ICQQuality), 0);
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
struct speeds {
    const char *mode; /* libavcodec's name of the option */
    int good[7];
    int realtime[7];
};

static const struct speeds vp9_speeds = {"deadline", {1, 2, 3, 4, 5, 5, 5}, {5, 5, 5, 5, 6, 7, 8}};
static const struct speeds av1_speeds = {"usage", {4, 5, 6, 6, 6, 6, 6}, {6, 6, 6, 6, 7, 8, 8}};

static void apply_speed(const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    bool is_av1 = mfx->CodecId == MFX_CODEC_AV1;
    const struct speeds *speeds = is_av1 ? &av1_speeds : &vp9_speeds;
    int speed = mfx->TargetUsage - 1;
    bool good = mfx->TargetUsage < MFX_TARGETUSAGE_BALANCED || (is_av1 && p->co2.LookAheadDepth);

    av_dict_set(options, speeds->mode, good ? "good" : "realtime", 0);
    av_dict_set_int(options, "cpu-used", good ? speeds->good[speed] : speeds->realtime[speed], 0);
    av_dict_set_int(options, "lag-in-frames", p->co2.LookAheadDepth, 0);
}

/* The logarithm of a number that is a power of two. */
static int log2_of(mfxU16 tiles)
{
    int log2 = 0;

    while (tiles >> (log2 + 1))
        log2++;
    return log2;
}

static void apply_tiles(mfxU16 rows, mfxU16 columns, AVDictionary **options)
{
    if (rows)
        av_dict_set_int(options, "tile-rows", log2_of(rows), 0);
    if (columns)
        av_dict_set_int(options, "tile-columns", log2_of(columns), 0);
}

void encode_apply_vpx(AVCodecContext *avctx, const struct encode_params *p, AVDictionary **options)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    avctx->gop_size = mfx->GopPicSize;
    if (mfx->GopOptFlag & MFX_GOP_STRICT || p->co2.AdaptiveI == MFX_CODINGOPTION_OFF)
        avctx->keyint_min = mfx->GopPicSize;
    avctx->max_b_frames = 0;
    apply_rate_control(avctx, p, options);
    apply_speed(p, options);
    if (mfx->CodecId == MFX_CODEC_VP9)
        apply_tiles(0, p->vp9.NumTileColumns, options);
    else
        apply_tiles(p->av1_tiles.NumTileRows, p->av1_tiles.NumTileColumns, options);
}
