/* A plan as JSON, with names that need escapes, and snprintf's bargain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planning.h"

#include <stdio.h>

static void print(const struct vfa_plan *plans, size_t count, char text[4096])
{
    assert_true(vfa_plan_json(plans, count, text, 4096) < 4096);
}

static void every_term_and_sum_has_its_name(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(5, 9), other = request(13, 17);
    char text[4096];
    assert_int_equal(vfa_plan_add_measured(&plan, "decode", &asked, 4, &other, 12), MFX_ERR_NONE);
    add(&plan, "encode", 7, 4);
    hold(&plan, "writer", 2);
    print(&plan, 1, text);
    assert_string_equal(
        text,
        "{\"pools\": [\n"
        "    {\"name\": \"test\", \"format\": \"NV12\", \"fourcc\": 842094158, \"width\": 1920, \"height\": "
        "1088, "
        "\"type\": 578, \"alloc_id\": 0,\n"
        "     \"terms\": [\n"
        "       {\"name\": \"decode\", \"kind\": \"component\", \"min\": 5, \"suggested\": 9, "
        "\"async_depth\": 4, "
        "\"depth_times\": 1, \"warnings\": []},\n"
        "       {\"name\": \"encode\", \"kind\": \"component\", \"min\": 7, \"suggested\": 7, "
        "\"async_depth\": 4, "
        "\"depth_times\": 0, \"warnings\": []},\n"
        "       {\"name\": \"writer\", \"kind\": \"hold\", \"min\": 2, \"suggested\": 2, \"warnings\": "
        "[]}],\n"
        "     \"components\": 16, \"async_overlap\": 4, \"same_frames\": 0, \"between\": 1, \"holds\": 2,\n"
        "     \"components_min\": 12, \"async_overlap_min\": 0, \"same_frames_min\": 0,\n"
        "     \"suggested\": 15, \"min\": 14, \"surfaces\": 15, \"bytes_per_surface\": 3133440, "
        "\"bytes\": 47001600, \"bytes_min\": 43868160, \"warnings\": []}],\n"
        "  \"suggested\": 15, \"min\": 14, \"surfaces\": 15, \"bytes\": 47001600, \"bytes_min\": "
        "43868160}\n");
}

static void warnings_are_words(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(4, 3);
    char text[4096];
    assert_int_equal(vfa_plan_add_measured(&plan, "decode", &asked, 5, &asked, 13), MFX_ERR_NONE);
    hold(&plan, "hoarder", 65535);
    print(&plan, 1, text);
    assert_non_null(strstr(text, "\"depth_times\": 0, \"warnings\": [\"depth_ignored\", \"below_depth\", "
                                 "\"below_min\"]}"));
    assert_non_null(strstr(text, "[\"depth_ignored\", \"below_depth\", \"below_min\", \"saturated\"]}]"));
}

static void what_is_not_known_is_null(void **state)
{
    (void)state;
    struct vfa_plan plans[2] = {new_plan(), new_plan()};
    char text[4096];
    add(&plans[0], "decode", 3, 0);
    plans[0].info.FourCC = 1;
    print(plans, 2, text);
    assert_non_null(strstr(text, "\"format\": null, \"fourcc\": 1, "));
    assert_non_null(strstr(text, "\"bytes_per_surface\": null, \"bytes\": null, \"bytes_min\": null"));
    assert_non_null(strstr(text, "\"terms\": []}],\n")); /* the one without components */
    assert_non_null(strstr(text, "\"surfaces\": 3, \"bytes\": null, \"bytes_min\": null}\n"));
}

static void a_linear_buffer_has_a_size(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    mfxFrameAllocRequest asked = request(1, 1);
    char text[4096];
    memset(&asked.Info, 0, sizeof asked.Info);
    asked.Info.FourCC = MFX_FOURCC_P8;
    asked.Info.BufferSize = 1000;
    assert_int_equal(vfa_plan_add(&plan, "coded", &asked, 0), MFX_ERR_NONE);
    print(&plan, 1, text);
    assert_non_null(strstr(text, "\"format\": \"P8\", \"fourcc\": 41, \"buffer_size\": 1000, "));
}

static void expect_name(const char *name, const char *json)
{
    struct vfa_plan plan;
    char text[4096], expected[256];
    assert_int_equal(vfa_plan_init(&plan, name), MFX_ERR_NONE);
    print(&plan, 1, text);
    (void)snprintf(expected, sizeof expected, "{\"name\": \"%s\", ", json);
    if (!strstr(text, expected))
        fail_msg("no %s in %s", expected, text);
}

static void names_are_escaped(void **state)
{
    (void)state;
    expect_name("a\"b\\c", "a\\\"b\\\\c");
    expect_name("tab\tend\x7f", "tab\\u0009end\\u007f");
    expect_name("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\xac");
}

static void bytes_that_are_no_utf8_are_left_out(void **state)
{
    (void)state;
    expect_name("caf\xe9!", "caf!"); /* Latin-1 */
    expect_name("\xc0\xaf"
                "a",
                "a"); /* overlong */
    expect_name("\xed\xa0\x80"
                "b",
                "b"); /* half of a surrogate pair */
    expect_name("\xf5\x80\x80\x80"
                "c",
                "c");              /* beyond Unicode */
    expect_name("d\xe2\x82", "d"); /* cut short */
}

static void long_names_are_cut_between_characters(void **state)
{
    (void)state;
    struct vfa_plan plan;
    char name[VFA_PLAN_NAME_MAX + 4];
    for (size_t lead = VFA_PLAN_NAME_MAX - 5; lead < VFA_PLAN_NAME_MAX; lead++) {
        memset(name, 'x', lead);
        memcpy(name + lead, "\xe2\x82\xac", 4); /* the euro sign, in three bytes */
        assert_int_equal(vfa_plan_init(&plan, name), MFX_ERR_NONE);
        size_t whole = lead + 3 < VFA_PLAN_NAME_MAX ? lead + 3 : lead;
        assert_int_equal(strlen(plan.name), whole);
    }
}

static void the_whole_length_is_returned_however_short_the_buffer(void **state)
{
    (void)state;
    struct vfa_plan plan = new_plan();
    char whole[4096], cut[4096];
    add(&plan, "decode", 5, 4);
    print(&plan, 1, whole);
    size_t length = strlen(whole);
    assert_int_equal(vfa_plan_json(&plan, 1, NULL, 0), length);
    for (size_t bytes = 1; bytes < length; bytes++) {
        assert_int_equal(vfa_plan_json(&plan, 1, cut, bytes), length);
        assert_int_equal(strlen(cut), bytes - 1);
        assert_memory_equal(cut, whole, bytes - 1);
    }
}

static void no_plans_are_an_object_without_pools(void **state)
{
    (void)state;
    char text[4096];
    print(NULL, 3, text);
    assert_string_equal(text,
                        "{\"pools\": [],\n  \"suggested\": 0, \"min\": 0, \"surfaces\": 0, \"bytes\": 0, "
                        "\"bytes_min\": 0}\n");
}

static void a_plan_never_initialised_is_no_crash(void **state)
{
    (void)state;
    struct vfa_plan plan;
    char text[4096];
    memset(&plan, 0xaa, sizeof plan);
    print(&plan, 1, text);
    assert_non_null(strstr(text, "\"name\": \"\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_term_and_sum_has_its_name),
        cmocka_unit_test(warnings_are_words),
        cmocka_unit_test(what_is_not_known_is_null),
        cmocka_unit_test(a_linear_buffer_has_a_size),
        cmocka_unit_test(names_are_escaped),
        cmocka_unit_test(bytes_that_are_no_utf8_are_left_out),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(the_whole_length_is_returned_however_short_the_buffer),
        cmocka_unit_test(no_plans_are_an_object_without_pools),
        cmocka_unit_test(a_plan_never_initialised_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
