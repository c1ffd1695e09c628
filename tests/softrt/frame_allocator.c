/* The mfxFrameAllocator of test frames: what it is asked is counted, and what makes no sense is an error.
 *
 * Frames of video memory are as hard to reach as those of a GPU may be: Lock makes a copy, in a block of its
 * own and of another pitch, and Unlock writes it back and frees it. So a pixel that is touched outside of a
 * Lock is lost, or is a use after free to a sanitizer. */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

#define VIDEO_PITCH_MORE 96

static void note(struct frames *frames, char call)
{
    unsigned at = atomic_fetch_add(&frames->num_calls, 1);

    if (at + 1 < sizeof(frames->calls))
        frames->calls[at] = call;
}

static mfxStatus no_sense(struct frames *frames, mfxStatus status)
{
    atomic_fetch_add(&frames->num_errors, 1);
    return status;
}

/* Counts down to the call that is to fail. */
static bool is_the_one(atomic_int *countdown)
{
    return atomic_load(countdown) > 0 && atomic_fetch_sub(countdown, 1) == 1;
}

/* The frame, and which of the allocator's frames it is among. */
static struct frame *frame_of_mid(struct frames **frames, mfxMemId mid)
{
    for (struct frames *f = *frames; f; f = f->next)
        for (size_t i = 0; f->by_mid && i < f->count; i++)
            if (f->frame[i].surface.Data.MemId == mid) {
                *frames = f;
                return &f->frame[i];
            }
    return NULL;
}

static void clear_pointers(mfxFrameData *data)
{
    data->Y = data->U = data->V = data->A = NULL;
    data->PitchHigh = data->PitchLow = 0;
}

static mfxStatus lock_video(struct frames *frames, struct frame *frame, mfxFrameData *data)
{
    size_t pitch = frame->pitch + VIDEO_PITCH_MORE;
    uint8_t *copy;

    if (atomic_fetch_add(&frame->locks, 1)) { /* nobody has a reason to lock twice */
        atomic_fetch_sub(&frame->locks, 1);
        return no_sense(frames, MFX_ERR_LOCK_MEMORY);
    }
    copy = malloc(frame_size(frame, pitch));
    if (!copy)
        return MFX_ERR_MEMORY_ALLOC;
    frame_copy(frame, copy, pitch, frame->bytes, frame->pitch);
    frame->mapped = copy;
    frame_point(frame, copy, pitch, data);
    return MFX_ERR_NONE;
}

static mfxStatus unlock_video(struct frames *frames, struct frame *frame)
{
    size_t pitch = frame->pitch + VIDEO_PITCH_MORE;
    uint8_t *copy = frame->mapped;
    mfxStatus status = MFX_ERR_NONE;

    if (!copy)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (is_the_one(&frames->unlock_fails_at))
        status = MFX_ERR_UNKNOWN;
    else if (!frames->read_only)
        frame_copy(frame, frame->bytes, frame->pitch, copy, pitch);
    else if (!frame_equal(frame, frame->bytes, frame->pitch, copy, pitch))
        atomic_fetch_add(&frames->num_errors, 1);
    frame->mapped = NULL;
    memset(copy, 0x5a, frame_size(frame, pitch));
    free(copy);
    return status;
}

static mfxStatus MFX_CDECL on_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct frames *frames = pthis;
    struct frame *frame = frame_of_mid(&frames, mid);
    mfxStatus status = MFX_ERR_NONE;

    note(pthis, 'L');
    if (!frame)
        return no_sense(frames, MFX_ERR_INVALID_HANDLE);
    if (atomic_load(&frames->refuse) || is_the_one(&frames->lock_fails_at))
        return MFX_ERR_LOCK_MEMORY;
    if (frames->video) {
        status = lock_video(frames, frame, data);
    } else {
        atomic_fetch_add(&frame->locks, 1);
        frame_point(frame, frame->bytes, frame->pitch, data);
    }
    if (status == MFX_ERR_NONE)
        atomic_fetch_add(&frames->num_locks, 1);
    return status;
}

static mfxStatus MFX_CDECL on_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct frames *frames = pthis;
    struct frame *frame = frame_of_mid(&frames, mid);
    mfxStatus status = MFX_ERR_NONE;

    note(pthis, 'U');
    if (!frame || atomic_load(&frame->locks) <= 0)
        return no_sense(frames, MFX_ERR_INVALID_HANDLE);
    atomic_fetch_add(&frames->num_unlocks, 1);
    if (frames->video)
        status = unlock_video(frames, frame);
    atomic_fetch_sub(&frame->locks, 1);
    if (data)
        clear_pointers(data);
    return status;
}

/* Frames of video memory are there already, made by the application: Init's Alloc finds them. */
static mfxStatus MFX_CDECL on_alloc(mfxHDL pthis, mfxFrameAllocRequest *request,
                                    mfxFrameAllocResponse *response)
{
    struct frames *frames = pthis;
    size_t given = frames->alloc_gives ? frames->alloc_gives : frames->count;

    note(frames, 'A');
    frames->request = *request;
    if (!frames->video || atomic_load(&frames->num_allocs) != atomic_load(&frames->num_frees))
        return no_sense(frames, MFX_ERR_UNSUPPORTED);
    if (frames->alloc_answers < MFX_ERR_NONE)
        return frames->alloc_answers;
    for (size_t i = 0; i < frames->count; i++)
        frames->mids[i] = frames->frame[i].surface.Data.MemId;
    atomic_fetch_add(&frames->num_allocs, 1);
    *response = (mfxFrameAllocResponse){
        .AllocId = request->AllocId, .mids = frames->mids, .NumFrameActual = (mfxU16)given};
    frames->response = *response;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL on_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct frames *frames = pthis;

    note(frames, 'F');
    if (atomic_load(&frames->num_allocs) != atomic_load(&frames->num_frees) + 1 ||
        response->mids != frames->response.mids || response->AllocId != frames->response.AllocId ||
        response->NumFrameActual != frames->response.NumFrameActual)
        return no_sense(frames, MFX_ERR_INVALID_HANDLE);
    atomic_fetch_add(&frames->num_frees, 1);
    memset(frames->mids, 0, frames->count * sizeof(*frames->mids));
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL on_get_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    (void)mid;
    (void)handle;
    note(pthis, 'H');
    return no_sense(pthis, MFX_ERR_UNSUPPORTED); /* the runtime has no use for it */
}

void frames_allocator_init(struct frames *frames)
{
    frames->allocator = (mfxFrameAllocator){.pthis = frames,
                                            .Alloc = on_alloc,
                                            .Lock = on_lock,
                                            .Unlock = on_unlock,
                                            .GetHDL = on_get_handle,
                                            .Free = on_free};
}
