/* Operations in flight: what a sync point stands for, and which surface waits for which operation.
 *
 * An operation is begun on the application's thread, done on a worker, and waited for by SyncOperation or by
 * another operation that consumes its surface. Applications need not sync every operation: a transcoder syncs
 * only the last of a chain, so a finished operation is recycled by itself, and its status stays known to a
 * bounded history so that a late SyncOperation still gets its answer. */
#ifndef SOFTRT_OP_H
#define SOFTRT_OP_H

#include <stdbool.h>
#include <stdint.h>
#include <vpl/mfxvideo.h>

/* Shared by joined sessions: sync points, and the table that tells which operation produces a surface. */
struct srt_core;

/* Most surfaces one operation may fill. */
#define SRT_OP_MAX_OUTPUTS 4

/* Most surfaces one operation may consume (a frame, and field or composition partners). */
#define SRT_OP_MAX_INPUTS 16

struct srt_op;

mfxStatus srt_core_create(struct srt_core **out);
struct srt_core *srt_core_ref(struct srt_core *core);
void srt_core_unref(struct srt_core **core);

/* Is any operation in execution? */
bool srt_core_busy(struct srt_core *core);

/* A new operation, in execution until srt_op_finish. One reference for the caller. MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_op_begin(struct srt_core *core, struct srt_op **out);
struct srt_op *srt_op_ref(struct srt_op *op);
void srt_op_unref(struct srt_op **op);

/* From now until it ends, `op` is who fills `surface`: an operation that consumes it waits for it.
 * Application thread, before the operation is queued. Surfaces are told apart by address;
 * those of the runtime's own are not told at all: their interface is waited for, in any session, and may be
 * in use anew before an operation is quite over. */
void srt_op_produces(struct srt_op *op, const mfxFrameSurface1 *surface);

/* Makes `op` wait for the operation that produces `surface`, if there is one. MFX_ERR_MEMORY_ALLOC when full.
 */
mfxStatus srt_op_consumes(struct srt_op *op, const mfxFrameSurface1 *surface);

/* Are all inputs there already? */
bool srt_op_has_inputs(struct srt_op *op);

/* Worker thread: waits until all inputs are there. MFX_ERR_ABORTED when one of them failed. */
mfxStatus srt_op_await_inputs(struct srt_op *op);

/* Worker thread: waits until the operation has lasted `ms`, or somebody waits for one of the core's. */
void srt_op_linger(struct srt_op *op, mfxU32 ms);

/* Ends the operation with what SyncOperation is to answer, and wakes whoever waits. */
void srt_op_finish(struct srt_op *op, mfxStatus status);

/* The number the application holds for this operation: never an address, so that a stale one is only unknown.
 */
mfxSyncPoint srt_op_sync_point(const struct srt_op *op);

/* MFXVideoCORE_SyncOperation: MFX_WRN_IN_EXECUTION after wait_ms, MFX_ERR_INVALID_HANDLE for one never given
 * out. */
mfxStatus srt_core_sync(struct srt_core *core, mfxSyncPoint sync, mfxU32 wait_ms);

#endif
