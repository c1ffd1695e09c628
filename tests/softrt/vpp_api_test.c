/* The entry points of video processing: wrong orders, missing arguments, parameters that make no sense. */
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

static void plain(mfxVideoParam *par)
{
    vpp_defaults(par, MFX_FOURCC_NV12, 320, 180, MFX_FOURCC_NV12, 160, 90);
}

static void init_plain(mfxVideoParam *par)
{
    plain(par);
    assert_int_equal(MFXVideoVPP_Init(SESSION, par), MFX_ERR_NONE);
}

static void nothing_works_before_init(void **state)
{
    mfxVideoParam par = {0};
    mfxVPPStat stat;
    mfxFrameSurface1 surface = {0};
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoVPP_Reset(SESSION, &par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoVPP_GetVideoParam(SESSION, &par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoVPP_GetVPPStat(SESSION, &stat), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, &surface, &surface, NULL, &sync),
                     MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(SESSION, &surface, &out), MFX_ERR_NOT_INITIALIZED);
}

static void nulls_are_refused(void **state)
{
    mfxVideoParam par;
    mfxFrameAllocRequest request[2];
    struct frames frames;
    mfxSyncPoint sync;

    (void)state;
    plain(&par);
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, NULL, request), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_Init(SESSION, NULL), MFX_ERR_NULL_PTR);
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_NULL_PTR);
    init_plain(&par);
    frames_create(&frames, &par.vpp.Out, 1, false, 0);
    assert_int_equal(MFXVideoVPP_Reset(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_GetVideoParam(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_GetVPPStat(SESSION, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, NULL, NULL, NULL, &sync), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, NULL, &frames.frame[0].surface, NULL, NULL),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, NULL, &frames.frame[0].surface, NULL, &sync),
                     MFX_ERR_MORE_DATA);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(SESSION, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    frames_destroy(&frames);
}

static void a_second_init_is_undefined_behaviour(void **state)
{
    mfxVideoParam par;

    (void)state;
    init_plain(&par);
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    init_plain(&par);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
}

#define EXPECT_QUERY(field, value, status, becomes) \
    expect_query(#field, offsetof(mfxVideoParam, field), sizeof(par.field), value, status, becomes)

static void expect_query(const char *field, size_t offset, size_t size, mfxU32 value, mfxStatus status,
                         mfxU32 becomes)
{
    mfxVideoParam par;
    mfxU32 now = 0;
    mfxStatus answer;

    plain(&par);
    memcpy((char *)&par + offset, &value, size);
    answer = MFXVideoVPP_Query(SESSION, &par, &par);
    memcpy(&now, (char *)&par + offset, size);
    if (answer != status || now != becomes)
        fail_msg("%s = %u: answered %d and made it %u", field, value, answer, now);
}

static void query_clears_what_it_cannot_do(void **state)
{
    mfxVideoParam par = {0};

    (void)state;
    assert_int_equal(MFXVideoVPP_Query(SESSION, NULL, &par), MFX_ERR_NONE);
    assert_int_not_equal(par.vpp.In.FourCC, 0);
    assert_int_not_equal(par.vpp.Out.Width, 0);
    EXPECT_QUERY(vpp.In.FourCC, MFX_FOURCC_Y410, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.Out.FourCC, 0xffffffff, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.In.Width, 65535, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.Out.Height, 3, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.In.CropX, 65535, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.Out.ChromaFormat, MFX_CHROMAFORMAT_YUV444, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.Out.FrameRateExtN, 25, MFX_ERR_NONE, 25);
    EXPECT_QUERY(vpp.Out.FrameRateExtN, 0xffffffff, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.In.FrameRateExtD, 0, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.Out.PicStruct, MFX_PICSTRUCT_FIELD_TFF, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(Protected, 1, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(IOPattern, 0x11, MFX_ERR_NONE, 0x11);     /* video memory on both sides */
    EXPECT_QUERY(IOPattern, 0x23, MFX_ERR_UNSUPPORTED, 0); /* both kinds on one side */
    EXPECT_QUERY(IOPattern, 0x31, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(IOPattern, 0x10, MFX_ERR_UNSUPPORTED, 0); /* a side left out */
    EXPECT_QUERY(IOPattern, 0x122, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(vpp.In.PicStruct, MFX_PICSTRUCT_FIELD_BFF, MFX_ERR_NONE, MFX_PICSTRUCT_FIELD_BFF);
}

/* As clients leave it that change FourCC, Width or Height in a copy of the input's description. */
static void query_mends_what_follows_from_format_and_size(void **state)
{
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.vpp.Out = par.vpp.In;
    par.vpp.Out.FourCC = MFX_FOURCC_P010;
    par.vpp.Out.BitDepthLuma = par.vpp.Out.BitDepthChroma = 8;
    par.vpp.Out.Width = 64;
    par.vpp.Out.Height = 48;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(par.vpp.Out.BitDepthLuma, 10);
    assert_int_equal(par.vpp.Out.BitDepthChroma, 10);
    assert_int_equal(par.vpp.Out.Shift, 1);
    assert_int_equal(par.vpp.Out.CropW, 64);
    assert_int_equal(par.vpp.Out.CropH, 48);
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_ERR_NONE);
}

static void query_mends_crops_between_chroma_samples(void **state)
{
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.vpp.In.CropX = 3;
    par.vpp.In.CropW = 201;
    par.vpp.In.CropY = 5;
    par.vpp.In.CropH = 101;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(par.vpp.In.CropX, 2);
    assert_int_equal(par.vpp.In.CropW, 200);
    assert_int_equal(par.vpp.In.CropY, 4);
    assert_int_equal(par.vpp.In.CropH, 100);
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
}

static void init_refuses_what_query_clears(void **state)
{
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.IOPattern =
        MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    par.IOPattern = 0;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    plain(&par);
    par.vpp.Out.Width = 0;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    plain(&par);
    par.vpp.In.FourCC = 0;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    memset(&par, 0, sizeof(par));
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
}

/* The extremes of scaling: done, or refused by Init; never found out by a frame. */
static void extreme_scales_are_decided_by_init(void **state)
{
    const mfxU16 sizes[][4] = {
        {16, 4096, 4096, 16}, {4096, 16, 16, 4096}, {16384, 16, 16, 16}, {16, 16, 16384, 16}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct frames in;
        struct frames out;
        mfxVideoParam par;
        mfxSyncPoint sync;
        mfxStatus status;

        vpp_defaults(&par, MFX_FOURCC_NV12, sizes[i][0], sizes[i][1], MFX_FOURCC_RGB4, sizes[i][2],
                     sizes[i][3]);
        status = MFXVideoVPP_Init(SESSION, &par);
        if (status == MFX_ERR_INVALID_VIDEO_PARAM)
            continue;
        assert_int_equal(status, MFX_ERR_NONE);
        frames_create(&in, &par.vpp.In, 1, false, 0);
        frames_create(&out, &par.vpp.Out, 1, false, 0);
        assert_int_equal(
            MFXVideoVPP_RunFrameVPPAsync(SESSION, &in.frame[0].surface, &out.frame[0].surface, NULL, &sync),
            MFX_ERR_NONE);
        sync_ok(SESSION, sync);
        assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
        frames_destroy(&in);
        frames_destroy(&out);
    }
}

static void io_surf_counts_both_sides(void **state)
{
    mfxFrameAllocRequest request[2];
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.AsyncDepth = 6;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].Type, 0x0442);
    assert_int_equal(request[1].Type, 0x0842);
    assert_int_equal(request[0].NumFrameSuggested, 6);
    assert_int_equal(request[1].NumFrameSuggested, 6);
    assert_int_equal(request[0].Info.Width, 320);
    assert_int_equal(request[1].Info.Width, 160);
    par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].Type, 0x0422);
    assert_int_equal(request[1].Type, 0x0842);
    par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].Type, 0x0442);
    assert_int_equal(request[1].Type, 0x0822);
    par.IOPattern |= MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_INVALID_VIDEO_PARAM);
    plain(&par);
    par.AsyncDepth = 6;
    par.vpp.In.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].NumFrameSuggested, 6 + 3);
    par.AsyncDepth = 65535;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(SESSION, &par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].NumFrameSuggested, 65535);
}

static void filter_lists_are_read(void **state)
{
    mfxU32 ids[] = {MFX_EXTBUFF_VPP_DENOISE2, MFX_EXTBUFF_VPP_SCENE_ANALYSIS, MFX_EXTBUFF_VPP_PROCAMP,
                    MFX_EXTBUFF_VPP_DETAIL};
    mfxU32 can[] = {MFX_EXTBUFF_VPP_SCALING, MFX_EXTBUFF_VPP_COLOR_CONVERSION};
    mfxExtVPPDoNotUse without = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without)}, .NumAlg = 4, .AlgList = ids};
    mfxExtVPPDoUse with = {.Header = {MFX_EXTBUFF_VPP_DOUSE, sizeof(with)}, .NumAlg = 2, .AlgList = can};
    mfxExtBuffer *buffers[] = {&without.Header, &with.Header};
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.ExtParam = buffers;
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    with.AlgList = ids;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    with.AlgList = NULL;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_NULL_PTR);
}

static void filters_that_are_not_there_are_refused(void **state)
{
    mfxExtVPPImageStab steady = {.Header = {MFX_EXTBUFF_VPP_IMAGE_STABILIZATION, sizeof(steady)}};
    mfxExtVPPDeinterlacing telecine = {.Header = {MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(telecine)},
                                       .Mode = MFX_DEINTERLACING_24FPS_OUT};
    mfxExtBuffer *buffers[] = {&steady.Header};
    mfxVideoParam par;

    (void)state;
    plain(&par);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    buffers[0] = &telecine.Header;
    assert_int_equal(MFXVideoVPP_Query(SESSION, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(telecine.Mode, 0);
}

static void reset_changes_what_fits(void **state)
{
    mfxVideoParam par;
    mfxVideoParam now = {0};

    (void)state;
    init_plain(&par);
    par.vpp.Out.Width = par.vpp.Out.CropW = 128;
    par.vpp.In.CropX = 16;
    par.vpp.In.CropW = 304;
    assert_int_equal(MFXVideoVPP_Reset(SESSION, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_GetVideoParam(SESSION, &now), MFX_ERR_NONE);
    assert_int_equal(now.vpp.Out.Width, 128);
    assert_int_equal(now.vpp.In.CropX, 16);
    par.vpp.Out.Width = par.vpp.Out.CropW = 176;
    assert_int_equal(MFXVideoVPP_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    plain(&par);
    par.vpp.In.FourCC = MFX_FOURCC_I420;
    assert_int_equal(MFXVideoVPP_Reset(SESSION, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    plain(&par);
    par.Protected = 1;
    assert_int_equal(MFXVideoVPP_Reset(SESSION, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
}

static void surfaces_that_do_not_fit_are_refused(void **state)
{
    mfxVideoParam par;
    struct frames in;
    struct frames out;
    mfxSyncPoint sync;

    (void)state;
    init_plain(&par);
    frames_create(&in, &par.vpp.In, 1, false, 0);
    frames_create(&out, &par.vpp.Out, 1, false, 0);
#define EXPECT_FRAME(change, undo, status)                                                                   \
    do {                                                                                                     \
        change;                                                                                              \
        assert_int_equal(                                                                                    \
            MFXVideoVPP_RunFrameVPPAsync(SESSION, &in.frame[0].surface, &out.frame[0].surface, NULL, &sync), \
            status);                                                                                         \
        undo;                                                                                                \
    } while (0)
    EXPECT_FRAME(in.frame[0].surface.Info.FourCC = MFX_FOURCC_RGB4,
                 in.frame[0].surface.Info.FourCC = MFX_FOURCC_NV12, MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(out.frame[0].surface.Info.Width = 100, out.frame[0].surface.Info.Width = 160,
                 MFX_ERR_INVALID_VIDEO_PARAM);
    EXPECT_FRAME(out.frame[0].surface.Data.Locked = 1, out.frame[0].surface.Data.Locked = 0,
                 MFX_ERR_UNDEFINED_BEHAVIOR);
#undef EXPECT_FRAME
    assert_int_equal(frames_locked(&in), 0);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    frames_destroy(&in);
    frames_destroy(&out);
}

/* An allocator whose Lock waits until the gate opens: so the worker stands still for as long as a test needs.
 */
static struct {
    mfxFrameAllocator real;
    atomic_bool open;
} gate;

static mfxStatus MFX_CDECL lock_at_gate(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    while (!atomic_load(&gate.open))
        sleep_ms(1);
    return gate.real.Lock(pthis, mid, data);
}

static void a_full_queue_is_busy_and_close_gives_everything_back(void **state)
{
    mfxFrameSurface1 *source;
    mfxVideoParam par;
    struct frames in;
    struct frames out;
    mfxFrameAllocator allocator;
    mfxSyncPoint sync[4];

    (void)state;
    plain(&par);
    par.AsyncDepth = 3;
    assert_int_equal(MFXVideoVPP_Init(SESSION, &par), MFX_ERR_NONE);
    frames_create(&in, &par.vpp.In, 1, false, 0);
    frames_create(&out, &par.vpp.Out, 4, true, 0);
    allocator = gate.real = out.allocator;
    allocator.Lock = lock_at_gate;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(SESSION, &allocator), MFX_ERR_NONE);
    source = &in.frame[0].surface; /* one input may be in several calls at once */
    for (int i = 0; i < 3; i++)
        assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, source, &out.frame[i].surface, NULL, &sync[i]),
                         MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(SESSION, source, &out.frame[3].surface, NULL, &sync[3]),
                     MFX_WRN_DEVICE_BUSY);
    assert_null(sync[3]);
    assert_int_equal(out.frame[3].surface.Data.Locked, 0);
    assert_int_equal(MFXVideoCORE_SyncOperation(SESSION, sync[0], 1), MFX_WRN_IN_EXECUTION);
    atomic_store(&gate.open, true);
    assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    for (int i = 0; i < 3; i++) { /* done, or given up: but not lost */
        mfxStatus status = MFXVideoCORE_SyncOperation(SESSION, sync[i], 1000);
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_ABORTED);
    }
    assert_int_equal(frames_locked(&in), 0);
    assert_int_equal(frames_locked(&out), 0);
    assert_int_equal(atomic_load(&out.num_errors), 0);
    frames_destroy(&in);
    frames_destroy(&out);
}

static mfxU16 any(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % 3 ? (mfxU16)((*seed >> 8) % 64) : (mfxU16)(*seed >> 12);
}

static void any_parameters_get_an_answer(void **state)
{
    unsigned seed = 20240608;
    size_t accepted = 0;
    size_t rounds = is_slow() ? 500 : 3000;

    (void)state;
    for (size_t i = 0; i < rounds; i++) {
        mfxVideoParam par;
        mfxVideoParam out = {0};
        mfxFrameAllocRequest request[2];

        plain(&par);
        for (unsigned change = any(&seed) % 4 + 1; change; change--)
            ((mfxU16 *)&par.vpp)[any(&seed) % (sizeof(par.vpp) / 2)] = any(&seed);
        (void)MFXVideoVPP_QueryIOSurf(SESSION, &par, request);
        (void)MFXVideoVPP_Query(SESSION, &par, &out);
        if (MFXVideoVPP_Init(SESSION, &par) < MFX_ERR_NONE)
            continue;
        accepted++;
        assert_int_equal(MFXVideoVPP_GetVideoParam(SESSION, &out), MFX_ERR_NONE);
        assert_int_equal(MFXVideoVPP_Close(SESSION), MFX_ERR_NONE);
    }
    print_message("%zu of %zu parameter sets were accepted\n", accepted, rounds);
    assert_true(accepted > 0 && accepted < rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_works_before_init),
        cmocka_unit_test(nulls_are_refused),
        cmocka_unit_test(a_second_init_is_undefined_behaviour),
        cmocka_unit_test(query_clears_what_it_cannot_do),
        cmocka_unit_test(query_mends_what_follows_from_format_and_size),
        cmocka_unit_test(query_mends_crops_between_chroma_samples),
        cmocka_unit_test(init_refuses_what_query_clears),
        cmocka_unit_test(extreme_scales_are_decided_by_init),
        cmocka_unit_test(io_surf_counts_both_sides),
        cmocka_unit_test(filter_lists_are_read),
        cmocka_unit_test(filters_that_are_not_there_are_refused),
        cmocka_unit_test(reset_changes_what_fits),
        cmocka_unit_test(surfaces_that_do_not_fit_are_refused),
        cmocka_unit_test(a_full_queue_is_busy_and_close_gives_everything_back),
        cmocka_unit_test(any_parameters_get_an_answer),
    };
    return cmocka_run_group_tests(tests, open_runtime, close_runtime);
}
