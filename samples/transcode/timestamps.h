/* Time stamps from the input's packets, through the runtime's 90 kHz clock, to the output's packets, exactly.
 *
 * A runtime carries one mfxU64 per frame from the bitstream to the surface to the coded bitstream. Here that
 * number is a key: the container's own time stamp is noted under it and found again at the other end, so that
 * no rounding to 90 kHz survives. All on one thread. */
#ifndef TRANSCODE_TIMESTAMPS_H
#define TRANSCODE_TIMESTAMPS_H

#include <libavcodec/packet.h>
#include <libavutil/rational.h>
#include <stdbool.h>
#include <stdint.h>
#include <vpl/mfxvideo.h>

/* Frames that may be under way at once: decoder, filters, an encoder's look-ahead. */
#define TIMES_KEPT 1024

struct times_entry {
    mfxU64 key; /* 90 kHz */
    int64_t pts;
    int64_t duration;
    bool discard;
};

/* The last TIMES_KEPT entries: number n is at n % TIMES_KEPT. */
struct times_list {
    struct times_entry entry[TIMES_KEPT];
    uint64_t count;
};

struct timestamps {
    AVRational time_base;      /* the input's, of the video stream; the output's packets have it too */
    AVRational frame_rate;     /* nominal */
    struct times_list packets; /* into the decoder, in decoding order */
    struct times_list frames;  /* out of it, in display order */
    uint64_t coded;            /* packets that came out of it */
    int64_t delay;             /* frames that the encoder's decoding times are earlier; -1: not known yet */
    int64_t last_dts;
    int64_t last_shown;
    int64_t origin; /* of the input's first packet */
    bool started;
    uint64_t since_known; /* frames since one whose time was known */
    int64_t known_pts;
    uint64_t bent; /* packets whose time had to be moved to keep the output valid */
};

/* On the heap, for its size; NULL when there is no memory. */
struct timestamps *times_create(AVRational time_base, AVRational frame_rate);
void times_free(struct timestamps **times);

/* Notes a packet that goes to the decoder; returns what mfxBitstream.TimeStamp is to say. */
mfxU64 times_enter(struct timestamps *times, const AVPacket *packet);

/* A decoded frame, in display order. `stamp`: the surface's TimeStamp; returns what it is to be from now on
 * (the same, unless the decoder did not know). *discard: the container wants it decoded but not shown; it is
 * forgotten. */
mfxU64 times_decoded(struct timestamps *times, mfxU64 stamp, bool *discard);

/* The time of a frame that has come through, by its surface's TimeStamp (which a filter may set as late as
 * its operation ends); in the input's time base. */
int64_t times_shown(struct timestamps *times, mfxU64 stamp);

/* The time of the frame that was decoded last. */
int64_t times_latest(const struct timestamps *times);

/* A packet came out of the encoder: sets its pts, dts and duration. `delay`: how many frames the encoder
 * reorders, for a runtime that gives no decoding times. */
void times_leave(struct timestamps *times, const mfxBitstream *bitstream, int delay, AVPacket *packet);

/* The length of a frame, in the input's time base. */
int64_t times_nominal(const struct timestamps *times);

#endif
