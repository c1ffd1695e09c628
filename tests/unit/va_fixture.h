/* An allocator over a VA backend over a driver that exists only in tests: what the tests of the backend start
 * from. Frames are small, since the first of a kind is found out about with some five hundred calls. */
#ifndef VFA_TEST_VA_FIXTURE_H
#define VFA_TEST_VA_FIXTURE_H

#include "../support/fake_va.h"
#include "fixture.h"

#include <dirent.h>

#define VA_WIDTH  16
#define VA_HEIGHT 16
#define TYPE_VA \
    (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET)

struct va_fixture {
    struct fake_va fake;
    struct vfa_va_api api;
    struct test_memory va_memory; /* of the backend itself */
    struct test_log va_log;
    struct vfa_va_config config;
    struct vfa_va *va;
    struct fixture f; /* the allocator */
};

/* The fake and a configuration on it, to be changed before va_open. vaMapBuffer2 is not there: libva
 * before 1.21. */
static inline void va_prepare(struct va_fixture *v)
{
    memset(v, 0, sizeof *v);
    fake_va_init(&v->fake);
    v->api = fake_va_api();
    v->api.map_buffer2 = NULL;
    v->config = vfa_va_config_defaults();
    v->config.display = &v->fake;
    v->config.api = &v->api;
    v->config.log = test_log_sink(&v->va_log, VFA_LOG_DEBUG);
}

/* A driver that makes small surfaces only, so that finding out is soon done: for sweeps. */
static inline void va_prepare_small(struct va_fixture *v)
{
    va_prepare(v);
    v->fake.max_width = 4 * VA_WIDTH;
}

static inline void va_open(struct va_fixture *v)
{
    struct vfa_memory manager = test_memory_manager(&v->va_memory);
    struct vfa_backend backend;
    v->config.memory = &manager;
    assert_int_equal(vfa_va_create(&v->va, &v->config, NULL), MFX_ERR_NONE);
    v->config.memory = NULL;
    assert_int_equal(vfa_va_backend(v->va, &backend), MFX_ERR_NONE);
    fixture_open(&v->f, &backend, 1);
}

static inline void assert_va_holds_nothing(struct va_fixture *v)
{
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_stats(v->va, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.surfaces, 0);
    assert_int_equal(stats.images, 0);
    assert_int_equal(stats.buffers, 0);
    assert_int_equal(stats.mappings, 0);
    assert_int_equal(stats.fds, 0);
}

/* Ends everything, and checks that nothing is left on either side. */
static inline void va_close(struct va_fixture *v)
{
    fixture_close(&v->f);
    assert_va_holds_nothing(v);
    assert_int_equal(fake_va_alive(&v->fake), 0);
    vfa_va_destroy(&v->va);
    assert_null(v->va);
    assert_int_equal(atomic_load(&v->va_memory.live_bytes), 0);
    assert_int_equal(atomic_load(&v->va_memory.mismatches), 0);
    assert_string_equal(v->fake.misuse, "");
    fake_va_finish(&v->fake);
    pthread_mutex_destroy(&v->va_log.lock);
}

static inline mfxFrameAllocRequest va_request(mfxU32 fourcc, mfxU16 frames)
{
    mfxFrameAllocRequest request = request_of(fourcc, VA_WIDTH, VA_HEIGHT, frames, frames);
    request.Type = TYPE_VA;
    return request;
}

static inline mfxFrameAllocResponse va_alloc(struct va_fixture *v, mfxU32 fourcc, mfxU16 frames)
{
    mfxFrameAllocRequest request = va_request(fourcc, frames);
    mfxFrameAllocResponse response;
    memset(&response, 0, sizeof response);
    assert_int_equal(alloc(&v->f, &request, &response), MFX_ERR_NONE);
    return response;
}

static inline VASurfaceID surface_of(struct va_fixture *v, mfxMemId mid)
{
    mfxHDL handle = NULL;
    assert_int_equal(v->f.mfx->GetHDL(v->f.mfx->pthis, mid, &handle), MFX_ERR_NONE);
    return *(VASurfaceID *)handle;
}

static inline struct vfa_error error_of(struct va_fixture *v)
{
    struct vfa_error error;
    assert_int_equal(vfa_last_error(v->f.a, &error), MFX_ERR_NONE);
    return error;
}

static inline struct vfa_va_facts facts_of(struct va_fixture *v, mfxU32 fourcc)
{
    struct vfa_va_facts facts;
    mfxFrameAllocRequest request = va_request(fourcc, 1);
    assert_int_equal(vfa_va_probe(v->va, &request.Info, request.Type, &facts, NULL), MFX_ERR_NONE);
    return facts;
}

/* --- pixels, as an application sees them and as they lie in the surface */

static inline mfxU8 va_pixel(unsigned int seed, uint32_t plane, size_t y, size_t x)
{
    return (mfxU8)(seed * 37u + plane * 101u + y * 17u + x * 5u + 1);
}

/* The start of a plane in a locked frame. */
static inline mfxU8 *va_plane(const struct vfa_format *format, const mfxFrameData *data, uint32_t plane)
{
    mfxU8 *pointer[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    for (size_t c = 0; c < VFA_CHANNELS; c++)
        if (format->channel[c].plane == (int)plane)
            return pointer[c] - format->channel[c].offset_bytes;
    return NULL;
}

enum va_pixels_use {
    VA_FILL,
    VA_COUNT_BAD
};

static inline size_t va_pixels(mfxU32 fourcc, const mfxFrameData *data, unsigned int seed,
                               enum va_pixels_use use)
{
    const struct vfa_format *format = vfa_format_find(fourcc);
    size_t bad = 0;
    for (uint32_t i = 0; i < format->plane_count; i++) {
        const struct vfa_format_plane *plane = &format->plane[i];
        size_t row_bytes = (size_t)((VA_WIDTH + plane->unit_px - 1) / plane->unit_px) * plane->unit_bytes;
        size_t pitch = vfa_frame_data_pitch(data) / plane->pitch_div;
        mfxU8 *bytes = va_plane(format, data, i);
        for (size_t y = 0; y < (size_t)(VA_HEIGHT + plane->row_div - 1) / plane->row_div; y++)
            for (size_t x = 0; x < row_bytes; x++) {
                if (use == VA_FILL)
                    bytes[y * pitch + x] = va_pixel(seed, i, y, x);
                else
                    bad += bytes[y * pitch + x] != va_pixel(seed, i, y, x);
            }
    }
    return bad;
}

static inline size_t va_surface_pixels(struct va_fixture *v, VASurfaceID surface, unsigned int seed,
                                       enum va_pixels_use use)
{
    struct fake_plane plane;
    size_t bad = 0;
    for (uint32_t i = 0; fake_va_plane(&v->fake, surface, i, &plane); i++)
        for (size_t y = 0; y < plane.rows; y++)
            for (size_t x = 0; x < plane.row_bytes; x++) {
                if (use == VA_FILL)
                    plane.bytes[y * plane.pitch + x] = va_pixel(seed, i, y, x);
                else
                    bad += plane.bytes[y * plane.pitch + x] != va_pixel(seed, i, y, x);
            }
    return bad;
}

static inline void va_write(struct va_fixture *v, mfxU32 fourcc, mfxMemId mid, unsigned int seed)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_map(v->f.a, mid, MFX_MAP_WRITE, &data), MFX_ERR_NONE);
    (void)va_pixels(fourcc, &data, seed, VA_FILL);
    assert_int_equal(vfa_unmap(v->f.a, mid, &data), MFX_ERR_NONE);
}

static inline size_t va_count_bad(struct va_fixture *v, mfxU32 fourcc, mfxMemId mid, unsigned int seed)
{
    mfxFrameData data;
    memset(&data, 0, sizeof data);
    assert_int_equal(vfa_map(v->f.a, mid, MFX_MAP_READ, &data), MFX_ERR_NONE);
    size_t bad = va_pixels(fourcc, &data, seed, VA_COUNT_BAD);
    assert_int_equal(vfa_unmap(v->f.a, mid, &data), MFX_ERR_NONE);
    return bad;
}

static inline int open_fds(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

#endif
