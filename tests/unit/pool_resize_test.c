/* Pool: growing within limits, trimming, and resets that keep or replace the frames. */
#include "pool_fixture.h"

#include "pool/internal.h"

#include <vfa/vfa.h>

struct resize {
    struct fixture f;
    struct vfa_allocator *allocator;
    mfxExtAllocationHints hints;
};

static mfxFrameAllocRequest request_of(int width, int height, int count)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = (mfxU16)width;
    request.Info.Height = (mfxU16)height;
    request.NumFrameMin = request.NumFrameSuggested = (mfxU16)count;
    return request;
}

static void prepare(struct resize *r, int count)
{
    memset(r, 0, sizeof *r);
    fixture_prepare(&r->f, count);
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = &r->f.manager;
    assert_int_equal(vfa_allocator_create(&r->allocator, &config), MFX_ERR_NONE);
    r->f.config.allocator = vfa_allocator_mfx(r->allocator);
    r->f.config.request = request_of(64, 64, count);
    r->hints.Header.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS;
    r->hints.Header.BufferSz = sizeof r->hints;
}

static void open_fixed(struct resize *r, int count)
{
    prepare(r, count);
    assert_int_equal(vfa_pool_create(&r->f.pool, &r->f.config), MFX_ERR_NONE);
}

static void open_hinted(struct resize *r, mfxPoolAllocationPolicy policy, mfxU32 first, mfxU32 delta)
{
    prepare(r, 4);
    r->hints.AllocationPolicy = policy;
    r->hints.NumberToPreAllocate = first;
    r->hints.DeltaToAllocateOnTheFly = delta;
    r->f.config.hints = &r->hints;
    assert_int_equal(vfa_pool_create(&r->f.pool, &r->f.config), MFX_ERR_NONE);
    memset(&r->hints, 0, sizeof r->hints); /* the pool has its own copy */
}

static int frames_live(struct resize *r)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(r->allocator, &stats), MFX_ERR_NONE);
    return (int)stats.frames_live;
}

static void close_resize(struct resize *r)
{
    vfa_pool_destroy(&r->f.pool);
    assert_int_equal(frames_live(r), 0);
    vfa_allocator_destroy(&r->allocator);
    fixture_close(&r->f);
}

static void acquire_many(struct resize *r, mfxFrameSurface1 **surfaces, int count)
{
    for (int i = 0; i < count; i++)
        surfaces[i] = acquire(r->f.pool);
}

static void release_many(struct resize *r, mfxFrameSurface1 **surfaces, int count)
{
    for (int i = 0; i < count; i++)
        release(r->f.pool, surfaces[i]);
}

static bool reset(struct resize *r, int width, int height, int count)
{
    mfxFrameAllocRequest request = request_of(width, height, count);
    bool replaced;
    assert_int_equal(vfa_pool_reset(r->f.pool, &request, &replaced), MFX_ERR_NONE);
    return replaced;
}

/* Growing */

static void assert_grows(struct resize *r, int first, int limit)
{
    mfxFrameSurface1 *surfaces[32];
    assert_int_equal(frames_live(r), first);
    assert_int_equal(stats_of(r->f.pool).limit, limit);
    acquire_many(r, surfaces, first);
    assert_int_equal(stats_of(r->f.pool).waits, 0);
    for (int i = first; i < limit; i++) {
        surfaces[i] = acquire(r->f.pool); /* does not wait, and need not */
        assert_int_equal(frames_live(r), i + 1);
        for (int k = 0; k < i; k++)
            assert_ptr_not_equal(surfaces[i]->Data.MemId, surfaces[k]->Data.MemId);
    }
    assert_nothing_to_acquire(r->f.pool);
    assert_int_equal(frames_live(r), limit);
    release_many(r, surfaces, limit);
    assert_places(r->f.pool, limit, 0, 0, 0);
    assert_int_equal(stats_of(r->f.pool).peak, limit);
    assert_int_equal(stats_of(r->f.pool).made, limit);
    close_resize(r);
}

static void without_hints_a_pool_has_what_the_request_says(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 4);
    assert_grows(&r, 4, 4);
}

static void optimal_grows_to_what_the_components_asked_for(void **state)
{
    (void)state;
    struct resize r;
    open_hinted(&r, MFX_ALLOCATION_OPTIMAL, 1, 9);
    assert_grows(&r, 1, 4);
    open_hinted(&r, MFX_ALLOCATION_OPTIMAL, 0, 0);
    assert_grows(&r, 0, 4);
    open_hinted(&r, MFX_ALLOCATION_OPTIMAL, 6, 0); /* "even if the number exceeds the recommended size" */
    assert_grows(&r, 6, 6);
}

static void limited_grows_by_delta(void **state)
{
    (void)state;
    struct resize r;
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 2, 3);
    assert_grows(&r, 2, 5);
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 0, 1);
    assert_grows(&r, 0, 1);
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 5, 0);
    assert_grows(&r, 5, 5);
}

static void unlimited_grows_to_the_applications_own_limit(void **state)
{
    (void)state;
    struct resize r;
    open_hinted(&r, MFX_ALLOCATION_UNLIMITED, 2, 0);
    assert_int_equal(stats_of(r.f.pool).limit, 1024);
    close_resize(&r);
    prepare(&r, 0);
    r.hints.AllocationPolicy = MFX_ALLOCATION_UNLIMITED;
    r.f.config.hints = &r.hints;
    r.f.config.max_surfaces = 20;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_NONE);
    assert_grows(&r, 0, 20);
}

static void hints_that_are_none_are_refused(void **state)
{
    (void)state;
    struct resize r;
    prepare(&r, 4);
    r.hints.AllocationPolicy = MFX_ALLOCATION_LIMITED;
    r.f.config.hints = &r.hints; /* no surfaces at all */
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints.NumberToPreAllocate = 2;
    const mfxExtAllocationHints good = r.hints;
    r.hints.Header.BufferId = 0;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints = good;
    r.hints.Header.BufferSz--;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints = good;
    r.hints.AllocationPolicy = (mfxPoolAllocationPolicy)3;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints = good;
    r.hints.DeltaToAllocateOnTheFly = UINT32_MAX - 1;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints.DeltaToAllocateOnTheFly = 65534;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    r.hints = good;
    r.f.config.max_surfaces = 1;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_null(r.f.pool);
    close_resize(&r);
}

static void growth_that_fails_is_a_wait(void **state)
{
    (void)state;
    struct fixture f;
    mfxExtAllocationHints hints = {.AllocationPolicy = MFX_ALLOCATION_LIMITED, .DeltaToAllocateOnTheFly = 2};
    hints.Header.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS;
    hints.Header.BufferSz = sizeof hints;
    fixture_prepare(&f, 1);
    f.config.hints = &hints;
    f.frames.alloc_status = MFX_ERR_MEMORY_ALLOC;
    assert_int_equal(vfa_pool_create(&f.pool, &f.config), MFX_ERR_NONE); /* nothing is allocated ahead */
    mfxFrameSurface1 *surface;
    assert_nothing_to_acquire(f.pool);
    assert_int_equal(vfa_pool_acquire(f.pool, 10, &surface), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(f.log.lines[VFA_LOG_ERROR], 2); /* each tried once */
    f.frames.alloc_status = MFX_ERR_NONE;
    release(f.pool, acquire(f.pool));
    assert_places(f.pool, 1, 0, 0, 0);
    fixture_close(&f);
}

static void a_grown_surface_goes_to_who_waits_longest(void **state)
{
    (void)state;
    struct resize r;
    struct waiting_thread w;
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 1, 0);
    mfxFrameSurface1 *held = acquire(r.f.pool), *mine;
    start_waiting(&w, r.f.pool, -1);
    pthread_mutex_lock(&r.f.pool->lock);
    r.f.pool->limit = 2; /* nobody tells the waiter */
    pthread_mutex_unlock(&r.f.pool->lock);
    assert_int_equal(vfa_pool_acquire(r.f.pool, 0, &mine), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    join_waiting(&w, MFX_ERR_NONE);
    assert_int_equal(frames_live(&r), 2);
    release(r.f.pool, w.surface);
    release(r.f.pool, held);
    close_resize(&r);
}

/* Trimming */

static void trim_gives_back_what_a_pool_grew_by(void **state)
{
    (void)state;
    struct resize r;
    mfxFrameSurface1 *s[5];
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 2, 3);
    acquire_many(&r, s, 5);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 0);
    release_many(&r, s, 4);
    assert_int_equal(vfa_pool_trim(r.f.pool, 60000), 0); /* used lately */
    sleep_ms(10);                                        /* a tick of the coarse clock */
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 2);
    assert_int_equal(frames_live(&r), 3);
    assert_places(r.f.pool, 2, 1, 0, 0);
    release(r.f.pool, s[4]);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 1);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 0);
    assert_int_equal(stats_of(r.f.pool).trimmed, 3);
    assert_int_equal(stats_of(r.f.pool).peak, 5);
    acquire_many(&r, s, 5); /* and grows again */
    assert_int_equal(frames_live(&r), 5);
    release_many(&r, s, 5);
    assert_int_equal(vfa_pool_trim(NULL, 0), 0);
    close_resize(&r);
}

static void trim_keeps_what_the_runtime_holds(void **state)
{
    (void)state;
    struct resize r;
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 0, 1);
    mfxFrameSurface1 *surface = acquire(r.f.pool);
    runtime_holds(surface);
    release(r.f.pool, surface);
    sleep_ms(10);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 0);
    runtime_lets_go(surface);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 1);
    assert_int_equal(frames_live(&r), 0);
    assert_int_equal(vfa_pool_release(r.f.pool, surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    close_resize(&r);
}

/* Resets */

static void a_reset_that_fits_keeps_the_frames_and_renews_the_info(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 3);
    mfxFrameSurface1 *out = acquire(r.f.pool);
    mfxMemId mid = vfa_pool_response(r.f.pool)->mids[0];
    assert_false(reset(&r, 48, 32, 2));
    assert_int_equal(out->Info.Width, 64); /* still somebody's */
    mfxFrameSurface1 *next = acquire(r.f.pool);
    assert_int_equal(next->Info.Width, 48);
    assert_int_equal(next->Info.Height, 32);
    release(r.f.pool, out);
    assert_ptr_equal(acquire(r.f.pool), out);
    assert_int_equal(out->Info.Width, 48);
    assert_ptr_equal(vfa_pool_response(r.f.pool)->mids[0], mid);
    assert_false(reset(&r, 64, 64, 3)); /* what counts is what was allocated */
    assert_int_equal(stats_of(r.f.pool).made, 3);
    release(r.f.pool, out);
    release(r.f.pool, next);
    close_resize(&r);
}

static void a_reset_that_does_not_fit_replaces_what_is_free(void **state)
{
    (void)state;
    struct resize r;
    mfxFrameSurface1 *s[5];
    open_fixed(&r, 3);
    acquire_many(&r, s, 3);
    release_many(&r, s, 3);
    assert_true(reset(&r, 80, 64, 5));
    assert_int_equal(frames_live(&r), 5);
    assert_int_equal(vfa_pool_response(r.f.pool)->NumFrameActual, 5);
    acquire_many(&r, s, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(s[i]->Info.Width, 80);
    assert_nothing_to_acquire(r.f.pool);
    assert_int_equal(stats_of(r.f.pool).peak, 5);
    release_many(&r, s, 5);
    assert_int_equal(stats_of(r.f.pool).acquired, 8);
    close_resize(&r);
}

static void each_difference_of_the_frames_needs_new_ones(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 2);
    assert_true(reset(&r, 64, 80, 2));
    assert_true(reset(&r, 64, 80, 3));
    mfxFrameAllocRequest request = request_of(64, 80, 3);
    bool replaced;
    request.Info.FourCC = MFX_FOURCC_P010;
    request.Info.BitDepthLuma = request.Info.BitDepthChroma = 10;
    request.Info.Shift = 1;
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, &replaced), MFX_ERR_NONE);
    assert_true(replaced);
    request.AllocId = 7;
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_response(r.f.pool)->AllocId, 7);
    assert_int_equal(frames_live(&r), 3);
    close_resize(&r);
}

static void leased_surfaces_of_before_live_until_they_come_back(void **state)
{
    (void)state;
    struct resize r;
    mfxFrameSurface1 *s[3];
    mfxFrameData data;
    prepare(&r, 3);
    r.f.config.mode = VFA_SURFACE_POINTERS;
    assert_int_equal(vfa_pool_create(&r.f.pool, &r.f.config), MFX_ERR_NONE);
    acquire_many(&r, s, 3);
    struct vfa_lease lease;
    assert_int_equal(vfa_pool_claim(r.f.pool, s[2], &lease), MFX_ERR_NONE);
    assert_true(reset(&r, 128, 64, 3));
    assert_int_equal(frames_live(&r), 6);
    assert_places(r.f.pool, 3, 3, 0, 0);
    memset(s[0]->Data.Y, 7, 64);
    data = s[0]->Data;
    release(r.f.pool, s[0]);
    assert_int_equal(vfa_pool_release(r.f.pool, s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(stats_of(r.f.pool).retired, 1);
    char text[256];
    (void)vfa_pool_explain(r.f.pool, text, sizeof text);
    assert_non_null(strstr(text, ", 1 more retired"));
    assert_int_equal(data.Y[0], 7); /* the rest of its frames is out: not freed */
    release(r.f.pool, s[1]);
    assert_int_equal(frames_live(&r), 6);
    assert_int_equal(vfa_pool_end(r.f.pool, &lease), MFX_ERR_NONE);
    assert_int_equal(frames_live(&r), 3);
    assert_places(r.f.pool, 3, 0, 0, 0);
    for (int i = 0; i < 3; i++) {
        s[i] = acquire(r.f.pool);
        assert_int_equal(s[i]->Info.Width, 128);
    }
    release_many(&r, s, 3);
    close_resize(&r);
}

static void old_surfaces_that_the_runtime_holds_are_freed_once_it_lets_go(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 2);
    mfxFrameSurface1 *pending = acquire(r.f.pool), *lent = acquire(r.f.pool);
    runtime_holds(pending);
    runtime_holds(lent);
    release(r.f.pool, pending);
    assert_int_equal(vfa_pool_settle(r.f.pool, lent, NULL), MFX_ERR_NONE);
    assert_true(reset(&r, 128, 64, 2));
    assert_places(r.f.pool, 2, 0, 1, 0);
    assert_int_equal(stats_of(r.f.pool).retired, 1);
    mfxFrameSurface1 *work = acquire(r.f.pool);
    assert_int_equal(work->Info.Width, 128);
    assert_int_equal(vfa_pool_settle(r.f.pool, work, lent), MFX_ERR_NONE); /* the old stream's last output */
    assert_int_equal(lent->Info.Width, 64);
    runtime_lets_go(lent);
    release(r.f.pool, lent);
    assert_int_equal(frames_live(&r), 4);
    runtime_lets_go(pending);
    assert_int_equal(vfa_pool_settle(r.f.pool, NULL, NULL), MFX_ERR_NONE);
    assert_int_equal(frames_live(&r), 2);
    assert_places(r.f.pool, 2, 0, 0, 0);
    close_resize(&r);
}

static void a_retired_surface_that_the_decoder_shows_again_is_leased(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 2);
    mfxFrameSurface1 *shown = acquire(r.f.pool);
    runtime_holds(shown);
    release(r.f.pool, shown);
    assert_true(reset(&r, 128, 64, 2));
    mfxFrameSurface1 *work = acquire(r.f.pool);
    assert_int_equal(vfa_pool_settle(r.f.pool, work, shown), MFX_ERR_NONE);
    runtime_lets_go(shown);
    assert_int_equal(frames_live(&r), 4);
    release(r.f.pool, shown);
    assert_int_equal(frames_live(&r), 2);
    close_resize(&r);
}

/* A thread that looked at the surface before the reset and puts it among the free ones afterwards. */
static void release_late(struct resize *r, const mfxFrameSurface1 *surface)
{
    uint32_t index = vfa__pool_index(r->f.pool, surface);
    atomic_fetch_sub(&r->f.pool->slots[index].leases, 1);
    assert_true(vfa__bits_give(&r->f.pool->free, index, false));
}

static void an_old_surface_that_slips_in_is_not_handed_out(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 1);
    mfxFrameSurface1 *old = acquire(r.f.pool);
    assert_true(reset(&r, 128, 64, 1));
    release_late(&r, old);
    mfxFrameSurface1 *surface = acquire(r.f.pool);
    assert_ptr_not_equal(surface, old);
    assert_int_equal(surface->Info.Width, 128);
    assert_int_equal(frames_live(&r), 1);
    release(r.f.pool, surface);
    close_resize(&r);
}

static void an_old_surface_that_slips_in_is_freed_by_who_looks(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 1);
    mfxFrameSurface1 *old = acquire(r.f.pool);
    assert_true(reset(&r, 128, 64, 1));
    release_late(&r, old);
    assert_int_equal(vfa_pool_trim(r.f.pool, 0), 0);
    assert_int_equal(frames_live(&r), 1);
    assert_places(r.f.pool, 1, 0, 0, 0);
    close_resize(&r);
}

static void waiters_get_surfaces_of_the_new_kind(void **state)
{
    (void)state;
    struct resize r;
    struct waiting_thread w;
    open_fixed(&r, 1);
    mfxFrameSurface1 *held = acquire(r.f.pool);
    start_waiting(&w, r.f.pool, -1);
    assert_true(reset(&r, 128, 64, 1));
    join_waiting(&w, MFX_ERR_NONE);
    assert_int_equal(w.surface->Info.Width, 128);
    release(r.f.pool, held);
    release(r.f.pool, w.surface);
    assert_int_equal(frames_live(&r), 1);
    close_resize(&r);
}

static void a_reset_that_fails_changes_nothing(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 40);
    mfxFrameSurface1 *held = acquire(r.f.pool);
    mfxFrameAllocRequest request = request_of(128, 64, 2);
    request.Info.FourCC = 0x21212121;
    bool replaced = true;
    assert_true(vfa_pool_reset(r.f.pool, &request, &replaced) < MFX_ERR_NONE);
    assert_false(replaced);
    request = request_of(128, 64, 0);
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, NULL), MFX_ERR_INVALID_VIDEO_PARAM);
    request = request_of(128, 64, 41); /* 80 places, one taken for good */
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, NULL), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_int_equal(vfa_pool_reset(NULL, &request, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_pool_reset(r.f.pool, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(frames_live(&r), 40);
    assert_places(r.f.pool, 39, 1, 0, 0);
    release(r.f.pool, held);
    mfxFrameSurface1 *surface = acquire(r.f.pool);
    assert_int_equal(surface->Info.Width, 64);
    release(r.f.pool, surface);
    vfa_pool_close(r.f.pool);
    request = request_of(128, 64, 2);
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, NULL), MFX_ERR_ABORTED);
    close_resize(&r);
}

static void a_reset_undoes_everything_when_memory_runs_out(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 2);
    mfxFrameSurface1 *held = acquire(r.f.pool);
    mfxFrameAllocRequest request = request_of(128, 64, 3);
    int failures = 0;
    mfxStatus status;
    do {
        atomic_store(&r.f.memory.requests, 0);
        r.f.memory.fail_at = failures + 1;
        status = vfa_pool_reset(r.f.pool, &request, NULL);
        r.f.memory.fail_at = 0;
        if (status == MFX_ERR_NONE)
            break;
        failures++;
        assert_int_equal(status, MFX_ERR_MEMORY_ALLOC);
        assert_int_equal(frames_live(&r), 2);
        assert_places(r.f.pool, 1, 1, 0, 0);
    } while (failures < 100);
    assert_true(failures > 0);
    assert_int_equal(status, MFX_ERR_NONE);
    assert_places(r.f.pool, 3, 1, 0, 0);
    release(r.f.pool, held);
    close_resize(&r);
}

/* An allocator whose Alloc does not return before the test lets it. */
struct slow_frames {
    mfxFrameAllocator mfx;
    mfxFrameAllocator *inner;
    atomic_int slow;
    atomic_int inside;
    atomic_int fails; /* so many fail */
};

static mfxStatus slow_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    struct slow_frames *s = pthis;
    atomic_fetch_add(&s->inside, 1);
    while (atomic_load(&s->slow))
        sleep_ms(1);
    if (atomic_fetch_sub(&s->fails, 1) > 0)
        return MFX_ERR_MEMORY_ALLOC;
    return s->inner->Alloc(s->inner->pthis, request, response);
}

static mfxStatus slow_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct slow_frames *s = pthis;
    return s->inner->Free(s->inner->pthis, response);
}

/* A pool that grows for a waiter, in the middle of which the test goes on. */
static void open_while_growing(struct resize *r, struct slow_frames *s, struct waiting_thread *w)
{
    prepare(r, 2);
    memset(s, 0, sizeof *s);
    s->mfx.pthis = s;
    s->mfx.Alloc = slow_alloc;
    s->mfx.Free = slow_free;
    s->inner = r->f.config.allocator;
    r->hints.NumberToPreAllocate = 0;
    r->f.config.hints = &r->hints;
    r->f.config.allocator = &s->mfx;
    assert_int_equal(vfa_pool_create(&r->f.pool, &r->f.config), MFX_ERR_NONE);
    atomic_store(&s->slow, 1);
    start_waiting(w, r->f.pool, -1);
    while (!atomic_load(&s->inside))
        sleep_ms(1);
}

static void a_pool_destroyed_while_it_grows_loses_nothing(void **state)
{
    (void)state;
    struct resize r;
    struct slow_frames s;
    struct waiting_thread w;
    open_while_growing(&r, &s, &w);
    vfa_pool_destroy(&r.f.pool);
    atomic_store(&s.slow, 0);
    join_waiting(&w, MFX_ERR_ABORTED);
    close_resize(&r);
}

static void growth_that_a_reset_overtakes_is_done_anew(void **state)
{
    (void)state;
    struct resize r;
    struct slow_frames s;
    struct waiting_thread w;
    open_while_growing(&r, &s, &w);
    assert_true(reset(&r, 128, 64, 2)); /* nothing to allocate ahead, so it does not wait */
    atomic_store(&s.slow, 0);
    join_waiting(&w, MFX_ERR_NONE);
    assert_int_equal(w.surface->Info.Width, 128);
    assert_int_equal(frames_live(&r), 1);
    release(r.f.pool, w.surface);
    close_resize(&r);
}

static void a_cancelled_waiter_leaves_what_it_grew_to_others(void **state)
{
    (void)state;
    struct resize r;
    struct slow_frames s;
    struct waiting_thread w;
    open_while_growing(&r, &s, &w);
    pthread_mutex_lock(&r.f.pool->lock);
    struct vfa_pool_cancel cancel = {0};
    w.want.cancel = &cancel;
    pthread_mutex_unlock(&r.f.pool->lock);
    assert_int_equal(vfa_pool_cancel_waits(r.f.pool, &cancel), MFX_ERR_NONE);
    atomic_store(&s.slow, 0);
    join_waiting(&w, MFX_ERR_NOT_FOUND);
    assert_places(r.f.pool, 1, 0, 0, 0);
    release(r.f.pool, acquire(r.f.pool));
    assert_int_equal(frames_live(&r), 1);
    close_resize(&r);
}

static void one_reset_at_a_time(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 1);
    mfxFrameAllocRequest request = request_of(128, 64, 1);
    pthread_mutex_lock(&r.f.pool->lock);
    r.f.pool->resetting = true; /* as during Alloc */
    pthread_mutex_unlock(&r.f.pool->lock);
    assert_int_equal(vfa_pool_reset(r.f.pool, &request, NULL), MFX_ERR_RESOURCE_MAPPED);
    assert_int_equal(frames_live(&r), 1);
    r.f.pool->resetting = false;
    close_resize(&r);
}

static void a_hinted_pool_begins_anew_as_its_hints_say(void **state)
{
    (void)state;
    struct resize r;
    mfxFrameSurface1 *s[4];
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 1, 3);
    acquire_many(&r, s, 4);
    release_many(&r, s, 4);
    assert_false(reset(&r, 32, 32, 4));
    assert_int_equal(frames_live(&r), 4);
    assert_true(reset(&r, 128, 64, 9));
    assert_int_equal(frames_live(&r), 1);
    acquire_many(&r, s, 4);
    assert_nothing_to_acquire(r.f.pool);
    for (int i = 0; i < 4; i++)
        assert_int_equal(s[i]->Info.Width, 128);
    release_many(&r, s, 4);
    close_resize(&r);
}

static void destroy_waits_for_the_old_surfaces_too(void **state)
{
    (void)state;
    struct resize r;
    open_fixed(&r, 2);
    mfxFrameSurface1 *old = acquire(r.f.pool);
    assert_true(reset(&r, 128, 64, 2));
    struct vfa_pool *kept = r.f.pool;
    vfa_pool_destroy(&r.f.pool);
    assert_int_equal(frames_live(&r), 4);
    release(kept, old);
    assert_int_equal(frames_live(&r), 0);
    close_resize(&r);
}

static void surfaces_of_the_application_are_not_resized(void **state)
{
    (void)state;
    struct vfa_pool_config config = vfa_pool_config_defaults();
    mfxFrameSurface1 surface = {.Data = {.MemId = (mfxMemId)1}};
    mfxFrameAllocRequest request = request_of(64, 64, 1);
    mfxExtAllocationHints hints = {.NumberToPreAllocate = 1};
    struct vfa_pool *pool;
    config.surfaces = &surface;
    config.surface_count = 1;
    config.hints = &hints;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_INVALID_VIDEO_PARAM);
    config.hints = NULL;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_reset(pool, &request, NULL), MFX_ERR_UNSUPPORTED);
    assert_int_equal(vfa_pool_trim(pool, 0), 0);
    assert_ptr_equal(acquire(pool), &surface);
    assert_nothing_to_acquire(pool);
    release(pool, &surface);
    vfa_pool_destroy(&pool);
}

/* Served soon, and not only when its time is up. */
static void join_served(struct waiting_thread *w)
{
    for (int i = 0; i < 5000 && !atomic_load(&w->done); i++)
        sleep_ms(1);
    assert_true(atomic_load(&w->done));
    join_waiting(w, MFX_ERR_NONE);
}

static void what_a_cancelled_waiter_grew_to_goes_to_who_waits(void **state)
{
    (void)state;
    struct resize r;
    struct slow_frames s;
    struct waiting_thread grows, waits;
    open_while_growing(&r, &s, &grows);
    pthread_mutex_lock(&r.f.pool->lock);
    struct vfa_pool_cancel cancel = {0};
    grows.want.cancel = &cancel;
    r.f.pool->limit = 1; /* the one that is being made */
    pthread_mutex_unlock(&r.f.pool->lock);
    start_waiting(&waits, r.f.pool, -1);
    assert_int_equal(vfa_pool_cancel_waits(r.f.pool, &cancel), MFX_ERR_NONE);
    atomic_store(&s.slow, 0);
    join_waiting(&grows, MFX_ERR_NOT_FOUND);
    join_served(&waits);
    release(r.f.pool, waits.surface);
    close_resize(&r);
}

static void who_waits_makes_the_surface_that_another_failed_to_make(void **state)
{
    (void)state;
    struct resize r;
    struct slow_frames s;
    struct waiting_thread fails, waits;
    open_while_growing(&r, &s, &fails);
    pthread_mutex_lock(&r.f.pool->lock);
    r.f.pool->limit = 1;
    pthread_mutex_unlock(&r.f.pool->lock);
    start_waiting(&waits, r.f.pool, -1);
    atomic_store(&s.fails, 1);
    atomic_store(&s.slow, 0);
    join_served(&fails);
    release(r.f.pool, fails.surface);
    join_served(&waits);
    release(r.f.pool, waits.surface);
    assert_int_equal(frames_live(&r), 1);
    close_resize(&r);
}

static void who_waits_grows_a_pool_that_a_reset_left_room_in(void **state)
{
    (void)state;
    struct resize r;
    struct waiting_thread first, second;
    mfxFrameSurface1 *held[2];
    open_hinted(&r, MFX_ALLOCATION_LIMITED, 1, 1);
    acquire_many(&r, held, 2);
    start_waiting(&first, r.f.pool, -1);
    start_waiting(&second, r.f.pool, -1);
    assert_true(reset(&r, 128, 64, 2)); /* one, and room for one more */
    join_served(&first);
    join_served(&second);
    release_many(&r, held, 2);
    release(r.f.pool, first.surface);
    release(r.f.pool, second.surface);
    assert_places(r.f.pool, 2, 0, 0, 0);
    close_resize(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_hints_a_pool_has_what_the_request_says),
        cmocka_unit_test(optimal_grows_to_what_the_components_asked_for),
        cmocka_unit_test(limited_grows_by_delta),
        cmocka_unit_test(unlimited_grows_to_the_applications_own_limit),
        cmocka_unit_test(hints_that_are_none_are_refused),
        cmocka_unit_test(growth_that_fails_is_a_wait),
        cmocka_unit_test(a_grown_surface_goes_to_who_waits_longest),
        cmocka_unit_test(trim_gives_back_what_a_pool_grew_by),
        cmocka_unit_test(trim_keeps_what_the_runtime_holds),
        cmocka_unit_test(a_reset_that_fits_keeps_the_frames_and_renews_the_info),
        cmocka_unit_test(a_reset_that_does_not_fit_replaces_what_is_free),
        cmocka_unit_test(each_difference_of_the_frames_needs_new_ones),
        cmocka_unit_test(leased_surfaces_of_before_live_until_they_come_back),
        cmocka_unit_test(old_surfaces_that_the_runtime_holds_are_freed_once_it_lets_go),
        cmocka_unit_test(a_retired_surface_that_the_decoder_shows_again_is_leased),
        cmocka_unit_test(an_old_surface_that_slips_in_is_not_handed_out),
        cmocka_unit_test(an_old_surface_that_slips_in_is_freed_by_who_looks),
        cmocka_unit_test(waiters_get_surfaces_of_the_new_kind),
        cmocka_unit_test(a_reset_that_fails_changes_nothing),
        cmocka_unit_test(a_reset_undoes_everything_when_memory_runs_out),
        cmocka_unit_test(a_pool_destroyed_while_it_grows_loses_nothing),
        cmocka_unit_test(growth_that_a_reset_overtakes_is_done_anew),
        cmocka_unit_test(what_a_cancelled_waiter_grew_to_goes_to_who_waits),
        cmocka_unit_test(who_waits_makes_the_surface_that_another_failed_to_make),
        cmocka_unit_test(who_waits_grows_a_pool_that_a_reset_left_room_in),
        cmocka_unit_test(a_cancelled_waiter_leaves_what_it_grew_to_others),
        cmocka_unit_test(one_reset_at_a_time),
        cmocka_unit_test(a_hinted_pool_begins_anew_as_its_hints_say),
        cmocka_unit_test(destroy_waits_for_the_old_surfaces_too),
        cmocka_unit_test(surfaces_of_the_application_are_not_resized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
