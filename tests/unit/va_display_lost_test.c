/* The application lost the display: from then on every call answers MFX_ERR_DEVICE_LOST, libva is not called
 * any more, and all host memory comes back; whether it is lost between calls, while frames are locked, or in
 * the middle of a call. */
#include "va/driver.h"
#include "va_fixture.h"

#include <vfa/dmabuf.h>

static struct va_fixture v;
static mfxFrameAllocResponse response, coded;

static const mfxU32 flags_of[VFA_VA_DIRECTIONS] = {MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE};

static mfxFrameAllocRequest coded_request(void)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, 1);
    memset(&request.Info, 0, sizeof request.Info);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = 64;
    return request;
}

static void open_frames(void)
{
    va_prepare_small(&v);
    va_open(&v);
    response = va_alloc(&v, MFX_FOURCC_NV12, 2);
    mfxFrameAllocRequest request = coded_request();
    assert_int_equal(alloc(&v.f, &request, &coded), MFX_ERR_NONE);
}

/* What the driver holds stays with it; what the backend holds must not. */
static void close_lost(void)
{
    long calls = atomic_load(&v.fake.total);
    fixture_close(&v.f);
    assert_int_equal(vfa_va_import_forget(v.va, 0), MFX_ERR_NONE); /* what is kept of imports */
    assert_va_holds_nothing(&v);
    vfa_va_destroy(&v.va);
    assert_int_equal(atomic_load(&v.va_memory.live_bytes), 0);
    assert_int_equal(atomic_load(&v.va_memory.mismatches), 0);
    assert_int_equal(atomic_load(&v.fake.total), calls);
    fake_va_finish(&v.fake);
    pthread_mutex_destroy(&v.va_log.lock);
}

static void lose(void)
{
    vfa_va_display_lost(v.va);
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
}

static void assert_every_call_says_so(void)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    mfxFrameAllocResponse other;
    mfxFrameData data;
    mfxHDL handle;
    struct vfa_va_facts facts;
    struct vfa_error error;
    request.AllocId = 7; /* no frames to share */
    assert_int_equal(alloc(&v.f, &request, &other), MFX_ERR_DEVICE_LOST);
    assert_non_null(strstr(error_of(&v).text, "the display was lost"));
    assert_null(other.mids);
    request = coded_request();
    request.AllocId = 7;
    assert_int_equal(alloc(&v.f, &request, &other), MFX_ERR_DEVICE_LOST);
    for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_map(v.f.a, response.mids[1], flags_of[d], &data), MFX_ERR_DEVICE_LOST);
    assert_non_null(strstr(error_of(&v).text, "the display was lost"));
    assert_int_equal(lock(&v.f, coded.mids[0], &data), MFX_ERR_DEVICE_LOST);
    assert_int_equal(v.f.mfx->GetHDL(v.f.mfx->pthis, response.mids[0], &handle), MFX_ERR_DEVICE_LOST);
    request = va_request(MFX_FOURCC_NV12, 5);
    assert_int_equal(vfa_frames_replace(v.f.a, &request, 0, &response), MFX_ERR_DEVICE_LOST);
    assert_int_equal(vfa_va_probe(v.va, &request.Info, request.Type, &facts, &error), MFX_ERR_DEVICE_LOST);
    assert_non_null(strstr(error.text, "the display was lost"));
    assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_READ, VFA_VA_WAY_IMAGE), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&v.fake.total), 0);
}

static void between_calls(void **state)
{
    (void)state;
    open_frames();
    lose();
    assert_every_call_says_so();
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    assert_int_equal(release(&v.f, &coded), MFX_ERR_NONE);
    close_lost();
}

static void with_frames_never_freed(void **state)
{
    (void)state;
    open_frames();
    lose();
    close_lost();
}

static void while_locked_by_any_way(void **state)
{
    (void)state;
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++)
        for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++)
            for (int freed = 0; freed < 2; freed++) {
                mfxFrameData data, nested;
                memset(&data, 0, sizeof data);
                open_frames();
                mfxMemId mid = response.mids[0];
                assert_int_equal(vfa_va_set_way(v.va, 0, (enum vfa_va_direction)d, (enum vfa_va_way)way),
                                 MFX_ERR_NONE);
                assert_int_equal(vfa_map(v.f.a, mid, flags_of[d], &data), MFX_ERR_NONE);
                lose();
                assert_every_call_says_so();
                if (flags_of[d] == MFX_MAP_READ)
                    assert_int_equal(vfa_map(v.f.a, mid, MFX_MAP_WRITE, &nested), MFX_ERR_DEVICE_LOST);
                if (freed)
                    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
                assert_int_equal(vfa_unmap(v.f.a, mid, &data), MFX_ERR_DEVICE_LOST);
                assert_int_equal(vfa_unmap(v.f.a, mid, &data),
                                 freed ? MFX_ERR_INVALID_HANDLE : MFX_ERR_UNDEFINED_BEHAVIOR); /* it ended */
                close_lost();
            }
}

static void while_locked_to_the_end(void **state)
{
    (void)state;
    for (unsigned int way = VFA_VA_WAY_DERIVE; way < VFA_VA_WAYS; way++) {
        mfxFrameData data;
        open_frames();
        assert_int_equal(vfa_va_set_way(v.va, 0, VFA_VA_READ_WRITE, (enum vfa_va_way)way), MFX_ERR_NONE);
        assert_int_equal(lock(&v.f, response.mids[0], &data), MFX_ERR_NONE);
        assert_int_equal(lock(&v.f, coded.mids[0], &data), MFX_ERR_NONE);
        lose();
        close_lost();
    }
}

static void a_display_of_its_own_is_not_ended(void **state)
{
    (void)state;
    int fds = open_fds();
    va_prepare(&v);
    v.config.display = NULL;
    v.config.device = "/dev/null";
    fake_va_on_drm(&v.fake);
    assert_int_equal(vfa_va_create(&v.va, &v.config, NULL), MFX_ERR_NONE);
    vfa_va_display_lost(v.va);
    vfa_va_destroy(&v.va);
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_TERMINATE]), 0);
    assert_int_equal(open_fds(), fds);
    fake_va_finish(&v.fake);
}

/* --- in the middle of a call */

static long lose_at;

static void lose_display(void *user, enum fake_call call, long n)
{
    struct va_fixture *fixture = user;
    (void)call;
    if (n == lose_at)
        vfa_va_display_lost(fixture->va);
}

static enum vfa_va_way way_used;
static mfxU32 flags_used;
static mfxFrameData data_used;

static mfxStatus first_alloc(void)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_IYUV, 2);
    mfxFrameAllocResponse other;
    return alloc(&v.f, &request, &other);
}

static mfxStatus alloc_again(void)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 3);
    mfxFrameAllocResponse other;
    return alloc(&v.f, &request, &other);
}

static mfxStatus alloc_coded(void)
{
    mfxFrameAllocRequest request = coded_request();
    mfxFrameAllocResponse other;
    request.AllocId = 9;
    request.NumFrameMin = request.NumFrameSuggested = 2;
    return alloc(&v.f, &request, &other);
}

static mfxStatus replace(void)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 4);
    return vfa_frames_replace(v.f.a, &request, 0, &response);
}

static mfxStatus free_frames(void)
{
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    assert_int_equal(release(&v.f, &coded), MFX_ERR_NONE);
    return MFX_ERR_NONE;
}

static mfxStatus lock_and_unlock(void)
{
    mfxStatus status = vfa_map(v.f.a, response.mids[0], flags_used, &data_used);
    if (status != MFX_ERR_NONE)
        return status;
    memset(data_used.Y, 1, VA_WIDTH);
    return vfa_unmap(v.f.a, response.mids[0], &data_used);
}

static mfxStatus lock_and_unlock_coded(void)
{
    mfxStatus status = lock(&v.f, coded.mids[0], &data_used);
    return status == MFX_ERR_NONE ? unlock(&v.f, coded.mids[0], &data_used) : status;
}

static mfxStatus probe(void)
{
    struct vfa_va_facts facts;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P010, 1);
    return vfa_va_probe(v.va, &request.Info, request.Type, &facts, NULL);
}

static mfxStatus bind_and_read(const VADRMPRIMESurfaceDescriptor *descriptor)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV12, 1);
    mfxFrameAllocResponse slots;
    mfxStatus status = vfa_va_slots_alloc(v.va, v.f.a, &request, 0, &slots);
    if (status == MFX_ERR_NONE)
        status = vfa_va_bind_dmabuf(v.va, v.f.a, slots.mids[0], descriptor, 5);
    if (status == MFX_ERR_NONE)
        status = vfa_map(v.f.a, slots.mids[0], MFX_MAP_READ, &data_used);
    if (status == MFX_ERR_NONE)
        status = vfa_unmap(v.f.a, slots.mids[0], &data_used);
    return status;
}

static mfxStatus export_and_import(void)
{
    VADRMPRIMESurfaceDescriptor descriptor;
    mfxStatus status = vfa_va_export(v.va, v.f.a, response.mids[0], VFA_VA_EXPORT_READ, &descriptor);
    if (status != MFX_ERR_NONE)
        return status;
    status = bind_and_read(&descriptor);
    vfa_va_descriptor_close(&descriptor);
    return status;
}

/* Lost in the n-th call of an operation. Returns whether there was an n-th. */
static bool lose_within(mfxStatus (*operation)(void), long n)
{
    int fds = open_fds();
    open_frames();
    for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++)
        assert_int_equal(vfa_va_set_way(v.va, 0, (enum vfa_va_direction)d, way_used), MFX_ERR_NONE);
    fake_va_fail(&v.fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
    v.fake.before = lose_display;
    v.fake.user = &v;
    lose_at = n;
    mfxStatus status = operation();
    bool lost = atomic_load(&v.fake.total) >= n;
    if (lost) {
        assert_true(status == MFX_ERR_DEVICE_LOST || (status == MFX_ERR_NONE && operation != probe));
        assert_int_equal(atomic_load(&v.fake.total), n);
        if (status != MFX_ERR_NONE && operation != probe) /* the application's own word, not the driver's */
            assert_non_null(strstr(error_of(&v).text, "the display was lost"));
    } else {
        assert_int_equal(status, MFX_ERR_NONE);
        vfa_va_display_lost(v.va);
    }
    close_lost();
    assert_int_equal(open_fds(), fds);
    return lost;
}

static void sweep(mfxStatus (*operation)(void), long calls_min, long step)
{
    long n = 1;
    while (lose_within(operation, n))
        n += step;
    assert_true(n > calls_min);
}

static void in_the_middle_of_alloc(void **state)
{
    (void)state;
    way_used = VFA_VA_WAY_MEASURED;
    sweep(first_alloc, 100, 1);
    sweep(alloc_again, 3, 1);
    sweep(alloc_coded, 2, 1);
    sweep(replace, 4, 1);
    sweep(probe, 100, 3);
}

static void in_the_middle_of_export_and_import(void **state)
{
    (void)state;
    way_used = VFA_VA_WAY_MEASURED;
    sweep(export_and_import, 4, 1);
}

static void in_the_middle_of_free(void **state)
{
    (void)state;
    way_used = VFA_VA_WAY_MEASURED;
    sweep(free_frames, 3, 1);
}

static void in_the_middle_of_lock_and_unlock(void **state)
{
    (void)state;
    for (unsigned int way = VFA_VA_WAY_MEASURED; way < VFA_VA_WAYS; way++)
        for (unsigned int d = 0; d < VFA_VA_DIRECTIONS; d++) {
            way_used = (enum vfa_va_way)way;
            flags_used = flags_of[d];
            sweep(lock_and_unlock, 2, 1);
        }
    sweep(lock_and_unlock_coded, 2, 1);
}

/* Whoever loses it, and when: another thread may, between a call's first look and what it then asks of the
 * driver. */
static void no_call_reaches_a_lost_driver(void **state)
{
    (void)state;
    struct vfa__va_shape shape = {.format = vfa_format_find(MFX_FOURCC_NV12)};
    VADRMPRIMESurfaceDescriptor descriptor;
    VASurfaceID surface = 0;
    VABufferID buffer = 0;
    VAImage image;
    void *bytes;
    const char *call, *absurd;
    open_frames();
    lose();
    const VAStatus answers[] = {
        vfa__drv_create_surface(v.va, &shape, NULL, 0, &surface),
        vfa__drv_sync(v.va, surface, 0, &call),
        vfa__drv_derive_image(v.va, surface, &image),
        vfa__drv_create_image(v.va, &shape, &image),
        vfa__drv_get_image(v.va, &shape, surface, 0),
        vfa__drv_put_image(v.va, &shape, surface, 0),
        vfa__drv_create_coded(v.va, 0, 64, &buffer),
        vfa__drv_map(v.va, buffer, true, &bytes, &call),
        vfa__drv_export(v.va, surface, VA_EXPORT_SURFACE_READ_ONLY, &descriptor, &absurd),
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        assert_int_equal(answers[i], VA_STATUS_ERROR_INVALID_DISPLAY);
    assert_int_equal(atomic_load(&v.fake.total), 0);
    close_lost();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(between_calls),
        cmocka_unit_test(with_frames_never_freed),
        cmocka_unit_test(while_locked_by_any_way),
        cmocka_unit_test(while_locked_to_the_end),
        cmocka_unit_test(a_display_of_its_own_is_not_ended),
        cmocka_unit_test(in_the_middle_of_alloc),
        cmocka_unit_test(in_the_middle_of_export_and_import),
        cmocka_unit_test(in_the_middle_of_free),
        cmocka_unit_test(in_the_middle_of_lock_and_unlock),
        cmocka_unit_test(no_call_reaches_a_lost_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
