/* An HEVC encoder's parameters in the words of libx265. What nobody asks for is left as its preset has it. */
#include "encode/engine.h"

#include <stdio.h>
#include <x265.h>

static bool is_on(mfxU16 option)
{
    return option == MFX_CODINGOPTION_ON;
}

static bool is_off(mfxU16 option)
{
    return option == MFX_CODINGOPTION_OFF;
}

/* Blocks no larger than a small picture. */
static void apply_picture(x265_param *param, const mfxFrameInfo *info)
{
    AVRational rate = encode_frame_rate(info);
    uint32_t block = (uint32_t)encode_largest_block(info);

    param->sourceWidth = encode_width(info);
    param->sourceHeight = encode_height(info);
    param->internalCsp = X265_CSP_I420;
    param->fpsNum = (uint32_t)rate.num;
    param->fpsDenom = (uint32_t)rate.den;
    if (param->maxCUSize > block)
        param->maxCUSize = block;
}

static void apply_colours(x265_param *param, const struct encode_params *p)
{
    const mfxExtVideoSignalInfo *s = &p->signal;
    const int unknown = AVCOL_PRI_UNSPECIFIED; /* of all three */

    param->vui.bEnableVideoSignalTypePresentFlag = 1;
    param->vui.bEnableVideoFullRangeFlag = s->Header.BufferId && s->VideoFullRange;
    if (s->Header.BufferId)
        param->vui.videoFormat = s->VideoFormat;
    if (p->chroma.ChromaLocInfoPresentFlag) {
        param->vui.bEnableChromaLocInfoPresentFlag = 1;
        param->vui.chromaSampleLocTypeTopField = p->chroma.ChromaSampleLocTypeTopField;
        param->vui.chromaSampleLocTypeBottomField = p->chroma.ChromaSampleLocTypeTopField;
    }
    if (!s->ColourDescriptionPresent || (s->ColourPrimaries == unknown && s->MatrixCoefficients == unknown &&
                                         s->TransferCharacteristics == unknown))
        return;
    param->vui.bEnableColorDescriptionPresentFlag = 1;
    param->vui.colorPrimaries = s->ColourPrimaries;
    param->vui.transferCharacteristics = s->TransferCharacteristics;
    param->vui.matrixCoeffs = s->MatrixCoefficients;
    if (s->TransferCharacteristics == AVCOL_TRC_ARIB_STD_B67) /* in an SEI as well, for HLG's old players */
        param->preferredTransferCharacteristics = s->TransferCharacteristics;
}

static void apply_bitrate(x265_param *param, const struct encode_params *p)
{
    struct encode_rates rates = encode_rates(p);

    param->rc.rateControlMode = X265_RC_ABR;
    param->rc.bitrate = (int)(rates.target / 1000);
    param->rc.vbvMaxBitrate = (int)(rates.most / 1000);
    param->rc.vbvBufferSize = rates.buffer / 1000;
    if (rates.buffer && rates.filled > 1000) /* more than 1: in kilobits, else a part of the whole */
        param->rc.vbvBufferInit = rates.filled / 1000.0;
}

static void apply_rate_control(x265_param *param, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    switch (mfx->RateControlMethod) {
    case MFX_RATECONTROL_CQP:
        param->rc.rateControlMode = X265_RC_CQP;
        param->rc.qp = mfx->QPP;
        param->rc.ipFactor = encode_step_factor(mfx->QPP - mfx->QPI);
        param->rc.pbFactor = encode_step_factor(mfx->QPB - mfx->QPP);
        break;
    case MFX_RATECONTROL_ICQ:
        param->rc.rateControlMode = X265_RC_CRF;
        param->rc.rfConstant = mfx->ICQQuality;
        break;
    default:
        apply_bitrate(param, p);
    }
    if (p->co2.MinQPP)
        param->rc.qpMin = p->co2.MinQPP;
    if (p->co2.MaxQPP)
        param->rc.qpMax = p->co2.MaxQPP;
    if (is_off(p->co2.MBBRC))
        param->rc.aqMode = X265_AQ_NONE;
}

static void apply_gop(x265_param *param, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;
    bool strict = mfx->GopOptFlag & MFX_GOP_STRICT;
    int references = encode_references(p);

    param->keyframeMax = mfx->GopPicSize;
    if (strict)
        param->keyframeMin = mfx->GopPicSize;
    param->bframes = mfx->GopRefDist - 1;
    if (references)
        param->maxNumReferences = references;
    param->bOpenGOP = !mfx->IdrInterval;
    if (strict || is_off(p->co2.AdaptiveI))
        param->scenecutThreshold = 0;
    if (strict || is_off(p->co2.AdaptiveB))
        param->bFrameAdaptive = 0;
    if (p->co2.BRefType)
        param->bBPyramid = p->co2.BRefType == MFX_B_REF_PYRAMID;
    if (p->co2.LookAheadDepth) /* it wants to see past the B frames */
        param->lookaheadDepth =
            p->co2.LookAheadDepth > mfx->GopRefDist ? p->co2.LookAheadDepth : mfx->GopRefDist + 1;
}

static void apply_tools(x265_param *param, const struct encode_params *p)
{
    if (p->co3.WeightedPred)
        param->bEnableWeightedPred = p->co3.WeightedPred == MFX_WEIGHTED_PRED_EXPLICIT;
    if (p->co3.WeightedBiPred)
        param->bEnableWeightedBiPred = p->co3.WeightedBiPred == MFX_WEIGHTED_PRED_EXPLICIT;
    if (p->co3.TransformSkip)
        param->bEnableTransformSkip = is_on(p->co3.TransformSkip);
    if (p->co2.DisableDeblockingIdc)
        param->bEnableLoopFilter = 0;
    if (p->hevc.SampleAdaptiveOffset)
        param->bEnableSAO = p->hevc.SampleAdaptiveOffset != MFX_SAO_DISABLE;
    if (p->hevc.LCUSize) {
        param->maxCUSize = p->hevc.LCUSize;
        param->maxTUSize = p->hevc.LCUSize < 32 ? p->hevc.LCUSize : 32;
    }
}

static void apply_syntax(x265_param *param, const struct encode_params *p)
{
    const mfxInfoMFX *mfx = &p->par.mfx;

    if (mfx->CodecLevel) {
        param->levelIdc = mfx->CodecLevel & ~MFX_TIER_HEVC_HIGH;
        param->bHighTier = !!(mfx->CodecLevel & MFX_TIER_HEVC_HIGH);
    }
    if (mfx->NumSlice > 1)
        param->maxSlices = mfx->NumSlice;
    if (is_on(p->co.AUDelimiter))
        param->bEnableAccessUnitDelimiters = 1;
    if (is_on(p->co.NalHrdConformance) || is_on(p->co.VuiNalHrdParameters))
        param->bEmitHRDSEI = 1;
    if (p->light.InsertPayloadToggle) {
        param->maxCLL = p->light.MaxContentLightLevel;
        param->maxFALL = p->light.MaxPicAverageLightLevel;
    }
}

/* What the library wants to read itself. */
static mfxStatus apply_text(const x265_api *api, x265_param *param, const struct encode_params *p,
                            int threads)
{
    AVRational aspect = encode_sample_aspect(&p->par.mfx.FrameInfo);
    char text[ENCODE_MASTERING_TEXT];
    int bad = 0;

    if (aspect.num) {
        (void)snprintf(text, sizeof(text), "%d:%d", aspect.num, aspect.den);
        bad |= api->param_parse(param, "sar", text);
    }
    if (threads > 0) {
        (void)snprintf(text, sizeof(text), "%d", threads);
        bad |= api->param_parse(param, "pools", text);
    }
    if (p->mastering.InsertPayloadToggle) {
        encode_mastering_text(&p->mastering, text);
        bad |= api->param_parse(param, "master-display", text);
    }
    return bad ? MFX_ERR_INVALID_VIDEO_PARAM : MFX_ERR_NONE;
}

/* It prints nothing, and writes no note about itself into the stream. */
mfxStatus encode_apply_x265(const x265_api *api, x265_param *param, const struct encode_params *params,
                            int threads)
{
    if (api->param_default_preset(param, encode_preset(&params->par.mfx), NULL) < 0)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    param->logLevel = X265_LOG_NONE;
    param->bEmitInfoSEI = 0;
    param->frameNumThreads = threads;
    apply_picture(param, &params->par.mfx.FrameInfo);
    apply_colours(param, params);
    apply_rate_control(param, params);
    apply_gop(param, params);
    apply_tools(param, params);
    apply_syntax(param, params);
    return apply_text(api, param, params, threads);
}
