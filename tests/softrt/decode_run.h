/* A whole decode, as an application does it: header, surfaces, frames, drain. */
#ifndef SOFTRT_DECODE_RUN_H
#define SOFTRT_DECODE_RUN_H

#include "frames.h"
#include "stream.h"

struct decode_options {
    mfxU32 codec;
    mfxU32 fourcc; /* 0: what DecodeHeader proposes */
    mfxU16 async;  /* 0: 4 */
    mfxU16 threads;
    bool by_mid;
    bool video;    /* surfaces of video memory */
    bool complete; /* each read is announced as a complete frame */
    bool exact;    /* surfaces of the picture's own size, not aligned */
    bool realloc_request;
    size_t pad;   /* bytes added to each row of a surface */
    size_t piece; /* bytes read at a time */
};

struct decode_result {
    uint8_t *data; /* all frames, as `ffmpeg -f rawvideo` writes them */
    size_t size;
    size_t num_frames;
    size_t num_corrupted;
    size_t num_changed;      /* MFX_WRN_VIDEO_PARAM_CHANGED */
    size_t num_incompatible; /* MFX_ERR_INCOMPATIBLE_VIDEO_PARAM, each followed by a drain and a new Init */
    size_t num_realloc;      /* MFX_ERR_REALLOC_SURFACE */
    mfxU32 num_errors;       /* mfxDecodeStat */
    mfxU64 first_stamp;
    mfxU64 last_stamp;
    bool stamps_rise;
    int locks;
    int unlocks;
    int lock_errors;
    int allocs; /* video memory: Init's */
    int frees;
    size_t num_kept;   /* MFX_ERR_MORE_SURFACE: the work surface stays with the decoder */
    size_t num_others; /* frames that came in another surface than the one offered */
    mfxVideoParam par; /* of the last Init */
};

/* Reads until the header is there. False when the clip ends first. */
bool decode_header(mfxSession session, struct stream *stream, mfxVideoParam *par);

/* Decodes `stream` to its end. Fails the test when the decoder answers with what the API does not allow, when
 * it hangs, or when it keeps a surface. A stream without a usable header gives no frames. */
void decode_run(struct runtime *runtime, struct stream *stream, const struct decode_options *options,
                struct decode_result *result);
void decode_run_file(const char *path, const struct decode_options *options, struct decode_result *result);
void decode_result_free(struct decode_result *result);

/* Compares with `ffmpeg -pix_fmt` of the same clip, byte for byte, and says which frame differs. */
void assert_same_as_ffmpeg(const char *path, const char *pix_fmt, const struct decode_result *result);

#endif
