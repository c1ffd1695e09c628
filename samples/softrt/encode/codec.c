/* The library that encodes: opened, fed with frames in the format it takes, emptied of packets. */
#include "encode/engine.h"

#include <libswscale/swscale.h>
#include <string.h>

/* What the library takes, given what the application has. libx264 reads NV12 as it is, libx265 does not. */
static enum AVPixelFormat coded_format(mfxU32 codec, mfxU32 fourcc)
{
    bool jpeg = codec == MFX_CODEC_JPEG;

    switch (fourcc) {
    case MFX_FOURCC_NV12:
        return jpeg ? AV_PIX_FMT_YUVJ420P : codec == MFX_CODEC_AVC ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUV420P;
    case MFX_FOURCC_I420:
        return jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    case MFX_FOURCC_YUY2:
        return AV_PIX_FMT_YUVJ422P;
    case MFX_FOURCC_RGB4:
        return AV_PIX_FMT_YUVJ444P;
    default:
        return AV_PIX_FMT_YUV420P10LE;
    }
}

/* Only those that code pictures out of order put B pictures between others. */
static int b_frames(const mfxInfoMFX *mfx)
{
    return encode_facts(mfx->CodecId)->most_ref_dist > 1 ? mfx->GopRefDist - 1 : 0;
}

mfxStatus encode_codec_open(struct encode_codec *codec, const struct encode_params *params, int threads)
{
    const mfxInfoMFX *mfx = &params->par.mfx;
    mfxStatus status;

    *codec = (struct encode_codec){0};
    codec->engine = encode_facts(mfx->CodecId)->engine;
    codec->pix_fmt = coded_format(mfx->CodecId, mfx->FrameInfo.FourCC);
    codec->width = encode_width(&mfx->FrameInfo);
    codec->height = encode_height(&mfx->FrameInfo);
    codec->b_frames = b_frames(mfx);
    status = codec->engine->open(codec, params, threads);
    if (status != MFX_ERR_NONE)
        *codec = (struct encode_codec){0};
    return status;
}

void encode_codec_close(struct encode_codec *codec)
{
    codec->engine->close(codec);
    srt_converter_free(&codec->converter);
    *codec = (struct encode_codec){0};
}

/* libswscale warns of the formats that have their range of values in their name. */
static int without_range(enum AVPixelFormat format)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return AV_PIX_FMT_YUV444P;
    default:
        return format;
    }
}

/* JPEG keeps the numbers it is given and calls them full range; RGB goes by BT.601 of full range, as JFIF
 * says. */
static mfxStatus convert(struct encode_codec *codec, int left_px, AVFrame **frame)
{
    const struct srt_conversion how = {
        .flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP,
        .threads = 1,
        .from = {SWS_CS_ITU601, true},
        .to = {SWS_CS_ITU601, true},
    };
    int format = without_range(codec->pix_fmt);
    AVFrame *converted;
    mfxStatus status;

    if ((*frame)->format != format) {
        status = srt_convert_new(&codec->converter, &how, *frame, left_px, format, &converted);
        if (status != MFX_ERR_NONE)
            return status;
        av_frame_free(frame);
        *frame = converted;
    }
    (*frame)->format = codec->pix_fmt;
    return MFX_ERR_NONE;
}

static void describe_frame(const struct encode_codec *codec, const mfxFrameInfo *info, AVFrame *frame,
                           const struct encode_control *control)
{
    bool key_frame = control->frame_type & (MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR);

    frame->pts = codec->frames;
    frame->pict_type = key_frame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    frame->quality = FF_QP2LAMBDA * control->qp;
    frame->interlaced_frame =
        info->PicStruct == MFX_PICSTRUCT_FIELD_TFF || info->PicStruct == MFX_PICSTRUCT_FIELD_BFF;
    frame->top_field_first = info->PicStruct == MFX_PICSTRUCT_FIELD_TFF;
}

mfxStatus encode_codec_send(struct encode_codec *codec, const struct encode_params *params, AVFrame *frame,
                            int left_px, const struct encode_control *control)
{
    const mfxFrameInfo *info = &params->par.mfx.FrameInfo;
    mfxStatus status;

    frame->width = codec->width;
    frame->height = codec->height;
    status = convert(codec, left_px, &frame);
    if (status == MFX_ERR_NONE) {
        describe_frame(codec, info, frame, control);
        status = codec->engine->send(codec, frame);
        if (status == MFX_ERR_NONE)
            codec->frames++;
    }
    av_frame_free(&frame);
    return status;
}

mfxStatus encode_codec_send_grey(struct encode_codec *codec)
{
    AVFrame *frame = av_frame_alloc();
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    if (!frame)
        return status;
    frame->format = codec->pix_fmt;
    frame->width = codec->width;
    frame->height = codec->height;
    if (av_frame_get_buffer(frame, 0) >= 0) {
        for (int i = 0; i < 3; i++) /* eight bits, 4:2:0 */
            memset(frame->data[i], 0x80,
                   (size_t)frame->linesize[i] * (size_t)(i ? (frame->height + 1) / 2 : frame->height));
        frame->pts = 0;
        status = codec->engine->send(codec, frame);
    }
    av_frame_free(&frame);
    return status;
}

mfxStatus encode_codec_drain(struct encode_codec *codec)
{
    if (codec->draining)
        return MFX_ERR_NONE;
    codec->draining = true;
    return codec->engine->drain ? codec->engine->drain(codec) : MFX_ERR_NONE;
}

mfxStatus encode_codec_receive(struct encode_codec *codec, AVPacket *packet)
{
    mfxStatus status = codec->engine->receive(codec, packet);

    if (status == MFX_ERR_NONE)
        codec->packets++;
    return status;
}
