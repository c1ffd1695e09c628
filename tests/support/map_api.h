/* The system's calls under a mapping, counted, and refused when a test says so. */
#ifndef VFA_TEST_MAP_API_H
#define VFA_TEST_MAP_API_H

#include "memory/mapping.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

struct test_map {
    struct vfa__map_api real;
    atomic_size_t live_bytes;
    atomic_int maps, unmaps, advices, yields, binds, forbids;
    size_t refuse_map_from; /* mappings so large are refused; 0: none */
    int refuse_maps;        /* so many mappings are */
    bool refuse_unmap, refuse_huge, refuse_present, refuse_bind, refuse_forbid, refuse_yield;
    bool takes_pages; /* that are left to the system: at once, as if it were short of memory */
    bool has_hugetlb; /* as ordinary memory, aligned by chance only */
    bool no_huge_pages;
    bool hugetlb_unaligned; /* an end was unmapped that is no whole huge page */
};

static inline void *test_map_map(void *user, size_t bytes, bool hugetlb)
{
    struct test_map *t = user;
    atomic_fetch_add(&t->maps, 1);
    if (hugetlb && !t->has_hugetlb)
        return NULL;
    if (t->refuse_maps && t->refuse_maps--)
        return NULL;
    if (bytes > (size_t)1 << 40) /* sanitizers do not check for that */
        return NULL;
    if (t->refuse_map_from && bytes >= t->refuse_map_from)
        return NULL;
    void *at = t->real.map(t->real.user, bytes, false);
    if (at)
        atomic_fetch_add(&t->live_bytes, bytes);
    return at;
}

static inline bool test_map_unmap(void *user, void *at, size_t bytes)
{
    struct test_map *t = user;
    atomic_fetch_add(&t->unmaps, 1);
    if (t->refuse_unmap || !t->real.unmap(t->real.user, at, bytes))
        return false;
    if (t->has_hugetlb && bytes % VFA__HUGE_BYTES)
        t->hugetlb_unaligned = true;
    atomic_fetch_sub(&t->live_bytes, bytes);
    return true;
}

static inline bool test_map_advise(void *user, void *at, size_t bytes, enum vfa__advice advice)
{
    struct test_map *t = user;
    atomic_fetch_add(&t->advices, 1);
    atomic_fetch_add(&t->yields, advice == VFA__ADVICE_YIELD);
    if (advice == VFA__ADVICE_HUGE      ? t->refuse_huge
        : advice == VFA__ADVICE_PRESENT ? t->refuse_present
                                        : t->refuse_yield)
        return false;
    if (advice == VFA__ADVICE_YIELD && t->takes_pages)
        return madvise(at, bytes, MADV_DONTNEED) == 0;
    (void)t->real.advise(t->real.user, at, bytes, advice);
    return true;
}

static inline bool test_map_bind(void *user, void *at, size_t bytes, unsigned int node)
{
    struct test_map *t = user;
    (void)at, (void)bytes, (void)node;
    atomic_fetch_add(&t->binds, 1);
    return !t->refuse_bind;
}

static inline bool test_map_forbid(void *user, void *at, size_t bytes)
{
    struct test_map *t = user;
    atomic_fetch_add(&t->forbids, 1);
    return !t->refuse_forbid && t->real.forbid(t->real.user, at, bytes);
}

static inline bool test_map_has_huge_pages(void *user)
{
    return !((struct test_map *)user)->no_huge_pages;
}

static inline struct vfa__map_api test_map_api(struct test_map *t)
{
    memset(t, 0, sizeof *t);
    t->real = vfa__map_api_system();
    return (struct vfa__map_api){
        .user = t,
        .page_bytes = t->real.page_bytes,
        .map = test_map_map,
        .unmap = test_map_unmap,
        .advise = test_map_advise,
        .bind = test_map_bind,
        .forbid = test_map_forbid,
        .has_huge_pages = test_map_has_huge_pages,
    };
}

#endif
