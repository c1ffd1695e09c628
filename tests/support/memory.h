/* A memory manager for tests: counts blocks, checks that each comes back as it went out, and fails the n-th
 * request. */
#ifndef VFA_TEST_MEMORY_H
#define VFA_TEST_MEMORY_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <vfa/memory.h>

struct test_memory {
    atomic_long live_blocks;
    atomic_long live_bytes;
    atomic_long requests;
    long fail_at;           /* 1: the next request fails; 0: none does */
    int fail_all_after;     /* from fail_at on, all fail */
    long fail_frames_after; /* so many frame blocks succeed, all later ones fail; -1: none fails */
    atomic_long frame_requests;
    atomic_long mismatches; /* released with another size or use than allocated */
};

struct test_block_head {
    size_t bytes;
    enum vfa_memory_use use;
    void *raw;
};

static inline void *test_memory_allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    struct test_memory *m = user;
    long n = atomic_fetch_add(&m->requests, 1) + 1;
    if (m->fail_at && (n == m->fail_at || (m->fail_all_after && n > m->fail_at)))
        return NULL;
    if (use == VFA_MEMORY_FRAME && m->fail_frames_after >= 0 &&
        atomic_fetch_add(&m->frame_requests, 1) >= m->fail_frames_after)
        return NULL;
    if (bytes > (size_t)1 << 40) /* sanitizers abort on such a malloc */
        return NULL;
    unsigned char *raw = malloc(bytes + alignment + sizeof(struct test_block_head));
    if (!raw)
        return NULL;
    uintptr_t start = (uintptr_t)raw + sizeof(struct test_block_head);
    start = (start + alignment - 1) & ~(uintptr_t)(alignment - 1);
    unsigned char *block = raw + (start - (uintptr_t)raw);
    struct test_block_head head = {bytes, use, raw};
    memcpy(block - sizeof head, &head, sizeof head);
    memset(block, 0xa5, bytes < 4096 ? bytes : 4096);
    atomic_fetch_add(&m->live_blocks, 1);
    atomic_fetch_add(&m->live_bytes, (long)bytes);
    return block;
}

static inline void test_memory_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct test_memory *m = user;
    struct test_block_head head;
    memcpy(&head, (unsigned char *)block - sizeof head, sizeof head);
    if (head.bytes != bytes || head.use != use)
        atomic_fetch_add(&m->mismatches, 1);
    atomic_fetch_sub(&m->live_blocks, 1);
    atomic_fetch_sub(&m->live_bytes, (long)head.bytes);
    free(head.raw);
}

static inline struct vfa_memory test_memory_manager(struct test_memory *m)
{
    memset(m, 0, sizeof *m);
    m->fail_frames_after = -1;
    return (struct vfa_memory){
        .size = sizeof(struct vfa_memory),
        .user = m,
        .allocate = test_memory_allocate,
        .release = test_memory_release,
    };
}

#endif
