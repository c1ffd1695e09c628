/* The frame interface over surfaces of a real VA driver keeps the header's rules, whichever way their pixels
 * are reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../contract/pool_conformance.h"
#include "va_fixture.h"

static void check_format(struct va_fixture *f, mfxU32 fourcc)
{
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct pool_subject subject;
    struct vfa_pool *pool;
    interface.device = vfa_va_display(f->va);
    config.allocator = f->mfx;
    config.request = va_request(fourcc, 128, 64, VPP_OUT_VIDEO, 2);
    config.frame_interface = &interface;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    pool_subject_init(&subject, pool, &interface, true);
    assert_int_equal(surface_conformance_run(&subject.rules, NULL, pool_subject_print, NULL), 0);
    vfa_pool_destroy(&pool);
}

static void tiled_surfaces(void **state)
{
    check_format(*state, MFX_FOURCC_NV12);
    check_format(*state, MFX_FOURCC_P010);
    check_format(*state, MFX_FOURCC_RGB4);
}

static void linear_surfaces(void **state)
{
    check_format(*state, MFX_FOURCC_I420);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiled_surfaces),
        cmocka_unit_test(linear_surfaces),
    };
    return cmocka_run_group_tests(tests, va_fixture_open, va_fixture_close);
}
