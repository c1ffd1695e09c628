/* Copies between an open image and host memory. Where a mapping is write-combined, plain loads go to memory
 * one by one; streaming loads fetch whole lines. */
#include "copy/rows.h"
#include "va/internal.h"

#include <string.h>

/* A plane of the picture in an image. */
struct region {
    uint64_t start, end, pitch, row_bytes;
};

static struct region region_of(const struct vfa__va_shape *shape, const VAImage *image, uint32_t plane)
{
    const struct vfa_format_plane *units = &shape->format->plane[plane];
    uint64_t rows = ((uint64_t)shape->info.Height + units->row_div - 1) / units->row_div;
    struct region region = {.start = image->offsets[plane],
                            .pitch = image->pitches[plane],
                            .row_bytes = shape->layout.plane[plane].row_bytes};
    region.end = region.start + region.pitch * (rows - 1) + region.row_bytes;
    return region;
}

/* Rows of one that lie between those of the other are apart. */
static bool are_apart(const struct region *a, const struct region *b)
{
    if (a->end <= b->start || b->end <= a->start)
        return true;
    if (a->pitch != b->pitch)
        return false;
    uint64_t distance = (b->start % a->pitch + a->pitch - a->start % a->pitch) % a->pitch;
    return distance >= a->row_bytes && a->pitch - distance >= b->row_bytes;
}

const char *vfa__va_copy_unfit(const struct vfa__va_shape *shape, const VAImage *image)
{
    const struct vfa_format *format = shape->format;
    struct region region[VFA_MAX_PLANES];
    if (image->format.fourcc != shape->image_format.fourcc)
        return "an image of another format";
    if (image->num_planes < format->plane_count)
        return "fewer planes than the format has";
    for (uint32_t i = 0; i < format->plane_count; i++) {
        region[i] = region_of(shape, image, i);
        if (region[i].pitch < region[i].row_bytes)
            return "a pitch shorter than a row";
        if (region[i].end > image->data_size)
            return "an image smaller than its planes";
        for (uint32_t k = 0; k < i; k++)
            if (!are_apart(&region[k], &region[i]))
                return "planes that overlap";
    }
    return NULL;
}

/* Copies the rows of the picture, plane by plane; `out`: from the image. */
static void copy_planes(const struct vfa__va_shape *shape, const struct vfa__va_access *access, mfxU8 *copy,
                        bool out, vfa__copy_row_fn *copy_row)
{
    for (uint32_t i = 0; i < shape->layout.plane_count; i++) {
        const struct vfa_layout_plane *plane = &shape->layout.plane[i];
        size_t row_div = shape->format->plane[i].row_div;
        size_t rows = (shape->info.Height + row_div - 1) / row_div;
        mfxU8 *host = copy + plane->offset_bytes;
        mfxU8 *image = (mfxU8 *)access->bytes + access->image.offsets[i];
        for (size_t y = 0; y < rows; y++) {
            copy_row(out ? host : image, out ? image : host, plane->row_bytes);
            host += plane->pitch_bytes;
            image += access->image.pitches[i];
        }
    }
}

void vfa__va_copy_out(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy)
{
    copy_planes(shape, access, copy, true, vfa__copier_from_uncached());
}

void vfa__va_copy_in(const struct vfa__va_shape *shape, const struct vfa__va_access *access, void *copy)
{
    copy_planes(shape, access, copy, false, vfa__copier(VFA__COPIER_PLAIN));
}

void vfa__va_fill(const struct vfa__va_shape *shape, const struct vfa__va_access *access, mfxU8 byte)
{
    for (uint32_t i = 0; i < shape->layout.plane_count; i++) {
        size_t row_div = shape->format->plane[i].row_div;
        size_t rows = (shape->info.Height + row_div - 1) / row_div;
        mfxU8 *image = (mfxU8 *)access->bytes + access->image.offsets[i];
        for (size_t y = 0; y < rows; y++)
            memset(image + y * access->image.pitches[i], byte, shape->layout.plane[i].row_bytes);
    }
}
