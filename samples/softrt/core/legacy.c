/* What API 2.x took out of API 1.x, and the older dispatcher (libmfx) still looks for: a library that lacks
 * one of these is none to it. API 2.x's headers declare none of them. */
#include "core/session.h"
#include "core/trace.h"

static mfxStatus traced(const char *name, mfxSession session, mfxStatus status)
{
    struct srt_trace_call call;

    if (srt_trace_on()) {
        srt_trace_begin(&call, name);
        srt_trace_end(&call, session, status);
    }
    return status;
}

static mfxStatus refused(const char *name, mfxSession session)
{
    return traced(name, session, srt_session_get(session) ? MFX_ERR_UNSUPPORTED : MFX_ERR_INVALID_HANDLE);
}

/* Plug-ins, the separate halves of encoders, and threads of the application's are not done here. Arguments
 * behind the session are not looked at, and so not declared: Linux's calling conventions leave them to the
 * caller. */
#define REFUSED(name)                              \
    SRT_EXPORT mfxStatus name(mfxSession session); \
    SRT_EXPORT mfxStatus name(mfxSession session)  \
    {                                              \
        return refused(#name, session);            \
    }

REFUSED(MFXDoWork)
REFUSED(MFXVideoUSER_Register)
REFUSED(MFXVideoUSER_Unregister)
REFUSED(MFXVideoUSER_GetPlugin)
REFUSED(MFXVideoUSER_ProcessFrameAsync)
REFUSED(MFXVideoENC_Query)
REFUSED(MFXVideoENC_QueryIOSurf)
REFUSED(MFXVideoENC_Init)
REFUSED(MFXVideoENC_Reset)
REFUSED(MFXVideoENC_Close)
REFUSED(MFXVideoENC_GetVideoParam)
REFUSED(MFXVideoENC_ProcessFrameAsync)
REFUSED(MFXVideoPAK_Query)
REFUSED(MFXVideoPAK_QueryIOSurf)
REFUSED(MFXVideoPAK_Init)
REFUSED(MFXVideoPAK_Reset)
REFUSED(MFXVideoPAK_Close)
REFUSED(MFXVideoPAK_GetVideoParam)
REFUSED(MFXVideoPAK_ProcessFrameAsync)

SRT_EXPORT mfxStatus MFXVideoCORE_SetBufferAllocator(mfxSession handle, const void *allocator);
SRT_EXPORT mfxStatus MFXVideoVPP_RunFrameVPPAsyncEx(mfxSession handle, mfxFrameSurface1 *in,
                                                    mfxFrameSurface1 *work, mfxFrameSurface1 **out,
                                                    mfxSyncPoint *sync);

/* For buffers of the runtime's that an application wants to place. There are none. */
SRT_EXPORT mfxStatus MFXVideoCORE_SetBufferAllocator(mfxSession handle, const void *allocator)
{
    mfxStatus status = allocator ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;

    return traced("MFXVideoCORE_SetBufferAllocator", handle,
                  srt_session_get(handle) ? status : MFX_ERR_INVALID_HANDLE);
}

static mfxStatus process(mfxSession handle, mfxFrameSurface1 *in, mfxFrameSurface1 *work,
                         mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    struct srt_session *called = srt_session_begin_call(handle);
    mfxStatus status;

    if (!called)
        return MFX_ERR_INVALID_HANDLE;
    status = out ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
    if (out)
        *out = NULL;
    if (status == MFX_ERR_NONE)
        status = srt_MFXVideoVPP_RunFrameVPPAsync(handle, in, work, NULL, sync);
    srt_session_end_call(called);
    if (status == MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE)
        *out = work;
    return status;
}

/* As RunFrameVPPAsync where the runtime may choose another output than the one it is offered. It never does.
 */
SRT_EXPORT mfxStatus MFXVideoVPP_RunFrameVPPAsyncEx(mfxSession handle, mfxFrameSurface1 *in,
                                                    mfxFrameSurface1 *work, mfxFrameSurface1 **out,
                                                    mfxSyncPoint *sync)
{
    return traced("MFXVideoVPP_RunFrameVPPAsyncEx", handle, process(handle, in, work, out, sync));
}
