/* A plug-in for vfa-conform, around the simplest allocator that an application could get by with. */
#include <stdlib.h>
#include <vfa/conform.h>

struct frame {
    mfxU16 width, height;
    mfxU8 *bytes;
};

static mfxStatus my_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    mfxU16 count = request->NumFrameSuggested;
    if (!pthis || request->Info.FourCC != MFX_FOURCC_NV12 || !(request->Type & MFX_MEMTYPE_SYSTEM_MEMORY))
        return MFX_ERR_UNSUPPORTED;
    response->AllocId = request->AllocId;
    response->mids = calloc(count, sizeof *response->mids);
    for (response->NumFrameActual = 0; response->NumFrameActual < count; response->NumFrameActual++) {
        struct frame *frame = malloc(sizeof *frame);
        frame->width = request->Info.Width;
        frame->height = request->Info.Height;
        frame->bytes = malloc((size_t)frame->width * frame->height * 3 / 2);
        response->mids[response->NumFrameActual] = frame;
    }
    return MFX_ERR_NONE;
}

static mfxStatus my_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct frame *frame = mid;
    data->Pitch = frame->width;
    data->Y = frame->bytes;
    data->UV = frame->bytes + (size_t)frame->width * frame->height;
    data->V = data->UV + 1;
    return pthis ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

static mfxStatus my_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    if (data)
        data->Y = data->UV = data->V = NULL;
    return pthis && mid ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

static mfxStatus my_get_hdl(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    return pthis && mid && handle ? MFX_ERR_UNSUPPORTED : MFX_ERR_NULL_PTR;
}

static mfxStatus my_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    for (mfxU16 i = 0; i < response->NumFrameActual; i++) {
        struct frame *frame = response->mids[i];
        free(frame->bytes);
        free(frame);
    }
    free(response->mids);
    return pthis ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

/* The plug-in itself. */
mfxStatus vfa_conform_open(const char *options, struct vfa_conform_subject *subject)
{
    static mfxFrameAllocator allocator = {.pthis = &allocator,
                                          .Alloc = my_alloc,
                                          .Lock = my_lock,
                                          .Unlock = my_unlock,
                                          .GetHDL = my_get_hdl,
                                          .Free = my_free};
    static const mfxU32 formats[] = {MFX_FOURCC_NV12, 0};
    subject->name = *options ? options : "my allocator";
    subject->allocator = &allocator;
    subject->memory = MFX_MEMTYPE_SYSTEM_MEMORY;
    subject->system_formats = formats;
    return MFX_ERR_NONE;
}
