/* The streams of the output, from those of the input. */
#ifndef TRANSCODE_OUTPUT_STREAMS_H
#define TRANSCODE_OUTPUT_STREAMS_H

#include "output.h"

/* Makes the output's streams and maps: the video as `video` describes it with what the container says of the
 * input's (rotation, mastering data, language...), the others copied where the container can hold them;
 * chapters and metadata. */
enum exit_code output_streams_create(struct output *output, const struct input *input,
                                     const AVCodecParameters *video, AVRational frame_rate);

#endif
