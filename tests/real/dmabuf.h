/* What the tests of dma-bufs stand on: backends on the test's render node, pictures with a pattern, and
 * buffers that some other device might have made. Include after cmocka.h. */
#ifndef VFA_TEST_DMABUF_H
#define VFA_TEST_DMABUF_H

#include "../support/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <i915_drm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vfa/dmabuf.h>
#include <vfa/vfa.h>

#define WIDTH  320
#define HEIGHT 180

/* A backend on the test's node, and an allocator with it. */
struct side {
    struct vfa_va *va;
    struct vfa_allocator *a;
    mfxFrameAllocator *mfx;
    struct test_log log;
};

static inline void side_open_with(struct side *side, const struct vfa_va_config *wanted)
{
    struct vfa_va_config config = *wanted;
    struct vfa_allocator_config frames = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    struct vfa_error error;
    if (!config.display)
        config.device = getenv("VFA_TEST_NODE");
    if (vfa_va_create(&side->va, &config, &error) != MFX_ERR_NONE)
        fail_msg("%s", error.text);
    assert_int_equal(vfa_va_backend(side->va, &backend), MFX_ERR_NONE);
    frames.backend = &backend;
    frames.backend_count = 1;
    frames.log = test_log_sink(&side->log, VFA_LOG_WARNING);
    assert_int_equal(vfa_allocator_create(&side->a, &frames), MFX_ERR_NONE);
    side->mfx = vfa_allocator_mfx(side->a);
}

static inline void side_open(struct side *side)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    side_open_with(side, &config);
}

/* Nothing of the driver's is left when the allocator and the kept imports are gone. */
static inline void side_close(struct side *side)
{
    struct vfa_va_stats stats;
    vfa_allocator_destroy(&side->a);
    assert_int_equal(vfa_va_import_forget(side->va, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_va_stats(side->va, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.surfaces + stats.images + stats.buffers + stats.mappings + stats.fds, 0);
    vfa_va_destroy(&side->va);
    pthread_mutex_destroy(&side->log.lock);
}

/* The call failed with this status, and the allocator's explanation has these words. */
static inline void expect_failure(struct side *side, mfxStatus status, mfxStatus wanted, const char *words)
{
    struct vfa_error error;
    assert_int_equal(vfa_last_error(side->a, &error), MFX_ERR_NONE);
    if (status != wanted || !strstr(error.text, words))
        fail_msg("%s (%d), wanted %s with \"%s\": %s", vfa_status_name(status), status,
                 vfa_status_name(wanted), words, error.text);
}

static inline mfxFrameAllocRequest frames_of(mfxU32 fourcc, mfxU16 count)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = fourcc;
    request.Info.ChromaFormat = vfa_format_find(fourcc)->chroma_format;
    request.Info.Width = WIDTH;
    request.Info.Height = HEIGHT;
    request.Type =
        MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    request.NumFrameMin = request.NumFrameSuggested = count;
    return request;
}

/* `slots`: import slots; else frames with surfaces, or none (zeroed) where the driver has no such. */
static inline mfxFrameAllocResponse frames_on(struct side *side, mfxU32 fourcc, mfxU16 count, bool slots)
{
    mfxFrameAllocRequest request = frames_of(fourcc, count);
    mfxFrameAllocResponse response;
    mfxStatus status = slots ? vfa_va_slots_alloc(side->va, side->a, &request, 0, &response)
                             : vfa_frames_alloc(side->a, &request, 0, &response);
    if (status == MFX_ERR_NONE)
        assert_int_equal(response.NumFrameActual, count);
    return response;
}

/* --- pictures */

static inline uint8_t pattern(unsigned int seed, size_t plane, size_t y, size_t x)
{
    return (uint8_t)(seed * 61 + plane * 37 + y * 11 + x * 5 + (x >> 7) * 3);
}

/* Where the planes of a locked frame begin. */
static inline uint8_t *plane_of(const struct vfa_format *format, const mfxFrameData *data, size_t plane)
{
    uint8_t *const pointers[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    uint8_t *first = NULL;
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane == (int)plane)
            first = pointers[c] - format->channel[c].offset_bytes;
    return first;
}

/* What is done with each row of a picture. */
enum use {
    FILL,
    CHECK
};

static inline void use_row(uint8_t *row, size_t bytes, enum use use, unsigned int seed, size_t plane,
                           size_t y)
{
    for (size_t x = 0; x < bytes; x++) {
        if (use == FILL)
            row[x] = pattern(seed, plane, y, x);
        else if (row[x] != pattern(seed, plane, y, x))
            fail_msg("plane %zu, row %zu, byte %zu: %u, not %u", plane, y, x, row[x],
                     pattern(seed, plane, y, x));
    }
}

static inline size_t plane_rows(const struct vfa_format *format, size_t plane)
{
    return (HEIGHT + format->plane[plane].row_div - 1u) / format->plane[plane].row_div;
}

static inline size_t row_bytes(const struct vfa_format *format, size_t plane)
{
    return (WIDTH + format->plane[plane].unit_px - 1u) / format->plane[plane].unit_px *
           format->plane[plane].unit_bytes;
}

static inline void use_frame(struct side *side, mfxMemId mid, mfxU32 fourcc, enum use use, unsigned int seed)
{
    const struct vfa_format *format = vfa_format_find(fourcc);
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    mfxStatus status = vfa_map(side->a, mid, use == FILL ? MFX_MAP_WRITE : MFX_MAP_READ, &data);
    if (status != MFX_ERR_NONE) {
        struct vfa_error error;
        (void)vfa_last_error(side->a, &error);
        fail_msg("%s", error.text);
    }
    for (size_t p = 0; p < format->plane_count; p++) {
        size_t pitch = vfa_frame_data_pitch(&data) / format->plane[p].pitch_div;
        for (size_t y = 0; y < plane_rows(format, p); y++)
            use_row(plane_of(format, &data, p) + y * pitch, row_bytes(format, p), use, seed, p, y);
    }
    assert_int_equal(vfa_unmap(side->a, mid, &data), MFX_ERR_NONE);
}

static inline void fill(struct side *side, mfxMemId mid, mfxU32 fourcc, unsigned int seed)
{
    use_frame(side, mid, fourcc, FILL, seed);
}

static inline void check(struct side *side, mfxMemId mid, mfxU32 fourcc, unsigned int seed)
{
    use_frame(side, mid, fourcc, CHECK, seed);
}

/* --- buffers of another device */

/* A buffer that was not made by the VA driver; written through `bytes`. */
struct buffer {
    int node, fd;
    uint8_t *bytes;
    size_t size;
};

static inline struct buffer buffer_new(size_t size)
{
    struct buffer buffer = {.size = (size + 4095) & ~(size_t)4095};
    struct drm_i915_gem_create create = {.size = buffer.size};
    buffer.node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    assert_true(buffer.node >= 0);
    assert_int_equal(ioctl(buffer.node, DRM_IOCTL_I915_GEM_CREATE, &create), 0);
    struct drm_prime_handle prime = {.handle = create.handle, .flags = DRM_CLOEXEC | DRM_RDWR, .fd = -1};
    assert_int_equal(ioctl(buffer.node, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime), 0);
    buffer.fd = prime.fd;
    buffer.bytes = mmap(NULL, buffer.size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 0);
    assert_ptr_not_equal(buffer.bytes, MAP_FAILED);
    return buffer;
}

static inline void buffer_end(struct buffer *buffer)
{
    assert_int_equal(munmap(buffer->bytes, buffer->size), 0);
    assert_int_equal(close(buffer->fd), 0);
    assert_int_equal(close(buffer->node), 0);
}

/* A picture of WIDTH x HEIGHT in one buffer, planes one after the other with these pitches; its size in
 * *size. The file descriptor is left to the caller. */
static inline VADRMPRIMESurfaceDescriptor linear_picture(const struct vfa_format *format, uint32_t luma_pitch,
                                                         size_t *size)
{
    VADRMPRIMESurfaceDescriptor d;
    size_t offset = 0;
    memset(&d, 0, sizeof d);
    d.fourcc = format->va_image_fourcc;
    d.width = WIDTH;
    d.height = HEIGHT;
    d.num_objects = 1;
    d.objects[0].fd = -1;
    d.num_layers = 1;
    d.layers[0].drm_format = format->drm_fourcc;
    d.layers[0].num_planes = format->plane_count;
    for (size_t p = 0; p < format->plane_count; p++) {
        d.layers[0].offset[p] = (uint32_t)offset;
        d.layers[0].pitch[p] = luma_pitch / format->plane[p].pitch_div;
        offset += d.layers[0].pitch[p] * plane_rows(format, p);
    }
    d.objects[0].size = (uint32_t)((offset + 4095) & ~(size_t)4095);
    *size = d.objects[0].size;
    return d;
}

static inline void use_buffer(const struct buffer *buffer, const VADRMPRIMESurfaceDescriptor *d,
                              const struct vfa_format *format, enum use use, unsigned int seed)
{
    for (size_t p = 0; p < format->plane_count; p++)
        for (size_t y = 0; y < plane_rows(format, p); y++)
            use_row(buffer->bytes + d->layers[0].offset[p] + y * d->layers[0].pitch[p], row_bytes(format, p),
                    use, seed, p, y);
}

/* --- this process */

static inline size_t open_files(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

#endif
