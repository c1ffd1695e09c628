/* MFXVideoVPP_*: the entry points of video processing. */
#include "vpp/vpp.h"
#include "surface/own.h"

#include <stdlib.h>
#include <string.h>

struct srt_vpp {
    struct srt_component base;
    struct vpp_queue *queue;
    struct srt_own *own[2];                        /* by mfxVPPPoolType; constant */
    struct srt_own_claim claims[VPP_MOST_STREAMS]; /* on the pool that each stream's last frame came from */
    mfxFrameAllocRequest request[2];               /* as QueryIOSurf says it, since Init or Reset */
    mfxFrameInfo most_in, most_out;                /* as initialised: Reset may not go above */
    mfxU16 most_streams;
};

static mfxStatus enter(mfxSession session, struct srt_vpp **out)
{
    struct srt_component *base;
    mfxStatus status = srt_component_enter(session, SRT_VPP, &base);

    *out = (struct srt_vpp *)base;
    return status;
}

static mfxStatus leave(struct srt_vpp *vpp, mfxStatus status)
{
    return srt_component_leave(&vpp->base, status);
}

/* Init and Reset say "invalid" where Query says "unsupported". */
static mfxStatus prepare_params(struct vpp_params *params, const mfxVideoParam *par)
{
    mfxStatus gathered = vpp_params_gather(params, par);
    mfxStatus checked = srt_worse(gathered, vpp_check(params));
    mfxStatus completed;

    if (checked < MFX_ERR_NONE)
        return checked == MFX_ERR_UNSUPPORTED ? MFX_ERR_INVALID_VIDEO_PARAM : checked;
    completed = vpp_complete(params);
    return completed < MFX_ERR_NONE ? completed : checked;
}

struct srt_own *srt_vpp_own(const struct srt_component *vpp, mfxVPPPoolType type)
{
    return ((const struct srt_vpp *)vpp)->own[type];
}

static void end_claims(struct srt_vpp *vpp)
{
    for (size_t i = 0; i < VPP_MOST_STREAMS; i++)
        srt_own_claim_end(&vpp->claims[i]);
}

static void wake(struct srt_component *base)
{
    struct srt_vpp *vpp = (struct srt_vpp *)base;

    srt_own_close(vpp->own[MFX_VPP_POOL_IN]);
    srt_own_close(vpp->own[MFX_VPP_POOL_OUT]);
}

static void stop(struct srt_component *base)
{
    struct srt_vpp *vpp = (struct srt_vpp *)base;

    vpp_queue_stop(&vpp->queue);
    end_claims(vpp);
}

static void clear(struct srt_component *base)
{
    struct srt_vpp *vpp = (struct srt_vpp *)base;

    srt_own_unref(&vpp->own[MFX_VPP_POOL_IN]);
    srt_own_unref(&vpp->own[MFX_VPP_POOL_OUT]);
}

static const struct srt_component_type vpp_type = {wake, stop, clear};

static mfxStatus create(struct srt_session *session, const struct vpp_params *params,
                        struct srt_component **out)
{
    struct srt_vpp *vpp = srt_component_new(sizeof(*vpp), &vpp_type, session);
    mfxStatus status;

    if (!vpp)
        return MFX_ERR_MEMORY_ALLOC;
    vpp->most_in = params->par.vpp.In;
    vpp->most_out = params->par.vpp.Out;
    vpp->most_streams = params->composite.NumInputStream;
    vpp_surfaces_request(vpp->request, params);
    status = srt_own_create(&vpp->own[MFX_VPP_POOL_IN], session, "vpp in", &vpp->request[MFX_VPP_POOL_IN],
                            &params->hints[MFX_VPP_POOL_IN]);
    if (status == MFX_ERR_NONE)
        status = srt_own_create(&vpp->own[MFX_VPP_POOL_OUT], session, "vpp out",
                                &vpp->request[MFX_VPP_POOL_OUT], &params->hints[MFX_VPP_POOL_OUT]);
    if (status == MFX_ERR_NONE)
        status = vpp_queue_start(&vpp->queue, session, params);
    if (status == MFX_ERR_NONE)
        *out = &vpp->base;
    else
        srt_component_close(&vpp->base);
    return status;
}

static mfxStatus query_configurable(mfxVideoParam *out)
{
    struct vpp_params params;
    mfxStatus status = vpp_params_gather(&params, out);

    if (status < MFX_ERR_NONE)
        return status;
    vpp_params_configurable(&params);
    vpp_params_scatter(&params, out);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoVPP_Query(mfxSession session, mfxVideoParam *in, mfxVideoParam *out)
{
    struct vpp_params params;
    mfxStatus status;

    if (!srt_session_get(session))
        return MFX_ERR_INVALID_HANDLE;
    if (!out)
        return MFX_ERR_NULL_PTR;
    if (!in)
        return query_configurable(out);
    status = vpp_params_gather(&params, in);
    if (status == MFX_ERR_NULL_PTR || (out->NumExtParam && !out->ExtParam))
        return MFX_ERR_NULL_PTR;
    status = srt_worse(status, vpp_check(&params));
    vpp_params_scatter(&params, out);
    return status;
}

mfxStatus srt_MFXVideoVPP_QueryIOSurf(mfxSession session, mfxVideoParam *par, mfxFrameAllocRequest request[2])
{
    struct vpp_params params;
    mfxStatus status;

    if (!srt_session_get(session))
        return MFX_ERR_INVALID_HANDLE;
    if (!par || !request)
        return MFX_ERR_NULL_PTR;
    status = prepare_params(&params, par);
    if (status < MFX_ERR_NONE)
        return status;
    vpp_surfaces_request(request, &params);
    return status;
}

mfxStatus srt_vpp_open(struct srt_session *session, const mfxVideoParam *par, struct srt_component **out)
{
    struct vpp_params params;
    mfxStatus checked = prepare_params(&params, par);
    mfxStatus status;

    if (checked < MFX_ERR_NONE)
        return checked;
    status = create(session, &params, out);
    return status == MFX_ERR_NONE ? checked : status;
}

mfxStatus srt_MFXVideoVPP_Init(mfxSession session, mfxVideoParam *par)
{
    struct srt_session *own = srt_session_get(session);
    struct srt_component *vpp;
    mfxStatus opened;
    mfxStatus status;

    if (!own)
        return MFX_ERR_INVALID_HANDLE;
    if (!par)
        return MFX_ERR_NULL_PTR;
    if (srt_component_exists(own, SRT_VPP))
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    opened = srt_vpp_open(own, par, &vpp);
    if (opened < MFX_ERR_NONE)
        return opened;
    status = srt_component_add(SRT_VPP, vpp);
    return status == MFX_ERR_NONE ? opened : status;
}

mfxStatus srt_MFXVideoVPP_Close(mfxSession session)
{
    return srt_components_end(session, SRT_VPP, SRT_VPP);
}

static bool fits(const mfxFrameInfo *wanted, const mfxFrameInfo *most)
{
    return wanted->FourCC == most->FourCC && wanted->Width <= most->Width && wanted->Height <= most->Height;
}

static bool fits_init(const struct srt_vpp *vpp, const struct vpp_params *params)
{
    const mfxVideoParam *par = &params->par;
    const mfxVideoParam *now = &vpp_queue_params(vpp->queue)->par;

    return fits(&par->vpp.In, &vpp->most_in) && fits(&par->vpp.Out, &vpp->most_out) &&
           par->IOPattern == now->IOPattern && par->AsyncDepth <= now->AsyncDepth &&
           params->composite.NumInputStream <= vpp->most_streams;
}

static bool hints_differ(const struct vpp_params *init, const struct vpp_params *reset)
{
    return srt_own_hints_differ(&init->hints[MFX_VPP_POOL_IN], &reset->hints[MFX_VPP_POOL_IN]) ||
           srt_own_hints_differ(&init->hints[MFX_VPP_POOL_OUT], &reset->hints[MFX_VPP_POOL_OUT]);
}

/* The runtime's own surfaces become those of new parameters. */
static mfxStatus describe_own(struct srt_vpp *vpp, const struct vpp_params *params)
{
    mfxFrameAllocRequest before = vpp->request[MFX_VPP_POOL_IN];
    mfxStatus status;

    vpp_surfaces_request(vpp->request, params);
    status = srt_own_describe(vpp->own[MFX_VPP_POOL_IN], &vpp->request[MFX_VPP_POOL_IN].Info);
    if (status != MFX_ERR_NONE)
        return status;
    status = srt_own_describe(vpp->own[MFX_VPP_POOL_OUT], &vpp->request[MFX_VPP_POOL_OUT].Info);
    if (status != MFX_ERR_NONE)
        (void)srt_own_describe(vpp->own[MFX_VPP_POOL_IN], &before.Info);
    return status;
}

/* Calls still in flight are aborted, and frames that a deinterlacer kept are dropped. */
static mfxStatus reset(struct srt_vpp *vpp, const mfxVideoParam *par, bool apply)
{
    struct vpp_params params;
    struct vpp_queue *fresh;
    mfxVideoParam wanted = *par;
    mfxStatus checked;
    mfxStatus status;

    if (!wanted.AsyncDepth)
        wanted.AsyncDepth = vpp_queue_params(vpp->queue)->par.AsyncDepth;
    checked = prepare_params(&params, &wanted);
    if (checked < MFX_ERR_NONE)
        return checked;
    if (!fits_init(vpp, &params) || hints_differ(vpp_queue_params(vpp->queue), &params))
        return MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    if (!apply)
        return checked;
    memcpy(params.hints, vpp_queue_params(vpp->queue)->hints, sizeof(params.hints));
    status = vpp_queue_start(&fresh, vpp->base.session, &params);
    if (status == MFX_ERR_NONE)
        status = describe_own(vpp, &params);
    if (status != MFX_ERR_NONE) {
        vpp_queue_stop(&fresh);
        return status;
    }
    end_claims(vpp);
    vpp_queue_stop(&vpp->queue);
    vpp->queue = fresh;
    return checked;
}

mfxStatus srt_vpp_reset(struct srt_component *vpp, const mfxVideoParam *par, bool apply)
{
    pthread_mutex_lock(&vpp->call);
    mfxStatus status = reset((struct srt_vpp *)vpp, par, apply);
    pthread_mutex_unlock(&vpp->call);
    return status;
}

static void tell(struct srt_vpp *vpp, mfxVideoParam *par)
{
    const struct vpp_params *params = vpp_queue_params(vpp->queue);

    vpp_params_scatter(params, par);
    vpp_params_list_active(params, par);
}

mfxStatus srt_vpp_describe(struct srt_component *vpp, mfxVideoParam *par)
{
    pthread_mutex_lock(&vpp->call);
    tell((struct srt_vpp *)vpp, par);
    pthread_mutex_unlock(&vpp->call);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXVideoVPP_Reset(mfxSession session, mfxVideoParam *par)
{
    struct srt_vpp *vpp;
    mfxStatus status = enter(session, &vpp);

    if (status != MFX_ERR_NONE)
        return status;
    return leave(vpp, par ? reset(vpp, par, true) : MFX_ERR_NULL_PTR);
}

mfxStatus srt_MFXVideoVPP_GetVideoParam(mfxSession session, mfxVideoParam *par)
{
    struct srt_vpp *vpp;
    mfxStatus status = enter(session, &vpp);

    if (status != MFX_ERR_NONE)
        return status;
    if (!par || (par->NumExtParam && !par->ExtParam))
        return leave(vpp, MFX_ERR_NULL_PTR);
    tell(vpp, par);
    return leave(vpp, MFX_ERR_NONE);
}

mfxStatus srt_MFXVideoVPP_GetVPPStat(mfxSession session, mfxVPPStat *stat)
{
    struct srt_vpp *vpp;
    mfxStatus status = enter(session, &vpp);

    if (status != MFX_ERR_NONE)
        return status;
    if (!stat)
        return leave(vpp, MFX_ERR_NULL_PTR);
    vpp_queue_stat(vpp->queue, stat);
    return leave(vpp, MFX_ERR_NONE);
}

/* A stream's share of what QueryIOSurf asks for. */
static void claim(struct srt_vpp *vpp, mfxFrameSurface1 *in)
{
    mfxU16 streams = vpp_queue_params(vpp->queue)->composite.NumInputStream;
    mfxU32 all = vpp->request[MFX_VPP_POOL_IN].NumFrameSuggested;

    srt_own_claim(&vpp->claims[vpp_queue_stream(vpp->queue)], in, streams ? all / streams : all);
}

static mfxStatus run(struct srt_vpp *vpp, mfxFrameSurface1 *in, mfxFrameSurface1 *out, mfxSyncPoint *sync,
                     bool *repeats)
{
    struct srt_session *session = vpp->base.session;
    const struct vpp_params *params = vpp_queue_params(vpp->queue);
    mfxStatus status;

    if (!sync)
        return MFX_ERR_NULL_PTR;
    *sync = NULL;
    status = vpp_surfaces_check_out(session, params, out);
    if (status == MFX_ERR_NONE && in)
        status = in == out ? MFX_ERR_UNDEFINED_BEHAVIOR : vpp_surfaces_check_in(session, vpp->queue, in);
    if (status == MFX_ERR_NONE)
        status = srt_knobs_call(session->knobs, SRT_KNOB_VPP);
    if (status == MFX_ERR_NONE && in)
        claim(vpp, in);
    return status == MFX_ERR_NONE ? vpp_queue_run(vpp->queue, in, out, sync, repeats) : status;
}

static void fill_aux(mfxExtVppAuxData *aux, bool repeats)
{
    if (!aux || aux->Header.BufferId != MFX_EXTBUFF_VPP_AUXDATA || aux->Header.BufferSz != sizeof(*aux))
        return;
    aux->PicStruct = MFX_PICSTRUCT_UNKNOWN; /* nothing is detected */
    aux->RepeatedFrame = repeats;
}

mfxStatus srt_MFXVideoVPP_RunFrameVPPAsync(mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                                           mfxExtVppAuxData *aux, mfxSyncPoint *syncp)
{
    struct srt_vpp *vpp;
    mfxStatus status = enter(session, &vpp);
    bool repeats = false;

    if (status != MFX_ERR_NONE)
        return status;
    status = run(vpp, in, out, syncp, &repeats);
    fill_aux(aux, repeats);
    return leave(vpp, status);
}

/* As RunFrameVPPAsync with an output of the runtime's own, whose one reference is the application's; its
 * frame interface is what waits. MFX_ERR_MORE_SURFACE, where one frame gives two pictures, comes with one of
 * them. */
static mfxStatus process(struct srt_vpp *vpp, mfxFrameSurface1 *in, mfxFrameSurface1 **out)
{
    mfxFrameSurface1 *surface;
    mfxSyncPoint sync = NULL;
    mfxStatus status;
    bool repeats;

    if (!out)
        return MFX_ERR_NULL_PTR;
    *out = NULL;
    status = srt_own_get(vpp->own[MFX_VPP_POOL_OUT], &surface);
    if (status != MFX_ERR_NONE)
        return status;
    status = run(vpp, in, surface, &sync, &repeats);
    if (sync)
        *out = surface;
    else
        srt_surface_let_go(surface);
    return status;
}

mfxStatus srt_MFXVideoVPP_ProcessFrameAsync(mfxSession session, mfxFrameSurface1 *in, mfxFrameSurface1 **out)
{
    struct srt_vpp *vpp;
    mfxStatus status = enter(session, &vpp);

    return status == MFX_ERR_NONE ? leave(vpp, process(vpp, in, out)) : status;
}

mfxStatus srt_vpp_process(struct srt_component *vpp, mfxFrameSurface1 *in, mfxFrameSurface1 **out)
{
    pthread_mutex_lock(&vpp->call);
    mfxStatus status = process((struct srt_vpp *)vpp, in, out);
    pthread_mutex_unlock(&vpp->call);
    return status;
}
