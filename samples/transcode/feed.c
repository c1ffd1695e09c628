/* From the demuxer to the decoder: video packets on, all others past it to the output. */
#include "feed.h"

#include <libavutil/mem.h>
#include <limits.h>
#include <string.h>

enum exit_code feed_open(struct feed *feed, struct input *input, struct output *output,
                         struct timestamps *times)
{
    *feed = (struct feed){.input = input, .output = output, .times = times, .packet = av_packet_alloc()};
    return feed->packet ? EXIT_DONE : fail_memory("a packet");
}

void feed_close(struct feed *feed)
{
    av_packet_free(&feed->packet);
}

enum exit_code feed_next(struct feed *feed, mfxU64 *stamp, bool *more)
{
    enum exit_code code;

    do {
        av_packet_unref(feed->packet);
        code = input_read(feed->input, feed->packet, more);
        if (code != EXIT_DONE || !*more)
            return code;
        if (feed->packet->stream_index == feed->input->video->index) {
            *stamp = times_enter(feed->times, feed->packet);
            return EXIT_DONE;
        }
        code = output_write_copy(feed->output, feed->input, feed->packet);
    } while (code == EXIT_DONE);
    return code;
}

void bitstream_free(mfxBitstream *bitstream)
{
    av_freep(&bitstream->Data);
    memset(bitstream, 0, sizeof *bitstream);
}

enum exit_code bitstream_reserve(mfxBitstream *bitstream, size_t bytes)
{
    size_t needed = bitstream->DataLength + bytes;

    if (bitstream->DataOffset && bitstream->DataLength)
        memmove(bitstream->Data, bitstream->Data + bitstream->DataOffset, bitstream->DataLength);
    bitstream->DataOffset = 0;
    if (needed <= bitstream->MaxLength)
        return EXIT_DONE;
    if (needed > UINT32_MAX / 2)
        return fail(EXIT_DAMAGED, "a picture of more than 2 GB");
    size_t room = needed + needed / 2;
    mfxU8 *grown = av_realloc(bitstream->Data, room);
    if (!grown)
        return fail_memory("the bitstream");
    bitstream->Data = grown;
    bitstream->MaxLength = (mfxU32)room;
    return EXIT_DONE;
}

/* A demuxer's packet is one whole picture, which spares the decoder the search for its end. */
enum exit_code feed_bitstream(struct feed *feed, mfxBitstream *bitstream, bool *more)
{
    mfxU64 stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    enum exit_code code = feed_next(feed, &stamp, more);

    if (code != EXIT_DONE || !*more)
        return code;
    size_t size = (size_t)feed->packet->size;
    code = bitstream_reserve(bitstream, size);
    if (code != EXIT_DONE)
        return code;
    if (size)
        memcpy(bitstream->Data + bitstream->DataLength, feed->packet->data, size);
    bitstream->DataLength += (mfxU32)size;
    bitstream->TimeStamp = stamp;
    bitstream->DecodeTimeStamp = (mfxI64)MFX_TIMESTAMP_UNKNOWN;
    bitstream->DataFlag = MFX_BITSTREAM_COMPLETE_FRAME;
    return EXIT_DONE;
}
