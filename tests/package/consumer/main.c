/* A user's program: includes everything, allocates frames through the callbacks, writes and reads one. */
#include <stdio.h>
#include <string.h>
#include <vfa/session.h>
#include <vfa/vfa.h>

static int use_frame(mfxFrameAllocator *frames, mfxMemId mid)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    if (frames->Lock(frames->pthis, mid, &data) != MFX_ERR_NONE)
        return 1;
    size_t bytes = (size_t)vfa_frame_data_pitch(&data) * 240;
    memset(data.Y, 0x51, bytes);
    int wrong = data.Y[bytes - 1] != 0x51;
    return frames->Unlock(frames->pthis, mid, &data) != MFX_ERR_NONE || wrong;
}

int main(void)
{
    struct vfa_allocator *allocator = NULL;
    if (vfa_allocator_create(&allocator, NULL) != MFX_ERR_NONE)
        return 1;
    mfxFrameAllocRequest request;
    mfxFrameAllocResponse response;
    memset(&request, 0, sizeof request);
    memset(&response, 0, sizeof response);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = 320;
    request.Info.Height = 240;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = 4;

    mfxFrameAllocator *frames = vfa_allocator_mfx(allocator);
    int failed = frames->Alloc(frames->pthis, &request, &response) != MFX_ERR_NONE;
    for (mfxU16 i = 0; !failed && i < response.NumFrameActual; i++)
        failed = use_frame(frames, response.mids[i]);
    if (!failed)
        failed = frames->Free(frames->pthis, &response) != MFX_ERR_NONE;
    vfa_allocator_destroy(&allocator);
    uint32_t version = vfa_version();
    printf("vfa %u.%u.%u: %s\n", version >> 16, version >> 8 & 255, version & 255,
           failed ? "failed" : "works");
    return failed;
}
