/* Joint decoding and video processing: each channel gives what a decoder and a VPP of their own give. */
#include "own_decode.h"
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    SMALL = 7, /* channels' ids */
    PLANAR = 9,
    SMALL_WIDTH = 160,
    SMALL_HEIGHT = 96
};

static mfxVideoChannelParam channel(mfxU16 id, mfxU32 fourcc, mfxU16 width, mfxU16 height)
{
    mfxVideoChannelParam par = {.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};

    par.VPP.ChannelId = id;
    par.VPP.FourCC = fourcc;
    complete_info(&par.VPP);
    par.VPP.Width = par.VPP.CropW = width;
    par.VPP.Height = par.VPP.CropH = height;
    return par;
}

/* A decoder with two channels. */
struct joint {
    struct decoding d;
    mfxVideoChannelParam small, planar;
    mfxVideoChannelParam *list[2];
};

static void prepare(struct joint *j)
{
    decoding_open(&j->d, "own.264", OWN_AVC, MFX_CODEC_AVC);
    j->d.par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    complete_info(&j->d.par.mfx.FrameInfo);
    j->small = channel(SMALL, MFX_FOURCC_NV12, SMALL_WIDTH, SMALL_HEIGHT);
    j->planar = channel(PLANAR, MFX_FOURCC_I420, OWN_WIDTH, OWN_HEIGHT);
    j->list[0] = &j->small;
    j->list[1] = &j->planar;
}

static void open_joint(struct joint *j)
{
    prepare(j);
    assert_int_equal(MFXVideoDECODE_VPP_Init(j->d.session, &j->d.par, j->list, 2), MFX_ERR_NONE);
}

/* The next array; NULL at the end. */
static mfxSurfaceArray *next_array(struct joint *j, mfxU32 *skip, mfxU32 num_skip)
{
    mfxBitstream *bits = &j->d.stream.bits;

    for (unsigned waited = 0; waited < 60000;) {
        mfxSurfaceArray *array = NULL;
        mfxStatus status = MFXVideoDECODE_VPP_DecodeFrameAsync(j->d.session, bits, skip, num_skip, &array);

        if (status == MFX_ERR_NONE) {
            assert_non_null(array);
            return array;
        }
        assert_null(array);
        if (status == MFX_ERR_MORE_DATA) {
            if (!bits)
                return NULL;
            if (!stream_read(&j->d.stream))
                bits = NULL;
            continue;
        }
        assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        sleep_ms(1);
        waited++;
    }
    fail_msg("the component stayed busy for a minute");
    return NULL;
}

static mfxFrameSurface1 *surface_of(const mfxSurfaceArray *array, mfxU16 id)
{
    for (mfxU32 i = 0; i < array->NumSurfaces; i++)
        if (array->Surfaces[i]->Info.ChannelId == id)
            return array->Surfaces[i];
    return NULL;
}

static void release_array(mfxSurfaceArray *array)
{
    for (mfxU32 i = 0; i < array->NumSurfaces; i++)
        own_release(array->Surfaces[i]);
    assert_int_equal(array->Release(array), MFX_ERR_NONE);
}

static void assert_picture(mfxFrameSurface1 *surface, const uint8_t *expected, size_t bytes)
{
    uint8_t *picture = malloc(bytes);

    assert_non_null(picture);
    assert_int_equal(own_take(surface, picture), bytes);
    assert_memory_equal(picture, expected, bytes);
    free(picture);
}

/* What VPP makes of the decoded frames. */
static void expect_small(struct vpp_result *result, const uint8_t *decoded)
{
    struct vpp_setup setup = {.source = decoded, .num_frames = OWN_FRAMES};

    vpp_defaults(&setup.par, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT, MFX_FOURCC_NV12, SMALL_WIDTH,
                 SMALL_HEIGHT);
    vpp_run(&setup, result);
}

static void every_channel_gives_its_pictures(void **state)
{
    struct joint j;
    struct vpp_result small;
    mfxSurfaceArray *array;
    size_t size, bytes, planar_size, frames = 0;
    uint8_t *decoded, *planar;

    (void)state;
    open_joint(&j);
    decoded = clip_raw(j.d.path, "nv12", &size);
    planar = clip_raw(j.d.path, "yuv420p", &planar_size);
    bytes = size / OWN_FRAMES;
    expect_small(&small, decoded);
    for (; (array = next_array(&j, NULL, 0)); frames++) {
        assert_int_equal(array->NumSurfaces, 3);
        assert_int_equal(array->Surfaces[0]->Info.ChannelId, 0);
        assert_picture(surface_of(array, 0), decoded + frames * bytes, bytes);
        assert_picture(surface_of(array, PLANAR), planar + frames * bytes, bytes);
        assert_picture(surface_of(array, SMALL), small.data + frames * (small.size / small.count),
                       small.size / small.count);
        assert_int_equal(surface_of(array, SMALL)->Data.TimeStamp, array->Surfaces[0]->Data.TimeStamp);
        release_array(array);
    }
    assert_int_equal(frames, OWN_FRAMES);
    assert_int_equal(MFXVideoDECODE_VPP_Close(j.d.session), MFX_ERR_NONE);
    decoding_close(&j.d);
    vpp_result_free(&small);
    free(decoded);
    free(planar);
}

static void skipped_channels_are_left_out(void **state)
{
    struct joint j;
    mfxSurfaceArray *array;
    mfxU32 skip[] = {0, PLANAR}, unknown = 5, all[] = {0, SMALL, PLANAR};

    (void)state;
    open_joint(&j);
    array = next_array(&j, skip, 2);
    assert_int_equal(array->NumSurfaces, 1);
    assert_int_equal(array->Surfaces[0]->Info.ChannelId, SMALL);
    release_array(array);
    array = next_array(&j, skip, 1);
    assert_int_equal(array->NumSurfaces, 2);
    release_array(array);
    array = next_array(&j, all, 3);
    assert_int_equal(array->NumSurfaces, 0);
    release_array(array);
    assert_int_equal(MFXVideoDECODE_VPP_DecodeFrameAsync(j.d.session, &j.d.stream.bits, &unknown, 1, &array),
                     MFX_ERR_NOT_FOUND);
    assert_null(array);
    array = next_array(&j, NULL, 0);
    assert_int_equal(array->NumSurfaces, 3);
    release_array(array);
    decoding_close(&j.d); /* which closes the component */
}

static void arrays_are_counted_and_outlive_the_session(void **state)
{
    struct joint j;
    mfxSurfaceArray *array;
    mfxFrameSurface1 *first;
    mfxU32 count = 0;
    mfxHDL context;

    (void)state;
    open_joint(&j);
    array = next_array(&j, NULL, 0);
    decoding_close(&j.d);
    assert_int_equal(array->Version.Version, MFX_SURFACEARRAY_VERSION);
    assert_int_equal(array->AddRef(array), MFX_ERR_NONE);
    assert_int_equal(array->GetRefCounter(array, &count), MFX_ERR_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(array->Release(array), MFX_ERR_NONE);
    assert_int_equal(array->AddRef(NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(array->Release(NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(array->GetRefCounter(array, NULL), MFX_ERR_NULL_PTR);
    context = array->Context;
    array->Context = NULL;
    assert_int_equal(array->AddRef(array), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(array->Release(array), MFX_ERR_INVALID_HANDLE);
    array->Context = context;
    first = array->Surfaces[0];
    assert_int_equal(first->FrameInterface->Synchronize(first, 60000), MFX_ERR_NONE);
    assert_int_equal(own_references(first), 2); /* the application's and the array's */
    for (mfxU32 i = 1; i < array->NumSurfaces; i++)
        own_release(array->Surfaces[i]);
    assert_int_equal(array->Release(array), MFX_ERR_NONE);
    assert_int_equal(own_references(first), 1);
    own_release(first);
}

static void channels_say_what_they_are(void **state)
{
    struct joint j;
    mfxVideoChannelParam par = {.Protected = 0};

    (void)state;
    open_joint(&j);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, &par, SMALL), MFX_ERR_NONE);
    assert_int_equal(par.VPP.ChannelId, SMALL);
    assert_int_equal(par.VPP.Width, SMALL_WIDTH);
    assert_int_equal(par.IOPattern, MFX_IOPATTERN_OUT_SYSTEM_MEMORY);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, &par, 0), MFX_ERR_NONE);
    assert_int_equal(par.VPP.CropW, OWN_WIDTH);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, &par, 1), MFX_ERR_NOT_FOUND);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, NULL, SMALL), MFX_ERR_NULL_PTR);
    decoding_close(&j.d);
}

static void wrong_arguments_are_refused(void **state)
{
    struct joint j;
    mfxSurfaceArray *array;
    mfxVideoChannelParam *hole[2];

    (void)state;
    prepare(&j);
    hole[0] = &j.small;
    hole[1] = NULL;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, NULL, j.list, 2), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, NULL, 2), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, hole, 2), MFX_ERR_NULL_PTR);
    j.small.VPP.ChannelId = 0;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_INVALID_VIDEO_PARAM);
    j.small.VPP.ChannelId = PLANAR;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_INVALID_VIDEO_PARAM);
    j.small.VPP.ChannelId = SMALL;
    j.planar.VPP.FourCC = MFX_FOURCC_P8; /* the second channel: the first is undone, the decoder too */
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoDECODE_VPP_Close(j.d.session), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_Close(j.d.session), MFX_ERR_NOT_INITIALIZED);
    j.planar.VPP.FourCC = MFX_FOURCC_I420;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoDECODE_VPP_DecodeFrameAsync(j.d.session, NULL, NULL, 1, &array),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_VPP_DecodeFrameAsync(j.d.session, NULL, NULL, 0, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, NULL, NULL, 0), MFX_ERR_NULL_PTR);
    decoding_close(&j.d);
}

static void before_init_everything_says_so(void **state)
{
    struct joint j;
    mfxSurfaceArray *array;
    mfxVideoChannelParam par = {.Protected = 0};

    (void)state;
    prepare(&j);
    assert_int_equal(MFXVideoDECODE_VPP_DecodeFrameAsync(j.d.session, NULL, NULL, 0, &array),
                     MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, &j.d.par, NULL, 0), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, &par, 1), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_VPP_Close(j.d.session), MFX_ERR_NOT_INITIALIZED);
    decoding_close(&j.d);
}

static void an_allocator_is_of_no_use(void **state)
{
    struct joint j;
    struct frames frames;

    (void)state;
    prepare(&j);
    frames_create(&frames, &j.d.par.mfx.FrameInfo, 1, true, 0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(j.d.session, &frames.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_UNSUPPORTED);
    decoding_close(&j.d);
    frames_destroy(&frames);
}

static void reset_changes_all_channels_or_none(void **state)
{
    struct joint j;
    mfxVideoChannelParam par = {.Protected = 0};
    mfxSurfaceArray *array;

    (void)state;
    open_joint(&j);
    j.small.VPP.Width = j.small.VPP.CropW = 128;
    j.planar.VPP.Width = j.planar.VPP.CropW = 640; /* more than at Init */
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, NULL, j.list, 2),
                     MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(MFXVideoDECODE_VPP_GetChannelParam(j.d.session, &par, SMALL), MFX_ERR_NONE);
    assert_int_equal(par.VPP.Width, SMALL_WIDTH);
    j.planar.VPP.ChannelId = 2; /* there is none */
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, NULL, j.list, 2), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, NULL, j.list, 1), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_VPP_Reset(j.d.session, &j.d.par, NULL, 0), MFX_ERR_NONE);
    array = next_array(&j, NULL, 0);
    assert_int_equal(surface_of(array, SMALL)->Info.Width, 128);
    assert_int_equal(surface_of(array, PLANAR)->Info.Width, OWN_WIDTH);
    release_array(array);
    decoding_close(&j.d);
}

/* Fields become frames at twice the rate: for each frame two arrays, the second with the second picture
 * alone. */
static void a_channel_that_deinterlaces_keeps_no_picture_back(void **state)
{
    struct joint j;
    mfxExtVPPDeinterlacing mode = {.Header = {MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(mode)},
                                   .Mode = MFX_DEINTERLACING_BOB};
    mfxExtBuffer *ext[1] = {&mode.Header};
    mfxSurfaceArray *array;
    size_t frames = 0, pictures = 0;

    (void)state;
    prepare(&j);
    j.d.par.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    j.small = channel(SMALL, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT);
    j.small.VPP.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    j.small.VPP.FrameRateExtN = 2 * j.d.par.mfx.FrameInfo.FrameRateExtN;
    j.small.VPP.FrameRateExtD = j.d.par.mfx.FrameInfo.FrameRateExtD;
    j.small.ExtParam = ext;
    j.small.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 1), MFX_ERR_NONE);
    while ((array = next_array(&j, NULL, 0))) {
        assert_true(array->NumSurfaces <= 2);
        frames += surface_of(array, 0) != NULL;
        pictures += surface_of(array, SMALL) != NULL;
        release_array(array);
    }
    assert_int_equal(frames, OWN_FRAMES);
    assert_int_equal(pictures, 2 * OWN_FRAMES);
    decoding_close(&j.d);
}

/* One channel turns pictures and drops some, the other one repeats some: in an array of their own. */
static void channels_have_filters_and_rates(void **state)
{
    struct joint j;
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                  .Angle = MFX_ANGLE_180};
    mfxExtBuffer *ext[1] = {&rotation.Header};
    mfxSurfaceArray *array;
    size_t size, bytes, small = 0, planar = 0;
    uint8_t *decoded, *turned;

    (void)state;
    prepare(&j);
    decoded = clip_raw(j.d.path, "nv12", &size);
    turned = vpp_expected(decoded, OWN_FRAMES, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT,
                          "format=yuv420p,hflip,vflip", MFX_FOURCC_NV12, &size);
    bytes = size / OWN_FRAMES;
    j.small = channel(SMALL, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT);
    j.small.ExtParam = ext;
    j.small.NumExtParam = 1;
    j.small.VPP.FrameRateExtN = 10; /* of 25 */
    j.planar.VPP.FrameRateExtN = 60;
    j.small.VPP.FrameRateExtD = j.planar.VPP.FrameRateExtD = 1;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 2), MFX_ERR_NONE);
    while ((array = next_array(&j, NULL, 0))) {
        mfxFrameSurface1 *surface = surface_of(array, SMALL);

        if (surface) {
            assert_picture(surface, turned + small * 25 / 10 * bytes, bytes);
            small++;
        }
        planar += surface_of(array, PLANAR) != NULL;
        release_array(array);
    }
    assert_int_equal(small, OWN_FRAMES * 10 / 25);
    assert_int_equal(planar, OWN_FRAMES * 60 / 25);
    decoding_close(&j.d);
    free(decoded);
    free(turned);
}

/* The frames of one decoder are not several streams. */
static void channels_do_not_compose(void **state)
{
    struct joint j;
    mfxVPPCompInputStream stream = {.DstW = 16, .DstH = 16};
    mfxExtVPPComposite composite = {.Header = {MFX_EXTBUFF_VPP_COMPOSITE, sizeof(composite)},
                                    .NumInputStream = 1,
                                    .InputStream = &stream};
    mfxExtBuffer *ext[1] = {&composite.Header};

    (void)state;
    prepare(&j);
    j.small.ExtParam = ext;
    j.small.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_VPP_Init(j.d.session, &j.d.par, j.list, 1), MFX_ERR_INVALID_VIDEO_PARAM);
    decoding_close(&j.d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_channel_gives_its_pictures),
        cmocka_unit_test(skipped_channels_are_left_out),
        cmocka_unit_test(arrays_are_counted_and_outlive_the_session),
        cmocka_unit_test(channels_say_what_they_are),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(before_init_everything_says_so),
        cmocka_unit_test(an_allocator_is_of_no_use),
        cmocka_unit_test(reset_changes_all_channels_or_none),
        cmocka_unit_test(a_channel_that_deinterlaces_keeps_no_picture_back),
        cmocka_unit_test(channels_have_filters_and_rates),
        cmocka_unit_test(channels_do_not_compose),
    };

    return cmocka_run_group_tests_name("softrt decode and vpp", tests, NULL, NULL);
}
