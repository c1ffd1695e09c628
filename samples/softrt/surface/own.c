/* Pools of the runtime's own surfaces. */
#include "surface/own.h"

#include "core/session.h"

#include <stdlib.h>
#include <string.h>
#include <vfa/vfa.h>

#ifdef SOFTRT_VA
#include <vfa/va.h>
#else
struct vfa_va;
#endif

typedef mfxStatus(MFX_CDECL *synchronize_fn)(mfxFrameSurface1 *surface, mfxU32 wait_ms);

/* What all of these surfaces, and nobody else's, have as Synchronize. NULL: there has been none. */
static _Atomic(synchronize_fn) own_synchronize;

bool srt_own_has(const mfxFrameSurface1 *surface)
{
    const mfxFrameSurfaceInterface *face = surface->FrameInterface;

    return face && face->Synchronize &&
           face->Synchronize == atomic_load_explicit(&own_synchronize, memory_order_relaxed);
}

/* Lives as long as a surface of the pool is out. */
struct own_pool {
    struct vfa_va *va; /* NULL: system memory */
    struct vfa_allocator *allocator;
    struct vfa_pool *pool; /* NULL once the component has ended */
    mfxSurfacePoolInterface *face;
};

/* `lock` guards all below it. The pool itself is used without it: it lives until the last reference to this
 * goes. */
struct srt_own {
    atomic_uint refs;
    struct srt_session *session; /* used by calls of that session alone */
    const char *name;
    mfxExtAllocationHints hints; /* constant; of MFX_ALLOCATION_UNLIMITED when none were given */
    pthread_mutex_t lock;
    mfxFrameAllocRequest request;
    struct own_pool *made; /* NULL: not yet */
    bool closed;
};

static bool is_video(const mfxFrameAllocRequest *request)
{
    return request->Type &
           (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET);
}

bool srt_own_hints_valid(const mfxExtAllocationHints *hints)
{
    if (!hints->Header.BufferId)
        return true;
    if (hints->NumberToPreAllocate > UINT16_MAX || hints->DeltaToAllocateOnTheFly > UINT16_MAX)
        return false;
    if ((mfxU32)hints->VPPPoolType > MFX_VPP_POOL_OUT)
        return false;
    switch (hints->AllocationPolicy) {
    case MFX_ALLOCATION_OPTIMAL:
    case MFX_ALLOCATION_UNLIMITED:
        return true;
    case MFX_ALLOCATION_LIMITED: {
        mfxU32 most = hints->NumberToPreAllocate + hints->DeltaToAllocateOnTheFly;
        return most > 0 && most <= UINT16_MAX;
    }
    default:
        return false;
    }
}

bool srt_own_hints_differ(const mfxExtAllocationHints *init, const mfxExtAllocationHints *reset)
{
    if (!reset->Header.BufferId)
        return false;
    return !init->Header.BufferId || init->AllocationPolicy != reset->AllocationPolicy ||
           init->NumberToPreAllocate != reset->NumberToPreAllocate ||
           init->DeltaToAllocateOnTheFly != reset->DeltaToAllocateOnTheFly ||
           init->VPPPoolType != reset->VPPPoolType || init->Wait != reset->Wait;
}

/* As OnComplete the application's function stands there, while the surface is its. */
static void MFX_CDECL do_nothing(mfxStatus status)
{
    (void)status;
}

static void end_pool(void *user)
{
    struct own_pool *made = user;

    vfa_allocator_destroy(&made->allocator);
#ifdef SOFTRT_VA
    vfa_va_destroy(&made->va);
#endif
    free(made);
}

/* Frames on the application's display, which has to be there until the last of them is released. */
static mfxStatus video_backend(struct srt_session *session, struct own_pool *made,
                               struct vfa_backend *backend)
{
#ifdef SOFTRT_VA
    struct vfa_va_config config = vfa_va_config_defaults();
    mfxStatus status;

    pthread_mutex_lock(&session->lock);
    config.display = session->handles[MFX_HANDLE_VA_DISPLAY];
    pthread_mutex_unlock(&session->lock);
    if (!config.display)
        return MFX_ERR_UNSUPPORTED;
    status = vfa_va_create(&made->va, &config, NULL);
    return status == MFX_ERR_NONE ? vfa_va_backend(made->va, backend) : status;
#else
    (void)session, (void)made, (void)backend;
    return MFX_ERR_UNSUPPORTED;
#endif
}

static mfxStatus make_allocator(const struct srt_own *own, struct own_pool *made,
                                struct vfa_interface_config *face)
{
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backend;
    mfxStatus status = MFX_ERR_NONE;

    if (is_video(&own->request)) {
        status = video_backend(own->session, made, &backend);
        config.backend = &backend;
        config.backend_count = 1;
#ifdef SOFTRT_VA
        face->device = made->va ? vfa_va_display(made->va) : NULL;
#endif
    }
    face->on_complete = do_nothing;
    return status == MFX_ERR_NONE ? vfa_allocator_create(&made->allocator, &config) : status;
}

static mfxStatus make_pool(const struct srt_own *own, struct own_pool *made,
                           struct vfa_interface_config *face)
{
    struct vfa_pool_config config = vfa_pool_config_defaults();
    mfxStatus status;

    config.name = own->name;
    config.allocator = vfa_allocator_mfx(made->allocator);
    config.request = own->request;
    config.hints = &own->hints;
    config.frame_interface = face;
    config.ended = end_pool;
    config.ended_user = made;
    status = vfa_pool_create(&made->pool, &config);
    if (status == MFX_ERR_NONE)
        status = vfa_pool_interface(made->pool, &made->face);
    /* The component itself is the first that needs surfaces of the pool. */
    if (status == MFX_ERR_NONE)
        (void)made->face->SetNumSurfaces(made->face, own->request.NumFrameSuggested);
    return status;
}

static mfxStatus make(struct srt_own *own)
{
    struct vfa_interface_config face = vfa_interface_config_defaults();
    struct own_pool *made = calloc(1, sizeof(*made));
    mfxStatus status;

    if (!made)
        return MFX_ERR_MEMORY_ALLOC;
    status = make_allocator(own, made, &face);
    if (status == MFX_ERR_NONE)
        status = make_pool(own, made, &face);
    if (status == MFX_ERR_NONE) {
        own->made = made;
        return status;
    }
    if (made->pool)
        vfa_pool_destroy(&made->pool); /* ends the rest */
    else
        end_pool(made);
    return status;
}

mfxStatus srt_own_create(struct srt_own **out, struct srt_session *session, const char *name,
                         const mfxFrameAllocRequest *request, const mfxExtAllocationHints *hints)
{
    struct srt_own *own = calloc(1, sizeof(*own));
    mfxStatus status = is_video(request) ? srt_session_check_device(session) : MFX_ERR_NONE;

    *out = NULL;
    if (!own)
        return MFX_ERR_MEMORY_ALLOC;
    if (status != MFX_ERR_NONE) {
        free(own);
        return status;
    }
    if (pthread_mutex_init(&own->lock, NULL)) {
        free(own);
        return MFX_ERR_MEMORY_ALLOC;
    }
    atomic_init(&own->refs, 1);
    own->session = session;
    own->name = name;
    own->request = *request;
    if (own->request.NumFrameSuggested < own->request.NumFrameMin)
        own->request.NumFrameSuggested = own->request.NumFrameMin;
    own->hints = *hints;
    own->hints.Header = (mfxExtBuffer){MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(own->hints)};
    if (!hints->Header.BufferId)
        own->hints.AllocationPolicy = MFX_ALLOCATION_UNLIMITED;
    if (own->hints.NumberToPreAllocate && !session->has_allocator)
        status = make(own);
    if (status == MFX_ERR_NONE)
        *out = own;
    else
        srt_own_unref(&own);
    return status;
}

struct srt_own *srt_own_ref(struct srt_own *own)
{
    atomic_fetch_add_explicit(&own->refs, 1, memory_order_relaxed);
    return own;
}

void srt_own_close(struct srt_own *own)
{
    if (!own)
        return;
    pthread_mutex_lock(&own->lock);
    own->closed = true;
    if (own->made)
        vfa_pool_close(own->made->pool); /* nobody waits for a surface any more */
    pthread_mutex_unlock(&own->lock);
}

void srt_own_unref(struct srt_own **slot)
{
    struct srt_own *own = *slot;

    *slot = NULL;
    if (!own || atomic_fetch_sub_explicit(&own->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (own->made) {
        struct vfa_pool *pool = own->made->pool;

        (void)own->made->face->Release(own->made->face);
        vfa_pool_destroy(&pool); /* `made` goes with it, perhaps much later */
    }
    pthread_mutex_destroy(&own->lock);
    free(own);
}

/* The pool, made now if it has to be. */
static mfxStatus find_pool(struct srt_own *own, struct vfa_pool **pool)
{
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&own->lock);
    if (own->closed)
        status = MFX_ERR_NOT_INITIALIZED;
    else if (!own->made)
        status = make(own);
    if (status == MFX_ERR_NONE)
        *pool = own->made->pool;
    pthread_mutex_unlock(&own->lock);
    return status;
}

/* As new, whatever its last user did to it. */
static void renew(struct srt_own *own, mfxFrameSurface1 *surface)
{
    mfxMemId mid = surface->Data.MemId;

    pthread_mutex_lock(&own->lock);
    surface->Info = own->request.Info;
    memset(&surface->Data, 0, sizeof(surface->Data));
    surface->Data.MemType = own->request.Type;
    pthread_mutex_unlock(&own->lock);
    surface->Data.MemId = mid;
    surface->FrameInterface->OnComplete = do_nothing;
    atomic_store_explicit(&own_synchronize, surface->FrameInterface->Synchronize, memory_order_relaxed);
}

/* A pool that may grow and has not could not be given memory. */
static mfxStatus explain(struct vfa_pool *pool, mfxStatus status, mfxPoolAllocationPolicy policy)
{
    struct vfa_pool_stats stats;

    if (status == MFX_ERR_ABORTED)
        return MFX_ERR_NOT_INITIALIZED;
    if (status != MFX_WRN_ALLOC_TIMEOUT_EXPIRED || vfa_pool_stats(pool, &stats) != MFX_ERR_NONE)
        return status;
    return policy == MFX_ALLOCATION_UNLIMITED || stats.surfaces < stats.limit ? MFX_ERR_MEMORY_ALLOC : status;
}

mfxStatus srt_own_get(struct srt_own *own, mfxFrameSurface1 **out)
{
    int32_t wait_ms = own->hints.Wait == MFX_INFINITE ? -1
                      : own->hints.Wait > INT32_MAX   ? INT32_MAX
                                                      : (int32_t)own->hints.Wait;
    struct vfa_pool *pool;
    mfxStatus status;

    *out = NULL;
    if (own->session->has_allocator)
        return MFX_ERR_UNSUPPORTED;
    status = find_pool(own, &pool);
    if (status != MFX_ERR_NONE)
        return status;
    status = vfa_pool_acquire(pool, wait_ms, out);
    if (status != MFX_ERR_NONE)
        return explain(pool, status, own->hints.AllocationPolicy);
    renew(own, *out);
    return MFX_ERR_NONE;
}

mfxStatus srt_own_describe(struct srt_own *own, const mfxFrameInfo *info)
{
    mfxFrameAllocRequest request;
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&own->lock);
    request = own->request;
    request.Info = *info;
    if (own->made)
        status = vfa_pool_reset(own->made->pool, &request, NULL);
    if (status == MFX_ERR_NONE)
        own->request = request;
    pthread_mutex_unlock(&own->lock);
    return status;
}

void srt_own_claim_end(struct srt_own_claim *claim)
{
    if (!claim->pool)
        return;
    (void)claim->pool->RevokeSurfaces(claim->pool, claim->surfaces);
    (void)claim->pool->Release(claim->pool);
    claim->pool = NULL;
}

void srt_own_claim(struct srt_own_claim *claim, mfxFrameSurface1 *surface, mfxU32 surfaces)
{
    const mfxFrameSurfaceInterface *face = surface->FrameInterface;
    mfxSurfacePoolInterface *pool;
    mfxHDL found = NULL;

    if (!face || !face->QueryInterface)
        return;
    if (face->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &found) != MFX_ERR_NONE || !found)
        return;
    pool = found;
    if (pool == claim->pool) {
        (void)pool->Release(pool);
        return;
    }
    srt_own_claim_end(claim);
    if (pool->SetNumSurfaces(pool, surfaces) == MFX_ERR_NONE)
        *claim = (struct srt_own_claim){pool, surfaces};
    else
        (void)pool->Release(pool);
}
