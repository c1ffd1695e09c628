/* From the demuxer to the decoder: video packets on, all others past it to the output. */
#ifndef TRANSCODE_FEED_H
#define TRANSCODE_FEED_H

#include "input.h"
#include "output.h"
#include "timestamps.h"

struct feed {
    struct input *input;
    struct output *output;
    struct timestamps *times;
    AVPacket *packet;
};

enum exit_code feed_open(struct feed *feed, struct input *input, struct output *output,
                         struct timestamps *times);
void feed_close(struct feed *feed);

/* The next video packet in feed->packet, its time noted under *stamp. *more is false at the end. */
enum exit_code feed_next(struct feed *feed, mfxU64 *stamp, bool *more);

/* Appends the next video packet to a bitstream; what is left in it stays in front. */
enum exit_code feed_bitstream(struct feed *feed, mfxBitstream *bitstream, bool *more);

/* Frees a bitstream's data. */
void bitstream_free(mfxBitstream *bitstream);

/* Makes room for `bytes` more behind the data, which moves to the front. */
enum exit_code bitstream_reserve(mfxBitstream *bitstream, size_t bytes);

#endif
