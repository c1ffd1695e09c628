/* Video processing, as its files share it: what was asked for, how it is done, and what is in flight. */
#ifndef SOFTRT_VPP_H
#define SOFTRT_VPP_H

#include "core/caps.h"
#include "core/component.h"
#include "core/ext_buffer.h"
#include "core/verdict.h"
#include "core/worker.h"
#include "surface/convert.h"
#include "surface/frame.h"

#include <libavfilter/avfilter.h>
#include <stdatomic.h>
#include <vpl/mfxsurfacepool.h>

/* Filters that an application may ask for, or ask to be left out, by name. Scaling and conversion are always
 * there. */
enum vpp_filter {
    VPP_DEINTERLACING = 1,
    VPP_DENOISE = 2,
    VPP_DETAIL = 4,
    VPP_PROCAMP = 8,
    VPP_ROTATION = 16,
    VPP_MIRRORING = 32,
    VPP_RATE = 64,
};

#define VPP_MOST_STREAMS 64 /* in a composition */

/* mfxVideoParam and the extension buffers the runtime knows; one that was not attached is all zeros. */
struct vpp_params {
    mfxVideoParam par; /* ExtParam and NumExtParam are zero */
    mfxExtVPPScaling scaling;
    mfxExtVPPDeinterlacing deinterlacing;
    mfxExtVPPVideoSignalInfo signal;
    mfxExtVideoSignalInfo signal_in;
    mfxExtVideoSignalInfo signal_out;
    mfxExtColorConversion siting;
    mfxExtVPPDenoise denoise;
    mfxExtVPPDenoise2 denoise2;
    mfxExtVPPDetail detail;
    mfxExtVPPProcAmp procamp;
    mfxExtVPPRotation rotation;
    mfxExtVPPMirroring mirroring;
    mfxExtVPPFrameRateConversion rate;
    mfxExtVPPComposite composite; /* without its InputStream */
    mfxVPPCompInputStream streams[VPP_MOST_STREAMS];
    mfxExtAllocationHints hints[2]; /* by mfxVPPPoolType */
    unsigned asked;                 /* on the application's list of filters to use, VPP_ */
    unsigned excluded;              /* on that of filters not to use, which wins */
    bool skipped;                   /* filters that are left out since there is a composition */
};

/* params.c. Gather: MFX_ERR_NULL_PTR, MFX_ERR_UNSUPPORTED (unknown buffer or filter),
 * MFX_ERR_UNDEFINED_BEHAVIOR. */
mfxStatus vpp_params_gather(struct vpp_params *out, const mfxVideoParam *from);
void vpp_params_scatter(const struct vpp_params *from, mfxVideoParam *to);
/* GetVideoParam, into an attached list of filters to use: those that are active, as many as it says it has
 * room for, and their number. */
void vpp_params_list_active(const struct vpp_params *from, const mfxVideoParam *to);
void vpp_params_configurable(struct vpp_params *params);

/* check.c: clears what cannot be done (MFX_ERR_UNSUPPORTED), mends what can be mended
 * (MFX_WRN_INCOMPATIBLE_VIDEO_PARAM), leaves out what may be (MFX_WRN_FILTER_SKIPPED); zeros mean "not
 * given". */
mfxStatus vpp_check(struct vpp_params *params);
/* After vpp_check, for Init: MFX_ERR_INVALID_VIDEO_PARAM when something needed is missing; else fills in
 * defaults. */
mfxStatus vpp_complete(struct vpp_params *params);

/* Is the filter on? Its buffer is attached, or it is on the list. */
bool vpp_wants(const struct vpp_params *params, enum vpp_filter filter);

/* The size of the picture in a surface. */
int vpp_width(const mfxFrameInfo *info);
int vpp_height(const mfxFrameInfo *info);

#define VPP_CHAIN 512 /* more than all the filters' texts together */

/* How a set of complete parameters is carried out. */
struct vpp_plan {
    struct srt_conversion conversion;
    char chain[VPP_CHAIN];    /* libavfilter's filters, empty when there are none */
    struct srt_size filtered; /* what the chain takes and gives: its format, and the size that comes out */
    bool deinterlaces;
    int fields_out;            /* pictures out for one in: 1, or 2 at the rate of fields */
    int64_t outputs, pictures; /* the rates: so many output surfaces for so many pictures */
    bool distributes;          /* outputs get times of their own */
    int streams;               /* of a composition, which has no filters; 0 when there is none */
    struct srt_conversion
        mixed; /* where `conversion` is of YUV frames, that of RGB; and the other way round */
};
void vpp_plan_make(struct vpp_plan *plan, const struct vpp_params *params, int threads);

/* deinterlace.c. It gives the pictures of frame n when frame n + 1 has come. */
void vpp_deinterlacing_check(struct srt_verdict *v, mfxExtVPPDeinterlacing *d);
void vpp_deinterlacing_plan(struct vpp_plan *plan, const struct vpp_params *params);
bool vpp_deinterlaces(const struct vpp_params *params);
int vpp_fields_out(const struct vpp_params *params);
bool vpp_is_interlaced(const mfxFrameInfo *info);

/* filters.c: one picture for one. */
void vpp_filters_check(struct srt_verdict *v, struct vpp_params *params);
void vpp_filters_plan(struct vpp_plan *plan, const struct vpp_params *params);
/* libavfilter's filters take planar formats: the one of YUV that has the samples of this one. */
int vpp_filters_planar_yuv(int format);
/* Brings settings into their ranges; false where one cannot be done. */
bool vpp_filters_check_colours(mfxExtVPPProcAmp *colours);
/* Nothing where the colours stay. */
void vpp_filters_add_colours(char chain[VPP_CHAIN], const struct vpp_plan *plan,
                             const struct vpp_params *params, const mfxExtVPPProcAmp *colours);
bool vpp_filters_turn(const struct vpp_params *params);     /* rows become columns */
bool vpp_filters_mix_rows(const struct vpp_params *params); /* fields would not stay fields */

/* rate.c. Is the output's frame rate so many times the input's? Both are given. */
bool vpp_rate_is(const mfxFrameInfo *out, const mfxFrameInfo *in, mfxU64 times);
void vpp_rate_check(struct srt_verdict *v, struct vpp_params *params);
void vpp_rate_plan(struct vpp_plan *plan, const struct vpp_params *params);
/* How many outputs so many pictures make, and which of them an output shows. */
int64_t vpp_rate_outputs(const struct vpp_plan *plan, int64_t pictures);
int64_t vpp_rate_picture(const struct vpp_plan *plan, int64_t output);
/* An output's time stamp, from the stamp of its picture and of the first frame. */
struct vpp_timing {
    int64_t output;
    bool repeats; /* the picture of the output before */
    mfxU64 stamp, first_stamp;
};
mfxU64 vpp_rate_stamp(const struct vpp_plan *plan, const mfxFrameInfo *out, const struct vpp_timing *t);

/* composite.c: several streams in one. Mixes: are RGB streams put over others in YUV? */
mfxStatus vpp_composite_gather(struct vpp_params *out, const mfxExtVPPComposite *from);
void vpp_composite_scatter(const struct vpp_params *from, mfxExtVPPComposite *to);
void vpp_composite_check(struct srt_verdict *v, struct vpp_params *params);
bool vpp_composite_mixes(const struct vpp_params *params);

/* graph.c: libavfilter, one thread at a time. The size is that of the frames that come in. */
struct vpp_graph;
mfxStatus vpp_graph_create(struct vpp_graph **out, const char *chain, int threads,
                           const struct srt_size *size);
/* Takes the frame in any case; NULL means that no more come. */
mfxStatus vpp_graph_push(struct vpp_graph *g, AVFrame *frame);
/* MFX_ERR_MORE_DATA when there is none. */
mfxStatus vpp_graph_pull(struct vpp_graph *g, AVFrame **out);
void vpp_graph_free(struct vpp_graph **g); /* accepts NULL, clears the pointer */

/* picture.c. A picture in memory and a format that filters can work on, which means what it meant before; the
 * picture itself where that will do. */
mfxStatus vpp_picture_unpack(struct srt_converter **converter, const struct srt_conversion *how, int format,
                             int left_px, AVFrame **picture);
/* From one surface, or one filtered picture, into the output surface. `around` is Y, U, V or R, G,
 * B of what is outside its crop rectangle, in formats of 8 bits; NULL stands for black. */
mfxStatus vpp_picture_write(struct srt_access access, struct srt_converter **converter,
                            const struct srt_conversion *how, const AVFrame *from, int from_left_px,
                            mfxFrameSurface1 *out, const uint8_t *around);

/* queue.c: calls on their way through the worker, at most AsyncDepth of them. */
struct vpp_queue;
mfxStatus vpp_queue_start(struct vpp_queue **out, struct srt_session *session,
                          const struct vpp_params *params);
void vpp_queue_stop(struct vpp_queue **queue); /* accepts NULL, clears the pointer */
/* `repeats` is true when `out` will show the same picture as the output before it. */
mfxStatus vpp_queue_run(struct vpp_queue *queue, mfxFrameSurface1 *in, mfxFrameSurface1 *out,
                        mfxSyncPoint *sync, bool *repeats);
const struct vpp_params *vpp_queue_params(const struct vpp_queue *queue);
/* The stream of a composition that the next frame belongs to; 0 when there is none. */
int vpp_queue_stream(const struct vpp_queue *queue);
void vpp_queue_stat(struct vpp_queue *queue, mfxVPPStat *stat);

/* surfaces.c: as QueryIOSurf answers for complete parameters, by mfxVPPPoolType. */
void vpp_surfaces_request(mfxFrameAllocRequest request[2], const struct vpp_params *params);
/* Whether a call's surfaces are as they were agreed on. MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM,
 * MFX_ERR_UNDEFINED_BEHAVIOR, MFX_ERR_LOCK_MEMORY. */
mfxStatus vpp_surfaces_check_in(struct srt_session *session, const struct vpp_queue *queue,
                                const mfxFrameSurface1 *in);
mfxStatus vpp_surfaces_check_out(struct srt_session *session, const struct vpp_params *params,
                                 const mfxFrameSurface1 *out);

#endif
