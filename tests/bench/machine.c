/* Asks the system what it runs on. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
    PROCESSOR,
    CORES,
    CACHES,
    GOVERNOR,
    HUGE_PAGES,
    LOAD,
    KERNEL,
    COMPILER,
    C_LIBRARY
};

static const char *const fact_name[MACHINE_FACTS] = {
    [PROCESSOR] = "processor", [CORES] = "cores",           [CACHES] = "caches",
    [GOVERNOR] = "governor",   [HUGE_PAGES] = "huge_pages", [LOAD] = "load",
    [KERNEL] = "kernel",       [COMPILER] = "compiler",     [C_LIBRARY] = "c_library",
};

const char *machine_fact_name(size_t fact)
{
    return fact_name[fact];
}

/* The first line of a file that begins with `start`, from behind the colon, or, with no start, the first. */
static void line_of(const char *path, const char *start, char fact[MACHINE_FACT_BYTES])
{
    char line[512];
    FILE *from = fopen(path, "r");
    while (from && fgets(line, sizeof line, from)) {
        const char *value = line;
        if (start) {
            const char *colon = strchr(line, ':');
            if (!colon || strncmp(line, start, strlen(start)) != 0)
                continue;
            value = colon + 1 + strspn(colon + 1, " \t");
        }
        (void)snprintf(fact, MACHINE_FACT_BYTES, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (from)
        (void)fclose(from);
}

static void caches(char fact[MACHINE_FACT_BYTES])
{
    long l1 = sysconf(_SC_LEVEL1_DCACHE_SIZE), l2 = sysconf(_SC_LEVEL2_CACHE_SIZE),
         l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (l1 > 0 && l2 > 0)
        (void)snprintf(fact, MACHINE_FACT_BYTES, "%ld KiB, %ld KiB, %ld KiB", l1 / 1024, l2 / 1024,
                       l3 > 0 ? l3 / 1024 : 0);
}

void machine_describe(struct machine *out)
{
    struct utsname system;
    double load;
    for (size_t i = 0; i < MACHINE_FACTS; i++)
        (void)snprintf(out->fact[i], MACHINE_FACT_BYTES, "unknown");
    line_of("/proc/cpuinfo", "model name", out->fact[PROCESSOR]);
    (void)snprintf(out->fact[CORES], MACHINE_FACT_BYTES, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    caches(out->fact[CACHES]);
    line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", NULL, out->fact[GOVERNOR]);
    line_of("/sys/kernel/mm/transparent_hugepage/enabled", NULL, out->fact[HUGE_PAGES]);
    if (getloadavg(&load, 1) == 1)
        (void)snprintf(out->fact[LOAD], MACHINE_FACT_BYTES, "%.2f", load);
    if (uname(&system) == 0)
        (void)snprintf(out->fact[KERNEL], MACHINE_FACT_BYTES, "%.40s %.80s", system.sysname, system.release);
    (void)snprintf(out->fact[COMPILER], MACHINE_FACT_BYTES, "%.100s",
#ifdef __clang__
                   __VERSION__
#else
                   "GCC " __VERSION__
#endif
    );
    if (confstr(_CS_GNU_LIBC_VERSION, out->fact[C_LIBRARY], MACHINE_FACT_BYTES) == 0)
        (void)snprintf(out->fact[C_LIBRARY], MACHINE_FACT_BYTES, "unknown");
}
