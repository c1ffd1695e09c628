/* Decoders of Intel's runtimes on surfaces of a pool, and frames for another resolution.
 *   real_runtime_pool IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

static struct vfa_pool *pool_for(struct runtime *r, const struct decoding *d, mfxU16 held)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_pool *pool;
    struct vfa_plan plan;
    assert_int_equal(vfa_plan_init(&plan, "decode"), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_add(&plan, "decode", &d->request, ASYNC_DEPTH), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_hold(&plan, "display", held), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_request(&plan, &config.request), MFX_ERR_NONE);
    config.allocator = r->mfx;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    return pool;
}

/* The application keeps some pictures as a display would. */
static void decode_holding(struct runtime *r, mfxU16 io_pattern, mfxU16 held)
{
    struct decoding d;
    mfxFrameSurface1 *kept[CLIP_PICTURES + 1]; /* the last is that of the end */
    mfxStatus status;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, io_pattern);
    struct vfa_pool *pool = pool_for(r, &d, held);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    while ((status = decoder_next_pooled(&d, pool, &kept[d.pictures])) == MFX_ERR_NONE) {
        if (++d.pictures > held)
            assert_int_equal(vfa_pool_release(pool, kept[d.pictures - 1 - held]), MFX_ERR_NONE);
        assert_true(d.pictures <= CLIP_PICTURES);
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    for (unsigned i = CLIP_PICTURES - held; i < CLIP_PICTURES; i++)
        assert_int_equal(vfa_pool_release(pool, kept[i]), MFX_ERR_NONE);

    struct vfa_pool_stats stats;
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_stats(pool, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.leased, 0);
    assert_int_equal(stats.timeouts, 0);
    vfa_pool_destroy(&pool);
    clip_close(&d.clip);
}

static void a_pool_of_video_memory_as_large_as_planned_serves(void **state)
{
    decode_holding(*state, MFX_IOPATTERN_OUT_VIDEO_MEMORY, 0);
}

static void a_pool_of_system_memory_as_large_as_planned_serves(void **state)
{
    decode_holding(*state, MFX_IOPATTERN_OUT_SYSTEM_MEMORY, 0);
}

static void pictures_can_be_kept_as_planned(void **state)
{
    decode_holding(*state, MFX_IOPATTERN_OUT_VIDEO_MEMORY, 4);
    decode_holding(*state, MFX_IOPATTERN_OUT_SYSTEM_MEMORY, 4);
}

/* The decoder, closed, is made ready for another clip; its frames are replaced where they do not serve. */
static void reopen(struct decoding *d, const char *clip)
{
    struct decoding next;
    decoder_open(&next, d->runtime, clip, MFX_CODEC_AVC, d->par.IOPattern);
    next.frames = d->frames;
    clip_close(&d->clip);
    *d = next;
    assert_int_equal(vfa_frames_replace(d->runtime->frames, &d->request, 0, &d->frames.response),
                     MFX_ERR_NONE);
    assert_int_equal(vfa_surfaces_fill(d->runtime->mfx, &d->frames.response, &d->request.Info,
                                       VFA_SURFACE_MEMID, d->frames.surface,
                                       d->frames.response.NumFrameActual),
                     MFX_ERR_NONE);
}

static mfxVideoParam parameters_of(struct runtime *r, const char *clip)
{
    struct decoding d;
    decoder_open(&d, r, clip, MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    clip_close(&d.clip);
    return d.par;
}

static void reset_to_a_larger_picture_needs_new_frames(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    mfxVideoParam large = parameters_of(r, "avc_large.264");
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Reset(d.session, &large), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    reopen(&d, "avc_large.264");
    assert_int_equal(runtime_stats(r).frames_live, d.frames.response.NumFrameActual);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 2);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

static void frames_replaced_under_a_decoder_stay_until_it_closes(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    mfxU16 old = d.frames.response.NumFrameActual;
    reopen(&d, "avc_large.264");
    assert_int_equal(runtime_stats(r).frames_live, old + d.frames.response.NumFrameActual);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    assert_int_equal(runtime_stats(r).frames_live, d.frames.response.NumFrameActual);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

/* Two clips in one stream. */
static void append(struct decoding *d, const char *name)
{
    struct clip more;
    mfxBitstream *bits = &d->clip.bits;
    clip_open(&more, name, MFX_CODEC_AVC);
    uint8_t *both = malloc(bits->MaxLength + more.bits.DataLength);
    assert_non_null(both);
    memcpy(both, bits->Data, bits->MaxLength);
    memcpy(both + bits->MaxLength, more.bits.Data, more.bits.DataLength);
    free(d->clip.file);
    d->clip.file = bits->Data = both;
    bits->DataLength += more.bits.DataLength;
    bits->MaxLength += more.bits.DataLength;
    clip_close(&more);
}

static void a_larger_picture_in_the_stream_lets_the_others_out_first(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    append(&d, "avc_large.264");
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    mfxU32 left = d.clip.bits.DataLength;
    d.clip.bits.DataLength = 0;
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    assert_true(left > 0);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    reopen(&d, "avc_large.264");
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    decoder_close(&d);
}

static void reset_to_a_smaller_picture_keeps_the_frames(void **state)
{
    struct runtime *r = *state;
    struct decoding d;
    mfxVideoParam small = parameters_of(r, "avc_small.264");
    decoder_open(&d, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    decoder_start(&d);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Reset(d.session, &small), MFX_ERR_NONE);
    mfxFrameAllocResponse before = d.frames.response;
    reopen(&d, "avc_small.264");
    assert_memory_equal(&before, &d.frames.response, sizeof before);
    assert_int_equal(decoder_rest(&d), MFX_ERR_NONE);
    assert_int_equal(d.pictures, CLIP_PICTURES);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    decoder_close(&d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(a_pool_of_video_memory_as_large_as_planned_serves),
        runtime_test(a_pool_of_system_memory_as_large_as_planned_serves),
        runtime_test(pictures_can_be_kept_as_planned),
        runtime_test(reset_to_a_larger_picture_needs_new_frames),
        runtime_test(frames_replaced_under_a_decoder_stay_until_it_closes),
        runtime_test(a_larger_picture_in_the_stream_lets_the_others_out_first),
        runtime_test(reset_to_a_smaller_picture_keeps_the_frames),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
