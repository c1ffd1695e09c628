/* Frame rates: how many outputs so many pictures make, and which picture each of them shows.
 *
 * Output n shows the newest picture that is not later than it, as at the same two rates libavfilter's
 * "fps=round=up" does; that one waits for the next frame, while here no frame is waited for. */
#include "vpp/queue.h"

#include <libavutil/mathematics.h>

bool vpp_rate_is(const mfxFrameInfo *out, const mfxFrameInfo *in, mfxU64 times)
{
    return (mfxU64)out->FrameRateExtN * in->FrameRateExtD == times * in->FrameRateExtN * out->FrameRateExtD;
}

int64_t vpp_rate_outputs(const struct vpp_plan *plan, int64_t pictures)
{
    return av_rescale_rnd(pictures, plan->outputs, plan->pictures, AV_ROUND_UP);
}

int64_t vpp_rate_picture(const struct vpp_plan *plan, int64_t output)
{
    return av_rescale_rnd(output, plan->pictures, plan->outputs, AV_ROUND_DOWN);
}
