/* The frame interface over VA frames keeps the header's rules, and hands out the surface and its display. */
#include "../contract/pool_conformance.h"
#include "va_fixture.h"

static void open_pool(struct va_fixture *v, struct vfa_interface_config *interface, struct vfa_pool **pool)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    va_prepare(v);
    va_open(v);
    *interface = vfa_interface_config_defaults();
    interface->device = vfa_va_display(v->va);
    config.allocator = v->f.mfx;
    config.request = va_request(MFX_FOURCC_NV12, 2);
    config.frame_interface = interface;
    assert_int_equal(vfa_pool_create(pool, &config), MFX_ERR_NONE);
}

static void va_frames_keep_the_rules(void **state)
{
    (void)state;
    struct va_fixture v;
    struct vfa_interface_config interface;
    struct pool_subject subject;
    struct vfa_pool *pool;
    open_pool(&v, &interface, &pool);
    pool_subject_init(&subject, pool, &interface, true);
    assert_int_equal(surface_conformance_run(&subject.rules, NULL, pool_subject_print, NULL), 0);
    vfa_pool_destroy(&pool);
    va_close(&v);
}

static void handles_are_the_surface_and_the_display(void **state)
{
    (void)state;
    struct va_fixture v;
    struct vfa_interface_config interface;
    struct vfa_pool *pool;
    mfxFrameSurface1 *surface;
    mfxHDL handle;
    mfxResourceType resource;
    mfxHandleType device;
    open_pool(&v, &interface, &pool);
    assert_int_equal(vfa_pool_acquire(pool, 0, &surface), MFX_ERR_NONE);
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    assert_int_equal(face->GetNativeHandle(surface, &handle, &resource), MFX_ERR_NONE);
    assert_int_equal(*(VASurfaceID *)handle, surface_of(&v, surface->Data.MemId));
    assert_int_equal(resource, MFX_RESOURCE_VA_SURFACE);
    assert_int_equal(face->GetDeviceHandle(surface, &handle, &device), MFX_ERR_NONE);
    assert_ptr_equal(handle, vfa_va_display(v.va));
    assert_int_equal(device, MFX_HANDLE_VA_DISPLAY);
    assert_int_equal(vfa_pool_release(pool, surface), MFX_ERR_NONE);
    vfa_pool_destroy(&pool);
    va_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(va_frames_keep_the_rules),
        cmocka_unit_test(handles_are_the_surface_and_the_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
