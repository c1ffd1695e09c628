/* The input: opened and taken apart by libavformat. */
#ifndef TRANSCODE_INPUT_H
#define TRANSCODE_INPUT_H

#include "clock.h"
#include "messages.h"

#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

struct input {
    AVFormatContext *format;
    AVStream *video;      /* the stream to transcode */
    AVBSFContext *annexb; /* for AVC and HEVC from mp4 and the like: to a byte stream with parameter sets */
    struct clock clock;
    bool ended;         /* nothing more to read */
    bool broke_off;     /* it ended before its time, or in an error */
    int64_t end_us;     /* where its last video packet ended, by the container's own time */
    uint64_t packets;   /* of video, so far */
    int64_t used_bytes; /* of the file, with its last video packet; 0: not known */
};

/* Opens `path` ("-": stdin), and picks the video stream. On failure there is nothing to close. */
enum exit_code input_open(struct input *input, const char *path);
void input_close(struct input *input);

/* Sets where times begin. `keep_start`: the output can say any time, so times stay what they are; otherwise
 * those of a transport stream, which begin anywhere, are counted from its start. Once, before the first read.
 */
enum exit_code input_set_origin(struct input *input, bool keep_start);

/* Frames in the video that are packets of raw pixels: nothing to decode. */
bool input_is_raw(const struct input *input);

/* Frames a second; 0/0 when the container does not know. */
AVRational input_frame_rate(const struct input *input);

/* Seconds the input lasts, 0 when unknown. */
double input_seconds(const struct input *input);

/* Reads the next packet of any stream, its times corrected; a video packet is ready for a decoder. At the
 * end, or when the user asks to stop, *more is false. The packet must be unreferenced. */
enum exit_code input_read(struct input *input, AVPacket *packet, bool *more);

#endif
