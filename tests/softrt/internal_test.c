/* The internal memory model call by call: who holds a surface, what its interface says of the operation, and
 * how long it lives. */
#include "encode_run.h"
#include "own_decode.h"
#include "vpp_run.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static void init(struct decoding *d)
{
    assert_int_equal(MFXVideoDECODE_Init(d->session, &d->par), MFX_ERR_NONE);
}

static void open_avc(struct decoding *d)
{
    decoding_open(d, "own.264", OWN_AVC, MFX_CODEC_AVC);
}

static void a_surface_for_decode_is_as_init_said(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *surface;
    const mfxFrameInfo *info;

    (void)state;
    open_avc(&d);
    init(&d);
    surface = own_get(MFXMemory_GetSurfaceForDecode, d.session);
    info = &surface->Info;
    assert_int_equal(own_references(surface), 1);
    assert_int_equal(surface_locked(surface), 0);
    assert_int_equal(surface->Version.Version, MFX_FRAMESURFACE1_VERSION);
    assert_int_equal(info->FourCC, d.par.mfx.FrameInfo.FourCC);
    assert_int_equal(info->Width, d.par.mfx.FrameInfo.Width);
    assert_int_equal(info->Height, d.par.mfx.FrameInfo.Height);
    assert_int_equal(info->CropW, OWN_WIDTH);
    assert_int_equal(info->CropH, OWN_HEIGHT);
    assert_null(surface->Data.Y);
    own_release(surface);
    decoding_close(&d);
}

static void a_surface_comes_back_as_new(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *surface, *again;

    (void)state;
    open_avc(&d);
    init(&d);
    surface = own_get(MFXMemory_GetSurfaceForDecode, d.session);
    surface->Info.CropW = 16;
    surface->Data.TimeStamp = 77;
    surface->FrameInterface->OnComplete = NULL;
    own_release(surface);
    again = own_get(MFXMemory_GetSurfaceForDecode, d.session);
    assert_ptr_equal(again, surface);
    assert_int_equal(again->Info.CropW, OWN_WIDTH);
    assert_int_equal(again->Data.TimeStamp, 0);
    assert_non_null(again->FrameInterface->OnComplete);
    own_release(again);
    decoding_close(&d);
}

static void with_an_allocator_all_frames_are_the_applications(void **state)
{
    struct decoding d;
    struct frames frames;
    mfxFrameSurface1 *surface = NULL, *out;
    mfxSyncPoint sync;

    (void)state;
    open_avc(&d);
    frames_create(&frames, &d.par.mfx.FrameInfo, 1, true, 0);
    init(&d);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(d.session, &frames.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXMemory_GetSurfaceForDecode(d.session, &surface), MFX_ERR_UNSUPPORTED);
    assert_null(surface);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(d.session, &d.stream.bits, NULL, &out, &sync),
                     MFX_ERR_NULL_PTR);
    decoding_close(&d);
    frames_destroy(&frames);
}

static void video_memory_needs_a_display(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *surface = NULL;
    mfxVideoParam encode;

    (void)state;
    open_avc(&d);
    d.par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_MEMORY_ALLOC);
    encode_defaults(&encode, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    encode.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
    assert_int_equal(MFXVideoENCODE_Init(d.session, &encode), MFX_ERR_NONE); /* an allocator may still come */
    assert_int_equal(MFXMemory_GetSurfaceForEncode(d.session, &surface), MFX_ERR_UNSUPPORTED);
    assert_null(surface);
    decoding_close(&d);
}

static void an_output_carries_a_reference(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *out, *work;
    mfxSyncPoint sync;

    (void)state;
    open_avc(&d);
    init(&d);
    out = decoding_next(&d, false);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    assert_int_equal(own_references(out), 1); /* the operation's is gone with it */
    assert_int_equal(surface_locked(out), 0);
    own_release(out);
    work = own_get(MFXMemory_GetSurfaceForDecode, d.session);
    assert_int_equal(decoding_call(&d, work, &out, &sync), MFX_ERR_NONE);
    assert_ptr_equal(out, work);
    sync_ok(d.session, sync);
    assert_int_equal(own_references(out), 2); /* one for the work surface, one for the output */
    own_release(work);
    own_release(out);
    decoding_close(&d);
}

static void the_surface_and_the_sync_point_tell_the_same(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    open_avc(&d);
    init(&d);
    assert_int_equal(decoding_call(&d, NULL, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, MFX_INFINITE), MFX_ERR_NONE);
    sync_ok(d.session, sync);
    assert_int_equal(out->FrameInterface->Synchronize(out, 0), MFX_ERR_NONE);
    own_release(out);
    decoding_close(&d);
}

/* Surfaces of the decoder, written while everything that made them is gone. */
static void surfaces_outlive_component_session_and_loader(void **state)
{
    struct decoding d;
    mfxFrameSurface1 *out[4];
    mfxHDL pool = NULL;
    uint8_t *raw, *picture;
    size_t size, bytes;

    (void)state;
    open_avc(&d);
    init(&d);
    raw = clip_raw(d.path, pix_fmt_name(d.par.mfx.FrameInfo.FourCC), &size);
    bytes = size / OWN_FRAMES;
    for (size_t i = 0; i < 4; i++)
        out[i] = decoding_next(&d, false);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE); /* nothing was waited for */
    decoding_close(&d);
    picture = malloc(bytes);
    assert_non_null(picture);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(out[i]->FrameInterface->Synchronize(out[i], 0), MFX_ERR_NONE);
        assert_int_equal(own_take(out[i], picture), bytes);
        assert_memory_equal(picture, raw + i * bytes, bytes);
        assert_int_equal(own_references(out[i]), 1);
    }
    assert_int_equal(out[0]->FrameInterface->QueryInterface(out[0], MFX_GUID_SURFACE_POOL, &pool),
                     MFX_ERR_NOT_INITIALIZED);
    for (size_t i = 0; i < 4; i++)
        own_release(out[i]);
    free(picture);
    free(raw);
}

static atomic_int completed;
static atomic_int completed_with;

static void MFX_CDECL note_completion(mfxStatus status)
{
    atomic_store(&completed_with, status);
    atomic_fetch_add(&completed, 1);
}

/* An input that is there when the test says so. Its interface is the application's. */
struct late_input {
    mfxFrameSurface1 surface;
    mfxFrameSurfaceInterface face;
    uint8_t *pixels;
    atomic_int references;
    atomic_int open;      /* 1: there; -1: Map fails */
    atomic_int asked_for; /* Map was called */
};

static struct late_input *late_of(mfxFrameSurface1 *surface)
{
    return surface->FrameInterface->Context;
}

static mfxStatus MFX_CDECL late_add_ref(mfxFrameSurface1 *surface)
{
    atomic_fetch_add(&late_of(surface)->references, 1);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL late_release(mfxFrameSurface1 *surface)
{
    atomic_fetch_sub(&late_of(surface)->references, 1);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL late_map(mfxFrameSurface1 *surface, mfxU32 flags)
{
    struct late_input *late = late_of(surface);
    size_t plane = (size_t)surface->Info.Width * surface->Info.Height;

    (void)flags;
    atomic_store(&late->asked_for, 1);
    while (!atomic_load(&late->open))
        sleep_ms(1);
    if (atomic_load(&late->open) < 0)
        return MFX_ERR_LOCK_MEMORY;
    surface->Data.PitchLow = surface->Info.Width;
    surface->Data.Y = late->pixels;
    surface->Data.UV = late->pixels + plane;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL late_unmap(mfxFrameSurface1 *surface)
{
    surface->Data.Y = surface->Data.UV = NULL;
    return MFX_ERR_NONE;
}

static void late_create(struct late_input *late, const mfxFrameInfo *info)
{
    memset(late, 0, sizeof(*late));
    late->surface.Version.Version = MFX_FRAMESURFACE1_VERSION;
    late->surface.Info = *info;
    late->pixels = calloc((size_t)info->Width * info->Height, 2);
    assert_non_null(late->pixels);
    late->face.Context = late;
    late->face.Version.Version = MFX_FRAMESURFACEINTERFACE_VERSION;
    late->face.AddRef = late_add_ref;
    late->face.Release = late_release;
    late->face.Map = late_map;
    late->face.Unmap = late_unmap;
    late->surface.FrameInterface = &late->face;
}

/* A VPP whose input is late, with one operation under way. */
struct late_vpp {
    struct runtime runtime;
    mfxVideoParam par;
    struct late_input input;
    mfxFrameSurface1 *out;
};

static void late_open(struct late_vpp *v)
{
    runtime_open(&v->runtime);
    vpp_defaults(&v->par, MFX_FOURCC_NV12, 64, 32, MFX_FOURCC_NV12, 32, 16);
    assert_int_equal(MFXVideoVPP_Init(v->runtime.session, &v->par), MFX_ERR_NONE);
    late_create(&v->input, &v->par.vpp.In);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(v->runtime.session, &v->input.surface, &v->out),
                     MFX_ERR_NONE);
    assert_non_null(v->out);
}

static void late_close(struct late_vpp *v)
{
    own_release(v->out);
    runtime_close(&v->runtime);
    assert_int_equal(atomic_load(&v->input.references), 0);
    free(v->input.pixels);
}

static void synchronize_waits_for_the_operation(void **state)
{
    struct late_vpp v;
    mfxFrameSurfaceInterface *face;

    (void)state;
    late_open(&v);
    face = v.out->FrameInterface;
    assert_int_equal(face->Synchronize(v.out, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(face->Synchronize(v.out, 20), MFX_WRN_IN_EXECUTION);
    assert_int_equal(surface_locked(v.out), 1);
    assert_int_equal(face->Map(v.out, MFX_MAP_READ | MFX_MAP_NOWAIT), MFX_ERR_RESOURCE_MAPPED);
    assert_int_equal(face->Map(v.out, MFX_MAP_WRITE), MFX_ERR_LOCK_MEMORY);
    assert_true(own_references(v.out) > 1);
    atomic_store(&v.input.open, 1);
    assert_int_equal(face->Map(v.out, MFX_MAP_READ), MFX_ERR_NONE); /* waits */
    assert_int_equal(face->Unmap(v.out), MFX_ERR_NONE);
    assert_int_equal(face->Synchronize(v.out, 0), MFX_ERR_NONE);
    assert_int_equal(own_references(v.out), 1);
    late_close(&v);
}

static void on_complete_is_called_with_the_result(void **state)
{
    struct late_vpp v;
    static const int ends[] = {1, -1};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        late_open(&v);
        atomic_store(&completed, 0);
        v.out->FrameInterface->OnComplete = note_completion;
        atomic_store(&v.input.open, ends[i]);
        assert_int_equal(v.out->FrameInterface->Synchronize(v.out, 60000),
                         ends[i] > 0 ? MFX_ERR_NONE : MFX_ERR_LOCK_MEMORY);
        assert_int_equal(atomic_load(&completed), 1);
        assert_int_equal(atomic_load(&completed_with), ends[i] > 0 ? MFX_ERR_NONE : MFX_ERR_LOCK_MEMORY);
        late_close(&v);
    }
}

/* The first operation runs, the second waits for it in the queue: that is what a Close aborts. */
static void what_close_aborts_is_told(void **state)
{
    struct late_vpp v;
    struct late_input second;
    mfxFrameSurface1 *out;

    (void)state;
    late_open(&v);
    late_create(&second, &v.par.vpp.In);
    atomic_store(&second.open, 1);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(v.runtime.session, &second.surface, &out), MFX_ERR_NONE);
    while (!atomic_load(&v.input.asked_for))
        sleep_ms(1);
    atomic_store(&v.input.open, -1);
    assert_int_equal(v.out->FrameInterface->Synchronize(v.out, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(MFXVideoVPP_Close(v.runtime.session), MFX_ERR_NONE);
    assert_true(out->FrameInterface->Synchronize(out, 0) == MFX_ERR_NONE ||
                out->FrameInterface->Synchronize(out, 0) == MFX_ERR_ABORTED);
    assert_int_equal(own_references(out), 1);
    own_release(out);
    assert_int_equal(atomic_load(&second.references), 0);
    free(second.pixels);
    late_close(&v);
}

/* Whoever takes the surface next knows nothing of the failure. */
static void a_failure_does_not_follow_the_surface_to_its_next_user(void **state)
{
    struct late_vpp v;
    mfxFrameSurface1 *again, *out;
    mfxFrameSurface1 *first;

    (void)state;
    late_open(&v);
    first = v.out;
    atomic_store(&v.input.open, -1);
    assert_int_equal(first->FrameInterface->Synchronize(first, 60000), MFX_ERR_LOCK_MEMORY);
    own_release(first);
    atomic_store(&v.input.open, 1);
    again = own_get(MFXMemory_GetSurfaceForVPPOut, v.runtime.session);
    assert_ptr_equal(again, first);
    assert_int_equal(again->FrameInterface->Synchronize(again, 0), MFX_ERR_NONE);
    own_blank(again);
    /* As an input of the same session, which once knew it for broken. */
    assert_int_equal(MFXVideoVPP_Close(v.runtime.session), MFX_ERR_NONE);
    vpp_defaults(&v.par, MFX_FOURCC_NV12, 32, 16, MFX_FOURCC_NV12, 64, 32);
    assert_int_equal(MFXVideoVPP_Init(v.runtime.session, &v.par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(v.runtime.session, again, &out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    own_release(out);
    v.out = again;
    late_close(&v);
}

/* Sessions that know nothing of each other: the surface itself is what the second one waits for. */
static void surfaces_cross_sessions_without_being_waited_for(void **state)
{
    struct late_vpp v;
    mfxSession other;
    mfxVideoParam par;
    mfxFrameSurface1 *out;

    (void)state;
    late_open(&v);
    other = runtime_session(&v.runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, 32, 16, MFX_FOURCC_NV12, 64, 32);
    assert_int_equal(MFXVideoVPP_Init(other, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(other, v.out, &out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, 20), MFX_WRN_IN_EXECUTION);
    atomic_store(&v.input.open, 1);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    own_release(out);
    assert_int_equal(MFXClose(other), MFX_ERR_NONE);
    late_close(&v);
}

/* Sloppy, and no reason to hang: what it has written so far is what is read. */
static void an_input_that_is_mapped_for_writing_is_read(void **state)
{
    struct late_vpp v;
    mfxFrameSurface1 *in, *out;

    (void)state;
    late_open(&v);
    atomic_store(&v.input.open, 1);
    assert_int_equal(v.out->FrameInterface->Synchronize(v.out, 60000), MFX_ERR_NONE);
    in = own_get(MFXMemory_GetSurfaceForVPP, v.runtime.session);
    own_blank(in);
    assert_int_equal(in->FrameInterface->Map(in, MFX_MAP_READ_WRITE), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(v.runtime.session, in, &out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    assert_int_equal(in->FrameInterface->Unmap(in), MFX_ERR_NONE);
    own_release(in);
    own_release(out);
    late_close(&v);
}

static void an_output_that_is_in_use_is_refused(void **state)
{
    struct late_vpp v;
    struct late_input second;
    mfxSyncPoint sync;

    (void)state;
    late_open(&v);
    late_create(&second, &v.par.vpp.In);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(v.runtime.session, &second.surface, v.out, NULL, &sync),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(atomic_load(&second.references), 0);
    atomic_store(&v.input.open, 1);
    assert_int_equal(v.out->FrameInterface->Synchronize(v.out, 60000), MFX_ERR_NONE);
    free(second.pixels);
    late_close(&v);
}

static void processing_says_when_it_needs_more(void **state)
{
    struct late_vpp v;
    mfxFrameSurface1 *out = &v.input.surface;

    (void)state;
    late_open(&v);
    atomic_store(&v.input.open, 1);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(v.runtime.session, NULL, &out), MFX_ERR_MORE_DATA);
    assert_null(out);
    assert_int_equal(v.out->FrameInterface->Synchronize(v.out, 60000), MFX_ERR_NONE);
    late_close(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_surface_for_decode_is_as_init_said),
        cmocka_unit_test(a_surface_comes_back_as_new),
        cmocka_unit_test(with_an_allocator_all_frames_are_the_applications),
        cmocka_unit_test(video_memory_needs_a_display),
        cmocka_unit_test(an_output_carries_a_reference),
        cmocka_unit_test(the_surface_and_the_sync_point_tell_the_same),
        cmocka_unit_test(surfaces_outlive_component_session_and_loader),
        cmocka_unit_test(synchronize_waits_for_the_operation),
        cmocka_unit_test(on_complete_is_called_with_the_result),
        cmocka_unit_test(what_close_aborts_is_told),
        cmocka_unit_test(a_failure_does_not_follow_the_surface_to_its_next_user),
        cmocka_unit_test(surfaces_cross_sessions_without_being_waited_for),
        cmocka_unit_test(an_input_that_is_mapped_for_writing_is_read),
        cmocka_unit_test(an_output_that_is_in_use_is_refused),
        cmocka_unit_test(processing_says_when_it_needs_more),
    };

    return cmocka_run_group_tests_name("softrt internal memory", tests, NULL, NULL);
}
