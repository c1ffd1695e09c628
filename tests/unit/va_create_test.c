/* vfa_va_create and vfa_va_destroy: on the application's display and on one of its own, and what a driver may
 * answer there. */
#include "va_fixture.h"

static void whole_round_trip_on_an_application_display(void **state)
{
    (void)state;
    struct va_fixture v;
    va_prepare(&v);
    va_open(&v);
    assert_string_equal(vfa_va_vendor(v.va), "Fake VA driver");
    assert_string_equal(vfa_va_device(v.va), "");
    assert_ptr_equal(vfa_va_display(v.va), &v.fake);
    mfxFrameAllocResponse response = va_alloc(&v, MFX_FOURCC_NV12, 3);
    assert_int_equal(surface_of(&v, response.mids[0]), 0);
    for (unsigned int i = 0; i < 3; i++) {
        va_write(&v, MFX_FOURCC_NV12, response.mids[i], i);
        assert_int_equal(va_surface_pixels(&v, surface_of(&v, response.mids[i]), i, VA_COUNT_BAD), 0);
        assert_int_equal(va_count_bad(&v, MFX_FOURCC_NV12, response.mids[i], i), 0);
    }
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    assert_va_holds_nothing(&v);
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_INITIALIZE]), 0);
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_TERMINATE]), 0);
    va_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_round_trip_on_an_application_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
