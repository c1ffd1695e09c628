/* VP9 by libvpx, through its own interface: as with HEVC, libavcodec's would open it under a lock that the
 * application may hold (ffmpeg's vp9_qsv does). */
#include "encode/engine.h"

#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

struct vpx_library {
    vpx_codec_ctx_t context;
    vpx_image_t image; /* describes the frames, and has none of its own */
    unsigned long deadline;
    vpx_codec_iter_t next;
    const vpx_codec_cx_pkt_t *picture; /* to be received, until the next frame */
    int quantiser;
};

static mfxStatus to_status(vpx_codec_err_t err, mfxStatus otherwise)
{
    return err == VPX_CODEC_MEM_ERROR ? MFX_ERR_MEMORY_ALLOC : otherwise;
}

/* Pixels are given with each frame: the library asks for some here. */
static void describe_image(vpx_image_t *image, const struct encode_params *params)
{
    static unsigned char none;
    const mfxFrameInfo *info = &params->par.mfx.FrameInfo;
    bool deep = info->BitDepthLuma > 8;

    (void)vpx_img_wrap(image, deep ? VPX_IMG_FMT_I42016 : VPX_IMG_FMT_I420, (unsigned int)encode_width(info),
                       (unsigned int)encode_height(info), 1, &none);
    image->bit_depth = deep ? 10 : 8;
    image->range = encode_vp9_is_full_range(params) ? VPX_CR_FULL_RANGE : VPX_CR_STUDIO_RANGE;
}

static mfxStatus start(struct vpx_library *library, const struct encode_params *params, int threads)
{
    vpx_codec_iface_t *vp9 = vpx_codec_vp9_cx();
    bool deep = params->par.mfx.FrameInfo.BitDepthLuma > 8;
    vpx_codec_enc_cfg_t cfg;
    vpx_codec_err_t err = vpx_codec_enc_config_default(vp9, &cfg, 0);
    mfxStatus status;

    if (err == VPX_CODEC_OK && deep && !(vpx_codec_get_caps(vp9) & VPX_CODEC_CAP_HIGHBITDEPTH))
        err = VPX_CODEC_INCAPABLE; /* built without that depth */
    if (err == VPX_CODEC_OK) {
        encode_configure_vp9(&cfg, params, threads);
        err = vpx_codec_enc_init(&library->context, vp9, &cfg, deep ? VPX_CODEC_USE_HIGHBITDEPTH : 0);
    }
    if (err != VPX_CODEC_OK)
        return to_status(err, MFX_ERR_INVALID_VIDEO_PARAM);
    status = encode_control_vp9(&library->context, params);
    if (status != MFX_ERR_NONE)
        (void)vpx_codec_destroy(&library->context);
    return status;
}

static mfxStatus open_encoder(struct encode_codec *codec, const struct encode_params *params, int threads)
{
    struct vpx_library *library = calloc(1, sizeof(*library));
    mfxStatus status = library ? start(library, params, threads) : MFX_ERR_MEMORY_ALLOC;

    if (status != MFX_ERR_NONE) {
        free(library);
        return status;
    }
    describe_image(&library->image, params);
    library->deadline = encode_vp9_deadline(params);
    codec->library = library;
    return MFX_ERR_NONE;
}

static void close_encoder(struct encode_codec *codec)
{
    struct vpx_library *library = codec->library;

    (void)vpx_codec_destroy(&library->context);
    free(library);
}

static void find_picture(struct vpx_library *library)
{
    do
        library->picture = vpx_codec_get_cx_data(&library->context, &library->next);
    while (library->picture && library->picture->kind != VPX_CODEC_CX_FRAME_PKT);
}

/* Without an image the library brings out what it held back. */
static mfxStatus encode(struct vpx_library *library, const vpx_image_t *image, int64_t number, bool key_frame)
{
    vpx_enc_frame_flags_t flags = key_frame ? VPX_EFLAG_FORCE_KF : 0;
    vpx_codec_err_t err = vpx_codec_encode(&library->context, image, number, 1, flags, library->deadline);

    library->next = NULL;
    library->picture = NULL;
    if (err != VPX_CODEC_OK)
        return to_status(err, MFX_ERR_DEVICE_FAILED);
    if (vpx_codec_control(&library->context, VP8E_GET_LAST_QUANTIZER_64, &library->quantiser) != VPX_CODEC_OK)
        library->quantiser = 0;
    find_picture(library);
    return MFX_ERR_NONE;
}

/* The library copies the frame within the call. */
static mfxStatus send_frame(struct encode_codec *codec, AVFrame *frame)
{
    struct vpx_library *library = codec->library;

    if (library->picture)
        return MFX_ERR_MEMORY_ALLOC;
    for (int i = 0; i < 3; i++) {
        library->image.planes[i] = frame->data[i];
        library->image.stride[i] = frame->linesize[i];
    }
    return encode(library, &library->image, frame->pts, frame->pict_type == AV_PICTURE_TYPE_I);
}

static mfxStatus take_picture(struct vpx_library *library, AVPacket *packet)
{
    size_t size = library->picture->data.frame.sz;
    bool key = library->picture->data.frame.flags & VPX_FRAME_IS_KEY;
    mfxStatus status = MFX_ERR_MEMORY_ALLOC;

    if (size > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE || av_new_packet(packet, (int)size) < 0)
        return status;
    memcpy(packet->data, library->picture->data.frame.buf, size);
    status = encode_packet_tell(packet, library->quantiser, key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_P);
    if (status != MFX_ERR_NONE) {
        av_packet_unref(packet);
        return status;
    }
    packet->flags = key ? AV_PKT_FLAG_KEY : 0;
    packet->pts = packet->dts = library->picture->data.frame.pts;
    find_picture(library);
    return MFX_ERR_NONE;
}

static mfxStatus receive_picture(struct encode_codec *codec, AVPacket *packet)
{
    struct vpx_library *library = codec->library;
    mfxStatus status;

    if (!library->picture && codec->draining && !codec->drained) {
        status = encode(library, NULL, 0, false);
        if (status != MFX_ERR_NONE)
            return status;
        codec->drained = !library->picture;
    }
    return library->picture ? take_picture(library, packet) : MFX_ERR_MORE_DATA;
}

const struct encode_engine encode_vpx = {
    .open = open_encoder,
    .send = send_frame,
    .receive = receive_picture,
    .close = close_encoder,
};
