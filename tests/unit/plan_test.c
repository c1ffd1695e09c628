/* The planner: published formulas, what it guarantees, its limits, and mistakes of its callers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

static int is_all_zero(const void *bytes, size_t count)
{
    const unsigned char *byte = bytes;
    while (count && !byte[count - 1])
        count--;
    return !count;
}

/* ---- formulas ---- */

static void one_component_needs_what_it_suggests(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(5, 9);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 4), MFX_ERR_NONE);
    struct vfa_plan_result result = result_of(&plan);
    assert_int_equal(result.suggested, 9);
    assert_int_equal(result.min, 5);
    assert_int_equal(result.async_overlap, 0);
    assert_int_equal(result.between, 0);
}

static void two_components_count_async_depth_once(void **state)
{
    (void)state;
    /* The specification: Na + Nb - AsyncDepth; Intel's sample_decode and sample_encode: one more. */
    for (mfxU16 depth = 0; depth <= 20; depth++) {
        struct vfa_plan plan = new_plan();
        mfxU16 decode = (mfxU16)(5 + depth), encode = (mfxU16)(3 + depth);
        add(&plan, "decode", decode, depth);
        add(&plan, "encode", encode, depth);
        struct vfa_plan_result result = result_of(&plan);
        assert_int_equal(result.suggested, decode + encode - depth + 1);
        assert_int_equal(result.min, decode + encode - depth);
        assert_int_equal(result.async_overlap, depth);
        assert_int_equal(result.async_overlap_min, depth);
        assert_int_equal(result.between, 1);
        assert_int_equal(result.components, decode + encode);
    }
}

/* sample_multi_transcode never goes below 2 surfaces. */
static void two_components_never_get_fewer_than_two_surfaces(void **state)
{
    (void)state;
    for (mfxU16 depth = 0; depth <= 8; depth++) {
        for (mfxU16 a = depth ? depth : 1; a <= 10; a++) {
            for (mfxU16 b = depth ? depth : 1; b <= 10; b++) {
                struct vfa_plan plan = new_plan();
                add(&plan, "decode", a, depth);
                add(&plan, "encode", b, depth);
                assert_true(result_of(&plan).suggested >= 2);
            }
        }
    }
}

static void k_components_on_one_pool_count_async_depth_once(void **state)
{
    (void)state;
    const mfxU16 depth = 4;
    for (mfxU16 k = 2; k <= VFA_PLAN_MAX_TERMS; k++) {
        struct vfa_plan plan = new_plan();
        for (mfxU16 i = 0; i < k; i++)
            add(&plan, "channel", (mfxU16)(depth + i), depth);
        mfxU32 sum = (mfxU32)k * depth + (mfxU32)k * (k - 1U) / 2;
        assert_int_equal(result_of(&plan).suggested, sum - (k - 1U) * depth + 1);
        assert_int_equal(result_of(&plan).min, sum - (k - 1U) * depth);
    }
}

static void of_different_depths_the_largest_stays(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 10, 2);
    add(&plan, "vpp", 8, 6);
    add(&plan, "encode", 7, 4);
    assert_int_equal(result_of(&plan).async_overlap, 6); /* 2 + 6 + 4 less 6 */
    assert_int_equal(result_of(&plan).suggested, 10 + 8 + 7 - 6 + 1);
}

/* The archived CPU runtime: decode says 1 to 3 whatever the depth, encode 4 + AsyncDepth. */
static void a_depth_that_was_never_added_is_not_subtracted(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest decode = request(1, 3);
    assert_int_equal(vfa_plan_add(&plan, "decode", &decode, 0), MFX_ERR_NONE);
    add(&plan, "encode", 4 + 5, 5);
    assert_int_equal(result_of(&plan).async_overlap, 0);
    assert_int_equal(result_of(&plan).suggested, 3 + 9 + 1);
    assert_int_equal(result_of(&plan).min, 1 + 9);
}

/* VP9 decoding to system memory: Min 1, Suggested 1 + AsyncDepth. */
static void min_subtracts_only_the_depth_it_contains(void **state)
{
    (void)state;
    const mfxU16 depth = 4;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest decode = request(1, 1 + depth);
    assert_int_equal(vfa_plan_add(&plan, "decode", &decode, depth), MFX_ERR_NONE);
    add(&plan, "encode", 3 + depth, depth);
    struct vfa_plan_result result = result_of(&plan);
    assert_int_equal(result.suggested, 1 + 4 + 3 + 4 - 4 + 1);
    assert_int_equal(result.async_overlap_min, 0);
    assert_int_equal(result.min, 1 + 3 + 4);
}

static void holds_add_to_both(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 9, 4);
    hold(&plan, "writer", 2);
    hold(&plan, "queue", 3);
    hold(&plan, "nothing", 0);
    struct vfa_plan_result result = result_of(&plan);
    assert_int_equal(result.holds, 5);
    assert_int_equal(result.suggested, 14);
    assert_int_equal(result.min, 14);
    assert_int_equal(result.between, 0);
}

static void the_order_of_terms_does_not_matter(void **state)
{
    (void)state;
    struct vfa_plan a = new_plan(), b = new_plan();
    hold(&a, "writer", 2);
    add(&a, "decode", 9, 4);
    add(&a, "encode", 7, 2);
    add(&b, "encode", 7, 2);
    add(&b, "decode", 9, 4);
    hold(&b, "writer", 2);
    struct vfa_plan_result of_a = result_of(&a), of_b = result_of(&b);
    assert_memory_equal(&of_a, &of_b, sizeof of_a);
}

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

/* The same sum written another way: each component without its depth, and the largest depth once. */
static void random_plans_keep_min_below_suggested_and_above_each_need(void **state)
{
    (void)state;
    uint64_t random = 0x2545f4914f6cdd1d;
    for (size_t round = 0; round < 100000; round++) {
        struct vfa_plan plan = new_plan();
        mfxU32 bases = 0, depths = 0, largest_need = 0, largest_min = 0, holds = 0;
        size_t components = 1 + next_random(&random) % 5;
        for (size_t i = 0; i < components; i++) {
            mfxU16 suggested = (mfxU16)(1 + next_random(&random) % 40);
            mfxU16 min = (mfxU16)(next_random(&random) % (suggested + 1U));
            mfxU16 depth = (mfxU16)(next_random(&random) % (suggested + 1U));
            mfxFrameAllocRequest asked = request(min, suggested);
            assert_int_equal(vfa_plan_add(&plan, "component", &asked, depth), MFX_ERR_NONE);
            bases += (mfxU32)suggested - depth;
            depths = depth > depths ? depth : depths;
            largest_need = suggested > largest_need ? suggested : largest_need;
            largest_min = min > largest_min ? min : largest_min;
        }
        if (next_random(&random) % 2)
            hold(&plan, "held", (mfxU16)(holds = (mfxU32)(next_random(&random) % 9)));
        struct vfa_plan_result result = result_of(&plan);
        assert_int_equal(result.suggested, bases + depths + (components > 1) + holds);
        assert_true(result.suggested >= largest_need + holds);
        assert_true(result.min >= largest_min + holds && result.min <= result.suggested);
    }
}

/* ---- limits and mistakes ---- */

static void counts_saturate_at_65535(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 65535, 0);
    assert_false(result_of(&plan).saturated);
    assert_int_equal(result_of(&plan).suggested, 65535);
    hold(&plan, "writer", 1);
    assert_true(result_of(&plan).saturated);
    assert_int_equal(result_of(&plan).suggested, 65535);
    assert_int_equal(result_of(&plan).min, 65535);
    while (plan.term_count < VFA_PLAN_MAX_TERMS)
        add(&plan, "more", 65535, 0);
    struct vfa_plan_result result = result_of(&plan);
    assert_int_equal(result.suggested, 65535);
    assert_int_equal(result.components, 31 * 65535);
    assert_int_equal(result.bytes, (uint64_t)65535 * 3133440);
}

static void a_suggestion_below_the_async_depth_is_out_of_memory(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    struct vfa_plan before = plan;
    mfxFrameAllocRequest asked = request(2, 3);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 4), MFX_ERR_MEMORY_ALLOC);
    assert_memory_equal(&plan, &before, sizeof plan);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 3), MFX_ERR_NONE);
}

static void a_suggestion_below_the_minimum_counts_as_the_minimum(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(6, 0);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 4), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).suggested, 6);
    assert_int_equal(result_of(&plan).min, 6);
}

static void a_request_for_no_frames_is_invalid(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(0, 0);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 0), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(plan.term_count, 0);
}

static void a_full_plan_takes_no_more_terms(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(1, 1);
    for (size_t i = 0; i < VFA_PLAN_MAX_TERMS; i++)
        add(&plan, "one", 1, 0);
    struct vfa_plan before = plan;
    asked.Info.Width = 4096;
    assert_int_equal(vfa_plan_add(&plan, "too many", &asked, 0), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_int_equal(vfa_plan_hold(&plan, "too many", 1), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_memory_equal(&plan, &before, sizeof plan);
}

static void a_plan_without_components_has_no_result(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    struct vfa_plan_result result;
    mfxFrameAllocRequest out;
    hold(&plan, "writer", 2);
    memset(&result, 0xaa, sizeof result);
    memset(&out, 0xaa, sizeof out);
    assert_int_equal(vfa_plan_result(&plan, &result), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(vfa_plan_request(&plan, &out), MFX_ERR_NOT_INITIALIZED);
    assert_true(is_all_zero(&result, sizeof result));
    assert_true(is_all_zero(&out, sizeof out));
}

static void a_plan_never_initialised_is_no_crash(void **state)
{
    (void)state;
    struct vfa_plan plan;
    struct vfa_plan_result result;
    mfxFrameAllocRequest asked = request(1, 1);
    memset(&plan, 0xaa, sizeof plan);
    assert_int_equal(vfa_plan_add(&plan, "x", &asked, 0), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_int_equal(vfa_plan_hold(&plan, "x", 1), MFX_ERR_NOT_ENOUGH_BUFFER);
    assert_int_equal(vfa_plan_result(&plan, &result), MFX_ERR_NOT_INITIALIZED);
    assert_true(vfa_plan_print(&plan, 1, NULL, 0) > 0);
}

static void null_arguments_are_refused(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    struct vfa_plan_result result;
    mfxFrameAllocRequest asked = request(1, 1);
    assert_int_equal(vfa_plan_init(NULL, "x"), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_add(NULL, "x", &asked, 0), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_add(&plan, "x", NULL, 0), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_hold(NULL, "x", 1), MFX_ERR_NULL_PTR);
    memset(&result, 0xaa, sizeof result);
    assert_int_equal(vfa_plan_result(NULL, &result), MFX_ERR_NULL_PTR);
    assert_true(is_all_zero(&result, sizeof result));
    assert_int_equal(vfa_plan_result(&plan, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_request(NULL, &asked), MFX_ERR_NULL_PTR);
    assert_true(is_all_zero(&asked, sizeof asked));
    assert_int_equal(vfa_plan_request(&plan, NULL), MFX_ERR_NULL_PTR);
}

static void names_have_defaults_and_are_cut(void **state)
{
    (void)state;
    struct vfa_plan plan;
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(vfa_plan_init(&plan, NULL), MFX_ERR_NONE);
    assert_string_equal(plan.name, "pool");
    add(&plan, NULL, 1, 0);
    assert_string_equal(plan.term[0].name, "component");
    hold(&plan, NULL, 1);
    assert_string_equal(plan.term[1].name, "application");
    hold(&plan, longest, 1);
    assert_int_equal(strlen(plan.term[2].name), VFA_PLAN_NAME_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_component_needs_what_it_suggests),
        cmocka_unit_test(two_components_count_async_depth_once),
        cmocka_unit_test(two_components_never_get_fewer_than_two_surfaces),
        cmocka_unit_test(k_components_on_one_pool_count_async_depth_once),
        cmocka_unit_test(of_different_depths_the_largest_stays),
        cmocka_unit_test(a_depth_that_was_never_added_is_not_subtracted),
        cmocka_unit_test(min_subtracts_only_the_depth_it_contains),
        cmocka_unit_test(holds_add_to_both),
        cmocka_unit_test(the_order_of_terms_does_not_matter),
        cmocka_unit_test(random_plans_keep_min_below_suggested_and_above_each_need),
        cmocka_unit_test(counts_saturate_at_65535),
        cmocka_unit_test(a_suggestion_below_the_async_depth_is_out_of_memory),
        cmocka_unit_test(a_suggestion_below_the_minimum_counts_as_the_minimum),
        cmocka_unit_test(a_request_for_no_frames_is_invalid),
        cmocka_unit_test(a_full_plan_takes_no_more_terms),
        cmocka_unit_test(a_plan_without_components_has_no_result),
        cmocka_unit_test(a_plan_never_initialised_is_no_crash),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(names_have_defaults_and_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
