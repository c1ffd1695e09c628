/* Broken Locks, Unlocks and GetHDLs, and frames laid out wrongly. */
#include "mutants.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define LOCK(name)   static mfxStatus name(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
#define HANDLE(name) static mfxStatus name(mfxHDL pthis, mfxMemId mid, mfxHDL *handle)

static bool look(struct mutant_state *s, mfxMemId mid, struct reference_view *view)
{
    return reference_look(s->reference, mid, view);
}

/* --- Pitch and pointers */

LOCK(pitch_is_width)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.pitch)
        data->PitchLow = view.info.Width;
    return status;
}

LOCK(pitch_is_odd)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.pitch)
        data->PitchLow--;
    return status;
}

LOCK(pitch_is_truncated)
{
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE)
        data->PitchHigh = 0;
    return status;
}

/* Frames have the width that was asked for last. */
static mfxStatus remembers_the_request(mfxHDL pthis, mfxFrameAllocRequest *request,
                                       mfxFrameAllocResponse *response)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_alloc(s, request, response);
    if (status == MFX_ERR_NONE)
        s->request = *request;
    return status;
}

LOCK(pitch_of_the_last_request)
{
    struct mutant_state *s = pthis;
    struct reference_view view;
    mfxStatus status = inner_lock(s, mid, data);
    if (status == MFX_ERR_NONE && look(s, mid, &view) && s->request.Info.Width < view.info.Width)
        data->PitchLow = (mfxU16)conform_min_pitch(view.format, s->request.Info.Width);
    return status;
}

LOCK(everything_is_nv12)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status != MFX_ERR_NONE || !look(pthis, mid, &view))
        return status;
    data->Y = view.base;
    data->U = view.base + view.pitch * ((view.info.Height + 31u) / 32 * 32);
    data->V = data->U + 1;
    data->A = NULL;
    return status;
}

LOCK(rgbp_is_reversed)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status != MFX_ERR_NONE || !look(pthis, mid, &view) || view.info.FourCC != MFX_FOURCC_RGBP)
        return status;
    mfxU8 *swapped = data->Y;
    data->Y = data->V;
    data->V = swapped;
    return status;
}

LOCK(uyvy_from_an_unset_pointer)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_UYVY) {
        data->Y = (mfxU8 *)(uintptr_t)1;
        data->V = (mfxU8 *)(uintptr_t)2;
    }
    return status;
}

LOCK(p010_in_bytes)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_P010)
        data->V = data->U + 1;
    return status;
}

LOCK(packed_formats_have_one_pointer)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_RGB4)
        data->R = data->G = data->A = NULL;
    return status;
}

LOCK(yv12_is_i420)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_YV12) {
        mfxU8 *swapped = data->U;
        data->U = data->V;
        data->V = swapped;
    }
    return status;
}

LOCK(some_formats_are_not_lockable)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_P8_TEXTURE)
        return MFX_ERR_LOCK_MEMORY;
    return inner_lock(pthis, mid, data);
}

/* The mapping failed, and nobody looked. */
LOCK(map_result_unchecked)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_Y210)
        data->Y = data->U = data->V = NULL;
    return status;
}

LOCK(planes_8_bytes_on)
{
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE) {
        data->Y += data->Y ? 8 : 0;
        data->U += data->U ? 8 : 0;
        data->V += data->V ? 8 : 0;
        data->A += data->A ? 8 : 0;
    }
    return status;
}

LOCK(all_frames_are_one)
{
    struct mutant_state *s = pthis;
    return inner_lock(s, reference_index(mid) < 1000 ? reference_sibling(mid, 0) : mid, data);
}

static mfxStatus unlock_the_first(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return inner_unlock(pthis, reference_index(mid) < 1000 ? reference_sibling(mid, 0) : mid, data);
}

/* Chroma begins at the picture's height of the last request. */
LOCK(chroma_reaches_into_luma)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.info.FourCC == MFX_FOURCC_NV12) {
        data->U -= (size_t)data->Pitch * 32;
        data->V -= (size_t)data->Pitch * 32;
    }
    return status;
}

static mfxStatus loses_the_last_row(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.locks == 1 && view.info.FourCC == MFX_FOURCC_I420)
        memset(view.base + view.offset[2] + view.pitch / 2 * (view.info.Height / 2u - 1), 0, 4);
    return inner_unlock(pthis, mid, data);
}

/* --- What is in ptr */

LOCK(leaves_pitch_high)
{
    mfxU16 before = data ? data->PitchHigh : 0;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE)
        data->PitchHigh = before;
    return status;
}

LOCK(leaves_pointers_that_are_there)
{
    mfxU8 *before = data ? data->Y : NULL;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && before)
        data->Y = before;
    return status;
}

LOCK(leaves_alpha)
{
    mfxU8 *before = data ? data->A : NULL;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE && !data->A)
        data->A = before;
    return status;
}

LOCK(counts_in_locked)
{
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status == MFX_ERR_NONE)
        data->Locked++;
    return status;
}

LOCK(zeroes_the_rest)
{
    if (data)
        memset(data, 0, sizeof *data);
    return inner_lock(pthis, mid, data);
}

LOCK(unlock_leaves_pointers)
{
    (void)data;
    return inner_unlock(pthis, mid, NULL);
}

LOCK(unlock_leaves_pitch_high)
{
    mfxU16 before = data ? data->PitchHigh | 1 : 0;
    mfxStatus status = inner_unlock(pthis, mid, data);
    if (data)
        data->PitchHigh = before;
    return status;
}

LOCK(unlock_reads_ptr)
{
    *(volatile mfxU16 *)&data->PitchLow = 0;
    return inner_unlock(pthis, mid, data);
}

LOCK(unlock_trusts_ptr)
{
    struct reference_view view;
    if (data && look(pthis, mid, &view) && (data->Y < view.base || data->Y > view.base + view.bytes))
        return MFX_ERR_INVALID_HANDLE;
    return inner_unlock(pthis, mid, data);
}

static _Thread_local int locks_here;

LOCK(lock_on_this_thread)
{
    mfxStatus status = inner_lock(pthis, mid, data);
    locks_here += status == MFX_ERR_NONE;
    return status;
}

LOCK(unlock_on_this_thread)
{
    if (!locks_here)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    mfxStatus status = inner_unlock(pthis, mid, data);
    locks_here -= status == MFX_ERR_NONE;
    return status;
}

/* --- Nesting */

/* One image for each frame: a second Lock gets the next one. */
LOCK(one_image_for_each_frame)
{
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status != MFX_ERR_NONE || !look(pthis, mid, &view) || view.locks < 2)
        return status;
    mfxU8 *image = malloc(view.bytes);
    if (!image)
        return status;
    memcpy(image, view.base, view.bytes);
    data->Y = data->Y ? image + (data->Y - view.base) : NULL;
    data->U = data->U ? image + (data->U - view.base) : NULL;
    data->V = data->V ? image + (data->V - view.base) : NULL;
    data->A = data->A ? image + (data->A - view.base) : NULL;
    return status;
}

LOCK(the_first_unlock_unmaps)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.locks > 1)
        memset(view.base, 0, view.bytes);
    return inner_unlock(pthis, mid, data);
}

LOCK(locked_once_only)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.locks)
        return MFX_ERR_LOCK_MEMORY;
    return inner_lock(pthis, mid, data);
}

LOCK(nested_in_16_bits)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.locks >= 65535)
        return MFX_ERR_LOCK_MEMORY;
    return inner_lock(pthis, mid, data);
}

LOCK(counts_in_16_bits)
{
    struct mutant_state *s = pthis;
    return ++s->calls > 65535 ? MFX_ERR_LOCK_MEMORY : inner_lock(s, mid, data);
}

/* One staging buffer for all frames of an allocator. */
LOCK(leaks_an_image)
{
    volatile mfxU8 *image = malloc(1024);
    if (image)
        image[0] = 1;
    return inner_lock(pthis, mid, data);
}

LOCK(leaks_a_fence)
{
    (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    return inner_lock(pthis, mid, data);
}

LOCK(one_staging_buffer)
{
    static mfxU8 staging[1 << 20];
    struct reference_view view;
    mfxStatus status = inner_lock(pthis, mid, data);
    if (status != MFX_ERR_NONE || !look(pthis, mid, &view) || view.bytes > sizeof staging)
        return status;
    if (view.locks == 1)
        memcpy(staging, view.base, view.bytes);
    data->Y = data->Y ? staging + (data->Y - view.base) : NULL;
    data->U = data->U ? staging + (data->U - view.base) : NULL;
    data->V = data->V ? staging + (data->V - view.base) : NULL;
    data->A = data->A ? staging + (data->A - view.base) : NULL;
    return status;
}

/* --- GetHDL */

HANDLE(system_frames_have_one)
{
    mfxStatus status = inner_handle(pthis, mid, handle);
    if (status != MFX_ERR_UNSUPPORTED)
        return status;
    *handle = mid;
    return MFX_ERR_NONE;
}

HANDLE(writes_a_pair)
{
    mfxStatus status = inner_handle(pthis, mid, handle);
    if (handle)
        handle[1] = NULL;
    return status;
}

HANDLE(gives_the_id)
{
    mfxStatus status = inner_handle(pthis, mid, handle);
    if (status == MFX_ERR_NONE)
        *handle = (mfxHDL)(uintptr_t) * (const mfxU32 *)*handle;
    return status;
}

HANDLE(one_local_for_all)
{
    static mfxU32 local;
    mfxStatus status = inner_handle(pthis, mid, handle);
    if (status == MFX_ERR_NONE) {
        local = *(const mfxU32 *)*handle;
        *handle = &local;
    }
    return status;
}

HANDLE(a_ring_of_two)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_handle(s, mid, handle);
    if (status == MFX_ERR_NONE) {
        mfxU32 *slot = &s->ids[s->calls++ % 2];
        *slot = *(const mfxU32 *)*handle;
        *handle = slot;
    }
    return status;
}

HANDLE(handle_unmaps)
{
    struct reference_view view;
    mfxStatus status = inner_handle(pthis, mid, handle);
    if (status == MFX_ERR_NONE && look(pthis, mid, &view) && view.locks)
        memset(view.base, 0, view.bytes);
    return status;
}

HANDLE(no_handle_while_locked)
{
    struct reference_view view;
    if (look(pthis, mid, &view) && view.locks && view.video)
        return MFX_ERR_LOCK_MEMORY;
    return inner_handle(pthis, mid, handle);
}

/* The handle to export takes the place of the surface's in the first Lock. */
static mfxStatus remembers_exports(mfxHDL pthis, mfxFrameAllocRequest *request,
                                   mfxFrameAllocResponse *response)
{
    struct mutant_state *s = pthis;
    s->calls = request && (request->Type & MFX_MEMTYPE_EXPORT_FRAME);
    return inner_alloc(s, request, response);
}

static mfxStatus leaks_exports(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    if (request && (request->Type & MFX_MEMTYPE_EXPORT_FRAME))
        (void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
    return inner_alloc(pthis, request, response);
}

LOCK(lock_of_an_export)
{
    struct mutant_state *s = pthis;
    s->locked.MemId = mid;
    return inner_lock(s, mid, data);
}

HANDLE(handle_of_a_locked_export)
{
    struct mutant_state *s = pthis;
    mfxStatus status = inner_handle(s, mid, handle);
    if (status == MFX_ERR_NONE && s->calls && s->locked.MemId == mid)
        *handle = &s->ids[1];
    return status;
}

/* What is written stays in an image beside the surface. */
static mfxStatus surface_stays_black(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane,
                                     unsigned row, void *out, size_t bytes)
{
    (void)user, (void)handle, (void)info, (void)plane, (void)row;
    memset(out, 0, bytes);
    return MFX_ERR_NONE;
}

/* --- Misuse */

LOCK(lock_writes_to_null)
{
    *(volatile mfxU16 *)&data->PitchLow = 0;
    return inner_lock(pthis, mid, data);
}

LOCK(null_is_a_frame)
{
    return mid ? inner_lock(pthis, mid, data) : MFX_ERR_NONE;
}

static mfxStatus bad_mid_is_errno(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    return mid ? inner_lock(pthis, mid, data) : (mfxStatus)-14; /* EFAULT: MFX_ERR_INCOMPATIBLE_VIDEO_PARAM */
}

LOCK(null_hangs)
{
    while (!mid)
        pause_us(100000);
    return inner_lock(pthis, mid, data);
}

LOCK(reads_through_mids)
{
    struct reference_view view;
    if (!look(pthis, mid, &view))
        (void)*(const volatile char *)mid;
    return inner_lock(pthis, mid, data);
}

/* A mid that has the form of one is one. */
LOCK(stale_mids_are_good)
{
    mfxStatus status = inner_lock(pthis, mid, data);
    return status == MFX_ERR_INVALID_HANDLE && (uintptr_t)mid >> 63 ? MFX_ERR_NONE : status;
}

LOCK(unlock_never_fails)
{
    mfxStatus status = inner_unlock(pthis, mid, data);
    return status == MFX_ERR_UNDEFINED_BEHAVIOR ? MFX_ERR_NONE : status;
}

/* --- Threads */

/* Two in there at once: the second gets what the first is working on. */
LOCK(lock_races)
{
    struct mutant_state *s = pthis;
    bool alone = !atomic_fetch_add(&s->inside, 1);
    mfxStatus status = inner_lock(s, mid, data);
    pause_us(50);
    if (!alone && status == MFX_ERR_NONE)
        data->Y += 16;
    atomic_fetch_sub(&s->inside, 1);
    return status;
}

LOCK(lock_aborts_beside_another)
{
    struct mutant_state *s = pthis;
    bool alone = !atomic_fetch_add(&s->inside, 1);
    pause_us(50);
    if (!alone)
        abort();
    mfxStatus status = inner_lock(s, mid, data);
    atomic_fetch_sub(&s->inside, 1);
    return status;
}

LOCK(lock_looks_while_alloc_changes)
{
    struct mutant_state *s = pthis;
    return atomic_load(&s->inside) ? MFX_ERR_LOCK_MEMORY : inner_lock(s, mid, data);
}

static mfxStatus alloc_changes(mfxHDL pthis, mfxFrameAllocRequest *request, mfxFrameAllocResponse *response)
{
    struct mutant_state *s = pthis;
    atomic_fetch_add(&s->inside, 1);
    pause_us(500);
    mfxStatus status = inner_alloc(s, request, response);
    atomic_fetch_sub(&s->inside, 1);
    return status;
}

const struct mutant mutants_of_frames[] = {
    {NAMED(pitch_is_width, layout_pitch), .callback = {.Lock = pitch_is_width}},
    {NAMED(pitch_is_odd, layout_pitch), .callback = {.Lock = pitch_is_odd}},
    {NAMED(pitch_is_truncated, layout_pitch_high), .callback = {.Lock = pitch_is_truncated}},
    {NAMED(pitch_of_the_last_request, layout_side_by_side),
     .callback = {.Alloc = remembers_the_request, .Lock = pitch_of_the_last_request}},
    {NAMED(shrinks_when_shared, share_smaller),
     .callback = {.Alloc = remembers_the_request, .Lock = pitch_of_the_last_request}},
    {NAMED(everything_is_nv12, layout_pointers), .callback = {.Lock = everything_is_nv12}},
    {NAMED(rgbp_is_reversed, layout_pointers), .callback = {.Lock = rgbp_is_reversed}},
    {NAMED(uyvy_from_an_unset_pointer, layout_pointers), .callback = {.Lock = uyvy_from_an_unset_pointer}},
    {NAMED(p010_in_bytes, layout_pointers), .callback = {.Lock = p010_in_bytes}},
    {NAMED(packed_formats_have_one_pointer, layout_pointers),
     .callback = {.Lock = packed_formats_have_one_pointer}},
    {NAMED(yv12_is_i420, layout_pointers), .callback = {.Lock = yv12_is_i420}},
    {NAMED(planes_8_bytes_on, layout_alignment), .callback = {.Lock = planes_8_bytes_on}},
    {NAMED(all_frames_are_one, layout_planes_apart),
     .callback = {.Lock = all_frames_are_one, .Unlock = unlock_the_first}},
    {NAMED(chroma_reaches_into_luma, layout_planes_apart), .callback = {.Lock = chroma_reaches_into_luma}},
    {NAMED(loses_the_last_row, layout_reads_back), .callback = {.Unlock = loses_the_last_row}},
    {NAMED(some_formats_are_not_lockable, layout_reads_back),
     .callback = {.Lock = some_formats_are_not_lockable}},
    {NAMED(a_block_too_short, layout_padding), .callback = {.Lock = NULL}, .layout = {.too_short = 16}},
    {NAMED(p010_in_half_the_bytes, layout_reads_back), .callback = {.Lock = NULL},
     .layout = {.halved = MFX_FOURCC_P010}},
    {NAMED(map_result_unchecked, layout_reads_back), .callback = {.Lock = map_result_unchecked}},
    {NAMED(no_padding_rows, layout_padding), .callback = {.Lock = NULL}, .layout = {.rows = 1}},
    {NAMED(unaligned_frames, layout_zero_copy), .callback = {.Lock = NULL}, .layout = {.align = 64}},
    {NAMED(leaves_pitch_high, lock_stale_values), .callback = {.Lock = leaves_pitch_high}},
    {NAMED(leaves_pointers_that_are_there, lock_stale_values),
     .callback = {.Lock = leaves_pointers_that_are_there}},
    {NAMED(leaves_alpha, lock_clears_others), .callback = {.Lock = leaves_alpha}},
    {NAMED(counts_in_locked, lock_leaves_the_rest), .callback = {.Lock = counts_in_locked}},
    {NAMED(zeroes_the_rest, lock_leaves_the_rest), .callback = {.Lock = zeroes_the_rest}},
    {NAMED(unlock_leaves_pointers, unlock_clears), .callback = {.Unlock = unlock_leaves_pointers}},
    {NAMED(unlock_leaves_pitch_high, unlock_clears), .callback = {.Unlock = unlock_leaves_pitch_high}},
    {NAMED(unlock_reads_ptr, unlock_without_ptr), .callback = {.Unlock = unlock_reads_ptr}},
    {NAMED(unlock_trusts_ptr, unlock_by_another_ptr), .callback = {.Unlock = unlock_trusts_ptr}},
    {NAMED(unlock_on_this_thread, unlock_on_a_thread),
     .callback = {.Lock = lock_on_this_thread, .Unlock = unlock_on_this_thread}},
    {NAMED(one_image_for_each_frame, lock_nests), .callback = {.Lock = one_image_for_each_frame}},
    {NAMED(the_first_unlock_unmaps, lock_nests), .callback = {.Unlock = the_first_unlock_unmaps}},
    {NAMED(locked_once_only, lock_nests), .callback = {.Lock = locked_once_only}},
    {NAMED(nested_in_16_bits, lock_nests_deeply), .callback = {.Lock = nested_in_16_bits}},
    {NAMED(counts_in_16_bits, lock_goes_on), .callback = {.Lock = counts_in_16_bits}},
    {NAMED(leaks_an_image, lock_keeps_nothing), .callback = {.Lock = leaks_an_image}},
    {NAMED(leaks_a_fence, lock_keeps_nothing), .callback = {.Lock = leaks_a_fence}},
    {NAMED(one_staging_buffer, lock_keeps_pixels_apart), .callback = {.Lock = one_staging_buffer}},
    {NAMED(system_frames_have_one, handle_of_system), .callback = {.GetHDL = system_frames_have_one}},
    {NAMED(writes_a_pair, handle_is_one_pointer), .callback = {.GetHDL = writes_a_pair}},
    {NAMED(gives_the_id, handle_of_video), .callback = {.GetHDL = gives_the_id}},
    {NAMED(one_local_for_all, handle_is_unique), .callback = {.GetHDL = one_local_for_all}},
    {NAMED(a_ring_of_two, handle_stays), .callback = {.GetHDL = a_ring_of_two}},
    {NAMED(handle_unmaps, handle_while_locked), .callback = {.GetHDL = handle_unmaps}},
    {NAMED(no_handle_while_locked, handle_while_locked), .callback = {.GetHDL = no_handle_while_locked}},
    {NAMED(export_takes_the_handle, handle_of_export), .callback = {.Alloc = remembers_exports,
                                                                    .Lock = lock_of_an_export,
                                                                    .GetHDL = handle_of_a_locked_export}},
    {NAMED(leaks_exports, handle_of_export), .callback = {.Alloc = leaks_exports}},
    {NAMED(surface_stays_black, handle_shows_pixels), .callback = {.Lock = NULL},
     .read_video = surface_stays_black},
    {NAMED(lock_writes_to_null, misuse_null), .callback = {.Lock = lock_writes_to_null}},
    {NAMED(null_is_a_frame, misuse_null_mid), .callback = {.Lock = null_is_a_frame}},
    {NAMED(bad_mid_is_errno, misuse_codes), .callback = {.Lock = bad_mid_is_errno}},
    {NAMED(null_hangs, misuse_null_mid), .callback = {.Lock = null_hangs}},
    {NAMED(reads_through_mids, misuse_made_up_mid), .callback = {.Lock = reads_through_mids}},
    {NAMED(stale_mids_are_good, misuse_stale_mid), .callback = {.Lock = stale_mids_are_good}},
    {NAMED(foreign_mids_are_good, misuse_foreign_mid), .callback = {.Lock = stale_mids_are_good}},
    {NAMED(unlock_never_fails, misuse_unlock), .callback = {.Unlock = unlock_never_fails}},
    {NAMED(lock_races, threads_lock_one), .callback = {.Lock = lock_races}},
    {NAMED(lock_aborts_beside_another, threads_lock_one), .callback = {.Lock = lock_aborts_beside_another}},
    {NAMED(lock_looks_while_alloc_changes, threads_mix),
     .callback = {.Alloc = alloc_changes, .Lock = lock_looks_while_alloc_changes}},
    {.name = NULL},
};
