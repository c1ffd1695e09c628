/* Memory managers: the application's own sees every byte, its hooks are honoured. */
#include "fixture.h"

#include <memory/gate.h>

struct hooks {
    struct test_memory memory;
    long seen, gone;
    enum vfa_memory_use refuse;
    int refusing;
};

static void *hooks_allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    return test_memory_allocate(&((struct hooks *)user)->memory, bytes, alignment, use);
}

static void hooks_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    test_memory_release(&((struct hooks *)user)->memory, block, bytes, use);
}

static mfxStatus hooks_on_allocate(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    struct hooks *hooks = user;
    assert_non_null(block);
    assert_true(bytes > 0);
    if (hooks->refusing && use == hooks->refuse)
        return MFX_ERR_DEVICE_FAILED;
    hooks->seen++;
    return MFX_ERR_NONE;
}

static void hooks_on_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    (void)block, (void)bytes, (void)use;
    ((struct hooks *)user)->gone++;
}

static void hooks_see_every_block_and_may_refuse_it(void **state)
{
    (void)state;
    struct hooks hooks;
    memset(&hooks, 0, sizeof hooks);
    (void)test_memory_manager(&hooks.memory);
    struct vfa_memory manager = {.size = sizeof manager,
                                 .user = &hooks,
                                 .allocate = hooks_allocate,
                                 .release = hooks_release,
                                 .on_allocate = hooks_on_allocate,
                                 .on_release = hooks_on_release};
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    config.memory = &manager;
    struct vfa_allocator *a;
    assert_int_equal(vfa_allocator_create(&a, &config), MFX_ERR_NONE);
    mfxFrameAllocator *mfx = vfa_allocator_mfx(a);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 64, 2, 2);
    mfxFrameAllocResponse response;
    hooks.refusing = 1;
    hooks.refuse = VFA_MEMORY_FRAME;
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &response), MFX_ERR_MEMORY_ALLOC);
    hooks.refusing = 0;
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &response), MFX_ERR_NONE);
    assert_int_equal(hooks.seen - hooks.gone, atomic_load(&hooks.memory.live_blocks));
    assert_int_equal(mfx->Free(mfx->pthis, &response), MFX_ERR_NONE);
    vfa_allocator_destroy(&a);
    assert_int_equal(hooks.seen, hooks.gone);
    assert_int_equal(atomic_load(&hooks.memory.live_blocks), 0);
}

static void *misaligned_allocate(void *user, size_t bytes, size_t alignment, enum vfa_memory_use use)
{
    (void)alignment, (void)use;
    *(void **)user = malloc(bytes + 1);
    return *(char **)user + 1;
}

static void misaligned_release(void *user, void *block, size_t bytes, enum vfa_memory_use use)
{
    (void)bytes, (void)use;
    assert_ptr_equal(block, *(char **)user + 1);
    free(*(void **)user);
}

static void a_block_that_is_not_aligned_is_not_used(void **state)
{
    (void)state;
    void *raw;
    struct vfa_memory manager = {
        .size = sizeof manager, .user = &raw, .allocate = misaligned_allocate, .release = misaligned_release};
    struct vfa__gate gate;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_NONE);
    assert_null(vfa__gate_allocate(&gate, 100, 64, VFA_MEMORY_BOOK));
    assert_int_equal(atomic_load(&gate.bytes[VFA_MEMORY_BOOK]), 0);
}

static void the_gate_counts_and_zeroes(void **state)
{
    (void)state;
    struct test_memory memory;
    struct vfa_memory manager = test_memory_manager(&memory); /* its blocks come dirty */
    struct vfa__gate gate;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_NONE);
    unsigned char *a = vfa__gate_allocate(&gate, 1000, 1, VFA_MEMORY_BOOK);
    unsigned char *b = vfa__gate_allocate(&gate, 500, 4096, VFA_MEMORY_FRAME);
    assert_int_equal((uintptr_t)b % 4096, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(a[i], 0);
    assert_int_equal(atomic_load(&gate.bytes[VFA_MEMORY_BOOK]), 1000);
    assert_int_equal(atomic_load(&gate.bytes[VFA_MEMORY_FRAME]), 500);
    vfa__gate_release(&gate, a, 1000, VFA_MEMORY_BOOK);
    vfa__gate_release(&gate, NULL, 7, VFA_MEMORY_BOOK);
    vfa__gate_release(&gate, b, 500, VFA_MEMORY_FRAME);
    assert_int_equal(atomic_load(&gate.bytes[VFA_MEMORY_BOOK]), 0);
    assert_int_equal(atomic_load(&gate.peak_bytes[VFA_MEMORY_BOOK]), 1000);
    assert_int_equal(atomic_load(&memory.live_blocks), 0);
}

static void a_manager_must_be_complete(void **state)
{
    (void)state;
    struct vfa__gate gate;
    struct vfa_memory manager = *vfa_memory_default();
    manager.release = NULL;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_NULL_PTR);
    manager = *vfa_memory_default();
    manager.size--;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_INVALID_VIDEO_PARAM);
}

static void no_configuration_is_system_memory_of_the_heap(void **state)
{
    (void)state;
    struct vfa_allocator *a = NULL;
    assert_int_equal(vfa_allocator_create(&a, NULL), MFX_ERR_NONE);
    mfxFrameAllocator *mfx = vfa_allocator_mfx(a);
    mfxFrameAllocRequest request = request_of(MFX_FOURCC_NV12, 64, 32, 1, 1);
    mfxFrameAllocResponse response = {0};
    mfxFrameData data = {0};
    assert_int_equal(mfx->Alloc(mfx->pthis, &request, &response), MFX_ERR_NONE);
    assert_int_equal(mfx->Lock(mfx->pthis, response.mids[0], &data), MFX_ERR_NONE);
    memset(data.Y, 0x55, 64);
    assert_int_equal(mfx->Unlock(mfx->pthis, response.mids[0], &data), MFX_ERR_NONE);
    assert_int_equal(mfx->Free(mfx->pthis, &response), MFX_ERR_NONE);
    vfa_allocator_destroy(&a);
    assert_null(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_see_every_block_and_may_refuse_it),
        cmocka_unit_test(a_block_that_is_not_aligned_is_not_used),
        cmocka_unit_test(the_gate_counts_and_zeroes),
        cmocka_unit_test(a_manager_must_be_complete),
        cmocka_unit_test(no_configuration_is_system_memory_of_the_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
