/* What the runtime passes itself off as: a software implementation, or, for clients that insist on one, a
 * hardware implementation on VA-API. The pixels are computed on the CPU either way. docs/softrt.md tells how
 * the two differ. */
#ifndef SOFTRT_GUISE_H
#define SOFTRT_GUISE_H

#include <stdbool.h>
#include <vpl/mfxvideo.h>

/* The switch. "software", the default, or "hardware". */
#define SRT_GUISE_VARIABLE "SOFTRT_GUISE"

enum srt_guise {
    SRT_GUISE_SOFTWARE,
    SRT_GUISE_HARDWARE,
    SRT_GUISE_UNKNOWN, /* the variable holds another word: there is no implementation then */
};

/* Read when first asked, which is when the library is first asked to describe itself or to open a session,
 * and the same until the process ends. Any thread. */
enum srt_guise srt_guise(void);

static inline bool srt_is_hardware(void)
{
    return srt_guise() == SRT_GUISE_HARDWARE;
}

/* MediaAdapterType: hardware's is integrated, since clients take no other when they are not told which to
 * take (sample_decode); what a GPU of that kind shares with this one is the memory of the CPU. */
mfxU16 srt_guise_adapter(void);

/* Width and Height of hardware's frames are multiples of this. */
#define SRT_GUISE_SIDE_PX 16

/* Hardware works in formats that GPUs have: NV12, P010, YUY2, RGB4, and in frames that are made of whole
 * macroblocks. Software takes any of its formats, and any size. */
bool srt_guise_has_format(mfxU32 fourcc);
bool srt_guise_has_side(mfxU16 px);

/* The format to propose for frames that could have `fourcc`: `semi_planar`: I420 becomes NV12, I010 P010. */
mfxU32 srt_guise_format(bool semi_planar, mfxU32 fourcc);

#endif
