/* A display on a render node that the backend finds: the first in the kernel's order that opens and has a
 * driver. The nodes are the test's: the linker puts its open and access in place of the C library's. */
#include "va_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned int nodes_there, nodes_open; /* as bits, from renderD128 */

static int node_of(const char *path)
{
    static const char folder[] = "/dev/dri/renderD";
    if (strncmp(path, folder, sizeof folder - 1) != 0)
        return -1;
    return atoi(path + sizeof folder - 1) - 128;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_access(const char *path, int mode);

int __wrap_open(const char *path, int flags, ...)
{
    int node = node_of(path);
    if (node < 0) { /* not the backend's: whoever counts lines writes files */
        va_list rest;
        va_start(rest, flags);
        int fd = __real_open(path, flags, flags & O_CREAT ? va_arg(rest, int) : 0);
        va_end(rest);
        return fd;
    }
    if (node > 31 || !(nodes_open & 1u << node)) {
        errno = node <= 31 && (nodes_there & 1u << node) ? EACCES : ENOENT;
        return -1;
    }
    assert_true(flags & O_CLOEXEC);
    return __real_open("/dev/null", flags);
}

int __wrap_access(const char *path, int mode)
{
    int node = node_of(path);
    (void)mode;
    if (node >= 0 && node <= 31 && (nodes_there & 1u << node))
        return 0;
    errno = ENOENT;
    return -1;
}

static mfxStatus create(struct va_fixture *v, struct vfa_error *error)
{
    int fds = open_fds();
    va_prepare(v);
    v->config.display = NULL;
    fake_va_on_drm(&v->fake);
    mfxStatus status = vfa_va_create(&v->va, &v->config, error);
    assert_int_equal(open_fds(), fds + (status == MFX_ERR_NONE));
    return status;
}

static void finish(struct va_fixture *v)
{
    vfa_va_destroy(&v->va);
    assert_int_equal(atomic_load(&v->fake.displays_open), 0);
    fake_va_finish(&v->fake);
    pthread_mutex_destroy(&v->va_log.lock);
}

static void the_first_node_that_opens_is_taken(void **state)
{
    (void)state;
    static const struct {
        unsigned int there, open;
        const char *device;
    } machines[] = {
        {1, 1, "/dev/dri/renderD128"},
        {6, 6, "/dev/dri/renderD129"},
        {7, 4, "/dev/dri/renderD130"}, /* the others are another user's */
    };
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        static struct va_fixture v;
        struct vfa_error error;
        nodes_there = machines[i].there;
        nodes_open = machines[i].open;
        assert_int_equal(create(&v, &error), MFX_ERR_NONE);
        assert_string_equal(vfa_va_device(v.va), machines[i].device);
        finish(&v);
    }
}

static void of_nodes_that_do_not_open_the_last_is_named(void **state)
{
    (void)state;
    static struct va_fixture v;
    struct vfa_error error;
    nodes_there = 5;
    nodes_open = 0;
    assert_int_equal(create(&v, &error), MFX_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "/dev/dri/renderD130: Permission denied"));
    assert_int_equal(atomic_load(&v.fake.total), 0);
    finish(&v);
}

static void a_machine_without_nodes_says_so(void **state)
{
    (void)state;
    static struct va_fixture v;
    struct vfa_error error;
    nodes_there = nodes_open = 0;
    assert_int_equal(create(&v, &error), MFX_ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "there is no render node /dev/dri/renderD128 to 191"));
    finish(&v);
}

static void nodes_without_a_driver_are_a_failure_of_the_device(void **state)
{
    (void)state;
    static struct va_fixture v;
    struct vfa_error error;
    int fds = open_fds();
    nodes_there = nodes_open = 3;
    va_prepare(&v);
    v.config.display = NULL;
    v.fake.refuse[FAKE_INITIALIZE] = VA_STATUS_ERROR_OPERATION_FAILED;
    fake_va_on_drm(&v.fake);
    assert_int_equal(vfa_va_create(&v.va, &v.config, &error), MFX_ERR_DEVICE_FAILED);
    assert_non_null(strstr(error.text, "vaInitialize(/dev/dri/renderD129)"));
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_INITIALIZE]), 2);
    assert_int_equal(open_fds(), fds);
    finish(&v);
}

static void no_configuration_is_libva_on_the_first_node(void **state)
{
    (void)state;
    struct vfa_va *va = NULL;
    struct vfa_error error;
    nodes_there = nodes_open = 0;
    assert_int_equal(vfa_va_create(&va, NULL, &error), MFX_ERR_NOT_FOUND);
    assert_null(va);
    assert_non_null(strstr(error.text, "there is no render node"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_node_that_opens_is_taken),
        cmocka_unit_test(of_nodes_that_do_not_open_the_last_is_named),
        cmocka_unit_test(a_machine_without_nodes_says_so),
        cmocka_unit_test(nodes_without_a_driver_are_a_failure_of_the_device),
        cmocka_unit_test(no_configuration_is_libva_on_the_first_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
