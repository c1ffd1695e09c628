/* A clip as an application reads it: an elementary stream in pieces of any size, or the frames of an IVF
 * file. */
#ifndef SOFTRT_STREAM_H
#define SOFTRT_STREAM_H

#include "support.h"

struct stream {
    uint8_t *data;
    size_t size;
    size_t at;
    bool ivf;
    size_t piece;      /* bytes read at a time; 0 = all at once */
    mfxBitstream bits; /* what the decoder is given; unread bytes stay in front */
    uint8_t *buffer;
    size_t room;
    mfxU64 num_reads;
};

/* The file at `path`; ".ivf" is told by its name. */
void stream_open(struct stream *stream, const char *path, size_t piece);

/* The same from memory, copied; an elementary stream. */
void stream_open_bytes(struct stream *stream, const uint8_t *data, size_t size, size_t piece);

/* Reads on: moves what the decoder left to the front and appends more. False at the end of the clip. An IVF
 * frame is read only when the last one is used up, and brings its time stamp (IVF's, in 90 kHz). */
bool stream_read(struct stream *stream);
void stream_close(struct stream *stream);

#endif
