/* A scratch surface, on which is found out what a driver makes of surfaces of a shape: scratch.c makes and
 * uses it, prove.c proves the ways into it, measure.c measures them, probe.c says what is done when. */
#ifndef VFA_VA_SCRATCH_H
#define VFA_VA_SCRATCH_H

#include "va/driver.h"

struct vfa__va_scratch {
    struct vfa_va *va;
    const struct vfa_backend_host *host;
    struct vfa__va_set *set;
    struct vfa__va_frame *frame; /* the surface looked at: the set's first; a second is there to mislead */
    struct vfa_va_facts *facts;
    mfxU8 *row; /* host memory, what every byte is moved through while measuring */
};

/* What is done with the pixels of a map. */
enum vfa__va_use {
    VFA__VA_FILL,
    VFA__VA_COMPARE,
    VFA__VA_READ_ALL,
    VFA__VA_WRITE_ALL,
    VFA__VA_READ_WRITE_ALL
};

/* Makes the scratch surfaces of a size; vfa__va_set_delete ends them. */
mfxStatus vfa__va_scratch_make(struct vfa__va_scratch *s, const struct vfa__va_shape *shape, mfxU16 width,
                               mfxU16 height, size_t surfaces);

/* One map, used in one manner. `good` (may be NULL): what COMPARE found. */
mfxStatus vfa__va_scratch_map(struct vfa__va_scratch *s, enum vfa_va_way way, mfxU32 flags,
                              enum vfa__va_use use, unsigned int seed, bool *good);

/* Writes the pattern of a seed, and looks for it: what idle images and the driver hold does not pass for what
 * was read. */
mfxStatus vfa__va_scratch_write(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed);
mfxStatus vfa__va_scratch_read(struct vfa__va_scratch *s, enum vfa_va_way way, unsigned int seed, bool *good);

/* Is the way accepted, and nothing known against it? */
bool vfa__va_is_fit(const struct vfa__va_scratch *s, enum vfa_va_way way);

/* Something failed twice in a row: where it may pass, the facts are provisional. */
void vfa__va_second_failure(struct vfa__va_scratch *s, mfxStatus status);

/* Proves every way that is fit so far; and whether a derived image that is only read leaves the surface
 * alone. */
void vfa__va_prove_ways(struct vfa__va_scratch *s);
void vfa__va_prove_reads(struct vfa__va_scratch *s);

/* Measures the ways that are fit, and chooses one for each direction. */
void vfa__va_measure_ways(struct vfa__va_scratch *s);

#endif
