/* ioctl() on the node: the table of the kinds, and the way of each call. */
#include "shim.h"

#include <fcntl.h>
#include <libdrm/drm.h>
#include <libdrm/i915_drm.h>
#include <linux/dma-buf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

enum {
    MAX_ARGUMENT_BYTES = 256
};

#define CORE(number) _IOC_NR(number)
#define I915(number) (DRM_COMMAND_BASE + (number))

static const struct kind {
    const char *name;
    unsigned number;
    shim_ioctl_handler *handle;
} kinds[] = {
    {"version", CORE(DRM_IOCTL_VERSION), shim_version},
    {"get_unique", CORE(DRM_IOCTL_GET_UNIQUE), shim_refuse},
    {"get_magic", CORE(DRM_IOCTL_GET_MAGIC), shim_refuse},
    {"mode_getresources", CORE(DRM_IOCTL_MODE_GETRESOURCES), shim_refuse},
    {"gem_flink", CORE(DRM_IOCTL_GEM_FLINK), shim_refuse},
    {"gem_open", CORE(DRM_IOCTL_GEM_OPEN), shim_refuse},
    {"get_cap", CORE(DRM_IOCTL_GET_CAP), shim_get_cap},
    {"gem_close", CORE(DRM_IOCTL_GEM_CLOSE), shim_gem_close},
    {"prime_handle_to_fd", CORE(DRM_IOCTL_PRIME_HANDLE_TO_FD), shim_prime_handle_to_fd},
    {"prime_fd_to_handle", CORE(DRM_IOCTL_PRIME_FD_TO_HANDLE), shim_prime_fd_to_handle},
    {"getparam", I915(DRM_I915_GETPARAM), shim_getparam},
    {"query", I915(DRM_I915_QUERY), shim_query},
    {"reg_read", I915(DRM_I915_REG_READ), shim_reg_read},
    {"get_reset_stats", I915(DRM_I915_GET_RESET_STATS), shim_get_reset_stats},
    {"gem_get_aperture", I915(DRM_I915_GEM_GET_APERTURE), shim_get_aperture},
    {"gem_create", I915(DRM_I915_GEM_CREATE), shim_gem_create},
    {"gem_create_ext", I915(DRM_I915_GEM_CREATE_EXT), shim_gem_create_ext},
    {"gem_userptr", I915(DRM_I915_GEM_USERPTR), shim_gem_userptr},
    {"gem_mmap", I915(DRM_I915_GEM_MMAP), shim_gem_mmap},
    {"gem_mmap_offset", I915(DRM_I915_GEM_MMAP_GTT), shim_gem_mmap_offset},
    {"gem_pwrite", I915(DRM_I915_GEM_PWRITE), shim_gem_pwrite},
    {"gem_pread", I915(DRM_I915_GEM_PREAD), shim_gem_pread},
    {"gem_set_tiling", I915(DRM_I915_GEM_SET_TILING), shim_gem_set_tiling},
    {"gem_get_tiling", I915(DRM_I915_GEM_GET_TILING), shim_gem_get_tiling},
    {"gem_busy", I915(DRM_I915_GEM_BUSY), shim_gem_busy},
    {"gem_wait", I915(DRM_I915_GEM_WAIT), shim_gem_wait},
    {"gem_madvise", I915(DRM_I915_GEM_MADVISE), shim_gem_madvise},
    {"gem_set_domain", I915(DRM_I915_GEM_SET_DOMAIN), shim_gem_set_domain},
    {"gem_set_caching", I915(DRM_I915_GEM_SET_CACHING), shim_gem_set_caching},
    {"gem_get_caching", I915(DRM_I915_GEM_GET_CACHING), shim_gem_get_caching},
    {"gem_sw_finish", I915(DRM_I915_GEM_SW_FINISH), shim_accept},
    {"gem_throttle", I915(DRM_I915_GEM_THROTTLE), shim_accept},
    {"gem_context_create", I915(DRM_I915_GEM_CONTEXT_CREATE), shim_context_create},
    {"gem_context_destroy", I915(DRM_I915_GEM_CONTEXT_DESTROY), shim_accept},
    {"gem_context_getparam", I915(DRM_I915_GEM_CONTEXT_GETPARAM), shim_context_getparam},
    {"gem_context_setparam", I915(DRM_I915_GEM_CONTEXT_SETPARAM), shim_accept},
    {"gem_vm_create", I915(DRM_I915_GEM_VM_CREATE), shim_vm_create},
    {"gem_vm_destroy", I915(DRM_I915_GEM_VM_DESTROY), shim_accept},
    {"gem_execbuffer2", I915(DRM_I915_GEM_EXECBUFFER2), shim_execbuffer2},
};

int shim_ioctl_number(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return (int)kinds[i].number;
    return -1;
}

static const struct kind *find_kind(unsigned number)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].number == number)
            return &kinds[i];
    return NULL;
}

/* The argument is copied in and out, as by the kernel: programs may be built with shorter structures than
 * ours. */
static int call(struct shim_file *file, const struct kind *kind, unsigned long request, void *argument)
{
    _Alignas(16) char copy[MAX_ARGUMENT_BYTES] = {0};
    size_t bytes = _IOC_SIZE(request);
    if (bytes > sizeof copy)
        return -EINVAL;
    if (bytes && !argument)
        return -EFAULT;
    if (_IOC_DIR(request) & _IOC_WRITE)
        memcpy(copy, argument, bytes);
    int result = kind->handle(file, copy);
    if (_IOC_DIR(request) & _IOC_READ)
        memcpy(argument, copy, bytes);
    return result;
}

static int node_ioctl(int fd, unsigned long request, void *argument)
{
    const struct kind *kind =
        _IOC_TYPE(request) == DRM_IOCTL_BASE ? find_kind((unsigned)_IOC_NR(request)) : NULL;
    if (!kind) {
        shim_log(1, "vfa-i915: unknown ioctl 0x%08lx", request);
        return _IOC_TYPE(request) == DRM_IOCTL_BASE ? -EINVAL : -ENOTTY;
    }
    pthread_mutex_lock(&shim_lock);
    struct shim_file *file = shim_file_get(fd);
    int result = file ? shim_fault_next((int)kind->number) : -EBADF;
    if (result == 0)
        result = call(file, kind, request, argument);
    pthread_mutex_unlock(&shim_lock);
    shim_log(result < 0 ? 1 : 2, "vfa-i915: %s on %d: %s", kind->name, fd, strerrorname_np(-result));
    return result;
}

/* An exported buffer is a memory file here, which would not know this. There are no caches to look after. */
static bool is_dma_buf_sync(int fd, unsigned long request)
{
    return request == DMA_BUF_IOCTL_SYNC && shim_next()->fcntl(fd, F_GET_SEALS) >= 0;
}

SHIM_EXPORT int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (!shim_file_is(fd))
        return is_dma_buf_sync(fd, request) ? 0 : shim_next()->ioctl(fd, request, argument);
    int result = node_ioctl(fd, request, argument);
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}
