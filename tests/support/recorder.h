/* A frame allocator between a session and another allocator: it passes every call on, remembers it, and fails
 * the one that it is told to. Thread-safe; it asserts nothing itself, since runtimes call on threads of their
 * own. */
#ifndef VFA_TEST_RECORDER_H
#define VFA_TEST_RECORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfx.h>

enum recorder_kind {
    RECORDER_ALLOC,
    RECORDER_LOCK,
    RECORDER_UNLOCK,
    RECORDER_GET_HDL,
    RECORDER_FREE,
    RECORDER_KINDS
};

/* One call. */
struct recorder_call {
    enum recorder_kind kind;
    bool application; /* made through `application`, not through `runtime` */
    bool injected;    /* failed by recorder_fail: the other allocator never heard of it */
    pthread_t thread;
    mfxStatus status;
    mfxFrameAllocRequest request;   /* Alloc */
    mfxFrameAllocResponse response; /* Alloc: as answered; Free: as given */
    mfxMemId mid;                   /* Lock, Unlock, GetHDL */
    mfxHDL handle;                  /* GetHDL: what was answered */
};

struct recorder;

/* One of the two doors to it. */
struct recorder_door {
    mfxFrameAllocator mfx;
    struct recorder *recorder;
    bool application;
};

struct recorder {
    struct recorder_door runtime;     /* for MFXVideoCORE_SetFrameAllocator */
    struct recorder_door application; /* for the test's own calls, which never fail by order */
    mfxFrameAllocator *target;
    pthread_mutex_t lock; /* guards all below */
    struct recorder_call *calls;
    size_t count, room;
    struct {
        size_t in; /* the runtime's calls of this kind until then; 0: none fails */
        mfxStatus status;
    } failure[RECORDER_KINDS];
    mfxU16 most_frames;          /* 0: no limit */
    mfxFrameAllocResponse whole; /* of the Alloc that was cut */
};

void recorder_init(struct recorder *recorder, mfxFrameAllocator *target);
void recorder_finish(struct recorder *recorder);

/* From now on the runtime's `nth` call (from 1) of this kind answers `status`, once. 0: none does. */
void recorder_fail(struct recorder *recorder, enum recorder_kind kind, size_t nth, mfxStatus status);

/* The runtime's next Alloc answers with so many frames, at most. */
void recorder_cut(struct recorder *recorder, mfxU16 frames);

/* Has the failure that was ordered happened? */
bool recorder_failed(struct recorder *recorder, enum recorder_kind kind);

/* Forgets the calls. */
void recorder_clear(struct recorder *recorder);

/* The runtime's calls of a kind: how many, and the one numbered from 0, copied; a zeroed one when there is no
 * such call. */
size_t recorder_count(struct recorder *recorder, enum recorder_kind kind);
struct recorder_call recorder_get(struct recorder *recorder, enum recorder_kind kind, size_t index);

/* All calls in their order, the application's too. For when no other thread makes any. */
const struct recorder_call *recorder_calls(const struct recorder *recorder, size_t *count);

/* Every Lock of the runtime's that succeeded was ended by one Unlock of the same frame, after it. */
bool recorder_balanced(struct recorder *recorder);

/* Every call that reached the other allocator was answered with MFX_ERR_NONE. */
bool recorder_succeeded(struct recorder *recorder);

#endif
