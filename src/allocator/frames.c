/* From request to response and back: frame sets made by a backend, published, shared, freed. */
#include "allocator/internal.h"
#include "allocator/match.h"
#include "base/cancel.h"

#include <string.h>

/* MFX_MEMTYPE_OPAQUE_FRAME of API 1.x: no longer in the headers, refused by today's runtimes. */
#define FORMER_OPAQUE_BIT 0x0004

/* Everything a set needs before it can be entered in the book; what has been made so far. */
struct making {
    const struct vfa_backend *backend;
    struct vfa_backend_order order;
    struct vfa_backend_frame *frames;
    struct vfa__set *set;
    struct vfa__reference *reference;
    struct vfa__text refusals; /* of the backends asked so far */
};

static mfxStatus check_request(struct vfa__call *call, mfxFrameAllocRequest *request)
{
    if (request->NumFrameSuggested < request->NumFrameMin)
        request->NumFrameSuggested = request->NumFrameMin;
    if (!(request->Type & VFA_MEMTYPE_KINDS)) {
        vfa__explain(call,
                     "Type 0x%04x names no memory kind (MFX_MEMTYPE_SYSTEM_MEMORY or a VIDEO_MEMORY target)",
                     request->Type);
        return MFX_ERR_UNSUPPORTED;
    }
    if (request->Type & FORMER_OPAQUE_BIT) {
        vfa__explain(call, "Type 0x%04x asks for opaque memory, which API 2.x no longer has", request->Type);
        return MFX_ERR_UNSUPPORTED;
    }
    if (!request->NumFrameSuggested) {
        vfa__explain(call, "NumFrameMin and NumFrameSuggested are 0: no frames asked for");
        return MFX_ERR_INVALID_VIDEO_PARAM;
    }
    return MFX_ERR_NONE;
}

static void size_frames_array(const struct making *m, size_t *bytes)
{
    *bytes = m->order.count * sizeof *m->frames; /* at most 65535 of some hundred bytes */
}

static mfxStatus prepare(struct vfa__call *call, struct making *m)
{
    struct vfa__gate *gate = &call->allocator->gate;
    size_t bytes;
    size_frames_array(m, &bytes);
    m->frames = vfa__gate_allocate(gate, bytes, _Alignof(struct vfa_backend_frame), VFA_MEMORY_BOOK);
    m->set = vfa__set_new(gate, m->order.count);
    m->reference = vfa__reference_new(gate, m->order.count);
    if (m->frames && m->set && m->reference)
        return MFX_ERR_NONE;
    vfa__explain(call, "no memory for the records of %u frames", m->order.count);
    return MFX_ERR_MEMORY_ALLOC;
}

/* Undoes prepare, but for what was handed over (and set to NULL). */
static void discard(struct vfa__call *call, struct making *m)
{
    struct vfa__gate *gate = &call->allocator->gate;
    size_t bytes;
    size_frames_array(m, &bytes);
    vfa__reference_delete(gate, m->reference);
    vfa__set_delete(gate, m->set);
    vfa__gate_release(gate, m->frames, bytes, VFA_MEMORY_BOOK);
}

static mfxStatus ask_backend(struct vfa__call *call, struct making *m, const struct vfa_backend *backend)
{
    struct vfa_backend_host host = vfa__host(call);
    memset(&m->set->made, 0, sizeof m->set->made);
    call->cause[0] = '\0';
    m->backend = backend;
    mfxStatus status = backend->create(backend->self, &host, &m->order, m->frames, &m->set->made);
    if (status != MFX_ERR_NONE)
        vfa__text_add(&m->refusals, "%s%s: %s", m->refusals.length ? "; " : "", backend->name,
                      call->cause[0] ? call->cause : vfa_status_name(status));
    return status;
}

/* Asks the backends that serve `kinds` until one does not say that the format is none of its own. */
static mfxStatus ask_backends(struct vfa__call *call, struct making *m, mfxU16 kinds)
{
    const struct vfa_allocator *a = call->allocator;
    mfxStatus status = MFX_ERR_UNSUPPORTED;
    for (size_t i = 0; i < a->backend_count && status == MFX_ERR_UNSUPPORTED; i++)
        if (a->backend[i].kinds & kinds)
            status = ask_backend(call, m, &a->backend[i]);
    return status;
}

/* When both memory bits are set (JPEG encoders send 0x0152) video memory wins where there is any. */
static mfxStatus make_frames(struct vfa__call *call, struct making *m, const struct vfa_backend *wanted)
{
    char refusals[VFA__CAUSE_MAX];
    vfa__text_init(&m->refusals, refusals, sizeof refusals);
    mfxU16 type = m->order.request->Type;
    mfxStatus status = MFX_ERR_UNSUPPORTED;
    if (wanted)
        status = ask_backend(call, m, wanted);
    else if (type & VFA_MEMTYPE_VIDEO)
        status = ask_backends(call, m, type & VFA_MEMTYPE_VIDEO);
    if (!wanted && status == MFX_ERR_UNSUPPORTED && (type & MFX_MEMTYPE_SYSTEM_MEMORY))
        status = ask_backends(call, m, MFX_MEMTYPE_SYSTEM_MEMORY);
    if (status == MFX_ERR_NONE)
        return status;
    if (m->refusals.length) /* of every backend that was asked, not only of the last */
        vfa__explain(call, "%s", refusals);
    else
        vfa__explain(call, "no backend of this allocator serves memory type 0x%04x", type);
    return status;
}

static void fill_slots(struct making *m, struct vfa__set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct vfa__slot *slot = set->slot[i];
        const mfxFrameData *view = &m->frames[i].view;
        slot->channel[0] = view->Y;
        slot->channel[1] = view->U;
        slot->channel[2] = view->V;
        slot->channel[3] = view->A;
        slot->pitch_bytes = vfa_frame_data_pitch(view);
        slot->map_flags = 0;
        slot->set = set;
        slot->frame = m->frames[i].frame;
    }
}

static void respond(const struct vfa__set *set, struct vfa__reference *reference, mfxU32 alloc_id,
                    mfxFrameAllocResponse *response)
{
    response->AllocId = alloc_id;
    response->mids = reference->mids;
    response->NumFrameActual = (mfxU16)set->count;
}

static mfxStatus make_set(struct vfa__call *call, const mfxFrameAllocRequest *request,
                          const struct vfa__terms *terms, mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = call->allocator;
    struct making m = {.order = {.request = request,
                                 .min = request->NumFrameMin ? request->NumFrameMin : 1,
                                 .count = request->NumFrameSuggested,
                                 .detail = terms->detail}};
    mfxStatus status = prepare(call, &m);
    if (status == MFX_ERR_NONE)
        status = make_frames(call, &m, terms->backend);
    if (status != MFX_ERR_NONE) {
        discard(call, &m);
        return status;
    }
    struct vfa__set *set = m.set;
    set->backend = m.backend;
    set->count = set->made.count;
    set->request = *request;
    set->flags = vfa__set_flags(request, terms->flags);
    atomic_init(&set->direction, terms->direction);
    status = vfa__slots_reserve(&a->slots, set->count, set->slot);
    if (status != MFX_ERR_NONE) {
        vfa__explain(call, "no handles left for %zu frames", set->count);
        struct vfa_backend_host host = vfa__host(call);
        m.backend->destroy(m.backend->self, &host, &set->made);
        discard(call, &m);
        return status;
    }
    fill_slots(&m, set);
    vfa__book_enter(&a->book, set, m.reference);
    respond(set, m.reference, request->AllocId, response);
    m.set = NULL;
    m.reference = NULL;
    discard(call, &m);
    return MFX_ERR_NONE;
}

/* MFX_ERR_NOT_FOUND: there is none to share. */
static mfxStatus claim_set(struct vfa__call *call, const mfxFrameAllocRequest *request,
                           mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = call->allocator;
    size_t room = request->NumFrameSuggested, needed;
    for (;;) {
        struct vfa__reference *reference = vfa__reference_new(&a->gate, room);
        if (!reference) {
            vfa__explain(call, "no memory for the record of a response");
            return MFX_ERR_MEMORY_ALLOC;
        }
        enum vfa__claim claim = vfa__book_claim(&a->book, request, reference, room, &needed);
        if (claim == VFA__CLAIM_MADE) {
            respond(reference->set, reference, request->AllocId, response);
            return MFX_ERR_NONE;
        }
        vfa__reference_delete(&a->gate, reference);
        if (needed) {
            room = needed;
            continue;
        }
        if (claim == VFA__CLAIM_SMALL)
            vfa__log(&a->log, VFA_LOG_WARNING,
                     "%s: Alloc: frames for AllocId %u are there, but fewer or smaller than now asked for "
                     "(%ux%u, at least %u): makes new ones",
                     a->name, request->AllocId, request->Info.Width, request->Info.Height,
                     request->NumFrameMin);
        return MFX_ERR_NOT_FOUND;
    }
}

static void log_made(struct vfa__call *call, const mfxFrameAllocRequest *request, const char *what,
                     const mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = call->allocator;
    bool is_short = response->NumFrameActual < request->NumFrameSuggested;
    enum vfa_log_level level = is_short ? VFA_LOG_WARNING : VFA_LOG_INFO;
    if (!vfa__log_wants(&a->log, level))
        return;
    char line[VFA__CAUSE_MAX];
    struct vfa__text text;
    vfa__text_init(&text, line, sizeof line);
    vfa__text_add_request(&text, request);
    vfa__log(&a->log, level, "%s: Alloc: %s: %s %u frames%s", a->name, line, what, response->NumFrameActual,
             is_short ? ", fewer than suggested" : "");
}

mfxStatus vfa__frames_make(struct vfa__call *call, const struct vfa__terms *terms,
                           mfxFrameAllocResponse *response)
{
    memset(response, 0, sizeof *response);
    mfxFrameAllocRequest request = *call->request;
    mfxStatus status = check_request(call, &request);
    if (status != MFX_ERR_NONE)
        return status;
    /* Only a decoder's Init asks for frames that its application may have made. */
    bool is_private = vfa__set_flags(&request, terms->flags) & VFA_FRAMES_PRIVATE;
    if (terms->may_claim && !is_private && (request.Type & MFX_MEMTYPE_FROM_DECODE)) {
        status = claim_set(call, &request, response);
        if (status == MFX_ERR_NONE)
            log_made(call, &request, "shares", response);
        if (status != MFX_ERR_NOT_FOUND)
            return status;
    }
    int before = vfa__cancel_off(); /* else what is made so far would be lost */
    status = make_set(call, &request, terms, response);
    if (status == MFX_ERR_NONE)
        log_made(call, &request, "made", response);
    vfa__cancel_as(before);
    return status;
}

void vfa__set_end(struct vfa__call *call, struct vfa__set *set)
{
    struct vfa_allocator *a = call->allocator;
    int before = vfa__cancel_off();
    if (set->backend) {
        struct vfa_backend_host host = vfa__host(call);
        set->backend->destroy(set->backend->self, &host, &set->made);
    } else if (set->release) {
        set->release(set->release_user, &set->planes);
    }
    vfa__set_delete(&a->gate, set);
    vfa__cancel_as(before);
}

void vfa__set_frame_died(struct vfa__call *call, struct vfa__set *set)
{
    struct vfa_allocator *a = call->allocator;
    if (atomic_fetch_sub_explicit(&set->alive, 1, memory_order_acq_rel) != 1)
        return;
    vfa__book_remove(&a->book, set);
    vfa__slots_return(&a->slots, set->slot, set->count);
    vfa__set_end(call, set);
}

void vfa__set_retire(struct vfa__call *call, struct vfa__set *set)
{
    /* `alive` is one more than the frames until the end, so that no Unlock ends the set under this loop. */
    for (size_t i = 0; i < set->count; i++)
        if (vfa__slot_retire(set->slot[i]))
            atomic_fetch_sub_explicit(&set->alive, 1, memory_order_relaxed);
    vfa__set_frame_died(call, set);
}

mfxStatus vfa__frames_free(struct vfa__call *call, const mfxFrameAllocResponse *response)
{
    struct vfa_allocator *a = call->allocator;
    if (!response->mids)
        return MFX_ERR_NONE; /* of a failed Alloc, or zeroed after a Free */
    struct vfa__set *set = NULL;
    switch (vfa__book_end(&a->book, response->mids, &set)) {
    case VFA__ENDING_TWICE:
    case VFA__ENDING_UNKNOWN:
        return vfa__fail_response(call, response);
    case VFA__ENDING_LAST:
        vfa__log(&a->log, VFA_LOG_INFO, "%s: Free: AllocId %u: %u frames end", a->name, response->AllocId,
                 response->NumFrameActual);
        vfa__set_retire(call, set);
        break;
    case VFA__ENDING_SHARED:
        vfa__log(&a->log, VFA_LOG_INFO, "%s: Free: AllocId %u: %u frames stay, others refer to them", a->name,
                 response->AllocId, response->NumFrameActual);
        break;
    }
    return MFX_ERR_NONE;
}
