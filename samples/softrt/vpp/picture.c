/* One picture out of a surface, for filters, and into the output surface: converted, scaled, and set in black
 * or another colour. */
#include "vpp/layers.h"

#include <libavutil/imgutils.h>
#include <string.h>

/* The whole surface that `picture` is the crop rectangle of: the rectangle's place was rounded to whole
 * chroma samples when the picture was made. */
static void whole_surface(const AVFrame *picture, const mfxFrameInfo *info, uint8_t *planes[4])
{
    bool pairs = picture->format != AV_PIX_FMT_BGRA;
    int x = pairs ? info->CropX & ~1 : info->CropX;

    for (int i = 0; i < 4; i++) {
        ptrdiff_t row = i > 0 ? info->CropY / 2 : info->CropY;

        planes[i] = picture->data[i];
        if (!planes[i])
            continue;
        planes[i] -= row * picture->linesize[i];
        if (x)
            planes[i] -= av_image_get_linesize(picture->format, x, i);
    }
}

static mfxStatus paint(const AVFrame *picture, uint8_t *const whole[4], struct vpp_rectangle r,
                       const uint8_t *colour)
{
    uint8_t *planes[4] = {NULL};
    ptrdiff_t linesizes[4] = {0};
    enum AVColorRange range = picture->color_range;

    if (r.width <= 0 || r.height <= 0)
        return MFX_ERR_NONE;
    if (colour) {
        vpp_fill(whole, picture->linesize, picture->format, r, colour);
        return MFX_ERR_NONE;
    }
    for (int i = 0; i < 4 && whole[i]; i++) {
        planes[i] = whole[i] + (ptrdiff_t)(i > 0 ? r.y / 2 : r.y) * picture->linesize[i];
        if (r.x)
            planes[i] += av_image_get_linesize(picture->format, r.x, i);
        linesizes[i] = picture->linesize[i];
    }
    return av_image_fill_black(planes, linesizes, picture->format, range, r.width, r.height) < 0
               ? MFX_ERR_UNKNOWN
               : MFX_ERR_NONE;
}

/* Everything of the surface but the crop rectangle. After the picture, whose last vectors may have spilled
 * over. */
static mfxStatus paint_around(const AVFrame *picture, const mfxFrameInfo *info, const uint8_t *colour)
{
    int pairs_x = picture->format != AV_PIX_FMT_BGRA;
    int pairs_y = pairs_x && picture->format != AV_PIX_FMT_YUYV422;
    int left = info->CropX & ~pairs_x;
    int top = info->CropY & ~pairs_y;
    int right = (info->CropX + picture->width + pairs_x) & ~pairs_x;
    int bottom = (info->CropY + picture->height + pairs_y) & ~pairs_y;
    const struct vpp_rectangle rectangles[] = {
        {0, 0, info->Width, top},
        {0, bottom, info->Width, info->Height - bottom},
        {0, top, left, bottom - top},
        {right, top, info->Width - right, bottom - top},
    };
    uint8_t *whole[4];
    mfxStatus status = MFX_ERR_NONE;

    whole_surface(picture, info, whole);
    for (size_t i = 0; i < sizeof(rectangles) / sizeof(rectangles[0]) && status == MFX_ERR_NONE; i++)
        status = paint(picture, whole, rectangles[i], colour);
    return status;
}

mfxStatus vpp_picture_unpack(struct srt_converter **converter, const struct srt_conversion *how, int format,
                             int left_px, AVFrame **picture)
{
    struct srt_conversion same = *how;
    AVFrame *unpacked;
    mfxStatus status;

    same.to = same.from;
    if (format == (*picture)->format && srt_frame_has_room(*picture, left_px))
        return MFX_ERR_NONE;
    status = srt_convert_new(converter, &same, *picture, left_px, format, &unpacked);
    if (status != MFX_ERR_NONE)
        return status;
    av_frame_free(picture);
    *picture = unpacked;
    return MFX_ERR_NONE;
}

mfxStatus vpp_picture_write(struct srt_access access, struct srt_converter **converter,
                            const struct srt_conversion *how, const AVFrame *from, int from_left_px,
                            mfxFrameSurface1 *out, const uint8_t *around)
{
    AVFrame *to;
    mfxStatus finished;
    mfxStatus status = srt_frame_from_surface(access, out, true, &to);

    if (status != MFX_ERR_NONE)
        return status;
    to->color_range = how->to.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    status = srt_convert(converter, how, from, from_left_px, to, out->Info.CropX);
    if (status == MFX_ERR_NONE)
        status = paint_around(to, &out->Info, around);
    finished = srt_frame_finish(&to);
    return status == MFX_ERR_NONE ? finished : status;
}
