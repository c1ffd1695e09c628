/* Scaling and conversion between libav frames whose memory is an application's surface.
 *
 * libswscale reads and writes past the end of a row, as far as its vectors are wide. An application's surface
 * need not have room for that, so where it has none the rows go through memory of our own. */
#ifndef SOFTRT_CONVERT_H
#define SOFTRT_CONVERT_H

#include <libavutil/frame.h>
#include <stdbool.h>
#include <vpl/mfxdefs.h>

struct srt_converter;

/* What the numbers in a frame mean. */
struct srt_colour {
    int matrix; /* SWS_CS_ */
    bool full_range;
};

/* How to convert. `flags` are libswscale's SWS_. */
struct srt_conversion {
    int flags;
    int threads;
    struct srt_colour from, to;
};

/* A picture's libav format and its size in pixels. */
struct srt_size {
    int format, width, height;
};

/* Makes what a conversion between these needs, ahead of the first picture. MFX_ERR_MEMORY_ALLOC,
 * MFX_ERR_UNSUPPORTED when libswscale cannot do it: formats it does not know, or a scale beyond its filters.
 */
mfxStatus srt_converter_prepare(struct srt_converter **converter, const struct srt_conversion *how,
                                const struct srt_size *from, const struct srt_size *to);

/* Has a frame whose rows start `left_px` pixels into the surface's rows room for vectors past its rows' end?
 */
bool srt_frame_has_room(const AVFrame *frame, int left_px);

/* Converts and scales `from` into `to`; formats and sizes are the frames' own. The same format and size is a
 * plain copy. `left_px` is where the crop rectangle begins in the surface's rows. *converter caches all that
 * can be kept from call to call: start with NULL. One thread at a time. MFX_ERR_MEMORY_ALLOC,
 * MFX_ERR_UNSUPPORTED for formats that libswscale does not know, MFX_ERR_UNKNOWN when it fails. */
mfxStatus srt_convert(struct srt_converter **converter, const struct srt_conversion *how, const AVFrame *from,
                      int from_left_px, AVFrame *to, int to_left_px);

/* The same into a fresh frame of libav's own, of `format` and the size of `from`; free it with av_frame_free.
 */
mfxStatus srt_convert_new(struct srt_converter **converter, const struct srt_conversion *how,
                          const AVFrame *from, int from_left_px, int format, AVFrame **to);

/* Accepts NULL, clears the pointer. */
void srt_converter_free(struct srt_converter **converter);

#endif
