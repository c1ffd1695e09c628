/* One clock for all streams of an input whose time stamps may jump. */
#include "clock.h"

#include <libavutil/avutil.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <string.h>

/* Times ahead by more than this are a jump; back by more than the second, too. The streams of one epoch are
 * never further apart than the first. */
#define AHEAD_US INT64_C(10000000)
#define BACK_US  INT64_C(100000)

static const AVRational microseconds = {1, AV_TIME_BASE};

enum exit_code clock_init(struct clock *clock, unsigned int streams, int64_t origin_us, bool follows_jumps)
{
    memset(clock, 0, sizeof *clock);
    clock->follows_jumps = follows_jumps;
    clock->count = streams;
    clock->streams = av_calloc(streams, sizeof *clock->streams);
    clock->corrections_us = av_calloc(1, sizeof *clock->corrections_us);
    if (!clock->streams || !clock->corrections_us) {
        clock_finish(clock);
        return fail_memory("the clock");
    }
    clock->corrections_us[0] = -origin_us;
    clock->epochs = 1;
    return EXIT_DONE;
}

void clock_finish(struct clock *clock)
{
    av_freep(&clock->streams);
    av_freep(&clock->corrections_us);
    clock->epochs = 0;
}

static bool is_jump(const struct clock_stream *stream, int64_t time_us)
{
    return time_us > stream->next_us + AHEAD_US || time_us < stream->last_us - BACK_US;
}

/* Moves the stream to the epoch that another stream has begun, or begins one at this packet. */
static enum exit_code enter_epoch(struct clock *clock, struct clock_stream *stream, int64_t raw_us)
{
    while (stream->epoch + 1 < clock->epochs) {
        stream->epoch++;
        if (!is_jump(stream, raw_us + clock->corrections_us[stream->epoch]))
            return EXIT_DONE;
    }
    int64_t *grown = av_realloc_array(clock->corrections_us, clock->epochs + 1, sizeof *grown);
    if (!grown)
        return fail_memory("the clock");
    clock->corrections_us = grown;
    grown[clock->epochs] = stream->next_us - raw_us;
    stream->epoch = clock->epochs++;
    return EXIT_DONE;
}

static enum exit_code follow(struct clock *clock, struct clock_stream *stream, AVRational time_base,
                             const AVPacket *packet)
{
    int64_t raw = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    enum exit_code code = EXIT_DONE;

    if (raw == AV_NOPTS_VALUE)
        return EXIT_DONE;
    int64_t raw_us = av_rescale_q(raw, time_base, microseconds);
    if (stream->started && is_jump(stream, raw_us + clock->corrections_us[stream->epoch]))
        code = enter_epoch(clock, stream, raw_us);
    else if (!stream->started)
        stream->epoch = clock->epochs - 1;
    stream->started = true;
    stream->last_us = raw_us + clock->corrections_us[stream->epoch];
    stream->next_us = stream->last_us + av_rescale_q(packet->duration, time_base, microseconds);
    return code;
}

enum exit_code clock_apply(struct clock *clock, unsigned int index, bool steady, AVRational time_base,
                           AVPacket *packet)
{
    struct clock_stream *stream = &clock->streams[index];
    enum exit_code code = EXIT_DONE;

    if (clock->follows_jumps && steady)
        code = follow(clock, stream, time_base, packet);
    else if (clock->follows_jumps)
        stream->epoch = clock->epochs - 1;
    int64_t shift = av_rescale_q(clock->corrections_us[stream->epoch], microseconds, time_base);
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts += shift;
    if (packet->dts != AV_NOPTS_VALUE)
        packet->dts += shift;
    return code;
}
