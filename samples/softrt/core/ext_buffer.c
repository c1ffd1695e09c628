/* Extension buffers of fixed size, copied into and out of a component's own struct by a table. */
#include "core/ext_buffer.h"

#include "core/component.h"

#include <string.h>

mfxStatus srt_ext_gather(const struct srt_ext_table *table, void *base, const mfxExtBuffer *buffer)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct srt_ext_field *field = &table->fields[i];
        mfxExtBuffer *copy = (mfxExtBuffer *)(void *)((char *)base + field->offset);

        if (field->id != buffer->BufferId)
            continue;
        if (field->size != buffer->BufferSz)
            return MFX_ERR_UNSUPPORTED;
        if (copy->BufferId)
            return MFX_ERR_UNDEFINED_BEHAVIOR;
        memcpy(copy, buffer, field->size);
        return MFX_ERR_NONE;
    }
    return MFX_ERR_NOT_FOUND;
}

void srt_ext_scatter(const struct srt_ext_table *table, const void *base, mfxExtBuffer *const *buffers,
                     mfxU16 count)
{
    const size_t header = sizeof(mfxExtBuffer);

    for (size_t i = 0; i < table->count; i++) {
        const struct srt_ext_field *field = &table->fields[i];
        mfxExtBuffer *buffer = srt_ext_buffer(buffers, count, field->id);

        if (buffer && buffer->BufferSz == field->size)
            memcpy((char *)buffer + header, (const char *)base + field->offset + header,
                   field->size - header);
    }
}
