/* MFXVideoDECODE_VPP_*: the entry points of joint decoding and video processing. */
#include "decode/decode_vpp.h"

#include <stdlib.h>

static mfxStatus enter(mfxSession session, struct srt_decode_vpp **out)
{
    struct srt_component *base;
    mfxStatus status = srt_component_enter(session, SRT_DECODE_VPP, &base);

    *out = (struct srt_decode_vpp *)base;
    return status;
}

static mfxStatus leave(struct srt_decode_vpp *dv, mfxStatus status)
{
    return srt_component_leave(&dv->base, status);
}

static struct decode_vpp_channel *find_channel(struct srt_decode_vpp *dv, mfxU32 id)
{
    for (mfxU32 i = 0; i < dv->num_channels; i++)
        if (dv->channels[i].id == id)
            return &dv->channels[i];
    return NULL;
}

/* Channels as an application lists them: there, and each with an id of its own. Id 0 is the decoder's. One
 * decoder's frames are not several streams to compose. */
static mfxStatus check_channels(mfxVideoChannelParam *const *list, mfxU32 count)
{
    if (count && !list)
        return MFX_ERR_NULL_PTR;
    for (mfxU32 i = 0; i < count; i++) {
        if (!list[i])
            return MFX_ERR_NULL_PTR;
        if (!list[i]->VPP.ChannelId || list[i]->Protected)
            return MFX_ERR_INVALID_VIDEO_PARAM;
        if (srt_ext_buffer(list[i]->ExtParam, list[i]->NumExtParam, MFX_EXTBUFF_VPP_COMPOSITE))
            return MFX_ERR_INVALID_VIDEO_PARAM;
        for (mfxU32 k = 0; k < i; k++)
            if (list[k]->VPP.ChannelId == list[i]->VPP.ChannelId)
                return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    return MFX_ERR_NONE;
}

static mfxStatus decoder_param(const struct srt_decode_vpp *dv, mfxVideoParam *par)
{
    *par = (mfxVideoParam){.NumExtParam = 0};
    return srt_MFXVideoDECODE_GetVideoParam(dv->base.session->handle, par);
}

/* A channel's VPP takes what the decoder gives. What a channel leaves open of its output is as in its input.
 */
static mfxVideoParam vpp_param(const mfxVideoParam *decode, const mfxVideoChannelParam *channel)
{
    bool video = decode->IOPattern & MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    mfxVideoParam par = {.AsyncDepth = decode->AsyncDepth,
                         .IOPattern = channel->IOPattern,
                         .ExtParam = channel->ExtParam,
                         .NumExtParam = channel->NumExtParam};
    mfxFrameInfo *out = &par.vpp.Out;

    par.vpp.In = decode->mfx.FrameInfo;
    *out = channel->VPP;
    if (!out->FrameRateExtN && !out->FrameRateExtD) {
        out->FrameRateExtN = par.vpp.In.FrameRateExtN;
        out->FrameRateExtD = par.vpp.In.FrameRateExtD;
    }
    if (!out->PicStruct)
        out->PicStruct = par.vpp.In.PicStruct;
    if (!par.IOPattern)
        par.IOPattern = video ? MFX_IOPATTERN_OUT_VIDEO_MEMORY : MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    par.IOPattern |= video ? MFX_IOPATTERN_IN_VIDEO_MEMORY : MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    return par;
}

static mfxStatus open_channels(struct srt_decode_vpp *dv, mfxVideoChannelParam *const *list, mfxU32 count)
{
    mfxVideoParam decode;
    mfxStatus worst = decoder_param(dv, &decode);

    for (mfxU32 i = 0; worst >= MFX_ERR_NONE && i < count; i++) {
        struct decode_vpp_channel *channel = &dv->channels[i];
        mfxVideoParam par = vpp_param(&decode, list[i]);
        mfxStatus status = srt_vpp_open(dv->base.session, &par, &channel->vpp);

        channel->id = list[i]->VPP.ChannelId;
        channel->done = true;
        dv->num_channels += status >= MFX_ERR_NONE;
        if (status < MFX_ERR_NONE || worst == MFX_ERR_NONE)
            worst = status;
    }
    return worst;
}

static void wake(struct srt_component *base)
{
    struct srt_decode_vpp *dv = (struct srt_decode_vpp *)base;

    for (mfxU32 i = 0; i < dv->num_channels; i++)
        srt_component_wake(dv->channels[i].vpp);
}

static void stop(struct srt_component *base)
{
    struct srt_decode_vpp *dv = (struct srt_decode_vpp *)base;

    decode_vpp_drop(dv);
    for (mfxU32 i = 0; i < dv->num_channels; i++)
        srt_component_close(dv->channels[i].vpp);
    dv->num_channels = 0;
}

static void clear(struct srt_component *base)
{
    free(((struct srt_decode_vpp *)base)->channels);
}

static const struct srt_component_type decode_vpp_type = {wake, stop, clear};

/* With the decoder initialised. */
static mfxStatus create(struct srt_session *session, mfxVideoChannelParam *const *list, mfxU32 count)
{
    struct srt_decode_vpp *dv = srt_component_new(sizeof(*dv), &decode_vpp_type, session);
    mfxStatus opened = MFX_ERR_MEMORY_ALLOC;
    mfxStatus status;

    if (!dv)
        return MFX_ERR_MEMORY_ALLOC;
    dv->channels = calloc(count ? count : 1, sizeof(*dv->channels));
    if (dv->channels)
        opened = open_channels(dv, list, count);
    if (opened < MFX_ERR_NONE) {
        srt_component_close(&dv->base);
        return opened;
    }
    status = srt_component_add(SRT_DECODE_VPP, &dv->base);
    return status == MFX_ERR_NONE ? opened : status;
}

/* An application's allocator is of no use here: "it allocates and returns". */
mfxStatus srt_MFXVideoDECODE_VPP_Init(mfxSession handle, mfxVideoParam *decode_par,
                                      mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par)
{
    struct srt_session *session = srt_session_get(handle);
    mfxStatus decoder;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!decode_par)
        return MFX_ERR_NULL_PTR;
    status = check_channels(vpp_par_array, num_vpp_par);
    if (status != MFX_ERR_NONE)
        return status;
    if (session->has_allocator)
        return MFX_ERR_UNSUPPORTED;
    if (srt_component_exists(session, SRT_DECODE_VPP))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    decoder = srt_MFXVideoDECODE_Init(handle, decode_par);
    if (decoder < MFX_ERR_NONE)
        return decoder;
    status = create(session, vpp_par_array, num_vpp_par);
    if (status < MFX_ERR_NONE)
        (void)srt_MFXVideoDECODE_Close(handle);
    return status == MFX_ERR_NONE ? decoder : status;
}

static mfxStatus check_skipped(struct srt_decode_vpp *dv, const mfxU32 *skip, mfxU32 count)
{
    for (mfxU32 i = 0; i < count; i++)
        if (skip[i] && !find_channel(dv, skip[i]))
            return MFX_ERR_NOT_FOUND;
    return MFX_ERR_NONE;
}

static mfxStatus decode_frame(struct srt_decode_vpp *dv, mfxBitstream *bs, const mfxU32 *skip,
                              mfxU32 num_skip, mfxSurfaceArray **out)
{
    mfxStatus status = check_skipped(dv, skip, num_skip);

    return status == MFX_ERR_NONE ? decode_vpp_frame(dv, bs, skip, num_skip, out) : status;
}

mfxStatus srt_MFXVideoDECODE_VPP_DecodeFrameAsync(mfxSession handle, mfxBitstream *bs, mfxU32 *skip_channels,
                                                  mfxU32 num_skip_channels, mfxSurfaceArray **surf_array_out)
{
    struct srt_decode_vpp *dv;
    mfxStatus status;

    if (!surf_array_out || (!skip_channels && num_skip_channels))
        return MFX_ERR_NULL_PTR;
    *surf_array_out = NULL;
    status = enter(handle, &dv);
    if (status != MFX_ERR_NONE)
        return status;
    return leave(dv, decode_frame(dv, bs, skip_channels, num_skip_channels, surf_array_out));
}

/* All of the channels, or none. */
static mfxStatus reset_channels(struct srt_decode_vpp *dv, mfxVideoChannelParam *const *list, mfxU32 count)
{
    mfxVideoParam decode;
    mfxStatus worst = decoder_param(dv, &decode);

    for (int apply = 0; apply < 2; apply++)
        for (mfxU32 i = 0; worst >= MFX_ERR_NONE && i < count; i++) {
            struct decode_vpp_channel *channel = find_channel(dv, list[i]->VPP.ChannelId);
            mfxVideoParam par = vpp_param(&decode, list[i]);
            mfxStatus status =
                channel ? srt_vpp_reset(channel->vpp, &par, apply) : MFX_ERR_INVALID_VIDEO_PARAM;

            if (status < MFX_ERR_NONE || worst == MFX_ERR_NONE)
                worst = status;
        }
    return worst;
}

static mfxStatus reset(struct srt_decode_vpp *dv, mfxVideoParam *decode_par,
                       mfxVideoChannelParam *const *list, mfxU32 count)
{
    mfxStatus decoder = MFX_ERR_NONE;
    mfxStatus status = check_channels(list, count);

    if (status != MFX_ERR_NONE)
        return status;
    decode_vpp_drop(dv);
    if (decode_par)
        decoder = srt_MFXVideoDECODE_Reset(dv->base.session->handle, decode_par);
    if (decoder < MFX_ERR_NONE)
        return decoder;
    status = reset_channels(dv, list, count);
    return status == MFX_ERR_NONE ? decoder : status;
}

mfxStatus srt_MFXVideoDECODE_VPP_Reset(mfxSession handle, mfxVideoParam *decode_par,
                                       mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par)
{
    struct srt_decode_vpp *dv;
    mfxStatus status;

    if (!decode_par && !vpp_par_array)
        return MFX_ERR_NULL_PTR;
    status = enter(handle, &dv);
    if (status != MFX_ERR_NONE)
        return status;
    return leave(dv, reset(dv, decode_par, vpp_par_array, vpp_par_array ? num_vpp_par : 0));
}

static mfxStatus describe(struct srt_decode_vpp *dv, mfxVideoChannelParam *out, mfxU32 id)
{
    mfxVideoParam par = {.ExtParam = out->ExtParam, .NumExtParam = out->NumExtParam};
    struct decode_vpp_channel *channel = find_channel(dv, id);
    mfxStatus status = MFX_ERR_NONE;

    if (!id) {
        status = decoder_param(dv, &par);
        out->VPP = par.mfx.FrameInfo;
    } else if (channel) {
        status = srt_vpp_describe(channel->vpp, &par);
        out->VPP = par.vpp.Out;
    } else {
        return MFX_ERR_NOT_FOUND;
    }
    if (status != MFX_ERR_NONE)
        return status;
    out->VPP.ChannelId = (mfxU16)id;
    out->Protected = 0;
    out->IOPattern = par.IOPattern & SRT_IOPATTERN_OUT;
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoDECODE_VPP_GetChannelParam(mfxSession handle, mfxVideoChannelParam *par,
                                                 mfxU32 channel_id)
{
    struct srt_decode_vpp *dv;
    mfxStatus status;

    if (!par || (par->NumExtParam && !par->ExtParam))
        return MFX_ERR_NULL_PTR;
    status = enter(handle, &dv);
    if (status != MFX_ERR_NONE)
        return status;
    return leave(dv, describe(dv, par, channel_id));
}

mfxStatus srt_MFXVideoDECODE_VPP_Close(mfxSession handle)
{
    return srt_components_end(handle, SRT_DECODE_VPP, SRT_DECODER);
}
