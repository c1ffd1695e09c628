/* Black pictures (see picture.h). */
#include "picture.h"

#include "fuzz.h"

#include <vfa/vfa.h>

void fuzz_blacken(mfxFrameSurface1 *surface)
{
    mfxFrameInfo whole = surface->Info;
    struct vfa_color black;

    whole.CropX = whole.CropY = whole.CropW = whole.CropH = 0;
    if (surface->FrameInterface->Map(surface, MFX_MAP_WRITE | MFX_MAP_NOWAIT) != MFX_ERR_NONE)
        return;
    FUZZ_SAME(vfa_color_black(&whole, VFA_RANGE_LIMITED, &black), MFX_ERR_NONE);
    FUZZ_SAME(vfa_fill_color(&whole, &surface->Data, &black, VFA_FILL_PICTURE), MFX_ERR_NONE);
    FUZZ_SAME(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
}
