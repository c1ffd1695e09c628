/* Failures that the shim makes on purpose. */
#include "node.h"

static int end_faults(void **state)
{
    (void)state;
    return i915_fail("") && i915_busy(0) ? 0 : -1;
}

static void the_nth_call_of_a_kind_fails_once(void **state)
{
    (void)state;
    uint32_t handle;
    int node = node_open();
    assert_true(i915_fail("gem_create:2:ENOMEM,gem_close:1:EBUSY"));
    assert_int_equal(buffer_try(node, 4096, &handle), 0);
    assert_int_equal(buffer_close(node, handle), EBUSY);
    assert_int_equal(buffer_close(node, handle), 0);
    unsigned before = descriptors();
    assert_int_equal(buffer_try(node, 4096, &handle), ENOMEM);
    assert_int_equal(descriptors(), before);
    assert_int_equal(buffer_try(node, 4096, &handle), 0);
    close(node);
}

static void a_lost_display_fails_all_but_waits_and_closes(void **state)
{
    (void)state;
    uint32_t handle;
    unsigned before = descriptors();
    int node = node_open();
    assert_true(i915_fail("any:2+:EIO"));
    assert_int_equal(buffer_try(node, 4096, &handle), 0);
    assert_int_equal(buffer_try(node, 4096, &handle), EIO);
    assert_int_equal(buffer_write(node, 1, 0, "", 1), EIO);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_WAIT, &(struct drm_i915_gem_wait){.bo_handle = 1}),
                     0);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_BUSY, &(struct drm_i915_gem_busy){.handle = 1}), EIO);
    assert_int_equal(buffer_close(node, 1), 0);
    assert_int_equal(close(node), 0);
    assert_int_equal(descriptors(), before);
}

static void rules_that_make_no_sense_change_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "gem_create",           "gem_create:1",          "gem_create:0:EIO",
        "gem_create:x:EIO",     "gem_create:1:ENOTHING", "gem_create:1:0",
        "gem_create:1:EIO:EIO", "nothing:1:EIO",         "gem_create:1:EIO,?",
    };
    uint32_t handle;
    int node = node_open();
    assert_true(i915_fail("gem_create:1:28"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(i915_fail(wrong[i]));
    assert_int_equal(buffer_try(node, 4096, &handle), ENOSPC);
    close(node);
}

static void buffers_are_busy_so_many_times(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, 4096);
    struct drm_i915_gem_busy busy = {.handle = handle};
    struct drm_i915_gem_wait wait = {.bo_handle = handle, .timeout_ns = 1000};
    assert_true(i915_busy(2));
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_BUSY, &busy), 0);
    assert_int_not_equal(busy.busy, 0);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_WAIT, &wait), ETIME);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_WAIT, &wait), 0);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_BUSY, &busy), 0);
    assert_int_equal(busy.busy, 0);
    close(node);
}

static void a_wait_without_a_limit_does_not_time_out(void **state)
{
    (void)state;
    int node = node_open();
    struct drm_i915_gem_wait wait = {.bo_handle = buffer_create(node, 4096), .timeout_ns = -1};
    assert_true(i915_busy(1));
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_WAIT, &wait), 0);
    close(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_nth_call_of_a_kind_fails_once, end_faults),
        cmocka_unit_test_teardown(a_lost_display_fails_all_but_waits_and_closes, end_faults),
        cmocka_unit_test_teardown(rules_that_make_no_sense_change_nothing, end_faults),
        cmocka_unit_test_teardown(buffers_are_busy_so_many_times, end_faults),
        cmocka_unit_test_teardown(a_wait_without_a_limit_does_not_time_out, end_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
