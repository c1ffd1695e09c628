/* The frame store: the pixels of a frame set in one mapping, kept for a while after their end, for the next
 * set of the same shape.
 *
 * An extent is in one place: handed out, or kept. Kept ones are under two limits, of their bytes and of their
 * age; there is no clock of the store's own, so age is looked at whenever something is handed out, comes back
 * or is trimmed. What has been idle for a while is left to the system: it may take the pages when it is short
 * of memory, and whoever gets the extent next finds empty ones in their place, at the cost of their faults.
 * That is not done at once, because the next set of the shape mostly comes soon. Nobody may touch a kept
 * extent, and sanitizers are told so. */
#ifndef VFA_MEMORY_STORE_H
#define VFA_MEMORY_STORE_H

#include "memory/gate.h"
#include "memory/mapping.h"

#include <pthread.h>

/* The most extents that are kept, however small. */
#define VFA__KEPT_MAX 64u

/* What a set's memory has to be. */
struct vfa__shape {
    size_t frame_bytes;
    size_t alignment;
    size_t count;
};

/* The memory of a set: frame i lies at base + i * stride. */
struct vfa__extent {
    struct vfa__extent *next; /* of the kept ones; guarded by the store's lock */
    struct vfa__shape shape;
    struct vfa__mapping mapping;
    unsigned char *base;
    size_t stride;
    size_t guards;
    uint64_t idle_since_ns; /* guarded by the store's lock */
    bool offered;           /* the system was told that it may take the pages, */
    bool yielded;           /* and takes them when it needs some; both guarded by the store's lock */
};

struct vfa__store {
    struct vfa__gate *gate; /* for records, and to count frames */
    struct vfa__map_api api;
    struct vfa_frame_memory options; /* with the defaults filled in */
    unsigned int want;               /* enum vfa__mapping_trait */
    bool guarded;                    /* with pages that nobody may touch */
    bool spaced;                     /* with room for them */
    size_t limit_bytes;              /* of what is handed out and kept together */
    pthread_mutex_t lock;     /* guards what follows. Never held over a call of the system or the gate */
    struct vfa__extent *kept; /* the youngest first */
    size_t kept_count;
    size_t kept_bytes;
    size_t used_bytes; /* handed out */
    struct vfa_frame_memory_stats stats;
};

/* MFX_ERR_INVALID_VIDEO_PARAM: flags that are none. */
mfxStatus vfa__store_check(const struct vfa_frame_memory *options);

/* `options`: checked. `api`: copied; NULL: the system's. MFX_ERR_MEMORY_ALLOC. */
mfxStatus vfa__store_init(struct vfa__store *store, struct vfa__gate *gate,
                          const struct vfa_frame_memory *options, size_t limit_bytes,
                          const struct vfa__map_api *api);

/* All extents have come back. */
void vfa__store_finish(struct vfa__store *store);

/* Memory of that shape, contents undefined. NULL: there is none. */
struct vfa__extent *vfa__store_take(struct vfa__store *store, const struct vfa__shape *shape);

/* `keep`: for the next one. */
void vfa__store_give(struct vfa__store *store, struct vfa__extent *extent, bool keep);

/* Ends what has been kept for at least `idle_ms`. The bytes. */
size_t vfa__store_trim(struct vfa__store *store, uint32_t idle_ms);

/* Leaves the pages of what has been kept for at least `idle_ms` to the system, should it need them. The
 * bytes.
 */
size_t vfa__store_yield(struct vfa__store *store, uint32_t idle_ms);

void vfa__store_stats(struct vfa__store *store, struct vfa_frame_memory_stats *out);

#endif
