/* Checks what EncodeFrameAsync is given. */
#include "encode/encode.h"

mfxStatus encode_check_bitstream(const mfxBitstream *bs)
{
    if (!bs || !bs->Data)
        return MFX_ERR_NULL_PTR;
    if ((mfxU64)bs->DataOffset + bs->DataLength > bs->MaxLength)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    return MFX_ERR_NONE;
}

/* What the runtime can do for a single frame: make it a key frame, give one of MPEG-2 its quantiser, and put
 * SEI into those of AVC and HEVC. libavcodec takes no other quantiser or picture type for one frame. */
mfxStatus encode_check_control(const struct encode_params *params, const mfxEncodeCtrl *ctrl,
                               struct encode_control *out)
{
    const mfxInfoMFX *mfx = &params->par.mfx;
    bool constant = mfx->RateControlMethod == MFX_RATECONTROL_CQP && mfx->CodecId != MFX_CODEC_JPEG;

    *out = (struct encode_control){0};
    if (!ctrl)
        return MFX_ERR_NONE;
    if (ctrl->NumExtParam || ctrl->SkipFrame || ctrl->MfxNalUnitType)
        return MFX_ERR_UNSUPPORTED;
    if (ctrl->QP && constant && mfx->CodecId != MFX_CODEC_MPEG2)
        return MFX_ERR_UNSUPPORTED;
    if (constant && ctrl->QP > encode_facts(mfx->CodecId)->most_qp)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (ctrl->FrameType & (MFX_FRAMETYPE_P | MFX_FRAMETYPE_B | MFX_FRAMETYPE_S))
        return MFX_ERR_UNSUPPORTED;
    out->frame_type = ctrl->FrameType;
    out->qp = constant ? ctrl->QP : 0;
    return encode_sei_new(mfx->CodecId, ctrl, &out->sei);
}

mfxStatus encode_check_surface(struct srt_session *session, const struct encode_params *params,
                               const mfxFrameSurface1 *surface)
{
    const mfxFrameInfo *want = &params->par.mfx.FrameInfo;
    mfxStatus status = srt_surface_check(srt_access_in(session, &params->par), surface, want);

    if (status != MFX_ERR_NONE)
        return status;
    if (encode_width(&surface->Info) < encode_width(want) ||
        encode_height(&surface->Info) < encode_height(want))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return MFX_ERR_NONE;
}
