/* An application's time stamps, found again by the number of the frame.
 *
 * The libraries are given frame numbers for time stamps: rate control then sees the nominal frame rate, and
 * no application can upset them with stamps that repeat or run backwards. What comes out is translated here.
 */
#include "encode/encode.h"

#include <string.h>

void encode_times_start(struct encode_times *times, const mfxFrameInfo *info)
{
    memset(times, 0, sizeof(*times));
    times->rate_num = info->FrameRateExtN ? info->FrameRateExtN : 30;
    times->rate_den = info->FrameRateExtD ? info->FrameRateExtD : 1;
}

/* That many frame durations in 90 kHz, rounded to the nearest. */
static mfxU64 duration(const struct encode_times *times, mfxU64 frames)
{
    return (frames * 90000U * times->rate_den + times->rate_num / 2) / times->rate_num;
}

void encode_times_add(struct encode_times *times, mfxU64 stamp)
{
    if (stamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN)
        stamp = times->next ? times->stamps[(times->next - 1) % ENCODE_TIMES] + duration(times, 1) : 0;
    times->stamps[times->next % ENCODE_TIMES] = stamp;
    times->next++;
}

void encode_times_restart(struct encode_times *times)
{
    times->base = times->next;
}

mfxU64 encode_times_pts(const struct encode_times *times, int64_t frame)
{
    frame += times->base;
    return times->stamps[frame > 0 ? frame % ENCODE_TIMES : 0];
}

/* Before the first frame there are none to look up: pictures decoded that early count back from it. The first
 * packets come before frame ENCODE_TIMES overwrites it. */
mfxI64 encode_times_dts(const struct encode_times *times, int64_t frame)
{
    frame += times->base;
    if (frame >= 0)
        return (mfxI64)times->stamps[frame % ENCODE_TIMES];
    return (mfxI64)(times->stamps[0] - duration(times, (mfxU64)-frame));
}
