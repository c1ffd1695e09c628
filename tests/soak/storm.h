/* Threads with a session each of the software runtime, which do at random what applications do: what they
 * share, and the stages that their frames go through.
 *
 * Nothing here asserts, since several threads would: what is wrong is said and counted. */
#ifndef VFA_STORM_H
#define VFA_STORM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vfa/vfa.h>
#include <vpl/mfxjpeg.h>
#include <vpl/mfxvideo.h>

enum {
    STORM_THREADS = 8,
    STORM_WIDTH = 64,
    STORM_HEIGHT = 48,
    STORM_SURFACES = 24,    /* of one side of a component, where they are the application's */
    STORM_PENDING = 6,      /* frames whose operations are not waited for yet */
    STORM_ROOM = 32768,     /* for a coded picture */
    STORM_STREAM = 1 << 16, /* for a coded stream */
};

/* Whose frames a session works on. */
enum storm_memory {
    STORM_OWN,     /* the runtime's */
    STORM_POINTER, /* the application's, by pointers */
    STORM_MID,     /* the application's allocator's */
    STORM_MEMORIES
};

struct storm_stream {
    mfxU32 codec;
    mfxU32 size;
    uint8_t bytes[STORM_STREAM];
};

/* Surfaces of the application's for one side of one component. */
struct storm_frames {
    mfxFrameSurface1 surface[STORM_SURFACES];
    uint8_t *block[STORM_SURFACES];
    bool taken[STORM_SURFACES]; /* this thread has not done with it */
    size_t count;
    mfxFrameAllocResponse response;
};

/* A frame on its way. All of its pixels are `level`, once it is there. */
struct storm_frame {
    mfxFrameSurface1 *surface;
    mfxSyncPoint sync;  /* NULL: nothing to wait for but by the surface's interface */
    mfxSession session; /* whose sync point it is */
    bool *taken;        /* to be cleared when it is done with; NULL: the runtime's, with a reference */
    uint8_t level;
    bool foreign; /* from another thread's session */
    bool untold;  /* how its operation ended nobody can say */
};

/* What a life of a session has done. */
struct storm_life {
    mfxSession session;
    mfxSession base; /* the session it was cloned from; NULL */
    enum storm_memory memory;
    struct vfa_allocator *allocator; /* STORM_MID */
    struct storm_frames decoded, painted, filtered;
    bool decoding, joint, filtering, encoding; /* initialised; `joint`: by DECODE_VPP */
    bool cut;                                  /* operations may have been aborted */
    mfxVideoParam decode_par, vpp_par, encode_par;
    mfxBitstream bits;
    bool draining;
    struct storm_frame pending[STORM_PENDING];
    size_t num_pending;
};

struct storm_worker {
    unsigned number;
    uint64_t random;
    uint8_t level;                      /* of all that it paints and decodes */
    const struct storm_stream *streams; /* of that level */
    size_t stream_count;
    struct storm_life life;
    unsigned wrong;
    unsigned lives, frames, pictures, joins, cancelled;
    pthread_t thread;
};

unsigned storm_pick(struct storm_worker *w, unsigned most); /* below `most` */
void storm_wrong(struct storm_worker *w, const char *file, int line, const char *what, long long value);

#define STORM_EXPECT(w, condition, value)                                       \
    do {                                                                        \
        if (!(condition))                                                       \
            storm_wrong(w, __FILE__, __LINE__, #condition, (long long)(value)); \
    } while (0)

/* storm_frames.c */
void storm_frames_make(struct storm_worker *w, struct storm_frames *frames, const mfxFrameInfo *info);
void storm_frames_end(struct storm_worker *w, struct storm_frames *frames);
/* One that nobody uses; NULL when there is none. */
mfxFrameSurface1 *storm_frames_free_one(struct storm_frames *frames, bool **taken);
void storm_paint(struct storm_worker *w, mfxFrameSurface1 *surface);
/* Waits for a frame, looks at it, and has done with it. */
void storm_finish(struct storm_worker *w, struct storm_frame *frame);
/* The same for the oldest of those pending; all of them. */
void storm_finish_oldest(struct storm_worker *w);
void storm_finish_all(struct storm_worker *w);
/* Puts it with those pending. */
void storm_hold(struct storm_worker *w, const struct storm_frame *frame);
mfxFrameInfo storm_info(void);

/* storm_stages.c: each begins what it needs. False: no frame. */
bool storm_paint_frame(struct storm_worker *w, struct storm_frame *out);
bool storm_filter(struct storm_worker *w, const struct storm_frame *in, struct storm_frame *out);
void storm_encode(struct storm_worker *w, const struct storm_frame *in);
void storm_begin_filter(struct storm_worker *w);
void storm_begin_encoder(struct storm_worker *w, mfxU32 codec);
void storm_reset_something(struct storm_worker *w);

/* storm_decode.c */
void storm_begin_decoder(struct storm_worker *w);
bool storm_decode(struct storm_worker *w, struct storm_frame *out);
void storm_close_decoder(struct storm_worker *w);

#endif
