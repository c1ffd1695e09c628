/* Test memory for frames. */
#include "frames.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A format as planes: bytes of a sample group, and how many pixels of width and height it stands for. */
struct plane {
    size_t bytes;
    size_t dx;
    size_t dy;
};

struct layout {
    mfxU32 fourcc;
    const char *name;
    mfxU16 chroma;
    mfxU16 depth;
    mfxU16 shift;
    size_t num_planes;
    struct plane plane[3];
};

static const struct layout layouts[] = {
    {MFX_FOURCC_I420, "yuv420p", MFX_CHROMAFORMAT_YUV420, 8, 0, 3, {{1, 1, 1}, {1, 2, 2}, {1, 2, 2}}},
    {MFX_FOURCC_NV12, "nv12", MFX_CHROMAFORMAT_YUV420, 8, 0, 2, {{1, 1, 1}, {2, 2, 2}}},
    {MFX_FOURCC_I010, "yuv420p10le", MFX_CHROMAFORMAT_YUV420, 10, 0, 3, {{2, 1, 1}, {2, 2, 2}, {2, 2, 2}}},
    {MFX_FOURCC_P010, "p010le", MFX_CHROMAFORMAT_YUV420, 10, 1, 2, {{2, 1, 1}, {4, 2, 2}}},
    {MFX_FOURCC_YUY2, "yuyv422", MFX_CHROMAFORMAT_YUV422, 8, 0, 1, {{4, 2, 1}}},
    {MFX_FOURCC_RGB4, "bgra", MFX_CHROMAFORMAT_YUV444, 8, 0, 1, {{4, 1, 1}}},
};

static const struct layout *layout_of(mfxU32 fourcc)
{
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
        if (layouts[i].fourcc == fourcc)
            return &layouts[i];
    fail_msg("no layout for FourCC 0x%x", fourcc);
    return NULL;
}

const char *pix_fmt_name(mfxU32 fourcc)
{
    return layout_of(fourcc)->name;
}

void complete_info(mfxFrameInfo *info)
{
    const struct layout *l = layout_of(info->FourCC);

    info->ChromaFormat = l->chroma;
    info->BitDepthLuma = info->BitDepthChroma = l->depth;
    info->Shift = l->shift;
}

static size_t up(size_t value, size_t to)
{
    return (value + to - 1) / to;
}

static size_t row_bytes(const struct plane *plane, size_t width)
{
    return up(width, plane->dx) * plane->bytes;
}

size_t picture_size(mfxU32 fourcc, size_t width, size_t height)
{
    const struct layout *l = layout_of(fourcc);
    size_t size = 0;

    for (size_t p = 0; p < l->num_planes; p++)
        size += row_bytes(&l->plane[p], width) * up(height, l->plane[p].dy);
    return size;
}

/* VPL has one pitch; the chroma of three-plane formats has half of it. */
static size_t plane_pitch(const struct layout *l, size_t pitch, size_t p)
{
    return l->num_planes == 3 && p > 0 ? pitch / 2 : pitch;
}

static size_t pitch_for(const struct layout *l, size_t width, size_t pad)
{
    size_t pitch = 0;

    for (size_t p = 0; p < l->num_planes; p++) {
        size_t bytes = row_bytes(&l->plane[p], width);
        size_t needed = l->num_planes == 3 && p > 0 ? bytes * 2 : bytes;
        pitch = needed > pitch ? needed : pitch;
    }
    return (pitch + pad + 1) & ~(size_t)1;
}

static void set_pointers(const struct layout *l, uint8_t *bytes, size_t pitch, size_t height,
                         mfxFrameData *data)
{
    uint8_t *second = bytes + pitch * height;

    data->PitchHigh = (mfxU16)(pitch >> 16);
    data->PitchLow = (mfxU16)pitch;
    data->Y = bytes;
    switch (l->fourcc) {
    case MFX_FOURCC_NV12:
    case MFX_FOURCC_P010:
        data->UV = second;
        data->V = second + l->plane[0].bytes;
        break;
    case MFX_FOURCC_YUY2:
        data->U = bytes + 1;
        data->V = bytes + 3;
        break;
    case MFX_FOURCC_RGB4:
        data->B = bytes;
        data->G = bytes + 1;
        data->R = bytes + 2;
        data->A = bytes + 3;
        break;
    default:
        data->U = second;
        data->V = second + pitch / 2 * up(height, 2);
        break;
    }
}

void frame_point(const struct frame *frame, uint8_t *bytes, size_t pitch, mfxFrameData *data)
{
    set_pointers(layout_of(frame->surface.Info.FourCC), bytes, pitch, frame->surface.Info.Height, data);
}

size_t frame_size(const struct frame *frame, size_t pitch)
{
    const mfxFrameInfo *info = &frame->surface.Info;
    const struct layout *l = layout_of(info->FourCC);
    size_t size = 0;

    for (size_t p = 0; p < l->num_planes; p++)
        size += plane_pitch(l, pitch, p) * up(info->Height, l->plane[p].dy);
    return size;
}

/* Whole rows of the whole surface: as many bytes of each as both have. */
static bool each_row(const struct frame *frame, uint8_t *to, size_t to_pitch, const uint8_t *from,
                     size_t from_pitch, bool copy)
{
    const mfxFrameInfo *info = &frame->surface.Info;
    const struct layout *l = layout_of(info->FourCC);
    bool equal = true;

    for (size_t p = 0; p < l->num_planes; p++) {
        size_t bytes = row_bytes(&l->plane[p], info->Width);

        for (size_t y = 0; y < up(info->Height, l->plane[p].dy); y++) {
            if (copy)
                memcpy(to, from, bytes);
            else
                equal = equal && memcmp(to, from, bytes) == 0;
            to += plane_pitch(l, to_pitch, p);
            from += plane_pitch(l, from_pitch, p);
        }
    }
    return equal;
}

void frame_copy(const struct frame *frame, uint8_t *to, size_t to_pitch, const uint8_t *from,
                size_t from_pitch)
{
    (void)each_row(frame, to, to_pitch, from, from_pitch, true);
}

bool frame_equal(const struct frame *frame, uint8_t *a, size_t a_pitch, const uint8_t *b, size_t b_pitch)
{
    return each_row(frame, a, a_pitch, b, b_pitch, false);
}

/* MemIds are numbers far from zero and from addresses, and no two frames of a test have the same. */
static mfxMemId next_mid(void)
{
    static _Atomic uintptr_t last = 0x5eed0000; /* sessions may be set up side by side */

    return (mfxMemId)++last;
}

void frames_create(struct frames *frames, const mfxFrameInfo *info, size_t count, bool by_mid, size_t pad)
{
    size_t pitch = pitch_for(layout_of(info->FourCC), info->Width, pad);

    memset(frames, 0, sizeof(*frames));
    frames_allocator_init(frames);
    frames->count = count;
    frames->by_mid = by_mid;
    frames->frame = calloc(count, sizeof(*frames->frame));
    frames->mids = calloc(count, sizeof(*frames->mids));
    assert_non_null(frames->frame);
    assert_non_null(frames->mids);
    for (size_t i = 0; i < count; i++) {
        struct frame *frame = &frames->frame[i];

        frame->surface.Version.Version = MFX_FRAMESURFACE1_VERSION;
        frame->surface.Info = *info;
        frame->pitch = pitch;
        frame->size = frame_size(frame, pitch);
        frame->bytes = malloc(frame->size);
        assert_non_null(frame->bytes);
        memset(frame->bytes, 0xa5, frame->size);
        if (by_mid)
            frame->surface.Data.MemId = next_mid();
        else
            frame_point(frame, frame->bytes, pitch, &frame->surface.Data);
    }
}

void frames_create_video(struct frames *frames, const mfxFrameInfo *info, size_t count)
{
    frames_create(frames, info, count, true, 0);
    frames->video = true;
}

void frames_destroy(struct frames *frames)
{
    for (size_t i = 0; i < frames->count; i++) {
        assert_null(frames->frame[i].mapped);
        free(frames->frame[i].bytes);
    }
    free(frames->frame);
    free(frames->mids);
    memset(frames, 0, sizeof(*frames));
}

unsigned surface_locked(const mfxFrameSurface1 *surface)
{
    return __atomic_load_n(&surface->Data.Locked, __ATOMIC_ACQUIRE);
}

mfxFrameSurface1 *frames_free_one(struct frames *frames)
{
    for (unsigned waited = 0; waited < 10000; waited++) {
        for (size_t i = 0; i < frames->count; i++)
            if (!frames->frame[i].taken && !surface_locked(&frames->frame[i].surface))
                return &frames->frame[i].surface;
        sleep_ms(1);
    }
    fail_msg("no surface became free within ten seconds");
    return NULL;
}

struct frame *frames_find(struct frames *frames, const mfxFrameSurface1 *surface)
{
    for (size_t i = 0; i < frames->count; i++)
        if (&frames->frame[i].surface == surface)
            return &frames->frame[i];
    fail_msg("a surface that is none of ours");
    return NULL;
}

unsigned frames_locked(const struct frames *frames)
{
    unsigned sum = 0;

    for (size_t i = 0; i < frames->count; i++)
        sum += surface_locked(&frames->frame[i].surface);
    return sum;
}

/* Walks the rows of the crop rectangle, in the order of a raw file. */
static size_t walk(struct frames *frames, const mfxFrameSurface1 *surface, uint8_t *get, const uint8_t *put)
{
    const struct frame *frame = frames_find(frames, surface);
    const mfxFrameInfo *info = &surface->Info;
    const struct layout *l = layout_of(info->FourCC);
    size_t width = info->CropW ? info->CropW : info->Width;
    size_t height = info->CropH ? info->CropH : info->Height;
    uint8_t *base = frame->bytes;
    size_t done = 0;

    for (size_t p = 0; p < l->num_planes; p++) {
        const struct plane *plane = &l->plane[p];
        size_t pitch = plane_pitch(l, frame->pitch, p);
        size_t bytes = row_bytes(plane, width);
        uint8_t *row = base + info->CropY / plane->dy * pitch + info->CropX / plane->dx * plane->bytes;

        for (size_t y = 0; y < up(height, plane->dy); y++, row += pitch, done += bytes) {
            if (get)
                memcpy(get + done, row, bytes);
            else
                memcpy(row, put + done, bytes);
        }
        base += pitch * up(info->Height, plane->dy);
    }
    return done;
}

size_t picture_get(struct frames *frames, const mfxFrameSurface1 *surface, uint8_t *to)
{
    return walk(frames, surface, to, NULL);
}

void picture_put(struct frames *frames, const mfxFrameSurface1 *surface, const uint8_t *from)
{
    (void)walk(frames, surface, NULL, from);
}
