/* The software runtime's parameters: any mfxVideoParam with any extension buffers through Query, QueryIOSurf,
 * Init, Reset and GetVideoParam of each component, and a frame where Init takes them. */
#include "fuzz.h"
#include "picture.h"

#include "../../samples/softrt/core/component.h"

#include <libavutil/log.h>
#include <vfa/vfa.h>
#include <vpl/mfxjpeg.h>

#define MOST_BUFFERS 8
#define MOST_BYTES   1024
#define MOST_SIDE                                                                            \
    256 /* larger pictures, and more threads, are not initialised, so that a run stays quick \
         */

enum component {
    DECODE,
    ENCODE,
    VPP,
    COMPONENTS
};

/* --- a plausible start, and changes to it */

static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2, MFX_CODEC_JPEG,
                                MFX_CODEC_VP9, MFX_CODEC_AV1,  MFX_CODEC_VC1};
static const mfxU32 fourccs[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010, MFX_FOURCC_I010,
                                 MFX_FOURCC_YUY2, MFX_FOURCC_RGB4, MFX_FOURCC_P016};

static mfxFrameInfo plain_info(struct fuzz_input *in)
{
    mfxFrameInfo info = {.FourCC = FUZZ_PICK(in, fourccs),
                         .ChromaFormat = MFX_CHROMAFORMAT_YUV420,
                         .PicStruct = MFX_PICSTRUCT_PROGRESSIVE,
                         .FrameRateExtN = 30,
                         .FrameRateExtD = 1};
    const struct vfa_format *format = vfa_format_find(info.FourCC);
    info.ChromaFormat = format->chroma_format;
    info.BitDepthLuma = info.BitDepthChroma = format->bit_depth;
    info.Shift = info.FourCC == MFX_FOURCC_P010;
    info.Width = (mfxU16)(16 * (1 + fuzz_below(in, 8)));
    info.Height = (mfxU16)(16 * (1 + fuzz_below(in, 8)));
    info.CropW = info.Width;
    info.CropH = info.Height;
    return info;
}

static mfxVideoParam plain_param(struct fuzz_input *in, enum component component)
{
    static const mfxU16 patterns[COMPONENTS] = {
        MFX_IOPATTERN_OUT_SYSTEM_MEMORY, MFX_IOPATTERN_IN_SYSTEM_MEMORY,
        MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    mfxVideoParam par = {.AsyncDepth = 1, .IOPattern = patterns[component]};
    if (component == VPP) {
        par.vpp.In = plain_info(in);
        par.vpp.Out = plain_info(in);
        return par;
    }
    par.mfx.CodecId = FUZZ_PICK(in, codecs);
    par.mfx.FrameInfo = plain_info(in);
    par.mfx.NumThread = 1;
    return par;
}

/* Some 16-bit words of the struct become others: all but the list of buffers, which is the application's. */
static void change(struct fuzz_input *in, mfxVideoParam *par)
{
    size_t words = offsetof(mfxVideoParam, ExtParam) / sizeof(mfxU16);
    for (unsigned int i = fuzz_below(in, 8); i > 0; i--) {
        size_t at = fuzz_u8(in) % words;
        mfxU16 value = fuzz_u16(in);
        memcpy((mfxU8 *)par + at * sizeof value, &value, sizeof value);
    }
}

/* --- extension buffers: known ones and others, of their size and of others */

static const struct {
    mfxU32 id, size;
} kinds[] = {
    {MFX_EXTBUFF_CODING_OPTION, sizeof(mfxExtCodingOption)},
    {MFX_EXTBUFF_CODING_OPTION2, sizeof(mfxExtCodingOption2)},
    {MFX_EXTBUFF_CODING_OPTION3, sizeof(mfxExtCodingOption3)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(mfxExtVideoSignalInfo)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO_IN, sizeof(mfxExtVideoSignalInfo)},
    {MFX_EXTBUFF_VIDEO_SIGNAL_INFO_OUT, sizeof(mfxExtVideoSignalInfo)},
    {MFX_EXTBUFF_MASTERING_DISPLAY_COLOUR_VOLUME, sizeof(mfxExtMasteringDisplayColourVolume)},
    {MFX_EXTBUFF_CONTENT_LIGHT_LEVEL_INFO, sizeof(mfxExtContentLightLevelInfo)},
    {MFX_EXTBUFF_ENCODER_RESET_OPTION, sizeof(mfxExtEncoderResetOption)},
    {MFX_EXTBUFF_HEVC_PARAM, sizeof(mfxExtHEVCParam)},
    {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(mfxExtCodingOptionSPSPPS)},
    {MFX_EXTBUFF_CODING_OPTION_VPS, sizeof(mfxExtCodingOptionVPS)},
    {MFX_EXTBUFF_VPP_SCALING, sizeof(mfxExtVPPScaling)},
    {MFX_EXTBUFF_VPP_DEINTERLACING, sizeof(mfxExtVPPDeinterlacing)},
    {MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, sizeof(mfxExtVPPVideoSignalInfo)},
    {MFX_EXTBUFF_VPP_COLOR_CONVERSION, sizeof(mfxExtColorConversion)},
    {MFX_EXTBUFF_VPP_ROTATION, sizeof(mfxExtVPPRotation)},
    {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mfxExtVPPMirroring)},
    {MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION, sizeof(mfxExtVPPFrameRateConversion)},
    {MFX_EXTBUFF_VPP_DENOISE2, sizeof(mfxExtVPPDenoise2)},
    {MFX_EXTBUFF_VPP_DETAIL, sizeof(mfxExtVPPDetail)},
    {MFX_EXTBUFF_VPP_PROCAMP, sizeof(mfxExtVPPProcAmp)},
    {MFX_EXTBUFF_VPP_COMPOSITE, sizeof(mfxExtVPPComposite)},
    {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(mfxExtVPPDoNotUse)},
    {MFX_EXTBUFF_VPP_DOUSE, sizeof(mfxExtVPPDoUse)},
    {MFX_EXTBUFF_THREADS_PARAM, sizeof(mfxExtThreadsParam)},
    {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(mfxExtAllocationHints)},
};

/* The buffers of one struct, and memory that those with pointers point to. */
struct chain {
    mfxExtBuffer *list[MOST_BUFFERS];
    mfxU8 bytes[64];
    mfxU32 filters[4];
    mfxVPPCompInputStream streams[4];
};

/* Places that often are within the output, and a way of blending or two. */
static mfxU16 make_streams(struct fuzz_input *in, struct chain *chain)
{
    mfxU16 count = fuzz_u8(in) % 5;
    for (mfxU16 i = 0; i < count; i++) {
        mfxVPPCompInputStream *s = &chain->streams[i];
        s->DstX = fuzz_u8(in) % 64;
        s->DstY = fuzz_u8(in) % 64;
        s->DstW = fuzz_u8(in) % 80;
        s->DstH = fuzz_u8(in) % 80;
        mfxU8 way = fuzz_u8(in);
        s->LumaKeyEnable = way & 1;
        s->GlobalAlphaEnable = way >> 2 & 1;
        s->PixelAlphaEnable = way >> 4 & 1;
        s->LumaKeyMin = s->GlobalAlpha = fuzz_u8(in);
        s->LumaKeyMax = (mfxU16)(s->LumaKeyMin + way / 8);
    }
    return count;
}

/* What a pointer in a buffer of the right size points to is the application's to get right, and is: memory of
 * the size that stands beside it, or NULL. */
static void point(struct fuzz_input *in, struct chain *chain, mfxExtBuffer *buffer)
{
    bool there = fuzz_u8(in) & 1;
    mfxU8 *bytes = there ? chain->bytes : NULL;
    mfxU16 size = fuzz_u8(in) % (sizeof chain->bytes + 1);
    for (size_t i = 0; i < sizeof chain->filters / sizeof chain->filters[0]; i++)
        chain->filters[i] = FUZZ_PICK(in, kinds).id;
    if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_SPSPPS) {
        mfxExtCodingOptionSPSPPS *sets = (mfxExtCodingOptionSPSPPS *)buffer;
        sets->SPSBuffer = sets->PPSBuffer = bytes;
        sets->SPSBufSize = sets->PPSBufSize = size;
    } else if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_VPS) {
        ((mfxExtCodingOptionVPS *)buffer)->VPSBuffer = bytes;
        ((mfxExtCodingOptionVPS *)buffer)->VPSBufSize = size;
    } else if (buffer->BufferId == MFX_EXTBUFF_VPP_DONOTUSE || buffer->BufferId == MFX_EXTBUFF_VPP_DOUSE) {
        mfxExtVPPDoUse *use = (mfxExtVPPDoUse *)buffer; /* both have these two fields */
        use->AlgList = there ? chain->filters : NULL;
        use->NumAlg = size % 5;
    } else if (buffer->BufferId == MFX_EXTBUFF_VPP_COMPOSITE) {
        mfxExtVPPComposite *composite = (mfxExtVPPComposite *)buffer;
        composite->NumInputStream = make_streams(in, chain);
        composite->InputStream = there ? chain->streams : NULL;
    } else if (buffer->BufferId == MFX_EXTBUFF_ALLOCATION_HINTS) { /* few, and no long waits */
        mfxExtAllocationHints *hints = (mfxExtAllocationHints *)buffer;
        hints->NumberToPreAllocate %= 9;
        hints->DeltaToAllocateOnTheFly %= 9;
        hints->Wait %= 5;
    }
}

static mfxExtBuffer *make_buffer(struct fuzz_input *in, struct chain *chain)
{
    mfxU8 kind = fuzz_u8(in), how = fuzz_u8(in);
    if (how == 0)
        return NULL;
    size_t index = kind % (sizeof kinds / sizeof kinds[0]);
    mfxU32 id = kind < 250 ? kinds[index].id : fuzz_u32(in);
    mfxU32 right = kind < 250 ? kinds[index].size : sizeof(mfxExtBuffer);
    mfxU32 size = how < 224 ? right : fuzz_u16(in) % MOST_BYTES;
    size = size < sizeof(mfxExtBuffer) ? (mfxU32)sizeof(mfxExtBuffer) : size; /* else it has no size */
    mfxExtBuffer *buffer = calloc(1, size);
    FUZZ_CHECK(buffer);
    if (how & 1) {
        fuzz_take(in, buffer, size);
    } else {
        for (unsigned int i = fuzz_below(in, 4); i > 0; i--)
            ((mfxU8 *)buffer)[fuzz_u16(in) % size] = fuzz_u8(in);
    }
    *buffer = (mfxExtBuffer){id, size};
    if (size == right)
        point(in, chain, buffer);
    return buffer;
}

static void make_chain(struct fuzz_input *in, struct chain *chain, mfxVideoParam *par)
{
    mfxU8 count = fuzz_u8(in);
    memset(chain, 0, sizeof *chain);
    par->NumExtParam = count % (MOST_BUFFERS + 1);
    par->ExtParam = count == 255 ? NULL : chain->list;
    for (mfxU16 i = 0; i < par->NumExtParam; i++)
        chain->list[i] = make_buffer(in, chain);
}

static void free_chain(struct chain *chain)
{
    for (size_t i = 0; i < MOST_BUFFERS; i++)
        free(chain->list[i]);
}

/* What a copied buffer points to is the copy's, too: an answer in it changes nothing of the original. */
static void repoint(struct chain *copy, mfxExtBuffer *buffer)
{
    if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_SPSPPS &&
        buffer->BufferSz == sizeof(mfxExtCodingOptionSPSPPS)) {
        mfxExtCodingOptionSPSPPS *sets = (mfxExtCodingOptionSPSPPS *)buffer;
        sets->SPSBuffer = sets->SPSBuffer ? copy->bytes : NULL;
        sets->PPSBuffer = sets->PPSBuffer ? copy->bytes : NULL;
    } else if (buffer->BufferId == MFX_EXTBUFF_CODING_OPTION_VPS &&
               buffer->BufferSz == sizeof(mfxExtCodingOptionVPS)) {
        mfxExtCodingOptionVPS *vps = (mfxExtCodingOptionVPS *)buffer;
        vps->VPSBuffer = vps->VPSBuffer ? copy->bytes : NULL;
    } else if ((buffer->BufferId == MFX_EXTBUFF_VPP_DONOTUSE || buffer->BufferId == MFX_EXTBUFF_VPP_DOUSE) &&
               buffer->BufferSz == sizeof(mfxExtVPPDoUse)) {
        mfxExtVPPDoUse *use = (mfxExtVPPDoUse *)buffer;
        use->AlgList = use->AlgList ? copy->filters : NULL;
    } else if (buffer->BufferId == MFX_EXTBUFF_VPP_COMPOSITE &&
               buffer->BufferSz == sizeof(mfxExtVPPComposite)) {
        mfxExtVPPComposite *composite = (mfxExtVPPComposite *)buffer;
        composite->InputStream = composite->InputStream ? copy->streams : NULL;
    }
}

/* The same bytes. */
static void duplicate(const struct chain *chain, struct chain *copy)
{
    *copy = *chain;
    for (size_t i = 0; i < MOST_BUFFERS; i++) {
        if (!chain->list[i])
            continue;
        copy->list[i] = malloc(chain->list[i]->BufferSz);
        FUZZ_CHECK(copy->list[i]);
        memcpy(copy->list[i], chain->list[i], chain->list[i]->BufferSz);
    }
}

/* A second list with the same buffers: what Query is given to answer in. */
static void copy_chain(const struct chain *chain, struct chain *copy, mfxVideoParam *par)
{
    duplicate(chain, copy);
    for (size_t i = 0; i < MOST_BUFFERS; i++)
        if (copy->list[i])
            repoint(copy, copy->list[i]);
    par->ExtParam = par->ExtParam ? copy->list : NULL;
}

/* --- the components by their functions */

static const struct {
    mfxStatus (*query)(mfxSession, mfxVideoParam *, mfxVideoParam *);
    mfxStatus (*init)(mfxSession, mfxVideoParam *);
    mfxStatus (*reset)(mfxSession, mfxVideoParam *);
    mfxStatus (*get)(mfxSession, mfxVideoParam *);
    mfxStatus (*close)(mfxSession);
} functions[COMPONENTS] = {
    {MFXVideoDECODE_Query, MFXVideoDECODE_Init, MFXVideoDECODE_Reset, MFXVideoDECODE_GetVideoParam,
     MFXVideoDECODE_Close},
    {MFXVideoENCODE_Query, MFXVideoENCODE_Init, MFXVideoENCODE_Reset, MFXVideoENCODE_GetVideoParam,
     MFXVideoENCODE_Close},
    {MFXVideoVPP_Query, MFXVideoVPP_Init, MFXVideoVPP_Reset, MFXVideoVPP_GetVideoParam, MFXVideoVPP_Close},
};

static mfxStatus query_io_surf(mfxSession session, enum component component, mfxVideoParam *par,
                               mfxFrameAllocRequest request[2])
{
    switch (component) {
    case DECODE:
        return MFXVideoDECODE_QueryIOSurf(session, par, request);
    case ENCODE:
        return MFXVideoENCODE_QueryIOSurf(session, par, request);
    default:
        return MFXVideoVPP_QueryIOSurf(session, par, request);
    }
}

/* The buffers, and what they point to, are as before. */
static void check_unchanged(const struct chain *chain, const struct chain *before)
{
    for (size_t i = 0; i < MOST_BUFFERS; i++)
        if (chain->list[i])
            FUZZ_CHECK(!memcmp(chain->list[i], before->list[i], before->list[i]->BufferSz));
    FUZZ_CHECK(!memcmp(chain->bytes, before->bytes, sizeof chain->bytes));
    FUZZ_CHECK(!memcmp(chain->filters, before->filters, sizeof chain->filters));
    FUZZ_CHECK(!memcmp(chain->streams, before->streams, sizeof chain->streams));
}

/* What Query corrected it accepts; and its input is as it was. */
static void check_query(mfxSession session, enum component component, mfxVideoParam *par,
                        const struct chain *chain)
{
    struct chain copy, given;
    mfxVideoParam before = *par, out = *par;
    copy_chain(chain, &copy, &out);
    duplicate(chain, &given);
    mfxStatus status = functions[component].query(session, par, &out);
    FUZZ_CHECK(!memcmp(&before, par, sizeof before));
    check_unchanged(chain, &given);
    free_chain(&given);
    FUZZ_SAME(out.NumExtParam, par->NumExtParam);
    if (status == MFX_WRN_INCOMPATIBLE_VIDEO_PARAM)
        FUZZ_CHECK(functions[component].query(session, &out, &out) >= MFX_ERR_NONE);
    out.mfx.CodecId = par->mfx.CodecId;
    (void)functions[component].query(session, NULL, &out);
    free_chain(&copy);
}

static void check_io_surf(mfxSession session, enum component component, mfxVideoParam *par)
{
    mfxFrameAllocRequest request[2];
    memset(request, 0, sizeof request);
    if (query_io_surf(session, component, par, request) < MFX_ERR_NONE)
        return;
    for (int i = 0; i <= (component == VPP); i++) {
        FUZZ_CHECK(request[i].NumFrameMin >= 1);
        FUZZ_CHECK(request[i].NumFrameSuggested >= request[i].NumFrameMin);
    }
}

/* --- one frame */

struct frame {
    mfxFrameSurface1 surface;
    void *block;
};

static bool make_frame(struct frame *frame, const mfxFrameInfo *info)
{
    struct vfa_layout layout;
    memset(frame, 0, sizeof *frame);
    if (vfa_layout_compute(info, NULL, &layout) != MFX_ERR_NONE)
        return false;
    frame->block = aligned_alloc(layout.alignment_bytes, layout.size_bytes);
    FUZZ_CHECK(frame->block);
    memset(frame->block, 0x80, layout.size_bytes);
    frame->surface.Version.Version = MFX_FRAMESURFACE1_VERSION;
    frame->surface.Info = *info;
    FUZZ_SAME(vfa_layout_point(&layout, frame->block, &frame->surface.Data), MFX_ERR_NONE);
    return true;
}

/* One of the runtime's own surfaces, if it gives one: NULL where all frames are the application's. */
static mfxFrameSurface1 *own_surface(mfxSession session, mfxStatus (*get)(mfxSession, mfxFrameSurface1 **))
{
    mfxFrameSurface1 *surface = NULL;
    mfxStatus status = get(session, &surface);
    FUZZ_SAME(surface != NULL, status == MFX_ERR_NONE);
    if (surface)
        FUZZ_CHECK(surface->FrameInterface && surface->FrameInterface->Release);
    return surface;
}

/* One that is to be read, with a picture in it. */
static mfxFrameSurface1 *own_picture(mfxSession session, mfxStatus (*get)(mfxSession, mfxFrameSurface1 **))
{
    mfxFrameSurface1 *surface = own_surface(session, get);
    if (!surface)
        return NULL;
    fuzz_blacken(surface);
    return surface;
}

static void give_back(mfxFrameSurface1 *surface)
{
    if (surface)
        FUZZ_SAME(surface->FrameInterface->Release(surface), MFX_ERR_NONE);
}

static void encode_frame(mfxSession session, const mfxVideoParam *par)
{
    mfxU8 bytes[65536];
    mfxBitstream bits = {.Data = bytes, .MaxLength = sizeof bytes};
    mfxEncodeStat stat;
    struct frame frame;
    mfxFrameSurface1 *own = own_picture(session, MFXMemory_GetSurfaceForEncode);
    if (!make_frame(&frame, &par->mfx.FrameInfo)) {
        give_back(own);
        return;
    }
    for (int i = 0; i < 4; i++) {
        mfxSyncPoint sync = NULL;
        mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(session, NULL,
                                                           i == 0 && own ? own
                                                           : i < 2       ? &frame.surface
                                                                         : NULL,
                                                           &bits, &sync);
        FUZZ_SAME(status == MFX_ERR_NONE, sync != NULL);
        if (sync)
            FUZZ_CHECK(MFXVideoCORE_SyncOperation(session, sync, 60000) <= MFX_ERR_NONE);
        FUZZ_CHECK((size_t)bits.DataOffset + bits.DataLength <= sizeof bytes);
    }
    FUZZ_SAME(MFXVideoENCODE_GetEncodeStat(session, &stat), MFX_ERR_NONE);
    FUZZ_SAME(MFXVideoENCODE_Close(session), MFX_ERR_NONE);
    give_back(own);
    FUZZ_SAME(frame.surface.Data.Locked, 0);
    free(frame.block);
}

static void filter_frame(mfxSession session, const mfxVideoParam *par)
{
    struct frame from, to = {.block = NULL};
    mfxStatus status = MFX_ERR_UNKNOWN;
    mfxSyncPoint sync = NULL;
    if (make_frame(&from, &par->vpp.In) && make_frame(&to, &par->vpp.Out))
        for (int i = 0; i < 5 && (i == 0 || status == MFX_ERR_MORE_DATA); i++) /* one for each stream */
            status = MFXVideoVPP_RunFrameVPPAsync(session, &from.surface, &to.surface, NULL, &sync);
    if (status == MFX_ERR_NONE)
        FUZZ_CHECK(MFXVideoCORE_SyncOperation(session, sync, 60000) <= MFX_ERR_NONE);
    mfxFrameSurface1 *out = NULL, *in = own_picture(session, MFXMemory_GetSurfaceForVPP);
    status = MFXVideoVPP_ProcessFrameAsync(session, in ? in : &from.surface, &out);
    FUZZ_CHECK(out || status != MFX_ERR_NONE);
    give_back(in);
    if (out)
        (void)out->FrameInterface->Synchronize(out, 60000);
    give_back(own_surface(session, MFXMemory_GetSurfaceForVPPOut));
    FUZZ_SAME(MFXVideoVPP_Close(session), MFX_ERR_NONE);
    give_back(out); /* which outlives the component */
    if (from.block)
        FUZZ_SAME(from.surface.Data.Locked, 0);
    free(from.block);
    free(to.block);
}

/* --- Init and after */

static void bound(mfxFrameInfo *info)
{
    if (info->Width > MOST_SIDE || info->Height > MOST_SIDE || info->CropW > MOST_SIDE ||
        info->CropH > MOST_SIDE) {
        info->Width = info->Height = 64;
        info->CropX = info->CropY = info->CropW = info->CropH = 0;
    }
}

static void bound_all(enum component component, mfxVideoParam *par)
{
    if (component == VPP) {
        bound(&par->vpp.In);
        bound(&par->vpp.Out);
        return;
    }
    bound(&par->mfx.FrameInfo);
    par->mfx.NumThread = 1;
}

/* As sessions have one: frames in system memory. */
struct setting {
    mfxSession session;
    struct vfa_allocator *allocator;
};

static void check_init(const struct setting *setting, enum component component, mfxVideoParam *par,
                       struct fuzz_input *in)
{
    mfxSession session = setting->session;
    struct chain asked;
    mfxVideoParam now = *par;
    bound_all(component, par);
    mfxStatus status = functions[component].init(session, par);
    if (status < MFX_ERR_NONE) {
        FUZZ_SAME(functions[component].close(session), MFX_ERR_NOT_INITIALIZED);
        return;
    }
    FUZZ_CHECK(functions[component].init(session, par) < MFX_ERR_NONE);
    make_chain(in, &asked, &now); /* others than at Init */
    (void)functions[component].get(session, &now);
    free_chain(&asked);
    if (fuzz_u8(in) & 1) {
        mfxVideoParam other = *par;
        change(in, &other);
        bound_all(component, &other);
        if (functions[component].reset(session, &other) >= MFX_ERR_NONE)
            *par = other;
    }
    if (component == ENCODE)
        encode_frame(session, par);
    else if (component == VPP)
        filter_frame(session, par);
    else {
        mfxFrameSurface1 *own = own_surface(session, MFXMemory_GetSurfaceForDecode);
        FUZZ_SAME(MFXVideoDECODE_Close(session), MFX_ERR_NONE);
        give_back(own);
    }
}

static void begin(struct setting *setting, bool with_allocator)
{
    mfxInitializationParam init = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    FUZZ_SAME(MFXInitialize(init, &setting->session), MFX_ERR_NONE);
    setting->allocator = NULL;
    if (!with_allocator)
        return;
    FUZZ_SAME(vfa_allocator_create(&setting->allocator, NULL), MFX_ERR_NONE);
    FUZZ_SAME(MFXVideoCORE_SetFrameAllocator(setting->session, vfa_allocator_mfx(setting->allocator)),
              MFX_ERR_NONE);
}

static void end(struct setting *setting)
{
    FUZZ_SAME(MFXClose(setting->session), MFX_ERR_NONE);
    if (setting->allocator) {
        struct vfa_stats stats;
        FUZZ_SAME(vfa_allocator_stats(setting->allocator, &stats), MFX_ERR_NONE);
        FUZZ_SAME(stats.responses_live, 0);
        FUZZ_SAME(stats.frames_locked, 0);
    }
    vfa_allocator_destroy(&setting->allocator);
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
    struct setting setting;
    struct chain chain;
    mfxU8 how = fuzz_u8(&in);
    enum component component = how % COMPONENTS;
    mfxVideoParam par = plain_param(&in, component);
    change(&in, &par);
    make_chain(&in, &chain, &par);
    begin(&setting, how & 64);
    check_query(setting.session, component, &par, &chain);
    check_io_surf(setting.session, component, &par);
    if (how >= 128)
        check_init(&setting, component, &par, &in);
    end(&setting);
    free_chain(&chain);
    return 0;
}
