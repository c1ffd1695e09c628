/* Surfaces of the runtime's own. */
#include "own_surface.h"

#include <stdlib.h>
#include <string.h>

mfxFrameSurface1 *own_get(own_get_fn get, mfxSession session)
{
    mfxFrameSurface1 *surface = NULL;

    assert_int_equal(get(session, &surface), MFX_ERR_NONE);
    assert_non_null(surface);
    assert_non_null(surface->FrameInterface);
    return surface;
}

void own_release(mfxFrameSurface1 *surface)
{
    assert_int_equal(surface->FrameInterface->Release(surface), MFX_ERR_NONE);
}

mfxU32 own_references(mfxFrameSurface1 *surface)
{
    mfxU32 count = 0;

    assert_int_equal(surface->FrameInterface->GetRefCounter(surface, &count), MFX_ERR_NONE);
    return count;
}

/* Rows of a plane to or from a packed picture; returns what follows in the picture. */
static uint8_t *copy_plane(uint8_t *plane, size_t pitch, size_t width, size_t height, uint8_t *picture,
                           bool out)
{
    for (size_t y = 0; y < height; y++, picture += width)
        memcpy(out ? picture : plane + y * pitch, out ? plane + y * pitch : picture, width);
    return picture;
}

static size_t copy(const mfxFrameSurface1 *surface, uint8_t *picture, bool out)
{
    const mfxFrameData *data = &surface->Data;
    size_t pitch = (size_t)data->PitchHigh << 16 | data->PitchLow;
    size_t width = surface->Info.CropW, height = surface->Info.CropH;
    size_t half_width = (width + 1) / 2, half_height = (height + 1) / 2;
    uint8_t *at = copy_plane(data->Y, pitch, width, height, picture, out);

    if (surface->Info.FourCC == MFX_FOURCC_I420) {
        at = copy_plane(data->U, pitch / 2, half_width, half_height, at, out);
        at = copy_plane(data->V, pitch / 2, half_width, half_height, at, out);
    } else {
        assert_int_equal(surface->Info.FourCC, MFX_FOURCC_NV12);
        at = copy_plane(data->UV, pitch, 2 * half_width, half_height, at, out);
    }
    return (size_t)(at - picture);
}

size_t own_put(mfxFrameSurface1 *surface, const uint8_t *picture)
{
    size_t size;

    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    size = copy(surface, (uint8_t *)(uintptr_t)picture, false);
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
    return size;
}

size_t own_take(mfxFrameSurface1 *surface, uint8_t *picture)
{
    size_t size;

    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    size = copy(surface, picture, true);
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
    return size;
}

void own_blank(mfxFrameSurface1 *surface)
{
    size_t size = picture_size(surface->Info.FourCC, surface->Info.CropW, surface->Info.CropH);
    uint8_t *grey = malloc(size);

    assert_non_null(grey);
    memset(grey, 128, size);
    assert_int_equal(own_put(surface, grey), size);
    free(grey);
}

mfxExtAllocationHints own_hints(mfxPoolAllocationPolicy policy, mfxU32 first, mfxU32 more, mfxU32 wait_ms)
{
    return (mfxExtAllocationHints){.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(mfxExtAllocationHints)},
                                   .AllocationPolicy = policy,
                                   .NumberToPreAllocate = first,
                                   .DeltaToAllocateOnTheFly = more,
                                   .Wait = wait_ms};
}
