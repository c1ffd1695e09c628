/* The default memory manager: the C library's aligned heap. */
#include <stdlib.h>
#include <vfa/memory.h>

static void *heap_allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    (void)user, (void)use;
    void *block = NULL;
    return posix_memalign(&block, alignment, bytes) ? NULL : block;
}

static void heap_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    (void)user, (void)bytes, (void)use;
    free(block);
}

const struct vfa_memory *vfa_memory_default(void)
{
    static const struct vfa_memory heap = {
        .size = sizeof(struct vfa_memory),
        .allocate = heap_allocate,
        .release = heap_release,
    };
    return &heap;
}
