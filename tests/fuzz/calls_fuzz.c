/* Calls in any order: up to four sessions of the software runtime, opened, cloned, joined, parted and closed,
 * with components initialised, reset and closed at any time, extension buffers of every kind, joint decoding
 * and processing, surfaces of the runtime's own that outlive it all, and sync points of long ago. */
#include "ext_kinds.h"
#include "picture.h"

#include <libavutil/log.h>
#include <vfa/vfa.h>
#include <vpl/mfxjpeg.h>

enum {
    SESSIONS = 4,
    SURFACES = 8,
    SYNCS = 8,
    MOST_CALLS = 48,
    MOST_SIDE = 64, /* of pictures: a run stays quick */
    MOST_CHANNELS = 3,
    MOST_MESSAGES = 3,
    ROOM = 65536
};

struct scene {
    struct fuzz_input *in;
    mfxSession session[SESSIONS];
    struct vfa_allocator *allocator[SESSIONS];
    mfxFrameSurface1 *surface[SURFACES]; /* references */
    mfxSyncPoint sync[SYNCS];
    unsigned int surfaces, syncs;
};

/* --- parameters */

static const mfxU32 codecs[] = {MFX_CODEC_AVC,  MFX_CODEC_JPEG, MFX_CODEC_MPEG2,
                                MFX_CODEC_HEVC, MFX_CODEC_VP9,  MFX_CODEC_AV1};
static const mfxU32 fourccs[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4,
                                 MFX_FOURCC_P010};

static mfxFrameInfo plain_info(struct fuzz_input *in)
{
    mfxFrameInfo info = {.FourCC = FUZZ_PICK(in, fourccs),
                         .PicStruct = MFX_PICSTRUCT_PROGRESSIVE,
                         .FrameRateExtN = 30,
                         .FrameRateExtD = 1};
    const struct vfa_format *format = vfa_format_find(info.FourCC);
    info.ChromaFormat = format->chroma_format;
    info.BitDepthLuma = info.BitDepthChroma = format->bit_depth;
    info.Shift = info.FourCC == MFX_FOURCC_P010;
    info.Width = info.CropW = (mfxU16)(16 * (1 + fuzz_below(in, 4)));
    info.Height = info.CropH = (mfxU16)(16 * (1 + fuzz_below(in, 4)));
    return info;
}

/* One word of the struct may be any. */
static void spoil(struct fuzz_input *in, void *parameters, size_t bytes)
{
    mfxU16 value;
    if (fuzz_u8(in) < 160)
        return;
    size_t at = fuzz_u8(in) % (bytes / sizeof value) * sizeof value;
    value = fuzz_u16(in);
    memcpy((mfxU8 *)parameters + at, &value, sizeof value);
}

static void bound(mfxFrameInfo *info)
{
    if (info->Width > MOST_SIDE || info->Height > MOST_SIDE)
        info->Width = info->Height = MOST_SIDE;
}

static mfxVideoParam decode_param(struct fuzz_input *in)
{
    mfxVideoParam par = {.AsyncDepth = (mfxU16)fuzz_below(in, 4),
                         .IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    par.mfx.CodecId = FUZZ_PICK(in, codecs);
    par.mfx.FrameInfo = plain_info(in);
    spoil(in, &par, offsetof(mfxVideoParam, ExtParam));
    bound(&par.mfx.FrameInfo);
    par.mfx.NumThread = 1;
    return par;
}

static mfxVideoParam encode_param(struct fuzz_input *in)
{
    mfxVideoParam par = decode_param(in);
    if (par.IOPattern == MFX_IOPATTERN_OUT_SYSTEM_MEMORY)
        par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    return par;
}

static mfxVideoParam vpp_param(struct fuzz_input *in)
{
    mfxVideoParam par = {.AsyncDepth = (mfxU16)fuzz_below(in, 4),
                         .IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    par.vpp.In = plain_info(in);
    par.vpp.Out = plain_info(in);
    spoil(in, &par, offsetof(mfxVideoParam, ExtParam));
    bound(&par.vpp.In);
    bound(&par.vpp.Out);
    return par;
}

/* --- what calls give out */

static void keep_surface(struct scene *s, mfxFrameSurface1 *surface)
{
    mfxFrameSurface1 **place = &s->surface[s->surfaces++ % SURFACES];
    if (*place)
        FUZZ_SAME((*place)->FrameInterface->Release(*place), MFX_ERR_NONE);
    *place = surface;
}

static void keep_sync(struct scene *s, mfxSyncPoint sync)
{
    if (sync)
        s->sync[s->syncs++ % SYNCS] = sync;
}

static mfxSession any_session(struct scene *s)
{
    return s->session[fuzz_u8(s->in) % SESSIONS];
}

/* --- sessions */

static void open_session(struct scene *s, unsigned int at)
{
    struct ext_list list;
    mfxExtBuffer **ext;
    mfxU16 count;
    mfxStatus status;
    if (s->session[at])
        return;
    ext_make(s->in, &list, &ext, &count);
    switch (fuzz_below(s->in, 3)) {
    case 0: {
        mfxInitializationParam par = {
            .AccelerationMode = MFX_ACCEL_MODE_NA, .NumExtParam = count, .ExtParam = ext};
        status = MFXInitialize(par, &s->session[at]);
        break;
    }
    case 1: {
        mfxInitParam par = {
            .Implementation = (mfxIMPL)fuzz_u16(s->in), .NumExtParam = count, .ExtParam = ext};
        par.Version.Major = (mfxU16)fuzz_below(s->in, 4);
        status = MFXInitEx(par, &s->session[at]);
        break;
    }
    default:
        status = MFXCloneSession(any_session(s), &s->session[at]);
    }
    FUZZ_SAME(status == MFX_ERR_NONE, s->session[at] != NULL);
    ext_free(&list);
}

static void end_allocator(struct vfa_allocator **allocator)
{
    struct vfa_stats stats;
    if (!*allocator)
        return;
    FUZZ_SAME(vfa_allocator_stats(*allocator, &stats), MFX_ERR_NONE);
    FUZZ_SAME(stats.responses_live, 0);
    FUZZ_SAME(stats.frames_locked, 0);
    vfa_allocator_destroy(allocator);
}

/* False: others are joined to it. */
static bool close_session(struct scene *s, unsigned int at)
{
    mfxStatus status = s->session[at] ? MFXClose(s->session[at]) : MFX_ERR_NONE;
    FUZZ_CHECK(status == MFX_ERR_NONE || status == MFX_ERR_UNDEFINED_BEHAVIOR);
    if (status != MFX_ERR_NONE)
        return false;
    if (s->session[at])
        FUZZ_SAME(MFXClose(s->session[at]), MFX_ERR_INVALID_HANDLE);
    s->session[at] = NULL;
    end_allocator(&s->allocator[at]);
    return true;
}

static void set_allocator(struct scene *s, unsigned int at)
{
    if (!s->session[at] || s->allocator[at])
        return;
    FUZZ_SAME(vfa_allocator_create(&s->allocator[at], NULL), MFX_ERR_NONE);
    FUZZ_SAME(MFXVideoCORE_SetFrameAllocator(s->session[at], vfa_allocator_mfx(s->allocator[at])),
              MFX_ERR_NONE);
}

static void ask_session(struct scene *s, mfxSession session)
{
    static int handle;
    mfxHDL hdl;
    mfxPriority priority;
    mfxVersion version;
    mfxIMPL impl;
    mfxPlatform platform;
    mfxHandleType type = (mfxHandleType)fuzz_below(s->in, 32);
    if (type != MFX_HANDLE_VA_DISPLAY) /* which would have to be one */
        (void)MFXVideoCORE_SetHandle(session, type, &handle);
    (void)MFXVideoCORE_GetHandle(session, type, &hdl);
    (void)MFXSetPriority(session, (mfxPriority)fuzz_below(s->in, 8));
    FUZZ_SAME(MFXGetPriority(session, &priority) == MFX_ERR_NONE, session != NULL);
    FUZZ_SAME(MFXQueryVersion(session, &version) == MFX_ERR_NONE, session != NULL);
    FUZZ_SAME(MFXQueryIMPL(session, &impl) == MFX_ERR_NONE, session != NULL);
    FUZZ_SAME(MFXVideoCORE_QueryPlatform(session, &platform) == MFX_ERR_NONE, session != NULL);
}

static void sync_something(struct scene *s, mfxSession session)
{
    mfxSyncPoint sync = s->sync[fuzz_u8(s->in) % SYNCS];
    if (fuzz_u8(s->in) == 0) /* one that was made up */
        sync = (mfxSyncPoint)(uintptr_t)fuzz_u64(s->in);
    (void)MFXVideoCORE_SyncOperation(session, sync, fuzz_below(s->in, 3));
}

/* --- components: one call of the plain kind, with buffers of any kind */

typedef mfxStatus (*with_param)(mfxSession, mfxVideoParam *);

static const struct {
    mfxStatus (*query)(mfxSession, mfxVideoParam *, mfxVideoParam *);
    with_param init, reset, get;
    mfxStatus (*close)(mfxSession);
    mfxVideoParam (*param)(struct fuzz_input *);
} components[] = {
    {MFXVideoDECODE_Query, MFXVideoDECODE_Init, MFXVideoDECODE_Reset, MFXVideoDECODE_GetVideoParam,
     MFXVideoDECODE_Close, decode_param},
    {MFXVideoENCODE_Query, MFXVideoENCODE_Init, MFXVideoENCODE_Reset, MFXVideoENCODE_GetVideoParam,
     MFXVideoENCODE_Close, encode_param},
    {MFXVideoVPP_Query, MFXVideoVPP_Init, MFXVideoVPP_Reset, MFXVideoVPP_GetVideoParam, MFXVideoVPP_Close,
     vpp_param},
};

static void io_surf(unsigned int component, mfxSession session, mfxVideoParam *par)
{
    mfxFrameAllocRequest request[2] = {{.AllocId = 0}};
    mfxStatus status = component == 0   ? MFXVideoDECODE_QueryIOSurf(session, par, request)
                       : component == 1 ? MFXVideoENCODE_QueryIOSurf(session, par, request)
                                        : MFXVideoVPP_QueryIOSurf(session, par, request);
    if (status >= MFX_ERR_NONE)
        FUZZ_CHECK(request[0].NumFrameMin >= 1 && request[0].NumFrameSuggested >= request[0].NumFrameMin);
}

static void call_component(struct scene *s, mfxSession session)
{
    unsigned int c = fuzz_below(s->in, 3), what = fuzz_below(s->in, 8);
    mfxVideoParam par = components[c].param(s->in), out = par;
    struct ext_list list, other;
    ext_make(s->in, &list, &par.ExtParam, &par.NumExtParam);
    switch (what) {
    case 0:
        ext_make(s->in, &other, &out.ExtParam, &out.NumExtParam);
        (void)components[c].query(session, fuzz_u8(s->in) ? &par : NULL, &out);
        ext_free(&other);
        break;
    case 1:
        (void)components[c].query(session, &par, &par);
        break;
    case 2:
        io_surf(c, session, &par);
        break;
    case 3:
        (void)components[c].reset(session, &par);
        break;
    case 4:
        (void)components[c].get(session, &par);
        break;
    case 5:
        (void)components[c].close(session);
        FUZZ_CHECK(components[c].close(session) < MFX_ERR_NONE);
        break;
    default:
        if (components[c].init(session, &par) >= MFX_ERR_NONE)
            FUZZ_CHECK(components[c].init(session, &par) < MFX_ERR_NONE);
    }
    ext_free(&list);
}

/* --- joint decoding and processing */

struct channels {
    mfxVideoChannelParam param[MOST_CHANNELS];
    mfxVideoChannelParam *list[MOST_CHANNELS];
    struct ext_list ext[MOST_CHANNELS];
};

static void make_channels(struct fuzz_input *in, struct channels *channels)
{
    memset(channels, 0, sizeof *channels);
    for (size_t i = 0; i < MOST_CHANNELS; i++) {
        mfxVideoChannelParam *channel = &channels->param[i];
        channel->VPP = plain_info(in);
        channel->VPP.ChannelId = (mfxU16)fuzz_below(in, 5);
        channel->IOPattern = fuzz_u8(in) < 200 ? MFX_IOPATTERN_OUT_SYSTEM_MEMORY : fuzz_u16(in);
        spoil(in, channel, offsetof(mfxVideoChannelParam, ExtParam));
        bound(&channel->VPP);
        ext_make(in, &channels->ext[i], &channel->ExtParam, &channel->NumExtParam);
        channels->list[i] = fuzz_u8(in) < 250 ? channel : NULL;
    }
}

static void free_channels(struct channels *channels)
{
    for (size_t i = 0; i < MOST_CHANNELS; i++)
        ext_free(&channels->ext[i]);
}

static void call_joint(struct scene *s, mfxSession session)
{
    struct channels channels;
    struct ext_list list;
    mfxVideoParam par = decode_param(s->in);
    mfxU32 count = fuzz_below(s->in, MOST_CHANNELS + 1);
    ext_make(s->in, &list, &par.ExtParam, &par.NumExtParam);
    make_channels(s->in, &channels);
    switch (fuzz_below(s->in, 6)) {
    case 0:
        (void)MFXVideoDECODE_VPP_Reset(session, fuzz_u8(s->in) & 1 ? &par : NULL,
                                       fuzz_u8(s->in) & 1 ? channels.list : NULL, count);
        break;
    case 1:
        (void)MFXVideoDECODE_VPP_GetChannelParam(session, &channels.param[0], fuzz_below(s->in, 6));
        break;
    case 2:
        (void)MFXVideoDECODE_VPP_Close(session);
        break;
    default:
        (void)MFXVideoDECODE_VPP_Init(session, &par, channels.list, count);
    }
    free_channels(&channels);
    ext_free(&list);
}

/* --- frames */

static void take_array(struct scene *s, mfxSurfaceArray *array)
{
    if (!array)
        return;
    for (mfxU32 i = 0; i < array->NumSurfaces; i++)
        keep_surface(s, array->Surfaces[i]);
    FUZZ_SAME(array->Release(array), MFX_ERR_NONE);
}

/* Some bytes of the input, or a drain. */
static void decode(struct scene *s, mfxSession session)
{
    mfxU8 bytes[1024];
    mfxU32 skip[3] = {fuzz_below(s->in, 5), 1, 2};
    mfxBitstream bits = {
        .Data = bytes, .MaxLength = sizeof bytes, .DataLength = fuzz_u16(s->in) % (sizeof bytes + 1)};
    mfxBitstream *given = fuzz_u8(s->in) & 3 ? &bits : NULL;
    mfxFrameSurface1 *out = NULL;
    mfxSurfaceArray *array = NULL;
    mfxSyncPoint sync = NULL;
    mfxStatus status;
    fuzz_take(s->in, bytes, bits.DataLength);
    if (fuzz_u8(s->in) & 1) {
        status = MFXVideoDECODE_VPP_DecodeFrameAsync(session, given, skip, fuzz_below(s->in, 4), &array);
        FUZZ_CHECK(status == MFX_ERR_NONE || !array);
        take_array(s, array);
        return;
    }
    mfxFrameSurface1 *work = s->surface[fuzz_u8(s->in) % SURFACES];
    status = MFXVideoDECODE_DecodeFrameAsync(session, given, fuzz_u8(s->in) & 1 ? work : NULL, &out, &sync);
    FUZZ_SAME(status == MFX_ERR_NONE, out != NULL);
    keep_sync(s, sync);
    if (out)
        keep_surface(s, out);
}

/* Messages of any content; the size that the encoder is told is the one they have. */
struct messages {
    mfxPayload payload[MOST_MESSAGES];
    mfxPayload *list[MOST_MESSAGES];
    mfxU8 bytes[32];
};

static void make_messages(struct fuzz_input *in, struct messages *messages, mfxEncodeCtrl *control)
{
    mfxU8 how = fuzz_u8(in);
    control->NumPayload = how % (MOST_MESSAGES + 1);
    control->Payload = how < 250 ? messages->list : NULL;
    memset(messages, 0, sizeof *messages);
    for (mfxU16 i = 0; i < control->NumPayload; i++) {
        mfxPayload *payload = &messages->payload[i];
        mfxU8 spoilt = fuzz_u8(in);
        payload->BufSize = fuzz_u8(in) % (sizeof messages->bytes + 1);
        payload->NumBit = spoilt < 192 ? payload->BufSize * 8U : fuzz_u32(in);
        payload->CtrlFlags = spoilt < 224 ? 0 : fuzz_u16(in);
        payload->Type = fuzz_u8(in);
        payload->Data = spoilt < 250 ? messages->bytes : NULL;
        messages->list[i] = spoilt < 254 ? payload : NULL;
    }
    if (control->NumPayload)
        fuzz_take(in, messages->bytes, fuzz_u8(in) % (sizeof messages->bytes + 1)); /* then zeros */
}

static void encode(struct scene *s, mfxSession session)
{
    mfxU8 *room = malloc(ROOM);
    mfxBitstream bits = {.Data = room, .MaxLength = fuzz_u8(s->in) < 250 ? ROOM : 16};
    mfxSyncPoint sync = NULL;
    struct ext_list list;
    struct messages messages;
    mfxEncodeCtrl control = {
        .FrameType = fuzz_u8(s->in), .QP = fuzz_u8(s->in), .SkipFrame = fuzz_u8(s->in) / 250};
    FUZZ_CHECK(room);
    ext_make(s->in, &list, &control.ExtParam, &control.NumExtParam);
    make_messages(s->in, &messages, &control);
    (void)MFXVideoENCODE_EncodeFrameAsync(session, fuzz_u8(s->in) & 1 ? &control : NULL,
                                          s->surface[fuzz_u8(s->in) % SURFACES], &bits, &sync);
    FUZZ_CHECK((size_t)bits.DataOffset + bits.DataLength <= bits.MaxLength);
    keep_sync(s, sync);
    ext_free(&list);
    free(room);
}

static void process(struct scene *s, mfxSession session)
{
    mfxFrameSurface1 *in = s->surface[fuzz_u8(s->in) % SURFACES],
                     *out = s->surface[fuzz_u8(s->in) % SURFACES];
    mfxSyncPoint sync = NULL;
    if (fuzz_u8(s->in) & 1) {
        (void)MFXVideoVPP_RunFrameVPPAsync(session, in, out, NULL, &sync);
        keep_sync(s, sync);
        return;
    }
    out = NULL;
    (void)MFXVideoVPP_ProcessFrameAsync(session, in, &out);
    if (out)
        keep_surface(s, out);
}

static void get_surface(struct scene *s, mfxSession session)
{
    static mfxStatus (*const get[])(mfxSession, mfxFrameSurface1 **) = {
        MFXMemory_GetSurfaceForDecode, MFXMemory_GetSurfaceForEncode, MFXMemory_GetSurfaceForVPP,
        MFXMemory_GetSurfaceForVPPOut};
    mfxFrameSurface1 *surface = NULL;
    mfxStatus status = get[fuzz_below(s->in, 4)](session, &surface);
    FUZZ_SAME(status == MFX_ERR_NONE, surface != NULL);
    if (!surface)
        return;
    fuzz_blacken(surface);
    keep_surface(s, surface);
}

static void use_surface(struct scene *s)
{
    mfxFrameSurface1 *surface = s->surface[fuzz_u8(s->in) % SURFACES];
    if (!surface)
        return;
    (void)surface->FrameInterface->Synchronize(surface, fuzz_below(s->in, 3));
    if (surface->FrameInterface->Map(surface, MFX_MAP_WRITE | MFX_MAP_NOWAIT) != MFX_ERR_NONE)
        return;
    FUZZ_CHECK(surface->Data.Y || surface->Data.B);
    FUZZ_SAME(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
}

/* --- the scene */

/* What a component says of itself, and how much it is to skip. */
static void ask_component(struct scene *s, mfxSession session)
{
    mfxDecodeStat decoded;
    mfxEncodeStat encoded;
    mfxVPPStat processed;
    switch (fuzz_below(s->in, 4)) {
    case 0:
        (void)MFXVideoDECODE_SetSkipMode(session, (mfxSkipMode)fuzz_below(s->in, 6));
        break;
    case 1:
        (void)MFXVideoDECODE_GetDecodeStat(session, &decoded);
        break;
    case 2:
        (void)MFXVideoENCODE_GetEncodeStat(session, &encoded);
        break;
    default:
        (void)MFXVideoVPP_GetVPPStat(session, &processed);
    }
}

static void one_call(struct scene *s)
{
    unsigned int at = fuzz_u8(s->in) % SESSIONS;
    mfxSession session = s->session[at];
    mfxU8 what = fuzz_u8(s->in);
    if (what >= 240) {
        ask_component(s, session);
        return;
    }
    switch (what % 16) {
    case 0:
        (void)close_session(s, at);
        break;
    case 1:
        (void)MFXJoinSession(session, any_session(s));
        break;
    case 2:
        (void)MFXDisjoinSession(session);
        break;
    case 3:
        set_allocator(s, at);
        break;
    case 4:
        ask_session(s, session);
        break;
    case 5:
        sync_something(s, session);
        break;
    case 6:
        call_joint(s, session);
        break;
    case 7:
        decode(s, session);
        break;
    case 8:
        encode(s, session);
        break;
    case 9:
        process(s, session);
        break;
    case 10:
        get_surface(s, session);
        break;
    case 11:
        use_surface(s);
        break;
    case 12:
        open_session(s, at);
        break;
    default:
        call_component(s, session);
    }
}

static void end_scene(struct scene *s)
{
    bool left = true;
    for (int round = 0; left && round < SESSIONS + 1; round++) { /* children before their parents */
        left = false;
        for (unsigned int i = 0; i < SESSIONS; i++)
            left |= !close_session(s, i);
    }
    FUZZ_CHECK(!left);
    for (unsigned int i = 0; i < SURFACES; i++)
        if (s->surface[i])
            FUZZ_SAME(s->surface[i]->FrameInterface->Release(s->surface[i]), MFX_ERR_NONE);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    av_log_set_level(AV_LOG_QUIET);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct scene scene = {.in = &in};
    mfxInitializationParam par = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    FUZZ_SAME(MFXInitialize(par, &scene.session[0]), MFX_ERR_NONE);
    for (int i = 0; i < MOST_CALLS && in.left; i++)
        one_call(&scene);
    end_scene(&scene);
    return 0;
}
