/* The output: put together and written by libavformat. */
#ifndef TRANSCODE_OUTPUT_H
#define TRANSCODE_OUTPUT_H

#include "input.h"
#include "messages.h"
#include "options.h"
#include "target.h"

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

/* What became of one stream of the input. */
struct output_map {
    AVStream *stream; /* NULL: left out */
    int64_t last_dts; /* written, in the output's time base */
    bool bent;        /* a time was moved, and said so */
    uint64_t dropped; /* packets the container would not have */
};

struct output {
    AVFormatContext *format;
    const char *path;
    struct target target;
    AVStream *video;
    enum video_codec codec;  /* never VIDEO_AUTO */
    struct output_map *maps; /* by the input's stream index */
    unsigned int map_count;
    unsigned int video_index;   /* the input's index of the video */
    AVRational video_time_base; /* of the packets given to output_write_video */
    AVPacket **waiting;         /* copied packets read before the header could be written */
    unsigned int waiting_count;
    bool created;  /* the file is this program's */
    bool started;  /* the header is written */
    bool failed;   /* writing failed */
    int64_t bytes; /* after output_finish */
};

/* Chooses container and codec, and checks that OUTPUT may be written; creates nothing yet. On failure there
 * is nothing to close. */
enum exit_code output_open(struct output *output, const struct options *options);

/* Can the container hold this video? */
enum exit_code output_check_codec(const struct output *output, enum AVCodecID codec);

/* Creates the file with the streams of the input, the video as `video` describes it, and writes the header.
 * Then what waited. */
enum exit_code output_start(struct output *output, const struct input *input, const AVCodecParameters *video,
                            AVRational frame_rate);

/* Is the start of times kept whatever it is? */
bool output_keeps_start(const struct output *output);

/* Writes a packet of another stream, or keeps it until the header is written. Takes the packet's contents. */
enum exit_code output_write_copy(struct output *output, const struct input *input, AVPacket *packet);

/* Writes a packet of video, times in the input's time base. Takes the packet's contents. */
enum exit_code output_write_video(struct output *output, AVPacket *packet);

/* Writes what the container needs at its end, and closes the file. Also after a failure elsewhere, to leave a
 * playable file. */
enum exit_code output_finish(struct output *output);

/* Removes a file that has nothing in it, after output_finish. Devices and pipes stay. */
void output_discard(struct output *output);

/* Gives everything back; a file that is not finished stays as it is. */
void output_close(struct output *output);

#endif
