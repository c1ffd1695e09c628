/* Video processing, as its files share it: what was asked for, how it is done, and what is in flight. */
#ifndef SOFTRT_VPP_H
#define SOFTRT_VPP_H

#include "core/caps.h"
#include "core/component.h"
#include "core/ext_buffer.h"
#include "core/worker.h"
#include "surface/convert.h"
#include "surface/frame.h"

#include <libavfilter/avfilter.h>
#include <stdatomic.h>
#include <vpl/mfxsurfacepool.h>

/* mfxVideoParam and the extension buffers the runtime knows; one that was not attached is all zeros. */
struct vpp_params {
    mfxVideoParam par; /* ExtParam and NumExtParam are zero */
    mfxExtVPPScaling scaling;
    mfxExtVPPDeinterlacing deinterlacing;
    mfxExtVPPVideoSignalInfo signal;
    mfxExtVideoSignalInfo signal_in;
    mfxExtVideoSignalInfo signal_out;
    mfxExtColorConversion siting;
    mfxExtVPPRotation rotation;
    mfxExtVPPMirroring mirroring;
    mfxExtVPPFrameRateConversion rate;
    mfxExtAllocationHints hints[2]; /* by mfxVPPPoolType */
    bool no_deinterlacing;          /* on the application's do-not-use list */
};

/* params.c. Gather: MFX_ERR_NULL_PTR, MFX_ERR_UNSUPPORTED (unknown buffer or filter),
 * MFX_ERR_UNDEFINED_BEHAVIOR. */
mfxStatus vpp_params_gather(struct vpp_params *out, const mfxVideoParam *from);
void vpp_params_scatter(const struct vpp_params *from, mfxVideoParam *to);
void vpp_params_configurable(struct vpp_params *params);

/* check.c: clears what cannot be done (MFX_ERR_UNSUPPORTED), mends what can be mended
 * (MFX_WRN_INCOMPATIBLE_VIDEO_PARAM); zeros mean "not given". */
mfxStatus vpp_check(struct vpp_params *params);
/* After vpp_check, for Init: MFX_ERR_INVALID_VIDEO_PARAM when something needed is missing; else fills in
 * defaults. */
mfxStatus vpp_complete(struct vpp_params *params);

/* The size of the picture in a surface. */
int vpp_width(const mfxFrameInfo *info);
int vpp_height(const mfxFrameInfo *info);

/* How a set of complete parameters is carried out. */
struct vpp_plan {
    struct srt_conversion conversion;
    const char *deinterlacer; /* libavfilter's name, NULL when nothing is to be deinterlaced */
    bool only_interlaced;     /* progressive frames pass */
    int fields_out;           /* pictures out for one in: 1, or 2 at the rate of fields */
};
void vpp_plan_make(struct vpp_plan *plan, const struct vpp_params *params, int threads);

/* deinterlace.c: libavfilter. It gives the picture of frame n when it has seen frame n + 1. */
struct vpp_deinterlacer;
mfxStatus vpp_deinterlacer_create(struct vpp_deinterlacer **out, const struct vpp_plan *plan, int format,
                                  int width, int height);
/* The libav format that the filters take for a surface's format. */
int vpp_deinterlacer_format(int format);
/* Takes the frame in any case; NULL means that no more come. */
mfxStatus vpp_deinterlacer_push(struct vpp_deinterlacer *d, AVFrame *frame);
/* MFX_ERR_MORE_DATA when there is none. */
mfxStatus vpp_deinterlacer_pull(struct vpp_deinterlacer *d, AVFrame **out);
void vpp_deinterlacer_free(struct vpp_deinterlacer **d); /* accepts NULL, clears the pointer */

/* picture.c: from one surface, or one deinterlaced frame, into the output surface. */
mfxStatus vpp_picture_write(struct srt_access access, struct srt_converter **converter,
                            const struct srt_conversion *how, const AVFrame *from, int from_left_px,
                            mfxFrameSurface1 *out);

/* queue.c: calls on their way through the worker, at most AsyncDepth of them. */
struct vpp_queue;
mfxStatus vpp_queue_start(struct vpp_queue **out, struct srt_session *session,
                          const struct vpp_params *params);
void vpp_queue_stop(struct vpp_queue **queue); /* accepts NULL, clears the pointer */
mfxStatus vpp_queue_run(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                        mfxSyncPoint *sync);
const struct vpp_params *vpp_queue_params(const struct vpp_queue *queue);
void vpp_queue_stat(struct vpp_queue *queue, mfxVPPStat *stat);

#endif
