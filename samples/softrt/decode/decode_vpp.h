/* Decoding and video processing in one: a decoder, and a VPP for each channel, over surfaces of the runtime's
 * own. decode_vpp.c is the component, decode_vpp_frame.c its frames. */
#ifndef SOFTRT_DECODE_VPP_H
#define SOFTRT_DECODE_VPP_H

#include "core/component.h"

struct decode_vpp_channel {
    mfxU16 id;
    struct srt_component *vpp;
    bool done; /* with the frame at hand; one that deinterlaces may have two pictures for it */
};

/* Its session's decoder is this component's too. */
struct srt_decode_vpp {
    struct srt_component base;
    struct decode_vpp_channel *channels;
    mfxU32 num_channels;

    /* A frame on its way through the channels. A call that cannot finish (MFX_WRN_DEVICE_BUSY and the like)
     * is repeated, and goes on from here. */
    mfxFrameSurface1 *decoded; /* a reference; NULL */
    bool shown;                /* it is in an array */
    mfxSurfaceArray *array;    /* NULL */
};

mfxStatus decode_vpp_frame(struct srt_decode_vpp *dv, mfxBitstream *bs, const mfxU32 *skip, mfxU32 num_skip,
                           mfxSurfaceArray **out);

/* Gives up the frame on its way. */
void decode_vpp_drop(struct srt_decode_vpp *dv);

#endif
