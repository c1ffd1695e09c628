/* The shim's start and end: the environment, the functions it hides, fork and exit. */
#include "shim.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    DEFAULT_DEVICE_ID = 0x9a49,
    /* Every buffer has a descriptor. As many as are wanted where the hard limit allows; file.c knows as many.
     */
    WANTED_DESCRIPTORS = 65536
};

pthread_mutex_t shim_lock = PTHREAD_MUTEX_INITIALIZER;

static struct shim_next next;
static struct shim_config config;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_next(void *function, const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (!symbol)
        shim_die("vfa-i915: this C library has no %s", name);
    memcpy(function, &symbol, sizeof symbol);
}

static void find_all_next(void)
{
    find_next(&next.open, "open");
    find_next(&next.openat, "openat");
    find_next(&next.close, "close");
    find_next(&next.dup, "dup");
    find_next(&next.dup2, "dup2");
    find_next(&next.dup3, "dup3");
    find_next(&next.fcntl, "fcntl");
    find_next(&next.ioctl, "ioctl");
    find_next(&next.mmap, "mmap");
    find_next(&next.fstatat, "fstatat");
    find_next(&next.access, "access");
    find_next(&next.readlink, "readlink");
    find_next(&next.realpath, "realpath");
    find_next(&next.fopen, "fopen");
    find_next(&next.opendir, "opendir");
    find_next(&next.scandir, "scandir");
}

/* The number in an environment variable, or `otherwise` where it is not set. */
static unsigned number_in(const char *variable, unsigned otherwise, unsigned most)
{
    const char *text = getenv(variable);
    if (!text || !*text)
        return otherwise;
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 0);
    if (errno || *end || *text == '-' || value > most)
        shim_die("vfa-i915: %s=%s is not a number up to %u", variable, text, most);
    return (unsigned)value;
}

static void read_environment(void)
{
    config.device_id = number_in("VFA_I915_DEVICE_ID", DEFAULT_DEVICE_ID, 0xffff);
    config.log_level = (int)number_in("VFA_I915_LOG", 0, 3);
    const char *root = getenv("VFA_I915_ROOT");
    if (root && *root && *root != '/')
        shim_die("vfa-i915: VFA_I915_ROOT=%s is not an absolute path", root);
    config.root = root && *root ? root : NULL;
    const char *rules = getenv("VFA_I915_FAIL");
    if (rules && shim_fault_rules(rules) != 0)
        shim_die("vfa-i915: VFA_I915_FAIL=%s is not KIND:N:ERROR or KIND:N+:ERROR, separated by commas",
                 rules);
    shim_fault_busy(number_in("VFA_I915_BUSY", 0, 1000000));
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= WANTED_DESCRIPTORS)
        return;
    limit.rlim_cur = limit.rlim_max < WANTED_DESCRIPTORS ? limit.rlim_max : WANTED_DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void before_fork(void)
{
    pthread_mutex_lock(&shim_lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&shim_lock);
}

static void after_fork_in_child(void)
{
    shim_tree_forget();
    pthread_mutex_unlock(&shim_lock);
}

static void start(void)
{
    read_environment();
    raise_descriptor_limit();
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

/* Before there are threads, by the constructor at the latest. Not by pthread_once(): ThreadSanitizer's own
 * start maps memory, and comes through here before it can bear that. */
const struct shim_next *shim_next(void)
{
    static atomic_bool found;
    if (!atomic_load_explicit(&found, memory_order_acquire)) {
        find_all_next();
        atomic_store_explicit(&found, true, memory_order_release);
    }
    return &next;
}

const struct shim_config *shim_config(void)
{
    pthread_once(&once, start);
    return &config;
}

__attribute__((constructor)) static void start_with_program(void)
{
    shim_next();
    shim_config();
}

__attribute__((destructor)) static void end_with_program(void)
{
    shim_tree_remove();
}

SHIM_EXPORT int vfa_i915_fail(const char *rules);
SHIM_EXPORT void vfa_i915_busy(unsigned times);

int vfa_i915_fail(const char *rules)
{
    pthread_mutex_lock(&shim_lock);
    int result = shim_fault_rules(rules);
    pthread_mutex_unlock(&shim_lock);
    return result;
}

void vfa_i915_busy(unsigned times)
{
    pthread_mutex_lock(&shim_lock);
    shim_fault_busy(times);
    pthread_mutex_unlock(&shim_lock);
}
