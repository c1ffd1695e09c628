/* MFXVideoENCODE_*: the encoder's entry points. */
#include "encode/encode.h"
#include "core/guise.h"
#include "surface/own.h"

#include <stdlib.h>

struct srt_encoder {
    struct srt_component base;
    struct encode_queue *queue;
    struct srt_own *own;            /* constant */
    struct srt_own_claim claim;     /* on the pool that the last frame came from */
    mfxFrameAllocRequest request;   /* as QueryIOSurf says it, since Init or Reset */
    mfxU16 most_width, most_height; /* as initialised: Reset may not go above */
};

static mfxStatus enter(mfxSession session, struct srt_encoder **out)
{
    struct srt_component *base;
    mfxStatus status = srt_component_enter(session, SRT_ENCODER, &base);

    *out = (struct srt_encoder *)base;
    return status;
}

static mfxStatus leave(struct srt_encoder *encoder, mfxStatus status)
{
    return srt_component_leave(&encoder->base, status);
}

/* Init and Reset say "invalid" where Query says "unsupported". */
static mfxStatus for_init(mfxStatus status)
{
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_INVALID_VIDEO_PARAM : status;
}

static mfxStatus prepare_params(struct encode_params *params, const mfxVideoParam *par)
{
    mfxStatus gathered = encode_params_gather(params, par);
    mfxStatus checked = for_init(srt_worse(gathered, encode_check(params)));
    mfxStatus completed;

    if (checked < MFX_ERR_NONE)
        return checked;
    completed = encode_complete(params);
    return completed < MFX_ERR_NONE ? completed : checked;
}

static mfxStatus start_queue(struct srt_session *session, const struct encode_params *params,
                             struct encode_queue **out)
{
    struct encode_queue *queue = malloc(sizeof(*queue));
    mfxStatus status;

    *out = NULL;
    if (!queue)
        return MFX_ERR_MEMORY_ALLOC;
    status = encode_queue_start(queue, session, params);
    if (status == MFX_ERR_NONE)
        *out = queue;
    else
        free(queue);
    return status;
}

static void stop_queue(struct encode_queue **queue)
{
    if (*queue)
        encode_queue_stop(*queue);
    free(*queue);
    *queue = NULL;
}

struct srt_own *srt_encoder_own(const struct srt_component *encoder)
{
    return ((const struct srt_encoder *)encoder)->own;
}

static void wake(struct srt_component *base)
{
    srt_own_close(((struct srt_encoder *)base)->own);
}

static void stop(struct srt_component *base)
{
    struct srt_encoder *encoder = (struct srt_encoder *)base;

    stop_queue(&encoder->queue);
    srt_own_claim_end(&encoder->claim);
}

static void clear(struct srt_component *base)
{
    srt_own_unref(&((struct srt_encoder *)base)->own);
}

static const struct srt_component_type encoder_type = {wake, stop, clear};

/* JPEG's request names both kinds of memory, as the GPU runtime's does: an allocator serves video then. */
static mfxU16 request_type(const mfxVideoParam *par)
{
    mfxU16 type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_ENCODE;

    if (par->IOPattern == MFX_IOPATTERN_IN_VIDEO_MEMORY)
        type |= MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET;
    if (par->IOPattern == MFX_IOPATTERN_IN_SYSTEM_MEMORY || par->mfx.CodecId == MFX_CODEC_JPEG)
        type |= MFX_MEMTYPE_SYSTEM_MEMORY;
    return type;
}

/* Surfaces are held while they wait, and for JPEG while one of the threads works on them. */
static mfxU16 surfaces_needed(const struct srt_session *session, const mfxVideoParam *par)
{
    mfxU32 held = srt_async_depth(par);

    if (par->mfx.CodecId == MFX_CODEC_JPEG)
        held += (mfxU32)srt_thread_count(session, par->mfx.NumThread);
    return (mfxU16)(held < UINT16_MAX ? held : UINT16_MAX);
}

static mfxFrameAllocRequest request_for(const struct srt_session *session, const mfxVideoParam *par)
{
    const struct srt_pixel_format *format = srt_pixel_format_find(par->mfx.FrameInfo.FourCC);
    mfxFrameAllocRequest request = {.Info = par->mfx.FrameInfo};

    if (format)
        srt_pixel_format_describe(format, &request.Info);
    request.Type = request_type(par);
    request.NumFrameMin = request.NumFrameSuggested = surfaces_needed(session, par);
    /* Hardware's encoders suggest more than are in flight, and some clients always want one to fill beside
     * those (GStreamer's enlarges its array while the runtime holds what is in it, and crashes). */
    if (srt_is_hardware() && request.NumFrameSuggested < UINT16_MAX)
        request.NumFrameSuggested++;
    return request;
}

static mfxStatus create(struct srt_session *session, const struct encode_params *params,
                        struct srt_component **out)
{
    struct srt_encoder *encoder = srt_component_new(sizeof(*encoder), &encoder_type, session);
    mfxStatus status;

    if (!encoder)
        return MFX_ERR_MEMORY_ALLOC;
    encoder->most_width = params->par.mfx.FrameInfo.Width;
    encoder->most_height = params->par.mfx.FrameInfo.Height;
    encoder->request = request_for(session, &params->par);
    status = srt_own_create(&encoder->own, session, "encode", &encoder->request, &params->hints);
    if (status == MFX_ERR_NONE)
        status = start_queue(session, params, &encoder->queue);
    if (status == MFX_ERR_NONE)
        *out = &encoder->base;
    else
        srt_component_close(&encoder->base);
    return status;
}

/* The struct is all zeros but for the codec it was asked about. */
static mfxStatus query_configurable(mfxVideoParam *out)
{
    struct encode_params params;
    mfxStatus status = encode_params_gather(&params, out);

    if (status < MFX_ERR_NONE)
        return status;
    if (!encode_caps(out->mfx.CodecId)) {
        out->mfx.CodecId = 0;
        return MFX_ERR_UNSUPPORTED;
    }
    encode_params_configurable(&params, out->mfx.CodecId);
    encode_params_scatter(&params, out);
    return MFX_ERR_NONE;
}

static bool fits_init(const struct srt_encoder *encoder, const mfxVideoParam *par)
{
    const mfxVideoParam *now = &encoder->queue->params.par;

    return par->mfx.CodecId == now->mfx.CodecId && par->mfx.FrameInfo.FourCC == now->mfx.FrameInfo.FourCC &&
           par->IOPattern == now->IOPattern && par->AsyncDepth <= now->AsyncDepth &&
           par->mfx.FrameInfo.Width <= encoder->most_width &&
           par->mfx.FrameInfo.Height <= encoder->most_height;
}

/* With mfxExtEncoderResetOption the question is what Reset would do with these parameters: begin a new
 * sequence, if it can at all. Without an encoder to reset it is an ordinary one. */
static mfxStatus query_reset(mfxSession session, struct encode_params *params)
{
    struct encode_params wanted = *params;
    struct srt_encoder *encoder;
    mfxStatus status;

    if (enter(session, &encoder) != MFX_ERR_NONE)
        return MFX_ERR_NONE;
    if (!wanted.par.AsyncDepth)
        wanted.par.AsyncDepth = encoder->queue->params.par.AsyncDepth;
    status = encode_complete(&wanted);
    if (status == MFX_ERR_NONE && !fits_init(encoder, &wanted.par))
        status = MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    if (status == MFX_ERR_NONE)
        params->reset.StartNewSequence = MFX_CODINGOPTION_ON;
    return leave(encoder, status);
}

mfxStatus srt_MFXVideoENCODE_Query(mfxSession session, mfxVideoParam *in, mfxVideoParam *out)
{
    struct encode_params params;
    mfxStatus status;

    if (!srt_session_get(session))
        return MFX_ERR_INVALID_HANDLE;
    if (!out)
        return MFX_ERR_NULL_PTR;
    if (!in)
        return query_configurable(out);
    status = encode_params_gather(&params, in);
    if (status == MFX_ERR_NULL_PTR || (out->NumExtParam && !out->ExtParam))
        return MFX_ERR_NULL_PTR;
    status = srt_worse(status, encode_check(&params));
    if (status >= MFX_ERR_NONE && params.reset.Header.BufferId)
        status = srt_worse(query_reset(session, &params), status);
    encode_params_scatter(&params, out);
    return status;
}

mfxStatus srt_MFXVideoENCODE_QueryIOSurf(mfxSession session, mfxVideoParam *par,
                                         mfxFrameAllocRequest *request)
{
    struct srt_session *own = srt_session_get(session);

    if (!own)
        return MFX_ERR_INVALID_HANDLE;
    if (!par || !request)
        return MFX_ERR_NULL_PTR;
    if (!srt_is_iopattern(par->IOPattern, SRT_IOPATTERN_IN) || !encode_caps(par->mfx.CodecId))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    *request = request_for(own, par);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoENCODE_Init(mfxSession session, mfxVideoParam *par)
{
    struct srt_session *own = srt_session_get(session);
    struct srt_component *encoder;
    struct encode_params params;
    mfxStatus checked;
    mfxStatus status;

    if (!own)
        return MFX_ERR_INVALID_HANDLE;
    if (!par)
        return MFX_ERR_NULL_PTR;
    if (srt_component_exists(own, SRT_ENCODER))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    checked = prepare_params(&params, par);
    if (checked < MFX_ERR_NONE)
        return checked;
    status = create(own, &params, &encoder);
    if (status == MFX_ERR_NONE)
        status = srt_component_add(SRT_ENCODER, encoder);
    return status == MFX_ERR_NONE ? checked : status;
}

mfxStatus srt_MFXVideoENCODE_Close(mfxSession session)
{
    return srt_components_end(session, SRT_ENCODER, SRT_ENCODER);
}

/* What the application is told, in its own units, of the size a coded picture may have. */
static mfxU16 reported_buffer_kb(const mfxVideoParam *par, mfxU32 largest_bytes)
{
    bool jpeg = par->mfx.CodecId == MFX_CODEC_JPEG; /* the multiplier is a bitrate matter */
    mfxU32 multiplier = jpeg ? 1 : encode_brc_multiplier(par);
    mfxU32 given = jpeg ? 0 : par->mfx.BufferSizeInKB * multiplier;
    mfxU32 kb = given ? given : encode_default_buffer_kb(par);
    mfxU32 needed = largest_bytes / 1000 + 1;

    kb = ((needed > kb ? needed : kb) + multiplier - 1) / multiplier;
    return (mfxU16)(kb < UINT16_MAX ? kb : UINT16_MAX);
}

static void working_params(struct encode_queue *queue, struct encode_params *out)
{
    mfxInfoMFX *mfx = &out->par.mfx;
    mfxEncodeStat stat;
    mfxU32 largest;

    encode_queue_stat(queue, &stat, &largest);
    *out = queue->params;
    mfx->CodecProfile = queue->headers.profile;
    mfx->CodecLevel = queue->headers.level;
    mfx->BufferSizeInKB = reported_buffer_kb(&queue->params.par, largest);
    if (!mfx->BRCParamMultiplier)
        mfx->BRCParamMultiplier = 1; /* clients multiply by it (ffmpeg) */
}

/* BufferSizeInKB as GetVideoParam reports it, coming back unchanged, still means "left open". */
static void keep_open_buffer(struct encode_queue *queue, struct encode_params *params)
{
    struct encode_params now;

    working_params(queue, &now);
    if (!queue->params.par.mfx.BufferSizeInKB && params->par.mfx.BufferSizeInKB == now.par.mfx.BufferSizeInKB)
        params->par.mfx.BufferSizeInKB = 0;
}

/* Frames still inside are dropped: an application that wants them drains first. */
static mfxStatus reset(struct srt_encoder *encoder, const mfxVideoParam *par)
{
    struct srt_session *session = encoder->base.session;
    struct encode_params params;
    struct encode_queue *fresh;
    mfxFrameAllocRequest request;
    mfxVideoParam wanted = *par;
    mfxStatus checked;
    mfxStatus status;

    if (!wanted.AsyncDepth)
        wanted.AsyncDepth = encoder->queue->params.par.AsyncDepth;
    checked = prepare_params(&params, &wanted);
    if (checked < MFX_ERR_NONE)
        return checked;
    if (!fits_init(encoder, &params.par) ||
        srt_own_hints_differ(&encoder->queue->params.hints, &params.hints))
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    params.hints = encoder->queue->params.hints;
    keep_open_buffer(encoder->queue, &params);
    request = request_for(session, &params.par);
    status = start_queue(session, &params, &fresh);
    if (status == MFX_ERR_NONE)
        status = srt_own_describe(encoder->own, &request.Info);
    if (status != MFX_ERR_NONE) {
        stop_queue(&fresh);
        return status;
    }
    encode_queue_stop(encoder->queue);
    encode_queue_continue(fresh, encoder->queue);
    free(encoder->queue);
    srt_own_claim_end(&encoder->claim);
    encoder->request = request;
    encoder->queue = fresh;
    return checked;
}

mfxStatus srt_MFXVideoENCODE_Reset(mfxSession session, mfxVideoParam *par)
{
    struct srt_encoder *encoder;
    mfxStatus status = enter(session, &encoder);

    if (status != MFX_ERR_NONE)
        return status;
    return leave(encoder, par ? reset(encoder, par) : MFX_ERR_NULL_PTR);
}

mfxStatus srt_MFXVideoENCODE_GetVideoParam(mfxSession session, mfxVideoParam *par)
{
    struct srt_encoder *encoder;
    struct encode_params now;
    mfxStatus status = enter(session, &encoder);

    if (status != MFX_ERR_NONE)
        return status;
    if (!par || (par->NumExtParam && !par->ExtParam))
        return leave(encoder, MFX_ERR_NULL_PTR);
    working_params(encoder->queue, &now);
    encode_params_scatter(&now, par);
    return leave(encoder, encode_headers_give(&encoder->queue->headers, par));
}

mfxStatus srt_MFXVideoENCODE_GetEncodeStat(mfxSession session, mfxEncodeStat *stat)
{
    struct srt_encoder *encoder;
    mfxU32 largest;
    mfxStatus status = enter(session, &encoder);

    if (status != MFX_ERR_NONE)
        return status;
    if (!stat)
        return leave(encoder, MFX_ERR_NULL_PTR);
    encode_queue_stat(encoder->queue, stat, &largest);
    return leave(encoder, MFX_ERR_NONE);
}

static mfxStatus submit(struct srt_encoder *encoder, mfxFrameSurface1 *surface,
                        struct encode_control *control, mfxBitstream *bs, mfxSyncPoint *sync)
{
    struct srt_session *session = encoder->base.session;
    mfxStatus status = MFX_ERR_NONE;

    if (surface)
        status = encode_check_surface(session, &encoder->queue->params, surface);
    if (status == MFX_ERR_NONE)
        status = srt_knobs_call(session->knobs, SRT_KNOB_ENCODE);
    if (status != MFX_ERR_NONE)
        return status;
    if (!surface)
        return encode_queue_drain(encoder->queue, bs, sync);
    srt_own_claim(&encoder->claim, surface, encoder->request.NumFrameSuggested);
    return encode_queue_submit(encoder->queue, surface, control, bs, sync);
}

static mfxStatus encode_frame(struct srt_encoder *encoder, const mfxEncodeCtrl *ctrl,
                              mfxFrameSurface1 *surface, mfxBitstream *bs, mfxSyncPoint *sync)
{
    struct encode_queue *queue = encoder->queue;
    struct encode_control control;
    mfxStatus status;

    if (!sync)
        return MFX_ERR_NULL_PTR;
    *sync = NULL;
    status = encode_check_bitstream(bs);
    if (status == MFX_ERR_NONE)
        status = encode_check_control(&queue->params, ctrl, &control);
    if (status != MFX_ERR_NONE)
        return status;
    status = submit(encoder, surface, &control, bs, sync);
    encode_sei_free(control.sei); /* unless the queue took it */
    return status;
}

mfxStatus srt_MFXVideoENCODE_EncodeFrameAsync(mfxSession session, mfxEncodeCtrl *ctrl,
                                              mfxFrameSurface1 *surface, mfxBitstream *bs,
                                              mfxSyncPoint *syncp)
{
    struct srt_encoder *encoder;
    mfxStatus status = enter(session, &encoder);

    if (status != MFX_ERR_NONE)
        return status;
    return leave(encoder, encode_frame(encoder, ctrl, surface, bs, syncp));
}
