/* The VA driver of tests, over host memory. */
#include "fake_va.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <vfa/format.h>

#define DRM_R8     0x20203852u
#define DRM_GR88   0x38385247u
#define DRM_R16    0x20363152u
#define DRM_GR1616 0x32335247u

struct picture {
    const struct vfa_format *format;
    uint32_t fourcc; /* of images of it */
    uint32_t planes;
    uint32_t pitch[FAKE_PLANES], offset[FAKE_PLANES];
    size_t row_bytes[FAKE_PLANES], rows[FAKE_PLANES];
    size_t bytes;
    unsigned int width, height;
};

/* Memory that can be exported: a memfd each, mapped. */
struct object {
    int fd;
    uint8_t *bytes;
    size_t count;
};

struct fake_surface {
    struct picture picture;
    uint32_t fourcc;
    struct object object[FAKE_PLANES];
    uint32_t objects;
    uint32_t object_of[FAKE_PLANES]; /* that a plane lies in */
    int derived;                     /* images of it alive */
    uint8_t *apart;                  /* NULL, or what only images see */
};

struct fake_image {
    struct picture picture;
    struct fake_surface *surface; /* NULL: the image has bytes of its own */
    VABufferID buffer;
};

struct fake_buffer {
    struct fake_image *image; /* NULL: a coded buffer */
    uint8_t *bytes;           /* its own; NULL: those of the surface */
    uint8_t *shadow;          /* while mapped */
    size_t count;
    bool mapped, read_only;
    VACodedBufferSegment segment;
};

static struct fake_va *drm_display;

const VAStatus fake_va_statuses[] = {
    VA_STATUS_ERROR_OPERATION_FAILED,
    VA_STATUS_ERROR_ALLOCATION_FAILED,
    VA_STATUS_ERROR_INVALID_DISPLAY,
    VA_STATUS_ERROR_INVALID_CONFIG,
    VA_STATUS_ERROR_INVALID_CONTEXT,
    VA_STATUS_ERROR_INVALID_SURFACE,
    VA_STATUS_ERROR_INVALID_BUFFER,
    VA_STATUS_ERROR_INVALID_IMAGE,
    VA_STATUS_ERROR_INVALID_SUBPICTURE,
    VA_STATUS_ERROR_ATTR_NOT_SUPPORTED,
    VA_STATUS_ERROR_MAX_NUM_EXCEEDED,
    VA_STATUS_ERROR_UNSUPPORTED_PROFILE,
    VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT,
    VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT,
    VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
    VA_STATUS_ERROR_SURFACE_BUSY,
    VA_STATUS_ERROR_FLAG_NOT_SUPPORTED,
    VA_STATUS_ERROR_INVALID_PARAMETER,
    VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED,
    VA_STATUS_ERROR_UNIMPLEMENTED,
    VA_STATUS_ERROR_SURFACE_IN_DISPLAYING,
    VA_STATUS_ERROR_INVALID_IMAGE_FORMAT,
    VA_STATUS_ERROR_DECODING_ERROR,
    VA_STATUS_ERROR_ENCODING_ERROR,
    VA_STATUS_ERROR_INVALID_VALUE,
    VA_STATUS_ERROR_UNSUPPORTED_FILTER,
    VA_STATUS_ERROR_INVALID_FILTER_CHAIN,
    VA_STATUS_ERROR_HW_BUSY,
    VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE,
    VA_STATUS_ERROR_NOT_ENOUGH_BUFFER,
    VA_STATUS_ERROR_TIMEDOUT,
    (VAStatus)VA_STATUS_ERROR_UNKNOWN,
};
const size_t fake_va_status_count = sizeof fake_va_statuses / sizeof fake_va_statuses[0];

const char *fake_va_call_name(enum fake_call call)
{
    static const char *const name[FAKE_CALLS] = {
        "vaGetDisplayDRM",      "vaInitialize",        "vaTerminate",      "vaQueryVendorString",
        "vaMaxNumImageFormats", "vaQueryImageFormats", "vaCreateSurfaces", "vaDestroySurfaces",
        "vaSyncSurface",        "vaSyncSurface2",      "vaDeriveImage",    "vaCreateImage",
        "vaDestroyImage",       "vaGetImage",          "vaPutImage",       "vaCreateBuffer",
        "vaDestroyBuffer",      "vaMapBuffer",         "vaMapBuffer2",     "vaUnmapBuffer",
        "vaExportSurfaceHandle"};
    return (unsigned int)call < FAKE_CALLS ? name[call] : "none";
}

/* --- every call */

static uint64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static VAStatus enter(struct fake_va *fake, enum fake_call call)
{
    long total = atomic_fetch_add(&fake->total, 1) + 1;
    long of_call = atomic_fetch_add(&fake->calls[call], 1) + 1;
    if (fake->before)
        fake->before(fake->user, call, total);
    if (fake->spin_ns[call])
        for (uint64_t end = now_ns() + fake->spin_ns[call]; now_ns() < end;) {
        }
    long n = fake->fail_call == FAKE_ANY ? total : fake->fail_call == call ? of_call : 0;
    bool hit = fake->fail_at && n && (fake->fail_on ? n >= fake->fail_at : n == fake->fail_at);
    hit = hit || (fake->fail_every && total % fake->fail_every == 0);
    if (!hit)
        return fake->refuse[call];
    int none = FAKE_CALLS;
    (void)atomic_compare_exchange_strong(&fake->failed_call, &none, call);
    return fake->fail_status;
}

static void misuse(struct fake_va *fake, const char *what, unsigned int id)
{
    atomic_fetch_add(&fake->misuses, 1);
    (void)snprintf(fake->misuse, sizeof fake->misuse, "%s %u", what, id);
}

/* The object of an id, with the lock held; NULL is noted. */
#define FIND(fake, kind, id) \
    ((id) < FAKE_OBJECTS && (fake)->kind[id] ? (fake)->kind[id] : (misuse(fake, "dead " #kind, id), NULL))

/* The lowest id that is free: 0 first. */
#define PUT(fake, kind, object, id)                         \
    do {                                                    \
        *(id) = 0;                                          \
        while (*(id) < FAKE_OBJECTS && (fake)->kind[*(id)]) \
            ++*(id);                                        \
        if (*(id) < FAKE_OBJECTS) {                         \
            (fake)->kind[*(id)] = (object);                 \
            atomic_fetch_add(&(fake)->kind##s_alive, 1);    \
        }                                                   \
    } while (0)

void fake_va_fail(struct fake_va *fake, enum fake_call call, long n, VAStatus status)
{
    atomic_store(&fake->total, 0);
    for (size_t c = 0; c < FAKE_CALLS; c++)
        atomic_store(&fake->calls[c], 0);
    atomic_store(&fake->failed_call, FAKE_CALLS);
    fake->fail_call = call;
    fake->fail_at = n;
    fake->fail_status = status;
}

long fake_va_alive(const struct fake_va *fake)
{
    return atomic_load(&fake->surfaces_alive) + atomic_load(&fake->images_alive) +
           atomic_load(&fake->buffers_alive) + atomic_load(&fake->mappings_alive);
}

/* --- pictures */

static const struct vfa_format *format_of_surface(uint32_t fourcc, unsigned int rt_format)
{
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (format->va_rt_format == rt_format && !format->linear && fourcc &&
            (format->va_fourcc == fourcc || format->va_fourcc_other == fourcc))
            return format;
    }
    return NULL;
}

static const struct vfa_format *format_of_image(uint32_t fourcc)
{
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (!format->linear && fourcc &&
            (format->va_image_fourcc == fourcc || format->va_fourcc_other == fourcc))
            return format;
    }
    return NULL;
}

static void lay_out(struct picture *p, const struct vfa_format *format, uint32_t fourcc, unsigned int width,
                    unsigned int height, const struct fake_layout *layout)
{
    uint32_t align = layout->pitch_align ? layout->pitch_align : 64;
    uint32_t first_units = (width + format->plane[0].unit_px - 1) / format->plane[0].unit_px;
    uint32_t luma = (first_units * format->plane[0].unit_bytes + align - 1) / align * align;
    memset(p, 0, sizeof *p);
    p->format = format;
    p->fourcc = fourcc;
    p->planes = format->plane_count;
    p->width = width;
    p->height = height;
    for (uint32_t i = 0; i < p->planes; i++) {
        const struct vfa_format_plane *plane = &format->plane[i];
        uint32_t units = (width + plane->unit_px - 1) / plane->unit_px;
        p->row_bytes[i] = (size_t)units * plane->unit_bytes;
        p->rows[i] = (height + plane->row_div - 1u) / plane->row_div;
        p->pitch[i] = i > 0 && !layout->same_pitches ? luma / plane->pitch_div : luma;
        p->pitch[i] += layout->pitch_extra;
        p->offset[i] = (uint32_t)p->bytes;
        p->bytes += p->pitch[i] * p->rows[i];
    }
}

/* What the driver says of a picture. */
static void describe(const struct picture *p, const struct fake_layout *layout, VAImageID id,
                     VABufferID buffer, VAImage *out)
{
    memset(out, 0, sizeof *out);
    out->image_id = id;
    out->buf = buffer;
    out->format.fourcc = layout->fourcc ? layout->fourcc : p->fourcc;
    out->format.byte_order = VA_LSB_FIRST;
    out->width = (uint16_t)p->width;
    out->height = (uint16_t)p->height;
    out->data_size = (uint32_t)p->bytes - layout->data_size_short;
    out->num_planes = (uint32_t)((int)p->planes + layout->planes_more);
    for (uint32_t i = 0; i < p->planes; i++) {
        out->pitches[i] = p->pitch[i];
        out->offsets[i] = p->offset[i] + (i + 1 == p->planes ? layout->offset_more : 0);
    }
}

static bool new_object(struct object *object, size_t bytes)
{
    object->count = (bytes + 4095) / 4096 * 4096;
    object->fd = memfd_create("fake-va", MFD_CLOEXEC);
    if (object->fd < 0)
        return false;
    void *map = MAP_FAILED;
    if (ftruncate(object->fd, (off_t)object->count) == 0)
        map = mmap(NULL, object->count, PROT_READ | PROT_WRITE, MAP_SHARED, object->fd, 0);
    if (map == MAP_FAILED) {
        (void)close(object->fd);
        return false;
    }
    object->bytes = map;
    memset(map, 0xcc, bytes); /* as memory comes */
    return true;
}

static uint8_t *plane_bytes(const struct fake_surface *s, uint32_t plane)
{
    return s->object[s->object_of[plane]].bytes + s->picture.offset[plane];
}

bool fake_va_plane(struct fake_va *fake, VASurfaceID surface, uint32_t plane, struct fake_plane *out)
{
    pthread_mutex_lock(&fake->lock);
    const struct fake_surface *s = surface < FAKE_OBJECTS ? fake->surface[surface] : NULL;
    bool there = s && plane < s->picture.planes;
    if (there)
        *out = (struct fake_plane){plane_bytes(s, plane), s->picture.pitch[plane],
                                   s->picture.row_bytes[plane], s->picture.rows[plane]};
    pthread_mutex_unlock(&fake->lock);
    return there;
}

/* --- the display */

static VADisplay get_display_drm(int fd)
{
    (void)fd;
    struct fake_va *fake = drm_display;
    return fake && enter(fake, FAKE_GET_DISPLAY) == VA_STATUS_SUCCESS ? fake : NULL;
}

static VAStatus initialize(VADisplay display, int *major, int *minor)
{
    struct fake_va *fake = display;
    atomic_fetch_add(&fake->displays_open, 1); /* vaTerminate is due even where this fails */
    *major = VA_MAJOR_VERSION;
    *minor = VA_MINOR_VERSION;
    return enter(fake, FAKE_INITIALIZE);
}

static VAStatus terminate(VADisplay display)
{
    struct fake_va *fake = display;
    atomic_fetch_sub(&fake->displays_open, 1);
    return enter(fake, FAKE_TERMINATE);
}

static const char *query_vendor_string(VADisplay display)
{
    struct fake_va *fake = display;
    return enter(fake, FAKE_VENDOR) == VA_STATUS_SUCCESS ? fake->vendor : NULL;
}

static int max_num_image_formats(VADisplay display)
{
    struct fake_va *fake = display;
    if (enter(fake, FAKE_MAX_FORMATS) != VA_STATUS_SUCCESS)
        return 0;
    return fake->max_formats ? fake->max_formats : fake->format_count;
}

static VAStatus query_image_formats(VADisplay display, VAImageFormat *formats, int *count)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_QUERY_FORMATS);
    if (status != VA_STATUS_SUCCESS)
        return status;
    int room = fake->max_formats ? fake->max_formats : fake->format_count;
    for (int i = 0; i < fake->format_count && i < room; i++)
        formats[i] = fake->formats[i];
    *count = fake->found_formats ? fake->found_formats : fake->format_count;
    return VA_STATUS_SUCCESS;
}

/* --- surfaces */

static void free_surface(struct fake_surface *s)
{
    free(s->apart);
    for (uint32_t i = 0; i < s->objects; i++) {
        (void)munmap(s->object[i].bytes, s->object[i].count);
        (void)close(s->object[i].fd);
    }
    free(s);
}

/* The planes in one order through all layers: what separate and composed layers have in common. */
static VAStatus import_planes(struct fake_surface *s, const VADRMPRIMESurfaceDescriptor *d)
{
    uint32_t plane = 0;
    for (uint32_t l = 0; l < d->num_layers && l < 4; l++) {
        for (uint32_t i = 0; i < d->layers[l].num_planes && plane < s->picture.planes; i++, plane++) {
            uint32_t object = d->layers[l].object_index[i];
            if (object >= s->objects)
                return VA_STATUS_ERROR_INVALID_PARAMETER;
            s->object_of[plane] = object;
            s->picture.offset[plane] = d->layers[l].offset[i];
            s->picture.pitch[plane] = d->layers[l].pitch[i];
            size_t end = s->picture.offset[plane] + s->picture.pitch[plane] * (s->picture.rows[plane] - 1) +
                         s->picture.row_bytes[plane];
            if (end > s->object[object].count || s->picture.pitch[plane] < s->picture.row_bytes[plane])
                return VA_STATUS_ERROR_INVALID_PARAMETER;
        }
    }
    s->picture.bytes = s->object[0].count;
    return plane == s->picture.planes ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_PARAMETER;
}

static VAStatus import(struct fake_va *fake, struct fake_surface *s, const VADRMPRIMESurfaceDescriptor *d)
{
    if (d->num_objects == 0 || d->num_objects > FAKE_PLANES)
        return VA_STATUS_ERROR_INVALID_PARAMETER;
    for (; s->objects < d->num_objects; s->objects++) {
        struct object *object = &s->object[s->objects];
        if (d->objects[s->objects].drm_format_modifier != fake->modifier)
            return VA_STATUS_ERROR_ALLOCATION_FAILED;
        object->count = d->objects[s->objects].size;
        object->fd = fcntl(d->objects[s->objects].fd, F_DUPFD_CLOEXEC, 0);
        if (object->fd < 0)
            return VA_STATUS_ERROR_INVALID_PARAMETER;
        void *map = mmap(NULL, object->count, PROT_READ | PROT_WRITE, MAP_SHARED, object->fd, 0);
        if (map == MAP_FAILED) {
            (void)close(object->fd);
            return VA_STATUS_ERROR_INVALID_PARAMETER;
        }
        object->bytes = map;
    }
    return import_planes(s, d);
}

static const VADRMPRIMESurfaceDescriptor *read_attributes(struct fake_seen *seen,
                                                          const VASurfaceAttrib *attributes,
                                                          unsigned int count)
{
    const VADRMPRIMESurfaceDescriptor *descriptor = NULL;
    for (unsigned int i = 0; i < count; i++) {
        uint32_t value = (uint32_t)attributes[i].value.value.i;
        if (attributes[i].type == VASurfaceAttribPixelFormat) {
            seen->fourcc = value;
        } else if (attributes[i].type == VASurfaceAttribMemoryType) {
            seen->memory_type = value;
        } else if (attributes[i].type == VASurfaceAttribUsageHint) {
            seen->usage = value;
            seen->has_usage = true;
        } else if (attributes[i].type == VASurfaceAttribExternalBufferDescriptor) {
            descriptor = attributes[i].value.value.p;
        }
    }
    return descriptor;
}

static VAStatus create_one(struct fake_va *fake, const struct fake_seen *seen,
                           const VADRMPRIMESurfaceDescriptor *descriptor, VASurfaceID *out)
{
    const struct vfa_format *format = format_of_surface(seen->fourcc, seen->rt_format);
    if (!format)
        return VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
    if (fake->max_width && seen->width > fake->max_width)
        return fake->max_width_status ? fake->max_width_status : VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
    struct fake_surface *s = calloc(1, sizeof *s);
    if (!s)
        abort();
    s->fourcc = seen->fourcc;
    uint32_t image_fourcc = seen->fourcc == format->va_fourcc ? format->va_image_fourcc : seen->fourcc;
    lay_out(&s->picture, format, image_fourcc, seen->width, seen->height, &fake->surfaces);
    VAStatus status = VA_STATUS_SUCCESS;
    if (seen->memory_type == VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2) {
        status = descriptor ? import(fake, s, descriptor) : VA_STATUS_ERROR_INVALID_PARAMETER;
    } else if (new_object(&s->object[0], s->picture.bytes)) {
        s->objects = 1;
    } else {
        status = VA_STATUS_ERROR_ALLOCATION_FAILED;
    }
    if (status == VA_STATUS_SUCCESS && fake->max_surfaces &&
        atomic_load(&fake->surfaces_alive) >= (long)fake->max_surfaces)
        status = VA_STATUS_ERROR_ALLOCATION_FAILED;
    if (status == VA_STATUS_SUCCESS) {
        PUT(fake, surface, s, out);
        if (*out < FAKE_OBJECTS)
            return status;
        status = VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
    }
    free_surface(s);
    return status;
}

static VAStatus create_surfaces(VADisplay display, unsigned int rt_format, unsigned int width,
                                unsigned int height, VASurfaceID *surfaces, unsigned int count,
                                VASurfaceAttrib *attributes, unsigned int attribute_count)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_CREATE_SURFACES);
    pthread_mutex_lock(&fake->lock);
    struct fake_seen seen = {.rt_format = rt_format, .width = width, .height = height, .count = count};
    seen.context = fake->seen.context;
    const VADRMPRIMESurfaceDescriptor *descriptor = read_attributes(&seen, attributes, attribute_count);
    fake->seen = seen;
    if (status == VA_STATUS_SUCCESS && seen.has_usage)
        status = fake->refuse_usage;
    unsigned int made = 0;
    while (status == VA_STATUS_SUCCESS && made < count) {
        status = create_one(fake, &seen, descriptor, &surfaces[made]);
        made += status == VA_STATUS_SUCCESS;
    }
    if (status != VA_STATUS_SUCCESS && made > 0)
        misuse(fake, "more surfaces at once than the fake can undo:", count);
    pthread_mutex_unlock(&fake->lock);
    return status;
}

/* What is to end ends, whatever the answer: then there is nothing that the caller could still do. */
static VAStatus destroy_surfaces(VADisplay display, VASurfaceID *surfaces, int count)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_DESTROY_SURFACES);
    pthread_mutex_lock(&fake->lock);
    for (int i = 0; i < count; i++) {
        struct fake_surface *s = FIND(fake, surface, surfaces[i]);
        if (!s)
            continue;
        if (s->derived)
            misuse(fake, "end of a surface whose image lives:", surfaces[i]);
        fake->surface[surfaces[i]] = NULL;
        atomic_fetch_sub(&fake->surfaces_alive, 1);
        free_surface(s);
    }
    pthread_mutex_unlock(&fake->lock);
    return status;
}

static VAStatus wait(struct fake_va *fake, VASurfaceID surface, VAStatus status)
{
    pthread_mutex_lock(&fake->lock);
    if (!FIND(fake, surface, surface))
        status = VA_STATUS_ERROR_INVALID_SURFACE;
    pthread_mutex_unlock(&fake->lock);
    return status;
}

static VAStatus sync_surface(VADisplay display, VASurfaceID surface)
{
    struct fake_va *fake = display;
    return wait(fake, surface, enter(fake, FAKE_SYNC));
}

static VAStatus sync_surface2(VADisplay display, VASurfaceID surface, uint64_t timeout_ns)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_SYNC2);
    if (status == VA_STATUS_SUCCESS && atomic_load(&fake->busy) > 0 && atomic_fetch_sub(&fake->busy, 1) > 0)
        status = VA_STATUS_ERROR_TIMEDOUT;
    status = wait(fake, surface, status);
    pthread_mutex_lock(&fake->lock);
    fake->last_timeout_ns = timeout_ns;
    pthread_mutex_unlock(&fake->lock);
    return status;
}

/* --- images */

static VAStatus put_image_object(struct fake_va *fake, struct fake_image *image, uint8_t *own,
                                 const struct fake_layout *layout, VAImage *out)
{
    struct fake_buffer *buffer = calloc(1, sizeof *buffer);
    VAImageID id;
    if (!buffer)
        abort();
    buffer->image = image;
    buffer->bytes = own;
    buffer->count = image->picture.bytes;
    PUT(fake, buffer, buffer, &image->buffer);
    PUT(fake, image, image, &id);
    if (image->buffer >= FAKE_OBJECTS || id >= FAKE_OBJECTS)
        abort(); /* no test needs so many */
    describe(&image->picture, layout, id, image->buffer, out);
    return VA_STATUS_SUCCESS;
}

static VAStatus derive_image(VADisplay display, VASurfaceID surface, VAImage *out)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_DERIVE);
    if (status != VA_STATUS_SUCCESS)
        return status;
    pthread_mutex_lock(&fake->lock);
    struct fake_surface *s = FIND(fake, surface, surface);
    if (!s) {
        status = VA_STATUS_ERROR_INVALID_SURFACE;
    } else if (s->objects != 1) {
        status = VA_STATUS_ERROR_OPERATION_FAILED;
    } else {
        struct fake_image *image = calloc(1, sizeof *image);
        if (!image)
            abort();
        image->picture = s->picture;
        image->surface = s;
        s->derived++;
        status = put_image_object(fake, image, NULL, &fake->surfaces, out);
    }
    pthread_mutex_unlock(&fake->lock);
    return status;
}

static VAStatus create_image(VADisplay display, VAImageFormat *format, int width, int height, VAImage *out)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_CREATE_IMAGE);
    const struct vfa_format *facts = format_of_image(format->fourcc);
    if (status == VA_STATUS_SUCCESS && (!facts || width <= 0 || height <= 0))
        status = VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
    if (status != VA_STATUS_SUCCESS)
        return status;
    struct fake_image *image = calloc(1, sizeof *image);
    if (!image)
        abort();
    lay_out(&image->picture, facts, format->fourcc, (unsigned int)width, (unsigned int)height, &fake->images);
    uint8_t *own = malloc(image->picture.bytes);
    if (!own)
        abort();
    memset(own, 0xdd, image->picture.bytes);
    pthread_mutex_lock(&fake->lock);
    status = put_image_object(fake, image, own, &fake->images, out);
    pthread_mutex_unlock(&fake->lock);
    return status;
}

static void free_buffer(struct fake_va *fake, VABufferID id)
{
    struct fake_buffer *buffer = fake->buffer[id];
    fake->buffer[id] = NULL;
    atomic_fetch_sub(&fake->buffers_alive, 1);
    if (buffer->mapped) {
        misuse(fake, "end of a mapped buffer", id);
        atomic_fetch_sub(&fake->mappings_alive, 1);
    }
    free(buffer->shadow);
    free(buffer->bytes);
    free(buffer);
}

static VAStatus destroy_image(VADisplay display, VAImageID id)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_DESTROY_IMAGE);
    pthread_mutex_lock(&fake->lock);
    struct fake_image *image = FIND(fake, image, id);
    if (image) {
        free_buffer(fake, image->buffer);
        if (image->surface)
            image->surface->derived--;
        fake->image[id] = NULL;
        atomic_fetch_sub(&fake->images_alive, 1);
        free(image);
    }
    pthread_mutex_unlock(&fake->lock);
    return status;
}

/* Both ends of a get or put, and whether it may be. */
static VAStatus find_both(struct fake_va *fake, VASurfaceID surface, VAImageID id, struct fake_surface **s,
                          struct fake_image **image, uint8_t **bytes)
{
    VAStatus status = VA_STATUS_SUCCESS;
    pthread_mutex_lock(&fake->lock);
    *s = FIND(fake, surface, surface);
    *image = FIND(fake, image, id);
    if (!*s) {
        status = VA_STATUS_ERROR_INVALID_SURFACE;
    } else if (!*image || (*image)->surface) {
        status = VA_STATUS_ERROR_INVALID_IMAGE;
    } else if ((*image)->picture.format != (*s)->picture.format) {
        status = VA_STATUS_ERROR_INVALID_IMAGE_FORMAT;
    } else {
        struct fake_buffer *buffer = fake->buffer[(*image)->buffer];
        if (buffer->mapped)
            misuse(fake, "get or put of a mapped image", id);
        *bytes = buffer->bytes;
        if (fake->images_apart && !(*s)->apart && !((*s)->apart = calloc(1, (*s)->picture.bytes)))
            abort();
    }
    pthread_mutex_unlock(&fake->lock);
    return status;
}

static VAStatus move_image(struct fake_va *fake, VASurfaceID surface, VAImageID id, unsigned int width,
                           unsigned int height, bool get)
{
    struct fake_surface *s;
    struct fake_image *image;
    uint8_t *bytes;
    VAStatus status = find_both(fake, surface, id, &s, &image, &bytes);
    if (status != VA_STATUS_SUCCESS)
        return status;
    if (width != image->picture.width || height != image->picture.height || width > s->picture.width ||
        height > s->picture.height)
        misuse(fake, "get or put of another size:", width);
    unsigned int left_out = get ? fake->get_leaves_out : fake->put_leaves_out;
    if (s->picture.width < fake->leaves_out_from)
        left_out = 0;
    for (uint32_t i = 0; i < s->picture.planes; i++) {
        for (size_t y = 0; y < image->picture.rows[i] && !(left_out & 1u << i); y++) {
            uint8_t *a =
                (s->apart ? s->apart + s->picture.offset[i] : plane_bytes(s, i)) + y * s->picture.pitch[i];
            uint8_t *b = bytes + image->picture.offset[i] + y * image->picture.pitch[i];
            memcpy(get ? b : a, get ? a : b, image->picture.row_bytes[i]);
        }
    }
    return VA_STATUS_SUCCESS;
}

static VAStatus get_image(VADisplay display, VASurfaceID surface, int x, int y, unsigned int width,
                          unsigned int height, VAImageID image)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_GET_IMAGE);
    if (x || y)
        misuse(fake, "a corner at", (unsigned int)x);
    return status == VA_STATUS_SUCCESS ? move_image(fake, surface, image, width, height, true) : status;
}

static VAStatus put_image(VADisplay display, VASurfaceID surface, VAImageID image, int source_x, int source_y,
                          unsigned int source_width, unsigned int source_height, int x, int y,
                          unsigned int width, unsigned int height)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_PUT_IMAGE);
    if (x || y || source_x || source_y || source_width != width || source_height != height)
        misuse(fake, "a put that scales or moves", width);
    return status == VA_STATUS_SUCCESS ? move_image(fake, surface, image, width, height, false) : status;
}

/* --- buffers */

static VAStatus create_buffer(VADisplay display, VAContextID context, VABufferType type, unsigned int size,
                              unsigned int count, void *data, VABufferID *out)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_CREATE_BUFFER);
    if (status != VA_STATUS_SUCCESS)
        return status;
    if (type != VAEncCodedBufferType || count != 1 || data)
        return VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE;
    struct fake_buffer *buffer = calloc(1, sizeof *buffer);
    if (!buffer)
        abort();
    buffer->count = size;
    buffer->bytes = calloc(1, size ? size : 1);
    buffer->segment.size = size;
    buffer->segment.buf = fake->coded_empty ? NULL : buffer->bytes;
    pthread_mutex_lock(&fake->lock);
    fake->seen.context = context;
    PUT(fake, buffer, buffer, out);
    pthread_mutex_unlock(&fake->lock);
    return *out < FAKE_OBJECTS ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
}

static VAStatus destroy_buffer(VADisplay display, VABufferID id)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_DESTROY_BUFFER);
    pthread_mutex_lock(&fake->lock);
    if (FIND(fake, buffer, id))
        free_buffer(fake, id);
    pthread_mutex_unlock(&fake->lock);
    return status;
}

/* With the lock held. Like memory of malloc it still holds what the last that had it left there. */
static uint8_t *take_shadow(struct fake_va *fake, size_t bytes)
{
    uint8_t *shadow = fake->spare;
    if (shadow && fake->spare_bytes == bytes) {
        fake->spare = NULL;
        return shadow;
    }
    shadow = calloc(1, bytes);
    if (!shadow)
        abort();
    return shadow;
}

static void give_shadow(struct fake_va *fake, uint8_t *shadow, size_t bytes)
{
    if (!shadow)
        return;
    pthread_mutex_lock(&fake->lock);
    free(fake->spare);
    fake->spare = shadow;
    fake->spare_bytes = bytes;
    pthread_mutex_unlock(&fake->lock);
}

static void move_shadow(const struct fake_va *fake, const struct picture *p, uint8_t *to, const uint8_t *from)
{
    if (!fake->shadow_leaves_out)
        memcpy(to, from, p->bytes);
    for (uint32_t i = 0; fake->shadow_leaves_out && i < p->planes; i++)
        if (!(fake->shadow_leaves_out & 1u << i))
            memcpy(to + p->offset[i], from + p->offset[i], p->pitch[i] * p->rows[i]);
}

/* With the lock held: what a map gives. */
static void *open_buffer(struct fake_va *fake, struct fake_buffer *buffer)
{
    if (!buffer->image)
        return &buffer->segment;
    if (buffer->bytes)
        return buffer->bytes;
    struct fake_surface *s = buffer->image->surface;
    if (!fake->shadow)
        return s->object[0].bytes;
    buffer->shadow = take_shadow(fake, buffer->count);
    return buffer->shadow;
}

static VAStatus map(struct fake_va *fake, VABufferID id, void **bytes, bool read_only)
{
    pthread_mutex_lock(&fake->lock);
    struct fake_buffer *buffer = FIND(fake, buffer, id);
    const uint8_t *fill = NULL;
    if (buffer) {
        if (buffer->mapped)
            misuse(fake, "second map of buffer", id);
        *bytes = open_buffer(fake, buffer);
        if (buffer->shadow)
            fill = buffer->image->surface->object[0].bytes;
        buffer->mapped = true;
        buffer->read_only = read_only;
        atomic_fetch_add(&fake->mappings_alive, 1);
    }
    pthread_mutex_unlock(&fake->lock);
    if (fill)
        move_shadow(fake, &buffer->image->picture, buffer->shadow, fill);
    if (fake->map_gives_null)
        *bytes = NULL;
    return buffer ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_BUFFER;
}

static VAStatus map_buffer(VADisplay display, VABufferID id, void **bytes)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_MAP);
    return status == VA_STATUS_SUCCESS ? map(fake, id, bytes, false) : status;
}

static VAStatus map_buffer2(VADisplay display, VABufferID id, void **bytes, uint32_t flags)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_MAP2);
    return status == VA_STATUS_SUCCESS ? map(fake, id, bytes, flags == 1) : status;
}

static VAStatus unmap_buffer(VADisplay display, VABufferID id)
{
    struct fake_va *fake = display;
    VAStatus status = enter(fake, FAKE_UNMAP);
    uint8_t *shadow = NULL, *to = NULL;
    const struct picture *picture = NULL;
    size_t count = 0;
    pthread_mutex_lock(&fake->lock);
    struct fake_buffer *buffer = FIND(fake, buffer, id);
    if (buffer && !buffer->mapped) {
        misuse(fake, "unmap of unmapped buffer", id);
    } else if (buffer) {
        shadow = buffer->shadow;
        buffer->shadow = NULL;
        if (shadow && !buffer->read_only)
            to = buffer->image->surface->object[0].bytes;
        picture = buffer->image ? &buffer->image->picture : NULL;
        count = buffer->count;
        buffer->mapped = false;
        atomic_fetch_sub(&fake->mappings_alive, 1);
    }
    pthread_mutex_unlock(&fake->lock);
    if (to && status == VA_STATUS_SUCCESS)
        move_shadow(fake, picture, to, shadow);
    give_shadow(fake, shadow, count);
    return status;
}

/* --- export */

static uint32_t layer_format(const struct vfa_format *format, uint32_t plane)
{
    switch (format->plane[plane].unit_bytes) {
    case 1:
        return DRM_R8;
    case 2:
        return format->plane[plane].unit_px == 2 ? DRM_GR88 : DRM_R16;
    case 4:
        return DRM_GR1616;
    default:
        return format->drm_fourcc;
    }
}

static void describe_layers(const struct fake_surface *s, bool separate, VADRMPRIMESurfaceDescriptor *d)
{
    const struct picture *p = &s->picture;
    separate = separate && p->planes > 1;
    d->num_layers = separate ? p->planes : 1;
    d->layers[0].drm_format = p->format->drm_fourcc;
    for (uint32_t i = 0; i < p->planes; i++) {
        uint32_t layer = separate ? i : 0, plane = separate ? 0 : i;
        if (separate)
            d->layers[layer].drm_format = layer_format(p->format, i);
        d->layers[layer].num_planes = plane + 1;
        d->layers[layer].object_index[plane] = s->object_of[i];
        d->layers[layer].offset[plane] = p->offset[i];
        d->layers[layer].pitch[plane] = p->pitch[i];
    }
}

static int export_object(const struct object *object, bool read_only)
{
    char path[64];
    if (!read_only)
        return fcntl(object->fd, F_DUPFD_CLOEXEC, 0);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", object->fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static VAStatus export_surface_handle(VADisplay display, VASurfaceID surface, uint32_t memory_type,
                                      uint32_t flags, void *descriptor)
{
    struct fake_va *fake = display;
    VADRMPRIMESurfaceDescriptor *d = descriptor;
    VAStatus status = enter(fake, FAKE_EXPORT);
    if (status == VA_STATUS_SUCCESS && memory_type != VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2)
        status = VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE;
    if (status != VA_STATUS_SUCCESS)
        return status;
    pthread_mutex_lock(&fake->lock);
    const struct fake_surface *s = FIND(fake, surface, surface);
    if (s) {
        memset(d, 0, sizeof *d);
        d->fourcc = s->fourcc;
        d->width = s->picture.width;
        d->height = s->picture.height;
        d->num_objects = s->objects;
        for (uint32_t i = 0; i < s->objects; i++) {
            d->objects[i].fd = export_object(&s->object[i], fake->export_read_only);
            d->objects[i].size = (uint32_t)s->object[i].count + fake->export_more;
            d->objects[i].drm_format_modifier = fake->modifier;
        }
        describe_layers(s, (flags & VA_EXPORT_SURFACE_SEPARATE_LAYERS) != 0, d);
    }
    pthread_mutex_unlock(&fake->lock);
    return s ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_SURFACE;
}

/* --- the whole */

struct vfa_va_api fake_va_api(void)
{
    return (struct vfa_va_api){
        .size = sizeof(struct vfa_va_api),
        .get_display_drm = get_display_drm,
        .initialize = initialize,
        .terminate = terminate,
        .query_vendor_string = query_vendor_string,
        .max_num_image_formats = max_num_image_formats,
        .query_image_formats = query_image_formats,
        .create_surfaces = create_surfaces,
        .destroy_surfaces = destroy_surfaces,
        .sync_surface = sync_surface,
        .sync_surface2 = sync_surface2,
        .derive_image = derive_image,
        .create_image = create_image,
        .destroy_image = destroy_image,
        .get_image = get_image,
        .put_image = put_image,
        .create_buffer = create_buffer,
        .destroy_buffer = destroy_buffer,
        .map_buffer = map_buffer,
        .map_buffer2 = map_buffer2,
        .unmap_buffer = unmap_buffer,
        .export_surface_handle = export_surface_handle,
    };
}

void fake_va_on_drm(struct fake_va *fake)
{
    drm_display = fake;
}

static VAImageFormat listed(uint32_t fourcc, uint32_t red, uint32_t green, uint32_t blue)
{
    VAImageFormat format;
    memset(&format, 0, sizeof format);
    format.fourcc = fourcc;
    format.byte_order = VA_LSB_FIRST;
    format.red_mask = red;
    format.green_mask = green;
    format.blue_mask = blue;
    return format;
}

void fake_va_init(struct fake_va *fake)
{
    const VAImageFormat formats[] = {
        listed(VA_FOURCC_NV12, 0, 0, 0),
        listed(VA_FOURCC_P010, 0, 0, 0),
        listed(VA_FOURCC_I420, 0, 0, 0),
        listed(VA_FOURCC_YV12, 0, 0, 0),
        listed(VA_FOURCC_YUY2, 0, 0, 0),
        listed(VA_FOURCC_ARGB, 0xff0000, 0xff00, 0xff),
        listed(VA_FOURCC_ABGR, 0xff, 0xff00, 0xff0000),
    };
    memset(fake, 0, sizeof *fake);
    fake->vendor = "Fake VA driver";
    fake->format_count = sizeof formats / sizeof formats[0];
    memcpy(fake->formats, formats, sizeof formats);
    atomic_store(&fake->failed_call, FAKE_CALLS);
    pthread_mutex_init(&fake->lock, NULL);
}

void fake_va_finish(struct fake_va *fake)
{
    for (VAGenericID id = 0; id < FAKE_OBJECTS; id++) {
        free(fake->image[id]);
        if (fake->buffer[id])
            free_buffer(fake, id);
    }
    for (size_t id = 0; id < FAKE_OBJECTS; id++)
        if (fake->surface[id])
            free_surface(fake->surface[id]);
    free(fake->spare);
    pthread_mutex_destroy(&fake->lock);
    if (drm_display == fake)
        drm_display = NULL;
}
