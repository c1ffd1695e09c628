/* HEVC by libx265, through its own interface: libavcodec's would open it under a lock of the whole process,
 * which an application holds that calls MFXVideoENCODE_Init from an encoder of its own libavcodec (ffmpeg's
 * hevc_qsv). */
#include "encode/engine.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <x265.h>
#ifdef SOFTRT_MEMCHECK
#include <valgrind/memcheck.h>
#endif

struct x265_library {
    const x265_api *api; /* of the depth */
    x265_param *param;
    x265_encoder *encoder;
    uint8_t *headers;
    x265_nal *units; /* of the picture to be received, until the next call of the library */
    uint32_t num_units;
    x265_picture picture; /* what it is */
};

/* The first encoder of a depth fills in the library's tables of functions, without a lock. (What else opens
 * libx265 in this process at that very moment does not know of ours.) */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static void free_library(struct x265_library *library)
{
    if (library->encoder)
        library->api->encoder_close(library->encoder);
    if (library->param)
        library->api->param_free(library->param);
    free(library->headers);
    free(library);
}

/* libx265's vector code computes with bytes that it never set (tests/support/valgrind.supp has the evidence),
 * so that memcheck holds for undefined the streams it makes, and the quantisers, which its rate control finds
 * by their sizes: not the codec's doing here, nor that of who reads them. */
static void vouch_for(const void *data, size_t size)
{
#ifdef SOFTRT_MEMCHECK
    (void)VALGRIND_MAKE_MEM_DEFINED(data, size);
#else
    (void)data;
    (void)size;
#endif
}

/* The parameter sets, which are the library's only until its next call. */
static mfxStatus keep_headers(struct encode_codec *codec, struct x265_library *library)
{
    x265_nal *units = NULL;
    uint32_t count = 0;
    int bytes = library->api->encoder_headers(library->encoder, &units, &count);

    if (bytes <= 0 || !count)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    library->headers = malloc((size_t)bytes);
    if (!library->headers)
        return MFX_ERR_MEMORY_ALLOC;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(library->headers + codec->headers_size, units[i].payload, units[i].sizeBytes);
        codec->headers_size += units[i].sizeBytes;
    }
    codec->headers = library->headers;
    return MFX_ERR_NONE;
}

static mfxStatus start(struct encode_codec *codec, struct x265_library *library,
                       const struct encode_params *params, int threads)
{
    mfxStatus status;

    library->api = x265_api_get(params->par.mfx.FrameInfo.BitDepthLuma > 8 ? 10 : 8);
    if (!library->api) /* built without that depth */
        return MFX_ERR_INVALID_VIDEO_PARAM;
    library->param = library->api->param_alloc();
    if (!library->param)
        return MFX_ERR_MEMORY_ALLOC;
    status = encode_apply_x265(library->api, library->param, params, threads);
    if (status != MFX_ERR_NONE)
        return status;
    pthread_mutex_lock(&opening);
    errno = 0;
    library->encoder = library->api->encoder_open(library->param);
    status = library->encoder ? MFX_ERR_NONE : encode_refusal();
    pthread_mutex_unlock(&opening);
    return status == MFX_ERR_NONE ? keep_headers(codec, library) : status;
}

static mfxStatus open_encoder(struct encode_codec *codec, const struct encode_params *params, int threads)
{
    struct x265_library *library = calloc(1, sizeof(*library));
    mfxStatus status = library ? start(codec, library, params, threads) : MFX_ERR_MEMORY_ALLOC;

    if (status == MFX_ERR_NONE)
        codec->library = library;
    else if (library)
        free_library(library);
    return status;
}

static void close_encoder(struct encode_codec *codec)
{
    free_library(codec->library);
}

/* One call takes at most one frame and gives at most one picture. */
static mfxStatus encode(struct x265_library *library, x265_picture *frame)
{
    int answer;

    library->picture = (x265_picture){0};
    answer = library->api->encoder_encode(library->encoder, &library->units, &library->num_units, frame,
                                          &library->picture);
    if (answer >= 0)
        return MFX_ERR_NONE;
    library->num_units = 0;
    return MFX_ERR_DEVICE_FAILED;
}

/* The library copies the frame within the call. */
static mfxStatus send_frame(struct encode_codec *codec, AVFrame *frame)
{
    struct x265_library *library = codec->library;
    x265_picture picture;

    if (library->num_units)
        return MFX_ERR_MEMORY_ALLOC;
    library->api->picture_init(library->param, &picture);
    for (int i = 0; i < 3; i++) {
        picture.planes[i] = frame->data[i];
        picture.stride[i] = frame->linesize[i];
    }
    picture.pts = frame->pts;
    picture.sliceType = frame->pict_type == AV_PICTURE_TYPE_I ? X265_TYPE_IDR : X265_TYPE_AUTO;
    return encode(library, &picture);
}

static bool is_key(uint32_t type)
{
    return type >= NAL_UNIT_CODED_SLICE_BLA_W_LP && type <= NAL_UNIT_CODED_SLICE_CRA;
}

static enum AVPictureType picture_type(int slice_type)
{
    switch (slice_type) {
    case X265_TYPE_IDR:
    case X265_TYPE_I:
        return AV_PICTURE_TYPE_I;
    case X265_TYPE_B:
    case X265_TYPE_BREF:
        return AV_PICTURE_TYPE_B;
    default:
        return AV_PICTURE_TYPE_P;
    }
}

static mfxStatus copy_units(const struct x265_library *library, AVPacket *packet)
{
    size_t size = 0;
    uint8_t *at;

    for (uint32_t i = 0; i < library->num_units; i++)
        size += library->units[i].sizeBytes;
    if (size > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE || av_new_packet(packet, (int)size) < 0)
        return MFX_ERR_MEMORY_ALLOC;
    at = packet->data;
    for (uint32_t i = 0; i < library->num_units; i++) {
        memcpy(at, library->units[i].payload, library->units[i].sizeBytes);
        at += library->units[i].sizeBytes;
        if (is_key(library->units[i].type))
            packet->flags |= AV_PKT_FLAG_KEY;
    }
    vouch_for(packet->data, size);
    return MFX_ERR_NONE;
}

static mfxStatus take_picture(struct x265_library *library, AVPacket *packet)
{
    mfxStatus status = copy_units(library, packet);

    vouch_for(&library->picture.frameData.qp, sizeof(library->picture.frameData.qp));
    if (status == MFX_ERR_NONE)
        status = encode_packet_tell(packet, library->picture.frameData.qp,
                                    picture_type(library->picture.sliceType));
    if (status != MFX_ERR_NONE) {
        av_packet_unref(packet);
        return status;
    }
    packet->pts = library->picture.pts;
    packet->dts = library->picture.dts;
    library->num_units = 0;
    return MFX_ERR_NONE;
}

static mfxStatus receive_picture(struct encode_codec *codec, AVPacket *packet)
{
    struct x265_library *library = codec->library;
    mfxStatus status;

    if (!library->num_units && codec->draining && !codec->drained) {
        status = encode(library, NULL);
        if (status != MFX_ERR_NONE)
            return status;
        codec->drained = !library->num_units;
    }
    return library->num_units ? take_picture(library, packet) : MFX_ERR_MORE_DATA;
}

const struct encode_engine encode_x265 = {
    .open = open_encoder,
    .send = send_frame,
    .receive = receive_picture,
    .close = close_encoder,
};
