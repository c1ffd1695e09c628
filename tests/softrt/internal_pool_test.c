/* The pools behind the runtime's own surfaces: mfxExtAllocationHints, the three policies, and what components
 * say of each other's pools. */
#include "encode_run.h"
#include "own_decode.h"
#include "vpp_run.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A decoder with hints. */
struct hinted {
    struct decoding d;
    mfxExtAllocationHints hints;
    mfxExtBuffer *list[1];
};

static void open_hinted(struct hinted *h, mfxExtAllocationHints hints)
{
    decoding_open(&h->d, "own.264", OWN_AVC, MFX_CODEC_AVC);
    h->hints = hints;
    h->list[0] = &h->hints.Header;
    h->d.par.ExtParam = h->list;
    h->d.par.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_Init(h->d.session, &h->d.par), MFX_ERR_NONE);
}

static mfxFrameSurface1 *get_decode(struct hinted *h)
{
    return own_get(MFXMemory_GetSurfaceForDecode, h->d.session);
}

static void assert_none_left(struct hinted *h)
{
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)h;

    assert_int_equal(MFXMemory_GetSurfaceForDecode(h->d.session, &surface), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_null(surface);
}

static mfxSurfacePoolInterface *pool_of(mfxFrameSurface1 *surface)
{
    mfxHDL pool = NULL;

    assert_int_equal(surface->FrameInterface->QueryInterface(surface, MFX_GUID_SURFACE_POOL, &pool),
                     MFX_ERR_NONE);
    return pool;
}

static mfxU32 size_of(mfxSurfacePoolInterface *pool)
{
    mfxU32 size = 0;

    assert_int_equal(pool->GetCurrentPoolSize(pool, &size), MFX_ERR_NONE);
    return size;
}

static mfxU32 most_of(mfxSurfacePoolInterface *pool)
{
    mfxU32 size = 0;

    assert_int_equal(pool->GetMaximumPoolSize(pool, &size), MFX_ERR_NONE);
    return size;
}

static void a_limited_pool_ends_at_its_limit(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface[3];
    mfxSurfacePoolInterface *pool;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 2, 1, 0));
    for (size_t i = 0; i < 3; i++)
        surface[i] = get_decode(&h);
    pool = pool_of(surface[0]);
    assert_int_equal(size_of(pool), 3);
    assert_int_equal(most_of(pool), 3);
    assert_none_left(&h);
    own_release(surface[1]);
    assert_ptr_equal(get_decode(&h), surface[1]);
    for (size_t i = 0; i < 3; i++)
        own_release(surface[i]);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    decoding_close(&h.d);
}

static void an_unlimited_pool_goes_on(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface[40];
    mfxSurfacePoolInterface *pool;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_UNLIMITED, 1, 0, 0));
    for (size_t i = 0; i < 40; i++)
        surface[i] = get_decode(&h);
    pool = pool_of(surface[0]);
    assert_int_equal(most_of(pool), 0xFFFFFFFF);
    assert_int_equal(size_of(pool), 40);
    for (size_t i = 0; i < 40; i++)
        own_release(surface[i]);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    decoding_close(&h.d);
}

/* So many surfaces are a leak: it is told before the machine has no memory left. */
static void an_unlimited_pool_ends_where_only_a_leak_gets(void **state)
{
    enum {
        MOST = 1024
    };
    static mfxFrameSurface1 *surface[MOST];
    struct runtime runtime;
    mfxFrameSurface1 *more = NULL;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, 16, 16, MFX_FOURCC_NV12, 16, 16);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    for (size_t i = 0; i < MOST; i++)
        surface[i] = own_get(MFXMemory_GetSurfaceForVPP, runtime.session);
    assert_int_equal(MFXMemory_GetSurfaceForVPP(runtime.session, &more), MFX_ERR_MEMORY_ALLOC);
    assert_null(more);
    for (size_t i = 0; i < MOST; i++)
        own_release(surface[i]);
    runtime_close(&runtime);
}

static void an_optimal_pool_has_what_its_component_needs(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface[64];
    mfxFrameAllocRequest request;
    mfxSurfacePoolInterface *pool;
    mfxU32 count = 0;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_OPTIMAL, 0, 0, 0));
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(h.d.session, &h.d.par, &request), MFX_ERR_NONE);
    surface[count++] = get_decode(&h);
    pool = pool_of(surface[0]);
    assert_int_equal(most_of(pool), request.NumFrameSuggested);
    assert_int_equal(pool->SetNumSurfaces(pool, 3), MFX_ERR_NONE); /* the application's own use */
    assert_int_equal(most_of(pool), request.NumFrameSuggested + 3U);
    while (count < request.NumFrameSuggested + 3U)
        surface[count++] = get_decode(&h);
    assert_none_left(&h);
    while (count)
        own_release(surface[--count]);
    assert_int_equal(pool->RevokeSurfaces(pool, 3), MFX_ERR_NONE);
    assert_int_equal(size_of(pool), request.NumFrameSuggested);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    decoding_close(&h.d);
}

/* Whoever takes a surface says of its pool how many it needs, and takes that back when it ends. */
static void components_add_their_needs_to_the_pool_they_are_fed_from(void **state)
{
    struct hinted h;
    mfxFrameAllocRequest own, vpp_needs[2];
    mfxSurfacePoolInterface *pool;
    mfxFrameSurface1 *decoded, *out;
    mfxVideoParam vpp;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_OPTIMAL, 0, 0, 0));
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(h.d.session, &h.d.par, &own), MFX_ERR_NONE);
    vpp_defaults(&vpp, MFX_FOURCC_NV12, OWN_WIDTH, OWN_HEIGHT, MFX_FOURCC_NV12, 160, 96);
    vpp.vpp.In.FourCC = vpp.vpp.Out.FourCC = h.d.par.mfx.FrameInfo.FourCC;
    complete_info(&vpp.vpp.In);
    complete_info(&vpp.vpp.Out);
    assert_int_equal(MFXVideoVPP_QueryIOSurf(h.d.session, &vpp, vpp_needs), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(h.d.session, &vpp), MFX_ERR_NONE);
    for (int i = 0; i < 2; i++) { /* once, however many surfaces come */
        decoded = decoding_next(&h.d, false);
        pool = pool_of(decoded);
        assert_int_equal(MFXVideoVPP_ProcessFrameAsync(h.d.session, decoded, &out), MFX_ERR_NONE);
        assert_int_equal(most_of(pool), own.NumFrameSuggested + vpp_needs[0].NumFrameSuggested);
        own_release(decoded);
        own_release(out);
        assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    }
    decoded = get_decode(&h);
    pool = pool_of(decoded);
    assert_int_equal(MFXVideoVPP_Close(h.d.session), MFX_ERR_NONE);
    assert_int_equal(most_of(pool), own.NumFrameSuggested);
    own_release(decoded);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    decoding_close(&h.d);
}

static void surfaces_are_made_at_init(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface;
    mfxSurfacePoolInterface *pool;

    (void)state;
    open_hinted(&h,
                own_hints(MFX_ALLOCATION_OPTIMAL, 20, 0, 0)); /* "even if it exceeds the recommended size" */
    surface = get_decode(&h);
    pool = pool_of(surface);
    assert_int_equal(size_of(pool), 20);
    assert_int_equal(most_of(pool), 20);
    own_release(surface);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    decoding_close(&h.d);
}

static void getting_waits_as_long_as_the_hints_say(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface;
    double begin;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 1, 0, 60));
    surface = get_decode(&h);
    begin = now_ms();
    assert_none_left(&h);
    assert_true(now_ms() - begin >= 59);
    own_release(surface);
    decoding_close(&h.d);
}

static void *release_soon(void *arg)
{
    mfxFrameSurface1 *surface = arg;

    sleep_ms(30);
    return surface->FrameInterface->Release(surface) == MFX_ERR_NONE ? arg : NULL;
}

static void getting_ends_when_a_surface_comes_back(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface;
    pthread_t thread;
    void *good;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 1, 0, MFX_INFINITE));
    surface = get_decode(&h);
    assert_int_equal(pthread_create(&thread, NULL, release_soon, surface), 0);
    assert_ptr_equal(get_decode(&h), surface);
    assert_int_equal(pthread_join(thread, &good), 0);
    assert_non_null(good);
    own_release(surface);
    decoding_close(&h.d);
}

static void *close_decoder(void *arg)
{
    sleep_ms(30);
    return MFXVideoDECODE_Close(arg) == MFX_ERR_NONE ? arg : NULL;
}

static void getting_ends_when_the_component_does(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *surface, *none = NULL;
    pthread_t thread;
    void *good;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 1, 0, MFX_INFINITE));
    surface = get_decode(&h);
    assert_int_equal(pthread_create(&thread, NULL, close_decoder, h.d.session), 0);
    assert_int_equal(MFXMemory_GetSurfaceForDecode(h.d.session, &none), MFX_ERR_NOT_INITIALIZED);
    assert_null(none);
    assert_int_equal(pthread_join(thread, &good), 0);
    assert_non_null(good);
    own_release(surface);
    decoding_close(&h.d);
}

static void decoding_loses_nothing_when_no_surface_is_left(void **state)
{
    struct hinted h;
    mfxFrameSurface1 *held[2], *out;
    mfxSyncPoint sync;
    size_t frames = 2, refused = 0;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 2, 0, 0));
    for (size_t i = 0; i < 2; i++)
        held[i] = decoding_next(&h.d, false);
    for (;;) {
        mfxStatus status = decoding_call(&h.d, NULL, &out, &sync);

        if (status == MFX_ERR_MORE_DATA)
            break;
        if (status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED) {
            refused++;
            assert_int_equal(held[0]->FrameInterface->Synchronize(held[0], 60000), MFX_ERR_NONE);
            own_release(held[0]);
            held[0] = held[1];
            held[1] = NULL;
            continue;
        }
        assert_int_equal(status, MFX_ERR_NONE);
        frames++;
        assert_null(held[1]);
        held[1] = out;
    }
    assert_int_equal(frames, OWN_FRAMES);
    assert_int_equal(refused, OWN_FRAMES - 2);
    own_release(held[0]);
    if (held[1])
        own_release(held[1]);
    decoding_close(&h.d);
}

static void processing_says_that_no_surface_is_left(void **state)
{
    struct runtime runtime;
    mfxExtAllocationHints hints = own_hints(MFX_ALLOCATION_LIMITED, 1, 0, 20);
    mfxExtBuffer *list[1] = {&hints.Header};
    mfxFrameSurface1 *in, *out, *more = NULL;
    mfxVideoParam par;

    (void)state;
    hints.VPPPoolType = MFX_VPP_POOL_OUT;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, 64, 32, MFX_FOURCC_NV12, 32, 16);
    par.ExtParam = list;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    in = own_get(MFXMemory_GetSurfaceForVPP, runtime.session);
    own_blank(in);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in, &out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in, &more),
                     MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_null(more);
    own_release(out);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in, &out), MFX_ERR_NONE);
    own_release(out);
    own_release(in);
    runtime_close(&runtime);
}

static void vpp_has_hints_for_each_side(void **state)
{
    struct runtime runtime;
    mfxExtAllocationHints in = own_hints(MFX_ALLOCATION_LIMITED, 1, 0, 0);
    mfxExtAllocationHints out = own_hints(MFX_ALLOCATION_LIMITED, 2, 0, 0), got = out;
    mfxExtBuffer *list[2] = {&in.Header, &out.Header};
    mfxFrameSurface1 *surface[3], *none;
    mfxVideoParam par;

    (void)state;
    out.VPPPoolType = got.VPPPoolType = MFX_VPP_POOL_OUT;
    got.NumberToPreAllocate = 9;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, 64, 32, MFX_FOURCC_NV12, 32, 16);
    par.ExtParam = list;
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    surface[0] = own_get(MFXMemory_GetSurfaceForVPP, runtime.session);
    surface[1] = own_get(MFXMemory_GetSurfaceForVPPOut, runtime.session);
    surface[2] = own_get(MFXMemory_GetSurfaceForVPPOut, runtime.session);
    assert_int_equal(surface[0]->Info.Width, 64);
    assert_int_equal(surface[1]->Info.Width, 32);
    assert_int_equal(MFXMemory_GetSurfaceForVPP(runtime.session, &none), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    assert_int_equal(MFXMemory_GetSurfaceForVPPOut(runtime.session, &none), MFX_WRN_ALLOC_TIMEOUT_EXPIRED);
    list[0] = &got.Header;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_GetVideoParam(runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(got.NumberToPreAllocate, 2);
    assert_int_equal(got.VPPPoolType, MFX_VPP_POOL_OUT);
    for (size_t i = 0; i < 3; i++)
        own_release(surface[i]);
    list[0] = &out.Header;
    list[1] = &out.Header;
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par),
                     MFX_ERR_UNDEFINED_BEHAVIOR); /* one side twice */
    runtime_close(&runtime);
}

/* Hints that cannot be followed, each refused by Query and Init of all components. */
static void bad_hints_are_refused(void **state)
{
    mfxExtAllocationHints bad[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        bad[i] = own_hints(MFX_ALLOCATION_LIMITED, 1, 1, 0);
    bad[0].AllocationPolicy = (mfxPoolAllocationPolicy)3;
    bad[1].NumberToPreAllocate = bad[1].DeltaToAllocateOnTheFly = 0;
    bad[2].NumberToPreAllocate = 70000;
    bad[3].Header.BufferSz--;
    for (size_t i = 0; i < 4; i++) {
        struct decoding d;
        mfxExtAllocationHints hints = bad[i];
        mfxExtBuffer *list[1] = {&hints.Header};
        mfxVideoParam par[3], query;

        decoding_open(&d, "own.264", OWN_AVC, MFX_CODEC_AVC);
        par[0] = d.par;
        encode_defaults(&par[1], MFX_CODEC_AVC, MFX_FOURCC_NV12);
        vpp_defaults(&par[2], MFX_FOURCC_NV12, 64, 32, MFX_FOURCC_NV12, 32, 16);
        for (size_t k = 0; k < 3; k++) {
            par[k].ExtParam = list;
            par[k].NumExtParam = 1;
        }
        query = par[0];
        assert_int_equal(MFXVideoDECODE_Query(d.session, &query, &query), MFX_ERR_UNSUPPORTED);
        query = par[1];
        assert_int_equal(MFXVideoENCODE_Query(d.session, &query, &query), MFX_ERR_UNSUPPORTED);
        query = par[2];
        assert_int_equal(MFXVideoVPP_Query(d.session, &query, &query), MFX_ERR_UNSUPPORTED);
        hints = bad[i]; /* Query clears what cannot be done */
        assert_int_equal(MFXVideoDECODE_Init(d.session, &par[0]), MFX_ERR_INVALID_VIDEO_PARAM);
        assert_int_equal(MFXVideoENCODE_Init(d.session, &par[1]), MFX_ERR_INVALID_VIDEO_PARAM);
        assert_int_equal(MFXVideoVPP_Init(d.session, &par[2]), MFX_ERR_INVALID_VIDEO_PARAM);
        decoding_close(&d);
    }
}

static void reset_does_not_change_hints(void **state)
{
    struct hinted h;
    mfxExtAllocationHints got = own_hints(MFX_ALLOCATION_OPTIMAL, 0, 0, 0);
    mfxSurfacePoolInterface *pool;
    mfxFrameSurface1 *surface;

    (void)state;
    open_hinted(&h, own_hints(MFX_ALLOCATION_LIMITED, 2, 1, 5));
    assert_int_equal(MFXVideoDECODE_Reset(h.d.session, &h.d.par), MFX_ERR_NONE);
    h.hints.Wait = 6;
    assert_int_equal(MFXVideoDECODE_Reset(h.d.session, &h.d.par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    h.list[0] = &got.Header;
    assert_int_equal(MFXVideoDECODE_GetVideoParam(h.d.session, &h.d.par), MFX_ERR_NONE);
    assert_int_equal(got.AllocationPolicy, MFX_ALLOCATION_LIMITED);
    assert_int_equal(got.NumberToPreAllocate, 2);
    assert_int_equal(got.DeltaToAllocateOnTheFly, 1);
    assert_int_equal(got.Wait, 5);
    h.d.par.NumExtParam = 0; /* says nothing of them */
    assert_int_equal(MFXVideoDECODE_Reset(h.d.session, &h.d.par), MFX_ERR_NONE);
    surface = get_decode(&h);
    pool = pool_of(surface);
    assert_int_equal(most_of(pool), 3);
    assert_int_equal(pool->Release(pool), MFX_ERR_NONE);
    own_release(surface);
    decoding_close(&h.d);
}

static void reset_changes_what_surfaces_look_like(void **state)
{
    struct runtime runtime;
    mfxFrameSurface1 *before, *after;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &par), MFX_ERR_NONE);
    before = own_get(MFXMemory_GetSurfaceForEncode, runtime.session);
    par.mfx.FrameInfo.Width = par.mfx.FrameInfo.CropW = 96;
    assert_int_equal(MFXVideoENCODE_Reset(runtime.session, &par), MFX_ERR_NONE);
    after = own_get(MFXMemory_GetSurfaceForEncode, runtime.session);
    assert_int_equal(before->Info.Width, CLIP_WIDTH); /* in use, and as it was */
    assert_int_equal(after->Info.Width, 96);
    own_release(before);
    own_release(after);
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limited_pool_ends_at_its_limit),
        cmocka_unit_test(an_unlimited_pool_goes_on),
        cmocka_unit_test(an_unlimited_pool_ends_where_only_a_leak_gets),
        cmocka_unit_test(an_optimal_pool_has_what_its_component_needs),
        cmocka_unit_test(components_add_their_needs_to_the_pool_they_are_fed_from),
        cmocka_unit_test(surfaces_are_made_at_init),
        cmocka_unit_test(getting_waits_as_long_as_the_hints_say),
        cmocka_unit_test(getting_ends_when_a_surface_comes_back),
        cmocka_unit_test(getting_ends_when_the_component_does),
        cmocka_unit_test(decoding_loses_nothing_when_no_surface_is_left),
        cmocka_unit_test(processing_says_that_no_surface_is_left),
        cmocka_unit_test(vpp_has_hints_for_each_side),
        cmocka_unit_test(bad_hints_are_refused),
        cmocka_unit_test(reset_does_not_change_hints),
        cmocka_unit_test(reset_changes_what_surfaces_look_like),
    };

    return cmocka_run_group_tests_name("softrt internal pools", tests, NULL, NULL);
}
