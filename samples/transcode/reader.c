/* The stage before the first when there is nothing to decode: raw pictures into surfaces. */
#include "reader.h"

#include "formats.h"

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <string.h>

enum exit_code reader_init(struct reader *reader, struct runtime *runtime, struct feed *feed)
{
    const AVCodecParameters *par = feed->input->video->codecpar;

    memset(reader, 0, sizeof *reader);
    reader->runtime = runtime;
    reader->feed = feed;
    reader->format = (enum AVPixelFormat)par->format;
    mfxU32 fourcc = format_to_mfx(reader->format);
    if (!fourcc || !format_describe(fourcc, &reader->info))
        return fail(EXIT_UNSUPPORTED,
                    "VPL has no format for the input's pixels, %s; convert them to yuv420p first",
                    av_get_pix_fmt_name(reader->format) ? av_get_pix_fmt_name(reader->format) : "unknown");
    if (par->width < 1 || par->height < 1 || par->width > UINT16_MAX - 31 || par->height > UINT16_MAX - 31)
        return fail(EXIT_UNSUPPORTED, "VPL has no frames of %dx%d", par->width, par->height);
    reader->info.PicStruct = field_order_to_mfx(par->field_order);
    frame_info_size(&reader->info, (unsigned int)par->width, (unsigned int)par->height);
    return EXIT_DONE;
}

/* A file that breaks off has less than a picture at its end. */
static bool is_whole(const struct reader *reader)
{
    const AVCodecParameters *par = reader->feed->input->video->codecpar;
    int needed = av_image_get_buffer_size(reader->format, par->width, par->height, 1);

    return needed > 0 && reader->feed->packet->size >= needed;
}

static enum exit_code fill(struct reader *reader, mfxFrameSurface1 *surface)
{
    const AVCodecParameters *par = reader->feed->input->video->codecpar;
    const uint8_t *planes[4];
    int pitches[4];
    struct frame_view view;
    enum exit_code code = frame_map(reader->runtime, surface, MFX_MAP_WRITE, &view);

    if (code != EXIT_DONE)
        return code;
    av_image_fill_arrays((uint8_t **)planes, pitches, reader->feed->packet->data, reader->format, par->width,
                         par->height, 1);
    av_image_copy(view.planes, view.pitches, planes, pitches, reader->format, par->width, par->height);
    frame_unmap(&view);
    return EXIT_DONE;
}

enum exit_code reader_next(struct reader *reader, const struct relief *relief, struct frame *frame,
                           bool *more)
{
    mfxU64 stamp = (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    enum exit_code code = feed_next(reader->feed, &stamp, more);

    memset(frame, 0, sizeof *frame);
    if (code != EXIT_DONE || !*more)
        return code;
    if (!is_whole(reader)) {
        warn("picture %llu is not whole: the input breaks off there", (unsigned long long)reader->frames);
        reader->feed->input->broke_off = true;
        *more = false;
        return EXIT_DONE;
    }
    frame->pool = reader->pool;
    code = frame_acquire(reader->runtime, relief, reader->pool, "reader", &frame->surface);
    if (code != EXIT_DONE)
        return code;
    code = fill(reader, frame->surface);
    if (code != EXIT_DONE) {
        frame_release(frame);
        return code;
    }
    frame->surface->Data.TimeStamp = stamp;
    reader->frames++;
    return EXIT_DONE;
}
