/* The stage before the first when there is nothing to decode: raw pictures into surfaces. */
#ifndef TRANSCODE_READER_H
#define TRANSCODE_READER_H

#include "feed.h"
#include "frame.h"
#include "runtime.h"

struct reader {
    struct runtime *runtime;
    struct feed *feed;
    struct vfa_pool *pool;
    enum AVPixelFormat format;
    mfxFrameInfo info; /* of the frames it gives */
    uint64_t frames;
};

/* EXIT_UNSUPPORTED: pixels that VPL has no format for. */
enum exit_code reader_init(struct reader *reader, struct runtime *runtime, struct feed *feed);

/* The next picture, in a surface of reader->pool. *more is false at the end. */
enum exit_code reader_next(struct reader *reader, const struct relief *relief, struct frame *frame,
                           bool *more);

#endif
