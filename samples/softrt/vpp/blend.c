/* One picture over another, in planes of 8 bits. */
#include "vpp/layers.h"

#include <libavutil/common.h>
#include <libavutil/pixdesc.h>
#include <string.h>

void vpp_fill(uint8_t *const planes[4], const int linesizes[4], int format, struct vpp_rectangle r,
              const uint8_t colour[3])
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(format);

    for (int c = 0; c < desc->nb_components; c++) {
        const AVComponentDescriptor *comp = &desc->comp[c];
        bool chroma = (c == 1 || c == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
        int dx = chroma ? desc->log2_chroma_w : 0;
        int dy = chroma ? desc->log2_chroma_h : 0;

        for (int y = r.y >> dy; y < AV_CEIL_RSHIFT(r.y + r.height, dy); y++) {
            uint8_t *row = planes[comp->plane] + (ptrdiff_t)y * linesizes[comp->plane] + comp->offset;

            for (int x = r.x >> dx; x < AV_CEIL_RSHIFT(r.x + r.width, dx); x++)
                row[(ptrdiff_t)x * comp->step] = c == 3 ? 255 : colour[c];
        }
    }
}

/* How much of the layer's pixel is seen, 0 to 255. */
static int opacity(const struct vpp_layer *layer, int x, int y)
{
    const AVFrame *p = layer->picture;
    int luma;

    if (layer->pixel_alpha)
        return p->data[3][(ptrdiff_t)y * p->linesize[3] + x];
    if (!layer->keyed)
        return layer->alpha;
    luma = p->data[0][(ptrdiff_t)y * p->linesize[0] + x];
    return luma >= layer->key_min && luma <= layer->key_max ? 0 : 255;
}

/* The same of a sample of chroma, which stands for four pixels, or fewer at an odd edge. */
static int chroma_opacity(const struct vpp_layer *layer, int x, int y)
{
    int right = FFMIN(2 * x + 1, layer->picture->width - 1);
    int below = FFMIN(2 * y + 1, layer->picture->height - 1);

    return (opacity(layer, 2 * x, 2 * y) + opacity(layer, right, 2 * y) + opacity(layer, 2 * x, below) +
            opacity(layer, right, below) + 2) /
           4;
}

static uint8_t mixed(int over, int under, int alpha)
{
    return (uint8_t)((over * alpha + under * (255 - alpha) + 127) / 255);
}

/* Where the alpha is in the samples already, as far as they are above `zero`. */
static uint8_t added(int over, int under, int alpha, int zero)
{
    int rest = (under - zero) * (255 - alpha);

    return av_clip_uint8(over + (rest + (rest < 0 ? -127 : 127)) / 255);
}

struct span {
    int from, to; /* in the canvas */
};

static struct span overlap(int start, int length, int most)
{
    return (struct span){FFMAX(start, 0), FFMIN(start + length, most)};
}

static void blend_row(uint8_t *to, const uint8_t *from, const struct vpp_layer *layer, int plane, int y,
                      struct span columns, int left)
{
    const bool chroma = plane > 0 && layer->subsampled;
    const int zero = plane > 0 && layer->subsampled ? 128 : layer->black;

    for (int i = columns.from; i < columns.to; i++) {
        int x = i - left;
        int alpha = chroma ? chroma_opacity(layer, x, y) : opacity(layer, x, y);

        to[i] = layer->pixel_alpha ? added(from[x], to[i], alpha, zero) : mixed(from[x], to[i], alpha);
    }
}

void vpp_blend(AVFrame *canvas, const struct vpp_layer *layer)
{
    const AVFrame *p = layer->picture;
    bool opaque = !layer->pixel_alpha && !layer->keyed && layer->alpha == 255;

    for (int plane = 0; plane < 3; plane++) {
        int shift = plane > 0 && layer->subsampled;
        int left = layer->x / (1 << shift);
        int top = layer->y / (1 << shift);
        struct span columns =
            overlap(left, AV_CEIL_RSHIFT(p->width, shift), AV_CEIL_RSHIFT(canvas->width, shift));
        struct span rows =
            overlap(top, AV_CEIL_RSHIFT(p->height, shift), AV_CEIL_RSHIFT(canvas->height, shift));

        for (int i = rows.from; i < rows.to && columns.from < columns.to; i++) {
            uint8_t *to = canvas->data[plane] + (ptrdiff_t)i * canvas->linesize[plane];
            const uint8_t *from = p->data[plane] + (ptrdiff_t)(i - top) * p->linesize[plane];

            if (opaque)
                memcpy(to + columns.from, from + columns.from - left, (size_t)(columns.to - columns.from));
            else
                blend_row(to, from, layer, plane, i - top, columns, left);
        }
    }
}
