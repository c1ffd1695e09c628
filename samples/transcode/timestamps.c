/* Time stamps from the input's packets, through the runtime's 90 kHz clock, to the output's packets, exactly.
 */
#include "timestamps.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

/* Keys begin here and not at 0: times before the first packet's (reordered pictures) stay positive, for
 * runtimes that compute with them. One minute. */
#define KEY_ORIGIN INT64_C(5400000)

#define UNKNOWN ((mfxU64)MFX_TIMESTAMP_UNKNOWN)

static const AVRational vpl_clock = {1, 90000};

struct timestamps *times_create(AVRational time_base, AVRational frame_rate)
{
    struct timestamps *times = av_mallocz(sizeof *times);

    if (!times)
        return NULL;
    times->time_base = time_base;
    times->frame_rate = frame_rate;
    times->delay = -1;
    return times;
}

void times_free(struct timestamps **times)
{
    av_freep(times);
}

int64_t times_nominal(const struct timestamps *times)
{
    int64_t ticks = av_rescale_q(1, av_inv_q(times->frame_rate), times->time_base);
    return ticks > 0 ? ticks : 1;
}

static mfxU64 key_of(const struct timestamps *times, int64_t pts)
{
    int64_t key = av_rescale_q(pts - times->origin, times->time_base, vpl_clock) + KEY_ORIGIN;
    return key > 0 ? (mfxU64)key : 0;
}

static void append(struct times_list *list, const struct times_entry *entry)
{
    list->entry[list->count % TIMES_KEPT] = *entry;
    list->count++;
}

/* The newest entry of that key. */
static const struct times_entry *find(const struct times_list *list, mfxU64 key)
{
    for (uint64_t back = 1; back <= list->count && back <= TIMES_KEPT; back++) {
        const struct times_entry *entry = &list->entry[(list->count - back) % TIMES_KEPT];
        if (entry->key == key)
            return entry;
    }
    return NULL;
}

mfxU64 times_enter(struct timestamps *times, const AVPacket *packet)
{
    int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

    if (!times->started) {
        times->started = true;
        times->origin = time != AV_NOPTS_VALUE ? time : 0;
        times->known_pts = times->origin;
    }
    if (packet->pts == AV_NOPTS_VALUE)
        return UNKNOWN;
    struct times_entry entry = {.key = key_of(times, packet->pts),
                                .pts = packet->pts,
                                .duration = packet->duration,
                                .discard = packet->flags & AV_PKT_FLAG_DISCARD};
    append(&times->packets, &entry);
    return entry.key;
}

/* A frame of unknown time comes one frame's length after the one before: counted from the last known time, so
 * that roundings do not add up. */
static int64_t guess(struct timestamps *times)
{
    return times->known_pts +
           av_rescale_q((int64_t)times->since_known, av_inv_q(times->frame_rate), times->time_base);
}

mfxU64 times_decoded(struct timestamps *times, mfxU64 stamp, bool *discard)
{
    const struct times_entry *known = stamp == UNKNOWN ? NULL : find(&times->packets, stamp);
    const struct times_entry *last =
        times->frames.count ? &times->frames.entry[(times->frames.count - 1) % TIMES_KEPT] : NULL;
    struct times_entry entry = {.duration = times_nominal(times)};

    if (known) {
        entry = *known;
        times->known_pts = entry.pts;
        times->since_known = 0;
    } else {
        entry.pts = guess(times);
    }
    times->since_known++;
    if (last && entry.pts <= last->pts) { /* frames come in display order: a damaged stamp */
        entry.pts = last->pts + 1;
        times->bent++;
    }
    entry.key = key_of(times, entry.pts);
    if (last && entry.key <= last->key)
        entry.key = last->key + 1;
    *discard = entry.discard;
    if (!entry.discard)
        append(&times->frames, &entry);
    return entry.key;
}

int64_t times_latest(const struct timestamps *times)
{
    return times->frames.count ? times->frames.entry[(times->frames.count - 1) % TIMES_KEPT].pts
                               : times->origin;
}

int64_t times_shown(struct timestamps *times, mfxU64 stamp)
{
    const struct times_entry *known = find(&times->frames, stamp);

    times->last_shown = known ? known->pts : times->last_shown + times_nominal(times);
    return times->last_shown;
}

/* How many frames early the first picture is decoded: what the encoder's own first decoding time says. */
static int64_t find_delay(const struct timestamps *times, const mfxBitstream *bitstream, int reorders)
{
    if (bitstream->DecodeTimeStamp == (mfxI64)UNKNOWN || bitstream->TimeStamp == UNKNOWN)
        return reorders;
    int64_t early = (int64_t)bitstream->TimeStamp - bitstream->DecodeTimeStamp;
    int64_t frames = av_rescale_q(early, vpl_clock, av_inv_q(times->frame_rate));
    return frames < 0 ? 0 : frames > TIMES_KEPT / 2 ? reorders : frames;
}

/* The n-th packet is decoded when the frame that is `delay` before the n-th is shown: never after it is shown
 * itself, and always later than the one before, also where frames are of different lengths. */
static int64_t decoding_time(const struct timestamps *times)
{
    int64_t index = (int64_t)times->coded - times->delay;

    if (index >= 0)
        return times->frames.entry[(uint64_t)index % TIMES_KEPT].pts;
    return times->frames.entry[0].pts + index * times_nominal(times);
}

void times_leave(struct timestamps *times, const mfxBitstream *bitstream, int delay, AVPacket *packet)
{
    const struct times_entry *known = find(&times->frames, bitstream->TimeStamp);

    if (times->delay < 0)
        times->delay = find_delay(times, bitstream, delay);
    packet->dts = decoding_time(times);
    packet->pts = known ? known->pts : packet->dts + times->delay * times_nominal(times);
    packet->duration = known && known->duration > 0 ? known->duration : times_nominal(times);
    if (packet->dts > packet->pts)
        packet->dts = packet->pts;
    if (times->coded && packet->dts <= times->last_dts) {
        packet->dts = times->last_dts + 1;
        if (packet->pts < packet->dts)
            packet->pts = packet->dts;
        times->bent++;
    }
    times->last_dts = packet->dts;
    times->coded++;
}
