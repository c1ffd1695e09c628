/* The C library's functions that take paths, interposed: what leads to the device leads to the tree of fake
 * files, and the node is a character device. */
#include "shim.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_node(const char *path)
{
    return path && strcmp(path, SHIM_NODE) == 0;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    char buffer[SHIM_PATH_BYTES];
    int fd = shim_next()->openat(folder, shim_redirect(path, buffer), flags, mode);
    return fd >= 0 && is_node(path) ? shim_file_open(fd) : fd;
}

/* The mode, which open() takes only where it may make a file. */
#define MODE_AFTER(flags, mode)                             \
    mode_t mode = 0;                                        \
    if ((flags) & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) { \
        va_list arguments;                                  \
        va_start(arguments, flags);                         \
        mode = va_arg(arguments, mode_t);                   \
        va_end(arguments);                                  \
    }

SHIM_EXPORT int open(const char *path, int flags, ...)
{
    MODE_AFTER(flags, mode)
    return open_at(AT_FDCWD, path, flags, mode);
}

SHIM_EXPORT int openat(int folder, const char *path, int flags, ...)
{
    MODE_AFTER(flags, mode)
    return open_at(folder, path, flags, mode);
}

/* What open() without a mode becomes under _FORTIFY_SOURCE. */
SHIM_EXPORT int __open_2(const char *path, int flags);
SHIM_EXPORT int __openat_2(int folder, const char *path, int flags);

int __open_2(const char *path, int flags)
{
    return open_at(AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags)
{
    return open_at(folder, path, flags, 0);
}

SHIM_EXPORT FILE *fopen(const char *path, const char *mode)
{
    char buffer[SHIM_PATH_BYTES];
    return shim_next()->fopen(shim_redirect(path, buffer), mode);
}

SHIM_EXPORT DIR *opendir(const char *path)
{
    char buffer[SHIM_PATH_BYTES];
    return shim_next()->opendir(shim_redirect(path, buffer));
}

SHIM_EXPORT int scandir(const char *path, struct dirent ***entries, int (*wanted)(const struct dirent *),
                        int (*order)(const struct dirent **, const struct dirent **))
{
    char buffer[SHIM_PATH_BYTES];
    return shim_next()->scandir(shim_redirect(path, buffer), entries, wanted, order);
}

SHIM_EXPORT int access(const char *path, int mode)
{
    char buffer[SHIM_PATH_BYTES];
    return shim_next()->access(shim_redirect(path, buffer), mode);
}

SHIM_EXPORT ssize_t readlink(const char *path, char *target, size_t bytes)
{
    char buffer[SHIM_PATH_BYTES];
    return shim_next()->readlink(shim_redirect(path, buffer), target, bytes);
}

SHIM_EXPORT char *realpath(const char *path, char *resolved)
{
    char buffer[SHIM_PATH_BYTES];
    char *result = shim_next()->realpath(shim_redirect(path, buffer), resolved);
    if (result)
        shim_unredirect(result);
    return result;
}

SHIM_EXPORT char *__realpath_chk(const char *path, char *resolved, size_t bytes);

char *__realpath_chk(const char *path, char *resolved, size_t bytes)
{
    (void)bytes; /* at least PATH_MAX, or the caller is mistaken */
    return realpath(path, resolved);
}

static int stat_at(int folder, const char *path, struct stat *status, int flags)
{
    char buffer[SHIM_PATH_BYTES];
    int result = shim_next()->fstatat(folder, shim_redirect(path, buffer), status, flags);
    bool by_descriptor = (flags & AT_EMPTY_PATH) && path && !*path && shim_file_is(folder);
    if (result == 0 && (is_node(path) || by_descriptor)) {
        status->st_mode = S_IFCHR | 0666;
        status->st_rdev = makedev(SHIM_MAJOR, SHIM_MINOR);
    }
    return result;
}

SHIM_EXPORT int stat(const char *path, struct stat *status)
{
    return stat_at(AT_FDCWD, path, status, 0);
}

SHIM_EXPORT int lstat(const char *path, struct stat *status)
{
    return stat_at(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW);
}

SHIM_EXPORT int fstat(int fd, struct stat *status)
{
    return stat_at(fd, "", status, AT_EMPTY_PATH);
}

SHIM_EXPORT int fstatat(int folder, const char *path, struct stat *status, int flags)
{
    return stat_at(folder, path, status, flags);
}

/* The names of the functions with 64 bit offsets. Where the others have these too they are the same
 * functions. */
_Static_assert(sizeof(struct stat) == sizeof(struct stat64) && sizeof(off_t) == sizeof(off64_t),
               "64 bit offsets");

SHIM_EXPORT int open64(const char *path, int flags, ...) __attribute__((alias("open")));
SHIM_EXPORT int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
SHIM_EXPORT int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));
SHIM_EXPORT int __openat64_2(int folder, const char *path, int flags) __attribute__((alias("__openat_2")));
SHIM_EXPORT FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

SHIM_EXPORT int stat64(const char *path, struct stat64 *status)
{
    return stat_at(AT_FDCWD, path, (struct stat *)status, 0);
}

SHIM_EXPORT int lstat64(const char *path, struct stat64 *status)
{
    return stat_at(AT_FDCWD, path, (struct stat *)status, AT_SYMLINK_NOFOLLOW);
}

SHIM_EXPORT int fstat64(int fd, struct stat64 *status)
{
    return stat_at(fd, "", (struct stat *)status, AT_EMPTY_PATH);
}

SHIM_EXPORT int fstatat64(int folder, const char *path, struct stat64 *status, int flags)
{
    return stat_at(folder, path, (struct stat *)status, flags);
}
