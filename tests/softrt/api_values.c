/* Values that the runtime does not take, one wrong in an otherwise good call, and what the header says of it.
 */
#include "api_table.h"

#define FIELD(field) offsetof(struct world, field), sizeof(((struct world *)0)->field)
#define NO_FIELD     0, 0, 0
#define NO_CODEC     MFX_MAKEFOURCC('N', 'O', 'N', 'E')
#define BOTH_OUT     (MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY)
#define BOTH_IN      (MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_IN_SYSTEM_MEMORY)
#define UNSUPPORTED  MFX_ERR_UNSUPPORTED
#define INVALID      MFX_ERR_INVALID_VIDEO_PARAM
#define NO_INIT      MFX_ERR_INCOMPATIBLE_VIDEO_PARAM
#define OWN          API_FRESH

/* Of what Init, Reset and Query take of a component. */
#define PARAMETERS(function, par, status)                                                                 \
    {function, "a list of buffers that is not there", OWN, FIELD(par.NumExtParam), 1, MFX_ERR_NULL_PTR},  \
        {function, "a codec that nobody knows", OWN, FIELD(par.mfx.CodecId), NO_CODEC, status},           \
        {function, "a format that nobody knows", OWN, FIELD(par.mfx.FrameInfo.FourCC), NO_CODEC, status}, \
    {                                                                                                     \
        function, "protected content", OWN, FIELD(par.Protected), 1, status                               \
    }

#define PROCESSING(function, status)                                                                     \
    {function, "a list of buffers that is not there", OWN, FIELD(vpp.NumExtParam), 1, MFX_ERR_NULL_PTR}, \
        {function, "an input that nobody knows", OWN, FIELD(vpp.vpp.In.FourCC), NO_CODEC, status},       \
        {function, "an output that nobody knows", OWN, FIELD(vpp.vpp.Out.FourCC), NO_CODEC, status},     \
        {function, "a crop rectangle beyond the frame", OWN, FIELD(vpp.vpp.In.CropX), API_SIDE, status}, \
        {function,                                                                                       \
         "both kinds of memory for the input",                                                           \
         OWN,                                                                                            \
         FIELD(vpp.IOPattern),                                                                           \
         BOTH_IN | MFX_IOPATTERN_OUT_SYSTEM_MEMORY,                                                      \
         status},                                                                                        \
    {                                                                                                    \
        function, "protected content", OWN, FIELD(vpp.Protected), 1, status                              \
    }

#define NOT_COMPLETE(function, par, both)                                          \
    {function, "no kind of memory", OWN, FIELD(par.IOPattern), 0, INVALID},        \
    {                                                                              \
        function, "both kinds of memory", OWN, FIELD(par.IOPattern), both, INVALID \
    }

#define NO_SIZE(function, par)                                                              \
    {function, "no width", OWN, FIELD(par.mfx.FrameInfo.Width), 0, INVALID},                \
    {                                                                                       \
        function, "a width beyond all", OWN, FIELD(par.mfx.FrameInfo.Width), 65520, INVALID \
    }

const struct api_value api_values[] = {
    {"MFXInit", "hardware", OWN, FIELD(number), MFX_IMPL_HARDWARE, UNSUPPORTED},
    {"MFXInit", "an implementation that nobody knows", OWN, FIELD(number), 99, UNSUPPORTED},
    {"MFXInit", "a version of the future", OWN, FIELD(version.Major), 3, UNSUPPORTED},
    {"MFXInit", "a later minor version", OWN, FIELD(version.Minor), 99, UNSUPPORTED},
    {"MFXInitEx", "hardware", OWN, FIELD(init_ex.Implementation), MFX_IMPL_HARDWARE, UNSUPPORTED},
    {"MFXInitEx", "a version of the future", OWN, FIELD(init_ex.Version.Major), 3, UNSUPPORTED},
    {"MFXInitEx", "threads of the application's", OWN, FIELD(init_ex.ExternalThreads), 1, UNSUPPORTED},
    {"MFXInitialize", "an acceleration mode", OWN, FIELD(initialize.AccelerationMode),
     MFX_ACCEL_MODE_VIA_D3D11, UNSUPPORTED},
    {"MFXInitialize", "a mode that nobody knows", OWN, FIELD(initialize.AccelerationMode), 0x7fff,
     UNSUPPORTED},
    {"MFXQueryImplsDescription", "a format that nobody knows", OWN, FIELD(number), 99, MFX_ERR_NOT_FOUND},
    {"MFXReleaseImplDescription", "a foreign one", OWN, FIELD(display), 1, MFX_ERR_INVALID_HANDLE},

    {"MFXClose", "the parent of a joined session", API_PARENT, NO_FIELD, MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXJoinSession", "the session itself", API_SELF, NO_FIELD, UNSUPPORTED},
    {"MFXDisjoinSession", "the parent", API_PARENT, NO_FIELD, MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXSetPriority", "a priority that nobody knows", OWN, FIELD(number), 9, UNSUPPORTED},

    {"MFXVideoCORE_SetFrameAllocator", "without Alloc", OWN, FIELD(allocator.Alloc), 0,
     MFX_ERR_INVALID_HANDLE},
    {"MFXVideoCORE_SetFrameAllocator", "without Lock", OWN, FIELD(allocator.Lock), 0, MFX_ERR_INVALID_HANDLE},
    {"MFXVideoCORE_SetFrameAllocator", "without Unlock", OWN, FIELD(allocator.Unlock), 0,
     MFX_ERR_INVALID_HANDLE},
    {"MFXVideoCORE_SetFrameAllocator", "without GetHDL", OWN, FIELD(allocator.GetHDL), 0,
     MFX_ERR_INVALID_HANDLE},
    {"MFXVideoCORE_SetFrameAllocator", "without Free", OWN, FIELD(allocator.Free), 0, MFX_ERR_INVALID_HANDLE},
    {"MFXVideoCORE_SetHandle", "a type of another system", OWN, FIELD(number), MFX_HANDLE_D3D11_DEVICE,
     UNSUPPORTED},
    {"MFXVideoCORE_SetHandle", "a type that nobody knows", OWN, FIELD(number), 999, UNSUPPORTED},
    {"MFXVideoCORE_GetHandle", "a type that was not set", OWN, FIELD(number), MFX_HANDLE_VA_CONTEXT_ID,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoCORE_GetHandle", "a type that nobody knows", OWN, FIELD(number), 999,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoCORE_SyncOperation", "a sync point that nobody gave", OWN, FIELD(sync), API_NO_SYNC_ID,
     MFX_ERR_INVALID_HANDLE},

    {"MFXMemory_GetSurfaceForDecode", "where all frames are the application's", API_DECODER_WITH_ALLOCATOR,
     NO_FIELD, UNSUPPORTED},

    PARAMETERS("MFXVideoDECODE_Query", decode, UNSUPPORTED),
    {"MFXVideoDECODE_Query", "a profile that the codec has not", OWN, FIELD(decode.mfx.CodecProfile), 999,
     UNSUPPORTED},
    {"MFXVideoDECODE_Query", "no list of buffers to write to", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_DecodeHeader", "a codec that nobody knows", OWN, FIELD(other.mfx.CodecId), NO_CODEC,
     UNSUPPORTED},
    {"MFXVideoDECODE_DecodeHeader", "no data", OWN, FIELD(bits.DataLength), 0, MFX_ERR_MORE_DATA},
    {"MFXVideoDECODE_DecodeHeader", "data without a header", OWN, FIELD(bits.DataLength), 3,
     MFX_ERR_MORE_DATA},
    {"MFXVideoDECODE_DecodeHeader", "data that is not there", OWN, FIELD(bits.Data), 0, MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_DecodeHeader", "data beyond the buffer", OWN, FIELD(bits.DataOffset), 4096,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    NOT_COMPLETE("MFXVideoDECODE_QueryIOSurf", decode, BOTH_OUT),
    {"MFXVideoDECODE_QueryIOSurf", "a codec that nobody knows", OWN, FIELD(decode.mfx.CodecId), NO_CODEC,
     INVALID},
    PARAMETERS("MFXVideoDECODE_Init", decode, INVALID),
    NOT_COMPLETE("MFXVideoDECODE_Init", decode, BOTH_OUT),
    NO_SIZE("MFXVideoDECODE_Init", decode),
    {"MFXVideoDECODE_Init", "memory of an allocator that gives none", API_ALLOCATOR, FIELD(decode.IOPattern),
     MFX_IOPATTERN_OUT_VIDEO_MEMORY, UNSUPPORTED},
    PARAMETERS("MFXVideoDECODE_Reset", decode, INVALID),
    NOT_COMPLETE("MFXVideoDECODE_Reset", decode, BOTH_OUT),
    NO_SIZE("MFXVideoDECODE_Reset", decode),
    {"MFXVideoDECODE_Reset", "another codec", OWN, FIELD(decode.mfx.CodecId), MFX_CODEC_HEVC, NO_INIT},
    {"MFXVideoDECODE_Reset", "other memory", OWN, FIELD(decode.IOPattern), MFX_IOPATTERN_OUT_VIDEO_MEMORY,
     NO_INIT},
    {"MFXVideoDECODE_Reset", "a larger picture", OWN, FIELD(decode.mfx.FrameInfo.Width), 2 * API_SIDE,
     NO_INIT},
    {"MFXVideoDECODE_Reset", "more in flight", OWN, FIELD(decode.AsyncDepth), 5, NO_INIT},
    {"MFXVideoDECODE_GetVideoParam", "a list of buffers that is not there", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_SetSkipMode", "a mode that nobody knows", OWN, FIELD(number), 99, UNSUPPORTED},
    {"MFXVideoDECODE_SetSkipMode", "less than nothing skipped", OWN, FIELD(number), MFX_SKIPMODE_LESS,
     MFX_WRN_VALUE_NOT_CHANGED},
    {"MFXVideoDECODE_GetPayload", "a payload without room", OWN, FIELD(payload.Data), 0, MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_DecodeFrameAsync", "data that is not there", OWN, FIELD(bits.Data), 0, MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_DecodeFrameAsync", "data beyond the buffer", OWN, FIELD(bits.DataOffset), 4096,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoDECODE_DecodeFrameAsync", "no data", OWN, FIELD(bits.DataLength), 0, MFX_ERR_MORE_DATA},
    {"MFXVideoDECODE_DecodeFrameAsync", "a surface in use", OWN, FIELD(out.surface.Data.Locked), 1,
     MFX_ERR_MORE_SURFACE},
    {"MFXVideoDECODE_DecodeFrameAsync", "a surface of another format", OWN, FIELD(out.surface.Info.FourCC),
     MFX_FOURCC_I420, INVALID},
    {"MFXVideoDECODE_DecodeFrameAsync", "a smaller surface", OWN, FIELD(out.surface.Info.Width), 32, INVALID},
    {"MFXVideoDECODE_DecodeFrameAsync", "half a surface", OWN, FIELD(out.surface.Data.UV), 0,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoDECODE_DecodeFrameAsync", "a narrow pitch", OWN, FIELD(out.surface.Data.PitchLow), 1,
     MFX_ERR_UNDEFINED_BEHAVIOR},

    {"MFXVideoDECODE_VPP_Init", "a channel with the decoder's id", OWN, FIELD(video_channel.VPP.ChannelId), 0,
     INVALID},
    {"MFXVideoDECODE_VPP_Init", "a channel that is not there", OWN, FIELD(channels[0]), 0, MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_VPP_Init", "a channel's format that nobody knows", OWN, FIELD(video_channel.VPP.FourCC),
     NO_CODEC, INVALID},
    {"MFXVideoDECODE_VPP_Init", "protected content", OWN, FIELD(video_channel.Protected), 1, INVALID},
    {"MFXVideoDECODE_VPP_Init", "a codec that nobody knows", OWN, FIELD(decode.mfx.CodecId), NO_CODEC,
     INVALID},
    {"MFXVideoDECODE_VPP_Init", "frames of the application's", API_ALLOCATOR, NO_FIELD, UNSUPPORTED},
    {"MFXVideoDECODE_VPP_Init", "a decoder that is there already", API_DECODER, NO_FIELD,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoDECODE_VPP_DecodeFrameAsync", "a channel that is not there", OWN, FIELD(skip[0]), 99,
     MFX_ERR_NOT_FOUND},
    {"MFXVideoDECODE_VPP_DecodeFrameAsync", "data that is not there", OWN, FIELD(bits.Data), 0,
     MFX_ERR_NULL_PTR},
    {"MFXVideoDECODE_VPP_DecodeFrameAsync", "data beyond the buffer", OWN, FIELD(bits.DataOffset), 4096,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoDECODE_VPP_Reset", "a channel that is not there", OWN, FIELD(video_channel.VPP.ChannelId), 99,
     INVALID},
    {"MFXVideoDECODE_VPP_Reset", "a larger channel", OWN, FIELD(video_channel.VPP.Width), 2 * API_SIDE,
     NO_INIT},
    {"MFXVideoDECODE_VPP_Reset", "a larger picture", OWN, FIELD(decode.mfx.FrameInfo.Width), 2 * API_SIDE,
     NO_INIT},
    {"MFXVideoDECODE_VPP_GetChannelParam", "a channel that is not there", OWN, FIELD(channel), 99,
     MFX_ERR_NOT_FOUND},
    {"MFXVideoDECODE_VPP_GetChannelParam", "a list of buffers that is not there", OWN,
     FIELD(video_channel.NumExtParam), 1, MFX_ERR_NULL_PTR},

    PARAMETERS("MFXVideoENCODE_Query", encode, UNSUPPORTED),
    {"MFXVideoENCODE_Query", "a rate control that nobody knows", OWN, FIELD(encode.mfx.RateControlMethod), 99,
     UNSUPPORTED},
    {"MFXVideoENCODE_Query", "no list of buffers to write to", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    NOT_COMPLETE("MFXVideoENCODE_QueryIOSurf", encode, BOTH_IN),
    {"MFXVideoENCODE_QueryIOSurf", "a codec that nobody knows", OWN, FIELD(encode.mfx.CodecId), NO_CODEC,
     INVALID},
    PARAMETERS("MFXVideoENCODE_Init", encode, INVALID),
    NOT_COMPLETE("MFXVideoENCODE_Init", encode, BOTH_IN),
    NO_SIZE("MFXVideoENCODE_Init", encode),
    {"MFXVideoENCODE_Init", "no frame rate", OWN, FIELD(encode.mfx.FrameInfo.FrameRateExtN), 0, INVALID},
    {"MFXVideoENCODE_Init", "a rate control that nobody knows", OWN, FIELD(encode.mfx.RateControlMethod), 99,
     INVALID},
    PARAMETERS("MFXVideoENCODE_Reset", encode, INVALID),
    NOT_COMPLETE("MFXVideoENCODE_Reset", encode, BOTH_IN),
    NO_SIZE("MFXVideoENCODE_Reset", encode),
    {"MFXVideoENCODE_Reset", "another codec", OWN, FIELD(encode.mfx.CodecId), MFX_CODEC_HEVC, NO_INIT},
    {"MFXVideoENCODE_Reset", "another format", OWN, FIELD(encode.mfx.FrameInfo.FourCC), MFX_FOURCC_I420,
     NO_INIT},
    {"MFXVideoENCODE_Reset", "a larger picture", OWN, FIELD(encode.mfx.FrameInfo.Width), 2 * API_SIDE,
     NO_INIT},
    {"MFXVideoENCODE_Reset", "more in flight", OWN, FIELD(encode.AsyncDepth), 5, NO_INIT},
    {"MFXVideoENCODE_GetVideoParam", "a list of buffers that is not there", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    {"MFXVideoENCODE_EncodeFrameAsync", "a bitstream without room", OWN, FIELD(written.Data), 0,
     MFX_ERR_NULL_PTR},
    {"MFXVideoENCODE_EncodeFrameAsync", "data beyond the buffer", OWN, FIELD(written.DataOffset), 65537,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoENCODE_EncodeFrameAsync", "a surface of another format", OWN, FIELD(in.surface.Info.FourCC),
     MFX_FOURCC_I420, INVALID},
    {"MFXVideoENCODE_EncodeFrameAsync", "a smaller surface", OWN, FIELD(in.surface.Info.Width), 32, INVALID},
    {"MFXVideoENCODE_EncodeFrameAsync", "half a surface", OWN, FIELD(in.surface.Data.UV), 0,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoENCODE_EncodeFrameAsync", "a surface that is locked too often", OWN,
     FIELD(in.surface.Data.Locked), 65535, MFX_ERR_LOCK_MEMORY},

    PROCESSING("MFXVideoVPP_Query", UNSUPPORTED),
    {"MFXVideoVPP_Query", "no list of buffers to write to", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    PROCESSING("MFXVideoVPP_QueryIOSurf", INVALID),
    {"MFXVideoVPP_QueryIOSurf", "no kind of memory", OWN, FIELD(vpp.IOPattern), 0, INVALID},
    PROCESSING("MFXVideoVPP_Init", INVALID),
    {"MFXVideoVPP_Init", "no kind of memory", OWN, FIELD(vpp.IOPattern), 0, INVALID},
    {"MFXVideoVPP_Init", "no width", OWN, FIELD(vpp.vpp.In.Width), 0, INVALID},
    {"MFXVideoVPP_Init", "no frame rate", OWN, FIELD(vpp.vpp.In.FrameRateExtN), 0, INVALID},
    PROCESSING("MFXVideoVPP_Reset", INVALID),
    {"MFXVideoVPP_Reset", "another format", OWN, FIELD(vpp.vpp.In.FourCC), MFX_FOURCC_I420, NO_INIT},
    {"MFXVideoVPP_Reset", "a larger output", OWN, FIELD(vpp.vpp.Out.Width), 2 * API_SIDE, NO_INIT},
    {"MFXVideoVPP_Reset", "more in flight", OWN, FIELD(vpp.AsyncDepth), 5, NO_INIT},
    {"MFXVideoVPP_GetVideoParam", "a list of buffers that is not there", OWN, FIELD(other.NumExtParam), 1,
     MFX_ERR_NULL_PTR},
    {"MFXVideoVPP_RunFrameVPPAsync", "an input of another format", OWN, FIELD(in.surface.Info.FourCC),
     MFX_FOURCC_I420, INVALID},
    {"MFXVideoVPP_RunFrameVPPAsyncEx", "a smaller output", OWN, FIELD(out.surface.Info.Height), 32, INVALID},
    {"MFXVideoVPP_RunFrameVPPAsync", "a smaller output", OWN, FIELD(out.surface.Info.Height), 32, INVALID},
    {"MFXVideoVPP_RunFrameVPPAsync", "an output in use", OWN, FIELD(out.surface.Data.Locked), 1,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoVPP_RunFrameVPPAsync", "half an input", OWN, FIELD(in.surface.Data.UV), 0,
     MFX_ERR_UNDEFINED_BEHAVIOR},
    {"MFXVideoVPP_ProcessFrameAsync", "an input of another format", OWN, FIELD(in.surface.Info.FourCC),
     MFX_FOURCC_I420, INVALID},
    {"MFXVideoVPP_ProcessFrameAsync", "a smaller input", OWN, FIELD(in.surface.Info.Width), 32, INVALID},
};

const size_t api_value_count = sizeof(api_values) / sizeof(api_values[0]);
