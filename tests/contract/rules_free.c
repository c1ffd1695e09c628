/* Rules of Free. */
#include "frame.h"
#include "process.h"
#include "rules.h"

#include <pthread.h>

/* More frames than are needed: all of them go. */
static void come_and_go(struct trial *t, const struct conform_format *format, int rounds)
{
    enum {
        FRAMES = 4,
        SIDE = 512
    };
    for (int i = 0; i < rounds; i++) {
        struct set set;
        mfxFrameAllocRequest request = plain_request(t, format, SIDE, SIDE, FRAMES);
        request.NumFrameMin = 1;
        STEP(make(t, &request, &set));
        for (unsigned f = 0; f < set.response.NumFrameActual; f++)
            STEP(fill_frame(t, format, &set, f, f));
        STEP(give_back(t, &set));
    }
}

/* Some allocators keep frames to use them again, and checkers keep freed memory for a while: the first rounds
 * fill such stores. */
void rule_free_returns_memory(struct trial *t)
{
    enum {
        WARM = 8,
        ROUNDS = 80,
        MOST = 24 << 20
    };
    size_t fds = process_open_fds(); /* of these there are too few to try first */
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    STEP(come_and_go(t, format, WARM));
    size_t bytes = process_resident();
    STEP(come_and_go(t, format, ROUNDS));
    size_t fds_now = process_open_fds(), bytes_now = process_resident();
    REQUIRE(fds_now < fds + ROUNDS, "%d rounds of Alloc and Free left %zu descriptors open", ROUNDS,
            fds_now - fds);
    REQUIRE(bytes_now < bytes + MOST, "%d rounds of Alloc and Free left %zu MiB", ROUNDS,
            (bytes_now - bytes) >> 20);
}

void rule_free_by_a_copy(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set sets[3];
    mfxFrameAllocResponse copies[3];
    if (!format)
        return;
    for (size_t i = 0; i < 3; i++) {
        STEP(make_plain(t, format, 2, &sets[i]));
        copies[i] = sets[i].response;
    }
    memset(sets, 0, sizeof sets);
    for (size_t i = 0; i < 3; i++)
        ANSWERS(call_free(t, &copies[i]), MFX_ERR_NONE, "Free of a copy of a response");
}

void rule_free_in_any_order(struct trial *t)
{
    enum {
        SETS = 5
    };
    static const size_t order[SETS] = {2, 0, 4, 1, 3};
    const struct conform_format *format = a_format(t);
    struct set sets[SETS];
    if (!format)
        return;
    for (unsigned i = 0; i < SETS; i++) {
        STEP(make_plain(t, format, (mfxU16)(1 + i), &sets[i]));
        STEP(fill_frame(t, format, &sets[i], i, i));
    }
    for (size_t n = 0; n < SETS; n++) {
        STEP(give_back(t, &sets[order[n]]));
        for (size_t left = n + 1; left < SETS; left++) {
            size_t i = order[left];
            STEP(check_frame(t, format, &sets[i], i, (unsigned)i, "another response was freed"));
        }
    }
}

struct elsewhere {
    struct trial *t;
    const struct conform_format *format;
    struct set *set;
    struct conform_verdict verdict;
};

/* On a thread of its own, which tells what is wrong in a verdict of its own. */
static void *use_and_free(void *arg)
{
    struct elsewhere *e = arg;
    struct trial own = *e->t;
    own.verdict = &e->verdict;
    fill_frame(&own, e->format, e->set, 1, 8);
    if (!conform_has_failed(&own))
        check_frame(&own, e->format, e->set, 1, 8, "Unlock on another thread");
    if (!conform_has_failed(&own))
        give_back(&own, e->set);
    return NULL;
}

void rule_free_on_a_thread(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    if (!format)
        return;
    for (int i = 0; i < 3; i++) {
        struct set set;
        struct elsewhere e = {.t = t, .format = format, .set = &set};
        pthread_t thread;
        STEP(make_plain(t, format, 2, &set));
        doing(t, "Lock, Unlock and Free on another thread");
        REQUIRE(!pthread_create(&thread, NULL, use_and_free, &e), "no thread could be made");
        pthread_join(thread, NULL);
        REQUIRE(e.verdict.outcome != CONFORM_FAILED, "on another thread: %s", e.verdict.what);
    }
}

/* Frames of others are there as before. */
static void others_live(struct trial *t, const struct conform_format *format, struct set *set)
{
    STEP(check_frame(t, format, set, 1, 21, "such a Free"));
    STEP(fill_frame(t, format, set, 0, 22));
    STEP(give_back(t, set));
}

static void make_others(struct trial *t, const struct conform_format *format, struct set *set)
{
    STEP(make_plain(t, format, 2, set));
    fill_frame(t, format, set, 1, 21);
}

void rule_free_zeroed(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set others;
    mfxFrameAllocResponse response;
    if (!format)
        return;
    STEP(make_others(t, format, &others));
    for (int i = 0; i < 3; i++) {
        memset(&response, 0, sizeof response);
        (void)call_free(t, &response);
    }
    STEP(others_live(t, format, &others));
}

void rule_free_failed(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set others;
    mfxFrameAllocResponse response;
    if (!format)
        return;
    STEP(make_others(t, format, &others));
    for (int i = 0; i < 3; i++) {
        mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 2);
        request.Info.FourCC = 0xffffffff;
        memset(&response, 0, sizeof response);
        REFUSES(call_alloc(t, &request, &response), "Alloc for a FourCC that is none");
        (void)call_free(t, &response);
    }
    STEP(others_live(t, format, &others));
}

void rule_free_twice(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set, others;
    if (!format)
        return;
    for (int i = 0; i < 4; i++) {
        STEP(make_plain(t, format, 2, &set));
        mfxFrameAllocResponse copy = set.response;
        STEP(give_back(t, &set));
        if (i % 2)
            (void)call_free(t, &copy);
        STEP(make_others(t, format, &others)); /* perhaps where the first ones were */
        (void)call_free(t, &copy);
        STEP(others_live(t, format, &others));
    }
}

void rule_free_unknown(struct trial *t)
{
    static mfxMemId nobodys[2] = {nobodys, &nobodys[1]};
    const struct conform_format *format = a_format(t);
    struct set others;
    mfxFrameAllocResponse response;
    if (!format)
        return;
    STEP(make_others(t, format, &others));
    memset(&response, 0, sizeof response);
    response.AllocId = 12345;
    response.mids = nobodys;
    response.NumFrameActual = 2;
    REFUSES(call_free(t, &response), "Free of a response that never was");
    STEP(others_live(t, format, &others));
}

void rule_free_while_locked(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set, others;
    struct planes planes;
    mfxFrameData data;
    if (!format)
        return;
    STEP(make_plain(t, format, 2, &set));
    mfxMemId mid = set.response.mids[0];
    STEP(lock_planes(t, format, &set.request.Info, mid, NULL, &planes));
    fill(&planes, 1);
    mfxStatus status = call_free(t, &set.response);
    if (status != MFX_ERR_NONE) { /* refused: as well, and then nothing may have happened */
        REQUIRE(holds(&planes, 1), "a refused Free changed the pixels of a locked frame");
        STEP(unlock(t, mid, NULL));
        STEP(give_back(t, &set));
        return;
    }
    STEP(make_others(t, format, &others));
    doing(t, "access to a locked frame after Free");
    REQUIRE(holds(&planes, 1), "Free took the pixels of a locked frame away");
    memset(&data, 0, sizeof data);
    REFUSES(call_lock(t, mid, &data), "Lock of a freed frame that is still locked");
    STEP(unlock(t, mid, NULL));
    STEP(others_live(t, format, &others));
}
