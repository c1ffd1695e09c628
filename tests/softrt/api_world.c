/* Objects for calls, and sessions in any state. */
#include "api_world.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static void *library;
static mfxU8 coded[4096]; /* one picture of AVC, API_SIDE wide and high */
static mfxU32 coded_size;

api_call api_find(const char *name)
{
    api_call call;

    *(void **)&call = dlsym(library, name);
    if (!call)
        fail_msg("the runtime has no %s", name);
    return call;
}

#define CALL(name, a, b, c, d, e) \
    api_find(name)((uintptr_t)(a), (uintptr_t)(b), (uintptr_t)(c), (uintptr_t)(d), (uintptr_t)(e))
#define CALL_OK(name, a, b, c, d, e) assert_int_equal(CALL(name, a, b, c, d, e), MFX_ERR_NONE)

static mfxSession new_session(void)
{
    mfxStatus (*initialize)(mfxInitializationParam, mfxSession *);
    mfxInitializationParam par = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    mfxSession session = NULL;

    *(void **)&initialize = dlsym(library, "MFXInitialize");
    assert_int_equal(initialize(par, &session), MFX_ERR_NONE);
    return session;
}

static mfxFrameInfo picture_info(void)
{
    mfxFrameInfo info = {.FourCC = MFX_FOURCC_NV12,
                         .Width = API_SIDE,
                         .Height = API_SIDE,
                         .CropW = API_SIDE,
                         .CropH = API_SIDE,
                         .FrameRateExtN = 30,
                         .FrameRateExtD = 1,
                         .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};

    complete_info(&info);
    return info;
}

static void make_picture(struct api_picture *picture)
{
    mfxFrameSurface1 *surface = &picture->surface;

    memset(picture->bytes, 128, sizeof(picture->bytes));
    surface->Version.Version = MFX_FRAMESURFACE1_VERSION;
    surface->Info = picture_info();
    surface->Data.Y = picture->bytes;
    surface->Data.UV = picture->bytes + API_SIDE * API_SIDE;
    surface->Data.V = surface->Data.UV + 1;
    surface->Data.PitchLow = API_SIDE;
}

static mfxStatus MFX_CDECL no_frames(mfxHDL pthis, mfxFrameAllocRequest *request,
                                     mfxFrameAllocResponse *response)
{
    (void)pthis, (void)request, (void)response;
    return MFX_ERR_UNSUPPORTED;
}

static mfxStatus MFX_CDECL no_pixels(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    (void)pthis, (void)mid, (void)data;
    return MFX_ERR_LOCK_MEMORY;
}

static mfxStatus MFX_CDECL no_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    (void)pthis, (void)mid, (void)handle;
    return MFX_ERR_UNSUPPORTED;
}

static mfxStatus MFX_CDECL nothing_to_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    (void)pthis, (void)response;
    return MFX_ERR_NONE;
}

static void make_channel(mfxVideoChannelParam *channel, mfxU16 id)
{
    channel->VPP = picture_info();
    channel->VPP.ChannelId = id;
    channel->IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
}

static void make_parameters(struct world *w)
{
    w->decode.AsyncDepth = w->encode.AsyncDepth = w->vpp.AsyncDepth = 1;
    w->decode.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    w->decode.mfx.CodecId = w->encode.mfx.CodecId = w->other.mfx.CodecId = MFX_CODEC_AVC;
    w->decode.mfx.FrameInfo = w->encode.mfx.FrameInfo = picture_info();
    w->decode.mfx.NumThread = w->encode.mfx.NumThread = 1;
    w->encode.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    w->encode.mfx.GopRefDist = 1;
    w->vpp.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    w->vpp.vpp.In = w->vpp.vpp.Out = picture_info();
    make_channel(&w->video_channel, API_CHANNEL);
    make_channel(&w->second_channel, API_CHANNEL + 1);
    w->channels[0] = &w->video_channel;
    w->channels[1] = &w->second_channel;
    w->skip[0] = API_CHANNEL;
}

static void make_objects(struct world *w)
{
    memset(w, 0, sizeof(*w));
    make_parameters(w);
    make_picture(&w->in);
    make_picture(&w->out);
    memcpy(w->stream, coded, coded_size);
    w->bits = (mfxBitstream){.Data = w->stream, .DataLength = coded_size, .MaxLength = sizeof(w->stream)};
    w->written = (mfxBitstream){.Data = w->room, .MaxLength = sizeof(w->room)};
    w->payload.Data = w->room;
    w->payload.BufSize = 1024;
    w->allocator = (mfxFrameAllocator){.Alloc = no_frames,
                                       .Lock = no_pixels,
                                       .Unlock = no_pixels,
                                       .GetHDL = no_handle,
                                       .Free = nothing_to_free};
    w->version = (mfxVersion){{.Major = 2, .Minor = 8}};
    w->init_ex = (mfxInitParam){.Implementation = MFX_IMPL_SOFTWARE, .Version = w->version};
    w->initialize.AccelerationMode = MFX_ACCEL_MODE_NA;
    w->aux.Header = (mfxExtBuffer){MFX_EXTBUFF_VPP_AUXDATA, sizeof(w->aux)};
}

static void begin_operation(struct world *w)
{
    CALL_OK("MFXVideoVPP_Init", w->session, &w->vpp, 0, 0, 0);
    CALL_OK("MFXVideoVPP_RunFrameVPPAsync", w->session, &w->in.surface, &w->out.surface, 0, &w->sync);
}

void world_open(struct world *w, enum api_state state)
{
    make_objects(w);
    w->session = new_session();
    w->child = new_session();
    w->second = new_session();
    if (state == API_JOINED)
        CALL_OK("MFXJoinSession", w->second, w->session, 0, 0, 0);
    if (state == API_PARENT)
        CALL_OK("MFXJoinSession", w->session, w->child, 0, 0, 0);
    if (state == API_SELF) {
        CALL_OK("MFXClose", w->child, 0, 0, 0, 0);
        w->child = w->session;
    }
    if (state == API_HANDLE)
        CALL_OK("MFXVideoCORE_SetHandle", w->session, MFX_HANDLE_VA_DISPLAY, &w->display, 0, 0);
    if (state == API_ALLOCATOR || state == API_DECODER_WITH_ALLOCATOR)
        CALL_OK("MFXVideoCORE_SetFrameAllocator", w->session, &w->allocator, 0, 0, 0);
    if (state == API_DECODER || state == API_DECODER_WITH_ALLOCATOR)
        CALL_OK("MFXVideoDECODE_Init", w->session, &w->decode, 0, 0, 0);
    if (state == API_ENCODER)
        CALL_OK("MFXVideoENCODE_Init", w->session, &w->encode, 0, 0, 0);
    if (state == API_VPP)
        CALL_OK("MFXVideoVPP_Init", w->session, &w->vpp, 0, 0, 0);
    if (state == API_DECODE_VPP)
        CALL_OK("MFXVideoDECODE_VPP_Init", w->session, &w->decode, w->channels, 1, 0);
    if (state == API_OPERATION)
        begin_operation(w);
}

void world_close_component(struct world *w, enum api_state state)
{
    switch (state) {
    case API_DECODER:
        CALL_OK("MFXVideoDECODE_Close", w->session, 0, 0, 0, 0);
        break;
    case API_ENCODER:
        CALL_OK("MFXVideoENCODE_Close", w->session, 0, 0, 0, 0);
        break;
    case API_VPP:
        CALL_OK("MFXVideoVPP_Close", w->session, 0, 0, 0, 0);
        break;
    case API_DECODE_VPP:
        CALL_OK("MFXVideoDECODE_VPP_Close", w->session, 0, 0, 0, 0);
        break;
    default:
        fail_msg("no component to close");
    }
}

/* The call may have been the one that closed it. */
static void end_session(mfxSession *session)
{
    mfxStatus status = *session ? CALL("MFXClose", *session, 0, 0, 0, 0) : MFX_ERR_NONE;

    assert_true(status == MFX_ERR_NONE || status == MFX_ERR_INVALID_HANDLE);
    *session = NULL;
}

static void release(mfxFrameSurface1 *surface)
{
    if (surface && surface->FrameInterface)
        assert_int_equal(surface->FrameInterface->Release(surface), MFX_ERR_NONE);
}

void world_close(struct world *w)
{
    if (w->array) {
        for (mfxU32 i = 0; i < w->array->NumSurfaces; i++)
            release(w->array->Surfaces[i]);
        assert_int_equal(w->array->Release(w->array), MFX_ERR_NONE);
    }
    release(w->surface_out);
    if (w->handle_out && w->handle_out != &w->display)
        CALL_OK("MFXReleaseImplDescription", w->handle_out, 0, 0, 0, 0);
    end_session(&w->session_out);
    end_session(&w->child); /* children before their parents */
    end_session(&w->session);
    end_session(&w->second);
}

/* One picture, with the encoder that is under test. */
static void make_stream(void)
{
    struct world *w = calloc(1, sizeof(*w));
    mfxFrameSurface1 *surface = NULL;
    mfxStatus status = MFX_WRN_DEVICE_BUSY;

    assert_non_null(w);
    world_open(w, API_ENCODER);
    status = CALL("MFXVideoENCODE_EncodeFrameAsync", w->session, 0, &w->in.surface, &w->written, &w->sync);
    assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
    for (unsigned tries = 0; !w->written.DataLength && tries < 10000; tries++) {
        status = CALL("MFXVideoENCODE_EncodeFrameAsync", w->session, 0, surface, &w->written, &w->sync);
        if (status == MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
    }
    assert_true(w->written.DataLength > 0 && w->written.DataLength <= sizeof(coded));
    memcpy(coded, w->room, w->written.DataLength);
    coded_size = w->written.DataLength;
    world_close(w);
    free(w);
}

void api_open(void)
{
    library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    assert_non_null(library);
    make_stream();
}

void api_close(void)
{
    dlclose(library);
}
