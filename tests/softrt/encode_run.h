/* A whole encode, as an application does it: Init, frames, drain, Close; and what ffmpeg makes of the result.
 */
#ifndef SOFTRT_ENCODE_RUN_H
#define SOFTRT_ENCODE_RUN_H

#include "frames.h"

enum {
    CLIP_WIDTH = 160,
    CLIP_HEIGHT = 92,
    CLIP_FRAMES = 30
};

/* A moving test picture in the given FourCC, CLIP_FRAMES raw frames of CLIP_WIDTH by CLIP_HEIGHT; allocated.
 * Packed 4:2:2 comes from a 4:2:2 clip, so that repacking it loses nothing. */
uint8_t *encode_source(mfxU32 fourcc, size_t *size);

/* The same in three scenes, CHANGING_FRAMES of them: a moving test picture, a detailed one, and the first
 * turned.
 */
enum {
    CHANGING_FRAMES = 90
};
uint8_t *encode_changing_source(mfxU32 fourcc);

/* Parameters with nothing set but what an encoder must know. */
void encode_defaults(mfxVideoParam *par, mfxU32 codec, mfxU32 fourcc);

struct encode_setup {
    mfxVideoParam par;
    size_t num_frames; /* 0: CLIP_FRAMES; more than the clip has begins again */
    size_t pad;        /* bytes added to each row of a surface */
    bool by_mid;
    size_t key_at;                 /* frame that is requested as a key frame; 0: none */
    mfxU64 (*stamp)(size_t frame); /* NULL: 3000 a frame */
    mfxU32 room;                   /* of the bitstream buffer; 0: what GetVideoParam says */
    const uint8_t *source;         /* frames of the clip's size; NULL: encode_source */
    size_t source_frames;
    mfxU16 (*qp)(size_t frame); /* mfxEncodeCtrl's QP; NULL: no control */
    mfxPayload **payloads;      /* of the frame number payloads_at */
    mfxU16 num_payloads;
    size_t payloads_at;
};

struct coded_picture {
    mfxU64 pts;
    mfxI64 dts;
    mfxU16 type;
    mfxU16 pic_struct;
    size_t bytes;
};

struct encode_result {
    uint8_t *data; /* the whole stream */
    size_t size;
    struct coded_picture *pictures;
    size_t count;
    size_t num_too_small; /* MFX_ERR_NOT_ENOUGH_BUFFER */
    mfxVideoParam par;    /* as GetVideoParam gave it */
    mfxEncodeStat stat;   /* at the end */
};

/* Encodes; fails the test when the encoder answers with what the API does not allow, hangs, or keeps a
 * surface. */
void encode_run(struct runtime *runtime, const struct encode_setup *setup, struct encode_result *result);
void encode_result_free(struct encode_result *result);

/* Writes the stream into a file in the clips' folder; the path is allocated. */
char *encode_written(const char *name, const struct encode_result *result);

/* What ffmpeg decodes the stream to, as raw frames; allocated. `name` is for files in the clips' folder. */
uint8_t *encode_decoded(const char *name, const struct encode_result *result, const char *pix_fmt,
                        size_t *size);

/* Peak signal to noise ratio in dB; samples of one byte, or of two with 10 bits in the lowest (`shift` 0) or
 * highest (6) bits. Infinity for equal bytes. */
double psnr(const uint8_t *a, const uint8_t *b, size_t size, unsigned bytes, unsigned shift);

/* A surface that is free, whether or not the allocator is used; and the buffer for a coded picture. */
void bitstream_create(mfxBitstream *bs, mfxU32 room);
void bitstream_destroy(mfxBitstream *bs);

#endif
