/* Frames in any order: allocated, locked, asked for their handles, freed while locked, used when they are
 * gone. */
#include "soak.h"

#include <string.h>

#define SETS  6
#define LOCKS 12
#define STEPS 60

struct held {
    mfxMemId mid;
    mfxFrameData data;
};

struct frames {
    struct soak *soak;
    mfxFrameAllocator *mfx;
    mfxFrameAllocResponse set[SETS];
    struct held held[LOCKS];
    unsigned held_count;
    mfxMemId stale; /* of a frame that was freed */
};

mfxFrameAllocRequest soak_request(struct soak *soak)
{
    static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_RGB4, MFX_FOURCC_I420};
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = formats[soak_pick(soak, 4)];
    request.Info.ChromaFormat =
        request.Info.FourCC == MFX_FOURCC_RGB4 ? MFX_CHROMAFORMAT_YUV444 : MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = (mfxU16)(16 * (1 + soak_pick(soak, 20)));
    request.Info.Height = (mfxU16)(16 * (1 + soak_pick(soak, 20)));
    request.NumFrameMin = (mfxU16)(1 + soak_pick(soak, 4));
    request.NumFrameSuggested = (mfxU16)(request.NumFrameMin + soak_pick(soak, 4));
    request.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPOUT;
    request.Type |= soak->va && soak_pick(soak, 2) ? MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET
                                                   : MFX_MEMTYPE_SYSTEM_MEMORY;
    return request;
}

static void alloc_or_free(struct frames *f)
{
    mfxFrameAllocResponse *set = &f->set[soak_pick(f->soak, SETS)];
    if (!set->mids) {
        mfxFrameAllocRequest request = soak_request(f->soak);
        assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, set), MFX_ERR_NONE);
        return;
    }
    f->stale = set->mids[soak_pick(f->soak, set->NumFrameActual)];
    mfxFrameAllocResponse copy = *set;
    assert_int_equal(f->mfx->Free(f->mfx->pthis, set), MFX_ERR_NONE);
    memset(set, 0, sizeof *set);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &copy), MFX_ERR_INVALID_HANDLE);
}

static mfxMemId some_frame(struct frames *f)
{
    const mfxFrameAllocResponse *set = &f->set[soak_pick(f->soak, SETS)];
    return set->mids ? set->mids[soak_pick(f->soak, set->NumFrameActual)] : NULL;
}

static void lock(struct frames *f)
{
    mfxMemId mid = some_frame(f);
    struct held *held = &f->held[f->held_count];
    if (!mid || f->held_count == LOCKS)
        return;
    memset(held, 0, sizeof *held);
    held->mid = mid;
    assert_int_equal(f->mfx->Lock(f->mfx->pthis, mid, &held->data), MFX_ERR_NONE);
    mfxU8 *first = held->data.Y ? held->data.Y : held->data.B;
    assert_non_null(first);
    *first = (mfxU8)(*first + 1);
    f->held_count++;
}

static void unlock(struct frames *f)
{
    if (!f->held_count)
        return;
    struct held *held = &f->held[soak_pick(f->soak, f->held_count)];
    assert_int_equal(f->mfx->Unlock(f->mfx->pthis, held->mid, &held->data), MFX_ERR_NONE);
    *held = f->held[--f->held_count];
}

static void ask_for_handle(struct frames *f)
{
    mfxMemId mid = some_frame(f);
    mfxHDLPair handle = {NULL, NULL};
    if (mid)
        (void)f->mfx->GetHDL(f->mfx->pthis, mid, (mfxHDL *)&handle); /* those in system memory have none */
}

static void use_stale(struct frames *f)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    if (f->stale)
        assert_int_equal(f->mfx->Lock(f->mfx->pthis, f->stale, &data), MFX_ERR_INVALID_HANDLE);
}

void soak_frames(struct soak *soak)
{
    static void (*const steps[])(struct frames *) = {alloc_or_free, alloc_or_free,  lock,
                                                     unlock,        ask_for_handle, use_stale};
    struct frames f = {.soak = soak};
    struct vfa_allocator *allocator = soak_some_allocator(soak);
    f.mfx = vfa_allocator_mfx(allocator);
    for (int i = 0; i < STEPS; i++)
        steps[soak_pick(soak, sizeof steps / sizeof *steps)](&f);
    bool unlock_first = soak_pick(soak, 2);
    while (unlock_first && f.held_count)
        unlock(&f);
    for (int i = 0; i < SETS; i++)
        assert_int_equal(f.mfx->Free(f.mfx->pthis, &f.set[i]), MFX_ERR_NONE);
    while (f.held_count)
        unlock(&f);
    soak_end_allocator(soak, &allocator);
}
