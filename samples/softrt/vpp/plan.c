/* How a set of complete parameters is carried out: colours, scaling, filters. */
#include "vpp/vpp.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

/* libswscale's numbers for matrices are those of the standards. */
static int matrix_of(mfxU16 transfer, const mfxExtVideoSignalInfo *signal, int otherwise)
{
    if (signal->ColourDescriptionPresent && signal->MatrixCoefficients != AVCOL_SPC_UNSPECIFIED)
        return signal->MatrixCoefficients;
    if (transfer == MFX_TRANSFERMATRIX_BT709)
        return SWS_CS_ITU709;
    return transfer == MFX_TRANSFERMATRIX_BT601 ? SWS_CS_ITU601 : otherwise;
}

static bool range_of(mfxU16 nominal, const mfxExtVideoSignalInfo *signal, bool otherwise)
{
    if (signal->Header.BufferId)
        return signal->VideoFullRange;
    return nominal ? nominal == MFX_NOMINALRANGE_0_255 : otherwise;
}

/* Nothing said: BT.601 of limited range coming in, and going out as it came in. */
static void plan_colours(struct srt_conversion *c, const struct vpp_params *p, bool rgb_in)
{
    bool rgb_out = p->par.vpp.Out.FourCC == MFX_FOURCC_RGB4;

    c->from.matrix = matrix_of(p->signal.In.TransferMatrix, &p->signal_in, SWS_CS_ITU601);
    c->from.full_range = rgb_in || range_of(p->signal.In.NominalRange, &p->signal_in, false);
    c->to.matrix =
        matrix_of(p->signal.Out.TransferMatrix, &p->signal_out, rgb_in ? SWS_CS_ITU601 : c->from.matrix);
    c->to.full_range =
        rgb_out || range_of(p->signal.Out.NominalRange, &p->signal_out, rgb_in ? false : c->from.full_range);
    if (rgb_in) /* RGB has no matrix: the other side's counts */
        c->from.matrix = c->to.matrix;
    if (rgb_out)
        c->to.matrix = c->from.matrix;
}

/* What the output's numbers mean is one and the same for all streams. */
static void plan_composition(struct vpp_plan *plan, const struct vpp_params *p)
{
    plan->streams = p->composite.NumInputStream;
    plan->conversion.threads = 1; /* there is a converter for each stream */
    plan->mixed = plan->conversion;
    plan_colours(&plan->mixed, p, p->par.vpp.In.FourCC != MFX_FOURCC_RGB4);
    plan->mixed.to = plan->conversion.to;
    if (p->par.vpp.In.FourCC != MFX_FOURCC_RGB4)
        plan->mixed.from.matrix = plan->conversion.to.matrix;
}

static int scaler_flags(const mfxExtVPPScaling *s)
{
    switch (s->InterpolationMethod) {
    case MFX_INTERPOLATION_NEAREST_NEIGHBOR:
        return SWS_POINT;
    case MFX_INTERPOLATION_BILINEAR:
        return SWS_BILINEAR;
    case MFX_INTERPOLATION_ADVANCED:
        return SWS_LANCZOS;
    default:
        break;
    }
    switch (s->ScalingMode) {
    case MFX_SCALING_MODE_LOWPOWER:
        return SWS_BILINEAR;
    case MFX_SCALING_MODE_QUALITY:
        return SWS_LANCZOS;
    default:
        return SWS_BICUBIC;
    }
}

/* Cropping comes first and last, as the surfaces' own business; then fields become pictures, these are
 * filtered and turned, and what comes of it is scaled and converted in one. */
void vpp_plan_make(struct vpp_plan *plan, const struct vpp_params *p, int threads)
{
    const mfxFrameInfo *in = &p->par.vpp.In;
    bool turned = vpp_filters_turn(p);

    *plan = (struct vpp_plan){.fields_out = 1};
    plan->conversion.flags = scaler_flags(&p->scaling);
    plan->conversion.threads = threads;
    plan_colours(&plan->conversion, p, in->FourCC == MFX_FOURCC_RGB4);
    vpp_deinterlacing_plan(plan, p);
    vpp_rate_plan(plan, p);
    vpp_filters_plan(plan, p);
    plan->filtered.width = turned ? vpp_height(in) : vpp_width(in);
    plan->filtered.height = turned ? vpp_width(in) : vpp_height(in);
    if (p->composite.Header.BufferId)
        plan_composition(plan, p);
    if (!plan->chain[0])
        plan->filtered.format = srt_pixel_format_find(in->FourCC)->pix_fmt;
}
