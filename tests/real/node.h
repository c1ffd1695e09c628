/* The render node, by its ioctls alone: what the shim's own tests use. Everything here fails the running test
 * by itself unless it returns a status. */
#ifndef VFA_TEST_NODE_H
#define VFA_TEST_NODE_H

#include "../support/i915/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libdrm/drm.h>
#include <libdrm/i915_drm.h>

static inline int node_open(void)
{
    int fd = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* 0 or the errno. */
static inline int node_call(int node, unsigned long request, void *argument)
{
    return ioctl(node, request, argument) == 0 ? 0 : errno;
}

static inline int buffer_try(int node, uint64_t size, uint32_t *handle)
{
    struct drm_i915_gem_create c = {.size = size};
    int error = node_call(node, DRM_IOCTL_I915_GEM_CREATE, &c);
    *handle = c.handle;
    return error;
}

static inline uint32_t buffer_create(int node, uint64_t size)
{
    uint32_t handle;
    assert_int_equal(buffer_try(node, size, &handle), 0);
    assert_int_not_equal(handle, 0);
    return handle;
}

static inline int buffer_close(int node, uint32_t handle)
{
    return node_call(node, DRM_IOCTL_GEM_CLOSE, &(struct drm_gem_close){.handle = handle});
}

static inline int buffer_write(int node, uint32_t handle, uint64_t offset, const void *data, size_t size)
{
    struct drm_i915_gem_pwrite p = {
        .handle = handle, .offset = offset, .size = size, .data_ptr = (uintptr_t)data};
    return node_call(node, DRM_IOCTL_I915_GEM_PWRITE, &p);
}

static inline int buffer_read(int node, uint32_t handle, uint64_t offset, void *data, size_t size)
{
    struct drm_i915_gem_pread p = {
        .handle = handle, .offset = offset, .size = size, .data_ptr = (uintptr_t)data};
    return node_call(node, DRM_IOCTL_I915_GEM_PREAD, &p);
}

/* The way of today's drivers: an offset of the node. */
static inline uint8_t *buffer_map(int node, uint32_t handle, size_t size)
{
    struct drm_i915_gem_mmap_offset m = {.handle = handle, .flags = I915_MMAP_OFFSET_WB};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_MMAP_OFFSET, &m), 0);
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, node, (off_t)m.offset);
    assert_ptr_not_equal(at, MAP_FAILED);
    return at;
}

static inline int buffer_export(int node, uint32_t handle, unsigned flags)
{
    struct drm_prime_handle p = {.handle = handle, .flags = flags, .fd = -1};
    assert_int_equal(node_call(node, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p), 0);
    assert_true(p.fd >= 0);
    return p.fd;
}

static inline int buffer_import(int node, int fd, uint32_t *handle)
{
    struct drm_prime_handle p = {.fd = fd};
    int error = node_call(node, DRM_IOCTL_PRIME_FD_TO_HANDLE, &p);
    *handle = p.handle;
    return error;
}

/* Open descriptors of this process. */
static inline unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* opendir()'s */
}

/* Runs a program with an argument, and with more environment, "A=b" up to NULL; how it ended, as waitpid()
 * says. The tests run themselves by the name they were started with: /proc/self/exe may be that of a checker.
 */
static inline int run_program(const char *program, const char *argument, const char *const *environment)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (; environment && *environment; environment++)
            putenv((char *)(uintptr_t)*environment);
        execl(program, program, argument, (char *)NULL);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

#endif
