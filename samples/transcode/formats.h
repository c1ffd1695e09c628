/* What VPL's codes are to FFmpeg's libraries: codecs, pixel formats, picture structure. */
#ifndef TRANSCODE_FORMATS_H
#define TRANSCODE_FORMATS_H

#include <libavcodec/avcodec.h>
#include <libavutil/pixfmt.h>
#include <stdbool.h>
#include <vpl/mfxvideo.h>

/* MFX_CODEC_ for libavcodec's id, or 0 when VPL has no such codec. */
mfxU32 codec_to_mfx(enum AVCodecID id);

/* The other way: AV_CODEC_ID_NONE when unknown. */
enum AVCodecID codec_to_av(mfxU32 codec);

/* "h264", for messages. */
const char *codec_name(mfxU32 codec);

/* libav's name of a surface format, AV_PIX_FMT_NONE when it has none, and the other way (0: none). */
enum AVPixelFormat format_to_av(mfxU32 fourcc);
mfxU32 format_to_mfx(enum AVPixelFormat format);

/* Sets FourCC, ChromaFormat, BitDepthLuma, BitDepthChroma and Shift. False: unknown FourCC. */
bool format_describe(mfxU32 fourcc, mfxFrameInfo *info);

/* Significant bits of a sample. */
unsigned int format_depth(const mfxFrameInfo *info);

/* Both as MFX_PICSTRUCT_ and back. */
mfxU16 field_order_to_mfx(enum AVFieldOrder order);
enum AVFieldOrder field_order_to_av(mfxU16 picstruct);

/* Makes a frame info for pictures of that size: Width and Height as codecs want them (multiples of 16; rows
 * of 32 where fields may be coded), the picture itself as the crop rectangle. */
void frame_info_size(mfxFrameInfo *info, unsigned int width, unsigned int height);

#endif
