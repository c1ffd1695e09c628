/* What tables of API calls are run in: objects that calls may be given, and the states a session may be in.
 *
 * Calls go straight into the library, around the dispatcher, which would keep some of them from it. */
#ifndef SOFTRT_API_WORLD_H
#define SOFTRT_API_WORLD_H

#include "frames.h"

#include <vpl/mfximplcaps.h>

enum {
    API_SIDE = 64,       /* pictures are square */
    API_CHANNEL = 3,     /* of DECODE_VPP */
    API_ARGUMENTS = 5,   /* most of a function */
    API_NO_SYNC_ID = 77, /* no sync point has such a small number */
};

/* What has been done before the call. */
enum api_state {
    API_FRESH,     /* a session */
    API_JOINED,    /* it is the child of `second` */
    API_PARENT,    /* `child` is its child */
    API_SELF,      /* `child` is the session itself */
    API_HANDLE,    /* it has a VA display */
    API_ALLOCATOR, /* it has an allocator */
    API_DECODER,   /* MFXVideoDECODE_Init, and so on */
    API_DECODER_WITH_ALLOCATOR,
    API_ENCODER,
    API_VPP,
    API_DECODE_VPP,
    API_OPERATION, /* `sync` is a sync point of VPP's */
};

/* A picture's memory behind a surface. */
struct api_picture {
    mfxFrameSurface1 surface;
    mfxU8 bytes[API_SIDE * API_SIDE * 3 / 2];
};

/* Numbers and handles are kept as the 64 bits of an argument. */
struct world {
    mfxSession session, child, second;
    mfxU64 number;  /* the function's plain number: a type, a mode, a count, a time */
    mfxU64 channel; /* an id */
    mfxSyncPoint sync;

    mfxInitParam init_ex;
    mfxInitializationParam initialize;
    mfxVersion version;
    mfxIMPL impl;
    mfxPriority priority;
    mfxPlatform platform;
    mfxFrameAllocator allocator;
    int display;

    mfxVideoParam decode, encode, vpp, other; /* ready for Init; `other` is to be written to */
    mfxFrameAllocRequest request[2];
    mfxVideoChannelParam video_channel, second_channel;
    mfxVideoChannelParam *channels[2];
    mfxU32 skip[1];
    mfxSurfaceArray *array;
    mfxBitstream bits;    /* to decode: a stream of AVC */
    mfxBitstream written; /* to encode into */
    mfxU8 stream[4096];
    mfxU8 room[65536];
    struct api_picture in, out;
    mfxFrameSurface1 *surface_out;
    mfxSession session_out;
    mfxHDL handle_out;
    mfxU32 count_out;
    mfxSyncPoint sync_out;
    mfxEncodeCtrl control;
    mfxExtVppAuxData aux;
    mfxDecodeStat decode_stat;
    mfxEncodeStat encode_stat;
    mfxVPPStat vpp_stat;
    mfxPayload payload;
    mfxU64 stamp;
};

typedef mfxStatus (*api_call)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);

/* The runtime's function of that name. */
api_call api_find(const char *name);

/* A session in that state, and objects as good calls want them. */
void world_open(struct world *w, enum api_state state);

/* The component that `state` has is closed. */
void world_close_component(struct world *w, enum api_state state);

/* Ends all, what calls gave out too. */
void world_close(struct world *w);

/* Loads the library; makes the stream to decode. */
void api_open(void);
void api_close(void);

#endif
