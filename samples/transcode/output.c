/* The output: put together and written by libavformat. */
#include "output.h"

#include "interrupt.h"
#include "output_streams.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Between a transport stream's clock and its packets: what players expect to buffer. */
#define TS_DELAY_US 700000

/* What the container's own choice, or its name, says. */
static enum video_codec natural_codec(const AVOutputFormat *container)
{
    switch (container->video_codec) {
    case AV_CODEC_ID_HEVC:
        return VIDEO_HEVC;
    case AV_CODEC_ID_MJPEG:
        return VIDEO_JPEG;
    case AV_CODEC_ID_RAWVIDEO:
    case AV_CODEC_ID_WRAPPED_AVFRAME:
        return VIDEO_RAW;
    default:
        return VIDEO_H264;
    }
}

static const AVOutputFormat *choose_container(const struct options *options)
{
    const char *name = options->format;

    if (!name && !strcmp(options->output, "-"))
        name = options->codec == VIDEO_RAW ? "yuv4mpegpipe" : "matroska";
    return av_guess_format(name, name ? NULL : options->output, NULL);
}

enum exit_code output_open(struct output *output, const struct options *options)
{
    const AVOutputFormat *container = choose_container(options);

    memset(output, 0, sizeof *output);
    if (!container && options->format)
        return fail(EXIT_USAGE, "libavformat has no container '%s'", options->format);
    if (!container)
        return fail(EXIT_USAGE, "'%s' does not end like any container; name one with --format",
                    options->output);
    if (container->video_codec == AV_CODEC_ID_NONE)
        return fail(EXIT_UNSUPPORTED, "the container '%s' holds no video", container->name);
    if (avformat_alloc_output_context2(&output->format, container, NULL, target_url(options->output)) < 0)
        return fail_memory("the output");
    target_guard(&output->target, options, output->format);
    output->path = options->output;
    output->codec = options->codec == VIDEO_AUTO ? natural_codec(container) : options->codec;
    return EXIT_DONE;
}

enum exit_code output_check_codec(const struct output *output, enum AVCodecID codec)
{
    const AVOutputFormat *container = output->format->oformat;

    /* Containers of one kind of stream do not answer the question, but name the codec they are for. */
    int answer = avformat_query_codec(container, codec, FF_COMPLIANCE_NORMAL);
    if (answer == 0 || (answer < 0 && !container->codec_tag && container->audio_codec == AV_CODEC_ID_NONE &&
                        container->video_codec != codec))
        return fail(EXIT_UNSUPPORTED, "the container '%s' cannot hold %s; choose another --codec or --format",
                    container->name, avcodec_get_name(codec));
    return EXIT_DONE;
}

bool output_keeps_start(const struct output *output)
{
    return !strcmp(output->format->oformat->name, "mpegts");
}

static enum exit_code write_failed(struct output *output, int error)
{
    output->failed = true;
    if (output->target.refused)
        return fail(EXIT_EXISTS, "'%s' exists; %s", output->target.refused,
                    output->target.options->overwrite ? "it is the input" : "--overwrite replaces it");
    if ((error == AVERROR(EINTR) || error == AVERROR_EXIT) && interrupt_asked())
        return fail(EXIT_INTERRUPTED, "interrupted before '%s' could be written", output->path);
    if (error == AVERROR(ENOSPC))
        return fail(EXIT_OUTPUT, "cannot write '%s': the disk is full; what is there is incomplete",
                    output->path);
    if (error == AVERROR(EINVAL) && !strcmp(output->format->oformat->name, "image2") &&
        !av_filename_number_test(output->path))
        return fail(
            EXIT_OUTPUT,
            "cannot write more than one picture to '%s': OUTPUT needs a number, such as picture%%03d.jpg",
            output->path);
    return fail(EXIT_OUTPUT, "cannot write '%s': %s", output->path, av_err2str(error));
}

/* What containers need to be told. */
static void set_options(struct output *output, const struct input *input, AVDictionary **options)
{
    const char *name = output->format->oformat->name;

    if (!strcmp(name, "mpegts")) {
        output->format->max_delay = TS_DELAY_US;
        /* Times of a transport stream stay what they are; others are moved to leave room for the clock. */
        if (input->format->iformat->flags & AVFMT_TS_DISCONT)
            av_dict_set(options, "mpegts_copyts", "1", 0);
    }
    /* FLAC in mp4, more than 8 bits in y4m: what is there is copied, whatever libavformat thinks of its
     * standing. */
    output->format->strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL;
    /* An index at the end needs to go back: without that, one for every group of pictures. */
    if (output->format->pb && !(output->format->pb->seekable & AVIO_SEEKABLE_NORMAL) &&
        (!strcmp(name, "mp4") || !strcmp(name, "mov")))
        av_dict_set(options, "movflags", "frag_keyframe+empty_moov+default_base_moof", 0);
}

static enum exit_code create_file(struct output *output)
{
    if (output->format->oformat->flags & AVFMT_NOFILE)
        return EXIT_DONE;
    int error = output->format->io_open(output->format, &output->format->pb, output->format->url,
                                        AVIO_FLAG_WRITE, NULL);
    output->created = error >= 0;
    return error < 0 ? write_failed(output, error) : EXIT_DONE;
}

/* A file that never got a header, or a picture, is of no use to anyone. */
void output_discard(struct output *output)
{
    const char *name = target_file_name(output->format->url);
    struct stat out;

    if (!output->created)
        return;
    avio_closep(&output->format->pb);
    if (name && stat(name, &out) == 0 && S_ISREG(out.st_mode))
        unlink(name);
}

/* Containers of several files go on without one that was refused, or give the refusal another name. */
static int refusal(const struct output *output, int error)
{
    return output->target.refused ? AVERROR(EEXIST) : error;
}

static enum exit_code write_header(struct output *output, const struct input *input)
{
    AVDictionary *options = NULL;

    set_options(output, input, &options);
    int error = refusal(output, avformat_write_header(output->format, &options));
    av_dict_free(&options);
    if (error < 0) {
        enum exit_code code = write_failed(output, error);
        output_discard(output);
        if (error != AVERROR(EINVAL))
            return code;
        warn("the container '%s' may not hold all these streams; matroska holds most",
             output->format->oformat->name);
        return EXIT_UNSUPPORTED;
    }
    output->started = true;
    return EXIT_DONE;
}

static enum exit_code flush_waiting(struct output *output, const struct input *input)
{
    enum exit_code code = EXIT_DONE;

    for (unsigned int i = 0; i < output->waiting_count; i++) {
        if (code == EXIT_DONE)
            code = output_write_copy(output, input, output->waiting[i]);
        av_packet_free(&output->waiting[i]);
    }
    output->waiting_count = 0;
    return code;
}

enum exit_code output_start(struct output *output, const struct input *input, const AVCodecParameters *video,
                            AVRational frame_rate)
{
    enum exit_code code = output_streams_create(output, input, video, frame_rate);

    if (code == EXIT_DONE)
        code = create_file(output);
    if (code == EXIT_DONE)
        code = write_header(output, input);
    if (code == EXIT_DONE)
        code = flush_waiting(output, input);
    return code;
}

static enum exit_code keep(struct output *output, AVPacket *packet)
{
    AVPacket **grown = av_realloc_array(output->waiting, output->waiting_count + 1, sizeof(AVPacket *));

    if (!grown)
        return fail_memory("packets that wait for the output");
    output->waiting = grown;
    grown[output->waiting_count] = av_packet_alloc();
    if (!grown[output->waiting_count])
        return fail_memory("packets that wait for the output");
    av_packet_move_ref(grown[output->waiting_count++], packet);
    return EXIT_DONE;
}

/* Decoding times must rise. Sources that are damaged, or joined, do not always keep to that. */
static void keep_order(struct output *output, struct output_map *map, AVPacket *packet)
{
    int strict = !(output->format->oformat->flags & AVFMT_TS_NONSTRICT);

    if (packet->dts == AV_NOPTS_VALUE || output->format->oformat->flags & AVFMT_NOTIMESTAMPS)
        return;
    if (map->last_dts != AV_NOPTS_VALUE && packet->dts < map->last_dts + strict) {
        if (!map->bent)
            warn("stream %d: the input's times run backwards; moved to stay in order", map->stream->index);
        map->bent = true;
        packet->dts = map->last_dts + strict;
        if (packet->pts != AV_NOPTS_VALUE && packet->pts < packet->dts)
            packet->pts = packet->dts;
    }
    map->last_dts = packet->dts;
}

/* Damaged packets of a copied stream (which the muxer looks into: AAC's headers) are left out; the disk is
 * not at fault. */
static bool is_packets_fault(int error)
{
    return error == AVERROR_INVALIDDATA || error == AVERROR(EINVAL) || error == AVERROR_PATCHWELCOME;
}

static int write_packet(struct output *output, struct output_map *map, AVRational time_base, AVPacket *packet)
{
    packet->stream_index = map->stream->index;
    packet->pos = -1;
    av_packet_rescale_ts(packet, time_base, map->stream->time_base);
    keep_order(output, map, packet);
    int error = av_interleaved_write_frame(output->format, packet); /* takes the packet, also when it fails */
    return refusal(output, error);
}

enum exit_code output_write_copy(struct output *output, const struct input *input, AVPacket *packet)
{
    if (!output->started)
        return keep(output, packet);
    unsigned int index = (unsigned int)packet->stream_index;
    if (index >= output->map_count || !output->maps[index].stream) {
        av_packet_unref(packet);
        return EXIT_DONE;
    }
    struct output_map *map = &output->maps[index];
    int error = write_packet(output, map, input->format->streams[index]->time_base, packet);
    if (error >= 0 || !is_packets_fault(error))
        return error < 0 ? write_failed(output, error) : EXIT_DONE;
    if (map->dropped++ == 0)
        warn("stream %u: damaged packets are left out (%s)", index, av_err2str(error));
    return EXIT_DONE;
}

enum exit_code output_write_video(struct output *output, AVPacket *packet)
{
    int error = write_packet(output, &output->maps[output->video_index], output->video_time_base, packet);
    return error < 0 ? write_failed(output, error) : EXIT_DONE;
}

enum exit_code output_finish(struct output *output)
{
    int error = 0;

    if (!output->started)
        return EXIT_DONE;
    output->started = false;
    if (!output->failed)
        error = refusal(output, av_write_trailer(output->format));
    else
        av_write_trailer(output->format); /* frees what the muxer holds; the failure has been told */
    if (output->format->pb && !(output->format->oformat->flags & AVFMT_NOFILE)) {
        output->bytes = avio_tell(output->format->pb);
        int64_t size = avio_size(output->format->pb);
        if (size > output->bytes)
            output->bytes = size;
        int closing = avio_closep(&output->format->pb);
        if (error >= 0)
            error = closing;
    }
    return error < 0 && !output->failed ? write_failed(output, error) : EXIT_DONE;
}

void output_close(struct output *output)
{
    for (unsigned int i = 0; i < output->waiting_count; i++)
        av_packet_free(&output->waiting[i]);
    av_freep(&output->waiting);
    output->waiting_count = 0;
    av_freep(&output->maps);
    if (output->format && output->format->pb && !(output->format->oformat->flags & AVFMT_NOFILE))
        avio_closep(&output->format->pb);
    avformat_free_context(output->format);
    target_finish(&output->target);
    output->format = NULL;
}
