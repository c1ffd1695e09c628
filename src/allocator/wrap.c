/* Frames of planes that the application owns. */
#include "allocator/internal.h"
#include "format/planes.h"
#include "format/reason.h"

#include <string.h>

static mfxStatus complete_planes(struct vfa__call *call, const struct vfa_layout *layout,
                                 const mfxFrameData *given, mfxFrameData *full)
{
    const struct vfa_format *format = layout->format;
    mfxU8 *channel[VFA_CHANNELS] = {0};
    for (int c = 0; c < VFA_CHANNELS; c++) {
        int8_t plane = format->channel[c].plane;
        if (plane < 0)
            continue;
        mfxU8 *start = vfa__plane_start(format, given, plane);
        if (!start) {
            vfa__explain(call, "no pointer into plane %hhd of %s", plane, format->name);
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
        channel[c] = start + format->channel[c].offset_bytes;
    }
    memset(full, 0, sizeof *full);
    full->PitchHigh = given->PitchHigh;
    full->PitchLow = given->PitchLow;
    full->Y = channel[VFA_CHANNEL_Y];
    full->U = channel[VFA_CHANNEL_U];
    full->V = channel[VFA_CHANNEL_V];
    full->A = channel[VFA_CHANNEL_A];
    return MFX_ERR_NONE;
}

static mfxStatus check_pitch(struct vfa__call *call, const struct vfa_layout *layout,
                             const mfxFrameData *planes)
{
    size_t pitch = vfa_frame_data_pitch(planes);
    for (uint32_t i = 0; i < layout->plane_count && !layout->format->linear; i++) {
        size_t divisor = layout->format->plane[i].pitch_div;
        if (pitch / divisor >= layout->plane[i].row_bytes && pitch % divisor == 0)
            continue;
        vfa__explain(call, "pitch of %zu bytes: plane %u of %s needs rows of %zu", pitch, i,
                     layout->format->name, layout->plane[i].row_bytes);
        return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    return MFX_ERR_NONE;
}

static mfxStatus check_planes(struct vfa__call *call, const mfxFrameInfo *info, const mfxFrameData *given,
                              mfxFrameData *full)
{
    struct vfa_layout layout;
    mfxStatus status = vfa_layout_compute(info, NULL, &layout);
    if (status != MFX_ERR_NONE) {
        vfa__explain(call, "no layout for such a frame: %s", vfa__layout_reason(info, status));
        return status;
    }
    status = check_pitch(call, &layout, given);
    return status == MFX_ERR_NONE ? complete_planes(call, &layout, given, full) : status;
}

static mfxStatus wrap(struct vfa__call *call, const mfxFrameAllocRequest *request, const mfxFrameData *planes,
                      vfa_release_fn *release, void *user, mfxMemId *mid)
{
    struct vfa_allocator *a = call->allocator;
    mfxFrameData full;
    mfxStatus status = check_planes(call, &request->Info, planes, &full);
    if (status != MFX_ERR_NONE)
        return status;
    struct vfa__set *set = vfa__set_new(&a->gate, 1);
    if (set)
        status = vfa__slots_reserve(&a->slots, 1, set->slot);
    if (!set || status != MFX_ERR_NONE) {
        vfa__set_delete(&a->gate, set);
        vfa__explain(call, "no memory for the record of a wrapped frame");
        return MFX_ERR_MEMORY_ALLOC;
    }
    set->count = 1;
    set->request = *request;
    set->flags = VFA_FRAMES_PRIVATE;
    set->release = release;
    set->release_user = user;
    set->planes = *planes;
    struct vfa__slot *slot = set->slot[0];
    slot->channel[0] = full.Y;
    slot->channel[1] = full.U;
    slot->channel[2] = full.V;
    slot->channel[3] = full.A;
    slot->pitch_bytes = vfa_frame_data_pitch(&full);
    slot->set = set;
    slot->frame = NULL;
    *mid = vfa__slot_mid(&a->slots, slot);
    vfa__book_enter(&a->book, set, NULL);
    return MFX_ERR_NONE;
}

mfxStatus vfa_wrap_host(struct vfa_allocator *a, const mfxFrameInfo *info, const mfxFrameData *planes,
                        vfa_release_fn *release, void *user, mfxMemId *mid)
{
    if (mid)
        *mid = NULL;
    if (!a)
        return MFX_ERR_NULL_PTR;
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    struct vfa__call call = {.allocator = a, .name = "vfa_wrap_host"};
    if (!info || !planes || !mid) {
        vfa__explain(&call, "%s is NULL", !info ? "info" : !planes ? "planes" : "mid");
        return vfa__end_call(&call, MFX_ERR_NULL_PTR);
    }
    request.Info = *info;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    call.request = &request;
    return vfa__end_call(&call, wrap(&call, &request, planes, release, user, mid));
}

mfxStatus vfa_unwrap(struct vfa_allocator *a, mfxMemId mid)
{
    if (!a)
        return MFX_ERR_NULL_PTR;
    struct vfa__call call = {.allocator = a, .name = "vfa_unwrap", .mid = mid};
    struct vfa__slot *slot = vfa__slot_find(&a->slots, mid);
    struct vfa__set *set;
    if (!slot || !vfa__book_end_wrapped(&a->book, slot, mid, &set)) {
        vfa__explain_mid(&call);
        if (!call.cause[0])
            vfa__explain(&call, "the frame was not wrapped but allocated: Free its response");
        return vfa__end_call(&call, MFX_ERR_INVALID_HANDLE);
    }
    vfa__set_retire(&call, set);
    return MFX_ERR_NONE;
}
