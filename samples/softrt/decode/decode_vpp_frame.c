/* One decoded frame, and what each channel makes of it. */
#include "decode/decode_vpp.h"
#include "surface/surface_array.h"

void decode_vpp_drop(struct srt_decode_vpp *dv)
{
    if (dv->decoded)
        srt_surface_let_go(dv->decoded);
    dv->decoded = NULL;
    srt_surface_array_discard(&dv->array);
}

static bool is_listed(const mfxU32 *ids, mfxU32 count, mfxU32 id)
{
    for (mfxU32 i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static mfxStatus add(struct srt_decode_vpp *dv, mfxFrameSurface1 *surface)
{
    mfxStatus status = srt_surface_array_add(dv->array, surface);

    if (status != MFX_ERR_NONE)
        srt_surface_let_go(surface);
    return status;
}

/* The decoded frame itself. The component goes on holding it, so the application gets a reference of its own.
 */
static mfxStatus show_decoded(struct srt_decode_vpp *dv)
{
    mfxStatus status = srt_surface_keep(dv->decoded);

    if (status != MFX_ERR_NONE)
        return status;
    dv->shown = true;
    return add(dv, dv->decoded);
}

/* `in` NULL: no more frames come. MFX_ERR_NONE whether there was a picture or not. */
static mfxStatus run_channel(struct srt_decode_vpp *dv, struct decode_vpp_channel *channel,
                             mfxFrameSurface1 *in)
{
    mfxFrameSurface1 *picture;
    mfxStatus status = srt_vpp_process(channel->vpp, in, &picture);

    channel->done = status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA;
    if (status == MFX_ERR_MORE_DATA)
        return MFX_ERR_NONE;
    if (status != MFX_ERR_NONE && status != MFX_ERR_MORE_SURFACE)
        return status;
    picture->Info.ChannelId = channel->id;
    return add(dv, picture);
}

static mfxStatus run_channels(struct srt_decode_vpp *dv, const mfxU32 *skip, mfxU32 num_skip)
{
    for (mfxU32 i = 0; i < dv->num_channels; i++) {
        struct decode_vpp_channel *channel = &dv->channels[i];
        mfxStatus status = MFX_ERR_NONE;

        if (is_listed(skip, num_skip, channel->id))
            channel->done = true;
        if (!channel->done)
            status = run_channel(dv, channel, dv->decoded);
        if (status != MFX_ERR_NONE)
            return status;
    }
    return MFX_ERR_NONE;
}

static void reopen_channels(struct srt_decode_vpp *dv)
{
    for (mfxU32 i = 0; i < dv->num_channels; i++)
        dv->channels[i].done = false;
}

static bool all_done(const struct srt_decode_vpp *dv)
{
    for (mfxU32 i = 0; i < dv->num_channels; i++)
        if (!dv->channels[i].done)
            return false;
    return true;
}

static mfxStatus hand_out(struct srt_decode_vpp *dv, mfxSurfaceArray **out)
{
    *out = dv->array;
    dv->array = NULL;
    return MFX_ERR_NONE;
}

/* The decoder is at its end: what the channels still keep. A channel gives one picture a call. */
static mfxStatus drain(struct srt_decode_vpp *dv, mfxSurfaceArray **out)
{
    mfxStatus status = MFX_ERR_NONE;

    reopen_channels(dv);
    for (mfxU32 i = 0; i < dv->num_channels && status == MFX_ERR_NONE; i++)
        status = run_channel(dv, &dv->channels[i], NULL);
    if (dv->array->NumSurfaces)
        return hand_out(dv, out); /* what stood in the way will be met again */
    return status == MFX_ERR_NONE ? MFX_ERR_MORE_DATA : status;
}

/* A frame in dv->decoded, or why there is none. */
static mfxStatus next_frame(struct srt_decode_vpp *dv, mfxBitstream *bs)
{
    mfxSyncPoint sync;
    mfxStatus status;

    if (dv->decoded)
        return MFX_ERR_NONE;
    status = srt_MFXVideoDECODE_DecodeFrameAsync(dv->base.session->handle, bs, NULL, &dv->decoded, &sync);
    if (status == MFX_ERR_NONE) {
        dv->shown = false;
        reopen_channels(dv);
    }
    return status;
}

/* Is it to be tried again with the same frame? */
static bool is_temporary(mfxStatus status)
{
    return status == MFX_WRN_DEVICE_BUSY || status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED;
}

mfxStatus decode_vpp_frame(struct srt_decode_vpp *dv, mfxBitstream *bs, const mfxU32 *skip, mfxU32 num_skip,
                           mfxSurfaceArray **out)
{
    mfxStatus status = next_frame(dv, bs);

    if (status != MFX_ERR_NONE && (status != MFX_ERR_MORE_DATA || bs))
        return status;
    if (!dv->array)
        dv->array = srt_surface_array_create(1 + dv->num_channels);
    if (!dv->array)
        return MFX_ERR_MEMORY_ALLOC;
    if (!dv->decoded)
        return drain(dv, out);
    if (!dv->shown && !is_listed(skip, num_skip, 0))
        status = show_decoded(dv);
    if (status == MFX_ERR_NONE)
        status = run_channels(dv, skip, num_skip);
    if (status != MFX_ERR_NONE) {
        if (!is_temporary(status))
            decode_vpp_drop(dv);
        return status;
    }
    dv->shown = true;
    if (all_done(dv)) {
        srt_surface_let_go(dv->decoded);
        dv->decoded = NULL;
    }
    return hand_out(dv, out);
}
