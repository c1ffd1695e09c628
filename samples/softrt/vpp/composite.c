/* Composition: what of its parameters can be done, and where each stream's picture goes. */
#include "vpp/vpp.h"

#include <string.h>

#define SMALLEST 2 /* a sample of chroma */

mfxStatus vpp_composite_gather(struct vpp_params *out, const mfxExtVPPComposite *from)
{
    mfxU16 count;

    if (from->Header.BufferSz != sizeof(*from))
        return MFX_ERR_UNSUPPORTED;
    count = from->NumInputStream;
    if (out->composite.Header.BufferId)
        return MFX_ERR_UNDEFINED_BEHAVIOR;
    if (count && !from->InputStream)
        return MFX_ERR_NULL_PTR;
    out->composite = *from;
    out->composite.InputStream = NULL;
    if (count > VPP_MOST_STREAMS)
        count = VPP_MOST_STREAMS;
    if (count)
        memcpy(out->streams, from->InputStream, count * sizeof(out->streams[0]));
    return MFX_ERR_NONE;
}

/* As many streams as the application says it has room for. */
void vpp_composite_scatter(const struct vpp_params *from, mfxExtVPPComposite *to)
{
    mfxExtBuffer header = to->Header;
    mfxVPPCompInputStream *streams = to->InputStream;
    mfxU16 room = streams ? to->NumInputStream : 0;
    mfxU16 count = from->composite.NumInputStream;

    *to = from->composite;
    to->Header = header;
    to->InputStream = streams;
    for (mfxU16 i = 0; i < room && i < count; i++)
        streams[i] = from->streams[i];
}

static bool is_rgb(mfxU32 fourcc)
{
    return fourcc == MFX_FOURCC_RGB4;
}

static bool can_compose(mfxU32 fourcc)
{
    return is_rgb(fourcc) || fourcc == MFX_FOURCC_NV12 || fourcc == MFX_FOURCC_I420;
}

static void check_formats(struct srt_verdict *v, mfxFrameInfo *in, mfxFrameInfo *out)
{
    if (in->FourCC && !can_compose(in->FourCC)) {
        in->FourCC = 0;
        v->refused = true;
    }
    if (out->FourCC &&
        (!can_compose(out->FourCC) || (is_rgb(out->FourCC) && in->FourCC && !is_rgb(in->FourCC)))) {
        out->FourCC = 0;
        v->refused = true;
    }
}

/* One dimension of a stream's place: within the output, and between samples of chroma where there are such.
 */
static void check_place(struct srt_verdict *v, mfxU32 size, bool pairs, mfxU32 *start, mfxU32 *length)
{
    if (*length < SMALLEST || *length > SRT_MAX_WIDTH || (size && (mfxU64)*start + *length > size)) {
        *start = *length = 0;
        v->refused = true;
        return;
    }
    if (pairs && *start % 2) {
        --*start;
        v->mended = true;
    }
    if (pairs && *length % 2 && *start + *length != size) {
        --*length;
        v->mended = true;
    }
}

/* How a stream is blended. */
enum blending {
    OPAQUE,
    LUMA_KEY,
    GLOBAL_ALPHA,
    PIXEL_ALPHA,
    CONFUSED /* in more ways than one */
};

static enum blending blending_of(const mfxVPPCompInputStream *s)
{
    if (!!s->LumaKeyEnable + !!s->GlobalAlphaEnable + !!s->PixelAlphaEnable > 1)
        return CONFUSED;
    if (s->LumaKeyEnable)
        return LUMA_KEY;
    if (s->GlobalAlphaEnable)
        return GLOBAL_ALPHA;
    return s->PixelAlphaEnable ? PIXEL_ALPHA : OPAQUE;
}

/* Streams that blend all do so in one way. */
static void check_blending(struct srt_verdict *v, mfxVPPCompInputStream *s, bool rgb, enum blending *way)
{
    enum blending own = blending_of(s);

    if (own == CONFUSED || (own == LUMA_KEY && rgb) || (own != OPAQUE && *way != OPAQUE && own != *way)) {
        s->LumaKeyEnable = s->GlobalAlphaEnable = s->PixelAlphaEnable = 0;
        v->refused = true;
        return;
    }
    if (own != OPAQUE)
        *way = own;
    srt_refuse_if(v, &s->GlobalAlpha, own == GLOBAL_ALPHA && s->GlobalAlpha > 255);
    srt_refuse_if(v, &s->LumaKeyMin, own == LUMA_KEY && s->LumaKeyMin > s->LumaKeyMax);
    srt_refuse_if(v, &s->LumaKeyMax, own == LUMA_KEY && s->LumaKeyMax > 255);
}

/* Tiles only say which streams a GPU may do at once. */
static void check_streams(struct srt_verdict *v, struct vpp_params *p)
{
    const mfxFrameInfo *out = &p->par.vpp.Out;
    enum blending way = OPAQUE;
    bool pairs = !is_rgb(out->FourCC);

    for (mfxU16 i = 0; i < p->composite.NumInputStream; i++) {
        mfxVPPCompInputStream *s = &p->streams[i];

        check_place(v, out->Width, pairs, &s->DstX, &s->DstW);
        check_place(v, out->Height, pairs, &s->DstY, &s->DstH);
        check_blending(v, s, is_rgb(p->par.vpp.In.FourCC), &way);
        srt_refuse_if(v, &s->TileId, p->composite.NumTiles && s->TileId >= p->composite.NumTiles);
    }
}

/* Everything else is left out: what changes frames no more than by taste with a warning, the rest refused. */
static void check_other_filters(struct srt_verdict *v, struct vpp_params *p)
{
    const enum vpp_filter optional[] = {VPP_DENOISE, VPP_DETAIL, VPP_PROCAMP, VPP_DEINTERLACING};
    mfxFrameInfo *in = &p->par.vpp.In;
    mfxFrameInfo *out = &p->par.vpp.Out;

    for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++) {
        p->skipped = p->skipped || vpp_wants(p, optional[i]);
        p->excluded |= optional[i];
    }
    srt_refuse_if(v, &p->rotation.Angle, p->rotation.Angle);
    srt_refuse_if(v, &p->mirroring.Type, p->mirroring.Type);
    srt_refuse_if(v, &in->PicStruct, in->PicStruct && in->PicStruct != MFX_PICSTRUCT_PROGRESSIVE);
    srt_refuse_if(v, &out->PicStruct, out->PicStruct && out->PicStruct != MFX_PICSTRUCT_PROGRESSIVE);
    if (in->FrameRateExtN && out->FrameRateExtN && !vpp_rate_is(out, in, 1)) {
        out->FrameRateExtN = out->FrameRateExtD = 0;
        v->refused = true;
    }
}

void vpp_composite_check(struct srt_verdict *v, struct vpp_params *p)
{
    mfxExtVPPComposite *c = &p->composite;

    if (!c->Header.BufferId)
        return;
    srt_refuse_if(v, &c->NumInputStream, !c->NumInputStream || c->NumInputStream > VPP_MOST_STREAMS);
    srt_refuse_if(v, &c->NumTiles, c->NumTiles > c->NumInputStream);
    srt_refuse_if(v, &c->Y, c->Y > 255);
    srt_refuse_if(v, &c->U, c->U > 255);
    srt_refuse_if(v, &c->V, c->V > 255);
    check_formats(v, &p->par.vpp.In, &p->par.vpp.Out);
    check_streams(v, p);
    check_other_filters(v, p);
}

bool vpp_composite_mixes(const struct vpp_params *p)
{
    for (mfxU16 i = 0; i < p->composite.NumInputStream; i++)
        if (p->streams[i].PixelAlphaEnable)
            return !is_rgb(p->par.vpp.Out.FourCC);
    return false;
}
