/* The runtime as the dispatcher sees it, and sessions: versions, handles, allocators, joining, closing. */
#include "frames.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <vpl/mfximplcaps.h>
#include <vpl/mfxvp8.h>

static mfxStatus MFX_CDECL never_alloc(mfxHDL pthis, mfxFrameAllocRequest *request,
                                       mfxFrameAllocResponse *response)
{
    (void)pthis;
    (void)request;
    (void)response;
    return MFX_ERR_UNSUPPORTED;
}

static mfxStatus MFX_CDECL never_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    (void)pthis;
    (void)mid;
    (void)data;
    return MFX_ERR_LOCK_MEMORY;
}

static mfxStatus MFX_CDECL never_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    (void)pthis;
    (void)mid;
    (void)handle;
    return MFX_ERR_UNSUPPORTED;
}

static mfxStatus MFX_CDECL never_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    (void)pthis;
    (void)response;
    return MFX_ERR_NONE;
}

static const mfxFrameAllocator some_allocator = {.Alloc = never_alloc,
                                                 .Lock = never_lock,
                                                 .Unlock = never_lock,
                                                 .GetHDL = never_handle,
                                                 .Free = never_free};

static int open_both(void **state)
{
    struct runtime *runtime = calloc(1, sizeof(*runtime));

    assert_non_null(runtime);
    runtime_open(runtime);
    *state = runtime;
    return 0;
}

static int close_both(void **state)
{
    runtime_close(*state);
    free(*state);
    return 0;
}

static const struct decoder *find_decoder(const mfxImplDescription *desc, mfxU32 codec)
{
    for (mfxU16 i = 0; i < desc->Dec.NumCodecs; i++)
        if (desc->Dec.Codecs[i].CodecID == codec)
            return &desc->Dec.Codecs[i];
    fail_msg("no decoder 0x%x", codec);
    return NULL;
}

static void the_description_says_what_there_is(void **state)
{
    static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_MPEG2, MFX_CODEC_JPEG,
                                    MFX_CODEC_VP8, MFX_CODEC_VP9,  MFX_CODEC_AV1};
    struct runtime *runtime = *state;
    mfxImplDescription *desc = NULL;

    assert_int_equal(
        MFXEnumImplementations(runtime->loader, 0, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&desc),
        MFX_ERR_NONE);
    assert_string_equal(desc->ImplName, "vfa-softrt");
    assert_int_equal(desc->Impl, MFX_IMPL_TYPE_SOFTWARE);
    assert_int_equal(desc->AccelerationMode, MFX_ACCEL_MODE_NA);
    assert_int_equal(desc->ApiVersion.Major, 2);
    assert_int_equal(desc->ApiVersion.Minor, 8);
    assert_int_equal(desc->PoolPolicies.NumPoolPolicies, 3);
    assert_int_equal(desc->PoolPolicies.Policy[0], MFX_ALLOCATION_OPTIMAL);
    assert_int_equal(desc->PoolPolicies.Policy[2], MFX_ALLOCATION_LIMITED);
    assert_int_equal(desc->Dec.NumCodecs, 7);
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        const struct decoder *decoder = find_decoder(desc, codecs[i]);

        assert_true(decoder->NumProfiles > 0);
        for (mfxU16 p = 0; p < decoder->NumProfiles; p++) {
            const struct decmemdesc *memory = decoder->Profiles[p].MemDesc;

            assert_int_equal(decoder->Profiles[p].NumMemTypes, 2);
            assert_int_equal(memory[0].MemHandleType, MFX_RESOURCE_SYSTEM_SURFACE);
            assert_int_equal(memory[1].MemHandleType, MFX_RESOURCE_VA_SURFACE);
            assert_true(memory[0].NumColorFormats >= 2);
            assert_int_equal(memory[1].NumColorFormats, memory[0].NumColorFormats);
        }
    }
    assert_int_equal(desc->Enc.Codecs[0].Profiles[0].NumMemTypes, 2);
    assert_int_equal(desc->Enc.Codecs[0].Profiles[0].MemDesc[1].MemHandleType, MFX_RESOURCE_VA_SURFACE);
    assert_int_equal(desc->VPP.Filters[0].NumMemTypes, 2);
    assert_int_equal(desc->VPP.Filters[0].MemDesc[1].MemHandleType, MFX_RESOURCE_VA_SURFACE);
    assert_int_equal(MFXDispReleaseImplDescription(runtime->loader, desc), MFX_ERR_NONE);
    assert_int_equal(
        MFXEnumImplementations(runtime->loader, 1, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&desc),
        MFX_ERR_NOT_FOUND);
}

static void the_path_is_that_of_the_library(void **state)
{
    struct runtime *runtime = *state;
    mfxHDL path = NULL;

    assert_int_equal(MFXEnumImplementations(runtime->loader, 0, MFX_IMPLCAPS_IMPLPATH, &path), MFX_ERR_NONE);
    assert_string_equal(path, getenv("SOFTRT_LIBRARY"));
    assert_int_equal(MFXDispReleaseImplDescription(runtime->loader, path), MFX_ERR_NONE);
}

static void every_function_listed_is_exported(void **state)
{
    struct runtime *runtime = *state;
    void *library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    mfxImplementedFunctions *list = NULL;

    assert_non_null(library);
    assert_int_equal(
        MFXEnumImplementations(runtime->loader, 0, MFX_IMPLCAPS_IMPLEMENTEDFUNCTIONS, (mfxHDL *)&list),
        MFX_ERR_NONE);
    assert_true(list->NumFunctions > 30);
    for (mfxU16 i = 0; i < list->NumFunctions; i++)
        assert_non_null(dlsym(library, list->FunctionsName[i]));
    assert_int_equal(MFXDispReleaseImplDescription(runtime->loader, list), MFX_ERR_NONE);
    dlclose(library);
}

static void other_descriptions_do_not_exist(void **state)
{
    void *library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    mfxHDL *(*query)(mfxImplCapsDeliveryFormat, mfxU32 *);
    mfxStatus (*release)(mfxHDL);
    mfxU32 count = 77;
    int foreign;

    (void)state;
    assert_non_null(library);
    *(void **)&query = dlsym(library, "MFXQueryImplsDescription");
    *(void **)&release = dlsym(library, "MFXReleaseImplDescription");
    assert_null(query((mfxImplCapsDeliveryFormat)99, &count));
    assert_int_equal(count, 0);
    assert_null(query(MFX_IMPLCAPS_IMPLDESCSTRUCTURE, NULL));
    assert_int_equal(release(NULL), MFX_ERR_NONE);
    assert_int_equal(release(&foreign), MFX_ERR_INVALID_HANDLE);
    dlclose(library);
}

static void a_session_knows_itself(void **state)
{
    struct runtime *runtime = *state;
    mfxVersion version = {0};
    mfxPlatform platform;
    mfxIMPL impl = 0;

    assert_int_equal(MFXQueryVersion(runtime->session, &version), MFX_ERR_NONE);
    assert_int_equal(version.Major, 2);
    assert_int_equal(version.Minor, 8);
    assert_int_equal(MFXQueryIMPL(runtime->session, &impl), MFX_ERR_NONE);
    assert_int_equal(MFX_IMPL_BASETYPE(impl), MFX_IMPL_SOFTWARE);
    assert_int_equal(MFXVideoCORE_QueryPlatform(runtime->session, &platform), MFX_ERR_NONE);
    assert_int_equal(platform.CodeName, MFX_PLATFORM_UNKNOWN);
    assert_int_equal(MFXVideoCORE_QueryPlatform(runtime->session, NULL), MFX_ERR_NULL_PTR);
}

static void an_allocator_is_set_once_and_whole(void **state)
{
    struct runtime *runtime = *state;
    mfxFrameAllocator allocator = some_allocator;

    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, NULL), MFX_ERR_NULL_PTR);
    allocator.Unlock = NULL;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, &allocator), MFX_ERR_INVALID_HANDLE);
    allocator = some_allocator;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, &allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, &allocator),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
}

static void a_handle_is_set_once_and_given_back(void **state)
{
    struct runtime *runtime = *state;
    int display;
    mfxHDL got = NULL;

    assert_int_equal(MFXVideoCORE_GetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, &got),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, NULL),
                     MFX_ERR_INVALID_HANDLE);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, MFX_HANDLE_D3D11_DEVICE, &display),
                     MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, (mfxHandleType)12345, &display),
                     MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, &display), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, &display),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoCORE_GetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoCORE_GetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, &got), MFX_ERR_NONE);
    assert_ptr_equal(got, &display);
}

static void priority_is_kept(void **state)
{
    struct runtime *runtime = *state;
    mfxPriority priority;

    assert_int_equal(MFXGetPriority(runtime->session, &priority), MFX_ERR_NONE);
    assert_int_equal(priority, MFX_PRIORITY_NORMAL);
    assert_int_equal(MFXSetPriority(runtime->session, MFX_PRIORITY_HIGH), MFX_ERR_NONE);
    assert_int_equal(MFXGetPriority(runtime->session, &priority), MFX_ERR_NONE);
    assert_int_equal(priority, MFX_PRIORITY_HIGH);
    assert_int_equal(MFXSetPriority(runtime->session, (mfxPriority)9), MFX_ERR_UNSUPPORTED);
}

static void sync_points_never_given_out_are_invalid(void **state)
{
    struct runtime *runtime = *state;

    assert_int_equal(MFXVideoCORE_SyncOperation(runtime->session, NULL, 0), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoCORE_SyncOperation(runtime->session, (mfxSyncPoint)(uintptr_t)1, 0),
                     MFX_ERR_INVALID_HANDLE);
    assert_int_equal(MFXVideoCORE_SyncOperation(runtime->session, (mfxSyncPoint)state, 1000),
                     MFX_ERR_INVALID_HANDLE);
}

static void joining_makes_a_parent_that_must_outlive_its_children(void **state)
{
    struct runtime *runtime = *state;
    mfxSession child = runtime_session(runtime);
    mfxSession third = runtime_session(runtime);

    assert_int_equal(MFXDisjoinSession(child), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXJoinSession(runtime->session, runtime->session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXJoinSession(runtime->session, child), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(runtime->session, child), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXJoinSession(third, runtime->session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXJoinSession(child, runtime->session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXDisjoinSession(runtime->session), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXClose(runtime->session), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXDisjoinSession(child), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(child, third), MFX_ERR_NONE);
    assert_int_equal(MFXClose(third), MFX_ERR_NONE);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
}

static void joined_sessions_keep_their_own_allocators(void **state)
{
    struct runtime *runtime = *state;
    mfxSession child = runtime_session(runtime);
    mfxFrameAllocator allocator = some_allocator;

    assert_int_equal(MFXJoinSession(runtime->session, child), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, &allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(child, &allocator), MFX_ERR_NONE);
    assert_int_equal(MFXClose(child), MFX_ERR_NONE);
}

static void a_clone_inherits_nothing(void **state)
{
    struct runtime *runtime = *state;
    mfxFrameAllocator allocator = some_allocator;
    mfxSession clone = NULL;
    mfxHDL handle = NULL;
    int display;

    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime->session, &allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime->session, MFX_HANDLE_VA_DISPLAY, &display), MFX_ERR_NONE);
    assert_int_equal(MFXCloneSession(runtime->session, &clone), MFX_ERR_NONE);
    assert_non_null(clone);
    assert_int_equal(MFXVideoCORE_GetHandle(clone, MFX_HANDLE_VA_DISPLAY, &handle),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(clone, &allocator), MFX_ERR_NONE);
    assert_int_equal(MFXClose(clone), MFX_ERR_NONE);
}

static void surfaces_of_the_runtimes_own_need_a_component(void **state)
{
    struct runtime *runtime = *state;
    mfxFrameSurface1 *surface = (mfxFrameSurface1 *)state;

    assert_int_equal(MFXMemory_GetSurfaceForDecode(runtime->session, &surface), MFX_ERR_NOT_INITIALIZED);
    assert_null(surface);
    assert_int_equal(MFXMemory_GetSurfaceForVPP(runtime->session, &surface), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXMemory_GetSurfaceForVPPOut(runtime->session, &surface), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXMemory_GetSurfaceForEncode(runtime->session, &surface), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXMemory_GetSurfaceForDecode(runtime->session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_VPP_Close(runtime->session), MFX_ERR_NOT_INITIALIZED);
}

static void the_old_ways_in_work_too(void **state)
{
    void *library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    mfxStatus (*init)(mfxIMPL, mfxVersion *, mfxSession *);
    mfxStatus (*initialize)(mfxInitializationParam, mfxSession *);
    mfxStatus (*close_session)(mfxSession);
    mfxInitializationParam par = {.AccelerationMode = MFX_ACCEL_MODE_VIA_VAAPI};
    mfxVersion old = {{.Major = 1, .Minor = 35}};
    mfxVersion future = {{.Major = 2, .Minor = 99}};
    mfxSession session = NULL;

    (void)state;
    assert_non_null(library);
    *(void **)&init = dlsym(library, "MFXInit");
    *(void **)&initialize = dlsym(library, "MFXInitialize");
    *(void **)&close_session = dlsym(library, "MFXClose");
    assert_int_equal(init(MFX_IMPL_SOFTWARE, &old, &session), MFX_ERR_NONE);
    assert_int_equal(close_session(session), MFX_ERR_NONE);
    assert_int_equal(init(MFX_IMPL_AUTO, NULL, &session), MFX_ERR_NONE);
    assert_int_equal(close_session(session), MFX_ERR_NONE);
    for (mfxIMPL impl = MFX_IMPL_HARDWARE; impl <= MFX_IMPL_HARDWARE4; impl++)
        if (impl != MFX_IMPL_AUTO_ANY)
            assert_int_equal(init(impl, NULL, &session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(init(MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI, &old, &session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(init(MFX_IMPL_SOFTWARE, &future, &session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(init(MFX_IMPL_SOFTWARE, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(initialize(par, &session), MFX_ERR_UNSUPPORTED);
    assert_null(session);
    dlclose(library);
}

static void nothing_runs_after_unload(void **state)
{
    struct runtime runtimes[3];
    int before = count_threads();

    (void)state;
    for (size_t i = 0; i < 3; i++)
        runtime_open(&runtimes[i]);
    for (size_t i = 0; i < 3; i++)
        runtime_close(&runtimes[i]);
    assert_int_equal(count_threads(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_description_says_what_there_is, open_both, close_both),
        cmocka_unit_test_setup_teardown(the_path_is_that_of_the_library, open_both, close_both),
        cmocka_unit_test_setup_teardown(every_function_listed_is_exported, open_both, close_both),
        cmocka_unit_test(other_descriptions_do_not_exist),
        cmocka_unit_test_setup_teardown(a_session_knows_itself, open_both, close_both),
        cmocka_unit_test_setup_teardown(an_allocator_is_set_once_and_whole, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_handle_is_set_once_and_given_back, open_both, close_both),
        cmocka_unit_test_setup_teardown(priority_is_kept, open_both, close_both),
        cmocka_unit_test_setup_teardown(sync_points_never_given_out_are_invalid, open_both, close_both),
        cmocka_unit_test_setup_teardown(joining_makes_a_parent_that_must_outlive_its_children, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(joined_sessions_keep_their_own_allocators, open_both, close_both),
        cmocka_unit_test_setup_teardown(a_clone_inherits_nothing, open_both, close_both),
        cmocka_unit_test_setup_teardown(surfaces_of_the_runtimes_own_need_a_component, open_both, close_both),
        cmocka_unit_test(the_old_ways_in_work_too),
        cmocka_unit_test(nothing_runs_after_unload),
    };

    return cmocka_run_group_tests_name("softrt sessions", tests, NULL, NULL);
}
