/* What a decoded frame says of itself, from libav's words to VPL's. */
#include "decode/decode.h"

/* libav's "J" formats differ from their namesakes in the range of values alone: said once, in the range. */
void srt_picture_unify(AVFrame *frame)
{
    static const enum AVPixelFormat same[][2] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (frame->format == same[i][0]) {
            frame->format = same[i][1];
            frame->color_range = AVCOL_RANGE_JPEG;
        }
}

mfxU16 srt_picture_corruption(const AVFrame *frame)
{
    mfxU16 bits = MFX_CORRUPTION_NO;

    if (frame->flags & AV_FRAME_FLAG_CORRUPT)
        bits |= MFX_CORRUPTION_MAJOR;
    if (frame->decode_error_flags & (FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_DECODE_SLICES))
        bits |= MFX_CORRUPTION_MAJOR;
    if (frame->decode_error_flags & FF_DECODE_ERROR_CONCEALMENT_ACTIVE)
        bits |= MFX_CORRUPTION_MINOR;
    if (frame->decode_error_flags & FF_DECODE_ERROR_MISSING_REFERENCE)
        bits |= MFX_CORRUPTION_REFERENCE_FRAME;
    return bits;
}

static mfxU16 pic_struct_of(const struct srt_decoder *decoder, const AVFrame *frame)
{
    mfxU16 bits = MFX_PICSTRUCT_PROGRESSIVE;

    if (frame->interlaced_frame)
        bits = frame->top_field_first ? MFX_PICSTRUCT_FIELD_TFF : MFX_PICSTRUCT_FIELD_BFF;
    if (decoder->codec->caps.codec == MFX_CODEC_JPEG || !decoder->par.mfx.ExtendedPicStruct)
        return bits;
    if (frame->repeat_pict == 1)
        bits |= MFX_PICSTRUCT_FIELD_REPEATED;
    else if (frame->repeat_pict == 2)
        bits |= MFX_PICSTRUCT_FRAME_DOUBLING;
    else if (frame->repeat_pict >= 4)
        bits |= MFX_PICSTRUCT_FRAME_TRIPLING;
    return bits;
}

static mfxU16 frame_type_of(const AVFrame *frame)
{
    switch (frame->pict_type) {
    case AV_PICTURE_TYPE_I:
    case AV_PICTURE_TYPE_SI:
        return frame->key_frame ? MFX_FRAMETYPE_I | MFX_FRAMETYPE_REF | MFX_FRAMETYPE_IDR : MFX_FRAMETYPE_I;
    case AV_PICTURE_TYPE_P:
    case AV_PICTURE_TYPE_S:
        return MFX_FRAMETYPE_P;
    case AV_PICTURE_TYPE_B:
        return MFX_FRAMETYPE_B;
    default:
        return MFX_FRAMETYPE_UNKNOWN;
    }
}

void srt_picture_describe(const struct srt_decoder *decoder, const AVFrame *frame, mfxU16 corrupted,
                          mfxFrameSurface1 *surface)
{
    const mfxFrameInfo *par = &decoder->par.mfx.FrameInfo;
    mfxExtBuffer *ext =
        srt_ext_buffer(surface->Data.ExtParam, surface->Data.NumExtParam, MFX_EXTBUFF_DECODED_FRAME_INFO);
    bool stamped = frame->pts != AV_NOPTS_VALUE;

    surface->Info.CropX = surface->Info.CropY = 0;
    surface->Info.CropW = (mfxU16)frame->width;
    surface->Info.CropH = (mfxU16)frame->height;
    surface->Info.PicStruct = pic_struct_of(decoder, frame);
    surface->Info.FrameRateExtN = par->FrameRateExtN;
    surface->Info.FrameRateExtD = par->FrameRateExtD;
    surface->Info.AspectRatioW = par->AspectRatioW;
    surface->Info.AspectRatioH = par->AspectRatioH;
    surface->Data.TimeStamp = stamped ? (mfxU64)frame->pts : (mfxU64)MFX_TIMESTAMP_UNKNOWN;
    surface->Data.DataFlag = stamped ? MFX_FRAMEDATA_ORIGINAL_TIMESTAMP : MFX_FRAMEDATA_TIMESTAMP_UNKNOWN;
    surface->Data.FrameOrder = decoder->frame_order;
    surface->Data.Corrupted = corrupted;
    if (ext && ext->BufferSz >= sizeof(mfxExtDecodedFrameInfo))
        ((mfxExtDecodedFrameInfo *)ext)->FrameType = frame_type_of(frame);
}
