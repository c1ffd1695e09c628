/* The internal memory model in VA surfaces: the session has a display, the IOPattern asks for video memory,
 * and the runtime makes the surfaces. */
#include "own_decode.h"
#include "own_kinds.h"
#include "vpp_run.h"

#include "encode_run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <va/va.h>
#include <va/va_drm.h>

static int node = -1;
static VADisplay display;

static int open_display(void **state)
{
    const char *path = getenv("VFA_TEST_NODE");
    int major, minor;

    (void)state;
    node = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (node < 0)
        return -1;
    display = vaGetDisplayDRM(node);
    return vaInitialize(display, &major, &minor) == VA_STATUS_SUCCESS ? 0 : -1;
}

static int close_display(void **state)
{
    (void)state;
    (void)vaTerminate(display);
    (void)close(node);
    return 0;
}

static void all_kinds_keep_the_rules(void **state)
{
    (void)state;
    own_kinds_check(NULL, MFX_ALLOCATION_UNLIMITED, 1, display);
}

static void open_video(struct decoding *d)
{
    decoding_open(d, "own.264", OWN_AVC, MFX_CODEC_AVC);
    d->par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    complete_info(&d->par.mfx.FrameInfo);
    d->par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoCORE_SetHandle(d->session, MFX_HANDLE_VA_DISPLAY, display), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(d->session, &d->par), MFX_ERR_NONE);
}

static void assert_va_surface(mfxFrameSurface1 *surface)
{
    mfxHDL handle = NULL, device = NULL;
    mfxResourceType resource = (mfxResourceType)0;
    mfxHandleType type = (mfxHandleType)0;

    assert_int_equal(surface->FrameInterface->GetNativeHandle(surface, &handle, &resource), MFX_ERR_NONE);
    assert_int_equal(resource, MFX_RESOURCE_VA_SURFACE);
    assert_int_equal(vaSyncSurface(display, *(VASurfaceID *)handle), VA_STATUS_SUCCESS);
    assert_int_equal(surface->FrameInterface->GetDeviceHandle(surface, &device, &type), MFX_ERR_NONE);
    assert_ptr_equal(device, display);
    assert_int_equal(type, MFX_HANDLE_VA_DISPLAY);
}

static void check_frames(bool work)
{
    struct decoding d;
    mfxFrameSurface1 *surface;
    size_t size, bytes, frames = 0;
    uint8_t *raw, *picture;

    open_video(&d);
    raw = clip_raw(d.path, "nv12", &size);
    bytes = size / OWN_FRAMES;
    picture = malloc(bytes);
    assert_non_null(picture);
    for (; (surface = decoding_next(&d, work)); frames++) {
        assert_int_equal(own_take(surface, picture), bytes);
        assert_memory_equal(picture, raw + frames * bytes, bytes);
        assert_va_surface(surface);
        own_release(surface);
    }
    assert_int_equal(frames, OWN_FRAMES);
    decoding_close(&d);
    free(picture);
    free(raw);
}

static void decoding_gives_ffmpegs_frames(void **state)
{
    (void)state;
    check_frames(false);
    check_frames(true);
}

static void surfaces_outlive_their_session(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *surface;
    size_t size, bytes;
    uint8_t *raw, *picture;

    (void)state;
    open_video(&d);
    raw = clip_raw(d.path, "nv12", &size);
    bytes = size / OWN_FRAMES;
    picture = malloc(bytes);
    assert_non_null(picture);
    surface = decoding_next(&d, false);
    decoding_close(&d);
    assert_int_equal(own_take(surface, picture), bytes);
    assert_memory_equal(picture, raw, bytes);
    assert_va_surface(surface);
    own_release(surface);
    free(picture);
    free(raw);
}

/* Decoder to VPP to encoder, all in VA surfaces. */
static void a_transcode_in_video_memory(void **state)
{
    struct decoding d;
    mfxVideoParam vpp, encode;
    mfxFrameSurface1 *decoded, *small;
    mfxBitstream bs;
    size_t pictures = 0;
    mfxStatus status;

    (void)state;
    open_video(&d);
    encode_defaults(&encode, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    encode.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
    vpp_defaults(&vpp, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT, MFX_FOURCC_NV12, CLIP_WIDTH, CLIP_HEIGHT);
    vpp.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    vpp.vpp.Out = encode.mfx.FrameInfo;
    assert_int_equal(MFXVideoVPP_Init(d.session, &vpp), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(d.session, &encode), MFX_ERR_NONE);
    bitstream_create(&bs, 4000000);
    while ((decoded = decoding_next(&d, false))) {
        mfxSyncPoint sync;

        while ((status = MFXVideoVPP_ProcessFrameAsync(d.session, decoded, &small)) == MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
        assert_int_equal(status, MFX_ERR_NONE);
        own_release(decoded);
        while ((status = MFXVideoENCODE_EncodeFrameAsync(d.session, NULL, small, &bs, &sync)) ==
               MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
        pictures += status == MFX_ERR_NONE;
        own_release(small);
    }
    do {
        mfxSyncPoint sync;

        status = MFXVideoENCODE_EncodeFrameAsync(d.session, NULL, NULL, &bs, &sync);
        pictures += status == MFX_ERR_NONE;
        sleep_ms(status == MFX_WRN_DEVICE_BUSY);
    } while (status != MFX_ERR_MORE_DATA);
    assert_int_equal(pictures, OWN_FRAMES);
    bitstream_destroy(&bs);
    decoding_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_keep_the_rules),
        cmocka_unit_test(decoding_gives_ffmpegs_frames),
        cmocka_unit_test(surfaces_outlive_their_session),
        cmocka_unit_test(a_transcode_in_video_memory),
    };

    return cmocka_run_group_tests_name("softrt internal video memory", tests, open_display, close_display);
}
