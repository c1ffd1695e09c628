/* Joined sessions: when they join and part, whose operations they know, and what each keeps for itself. */
#include "decode_fixture.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Lock waits while a test holds the gate, and so does the operation. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static mfxStatus(MFX_CDECL *plain_lock)(mfxHDL pthis, mfxMemId mid, mfxFrameData *data);

static mfxStatus MFX_CDECL gated_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return plain_lock(pthis, mid, data);
}

/* A decoder whose operations last until the gate opens, in `busy`; a session beside it. */
struct two {
    struct fixture f;
    mfxSession busy;
    mfxSession other;
    mfxSyncPoint sync;
};

static void two_open(struct two *t)
{
    mfxFrameAllocator gated;

    memset(t, 0, sizeof(*t));
    fixture_open(&t->f);
    t->busy = runtime_session(&t->f.runtime);
    t->other = runtime_session(&t->f.runtime);
    gated = t->f.frames.allocator;
    plain_lock = gated.Lock;
    gated.Lock = gated_lock;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(t->busy, &gated), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(t->busy, &t->f.par), MFX_ERR_NONE);
}

static void two_close(struct two *t)
{
    assert_int_equal(MFXClose(t->other), MFX_ERR_NONE);
    assert_int_equal(MFXClose(t->busy), MFX_ERR_NONE);
    fixture_close(&t->f);
}

/* From here an operation is in execution, until finish. */
static void begin(struct two *t)
{
    mfxFrameSurface1 *out = NULL;
    mfxStatus status;

    pthread_mutex_lock(&gate);
    while ((status = MFXVideoDECODE_DecodeFrameAsync(t->busy, &t->f.stream.bits,
                                                     frames_free_one(&t->f.frames), &out, &t->sync)) ==
           MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(status, MFX_ERR_NONE);
}

static void finish(struct two *t, mfxSession session)
{
    pthread_mutex_unlock(&gate);
    sync_ok(session, t->sync);
}

static void a_busy_session_does_not_become_a_child(void **state)
{
    struct two t;

    (void)state;
    two_open(&t);
    begin(&t);
    assert_int_equal(MFXJoinSession(t.other, t.busy), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXDisjoinSession(t.busy), MFX_ERR_UNDEFINED_BEHAVIOR); /* it was not joined */
    finish(&t, t.busy);
    assert_int_equal(MFXJoinSession(t.other, t.busy), MFX_ERR_NONE);
    assert_int_equal(MFXDisjoinSession(t.busy), MFX_ERR_NONE);
    two_close(&t);
}

/* As the GPU runtime has it, and ffmpeg needs it. */
static void a_busy_session_becomes_a_parent(void **state)
{
    struct two t;
    mfxSession clone = NULL;

    (void)state;
    two_open(&t);
    begin(&t);
    assert_int_equal(MFXJoinSession(t.busy, t.other), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SyncOperation(t.other, t.sync, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXDisjoinSession(t.other), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXCloneSession(t.busy, &clone), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SyncOperation(clone, t.sync, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXClose(clone), MFX_ERR_NONE); /* an idle child closes at any time */
    finish(&t, t.other);                             /* the group's operations are everyone's */
    assert_int_equal(MFXDisjoinSession(t.other), MFX_ERR_NONE);
    two_close(&t);
}

static void a_session_that_parts_knows_what_it_did_before(void **state)
{
    struct two t;

    (void)state;
    two_open(&t);
    begin(&t);
    finish(&t, t.busy);
    assert_int_equal(MFXJoinSession(t.other, t.busy), MFX_ERR_NONE);
    sync_ok(t.busy, t.sync);
    assert_int_equal(MFXVideoCORE_SyncOperation(t.other, t.sync, 0), MFX_ERR_INVALID_HANDLE);
    begin(&t);
    finish(&t, t.other);
    assert_int_equal(MFXDisjoinSession(t.busy), MFX_ERR_NONE);
    sync_ok(t.busy, t.sync);
    sync_ok(t.other, t.sync);
    begin(&t);
    assert_int_equal(MFXVideoCORE_SyncOperation(t.other, t.sync, 0), MFX_ERR_INVALID_HANDLE);
    finish(&t, t.busy);
    two_close(&t);
}

/* Straight into the library: the dispatcher forgets a session whose MFXClose fails. */
struct direct {
    void *library;
    mfxStatus (*join)(mfxSession, mfxSession);
    mfxStatus (*disjoin)(mfxSession);
    mfxStatus (*close)(mfxSession);
    mfxStatus (*clone)(mfxSession, mfxSession *);
    mfxStatus (*query)(mfxSession, mfxVersion *);
    mfxSession s[3];
};

static void direct_open(struct direct *d)
{
    const mfxInitializationParam par = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    mfxStatus (*initialize)(mfxInitializationParam, mfxSession *);

    d->library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    assert_non_null(d->library);
    *(void **)&initialize = dlsym(d->library, "MFXInitialize");
    *(void **)&d->join = dlsym(d->library, "MFXJoinSession");
    *(void **)&d->disjoin = dlsym(d->library, "MFXDisjoinSession");
    *(void **)&d->close = dlsym(d->library, "MFXClose");
    *(void **)&d->clone = dlsym(d->library, "MFXCloneSession");
    *(void **)&d->query = dlsym(d->library, "MFXQueryVersion");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(initialize(par, &d->s[i]), MFX_ERR_NONE);
}

static void a_parent_closes_after_its_children(void **state)
{
    struct direct d;
    mfxVersion version;

    (void)state;
    direct_open(&d);
    assert_int_equal(d.clone(d.s[0], NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(d.join(d.s[0], d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.join(d.s[0], d.s[2]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.query(d.s[0], &version), MFX_ERR_NONE); /* it is as it was */
    assert_int_equal(d.disjoin(d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.close(d.s[2]), MFX_ERR_NONE); /* which disjoins it */
    assert_int_equal(d.close(d.s[0]), MFX_ERR_NONE);
    assert_int_equal(d.query(d.s[0], &version), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(d.close(d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[1]), MFX_ERR_INVALID_HANDLE);
    dlclose(d.library);
}

/* As libmfx-gen 22.6 answers each of these. */
static void who_joins_a_child_is_its_sibling(void **state)
{
    struct direct d;

    (void)state;
    direct_open(&d);
    assert_int_equal(d.join(d.s[0], d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.join(d.s[1], d.s[0]), MFX_ERR_UNSUPPORTED); /* not onto a child of its own */
    assert_int_equal(d.join(d.s[1], d.s[2]), MFX_ERR_NONE);
    assert_int_equal(d.disjoin(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.close(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.disjoin(d.s[1]), MFX_ERR_NONE); /* whom it joined may go before it */
    assert_int_equal(d.close(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.join(d.s[2], d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[1]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[0]), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(d.disjoin(d.s[2]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[0]), MFX_ERR_NONE);
    assert_int_equal(d.close(d.s[2]), MFX_ERR_NONE);
    dlclose(d.library);
}

static void who_joins_a_child_shares_the_groups_operations(void **state)
{
    struct two t;
    mfxSession third;

    (void)state;
    two_open(&t);
    third = runtime_session(&t.f.runtime);
    assert_int_equal(MFXJoinSession(t.busy, t.other), MFX_ERR_NONE);
    begin(&t);
    assert_int_equal(MFXJoinSession(t.other, third), MFX_ERR_NONE); /* the group's do not hinder */
    assert_int_equal(MFXVideoCORE_SyncOperation(third, t.sync, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXDisjoinSession(third), MFX_WRN_IN_EXECUTION);
    assert_int_equal(MFXClose(t.other), MFX_ERR_NONE);
    finish(&t, third);
    t.other = third;
    two_close(&t);
}

static void a_clone_of_a_child_is_its_sibling(void **state)
{
    struct two t;
    mfxSession clone = NULL;

    (void)state;
    two_open(&t);
    assert_int_equal(MFXJoinSession(t.busy, t.other), MFX_ERR_NONE);
    assert_int_equal(MFXCloneSession(t.other, &clone), MFX_ERR_NONE);
    assert_int_equal(MFXClose(t.other), MFX_ERR_NONE);
    begin(&t);
    finish(&t, clone);
    assert_int_equal(MFXDisjoinSession(clone), MFX_ERR_NONE);
    t.other = clone;
    two_close(&t);
}

/* Display, allocator, priority and components are each session's own. */
static void a_group_shares_nothing_else(void **state)
{
    struct two t;
    mfxPriority priority = MFX_PRIORITY_NORMAL;
    mfxVideoParam par = {.NumExtParam = 0};
    mfxSession clone = NULL;
    mfxHDL handle = &t;
    int display;

    (void)state;
    two_open(&t);
    assert_int_equal(MFXVideoCORE_SetHandle(t.busy, MFX_HANDLE_VA_DISPLAY, &display), MFX_ERR_NONE);
    assert_int_equal(MFXSetPriority(t.busy, MFX_PRIORITY_LOW), MFX_ERR_NONE);
    assert_int_equal(MFXJoinSession(t.busy, t.other), MFX_ERR_NONE);
    assert_int_equal(MFXCloneSession(t.busy, &clone), MFX_ERR_NONE);
    const mfxSession rest[] = {t.other, clone};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(MFXVideoCORE_GetHandle(rest[i], MFX_HANDLE_VA_DISPLAY, &handle),
                         MFX_ERR_UNDEFINED_BEHAVIOR);
        assert_null(handle);
        assert_int_equal(MFXGetPriority(rest[i], &priority), MFX_ERR_NONE);
        assert_int_equal(priority, MFX_PRIORITY_NORMAL);
        assert_int_equal(MFXVideoDECODE_GetVideoParam(rest[i], &par), MFX_ERR_NOT_INITIALIZED);
        assert_int_equal(MFXVideoCORE_SetHandle(rest[i], MFX_HANDLE_VA_DISPLAY, &display), MFX_ERR_NONE);
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(rest[i], &t.f.frames.allocator), MFX_ERR_NONE);
    }
    assert_int_equal(MFXClose(clone), MFX_ERR_NONE);
    two_close(&t);
}

/* A handle may come before the allocator or after it, and after Init; what was set stays. */
static void handles_come_in_any_order(void **state)
{
    static const mfxHandleType kept[] = {MFX_HANDLE_VA_DISPLAY, MFX_HANDLE_VA_CONFIG_ID,
                                         MFX_HANDLE_VA_CONTEXT_ID};
    struct two t;
    int object[3], another;
    mfxHDL handle;
    mfxIMPL impl = 0;

    (void)state;
    two_open(&t); /* allocator and decoder are there */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(MFXVideoCORE_SetHandle(t.busy, kept[i], NULL), MFX_ERR_INVALID_HANDLE);
        assert_int_equal(MFXVideoCORE_SetHandle(t.busy, kept[i], &object[i]), MFX_ERR_NONE);
        assert_int_equal(MFXVideoCORE_SetHandle(t.busy, kept[i], &object[i]), MFX_ERR_UNDEFINED_BEHAVIOR);
        assert_int_equal(MFXVideoCORE_SetHandle(t.busy, kept[i], &another), MFX_ERR_UNDEFINED_BEHAVIOR);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(MFXVideoCORE_GetHandle(t.busy, kept[i], &handle), MFX_ERR_NONE);
        assert_ptr_equal(handle, &object[i]);
    }
    for (int type = -1; type < 64; type++)
        if (type != (int)kept[0] && type != (int)kept[1] && type != (int)kept[2]) {
            assert_int_equal(MFXVideoCORE_SetHandle(t.other, (mfxHandleType)type, &another),
                             MFX_ERR_UNSUPPORTED);
            assert_int_equal(MFXVideoCORE_GetHandle(t.other, (mfxHandleType)type, &handle),
                             MFX_ERR_UNDEFINED_BEHAVIOR);
            assert_null(handle);
        }
    assert_int_equal(MFXQueryIMPL(t.busy, &impl), MFX_ERR_NONE); /* a way to video memory now */
    assert_int_equal(impl, MFX_IMPL_SOFTWARE | MFX_IMPL_VIA_VAAPI);
    assert_int_equal(MFXQueryIMPL(t.other, &impl), MFX_ERR_NONE);
    assert_int_equal(impl, MFX_IMPL_SOFTWARE);
    two_close(&t);
}

static void priorities_are_the_three(void **state)
{
    static const mfxPriority good[] = {MFX_PRIORITY_LOW, MFX_PRIORITY_NORMAL, MFX_PRIORITY_HIGH};
    struct two t;
    mfxPriority priority;

    (void)state;
    two_open(&t);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(MFXSetPriority(t.other, good[i]), MFX_ERR_NONE);
        assert_int_equal(MFXSetPriority(t.other, (mfxPriority)-1), MFX_ERR_UNSUPPORTED);
        assert_int_equal(MFXSetPriority(t.other, (mfxPriority)3), MFX_ERR_UNSUPPORTED);
        assert_int_equal(MFXGetPriority(t.other, &priority), MFX_ERR_NONE);
        assert_int_equal(priority, good[i]);
    }
    assert_int_equal(MFXGetPriority(t.other, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXQueryIMPL(t.other, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXQueryVersion(t.other, NULL), MFX_ERR_NULL_PTR);
    two_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_busy_session_does_not_become_a_child),
        cmocka_unit_test(a_busy_session_becomes_a_parent),
        cmocka_unit_test(a_session_that_parts_knows_what_it_did_before),
        cmocka_unit_test(a_parent_closes_after_its_children),
        cmocka_unit_test(who_joins_a_child_is_its_sibling),
        cmocka_unit_test(who_joins_a_child_shares_the_groups_operations),
        cmocka_unit_test(a_clone_of_a_child_is_its_sibling),
        cmocka_unit_test(a_group_shares_nothing_else),
        cmocka_unit_test(handles_come_in_any_order),
        cmocka_unit_test(priorities_are_the_three),
    };

    return cmocka_run_group_tests_name("softrt joined sessions", tests, NULL, NULL);
}
