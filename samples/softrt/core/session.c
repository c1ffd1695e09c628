/* Sessions: the list of live ones, creating, joining and closing them. */
#include "core/session.h"

#include "core/component.h"
#include "core/display.h"
#include "core/guise.h"
#include "surface/device.h"

#include <stdlib.h>

/* Guards the list, and the fields of every session so marked in session.h. Taken before a session's own lock.
 */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct srt_session *list;
static uintptr_t last_handle;

static struct srt_session *find_locked(mfxSession handle)
{
    for (struct srt_session *s = list; s; s = s->next)
        if (s->handle == handle)
            return s;
    return NULL;
}

struct srt_session *srt_session_get(mfxSession handle)
{
    pthread_mutex_lock(&list_lock);
    struct srt_session *session = find_locked(handle);
    pthread_mutex_unlock(&list_lock);
    return session;
}

struct srt_session *srt_session_begin_call(mfxSession handle)
{
    pthread_mutex_lock(&list_lock);
    struct srt_session *session = find_locked(handle);
    if (session)
        session->users++;
    pthread_mutex_unlock(&list_lock);
    return session;
}

static void destroy(struct srt_session *session)
{
    srt_device_unref(&session->device);
    srt_core_unref(&session->core);
    srt_knobs_free(&session->knobs);
    srt_core_unref(&session->former_core);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

void srt_session_end_call(struct srt_session *session)
{
    if (!session)
        return;
    pthread_mutex_lock(&list_lock);
    bool last = !--session->users;
    pthread_mutex_unlock(&list_lock);
    if (last)
        destroy(session);
}

bool srt_session_any(void)
{
    pthread_mutex_lock(&list_lock);
    bool any = list;
    pthread_mutex_unlock(&list_lock);
    return any;
}

bool srt_session_allocator(struct srt_session *session, mfxFrameAllocator *out)
{
    pthread_mutex_lock(&session->lock);
    bool has = session->has_allocator;
    if (has)
        *out = session->allocator;
    pthread_mutex_unlock(&session->lock);
    return has;
}

mfxStatus srt_session_begin_op(struct srt_session *session, struct srt_op **out)
{
    struct srt_core *core;
    mfxStatus status;

    pthread_mutex_lock(&session->lock);
    core = srt_core_ref(session->core);
    pthread_mutex_unlock(&session->lock);
    status = srt_op_begin(core, out);
    srt_core_unref(&core);
    return status;
}

bool srt_session_has_display(struct srt_session *session)
{
    pthread_mutex_lock(&session->lock);
    bool has = session->handles[MFX_HANDLE_VA_DISPLAY];
    pthread_mutex_unlock(&session->lock);
    return has;
}

/* As the GPU runtime does, whose sessions have a device from the first call that needs one. */
mfxStatus srt_session_check_device(struct srt_session *session)
{
    bool has;

    if (!srt_is_hardware())
        return MFX_ERR_NONE;
    pthread_mutex_lock(&session->lock);
    if (!session->handles[MFX_HANDLE_VA_DISPLAY])
        session->handles[MFX_HANDLE_VA_DISPLAY] = srt_display_own();
    has = session->handles[MFX_HANDLE_VA_DISPLAY];
    pthread_mutex_unlock(&session->lock);
    return has ? MFX_ERR_NONE : MFX_ERR_DEVICE_FAILED;
}

int srt_session_threads(const struct srt_session *session, mfxU16 asked)
{
    enum {
        most = 64
    };
    int count = asked ? asked : session->config.num_threads;

    return count > most ? most : count;
}

static mfxStatus new_session(const struct srt_session_config *config, struct srt_session **out)
{
    struct srt_session *session = calloc(1, sizeof(*session));
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    if (!session)
        return status;
    if (pthread_mutex_init(&session->lock, NULL))
        goto no_lock;
    status = srt_knobs_read(&session->knobs);
    if (status != MFX_ERR_NONE)
        goto no_knobs;
    status = srt_core_create(&session->core);
    if (status != MFX_ERR_NONE)
        goto no_core;
    session->config = *config;
    session->priority = MFX_PRIORITY_NORMAL;
    session->users = 1;
    *out = session;
    return status;

no_core:
    srt_knobs_free(&session->knobs);
no_knobs:
    pthread_mutex_destroy(&session->lock);
no_lock:
    free(session);
    return status;
}

mfxStatus srt_session_open(const struct srt_session_config *config, mfxSession *out)
{
    struct srt_session *session = NULL;
    mfxStatus status = new_session(config, &session);

    if (status != MFX_ERR_NONE)
        return status;
    pthread_mutex_lock(&list_lock);
    session->handle = (mfxSession)(SRT_HANDLE_PATTERN | ++last_handle); // NOLINT(performance-no-int-to-ptr)
    session->next = list;
    list = session;
    pthread_mutex_unlock(&list_lock);
    *out = session->handle;
    return MFX_ERR_NONE;
}

static mfxStatus take_off_list(mfxSession handle, struct srt_session **out)
{
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&list_lock);
    struct srt_session *session = find_locked(handle);
    if (!session) {
        status = MFX_ERR_INVALID_HANDLE;
    } else if (session->children) {
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    } else {
        struct srt_session **link = &list;
        while (*link != session)
            link = &(*link)->next;
        *link = session->next;
        if (session->parent)
            session->parent->children--;
        *out = session;
    }
    pthread_mutex_unlock(&list_lock);
    return status;
}

static mfxStatus close_session(mfxSession handle)
{
    struct srt_session *session;
    mfxStatus status = take_off_list(handle, &session);

    if (status != MFX_ERR_NONE)
        return status;
    srt_components_close(session);
    srt_session_end_call(session);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXClose(mfxSession handle)
{
    return close_session(handle);
}

/* With a display, software too is a way to video memory: clients of API 1.x (ffmpeg) ask for a display only
 * where the implementation says so. */
mfxStatus srt_MFXQueryIMPL(mfxSession handle, mfxIMPL *impl)
{
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!impl)
        return MFX_ERR_NULL_PTR;
    if (srt_is_hardware())
        *impl = MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI;
    else
        *impl = MFX_IMPL_SOFTWARE | (srt_session_has_display(session) ? MFX_IMPL_VIA_VAAPI : 0);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXQueryVersion(mfxSession handle, mfxVersion *version)
{
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!version)
        return MFX_ERR_NULL_PTR;
    *version = session->config.version;
    return MFX_ERR_NONE;
}

static void replace_core(struct srt_session *session, struct srt_core *core)
{
    pthread_mutex_lock(&session->lock);
    struct srt_core *forgotten = session->former_core;
    session->former_core = session->core;
    session->core = core;
    pthread_mutex_unlock(&session->lock);
    srt_core_unref(&forgotten);
}

/* Joining to a child is joining to its parent, "responsible for thread and resource scheduling of any later
 * joined sessions": so groups are flat, and any child may close or part before the others. "Joining of two
 * parent sessions is not supported": and a session has one parent at most. What is in execution in the parent
 * does not hinder, whatever the header says: the GPU runtime does not mind it, and clients rely on that
 * (ffmpeg joins its encoder while it decodes). */
static mfxStatus join_locked(struct srt_session *parent, struct srt_session *child)
{
    if (!parent || !child)
        return MFX_ERR_INVALID_HANDLE;
    if (parent->parent)
        parent = parent->parent;
    if (parent == child || child->parent || child->children)
        return MFX_ERR_UNSUPPORTED;
    if (srt_core_busy(child->core))
        return MFX_WRN_IN_EXECUTION;
    replace_core(child, srt_core_ref(parent->core));
    child->parent = parent;
    parent->children++;
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXJoinSession(mfxSession session, mfxSession child)
{
    pthread_mutex_lock(&list_lock);
    mfxStatus status = join_locked(find_locked(session), find_locked(child));
    pthread_mutex_unlock(&list_lock);
    return status;
}

static mfxStatus disjoin_locked(struct srt_session *session)
{
    struct srt_core *own;
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!session->parent)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (srt_core_busy(session->core))
        return MFX_WRN_IN_EXECUTION;
    status = srt_core_create(&own);
    if (status != MFX_ERR_NONE)
        return status;
    replace_core(session, own);
    session->parent->children--;
    session->parent = NULL;
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXDisjoinSession(mfxSession session)
{
    pthread_mutex_lock(&list_lock);
    mfxStatus status = disjoin_locked(find_locked(session));
    pthread_mutex_unlock(&list_lock);
    return status;
}

/* "Equivalent of MFXJoinSession after MFXInit": the clone is a joined child, with no handle and no allocator.
 */
mfxStatus srt_MFXCloneSession(mfxSession handle, mfxSession *clone)
{
    struct srt_session *session = srt_session_get(handle);
    mfxStatus status;

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!clone)
        return MFX_ERR_NULL_PTR;
    *clone = NULL;
    status = srt_session_open(&session->config, clone);
    if (status != MFX_ERR_NONE)
        return status;
    status = srt_MFXJoinSession(handle, *clone);
    if (status != MFX_ERR_NONE) {
        (void)close_session(*clone);
        *clone = NULL;
    }
    return status;
}

mfxStatus srt_MFXSetPriority(mfxSession handle, mfxPriority priority)
{
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if ((int)priority < MFX_PRIORITY_LOW || (int)priority > MFX_PRIORITY_HIGH)
        return MFX_ERR_UNSUPPORTED;
    pthread_mutex_lock(&session->lock);
    session->priority = priority;
    pthread_mutex_unlock(&session->lock);
    return MFX_ERR_NONE;
}

mfxStatus srt_MFXGetPriority(mfxSession handle, mfxPriority *priority)
{
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    if (!priority)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&session->lock);
    *priority = session->priority;
    pthread_mutex_unlock(&session->lock);
    return MFX_ERR_NONE;
}
