/* Frames from a decoder, alone or joined with a channel of VPP's. */
#include "storm.h"

#include <string.h>
#include <time.h>

enum {
    CHANNEL = 5,
    MOST_TRIES = 20000
};

static void pause_ms(void)
{
    const struct timespec ms = {.tv_nsec = 1000000};

    (void)nanosleep(&ms, NULL);
}

static void rewind_stream(struct storm_worker *w)
{
    const struct storm_stream *stream = &w->streams[storm_pick(w, (unsigned)w->stream_count)];

    if (w->life.decode_par.mfx.CodecId) /* the decoder stays with its codec */
        for (size_t i = 0; i < w->stream_count; i++)
            if (w->streams[i].codec == w->life.decode_par.mfx.CodecId)
                stream = &w->streams[i];
    w->life.bits = (mfxBitstream){.Data = (mfxU8 *)(uintptr_t)stream->bytes,
                                  .DataLength = stream->size,
                                  .MaxLength = sizeof(stream->bytes)};
    w->life.decode_par.mfx.CodecId = stream->codec;
    w->life.draining = false;
}

static mfxStatus init_joint(struct storm_worker *w)
{
    mfxVideoChannelParam channel = {.VPP = storm_info(), .IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    mfxVideoChannelParam *list[1] = {&channel};

    channel.VPP.ChannelId = CHANNEL;
    return MFXVideoDECODE_VPP_Init(w->life.session, &w->life.decode_par, list, 1);
}

void storm_begin_decoder(struct storm_worker *w)
{
    struct storm_life *life = &w->life;
    mfxFrameAllocRequest request;
    mfxStatus status;

    memset(&life->decode_par, 0, sizeof(life->decode_par));
    rewind_stream(w);
    status = MFXVideoDECODE_DecodeHeader(life->session, &life->bits, &life->decode_par);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    life->decode_par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    life->decode_par.mfx.NumThread = (mfxU16)(1 + storm_pick(w, 2));
    life->decode_par.AsyncDepth = (mfxU16)(1 + storm_pick(w, 4));
    life->decode_par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    status = MFXVideoDECODE_Query(life->session, &life->decode_par, &life->decode_par);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    status = MFXVideoDECODE_QueryIOSurf(life->session, &life->decode_par, &request);
    STORM_EXPECT(w, status == MFX_ERR_NONE && request.NumFrameSuggested < STORM_SURFACES / 2, status);
    life->joint = life->memory == STORM_OWN && storm_pick(w, 3) == 0;
    storm_frames_make(w, &life->decoded, &life->decode_par.mfx.FrameInfo);
    status = life->joint ? init_joint(w) : MFXVideoDECODE_Init(life->session, &life->decode_par);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    life->decoding = status == MFX_ERR_NONE;
}

void storm_close_decoder(struct storm_worker *w)
{
    struct storm_life *life = &w->life;
    mfxStatus status =
        life->joint ? MFXVideoDECODE_VPP_Close(life->session) : MFXVideoDECODE_Close(life->session);

    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    life->decoding = life->joint = false;
    life->cut = true;
}

/* What an array has is pending, but for the last. */
static void take_array(struct storm_worker *w, mfxSurfaceArray *array, struct storm_frame *out)
{
    mfxU32 count = array->NumSurfaces;

    STORM_EXPECT(w, count >= 1 && count <= 2, count);
    for (mfxU32 i = 0; i < count; i++) {
        struct storm_frame frame = {
            .surface = array->Surfaces[i], .session = w->life.session, .level = w->level};

        if (i + 1 < count)
            storm_hold(w, &frame);
        else
            *out = frame;
    }
    STORM_EXPECT(w, array->Release(array) == MFX_ERR_NONE, 0);
}

static mfxStatus decode_joint(struct storm_worker *w, mfxBitstream *bits, struct storm_frame *out)
{
    mfxSurfaceArray *array = NULL;
    mfxU32 skip[1] = {CHANNEL};
    mfxStatus status =
        MFXVideoDECODE_VPP_DecodeFrameAsync(w->life.session, bits, skip, storm_pick(w, 4) == 0, &array);

    STORM_EXPECT(w, (status == MFX_ERR_NONE) == (array != NULL), status);
    if (array)
        take_array(w, array, out);
    return status;
}

static mfxStatus decode_plain(struct storm_worker *w, mfxBitstream *bits, struct storm_frame *out)
{
    mfxFrameSurface1 *work = NULL, *surface = NULL;
    bool *taken = NULL;
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    if (w->life.memory != STORM_OWN) {
        work = storm_frames_free_one(&w->life.decoded, &taken);
        if (!work)
            return MFX_WRN_DEVICE_BUSY;
    }
    status = MFXVideoDECODE_DecodeFrameAsync(w->life.session, bits, work, &surface, &sync);
    STORM_EXPECT(w, (status == MFX_ERR_NONE) == (surface != NULL), status);
    STORM_EXPECT(w, !surface || sync, status);
    if (!surface)
        return status;
    STORM_EXPECT(w, !work || surface == work, 0);
    if (taken)
        *taken = true;
    *out = (struct storm_frame){
        .surface = surface, .sync = sync, .session = w->life.session, .taken = taken, .level = w->level};
    return status;
}

/* The next frame, over the end of the stream and on with another, or false at an end. */
bool storm_decode(struct storm_worker *w, struct storm_frame *out)
{
    struct storm_life *life = &w->life;

    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        mfxBitstream *bits = life->draining ? NULL : &life->bits;
        mfxStatus status = life->joint ? decode_joint(w, bits, out) : decode_plain(w, bits, out);

        switch (status) {
        case MFX_ERR_NONE:
            return true;
        case MFX_WRN_DEVICE_BUSY:
            if (life->num_pending)
                storm_finish_oldest(w);
            else
                pause_ms();
            break;
        case MFX_WRN_VIDEO_PARAM_CHANGED:
            break;
        case MFX_ERR_MORE_DATA:
            if (life->draining || storm_pick(w, 2)) {
                bool end = life->draining;

                rewind_stream(w);
                if (end)
                    return false;
            } else {
                life->draining = true;
            }
            break;
        default:
            STORM_EXPECT(w, status == MFX_ERR_NONE, status);
            return false;
        }
    }
    storm_wrong(w, __FILE__, __LINE__, "the decoder goes on", MOST_TRIES);
    return false;
}
