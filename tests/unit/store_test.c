/* The frame store: what it hands out, what it keeps, and what it gives back. */
#include "../support/map_api.h"
#include "../support/memory.h"
#include "memory/poison.h"
#include "memory/store.h"

#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define PAGE ((size_t)4096)

static const struct vfa__shape small = {.frame_bytes = 3 * PAGE, .alignment = PAGE, .count = 4};
static const struct vfa__shape other = {.frame_bytes = 3 * PAGE, .alignment = PAGE, .count = 5};

struct bench {
    struct test_map system;
    struct test_memory memory;
    struct vfa__gate gate;
    struct vfa__store store;
};

static void begin(struct bench *b, struct vfa_frame_memory options, size_t limit)
{
    memset(b, 0, sizeof *b);
    struct vfa__map_api api = test_map_api(&b->system);
    struct vfa_memory manager = test_memory_manager(&b->memory);
    assert_int_equal(vfa__gate_init(&b->gate, &manager), MFX_ERR_NONE);
    assert_int_equal(vfa__store_check(&options), MFX_ERR_NONE);
    assert_int_equal(vfa__store_init(&b->store, &b->gate, &options, limit, &api), MFX_ERR_NONE);
}

static void finish(struct bench *b)
{
    vfa__store_finish(&b->store);
    assert_int_equal(atomic_load(&b->system.live_bytes), 0);
    assert_int_equal(atomic_load(&b->memory.live_blocks), 0);
    assert_int_equal(atomic_load(&b->gate.bytes[VFA_MEMORY_FRAME]), 0);
}

static struct vfa_frame_memory_stats stats_of(struct bench *b)
{
    struct vfa_frame_memory_stats stats;
    vfa__store_stats(&b->store, &stats);
    return stats;
}

static struct vfa__extent *take(struct bench *b, const struct vfa__shape *shape)
{
    struct vfa__extent *extent = vfa__store_take(&b->store, shape);
    assert_non_null(extent);
    for (size_t i = 0; i < shape->count; i++) {
        unsigned char *frame = extent->base + i * extent->stride;
        assert_int_equal((uintptr_t)frame % shape->alignment, 0);
        memset(frame, (int)i, shape->frame_bytes);
    }
    return extent;
}

static void give(struct bench *b, struct vfa__extent *extent)
{
    vfa__store_give(&b->store, extent, true);
}

static size_t bytes_of(const struct vfa__extent *extent)
{
    return extent->mapping.map_bytes;
}

static void frames_are_one_mapping(void **state)
{
    (void)state;
    static const struct vfa__shape shapes[] = {
        {1, 1, 1},        {100, 64, 7},        {3 * PAGE, PAGE, 20}, {PAGE + 64, 64, 3},
        {PAGE, 65536, 5}, {5000, 8 * PAGE, 2}, {3133440, PAGE, 3},
    };
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        int maps = atomic_load(&b.system.maps);
        struct vfa__extent *extent = take(&b, &shapes[s]);
        assert_int_equal(atomic_load(&b.system.maps), maps + 1);
        assert_true(extent->stride >= shapes[s].frame_bytes);
        assert_int_equal(atomic_load(&b.gate.bytes[VFA_MEMORY_FRAME]), bytes_of(extent));
        give(&b, extent);
    }
    finish(&b);
}

static void the_same_shape_comes_back(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *first = take(&b, &small);
    unsigned char *base = first->base;
    give(&b, first);
    int calls = atomic_load(&b.system.maps) + atomic_load(&b.system.unmaps);
    for (int i = 0; i < 10; i++) {
        struct vfa__extent *again = take(&b, &small);
        assert_ptr_equal(again->base, base);
        give(&b, again);
    }
    assert_int_equal(atomic_load(&b.system.maps) + atomic_load(&b.system.unmaps), calls);
    assert_int_equal(stats_of(&b).sets, 11);
    assert_int_equal(stats_of(&b).recycled, 10);
    finish(&b);
}

static void another_shape_does_not(void **state)
{
    (void)state;
    struct vfa__shape shapes[] = {other, small, small};
    shapes[1].frame_bytes += PAGE;
    shapes[2].alignment *= 2;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    give(&b, take(&b, &small));
    for (int i = 0; i < 3; i++)
        give(&b, take(&b, &shapes[i]));
    assert_int_equal(stats_of(&b).recycled, 0);
    assert_int_equal(stats_of(&b).kept_sets, 4);
    finish(&b);
}

static void two_sets_never_share_memory(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *one = take(&b, &small);
    give(&b, one);
    one = take(&b, &small);
    struct vfa__extent *two = take(&b, &small);
    assert_ptr_not_equal(one->base, two->base);
    give(&b, one);
    give(&b, two);
    finish(&b);
}

/* What a set of that shape takes, guards included. */
static size_t bytes_for(const struct vfa__shape *shape)
{
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *extent = take(&b, shape);
    size_t bytes = bytes_of(extent);
    give(&b, extent);
    finish(&b);
    return bytes;
}

static void what_is_kept_stays_under_its_limit_and_the_oldest_goes_first(void **state)
{
    (void)state;
    size_t bytes = bytes_for(&small);
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.keep_bytes = 3 * bytes + 1}, SIZE_MAX);
    struct vfa__extent *extent[5];
    unsigned char *base[5];
    for (int i = 0; i < 5; i++) {
        extent[i] = take(&b, &small);
        base[i] = extent[i]->base;
    }
    for (int i = 0; i < 5; i++)
        give(&b, extent[i]);
    assert_int_equal(stats_of(&b).kept_bytes, 3 * bytes);
    assert_int_equal(stats_of(&b).kept_sets, 3);
    assert_int_equal(atomic_load(&b.system.live_bytes), 3 * bytes);
    for (int i = 0; i < 3; i++) { /* the youngest first: it is the warmest */
        extent[i] = take(&b, &small);
        assert_ptr_equal(extent[i]->base, base[4 - i]);
    }
    for (int i = 0; i < 3; i++)
        give(&b, extent[i]);
    finish(&b);
}

static void one_that_is_too_large_to_keep_pushes_nothing_out(void **state)
{
    (void)state;
    const struct vfa__shape large = {.frame_bytes = 100 * PAGE, .alignment = PAGE, .count = 4};
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.keep_bytes = 100 * PAGE}, SIZE_MAX);
    give(&b, take(&b, &small));
    give(&b, take(&b, &large));
    assert_int_equal(stats_of(&b).kept_sets, 1);
    give(&b, take(&b, &small));
    assert_int_equal(stats_of(&b).recycled, 1);
    finish(&b);
}

static void what_is_kept_and_used_together_stays_under_the_allocators_limit(void **state)
{
    (void)state;
    size_t bytes = bytes_for(&small);
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, 2 * bytes + 1);
    struct vfa__extent *extent[3];
    for (int i = 0; i < 3; i++)
        extent[i] = take(&b, &small);
    for (int i = 0; i < 3; i++)
        give(&b, extent[i]);
    assert_int_equal(stats_of(&b).kept_sets, 2);
    struct vfa__extent *larger = take(&b, &other);
    assert_int_equal(stats_of(&b).kept_sets, 0);
    assert_true(stats_of(&b).mapped_bytes <= 2 * bytes + 1);
    give(&b, larger);
    finish(&b);
}

static void no_more_than_so_many_are_kept(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    for (size_t i = 0; i < VFA__KEPT_MAX + 3; i++) {
        struct vfa__shape shape = {.frame_bytes = PAGE, .alignment = PAGE, .count = i + 1};
        give(&b, take(&b, &shape));
    }
    assert_int_equal(stats_of(&b).kept_sets, VFA__KEPT_MAX);
    finish(&b);
}

static void sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = 0, .tv_nsec = ms * 1000000};
    (void)nanosleep(&time, NULL);
}

static void what_was_kept_too_long_goes_with_the_next_call(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.keep_ms = 20}, SIZE_MAX);
    give(&b, take(&b, &small));
    sleep_ms(30);
    struct vfa__extent *extent = take(&b, &small);
    assert_int_equal(stats_of(&b).recycled, 0);
    assert_int_equal(atomic_load(&b.system.live_bytes), bytes_of(extent));
    struct vfa__extent *second = take(&b, &other);
    give(&b, extent);
    sleep_ms(30);
    give(&b, second);
    assert_int_equal(stats_of(&b).kept_sets, 1);
    finish(&b);
}

static void trim_gives_back_what_has_been_idle(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *used = take(&b, &small);
    size_t bytes = bytes_of(used);
    give(&b, take(&b, &small));
    assert_int_equal(vfa__store_trim(&b.store, 60000), 0);
    assert_int_equal(vfa__store_trim(&b.store, UINT32_MAX), 0);
    assert_int_equal(vfa__store_trim(&b.store, 0), bytes);
    assert_int_equal(vfa__store_trim(&b.store, 0), 0);
    assert_int_equal(atomic_load(&b.system.live_bytes), bytes);
    give(&b, used);
    sleep_ms(20);
    assert_int_equal(vfa__store_trim(&b.store, 10), bytes);
    finish(&b);
}

/* ---- what is left to the system ---- */

static void pages_of_what_is_idle_are_left_to_the_system(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.yield_ms = 20}, SIZE_MAX);
    struct vfa__extent *first = take(&b, &small), *second = take(&b, &other);
    size_t bytes = bytes_of(first);
    give(&b, first);
    sleep_ms(30);
    give(&b, second);
    assert_int_equal(stats_of(&b).yielded_bytes, bytes);
    assert_int_equal(stats_of(&b).kept_sets, 2);
    assert_ptr_equal(take(&b, &small), first);
    assert_int_equal(stats_of(&b).yielded_bytes, 0);
    sleep_ms(30); /* and when memory is mapped */
    struct vfa__extent *third = take(&b, &small);
    assert_int_equal(stats_of(&b).yielded_bytes, stats_of(&b).kept_bytes);
    give(&b, first);
    give(&b, third);
    finish(&b);
}

static void what_is_used_again_soon_stays_the_process_own(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.yield_ms = 60000}, SIZE_MAX);
    for (int i = 0; i < 20; i++)
        give(&b, take(&b, i % 2 ? &small : &other));
    assert_int_equal(atomic_load(&b.system.yields), 0);
    finish(&b);
}

static void all_is_left_to_the_system_on_request(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *one = take(&b, &small), *two = take(&b, &small);
    size_t bytes = bytes_of(one);
    give(&b, one);
    assert_int_equal(vfa__store_yield(&b.store, 60000), 0);
    assert_int_equal(vfa__store_yield(&b.store, 0), bytes);
    assert_int_equal(vfa__store_yield(&b.store, 0), 0); /* it has them */
    give(&b, two);
    assert_int_equal(vfa__store_yield(&b.store, 0), bytes);
    assert_int_equal(stats_of(&b).yielded_bytes, 2 * bytes);
    assert_int_equal(atomic_load(&b.system.yields), 2);
    finish(&b);
}

static void the_oldest_still_goes_first(void **state)
{
    (void)state;
    size_t bytes = bytes_for(&small);
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.keep_bytes = 3 * bytes + 1}, SIZE_MAX);
    struct vfa__extent *extent[4];
    unsigned char *base[4];
    for (int i = 0; i < 4; i++) {
        extent[i] = take(&b, &small);
        base[i] = extent[i]->base;
    }
    give(&b, extent[0]);
    assert_int_equal(vfa__store_yield(&b.store, 0), bytes);
    give(&b, extent[1]);
    sleep_ms(30);
    give(&b, extent[2]);
    assert_int_equal(vfa__store_yield(&b.store, 20), bytes); /* the one in the middle */
    give(&b, extent[3]);                                     /* the oldest makes room */
    for (int i = 0; i < 3; i++) {
        extent[i] = take(&b, &small);
        assert_ptr_equal(extent[i]->base, base[3 - i]);
    }
    for (int i = 0; i < 3; i++)
        give(&b, extent[i]);
    finish(&b);
}

static void pages_that_the_system_took_are_empty_and_good(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    b.system.takes_pages = true;
    struct vfa__extent *first = take(&b, &small);
    give(&b, first);
    assert_true(vfa__store_yield(&b.store, 0) > 0);
    struct vfa__extent *again = vfa__store_take(&b.store, &small);
    assert_ptr_equal(again, first);
    for (size_t i = 0; i < small.count; i++) {
#ifdef VALGRIND_MAKE_MEM_DEFINED /* what is handed out may be anything to memcheck; here it is known */
        (void)VALGRIND_MAKE_MEM_DEFINED(again->base + i * again->stride, 1);
#endif
        assert_int_equal(again->base[i * again->stride], 0);
        memset(again->base + i * again->stride, 1, small.frame_bytes);
    }
    give(&b, again);
    finish(&b);
}

static void a_system_that_cannot_take_pages_is_not_asked_again(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    b.system.refuse_yield = true;
    give(&b, take(&b, &small));
    assert_int_equal(vfa__store_yield(&b.store, 0), 0);
    assert_int_equal(vfa__store_yield(&b.store, 0), 0);
    assert_int_equal(atomic_load(&b.system.yields), 1);
    assert_int_equal(stats_of(&b).yielded_bytes, 0);
    assert_int_equal(stats_of(&b).kept_sets, 1);
    finish(&b);
}

static void pages_that_are_to_be_present_are_kept(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_PRESENT}, SIZE_MAX);
    give(&b, take(&b, &small));
    assert_int_equal(vfa__store_yield(&b.store, 0), 0);
    assert_int_equal(atomic_load(&b.system.yields), 0);
    finish(&b);
}

static void nothing_is_kept_on_request(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_KEEP_NONE}, SIZE_MAX);
    give(&b, take(&b, &small));
    assert_int_equal(stats_of(&b).kept_sets, 0);
    assert_int_equal(atomic_load(&b.system.live_bytes), 0);
    finish(&b);
}

static void what_is_kept_makes_room_when_the_system_has_none(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    give(&b, take(&b, &small));
    b.system.refuse_maps = 1;
    struct vfa__extent *extent = take(&b, &other);
    assert_int_equal(stats_of(&b).kept_sets, 0);
    assert_int_equal(atomic_load(&b.system.live_bytes), bytes_of(extent));
    b.system.refuse_maps = 1; /* nothing is kept: there is no second try */
    assert_null(vfa__store_take(&b.store, &small));
    assert_int_equal(b.system.refuse_maps, 0);
    assert_int_equal(stats_of(&b).sets, 2);
    give(&b, extent);
    finish(&b);
}

static void shapes_beyond_all_memory_are_refused(void **state)
{
    (void)state;
    static const struct vfa__shape shapes[] = {
        {SIZE_MAX, PAGE, 1},
        {SIZE_MAX / 2, PAGE, 3},
        {SIZE_MAX / 2 - 2 * PAGE, PAGE, 2},
    };
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_GUARDS}, SIZE_MAX);
    for (int guarded = 1; guarded >= 0; guarded--) {
        b.store.spaced = b.store.guarded = guarded;
        for (int i = 0; i < 3; i++)
            assert_null(vfa__store_take(&b.store, &shapes[i]));
    }
    finish(&b);
}

static void without_memory_for_the_record_nothing_is_mapped(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    b.memory.fail_at = 1;
    assert_null(vfa__store_take(&b.store, &small));
    assert_int_equal(b.system.maps, 0);
    finish(&b);
}

/* Whether nobody may touch that address: as the kernel has it. */
static bool is_forbidden(const unsigned char *at)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512], rights[5] = "";
    bool found = false;
    assert_non_null(maps);
    while (!found && fgets(line, sizeof line, maps)) {
        uintptr_t start, end;
        found = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end, rights) == 3 &&
                (uintptr_t)at >= start && (uintptr_t)at < end;
    }
    (void)fclose(maps);
    assert_true(found);
    return strncmp(rights, "---", 3) == 0;
}

static void guards_surround_every_frame(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_GUARDS | VFA_FRAME_MEMORY_HUGETLB},
          SIZE_MAX);
    for (int pass = 0; pass < 2; pass++) { /* new, and recycled */
        struct vfa__extent *extent = take(&b, &small);
        for (size_t i = 0; i < small.count; i++) {
            unsigned char *frame = extent->base + i * extent->stride;
            assert_true(is_forbidden(frame - 1));
            assert_false(is_forbidden(frame));
            assert_false(is_forbidden(frame + small.frame_bytes - 1));
            assert_true(is_forbidden(frame + small.frame_bytes));
        }
        assert_int_equal(stats_of(&b).guards, small.count + 1);
        give(&b, extent);
    }
    assert_int_equal(stats_of(&b).huge_bytes + stats_of(&b).hugetlb_bytes, 0);
    assert_int_equal(vfa__store_trim(&b.store, 0) > 0, 1);
    assert_int_equal(stats_of(&b).guards, 0);
    finish(&b);
}

static void guards_stand_at_whole_pages(void **state)
{
    (void)state;
    const struct vfa__shape odd = {.frame_bytes = PAGE + 100, .alignment = 64, .count = 3};
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_GUARDS}, SIZE_MAX);
    struct vfa__extent *extent = take(&b, &odd);
    for (size_t i = 0; i < odd.count; i++) {
        unsigned char *frame = extent->base + i * extent->stride;
        assert_true(is_forbidden(frame - 1));
        assert_false(is_forbidden(frame + 2 * PAGE - 1));
        assert_true(is_forbidden(frame + 2 * PAGE));
    }
    give(&b, extent);
    finish(&b);
}

static void guards_that_are_refused_are_not_counted(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_GUARDS}, SIZE_MAX);
    b.system.refuse_forbid = true;
    struct vfa__extent *extent = take(&b, &small);
    assert_int_equal(stats_of(&b).guards, 0);
    give(&b, extent);
    finish(&b);
}

static void the_figures_say_what_was_got(void **state)
{
    (void)state;
    const struct vfa__shape large = {.frame_bytes = 3 * VFA__HUGE_BYTES, .alignment = PAGE, .count = 2};
    struct bench b;
    begin(&b,
          (struct vfa_frame_memory){.flags = VFA_FRAME_MEMORY_PRESENT | VFA_FRAME_MEMORY_ON_NODE |
                                             VFA_FRAME_MEMORY_HUGETLB},
          SIZE_MAX);
    b.system.has_hugetlb = true;
    struct vfa__extent *pool = take(&b, &large);
    b.system.has_hugetlb = false;
    struct vfa__extent *huge = take(&b, &large);
    b.system.refuse_huge = b.system.refuse_bind = true;
    struct vfa__extent *plain = take(&b, &large);
    struct vfa_frame_memory_stats stats = stats_of(&b);
    assert_int_equal(stats.mapped_bytes, bytes_of(pool) + bytes_of(huge) + bytes_of(plain));
    assert_int_equal(stats.mapped_bytes, atomic_load(&b.system.live_bytes));
    assert_int_equal(stats.hugetlb_bytes, bytes_of(pool));
    assert_int_equal(stats.huge_bytes, bytes_of(huge));
    assert_int_equal(stats.present_bytes, stats.mapped_bytes);
    assert_int_equal(stats.node_bytes, bytes_of(pool) + bytes_of(huge));
    give(&b, pool);
    give(&b, huge);
    give(&b, plain);
    assert_int_equal(stats_of(&b).mapped_bytes, stats.mapped_bytes);
    (void)vfa__store_trim(&b.store, 0);
    stats = stats_of(&b);
    assert_int_equal(stats.mapped_bytes + stats.hugetlb_bytes + stats.huge_bytes + stats.present_bytes +
                         stats.node_bytes,
                     0);
    finish(&b);
}

static void nobody_may_touch_what_is_kept(void **state)
{
    (void)state;
#ifdef VFA__HAS_ASAN
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *extent = take(&b, &small);
    unsigned char *base = extent->base;
    assert_false(__asan_address_is_poisoned(base));
    give(&b, extent);
    for (size_t i = 0; i < small.count; i++) {
        assert_true(__asan_address_is_poisoned(base + i * extent->stride));
        assert_true(__asan_address_is_poisoned(base + i * extent->stride + small.frame_bytes - 1));
    }
    assert_ptr_equal(take(&b, &small), extent);
    assert_null(__asan_region_is_poisoned(base, small.frame_bytes));
    give(&b, extent);
    (void)vfa__store_trim(&b.store, 0); /* the address may become somebody else's */
    assert_false(__asan_address_is_poisoned(base));
    finish(&b);
#else
    print_message("SKIPPED: only a build with the address sanitizer shows it\n");
    skip();
#endif
}

/* Some readers take whole vectors. */
static void a_vector_beyond_the_last_row_is_memory(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    struct vfa__extent *extent = take(&b, &small);
    unsigned char *end = extent->base + (small.count - 1) * extent->stride + small.frame_bytes;
    assert_false(is_forbidden(end));
    assert_true(end + 64 <= extent->mapping.map + extent->mapping.map_bytes);
    give(&b, extent);
    finish(&b);
}

static void nobody_may_touch_what_lies_between_frames(void **state)
{
    (void)state;
#ifdef VFA__HAS_ASAN
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.flags = 0}, SIZE_MAX);
    for (int pass = 0; pass < 2; pass++) { /* new, and recycled */
        struct vfa__extent *extent = take(&b, &small);
        for (size_t i = 0; i < small.count; i++) {
            unsigned char *frame = extent->base + i * extent->stride;
            assert_true(__asan_address_is_poisoned(frame - 1));
            assert_null(__asan_region_is_poisoned(frame, small.frame_bytes));
            assert_true(__asan_address_is_poisoned(frame + small.frame_bytes));
        }
        give(&b, extent);
    }
    finish(&b);
#else
    print_message("SKIPPED: only a build with the address sanitizer shows it\n");
    skip();
#endif
}

static void unknown_flags_are_refused(void **state)
{
    (void)state;
    const struct vfa_frame_memory all = {.flags = 63}, one_more = {.flags = 64};
    assert_int_equal(vfa__store_check(&all), MFX_ERR_NONE);
    assert_int_equal(vfa__store_check(&one_more), MFX_ERR_INVALID_VIDEO_PARAM);
}

#define THREADS 4
#define ROUNDS  2000

static void *come_and_go(void *arg)
{
    struct bench *b = arg;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct vfa__shape shape = {.frame_bytes = PAGE, .alignment = PAGE, .count = 1 + i % 3};
        struct vfa__extent *extent = vfa__store_take(&b->store, &shape);
        if (!extent)
            return b;
        memset(extent->base, (int)i | 1, shape.frame_bytes); /* for the thread sanitizer */
        if (i % 20 == 0)
            (void)vfa__store_yield(&b->store, 0);
        for (size_t at = 0; at < shape.frame_bytes; at++)
            if (extent->base[at] != (unsigned char)(i | 1)) /* the system took a page that is in use */
                return b;
        vfa__store_give(&b->store, extent, i % 7);
        if (i % 50 == 0)
            (void)vfa__store_trim(&b->store, 0);
    }
    return NULL;
}

static void threads_take_and_give(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, (struct vfa_frame_memory){.keep_bytes = 20 * PAGE}, SIZE_MAX);
    b.system.takes_pages = true;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &b), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(stats_of(&b).sets, THREADS * ROUNDS);
    assert_int_equal(stats_of(&b).mapped_bytes, stats_of(&b).kept_bytes);
    finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_one_mapping),
        cmocka_unit_test(the_same_shape_comes_back),
        cmocka_unit_test(another_shape_does_not),
        cmocka_unit_test(two_sets_never_share_memory),
        cmocka_unit_test(what_is_kept_stays_under_its_limit_and_the_oldest_goes_first),
        cmocka_unit_test(one_that_is_too_large_to_keep_pushes_nothing_out),
        cmocka_unit_test(what_is_kept_and_used_together_stays_under_the_allocators_limit),
        cmocka_unit_test(no_more_than_so_many_are_kept),
        cmocka_unit_test(what_was_kept_too_long_goes_with_the_next_call),
        cmocka_unit_test(trim_gives_back_what_has_been_idle),
        cmocka_unit_test(pages_of_what_is_idle_are_left_to_the_system),
        cmocka_unit_test(what_is_used_again_soon_stays_the_process_own),
        cmocka_unit_test(all_is_left_to_the_system_on_request),
        cmocka_unit_test(the_oldest_still_goes_first),
        cmocka_unit_test(pages_that_the_system_took_are_empty_and_good),
        cmocka_unit_test(a_system_that_cannot_take_pages_is_not_asked_again),
        cmocka_unit_test(pages_that_are_to_be_present_are_kept),
        cmocka_unit_test(nothing_is_kept_on_request),
        cmocka_unit_test(what_is_kept_makes_room_when_the_system_has_none),
        cmocka_unit_test(shapes_beyond_all_memory_are_refused),
        cmocka_unit_test(without_memory_for_the_record_nothing_is_mapped),
        cmocka_unit_test(guards_surround_every_frame),
        cmocka_unit_test(guards_stand_at_whole_pages),
        cmocka_unit_test(guards_that_are_refused_are_not_counted),
        cmocka_unit_test(the_figures_say_what_was_got),
        cmocka_unit_test(nobody_may_touch_what_is_kept),
        cmocka_unit_test(a_vector_beyond_the_last_row_is_memory),
        cmocka_unit_test(nobody_may_touch_what_lies_between_frames),
        cmocka_unit_test(unknown_flags_are_refused),
        cmocka_unit_test(threads_take_and_give),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
