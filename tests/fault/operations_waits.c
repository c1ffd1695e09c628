/* Operations that wait until another thread does something. Waits are woken early, too; whoever waits finds
 * what it waits for all the same, and nobody waits for good. */
#include "bench.h"

#include <time.h>

/* The other thread: does its part once the first one had time to begin to wait. That it mostly has is enough:
 * what comes of it is the same either way. */
struct other {
    pthread_t thread;
    struct bench *b;
    void (*part)(struct bench *);
};

static void *run_other(void *user)
{
    struct other *other = user;
    const struct timespec while_it_begins = {.tv_nsec = 300000};
    (void)nanosleep(&while_it_begins, NULL);
    other->part(other->b);
    return NULL;
}

static void begin_other(struct other *other, struct bench *b, void (*part)(struct bench *))
{
    *other = (struct other){.b = b, .part = part};
    assert_int_equal(pthread_create(&other->thread, NULL, run_other, other), 0);
}

static void end_other(struct other *other)
{
    assert_int_equal(pthread_join(other->thread, NULL), 0);
}

/* --- surfaces */

static void take_all(struct bench *b)
{
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[i]), MFX_ERR_NONE);
}

static void release_one(struct bench *b)
{
    (void)vfa_pool_release(b->pool, b->surface[3]);
    b->surface[3] = NULL;
}

static void release_all(struct bench *b, mfxStatus status)
{
    (void)status;
    for (size_t i = 0; i < 4; i++)
        if (b->surface[i])
            assert_int_equal(vfa_pool_release(b->pool, b->surface[i]), MFX_ERR_NONE);
    memset(b->surface, 0, sizeof b->surface);
    (void)vfa_pool_trim(b->pool, 0);
}

static mfxStatus wait_for_release(struct bench *b)
{
    struct other other;
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)b->array;
    begin_other(&other, b, release_one);
    mfxStatus status = vfa_pool_acquire(b->pool, -1, &surface);
    end_other(&other);
    b->surface[3] = surface;
    return status;
}

/* Nothing was handed out, and what was released meanwhile is free. */
static void nothing_taken(struct bench *b)
{
    assert_null(b->surface[3]);
    assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[3]), MFX_ERR_NONE);
}

static struct vfa_pool_cancel cancel;

static void cancel_waits(struct bench *b)
{
    (void)vfa_pool_cancel_waits(b->pool, &cancel);
}

static mfxStatus wait_until_cancelled(struct bench *b)
{
    struct other other;
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)b->array;
    struct vfa_pool_want want = vfa_pool_want_defaults();
    cancel = (struct vfa_pool_cancel){0};
    want.timeout_ms = -1;
    want.cancel = &cancel;
    begin_other(&other, b, cancel_waits);
    mfxStatus status = vfa_pool_acquire_as(b->pool, &want, &surface);
    end_other(&other);
    assert_null(surface);
    return status == MFX_ERR_NOT_FOUND ? MFX_ERR_NONE : status;
}

/* --- a pool that is closed */

static void make_pool_and_take(struct bench *b)
{
    b->config.hints = NULL;
    b->config.request = bench_request(1, 1);
    assert_int_equal(vfa_pool_create(&b->made_pool, &b->config), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_acquire(b->made_pool, 0, &b->surface[0]), MFX_ERR_NONE);
}

static void close_pool(struct bench *b)
{
    vfa_pool_close(b->made_pool);
}

static mfxStatus wait_until_closed(struct bench *b)
{
    struct other other;
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)b->array;
    begin_other(&other, b, close_pool);
    mfxStatus status = vfa_pool_acquire(b->made_pool, -1, &surface);
    end_other(&other);
    assert_null(surface);
    return status == MFX_ERR_ABORTED ? MFX_ERR_NONE : status;
}

static void end_pool(struct bench *b, mfxStatus status)
{
    (void)status;
    assert_int_equal(vfa_pool_release(b->made_pool, b->surface[0]), MFX_ERR_NONE);
    b->surface[0] = NULL;
    vfa_pool_destroy(&b->made_pool);
}

/* --- a surface that another one writes, or an operation produces */

static void take_one(struct bench *b)
{
    assert_int_equal(vfa_pool_acquire(b->pool, 0, &b->surface[0]), MFX_ERR_NONE);
}

static void take_and_write(struct bench *b)
{
    take_one(b);
    assert_int_equal(b->surface[0]->FrameInterface->Map(b->surface[0], MFX_MAP_WRITE), MFX_ERR_NONE);
}

static void end_writing(struct bench *b)
{
    (void)b->surface[0]->FrameInterface->Unmap(b->surface[0]);
}

static mfxStatus read_after_the_writer(struct bench *b)
{
    struct other other;
    mfxFrameSurface1 *surface = b->surface[0];
    begin_other(&other, b, end_writing);
    mfxStatus status = surface->FrameInterface->Map(surface, MFX_MAP_READ);
    end_other(&other);
    return status == MFX_ERR_NONE ? surface->FrameInterface->Unmap(surface) : status;
}

static void take_and_begin(struct bench *b)
{
    take_one(b);
    assert_int_equal(vfa_surface_begin(b->surface[0]), MFX_ERR_NONE);
}

static void complete(struct bench *b)
{
    (void)vfa_surface_complete(b->surface[0], MFX_ERR_NONE);
}

static mfxStatus wait_for_operation(struct bench *b, mfxU32 wait_ms)
{
    struct other other;
    mfxFrameSurface1 *surface = b->surface[0];
    begin_other(&other, b, complete);
    mfxStatus status = surface->FrameInterface->Synchronize(surface, wait_ms);
    end_other(&other);
    return status;
}

static mfxStatus synchronize(struct bench *b)
{
    return wait_for_operation(b, 60000);
}

static mfxStatus synchronize_for_ever(struct bench *b)
{
    return wait_for_operation(b, MFX_INFINITE);
}

static mfxStatus read_what_comes(struct bench *b)
{
    struct other other;
    mfxFrameSurface1 *surface = b->surface[0];
    begin_other(&other, b, complete);
    mfxStatus status = surface->FrameInterface->Map(surface, MFX_MAP_READ);
    end_other(&other);
    return status == MFX_ERR_NONE ? surface->FrameInterface->Unmap(surface) : status;
}

/* The longest way that an operation does not take: it is said in time that it is not done. */
static mfxStatus synchronize_in_vain(struct bench *b)
{
    mfxStatus status = b->surface[0]->FrameInterface->Synchronize(b->surface[0], 1);
    complete(b);
    return status == MFX_WRN_IN_EXECUTION ? MFX_ERR_NONE : status;
}

#define NO_MEMORY MFX_ERR_MEMORY_ALLOC

static const struct operation rows[] = {
    {"vfa_pool_acquire: until one is released", &world_pool, take_all, wait_for_release, nothing_taken,
     release_all, NO_MEMORY, MAY_SERVE},
    {"vfa_pool_acquire_as: until it is cancelled", &world_pool, take_all, wait_until_cancelled, NULL,
     release_all, NO_MEMORY, MAY_SERVE},
    {"vfa_pool_acquire: until the pool is closed", &world_pool, make_pool_and_take, wait_until_closed, NULL,
     end_pool, NO_MEMORY, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Map, after the writer", &world_interface, take_and_write,
     read_after_the_writer, NULL, release_all, MFX_ERR_NONE, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Map of what is being produced", &world_interface, take_and_begin,
     read_what_comes, NULL, release_all, MFX_ERR_NONE, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Synchronize with an operation", &world_interface, take_and_begin, synchronize,
     NULL, release_all, MFX_ERR_NONE, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Synchronize, however long it takes", &world_interface, take_and_begin,
     synchronize_for_ever, NULL, release_all, MFX_ERR_NONE, MAY_SERVE},
    {"mfxFrameSurfaceInterface: Synchronize in vain", &world_interface, take_and_begin, synchronize_in_vain,
     NULL, release_all, MFX_ERR_NONE, MAY_SERVE},
};

const struct operations operations_waits = OPERATIONS(rows);
