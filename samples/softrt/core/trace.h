/* The trace of an application's calls: SOFTRT_TRACE=FILE in the environment of the process, read when the
 * library is loaded. One line for each call, when it returns; appended, so that several processes may share
 * the file:
 *
 *     MFXVideoENCODE_Init session=1 status=0 AVC 176x144 NV12 io=0x2 async=4 ext=CDOP,CDO2
 */
#ifndef SOFTRT_TRACE_H
#define SOFTRT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxvideo.h>

struct srt_trace_call {
    const char *name;
    char detail[400]; /* what was told so far, always terminated; what is longer is cut off */
    size_t length;
};

/* Set when the library is loaded, never changed. */
extern bool srt_trace_enabled;

static inline bool srt_trace_on(void)
{
    return srt_trace_enabled;
}

void srt_trace_begin(struct srt_trace_call *call, const char *name);

/* Before the call, which may change what they look at. Each accepts NULL, as an application may pass it. */
void srt_trace_number(struct srt_trace_call *call, const char *name, mfxU64 value);
void srt_trace_session(struct srt_trace_call *call, const char *name, mfxSession session);
void srt_trace_given(struct srt_trace_call *call, const char *name, const void *pointer);
void srt_trace_surface(struct srt_trace_call *call, const char *name, const mfxFrameSurface1 *surface);
/* Of video processing: with the output's extension buffers. */
void srt_trace_frames(struct srt_trace_call *call, const mfxFrameSurface1 *in, const mfxFrameSurface1 *out);
void srt_trace_codec(struct srt_trace_call *call, const mfxVideoParam *par);
void srt_trace_vpp(struct srt_trace_call *call, const mfxVideoParam *par);

/* Writes the line. */
void srt_trace_end(const struct srt_trace_call *call, mfxSession session, mfxStatus status);

#endif
