/* Frame handles: validity, generations, exhaustion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <allocator/slots.h>
#include <cmocka.h>

struct table {
    struct vfa__gate gate;
    struct vfa__slots slots;
};

static void open_table(struct table *t)
{
    assert_int_equal(vfa__gate_init(&t->gate, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa__slots_init(&t->slots, &t->gate), MFX_ERR_NONE);
}

static void close_table(struct table *t)
{
    vfa__slots_finish(&t->slots);
    assert_int_equal(atomic_load(&t->gate.bytes[VFA_MEMORY_BOOK]), 0);
}

static void a_mid_finds_its_slot_in_every_chunk(void **state)
{
    (void)state;
    struct table t;
    open_table(&t);
    static struct vfa__slot *slot[5000];
    assert_int_equal(vfa__slots_reserve(&t.slots, 5000, slot), MFX_ERR_NONE);
    for (uint32_t i = 0; i < 5000; i++) {
        vfa__slot_publish(slot[i], false);
        mfxMemId mid = vfa__slot_mid(&t.slots, slot[i]);
        assert_ptr_equal(vfa__slot_find(&t.slots, mid), slot[i]);
        assert_true(vfa__slot_is_live(slot[i], mid));
        assert_true((uintptr_t)slot[i] % 64 == 0);
    }
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(vfa__slot_retire(slot[i]));
    vfa__slots_return(&t.slots, slot, 5000);
    close_table(&t);
}

static void two_tables_do_not_take_each_others_mids(void **state)
{
    (void)state;
    struct table a, b;
    open_table(&a);
    open_table(&b);
    struct vfa__slot *slot[2];
    assert_int_equal(vfa__slots_reserve(&a.slots, 1, &slot[0]), MFX_ERR_NONE);
    assert_int_equal(vfa__slots_reserve(&b.slots, 1, &slot[1]), MFX_ERR_NONE);
    assert_null(vfa__slot_find(&b.slots, vfa__slot_mid(&a.slots, slot[0])));
    assert_null(vfa__slot_find(&a.slots, vfa__slot_mid(&b.slots, slot[1])));
    close_table(&b);
    close_table(&a);
}

static void pins_hold_a_frame_without_locking_it(void **state)
{
    (void)state;
    struct table t;
    open_table(&t);
    struct vfa__slot *slot;
    assert_int_equal(vfa__slots_reserve(&t.slots, 1, &slot), MFX_ERR_NONE);
    vfa__slot_publish(slot, false);
    mfxMemId mid = vfa__slot_mid(&t.slots, slot);
    bool flag;
    assert_int_equal(vfa__slot_pin(slot, mid), MFX_ERR_NONE);
    assert_int_equal(vfa__slot_locks(slot), 0);
    assert_int_equal(vfa__slot_lock(slot, mid, &flag), MFX_ERR_NONE);
    assert_true(flag); /* the first lock, pinned or not */
    assert_false(vfa__slot_retire(slot));
    assert_int_equal(vfa__slot_unlock(slot, mid, &flag), MFX_ERR_NONE);
    assert_false(flag);
    assert_int_equal(vfa__slot_pin(slot, mid), MFX_ERR_INVALID_HANDLE);
    assert_true(vfa__slot_unpin(slot));
    assert_int_equal(vfa__slot_unlock(slot, mid, &flag), MFX_ERR_INVALID_HANDLE);
    vfa__slots_return(&t.slots, &slot, 1);
    close_table(&t);
}

static void a_slot_whose_generations_are_used_up_is_not_given_out_again(void **state)
{
    (void)state;
    struct table t;
    open_table(&t);
    struct vfa__slot *slot, *next;
    assert_int_equal(vfa__slots_reserve(&t.slots, 1, &slot), MFX_ERR_NONE);
    struct vfa__slot *first = slot;
    uint64_t rounds = 0;
    mfxMemId mid = NULL;
    while (slot == first) {
        vfa__slot_publish(slot, false);
        mid = vfa__slot_mid(&t.slots, slot);
        assert_true((uintptr_t)mid != UINTPTR_MAX);
        assert_true(vfa__slot_retire(slot));
        vfa__slots_return(&t.slots, &slot, 1);
        assert_int_equal(vfa__slots_reserve(&t.slots, 1, &next), MFX_ERR_NONE);
        slot = next;
        rounds++;
    }
    assert_int_equal(rounds, (UINT64_C(1) << VFA__GENERATION_BITS) - 1);
    assert_false(vfa__slot_is_live(first, mid));
    close_table(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mid_finds_its_slot_in_every_chunk),
        cmocka_unit_test(two_tables_do_not_take_each_others_mids),
        cmocka_unit_test(pins_hold_a_frame_without_locking_it),
        cmocka_unit_test(a_slot_whose_generations_are_used_up_is_not_given_out_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
