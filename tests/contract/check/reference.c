/* The reference: everything in lists under one mutex. Records of freed frames stay until the end, so that no
 * address means two things. */
#include "reference.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDEX_BITS = 20
};

#define VIDEO_TARGETS                                                                      \
    (MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET | \
     MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET)

struct frame {
    mfxMemId mid;
    void *block; /* NULL: gone */
    mfxU8 *base;
    size_t locks;
    mfxU32 id; /* what GetHDL points to */
};

struct set {
    struct set *next;
    uint64_t serial;
    mfxFrameAllocRequest request;
    const struct conform_format *format;
    bool video;
    size_t references; /* responses; 0: freed */
    size_t pitch, bytes, offset[CONFORM_PLANES_MAX];
    size_t count;
    mfxMemId *mids;
    struct frame *frames;
};

struct reference {
    pthread_mutex_t lock;
    mfxU16 memory;
    struct reference_layout layout;
    struct set *sets;
    mfxU32 last_id;
};

static atomic_uint_fast64_t last_serial; /* of all: mids of two allocators differ */

static size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* --- Frames */

static void lay_out(const struct reference *r, struct set *set)
{
    const struct conform_format *format = set->format;
    size_t rows = round_up(set->request.Info.Height, r->layout.rows);
    if (format->linear) {
        set->bytes = (size_t)set->request.Info.BufferSize;
        return;
    }
    set->pitch = round_up(conform_min_pitch(format, round_up(set->request.Info.Width, 32)), 64);
    for (size_t i = 0; i < format->planes; i++) {
        set->offset[i] = set->bytes;
        set->bytes += set->pitch / format->plane[i].pitch_div *
                      ((rows + format->plane[i].row_div - 1) / format->plane[i].row_div);
    }
}

static bool make_block(const struct reference *r, const struct set *set, struct frame *frame)
{
    size_t align = r->layout.align < 4096 ? r->layout.align : 0;
    size_t wanted = ((set->bytes + align) & r->layout.size_mask) - r->layout.too_short;
    if (r->layout.halved == set->request.Info.FourCC)
        wanted /= 2;
    if (wanted > SIZE_MAX / 2)
        return false;
    if (posix_memalign(&frame->block, 4096, wanted ? wanted : 1) != 0)
        frame->block = NULL;
    frame->base = frame->block ? (mfxU8 *)frame->block + align : NULL;
    return frame->block;
}

static void end_blocks(struct set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->frames[i].locks)
            continue; /* until its last Unlock */
        free(set->frames[i].block);
        set->frames[i].block = NULL;
    }
}

static void end_record(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->frames[i].block);
    free(set->frames);
    free(set->mids);
    free(set);
}

static mfxStatus fill_set(struct reference *r, struct set *set, size_t min, size_t wanted)
{
    set->frames = calloc(wanted, sizeof *set->frames);
    set->mids = calloc(wanted, sizeof *set->mids);
    if (!set->frames || !set->mids)
        return MFX_ERR_MEMORY_ALLOC;
    while (set->count < wanted && make_block(r, set, &set->frames[set->count])) {
        struct frame *frame = &set->frames[set->count];
        uint64_t mid = (uint64_t)1 << 63 | set->serial << INDEX_BITS | set->count;
        frame->mid = (mfxMemId)(uintptr_t)mid;
        frame->id = r->last_id++;
        set->mids[set->count++] = frame->mid;
    }
    return set->count >= min ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC;
}

/* --- Alloc */

static bool has_size(const mfxFrameInfo *info, const struct conform_format *format)
{
    return format->linear ? info->BufferSize > 0 : info->Width && info->Height;
}

static mfxStatus check(const struct reference *r, const mfxFrameAllocRequest *request, bool *video)
{
    const struct conform_format *format = conform_format_find(request->Info.FourCC);
    bool wants_video = request->Type & r->memory & VIDEO_TARGETS;
    bool wants_system = request->Type & r->memory & MFX_MEMTYPE_SYSTEM_MEMORY;
    if (!format || (!wants_video && !wants_system) || (format->linear && wants_video))
        return MFX_ERR_UNSUPPORTED;
    if (!has_size(&request->Info, format) || !(request->NumFrameMin | request->NumFrameSuggested))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    *video = wants_video;
    return MFX_ERR_NONE;
}

/* The application's frames for a decoder. */
static struct set *find_shared(struct reference *r, const mfxFrameAllocRequest *request, bool video)
{
    for (struct set *set = r->sets; set; set = set->next)
        if (set->references && set->video == video && set->request.AllocId == request->AllocId &&
            set->request.Info.FourCC == request->Info.FourCC && set->count >= request->NumFrameMin &&
            set->request.Info.Width >= request->Info.Width &&
            set->request.Info.Height >= request->Info.Height &&
            (set->request.Type & request->Type & MFX_MEMTYPE_FROM_DECODE))
            return set;
    return NULL;
}

static mfxStatus make_set(struct reference *r, const mfxFrameAllocRequest *request, bool video,
                          struct set **out)
{
    struct set *set = calloc(1, sizeof *set);
    size_t min = request->NumFrameMin, wanted = request->NumFrameSuggested;
    if (!set)
        return MFX_ERR_MEMORY_ALLOC;
    set->serial = atomic_fetch_add(&last_serial, 1) + 1;
    set->request = *request;
    set->format = conform_format_find(request->Info.FourCC);
    set->video = video;
    lay_out(r, set);
    mfxStatus status = fill_set(r, set, min ? min : 1, wanted > min ? wanted : min);
    if (status != MFX_ERR_NONE) {
        end_record(set);
        return status;
    }
    set->next = r->sets;
    r->sets = set;
    *out = set;
    return MFX_ERR_NONE;
}

static mfxStatus reference_alloc(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    struct reference *r = pthis;
    struct set *set = NULL;
    bool video = false;
    if (!r || !request || !response)
        return MFX_ERR_NULL_PTR;
    memset(response, 0, sizeof *response);
    mfxStatus status = check(r, request, &video);
    if (status != MFX_ERR_NONE)
        return status;
    pthread_mutex_lock(&r->lock);
    set = find_shared(r, request, video);
    if (!set)
        status = make_set(r, request, video, &set);
    if (set) {
        set->references++;
        response->AllocId = request->AllocId;
        response->mids = set->mids;
        response->NumFrameActual = (mfxU16)set->count;
    }
    pthread_mutex_unlock(&r->lock);
    return status;
}

static mfxStatus reference_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct reference *r = pthis;
    mfxStatus status = MFX_ERR_INVALID_HANDLE;
    if (!r || !response)
        return MFX_ERR_NULL_PTR;
    if (!response->mids)
        return MFX_ERR_NONE;
    pthread_mutex_lock(&r->lock);
    for (struct set *set = r->sets; set; set = set->next) {
        if (set->mids != response->mids || !set->references)
            continue;
        if (--set->references == 0)
            end_blocks(set);
        status = MFX_ERR_NONE;
        break;
    }
    pthread_mutex_unlock(&r->lock);
    return status;
}

/* --- Lock, Unlock, GetHDL */

/* Freed frames that are locked are found too. Under the lock. */
static struct frame *find_frame(struct reference *r, mfxMemId mid, struct set **out)
{
    uint64_t number = (uint64_t)(uintptr_t)mid;
    size_t index = number & (((size_t)1 << INDEX_BITS) - 1);
    for (struct set *set = r->sets; set; set = set->next) {
        if (index >= set->count || set->frames[index].mid != mid || !set->frames[index].block)
            continue;
        *out = set;
        return &set->frames[index];
    }
    return NULL;
}

static mfxU8 *channel(const struct set *set, const struct frame *frame, size_t c)
{
    if (set->format->channel[c].pointer == POINTER_UNSAID)
        return NULL;
    return frame->base + set->offset[set->format->channel[c].plane] + set->format->channel[c].offset;
}

static mfxStatus reference_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct reference *r = pthis;
    struct set *set = NULL;
    if (!r || !data)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&r->lock);
    struct frame *frame = find_frame(r, mid, &set);
    bool found = frame && set->references;
    if (found) {
        frame->locks++;
        data->PitchHigh = (mfxU16)(set->pitch >> 16);
        data->PitchLow = (mfxU16)set->pitch;
        data->Y = channel(set, frame, 0);
        data->U = channel(set, frame, 1);
        data->V = channel(set, frame, 2);
        data->A = channel(set, frame, 3);
    }
    pthread_mutex_unlock(&r->lock);
    return found ? MFX_ERR_NONE : MFX_ERR_INVALID_HANDLE;
}

static mfxStatus reference_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct reference *r = pthis;
    struct set *set = NULL;
    if (!r)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&r->lock);
    struct frame *frame = find_frame(r, mid, &set);
    mfxStatus status = !frame         ? MFX_ERR_INVALID_HANDLE
                       : frame->locks ? MFX_ERR_NONE
                                      : MFX_ERR_UNDEFINED_BEHAVIOR;
    if (status == MFX_ERR_NONE && --frame->locks == 0 && !set->references)
        end_blocks(set);
    pthread_mutex_unlock(&r->lock);
    if (status == MFX_ERR_NONE && data) {
        data->PitchHigh = data->PitchLow = 0;
        data->Y = data->U = data->V = data->A = NULL;
    }
    return status;
}

static mfxStatus reference_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    struct reference *r = pthis;
    struct set *set = NULL;
    mfxStatus status = MFX_ERR_INVALID_HANDLE;
    if (!r || !handle)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&r->lock);
    struct frame *frame = find_frame(r, mid, &set);
    if (frame && set->references)
        status = set->video ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED;
    if (status == MFX_ERR_NONE)
        *handle = &frame->id;
    pthread_mutex_unlock(&r->lock);
    return status;
}

/* --- From outside */

struct reference *reference_create(mfxU16 memory, const struct reference_layout *layout)
{
    struct reference *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    pthread_mutex_init(&r->lock, NULL);
    r->memory = memory;
    if (layout)
        r->layout = *layout;
    r->layout.rows = r->layout.rows ? r->layout.rows : 32;
    r->layout.align = r->layout.align ? r->layout.align : 4096;
    r->layout.size_mask = r->layout.size_mask ? r->layout.size_mask : SIZE_MAX;
    return r;
}

void reference_destroy(struct reference *r)
{
    while (r->sets) {
        struct set *set = r->sets;
        r->sets = set->next;
        end_record(set);
    }
    pthread_mutex_destroy(&r->lock);
    free(r);
}

mfxFrameAllocator reference_callbacks(struct reference *r)
{
    return (mfxFrameAllocator){
        .pthis = r,
        .Alloc = reference_alloc,
        .Lock = reference_lock,
        .Unlock = reference_unlock,
        .GetHDL = reference_handle,
        .Free = reference_free,
    };
}

bool reference_look(struct reference *r, mfxMemId mid, struct reference_view *view)
{
    struct set *set = NULL;
    pthread_mutex_lock(&r->lock);
    const struct frame *frame = find_frame(r, mid, &set);
    if (frame) {
        *view = (struct reference_view){.info = set->request.Info,
                                        .format = set->format,
                                        .base = frame->base,
                                        .bytes = set->bytes,
                                        .pitch = set->pitch,
                                        .locks = frame->locks,
                                        .video = set->video};
        memcpy(view->offset, set->offset, sizeof view->offset);
    }
    pthread_mutex_unlock(&r->lock);
    return frame;
}

size_t reference_index(mfxMemId mid)
{
    return (uintptr_t)mid & (((size_t)1 << INDEX_BITS) - 1);
}

mfxMemId reference_sibling(mfxMemId mid, size_t index)
{
    return (mfxMemId)((uintptr_t)mid - reference_index(mid) + index);
}

mfxStatus reference_read(struct reference *r, mfxHDL handle, unsigned plane, unsigned row, void *out,
                         size_t bytes)
{
    mfxStatus status = MFX_ERR_INVALID_HANDLE;
    pthread_mutex_lock(&r->lock);
    for (struct set *set = r->sets; set; set = set->next)
        for (size_t i = 0; i < set->count; i++) {
            if (handle != &set->frames[i].id || !set->frames[i].block)
                continue;
            size_t pitch = set->pitch / set->format->plane[plane].pitch_div;
            memcpy(out, set->frames[i].base + set->offset[plane] + row * pitch, bytes);
            status = MFX_ERR_NONE;
        }
    pthread_mutex_unlock(&r->lock);
    return status;
}
