/* An encoder's mfxVideoParam: from the options, by Query; and back to a container's stream parameters. */
#ifndef TRANSCODE_ENCODER_PARAMS_H
#define TRANSCODE_ENCODER_PARAMS_H

#include "encoder.h"

/* Everything but the frame info. */
void encoder_params_init(struct encode_stage *encoder, mfxU32 codec, const AVStream *source);

/* GetVideoParam after Init: *actual without extension buffers, and the stream as the container needs it. */
enum exit_code encoder_params_describe(struct encode_stage *encoder, mfxVideoParam *actual,
                                       AVCodecParameters *stream);

#endif
