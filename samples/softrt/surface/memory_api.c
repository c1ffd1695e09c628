/* MFXMemory_*: surfaces of the runtime's own. */
#include "core/component.h"
#include "surface/own.h"

enum side {
    DECODE,
    ENCODE,
    VPP_IN,
    VPP_OUT
};

/* Under the session's lock. NULL: the component is not initialised. */
static struct srt_own *find(const struct srt_session *session, enum side side)
{
    const struct srt_component *decoder = session->components[SRT_DECODER];
    const struct srt_component *encoder = session->components[SRT_ENCODER];
    const struct srt_component *vpp = session->components[SRT_VPP];

    switch (side) {
    case DECODE:
        return decoder ? srt_decoder_own(decoder) : NULL;
    case ENCODE:
        return encoder ? srt_encoder_own(encoder) : NULL;
    case VPP_IN:
        return vpp ? srt_vpp_own(vpp, MFX_VPP_POOL_IN) : NULL;
    case VPP_OUT:
        return vpp ? srt_vpp_own(vpp, MFX_VPP_POOL_OUT) : NULL;
    }
    return NULL;
}

static mfxStatus get_surface(mfxSession handle, enum side side, mfxFrameSurface1 **surface)
{
    struct srt_session *session = srt_session_get(handle);
    struct srt_own *own;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!surface)
        return MFX_ERR_NULL_PTR;
    *surface = NULL;
    pthread_mutex_lock(&session->lock);
    own = find(session, side);
    if (own)
        srt_own_ref(own);
    pthread_mutex_unlock(&session->lock);
    if (!own)
        return MFX_ERR_NOT_INITIALIZED;
    status = srt_own_get(own, surface);
    srt_own_unref(&own);
    return status;
}

mfxStatus srt_MFXMemory_GetSurfaceForVPP(mfxSession session, mfxFrameSurface1 **surface)
{
    return get_surface(session, VPP_IN, surface);
}

mfxStatus srt_MFXMemory_GetSurfaceForVPPOut(mfxSession session, mfxFrameSurface1 **surface)
{
    return get_surface(session, VPP_OUT, surface);
}

mfxStatus srt_MFXMemory_GetSurfaceForEncode(mfxSession session, mfxFrameSurface1 **surface)
{
    return get_surface(session, ENCODE, surface);
}

mfxStatus srt_MFXMemory_GetSurfaceForDecode(mfxSession session, mfxFrameSurface1 **surface)
{
    return get_surface(session, DECODE, surface);
}
