/* A decoder ready to be called, for tests that go call by call. */
#ifndef SOFTRT_DECODE_FIXTURE_H
#define SOFTRT_DECODE_FIXTURE_H

#include "decode_run.h"

#define CLIP "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 -pix_fmt yuv420p "

/* A session, a clip with its parameters, surfaces for it, and an initialised decoder when the test asks for
 * one. */
struct fixture {
    struct runtime runtime;
    mfxSession session;
    char *path;
    struct stream stream;
    mfxVideoParam par;
    struct frames frames;
};

/* The runtime with the tests' usual clip (AVC, B pictures, 30 frames), its header read. Nothing is
 * initialised. */
void fixture_open(struct fixture *f);

/* The same with another clip, in a session that is open. */
void fixture_open_clip(struct fixture *f, const char *name, const char *args, mfxU32 codec);

/* From system memory to video memory, before Init: as many surfaces as QueryIOSurf suggests. */
void fixture_use_video(struct fixture *f);

/* MFXVideoDECODE_Init. */
void fixture_init(struct fixture *f);

/* Closes all; no surface may be held then, and the allocator must have nothing to complain of. */
void fixture_close(struct fixture *f);

/* Calls until there is a frame (waiting while the decoder is busy, and offering another surface of video
 * memory when it keeps one) or another answer. */
mfxStatus fixture_next_frame(struct fixture *f, mfxBitstream *bits, mfxFrameSurface1 **out,
                             mfxSyncPoint *sync);

/* Counts the frames that come out, each synced: of a drain, and of the rest of the stream with a drain. */
size_t fixture_drain(struct fixture *f);
size_t fixture_decode_rest(struct fixture *f);

#endif
