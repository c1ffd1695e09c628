/* Deinterlacing: what ffmpeg's bwdif and estdif make of the same frames, and the answers that go with its
 * delay. */
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 320,
    HEIGHT = 180,
    FRAMES = 8
};

struct di {
    mfxExtVPPDeinterlacing mode;
    mfxExtBuffer *buffers[1];
};

static void ask(struct vpp_setup *setup, struct di *di, mfxU16 mode)
{
    *di = (struct di){.mode = {.Header = {MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(di->mode)}, .Mode = mode}};
    di->buffers[0] = &di->mode.Header;
    setup->par.ExtParam = di->buffers;
    setup->par.NumExtParam = 1;
}

static void interlaced(struct vpp_setup *setup, mfxU32 from, mfxU16 pic_struct, mfxU32 to)
{
    vpp_defaults(&setup->par, from, WIDTH, HEIGHT, to, WIDTH, HEIGHT);
    setup->par.vpp.In.PicStruct = pic_struct;
    setup->num_frames = FRAMES;
}

static void assert_as(const struct vpp_setup *setup, const char *filter, size_t pictures, size_t more_surface)
{
    const mfxFrameInfo *in = &setup->par.vpp.In;
    struct vpp_result result;
    size_t size;
    uint8_t *expected = vpp_expected(setup->source, FRAMES, in->FourCC, WIDTH, HEIGHT, filter,
                                     setup->par.vpp.Out.FourCC, &size);

    vpp_run(setup, &result);
    assert_int_equal(result.count, pictures);
    assert_int_equal(result.num_more_data, 1); /* the first frame waits for the second */
    assert_int_equal(result.num_more_surface, more_surface);
    assert_int_equal(result.stat.NumFrame, pictures);
    assert_int_equal(result.stat.NumCachedFrame, 0);
    assert_int_equal(result.pic_struct, MFX_PICSTRUCT_PROGRESSIVE);
    assert_int_equal(result.size, size);
    assert_memory_equal(result.data, expected, size);
    free(expected);
    vpp_result_free(&result);
}

static void pic_structs_alone_ask_for_it(void **state)
{
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010, MFX_FOURCC_YUY2};
    const char *const filters[] = {"format=yuv420p,setfield=tff,bwdif=send_frame:tff",
                                   "setfield=tff,bwdif=send_frame:tff",
                                   "format=yuv420p10le,setfield=tff,bwdif=send_frame:tff",
                                   "format=yuv422p,setfield=tff,bwdif=send_frame:tff"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        uint8_t *source = vpp_source(formats[i], WIDTH, HEIGHT, FRAMES);
        struct vpp_setup setup = {.source = source, .by_mid = i % 2};

        interlaced(&setup, formats[i], MFX_PICSTRUCT_FIELD_TFF, formats[i]);
        assert_as(&setup, filters[i], FRAMES, 0);
        free(source);
    }
}

static void bottom_field_first_is_honoured(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source};
    struct di di;

    (void)state;
    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_FIELD_BFF, MFX_FOURCC_I420);
    ask(&setup, &di, MFX_DEINTERLACING_ADVANCED);
    assert_as(&setup, "setfield=bff,bwdif=send_frame:bff", FRAMES, 0);
    free(source);
}

static void bob_is_spatial(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source};
    struct di di;

    (void)state;
    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_FIELD_TFF, MFX_FOURCC_I420);
    ask(&setup, &di, MFX_DEINTERLACING_BOB);
    assert_as(&setup, "setfield=tff,estdif=frame:tff", FRAMES, 0);
    free(source);
}

static void twice_the_rate_gives_a_picture_for_each_field(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source};
    struct vpp_result result;

    (void)state;
    interlaced(&setup, MFX_FOURCC_NV12, MFX_PICSTRUCT_FIELD_TFF, MFX_FOURCC_NV12);
    setup.par.vpp.Out.FrameRateExtN = 60;
    assert_as(&setup, "format=yuv420p,setfield=tff,bwdif=send_field:tff", (size_t)2 * FRAMES, FRAMES);

    vpp_run(&setup, &result);
    for (size_t i = 0; i < result.count; i++)
        assert_int_equal(result.stamps[i], i * 1500);
    vpp_result_free(&result);
    free(source);
}

static void scaling_and_conversion_follow(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source};

    (void)state;
    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_FIELD_TFF, MFX_FOURCC_RGB4);
    setup.par.vpp.Out.Width = setup.par.vpp.Out.CropW = 160;
    setup.par.vpp.Out.Height = setup.par.vpp.Out.CropH = 100;
    assert_as(&setup, "setfield=tff,bwdif=send_frame:tff,scale=160:100:flags=bicubic", FRAMES, 0);
    free(source);
}

/* Frames marked progressive pass a deinterlacer that gives one picture a frame. */
static void progressive_frames_pass(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .pic_struct = MFX_PICSTRUCT_PROGRESSIVE};
    struct vpp_result result;
    struct di di;

    (void)state;
    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_UNKNOWN, MFX_FOURCC_I420);
    ask(&setup, &di, MFX_DEINTERLACING_AUTO_SINGLE);
    vpp_run(&setup, &result);
    assert_int_equal(result.count, FRAMES);
    assert_int_equal(result.num_more_data, 1);
    assert_memory_equal(result.data, source, result.size);
    vpp_result_free(&result);

    setup.par.vpp.In.PicStruct = MFX_PICSTRUCT_PROGRESSIVE; /* the whole stream: nothing is kept */
    vpp_run(&setup, &result);
    assert_int_equal(result.count, FRAMES);
    assert_int_equal(result.num_more_data, 0);
    assert_memory_equal(result.data, source, result.size);
    vpp_result_free(&result);
    free(source);
}

static void do_not_use_list_keeps_the_fields(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_I420, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source};
    mfxU32 filters[] = {MFX_EXTBUFF_VPP_DENOISE2, MFX_EXTBUFF_VPP_DEINTERLACING};
    mfxExtVPPDoNotUse list = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(list)}, .NumAlg = 2, .AlgList = filters};
    mfxExtBuffer *buffers[] = {&list.Header};
    struct vpp_result result;

    (void)state;
    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_FIELD_TFF, MFX_FOURCC_I420);
    setup.par.vpp.Out.PicStruct = MFX_PICSTRUCT_UNKNOWN;
    setup.par.ExtParam = buffers;
    setup.par.NumExtParam = 1;
    vpp_run(&setup, &result);
    assert_int_equal(result.num_more_data, 0);
    assert_int_equal(result.pic_struct, MFX_PICSTRUCT_FIELD_TFF);
    assert_memory_equal(result.data, source, result.size);
    vpp_result_free(&result);
    free(source);
}

struct pair {
    struct runtime runtime;
    struct frames in, out;
};

static void open_pair(struct pair *pair, mfxU32 rate_out)
{
    struct vpp_setup setup = {0};

    interlaced(&setup, MFX_FOURCC_I420, MFX_PICSTRUCT_FIELD_TFF, MFX_FOURCC_I420);
    setup.par.vpp.Out.FrameRateExtN = rate_out;
    runtime_open(&pair->runtime);
    frames_create(&pair->in, &setup.par.vpp.In, 8, false, 64); /* room enough to be used in place */
    frames_create(&pair->out, &setup.par.vpp.Out, 8, false, 0);
    assert_int_equal(MFXVideoVPP_Init(pair->runtime.session, &setup.par), MFX_ERR_NONE);
}

static void close_pair(struct pair *pair)
{
    runtime_close(&pair->runtime);
    assert_int_equal(frames_locked(&pair->in), 0);
    assert_int_equal(frames_locked(&pair->out), 0);
    frames_destroy(&pair->in);
    frames_destroy(&pair->out);
}

static mfxStatus run(struct pair *pair, int in, int out)
{
    mfxSyncPoint sync = NULL;
    mfxStatus status =
        MFXVideoVPP_RunFrameVPPAsync(pair->runtime.session, in < 0 ? NULL : &pair->in.frame[in].surface,
                                     &pair->out.frame[out].surface, NULL, &sync);

    if (sync)
        sync_ok(pair->runtime.session, sync);
    return status;
}

static void another_frame_instead_of_the_same_is_refused(void **state)
{
    struct pair pair;

    (void)state;
    open_pair(&pair, 60);
    assert_int_equal(run(&pair, 0, 0), MFX_ERR_MORE_DATA);
    assert_int_equal(run(&pair, 1, 0), MFX_ERR_MORE_SURFACE);
    assert_int_equal(run(&pair, 2, 1), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(run(&pair, 1, 1), MFX_ERR_NONE);
    assert_int_equal(run(&pair, 2, 2), MFX_ERR_MORE_SURFACE);
    close_pair(&pair);
}

static void a_drained_deinterlacer_begins_anew(void **state)
{
    struct pair pair;

    (void)state;
    open_pair(&pair, 30);
    assert_int_equal(run(&pair, -1, 0), MFX_ERR_MORE_DATA);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(run(&pair, 0, 0), MFX_ERR_MORE_DATA);
        assert_int_equal(run(&pair, 1, 0), MFX_ERR_NONE);
        assert_int_equal(run(&pair, 2, 1), MFX_ERR_NONE);
        assert_int_equal(run(&pair, -1, 2), MFX_ERR_NONE);
        assert_int_equal(run(&pair, -1, 3), MFX_ERR_MORE_DATA);
        assert_int_equal(run(&pair, -1, 3), MFX_ERR_MORE_DATA);
    }
    close_pair(&pair);
}

static void closing_with_frames_kept_gives_them_back(void **state)
{
    struct pair pair;

    (void)state;
    open_pair(&pair, 30);
    assert_int_equal(run(&pair, 0, 0), MFX_ERR_MORE_DATA);
    assert_int_equal(run(&pair, 1, 0), MFX_ERR_NONE);
    assert_true(frames_locked(&pair.in) > 0);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pic_structs_alone_ask_for_it),
        cmocka_unit_test(bottom_field_first_is_honoured),
        cmocka_unit_test(bob_is_spatial),
        cmocka_unit_test(twice_the_rate_gives_a_picture_for_each_field),
        cmocka_unit_test(scaling_and_conversion_follow),
        cmocka_unit_test(progressive_frames_pass),
        cmocka_unit_test(do_not_use_list_keeps_the_fields),
        cmocka_unit_test(another_frame_instead_of_the_same_is_refused),
        cmocka_unit_test(a_drained_deinterlacer_begins_anew),
        cmocka_unit_test(closing_with_frames_kept_gives_them_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
