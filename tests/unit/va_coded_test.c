/* P8 frames: coded buffers of the driver. */
#include "va_fixture.h"

static struct va_fixture v;
static mfxFrameAllocResponse response;

static void close_frames(void)
{
    assert_int_equal(release(&v.f, &response), MFX_ERR_NONE);
    assert_va_holds_nothing(&v);
    va_close(&v);
}

static mfxFrameAllocRequest coded_request(mfxU64 bytes, mfxU16 frames)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, frames);
    memset(&request.Info, 0, sizeof request.Info);
    request.Info.FourCC = MFX_FOURCC_P8;
    request.Info.BufferSize = bytes;
    return request;
}

static void coded_buffers_give_their_segment(void **state)
{
    (void)state;
    mfxFrameData data;
    va_prepare(&v);
    va_open(&v);
    mfxFrameAllocRequest request = coded_request(1000, 2);
    request.AllocId = 42;
    assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(v.fake.seen.context, 42);
    memset(&data, 0, sizeof data);
    assert_int_equal(lock(&v.f, response.mids[1], &data), MFX_ERR_NONE);
    memset(data.Y, 0x11, 1000);
    assert_null(data.U);
    assert_int_equal(unlock(&v.f, response.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(lock(&v.f, response.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(data.Y[999], 0x11);
    assert_int_equal(unlock(&v.f, response.mids[1], &data), MFX_ERR_NONE);
    assert_int_equal(atomic_load(&v.fake.surfaces_alive), 0);
    close_frames();
}

static void a_coded_buffer_without_bytes_is_not_locked(void **state)
{
    (void)state;
    mfxFrameData data;
    va_prepare(&v);
    v.fake.coded_empty = true;
    va_open(&v);
    mfxFrameAllocRequest request = coded_request(100, 1);
    assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_NONE);
    assert_int_equal(lock(&v.f, response.mids[0], &data), MFX_ERR_LOCK_MEMORY);
    assert_non_null(strstr(error_of(&v).text, "no segment with bytes"));
    assert_int_equal(atomic_load(&v.fake.mappings_alive), 0);
    close_frames();
}

/* vaCreateBuffer takes 32 bits, a request has 64. */
static void a_size_that_the_driver_cannot_be_told_is_refused(void **state)
{
    (void)state;
    va_prepare(&v);
    va_open(&v);
    mfxFrameAllocRequest request = coded_request(UINT64_C(1) << 32, 1);
    assert_int_equal(alloc(&v.f, &request, &response), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_non_null(strstr(error_of(&v).text, "BufferSize 4294967296"));
    assert_int_equal(atomic_load(&v.fake.calls[FAKE_CREATE_BUFFER]), 0);
    va_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coded_buffers_give_their_segment),
        cmocka_unit_test(a_coded_buffer_without_bytes_is_not_locked),
        cmocka_unit_test(a_size_that_the_driver_cannot_be_told_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
