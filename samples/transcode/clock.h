/* One clock for all streams of an input whose time stamps may jump. */
#ifndef TRANSCODE_CLOCK_H
#define TRANSCODE_CLOCK_H

#include "messages.h"

#include <libavcodec/packet.h>
#include <libavutil/rational.h>
#include <stdbool.h>
#include <stdint.h>

/* What one stream last said. */
struct clock_stream {
    bool started;
    unsigned int epoch;
    int64_t last_us; /* decoding time of its last packet, corrected */
    int64_t next_us; /* where the one after it is due */
};

/* A transport stream may be joined of parts that each begin their own clock (a recording's edits, files put
 * one after the other). Each part is an epoch: a correction that all streams share, so that sound and picture
 * stay together. A stream enters the next epoch when its own time stamps jump, which need not be at the same
 * packet. */
struct clock {
    bool follows_jumps; /* false: time stamps are passed as they are, but for the origin */
    struct clock_stream *streams;
    unsigned int count;      /* of streams */
    int64_t *corrections_us; /* one an epoch; the first is minus the origin */
    unsigned int epochs;
};

/* `origin_us` is subtracted from all times. */
enum exit_code clock_init(struct clock *clock, unsigned int streams, int64_t origin_us, bool follows_jumps);
void clock_finish(struct clock *clock);

/* Corrects the times of a packet of stream `index`. `steady`: the stream has no pauses of its own (picture,
 * sound), so that a jump of its times is a jump of the clock. */
enum exit_code clock_apply(struct clock *clock, unsigned int index, bool steady, AVRational time_base,
                           AVPacket *packet);

#endif
