/* Broken Frees, and allocators that cope with one thread alone. */
#include "mutants.h"

#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ALLOC(name) \
    static mfxStatus name(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
#define FREE(name) static mfxStatus name(mfxHDL pthis, mfxFrameAllocResponse *response)
#define LOCK(name) static mfxStatus name(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)

void pause_us(long us)
{
    const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    (void)nanosleep(&time, NULL);
}

/* --- Counting */

/* The first of two responses that share frames ends them. */
FREE(the_first_free_frees)
{
    mfxStatus status = inner_free(pthis, response);
    while (status == MFX_ERR_NONE && response->mids && inner_free(pthis, response) == MFX_ERR_NONE) {
    }
    return status;
}

FREE(free_does_nothing)
{
    (void)pthis;
    return response ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
}

ALLOC(leaks_a_descriptor)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    for (int i = 0; i < 2 && status == MFX_ERR_NONE; i++)
        (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    return status;
}

/* None are left, not even to count them. */
ALLOC(leaks_all_descriptors)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    while (status == MFX_ERR_NONE && open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0) {
    }
    return status;
}

/* The response is remembered by its address, which mostly is on the caller's stack. */
ALLOC(remembers_addresses)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_alloc(s, request, response);
    if (status == MFX_ERR_NONE)
        s->address = response;
    return status;
}

FREE(looks_for_addresses)
{
    struct mutant_state *s = pthis;
    if (response && response->mids && response != s->address)
        return MFX_ERR_INVALID_HANDLE;
    return inner_free(s, response);
}

ALLOC(remembers_the_last)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_alloc(s, request, response);
    if (status == MFX_ERR_NONE)
        s->last = *response;
    return status;
}

/* Responses are in a list of the thread that made them. */
static _Thread_local long responses_here;

ALLOC(remembers_on_this_thread)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    responses_here += status == MFX_ERR_NONE;
    return status;
}

FREE(looks_on_this_thread)
{
    if (response && response->mids && !responses_here)
        return MFX_ERR_INVALID_HANDLE;
    mfxStatus status = inner_free(pthis, response);
    responses_here -= status == MFX_ERR_NONE && response->mids;
    return status;
}

/* Of the frames, those that were needed go. */
ALLOC(remembers_the_least)
{
    struct mutant_state *s = pthis;
    if (request)
        s->request = *request;
    return inner_alloc(s, request, response);
}

FREE(frees_the_least)
{
    struct mutant_state *s = pthis;
    long least = s->request.NumFrameMin;
    for (long i = least; response && response->mids && i < response->NumFrameActual; i++) {
        mfxFrameData data;
        (void)inner_lock(s, response->mids[i], &data);
    }
    return inner_free(s, response);
}

/* Whatever response is given, the newest goes. */
FREE(frees_the_last)
{
    struct mutant_state *s = pthis;
    mfxFrameAllocResponse last = s->last;
    memset(&s->last, 0, sizeof s->last);
    return inner_free(s, last.mids ? &last : response);
}

/* --- Responses that are none */

FREE(reads_mids_of_any_response)
{
    if (response)
        (void)*(mfxMemId volatile *)response->mids;
    return inner_free(pthis, response);
}

ALLOC(leaves_garbage)
{
    mfxStatus status = inner_alloc(pthis, request, response);
    if (status < MFX_ERR_NONE && response)
        response->mids = (mfxMemId *)(uintptr_t)64;
    return status;
}

/* A response that is not there any more: its place was taken by the newest. */
FREE(frees_by_place)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_free(s, response);
    return status == MFX_ERR_INVALID_HANDLE && s->last.mids ? inner_free(s, &s->last) : status;
}

FREE(free_never_fails)
{
    mfxStatus status = inner_free(pthis, response);
    return status == MFX_ERR_INVALID_HANDLE ? MFX_ERR_NONE : status;
}

FREE(free_reads_null)
{
    (void)*(volatile mfxU32 *)&response->AllocId;
    return inner_free(pthis, response);
}

/* --- Frames in use */

FREE(free_takes_locked_pixels)
{
    struct mutant_state *s = pthis;
    for (size_t i = 0; response && response->mids && i < response->NumFrameActual; i++) {
        struct reference_view view;
        if (reference_look(s->reference, response->mids[i], &view) && view.locks)
            memset(view.base, 0, view.bytes);
    }
    return inner_free(s, response);
}

LOCK(remembers_what_is_locked)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_lock(s, mid, data);
    if (status == MFX_ERR_NONE)
        s->mids[s->mid_count++ % 4] = mid;
    return status;
}

/* Any Free unmaps what is locked. */
FREE(free_unmaps_others)
{
    struct mutant_state *s = pthis;
    for (size_t i = 0; i < 4; i++) {
        struct reference_view view;
        if (reference_look(s->reference, s->mids[i], &view) && view.locks)
            memset(view.base, 0, view.bytes);
    }
    return inner_free(s, response);
}

/* --- Threads */

ALLOC(alloc_is_for_one_thread)
{
    struct mutant_state *s = pthis;
    bool alone = !atomic_fetch_add(&s->inside, 1);
    pause_us(200);
    mfxStatus status = alone ? inner_alloc(s, request, response) : MFX_ERR_MEMORY_ALLOC;
    atomic_fetch_sub(&s->inside, 1);
    return status;
}

/* Only the AllocId of the last Alloc is looked for. */
ALLOC(shares_with_the_last)
{
    struct mutant_state *s = pthis;
    if (!request || !(request->Type & MFX_MEMTYPE_FROM_DECODE))
        return inner_alloc(s, request, response);
    mfxFrameAllocRequest changed = *request;
    long last = atomic_exchange(&s->calls, (long)request->AllocId);
    pause_us(50);
    if (last != (long)request->AllocId)
        changed.AllocId += (mfxU32)atomic_fetch_add(&s->inside, 1) << 16;
    else
        changed.AllocId += (mfxU32)(atomic_load(&s->inside) - 1) << 16;
    mfxStatus status = inner_alloc(s, &changed, response);
    if (status == MFX_ERR_NONE)
        response->AllocId = request->AllocId;
    return status;
}

const struct mutant mutants_of_free[] = {
    {NAMED(the_first_free_frees, share_is_counted), .callback = {.Free = the_first_free_frees}},
    {NAMED(free_does_nothing, free_returns_memory), .callback = {.Free = free_does_nothing}},
    {NAMED(frees_the_least, free_returns_memory),
     .callback = {.Alloc = remembers_the_least, .Free = frees_the_least}},
    {NAMED(leaks_a_descriptor, free_returns_memory), .callback = {.Alloc = leaks_a_descriptor}},
    {NAMED(leaks_all_descriptors, free_returns_memory), .callback = {.Alloc = leaks_all_descriptors}},
    {NAMED(remembers_addresses, free_by_a_copy),
     .callback = {.Alloc = remembers_addresses, .Free = looks_for_addresses}},
    {NAMED(remembers_on_this_thread, free_on_a_thread),
     .callback = {.Alloc = remembers_on_this_thread, .Free = looks_on_this_thread}},
    {NAMED(frees_the_last, free_in_any_order),
     .callback = {.Alloc = remembers_the_last, .Free = frees_the_last}},
    {NAMED(reads_mids_of_any_response, free_zeroed), .callback = {.Free = reads_mids_of_any_response}},
    {NAMED(leaves_garbage, free_failed),
     .callback = {.Alloc = leaves_garbage, .Free = reads_mids_of_any_response}},
    {NAMED(frees_by_place, free_twice), .callback = {.Alloc = remembers_the_last, .Free = frees_by_place}},
    {NAMED(free_never_fails, free_unknown), .callback = {.Free = free_never_fails}},
    {NAMED(free_reads_null, misuse_null), .callback = {.Free = free_reads_null}},
    {NAMED(free_takes_locked_pixels, free_while_locked), .callback = {.Free = free_takes_locked_pixels}},
    {NAMED(free_unmaps_others, lock_outlives_others),
     .callback = {.Lock = remembers_what_is_locked, .Free = free_unmaps_others}},
    {NAMED(alloc_is_for_one_thread, threads_allocate), .callback = {.Alloc = alloc_is_for_one_thread}},
    {NAMED(shares_with_the_last, threads_share), .callback = {.Alloc = shares_with_the_last}},
    {.name = NULL},
};
