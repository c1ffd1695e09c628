/* A session: the handles and the allocator an application gave, and the components it initialised. */
#ifndef SOFTRT_SESSION_H
#define SOFTRT_SESSION_H

#include "core/api.h"
#include "core/knobs.h"
#include "core/op.h"

#include <pthread.h>
#include <stdatomic.h>
#include <vpl/mfxvideo.h>

struct srt_component;
struct srt_device;

/* In the order in which they are closed: encoders and filters may wait for frames that a decoder is still to
 * fill. */
enum srt_component_kind {
    SRT_ENCODER,
    SRT_VPP,
    SRT_DECODE_VPP, /* takes the decoder's frames */
    SRT_DECODER,
    SRT_NUM_COMPONENTS
};

/* What the library exports (core/api.c); all else is hidden. */
#define SRT_EXPORT __attribute__((visibility("default")))

/* The API version the runtime reports. */
#define SRT_API_MAJOR 2
#define SRT_API_MINOR 8

/* And to clients of API 1.x: its last. */
#define SRT_LEGACY_MAJOR 1
#define SRT_LEGACY_MINOR 35

/* Handles are numbers with this pattern in the high bits, so that no pointer or small number is taken for
 * one. */
#define SRT_HANDLE_PATTERN ((uintptr_t)0x5f7 << (sizeof(uintptr_t) * 8 - 12))

/* How many kinds of system handle a session keeps (mfxHandleType is 1..10 in this API). */
#define SRT_HANDLE_TYPES 16

/* What a session is opened with. */
struct srt_session_config {
    mfxU16 num_threads; /* a component may use, from mfxExtThreadsParam; 0 = none given */
    bool semi_planar;   /* decoders propose NV12 and P010, not I420 and I010 */
    mfxVersion version; /* that MFXQueryVersion answers */
};

/* `lock` guards everything below it that is not marked constant. Component calls (DecodeFrameAsync and so on)
 * take a component's own lock and never this one while they call back into the application's allocator. */
struct srt_session {
    mfxSession handle; /* constant: what the application holds, a number and never an address */
    struct srt_session_config config; /* constant */
    struct srt_knobs *knobs;          /* constant; NULL = none set */
    pthread_mutex_t lock;
    struct srt_core *core;        /* replaced by Join and Disjoin alone, when nothing is in execution */
    struct srt_core *former_core; /* knows how what was in execution before ended; NULL */
    mfxFrameAllocator allocator;  /* a copy, as runtimes do */
    atomic_bool has_allocator;    /* read without the lock: it is set once */
    mfxPriority priority;
    mfxHDL handles[SRT_HANDLE_TYPES]; /* by mfxHandleType; NULL = not set */
    struct srt_device *device; /* a reference; NULL until a VA surface of the application's is mapped */
    struct srt_component *components[SRT_NUM_COMPONENTS]; /* a reference to each; NULL until Init */
    bool closed;                                          /* no component is initialised any more */

    /* Guarded by the list's lock in session.c. */
    struct srt_session *next;
    size_t users;               /* the list, and the calls in progress */
    struct srt_session *parent; /* the session this one was joined to */
    size_t children;            /* sessions joined to this one */
};

/* Opens a session that is joined to none. MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_session_open(const struct srt_session_config *config, mfxSession *out);

/* The session behind a handle, or NULL when it is none of ours (checked against the list of live sessions):
 * for use within a call on it. */
struct srt_session *srt_session_get(mfxSession handle);

/* A call on a session, from its begin to its end: MFXClose on another thread meanwhile closes the components,
 * and the rest of the session goes when the last call ends. NULL, which ends at once: it is no session of
 * ours.
 */
struct srt_session *srt_session_begin_call(mfxSession handle);
void srt_session_end_call(struct srt_session *session);

/* Is any session open? */
bool srt_session_any(void);

/* The allocator to use, copied out; false when the application set none. */
bool srt_session_allocator(struct srt_session *session, mfxFrameAllocator *out);

/* An operation of the session, as srt_op_begin. */
mfxStatus srt_session_begin_op(struct srt_session *session, struct srt_op **out);

/* Was a VA display given? */
bool srt_session_has_display(struct srt_session *session);

/* May a component use video memory? In the guise of hardware a session that was given no VA display gets the
 * runtime's own (display.h), or the answer is MFX_ERR_DEVICE_FAILED. */
mfxStatus srt_session_check_device(struct srt_session *session);

/* Threads a codec may use: what the application asked for in mfxVideoParam or in mfxExtThreadsParam; 0 leaves
 * it to libav, which goes by the CPUs this process may run on. */
int srt_session_threads(const struct srt_session *session, mfxU16 asked);

#endif
