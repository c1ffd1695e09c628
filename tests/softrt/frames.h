/* Memory for frames, in the simplest way: one exact heap block each, so that a sanitizer sees every byte
 * written beyond it. Surfaces are handed to the runtime by pointers or by MemId; the allocator counts what it
 * is asked. */
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
    bool taken;       /* the test holds it */
};

struct frames {
    mfxFrameAllocator allocator; /* for MFXVideoCORE_SetFrameAllocator */
    struct frame *frame;
    size_t count;
    bool by_mid;
    atomic_int num_locks;
    atomic_int num_unlocks;
    atomic_int num_errors; /* calls that made no sense */
    atomic_bool refuse;    /* Lock fails */
};

/* `count` surfaces that look like `info`. By MemId the surfaces have no pointers. `pad` bytes are added to
 * each row. */
void frames_create(struct frames *frames, const mfxFrameInfo *info, size_t count, bool by_mid, size_t pad);
void frames_destroy(struct frames *frames);

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
