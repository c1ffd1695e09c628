/* The VPL runtime: found by the dispatcher, opened as a session, given our allocator. */
#ifndef TRANSCODE_RUNTIME_H
#define TRANSCODE_RUNTIME_H

#include "device.h"
#include "messages.h"
#include "options.h"
#include "trail.h"

#include <stdint.h>
#include <vfa/vfa.h>
#include <vpl/mfx.h>

struct runtime {
    mfxLoader loader;
    mfxSession session;
    struct vfa_allocator *allocator; /* every frame of the program comes from here */
    char name[MFX_STRFIELD_LEN];     /* "mfx-gen" */
    mfxVersion version;              /* of the API */
    mfxImplType impl;
    struct device device; /* open where the options let it */
    bool video;           /* frames live in its surfaces: the IOPattern of every stage */
    char why_system[512]; /* they do not, though they might; "" otherwise */
    uint64_t errors_told; /* failures of the allocator that have been shown */
    struct trail trail;   /* of decoder and filters */
};

/* Opens the first runtime that can decode `decode` and encode `encode` (MFX_CODEC_, 0: not needed), of the
 * kind that the options ask for. On failure there is nothing to close. */
enum exit_code runtime_open(struct runtime *runtime, const struct options *options, mfxU32 decode,
                            mfxU32 encode);

/* The components must be closed, and the pools destroyed. */
void runtime_close(struct runtime *runtime);

/* From here on frames live in system memory, because of what the text says. */
void runtime_leave_video(struct runtime *runtime, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The halves of an IOPattern: what a stage takes, and what it gives. */
static inline mfxU16 runtime_pattern_in(const struct runtime *runtime)
{
    return runtime->video ? MFX_IOPATTERN_IN_VIDEO_MEMORY : MFX_IOPATTERN_IN_SYSTEM_MEMORY;
}

static inline mfxU16 runtime_pattern_out(const struct runtime *runtime)
{
    return runtime->video ? MFX_IOPATTERN_OUT_VIDEO_MEMORY : MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
}

/* Says which call failed, with which status, at what, why as far as the trail and the allocator know, and
 * what to do about it. */
enum exit_code runtime_fail(struct runtime *runtime, const char *call, mfxStatus status, const char *format,
                            ...) __attribute__((format(printf, 4, 5)));

/* Waits for an operation whose result someone else is told, before its component closes. NULL: none. */
void runtime_settle(struct runtime *runtime, mfxSyncPoint sync);

/* Waits for an operation to end. `what` is for the message. */
enum exit_code runtime_sync(struct runtime *runtime, mfxSyncPoint sync, const char *what);

#endif
