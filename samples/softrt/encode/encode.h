/* The encoder, as its files share it: what it was asked for, the library that does it, and what is in flight.
 */
#ifndef SOFTRT_ENCODE_H
#define SOFTRT_ENCODE_H

#include "core/caps.h"
#include "core/component.h"
#include "core/ext_buffer.h"
#include "core/worker.h"
#include "surface/convert.h"
#include "surface/frame.h"

#include <libavcodec/avcodec.h>
#include <stdatomic.h>
#include <vpl/mfxjpeg.h>

/* mfxExtMultiFrameParam of the 1.x API: clients still attach it, API 2.8's headers no longer define it. */
#define ENCODE_EXTBUFF_MULTI_FRAME MFX_MAKEFOURCC('M', 'F', 'R', 'P')
struct encode_multi_frame {
    mfxExtBuffer Header;
    mfxU16 MFMode; /* 0 default, 1 off, 2 auto, 3 manual */
    mfxU16 MaxNumFrames;
    mfxU16 reserved[58];
};

/* Everything an application may ask of an encoder: mfxVideoParam and the extension buffers the runtime knows.
 * A buffer that was not attached is all zeros, which means "no wish", except for its header. */
struct encode_params {
    mfxVideoParam par; /* ExtParam and NumExtParam are zero */
    mfxExtCodingOption co;
    mfxExtCodingOption2 co2;
    mfxExtCodingOption3 co3;
    mfxExtVideoSignalInfo signal;
    mfxExtMasteringDisplayColourVolume mastering;
    mfxExtContentLightLevelInfo light;
    mfxExtEncoderResetOption reset;
    struct encode_multi_frame multi_frame;
    mfxExtAllocationHints hints;
    mfxExtChromaLocInfo chroma;
    mfxExtHyperModeParam hyper;
    mfxExtHEVCParam hevc;
    mfxExtHEVCTiles hevc_tiles;
    mfxExtVP9Param vp9;
    mfxExtAV1BitstreamParam av1_bitstream;
    mfxExtAV1ResolutionParam av1_resolution;
    mfxExtAV1TileParam av1_tiles;
};

struct encode_engine; /* engine.h */

/* caps.c: what a codec's library can do. Of JPEG, all but the first three are empty. */
struct encode_facts {
    struct srt_codec_caps caps;
    const struct encode_engine *engine;
    const char *library;  /* libavcodec's name for what encodes it; NULL where libavcodec is not asked */
    const mfxU16 *levels; /* that may be asked for */
    size_t num_levels;
    unsigned methods; /* of rate control: a bit for each MFX_RATECONTROL_ */
    mfxU16 most_qp;
    mfxU16 default_qp; /* of P pictures */
    mfxU16 most_gop, default_gop;
    mfxU16 most_ref_dist, most_references, most_idr_interval;
    bool interlaced;
};
/* NULL for a codec that this process's libraries cannot encode. */
const struct encode_facts *encode_facts(mfxU32 codec);
const struct srt_codec_caps *encode_caps(mfxU32 codec);

/* params.c: between the application's structures and ours.
 * Gather: MFX_ERR_NULL_PTR, MFX_ERR_UNSUPPORTED for a buffer the runtime does not know or whose size is
 * wrong, MFX_ERR_UNDEFINED_BEHAVIOR for the same buffer twice. What can be read is read even then. */
mfxStatus encode_params_gather(struct encode_params *out, const mfxVideoParam *from);
/* Scatter fills the fields of `to` and those of our buffers that are attached to it. */
void encode_params_scatter(const struct encode_params *from, mfxVideoParam *to);
/* A 1 in every field the runtime lets an application configure (MFXVideoENCODE_Query without input). */
void encode_params_configurable(struct encode_params *params, mfxU32 codec);

/* check.c: clears what cannot be done (MFX_ERR_UNSUPPORTED) and mends what can be mended
 * (MFX_WRN_INCOMPATIBLE_VIDEO_PARAM); zeros mean "not given". */
mfxStatus encode_check(struct encode_params *params);
/* defaults.c, after encode_check, for Init: is all there that an encoder needs? Then fills in every
 * default. MFX_ERR_INVALID_VIDEO_PARAM otherwise. */
mfxStatus encode_complete(struct encode_params *params);
/* Room that a coded picture needs, in units of 1000 bytes, when the application set no limit. */
mfxU32 encode_default_buffer_kb(const mfxVideoParam *par);
/* options.c: the same as encode_check for the coding-option buffers. */
mfxStatus encode_check_options(struct encode_params *params);
/* buffers.c: and for the other buffers, of all codecs. */
mfxStatus encode_check_buffers(struct encode_params *params);
/* The side that x265 codes of one that long. */
mfxU16 encode_hevc_coded(int px);

mfxU32 encode_brc_multiplier(const mfxVideoParam *par);
/* A profile without B pictures. */
bool encode_is_simple(const mfxInfoMFX *mfx);
/* Do all kinds of pictures have the same quantiser in CQP? */
bool encode_has_one_qp(mfxU32 codec);
/* HEVC's largest block that both sides hold, as libavcodec picks it. */
int encode_largest_block(const mfxFrameInfo *info);
/* MPEG-2 begins a slice on every row of macroblocks. */
mfxU16 encode_least_slices(const mfxInfoMFX *mfx);
/* The size of the coded picture: the crop rectangle where there is one. */
int encode_width(const mfxFrameInfo *info);
int encode_height(const mfxFrameInfo *info);

/* codec.c: the library. Constant after open but for what its own functions change. */
struct encode_codec {
    const struct encode_engine *engine;
    void *library;              /* the engine's own */
    enum AVPixelFormat pix_fmt; /* what it takes */
    int width, height;
    int b_frames;                    /* between other pictures, at most */
    const uint8_t *headers;          /* apart from the pictures; the engine's */
    size_t headers_size;             /* bytes */
    mfxU16 level;                    /* of MPEG-2 */
    struct srt_converter *converter; /* from what the application gives */
    int64_t frames;                  /* given to it; also the next frame's number */
    int64_t packets;                 /* taken from it */
    bool draining;                   /* told that no more frames come: it must be opened anew for others */
    bool drained;                    /* and has no more packets */
};

/* sei.c: messages for one picture, as they are in the stream. */
struct encode_sei {
    struct encode_sei *next;
    int64_t frame;
    size_t size;
    uint8_t data[];
};
/* NULL where there are none. MFX_ERR_NULL_PTR, MFX_ERR_INVALID_VIDEO_PARAM, MFX_ERR_UNSUPPORTED for a codec
 * without SEI, MFX_ERR_MEMORY_ALLOC. */
mfxStatus encode_sei_new(mfxU32 codec, const mfxEncodeCtrl *ctrl, struct encode_sei **out);
/* Into a list until the frame comes out, and out of it again; NULL where there are none. */
void encode_sei_keep(struct encode_sei **list, struct encode_sei *sei, int64_t frame);
struct encode_sei *encode_sei_take(struct encode_sei **list, int64_t frame);
void encode_sei_free(struct encode_sei *list);

/* What is asked of one frame; zeros for nothing. */
struct encode_control {
    struct encode_sei *sei; /* owned */
    mfxU16 frame_type;      /* MFX_FRAMETYPE_ with I or IDR: a key frame */
    mfxU16 qp;
    bool begins; /* a new sequence: the one before was drained */
};

/* frame.c: what EncodeFrameAsync is given. MFX_ERR_NULL_PTR, MFX_ERR_UNDEFINED_BEHAVIOR, MFX_ERR_UNSUPPORTED,
 * MFX_ERR_INVALID_VIDEO_PARAM. */
mfxStatus encode_check_bitstream(const mfxBitstream *bs);
mfxStatus encode_check_control(const struct encode_params *params, const mfxEncodeCtrl *ctrl,
                               struct encode_control *out);
mfxStatus encode_check_surface(struct srt_session *session, const struct encode_params *params,
                               const mfxFrameSurface1 *surface);

/* MFX_ERR_INVALID_VIDEO_PARAM when the library refuses, MFX_ERR_MEMORY_ALLOC, MFX_ERR_DEVICE_FAILED.
 * `threads` 0: the library decides. */
mfxStatus encode_codec_open(struct encode_codec *codec, const struct encode_params *params, int threads);
void encode_codec_close(struct encode_codec *codec);

/* open.c: avcodec_open2, whose answer goes to *err, unless it does not come: then *avctx is NULL and the
 * answer MFX_ERR_DEVICE_FAILED. MFX_ERR_MEMORY_ALLOC: it was not called. */
mfxStatus encode_open_library(AVCodecContext **avctx, const AVCodec *library, AVDictionary **options,
                              int *err);
/* Encodes a frame of the application's format, which starts `left_px` pixels into its rows, and frees it in
 * any case. MFX_ERR_DEVICE_FAILED, MFX_ERR_MEMORY_ALLOC. */
mfxStatus encode_codec_send(struct encode_codec *codec, const struct encode_params *params, AVFrame *frame,
                            int left_px, const struct encode_control *control);
/* The same of a picture of one colour, to see what comes out. */
mfxStatus encode_codec_send_grey(struct encode_codec *codec);
mfxStatus encode_codec_drain(struct encode_codec *codec);
/* MFX_ERR_MORE_DATA when there is none now. */
mfxStatus encode_codec_receive(struct encode_codec *codec, AVPacket *packet);

/* apply.c: preset, rate control and coding options, in the words of libavcodec and each library behind it. */
mfxStatus encode_apply_options(AVCodecContext *avctx, const struct encode_params *params,
                               AVDictionary **options);
/* What libavcodec has words of its own for: the rates and the decoder's buffer; the GOP. */
void encode_apply_bitrate(AVCodecContext *avctx, const struct encode_params *params);
void encode_apply_gop(AVCodecContext *avctx, const struct encode_params *params);
/* apply_mpeg2.c, apply_av1.c: the same for one library. */
void encode_apply_mpeg2(AVCodecContext *avctx, const struct encode_params *params, AVDictionary **options);
void encode_apply_av1(AVCodecContext *avctx, const struct encode_params *params, AVDictionary **options);
/* vpx_scale.c: the quantiser index closest to `qp` that libvpx and libaom have a quantiser for. */
mfxU16 encode_vpx_nearest_qp(mfxU16 qp);
/* lavc's quantiser scale, 1 (best) to 31, for a JPEG quality of 1 to 100. */
int encode_jpeg_qscale(mfxU16 quality);

/* headers.c: the parameter sets, and what the NAL units of a packet say. */
struct encode_headers {
    uint8_t
        *data; /* VPS, SPS, PPS as a byte stream, one after the other; MPEG-2's sequence header; else NULL */
    bool in_packets; /* the library writes them there itself */
    size_t size;
    size_t vps_size, sps_size, pps_size;
    uint8_t delimiter[8]; /* for a picture that should have one and has not */
    size_t delimiter_size;
    mfxU16 profile; /* MFX_PROFILE_ as the SPS has it */
    mfxU16 level;
};
mfxStatus encode_headers_read(struct encode_headers *headers, const struct encode_codec *codec,
                              const struct encode_params *params);
void encode_headers_free(struct encode_headers *headers);
/* Fills mfxExtCodingOptionSPSPPS and mfxExtCodingOptionVPS where attached. MFX_ERR_NOT_ENOUGH_BUFFER;
 * MFX_ERR_UNSUPPORTED: a buffer of another size than this API's, or a codec without parameter sets. */
mfxStatus encode_headers_give(const struct encode_headers *headers, mfxVideoParam *to);
/* MFX_FRAMETYPE_ bits, and where in the packet its access unit delimiter is (empty when there is none) and
 * its first slice begins (of AVC and HEVC). */
struct encode_places {
    size_t delimiter_at;
    size_t delimiter_size;
    size_t slice_at;
};
mfxU16 encode_frame_type(mfxU32 codec, const AVPacket *packet, struct encode_places *places);
/* The quantiser as the library tells it beside the packet, or 0. */
mfxU16 encode_packet_qp(const AVPacket *packet);

/* pictures.c: MFX_FRAMETYPE_ bits of the other codecs' packets. */
mfxU16 encode_mpeg2_frame_type(const AVPacket *packet);
mfxU16 encode_vp9_frame_type(const AVPacket *packet);
mfxU16 encode_av1_frame_type(const AVPacket *packet);
/* Where in a packet its sequence header is, with its extensions; returns its size, 0 for none. */
size_t encode_mpeg2_sequence(const AVPacket *packet, const uint8_t **out);
/* MFX_LEVEL_AV1_ of a sequence header, or 0. */
mfxU16 encode_av1_level(const uint8_t *data, size_t size);
/* IVF's header of the picture with that number, before which the first one's has the file's; returns its
 * size.
 */
enum {
    ENCODE_IVF_FILE = 32,
    ENCODE_IVF_PICTURE = 12
};
size_t encode_ivf(uint8_t *out, const mfxVideoParam *par, size_t bytes, mfxU64 number);

/* times.c: time stamps. The library counts frames; an application's clock is looked up by that count.
 */
#define ENCODE_TIMES 1024 /* more frames than any library holds back */
struct encode_times {
    mfxU64 stamps[ENCODE_TIMES];
    int64_t next;
    int64_t base;              /* the frame that the library counts as its first */
    mfxU32 rate_num, rate_den; /* frames per second */
};
void encode_times_start(struct encode_times *times, const mfxFrameInfo *info);
/* The time stamp of the next frame; MFX_TIMESTAMP_UNKNOWN is replaced by one frame duration after the last.
 */
void encode_times_add(struct encode_times *times, mfxU64 stamp);
/* The library begins to count anew with the next frame; the application's clock goes on. */
void encode_times_restart(struct encode_times *times);
mfxU64 encode_times_pts(const struct encode_times *times, int64_t frame);
mfxI64 encode_times_dts(const struct encode_times *times, int64_t frame); /* may be negative */

/* A coded picture that waits for a bitstream. */
struct encode_picture {
    struct encode_picture *next;
    AVPacket *packet;
    struct encode_places places; /* within the packet */
    struct encode_sei *sei;      /* of the application's; owned */
    uint8_t ivf[ENCODE_IVF_FILE + ENCODE_IVF_PICTURE];
    size_t ivf_size;
    size_t size; /* in the bitstream: with parameter sets */
    mfxU64 pts;
    mfxI64 dts;
    mfxU32 order; /* of display */
    mfxU16 frame_type;
    mfxU16 pic_struct;
    mfxU16 qp; /* 0: the library does not say */
};

/* queue.c, worker.c: frames on their way in and pictures on their way out.
 *
 * Every accepted surface gives one picture some calls later. A call takes the oldest ready picture along;
 * when there is none, only as many surfaces are taken as AsyncDepth says: so surfaces waiting and pictures
 * ready are never more than AsyncDepth together, whatever the application does. (Draining adds what the
 * library held back.)
 *
 * Pictures are copied into the bitstream within the call: after it, no thread of ours touches the
 * application's mfxBitstream, so it may be freed or moved even if never synced. */
struct encode_queue {
    struct srt_session *session;
    struct srt_worker *worker;
    size_t depth;
    int threads;
    bool ended; /* drained since the last frame; of the application's side alone */

    /* Constant while the worker has jobs. */
    struct encode_params params;
    struct encode_headers headers;

    struct encode_codec codec; /* the worker's, while it has jobs */
    struct encode_times times;
    mfxU64 coded; /* pictures of the stream so far; the worker's as well */
    struct encode_sei *sei;

    pthread_mutex_t lock; /* guards all below */
    struct encode_picture *first, *last;
    size_t ready;       /* pictures */
    size_t waiting;     /* surfaces accepted, not yet coded */
    int64_t in_library; /* frames the library holds back */
    bool drain_queued;
    mfxStatus failure; /* of a frame already accepted, to be told by the next call */
    bool broken;       /* the library failed: told until Reset */
    mfxEncodeStat stat;
    mfxU64 handed_out;    /* pictures of the stream, which a Reset does not end */
    mfxU32 largest_bytes; /* picture so far */
};

/* worker.c. A job that encodes `surface`, which it holds from now on, as it does the control's SEI: the
 * caller counts it and queues it. MFX_ERR_MEMORY_ALLOC, MFX_ERR_LOCK_MEMORY. */
mfxStatus encode_frame_job(struct encode_queue *queue, mfxFrameSurface1 *surface,
                           const struct encode_control *control, struct srt_job **out);
/* Queues the order to bring out what the library holds back, as far as there is room. */
mfxStatus encode_queue_drain_job(struct encode_queue *queue);
void encode_picture_free(struct encode_picture *picture);

mfxStatus encode_queue_start(struct encode_queue *queue, struct srt_session *session,
                             const struct encode_params *params);
void encode_queue_stop(struct encode_queue *queue);
/* Goes on where `before`, stopped, ended: to be called ahead of the first frame. */
void encode_queue_continue(struct encode_queue *queue, const struct encode_queue *before);
mfxStatus encode_queue_submit(struct encode_queue *queue, mfxFrameSurface1 *surface,
                              struct encode_control *control, mfxBitstream *bs, mfxSyncPoint *sync);
mfxStatus encode_queue_drain(struct encode_queue *queue, mfxBitstream *bs, mfxSyncPoint *sync);
void encode_queue_stat(struct encode_queue *queue, mfxEncodeStat *stat, mfxU32 *largest_bytes);

#endif
