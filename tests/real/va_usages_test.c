/* Frames for each use, decoder to video processing, keep what is written, at heights that drivers round
 * differently. Two frames at a time: what one shows must not be the other's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/pixels.h"
#include "va_fixture.h"

static void write_frame(struct va_fixture *f, const mfxFrameAllocRequest *request, mfxMemId mid,
                        unsigned int seed)
{
    mfxFrameData data = {0};
    if (vfa_map(f->frames, mid, MFX_MAP_WRITE, &data) != MFX_ERR_NONE)
        fail_msg("type 0x%04x: %s", request->Type, va_last_error(f));
    pixels_write(&request->Info, &data, seed);
    assert_int_equal(vfa_unmap(f->frames, mid, &data), MFX_ERR_NONE);
}

static void check_frame(struct va_fixture *f, const mfxFrameAllocRequest *request, mfxMemId mid,
                        unsigned int seed)
{
    mfxFrameData data = {0};
    assert_int_equal(vfa_map(f->frames, mid, MFX_MAP_READ, &data), MFX_ERR_NONE);
    int plane = pixels_differ(&request->Info, &data, seed);
    assert_int_equal(vfa_unmap(f->frames, mid, &data), MFX_ERR_NONE);
    if (plane >= 0)
        fail_msg("type 0x%04x, %ux%u: plane %d does not read back", request->Type, request->Info.Width,
                 request->Info.Height, plane);
}

static void check_use(struct va_fixture *f, mfxFrameAllocRequest *request)
{
    mfxFrameAllocResponse response;
    if (f->mfx->Alloc(f->mfx->pthis, request, &response) != MFX_ERR_NONE)
        fail_msg("type 0x%04x: %s", request->Type, va_last_error(f));
    for (unsigned int i = 0; i < 2; i++)
        write_frame(f, request, response.mids[i], i);
    for (unsigned int i = 0; i < 2; i++)
        check_frame(f, request, response.mids[i], i);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
}

static void frames_for_each_use_keep_what_is_written(void **state)
{
    struct va_fixture *f = *state;
    const mfxU16 types[] = {DECODE_VIDEO, ENCODE_VIDEO, VPP_IN_VIDEO, VPP_OUT_VIDEO,
                            DECODE_VIDEO | ENCODE_VIDEO};
    const mfxU16 sizes[][2] = {{176, 144}, {320, 240}, {352, 288}, {640, 368}};
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_RGB4};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
                mfxFrameAllocRequest request = va_request(formats[i], sizes[s][0], sizes[s][1], types[t], 2);
                check_use(f, &request);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_for_each_use_keep_what_is_written, va_fixture_open,
                                        va_fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
