/* A frame out as a dma-buf, and that in again as another frame: do they show the same pixels? */
#include "round_trip.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct trip {
    struct vfa_va *va;
    struct vfa_allocator *frames;
    const mfxFrameAllocRequest *request;
    mfxFrameAllocResponse out, in; /* a frame each: an ordinary one, and an import slot */
    struct round_trip *result;
};

/* --- pixels */

/* Where a plane begins: the pointer of one of its channels, less the channel's offset. */
static mfxU8 *plane_of(const struct vfa_format *format, const mfxFrameData *data, size_t plane)
{
    mfxU8 *const pointer[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane == (int)plane)
            return pointer[c] - format->channel[c].offset_bytes;
    return NULL;
}

/* Writes the pattern into the picture, or compares; false: it differs. */
static bool pattern(const mfxFrameInfo *info, const mfxFrameData *data, bool write)
{
    const struct vfa_format *format = vfa_format_find(info->FourCC);
    bool same = true;
    for (size_t p = 0; p < format->plane_count; p++) {
        const struct vfa_format_plane *plane = &format->plane[p];
        size_t rows = ((size_t)info->Height + plane->row_div - 1) / plane->row_div;
        size_t bytes = ((size_t)info->Width + plane->unit_px - 1) / plane->unit_px * plane->unit_bytes;
        size_t pitch = vfa_frame_data_pitch(data) / plane->pitch_div;
        mfxU8 *base = plane_of(format, data, p);
        if (!base)
            return false;
        for (size_t y = 0; y < rows; y++) {
            mfxU8 *row = base + y * pitch;
            for (size_t x = 0; x < bytes; x++) {
                mfxU8 value = (mfxU8)(p * 101 + y * 13 + x * 7 + (x >> 8));
                if (write)
                    row[x] = value;
                else
                    same = same && row[x] == value;
            }
        }
    }
    return same;
}

/* False: the frame could not be mapped. */
static bool visit(const struct trip *trip, mfxMemId mid, bool write, bool *same)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    if (vfa_map(trip->frames, mid, write ? MFX_MAP_WRITE : MFX_MAP_READ, &data) != MFX_ERR_NONE)
        return false;
    *same = pattern(&trip->request->Info, &data, write);
    return vfa_unmap(trip->frames, mid, &data) == MFX_ERR_NONE;
}

/* --- the trip */

/* The end is a refusal, whose cause the allocator knows. */
static void refused(struct trip *trip)
{
    struct vfa_error error;
    trip->result->end = ROUND_TRIP_REFUSED;
    if (vfa_last_error(trip->frames, &error) == MFX_ERR_NONE)
        (void)snprintf(trip->result->why, sizeof trip->result->why, "%s", error.text);
}

static uint32_t count_separate_layers(const struct trip *trip)
{
    VADRMPRIMESurfaceDescriptor descriptor;
    unsigned int flags = VFA_VA_EXPORT_READ | VFA_VA_EXPORT_SEPARATE;
    if (vfa_va_export(trip->va, trip->frames, trip->out.mids[0], flags, &descriptor) != MFX_ERR_NONE)
        return 0;
    uint32_t layers = descriptor.num_layers;
    vfa_va_descriptor_close(&descriptor);
    return layers;
}

static void import(struct trip *trip, const VADRMPRIMESurfaceDescriptor *descriptor, bool written)
{
    bool same = false;
    if (vfa_va_slots_alloc(trip->va, trip->frames, trip->request, VFA_FRAMES_PRIVATE, &trip->in) !=
            MFX_ERR_NONE ||
        vfa_va_bind_dmabuf(trip->va, trip->frames, trip->in.mids[0], descriptor, 0) != MFX_ERR_NONE) {
        refused(trip);
        return;
    }
    if (!written || !visit(trip, trip->in.mids[0], false, &same))
        trip->result->end = ROUND_TRIP_UNSEEN;
    else
        trip->result->end = same ? ROUND_TRIP_SAME : ROUND_TRIP_DIFFERS;
}

static void travel(struct trip *trip)
{
    VADRMPRIMESurfaceDescriptor descriptor;
    bool ignored;
    bool written = visit(trip, trip->out.mids[0], true, &ignored);
    trip->result->separate_layers = count_separate_layers(trip);
    unsigned int flags = VFA_VA_EXPORT_READ | VFA_VA_EXPORT_WRITE;
    if (vfa_va_export(trip->va, trip->frames, trip->out.mids[0], flags, &descriptor) != MFX_ERR_NONE) {
        refused(trip);
        return;
    }
    trip->result->layers = descriptor.num_layers;
    import(trip, &descriptor, written);
    vfa_va_descriptor_close(&descriptor);
}

void round_trip(struct vfa_va *va, struct vfa_allocator *frames, const mfxFrameAllocRequest *request,
                struct round_trip *out)
{
    struct trip trip = {.va = va, .frames = frames, .request = request, .result = out};
    memset(out, 0, sizeof *out);
    if (vfa_frames_alloc(frames, request, VFA_FRAMES_PRIVATE, &trip.out) != MFX_ERR_NONE) {
        refused(&trip);
        return;
    }
    travel(&trip);
    if (trip.in.mids)
        (void)vfa_frames_free(frames, &trip.in);
    (void)vfa_frames_free(frames, &trip.out);
}
