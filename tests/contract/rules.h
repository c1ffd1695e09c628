/* The rules: one table. Each is a function rule_NAME in a file of its subject. */
#ifndef CONFORM_RULES_H
#define CONFORM_RULES_H

#include "kit.h"
#include "surface_rules.h"

/* MUST: runtimes and applications of today rely on it. SHOULD: what a robust allocator does besides, stricter
 * than VPL's headers are. */
enum conform_level {
    MUST,
    SHOULD,
};

/* On which frames a rule is tried. */
enum conform_scope {
    ONCE,     /* whatever kind there is */
    EACH,     /* once for each kind of memory that is served */
    SYSTEM,   /* on frames in system memory only */
    VIDEO,    /* on frames in video memory only */
    SURFACES, /* on the plug-in's surfaces */
};

/* Section: of the subjects in docs/conformance.md. */
/* clang-format off */
#define CONFORM_RULES(X) \
    /* Allocator: the table, Alloc, the response */ \
    X(table_is_complete,       allocator, MUST,   ONCE,   "the table has all five callbacks, and a pthis") \
    X(table_may_be_copied,     allocator, MUST,   EACH,   "a copy of the table serves when the original is gone: only pthis and code must outlive a session") \
    X(alloc_serves_a_format,   allocator, MUST,   EACH,   "a kind of memory that is said to be served has a format that is") \
    X(alloc_fills_response,    allocator, MUST,   EACH,   "Alloc fills AllocId (the request's), mids and NumFrameActual") \
    X(alloc_makes_enough,      allocator, MUST,   EACH,   "a response has at least NumFrameMin frames") \
    X(alloc_takes_the_larger,  allocator, SHOULD, EACH,   "that holds as well where NumFrameSuggested is smaller, or it is an error") \
    X(alloc_makes_suggested,   allocator, SHOULD, EACH,   "a response has NumFrameSuggested frames where memory suffices") \
    X(alloc_leaves_request,    allocator, MUST,   EACH,   "the request is const for Alloc") \
    X(alloc_serves_runtimes,   allocator, MUST,   EACH,   "every Type that today's runtimes send is served") \
    X(alloc_takes_depths,      allocator, MUST,   EACH,   "bit depth, Shift and ChromaFormat may be said or left 0") \
    X(alloc_video_wins,        allocator, MUST,   ONCE,   "with both memory bits in Type, 0x0152, frames are in video memory where that is served") \
    X(alloc_refuses_kinds,     allocator, MUST,   ONCE,   "a memory kind that is not served is MFX_ERR_UNSUPPORTED") \
    X(alloc_refuses_formats,   allocator, MUST,   EACH,   "a FourCC that is none is MFX_ERR_UNSUPPORTED") \
    X(alloc_refuses_no_kind,   allocator, SHOULD, ONCE,   "a Type without a memory kind, or opaque (0x0004), is MFX_ERR_UNSUPPORTED") \
    X(alloc_after_failure,     allocator, MUST,   EACH,   "Alloc works after one that failed") \
    X(alloc_all_or_nothing,    allocator, MUST,   SYSTEM, "an Alloc that fails for want of memory gives back what it took") \
    X(alloc_says_no_memory,    allocator, MUST,   SYSTEM, "an Alloc that fails for want of memory answers MFX_ERR_MEMORY_ALLOC") \
    X(alloc_fewer_when_short,  allocator, SHOULD, SYSTEM, "when memory is short, as many frames as it allows are made, down to NumFrameMin") \
    X(alloc_failure_is_empty,  allocator, SHOULD, EACH,   "a failed Alloc leaves no mids in the response") \
    X(alloc_survives_sizes,    allocator, MUST,   EACH,   "hostile sizes are refused, or served with frames that are that large") \
    X(alloc_survives_counts,   allocator, MUST,   EACH,   "65535 frames are refused, or all of them are there") \
    X(alloc_refuses_nothing,   allocator, SHOULD, EACH,   "no frames, no width or no height is an error") \
    X(alloc_any_size,          allocator, SHOULD, SYSTEM, "sizes that are no multiples of 16 are served, with every byte of the picture") \
    X(mids_are_not_null,       allocator, MUST,   EACH,   "no mid is NULL") \
    X(mids_are_unique,         allocator, MUST,   EACH,   "mids are unique over all responses alive") \
    X(mids_are_not_runtimes,   allocator, MUST,   EACH,   "no mid looks like a runtime's own, (n<<16)|k, or is SIZE_MAX") \
    X(kinds_do_not_mix,        allocator, MUST,   ONCE,   "frames of one kind of memory come and go, those of the other stay what they are, each with its own mid") \
    X(mids_stay,               allocator, MUST,   EACH,   "the mids of a response stay as they are until Free") \
    /* Sharing a decoder's frames */ \
    X(share_same_frames,       sharing,   MUST,   EACH,   "a decoder's Alloc gets the frames that the application allocated for its AllocId") \
    X(share_smaller,           sharing,   MUST,   EACH,   "it gets them as well for a smaller picture") \
    X(share_fewer,             sharing,   MUST,   EACH,   "it gets them as well when it needs fewer than there are") \
    X(share_wider_type,        sharing,   MUST,   EACH,   "it gets them as well when the application allocated them for a filter too") \
    X(share_video_targets,     sharing,   SHOULD, VIDEO,  "decoder and processor targets are the same memory") \
    X(share_is_counted,        sharing,   MUST,   EACH,   "frames shared by several responses live until all are freed") \
    X(share_ends,              sharing,   MUST,   EACH,   "frames freed by all are not shared any more") \
    X(share_alloc_id,          sharing,   MUST,   EACH,   "another AllocId never gets them") \
    X(share_decoders_only,     sharing,   MUST,   EACH,   "requests that are not of a decoder never get them, nor a decoder those of others") \
    X(share_not_larger,        sharing,   MUST,   EACH,   "a request for larger pictures never gets smaller frames") \
    X(share_not_more,          sharing,   MUST,   EACH,   "a request for more frames than are there gets enough, or an error") \
    X(share_fourcc,            sharing,   SHOULD, EACH,   "another FourCC never gets them") \
    X(share_memory_kind,       sharing,   MUST,   ONCE,   "another memory kind never gets them") \
    /* Layout of frames */ \
    X(layout_pitch,            layout,    MUST,   EACH,   "the pitch of every format holds a row of every plane, halves of it too where planes have half") \
    X(layout_pitch_high,       layout,    MUST,   EACH,   "a pitch above 65535 is in PitchHigh and PitchLow") \
    X(layout_pointers,         layout,    MUST,   EACH,   "every channel pointer of a format is where VPL defines it") \
    X(layout_alignment,        layout,    MUST,   EACH,   "every plane begins at a multiple of 16 bytes") \
    X(layout_planes_apart,     layout,    MUST,   EACH,   "the planes of all frames of a response lie apart") \
    X(layout_reads_back,       layout,    MUST,   EACH,   "every byte of every plane reads back after Unlock and Lock") \
    X(layout_side_by_side,     layout,    MUST,   EACH,   "frames of other sizes and formats leave a frame's layout alone") \
    X(layout_padding,          layout,    SHOULD, SYSTEM, "there are rows up to a multiple of 32, and they belong to nobody else") \
    X(layout_zero_copy,        layout,    SHOULD, SYSTEM, "a frame is one block at a multiple of 4096, rows of 32 pixels, without gaps: what GPU runtimes import") \
    /* Lock and Unlock */ \
    X(lock_stale_values,       lock,      MUST,   EACH,   "Lock sets pitch and pointers whatever was in ptr") \
    X(lock_clears_others,      lock,      SHOULD, EACH,   "pointers that the format does not define do not stay stale") \
    X(lock_leaves_the_rest,    lock,      MUST,   EACH,   "Lock and Unlock leave the rest of ptr alone") \
    X(unlock_clears,           lock,      MUST,   EACH,   "Unlock zeroes pitch and pointers of ptr") \
    X(unlock_without_ptr,      lock,      MUST,   EACH,   "ptr may be NULL for Unlock") \
    X(unlock_by_another_ptr,   lock,      MUST,   EACH,   "Unlock may be given another mfxFrameData than Lock was") \
    X(unlock_on_a_thread,      lock,      MUST,   EACH,   "another thread than the one that locked may unlock") \
    X(lock_nests,              lock,      MUST,   EACH,   "locks of one frame nest: the same pointers, until the last Unlock") \
    X(lock_nests_deeply,       lock,      SHOULD, EACH,   "more than 65536 locks of one frame nest") \
    X(lock_goes_on,            lock,      MUST,   EACH,   "the 65537th Lock works like the first") \
    X(lock_keeps_nothing,      lock,      MUST,   EACH,   "Lock and Unlock keep no memory and no descriptors") \
    X(lock_outlives_others,    lock,      MUST,   EACH,   "Alloc and Free of other frames leave a lock alone") \
    X(lock_keeps_pixels_apart, lock,      MUST,   EACH,   "frames locked at once hold their own pixels") \
    /* GetHDL */ \
    X(handle_of_system,        handle,    MUST,   SYSTEM, "frames in system memory have no handle: MFX_ERR_UNSUPPORTED") \
    X(handle_is_one_pointer,   handle,    MUST,   EACH,   "GetHDL writes one pointer, and nothing beside it") \
    X(handle_of_video,         handle,    MUST,   VIDEO,  "frames in video memory have a handle, the address of an id") \
    X(handle_is_unique,        handle,    MUST,   VIDEO,  "frames of a response have different ids") \
    X(handle_stays,            handle,    MUST,   VIDEO,  "the id stays at its address until Free") \
    X(handle_while_locked,     handle,    MUST,   VIDEO,  "GetHDL works on a locked frame, and leaves the lock alone") \
    X(handle_of_export,        handle,    MUST,   VIDEO,  "MFX_MEMTYPE_EXPORT_FRAME is refused, or changes neither id nor pixels and keeps nothing") \
    X(handle_shows_pixels,     handle,    MUST,   VIDEO,  "what is written through Lock is in the surface of the handle after Unlock") \
    /* Free */ \
    X(free_returns_memory,     free,      MUST,   EACH,   "Free gives back the memory and descriptors of a response") \
    X(free_by_a_copy,          free,      MUST,   EACH,   "Free takes a copy of the response: the original may be gone") \
    X(free_in_any_order,       free,      MUST,   EACH,   "responses are freed in any order, and the others stay usable") \
    X(free_on_a_thread,        free,      MUST,   EACH,   "another thread than the one that allocated may use frames and free them") \
    X(free_zeroed,             free,      SHOULD, EACH,   "Free of a zeroed response does no harm") \
    X(free_failed,             free,      SHOULD, EACH,   "Free of what a failed Alloc left does no harm") \
    X(free_twice,              free,      SHOULD, EACH,   "a second Free is an error or nothing, and frees nobody else's frames") \
    X(free_unknown,            free,      SHOULD, EACH,   "Free of a response that never was is an error") \
    X(free_while_locked,       free,      SHOULD, EACH,   "Free of a locked frame does no harm: its pixels stay until Unlock, its mid is gone") \
    /* Misuse */ \
    X(misuse_null,             misuse,    SHOULD, EACH,   "NULL for what is needed is an error") \
    X(misuse_null_mid,         misuse,    SHOULD, EACH,   "a NULL mid is an error") \
    X(misuse_codes,            misuse,    SHOULD, EACH,   "the error for a NULL mid is one that tells of it, no errno and no MFX_ERR_UNKNOWN") \
    X(misuse_made_up_mid,      misuse,    SHOULD, EACH,   "mids that never were are errors") \
    X(misuse_stale_mid,        misuse,    SHOULD, EACH,   "mids of a freed response are errors") \
    X(misuse_foreign_mid,      misuse,    SHOULD, EACH,   "mids of another allocator are errors") \
    X(misuse_unlock,           misuse,    SHOULD, EACH,   "an Unlock too many is an error, and the frame can be locked as before") \
    /* Threads */ \
    X(threads_allocate,        threads,   MUST,   EACH,   "many threads allocate, write, read and free at once") \
    X(threads_lock_one,        threads,   MUST,   EACH,   "many threads lock one frame at once: the same pointers, no pixel lost") \
    X(threads_mix,             threads,   MUST,   EACH,   "Lock and GetHDL of some frames go on while others come and go") \
    X(threads_share,           threads,   MUST,   EACH,   "decoders on many threads find their own frames") \
    /* Locked and the frame interface */ \
    X(surface_locked_is_zero,  surface,   MUST,   SURFACES, "Data.Locked begins at 0, and neither Map nor AddRef changes it") \
    CONFORM_SURFACE_RULES(X)
/* clang-format on */

struct conform_rule {
    const char *id, *section, *sentence;
    enum conform_level level;
    enum conform_scope scope;
    void (*run)(struct trial *t);
};

extern const struct conform_rule conform_rules[];
extern const size_t conform_rule_count;

#define CONFORM_DECLARE(id, section, level, scope, sentence) void rule_##id(struct trial *t);
CONFORM_RULES(CONFORM_DECLARE)
#undef CONFORM_DECLARE

#endif
