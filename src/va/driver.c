/* The calls of libva, counted. */
#include "va/driver.h"
#include "va/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <vfa/dmabuf.h>

/* VA_MAPBUFFER_FLAG_READ of va.h since VA-API 1.21. */
#define MAP_FLAG_READ 1

static bool is_lost(const struct vfa_va *va)
{
    return atomic_load_explicit(&va->lost, memory_order_acquire);
}

static void count_up(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void count_down(atomic_uint_fast64_t *counter)
{
    atomic_fetch_sub_explicit(counter, 1, memory_order_relaxed);
}

/* Success without an id is none: nothing could be done with the object, nor could it be ended. */
static VAStatus with_id(VAStatus status, VAGenericID id)
{
    return status == VA_STATUS_SUCCESS && id == VA_INVALID_ID ? VA_STATUS_ERROR_OPERATION_FAILED : status;
}

static VAStatus counted(atomic_uint_fast64_t *counter, VAStatus status)
{
    if (status == VA_STATUS_SUCCESS)
        count_up(counter);
    return status;
}

VAStatus vfa__drv_create_surface(struct vfa_va *va, const struct vfa__va_shape *shape,
                                 VASurfaceAttrib *attributes, unsigned int attribute_count, VASurfaceID *out)
{
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    *out = VA_INVALID_SURFACE;
    VAStatus status = va->api.create_surfaces(va->display, shape->format->va_rt_format, shape->width,
                                              shape->height, out, 1, attributes, attribute_count);
    return counted(&va->counts.surfaces, with_id(status, *out));
}

void vfa__drv_destroy_surface(struct vfa_va *va, VASurfaceID surface)
{
    if (!is_lost(va) && va->api.destroy_surfaces(va->display, &surface, 1) != VA_STATUS_SUCCESS)
        count_up(&va->counts.driver_errors); /* nothing else can be done about it */
    count_down(&va->counts.surfaces);
}

VAStatus vfa__drv_sync(struct vfa_va *va, VASurfaceID surface, uint64_t timeout_ns, const char **call)
{
    *call = "vaSyncSurface2";
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    count_up(&va->counts.syncs);
    VAStatus status = VA_STATUS_ERROR_UNIMPLEMENTED;
    if (va->api.sync_surface2)
        status = va->api.sync_surface2(va->display, surface, timeout_ns);
    if (status != VA_STATUS_ERROR_UNIMPLEMENTED)
        return status;
    *call = "vaSyncSurface";
    return va->api.sync_surface(va->display, surface);
}

/* An image has two ids; without that of its buffer it is of no use. */
static VAStatus take_image(struct vfa_va *va, VAStatus status, const VAImage *image)
{
    status = with_id(status, image->image_id);
    if (status != VA_STATUS_SUCCESS || image->buf != VA_INVALID_ID)
        return counted(&va->counts.images, status);
    (void)va->api.destroy_image(va->display, image->image_id);
    return VA_STATUS_ERROR_OPERATION_FAILED;
}

/* 0 is the id of an object: what the driver leaves alone must not be taken for one. */
static void clear_image(VAImage *out)
{
    memset(out, 0, sizeof *out);
    out->image_id = out->buf = VA_INVALID_ID;
}

VAStatus vfa__drv_derive_image(struct vfa_va *va, VASurfaceID surface, VAImage *out)
{
    clear_image(out);
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    return take_image(va, va->api.derive_image(va->display, surface, out), out);
}

VAStatus vfa__drv_create_image(struct vfa_va *va, const struct vfa__va_shape *shape, VAImage *out)
{
    clear_image(out);
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    VAImageFormat format = shape->image_format;
    return take_image(va, va->api.create_image(va->display, &format, shape->width, shape->height, out), out);
}

void vfa__drv_destroy_image(struct vfa_va *va, VAImageID image)
{
    if (!is_lost(va) && va->api.destroy_image(va->display, image) != VA_STATUS_SUCCESS)
        count_up(&va->counts.driver_errors);
    count_down(&va->counts.images);
}

VAStatus vfa__drv_get_image(struct vfa_va *va, const struct vfa__va_shape *shape, VASurfaceID surface,
                            VAImageID image)
{
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    return va->api.get_image(va->display, surface, 0, 0, shape->width, shape->height, image);
}

VAStatus vfa__drv_put_image(struct vfa_va *va, const struct vfa__va_shape *shape, VASurfaceID surface,
                            VAImageID image)
{
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    return va->api.put_image(va->display, surface, image, 0, 0, shape->width, shape->height, 0, 0,
                             shape->width, shape->height);
}

VAStatus vfa__drv_create_coded(struct vfa_va *va, VAContextID context, unsigned int bytes, VABufferID *out)
{
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    *out = VA_INVALID_ID;
    VAStatus status = va->api.create_buffer(va->display, context, VAEncCodedBufferType, bytes, 1, NULL, out);
    return counted(&va->counts.buffers, with_id(status, *out));
}

void vfa__drv_destroy_buffer(struct vfa_va *va, VABufferID buffer)
{
    if (!is_lost(va) && va->api.destroy_buffer(va->display, buffer) != VA_STATUS_SUCCESS)
        count_up(&va->counts.driver_errors);
    count_down(&va->counts.buffers);
}

static VAStatus map_buffer(struct vfa_va *va, VABufferID buffer, bool read_only, void **bytes,
                           const char **call)
{
    if (read_only && va->api.map_buffer2) {
        *call = "vaMapBuffer2";
        VAStatus status = va->api.map_buffer2(va->display, buffer, bytes, MAP_FLAG_READ);
        if (status != VA_STATUS_ERROR_UNIMPLEMENTED)
            return status;
    }
    *call = "vaMapBuffer";
    return va->api.map_buffer(va->display, buffer, bytes);
}

VAStatus vfa__drv_map(struct vfa_va *va, VABufferID buffer, bool read_only, void **bytes, const char **call)
{
    *call = "vaMapBuffer";
    *bytes = NULL;
    if (is_lost(va))
        return VA_STATUS_ERROR_INVALID_DISPLAY;
    VAStatus status = map_buffer(va, buffer, read_only, bytes, call);
    if (status == VA_STATUS_SUCCESS && !*bytes) {
        (void)va->api.unmap_buffer(va->display, buffer);
        return VA_STATUS_ERROR_OPERATION_FAILED;
    }
    return counted(&va->counts.mappings, status);
}

VAStatus vfa__drv_unmap(struct vfa_va *va, VABufferID buffer)
{
    VAStatus status =
        is_lost(va) ? VA_STATUS_ERROR_INVALID_DISPLAY : va->api.unmap_buffer(va->display, buffer);
    count_down(&va->counts.mappings);
    return status;
}

/* --- file descriptors */

/* Those of a descriptor, each once: two objects may come with one. */
static uint32_t distinct_fds(const VADRMPRIMESurfaceDescriptor *descriptor, int fds[VFA__VA_OBJECTS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < descriptor->num_objects && i < VFA__VA_OBJECTS_MAX; i++) {
        uint32_t known = 0;
        while (known < count && fds[known] != descriptor->objects[i].fd)
            known++;
        if (known == count && descriptor->objects[i].fd >= 0)
            fds[count++] = descriptor->objects[i].fd;
    }
    return count;
}

void vfa_va_descriptor_close(VADRMPRIMESurfaceDescriptor *descriptor)
{
    int fds[VFA__VA_OBJECTS_MAX];
    if (!descriptor)
        return;
    uint32_t count = distinct_fds(descriptor, fds);
    memset(descriptor, 0, sizeof *descriptor);
    for (uint32_t i = 0; i < count; i++)
        (void)close(fds[i]);
}

void vfa__drv_give_fds(struct vfa_va *va, const VADRMPRIMESurfaceDescriptor *descriptor)
{
    int fds[VFA__VA_OBJECTS_MAX];
    atomic_fetch_sub_explicit(&va->counts.fds, distinct_fds(descriptor, fds), memory_order_relaxed);
}

void vfa__drv_close_fds(struct vfa_va *va, VADRMPRIMESurfaceDescriptor *descriptor)
{
    vfa__drv_give_fds(va, descriptor);
    vfa_va_descriptor_close(descriptor);
}

#define LAYERS_MAX 4 /* of a descriptor, and planes of each */

static bool is_used(const VADRMPRIMESurfaceDescriptor *descriptor, uint32_t object)
{
    for (uint32_t l = 0; l < descriptor->num_layers && l < LAYERS_MAX; l++)
        for (uint32_t p = 0; p < descriptor->layers[l].num_planes && p < LAYERS_MAX; p++)
            if (descriptor->layers[l].object_index[p] == object)
                return true;
    return false;
}

/* A driver that clears the descriptor and counts an object too many says that it is the application's
 * standard input: nothing lies in it, and it is not the driver's to give, nor ours to close. */
static void forget_blank_objects(VADRMPRIMESurfaceDescriptor *descriptor)
{
    for (uint32_t i = 0; i < descriptor->num_objects && i < VFA__VA_OBJECTS_MAX; i++)
        if (descriptor->objects[i].fd == 0 && descriptor->objects[i].size == 0 && !is_used(descriptor, i))
            descriptor->objects[i].fd = -1;
}

/* What is not open is not closed either: by then it may be another thread's. */
static const char *check_fds(VADRMPRIMESurfaceDescriptor *descriptor)
{
    const char *wrong = NULL;
    for (uint32_t i = 0; i < descriptor->num_objects; i++) {
        if (fcntl(descriptor->objects[i].fd, F_SETFD, FD_CLOEXEC) == 0)
            continue;
        wrong = "a file descriptor that is not open";
        if (errno == EBADF)
            descriptor->objects[i].fd = -1;
    }
    return wrong;
}

/* Does no plane before this one begin where it does? */
static bool is_alone(const VADRMPRIMESurfaceDescriptor *descriptor, uint32_t layer, uint32_t plane)
{
    uint32_t object = descriptor->layers[layer].object_index[plane];
    uint32_t offset = descriptor->layers[layer].offset[plane];
    for (uint32_t l = 0; l <= layer; l++)
        for (uint32_t p = 0; p < (l == layer ? plane : descriptor->layers[l].num_planes); p++)
            if (descriptor->layers[l].object_index[p] == object && descriptor->layers[l].offset[p] == offset)
                return false;
    return true;
}

/* An object of size 0 is one whose size the driver does not know. More than the first row is not looked at:
 * planes that describe compression have fewer rows than pixels have. */
static const char *check_extents(const VADRMPRIMESurfaceDescriptor *descriptor)
{
    for (uint32_t l = 0; l < descriptor->num_layers; l++) {
        for (uint32_t p = 0; p < descriptor->layers[l].num_planes; p++) {
            uint32_t size = descriptor->objects[descriptor->layers[l].object_index[p]].size;
            if (size && (descriptor->layers[l].offset[p] >= size || descriptor->layers[l].pitch[p] > size))
                return "a plane beyond its object";
            if (!is_alone(descriptor, l, p))
                return "planes at one place";
        }
    }
    return NULL;
}

VAStatus vfa__drv_export(struct vfa_va *va, VASurfaceID surface, uint32_t flags,
                         VADRMPRIMESurfaceDescriptor *out, const char **absurd)
{
    int fds[VFA__VA_OBJECTS_MAX];
    VAStatus status = VA_STATUS_ERROR_INVALID_DISPLAY;
    *absurd = NULL;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < VFA__VA_OBJECTS_MAX; i++)
        out->objects[i].fd = -1; /* what the driver leaves alone is not to be closed */
    if (!is_lost(va))
        status = va->api.export_surface_handle(va->display, surface, VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2,
                                               flags, out);
    if (status != VA_STATUS_SUCCESS) {
        memset(out, 0, sizeof *out);
        return status;
    }
    forget_blank_objects(out);
    *absurd = vfa__va_descriptor_absurd(out);
    if (!*absurd)
        *absurd = check_extents(out);
    if (!*absurd)
        *absurd = check_fds(out);
    if (*absurd) {
        vfa_va_descriptor_close(out);
        return VA_STATUS_ERROR_OPERATION_FAILED;
    }
    atomic_fetch_add_explicit(&va->counts.fds, distinct_fds(out, fds), memory_order_relaxed);
    return VA_STATUS_SUCCESS;
}
