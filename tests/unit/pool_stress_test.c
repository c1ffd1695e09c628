/* Pool under many threads and a runtime that holds and lets go of surfaces when it likes: no surface is ever
 * in two hands, none is lost, everybody is served. */
#include "pool_fixture.h"

#include "pool/internal.h"

#include <sched.h>
#include <stdbool.h>

#define MAX_SURFACES 300
#define RUNNERS      6

/* A runtime: takes surfaces that were submitted, and lets them go later on a thread of its own. */
struct runtime {
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t filled;
    mfxFrameSurface1 *queue[MAX_SURFACES];
    size_t count;
    bool stop;
    pthread_t thread;
    unsigned int *touched; /* by surface: what the runtime does to the pixels */
};

struct stress {
    struct fixture f;
    struct runtime runtime;
    atomic_int owner[MAX_SURFACES];
    unsigned int touched[MAX_SURFACES]; /* plain, for the thread sanitizer to see that owners are ordered */
    atomic_int collisions;
    atomic_int failures;
    atomic_long leases;
    int rounds;
    int32_t timeout_ms;
    unsigned int submit_one_in;
};

static size_t index_of(const mfxFrameSurface1 *surface)
{
    return (uintptr_t)surface->Data.MemId - MOCK_FIRST_MID;
}

static void *runtime_run(void *arg)
{
    struct runtime *r = arg;
    pthread_mutex_lock(&r->lock);
    while (!r->stop || r->count) {
        if (!r->count) {
            pthread_cond_wait(&r->filled, &r->lock);
            continue;
        }
        mfxFrameSurface1 *surface = r->queue[--r->count];
        pthread_mutex_unlock(&r->lock);
        r->touched[index_of(surface)]++;
        runtime_lets_go(surface);
        pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void runtime_start(struct runtime *r, unsigned int *touched)
{
    r->touched = touched;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->filled, NULL);
    assert_int_equal(pthread_create(&r->thread, NULL, runtime_run, r), 0);
}

static void runtime_submit(struct runtime *r, mfxFrameSurface1 *surface)
{
    runtime_holds(surface);
    pthread_mutex_lock(&r->lock);
    r->queue[r->count++] = surface;
    pthread_cond_signal(&r->filled);
    pthread_mutex_unlock(&r->lock);
}

static void runtime_stop(struct runtime *r)
{
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_signal(&r->filled);
    pthread_mutex_unlock(&r->lock);
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    pthread_cond_destroy(&r->filled);
    pthread_mutex_destroy(&r->lock);
}

static struct stress *open_stress(int surfaces)
{
    struct stress *s = calloc(1, sizeof *s);
    assert_non_null(s);
    fixture_prepare(&s->f, surfaces);
    s->f.config.log.level = VFA_LOG_ERROR; /* thousands of timeouts are the point of some tests */
    assert_int_equal(vfa_pool_create(&s->f.pool, &s->f.config), MFX_ERR_NONE);
    runtime_start(&s->runtime, s->touched);
    return s;
}

static void close_stress(struct stress *s, long minimum)
{
    runtime_stop(&s->runtime);
    assert_int_equal(atomic_load(&s->collisions), 0);
    assert_int_equal(atomic_load(&s->failures), 0);
    assert_true(atomic_load(&s->leases) >= minimum);
    if (s->f.pool) {
        struct vfa_pool_stats stats = stats_of(s->f.pool);
        assert_int_equal(stats.free, stats.surfaces);
        fixture_close(&s->f);
    }
    assert_nothing_left(&s->f);
    free(s);
}

/* Marks a surface as ours; whoever else holds it, or a runtime that still does, is a collision. */
static void enter(struct stress *s, mfxFrameSurface1 *surface)
{
    if (atomic_exchange_explicit(&s->owner[index_of(surface)], 1, memory_order_relaxed) ||
        __atomic_load_n(&surface->Data.Locked, __ATOMIC_RELAXED))
        atomic_fetch_add(&s->collisions, 1);
    s->touched[index_of(surface)]++;
}

static void leave(struct stress *s, mfxFrameSurface1 *surface)
{
    atomic_store_explicit(&s->owner[index_of(surface)], 0, memory_order_relaxed);
    if (vfa_pool_release(s->f.pool, surface) != MFX_ERR_NONE)
        atomic_fetch_add(&s->failures, 1);
}

static unsigned int next_random(unsigned int *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Acquires, perhaps submits, releases. */
static void *lease_run(void *arg)
{
    struct stress *s = arg;
    unsigned int seed = (unsigned int)(uintptr_t)&seed;
    long leases = 0;
    for (int i = 0; i < s->rounds; i++) {
        mfxFrameSurface1 *surface;
        mfxStatus status = vfa_pool_acquire(s->f.pool, s->timeout_ms, &surface);
        if (status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED && s->timeout_ms >= 0)
            continue;
        if (status == MFX_ERR_ABORTED)
            break;
        if (status != MFX_ERR_NONE) {
            atomic_fetch_add(&s->failures, 1);
            break;
        }
        leases++;
        enter(s, surface);
        if (s->submit_one_in && next_random(&seed) % s->submit_one_in == 0)
            runtime_submit(&s->runtime, surface);
        leave(s, surface);
    }
    atomic_fetch_add(&s->leases, leases);
    return NULL;
}

static void run_leases(struct stress *s, pthread_t *threads)
{
    for (int i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, lease_run, s), 0);
}

static void join_leases(const pthread_t *threads)
{
    for (int i = 0; i < RUNNERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void stress_leases(int surfaces, int rounds, int32_t timeout_ms, unsigned int submit_one_in)
{
    pthread_t threads[RUNNERS];
    struct stress *s = open_stress(surfaces);
    s->rounds = rounds;
    s->timeout_ms = timeout_ms;
    s->submit_one_in = submit_one_in;
    run_leases(s, threads);
    join_leases(threads);
    close_stress(s, timeout_ms < 0 ? (long)rounds * RUNNERS : 1);
}

static void a_million_leases_of_enough_surfaces(void **state)
{
    (void)state;
    stress_leases(64, 180000, -1, 0);
}

static void leases_across_two_levels(void **state)
{
    (void)state;
    stress_leases(65, 40000, -1, 16);
    stress_leases(300, 40000, -1, 4);
}

static void leases_with_fewer_surfaces_than_threads(void **state)
{
    (void)state;
    stress_leases(1, 4000, -1, 0);
    stress_leases(3, 4000, -1, 0);
}

static void leases_of_surfaces_that_the_runtime_holds(void **state)
{
    (void)state;
    stress_leases(1, 100, -1, 1);
    stress_leases(4, 2000, -1, 2);
    stress_leases(8, 10000, -1, 8);
}

static void waiters_whose_time_runs_out_lose_nothing(void **state)
{
    (void)state;
    stress_leases(1, 4000, 1, 4);
    stress_leases(2, 20000, 0, 4);
}

static void closing_in_full_flight(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        pthread_t threads[RUNNERS];
        struct stress *s = open_stress(round % 3 ? 2 : 65);
        s->rounds = INT32_MAX;
        s->timeout_ms = round % 2 ? -1 : 1;
        s->submit_one_in = 8;
        run_leases(s, threads);
        sleep_ms(round % 4);
        vfa_pool_close(s->f.pool);
        join_leases(threads);
        close_stress(s, 0);
    }
}

/* Releases one surface on a thread of its own. */
static void *release_run(void *arg)
{
    struct waiting_thread *w = arg;
    w->status = vfa_pool_release(w->pool, w->surface);
    return NULL;
}

static void the_last_releases_cross_with_destroy(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct stress *s = open_stress(round % 2 ? 3 : 70);
        struct waiting_thread w[3];
        s->f.config.log.write = NULL;
        for (int i = 0; i < 3; i++)
            w[i] = (struct waiting_thread){.pool = s->f.pool, .surface = acquire(s->f.pool)};
        for (int i = 0; i < 3; i++)
            assert_int_equal(pthread_create(&w[i].thread, NULL, release_run, &w[i]), 0);
        vfa_pool_destroy(&s->f.pool);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(pthread_join(w[i].thread, NULL), 0);
            assert_int_equal(w[i].status, MFX_ERR_NONE);
        }
        close_stress(s, 0);
    }
}

/* Fairness: whoever finds somebody in the queue before it begins to acquire must not find the same acquire
 * there after it got its surface. */

struct fair {
    struct fixture f;
    char tags[RUNNERS]; /* by whose address a waiter's thread is known */
    atomic_long begun[RUNNERS];
    atomic_int next;
    atomic_int overtaken;
    atomic_long waits_seen;
    int rounds;
};

/* Which acquire each thread waits with; 0: it does not. */
static void look_at_queue(struct fair *s, long queued[RUNNERS])
{
    memset(queued, 0, RUNNERS * sizeof *queued);
    pthread_mutex_lock(&s->f.pool->lock);
    for (const struct vfa__pool_waiter *w = s->f.pool->head; w; w = w->next) {
        ptrdiff_t thread = w->want->tag - s->tags;
        queued[thread] = atomic_load(&s->begun[thread]);
    }
    pthread_mutex_unlock(&s->f.pool->lock);
}

static void *fair_run(void *arg)
{
    struct fair *s = arg;
    int self = atomic_fetch_add(&s->next, 1);
    struct vfa_pool_want want = vfa_pool_want_defaults();
    want.tag = &s->tags[self];
    for (int i = 0; i < s->rounds; i++) {
        long before[RUNNERS], after[RUNNERS];
        mfxFrameSurface1 *surface;
        want.timeout_ms = i % 4 == 0 ? 0 : -1;
        look_at_queue(s, before);
        atomic_fetch_add(&s->begun[self], 1);
        if (vfa_pool_acquire_as(s->f.pool, &want, &surface) != MFX_ERR_NONE)
            continue;
        look_at_queue(s, after);
        for (int t = 0; t < RUNNERS; t++) {
            atomic_fetch_add(&s->waits_seen, before[t] != 0);
            atomic_fetch_add(&s->overtaken, before[t] && before[t] == after[t]);
        }
        sched_yield();
        (void)vfa_pool_release(s->f.pool, surface);
    }
    return NULL;
}

static void nobody_overtakes_who_waits(void **state)
{
    (void)state;
    static const int surfaces[] = {1, 3, 65};
    for (int round = 0; round < 3; round++) {
        struct fair *s = calloc(1, sizeof *s);
        pthread_t threads[RUNNERS];
        mfxFrameSurface1 *held[65];
        fixture_prepare(&s->f, surfaces[round]);
        s->f.config.log.level = VFA_LOG_ERROR;
        assert_int_equal(vfa_pool_create(&s->f.pool, &s->f.config), MFX_ERR_NONE);
        int kept = surfaces[round] - 3;
        for (int i = 0; i < kept; i++)
            held[i] = acquire(s->f.pool);
        s->rounds = 3000;
        for (int i = 0; i < RUNNERS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, fair_run, s), 0);
        join_leases(threads);
        for (int i = 0; i < kept; i++)
            release(s->f.pool, held[i]);
        assert_true(atomic_load(&s->waits_seen) > 0);
        assert_int_equal(atomic_load(&s->overtaken), 0);
        fixture_close(&s->f);
        free(s);
    }
}

/* A decoder on its thread, whose output goes to consumers. */

#define CONSUMERS 3
#define DPB       5

struct pipeline {
    struct stress *s;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    mfxFrameSurface1 *queue[MAX_SURFACES];
    size_t count;
    bool end;
};

static void *consume(void *arg)
{
    struct pipeline *p = arg;
    for (;;) {
        pthread_mutex_lock(&p->lock);
        while (!p->count && !p->end)
            pthread_cond_wait(&p->changed, &p->lock);
        mfxFrameSurface1 *surface = p->count ? p->queue[--p->count] : NULL;
        pthread_mutex_unlock(&p->lock);
        if (!surface)
            return NULL;
        if (index_of(surface) % 3 == 0) { /* 1:N: somebody else has a lease too */
            if (vfa_pool_ref(p->s->f.pool, surface) != MFX_ERR_NONE ||
                vfa_pool_release(p->s->f.pool, surface) != MFX_ERR_NONE)
                atomic_fetch_add(&p->s->failures, 1);
        }
        leave(p->s, surface);
    }
}

static void push(struct pipeline *p, mfxFrameSurface1 *surface)
{
    pthread_mutex_lock(&p->lock);
    if (surface)
        p->queue[p->count++] = surface;
    else
        p->end = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

/* Decodes one frame: the work surface replaces one of the decoder's, which is shown or skipped. Locked of the
 * shown one falls on the runtime's thread, before or after it is settled. */
static bool decode(struct pipeline *p, mfxFrameSurface1 **dpb, unsigned int *seed)
{
    struct stress *s = p->s;
    mfxFrameSurface1 *work, *out = NULL;
    if (vfa_pool_acquire(s->f.pool, -1, &work) != MFX_ERR_NONE)
        return false;
    enter(s, work);
    runtime_holds(work);
    mfxFrameSurface1 **slot = &dpb[next_random(seed) % DPB];
    mfxFrameSurface1 *old = *slot;
    *slot = work;
    if (old && next_random(seed) % 4)
        out = old;
    else if (old)
        atomic_store(&s->owner[index_of(old)], 0);
    if (old) {
        runtime_submit(&s->runtime, old);
        runtime_lets_go(old);
    }
    if (vfa_pool_settle(s->f.pool, work, out) != MFX_ERR_NONE)
        return false;
    if (out)
        push(p, out);
    atomic_fetch_add(&s->leases, 1);
    return true;
}

static void a_decoder_and_its_consumers(void **state)
{
    (void)state;
    enum {
        FRAMES = 20000
    };
    struct stress *s = open_stress(DPB + 4);
    struct pipeline p = {.s = s};
    mfxFrameSurface1 *dpb[DPB] = {NULL};
    pthread_t consumers[CONSUMERS];
    unsigned int seed = 7;
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.changed, NULL);
    for (int i = 0; i < CONSUMERS; i++)
        assert_int_equal(pthread_create(&consumers[i], NULL, consume, &p), 0);
    int frames = 0;
    while (frames < FRAMES && decode(&p, dpb, &seed))
        frames++;
    push(&p, NULL);
    for (int i = 0; i < CONSUMERS; i++)
        assert_int_equal(pthread_join(consumers[i], NULL), 0);
    assert_int_equal(frames, FRAMES);
    for (int i = 0; i < DPB; i++) {
        if (dpb[i])
            runtime_lets_go(dpb[i]);
    }
    while (stats_of(s->f.pool).lent) { /* the runtime may have some in its queue */
        assert_int_equal(vfa_pool_settle(s->f.pool, NULL, NULL), MFX_ERR_NONE);
        sleep_ms(1);
    }
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
    close_stress(s, FRAMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_leases_of_enough_surfaces),
        cmocka_unit_test(leases_across_two_levels),
        cmocka_unit_test(leases_with_fewer_surfaces_than_threads),
        cmocka_unit_test(leases_of_surfaces_that_the_runtime_holds),
        cmocka_unit_test(waiters_whose_time_runs_out_lose_nothing),
        cmocka_unit_test(closing_in_full_flight),
        cmocka_unit_test(the_last_releases_cross_with_destroy),
        cmocka_unit_test(nobody_overtakes_who_waits),
        cmocka_unit_test(a_decoder_and_its_consumers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
