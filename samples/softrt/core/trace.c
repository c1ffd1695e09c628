/* The trace of an application's calls. */
#include "core/trace.h"

#include "core/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool srt_trace_enabled;
static int file = -1;

/* No call can be earlier than the loading, and none has to ask whether the file is open yet. */
__attribute__((constructor)) static void open_trace(void)
{
    const char *path = getenv("SOFTRT_TRACE");

    if (!path || !*path)
        return;
    file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        fprintf(stderr, "softrt: no calls are traced: SOFTRT_TRACE=%s cannot be opened for writing: %s\n",
                path, strerror(errno));
    srt_trace_enabled = file >= 0;
}

__attribute__((format(printf, 2, 3))) static void tell(struct srt_trace_call *call, const char *format, ...)
{
    size_t room = sizeof(call->detail) - call->length;
    va_list values;

    va_start(values, format);
    int length = vsnprintf(call->detail + call->length, room, format, values);
    va_end(values);
    if (length > 0)
        call->length += (size_t)length < room ? (size_t)length : room - 1;
}

void srt_trace_begin(struct srt_trace_call *call, const char *name)
{
    call->name = name;
    call->length = 0;
    call->detail[0] = '\0';
}

void srt_trace_number(struct srt_trace_call *call, const char *name, mfxU64 value)
{
    tell(call, " %s=%llu", name, (unsigned long long)value);
}

/* Sessions are numbered as they were opened. */
static unsigned long long session_number(mfxSession session)
{
    return (unsigned long long)((uintptr_t)session & ~SRT_HANDLE_PATTERN);
}

void srt_trace_session(struct srt_trace_call *call, const char *name, mfxSession session)
{
    tell(call, " %s=%llu", name, session_number(session));
}

void srt_trace_given(struct srt_trace_call *call, const char *name, const void *pointer)
{
    tell(call, " %s=%s", name, pointer ? "given" : "none");
}

/* Where the pixels are: in the runtime's or another's interface, behind pointers, or behind the allocator's
 * id. */
void srt_trace_surface(struct srt_trace_call *call, const char *name, const mfxFrameSurface1 *surface)
{
    const char *where = "none";

    if (surface && surface->FrameInterface)
        where = "interface";
    else if (surface)
        where = surface->Data.Y || surface->Data.UV || surface->Data.V || surface->Data.A ? "pointers" : "id";
    tell(call, " %s=%s", name, where);
}

/* A code of four characters, as "AVC" or "NV12"; 0 and what is none as a number. */
static void tell_code(struct srt_trace_call *call, const char *before, mfxU32 code)
{
    char text[5] = {(char)code, (char)(code >> 8), (char)(code >> 16), (char)(code >> 24), '\0'};

    for (size_t i = sizeof(text) - 1; i-- > 0 && text[i] == ' ';)
        text[i] = '\0';
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~') {
            tell(call, "%s%#x", before, code);
            return;
        }
    tell(call, "%s%s", before, *text ? text : "0");
}

static void tell_frame(struct srt_trace_call *call, const mfxFrameInfo *info)
{
    tell(call, " %ux%u", info->Width, info->Height);
    if (info->CropW != info->Width || info->CropH != info->Height)
        tell(call, "(%ux%u)", info->CropW, info->CropH);
    tell_code(call, " ", info->FourCC);
}

static void tell_buffers(struct srt_trace_call *call, mfxExtBuffer *const *buffers, mfxU16 count)
{
    for (mfxU16 i = 0; buffers && i < count; i++)
        if (buffers[i])
            tell_code(call, i ? "," : " ext=", buffers[i]->BufferId);
}

static void tell_rest(struct srt_trace_call *call, const mfxVideoParam *par)
{
    tell(call, " io=%#x async=%u", par->IOPattern, par->AsyncDepth);
    tell_buffers(call, par->ExtParam, par->NumExtParam);
}

void srt_trace_frames(struct srt_trace_call *call, const mfxFrameSurface1 *in, const mfxFrameSurface1 *out)
{
    srt_trace_surface(call, "in", in);
    srt_trace_surface(call, "out", out);
    if (out)
        tell_buffers(call, out->Data.ExtParam, out->Data.NumExtParam);
}

void srt_trace_codec(struct srt_trace_call *call, const mfxVideoParam *par)
{
    if (!par)
        return;
    tell_code(call, " ", par->mfx.CodecId);
    tell_frame(call, &par->mfx.FrameInfo);
    tell_rest(call, par);
}

void srt_trace_vpp(struct srt_trace_call *call, const mfxVideoParam *par)
{
    if (!par)
        return;
    tell_frame(call, &par->vpp.In);
    tell(call, " to");
    tell_frame(call, &par->vpp.Out);
    tell_rest(call, par);
}

/* In one piece, so that lines of other threads and processes stay whole. A full disk ends no application. */
void srt_trace_end(const struct srt_trace_call *call, mfxSession session, mfxStatus status)
{
    char line[sizeof(call->detail) + 100];
    int length = session ? snprintf(line, sizeof(line), "%s session=%llu status=%d%s\n", call->name,
                                    session_number(session), status, call->detail)
                         : snprintf(line, sizeof(line), "%s status=%d%s\n", call->name, status, call->detail);

    if (length > 0 && write(file, line, (size_t)length) < 0)
        srt_trace_enabled = false;
}
