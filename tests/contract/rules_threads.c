/* Rules of many threads: application threads and a runtime's workers call one allocator. */
#include "frame.h"
#include "rules.h"

#include <pthread.h>
#include <stdio.h>

enum {
    THREADS = CONFORM_THREADS,
    ROUNDS = 40,
    FRAMES = 3,
};

struct worker {
    struct trial *t;
    const struct conform_format *format;
    const struct set *shared; /* frames of all threads, or NULL */
    unsigned number;
    pthread_t thread;
    struct trial own; /* what goes wrong here is told here */
    struct conform_verdict verdict;
};

/* Runs `run` on all threads; the first that fails is told. */
static void run_threads(struct trial *t, const struct conform_format *format, const struct set *shared,
                        void *(*run)(void *))
{
    struct worker workers[THREADS];
    unsigned started = 0;
    memset(workers, 0, sizeof workers);
    doing(t, "many threads at once");
    for (; started < THREADS; started++) {
        struct worker *w = &workers[started];
        w->t = t;
        w->format = format;
        w->shared = shared;
        w->number = started;
        w->own = *t;
        w->own.verdict = &w->verdict;
        w->own.doing = t->verdict->thread_doing[started];
        if (pthread_create(&w->thread, NULL, run, w) != 0)
            break;
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    memset(t->verdict->thread_doing, 0, sizeof t->verdict->thread_doing);
    REQUIRE(started == THREADS, "no thread could be made");
    for (unsigned i = 0; i < THREADS; i++)
        REQUIRE(workers[i].verdict.outcome != CONFORM_FAILED, "thread %u: %s", i + 1,
                workers[i].verdict.what);
}

static void allocate_once(struct worker *w, struct trial *t, const mfxFrameAllocRequest *request,
                          unsigned seed)
{
    struct set set;
    STEP(make(t, request, &set));
    for (unsigned f = 0; f < FRAMES; f++)
        STEP(fill_frame(t, w->format, &set, f, seed + f));
    for (unsigned f = 0; f < FRAMES; f++)
        STEP(check_frame(t, w->format, &set, f, seed + f, "Unlock, with other threads about"));
    STEP(give_back(t, &set));
}

static void *allocate_storm(void *arg)
{
    struct worker *w = arg;
    for (unsigned i = 0; i < ROUNDS && !conform_has_failed(&w->own); i++) {
        mfxFrameAllocRequest request = plain_request(&w->own, w->format, WIDTH, HEIGHT, FRAMES);
        request.AllocId = w->number;
        allocate_once(w, &w->own, &request, w->number * 1000 + i);
    }
    return NULL;
}

void rule_threads_allocate(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (format)
        run_threads(t, format, NULL, allocate_storm);
}

/* Each thread writes its own rows. */
static void lock_one_once(struct worker *w, struct trial *t, const mfxU8 *pixels, unsigned round)
{
    mfxFrameData data;
    struct planes planes;
    mfxMemId mid = w->shared->response.mids[0];
    memset(&data, 0, sizeof data);
    STEP(lock_planes(t, w->format, &w->shared->request.Info, mid, &data, &planes));
    REQUIRE(planes.plane[0].base == pixels, "a concurrent Lock gives other pointers");
    size_t pitch = planes.plane[0].pitch, bytes = planes.plane[0].row_bytes;
    for (size_t y = w->number; y < planes.plane[0].rows; y += THREADS)
        memset(planes.plane[0].base + y * pitch, (int)(round + w->number), bytes);
    for (size_t y = w->number; y < planes.plane[0].rows; y += THREADS)
        REQUIRE(planes.plane[0].base[y * pitch] == (mfxU8)(round + w->number) &&
                    planes.plane[0].base[y * pitch + bytes - 1] == (mfxU8)(round + w->number),
                "row %zu, which no other thread writes, changed", y);
    STEP(unlock(t, mid, &data));
}

static void *lock_one_storm(void *arg)
{
    struct worker *w = arg;
    struct planes planes;
    /* Held throughout by each thread, so that the frame stays where it is. */
    lock_planes(&w->own, w->format, &w->shared->request.Info, w->shared->response.mids[0], NULL, &planes);
    for (unsigned i = 0; i < 10 * ROUNDS && !conform_has_failed(&w->own); i++)
        lock_one_once(w, &w->own, planes.plane[0].base, i);
    if (!conform_has_failed(&w->own))
        unlock(&w->own, w->shared->response.mids[0], NULL);
    return NULL;
}

void rule_threads_lock_one(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    STEP(run_threads(t, format, &set, lock_one_storm));
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], NULL, &planes));
    for (size_t y = 0; y < planes.plane[0].rows; y++) {
        mfxU8 last = (mfxU8)(10 * ROUNDS - 1 + y % THREADS);
        REQUIRE(planes.plane[0].base[y * planes.plane[0].pitch] == last,
                "row %zu is not what its thread wrote last", y);
    }
    STEP(unlock(t, set.response.mids[0], NULL));
    STEP(give_back(t, &set));
}

/* Even threads use frames that stay, odd ones make and free others. */
static void use_once(struct worker *w, struct trial *t, unsigned round)
{
    mfxHDL handle = NULL;
    size_t frame = w->number;
    STEP(fill_frame(t, w->format, w->shared, frame, round));
    STEP(check_frame(t, w->format, w->shared, frame, round, "Unlock, while other frames come and go"));
    mfxStatus status = call_handle(t, w->shared->response.mids[frame], &handle);
    REQUIRE(status == (t->video ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED), "GetHDL answers %s",
            conform_status_text(status));
}

static void *mixed_storm(void *arg)
{
    struct worker *w = arg;
    for (unsigned i = 0; i < ROUNDS && !conform_has_failed(&w->own); i++) {
        mfxFrameAllocRequest request = plain_request(&w->own, w->format, WIDTH, HEIGHT, FRAMES);
        if (w->number % 2)
            allocate_once(w, &w->own, &request, w->number * 1000 + i);
        else
            use_once(w, &w->own, w->number * 1000 + i);
    }
    return NULL;
}

void rule_threads_mix(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, THREADS, &set));
    STEP(run_threads(t, format, &set, mixed_storm));
    STEP(give_back(t, &set));
}

/* Each thread is an application with a decoder of its own. */
static void share_once(struct worker *w, struct trial *t, unsigned round)
{
    mfxFrameAllocRequest request = decoder_request(t, w->format, 100 + w->number, FRAMES);
    struct set application, runtime;
    unsigned seed = w->number * 1000 + round;
    STEP(make(t, &request, &application));
    STEP(make(t, &request, &runtime));
    for (size_t i = 0; i < FRAMES; i++)
        REQUIRE(application.response.mids[i] == runtime.response.mids[i],
                "a decoder does not find its application's frames");
    STEP(fill_frame(t, w->format, &application, 0, seed));
    STEP(give_back(t, &application));
    STEP(check_frame(t, w->format, &runtime, 0, seed, "the application's Free"));
    STEP(give_back(t, &runtime));
}

static void *share_storm(void *arg)
{
    struct worker *w = arg;
    for (unsigned i = 0; i < ROUNDS && !conform_has_failed(&w->own); i++)
        share_once(w, &w->own, i);
    return NULL;
}

void rule_threads_share(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (format)
        run_threads(t, format, NULL, share_storm);
}
