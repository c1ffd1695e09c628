/* Frames in system memory: every format of the table, every byte of every plane. */
#include "fixture.h"

/* Writes each plane's rows, padding included, with its own value, then looks whether all are still there. */
static void check_planes(const struct vfa_layout *layout, mfxU8 *base)
{
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t p = 0; p < layout->plane_count; p++) {
            const struct vfa_layout_plane *plane = &layout->plane[p];
            for (size_t row = 0; row < plane->rows; row++) {
                mfxU8 *line = base + plane->offset_bytes + row * plane->pitch_bytes;
                mfxU8 value = (mfxU8)(p * 100 + row % 97 + 1);
                if (!pass)
                    memset(line, value, plane->row_bytes);
                else
                    for (size_t i = 0; i < plane->row_bytes; i++)
                        assert_int_equal(line[i], value);
            }
        }
    }
}

/* Planes follow one another, so the lowest pointer is the base or, in packed formats, just beyond it. */
static mfxU8 *first_byte(const mfxFrameData *data)
{
    mfxU8 *channel[4] = {data->Y, data->U, data->V, data->A}, *lowest = NULL;
    for (int c = 0; c < 4; c++)
        if (channel[c] && (!lowest || channel[c] < lowest))
            lowest = channel[c];
    assert_int_equal((uintptr_t)lowest % 4096, 0);
    return lowest;
}

static void check_frame(struct fixture *f, const struct vfa_format *format, mfxU16 width, mfxU16 height)
{
    mfxFrameAllocRequest request = request_of(format->fourcc, width, height, 1, 2);
    request.Info.ChromaFormat = format->chroma_format;
    if (format->linear)
        request.Info.BufferSize = (mfxU64)width * height;
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(f, &request, &response), MFX_ERR_NONE);
    struct vfa_layout layout;
    assert_int_equal(vfa_layout_compute(&request.Info, NULL, &layout), MFX_ERR_NONE);
    for (int i = 0; i < 2; i++) {
        mfxFrameData data, expected;
        memset(&data, 0x77, sizeof data);
        expected = data;
        assert_int_equal(lock(f, response.mids[i], &data), MFX_ERR_NONE);
        mfxU8 *base = first_byte(&data);
        assert_int_equal(vfa_layout_point(&layout, base, &expected), MFX_ERR_NONE);
        assert_memory_equal(&data, &expected, sizeof data);
        check_planes(&layout, base);
        memset(base, 0, layout.size_bytes); /* all of it is there */
        assert_int_equal(unlock(f, response.mids[i], &data), MFX_ERR_NONE);
    }
    assert_int_equal(stats_of(f).frame_bytes, 2 * layout.size_bytes);
    assert_int_equal(release(f, &response), MFX_ERR_NONE);
}

static void every_format_of_the_table_holds_its_pixels(void **state)
{
    (void)state;
    static const mfxU16 sizes[][2] = {{1, 1}, {2, 2}, {17, 31}, {162, 122}, {320, 180}, {1000, 64}};
    struct fixture f;
    fixture_open(&f, NULL, 0);
    assert_true(vfa_format_count() >= 30);
    for (size_t i = 0; i < vfa_format_count(); i++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            check_frame(&f, vfa_format_at(i), sizes[s][0], sizes[s][1]);
    fixture_close(&f);
}

static void frames_suit_zero_copy_import(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 1912, 1080, 3, 3);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    for (int i = 0; i < 3; i++) {
        mfxFrameData data;
        assert_int_equal(lock(&f, response.mids[i], &data), MFX_ERR_NONE);
        uint32_t pitch = vfa_frame_data_pitch(&data);
        assert_int_equal((uintptr_t)data.Y % 4096, 0);
        assert_int_equal(pitch % 16, 0);
        assert_ptr_equal(data.UV, data.Y + (size_t)pitch * 1088); /* 1080 rounded up to 32 rows */
        assert_int_equal(unlock(&f, response.mids[i], &data), MFX_ERR_NONE);
    }
    assert_int_equal(stats_of(&f).frame_bytes % 4096, 0);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void the_applications_rounding_rules_are_used(void **state)
{
    (void)state;
    struct vfa_layout_rules rules = {.width_px = 16, .pitch_bytes = 1024, .rows = 16, .size_bytes = 65536};
    struct vfa_backend backend;
    assert_int_equal(vfa_backend_system(&rules, &backend), MFX_ERR_NONE);
    struct fixture f;
    fixture_open(&f, &backend, 1);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 180, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data;
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(data.PitchLow, 1024);
    assert_int_equal((uintptr_t)data.Y % 65536, 0);
    assert_ptr_equal(data.UV, data.Y + 1024 * 192);
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    rules.pitch_bytes = 100; /* no power of two */
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    fixture_close(&f);
}

static void a_frame_beyond_memory_is_refused(void **state)
{
    (void)state;
    struct fixture f; /* its manager has no block beyond a tebibyte */
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_P8, 0, 0, 1, 1);
    mfxFrameAllocResponse response;
    request.Info.BufferSize = UINT64_MAX;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    request.Info.BufferSize = UINT64_MAX / 2;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    request.Info.BufferSize = 0;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_of_the_table_holds_its_pixels),
        cmocka_unit_test(frames_suit_zero_copy_import),
        cmocka_unit_test(the_applications_rounding_rules_are_used),
        cmocka_unit_test(a_frame_beyond_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
