/* A clip decoded in the internal memory model. */
#include "own_decode.h"

#include <stdlib.h>
#include <string.h>

void decoding_open(struct decoding *d, const char *name, const char *args, mfxU32 codec)
{
    memset(d, 0, sizeof(*d));
    runtime_open(&d->runtime);
    d->session = d->runtime.session;
    d->path = clip(name, args);
    stream_open(&d->stream, d->path, 0);
    d->par.mfx.CodecId = codec;
    assert_true(decode_header(d->session, &d->stream, &d->par));
    d->par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    d->par.AsyncDepth = 4;
}

void decoding_close(struct decoding *d)
{
    runtime_close(&d->runtime);
    stream_close(&d->stream);
    free(d->path);
}

/* False at the end of the stream. */
static bool read_more(struct decoding *d, mfxBitstream **bits)
{
    if (!*bits)
        return false;
    if (!stream_read(&d->stream))
        *bits = NULL;
    return true;
}

mfxStatus decoding_call(struct decoding *d, mfxFrameSurface1 *work, mfxFrameSurface1 **out,
                        mfxSyncPoint *sync)
{
    mfxBitstream *bits = &d->stream.bits;

    for (unsigned waited = 0; waited < 60000;) {
        mfxStatus status;

        *out = NULL;
        *sync = NULL;
        status = MFXVideoDECODE_DecodeFrameAsync(d->session, bits, work, out, sync);
        assert_true((status == MFX_ERR_NONE) == (*out != NULL));
        assert_true((status == MFX_ERR_NONE) == (*sync != NULL));
        if (status == MFX_ERR_MORE_DATA && read_more(d, &bits))
            continue;
        if (status == MFX_WRN_VIDEO_PARAM_CHANGED)
            continue;
        if (status != MFX_WRN_DEVICE_BUSY)
            return status;
        sleep_ms(1);
        waited++;
    }
    fail_msg("the decoder stayed busy for a minute");
    return MFX_ERR_UNKNOWN;
}

mfxFrameSurface1 *decoding_next(struct decoding *d, bool work)
{
    mfxFrameSurface1 *offered = work ? own_get(MFXMemory_GetSurfaceForDecode, d->session) : NULL;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxStatus status = decoding_call(d, offered, &out, &sync);

    if (offered)
        own_release(offered);
    if (status == MFX_ERR_MORE_DATA)
        return NULL;
    assert_int_equal(status, MFX_ERR_NONE);
    return out;
}
