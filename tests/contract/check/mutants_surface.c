/* Broken surfaces: those of this project's pool with functions of their interface replaced. */
#include "mutants.h"
#include "pool_conformance.h"

#include <stdlib.h>
#include <vfa/allocator.h>
#include <vpl/mfxsurfacepool.h>

enum {
    SURFACES = 2,
    TOO_LONG_MS = 1200,
};

static mfxFrameSurfaceInterface original; /* its functions; Context is each surface's own */

static void pause_too_long(void)
{
    pause_us(TOO_LONG_MS * 1000L);
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

static void no_complete(mfxFrameSurfaceInterface *face)
{
    face->OnComplete = NULL;
}

static void version_1_1(mfxFrameSurfaceInterface *face)
{
    face->Version.Minor = 1;
}

/* Mapped from the beginning. */
static mfxStatus release_leaves_pointers(mfxFrameSurface1 *s)
{
    static mfxU8 stale[4];
    mfxStatus status = original.Release(s);
    if (status == MFX_ERR_NONE)
        s->Data.Y = stale;
    return status;
}

static mfxStatus add_ref_locks(mfxFrameSurface1 *s)
{
    mfxStatus status = original.AddRef(s);
    if (status == MFX_ERR_NONE)
        __atomic_fetch_add(&s->Data.Locked, 1, __ATOMIC_RELAXED);
    return status;
}

static mfxStatus synchronize_wants_an_operation(mfxFrameSurface1 *s, mfxU32 wait)
{
    mfxStatus status = original.Synchronize(s, wait);
    return status == MFX_ERR_NONE && wait == 0 ? MFX_WRN_IN_EXECUTION : status;
}

static mfxStatus map_writer_synchronizes(mfxFrameSurface1 *s, mfxU32 flags)
{
    if (s && (flags & MFX_MAP_WRITE))
        (void)original.Synchronize(s, 2 * TOO_LONG_MS);
    return original.Map(s, flags);
}

/* Everyone asks the runtime at once. */
static struct vfa_conform_operation pending;

static mfxStatus map_asks_itself(mfxFrameSurface1 *s, mfxU32 flags)
{
    if (s && flags == MFX_MAP_READ && pending.wait)
        (void)pending.wait(pending.user, 200);
    return original.Map(s, flags);
}

static mfxStatus map_forgets_some(mfxFrameSurface1 *s, mfxU32 flags)
{
    static atomic_uint calls;
    bool forgotten = s && flags == MFX_MAP_READ && atomic_fetch_add(&calls, 1) % 200 == 199;
    return forgotten ? MFX_ERR_LOCK_MEMORY : original.Map(s, flags);
}

/* --- The pool's interface */

static mfxSurfacePoolInterface original_pool;

static mfxStatus pool_policy_unlimited(mfxSurfacePoolInterface *pool, mfxPoolAllocationPolicy *policy)
{
    mfxStatus status = original_pool.GetAllocationPolicy(pool, policy);
    if (status == MFX_ERR_NONE)
        *policy = MFX_ALLOCATION_UNLIMITED;
    return status;
}

static mfxStatus pool_size_of_null(mfxSurfacePoolInterface *pool, mfxU32 *size)
{
    return size ? original_pool.GetCurrentPoolSize(pool, size) : MFX_ERR_UNKNOWN;
}

static mfxStatus query_pool_lies(mfxFrameSurface1 *s, mfxGUID guid, mfxHDL *out)
{
    mfxStatus status = original.QueryInterface(s, guid, out);
    mfxSurfacePoolInterface *pool = status == MFX_ERR_NONE ? *out : NULL;
    if (pool && pool->GetAllocationPolicy != pool_policy_unlimited) {
        original_pool = *pool;
        pool->GetAllocationPolicy = pool_policy_unlimited;
    }
    return status;
}

static mfxStatus query_pool_unchecked(mfxFrameSurface1 *s, mfxGUID guid, mfxHDL *out)
{
    mfxStatus status = original.QueryInterface(s, guid, out);
    mfxSurfacePoolInterface *pool = status == MFX_ERR_NONE ? *out : NULL;
    if (pool && pool->GetCurrentPoolSize != pool_size_of_null) {
        original_pool = *pool;
        pool->GetCurrentPoolSize = pool_size_of_null;
    }
    return status;
}

/* Beside functions: what the table itself says. */
struct surface_mutant {
    const char *name, *rule;
    mfxFrameSurfaceInterface with;
    void (*spoil)(mfxFrameSurfaceInterface *face);
};

static const struct surface_mutant surface_mutants[] = {
    {NAMED(map_null, null_arguments), .with = {.Map = map_null}},
    {NAMED(add_ref_any_context, bad_context), .with = {.AddRef = add_ref_any_context}},
    {NAMED(add_ref_not_counted, counts_references), .with = {.AddRef = add_ref_not_counted}},
    {NAMED(counter_with_maps, maps_are_no_references), .with = {.GetRefCounter = counter_with_maps}},
    {NAMED(release_at_any_count, release_at_zero), .with = {.Release = release_at_any_count}},
    {NAMED(add_ref_revives, stale_surface), .with = {.AddRef = add_ref_revives}},
    {NAMED(map_any_flags, bad_map_flags), .with = {.Map = map_any_flags}},
    {NAMED(map_bad_flags_lock_memory, bad_map_flags), .with = {.Map = map_bad_flags_lock_memory}},
    {NAMED(unmap_undefined, unmap_without_map), .with = {.Unmap = unmap_undefined}},
    {NAMED(unmap_always_hides, readers_share), .with = {.Unmap = unmap_always_hides}},
    {NAMED(unmap_never_hides, every_good_flag_maps), .with = {.Unmap = unmap_never_hides}},
    {NAMED(map_writers_share, a_writer_excludes_writers), .with = {.Map = map_writers_share}},
    {NAMED(map_writers_share_2, readers_exclude_writers), .with = {.Map = map_writers_share}},
    {NAMED(map_writer_waits, a_writer_never_waits), .with = {.Map = map_writer_waits}},
    {NAMED(map_whatever_locked, no_writing_while_locked), .with = {.Map = map_whatever_locked}},
    {NAMED(map_nowait_waits, nowait_reader_does_not_wait_for_a_writer), .with = {.Map = map_nowait_waits}},
    {NAMED(map_nowait_waits_2, nowait_reader_does_not_wait_for_the_operation),
     .with = {.Map = map_nowait_waits}},
    {NAMED(map_readers_never_wait, a_reader_waits_for_the_writer), .with = {.Map = map_readers_never_wait}},
    {NAMED(map_readers_never_wait_2, the_first_reader_waits_for_the_operation),
     .with = {.Map = map_readers_never_wait}},
    {NAMED(map_copy_shows_nothing, a_copy_maps_the_same_frame), .with = {.Map = map_copy_shows_nothing}},
    {NAMED(unmap_loses_pixels, what_was_written_is_read), .with = {.Unmap = unmap_loses_pixels}},
    {NAMED(native_handle_of_system, native_handle), .with = {.GetNativeHandle = native_handle_of_system}},
    {NAMED(device_handle_invalid, device_handle), .with = {.GetDeviceHandle = device_handle_invalid}},
    {NAMED(synchronize_never_waits, synchronize_waits_as_long_as_told),
     .with = {.Synchronize = synchronize_never_waits}},
    {NAMED(synchronize_hides_abort, an_aborted_operation), .with = {.Synchronize = synchronize_hides_abort}},
    {NAMED(query_any, unknown_interfaces), .with = {.QueryInterface = query_any}},
    {NAMED(query_without_reference, the_pool_counts_references),
     .with = {.QueryInterface = query_without_reference}},
    {NAMED(add_ref_forgets_some, many_threads_count), .with = {.AddRef = add_ref_forgets_some}},
    {NAMED(version_1_1, versions_and_functions), .with = {.Context = NULL}, .spoil = version_1_1},
    {NAMED(no_complete, on_complete_can_be_called), .with = {.Context = NULL}, .spoil = no_complete},
    {NAMED(release_leaves_pointers, pointers_are_null_until_mapped),
     .with = {.Release = release_leaves_pointers}},
    {NAMED(add_ref_locks, surface_locked_is_zero), .with = {.AddRef = add_ref_locks}},
    {NAMED(synchronize_wants_an_operation, synchronize_with_nothing_pending),
     .with = {.Synchronize = synchronize_wants_an_operation}},
    {NAMED(map_writer_synchronizes, a_writer_does_not_wait_for_the_operation),
     .with = {.Map = map_writer_synchronizes}},
    {NAMED(map_asks_itself, many_wait_for_one_operation), .with = {.Map = map_asks_itself}},
    {NAMED(map_forgets_some, many_threads_map), .with = {.Map = map_forgets_some}},
    {NAMED(query_pool_lies, the_pool_says_what_it_is), .with = {.QueryInterface = query_pool_lies}},
    {NAMED(query_pool_unchecked, the_pool_checks_its_arguments),
     .with = {.QueryInterface = query_pool_unchecked}},
};

size_t surface_mutant_count(void)
{
    return sizeof surface_mutants / sizeof *surface_mutants;
}

void surface_mutant_at(size_t index, const char **name, const char **rule)
{
    *name = surface_mutants[index].name;
    *rule = surface_mutants[index].rule;
}

/* --- The pool */

struct spoilt_pool {
    struct vfa_allocator *frames;
    struct vfa_pool *pool;
    struct pool_subject subject;
    struct vfa_conform_surfaces surfaces;
};

#define REPLACE(field)                 \
    do {                               \
        if (with->field)               \
            face->field = with->field; \
    } while (0)

static void mutate(mfxFrameSurfaceInterface *face, const struct surface_mutant *mutant)
{
    const mfxFrameSurfaceInterface *with = &mutant->with;
    REPLACE(AddRef);
    REPLACE(Release);
    REPLACE(GetRefCounter);
    REPLACE(Map);
    REPLACE(Unmap);
    REPLACE(GetNativeHandle);
    REPLACE(GetDeviceHandle);
    REPLACE(Synchronize);
    REPLACE(QueryInterface);
    if (mutant->spoil)
        mutant->spoil(face);
}

static mfxStatus spoil_surfaces(struct spoilt_pool *p, const struct surface_mutant *mutant)
{
    mfxFrameSurface1 *surface[SURFACES];
    for (size_t i = 0; i < SURFACES; i++) {
        mfxStatus status = vfa_pool_acquire(p->pool, 0, &surface[i]);
        if (status != MFX_ERR_NONE)
            return status;
    }
    original = *surface[0]->FrameInterface;
    for (size_t i = 0; i < SURFACES; i++)
        mutate(surface[i]->FrameInterface, mutant);
    for (size_t i = 0; i < SURFACES; i++) {
        if (mutant->with.Release)
            surface[i]->FrameInterface->Release(surface[i]);
        else
            (void)vfa_pool_release(p->pool, surface[i]);
    }
    return MFX_ERR_NONE;
}

static mfxStatus produce(void *user, mfxFrameSurface1 *surface, const struct vfa_conform_operation *operation)
{
    struct spoilt_pool *p = user;
    pending = *operation;
    return pool_subject_produce(&p->subject, surface, operation);
}

static mfxFrameSurface1 *acquire(void *user)
{
    struct spoilt_pool *p = user;
    return pool_subject_acquire(&p->subject);
}

static void close_spoilt(struct vfa_conform_subject *subject)
{
    struct spoilt_pool *p = subject->user;
    vfa_pool_destroy(&p->pool);
    vfa_allocator_destroy(&p->frames);
    free(p);
}

static mfxStatus make_pool(struct spoilt_pool *p)
{
    struct vfa_interface_config interface = vfa_interface_config_defaults();
    struct vfa_pool_config config = vfa_pool_config_defaults();
    mfxStatus status = vfa_allocator_create(&p->frames, NULL);
    if (status != MFX_ERR_NONE)
        return status;
    config.allocator = vfa_allocator_mfx(p->frames);
    config.request.Info.FourCC = MFX_FOURCC_NV12;
    config.request.Info.Width = 64;
    config.request.Info.Height = 32;
    config.request.Type = MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_FROM_VPPOUT;
    config.request.NumFrameMin = config.request.NumFrameSuggested = SURFACES;
    config.frame_interface = &interface;
    status = vfa_pool_create(&p->pool, &config);
    if (status == MFX_ERR_NONE)
        pool_subject_init(&p->subject, p->pool, &interface, false);
    return status;
}

mfxStatus surface_mutant_open(const char *name, struct vfa_conform_subject *subject)
{
    const struct surface_mutant *mutant = surface_mutants;
    const struct surface_mutant *end = mutant + surface_mutant_count();
    while (mutant < end && strcmp(mutant->name, name) != 0)
        mutant++;
    if (mutant == end)
        return MFX_ERR_NOT_FOUND;
    struct spoilt_pool *p = calloc(1, sizeof *p);
    if (!p)
        return MFX_ERR_MEMORY_ALLOC;
    subject->user = p;
    subject->close = close_spoilt;
    mfxStatus status = make_pool(p);
    if (status == MFX_ERR_NONE)
        status = spoil_surfaces(p, mutant);
    if (status != MFX_ERR_NONE) {
        close_spoilt(subject);
        return status;
    }
    p->surfaces = p->subject.rules;
    p->surfaces.user = p;
    p->surfaces.acquire = acquire;
    p->surfaces.produce = produce;
    subject->name = mutant->name;
    subject->allocator = vfa_allocator_mfx(p->frames);
    subject->memory = MFX_MEMTYPE_SYSTEM_MEMORY;
    subject->surfaces = &p->surfaces;
    return MFX_ERR_NONE;
}
