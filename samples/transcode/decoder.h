/* The decoding stage: MFXVideoDECODE. */
#ifndef TRANSCODE_DECODER_H
#define TRANSCODE_DECODER_H

#include "feed.h"
#include "frame.h"
#include "runtime.h"

struct decode_stage {
    struct runtime *runtime;
    struct feed *feed;
    struct vfa_pool *pool; /* work surfaces; belongs to the pipeline */
    mfxVideoParam par;     /* as DecodeHeader said, and Init was given */
    mfxBitstream bitstream;
    mfxSyncPoint last; /* of the operations begun; they end in their order */
    bool open;         /* between Init and Close */
    bool input_ended;
    bool changing;     /* the stream goes on with other parameters, once this decoder is drained */
    unsigned int idle; /* calls in a row that moved nothing */
    uint64_t frames;
    uint64_t damaged_frames; /* flagged by the runtime */
    uint64_t errors;         /* pictures it could not decode at all */
};

/* What a step brought. */
enum decoder_event {
    DECODER_FRAME,
    DECODER_CHANGED, /* all frames of the old kind are out: read the header and start anew */
    DECODER_END,
};

void decoder_init(struct decode_stage *decoder, struct runtime *runtime, struct feed *feed, mfxU32 codec,
                  mfxU16 async);

/* DecodeHeader: reads packets until a sequence header is found, and fills decoder->par. EXIT_DAMAGED: there
 * is none. */
enum exit_code decoder_read_header(struct decode_stage *decoder);

/* Query: would the decoder give frames of that format? Changes nothing. */
bool decoder_accepts(struct decode_stage *decoder, mfxU32 fourcc);

/* QueryIOSurf for decoder->par. */
enum exit_code decoder_request(struct decode_stage *decoder, mfxFrameAllocRequest *request);

/* Init with decoder->par; work surfaces come from `pool`. */
enum exit_code decoder_open(struct decode_stage *decoder, struct vfa_pool *pool);

/* DecodeFrameAsync until there is a frame, or the end. */
enum exit_code decoder_next(struct decode_stage *decoder, const struct relief *relief, struct frame *frame,
                            enum decoder_event *event);

/* Waits for what was begun, and Close; decoder_read_header and decoder_open may follow. */
void decoder_close(struct decode_stage *decoder);
void decoder_finish(struct decode_stage *decoder);

#endif
