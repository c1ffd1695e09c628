/* Frames that are painted, filtered and encoded; and components that are reset. */
#include "storm.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_TRIES = 20000
};

/* Waits for something, so that a busy component gets on. */
static void make_room(struct storm_worker *w)
{
    const struct timespec ms = {.tv_nsec = 1000000};

    if (w->life.num_pending && storm_pick(w, 2))
        storm_finish_oldest(w);
    else
        (void)nanosleep(&ms, NULL);
}

/* --- paint: into a surface of the component that will take it */

bool storm_paint_frame(struct storm_worker *w, struct storm_frame *out)
{
    struct storm_life *life = &w->life;
    const mfxFrameInfo info = storm_info();
    mfxFrameSurface1 *surface = NULL;
    bool *taken = NULL;

    storm_frames_make(w, &life->painted, &info);
    for (unsigned tries = 0; !surface && tries < MOST_TRIES; tries++) {
        mfxStatus status = MFX_ERR_NONE;

        if (life->memory != STORM_OWN)
            surface = storm_frames_free_one(&life->painted, &taken);
        else if (life->filtering)
            status = MFXMemory_GetSurfaceForVPP(life->session, &surface);
        else
            status = MFXMemory_GetSurfaceForEncode(life->session, &surface);
        STORM_EXPECT(w, status == MFX_ERR_NONE, status);
        if (!surface)
            make_room(w);
    }
    STORM_EXPECT(w, surface, 0);
    if (!surface)
        return false;
    storm_paint(w, surface);
    if (taken)
        *taken = true;
    *out =
        (struct storm_frame){.surface = surface, .session = life->session, .taken = taken, .level = w->level};
    return true;
}

/* --- VPP */

void storm_begin_filter(struct storm_worker *w)
{
    struct storm_life *life = &w->life;
    mfxStatus status;

    memset(&life->vpp_par, 0, sizeof(life->vpp_par));
    life->vpp_par.AsyncDepth = (mfxU16)(1 + storm_pick(w, 4));
    life->vpp_par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    life->vpp_par.vpp.In = life->vpp_par.vpp.Out = storm_info();
    storm_frames_make(w, &life->filtered, &life->vpp_par.vpp.Out);
    status = MFXVideoVPP_Init(life->session, &life->vpp_par);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    life->filtering = status == MFX_ERR_NONE;
}

static mfxStatus filter_once(struct storm_worker *w, const struct storm_frame *in, struct storm_frame *out)
{
    struct storm_life *life = &w->life;
    mfxStatus status;

    *out = (struct storm_frame){.session = life->session, .level = in->level, .foreign = in->foreign};
    if (life->memory == STORM_OWN)
        return MFXVideoVPP_ProcessFrameAsync(life->session, in->surface, &out->surface);
    out->surface = storm_frames_free_one(&life->filtered, &out->taken);
    if (!out->surface)
        return MFX_WRN_DEVICE_BUSY;
    status = MFXVideoVPP_RunFrameVPPAsync(life->session, in->surface, out->surface, NULL, &out->sync);
    STORM_EXPECT(w, (status == MFX_ERR_NONE) == (out->sync != NULL), status);
    if (status == MFX_ERR_NONE)
        *out->taken = true;
    return status;
}

bool storm_filter(struct storm_worker *w, const struct storm_frame *in, struct storm_frame *out)
{
    mfxStatus status = MFX_WRN_DEVICE_BUSY;

    for (unsigned tries = 0; status == MFX_WRN_DEVICE_BUSY && tries < MOST_TRIES; tries++) {
        status = filter_once(w, in, out);
        if (status == MFX_WRN_DEVICE_BUSY)
            make_room(w);
    }
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    return status == MFX_ERR_NONE;
}

/* --- encode */

void storm_begin_encoder(struct storm_worker *w, mfxU32 codec)
{
    struct storm_life *life = &w->life;
    mfxStatus status;

    memset(&life->encode_par, 0, sizeof(life->encode_par));
    life->encode_par.AsyncDepth = (mfxU16)(1 + storm_pick(w, 4));
    life->encode_par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    life->encode_par.mfx.CodecId = codec;
    life->encode_par.mfx.NumThread = (mfxU16)(1 + storm_pick(w, 2));
    life->encode_par.mfx.FrameInfo = storm_info();
    if (codec != MFX_CODEC_JPEG)
        life->encode_par.mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
    status = MFXVideoENCODE_Init(life->session, &life->encode_par);
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
    life->encoding = status == MFX_ERR_NONE;
}

/* A frame, or NULL to drain. Its operation ends in the call that hands a picture out. */
void storm_encode(struct storm_worker *w, const struct storm_frame *in)
{
    mfxU8 *room = malloc(STORM_ROOM); /* of a size that a checker knows */
    mfxStatus status = MFX_WRN_DEVICE_BUSY;

    if (!room)
        abort();
    for (unsigned tries = 0; tries < MOST_TRIES; tries++) {
        mfxBitstream bits = {.Data = room, .MaxLength = STORM_ROOM};
        mfxSyncPoint sync = NULL;

        status =
            MFXVideoENCODE_EncodeFrameAsync(w->life.session, NULL, in ? in->surface : NULL, &bits, &sync);
        if (sync) {
            mfxStatus ended = MFXVideoCORE_SyncOperation(w->life.session, sync, 60000);

            STORM_EXPECT(w, ended == MFX_ERR_NONE && bits.DataLength > 0, ended);
            w->pictures++;
        }
        if (status == MFX_WRN_DEVICE_BUSY)
            make_room(w);
        else if (status != MFX_ERR_NONE || in)
            break;
    }
    free(room);
    /* ABORTED tells of a frame before this one whose own making was cut off; this one was not taken then. */
    STORM_EXPECT(w,
                 status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA ||
                     (status == MFX_ERR_ABORTED && w->life.cut),
                 status);
}

/* --- Reset */

void storm_reset_something(struct storm_worker *w)
{
    struct storm_life *life = &w->life;
    mfxVideoParam par;
    mfxStatus status = MFX_ERR_NONE;

    life->cut = true;
    switch (storm_pick(w, 3)) {
    case 0:
        if (!life->decoding)
            return;
        par = life->decode_par;
        status = life->joint ? MFXVideoDECODE_VPP_Reset(life->session, &par, NULL, 0)
                             : MFXVideoDECODE_Reset(life->session, &par);
        life->bits.DataOffset = life->bits.DataLength = 0; /* begins anew with the next stream */
        break;
    case 1:
        if (!life->filtering)
            return;
        par = life->vpp_par;
        par.AsyncDepth = (mfxU16)(1 + storm_pick(w, par.AsyncDepth));
        status = MFXVideoVPP_Reset(life->session, &par);
        life->vpp_par = par;
        break;
    default:
        if (!life->encoding)
            return;
        par = life->encode_par;
        par.AsyncDepth = (mfxU16)(1 + storm_pick(w, par.AsyncDepth));
        status = MFXVideoENCODE_Reset(life->session, &par);
        life->encode_par = par;
        break;
    }
    STORM_EXPECT(w, status == MFX_ERR_NONE, status);
}
