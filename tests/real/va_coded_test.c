/* Frames of FourCC P8: coded buffers of an encoder's context, on a real VA driver. Today's runtimes ask for
 * none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "va_fixture.h"

enum {
    BYTES = 64 << 10,
    BUFFERS = 3
};

/* An encoder's context, AVC in low power mode. */
struct context {
    VAConfigID config;
    VAContextID id;
};

static struct context context_open(struct va_fixture *f)
{
    struct context c;
    VADisplay display = vfa_va_display(f->va);
    VAConfigAttrib attribute = {.type = VAConfigAttribRTFormat, .value = VA_RT_FORMAT_YUV420};
    assert_int_equal(
        vaCreateConfig(display, VAProfileH264Main, VAEntrypointEncSliceLP, &attribute, 1, &c.config),
        VA_STATUS_SUCCESS);
    assert_int_equal(vaCreateContext(display, c.config, 320, 240, VA_PROGRESSIVE, NULL, 0, &c.id),
                     VA_STATUS_SUCCESS);
    return c;
}

static void context_close(struct va_fixture *f, const struct context *c)
{
    VADisplay display = vfa_va_display(f->va);
    assert_int_equal(vaDestroyContext(display, c->id), VA_STATUS_SUCCESS);
    assert_int_equal(vaDestroyConfig(display, c->config), VA_STATUS_SUCCESS);
}

static mfxFrameAllocRequest coded_request(VAContextID context)
{
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_P8, 0, 0, ENCODE_VIDEO, BUFFERS);
    request.Info.BufferSize = BYTES;
    request.AllocId = context;
    return request;
}

static mfxFrameAllocResponse coded_alloc(struct va_fixture *f, const struct context *c)
{
    mfxFrameAllocRequest request = coded_request(c->id);
    mfxFrameAllocResponse response;
    if (f->mfx->Alloc(f->mfx->pthis, &request, &response) != MFX_ERR_NONE)
        fail_msg("%s", va_last_error(f));
    assert_int_equal(response.NumFrameActual, BUFFERS);
    return response;
}

static void lock_gives_the_bytes_of_the_coded_segment(void **state)
{
    struct va_fixture *f = *state;
    struct context c = context_open(f);
    mfxFrameAllocResponse response = coded_alloc(f, &c);
    mfxFrameData data[BUFFERS];
    memset(data, 0, sizeof data);
    for (unsigned i = 0; i < BUFFERS; i++) {
        assert_int_equal(f->mfx->Lock(f->mfx->pthis, response.mids[i], &data[i]), MFX_ERR_NONE);
        assert_non_null(data[i].Y);
        assert_null(data[i].UV);
        memset(data[i].Y, (int)i + 1, BYTES);
    }
    for (unsigned i = 0; i < BUFFERS; i++) {
        assert_int_equal(data[i].Y[0], i + 1);
        assert_int_equal(data[i].Y[BYTES - 1], i + 1);
        assert_int_equal(f->mfx->Unlock(f->mfx->pthis, response.mids[i], &data[i]), MFX_ERR_NONE);
    }
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    context_close(f, &c);
}

static void the_handle_is_a_buffer_that_the_driver_knows(void **state)
{
    struct va_fixture *f = *state;
    struct context c = context_open(f);
    mfxFrameAllocResponse response = coded_alloc(f, &c);
    VABufferID ids[BUFFERS];
    for (unsigned i = 0; i < BUFFERS; i++) {
        mfxHDL handle;
        void *segment;
        assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[i], &handle), MFX_ERR_NONE);
        ids[i] = *(VABufferID *)handle;
        assert_int_equal(vaMapBuffer(vfa_va_display(f->va), ids[i], &segment), VA_STATUS_SUCCESS);
        assert_non_null(((VACodedBufferSegment *)segment)->buf);
        assert_int_equal(vaUnmapBuffer(vfa_va_display(f->va), ids[i]), VA_STATUS_SUCCESS);
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(ids[i], ids[k]);
    }
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    context_close(f, &c);
}

static void buffers_are_counted_while_they_are_there(void **state)
{
    struct va_fixture *f = *state;
    struct context c = context_open(f);
    mfxFrameAllocResponse response = coded_alloc(f, &c);
    struct vfa_va_stats stats;
    assert_int_equal(vfa_va_stats(f->va, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.buffers, BUFFERS);
    assert_int_equal(stats.surfaces, 0);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    assert_int_equal(vfa_va_stats(f->va, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.buffers, 0);
    context_close(f, &c);
}

static void nested_locks_give_the_same_bytes(void **state)
{
    struct va_fixture *f = *state;
    struct context c = context_open(f);
    mfxFrameAllocResponse response = coded_alloc(f, &c);
    mfxFrameData one, two;
    assert_int_equal(f->mfx->Lock(f->mfx->pthis, response.mids[0], &one), MFX_ERR_NONE);
    assert_int_equal(f->mfx->Lock(f->mfx->pthis, response.mids[0], &two), MFX_ERR_NONE);
    assert_ptr_equal(one.Y, two.Y);
    assert_int_equal(f->mfx->Unlock(f->mfx->pthis, response.mids[0], &two), MFX_ERR_NONE);
    one.Y[BYTES - 1] = 7;
    assert_int_equal(f->mfx->Unlock(f->mfx->pthis, response.mids[0], &one), MFX_ERR_NONE);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    context_close(f, &c);
}

static void refuses(struct va_fixture *f, VAContextID context)
{
    mfxFrameAllocRequest request = coded_request(context);
    mfxFrameAllocResponse response;
    assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_NOT_INITIALIZED);
    assert_non_null(strstr(va_last_error(f), "VA_STATUS_ERROR_INVALID_CONTEXT"));
    assert_null(response.mids);
}

static void a_context_that_is_none_is_said(void **state)
{
    struct va_fixture *f = *state;
    struct context c = context_open(f);
    const VAContextID none[] = {0, c.id + 1, 12345, VA_INVALID_ID};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        refuses(f, none[i]);
    context_close(f, &c);
    refuses(f, c.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lock_gives_the_bytes_of_the_coded_segment, va_fixture_open,
                                        va_fixture_close),
        cmocka_unit_test_setup_teardown(the_handle_is_a_buffer_that_the_driver_knows, va_fixture_open,
                                        va_fixture_close),
        cmocka_unit_test_setup_teardown(buffers_are_counted_while_they_are_there, va_fixture_open,
                                        va_fixture_close),
        cmocka_unit_test_setup_teardown(nested_locks_give_the_same_bytes, va_fixture_open, va_fixture_close),
        cmocka_unit_test_setup_teardown(a_context_that_is_none_is_said, va_fixture_open, va_fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
