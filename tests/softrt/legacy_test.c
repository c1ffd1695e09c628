/* The runtime as a client of API 1.x meets it: compiled with that API's headers, loaded by its dispatcher
 * (libmfx), by the names that it opens. */
#include "clips.h"

#include <mfxvideo.h>

#include <mfxenc.h>
#include <mfxpak.h>
#include <mfxplugin.h>
#include <stdlib.h>
#include <string.h>

#define CLIP \
    "-f lavfi -i testsrc2=size=176x100:rate=25 -frames:v 12 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 12"

enum {
    WIDTH = 176,
    HEIGHT = 112, /* 100 in macroblocks */
    CROP_HEIGHT = 100,
    FRAMES = 12,
    SURFACES = 10,
    PICTURE = WIDTH * CROP_HEIGHT * 3 / 2
};

static mfxSession open_session(void)
{
    mfxVersion version = {{.Major = 1, .Minor = 1}};
    mfxSession session = NULL;

    assert_int_equal(MFXInit(MFX_IMPL_SOFTWARE, &version, &session), MFX_ERR_NONE);
    assert_non_null(session);
    return session;
}

static void the_old_dispatcher_loads_it(void **state)
{
    static const mfxIMPL served[] = {MFX_IMPL_SOFTWARE, MFX_IMPL_AUTO, MFX_IMPL_AUTO_ANY,
                                     MFX_IMPL_SOFTWARE | MFX_IMPL_VIA_VAAPI};
    static const mfxU16 minors[] = {0, 1, 19, 35};

    (void)state;
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
        for (size_t m = 0; m < sizeof(minors) / sizeof(minors[0]); m++) {
            mfxInitParam par = {.Implementation = served[i], .Version = {{.Major = 1, .Minor = minors[m]}}};
            mfxVersion version = {{0, 0}};
            mfxSession session = NULL;
            mfxIMPL impl = 0;

            assert_int_equal(MFXInitEx(par, &session), MFX_ERR_NONE);
            assert_int_equal(MFXQueryIMPL(session, &impl), MFX_ERR_NONE);
            assert_int_equal(impl, MFX_IMPL_SOFTWARE);
            assert_int_equal(MFXQueryVersion(session, &version), MFX_ERR_NONE);
            assert_int_equal(version.Major, 1);
            assert_int_equal(version.Minor, 35);
            assert_int_equal(MFXClose(session), MFX_ERR_NONE);
        }
}

static void newer_versions_and_foreign_threads_are_refused(void **state)
{
    mfxInitParam par = {.Implementation = MFX_IMPL_SOFTWARE, .Version = {{.Major = 1, .Minor = 36}}};
    mfxSession session = NULL;

    (void)state;
    assert_int_equal(MFXInitEx(par, &session), MFX_ERR_UNSUPPORTED);
    par.Version.Minor = 35;
    par.ExternalThreads = 1;
    assert_int_equal(MFXInitEx(par, &session), MFX_ERR_UNSUPPORTED);
    assert_null(session);
}

static void what_later_versions_dropped_says_so(void **state)
{
    mfxSession session = open_session();
    mfxVideoParam par;
    mfxFrameAllocRequest request[2];
    mfxPlugin plugin;
    mfxHDL tasks[1] = {NULL};
    mfxSyncPoint sync = NULL;
    mfxBufferAllocator buffers;

    (void)state;
    memset(&par, 0, sizeof(par));
    memset(&plugin, 0, sizeof(plugin));
    memset(&buffers, 0, sizeof(buffers));
    assert_int_equal(MFXVideoUSER_Register(session, 0, &plugin), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoUSER_Unregister(session, 0), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoUSER_GetPlugin(session, 0, &plugin), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoUSER_ProcessFrameAsync(session, tasks, 1, tasks, 1, &sync), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_QueryIOSurf(session, &par, request), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_Init(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_Reset(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_GetVideoParam(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_ProcessFrameAsync(session, NULL, NULL, &sync), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoENC_Close(session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_QueryIOSurf(session, &par, request), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_Init(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_Reset(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_GetVideoParam(session, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_ProcessFrameAsync(session, NULL, NULL, &sync), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoPAK_Close(session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXDoWork(session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoCORE_SetBufferAllocator(session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoCORE_SetBufferAllocator(session, &buffers), MFX_ERR_NONE);
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
}

/* A parent is not closed before its children here: this dispatcher forgets the session all the same. */
static void sessions_join_and_are_cloned(void **state)
{
    mfxSession parent = open_session();
    mfxSession child = open_session();
    mfxSession clone = NULL;
    mfxPriority priority = MFX_PRIORITY_LOW;

    (void)state;
    assert_int_equal(MFXJoinSession(parent, child), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(parent, child), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXDisjoinSession(child), MFX_ERR_NONE);
    assert_int_equal(MFXDisjoinSession(child), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
    assert_int_equal(MFXCloneSession(parent, &clone), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(parent, clone), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXSetPriority(clone, MFX_PRIORITY_HIGH), MFX_ERR_NONE);
    assert_int_equal(MFXGetPriority(parent, &priority), MFX_ERR_NONE);
    assert_int_equal(priority, MFX_PRIORITY_NORMAL);
    assert_int_equal(MFXClose(clone), MFX_ERR_NONE);
    assert_int_equal(MFXClose(parent), MFX_ERR_NONE);
}

/* Surfaces of system memory by their pointers. */
struct surfaces {
    mfxFrameSurface1 surface[SURFACES];
    uint8_t *bytes[SURFACES];
    bool taken[SURFACES];
};

static void make_surfaces(struct surfaces *s, const mfxFrameInfo *info)
{
    memset(s, 0, sizeof(*s));
    for (size_t i = 0; i < SURFACES; i++) {
        mfxFrameData *data = &s->surface[i].Data;

        s->bytes[i] = calloc(1, WIDTH * HEIGHT * 3 / 2);
        assert_non_null(s->bytes[i]);
        s->surface[i].Info = *info;
        data->Y = s->bytes[i];
        data->UV = s->bytes[i] + WIDTH * HEIGHT;
        data->Pitch = WIDTH;
    }
}

static void end_surfaces(struct surfaces *s)
{
    for (size_t i = 0; i < SURFACES; i++) {
        assert_int_equal(__atomic_load_n(&s->surface[i].Data.Locked, __ATOMIC_ACQUIRE), 0);
        free(s->bytes[i]);
    }
}

static mfxFrameSurface1 *free_surface(struct surfaces *s)
{
    for (size_t i = 0; i < SURFACES; i++)
        if (!s->taken[i] && !__atomic_load_n(&s->surface[i].Data.Locked, __ATOMIC_ACQUIRE))
            return &s->surface[i];
    fail_msg("no surface is free");
    return NULL;
}

static void assert_picture(const mfxFrameSurface1 *surface, const uint8_t *want)
{
    const mfxFrameData *data = &surface->Data;

    for (size_t row = 0; row < CROP_HEIGHT; row++)
        assert_memory_equal(data->Y + row * data->Pitch, want + row * WIDTH, WIDTH);
    for (size_t row = 0; row < CROP_HEIGHT / 2; row++)
        assert_memory_equal(data->UV + row * data->Pitch, want + (CROP_HEIGHT + row) * WIDTH, WIDTH);
}

static void assert_header(const mfxFrameInfo *info)
{
    assert_int_equal(info->FourCC, MFX_FOURCC_NV12);
    assert_int_equal(info->ChromaFormat, MFX_CHROMAFORMAT_YUV420);
    assert_int_equal(info->Width, WIDTH);
    assert_int_equal(info->Height, HEIGHT);
    assert_int_equal(info->CropW, WIDTH);
    assert_int_equal(info->CropH, CROP_HEIGHT);
}

/* The output as RunFrameVPPAsyncEx hands it out. */
static void pass_on(mfxSession session, struct surfaces *s, mfxFrameSurface1 *in, const uint8_t *want)
{
    mfxFrameSurface1 *work = free_surface(s);
    mfxFrameSurface1 *out = NULL;
    mfxSyncPoint sync = NULL;

    assert_int_equal(MFXVideoVPP_RunFrameVPPAsyncEx(session, in, work, NULL, &sync), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoVPP_RunFrameVPPAsyncEx(session, in, work, &out, &sync), MFX_ERR_NONE);
    assert_ptr_equal(out, work);
    assert_int_equal(MFXVideoCORE_SyncOperation(session, sync, 60000), MFX_ERR_NONE);
    assert_picture(out, want);
}

static size_t decode_all(mfxSession session, mfxBitstream *bits, struct surfaces *s, const uint8_t *raw)
{
    mfxBitstream *from = bits;
    size_t frames = 0;

    for (;;) {
        mfxFrameSurface1 *work = free_surface(s), *out = NULL;
        mfxSyncPoint sync = NULL;
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(session, from, work, &out, &sync);

        if (status == MFX_ERR_MORE_DATA) {
            if (!from)
                return frames;
            from = NULL; /* drain */
        } else if (status == MFX_ERR_NONE) {
            assert_int_equal(MFXVideoCORE_SyncOperation(session, sync, 60000), MFX_ERR_NONE);
            assert_true(frames < FRAMES);
            assert_picture(out, raw + frames * PICTURE);
            s->taken[out - s->surface] = true;
            pass_on(session, s, out, raw + frames * PICTURE);
            s->taken[out - s->surface] = false;
            frames++;
        } else {
            assert_true(status == MFX_WRN_DEVICE_BUSY || status == MFX_ERR_MORE_SURFACE);
        }
    }
}

static void a_clip_is_decoded_and_processed(void **state)
{
    char *path = clip("legacy.264", CLIP);
    mfxSession session = open_session();
    mfxBitstream bits;
    mfxVideoParam par, vpp;
    struct surfaces s;
    size_t size, raw_size;
    uint8_t *data = file_read(path, &size);
    uint8_t *raw = clip_raw(path, "nv12", &raw_size);

    (void)state;
    assert_int_equal(raw_size, FRAMES * PICTURE);
    memset(&bits, 0, sizeof(bits));
    bits.Data = data;
    bits.DataLength = bits.MaxLength = (mfxU32)size;
    memset(&par, 0, sizeof(par));
    par.mfx.CodecId = MFX_CODEC_AVC;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(session, &bits, &par), MFX_ERR_NONE);
    assert_header(&par.mfx.FrameInfo);
    par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoDECODE_Init(session, &par), MFX_ERR_NONE);
    memset(&vpp, 0, sizeof(vpp));
    vpp.vpp.In = vpp.vpp.Out = par.mfx.FrameInfo;
    vpp.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoVPP_Init(session, &vpp), MFX_ERR_NONE);
    make_surfaces(&s, &par.mfx.FrameInfo);
    assert_int_equal(decode_all(session, &bits, &s, raw), FRAMES);
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
    end_surfaces(&s);
    free(raw);
    free(data);
    free(path);
}

/* Memory that API 2.x no longer knows. */
static void opaque_memory_is_refused(void **state)
{
    mfxSession session = open_session();
    mfxVideoParam par;

    (void)state;
    memset(&par, 0, sizeof(par));
    par.mfx.CodecId = MFX_CODEC_AVC;
    par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    par.mfx.FrameInfo.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
    par.mfx.FrameInfo.Width = WIDTH;
    par.mfx.FrameInfo.Height = HEIGHT;
    par.IOPattern = MFX_IOPATTERN_OUT_OPAQUE_MEMORY;
    assert_int_equal(MFXVideoDECODE_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoDECODE_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(par.IOPattern, 0);
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_dispatcher_loads_it),
        cmocka_unit_test(newer_versions_and_foreign_threads_are_refused),
        cmocka_unit_test(what_later_versions_dropped_says_so),
        cmocka_unit_test(sessions_join_and_are_cloned),
        cmocka_unit_test(a_clip_is_decoded_and_processed),
        cmocka_unit_test(opaque_memory_is_refused),
    };

    return cmocka_run_group_tests_name("softrt by API 1.x", tests, NULL, NULL);
}
