/* The command line. */
#ifndef TRANSCODE_OPTIONS_H
#define TRANSCODE_OPTIONS_H

#include "messages.h"

#include <stdbool.h>
#include <stdint.h>
#include <vpl/mfxvideo.h>

/* What to make of the video. */
enum video_codec {
    VIDEO_AUTO, /* what suits the output's container: h264, where the name does not say otherwise */
    VIDEO_H264,
    VIDEO_HEVC,
    VIDEO_JPEG,
    VIDEO_RAW, /* no encoder: the decoded frames themselves */
};

/* Frame memory. */
enum frame_memory {
    MEMORY_AUTO,
    MEMORY_SYSTEM,
    MEMORY_VA,
};

struct options {
    const char *input;  /* "-": stdin */
    const char *output; /* "-": stdout */
    const char *format; /* the output's container, or NULL: by its name */
    enum video_codec codec;
    mfxU32 bitrate_kbps; /* 0: by quality */
    mfxU16 quality;      /* 0: the default */
    mfxU16 preset;       /* MFX_TARGETUSAGE_, 0: the runtime's default */
    mfxU16 gop;          /* pictures; 0: the runtime's default */
    int bframes;         /* -1: the runtime's default */
    mfxU16 width;        /* 0: as the source */
    mfxU16 height;
    bool deinterlace;
    mfxU16 async_depth;
    enum frame_memory memory;
    const char *device; /* render node of MEMORY_VA and MEMORY_AUTO; NULL: the first that opens */
    mfxImplType impl;   /* 0: any */
    uint64_t frames;    /* 0: all */
    mfxU16 low_power;   /* MFX_CODINGOPTION_ */
    bool hash;
    bool overwrite;
    bool plan;
    bool stats;
    bool json;
    bool verbose;
};

/* Reads the command line. On EXIT_DONE with *help set, the help has been printed and nothing is to be done.
 */
enum exit_code options_parse(struct options *options, int argc, char **argv, bool *help);

#endif
