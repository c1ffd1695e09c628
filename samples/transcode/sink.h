/* The last stage: the encoder, or the writer of raw pictures; and what both share. */
#ifndef TRANSCODE_SINK_H
#define TRANSCODE_SINK_H

#include "encoder.h"
#include "hash.h"
#include "writer.h"

struct sink {
    bool raw;
    struct encode_stage encoder; /* unless raw */
    struct writer writer;        /* if raw */
    struct runtime *runtime;
    struct output *output;
    const struct input *input;
    struct hash hash;
    mfxFrameInfo info; /* of the frames it takes; fixed from sink_open on */
    uint64_t frames;   /* taken */
};

/* `codec`: what to encode, 0 for raw pictures. */
enum exit_code sink_init(struct sink *sink, struct runtime *runtime, const struct options *options,
                         mfxU32 codec, const struct input *input, struct timestamps *times,
                         struct output *output);

/* Takes the sink such frames? */
bool sink_accepts(struct sink *sink, const mfxFrameInfo *info);

/* How many surfaces: as a component of a plan (encoder: *has_request), or as frames held (writer: *hold). */
enum exit_code sink_request(struct sink *sink, mfxFrameAllocRequest *request, bool *has_request,
                            mfxU16 *hold);

/* Starts it, and writes the output's header. `info` is what sink_accepts took last. */
enum exit_code sink_open(struct sink *sink, const mfxFrameInfo *info, AVRational frame_rate);

/* Takes a frame. */
enum exit_code sink_take(struct sink *sink, const struct relief *relief, struct frame *frame);

/* Everything is written that is still on its way. */
enum exit_code sink_drain(struct sink *sink, const struct relief *relief);

/* Waits for the oldest operation. *waited false: there is none. */
enum exit_code sink_wait(struct sink *sink, bool *waited);

void sink_finish(struct sink *sink);

#endif
