/* The lock-free set of numbers under the pool. */
#include "../support/memory.h"
#include "pool/bits.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint32_t sizes[] = {1, 62, 63, 64, 126, 127, 300, 4032, 4033, 4096, 65535};
#define SIZES (sizeof sizes / sizeof *sizes)

static struct vfa__gate memory;

static struct vfa__bits set_of(uint32_t count)
{
    struct vfa__bits set;
    assert_int_equal(vfa__bits_init(&set, &memory, count), MFX_ERR_NONE);
    return set;
}

static void takes_every_number_once_lowest_first(void **state)
{
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct vfa__bits set = set_of(sizes[s]);
        for (uint32_t i = sizes[s]; i-- > 0;)
            assert_true(vfa__bits_give(&set, i, false));
        assert_int_equal(vfa__bits_count(&set), sizes[s]);
        for (uint32_t i = 0; i < sizes[s]; i++)
            assert_int_equal(vfa__bits_take(&set, false), i);
        assert_int_equal(vfa__bits_take(&set, false), VFA__BITS_NONE);
        assert_int_equal(vfa__bits_count(&set), 0);
        vfa__bits_finish(&set, &memory);
    }
}

static void finds_a_number_whose_hint_is_missing(void **state)
{
    (void)state;
    struct vfa__bits set = set_of(300);
    assert_true(vfa__bits_give(&set, 200, false));
    atomic_store(&set.hints[0], 0);
    assert_int_equal(vfa__bits_take(&set, false), 200);
    vfa__bits_finish(&set, &memory);
}

static void each_number_given_is_hinted_at(void **state)
{
    (void)state;
    struct vfa__bits set = set_of(300);
    assert_true(vfa__bits_give(&set, 64, false));
    assert_int_equal(atomic_load(&set.hints[0]), 1u << 1);
    assert_true(vfa__bits_give(&set, 299, false));
    assert_int_equal(atomic_load(&set.hints[0]), 1u << 1 | 1u << 4);
    vfa__bits_finish(&set, &memory);
}

static void the_lowest_numbers_need_no_hint(void **state)
{
    (void)state;
    struct vfa__bits set = set_of(300);
    assert_true(vfa__bits_give(&set, 62, false));
    assert_true(vfa__bits_give(&set, 200, false));
    assert_int_equal(atomic_load(&set.hints[0]), 1u << 200 / VFA__BITS_PER_WORD);
    assert_int_equal(vfa__bits_take(&set, false), 62);
    assert_int_equal(vfa__bits_take(&set, false), 200);
    vfa__bits_finish(&set, &memory);
}

static void restores_a_missing_hint(void **state)
{
    (void)state;
    struct vfa__bits set = set_of(300);
    assert_true(vfa__bits_give(&set, 200, false));
    assert_true(vfa__bits_give(&set, 201, false));
    atomic_store(&set.hints[0], 0);
    assert_int_equal(vfa__bits_take(&set, false), 200);
    assert_int_equal(atomic_load(&set.hints[0]), 1u << 200 / VFA__BITS_PER_WORD);
    vfa__bits_finish(&set, &memory);
}

static void drops_the_hint_of_an_empty_word(void **state)
{
    (void)state;
    struct vfa__bits set = set_of(300);
    atomic_store(&set.hints[0], 0x1f);
    assert_int_equal(vfa__bits_take(&set, false), VFA__BITS_NONE);
    assert_int_equal(atomic_load(&set.hints[0]), 0);
    vfa__bits_finish(&set, &memory);
}

static void walks_and_removes_chosen_numbers(void **state)
{
    (void)state;
    const uint32_t chosen[] = {0, 62, 63, 125, 126, 299};
    struct vfa__bits set = set_of(300);
    for (size_t i = 0; i < 6; i++)
        assert_true(vfa__bits_give(&set, chosen[i], false));
    uint32_t next = 0;
    for (size_t i = 0; i < 6; i++, next++) {
        next = vfa__bits_next(&set, next);
        assert_int_equal(next, chosen[i]);
    }
    assert_int_equal(vfa__bits_next(&set, next), VFA__BITS_NONE);
    assert_int_equal(vfa__bits_remove(&set, 63, false), 63);
    assert_int_equal(vfa__bits_remove(&set, 63, false), VFA__BITS_NONE);
    assert_int_equal(vfa__bits_next(&set, 63), 125);
    assert_int_equal(vfa__bits_count(&set), 5);
    vfa__bits_finish(&set, &memory);
}

static void a_shut_gate_refuses_all_but_its_keeper(void **state)
{
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        uint32_t last = sizes[s] - 1;
        struct vfa__bits set = set_of(sizes[s]);
        assert_false(vfa__bits_gated(&set));
        assert_true(vfa__bits_give(&set, last, false));
        vfa__bits_gate(&set, true);
        assert_true(vfa__bits_gated(&set));
        assert_int_equal(vfa__bits_take(&set, false), VFA__BITS_GATED);
        assert_int_equal(vfa__bits_remove(&set, last, false), VFA__BITS_GATED);
        assert_int_equal(vfa__bits_next(&set, 0), last);
        assert_int_equal(vfa__bits_count(&set), 1);
        assert_int_equal(vfa__bits_take(&set, true), last);
        assert_int_equal(vfa__bits_take(&set, true), VFA__BITS_NONE);
        assert_false(vfa__bits_give(&set, last, false));
        assert_int_equal(vfa__bits_count(&set), 0);
        assert_true(vfa__bits_give(&set, last, true));
        assert_int_equal(vfa__bits_remove(&set, last, true), last);
        vfa__bits_gate(&set, false);
        assert_true(vfa__bits_give(&set, last, false));
        assert_int_equal(vfa__bits_take(&set, false), last);
        vfa__bits_finish(&set, &memory);
    }
}

static void out_of_memory_leaves_nothing(void **state)
{
    (void)state;
    struct test_memory counted;
    struct vfa_memory manager = test_memory_manager(&counted);
    struct vfa__gate gate;
    struct vfa__bits set = {0};
    counted.fail_at = 1;
    assert_int_equal(vfa__gate_init(&gate, &manager), MFX_ERR_NONE);
    assert_int_equal(vfa__bits_init(&set, &gate, 64), MFX_ERR_MEMORY_ALLOC);
    vfa__bits_finish(&set, &gate);
    assert_int_equal(atomic_load(&counted.live_blocks), 0);
}

#define THREADS 4
#define ROUNDS  50000

struct crossing {
    struct vfa__bits set;
    atomic_int owner[300];
    atomic_int collisions;
    unsigned int plain[300]; /* for the thread sanitizer: give and take order the owners */
};

static void *cross(void *arg)
{
    struct crossing *c = arg;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t got[3];
        for (int i = 0; i < 3; i++) {
            got[i] = vfa__bits_take(&c->set, false);
            if (got[i] == VFA__BITS_NONE)
                continue;
            if (atomic_exchange(&c->owner[got[i]], 1))
                atomic_fetch_add(&c->collisions, 1);
            c->plain[got[i]]++;
        }
        for (int i = 0; i < 3; i++) {
            if (got[i] == VFA__BITS_NONE)
                continue;
            atomic_store(&c->owner[got[i]], 0);
            (void)vfa__bits_give(&c->set, got[i], false);
        }
    }
    return NULL;
}

/* Numbers 61 .. 66 and 128, so that threads cross in filling and emptying several words. */
static void threads_never_share_or_lose_a_number(void **state)
{
    (void)state;
    static struct crossing c;
    c.set = set_of(300);
    for (uint32_t i = 61; i < 67; i++)
        assert_true(vfa__bits_give(&c.set, i, false));
    assert_true(vfa__bits_give(&c.set, 128, false));
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, cross, &c), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&c.collisions), 0);
    assert_int_equal(vfa__bits_count(&c.set), 7);
    vfa__bits_finish(&c.set, &memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_number_once_lowest_first),
        cmocka_unit_test(finds_a_number_whose_hint_is_missing),
        cmocka_unit_test(each_number_given_is_hinted_at),
        cmocka_unit_test(the_lowest_numbers_need_no_hint),
        cmocka_unit_test(restores_a_missing_hint),
        cmocka_unit_test(drops_the_hint_of_an_empty_word),
        cmocka_unit_test(walks_and_removes_chosen_numbers),
        cmocka_unit_test(a_shut_gate_refuses_all_but_its_keeper),
        cmocka_unit_test(out_of_memory_leaves_nothing),
        cmocka_unit_test(threads_never_share_or_lose_a_number),
    };
    if (vfa__gate_init(&memory, NULL) != MFX_ERR_NONE)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
