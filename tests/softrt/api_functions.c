/* Each function with a good call, and what it answers without what comes before it, and a second time. */
#include "api_table.h"

#define AT(field)                                  \
    {                                              \
        API_POINTER, offsetof(struct world, field) \
    }
#define HANDLE(field)                              \
    {                                              \
        API_SESSION, offsetof(struct world, field) \
    }
#define NUM(field)                                \
    {                                             \
        API_NUMBER, offsetof(struct world, field) \
    }
#define SYNC(field)                             \
    {                                           \
        API_SYNC, offsetof(struct world, field) \
    }
#define S HANDLE(session)

typedef mfxStatus (*init_ex_fn)(mfxInitParam, mfxSession *);
typedef mfxStatus (*initialize_fn)(mfxInitializationParam, mfxSession *);
typedef mfxHDL *(*query_descriptions_fn)(mfxImplCapsDeliveryFormat, mfxU32 *);

/* The function as what it is. */
#define AS(type, call) ((type)(void (*)(void))(call))

/* Structs that are passed by value. */
static mfxStatus call_init_ex(api_call call, const uintptr_t *a)
{
    return AS(init_ex_fn, call)(*(const mfxInitParam *)a[0], (mfxSession *)a[1]);
}

static mfxStatus call_initialize(api_call call, const uintptr_t *a)
{
    return AS(initialize_fn, call)(*(const mfxInitializationParam *)a[0], (mfxSession *)a[1]);
}

/* Gives a list and no status: here MFX_ERR_NOT_FOUND for NULL, else the list is given back. */
static mfxStatus call_query_descriptions(api_call call, const uintptr_t *a)
{
    mfxHDL *list = AS(query_descriptions_fn, call)((mfxImplCapsDeliveryFormat)a[0], (mfxU32 *)a[1]);

    if (!list)
        return MFX_ERR_NOT_FOUND;
    return api_find("MFXReleaseImplDescription")((uintptr_t)list[0], 0, 0, 0, 0);
}

/* Of a description that was asked for just before, unless the argument is another one. */
static mfxStatus call_release_description(api_call call, const uintptr_t *a)
{
    api_call query = api_find("MFXQueryImplsDescription");
    mfxU32 count;
    mfxHDL *list;

    if (a[0] == 0 || *(const int *)a[0])
        return call(a[0], 0, 0, 0, 0);
    list = AS(query_descriptions_fn, query)(MFX_IMPLCAPS_IMPLDESCSTRUCTURE, &count);
    return call((uintptr_t)list[0], 0, 0, 0, 0);
}

#define NOT_YET MFX_ERR_NOT_INITIALIZED
#define TWICE   MFX_ERR_UNDEFINED_BEHAVIOR

#define OF_API_1(name)                                                   \
    {                                                                    \
        name, API_NO_VALUES | API_REFUSED, API_FRESH, {S}, 0, 0, 0, NULL \
    }

const struct api_function api_functions[] = {
    {"MFXInit", API_NO_SESSION, API_FRESH, {NUM(number), AT(version), AT(session_out)}, 0, 0, 0, NULL},
    {"MFXInitEx", API_NO_SESSION, API_FRESH, {AT(init_ex), AT(session_out)}, 0, 0, 0, call_init_ex},
    {"MFXInitialize", API_NO_SESSION, API_FRESH, {AT(initialize), AT(session_out)}, 0, 0, 0, call_initialize},
    {"MFXQueryImplsDescription",
     API_NO_SESSION,
     API_FRESH,
     {NUM(number), AT(count_out)},
     0,
     0,
     0,
     call_query_descriptions},
    {"MFXReleaseImplDescription",
     API_NO_SESSION,
     API_FRESH,
     {AT(display)},
     0,
     0,
     0,
     call_release_description},

    {"MFXClose", 0, API_FRESH, {S}, 0, 0, 0, NULL},
    {"MFXQueryIMPL", API_NO_VALUES, API_FRESH, {S, AT(impl)}, 0, 0, 0, NULL},
    {"MFXQueryVersion", API_NO_VALUES, API_FRESH, {S, AT(version)}, 0, 0, 0, NULL},
    {"MFXJoinSession", API_ONCE, API_FRESH, {S, HANDLE(child)}, 0, API_PARENT, MFX_ERR_UNSUPPORTED, NULL},
    {"MFXDisjoinSession", 0, API_JOINED, {S}, MFX_ERR_UNDEFINED_BEHAVIOR, 0, 0, NULL},
    {"MFXCloneSession", API_NO_VALUES, API_FRESH, {S, AT(session_out)}, 0, 0, 0, NULL},
    {"MFXSetPriority", 0, API_FRESH, {S, NUM(number)}, 0, 0, 0, NULL},
    {"MFXGetPriority", API_NO_VALUES, API_FRESH, {S, AT(priority)}, 0, 0, 0, NULL},

    {"MFXVideoCORE_SetFrameAllocator",
     API_ONCE,
     API_FRESH,
     {S, AT(allocator)},
     0,
     API_ALLOCATOR,
     TWICE,
     NULL},
    {"MFXVideoCORE_SetHandle",
     API_ONCE,
     API_FRESH,
     {S, NUM(number), AT(display)},
     0,
     API_HANDLE,
     TWICE,
     NULL},
    {"MFXVideoCORE_GetHandle",
     0,
     API_HANDLE,
     {S, NUM(number), AT(handle_out)},
     MFX_ERR_UNDEFINED_BEHAVIOR,
     0,
     0,
     NULL},
    {"MFXVideoCORE_QueryPlatform", API_NO_VALUES, API_FRESH, {S, AT(platform)}, 0, 0, 0, NULL},
    {"MFXVideoCORE_SyncOperation", 0, API_OPERATION, {S, SYNC(sync), NUM(number)}, 0, 0, 0, NULL},

    {"MFXMemory_GetSurfaceForDecode", 0, API_DECODER, {S, AT(surface_out)}, NOT_YET, 0, 0, NULL},
    {"MFXMemory_GetSurfaceForEncode", API_NO_VALUES, API_ENCODER, {S, AT(surface_out)}, NOT_YET, 0, 0, NULL},
    {"MFXMemory_GetSurfaceForVPP", API_NO_VALUES, API_VPP, {S, AT(surface_out)}, NOT_YET, 0, 0, NULL},
    {"MFXMemory_GetSurfaceForVPPOut", API_NO_VALUES, API_VPP, {S, AT(surface_out)}, NOT_YET, 0, 0, NULL},

    {"MFXVideoDECODE_Query", 0, API_FRESH, {S, AT(decode), AT(other)}, 0, 0, 0, NULL},
    {"MFXVideoDECODE_DecodeHeader", 0, API_FRESH, {S, AT(bits), AT(other)}, 0, 0, 0, NULL},
    {"MFXVideoDECODE_QueryIOSurf", 0, API_FRESH, {S, AT(decode), AT(request)}, 0, 0, 0, NULL},
    {"MFXVideoDECODE_Init", API_ONCE, API_FRESH, {S, AT(decode)}, 0, API_DECODER, TWICE, NULL},
    {"MFXVideoDECODE_Reset", 0, API_DECODER, {S, AT(decode)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_Close", API_NO_VALUES, API_DECODER, {S}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_GetVideoParam", 0, API_DECODER, {S, AT(other)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_GetDecodeStat", API_NO_VALUES, API_DECODER, {S, AT(decode_stat)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_SetSkipMode", 0, API_DECODER, {S, NUM(number)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_GetPayload", 0, API_DECODER, {S, AT(stamp), AT(payload)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoDECODE_DecodeFrameAsync",
     0,
     API_DECODER,
     {S, AT(bits), AT(out.surface), AT(surface_out), AT(sync_out)},
     NOT_YET,
     0,
     0,
     NULL},

    {"MFXVideoDECODE_VPP_Init",
     API_ONCE,
     API_FRESH,
     {S, AT(decode), AT(channels), NUM(number)},
     0,
     API_DECODE_VPP,
     TWICE,
     NULL},
    {"MFXVideoDECODE_VPP_DecodeFrameAsync",
     0,
     API_DECODE_VPP,
     {S, AT(bits), AT(skip), NUM(number), AT(array)},
     NOT_YET,
     0,
     0,
     NULL},
    {"MFXVideoDECODE_VPP_Reset",
     0,
     API_DECODE_VPP,
     {S, AT(decode), AT(channels), NUM(number)},
     NOT_YET,
     0,
     0,
     NULL},
    {"MFXVideoDECODE_VPP_GetChannelParam",
     0,
     API_DECODE_VPP,
     {S, AT(video_channel), NUM(channel)},
     NOT_YET,
     0,
     0,
     NULL},
    {"MFXVideoDECODE_VPP_Close", API_NO_VALUES, API_DECODE_VPP, {S}, NOT_YET, 0, 0, NULL},

    {"MFXVideoENCODE_Query", 0, API_FRESH, {S, AT(encode), AT(other)}, 0, 0, 0, NULL},
    {"MFXVideoENCODE_QueryIOSurf", 0, API_FRESH, {S, AT(encode), AT(request)}, 0, 0, 0, NULL},
    {"MFXVideoENCODE_Init", API_ONCE, API_FRESH, {S, AT(encode)}, 0, API_ENCODER, TWICE, NULL},
    {"MFXVideoENCODE_Reset", 0, API_ENCODER, {S, AT(encode)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoENCODE_Close", API_NO_VALUES, API_ENCODER, {S}, NOT_YET, 0, 0, NULL},
    {"MFXVideoENCODE_GetVideoParam", 0, API_ENCODER, {S, AT(other)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoENCODE_GetEncodeStat", API_NO_VALUES, API_ENCODER, {S, AT(encode_stat)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoENCODE_EncodeFrameAsync",
     0,
     API_ENCODER,
     {S, AT(control), AT(in.surface), AT(written), AT(sync_out)},
     NOT_YET,
     0,
     0,
     NULL},

    {"MFXVideoVPP_Query", 0, API_FRESH, {S, AT(vpp), AT(other)}, 0, 0, 0, NULL},
    {"MFXVideoVPP_QueryIOSurf", 0, API_FRESH, {S, AT(vpp), AT(request)}, 0, 0, 0, NULL},
    {"MFXVideoVPP_Init", API_ONCE, API_FRESH, {S, AT(vpp)}, 0, API_VPP, TWICE, NULL},
    {"MFXVideoVPP_Reset", 0, API_VPP, {S, AT(vpp)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoVPP_Close", API_NO_VALUES, API_VPP, {S}, NOT_YET, 0, 0, NULL},
    {"MFXVideoVPP_GetVideoParam", 0, API_VPP, {S, AT(other)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoVPP_GetVPPStat", API_NO_VALUES, API_VPP, {S, AT(vpp_stat)}, NOT_YET, 0, 0, NULL},
    {"MFXVideoVPP_RunFrameVPPAsync",
     0,
     API_VPP,
     {S, AT(in.surface), AT(out.surface), AT(aux), AT(sync_out)},
     NOT_YET,
     0,
     0,
     NULL},
    {"MFXVideoVPP_ProcessFrameAsync", 0, API_VPP, {S, AT(in.surface), AT(surface_out)}, NOT_YET, 0, 0, NULL},

    OF_API_1("MFXDoWork"),
    OF_API_1("MFXVideoUSER_Register"),
    OF_API_1("MFXVideoUSER_Unregister"),
    OF_API_1("MFXVideoUSER_GetPlugin"),
    OF_API_1("MFXVideoUSER_ProcessFrameAsync"),
    OF_API_1("MFXVideoENC_Query"),
    OF_API_1("MFXVideoENC_QueryIOSurf"),
    OF_API_1("MFXVideoENC_Init"),
    OF_API_1("MFXVideoENC_Reset"),
    OF_API_1("MFXVideoENC_Close"),
    OF_API_1("MFXVideoENC_GetVideoParam"),
    OF_API_1("MFXVideoENC_ProcessFrameAsync"),
    OF_API_1("MFXVideoPAK_Query"),
    OF_API_1("MFXVideoPAK_QueryIOSurf"),
    OF_API_1("MFXVideoPAK_Init"),
    OF_API_1("MFXVideoPAK_Reset"),
    OF_API_1("MFXVideoPAK_Close"),
    OF_API_1("MFXVideoPAK_GetVideoParam"),
    OF_API_1("MFXVideoPAK_ProcessFrameAsync"),
    {"MFXVideoCORE_SetBufferAllocator", API_NO_VALUES, API_FRESH, {S, AT(allocator)}, 0, 0, 0, NULL},
    {"MFXVideoVPP_RunFrameVPPAsyncEx",
     0,
     API_VPP,
     {S, AT(in.surface), AT(out.surface), AT(surface_out), AT(sync_out)},
     NOT_YET,
     0,
     0,
     NULL},
};

const size_t api_function_count = sizeof(api_functions) / sizeof(api_functions[0]);

const struct api_null api_nulls[] = {
    {"MFXInit", 1, API_ACCEPTED, "any version will do"},
    {"MFXReleaseImplDescription", 0, API_ACCEPTED, "there is nothing to release"},
    {"MFXQueryImplsDescription", 1, MFX_ERR_NOT_FOUND, "no status is returned: NULL"},
    {"MFXVideoCORE_SetHandle", 2, MFX_ERR_INVALID_HANDLE, "a handle, not where one is"},
    {"MFXVideoDECODE_Query", 1, API_ACCEPTED, "asks what is configurable"},
    {"MFXVideoENCODE_Query", 1, API_ACCEPTED, "asks what is configurable"},
    {"MFXVideoVPP_Query", 1, API_ACCEPTED, "asks what is configurable"},
    {"MFXVideoDECODE_DecodeFrameAsync", 1, API_ACCEPTED, "drains"},
    {"MFXVideoDECODE_DecodeFrameAsync", 2, API_ACCEPTED, "the surface is the runtime's"},
    {"MFXVideoDECODE_VPP_DecodeFrameAsync", 1, API_ACCEPTED, "drains"},
    {"MFXVideoDECODE_VPP_Reset", 1, API_ACCEPTED, "resets the channels alone"},
    {"MFXVideoDECODE_VPP_Reset", 2, API_ACCEPTED, "resets the decoder alone"},
    {"MFXVideoENCODE_EncodeFrameAsync", 1, API_ACCEPTED, "nothing is asked of this frame"},
    {"MFXVideoENCODE_EncodeFrameAsync", 2, API_ACCEPTED, "drains"},
    {"MFXVideoVPP_RunFrameVPPAsync", 1, API_ACCEPTED, "drains"},
    {"MFXVideoVPP_RunFrameVPPAsync", 3, API_ACCEPTED, "nothing is asked back"},
    {"MFXVideoVPP_RunFrameVPPAsyncEx", 1, API_ACCEPTED, "drains"},
    {"MFXVideoVPP_ProcessFrameAsync", 1, API_ACCEPTED, "drains"},
};

const size_t api_null_count = sizeof(api_nulls) / sizeof(api_nulls[0]);
