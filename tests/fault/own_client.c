/* A client of the internal memory model: decodes a raw AVC stream, and makes each picture smaller, in
 * surfaces of the runtime's. Prints how many surfaces it saw; an error ends it with status 6, and everything
 * given back.
 *
 *   own_client STREAM WIDTH HEIGHT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vpl/mfx.h>

static mfxStatus look_at(mfxFrameSurface1 *surface)
{
    mfxStatus status = surface->FrameInterface->Map(surface, MFX_MAP_READ);

    if (status == MFX_ERR_NONE)
        status = surface->FrameInterface->Unmap(surface);
    return status;
}

/* Looks at all surfaces, and lets them go whatever they were. */
static mfxStatus finish(mfxSurfaceArray *array, unsigned *seen)
{
    mfxStatus worst = MFX_ERR_NONE;

    for (mfxU32 i = 0; i < array->NumSurfaces; i++) {
        mfxFrameSurface1 *surface = array->Surfaces[i];
        mfxStatus status = look_at(surface);

        if (status < MFX_ERR_NONE)
            worst = status;
        else
            ++*seen;
        (void)surface->FrameInterface->Release(surface);
    }
    (void)array->Release(array);
    return worst;
}

static mfxStatus run(mfxSession session, mfxBitstream *stream, unsigned *seen)
{
    mfxBitstream *bits = stream;

    for (;;) {
        mfxSurfaceArray *array = NULL;
        mfxStatus status = MFXVideoDECODE_VPP_DecodeFrameAsync(session, bits, NULL, 0, &array);

        if (status == MFX_ERR_NONE)
            status = finish(array, seen);
        if (status == MFX_ERR_MORE_DATA && !bits)
            return MFX_ERR_NONE;
        if (status == MFX_ERR_MORE_DATA)
            bits = NULL;
        else if (status < MFX_ERR_NONE)
            return status;
    }
}

static mfxStatus transform(mfxSession session, mfxBitstream *stream, mfxU16 width, mfxU16 height,
                           unsigned *seen)
{
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_AVC};
    mfxVideoChannelParam channel = {.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    mfxVideoChannelParam *channels[] = {&channel};
    mfxStatus status = MFXVideoDECODE_DecodeHeader(session, stream, &par);

    if (status != MFX_ERR_NONE)
        return status;
    par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    channel.VPP = par.mfx.FrameInfo;
    channel.VPP.ChannelId = 1;
    channel.VPP.Width = channel.VPP.CropW = width;
    channel.VPP.Height = channel.VPP.CropH = height;
    status = MFXVideoDECODE_VPP_Init(session, &par, channels, 1);
    if (status < MFX_ERR_NONE)
        return status;
    status = run(session, stream, seen);
    (void)MFXVideoDECODE_VPP_Close(session);
    return status;
}

static int read_stream(const char *path, mfxBitstream *stream)
{
    static mfxU8 bytes[1 << 20];
    FILE *file = fopen(path, "rb");

    if (!file)
        return -1;
    *stream = (mfxBitstream){.Data = bytes, .MaxLength = sizeof bytes};
    stream->DataLength = (mfxU32)fread(bytes, 1, sizeof bytes, file);
    return fclose(file);
}

int main(int argc, char **argv)
{
    mfxBitstream stream;
    mfxSession session = NULL;
    unsigned seen = 0;

    if (argc != 4 || read_stream(argv[1], &stream))
        return 2;
    mfxLoader loader = MFXLoad();
    mfxStatus status = loader ? MFXCreateSession(loader, 0, &session) : MFX_ERR_MEMORY_ALLOC;
    if (status == MFX_ERR_NONE)
        status = transform(session, &stream, (mfxU16)atoi(argv[2]), (mfxU16)atoi(argv[3]), &seen);
    if (session)
        (void)MFXClose(session);
    if (loader)
        MFXUnload(loader);
    if (status < MFX_ERR_NONE)
        fprintf(stderr, "own_client: error: %d\n", (int)status);
    else
        printf("surfaces %u\n", seen);
    return status < MFX_ERR_NONE ? 6 : 0;
}
