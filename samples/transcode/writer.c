/* The last stage when nothing is encoded: decoded frames as raw pictures.
 *
 * A surface becomes an AVFrame over the surface's own bytes; where the container takes frames as they are
 * (y4m), no byte is copied before it is written. */
#include "writer.h"

#include "formats.h"

#include <libavutil/buffer.h>
#include <libavutil/mem.h>
#include <string.h>

void writer_init(struct writer *writer, struct runtime *runtime, struct timestamps *times,
                 struct output *output, unsigned int depth)
{
    memset(writer, 0, sizeof *writer);
    writer->runtime = runtime;
    writer->times = times;
    writer->output = output;
    writer->depth = depth;
}

bool writer_accepts(const struct writer *writer, const mfxFrameInfo *info)
{
    enum AVPixelFormat format = format_to_av(info->FourCC);
    const char *container = writer->output->format->oformat->name;

    switch (format) {
    case AV_PIX_FMT_NONE:
        return false;
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUV420P10LE:
    case AV_PIX_FMT_YUV422P10LE:
        return true;
    default: /* y4m is planar; others name the format by a tag, which P010 and some more do not have */
        return strcmp(container, "yuv4mpegpipe") != 0 &&
               (avcodec_pix_fmt_to_codec_tag(format) || !strcmp(container, "rawvideo"));
    }
}

static enum exit_code open_codec(struct writer *writer, const mfxFrameInfo *info, AVRational time_base)
{
    bool wrapped = writer->output->format->oformat->video_codec == AV_CODEC_ID_WRAPPED_AVFRAME;
    const AVCodec *codec = avcodec_find_encoder(wrapped ? AV_CODEC_ID_WRAPPED_AVFRAME : AV_CODEC_ID_RAWVIDEO);

    writer->codec = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!writer->codec)
        return fail_memory("the raw video writer");
    writer->codec->width = info->CropW;
    writer->codec->height = info->CropH;
    writer->codec->pix_fmt = format_to_av(info->FourCC);
    writer->codec->time_base = time_base;
    writer->codec->field_order = field_order_to_av(info->PicStruct);
    int error = avcodec_open2(writer->codec, codec, NULL);
    if (error < 0)
        return fail(EXIT_INTERNAL, "libavcodec cannot write raw pictures: %s", av_err2str(error));
    return EXIT_DONE;
}

enum exit_code writer_open(struct writer *writer, const mfxFrameInfo *info, AVRational time_base,
                           AVCodecParameters *stream)
{
    enum exit_code code = open_codec(writer, info, time_base);

    if (code != EXIT_DONE)
        return code;
    writer->slots = av_calloc(writer->depth, sizeof *writer->slots);
    writer->frame = av_frame_alloc();
    writer->packet = av_packet_alloc();
    if (!writer->slots || !writer->frame || !writer->packet)
        return fail_memory("the raw video writer");
    if (avcodec_parameters_from_context(stream, writer->codec) < 0)
        return fail_memory("the raw video writer");
    if (info->AspectRatioW && info->AspectRatioH)
        stream->sample_aspect_ratio = (AVRational){info->AspectRatioW, info->AspectRatioH};
    return EXIT_DONE;
}

enum exit_code writer_submit(struct writer *writer, struct frame *frame)
{
    enum exit_code code = EXIT_DONE;
    bool waited;

    if (writer->count == writer->depth)
        code = writer_wait(writer, &waited);
    if (code != EXIT_DONE) {
        frame_release(frame);
        return code;
    }
    (void)vfa_pool_tag(frame->pool, frame->surface, "writer");
    writer->slots[(writer->first + writer->count++) % writer->depth] = *frame;
    memset(frame, 0, sizeof *frame);
    return EXIT_DONE;
}

/* What the AVFrame's buffer stands for: a map, and the lease of a surface. */
struct loan {
    struct frame frame;
    struct frame_view view;
};

static void end_loan(void *opaque, uint8_t *data)
{
    struct loan *loan = opaque;

    (void)data;
    frame_unmap(&loan->view);
    frame_release(&loan->frame);
    av_free(loan);
}

/* Takes the frame, also when it fails. */
static enum exit_code lend(struct writer *writer, struct frame *frame)
{
    struct loan *loan = av_mallocz(sizeof *loan);

    if (!loan) {
        frame_release(frame);
        return fail_memory("a frame");
    }
    loan->frame = *frame;
    enum exit_code code = frame_map(writer->runtime, frame->surface, MFX_MAP_READ, &loan->view);
    memset(frame, 0, sizeof *frame);
    const struct frame_view *view = &loan->view;
    if (code == EXIT_DONE) {
        /* The size is what libav may ask of a buffer it does not look into: the first plane. */
        writer->frame->buf[0] =
            av_buffer_create(view->planes[0], (size_t)view->pitches[0] * (size_t)view->height, end_loan, loan,
                             AV_BUFFER_FLAG_READONLY);
        if (!writer->frame->buf[0])
            code = fail_memory("a frame");
    }
    if (code != EXIT_DONE) {
        end_loan(loan, NULL);
        return code;
    }
    writer->frame->format = view->format;
    writer->frame->width = view->width;
    writer->frame->height = view->height;
    memcpy(writer->frame->data, view->planes, sizeof view->planes);
    memcpy(writer->frame->linesize, view->pitches, sizeof view->pitches);
    return EXIT_DONE;
}

static enum exit_code write_frame(struct writer *writer, struct frame *frame)
{
    int64_t pts = times_shown(writer->times, frame->surface->Data.TimeStamp);
    enum exit_code code = lend(writer, frame);

    if (code != EXIT_DONE)
        return code;
    int error = avcodec_send_frame(writer->codec, writer->frame);
    av_frame_unref(writer->frame);
    if (error >= 0)
        error = avcodec_receive_packet(writer->codec, writer->packet);
    if (error < 0)
        return fail(EXIT_INTERNAL, "libavcodec cannot write a raw picture: %s", av_err2str(error));
    writer->packet->pts = pts;
    writer->packet->dts = pts;
    writer->packet->flags |= AV_PKT_FLAG_KEY;
    return output_write_video(writer->output, writer->packet);
}

enum exit_code writer_wait(struct writer *writer, bool *waited)
{
    enum exit_code code = EXIT_DONE;

    *waited = writer->count > 0;
    if (!writer->count)
        return EXIT_DONE;
    struct frame *frame = &writer->slots[writer->first];
    if (frame->sync)
        code = runtime_sync(writer->runtime, frame->sync, "a decoded frame");
    writer->first = (writer->first + 1) % writer->depth;
    writer->count--;
    if (code == EXIT_DONE)
        return write_frame(writer, frame);
    frame_release(frame);
    return code;
}

void writer_finish(struct writer *writer)
{
    while (writer->count) {
        frame_release(&writer->slots[writer->first]);
        writer->first = (writer->first + 1) % writer->depth;
        writer->count--;
    }
    av_freep(&writer->slots);
    av_packet_free(&writer->packet);
    av_frame_free(&writer->frame);
    avcodec_free_context(&writer->codec);
}
