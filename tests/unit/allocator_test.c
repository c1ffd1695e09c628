/* The five callbacks as a runtime and its application use and misuse them, over frames in system memory. */
#include "fixture.h"

#include <pthread.h>

static void alloc_gives_the_suggested_number_of_distinct_mids(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 192, 3, 9), before = request;
    request.AllocId = before.AllocId = 77;
    mfxFrameAllocResponse response;
    memset(&response, 0xff, sizeof response);
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_memory_equal(&request, &before, sizeof request);
    assert_int_equal(response.NumFrameActual, 9);
    assert_int_equal(response.AllocId, 77);
    for (int i = 0; i < 9; i++) {
        uint64_t mid = (uint64_t)(uintptr_t)response.mids[i];
        assert_true(mid >> 63); /* never one of a runtime's (n << 16 | k) */
        assert_true(mid != UINT64_MAX);
        for (int k = 0; k < i; k++)
            assert_ptr_not_equal(response.mids[i], response.mids[k]);
    }
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void lock_sets_every_field_whatever_was_there(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 320, 180, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data;
    memset(&data, 0x5a, sizeof data);
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(data.PitchHigh, 0);
    assert_int_equal(data.PitchLow, 320);
    assert_int_equal((uintptr_t)data.Y % 4096, 0);
    assert_ptr_equal(data.UV, data.Y + 320 * 192);
    assert_ptr_equal(data.V, data.UV + 1);
    assert_null(data.A);
    assert_int_equal(data.Locked, 0x5a5a); /* the runtime's */
    assert_int_equal(unlock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_null(data.Y);
    assert_null(data.UV);
    assert_null(data.V);
    assert_int_equal(data.PitchLow, 0);
    assert_int_equal(data.Locked, 0x5a5a);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void pitch_beyond_16_bits_goes_through_pitch_high(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_Y416, 16384, 16, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data = {0};
    assert_int_equal(lock(&f, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(vfa_frame_data_pitch(&data), 16384 * 8 + 128); /* no multiple of 4096 */
    assert_int_equal(data.PitchHigh, 2);
    assert_int_equal(unlock(&f, response.mids[0], NULL), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void locks_nest_and_give_the_same_pointers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_I420, 64, 64, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData first = {0}, second = {0};
    /* More than 65536: a 16-bit count would wrap. */
    for (int i = 0; i < 70000; i++) {
        assert_int_equal(lock(&f, response.mids[0], i ? &second : &first), MFX_ERR_NONE);
        if (i)
            assert_memory_equal(&first, &second, sizeof first);
    }
    for (int i = 0; i < 70000; i++)
        assert_int_equal(unlock(&f, response.mids[0], NULL), MFX_ERR_NONE);
    assert_int_equal(unlock(&f, response.mids[0], NULL), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(stats_of(&f).lock_calls, 70000);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).lock_calls, 70000);
    fixture_close(&f);
}

static void a_millionth_lock_is_refused_not_wrapped(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 16, 16, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxFrameData data;
    long locks = 0;
    mfxStatus status;
    while ((status = lock(&f, response.mids[0], &data)) == MFX_ERR_NONE)
        locks++;
    assert_int_equal(status, MFX_ERR_LOCK_MEMORY);
    assert_int_equal(locks, (1 << 20) - 1);
    while (locks--)
        assert_int_equal(unlock(&f, response.mids[0], NULL), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void system_frames_have_no_native_handle(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxHDL handle[2] = {&f, &f};
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, response.mids[0], handle), MFX_ERR_UNSUPPORTED);
    assert_null(handle[0]);
    assert_ptr_equal(handle[1], &f); /* one pointer, no pair */
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, NULL, handle), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, response.mids[0], NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frames_retired, 0);
    fixture_close(&f);
}

static void only_served_memory_types_are_answered(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static const struct {
        mfxU16 type;
        mfxStatus status;
    } cases[] = {
        {0x0242, MFX_ERR_NONE},        {0x0240, MFX_ERR_NONE},        {0x0142, MFX_ERR_NONE},
        {0x0442, MFX_ERR_NONE},        {0x0842, MFX_ERR_NONE},        {0x0152, MFX_ERR_NONE}, /* JPEG: both */
        {0x0141, MFX_ERR_NONE},        {0x0212, MFX_ERR_UNSUPPORTED}, {0x0112, MFX_ERR_UNSUPPORTED},
        {0x0422, MFX_ERR_UNSUPPORTED}, {0x1111, MFX_ERR_UNSUPPORTED}, {0x0000, MFX_ERR_UNSUPPORTED},
        {0x0202, MFX_ERR_UNSUPPORTED}, {0x0246, MFX_ERR_UNSUPPORTED}, /* former opaque bit */
        {0x024a, MFX_ERR_UNSUPPORTED},                                /* nothing to export in host memory */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
        request.Type = cases[i].type;
        mfxFrameAllocResponse response;
        memset(&response, 0xff, sizeof response);
        assert_int_equal(alloc(&f, &request, &response), cases[i].status);
        assert_int_equal(response.NumFrameActual, cases[i].status == MFX_ERR_NONE);
        assert_int_equal(response.mids != NULL, cases[i].status == MFX_ERR_NONE);
        assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    }
    fixture_close(&f);
}

static void bad_requests_say_what_is_wrong(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static const struct {
        mfxU32 fourcc;
        mfxU16 width, height, min, suggested;
        mfxStatus status;
        const char *says;
    } cases[] = {
        {MFX_FOURCC_NV12, 64, 64, 0, 0, MFX_ERR_INVALID_VIDEO_PARAM, "no frames asked for"},
        {MFX_FOURCC_NV12, 0, 64, 1, 1, MFX_ERR_INVALID_VIDEO_PARAM, "NV12 0x64"},
        {MFX_FOURCC_NV12, 64, 0, 1, 1, MFX_ERR_INVALID_VIDEO_PARAM, "NV12 64x0"},
        {MFX_FOURCC_NV12, 0, 64, 1, 1, MFX_ERR_INVALID_VIDEO_PARAM, "Width and Height must not be 0"},
        {0, 64, 64, 1, 1, MFX_ERR_UNSUPPORTED, "the FourCC is none of API 2.8"},
        {MFX_MAKEFOURCC('A', 'B', 'C', 'D'), 64, 64, 1, 1, MFX_ERR_UNSUPPORTED, "ABCD"},
        {0xffffffff, 64, 64, 1, 1, MFX_ERR_UNSUPPORTED, "0xffffffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mfxFrameAllocRequest request =
            request_of(cases[i].fourcc, cases[i].width, cases[i].height, cases[i].min, cases[i].suggested);
        mfxFrameAllocResponse response;
        assert_int_equal(alloc(&f, &request, &response), cases[i].status);
        assert_null(response.mids);
        struct vfa_error error;
        assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
        assert_int_equal(error.status, cases[i].status);
        assert_string_equal(error.call, "Alloc");
        assert_int_equal(error.sequence, i + 1);
        assert_int_equal(error.request.Info.FourCC, cases[i].fourcc);
        assert_non_null(strstr(error.text, cases[i].says));
        assert_non_null(strstr(error.text, vfa_status_name(cases[i].status)));
        assert_true(test_log_has(&f.log, error.text));
    }
    fixture_close(&f);
}

static void frames_without_a_layout_say_why(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    static const struct {
        mfxFrameInfo info;
        const char *says;
    } cases[] = {
        {{.FourCC = MFX_FOURCC_NV12, .Width = 64, .Height = 64, .Shift = 1}, "Shift must be 0"},
        {{.FourCC = MFX_FOURCC_NV12, .Width = 64, .Height = 64, .BitDepthLuma = 9}, "BitDepthLuma or"},
        {{.FourCC = MFX_FOURCC_P010, .Width = 64, .Height = 64, .BitDepthChroma = 17}, "BitDepthChroma is"},
        {{.FourCC = MFX_FOURCC_P8}, "BufferSize is 0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
        mfxFrameAllocResponse response;
        struct vfa_error error;
        request.Info = cases[i].info;
        assert_int_equal(alloc(&f, &request, &response), MFX_ERR_INVALID_VIDEO_PARAM);
        assert_int_equal(vfa_last_error(f.a, &error), MFX_ERR_NONE);
        assert_non_null(strstr(error.text, cases[i].says));
    }
    fixture_close(&f);
}

static void min_without_suggested_counts(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 5, 2);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 5);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void sixty_five_thousand_frames(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_R16, 16, 16, 65535, 65535);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 65535);
    mfxFrameData data = {0};
    assert_int_equal(lock(&f, response.mids[65534], &data), MFX_ERR_NONE);
    memset(data.Y16, 1, 32);
    assert_int_equal(unlock(&f, response.mids[65534], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void nulls_are_answered(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 1);
    mfxFrameAllocResponse response;
    mfxFrameData data;
    mfxHDL handle;
    mfxFrameInfo info;
    assert_int_equal(f.mfx->Alloc(NULL, &request, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(alloc(&f, NULL, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(alloc(&f, &request, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(f.mfx->Lock(NULL, &f, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(lock(&f, NULL, &data), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(lock(&f, &f, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(f.mfx->Unlock(NULL, &f, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(unlock(&f, NULL, NULL), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(f.mfx->GetHDL(NULL, &f, &handle), MFX_ERR_NULL_PTR);
    assert_int_equal(f.mfx->Free(NULL, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(release(&f, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_allocator_create(NULL, NULL), MFX_ERR_NULL_PTR);
    vfa_allocator_destroy(NULL);
    struct vfa_allocator *none = NULL;
    vfa_allocator_destroy(&none);
    assert_null(vfa_allocator_mfx(NULL));
    assert_int_equal(vfa_next_alloc_id(NULL), 0);
    assert_int_equal(vfa_frames_alloc(NULL, &request, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc(f.a, NULL, 0, &response), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_alloc(f.a, &request, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frames_free(f.a, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_map(NULL, &f, MFX_MAP_READ, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_unmap(NULL, &f, &data), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frame_info(f.a, &f, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_frame_info(NULL, &f, &info), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_last_error(f.a, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_last_error(NULL, &(struct vfa_error){0}), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_allocator_stats(f.a, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_allocator_stats(NULL, &(struct vfa_stats){0}), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_allocator_report(NULL, NULL, 0), 0);
    fixture_close(&f);
}

static void handles_that_are_no_frames_are_refused_everywhere(void **state)
{
    (void)state;
    struct fixture f, other;
    fixture_open(&f, NULL, 0);
    fixture_open(&other, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 2, 2);
    mfxFrameAllocResponse mine, freed, foreign;
    assert_int_equal(alloc(&f, &request, &freed), MFX_ERR_NONE);
    mfxMemId stale = freed.mids[0];
    assert_int_equal(release(&f, &freed), MFX_ERR_NONE);
    assert_int_equal(alloc(&f, &request, &mine), MFX_ERR_NONE);
    assert_int_equal(alloc(&other, &request, &foreign), MFX_ERR_NONE);
    uintptr_t good = (uintptr_t)mine.mids[0];
    mfxMemId bad[] = {
        stale,
        foreign.mids[0],
        NULL,
        (mfxMemId)(uintptr_t)1,
        (mfxMemId)(uintptr_t)0x10000,
        (mfxMemId)UINTPTR_MAX,
        &f,
        (mfxMemId)(good + 1000),                 /* an index never given */
        (mfxMemId)(good | 0xffffff),             /* beyond any chunk */
        (mfxMemId)(good + ((uintptr_t)1 << 24)), /* a generation to come */
        (mfxMemId)(good & ~((uintptr_t)1 << 63)),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mfxFrameData data = {0};
        mfxHDL handle;
        mfxFrameInfo info;
        assert_int_equal(lock(&f, bad[i], &data), MFX_ERR_INVALID_HANDLE);
        assert_null(data.Y);
        assert_int_equal(unlock(&f, bad[i], &data), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(f.mfx->GetHDL(f.mfx->pthis, bad[i], &handle), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_unwrap(f.a, bad[i]), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_frame_info(f.a, bad[i], &info), MFX_ERR_INVALID_HANDLE);
    }
    assert_true(test_log_has(&f.log, "stale"));
    assert_true(test_log_has(&f.log, "none of this allocator"));
    assert_int_equal(release(&f, &mine), MFX_ERR_NONE);
    assert_int_equal(release(&other, &foreign), MFX_ERR_NONE);
    fixture_close(&other);
    fixture_close(&f);
}

static void free_is_safe_on_zeroed_unknown_and_freed_responses(void **state)
{
    (void)state;
    struct fixture f, other;
    fixture_open(&f, NULL, 0);
    fixture_open(&other, NULL, 0);
    mfxFrameAllocResponse zeroed = {0};
    assert_int_equal(release(&f, &zeroed), MFX_ERR_NONE);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 2, 2);
    mfxFrameAllocResponse response, copy, foreign;
    assert_int_equal(alloc(&other, &request, &foreign), MFX_ERR_NONE);
    assert_int_equal(release(&f, &foreign), MFX_ERR_INVALID_HANDLE);
    mfxMemId made_up[2] = {foreign.mids[0], foreign.mids[1]};
    mfxFrameAllocResponse forged = {.mids = made_up, .NumFrameActual = 2};
    assert_int_equal(release(&other, &forged), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    copy = response;
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(release(&f, &copy), MFX_ERR_INVALID_HANDLE);
    assert_true(test_log_has(&f.log, "freed before"));
    /* The record of a freed response is not soon given to a new one, so an old copy cannot free that. */
    for (int i = 0; i < 50; i++) {
        assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
        assert_int_equal(release(&f, &copy), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
        assert_null(response.mids);
        assert_int_equal(vfa_frames_free(f.a, &response), MFX_ERR_NONE);
    }
    assert_int_equal(release(&other, &foreign), MFX_ERR_NONE);
    fixture_close(&other);
    fixture_close(&f);
}

static void freed_while_locked_frames_live_until_the_last_unlock(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 3, 3);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    mfxMemId held = response.mids[1], idle = response.mids[0];
    mfxFrameData data = {0}, again = {0};
    assert_int_equal(lock(&f, held, &data), MFX_ERR_NONE);
    assert_int_equal(lock(&f, held, &again), MFX_ERR_NONE);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    assert_int_equal(lock(&f, held, &again), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(lock(&f, idle, &again), MFX_ERR_INVALID_HANDLE);
    struct vfa_stats stats = stats_of(&f);
    assert_int_equal(stats.frames_live, 0);
    assert_int_equal(stats.frames_retired, 3);
    assert_int_equal(stats.frames_locked, 1);
    assert_true(stats.frame_bytes > 0);
    memset(data.Y, 7, 64 * 64); /* still ours */
    assert_int_equal(unlock(&f, held, NULL), MFX_ERR_NONE);
    assert_int_equal(stats_of(&f).frames_retired, 3);
    assert_int_equal(unlock(&f, held, &data), MFX_ERR_NONE);
    stats = stats_of(&f);
    assert_int_equal(stats.frames_retired, 0);
    assert_int_equal(stats.frame_bytes, 0);
    assert_int_equal(unlock(&f, held, NULL), MFX_ERR_INVALID_HANDLE);
    fixture_close(&f);
}

static void destroy_reports_each_leak_by_name(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_P010, 128, 64, 2, 2);
    request.AllocId = 4711;
    mfxFrameAllocResponse response, locked;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    request.AllocId = 4712;
    assert_int_equal(alloc(&f, &request, &locked), MFX_ERR_NONE);
    mfxFrameData data;
    assert_int_equal(lock(&f, locked.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(release(&f, &locked), MFX_ERR_NONE);
    char text[2048], cut[20];
    size_t length = vfa_allocator_report(f.a, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_non_null(strstr(text, "AllocId 4711"));
    assert_non_null(strstr(text, "frame 1"));
    assert_int_equal(vfa_allocator_report(f.a, cut, sizeof cut), length);
    assert_int_equal(strlen(cut), sizeof cut - 1);
    int errors = f.log.lines[VFA_LOG_ERROR];
    vfa_allocator_destroy(&f.a);
    assert_int_equal(f.log.lines[VFA_LOG_ERROR], errors + 3);
    assert_true(test_log_has(&f.log, "leak: response not freed"));
    assert_true(test_log_has(&f.log, "leak: freed, but locked"));
    assert_true(test_log_has(&f.log, "still locked, 1 times"));
    fixture_close(&f);
}

static void when_memory_is_short_the_minimum_will_do(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 3, 9);
    mfxFrameAllocResponse response;
    f.memory.fail_frames_after = 5;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 5);
    assert_int_equal(stats_of(&f).alloc_short, 1);
    assert_int_equal(f.log.lines[VFA_LOG_WARNING], 1);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    f.memory.fail_frames_after = 2;
    atomic_store(&f.memory.frame_requests, 0);
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_MEMORY_ALLOC);
    assert_null(response.mids);
    assert_int_equal(stats_of(&f).frame_bytes, 0);
    fixture_close(&f);
}

static void the_frame_byte_limit_holds(void **state)
{
    (void)state;
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.max_frame_bytes = 5 * 64 * 64 * 3 / 2 + 5 * 4096;
    struct vfa_allocator *a;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NONE);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 1, 100);
    mfxFrameAllocResponse response, more;
    mfxFrameAllocator *mfx = vfa_allocator_mfx(a);
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &response), MFX_ERR_NONE);
    assert_int_equal(response.NumFrameActual, 6); /* 8192 bytes each */
    request.AllocId = 1;
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &more), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(mfx->Free(mfx->pthis, &response), MFX_ERR_NONE);
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &more), MFX_ERR_NONE);
    assert_int_equal(mfx->Free(mfx->pthis, &more), MFX_ERR_NONE);
    vfa_allocator_destroy(&a);
}

static void every_failed_request_for_memory_is_undone(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct test_memory memory;
        struct vfa_memory manager = test_memory_manager(&memory);
        struct vfa_allocator_config config = vfa_allocator_config_defaults();
        config.memory = &manager;
        memory.fail_at = n;
        struct vfa_allocator *a = NULL;
        mfxFrameAllocResponse response = {0};
        /* 70 frames: more than the first chunk of slots. */
        mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 16, 16, 70, 70);
        mfxStatus created = vfa_allocator_create(&a, &config), made = MFX_ERR_NONE;
        if (created == MFX_ERR_NONE) {
            mfxFrameAllocator *mfx = vfa_allocator_mfx(a);
            made = mfx->Alloc(mfx->pthis, &request, &response);
            if (made != MFX_ERR_NONE) {
                assert_int_equal(made, MFX_ERR_MEMORY_ALLOC);
                assert_null(response.mids);
                assert_int_equal(mfx->Alloc(mfx->pthis, &request, &response),
                                 MFX_ERR_NONE); /* and is usable */
            }
            assert_int_equal(mfx->Free(mfx->pthis, &response), MFX_ERR_NONE);
        } else {
            assert_int_equal(created, MFX_ERR_MEMORY_ALLOC);
            assert_null(a);
        }
        vfa_allocator_destroy(&a);
        assert_int_equal(atomic_load(&memory.live_blocks), 0);
        assert_int_equal(atomic_load(&memory.mismatches), 0);
        if (created == MFX_ERR_NONE && made == MFX_ERR_NONE) {
            assert_true(n > 70);
            break;
        }
    }
}

static void slots_are_reused_and_old_handles_stay_stale(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 16, 16, 4, 4);
    mfxMemId first = NULL;
    size_t book_bytes = 0;
    for (int i = 0; i < 2000; i++) {
        mfxFrameAllocResponse response;
        mfxFrameData data;
        assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
        if (!first)
            first = response.mids[0];
        else
            assert_int_equal(lock(&f, first, &data), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(release(&f, &response), MFX_ERR_NONE);
        if (i == 500)
            book_bytes = stats_of(&f).book_bytes;
    }
    assert_int_equal(stats_of(&f).book_bytes, book_bytes);
    fixture_close(&f);
}

struct storm {
    struct fixture *f;
    mfxMemId *mids;
    int count;
    int rounds;
    atomic_int failures;
};

static void *lock_storm(void *argument)
{
    struct storm *s = argument;
    for (int i = 0; i < s->rounds; i++) {
        mfxFrameData data = {0};
        mfxMemId mid = s->mids[i % s->count];
        if (lock(s->f, mid, &data) != MFX_ERR_NONE || !data.Y || vfa_frame_data_pitch(&data) != 64 ||
            unlock(s->f, mid, &data) != MFX_ERR_NONE)
            atomic_fetch_add(&s->failures, 1);
    }
    return NULL;
}

static void *alloc_storm(void *argument)
{
    struct storm *s = argument;
    for (int i = 0; i < s->rounds / 20; i++) {
        mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 16, 16, 2, 2 + (mfxU16)(i % 5));
        mfxFrameAllocResponse response;
        mfxFrameData data;
        if (alloc(s->f, &request, &response) != MFX_ERR_NONE) {
            atomic_fetch_add(&s->failures, 1);
            continue;
        }
        mfxMemId mid = response.mids[1];
        if (lock(s->f, mid, &data) != MFX_ERR_NONE || release(s->f, &response) != MFX_ERR_NONE ||
            unlock(s->f, mid, &data) != MFX_ERR_NONE)
            atomic_fetch_add(&s->failures, 1);
        (void)stats_of(s->f);
    }
    return NULL;
}

static void threads_may_do_everything_at_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, NULL, 0);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 4, 4);
    request.AllocId = vfa_next_alloc_id(f.a);
    mfxFrameAllocResponse response;
    assert_int_equal(alloc(&f, &request, &response), MFX_ERR_NONE);
    struct storm storm = {.f = &f, .mids = response.mids, .count = 4, .rounds = 20000};
    pthread_t thread[8];
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, i < 4 ? lock_storm : alloc_storm, &storm), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&storm.failures), 0);
    struct vfa_stats stats = stats_of(&f);
    assert_int_equal(stats.frames_locked, 0);
    assert_int_equal(stats.frames_retired, 0);
    assert_int_equal(stats.frames_live, 4);
    assert_int_equal(stats.lock_calls, 4 * 20000 + 4 * 1000);
    assert_int_equal(release(&f, &response), MFX_ERR_NONE);
    fixture_close(&f);
}

static void bad_configurations_are_refused(void **state)
{
    (void)state;
    struct vfa_allocator *a = (void *)&a;
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.size = 3;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_null(a);
    config = vfa_allocator_config_defaults();
    config.backend_count = 1;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NULL_PTR);
    struct vfa_backend backend;
    assert_int_equal(vfa_backend_system(NULL, &backend), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_system(NULL, NULL), MFX_ERR_NULL_PTR);
    config.backend = &backend;
    config.backend_count = 0;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config.backend_count = 9;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config.backend_count = 1;
    backend.traits = 0; /* then map and unmap are needed */
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NULL_PTR);
    backend.traits = VFA_BACKEND_ALWAYS_MAPPED;
    backend.create = NULL;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_backend_system(NULL, &backend), MFX_ERR_NONE);
    backend.kinds = 0;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    struct vfa_memory memory = *vfa_memory_default();
    memory.allocate = NULL;
    config = vfa_allocator_config_defaults();
    config.memory = &memory;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NULL_PTR);
    assert_null(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc_gives_the_suggested_number_of_distinct_mids),
        cmocka_unit_test(lock_sets_every_field_whatever_was_there),
        cmocka_unit_test(pitch_beyond_16_bits_goes_through_pitch_high),
        cmocka_unit_test(locks_nest_and_give_the_same_pointers),
        cmocka_unit_test(a_millionth_lock_is_refused_not_wrapped),
        cmocka_unit_test(system_frames_have_no_native_handle),
        cmocka_unit_test(only_served_memory_types_are_answered),
        cmocka_unit_test(bad_requests_say_what_is_wrong),
        cmocka_unit_test(frames_without_a_layout_say_why),
        cmocka_unit_test(min_without_suggested_counts),
        cmocka_unit_test(sixty_five_thousand_frames),
        cmocka_unit_test(nulls_are_answered),
        cmocka_unit_test(handles_that_are_no_frames_are_refused_everywhere),
        cmocka_unit_test(free_is_safe_on_zeroed_unknown_and_freed_responses),
        cmocka_unit_test(freed_while_locked_frames_live_until_the_last_unlock),
        cmocka_unit_test(destroy_reports_each_leak_by_name),
        cmocka_unit_test(when_memory_is_short_the_minimum_will_do),
        cmocka_unit_test(the_frame_byte_limit_holds),
        cmocka_unit_test(every_failed_request_for_memory_is_undone),
        cmocka_unit_test(slots_are_reused_and_old_handles_stay_stale),
        cmocka_unit_test(threads_may_do_everything_at_once),
        cmocka_unit_test(bad_configurations_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
