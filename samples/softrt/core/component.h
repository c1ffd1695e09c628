/* What the components of a session share: how they begin, are called and end, and their bounds. */
#ifndef SOFTRT_COMPONENT_H
#define SOFTRT_COMPONENT_H

#include "core/session.h"
#include "surface/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxsurfacepool.h>

/* AsyncDepth 0 means this many operations in flight. */
#define SRT_DEFAULT_ASYNC_DEPTH 4

/* Largest picture the runtime takes. */
#define SRT_MAX_WIDTH  16384
#define SRT_MAX_HEIGHT 16384

static inline mfxU16 srt_async_depth(const mfxVideoParam *par)
{
    return par->AsyncDepth ? par->AsyncDepth : SRT_DEFAULT_ASYNC_DEPTH;
}

#define SRT_IOPATTERN_IN  (MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_IN_SYSTEM_MEMORY)
#define SRT_IOPATTERN_OUT (MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY)

/* Does `pattern` name one kind of memory for each of the `sides` (SRT_IOPATTERN_), and nothing else? */
static inline bool srt_is_iopattern(mfxU16 pattern, mfxU16 sides)
{
    mfxU16 in = pattern & SRT_IOPATTERN_IN;
    mfxU16 out = pattern & SRT_IOPATTERN_OUT;

    return !(pattern & ~sides) && !(sides & SRT_IOPATTERN_IN) == !in &&
           !(sides & SRT_IOPATTERN_OUT) == !out && in != SRT_IOPATTERN_IN && out != SRT_IOPATTERN_OUT;
}

static inline struct srt_access srt_access_in(struct srt_session *session, const mfxVideoParam *par)
{
    bool video = par->IOPattern & MFX_IOPATTERN_IN_VIDEO_MEMORY;

    return (struct srt_access){session, video ? SRT_VIDEO_MEMORY : SRT_SYSTEM_MEMORY};
}

static inline struct srt_access srt_access_out(struct srt_session *session, const mfxVideoParam *par)
{
    bool video = par->IOPattern & MFX_IOPATTERN_OUT_VIDEO_MEMORY;

    return (struct srt_access){session, video ? SRT_VIDEO_MEMORY : SRT_SYSTEM_MEMORY};
}

/* What a component does at its end, in this order. */
struct srt_component_type {
    void (*wake)(struct srt_component *component); /* ends what a call in progress waits for; NULL: nothing */
    void (*stop)(struct srt_component *component); /* ends what is in flight, lets go of every surface */
    void (*clear)(struct srt_component *component); /* with the last reference: all but its own memory */
};

/* The first member of each component. References: its session's, and one for each call in progress, so that a
 * Close on another thread takes nothing from under a call's feet. */
struct srt_component {
    const struct srt_component_type *type; /* constant */
    struct srt_session *session;           /* constant */
    atomic_uint refs;
    pthread_mutex_t call; /* held by one entry point at a time: a component is one sequence of calls */
    bool closed;          /* guarded by `call` */
};

/* `size` zeroed bytes that begin with a component; NULL: out of memory. A component that could not be made
 * whole is closed like any other: `stop` and `clear` take what is not there yet. */
void *srt_component_new(size_t size, const struct srt_component_type *type, struct srt_session *session);

/* Ends what its call in progress waits for, and what later ones would. Accepts NULL. */
void srt_component_wake(struct srt_component *component);

/* Ends it: waits for the call in progress, which no longer waits for anything itself. Accepts NULL. */
void srt_component_close(struct srt_component *component);

/* Is one initialised? */
bool srt_component_exists(struct srt_session *session, enum srt_component_kind kind);

/* Makes it the session's, or closes it: MFX_ERR_UNDEFINED_BEHAVIOR where another thread's was faster,
 * MFX_ERR_INVALID_HANDLE where MFXClose was. */
mfxStatus srt_component_add(enum srt_component_kind kind, struct srt_component *component);

/* The session's component with its `call` held: give it back with srt_component_leave. NULL in `out` with
 * MFX_ERR_INVALID_HANDLE and MFX_ERR_NOT_INITIALIZED. */
mfxStatus srt_component_enter(mfxSession handle, enum srt_component_kind kind, struct srt_component **out);

/* Returns `status`. Accepts NULL. */
mfxStatus srt_component_leave(struct srt_component *component, mfxStatus status);

/* MFXVideo..._Close: ends the components from `first` to `last`. MFX_ERR_INVALID_HANDLE;
 * MFX_ERR_NOT_INITIALIZED, and nothing done, where there is no `first`. */
mfxStatus srt_components_end(mfxSession handle, enum srt_component_kind first, enum srt_component_kind last);

/* MFXClose: ends all there are, and there are no new ones. */
void srt_components_close(struct srt_session *session);

/* A VPP beside the session's own, for joint decoding and processing: as Init, ProcessFrameAsync, Reset (where
 * `apply` is false only what it would answer) and GetVideoParam. srt_component_close ends it. */
mfxStatus srt_vpp_open(struct srt_session *session, const mfxVideoParam *par, struct srt_component **out);
mfxStatus srt_vpp_process(struct srt_component *vpp, mfxFrameSurface1 *in, mfxFrameSurface1 **out);
mfxStatus srt_vpp_reset(struct srt_component *vpp, const mfxVideoParam *par, bool apply);
mfxStatus srt_vpp_describe(struct srt_component *vpp, mfxVideoParam *par);

/* The surfaces that each makes of its own, constant from Init to Close: in use under the session's lock, or
 * with a reference. */
struct srt_own *srt_decoder_own(const struct srt_component *decoder);
struct srt_own *srt_encoder_own(const struct srt_component *encoder);
struct srt_own *srt_vpp_own(const struct srt_component *vpp, mfxVPPPoolType type);

/* How many threads to use where a number is needed: as srt_session_threads, and one for each CPU where that
 * leaves it open. */
int srt_thread_count(const struct srt_session *session, mfxU16 asked);

/* The extension buffer with that id attached to `par`, or NULL. */
mfxExtBuffer *srt_ext_buffer(mfxExtBuffer *const *buffers, mfxU16 count, mfxU32 id);

#endif
