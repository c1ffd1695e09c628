/* The stage between: MFXVideoVPP scales, converts and deinterlaces. */
#ifndef TRANSCODE_VPP_H
#define TRANSCODE_VPP_H

#include "frame.h"
#include "runtime.h"

struct vpp {
    struct runtime *runtime;
    struct vfa_pool *pool; /* of its output; belongs to the pipeline */
    mfxVideoParam par;
    mfxExtVPPDeinterlacing deinterlacing;
    mfxExtVPPVideoSignalInfo signal;
    mfxExtBuffer *ext[2];
    mfxSyncPoint last; /* of the operations begun; they end in their order */
    bool open;
    uint64_t frames;
};

/* Where finished frames go; takes the frame. */
struct vpp_outlet {
    enum exit_code (*deliver)(void *user, struct frame *frame);
    void *user;
};

/* What to do beyond size and format. */
struct vpp_tasks {
    bool deinterlace;
    bool expand_range; /* from values of 16 to 235 to those of 0 to 255 */
};

/* Sets what is to be made of what, without a word to the runtime. */
void vpp_init(struct vpp *vpp, struct runtime *runtime, const mfxFrameInfo *in, const mfxFrameInfo *out,
              const struct vpp_tasks *tasks, mfxU16 async);

/* Query: can the runtime do it? */
bool vpp_accepted(struct vpp *vpp);

/* QueryIOSurf: [0] for the frames it takes, [1] for those it gives. */
enum exit_code vpp_request(struct vpp *vpp, mfxFrameAllocRequest request[2]);

/* Init. */
enum exit_code vpp_open(struct vpp *vpp, struct vfa_pool *pool);

/* RunFrameVPPAsync: takes a frame, delivers what comes of it. `frame` NULL: delivers what the filters still
 * hold. */
enum exit_code vpp_run(struct vpp *vpp, const struct relief *relief, struct frame *frame,
                       const struct vpp_outlet *outlet);

/* Waits for what was begun (a component that closes may abandon it), and Close. */
void vpp_close(struct vpp *vpp);

#endif
