/* Memory for frames, in the simplest way: one exact heap block each, so that a sanitizer sees every byte
 * written beyond it. Surfaces are handed to the runtime by pointers or by MemId, and then live in system or
 * in video memory; the allocator counts what it is asked. */
#ifndef SOFTRT_FRAMES_H
#define SOFTRT_FRAMES_H

#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

struct frame {
    mfxFrameSurface1 surface;
    uint8_t *bytes;
    size_t size;
    size_t pitch;
    atomic_int locks; /* of the allocator */
    uint8_t *mapped;  /* video memory: what Lock gave out */
    bool taken;       /* the test holds it */
};

struct frames {
    mfxFrameAllocator allocator; /* for MFXVideoCORE_SetFrameAllocator */
    struct frame *frame;
    size_t count;
    bool by_mid;
    bool video;          /* pixels can be reached between Lock and Unlock alone */
    bool read_only;      /* video: the runtime must leave the pixels as they are */
    struct frames *next; /* more frames of the same allocator; their own `allocator` is not used */

    /* What is to go wrong. */
    atomic_bool refuse;         /* Lock fails */
    atomic_int lock_fails_at;   /* 1: the next Lock fails; 0: none does */
    atomic_int unlock_fails_at; /* video: the same of Unlock, which loses what was written */
    mfxStatus alloc_answers;    /* Alloc fails with that */
    size_t alloc_gives;         /* frames; 0: all there are */

    /* What was asked. */
    atomic_int num_locks;
    atomic_int num_unlocks;
    atomic_int num_allocs;
    atomic_int num_frees;
    atomic_int num_errors;          /* calls that made no sense */
    mfxFrameAllocRequest request;   /* of the last Alloc */
    mfxFrameAllocResponse response; /* and its answer */
    mfxMemId *mids;
    char calls[256]; /* the first calls in their order: A(lloc), L(ock), U(nlock), F(ree), get H(andle) */
    atomic_uint num_calls;
};

/* `count` surfaces that look like `info`. By MemId the surfaces have no pointers. `pad` bytes are added to
 * each row. */
void frames_create(struct frames *frames, const mfxFrameInfo *info, size_t count, bool by_mid, size_t pad);
void frames_create_video(struct frames *frames, const mfxFrameInfo *info, size_t count);
void frames_destroy(struct frames *frames);

/* frame_allocator.c */
void frames_allocator_init(struct frames *frames);

/* A frame in other bytes of another pitch: pointers to it, its size, and all its rows. */
void frame_point(const struct frame *frame, uint8_t *bytes, size_t pitch, mfxFrameData *data);
size_t frame_size(const struct frame *frame, size_t pitch);
void frame_copy(const struct frame *frame, uint8_t *to, size_t to_pitch, const uint8_t *from,
                size_t from_pitch);
bool frame_equal(const struct frame *frame, uint8_t *a, size_t a_pitch, const uint8_t *b, size_t b_pitch);

/* A surface that neither the runtime (Data.Locked) nor the test (taken) holds; waits for one, ten seconds at
 * most. Does not mark it taken. */
mfxFrameSurface1 *frames_free_one(struct frames *frames);
struct frame *frames_find(struct frames *frames, const mfxFrameSurface1 *surface);

/* Data.Locked, read as an application has to: workers change it. */
unsigned surface_locked(const mfxFrameSurface1 *surface);

/* Sum of Data.Locked over all surfaces. */
unsigned frames_locked(const struct frames *frames);

/* Bytes of a picture without padding between rows, as `ffmpeg -f rawvideo` writes it. */
size_t picture_size(mfxU32 fourcc, size_t width, size_t height);

/* The crop rectangle of a surface (of these frames) as such a picture; returns its size. And back into the
 * surface. */
size_t picture_get(struct frames *frames, const mfxFrameSurface1 *surface, uint8_t *to);
void picture_put(struct frames *frames, const mfxFrameSurface1 *surface, const uint8_t *from);

/* libav's name of the format. */
const char *pix_fmt_name(mfxU32 fourcc);

/* ChromaFormat, depths and shift of info->FourCC. */
void complete_info(mfxFrameInfo *info);

#endif
