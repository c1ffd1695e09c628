/* The stage between: MFXVideoVPP scales, converts and deinterlaces. */
#include "vpp.h"

#include <string.h>

static void attach(struct vpp *vpp, mfxExtBuffer *buffer, mfxU32 id, size_t size)
{
    buffer->BufferId = id;
    buffer->BufferSz = (mfxU32)size;
    vpp->ext[vpp->par.NumExtParam++] = buffer;
    vpp->par.ExtParam = vpp->ext;
}

/* A source whose header does not say that it is interlaced may be so all the same: the filter looks at each
 * frame. */
void vpp_init(struct vpp *vpp, struct runtime *runtime, const mfxFrameInfo *in, const mfxFrameInfo *out,
              const struct vpp_tasks *tasks, mfxU16 async)
{
    memset(vpp, 0, sizeof *vpp);
    vpp->runtime = runtime;
    vpp->par.AsyncDepth = async;
    vpp->par.IOPattern = runtime_pattern_in(runtime) | runtime_pattern_out(runtime);
    vpp->par.vpp.In = *in;
    vpp->par.vpp.Out = *out;
    if (tasks->deinterlace) {
        if (in->PicStruct == MFX_PICSTRUCT_PROGRESSIVE)
            vpp->par.vpp.In.PicStruct = MFX_PICSTRUCT_UNKNOWN;
        attach(vpp, &vpp->deinterlacing.Header, MFX_EXTBUFF_VPP_DEINTERLACING, sizeof vpp->deinterlacing);
        vpp->deinterlacing.Mode = MFX_DEINTERLACING_ADVANCED;
    }
    if (tasks->expand_range) {
        attach(vpp, &vpp->signal.Header, MFX_EXTBUFF_VPP_VIDEO_SIGNAL_INFO, sizeof vpp->signal);
        vpp->signal.In.NominalRange = MFX_NOMINALRANGE_16_235;
        vpp->signal.Out.NominalRange = MFX_NOMINALRANGE_0_255;
    }
}

/* Query writes into what it is asked with: so it is asked with a copy, extension buffers too. */
bool vpp_accepted(struct vpp *vpp)
{
    struct vpp asked = *vpp;

    for (mfxU16 i = 0; i < asked.par.NumExtParam; i++)
        asked.ext[i] =
            vpp->ext[i] == &vpp->deinterlacing.Header ? &asked.deinterlacing.Header : &asked.signal.Header;
    asked.par.ExtParam = asked.par.NumExtParam ? asked.ext : NULL; /* some refuse a list of none */
    mfxStatus status = MFXVideoVPP_Query(vpp->runtime->session, &asked.par, &asked.par);
    const mfxInfoVPP *got = &asked.par.vpp, *wanted = &vpp->par.vpp;
    return status >= MFX_ERR_NONE && status != MFX_WRN_FILTER_SKIPPED &&
           got->Out.FourCC == wanted->Out.FourCC && got->In.FourCC == wanted->In.FourCC;
}

enum exit_code vpp_request(struct vpp *vpp, mfxFrameAllocRequest request[2])
{
    memset(request, 0, 2 * sizeof request[0]);
    mfxStatus status = MFXVideoVPP_QueryIOSurf(vpp->runtime->session, &vpp->par, request);
    if (status < MFX_ERR_NONE)
        return runtime_fail(vpp->runtime, "MFXVideoVPP_QueryIOSurf", status, "planning the filters");
    return EXIT_DONE;
}

enum exit_code vpp_open(struct vpp *vpp, struct vfa_pool *pool)
{
    mfxStatus status = MFXVideoVPP_Init(vpp->runtime->session, &vpp->par);

    if (status < MFX_ERR_NONE)
        return runtime_fail(vpp->runtime, "MFXVideoVPP_Init", status,
                            "starting the filters from %ux%u to %ux%u", vpp->par.vpp.In.CropW,
                            vpp->par.vpp.In.CropH, vpp->par.vpp.Out.CropW, vpp->par.vpp.Out.CropH);
    vpp->pool = pool;
    vpp->open = true;
    return EXIT_DONE;
}

void vpp_close(struct vpp *vpp)
{
    if (vpp->open) {
        runtime_settle(vpp->runtime, vpp->last);
        MFXVideoVPP_Close(vpp->runtime->session);
    }
    vpp->last = NULL;
    vpp->open = false;
}

/* One call. *again: the same input gives more. */
static enum exit_code run_once(struct vpp *vpp, const struct relief *relief, mfxFrameSurface1 *in,
                               bool *again, struct frame *out)
{
    enum exit_code code = frame_acquire(vpp->runtime, relief, vpp->pool, "filters", &out->surface);

    *again = false;
    if (code != EXIT_DONE)
        return code;
    out->pool = vpp->pool;
    mfxStatus status =
        MFXVideoVPP_RunFrameVPPAsync(vpp->runtime->session, in, out->surface, NULL, &out->sync);
    if (status == MFX_ERR_MORE_SURFACE || (status >= MFX_ERR_NONE && status != MFX_WRN_DEVICE_BUSY)) {
        *again = status == MFX_ERR_MORE_SURFACE || !in; /* what the filters hold comes one by one */
        trail_add(&vpp->runtime->trail,
                  &(struct trail_step){"filtering", "MFXVideoVPP_RunFrameVPPAsync", vpp->frames, out->sync});
        vpp->frames++;
        if (out->sync)
            vpp->last = out->sync;
        return EXIT_DONE;
    }
    frame_release(out);
    *again = status == MFX_WRN_DEVICE_BUSY;
    if (status == MFX_WRN_DEVICE_BUSY)
        return frame_wait_busy(relief);
    if (status != MFX_ERR_MORE_DATA)
        return runtime_fail(vpp->runtime, "MFXVideoVPP_RunFrameVPPAsync", status, "filtering frame %llu",
                            (unsigned long long)vpp->frames);
    return EXIT_DONE;
}

enum exit_code vpp_run(struct vpp *vpp, const struct relief *relief, struct frame *frame,
                       const struct vpp_outlet *outlet)
{
    enum exit_code code = EXIT_DONE;
    bool again = true;

    while (code == EXIT_DONE && again) {
        struct frame out = {0};
        code = run_once(vpp, relief, frame ? frame->surface : NULL, &again, &out);
        if (code == EXIT_DONE && out.surface)
            code = outlet->deliver(outlet->user, &out);
    }
    if (frame)
        frame_release(frame); /* the runtime keeps it Locked as long as it needs it */
    return code;
}
