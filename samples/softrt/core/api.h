/* The entry points of the VPL API, in one list. The parts define them as srt_MFX...; core/api.c exports them
 * under the API's own names, where the calls are traced. exports.map has the names once more, for the linker.
 */
#ifndef SOFTRT_API_H
#define SOFTRT_API_H

#include <vpl/mfximplcaps.h>
#include <vpl/mfxvideo.h>

/* OPEN(name, parameters, arguments, opened, detail): what is called on no session yet; `opened` is the
 * session it made, known when it has returned. CALL(name, parameters, arguments, session, detail): what is
 * called on `session`. `detail`: what a trace tells of the arguments (core/api.c). */
/* clang-format off */
#define SRT_API(OPEN, CALL) \
    OPEN(MFXInit, (mfxIMPL impl, mfxVersion *ver, mfxSession *session), (impl, ver, session), OPENED(session), NUMBER("impl", impl)) \
    OPEN(MFXInitEx, (mfxInitParam par, mfxSession *session), (par, session), OPENED(session), NUMBER("impl", par.Implementation)) \
    OPEN(MFXInitialize, (mfxInitializationParam par, mfxSession *session), (par, session), OPENED(session), NUMBER("accel", par.AccelerationMode)) \
    CALL(MFXClose, (mfxSession session), (session), session, NOTHING) \
    CALL(MFXQueryIMPL, (mfxSession session, mfxIMPL *impl), (session, impl), session, NOTHING) \
    CALL(MFXQueryVersion, (mfxSession session, mfxVersion *version), (session, version), session, NOTHING) \
    CALL(MFXJoinSession, (mfxSession session, mfxSession child), (session, child), session, CHILD(child)) \
    CALL(MFXDisjoinSession, (mfxSession session), (session), session, NOTHING) \
    CALL(MFXCloneSession, (mfxSession session, mfxSession *clone), (session, clone), session, NOTHING) \
    CALL(MFXSetPriority, (mfxSession session, mfxPriority priority), (session, priority), session, NUMBER("priority", priority)) \
    CALL(MFXGetPriority, (mfxSession session, mfxPriority *priority), (session, priority), session, NOTHING) \
    OPEN(MFXReleaseImplDescription, (mfxHDL hdl), (hdl), NULL, NOTHING) \
    CALL(MFXVideoCORE_SetFrameAllocator, (mfxSession session, mfxFrameAllocator *allocator), (session, allocator), session, NOTHING) \
    CALL(MFXVideoCORE_SetHandle, (mfxSession session, mfxHandleType type, mfxHDL hdl), (session, type, hdl), session, NUMBER("type", type)) \
    CALL(MFXVideoCORE_GetHandle, (mfxSession session, mfxHandleType type, mfxHDL *hdl), (session, type, hdl), session, NUMBER("type", type)) \
    CALL(MFXVideoCORE_QueryPlatform, (mfxSession session, mfxPlatform *platform), (session, platform), session, NOTHING) \
    CALL(MFXVideoCORE_SyncOperation, (mfxSession session, mfxSyncPoint syncp, mfxU32 wait), (session, syncp, wait), session, NUMBER("wait", wait)) \
    CALL(MFXMemory_GetSurfaceForVPP, (mfxSession session, mfxFrameSurface1 **surface), (session, surface), session, NOTHING) \
    CALL(MFXMemory_GetSurfaceForVPPOut, (mfxSession session, mfxFrameSurface1 **surface), (session, surface), session, NOTHING) \
    CALL(MFXMemory_GetSurfaceForEncode, (mfxSession session, mfxFrameSurface1 **surface), (session, surface), session, NOTHING) \
    CALL(MFXMemory_GetSurfaceForDecode, (mfxSession session, mfxFrameSurface1 **surface), (session, surface), session, NOTHING) \
    CALL(MFXVideoDECODE_Query, (mfxSession session, mfxVideoParam *in, mfxVideoParam *out), (session, in, out), session, PARAM(in ? in : out)) \
    CALL(MFXVideoDECODE_DecodeHeader, (mfxSession session, mfxBitstream *bs, mfxVideoParam *par), (session, bs, par), session, PARAM(par)) \
    CALL(MFXVideoDECODE_QueryIOSurf, (mfxSession session, mfxVideoParam *par, mfxFrameAllocRequest *request), (session, par, request), session, PARAM(par)) \
    CALL(MFXVideoDECODE_Init, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoDECODE_Reset, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoDECODE_Close, (mfxSession session), (session), session, NOTHING) \
    CALL(MFXVideoDECODE_GetVideoParam, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoDECODE_GetDecodeStat, (mfxSession session, mfxDecodeStat *stat), (session, stat), session, NOTHING) \
    CALL(MFXVideoDECODE_SetSkipMode, (mfxSession session, mfxSkipMode mode), (session, mode), session, NUMBER("mode", mode)) \
    CALL(MFXVideoDECODE_GetPayload, (mfxSession session, mfxU64 *ts, mfxPayload *payload), (session, ts, payload), session, NOTHING) \
    CALL(MFXVideoDECODE_DecodeFrameAsync, (mfxSession session, mfxBitstream *bs, mfxFrameSurface1 *surface_work, mfxFrameSurface1 **surface_out, mfxSyncPoint *syncp), (session, bs, surface_work, surface_out, syncp), session, FRAME("bs", bs, "work", surface_work)) \
    CALL(MFXVideoENCODE_Query, (mfxSession session, mfxVideoParam *in, mfxVideoParam *out), (session, in, out), session, PARAM(in ? in : out)) \
    CALL(MFXVideoENCODE_QueryIOSurf, (mfxSession session, mfxVideoParam *par, mfxFrameAllocRequest *request), (session, par, request), session, PARAM(par)) \
    CALL(MFXVideoENCODE_Init, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoENCODE_Reset, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoENCODE_Close, (mfxSession session), (session), session, NOTHING) \
    CALL(MFXVideoENCODE_GetVideoParam, (mfxSession session, mfxVideoParam *par), (session, par), session, PARAM(par)) \
    CALL(MFXVideoENCODE_GetEncodeStat, (mfxSession session, mfxEncodeStat *stat), (session, stat), session, NOTHING) \
    CALL(MFXVideoENCODE_EncodeFrameAsync, (mfxSession session, mfxEncodeCtrl *ctrl, mfxFrameSurface1 *surface, mfxBitstream *bs, mfxSyncPoint *syncp), (session, ctrl, surface, bs, syncp), session, FRAME("ctrl", ctrl, "in", surface)) \
    CALL(MFXVideoVPP_Query, (mfxSession session, mfxVideoParam *in, mfxVideoParam *out), (session, in, out), session, FILTERS(in ? in : out)) \
    CALL(MFXVideoVPP_QueryIOSurf, (mfxSession session, mfxVideoParam *par, mfxFrameAllocRequest request[2]), (session, par, request), session, FILTERS(par)) \
    CALL(MFXVideoVPP_Init, (mfxSession session, mfxVideoParam *par), (session, par), session, FILTERS(par)) \
    CALL(MFXVideoVPP_Reset, (mfxSession session, mfxVideoParam *par), (session, par), session, FILTERS(par)) \
    CALL(MFXVideoVPP_Close, (mfxSession session), (session), session, NOTHING) \
    CALL(MFXVideoVPP_GetVideoParam, (mfxSession session, mfxVideoParam *par), (session, par), session, FILTERS(par)) \
    CALL(MFXVideoVPP_GetVPPStat, (mfxSession session, mfxVPPStat *stat), (session, stat), session, NOTHING) \
    CALL(MFXVideoVPP_RunFrameVPPAsync, (mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 *out, mfxExtVppAuxData *aux, mfxSyncPoint *syncp), (session, in, out, aux, syncp), session, FRAMES(in, out)) \
    CALL(MFXVideoVPP_ProcessFrameAsync, (mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 **out), (session, in, out), session, FRAMES(in, NULL)) \
    CALL(MFXVideoDECODE_VPP_Init, (mfxSession session, mfxVideoParam *decode_par, mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par), (session, decode_par, vpp_par_array, num_vpp_par), session, PARAM(decode_par)) \
    CALL(MFXVideoDECODE_VPP_DecodeFrameAsync, (mfxSession session, mfxBitstream *bs, mfxU32 *skip_channels, mfxU32 num_skip_channels, mfxSurfaceArray **surf_array_out), (session, bs, skip_channels, num_skip_channels, surf_array_out), session, NOTHING) \
    CALL(MFXVideoDECODE_VPP_Reset, (mfxSession session, mfxVideoParam *decode_par, mfxVideoChannelParam **vpp_par_array, mfxU32 num_vpp_par), (session, decode_par, vpp_par_array, num_vpp_par), session, PARAM(decode_par)) \
    CALL(MFXVideoDECODE_VPP_GetChannelParam, (mfxSession session, mfxVideoChannelParam *par, mfxU32 channel_id), (session, par, channel_id), session, NUMBER("channel", channel_id)) \
    CALL(MFXVideoDECODE_VPP_Close, (mfxSession session), (session), session, NOTHING)
/* clang-format on */

#define SRT_API_DECLARE(name, parameters, arguments, about, detail) mfxStatus srt_##name parameters;
SRT_API(SRT_API_DECLARE, SRT_API_DECLARE)
#undef SRT_API_DECLARE

/* The one that answers no status. */
mfxHDL *srt_MFXQueryImplsDescription(mfxImplCapsDeliveryFormat format, mfxU32 *num_impls);

#endif
