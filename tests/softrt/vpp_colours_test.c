/* Colours that an output surface brings along (mfxExtVPPProcAmp): as if Init had had them, for that output
 * alone. */
#include "vpp_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <vpl/mfxsurfacepool.h>

enum {
    WIDTH = 96,
    HEIGHT = 64,
    FRAMES = 4,
    KINDS = 3 /* Init's, and two of an output's own */
};

#define COLOURS(...)                                                               \
    {                                                                              \
        .Header = {MFX_EXTBUFF_VPP_PROCAMP, sizeof(mfxExtVPPProcAmp)}, __VA_ARGS__ \
    }

static mfxExtVPPProcAmp kinds[KINDS] = {
    COLOURS(.Brightness = 10, .Contrast = 1, .Saturation = 1),
    COLOURS(.Brightness = -20.5, .Contrast = 1.25, .Hue = 30, .Saturation = 0.5),
    COLOURS(.Contrast = 1, .Saturation = 1), /* as the frame is, whatever Init says */
};
static mfxExtBuffer *attached[KINDS] = {&kinds[0].Header, &kinds[1].Header, &kinds[2].Header};

/* Outputs in turn: without, with the one, with the other. */
static void in_turn(size_t output, mfxFrameSurface1 *surface)
{
    size_t kind = output % KINDS;

    surface->Data.ExtParam = kind ? &attached[kind] : NULL;
    surface->Data.NumExtParam = kind ? 1 : 0;
}

static void first_own(size_t output, mfxFrameSurface1 *surface)
{
    (void)output;
    in_turn(1, surface);
}

static void setup_with(struct vpp_setup *setup, mfxU32 from, mfxU32 to, mfxExtBuffer **init)
{
    memset(setup, 0, sizeof(*setup));
    vpp_defaults(&setup->par, from, WIDTH, HEIGHT, to, WIDTH, HEIGHT);
    setup->par.ExtParam = init;
    setup->par.NumExtParam = init ? 1 : 0;
    setup->num_frames = FRAMES;
}

/* Each output is the one that the same run has with its colours at Init. */
static void assert_in_turn(struct vpp_setup *setup)
{
    struct vpp_result all[KINDS], mixed;
    size_t size;

    setup->source = vpp_source(setup->par.vpp.In.FourCC, WIDTH, HEIGHT, FRAMES);
    for (size_t kind = 0; kind < KINDS; kind++) {
        setup->par.ExtParam = &attached[kind];
        vpp_run(setup, &all[kind]);
    }
    setup->par.ExtParam = &attached[0];
    setup->dress = in_turn;
    vpp_run(setup, &mixed);
    assert_int_equal(mixed.count, all[0].count);
    assert_memory_not_equal(all[0].data, all[1].data, all[0].size);
    assert_memory_not_equal(all[0].data, all[2].data, all[0].size);
    size = mixed.size / mixed.count;
    for (size_t i = 0; i < mixed.count; i++) {
        assert_memory_equal(mixed.data + i * size, all[i % KINDS].data + i * size, size);
        assert_int_equal(mixed.stamps[i], all[0].stamps[i]);
    }
    for (size_t kind = 0; kind < KINDS; kind++)
        vpp_result_free(&all[kind]);
    vpp_result_free(&mixed);
    free((void *)(uintptr_t)setup->source);
}

static void each_output_may_have_its_own(void **state)
{
    struct vpp_setup setup;

    (void)state;
    setup_with(&setup, MFX_FOURCC_NV12, MFX_FOURCC_NV12, attached);
    assert_in_turn(&setup);
}

static void outputs_of_one_frame_may_differ(void **state)
{
    struct vpp_setup setup;

    (void)state;
    setup_with(&setup, MFX_FOURCC_I420, MFX_FOURCC_YUY2, attached);
    setup.par.vpp.Out.FrameRateExtN = 60;
    setup.by_mid = true;
    assert_in_turn(&setup);
}

static void a_deinterlacer_does_not_confuse_them(void **state)
{
    struct vpp_setup setup;

    (void)state;
    setup_with(&setup, MFX_FOURCC_NV12, MFX_FOURCC_NV12, attached);
    setup.par.vpp.In.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    setup.par.AsyncDepth = 3;
    assert_in_turn(&setup);
}

/* Init without any, every format and with a filter before: as with the colours at Init. */
static void they_need_none_at_init(void **state)
{
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010,
                              MFX_FOURCC_I010, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                        .Type = MFX_MIRRORING_HORIZONTAL};
        mfxExtBuffer *both[] = {&kinds[1].Header, &mirroring.Header};
        struct vpp_result at_init, own;
        struct vpp_setup setup;

        setup_with(&setup, formats[i], formats[(i + 1) % 6], both);
        setup.par.NumExtParam = i % 2 ? 2 : 1;
        setup.source = vpp_source(formats[i], WIDTH, HEIGHT, FRAMES);

        vpp_run(&setup, &at_init);
        setup.par.ExtParam = both + 1;
        setup.par.NumExtParam--;
        setup.dress = first_own;
        vpp_run(&setup, &own);
        assert_int_equal(own.size, at_init.size);
        assert_memory_equal(own.data, at_init.data, own.size);
        vpp_result_free(&at_init);
        vpp_result_free(&own);
        free((void *)(uintptr_t)setup.source);
    }
}

static void no_colours_where_the_filter_is_not_to_be_used(void **state)
{
    mfxU32 name = MFX_EXTBUFF_VPP_PROCAMP;
    mfxExtVPPDoNotUse without = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without)}, .NumAlg = 1, .AlgList = &name};
    mfxExtBuffer *buffers[] = {&without.Header};
    struct vpp_result result;
    struct vpp_setup setup;

    (void)state;
    setup_with(&setup, MFX_FOURCC_I420, MFX_FOURCC_I420, buffers);
    setup.source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    setup.dress = first_own;
    vpp_run(&setup, &result);
    assert_memory_equal(result.data, setup.source, result.size);
    vpp_result_free(&result);
    free((void *)(uintptr_t)setup.source);
}

static void clear_to(mfxFrameSurface1 *surface, int value)
{
    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    for (size_t y = 0; y < HEIGHT; y++)
        memset(surface->Data.Y + y * surface->Data.Pitch, value, WIDTH);
    for (size_t y = 0; y < HEIGHT / 2; y++) {
        memset(surface->Data.U + y * surface->Data.Pitch / 2, 128, WIDTH / 2);
        memset(surface->Data.V + y * surface->Data.Pitch / 2, 128, WIDTH / 2);
    }
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
}

static int luma_of(mfxFrameSurface1 *surface)
{
    int luma;

    assert_int_equal(surface->FrameInterface->Synchronize(surface, 60000), MFX_ERR_NONE);
    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    luma = surface->Data.Y[0];
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
    return luma;
}

/* One grey frame in, `colours` on the output. */
static mfxStatus run_one(mfxSession session, mfxExtBuffer **colours, int *luma)
{
    mfxFrameSurface1 *in, *out;
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    assert_int_equal(MFXMemory_GetSurfaceForVPPIn(session, &in), MFX_ERR_NONE);
    assert_int_equal(MFXMemory_GetSurfaceForVPPOut(session, &out), MFX_ERR_NONE);
    clear_to(in, 100);
    out->Data.ExtParam = colours;
    out->Data.NumExtParam = 1;
    status = MFXVideoVPP_RunFrameVPPAsync(session, in, out, NULL, &sync);
    out->Data.ExtParam = NULL; /* it was read during the call */
    out->Data.NumExtParam = 0;
    if (status == MFX_ERR_NONE)
        *luma = luma_of(out);
    else
        assert_null(sync);
    assert_int_equal(in->FrameInterface->Release(in), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    return status;
}

static void what_cannot_be_done_is_refused(void **state)
{
    mfxExtVPPProcAmp bad[] = {
        COLOURS(.Brightness = NAN, .Contrast = 1, .Saturation = 1),
        COLOURS(.Contrast = -1, .Saturation = 1),
        COLOURS(.Contrast = 1, .Saturation = INFINITY),
        {.Header = {MFX_EXTBUFF_VPP_PROCAMP, sizeof(mfxExtVPPProcAmp) - 8}, .Contrast = 1, .Saturation = 1},
    };
    mfxExtVPPProcAmp beyond = COLOURS(.Brightness = 1e6, .Contrast = 1, .Saturation = 1);
    mfxExtVPPDetail other = {.Header = {MFX_EXTBUFF_VPP_DETAIL, sizeof(other)}, .DetailFactor = 999};
    mfxExtBuffer *buffer = NULL;
    struct runtime runtime;
    struct vpp_setup setup;
    int luma = 0;

    (void)state;
    runtime_open(&runtime);
    setup_with(&setup, MFX_FOURCC_I420, MFX_FOURCC_I420, NULL);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &setup.par), MFX_ERR_NONE);
    assert_int_equal(run_one(runtime.session, NULL, &luma), MFX_ERR_NULL_PTR);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        buffer = &bad[i].Header;
        assert_int_equal(run_one(runtime.session, &buffer, &luma), MFX_ERR_INVALID_VIDEO_PARAM);
    }
    buffer = &beyond.Header;
    assert_int_equal(run_one(runtime.session, &buffer, &luma), MFX_ERR_NONE);
    assert_int_equal(luma, 200); /* clipped to 100 */
    buffer = &other.Header;
    assert_int_equal(run_one(runtime.session, &buffer, &luma), MFX_ERR_NONE);
    assert_int_equal(luma, 100);
    assert_int_equal(beyond.Brightness, 1e6); /* the application's own */
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_output_may_have_its_own),
        cmocka_unit_test(outputs_of_one_frame_may_differ),
        cmocka_unit_test(a_deinterlacer_does_not_confuse_them),
        cmocka_unit_test(they_need_none_at_init),
        cmocka_unit_test(no_colours_where_the_filter_is_not_to_be_used),
        cmocka_unit_test(what_cannot_be_done_is_refused),
    };

    return cmocka_run_group_tests_name("softrt colours of outputs", tests, NULL, NULL);
}
