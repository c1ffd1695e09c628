/* A session through the dispatcher. */
#include "support.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void filter_u32(mfxLoader loader, const char *name, mfxU32 value)
{
    mfxConfig config = MFXCreateConfig(loader);
    mfxVariant variant = {
        .Version.Version = MFX_VARIANT_VERSION, .Type = MFX_VARIANT_TYPE_U32, .Data.U32 = value};

    assert_non_null(config);
    assert_int_equal(MFXSetConfigFilterProperty(config, (const mfxU8 *)name, variant), MFX_ERR_NONE);
}

static void filter_name(mfxLoader loader, const char *impl_name)
{
    mfxConfig config = MFXCreateConfig(loader);
    mfxVariant variant = {.Version.Version = MFX_VARIANT_VERSION, .Type = MFX_VARIANT_TYPE_PTR};

    variant.Data.Ptr = (mfxHDL)(uintptr_t)impl_name;
    assert_non_null(config);
    assert_int_equal(
        MFXSetConfigFilterProperty(config, (const mfxU8 *)"mfxImplDescription.ImplName", variant),
        MFX_ERR_NONE);
}

mfxSession runtime_session(struct runtime *runtime)
{
    mfxSession session = NULL;

    assert_int_equal(MFXCreateSession(runtime->loader, 0, &session), MFX_ERR_NONE);
    assert_non_null(session);
    return session;
}

void runtime_open(struct runtime *runtime)
{
    runtime->loader = MFXLoad();
    assert_non_null(runtime->loader);
    filter_u32(runtime->loader, "mfxImplDescription.Impl",
               getenv("SOFTRT_GUISE") ? MFX_IMPL_TYPE_HARDWARE : MFX_IMPL_TYPE_SOFTWARE);
    filter_name(runtime->loader, "vfa-softrt");
    runtime->session = runtime_session(runtime);
}

void runtime_close(struct runtime *runtime)
{
    if (runtime->session)
        assert_int_equal(MFXClose(runtime->session), MFX_ERR_NONE);
    MFXUnload(runtime->loader);
    memset(runtime, 0, sizeof(*runtime));
}

struct runtime test_runtime;

int open_runtime(void **state)
{
    (void)state;
    runtime_open(&test_runtime);
    return 0;
}

int close_runtime(void **state)
{
    (void)state;
    runtime_close(&test_runtime);
    return 0;
}

void sync_ok(mfxSession session, mfxSyncPoint sync)
{
    assert_int_equal(MFXVideoCORE_SyncOperation(session, sync, 60000), MFX_ERR_NONE);
}

int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    assert_non_null(tasks);
    for (struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks))
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

void sleep_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L};

    nanosleep(&t, NULL);
}

bool is_slow(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    const char *preload = getenv("LD_PRELOAD");
    return preload && strstr(preload, "vgpreload");
#endif
}
