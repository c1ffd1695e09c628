/* A plug-in with this project's allocator over VA-API surfaces of a driver that exists only in tests.
 * Options: the way to the surfaces' bytes ("derive", "image", "derive+copy", "image+copy"), or "": as
 * measured. */
#include "../../support/fake_va.h"

#include <stdlib.h>
#include <string.h>
#include <vfa/conform.h>
#include <vfa/vfa.h>

struct fake_subject {
    struct fake_va fake;
    struct vfa_va_api api;
    struct vfa_va *va;
    struct vfa_allocator *frames;
};

static mfxStatus read_video(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane, unsigned row,
                            void *out, size_t bytes)
{
    struct fake_subject *f = user;
    struct fake_plane view;
    VASurfaceID surface;
    (void)info;
    memcpy(&surface, handle, sizeof surface);
    if (!fake_va_plane(&f->fake, surface, plane, &view) || bytes > view.row_bytes || row >= view.rows)
        return MFX_ERR_INVALID_HANDLE;
    memcpy(out, view.bytes + (size_t)row * view.pitch, bytes);
    return MFX_ERR_NONE;
}

static void close_fake(struct vfa_conform_subject *subject)
{
    struct fake_subject *f = subject->user;
    vfa_allocator_destroy(&f->frames);
    vfa_va_destroy(&f->va);
    fake_va_finish(&f->fake);
    free(f);
}

static enum vfa_va_way way_of(const char *options)
{
    static const char *const words[VFA_VA_WAYS] = {"", "derive", "image", "derive+copy", "image+copy"};
    for (size_t i = 0; i < VFA_VA_WAYS; i++)
        if (!strcmp(options, words[i]))
            return (enum vfa_va_way)i;
    return VFA_VA_WAYS;
}

static mfxStatus open_frames(struct fake_subject *f, enum vfa_va_way way)
{
    struct vfa_va_config va = vfa_va_config_defaults();
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    va.display = &f->fake;
    va.api = &f->api;
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        va.way[d] = way;
    mfxStatus status = vfa_va_create(&f->va, &va, NULL);
    if (status == MFX_ERR_NONE)
        status = vfa_va_backend(f->va, &backend);
    config.backend = &backend;
    config.backend_count = 1;
    return status == MFX_ERR_NONE ? vfa_allocator_create(&f->frames, &config) : status;
}

mfxStatus vfa_conform_open(const char *options, struct vfa_conform_subject *subject)
{
    static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_I420, MFX_FOURCC_YV12,
                                     MFX_FOURCC_YUY2, MFX_FOURCC_RGB4, MFX_FOURCC_BGR4, 0};
    enum vfa_va_way way = way_of(options);
    if (way == VFA_VA_WAYS)
        return MFX_ERR_NOT_FOUND;
    struct fake_subject *f = calloc(1, sizeof *f);
    if (!f)
        return MFX_ERR_MEMORY_ALLOC;
    fake_va_init(&f->fake);
    f->api = fake_va_api();
    f->fake.max_width = 16384;                      /* as Intel's driver */
    f->fake.shadow = way == VFA_VA_WAY_DERIVE_COPY; /* maps that are copies, as tiled surfaces have them */
    subject->user = f;
    subject->close = close_fake;
    mfxStatus status = open_frames(f, way);
    if (status != MFX_ERR_NONE) {
        close_fake(subject);
        return status;
    }
    subject->name = "vfa: VA-API surfaces of the tests' driver";
    subject->allocator = vfa_allocator_mfx(f->frames);
    subject->memory = MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    subject->video_formats = formats;
    subject->read_video = read_video;
    return MFX_ERR_NONE;
}
