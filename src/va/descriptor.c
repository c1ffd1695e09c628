/* What a dma-buf descriptor says, checked against the format table, the frame, the buffers themselves and the
 * driver's modifiers before any driver sees it. */
#include "va/descriptor.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* DRM_FORMAT_ codes of single planes, and modifiers, of drm_fourcc.h. */
#define CODE(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define CODE_R8          CODE('R', '8', ' ', ' ')
#define CODE_RG88        CODE('R', 'G', '8', '8')
#define CODE_GR88        CODE('G', 'R', '8', '8')
#define CODE_R16         CODE('R', '1', '6', ' ')
#define CODE_RG1616      CODE('R', 'G', '3', '2')
#define CODE_GR1616      CODE('G', 'R', '3', '2')
#define MODIFIER_LINEAR  UINT64_C(0)

/* --- the numbers */

const char *vfa__va_descriptor_absurd(const VADRMPRIMESurfaceDescriptor *d)
{
    if (d->num_objects == 0 || d->num_objects > VFA__VA_OBJECTS_MAX)
        return "no object, or more than four";
    if (d->num_layers == 0 || d->num_layers > sizeof d->layers / sizeof d->layers[0])
        return "no layer, or more than four";
    for (uint32_t l = 0; l < d->num_layers; l++) {
        if (d->layers[l].num_planes == 0 ||
            d->layers[l].num_planes > sizeof d->layers[l].pitch / sizeof(uint32_t))
            return "a layer without planes, or with more than four";
        for (uint32_t p = 0; p < d->layers[l].num_planes; p++) {
            if (d->layers[l].object_index[p] >= d->num_objects)
                return "a plane in an object that there is not";
            if (d->layers[l].pitch[p] == 0)
                return "a plane of pitch 0";
        }
    }
    return NULL;
}

/* --- the picture */

static bool is_buffer(const struct vfa__va_picture *picture, uint32_t buffer, uint32_t object,
                      const struct stat *found)
{
    if (!picture->identified)
        return picture->object[buffer] == object;
    return picture->identity[buffer].device == found->st_dev &&
           picture->identity[buffer].inode == found->st_ino;
}

/* The buffer of an object: file descriptors of one buffer are one. */
static uint32_t number_buffer(struct vfa__va_picture *picture, uint32_t object, const struct stat *found)
{
    uint32_t b = 0;
    while (b < picture->buffer_count && !is_buffer(picture, b, object, found))
        b++;
    if (b == picture->buffer_count) {
        picture->object[b] = object;
        picture->identity[b].device = found->st_dev;
        picture->identity[b].inode = found->st_ino;
        picture->buffer_count++;
    }
    return b;
}

mfxStatus vfa__va_picture_read(const VADRMPRIMESurfaceDescriptor *d, struct vfa__va_picture *out,
                               const char **wrong)
{
    struct stat found[VFA__VA_OBJECTS_MAX];
    memset(found, 0, sizeof found); /* those that are used are filled below, which no checker can see */
    memset(out, 0, sizeof *out);
    out->identified = true;
    out->va_fourcc = d->fourcc;
    out->width = d->width;
    out->height = d->height;
    out->modifier = d->objects[0].drm_format_modifier;
    for (uint32_t o = 0; o < d->num_objects; o++) {
        *wrong = "a file descriptor that is not open";
        if (fstat(d->objects[o].fd, &found[o]) != 0)
            return MFX_ERR_INVALID_HANDLE;
        out->identified = out->identified && found[o].st_size > 0;
        *wrong = "objects with different modifiers";
        if (d->objects[o].drm_format_modifier != out->modifier)
            return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    *wrong = "more planes than any format has";
    for (uint32_t l = 0; l < d->num_layers; l++) {
        for (uint32_t p = 0; p < d->layers[l].num_planes; p++) {
            if (out->plane_count == VFA_MAX_PLANES)
                return MFX_ERR_INVALID_VIDEO_PARAM;
            uint32_t object = d->layers[l].object_index[p];
            out->plane[out->plane_count++] = (struct vfa__va_plane){
                .buffer = number_buffer(out, object, &found[object]),
                .offset = d->layers[l].offset[p],
                .pitch = d->layers[l].pitch[p],
            };
        }
    }
    *wrong = NULL;
    return MFX_ERR_NONE;
}

bool vfa__va_picture_same(const struct vfa__va_picture *a, const struct vfa__va_picture *b)
{
    if (a->modifier != b->modifier || a->plane_count != b->plane_count || a->buffer_count != b->buffer_count)
        return false;
    for (uint32_t p = 0; p < a->plane_count; p++)
        if (a->plane[p].buffer != b->plane[p].buffer || a->plane[p].offset != b->plane[p].offset ||
            a->plane[p].pitch != b->plane[p].pitch)
            return false;
    if (!a->identified || !b->identified)
        return true;
    for (uint32_t i = 0; i < a->buffer_count; i++)
        if (a->identity[i].device != b->identity[i].device || a->identity[i].inode != b->identity[i].inode)
            return false;
    return true;
}

/* --- against the format table */

/* Formats that are the same surface to VA may have several DRM codes: AYUV is also RGB4 in disguise. */
static bool names_all_planes(const struct vfa_format *format, uint32_t drm_format)
{
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *other = vfa_format_at(i);
        if (other->va_fourcc == format->va_fourcc && other->va_rt_format == format->va_rt_format &&
            other->drm_fourcc && other->drm_fourcc == drm_format)
            return true;
    }
    return false;
}

/* Which of a pair comes first the VA fourcc says already. */
static bool names_plane(const struct vfa_format *format, uint32_t plane, uint32_t drm_format)
{
    bool pair = format->plane[plane].unit_bytes * 8 == 2 * format->container_bits;
    if (format->container_bits == 8)
        return pair ? drm_format == CODE_GR88 || drm_format == CODE_RG88 : drm_format == CODE_R8;
    return pair ? drm_format == CODE_GR1616 || drm_format == CODE_RG1616 : drm_format == CODE_R16;
}

static bool is_in_one_layer(const struct vfa_format *format, const VADRMPRIMESurfaceDescriptor *d)
{
    return d->num_layers == 1 && d->layers[0].num_planes == format->plane_count &&
           names_all_planes(format, d->layers[0].drm_format);
}

static bool is_in_a_layer_a_plane(const struct vfa_format *format, const VADRMPRIMESurfaceDescriptor *d)
{
    if (format->plane_count < 2 || d->num_layers != format->plane_count)
        return false;
    for (uint32_t l = 0; l < d->num_layers; l++)
        if (d->layers[l].num_planes != 1 || !names_plane(format, l, d->layers[l].drm_format))
            return false;
    return true;
}

static mfxStatus check_format(const struct vfa_backend_host *host, const struct vfa__va_shape *shape,
                              const VADRMPRIMESurfaceDescriptor *d)
{
    char text[VFA_FOURCC_TEXT_MAX];
    const struct vfa_format *format = shape->format;
    if (d->fourcc != shape->va_fourcc && d->fourcc != shape->image_format.fourcc) {
        host->explain(host, "the dma-buf has VA fourcc 0x%08x (%s), %s frames have 0x%08x", d->fourcc,
                      vfa_fourcc_text(d->fourcc, text), format->name, shape->va_fourcc);
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    }
    if (!is_in_one_layer(format, d) && !is_in_a_layer_a_plane(format, d)) {
        host->explain(
            host,
            "%u layers, the first of %u planes with DRM code 0x%08x: not %s in one layer (0x%08x), and "
            "not in one for each of its %u planes",
            d->num_layers, d->layers[0].num_planes, d->layers[0].drm_format, format->name, format->drm_fourcc,
            format->plane_count);
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    }
    if (d->width < shape->info.Width || d->height < shape->info.Height) {
        host->explain(host, "the dma-buf has %ux%u, the frame %ux%u", d->width, d->height, shape->info.Width,
                      shape->info.Height);
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    }
    return MFX_ERR_NONE;
}

/* --- against the driver and the buffers */

static mfxStatus check_modifier(const struct vfa_backend_host *host, const struct vfa_va_facts *facts,
                                uint64_t modifier)
{
    if (modifier == MODIFIER_LINEAR || modifier == facts->modifier)
        return MFX_ERR_NONE;
    host->explain(host,
                  "modifier 0x%016" PRIx64
                  ": taken are 0 (linear) and what the driver's own surfaces export, 0x%016" PRIx64,
                  modifier, facts->modifier);
    return MFX_ERR_UNSUPPORTED;
}

/* The bytes of a buffer; -1 where they cannot be asked for: dma-bufs before Linux 5.3 tell lseek alone, and
 * not every driver's memory is a dma-buf. */
static off_t size_of(int fd)
{
    struct stat found;
    if (fstat(fd, &found) == 0 && (found.st_size || S_ISREG(found.st_mode)))
        return found.st_size;
    off_t end = lseek(fd, 0, SEEK_END);
    return end > 0 ? end : -1;
}

static mfxStatus check_objects(const struct vfa_backend_host *host, const VADRMPRIMESurfaceDescriptor *d)
{
    for (uint32_t o = 0; o < d->num_objects; o++) {
        off_t bytes = size_of(d->objects[o].fd);
        if (bytes >= 0 && (uint64_t)bytes < d->objects[o].size) {
            host->explain(host, "object %u: said to have %u bytes, has %lld", o, d->objects[o].size,
                          (long long)bytes);
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
    }
    return MFX_ERR_NONE;
}

/* Where a plane ends in its buffer, its last row up to the pitch. */
static uint64_t plane_end(const struct vfa_format *format, const VADRMPRIMESurfaceDescriptor *d,
                          const struct vfa__va_picture *picture, uint32_t p)
{
    uint64_t rows = ((uint64_t)d->height + format->plane[p].row_div - 1) / format->plane[p].row_div;
    return picture->plane[p].offset + picture->plane[p].pitch * rows; /* below 2^64 */
}

static mfxStatus check_planes(const struct vfa_backend_host *host, const struct vfa_format *format,
                              const VADRMPRIMESurfaceDescriptor *d, const struct vfa__va_picture *picture)
{
    for (uint32_t p = 0; p < picture->plane_count; p++) {
        const struct vfa__va_plane *plane = &picture->plane[p];
        const struct vfa_format_plane *units = &format->plane[p];
        uint64_t row_bytes = ((uint64_t)d->width + units->unit_px - 1) / units->unit_px * units->unit_bytes;
        uint64_t end = plane_end(format, d, picture, p);
        uint32_t size = d->objects[picture->object[plane->buffer]].size;
        if (plane->pitch < row_bytes) {
            host->explain(host, "plane %u: pitch %u, a row of %u pixels takes %" PRIu64, p, plane->pitch,
                          d->width, row_bytes);
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
        if (end > size) {
            host->explain(host,
                          "plane %u: offset %u and %u rows of pitch %u end at %" PRIu64 ", the object has %u",
                          p, plane->offset, d->height / units->row_div, plane->pitch, end, size);
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
        for (uint32_t q = 0; q < p; q++) {
            const struct vfa__va_plane *other = &picture->plane[q];
            if (other->buffer != plane->buffer || end <= other->offset ||
                plane_end(format, d, picture, q) <= plane->offset)
                continue;
            host->explain(host, "planes %u and %u overlap", q, p);
            return MFX_ERR_INVALID_VIDEO_PARAM;
        }
    }
    return MFX_ERR_NONE;
}

/* --- all of it */

/* The descriptor with each buffer once, and the size that the surface is to have: iHD would make it as large
 * as the descriptor says. */
static void reduce(const struct vfa__va_shape *shape, const VADRMPRIMESurfaceDescriptor *d,
                   const struct vfa__va_picture *picture, VADRMPRIMESurfaceDescriptor *out)
{
    *out = *d;
    out->width = shape->width;
    out->height = shape->height;
    out->num_objects = picture->buffer_count;
    for (uint32_t b = 0; b < picture->buffer_count; b++)
        out->objects[b] = d->objects[picture->object[b]];
    uint32_t plane = 0;
    for (uint32_t l = 0; l < out->num_layers; l++)
        for (uint32_t p = 0; p < out->layers[l].num_planes; p++)
            out->layers[l].object_index[p] = picture->plane[plane++].buffer;
}

mfxStatus vfa__va_descriptor_check(const struct vfa_backend_host *host, const struct vfa__va_set *set,
                                   const VADRMPRIMESurfaceDescriptor *descriptor,
                                   VADRMPRIMESurfaceDescriptor *for_driver, struct vfa__va_picture *picture)
{
    mfxStatus status = MFX_ERR_INVALID_VIDEO_PARAM;
    const char *wrong = vfa__va_descriptor_absurd(descriptor);
    if (!wrong)
        status = vfa__va_picture_read(descriptor, picture, &wrong);
    if (wrong) {
        host->explain(host, "the descriptor has %s", wrong);
        return status;
    }
    status = check_format(host, &set->shape, descriptor);
    if (status == MFX_ERR_NONE)
        status = check_modifier(host, &set->policy->facts, picture->modifier);
    if (status == MFX_ERR_NONE)
        status = check_objects(host, descriptor);
    if (status == MFX_ERR_NONE)
        status = check_planes(host, set->shape.format, descriptor, picture);
    if (status != MFX_ERR_NONE)
        return status;
    picture->va_fourcc = set->shape.va_fourcc;
    picture->width = set->shape.width;
    picture->height = set->shape.height;
    reduce(&set->shape, descriptor, picture, for_driver);
    return MFX_ERR_NONE;
}
