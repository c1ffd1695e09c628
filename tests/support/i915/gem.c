/* The ioctls on buffers: made, mapped, copied, asked about, exported and imported. */
#include "shim.h"

#include <fcntl.h>
#include <libdrm/drm.h>
#include <libdrm/i915_drm.h>
#include <string.h>
#include <sys/mman.h>

int shim_gem_create(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_create *c = argument;
    int result = shim_buffer_create(file, c->size, &c->handle);
    if (result == 0)
        c->size = shim_buffer_get(file, c->handle)->size;
    return result;
}

/* The extensions choose a kind of memory; there is one. */
int shim_gem_create_ext(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_create_ext *c = argument;
    int result = shim_buffer_create(file, c->size, &c->handle);
    if (result == 0)
        c->size = shim_buffer_get(file, c->handle)->size;
    return result;
}

int shim_gem_userptr(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_userptr *u = argument;
    return shim_buffer_of_user(file, shim_pointer(u->user_ptr), u->user_size, &u->handle);
}

int shim_gem_close(struct shim_file *file, void *argument)
{
    const struct drm_gem_close *c = argument;
    return shim_buffer_close(file, c->handle);
}

int shim_gem_mmap(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_mmap *m = argument;
    const struct shim_buffer *buffer = shim_buffer_get(file, m->handle);
    if (!buffer)
        return -ENOENT;
    if (buffer->memory < 0)
        return -ENXIO;
    if (m->offset > buffer->size || m->size > buffer->size - m->offset)
        return -EINVAL;
    void *at = shim_next()->mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->memory,
                                 (off_t)m->offset);
    if (at == MAP_FAILED)
        return -errno;
    m->addr_ptr = (uintptr_t)at;
    return 0;
}

/* GEM_MMAP_GTT is the same ioctl with a shorter argument. */
int shim_gem_mmap_offset(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_mmap_offset *m = argument;
    const struct shim_buffer *buffer = shim_buffer_get(file, m->handle);
    if (!buffer)
        return -ENOENT;
    if (buffer->memory < 0)
        return -ENODEV;
    m->offset = (uint64_t)m->handle << SHIM_OFFSET_SHIFT;
    return 0;
}

/* Where `size` bytes at `offset` of a buffer are. */
static int find_bytes(struct shim_file *file, uint32_t handle, uint64_t offset, uint64_t size,
                      uint8_t **bytes)
{
    struct shim_buffer *buffer = shim_buffer_get(file, handle);
    if (!buffer)
        return -ENOENT;
    if (offset > buffer->size || size > buffer->size - offset)
        return -EINVAL;
    uint8_t *view = shim_buffer_view(buffer);
    if (!view)
        return -ENOMEM;
    *bytes = view + offset;
    return 0;
}

int shim_gem_pwrite(struct shim_file *file, void *argument)
{
    const struct drm_i915_gem_pwrite *p = argument;
    uint8_t *bytes;
    int result = find_bytes(file, p->handle, p->offset, p->size, &bytes);
    if (result == 0)
        memcpy(bytes, shim_pointer(p->data_ptr), p->size);
    return result;
}

int shim_gem_pread(struct shim_file *file, void *argument)
{
    const struct drm_i915_gem_pread *p = argument;
    uint8_t *bytes;
    int result = find_bytes(file, p->handle, p->offset, p->size, &bytes);
    if (result == 0)
        memcpy(shim_pointer(p->data_ptr), bytes, p->size);
    return result;
}

int shim_gem_set_tiling(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_set_tiling *t = argument;
    struct shim_buffer *buffer = shim_buffer_get(file, t->handle);
    if (!buffer)
        return -ENOENT;
    if (t->tiling_mode > I915_TILING_LAST)
        return -EINVAL;
    buffer->tiling = t->tiling_mode;
    buffer->stride = t->stride = t->tiling_mode == I915_TILING_NONE ? 0 : t->stride;
    t->swizzle_mode = I915_BIT_6_SWIZZLE_NONE;
    return 0;
}

int shim_gem_get_tiling(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_get_tiling *t = argument;
    const struct shim_buffer *buffer = shim_buffer_get(file, t->handle);
    if (!buffer)
        return -ENOENT;
    t->tiling_mode = buffer->tiling;
    t->swizzle_mode = t->phys_swizzle_mode = I915_BIT_6_SWIZZLE_NONE;
    return 0;
}

int shim_gem_busy(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_busy *b = argument;
    if (!shim_buffer_get(file, b->handle))
        return -ENOENT;
    b->busy = shim_fault_is_busy() ? 1 : 0;
    return 0;
}

/* Without a limit (a negative one) the kernel waits until the buffer is idle: it never answers ETIME then. */
int shim_gem_wait(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_wait *w = argument;
    if (!shim_buffer_get(file, w->bo_handle))
        return -ENOENT;
    if (w->timeout_ns < 0 || !shim_fault_is_busy())
        return 0;
    w->timeout_ns = 0;
    return -ETIME;
}

int shim_gem_madvise(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_madvise *m = argument;
    m->retained = 1;
    return shim_buffer_get(file, m->handle) ? 0 : -ENOENT;
}

int shim_gem_set_domain(struct shim_file *file, void *argument)
{
    const struct drm_i915_gem_set_domain *d = argument;
    return shim_buffer_get(file, d->handle) ? 0 : -ENOENT;
}

int shim_gem_set_caching(struct shim_file *file, void *argument)
{
    const struct drm_i915_gem_caching *c = argument;
    return shim_buffer_get(file, c->handle) ? 0 : -ENOENT;
}

int shim_gem_get_caching(struct shim_file *file, void *argument)
{
    struct drm_i915_gem_caching *c = argument;
    c->caching = I915_CACHING_CACHED;
    return shim_buffer_get(file, c->handle) ? 0 : -ENOENT;
}

/* Whoever exports says whether the descriptor may be written through. */
int shim_prime_handle_to_fd(struct shim_file *file, void *argument)
{
    struct drm_prime_handle *p = argument;
    const struct shim_buffer *buffer = shim_buffer_get(file, p->handle);
    if (p->flags & ~(__u32)(DRM_CLOEXEC | DRM_RDWR))
        return -EINVAL;
    if (!buffer)
        return -ENOENT;
    if (buffer->memory < 0)
        return -EINVAL;
    int access_mode = p->flags & DRM_RDWR ? O_RDWR : O_RDONLY;
    p->fd = shim_reopen(buffer->memory, access_mode | (p->flags & DRM_CLOEXEC ? O_CLOEXEC : 0));
    return p->fd < 0 ? -errno : 0;
}

int shim_prime_fd_to_handle(struct shim_file *file, void *argument)
{
    struct drm_prime_handle *p = argument;
    return shim_buffer_import(file, p->fd, &p->handle);
}
