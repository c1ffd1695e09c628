/* MFXVideoDECODE_*: the decoder as a component of a session. */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

/* Packets and frames in flight beyond the application's own depth, so that the decoder never waits for the
 * application. */
#define SLACK 4

/* Skip levels: none, loop filter of unreferenced pictures, of all, no bidirectional pictures, key pictures
 * alone. */
#define MAX_SKIP_LEVEL 4

mfxStatus srt_decoder_enter(mfxSession handle, struct srt_decoder **out)
{
    struct srt_component *base;
    mfxStatus status = srt_component_enter(handle, SRT_DECODER, &base);

    *out = (struct srt_decoder *)base;
    return status;
}

mfxStatus srt_decoder_leave(struct srt_decoder *decoder, mfxStatus status)
{
    return srt_component_leave(&decoder->base, status);
}

static void stop_parts(struct srt_decoder_parts *parts)
{
    srt_output_destroy(&parts->output);
    srt_engine_destroy(&parts->engine);
    srt_feed_destroy(&parts->feed);
}

static mfxStatus start_parts(struct srt_session *session, const struct srt_decode_codec *codec,
                             const mfxVideoParam *par, struct srt_decoder_parts *out)
{
    size_t depth = srt_async_depth(par);
    struct srt_engine_config config = {
        .codec = codec,
        .threads = srt_session_threads(session, par->mfx.NumThread),
        .no_film_grain = codec->caps.codec == MFX_CODEC_AV1 && !par->mfx.FilmGrain,
        .max_in_flight = depth + SLACK,
    };
    mfxStatus status = srt_feed_create(codec, &out->feed);

    if (status == MFX_ERR_NONE)
        status = srt_engine_create(&config, &out->engine);
    if (status == MFX_ERR_NONE)
        status = srt_output_create(srt_access_out(session, par), depth, &out->output);
    if (status != MFX_ERR_NONE)
        stop_parts(out);
    return status;
}

/* As the decoder keeps them: without extension buffers, and with what follows from the rest filled in. */
static mfxVideoParam own_param(const mfxVideoParam *par)
{
    mfxVideoParam own = *par;

    own.ExtParam = NULL;
    own.NumExtParam = 0;
    (void)srt_decode_check(&own, &own);
    return own;
}

struct srt_own *srt_decoder_own(const struct srt_component *decoder)
{
    return ((const struct srt_decoder *)decoder)->own;
}

static void wake(struct srt_component *base)
{
    srt_own_close(((struct srt_decoder *)base)->own);
}

static void stop(struct srt_component *base)
{
    struct srt_decoder *decoder = (struct srt_decoder *)base;

    stop_parts(&decoder->parts);
    srt_decode_surfaces_free(&decoder->surfaces);
    srt_payload_clear(&decoder->payloads);
}

static void clear(struct srt_component *base)
{
    srt_own_unref(&((struct srt_decoder *)base)->own);
}

static const struct srt_component_type decoder_type = {wake, stop, clear};

static mfxStatus create(struct srt_session *session, const mfxVideoParam *par, struct srt_component **out)
{
    struct srt_decoder *decoder = srt_component_new(sizeof(*decoder), &decoder_type, session);
    mfxFrameAllocRequest request;
    mfxStatus status;

    if (!decoder)
        return MFX_ERR_MEMORY_ALLOC;
    decoder->codec = srt_decode_codec_find(par->mfx.CodecId);
    decoder->par = own_param(par);
    status = start_parts(session, decoder->codec, &decoder->par, &decoder->parts);
    if (status == MFX_ERR_NONE)
        status = srt_decode_surfaces_alloc(&decoder->surfaces, session, &decoder->par);
    decoder->hints = srt_decode_hints(par);
    srt_decode_request(&decoder->par, &request);
    if (status == MFX_ERR_NONE)
        status = srt_own_create(&decoder->own, session, "decode", &request, &decoder->hints);
    if (status == MFX_ERR_NONE)
        *out = &decoder->base;
    else
        srt_component_close(&decoder->base);
    return status;
}

mfxStatus srt_MFXVideoDECODE_Init(mfxSession handle, mfxVideoParam *par)
{
    struct srt_session *session = srt_session_get(handle);
    struct srt_component *decoder;
    mfxStatus checked;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!par)
        return MFX_ERR_NULL_PTR;
    if (srt_component_exists(session, SRT_DECODER))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    checked = srt_decode_check_init(par);
    if (checked < MFX_ERR_NONE)
        return checked;
    status = create(session, par, &decoder);
    if (status == MFX_ERR_NONE)
        status = srt_component_add(SRT_DECODER, decoder);
    return status == MFX_ERR_NONE ? checked : status;
}

mfxStatus srt_MFXVideoDECODE_Close(mfxSession handle)
{
    return srt_components_end(handle, SRT_DECODER, SRT_DECODER);
}

/* What would need other surfaces, or another decoder, than Init got. */
static bool needs_init(const struct srt_decoder *decoder, const mfxVideoParam *par)
{
    const mfxVideoParam *now = &decoder->par;
    const mfxExtAllocationHints hints = srt_decode_hints(par);
    const mfxFrameInfo *have = &now->mfx.FrameInfo;
    const mfxFrameInfo *want = &par->mfx.FrameInfo;

    return par->mfx.CodecId != now->mfx.CodecId || par->IOPattern != now->IOPattern ||
           want->FourCC != have->FourCC || want->Width > have->Width || want->Height > have->Height ||
           srt_async_depth(par) > srt_async_depth(now) || srt_own_hints_differ(&decoder->hints, &hints);
}

/* New parts first, so that a failure leaves the decoder as it was. The surfaces are still those of Init. */
static mfxStatus restart(struct srt_decoder *decoder, const mfxVideoParam *par)
{
    mfxVideoParam own = own_param(par);
    struct srt_decoder_parts parts = {0};
    mfxFrameAllocRequest request;
    mfxStatus status;

    own.mfx.FrameInfo.Width = decoder->par.mfx.FrameInfo.Width;
    own.mfx.FrameInfo.Height = decoder->par.mfx.FrameInfo.Height;
    srt_decode_request(&own, &request);
    status = start_parts(decoder->base.session, decoder->codec, &own, &parts);
    if (status == MFX_ERR_NONE)
        status = srt_own_describe(decoder->own, &request.Info);
    if (status != MFX_ERR_NONE) {
        stop_parts(&parts);
        return status;
    }
    stop_parts(&decoder->parts);
    srt_decode_surfaces_let_go(&decoder->surfaces);
    srt_payload_clear(&decoder->payloads);
    decoder->parts = parts;
    decoder->par = own;
    decoder->has_stream = false;
    decoder->skip_level = 0;
    decoder->frame_order = 0;
    return MFX_ERR_NONE;
}

static mfxStatus reset(struct srt_decoder *decoder, mfxVideoParam *par)
{
    mfxStatus checked = par ? srt_decode_check_init(par) : MFX_ERR_NULL_PTR;
    mfxStatus status;

    if (checked < MFX_ERR_NONE)
        return checked;
    status = needs_init(decoder, par) ? MFX_ERR_INCOMPATIBLE_VIDEO_PARAM : restart(decoder, par);
    return status == MFX_ERR_NONE ? checked : status;
}

mfxStatus srt_MFXVideoDECODE_Reset(mfxSession handle, mfxVideoParam *par)
{
    struct srt_decoder *decoder;
    mfxStatus status = srt_decoder_enter(handle, &decoder);

    return status == MFX_ERR_NONE ? srt_decoder_leave(decoder, reset(decoder, par)) : status;
}

static mfxStatus describe_working(struct srt_decoder *decoder, mfxVideoParam *par)
{
    mfxExtBuffer **ext = par->ExtParam;
    mfxU16 num_ext = par->NumExtParam;
    mfxExtBuffer *hints;
    size_t header_size;
    const uint8_t *header = srt_feed_header(decoder->parts.feed, &header_size);

    *par = decoder->par;
    par->ExtParam = ext;
    par->NumExtParam = num_ext;
    if (decoder->has_stream) {
        mfxFrameInfo surface = decoder->par.mfx.FrameInfo;

        srt_stream_describe(decoder->base.session, decoder->codec, &decoder->stream, par);
        srt_pixel_format_describe(srt_pixel_format_find(surface.FourCC), &par->mfx.FrameInfo);
        par->mfx.FrameInfo.Width = surface.Width;
        par->mfx.FrameInfo.Height = surface.Height;
    }
    if (!num_ext)
        return MFX_ERR_NONE;
    hints = srt_ext_buffer(ext, num_ext, MFX_EXTBUFF_ALLOCATION_HINTS);
    if (hints && hints->BufferSz == sizeof(decoder->hints))
        memcpy(hints + 1, &decoder->hints.Header + 1, sizeof(decoder->hints) - sizeof(*hints));
    if (hints && num_ext == 1)
        return MFX_ERR_NONE;
    return decoder->has_stream
               ? srt_stream_describe_ext(decoder->codec, &decoder->stream, header, header_size, par)
               : MFX_ERR_NOT_FOUND;
}

mfxStatus srt_MFXVideoDECODE_GetVideoParam(mfxSession handle, mfxVideoParam *par)
{
    struct srt_decoder *decoder;
    mfxStatus status = srt_decoder_enter(handle, &decoder);

    if (status != MFX_ERR_NONE)
        return status;
    if (!par || (par->NumExtParam && !par->ExtParam))
        return srt_decoder_leave(decoder, MFX_ERR_NULL_PTR);
    return srt_decoder_leave(decoder, describe_working(decoder, par));
}

static void fill_stat(struct srt_decoder *decoder, mfxDecodeStat *stat)
{
    struct srt_engine_stats stats;

    srt_engine_stats(decoder->parts.engine, &stats);
    memset(stat, 0, sizeof(*stat));
    stat->NumFrame = stats.frames;
    stat->NumError = stats.errors;
    stat->NumCachedFrame = stats.cached;
    stat->NumSkippedFrame = srt_feed_dropped(decoder->parts.feed);
}

mfxStatus srt_MFXVideoDECODE_GetDecodeStat(mfxSession handle, mfxDecodeStat *stat)
{
    struct srt_decoder *decoder;
    mfxStatus status = srt_decoder_enter(handle, &decoder);

    if (status != MFX_ERR_NONE)
        return status;
    if (!stat)
        return srt_decoder_leave(decoder, MFX_ERR_NULL_PTR);
    fill_stat(decoder, stat);
    return srt_decoder_leave(decoder, MFX_ERR_NONE);
}

/* A JPEG is always a key picture with no loop filter: nothing to skip. */
static mfxStatus set_skip_level(struct srt_decoder *decoder, int level)
{
    static const enum AVDiscard filter[MAX_SKIP_LEVEL + 1] = {AVDISCARD_DEFAULT, AVDISCARD_NONREF,
                                                              AVDISCARD_ALL, AVDISCARD_ALL, AVDISCARD_ALL};
    int most = decoder->codec->caps.codec == MFX_CODEC_JPEG ? 0 : MAX_SKIP_LEVEL;
    mfxStatus status;

    if (level < 0 || level > most)
        return MFX_WRN_VALUE_NOT_CHANGED;
    status = srt_engine_skip_filter(decoder->parts.engine, filter[level]);
    if (status != MFX_ERR_NONE)
        return status;
    srt_feed_drop(decoder->parts.feed, level > 2 ? level - 2 : 0);
    decoder->skip_level = level;
    return MFX_ERR_NONE;
}

static mfxStatus set_skip_mode(struct srt_decoder *decoder, mfxSkipMode mode)
{
    switch (mode) {
    case MFX_SKIPMODE_NOSKIP:
        return set_skip_level(decoder, 0);
    case MFX_SKIPMODE_MORE:
        return set_skip_level(decoder, decoder->skip_level + 1);
    case MFX_SKIPMODE_LESS:
        return set_skip_level(decoder, decoder->skip_level - 1);
    default:
        return MFX_ERR_UNSUPPORTED;
    }
}

mfxStatus srt_MFXVideoDECODE_SetSkipMode(mfxSession handle, mfxSkipMode mode)
{
    struct srt_decoder *decoder;
    mfxStatus status = srt_decoder_enter(handle, &decoder);

    return status == MFX_ERR_NONE ? srt_decoder_leave(decoder, set_skip_mode(decoder, mode)) : status;
}

mfxStatus srt_MFXVideoDECODE_GetPayload(mfxSession handle, mfxU64 *ts, mfxPayload *payload)
{
    struct srt_decoder *decoder;
    mfxStatus status = srt_decoder_enter(handle, &decoder);

    if (status != MFX_ERR_NONE)
        return status;
    if (!ts || !payload || !payload->Data)
        return srt_decoder_leave(decoder, MFX_ERR_NULL_PTR);
    return srt_decoder_leave(decoder, srt_payload_take(&decoder->payloads, ts, payload));
}
