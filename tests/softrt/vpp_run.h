/* Raw frames through MFXVideoVPP, as an application does it: Init, frames, drain, Close. */
#ifndef SOFTRT_VPP_RUN_H
#define SOFTRT_VPP_RUN_H

#include "frames.h"

/* Parameters of plain processing between two formats and sizes, progressive, 30 frames a second. */
void vpp_defaults(mfxVideoParam *par, mfxU32 from, mfxU16 from_width, mfxU16 from_height, mfxU32 to,
                  mfxU16 to_width, mfxU16 to_height);

struct vpp_setup {
    mfxVideoParam par;
    const uint8_t *source; /* pictures of the input's crop rectangle */
    size_t num_frames;
    size_t pad;                    /* bytes added to each row of the surfaces */
    bool by_mid;                   /* the output's frames; those of video memory always are */
    bool whole_output;             /* collect the whole output surface, not its crop rectangle */
    mfxU16 pic_struct;             /* of the input surfaces; 0: as in par */
    mfxU64 (*stamp)(size_t frame); /* NULL: 3000 a frame */
    void (*dress)(size_t output, mfxFrameSurface1 *surface); /* before it is given for that output; NULL */
};

enum {
    MOST_STAMPS = 256
};

struct vpp_result {
    uint8_t *data; /* the output pictures, one after the other */
    size_t size;
    size_t count;
    size_t num_more_data; /* with a frame given */
    size_t num_more_surface;
    mfxU64 stamps[MOST_STAMPS];
    mfxU16 pic_struct; /* of the last output */
    mfxVPPStat stat;
};

/* Fails the test when VPP answers with what the API does not allow, hangs, or keeps a surface. */
void vpp_run(const struct vpp_setup *setup, struct vpp_result *result);
void vpp_result_free(struct vpp_result *result);

/* `count` frames of a moving test picture as raw pictures of a FourCC; allocated. */
uint8_t *vpp_source(mfxU32 fourcc, unsigned width, unsigned height, size_t count);

/* What ffmpeg's filters make of raw pictures: `filter` may hold several, and is followed by a conversion to
 * `to`. */
uint8_t *vpp_expected(const uint8_t *source, size_t count, mfxU32 from, unsigned width, unsigned height,
                      const char *filter, mfxU32 to, size_t *size);

#endif
