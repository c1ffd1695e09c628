/* An encoder's client: codes some grey pictures in system memory and drains. Prints how many pictures came
 * out; an error ends it with status 6, and everything given back.
 *
 *   encode_client hevc|vp9 */
#include <stdio.h>
#include <string.h>
#include <vpl/mfx.h>

enum {
    WIDTH = 64,
    HEIGHT = 64,
    FRAMES = 4
};

static mfxU8 pixels[WIDTH * HEIGHT * 3 / 2];
static mfxU8 coded[1 << 18];

static mfxStatus encode_all(mfxSession session, const mfxVideoParam *par, unsigned *pictures)
{
    mfxFrameSurface1 surface = {.Info = par->mfx.FrameInfo};
    unsigned given = 0;

    surface.Data.Y = pixels;
    surface.Data.UV = pixels + WIDTH * HEIGHT;
    surface.Data.Pitch = WIDTH;
    for (;;) {
        mfxBitstream bs = {.Data = coded, .MaxLength = sizeof coded};
        mfxSyncPoint sync = NULL;
        mfxStatus status =
            MFXVideoENCODE_EncodeFrameAsync(session, NULL, given < FRAMES ? &surface : NULL, &bs, &sync);

        if (status == MFX_ERR_MORE_DATA && given == FRAMES)
            return MFX_ERR_NONE;
        if (status == MFX_WRN_DEVICE_BUSY)
            continue;
        if (status < MFX_ERR_NONE && status != MFX_ERR_MORE_DATA)
            return status;
        given += given < FRAMES;
        if (sync)
            status = MFXVideoCORE_SyncOperation(session, sync, 60000);
        if (sync && status != MFX_ERR_NONE)
            return status;
        *pictures += sync != NULL;
    }
}

static mfxStatus encode(mfxSession session, mfxU32 codec, unsigned *pictures)
{
    mfxVideoParam par = {.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY, .AsyncDepth = 1};
    mfxStatus status;

    par.mfx.CodecId = codec;
    par.mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
    par.mfx.FrameInfo = (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12, .ChromaFormat = MFX_CHROMAFORMAT_YUV420};
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = WIDTH;
    par.mfx.FrameInfo.Height = par.mfx.FrameInfo.CropH = HEIGHT;
    par.mfx.FrameInfo.FrameRateExtN = 25;
    par.mfx.FrameInfo.FrameRateExtD = 1;
    par.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    status = MFXVideoENCODE_Init(session, &par);
    if (status < MFX_ERR_NONE)
        return status;
    status = encode_all(session, &par, pictures);
    (void)MFXVideoENCODE_Close(session);
    return status;
}

int main(int argc, char **argv)
{
    mfxSession session = NULL;
    unsigned pictures = 0;

    if (argc != 2)
        return 2;
    memset(pixels, 0x80, sizeof pixels);
    mfxLoader loader = MFXLoad();
    mfxStatus status = loader ? MFXCreateSession(loader, 0, &session) : MFX_ERR_MEMORY_ALLOC;
    if (status == MFX_ERR_NONE)
        status = encode(session, strcmp(argv[1], "vp9") ? MFX_CODEC_HEVC : MFX_CODEC_VP9, &pictures);
    if (session)
        (void)MFXClose(session);
    if (loader)
        MFXUnload(loader);
    if (status < MFX_ERR_NONE)
        fprintf(stderr, "encode_client: error: %d\n", (int)status);
    else
        printf("pictures %u\n", pictures);
    return status < MFX_ERR_NONE ? 6 : 0;
}
