/* One mapping of host memory: what it asks of the system, and what it makes of a refusal. */
#include "../support/map_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>

#include <cmocka.h>

#define LARGE (2 * VFA__HUGE_BYTES + 5000)

struct bench {
    struct test_map system;
    struct vfa__map_api api;
    struct vfa__mapping m;
};

static void begin(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->api = test_map_api(&b->system);
}

static bool make(struct bench *b, size_t bytes, size_t alignment, unsigned int want)
{
    struct vfa__map_order order = {.bytes = bytes, .alignment = alignment, .want = want, .node = 0};
    memset(&b->m, 0x5a, sizeof b->m);
    return vfa__mapping_make(&b->api, &order, &b->m);
}

static size_t pages(const struct bench *b, size_t bytes)
{
    size_t page = b->api.page_bytes;
    return (bytes + page - 1) / page * page;
}

/* All bytes asked for can be used; in the end all are given back. */
static void finish(struct bench *b, size_t bytes)
{
    memset(b->m.base, 0x11, bytes);
    vfa__mapping_end(&b->api, &b->m);
    assert_null(b->m.map);
    assert_int_equal(atomic_load(&b->system.live_bytes), 0);
}

static void a_large_one_lies_on_a_huge_page_and_its_end_is_not_rounded_up(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE));
    assert_int_equal((uintptr_t)b.m.base % VFA__HUGE_BYTES, 0);
    assert_int_equal(b.m.map_bytes, pages(&b, LARGE));
    assert_int_equal(atomic_load(&b.system.live_bytes), pages(&b, LARGE));
    assert_int_equal(b.m.got, VFA__MAPPING_HUGE);
    finish(&b, LARGE);
}

static void a_small_one_asks_for_no_huge_page(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_true(make(&b, 5000, 64, VFA__MAPPING_HUGE));
    assert_int_equal(b.m.map_bytes, pages(&b, 5000));
    assert_int_equal(b.m.got, 0);
    assert_int_equal(b.system.advices, 0);
    assert_int_equal(b.system.maps, 1);
    finish(&b, 5000);
}

static void any_alignment_is_met(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    for (size_t alignment = 1; alignment <= 8 * VFA__HUGE_BYTES; alignment *= 2) {
        assert_true(make(&b, 10000, alignment, VFA__MAPPING_HUGE));
        assert_int_equal((uintptr_t)b.m.base % alignment, 0);
        finish(&b, 10000);
        assert_true(make(&b, LARGE, alignment, VFA__MAPPING_HUGE));
        assert_int_equal((uintptr_t)b.m.base % alignment, 0);
        finish(&b, LARGE);
    }
}

static void huge_pages_that_are_refused_are_not_claimed(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.system.refuse_huge = true;
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE));
    assert_int_equal(b.m.got, 0);
    finish(&b, LARGE);
    b.system.refuse_huge = false;
    b.system.no_huge_pages = true; /* advice is taken, and nothing comes of it */
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE));
    assert_int_equal(b.m.got, 0);
    finish(&b, LARGE);
}

static void memory_without_room_to_align_is_taken_all_the_same(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.system.refuse_map_from = pages(&b, LARGE) + 1;
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE));
    assert_int_equal(b.m.map_bytes, pages(&b, LARGE));
    finish(&b, LARGE);
    assert_false(make(&b, LARGE, 2 * VFA__HUGE_BYTES, VFA__MAPPING_HUGE)); /* that one is the caller's */
    assert_int_equal(atomic_load(&b.system.live_bytes), 0);
}

static void what_is_cut_off_and_not_taken_back_ends_with_the_rest(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.system.refuse_unmap = true;
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE));
    assert_int_equal((uintptr_t)b.m.base % VFA__HUGE_BYTES, 0);
    assert_int_equal(b.m.map_bytes, atomic_load(&b.system.live_bytes));
    assert_true(b.m.base + LARGE <= b.m.map + b.m.map_bytes);
    b.system.refuse_unmap = false;
    finish(&b, LARGE);
}

static void the_pool_of_huge_pages_gives_whole_ones(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.system.has_hugetlb = true;
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGETLB | VFA__MAPPING_HUGE));
    assert_int_equal(b.m.map_bytes, 3 * VFA__HUGE_BYTES);
    assert_int_equal(b.m.got, VFA__MAPPING_HUGETLB);
    assert_int_equal(b.system.advices, 0);
    finish(&b, LARGE);
    assert_false(b.system.hugetlb_unaligned);
}

static void an_empty_pool_of_huge_pages_is_done_without(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGETLB | VFA__MAPPING_HUGE));
    assert_int_equal(b.m.got, VFA__MAPPING_HUGE);
    assert_int_equal(b.m.map_bytes, pages(&b, LARGE));
    finish(&b, LARGE);
}

static bool all_present(const struct bench *b, size_t bytes)
{
    static unsigned char there[LARGE / 4096 + 2];
    assert_int_equal(mincore(b->m.base, pages(b, bytes), there), 0);
    for (size_t i = 0; i < pages(b, bytes) / b->api.page_bytes; i++)
        if (!(there[i] & 1))
            return false;
    return true;
}

static void pages_are_there_when_asked_for(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_true(make(&b, LARGE, 64, 0));
    assert_false(all_present(&b, LARGE));
    finish(&b, LARGE);
    for (int refused = 0; refused < 2; refused++) {
        b.system.refuse_present = refused;
        assert_true(make(&b, LARGE, 64, VFA__MAPPING_PRESENT));
        assert_true(all_present(&b, LARGE));
        assert_int_equal(b.m.got, VFA__MAPPING_PRESENT);
        finish(&b, LARGE);
    }
}

static void a_node_is_asked_for_only_on_request(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_HUGE | VFA__MAPPING_PRESENT));
    assert_int_equal(b.system.binds, 0);
    finish(&b, LARGE);
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_ON_NODE));
    assert_int_equal(b.m.got, VFA__MAPPING_ON_NODE);
    finish(&b, LARGE);
    b.system.refuse_bind = true;
    assert_true(make(&b, LARGE, 64, VFA__MAPPING_ON_NODE));
    assert_int_equal(b.m.got, 0);
    finish(&b, LARGE);
}

static void linux_knows_no_node_beyond_its_own(void **state)
{
    (void)state;
    struct vfa__map_api api = vfa__map_api_system();
    void *at = api.map(api.user, 4 * api.page_bytes, false);
    assert_non_null(at);
    assert_false(api.bind(api.user, at, api.page_bytes, 1023));
    assert_false(api.bind(api.user, at, api.page_bytes, 1024));
    assert_false(api.bind(api.user, at, api.page_bytes, UINT32_MAX));
    assert_true(api.unmap(api.user, at, 4 * api.page_bytes));
}

static bool is_nothing(const struct vfa__mapping *m)
{
    return !m->base && !m->map && !m->map_bytes && !m->got;
}

static void no_memory_leaves_nothing(void **state)
{
    (void)state;
    struct bench b;
    begin(&b);
    b.system.refuse_map_from = 1;
    assert_false(make(&b, LARGE, 64, VFA__MAPPING_HUGE | VFA__MAPPING_HUGETLB | VFA__MAPPING_PRESENT));
    assert_true(is_nothing(&b.m));
    b.system.refuse_map_from = 0;
    assert_false(make(&b, SIZE_MAX - 100, 64, VFA__MAPPING_HUGE | VFA__MAPPING_HUGETLB));
    assert_false(make(&b, SIZE_MAX - 3 * b.api.page_bytes, VFA__HUGE_BYTES, 0));
    assert_true(is_nothing(&b.m));
    vfa__mapping_end(&b.api, &b.m);
    assert_int_equal(atomic_load(&b.system.live_bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_one_lies_on_a_huge_page_and_its_end_is_not_rounded_up),
        cmocka_unit_test(a_small_one_asks_for_no_huge_page),
        cmocka_unit_test(any_alignment_is_met),
        cmocka_unit_test(huge_pages_that_are_refused_are_not_claimed),
        cmocka_unit_test(memory_without_room_to_align_is_taken_all_the_same),
        cmocka_unit_test(what_is_cut_off_and_not_taken_back_ends_with_the_rest),
        cmocka_unit_test(the_pool_of_huge_pages_gives_whole_ones),
        cmocka_unit_test(an_empty_pool_of_huge_pages_is_done_without),
        cmocka_unit_test(pages_are_there_when_asked_for),
        cmocka_unit_test(a_node_is_asked_for_only_on_request),
        cmocka_unit_test(linux_knows_no_node_beyond_its_own),
        cmocka_unit_test(no_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
