/* A frame out as a dma-buf, and that in again as another frame: do they show the same pixels? */
#ifndef INSPECT_ROUND_TRIP_H
#define INSPECT_ROUND_TRIP_H

#include <vfa/dmabuf.h>

enum round_trip_end {
    ROUND_TRIP_NOT_TRIED, /* nothing is exported */
    ROUND_TRIP_REFUSED,   /* the export or the import; `why` */
    ROUND_TRIP_UNSEEN,    /* imported, but no way to the pixels works */
    ROUND_TRIP_DIFFERS,
    ROUND_TRIP_SAME,
};

struct round_trip {
    enum round_trip_end end;
    uint32_t layers;          /* when one is asked for all planes; 0: refused */
    uint32_t separate_layers; /* when one is asked for each; 0: refused */
    char why[VFA_ERROR_TEXT_MAX];
};

/* `frames` has the backend of `va`, which creates such surfaces. */
void round_trip(struct vfa_va *va, struct vfa_allocator *frames, const mfxFrameAllocRequest *request,
                struct round_trip *out);

#endif
