/* Surfaces: what to ask the driver for, from the format table and the request's type. */
#include "format/reason.h"
#include "va/driver.h"

#include <string.h>

/* VA names both orders of a 32-bit RGB word, and drivers disagree which bytes a name means: iHD's ARGB is
 * Mesa's BGRA. The masks of the driver's own image format tell. */
static uint32_t mask_of(const struct vfa_format *format, enum vfa_channel channel)
{
    return UINT32_C(0xff) << (8 * format->channel[channel].offset_bytes);
}

static bool bytes_agree(const struct vfa_format *format, const VAImageFormat *image)
{
    if (image->byte_order != VA_LSB_FIRST)
        return false;
    return image->red_mask == mask_of(format, VFA_CHANNEL_Y) &&
           image->green_mask == mask_of(format, VFA_CHANNEL_U) &&
           image->blue_mask == mask_of(format, VFA_CHANNEL_V);
}

static const VAImageFormat *find_image_format(const struct vfa_va *va, uint32_t va_fourcc)
{
    for (size_t i = 0; i < va->image_format_count; i++)
        if (va->image_formats[i].fourcc == va_fourcc)
            return &va->image_formats[i];
    return NULL;
}

/* Is `image`, which is called what others call the bytes of `format`, something else on this driver? */
static bool is_misnamed(const struct vfa_format *format, const VAImageFormat *image)
{
    return image && image->red_mask && !bytes_agree(format, image);
}

/* Which VA format a frame format is on this driver. */
static void choose_va_format(const struct vfa_va *va, struct vfa__va_shape *shape)
{
    const struct vfa_format *format = shape->format;
    uint32_t image_fourcc = format->va_image_fourcc;
    shape->va_fourcc = format->va_fourcc;
    if (format->va_fourcc_other) {
        const VAImageFormat *image = find_image_format(va, image_fourcc);
        const VAImageFormat *other = find_image_format(va, format->va_fourcc_other);
        bool agrees = image && bytes_agree(format, image);
        if (!agrees && ((other && bytes_agree(format, other)) || is_misnamed(format, image)))
            shape->va_fourcc = image_fourcc = format->va_fourcc_other;
    }
    const VAImageFormat *image = find_image_format(va, image_fourcc);
    if (image) {
        shape->image_format = *image;
    } else { /* not listed; vaCreateImage will say */
        memset(&shape->image_format, 0, sizeof shape->image_format);
        shape->image_format.fourcc = image_fourcc;
        shape->image_format.byte_order = VA_LSB_FIRST;
    }
}

static uint32_t usage_of(mfxU16 type)
{
    uint32_t usage = VA_SURFACE_ATTRIB_USAGE_HINT_GENERIC;
    if (type & MFX_MEMTYPE_FROM_DECODE)
        usage |= VA_SURFACE_ATTRIB_USAGE_HINT_DECODER;
    if (type & MFX_MEMTYPE_FROM_ENCODE)
        usage |= VA_SURFACE_ATTRIB_USAGE_HINT_ENCODER;
    if (type & MFX_MEMTYPE_FROM_VPPIN)
        usage |= VA_SURFACE_ATTRIB_USAGE_HINT_VPP_READ;
    if (type & MFX_MEMTYPE_FROM_VPPOUT)
        usage |= VA_SURFACE_ATTRIB_USAGE_HINT_VPP_WRITE;
    if (type & MFX_MEMTYPE_EXPORT_FRAME)
        usage |= VA_SURFACE_ATTRIB_USAGE_HINT_EXPORT;
    return usage;
}

/* VPL's frames are multiples of 16 pixels; what is asked for beside that gets surfaces that are. Drivers are
 * not safe with others: Mesa's vaGetImage writes past an NV12 image of 122 rows. */
static uint16_t rounded_up(mfxU16 px)
{
    uint32_t rounded = (px + 15u) & ~15u;
    return rounded > UINT16_MAX ? px : (uint16_t)rounded;
}

static size_t index_of(const struct vfa_format *format)
{
    return (size_t)(format - vfa_format_at(0));
}

mfxStatus vfa__va_shape(struct vfa_va *va, const struct vfa_backend_host *host, const mfxFrameInfo *info,
                        mfxU16 type, struct vfa__va_shape *out)
{
    memset(out, 0, sizeof *out);
    mfxStatus status = vfa_layout_compute(info, NULL, &out->layout);
    if (status != MFX_ERR_NONE) {
        host->explain(host, "no layout for such a frame: %s", vfa__layout_reason(info, status));
        return status;
    }
    out->format = out->layout.format;
    out->format_index = index_of(out->format);
    out->info = *info;
    out->width = rounded_up(info->Width);
    out->height = rounded_up(info->Height);
    out->usage = usage_of(type);
    if (!out->format->va_fourcc) {
        host->explain(host, "VA-API has no equivalent of %s", out->format->name);
        return MFX_ERR_UNSUPPORTED;
    }
    if (!out->format->linear)
        choose_va_format(va, out);
    return MFX_ERR_NONE;
}

static VASurfaceAttrib integer_attribute(VASurfaceAttribType type, uint32_t value)
{
    VASurfaceAttrib attribute;
    memset(&attribute, 0, sizeof attribute);
    attribute.type = type;
    attribute.flags = VA_SURFACE_ATTRIB_SETTABLE;
    attribute.value.type = VAGenericValueTypeInteger;
    attribute.value.value.i = (int)value;
    return attribute;
}

mfxStatus vfa__va_surface_create(struct vfa_va *va, const struct vfa_backend_host *host,
                                 const struct vfa__va_shape *shape, VASurfaceID *out)
{
    VASurfaceAttrib attributes[] = {
        integer_attribute(VASurfaceAttribPixelFormat, shape->va_fourcc),
        integer_attribute(VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_MEM_TYPE_VA),
        integer_attribute(VASurfaceAttribUsageHint, shape->usage),
    };
    unsigned int count = sizeof attributes / sizeof attributes[0];
    VAStatus status = vfa__drv_create_surface(va, shape, attributes, count, out);
    /* A hint is a hint: drivers that do not know the attribute serve without it. */
    if (status == VA_STATUS_ERROR_ATTR_NOT_SUPPORTED || status == VA_STATUS_ERROR_INVALID_PARAMETER)
        status = vfa__drv_create_surface(va, shape, attributes, count - 1, out);
    return status == VA_STATUS_SUCCESS ? MFX_ERR_NONE : vfa__va_failed(va, host, "vaCreateSurfaces", status);
}

mfxStatus vfa__va_surface_import(struct vfa_va *va, const struct vfa_backend_host *host,
                                 const struct vfa__va_shape *shape,
                                 const VADRMPRIMESurfaceDescriptor *descriptor, VASurfaceID *out)
{
    VADRMPRIMESurfaceDescriptor copy = *descriptor; /* the attribute's pointer is not const */
    VASurfaceAttrib attributes[] = {
        integer_attribute(VASurfaceAttribPixelFormat, shape->va_fourcc),
        integer_attribute(VASurfaceAttribMemoryType, VA_SURFACE_ATTRIB_MEM_TYPE_DRM_PRIME_2),
        integer_attribute(VASurfaceAttribExternalBufferDescriptor, 0),
    };
    attributes[2].value.type = VAGenericValueTypePointer;
    attributes[2].value.value.p = &copy;
    VAStatus status =
        vfa__drv_create_surface(va, shape, attributes, sizeof attributes / sizeof attributes[0], out);
    return status == VA_STATUS_SUCCESS ? MFX_ERR_NONE
                                       : vfa__va_failed(va, host, "vaCreateSurfaces(DRM_PRIME_2)", status);
}

void vfa__va_surface_destroy(struct vfa_va *va, VASurfaceID surface)
{
    vfa__drv_destroy_surface(va, surface);
}
