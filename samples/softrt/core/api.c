/* What the library exports: each entry point calls the part that serves it, tells the trace, and sees to it
 * that its session is there until it returns. */
#include "core/api.h"

#include "core/session.h"
#include "core/trace.h"

/* The details of SRT_API. */
#define OPENED(session)     ((session) ? *(session) : NULL)
#define NOTHING             (void)0
#define NUMBER(name, value) srt_trace_number(&call, name, (mfxU64)(value))
#define CHILD(child)        srt_trace_session(&call, "child", child)
#define PARAM(par)          srt_trace_codec(&call, par)
#define FILTERS(par)        srt_trace_vpp(&call, par)
#define FRAME(data_name, data, name, surface) \
    (srt_trace_given(&call, data_name, data), srt_trace_surface(&call, name, surface))
#define FRAMES(in, out) srt_trace_frames(&call, in, out)

#define DEFINE(name, serve, parameters, arguments, session, detail) \
    SRT_EXPORT mfxStatus name parameters                            \
    {                                                               \
        struct srt_trace_call call;                                 \
        mfxStatus status;                                           \
                                                                    \
        if (!srt_trace_on())                                        \
            return serve arguments;                                 \
        srt_trace_begin(&call, #name);                              \
        detail;                                                     \
        status = serve arguments;                                   \
        srt_trace_end(&call, session, status);                      \
        return status;                                              \
    }

#define DEFINE_OPEN(name, parameters, arguments, opened, detail) \
    DEFINE(name, srt_##name, parameters, arguments, opened, detail)

#define DEFINE_CALL(name, parameters, arguments, session, detail)                  \
    static mfxStatus on_##name parameters                                          \
    {                                                                              \
        struct srt_session *called = srt_session_begin_call(session);              \
        mfxStatus status = called ? srt_##name arguments : MFX_ERR_INVALID_HANDLE; \
                                                                                   \
        srt_session_end_call(called);                                              \
        return status;                                                             \
    }                                                                              \
    DEFINE(name, on_##name, parameters, arguments, session, detail)

SRT_API(DEFINE_OPEN, DEFINE_CALL)

SRT_EXPORT mfxHDL *MFXQueryImplsDescription(mfxImplCapsDeliveryFormat format, mfxU32 *num_impls)
{
    mfxHDL *list = srt_MFXQueryImplsDescription(format, num_impls);
    struct srt_trace_call call;

    if (srt_trace_on()) {
        srt_trace_begin(&call, "MFXQueryImplsDescription");
        NUMBER("format", format);
        srt_trace_end(&call, NULL, list ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED);
    }
    return list;
}
