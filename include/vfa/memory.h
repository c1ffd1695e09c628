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

#ifdef __cplusplus
}
#endif

#endif
