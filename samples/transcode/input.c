/* The input: opened and taken apart by libavformat. */
#include "input.h"

#include "interrupt.h"

#include <errno.h>
#include <string.h>

/* An input that lacks more than this of what its container promises broke off. */
#define MISSING_US INT64_C(500000)

/* Parameter sets in mp4 and mkv lie apart from the pictures, which have lengths instead of start codes; their
 * configuration record begins with a 1, a byte stream with a start code. */
static enum exit_code open_annexb(struct input *input)
{
    const AVCodecParameters *par = input->video->codecpar;
    const char *name = par->codec_id == AV_CODEC_ID_H264   ? "h264_mp4toannexb"
                       : par->codec_id == AV_CODEC_ID_HEVC ? "hevc_mp4toannexb"
                                                           : NULL;

    if (!name || par->extradata_size < 7 || par->extradata[0] != 1)
        return EXIT_DONE;
    const AVBitStreamFilter *filter = av_bsf_get_by_name(name);
    if (!filter)
        return fail(EXIT_UNSUPPORTED, "this libavcodec has no '%s' bitstream filter", name);
    if (av_bsf_alloc(filter, &input->annexb) < 0)
        return fail_memory("a bitstream filter");
    if (avcodec_parameters_copy(input->annexb->par_in, par) < 0)
        return fail_memory("a bitstream filter");
    input->annexb->time_base_in = input->video->time_base;
    int error = av_bsf_init(input->annexb);
    if (error < 0)
        return fail(EXIT_DAMAGED, "the video's configuration record cannot be read: %s", av_err2str(error));
    return EXIT_DONE;
}

/* A cover picture is no video. */
static enum exit_code pick_video(struct input *input, const char *path)
{
    int index = av_find_best_stream(input->format, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);

    if (index < 0 || input->format->streams[index]->disposition & AV_DISPOSITION_ATTACHED_PIC)
        return fail(EXIT_NO_VIDEO, "'%s' has no video stream among its %u streams", path,
                    input->format->nb_streams);
    input->video = input->format->streams[index];
    return EXIT_DONE;
}

static enum exit_code open_format(struct input *input, const char *path)
{
    const char *url = strcmp(path, "-") ? path : "pipe:0";

    input->format = avformat_alloc_context();
    if (!input->format)
        return fail_memory("the input");
    input->format->interrupt_callback.callback = interrupt_callback;
    int error = avformat_open_input(&input->format, url, NULL, NULL); /* frees the context when it fails */
    if (error == AVERROR_EXIT || (error < 0 && interrupt_asked()))
        return fail(EXIT_INTERRUPTED, "interrupted before anything was read");
    if (error == AVERROR_INVALIDDATA || error == AVERROR_EOF || error == AVERROR(EINVAL))
        return fail(EXIT_DAMAGED, "cannot make sense of '%s': %s; is it a video file, and whole%s?", path,
                    av_err2str(error), strcmp(path, "-") ? "" : ", and its index not at its end");
    if (error < 0)
        return fail(EXIT_INPUT, "cannot open '%s': %s", path, av_err2str(error));
    error = avformat_find_stream_info(input->format, NULL);
    if (error < 0)
        return fail(EXIT_DAMAGED, "cannot tell what '%s' contains: %s", path, av_err2str(error));
    return EXIT_DONE;
}

enum exit_code input_open(struct input *input, const char *path)
{
    memset(input, 0, sizeof *input);
    enum exit_code code = open_format(input, path);
    if (code == EXIT_DONE)
        code = pick_video(input, path);
    if (code == EXIT_DONE)
        code = open_annexb(input);
    if (code != EXIT_DONE)
        input_close(input);
    return code;
}

void input_close(struct input *input)
{
    clock_finish(&input->clock);
    av_bsf_free(&input->annexb);
    avformat_close_input(&input->format);
    input->video = NULL;
}

enum exit_code input_set_origin(struct input *input, bool keep_start)
{
    const AVFormatContext *format = input->format;
    bool jumps = format->iformat->flags & AVFMT_TS_DISCONT;
    int64_t origin = jumps && !keep_start && format->start_time != AV_NOPTS_VALUE ? format->start_time : 0;

    return clock_init(&input->clock, format->nb_streams, origin, jumps);
}

bool input_is_raw(const struct input *input)
{
    return input->video->codecpar->codec_id == AV_CODEC_ID_RAWVIDEO;
}

AVRational input_frame_rate(const struct input *input)
{
    return av_guess_frame_rate(input->format, input->video, NULL);
}

double input_seconds(const struct input *input)
{
    if (input->video->duration != AV_NOPTS_VALUE && input->video->duration > 0)
        return (double)input->video->duration * av_q2d(input->video->time_base);
    if (input->format->duration != AV_NOPTS_VALUE && input->format->duration > 0)
        return (double)input->format->duration / AV_TIME_BASE;
    return 0;
}

static void note_end(struct input *input, const AVPacket *packet)
{
    int64_t time = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

    input->packets++;
    input->used_bytes = packet->pos >= 0 ? packet->pos + packet->size : 0;
    if (time == AV_NOPTS_VALUE)
        return;
    int64_t end = av_rescale_q(time + packet->duration, input->video->time_base, AV_TIME_BASE_Q);
    if (end > input->end_us || input->packets == 1)
        input->end_us = end;
}

/* The container said how long the video is: did it keep its word? Only mp4 and its kind know before the end.
 */
static bool is_short(const struct input *input)
{
    const AVStream *video = input->video;

    if (video->duration == AV_NOPTS_VALUE || input->format->iformat->flags & AVFMT_TS_DISCONT)
        return false;
    int64_t start = video->start_time != AV_NOPTS_VALUE ? video->start_time : 0;
    int64_t due = av_rescale_q(start + video->duration, video->time_base, AV_TIME_BASE_Q);
    return input->end_us < due - MISSING_US;
}

/* Of a picture that is not whole libavformat says nothing; but in y4m nothing follows the pictures. */
static bool is_rest_left(const struct input *input)
{
    return !strcmp(input->format->iformat->name, "yuv4mpegpipe") && input->used_bytes &&
           avio_tell(input->format->pb) > input->used_bytes;
}

static void end(struct input *input, int error)
{
    input->ended = true;
    if (interrupt_asked())
        return;
    if (error != AVERROR_EOF) {
        input->broke_off = true;
        warn("the input breaks off: %s; what was read by then is transcoded", av_err2str(error));
    } else if (input->format->pb && input->format->pb->error < 0 && input->format->pb->error != AVERROR_EOF) {
        input->broke_off = true;
        warn("the input breaks off: %s; what was read by then is transcoded",
             av_err2str(input->format->pb->error));
    } else if (is_rest_left(input)) {
        input->broke_off = true;
        warn("the input breaks off: its last picture is not whole, and left out");
    } else if (is_short(input)) {
        input->broke_off = true;
        warn("the input ends before its time: %.2f s of video are there, the container says %.2f s",
             (double)input->end_us / AV_TIME_BASE, input_seconds(input));
    }
}

/* The filter gives one packet for one, but need not: it is asked first, fed when it is empty. */
static int filter(struct input *input, AVPacket *packet)
{
    int error = av_bsf_send_packet(input->annexb, packet);

    if (error < 0) {
        av_packet_unref(packet);
        return error;
    }
    return av_bsf_receive_packet(input->annexb, packet);
}

/* Streams that a container shows only later (transport streams do) have no place in the output any more. */
static int read_known_stream(struct input *input, AVPacket *packet)
{
    int error = av_read_frame(input->format, packet);

    while (error >= 0 && (unsigned int)packet->stream_index >= input->clock.count) {
        av_packet_unref(packet);
        error = av_read_frame(input->format, packet);
    }
    return error;
}

/* One packet; the time stamps of a video packet are noted before they are corrected. */
static int read_packet(struct input *input, AVPacket *packet)
{
    int error = read_known_stream(input, packet);

    if (error < 0 || packet->stream_index != input->video->index)
        return error;
    note_end(input, packet);
    if (!input->annexb)
        return 0;
    int index = packet->stream_index;
    error = filter(input, packet);
    packet->stream_index = index;
    return error == AVERROR(EAGAIN) ? AVERROR_INVALIDDATA : error;
}

enum exit_code input_read(struct input *input, AVPacket *packet, bool *more)
{
    *more = false;
    if (input->ended)
        return EXIT_DONE;
    if (interrupt_asked()) {
        input->ended = true;
        return EXIT_DONE;
    }
    int error = read_packet(input, packet);
    if (error == AVERROR(ENOMEM))
        return fail_memory("a packet of the input");
    if (error < 0) {
        end(input, error);
        return EXIT_DONE;
    }
    const AVStream *stream = input->format->streams[packet->stream_index];
    enum AVMediaType type = stream->codecpar->codec_type;
    bool steady = (type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO) &&
                  !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC);
    enum exit_code code =
        clock_apply(&input->clock, (unsigned int)packet->stream_index, steady, stream->time_base, packet);
    *more = code == EXIT_DONE;
    if (code != EXIT_DONE)
        av_packet_unref(packet);
    return code;
}
