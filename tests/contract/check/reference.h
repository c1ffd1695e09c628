/* A correct mfxFrameAllocator, plain and slow, that owes nothing to src/: what the rules must let pass, and
 * what broken ones are made of. Frames in system memory, and others that have a handle as video memory has.
 */
#ifndef CONFORM_REFERENCE_H
#define CONFORM_REFERENCE_H

#include "formats.h"

#include <stdbool.h>

struct reference;

/* How it lays frames out; 0: as GPU runtimes like it. */
struct reference_layout {
    size_t rows;      /* a multiple of so many: 32 */
    size_t align;     /* a frame begins at a multiple of so many bytes: 4096; or 64 bytes after one, if 64 */
    size_t size_mask; /* the size of a frame is computed in so many bits: all */
    size_t too_short; /* so many bytes are missing at its end */
    mfxU32 halved;    /* frames of this FourCC have half their bytes */
};

struct reference *reference_create(mfxU16 memory, const struct reference_layout *layout);
void reference_destroy(struct reference *reference);

/* The callbacks, as a copy to be changed. */
mfxFrameAllocator reference_callbacks(struct reference *reference);

/* For broken ones: looks at a frame alive. False: there is none. */
struct reference_view {
    mfxFrameInfo info;
    const struct conform_format *format;
    mfxU8 *base;
    size_t bytes, pitch, locks;
    size_t offset[CONFORM_PLANES_MAX];
    bool video;
};
bool reference_look(struct reference *reference, mfxMemId mid, struct reference_view *view);

/* The frame of the same response with another index. */
mfxMemId reference_sibling(mfxMemId mid, size_t index);
size_t reference_index(mfxMemId mid);

/* A row of the frame that a handle stands for, as struct vfa_conform_subject has it. */
mfxStatus reference_read(struct reference *reference, mfxHDL handle, unsigned plane, unsigned row, void *out,
                         size_t bytes);

#endif
