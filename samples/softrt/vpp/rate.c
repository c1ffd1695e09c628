/* Frame rates: how many outputs so many pictures make, and which picture each of them shows.
 *
 * Output n shows the newest picture that is not later than it, as at the same two rates libavfilter's
 * "fps=round=up" does; that one waits for the next frame, while here no frame is waited for. */
#include "vpp/queue.h"

#include <libavutil/mathematics.h>

#define MOST_OUTPUTS 64 /* for one picture */

bool vpp_rate_is(const mfxFrameInfo *out, const mfxFrameInfo *in, mfxU64 times)
{
    return (mfxU64)out->FrameRateExtN * in->FrameRateExtD == times * in->FrameRateExtN * out->FrameRateExtD;
}

/* So many outputs for so many pictures, in least terms. False when that is beyond all reason. */
static bool ratio(const struct vpp_params *p, int64_t *outputs, int64_t *pictures)
{
    const mfxFrameInfo *in = &p->par.vpp.In;
    const mfxFrameInfo *out = &p->par.vpp.Out;
    int64_t common;

    *outputs = *pictures = 1;
    if (!in->FrameRateExtN || !out->FrameRateExtN)
        return true;
    if (__builtin_mul_overflow((int64_t)out->FrameRateExtN, (int64_t)in->FrameRateExtD, outputs) ||
        __builtin_mul_overflow((int64_t)out->FrameRateExtD, (int64_t)in->FrameRateExtN, pictures) ||
        __builtin_mul_overflow(*pictures, (int64_t)vpp_fields_out(p), pictures))
        return false;
    common = av_gcd(*outputs, *pictures);
    *outputs /= common;
    *pictures /= common;
    return *outputs / *pictures <= MOST_OUTPUTS;
}

/* Frames are dropped and repeated. Where interpolation is asked for, that is what is done, and said. */
static void check_algorithm(struct srt_verdict *v, mfxExtVPPFrameRateConversion *rate)
{
    const mfxU16 stamps = MFX_FRCALGM_PRESERVE_TIMESTAMP | MFX_FRCALGM_DISTRIBUTED_TIMESTAMP;
    mfxU16 chosen = rate->Algorithm & stamps;

    if (rate->Algorithm & ~(stamps | MFX_FRCALGM_FRAME_INTERPOLATION) || chosen == stamps) {
        srt_refuse(v, &rate->Algorithm);
        return;
    }
    if (rate->Algorithm & MFX_FRCALGM_FRAME_INTERPOLATION)
        srt_mend(v, &rate->Algorithm, chosen ? chosen : MFX_FRCALGM_PRESERVE_TIMESTAMP);
}

void vpp_rate_check(struct srt_verdict *v, struct vpp_params *p)
{
    mfxFrameInfo *out = &p->par.vpp.Out;
    int64_t outputs;
    int64_t pictures;

    check_algorithm(v, &p->rate);
    if (ratio(p, &outputs, &pictures) && (outputs == pictures || !(p->excluded & VPP_RATE)))
        return;
    out->FrameRateExtN = out->FrameRateExtD = 0;
    v->refused = true;
}

void vpp_rate_plan(struct vpp_plan *plan, const struct vpp_params *p)
{
    (void)ratio(p, &plan->outputs, &plan->pictures); /* vpp_rate_check has seen it */
    plan->distributes = p->rate.Algorithm & MFX_FRCALGM_DISTRIBUTED_TIMESTAMP;
}

int64_t vpp_rate_outputs(const struct vpp_plan *plan, int64_t pictures)
{
    return av_rescale_rnd(pictures, plan->outputs, plan->pictures, AV_ROUND_UP);
}

int64_t vpp_rate_picture(const struct vpp_plan *plan, int64_t output)
{
    return av_rescale_rnd(output, plan->pictures, plan->outputs, AV_ROUND_DOWN);
}

/* Repeats have no time of their own, unless all times are made anew. */
mfxU64 vpp_rate_stamp(const struct vpp_plan *plan, const mfxFrameInfo *out, const struct vpp_timing *t)
{
    if (!plan->distributes || plan->outputs == plan->pictures)
        return t->repeats ? (mfxU64)MFX_TIMESTAMP_UNKNOWN : t->stamp;
    if (t->first_stamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN)
        return t->first_stamp;
    return t->first_stamp +
           (mfxU64)av_rescale(t->output, (int64_t)out->FrameRateExtD * 90000, out->FrameRateExtN);
}
