/* The rules of mfxFrameSurfaceInterface, a part of the table of rules.h: each is a function of its name in
 * surface_conformance.c. */
#ifndef CONFORM_SURFACE_RULES_H
#define CONFORM_SURFACE_RULES_H

/* clang-format off */
#define CONFORM_SURFACE_RULES(X) \
    X(versions_and_functions,                        surface, MUST, SURFACES, "interface version 1.0, surface version 1.1, all functions there, reserved fields NULL") \
    X(on_complete_can_be_called,                     surface, SHOULD, SURFACES, "OnComplete is there and can be called") \
    X(pointers_are_null_until_mapped,                surface, MUST, SURFACES, "a surface shows no pointers before Map") \
    X(null_arguments,                                surface, MUST, SURFACES, "NULL arguments are MFX_ERR_NULL_PTR") \
    X(bad_context,                                   surface, MUST, SURFACES, "a Context that is none is MFX_ERR_INVALID_HANDLE") \
    X(counts_references,                             surface, MUST, SURFACES, "AddRef, Release and GetRefCounter count") \
    X(maps_are_no_references,                        surface, SHOULD, SURFACES, "a map is not counted as a reference") \
    X(release_at_zero,                               surface, MUST, SURFACES, "Release at 0 is MFX_ERR_UNDEFINED_BEHAVIOR") \
    X(stale_surface,                                 surface, SHOULD, SURFACES, "a surface that was let go is MFX_ERR_INVALID_HANDLE") \
    X(bad_map_flags,                                 surface, MUST, SURFACES, "flags that are none are MFX_ERR_UNSUPPORTED") \
    X(every_good_flag_maps,                          surface, MUST, SURFACES, "every combination of flags maps, and Unmap takes the pointers away") \
    X(unmap_without_map,                             surface, MUST, SURFACES, "Unmap of what is not mapped is MFX_ERR_UNSUPPORTED") \
    X(readers_share,                                 surface, MUST, SURFACES, "many readers map at once") \
    X(a_copy_maps_the_same_frame,                    surface, SHOULD, SURFACES, "a copy of the surface maps the same frame") \
    X(a_writer_excludes_writers,                     surface, MUST, SURFACES, "one writer at a time: MFX_ERR_LOCK_MEMORY") \
    X(readers_exclude_writers,                       surface, MUST, SURFACES, "no writer while anybody reads: MFX_ERR_LOCK_MEMORY") \
    X(a_writer_never_waits,                          surface, MUST, SURFACES, "a writer is refused at once") \
    X(no_writing_while_locked,                       surface, MUST, SURFACES, "no writer while Data.Locked is not 0") \
    X(nowait_reader_does_not_wait_for_a_writer,      surface, MUST, SURFACES, "a reader with NOWAIT is refused while somebody writes") \
    X(a_reader_waits_for_the_writer,                 surface, MUST, SURFACES, "a reader without NOWAIT waits for the writer") \
    X(what_was_written_is_read,                      surface, MUST, SURFACES, "what one map wrote the next one reads") \
    X(native_handle,                                 surface, MUST, SURFACES, "GetNativeHandle: handle and type, MFX_ERR_UNSUPPORTED in system memory") \
    X(device_handle,                                 surface, MUST, SURFACES, "GetDeviceHandle: handle and type, MFX_ERR_UNSUPPORTED in system memory") \
    X(synchronize_with_nothing_pending,              surface, MUST, SURFACES, "Synchronize with nothing pending is MFX_ERR_NONE") \
    X(synchronize_waits_as_long_as_told,             surface, MUST, SURFACES, "Synchronize waits as long as told: MFX_WRN_IN_EXECUTION") \
    X(an_aborted_operation,                          surface, MUST, SURFACES, "Synchronize says that the operation failed, and nobody reads its result") \
    X(nowait_reader_does_not_wait_for_the_operation, surface, MUST, SURFACES, "a reader with NOWAIT does not wait for the operation") \
    X(the_first_reader_waits_for_the_operation,      surface, MUST, SURFACES, "the first reader waits for the operation") \
    X(a_writer_does_not_wait_for_the_operation,      surface, MUST, SURFACES, "a writer does not wait for the operation") \
    X(many_wait_for_one_operation,                   surface, SHOULD, SURFACES, "many wait for one operation, one of them asks the runtime") \
    X(unknown_interfaces,                            surface, MUST, SURFACES, "QueryInterface of an unknown GUID is MFX_ERR_UNSUPPORTED or MFX_ERR_NOT_IMPLEMENTED") \
    X(the_pool_says_what_it_is,                      surface, MUST, SURFACES, "the pool interface says policy and sizes") \
    X(the_pool_counts_references,                    surface, MUST, SURFACES, "the pool interface counts references") \
    X(the_pool_checks_its_arguments,                 surface, MUST, SURFACES, "the pool interface checks its arguments") \
    X(many_threads_count,                            surface, MUST, SURFACES, "many threads count references at once") \
    X(many_threads_map,                              surface, MUST, SURFACES, "many threads map at once: readers never see half of what was written")
/* clang-format on */

#endif
