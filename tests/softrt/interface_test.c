/* Surfaces that carry a FrameInterface: the runtime reaches their pixels through it and holds them by
 * reference, with no allocator on the session, and makes what it makes of other surfaces. */
#include "decode_fixture.h"
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>
#include <vfa/vfa.h>

enum {
    WIDTH = 160,
    HEIGHT = 92,
    FRAMES = 4
};

static struct vfa_allocator *new_allocator(void)
{
    struct vfa_allocator *frames;

    assert_int_equal(vfa_allocator_create(&frames, NULL), MFX_ERR_NONE);
    return frames;
}

static struct vfa_pool *new_pool(mfxFrameAllocator *allocator, const mfxFrameAllocRequest *request)
{
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct vfa_pool *pool;

    config.allocator = allocator;
    config.request = *request;
    config.frame_interface = &interface;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    return pool;
}

static struct vfa_pool *new_system_pool(struct vfa_allocator *frames, const mfxFrameInfo *info, mfxU16 count)
{
    mfxFrameAllocRequest request;

    memset(&request, 0, sizeof(request));
    request.Info = *info;
    request.Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_SYSTEM_MEMORY;
    request.NumFrameMin = request.NumFrameSuggested = count;
    return new_pool(vfa_allocator_mfx(frames), &request);
}

static mfxFrameSurface1 *acquire(struct vfa_pool *pool)
{
    mfxFrameSurface1 *surface;

    assert_int_equal(vfa_pool_acquire(pool, 10000, &surface), MFX_ERR_NONE);
    return surface;
}

static void assert_all_came_back(struct vfa_pool *pool)
{
    struct vfa_pool_stats stats;

    assert_int_equal(vfa_pool_settle(pool, NULL, NULL), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_stats(pool, &stats), MFX_ERR_NONE);
    assert_int_equal(stats.free, stats.surfaces);
}

/* The crop rectangle of a mapped NV12 surface, to or from a packed picture; returns the picture's size. */
static size_t copy_nv12(const mfxFrameSurface1 *surface, uint8_t *picture, bool out)
{
    size_t width = surface->Info.CropW, height = surface->Info.CropH, pitch = surface->Data.PitchLow, at = 0;

    for (size_t y = 0; y < height * 3 / 2; y++, at += width) {
        uint8_t *row = y < height ? surface->Data.Y + y * pitch : surface->Data.UV + (y - height) * pitch;

        memcpy(out ? picture + at : row, out ? row : picture + at, width);
    }
    return at;
}

static void write_picture(mfxFrameSurface1 *surface, const uint8_t *picture)
{
    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    copy_nv12(surface, (uint8_t *)(uintptr_t)picture, false);
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
}

/* What an output is waited for by. */
struct pending {
    mfxSession session;
    mfxSyncPoint sync;
};

static mfxStatus wait_for(void *user, mfxFrameSurface1 *surface, mfxU32 wait_ms)
{
    struct pending *pending = user;

    (void)surface;
    return MFXVideoCORE_SyncOperation(pending->session, pending->sync, wait_ms);
}

/* Map alone waits for the operation; then nobody but the test holds the surface. Releases it. */
static size_t take_picture(mfxSession session, mfxSyncPoint sync, mfxFrameSurface1 *surface, uint8_t *to)
{
    struct pending pending = {session, sync};
    mfxFrameSurfaceInterface *face = surface->FrameInterface;
    size_t size;

    assert_int_equal(vfa_surface_produce(surface, wait_for, &pending), MFX_ERR_NONE);
    assert_int_equal(face->Map(surface, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(surface_locked(surface), 0);
    size = copy_nv12(surface, to, true);
    assert_int_equal(face->Unmap(surface), MFX_ERR_NONE);
    assert_int_equal(face->Release(surface), MFX_ERR_NONE);
    return size;
}

static void vpp_makes_the_same_through_interfaces(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
    struct vfa_allocator *frames = new_allocator();
    struct vpp_result expected;
    struct runtime runtime;
    size_t size = 0;

    (void)state;
    vpp_defaults(&setup.par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, 80, 48);
    vpp_run(&setup, &expected);
    uint8_t *made = malloc(expected.size);
    struct vfa_pool *in = new_system_pool(frames, &setup.par.vpp.In, 2);
    struct vfa_pool *out = new_system_pool(frames, &setup.par.vpp.Out, 2);
    assert_non_null(made);
    runtime_open(&runtime);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &setup.par), MFX_ERR_NONE);
    for (size_t i = 0; i < FRAMES; i++) {
        mfxFrameSurface1 *from = acquire(in), *to = acquire(out);
        mfxSyncPoint sync;

        write_picture(from, source + i * WIDTH * HEIGHT * 3 / 2);
        assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, from, to, NULL, &sync), MFX_ERR_NONE);
        assert_int_equal(from->FrameInterface->Release(from), MFX_ERR_NONE); /* the runtime has its own */
        size += take_picture(runtime.session, sync, to, made + size);
    }
    assert_int_equal(size, expected.size);
    assert_memory_equal(made, expected.data, size);
    runtime_close(&runtime);
    assert_all_came_back(in);
    assert_all_came_back(out);
    vfa_pool_destroy(&in);
    vfa_pool_destroy(&out);
    vfa_allocator_destroy(&frames);
    vpp_result_free(&expected);
    free(made);
    free(source);
}

/* --- A decoder's surfaces */

static size_t decode_all(struct fixture *f, struct vfa_pool *pool, uint8_t *to)
{
    mfxBitstream *bits = &f->stream.bits;
    size_t size = 0;

    for (;;) {
        mfxFrameSurface1 *work = acquire(pool), *out = NULL;
        mfxSyncPoint sync = NULL;
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(f->session, bits, work, &out, &sync);

        assert_int_equal(vfa_pool_settle(pool, work, out), MFX_ERR_NONE);
        if (status == MFX_ERR_NONE) {
            size += take_picture(f->session, sync, out, to + size);
        } else if (status == MFX_ERR_MORE_DATA) {
            if (!bits)
                return size;
            if (!stream_read(&f->stream))
                bits = NULL;
        } else if (status == MFX_WRN_DEVICE_BUSY) {
            sleep_ms(1);
        } else {
            assert_true(status > MFX_ERR_NONE || status == MFX_ERR_MORE_SURFACE);
        }
    }
}

static void decode_and_compare(struct fixture *f, mfxFrameAllocator *allocator)
{
    mfxFrameAllocRequest request;
    struct vfa_pool *pool;
    size_t expected_size;
    uint8_t *expected = clip_raw(f->path, "nv12", &expected_size);
    uint8_t *made = malloc(expected_size + 320 * 180 * 3);

    assert_non_null(made);
    f->par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    complete_info(&f->par.mfx.FrameInfo);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f->session, &f->par, &request), MFX_ERR_NONE);
    request.NumFrameSuggested++; /* the one that the test looks at */
    pool = new_pool(allocator, &request);
    assert_int_equal(MFXVideoDECODE_Init(f->session, &f->par), MFX_ERR_NONE);
    assert_int_equal(decode_all(f, pool, made), expected_size);
    assert_memory_equal(made, expected, expected_size);
    assert_int_equal(MFXVideoDECODE_Close(f->session), MFX_ERR_NONE);
    assert_all_came_back(pool);
    vfa_pool_destroy(&pool);
    free(expected);
    free(made);
}

static void a_decoder_writes_through_interfaces(void **state)
{
    struct vfa_allocator *frames = new_allocator();
    struct fixture f;

    (void)state;
    fixture_open(&f); /* its own allocator knows none of the surfaces */
    decode_and_compare(&f, vfa_allocator_mfx(frames));
    assert_int_equal(atomic_load(&f.frames.num_locks), 0);
    fixture_close(&f);
    vfa_allocator_destroy(&frames);
}

/* Video memory, by name. */
static mfxStatus alloc_video(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = pthis;
    mfxFrameAllocRequest plain = *request;

    plain.Type = (mfxU16)((plain.Type & ~VFA_MEMTYPE_VIDEO) | MFX_MEMTYPE_SYSTEM_MEMORY);
    return inner->Alloc(inner->pthis, &plain, response);
}

static mfxStatus lock_video(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Lock(inner->pthis, mid, data);
}

static mfxStatus unlock_video(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Unlock(inner->pthis, mid, data);
}

static mfxStatus handle_of_video(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    (void)pthis;
    *handle = mid;
    return MFX_ERR_NONE;
}

static mfxStatus free_video(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    mfxFrameAllocator *inner = pthis;
    return inner->Free(inner->pthis, response);
}

static void a_decoder_of_video_memory_keeps_by_reference(void **state)
{
    struct vfa_allocator *frames = new_allocator();
    mfxFrameAllocator video = {.pthis = vfa_allocator_mfx(frames),
                               .Alloc = alloc_video,
                               .Lock = lock_video,
                               .Unlock = unlock_video,
                               .GetHDL = handle_of_video,
                               .Free = free_video};
    struct fixture f;

    (void)state;
    memset(&f, 0, sizeof(f));
    runtime_open(&f.runtime);
    f.session = f.runtime.session;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(f.session, &video), MFX_ERR_NONE);
    f.path = clip("interface.264", CLIP "-c:v libx264 -bf 2 -g 10");
    stream_open(&f.stream, f.path, 0);
    f.par.mfx.CodecId = MFX_CODEC_AVC;
    assert_true(decode_header(f.session, &f.stream, &f.par));
    f.par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    f.par.AsyncDepth = 2;
    decode_and_compare(&f, &video);
    runtime_close(&f.runtime);
    stream_close(&f.stream);
    free(f.path);
    vfa_allocator_destroy(&frames);
}

/* --- Somebody else's interface */

struct foreign {
    mfxFrameSurface1 surface;
    mfxFrameSurfaceInterface face;
    uint8_t *pixels;
    atomic_int references, maps, completions, wrong;
    atomic_bool map_fails;
};

/* The runtime may hand in a copy of the surface: the interface tells whose it is. */
static struct foreign *foreign_of(mfxFrameSurface1 *surface)
{
    return (struct foreign *)((uint8_t *)surface->FrameInterface - offsetof(struct foreign, face));
}

static mfxStatus MFX_CDECL foreign_add_ref(mfxFrameSurface1 *surface)
{
    atomic_fetch_add(&foreign_of(surface)->references, 1);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL foreign_release(mfxFrameSurface1 *surface)
{
    atomic_fetch_sub(&foreign_of(surface)->references, 1);
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL foreign_map(mfxFrameSurface1 *surface, mfxU32 flags)
{
    struct foreign *f = foreign_of(surface);

    if (atomic_load(&f->map_fails))
        return MFX_ERR_LOCK_MEMORY;
    if (atomic_load(&f->references) < 2 || !(flags & MFX_MAP_READ_WRITE))
        atomic_fetch_add(&f->wrong, 1); /* the runtime's own reference comes first */
    if ((flags & MFX_MAP_WRITE) && surface_locked(&f->surface))
        atomic_fetch_add(&f->wrong, 1);
    atomic_fetch_add(&f->maps, 1);
    surface->Data.PitchLow = surface->Info.Width;
    surface->Data.Y = f->pixels;
    surface->Data.UV = f->pixels + (size_t)surface->Info.Width * surface->Info.Height;
    return MFX_ERR_NONE;
}

static mfxStatus MFX_CDECL foreign_unmap(mfxFrameSurface1 *surface)
{
    struct foreign *f = foreign_of(surface);

    atomic_fetch_sub(&f->maps, 1);
    surface->Data.Y = surface->Data.UV = NULL;
    surface->Data.PitchLow = 0;
    return MFX_ERR_NONE;
}

static struct foreign *completed; /* OnComplete says nothing of its surface */

static void MFX_CDECL foreign_on_complete(mfxStatus status)
{
    atomic_fetch_add(&completed->completions, status == MFX_ERR_NONE ? 1 : 100);
}

static void foreign_open(struct foreign *f, const mfxFrameInfo *info, uint8_t fill)
{
    size_t bytes = (size_t)info->Width * info->Height * 3 / 2;

    memset(f, 0, sizeof(*f));
    f->pixels = malloc(bytes);
    assert_non_null(f->pixels);
    memset(f->pixels, fill, bytes);
    f->references = 1;
    f->surface.Version.Version = MFX_FRAMESURFACE1_VERSION;
    f->surface.Info = *info;
    f->surface.FrameInterface = &f->face;
    f->face.Context = (mfxHDL)(uintptr_t)1; /* not for the runtime to look at */
    f->face.Version.Version = MFX_FRAMESURFACEINTERFACE_VERSION;
    f->face.AddRef = foreign_add_ref;
    f->face.Release = foreign_release;
    f->face.Map = foreign_map;
    f->face.Unmap = foreign_unmap;
}

static void assert_only_the_test_holds(struct foreign *f)
{
    assert_int_equal(atomic_load(&f->references), 1);
    assert_int_equal(atomic_load(&f->maps), 0);
    assert_int_equal(atomic_load(&f->wrong), 0);
    assert_int_equal(surface_locked(&f->surface), 0);
    assert_null(f->surface.Data.Y);
}

static void a_foreign_interface_is_used_for_what_it_is(void **state)
{
    struct runtime runtime;
    struct foreign in, out;
    mfxVideoParam par;
    mfxSyncPoint sync;

    (void)state;
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    foreign_open(&in, &par.vpp.In, 90);
    foreign_open(&out, &par.vpp.Out, 0);
    out.face.OnComplete = foreign_on_complete;
    completed = &out;
    runtime_open(&runtime);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, &in.surface, &out.surface, NULL, &sync),
                     MFX_ERR_NONE);
    sync_ok(runtime.session, sync);
    assert_memory_equal(out.pixels, in.pixels, WIDTH * HEIGHT * 3 / 2);
    assert_int_equal(atomic_load(&out.completions), 1);
    assert_only_the_test_holds(&in);
    assert_only_the_test_holds(&out);
    runtime_close(&runtime);
    free(in.pixels);
    free(out.pixels);
}

static void what_cannot_be_mapped_is_refused(void **state)
{
    struct runtime runtime;
    struct foreign in, out;
    mfxVideoParam par;
    mfxSyncPoint sync;

    (void)state;
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    foreign_open(&in, &par.vpp.In, 90);
    foreign_open(&out, &par.vpp.Out, 0);
    runtime_open(&runtime);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    out.map_fails = true; /* an output: at once */
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, &in.surface, &out.surface, NULL, &sync),
                     MFX_ERR_LOCK_MEMORY);
    assert_only_the_test_holds(&in);
    assert_only_the_test_holds(&out);
    out.map_fails = false;
    in.map_fails = true; /* an input: the operation fails */
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, &in.surface, &out.surface, NULL, &sync),
                     MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SyncOperation(runtime.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_only_the_test_holds(&in);
    assert_only_the_test_holds(&out);
    out.face.Unmap = NULL;
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(runtime.session, &in.surface, &out.surface, NULL, &sync),
                     MFX_ERR_NULL_PTR);
    assert_only_the_test_holds(&out);
    runtime_close(&runtime);
    free(in.pixels);
    free(out.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vpp_makes_the_same_through_interfaces),
        cmocka_unit_test(a_decoder_writes_through_interfaces),
        cmocka_unit_test(a_decoder_of_video_memory_keeps_by_reference),
        cmocka_unit_test(a_foreign_interface_is_used_for_what_it_is),
        cmocka_unit_test(what_cannot_be_mapped_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
