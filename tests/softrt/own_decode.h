/* A clip decoded in the internal memory model: the application has neither surfaces nor an allocator. */
#ifndef SOFTRT_OWN_DECODE_H
#define SOFTRT_OWN_DECODE_H

#include "decode_run.h"
#include "own_surface.h"

#define OWN_CLIP "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 -pix_fmt yuv420p "
#define OWN_AVC  OWN_CLIP "-c:v libx264 -bf 2"

enum {
    OWN_WIDTH = 320,
    OWN_HEIGHT = 180,
    OWN_FRAMES = 30
};

struct decoding {
    struct runtime runtime;
    mfxSession session;
    char *path;
    struct stream stream;
    mfxVideoParam par;
};

/* A session and a clip with its header read: system memory, AsyncDepth 4. Nothing is initialised. */
void decoding_open(struct decoding *d, const char *name, const char *args, mfxU32 codec);
void decoding_close(struct decoding *d);

/* The next surface, its reference the caller's; NULL at the end of the stream. `work`: into a surface that
 * MFXMemory_GetSurfaceForDecode gave. */
mfxFrameSurface1 *decoding_next(struct decoding *d, bool work);

/* The same call by call: what DecodeFrameAsync answers once it is not busy, needs no more data and has no
 * changes to tell. */
mfxStatus decoding_call(struct decoding *d, mfxFrameSurface1 *work, mfxFrameSurface1 **out,
                        mfxSyncPoint *sync);

#endif
