/* Reference-counted arrays of surfaces. */
#include "surface/surface_array.h"

#include <stdatomic.h>
#include <stdlib.h>

struct surface_array {
    mfxSurfaceArray mfx; /* first */
    atomic_uint refs;    /* its address is mfx.Context */
    mfxFrameSurface1 *surfaces[];
};

static mfxStatus find(mfxSurfaceArray *mfx, struct surface_array **out)
{
    struct surface_array *array = (struct surface_array *)mfx;

    if (!array)
        return MFX_ERR_NULL_PTR;
    if (array->mfx.Context != &array->refs)
        return MFX_ERR_INVALID_HANDLE;
    *out = array;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL add_ref(mfxSurfaceArray *mfx)
{
    struct surface_array *array;
    mfxStatus status = find(mfx, &array);

    if (status == MFX_ERR_NONE)
        atomic_fetch_add_explicit(&array->refs, 1, memory_order_relaxed);
    return status;
}

static void release_surfaces(const struct surface_array *array)
{
    for (mfxU32 i = 0; i < array->mfx.NumSurfaces; i++)
        (void)array->surfaces[i]->FrameInterface->Release(array->surfaces[i]);
}

static mfxStatus MFX_CDECL release(mfxSurfaceArray *mfx)
{
    struct surface_array *array;
    mfxStatus status = find(mfx, &array);

    if (status != MFX_ERR_NONE || atomic_fetch_sub_explicit(&array->refs, 1, memory_order_acq_rel) != 1)
        return status;
    release_surfaces(array);
    array->mfx.Context = NULL;
    free(array);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL get_ref_counter(mfxSurfaceArray *mfx, mfxU32 *counter)
{
    struct surface_array *array;
    mfxStatus status = counter ? find(mfx, &array) : MFX_ERR_NULL_PTR;

    if (status == MFX_ERR_NONE)
        *counter = atomic_load_explicit(&array->refs, memory_order_relaxed);
    return status;
}

mfxSurfaceArray *srt_surface_array_create(mfxU32 most)
{
    struct surface_array *array = calloc(1, sizeof(*array) + most * sizeof(array->surfaces[0]));

    if (!array)
        return NULL;
    atomic_init(&array->refs, 1);
    array->mfx.Context = &array->refs;
    array->mfx.Version.Version = MFX_SURFACEARRAY_VERSION;
    array->mfx.AddRef = add_ref;
    array->mfx.Release = release;
    array->mfx.GetRefCounter = get_ref_counter;
    array->mfx.Surfaces = array->surfaces;
    return &array->mfx;
}

mfxStatus srt_surface_array_add(mfxSurfaceArray *mfx, mfxFrameSurface1 *surface)
{
    mfxStatus status = surface->FrameInterface->AddRef(surface);

    if (status == MFX_ERR_NONE)
        mfx->Surfaces[mfx->NumSurfaces++] = surface;
    return status;
}

void srt_surface_array_discard(mfxSurfaceArray **slot)
{
    mfxSurfaceArray *mfx = *slot;

    *slot = NULL;
    if (!mfx)
        return;
    release_surfaces((struct surface_array *)mfx); /* the application's references */
    (void)mfx->Release(mfx);
}
