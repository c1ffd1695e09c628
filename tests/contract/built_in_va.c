/* The built-in allocator over VA-API surfaces and system memory, and libva's own view of a surface. */
#include "built_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <vfa/va.h>

#define TYPE_POOL \
    (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPOUT | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET)

struct va_built_in {
    struct vfa_va *va;
    char name[CONFORM_NAME_MAX];
    struct vfa_conform_subject inner; /* what built_in_open made */
};

/* --- A row of a surface, by an image that libva derives */

static mfxStatus copy_row(VADisplay display, const VAImage *image, unsigned plane, unsigned row, void *out,
                          size_t bytes)
{
    void *base = NULL;
    if (plane >= image->num_planes || bytes > image->pitches[plane])
        return MFX_ERR_UNSUPPORTED;
    if (vaMapBuffer(display, image->buf, &base) != VA_STATUS_SUCCESS)
        return MFX_ERR_UNSUPPORTED;
    memcpy(out, (const mfxU8 *)base + image->offsets[plane] + (size_t)row * image->pitches[plane], bytes);
    return vaUnmapBuffer(display, image->buf) == VA_STATUS_SUCCESS ? MFX_ERR_NONE : MFX_ERR_DEVICE_FAILED;
}

static mfxStatus read_video(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane, unsigned row,
                            void *out, size_t bytes)
{
    struct va_built_in *v = user;
    VADisplay display = vfa_va_display(v->va);
    VASurfaceID surface;
    VAImage image;
    (void)info;
    memcpy(&surface, handle, sizeof surface);
    if (vaSyncSurface(display, surface) != VA_STATUS_SUCCESS)
        return MFX_ERR_DEVICE_FAILED;
    if (vaDeriveImage(display, surface, &image) != VA_STATUS_SUCCESS)
        return MFX_ERR_UNSUPPORTED;
    mfxStatus status = copy_row(display, &image, plane, row, out, bytes);
    (void)vaDestroyImage(display, image.image_id);
    return status;
}

static void close_va(struct vfa_conform_subject *subject)
{
    struct va_built_in *v = subject->user;
    v->inner.close(&v->inner);
    vfa_va_destroy(&v->va);
    free(v);
}

static mfxStatus open_frames(struct va_built_in *v)
{
    struct vfa_backend backends[2];
    struct built_in_plan plan = {
        .name = v->name,
        .config = vfa_allocator_config_defaults(),
        .memory = MFX_MEMTYPE_SYSTEM_MEMORY | CONFORM_VIDEO_TARGETS,
        .pool_type = TYPE_POOL,
        .device = vfa_va_display(v->va),
    };
    mfxStatus status = vfa_va_backend(v->va, &backends[0]);
    if (status == MFX_ERR_NONE)
        status = vfa_backend_system(NULL, &backends[1]);
    plan.config.backend = backends;
    plan.config.backend_count = 2;
    return status == MFX_ERR_NONE ? built_in_open(&plan, &v->inner) : status;
}

mfxStatus conform_open_va(const char *node, struct vfa_conform_subject *subject, char *why, size_t why_bytes)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error;
    struct va_built_in *v = calloc(1, sizeof *v);
    if (!v)
        return MFX_ERR_MEMORY_ALLOC;
    memset(&error, 0, sizeof error);
    config.device = *node ? node : NULL;
    mfxStatus status = vfa_va_create(&v->va, &config, &error);
    (void)snprintf(why, why_bytes, "%s", error.text);
    if (status == MFX_ERR_NONE) {
        (void)snprintf(v->name, sizeof v->name, "vfa: %s", vfa_va_vendor(v->va));
        status = open_frames(v);
    }
    if (status != MFX_ERR_NONE) {
        vfa_va_destroy(&v->va);
        free(v);
        return status;
    }
    subject->name = v->name;
    subject->allocator = v->inner.allocator;
    subject->memory = v->inner.memory;
    subject->surfaces = v->inner.surfaces;
    subject->read_video = read_video;
    subject->user = v;
    subject->close = close_va;
    return MFX_ERR_NONE;
}
