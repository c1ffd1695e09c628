/* Clips, and a decoder and an encoder on a session. */
#include "runtime.h"

#include <errno.h>
#include <stdio.h>

enum {
    IVF_FILE_HEADER = 32,
    IVF_FRAME_HEADER = 12
};

static uint8_t *read_clip(const char *name, size_t *size)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("VFA_TEST_CLIPS"), name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    enum {
        most = 1 << 20
    };
    uint8_t *bytes = malloc(most);
    assert_non_null(bytes);
    *size = fread(bytes, 1, most, file);
    assert_true(*size > 0 && *size < most);
    fclose(file);
    return bytes;
}

void clip_open(struct clip *clip, const char *name, mfxU32 codec)
{
    size_t size, at = 0;
    clip->file = read_clip(name, &size);
    if (strstr(name, ".ivf")) {
        uint32_t first;
        assert_true(size > IVF_FILE_HEADER + IVF_FRAME_HEADER);
        memcpy(&first, clip->file + IVF_FILE_HEADER, sizeof first);
        at = IVF_FILE_HEADER + IVF_FRAME_HEADER;
        assert_true(first <= size - at);
        size = at + first;
    }
    clip->bits = (mfxBitstream){.Data = clip->file + at,
                                .DataLength = (mfxU32)(size - at),
                                .MaxLength = (mfxU32)(size - at),
                                .CodecId = codec,
                                .DataFlag = MFX_BITSTREAM_EOS};
}

void clip_close(struct clip *clip)
{
    free(clip->file);
    memset(clip, 0, sizeof *clip);
}

static void query_surfaces(struct decoding *d)
{
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(d->session, &d->par, &d->request), MFX_ERR_NONE);
    assert_int_equal(d->request.Type, d->par.IOPattern == MFX_IOPATTERN_OUT_VIDEO_MEMORY
                                          ? TYPE_DECODE_VIDEO
                                          : TYPE_DECODE_SYSTEM);
    d->request.AllocId = d->par.AllocId; /* which the answer leaves out */
}

void decoder_open(struct decoding *decoder, struct runtime *runtime, const char *clip, mfxU32 codec,
                  mfxU16 io_pattern)
{
    memset(decoder, 0, sizeof *decoder);
    decoder->runtime = runtime;
    decoder->session = runtime->session;
    clip_open(&decoder->clip, clip, codec);
    decoder->par.mfx.CodecId = codec;
    decoder->par.IOPattern = io_pattern;
    decoder->par.AsyncDepth = ASYNC_DEPTH;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(decoder->session, &decoder->clip.bits, &decoder->par),
                     MFX_ERR_NONE);
    query_surfaces(decoder);
}

void decoder_set_alloc_id(struct decoding *decoder, mfxU32 alloc_id)
{
    decoder->par.AllocId = decoder->request.AllocId = alloc_id;
}

void decoder_start(struct decoding *decoder)
{
    frames_alloc(&decoder->frames, decoder->runtime, &decoder->request);
    assert_int_equal(MFXVideoDECODE_Init(decoder->session, &decoder->par), MFX_ERR_NONE);
}

void decoder_rewind(struct decoding *decoder)
{
    mfxBitstream *bits = &decoder->clip.bits;
    bits->DataLength += bits->DataOffset;
    bits->DataOffset = 0;
}

/* Feeds until there is a picture; `drain` says that the clip is over. MFX_ERR_NONE without a picture: again,
 * with another surface. */
static mfxStatus feed(struct decoding *d, mfxFrameSurface1 *work, bool *drain, mfxFrameSurface1 **picture,
                      mfxSyncPoint *sync)
{
    mfxStatus status = MFX_WRN_DEVICE_BUSY;
    *picture = NULL;
    *sync = NULL;
    for (unsigned waited = 0; status == MFX_WRN_DEVICE_BUSY; waited++) {
        if (waited > 0)
            runtime_pause();
        assert_true(waited < RUNTIME_PATIENCE_MS);
        status =
            MFXVideoDECODE_DecodeFrameAsync(d->session, *drain ? NULL : &d->clip.bits, work, picture, sync);
    }
    if (status == MFX_ERR_MORE_DATA && !*drain) {
        *drain = true;
        return MFX_ERR_NONE;
    }
    return status == MFX_ERR_MORE_SURFACE || status > MFX_ERR_NONE ? MFX_ERR_NONE : status;
}

mfxStatus decoder_next(struct decoding *decoder, mfxFrameSurface1 **picture)
{
    mfxSyncPoint sync = NULL;
    mfxStatus status = MFX_ERR_NONE;
    for (bool drain = false; status == MFX_ERR_NONE && !sync;)
        status = feed(decoder, frames_next(&decoder->frames), &drain, picture, &sync);
    return sync ? runtime_sync(decoder->session, sync) : status;
}

mfxStatus decoder_next_pooled(struct decoding *decoder, struct vfa_pool *pool, mfxFrameSurface1 **picture)
{
    mfxSyncPoint sync = NULL;
    mfxStatus status = MFX_ERR_NONE;
    for (bool drain = false; status == MFX_ERR_NONE && !sync;) {
        mfxFrameSurface1 *work;
        assert_int_equal(vfa_pool_acquire(pool, RUNTIME_PATIENCE_MS, &work), MFX_ERR_NONE);
        status = feed(decoder, work, &drain, picture, &sync);
        assert_int_equal(vfa_pool_settle(pool, work, *picture), MFX_ERR_NONE);
    }
    if (!sync)
        return status;
    status = runtime_sync(decoder->session, sync);
    vfa_pool_poke(pool);
    return status;
}

mfxStatus decoder_rest(struct decoding *decoder)
{
    mfxFrameSurface1 *picture;
    mfxStatus status;
    while ((status = decoder_next(decoder, &picture)) == MFX_ERR_NONE)
        decoder->pictures++;
    return status == MFX_ERR_MORE_DATA ? MFX_ERR_NONE : status;
}

void decoder_close(struct decoding *decoder)
{
    assert_int_equal(MFXVideoDECODE_Close(decoder->session), MFX_ERR_NONE);
    frames_free(&decoder->frames);
    clip_close(&decoder->clip);
}

void encoder_open(struct encoding *encoder, struct runtime *runtime, mfxSession session,
                  const mfxFrameInfo *info, mfxU16 io_pattern)
{
    memset(encoder, 0, sizeof *encoder);
    encoder->runtime = runtime;
    encoder->session = session;
    encoder->par.IOPattern = io_pattern;
    encoder->par.AsyncDepth = 1;
    encoder->par.mfx.CodecId = MFX_CODEC_AVC;
    encoder->par.mfx.LowPower = MFX_CODINGOPTION_ON;
    encoder->par.mfx.TargetUsage = MFX_TARGETUSAGE_BALANCED;
    encoder->par.mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    encoder->par.mfx.QPI = encoder->par.mfx.QPP = encoder->par.mfx.QPB = 30;
    encoder->par.mfx.GopPicSize = 30;
    encoder->par.mfx.GopRefDist = 1;
    encoder->par.mfx.FrameInfo = *info;
    assert_int_equal(MFXVideoENCODE_Query(session, &encoder->par, &encoder->par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(session, &encoder->par, &encoder->request), MFX_ERR_NONE);
    assert_int_equal(encoder->request.Type,
                     io_pattern == MFX_IOPATTERN_IN_VIDEO_MEMORY ? TYPE_ENCODE_VIDEO : TYPE_ENCODE_SYSTEM);
}

mfxStatus encoder_encode(struct encoding *encoder, mfxFrameSurface1 *surface)
{
    mfxBitstream bits = {.Data = encoder->data, .MaxLength = sizeof encoder->data};
    mfxSyncPoint sync = NULL;
    mfxStatus status = MFX_WRN_DEVICE_BUSY;
    for (unsigned waited = 0; waited < RUNTIME_PATIENCE_MS && status == MFX_WRN_DEVICE_BUSY; waited++) {
        status = MFXVideoENCODE_EncodeFrameAsync(encoder->session, NULL, surface, &bits, &sync);
        if (status == MFX_WRN_DEVICE_BUSY)
            runtime_pause();
    }
    if (!sync)
        return status;
    status = runtime_sync(encoder->session, sync);
    if (status == MFX_ERR_NONE)
        assert_true(bits.DataLength > 0);
    return status;
}
