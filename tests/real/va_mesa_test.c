/* libvfa-va on Mesa's nouveau driver: what it refuses is handled, and the way by images beside the surface
 * works, call by call. Pixels are not looked at: Mesa's shim carries out no copies of the GPU, so that what
 * is put into a surface stays in the driver's staging memory, where the next surface may overwrite it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../support/pixels.h"
#include "va_fixture.h"

static struct vfa_va_facts facts_of(struct va_fixture *f, mfxU32 fourcc)
{
    struct vfa_va_facts facts;
    mfxFrameAllocRequest request = va_request(fourcc, 320, 240, DECODE_VIDEO, 1);
    struct vfa_error error;
    if (vfa_va_probe(f->va, &request.Info, request.Type, &facts, &error) != MFX_ERR_NONE)
        fail_msg("%s", error.text);
    return facts;
}

static void it_is_mesa(void **state)
{
    struct va_fixture *f = *state;
    print_message("%s\n", vfa_va_vendor(f->va));
    assert_non_null(strstr(vfa_va_vendor(f->va), "Mesa"));
}

static void images_are_not_derived_from_yuv_surfaces(void **state)
{
    const mfxU32 yuv[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010, MFX_FOURCC_I420, MFX_FOURCC_YUY2};
    for (size_t i = 0; i < sizeof yuv / sizeof yuv[0]; i++) {
        struct vfa_va_facts facts = facts_of(*state, yuv[i]);
        assert_int_equal(facts.way[VFA_VA_WAY_DERIVE].refused, VA_STATUS_ERROR_OPERATION_FAILED);
        assert_int_equal(facts.way[VFA_VA_WAY_DERIVE_COPY].refused, VA_STATUS_ERROR_OPERATION_FAILED);
        assert_int_equal(facts.way[VFA_VA_WAY_IMAGE].refused, VA_STATUS_SUCCESS);
        for (size_t d = 0; d < VFA_VA_DIRECTIONS; d++) {
            assert_int_not_equal(facts.chosen[d], VFA_VA_WAY_DERIVE);
            assert_int_not_equal(facts.chosen[d], VFA_VA_WAY_DERIVE_COPY);
        }
    }
}

static void the_image_way_serves_locks(void **state)
{
    struct va_fixture *f = *state;
    const mfxU32 fourcc[] = {MFX_FOURCC_YUY2, MFX_FOURCC_UYVY, MFX_FOURCC_RGB4,
                             MFX_FOURCC_BGR4, MFX_FOURCC_NV12, MFX_FOURCC_P010};
    for (size_t i = 0; i < sizeof fourcc / sizeof fourcc[0]; i++) {
        mfxFrameAllocRequest request = va_request(fourcc[i], 320, 240, DECODE_VIDEO, 4);
        mfxFrameAllocResponse response;
        struct vfa_va_stats before, after;
        assert_int_equal(vfa_va_set_way(f->va, fourcc[i], VFA_VA_READ_WRITE, VFA_VA_WAY_IMAGE), MFX_ERR_NONE);
        if (f->mfx->Alloc(f->mfx->pthis, &request, &response) != MFX_ERR_NONE)
            fail_msg("%s", va_last_error(f));
        assert_int_equal(vfa_va_stats(f->va, &before), MFX_ERR_NONE);
        for (size_t n = 0; n < response.NumFrameActual; n++) {
            mfxFrameData data = {0};
            if (f->mfx->Lock(f->mfx->pthis, response.mids[n], &data) != MFX_ERR_NONE)
                fail_msg("%s", va_last_error(f));
            pixels_write(&request.Info, &data, 1); /* all of it is there to be written */
            assert_int_equal(pixels_differ(&request.Info, &data, 1), -1);
            assert_int_equal(f->mfx->Unlock(f->mfx->pthis, response.mids[n], &data), MFX_ERR_NONE);
        }
        assert_int_equal(vfa_va_stats(f->va, &after), MFX_ERR_NONE);
        assert_int_equal(after.maps[VFA_VA_WAY_IMAGE] - before.maps[VFA_VA_WAY_IMAGE], 4);
        assert_int_equal(after.writebacks - before.writebacks, 4);
        assert_int_equal(after.images - before.images, 1); /* one staging image, used again */
        assert_int_equal(after.mappings, 0);
        assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    }
}

/* Mesa names the bytes of RGB4 BGRA where iHD names them ARGB. */
static void rgb4_is_the_bytes_b_g_r_a(void **state)
{
    struct va_fixture *f = *state;
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_RGB4, 64, 64, VPP_OUT_VIDEO, 1);
    mfxFrameAllocResponse response;
    mfxHDL handle;
    VAImage image;
    assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_NONE);
    assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[0], &handle), MFX_ERR_NONE);
    VADisplay display = vfa_va_display(f->va);
    assert_int_equal(vaDeriveImage(display, *(VASurfaceID *)handle, &image), VA_STATUS_SUCCESS);
    assert_int_equal(image.format.byte_order, VA_LSB_FIRST);
    assert_int_equal(image.format.red_mask, 0x00ff0000);
    assert_int_equal(image.format.blue_mask, 0x000000ff);
    assert_int_equal(vaDestroyImage(display, image.image_id), VA_STATUS_SUCCESS);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
}

static void what_it_does_not_create_is_said(void **state)
{
    struct va_fixture *f = *state;
    const mfxU32 fourcc[] = {MFX_FOURCC_Y210, MFX_FOURCC_Y410, MFX_FOURCC_RGB565};
    for (size_t i = 0; i < sizeof fourcc / sizeof fourcc[0]; i++) {
        mfxFrameAllocRequest request = va_request(fourcc[i], 64, 64, DECODE_VIDEO, 1);
        mfxFrameAllocResponse response;
        assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_UNSUPPORTED);
        assert_non_null(strstr(va_last_error(f), "VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT"));
        /* With both memory bits the system's frames serve instead. */
        request.Type |= MFX_MEMTYPE_SYSTEM_MEMORY;
        assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_NONE);
        assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
    }
}

static void frames_without_a_way_are_made_but_not_locked(void **state)
{
    struct va_fixture *f = *state;
    struct vfa_va_facts facts = facts_of(f, MFX_FOURCC_NV21);
    mfxFrameAllocRequest request = va_request(MFX_FOURCC_NV21, 320, 240, DECODE_VIDEO, 1);
    mfxFrameAllocResponse response;
    mfxFrameData data = {0};
    mfxHDL handle;
    assert_int_equal(facts.way[VFA_VA_WAY_IMAGE].refused, VA_STATUS_ERROR_INVALID_IMAGE_FORMAT);
    assert_int_equal(f->mfx->Alloc(f->mfx->pthis, &request, &response), MFX_ERR_NONE);
    assert_int_equal(f->mfx->Lock(f->mfx->pthis, response.mids[0], &data), MFX_ERR_UNSUPPORTED);
    assert_non_null(strstr(va_last_error(f), "no way to the bytes of NV21"));
    assert_int_equal(f->mfx->GetHDL(f->mfx->pthis, response.mids[0], &handle), MFX_ERR_NONE);
    assert_int_equal(f->mfx->Free(f->mfx->pthis, &response), MFX_ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_mesa),
        cmocka_unit_test(images_are_not_derived_from_yuv_surfaces),
        cmocka_unit_test(the_image_way_serves_locks),
        cmocka_unit_test(rgb4_is_the_bytes_b_g_r_a),
        cmocka_unit_test(what_it_does_not_create_is_said),
        cmocka_unit_test(frames_without_a_way_are_made_but_not_locked),
    };
    return cmocka_run_group_tests(tests, va_fixture_open, va_fixture_close);
}
