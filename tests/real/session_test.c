/* A session of Intel's VPL runtime through the dispatcher, on the display that the application opened.
 *   real_session IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <va/va.h>
#include <va/va_drm.h>
#include <vpl/mfx.h>

static const char *wanted_name;
static int wanted_major;

static void want(mfxLoader loader, const char *property, mfxU32 value)
{
    mfxVariant variant = {.Type = MFX_VARIANT_TYPE_U32, .Data.U32 = value};
    mfxConfig config = MFXCreateConfig(loader);
    assert_non_null(config);
    assert_int_equal(MFXSetConfigFilterProperty(config, (const mfxU8 *)property, variant), MFX_ERR_NONE);
}

static VADisplay open_display(int *node)
{
    int major, minor;
    *node = open(getenv("VFA_TEST_NODE"), O_RDWR | O_CLOEXEC);
    assert_true(*node >= 0);
    VADisplay display = vaGetDisplayDRM(*node);
    vaSetInfoCallback(display, NULL, NULL);
    assert_int_equal(vaInitialize(display, &major, &minor), VA_STATUS_SUCCESS);
    return display;
}

static void the_runtime_takes_our_display(void **state)
{
    (void)state;
    mfxSession session;
    mfxVersion version;
    mfxHDL handle = NULL;
    mfxImplDescription *description;
    mfxLoader loader = MFXLoad();
    assert_non_null(loader);
    want(loader, "mfxImplDescription.Impl", MFX_IMPL_TYPE_HARDWARE);
    assert_int_equal(
        MFXEnumImplementations(loader, 0, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&description),
        MFX_ERR_NONE);
    assert_string_equal(description->ImplName, wanted_name);
    assert_int_equal(MFXDispReleaseImplDescription(loader, description), MFX_ERR_NONE);
    assert_int_equal(MFXCreateSession(loader, 0, &session), MFX_ERR_NONE);
    assert_int_equal(MFXQueryVersion(session, &version), MFX_ERR_NONE);
    assert_int_equal(version.Major, wanted_major);
    int node;
    VADisplay display = open_display(&node);
    assert_int_equal(MFXVideoCORE_SetHandle(session, MFX_HANDLE_VA_DISPLAY, display), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_GetHandle(session, MFX_HANDLE_VA_DISPLAY, &handle), MFX_ERR_NONE);
    assert_ptr_equal(handle, display);
    mfxVideoParam parameters = {.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY};
    parameters.mfx.CodecId = MFX_CODEC_AVC;
    parameters.mfx.CodecProfile = MFX_PROFILE_AVC_HIGH;
    parameters.mfx.CodecLevel = MFX_LEVEL_AVC_4;
    parameters.mfx.FrameInfo = (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12,
                                              .ChromaFormat = MFX_CHROMAFORMAT_YUV420,
                                              .Width = 320,
                                              .Height = 240,
                                              .CropW = 320,
                                              .CropH = 240,
                                              .FrameRateExtN = 30,
                                              .FrameRateExtD = 1,
                                              .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};
    mfxFrameAllocRequest request = {0};
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(session, &parameters, &request), MFX_ERR_NONE);
    assert_true(request.NumFrameMin > 0);
    assert_true(request.Type & MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET);
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
    MFXUnload(loader);
    assert_int_equal(vaTerminate(display), VA_STATUS_SUCCESS);
    close(node);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    wanted_name = argv[1];
    wanted_major = atoi(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_runtime_takes_our_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
