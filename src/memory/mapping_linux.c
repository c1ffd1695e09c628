/* Linux's calls under a mapping. */
#include "memory/mapping.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE /* of Linux 5.14; older ones refuse it */
#define MADV_POPULATE_WRITE 23
#endif

/* Of MAP_HUGETLB: the logarithm of the size of a page, where the number begins. */
#define HUGETLB_2_MIB (21 << 26)

#define NODES_MAX 1024u
#define WORD_BITS (8u * sizeof(unsigned long))

static void *linux_map(void *user, size_t bytes, bool hugetlb)
{
    (void)user;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (hugetlb ? MAP_HUGETLB | HUGETLB_2_MIB : 0);
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static bool linux_unmap(void *user, void *at, size_t bytes)
{
    (void)user;
    return munmap(at, bytes) == 0;
}

static bool linux_advise(void *user, void *at, size_t bytes, enum vfa__advice advice)
{
    (void)user;
    static const int code[] = {
        [VFA__ADVICE_HUGE] = MADV_HUGEPAGE,
        [VFA__ADVICE_PRESENT] = MADV_POPULATE_WRITE,
        [VFA__ADVICE_YIELD] = MADV_FREE,
    };
    return madvise(at, bytes, code[advice]) == 0;
}

/* Preferred, not bound: a node whose memory is used up would otherwise be the end of the process. */
static bool linux_bind(void *user, void *at, size_t bytes, unsigned int node)
{
    (void)user;
    unsigned long nodes[NODES_MAX / WORD_BITS] = {0};
    if (node >= NODES_MAX)
        return false;
    nodes[node / WORD_BITS] = 1ul << node % WORD_BITS;
    /* The system looks at one bit less than it is told of. */
    return syscall(SYS_mbind, at, bytes, (unsigned long)MPOL_PREFERRED, nodes, NODES_MAX + 1ul, 0ul) == 0;
}

static bool linux_forbid(void *user, void *at, size_t bytes)
{
    (void)user;
    return mprotect(at, bytes, PROT_NONE) == 0;
}

static bool linux_has_huge_pages(void *user)
{
    (void)user;
    char text[64] = "";
    int fd = open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    return length > 0 && !strstr(text, "[never]") && prctl(PR_GET_THP_DISABLE, 0ul, 0ul, 0ul, 0ul) == 0;
}

struct vfa__map_api vfa__map_api_system(void)
{
    long page_bytes = sysconf(_SC_PAGESIZE);
    return (struct vfa__map_api){
        .page_bytes = page_bytes > 0 ? (size_t)page_bytes : 0,
        .map = linux_map,
        .unmap = linux_unmap,
        .advise = linux_advise,
        .bind = linux_bind,
        .forbid = linux_forbid,
        .has_huge_pages = linux_has_huge_pages,
    };
}
