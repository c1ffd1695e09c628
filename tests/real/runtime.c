/* A session on this project's allocator, and frames for it. */
#include "runtime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

static const char *wanted_name;
static int wanted_major;

bool runtime_arguments(int argc, char **argv)
{
    if (argc != 3)
        return false;
    wanted_name = argv[1];
    wanted_major = atoi(argv[2]);
    return true;
}

bool runtime_is_old(void)
{
    return wanted_major == 1;
}

static void want(mfxLoader loader, const char *property, mfxVariant value)
{
    mfxConfig config = MFXCreateConfig(loader);
    assert_non_null(config);
    assert_int_equal(MFXSetConfigFilterProperty(config, (const mfxU8 *)property, value), MFX_ERR_NONE);
}

int runtime_group_open(void **state)
{
    static struct runtime r;
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_error error;
    config.device = getenv("VFA_TEST_NODE");
    if (vfa_va_create(&r.va, &config, &error) != MFX_ERR_NONE)
        fail_msg("%s", error.text);
    r.loader = MFXLoad();
    assert_non_null(r.loader);
    want(r.loader, "mfxImplDescription.Impl",
         (mfxVariant){.Type = MFX_VARIANT_TYPE_U32, .Data.U32 = MFX_IMPL_TYPE_HARDWARE});
    want(r.loader, "mfxImplDescription.ImplName",
         (mfxVariant){.Type = MFX_VARIANT_TYPE_PTR, .Data.Ptr = (mfxHDL)(uintptr_t)wanted_name});
    *state = &r;
    return 0;
}

int runtime_group_close(void **state)
{
    struct runtime *r = *state;
    MFXUnload(r->loader);
    vfa_va_destroy(&r->va);
    return 0;
}

struct vfa_session_device runtime_device(const struct runtime *runtime)
{
    return (struct vfa_session_device){MFX_HANDLE_VA_DISPLAY, vfa_va_display(runtime->va)};
}

/* The dispatcher unloads the runtime; checkers tell whose a leak is only of what is still loaded. */
static void keep_loaded(void)
{
    const char *name = runtime_is_old() ? "libmfxhw64.so.1" : "libmfx-gen.so.1.2";
    void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    assert_non_null(library);
    assert_int_equal(dlclose(library), 0);
}

mfxSession runtime_session(struct runtime *runtime, bool attached)
{
    mfxSession session;
    mfxVersion version;
    assert_int_equal(MFXCreateSession(runtime->loader, 0, &session), MFX_ERR_NONE);
    assert_int_equal(MFXQueryVersion(session, &version), MFX_ERR_NONE);
    assert_int_equal(version.Major, wanted_major);
    if (!attached)
        return session;
    struct vfa_session_device device = runtime_device(runtime);
    assert_int_equal(MFXVideoCORE_SetHandle(session, device.type, device.handle), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(session, &runtime->recorder.runtime.mfx), MFX_ERR_NONE);
    return session;
}

void runtime_renew(struct runtime *runtime)
{
    assert_int_equal(MFXClose(runtime->session), MFX_ERR_NONE);
    runtime->session = runtime_session(runtime, true);
}

int runtime_open(void **state)
{
    struct runtime *r = *state;
    struct vfa_allocator_config config = vfa_allocator_config_defaults();
    struct vfa_backend backends[2];
    config.log = test_log_sink(&r->log, VFA_LOG_WARNING);
    config.backend = backends;
    config.backend_count = 2;
    assert_int_equal(vfa_va_backend(r->va, &backends[0]), MFX_ERR_NONE);
    assert_int_equal(vfa_backend_system(NULL, &backends[1]), MFX_ERR_NONE);
    assert_int_equal(vfa_allocator_create(&r->frames, &config), MFX_ERR_NONE);
    recorder_init(&r->recorder, vfa_allocator_mfx(r->frames));
    r->mfx = &r->recorder.application.mfx;
    r->session = runtime_session(r, true);
    keep_loaded();
    return 0;
}

/* What should be nothing at a test's end. */
struct remains {
    struct vfa_stats frames;
    char report[2048];
    struct vfa_va_stats va;
    bool answered, balanced;
    mfxStatus closed;
};

static struct remains take_remains(struct runtime *r)
{
    struct remains left = {.closed = r->session ? MFXClose(r->session) : MFX_ERR_NONE};
    left.frames = runtime_stats(r);
    vfa_allocator_report(r->frames, left.report, sizeof left.report);
    assert_int_equal(vfa_va_stats(r->va, &left.va), MFX_ERR_NONE);
    left.answered = recorder_succeeded(&r->recorder);
    left.balanced = recorder_balanced(&r->recorder);
    return left;
}

/* Ends all before it judges, so that the next test begins anew. */
int runtime_close(void **state)
{
    struct runtime *r = *state;
    const struct remains left = take_remains(r);
    recorder_finish(&r->recorder);
    vfa_allocator_destroy(&r->frames);
    assert_string_equal(left.report, "");
    assert_int_equal(left.frames.responses_live + left.frames.frames_live, 0);
    assert_int_equal(left.frames.frames_locked + left.frames.frames_retired, 0);
    assert_int_equal(left.va.surfaces + left.va.images + left.va.buffers, 0);
    assert_int_equal(left.va.mappings + left.va.fds, 0);
    assert_int_equal(left.va.driver_errors, 0);
    assert_int_equal(left.closed, MFX_ERR_NONE);
    assert_true(left.answered);
    assert_true(left.balanced);
    assert_string_equal(r->log.text, "");
    return 0;
}

struct vfa_stats runtime_stats(const struct runtime *runtime)
{
    struct vfa_stats stats;
    assert_int_equal(vfa_allocator_stats(runtime->frames, &stats), MFX_ERR_NONE);
    return stats;
}

mfxStatus runtime_sync(mfxSession session, mfxSyncPoint sync)
{
    mfxStatus status = MFXVideoCORE_SyncOperation(session, sync, RUNTIME_PATIENCE_MS);
    assert_int_not_equal(status, MFX_WRN_IN_EXECUTION);
    return status;
}

void runtime_pause(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void alloc(struct frames *f, struct runtime *runtime, const mfxFrameAllocRequest *request)
{
    mfxFrameAllocRequest copy = *request;
    f->runtime = runtime;
    memset(&f->response, 0, sizeof f->response);
    assert_int_equal(runtime->mfx->Alloc(runtime->mfx->pthis, &copy, &f->response), MFX_ERR_NONE);
    assert_in_range(f->response.NumFrameActual, request->NumFrameSuggested,
                    sizeof f->surface / sizeof *f->surface);
    assert_int_equal(vfa_surfaces_fill(runtime->mfx, &f->response, &request->Info, f->mode, f->surface,
                                       f->response.NumFrameActual),
                     MFX_ERR_NONE);
}

void frames_alloc(struct frames *frames, struct runtime *runtime, const mfxFrameAllocRequest *request)
{
    frames->mode = VFA_SURFACE_MEMID;
    alloc(frames, runtime, request);
}

void frames_alloc_pointers(struct frames *frames, struct runtime *runtime,
                           const mfxFrameAllocRequest *request)
{
    frames->mode = VFA_SURFACE_POINTERS;
    alloc(frames, runtime, request);
}

void frames_free(struct frames *frames)
{
    mfxFrameAllocator *mfx = frames->runtime->mfx;
    mfxU16 count = frames->response.NumFrameActual;
    assert_int_equal(vfa_surfaces_clear(mfx, frames->mode, frames->surface, count), MFX_ERR_NONE);
    frames_drop(frames);
}

void frames_drop(struct frames *frames)
{
    mfxFrameAllocator *mfx = frames->runtime->mfx;
    assert_int_equal(mfx->Free(mfx->pthis, &frames->response), MFX_ERR_NONE);
    memset(&frames->response, 0, sizeof frames->response);
}

mfxFrameSurface1 *frames_next(struct frames *frames)
{
    for (unsigned waited = 0; waited < RUNTIME_PATIENCE_MS; waited++) {
        for (mfxU16 i = 0; i < frames->response.NumFrameActual; i++)
            if (__atomic_load_n(&frames->surface[i].Data.Locked, __ATOMIC_ACQUIRE) == 0)
                return &frames->surface[i];
        runtime_pause();
    }
    fail_msg("all %u surfaces stay Locked", frames->response.NumFrameActual);
    return NULL;
}

bool frames_has(const struct frames *frames, mfxMemId mid)
{
    for (mfxU16 i = 0; i < frames->response.NumFrameActual; i++)
        if (frames->response.mids[i] == mid)
            return true;
    return false;
}

mfxFrameInfo nv12_info(mfxU16 width, mfxU16 height)
{
    return (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12,
                          .ChromaFormat = MFX_CHROMAFORMAT_YUV420,
                          .BitDepthLuma = 8,
                          .BitDepthChroma = 8,
                          .Width = width,
                          .Height = height,
                          .CropW = width,
                          .CropH = height,
                          .FrameRateExtN = 30,
                          .FrameRateExtD = 1,
                          .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};
}
