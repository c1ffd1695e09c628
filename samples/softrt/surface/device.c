/* VA surfaces of the application's, mapped through import slots of libvfa-va. */
#include "surface/device.h"

#include "core/session.h"
#include "surface/frame.h"

#ifdef SOFTRT_VA

#include <stdlib.h>
#include <vfa/dmabuf.h>

/* Slots that wait for the next surface of their shape. More than pictures in flight, few enough that those of
 * former resolutions do not pile up. */
#define IDLE_SLOTS 32

struct shape {
    mfxU32 fourcc;
    mfxU16 width, height;
};

/* A slot, and the surface bound to it while it is in use. */
struct srt_device_map {
    struct srt_device_map *next;    /* while idle */
    struct srt_device *device;      /* a reference, while in use */
    mfxFrameAllocResponse response; /* one frame */
    struct shape shape;
    mfxFrameData data;
};

struct srt_device {
    atomic_uint refs;
    struct vfa_va *va;
    struct vfa_allocator *allocator;
    pthread_mutex_t lock; /* guards the idle slots; the driver is not called under it */
    struct srt_device_map *idle;
    size_t idle_count;
};

static void end_slot(struct srt_device *device, struct srt_device_map *slot)
{
    (void)vfa_frames_free(device->allocator, &slot->response);
    free(slot);
}

void srt_device_unref(struct srt_device **slot)
{
    struct srt_device *device = *slot;

    *slot = NULL;
    if (!device || atomic_fetch_sub_explicit(&device->refs, 1, memory_order_acq_rel) != 1)
        return;
    while (device->idle) {
        struct srt_device_map *idle = device->idle;

        device->idle = idle->next;
        end_slot(device, idle);
    }
    vfa_allocator_destroy(&device->allocator);
    vfa_va_destroy(&device->va);
    pthread_mutex_destroy(&device->lock);
    free(device);
}

static mfxStatus open_display(struct srt_device *device, VADisplay display)
{
    struct vfa_va_config va = vfa_va_config_defaults();
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    mfxStatus status;

    va.display = display;
    status = vfa_va_create(&device->va, &va, NULL);
    if (status == MFX_ERR_NONE)
        status = vfa_va_backend(device->va, &backend);
    if (status != MFX_ERR_NONE)
        return status;
    config.backend = &backend;
    config.backend_count = 1;
    return vfa_allocator_create(&device->allocator, &config);
}

static mfxStatus create(VADisplay display, struct srt_device **out)
{
    struct srt_device *device = calloc(1, sizeof(*device));
    mfxStatus status;

    if (!device)
        return MFX_ERR_MEMORY_ALLOC;
    if (pthread_mutex_init(&device->lock, NULL)) {
        free(device);
        return MFX_ERR_MEMORY_ALLOC;
    }
    atomic_init(&device->refs, 1);
    status = open_display(device, display);
    if (status == MFX_ERR_NONE)
        *out = device;
    else
        srt_device_unref(&device);
    return status;
}

/* A reference to the session's device, made now if it has to be. */
static mfxStatus find(struct srt_session *session, struct srt_device **out)
{
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&session->lock);
    if (!session->handles[MFX_HANDLE_VA_DISPLAY])
        status = MFX_ERR_LOCK_MEMORY;
    else if (!session->device)
        status = create(session->handles[MFX_HANDLE_VA_DISPLAY], &session->device);
    if (status == MFX_ERR_NONE) {
        *out = session->device;
        atomic_fetch_add_explicit(&(*out)->refs, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&session->lock);
    return status;
}

static bool same(const struct shape *a, const struct shape *b)
{
    return a->fourcc == b->fourcc && a->width == b->width && a->height == b->height;
}

static struct srt_device_map *take_idle(struct srt_device *device, const struct shape *shape)
{
    struct srt_device_map *slot = NULL;

    pthread_mutex_lock(&device->lock);
    for (struct srt_device_map **link = &device->idle; *link && !slot; link = &(*link)->next) {
        if (!same(&(*link)->shape, shape))
            continue;
        slot = *link;
        *link = slot->next;
        device->idle_count--;
        break;
    }
    pthread_mutex_unlock(&device->lock);
    return slot;
}

/* The newest goes to the front, and the oldest goes when there are too many. */
static void put_idle(struct srt_device *device, struct srt_device_map *slot)
{
    struct srt_device_map *oldest = NULL;

    pthread_mutex_lock(&device->lock);
    slot->next = device->idle;
    device->idle = slot;
    if (++device->idle_count > IDLE_SLOTS) {
        struct srt_device_map **link = &device->idle;

        while ((*link)->next)
            link = &(*link)->next;
        oldest = *link;
        *link = NULL;
        device->idle_count--;
    }
    pthread_mutex_unlock(&device->lock);
    if (oldest)
        end_slot(device, oldest);
}

static mfxStatus new_slot(struct srt_device *device, const struct shape *shape, struct srt_device_map **out)
{
    mfxFrameAllocRequest request = {.Type = MFX_MEMTYPE_EXTERNAL_FRAME |
                                            MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET,
                                    .NumFrameMin = 1,
                                    .NumFrameSuggested = 1};
    struct srt_device_map *slot = calloc(1, sizeof(*slot));
    mfxStatus status;

    if (!slot)
        return MFX_ERR_MEMORY_ALLOC;
    srt_pixel_format_describe(srt_pixel_format_find(shape->fourcc), &request.Info);
    request.Info.Width = shape->width;
    request.Info.Height = shape->height;
    slot->shape = *shape;
    status = vfa_va_slots_alloc(device->va, device->allocator, &request, 0, &slot->response);
    if (status != MFX_ERR_NONE) {
        free(slot);
        return status;
    }
    *out = slot;
    return MFX_ERR_NONE;
}

/* Room for two: some allocators (ffmpeg's) fill in a pair here too, as on Windows. */
static mfxStatus surface_of(const mfxFrameAllocator *allocator, mfxMemId mid, VASurfaceID *out)
{
    mfxHDLPair pair = {NULL, NULL};
    mfxStatus status = allocator->GetHDL(allocator->pthis, mid, (mfxHDL *)&pair);

    if (status < MFX_ERR_NONE || !pair.first)
        return MFX_ERR_LOCK_MEMORY;
    *out = *(const VASurfaceID *)pair.first;
    return MFX_ERR_NONE;
}

static mfxStatus bind_and_map(struct srt_device_map *slot, VASurfaceID surface, mfxU32 flags)
{
    struct srt_device *device = slot->device;
    mfxMemId mid = slot->response.mids[0];
    mfxStatus status = vfa_va_bind_surface(device->va, device->allocator, mid, surface);

    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_map(device->allocator, mid, flags, &slot->data);
    if (status != MFX_ERR_NONE)
        (void)vfa_va_unbind(device->va, device->allocator, mid);
    return status;
}

static mfxStatus map_surface(struct srt_device *device, VASurfaceID surface, const struct shape *shape,
                             mfxU32 flags, struct srt_device_map **out)
{
    struct srt_device_map *slot = take_idle(device, shape);
    mfxStatus status = slot ? MFX_ERR_NONE : new_slot(device, shape, &slot);

    if (status != MFX_ERR_NONE)
        return status;
    slot->device = device;
    status = bind_and_map(slot, surface, flags);
    if (status == MFX_ERR_NONE)
        *out = slot;
    else
        put_idle(device, slot);
    return status;
}

/* Some applications have surfaces of the picture's size alone, whatever Info says (GStreamer). */
mfxStatus srt_device_map(struct srt_session *session, const mfxFrameAllocator *allocator, mfxMemId mid,
                         const mfxFrameInfo *info, mfxU32 flags, struct srt_device_map **out)
{
    const struct shape whole = {info->FourCC, info->Width, info->Height};
    const struct shape picture = {info->FourCC,
                                  info->CropW ? (mfxU16)(info->CropX + info->CropW) : info->Width,
                                  info->CropH ? (mfxU16)(info->CropY + info->CropH) : info->Height};
    VASurfaceID surface = VA_INVALID_SURFACE;
    struct srt_device *device = NULL;
    mfxStatus status = surface_of(allocator, mid, &surface);

    if (status == MFX_ERR_NONE)
        status = find(session, &device);
    if (status != MFX_ERR_NONE)
        return status;
    status = map_surface(device, surface, &whole, flags, out);
    if (status == MFX_ERR_INCOMPATIBLE_VIDEO_PARAM)
        status = map_surface(device, surface, &picture, flags, out);
    if (status == MFX_ERR_NONE)
        return status;
    srt_device_unref(&device);
    return status == MFX_ERR_MEMORY_ALLOC ? status : MFX_ERR_LOCK_MEMORY;
}

const mfxFrameData *srt_device_pixels(const struct srt_device_map *map)
{
    return &map->data;
}

mfxStatus srt_device_unmap(struct srt_device_map **map)
{
    struct srt_device_map *slot = *map;
    struct srt_device *device = slot->device;
    mfxMemId mid = slot->response.mids[0];
    mfxStatus status = vfa_unmap(device->allocator, mid, &slot->data);

    *map = NULL;
    (void)vfa_va_unbind(device->va, device->allocator, mid);
    put_idle(device, slot);
    srt_device_unref(&device);
    return status == MFX_ERR_NONE ? status : MFX_ERR_LOCK_MEMORY;
}

#else

/* Without libva there is no way to a VA surface. */
mfxStatus srt_device_map(struct srt_session *session, const mfxFrameAllocator *allocator, mfxMemId mid,
                         const mfxFrameInfo *info, mfxU32 flags, struct srt_device_map **out)
{
    (void)session, (void)allocator, (void)mid, (void)info, (void)flags, (void)out;
    return MFX_ERR_LOCK_MEMORY;
}

const mfxFrameData *srt_device_pixels(const struct srt_device_map *map)
{
    (void)map;
    return NULL;
}

mfxStatus srt_device_unmap(struct srt_device_map **map)
{
    *map = NULL;
    return MFX_ERR_NONE;
}

void srt_device_unref(struct srt_device **slot)
{
    *slot = NULL;
}

#endif
