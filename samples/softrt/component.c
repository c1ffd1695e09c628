/* What the three components share. */
#include "component.h"

mfxExtBuffer *srt_ext_buffer(mfxExtBuffer *const *buffers, mfxU16 count, mfxU32 id)
{
    for (mfxU16 i = 0; buffers && i < count; i++)
        if (buffers[i] && buffers[i]->BufferId == id)
            return buffers[i];
    return NULL;
}
