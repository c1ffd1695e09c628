/* The planner against what the specification, Intel's samples and the runtimes publish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

/* ---- what runtimes ask for, as functions of AsyncDepth ---- */

struct need {
    mfxU16 min, suggested;
};

static struct need both(int frames)
{
    return (struct need){(mfxU16)frames, (mfxU16)frames};
}

#define DPB          5
#define GOP_REF_DIST 3

static struct need avc_decode_video(int depth)
{
    return both(DPB + 2 * depth);
}

static struct need hevc_decode_video_2022(int depth)
{
    return both(DPB + 1 + depth);
}

static struct need vp9_decode_video(int depth)
{
    return both(8 + depth + 1);
}

static struct need vp8_decode_video(int depth)
{
    return both(4 + depth + 1);
}

static struct need mpeg2_decode_video(int depth)
{
    return both(3 + depth);
}

static struct need vc1_decode_video(int depth)
{
    return both(6 + 2 * depth);
}

static struct need decode_system(int depth)
{
    return both(depth);
}

static struct need vp9_decode_system(int depth)
{
    return (struct need){1, (mfxU16)(1 + depth)};
}

static struct need avc_encode_system(int depth)
{
    return both(GOP_REF_DIST + depth - 1);
}

static struct need hevc_encode(int depth)
{
    return both(depth + GOP_REF_DIST - 1 + (depth > 1));
}

static struct need mpeg2_encode(int depth)
{
    return both(GOP_REF_DIST + 3 + depth);
}

static struct need jpeg_encode(int depth)
{
    return (struct need){1, (mfxU16)(depth > 1 ? depth : 1)};
}

static struct need vpp_resize(int depth)
{
    return both(depth);
}

static struct need vpp_deinterlace_in(int depth)
{
    return both(3 * depth);
}

static struct need cpu_decode(int depth)
{
    (void)depth;
    return (struct need){1, 3};
}

static struct need cpu_encode(int depth)
{
    return both(4 + depth);
}

static mfxFrameAllocRequest asks(struct need need)
{
    return request(need.min, need.suggested);
}

/* Adds a component as an application does that knows nothing of the runtime: by two requests. */
static void add_measured(struct vfa_plan *plan, const char *name, struct need (*need)(int), int depth)
{
    mfxFrameAllocRequest asked = asks(need(depth)), other = asks(need(depth + 8));
    assert_int_equal(vfa_plan_add_measured(plan, name, &asked, (mfxU16)depth, &other, (mfxU16)(depth + 8)),
                     MFX_ERR_NONE);
}

/* ---- pairs: Na + Nb - AsyncDepth is the specification's, one more sample_decode's and sample_encode's ----
 */

struct pair {
    const char *what;
    struct need (*from)(int), (*to)(int);
    int contained; /* AsyncDepths in both requests that are the same operations: 1, or 0 */
};

static const struct pair pairs[] = {
    {"AVC to HEVC", avc_decode_video, hevc_encode, 1},
    {"HEVC of 2022 to HEVC", hevc_decode_video_2022, hevc_encode, 1},
    {"VP9 to VPP", vp9_decode_video, vpp_resize, 1},
    {"VP8 to MPEG-2", vp8_decode_video, mpeg2_encode, 1},
    {"MPEG-2 to AVC", mpeg2_decode_video, avc_encode_system, 1},
    {"VC-1 to a deinterlacer", vc1_decode_video, vpp_deinterlace_in, 1},
    {"system memory to AVC", decode_system, avc_encode_system, 1},
    {"VP9 in system memory to JPEG", vp9_decode_system, jpeg_encode, 1},
    {"resized to MPEG-2", vpp_resize, mpeg2_encode, 1},
    {"the CPU runtime's decoder to its encoder", cpu_decode, cpu_encode, 0},
    {"the CPU runtime's decoder to JPEG", cpu_decode, jpeg_encode, 0},
};

static void pairs_are_the_published_sum_and_the_surface_between(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        for (int depth = 1; depth <= 16; depth++) {
            struct vfa_plan plan = new_plan();
            add_measured(&plan, "from", pairs[i].from, depth);
            add_measured(&plan, "to", pairs[i].to, depth);
            struct need from = pairs[i].from(depth), to = pairs[i].to(depth);
            int published = from.suggested + to.suggested - pairs[i].contained * depth;
            if (result_of(&plan).suggested != published + 1)
                fail_msg("%s, AsyncDepth %d: %u surfaces, not %d", pairs[i].what, depth,
                         result_of(&plan).suggested, published + 1);
            assert_true(result_of(&plan).min <= published);
        }
    }
}

/* sample_multi_transcode: the sum less AsyncDepth, and of dependents the largest request; ours has the
 * surface between. */
static void dependents_in_step_count_as_the_largest(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 8; depth++) {
        struct vfa_plan plan = new_plan();
        struct need (*const to[])(int) = {avc_encode_system, mpeg2_encode, hevc_encode};
        int largest = 0;
        add_measured(&plan, "decode", mpeg2_decode_video, depth);
        for (size_t i = 0; i < 3; i++) {
            add_measured(&plan, "encode", to[i], depth);
            assert_int_equal(vfa_plan_branch(&plan), MFX_ERR_NONE);
            largest = to[i](depth).suggested > largest ? to[i](depth).suggested : largest;
        }
        assert_int_equal(result_of(&plan).suggested, 3 + depth + largest - depth + 1);
    }
}

/* sample_multi_transcode: a decoder that feeds a composition keeps its whole request, and one more. */
static void sources_of_a_composition_keep_their_depth(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 8; depth++) {
        mfxFrameAllocRequest decoded = asks(avc_decode_video(depth)),
                             composed = request((mfxU16)(2 * depth), (mfxU16)(2 * depth));
        struct vfa_plan_stage sources[] = {{"left", NULL, &decoded, (mfxU16)depth},
                                           {"right", NULL, &decoded, (mfxU16)depth}};
        struct vfa_plan_stage composer = {"compose", &composed, &composed, (mfxU16)depth};
        struct vfa_plan plans[2];
        assert_int_equal(vfa_plan_compose(sources, 2, &composer, plans), MFX_ERR_NONE);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(result_of(&plans[i]).suggested, DPB + 2 * depth + 2 * depth + 1);
    }
}

/* contract of k components that share a pool: the sum less (k - 1) AsyncDepths, plus one. */
static void sharing_components_subtract_all_depths_but_one(void **state)
{
    (void)state;
    for (int depth = 1; depth <= 8; depth++) {
        struct vfa_plan plan = new_plan();
        add_measured(&plan, "decode", vp9_decode_video, depth);
        add_measured(&plan, "vpp", vpp_resize, depth);
        add_measured(&plan, "encode", hevc_encode, depth);
        int sum =
            vp9_decode_video(depth).suggested + vpp_resize(depth).suggested + hevc_encode(depth).suggested;
        assert_int_equal(result_of(&plan).suggested, sum - 2 * depth + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_the_published_sum_and_the_surface_between),
        cmocka_unit_test(dependents_in_step_count_as_the_largest),
        cmocka_unit_test(sources_of_a_composition_keep_their_depth),
        cmocka_unit_test(sharing_components_subtract_all_depths_but_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
