/* The pictures that one output is composed of, on their way: kept until all have come, then put one over the
 * other. */
#ifndef SOFTRT_VPP_LAYERS_H
#define SOFTRT_VPP_LAYERS_H

#include "vpp/vpp.h"

/* blend.c. A picture of planes of 8 bits, scaled already, and how it lies on a canvas of the same format. */
struct vpp_layer {
    const AVFrame *picture;
    int x, y; /* its place on the canvas, which may be partly outside; even where subsampled */
    bool subsampled;
    int black; /* of luma, or of R, G and B */
    int alpha; /* of the whole */
    bool keyed;
    int key_min, key_max; /* luma that is transparent */
    bool pixel_alpha;     /* plane 3; the samples are multiplied with it already */
};
void vpp_blend(AVFrame *canvas, const struct vpp_layer *layer);

/* Fills a rectangle, of a format of 8 bits, with Y, U, V or R, G, B. */
struct vpp_rectangle {
    int x, y, width, height;
};
void vpp_fill(uint8_t *const planes[4], const int linesizes[4], int format, struct vpp_rectangle r,
              const uint8_t colour[3]);

/* layers.c; one thread at a time. */
struct vpp_layers;
/* MFX_ERR_MEMORY_ALLOC, MFX_ERR_UNSUPPORTED when a stream's scale cannot be done. */
mfxStatus vpp_layers_create(struct vpp_layers **out, const struct vpp_params *params,
                            const struct vpp_plan *plan);
/* The picture of a stream. One surface in several streams is locked once: allocators of clients hold one
 * image for each. */
mfxStatus vpp_layers_put(struct vpp_layers *layers, int stream, struct srt_access access,
                         mfxFrameSurface1 *surface);
/* All of them in one, and into the output's crop rectangle; the rest of it gets the background's colour.
 * MFX_ERR_ABORTED when one is missing. */
mfxStatus vpp_layers_compose(struct vpp_layers *layers, struct srt_access access, mfxFrameSurface1 *out);
/* Gives up the pictures that have come. */
void vpp_layers_drop(struct vpp_layers *layers);
void vpp_layers_free(struct vpp_layers **layers); /* accepts NULL, clears the pointer */

#endif
