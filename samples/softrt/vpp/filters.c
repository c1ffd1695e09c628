/* The filters that work on one picture after another (noise, details, rotation, mirroring; colours): what of
 * their parameters can be done, and the chain of libavfilter's filters that does it. */
#include "vpp/vpp.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_STRENGTH    100
#define DEFAULT_STRENGTH 50 /* where an application asks for a filter by its name alone */

static void check_denoise(struct srt_verdict *v, struct vpp_params *p)
{
    mfxExtVPPDenoise2 *d = &p->denoise2;

    srt_refuse_if(v, &p->denoise.DenoiseFactor, p->denoise.DenoiseFactor > MOST_STRENGTH);
    srt_refuse_if(v, &d->Strength, d->Strength > MOST_STRENGTH);
    if (d->Mode != MFX_DENOISE_MODE_DEFAULT && d->Mode != MFX_DENOISE_MODE_INTEL_HVS_PRE_MANUAL &&
        d->Mode != MFX_DENOISE_MODE_INTEL_HVS_POST_MANUAL) {
        d->Mode = MFX_DENOISE_MODE_DEFAULT;
        v->refused = true;
    }
    if (p->denoise.Header.BufferId && d->Header.BufferId) /* which of the two? */
        srt_refuse(v, &p->denoise.DenoiseFactor);
}

/* A setting within its range, in whole steps; what is no number is refused. */
static void check_setting(struct srt_verdict *v, mfxF64 *setting, double least, double most, double step)
{
    double wanted = *setting;

    if (!isfinite(wanted)) {
        *setting = 0;
        v->refused = true;
        return;
    }
    *setting = fmin(fmax(round(wanted * step) / step, least), most);
    if (wanted < least || wanted > most)
        v->mended = true;
}

static void check_procamp(struct srt_verdict *v, mfxExtVPPProcAmp *p)
{
    if (!p->Header.BufferId)
        return;
    if (p->Contrast < 0) { /* "adjusted automatically": nothing here measures contrast */
        p->Contrast = 0;
        v->refused = true;
    }
    check_setting(v, &p->Brightness, -100, 100, 10);
    check_setting(v, &p->Contrast, 0, 10, 100);
    check_setting(v, &p->Hue, -180, 180, 10);
    check_setting(v, &p->Saturation, 0, 10, 100);
}

bool vpp_filters_check_colours(mfxExtVPPProcAmp *colours)
{
    struct srt_verdict v = {.refused = false};

    check_procamp(&v, colours);
    return !v.refused;
}

void vpp_filters_check(struct srt_verdict *v, struct vpp_params *p)
{
    mfxU16 angle = p->rotation.Angle;

    check_denoise(v, p);
    srt_refuse_if(v, &p->detail.DetailFactor, p->detail.DetailFactor > MOST_STRENGTH);
    check_procamp(v, &p->procamp);
    srt_refuse_if(v, &p->rotation.Angle,
                  angle != MFX_ANGLE_0 && angle != MFX_ANGLE_90 && angle != MFX_ANGLE_180 &&
                      angle != MFX_ANGLE_270);
    srt_refuse_if(v, &p->mirroring.Type, p->mirroring.Type > MFX_MIRRORING_VERTICAL);
}

static int denoise_strength(const struct vpp_params *p)
{
    if (!vpp_wants(p, VPP_DENOISE))
        return 0;
    if (p->denoise.Header.BufferId)
        return p->denoise.DenoiseFactor;
    if (p->denoise2.Header.BufferId && p->denoise2.Mode != MFX_DENOISE_MODE_DEFAULT)
        return p->denoise2.Strength;
    return p->denoise2.Strength ? p->denoise2.Strength : DEFAULT_STRENGTH;
}

static int detail_strength(const struct vpp_params *p)
{
    if (!vpp_wants(p, VPP_DETAIL))
        return 0;
    return p->detail.Header.BufferId ? p->detail.DetailFactor : DEFAULT_STRENGTH;
}

static mfxU16 angle_of(const struct vpp_params *p)
{
    return vpp_wants(p, VPP_ROTATION) ? p->rotation.Angle : MFX_ANGLE_0;
}

static mfxU16 mirroring_of(const struct vpp_params *p)
{
    return vpp_wants(p, VPP_MIRRORING) ? p->mirroring.Type : MFX_MIRRORING_DISABLED;
}

bool vpp_filters_turn(const struct vpp_params *p)
{
    return angle_of(p) == MFX_ANGLE_90 || angle_of(p) == MFX_ANGLE_270;
}

bool vpp_filters_mix_rows(const struct vpp_params *p)
{
    return angle_of(p) || mirroring_of(p) == MFX_MIRRORING_VERTICAL || denoise_strength(p) ||
           detail_strength(p);
}

/* Numbers go into the text as whole ones, since the application's locale may write fractions another way. */
__attribute__((format(printf, 2, 3))) static void add(char *chain, const char *format, ...)
{
    size_t used = strlen(chain);
    va_list args;

    if (used && used + 1 < VPP_CHAIN) {
        chain[used++] = ',';
        chain[used] = '\0';
    }
    va_start(args, format);
    (void)vsnprintf(chain + used, VPP_CHAIN - used, format, args);
    va_end(args);
}

/* Contrast stretches luma and chroma about black and grey, saturation and hue are of the chroma alone;
 * brightness counts in steps of 8 bits. */
void vpp_filters_add_colours(char chain[VPP_CHAIN], const struct vpp_plan *plan, const struct vpp_params *p,
                             const mfxExtVPPProcAmp *amp)
{
    int scale = 1 << (srt_pixel_format_find(p->par.vpp.In.FourCC)->bit_depth - 8);
    int black = plan->conversion.from.full_range ? 0 : 16 * scale;
    int brightness = (int)lround(amp->Brightness * 10);
    int contrast = (int)lround(amp->Contrast * 100);
    int hue = (int)lround(amp->Hue * 10);
    int chroma = (int)lround(fmin(amp->Contrast * amp->Saturation, 10) * 10000); /* hue's most is 10 */

    if (!amp->Header.BufferId)
        return;
    if (brightness || contrast != 100)
        add(chain, "lutyuv=y=floor((val-%d)*%d/100+%d+%d*%d/10+1/2):u=val:v=val", black, contrast, black,
            brightness, scale);
    if (hue || chroma != 10000)
        add(chain, "hue=h=%d/10:s=%d/10000", hue, chroma);
}

static void add_geometry(struct vpp_plan *plan, const struct vpp_params *p)
{
    switch (angle_of(p)) {
    case MFX_ANGLE_90:
        add(plan->chain, "transpose=clock");
        break;
    case MFX_ANGLE_180:
        add(plan->chain, "hflip,vflip");
        break;
    case MFX_ANGLE_270:
        add(plan->chain, "transpose=cclock");
        break;
    default:
        break;
    }
    if (mirroring_of(p) == MFX_MIRRORING_HORIZONTAL)
        add(plan->chain, "hflip");
    if (mirroring_of(p) == MFX_MIRRORING_VERTICAL)
        add(plan->chain, "vflip");
}

int vpp_filters_planar_yuv(int format)
{
    switch (format) {
    case AV_PIX_FMT_NV12:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_P010LE:
        return AV_PIX_FMT_YUV420P10LE;
    case AV_PIX_FMT_YUYV422:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_GBRAP:
        return AV_PIX_FMT_YUV444P;
    default:
        return format;
    }
}

/* Noise and details are of YUV, and a quarter turn needs as many chroma samples in a row as in a column. */
static int format_for(const struct vpp_params *p, bool yuv)
{
    int format = srt_pixel_format_find(p->par.vpp.In.FourCC)->pix_fmt;

    if (format == AV_PIX_FMT_YUYV422 && vpp_filters_turn(p))
        return AV_PIX_FMT_YUV444P;
    if (format == AV_PIX_FMT_BGRA && !yuv)
        return AV_PIX_FMT_GBRAP;
    return vpp_filters_planar_yuv(format);
}

/* hqdn3d's strength is 4 by default, and unsharp's 1: both stand in the middle of VPL's range. */
void vpp_filters_plan(struct vpp_plan *plan, const struct vpp_params *p)
{
    int denoise = denoise_strength(p);
    int detail = detail_strength(p);

    if (denoise)
        add(plan->chain, "hqdn3d=luma_spatial=%d/100", denoise * 8);
    if (detail)
        add(plan->chain, "unsharp=luma_amount=%d/100", detail * 2);
    add_geometry(plan, p);
    plan->filtered.format = format_for(p, denoise || detail);
}
