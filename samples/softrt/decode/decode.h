/* The decoder's own parts, known to the files of this folder alone.
 *
 * An application's thread cuts the bitstream into packets (feed.c) and queues them; one worker runs
 * libavcodec (engine.c) and lays decoded frames in a list; DecodeFrameAsync takes a frame from the
 * list, and a second worker copies it into the application's surface (output.c). */
#ifndef SOFTRT_DECODE_H
#define SOFTRT_DECODE_H

#include "core/caps.h"
#include "core/component.h"
#include "core/worker.h"
#include "surface/frame.h"
#include "surface/own.h"

#include <libavcodec/avcodec.h>

struct srt_decoder;

/* Added to the level of what libav logs of a decoder: damaged streams are reported through the API, and an
 * application's terminal stays its own unless it asks libav for verbose logs. */
#define SRT_LOG_OFFSET 24

/* How a codec's stream is cut. */
enum srt_framing {
    SRT_START_CODES, /* 00 00 01 and a byte that says what follows */
    SRT_MARKERS,     /* JPEG: FF and a byte that says what follows */
    SRT_PACKETS,     /* the container frames it: each mfxBitstream holds whole frames */
};

struct srt_decode_codec {
    struct srt_codec_caps caps;
    enum AVCodecID id;
    const char *preferred; /* libavcodec decoder to use before the default one; NULL */
    enum srt_framing framing;
    bool (*is_header)(uint8_t code);  /* a sequence header begins with this code */
    bool (*is_picture)(uint8_t code); /* with this code, picture data */
    mfxU16 (*profile)(int av_profile);
    mfxU16 (*level)(int av_level);
};

/* NULL for a codec the runtime or this process's libav does not decode. */
const struct srt_decode_codec *srt_decode_codec_find(mfxU32 codec_id);
const AVCodec *srt_decode_avcodec(const struct srt_decode_codec *codec);

/* What the stream's headers say. */
struct srt_stream_info {
    int width; /* of the picture shown */
    int height;
    enum AVPixelFormat format;
    mfxU16 profile;
    mfxU16 level;
    mfxU16 pic_struct;
    int reorder; /* frames the decoder holds back for reordering */
    AVRational frame_rate;
    AVRational aspect;
    enum AVColorPrimaries primaries;
    enum AVColorTransferCharacteristic transfer;
    enum AVColorSpace matrix;
    enum AVColorRange range;
    bool film_grain;
};

/* The FourCC this runtime proposes for the stream's frames; one that it does not do where it cannot decode
 * it. */
mfxU32 srt_stream_fourcc(const struct srt_decode_codec *codec, const struct srt_stream_info *info);

/* Can the stream's frames go to surfaces of that FourCC? */
bool srt_stream_fits(const struct srt_decode_codec *codec, const struct srt_stream_info *info, mfxU32 fourcc);

/* scan.c: where things begin in a bitstream. SIZE_MAX when there is none. */
size_t srt_scan_header(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from);
size_t srt_scan_picture(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from);

/* Bytes at the end that may be the beginning of a start code. */
size_t srt_scan_partial(const struct srt_decode_codec *codec, const uint8_t *data, size_t size);

/* The unit (start code included) whose code byte `is` accepts: its first byte, and its size. False when there
 * is none. */
bool srt_scan_unit(const uint8_t *data, size_t size, bool (*is)(uint8_t code), const uint8_t **unit,
                   size_t *unit_size);

/* probe.c: reads the headers at the start of `data`, with libavcodec's own decoder and parser, without
 * decoding a picture where the decoder allows that. MFX_ERR_NOT_FOUND when there is no usable header,
 * MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_probe(const struct srt_decode_codec *codec, const uint8_t *data, size_t size,
                    struct srt_stream_info *out);

/* A sequence header met in a bitstream. */
struct srt_header {
    size_t begin; /* offset of the header */
    size_t end;   /* offset of the first picture after it */
    struct srt_stream_info info;
};

/* Finds the first usable sequence header at or after `from`. `whole`: no more data belongs to this, so that
 * what there is must do. MFX_ERR_NONE; MFX_ERR_NOT_FOUND: there is none; MFX_ERR_MORE_DATA: one begins at
 * out->begin and is not all there; MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_find_header(const struct srt_decode_codec *codec, const uint8_t *data, size_t size, size_t from,
                          bool whole, struct srt_header *out);

/* param.c. srt_decode_check writes corrected parameters to `out` (which may be `in` itself); it
 * answers MFX_ERR_NONE, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, or MFX_ERR_UNSUPPORTED with the offending fields
 * zeroed. */
#define SRT_MAX_ASYNC_DEPTH 64
mfxStatus srt_decode_check(const mfxVideoParam *in, mfxVideoParam *out);
void srt_decode_configurable(mfxVideoParam *out);

/* Is `par` complete and right for Init? MFX_ERR_INVALID_VIDEO_PARAM if not. */
mfxStatus srt_decode_check_init(const mfxVideoParam *par);

/* The surfaces that a decoder with these parameters needs: what QueryIOSurf says, and what Init allocates. */
void srt_decode_request(const mfxVideoParam *par, mfxFrameAllocRequest *request);

/* The mfxExtAllocationHints attached to checked parameters; all zeros when there are none. */
mfxExtAllocationHints srt_decode_hints(const mfxVideoParam *par);

/* memory.c: surfaces of video memory from the application's allocator. All zeros is a decoder that has
 * none. */
struct srt_decode_surfaces {
    mfxFrameAllocator allocator; /* who was asked for them */
    mfxFrameAllocResponse response;
    bool allocated;         /* `response` is to be freed */
    mfxFrameSurface1 *kept; /* held, for the picture to come; NULL */
};

/* How many work surfaces such a decoder keeps between calls: 0 or 1. */
mfxU16 srt_decode_surfaces_kept(const mfxVideoParam *par);

/* Has the application's allocator make them, where `par` asks for video memory. What the allocator answers;
 * MFX_ERR_MEMORY_ALLOC when there are too few of them, and without an allocator, unless the session has a VA
 * display, so that the runtime's own surfaces can be had. */
mfxStatus srt_decode_surfaces_alloc(struct srt_decode_surfaces *surfaces, struct srt_session *session,
                                    const mfxVideoParam *par);
void srt_decode_surfaces_free(struct srt_decode_surfaces *surfaces); /* nothing may be in flight */

/* Is that frame one of them? */
bool srt_decode_surfaces_has(const struct srt_decode_surfaces *surfaces, mfxMemId mid);

/* Holds `work` for a picture to come, when none is kept. MFX_ERR_LOCK_MEMORY, nothing changed. */
mfxStatus srt_decode_surfaces_keep(struct srt_decode_surfaces *surfaces, mfxFrameSurface1 *work);
void srt_decode_surfaces_let_go(struct srt_decode_surfaces *surfaces);

/* header.c: fills the parameters that the stream tells, and the extension buffers attached to `par`.
 */
void srt_stream_describe(const struct srt_session *session, const struct srt_decode_codec *codec,
                         const struct srt_stream_info *info, mfxVideoParam *par);
mfxStatus srt_stream_describe_ext(const struct srt_decode_codec *codec, const struct srt_stream_info *info,
                                  const uint8_t *header, size_t header_size, mfxVideoParam *par);

/* payload.c: SEI messages and user data, kept until the application asks for them. */
struct srt_payload;
struct srt_payload_queue {
    struct srt_payload *first;
    struct srt_payload *last;
    size_t count;
};
void srt_payload_collect(struct srt_payload_queue *queue, const AVFrame *frame, mfxU64 time_stamp);
mfxStatus srt_payload_take(struct srt_payload_queue *queue, mfxU64 *time_stamp, mfxPayload *payload);
void srt_payload_clear(struct srt_payload_queue *queue);

/* picture.c: what libav says of a decoded frame. `unify`: the "J" formats become their namesakes, with
 * the range said apart. `corruption`: MFX_CORRUPTION_ bits. `describe`: what an application may read in its
 * surface as soon as it has it, before the pixels are there. */
void srt_picture_unify(AVFrame *frame);
mfxU16 srt_picture_corruption(const AVFrame *frame);
void srt_picture_describe(const struct srt_decoder *decoder, const AVFrame *frame, mfxU16 corrupted,
                          mfxFrameSurface1 *surface);

/* engine.c: libavcodec on a worker. */
struct srt_engine;

struct srt_engine_config {
    const struct srt_decode_codec *codec;
    int threads;          /* 0: libav decides */
    bool no_film_grain;   /* AV1: leave the grain out */
    size_t max_in_flight; /* packets queued and frames not taken */
};

struct srt_engine_stats {
    mfxU32 frames;
    mfxU32 errors;
    mfxU32 cached;
};

enum srt_engine_state {
    SRT_ENGINE_RUNNING,  /* frames may come */
    SRT_ENGINE_DRAINING, /* told that no more packets come, frames still may */
    SRT_ENGINE_DRAINED,  /* and the last frame was made */
};

mfxStatus srt_engine_create(const struct srt_engine_config *config, struct srt_engine **out);
bool srt_engine_has_room(struct srt_engine *engine);

/* Queues a packet (a copy of the data). MFX_ERR_MEMORY_ALLOC, nothing queued. Wakes a drained engine. */
mfxStatus srt_engine_push(struct srt_engine *engine, const uint8_t *data, size_t size, int64_t pts);

/* No more packets: all frames held back are to come out. Once is enough until the next push. */
mfxStatus srt_engine_drain(struct srt_engine *engine);

/* The next decoded frame in display order, or NULL; `corrupted` gets MFX_CORRUPTION_ bits. The frame stays
 * the engine's until srt_engine_pop, which hands it to the caller. */
AVFrame *srt_engine_peek(struct srt_engine *engine, mfxU16 *corrupted);
void srt_engine_pop(struct srt_engine *engine);

/* Has it been told to drain, and has the last frame been made? Frames may still wait to be taken. */
enum srt_engine_state srt_engine_state(struct srt_engine *engine);

/* Waits until a frame is there, or room for a packet, or the drain is done; `wait_ms` at most. True when
 * there is. */
bool srt_engine_await(struct srt_engine *engine, mfxU32 wait_ms);

/* MFX_ERR_NONE, or once what went wrong on the worker for want of memory. */
mfxStatus srt_engine_error(struct srt_engine *engine);

/* Loop filter as libav's AVDISCARD_ value, from the next packet on. */
mfxStatus srt_engine_skip_filter(struct srt_engine *engine, enum AVDiscard skip);

void srt_engine_stats(struct srt_engine *engine, struct srt_engine_stats *out);
void srt_engine_destroy(struct srt_engine **engine);

/* feed.c: from the application's bitstream to packets. */
struct srt_feed;

mfxStatus srt_feed_create(const struct srt_decode_codec *codec, struct srt_feed **out);
void srt_feed_destroy(struct srt_feed **feed);

/* What the feed asks of its owner when it meets a sequence header that differs from the last one.
 * MFX_ERR_NONE: go on; a warning: go on, and tell the application; an error: stop before this header. */
typedef mfxStatus (*srt_feed_judge)(void *opaque, const struct srt_stream_info *info);

/* Consumes from `bs` while the engine has room. MFX_ERR_MORE_DATA: all that can be used is used.
 * MFX_WRN_DEVICE_BUSY: no room. MFX_WRN_VIDEO_PARAM_CHANGED, MFX_ERR_INCOMPATIBLE_VIDEO_PARAM: what `judge`
 * said. MFX_ERR_MEMORY_ALLOC. */
mfxStatus srt_feed_bitstream(struct srt_feed *feed, struct srt_engine *engine, mfxBitstream *bs,
                             srt_feed_judge judge, void *opaque);

/* End of stream: what the parser still holds becomes a packet, and the engine drains. MFX_WRN_DEVICE_BUSY: no
 * room. */
mfxStatus srt_feed_end(struct srt_feed *feed, struct srt_engine *engine);

/* Drop pictures: 0 none, 1 bidirectional ones, 2 all but the key pictures. */
void srt_feed_drop(struct srt_feed *feed, int drop);
mfxU32 srt_feed_dropped(const struct srt_feed *feed);

/* The bytes of the last sequence header accepted; NULL when none was met yet. */
const uint8_t *srt_feed_header(const struct srt_feed *feed, size_t *size);

/* output.c: frames into surfaces. */
struct srt_output;

mfxStatus srt_output_create(struct srt_access access, size_t max_in_flight, struct srt_output **out);

/* Are as many copies in flight as AsyncDepth allows? */
bool srt_output_is_full(struct srt_output *output);

/* Waits until fewer are, `wait_ms` at most. True when so. */
bool srt_output_await(struct srt_output *output, mfxU32 wait_ms);

/* Begins to copy `frame` into `surface`, held until that is done. Takes the frame over on success.
 * MFX_ERR_MEMORY_ALLOC, MFX_ERR_LOCK_MEMORY. */
mfxStatus srt_output_begin(struct srt_output *output, AVFrame *frame, mfxFrameSurface1 *surface,
                           mfxSyncPoint *sync);

/* Finishes every copy begun. */
void srt_output_destroy(struct srt_output **output);

/* The running parts: what a Reset makes anew. */
struct srt_decoder_parts {
    struct srt_feed *feed;
    struct srt_engine *engine;
    struct srt_output *output;
};

/* decode.c: the component itself. */
/* The workers take other locks than `base.call`, and never that one. */
struct srt_decoder {
    struct srt_component base;
    const struct srt_decode_codec *codec;
    mfxVideoParam par; /* of Init or Reset, corrected, without extension buffers */
    struct srt_decoder_parts parts;
    struct srt_decode_surfaces surfaces;
    struct srt_own *own;         /* constant */
    mfxExtAllocationHints hints; /* of Init */
    struct srt_payload_queue payloads;
    struct srt_stream_info stream; /* of the last sequence header accepted */
    bool has_stream;
    int skip_level;
    mfxU32 frame_order;
};

/* As srt_component_enter and srt_component_leave. */
mfxStatus srt_decoder_enter(mfxSession handle, struct srt_decoder **out);
mfxStatus srt_decoder_leave(struct srt_decoder *decoder, mfxStatus status);

#endif
