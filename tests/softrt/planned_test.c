/* The planner against the truth: random small pipelines in pools of the planned size, and of fewer surfaces.
 *
 * With as many as are suggested, an application that never gives up its AsyncDepth does not stall. With the
 * minimum, one that waits for its oldest operation when no surface is free does not. The plan claims that its
 * minimum is tight where that has room for nothing but the operations in flight, the surface being filled and
 * what the application holds: AsyncDepth + 1 + holds. There, with one fewer, the first application stalls.
 * What is beyond, components say that they hold; the table shows how much of it they did. */
#include "planned_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 12,
    PIPELINES = 24,
    PIPELINES_SLOW = 4
};

#define SOURCE "-f lavfi -i testsrc2=size=160x96:rate=25 -frames:v 12 -pix_fmt yuv420p "

static const struct {
    const char *name, *file, *args;
    mfxU32 codec;
} sources[] = {
    {"AVC", "planned.264", SOURCE "-c:v libx264 -preset veryfast -bf 2", MFX_CODEC_AVC},
    {"HEVC", "planned.265", SOURCE "-c:v libx265 -preset ultrafast -x265-params log-level=none",
     MFX_CODEC_HEVC},
    {"MPEG-2", "planned.m2v", SOURCE "-c:v mpeg2video -bf 2", MFX_CODEC_MPEG2},
    {"JPEG", "planned.mjpeg", SOURCE "-c:v mjpeg", MFX_CODEC_JPEG},
};

static const struct {
    const char *name;
    mfxU32 codec;
} sinks[] = {{"AVC", MFX_CODEC_AVC}, {"HEVC", MFX_CODEC_HEVC}, {"JPEG", MFX_CODEC_JPEG}};

/* Where there must be no stall, a busy machine gets time; where one is looked for, only as much as shows it.
 */
static const int32_t patient = 60000, hasty = 1000;

struct random_pipeline {
    struct planned_pipeline pipeline;
    char name[96];
    struct vfa_plan plans[MOST_POOLS];
    struct vfa_plan_result results[MOST_POOLS];
    size_t pools;
};

static uint32_t next_random(uint32_t *random, uint32_t below)
{
    *random = *random * 1664525 + 1013904223;
    return (*random >> 16) % below;
}

static void make(struct runtime *runtime, uint32_t seed, struct random_pipeline *made)
{
    uint32_t random = seed * 2654435761U;
    size_t source = next_random(&random, 4), sink = next_random(&random, 3);
    uint32_t filters = next_random(&random, 4);
    struct planned_pipeline *pipeline = &made->pipeline;

    memset(made, 0, sizeof *made);
    pipeline->clip = clip(sources[source].file, sources[source].args);
    pipeline->decode = sources[source].codec;
    pipeline->encode = sinks[sink].codec;
    pipeline->depth = (mfxU16)(1 + next_random(&random, 8));
    pipeline->b_frames = (mfxU16)next_random(&random, 3);
    pipeline->holds = (mfxU16)next_random(&random, MOST_HOLDS);
    pipeline->scale = filters == 1 || filters == 3;
    pipeline->deinterlace = filters == 3;
    size_t second = next_random(&random, 3) ? 3 : next_random(&random, 3); /* every third has one */
    pipeline->second = second < 3 ? sinks[second].codec : 0;
    snprintf(made->name, sizeof made->name, "%s %s%s-> %s%s%s", sources[source].name,
             pipeline->scale ? "-> scale " : "", pipeline->deinterlace ? "+ deinterlace " : "",
             sinks[sink].name, second < 3 ? ", " : "", second < 3 ? sinks[second].name : "");
    made->pools = planned_plan(runtime, pipeline, made->plans);
    for (size_t i = 0; i < made->pools; i++)
        assert_int_equal(vfa_plan_result(&made->plans[i], &made->results[i]), MFX_ERR_NONE);
}

/* Does it go through, with `surfaces` in one pool, and as many as are suggested in the others? */
static bool works(struct runtime *runtime, const struct random_pipeline *made, size_t pool, mfxU16 surfaces,
                  struct planned_way way)
{
    mfxU16 counts[MOST_POOLS];
    size_t frames;

    for (size_t i = 0; i < made->pools; i++)
        counts[i] = i == pool ? surfaces : made->results[i].suggested;
    if (planned_run(runtime, &made->pipeline, made->plans, counts, way, &frames) == PLANNED_STALLED)
        return false;
    assert_int_equal(frames, FRAMES);
    return true;
}

/* The fewest surfaces it goes through with; nothing is known beyond `suggested`. */
static mfxU16 least(struct runtime *runtime, const struct random_pipeline *made, size_t pool, bool relief)
{
    mfxU16 count = made->results[pool].suggested;

    while (count > 1 && works(runtime, made, pool, (mfxU16)(count - 1), (struct planned_way){relief, hasty}))
        count--;
    return count;
}

static bool is_claimed_tight(const struct random_pipeline *made, size_t pool)
{
    const struct vfa_plan_result *result = &made->results[pool];
    return result->min <= made->pipeline.depth + 1U + result->holds;
}

static void all_minima(const struct random_pipeline *made, mfxU16 counts[MOST_POOLS])
{
    for (size_t i = 0; i < made->pools; i++)
        counts[i] = made->results[i].min;
}

static uint32_t pipelines(void)
{
    return is_slow() ? PIPELINES_SLOW : PIPELINES;
}

static void the_suggested_count_never_stalls(void **state)
{
    struct runtime *runtime = *state;

    for (uint32_t seed = 0; seed < pipelines(); seed++) {
        struct random_pipeline made;
        make(runtime, seed, &made);
        if (!works(runtime, &made, 0, made.results[0].suggested, (struct planned_way){false, patient}))
            fail_msg("seed %u, %s: stalled with the suggested surfaces", seed, made.name);
        free((char *)(uintptr_t)made.pipeline.clip);
    }
}

static void the_minimum_never_stalls_who_waits_for_his_oldest_operation(void **state)
{
    struct runtime *runtime = *state;

    for (uint32_t seed = 0; seed < pipelines(); seed++) {
        struct random_pipeline made;
        mfxU16 counts[MOST_POOLS];
        size_t frames;
        make(runtime, seed, &made);
        all_minima(&made, counts);
        if (planned_run(runtime, &made.pipeline, made.plans, counts, (struct planned_way){true, patient},
                        &frames) == PLANNED_STALLED)
            fail_msg("seed %u, %s: stalled with the least surfaces", seed, made.name);
        assert_int_equal(frames, FRAMES);
        free((char *)(uintptr_t)made.pipeline.clip);
    }
}

static void one_fewer_than_a_tight_minimum_stalls(void **state)
{
    struct runtime *runtime = *state;
    size_t tight = 0;

    for (uint32_t seed = 0; seed < pipelines(); seed++) {
        struct random_pipeline made;
        make(runtime, seed, &made);
        for (size_t i = 0; i < made.pools; i++) {
            if (!is_claimed_tight(&made, i) || made.results[i].min < 2)
                continue;
            tight++;
            if (works(runtime, &made, i, (mfxU16)(made.results[i].min - 1),
                      (struct planned_way){false, hasty}))
                fail_msg("seed %u, %s, pool %s: %u surfaces are enough", seed, made.name, made.plans[i].name,
                         made.results[i].min - 1U);
        }
        free((char *)(uintptr_t)made.pipeline.clip);
    }
    assert_true(tight > 0);
}

static void how_tight_the_plans_are(void **state)
{
    struct runtime *runtime = *state;

    printf("%-42s %5s %5s  %-14s %9s %7s %5s %6s  %s\n", "pipeline", "depth", "holds", "pool", "suggested",
           "works", "min", "works*", "claim");
    for (uint32_t seed = 0; seed < pipelines(); seed++) {
        struct random_pipeline made;
        make(runtime, seed, &made);
        for (size_t i = 0; i < made.pools; i++) {
            mfxU16 strict = least(runtime, &made, i, false), relieved = least(runtime, &made, i, true);
            printf("%-42s %5u %5u  %-14s %9u %7u %5u %6u  %s\n", made.name, made.pipeline.depth,
                   made.results[i].holds, made.plans[i].name, made.results[i].suggested, strict,
                   made.results[i].min, relieved, is_claimed_tight(&made, i) ? "tight" : "");
            assert_true(strict <= made.results[i].suggested && relieved <= made.results[i].min);
        }
        free((char *)(uintptr_t)made.pipeline.clip);
    }
    printf("* with one that waits for its oldest operation when no surface is free\n");
}

static int set_up(void **state)
{
    static struct runtime runtime;

    runtime_open(&runtime);
    *state = &runtime;
    return 0;
}

static int tear_down(void **state)
{
    runtime_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_suggested_count_never_stalls),
        cmocka_unit_test(the_minimum_never_stalls_who_waits_for_his_oldest_operation),
        cmocka_unit_test(one_fewer_than_a_tight_minimum_stalls),
        cmocka_unit_test(how_tight_the_plans_are),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
