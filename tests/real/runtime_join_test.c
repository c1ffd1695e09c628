/* Joined sessions of Intel's runtimes with one allocator on both: surfaces that a decoder fills in the parent
 * are encoded in the child, and stay where they are.
 *   real_runtime_join IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

/* A decoder, an encoder of what it puts out, and the pool between them, as large as the planner says. */
struct chain {
    struct decoding decoder;
    struct encoding encoder;
    struct vfa_pool *pool;
};

static void plan_pool(struct chain *c, mfxFrameAllocRequest *request)
{
    struct vfa_plan plan;
    const struct vfa_plan_stage stages[] = {
        {.name = "decode", .out = &c->decoder.request, .async_depth = ASYNC_DEPTH},
        {.name = "encode", .in = &c->encoder.request, .async_depth = 1},
    };
    assert_int_equal(vfa_plan_chain(stages, 2, &plan), MFX_ERR_NONE);
    assert_int_equal(vfa_plan_request(&plan, request), MFX_ERR_NONE);
    assert_int_equal(request->Type, TYPE_DECODE_VIDEO | TYPE_ENCODE_VIDEO);
}

static struct chain *chain_open(struct runtime *r, mfxSession parent, mfxSession child,
                                mfxFrameAllocator *allocator)
{
    static struct chain c;
    struct vfa_pool_config config = vfa_pool_config_defaults();
    decoder_open(&c.decoder, r, "avc.264", MFX_CODEC_AVC, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    c.decoder.session = parent;
    decoder_set_alloc_id(&c.decoder, vfa_next_alloc_id(r->frames));
    encoder_open(&c.encoder, r, child, &c.decoder.par.mfx.FrameInfo, MFX_IOPATTERN_IN_VIDEO_MEMORY);
    plan_pool(&c, &config.request);
    config.allocator = allocator;
    assert_int_equal(vfa_pool_create(&c.pool, &config), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(parent, &c.decoder.par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(child, &c.encoder.par), MFX_ERR_NONE);
    return &c;
}

static void chain_run(struct chain *c)
{
    mfxFrameSurface1 *picture;
    mfxStatus status;
    while ((status = decoder_next_pooled(&c->decoder, c->pool, &picture)) == MFX_ERR_NONE) {
        assert_int_equal(encoder_encode(&c->encoder, picture), MFX_ERR_NONE);
        assert_int_equal(vfa_pool_release(c->pool, picture), MFX_ERR_NONE);
        c->decoder.pictures++;
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    assert_int_equal(c->decoder.pictures, CLIP_PICTURES);
}

static void chain_close(struct chain *c)
{
    assert_int_equal(MFXVideoENCODE_Close(c->encoder.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Close(c->decoder.session), MFX_ERR_NONE);
    vfa_pool_destroy(&c->pool);
    clip_close(&c->decoder.clip);
}

static void surfaces_cross_to_the_child_by_handle_alone(void **state)
{
    struct runtime *r = *state;
    mfxSession child = runtime_session(r, true);
    assert_int_equal(MFXJoinSession(r->session, child), MFX_ERR_NONE);
    struct chain *c = chain_open(r, r->session, child, r->mfx);
    chain_run(c);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_ALLOC), 1);
    assert_int_equal(recorder_count(&r->recorder, RECORDER_LOCK), 0);
    assert_true(recorder_count(&r->recorder, RECORDER_GET_HDL) >= 2 * CLIP_PICTURES);
    chain_close(c);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
}

static void sessions_joined_by_the_librarys_helper_do_the_same(void **state)
{
    struct runtime *r = *state;
    const struct vfa_session_device device = runtime_device(r);
    mfxSession parent = runtime_session(r, false), child = runtime_session(r, false);
    assert_int_equal(vfa_session_attach(parent, &device, r->frames), MFX_ERR_NONE);
    assert_int_equal(vfa_session_attach_joined(parent, child, &device, r->frames), MFX_ERR_NONE);
    struct chain *c = chain_open(r, parent, child, vfa_allocator_mfx(r->frames));
    chain_run(c);
    assert_int_equal(runtime_stats(r).alloc_shared, 1);
    assert_int_equal(runtime_stats(r).lock_calls, 0);
    chain_close(c);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
    assert_int_equal(MFXClose(parent), MFX_ERR_NONE);
}

static void a_parent_outlives_its_children(void **state)
{
    struct runtime *r = *state;
    const struct vfa_session_device device = runtime_device(r);
    mfxSession child = runtime_session(r, false);
    assert_int_equal(vfa_session_attach_joined(r->session, child, &device, r->frames), MFX_ERR_NONE);
    assert_int_equal(MFXClose(r->session), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
}

/* As the software runtime has it: groups are flat. */
static void who_joins_a_child_is_its_sibling(void **state)
{
    struct runtime *r = *state;
    mfxSession child = runtime_session(r, false), third = runtime_session(r, false);
    assert_int_equal(MFXJoinSession(r->session, child), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(child, third), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(child, r->session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
    assert_int_equal(MFXDisjoinSession(r->session), MFX_ERR_UNDEFINED_BEHAVIOR); /* it has a child yet */
    assert_int_equal(MFXDisjoinSession(third), MFX_ERR_NONE);
    assert_int_equal(MFXClose(third), MFX_ERR_NONE);
}

static void a_child_that_cannot_be_attached_is_not_joined(void **state)
{
    struct runtime *r = *state;
    const struct vfa_session_device device = runtime_device(r);
    mfxSession child = runtime_session(r, true);
    assert_int_equal(vfa_session_attach_joined(r->session, child, &device, r->frames),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    runtime_renew(r); /* closes a session that has no child */
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(surfaces_cross_to_the_child_by_handle_alone),
        runtime_test(sessions_joined_by_the_librarys_helper_do_the_same),
        runtime_test(a_parent_outlives_its_children),
        runtime_test(who_joins_a_child_is_its_sibling),
        runtime_test(a_child_that_cannot_be_attached_is_not_joined),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
