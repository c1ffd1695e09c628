/* Submissions to the shim, through raw ioctls: which commands it performs, and where it stores. */
#include "node.h"

enum {
    PAGE = 4096
};

/* Commands, in words; encodings as in the command reference of Intel's Programmer's Reference Manuals. */
#define BATCH_BUFFER_END       (0x0au << 23)
#define STORE_DATA_IMM         (0x20u << 23 | 2)
#define STORE_DATA_IMM_64      (0x20u << 23 | 1u << 21 | 3)
#define LOAD_REGISTER_IMM      (0x22u << 23 | 1)
#define STORE_REGISTER_MEM     (0x24u << 23 | 2)
#define FLUSH_DW_STORE         (0x26u << 23 | 1u << 14 | 3)
#define LOAD_REGISTER_MEM      (0x29u << 23 | 2)
#define LOAD_REGISTER_REG      (0x2au << 23 | 1)
#define COPY_MEM_MEM           (0x2eu << 23 | 3)
#define ATOMIC_ADD_INLINE      (0x2fu << 23 | 1u << 18 | 0x07u << 8 | 9)
#define ATOMIC_ADD             (0x2fu << 23 | 0x07u << 8 | 1)
#define CHAINED_BATCH          (0x31u << 23 | 1)
#define CALLED_BATCH           (0x31u << 23 | 1u << 22 | 1)
#define MATH(words)            (0x1au << 23 | ((words)-1))
#define ALU(operation, to, of) ((uint32_t)(operation) << 20 | (uint32_t)(to) << 10 | (uint32_t)(of))
#define PIPE_CONTROL           (0x7a000000u | 4)
#define PIPE_CONTROL_STORE     (1u << 14)
#define GPR(n)                 (0x2600u + 8u * (n)) /* of the render engine */
#define CODED_BYTES            0x1c08a0u            /* of the first video engine */

/* A batch that is being written, with one buffer that it stores to. */
struct batch {
    int node;
    uint32_t commands, target;
    uint32_t words[PAGE / 4];
    uint32_t count;
    struct drm_i915_gem_relocation_entry relocations[32];
    uint32_t relocation_count;
};

static void batch_open(struct batch *b)
{
    *b = (struct batch){.node = node_open()};
    b->commands = buffer_create(b->node, PAGE);
    b->target = buffer_create(b->node, PAGE);
}

static void batch_close(struct batch *b)
{
    close(b->node);
}

static void put(struct batch *b, uint32_t word)
{
    assert_true(b->count < PAGE / 4);
    b->words[b->count++] = word;
}

/* The address of a buffer's byte, which the kernel puts in. */
static void put_address(struct batch *b, uint32_t handle, uint32_t offset)
{
    b->relocations[b->relocation_count++] = (struct drm_i915_gem_relocation_entry){
        .target_handle = handle, .delta = offset, .offset = b->count * 4};
    put(b, 0);
    put(b, 0);
}

static int submit(struct batch *b)
{
    put(b, BATCH_BUFFER_END);
    assert_int_equal(buffer_write(b->node, b->commands, 0, b->words, b->count * 4), 0);
    struct drm_i915_gem_exec_object2 objects[] = {
        {.handle = b->target},
        {.handle = b->commands,
         .relocs_ptr = (uintptr_t)b->relocations,
         .relocation_count = b->relocation_count},
    };
    struct drm_i915_gem_execbuffer2 e = {.buffers_ptr = (uintptr_t)objects, .buffer_count = 2};
    int error = node_call(b->node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e);
    b->count = b->relocation_count = 0;
    return error;
}

static uint32_t stored(const struct batch *b, uint32_t offset)
{
    uint32_t word;
    assert_int_equal(buffer_read(b->node, b->target, offset, &word, sizeof word), 0);
    return word;
}

static void completion_tags_are_stored(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    put(&b, STORE_DATA_IMM);
    put_address(&b, b.target, 0);
    put(&b, 11);
    put(&b, STORE_DATA_IMM_64);
    put_address(&b, b.target, 8);
    put(&b, 12);
    put(&b, 13);
    put(&b, FLUSH_DW_STORE);
    put_address(&b, b.target, 16);
    put(&b, 14);
    put(&b, 15);
    put(&b, PIPE_CONTROL);
    put(&b, PIPE_CONTROL_STORE);
    put_address(&b, b.target, 24);
    put(&b, 16);
    put(&b, 17);
    put(&b, PIPE_CONTROL);
    put(&b, 0); /* with nothing to store */
    put_address(&b, b.target, 32);
    put(&b, 18);
    put(&b, 19);
    assert_int_equal(submit(&b), 0);
    static const uint32_t expected[] = {11, 0, 12, 13, 14, 15, 16, 17, 0, 0};
    for (uint32_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(stored(&b, 4 * i), expected[i]);
    batch_close(&b);
}

static void registers_are_loaded_calculated_with_and_stored(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    assert_int_equal(buffer_write(b.node, b.target, 64, &(uint32_t){30}, 4), 0);
    put(&b, LOAD_REGISTER_IMM);
    put(&b, GPR(0));
    put(&b, 12);
    put(&b, LOAD_REGISTER_MEM);
    put(&b, GPR(1));
    put_address(&b, b.target, 64);
    put(&b, MATH(8)); /* r4 = borrow of r0 - r1, r2 = r1 - r0 */
    put(&b, ALU(0x080, 0x20, 0));
    put(&b, ALU(0x080, 0x21, 1));
    put(&b, ALU(0x101, 0, 0));
    put(&b, ALU(0x180, 4, 0x33));
    put(&b, ALU(0x080, 0x20, 1));
    put(&b, ALU(0x080, 0x21, 0));
    put(&b, ALU(0x101, 0, 0));
    put(&b, ALU(0x180, 2, 0x31));
    put(&b, LOAD_REGISTER_REG);
    put(&b, GPR(2));
    put(&b, GPR(3));
    put(&b, STORE_REGISTER_MEM);
    put(&b, GPR(3));
    put_address(&b, b.target, 0);
    put(&b, STORE_REGISTER_MEM);
    put(&b, GPR(4));
    put_address(&b, b.target, 8);
    put(&b, COPY_MEM_MEM);
    put_address(&b, b.target, 4);
    put_address(&b, b.target, 0);
    assert_int_equal(submit(&b), 0);
    assert_int_equal(stored(&b, 0), 18);
    assert_int_equal(stored(&b, 4), 18);
    assert_int_equal(stored(&b, 8), 0xffffffff);
    batch_close(&b);
}

static void atomics_add_to_memory(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    assert_int_equal(buffer_write(b.node, b.target, 0, &(uint32_t){40}, 4), 0);
    put(&b, ATOMIC_ADD_INLINE);
    put_address(&b, b.target, 0);
    put(&b, 2);
    for (int i = 0; i < 7; i++)
        put(&b, 0);
    put(&b, LOAD_REGISTER_IMM);
    put(&b, GPR(0));
    put(&b, 100);
    put(&b, ATOMIC_ADD);
    put_address(&b, b.target, 0);
    assert_int_equal(submit(&b), 0);
    assert_int_equal(stored(&b, 0), 142);
    batch_close(&b);
}

static void an_encoded_picture_has_a_length(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    put(&b, STORE_REGISTER_MEM);
    put(&b, CODED_BYTES);
    put_address(&b, b.target, 0);
    assert_int_equal(submit(&b), 0);
    assert_int_equal(stored(&b, 0), 1024);
    batch_close(&b);
}

static void batches_call_and_chain_others(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    /* In the target itself: at 256 a batch that is called, at 512 one that is chained; a store in each.
     * Pinned. */
    const uint32_t base = 0x100000;
    const uint32_t called[] = {STORE_DATA_IMM, base, 0, 1, BATCH_BUFFER_END};
    const uint32_t chained[] = {STORE_DATA_IMM, base + 4, 0, 2, BATCH_BUFFER_END};
    const uint32_t first[] = {CALLED_BATCH, base + 256, 0, CHAINED_BATCH,   base + 512, 0, STORE_DATA_IMM,
                              base + 8,     0,          3, BATCH_BUFFER_END};
    assert_int_equal(buffer_write(b.node, b.target, 256, called, sizeof called), 0);
    assert_int_equal(buffer_write(b.node, b.target, 512, chained, sizeof chained), 0);
    assert_int_equal(buffer_write(b.node, b.commands, 64, first, sizeof first), 0);
    struct drm_i915_gem_exec_object2 objects[] = {
        {.handle = b.commands, .offset = 0x200000, .flags = EXEC_OBJECT_PINNED},
        {.handle = b.target, .offset = base, .flags = EXEC_OBJECT_PINNED},
    };
    struct drm_i915_gem_execbuffer2 e = {.buffers_ptr = (uintptr_t)objects,
                                         .buffer_count = 2,
                                         .batch_start_offset = 64,
                                         .flags = I915_EXEC_BATCH_FIRST};
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), 0);
    assert_int_equal(stored(&b, 0), 1);
    assert_int_equal(stored(&b, 4), 2);
    assert_int_equal(stored(&b, 8), 0); /* a chained batch does not come back */
    batch_close(&b);
}

static void stores_outside_of_the_buffers_go_nowhere(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    put(&b, STORE_DATA_IMM);
    put(&b, 0x12340000);
    put(&b, 0);
    put(&b, 1);
    put(&b, STORE_DATA_IMM_64); /* half of it past the end */
    put_address(&b, b.target, PAGE - 4);
    put(&b, 2);
    put(&b, 3);
    put(&b, STORE_DATA_IMM);
    put_address(&b, b.target, 0);
    put(&b, 4);
    assert_int_equal(submit(&b), 0);
    assert_int_equal(stored(&b, PAGE - 4), 0);
    assert_int_equal(stored(&b, 0), 4);
    batch_close(&b);
}

static void commands_without_an_end_end(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    const uint32_t loop[] = {CHAINED_BATCH, 0x200000, 0}, zeros[PAGE / 4] = {0};
    struct drm_i915_gem_exec_object2 object = {
        .handle = b.commands, .offset = 0x200000, .flags = EXEC_OBJECT_PINNED};
    struct drm_i915_gem_execbuffer2 e = {.buffers_ptr = (uintptr_t)&object, .buffer_count = 1};
    assert_int_equal(buffer_write(b.node, b.commands, 0, loop, sizeof loop), 0);
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), 0);
    assert_int_equal(buffer_write(b.node, b.commands, 0, zeros, sizeof zeros), 0);
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), 0);
    const uint32_t cut = STORE_DATA_IMM;
    assert_int_equal(buffer_write(b.node, b.commands, PAGE - 4, &cut, 4), 0);
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), 0);
    batch_close(&b);
}

static void a_wrong_submission_is_refused(void **state)
{
    (void)state;
    struct batch b;
    batch_open(&b);
    put(&b, STORE_DATA_IMM);
    put_address(&b, 999, 0); /* a relocation to a buffer that the submission does not have */
    put(&b, 1);
    assert_int_equal(submit(&b), ENOENT);
    b.relocations[0] = (struct drm_i915_gem_relocation_entry){.target_handle = b.target, .offset = PAGE - 4};
    b.relocation_count = 1;
    assert_int_equal(submit(&b), EINVAL);
    struct drm_i915_gem_exec_object2 object = {.handle = 999};
    struct drm_i915_gem_execbuffer2 e = {.buffers_ptr = (uintptr_t)&object, .buffer_count = 1};
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), ENOENT);
    e.buffer_count = 0;
    assert_int_equal(node_call(b.node, DRM_IOCTL_I915_GEM_EXECBUFFER2, &e), EINVAL);
    batch_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(completion_tags_are_stored),
        cmocka_unit_test(registers_are_loaded_calculated_with_and_stored),
        cmocka_unit_test(atomics_add_to_memory),
        cmocka_unit_test(an_encoded_picture_has_a_length),
        cmocka_unit_test(batches_call_and_chain_others),
        cmocka_unit_test(stores_outside_of_the_buffers_go_nowhere),
        cmocka_unit_test(commands_without_an_end_end),
        cmocka_unit_test(a_wrong_submission_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
