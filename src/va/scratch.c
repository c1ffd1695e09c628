/* The scratch surface: patterns written into it and looked for, whatever else holds them. */
#include "va/scratch.h"

#include <string.h>

mfxStatus vfa__va_scratch_make(struct vfa__va_scratch *s, const struct vfa__va_shape *shape, mfxU16 width,
                               mfxU16 height, size_t surfaces)
{
    struct vfa__va_set *set = vfa__va_set_new(s->va, s->host, surfaces);
    if (!set)
        return MFX_ERR_MEMORY_ALLOC;
    set->shape = *shape;
    set->shape.info.Width = set->shape.width = width;
    set->shape.info.Height = set->shape.height = height;
    mfxStatus status = vfa_layout_compute(&set->shape.info, NULL, &set->shape.layout);
    while (status == MFX_ERR_NONE && set->count < surfaces) {
        status = vfa__va_surface_create(s->va, s->host, &set->shape, &set->frame[set->count].id);
        if (status == MFX_ERR_NONE)
            status = vfa__va_set_join(s->host, set);
    }
    if (status != MFX_ERR_NONE) {
        vfa__va_set_delete(s->host, set);
        return status;
    }
    s->set = set;
    s->frame = &set->frame[0];
    return MFX_ERR_NONE;
}

static mfxU8 pattern_byte(unsigned int seed, uint32_t plane, size_t y, size_t x)
{
    return (mfxU8)(seed * 89u + plane * 31u + y * 13u + x * 7u + (x >> 8) * 3u);
}

struct picture {
    size_t rows[VFA_MAX_PLANES];
    mfxU8 *plane[VFA_MAX_PLANES];
    size_t pitch[VFA_MAX_PLANES];
};

/* The planes of a mapped frame: the lowest channel pointer of each, less its offset. */
static struct picture picture_of(const struct vfa__va_shape *shape, const mfxFrameData *view)
{
    const struct vfa_format *format = shape->format;
    mfxU8 *pointer[VFA_CHANNELS] = {view->Y, view->U, view->V, view->A}; /* cppcheck-suppress constVariable */
    struct picture picture;
    memset(&picture, 0, sizeof picture);
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane >= 0)
            picture.plane[format->channel[c].plane] = pointer[c] - format->channel[c].offset_bytes;
    for (size_t i = 0; i < format->plane_count; i++) {
        size_t row_div = format->plane[i].row_div;
        picture.rows[i] = (shape->info.Height + row_div - 1) / row_div;
        picture.pitch[i] = vfa_frame_data_pitch(view) / format->plane[i].pitch_div;
    }
    return picture;
}

static void fill_row(mfxU8 *row, size_t bytes, unsigned int seed, uint32_t plane, size_t y)
{
    for (size_t x = 0; x < bytes; x++)
        row[x] = pattern_byte(seed, plane, y, x);
}

/* The pattern is composed and compared in host memory: single bytes of an uncached mapping are slow. */
static bool use_row(struct vfa__va_scratch *s, mfxU8 *pixels, size_t bytes, enum vfa__va_use use,
                    unsigned int seed, uint32_t plane, size_t y)
{
    mfxU8 *other = s->row + bytes;
    switch (use) {
    case VFA__VA_FILL:
        fill_row(s->row, bytes, seed, plane, y);
        memcpy(pixels, s->row, bytes);
        return true;
    case VFA__VA_COMPARE:
        fill_row(s->row, bytes, seed, plane, y);
        memcpy(other, pixels, bytes);
        return memcmp(s->row, other, bytes) == 0;
    case VFA__VA_READ_ALL:
        memcpy(s->row, pixels, bytes);
        return true;
    case VFA__VA_WRITE_ALL:
        memcpy(pixels, s->row, bytes);
        return true;
    case VFA__VA_READ_WRITE_ALL:
        break;
    }
    memcpy(other, pixels, bytes);
    memcpy(pixels, other, bytes);
    return true;
}

static bool use_picture(struct vfa__va_scratch *s, const mfxFrameData *view, enum vfa__va_use use,
                        unsigned int seed)
{
    struct picture picture = picture_of(&s->set->shape, view);
    bool good = true;
    for (uint32_t i = 0; i < s->set->shape.format->plane_count; i++)
        for (size_t y = 0; y < picture.rows[i]; y++)
            if (!use_row(s, picture.plane[i] + y * picture.pitch[i], s->set->shape.layout.plane[i].row_bytes,
                         use, seed, i, y))
                good = false;
    return good;
}

mfxStatus vfa__va_scratch_map(struct vfa__va_scratch *s, enum vfa_va_way way, mfxU32 flags,
                              enum vfa__va_use use, unsigned int seed, bool *good)
{
    mfxFrameData view;
    memset(&view, 0, sizeof view);
    mfxStatus status = vfa__va_map_open(s->host, s->frame, way, flags, &view);
    if (status != MFX_ERR_NONE)
        return status;
    bool result = use_picture(s, &view, use, seed);
    if (good)
        *good = result;
    return vfa__va_map_close(s->host, s->frame);
}

mfxStatus vfa__va_scratch_write(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed)
{
    return vfa__va_scratch_map(s, way, MFX_MAP_WRITE, VFA__VA_FILL, seed, NULL);
}

/* What an idle staging image holds must not pass for what was read. */
static void spoil_idle(struct vfa__va_scratch *s)
{
    struct vfa__va_access access;
    const char *call;
    if (s->set->idle_image_count == 0)
        return;
    access.image = s->set->idle_images[0];
    if (vfa__drv_map(s->va, access.image.buf, false, &access.bytes, &call) != VA_STATUS_SUCCESS)
        return;
    vfa__va_fill(&s->set->shape, &access, 0xa5);
    (void)vfa__drv_unmap(s->va, access.image.buf);
}

/* Twice, for drivers that take turns with two blocks of memory. */
static void write_other(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed)
{
    struct vfa__va_frame *frame = s->frame;
    s->frame = &s->set->frame[1];
    (void)vfa__va_scratch_write(s, way, seed + VFA_VA_WAYS);
    (void)vfa__va_scratch_write(s, way, seed + 2 * VFA_VA_WAYS);
    s->frame = frame;
}

/* Nor must what the driver holds of its last access: what it leaves out of the next then looks as if it had
 * been read. iHD's linear shadow of a surface comes from malloc, often at the same address again, and on the
 * 11th generation the last 16 rows of chroma of an encoder's NV12 surface whose height is no multiple of 32
 * are left out of it; Mesa has staging memory of its own. So another surface is written before. */
static void spoil_driver(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed)
{
    if (s->set->count < 2)
        return;
    write_other(s, way, seed);
    if (way != VFA_VA_WAY_DERIVE && s->facts->way[VFA_VA_WAY_DERIVE].refused == VA_STATUS_SUCCESS)
        write_other(s, VFA_VA_WAY_DERIVE, seed);
}

mfxStatus vfa__va_scratch_read(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed, bool *good)
{
    spoil_driver(s, way, seed);
    spoil_idle(s);
    return vfa__va_scratch_map(s, way, MFX_MAP_READ, VFA__VA_COMPARE, seed, good);
}
