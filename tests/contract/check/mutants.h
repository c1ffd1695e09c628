/* Allocators that break one rule each: the reference with some of its callbacks replaced, or laid out
 * wrongly. */
#ifndef CONFORM_MUTANTS_H
#define CONFORM_MUTANTS_H

#include "reference.h"

#include <stdatomic.h>
#include <string.h>
#include <vfa/conform.h>

/* One allocator: what its callbacks get as pthis. */
struct mutant_state {
    mfxFrameAllocator table; /* as handed out */
    mfxFrameAllocator inner; /* the reference's */
    struct reference *reference;
    void *user; /* for a mutant with surfaces */

    /* What mutants remember. */
    atomic_int inside;
    atomic_long calls;
    mfxFrameAllocRequest request;
    mfxFrameAllocResponse response, last;
    const void *address;
    mfxFrameData locked;
    mfxMemId mids[256], real[256];
    size_t mid_count;
    char kind[256];
    mfxU32 ids[4];
    long frames_of[2];
};

struct mutant {
    const char *name;
    const char *rule;           /* that catches it */
    mfxFrameAllocator callback; /* those that are not NULL replace the reference's */
    mfxU16 memory;              /* 0: both kinds */
    struct reference_layout layout;
    bool null_handle; /* GetHDL is NULL */
    mfxStatus (*read_video)(void *user, mfxHDL handle, const mfxFrameInfo *info, unsigned plane, unsigned row,
                            void *out, size_t bytes);
};

#define NAMED(mutant, caught_by) .name = #mutant, .rule = #caught_by

/* The lists, each ended by an entry without a name. */
extern const struct mutant mutants_of_alloc[];
extern const struct mutant mutants_of_frames[];
extern const struct mutant mutants_of_free[];

/* Surfaces: of another kind (mutants_surface.c). */
size_t surface_mutant_count(void);
void surface_mutant_at(size_t index, const char **name, const char **rule);
mfxStatus surface_mutant_open(const char *name, struct vfa_conform_subject *subject); /* MFX_ERR_NOT_FOUND */

/* The reference's callbacks. */
static inline mfxStatus inner_alloc(struct mutant_state *s, mfxFrameAllocRequest *request,
                                    mfxFrameAllocResponse *response)
{
    return s->inner.Alloc(s->inner.pthis, request, response);
}

static inline mfxStatus inner_lock(struct mutant_state *s, mfxMemId mid, mfxFrameData *data)
{
    return s->inner.Lock(s->inner.pthis, mid, data);
}

static inline mfxStatus inner_unlock(struct mutant_state *s, mfxMemId mid, mfxFrameData *data)
{
    return s->inner.Unlock(s->inner.pthis, mid, data);
}

static inline mfxStatus inner_handle(struct mutant_state *s, mfxMemId mid, mfxHDL *handle)
{
    return s->inner.GetHDL(s->inner.pthis, mid, handle);
}

static inline mfxStatus inner_free(struct mutant_state *s, mfxFrameAllocResponse *response)
{
    return s->inner.Free(s->inner.pthis, response);
}

void pause_us(long us);

#endif
