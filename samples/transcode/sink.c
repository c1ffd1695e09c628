/* The last stage: the encoder, or the writer of raw pictures; and what both share. */
#include "sink.h"

#include <string.h>

enum exit_code sink_init(struct sink *sink, struct runtime *runtime, const struct options *options,
                         mfxU32 codec, const struct input *input, struct timestamps *times,
                         struct output *output)
{
    memset(sink, 0, sizeof *sink);
    sink->raw = codec == 0;
    sink->runtime = runtime;
    sink->output = output;
    sink->input = input;
    if (sink->raw)
        writer_init(&sink->writer, runtime, times, output, options->async_depth);
    else
        encoder_init(&sink->encoder, runtime, options, codec, input->video, times, output);
    return options->hash ? hash_open(&sink->hash) : EXIT_DONE;
}

bool sink_accepts(struct sink *sink, const mfxFrameInfo *info)
{
    return sink->raw ? writer_accepts(&sink->writer, info) : encoder_accepts(&sink->encoder, info);
}

enum exit_code sink_request(struct sink *sink, mfxFrameAllocRequest *request, bool *has_request, mfxU16 *hold)
{
    *has_request = !sink->raw;
    *hold = sink->raw ? (mfxU16)sink->writer.depth : 0;
    return sink->raw ? EXIT_DONE : encoder_request(&sink->encoder, request);
}

/* Encoder and writer have described what they make; colours are the source's, for neither changes them. Only
 * JPEG's range is always the full one. */
static void carry_colours(AVCodecParameters *stream, const AVCodecParameters *source)
{
    stream->color_range = stream->codec_id == AV_CODEC_ID_MJPEG ? AVCOL_RANGE_JPEG : source->color_range;
    stream->color_primaries = source->color_primaries;
    stream->color_trc = source->color_trc;
    stream->color_space = source->color_space;
    stream->chroma_location = source->chroma_location;
}

enum exit_code sink_open(struct sink *sink, const mfxFrameInfo *info, AVRational frame_rate)
{
    AVCodecParameters *stream = avcodec_parameters_alloc();
    enum exit_code code;

    if (!stream)
        return fail_memory("the output's stream");
    sink->info = *info;
    if (sink->raw)
        code = writer_open(&sink->writer, info, sink->input->video->time_base, stream);
    else
        code = encoder_open(&sink->encoder, stream);
    carry_colours(stream, sink->input->video->codecpar);
    if (code == EXIT_DONE)
        code = output_start(sink->output, sink->input, stream, frame_rate);
    avcodec_parameters_free(&stream);
    return code;
}

/* The hash needs the pixels, and so has to wait for them. */
static enum exit_code add_to_hash(struct sink *sink, struct frame *frame)
{
    enum exit_code code = EXIT_DONE;

    if (frame->sync)
        code = runtime_sync(sink->runtime, frame->sync, "a decoded frame");
    frame->sync = NULL;
    return code == EXIT_DONE ? hash_add(&sink->hash, sink->runtime, frame->surface) : code;
}

enum exit_code sink_take(struct sink *sink, const struct relief *relief, struct frame *frame)
{
    enum exit_code code = sink->hash.md5 ? add_to_hash(sink, frame) : EXIT_DONE;

    if (code != EXIT_DONE) {
        frame_release(frame);
        return code;
    }
    sink->frames++;
    return sink->raw ? writer_submit(&sink->writer, frame) : encoder_submit(&sink->encoder, relief, frame);
}

enum exit_code sink_wait(struct sink *sink, bool *waited)
{
    return sink->raw ? writer_wait(&sink->writer, waited) : encoder_wait(&sink->encoder, waited);
}

enum exit_code sink_drain(struct sink *sink, const struct relief *relief)
{
    enum exit_code code = EXIT_DONE;
    bool waited = true;

    if (!sink->raw)
        return encoder_submit(&sink->encoder, relief, NULL);
    while (code == EXIT_DONE && waited)
        code = writer_wait(&sink->writer, &waited);
    return code;
}

void sink_finish(struct sink *sink)
{
    char unwanted[HASH_TEXT_MAX];

    hash_finish(&sink->hash, unwanted);
    if (sink->raw)
        writer_finish(&sink->writer);
    else
        encoder_finish(&sink->encoder);
}
