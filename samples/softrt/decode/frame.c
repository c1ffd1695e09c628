/* MFXVideoDECODE_DecodeFrameAsync: data in, frames out. */
#include "decode/decode.h"

static bool is_same_stream(const struct srt_stream_info *a, const struct srt_stream_info *b)
{
    return a->width == b->width && a->height == b->height && a->format == b->format &&
           a->profile == b->profile && a->level == b->level && a->pic_struct == b->pic_struct &&
           av_cmp_q(a->frame_rate, b->frame_rate) == 0 && av_cmp_q(a->aspect, b->aspect) == 0;
}

static bool may_grow(const struct srt_decoder *decoder)
{
    return decoder->codec->caps.codec == MFX_CODEC_VP9 &&
           decoder->par.mfx.EnableReallocRequest == MFX_CODINGOPTION_ON;
}

/* Can pictures of that kind be put into the surfaces? Where the application is ready to bring bigger ones,
 * the size asked of it grows instead, and MFX_ERR_REALLOC_SURFACE and GetVideoParam tell it so. */
static bool make_fit(struct srt_decoder *decoder, const struct srt_stream_info *info)
{
    mfxFrameInfo *frame = &decoder->par.mfx.FrameInfo;
    mfxFrameAllocRequest request;
    bool fits = info->width <= frame->Width && info->height <= frame->Height;

    if (!srt_stream_fits(decoder->codec, info, frame->FourCC))
        return false;
    if (fits || !may_grow(decoder) || info->width > SRT_MAX_WIDTH || info->height > SRT_MAX_HEIGHT)
        return fits;
    if (info->width > frame->Width)
        frame->Width = (mfxU16)((info->width + 15) / 16 * 16);
    if (info->height > frame->Height)
        frame->Height = (mfxU16)((info->height + 15) / 16 * 16);
    srt_decode_request(&decoder->par, &request);
    return srt_own_describe(decoder->own, &request.Info) == MFX_ERR_NONE;
}

/* A sequence header in the bitstream: can the decoder go on with the surfaces it was given? */
static mfxStatus judge(void *opaque, const struct srt_stream_info *info)
{
    struct srt_decoder *decoder = opaque;
    bool changed = decoder->has_stream && !is_same_stream(&decoder->stream, info);

    if (!make_fit(decoder, info))
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    decoder->stream = *info;
    decoder->has_stream = true;
    return changed ? MFX_WRN_VIDEO_PARAM_CHANGED : MFX_ERR_NONE;
}

/* VP9 and AV1 can change the size of pictures without a sequence header. */
static bool frame_fits(struct srt_decoder *decoder, const AVFrame *frame)
{
    struct srt_stream_info info = {.width = frame->width, .height = frame->height, .format = frame->format};

    return make_fit(decoder, &info);
}

static bool is_small(const mfxFrameSurface1 *surface, int width, int height)
{
    return surface->Info.Width < width || surface->Info.Height < height;
}

/* The kept surface's picture is on its way into it; now `work` waits for one. Where it cannot be held the
 * next call's will. */
static void keep_instead(struct srt_decode_surfaces *surfaces, mfxFrameSurface1 *work)
{
    srt_decode_surfaces_let_go(surfaces);
    (void)srt_decode_surfaces_keep(surfaces, work);
}

/* The surface for a picture: the one kept before, or `work`, or without one the runtime's own. The
 * application gets a reference of one of the runtime's own, whoever offered it. */
static mfxStatus choose_target(struct srt_decoder *decoder, mfxFrameSurface1 *work, mfxFrameSurface1 **target)
{
    *target = decoder->surfaces.kept ? decoder->surfaces.kept : work;
    if (!work)
        return srt_own_get(decoder->own, target);
    return srt_own_has(*target) ? srt_surface_keep(*target) : MFX_ERR_NONE;
}

static void give_up_target(mfxFrameSurface1 *target)
{
    if (srt_own_has(target))
        srt_surface_let_go(target);
}

/* A picture into its surface. MFX_ERR_REALLOC_SURFACE: it is too small. */
static mfxStatus fill_target(struct srt_decoder *decoder, AVFrame *frame, mfxU16 corrupted,
                             mfxFrameSurface1 *target, mfxSyncPoint *sync)
{
    mfxStatus status;

    if (is_small(target, frame->width, frame->height))
        return MFX_ERR_REALLOC_SURFACE;
    srt_picture_describe(decoder, frame, corrupted, target);
    srt_payload_collect(&decoder->payloads, frame, target->Data.TimeStamp);
    status = srt_output_begin(decoder->parts.output, frame, target, sync);
    if (status == MFX_ERR_NONE)
        srt_engine_pop(decoder->parts.engine);
    return status;
}

/* Hands out the next frame. MFX_ERR_MORE_DATA: there is none just now. MFX_ERR_MORE_SURFACE: there is, and
 * `work` was kept. */
static mfxStatus deliver(struct srt_decoder *decoder, bool draining, mfxFrameSurface1 *work,
                         mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    struct srt_decode_surfaces *surfaces = &decoder->surfaces;
    bool keep_first =
        surfaces->allocated && srt_decode_surfaces_kept(&decoder->par) && !surfaces->kept && !draining;
    mfxFrameSurface1 *target;
    mfxU16 corrupted;
    AVFrame *frame = srt_engine_peek(decoder->parts.engine, &corrupted);
    mfxStatus status;

    if (!frame)
        return MFX_ERR_MORE_DATA;
    if (srt_output_is_full(decoder->parts.output))
        return MFX_WRN_DEVICE_BUSY;
    if (!frame_fits(decoder, frame)) { /* of no use to anyone */
        srt_engine_pop(decoder->parts.engine);
        av_frame_free(&frame);
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    }
    if (keep_first) {
        status = srt_decode_surfaces_keep(surfaces, work);
        return status == MFX_ERR_NONE ? MFX_ERR_MORE_SURFACE : status;
    }
    status = choose_target(decoder, work, &target);
    if (status != MFX_ERR_NONE)
        return status;
    status = fill_target(decoder, frame, corrupted, target, sync);
    if (status != MFX_ERR_NONE) {
        give_up_target(target);
        return status;
    }
    if (work && target != work)
        keep_instead(surfaces, work);
    decoder->frame_order++;
    *out = target;
    return MFX_ERR_NONE;
}

static mfxStatus take_data(struct srt_decoder *decoder, mfxBitstream *bs)
{
    if (bs)
        return srt_feed_bitstream(decoder->parts.feed, decoder->parts.engine, bs, judge, decoder);
    return srt_feed_end(decoder->parts.feed, decoder->parts.engine);
}

static mfxStatus attempt(struct srt_decoder *decoder, mfxBitstream *bs, mfxFrameSurface1 *work,
                         mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    mfxStatus fed = srt_engine_error(decoder->parts.engine);
    mfxStatus delivered;
    enum srt_engine_state state;

    if (fed != MFX_ERR_NONE)
        return fed;
    fed = take_data(decoder, bs);
    /* Read before the frames are: a frame made in between is found, one made later is not denied. */
    state = srt_engine_state(decoder->parts.engine);
    if (fed == MFX_WRN_VIDEO_PARAM_CHANGED || fed == MFX_ERR_MEMORY_ALLOC)
        return fed;
    delivered = deliver(decoder, !bs, work, out, sync);
    if (delivered != MFX_ERR_MORE_DATA)
        return delivered;
    if (bs)
        return fed;
    if (fed != MFX_ERR_NONE || state != SRT_ENGINE_DRAINED)
        return MFX_WRN_DEVICE_BUSY;
    srt_decode_surfaces_let_go(&decoder->surfaces); /* no picture comes for it */
    return MFX_ERR_MORE_DATA;
}

/* MFX_WRN_DEVICE_BUSY is for when something has to be waited for, and applications answer it by asking again,
 * some of them at once and without end. So it comes a moment late, and not at all where the moment was
 * enough. */
#define BUSY_MS 2

static bool await_progress(struct srt_decoder *decoder)
{
    mfxU16 corrupted;

    if (srt_engine_peek(decoder->parts.engine, &corrupted))
        return srt_output_await(decoder->parts.output, BUSY_MS);
    return srt_engine_await(decoder->parts.engine, BUSY_MS);
}

static mfxStatus run(struct srt_decoder *decoder, mfxBitstream *bs, mfxFrameSurface1 *work,
                     mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    mfxStatus status = attempt(decoder, bs, work, out, sync);

    if (status == MFX_WRN_DEVICE_BUSY && await_progress(decoder))
        status = attempt(decoder, bs, work, out, sync);
    return status;
}

static mfxStatus check_call(const struct srt_decoder *decoder, const mfxBitstream *bs,
                            const mfxFrameSurface1 *work)
{
    struct srt_access access;
    mfxFrameInfo want;
    mfxStatus status;

    if (bs && !bs->Data && bs->DataLength)
        return MFX_ERR_NULL_PTR;
    if (bs && (mfxU64)bs->DataOffset + bs->DataLength > bs->MaxLength)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    want = decoder->par.mfx.FrameInfo;
    if (work && may_grow(decoder)) /* its size is looked at when there is a picture for it */
        want.Width = want.Height = 1;
    if (!work) /* the runtime's own, unless all frames are the application's */
        return decoder->base.session->has_allocator ? MFX_ERR_NULL_PTR : MFX_ERR_NONE;
    access = srt_access_out(decoder->base.session, &decoder->par);
    status = srt_surface_check(access, work, &want);
    if (status != MFX_ERR_NONE)
        return status;
    if (decoder->surfaces.allocated && !srt_decode_surfaces_has(&decoder->surfaces, work->Data.MemId))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (work == decoder->surfaces.kept || __atomic_load_n(&work->Data.Locked, __ATOMIC_ACQUIRE))
        return MFX_ERR_MORE_SURFACE;
    return MFX_ERR_NONE;
}

static mfxStatus decode_frame(struct srt_decoder *decoder, mfxBitstream *bs, mfxFrameSurface1 *work,
                              mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    mfxStatus status = check_call(decoder, bs, work);

    if (status == MFX_ERR_NONE)
        status = srt_knobs_call(decoder->base.session->knobs, SRT_KNOB_DECODE);
    return status == MFX_ERR_NONE ? run(decoder, bs, work, out, sync) : status;
}

mfxStatus srt_MFXVideoDECODE_DecodeFrameAsync(mfxSession handle, mfxBitstream *bs,
                                              mfxFrameSurface1 *surface_work, mfxFrameSurface1 **surface_out,
                                              mfxSyncPoint *syncp)
{
    struct srt_decoder *decoder;
    mfxStatus status;

    if (!surface_out || !syncp)
        return MFX_ERR_NULL_PTR;
    *surface_out = NULL;
    *syncp = NULL;
    status = srt_decoder_enter(handle, &decoder);
    if (status != MFX_ERR_NONE)
        return status;
    return srt_decoder_leave(decoder, decode_frame(decoder, bs, surface_work, surface_out, syncp));
}
