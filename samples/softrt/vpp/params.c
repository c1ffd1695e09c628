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
    {MFX_EXTBUFF_VPP_DENOISE, sizeof(mfxExtVPPDenoise), offsetof(struct vpp_params, denoise)},
    {MFX_EXTBUFF_VPP_DENOISE2, sizeof(mfxExtVPPDenoise2), offsetof(struct vpp_params, denoise2)},
    {MFX_EXTBUFF_VPP_DETAIL, sizeof(mfxExtVPPDetail), offsetof(struct vpp_params, detail)},
    {MFX_EXTBUFF_VPP_PROCAMP, sizeof(mfxExtVPPProcAmp), offsetof(struct vpp_params, procamp)},
    {MFX_EXTBUFF_VPP_ROTATION, sizeof(mfxExtVPPRotation), offsetof(struct vpp_params, rotation)},
    {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mfxExtVPPMirroring), offsetof(struct vpp_params, mirroring)},
    {MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, sizeof(mfxExtVPPFrameRateConversion),
     offsetof(struct vpp_params, rate)},
};
static const struct srt_ext_table table = {fields, sizeof(fields) / sizeof(fields[0])};

/* Filters by their names; those without a bit are always there. */
static const struct {
    mfxU32 id;
    unsigned bit;
} names[] = {
    {MFX_EXTBUFF_VPP_SCALING, 0},
    {MFX_EXTBUFF_VPP_COLOR_CONVERSION, 0},
    {MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, 0},
    {MFX_EXTBUFF_VPP_DEINTERLACING, VPP_DEINTERLACING},
    {MFX_EXTBUFF_VPP_DENOISE2, VPP_DENOISE},
    {MFX_EXTBUFF_VPP_DENOISE, VPP_DENOISE},
    {MFX_EXTBUFF_VPP_DETAIL, VPP_DETAIL},
    {MFX_EXTBUFF_VPP_PROCAMP, VPP_PROCAMP},
    {MFX_EXTBUFF_VPP_ROTATION, VPP_ROTATION},
    {MFX_EXTBUFF_VPP_MIRRORING, VPP_MIRRORING},
    {MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, VPP_RATE},
};

bool vpp_wants(const struct vpp_params *p, enum vpp_filter filter)
{
    bool attached = false;

    switch (filter) {
    case VPP_DEINTERLACING:
        attached = p->deinterlacing.Header.BufferId;
        break;
    case VPP_DENOISE:
        attached = p->denoise.Header.BufferId || p->denoise2.Header.BufferId;
        break;
    case VPP_DETAIL:
        attached = p->detail.Header.BufferId;
        break;
    case VPP_PROCAMP:
        attached = p->procamp.Header.BufferId;
        break;
    case VPP_ROTATION:
        attached = p->rotation.Header.BufferId;
        break;
    case VPP_MIRRORING:
        attached = p->mirroring.Header.BufferId;
        break;
    case VPP_RATE:
        attached = p->rate.Header.BufferId;
        break;
    }
    return !(p->excluded & filter) && (attached || p->asked & filter);
}

/* The filters of a list. MFX_ERR_UNSUPPORTED when one of them is not there, which for those not to use is no
 * fault. */
static mfxStatus gather_list(const mfxU32 *list, mfxU32 count, unsigned *bits)
{
    mfxStatus status = MFX_ERR_NONE;

    if (count && !list)
        return MFX_ERR_NULL_PTR;
    for (mfxU32 i = 0; i < count; i++) {
        size_t k = 0;

        while (k < sizeof(names) / sizeof(names[0]) && names[k].id != list[i])
            k++;
        if (k < sizeof(names) / sizeof(names[0]))
            *bits |= names[k].bit;
        else
            status = MFX_ERR_UNSUPPORTED;
    }
    return status;
}

static mfxStatus gather_do_not_use(struct vpp_params *out, const mfxExtVPPDoNotUse *list)
{
    mfxStatus status;

    if (list->Header.BufferSz != sizeof(*list))
        return MFX_ERR_UNSUPPORTED;
    status = gather_list(list->AlgList, list->NumAlg, &out->excluded);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_NONE : status;
}

static mfxStatus gather_do_use(struct vpp_params *out, const mfxExtVPPDoUse *list)
{
    if (list->Header.BufferSz != sizeof(*list))
        return MFX_ERR_UNSUPPORTED;
    return gather_list(list->AlgList, list->NumAlg, &out->asked);
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
        return gather_do_use(out, (const mfxExtVPPDoUse *)buffer);
    if (buffer->BufferId == MFX_EXTBUFF_ALLOCATION_HINTS)
        return gather_hints(out, (const mfxExtAllocationHints *)buffer);
    if (buffer->BufferId == MFX_EXTBUFF_VPP_COMPOSITE)
        return vpp_composite_gather(out, (const mfxExtVPPComposite *)buffer);
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
    mfxExtBuffer *composite;

    *to = from->par;
    to->ExtParam = buffers;
    to->NumExtParam = count;
    srt_ext_scatter(&table, from, buffers, count);
    composite = srt_ext_buffer(buffers, count, MFX_EXTBUFF_VPP_COMPOSITE);
    if (composite && composite->BufferSz == sizeof(mfxExtVPPComposite))
        vpp_composite_scatter(from, (mfxExtVPPComposite *)composite);
    scatter_hints(from, to);
}

/* The filter as it is asked for, since there are two names for one of them. */
static bool is_active(const struct vpp_params *p, mfxU32 id, unsigned bit)
{
    const mfxFrameInfo *in = &p->par.vpp.In;
    const mfxFrameInfo *out = &p->par.vpp.Out;

    switch (id) {
    case MFX_EXTBUFF_VPP_SCALING:
        return vpp_width(in) != vpp_width(out) || vpp_height(in) != vpp_height(out);
    case MFX_EXTBUFF_VPP_COLOR_CONVERSION:
        return in->FourCC != out->FourCC;
    case MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO:
        return p->signal.Header.BufferId;
    case MFX_EXTBUFF_VPP_DEINTERLACING:
        return vpp_deinterlaces(p);
    case MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION:
        return in->FrameRateExtN && !vpp_rate_is(out, in, (mfxU64)vpp_fields_out(p));
    case MFX_EXTBUFF_VPP_DENOISE:
        return vpp_wants(p, VPP_DENOISE) && p->denoise.Header.BufferId;
    case MFX_EXTBUFF_VPP_DENOISE2:
        return vpp_wants(p, VPP_DENOISE) && !p->denoise.Header.BufferId;
    default:
        return vpp_wants(p, (enum vpp_filter)bit);
    }
}

void vpp_params_list_active(const struct vpp_params *p, const mfxVideoParam *to)
{
    mfxExtVPPDoUse *list =
        (mfxExtVPPDoUse *)srt_ext_buffer(to->ExtParam, to->NumExtParam, MFX_EXTBUFF_VPP_DOUSE);
    mfxU32 room;

    if (!list || list->Header.BufferSz != sizeof(*list))
        return;
    room = list->AlgList ? list->NumAlg : 0;
    list->NumAlg = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!is_active(p, names[i].id, names[i].bit))
            continue;
        if (list->NumAlg < room)
            list->AlgList[list->NumAlg] = names[i].id;
        list->NumAlg++;
    }
    if (p->composite.Header.BufferId) {
        if (list->NumAlg < room)
            list->AlgList[list->NumAlg] = MFX_EXTBUFF_VPP_COMPOSITE;
        list->NumAlg++;
    }
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
    params->denoise.DenoiseFactor = params->denoise2.Strength = params->detail.DetailFactor = 1;
    params->denoise2.Mode = MFX_DENOISE_MODE_INTEL_HVS_PRE_MANUAL;
    params->procamp.Brightness = params->procamp.Contrast = 1;
    params->procamp.Hue = params->procamp.Saturation = 1;
    params->rate.Algorithm = 1;
    params->composite.NumInputStream = VPP_MOST_STREAMS;
    params->composite.Y = params->composite.U = params->composite.V = params->composite.NumTiles = 1;
    params->rotation.Angle = params->mirroring.Type = 1;
}
