/* Between what an application hands over (mfxVideoParam with extension buffers) and struct vpp_params. */
#include "surface/own.h"
#include "vpp/vpp.h"

#include <string.h>

static const struct srt_ext_field fields[] = {
    {MFX_EXTBUFF_VPP_SCALING, sizeof(mfxExtVPPScaling), offsetof(struct vpp_params, scaling)},
    {MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(mfxExtVPPDeinterlacing),
     offsetof(struct vpp_params, deinterlacing)},
    {MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, sizeof(mfxExtVPPVideoSignalInfo),
     offsetof(struct vpp_params, signal)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO_IN, sizeof(mfxExtVideoSignalInfo), offsetof(struct vpp_params, signal_in)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO_OUT, sizeof(mfxExtVideoSignalInfo),
     offsetof(struct vpp_params, signal_out)},
    {MFX_EXTBUFF_VPP_COLOR_CONVERSION, sizeof(mfxExtColorConversion), offsetof(struct vpp_params, siting)},
    {MFX_EXTBUFF_VPP_ROTATION, sizeof(mfxExtVPPRotation), offsetof(struct vpp_params, rotation)},
    {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mfxExtVPPMirroring), offsetof(struct vpp_params, mirroring)},
    {MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, sizeof(mfxExtVPPFrameRateConversion),
     offsetof(struct vpp_params, rate)},
};
static const struct srt_ext_table table = {fields, sizeof(fields) / sizeof(fields[0])};

/* Filters an application may ask for by name alone. */
static bool can_do(mfxU32 filter)
{
    return filter == MFX_EXTBUFF_VPP_SCALING || filter == MFX_EXTBUFF_VPP_DEINTERLACING ||
           filter == MFX_EXTBUFF_VPP_COLOR_CONVERSION || filter == MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO;
}

/* Everything but resizing and conversion is off unless asked for, so of the filters not to use only one
 * matters. */
static mfxStatus gather_do_not_use(struct vpp_params *out, const mfxExtVPPDoNotUse *list)
{
    if (list->Header.BufferSz != sizeof(*list))
        return MFX_ERR_UNSUPPORTED;
    if (list->NumAlg && !list->AlgList)
        return MFX_ERR_NULL_PTR;
    for (mfxU32 i = 0; i < list->NumAlg; i++)
        if (list->AlgList[i] == MFX_EXTBUFF_VPP_DEINTERLACING)
            out->no_deinterlacing = true;
    return MFX_ERR_NONE;
}

static mfxStatus gather_do_use(const mfxExtVPPDoUse *list)
{
    if (list->Header.BufferSz != sizeof(*list))
        return MFX_ERR_UNSUPPORTED;
    if (list->NumAlg && !list->AlgList)
        return MFX_ERR_NULL_PTR;
    for (mfxU32 i = 0; i < list->NumAlg; i++)
        if (!can_do(list->AlgList[i]))
            return MFX_ERR_UNSUPPORTED;
    return MFX_ERR_NONE;
}

/* One for each side: two are no more than that. */
static mfxStatus gather_hints(struct vpp_params *out, const mfxExtAllocationHints *hints)
{
    mfxExtAllocationHints *copy;

    if (hints->Header.BufferSz != sizeof(*hints) || !srt_own_hints_valid(hints))
        return MFX_ERR_UNSUPPORTED;
    copy = &out->hints[hints->VPPPoolType];
    if (copy->Header.BufferId)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    *copy = *hints;
    return MFX_ERR_NONE;
}

/* The side asked for by VPPPoolType. */
static void scatter_hints(const struct vpp_params *from, const mfxVideoParam *to)
{
    for (mfxU16 i = 0; to->ExtParam && i < to->NumExtParam; i++) {
        mfxExtAllocationHints *hints = (mfxExtAllocationHints *)to->ExtParam[i];
        mfxExtBuffer header;

        if (!hints || hints->Header.BufferId != MFX_EXTBUFF_ALLOCATION_HINTS ||
            hints->Header.BufferSz != sizeof(*hints) || (mfxU32)hints->VPPPoolType > MFX_VPP_POOL_OUT)
            continue;
        header = hints->Header;
        mfxVPPPoolType side = hints->VPPPoolType;
        *hints = from->hints[side];
        hints->Header = header;
        hints->VPPPoolType = side;
    }
}

static mfxStatus gather_buffer(struct vpp_params *out, const mfxExtBuffer *buffer)
{
    mfxStatus status;

    if (!buffer)
        return MFX_ERR_NULL_PTR;
    if (buffer->BufferId == MFX_EXTBUFF_VPP_DONOTUSE)
        return gather_do_not_use(out, (const mfxExtVPPDoNotUse *)buffer);
    if (buffer->BufferId == MFX_EXTBUFF_VPP_DOUSE)
        return gather_do_use((const mfxExtVPPDoUse *)buffer);
    if (buffer->BufferId == MFX_EXTBUFF_ALLOCATION_HINTS)
        return gather_hints(out, (const mfxExtAllocationHints *)buffer);
    status = srt_ext_gather(&table, out, buffer);
    return status == MFX_ERR_NOT_FOUND ? MFX_ERR_UNSUPPORTED : status;
}

mfxStatus vpp_params_gather(struct vpp_params *out, const mfxVideoParam *from)
{
    mfxStatus status = MFX_ERR_NONE;

    memset(out, 0, sizeof(*out));
    out->par = *from;
    out->par.ExtParam = NULL;
    out->par.NumExtParam = 0;
    if (from->NumExtParam && !from->ExtParam)
        return MFX_ERR_NULL_PTR;
    for (mfxU16 i = 0; i < from->NumExtParam; i++)
        status = srt_worse(status, gather_buffer(out, from->ExtParam[i]));
    return status;
}

void vpp_params_scatter(const struct vpp_params *from, mfxVideoParam *to)
{
    mfxExtBuffer **buffers = to->ExtParam;
    mfxU16 count = to->NumExtParam;

    *to = from->par;
    to->ExtParam = buffers;
    to->NumExtParam = count;
    srt_ext_scatter(&table, from, buffers, count);
    scatter_hints(from, to);
}

static void configurable_frame(mfxFrameInfo *info)
{
    info->FourCC = 1;
    info->ChromaFormat = 1;
    info->BitDepthLuma = info->BitDepthChroma = info->Shift = 1;
    info->Width = info->Height = 1;
    info->CropX = info->CropY = info->CropW = info->CropH = 1;
    info->FrameRateExtN = info->FrameRateExtD = 1;
    info->AspectRatioW = info->AspectRatioH = 1;
    info->PicStruct = 1;
}

void vpp_params_configurable(struct vpp_params *params)
{
    memset(params, 0, sizeof(*params));
    params->par.AsyncDepth = 1;
    params->par.IOPattern = 1;
    configurable_frame(&params->par.vpp.In);
    configurable_frame(&params->par.vpp.Out);
    params->scaling.ScalingMode = params->scaling.InterpolationMethod = 1;
    params->deinterlacing.Mode = 1;
    params->signal.In.TransferMatrix = params->signal.In.NominalRange = 1;
    params->signal.Out.TransferMatrix = params->signal.Out.NominalRange = 1;
    params->signal_in.VideoFullRange = params->signal_in.ColourDescriptionPresent = 1;
    params->signal_in.MatrixCoefficients = 1;
    params->signal_out = params->signal_in;
}
