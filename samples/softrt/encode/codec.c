/* The library that encodes: opened, fed with frames in the format it takes, emptied of packets. */
#include "encode/encode.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <limits.h>
#include <string.h>
#ifdef SOFTRT_MEMCHECK
#include <valgrind/memcheck.h>
#endif

/* Added to the level of all that libavcodec says on an encoder's behalf, so that it is above any that is
 * shown: the log is the application's, and global. libavutil looks at the lowest eight bits. */
#define SILENT 128

static mfxStatus to_status(int averror, mfxStatus otherwise)
{
    return averror == AVERROR(ENOMEM) ? MFX_ERR_MEMORY_ALLOC : otherwise;
}

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

static void describe_picture(AVCodecContext *avctx, const mfxFrameInfo *info)
{
    mfxU32 n = info->FrameRateExtN ? info->FrameRateExtN : 30;
    mfxU32 d = info->FrameRateExtD ? info->FrameRateExtD : 1;

    avctx->width = encode_width(info);
    avctx->height = encode_height(info);
    av_reduce(&avctx->framerate.num, &avctx->framerate.den, n, d, INT_MAX / 2);
    avctx->time_base = av_inv_q(avctx->framerate);
    if (info->AspectRatioW)
        av_reduce(&avctx->sample_aspect_ratio.num, &avctx->sample_aspect_ratio.den, info->AspectRatioW,
                  info->AspectRatioH, UINT16_MAX);
    if (info->PicStruct == MFX_PICSTRUCT_FIELD_TFF || info->PicStruct == MFX_PICSTRUCT_FIELD_BFF)
        avctx->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
}

static void describe_colours(AVCodecContext *avctx, const struct encode_params *params)
{
    const mfxExtVideoSignalInfo *s = &params->signal;

    if (params->par.mfx.CodecId == MFX_CODEC_JPEG) {
        avctx->color_range = AVCOL_RANGE_JPEG; /* JFIF knows no other */
        return;
    }
    if (s->Header.BufferId)
        avctx->color_range = s->VideoFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (params->chroma.ChromaLocInfoPresentFlag) /* the location of type 0 is libav's 1 */
        avctx->chroma_sample_location =
            (enum AVChromaLocation)(params->chroma.ChromaSampleLocTypeTopField + 1);
    if (!s->ColourDescriptionPresent)
        return;
    avctx->color_primaries = (enum AVColorPrimaries)s->ColourPrimaries;
    avctx->color_trc = (enum AVColorTransferCharacteristic)s->TransferCharacteristics;
    avctx->colorspace = (enum AVColorSpace)s->MatrixCoefficients;
}

/* Those that libavcodec opens without its lock. */
static bool opens_freely(mfxU32 codec)
{
    return codec == MFX_CODEC_AVC || codec == MFX_CODEC_JPEG || codec == MFX_CODEC_MPEG2;
}

/* MFX_ERR_DEVICE_FAILED: *avctx is gone. */
static mfxStatus open_context(AVCodecContext **avctx, const AVCodec *library,
                              const struct encode_params *params)
{
    AVDictionary *options = NULL;
    mfxStatus status = encode_apply_options(*avctx, params, &options);
    int err = 0;

    if (status == MFX_ERR_NONE && opens_freely(params->par.mfx.CodecId))
        err = avcodec_open2(*avctx, library, &options);
    else if (status == MFX_ERR_NONE)
        status = encode_open_library(avctx, library, &options, &err);
    if (err < 0)
        status = to_status(err, MFX_ERR_INVALID_VIDEO_PARAM);
    else if (status == MFX_ERR_NONE && av_dict_count(options)) /* a library without an option we rely on */
        status = MFX_ERR_INVALID_VIDEO_PARAM;
    av_dict_free(&options);
    return status;
}

mfxStatus encode_codec_open(struct encode_codec *codec, const struct encode_params *params, int threads)
{
    const mfxInfoMFX *mfx = &params->par.mfx;
    const AVCodec *library = avcodec_find_encoder_by_name(encode_facts(mfx->CodecId)->library);
    AVCodecContext *avctx = library ? avcodec_alloc_context3(library) : NULL;
    mfxStatus status;

    *codec = (struct encode_codec){0};
    if (!avctx)
        return library ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_UNSUPPORTED;
    codec->pix_fmt = coded_format(mfx->CodecId, mfx->FrameInfo.FourCC);
    avctx->pix_fmt = codec->pix_fmt;
    avctx->log_level_offset = SILENT;
    avctx->flags |= AV_CODEC_FLAG_GLOBAL_HEADER; /* where there are headers apart from pictures */
    avctx->thread_count = threads; /* 0: the library's own choice, where libavcodec's default would be 1 */
    describe_picture(avctx, &mfx->FrameInfo);
    describe_colours(avctx, params);
    status = open_context(&avctx, library, params);
    if (status != MFX_ERR_NONE) {
        avcodec_free_context(&avctx);
        return status;
    }
    codec->avctx = avctx;
    return MFX_ERR_NONE;
}

void encode_codec_close(struct encode_codec *codec)
{
    avcodec_free_context(&codec->avctx);
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
    const AVCodecContext *avctx = codec->avctx;
    bool key_frame = control->frame_type & (MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR);

    frame->pts = codec->frames;
    frame->pict_type = key_frame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    frame->quality = control->qp ? FF_QP2LAMBDA * control->qp : avctx->global_quality;
    frame->sample_aspect_ratio = avctx->sample_aspect_ratio;
    frame->color_range = avctx->color_range;
    frame->colorspace = avctx->colorspace;
    frame->color_primaries = avctx->color_primaries;
    frame->color_trc = avctx->color_trc;
    frame->chroma_location = avctx->chroma_sample_location;
    if (avctx->flags & AV_CODEC_FLAG_INTERLACED_DCT) {
        frame->interlaced_frame = 1;
        frame->top_field_first = info->PicStruct != MFX_PICSTRUCT_FIELD_BFF;
    }
}

mfxStatus encode_codec_send(struct encode_codec *codec, const struct encode_params *params, AVFrame *frame,
                            int left_px, const struct encode_control *control)
{
    const mfxFrameInfo *info = &params->par.mfx.FrameInfo;
    mfxStatus status;
    int err;

    frame->width = codec->avctx->width;
    frame->height = codec->avctx->height;
    status = convert(codec, left_px, &frame);
    if (status == MFX_ERR_NONE) {
        describe_frame(codec, info, frame, control);
        err = avcodec_send_frame(codec->avctx, frame);
        if (err < 0)
            status = to_status(err, MFX_ERR_DEVICE_FAILED);
        else
            codec->frames++;
    }
    av_frame_free(&frame);
    return status;
}

mfxStatus encode_codec_send_grey(struct encode_codec *codec)
{
    AVFrame *frame = av_frame_alloc();
    int err = AVERROR(ENOMEM);

    if (frame) {
        frame->format = codec->pix_fmt;
        frame->width = codec->avctx->width;
        frame->height = codec->avctx->height;
        frame->quality = codec->avctx->global_quality;
        err = av_frame_get_buffer(frame, 0);
    }
    if (err >= 0) {
        for (int i = 0; i < 3; i++) /* eight bits, 4:2:0 */
            memset(frame->data[i], 0x80,
                   (size_t)frame->linesize[i] * (size_t)(i ? (frame->height + 1) / 2 : frame->height));
        frame->pts = 0;
        err = avcodec_send_frame(codec->avctx, frame);
    }
    av_frame_free(&frame);
    return err < 0 ? to_status(err, MFX_ERR_DEVICE_FAILED) : MFX_ERR_NONE;
}

mfxStatus encode_codec_drain(struct encode_codec *codec)
{
    int err;

    if (codec->draining)
        return MFX_ERR_NONE;
    codec->draining = true;
    err = avcodec_send_frame(codec->avctx, NULL);
    return err < 0 ? to_status(err, MFX_ERR_DEVICE_FAILED) : MFX_ERR_NONE;
}

/* libx265's vector code computes with bytes that it never set (tests/support/valgrind.supp has the evidence),
 * so that memcheck holds the streams it makes for undefined: not the codec's doing here, nor that of who
 * reads them. */
static void vouch_for_packet(const AVCodecContext *avctx, const AVPacket *packet)
{
#ifdef SOFTRT_MEMCHECK
    if (avctx->codec_id == AV_CODEC_ID_HEVC)
        (void)VALGRIND_MAKE_MEM_DEFINED(packet->data, packet->size);
#else
    (void)avctx;
    (void)packet;
#endif
}

mfxStatus encode_codec_receive(struct encode_codec *codec, AVPacket *packet)
{
    int err = avcodec_receive_packet(codec->avctx, packet);

    if (err == AVERROR(EAGAIN))
        return MFX_ERR_MORE_DATA;
    if (err == AVERROR_EOF) {
        codec->drained = true;
        return MFX_ERR_MORE_DATA;
    }
    if (err < 0)
        return to_status(err, MFX_ERR_DEVICE_FAILED);
    vouch_for_packet(codec->avctx, packet);
    codec->packets++;
    return MFX_ERR_NONE;
}
