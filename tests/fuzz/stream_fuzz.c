/* The software runtime's decoder, as an application drives it, on any bytes: DecodeHeader, DecodeFrameAsync,
 * whatever the pieces in which they come. */
#include "fuzz.h"

#include "../../samples/softrt/core/component.h"

#include <libavutil/log.h>
#include <vfa/vfa.h>
#include <vpl/mfxjpeg.h>

#define SURFACES   6
#define MOST_CALLS 200
#define OWN_SIZES  0xffff
#define MOST_SIDE  512 /* larger pictures are not decoded, so that a run stays quick */

static const mfxU32 codecs[] = {MFX_CODEC_AVC,  MFX_CODEC_HEVC, MFX_CODEC_MPEG2,
                                MFX_CODEC_JPEG, MFX_CODEC_VP9,  MFX_CODEC_AV1};

/* What has been given of the input so far, in a block of exactly its size. */
struct source {
    struct fuzz_input *in;
    size_t piece; /* their size; OWN_SIZES: each says so in two bytes before it */
    mfxU16 flags; /* of every bitstream but the last */
    mfxBitstream bits;
};

/* The bytes not yet consumed, and a piece more. False when there is none. */
static bool more(struct source *source)
{
    size_t kept = source->bits.DataLength;
    size_t piece = source->piece == OWN_SIZES ? fuzz_u16(source->in) : source->piece;
    size_t add = piece < source->in->left ? piece : source->in->left;
    if (!add)
        return false;
    mfxU8 *block = malloc(kept + add);
    FUZZ_CHECK(block);
    if (kept)
        memcpy(block, source->bits.Data + source->bits.DataOffset, kept);
    fuzz_take(source->in, block + kept, add);
    free(source->bits.Data);
    source->bits.Data = block;
    source->bits.DataOffset = 0;
    source->bits.DataLength = source->bits.MaxLength = (mfxU32)(kept + add);
    source->bits.TimeStamp++;
    source->bits.DataFlag = source->flags;
    if (!source->in->left)
        source->bits.DataFlag |= MFX_BITSTREAM_EOS;
    return true;
}

/* A call may move on in the bitstream, and not beyond its end. */
struct mark {
    mfxU32 offset, end;
};

static struct mark mark(const mfxBitstream *bits)
{
    return (struct mark){bits->DataOffset, bits->DataOffset + bits->DataLength};
}

static void check_moved(struct mark before, const mfxBitstream *bits)
{
    FUZZ_CHECK(bits->DataOffset >= before.offset);
    FUZZ_SAME(bits->DataOffset + bits->DataLength, before.end);
    FUZZ_CHECK(before.end <= bits->MaxLength);
}

/* --- the header, with every buffer that can be attached */

struct attached {
    mfxExtVideoSignalInfo signal;
    mfxExtCodingOptionSPSPPS sets;
    mfxExtCodingOptionVPS vps;
    mfxExtBuffer *list[3];
    mfxU8 *bytes;
};

static void attach(struct attached *attached, mfxVideoParam *par, mfxU16 room)
{
    memset(attached, 0, sizeof *attached);
    attached->bytes = malloc(room);
    FUZZ_CHECK(attached->bytes || !room);
    attached->signal.Header = (mfxExtBuffer){MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof attached->signal};
    attached->sets.Header = (mfxExtBuffer){MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof attached->sets};
    attached->vps.Header = (mfxExtBuffer){MFX_EXTBUFF_CODING_OPTION_VPS, sizeof attached->vps};
    attached->sets.SPSBuffer = attached->sets.PPSBuffer = attached->vps.VPSBuffer = attached->bytes;
    attached->sets.SPSBufSize = attached->sets.PPSBufSize = attached->vps.VPSBufSize = room;
    attached->list[0] = &attached->signal.Header;
    attached->list[1] = &attached->sets.Header;
    attached->list[2] = &attached->vps.Header;
    par->ExtParam = attached->list;
    par->NumExtParam = room % 4;
}

static void detach(struct attached *attached, mfxVideoParam *par)
{
    free(attached->bytes);
    par->ExtParam = NULL;
    par->NumExtParam = 0;
}

static void check_header(const mfxVideoParam *par)
{
    const mfxFrameInfo *info = &par->mfx.FrameInfo;
    FUZZ_CHECK(info->Width && info->Height && info->Width % 16 == 0 && info->Height % 16 == 0);
    FUZZ_CHECK(info->CropX + info->CropW <= info->Width && info->CropY + info->CropH <= info->Height);
    FUZZ_CHECK(info->FrameRateExtN && info->FrameRateExtD);
}

static bool find_header(mfxSession session, struct source *source, mfxVideoParam *par, mfxU16 room)
{
    struct attached attached;
    mfxStatus status = MFX_ERR_MORE_DATA;
    for (int i = 0; i < MOST_CALLS && status == MFX_ERR_MORE_DATA; i++) {
        struct mark before = mark(&source->bits);
        attach(&attached, par, room);
        status = MFXVideoDECODE_DecodeHeader(session, &source->bits, par);
        check_moved(before, &source->bits);
        detach(&attached, par);
        if (status == MFX_ERR_MORE_DATA && !more(source))
            return false;
    }
    switch (status) {
    case MFX_ERR_NONE:
        check_header(par);
        return true;
    case MFX_ERR_MORE_DATA:
    case MFX_ERR_NOT_ENOUGH_BUFFER: /* for the parameter sets */
    case MFX_ERR_UNSUPPORTED:
        return false;
    default:
        FUZZ_SAME(status, MFX_ERR_NONE);
        return false;
    }
}

/* --- frames */

struct frames {
    bool none; /* the runtime gives its own */
    mfxFrameSurface1 surface[SURFACES];
    void *block[SURFACES];
    struct vfa_layout layout;
};

static bool make_frames(struct frames *frames, const mfxFrameInfo *info)
{
    memset(frames, 0, sizeof *frames);
    if (info->Width > MOST_SIDE || info->Height > MOST_SIDE ||
        vfa_layout_compute(info, NULL, &frames->layout) != MFX_ERR_NONE)
        return false;
    for (size_t i = 0; i < SURFACES; i++) {
        mfxFrameSurface1 *surface = &frames->surface[i];
        frames->block[i] = aligned_alloc(frames->layout.alignment_bytes, frames->layout.size_bytes);
        FUZZ_CHECK(frames->block[i]);
        surface->Version.Version = MFX_FRAMESURFACE1_VERSION;
        surface->Info = *info;
        FUZZ_SAME(vfa_layout_point(&frames->layout, frames->block[i], &surface->Data), MFX_ERR_NONE);
    }
    return true;
}

static void free_frames(struct frames *frames)
{
    for (size_t i = 0; i < SURFACES; i++) {
        FUZZ_SAME(__atomic_load_n(&frames->surface[i].Data.Locked, __ATOMIC_ACQUIRE), 0);
        free(frames->block[i]);
    }
}

static mfxFrameSurface1 *unlocked(struct frames *frames)
{
    for (size_t i = 0; i < SURFACES; i++)
        if (!__atomic_load_n(&frames->surface[i].Data.Locked, __ATOMIC_ACQUIRE))
            return &frames->surface[i];
    return NULL;
}

static void check_output(mfxSession session, const struct frames *frames, const mfxFrameSurface1 *out,
                         mfxSyncPoint sync)
{
    FUZZ_CHECK(frames->none || (out >= frames->surface && out < frames->surface + SURFACES));
    FUZZ_CHECK(sync);
    FUZZ_SAME(MFXVideoCORE_SyncOperation(session, sync, 60000), MFX_ERR_NONE);
    FUZZ_CHECK(out->Info.CropX + out->Info.CropW <= out->Info.Width);
    FUZZ_CHECK(out->Info.CropY + out->Info.CropH <= out->Info.Height);
}

/* One of the runtime's own: its pixels are read, and it goes back. */
static void give_back(mfxFrameSurface1 *surface)
{
    mfxFrameSurfaceInterface *interface = surface->FrameInterface;
    FUZZ_CHECK(interface);
    FUZZ_SAME(interface->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    mfxU8 *first = surface->Info.FourCC == MFX_FOURCC_RGB4 ? surface->Data.B : surface->Data.Y;
    FUZZ_CHECK(first && vfa_frame_data_pitch(&surface->Data) >= surface->Info.CropW);
    (void)*(volatile mfxU8 *)first;
    FUZZ_SAME(interface->Unmap(surface), MFX_ERR_NONE);
    FUZZ_SAME(interface->Release(surface), MFX_ERR_NONE);
}

static mfxStatus decode_one(mfxSession session, struct frames *frames, mfxBitstream *bits)
{
    mfxFrameSurface1 *out = NULL, *work = frames->none ? NULL : unlocked(frames);
    mfxSyncPoint sync = NULL;
    struct mark before = bits ? mark(bits) : (struct mark){0};
    FUZZ_CHECK(work || frames->none);
    mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(session, bits, work, &out, &sync);
    if (bits)
        check_moved(before, bits);
    if (status == MFX_ERR_NONE)
        check_output(session, frames, out, sync);
    else
        FUZZ_CHECK(!out && !sync);
    if (out && frames->none)
        give_back(out);
    return status;
}

/* The rest of the stream, then what the decoder holds. True when a header asks for another decoder. */
static bool decode(mfxSession session, struct source *source, struct frames *frames)
{
    mfxBitstream *bits = &source->bits;
    bool incompatible = false;
    for (int i = 0; i < MOST_CALLS; i++) {
        mfxStatus status = decode_one(session, frames, bits);
        switch (status) {
        case MFX_ERR_NONE:
        case MFX_WRN_VIDEO_PARAM_CHANGED:
        case MFX_WRN_DEVICE_BUSY:
            continue;
        case MFX_ERR_MORE_DATA:
            break;
        case MFX_ERR_INCOMPATIBLE_VIDEO_PARAM:
            incompatible = true;
            break;
        case MFX_ERR_REALLOC_SURFACE:
            return false;
        default:
            FUZZ_SAME(status, MFX_ERR_NONE);
        }
        if (!bits)
            return incompatible;
        if (incompatible || !more(source))
            bits = NULL;
    }
    return false;
}

static void ask(mfxSession session, mfxU16 room)
{
    struct attached attached;
    mfxVideoParam par = {0};
    mfxDecodeStat stat;
    mfxU8 *bytes = malloc(room + 1U);
    mfxPayload payload = {.Data = bytes, .BufSize = room};
    mfxU64 stamp;
    FUZZ_CHECK(bytes);
    attach(&attached, &par, room);
    (void)MFXVideoDECODE_GetVideoParam(session, &par);
    detach(&attached, &par);
    FUZZ_SAME(MFXVideoDECODE_GetDecodeStat(session, &stat), MFX_ERR_NONE);
    (void)MFXVideoDECODE_GetPayload(session, &stamp, &payload);
    FUZZ_CHECK(payload.NumBit <= room * 8U);
    free(bytes);
}

struct choices {
    mfxU16 room;
    mfxU8 skip, depth;
    bool reset, realloc, own;
};

/* One decoder for one header. */
static bool run_decoder(mfxSession session, struct source *source, mfxVideoParam *par, struct choices choices)
{
    struct frames frames;
    bool again = false;
    par->IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    par->AsyncDepth = choices.depth;
    par->mfx.NumThread = 1;
    if (choices.realloc)
        par->mfx.EnableReallocRequest = MFX_CODINGOPTION_ON;
    if (!make_frames(&frames, &par->mfx.FrameInfo))
        return false;
    frames.none = choices.own;
    if (MFXVideoDECODE_Init(session, par) >= MFX_ERR_NONE) {
        for (mfxU8 i = 0; i < choices.skip; i++)
            (void)MFXVideoDECODE_SetSkipMode(session, MFX_SKIPMODE_MORE);
        again = decode(session, source, &frames);
        ask(session, choices.room);
        if (choices.reset && MFXVideoDECODE_Reset(session, par) >= MFX_ERR_NONE)
            (void)decode(session, source, &frames);
        FUZZ_SAME(MFXVideoDECODE_Close(session), MFX_ERR_NONE);
    }
    free_frames(&frames);
    return again;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    av_log_set_level(AV_LOG_QUIET);
    return 0;
}

/* Codec, how it is driven, the size of pieces; then the stream. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    mfxInitializationParam init = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    struct source source = {.in = &in, .bits.TimeStamp = 0};
    mfxVideoParam par = {0};
    mfxU32 codec = FUZZ_PICK(&in, codecs);
    mfxU8 how = fuzz_u8(&in);
    source.piece = fuzz_u16(&in);
    source.flags = how & 1 ? MFX_BITSTREAM_COMPLETE_FRAME : 0;
    struct choices choices = {.room = (mfxU16)(how * 7),
                              .skip = how >> 1 & 3,
                              .depth = (mfxU8)(1 + (how >> 3 & 1)),
                              .reset = how >> 4 & 1,
                              .realloc = how >> 5 & 1,
                              .own = how >> 6 & 1};
    mfxSession session;
    FUZZ_SAME(MFXInitialize(init, &session), MFX_ERR_NONE);
    (void)more(&source);
    for (int i = 0; i < 4; i++) {
        par.mfx.CodecId = codec;
        if (!find_header(session, &source, &par, choices.room) ||
            !run_decoder(session, &source, &par, choices))
            break;
        memset(&par, 0, sizeof par);
    }
    FUZZ_SAME(MFXClose(session), MFX_ERR_NONE);
    free(source.bits.Data);
    return 0;
}
