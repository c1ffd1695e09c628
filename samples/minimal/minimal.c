/* A VPL session whose frames live in libvfa: plans the pool between a decoder and an encoder, and makes it.
 */
#include <stdio.h>
#include <vfa/session.h>
#include <vfa/vfa.h>
#include <vpl/mfx.h>

static mfxStatus make_pool(mfxSession session, struct vfa_allocator *frames, struct vfa_pool **pool)
{
    mfxVideoParam par = {.AsyncDepth = 4};
    mfxFrameAllocRequest decode = {0}, encode = {0};
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_plan plan;
    char text[2048];
    mfxStatus status;

    par.mfx.CodecId = MFX_CODEC_AVC;
    par.mfx.FrameInfo = (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12, .ChromaFormat = MFX_CHROMAFORMAT_YUV420};
    par.mfx.FrameInfo.Width = 1920;
    par.mfx.FrameInfo.Height = 1088;
    par.mfx.FrameInfo.FrameRateExtN = 30;
    par.mfx.FrameInfo.FrameRateExtD = 1;
    par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    if ((status = MFXVideoDECODE_QueryIOSurf(session, &par, &decode)) < 0)
        return status;
    par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    if ((status = MFXVideoENCODE_QueryIOSurf(session, &par, &encode)) < 0)
        return status;

    decode.AllocId =
        vfa_next_alloc_id(frames); /* for the decoder's mfxVideoParam too: its Init finds the pool */
    vfa_plan_init(&plan, "decode->encode");
    if ((status = vfa_plan_add(&plan, "decode", &decode, par.AsyncDepth)) < 0 ||
        (status = vfa_plan_add(&plan, "encode", &encode, par.AsyncDepth)) < 0 ||
        (status = vfa_plan_hold(&plan, "preview", 1)) < 0 ||
        (status = vfa_plan_request(&plan, &config.request)) < 0)
        return status;
    vfa_plan_print(&plan, 1, text, sizeof text);
    fputs(text, stdout);

    config.allocator = vfa_allocator_mfx(frames);
    return vfa_pool_create(pool, &config);
}

int main(void)
{
    mfxLoader loader = MFXLoad();
    mfxSession session = NULL;
    struct vfa_allocator *frames = NULL;
    struct vfa_pool *pool = NULL;

    mfxStatus status = MFXCreateSession(loader, 0, &session);
    if (status == MFX_ERR_NONE)
        status = vfa_allocator_create(&frames, NULL); /* NULL: frames in system memory, no log */
    if (status == MFX_ERR_NONE)
        status = vfa_session_attach(session, NULL, frames);
    if (status == MFX_ERR_NONE)
        status = make_pool(session, frames, &pool);
    if (status != MFX_ERR_NONE)
        fprintf(stderr, "minimal: %s\n", vfa_status_name(status));

    vfa_pool_destroy(&pool);
    MFXClose(session);
    MFXUnload(loader);
    vfa_allocator_destroy(&frames);
    return status != MFX_ERR_NONE;
}
