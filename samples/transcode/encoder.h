/* The encoding stage: MFXVideoENCODE, and a ring of operations in flight. */
#ifndef TRANSCODE_ENCODER_H
#define TRANSCODE_ENCODER_H

#include "frame.h"
#include "options.h"
#include "output.h"
#include "runtime.h"
#include "timestamps.h"

/* Extension buffers Init may carry. */
#define ENCODER_EXT 3

/* One operation in flight. */
struct encoder_slot {
    mfxBitstream bitstream;
    mfxSyncPoint sync;
};

struct encode_stage {
    struct runtime *runtime;
    const struct options *options;
    struct timestamps *times;
    struct output *output;
    mfxVideoParam par;
    mfxExtVideoSignalInfo signal;
    mfxExtMasteringDisplayColourVolume mastering;
    mfxExtContentLightLevelInfo light;
    mfxExtBuffer *ext[ENCODER_EXT];
    struct encoder_slot *slots; /* AsyncDepth of them, a ring */
    unsigned int depth;
    unsigned int first; /* the oldest in flight */
    unsigned int count; /* in flight */
    AVPacket *packet;
    bool open;
    uint64_t frames;  /* taken */
    uint64_t packets; /* written */
};

/* What to encode, in MFX_CODEC_, with the options; `source` tells colours. */
void encoder_init(struct encode_stage *encoder, struct runtime *runtime, const struct options *options,
                  mfxU32 codec, const AVStream *source, struct timestamps *times, struct output *output);

/* Query: takes the encoder such frames, with the options or something close? Then encoder->par is what it
 * takes. */
bool encoder_accepts(struct encode_stage *encoder, const mfxFrameInfo *info);

/* QueryIOSurf for encoder->par. */
enum exit_code encoder_request(struct encode_stage *encoder, mfxFrameAllocRequest *request);

/* Init, and describes the stream for the container: parameter sets, profile, size, colours. */
enum exit_code encoder_open(struct encode_stage *encoder, AVCodecParameters *stream);

/* EncodeFrameAsync: takes a frame. `frame` NULL: what the encoder still holds is coded and written. */
enum exit_code encoder_submit(struct encode_stage *encoder, const struct relief *relief, struct frame *frame);

/* SyncOperation on the oldest operation in flight, whose packet is written. *waited false: there is none. */
enum exit_code encoder_wait(struct encode_stage *encoder, bool *waited);

void encoder_close(struct encode_stage *encoder);
void encoder_finish(struct encode_stage *encoder);

#endif
