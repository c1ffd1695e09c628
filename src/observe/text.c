/* Text written piece by piece into a caller's buffer. */
#include "observe/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <vfa/format.h>

void vfa__text_init(struct vfa__text *text, char *buffer, size_t bytes)
{
    text->buffer = buffer;
    text->bytes = buffer ? bytes : 0;
    text->length = 0;
    if (text->bytes)
        buffer[0] = '\0';
}

void vfa__text_add(struct vfa__text *text, const char *format, ...)
{
    size_t used = text->length < text->bytes ? text->length : text->bytes;
    char *end = text->bytes ? text->buffer + used : NULL;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(end, text->bytes - used, format, args);
    va_end(args);
    if (length > 0)
        text->length += (size_t)length;
}

void vfa__text_add_request(struct vfa__text *text, const mfxFrameAllocRequest *request)
{
    char fourcc[VFA_FOURCC_TEXT_MAX];
    vfa__text_add(text, "%s ", vfa_fourcc_text(request->Info.FourCC, fourcc));
    const struct vfa_format *format = vfa_format_find(request->Info.FourCC);
    if (format && format->linear)
        vfa__text_add(text, "%llu bytes", (unsigned long long)request->Info.BufferSize);
    else
        vfa__text_add(text, "%ux%u", request->Info.Width, request->Info.Height);
    vfa__text_add(text, ", type 0x%04x, AllocId %u, %u to %u frames", request->Type, request->AllocId,
                  request->NumFrameMin, request->NumFrameSuggested);
}
