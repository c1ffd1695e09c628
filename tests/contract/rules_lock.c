/* Rules of Lock and Unlock. */
#include "frame.h"
#include "process.h"
#include "rules.h"

#include <pthread.h>
#include <time.h>

static bool same_view(const struct conform_format *format, const mfxFrameData *a, const mfxFrameData *b)
{
    for (size_t c = 0; c < CONFORM_CHANNELS; c++)
        if (format->channel[c].pointer != POINTER_UNSAID && channel_of(a, c) != channel_of(b, c))
            return false;
    return a->PitchHigh == b->PitchHigh && a->PitchLow == b->PitchLow;
}

static void try_stale(struct trial *t, const struct conform_format *format)
{
    struct set set;
    mfxFrameData clean, stale;
    STEP(make_plain(t, format, 1, &set));
    mfxMemId mid = set.response.mids[0];
    memset(&clean, 0, sizeof clean);
    make_stale(&stale);
    ANSWERS(call_lock(t, mid, &clean), MFX_ERR_NONE, "Lock");
    ANSWERS(call_lock(t, mid, &stale), MFX_ERR_NONE, "a nested Lock");
    REQUIRE(clean.PitchHigh == stale.PitchHigh, "PitchHigh stays stale: 0x%x, not 0x%x", stale.PitchHigh,
            clean.PitchHigh);
    REQUIRE(same_view(format, &clean, &stale),
            "Lock gives other pointers or another pitch when ptr is stale");
    STEP(unlock(t, mid, &stale));
    STEP(unlock(t, mid, &clean));
    STEP(give_back(t, &set));
}

void rule_lock_stale_values(struct trial *t)
{
    every_format(t, try_stale);
}

static void try_others(struct trial *t, const struct conform_format *format)
{
    struct set set;
    mfxFrameData data, stale;
    STEP(make_plain(t, format, 1, &set));
    make_stale(&data);
    stale = data;
    ANSWERS(call_lock(t, set.response.mids[0], &data), MFX_ERR_NONE, "Lock");
    for (size_t c = 0; c < CONFORM_CHANNELS; c++)
        REQUIRE(channel_of(&data, c) != channel_of(&stale, c), "pointer %zu of 4 stays stale", c + 1);
    STEP(unlock(t, set.response.mids[0], &data));
    STEP(give_back(t, &set));
}

void rule_lock_clears_others(struct trial *t)
{
    every_format(t, try_others);
}

/* Makes pitch and pointers of `data` those of `like`. */
static void copy_view(mfxFrameData *data, const mfxFrameData *like)
{
    data->PitchHigh = like->PitchHigh;
    data->PitchLow = like->PitchLow;
    data->Y = like->Y;
    data->U = like->U;
    data->V = like->V;
    data->A = like->A;
}

void rule_lock_leaves_the_rest(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    mfxFrameData data, before;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    make_stale(&data);
    before = data;
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            ANSWERS(call_lock(t, set.response.mids[0], &data), MFX_ERR_NONE, "Lock");
        else
            STEP(unlock(t, set.response.mids[0], &data));
        REQUIRE(data.Locked == before.Locked, "%s changes Data.Locked", i ? "Unlock" : "Lock");
        REQUIRE(data.MemId == before.MemId, "%s changes MemId", i ? "Unlock" : "Lock");
        copy_view(&before, &data);
        REQUIRE(!memcmp(&data, &before, sizeof data), "%s changes more of ptr than pitch and pointers",
                i ? "Unlock" : "Lock");
    }
    STEP(give_back(t, &set));
}

static void try_unlock(struct trial *t, const struct conform_format *format)
{
    struct set set;
    mfxFrameData data;
    STEP(make_plain(t, format, 1, &set));
    memset(&data, 0, sizeof data);
    ANSWERS(call_lock(t, set.response.mids[0], &data), MFX_ERR_NONE, "Lock");
    STEP(unlock(t, set.response.mids[0], &data));
    REQUIRE(!data.Y && !data.U && !data.V && !data.A, "Unlock leaves pointers in ptr");
    REQUIRE(!data.PitchHigh && !data.PitchLow, "Unlock leaves a pitch of %zu in ptr", pitch_of(&data));
    STEP(give_back(t, &set));
}

void rule_unlock_clears(struct trial *t)
{
    every_format(t, try_unlock);
}

void rule_unlock_without_ptr(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    for (unsigned i = 0; i < 3; i++) {
        STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], NULL, &planes));
        fill(&planes, i);
        STEP(unlock(t, set.response.mids[0], NULL));
        STEP(check_frame(t, format, &set, 0, i, "Unlock with NULL"));
    }
    STEP(give_back(t, &set));
}

void rule_unlock_by_another_ptr(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    mfxFrameData locked, other;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    for (unsigned i = 0; i < 3; i++) {
        memset(&locked, 0, sizeof locked);
        STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], &locked, &planes));
        fill(&planes, i);
        if (i == 0)
            memset(&other, 0, sizeof other);
        else
            make_stale(&other);
        STEP(unlock(t, set.response.mids[0], &other));
        STEP(check_frame(t, format, &set, 0, i, "Unlock with another mfxFrameData"));
    }
    STEP(give_back(t, &set));
}

struct elsewhere {
    struct trial *t;
    mfxMemId mid;
    mfxStatus status;
};

static void *unlock_elsewhere(void *arg)
{
    struct elsewhere *e = arg;
    e->status = e->t->a->Unlock(e->t->a->pthis, e->mid, NULL);
    return NULL;
}

void rule_unlock_on_a_thread(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    pthread_t thread;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    for (unsigned i = 0; i < 4; i++) {
        struct elsewhere e = {t, set.response.mids[0], MFX_ERR_UNKNOWN};
        STEP(lock_planes(t, format, &set.request.Info, e.mid, NULL, &planes));
        fill(&planes, i);
        doing(t, "Unlock on another thread");
        REQUIRE(!pthread_create(&thread, NULL, unlock_elsewhere, &e), "no thread could be made");
        pthread_join(thread, NULL);
        ANSWERS(e.status, MFX_ERR_NONE, "Unlock on another thread");
        STEP(check_frame(t, format, &set, 0, i, "an Unlock on another thread"));
    }
    STEP(give_back(t, &set));
}

/* --- Nesting */

static void try_nested(struct trial *t, const struct conform_format *format)
{
    enum {
        DEPTH = 5
    };
    struct set set;
    mfxFrameData data[DEPTH];
    struct planes planes;
    STEP(make_plain(t, format, 1, &set));
    mfxMemId mid = set.response.mids[0];
    memset(data, 0, sizeof data);
    for (size_t i = 0; i < DEPTH; i++) {
        STEP(lock_planes(t, format, &set.request.Info, mid, &data[i], &planes));
        REQUIRE(same_view(format, &data[0], &data[i]), "Lock %zu of one frame gives other pointers", i + 1);
        if (i == 0)
            fill(&planes, 1);
        REQUIRE(holds(&planes, 1), "Lock %zu of one frame changed its pixels", i + 1);
    }
    for (size_t i = DEPTH; i-- > 1;) {
        STEP(unlock(t, mid, &data[i]));
        doing(t, "access to planes after %zu of %d Unlocks", DEPTH - i, DEPTH);
        REQUIRE(holds(&planes, (unsigned)(DEPTH - i)), "after %zu of %d Unlocks the pixels are gone",
                DEPTH - i, DEPTH);
        fill(&planes, (unsigned)(DEPTH - i + 1)); /* the first lock is still held */
    }
    STEP(unlock(t, mid, &data[0]));
    STEP(check_frame(t, format, &set, 0, DEPTH, "nested locks"));
    STEP(give_back(t, &set));
}

void rule_lock_nests(struct trial *t)
{
    every_format(t, try_nested);
}

enum {
    BEYOND_16_BITS = 65537 + 100
};

void rule_lock_nests_deeply(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[0], NULL, &planes));
    for (long i = 1; i < BEYOND_16_BITS; i++) {
        mfxFrameData data = {0};
        mfxStatus status = call_lock(t, set.response.mids[0], &data);
        REQUIRE(status == MFX_ERR_NONE, "Lock %ld, nested, answers %s", i + 1, conform_status_text(status));
    }
    for (long i = 1; i < BEYOND_16_BITS; i++) {
        mfxStatus status = call_unlock(t, set.response.mids[0], NULL);
        REQUIRE(status == MFX_ERR_NONE, "Unlock %ld of %d answers %s", i, BEYOND_16_BITS,
                conform_status_text(status));
    }
    fill(&planes, 1);
    STEP(unlock(t, set.response.mids[0], NULL));
    STEP(check_frame(t, format, &set, 0, 1, "so many nested locks"));
    STEP(give_back(t, &set));
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Locks, touches and unlocks, so many times; where locks are slow, as many as there is patience for. */
static void lock_often(struct trial *t, const struct conform_format *format, const struct set *set,
                       long times)
{
    const double patience_s = 3;
    double end = now_s() + patience_s;
    for (long i = 0; i < times && (i % 64 || now_s() < end); i++) {
        struct planes planes;
        mfxFrameData data = {0};
        mfxStatus status = call_lock(t, set->response.mids[0], &data);
        REQUIRE(status == MFX_ERR_NONE, "Lock %ld answers %s", i + 1, conform_status_text(status));
        STEP(find_planes(t, format, &set->request.Info, &data, &planes));
        volatile mfxU8 *first = planes.plane[0].base;
        *first = *first;
        status = call_unlock(t, set->response.mids[0], &data);
        REQUIRE(status == MFX_ERR_NONE, "Unlock %ld answers %s", i + 1, conform_status_text(status));
    }
}

void rule_lock_goes_on(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    STEP(fill_frame(t, format, &set, 0, 7));
    STEP(lock_often(t, format, &set, BEYOND_16_BITS));
    STEP(check_frame(t, format, &set, 0, 7, "so many locks"));
    STEP(give_back(t, &set));
}

/* The first locks fill what is kept to be used again. Of descriptors there are too few to try that long. */
void rule_lock_keeps_nothing(struct trial *t)
{
    enum {
        WARM = 2000,
        MOST_FDS = 64,
        MOST = 24 << 20
    };
    const struct conform_format *format = a_format(t);
    struct set set;
    if (!format)
        return;
    STEP(make_plain(t, format, 1, &set));
    size_t fds = process_open_fds();
    STEP(lock_often(t, format, &set, WARM));
    size_t bytes = process_resident();
    STEP(lock_often(t, format, &set, BEYOND_16_BITS));
    size_t fds_now = process_open_fds(), bytes_now = process_resident();
    REQUIRE(fds_now < fds + MOST_FDS, "%d times Lock and Unlock left %zu descriptors open", BEYOND_16_BITS,
            fds_now - fds);
    REQUIRE(bytes_now < bytes + MOST, "%d times Lock and Unlock left %zu MiB", BEYOND_16_BITS,
            (bytes_now - bytes) >> 20);
    STEP(give_back(t, &set));
}

void rule_lock_outlives_others(struct trial *t)
{
    const struct conform_format *format = a_format(t);
    struct set set, before, other;
    struct planes planes;
    if (!format)
        return;
    STEP(make_plain(t, format, 2, &before));
    STEP(make_plain(t, format, 2, &set));
    STEP(lock_planes(t, format, &set.request.Info, set.response.mids[1], NULL, &planes));
    fill(&planes, 1);
    STEP(give_back(t, &before));
    for (unsigned i = 0; i < 4; i++) {
        STEP(make_plain(t, format, 3, &other));
        STEP(fill_frame(t, format, &other, 2, 50 + i));
        STEP(give_back(t, &other));
        doing(t, "access to the planes of a locked frame after a Free of others");
        REQUIRE(holds(&planes, 1 + i), "pixels of a locked frame changed when others came and went");
        fill(&planes, 2 + i);
    }
    STEP(unlock(t, set.response.mids[1], NULL));
    STEP(check_frame(t, format, &set, 1, 5, "others came and went while it was locked"));
    STEP(give_back(t, &set));
}

void rule_lock_keeps_pixels_apart(struct trial *t)
{
    enum {
        FRAMES = 6
    };
    const struct conform_format *format = a_format(t);
    struct set set;
    struct planes planes[FRAMES];
    if (!format)
        return;
    STEP(make_plain(t, format, FRAMES, &set));
    for (unsigned i = 0; i < FRAMES; i++) {
        STEP(lock_planes(t, format, &set.request.Info, set.response.mids[i], NULL, &planes[i]));
        fill(&planes[i], i);
    }
    for (unsigned i = 0; i < FRAMES; i++)
        REQUIRE(holds(&planes[i], i), "writing to other locked frames changed frame %u", i);
    for (unsigned i = FRAMES; i-- > 0;)
        STEP(unlock(t, set.response.mids[i], NULL));
    for (unsigned i = 0; i < FRAMES; i++)
        STEP(check_frame(t, format, &set, i, i, "all were unlocked"));
    STEP(give_back(t, &set));
}
