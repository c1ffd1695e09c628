/* What the tests of Intel's VPL runtimes share: a session whose frame allocator is this project's, with VA
 * surfaces and system memory behind it and a recorder in front; frames, a decoder and an encoder on such a
 * session. Everything here fails the running test by itself unless it returns a status. */
#ifndef VFA_TEST_RUNTIME_H
#define VFA_TEST_RUNTIME_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <vfa/session.h>
#include <vfa/va.h>
#include <vfa/vfa.h>
#include <vpl/mfx.h>

#include "../support/log.h"
#include "../support/recorder.h"

/* Type of the requests that the runtimes make. */
enum {
    TYPE_DECODE_VIDEO = 0x0212,
    TYPE_DECODE_SYSTEM = 0x0242,
    TYPE_ENCODE_VIDEO = 0x0112,
    TYPE_ENCODE_SYSTEM = 0x0142,
    TYPE_VPP_IN_VIDEO = 0x0422,
    TYPE_VPP_IN_SYSTEM = 0x0442,
    TYPE_VPP_OUT_VIDEO = 0x0822,
    TYPE_VPP_OUT_SYSTEM = 0x0842
};

/* Of every decoder. */
#define ASYNC_DEPTH 2

/* How long anything may take that a runtime does. */
#define RUNTIME_PATIENCE_MS 60000

struct runtime {
    mfxLoader loader; /* this and the backend serve all tests of a program */
    struct vfa_va *va;
    struct vfa_allocator *frames; /* these are each test's own */
    struct test_log log;
    struct recorder recorder;
    mfxFrameAllocator *mfx; /* the recorder's door for the test */
    mfxSession session;     /* with the display and the recorder */
};

/* The arguments of the program: the implementation's name and the major version of its API. */
bool runtime_arguments(int argc, char **argv);

/* libmfxhw64, the runtime of API 1.35 for GPUs up to the 11th generation; else libmfx-gen. */
bool runtime_is_old(void);

/* Of a program, and of each of its tests; closing fails when the allocator or the backend still holds
 * anything, when a call of the runtime's was answered with an error that the test did not order, or when a
 * Lock was left. */
int runtime_group_open(void **state);
int runtime_group_close(void **state);
int runtime_open(void **state);
int runtime_close(void **state);

#define runtime_test(function) cmocka_unit_test_setup_teardown(function, runtime_open, runtime_close)

/* One more session; `attached`: with the display and the recorder. */
mfxSession runtime_session(struct runtime *runtime, bool attached);
/* Closes the session, and opens another in its place. */
void runtime_renew(struct runtime *runtime);
struct vfa_session_device runtime_device(const struct runtime *runtime);

struct vfa_stats runtime_stats(const struct runtime *runtime);
mfxStatus runtime_sync(mfxSession session, mfxSyncPoint sync);
void runtime_pause(void);

/* Frames of the application's, and surfaces that name them. */
struct frames {
    struct runtime *runtime;
    mfxFrameAllocResponse response;
    enum vfa_surface_mode mode;
    mfxFrameSurface1 surface[64];
};

void frames_alloc(struct frames *frames, struct runtime *runtime, const mfxFrameAllocRequest *request);
void frames_alloc_pointers(struct frames *frames, struct runtime *runtime,
                           const mfxFrameAllocRequest *request);
void frames_free(struct frames *frames);
/* The same after a failure, which leaves surfaces Locked. */
void frames_drop(struct frames *frames);
/* One that is not Locked; waits for it. */
mfxFrameSurface1 *frames_next(struct frames *frames);
/* Is the mid one of these? */
bool frames_has(const struct frames *frames, mfxMemId mid);

/* A clip: an elementary stream whole, or of an IVF file the first frame. */
struct clip {
    uint8_t *file;
    mfxBitstream bits;
};

void clip_open(struct clip *clip, const char *name, mfxU32 codec);
void clip_close(struct clip *clip);

/* How many pictures the clips of AVC have. */
#define CLIP_PICTURES 12

struct decoding {
    struct runtime *runtime;
    mfxSession session;
    struct clip clip;
    mfxVideoParam par;
    mfxFrameAllocRequest request;
    struct frames frames;
    unsigned pictures;
};

/* Reads the header; the request is what QueryIOSurf answers to it, with the AllocId of the parameters. */
void decoder_open(struct decoding *decoder, struct runtime *runtime, const char *clip, mfxU32 codec,
                  mfxU16 io_pattern);
void decoder_set_alloc_id(struct decoding *decoder, mfxU32 alloc_id);
/* Allocates frames, and Init succeeds. */
void decoder_start(struct decoding *decoder);
/* One synced picture; MFX_ERR_MORE_DATA when there are no more. */
mfxStatus decoder_next(struct decoding *decoder, mfxFrameSurface1 **picture);
/* The same with the surfaces of a pool: the picture is leased. */
mfxStatus decoder_next_pooled(struct decoding *decoder, struct vfa_pool *pool, mfxFrameSurface1 **picture);
/* All pictures that are left, counted: MFX_ERR_NONE, or what went wrong. */
mfxStatus decoder_rest(struct decoding *decoder);
/* Back to the clip's beginning. */
void decoder_rewind(struct decoding *decoder);
/* Close, then frees the frames and the clip. */
void decoder_close(struct decoding *decoder);

struct encoding {
    struct runtime *runtime;
    mfxSession session;
    mfxVideoParam par;
    mfxFrameAllocRequest request;
    uint8_t data[1 << 20];
};

/* AVC, one picture in and out at a time. The request is what QueryIOSurf answers. */
void encoder_open(struct encoding *encoder, struct runtime *runtime, mfxSession session,
                  const mfxFrameInfo *info, mfxU16 io_pattern);
/* Encodes and syncs; on success there are bytes. */
mfxStatus encoder_encode(struct encoding *encoder, mfxFrameSurface1 *surface);

/* NV12, 8 bit, 4:2:0. */
mfxFrameInfo nv12_info(mfxU16 width, mfxU16 height);

#endif
