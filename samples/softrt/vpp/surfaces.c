/* Which surfaces video processing asks for, and which it takes. */
#include "vpp/queue.h"

static mfxU16 add_saturating(mfxU32 a, mfxU32 b)
{
    return (mfxU16)(a + b < UINT16_MAX ? a + b : UINT16_MAX);
}

static void fill_request(mfxFrameAllocRequest *request, const mfxFrameInfo *info, mfxU16 from, bool video,
                         mfxU16 count)
{
    mfxU16 memory = video ? MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET : MFX_MEMTYPE_SYSTEM_MEMORY;

    *request = (mfxFrameAllocRequest){.Info = *info};
    request->Type = (mfxU16)(MFX_MEMTYPE_EXTERNAL_FRAME | memory | from);
    request->NumFrameMin = request->NumFrameSuggested = count;
}

/* One surface for each call in flight, and those a deinterlacer looks back and forth to; for a composition,
 * of each stream; and where a frame makes several outputs, room for all of them. */
void vpp_surfaces_request(mfxFrameAllocRequest request[2], const struct vpp_params *params)
{
    enum {
        NEIGHBOURS = 3
    };
    mfxU16 depth = params->par.AsyncDepth;
    mfxFrameAllocRequest *in = &request[MFX_VPP_POOL_IN];
    mfxFrameAllocRequest *out = &request[MFX_VPP_POOL_OUT];
    struct vpp_plan plan;

    vpp_plan_make(&plan, params, 1);
    fill_request(in, &params->par.vpp.In, MFX_MEMTYPE_FROM_VPPIN,
                 params->par.IOPattern & MFX_IOPATTERN_IN_VIDEO_MEMORY,
                 add_saturating(depth, plan.deinterlaces ? NEIGHBOURS : 0));
    fill_request(out, &params->par.vpp.Out, MFX_MEMTYPE_FROM_VPPOUT,
                 params->par.IOPattern & MFX_IOPATTERN_OUT_VIDEO_MEMORY, depth);
    for (int i = 1; i < plan.streams; i++)
        in->NumFrameMin = in->NumFrameSuggested = add_saturating(in->NumFrameSuggested, depth);
    if (plan.outputs != plan.pictures)
        out->NumFrameSuggested = add_saturating(depth, (mfxU32)vpp_rate_outputs(&plan, plan.fields_out) - 1);
}

mfxStatus vpp_surfaces_check_out(struct srt_session *session, const struct vpp_params *params,
                                 const mfxFrameSurface1 *out)
{
    mfxStatus status = srt_surface_check(srt_access_out(session, &params->par), out, &params->par.vpp.Out);
    mfxExtVPPProcAmp colours;

    if (status == MFX_ERR_NONE && __atomic_load_n(&out->Data.Locked, __ATOMIC_ACQUIRE))
        status = MFX_ERR_UNDEFINED_BEHAVIOR; /* somebody still reads it */
    return status == MFX_ERR_NONE ? vpp_colours_read(&colours, params, out) : status;
}

/* Streams may each have another size, up to the one initialised with; where RGB is put over YUV, another
 * format. */
static mfxStatus check_layer(struct srt_session *session, const struct vpp_params *params,
                             const mfxVPPCompInputStream *stream, const mfxFrameSurface1 *in)
{
    mfxFrameInfo want = params->par.vpp.In;
    mfxStatus status;

    if (vpp_composite_mixes(params) && in->Info.FourCC != want.FourCC)
        want.FourCC = want.FourCC == MFX_FOURCC_RGB4 ? params->par.vpp.Out.FourCC : MFX_FOURCC_RGB4;
    if (stream->PixelAlphaEnable)
        want.FourCC = MFX_FOURCC_RGB4;
    want.Width = want.Height = 0;
    status = srt_surface_check(srt_access_in(session, &params->par), in, &want);
    if (status != MFX_ERR_NONE)
        return status;
    if (vpp_width(&in->Info) > params->par.vpp.In.Width ||
        vpp_height(&in->Info) > params->par.vpp.In.Height || vpp_width(&in->Info) < 2 ||
        vpp_height(&in->Info) < 2)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return MFX_ERR_NONE;
}

/* Filters are made for one size. */
mfxStatus vpp_surfaces_check_in(struct srt_session *session, const struct vpp_queue *queue,
                                const mfxFrameSurface1 *in)
{
    const struct vpp_params *params = vpp_queue_params(queue);
    const mfxFrameInfo *want = &params->par.vpp.In;
    mfxStatus status;
    struct vpp_plan plan;

    if (params->composite.NumInputStream)
        return check_layer(session, params, &params->streams[vpp_queue_stream(queue)], in);
    status = srt_surface_check(srt_access_in(session, &params->par), in, want);
    if (status != MFX_ERR_NONE)
        return status;
    vpp_plan_make(&plan, params, 1);
    if (plan.chain[0] &&
        (vpp_width(&in->Info) != vpp_width(want) || vpp_height(&in->Info) != vpp_height(want)))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return MFX_ERR_NONE;
}
