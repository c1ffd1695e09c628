/* Open files of the node: which descriptors they are, and the C library's functions on descriptors,
 * interposed. */
#include "shim.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    MAX_DESCRIPTORS = 65536
};

/* Written with the lock held, read without it by those that only want to know whether to take it. */
static struct shim_file *_Atomic files[MAX_DESCRIPTORS];

bool shim_file_is(int fd)
{
    return fd >= 0 && fd < MAX_DESCRIPTORS && atomic_load_explicit(&files[fd], memory_order_acquire) != NULL;
}

struct shim_file *shim_file_get(int fd)
{
    return fd >= 0 && fd < MAX_DESCRIPTORS ? atomic_load_explicit(&files[fd], memory_order_acquire) : NULL;
}

int shim_file_open(int fd)
{
    struct shim_file *file = fd < MAX_DESCRIPTORS ? calloc(1, sizeof *file) : NULL;
    if (!file) {
        shim_next()->close(fd);
        errno = fd < MAX_DESCRIPTORS ? ENOMEM : EMFILE;
        return -1;
    }
    file->references = 1;
    pthread_mutex_lock(&shim_lock);
    atomic_store_explicit(&files[fd], file, memory_order_release);
    pthread_mutex_unlock(&shim_lock);
    return fd;
}

/* The descriptor is about to mean nothing, or something else. With the lock held. */
static void forget(int fd)
{
    struct shim_file *file = shim_file_get(fd);
    if (!file)
        return;
    atomic_store_explicit(&files[fd], NULL, memory_order_release);
    if (--file->references == 0) {
        shim_buffer_close_all(file);
        free(file);
    }
}

SHIM_EXPORT int close(int fd)
{
    if (shim_file_is(fd)) {
        pthread_mutex_lock(&shim_lock);
        forget(fd);
        pthread_mutex_unlock(&shim_lock);
    }
    return shim_next()->close(fd);
}

/* `copy` now refers to what `fd` does. */
static int duplicated(int fd, int copy)
{
    if (copy < 0 || copy == fd || copy >= MAX_DESCRIPTORS || !(shim_file_is(fd) || shim_file_is(copy)))
        return copy;
    pthread_mutex_lock(&shim_lock);
    forget(copy);
    struct shim_file *file = shim_file_get(fd);
    if (file)
        file->references++;
    atomic_store_explicit(&files[copy], file, memory_order_release);
    pthread_mutex_unlock(&shim_lock);
    return copy;
}

SHIM_EXPORT int dup(int fd)
{
    return duplicated(fd, shim_next()->dup(fd));
}

SHIM_EXPORT int dup2(int fd, int copy)
{
    return duplicated(fd, shim_next()->dup2(fd, copy));
}

SHIM_EXPORT int dup3(int fd, int copy, int flags)
{
    return duplicated(fd, shim_next()->dup3(fd, copy, flags));
}

SHIM_EXPORT int fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *); /* or an int, or nothing: passed on all the same */
    va_end(arguments);
    int result = shim_next()->fcntl(fd, command, argument);
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? duplicated(fd, result) : result;
}

SHIM_EXPORT int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

/* Offsets on the node name buffers: SHIM_OFFSET_SHIFT in shim.h. */
static void *map_buffer(void *address, size_t bytes, int protection, int flags, int fd, uint64_t offset)
{
    pthread_mutex_lock(&shim_lock);
    struct shim_file *file = shim_file_get(fd);
    struct shim_buffer *buffer = file ? shim_buffer_get(file, (uint32_t)(offset >> SHIM_OFFSET_SHIFT)) : NULL;
    uint64_t at = offset & (((uint64_t)1 << SHIM_OFFSET_SHIFT) - 1);
    void *result = MAP_FAILED;
    errno = EINVAL;
    if (buffer && buffer->memory >= 0 && at <= buffer->size && bytes <= buffer->size - at)
        result = shim_next()->mmap(address, bytes, protection, flags, buffer->memory, (off_t)at);
    pthread_mutex_unlock(&shim_lock);
    return result;
}

SHIM_EXPORT void *mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (!(flags & MAP_ANONYMOUS) && shim_file_is(fd))
        return map_buffer(address, bytes, protection, flags, fd, (uint64_t)offset);
    return shim_next()->mmap(address, bytes, protection, flags, fd, offset);
}

SHIM_EXPORT void *mmap64(void *address, size_t bytes, int protection, int flags, int fd, off64_t offset)
    __attribute__((alias("mmap")));
