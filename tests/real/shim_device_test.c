/* What programs see of the shim's device: the node, the files of /sys, the environment, and what is left of
 * it all. */
#include "node.h"

#include <sys/sysmacros.h>
#include <xf86drm.h>

static const char *this_program;

static const char *temporary_folder(char path[64])
{
    strcpy(path, "/tmp/vfa-test-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void the_node_is_a_character_device(void **state)
{
    (void)state;
    struct stat by_path, by_descriptor, plain;
    int node = node_open();
    assert_int_equal(stat("/dev/dri/renderD128", &by_path), 0);
    assert_int_equal(fstat(node, &by_descriptor), 0);
    assert_true(S_ISCHR(by_path.st_mode) && S_ISCHR(by_descriptor.st_mode));
    assert_true(by_path.st_rdev == makedev(226, 128) && by_descriptor.st_rdev == makedev(226, 128));
    assert_int_equal(access("/dev/dri/renderD128", R_OK | W_OK), 0);
    assert_int_equal(access("/dev/dri/card0", F_OK), -1);
    assert_int_equal(stat("/dev", &plain), 0);
    assert_true(S_ISDIR(plain.st_mode));
    close(node);
}

static void libdrm_finds_the_device(void **state)
{
    (void)state;
    int node = node_open();
    drmVersionPtr version = drmGetVersion(node);
    assert_non_null(version);
    assert_string_equal(version->name, "i915");
    drmFreeVersion(version);
    assert_int_equal(drmGetNodeTypeFromFd(node), DRM_NODE_RENDER);
    drmDevicePtr devices[4];
    assert_int_equal(drmGetDevices2(0, devices, 4), 1);
    assert_int_equal(devices[0]->deviceinfo.pci->vendor_id, 0x8086);
    assert_int_equal(devices[0]->deviceinfo.pci->device_id, 0x9a49);
    assert_string_equal(devices[0]->nodes[DRM_NODE_RENDER], "/dev/dri/renderD128");
    drmFreeDevices(devices, 1);
    close(node);
}

static void paths_hide_where_the_files_really_are(void **state)
{
    (void)state;
    char path[PATH_MAX], *allocated = realpath("/sys/dev/char/226:128/device", NULL);
    assert_non_null(allocated);
    assert_string_equal(allocated, "/sys/devices/pci0000:00/0000:00:02.0");
    free(allocated);
    assert_non_null(realpath("/dev/dri/../dri/renderD128", path));
    assert_string_equal(path, "/dev/dri/renderD128");
    FILE *vendor = fopen("/sys/class/drm/renderD128/device/vendor", "r");
    assert_non_null(vendor);
    assert_non_null(fgets(path, sizeof path, vendor));
    assert_string_equal(path, "0x8086\n");
    fclose(vendor);
}

/* This program again, with TMPDIR in a folder of its own: how it ended. */
static int again_with_own_files(const char *folder, const char *argument, const char *variable)
{
    char temporary[80];
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", folder);
    const char *const environment[] = {temporary, "VFA_I915_ROOT=", variable, NULL};
    return run_program(this_program, argument, environment);
}

static void a_program_leaves_no_files(void **state)
{
    (void)state;
    char folder[64];
    temporary_folder(folder);
    assert_int_equal(again_with_own_files(folder, "touch", NULL), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void a_child_that_outlives_its_parent_has_files_of_its_own(void **state)
{
    (void)state;
    char folder[64], argument[16], result;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    snprintf(argument, sizeof argument, "%d", ends[1]);
    temporary_folder(folder);
    assert_int_equal(again_with_own_files(folder, argument, NULL), 0);
    close(ends[1]);
    assert_int_equal(read(ends[0], &result, 1), 1);
    assert_int_equal(result, 0);
    assert_int_equal(read(ends[0], &result, 1), 0); /* the child is gone */
    assert_int_equal(rmdir(folder), 0);
    close(ends[0]);
}

static void a_mistake_in_the_environment_ends_the_program(void **state)
{
    (void)state;
    char folder[64];
    static const char *const wrong[] = {"VFA_I915_FAIL=gem_create", "VFA_I915_BUSY=often", "VFA_I915_LOG=4",
                                        "VFA_I915_DEVICE_ID=0x9a49x", "VFA_I915_ROOT=relative"};
    temporary_folder(folder);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int status = again_with_own_files(folder, "touch", wrong[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 125);
    }
    assert_int_equal(again_with_own_files(folder, "fail", "VFA_I915_FAIL=version:1:EIO"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void programs_make_the_same_files_at_once(void **state)
{
    (void)state;
    char folder[64], root[80], command[80];
    snprintf(root, sizeof root, "VFA_I915_ROOT=%s", temporary_folder(folder));
    for (int round = 0; round < 5; round++) {
        pid_t children[6];
        for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] == 0) {
                putenv(root);
                execl(this_program, this_program, "touch", (char *)NULL);
                _exit(127);
            }
        }
        for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
            int status;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        snprintf(command, sizeof command, "rm -r %s/*", folder);
        assert_int_equal(system(command), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* What the program does when it is started again: 0, or 1 when it is not as it should be. */
static int touch(void)
{
    char text[16] = "";
    struct stat status;
    FILE *device = fopen("/sys/dev/char/226:128/device/device", "r");
    bool ok = device && fgets(text, sizeof text, device) && strncmp(text, "0x9a49\n", 8) == 0;
    if (device)
        fclose(device);
    return ok && stat("/dev/dri/renderD128", &status) == 0 && S_ISCHR(status.st_mode) ? 0 : 1;
}

/* The child asks for the files when its parent has removed its own, and says by a descriptor how that went.
 */
static int touch_in_an_orphan(int result)
{
    int ends[2];
    char byte;
    if (touch() != 0 || pipe(ends) != 0)
        return 1;
    pid_t child = fork();
    if (child != 0)
        return child > 0 ? 0 : 1;
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 0) /* returns when the parent is gone */
        return 1;
    byte = (char)touch();
    return write(result, &byte, 1) == 1 ? 0 : 1;
}

static int fail_once(void)
{
    int node = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
    struct drm_version v = {0};
    return node_call(node, DRM_IOCTL_VERSION, &v) == EIO && node_call(node, DRM_IOCTL_VERSION, &v) == 0 ? 0
                                                                                                        : 1;
}

int main(int argc, char **argv)
{
    this_program = argv[0];
    if (argc > 1 && strcmp(argv[1], "touch") == 0)
        return touch();
    if (argc > 1 && strcmp(argv[1], "fail") == 0)
        return fail_once();
    if (argc > 1)
        return touch_in_an_orphan(atoi(argv[1]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_node_is_a_character_device),
        cmocka_unit_test(libdrm_finds_the_device),
        cmocka_unit_test(paths_hide_where_the_files_really_are),
        cmocka_unit_test(a_program_leaves_no_files),
        cmocka_unit_test(a_child_that_outlives_its_parent_has_files_of_its_own),
        cmocka_unit_test(a_mistake_in_the_environment_ends_the_program),
        cmocka_unit_test(programs_make_the_same_files_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
