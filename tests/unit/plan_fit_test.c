/* As many surfaces as fit into a number of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

#define NV12_BYTES 3133440 /* 1920x1088, planning.h */

/* Minimum 4, suggested 9. */
static struct vfa_plan flexible_plan(void)
{
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(4, 9);
    assert_int_equal(vfa_plan_add(&plan, "decode", &asked, 4), MFX_ERR_NONE);
    return plan;
}

static void every_budget_is_used_as_far_as_it_goes(void **state)
{
    (void)state;
    for (uint64_t surfaces = 4; surfaces <= 12; surfaces++) {
        struct vfa_plan plan = flexible_plan();
        struct vfa_plan_total total;
        mfxFrameAllocRequest out;
        mfxU16 expected = (mfxU16)(surfaces < 9 ? surfaces : 9);
        assert_int_equal(vfa_plan_fit(&plan, 1, surfaces * NV12_BYTES + NV12_BYTES - 1, &total),
                         MFX_ERR_NONE);
        assert_int_equal(total.surfaces, expected);
        assert_int_equal(total.suggested, 9);
        assert_int_equal(total.bytes, (uint64_t)expected * NV12_BYTES);
        assert_int_equal(result_of(&plan).surfaces, expected);
        assert_int_equal(vfa_plan_request(&plan, &out), MFX_ERR_NONE);
        assert_int_equal(out.NumFrameSuggested, expected);
        assert_int_equal(out.NumFrameMin, 4);
    }
}

static void a_budget_below_the_minimum_is_refused_and_says_what_is_needed(void **state)
{
    (void)state;
    struct vfa_plan plan = flexible_plan(), before = plan;
    struct vfa_plan_total total;
    assert_int_equal(vfa_plan_fit(&plan, 1, 4 * NV12_BYTES - 1, &total), MFX_ERR_MEMORY_ALLOC);
    assert_int_equal(total.bytes_min, 4 * NV12_BYTES);
    assert_memory_equal(&plan, &before, sizeof plan);
    assert_int_equal(vfa_plan_fit(&plan, 1, 4 * NV12_BYTES, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_fit(&plan, 1, 0, NULL), MFX_ERR_MEMORY_ALLOC);
    assert_memory_equal(&plan, &before, sizeof plan); /* the earlier limit is gone */
}

static void pools_share_what_is_beyond_their_minimum(void **state)
{
    (void)state;
    struct vfa_plan plans[2] = {new_plan(), new_plan()};
    mfxFrameAllocRequest one = request(2, 12), two = request(4, 24);
    assert_int_equal(vfa_plan_add(&plans[0], "one", &one, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plans[1], "two", &two, 0), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_fit(plans, 2, (uint64_t)21 * NV12_BYTES, NULL), MFX_ERR_NONE);
    assert_int_equal(result_of(&plans[0]).surfaces, 7);
    assert_int_equal(result_of(&plans[1]).surfaces, 14);
}

static void random_budgets_are_kept_and_leave_no_room_for_one_more(void **state)
{
    (void)state;
    uint32_t random = 7;
    for (size_t round = 0; round < 2000; round++) {
        struct vfa_plan plans[4];
        uint64_t least = 0, most = 0;
        for (size_t i = 0; i < 4; i++) {
            random = random * 1664525 + 1013904223;
            mfxU16 min = (mfxU16)(1 + random % 8), more = (mfxU16)((random >> 16) % 40);
            mfxFrameAllocRequest asked = request(min, (mfxU16)(min + more));
            asked.Info.Width = (mfxU16)(64 * (1 + (random >> 8) % 16));
            plans[i] = new_plan();
            assert_int_equal(vfa_plan_add(&plans[i], "component", &asked, 0), MFX_ERR_NONE);
            least += result_of(&plans[i]).bytes_min;
            most += result_of(&plans[i]).bytes;
        }
        random = random * 1664525 + 1013904223;
        uint64_t budget = least + (most - least) * (random >> 8) / 0xffffff;
        struct vfa_plan_total total;
        assert_int_equal(vfa_plan_fit(plans, 4, budget, &total), MFX_ERR_NONE);
        assert_true(total.bytes <= budget);
        for (size_t i = 0; i < 4; i++) {
            struct vfa_plan_result r = result_of(&plans[i]);
            assert_true(r.surfaces >= r.min && r.surfaces <= r.suggested);
            assert_true(r.surfaces == r.suggested || total.bytes + r.bytes_per_surface > budget);
        }
    }
}

static void what_is_added_later_lifts_the_limit(void **state)
{
    (void)state;
    struct vfa_plan plan = flexible_plan();
    assert_int_equal(vfa_plan_fit(&plan, 1, 5 * NV12_BYTES, NULL), MFX_ERR_NONE);
    assert_int_equal(result_of(&plan).surfaces, 5);
    hold(&plan, "writer", 1);
    assert_int_equal(result_of(&plan).surfaces, 10);
}

static void a_pool_of_unknown_size_fits_no_budget(void **state)
{
    (void)state;
    struct vfa_plan plans[2] = {flexible_plan(), flexible_plan()};
    plans[1].info.FourCC = 1;
    struct vfa_plan_total total;
    assert_int_equal(vfa_plan_fit(plans, 2, UINT64_MAX, &total), MFX_ERR_UNSUPPORTED);
    assert_int_equal(total.unsized, 1);
    assert_int_equal(plans[0].limit, 0);
}

static void a_total_is_of_all_pools_or_none(void **state)
{
    (void)state;
    struct vfa_plan plans[2] = {flexible_plan(), flexible_plan()};
    struct vfa_plan_total total;
    assert_int_equal(vfa_plan_total(plans, 2, &total), MFX_ERR_NONE);
    assert_int_equal(total.suggested, 18);
    assert_int_equal(total.min, 8);
    assert_int_equal(total.bytes, 18 * NV12_BYTES);
    assert_int_equal(total.bytes_min, 8 * NV12_BYTES);
    plans[1] = new_plan();
    assert_int_equal(vfa_plan_total(plans, 2, &total), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(total.suggested, 0);
    assert_int_equal(vfa_plan_total(plans, 0, &total), MFX_ERR_NONE);
    assert_int_equal(total.bytes, 0);
}

static void null_arguments_and_empty_plans_are_refused(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    struct vfa_plan_total total;
    assert_int_equal(vfa_plan_total(NULL, 1, &total), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_total(&plan, 1, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_fit(NULL, 1, 1, &total), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_plan_fit(&plan, 1, 1, &total), MFX_ERR_NOT_INITIALIZED);
}

static void the_budget_is_printed(void **state)
{
    (void)state;
    struct vfa_plan plan = flexible_plan();
    char text[2048];
    assert_int_equal(vfa_plan_fit(&plan, 1, 5 * NV12_BYTES, NULL), MFX_ERR_NONE);
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_non_null(strstr(text, "  surfaces                                             4          9\n"
                                 "  surfaces within the budget                           4          5\n"
                                 "  5 surfaces of 3 133 440 bytes: 15.7 MB\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_budget_is_used_as_far_as_it_goes),
        cmocka_unit_test(a_budget_below_the_minimum_is_refused_and_says_what_is_needed),
        cmocka_unit_test(pools_share_what_is_beyond_their_minimum),
        cmocka_unit_test(random_budgets_are_kept_and_leave_no_room_for_one_more),
        cmocka_unit_test(what_is_added_later_lifts_the_limit),
        cmocka_unit_test(a_pool_of_unknown_size_fits_no_budget),
        cmocka_unit_test(a_total_is_of_all_pools_or_none),
        cmocka_unit_test(null_arguments_and_empty_plans_are_refused),
        cmocka_unit_test(the_budget_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
