/* The last stage when nothing is encoded: decoded frames as raw pictures. */
#ifndef TRANSCODE_WRITER_H
#define TRANSCODE_WRITER_H

#include "frame.h"
#include "options.h"
#include "output.h"
#include "runtime.h"
#include "timestamps.h"

#include <libavcodec/avcodec.h>

struct writer {
    struct runtime *runtime;
    struct timestamps *times;
    struct output *output;
    AVCodecContext *codec; /* libavcodec's own "encoder" of raw pictures */
    struct frame *slots;   /* that wait for their pixels: AsyncDepth of them, a ring */
    unsigned int depth;
    unsigned int first;
    unsigned int count;
    AVFrame *frame;
    AVPacket *packet;
};

void writer_init(struct writer *writer, struct runtime *runtime, struct timestamps *times,
                 struct output *output, unsigned int depth);

/* Can the container hold such pictures? */
bool writer_accepts(const struct writer *writer, const mfxFrameInfo *info);

/* Describes the stream for the container. */
enum exit_code writer_open(struct writer *writer, const mfxFrameInfo *info, AVRational time_base,
                           AVCodecParameters *stream);

/* Takes a frame, to be written AsyncDepth frames later. */
enum exit_code writer_submit(struct writer *writer, struct frame *frame);

/* Writes the oldest. *waited false: there is none. */
enum exit_code writer_wait(struct writer *writer, bool *waited);

void writer_finish(struct writer *writer);

#endif
