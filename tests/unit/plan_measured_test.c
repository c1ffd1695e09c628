/* What a component's two requests, of two AsyncDepths, tell of what they contain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

#include <stdbool.h>

/* The term that comes of `now` frames at depth 4, and `then` at depth 12. */
static struct vfa_plan_term measured(mfxU16 now, mfxU16 then)
{
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(now, now), other = request(then, then);
    assert_int_equal(vfa_plan_add_measured(&plan, "component", &asked, 4, &other, 12), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).warnings, plan.term[0].warnings);
    return plan.term[0];
}

static void a_request_that_grows_with_the_depth_contains_it(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(7, 15);
    assert_int_equal(term.async_depth, 4);
    assert_int_equal(term.depth_times, 1);
    assert_int_equal(term.warnings, 0);
}

static void a_request_that_does_not_change_ignores_it(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(7, 7);
    assert_int_equal(term.async_depth, 0);
    assert_int_equal(term.depth_times, 0);
    assert_int_equal(term.warnings, VFA_PLAN_WARN_DEPTH_IGNORED);
}

static void a_request_that_shrinks_contains_no_depth(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(7, 6);
    assert_int_equal(term.async_depth, 0);
    assert_int_equal(term.warnings, VFA_PLAN_WARN_DEPTH_IGNORED);
}

/* Intel's AVC decoder: DPB + 2 * AsyncDepth. One of them is the operations that other components count too.
 */
static void a_request_that_grows_twice_as_fast_contains_it_twice(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(5 + 8, 5 + 24);
    assert_int_equal(term.async_depth, 4);
    assert_int_equal(term.depth_times, 2);
    assert_int_equal(term.warnings, VFA_PLAN_WARN_DEPTH_REPEATED);
}

static void a_request_that_grows_slowly_contains_what_it_grew_by(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(7, 9);
    assert_int_equal(term.async_depth, 2);
    assert_int_equal(term.depth_times, 0);
    assert_int_equal(term.warnings, 0);
}

static void a_suggestion_below_the_depth_is_a_warning(void **state)
{
    (void)state;
    struct vfa_plan_term term = measured(3, 3);
    assert_int_equal(term.suggested, 3);
    assert_int_equal(term.async_depth, 0);
    assert_int_equal(term.warnings, VFA_PLAN_WARN_DEPTH_IGNORED | VFA_PLAN_WARN_BELOW_DEPTH);
    term = measured(3, 11);
    assert_int_equal(term.async_depth, 3);
    assert_int_equal(term.warnings, VFA_PLAN_WARN_BELOW_DEPTH);
}

static void the_other_depth_may_be_the_smaller_one(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(15, 15), other = request(7, 7);
    assert_int_equal(vfa_plan_add_measured(&plan, "component", &asked, 12, &other, 4), MFX_ERR_NONE);
    assert_int_equal(plan.term[0].async_depth, 12);
    assert_int_equal(plan.term[0].depth_times, 1);
}

static void a_suggestion_below_the_minimum_is_a_warning(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(6, 5);
    assert_int_equal(vfa_plan_add(&plan, "component", &asked, 0), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).warnings, VFA_PLAN_WARN_BELOW_MIN);
}

static void random_requests_never_break_the_bounds(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (size_t round = 0; round < 100000; round++) {
        mfxU16 number[6];
        for (size_t i = 0; i < 6; i++) {
            random = random * 1664525 + 1013904223;
            number[i] = (mfxU16)(random >> (random % 13 + 15));
        }
        mfxFrameAllocRequest asked = request(number[0], number[1]), other = request(number[2], number[3]);
        struct vfa_plan plan = new_plan();
        mfxStatus status = vfa_plan_add_measured(&plan, "component", &asked, number[4], &other, number[5]);
        bool bad = !number[4] || !number[5] || number[4] == number[5] || (!number[0] && !number[1]);
        assert_int_equal(status, bad ? MFX_ERR_INVALID_VIDEO_PARAM : MFX_ERR_NONE);
        if (bad)
            continue;
        assert_true(plan.term[0].async_depth <= plan.term[0].suggested);
        assert_true(plan.term[0].async_depth <= number[4]);
        assert_true(result_of(&plan).min <= result_of(&plan).suggested);
    }
}

static void mistakes_leave_the_plan_as_it_was(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan(), before = plan;
    mfxFrameAllocRequest asked = request(5, 5), nothing = request(0, 0);
    assert_int_equal(vfa_plan_add_measured(NULL, "x", &asked, 4, &asked, 12), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_add_measured(&plan, "x", NULL, 4, &asked, 12), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_add_measured(&plan, "x", &asked, 4, NULL, 12), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_add_measured(&plan, "x", &asked, 4, &asked, 4), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_add_measured(&plan, "x", &asked, 0, &asked, 4), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(vfa_plan_add_measured(&plan, "x", &nothing, 4, &asked, 12), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_memory_equal(&plan, &before, sizeof plan);
}

static void every_warning_has_a_text(void **state)
{
    (void)state;
    for (mfxU32 bit = VFA_PLAN_WARN_DEPTH_IGNORED; bit <= VFA_PLAN_WARN_DEPTH_HELD; bit <<= 1)
        assert_true(strlen(vfa_plan_warning_text(bit)) > 10);
    assert_string_equal(vfa_plan_warning_text(0), "");
    assert_string_equal(vfa_plan_warning_text(1U << 31), "");
}

static void warnings_are_printed_with_their_component(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(1, 3);
    char text[2048];
    assert_int_equal(vfa_plan_add_measured(&plan, "decode", &asked, 5, &asked, 13), MFX_ERR_NONE);
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_non_null(strstr(text, "  warning: decode: its request ignores AsyncDepth\n"));
    assert_non_null(strstr(text, "  warning: decode: its NumFrameSuggested is below AsyncDepth"));
}

/* A ring of operations in flight: their surfaces are those that AsyncDepth counts. */
static void as_many_held_as_in_flight_is_a_warning(void **state)
{
    (void)state;
    const mfxU16 counts[] = {3, 4, 5};
    for (size_t i = 0; i < 3; i++) {
        struct vfa_plan plan = new_plan();
        char text[2048];
        hold(&plan, "ring", counts[i]);
        add(&plan, "decode", 5, 4);
        mfxU32 expected = counts[i] == 4 ? VFA_PLAN_WARN_DEPTH_HELD : 0;
        assert_int_equal(result_of(&plan).warnings, expected);
        (void)vfa_plan_print(&plan, 1, text, sizeof text);
        assert_int_equal(strstr(text, "  warning: ring: as many as AsyncDepth") != NULL, expected != 0);
    }
}

static void one_held_at_a_depth_of_1_is_no_warning(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    add(&plan, "decode", 2, 1);
    hold(&plan, "writer", 1);
    assert_int_equal(result_of(&plan).warnings, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_that_grows_with_the_depth_contains_it),
        cmocka_unit_test(a_request_that_does_not_change_ignores_it),
        cmocka_unit_test(a_request_that_shrinks_contains_no_depth),
        cmocka_unit_test(a_request_that_grows_twice_as_fast_contains_it_twice),
        cmocka_unit_test(a_request_that_grows_slowly_contains_what_it_grew_by),
        cmocka_unit_test(a_suggestion_below_the_depth_is_a_warning),
        cmocka_unit_test(the_other_depth_may_be_the_smaller_one),
        cmocka_unit_test(a_suggestion_below_the_minimum_is_a_warning),
        cmocka_unit_test(random_requests_never_break_the_bounds),
        cmocka_unit_test(mistakes_leave_the_plan_as_it_was),
        cmocka_unit_test(every_warning_has_a_text),
        cmocka_unit_test(warnings_are_printed_with_their_component),
        cmocka_unit_test(as_many_held_as_in_flight_is_a_warning),
        cmocka_unit_test(one_held_at_a_depth_of_1_is_no_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
