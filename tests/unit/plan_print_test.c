/* The printed plan: every term in both columns, and snprintf's bargain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vfa/plan.h>

static struct vfa_plan transcode_plan(void)
{
    struct vfa_plan plan;
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_NV12;
    request.Info.Width = 1920;
    request.Info.Height = 1088;
    request.Type = MFX_MEMTYPE_SYSTEM_MEMORY;
    request.NumFrameMin = 5;
    request.NumFrameSuggested = 9;
    assert_int_equal(vfa_plan_init(&plan, "decode->encode"), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "decode", &request, 4), MFX_ERR_NONE);
    request.NumFrameMin = request.NumFrameSuggested = 7;
    assert_int_equal(vfa_plan_add(&plan, "encode", &request, 4), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_hold(&plan, "writer", 2), MFX_ERR_NONE);
    return plan;
}

static const char transcode_text[] = "pool \"decode->encode\": NV12 1920x1088\n"
                                     "                                                     min  suggested\n"
                                     "  decode, AsyncDepth 4                                 5          9\n"
                                     "  encode, AsyncDepth 4                                 7          7\n"
                                     "  AsyncDepth counted more than once                   -0         -4\n"
                                     "  on its way between components                       +0         +1\n"
                                     "  held by writer                                      +2         +2\n"
                                     "  surfaces                                            14         15\n"
                                     "  15 surfaces of 3 133 440 bytes: 47.0 MB\n";

static void every_term_is_printed_and_the_columns_add_up(void **state)
{
    (void)state;
    struct vfa_plan plan = transcode_plan();
    char text[2048];
    size_t length = vfa_plan_print(&plan, 1, text, sizeof text);
    assert_string_equal(text, transcode_text);
    assert_int_equal(length, strlen(text));
}

static void several_pools_end_with_a_total(void **state)
{
    (void)state;
    struct vfa_plan plans[2] = {transcode_plan(), transcode_plan()};
    char text[4096], expected[4096];
    (void)vfa_plan_print(plans, 2, text, sizeof text);
    (void)snprintf(expected, sizeof expected, "%s%stotal: 30 surfaces, 94.0 MB\n", transcode_text,
                   transcode_text);
    assert_string_equal(text, expected);
}

static void a_component_without_async_depth_says_nothing_of_it(void **state)
{
    (void)state;
    struct vfa_plan plan;
    mfxFrameAllocRequest request;
    char text[2048];
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 1234567;
    request.NumFrameMin = request.NumFrameSuggested = 1;
    assert_int_equal(vfa_plan_init(&plan, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "coded", &request, 0), MFX_ERR_NONE);
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_string_equal(text, "pool \"pool\": P8 1 234 567 bytes\n"
                              "                                                     min  suggested\n"
                              "  coded                                                1          1\n"
                              "  surfaces                                             1          1\n"
                              "  1 surfaces of 1 236 992 bytes: 1.2 MB\n");
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;
    struct vfa_plan plan = transcode_plan();
    char text[2048];
    plan.info.FourCC = 1;
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_non_null(strstr(text, ": 0x00000001 1920x1088\n"));
    assert_non_null(strstr(text, "  15 surfaces of unknown size\n"));
    assert_int_equal(vfa_plan_init(&plan, "empty"), MFX_ERR_NONE);
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_string_equal(text, "pool \"empty\": no components\n");
}

static void a_saturated_plan_says_so(void **state)
{
    (void)state;
    struct vfa_plan plan = transcode_plan();
    char text[2048];
    assert_int_equal(vfa_plan_hold(&plan, "hoarder", 65535), MFX_ERR_NONE);
    (void)vfa_plan_print(&plan, 1, text, sizeof text);
    assert_non_null(strstr(text, "more than the 65535 surfaces"));
    assert_non_null(strstr(text, "65535 surfaces of 3 133 440 bytes: 205.3 GB\n"));
}

static void amounts_beyond_all_units_stay_readable(void **state)
{
    (void)state;
    if (SIZE_MAX == UINT32_MAX)
        return; /* no such frame there: "of unknown size" */
    struct vfa_plan plans[2];
    mfxFrameAllocRequest request;
    char text[2048];
    memset(&request, 0, sizeof request);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = (mfxU64)1 << 62;
    request.NumFrameSuggested = 2;
    assert_int_equal(vfa_plan_init(&plans[0], NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plans[0], "coded", &request, 0), MFX_ERR_NONE);
    plans[1] = plans[0];
    (void)vfa_plan_print(plans, 2, text, sizeof text);
    assert_non_null(strstr(text, "2 surfaces of 4 611 686 018 427 387 904 bytes: 9223372.0 TB\n"));
    assert_non_null(strstr(text, "total: 4 surfaces, 18446744.1 TB\n"));
}

static void the_whole_length_is_returned_however_short_the_buffer(void **state)
{
    (void)state;
    struct vfa_plan plan = transcode_plan();
    size_t whole = strlen(transcode_text);
    assert_int_equal(vfa_plan_print(&plan, 1, NULL, 0), whole);
    for (size_t bytes = 1; bytes <= whole + 2; bytes++) {
        char *text = malloc(bytes); /* of that very size, for the sanitizer to watch its end */
        size_t kept = bytes <= whole ? bytes - 1 : whole;
        assert_non_null(text);
        memset(text, 'x', bytes);
        assert_int_equal(vfa_plan_print(&plan, 1, text, bytes), whole);
        assert_memory_equal(text, transcode_text, kept);
        assert_int_equal(text[kept], '\0');
        free(text);
    }
}

static void no_plans_are_no_text(void **state)
{
    (void)state;
    struct vfa_plan plan = transcode_plan();
    char text[4] = "xxx";
    assert_int_equal(vfa_plan_print(NULL, 3, text, sizeof text), 0);
    assert_string_equal(text, "");
    assert_int_equal(vfa_plan_print(&plan, 0, NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_term_is_printed_and_the_columns_add_up),
        cmocka_unit_test(several_pools_end_with_a_total),
        cmocka_unit_test(a_component_without_async_depth_says_nothing_of_it),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(a_saturated_plan_says_so),
        cmocka_unit_test(amounts_beyond_all_units_stay_readable),
        cmocka_unit_test(the_whole_length_is_returned_however_short_the_buffer),
        cmocka_unit_test(no_plans_are_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
