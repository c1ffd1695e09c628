/* What the three components share. */
#include "core/component.h"

#include <libavutil/cpu.h>

mfxExtBuffer *srt_ext_buffer(mfxExtBuffer *const *buffers, mfxU16 count, mfxU32 id)
{
    for (mfxU16 i = 0; buffers && i < count; i++)
        if (buffers[i] && buffers[i]->BufferId == id)
            return buffers[i];
    return NULL;
}

int srt_thread_count(const struct srt_session *session, mfxU16 asked)
{
    const int most = 16; /* as libav's codecs do */
    int count = srt_session_threads(session, asked);

    if (!count)
        count = av_cpu_count();
    return count < 1 ? 1 : count > most ? most : count;
}
