/* The one gate through which an object gets all its host memory: counted, checked, from the application's
 * manager. */
#ifndef VFA_MEMORY_GATE_H
#define VFA_MEMORY_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <vfa/memory.h>

/* Bytes and blocks in use by purpose, and the most there have been. */
struct vfa__gate {
    struct vfa_memory memory;
    atomic_size_t bytes[2];
    atomic_size_t peak_bytes[2];
};

/* `memory` NULL: the default. MFX_ERR_NULL_PTR: allocate or release missing, or one of the optional pair
 * without the other is fine; MFX_ERR_INVALID_VIDEO_PARAM: its size is not known. */
mfxStatus vfa__gate_init(struct vfa__gate *gate, const struct vfa_memory *memory);

/* A block, zeroed when it is VFA_MEMORY_BOOK, or NULL. */
void *vfa__gate_allocate(struct vfa__gate *gate, size_t bytes, size_t alignment, enum vfa_memory_use use);

/* Counts memory that came past the manager: in use, or no more. */
void vfa__gate_count(struct vfa__gate *gate, size_t bytes, enum vfa_memory_use use, bool in_use);

/* Accepts NULL. `bytes` as allocated. */
void vfa__gate_release(struct vfa__gate *gate, void *block, size_t bytes, enum vfa_memory_use use);

#endif
