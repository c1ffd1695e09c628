/* VPP into the encoder in one session, where only the last operation of the chain is waited for. */
#include "encode_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = 40
};

struct chain {
    struct runtime runtime;
    struct frames wide, coded;
    mfxBitstream bs;
    struct encode_result result;
};

static void vpp_params(mfxVideoParam *par)
{
    mfxFrameInfo *in = &par->vpp.In;

    memset(par, 0, sizeof(*par));
    par->IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    in->FourCC = MFX_FOURCC_YUY2;
    complete_info(in);
    in->Width = in->CropW = CLIP_WIDTH;
    in->Height = in->CropH = CLIP_HEIGHT;
    in->FrameRateExtN = 30;
    in->FrameRateExtD = 1;
    in->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    par->vpp.Out = *in;
    par->vpp.Out.FourCC = MFX_FOURCC_I420;
    complete_info(&par->vpp.Out);
    par->vpp.Out.Height = (CLIP_HEIGHT + 15) / 16 * 16;
}

static void open_chain(struct chain *chain, mfxU16 async)
{
    mfxVideoParam vpp;
    mfxVideoParam encode;
    mfxFrameAllocRequest vpp_request[2];
    mfxFrameAllocRequest encode_request;
    mfxSession session;

    memset(chain, 0, sizeof(*chain));
    runtime_open(&chain->runtime);
    session = chain->runtime.session;
    vpp_params(&vpp);
    encode_defaults(&encode, MFX_CODEC_AVC, MFX_FOURCC_I420);
    vpp.AsyncDepth = encode.AsyncDepth = async;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(session, &vpp, vpp_request), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(session, &encode, &encode_request), MFX_ERR_NONE);
    frames_create(&chain->wide, &vpp_request[0].Info, vpp_request[0].NumFrameSuggested, false, 0);
    frames_create(&chain->coded, &vpp_request[1].Info,
                  (size_t)vpp_request[1].NumFrameSuggested + encode_request.NumFrameSuggested - async, true,
                  0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(session, &chain->coded.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(session, &vpp), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(session, &encode), MFX_ERR_NONE);
    bitstream_create(&chain->bs, 1000000);
}

static void close_chain(struct chain *chain)
{
    runtime_close(&chain->runtime);
    assert_int_equal(frames_locked(&chain->wide), 0);
    assert_int_equal(frames_locked(&chain->coded), 0);
    assert_int_equal(atomic_load(&chain->coded.num_errors), 0);
    assert_int_equal(atomic_load(&chain->coded.num_locks), atomic_load(&chain->coded.num_unlocks));
    frames_destroy(&chain->wide);
    frames_destroy(&chain->coded);
    bitstream_destroy(&chain->bs);
    encode_result_free(&chain->result);
}

static void take(struct chain *chain, mfxSyncPoint sync)
{
    struct encode_result *result = &chain->result;

    sync_ok(chain->runtime.session, sync);
    result->data = realloc(result->data, result->size + chain->bs.DataLength);
    assert_non_null(result->data);
    memcpy(result->data + result->size, chain->bs.Data, chain->bs.DataLength);
    result->size += chain->bs.DataLength;
    result->count++;
    chain->bs.DataLength = 0;
}

static mfxFrameSurface1 *process(struct chain *chain, mfxFrameSurface1 *in)
{
    mfxFrameSurface1 *out = frames_free_one(&chain->coded);
    mfxSyncPoint never_waited_for;
    mfxStatus status;

    while ((status = MFXVideoVPP_RunFrameVPPAsync(chain->runtime.session, in, out, NULL,
                                                  &never_waited_for)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(status, MFX_ERR_NONE);
    return out;
}

static mfxStatus encode(struct chain *chain, mfxFrameSurface1 *surface)
{
    mfxSyncPoint sync;
    mfxStatus status;

    while ((status = MFXVideoENCODE_EncodeFrameAsync(chain->runtime.session, NULL, surface, &chain->bs,
                                                     &sync)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    if (status == MFX_ERR_NONE)
        take(chain, sync);
    return status;
}

static void run_chain(mfxU16 async)
{
    size_t picture = picture_size(MFX_FOURCC_YUY2, CLIP_WIDTH, CLIP_HEIGHT);
    struct chain chain;
    size_t size;
    uint8_t *source = encode_source(MFX_FOURCC_YUY2, &size);
    uint8_t *decoded;

    open_chain(&chain, async);
    for (size_t i = 0; i < FRAMES; i++) {
        mfxFrameSurface1 *in = frames_free_one(&chain.wide);
        mfxStatus status;

        picture_put(&chain.wide, in, source + i % CLIP_FRAMES * picture);
        in->Data.TimeStamp = i * 3000;
        status = encode(&chain, process(&chain, in));
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
    }
    while (encode(&chain, NULL) == MFX_ERR_NONE) {
    }
    assert_int_equal(chain.result.count, FRAMES);
    decoded = encode_decoded("chain.264", &chain.result, "yuv420p", &size);
    assert_int_equal(size, FRAMES * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
    for (size_t frame = 0; frame < FRAMES; frame++) { /* luma, which the chain only repacks and codes */
        const uint8_t *from = source + frame % CLIP_FRAMES * picture;
        const uint8_t *to = decoded + frame * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT);
        double sum = 0;

        for (size_t i = 0; i < (size_t)CLIP_WIDTH * CLIP_HEIGHT; i++)
            sum += (double)(from[2 * i] - to[i]) * (from[2 * i] - to[i]);
        assert_true(sum / (CLIP_WIDTH * CLIP_HEIGHT) < 20.5); /* 35 dB */
    }
    free(decoded);
    free(source);
    close_chain(&chain);
}

static void only_the_last_operation_is_waited_for(void **state)
{
    (void)state;
    run_chain(4);
}

static void one_operation_at_a_time(void **state)
{
    (void)state;
    run_chain(1);
}

/* The encoder's input never comes: the failure is told, by the next call at the latest, and is not the end.
 */
static void a_failed_input_is_reported(void **state)
{
    struct chain chain;
    mfxFrameSurface1 *in;
    mfxFrameSurface1 *out;
    mfxStatus status = MFX_ERR_NONE;

    (void)state;
    open_chain(&chain, 4);
    in = frames_free_one(&chain.wide);
    atomic_store(&chain.coded.refuse, true);
    out = process(&chain, in);
    assert_int_equal(encode(&chain, out),
                     MFX_ERR_MORE_DATA); /* accepted: nothing has failed yet, or not seen */
    for (unsigned i = 0; i < 5000 && frames_locked(&chain.coded); i++)
        sleep_ms(1);
    atomic_store(&chain.coded.refuse, false);
    status = encode(&chain, out);
    assert_int_equal(status, MFX_ERR_ABORTED);
    assert_int_equal(encode(&chain, process(&chain, in)), MFX_ERR_MORE_DATA);
    while (encode(&chain, NULL) == MFX_ERR_NONE) {
    }
    assert_int_equal(chain.result.count, 1);
    close_chain(&chain);
}

static void closing_in_flight_gives_everything_back(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 5; round++) {
        struct chain chain;

        open_chain(&chain, 4);
        for (size_t i = 0; i < 3 + round; i++)
            (void)encode(&chain, process(&chain, frames_free_one(&chain.wide)));
        close_chain(&chain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_last_operation_is_waited_for),
        cmocka_unit_test(one_operation_at_a_time),
        cmocka_unit_test(a_failed_input_is_reported),
        cmocka_unit_test(closing_in_flight_gives_everything_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
