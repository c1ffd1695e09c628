/* Pools of several stages: fan-out, in step or not, and composition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

#include <stdio.h>
#include <string.h>

static struct vfa_plan_stage stage(const char *name, const mfxFrameAllocRequest *in,
                                   const mfxFrameAllocRequest *out, mfxU16 depth)
{
    return (struct vfa_plan_stage){name, in, out, depth};
}

static void consumers_that_drift_apart_add_up(void **state)
{
    (void)state;
    mfxFrameAllocRequest decoded = request(9, 9), high = request(7, 7), low = request(6, 6);
    struct vfa_plan_stage from = stage("decode", NULL, &decoded, 4);
    struct vfa_plan_stage to[] = {stage("high", &high, NULL, 4), stage("low", &low, NULL, 4)};
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_fan_out(&from, to, 2, 0, &plan), MFX_ERR_NONE);
    assert_string_equal(plan.name, "decode->high, ...");
    assert_int_equal(result_of(&plan).suggested, 9 + 7 + 6 - 2 * 4 + 1);
    assert_int_equal(result_of(&plan).same_frames, 0);
}

static void consumers_in_step_hold_the_same_frames(void **state)
{
    (void)state;
    mfxFrameAllocRequest decoded = request(9, 9), high = request(7, 7), low = request(6, 6);
    struct vfa_plan_stage from = stage("decode", NULL, &decoded, 4);
    struct vfa_plan_stage to[] = {stage("high", &high, NULL, 4), stage("low", &low, NULL, 4)};
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_fan_out(&from, to, 2, 1, &plan), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).same_frames, 6 - 4);
    assert_int_equal(result_of(&plan).suggested, 9 + 7 - 4 + 1);
    assert_int_equal(result_of(&plan).min, 9 + 7 - 4);
    char text[1024];
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    const char *row = strstr(text, "the same frames in several branches");
    assert_non_null(row);
    int min = 0, suggested = 0;
    assert_int_equal(sscanf(row, "the same frames in several branches %d %d", &min, &suggested), 2);
    assert_int_equal(min, -(int)result_of(&plan).same_frames_min);
    assert_int_equal(suggested, -2);
}

static void one_consumer_is_a_chain(void **state)
{
    (void)state;
    mfxFrameAllocRequest decoded = request(5, 9), encoded = request(6, 7);
    struct vfa_plan_stage stages[] = {stage("decode", NULL, &decoded, 4), stage("encode", &encoded, NULL, 2)};
    for (int in_step = 0; in_step < 2; in_step++) {
        struct vfa_plan chain, fan;
        assert_int_equal(vfa_plan_chain(stages, 2, &chain), MFX_ERR_NONE);
        assert_int_equal(vfa_plan_fan_out(&stages[0], &stages[1], 1, in_step, &fan), MFX_ERR_NONE);
        struct vfa_plan_result of_chain = result_of(&chain), of_fan = result_of(&fan);
        assert_string_equal(fan.name, "decode->encode");
        assert_memory_equal(&of_chain, &of_fan, sizeof of_chain);
    }
}

static void branches_of_other_depths_keep_the_largest_of_each(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 8, 2);
    add(&plan, "deep", 10, 8);
    assert_int_equal(vfa_plan_branch(&plan), MFX_ERR_NONE);
    add(&plan, "wide", 9, 1);
    assert_int_equal(vfa_plan_branch(&plan), MFX_ERR_NONE);
    /* without depth: 6 for the decoder, 8 for the branch that needs most; and the largest depth, 8 */
    assert_int_equal(result_of(&plan).suggested, 6 + 8 + 8 + 1);
}

static void only_a_component_becomes_a_branch(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    assert_int_equal(vfa_plan_branch(NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_branch(&plan), MFX_ERR_NOT_INITIALIZED);
    hold(&plan, "writer", 2);
    assert_int_equal(vfa_plan_branch(&plan), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(plan.term[0].kind, VFA_PLAN_HOLD);
}

static void each_source_of_a_composition_has_its_pool(void **state)
{
    (void)state;
    mfxFrameAllocRequest large = request(9, 9), small = request(6, 6), composed = request(8, 8);
    struct vfa_plan_stage sources[] = {stage("large", NULL, &large, 4), stage("small", NULL, &small, 4)};
    struct vfa_plan_stage composer = stage("compose", &composed, &composed, 4);
    struct vfa_plan plans[2];
    small.Info.Width = 640;
    small.Info.Height = 368;
    assert_int_equal(vfa_plan_compose(sources, 2, &composer, plans), MFX_ERR_NONE);
    assert_string_equal(plans[0].name, "large->compose");
    assert_string_equal(plans[1].name, "small->compose");
    assert_int_equal(result_of(&plans[0]).suggested, 9 + 8 + 1);
    assert_int_equal(result_of(&plans[1]).suggested, 6 + 8 + 1);
    assert_int_equal(plans[0].info.Width, 1920);
    assert_int_equal(plans[1].info.Width, 640);
    assert_int_equal(plans[1].info.Height, 368);
}

static void assert_empty(const struct vfa_plan *plan)
{
    struct vfa_plan empty;
    assert_int_equal(vfa_plan_init(&empty, NULL), MFX_ERR_NONE);
    assert_memory_equal(plan, &empty, sizeof empty);
}

static void mistakes_leave_all_plans_empty(void **state)
{
    (void)state;
    mfxFrameAllocRequest nv12 = request(6, 6), p010 = request(6, 6);
    p010.Info.FourCC = MFX_FOURCC_P010;
    struct vfa_plan_stage good = stage("good", &nv12, &nv12, 4), other = stage("other", &p010, &p010, 4);
    struct vfa_plan_stage bare = stage("bare", NULL, NULL, 4), two[] = {good, other};
    struct vfa_plan plans[2];
    memset(plans, 0xaa, sizeof plans);
    assert_int_equal(vfa_plan_fan_out(&good, two, 2, 1, plans), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_empty(&plans[0]);
    assert_int_equal(vfa_plan_fan_out(&good, two, 0, 1, plans), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_fan_out(&bare, two, 1, 1, plans), MFX_ERR_NULL_PTR);
    assert_empty(&plans[0]);
    memset(plans, 0xaa, sizeof plans);
    assert_int_equal(vfa_plan_compose(two, 2, &good, plans), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_empty(&plans[0]);
    assert_empty(&plans[1]);
    assert_int_equal(vfa_plan_compose(two, 0, &good, plans), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_compose(two, 2, &bare, plans), MFX_ERR_NULL_PTR);
}

static void null_arguments_are_refused(void **state)
{
    (void)state;
    struct vfa_plan_stage one = {0};
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_fan_out(NULL, &one, 1, 0, &plan), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_fan_out(&one, NULL, 1, 0, &plan), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_fan_out(&one, &one, 1, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_compose(NULL, 1, &one, &plan), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_compose(&one, 1, NULL, &plan), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_compose(&one, 1, &one, NULL), MFX_ERR_NULL_PTR);
}

static void more_consumers_than_terms_are_refused(void **state)
{
    (void)state;
    mfxFrameAllocRequest one = request(1, 1);
    struct vfa_plan_stage from = stage("decode", NULL, &one, 0), to[VFA_PLAN_MAX_TERMS];
    struct vfa_plan plan;
    for (size_t i = 0; i < VFA_PLAN_MAX_TERMS; i++)
        to[i] = stage("encode", &one, NULL, 0);
    assert_int_equal(vfa_plan_fan_out(&from, to, VFA_PLAN_MAX_TERMS, 0, &plan), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_empty(&plan);
    assert_int_equal(vfa_plan_fan_out(&from, to, VFA_PLAN_MAX_TERMS - 1, 0, &plan), MFX_ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consumers_that_drift_apart_add_up),
        cmocka_unit_test(consumers_in_step_hold_the_same_frames),
        cmocka_unit_test(one_consumer_is_a_chain),
        cmocka_unit_test(branches_of_other_depths_keep_the_largest_of_each),
        cmocka_unit_test(only_a_component_becomes_a_branch),
        cmocka_unit_test(each_source_of_a_composition_has_its_pool),
        cmocka_unit_test(mistakes_leave_all_plans_empty),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(more_consumers_than_terms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
