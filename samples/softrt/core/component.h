/* What the three components share: their entry points' common duties, and bounds. */
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

/* Ends a component from MFXClose: work in flight is finished or aborted, every surface dropped. Accept NULL.
 */
void srt_decoder_close(struct srt_decoder **decoder);
void srt_encoder_close(struct srt_encoder **encoder);
void srt_vpp_close(struct srt_vpp **vpp);

void srt_decode_vpp_close(struct srt_decode_vpp **decode_vpp);

/* A VPP beside the session's own, for joint decoding and processing: as Init, ProcessFrameAsync, Reset (where
 * `apply` is false only what it would answer) and GetVideoParam. srt_vpp_close ends it. */
mfxStatus srt_vpp_open(struct srt_session *session, const mfxVideoParam *par, struct srt_vpp **out);
mfxStatus srt_vpp_process(struct srt_session *session, struct srt_vpp *vpp, mfxFrameSurface1 *in,
                          mfxFrameSurface1 **out);
mfxStatus srt_vpp_reset(struct srt_session *session, struct srt_vpp *vpp, const mfxVideoParam *par,
                        bool apply);
mfxStatus srt_vpp_describe(struct srt_vpp *vpp, mfxVideoParam *par);

/* The surfaces that each makes of its own, constant from Init to Close: in use under the session's lock, or
 * with a reference. */
struct srt_own *srt_decoder_own(const struct srt_decoder *decoder);
struct srt_own *srt_encoder_own(const struct srt_encoder *encoder);
struct srt_own *srt_vpp_own(const struct srt_vpp *vpp, mfxVPPPoolType type);

/* How many threads to use where a number is needed: as srt_session_threads, and one for each CPU where that
 * leaves it open. */
int srt_thread_count(const struct srt_session *session, mfxU16 asked);

/* The extension buffer with that id attached to `par`, or NULL. */
mfxExtBuffer *srt_ext_buffer(mfxExtBuffer *const *buffers, mfxU16 count, mfxU32 id);

#endif
