/* From the application's bitstream to packets, one picture each, and a look at every sequence header on the
 * way.
 *
 * No byte of a new sequence header is consumed before it is known whether decoding can go on with it: the
 * application has to find the header in its bitstream when it is told to start anew. */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

/* The parser is given copies of this much, since libav reads a little beyond the end of what it is given. */
#define CHUNK 16384

struct srt_feed {
    const struct srt_decode_codec *codec;
    AVCodecParserContext *parser;
    AVCodecContext *context; /* the parser's notes */
    bool parser_fed;         /* it may hold part of a picture */
    bool started;            /* a sequence header was met */
    bool new_size;           /* the header just accepted is of other pictures than what was fed so far */
    mfxStatus notice;        /* a warning not yet given */
    uint8_t *header;         /* the last one accepted */
    size_t header_size;
    struct srt_stream_info info; /* of that header */
    int width; /* what the parser last said of a key picture; formats framed by their container alone */
    int height;
    int format;
    mfxU64 last_time_stamp;
    int drop;
    mfxU32 dropped;
    uint8_t chunk[CHUNK + AV_INPUT_BUFFER_PADDING_SIZE];
};

static mfxStatus renew_parser(struct srt_feed *feed)
{
    if (feed->parser)
        av_parser_close(feed->parser);
    avcodec_free_context(&feed->context);
    feed->parser_fed = false;
    feed->parser = av_parser_init((int)feed->codec->id);
    feed->context = avcodec_alloc_context3(NULL);
    if (!feed->parser || !feed->context)
        return MFX_ERR_MEMORY_ALLOC;
    feed->context->codec_id = feed->codec->id;
    feed->context->log_level_offset = SRT_LOG_OFFSET;
    return MFX_ERR_NONE;
}

mfxStatus srt_feed_create(const struct srt_decode_codec *codec, struct srt_feed **out)
{
    struct srt_feed *feed = calloc(1, sizeof(*feed));

    *out = NULL;
    if (!feed)
        return MFX_ERR_MEMORY_ALLOC;
    feed->codec = codec;
    feed->last_time_stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    if (renew_parser(feed) != MFX_ERR_NONE) {
        srt_feed_destroy(&feed);
        return MFX_ERR_MEMORY_ALLOC;
    }
    *out = feed;
    return MFX_ERR_NONE;
}

void srt_feed_destroy(struct srt_feed **slot)
{
    struct srt_feed *feed = *slot;

    *slot = NULL;
    if (!feed)
        return;
    if (feed->parser)
        av_parser_close(feed->parser);
    avcodec_free_context(&feed->context);
    free(feed->header);
    free(feed);
}

void srt_feed_drop(struct srt_feed *feed, int drop)
{
    feed->drop = drop;
}

mfxU32 srt_feed_dropped(const struct srt_feed *feed)
{
    return feed->dropped;
}

const uint8_t *srt_feed_header(const struct srt_feed *feed, size_t *size)
{
    *size = feed->header_size;
    return feed->header;
}

/* One time stamp belongs to one picture: the first that begins after it was set. */
static int64_t take_time_stamp(struct srt_feed *feed, const mfxBitstream *bs)
{
    if (bs->TimeStamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN || bs->TimeStamp == feed->last_time_stamp)
        return AV_NOPTS_VALUE;
    feed->last_time_stamp = bs->TimeStamp;
    return (int64_t)bs->TimeStamp;
}

static void advance(mfxBitstream *bs, size_t bytes)
{
    bs->DataOffset += (mfxU32)bytes;
    bs->DataLength -= (mfxU32)bytes;
}

static bool is_dropped(const struct srt_feed *feed)
{
    int type = feed->parser->pict_type;

    return (feed->drop >= 1 && type == AV_PICTURE_TYPE_B) || (feed->drop >= 2 && type == AV_PICTURE_TYPE_P);
}

static mfxStatus push(struct srt_feed *feed, struct srt_engine *engine, const uint8_t *data, size_t size,
                      int64_t pts)
{
    if (is_dropped(feed)) {
        feed->dropped++;
        return MFX_ERR_NONE;
    }
    return srt_engine_push(engine, data, size, pts);
}

static mfxStatus keep_header(struct srt_feed *feed, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        return MFX_ERR_MEMORY_ALLOC;
    memcpy(copy, data, size);
    free(feed->header);
    feed->header = copy;
    feed->header_size = size;
    return MFX_ERR_NONE;
}

static bool is_same_size(const struct srt_stream_info *a, const struct srt_stream_info *b)
{
    return a->width == b->width && a->height == b->height && a->format == b->format;
}

/* Asks the owner about a header that was read. */
static mfxStatus judge_header(struct srt_feed *feed, const uint8_t *data, const struct srt_header *header,
                              srt_feed_judge judge, void *opaque)
{
    mfxStatus status = judge(opaque, &header->info);

    if (status < MFX_ERR_NONE)
        return status;
    if (status > MFX_ERR_NONE)
        feed->notice = status;
    feed->new_size = feed->started && !is_same_size(&feed->info, &header->info);
    feed->info = header->info;
    feed->started = true;
    /* A picture's own bytes are no header: of codecs framed by packets there is nothing to keep. */
    return feed->codec->framing == SRT_PACKETS
               ? MFX_ERR_NONE
               : keep_header(feed, data + header->begin, header->end - header->begin);
}

/* Pictures of another size begin. The decoder is first told to give all it holds of the old ones: left to
 * itself it may drop them, as the standards allow. */
static mfxStatus part_sizes(struct srt_feed *feed, struct srt_engine *engine)
{
    if (!feed->new_size)
        return MFX_ERR_NONE;
    feed->new_size = false;
    return srt_engine_drain(engine);
}

/* A header begins at `at`: it is the last one once more, or is judged, or found to be none. Then *clear is
 * where its picture begins. Otherwise the answer is why one cannot go on, and *clear is where that header
 * begins. */
static mfxStatus meet_header(struct srt_feed *feed, const uint8_t *data, size_t size, size_t at, bool whole,
                             srt_feed_judge judge, void *opaque, size_t *clear)
{
    struct srt_header header;
    size_t picture = srt_scan_picture(feed->codec, data, size, at);
    mfxStatus status;

    if (picture != SIZE_MAX && feed->header && picture - at == feed->header_size &&
        memcmp(data + at, feed->header, feed->header_size) == 0) {
        *clear = picture;
        return MFX_ERR_NONE;
    }
    status = srt_find_header(feed->codec, data, size, at, whole, &header);
    if (status == MFX_ERR_NOT_FOUND) { /* damaged; what follows is the decoder's to conceal */
        *clear = picture == SIZE_MAX ? size : picture;
        return MFX_ERR_NONE;
    }
    if (status == MFX_ERR_NONE)
        status = judge_header(feed, data, &header, judge, opaque);
    *clear = status == MFX_ERR_NONE ? header.end : header.begin;
    return status;
}

/* How many bytes, one chunk at most, come before the next header. *at_header: there is one right behind them.
 * A start code that may be cut off by the end of the data is left alone. */
static size_t look_ahead(const struct srt_feed *feed, const uint8_t *data, size_t size, bool whole,
                         bool *at_header)
{
    size_t end = size > CHUNK ? CHUNK : size;
    /* A start code may lie across the chunk's end. */
    size_t at = srt_scan_header(feed->codec, data, size - end > 4 ? end + 4 : size, 0);

    *at_header = at != SIZE_MAX && at <= end;
    if (*at_header)
        return at;
    return end == size && !whole ? end - srt_scan_partial(feed->codec, data, size) : end;
}

/* Gives the parser one chunk at most of what is clear. */
static mfxStatus parse(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs, size_t *clear)
{
    size_t size = *clear < CHUNK ? *clear : CHUNK;
    uint8_t *picture = NULL;
    int picture_size = 0;
    int used;

    memcpy(feed->chunk, bs->Data + bs->DataOffset, size);
    memset(feed->chunk + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    feed->parser->flags &= ~PARSER_FLAG_COMPLETE_FRAMES;
    used = av_parser_parse2(feed->parser, feed->context, &picture, &picture_size, feed->chunk, (int)size,
                            take_time_stamp(feed, bs), AV_NOPTS_VALUE, 0);
    if (used < 0 || (used == 0 && picture_size == 0))
        used = (int)size;
    feed->parser_fed = true;
    advance(bs, (size_t)used);
    *clear -= (size_t)used;
    return picture_size > 0 ? push(feed, engine, picture, (size_t)picture_size, feed->parser->pts)
                            : MFX_ERR_NONE;
}

/* What the parser holds is a picture, since nothing more of it comes. */
static mfxStatus flush_parser(struct srt_feed *feed, struct srt_engine *engine)
{
    uint8_t *picture = NULL;
    int picture_size = 0;
    mfxStatus status = MFX_ERR_NONE;

    if (!feed->parser_fed)
        return MFX_ERR_NONE;
    if (!srt_engine_has_room(engine))
        return MFX_WRN_DEVICE_BUSY;
    av_parser_parse2(feed->parser, feed->context, &picture, &picture_size, NULL, 0, AV_NOPTS_VALUE,
                     AV_NOPTS_VALUE, 0);
    if (picture_size > 0)
        status = push(feed, engine, picture, (size_t)picture_size, feed->parser->pts);
    return status == MFX_ERR_NONE ? renew_parser(feed) : status;
}

static mfxStatus take_notice(struct srt_feed *feed)
{
    mfxStatus notice = feed->notice;

    feed->notice = MFX_ERR_NONE;
    return notice;
}

/* At the beginning of `bs` is a header. If it is accepted, *clear bytes may go on to the parser. */
static mfxStatus pass_header(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                             srt_feed_judge judge, void *opaque, size_t *clear)
{
    const uint8_t *data = bs->Data + bs->DataOffset;
    mfxStatus status =
        meet_header(feed, data, bs->DataLength, 0, bs->DataFlag & MFX_BITSTREAM_EOS, judge, opaque, clear);

    if (status != MFX_ERR_NONE) {
        advance(bs, *clear); /* damaged headers before the one that stopped us */
        return status;
    }
    if (feed->new_size)
        status = flush_parser(feed, engine);
    return status == MFX_ERR_NONE ? part_sizes(feed, engine) : status;
}

/* One step through the bitstream: a header, or a chunk between headers. MFX_ERR_MORE_DATA: no step can be
 * made. */
static mfxStatus feed_step(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                           srt_feed_judge judge, void *opaque, size_t *clear)
{
    bool at_header = false;
    mfxStatus status;

    if (!*clear) {
        *clear = look_ahead(feed, bs->Data + bs->DataOffset, bs->DataLength, bs->DataFlag & MFX_BITSTREAM_EOS,
                            &at_header);
        if (!*clear && !at_header)
            return MFX_ERR_MORE_DATA;
    }
    if (!*clear) {
        status = pass_header(feed, engine, bs, judge, opaque, clear);
        return status == MFX_ERR_NONE ? take_notice(feed) : status;
    }
    if (feed->started)
        return parse(feed, engine, bs, clear);
    advance(bs, *clear); /* what precedes the first header is nothing one could decode */
    *clear = 0;
    return MFX_ERR_NONE;
}

static mfxStatus feed_stream(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                             srt_feed_judge judge, void *opaque)
{
    size_t clear = 0;

    while (bs->DataLength) {
        mfxStatus status = srt_engine_has_room(engine) ? feed_step(feed, engine, bs, judge, opaque, &clear)
                                                       : MFX_WRN_DEVICE_BUSY;

        if (status != MFX_ERR_NONE)
            return status;
    }
    if (bs->DataFlag & MFX_BITSTREAM_EOS && flush_parser(feed, engine) == MFX_WRN_DEVICE_BUSY)
        return MFX_WRN_DEVICE_BUSY;
    return MFX_ERR_MORE_DATA;
}

/* The parser's view of one whole picture: its type, and whether it is a key picture. */
static void inspect(struct srt_feed *feed, const uint8_t *data, size_t size)
{
    uint8_t *picture = NULL;
    int picture_size = 0;

    feed->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
    feed->parser->key_frame = -1;
    av_parser_parse2(feed->parser, feed->context, &picture, &picture_size, data, (int)size, AV_NOPTS_VALUE,
                     AV_NOPTS_VALUE, 0);
}

/* Has a key picture the size and format of the last one, as far as the parser knows? */
static bool is_familiar(const struct srt_feed *feed)
{
    const AVCodecParserContext *parser = feed->parser;

    return feed->started && parser->width > 0 && parser->width == feed->width &&
           parser->height == feed->height && parser->format == feed->format;
}

static mfxStatus judge_packet(struct srt_feed *feed, const uint8_t *data, size_t size, srt_feed_judge judge,
                              void *opaque)
{
    struct srt_header header;
    mfxStatus status;

    if (feed->parser->key_frame == 0 || is_familiar(feed))
        return MFX_ERR_NONE;
    status = srt_find_header(feed->codec, data, size, 0, true, &header);
    if (status == MFX_ERR_NOT_FOUND)
        return MFX_ERR_NONE;
    if (status == MFX_ERR_NONE)
        status = judge_header(feed, data, &header, judge, opaque);
    if (status == MFX_ERR_NONE) {
        feed->width = feed->parser->width;
        feed->height = feed->parser->height;
        feed->format = feed->parser->format;
    }
    return status;
}

/* A whole picture of a codec with start codes: every header in it, before any of it is consumed. */
static mfxStatus judge_picture(struct srt_feed *feed, const uint8_t *data, size_t size, srt_feed_judge judge,
                               void *opaque)
{
    size_t from = 0;

    while (from < size) {
        size_t at = srt_scan_header(feed->codec, data, size, from);
        mfxStatus status;

        if (at == SIZE_MAX)
            break;
        status = meet_header(feed, data, size, at, true, judge, opaque, &from);
        if (status != MFX_ERR_NONE)
            return status;
    }
    return MFX_ERR_NONE;
}

/* All the bitstream's data is one picture (or two fields, or a superframe). */
static mfxStatus feed_picture(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                              srt_feed_judge judge, void *opaque)
{
    size_t size = bs->DataLength;
    uint8_t *data;
    mfxStatus status = flush_parser(feed, engine);

    if (status != MFX_ERR_NONE)
        return status;
    if (!srt_engine_has_room(engine))
        return MFX_WRN_DEVICE_BUSY;
    data = malloc(size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!data)
        return MFX_ERR_MEMORY_ALLOC;
    memcpy(data, bs->Data + bs->DataOffset, size);
    memset(data + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    inspect(feed, data, size);
    if (feed->codec->framing == SRT_PACKETS)
        status = judge_packet(feed, data, size, judge, opaque);
    else
        status = judge_picture(feed, data, size, judge, opaque);
    if (status == MFX_ERR_NONE)
        status = part_sizes(feed, engine);
    if (status == MFX_ERR_NONE && feed->started)
        status = push(feed, engine, data, size, take_time_stamp(feed, bs));
    free(data);
    if (status != MFX_ERR_NONE)
        return status;
    advance(bs, size);
    status = take_notice(feed);
    return status == MFX_ERR_NONE ? MFX_ERR_MORE_DATA : status;
}

mfxStatus srt_feed_bitstream(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                             srt_feed_judge judge, void *opaque)
{
    if (!bs->DataLength)
        return MFX_ERR_MORE_DATA;
    if (feed->codec->framing == SRT_PACKETS || bs->DataFlag & MFX_BITSTREAM_COMPLETE_FRAME)
        return feed_picture(feed, engine, bs, judge, opaque);
    return feed_stream(feed, engine, bs, judge, opaque);
}

mfxStatus srt_feed_end(struct srt_feed *feed, struct srt_engine *engine)
{
    mfxStatus status = flush_parser(feed, engine);

    feed->last_time_stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    return status == MFX_ERR_NONE ? srt_engine_drain(engine) : status;
}
