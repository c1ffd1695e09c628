/* From /proc/self. */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* When there are as many as may be, the folder of them cannot be opened either. */
size_t process_open_fds(void)
{
    size_t count = 0;
    struct rlimit limit;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder && errno == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        return (size_t)limit.rlim_cur;
    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count;
}

/* The first two numbers of statm, in bytes. */
static void read_statm(size_t *total, size_t *resident)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "r");
    *total = *resident = 0;
    if (!file)
        return;
    if (fscanf(file, "%zu %zu", total, resident) != 2)
        *total = *resident = 0;
    (void)fclose(file);
    *total *= page;
    *resident *= page;
}

size_t process_resident(void)
{
    size_t total, resident;
    read_statm(&total, &resident);
    return resident;
}

size_t process_address_space(void)
{
    size_t total, resident;
    read_statm(&total, &resident);
    return total;
}
