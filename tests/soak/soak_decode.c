/* A session on the software runtime that decodes into a pool: to the end, or until the user has seen enough.
 */
#include "soak.h"

#include "decode_run.h"

#include <string.h>

struct decoding {
    struct soak *soak;
    mfxSession session;
    struct stream stream;
    mfxVideoParam par;
    struct vfa_allocator *allocator;
    struct vfa_pool *pool;
    unsigned left; /* frames until the user has seen enough */
};

/* As many surfaces as the decoder asks for, of the size that the stream has now. */
static void prepare(struct decoding *d)
{
    mfxFrameAllocRequest request;
    bool replaced;
    complete_info(&d->par.mfx.FrameInfo);
    d->par.AsyncDepth = 4;
    d->par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    memset(&request, 0, sizeof request);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(d->session, &d->par, &request), MFX_ERR_NONE);
    if (d->pool) {
        assert_int_equal(vfa_pool_reset(d->pool, &request, &replaced), MFX_ERR_NONE);
    } else {
        struct vfa_pool_config config = vfa_pool_config_defaults();
        config.allocator = vfa_allocator_mfx(d->allocator);
        config.memory = &d->soak->manager;
        config.request = request;
        assert_int_equal(vfa_pool_create(&d->pool, &config), MFX_ERR_NONE);
    }
    assert_int_equal(MFXVideoDECODE_Init(d->session, &d->par), MFX_ERR_NONE);
}

/* One call. False when its answer to `bits` was "more data". */
static bool step(struct decoding *d, mfxBitstream *bits, bool *incompatible)
{
    mfxFrameSurface1 *work, *out = NULL;
    mfxSyncPoint sync = NULL;
    assert_int_equal(vfa_pool_acquire(d->pool, 10000, &work), MFX_ERR_NONE);
    mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(d->session, bits, work, &out, &sync);
    assert_int_equal(vfa_pool_settle(d->pool, work, out), MFX_ERR_NONE);
    if (status == MFX_ERR_NONE) {
        sync_ok(d->session, sync);
        assert_int_equal(vfa_pool_release(d->pool, out), MFX_ERR_NONE);
        d->left -= d->left > 0;
        return true;
    }
    *incompatible = status == MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    if (status == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_true(status == MFX_ERR_MORE_DATA || status == MFX_ERR_MORE_SURFACE || status > MFX_ERR_NONE ||
                *incompatible);
    return status != MFX_ERR_MORE_DATA && !*incompatible;
}

/* Until the stream ends, changes (true), or the user has seen enough. */
static bool decode_on(struct decoding *d)
{
    bool incompatible = false, ignored = false;
    while (!incompatible && d->left) {
        if (!step(d, &d->stream.bits, &incompatible) && !incompatible && !stream_read(&d->stream))
            break;
    }
    if (d->left)
        while (step(d, NULL, &ignored)) {
        }
    return incompatible && d->left;
}

void soak_decode(struct soak *soak)
{
    struct decoding d = {.soak = soak};
    d.left = 1 + soak_pick(soak, 150);
    d.session = runtime_session(soak->runtime);
    d.allocator = soak_allocator(soak);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(d.session, vfa_allocator_mfx(d.allocator)), MFX_ERR_NONE);
    stream_open(&d.stream, soak->clips[soak_pick(soak, soak->clip_count)], 0);
    d.par.mfx.CodecId = MFX_CODEC_AVC;
    bool more = decode_header(d.session, &d.stream, &d.par);
    assert_true(more);
    while (more) {
        prepare(&d);
        more = decode_on(&d);
        assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
        more = more && decode_header(d.session, &d.stream, &d.par);
    }
    vfa_pool_destroy(&d.pool);
    stream_close(&d.stream);
    assert_int_equal(MFXClose(d.session), MFX_ERR_NONE);
    soak_end_allocator(soak, &d.allocator);
}
