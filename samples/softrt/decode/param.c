/* MFXVideoDECODE_Query and QueryIOSurf: which parameters the decoder takes. */
#include "core/guise.h"
#include "decode/decode.h"
#include "surface/own.h"

#include <string.h>

/* The worse of two answers: an error over a warning over success. */
static mfxStatus worse(mfxStatus a, mfxStatus b)
{
    if (a < MFX_ERR_NONE || b < MFX_ERR_NONE)
        return a < MFX_ERR_NONE ? a : b;
    return a > MFX_ERR_NONE ? a : b;
}

/* The buffers a decoder takes, and their sizes. */
static const struct {
    mfxU32 id;
    mfxU32 size;
} known_ext[] = {
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(mfxExtVideoSignalInfo)},
    {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(mfxExtCodingOptionSPSPPS)},
    {MFX_EXTBUFF_CODING_OPTION_VPS, sizeof(mfxExtCodingOptionVPS)},
    {MFX_EXTBUFF_HEVC_PARAM, sizeof(mfxExtHEVCParam)},
    {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(mfxExtAllocationHints)},
};

static bool is_known_ext(const mfxExtBuffer *buffer)
{
    for (size_t i = 0; i < sizeof(known_ext) / sizeof(known_ext[0]); i++)
        if (known_ext[i].id == buffer->BufferId)
            return known_ext[i].size == buffer->BufferSz;
    return false;
}

static bool is_valid_ext(const mfxExtBuffer *buffer)
{
    if (!is_known_ext(buffer))
        return false;
    return buffer->BufferId != MFX_EXTBUFF_ALLOCATION_HINTS ||
           srt_own_hints_valid((const mfxExtAllocationHints *)buffer);
}

/* The first of its kind, or one more of it? */
static bool is_repeated(const mfxVideoParam *par, mfxU16 index)
{
    return srt_ext_buffer(par->ExtParam, index, par->ExtParam[index]->BufferId) != NULL;
}

static mfxStatus check_ext(const mfxVideoParam *par)
{
    for (mfxU16 i = 0; i < par->NumExtParam; i++) {
        if (!par->ExtParam || !par->ExtParam[i])
            return MFX_ERR_NULL_PTR;
        if (!is_valid_ext(par->ExtParam[i]))
            return MFX_ERR_UNSUPPORTED;
        if (is_repeated(par, i))
            return MFX_ERR_UNDEFINED_BEHAVIOR;
    }
    return MFX_ERR_NONE;
}

static const struct srt_profile_caps *find_profile(const struct srt_codec_caps *caps, mfxU16 profile)
{
    /* AVC's profile comes with constraint flags; all of them only narrow it. */
    mfxU32 base = caps->codec == MFX_CODEC_AVC ? profile & 0xffU : profile;

    for (mfxU16 i = 0; i < caps->num_profiles; i++)
        if (caps->profiles[i].profile == base)
            return &caps->profiles[i];
    return NULL;
}

static mfxStatus check_profile(const struct srt_codec_caps *caps, mfxInfoMFX *mfx)
{
    mfxStatus status = MFX_ERR_NONE;
    /* HEVC's tier is a flag above the level; MPEG-2's levels count downwards, and all are decoded. */
    mfxU16 level = mfx->CodecLevel & (caps->codec == MFX_CODEC_HEVC ? 0xff : 0xffff);

    if (mfx->CodecProfile && !find_profile(caps, mfx->CodecProfile)) {
        mfx->CodecProfile = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if (caps->codec != MFX_CODEC_MPEG2 && caps->max_level && level > caps->max_level) {
        mfx->CodecLevel = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    return status;
}

static bool has_format(const struct srt_codec_caps *caps, mfxU32 fourcc)
{
    for (mfxU16 p = 0; p < caps->num_profiles; p++)
        for (mfxU16 f = 0; f < caps->profiles[p].num_formats; f++)
            if (caps->profiles[p].formats[f] == fourcc)
                return true;
    return false;
}

static mfxStatus correct(mfxU16 *field, mfxU16 right)
{
    bool was_set = *field != 0;

    if (*field == right)
        return MFX_ERR_NONE;
    *field = right;
    return was_set ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE;
}

/* Everything else about the samples follows from the FourCC. Only a missing shift is more than an omission:
 * it would mean other samples. */
static mfxStatus check_format(const struct srt_codec_caps *caps, mfxFrameInfo *info)
{
    const struct srt_pixel_format *format = srt_pixel_format_find(info->FourCC);
    mfxStatus status;

    if (!info->FourCC)
        return MFX_ERR_NONE;
    if (!format || !has_format(caps, info->FourCC)) {
        info->FourCC = 0;
        info->ChromaFormat = 0;
        return MFX_ERR_UNSUPPORTED;
    }
    status = correct(&info->ChromaFormat, format->chroma_format);
    status = worse(status, correct(&info->BitDepthLuma, format->bit_depth));
    status = worse(status, correct(&info->BitDepthChroma, format->bit_depth));
    if ((info->Shift != 0) != (format->shift != 0)) {
        info->Shift = format->shift;
        status = worse(status, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    }
    return status;
}

static mfxStatus check_size(mfxFrameInfo *info)
{
    mfxStatus status = MFX_ERR_NONE;

    if (info->Width > SRT_MAX_WIDTH || !srt_guise_has_side(info->Width)) {
        info->Width = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if (info->Height > SRT_MAX_HEIGHT || !srt_guise_has_side(info->Height)) {
        info->Height = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if ((mfxU32)info->CropX + info->CropW > info->Width && info->Width) {
        info->CropX = info->CropW = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if ((mfxU32)info->CropY + info->CropH > info->Height && info->Height) {
        info->CropY = info->CropH = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    return status;
}

static mfxStatus check_picture(mfxFrameInfo *info)
{
    mfxStatus status = MFX_ERR_NONE;

    switch (info->PicStruct) {
    case MFX_PICSTRUCT_UNKNOWN:
    case MFX_PICSTRUCT_PROGRESSIVE:
    case MFX_PICSTRUCT_FIELD_TFF:
    case MFX_PICSTRUCT_FIELD_BFF:
        break;
    default:
        info->PicStruct = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if ((info->FrameRateExtN != 0) != (info->FrameRateExtD != 0)) {
        info->FrameRateExtN = info->FrameRateExtD = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    if ((info->AspectRatioW != 0) != (info->AspectRatioH != 0)) {
        info->AspectRatioW = info->AspectRatioH = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    return status;
}

static mfxStatus refuse(mfxU16 *field)
{
    if (!*field)
        return MFX_ERR_NONE;
    *field = 0;
    return MFX_ERR_UNSUPPORTED;
}

/* Features of other runtimes. JPEG has options of its own in the same place. */
static mfxStatus check_options(const struct srt_codec_caps *caps, mfxInfoMFX *mfx)
{
    mfxStatus status = MFX_ERR_NONE;

    if (caps->codec == MFX_CODEC_JPEG)
        return refuse(&mfx->Rotation);
    status = refuse(&mfx->DecodedOrder);
    status = worse(status, refuse(&mfx->TimeStampCalc));
    status = worse(status, refuse(&mfx->SliceGroupsPresent));
    if (mfx->EnableReallocRequest == MFX_CODINGOPTION_ON && caps->codec != MFX_CODEC_VP9)
        status = worse(status, refuse(&mfx->EnableReallocRequest));
    if (mfx->SkipOutput == MFX_CODINGOPTION_ON)
        status = worse(status, refuse(&mfx->SkipOutput));
    return status;
}

static mfxStatus check_memory(mfxVideoParam *par)
{
    mfxStatus status = refuse(&par->Protected);

    if (par->IOPattern && !srt_is_iopattern(par->IOPattern, SRT_IOPATTERN_OUT)) {
        par->IOPattern = 0;
        status = MFX_ERR_UNSUPPORTED;
    }
    /* Bigger surfaces would not be among those of Init's Alloc. sample_decode asks for them whatever the
     * memory. */
    if (par->IOPattern == MFX_IOPATTERN_OUT_VIDEO_MEMORY && par->mfx.CodecId != MFX_CODEC_JPEG &&
        par->mfx.EnableReallocRequest == MFX_CODINGOPTION_ON)
        status = worse(status, correct(&par->mfx.EnableReallocRequest, MFX_CODINGOPTION_OFF));
    if (par->AsyncDepth > SRT_MAX_ASYNC_DEPTH) {
        par->AsyncDepth = SRT_MAX_ASYNC_DEPTH;
        status = worse(status, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    }
    return status;
}

/* The parameters without their extension buffers, which belong to each structure's owner. */
static void copy_param(const mfxVideoParam *in, mfxVideoParam *out)
{
    mfxExtBuffer **ext = out->ExtParam;
    mfxU16 num_ext = out->NumExtParam;

    if (in == out)
        return;
    *out = *in;
    out->ExtParam = ext;
    out->NumExtParam = num_ext;
}

mfxStatus srt_decode_check(const mfxVideoParam *in, mfxVideoParam *out)
{
    const struct srt_decode_codec *codec = srt_decode_codec_find(in->mfx.CodecId);
    mfxStatus status = check_ext(in);

    copy_param(in, out);
    if (!codec) {
        out->mfx.CodecId = 0;
        return MFX_ERR_UNSUPPORTED;
    }
    status = worse(status, check_profile(&codec->caps, &out->mfx));
    status = worse(status, check_format(&codec->caps, &out->mfx.FrameInfo));
    status = worse(status, check_size(&out->mfx.FrameInfo));
    status = worse(status, check_picture(&out->mfx.FrameInfo));
    status = worse(status, check_options(&codec->caps, &out->mfx));
    return worse(status, check_memory(out));
}

/* "A non-zero value in a field indicates that the implementation can configure it with Init." */
void srt_decode_configurable(mfxVideoParam *out)
{
    mfxU32 codec = out->mfx.CodecId;
    mfxFrameInfo *info = &out->mfx.FrameInfo;

    out->AsyncDepth = 1;
    out->IOPattern = SRT_IOPATTERN_OUT;
    out->Protected = 0;
    memset(&out->mfx, 0, sizeof(out->mfx));
    out->mfx.CodecId = codec;
    out->mfx.CodecProfile = 1;
    out->mfx.CodecLevel = 1;
    out->mfx.NumThread = 1;
    info->FourCC = 1;
    info->Width = info->Height = 1;
    info->CropX = info->CropY = info->CropW = info->CropH = 1;
    info->FrameRateExtN = info->FrameRateExtD = 1;
    info->AspectRatioW = info->AspectRatioH = 1;
    info->BitDepthLuma = info->BitDepthChroma = info->Shift = 1;
    info->PicStruct = 1;
    info->ChromaFormat = 1;
    if (codec != MFX_CODEC_JPEG)
        out->mfx.ExtendedPicStruct = 1;
    if (codec == MFX_CODEC_VP9)
        out->mfx.EnableReallocRequest = 1;
    if (codec == MFX_CODEC_AV1)
        out->mfx.FilmGrain = 1;
}

mfxStatus srt_decode_check_init(const mfxVideoParam *par)
{
    mfxVideoParam checked = *par;
    const mfxFrameInfo *info = &par->mfx.FrameInfo;
    mfxStatus status = srt_decode_check(&checked, &checked);

    if (status == MFX_ERR_NULL_PTR)
        return status;
    if (status < MFX_ERR_NONE || !info->FourCC || !info->Width || !info->Height || !par->IOPattern)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    /* A shift is not ours to correct behind the application's back: its surfaces would still lack it. */
    return checked.mfx.FrameInfo.Shift == info->Shift ? status : MFX_ERR_INVALID_VIDEO_PARAM;
}

/* "The list of extended buffers attached to the input and output structure should be equal." Those of plain
 * data are carried over. */
static mfxStatus pair_ext(const mfxVideoParam *in, const mfxVideoParam *out)
{
    if ((in->NumExtParam && !in->ExtParam) || (out->NumExtParam && !out->ExtParam))
        return MFX_ERR_NULL_PTR;
    if (in->NumExtParam != out->NumExtParam || !in->ExtParam != !out->ExtParam)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    for (mfxU16 i = 0; in != out && i < in->NumExtParam; i++) {
        const mfxExtBuffer *from = in->ExtParam ? in->ExtParam[i] : NULL;
        mfxExtBuffer *to = from ? srt_ext_buffer(out->ExtParam, out->NumExtParam, from->BufferId) : NULL;

        if (!from)
            return MFX_ERR_NULL_PTR;
        if (!to || to->BufferSz != from->BufferSz)
            return MFX_ERR_UNDEFINED_BEHAVIOR;
        if (from->BufferId == MFX_EXTBUFF_VIDEO_SIGNAL_INFO || from->BufferId == MFX_EXTBUFF_HEVC_PARAM ||
            from->BufferId == MFX_EXTBUFF_ALLOCATION_HINTS)
            memmove(to, from, from->BufferSz);
    }
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoDECODE_Query(mfxSession handle, mfxVideoParam *in, mfxVideoParam *out)
{
    mfxStatus status;

    if (!srt_session_get(handle))
        return MFX_ERR_INVALID_HANDLE;
    if (!out)
        return MFX_ERR_NULL_PTR;
    if (!in) {
        if (!srt_decode_codec_find(out->mfx.CodecId))
            return MFX_ERR_UNSUPPORTED;
        srt_decode_configurable(out);
        return MFX_ERR_NONE;
    }
    status = pair_ext(in, out);
    return status == MFX_ERR_NONE ? srt_decode_check(in, out) : status;
}

mfxExtAllocationHints srt_decode_hints(const mfxVideoParam *par)
{
    const mfxExtBuffer *buffer =
        srt_ext_buffer(par->ExtParam, par->NumExtParam, MFX_EXTBUFF_ALLOCATION_HINTS);

    return buffer ? *(const mfxExtAllocationHints *)buffer : (mfxExtAllocationHints){.Wait = 0};
}

/* Decoding is into libav's own frames, so that the application's are needed for output alone: one for each
 * operation in flight, those kept, and one to offer meanwhile. */
void srt_decode_request(const mfxVideoParam *par, mfxFrameAllocRequest *request)
{
    mfxU16 depth = srt_async_depth(par);
    bool video = par->IOPattern == MFX_IOPATTERN_OUT_VIDEO_MEMORY;

    if (depth > SRT_MAX_ASYNC_DEPTH)
        depth = SRT_MAX_ASYNC_DEPTH;
    memset(request, 0, sizeof(*request));
    request->AllocId = par->AllocId;
    request->Info = par->mfx.FrameInfo;
    srt_pixel_format_describe(srt_pixel_format_find(request->Info.FourCC), &request->Info);
    request->Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE;
    request->Type |= video ? MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET : MFX_MEMTYPE_SYSTEM_MEMORY;
    request->NumFrameMin = (mfxU16)(depth + srt_decode_surfaces_kept(par));
    request->NumFrameSuggested = (mfxU16)(request->NumFrameMin + 1);
}

mfxStatus srt_MFXVideoDECODE_QueryIOSurf(mfxSession handle, mfxVideoParam *par, mfxFrameAllocRequest *request)
{
    if (!srt_session_get(handle))
        return MFX_ERR_INVALID_HANDLE;
    if (!par || !request)
        return MFX_ERR_NULL_PTR;
    memset(request, 0, sizeof(*request));
    if (!srt_decode_codec_find(par->mfx.CodecId) || !srt_is_iopattern(par->IOPattern, SRT_IOPATTERN_OUT))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!srt_pixel_format_find(par->mfx.FrameInfo.FourCC) || !par->mfx.FrameInfo.Width ||
        !par->mfx.FrameInfo.Height)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    srt_decode_request(par, request);
    return par->AsyncDepth > SRT_MAX_ASYNC_DEPTH ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE;
}
