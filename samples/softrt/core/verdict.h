/* What a check of parameters found, and the two things it may do to a field. */
#ifndef SOFTRT_VERDICT_H
#define SOFTRT_VERDICT_H

#include <stdbool.h>
#include <vpl/mfxdefs.h>

struct srt_verdict {
    bool refused; /* a field was cleared: it cannot be done */
    bool mended;  /* a field was changed to the nearest that can be done */
};

static inline void srt_refuse(struct srt_verdict *v, mfxU16 *field)
{
    *field = 0;
    v->refused = true;
}

static inline void srt_refuse_if(struct srt_verdict *v, mfxU16 *field, bool wrong)
{
    if (wrong)
        srt_refuse(v, field);
}

static inline void srt_mend(struct srt_verdict *v, mfxU16 *field, mfxU16 value)
{
    *field = value;
    v->mended = true;
}

/* Zero means "not given" everywhere, and is never above a limit. */
static inline void srt_limit(struct srt_verdict *v, mfxU16 *field, mfxU16 most)
{
    if (*field > most)
        srt_mend(v, field, most);
}

static inline mfxStatus srt_verdict_status(const struct srt_verdict *v)
{
    if (v->refused)
        return MFX_ERR_UNSUPPORTED;
    return v->mended ? MFX_WRN_INCOMPATIBLE_VIDEO_PARAM : MFX_ERR_NONE;
}

#endif
