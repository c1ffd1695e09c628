/* Loaded before a program: what it and our libraries and runtime ask of the C library fails at the n-th time,
 * and what they do not give back is counted. FFmpeg's own requests, and everybody else's, are left alone.
 *
 * FAULT_AT=n: the n-th fails (nothing: none). FAULT_ON: and all after it. FAULT_REPORT=FILE: gets one line at
 * the end, "requests N failed NAME left M". */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, under the names that it exports for programs which have a malloc of their own. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *block);

#define BLOCKS (1u << 20) /* at most alive at once: a power of two */

static struct {
    atomic_long requests;
    long at;
    bool on;
    _Atomic(const char *) failed;
    atomic_flag busy; /* guards `block` */
    void *block[BLOCKS];
    atomic_long alive, mapped;
    const char *report;
} fault = {.busy = ATOMIC_FLAG_INIT};

static __attribute__((constructor)) void begin(void)
{
    const char *at = getenv("FAULT_AT");
    fault.report = getenv("FAULT_REPORT");
    fault.on = getenv("FAULT_ON") != NULL;
    fault.at = at ? strtol(at, NULL, 10) : 0;
    atomic_store(&fault.requests, 0); /* what comes before main is not the program's */
}

static __attribute__((destructor)) void end(void)
{
    char line[200];
    const char *failed = atomic_load(&fault.failed);
    int fd = fault.report ? open(fault.report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    int length =
        snprintf(line, sizeof line, "requests %ld failed %s left %ld\n", atomic_load(&fault.requests),
                 failed ? failed : "none", atomic_load(&fault.alive) + atomic_load(&fault.mapped));
    if (fd >= 0 && write(fd, line, (size_t)length) == length)
        (void)close(fd);
}

/* Whether the caller is the program, one of our libraries or our runtime. */
static bool is_ours(void *caller)
{
    struct dl_find_object found;
    if (_dl_find_object(caller, &found) != 0)
        return false;
    const char *name = found.dlfo_link_map->l_name;
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    return !*name || strncmp(name, "libvfa", 6) == 0 || strncmp(name, "libvpl-softrt", 13) == 0;
}

static bool fails(const char *name)
{
    long n = atomic_fetch_add(&fault.requests, 1) + 1;
    if (!fault.at || (fault.on ? n < fault.at : n != fault.at))
        return false;
    const char *none = NULL;
    (void)atomic_compare_exchange_strong(&fault.failed, &none, name);
    errno = ENOMEM;
    return true;
}

/* --- what is alive */

static size_t home_of(const void *block)
{
    return ((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 44;
}

/* The place of a block, or of the gap where it would be; a block that was removed leaves a mark. */
static size_t find(const void *block, bool to_put)
{
    size_t i = home_of(block) % BLOCKS;
    while (fault.block[i] && fault.block[i] != block && !(to_put && fault.block[i] == &fault))
        i = (i + 1) % BLOCKS;
    return i;
}

static void *taken(void *block)
{
    if (!block)
        return NULL;
    while (atomic_flag_test_and_set(&fault.busy)) {
    }
    fault.block[find(block, true)] = block;
    atomic_flag_clear(&fault.busy);
    atomic_fetch_add(&fault.alive, 1);
    return block;
}

static void given(void *block)
{
    if (!block)
        return;
    while (atomic_flag_test_and_set(&fault.busy)) {
    }
    size_t i = find(block, false);
    if (fault.block[i]) {
        fault.block[i] = &fault;
        atomic_fetch_sub(&fault.alive, 1);
    }
    atomic_flag_clear(&fault.busy);
}

/* --- the heap */

void *malloc(size_t bytes)
{
    if (!is_ours(__builtin_return_address(0)))
        return __libc_malloc(bytes);
    return fails("malloc") ? NULL : taken(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    if (!is_ours(__builtin_return_address(0)))
        return __libc_calloc(count, bytes);
    return fails("calloc") ? NULL : taken(__libc_calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
    bool ours = is_ours(__builtin_return_address(0));
    if (ours && fails("realloc"))
        return NULL;
    given(block);
    void *moved = __libc_realloc(block, bytes);
    return ours ? taken(moved) : moved;
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    bool ours = is_ours(__builtin_return_address(0));
    if (ours && fails("posix_memalign"))
        return ENOMEM;
    void *block = __libc_memalign(alignment, bytes);
    if (!block)
        return ENOMEM;
    *out = ours ? taken(block) : block;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    if (!is_ours(__builtin_return_address(0)))
        return __libc_memalign(alignment, bytes);
    return fails("aligned_alloc") ? NULL : taken(__libc_memalign(alignment, bytes));
}

void free(void *block)
{
    given(block);
    __libc_free(block);
}

/* --- the rest */

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, (name)))

typedef void *mmap_fn(void *, size_t, int, int, int, off_t);
typedef int munmap_fn(void *, size_t);
typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
typedef int mutex_fn(pthread_mutex_t *, const pthread_mutexattr_t *);
typedef int cond_fn(pthread_cond_t *, const pthread_condattr_t *);

void *mmap(void *wanted, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    bool ours = is_ours(__builtin_return_address(0));
    if (ours && fails("mmap"))
        return MAP_FAILED;
    void *mapped = NEXT(mmap_fn *, "mmap")(wanted, bytes, protection, flags, fd, offset);
    if (ours && mapped != MAP_FAILED && !(flags & MAP_FIXED))
        atomic_fetch_add(&fault.mapped, (long)((bytes + 4095) / 4096));
    return mapped;
}

int munmap(void *start, size_t bytes)
{
    if (is_ours(__builtin_return_address(0)))
        atomic_fetch_sub(&fault.mapped, (long)((bytes + 4095) / 4096));
    return NEXT(munmap_fn *, "munmap")(start, bytes);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *user)
{
    if (is_ours(__builtin_return_address(0)) && fails("pthread_create"))
        return EAGAIN;
    return NEXT(create_fn *, "pthread_create")(thread, attributes, run, user);
}

int pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
    if (is_ours(__builtin_return_address(0)) && fails("pthread_mutex_init"))
        return ENOMEM;
    return NEXT(mutex_fn *, "pthread_mutex_init")(mutex, attributes);
}

int pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    if (is_ours(__builtin_return_address(0)) && fails("pthread_cond_init"))
        return ENOMEM;
    return NEXT(cond_fn *, "pthread_cond_init")(condition, attributes);
}
