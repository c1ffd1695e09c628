/* Checks video processing parameters, fills in what was left open, and decides how it is done. */
#include "core/guise.h"
#include "core/verdict.h"
#include "vpp/vpp.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#define SMALLEST 16

int vpp_width(const mfxFrameInfo *info)
{
    return info->CropW ? info->CropW : info->Width - info->CropX;
}

int vpp_height(const mfxFrameInfo *info)
{
    return info->CropH ? info->CropH : info->Height - info->CropY;
}

static void check_format(struct srt_verdict *v, mfxFrameInfo *info)
{
    const struct srt_pixel_format *format = srt_pixel_format_find(info->FourCC);

    if (!info->FourCC)
        return;
    if (!format) {
        info->FourCC = 0;
        v->refused = true;
        return;
    }
    if (srt_is_packed(format)) /* clients write 4:2:0 there, whatever the format */
        info->ChromaFormat = format->chroma_format;
    srt_refuse_if(v, &info->ChromaFormat, info->ChromaFormat && info->ChromaFormat != format->chroma_format);
    /* What else there is to say of the samples follows from the FourCC: clients that change that one alone,
     * in a copy of the input's description, leave the rest behind. */
    if (info->BitDepthLuma && info->BitDepthLuma != format->bit_depth)
        srt_mend(v, &info->BitDepthLuma, format->bit_depth);
    if (info->BitDepthChroma && info->BitDepthChroma != format->bit_depth)
        srt_mend(v, &info->BitDepthChroma, format->bit_depth);
    if ((info->Shift != 0) != (format->shift != 0))
        srt_mend(v, &info->Shift, format->shift);
}

/* One dimension of a crop rectangle. Where chroma is shared by two samples it begins at an even one, and ends
 * at one or at the picture's edge. */
static void check_crop(struct srt_verdict *v, mfxU16 size, mfxU16 *start, mfxU16 *length, bool pairs)
{
    if (!size)
        return;
    if ((mfxU32)*start + *length > size || (*start && *start + SMALLEST > size) ||
        (*length && *length < SMALLEST)) {
        srt_refuse(v, start);
        srt_refuse(v, length);
        return;
    }
    if (!pairs)
        return;
    if (*start % 2)
        srt_mend(v, start, *start - 1);
    if (*length % 2 && *start + *length != size)
        srt_mend(v, length, *length - 1);
}

/* Clients that change the size alone, in a copy of the input's description, leave a rectangle of the old
 * size. */
static void limit_crop(struct srt_verdict *v, mfxFrameInfo *out)
{
    if (out->Width > out->CropX)
        srt_limit(v, &out->CropW, out->Width - out->CropX);
    if (out->Height > out->CropY)
        srt_limit(v, &out->CropH, out->Height - out->CropY);
}

static void check_frame(struct srt_verdict *v, mfxFrameInfo *info)
{
    bool pairs_x = info->FourCC != MFX_FOURCC_RGB4;
    bool pairs_y = pairs_x && info->FourCC != MFX_FOURCC_YUY2;

    check_format(v, info);
    srt_refuse_if(v, &info->Width, !srt_guise_has_side(info->Width));
    srt_refuse_if(v, &info->Height, !srt_guise_has_side(info->Height));
    srt_refuse_if(v, &info->Width, info->Width && (info->Width < SMALLEST || info->Width > SRT_MAX_WIDTH));
    srt_refuse_if(v, &info->Height,
                  info->Height && (info->Height < SMALLEST || info->Height > SRT_MAX_HEIGHT));
    check_crop(v, info->Width, &info->CropX, &info->CropW, pairs_x);
    check_crop(v, info->Height, &info->CropY, &info->CropH, pairs_y);
    if (!info->FrameRateExtN != !info->FrameRateExtD) {
        info->FrameRateExtN = info->FrameRateExtD = 0;
        v->refused = true;
    }
    if (!info->AspectRatioW && info->AspectRatioH == 1) /* ffmpeg's 0/1: not known */
        srt_mend(v, &info->AspectRatioH, 0);
    if (!info->AspectRatioW != !info->AspectRatioH) {
        info->AspectRatioW = info->AspectRatioH = 0;
        v->refused = true;
    }
    srt_refuse_if(v, &info->PicStruct,
                  info->PicStruct && info->PicStruct != MFX_PICSTRUCT_PROGRESSIVE &&
                      !vpp_is_interlaced(info));
}

/* Fields that stay fields are only copied or repacked: scaling would blend them, and so do most filters. */
static void check_pic_struct(struct srt_verdict *v, struct vpp_params *p)
{
    mfxFrameInfo *in = &p->par.vpp.In;
    mfxFrameInfo *out = &p->par.vpp.Out;
    bool same_chroma = (in->FourCC == MFX_FOURCC_RGB4 || in->FourCC == MFX_FOURCC_YUY2) ==
                       (out->FourCC == MFX_FOURCC_RGB4 || out->FourCC == MFX_FOURCC_YUY2);

    if (vpp_is_interlaced(out) && in->PicStruct && in->PicStruct != out->PicStruct)
        srt_refuse(v, &out->PicStruct);
    if (!vpp_is_interlaced(in) || vpp_deinterlaces(p) || !in->Height || !out->Height)
        return;
    if (vpp_height(in) != vpp_height(out) || !same_chroma || vpp_filters_mix_rows(p))
        srt_refuse(v, &in->PicStruct);
}

static void check_scaling(struct srt_verdict *v, mfxExtVPPScaling *s)
{
    srt_refuse_if(v, &s->ScalingMode, s->ScalingMode > MFX_SCALING_MODE_QUALITY);
    srt_refuse_if(v, &s->InterpolationMethod, s->InterpolationMethod > MFX_INTERPOLATION_ADVANCED);
}

static void check_signal(struct srt_verdict *v, mfxExtVideoSignalInfo *s)
{
    srt_refuse_if(v, &s->VideoFullRange, s->VideoFullRange > 1);
    srt_refuse_if(v, &s->ColourDescriptionPresent, s->ColourDescriptionPresent > 1);
    if (!s->ColourDescriptionPresent)
        return;
    switch (s->MatrixCoefficients) { /* those libswscale has numbers for */
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_UNSPECIFIED:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
        break;
    default:
        srt_refuse(v, &s->MatrixCoefficients);
    }
}

static void check_colours(struct srt_verdict *v, struct vpp_params *p)
{
    mfxExtVPPVideoSignalInfo *s = &p->signal;

    srt_refuse_if(v, &s->In.TransferMatrix, s->In.TransferMatrix > MFX_TRANSFERMATRIX_BT601);
    srt_refuse_if(v, &s->Out.TransferMatrix, s->Out.TransferMatrix > MFX_TRANSFERMATRIX_BT601);
    srt_refuse_if(v, &s->In.NominalRange, s->In.NominalRange > MFX_NOMINALRANGE_16_235);
    srt_refuse_if(v, &s->Out.NominalRange, s->Out.NominalRange > MFX_NOMINALRANGE_16_235);
    check_signal(v, &p->signal_in);
    check_signal(v, &p->signal_out);
    srt_refuse_if(v, &p->siting.ChromaSiting, p->siting.ChromaSiting);
}

mfxStatus vpp_check(struct vpp_params *p)
{
    const mfxU16 both = SRT_IOPATTERN_IN | SRT_IOPATTERN_OUT;
    struct srt_verdict v = {0};

    srt_refuse_if(&v, &p->par.Protected, p->par.Protected);
    srt_refuse_if(&v, &p->par.IOPattern, p->par.IOPattern && !srt_is_iopattern(p->par.IOPattern, both));
    check_frame(&v, &p->par.vpp.In);
    limit_crop(&v, &p->par.vpp.Out);
    check_frame(&v, &p->par.vpp.Out);
    vpp_deinterlacing_check(&v, &p->deinterlacing);
    vpp_filters_check(&v, p);
    check_pic_struct(&v, p);
    vpp_rate_check(&v, p);
    check_scaling(&v, &p->scaling);
    check_colours(&v, p);
    vpp_composite_check(&v, p);
    return v.refused || v.mended || !p->skipped ? srt_verdict_status(&v) : MFX_WRN_FILTER_SKIPPED;
}

static bool complete_frame(mfxFrameInfo *info)
{
    const struct srt_pixel_format *format = srt_pixel_format_find(info->FourCC);

    if (!format || !info->Width || !info->Height)
        return false;
    srt_pixel_format_describe(format, info);
    return true;
}

mfxStatus vpp_complete(struct vpp_params *p)
{
    mfxFrameInfo *in = &p->par.vpp.In;
    mfxFrameInfo *out = &p->par.vpp.Out;

    if (!complete_frame(in) || !complete_frame(out) || !p->par.IOPattern)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    if (!out->FrameRateExtN) {
        out->FrameRateExtN = in->FrameRateExtN;
        out->FrameRateExtD = in->FrameRateExtD;
        if (vpp_fields_out(p) == 2 && in->FrameRateExtN <= UINT32_MAX / 2)
            out->FrameRateExtN *= 2;
    }
    if (vpp_deinterlaces(p))
        out->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    p->par.AsyncDepth = srt_async_depth(&p->par);
    return MFX_ERR_NONE;
}
