/* What the sweeps run: operations of the public headers, and what there must be for them. */
#ifndef VFA_TEST_FAULT_BENCH_H
#define VFA_TEST_FAULT_BENCH_H

#include "../unit/va_fixture.h"
#include "fault.h"

#include <vfa/dmabuf.h>

/* Where memory comes from, and so what fails. */
enum source {
    SOURCE_HEAP,    /* the default manager: the calls of the C library */
    SOURCE_MANAGER, /* a manager of the application has no memory */
    SOURCE_REFUSAL, /* or refuses what it allocated */
    SOURCES
};

#define BENCH_FRAMES 2 /* of each kind that a world has */

/* What is there when an operation runs, and what the operation makes. */
struct bench {
    enum source source;
    bool modern;               /* the driver has vaMapBuffer2, and shows a surface as a copy (iHD, tiled) */
    struct vfa_memory manager; /* of SOURCE_MANAGER and SOURCE_REFUSAL */
    struct test_memory memory;
    int called_with_locks; /* the manager or the log was, where it is not to be */
    struct va_fixture v;   /* the allocator and, in worlds that have one, the backend */
    mfxFrameAllocResponse frames;
    struct vfa_interface_config interface;
    mfxExtAllocationHints hints;
    struct vfa_pool_config config;
    struct vfa_pool *pool;
    mfxFrameSurface1 *surface[4]; /* acquired by the operation or before it */
    int fd;                       /* a picture in memory, in worlds with slots */
    VADRMPRIMESurfaceDescriptor picture;

    /* Of the operation alone. */
    struct vfa_allocator *made_allocator;
    struct vfa_va *made_va;
    struct vfa_pool *made_pool;
    mfxFrameAllocResponse made;
    mfxMemId mid;
    mfxFrameData data;
    mfxFrameSurface1 array[BENCH_FRAMES];
    struct vfa_lease lease;
    VADRMPRIMESurfaceDescriptor exported;
    mfxSurfacePoolInterface *shared;
    mfxU8 pixels[64 * 64];
};

/* One world: `intact` asserts that everything in it works as it did. */
struct world {
    void (*open)(struct bench *);
    void (*intact)(struct bench *);
    void (*close)(struct bench *);
};
extern const struct world world_empty, world_allocator, world_pool, world_interface, world_va, world_slots;

enum trait {
    MAY_SERVE = 1,    /* there are calls whose failure it gets over */
    ASKS_NOTHING = 2, /* it makes no call that may fail */
    KEEPS = 4,        /* what it got before the failure is kept for the next time */
    TELLS = 8,        /* its failure is the allocator's last error, and in the log */
    FINDS_OUT = 16,   /* it finds out about surfaces, with many calls of the driver */
};

struct operation {
    const char *name; /* a public function, or one that a public struct points to; ": " and a variant */
    const struct world *world;
    void (*before)(struct bench *);           /* NULL: nothing */
    mfxStatus (*run)(struct bench *);         /* MFX_ERR_NONE: it did what it is for */
    void (*failed)(struct bench *);           /* asserts what a failure leaves in the outputs; NULL: none */
    void (*after)(struct bench *, mfxStatus); /* ends what `before` and `run` made; NULL: nothing */
    mfxStatus failure;                        /* how it fails; MFX_ERR_NONE: never */
    unsigned int traits;
};

/* A list of rows. */
struct operations {
    const struct operation *row;
    size_t count;
};
extern const struct operations operations_allocator, operations_frames, operations_pool, operations_interface,
    operations_va, operations_dmabuf, operations_plain, operations_memory, operations_surfaces,
    operations_waits;

#define OPERATIONS(rows)                       \
    {                                          \
        (rows), sizeof(rows) / sizeof(rows)[0] \
    }

/* What the memory of this bench is: NULL for SOURCE_HEAP. */
const struct vfa_memory *bench_memory(struct bench *b);

/* A log that may call the library. */
struct vfa_log bench_log(struct bench *b);

/* A request for so many frames in system memory, which no other one is served with. */
mfxFrameAllocRequest bench_request(mfxU16 min, mfxU16 suggested);

void bench_open_allocator(struct bench *b, struct vfa_allocator **out, const struct vfa_backend *backends,
                          size_t count);

/* A backend over the fake, as bench.v.config says. */
mfxStatus bench_create_va(struct bench *b, struct vfa_va **out);

/* The world's frames hold what they were filled with; then they are filled anew. */
void bench_assert_frames(struct bench *b);

/* Each point of one operation: `points` are added up. */
void sweep_operation(const struct operation *operation, long *points);

#endif
