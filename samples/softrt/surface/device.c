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

/* A slot, and the surface bound to it while it is in use: by one who writes, or by all who read it at the
 * time (one decoder's picture may go to several encoders), for a surface has one slot at a time. */
struct srt_device_map {
    struct srt_device_map *next;    /* in one of the device's lists */
    struct srt_device *device;      /* while in use, when each user has a reference */
    mfxFrameAllocResponse response; /* one frame */
    struct shape shape;
    mfxFrameData data;
    VASurfaceID surface;
    bool writes;
    bool settled;       /* mapped; else somebody is at it */
    unsigned int users; /* guarded by the device's lock, as all from `surface` on */
};

/* One for all sessions of a display, for a driver minds when a surface is mapped by two. */
struct srt_device {
    struct srt_device *next;
    VADisplay display;
    atomic_uint refs;
    struct vfa_va *va;
    struct vfa_allocator *allocator;
    pthread_mutex_t lock; /* guards the slots' lists; the driver is not called under it */
    pthread_cond_t changed;
    struct srt_device_map *busy;
    struct srt_device_map *idle;
    size_t idle_count;
};

static pthread_mutex_t devices_lock = PTHREAD_MUTEX_INITIALIZER;
static struct srt_device *devices;

static void end_slot(struct srt_device *device, struct srt_device_map *slot)
{
    (void)vfa_frames_free(device->allocator, &slot->response);
    free(slot);
}

/* The last reference is given back under the lock: nobody finds a device that is about to go. */
static bool drop(struct srt_device *device)
{
    pthread_mutex_lock(&devices_lock);
    bool last = atomic_fetch_sub_explicit(&device->refs, 1, memory_order_acq_rel) == 1;
    for (struct srt_device **link = &devices; last && *link; link = &(*link)->next)
        if (*link == device) {
            *link = device->next;
            break;
        }
    pthread_mutex_unlock(&devices_lock);
    return last;
}

static void destroy(struct srt_device *device)
{
    while (device->idle) {
        struct srt_device_map *idle = device->idle;

        device->idle = idle->next;
        end_slot(device, idle);
    }
    vfa_allocator_destroy(&device->allocator);
    vfa_va_destroy(&device->va);
    pthread_cond_destroy(&device->changed);
    pthread_mutex_destroy(&device->lock);
    free(device);
}

void srt_device_unref(struct srt_device **slot)
{
    struct srt_device *device = *slot;

    *slot = NULL;
    if (device && drop(device))
        destroy(device);
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
    if (pthread_cond_init(&device->changed, NULL)) {
        pthread_mutex_destroy(&device->lock);
        free(device);
        return MFX_ERR_MEMORY_ALLOC;
    }
    atomic_init(&device->refs, 1);
    status = open_display(device, display);
    if (status == MFX_ERR_NONE)
        *out = device;
    else
        destroy(device);
    return status;
}

static mfxStatus share(VADisplay display, struct srt_device **out)
{
    struct srt_device *device;
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&devices_lock);
    for (device = devices; device && device->display != display;)
        device = device->next;
    if (device) {
        atomic_fetch_add_explicit(&device->refs, 1, memory_order_relaxed);
    } else {
        status = create(display, &device);
        if (status == MFX_ERR_NONE) {
            device->display = display;
            device->next = devices;
            devices = device;
        }
    }
    pthread_mutex_unlock(&devices_lock);
    if (status == MFX_ERR_NONE)
        *out = device;
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
        status = share(session->handles[MFX_HANDLE_VA_DISPLAY], &session->device);
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

static struct srt_device_map *busy_with(const struct srt_device *device, VASurfaceID surface)
{
    struct srt_device_map *slot = device->busy;

    while (slot && slot->surface != surface)
        slot = slot->next;
    return slot;
}

/* Gives the surface to `slot`, whose user is to map it then; or, where it is mapped for reading and is to be
 * read, that slot. MFX_ERR_LOCK_MEMORY: it is written, or to be written while it is read. */
static mfxStatus claim(struct srt_device *device, struct srt_device_map *slot, VASurfaceID surface,
                       bool writes, struct srt_device_map **out)
{
    struct srt_device_map *other;
    mfxStatus status = MFX_ERR_NONE;

    *out = slot;
    pthread_mutex_lock(&device->lock);
    while ((other = busy_with(device, surface)) && !other->settled)
        pthread_cond_wait(&device->changed, &device->lock);
    if (!other) {
        slot->device = device;
        slot->surface = surface;
        slot->writes = writes;
        slot->settled = false;
        slot->users = 1;
        slot->next = device->busy;
        device->busy = slot;
    } else if (!writes && !other->writes && same(&other->shape, &slot->shape)) {
        other->users++;
        *out = other;
    } else {
        status = MFX_ERR_LOCK_MEMORY;
    }
    pthread_mutex_unlock(&device->lock);
    return status;
}

static void give_back(struct srt_device *device, struct srt_device_map *slot)
{
    pthread_mutex_lock(&device->lock);
    for (struct srt_device_map **link = &device->busy; *link; link = &(*link)->next)
        if (*link == slot) {
            *link = slot->next;
            break;
        }
    pthread_cond_broadcast(&device->changed);
    pthread_mutex_unlock(&device->lock);
    put_idle(device, slot);
}

static void settle(struct srt_device *device, struct srt_device_map *slot)
{
    pthread_mutex_lock(&device->lock);
    slot->settled = true;
    pthread_cond_broadcast(&device->changed);
    pthread_mutex_unlock(&device->lock);
}

static mfxStatus map_surface(struct srt_device *device, VASurfaceID surface, const struct shape *shape,
                             mfxU32 flags, struct srt_device_map **out)
{
    struct srt_device_map *slot = take_idle(device, shape);
    mfxStatus status = slot ? MFX_ERR_NONE : new_slot(device, shape, &slot);

    if (status != MFX_ERR_NONE)
        return status;
    status = claim(device, slot, surface, flags & MFX_MAP_WRITE, out);
    if (status != MFX_ERR_NONE || *out != slot) {
        put_idle(device, slot);
        return status;
    }
    status = bind_and_map(slot, surface, flags);
    if (status == MFX_ERR_NONE)
        settle(device, slot);
    else
        give_back(device, slot);
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
    *out = NULL;
    srt_device_unref(&device);
    return status == MFX_ERR_MEMORY_ALLOC ? status : MFX_ERR_LOCK_MEMORY;
}

const mfxFrameData *srt_device_pixels(const struct srt_device_map *map)
{
    return &map->data;
}

/* Is this the last user, who is to end the map? */
static bool leave(struct srt_device *device, struct srt_device_map *slot)
{
    pthread_mutex_lock(&device->lock);
    bool last = --slot->users == 0;
    slot->settled = !last;
    pthread_mutex_unlock(&device->lock);
    return last;
}

mfxStatus srt_device_unmap(struct srt_device_map **map)
{
    struct srt_device_map *slot = *map;
    struct srt_device *device = slot->device;
    mfxMemId mid = slot->response.mids[0];
    mfxStatus status = MFX_ERR_NONE;

    *map = NULL;
    if (leave(device, slot)) {
        status = vfa_unmap(device->allocator, mid, &slot->data);
        (void)vfa_va_unbind(device->va, device->allocator, mid);
        give_back(device, slot);
    }
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
