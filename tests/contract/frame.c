/* Requests, calls and pixels for the rules. */
#include "frame.h"

#include <stdarg.h>
#include <stdio.h>

static const mfxU32 *served(const struct trial *t)
{
    return t->video ? t->subject.video_formats : t->subject.system_formats;
}

static bool listed(const mfxU32 *list, mfxU32 fourcc)
{
    while (*list && *list != fourcc)
        list++;
    return *list;
}

static bool is_wanted(const struct trial *t, const struct conform_format *format)
{
    return !t->only || listed(t->only, format->fourcc);
}

/* Coded buffers in video memory want a codec's context, which no rule has. */
static bool may_try(const struct trial *t, const struct conform_format *format)
{
    const mfxU32 *list = served(t);
    if (!is_wanted(t, format) || (format->linear && t->video))
        return false;
    return !list || listed(list, format->fourcc);
}

/* Says that it does not serve the format. */
static bool is_refused(struct trial *t, const struct conform_format *format)
{
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, 1);
    mfxFrameAllocResponse response;
    memset(&response, 0, sizeof response);
    mfxStatus status = call_alloc(t, &request, &response);
    if (status == MFX_ERR_NONE)
        (void)call_free(t, &response);
    return status == MFX_ERR_UNSUPPORTED;
}

const struct conform_format *a_format(struct trial *t)
{
    for (size_t i = 0; i < conform_format_count; i++) {
        const struct conform_format *format = &conform_formats[i];
        if (!format->linear && may_try(t, format) && (served(t) || !is_refused(t, format)))
            return format;
    }
    conform_skip(t, "no format is served");
    return NULL;
}

const struct conform_format *a_format_of_both_kinds(struct trial *t)
{
    if (!(t->subject.memory & CONFORM_VIDEO_TARGETS) || !(t->subject.memory & MFX_MEMTYPE_SYSTEM_MEMORY)) {
        conform_skip(t, "one kind of memory is served");
        return NULL;
    }
    t->video = true;
    return a_format(t);
}

const struct conform_format *another_format(struct trial *t, const struct conform_format *first)
{
    for (size_t i = 0; i < conform_format_count; i++) {
        const struct conform_format *format = &conform_formats[i];
        struct set set = {.request = plain_request(t, format, WIDTH, HEIGHT, 1)};
        if (format == first || format->linear)
            continue;
        if (call_alloc(t, &set.request, &set.response) != MFX_ERR_NONE)
            continue;
        (void)call_free(t, &set.response);
        return format;
    }
    return NULL;
}

/* Failures of a rule that is tried on many formats: the first one's words, the names of the others. */
struct failures {
    size_t count;
    char first[CONFORM_TEXT_MAX];
    char others[CONFORM_TEXT_MAX / 4];
};

static void take_failure(struct trial *t, struct failures *failures)
{
    size_t length = strlen(failures->others);
    if (!conform_has_failed(t))
        return;
    if (failures->count++ == 0)
        memcpy(failures->first, t->verdict->what, sizeof failures->first);
    else
        (void)snprintf(failures->others + length, sizeof failures->others - length, " %s", t->format);
    t->verdict->outcome = CONFORM_RUNNING;
}

static void tell_failures(struct trial *t, const struct failures *failures)
{
    if (failures->count == 1)
        conform_fail(t, "%s", failures->first);
    else if (failures->count)
        conform_fail(t, "%.*s; also%s", CONFORM_TEXT_MAX - (int)sizeof failures->others - 16, failures->first,
                     failures->others);
}

void every_format(struct trial *t, conform_format_fn *one)
{
    struct failures failures = {0};
    unsigned tried = 0;
    for (size_t i = 0; i < conform_format_count; i++) {
        const struct conform_format *format = &conform_formats[i];
        if (!may_try(t, format))
            continue;
        t->format = format->name;
        if (!served(t) && is_refused(t, format))
            continue;
        tried++;
        one(t, format);
        take_failure(t, &failures);
    }
    t->format = NULL;
    tell_failures(t, &failures);
    if (!tried)
        conform_skip(t, "no format is served");
}

mfxFrameAllocRequest plain_request(const struct trial *t, const struct conform_format *format, size_t width,
                                   size_t height, mfxU16 frames)
{
    mfxFrameAllocRequest request;
    memset(&request, 0, sizeof request);
    request.AllocId = 1;
    request.Info.FourCC = format->fourcc;
    if (format->linear) {
        request.Info.BufferSize = (mfxU64)(width * height);
    } else {
        request.Info.Width = (mfxU16)width;
        request.Info.Height = (mfxU16)height;
        request.Info.CropW = (mfxU16)width;
        request.Info.CropH = (mfxU16)height;
        request.Info.BitDepthLuma = request.Info.BitDepthChroma = format->bit_depth;
        request.Info.Shift = format->shift;
    }
    request.Type = t->video ? VPP_VIDEO : VPP_SYSTEM;
    request.NumFrameMin = request.NumFrameSuggested = frames;
    return request;
}

mfxFrameAllocRequest decoder_request(const struct trial *t, const struct conform_format *format,
                                     mfxU32 alloc_id, mfxU16 frames)
{
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, frames);
    request.AllocId = alloc_id;
    request.Type = t->video ? DECODE_VIDEO : DECODE_SYSTEM;
    return request;
}

/* --- Calls */

void doing(struct trial *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(t->doing, CONFORM_DOING_MAX, format, args);
    va_end(args);
}

mfxStatus call_alloc(struct trial *t, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    if (request)
        doing(t, "Alloc of %d frames %dx%d, Type 0x%04x", request->NumFrameSuggested, request->Info.Width,
              request->Info.Height, request->Type);
    else
        doing(t, "Alloc with a NULL request");
    return t->a->Alloc(t->a->pthis, request, response);
}

mfxStatus call_lock(struct trial *t, mfxMemId mid, mfxFrameData *data)
{
    doing(t, "Lock(%p, %s)", mid, data ? "ptr" : "NULL");
    return t->a->Lock(t->a->pthis, mid, data);
}

mfxStatus call_unlock(struct trial *t, mfxMemId mid, mfxFrameData *data)
{
    doing(t, "Unlock(%p, %s)", mid, data ? "ptr" : "NULL");
    return t->a->Unlock(t->a->pthis, mid, data);
}

mfxStatus call_handle(struct trial *t, mfxMemId mid, mfxHDL *handle)
{
    doing(t, "GetHDL(%p, %s)", mid, handle ? "handle" : "NULL");
    return t->a->GetHDL(t->a->pthis, mid, handle);
}

mfxStatus call_free(struct trial *t, mfxFrameAllocResponse *response)
{
    doing(t, "Free(%s)", response ? "response" : "NULL");
    return t->a->Free(t->a->pthis, response);
}

void make(struct trial *t, const mfxFrameAllocRequest *request, struct set *set)
{
    set->request = *request;
    memset(&set->response, 0, sizeof set->response);
    ANSWERS(call_alloc(t, &set->request, &set->response), MFX_ERR_NONE, "Alloc");
    REQUIRE(set->response.mids, "Alloc answers MFX_ERR_NONE without mids");
    REQUIRE(set->response.NumFrameActual >= request->NumFrameMin, "NumFrameActual is %d, NumFrameMin was %d",
            set->response.NumFrameActual, request->NumFrameMin);
}

void make_plain(struct trial *t, const struct conform_format *format, mfxU16 frames, struct set *set)
{
    mfxFrameAllocRequest request = plain_request(t, format, WIDTH, HEIGHT, frames);
    make(t, &request, set);
}

void give_back(struct trial *t, struct set *set)
{
    ANSWERS(call_free(t, &set->response), MFX_ERR_NONE, "Free");
}

/* --- Pixels */

mfxU8 *channel_of(const mfxFrameData *data, size_t channel)
{
    mfxU8 *const pointers[CONFORM_CHANNELS] = {data->Y, data->U, data->V, data->A};
    return pointers[channel];
}

size_t pitch_of(const mfxFrameData *data)
{
    return (size_t)data->PitchHigh << 16 | data->PitchLow;
}

void make_stale(mfxFrameData *data)
{
    static mfxU8 elsewhere[16];
    memset(data, 0x5a, sizeof *data);
    data->Y = data->U = data->V = data->A = elsewhere;
}

/* The start of a plane, by the first channel that lies in it. */
static mfxU8 *plane_base(const struct conform_format *format, const mfxFrameData *data, size_t plane)
{
    for (size_t c = 0; c < CONFORM_CHANNELS; c++)
        if (format->channel[c].pointer == POINTER_NEEDED && format->channel[c].plane == plane)
            return channel_of(data, c) ? channel_of(data, c) - format->channel[c].offset : NULL;
    return NULL;
}

void find_planes(struct trial *t, const struct conform_format *format, const mfxFrameInfo *info,
                 const mfxFrameData *data, struct planes *planes)
{
    memset(planes, 0, sizeof *planes);
    planes->count = format->planes;
    for (size_t i = 0; i < planes->count; i++) {
        mfxU8 *base = plane_base(format, data, i);
        REQUIRE(base, "a pointer into plane %zu is NULL in a locked frame", i);
        planes->plane[i].base = base;
        planes->plane[i].pitch = pitch_of(data) / format->plane[i].pitch_div;
        planes->plane[i].row_bytes =
            format->linear ? (size_t)info->BufferSize : conform_row_bytes(format, i, info->Width);
        planes->plane[i].rows =
            format->linear ? 1
                           : ((size_t)info->Height + format->plane[i].row_div - 1) / format->plane[i].row_div;
        REQUIRE(format->linear || planes->plane[i].pitch >= planes->plane[i].row_bytes,
                "the pitch of plane %zu is %zu bytes, a row of it %zu", i, planes->plane[i].pitch,
                planes->plane[i].row_bytes);
    }
}

void lock_planes(struct trial *t, const struct conform_format *format, const mfxFrameInfo *info, mfxMemId mid,
                 mfxFrameData *data, struct planes *planes)
{
    mfxFrameData own;
    planes->count = 0;
    if (!data) {
        memset(&own, 0, sizeof own);
        data = &own;
    }
    ANSWERS(call_lock(t, mid, data), MFX_ERR_NONE, "Lock");
    find_planes(t, format, info, data, planes);
    doing(t, "access to the planes of %p", mid);
}

void unlock(struct trial *t, mfxMemId mid, mfxFrameData *data)
{
    ANSWERS(call_unlock(t, mid, data), MFX_ERR_NONE, "Unlock");
}

static mfxU8 pixel(unsigned seed, size_t plane, size_t y, size_t x)
{
    size_t mixed = (seed + 1) * 2654435761u + plane * 40503u + y * 2246822519u + x * 3266489917u;
    return (mfxU8)(mixed ^ mixed >> 11 ^ mixed >> 23);
}

void fill(const struct planes *planes, unsigned seed)
{
    for (size_t i = 0; i < planes->count; i++)
        for (size_t y = 0; y < planes->plane[i].rows; y++)
            for (size_t x = 0; x < planes->plane[i].row_bytes; x++)
                planes->plane[i].base[y * planes->plane[i].pitch + x] = pixel(seed, i, y, x);
}

bool holds(const struct planes *planes, unsigned seed)
{
    for (size_t i = 0; i < planes->count; i++)
        for (size_t y = 0; y < planes->plane[i].rows; y++)
            for (size_t x = 0; x < planes->plane[i].row_bytes; x++)
                if (planes->plane[i].base[y * planes->plane[i].pitch + x] != pixel(seed, i, y, x))
                    return false;
    return true;
}

void fill_frame(struct trial *t, const struct conform_format *format, const struct set *set, size_t frame,
                unsigned seed)
{
    struct planes planes;
    STEP(lock_planes(t, format, &set->request.Info, set->response.mids[frame], NULL, &planes));
    fill(&planes, seed);
    unlock(t, set->response.mids[frame], NULL);
}

void check_frame(struct trial *t, const struct conform_format *format, const struct set *set, size_t frame,
                 unsigned seed, const char *after)
{
    struct planes planes;
    STEP(lock_planes(t, format, &set->request.Info, set->response.mids[frame], NULL, &planes));
    REQUIRE(holds(&planes, seed), "what was written to frame %zu does not read back after %s", frame, after);
    unlock(t, set->response.mids[frame], NULL);
}
