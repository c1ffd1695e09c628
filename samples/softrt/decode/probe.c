/* What a stream's headers say, asked of libavcodec itself. */
#include "decode/decode.h"

#include <string.h>

/* Above every level that libav logs at by default: a probe of damaged data is not worth a line on the
 * terminal. */
#define QUIET 64

/* Headers come first; of a stream that is not framed no more than this is looked at. */
#define PROBE_BYTES (256 * 1024)

/* A decoder asks for a frame's buffer when it has read the headers and is about to decode: that is all we
 * want. */
static int refuse_buffer(AVCodecContext *context, AVFrame *frame, int flags)
{
    (void)context;
    (void)frame;
    (void)flags;
    return AVERROR(ENOMEM);
}

static AVCodecContext *open_probe(const AVCodec *decoder)
{
    AVCodecContext *context = avcodec_alloc_context3(decoder);

    if (!context)
        return NULL;
    context->thread_count = 1;
    context->log_level_offset = QUIET;
    context->get_buffer2 = refuse_buffer;
    context->export_side_data = AV_CODEC_EXPORT_DATA_FILM_GRAIN;
    if (avcodec_open2(context, decoder, NULL) < 0)
        avcodec_free_context(&context);
    return context;
}

/* Decoders that ignore get_buffer2 (libdav1d) decode the picture, and tell the size with it. */
static void run_decoder(AVCodecContext *context, const AVPacket *packet, struct srt_stream_info *out)
{
    AVFrame *frame = av_frame_alloc();

    if (!frame)
        return;
    if (avcodec_send_packet(context, packet) >= 0 && avcodec_send_packet(context, NULL) >= 0 &&
        avcodec_receive_frame(context, frame) >= 0)
        out->film_grain = av_frame_get_side_data(frame, AV_FRAME_DATA_FILM_GRAIN_PARAMS) != NULL;
    av_frame_free(&frame);
}

static mfxU16 pic_struct_of(enum AVFieldOrder order)
{
    switch (order) {
    case AV_FIELD_TT:
    case AV_FIELD_TB:
        return MFX_PICSTRUCT_FIELD_TFF;
    case AV_FIELD_BB:
    case AV_FIELD_BT:
        return MFX_PICSTRUCT_FIELD_BFF;
    default:
        return MFX_PICSTRUCT_PROGRESSIVE;
    }
}

/* The parser knows what the decoder tells only with a frame: the order of fields. */
static void run_parser(const struct srt_decode_codec *codec, const AVPacket *packet,
                       struct srt_stream_info *out)
{
    AVCodecParserContext *parser = av_parser_init((int)codec->id);
    AVCodecContext *context = avcodec_alloc_context3(NULL);
    uint8_t *data;
    int size;

    out->pic_struct = MFX_PICSTRUCT_PROGRESSIVE;
    if (parser && context) {
        context->codec_id = codec->id;
        context->log_level_offset = QUIET;
        parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
        av_parser_parse2(parser, context, &data, &size, packet->data, packet->size, AV_NOPTS_VALUE,
                         AV_NOPTS_VALUE, 0);
        out->pic_struct = pic_struct_of(parser->field_order);
        if (out->frame_rate.num <= 0)
            out->frame_rate = context->framerate;
    }
    avcodec_free_context(&context);
    if (parser)
        av_parser_close(parser);
}

static void take_parameters(const struct srt_decode_codec *codec, const AVCodecContext *context,
                            struct srt_stream_info *out)
{
    out->width = context->width;
    out->height = context->height;
    out->format = context->pix_fmt;
    out->profile = codec->profile(context->profile);
    out->level = codec->level(context->level);
    out->reorder = context->has_b_frames;
    out->frame_rate = context->framerate;
    out->aspect = context->sample_aspect_ratio;
    out->primaries = context->color_primaries;
    out->transfer = context->color_trc;
    out->matrix = context->colorspace;
    out->range = context->color_range;
}

static AVPacket *packet_of(const uint8_t *data, size_t size)
{
    AVPacket *packet = av_packet_alloc();

    if (!packet || size > INT32_MAX || av_new_packet(packet, (int)size) < 0)
        av_packet_free(&packet);
    else
        memcpy(packet->data, data, size);
    return packet;
}

mfxStatus srt_probe(const struct srt_decode_codec *codec, const uint8_t *data, size_t size,
                    struct srt_stream_info *out)
{
    AVCodecContext *context = NULL;
    AVPacket *packet;
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    memset(out, 0, sizeof(*out));
    if (codec->framing == SRT_START_CODES && size > PROBE_BYTES)
        size = PROBE_BYTES;
    packet = packet_of(data, size);
    if (packet)
        context = open_probe(srt_decode_avcodec(codec));
    if (context) {
        run_decoder(context, packet, out);
        status = MFX_ERR_NOT_FOUND;
    }
    if (context && context->width > 0 && context->height > 0 && context->pix_fmt != AV_PIX_FMT_NONE) {
        take_parameters(codec, context, out);
        run_parser(codec, packet, out);
        status = MFX_ERR_NONE;
    }
    avcodec_free_context(&context);
    av_packet_free(&packet);
    return status;
}

/* A header that is no use with this much picture data behind it is no use at all. */
#define ENOUGH_PICTURE 4096

/* A "header" with no picture for this long is not one. JPEG's may hold a thumbnail with scans of its own. */
#define TOO_LONG_HEADER (1024 * 1024)

static bool may_need_more(const struct srt_decode_codec *codec, const struct srt_header *header, size_t size)
{
    if (codec->framing == SRT_MARKERS)
        return size - header->begin < TOO_LONG_HEADER;
    return size - header->end < ENOUGH_PICTURE;
}

static mfxStatus probe_packet(const struct srt_decode_codec *codec, const uint8_t *data, size_t size,
                              size_t from, struct srt_header *out)
{
    out->begin = from;
    out->end = size;
    return from < size ? srt_probe(codec, data + from, size - from, &out->info) : MFX_ERR_NOT_FOUND;
}

/* A probe sees one header and the beginning of one picture: given more, a decoder would go on to the next
 * header. */
static size_t probe_size(const struct srt_decode_codec *codec, const uint8_t *data, size_t size,
                         const struct srt_header *header)
{
    size_t picture;
    size_t next;

    if (codec->framing != SRT_START_CODES)
        return size - header->begin;
    picture = srt_scan_picture(codec, data, size, header->end + 1);
    next = srt_scan_header(codec, data, picture < size ? picture : size, header->end);
    return (next < size ? next : picture < size ? picture : size) - header->begin;
}

/* One header that begins at out->begin. MFX_ERR_NOT_FOUND: it is no use. */
static mfxStatus probe_header(const struct srt_decode_codec *codec, const uint8_t *data, size_t size,
                              bool whole, struct srt_header *out)
{
    mfxStatus status;

    out->end = srt_scan_picture(codec, data, size, out->begin);
    if (out->end == SIZE_MAX) {
        out->end = size;
        if (!whole)
            return size - out->begin < TOO_LONG_HEADER ? MFX_ERR_MORE_DATA : MFX_ERR_NOT_FOUND;
    }
    status = srt_probe(codec, data + out->begin, probe_size(codec, data, size, out), &out->info);
    if (status == MFX_ERR_NOT_FOUND && !whole && may_need_more(codec, out, size))
        return MFX_ERR_MORE_DATA;
    return status;
}

mfxStatus srt_find_header(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from,
                          bool whole, struct srt_header *out)
{
    if (codec->framing == SRT_PACKETS)
        return probe_packet(codec, data, size, from, out);
    for (;;) {
        mfxStatus status;

        out->begin = srt_scan_header(codec, data, size, from);
        if (out->begin == SIZE_MAX)
            return MFX_ERR_NOT_FOUND;
        status = probe_header(codec, data, size, whole, out);
        if (status != MFX_ERR_NOT_FOUND)
            return status;
        from = out->end;
    }
}
