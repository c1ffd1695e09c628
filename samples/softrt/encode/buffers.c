/* The extension buffers other than coding options: which codec has which, and what of them can be done. */
#include "core/verdict.h"
#include "encode/encode.h"

#include "surface/own.h"

#include <libavutil/pixdesc.h>
#include <string.h>

enum {
    AVC = 1,
    HEVC = 2,
    MPEG2 = 4,
    VP9 = 8,
    AV1 = 16,
    JPEG = 32,
    VIDEO = AVC | HEVC | MPEG2 | VP9 | AV1
};

static unsigned codec_bit(mfxU32 codec)
{
    switch (codec) {
    case MFX_CODEC_AVC:
        return AVC;
    case MFX_CODEC_HEVC:
        return HEVC;
    case MFX_CODEC_MPEG2:
        return MPEG2;
    case MFX_CODEC_VP9:
        return VP9;
    case MFX_CODEC_AV1:
        return AV1;
    default:
        return JPEG;
    }
}

struct owner {
    size_t offset;
    size_t size;
    unsigned codecs;
};

#define OWNER(field, codecs)                                                                         \
    {                                                                                                \
        offsetof(struct encode_params, field), sizeof(((struct encode_params *)NULL)->field), codecs \
    }

static const struct owner owners[] = {
    OWNER(co, VIDEO),         OWNER(co2, VIDEO),         OWNER(co3, VIDEO),
    OWNER(signal, VIDEO),     OWNER(chroma, AVC | HEVC), OWNER(mastering, AVC | HEVC),
    OWNER(light, AVC | HEVC), OWNER(hevc, HEVC),         OWNER(hevc_tiles, HEVC),
    OWNER(vp9, VP9),          OWNER(av1_bitstream, AV1), OWNER(av1_resolution, AV1),
    OWNER(av1_tiles, AV1),
};

/* A buffer of another codec is taken as long as it asks for nothing. */
static void check_owners(struct srt_verdict *v, struct encode_params *p)
{
    const size_t header = sizeof(mfxExtBuffer);

    for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
        uint8_t *body = (uint8_t *)p + owners[i].offset + header;
        size_t size = owners[i].size - header;
        bool asks = false;

        for (size_t k = 0; k < size; k++)
            asks = asks || body[k];
        if (!asks || owners[i].codecs & codec_bit(p->par.mfx.CodecId))
            continue;
        memset(body, 0, size);
        v->refused = true;
    }
}

/* VP9 writes one number for the colours, which libavcodec makes of the matrix; AV1 and MPEG-2 write all
 * three.
 */
static void check_colours(struct srt_verdict *v, mfxExtVideoSignalInfo *s, mfxU32 codec)
{
    srt_refuse_if(v, &s->ColourPrimaries, !av_color_primaries_name(s->ColourPrimaries));
    srt_refuse_if(v, &s->TransferCharacteristics, !av_color_transfer_name(s->TransferCharacteristics));
    srt_refuse_if(v, &s->MatrixCoefficients,
                  !av_color_space_name(s->MatrixCoefficients) || s->MatrixCoefficients == AVCOL_SPC_RGB);
    if (codec != MFX_CODEC_VP9)
        return;
    if (s->ColourPrimaries && s->ColourPrimaries != AVCOL_PRI_UNSPECIFIED)
        srt_mend(v, &s->ColourPrimaries, AVCOL_PRI_UNSPECIFIED);
    if (s->TransferCharacteristics && s->TransferCharacteristics != AVCOL_TRC_UNSPECIFIED)
        srt_mend(v, &s->TransferCharacteristics, AVCOL_TRC_UNSPECIFIED);
}

static void check_signal(struct srt_verdict *v, mfxExtVideoSignalInfo *s, mfxU32 codec)
{
    enum {
        UNSPECIFIED_VIDEO_FORMAT = 5
    };

    srt_refuse_if(v, &s->VideoFormat, s->VideoFormat > UNSPECIFIED_VIDEO_FORMAT);
    srt_refuse_if(v, &s->VideoFullRange, s->VideoFullRange > 1);
    srt_refuse_if(v, &s->ColourDescriptionPresent, s->ColourDescriptionPresent > 1);
    if (codec == MFX_CODEC_MPEG2 && s->VideoFullRange) /* it has no word for that */
        srt_refuse(v, &s->VideoFullRange);
    if (s->ColourDescriptionPresent)
        check_colours(v, s, codec);
}

/* libavcodec has one location for both fields. */
static void check_chroma(struct srt_verdict *v, mfxExtChromaLocInfo *c)
{
    enum {
        MOST_TYPE = 5
    };

    srt_refuse_if(v, &c->ChromaLocInfoPresentFlag, c->ChromaLocInfoPresentFlag > 1);
    srt_refuse_if(v, &c->ChromaSampleLocTypeTopField, c->ChromaSampleLocTypeTopField > MOST_TYPE);
    if (c->ChromaSampleLocTypeBottomField != c->ChromaSampleLocTypeTopField)
        srt_refuse(v, &c->ChromaSampleLocTypeBottomField);
}

mfxU16 encode_hevc_coded(int px)
{
    enum {
        LEAST_BLOCK = 8
    };

    return (mfxU16)((px + LEAST_BLOCK - 1) / LEAST_BLOCK * LEAST_BLOCK);
}

static bool is_sao(mfxU16 sao)
{
    return !sao || sao == MFX_SAO_DISABLE || sao == (MFX_SAO_ENABLE_LUMA | MFX_SAO_ENABLE_CHROMA);
}

/* The coded size follows from the crop rectangle; x265 has no constraint flags and no tiles. */
static void check_hevc(struct srt_verdict *v, struct encode_params *p)
{
    mfxExtHEVCParam *hevc = &p->hevc;
    const mfxFrameInfo *info = &p->par.mfx.FrameInfo;
    mfxU16 width = encode_hevc_coded(encode_width(info));
    mfxU16 height = encode_hevc_coded(encode_height(info));
    int block = encode_largest_block(info);

    if (hevc->PicWidthInLumaSamples && info->Width && hevc->PicWidthInLumaSamples != width)
        srt_mend(v, &hevc->PicWidthInLumaSamples, width);
    if (hevc->PicHeightInLumaSamples && info->Height && hevc->PicHeightInLumaSamples != height)
        srt_mend(v, &hevc->PicHeightInLumaSamples, height);
    if (hevc->GeneralConstraintFlags) {
        hevc->GeneralConstraintFlags = 0;
        v->refused = true;
    }
    srt_refuse_if(v, &hevc->SampleAdaptiveOffset, !is_sao(hevc->SampleAdaptiveOffset));
    srt_refuse_if(v, &hevc->LCUSize,
                  hevc->LCUSize && hevc->LCUSize != 16 && hevc->LCUSize != 32 && hevc->LCUSize != 64);
    if (info->Width && info->Height)
        srt_limit(v, &hevc->LCUSize, (mfxU16)block);
    srt_limit(v, &p->hevc_tiles.NumTileRows, 1);
    srt_limit(v, &p->hevc_tiles.NumTileColumns, 1);
}

mfxStatus encode_check_buffers(struct encode_params *p)
{
    enum {
        MULTI_FRAME_MANUAL = 3
    };
    struct srt_verdict v = {0};

    check_owners(&v, p);
    check_signal(&v, &p->signal, p->par.mfx.CodecId);
    check_chroma(&v, &p->chroma);
    if (p->par.mfx.CodecId == MFX_CODEC_HEVC)
        check_hevc(&v, p);
    v.refused = v.refused || !srt_own_hints_valid(&p->hints);
    if (p->hyper.Mode == MFX_HYPERMODE_ON) { /* several devices at once */
        p->hyper.Mode = MFX_HYPERMODE_OFF;
        v.refused = true;
    }
    srt_refuse_if(&v, &p->multi_frame.MFMode, p->multi_frame.MFMode >= MULTI_FRAME_MANUAL);
    srt_refuse_if(&v, &p->multi_frame.MaxNumFrames, p->multi_frame.MaxNumFrames > 1);
    srt_refuse_if(&v, &p->mastering.InsertPayloadToggle, p->mastering.InsertPayloadToggle > MFX_PAYLOAD_IDR);
    srt_refuse_if(&v, &p->light.InsertPayloadToggle, p->light.InsertPayloadToggle > MFX_PAYLOAD_IDR);
    /* Reset always begins a new sequence: the library is opened anew. */
    srt_refuse_if(&v, &p->reset.StartNewSequence,
                  p->reset.StartNewSequence && p->reset.StartNewSequence != MFX_CODINGOPTION_ON);
    return srt_verdict_status(&v);
}
