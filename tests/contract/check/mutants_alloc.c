/* Broken Allocs: requests taken wrongly, responses filled wrongly, frames shared wrongly. */
#include "mutants.h"

#include <stdint.h>
#include <stdlib.h>

#define ALLOC(name) \
    static mfxStatus name(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)

/* --- The table and the request */

ALLOC(needs_its_table)
{
    struct mutant_state *s = pthis;
    return s->table.Free ? inner_alloc(s, request, response) : MFX_ERR_NOT_INITIALIZED;
}

/* Says what it serves, and serves none of it. */
ALLOC(refuses_everything)
{
    (void)pthis;
    return request && response ? MFX_ERR_UNSUPPORTED : MFX_ERR_NULL_PTR;
}

ALLOC(forgets_alloc_id)
{
    mfxU32 before = response ? response->AllocId : 0;
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status == MFX_ERR_NONE)
        response->AllocId = before;
    return status;
}

ALLOC(forgets_the_count)
{
    mfxU16 before = response ? response->NumFrameActual : 0;
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status == MFX_ERR_NONE && before)
        response->NumFrameActual = before;
    return status;
}

ALLOC(counts_in_8_bits)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status == MFX_ERR_NONE)
        response->NumFrameActual &= 0xff;
    return status;
}

ALLOC(believes_suggested)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status == MFX_ERR_NONE && request->NumFrameSuggested < response->NumFrameActual)
        response->NumFrameActual = request->NumFrameSuggested;
    return status;
}

ALLOC(makes_the_least)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    if (changed.NumFrameMin)
        changed.NumFrameSuggested = changed.NumFrameMin;
    return inner_alloc(pthis, &changed, response);
}

ALLOC(corrects_the_request)
{
    if (request && request->NumFrameSuggested < request->NumFrameMin)
        request->NumFrameSuggested = request->NumFrameMin;
    return inner_alloc(pthis, request, response);
}

ALLOC(aligns_the_request)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (request)
        request->Info.Width = (mfxU16)((request->Info.Width + 15) & ~15);
    return status;
}

ALLOC(wants_external_frames)
{
    if (request && !(request->Type & MFX_MEMTYPE_EXTERNAL_FRAME))
        return MFX_ERR_UNSUPPORTED;
    return inner_alloc(pthis, request, response);
}

ALLOC(wants_a_bit_depth)
{
    if (request && request->Info.FourCC == MFX_FOURCC_P010 && request->Info.BitDepthLuma != 10)
        return MFX_ERR_UNSUPPORTED;
    return inner_alloc(pthis, request, response);
}

ALLOC(serves_decoders_only)
{
    if (request && !(request->Type & (MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_FROM_VPPOUT)))
        return MFX_ERR_UNSUPPORTED;
    return inner_alloc(pthis, request, response);
}

ALLOC(system_memory_wins)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    if (changed.Type & MFX_MEMTYPE_SYSTEM_MEMORY)
        changed.Type = (mfxU16)(changed.Type & ~(MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET |
                                                 MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET));
    return inner_alloc(pthis, &changed, response);
}

/* Whatever is asked for is made in system memory. */
ALLOC(any_kind)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    changed.Type |= MFX_MEMTYPE_SYSTEM_MEMORY;
    return inner_alloc(pthis, &changed, response);
}

/* Anything that it does not know becomes NV12. */
ALLOC(any_format)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    if (!conform_format_find(changed.Info.FourCC))
        changed.Info.FourCC = MFX_FOURCC_NV12;
    return inner_alloc(pthis, &changed, response);
}

ALLOC(aborts_on_unknown_formats)
{
    if (request && !conform_format_find(request->Info.FourCC))
        abort();
    return inner_alloc(pthis, request, response);
}

/* --- Failures */

ALLOC(ignores_the_result)
{
    (void)inner_alloc(pthis, request, response);
    return MFX_ERR_NONE;
}

static mfxStatus of_errno(mfxStatus status)
{
    return status < MFX_ERR_NONE ? (mfxStatus)-22 : status; /* EINVAL, which is MFX_ERR_REALLOC_SURFACE */
}

ALLOC(answers_errno)
{
    return of_errno(inner_alloc(pthis, request, response));
}

ALLOC(no_memory_is_errno)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    return status == MFX_ERR_MEMORY_ALLOC ? (mfxStatus)-12 : status; /* ENOMEM, which is MFX_ERR_ABORTED */
}

ALLOC(no_memory_is_unknown)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    return status == MFX_ERR_MEMORY_ALLOC ? MFX_ERR_UNKNOWN : status;
}

ALLOC(stays_broken)
{
    struct mutant_state *s = pthis;
    mfxStatus status = s->calls ? MFX_ERR_MEMORY_ALLOC : inner_alloc(s, request, response);
    s->calls += status < MFX_ERR_NONE && status != MFX_ERR_UNSUPPORTED;
    s->calls += status == MFX_ERR_UNSUPPORTED && request && !conform_format_find(request->Info.FourCC);
    return status;
}

/* What a failed Alloc had made stays: written as what is left of memory afterwards, none. */
ALLOC(keeps_what_it_made)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    volatile char *kept = NULL;
    while (status == MFX_ERR_MEMORY_ALLOC && (kept = malloc(1 << 20)))
        *kept = 1;
    return status;
}

ALLOC(all_or_an_error)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    if (changed.NumFrameMin < changed.NumFrameSuggested)
        changed.NumFrameMin = changed.NumFrameSuggested;
    return inner_alloc(pthis, &changed, response);
}

ALLOC(leaves_mids_on_failure)
{
    static mfxMemId mids[1];
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status < MFX_ERR_NONE && response) {
        response->mids = mids;
        response->NumFrameActual = 1;
    }
    return status;
}

/* --- Arithmetic */

ALLOC(width_of_16_bits)
{
    mfxFrameAllocRequest changed;
    if (!request)
        return MFX_ERR_NULL_PTR;
    changed = *request;
    if (request->Info.FourCC != MFX_FOURCC_P8 && request->Info.Width) {
        changed.Info.Width = (mfxU16)((request->Info.Width + 31) & ~31);
        changed.Info.Width = changed.Info.Width ? changed.Info.Width : 32;
    }
    return inner_alloc(pthis, &changed, response);
}

ALLOC(count_of_15_bits)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status == MFX_ERR_NONE)
        response->NumFrameActual &= 0x7fff;
    return status;
}

ALLOC(serves_nothing)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    return status == MFX_ERR_INVALID_VIDEO_PARAM ? MFX_ERR_NONE : status;
}

ALLOC(whole_macroblocks_only)
{
    if (request && request->Info.FourCC != MFX_FOURCC_P8 &&
        (request->Info.Width % 16 || request->Info.Height % 16))
        return MFX_ERR_INVALID_VIDEO_PARAM;
    return inner_alloc(pthis, request, response);
}

/* --- Mids of another kind, with a table of what they stand for */

static mfxMemId real_mid(const struct mutant_state *s, mfxMemId mid)
{
    for (size_t i = s->mid_count; i-- > 0;)
        if (s->mids[i] == mid)
            return s->real[i];
    return NULL;
}

/* The n-th frame of a response is called first + n. */
static mfxStatus rename_mids(struct mutant_state *s, mfxFrameAllocRequest *request,
                             mfxFrameAllocResponse *response, uintptr_t first)
{
    mfxStatus status = inner_alloc(s, request, response);
    if (status != MFX_ERR_NONE)
        return status;
    mfxMemId *mids = calloc(response->NumFrameActual, sizeof *mids);
    for (size_t i = 0; mids && i < response->NumFrameActual && s->mid_count < 256; i++) {
        mids[i] = (mfxMemId)(first + i);
        s->mids[s->mid_count] = mids[i];
        s->real[s->mid_count++] = response->mids[i];
    }
    response->mids = mids;
    return MFX_ERR_NONE;
}

static mfxStatus renamed_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner_lock(pthis, real_mid(pthis, mid), data);
}

static mfxStatus renamed_unlock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner_unlock(pthis, real_mid(pthis, mid), data);
}

static mfxStatus renamed_handle(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    return inner_handle(pthis, real_mid(pthis, mid), handle);
}

static mfxStatus renamed_free(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    (void)pthis;
    free(response ? response->mids : NULL);
    return MFX_ERR_NONE;
}

ALLOC(mids_are_indices)
{
    return rename_mids(pthis, request, response, 0);
}

ALLOC(mids_are_small)
{
    struct mutant_state *s = pthis;
    return rename_mids(s, request, response, s->mid_count + 1);
}

ALLOC(mids_count_in_each_response)
{
    return rename_mids(pthis, request, response, ((uintptr_t)1 << 40) + 1);
}

ALLOC(mids_of_id_and_index)
{
    struct mutant_state *s = pthis;
    return rename_mids(s, request, response, (uintptr_t)(s->mid_count + 1) << 16);
}

ALLOC(mids_from_the_end)
{
    return rename_mids(pthis, request, response, UINTPTR_MAX - 15);
}

/* The allocator of each kind counts its own frames, from the same number. */
ALLOC(each_kind_counts_its_mids)
{
    struct mutant_state *s = pthis;
    bool system = request && (request->Type & MFX_MEMTYPE_SYSTEM_MEMORY);
    long *next = &s->frames_of[system];
    mfxStatus status = rename_mids(s, request, response, ((uintptr_t)1 << 40) + (uintptr_t)*next);
    if (status == MFX_ERR_NONE)
        *next += response->NumFrameActual;
    return status;
}

/* What a mid stood for first, it stands for ever: frames of the other kind that get it are taken for those.
 */
static mfxStatus kind_map_never_erased(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)
{
    struct mutant_state *s = pthis;
    struct reference_view view;
    if (!handle || !reference_look(s->reference, real_mid(s, mid), &view))
        return MFX_ERR_INVALID_HANDLE;
    for (size_t i = 0; i < s->mid_count; i++) {
        if (s->mids[i] != mid)
            continue;
        if (!s->kind[i])
            s->kind[i] = view.video ? 'v' : 's';
        *handle = &s->ids[0];
        return s->kind[i] == 'v' ? MFX_ERR_NONE : MFX_ERR_UNSUPPORTED;
    }
    return MFX_ERR_INVALID_HANDLE;
}

/* One mid more is written than there is room for. */
ALLOC(one_mid_too_many)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status != MFX_ERR_NONE)
        return status;
    volatile mfxMemId *mids = malloc(response->NumFrameActual * sizeof *mids);
    for (size_t i = 0; mids && i <= response->NumFrameActual; i++)
        mids[i] = i < response->NumFrameActual ? response->mids[i] : NULL;
    return status;
}

/* Every response has the same array: the last one's mids. */
ALLOC(one_array_of_mids)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_alloc(s, request, response);
    if (status != MFX_ERR_NONE || response->NumFrameActual > 256)
        return status;
    memcpy(s->mids, response->mids, response->NumFrameActual * sizeof *s->mids);
    response->mids = s->mids;
    return status;
}

static mfxStatus free_nothing(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    (void)pthis;
    return response ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

/* --- Sharing: what the first decoder asked for is remembered, and taken for what is asked for now */

static bool is_decoders(const mfxFrameAllocRequest *request)
{
    return request && (request->Type & MFX_MEMTYPE_FROM_DECODE);
}

static const mfxFrameAllocRequest *remember(struct mutant_state *s, const mfxFrameAllocRequest *request)
{
    if (is_decoders(request) && !s->request.Type)
        s->request = *request;
    return s->request.Type ? &s->request : request;
}

/* Alloc of another request, with the AllocId that was asked for. */
static mfxStatus alloc_as(struct mutant_state *s, const mfxFrameAllocRequest *request,
                          mfxFrameAllocRequest *changed, mfxFrameAllocResponse *response)
{
    mfxStatus status = inner_alloc(s, changed, response);
    if (status == MFX_ERR_NONE)
        response->AllocId = request->AllocId;
    return status;
}

ALLOC(never_shares)
{
    struct mutant_state *s = pthis;
    mfxFrameAllocRequest changed = *request;
    changed.AllocId = (mfxU32)++s->calls;
    return alloc_as(s, request, &changed, response);
}

ALLOC(shares_equal_sizes)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId += (mfxU32)changed.Info.Width << 16;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(shares_equal_counts)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId += (mfxU32)changed.NumFrameSuggested << 16;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(shares_equal_types)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId += (mfxU32)changed.Type << 16;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(shares_equal_targets)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId += (mfxU32)(changed.Type & MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET) << 16;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(ignores_alloc_id)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId = 0;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(alloc_id_of_16_bits)
{
    mfxFrameAllocRequest changed = *request;
    changed.AllocId &= 0xffff;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(shares_with_anybody)
{
    mfxFrameAllocRequest changed = *request;
    changed.Type |= MFX_MEMTYPE_FROM_DECODE;
    return alloc_as(pthis, request, &changed, response);
}

/* Only what is asked for now must be a decoder's: the first frames for an AllocId are taken for that. */
ALLOC(finds_frames_of_encoders)
{
    struct mutant_state *s = pthis;
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        s->request.AllocId = request->AllocId;
    else if (s->request.AllocId == request->AllocId)
        changed.AllocId += (mfxU32)++s->calls << 16;
    else
        changed.Type |= MFX_MEMTYPE_FROM_DECODE;
    return alloc_as(s, request, &changed, response);
}

/* Frames are shared or they are not: two responses are told from one, and not from three. */
ALLOC(shared_is_a_flag)
{
    struct mutant_state *s = pthis;
    if (is_decoders(request) && s->response.mids && s->response.AllocId == request->AllocId &&
        s->calls >= 2) {
        *response = s->response;
        return MFX_ERR_NONE;
    }
    mfxStatus status = inner_alloc(s, request, response);
    if (status != MFX_ERR_NONE || !is_decoders(request))
        return status;
    s->calls = s->response.mids == response->mids ? s->calls + 1 : 1;
    s->response = *response;
    return status;
}

static mfxStatus free_by_a_flag(mfxHDL pthis, mfxFrameAllocResponse *response)
{
    struct mutant_state *s = pthis;
    if (response && response->mids == s->response.mids && s->calls > 0 && --s->calls == 0)
        memset(&s->response, 0, sizeof s->response);
    return inner_free(s, response);
}

ALLOC(ignores_sizes)
{
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        changed.Info = remember(pthis, request)->Info;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(ignores_heights)
{
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        changed.Info.Height = remember(pthis, request)->Info.Height;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(ignores_counts)
{
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        changed.NumFrameMin = changed.NumFrameSuggested = remember(pthis, request)->NumFrameMin;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(ignores_fourcc)
{
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        changed.Info.FourCC = remember(pthis, request)->Info.FourCC;
    return alloc_as(pthis, request, &changed, response);
}

ALLOC(ignores_memory_kind)
{
    mfxFrameAllocRequest changed = *request;
    if (is_decoders(request))
        changed.Type = remember(pthis, request)->Type;
    return alloc_as(pthis, request, &changed, response);
}

/* The last response for an AllocId is given again, freed or not. */
ALLOC(finds_ended_frames)
{
    struct mutant_state *s = pthis;
    if (is_decoders(request) && s->response.mids && s->response.AllocId == request->AllocId) {
        *response = s->response;
        if (++s->calls % 3)
            return inner_alloc(s, request, response);
        return MFX_ERR_NONE;
    }
    mfxStatus status = inner_alloc(s, request, response);
    if (status == MFX_ERR_NONE && is_decoders(request))
        s->response = *response;
    return status;
}

const struct mutant mutants_of_alloc[] = {
    {NAMED(no_get_hdl, table_is_complete), .callback = {.Alloc = NULL}, .null_handle = true},
    {NAMED(needs_its_table, table_may_be_copied), .callback = {.Alloc = needs_its_table}},
    {NAMED(refuses_everything, alloc_serves_a_format), .callback = {.Alloc = refuses_everything}},
    {NAMED(forgets_alloc_id, alloc_fills_response), .callback = {.Alloc = forgets_alloc_id}},
    {NAMED(forgets_the_count, alloc_fills_response), .callback = {.Alloc = forgets_the_count}},
    {NAMED(counts_in_8_bits, alloc_makes_enough), .callback = {.Alloc = counts_in_8_bits}},
    {NAMED(believes_suggested, alloc_takes_the_larger), .callback = {.Alloc = believes_suggested}},
    {NAMED(makes_the_least, alloc_makes_suggested), .callback = {.Alloc = makes_the_least}},
    {NAMED(corrects_the_request, alloc_leaves_request), .callback = {.Alloc = corrects_the_request}},
    {NAMED(aligns_the_request, alloc_leaves_request), .callback = {.Alloc = aligns_the_request}},
    {NAMED(wants_external_frames, alloc_serves_runtimes), .callback = {.Alloc = wants_external_frames}},
    {NAMED(wants_a_bit_depth, alloc_takes_depths), .callback = {.Alloc = wants_a_bit_depth}},
    {NAMED(serves_decoders_only, alloc_serves_runtimes), .callback = {.Alloc = serves_decoders_only}},
    {NAMED(system_memory_wins, alloc_video_wins), .callback = {.Alloc = system_memory_wins}},
    {NAMED(any_kind, alloc_refuses_kinds), .callback = {.Alloc = any_kind},
     .memory = MFX_MEMTYPE_SYSTEM_MEMORY},
    {NAMED(any_format, alloc_refuses_formats), .callback = {.Alloc = any_format}},
    {NAMED(aborts_on_unknown_formats, alloc_refuses_formats),
     .callback = {.Alloc = aborts_on_unknown_formats}},
    {NAMED(ignores_the_result, alloc_refuses_formats), .callback = {.Alloc = ignores_the_result}},
    {NAMED(answers_errno, alloc_refuses_formats), .callback = {.Alloc = answers_errno}},
    {NAMED(any_kind_at_all, alloc_refuses_no_kind), .callback = {.Alloc = any_kind}},
    {NAMED(no_memory_is_errno, alloc_says_no_memory), .callback = {.Alloc = no_memory_is_errno}},
    {NAMED(no_memory_is_unknown, alloc_says_no_memory), .callback = {.Alloc = no_memory_is_unknown}},
    {NAMED(stays_broken, alloc_after_failure), .callback = {.Alloc = stays_broken}},
    {NAMED(keeps_what_it_made, alloc_all_or_nothing), .callback = {.Alloc = keeps_what_it_made}},
    {NAMED(all_or_an_error, alloc_fewer_when_short), .callback = {.Alloc = all_or_an_error}},
    {NAMED(leaves_mids_on_failure, alloc_failure_is_empty), .callback = {.Alloc = leaves_mids_on_failure}},
    {NAMED(width_of_16_bits, alloc_survives_sizes), .callback = {.Alloc = width_of_16_bits}},
    {NAMED(size_of_32_bits, alloc_survives_sizes), .callback = {.Alloc = NULL},
     .layout = {.size_mask = 0xffffffff}},
    {NAMED(count_of_15_bits, alloc_survives_counts), .callback = {.Alloc = count_of_15_bits}},
    {NAMED(serves_nothing, alloc_refuses_nothing), .callback = {.Alloc = serves_nothing}},
    {NAMED(whole_macroblocks_only, alloc_any_size), .callback = {.Alloc = whole_macroblocks_only}},
#define RENAMED .Lock = renamed_lock, .Unlock = renamed_unlock, .GetHDL = renamed_handle, .Free = renamed_free
    {NAMED(mids_are_indices, mids_are_not_null), .callback = {.Alloc = mids_are_indices, RENAMED}},
    {NAMED(mids_count_in_each_response, mids_are_unique),
     .callback = {.Alloc = mids_count_in_each_response, RENAMED}},
    {NAMED(mids_are_small, mids_are_not_runtimes), .callback = {.Alloc = mids_are_small, RENAMED}},
    {NAMED(mids_of_id_and_index, mids_are_not_runtimes),
     .callback = {.Alloc = mids_of_id_and_index, RENAMED}},
    {NAMED(mids_from_the_end, mids_are_not_runtimes), .callback = {.Alloc = mids_from_the_end, RENAMED}},
    {NAMED(one_mid_too_many, mids_stay), .callback = {.Alloc = one_mid_too_many}},
    {NAMED(kind_map_never_erased, kinds_do_not_mix), .callback = {.Alloc = mids_count_in_each_response,
                                                                  .Lock = renamed_lock,
                                                                  .Unlock = renamed_unlock,
                                                                  .GetHDL = kind_map_never_erased,
                                                                  .Free = renamed_free}},
    {NAMED(each_kind_counts_its_mids, kinds_do_not_mix),
     .callback = {.Alloc = each_kind_counts_its_mids, RENAMED}},
    {NAMED(one_array_of_mids, mids_stay), .callback = {.Alloc = one_array_of_mids, .Free = free_nothing}},
    {NAMED(never_shares, share_same_frames), .callback = {.Alloc = never_shares}},
    {NAMED(shares_equal_sizes, share_smaller), .callback = {.Alloc = shares_equal_sizes}},
    {NAMED(shares_equal_counts, share_fewer), .callback = {.Alloc = shares_equal_counts}},
    {NAMED(shares_equal_types, share_wider_type), .callback = {.Alloc = shares_equal_types}},
    {NAMED(shares_equal_targets, share_video_targets), .callback = {.Alloc = shares_equal_targets}},
    {NAMED(finds_ended_frames, share_ends), .callback = {.Alloc = finds_ended_frames}},
    {NAMED(ignores_alloc_id, share_alloc_id), .callback = {.Alloc = ignores_alloc_id}},
    {NAMED(alloc_id_of_16_bits, share_alloc_id), .callback = {.Alloc = alloc_id_of_16_bits}},
    {NAMED(shares_with_anybody, share_decoders_only), .callback = {.Alloc = shares_with_anybody}},
    {NAMED(finds_frames_of_encoders, share_decoders_only), .callback = {.Alloc = finds_frames_of_encoders}},
    {NAMED(shared_is_a_flag, share_is_counted),
     .callback = {.Alloc = shared_is_a_flag, .Free = free_by_a_flag}},
    {NAMED(ignores_sizes, share_not_larger), .callback = {.Alloc = ignores_sizes}},
    {NAMED(ignores_heights, share_not_larger), .callback = {.Alloc = ignores_heights}},
    {NAMED(ignores_counts, share_not_more), .callback = {.Alloc = ignores_counts}},
    {NAMED(ignores_fourcc, share_fourcc), .callback = {.Alloc = ignores_fourcc}},
    {NAMED(ignores_memory_kind, share_memory_kind), .callback = {.Alloc = ignores_memory_kind}},
    {.name = NULL},
};
