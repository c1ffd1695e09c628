/* Buffer objects and their handles. A buffer's memory is a memfd, so that it can be mapped, exported and
 * imported as a dma-buf can, and lives as long as the last handle, descriptor or mapping. */
#include "shim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PAGE_BYTES = 4096,
    FIRST_HANDLES = 64
};

static const uint64_t MAX_BUFFER_BYTES = (uint64_t)1 << SHIM_OFFSET_SHIFT;

static struct shim_buffer *all;

static void buffer_release(struct shim_buffer *buffer)
{
    if (--buffer->references > 0)
        return;
    *buffer->link = buffer->next;
    if (buffer->next)
        buffer->next->link = buffer->link;
    if (buffer->memory >= 0) {
        if (buffer->view)
            munmap(buffer->view, buffer->size);
        shim_next()->close(buffer->memory);
    }
    free(buffer);
}

/* The lowest free handle, as the kernel chooses it; 0 when there is no memory. */
static uint32_t free_handle(struct shim_file *file)
{
    uint32_t handle = file->free_hint ? file->free_hint : 1;
    while (handle < file->capacity && file->buffers[handle])
        handle++;
    file->free_hint = handle;
    if (handle >= file->capacity) {
        uint32_t capacity = file->capacity ? file->capacity * 2 : FIRST_HANDLES;
        struct shim_buffer **grown = realloc(file->buffers, capacity * sizeof(struct shim_buffer *));
        if (!grown)
            return 0;
        memset(grown + file->capacity, 0, (capacity - file->capacity) * sizeof(struct shim_buffer *));
        file->buffers = grown;
        file->capacity = capacity;
    }
    return handle;
}

/* Gives the buffer a handle, which takes a reference. */
static int add_handle(struct shim_file *file, struct shim_buffer *buffer, uint32_t *handle)
{
    *handle = free_handle(file);
    if (!*handle)
        return -ENOMEM;
    file->buffers[*handle] = buffer;
    buffer->references++;
    return 0;
}

/* Makes a buffer, whose memory becomes its own, with a handle; closes the memory when that fails. */
static int add_buffer(struct shim_file *file, struct shim_buffer start, uint32_t *handle)
{
    struct shim_buffer *buffer = malloc(sizeof *buffer);
    int result = buffer ? 0 : -ENOMEM;
    if (buffer) {
        *buffer = start;
        buffer->references = 1;
        buffer->next = all;
        buffer->link = &all;
        if (all)
            all->link = &buffer->next;
        all = buffer;
        result = add_handle(file, buffer, handle);
        buffer_release(buffer);
    } else if (start.memory >= 0) {
        shim_next()->close(start.memory);
    }
    return result;
}

int shim_buffer_create(struct shim_file *file, uint64_t size, uint32_t *handle)
{
    struct stat status;
    if (size == 0 || size >= MAX_BUFFER_BYTES)
        return size ? -E2BIG : -EINVAL;
    size = (size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    int memory = memfd_create("i915", MFD_CLOEXEC);
    if (memory < 0)
        return -errno;
    if (ftruncate(memory, (off_t)size) != 0 ||
        shim_next()->fstatat(memory, "", &status, AT_EMPTY_PATH) != 0) {
        int error = errno;
        shim_next()->close(memory);
        return -error;
    }
    struct shim_buffer start = {
        .memory = memory, .size = size, .device = status.st_dev, .inode = status.st_ino};
    return add_buffer(file, start, handle);
}

int shim_buffer_of_user(struct shim_file *file, void *memory, uint64_t size, uint32_t *handle)
{
    if (size == 0 || ((uintptr_t)memory | size) % PAGE_BYTES)
        return -EINVAL;
    return add_buffer(file, (struct shim_buffer){.memory = -1, .view = memory, .size = size}, handle);
}

/* The same buffer is the same handle in a file, however often it is imported. */
static int import_known(struct shim_file *file, struct shim_buffer *buffer, uint32_t *handle)
{
    for (uint32_t i = 1; i < file->capacity; i++)
        if (file->buffers[i] == buffer) {
            *handle = i;
            return 0;
        }
    return add_handle(file, buffer, handle);
}

int shim_buffer_import(struct shim_file *file, int fd, uint32_t *handle)
{
    struct stat status;
    if (shim_next()->fstatat(fd, "", &status, AT_EMPTY_PATH) != 0)
        return -EBADF;
    for (struct shim_buffer *b = all; b; b = b->next)
        if (b->memory >= 0 && b->inode == status.st_ino && b->device == status.st_dev)
            return import_known(file, b, handle);
    /* Another program's buffer, or one whose handles are all closed. Only memory files have seals. */
    if (shim_next()->fcntl(fd, F_GET_SEALS) < 0 || status.st_size <= 0 || status.st_size % PAGE_BYTES)
        return -EINVAL;
    int memory = shim_reopen(fd, O_RDWR | O_CLOEXEC);
    if (memory < 0)
        return -errno;
    struct shim_buffer start = {
        .memory = memory, .size = (uint64_t)status.st_size, .device = status.st_dev, .inode = status.st_ino};
    return add_buffer(file, start, handle);
}

int shim_reopen(int fd, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return shim_next()->open(path, flags);
}

struct shim_buffer *shim_buffer_get(const struct shim_file *file, uint32_t handle)
{
    return handle < file->capacity ? file->buffers[handle] : NULL;
}

int shim_buffer_close(struct shim_file *file, uint32_t handle)
{
    struct shim_buffer *buffer = shim_buffer_get(file, handle);
    if (!buffer)
        return -EINVAL;
    file->buffers[handle] = NULL;
    if (handle < file->free_hint)
        file->free_hint = handle;
    buffer_release(buffer);
    return 0;
}

void shim_buffer_close_all(struct shim_file *file)
{
    for (uint32_t i = 1; i < file->capacity; i++)
        shim_buffer_close(file, i);
    free(file->buffers);
    file->buffers = NULL;
    file->capacity = 0;
}

uint8_t *shim_buffer_view(struct shim_buffer *buffer)
{
    if (!buffer->view) {
        void *view =
            shim_next()->mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->memory, 0);
        buffer->view = view == MAP_FAILED ? NULL : view;
    }
    return buffer->view;
}
