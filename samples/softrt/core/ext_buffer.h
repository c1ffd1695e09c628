/* Extension buffers of fixed size, copied into and out of a component's own struct by a table. */
#ifndef SOFTRT_EXT_BUFFER_H
#define SOFTRT_EXT_BUFFER_H

#include <stddef.h>
#include <vpl/mfxvideo.h>

/* One kind of buffer: where in the struct its copy lies. A copy whose header is all zeros stands for "not
 * attached". */
struct srt_ext_field {
    mfxU32 id;
    mfxU32 size;
    size_t offset;
};

struct srt_ext_table {
    const struct srt_ext_field *fields;
    size_t count;
};

/* Copies `buffer` into its place in `base`. MFX_ERR_NOT_FOUND for one that is not in the table,
 * MFX_ERR_UNSUPPORTED for one of another size than this API's, MFX_ERR_UNDEFINED_BEHAVIOR for a second one of
 * its kind. */
mfxStatus srt_ext_gather(const struct srt_ext_table *table, void *base, const mfxExtBuffer *buffer);

/* Fills the bodies of those attached buffers that are in the table. */
void srt_ext_scatter(const struct srt_ext_table *table, const void *base, mfxExtBuffer *const *buffers,
                     mfxU16 count);

/* The worse of two answers: errors before warnings, and the first of a kind. */
static inline mfxStatus srt_worse(mfxStatus a, mfxStatus b)
{
    if (a < MFX_ERR_NONE || b < MFX_ERR_NONE)
        return a < MFX_ERR_NONE ? a : b;
    return a != MFX_ERR_NONE ? a : b;
}

#endif
