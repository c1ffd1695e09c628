/* Pool under everything at once: eight threads that lease, with and without tokens, waits that are cancelled,
 * a runtime that holds and lets go when it likes, frames that grow, shrink and are replaced, and an end while
 * leases are out. No surface is in two hands, none is lost, all frames come back.
 *
 * VFA_STRESS_LEASES=10000000 in the environment makes it as long as that; else it is short. */
#include "pool_fixture.h"

#include "pool/internal.h"

#include <sched.h>
#include <vfa/vfa.h>

#define THREADS     8
#define SURFACES    65 /* of the largest pool */
#define PLACES      (2 * SURFACES)
#define POOLS       10
#define SOME_LEASES 200000

struct churn {
    struct fixture f;
    struct vfa_allocator *allocator;
    struct vfa_pool *pool;
    struct vfa_pool_cancel cancels[THREADS];
    atomic_int next_thread;
    atomic_int stopped;
    atomic_int ending;
    atomic_int failures;
    atomic_int collisions;
    atomic_long leases;
    atomic_long cancelled;
    atomic_int owner[PLACES];
    unsigned int touched[PLACES]; /* plain, for the thread sanitizer to see that owners are ordered */

    pthread_mutex_t lock; /* guards the rest: the runtime's queue */
    mfxFrameSurface1 *queue[PLACES];
    size_t count;
    bool stop;
};

static unsigned int next_random(unsigned int *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void require(struct churn *c, bool holds)
{
    atomic_fetch_add(&c->failures, !holds);
}

static void *runtime_run(void *arg)
{
    struct churn *c = arg;
    for (bool stop = false; !stop;) {
        pthread_mutex_lock(&c->lock);
        mfxFrameSurface1 *surface = c->count ? c->queue[--c->count] : NULL;
        stop = c->stop && !surface;
        pthread_mutex_unlock(&c->lock);
        if (surface) {
            c->touched[vfa__pool_index(c->pool, surface)]++;
            runtime_lets_go(surface);
        } else {
            sleep_ms(1);
        }
    }
    return NULL;
}

static void submit(struct churn *c, mfxFrameSurface1 *surface)
{
    runtime_holds(surface);
    pthread_mutex_lock(&c->lock);
    c->queue[c->count++] = surface;
    pthread_mutex_unlock(&c->lock);
}

static void enter(struct churn *c, const mfxFrameSurface1 *surface)
{
    uint32_t index = vfa__pool_index(c->pool, surface);
    bool taken = atomic_exchange_explicit(&c->owner[index], 1, memory_order_relaxed);
    if (taken || __atomic_load_n(&surface->Data.Locked, __ATOMIC_RELAXED) || !surface->Data.MemId)
        atomic_fetch_add(&c->collisions, 1);
    c->touched[index]++;
}

static void leave(struct churn *c, mfxFrameSurface1 *surface, bool with_token)
{
    struct vfa_lease lease;
    atomic_store_explicit(&c->owner[vfa__pool_index(c->pool, surface)], 0, memory_order_relaxed);
    if (with_token) {
        require(c, vfa_pool_ref(c->pool, surface) == MFX_ERR_NONE);
        require(c, vfa_pool_claim(c->pool, surface, &lease) == MFX_ERR_NONE);
        require(c, vfa_pool_release(c->pool, surface) == MFX_ERR_NONE);
        require(c, vfa_pool_end(c->pool, &lease) == MFX_ERR_NONE);
    } else {
        require(c, vfa_pool_release(c->pool, surface) == MFX_ERR_NONE);
    }
}

/* Leases until the pool is closed, two surfaces at a time. The last one is released as the pool is destroyed.
 */
static void *lease_run(void *arg)
{
    static const int32_t timeouts[] = {-1, 0, 1, -1};
    struct churn *c = arg;
    struct vfa_pool_want want = vfa_pool_want_defaults();
    mfxFrameSurface1 *kept = NULL, *surface;
    int self = atomic_fetch_add(&c->next_thread, 1);
    unsigned int seed = (unsigned int)self + 1;
    mfxStatus status;
    want.cancel = &c->cancels[self];
    want.tag = "runner";
    do {
        unsigned int dice = next_random(&seed);
        want.timeout_ms = timeouts[dice % 4];
        status = vfa_pool_acquire_as(c->pool, &want, &surface);
        if (status == MFX_ERR_NOT_FOUND) {
            atomic_fetch_add_explicit(&c->cancelled, 1, memory_order_relaxed);
            pthread_mutex_lock(&c->pool->lock); /* the pool's own field: it may be cancelling just now */
            want.cancel->cancelled = 0;
            pthread_mutex_unlock(&c->pool->lock);
        } else if (status == MFX_ERR_NONE) {
            atomic_fetch_add_explicit(&c->leases, 1, memory_order_relaxed);
            enter(c, surface);
            if (dice / 4 % 64 == 0)
                submit(c, surface);
            if (kept)
                leave(c, kept, dice / 4 % 16 == 1);
            kept = surface;
        } else if (status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED) {
            if (kept)
                leave(c, kept, false);
            kept = NULL;
        } else {
            require(c, status == MFX_ERR_ABORTED);
        }
    } while (status != MFX_ERR_ABORTED);
    atomic_fetch_add(&c->stopped, 1);
    while (!atomic_load(&c->ending))
        sched_yield();
    if (kept)
        leave(c, kept, seed % 2);
    return NULL;
}

static mfxFrameAllocRequest request_of(int width, int count)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_EXTERNAL_FRAME;
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    request.Info.Width = (mfxU16)width;
    request.Info.Height = 32;
    request.NumFrameMin = 1;
    request.NumFrameSuggested = (mfxU16)count;
    return request;
}

/* Replaces, renews, trims and cancels. */
static void disturb(struct churn *c, int count, unsigned int dice)
{
    struct vfa_pool_stats stats;
    mfxFrameAllocRequest request = request_of(dice % 2 ? 64 : 128, count);
    mfxStatus status = MFX_ERR_NONE;
    switch (dice / 2 % 4) {
    case 0:
        status = vfa_pool_reset(c->pool, &request, NULL);
        require(c, status == MFX_ERR_NONE || status == MFX_ERR_NOT_ENOUGH_BUFFER);
        break;
    case 1:
        (void)vfa_pool_trim(c->pool, dice % 16);
        break;
    case 2:
        require(c, vfa_pool_cancel_waits(c->pool, &c->cancels[dice % THREADS]) == MFX_ERR_NONE);
        break;
    default:
        require(c, vfa_pool_stats(c->pool, &stats) == MFX_ERR_NONE);
        vfa_pool_poke(c->pool);
        break;
    }
}

/* The surfaces grow from a part of `count` to all of them; AllocId 0, so each reset to the other width that
 * is larger replaces them. */
static void open_pool(struct churn *c, int count)
{
    mfxExtAllocationHints hints;
    memset(&hints, 0, sizeof hints);
    hints.Header.BufferId = MFX_EXTBUFF_ALLOCATION_HINTS;
    hints.Header.BufferSz = sizeof hints;
    hints.AllocationPolicy = MFX_ALLOCATION_OPTIMAL;
    hints.NumberToPreAllocate = (mfxU32)count / 2;
    c->f.config.request = request_of(64, count);
    c->f.config.hints = &hints;
    c->f.config.mode = count % 2 ? VFA_SURFACE_POINTERS : VFA_SURFACE_MEMID;
    assert_int_equal(vfa_pool_create(&c->f.pool, &c->f.config), MFX_ERR_NONE);
    c->pool = c->f.pool;
    atomic_store(&c->next_thread, 0);
    atomic_store(&c->stopped, 0);
    atomic_store(&c->ending, 0);
    c->stop = false;
    memset(c->cancels, 0, sizeof c->cancels);
}

static uint64_t frames_live(struct churn *c)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(c->allocator, &stats), MFX_ERR_NONE);
    return stats.frames_live;
}

/* One pool's life, of so many leases more. */
static void live(struct churn *c, int count, long leases)
{
    pthread_t runtime, threads[THREADS];
    unsigned int seed = (unsigned int)count;
    long end = atomic_load(&c->leases) + leases;
    open_pool(c, count);
    assert_int_equal(pthread_create(&runtime, NULL, runtime_run, c), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, lease_run, c), 0);
    while (atomic_load(&c->leases) < end && !atomic_load(&c->failures)) {
        disturb(c, count, next_random(&seed));
        sleep_ms(1);
    }
    vfa_pool_close(c->pool);
    while (atomic_load(&c->stopped) < THREADS) /* then nobody acquires any more, and leases are still out */
        sched_yield();
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_mutex_unlock(&c->lock);
    assert_int_equal(pthread_join(runtime, NULL), 0);
    atomic_store(&c->ending, 1);
    vfa_pool_destroy(&c->f.pool);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&c->failures), 0);
    assert_int_equal(atomic_load(&c->collisions), 0);
    assert_int_equal(frames_live(c), 0);
}

static void everything_at_once(void **state)
{
    (void)state;
    static const int sizes[] = {SURFACES, 24, 9, SURFACES, 32};
    const char *asked = getenv("VFA_STRESS_LEASES");
    long leases = asked ? strtol(asked, NULL, 10) : SOME_LEASES;
    struct churn *c = calloc(1, sizeof *c);
    assert_non_null(c);
    fixture_prepare(&c->f, 1);
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = &c->f.manager;
    assert_int_equal(vfa_allocator_create(&c->allocator, &config), MFX_ERR_NONE);
    c->f.config.allocator = vfa_allocator_mfx(c->allocator);
    c->f.config.log.write = NULL; /* timeouts are the point, and surfaces out at the end too */
    pthread_mutex_init(&c->lock, NULL);
    double start = seconds();
    for (int i = 0; i < POOLS; i++)
        live(c, sizes[i % 5], leases / POOLS);
    print_message("%ld leases, %ld waits cancelled, %.1f s\n", atomic_load(&c->leases),
                  atomic_load(&c->cancelled), seconds() - start);
    assert_true(atomic_load(&c->leases) >= leases);
    pthread_mutex_destroy(&c->lock);
    vfa_allocator_destroy(&c->allocator);
    fixture_close(&c->f);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
