/* Between what an application hands over (mfxVideoParam with extension buffers) and struct encode_params. */
#include "encode/encode.h"

#include <string.h>

static const struct srt_ext_field fields[] = {
    {MFX_EXTBUFF_CODING_OPTION, sizeof(mfxExtCodingOption), offsetof(struct encode_params, co)},
    {MFX_EXTBUFF_CODING_OPTION2, sizeof(mfxExtCodingOption2), offsetof(struct encode_params, co2)},
    {MFX_EXTBUFF_CODING_OPTION3, sizeof(mfxExtCodingOption3), offsetof(struct encode_params, co3)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(mfxExtVideoSignalInfo), offsetof(struct encode_params, signal)},
    {MFX_EXTBUFF_MASTERING_DISPLAY_COLOUR_VOLUME, sizeof(mfxExtMasteringDisplayColourVolume),
     offsetof(struct encode_params, mastering)},
    {MFX_EXTBUFF_CONTENT_LIGHT_LEVEL_INFO, sizeof(mfxExtContentLightLevelInfo),
     offsetof(struct encode_params, light)},
    {MFX_EXTBUFF_ENCODER_RESET_OPTION, sizeof(mfxExtEncoderResetOption),
     offsetof(struct encode_params, reset)},
    {ENCODE_EXTBUFF_MULTI_FRAME, sizeof(struct encode_multi_frame),
     offsetof(struct encode_params, multi_frame)},
    {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(mfxExtAllocationHints), offsetof(struct encode_params, hints)},
    {MFX_EXTBUFF_CHROMA_LOC_INFO, sizeof(mfxExtChromaLocInfo), offsetof(struct encode_params, chroma)},
    {MFX_EXTBUFF_HYPER_MODE_PARAM, sizeof(mfxExtHyperModeParam), offsetof(struct encode_params, hyper)},
    {MFX_EXTBUFF_HEVC_PARAM, sizeof(mfxExtHEVCParam), offsetof(struct encode_params, hevc)},
    {MFX_EXTBUFF_HEVC_TILES, sizeof(mfxExtHEVCTiles), offsetof(struct encode_params, hevc_tiles)},
    {MFX_EXTBUFF_VP9_PARAM, sizeof(mfxExtVP9Param), offsetof(struct encode_params, vp9)},
    {MFX_EXTBUFF_AV1_BITSTREAM_PARAM, sizeof(mfxExtAV1BitstreamParam),
     offsetof(struct encode_params, av1_bitstream)},
    {MFX_EXTBUFF_AV1_RESOLUTION_PARAM, sizeof(mfxExtAV1ResolutionParam),
     offsetof(struct encode_params, av1_resolution)},
    {MFX_EXTBUFF_AV1_TILE_PARAM, sizeof(mfxExtAV1TileParam), offsetof(struct encode_params, av1_tiles)},
};
static const struct srt_ext_table table = {fields, sizeof(fields) / sizeof(fields[0])};

/* The parameter sets are an output of GetVideoParam. Coming in with bytes they would mean "write these
 * instead". */
static bool is_empty_header_buffer(const mfxExtBuffer *buffer)
{
    if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_SPSPPS &&
        buffer->BufferSz == sizeof(mfxExtCodingOptionSPSPPS)) {
        const mfxExtCodingOptionSPSPPS *sets = (const mfxExtCodingOptionSPSPPS *)buffer;
        return !sets->SPSBuffer && !sets->PPSBuffer;
    }
    if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_VPS &&
        buffer->BufferSz == sizeof(mfxExtCodingOptionVPS))
        return !((const mfxExtCodingOptionVPS *)buffer)->VPSBuffer;
    return false;
}

static mfxStatus gather_buffer(struct encode_params *out, const mfxVideoParam *from, mfxU16 index)
{
    const mfxExtBuffer *buffer = from->ExtParam[index];
    mfxStatus status = buffer ? srt_ext_gather(&table, out, buffer) : MFX_ERR_NULL_PTR;

    if (status != MFX_ERR_NOT_FOUND)
        return status;
    if (!is_empty_header_buffer(buffer))
        return MFX_ERR_UNSUPPORTED;
    return srt_ext_buffer(from->ExtParam, index, buffer->BufferId) ? MFX_ERR_UNDEFINED_BEHAVIOR
                                                                   : MFX_ERR_NONE;
}

mfxStatus encode_params_gather(struct encode_params *out, const mfxVideoParam *from)
{
    mfxStatus status = MFX_ERR_NONE;

    memset(out, 0, sizeof(*out));
    out->par = *from;
    out->par.ExtParam = NULL;
    out->par.NumExtParam = 0;
    if (from->NumExtParam && !from->ExtParam)
        return MFX_ERR_NULL_PTR;
    for (mfxU16 i = 0; i < from->NumExtParam; i++)
        status = srt_worse(status, gather_buffer(out, from, i));
    return status;
}

void encode_params_scatter(const struct encode_params *from, mfxVideoParam *to)
{
    mfxExtBuffer **buffers = to->ExtParam;
    mfxU16 count = to->NumExtParam;

    *to = from->par;
    to->ExtParam = buffers;
    to->NumExtParam = count;
    srt_ext_scatter(&table, from, buffers, count);
}

static void configurable_frame(mfxFrameInfo *info, bool video)
{
    info->FourCC = 1;
    info->ChromaFormat = 1;
    info->BitDepthLuma = info->BitDepthChroma = info->Shift = video;
    info->Width = info->Height = 1;
    info->CropX = info->CropY = info->CropW = info->CropH = 1;
    info->FrameRateExtN = info->FrameRateExtD = 1;
    info->AspectRatioW = info->AspectRatioH = 1;
    info->PicStruct = 1;
}

static void configurable_video(mfxInfoMFX *mfx)
{
    mfx->BRCParamMultiplier = 1;
    mfx->CodecProfile = mfx->CodecLevel = 1;
    mfx->TargetUsage = 1;
    mfx->GopPicSize = mfx->GopRefDist = mfx->GopOptFlag = mfx->IdrInterval = 1;
    mfx->RateControlMethod = 1;
    mfx->InitialDelayInKB = mfx->BufferSizeInKB = mfx->TargetKbps = mfx->MaxKbps = 1;
    mfx->NumSlice = mfx->NumRefFrame = 1;
}

/* Of AVC and HEVC. */
static void configurable_options(struct encode_params *p, bool avc)
{
    p->co.CAVLC = p->co.NalHrdConformance = p->co.VuiNalHrdParameters = p->co.PicTimingSEI = avc;
    p->co.AUDelimiter = 1;
    p->co2.MaxSliceSize = p->co2.NumMbPerSlice = p->co2.FixedFrameRate = avc;
    p->co2.LookAheadDepth = p->co2.MBBRC = p->co2.Trellis = p->co2.BRefType = 1;
    p->co2.AdaptiveB = p->co2.DisableDeblockingIdc = 1;
    p->co2.MinQPI = p->co2.MinQPP = p->co2.MinQPB = p->co2.MaxQPI = p->co2.MaxQPP = p->co2.MaxQPB = 1;
    p->co3.NumSliceI = p->co3.NumSliceP = p->co3.NumSliceB = 1;
    p->co3.WeightedPred = p->co3.WeightedBiPred = 1;
    p->co3.TransformSkip = !avc;
    p->mastering.InsertPayloadToggle = p->light.InsertPayloadToggle = 1;
    p->chroma.ChromaLocInfoPresentFlag = p->chroma.ChromaSampleLocTypeTopField = 1;
    p->chroma.ChromaSampleLocTypeBottomField = 1;
    p->hevc.SampleAdaptiveOffset = p->hevc.LCUSize = !avc;
}

static void configurable_mpeg2(struct encode_params *p)
{
    p->co2.AdaptiveB = 1;
    p->co2.MinQPI = p->co2.MinQPP = p->co2.MinQPB = p->co2.MaxQPI = p->co2.MaxQPP = p->co2.MaxQPB = 1;
}

static void configurable_vpx(struct encode_params *p)
{
    p->co2.LookAheadDepth = p->co2.MBBRC = 1;
    p->vp9.WriteIVFHeaders = p->vp9.NumTileRows = p->vp9.NumTileColumns = 1;
    p->av1_bitstream.WriteIVFHeaders = 1;
    p->av1_tiles.NumTileRows = p->av1_tiles.NumTileColumns = 1;
}

void encode_params_configurable(struct encode_params *params, mfxU32 codec)
{
    memset(params, 0, sizeof(*params));
    params->par.AsyncDepth = 1;
    params->par.IOPattern = 1;
    params->par.mfx.CodecId = codec;
    params->par.mfx.NumThread = 1;
    configurable_frame(&params->par.mfx.FrameInfo, codec != MFX_CODEC_JPEG);
    if (codec == MFX_CODEC_JPEG) {
        params->par.mfx.CodecProfile = 1;
        params->par.mfx.Interleaved = params->par.mfx.Quality = 1;
        return;
    }
    configurable_video(&params->par.mfx);
    if (codec == MFX_CODEC_MPEG2)
        configurable_mpeg2(params);
    else if (codec == MFX_CODEC_AVC || codec == MFX_CODEC_HEVC)
        configurable_options(params, codec == MFX_CODEC_AVC);
    else
        configurable_vpx(params);
    params->co2.AdaptiveI = 1;
    params->reset.StartNewSequence = 1;
    params->multi_frame.MFMode = 1;
    params->signal.VideoFormat = params->signal.VideoFullRange = params->signal.ColourDescriptionPresent = 1;
    params->signal.ColourPrimaries = params->signal.TransferCharacteristics = 1;
    params->signal.MatrixCoefficients = 1;
}
