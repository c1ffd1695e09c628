/* Deinterlacing: when it is done, what of its modes can be done, and by which filter of libavfilter. */
#include "vpp/vpp.h"

#include <stdio.h>

bool vpp_is_interlaced(const mfxFrameInfo *info)
{
    return info->PicStruct == MFX_PICSTRUCT_FIELD_TFF || info->PicStruct == MFX_PICSTRUCT_FIELD_BFF;
}

void vpp_deinterlacing_check(struct srt_verdict *v, mfxExtVPPDeinterlacing *d)
{
    switch (d->Mode) {
    case 0:
    case MFX_DEINTERLACING_BOB:
    case MFX_DEINTERLACING_ADVANCED:
    case MFX_DEINTERLACING_AUTO_DOUBLE:
    case MFX_DEINTERLACING_AUTO_SINGLE:
    case MFX_DEINTERLACING_FULL_FR_OUT:
    case MFX_DEINTERLACING_HALF_FR_OUT:
    case MFX_DEINTERLACING_ADVANCED_NOREF:
        break;
    default:
        srt_refuse(v, &d->Mode);
    }
    srt_refuse_if(v, &d->TelecinePattern, d->TelecinePattern);
    srt_refuse_if(v, &d->TelecineLocation, d->TelecineLocation);
}

bool vpp_deinterlaces(const struct vpp_params *p)
{
    const mfxFrameInfo *in = &p->par.vpp.In;
    const mfxFrameInfo *out = &p->par.vpp.Out;
    bool asked = vpp_wants(p, VPP_DEINTERLACING);
    bool may_be_interlaced = vpp_is_interlaced(in) || (asked && !in->PicStruct);

    if (p->excluded & VPP_DEINTERLACING || vpp_is_interlaced(out))
        return false;
    return may_be_interlaced && (asked || out->PicStruct == MFX_PICSTRUCT_PROGRESSIVE);
}

static bool mode_doubles(mfxU16 mode)
{
    return mode == MFX_DEINTERLACING_AUTO_DOUBLE || mode == MFX_DEINTERLACING_FULL_FR_OUT;
}

/* A picture for each field where that alone makes the output's rate; else where the mode says so, unless a
 * picture a frame does. */
int vpp_fields_out(const struct vpp_params *p)
{
    const mfxFrameInfo *in = &p->par.vpp.In;
    const mfxFrameInfo *out = &p->par.vpp.Out;

    if (!vpp_deinterlaces(p))
        return 1;
    if (in->FrameRateExtN && out->FrameRateExtN) {
        if (vpp_rate_is(out, in, 2))
            return 2;
        if (vpp_rate_is(out, in, 1))
            return 1;
    }
    return mode_doubles(p->deinterlacing.Mode) ? 2 : 1;
}

/* Modes without reference frames are spatial only: estdif; the others look at the neighbouring frames: bwdif.
 * Both number their options alike: mode 0 is one picture a frame, 1 one a field. */
void vpp_deinterlacing_plan(struct vpp_plan *plan, const struct vpp_params *p)
{
    mfxU16 mode = p->deinterlacing.Mode;
    bool spatial = mode == MFX_DEINTERLACING_BOB || mode == MFX_DEINTERLACING_ADVANCED_NOREF;

    plan->fields_out = vpp_fields_out(p);
    plan->deinterlaces = vpp_deinterlaces(p);
    if (plan->deinterlaces)
        (void)snprintf(plan->chain, sizeof(plan->chain), "%s=mode=%d:parity=auto:deint=%s",
                       spatial ? "estdif" : "bwdif", plan->fields_out == 2 ? 1 : 0,
                       plan->fields_out == 1 ? "interlaced" : "all");
}
