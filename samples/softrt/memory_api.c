/* The entry points of the internal memory model and of joint decode and VPP. The runtime has neither: every
 * frame is the application's. The dispatcher demands that the functions exist. */
#include "session.h"

static mfxStatus no_surface(mfxSession handle, mfxFrameSurface1 **surface,
                            bool (*initialized)(struct srt_session *))
{
    struct srt_session *session = srt_session_get(handle);
    bool ready;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!surface)
        return MFX_ERR_NULL_PTR;
    *surface = NULL;
    pthread_mutex_lock(&session->lock);
    ready = initialized(session);
    pthread_mutex_unlock(&session->lock);
    return ready ? MFX_ERR_UNSUPPORTED : MFX_ERR_NOT_INITIALIZED;
}

static bool has_vpp(struct srt_session *session)
{
    return session->vpp;
}

static bool has_encoder(struct srt_session *session)
{
    return session->encoder;
}

static bool has_decoder(struct srt_session *session)
{
    return session->decoder;
}

SRT_EXPORT mfxStatus MFXMemory_GetSurfaceForVPP(mfxSession session, mfxFrameSurface1 **surface)
{
    return no_surface(session, surface, has_vpp);
}

SRT_EXPORT mfxStatus MFXMemory_GetSurfaceForVPPOut(mfxSession session, mfxFrameSurface1 **surface)
{
    return no_surface(session, surface, has_vpp);
}

SRT_EXPORT mfxStatus MFXMemory_GetSurfaceForEncode(mfxSession session, mfxFrameSurface1 **surface)
{
    return no_surface(session, surface, has_encoder);
}

SRT_EXPORT mfxStatus MFXMemory_GetSurfaceForDecode(mfxSession session, mfxFrameSurface1 **surface)
{
    return no_surface(session, surface, has_decoder);
}

/* Init cannot succeed, so everything after it is a call before Init. */
static mfxStatus without_init(mfxSession session, bool null)
{
    if (!srt_session_get(session))
        return MFX_ERR_INVALID_HANDLE;
    return null ? MFX_ERR_NULL_PTR : MFX_ERR_NOT_INITIALIZED;
}

SRT_EXPORT mfxStatus MFXVideoDECODE_VPP_Init(mfxSession session, mfxVideoParam *decode_par,
                                             mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par)
{
    if (!srt_session_get(session))
        return MFX_ERR_INVALID_HANDLE;
    if (!decode_par || (!vpp_par_array && num_vpp_par))
        return MFX_ERR_NULL_PTR;
    return MFX_ERR_UNSUPPORTED;
}

SRT_EXPORT mfxStatus MFXVideoDECODE_VPP_DecodeFrameAsync(mfxSession session, mfxBitstream *bs,
                                                         mfxU32 *skip_channels, mfxU32 num_skip_channels,
                                                         mfxSurfaceArray **surf_array_out)
{
    (void)bs;
    return without_init(session, !surf_array_out || (!skip_channels && num_skip_channels));
}

SRT_EXPORT mfxStatus MFXVideoDECODE_VPP_Reset(mfxSession session, mfxVideoParam *decode_par,
                                              mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par)
{
    (void)num_vpp_par;
    return without_init(session, !decode_par && !vpp_par_array);
}

SRT_EXPORT mfxStatus MFXVideoDECODE_VPP_GetChannelParam(mfxSession session, mfxVideoChannelParam *par,
                                                        mfxU32 channel_id)
{
    (void)channel_id;
    return without_init(session, !par);
}

SRT_EXPORT mfxStatus MFXVideoDECODE_VPP_Close(mfxSession session)
{
    return without_init(session, false);
}
