/* The frame interface of pools keeps the header's rules, on every kind of frame and allocator. */
#include "../contract/pool_conformance.h"
#include "mock_device.h"

static void check_pool(mfxFrameAllocator *allocator, const mfxFrameAllocRequest *request, bool video)
{
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct pool_subject subject;
    struct vfa_pool *pool;
    interface.device = &interface;
    config.allocator = allocator;
    config.request = *request;
    config.frame_interface = &interface;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    pool_subject_init(&subject, pool, &interface, video);
    assert_int_equal(surface_conformance_run(&subject.rules, NULL, pool_subject_print, NULL), 0);
    vfa_pool_destroy(&pool);
}

static void frames_in_system_memory(void **state)
{
    static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_I420, MFX_FOURCC_RGB4};
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct fixture f;
        mfxFrameAllocRequest request = request_of(formats[i], 64, 32, 2, 2);
        fixture_open(&f, NULL, 0);
        check_pool(f.mfx, &request, false);
        fixture_close(&f);
    }
}

static void frames_that_are_mapped(void **state)
{
    (void)state;
    static struct device device;
    struct fixture f;
    mfxFrameAllocRequest request = video_request(2);
    open_with_device(&f, &device);
    check_pool(f.mfx, &request, true);
    close_with_device(&f, &device);
}

/* Somebody else's allocator: Lock and Unlock, no vfa_map. */

static mfxStatus foreign_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Alloc(inner->pthis, request, response);
}

static mfxStatus foreign_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Lock(inner->pthis, mid, data);
}

static mfxStatus foreign_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Unlock(inner->pthis, mid, data);
}

static mfxStatus foreign_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    mfxFrameAllocator *inner = pthis;
    return inner->GetHDL(inner->pthis, mid, handle);
}

static mfxStatus foreign_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Free(inner->pthis, response);
}

static void frames_of_a_foreign_allocator(void **state)
{
    (void)state;
    static struct device device;
    struct fixture f;
    open_with_device(&f, &device);
    mfxFrameAllocator foreign = {.pthis = f.mfx,
                                 .Alloc = foreign_alloc,
                                 .Lock = foreign_lock,
                                 .Unlock = foreign_unlock,
                                 .GetHDL = foreign_handle,
                                 .Free = foreign_free};
    mfxFrameAllocRequest video = video_request(2), system = request_of(MFX_FOURCC_NV12, 64, 32, 2, 2);
    check_pool(&foreign, &video, true);
    check_pool(&foreign, &system, false);
    foreign.GetHDL = NULL;
    check_pool(&foreign, &system, false);
    close_with_device(&f, &device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_in_system_memory),
        cmocka_unit_test(frames_that_are_mapped),
        cmocka_unit_test(frames_of_a_foreign_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
