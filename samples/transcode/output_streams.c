/* The streams of the output, from those of the input: parameters, metadata, side data, chapters. */
#include "output_streams.h"

#include <assert.h>
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <string.h>

/* Metadata that describes the input's container or encoder, and would be wrong of the output. */
static const char *const stale_keys[] = {"major_brand", "minor_version", "compatible_brands", "encoder"};

static enum exit_code copy_metadata(AVDictionary **to, const AVDictionary *from)
{
    if (av_dict_copy(to, from, 0) < 0)
        return fail_memory("metadata");
    for (size_t i = 0; i < sizeof stale_keys / sizeof stale_keys[0]; i++)
        av_dict_set(to, stale_keys[i], NULL, 0);
    return EXIT_DONE;
}

/* Side data of a transcoded stream that still holds: how the picture is to be shown, not how it was coded. */
static bool still_holds(enum AVPacketSideDataType type)
{
    switch (type) {
    case AV_PKT_DATA_DISPLAYMATRIX:
    case AV_PKT_DATA_STEREO3D:
    case AV_PKT_DATA_SPHERICAL:
    case AV_PKT_DATA_MASTERING_DISPLAY_METADATA:
    case AV_PKT_DATA_CONTENT_LIGHT_LEVEL:
        return true;
    default:
        return false;
    }
}

static enum exit_code copy_side_data(AVStream *to, const AVStream *from, bool all)
{
    for (int i = 0; i < from->nb_side_data; i++) {
        const AVPacketSideData *data = &from->side_data[i];
        if (!all && !still_holds(data->type))
            continue;
        uint8_t *copy = av_stream_new_side_data(to, data->type, data->size);
        if (!copy)
            return fail_memory("side data");
        memcpy(copy, data->data, data->size);
    }
    return EXIT_DONE;
}

static enum exit_code add_stream(struct output *output, const AVStream *from, AVStream **out)
{
    *out = avformat_new_stream(output->format, NULL);
    if (!*out)
        return fail_memory("a stream");
    (*out)->id = output->format->oformat->flags & AVFMT_SHOW_IDS ? from->id : 0;
    (*out)->disposition = from->disposition;
    (*out)->time_base = from->time_base;
    return copy_metadata(&(*out)->metadata, from->metadata);
}

/* Such containers count frames, and take the rate from the stream's unit of time; the others need the
 * source's. */
static bool has_fixed_rate(const AVOutputFormat *container)
{
    static const char *const names[] = {"yuv4mpegpipe", "avi", "mxf", "gxf"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!strcmp(container->name, names[i]))
            return true;
    return false;
}

static enum exit_code add_video(struct output *output, const struct input *input,
                                const AVCodecParameters *video, AVRational frame_rate)
{
    const AVStream *from = input->video;
    enum exit_code code = add_stream(output, from, &output->video);

    if (code != EXIT_DONE)
        return code;
    if (avcodec_parameters_copy(output->video->codecpar, video) < 0)
        return fail_memory("a stream");
    output->video->sample_aspect_ratio = video->sample_aspect_ratio;
    output->video->avg_frame_rate = frame_rate;
    if (has_fixed_rate(output->format->oformat))
        output->video->time_base = av_inv_q(frame_rate);
    output->video_time_base = from->time_base;
    return copy_side_data(output->video, from, false);
}

/* A stream of which too little came to know what it is (in a file cut short) cannot be described to any
 * container. */
static bool is_known(const AVCodecParameters *par)
{
    switch (par->codec_type) {
    case AVMEDIA_TYPE_AUDIO:
        return par->codec_id != AV_CODEC_ID_NONE && par->sample_rate > 0 && par->ch_layout.nb_channels > 0;
    case AVMEDIA_TYPE_VIDEO:
        return par->codec_id != AV_CODEC_ID_NONE && par->width > 0 && par->height > 0;
    default:
        return true;
    }
}

/* Containers that take any codec, or any that they know, answer 1; those that do not answer are for the
 * codecs that they name. Attachments (fonts) and data go only to a container of the input's own kind, or to
 * Matroska. */
static bool container_takes(const AVOutputFormat *container, const struct input *input,
                            const AVCodecParameters *par)
{
    int answer = avformat_query_codec(container, par->codec_id, FF_COMPLIANCE_NORMAL);

    switch (par->codec_type) {
    case AVMEDIA_TYPE_AUDIO:
        return answer > 0 || (answer < 0 && container->audio_codec != AV_CODEC_ID_NONE);
    case AVMEDIA_TYPE_SUBTITLE:
        return answer > 0 || (answer < 0 && container->subtitle_codec != AV_CODEC_ID_NONE);
    case AVMEDIA_TYPE_VIDEO:
        return answer > 0;
    case AVMEDIA_TYPE_ATTACHMENT:
        return !strcmp(container->name, "matroska");
    default:
        return par->codec_id != AV_CODEC_ID_NONE && strstr(input->format->iformat->name, container->name);
    }
}

/* The input's tag for the codec, where the output's container knows it too; 0 lets the muxer choose. */
static uint32_t tag_for(const AVOutputFormat *container, const AVCodecParameters *par)
{
    unsigned int tag;

    if (!container->codec_tag || av_codec_get_id(container->codec_tag, par->codec_tag) == par->codec_id)
        return par->codec_tag;
    return av_codec_get_tag2(container->codec_tag, par->codec_id, &tag) ? 0 : par->codec_tag;
}

static enum exit_code add_copy(struct output *output, const struct input *input, const AVStream *from,
                               AVStream **out)
{
    enum exit_code code = add_stream(output, from, out);

    if (code != EXIT_DONE)
        return code;
    assert(*out);
    if (avcodec_parameters_copy((*out)->codecpar, from->codecpar) < 0)
        return fail_memory("a stream");
    bool same_container = strstr(input->format->iformat->name, output->format->oformat->name) != NULL;
    if (!same_container)
        (*out)->codecpar->codec_tag = tag_for(output->format->oformat, from->codecpar);
    (*out)->sample_aspect_ratio = from->sample_aspect_ratio;
    (*out)->avg_frame_rate = from->avg_frame_rate;
    return copy_side_data(*out, from, true);
}

static enum exit_code add_copies(struct output *output, const struct input *input)
{
    for (unsigned int i = 0; i < input->format->nb_streams; i++) {
        const AVStream *from = input->format->streams[i];
        enum exit_code code = EXIT_DONE;

        if (from == input->video)
            output->maps[i].stream = output->video;
        else if (!is_known(from->codecpar))
            warn("stream %u is left out: too little of it is there to tell what it is", i);
        else if (container_takes(output->format->oformat, input, from->codecpar))
            code = add_copy(output, input, from, &output->maps[i].stream);
        else
            warn("stream %u (%s, %s) is left out: the container '%s' cannot hold it", i,
                 av_get_media_type_string(from->codecpar->codec_type)
                     ? av_get_media_type_string(from->codecpar->codec_type)
                     : "unknown",
                 avcodec_get_name(from->codecpar->codec_id), output->format->oformat->name);
        if (code != EXIT_DONE)
            return code;
    }
    return EXIT_DONE;
}

static enum exit_code copy_chapters(struct output *output, const struct input *input)
{
    unsigned int count = input->format->nb_chapters;

    if (!count)
        return EXIT_DONE;
    output->format->chapters = av_calloc(count, sizeof(AVChapter *));
    if (!output->format->chapters)
        return fail_memory("chapters");
    for (unsigned int i = 0; i < count; i++) {
        const AVChapter *from = input->format->chapters[i];
        AVChapter *to = av_mallocz(sizeof *to);
        if (!to)
            return fail_memory("chapters");
        output->format->chapters[output->format->nb_chapters++] = to;
        to->id = from->id;
        to->time_base = from->time_base;
        to->start = from->start;
        to->end = from->end;
        if (av_dict_copy(&to->metadata, from->metadata, 0) < 0)
            return fail_memory("chapters");
    }
    return EXIT_DONE;
}

static enum exit_code make_maps(struct output *output, const struct input *input)
{
    output->map_count = input->format->nb_streams;
    output->video_index = (unsigned int)input->video->index;
    output->maps = av_calloc(output->map_count, sizeof *output->maps);
    if (!output->maps)
        return fail_memory("the output's streams");
    for (unsigned int i = 0; i < output->map_count; i++)
        output->maps[i].last_dts = AV_NOPTS_VALUE;
    return EXIT_DONE;
}

/* The video first: containers of one stream, and players, look there. */
enum exit_code output_streams_create(struct output *output, const struct input *input,
                                     const AVCodecParameters *video, AVRational frame_rate)
{
    enum exit_code code = make_maps(output, input);

    if (code == EXIT_DONE)
        code = add_video(output, input, video, frame_rate);
    if (code == EXIT_DONE)
        code = add_copies(output, input);
    if (code == EXIT_DONE)
        code = copy_metadata(&output->format->metadata, input->format->metadata);
    if (code == EXIT_DONE)
        code = copy_chapters(output, input);
    return code;
}
