/* vfa_surfaces_fill and vfa_surfaces_clear over an allocator that is not ours. */
#include "mock_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <vfa/surface.h>

#define COUNT 5

struct frames {
    struct mock_frames mock;
    mfxFrameAllocator *mfx;
    mfxFrameAllocResponse response;
    mfxFrameInfo info;
    mfxFrameSurface1 surface[COUNT];
};

static int open_frames(void **state)
{
    static struct frames f;
    memset(&f, 0, sizeof f);
    mock_frames_init(&f.mock);
    f.mfx = &f.mock.mfx;
    f.info.FourCC = MFX_FOURCC_NV12;
    f.info.Width = 64;
    f.info.Height = 32;
    f.info.Shift = 1;
    mfxFrameAllocRequest request = {.NumFrameMin = COUNT, .NumFrameSuggested = COUNT};
    *state = &f;
    memset(f.surface, 0xee, sizeof f.surface);
    return mock_alloc(&f.mock, &request, &f.response);
}

static int close_frames(void **state)
{
    struct frames *f = *state;
    mock_free(&f->mock, &f->response);
    return atomic_load(&f->mock.errors) || atomic_load(&f->mock.live);
}

static mfxStatus fill(struct frames *f, enum vfa_surface_mode mode)
{
    return vfa_surfaces_fill(f->mfx, &f->response, &f->info, mode, f->surface, COUNT);
}

static mfxStatus clear(struct frames *f, enum vfa_surface_mode mode)
{
    return vfa_surfaces_clear(f->mfx, mode, f->surface, COUNT);
}

static void assert_zeroed(const struct frames *f)
{
    static const mfxFrameSurface1 zero;
    for (int i = 0; i < COUNT; i++)
        assert_memory_equal(&f->surface[i], &zero, sizeof zero);
}

static void memid_mode_sets_mid_info_and_version(void **state)
{
    struct frames *f = *state;
    assert_int_equal(fill(f, VFA_SURFACE_MEMID), MFX_ERR_NONE);
    for (int i = 0; i < COUNT; i++) {
        const mfxFrameSurface1 *s = &f->surface[i];
        assert_ptr_equal(s->Data.MemId, f->response.mids[i]);
        assert_memory_equal(&s->Info, &f->info, sizeof f->info);
        assert_int_equal(s->Version.Version, MFX_FRAMESURFACE1_VERSION);
        assert_null(s->FrameInterface);
        assert_int_equal(s->Data.Locked, 0);
        assert_null(s->Data.Y);
    }
    assert_int_equal(atomic_load(&f->mock.lock_calls), 0);
    assert_int_equal(clear(f, VFA_SURFACE_MEMID), MFX_ERR_NONE);
    assert_zeroed(f);
}

static void pointer_mode_keeps_each_frame_locked_until_clear(void **state)
{
    struct frames *f = *state;
    assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_NONE);
    assert_int_equal(mock_locked_frames(&f->mock), COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_non_null(f->surface[i].Data.Y);
        assert_int_equal(f->surface[i].Data.PitchLow, 64);
        assert_ptr_equal(f->surface[i].Data.MemId, f->response.mids[i]);
    }
    assert_int_equal(clear(f, VFA_SURFACE_POINTERS), MFX_ERR_NONE);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
    assert_zeroed(f);
}

static void fewer_surfaces_than_frames_are_fine(void **state)
{
    struct frames *f = *state;
    memset(f->surface, 0, sizeof f->surface);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, &f->info, VFA_SURFACE_POINTERS, f->surface, 2),
                     MFX_ERR_NONE);
    assert_int_equal(mock_locked_frames(&f->mock), 2);
    /* Zeroed surfaces are left alone. */
    assert_int_equal(clear(f, VFA_SURFACE_POINTERS), MFX_ERR_NONE);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
}

static void a_failing_lock_undoes_everything(void **state)
{
    struct frames *f = *state;
    for (int at = 1; at <= COUNT; at++) {
        atomic_store(&f->mock.lock_calls, 0);
        f->mock.lock_fails_at = at;
        f->mock.lock_status = MFX_ERR_DEVICE_LOST;
        memset(f->surface, 0xee, sizeof f->surface);
        assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_DEVICE_LOST);
        assert_int_equal(atomic_load(&f->mock.lock_calls), at);
        assert_int_equal(mock_locked_frames(&f->mock), 0);
        assert_zeroed(f);
    }
}

static void a_lock_that_sets_no_pointer_is_refused_and_undone(void **state)
{
    struct frames *f = *state;
    f->mock.lock_sets_nothing = 1;
    assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
    assert_zeroed(f);
}

static void a_null_mid_is_an_invalid_handle(void **state)
{
    struct frames *f = *state;
    f->response.mids[3] = NULL;
    assert_int_equal(fill(f, VFA_SURFACE_MEMID), MFX_ERR_INVALID_HANDLE);
    assert_zeroed(f);
    assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
    assert_zeroed(f);
}

static void null_arguments_are_refused(void **state)
{
    struct frames *f = *state;
    mfxFrameAllocResponse none = {.NumFrameActual = COUNT};
    const enum vfa_surface_mode mode = VFA_SURFACE_MEMID;
    assert_int_equal(vfa_surfaces_fill(NULL, &f->response, &f->info, mode, f->surface, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_fill(f->mfx, NULL, &f->info, mode, f->surface, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &none, &f->info, mode, f->surface, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, NULL, mode, f->surface, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, &f->info, mode, NULL, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_clear(NULL, mode, f->surface, 1), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_clear(f->mfx, mode, NULL, 1), MFX_ERR_NULL_PTR);
}

static void pointer_mode_needs_lock_and_unlock(void **state)
{
    struct frames *f = *state;
    mfxFrameAllocator partial = *f->mfx;
    partial.Lock = NULL;
    assert_int_equal(
        vfa_surfaces_fill(&partial, &f->response, &f->info, VFA_SURFACE_POINTERS, f->surface, COUNT),
        MFX_ERR_NULL_PTR);
    assert_zeroed(f);
    assert_int_equal(
        vfa_surfaces_fill(&partial, &f->response, &f->info, VFA_SURFACE_MEMID, f->surface, COUNT),
        MFX_ERR_NONE);
    partial = *f->mfx;
    partial.Unlock = NULL;
    assert_int_equal(vfa_surfaces_clear(&partial, VFA_SURFACE_POINTERS, f->surface, COUNT), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_surfaces_clear(&partial, VFA_SURFACE_MEMID, f->surface, COUNT), MFX_ERR_NONE);
}

static void counts_and_modes_out_of_range_are_refused(void **state)
{
    struct frames *f = *state;
    const enum vfa_surface_mode mode = VFA_SURFACE_MEMID, unknown = (enum vfa_surface_mode)7;
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, &f->info, mode, f->surface, 0),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, &f->info, mode, f->surface, COUNT + 1),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_surfaces_fill(f->mfx, &f->response, &f->info, mode, f->surface, SIZE_MAX),
                     MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(fill(f, unknown), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_zeroed(f);
    assert_int_equal(clear(f, unknown), MFX_ERR_INVALID_VIDEO_PARAM);
}

static void clearing_held_surfaces_clears_and_says_so(void **state)
{
    struct frames *f = *state;
    assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_NONE);
    runtime_holds(&f->surface[2]);
    assert_int_equal(clear(f, VFA_SURFACE_POINTERS), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
    assert_zeroed(f);
}

static void clearing_goes_on_past_a_failing_unlock(void **state)
{
    struct frames *f = *state;
    assert_int_equal(fill(f, VFA_SURFACE_POINTERS), MFX_ERR_NONE);
    f->mock.unlock_status = MFX_ERR_DEVICE_FAILED;
    assert_int_equal(clear(f, VFA_SURFACE_POINTERS), MFX_ERR_DEVICE_FAILED);
    assert_int_equal(mock_locked_frames(&f->mock), 0);
    assert_zeroed(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_frames, close_frames)
    const struct CMUnitTest tests[] = {
        TEST(memid_mode_sets_mid_info_and_version),
        TEST(pointer_mode_keeps_each_frame_locked_until_clear),
        TEST(fewer_surfaces_than_frames_are_fine),
        TEST(a_failing_lock_undoes_everything),
        TEST(a_lock_that_sets_no_pointer_is_refused_and_undone),
        TEST(a_null_mid_is_an_invalid_handle),
        TEST(null_arguments_are_refused),
        TEST(pointer_mode_needs_lock_and_unlock),
        TEST(counts_and_modes_out_of_range_are_refused),
        TEST(clearing_held_surfaces_clears_and_says_so),
        TEST(clearing_goes_on_past_a_failing_unlock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
