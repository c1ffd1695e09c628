/* A decoder ready to be called. */
#include "decode_fixture.h"

#include <stdlib.h>
#include <string.h>

void fixture_open_clip(struct fixture *f, const char *name, const char *args, mfxU32 codec)
{
    f->path = clip(name, args);
    stream_open(&f->stream, f->path, 0);
    memset(&f->par, 0, sizeof(f->par));
    f->par.mfx.CodecId = codec;
    assert_true(decode_header(f->session, &f->stream, &f->par));
    f->par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    f->par.AsyncDepth = 2;
    frames_create(&f->frames, &f->par.mfx.FrameInfo, 6, true, 0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(f->session, &f->frames.allocator), MFX_ERR_NONE);
}

void fixture_open(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    runtime_open(&f->runtime);
    f->session = f->runtime.session;
    fixture_open_clip(f, "api.264",
                      CLIP "-c:v libx264 -bf 2 -g 10 -aspect 16:9 -colorspace bt709 -color_primaries bt709 "
                           "-color_trc bt709 -color_range tv",
                      MFX_CODEC_AVC);
}

/* The session knows the allocator by the address of `frames`, so it can stay. */
void fixture_use_video(struct fixture *f)
{
    mfxFrameAllocRequest request;

    f->par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f->session, &f->par, &request), MFX_ERR_NONE);
    frames_destroy(&f->frames);
    frames_create_video(&f->frames, &request.Info, request.NumFrameSuggested);
}

void fixture_init(struct fixture *f)
{
    assert_int_equal(MFXVideoDECODE_Init(f->session, &f->par), MFX_ERR_NONE);
}

void fixture_close(struct fixture *f)
{
    runtime_close(&f->runtime);
    assert_int_equal(frames_locked(&f->frames), 0);
    assert_int_equal(atomic_load(&f->frames.num_errors), 0);
    frames_destroy(&f->frames);
    stream_close(&f->stream);
    free(f->path);
}

mfxStatus fixture_next_frame(struct fixture *f, mfxBitstream *bits, mfxFrameSurface1 **out,
                             mfxSyncPoint *sync)
{
    for (unsigned tries = 0; tries < 20000; tries++) {
        mfxStatus status =
            MFXVideoDECODE_DecodeFrameAsync(f->session, bits, frames_free_one(&f->frames), out, sync);
        if (status == MFX_ERR_MORE_SURFACE && f->frames.video)
            continue;
        if (status != MFX_WRN_DEVICE_BUSY)
            return status;
        sleep_ms(1);
    }
    fail_msg("busy for twenty seconds");
    return MFX_ERR_UNKNOWN;
}

size_t fixture_drain(struct fixture *f)
{
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;
    mfxStatus status;

    while ((status = fixture_next_frame(f, NULL, &out, &sync)) == MFX_ERR_NONE) {
        sync_ok(f->session, sync);
        count++;
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    return count;
}

size_t fixture_decode_rest(struct fixture *f)
{
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;
    mfxStatus status;

    while ((status = fixture_next_frame(f, &f->stream.bits, &out, &sync)) == MFX_ERR_NONE) {
        sync_ok(f->session, sync);
        count++;
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    return count + fixture_drain(f);
}
