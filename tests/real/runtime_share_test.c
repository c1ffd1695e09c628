/* Decoders of Intel's runtimes side by side on one allocator: whose frames Init is given.
 *   real_runtime_share IMPLEMENTATION-NAME MAJOR-VERSION-OF-API */
#include "runtime.h"

#define VIDEO MFX_IOPATTERN_OUT_VIDEO_MEMORY

struct pair {
    struct decoding first, second; /* the second in a session of its own */
};

static struct pair *pair_open(struct runtime *r)
{
    static struct pair p;
    decoder_open(&p.first, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    decoder_open(&p.second, r, "avc.264", MFX_CODEC_AVC, VIDEO);
    p.second.session = runtime_session(r, true);
    return &p;
}

/* Picture by picture, in turn. */
static void decode_both(struct pair *p)
{
    mfxFrameSurface1 *picture;
    for (unsigned i = 0; i < CLIP_PICTURES; i++) {
        assert_int_equal(decoder_next(&p->first, &picture), MFX_ERR_NONE);
        assert_true(frames_has(&p->first.frames, picture->Data.MemId));
        assert_int_equal(decoder_next(&p->second, &picture), MFX_ERR_NONE);
        assert_true(frames_has(&p->second.frames, picture->Data.MemId));
    }
    assert_int_equal(decoder_next(&p->first, &picture), MFX_ERR_MORE_DATA);
    assert_int_equal(decoder_next(&p->second, &picture), MFX_ERR_MORE_DATA);
}

static void pair_close(struct pair *p)
{
    decoder_close(&p->first);
    decoder_close(&p->second);
    assert_int_equal(MFXClose(p->second.session), MFX_ERR_NONE);
}

/* The runtime's Alloc of that number was answered with these frames, all of them. */
static void assert_claimed(struct runtime *r, size_t index, const struct frames *frames)
{
    struct recorder_call alloc = recorder_get(&r->recorder, RECORDER_ALLOC, index);
    assert_int_equal(alloc.response.NumFrameActual, frames->response.NumFrameActual);
    for (mfxU16 i = 0; i < alloc.response.NumFrameActual; i++)
        assert_true(frames_has(frames, alloc.response.mids[i]));
}

static void decoders_with_ids_claim_their_own_frames_in_any_order(void **state)
{
    struct runtime *r = *state;
    struct pair *p = pair_open(r);
    decoder_set_alloc_id(&p->first, vfa_next_alloc_id(r->frames));
    decoder_set_alloc_id(&p->second, vfa_next_alloc_id(r->frames));
    frames_alloc(&p->first.frames, r, &p->first.request);
    frames_alloc(&p->second.frames, r, &p->second.request);
    assert_int_equal(MFXVideoDECODE_Init(p->second.session, &p->second.par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(p->first.session, &p->first.par), MFX_ERR_NONE);
    assert_int_equal(recorder_get(&r->recorder, RECORDER_ALLOC, 0).request.AllocId, p->second.par.AllocId);
    assert_int_equal(recorder_get(&r->recorder, RECORDER_ALLOC, 1).request.AllocId, p->first.par.AllocId);
    assert_claimed(r, 0, &p->second.frames);
    assert_claimed(r, 1, &p->first.frames);
    decode_both(p);
    pair_close(p);
}

static void decoders_without_ids_do_not_share_one_after_the_other(void **state)
{
    struct runtime *r = *state;
    struct pair *p = pair_open(r);
    decoder_start(&p->first);
    decoder_start(&p->second);
    assert_claimed(r, 0, &p->first.frames);
    assert_claimed(r, 1, &p->second.frames);
    for (mfxU16 i = 0; i < p->second.frames.response.NumFrameActual; i++)
        assert_false(frames_has(&p->first.frames, p->second.frames.response.mids[i]));
    decode_both(p);
    pair_close(p);
}

/* With an id of 0 the second would be given the first's: to an allocator the first Init looks like an
 * application that allocates for a decoder to come. */
static void decoders_with_ids_do_not_share_what_init_made(void **state)
{
    struct runtime *r = *state;
    struct pair *p = pair_open(r);
    decoder_set_alloc_id(&p->first, vfa_next_alloc_id(r->frames));
    decoder_set_alloc_id(&p->second, vfa_next_alloc_id(r->frames));
    assert_int_equal(MFXVideoDECODE_Init(p->first.session, &p->first.par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(p->second.session, &p->second.par), MFX_ERR_NONE);
    struct recorder_call one = recorder_get(&r->recorder, RECORDER_ALLOC, 0);
    struct recorder_call other = recorder_get(&r->recorder, RECORDER_ALLOC, 1);
    for (mfxU16 i = 0; i < one.response.NumFrameActual; i++)
        for (mfxU16 k = 0; k < other.response.NumFrameActual; k++)
            assert_ptr_not_equal(one.response.mids[i], other.response.mids[k]);
    assert_int_equal(MFXVideoDECODE_Close(p->first.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Close(p->second.session), MFX_ERR_NONE);
    clip_close(&p->first.clip);
    clip_close(&p->second.clip);
    assert_int_equal(MFXClose(p->second.session), MFX_ERR_NONE);
}

static void *decode_on_a_thread(void *argument)
{
    struct decoding *d = argument;
    return (void *)(intptr_t)decoder_rest(d);
}

static void decoders_on_two_threads_share_the_allocator(void **state)
{
    struct runtime *r = *state;
    struct pair *p = pair_open(r);
    pthread_t thread;
    void *status;
    decoder_set_alloc_id(&p->first, vfa_next_alloc_id(r->frames));
    decoder_set_alloc_id(&p->second, vfa_next_alloc_id(r->frames));
    decoder_start(&p->first);
    decoder_start(&p->second);
    assert_int_equal(pthread_create(&thread, NULL, decode_on_a_thread, &p->second), 0);
    assert_int_equal(decoder_rest(&p->first), MFX_ERR_NONE);
    assert_int_equal(pthread_join(thread, &status), 0);
    assert_int_equal((intptr_t)status, MFX_ERR_NONE);
    assert_int_equal(p->first.pictures, CLIP_PICTURES);
    assert_int_equal(p->second.pictures, CLIP_PICTURES);
    pair_close(p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        runtime_test(decoders_with_ids_claim_their_own_frames_in_any_order),
        runtime_test(decoders_without_ids_do_not_share_one_after_the_other),
        runtime_test(decoders_with_ids_do_not_share_what_init_made),
        runtime_test(decoders_on_two_threads_share_the_allocator),
    };
    return runtime_arguments(argc, argv)
               ? cmocka_run_group_tests(tests, runtime_group_open, runtime_group_close)
               : 2;
}
