/* Frames of planes that the application owns. */
#include "fixture.h"

struct owner {
    int released;
    mfxFrameData planes;
};

static void count_release(void *user, const mfxFrameData *planes)
{
    struct owner *owner = user;
    owner->released++;
    owner->planes = *planes;
}

static mfxFrameInfo info_of(mfxU32 fourcc, mfxU16 width, mfxU16 height)
{
    return request_of(fourcc, width, height, 1, 1).Info;
}

static void a_wrapped_frame_locks_to_the_owners_planes(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static mfxU8 luma[70000 * 4], chroma[70000 * 2];
    struct owner owner = {0};
    mfxFrameInfo info = info_of(MFX_FOURCC_NV12, 64, 4), found;
    mfxFrameData planes = {.PitchHigh = 1, .PitchLow = 70000 - 65536, .Y = luma, .UV = chroma}, data;
    memset(&data, 0xee, sizeof data);
    mfxMemId mid;
    assert_int_equal(vfa_wrap_host(f.a, &info, &planes, count_release, &owner, &mid), MFX_ERR_NONE);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_ptr_equal(data.Y, luma);
    assert_ptr_equal(data.UV, chroma);
    assert_ptr_equal(data.V, chroma + 1); /* follows from UV */
    assert_int_equal(vfa_frame_data_pitch(&data), 70000);
    assert_int_equal(vfa_frame_info(f.a, mid, &found), MFX_ERR_NONE);
    assert_memory_equal(&found, &info, sizeof info);
    mfxHDL handle;
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, mid, &handle), MFX_ERR_UNSUPPORTED);
    /* Released once, when the last lock ends. */
    assert_int_equal(vfa_unwrap(f.a, mid), MFX_ERR_NONE);
    assert_int_equal(vfa_unwrap(f.a, mid), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(owner.released, 0);
    assert_int_equal(unlock(&f, mid, &data), MFX_ERR_NONE);
    assert_int_equal(owner.released, 1);
    assert_ptr_equal(owner.planes.Y, luma);
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_INVALID_HANDLE);
    fixture_close(&f);
    assert_int_equal(owner.released, 1);
}

static void destroy_releases_wrapped_frames_and_names_them(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static mfxU8 pixels[64 * 64 * 4];
    struct owner owner = {0};
    mfxFrameInfo info = info_of(MFX_FOURCC_RGB4, 64, 64);
    mfxFrameData planes = {.PitchLow = 256, .B = pixels};
    mfxMemId mid;
    assert_int_equal(vfa_wrap_host(f.a, &info, &planes, count_release, &owner, &mid), MFX_ERR_NONE);
    mfxFrameData data;
    assert_int_equal(lock(&f, mid, &data), MFX_ERR_NONE);
    assert_ptr_equal(data.R, pixels + 2);
    assert_ptr_equal(data.A, pixels + 3);
    vfa_allocator_destroy(&f.a);
    assert_int_equal(owner.released, 1);
    assert_true(test_log_has(&f.log, "wrapped frame not unwrapped"));
    fixture_close(&f);
}

static void planes_that_make_no_frame_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static mfxU8 pixels[64 * 64 * 4];
    struct owner owner = {0};
    mfxMemId mid = &f;
    mfxFrameInfo nv12 = info_of(MFX_FOURCC_NV12, 64, 64), i420 = info_of(MFX_FOURCC_I420, 64, 64);
    mfxFrameData good = {.PitchLow = 64, .Y = pixels, .UV = pixels + 4096}, bad = good;
    assert_int_equal(vfa_wrap_host(NULL, &nv12, &good, NULL, NULL, &mid), MFX_ERR_NULL_PTR);
    assert_null(mid);
    assert_int_equal(vfa_wrap_host(f.a, NULL, &good, NULL, NULL, &mid), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_wrap_host(f.a, &nv12, NULL, NULL, NULL, &mid), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_wrap_host(f.a, &nv12, &good, NULL, NULL, NULL), MFX_ERR_NULL_PTR);
    bad.UV = NULL;
    assert_int_equal(vfa_wrap_host(f.a, &nv12, &bad, count_release, &owner, &mid),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    bad = good;
    bad.PitchLow = 63;
    assert_int_equal(vfa_wrap_host(f.a, &nv12, &bad, count_release, &owner, &mid),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    bad = good;
    bad.V = pixels + 6000;
    bad.PitchLow = 65; /* chroma rows would be 32.5 bytes apart */
    assert_int_equal(vfa_wrap_host(f.a, &i420, &bad, count_release, &owner, &mid),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    nv12.Width = 0;
    assert_int_equal(vfa_wrap_host(f.a, &nv12, &good, count_release, &owner, &mid),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    nv12.FourCC = 1;
    assert_int_equal(vfa_wrap_host(f.a, &nv12, &good, count_release, &owner, &mid), MFX_ERR_UNSUPPORTED);
    assert_null(mid);
    assert_int_equal(owner.released, 0);
    assert_int_equal(stats_of(&f).frames_live, 0);
    assert_int_equal(vfa_unwrap(NULL, &f), MFX_ERR_NULL_PTR);
    fixture_close(&f);
}

static void an_allocated_frame_is_not_unwrapped(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_unwrap(f.a, response.mids[0]), MFX_ERR_INVALID_HANDLE);
    assert_true(test_log_has(&f.log, "not wrapped but allocated"));
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void a_wrap_that_memory_refuses_leaves_nothing(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static mfxU8 pixels[64 * 64 * 2];
    mfxFrameInfo info = info_of(MFX_FOURCC_NV12, 64, 64);
    mfxFrameData planes = {.PitchLow = 64, .Y = pixels, .UV = pixels + 4096};
    struct owner owner = {0};
    mfxMemId mid;
    for (long n = 1; n <= 2; n++) { /* its record, the first slots */
        f.memory.fail_at = atomic_load(&f.memory.requests) + n;
        assert_int_equal(vfa_wrap_host(f.a, &info, &planes, count_release, &owner, &mid),
                         MFX_ERR_MEMORY_ALLOC);
        assert_null(mid);
    }
    assert_int_equal(vfa_wrap_host(f.a, &info, &planes, count_release, &owner, &mid), MFX_ERR_NONE);
    assert_int_equal(owner.released, 0);
    assert_int_equal(vfa_unwrap(f.a, mid), MFX_ERR_NONE);
    assert_int_equal(owner.released, 1);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrapped_frame_locks_to_the_owners_planes),
        cmocka_unit_test(destroy_releases_wrapped_frames_and_names_them),
        cmocka_unit_test(planes_that_make_no_frame_are_refused),
        cmocka_unit_test(an_allocated_frame_is_not_unwrapped),
        cmocka_unit_test(a_wrap_that_memory_refuses_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
