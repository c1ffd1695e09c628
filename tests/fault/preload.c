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
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* The functions that would be called without this library: the C library's, or a sanitizer's. */
static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void (*free)(void *);
    atomic_bool ready;
} next;

/* Finding them may ask for memory itself: a little, that is never given back. */
static _Alignas(max_align_t) unsigned char early[65536];
static atomic_size_t early_used;

static void *take_early(size_t bytes)
{
    size_t at = atomic_fetch_add(&early_used, (bytes + 15) / 16 * 16);
    return at + bytes <= sizeof early ? early + at : NULL;
}

static bool is_early(const void *block)
{
    return (const unsigned char *)block >= early && (const unsigned char *)block < early + sizeof early;
}

#define FIND_NEXT(name) (*(void **)&next.name = dlsym(RTLD_NEXT, #name))

/* Whether they are found. False: this is a call that finding them makes. */
static bool is_ready(void)
{
    static atomic_flag finding = ATOMIC_FLAG_INIT;
    if (atomic_load(&next.ready))
        return true;
    if (atomic_flag_test_and_set(&finding)) /* there is one thread yet */
        return false;
    FIND_NEXT(malloc);
    FIND_NEXT(calloc);
    FIND_NEXT(realloc);
    FIND_NEXT(posix_memalign);
    FIND_NEXT(aligned_alloc);
    FIND_NEXT(free);
    atomic_store(&next.ready, true);
    return true;
}

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
    if (!is_ready())
        return take_early(bytes);
    if (!is_ours(__builtin_return_address(0)))
        return next.malloc(bytes);
    return fails("malloc") ? NULL : taken(next.malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    if (!is_ready())
        return take_early(count * bytes);
    if (!is_ours(__builtin_return_address(0)))
        return next.calloc(count, bytes);
    return fails("calloc") ? NULL : taken(next.calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
    bool ours = is_ready() && is_ours(__builtin_return_address(0));
    if (is_early(block) || !is_ready())
        abort(); /* nothing that is called so early does */
    if (ours && fails("realloc"))
        return NULL;
    given(block);
    void *moved = next.realloc(block, bytes);
    return ours ? taken(moved) : moved;
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    bool ours = is_ready() && is_ours(__builtin_return_address(0));
    if (ours && fails("posix_memalign"))
        return ENOMEM;
    int error = next.posix_memalign(out, alignment, bytes);
    if (!error && ours)
        (void)taken(*out);
    return error;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    if (!is_ready() || !is_ours(__builtin_return_address(0)))
        return next.aligned_alloc(alignment, bytes);
    return fails("aligned_alloc") ? NULL : taken(next.aligned_alloc(alignment, bytes));
}

void free(void *block)
{
    if (is_early(block) || !is_ready())
        return;
    given(block);
    next.free(block);
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
