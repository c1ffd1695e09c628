/* vfa_va_create and vfa_va_destroy: on the application's display and on one that the backend opens, whatever
 * the configuration and the driver answer. */
#include "va_fixture.h"

#include <limits.h>
#include <unistd.h>

/* Something that opens as a render node does; what answers is the fake. */
#define NODE "/dev/null"

static struct va_fixture *prepared(void)
{
    static struct va_fixture v;
    va_prepare(&v);
    return &v;
}

/* Ends what was only prepared. */
static void finish(struct va_fixture *v)
{
    assert_int_equal(fake_va_alive(&v->fake), 0);
    assert_int_equal(atomic_load(&v->fake.displays_open), 0);
    assert_string_equal(v->fake.misuse, "");
    fake_va_finish(&v->fake);
    pthread_mutex_destroy(&v->va_log.lock);
}

/* A create that fails: it says so, and leaves nothing. */
static struct vfa_error assert_create_fails(struct va_fixture *v, mfxStatus status)
{
    struct test_memory memory;
    struct vfa_memory manager = test_memory_manager(&memory);
    struct vfa_error error;
    int fds = open_fds();
    memset(&error, 0xff, sizeof error);
    v->config.memory = &manager;
    v->va = (void *)&memory;
    assert_int_equal(vfa_va_create(&v->va, &v->config, &error), status);
    assert_null(v->va);
    assert_int_equal(error.status, status);
    assert_string_equal(error.call, "vfa_va_create");
    assert_int_equal(error.sequence, 1);
    assert_non_null(strstr(error.text, vfa_status_name(status)));
    assert_int_equal(atomic_load(&memory.live_bytes), 0);
    assert_int_equal(atomic_load(&memory.mismatches), 0);
    assert_int_equal(open_fds(), fds);
    assert_int_equal(vfa_va_create(&v->va, &v->config, NULL), status); /* and needs nobody to listen */
    v->config.memory = NULL;
    return error;
}

static void an_application_display_is_used_and_left(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    va_open(v);
    assert_string_equal(vfa_va_vendor(v->va), "Fake VA driver");
    assert_string_equal(vfa_va_device(v->va), "");
    assert_ptr_equal(vfa_va_display(v->va), &v->fake);
    mfxFrameAllocResponse response = va_alloc(v, MFX_FOURCC_NV12, 3);
    assert_int_equal(surface_of(v, response.mids[0]), 0); /* which is a surface like any other */
    for (unsigned int i = 0; i < 3; i++) {
        va_write(v, MFX_FOURCC_NV12, response.mids[i], i);
        assert_int_equal(va_surface_pixels(v, surface_of(v, response.mids[i]), i, VA_COUNT_BAD), 0);
        assert_int_equal(va_count_bad(v, MFX_FOURCC_NV12, response.mids[i], i), 0);
    }
    assert_int_equal(release(&v->f, &response), MFX_ERR_NONE);
    assert_va_holds_nothing(v);
    assert_int_equal(atomic_load(&v->fake.calls[FAKE_INITIALIZE]), 0);
    assert_int_equal(atomic_load(&v->fake.calls[FAKE_TERMINATE]), 0);
    va_close(v);
}

static void a_display_of_its_own_is_opened_and_ended(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    int fds = open_fds();
    v->config.display = NULL;
    v->config.device = NODE;
    fake_va_on_drm(&v->fake);
    assert_int_equal(vfa_va_create(&v->va, &v->config, NULL), MFX_ERR_NONE);
    assert_string_equal(vfa_va_device(v->va), NODE);
    assert_ptr_equal(vfa_va_display(v->va), &v->fake);
    assert_int_equal(atomic_load(&v->fake.displays_open), 1);
    assert_int_equal(open_fds(), fds + 1);
    vfa_va_destroy(&v->va);
    assert_null(v->va);
    vfa_va_destroy(&v->va);
    vfa_va_destroy(NULL);
    assert_int_equal(open_fds(), fds);
    finish(v);
}

/* --- the driver fails */

static mfxStatus expected(int call, VAStatus status)
{
    if (call == FAKE_GET_DISPLAY || call == FAKE_INITIALIZE)
        return MFX_ERR_DEVICE_FAILED;
    return call == FAKE_QUERY_FORMATS ? vfa_va_status(status) : MFX_ERR_NONE;
}

/* Returns whether there was an n-th call. */
static bool create_with_fault(long n, VAStatus status)
{
    struct va_fixture *v = prepared();
    struct vfa_error error;
    v->config.display = NULL;
    v->config.device = NODE;
    fake_va_on_drm(&v->fake);
    fake_va_fail(&v->fake, FAKE_ANY, n, status);
    int fds = open_fds();
    mfxStatus result = vfa_va_create(&v->va, &v->config, &error);
    int call = atomic_load(&v->fake.failed_call);
    assert_int_equal(result, expected(call, status));
    if (result != MFX_ERR_NONE) {
        assert_null(v->va);
        assert_non_null(strstr(error.text, fake_va_call_name((enum fake_call)call)));
        if (call != FAKE_GET_DISPLAY) /* which has no status */
            assert_non_null(strstr(error.text, vfa_va_status_name(status)));
        assert_true(test_log_has(&v->va_log, error.text));
        assert_int_equal(open_fds(), fds);
        assert_int_equal(vfa_va_create(&v->va, &v->config, NULL), MFX_ERR_NONE);
    }
    vfa_va_destroy(&v->va);
    assert_int_equal(open_fds(), fds);
    call = atomic_load(&v->fake.failed_call);
    finish(v);
    return call != FAKE_CALLS;
}

static void any_call_may_fail(void **state)
{
    (void)state;
    for (size_t s = 0; s < fake_va_status_count; s++) {
        long n = 1;
        while (create_with_fault(n, fake_va_statuses[s]))
            n++;
        assert_int_equal(n, 7); /* five to create and one to destroy */
    }
}

static void a_driver_that_does_not_say_what_it_is_serves(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    v->fake.vendor = NULL;
    va_open(v);
    assert_string_equal(vfa_va_vendor(v->va), "");
    va_close(v);
}

static void a_long_vendor_string_is_cut(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    char vendor[1000];
    memset(vendor, 'v', sizeof vendor);
    vendor[sizeof vendor - 1] = '\0';
    v->fake.vendor = vendor;
    va_open(v);
    assert_int_equal(strspn(vfa_va_vendor(v->va), "v"), 127);
    va_close(v);
}

/* --- the list of image formats */

static void frames_work_without_a_list(int claimed_max, int count)
{
    struct va_fixture *v = prepared();
    v->fake.max_formats = claimed_max;
    v->fake.format_count = count;
    va_open(v);
    mfxFrameAllocResponse response = va_alloc(v, MFX_FOURCC_NV12, 1);
    va_write(v, MFX_FOURCC_NV12, response.mids[0], 1);
    assert_int_equal(va_count_bad(v, MFX_FOURCC_NV12, response.mids[0], 1), 0);
    assert_int_equal(release(&v->f, &response), MFX_ERR_NONE);
    va_close(v);
}

static void no_list_and_a_negative_one_are_the_same(void **state)
{
    (void)state;
    frames_work_without_a_list(0, 0);
    frames_work_without_a_list(-1, 0);
    frames_work_without_a_list(INT_MIN, 0);
    frames_work_without_a_list(4, 0); /* room, and then nothing in it */
}

static void an_absurd_list_is_a_broken_driver(void **state)
{
    (void)state;
    const int counts[] = {4097, 1000000, INT_MAX};
    for (size_t i = 0; i < 3; i++) {
        struct va_fixture *v = prepared();
        v->fake.max_formats = counts[i];
        struct vfa_error error = assert_create_fails(v, MFX_ERR_DEVICE_FAILED);
        assert_non_null(strstr(error.text, "vaMaxNumImageFormats"));
        finish(v);
    }
}

static void a_count_found_beyond_the_room_is_cut(void **state)
{
    (void)state;
    const int found[] = {1000, INT_MAX, -1, INT_MIN};
    for (size_t i = 0; i < 4; i++) {
        struct va_fixture *v = prepared();
        v->fake.found_formats = found[i];
        va_open(v);
        mfxFrameAllocResponse response = va_alloc(v, MFX_FOURCC_AYUV, 1); /* not among them */
        assert_int_equal(release(&v->f, &response), MFX_ERR_NONE);
        va_close(v);
    }
}

/* --- the node */

static void a_node_that_does_not_open_is_named(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    v->config.display = NULL;
    v->config.device = "/nowhere/renderD128";
    fake_va_on_drm(&v->fake);
    struct vfa_error error = assert_create_fails(v, MFX_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "/nowhere/renderD128: No such file"));
    char path[300];
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    v->config.device = path;
    error = assert_create_fails(v, MFX_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "longer than"));
    assert_int_equal(atomic_load(&v->fake.total), 0);
    finish(v);
}

/* --- the configuration */

static void structs_of_another_size_are_refused(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    v->config.size--;
    (void)assert_create_fails(v, MFX_ERR_INVALID_VIDEO_PARAM);
    v->config.size++;
    v->api.size = 0;
    (void)assert_create_fails(v, MFX_ERR_INVALID_VIDEO_PARAM);
    finish(v);
}

/* The entries lie one after another behind `size`. */
static void entries_that_are_missing_are_refused(void **state)
{
    (void)state;
    struct va_fixture *v = prepared();
    const size_t first = offsetof(struct vfa_va_api, get_display_drm), each = sizeof(void (*)(void));
    size_t optional = 0;
    for (size_t at = first; at < sizeof v->api; at += each) {
        v->api = fake_va_api();
        memset((char *)&v->api + at, 0, each);
        if (at == offsetof(struct vfa_va_api, sync_surface2) ||
            at == offsetof(struct vfa_va_api, map_buffer2)) {
            assert_int_equal(vfa_va_create(&v->va, &v->config, NULL), MFX_ERR_NONE);
            vfa_va_destroy(&v->va);
            optional++;
        } else {
            (void)assert_create_fails(v, MFX_ERR_INVALID_VIDEO_PARAM);
        }
    }
    assert_int_equal(optional, 2);
    finish(v);
}

static void ways_that_are_none_are_refused(void **state)
{
    (void)state;
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
        struct va_fixture *v = prepared();
        v->config.way[d] = VFA_VA_WAYS;
        (void)assert_create_fails(v, MFX_ERR_INVALID_VIDEO_PARAM);
        finish(v);
    }
}

static void null_pointers_are_refused(void **state)
{
    (void)state;
    struct vfa_error error;
    struct vfa_backend backend;
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_create(NULL, NULL, &error), MFX_ERR_NULL_PTR);
    assert_int_equal(error.status, MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_backend(NULL, &backend), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_stats(NULL, &stats), MFX_ERR_NULL_PTR);
    assert_null(vfa_va_display(NULL));
    assert_string_equal(vfa_va_vendor(NULL), "");
    assert_string_equal(vfa_va_device(NULL), "");
    vfa_va_display_lost(NULL);
    struct va_fixture *v = prepared();
    va_open(v);
    assert_int_equal(vfa_va_backend(v->va, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(vfa_va_stats(v->va, NULL), MFX_ERR_NULL_PTR);
    va_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_display_is_used_and_left),
        cmocka_unit_test(a_display_of_its_own_is_opened_and_ended),
        cmocka_unit_test(any_call_may_fail),
        cmocka_unit_test(a_driver_that_does_not_say_what_it_is_serves),
        cmocka_unit_test(a_long_vendor_string_is_cut),
        cmocka_unit_test(no_list_and_a_negative_one_are_the_same),
        cmocka_unit_test(an_absurd_list_is_a_broken_driver),
        cmocka_unit_test(a_count_found_beyond_the_room_is_cut),
        cmocka_unit_test(a_node_that_does_not_open_is_named),
        cmocka_unit_test(structs_of_another_size_are_refused),
        cmocka_unit_test(entries_that_are_missing_are_refused),
        cmocka_unit_test(ways_that_are_none_are_refused),
        cmocka_unit_test(null_pointers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
