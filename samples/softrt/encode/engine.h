/* The libraries that encode, as encode/codec.c uses them: each is a table of functions. */
#ifndef SOFTRT_ENCODE_ENGINE_H
#define SOFTRT_ENCODE_ENGINE_H

#include "encode/encode.h"

#include <errno.h>

struct encode_engine {
    /* Sets codec->library and whatever of struct encode_codec is the engine's to say. Fails without a
     * library. MFX_ERR_INVALID_VIDEO_PARAM when the library refuses, MFX_ERR_MEMORY_ALLOC,
     * MFX_ERR_DEVICE_FAILED. `threads` 0: the library decides. */
    mfxStatus (*open)(struct encode_codec *codec, const struct encode_params *params, int threads);
    /* A frame of codec->pix_fmt with its number (pts), AV_PICTURE_TYPE_I for a key frame, and a quality other
     * than 0 where one is asked for; the caller frees it. MFX_ERR_DEVICE_FAILED; MFX_ERR_MEMORY_ALLOC, also
     * while a picture is still to be received. */
    mfxStatus (*send)(struct encode_codec *codec, AVFrame *frame);
    /* No more frames come, as codec->draining says by then. NULL where `receive` sees to it all. */
    mfxStatus (*drain)(struct encode_codec *codec);
    /* A picture: with its number, AV_PKT_FLAG_KEY, and encode_packet_tell's words. MFX_ERR_MORE_DATA when
     * there is none now, with codec->drained when there never will be. MFX_ERR_DEVICE_FAILED,
     * MFX_ERR_MEMORY_ALLOC, after which the picture is still there. */
    mfxStatus (*receive)(struct encode_codec *codec, AVPacket *packet);
    void (*close)(struct encode_codec *codec);
};

/* What Init answers for a library that would not open and does not say why: parameters were looked at before,
 * and libraries leave errno behind where memory or threads are missing. It is to be 0 before they are asked.
 */
static inline mfxStatus encode_refusal(void)
{
    return errno == ENOMEM || errno == EAGAIN ? MFX_ERR_MEMORY_ALLOC : MFX_ERR_INVALID_VIDEO_PARAM;
}

extern const struct encode_engine encode_lavc;
extern const struct encode_engine encode_x265;
extern const struct encode_engine encode_vpx;

/* apply.c: what all libraries are told, in no library's words. */
AVRational encode_frame_rate(const mfxFrameInfo *info);
/* 0/1: not known. */
AVRational encode_sample_aspect(const mfxFrameInfo *info);

/* In bits, and bits a second; zeros for no limit. */
struct encode_rates {
    int64_t target, most;
    int buffer; /* the decoder's */
    int filled; /* of it at the start */
};
struct encode_rates encode_rates(const struct encode_params *params);
/* The reference pictures to use at most, 0: the library's choice. */
int encode_references(const struct encode_params *params);
/* The name of x264's and x265's preset. */
const char *encode_preset(const mfxInfoMFX *mfx);
/* How many times as coarse a quantiser is that lies so many steps above another. */
double encode_step_factor(int steps);
/* The mastering display's colours and light as x264 and x265 read them. */
#define ENCODE_MASTERING_TEXT 160
void encode_mastering_text(const mfxExtMasteringDisplayColourVolume *mastering,
                           char text[ENCODE_MASTERING_TEXT]);

/* apply_x265.c: MFX_ERR_INVALID_VIDEO_PARAM. */
struct x265_api;
struct x265_param;
mfxStatus encode_apply_x265(const struct x265_api *api, struct x265_param *param,
                            const struct encode_params *params, int threads);

/* vpx_scale.c: the quantiser of libvpx and libaom closest to a quantiser index, what they call ICQ's quality,
 * and the logarithm of a power of two. */
int encode_vpx_quantiser(mfxU16 index);
int encode_vpx_quality(mfxU16 icq);
int encode_vpx_log2(mfxU16 tiles);

/* apply_vp9.c: before it is opened, and behind: MFX_ERR_INVALID_VIDEO_PARAM. */
struct vpx_codec_enc_cfg;
struct vpx_codec_ctx;
void encode_configure_vp9(struct vpx_codec_enc_cfg *cfg, const struct encode_params *params, int threads);
mfxStatus encode_control_vp9(struct vpx_codec_ctx *codec, const struct encode_params *params);
unsigned long encode_vp9_deadline(const struct encode_params *params);
bool encode_vp9_is_full_range(const struct encode_params *params);

/* headers.c: what is known of a picture beside its bytes: the quantiser, and AV_PICTURE_TYPE_.
 * MFX_ERR_MEMORY_ALLOC. */
mfxStatus encode_packet_tell(AVPacket *packet, double qp, enum AVPictureType type);

#endif
