/* An allocator over the test's real VA display. Include after cmocka.h. */
#ifndef VFA_TEST_VA_FIXTURE_H
#define VFA_TEST_VA_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vfa/va.h>

#include "../support/log.h"

struct va_fixture {
    struct vfa_va *va;
    struct vfa_allocator *frames;
    mfxFrameAllocator *mfx;
    struct test_log log;
};

/* VA frames, and frames in system memory beside them. */
static inline int va_fixture_open(void **state)
{
    static struct va_fixture f;
    struct vfa_va_config va = vfa_va_config_defaults();
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backends[2];
    struct vfa_error error;
    memset(&f, 0, sizeof f);
    va.device = getenv("VFA_TEST_NODE");
    if (vfa_va_create(&f.va, &va, &error) != MFX_ERR_NONE) {
        fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    config.log = test_log_sink(&f.log, VFA_LOG_WARNING);
    config.backend = backends;
    config.backend_count = 2;
    if (vfa_va_backend(f.va, &backends[0]) != MFX_ERR_NONE ||
        vfa_backend_system(NULL, &backends[1]) != MFX_ERR_NONE ||
        vfa_allocator_create(&f.frames, &config) != MFX_ERR_NONE)
        return -1;
    f.mfx = vfa_allocator_mfx(f.frames);
    *state = &f;
    return 0;
}

static inline int va_fixture_close(void **state)
{
    struct va_fixture *f = *state;
    struct vfa_va_stats left;
    vfa_allocator_destroy(&f->frames);
    if (vfa_va_stats(f->va, &left) != MFX_ERR_NONE)
        return -1;
    vfa_va_destroy(&f->va);
    if (!left.surfaces && !left.images && !left.buffers && !left.mappings && !left.fds)
        return 0;
    fprintf(stderr, "left: %llu surfaces, %llu images, %llu buffers, %llu mappings, %llu fds\n",
            (unsigned long long)left.surfaces, (unsigned long long)left.images,
            (unsigned long long)left.buffers, (unsigned long long)left.mappings,
            (unsigned long long)left.fds);
    return -1;
}

static inline mfxFrameAllocRequest va_request(mfxU32 fourcc, mfxU16 width, mfxU16 height, mfxU16 type,
                                              mfxU16 frames)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = fourcc;
    request.Info.Width = width;
    request.Info.Height = height;
    request.Type = type;
    request.NumFrameMin = request.NumFrameSuggested = frames;
    return request;
}

static inline const char *va_last_error(struct va_fixture *f)
{
    static struct vfa_error error;
    return vfa_last_error(f->frames, &error) == MFX_ERR_NONE ? error.text : "";
}

/* What QueryIOSurf of today's runtimes asks for. */
enum {
    DECODE_VIDEO = 0x0212,
    ENCODE_VIDEO = 0x0112,
    VPP_IN_VIDEO = 0x0422,
    VPP_OUT_VIDEO = 0x0822,
};

#endif
