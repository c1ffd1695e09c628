/* A decoder's surfaces of video memory, dealt with as the GPU runtime does it.
 *
 * Init asks the application's allocator for all of them in one Alloc, the end gives them back in one Free,
 * and no other surface is taken for work. The GPU runtime decodes into the work surface, and hands out
 * whichever picture is next in display order: so there the surface that comes out is another one. This
 * runtime decodes into libav's frames, and keeps one work surface instead: a picture goes into the one
 * before. */
#include "decode/decode.h"

/* JPEG pictures are their own order. */
mfxU16 srt_decode_surfaces_kept(const mfxVideoParam *par)
{
    return par->IOPattern == MFX_IOPATTERN_OUT_VIDEO_MEMORY && par->mfx.CodecId != MFX_CODEC_JPEG;
}

static bool is_usable(const mfxFrameAllocResponse *response, mfxU16 min)
{
    if (response->NumFrameActual < min || !response->mids)
        return false;
    for (mfxU16 i = 0; i < response->NumFrameActual; i++)
        if (!response->mids[i])
            return false;
    return true;
}

mfxStatus srt_decode_surfaces_alloc(struct srt_decode_surfaces *surfaces, struct srt_session *session,
                                    const mfxVideoParam *par)
{
    mfxFrameAllocRequest request;
    mfxStatus status;

    if (par->IOPattern != MFX_IOPATTERN_OUT_VIDEO_MEMORY)
        return MFX_ERR_NONE;
    status = srt_session_check_device(session);
    if (status != MFX_ERR_NONE)
        return status;
    if (!srt_session_allocator(session, &surfaces->allocator))
        return srt_session_has_display(session) ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
    srt_decode_request(par, &request);
    status = surfaces->allocator.Alloc(surfaces->allocator.pthis, &request, &surfaces->response);
    if (status < MFX_ERR_NONE)
        return status;
    surfaces->allocated = true;
    if (is_usable(&surfaces->response, request.NumFrameMin))
        return MFX_ERR_NONE;
    srt_decode_surfaces_free(surfaces);
    return MFX_ERR_MEMORY_ALLOC;
}

void srt_decode_surfaces_free(struct srt_decode_surfaces *surfaces)
{
    srt_decode_surfaces_let_go(surfaces);
    if (surfaces->allocated)
        (void)surfaces->allocator.Free(surfaces->allocator.pthis, &surfaces->response);
    surfaces->allocated = false;
}

bool srt_decode_surfaces_has(const struct srt_decode_surfaces *surfaces, mfxMemId mid)
{
    for (mfxU16 i = 0; i < surfaces->response.NumFrameActual; i++)
        if (surfaces->response.mids[i] == mid)
            return true;
    return false;
}

mfxStatus srt_decode_surfaces_keep(struct srt_decode_surfaces *surfaces, mfxFrameSurface1 *work)
{
    mfxStatus status = srt_surface_keep(work);

    if (status == MFX_ERR_NONE)
        surfaces->kept = work;
    return status;
}

void srt_decode_surfaces_let_go(struct srt_decode_surfaces *surfaces)
{
    if (surfaces->kept)
        srt_surface_let_go(surfaces->kept);
    surfaces->kept = NULL;
}
