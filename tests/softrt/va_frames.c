/* Frames in VA surfaces. */
#include "va_frames.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <va/va_drm.h>
#include <vfa/va.h>

static mfxFrameAllocator *inner(mfxHDL pthis)
{
    return vfa_allocator_mfx(((struct va_frames *)pthis)->inner);
}

static mfxStatus MFX_CDECL count_alloc(mfxHDL pthis, mfxFrameAllocRequest *request,
                                       mfxFrameAllocResponse *response)
{
    return inner(pthis)->Alloc(inner(pthis)->pthis, request, response);
}

static mfxStatus MFX_CDECL count_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct va_frames *frames = pthis;

    atomic_fetch_add(&frames->num_locks, 1);
    if (frames->lock_answers != MFX_ERR_NONE)
        return frames->lock_answers;
    return inner(pthis)->Lock(inner(pthis)->pthis, mid, data);
}

static mfxStatus MFX_CDECL count_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner(pthis)->Unlock(inner(pthis)->pthis, mid, data);
}

static mfxStatus MFX_CDECL count_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    struct va_frames *frames = pthis;
    mfxHDLPair *pair = (mfxHDLPair *)handle;
    mfxStatus status;

    atomic_fetch_add(&frames->num_handles, 1);
    if (frames->handle_answers != MFX_ERR_NONE)
        return frames->handle_answers;
    status = inner(pthis)->GetHDL(inner(pthis)->pthis, mid, handle);
    if (frames->instead)
        *handle = frames->instead;
    pair->second = frames; /* as ffmpeg's does */
    return status;
}

static mfxStatus MFX_CDECL count_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    return inner(pthis)->Free(inner(pthis)->pthis, response);
}

void va_frames_open(struct va_frames *frames)
{
    const char *path = getenv("VFA_TEST_NODE");
    struct vfa_va_config va = vfa_va_config_defaults();
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    int major, minor;

    memset(frames, 0, sizeof(*frames));
    frames->node = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    assert_true(frames->node >= 0);
    frames->display = vaGetDisplayDRM(frames->node);
    assert_int_equal(vaInitialize(frames->display, &major, &minor), VA_STATUS_SUCCESS);
    va.display = frames->display;
    assert_int_equal(vfa_va_create(&frames->va, &va, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_va_backend(frames->va, &backend), MFX_ERR_NONE);
    config.backend = &backend;
    config.backend_count = 1;
    assert_int_equal(vfa_allocator_create(&frames->inner, &config), MFX_ERR_NONE);
    frames->allocator = (mfxFrameAllocator){.pthis = frames,
                                            .Alloc = count_alloc,
                                            .Lock = count_lock,
                                            .Unlock = count_unlock,
                                            .GetHDL = count_handle,
                                            .Free = count_free};
}

void va_frames_close(struct va_frames *frames)
{
    vfa_allocator_destroy(&frames->inner);
    vfa_va_destroy(&frames->va);
    assert_int_equal(vaTerminate(frames->display), VA_STATUS_SUCCESS);
    assert_int_equal(close(frames->node), 0);
}

void va_set_alloc(struct va_set *set, struct va_frames *frames, const mfxFrameAllocRequest *request)
{
    mfxFrameAllocRequest copy = *request;

    memset(set, 0, sizeof(*set));
    set->frames = frames;
    assert_int_equal(frames->allocator.Alloc(frames, &copy, &set->response), MFX_ERR_NONE);
    set->count = set->response.NumFrameActual;
    assert_true(set->count <= VA_FRAMES);
    for (size_t i = 0; i < set->count; i++) {
        set->surface[i].Info = request->Info;
        set->surface[i].Data.MemId = set->response.mids[i];
    }
}

void va_set_free(struct va_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        assert_int_equal(__atomic_load_n(&set->surface[i].Data.Locked, __ATOMIC_ACQUIRE), 0);
    assert_int_equal(set->frames->allocator.Free(set->frames, &set->response), MFX_ERR_NONE);
}

mfxFrameSurface1 *va_set_free_one(struct va_set *set)
{
    for (unsigned tries = 0; tries < 10000; tries++) {
        for (size_t i = 0; i < set->count; i++)
            if (!set->taken[i] && !__atomic_load_n(&set->surface[i].Data.Locked, __ATOMIC_ACQUIRE))
                return &set->surface[i];
        sleep_ms(1);
    }
    fail_msg("no surface is free");
    return NULL;
}

bool *va_set_taken(struct va_set *set, const mfxFrameSurface1 *surface)
{
    assert_true(surface >= set->surface && surface < set->surface + set->count);
    return &set->taken[surface - set->surface];
}

void va_picture_get(struct va_frames *frames, const mfxFrameSurface1 *surface, uint8_t *to)
{
    mfxFrameData data = {.MemId = surface->Data.MemId};
    const mfxFrameInfo *info = &surface->Info;
    size_t pitch;

    assert_int_equal(info->FourCC, MFX_FOURCC_NV12);
    assert_int_equal(vfa_map(frames->inner, data.MemId, MFX_MAP_READ, &data), MFX_ERR_NONE);
    pitch = (size_t)data.PitchHigh << 16 | data.PitchLow;
    for (size_t row = 0; row < info->CropH; row++, to += info->CropW)
        memcpy(to, data.Y + row * pitch, info->CropW);
    for (size_t row = 0; row < info->CropH / 2U; row++, to += info->CropW)
        memcpy(to, data.UV + row * pitch, info->CropW);
    assert_int_equal(vfa_unmap(frames->inner, data.MemId, &data), MFX_ERR_NONE);
}
