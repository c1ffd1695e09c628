/* The encoders that libavcodec has itself or opens for us: AVC, MPEG-2, AV1, JPEG. */
#include "encode/engine.h"

/* Added to the level of all that libavcodec says on an encoder's behalf, so that it is above any that is
 * shown: the log is the application's, and global. libavutil looks at the lowest eight bits. */
#define SILENT 128

static mfxStatus to_status(int averror, mfxStatus otherwise)
{
    return averror == AVERROR(ENOMEM) ? MFX_ERR_MEMORY_ALLOC : otherwise;
}

static void describe_picture(AVCodecContext *avctx, const mfxFrameInfo *info)
{
    avctx->width = encode_width(info);
    avctx->height = encode_height(info);
    avctx->framerate = encode_frame_rate(info);
    avctx->time_base = av_inv_q(avctx->framerate);
    avctx->sample_aspect_ratio = encode_sample_aspect(info);
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

    errno = 0;
    if (status == MFX_ERR_NONE && opens_freely(params->par.mfx.CodecId))
        err = avcodec_open2(*avctx, library, &options);
    else if (status == MFX_ERR_NONE)
        status = encode_open_library(avctx, library, &options, &err);
    if (err < 0)
        status = to_status(err, err == AVERROR_EXTERNAL ? encode_refusal() : MFX_ERR_INVALID_VIDEO_PARAM);
    else if (status == MFX_ERR_NONE && av_dict_count(options)) /* a library without an option we rely on */
        status = MFX_ERR_INVALID_VIDEO_PARAM;
    av_dict_free(&options);
    return status;
}

static mfxStatus open_encoder(struct encode_codec *codec, const struct encode_params *params, int threads)
{
    const mfxInfoMFX *mfx = &params->par.mfx;
    const AVCodec *library = avcodec_find_encoder_by_name(encode_facts(mfx->CodecId)->library);
    AVCodecContext *avctx = library ? avcodec_alloc_context3(library) : NULL;
    mfxStatus status;

    if (!avctx)
        return library ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_UNSUPPORTED;
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
    codec->library = avctx;
    codec->headers = avctx->extradata;
    codec->headers_size = (size_t)avctx->extradata_size;
    codec->level = avctx->level > 0 ? (mfxU16)avctx->level : 0;
    return MFX_ERR_NONE;
}

static void close_encoder(struct encode_codec *codec)
{
    AVCodecContext *avctx = codec->library;

    avcodec_free_context(&avctx);
}

static void describe_frame(const AVCodecContext *avctx, AVFrame *frame)
{
    if (!frame->quality)
        frame->quality = avctx->global_quality;
    frame->sample_aspect_ratio = avctx->sample_aspect_ratio;
    frame->color_range = avctx->color_range;
    frame->colorspace = avctx->colorspace;
    frame->color_primaries = avctx->color_primaries;
    frame->color_trc = avctx->color_trc;
    frame->chroma_location = avctx->chroma_sample_location;
}

static mfxStatus send_frame(struct encode_codec *codec, AVFrame *frame)
{
    AVCodecContext *avctx = codec->library;
    int err;

    describe_frame(avctx, frame);
    err = avcodec_send_frame(avctx, frame);
    return err < 0 ? to_status(err, MFX_ERR_DEVICE_FAILED) : MFX_ERR_NONE;
}

static mfxStatus drain_encoder(struct encode_codec *codec)
{
    int err = avcodec_send_frame(codec->library, NULL);

    return err < 0 ? to_status(err, MFX_ERR_DEVICE_FAILED) : MFX_ERR_NONE;
}

static mfxStatus receive_picture(struct encode_codec *codec, AVPacket *packet)
{
    int err = avcodec_receive_packet(codec->library, packet);

    if (err == AVERROR(EAGAIN))
        return MFX_ERR_MORE_DATA;
    if (err == AVERROR_EOF) {
        codec->drained = true;
        return MFX_ERR_MORE_DATA;
    }
    return err < 0 ? to_status(err, MFX_ERR_DEVICE_FAILED) : MFX_ERR_NONE;
}

const struct encode_engine encode_lavc = {
    .open = open_encoder,
    .send = send_frame,
    .drain = drain_encoder,
    .receive = receive_picture,
    .close = close_encoder,
};
