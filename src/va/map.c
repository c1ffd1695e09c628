/* One frame's map: the ways into a surface, opened and closed. The allocator sees to it that the map, unmap
 * and remap of one frame never run at the same time. */
#include "va/driver.h"

#include <string.h>

mfxStatus vfa__va_sync(const struct vfa_backend_host *host, struct vfa__va_frame *frame, mfxU32 flags)
{
    struct vfa_va *va = frame->set->va;
    bool wait = !(flags & MFX_MAP_NOWAIT);
    const char *call;
    VAStatus status = vfa__drv_sync(va, frame->id, wait ? va->sync_timeout_ns : 0, &call);
    if (status == VA_STATUS_SUCCESS)
        return MFX_ERR_NONE;
    mfxStatus result = vfa__va_failed(va, host, call, status);
    if (status == VA_STATUS_ERROR_TIMEDOUT && !wait)
        return MFX_ERR_RESOURCE_MAPPED;
    if (status == VA_STATUS_ERROR_TIMEDOUT && result != MFX_ERR_DEVICE_LOST)
        host->explain(host, "%s: %s: the driver was not done with surface 0x%x in %llu ms", call,
                      vfa_va_status_name(status), frame->id,
                      (unsigned long long)(va->sync_timeout_ns / 1000000));
    return result;
}

/* --- the picture in an open image */

/* Do all rows begin where samples, or the words that hold several of them, may be? */
static bool is_aligned(const struct vfa_format *format, const VAImage *image, uint32_t plane)
{
    bool words = format->container_bits % 8 != 0;
    uint32_t bytes = words ? format->plane[plane].unit_bytes : format->container_bits / 8u;
    return image->offsets[plane] % bytes == 0 && image->pitches[plane] % bytes == 0;
}

const char *vfa__va_image_view(const struct vfa__va_shape *shape, const struct vfa__va_access *access,
                               mfxFrameData *view)
{
    const struct vfa_format *format = shape->format;
    const VAImage *image = &access->image;
    const char *unfit = vfa__va_copy_unfit(shape, image);
    if (unfit)
        return unfit;
    for (uint32_t i = 0; i < format->plane_count; i++) {
        if ((uint64_t)image->pitches[i] * format->plane[i].pitch_div != image->pitches[0])
            return "plane pitches that VPL's one pitch cannot express";
        if (!is_aligned(format, image, i))
            return "samples at odd addresses, which cannot be read whole";
    }
    mfxU8 *pointer[VFA_CHANNELS] = {0};
    for (size_t c = 0; c < VFA_CHANNELS; c++) {
        const struct vfa_format_channel *channel = &format->channel[c];
        if (channel->plane >= 0)
            pointer[c] = (mfxU8 *)access->bytes + image->offsets[channel->plane] + channel->offset_bytes;
    }
    view->Y = pointer[VFA_CHANNEL_Y];
    view->U = pointer[VFA_CHANNEL_U];
    view->V = pointer[VFA_CHANNEL_V];
    view->A = pointer[VFA_CHANNEL_A];
    view->PitchHigh = (mfxU16)(image->pitches[0] >> 16);
    view->PitchLow = (mfxU16)image->pitches[0];
    return NULL;
}

/* --- the two ways into a surface */

static mfxStatus open_derived(const struct vfa_backend_host *host, struct vfa__va_frame *frame, mfxU32 flags,
                              struct vfa__va_access *access)
{
    struct vfa_va *va = frame->set->va;
    VAStatus status = vfa__drv_derive_image(va, frame->id, &access->image);
    if (status != VA_STATUS_SUCCESS)
        return vfa__va_failed(va, host, "vaDeriveImage", status);
    access->derived = true;
    const char *call;
    status = vfa__drv_map(va, access->image.buf, !(flags & MFX_MAP_WRITE), &access->bytes, &call);
    if (status == VA_STATUS_SUCCESS)
        return MFX_ERR_NONE;
    mfxStatus result = vfa__va_failed(va, host, call, status);
    vfa__drv_destroy_image(va, access->image.image_id);
    return result;
}

static mfxStatus open_image(const struct vfa_backend_host *host, struct vfa__va_frame *frame, mfxU32 flags,
                            struct vfa__va_access *access)
{
    struct vfa__va_set *set = frame->set;
    struct vfa_va *va = set->va;
    mfxStatus result = vfa__va_image_take(host, set, &access->image);
    if (result != MFX_ERR_NONE)
        return result;
    access->derived = false;
    VAStatus status = VA_STATUS_SUCCESS;
    const char *call = "vaGetImage";
    if (flags & MFX_MAP_READ)
        status = vfa__drv_get_image(va, &set->shape, frame->id, access->image.image_id);
    if (status == VA_STATUS_SUCCESS)
        status = vfa__drv_map(va, access->image.buf, false, &access->bytes, &call);
    if (status == VA_STATUS_SUCCESS)
        return MFX_ERR_NONE;
    vfa__drv_destroy_image(va, access->image.image_id);
    return vfa__va_failed(va, host, call, status);
}

/* Everything is ended whatever fails; the first failure is reported. An image that something failed with is
 * not kept: it may be what is wrong. */
static mfxStatus close_access(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                              struct vfa__va_access *access, mfxU32 flags)
{
    struct vfa__va_set *set = frame->set;
    struct vfa_va *va = set->va;
    const char *call = "vaUnmapBuffer";
    VAStatus status = vfa__drv_unmap(va, access->image.buf);
    access->bytes = NULL;
    if (!access->derived && (flags & MFX_MAP_WRITE) && status == VA_STATUS_SUCCESS) {
        call = "vaPutImage";
        status = vfa__drv_put_image(va, &set->shape, frame->id, access->image.image_id);
    }
    if (access->derived || status != VA_STATUS_SUCCESS)
        vfa__drv_destroy_image(va, access->image.image_id);
    else
        vfa__va_image_return(set, &access->image);
    return status == VA_STATUS_SUCCESS ? MFX_ERR_NONE : vfa__va_failed(va, host, call, status);
}

/* An image that cannot be what it says: nothing was written, and it is not kept either. */
static mfxStatus refuse_access(const struct vfa_backend_host *host, struct vfa_va *va,
                               const struct vfa__va_access *access, const char *unfit)
{
    (void)vfa__drv_unmap(va, access->image.buf);
    vfa__drv_destroy_image(va, access->image.image_id);
    host->explain(host, "the driver answers with %s", unfit);
    return MFX_ERR_LOCK_MEMORY;
}

static mfxStatus open_access(const struct vfa_backend_host *host, struct vfa__va_frame *frame, bool derived,
                             mfxU32 flags, struct vfa__va_access *access, mfxFrameData *view)
{
    mfxStatus status =
        derived ? open_derived(host, frame, flags, access) : open_image(host, frame, flags, access);
    if (status != MFX_ERR_NONE)
        return status;
    const char *unfit = vfa__va_image_view(&frame->set->shape, access, view);
    return unfit ? refuse_access(host, frame->set->va, access, unfit) : MFX_ERR_NONE;
}

/* --- and the same through a copy in host memory */

static bool is_derived(enum vfa_va_way way)
{
    return way == VFA_VA_WAY_DERIVE || way == VFA_VA_WAY_DERIVE_COPY;
}

static bool is_copy(enum vfa_va_way way)
{
    return way == VFA_VA_WAY_DERIVE_COPY || way == VFA_VA_WAY_IMAGE_COPY;
}

/* A copy makes its own pitches, so that of the image's only what the copy needs is checked. */
static mfxStatus copy_across(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                             const struct vfa__va_map *map, mfxU32 flags)
{
    const struct vfa__va_shape *shape = &frame->set->shape;
    struct vfa__va_access access;
    mfxStatus status = is_derived(map->way) ? open_derived(host, frame, flags, &access)
                                            : open_image(host, frame, flags, &access);
    if (status != MFX_ERR_NONE)
        return status;
    const char *unfit = vfa__va_copy_unfit(shape, &access.image);
    if (unfit)
        return refuse_access(host, frame->set->va, &access, unfit);
    if (flags & MFX_MAP_WRITE)
        vfa__va_copy_in(shape, &access, map->copy);
    else
        vfa__va_copy_out(shape, &access, map->copy);
    return close_access(host, frame, &access, flags);
}

static mfxStatus open_copy(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                           struct vfa__va_map *map, mfxFrameData *view)
{
    struct vfa__va_set *set = frame->set;
    map->copy = vfa__va_copy_take(host, set);
    if (!map->copy)
        return MFX_ERR_MEMORY_ALLOC;
    mfxStatus status = MFX_ERR_NONE;
    if (map->flags & MFX_MAP_READ)
        status = copy_across(host, frame, map, MFX_MAP_READ);
    if (status == MFX_ERR_NONE)
        status = vfa_layout_point(&set->shape.layout, map->copy, view);
    if (status != MFX_ERR_NONE)
        vfa__va_copy_return(set, map->copy);
    return status;
}

static mfxStatus close_copy(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                            struct vfa__va_map *map)
{
    mfxStatus status = MFX_ERR_NONE;
    if (map->flags & MFX_MAP_WRITE)
        status = copy_across(host, frame, map, MFX_MAP_WRITE);
    vfa__va_copy_return(frame->set, map->copy);
    return status;
}

mfxStatus vfa__va_map_open(const struct vfa_backend_host *host, struct vfa__va_frame *frame,
                           enum vfa_va_way way, mfxU32 flags, mfxFrameData *view)
{
    struct vfa__va_map map;
    memset(&map, 0, sizeof map);
    map.way = way;
    map.flags = flags & MFX_MAP_READ_WRITE;
    mfxStatus status = is_copy(way) ? open_copy(host, frame, &map, view)
                                    : open_access(host, frame, is_derived(way), flags, &map.access, view);
    if (status != MFX_ERR_NONE)
        return status;
    frame->map = map;
    return MFX_ERR_NONE;
}

mfxStatus vfa__va_map_close(const struct vfa_backend_host *host, struct vfa__va_frame *frame)
{
    struct vfa__va_map map = frame->map;
    memset(&frame->map, 0, sizeof frame->map);
    return is_copy(map.way) ? close_copy(host, frame, &map)
                            : close_access(host, frame, &map.access, map.flags);
}
