/* Which values of mfxExtCodingOption, 2 and 3 the encoders can honour. */
#include "core/verdict.h"
#include "encode/encode.h"

#pragma GCC diagnostic ignored \
    "-Wdeprecated-declarations" /* EndOfSequence and the like must be looked at, too */

/* Zero, "not given", is always right. */
enum {
    ON = 1,  /* MFX_CODINGOPTION_ON */
    OFF = 2, /* MFX_CODINGOPTION_OFF */
    ONE = 4, /* the numbers of an enumerator */
    TWO = 8,
    THREE = 16,
    ANY = 32,   /* a hint, or checked elsewhere */
    ASKED = 64, /* clients ask for it whatever the codec: switched off, not refused */
};

struct rule {
    size_t offset; /* of an mfxU16 in struct encode_params */
    unsigned avc;
    unsigned hevc;
    unsigned mpeg2;
    unsigned vpx; /* VP9 and AV1 */
};

#define RULE(field, avc, hevc, mpeg2, vpx)                           \
    {                                                                \
        offsetof(struct encode_params, field), avc, hevc, mpeg2, vpx \
    }

static const struct rule rules[] = {
    RULE(co.RateDistortionOpt, 0, 0, 0, 0),
    RULE(co.MECostType, 0, 0, 0, 0),
    RULE(co.MESearchType, 0, 0, 0, 0),
    RULE(co.EndOfSequence, OFF, OFF, OFF, OFF),
    RULE(co.FramePicture, ON | OFF, ON | OFF, ON | OFF, ON | OFF),
    RULE(co.CAVLC, ON | OFF, OFF, 0, 0),
    RULE(co.RecoveryPointSEI, OFF, OFF, OFF, OFF),
    RULE(co.ViewOutput, OFF, OFF, OFF, OFF),
    RULE(co.NalHrdConformance, ON | OFF, ON | OFF, OFF, OFF),
    RULE(co.SingleSeiNalUnit, OFF, OFF, OFF, OFF),
    RULE(co.VuiVclHrdParameters, OFF, OFF, OFF, OFF),
    RULE(co.RefPicListReordering, OFF, OFF, OFF, OFF),
    RULE(co.ResetRefList, OFF, OFF, OFF, OFF),
    RULE(co.RefPicMarkRep, OFF, OFF, OFF, OFF),
    RULE(co.FieldOutput, OFF, OFF, OFF, OFF),
    RULE(co.IntraPredBlockSize, 0, 0, 0, 0),
    RULE(co.InterPredBlockSize, 0, 0, 0, 0),
    RULE(co.MVPrecision, 0, 0, 0, 0),
    RULE(co.MaxDecFrameBuffering, ANY, ANY, 0, 0),
    RULE(co.AUDelimiter, ON | OFF, ON | OFF, OFF, OFF),
    RULE(co.EndOfStream, OFF, OFF, OFF, OFF),
    RULE(co.PicTimingSEI, ON | OFF, OFF | ASKED, OFF | ASKED, OFF | ASKED),
    RULE(co.VuiNalHrdParameters, ON | OFF, ON | OFF, OFF, OFF),

    RULE(co2.IntRefType, 0, 0, 0, 0),
    RULE(co2.IntRefCycleSize, 0, 0, 0, 0),
    RULE(co2.BitrateLimit, ON | OFF, ON | OFF, ON | OFF, ON | OFF),
    RULE(co2.MBBRC, ON | OFF, ON | OFF, OFF, ON | OFF),
    RULE(co2.ExtBRC, OFF, OFF, OFF, OFF),
    RULE(co2.LookAheadDepth, ANY, ANY, 0, ANY),
    RULE(co2.Trellis, ANY, 0, 0, 0),
    RULE(co2.RepeatPPS, ANY, ANY, ANY, ANY),
    RULE(co2.BRefType, ONE | TWO, ONE | TWO, ONE, ONE),
    RULE(co2.AdaptiveI, ON | OFF, ON | OFF, ON | OFF, ON | OFF),
    RULE(co2.AdaptiveB, ON | OFF, ON | OFF, ON | OFF, OFF),
    RULE(co2.LookAheadDS, TWO, TWO, 0, 0), /* both look ahead at half the size */
    RULE(co2.NumMbPerSlice, ANY, 0, 0, 0),
    RULE(co2.SkipFrame, 0, 0, 0, 0),
    RULE(co2.FixedFrameRate, ON | OFF, OFF, ON, OFF),
    RULE(co2.DisableDeblockingIdc, ONE, ONE, 0, 0),
    RULE(co2.DisableVUI, OFF, OFF, OFF, OFF),
    RULE(co2.BufferingPeriodSEI, 0, 0, 0, 0),
    RULE(co2.EnableMAD, OFF, OFF, OFF, OFF),
    RULE(co2.UseRawRef, OFF, OFF, OFF, OFF),

    RULE(co3.NumSliceI, ANY, ANY, ANY, ANY),
    RULE(co3.NumSliceP, ANY, ANY, ANY, ANY),
    RULE(co3.NumSliceB, ANY, ANY, ANY, ANY),
    RULE(co3.WinBRCMaxAvgKbps, 0, 0, 0, 0),
    RULE(co3.WinBRCSize, 0, 0, 0, 0),
    RULE(co3.QVBRQuality, ANY, ANY, ANY, ANY), /* of QVBR alone, which is refused */
    RULE(co3.EnableMBQP, OFF, OFF, OFF, OFF),
    RULE(co3.IntRefCycleDist, 0, 0, 0, 0),
    RULE(co3.DirectBiasAdjustment, OFF, OFF, OFF, OFF),
    RULE(co3.GlobalMotionBiasAdjustment, OFF, OFF, OFF, OFF),
    RULE(co3.MVCostScalingFactor, 0, 0, 0, 0),
    RULE(co3.MBDisableSkipMap, OFF, OFF, OFF, OFF),
    RULE(co3.WeightedPred, ONE | TWO, ONE | TWO, ONE, ONE),     /* none, explicit */
    RULE(co3.WeightedBiPred, ONE | THREE, ONE | TWO, ONE, ONE), /* none; AVC: implicit, HEVC: explicit */
    RULE(co3.AspectRatioInfoPresent, ON, ON, ON, OFF),
    RULE(co3.OverscanInfoPresent, OFF, OFF, OFF, OFF),
    RULE(co3.OverscanAppropriate, OFF, OFF, OFF, OFF),
    RULE(co3.TimingInfoPresent, ON, ON, ON, OFF),
    RULE(co3.BitstreamRestriction, ON, OFF, OFF, OFF),
    RULE(co3.LowDelayHrd, OFF, OFF, OFF, OFF),
    RULE(co3.MotionVectorsOverPicBoundaries, ON, ON, OFF, ON),
    RULE(co3.ScenarioInfo, ANY, ANY, ANY, ANY),
    RULE(co3.ContentInfo, ANY, ANY, ANY, ANY),
    RULE(co3.PRefType, ONE, ONE, ONE, ONE),
    RULE(co3.FadeDetection, OFF, OFF, OFF, OFF),
    RULE(co3.GPB, ANY, ANY, ANY, ANY),
    RULE(co3.EnableQPOffset, OFF, OFF, OFF, OFF),
    RULE(co3.TransformSkip, OFF, ON | OFF, OFF, OFF),
    RULE(co3.TargetChromaFormatPlus1, ANY, ANY, ANY, ANY),
    RULE(co3.TargetBitDepthLuma, ANY, ANY, ANY, ANY),
    RULE(co3.TargetBitDepthChroma, ANY, ANY, ANY, ANY),
    RULE(co3.BRCPanicMode, 0, 0, 0, 0),
    RULE(co3.LowDelayBRC, OFF, OFF, OFF, OFF),
    RULE(co3.EnableMBForceIntra, OFF, OFF, OFF, OFF),
    RULE(co3.AdaptiveMaxFrameSize, OFF, OFF, OFF, OFF),
    RULE(co3.RepartitionCheckEnable, OFF, OFF, OFF, OFF),
    RULE(co3.EncodedUnitsInfo, OFF, OFF, OFF, OFF),
    RULE(co3.EnableNalUnitType, OFF, OFF, OFF, OFF),
    RULE(co3.AdaptiveLTR, OFF, OFF, OFF, OFF),
    RULE(co3.AdaptiveCQM, OFF, OFF, OFF, OFF),
    RULE(co3.AdaptiveRef, OFF, OFF, OFF, OFF),
};

static unsigned kind_of(mfxU16 value)
{
    switch (value) {
    case MFX_CODINGOPTION_ON:
        return ON;
    case MFX_CODINGOPTION_OFF:
        return OFF;
    case 1:
        return ONE;
    case 2:
        return TWO;
    case 3:
        return THREE;
    default:
        return ANY; /* right only where anything is */
    }
}

static unsigned allowed_by(const struct rule *rule, mfxU32 codec)
{
    switch (codec) {
    case MFX_CODEC_AVC:
        return rule->avc;
    case MFX_CODEC_HEVC:
        return rule->hevc;
    case MFX_CODEC_MPEG2:
        return rule->mpeg2;
    default:
        return rule->vpx;
    }
}

static void check_rules(struct srt_verdict *v, struct encode_params *p)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        mfxU16 *field = (mfxU16 *)(void *)((char *)p + rules[i].offset);
        unsigned allowed = allowed_by(&rules[i], p->par.mfx.CodecId);
        bool wrong = *field && !(allowed & (kind_of(*field) | ANY));

        if (wrong && allowed & ASKED && *field == MFX_CODINGOPTION_ON)
            srt_mend(v, field, MFX_CODINGOPTION_OFF);
        else
            srt_refuse_if(v, field, wrong);
    }
}

static bool is_tristate(mfxU16 option)
{
    return !option || option == MFX_CODINGOPTION_ON || option == MFX_CODINGOPTION_OFF;
}

static void refuse32(struct srt_verdict *v, mfxU32 *field, bool wrong)
{
    if (wrong) {
        *field = 0;
        v->refused = true;
    }
}

static void check_coding_option(struct srt_verdict *v, struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    bool has_hrd =
        mfx->RateControlMethod == MFX_RATECONTROL_CBR || mfx->RateControlMethod == MFX_RATECONTROL_VBR;

    if (p->co.MVSearchWindow.x || p->co.MVSearchWindow.y) {
        p->co.MVSearchWindow.x = p->co.MVSearchWindow.y = 0;
        v->refused = true;
    }
    srt_limit(v, &p->co.MaxDecFrameBuffering, 16);
    if (encode_is_simple(mfx) && p->co.CAVLC == MFX_CODINGOPTION_OFF)
        srt_mend(v, &p->co.CAVLC, MFX_CODINGOPTION_ON);
    /* x264 codes two fields as one picture of macroblock pairs */
    if (p->co.FramePicture == MFX_CODINGOPTION_OFF && mfx->FrameInfo.PicStruct > MFX_PICSTRUCT_PROGRESSIVE)
        srt_mend(v, &p->co.FramePicture, MFX_CODINGOPTION_ON);
    if (mfx->RateControlMethod && !has_hrd) {
        if (p->co.NalHrdConformance == MFX_CODINGOPTION_ON)
            srt_mend(v, &p->co.NalHrdConformance, MFX_CODINGOPTION_OFF);
        if (p->co.VuiNalHrdParameters == MFX_CODINGOPTION_ON)
            srt_mend(v, &p->co.VuiNalHrdParameters, MFX_CODINGOPTION_OFF);
    }
}

/* The libraries have one range of quantisers for all kinds of pictures: the widest of the three is taken. The
 * fields are made for 1 to 51; what they would mean for VP9 and AV1 the API does not say. */
static void check_qp_range(struct srt_verdict *v, mfxU8 *i, mfxU8 *p, mfxU8 *b, mfxU8 most, bool lowest)
{
    mfxU8 *fields[] = {i, p, b};
    mfxU8 wanted = 0;

    for (size_t k = 0; k < 3; k++) {
        if (*fields[k] > most) {
            *fields[k] = 0;
            v->refused = true;
        }
        if (*fields[k] && (!wanted || (lowest ? *fields[k] < wanted : *fields[k] > wanted)))
            wanted = *fields[k];
    }
    for (size_t k = 0; k < 3; k++) {
        v->mended = v->mended || *fields[k] != wanted;
        *fields[k] = wanted;
    }
}

/* Frames that libvpx looks ahead at most. */
#define MOST_LAG 25

static void check_coding_option2(struct srt_verdict *v, struct encode_params *p)
{
    mfxExtCodingOption2 *co2 = &p->co2;
    bool is_vpx = p->par.mfx.CodecId == MFX_CODEC_VP9 || p->par.mfx.CodecId == MFX_CODEC_AV1;
    mfxU16 most_qp = encode_facts(p->par.mfx.CodecId)->most_qp;
    mfxU8 most = most_qp <= 51 ? (mfxU8)most_qp : 0;

    if (co2->IntRefQPDelta) {
        co2->IntRefQPDelta = 0;
        v->refused = true;
    }
    refuse32(v, &co2->MaxFrameSize, co2->MaxFrameSize);
    refuse32(v, &co2->MaxSliceSize,
             co2->MaxSliceSize && (p->par.mfx.CodecId != MFX_CODEC_AVC || co2->MaxSliceSize > INT32_MAX));
    srt_limit(v, &co2->LookAheadDepth, is_vpx ? MOST_LAG : 100);
    srt_refuse_if(v, &co2->Trellis,
                  co2->Trellis && co2->Trellis != MFX_TRELLIS_OFF &&
                      co2->Trellis != (MFX_TRELLIS_I | MFX_TRELLIS_P | MFX_TRELLIS_B));
    /* parameter sets come with key pictures */
    srt_refuse_if(v, &co2->RepeatPPS, co2->RepeatPPS > MFX_CODINGOPTION_OFF);
    if (co2->RepeatPPS && co2->RepeatPPS != MFX_CODINGOPTION_OFF)
        srt_mend(v, &co2->RepeatPPS, MFX_CODINGOPTION_OFF);
    check_qp_range(v, &co2->MinQPI, &co2->MinQPP, &co2->MinQPB, most, true);
    check_qp_range(v, &co2->MaxQPI, &co2->MaxQPP, &co2->MaxQPB, most, false);
    if (co2->MinQPP && co2->MaxQPP && co2->MinQPP > co2->MaxQPP) {
        co2->MinQPI = co2->MinQPP = co2->MinQPB = co2->MaxQPP;
        v->mended = true;
    }
}

static void check_coding_option3(struct srt_verdict *v, struct encode_params *p)
{
    mfxExtCodingOption3 *co3 = &p->co3;
    mfxInfoMFX *mfx = &p->par.mfx;
    const struct srt_pixel_format *format = srt_pixel_format_find(mfx->FrameInfo.FourCC);
    mfxU16 slices = mfx->NumSlice ? mfx->NumSlice : co3->NumSliceI;

    if (co3->NumSliceI && !mfx->NumSlice)
        mfx->NumSlice = co3->NumSliceI;
    if (co3->NumSliceI && co3->NumSliceI != slices)
        srt_mend(v, &co3->NumSliceI, slices);
    if (co3->NumSliceP && co3->NumSliceP != slices)
        srt_mend(v, &co3->NumSliceP, slices);
    if (co3->NumSliceB && co3->NumSliceB != slices)
        srt_mend(v, &co3->NumSliceB, slices);
    refuse32(v, &co3->MaxFrameSizeI, co3->MaxFrameSizeI);
    refuse32(v, &co3->MaxFrameSizeP, co3->MaxFrameSizeP);
    srt_refuse_if(v, &co3->ScenarioInfo, co3->ScenarioInfo > MFX_SCENARIO_REMOTE_GAMING);
    srt_refuse_if(v, &co3->ContentInfo, co3->ContentInfo > MFX_CONTENT_NON_VIDEO_SCREEN);
    if (co3->GPB == MFX_CODINGOPTION_ON) /* P pictures are P pictures */
        srt_mend(v, &co3->GPB, MFX_CODINGOPTION_OFF);
    srt_refuse_if(v, &co3->GPB, co3->GPB && co3->GPB != MFX_CODINGOPTION_OFF);
    for (int i = 0; i < 8; i++) {
        srt_refuse_if(v, &co3->NumRefActiveP[i], co3->NumRefActiveP[i]);
        srt_refuse_if(v, &co3->NumRefActiveBL0[i], co3->NumRefActiveBL0[i]);
        srt_refuse_if(v, &co3->NumRefActiveBL1[i], co3->NumRefActiveBL1[i]);
    }
    if (!format)
        return;
    srt_refuse_if(v, &co3->TargetChromaFormatPlus1,
                  co3->TargetChromaFormatPlus1 && co3->TargetChromaFormatPlus1 != format->chroma_format + 1);
    srt_refuse_if(v, &co3->TargetBitDepthLuma,
                  co3->TargetBitDepthLuma && co3->TargetBitDepthLuma != format->bit_depth);
    srt_refuse_if(v, &co3->TargetBitDepthChroma,
                  co3->TargetBitDepthChroma && co3->TargetBitDepthChroma != format->bit_depth);
}

/* The buffers of VP9 and AV1. Their sizes are those of the frame; tiles come in powers of two. */
static void check_tiles(struct srt_verdict *v, mfxU16 *tiles, mfxU16 most)
{
    srt_refuse_if(v, tiles, *tiles & (*tiles - 1));
    srt_limit(v, tiles, most);
}

/* VP9 (7.2.9, 8.4.2): tiles are at least four blocks of 64 pixels wide. */
static mfxU16 most_vp9_columns(const mfxFrameInfo *info)
{
    enum {
        LEAST_PX = 256,
        MOST = 64
    };
    mfxU16 most = 1;

    while (most < MOST && (encode_width(info) + 63) / 64 * 64 >= most * 2 * LEAST_PX)
        most *= 2;
    return most;
}

/* Do tiles of as many whole blocks each (AV1, 5.9.15) come to that number, with the large blocks and the
 * small? */
static bool divides_into(int px, mfxU16 tiles)
{
    for (int block = 64; block <= 128; block *= 2) {
        int blocks = (px + block - 1) / block;
        int each = (blocks + tiles - 1) / tiles;

        if ((blocks + each - 1) / each != tiles)
            return false;
    }
    return true;
}

static mfxU16 most_av1_tiles(int px, mfxU16 wanted)
{
    mfxU16 most = 64;

    while (most > 1 && (most > wanted || !divides_into(px, most)))
        most /= 2;
    return most;
}

static void check_vp9(struct srt_verdict *v, struct encode_params *p)
{
    mfxExtVP9Param *vp9 = &p->vp9;
    const mfxFrameInfo *info = &p->par.mfx.FrameInfo;
    mfxI16 *deltas[] = {&vp9->QIndexDeltaLumaDC, &vp9->QIndexDeltaChromaAC, &vp9->QIndexDeltaChromaDC};

    srt_refuse_if(v, &vp9->FrameWidth, vp9->FrameWidth && vp9->FrameWidth != encode_width(info));
    srt_refuse_if(v, &vp9->FrameHeight, vp9->FrameHeight && vp9->FrameHeight != encode_height(info));
    srt_refuse_if(v, &vp9->WriteIVFHeaders, !is_tristate(vp9->WriteIVFHeaders));
    for (size_t i = 0; i < 3; i++)
        if (*deltas[i]) {
            *deltas[i] = 0;
            v->refused = true;
        }
    if (!info->Width || !info->Height)
        return;
    check_tiles(v, &vp9->NumTileRows, 1); /* libvpx makes no rows */
    check_tiles(v, &vp9->NumTileColumns, most_vp9_columns(info));
}

static void check_av1(struct srt_verdict *v, struct encode_params *p)
{
    mfxExtAV1ResolutionParam *size = &p->av1_resolution;
    const mfxFrameInfo *info = &p->par.mfx.FrameInfo;

    refuse32(v, &size->FrameWidth, size->FrameWidth && size->FrameWidth != (mfxU32)encode_width(info));
    refuse32(v, &size->FrameHeight, size->FrameHeight && size->FrameHeight != (mfxU32)encode_height(info));
    srt_refuse_if(v, &p->av1_bitstream.WriteIVFHeaders, !is_tristate(p->av1_bitstream.WriteIVFHeaders));
    srt_limit(v, &p->av1_tiles.NumTileGroups, 1);
    if (!info->Width || !info->Height)
        return;
    check_tiles(v, &p->av1_tiles.NumTileRows, most_av1_tiles(encode_height(info), p->av1_tiles.NumTileRows));
    check_tiles(v, &p->av1_tiles.NumTileColumns,
                most_av1_tiles(encode_width(info), p->av1_tiles.NumTileColumns));
}

mfxStatus encode_check_options(struct encode_params *params)
{
    struct srt_verdict v = {0};

    check_rules(&v, params);
    check_coding_option(&v, params);
    check_coding_option2(&v, params);
    check_coding_option3(&v, params);
    check_vp9(&v, params);
    check_av1(&v, params);
    return srt_verdict_status(&v);
}
