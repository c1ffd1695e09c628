/* MFXVideoDECODE_VPP_*: the runtime does not have it. */
#include "session.h"

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
