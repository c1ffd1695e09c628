/* Buffer objects of the shim, through raw ioctls: their memory, handles, mappings, exports and imports. */
#include "node.h"

#include <linux/dma-buf.h>
#include <pthread.h>

enum {
    PAGE = 4096
};

static void a_new_buffer_has_whole_pages_of_zeros(void **state)
{
    (void)state;
    static const uint8_t zeros[PAGE];
    uint8_t bytes[PAGE];
    int node = node_open();
    struct drm_i915_gem_create c = {.size = PAGE + 1};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_CREATE, &c), 0);
    assert_int_equal(c.size, 2 * PAGE);
    memset(bytes, 0xee, sizeof bytes);
    assert_int_equal(buffer_read(node, c.handle, PAGE, bytes, PAGE), 0);
    assert_memory_equal(bytes, zeros, PAGE);
    uint32_t handle;
    assert_int_equal(buffer_try(node, 0, &handle), EINVAL);
    assert_int_equal(buffer_try(node, (uint64_t)1 << 60, &handle), E2BIG);
    close(node);
}

static void writes_reads_and_all_mappings_see_the_same_bytes(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, 2 * PAGE);
    uint8_t *map = buffer_map(node, handle, 2 * PAGE);
    struct drm_i915_gem_mmap old = {.handle = handle, .offset = PAGE, .size = PAGE};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_MMAP, &old), 0);
    const uint8_t *half = (const uint8_t *)(uintptr_t)old.addr_ptr;
    assert_int_equal(buffer_write(node, handle, PAGE + 1, "abc", 3), 0);
    assert_memory_equal(map + PAGE + 1, "abc", 3);
    assert_memory_equal(half + 1, "abc", 3);
    map[PAGE + 2] = 'x';
    char bytes[3];
    assert_int_equal(buffer_read(node, handle, PAGE + 1, bytes, 3), 0);
    assert_memory_equal(bytes, "axc", 3);
    munmap((void *)(uintptr_t)old.addr_ptr, PAGE);
    munmap(map, 2 * PAGE);
    close(node);
}

static void nothing_reaches_past_a_buffers_end(void **state)
{
    (void)state;
    char bytes[2] = {0};
    int node = node_open();
    uint32_t handle = buffer_create(node, PAGE);
    assert_int_equal(buffer_write(node, handle, PAGE - 1, bytes, 2), EINVAL);
    assert_int_equal(buffer_read(node, handle, UINT64_MAX, bytes, 2), EINVAL);
    struct drm_i915_gem_mmap_offset m = {.handle = handle};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_MMAP_OFFSET, &m), 0);
    assert_ptr_equal(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, node, (off_t)m.offset), MAP_FAILED);
    assert_int_equal(errno, EINVAL);
    close(node);
}

static void a_closed_handle_is_unknown_and_given_out_again(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t first = buffer_create(node, PAGE), second = buffer_create(node, PAGE);
    assert_int_not_equal(first, second);
    assert_int_equal(buffer_close(node, first), 0);
    assert_int_equal(buffer_close(node, first), EINVAL);
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_BUSY, &(struct drm_i915_gem_busy){.handle = first}),
                     ENOENT);
    assert_int_equal(buffer_close(node, 0), EINVAL);
    assert_int_equal(buffer_close(node, 123456), EINVAL);
    assert_int_equal(buffer_create(node, PAGE), first);
    close(node);
}

static bool is_mapped(const char *name)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps))
        found |= strstr(line, name) != NULL;
    fclose(maps);
    return found;
}

static void a_buffer_goes_with_its_last_handle_and_mapping(void **state)
{
    (void)state;
    int node = node_open();
    unsigned before = descriptors();
    uint32_t handle = buffer_create(node, PAGE);
    assert_int_equal(buffer_write(node, handle, 0, "kept", 4), 0);
    uint8_t *map = buffer_map(node, handle, PAGE);
    assert_int_equal(buffer_close(node, handle), 0);
    assert_int_equal(descriptors(), before);
    assert_memory_equal(map, "kept", 4);
    assert_true(is_mapped("memfd:i915"));
    munmap(map, PAGE);
    assert_false(is_mapped("memfd:i915"));
    close(node);
}

static void thousands_of_buffers_leave_nothing(void **state)
{
    (void)state;
    enum {
        COUNT = 5000,
        ROUNDS = 3
    };
    unsigned before = descriptors();
    int node = node_open();
    static uint32_t handles[COUNT];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++) {
            handles[i] = buffer_create(node, PAGE);
            if (i % 10 == 0)
                assert_int_equal(buffer_write(node, handles[i], 0, &i, sizeof i), 0);
        }
        for (int i = 0; i < COUNT; i += 10) {
            int value;
            assert_int_equal(buffer_read(node, handles[i], 0, &value, sizeof value), 0);
            assert_int_equal(value, i);
        }
        for (int i = 0; i < COUNT && round < ROUNDS - 1; i++)
            assert_int_equal(buffer_close(node, handles[i]), 0);
    }
    close(node); /* closes those of the last round */
    assert_int_equal(descriptors(), before);
    assert_false(is_mapped("memfd:i915"));
}

static void buffers_last_until_the_last_descriptor_of_the_node(void **state)
{
    (void)state;
    unsigned before = descriptors();
    int node = node_open(), copy = dup(node), other = fcntl(node, F_DUPFD_CLOEXEC, 0),
        moved = dup2(node, other + 1);
    uint32_t handle = buffer_create(node, PAGE);
    char byte;
    close(node);
    close(copy);
    close(other);
    assert_int_equal(buffer_read(moved, handle, 0, &byte, 1), 0);
    close(moved);
    assert_int_equal(descriptors(), before);
    assert_int_equal(buffer_read(moved, handle, 0, &byte, 1), EBADF);
}

static void a_descriptor_that_is_replaced_is_the_nodes_no_more(void **state)
{
    (void)state;
    int node = node_open(), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    unsigned before = descriptors();
    uint32_t handle = buffer_create(node, PAGE);
    assert_int_equal(dup2(null, node), node);
    assert_int_equal(descriptors(), before);
    assert_int_equal(buffer_close(node, handle), ENOTTY);
    close(null);
    close(node);
}

static void two_opens_of_the_node_have_handles_of_their_own(void **state)
{
    (void)state;
    int one = node_open(), two = node_open();
    uint32_t handle = buffer_create(one, PAGE);
    assert_int_equal(buffer_close(two, handle), EINVAL);
    assert_int_equal(buffer_close(one, handle), 0);
    close(one);
    close(two);
}

static void an_exported_buffer_is_mapped_as_it_was_exported(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, PAGE);
    int writable = buffer_export(node, handle, DRM_CLOEXEC | DRM_RDWR),
        readable = buffer_export(node, handle, 0);
    assert_int_equal(fcntl(writable, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(readable, F_GETFD), 0);
    assert_int_equal(lseek(writable, 0, SEEK_END), PAGE);
    uint8_t *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, writable, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_ptr_equal(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, readable, 0), MAP_FAILED);
    assert_int_equal(errno, EACCES);
    const uint8_t *view = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, readable, 0);
    assert_ptr_not_equal(view, MAP_FAILED);
    struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
    assert_int_equal(node_call(writable, DMA_BUF_IOCTL_SYNC, &sync), 0);
    memcpy(map + 100, "dma", 3);
    char bytes[3];
    assert_int_equal(buffer_read(node, handle, 100, bytes, 3), 0);
    assert_memory_equal(bytes, "dma", 3);
    assert_memory_equal(view + 100, "dma", 3);
    munmap(map, PAGE);
    munmap((void *)(uintptr_t)view, PAGE);
    close(writable);
    close(readable);
    close(node);
}

static void an_import_of_the_same_buffer_is_the_same_handle(void **state)
{
    (void)state;
    unsigned before = descriptors();
    int node = node_open(), other = node_open();
    uint32_t handle = buffer_create(node, PAGE), again, elsewhere, unrelated = buffer_create(other, PAGE);
    int fd = buffer_export(node, handle, DRM_CLOEXEC);
    assert_int_equal(buffer_import(node, fd, &again), 0);
    assert_int_equal(again, handle);
    assert_int_equal(buffer_import(other, fd, &elsewhere), 0);
    assert_int_not_equal(elsewhere, unrelated);
    assert_int_equal(buffer_write(other, elsewhere, 7, "same", 4), 0);
    char bytes[4];
    assert_int_equal(buffer_read(node, handle, 7, bytes, 4), 0);
    assert_memory_equal(bytes, "same", 4);
    /* One close ends the handle, however often it was imported; the descriptor keeps the buffer. */
    assert_int_equal(buffer_close(node, handle), 0);
    assert_int_equal(buffer_close(node, handle), EINVAL);
    assert_int_equal(buffer_close(other, elsewhere), 0);
    assert_int_equal(buffer_import(node, fd, &again), 0);
    assert_int_equal(buffer_read(node, again, 7, bytes, 4), 0);
    assert_memory_equal(bytes, "same", 4);
    close(fd);
    close(other);
    close(node);
    assert_int_equal(descriptors(), before);
}

static void what_is_no_buffer_is_not_imported(void **state)
{
    (void)state;
    uint32_t handle;
    FILE *plain = tmpfile();
    assert_non_null(plain);
    int node = node_open(), file = fileno(plain);
    assert_int_equal(ftruncate(file, PAGE), 0);
    assert_int_equal(buffer_import(node, file, &handle), EINVAL);
    assert_int_equal(buffer_import(node, node, &handle), EINVAL);
    assert_int_equal(buffer_import(node, -1, &handle), EBADF);
    struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
    assert_int_equal(node_call(file, DMA_BUF_IOCTL_SYNC, &sync), ENOTTY);
    fclose(plain);
    close(node);
}

static void memory_of_the_application_becomes_a_buffer(void **state)
{
    (void)state;
    int node = node_open();
    char *memory = aligned_alloc(PAGE, PAGE), bytes[3];
    assert_non_null(memory);
    memcpy(memory, "own", 3);
    struct drm_i915_gem_userptr u = {.user_ptr = (uintptr_t)memory, .user_size = PAGE};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_USERPTR, &u), 0);
    assert_int_equal(buffer_read(node, u.handle, 0, bytes, 3), 0);
    assert_memory_equal(bytes, "own", 3);
    struct drm_prime_handle p = {.handle = u.handle};
    assert_int_equal(node_call(node, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p), EINVAL);
    u.user_size = PAGE - 1;
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_USERPTR, &u), EINVAL);
    close(node);
    free(memory);
}

static void tiling_is_remembered(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, 64 * PAGE);
    struct drm_i915_gem_set_tiling set = {.handle = handle, .tiling_mode = I915_TILING_Y, .stride = 512};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_SET_TILING, &set), 0);
    struct drm_i915_gem_get_tiling get = {.handle = handle};
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_GET_TILING, &get), 0);
    assert_int_equal(get.tiling_mode, I915_TILING_Y);
    set.tiling_mode = 77;
    assert_int_equal(node_call(node, DRM_IOCTL_I915_GEM_SET_TILING, &set), EINVAL);
    close(node);
}

static const char *this_program;

/* The child's half of the next test. */
static int write_through(int fd)
{
    uint32_t handle;
    char bytes[6];
    int node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    return node >= 0 && buffer_import(node, fd, &handle) == 0 &&
                   buffer_read(node, handle, 0, bytes, 6) == 0 && memcmp(bytes, "parent", 6) == 0 &&
                   buffer_write(node, handle, PAGE, "child", 5) == 0
               ? 0
               : 1;
}

static void another_program_imports_the_buffer(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, 2 * PAGE);
    assert_int_equal(buffer_write(node, handle, 0, "parent", 6), 0);
    int fd = buffer_export(node, handle, DRM_RDWR); /* survives exec */
    char argument[16], bytes[5];
    snprintf(argument, sizeof argument, "%d", fd);
    assert_int_equal(run_program(this_program, argument, NULL), 0);
    assert_int_equal(buffer_read(node, handle, PAGE, bytes, 5), 0);
    assert_memory_equal(bytes, "child", 5);
    close(fd);
    close(node);
}

static void a_forked_child_goes_on_with_the_node(void **state)
{
    (void)state;
    int node = node_open();
    uint32_t handle = buffer_create(node, PAGE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(buffer_write(node, handle, 0, "child", 5) == 0 && buffer_close(node, handle) == 0 ? 0 : 1);
    int status;
    char bytes[5];
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(buffer_read(node, handle, 0, bytes, 5), 0);
    assert_memory_equal(bytes, "child", 5);
    close(node);
}

static void *come_and_go(void *failures)
{
    int node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC), bad = node < 0;
    for (int i = 0; i < 500 && !bad; i++) {
        uint32_t handle, again;
        struct drm_prime_handle p = {.flags = DRM_CLOEXEC};
        bad |= buffer_try(node, PAGE, &handle) != 0 || buffer_write(node, handle, 0, &i, sizeof i) != 0;
        p.handle = handle;
        bad |= node_call(node, DRM_IOCTL_PRIME_HANDLE_TO_FD, &p) != 0;
        bad |= buffer_import(node, p.fd, &again) != 0 || again != handle;
        close(p.fd);
        bad |= buffer_close(node, handle) != 0;
    }
    close(node);
    *(int *)failures = bad;
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];
    int failures[4];
    unsigned before = descriptors();
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &failures[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
    assert_int_equal(descriptors(), before);
}

int main(int argc, char **argv)
{
    this_program = argv[0];
    if (argc > 1)
        return write_through(atoi(argv[1]));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buffer_has_whole_pages_of_zeros),
        cmocka_unit_test(writes_reads_and_all_mappings_see_the_same_bytes),
        cmocka_unit_test(nothing_reaches_past_a_buffers_end),
        cmocka_unit_test(a_closed_handle_is_unknown_and_given_out_again),
        cmocka_unit_test(a_buffer_goes_with_its_last_handle_and_mapping),
        cmocka_unit_test(thousands_of_buffers_leave_nothing),
        cmocka_unit_test(buffers_last_until_the_last_descriptor_of_the_node),
        cmocka_unit_test(a_descriptor_that_is_replaced_is_the_nodes_no_more),
        cmocka_unit_test(two_opens_of_the_node_have_handles_of_their_own),
        cmocka_unit_test(an_exported_buffer_is_mapped_as_it_was_exported),
        cmocka_unit_test(an_import_of_the_same_buffer_is_the_same_handle),
        cmocka_unit_test(what_is_no_buffer_is_not_imported),
        cmocka_unit_test(memory_of_the_application_becomes_a_buffer),
        cmocka_unit_test(tiling_is_remembered),
        cmocka_unit_test(another_program_imports_the_buffer),
        cmocka_unit_test(a_forked_child_goes_on_with_the_node),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
