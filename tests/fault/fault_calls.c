/* The functions that the libraries' copies call instead of the C library's. */
#include "fault_state.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- memory */

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&fault_state.blocks, 1);
    return block;
}

/* Instead of an error: what was asked for in part, as the caller has it done. */
#define IN_PART (-1)

/* Which of a function's errors it is this time. Whoever is interrupted asks again, and so cannot be for ever.
 */
static int error_of(const int errors[FAULT_MANNERS])
{
    int error = errors[atomic_load(&fault_state.manner)];
    bool interrupted = error == EINTR || error == EAGAIN;
    return interrupted && atomic_load(&fault_state.on) ? errors[0] : error;
}

/* 0, or the error with which the call fails. */
static int failure(const char *name, const int errors[FAULT_MANNERS])
{
    return fault_meets(name) ? error_of(errors) : 0;
}

/* Whether the call fails, with errno as it is then. */
static bool fails(const char *name, const int errors[FAULT_MANNERS])
{
    int error = failure(name, errors);
    if (error)
        errno = error;
    return error;
}

#define ERRORS(...)            \
    (const int[FAULT_MANNERS]) \
    {                          \
        __VA_ARGS__            \
    }

void *fault_malloc(size_t bytes);
void *fault_malloc(size_t bytes)
{
    return fails("malloc", ERRORS(ENOMEM, ENOMEM, ENOMEM)) ? NULL : counted(malloc(bytes));
}

void *fault_calloc(size_t count, size_t bytes);
void *fault_calloc(size_t count, size_t bytes)
{
    return fails("calloc", ERRORS(ENOMEM, ENOMEM, ENOMEM)) ? NULL : counted(calloc(count, bytes));
}

void *fault_realloc(void *block, size_t bytes);
void *fault_realloc(void *block, size_t bytes)
{
    if (fails("realloc", ERRORS(ENOMEM, ENOMEM, ENOMEM)))
        return NULL;
    bool is_new = !block;
    void *moved = realloc(block, bytes);
    return is_new ? counted(moved) : moved;
}

void *fault_aligned_alloc(size_t alignment, size_t bytes);
void *fault_aligned_alloc(size_t alignment, size_t bytes)
{
    return fails("aligned_alloc", ERRORS(ENOMEM, ENOMEM, ENOMEM)) ? NULL
                                                                  : counted(aligned_alloc(alignment, bytes));
}

int fault_posix_memalign(void **block, size_t alignment, size_t bytes);
int fault_posix_memalign(void **block, size_t alignment, size_t bytes)
{
    int error = failure("posix_memalign", ERRORS(ENOMEM, EINVAL, ENOMEM));
    if (error)
        return error;
    error = posix_memalign(block, alignment, bytes);
    if (!error)
        (void)counted(*block);
    return error;
}

void fault_free(void *block);
void fault_free(void *block)
{
    if (block)
        atomic_fetch_sub(&fault_state.blocks, 1);
    free(block);
}

/* The kernel gives and takes whole pages. */
static long pages(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (long)((bytes + page - 1) / page * page);
}

void *fault_mmap(void *wanted, size_t bytes, int protection, int flags, int fd, off_t offset);
void *fault_mmap(void *wanted, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap", ERRORS(ENOMEM, EAGAIN, EPERM)))
        return MAP_FAILED;
    void *mapped = mmap(wanted, bytes, protection, flags, fd, offset);
    if (mapped != MAP_FAILED && !(flags & MAP_FIXED)) /* which replaces what is mapped already */
        atomic_fetch_add(&fault_state.mapped_bytes, pages(bytes));
    return mapped;
}

int fault_mprotect(void *start, size_t bytes, int protection);
int fault_mprotect(void *start, size_t bytes, int protection)
{
    return fails("mprotect", ERRORS(ENOMEM, EACCES, ENOMEM)) ? -1 : mprotect(start, bytes, protection);
}

int fault_madvise(void *start, size_t bytes, int advice);
int fault_madvise(void *start, size_t bytes, int advice)
{
    if (fails("madvise", ERRORS(EAGAIN, EINVAL, EIO)))
        return -1;
    int result = madvise(start, bytes, advice);
    return advice == MADV_HUGEPAGE ? 0
                                   : result; /* on a system without huge pages, too, what follows is run */
}

/* What the system did not take back stays mapped. That is no leak of the libraries', who can only ask once
 * more with what lies beside it: it is counted as gone, once. */
#define REFUSED_MAX 4096
static struct {
    pthread_mutex_t lock;
    struct {
        char *start;
        size_t bytes; /* 0: none */
    } range[REFUSED_MAX];
} refused = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* False: there is no room to remember it. */
static bool remember_refused(void *start, size_t bytes)
{
    size_t i = 0;
    pthread_mutex_lock(&refused.lock);
    while (i < REFUSED_MAX && refused.range[i].bytes)
        i++;
    if (i < REFUSED_MAX) {
        refused.range[i].start = start;
        refused.range[i].bytes = (size_t)pages(bytes);
        (void)madvise(start, bytes, MADV_DONTNEED); /* addresses are enough to lose */
    }
    pthread_mutex_unlock(&refused.lock);
    return i < REFUSED_MAX;
}

/* The bytes between that were refused before, and are not any more. */
static long forget_refused(const char *start, size_t bytes)
{
    long found = 0;
    pthread_mutex_lock(&refused.lock);
    for (size_t i = 0; i < REFUSED_MAX; i++) {
        if (!refused.range[i].bytes || refused.range[i].start < start ||
            refused.range[i].start + refused.range[i].bytes > start + pages(bytes))
            continue;
        found += (long)refused.range[i].bytes;
        refused.range[i].bytes = 0;
    }
    pthread_mutex_unlock(&refused.lock);
    return found;
}

int fault_munmap(void *start, size_t bytes);
int fault_munmap(void *start, size_t bytes)
{
    long before = forget_refused(start, bytes);
    bool failed = fault_meets("munmap");
    if ((failed && remember_refused(start, bytes)) || munmap(start, bytes) == 0)
        atomic_fetch_sub(&fault_state.mapped_bytes, pages(bytes) - before);
    if (!failed)
        return 0;
    errno = ENOMEM;
    return -1;
}

int fault_memfd_create(const char *name, unsigned int flags);
int fault_memfd_create(const char *name, unsigned int flags)
{
    return fails("memfd_create", ERRORS(EMFILE, ENOMEM, ENOSYS)) ? -1 : memfd_create(name, flags);
}

/* With as many arguments as the libraries give. */
int fault_prctl(int option, ...);
int fault_prctl(int option, ...)
{
    unsigned long value[4];
    va_list args;
    va_start(args, option);
    for (int i = 0; i < 4; i++)
        value[i] = va_arg(args, unsigned long);
    va_end(args);
    return fails("prctl", ERRORS(EINVAL, EPERM, EINVAL))
               ? -1
               : prctl(option, value[0], value[1], value[2], value[3]);
}

long fault_syscall(long number, ...);
long fault_syscall(long number, ...)
{
    unsigned long value[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        value[i] = va_arg(args, unsigned long);
    va_end(args);
    return fails("syscall", ERRORS(ENOSYS, EPERM, EIO))
               ? -1
               : syscall(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}

/* --- files; tests count those that are open by what the process has */

static const char *redirected(const char *path)
{
    bool is_meant = fault_state.prefix && strncmp(path, fault_state.prefix, strlen(fault_state.prefix)) == 0;
    return is_meant ? fault_state.instead : path;
}

int fault_open(const char *path, int flags, ...);
int fault_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list args;
        va_start(args, flags);
        mode = (mode_t)va_arg(args, unsigned int);
        va_end(args);
    }
    return fails("open", ERRORS(EMFILE, EACCES, EINTR)) ? -1 : open(redirected(path), flags, mode);
}

int fault_close(int fd);
int fault_close(int fd)
{
    bool failed = fault_meets("close");
    int result = close(fd);
    if (result != 0 && errno == EBADF)
        atomic_fetch_add(&fault_state.bad_closes, 1);
    if (!failed)
        return result;
    errno = EIO;
    return -1;
}

int fault_access(const char *path, int mode);
int fault_access(const char *path, int mode)
{
    return fails("access", ERRORS(EACCES, ENOENT, EIO)) ? -1 : access(redirected(path), mode);
}

int fault_dup(int fd);
int fault_dup(int fd)
{
    return fails("dup", ERRORS(EMFILE, EBADF, EINTR)) ? -1 : dup(fd);
}

int fault_fcntl(int fd, int command, ...);
int fault_fcntl(int fd, int command, ...)
{
    va_list args;
    int value = 0;
    void *pointer = NULL;
    va_start(args, command);
    switch (command) {
    case F_GETFD:
    case F_GETFL:
        break;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
    case F_SETFD:
    case F_SETFL:
    case F_ADD_SEALS:
        value = va_arg(args, int);
        break;
    default:
        pointer = va_arg(args, void *);
        break;
    }
    va_end(args);
    if (fails("fcntl", ERRORS(EPERM, EACCES, EINTR)))
        return -1;
    return pointer ? fcntl(fd, command, pointer) : fcntl(fd, command, value);
}

int fault_fstat(int fd, struct stat *found);
int fault_fstat(int fd, struct stat *found)
{
    return fails("fstat", ERRORS(EOVERFLOW, EBADF, EIO)) ? -1 : fstat(fd, found);
}

int fault_ftruncate(int fd, off_t bytes);
int fault_ftruncate(int fd, off_t bytes)
{
    return fails("ftruncate", ERRORS(EFBIG, EINTR, EIO)) ? -1 : ftruncate(fd, bytes);
}

/* The kernel wants a request that was interrupted once more, as it was. */
static _Thread_local struct {
    bool pending, given_up;
    unsigned long request;
    unsigned char argument[256];
} interrupted;

static void note_request(unsigned long request, const void *pointer)
{
    size_t bytes = _IOC_SIZE(request) < sizeof interrupted.argument ? _IOC_SIZE(request) : 0;
    bool same = request == interrupted.request && memcmp(pointer, interrupted.argument, bytes) == 0;
    if (interrupted.pending && !same)
        interrupted.given_up = true;
    interrupted.pending = false;
    interrupted.request = request;
    memcpy(interrupted.argument, pointer, bytes);
}

bool fault_gave_up(void)
{
    bool gave_up = interrupted.pending || interrupted.given_up;
    interrupted.pending = interrupted.given_up = false;
    return gave_up;
}

int fault_ioctl(int fd, unsigned long request, ...);
int fault_ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    void *pointer = va_arg(args, void *);
    va_end(args);
    note_request(request, pointer);
    if (!fails("ioctl", ERRORS(ENOTTY, EINTR, EAGAIN)))
        return ioctl(fd, request, pointer);
    interrupted.pending = errno != ENOTTY;
    return -1;
}

off_t fault_lseek(int fd, off_t offset, int from);
off_t fault_lseek(int fd, off_t offset, int from)
{
    return fails("lseek", ERRORS(ESPIPE, EBADF, EINVAL)) ? -1 : lseek(fd, offset, from);
}

ssize_t fault_read(int fd, void *bytes, size_t count);
ssize_t fault_read(int fd, void *bytes, size_t count)
{
    int error = failure("read", ERRORS(EIO, EINTR, IN_PART));
    if (error == 0 || error == IN_PART)
        return read(fd, bytes, error ? count / 16 : count);
    errno = error;
    return -1;
}

ssize_t fault_write(int fd, const void *bytes, size_t count);
ssize_t fault_write(int fd, const void *bytes, size_t count)
{
    int error = failure("write", ERRORS(EAGAIN, EINTR, IN_PART));
    if (error == 0 || error == IN_PART)
        return write(fd, bytes, error ? count / 2 : count);
    errno = error;
    return -1;
}

long fault_sysconf(int name);
long fault_sysconf(int name)
{
    return fails("sysconf", ERRORS(EINVAL, EINVAL, EINVAL)) ? -1 : sysconf(name);
}

/* --- threads */

static _Thread_local int locks_held;

int fault_locks_held(void)
{
    return locks_held;
}

static int begun(int error)
{
    if (!error)
        atomic_fetch_add(&fault_state.locks, 1);
    return error;
}

static int ended(int error)
{
    if (!error)
        atomic_fetch_sub(&fault_state.locks, 1);
    return error;
}

int fault_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                         void *user);
int fault_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                         void *user)
{
    int error = failure("pthread_create", ERRORS(EAGAIN, EPERM, ENOMEM));
    return error ? error : pthread_create(thread, attributes, run, user);
}

int fault_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int fault_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    int error = failure("pthread_mutex_init", ERRORS(ENOMEM, EAGAIN, EPERM));
    return error ? error : begun(pthread_mutex_init(mutex, attributes));
}

int fault_pthread_mutex_destroy(pthread_mutex_t *mutex);
int fault_pthread_mutex_destroy(pthread_mutex_t *mutex)
{
    return ended(pthread_mutex_destroy(mutex));
}

int fault_pthread_mutex_lock(pthread_mutex_t *mutex);
int fault_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    locks_held++;
    return pthread_mutex_lock(mutex);
}

int fault_pthread_mutex_unlock(pthread_mutex_t *mutex);
int fault_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    locks_held--;
    return pthread_mutex_unlock(mutex);
}

int fault_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
int fault_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    int error = failure("pthread_cond_init", ERRORS(ENOMEM, EAGAIN, ENOMEM));
    return error ? error : begun(pthread_cond_init(condition, attributes));
}

int fault_pthread_cond_destroy(pthread_cond_t *condition);
int fault_pthread_cond_destroy(pthread_cond_t *condition)
{
    return ended(pthread_cond_destroy(condition));
}

int fault_pthread_condattr_init(pthread_condattr_t *attributes);
int fault_pthread_condattr_init(pthread_condattr_t *attributes)
{
    int error = failure("pthread_condattr_init", ERRORS(ENOMEM, ENOMEM, ENOMEM));
    return error ? error : begun(pthread_condattr_init(attributes));
}

int fault_pthread_condattr_destroy(pthread_condattr_t *attributes);
int fault_pthread_condattr_destroy(pthread_condattr_t *attributes)
{
    return ended(pthread_condattr_destroy(attributes));
}

int fault_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int fault_pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
    return fault_meets("pthread_condattr_setclock") ? EINVAL : pthread_condattr_setclock(attributes, clock);
}

/* Nobody is woken for a reason only: waits may return at any time, and a timed one may also say that it
 * cannot be done. The mutex is let go of, as by a wait. */
static int woken_early(pthread_mutex_t *mutex, const int answers[FAULT_MANNERS])
{
    (void)pthread_mutex_unlock(mutex);
    (void)sched_yield(); /* to whoever is to be waited for */
    (void)pthread_mutex_lock(mutex);
    return answers[atomic_load(&fault_state.manner)];
}

int fault_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
int fault_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    if (fault_meets("pthread_cond_wait"))
        return woken_early(mutex, ERRORS(0, 0, 0));
    return pthread_cond_wait(condition, mutex);
}

int fault_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                 const struct timespec *until);
int fault_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                 const struct timespec *until)
{
    if (fault_meets("pthread_cond_timedwait"))
        return woken_early(mutex, ERRORS(0, ETIMEDOUT, EINVAL));
    return pthread_cond_timedwait(condition, mutex, until);
}
