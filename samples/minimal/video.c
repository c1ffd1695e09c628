/* Frames in VA-API surfaces beside frames in system memory, from one allocator: makes a few in a surface
 * each, writes one and reads it back.
 *
 *   minimal_video [RENDER-NODE]
 */
#include <stdio.h>
#include <vfa/va.h>
#include <vfa/vfa.h>

/* System memory and VA surfaces: the Type of a request says which; with both bits set it is a surface. */
static mfxStatus make_frames(struct vfa_va *va, struct vfa_allocator **frames)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backends[2];
    mfxStatus status = vfa_va_backend(va, &backends[0]);
    if (status == MFX_ERR_NONE)
        status = vfa_backend_system(NULL, &backends[1]);
    if (status != MFX_ERR_NONE)
        return status;
    config.backend = backends;
    config.backend_count = 2;
    return vfa_allocator_create(frames, &config);
}

static mfxStatus write_and_read(struct vfa_allocator *frames, mfxMemId mid)
{
    mfxFrameData data = {0};
    mfxStatus status = vfa_map(frames, mid, MFX_MAP_WRITE, &data);
    if (status != MFX_ERR_NONE)
        return status;
    memset(data.Y, 0x51, 1920);
    if ((status = vfa_unmap(frames, mid, &data)) != MFX_ERR_NONE ||
        (status = vfa_map(frames, mid, MFX_MAP_READ, &data)) != MFX_ERR_NONE)
        return status;
    mfxU8 last = data.Y[1919];
    status = vfa_unmap(frames, mid, &data);
    return status == MFX_ERR_NONE && last != 0x51 ? MFX_ERR_UNKNOWN : status;
}

static mfxStatus use_surfaces(struct vfa_allocator *frames)
{
    mfxFrameAllocResponse response = {0};
    mfxFrameAllocRequest request = {0};
    request.Type =
        MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET;
    request.NumFrameMin = request.NumFrameSuggested = 4;
    request.Info = (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12, .ChromaFormat = MFX_CHROMAFORMAT_YUV420};
    request.Info.Width = 1920;
    request.Info.Height = 1088;
    mfxStatus status = vfa_frames_alloc(frames, &request, 0, &response);
    if (status != MFX_ERR_NONE)
        return status;
    status = write_and_read(frames, response.mids[0]);
    printf("%d surfaces of NV12, written and read: %s\n", response.NumFrameActual, vfa_status_name(status));
    vfa_frames_free(frames, &response);
    return status;
}

int main(int argc, char **argv)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_allocator *frames = NULL;
    struct vfa_va *va = NULL;
    struct vfa_error error = {0};

    config.device = argc > 1 ? argv[1] : NULL; /* NULL: the first that opens */
    mfxStatus status = vfa_va_create(&va, &config, &error);
    if (status != MFX_ERR_NONE)
        fprintf(stderr, "%s\n", error.text);
    else if ((status = make_frames(va, &frames)) == MFX_ERR_NONE &&
             (status = use_surfaces(frames)) != MFX_ERR_NONE) {
        (void)vfa_last_error(frames, &error);
        fprintf(stderr, "%s\n", error.text);
    }

    vfa_allocator_destroy(&frames); /* before the surfaces' display */
    vfa_va_destroy(&va);
    return status != MFX_ERR_NONE;
}
