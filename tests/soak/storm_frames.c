/* Surfaces of every kind of memory: made, painted, looked at, given back. */
#include "storm.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_WAIT_MS 120000

mfxFrameInfo storm_info(void)
{
    return (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12,
                          .ChromaFormat = MFX_CHROMAFORMAT_YUV420,
                          .BitDepthLuma = 8,
                          .BitDepthChroma = 8,
                          .Width = STORM_WIDTH,
                          .Height = STORM_HEIGHT,
                          .CropW = STORM_WIDTH,
                          .CropH = STORM_HEIGHT,
                          .FrameRateExtN = 30,
                          .FrameRateExtD = 1,
                          .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};
}

/* By pointers: a block each. */
static void make_blocks(struct storm_worker *w, struct storm_frames *frames, const mfxFrameInfo *info)
{
    for (size_t i = 0; i < STORM_SURFACES; i++) {
        struct vfa_layout layout;
        mfxStatus status = vfa_layout_compute(info, NULL, &layout);

        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
        frames->block[i] = aligned_alloc(layout.alignment_bytes, layout.size_bytes);
        if (!frames->block[i])
            abort();
        memset(frames->block[i], 0, layout.size_bytes);
        status = vfa_layout_point(&layout, frames->block[i], &frames->surface[i].Data);
        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    }
}

static void make_mids(struct storm_worker *w, struct storm_frames *frames, const mfxFrameInfo *info)
{
    const mfxFrameAllocator *allocator = vfa_allocator_mfx(w->life.allocator);
    mfxFrameAllocRequest request = {.Info = *info,
                                    .Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME |
                                            MFX_MEMTYPE_FROM_VPPIN,
                                    .NumFrameMin = STORM_SURFACES,
                                    .NumFrameSuggested = STORM_SURFACES};
    mfxStatus status = allocator->Alloc(allocator->pthis, &request, &frames->response);

    STORM_EXPECT(w, status == MFX_ERR_NONE && frames->response.NumFrameActual >= STORM_SURFACES, status);
    for (size_t i = 0; i < STORM_SURFACES && status == MFX_ERR_NONE; i++)
        frames->surface[i].Data.MemId = frames->response.mids[i];
}

void storm_frames_make(struct storm_worker *w, struct storm_frames *frames, const mfxFrameInfo *info)
{
    if (w->life.memory == STORM_OWN || frames->count)
        return;
    memset(frames, 0, sizeof(*frames));
    if (w->life.memory == STORM_POINTER)
        make_blocks(w, frames, info);
    else
        make_mids(w, frames, info);
    for (size_t i = 0; i < STORM_SURFACES; i++) {
        frames->surface[i].Version.Version = MFX_FRAMESURFACE1_VERSION;
        frames->surface[i].Info = *info;
    }
    frames->count = STORM_SURFACES;
}

static unsigned locked(const mfxFrameSurface1 *surface)
{
    return __atomic_load_n(&surface->Data.Locked, __ATOMIC_ACQUIRE);
}

/* After MFXClose. */
void storm_frames_end(struct storm_worker *w, struct storm_frames *frames)
{
    for (size_t i = 0; i < frames->count; i++)
        STORM_EXPECT(w, locked(&frames->surface[i]) == 0, i);
    for (size_t i = 0; i < frames->count; i++)
        free(frames->block[i]);
    if (frames->response.NumFrameActual) {
        const mfxFrameAllocator *allocator = vfa_allocator_mfx(w->life.allocator);
        mfxStatus status = allocator->Free(allocator->pthis, &frames->response);

        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    }
    memset(frames, 0, sizeof(*frames));
}

mfxFrameSurface1 *storm_frames_free_one(struct storm_frames *frames, bool **taken)
{
    for (size_t i = 0; i < frames->count; i++)
        if (!frames->taken[i] && !locked(&frames->surface[i])) {
            *taken = &frames->taken[i];
            return &frames->surface[i];
        }
    return NULL;
}

/* Pointers to the pixels in `data`, by whatever way the surface is reached. */
static mfxStatus reach(struct storm_worker *w, mfxFrameSurface1 *surface, mfxU32 flags, mfxFrameData *data)
{
    mfxStatus status;

    if (surface->FrameInterface) {
        mfxFrameSurface1 copy = {.FrameInterface = surface->FrameInterface, .Version = surface->Version};

        status = surface->FrameInterface->Map(flags == MFX_MAP_WRITE ? surface : &copy, flags);
        *data = flags == MFX_MAP_WRITE ? surface->Data : copy.Data;
        return status;
    }
    *data = (mfxFrameData){.MemId = surface->Data.MemId};
    if (data->MemId) {
        const mfxFrameAllocator *allocator = vfa_allocator_mfx(w->life.allocator);
        return allocator->Lock(allocator->pthis, data->MemId, data);
    }
    data->Y = surface->Data.Y;
    data->UV = surface->Data.UV;
    data->PitchLow = surface->Data.PitchLow;
    return MFX_ERR_NONE;
}

static mfxStatus let_go(struct storm_worker *w, mfxFrameSurface1 *surface, mfxFrameData *data)
{
    if (surface->FrameInterface) {
        mfxFrameSurface1 copy = {
            .FrameInterface = surface->FrameInterface, .Version = surface->Version, .Data = *data};

        return surface->FrameInterface->Unmap(data->Y == surface->Data.Y ? surface : &copy);
    }
    if (data->MemId) {
        const mfxFrameAllocator *allocator = vfa_allocator_mfx(w->life.allocator);
        return allocator->Unlock(allocator->pthis, data->MemId, data);
    }
    return MFX_ERR_NONE;
}

void storm_paint(struct storm_worker *w, mfxFrameSurface1 *surface)
{
    mfxFrameData data;
    mfxStatus status = reach(w, surface, MFX_MAP_WRITE, &data);

    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    if (status != MFX_ERR_NONE)
        return;
    for (size_t y = 0; y < STORM_HEIGHT; y++)
        memset(data.Y + y * data.PitchLow, w->level, STORM_WIDTH);
    for (size_t y = 0; y < STORM_HEIGHT / 2; y++)
        memset(data.UV + y * data.PitchLow, 128, STORM_WIDTH);
    status = let_go(w, surface, &data);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
}

/* Codecs are not exact. */
static bool is_near(unsigned a, unsigned b)
{
    return a + 6 > b && b + 6 > a;
}

static void look_at(struct storm_worker *w, const struct storm_frame *frame)
{
    mfxFrameSurface1 *surface = frame->surface;
    size_t last_row = surface->Info.CropH - 1U, last = surface->Info.CropW - 1U;
    mfxFrameData data;
    mfxStatus status = reach(w, surface, MFX_MAP_READ, &data);

    /* Another session's operation may have been aborted by its end. */
    STORM_EXPECT(w, status == MFX_ERR_NONE || ((w->life.cut || frame->foreign) && status == MFX_ERR_ABORTED),
                 status);
    if (status != MFX_ERR_NONE)
        return;
    STORM_EXPECT(w, is_near(data.Y[0], frame->level), data.Y[0]);
    STORM_EXPECT(w, is_near(data.Y[last_row * data.PitchLow + last], frame->level),
                 data.Y[last_row * data.PitchLow + last]);
    status = let_go(w, surface, &data);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
}

/* The application has done with it, finished or not. */
static void give_back(struct storm_worker *w, const struct storm_frame *frame)
{
    if (frame->taken) {
        *frame->taken = false;
    } else {
        mfxStatus status = frame->surface->FrameInterface->Release(frame->surface);
        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    }
}

static mfxStatus wait_for(struct storm_worker *w, const struct storm_frame *frame)
{
    mfxStatus status = MFX_ERR_NONE;

    if (frame->sync && storm_pick(w, 3) == 0) { /* first impatiently */
        status = MFXVideoCORE_SyncOperation(frame->session, frame->sync, storm_pick(w, 2));
        STORM_EXPECT(w, status <= MFX_WRN_IN_EXECUTION, status);
    }
    if (frame->sync)
        status = MFXVideoCORE_SyncOperation(frame->session, frame->sync, MOST_WAIT_MS);
    else if (frame->surface->FrameInterface)
        status = frame->surface->FrameInterface->Synchronize(frame->surface, MOST_WAIT_MS);
    STORM_EXPECT(w, status == MFX_ERR_NONE || ((w->life.cut || frame->foreign) && status == MFX_ERR_ABORTED),
                 status);
    return status;
}

/* Some frames are never waited for: those of the runtime's own may be released in flight, and those of the
 * application's come back by Data.Locked. */
void storm_finish(struct storm_worker *w, struct storm_frame *frame)
{
    if (storm_pick(w, 6) && !frame->untold && wait_for(w, frame) == MFX_ERR_NONE)
        look_at(w, frame);
    give_back(w, frame);
    w->frames++;
    frame->surface = NULL;
}

void storm_finish_oldest(struct storm_worker *w)
{
    struct storm_life *life = &w->life;

    storm_finish(w, &life->pending[0]);
    life->num_pending--;
    memmove(life->pending, life->pending + 1, life->num_pending * sizeof(life->pending[0]));
}

void storm_finish_all(struct storm_worker *w)
{
    while (w->life.num_pending)
        storm_finish_oldest(w);
}

void storm_hold(struct storm_worker *w, const struct storm_frame *frame)
{
    if (w->life.num_pending == STORM_PENDING)
        storm_finish_oldest(w);
    w->life.pending[w->life.num_pending++] = *frame;
}
