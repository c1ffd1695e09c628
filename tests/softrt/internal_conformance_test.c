/* The surfaces that the runtime hands out keep the header's rules, all four kinds of them, under each policy.
 */
#include "own_kinds.h"

static void without_hints(void **state)
{
    (void)state;
    own_kinds_check(NULL, MFX_ALLOCATION_UNLIMITED, 1, NULL);
}

static void unlimited(void **state)
{
    mfxExtAllocationHints hints = own_hints(MFX_ALLOCATION_UNLIMITED, 3, 0, 0);

    (void)state;
    own_kinds_check(&hints, MFX_ALLOCATION_UNLIMITED, 3, NULL);
}

static void limited(void **state)
{
    mfxExtAllocationHints hints = own_hints(MFX_ALLOCATION_LIMITED, 2, 1, 0);

    (void)state;
    own_kinds_check(&hints, MFX_ALLOCATION_LIMITED, 2, NULL);
}

static void optimal(void **state)
{
    mfxExtAllocationHints hints = own_hints(MFX_ALLOCATION_OPTIMAL, 1, 0, 0);

    (void)state;
    own_kinds_check(&hints, MFX_ALLOCATION_OPTIMAL, 1, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_hints),
        cmocka_unit_test(unlimited),
        cmocka_unit_test(limited),
        cmocka_unit_test(optimal),
    };

    return cmocka_run_group_tests_name("softrt internal conformance", tests, NULL, NULL);
}
