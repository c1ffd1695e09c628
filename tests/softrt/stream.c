/* Clips as mfxBitstream. */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define IVF_HEADER       32
#define IVF_FRAME_HEADER 12

static uint32_t little32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void start(struct stream *stream, size_t piece)
{
    stream->piece = piece;
    stream->room = stream->size ? stream->size : 1;
    stream->buffer = malloc(stream->room);
    assert_non_null(stream->buffer);
    stream->bits.Data = stream->buffer;
    stream->bits.MaxLength = (mfxU32)stream->room;
    stream->bits.TimeStamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    stream->bits.DecodeTimeStamp = MFX_TIMESTAMP_UNKNOWN;
}

void stream_open(struct stream *stream, const char *path, size_t piece)
{
    const char *extension = strrchr(path, '.');

    memset(stream, 0, sizeof(*stream));
    stream->data = file_read(path, &stream->size);
    stream->ivf = extension && strcmp(extension, ".ivf") == 0;
    stream->at = stream->ivf ? IVF_HEADER : 0;
    start(stream, piece);
}

void stream_open_bytes(struct stream *stream, const uint8_t *data, size_t size, size_t piece)
{
    memset(stream, 0, sizeof(*stream));
    stream->data = malloc(size ? size : 1);
    assert_non_null(stream->data);
    if (size)
        memcpy(stream->data, data, size);
    stream->size = size;
    start(stream, piece);
}

static void append(struct stream *stream, size_t bytes)
{
    mfxBitstream *bits = &stream->bits;

    memmove(stream->buffer, stream->buffer + bits->DataOffset, bits->DataLength);
    bits->DataOffset = 0;
    assert_true(bits->DataLength + bytes <= stream->room);
    memcpy(stream->buffer + bits->DataLength, stream->data + stream->at, bytes);
    bits->DataLength += (mfxU32)bytes;
    stream->at += bytes;
    stream->num_reads++;
}

static bool read_ivf(struct stream *stream)
{
    size_t bytes;

    if (stream->bits.DataLength)
        return true;
    if (stream->size - stream->at < IVF_FRAME_HEADER)
        return false;
    bytes = little32(stream->data + stream->at);
    /* The clips have 25 frames a second, and IVF counts frames. */
    stream->bits.TimeStamp = (mfxU64)little32(stream->data + stream->at + 4) * (90000 / 25);
    stream->at += IVF_FRAME_HEADER;
    if (bytes > stream->size - stream->at)
        bytes = stream->size - stream->at;
    append(stream, bytes);
    return true;
}

bool stream_read(struct stream *stream)
{
    size_t left = stream->size - stream->at;

    if (stream->ivf)
        return read_ivf(stream);
    if (!left)
        return false;
    append(stream, stream->piece && stream->piece < left ? stream->piece : left);
    return true;
}

void stream_close(struct stream *stream)
{
    free(stream->data);
    free(stream->buffer);
    memset(stream, 0, sizeof(*stream));
}
