/* Where host bytes come from. Every byte of host memory that the library uses, pixels and bookkeeping alike,
 * is asked of one such manager, so that an application can count, place, pin or refuse it. */
#ifndef VFA_MEMORY_H
#define VFA_MEMORY_H

#include <vfa/defs.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a block is for. */
enum vfa_memory_use {
    VFA_MEMORY_BOOK = 0,  /* the library's own records: small */
    VFA_MEMORY_FRAME = 1, /* pixels */
};

/* A memory manager. The library copies the struct; `user` must outlive every object created with it.
 * Its functions are called from any thread that calls the library, several at once, and with no lock of the
 * library held; but by VA backends (va.h) with that of the frame which is being locked, or while they find
 * out about surfaces or import a dma-buf. They must not call back into the object that called them, nor into
 * the backend that it calls. */
struct vfa_memory {
    size_t size; /* sizeof(struct vfa_memory), for later extension */
    void *user;

    /* `bytes` (> 0) at an address that is a multiple of `alignment` (a power of two, at least sizeof(void
     * *)); contents undefined. NULL when there is no memory: the library then fails the call or makes do with
     * less. */
    void *(*allocate)(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use);

    /* Gives back a block that allocate returned, with the same `bytes` and `use`. Never NULL. */
    void (*release)(void *user, void *block, size_t bytes, enum vfa_memory_use use);

    /* Optional. Sees each new block before the library uses it: to pin it, register it with a device, name
     * it. Anything but MFX_ERR_NONE refuses the block, which goes straight back through release. */
    mfxStatus (*on_allocate)(void *user, void *block, size_t bytes, enum vfa_memory_use use);

    /* Optional. Sees each block that on_allocate accepted just before release. */
    void (*on_release)(void *user, void *block, size_t bytes, enum vfa_memory_use use);
};

/* The default manager: the C library's aligned heap. Static storage, any thread. */
VFA_API const struct vfa_memory *vfa_memory_default(void);

/* ---- frames of an allocator that has no manager of its own ----
 *
 * The system backend then takes the memory of a frame set as one mapping, in huge pages where the system
 * grants them, and keeps it for a while after the set has ended, for the next one of the same shape. The
 * pages of what has been idle for some of that time may be taken by the system when it is short of memory
 * (MADV_FREE). What is asked for and not granted is done without; the statistics say what was got. */

enum vfa_frame_memory_flag {
    VFA_FRAME_MEMORY_SMALL_PAGES = 1, /* no huge pages */
    /* Of the pool of huge pages that the administrator set aside; the set's end is rounded up to a whole one.
     */
    VFA_FRAME_MEMORY_HUGETLB = 2,
    VFA_FRAME_MEMORY_PRESENT = 4, /* Alloc takes the time for every page, not the first use of each */
    /* For debugging: a page that nobody may touch before the first frame and behind each, small pages only.
     */
    VFA_FRAME_MEMORY_GUARDS = 8,
    VFA_FRAME_MEMORY_ON_NODE = 16,   /* from the NUMA node `node`, as long as that has memory left */
    VFA_FRAME_MEMORY_KEEP_NONE = 32, /* nothing is kept: the end of a set is that of its memory */
};

struct vfa_frame_memory {
    unsigned int flags; /* enum vfa_frame_memory_flag; 0: the defaults */
    unsigned int node;
    size_t keep_bytes; /* most bytes kept of sets that ended; 0: 256 MiB */
    /* How long at most, looked at whenever frames are allocated, freed or trimmed; 0: 10,000 ms */
    uint32_t keep_ms;
    /* After how long the system may take its pages, looked at whenever frames are allocated or freed; 0:
     * 1,000 ms. With VFA_FRAME_MEMORY_PRESENT it never may. */
    uint32_t yield_ms;
};

struct vfa_frame_memory_stats {
    uint64_t sets;     /* that got memory, since the allocator was made */
    uint64_t recycled; /* of these, with memory that was kept */
    uint64_t kept_sets;
    uint64_t kept_bytes;
    uint64_t yielded_bytes; /* of these: the system may take their pages when it is short of memory */
    uint64_t mapped_bytes;  /* now, kept ones included; and of these: */
    uint64_t huge_bytes;    /* for the system to fill with huge pages, which it has enabled */
    uint64_t hugetlb_bytes; /* in pages of the administrator's pool */
    uint64_t present_bytes; /* of which every page was made present */
    uint64_t node_bytes;    /* from the node that was asked for */
    uint64_t guards;        /* pages that nobody may touch */
};

#ifdef __cplusplus
}
#endif

#endif
