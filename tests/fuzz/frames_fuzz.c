/* Sequences of calls on two allocators, over system memory and a VA driver of the tests, with stale, foreign
 * and made-up handles and with failures of memory and driver, against a model that knows what each call
 * answers. */
#include "fuzz.h"

#include "../support/fake_va.h"
#include "../support/memory.h"

#include <vfa/vfa.h>

#define ALLOCATORS     2
#define MOST_CALLS     64
#define MOST_FRAMES    4 /* of a set */
#define MOST_RESPONSES (MOST_CALLS + 1)
#define MOST_SETS      (MOST_CALLS + 1)
#define SIDE_STEP      32 /* sizes are multiples: no rounding makes frames larger than asked for */
#define WRAPPED_BYTES  (SIDE_STEP * 2 * 4 * SIDE_STEP * 2)

/* --- the model */

struct model_frame {
    mfxMemId mid;
    unsigned int locks;
    mfxU32 held; /* rights of the map, of frames that are not always mapped */
    bool dead;   /* ended with its set */
};

/* Frames that were made together, or one that was wrapped. */
struct model_set {
    mfxFrameAllocRequest request;
    unsigned int allocator, flags, references;
    bool video, wrapped, maker_refers;
    bool listed; /* until its last response is freed */
    mfxU32 direction;
    size_t count;
    struct model_frame frame[MOST_FRAMES];
};

struct model_response {
    mfxFrameAllocResponse response;
    struct model_set *set;
    bool live, maker;
};

struct world {
    struct fuzz_input in;
    struct test_memory memory[ALLOCATORS], va_memory;
    struct vfa_allocator *allocator[ALLOCATORS];
    mfxFrameAllocator *callbacks[ALLOCATORS];
    struct fake_va fake;
    struct vfa_va *va; /* NULL: system memory alone */
    bool has_map2;     /* the driver may map for reading alone, and then no map is widened */
    bool limited;      /* max_frame_bytes is set, so that any Alloc may give fewer frames */
    bool faulty;       /* a failure is set for this call */
    bool shaken;       /* one was while the driver was found out about: maps may fail from then on */
    struct model_set set[MOST_SETS];
    size_t set_count;
    struct model_response response[MOST_RESPONSES];
    size_t response_count;
    unsigned int released, to_release; /* wrapped frames: given back, and to be */
    mfxU8 wrapped[WRAPPED_BYTES];
};

static bool is_alive(const struct model_set *set, const struct model_frame *frame)
{
    return set->listed || (!frame->dead && frame->locks);
}

static struct model_frame *find(struct world *w, unsigned int allocator, mfxMemId mid, struct model_set **set)
{
    for (size_t s = 0; s < w->set_count; s++)
        for (size_t f = 0; f < w->set[s].count; f++)
            if (w->set[s].allocator == allocator && w->set[s].frame[f].mid == mid &&
                is_alive(&w->set[s], &w->set[s].frame[f])) {
                *set = &w->set[s];
                return &w->set[s].frame[f];
            }
    return NULL;
}

/* By what a response is known. */
static struct model_response *find_response(struct world *w, unsigned int allocator, const mfxMemId *mids)
{
    for (size_t i = 0; i < w->response_count; i++)
        if (w->response[i].live && w->response[i].response.mids == mids &&
            w->response[i].set->allocator == allocator)
            return &w->response[i];
    return NULL;
}

/* The last reference went: frames that nobody has locked end now, the others with their last Unlock. */
static void retire(struct world *w, struct model_set *set)
{
    bool ended = true;
    set->listed = false;
    for (size_t f = 0; f < set->count; f++) {
        set->frame[f].dead = !set->frame[f].locks;
        ended = ended && set->frame[f].dead;
    }
    w->to_release += set->wrapped && ended;
}

/* --- what a call may answer */

/* As predicted; or, where a failure is set, any error. */
static bool answered(const struct world *w, mfxStatus status, mfxStatus predicted)
{
    if (status != predicted && !w->faulty)
        for (unsigned int a = 0; a < ALLOCATORS; a++) {
            struct vfa_error error;
            if (vfa_last_error(w->allocator[a], &error) == MFX_ERR_NONE)
                fprintf(stderr, "allocator %u: %s\n", a, error.text);
        }
    if (!w->faulty)
        FUZZ_SAME(status, predicted);
    else
        FUZZ_CHECK(status == predicted || status < MFX_ERR_NONE);
    return status == MFX_ERR_NONE;
}

static bool same_format(const mfxFrameInfo *a, const mfxFrameInfo *b)
{
    return a->FourCC == b->FourCC && a->ChromaFormat == b->ChromaFormat &&
           a->BitDepthLuma == b->BitDepthLuma && a->BitDepthChroma == b->BitDepthChroma &&
           a->Shift == b->Shift;
}

static bool holds(const mfxFrameInfo *have, const mfxFrameInfo *want)
{
    if (want->FourCC == MFX_FOURCC_P8)
        return want->BufferSize <= have->BufferSize;
    return want->Width <= have->Width && want->Height <= have->Height;
}

#define ORIGINS \
    (MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_FROM_VPPOUT)

/* May a runtime's Alloc get these frames? */
static bool claimable(const struct model_set *set, unsigned int allocator, const mfxFrameAllocRequest *want)
{
    mfxU16 origins = want->Type & (ORIGINS | MFX_MEMTYPE_EXPORT_FRAME);
    bool open = (set->flags & VFA_FRAMES_SHARED) || (set->maker_refers && set->references == 1);
    bool wants_video = want->Type & VFA_MEMTYPE_VIDEO;
    return set->allocator == allocator && set->listed && !set->wrapped &&
           !(set->flags & VFA_FRAMES_PRIVATE) && open && (want->Type & MFX_MEMTYPE_FROM_DECODE) &&
           !(want->Type & MFX_MEMTYPE_INTERNAL_FRAME) && want->Info.FourCC != MFX_FOURCC_P8 &&
           want->AllocId == set->request.AllocId && same_format(&set->request.Info, &want->Info) &&
           set->video == wants_video && (origins & set->request.Type) == origins &&
           holds(&set->request.Info, &want->Info) && want->NumFrameMin <= set->count;
}

static bool is_sized(const mfxFrameInfo *info)
{
    return info->FourCC == MFX_FOURCC_P8 ? info->BufferSize > 0 : info->Width && info->Height;
}

static bool is_in_va(mfxU32 fourcc)
{
    return fourcc == MFX_FOURCC_NV12 || fourcc == MFX_FOURCC_YUY2 || fourcc == MFX_FOURCC_RGB4 ||
           fourcc == MFX_FOURCC_P8;
}

/* Of a request that nothing is shared for. *video: what is made if it succeeds. */
static mfxStatus predict_alloc(const struct world *w, const mfxFrameAllocRequest *want, bool *video)
{
    bool wants_video = want->Type & VFA_MEMTYPE_VIDEO, wants_system = want->Type & MFX_MEMTYPE_SYSTEM_MEMORY;
    *video = wants_video && w->va && is_in_va(want->Info.FourCC);
    if ((!wants_video && !wants_system) || (want->Type & 0x0004))
        return MFX_ERR_UNSUPPORTED;
    if (!want->NumFrameMin && !want->NumFrameSuggested)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (wants_video && w->va && vfa_format_find(want->Info.FourCC) && !is_sized(&want->Info))
        return MFX_ERR_INVALID_VIDEO_PARAM; /* no backend is asked after that */
    if (*video)
        return MFX_ERR_NONE;
    if (!wants_system || (want->Type & MFX_MEMTYPE_EXPORT_FRAME) || !vfa_format_find(want->Info.FourCC))
        return MFX_ERR_UNSUPPORTED;
    return is_sized(&want->Info) ? MFX_ERR_NONE : MFX_ERR_INVALID_VIDEO_PARAM;
}

/* --- what the input says */

static mfxFrameInfo read_info(struct fuzz_input *in)
{
    static const mfxU32 fourccs[] = {MFX_FOURCC_NV12, MFX_FOURCC_NV12, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4,
                                     MFX_FOURCC_NV16, MFX_FOURCC_P8,   0x12345678};
    mfxU8 size = fuzz_u8(in);
    mfxFrameInfo info;
    memset(&info, 0, sizeof info);
    info.FourCC = FUZZ_PICK(in, fourccs);
    if (info.FourCC == MFX_FOURCC_P8) {
        info.BufferSize = size % 4 * 1000U;
        return info;
    }
    info.ChromaFormat = size & 64 ? MFX_CHROMAFORMAT_YUV420 : 0;
    info.Width = (mfxU16)(SIDE_STEP * (size < 250 ? 1 + size % 2 : 0));
    info.Height = (mfxU16)(SIDE_STEP * (1 + size / 2 % 2));
    return info;
}

static mfxFrameAllocRequest read_request(struct fuzz_input *in)
{
    static const mfxU16 kinds[] = {MFX_MEMTYPE_SYSTEM_MEMORY,
                                   MFX_MEMTYPE_SYSTEM_MEMORY,
                                   MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
                                   MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET,
                                   MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET,
                                   MFX_MEMTYPE_SYSTEM_MEMORY | MFX_MEMTYPE_EXPORT_FRAME,
                                   MFX_MEMTYPE_SYSTEM_MEMORY | 0x0004,
                                   0};
    static const mfxU16 origins[] = {MFX_MEMTYPE_FROM_DECODE, MFX_MEMTYPE_FROM_DECODE,
                                     MFX_MEMTYPE_FROM_ENCODE,
                                     MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_VPPIN};
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info = read_info(in);
    request.Type = FUZZ_PICK(in, kinds) | FUZZ_PICK(in, origins);
    mfxU8 rest = fuzz_u8(in);
    request.Type |= rest & 0x80 ? MFX_MEMTYPE_EXTERNAL_FRAME : 0;
    request.Type |= (rest & 0x70) == 0x70 ? MFX_MEMTYPE_INTERNAL_FRAME : 0;
    request.NumFrameMin = rest & 3;
    request.NumFrameSuggested = fuzz_u8(in) % (MOST_FRAMES + 1);
    request.AllocId = rest >> 2 & 1;
    return request;
}

static unsigned int read_flags(struct fuzz_input *in)
{
    static const unsigned int flags[] = {0, 0, 0, VFA_FRAMES_SHARED, VFA_FRAMES_PRIVATE, 3, 4};
    return FUZZ_PICK(in, flags);
}

static unsigned int read_allocator(struct fuzz_input *in)
{
    return fuzz_u8(in) >= 192;
}

/* A handle: mostly one that was given out, by whichever allocator, and whether it still stands or not. */
static mfxMemId read_mid(struct world *w)
{
    mfxU8 how = fuzz_u8(&w->in);
    uintptr_t number = 0;
    if (how < 240 && w->set_count) {
        const struct model_set *set = &w->set[fuzz_u8(&w->in) % w->set_count];
        number = set->count ? (uintptr_t)set->frame[how % set->count].mid : 0;
        if (how >= 200)
            number ^= (uintptr_t)1 << (fuzz_u8(&w->in) % (sizeof number * 8));
    } else if (how < 250) {
        number = (uintptr_t)fuzz_u64(&w->in);
    }
    return (mfxMemId)number; /* NOLINT: mids are numbers */
}

/* A response: mostly one that was given out. */
static mfxFrameAllocResponse read_response(struct world *w)
{
    mfxU8 how = fuzz_u8(&w->in);
    mfxFrameAllocResponse response;
    memset(&response, 0, sizeof response);
    if (how >= 230) /* made up: known to nobody, wherever it points */
        response.mids = how & 1 ? NULL : (mfxMemId *)(void *)w->wrapped;
    else if (w->response_count)
        response = w->response[how % w->response_count].response;
    return response;
}

/* --- calls */

static void check_response(const struct world *w, const mfxFrameAllocRequest *want,
                           const mfxFrameAllocResponse *response)
{
    mfxU16 suggested =
        want->NumFrameSuggested > want->NumFrameMin ? want->NumFrameSuggested : want->NumFrameMin;
    FUZZ_SAME(response->AllocId, want->AllocId);
    FUZZ_CHECK(response->mids && response->NumFrameActual);
    if (w->faulty || w->limited)
        FUZZ_CHECK(response->NumFrameActual >= want->NumFrameMin && response->NumFrameActual <= suggested);
    else
        FUZZ_SAME(response->NumFrameActual, suggested);
}

static struct model_set *new_set(struct world *w, unsigned int allocator, const mfxFrameAllocRequest *want)
{
    struct model_set *set = &w->set[w->set_count++];
    memset(set, 0, sizeof *set);
    set->allocator = allocator;
    set->request = *want;
    if (want->NumFrameSuggested < want->NumFrameMin)
        set->request.NumFrameSuggested = want->NumFrameMin;
    set->listed = true;
    set->direction = MFX_MAP_READ_WRITE;
    return set;
}

static void check_new_mid(struct world *w, unsigned int allocator, mfxMemId mid)
{
    struct model_set *set;
    FUZZ_CHECK(mid);
    for (unsigned int a = 0; a < ALLOCATORS; a++)
        FUZZ_CHECK(!find(w, a, mid, &set));
    (void)allocator;
}

static void note_made(struct world *w, unsigned int allocator, const mfxFrameAllocRequest *want,
                      unsigned int flags, bool video, const mfxFrameAllocResponse *response)
{
    check_response(w, want, response);
    for (mfxU16 f = 0; f < response->NumFrameActual; f++)
        check_new_mid(w, allocator, response->mids[f]);
    struct model_set *set = new_set(w, allocator, want);
    set->flags = flags | (want->Type & MFX_MEMTYPE_INTERNAL_FRAME ? VFA_FRAMES_PRIVATE : 0U);
    set->video = video;
    set->references = 1;
    set->maker_refers = true;
    set->count = response->NumFrameActual;
    for (size_t f = 0; f < set->count; f++)
        set->frame[f].mid = response->mids[f];
    w->response[w->response_count++] = (struct model_response){*response, set, true, true};
}

/* The set that a response shares with others, if it does. */
static struct model_set *shared_set(struct world *w, unsigned int allocator,
                                    const mfxFrameAllocResponse *response)
{
    struct model_set *set;
    return response->NumFrameActual && find(w, allocator, response->mids[0], &set) ? set : NULL;
}

static void call_alloc(struct world *w, bool as_application)
{
    unsigned int a = read_allocator(&w->in), flags = as_application ? read_flags(&w->in) : 0;
    mfxFrameAllocRequest want = read_request(&w->in), given = want;
    mfxFrameAllocResponse response;
    bool video, may_share = false;
    mfxStatus predicted = predict_alloc(w, &want, &video), status;
    memset(&response, 0xee, sizeof response);
    if (as_application) {
        if (flags > VFA_FRAMES_PRIVATE)
            predicted = MFX_ERR_INVALID_VIDEO_PARAM;
        status = vfa_frames_alloc(w->allocator[a], &given, flags, &response);
    } else {
        for (size_t s = 0; s < w->set_count && predicted != MFX_ERR_UNSUPPORTED; s++)
            may_share = may_share ||
                        ((want.NumFrameMin || want.NumFrameSuggested) && claimable(&w->set[s], a, &want));
        status = w->callbacks[a]->Alloc(w->callbacks[a]->pthis, &given, &response);
    }
    FUZZ_CHECK(!memcmp(&given, &want, sizeof want));
    w->shaken = w->shaken || (w->faulty && w->va);
    if (may_share)
        predicted = MFX_ERR_NONE;
    bool was_limited = w->faulty;
    w->faulty = w->faulty || w->limited;
    bool made = answered(w, status, predicted);
    w->faulty = was_limited;
    if (!made) {
        FUZZ_CHECK(!response.mids && !response.NumFrameActual);
        return;
    }
    struct model_set *set = shared_set(w, a, &response);
    FUZZ_SAME(set != NULL, may_share);
    if (!set) {
        note_made(w, a, &want, flags, video, &response);
        return;
    }
    FUZZ_CHECK(claimable(set, a, &want));
    FUZZ_SAME(response.NumFrameActual, set->count);
    for (size_t f = 0; f < set->count; f++)
        FUZZ_CHECK(response.mids[f] == set->frame[f].mid);
    set->references++;
    w->response[w->response_count++] = (struct model_response){response, set, true, false};
}

static void note_freed(struct world *w, struct model_response *response)
{
    struct model_set *set = response->set;
    response->live = false;
    if (response->maker)
        set->maker_refers = false;
    if (--set->references == 0)
        retire(w, set);
}

static void call_free(struct world *w, bool by_name)
{
    unsigned int a = read_allocator(&w->in);
    mfxFrameAllocResponse response = read_response(w);
    struct model_response *known = find_response(w, a, response.mids);
    mfxStatus predicted = known || !response.mids ? MFX_ERR_NONE : MFX_ERR_INVALID_HANDLE;
    w->faulty = false; /* Free cannot fail for want of anything */
    if (by_name) {
        FUZZ_SAME(vfa_frames_free(w->allocator[a], &response), predicted);
        FUZZ_CHECK(!response.mids || predicted != MFX_ERR_NONE);
    } else {
        FUZZ_SAME(w->callbacks[a]->Free(w->callbacks[a]->pthis, &response), predicted);
    }
    if (known)
        note_freed(w, known);
}

static bool serves(const struct model_set *set, const mfxFrameAllocRequest *want, unsigned int flags)
{
    const mfxFrameAllocRequest *have = &set->request;
    unsigned int all_flags = flags | (want->Type & MFX_MEMTYPE_INTERNAL_FRAME ? VFA_FRAMES_PRIVATE : 0U);
    bool enough = want->NumFrameMin <= set->count && (want->NumFrameSuggested <= set->count ||
                                                      want->NumFrameSuggested <= have->NumFrameSuggested);
    return is_sized(&want->Info) && (want->NumFrameMin || want->NumFrameSuggested) &&
           have->AllocId == want->AllocId && same_format(&have->Info, &want->Info) &&
           (have->Type & VFA_MEMTYPE_KINDS) == (want->Type & VFA_MEMTYPE_KINDS) &&
           (have->Type & want->Type) == want->Type && set->flags == all_flags &&
           holds(&have->Info, &want->Info) && enough;
}

static void call_replace(struct world *w)
{
    unsigned int a = read_allocator(&w->in), flags = read_flags(&w->in);
    mfxFrameAllocRequest want = read_request(&w->in);
    mfxFrameAllocResponse response = read_response(w), before = response;
    struct model_response *known = find_response(w, a, response.mids);
    bool video;
    mfxStatus predicted = predict_alloc(w, &want, &video);
    if (response.mids && !known)
        predicted = MFX_ERR_INVALID_HANDLE;
    bool keeps = known && serves(known->set, &want, flags);
    if (keeps)
        predicted = MFX_ERR_NONE;
    if (flags > VFA_FRAMES_PRIVATE)
        predicted = MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = vfa_frames_replace(w->allocator[a], &want, flags, &response);
    w->shaken = w->shaken || (w->faulty && w->va);
    w->faulty = w->faulty || w->limited;
    if (!answered(w, status, predicted) || keeps) {
        FUZZ_CHECK(!memcmp(&response, &before, sizeof before));
        return;
    }
    mfxU32 direction = known ? known->set->direction : MFX_MAP_READ_WRITE;
    if (known)
        note_freed(w, known);
    note_made(w, a, &want, flags, video, &response);
    w->set[w->set_count - 1].direction = direction;
}

/* What a Lock answers of a frame that is there; *held: the rights of its map after that. */
static mfxStatus predict_lock(const struct model_set *set, const struct model_frame *frame, mfxU32 flags,
                              mfxU32 *held)
{
    mfxU32 wanted = flags ? flags & MFX_MAP_READ_WRITE : set->direction;
    *held = frame->held | wanted;
    if (!set->video)
        return MFX_ERR_NONE;
    return frame->locks && frame->held == MFX_MAP_WRITE ? MFX_ERR_LOCK_MEMORY : MFX_ERR_NONE;
}

static void check_data(const struct model_set *set, const mfxFrameData *data)
{
    const struct vfa_format *format = vfa_format_find(set->request.Info.FourCC);
    const mfxU8 *pointer[VFA_CHANNELS] = {data->Y, data->U, data->V, data->A};
    for (int c = 0; c < VFA_CHANNELS; c++)
        FUZZ_SAME(pointer[c] != NULL, format->channel[c].plane >= 0);
    if (!format->linear)
        FUZZ_CHECK(vfa_frame_data_pitch(data) >= set->request.Info.Width);
    FUZZ_SAME(data->MemType, 0xeeee); /* as all that is no pointer */
}

static void call_lock(struct world *w, bool by_name)
{
    static const mfxU32 choices[] = {
        MFX_MAP_READ, MFX_MAP_WRITE, MFX_MAP_READ_WRITE, MFX_MAP_READ | MFX_MAP_NOWAIT, 0, 8, MFX_MAP_NOWAIT};
    unsigned int a = read_allocator(&w->in);
    mfxMemId mid = read_mid(w);
    mfxU32 flags = by_name ? FUZZ_PICK(&w->in, choices) : 0, held = 0;
    struct model_set *set = NULL;
    struct model_frame *frame = find(w, a, mid, &set);
    mfxStatus predicted =
        frame && set->listed ? predict_lock(set, frame, flags, &held) : MFX_ERR_INVALID_HANDLE;
    mfxFrameData data;
    memset(&data, 0xee, sizeof data);
    if (by_name && (!(flags & MFX_MAP_READ_WRITE) || flags == 8))
        predicted = MFX_ERR_UNSUPPORTED;
    mfxStatus status = by_name ? vfa_map(w->allocator[a], mid, flags, &data)
                               : w->callbacks[a]->Lock(w->callbacks[a]->pthis, mid, &data);
    bool widens = frame && frame->locks && held != frame->held;
    bool loose = predicted == MFX_ERR_NONE && set->video &&
                 (w->shaken || (w->has_map2 && widens) || set->request.Info.FourCC == MFX_FOURCC_P8);
    w->faulty = w->faulty || loose;
    if (!answered(w, status, predicted))
        return;
    check_data(set, &data);
    frame->held = held;
    frame->locks++;
}

static void call_unlock(struct world *w, bool by_name)
{
    unsigned int a = read_allocator(&w->in);
    mfxMemId mid = read_mid(w);
    struct model_set *set = NULL;
    struct model_frame *frame = find(w, a, mid, &set);
    mfxStatus predicted = !frame         ? MFX_ERR_INVALID_HANDLE
                          : frame->locks ? MFX_ERR_NONE
                                         : MFX_ERR_UNDEFINED_BEHAVIOR;
    mfxFrameData data;
    memset(&data, 0xee, sizeof data);
    bool with_data = fuzz_u8(&w->in) & 1;
    mfxStatus status = by_name
                           ? vfa_unmap(w->allocator[a], mid, with_data ? &data : NULL)
                           : w->callbacks[a]->Unlock(w->callbacks[a]->pthis, mid, with_data ? &data : NULL);
    w->faulty = w->faulty || w->shaken;
    (void)answered(w, status, predicted);
    if (with_data)
        FUZZ_CHECK(!data.Y && !data.U && !data.V && !data.A && !vfa_frame_data_pitch(&data));
    if (predicted != MFX_ERR_NONE)
        return;
    if (--frame->locks == 0) { /* even where unmapping failed */
        frame->held = 0;
        if (!set->listed)
            retire(w, set);
    }
}

static void call_get_handle(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    mfxMemId mid = read_mid(w);
    struct model_set *set = NULL;
    const struct model_frame *frame = find(w, a, mid, &set);
    mfxHDL handle = w;
    mfxStatus predicted = !frame || !set->listed ? MFX_ERR_INVALID_HANDLE
                          : set->video           ? MFX_ERR_NONE
                                                 : MFX_ERR_UNSUPPORTED;
    mfxStatus status = w->callbacks[a]->GetHDL(w->callbacks[a]->pthis, mid, &handle);
    FUZZ_SAME(answered(w, status, predicted), handle != NULL);
}

static void call_info(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    mfxMemId mid = read_mid(w);
    struct model_set *set = NULL;
    const struct model_frame *frame = find(w, a, mid, &set);
    mfxFrameInfo info;
    mfxStatus status = vfa_frame_info(w->allocator[a], mid, &info);
    if (frame && set->listed) {
        FUZZ_SAME(status, MFX_ERR_NONE);
        FUZZ_CHECK(!memcmp(&info, &set->request.Info, sizeof info));
    } else {
        FUZZ_SAME(status, MFX_ERR_INVALID_HANDLE);
    }
}

static void call_direction(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    mfxU32 flags = fuzz_u8(&w->in) % 5;
    mfxFrameAllocResponse response = read_response(w);
    const struct model_response *known = find_response(w, a, response.mids);
    bool are_flags = flags >= MFX_MAP_READ && flags <= MFX_MAP_READ_WRITE;
    FUZZ_SAME(vfa_frames_direction(w->allocator[a], &response, flags), !are_flags ? MFX_ERR_UNSUPPORTED
                                                                       : known    ? MFX_ERR_NONE
                                                                                  : MFX_ERR_INVALID_HANDLE);
    if (known && are_flags)
        known->set->direction = flags;
}

static void release_wrapped(void *user, const mfxFrameData *planes)
{
    struct world *w = user;
    FUZZ_CHECK(planes->Y == w->wrapped);
    w->released++;
}

static void call_wrap(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.Info = read_info(&w->in);
    const struct vfa_format *format = vfa_format_find(request.Info.FourCC);
    mfxU8 mistake = fuzz_u8(&w->in);
    bool too_short = mistake >= 224 && format && !format->linear, missing = mistake >= 192 && mistake < 224;
    mfxStatus predicted = !format                                            ? MFX_ERR_UNSUPPORTED
                          : !is_sized(&request.Info) || too_short || missing ? MFX_ERR_INVALID_VIDEO_PARAM
                                                                             : MFX_ERR_NONE;
    mfxFrameData planes;
    mfxMemId mid = w;
    memset(&planes, 0, sizeof planes);
    planes.PitchLow = too_short ? 1 : SIDE_STEP * 2 * 4;
    if (!missing)
        planes.Y = planes.U = planes.V = planes.A = w->wrapped;
    if (format && format->channel[0].plane == 0 && !missing) /* Y is told, where U may follow from it */
        planes.Y = w->wrapped;
    mfxStatus status = vfa_wrap_host(w->allocator[a], &request.Info, &planes, release_wrapped, w, &mid);
    if (!answered(w, status, predicted)) {
        FUZZ_CHECK(!mid);
        return;
    }
    check_new_mid(w, a, mid);
    request.NumFrameMin = request.NumFrameSuggested = 1;
    struct model_set *set = new_set(w, a, &request);
    set->wrapped = true;
    set->count = 1;
    set->frame[0].mid = mid;
}

static void call_unwrap(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    mfxMemId mid = read_mid(w);
    struct model_set *set = NULL;
    const struct model_frame *frame = find(w, a, mid, &set);
    bool good = frame && set->wrapped && set->listed;
    FUZZ_SAME(vfa_unwrap(w->allocator[a], mid), good ? MFX_ERR_NONE : MFX_ERR_INVALID_HANDLE);
    if (good)
        retire(w, set);
    FUZZ_SAME(w->released, w->to_release);
}

static void call_null(struct world *w)
{
    mfxFrameAllocator *callbacks = w->callbacks[0];
    mfxFrameAllocRequest request = read_request(&w->in);
    mfxFrameAllocResponse response = {0};
    mfxFrameData data;
    mfxHDL handle;
    mfxMemId mid = read_mid(w);
    FUZZ_SAME(callbacks->Alloc(NULL, &request, &response), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Alloc(callbacks->pthis, NULL, &response), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Alloc(callbacks->pthis, &request, NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Lock(NULL, mid, &data), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Lock(callbacks->pthis, mid, NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Unlock(NULL, mid, NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->GetHDL(NULL, mid, &handle), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->GetHDL(callbacks->pthis, mid, NULL), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Free(NULL, &response), MFX_ERR_NULL_PTR);
    FUZZ_SAME(callbacks->Free(callbacks->pthis, NULL), MFX_ERR_NULL_PTR);
}

/* --- figures */

static void check_stats(struct world *w, unsigned int a)
{
    struct vfa_stats stats;
    size_t live = 0, locked = 0, retired = 0, responses = 0;
    for (size_t s = 0; s < w->set_count; s++) {
        const struct model_set *set = &w->set[s];
        bool remains = set->listed;
        if (set->allocator != a)
            continue;
        for (size_t f = 0; f < set->count; f++) {
            locked += set->frame[f].locks > 0;
            remains = remains || set->frame[f].locks;
        }
        live += set->listed ? set->count : 0;
        retired += !set->listed && remains ? set->count : 0;
        responses += set->references;
    }
    FUZZ_SAME(vfa_allocator_stats(w->allocator[a], &stats), MFX_ERR_NONE);
    FUZZ_SAME(stats.responses_live, responses);
    FUZZ_SAME(stats.frames_live, live);
    FUZZ_SAME(stats.frames_locked, locked);
    FUZZ_SAME(stats.frames_retired, retired);
    FUZZ_SAME(w->released, w->to_release);
}

static void call_report(struct world *w)
{
    unsigned int a = read_allocator(&w->in);
    size_t room = fuzz_u16(&w->in) % 4096;
    char *text = malloc(room + 1);
    struct vfa_error error;
    FUZZ_CHECK(text);
    size_t length = vfa_allocator_report(w->allocator[a], room ? text : NULL, room);
    FUZZ_SAME(length, vfa_allocator_report(w->allocator[a], NULL, 0));
    if (room)
        FUZZ_SAME(strnlen(text, room), length < room ? length : room - 1);
    free(text);
    FUZZ_SAME(vfa_last_error(w->allocator[a], &error), MFX_ERR_NONE);
    check_stats(w, a);
}

/* --- failures */

static void set_failures(struct world *w, mfxU8 what)
{
    w->faulty = what >= 224;
    if (!w->faulty)
        return;
    long n = 1 + what % 8;
    bool for_good = what & 8;
    for (unsigned int a = 0; a < ALLOCATORS; a++) {
        w->memory[a].fail_at = atomic_load(&w->memory[a].requests) + n;
        w->memory[a].fail_all_after = for_good;
    }
    if (w->va && (what & 16)) {
        VAStatus status = fake_va_statuses[fuzz_u8(&w->in) % fake_va_status_count];
        fake_va_fail(&w->fake, FAKE_ANY, n + fuzz_u8(&w->in), status);
        w->fake.fail_on = for_good;
    }
}

static void clear_failures(struct world *w)
{
    w->faulty = false;
    for (unsigned int a = 0; a < ALLOCATORS; a++)
        w->memory[a].fail_at = 0;
    if (w->va) {
        fake_va_fail(&w->fake, FAKE_ANY, 0, VA_STATUS_SUCCESS);
        w->fake.fail_on = false;
    }
}

static void call(struct world *w)
{
    mfxU8 what = fuzz_u8(&w->in);
    set_failures(w, fuzz_u8(&w->in));
    switch (what % 18) {
    case 0:
    case 1:
        call_alloc(w, false);
        break;
    case 2:
    case 3:
        call_alloc(w, true);
        break;
    case 4:
    case 5:
        call_free(w, what & 1);
        break;
    case 6:
        call_replace(w);
        break;
    case 7:
    case 8:
        call_lock(w, what & 1);
        break;
    case 9:
    case 10:
    case 11:
        call_unlock(w, what & 1);
        break;
    case 12:
        call_get_handle(w);
        break;
    case 13:
        call_info(w);
        break;
    case 14:
        call_direction(w);
        break;
    case 15:
        call_wrap(w);
        break;
    case 16:
        call_unwrap(w);
        break;
    default:
        if (what >= 200)
            call_null(w);
        else
            call_report(w);
    }
    clear_failures(w);
}

/* --- beginning and end */

static void open_va(struct world *w)
{
    struct vfa_va_config config = vfa_va_config_defaults();
    struct vfa_va_api api = fake_va_api();
    struct vfa_memory memory = test_memory_manager(&w->va_memory);
    fake_va_init(&w->fake);
    w->fake.max_width = 2 * SIDE_STEP; /* so that finding out is soon done */
    mfxU8 kind = fuzz_u8(&w->in);
    w->fake.shadow = kind & 1;
    w->has_map2 = kind & 2;
    if (!w->has_map2)
        api.map_buffer2 = NULL;
    config.display = &w->fake;
    config.api = &api;
    config.memory = &memory;
    FUZZ_SAME(vfa_va_create(&w->va, &config, NULL), MFX_ERR_NONE);
}

static void open_world(struct world *w)
{
    mfxU8 how = fuzz_u8(&w->in);
    struct vfa_backend backend[2];
    if (how & 1)
        open_va(w);
    w->limited = (how & 6) == 6;
    FUZZ_SAME(vfa_backend_system(NULL, &backend[0]), MFX_ERR_NONE);
    if (w->va)
        FUZZ_SAME(vfa_va_backend(w->va, &backend[1]), MFX_ERR_NONE);
    for (unsigned int a = 0; a < ALLOCATORS; a++) {
        struct vfa_allocator_config config = vfa_allocator_config_defaults();
        struct vfa_memory memory = test_memory_manager(&w->memory[a]);
        config.memory = &memory;
        config.backend = backend;
        config.backend_count = w->va ? 2 : 1;
        config.max_frame_bytes = w->limited ? 65536 : 0;
        FUZZ_SAME(vfa_allocator_create(&w->allocator[a], &config), MFX_ERR_NONE);
        w->callbacks[a] = vfa_allocator_mfx(w->allocator[a]);
    }
}

static void close_world(struct world *w)
{
    for (unsigned int a = 0; a < ALLOCATORS; a++)
        check_stats(w, a);
    for (size_t s = 0; s < w->set_count; s++) /* what is still wrapped, or unwrapped and locked, ends now */
        w->to_release += w->set[s].wrapped && is_alive(&w->set[s], &w->set[s].frame[0]);
    for (unsigned int a = 0; a < ALLOCATORS; a++) {
        vfa_allocator_destroy(&w->allocator[a]);
        FUZZ_SAME(w->memory[a].live_blocks, 0);
        FUZZ_SAME(w->memory[a].mismatches, 0);
    }
    FUZZ_SAME(w->released, w->to_release);
    if (!w->va)
        return;
    FUZZ_SAME(fake_va_alive(&w->fake), 0);
    vfa_va_destroy(&w->va);
    FUZZ_SAME(w->va_memory.live_blocks, 0);
    FUZZ_SAME(w->va_memory.mismatches, 0);
    if (w->fake.misuse[0])
        fprintf(stderr, "misuse of the driver: %s\n", w->fake.misuse);
    FUZZ_SAME(w->fake.misuses, 0);
    fake_va_finish(&w->fake);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = calloc(1, sizeof *w);
    FUZZ_CHECK(w);
    w->in = (struct fuzz_input){data, size};
    open_world(w);
    for (int i = 0; i < MOST_CALLS && w->in.left; i++)
        call(w);
    close_world(w);
    free(w);
    return 0;
}
