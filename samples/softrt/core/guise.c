/* What the runtime passes itself off as. */
#include "core/guise.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SOFTRT_VA
#define WORDS "to \"software\" or to \"hardware\""
#else
#define WORDS "to \"software\" (this build is without VA-API, and has no \"hardware\")"
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum srt_guise guise;

static enum srt_guise guise_of(const char *word)
{
    if (!word || !*word || !strcmp(word, "software"))
        return SRT_GUISE_SOFTWARE;
#ifdef SOFTRT_VA
    if (!strcmp(word, "hardware"))
        return SRT_GUISE_HARDWARE;
#endif
    return SRT_GUISE_UNKNOWN;
}

/* The API has no way to say why there is no implementation, so this one mistake is told on standard error. */
static void read_guise(void)
{
    const char *word = getenv(SRT_GUISE_VARIABLE);

    guise = guise_of(word);
    if (guise == SRT_GUISE_UNKNOWN)
        (void)fprintf(stderr,
                      "libvpl-softrt: " SRT_GUISE_VARIABLE " is \"%s\": set it " WORDS
                      ", or not at all; until then there is no implementation\n",
                      word);
}

enum srt_guise srt_guise(void)
{
    (void)pthread_once(&once, read_guise);
    return guise;
}

mfxU16 srt_guise_adapter(void)
{
    return (mfxU16)(srt_is_hardware() ? MFX_MEDIA_INTEGRATED : MFX_MEDIA_UNKNOWN);
}

bool srt_guise_has_format(mfxU32 fourcc)
{
    return !srt_is_hardware() || (fourcc != MFX_FOURCC_I420 && fourcc != MFX_FOURCC_I010);
}

/* mfxFrameInfo wants Height to be a multiple of 32 where frames may be interlaced; the GPU runtime does not.
 */
bool srt_guise_has_side(mfxU16 px)
{
    return !srt_is_hardware() || px % SRT_GUISE_SIDE_PX == 0;
}

mfxU32 srt_guise_format(bool semi_planar, mfxU32 fourcc)
{
    if (semi_planar && fourcc == MFX_FOURCC_I420)
        return MFX_FOURCC_NV12;
    return semi_planar && fourcc == MFX_FOURCC_I010 ? MFX_FOURCC_P010 : fourcc;
}
