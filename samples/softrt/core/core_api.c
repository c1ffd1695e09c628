/* MFXVideoCORE_*: what an application hands to a session, and waiting for operations. */
#include "core/guise.h"
#include "core/session.h"

#include <string.h>

static bool is_complete(const mfxFrameAllocator *allocator)
{
    return allocator->Alloc && allocator->Lock && allocator->Unlock && allocator->GetHDL && allocator->Free;
}

/* The header leaves an incomplete allocator undefined; here it is MFX_ERR_INVALID_HANDLE, and nothing is set.
 * There is no default allocator to go back to, so NULL is MFX_ERR_NULL_PTR. */
mfxStatus srt_MFXVideoCORE_SetFrameAllocator(mfxSession handle, mfxFrameAllocator *allocator)
{
    struct srt_session *session = srt_session_get(handle);
    mfxStatus status = MFX_ERR_NONE;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!allocator)
        return MFX_ERR_NULL_PTR;
    if (!is_complete(allocator))
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&session->lock);
    if (session->has_allocator) {
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    } else {
        session->allocator = *allocator;
        session->has_allocator = true;
    }
    pthread_mutex_unlock(&session->lock);
    return status;
}

/* Handles of VA-API are kept for whoever asks. */
static bool is_kept(mfxHandleType type)
{
    return type == MFX_HANDLE_VA_DISPLAY || type == MFX_HANDLE_VA_CONFIG_ID ||
           type == MFX_HANDLE_VA_CONTEXT_ID;
}

mfxStatus srt_MFXVideoCORE_SetHandle(mfxSession handle, mfxHandleType type, mfxHDL hdl)
{
    struct srt_session *session = srt_session_get(handle);
    mfxStatus status = MFX_ERR_NONE;

    if (!session || !hdl)
        return MFX_ERR_INVALID_HANDLE;
    if (!is_kept(type))
        return MFX_ERR_UNSUPPORTED;
    pthread_mutex_lock(&session->lock);
    if (session->handles[type])
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    else
        session->handles[type] = hdl;
    pthread_mutex_unlock(&session->lock);
    return status;
}

mfxStatus srt_MFXVideoCORE_GetHandle(mfxSession handle, mfxHandleType type, mfxHDL *hdl)
{
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!hdl)
        return MFX_ERR_NULL_PTR;
    *hdl = NULL;
    if (!is_kept(type))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    pthread_mutex_lock(&session->lock);
    *hdl = session->handles[type];
    pthread_mutex_unlock(&session->lock);
    return *hdl ? MFX_ERR_NONE : MFX_ERR_UNDEFINED_BEHAVIOR;
}

mfxStatus srt_MFXVideoCORE_QueryPlatform(mfxSession handle, mfxPlatform *platform)
{
    if (!srt_session_get(handle))
        return MFX_ERR_INVALID_HANDLE;
    if (!platform)
        return MFX_ERR_NULL_PTR;
    memset(platform, 0, sizeof(*platform));
    platform->CodeName = MFX_PLATFORM_UNKNOWN;
    platform->MediaAdapterType = srt_guise_adapter();
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoCORE_SyncOperation(mfxSession handle, mfxSyncPoint syncp, mfxU32 wait)
{
    struct srt_session *session = srt_session_get(handle);
    struct srt_core *core;
    struct srt_core *former;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&session->lock);
    core = srt_core_ref(session->core);
    former = session->former_core ? srt_core_ref(session->former_core) : NULL;
    pthread_mutex_unlock(&session->lock);
    status = srt_core_sync(core, syncp, wait);
    if (status == MFX_ERR_INVALID_HANDLE && former)
        status = srt_core_sync(former, syncp, wait);
    srt_core_unref(&former);
    srt_core_unref(&core);
    return status;
}
