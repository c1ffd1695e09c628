/* One mapping of host memory: aligned, in huge pages, on a node, present, as far as the system grants it.
 *
 * Only the memory itself can fail. A wish that is not granted costs nothing and says so in `got`. */
#ifndef VFA_MEMORY_MAPPING_H
#define VFA_MEMORY_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VFA__HUGE_BYTES ((size_t)2 << 20)

/* What may be asked for, and what was got. */
enum vfa__mapping_trait {
    VFA__MAPPING_HUGE = 1,    /* transparent huge pages; got: advised, and the system has them enabled */
    VFA__MAPPING_HUGETLB = 2, /* of the pool that the administrator set aside */
    VFA__MAPPING_PRESENT = 4, /* every page is there before its first use */
    VFA__MAPPING_ON_NODE = 8, /* from the memory of a NUMA node, as long as it has some */
};

enum vfa__advice {
    VFA__ADVICE_HUGE,
    VFA__ADVICE_PRESENT,
    VFA__ADVICE_YIELD, /* the system may take pages that nobody has written since, and give empty ones later
                        */
};

/* The system's calls, so that a test can count and refuse them. Each answers whether it was done. */
struct vfa__map_api {
    void *user;
    size_t page_bytes; /* 0: not known, and nothing can be mapped */
    /* Readable, writable, private. NULL: refused. */
    void *(*map)(void *user, size_t bytes, bool hugetlb);
    bool (*unmap)(void *user, void *at, size_t bytes);
    bool (*advise)(void *user, void *at, size_t bytes, enum vfa__advice advice);
    bool (*bind)(void *user, void *at, size_t bytes, unsigned int node);
    bool (*forbid)(void *user, void *at, size_t bytes); /* every access */
    bool (*has_huge_pages)(void *user);                 /* transparent ones, for those who ask */
};

/* Linux's own. */
struct vfa__map_api vfa__map_api_system(void);

struct vfa__map_order {
    size_t bytes;
    size_t alignment; /* a power of two */
    unsigned int want;
    unsigned int node;
};

struct vfa__mapping {
    unsigned char *base; /* aligned */
    unsigned char *map;  /* all that is mapped */
    size_t map_bytes;
    unsigned int got;
};

/* False: no memory, and *out is zeroed. */
bool vfa__mapping_make(const struct vfa__map_api *api, const struct vfa__map_order *order,
                       struct vfa__mapping *out);

void vfa__mapping_end(const struct vfa__map_api *api, struct vfa__mapping *mapping);

#endif
