/* The whole: input -> decoder -> filters -> encoder -> output, each stage with the surfaces it needs. */
#ifndef TRANSCODE_PIPELINE_H
#define TRANSCODE_PIPELINE_H

#include "decoder.h"
#include "pools.h"
#include "reader.h"
#include "sink.h"
#include "vpp.h"

struct pipeline {
    const struct options *options;
    struct input input;
    struct output output;
    struct runtime runtime;
    struct timestamps *times;
    struct feed feed;
    bool raw_in; /* the reader gives frames, not the decoder */
    struct decode_stage decoder;
    struct reader reader;
    struct vpp vpp;
    bool filtering; /* the vpp is in use */
    struct vpp_tasks tasks;
    struct sink sink;
    struct pools pools;
    mfxU32 alloc_id;              /* of the decoder: its frames are found by it, whatever their size */
    struct vfa_pool *first_pool;  /* what decoder or reader fill */
    struct vfa_pool *filter_pool; /* what the vpp fills; NULL without */
    mfxFrameInfo in;              /* what decoder or reader give */
    AVRational frame_rate;
    AVRational aspect;     /* of the source's pixels */
    uint64_t size_changes; /* in mid-stream */
    uint64_t frames_before_change;
    unsigned int idle_restarts;
    bool interrupted;
    uint64_t frames_live;    /* in the allocator, once everything was set up */
    uint64_t frames_planned; /* by the plans */
    char hash[HASH_TEXT_MAX];
};

/* Opens input and runtime, and finds what all stages agree on; nothing is written, no frame is made. On
 * failure, and in the end: pipeline_close. */
enum exit_code pipeline_prepare(struct pipeline *pipeline, const struct options *options);

/* Asks the stages how many surfaces they need: one plan, or two where there are filters. */
enum exit_code pipeline_plan(struct pipeline *pipeline, struct vfa_plan plans[2], size_t *count);

/* Opens input, runtime and stages, up to the output's header. On failure, and in the end: pipeline_close. */
enum exit_code pipeline_open(struct pipeline *pipeline, const struct options *options);

/* Called now and then while frames flow. */
struct pipeline_watcher {
    void (*tick)(void *user, const struct pipeline *pipeline);
    void *user;
};

/* Runs all frames through, and finishes the output; also after a failure, so that what was written can be
 * played. */
enum exit_code pipeline_run(struct pipeline *pipeline, const struct pipeline_watcher *watcher);

/* Closes everything, in the order that VPL asks for. */
void pipeline_close(struct pipeline *pipeline);

#endif
