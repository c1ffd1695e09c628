/* The rules by which a request finds a set that is there, or does without a new one. */
#include "allocator/match.h"

/* Who asks for frames, as far as a request's Type says so. */
#define ORIGIN_BITS                                                                                         \
    (MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_FROM_VPPOUT | \
     MFX_MEMTYPE_FROM_ENC | MFX_MEMTYPE_EXPORT_FRAME)

bool vfa__set_is_open(const struct vfa__set *set)
{
    if (set->stage != VFA__SET_LISTED || !set->backend || (set->flags & VFA_FRAMES_PRIVATE))
        return false;
    if (set->flags & VFA_FRAMES_SHARED)
        return true;
    return set->maker_refers && set->references == 1;
}

static bool same_format(const mfxFrameAllocRequest *have, const mfxFrameAllocRequest *want)
{
    const mfxFrameInfo *a = &have->Info, *b = &want->Info;
    return have->AllocId == want->AllocId && a->FourCC == b->FourCC && a->ChromaFormat == b->ChromaFormat &&
           a->BitDepthLuma == b->BitDepthLuma && a->BitDepthChroma == b->BitDepthChroma &&
           a->Shift == b->Shift;
}

bool vfa__set_is_claimed_by(const struct vfa__set *set, const mfxFrameAllocRequest *want)
{
    if (!same_format(&set->request, want))
        return false;
    if (want->Info.FourCC == MFX_FOURCC_P8) /* a bitstream has one writer */
        return false;
    /* On VA-API decoder and processor targets are interchangeable. */
    mfxU16 video = want->Type & VFA_MEMTYPE_VIDEO, system = want->Type & MFX_MEMTYPE_SYSTEM_MEMORY;
    mfxU16 served = set->backend->kinds;
    if (!((video && (served & VFA_MEMTYPE_VIDEO)) ||
          (!video && system && (served & MFX_MEMTYPE_SYSTEM_MEMORY))))
        return false;
    mfxU16 origin = want->Type & ORIGIN_BITS;
    return (origin & set->request.Type) == origin;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

bool vfa__set_holds(const struct vfa__set *set, const mfxFrameInfo *want)
{
    const mfxFrameInfo *have = &set->request.Info;
    if (want->FourCC == MFX_FOURCC_P8)
        return want->BufferSize <= have->BufferSize;
    return want->Width <= larger(have->Width, set->made.width_px) &&
           want->Height <= larger(have->Height, set->made.rows);
}

static bool asks_for_something(const mfxFrameAllocRequest *want)
{
    const mfxFrameInfo *info = &want->Info;
    bool sized = info->FourCC == MFX_FOURCC_P8 ? info->BufferSize > 0 : info->Width && info->Height;
    return sized && (want->NumFrameMin || want->NumFrameSuggested);
}

/* As many as would be made now: the number suggested, or what memory had left of no smaller number. */
static bool has_enough(const struct vfa__set *set, const mfxFrameAllocRequest *want)
{
    if (want->NumFrameMin > set->count)
        return false;
    return want->NumFrameSuggested <= set->count || want->NumFrameSuggested <= set->request.NumFrameSuggested;
}

bool vfa__set_serves(const struct vfa__set *set, const mfxFrameAllocRequest *want, unsigned int flags)
{
    mfxU16 have_type = set->request.Type;
    return asks_for_something(want) && same_format(&set->request, want) &&
           (have_type & VFA_MEMTYPE_KINDS) == (want->Type & VFA_MEMTYPE_KINDS) &&
           (have_type & want->Type) == want->Type && set->flags == vfa__set_flags(want, flags) &&
           vfa__set_holds(set, &want->Info) && has_enough(set, want);
}

unsigned int vfa__set_flags(const mfxFrameAllocRequest *request, unsigned int flags)
{
    return request->Type & MFX_MEMTYPE_INTERNAL_FRAME ? flags | VFA_FRAMES_PRIVATE : flags;
}
