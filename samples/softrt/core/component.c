/* What the components of a session share. */
#include "core/component.h"

#include <libavutil/cpu.h>
#include <stdlib.h>

void *srt_component_new(size_t size, const struct srt_component_type *type, struct srt_session *session)
{
    struct srt_component *component = calloc(1, size);

    if (!component)
        return NULL;
    if (pthread_mutex_init(&component->call, NULL)) {
        free(component);
        return NULL;
    }
    component->type = type;
    component->session = session;
    atomic_init(&component->refs, 1);
    return component;
}

static void unref(struct srt_component *component)
{
    if (atomic_fetch_sub_explicit(&component->refs, 1, memory_order_acq_rel) != 1)
        return;
    component->type->clear(component);
    pthread_mutex_destroy(&component->call);
    free(component);
}

void srt_component_wake(struct srt_component *component)
{
    if (component && component->type->wake)
        component->type->wake(component);
}

void srt_component_close(struct srt_component *component)
{
    if (!component)
        return;
    srt_component_wake(component);
    pthread_mutex_lock(&component->call);
    component->closed = true;
    component->type->stop(component);
    pthread_mutex_unlock(&component->call);
    unref(component);
}

bool srt_component_exists(struct srt_session *session, enum srt_component_kind kind)
{
    pthread_mutex_lock(&session->lock);
    bool exists = session->components[kind];
    pthread_mutex_unlock(&session->lock);
    return exists;
}

mfxStatus srt_component_add(enum srt_component_kind kind, struct srt_component *component)
{
    struct srt_session *session = component->session;
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&session->lock);
    if (session->closed)
        status = MFX_ERR_INVALID_HANDLE;
    else if (session->components[kind])
        status = MFX_ERR_UNDEFINED_BEHAVIOR;
    else
        session->components[kind] = component;
    pthread_mutex_unlock(&session->lock);
    if (status != MFX_ERR_NONE)
        srt_component_close(component);
    return status;
}

mfxStatus srt_component_enter(mfxSession handle, enum srt_component_kind kind, struct srt_component **out)
{
    struct srt_session *session = srt_session_get(handle);
    struct srt_component *component;

    *out = NULL;
    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&session->lock);
    component = session->components[kind];
    if (component)
        atomic_fetch_add_explicit(&component->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&session->lock);
    if (!component)
        return MFX_ERR_NOT_INITIALIZED;
    pthread_mutex_lock(&component->call);
    if (component->closed)
        return srt_component_leave(component, MFX_ERR_NOT_INITIALIZED);
    *out = component;
    return MFX_ERR_NONE;
}

mfxStatus srt_component_leave(struct srt_component *component, mfxStatus status)
{
    if (component) {
        pthread_mutex_unlock(&component->call);
        unref(component);
    }
    return status;
}

/* All are woken before the first is waited for: a call on one may wait for another's surfaces. */
static void end(struct srt_component *const components[SRT_NUM_COMPONENTS])
{
    for (size_t kind = 0; kind < SRT_NUM_COMPONENTS; kind++)
        srt_component_wake(components[kind]);
    for (size_t kind = 0; kind < SRT_NUM_COMPONENTS; kind++)
        srt_component_close(components[kind]);
}

static void take(struct srt_session *session, size_t kind, struct srt_component **taken)
{
    taken[kind] = session->components[kind];
    session->components[kind] = NULL;
}

mfxStatus srt_components_end(mfxSession handle, enum srt_component_kind first, enum srt_component_kind last)
{
    struct srt_component *taken[SRT_NUM_COMPONENTS] = {NULL};
    struct srt_session *session = srt_session_get(handle);

    if (!session)
        return MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&session->lock);
    if (session->components[first])
        for (size_t kind = first; kind <= last; kind++)
            take(session, kind, taken);
    pthread_mutex_unlock(&session->lock);
    end(taken);
    return taken[first] ? MFX_ERR_NONE : MFX_ERR_NOT_INITIALIZED;
}

void srt_components_close(struct srt_session *session)
{
    struct srt_component *taken[SRT_NUM_COMPONENTS];

    pthread_mutex_lock(&session->lock);
    session->closed = true;
    for (size_t kind = 0; kind < SRT_NUM_COMPONENTS; kind++)
        take(session, kind, taken);
    pthread_mutex_unlock(&session->lock);
    end(taken);
}

mfxExtBuffer *srt_ext_buffer(mfxExtBuffer *const *buffers, mfxU16 count, mfxU32 id)
{
    for (mfxU16 i = 0; buffers && i < count; i++)
        if (buffers[i] && buffers[i]->BufferId == id)
            return buffers[i];
    return NULL;
}

int srt_thread_count(const struct srt_session *session, mfxU16 asked)
{
    const int most = 16; /* as libav's codecs do */
    int count = srt_session_threads(session, asked);

    if (!count)
        count = av_cpu_count();
    return count < 1 ? 1 : count > most ? most : count;
}
