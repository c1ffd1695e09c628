/* Passing calls on, remembering and failing them. */
#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The failure that is due, with the lock held. */
static bool is_to_fail(struct recorder *r, const struct recorder_door *door, enum recorder_kind kind)
{
    return !door->application && r->failure[kind].in > 0 && --r->failure[kind].in == 0;
}

/* Before the call is passed on: it fails by order, and then is remembered here. */
static bool fails(struct recorder *r, const struct recorder_door *door, struct recorder_call *call)
{
    pthread_mutex_lock(&r->lock);
    call->injected = is_to_fail(r, door, call->kind);
    if (call->injected)
        call->status = r->failure[call->kind].status;
    pthread_mutex_unlock(&r->lock);
    return call->injected;
}

static mfxStatus remember(struct recorder *r, const struct recorder_door *door, struct recorder_call *call)
{
    call->application = door->application;
    call->thread = pthread_self();
    pthread_mutex_lock(&r->lock);
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 256;
        r->calls = realloc(r->calls, r->room * sizeof *r->calls);
        if (!r->calls) {
            perror("recorder");
            abort();
        }
    }
    r->calls[r->count++] = *call;
    pthread_mutex_unlock(&r->lock);
    return call->status;
}

/* With the lock held: an Alloc is answered with fewer frames. */
static void cut(struct recorder *r, struct recorder_call *call, mfxFrameAllocResponse *response)
{
    r->whole = *response;
    response->NumFrameActual = r->most_frames;
    call->response = *response;
    r->most_frames = 0;
}

static mfxStatus record_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    const struct recorder_door *door = pthis;
    struct recorder *r = door->recorder;
    struct recorder_call call = {.kind = RECORDER_ALLOC, .request = *request};
    if (!fails(r, door, &call)) {
        call.status = r->target->Alloc(r->target->pthis, request, response);
        call.response = *response;
        pthread_mutex_lock(&r->lock);
        if (!door->application && call.status == MFX_ERR_NONE && r->most_frames)
            cut(r, &call, response);
        pthread_mutex_unlock(&r->lock);
    }
    return remember(r, door, &call);
}

static mfxStatus record_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    const struct recorder_door *door = pthis;
    struct recorder *r = door->recorder;
    struct recorder_call call = {.kind = RECORDER_LOCK, .mid = mid};
    if (!fails(r, door, &call))
        call.status = r->target->Lock(r->target->pthis, mid, data);
    return remember(r, door, &call);
}

static mfxStatus record_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    const struct recorder_door *door = pthis;
    struct recorder *r = door->recorder;
    struct recorder_call call = {.kind = RECORDER_UNLOCK, .mid = mid};
    if (!fails(r, door, &call))
        call.status = r->target->Unlock(r->target->pthis, mid, data);
    return remember(r, door, &call);
}

static mfxStatus record_get_hdl(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    const struct recorder_door *door = pthis;
    struct recorder *r = door->recorder;
    struct recorder_call call = {.kind = RECORDER_GET_HDL, .mid = mid};
    if (!fails(r, door, &call)) {
        call.status = r->target->GetHDL(r->target->pthis, mid, handle);
        call.handle = call.status == MFX_ERR_NONE ? *handle : NULL;
    }
    return remember(r, door, &call);
}

static mfxStatus record_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    const struct recorder_door *door = pthis;
    struct recorder *r = door->recorder;
    struct recorder_call call = {.kind = RECORDER_FREE, .response = *response};
    if (!fails(r, door, &call)) {
        mfxFrameAllocResponse given = *response;
        if (given.mids && given.mids == r->whole.mids)
            given = r->whole;
        call.status = r->target->Free(r->target->pthis, &given);
    }
    return remember(r, door, &call);
}

static void open_door(struct recorder *recorder, struct recorder_door *door, bool application)
{
    *door = (struct recorder_door){.mfx = {.pthis = door,
                                           .Alloc = record_alloc,
                                           .Lock = record_lock,
                                           .Unlock = record_unlock,
                                           .GetHDL = record_get_hdl,
                                           .Free = record_free},
                                   .recorder = recorder,
                                   .application = application};
}

void recorder_init(struct recorder *recorder, mfxFrameAllocator *target)
{
    memset(recorder, 0, sizeof *recorder);
    recorder->target = target;
    pthread_mutex_init(&recorder->lock, NULL);
    open_door(recorder, &recorder->runtime, false);
    open_door(recorder, &recorder->application, true);
}

void recorder_finish(struct recorder *recorder)
{
    free(recorder->calls);
    pthread_mutex_destroy(&recorder->lock);
    memset(recorder, 0, sizeof *recorder);
}

void recorder_fail(struct recorder *recorder, enum recorder_kind kind, size_t nth, mfxStatus status)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->failure[kind].in = nth;
    recorder->failure[kind].status = status;
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_cut(struct recorder *recorder, mfxU16 frames)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->most_frames = frames;
    pthread_mutex_unlock(&recorder->lock);
}

void recorder_clear(struct recorder *recorder)
{
    pthread_mutex_lock(&recorder->lock);
    recorder->count = 0;
    pthread_mutex_unlock(&recorder->lock);
}

bool recorder_failed(struct recorder *recorder, enum recorder_kind kind)
{
    bool failed = false;
    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->count; i++)
        failed |= recorder->calls[i].kind == kind && recorder->calls[i].injected;
    pthread_mutex_unlock(&recorder->lock);
    return failed;
}

size_t recorder_count(struct recorder *recorder, enum recorder_kind kind)
{
    size_t found = 0;
    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->count; i++)
        found += recorder->calls[i].kind == kind && !recorder->calls[i].application;
    pthread_mutex_unlock(&recorder->lock);
    return found;
}

struct recorder_call recorder_get(struct recorder *recorder, enum recorder_kind kind, size_t index)
{
    struct recorder_call call = {0};
    size_t found = 0;
    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->calls[i].kind == kind && !recorder->calls[i].application && found++ == index)
            call = recorder->calls[i];
    pthread_mutex_unlock(&recorder->lock);
    return call;
}

const struct recorder_call *recorder_calls(const struct recorder *recorder, size_t *count)
{
    *count = recorder->count;
    return recorder->calls;
}

/* Locks of the frame that calls[0 .. end-1] leave held; -1: an Unlock came too early. */
static int depth(const struct recorder_call *calls, size_t end, mfxMemId mid)
{
    int held = 0;
    for (size_t i = 0; i < end && held >= 0; i++)
        if (!calls[i].application && calls[i].mid == mid && calls[i].status == MFX_ERR_NONE)
            held += (calls[i].kind == RECORDER_LOCK) - (calls[i].kind == RECORDER_UNLOCK);
    return held;
}

bool recorder_balanced(struct recorder *recorder)
{
    bool balanced = true;
    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->count; i++)
        if (recorder->calls[i].mid)
            balanced &= depth(recorder->calls, recorder->count, recorder->calls[i].mid) == 0;
    pthread_mutex_unlock(&recorder->lock);
    return balanced;
}

bool recorder_succeeded(struct recorder *recorder)
{
    bool succeeded = true;
    pthread_mutex_lock(&recorder->lock);
    for (size_t i = 0; i < recorder->count; i++)
        succeeded &= recorder->calls[i].injected || recorder->calls[i].status == MFX_ERR_NONE;
    pthread_mutex_unlock(&recorder->lock);
    return succeeded;
}
