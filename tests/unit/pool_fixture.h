/* A pool over the mock allocator and a counted memory manager, with a remembered log, and threads that wait
 * for a surface. */
#ifndef VFA_TEST_POOL_FIXTURE_H
#define VFA_TEST_POOL_FIXTURE_H

#include "../support/log.h"
#include "../support/memory.h"
#include "mock_frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <time.h>
#include <vfa/pool.h>

struct fixture {
    struct test_memory memory;
    struct vfa_memory manager;
    struct test_log log;
    struct mock_frames frames;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
};

static inline void fixture_prepare(struct fixture *f, int surfaces)
{
    memset(f, 0, sizeof *f);
    f->manager = test_memory_manager(&f->memory);
    mock_frames_init(&f->frames);
    f->config = vfa_pool_config_defaults();
    f->config.name = "decode";
    f->config.allocator = &f->frames.mfx;
    f->config.memory = &f->manager;
    f->config.log = test_log_sink(&f->log, VFA_LOG_DEBUG);
    f->config.request.Info.FourCC = MFX_FOURCC_NV12;
    f->config.request.Info.Width = 64;
    f->config.request.Info.Height = 32;
    f->config.request.NumFrameMin = (mfxU16)surfaces;
    f->config.request.NumFrameSuggested = (mfxU16)surfaces;
}

static inline void fixture_open(struct fixture *f, int surfaces)
{
    fixture_prepare(f, surfaces);
    assert_int_equal(vfa_pool_create(&f->pool, &f->config), MFX_ERR_NONE);
}

/* Everything came back: memory, frames, locks. */
static inline void assert_nothing_left(struct fixture *f)
{
    assert_int_equal(atomic_load(&f->memory.live_blocks), 0);
    assert_int_equal(atomic_load(&f->memory.mismatches), 0);
    assert_int_equal(atomic_load(&f->frames.live), 0);
    assert_int_equal(atomic_load(&f->frames.errors), 0);
}

static inline void fixture_close(struct fixture *f)
{
    vfa_pool_destroy(&f->pool);
    assert_null(f->pool);
    assert_nothing_left(f);
    pthread_mutex_destroy(&f->log.lock);
}

static inline struct vfa_pool_stats stats_of(struct vfa_pool *pool)
{
    struct vfa_pool_stats stats;
    assert_int_equal(vfa_pool_stats(pool, &stats), MFX_ERR_NONE);
    return stats;
}

static inline void assert_places(struct vfa_pool *pool, int free_, int leased, int lent, int pending)
{
    struct vfa_pool_stats stats = stats_of(pool);
    assert_int_equal(stats.free, free_);
    assert_int_equal(stats.leased, leased);
    assert_int_equal(stats.lent, lent);
    assert_int_equal(stats.pending, pending);
    assert_int_equal(stats.surfaces, free_ + leased + lent + pending);
}

static inline mfxFrameSurface1 *acquire(struct vfa_pool *pool)
{
    mfxFrameSurface1 *surface = NULL;
    assert_int_equal(vfa_pool_acquire(pool, 0, &surface), MFX_ERR_NONE);
    assert_non_null(surface);
    return surface;
}

static inline void release(struct vfa_pool *pool, mfxFrameSurface1 *surface)
{
    assert_int_equal(vfa_pool_release(pool, surface), MFX_ERR_NONE);
}

static inline void assert_nothing_to_acquire(struct vfa_pool *pool)
{
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)mock_pixels;
    assert_int_equal(vfa_pool_acquire(pool, 0, &surface), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_null(surface);
}

static inline void sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static inline double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A thread that acquires one surface. */
struct waiting_thread {
    struct vfa_pool *pool;
    struct vfa_pool_want want;
    pthread_t thread;
    mfxStatus status;
    mfxFrameSurface1 *surface;
    atomic_int done;
};

static inline void *waiting_thread_run(void *arg)
{
    struct waiting_thread *w = arg;
    w->status = vfa_pool_acquire_as(w->pool, &w->want, &w->surface);
    atomic_store(&w->done, 1);
    return NULL;
}

static inline struct waiting_thread waiting_for(struct vfa_pool *pool, int32_t timeout_ms)
{
    struct waiting_thread w = {.pool = pool, .want = vfa_pool_want_defaults()};
    w.want.timeout_ms = timeout_ms;
    return w;
}

/* Starts it and returns when it is in the queue. */
static inline void start_waiting_so(struct waiting_thread *w, struct vfa_pool *pool,
                                    struct vfa_pool_want want)
{
    *w = waiting_for(pool, 0);
    w->want = want;
    uint64_t waits = stats_of(pool).waits;
    assert_int_equal(pthread_create(&w->thread, NULL, waiting_thread_run, w), 0);
    while (stats_of(pool).waits == waits)
        sleep_ms(1);
}

static inline void start_waiting(struct waiting_thread *w, struct vfa_pool *pool, int32_t timeout_ms)
{
    start_waiting_so(w, pool, waiting_for(pool, timeout_ms).want);
}

static inline void join_waiting(struct waiting_thread *w, mfxStatus expected)
{
    assert_int_equal(pthread_join(w->thread, NULL), 0);
    assert_int_equal(w->status, expected);
    if (expected == MFX_ERR_NONE)
        assert_non_null(w->surface);
    else
        assert_null(w->surface);
}

#endif
