/* The rules of surface_conformance.h can fail: interfaces broken in one way each are caught by the rule that
 * is about it. */
#include "../contract/pool_conformance.h"
#include "fixture.h"

#include <time.h>
#include <vpl/mfxsurfacepool.h>

enum {
    SURFACES = 2,
    TOO_LONG_MS = 1200,
};

static mfxFrameSurfaceInterface original; /* its functions; Context is each surface's own */

static void pause_too_long(void)
{
    struct timespec time = {.tv_sec = TOO_LONG_MS / 1000, .tv_nsec = TOO_LONG_MS % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static bool shows(const mfxFrameSurface1 *surface)
{
    return surface && (surface->Data.Y || surface->Data.A);
}

/* --- Broken functions */

static mfxStatus map_null(mfxFrameSurface1 *s, mfxU32 flags)
{
    return s ? original.Map(s, flags) : MFX_ERR_INVALID_HANDLE;
}

static mfxStatus add_ref_any_context(mfxFrameSurface1 *s)
{
    return s && s->FrameInterface && !s->FrameInterface->Context ? MFX_ERR_NONE : original.AddRef(s);
}

static mfxStatus add_ref_not_counted(mfxFrameSurface1 *s)
{
    mfxStatus status = original.AddRef(s);
    if (status == MFX_ERR_NONE)
        (void)original.Release(s);
    return status;
}

static mfxStatus counter_with_maps(mfxFrameSurface1 *s, mfxU32 *count)
{
    mfxStatus status = original.GetRefCounter(s, count);
    if (status == MFX_ERR_NONE && shows(s))
        ++*count;
    return status;
}

static mfxStatus release_at_any_count(mfxFrameSurface1 *s)
{
    mfxStatus status = original.Release(s);
    return status == MFX_ERR_UNDEFINED_BEHAVIOR ? MFX_ERR_NONE : status;
}

static mfxStatus add_ref_revives(mfxFrameSurface1 *s)
{
    mfxU32 count = 1;
    mfxStatus status = original.AddRef(s);
    return status == MFX_ERR_INVALID_HANDLE && original.GetRefCounter(s, &count) == MFX_ERR_NONE
               ? MFX_ERR_NONE
               : status;
}

static mfxStatus map_any_flags(mfxFrameSurface1 *s, mfxU32 flags)
{
    flags &= MFX_MAP_READ_WRITE | MFX_MAP_NOWAIT;
    return original.Map(s, flags & MFX_MAP_READ_WRITE ? flags : MFX_MAP_READ);
}

static mfxStatus map_bad_flags_lock_memory(mfxFrameSurface1 *s, mfxU32 flags)
{
    mfxStatus status = original.Map(s, flags);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_LOCK_MEMORY : status;
}

static mfxStatus unmap_undefined(mfxFrameSurface1 *s)
{
    mfxStatus status = original.Unmap(s);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_UNDEFINED_BEHAVIOR : status;
}

static mfxStatus unmap_always_hides(mfxFrameSurface1 *s)
{
    mfxStatus status = original.Unmap(s);
    if (status == MFX_ERR_NONE)
        s->Data.Y = s->Data.U = s->Data.V = s->Data.A = NULL;
    return status;
}

static mfxStatus unmap_never_hides(mfxFrameSurface1 *s)
{
    static mfxU8 stale[4];
    mfxStatus status = original.Unmap(s);
    if (status == MFX_ERR_NONE)
        s->Data.Y = stale;
    return status;
}

static mfxStatus map_writers_share(mfxFrameSurface1 *s, mfxU32 flags)
{
    mfxStatus status = original.Map(s, flags);
    return status == MFX_ERR_LOCK_MEMORY && shows(s) ? MFX_ERR_NONE : status;
}

static mfxStatus map_writer_waits(mfxFrameSurface1 *s, mfxU32 flags)
{
    mfxStatus status = original.Map(s, flags);
    if (status == MFX_ERR_LOCK_MEMORY)
        pause_too_long();
    return status;
}

static mfxStatus map_whatever_locked(mfxFrameSurface1 *s, mfxU32 flags)
{
    if (!s || !(flags & MFX_MAP_WRITE))
        return original.Map(s, flags);
    mfxU16 locked = __atomic_exchange_n(&s->Data.Locked, 0, __ATOMIC_ACQUIRE);
    mfxStatus status = original.Map(s, flags);
    __atomic_store_n(&s->Data.Locked, locked, __ATOMIC_RELEASE);
    return status;
}

static mfxStatus map_nowait_waits(mfxFrameSurface1 *s, mfxU32 flags)
{
    mfxStatus status = original.Map(s, flags);
    if ((flags & MFX_MAP_NOWAIT) && status == MFX_ERR_RESOURCE_MAPPED)
        pause_too_long();
    return status;
}

static mfxStatus map_readers_never_wait(mfxFrameSurface1 *s, mfxU32 flags)
{
    return original.Map(s, flags == MFX_MAP_READ ? flags | MFX_MAP_NOWAIT : flags);
}

static mfxStatus map_copy_shows_nothing(mfxFrameSurface1 *s, mfxU32 flags)
{
    static const mfxFrameSurface1 *first;
    mfxStatus status = original.Map(s, flags);
    if (status == MFX_ERR_NONE && flags == MFX_MAP_READ) {
        if (first && first != s && first->FrameInterface == s->FrameInterface)
            s->Data.Y = s->Data.A = NULL;
        else
            first = s;
    }
    return status;
}

static mfxStatus unmap_loses_pixels(mfxFrameSurface1 *s)
{
    if (shows(s))
        memset(s->Data.Y, 0, s->Info.Width);
    return original.Unmap(s);
}

static mfxStatus native_handle_of_system(mfxFrameSurface1 *s, mfxHDL *handle, mfxResourceType *type)
{
    mfxStatus status = original.GetNativeHandle(s, handle, type);
    if (status != MFX_ERR_UNSUPPORTED)
        return status;
    *handle = s;
    *type = MFX_RESOURCE_SYSTEM_SURFACE;
    return MFX_ERR_NONE;
}

static mfxStatus device_handle_invalid(mfxFrameSurface1 *s, mfxHDL *handle, mfxHandleType *type)
{
    mfxStatus status = original.GetDeviceHandle(s, handle, type);
    return status == MFX_ERR_UNSUPPORTED ? MFX_ERR_INVALID_HANDLE : status;
}

static mfxStatus synchronize_never_waits(mfxFrameSurface1 *s, mfxU32 wait)
{
    mfxStatus status = original.Synchronize(s, 0);
    (void)wait;
    return status == MFX_WRN_IN_EXECUTION ? MFX_ERR_NONE : status;
}

static mfxStatus synchronize_hides_abort(mfxFrameSurface1 *s, mfxU32 wait)
{
    mfxStatus status = original.Synchronize(s, wait);
    return status == MFX_ERR_ABORTED ? MFX_ERR_NONE : status;
}

static mfxStatus query_any(mfxFrameSurface1 *s, mfxGUID guid, mfxHDL *out)
{
    mfxStatus status = original.QueryInterface(s, guid, out);
    if (status != MFX_ERR_UNSUPPORTED)
        return status;
    *out = s;
    return MFX_ERR_NONE;
}

static mfxStatus query_without_reference(mfxFrameSurface1 *s, mfxGUID guid, mfxHDL *out)
{
    mfxStatus status = original.QueryInterface(s, guid, out);
    if (status == MFX_ERR_NONE)
        (void)((mfxSurfacePoolInterface *)*out)->Release(*out);
    return status;
}

static mfxStatus add_ref_forgets_some(mfxFrameSurface1 *s)
{
    static atomic_uint calls;
    return s && atomic_fetch_add(&calls, 1) % 1000 == 999 ? MFX_ERR_NONE : original.AddRef(s);
}

static const struct mutant {
    const char *rule; /* that catches it */
    mfxFrameSurfaceInterface with;
} mutants[] = {
    {"null_arguments", {.Map = map_null}},
    {"bad_context", {.AddRef = add_ref_any_context}},
    {"counts_references", {.AddRef = add_ref_not_counted}},
    {"maps_are_no_references", {.GetRefCounter = counter_with_maps}},
    {"release_at_zero", {.Release = release_at_any_count}},
    {"stale_surface", {.AddRef = add_ref_revives}},
    {"bad_map_flags", {.Map = map_any_flags}},
    {"bad_map_flags", {.Map = map_bad_flags_lock_memory}},
    {"unmap_without_map", {.Unmap = unmap_undefined}},
    {"readers_share", {.Unmap = unmap_always_hides}},
    {"every_good_flag_maps", {.Unmap = unmap_never_hides}},
    {"a_writer_excludes_writers", {.Map = map_writers_share}},
    {"readers_exclude_writers", {.Map = map_writers_share}},
    {"a_writer_never_waits", {.Map = map_writer_waits}},
    {"no_writing_while_locked", {.Map = map_whatever_locked}},
    {"nowait_reader_does_not_wait_for_a_writer", {.Map = map_nowait_waits}},
    {"nowait_reader_does_not_wait_for_the_operation", {.Map = map_nowait_waits}},
    {"a_reader_waits_for_the_writer", {.Map = map_readers_never_wait}},
    {"the_first_reader_waits_for_the_operation", {.Map = map_readers_never_wait}},
    {"a_copy_maps_the_same_frame", {.Map = map_copy_shows_nothing}},
    {"what_was_written_is_read", {.Unmap = unmap_loses_pixels}},
    {"native_handle", {.GetNativeHandle = native_handle_of_system}},
    {"device_handle", {.GetDeviceHandle = device_handle_invalid}},
    {"synchronize_waits_as_long_as_told", {.Synchronize = synchronize_never_waits}},
    {"an_aborted_operation", {.Synchronize = synchronize_hides_abort}},
    {"unknown_interfaces", {.QueryInterface = query_any}},
    {"the_pool_counts_references", {.QueryInterface = query_without_reference}},
    {"many_threads_count", {.AddRef = add_ref_forgets_some}},
};

struct hunt {
    struct pool_subject subject;
    const struct mutant *mutant;
    bool caught;
};

#define REPLACE(field)                 \
    do {                               \
        if (with->field)               \
            face->field = with->field; \
    } while (0)

static void mutate(mfxFrameSurfaceInterface *face, const mfxFrameSurfaceInterface *with)
{
    REPLACE(AddRef);
    REPLACE(Release);
    REPLACE(GetRefCounter);
    REPLACE(Map);
    REPLACE(Unmap);
    REPLACE(GetNativeHandle);
    REPLACE(GetDeviceHandle);
    REPLACE(Synchronize);
    REPLACE(QueryInterface);
}

static void note_broken(void *user, const char *rule, const char *what)
{
    struct hunt *hunt = user;
    pool_subject_print(NULL, rule, what);
    hunt->caught |= !strcmp(rule, hunt->mutant->rule);
}

/* The pool's surfaces, all of them at home before and after. */
static void take_all(struct vfa_pool *pool, mfxFrameSurface1 *surfaces[SURFACES])
{
    for (int i = 0; i < SURFACES; i++)
        assert_int_equal(vfa_pool_acquire(pool, 0, &surfaces[i]), MFX_ERR_NONE);
    for (int i = 0; i < SURFACES; i++)
        assert_int_equal(vfa_pool_release(pool, surfaces[i]), MFX_ERR_NONE);
}

/* What the rules lost track of by believing a broken interface. */
static void bring_home(struct vfa_pool *pool, mfxFrameSurface1 *surfaces[SURFACES])
{
    for (int i = 0; i < SURFACES; i++) {
        __atomic_store_n(&surfaces[i]->Data.Locked, 0, __ATOMIC_RELAXED);
        while (original.Unmap(surfaces[i]) >= MFX_ERR_NONE) {
        }
        while (vfa_pool_release(pool, surfaces[i]) == MFX_ERR_NONE) {
        }
        surfaces[i]->Data.Y = NULL;
    }
}

/* One reference to the pool's interface, before anything is broken. */
static mfxSurfacePoolInterface *pool_interface(struct vfa_pool *pool, mfxFrameSurface1 *surface)
{
    mfxFrameSurface1 *acquired;
    mfxHDL out;
    assert_int_equal(vfa_pool_acquire(pool, 0, &acquired), MFX_ERR_NONE);
    assert_ptr_equal(acquired, surface);
    assert_int_equal(original.QueryInterface(surface, MFX_GUID_SURFACE_POOL, &out), MFX_ERR_NONE);
    assert_int_equal(vfa_pool_release(pool, surface), MFX_ERR_NONE);
    return out;
}

static void hunt_one(struct fixture *f, const struct mutant *mutant)
{
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    struct hunt hunt = {.mutant = mutant};
    mfxFrameSurface1 *surfaces[SURFACES];
    struct vfa_pool *pool;
    config.allocator = f->mfx;
    config.request = request_of(MFX_FOURCC_NV12, 64, 32, SURFACES, SURFACES);
    config.frame_interface = &interface;
    assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
    take_all(pool, surfaces);
    original = *surfaces[0]->FrameInterface;
    mfxSurfacePoolInterface *references = pool_interface(pool, surfaces[0]);
    for (int i = 0; i < SURFACES; i++)
        mutate(surfaces[i]->FrameInterface, &mutant->with);
    pool_subject_init(&hunt.subject, pool, &interface, false);
    (void)surface_conformance_run(&hunt.subject.rules, mutant->rule, note_broken, &hunt);
    bring_home(pool, surfaces);
    while (references->Release(references) == MFX_ERR_NONE) {
    }
    vfa_pool_destroy(&pool);
    if (!hunt.caught)
        fail_msg("mutant %zu was not caught by '%s'", (size_t)(mutant - mutants), mutant->rule);
}

static void every_mutant_is_caught(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mutants / sizeof *mutants; i++) {
        struct fixture f;
        fixture_open(&f, NULL, 0);
        hunt_one(&f, &mutants[i]);
        fixture_close(&f);
    }
    printf("FIGURE interface_mutants_caught %zu\n", sizeof mutants / sizeof *mutants);
}

/* Not functions: what the table itself says. */
static void a_wrong_table_is_caught(void **state)
{
    (void)state;
    static const char *const rules[] = {"versions_and_functions", "on_complete_can_be_called"};
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        struct mutant mutant = {rules[i], {.Context = NULL}};
        struct hunt hunt = {.mutant = &mutant};
        struct vfa_interface_config interface = vfa_interface_config_defaults();
        struct vfa_pool_config config = vfa_pool_config_defaults();
        mfxFrameSurface1 *surfaces[SURFACES];
        struct vfa_pool *pool;
        fixture_open(&f, NULL, 0);
        config.allocator = f.mfx;
        config.request = request_of(MFX_FOURCC_NV12, 64, 32, SURFACES, SURFACES);
        config.frame_interface = &interface;
        assert_int_equal(vfa_pool_create(&pool, &config), MFX_ERR_NONE);
        take_all(pool, surfaces);
        for (int s = 0; s < SURFACES; s++) {
            if (i == 0)
                surfaces[s]->FrameInterface->Version.Minor = 1;
            else
                surfaces[s]->FrameInterface->OnComplete = NULL;
        }
        pool_subject_init(&hunt.subject, pool, &interface, false);
        assert_int_equal(surface_conformance_run(&hunt.subject.rules, NULL, note_broken, &hunt), 1);
        assert_true(hunt.caught);
        vfa_pool_destroy(&pool);
        fixture_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mutant_is_caught),
        cmocka_unit_test(a_wrong_table_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
