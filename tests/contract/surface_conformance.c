/* The rules of mfxFrameSurfaceInterface. Source: mfxstructures.h, mfxsurfacepool.h of API 2.8. */
#include "surface_conformance.h"

#include "surface_rules.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <vpl/mfxsurfacepool.h>

/* One rule at work. */
struct trial {
    const struct vfa_conform_surfaces *subject;
    mfxFrameSurface1 *surface;
    mfxFrameSurfaceInterface *face;
    char what[160]; /* "": nothing is wrong so far */
};

/* Conditions of a rule: the first that does not hold is told. */
#define NOTE(condition)                                                              \
    do {                                                                             \
        if (!(condition) && !t->what[0])                                             \
            (void)snprintf(t->what, sizeof t->what, "%s does not hold", #condition); \
    } while (0)
#define NOTE_ANSWER(call, expected)                                                        \
    do {                                                                                   \
        mfxStatus answer_ = (call);                                                        \
        if (answer_ != (expected) && !t->what[0])                                          \
            (void)snprintf(t->what, sizeof t->what, "%s answers %d", #call, (int)answer_); \
    } while (0)

/* And the rule ends there: of a broken interface, the next call might wait for ever. */
#define MUST(condition)  \
    do {                 \
        NOTE(condition); \
        if (t->what[0])  \
            return;      \
    } while (0)
#define ANSWERS(call, expected)      \
    do {                             \
        NOTE_ANSWER(call, expected); \
        if (t->what[0])              \
            return;                  \
    } while (0)

enum {
    READ = MFX_MAP_READ,
    WRITE = MFX_MAP_WRITE,
    READ_WRITE = MFX_MAP_READ_WRITE,
    NOWAIT = MFX_MAP_NOWAIT,
    LONG_MS = 1000, /* what takes longer was waited for */
    SOON_MS = 5000, /* what has not happened by then never will */
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static bool has_pointers(const mfxFrameSurface1 *s)
{
    return s->Data.Y || s->Data.U || s->Data.V || s->Data.A;
}

static size_t pitch_of(const mfxFrameSurface1 *s)
{
    return (size_t)s->Data.PitchHigh << 16 | s->Data.PitchLow;
}

/* The lowest byte of the first plane. */
static mfxU8 *first_plane(const mfxFrameSurface1 *s)
{
    mfxU8 *lowest = s->Data.Y ? s->Data.Y : s->Data.A;
    mfxU8 *others[] = {s->Data.U, s->Data.V};
    for (size_t i = 0; i < 2; i++)
        if (others[i] && (!lowest || others[i] < lowest))
            lowest = others[i];
    return lowest;
}

/* --- What an interface looks like */

static void versions_and_functions(struct trial *t)
{
    MUST(t->face->Version.Major == 1 && t->face->Version.Minor == 0);
    MUST(t->surface->Version.Major == 1 && t->surface->Version.Minor >= 1);
    MUST(t->face->Context != NULL);
    MUST(t->face->AddRef && t->face->Release && t->face->GetRefCounter);
    MUST(t->face->Map && t->face->Unmap && t->face->Synchronize);
    MUST(t->face->GetNativeHandle && t->face->GetDeviceHandle && t->face->QueryInterface);
    MUST(!t->face->reserved1[0] && !t->face->reserved1[1] && !t->face->reserved1[2]);
    MUST(!t->face->reserved2[0] && !t->face->reserved2[1]);
}

static void on_complete_can_be_called(struct trial *t)
{
    MUST(t->face->OnComplete != NULL);
    if (t->face->OnComplete)
        t->face->OnComplete(MFX_ERR_NONE);
}

static void pointers_are_null_until_mapped(struct trial *t)
{
    MUST(!has_pointers(t->surface));
}

/* --- Arguments */

static void null_arguments(struct trial *t)
{
    mfxU32 count;
    mfxHDL handle = NULL;
    mfxResourceType resource;
    mfxHandleType device;
    mfxFrameSurface1 *s = t->surface;
    ANSWERS(t->face->AddRef(NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->Release(NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetRefCounter(NULL, &count), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetRefCounter(s, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->Map(NULL, READ), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->Unmap(NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetNativeHandle(NULL, &handle, &resource), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetNativeHandle(s, NULL, &resource), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetNativeHandle(s, &handle, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetDeviceHandle(NULL, &handle, &device), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetDeviceHandle(s, NULL, &device), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->GetDeviceHandle(s, &handle, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->Synchronize(NULL, 0), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->QueryInterface(NULL, MFX_GUID_SURFACE_POOL, &handle), MFX_ERR_NULL_PTR);
    ANSWERS(t->face->QueryInterface(s, MFX_GUID_SURFACE_POOL, NULL), MFX_ERR_NULL_PTR);
}

static void every_function_refuses(struct trial *t, mfxFrameSurface1 *s)
{
    mfxU32 count;
    mfxHDL handle;
    mfxResourceType resource;
    mfxHandleType device;
    NOTE_ANSWER(t->face->AddRef(s), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->Release(s), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->GetRefCounter(s, &count), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->Map(s, READ), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->Unmap(s), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->GetNativeHandle(s, &handle, &resource), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->GetDeviceHandle(s, &handle, &device), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->Synchronize(s, 0), MFX_ERR_INVALID_HANDLE);
    NOTE_ANSWER(t->face->QueryInterface(s, MFX_GUID_SURFACE_POOL, &handle), MFX_ERR_INVALID_HANDLE);
}

static void bad_context(struct trial *t)
{
    mfxHDL context = t->face->Context;
    t->face->Context = NULL;
    every_function_refuses(t, t->surface);
    t->face->Context = &context; /* somebody else's */
    every_function_refuses(t, t->surface);
    t->face->Context = context;
    mfxFrameSurface1 bare = *t->surface;
    bare.FrameInterface = NULL;
    every_function_refuses(t, &bare);
}

/* --- Counting */

static void counts_references(struct trial *t)
{
    mfxU32 count = 0;
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1);
    ANSWERS(t->face->AddRef(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 2);
    ANSWERS(t->face->Release(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1);
}

static void maps_are_no_references(struct trial *t)
{
    mfxU32 count = 0;
    ANSWERS(t->face->Map(t->surface, READ), MFX_ERR_NONE);
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1);
}

static void release_at_zero(struct trial *t)
{
    if (!t->subject->outlives_release)
        return;
    ANSWERS(t->face->Release(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Release(t->surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    t->surface = NULL;
}

static void stale_surface(struct trial *t)
{
    mfxFrameSurface1 *s = t->surface;
    mfxHDL handle;
    mfxResourceType resource;
    mfxHandleType device;
    mfxU32 count = 1;
    if (!t->subject->outlives_release)
        return;
    ANSWERS(t->face->Release(s), MFX_ERR_NONE);
    ANSWERS(t->face->AddRef(s), MFX_ERR_INVALID_HANDLE);
    ANSWERS(t->face->GetRefCounter(s, &count), MFX_ERR_NONE);
    MUST(count == 0);
    ANSWERS(t->face->Map(s, READ), MFX_ERR_INVALID_HANDLE);
    ANSWERS(t->face->Unmap(s), MFX_ERR_INVALID_HANDLE);
    ANSWERS(t->face->GetNativeHandle(s, &handle, &resource), MFX_ERR_INVALID_HANDLE);
    ANSWERS(t->face->GetDeviceHandle(s, &handle, &device), MFX_ERR_INVALID_HANDLE);
    ANSWERS(t->face->Synchronize(s, 0), MFX_ERR_INVALID_HANDLE);
    t->surface = NULL;
}

/* --- Mapping */

static void bad_map_flags(struct trial *t)
{
    static const mfxU32 bad[] = {0, NOWAIT, 4, READ | 4, READ | 0x20, WRITE | 0x80000000u};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ANSWERS(t->face->Map(t->surface, bad[i]), MFX_ERR_UNSUPPORTED);
    MUST(!has_pointers(t->surface));
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED); /* none of them left it mapped */
}

static void every_good_flag_maps(struct trial *t)
{
    static const mfxU32 good[] = {READ,          WRITE,          READ_WRITE,
                                  READ | NOWAIT, WRITE | NOWAIT, READ_WRITE | NOWAIT};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ANSWERS(t->face->Map(t->surface, good[i]), MFX_ERR_NONE);
        MUST(has_pointers(t->surface) && pitch_of(t->surface));
        ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
        MUST(!has_pointers(t->surface));
    }
}

static void unmap_without_map(struct trial *t)
{
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
    ANSWERS(t->face->Map(t->surface, READ), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
}

static void readers_share(struct trial *t)
{
    mfxFrameSurface1 *s = t->surface;
    ANSWERS(t->face->Map(s, READ), MFX_ERR_NONE);
    const mfxU8 *pixels = first_plane(s);
    ANSWERS(t->face->Map(s, READ), MFX_ERR_NONE);
    ANSWERS(t->face->Map(s, READ | NOWAIT), MFX_ERR_NONE);
    MUST(first_plane(s) == pixels);
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
    MUST(first_plane(s) == pixels); /* one of them still reads */
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
    MUST(!has_pointers(s) && !pitch_of(s));
}

static void a_copy_maps_the_same_frame(struct trial *t)
{
    mfxFrameSurface1 *s = t->surface;
    mfxFrameSurface1 copy = *s;
    ANSWERS(t->face->Map(s, READ), MFX_ERR_NONE);
    ANSWERS(t->face->Map(&copy, READ), MFX_ERR_NONE);
    MUST(first_plane(&copy) && first_plane(&copy) == first_plane(s));
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(&copy), MFX_ERR_NONE);
    MUST(!has_pointers(s) && !has_pointers(&copy));
}

static void a_writer_excludes_writers(struct trial *t)
{
    ANSWERS(t->face->Map(t->surface, READ_WRITE), MFX_ERR_NONE);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_LOCK_MEMORY);
    ANSWERS(t->face->Map(t->surface, READ_WRITE | NOWAIT), MFX_ERR_LOCK_MEMORY);
    MUST(has_pointers(t->surface)); /* the refused one took nothing away */
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
}

static void readers_exclude_writers(struct trial *t)
{
    ANSWERS(t->face->Map(t->surface, READ), MFX_ERR_NONE);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_LOCK_MEMORY);
    ANSWERS(t->face->Map(t->surface, READ_WRITE), MFX_ERR_LOCK_MEMORY);
    MUST(has_pointers(t->surface));
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
}

static void a_writer_never_waits(struct trial *t)
{
    ANSWERS(t->face->Map(t->surface, READ), MFX_ERR_NONE);
    double start = now_ms();
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_LOCK_MEMORY);
    MUST(now_ms() - start < LONG_MS);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
}

static void no_writing_while_locked(struct trial *t)
{
    __atomic_fetch_add(&t->surface->Data.Locked, 1, __ATOMIC_RELAXED);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_LOCK_MEMORY);
    ANSWERS(t->face->Map(t->surface, READ_WRITE), MFX_ERR_LOCK_MEMORY);
    ANSWERS(t->face->Map(t->surface, READ), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    __atomic_fetch_sub(&t->surface->Data.Locked, 1, __ATOMIC_RELEASE);
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
}

static void nowait_reader_does_not_wait_for_a_writer(struct trial *t)
{
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    double start = now_ms();
    MUST(t->face->Map(t->surface, READ | NOWAIT) < MFX_ERR_NONE);
    MUST(now_ms() - start < LONG_MS);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
}

/* A thread that maps for reading, and unmaps. */
struct reader {
    struct trial *t;
    pthread_t thread;
    atomic_int mapped;
    mfxStatus status;
    mfxU8 seen;
};

static void *read_once(void *arg)
{
    struct reader *r = arg;
    mfxFrameSurface1 copy = *r->t->surface;
    r->status = r->t->face->Map(&copy, READ);
    if (r->status == MFX_ERR_NONE) {
        r->seen = first_plane(&copy) ? *first_plane(&copy) : 0;
        (void)r->t->face->Unmap(&copy);
    }
    atomic_store(&r->mapped, 1);
    return NULL;
}

static void start_reader(struct reader *r, struct trial *t)
{
    memset(r, 0, sizeof *r);
    r->t = t;
    NOTE(!pthread_create(&r->thread, NULL, read_once, r));
}

/* Whether the reader is done within `ms`. */
static bool is_done(struct reader *r, int ms)
{
    for (int i = 0; i < ms && !atomic_load(&r->mapped); i++)
        pause_ms(1);
    return atomic_load(&r->mapped);
}

static void a_reader_waits_for_the_writer(struct trial *t)
{
    struct reader reader;
    NOTE_ANSWER(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    mfxU8 *pixels = first_plane(t->surface);
    if (!pixels)
        return;
    mfxFrameSurface1 blank = *t->surface;
    blank.Data.Y = blank.Data.U = blank.Data.V = blank.Data.A = NULL;
    struct trial other = *t;
    other.surface = &blank; /* what the thread copies does not change */
    start_reader(&reader, &other);
    NOTE(!is_done(&reader, 50));
    memset(pixels, 77, t->surface->Info.Width);
    NOTE_ANSWER(t->face->Unmap(t->surface), MFX_ERR_NONE);
    NOTE(is_done(&reader, SOON_MS));
    pthread_join(reader.thread, NULL);
    NOTE_ANSWER(reader.status, MFX_ERR_NONE);
    NOTE(reader.seen == 77);
}

static void what_was_written_is_read(struct trial *t)
{
    mfxFrameSurface1 *s = t->surface;
    size_t width = s->Info.Width, height = s->Info.Height;
    ANSWERS(t->face->Map(s, WRITE), MFX_ERR_NONE);
    if (t->what[0])
        return;
    for (size_t y = 0; y < height; y++)
        memset(first_plane(s) + y * pitch_of(s), (int)(16 + y % 200), width);
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
    ANSWERS(t->face->Map(s, READ), MFX_ERR_NONE);
    for (size_t y = 0; y < height && !t->what[0]; y++) {
        const mfxU8 *row = first_plane(s) + y * pitch_of(s);
        MUST(row[0] == 16 + y % 200 && row[width - 1] == row[0]);
    }
    ANSWERS(t->face->Unmap(s), MFX_ERR_NONE);
}

/* --- Handles */

static void native_handle(struct trial *t)
{
    mfxHDL handle = NULL;
    mfxResourceType type = (mfxResourceType)0;
    if (!t->subject->device_type) {
        ANSWERS(t->face->GetNativeHandle(t->surface, &handle, &type), MFX_ERR_UNSUPPORTED);
        return;
    }
    ANSWERS(t->face->GetNativeHandle(t->surface, &handle, &type), MFX_ERR_NONE);
    MUST(handle != NULL && type == t->subject->native_type);
    mfxU32 count = 0;
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1); /* handed out as it is */
}

static void device_handle(struct trial *t)
{
    mfxHDL handle = NULL;
    mfxHandleType type = (mfxHandleType)0;
    if (!t->subject->device_type) {
        ANSWERS(t->face->GetDeviceHandle(t->surface, &handle, &type), MFX_ERR_UNSUPPORTED);
        return;
    }
    ANSWERS(t->face->GetDeviceHandle(t->surface, &handle, &type), MFX_ERR_NONE);
    MUST(handle != NULL && type == t->subject->device_type);
}

/* --- Operations */

/* One that ends when it is told to. */
struct operation {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool over;
    mfxStatus result;
    atomic_int inside, overlaps, calls;
};

static mfxStatus operation_wait(void *user, mfxU32 wait_ms)
{
    struct operation *o = user;
    atomic_fetch_add(&o->calls, 1);
    if (atomic_fetch_add(&o->inside, 1))
        atomic_fetch_add(&o->overlaps, 1);
    double deadline = now_ms() + (wait_ms == MFX_INFINITE ? 1e9 : (double)wait_ms);
    pthread_mutex_lock(&o->lock);
    while (!o->over && now_ms() < deadline) {
        struct timespec soon;
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_nsec += 1000000;
        if (soon.tv_nsec >= 1000000000) {
            soon.tv_nsec -= 1000000000;
            soon.tv_sec++;
        }
        pthread_cond_timedwait(&o->ended, &o->lock, &soon);
    }
    mfxStatus status = o->over ? o->result : MFX_WRN_IN_EXECUTION;
    pthread_mutex_unlock(&o->lock);
    atomic_fetch_sub(&o->inside, 1);
    return status;
}

static void begin(struct trial *t, struct operation *o)
{
    struct vfa_conform_operation operation = {operation_wait, o};
    memset(o, 0, sizeof *o);
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->ended, NULL);
    NOTE_ANSWER(t->subject->produce(t->subject->user, t->surface, &operation), MFX_ERR_NONE);
}

static void end(struct operation *o, mfxStatus result)
{
    pthread_mutex_lock(&o->lock);
    o->over = true;
    o->result = result;
    pthread_cond_broadcast(&o->ended);
    pthread_mutex_unlock(&o->lock);
}

static void forget(struct operation *o)
{
    pthread_mutex_destroy(&o->lock);
    pthread_cond_destroy(&o->ended);
}

static void synchronize_with_nothing_pending(struct trial *t)
{
    ANSWERS(t->face->Synchronize(t->surface, 0), MFX_ERR_NONE);
    ANSWERS(t->face->Synchronize(t->surface, MFX_INFINITE), MFX_ERR_NONE);
}

static void synchronize_waits_as_long_as_told(struct trial *t)
{
    struct operation o;
    if (!t->subject->produce)
        return;
    begin(t, &o);
    NOTE_ANSWER(t->face->Synchronize(t->surface, 0), MFX_WRN_IN_EXECUTION);
    double start = now_ms();
    NOTE_ANSWER(t->face->Synchronize(t->surface, 30), MFX_WRN_IN_EXECUTION);
    NOTE(now_ms() - start >= 29);
    end(&o, MFX_ERR_NONE);
    NOTE_ANSWER(t->face->Synchronize(t->surface, MFX_INFINITE), MFX_ERR_NONE);
    NOTE_ANSWER(t->face->Synchronize(t->surface, 0), MFX_ERR_NONE);
    forget(&o);
}

static void an_aborted_operation(struct trial *t)
{
    struct operation o;
    if (!t->subject->produce)
        return;
    begin(t, &o);
    end(&o, MFX_ERR_ABORTED);
    NOTE_ANSWER(t->face->Synchronize(t->surface, SOON_MS), MFX_ERR_ABORTED);
    NOTE(t->face->Map(t->surface, READ) < MFX_ERR_NONE);
    NOTE_ANSWER(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
    forget(&o);
}

static void nowait_reader_does_not_wait_for_the_operation(struct trial *t)
{
    struct operation o;
    if (!t->subject->produce)
        return;
    begin(t, &o);
    double start = now_ms();
    NOTE(t->face->Map(t->surface, READ | NOWAIT) < MFX_ERR_NONE);
    NOTE(now_ms() - start < LONG_MS);
    end(&o, MFX_ERR_NONE);
    NOTE_ANSWER(t->face->Map(t->surface, READ | NOWAIT),
                MFX_ERR_NONE); /* whether anybody waited for it or not */
    NOTE_ANSWER(t->face->Unmap(t->surface), MFX_ERR_NONE);
    forget(&o);
}

/* And until it reads, nobody writes. */
static void the_first_reader_waits_for_the_operation(struct trial *t)
{
    struct operation o;
    struct reader reader;
    if (!t->subject->produce)
        return;
    begin(t, &o);
    start_reader(&reader, t);
    for (int i = 0; i < SOON_MS && !atomic_load(&o.calls); i++)
        pause_ms(1); /* until it waits */
    NOTE(!is_done(&reader, 50));
    mfxStatus status = t->face->Map(t->surface, WRITE);
    NOTE(status == MFX_ERR_LOCK_MEMORY);
    if (status == MFX_ERR_NONE)
        (void)t->face->Unmap(t->surface); /* or the reader would wait for it */
    end(&o, MFX_ERR_NONE);
    NOTE(is_done(&reader, SOON_MS));
    pthread_join(reader.thread, NULL);
    NOTE_ANSWER(reader.status, MFX_ERR_NONE);
    forget(&o);
}

static void a_writer_does_not_wait_for_the_operation(struct trial *t)
{
    struct operation o;
    if (!t->subject->produce)
        return;
    begin(t, &o);
    double start = now_ms();
    NOTE_ANSWER(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    NOTE(now_ms() - start < LONG_MS);
    NOTE_ANSWER(t->face->Unmap(t->surface), MFX_ERR_NONE);
    NOTE(atomic_load(&o.calls) == 0);
    end(&o, MFX_ERR_NONE);
    forget(&o);
}

static void many_wait_for_one_operation(struct trial *t)
{
    struct operation o;
    struct reader readers[4];
    if (!t->subject->produce)
        return;
    begin(t, &o);
    for (size_t i = 0; i < 4; i++)
        start_reader(&readers[i], t);
    NOTE_ANSWER(t->face->Synchronize(t->surface, 20), MFX_WRN_IN_EXECUTION); /* whoever else waits */
    end(&o, MFX_ERR_NONE);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(readers[i].thread, NULL);
        NOTE_ANSWER(readers[i].status, MFX_ERR_NONE);
    }
    NOTE(atomic_load(&o.overlaps) == 0);
    forget(&o);
}

/* --- Other interfaces */

static void unknown_interfaces(struct trial *t)
{
    mfxGUID guid = {{1, 2, 3}};
    mfxHDL out = t;
    mfxStatus status = t->face->QueryInterface(t->surface, guid, &out);
    MUST(status == MFX_ERR_UNSUPPORTED || status == MFX_ERR_NOT_IMPLEMENTED);
    MUST(out == NULL);
    if (t->subject->answers_pool)
        return;
    status = t->face->QueryInterface(t->surface, MFX_GUID_SURFACE_POOL, &out);
    MUST(status == MFX_ERR_UNSUPPORTED || status == MFX_ERR_NOT_IMPLEMENTED);
}

static mfxSurfacePoolInterface *pool_of(struct trial *t)
{
    mfxHDL out = NULL;
    NOTE_ANSWER(t->face->QueryInterface(t->surface, MFX_GUID_SURFACE_POOL, &out), MFX_ERR_NONE);
    NOTE(out != NULL);
    return out;
}

static void the_pool_says_what_it_is(struct trial *t)
{
    if (!t->subject->answers_pool)
        return;
    mfxSurfacePoolInterface *pool = pool_of(t);
    mfxU32 value = 0;
    mfxPoolAllocationPolicy policy = (mfxPoolAllocationPolicy)-1;
    if (!pool)
        return;
    ANSWERS(pool->GetAllocationPolicy(pool, &policy), MFX_ERR_NONE);
    MUST(policy == t->subject->policy);
    ANSWERS(pool->GetCurrentPoolSize(pool, &value), MFX_ERR_NONE);
    MUST(value == t->subject->pool_size);
    ANSWERS(pool->GetMaximumPoolSize(pool, &value), MFX_ERR_NONE);
    MUST(policy == MFX_ALLOCATION_OPTIMAL || value >= t->subject->pool_size);
    MUST(policy != MFX_ALLOCATION_UNLIMITED || value == 0xFFFFFFFF);
    if (policy != MFX_ALLOCATION_OPTIMAL) {
        ANSWERS(pool->SetNumSurfaces(pool, 2), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
        ANSWERS(pool->RevokeSurfaces(pool, 2), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    }
    ANSWERS(pool->Release(pool), MFX_ERR_NONE);
}

static void the_pool_counts_references(struct trial *t)
{
    if (!t->subject->answers_pool)
        return;
    mfxU32 before = 0, count = 0;
    mfxSurfacePoolInterface *pool = pool_of(t), *again = pool_of(t);
    if (!pool)
        return;
    MUST(pool == again);
    ANSWERS(pool->GetRefCounter(pool, &before), MFX_ERR_NONE);
    ANSWERS(pool->AddRef(pool), MFX_ERR_NONE);
    ANSWERS(pool->GetRefCounter(pool, &count), MFX_ERR_NONE);
    MUST(before >= 2 && count == before + 1);
    for (int i = 0; i < 3; i++)
        ANSWERS(pool->Release(pool), MFX_ERR_NONE);
    ANSWERS(pool->GetRefCounter(pool, &count), MFX_ERR_NONE);
    MUST(count == before - 2);
}

static void the_pool_checks_its_arguments(struct trial *t)
{
    if (!t->subject->answers_pool)
        return;
    mfxSurfacePoolInterface *pool = pool_of(t);
    mfxU32 value;
    mfxPoolAllocationPolicy policy;
    if (!pool)
        return;
    ANSWERS(pool->AddRef(NULL), MFX_ERR_NULL_PTR);
    ANSWERS(pool->Release(NULL), MFX_ERR_NULL_PTR);
    ANSWERS(pool->GetRefCounter(pool, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(pool->SetNumSurfaces(NULL, 1), MFX_ERR_NULL_PTR);
    ANSWERS(pool->RevokeSurfaces(NULL, 1), MFX_ERR_NULL_PTR);
    ANSWERS(pool->GetAllocationPolicy(pool, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(pool->GetMaximumPoolSize(pool, NULL), MFX_ERR_NULL_PTR);
    ANSWERS(pool->GetCurrentPoolSize(pool, NULL), MFX_ERR_NULL_PTR);
    mfxHDL context = pool->Context;
    pool->Context = NULL;
    ANSWERS(pool->AddRef(pool), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->Release(pool), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->GetRefCounter(pool, &value), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->SetNumSurfaces(pool, 1), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->RevokeSurfaces(pool, 1), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->GetAllocationPolicy(pool, &policy), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->GetMaximumPoolSize(pool, &value), MFX_ERR_INVALID_HANDLE);
    ANSWERS(pool->GetCurrentPoolSize(pool, &value), MFX_ERR_INVALID_HANDLE);
    pool->Context = context;
    ANSWERS(pool->Release(pool), MFX_ERR_NONE);
}

/* --- Threads */

enum {
    THREADS = 4,
    ROUNDS = 300,
};

struct worker {
    const mfxFrameSurface1 *surface;
    mfxFrameSurfaceInterface *face;
    unsigned number;
    unsigned wrong;
    pthread_t thread;
};

static void *count_storm(void *arg)
{
    struct worker *w = arg;
    mfxFrameSurface1 copy = *w->surface;
    for (int i = 0; i < 10 * ROUNDS; i++) {
        w->wrong += w->face->AddRef(&copy) != MFX_ERR_NONE;
        w->wrong += w->face->Release(&copy) != MFX_ERR_NONE;
    }
    return NULL;
}

/* The first thread writes when it may, the others read: they never see half of what it wrote. */
static void *map_storm(void *arg)
{
    struct worker *w = arg;
    mfxFrameSurface1 copy = *w->surface;
    bool writes = w->number == 0;
    for (int i = 0; i < ROUNDS; i++) {
        mfxStatus status = w->face->Map(&copy, writes ? WRITE : READ);
        if (status == MFX_ERR_LOCK_MEMORY && writes)
            continue;
        w->wrong += status != MFX_ERR_NONE || !first_plane(&copy);
        if (status != MFX_ERR_NONE || !first_plane(&copy))
            continue;
        mfxU8 *row = first_plane(&copy);
        if (writes)
            memset(row, i, copy.Info.Width);
        for (size_t x = 0; x < copy.Info.Width; x++)
            w->wrong += row[x] != row[0];
        w->wrong += w->face->Unmap(&copy) != MFX_ERR_NONE;
    }
    return NULL;
}

static void run_threads(struct trial *t, void *(*run)(void *))
{
    struct worker workers[THREADS];
    mfxFrameSurface1 blank = *t->surface;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.surface = &blank, .face = t->face, .number = i};
        NOTE(!pthread_create(&workers[i].thread, NULL, run, &workers[i]));
    }
    unsigned wrong = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        wrong += workers[i].wrong;
    }
    NOTE(wrong == 0);
}

static void many_threads_count(struct trial *t)
{
    mfxU32 count = 0;
    run_threads(t, count_storm);
    ANSWERS(t->face->GetRefCounter(t->surface, &count), MFX_ERR_NONE);
    MUST(count == 1);
}

static void many_threads_map(struct trial *t)
{
    /* What readers look at before the writer's first turn. */
    ANSWERS(t->face->Map(t->surface, WRITE), MFX_ERR_NONE);
    if (t->what[0])
        return;
    memset(first_plane(t->surface), 0, t->surface->Info.Width);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_NONE);
    run_threads(t, map_storm);
    ANSWERS(t->face->Unmap(t->surface), MFX_ERR_UNSUPPORTED);
}

#define ENTRY(id, section, level, scope, sentence) {#id, id},

static const struct rule {
    const char *name;
    void (*run)(struct trial *t);
} rules[] = {CONFORM_SURFACE_RULES(ENTRY)};

/* A rule that broke off may have left maps and Locked behind. */
static void tidy(struct trial *t)
{
    if (!t->surface)
        return;
    if (t->what[0])
        __atomic_store_n(&t->surface->Data.Locked, 0, __ATOMIC_RELAXED);
    for (int i = 0; i < 16 && t->what[0] && t->face->Unmap(t->surface) >= MFX_ERR_NONE; i++) {
    }
    NOTE_ANSWER(t->face->Release(t->surface), MFX_ERR_NONE);
}

size_t surface_conformance_run(const struct vfa_conform_surfaces *subject, const char *only,
                               void (*broken)(void *user, const char *rule, const char *what), void *user)
{
    size_t count = 0, tried = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (only && strcmp(only, rules[i].name) != 0)
            continue;
        tried++;
        struct trial t = {.subject = subject, .surface = subject->acquire(subject->user)};
        if (!t.surface || !t.surface->FrameInterface) {
            (void)snprintf(t.what, sizeof t.what, "there is no surface with an interface");
        } else {
            t.face = t.surface->FrameInterface;
            rules[i].run(&t);
            tidy(&t);
        }
        if (!t.what[0])
            continue;
        count++;
        broken(user, rules[i].name, t.what);
    }
    return tried ? count : 1;
}
