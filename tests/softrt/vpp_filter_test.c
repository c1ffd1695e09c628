/* Noise, details, colours, rotation and mirroring: what ffmpeg's filters make of the same pictures, or plain
 * arithmetic. */
#define MFX_DEPRECATED_OFF /* mfxExtVPPDenoise: clients still attach it */
#include "vpp_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vpl/mfxsurfacepool.h>

enum {
    WIDTH = 96,
    HEIGHT = 64,
    FRAMES = 4,
    MOST_BUFFERS = 4
};

struct filter_case {
    struct vpp_setup setup;
    mfxExtBuffer *buffers[MOST_BUFFERS];
};

static void begin(struct filter_case *c, mfxU32 from, mfxU32 to)
{
    memset(c, 0, sizeof(*c));
    vpp_defaults(&c->setup.par, from, WIDTH, HEIGHT, to, WIDTH, HEIGHT);
    c->setup.par.ExtParam = c->buffers;
    c->setup.source = vpp_source(from, WIDTH, HEIGHT, FRAMES);
    c->setup.num_frames = FRAMES;
}

static void attach(struct filter_case *c, mfxExtBuffer *buffer)
{
    assert_true(c->setup.par.NumExtParam < MOST_BUFFERS);
    c->buffers[c->setup.par.NumExtParam++] = buffer;
}

static void out_size(struct filter_case *c, mfxU16 width, mfxU16 height)
{
    mfxFrameInfo *out = &c->setup.par.vpp.Out;

    out->Width = out->CropW = width;
    out->Height = out->CropH = height;
}

static void end(struct filter_case *c)
{
    free((void *)(uintptr_t)c->setup.source);
}

static void assert_as(const struct filter_case *c, const char *filter)
{
    const struct vpp_setup *setup = &c->setup;
    struct vpp_result result;
    size_t size;
    uint8_t *expected = vpp_expected(setup->source, setup->num_frames, setup->par.vpp.In.FourCC, WIDTH,
                                     HEIGHT, filter, setup->par.vpp.Out.FourCC, &size);

    vpp_run(setup, &result);
    assert_int_equal(result.count, setup->num_frames);
    assert_int_equal(result.stat.NumFrame, setup->num_frames);
    assert_int_equal(result.stat.NumCachedFrame, 0);
    assert_int_equal(result.size, size);
    for (size_t i = 0; i < size; i++)
        if (result.data[i] != expected[i])
            fail_msg("\"%s\": byte %zu of %zu is %u and not %u", filter, i, size, result.data[i],
                     expected[i]);
    for (size_t i = 0; i < result.count; i++)
        assert_int_equal(result.stamps[i], i * 3000);
    free(expected);
    vpp_result_free(&result);
}

static void noise_is_removed_by_hqdn3d(void **state)
{
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010, MFX_FOURCC_YUY2};
    const char *const chains[] = {"format=yuv420p,hqdn3d=4", "hqdn3d=4", "format=yuv420p10le,hqdn3d=4",
                                  "format=yuv422p,hqdn3d=4"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)},
                                    .DenoiseFactor = 50};
        struct filter_case c;

        begin(&c, formats[i], formats[i]);
        c.setup.by_mid = i % 2;
        attach(&c, &denoise.Header);
        assert_as(&c, chains[i]);
        end(&c);
    }
}

static void denoise2_has_a_strength_and_a_default(void **state)
{
    const struct {
        mfxDenoiseMode mode;
        mfxU16 strength;
        const char *chain;
    } cases[] = {{MFX_DENOISE_MODE_DEFAULT, 0, "hqdn3d=4"},
                 {MFX_DENOISE_MODE_DEFAULT, 100, "hqdn3d=8"},
                 {MFX_DENOISE_MODE_INTEL_HVS_POST_MANUAL, 25, "hqdn3d=2"},
                 {MFX_DENOISE_MODE_INTEL_HVS_PRE_MANUAL, 0, "null"}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        mfxExtVPPDenoise2 denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE2, sizeof(denoise)},
                                     .Mode = cases[i].mode,
                                     .Strength = cases[i].strength};
        struct filter_case c;

        begin(&c, MFX_FOURCC_I420, MFX_FOURCC_I420);
        attach(&c, &denoise.Header);
        assert_as(&c, cases[i].chain);
        end(&c);
    }
}

static void details_are_sharpened_by_unsharp(void **state)
{
    mfxExtVPPDetail detail = {.Header = {MFX_EXTBUFF_VPP_DETAIL, sizeof(detail)}, .DetailFactor = 75};
    struct filter_case c;

    (void)state;
    begin(&c, MFX_FOURCC_P010, MFX_FOURCC_NV12);
    attach(&c, &detail.Header);
    assert_as(&c, "format=yuv420p10le,unsharp=la=1.5,scale=flags=bicubic");
    detail.DetailFactor = 0;
    assert_as(&c, "scale=flags=bicubic");
    end(&c);
}

/* RGB goes through YUV of its full range. */
static void rgb_is_filtered_as_yuv(void **state)
{
    mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)}, .DenoiseFactor = 50};
    struct filter_case c;

    (void)state;
    begin(&c, MFX_FOURCC_RGB4, MFX_FOURCC_RGB4);
    attach(&c, &denoise.Header);
    assert_as(&c,
              "scale=out_range=full:flags=bicubic,format=yuv444p,hqdn3d=4,scale=in_range=full:flags=bicubic");
    end(&c);
}

static int clipped(double value)
{
    return value < 0 ? 0 : value > 255 ? 255 : (int)value;
}

static void colours_are_adjusted_about_black_and_grey(void **state)
{
    const double pi = 3.14159265358979323846;
    mfxExtVPPProcAmp amp = {.Header = {MFX_EXTBUFF_VPP_PROCAMP, sizeof(amp)},
                            .Brightness = 12.5,
                            .Contrast = 1.3,
                            .Hue = 40,
                            .Saturation = 0.8};
    const size_t luma = (size_t)WIDTH * HEIGHT;
    struct vpp_result result;
    struct filter_case c;

    (void)state;
    begin(&c, MFX_FOURCC_I420, MFX_FOURCC_I420);
    attach(&c, &amp.Header);
    vpp_run(&c.setup, &result);
    assert_int_equal(result.count, FRAMES);
    for (size_t i = 0; i < luma; i++)
        assert_int_equal(result.data[i],
                         clipped(floor((c.setup.source[i] - 16) * 1.3 + 16 + 12.5 + 0.5 + 1e-9)));
    for (size_t i = luma; i < luma + luma / 4; i++) {
        double u = c.setup.source[i] - 128;
        double v = c.setup.source[i + luma / 4] - 128;
        double wide = 1.3 * 0.8;

        assert_in_range(result.data[i] + 1 -
                            clipped(128 + wide * (u * cos(40 * pi / 180) - v * sin(40 * pi / 180))),
                        0, 2);
        assert_in_range(result.data[i + luma / 4] + 1 -
                            clipped(128 + wide * (u * sin(40 * pi / 180) + v * cos(40 * pi / 180))),
                        0, 2);
    }
    vpp_result_free(&result);

    amp.Brightness = amp.Hue = 0;
    amp.Contrast = amp.Saturation = 1;
    assert_as(&c, "null");
    end(&c);
}

/* Where pixel (x, y) of a turned or mirrored picture was. */
struct place {
    size_t x, y;
};

static struct place was(mfxU16 angle, mfxU16 mirroring, size_t x, size_t y, size_t width, size_t height)
{
    if (mirroring == MFX_MIRRORING_HORIZONTAL)
        x = width - 1 - x;
    if (mirroring == MFX_MIRRORING_VERTICAL)
        y = height - 1 - y;
    if (angle == MFX_ANGLE_90) /* clockwise: the left column becomes the top row */
        return (struct place){y, width - 1 - x};
    if (angle == MFX_ANGLE_180)
        return (struct place){width - 1 - x, height - 1 - y};
    if (angle == MFX_ANGLE_270)
        return (struct place){height - 1 - y, x};
    return (struct place){x, y};
}

static void assert_turned(const struct filter_case *c, mfxU16 angle, mfxU16 mirroring)
{
    const size_t width = c->setup.par.vpp.Out.CropW;
    const size_t height = c->setup.par.vpp.Out.CropH;
    struct vpp_result result;

    vpp_run(&c->setup, &result);
    assert_int_equal(result.count, FRAMES);
    for (size_t f = 0; f < FRAMES; f++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++) {
                struct place from = was(angle, mirroring, x, y, width, height);
                const uint8_t *expected = c->setup.source + 4 * ((f * HEIGHT + from.y) * WIDTH + from.x);

                if (memcmp(result.data + 4 * ((f * height + y) * width + x), expected, 4) != 0)
                    fail_msg("%u degrees, mirroring %u: frame %zu, x %zu, y %zu", angle, mirroring, f, x, y);
            }
    vpp_result_free(&result);
}

/* Clockwise, and mirrored after that: every combination, pixel by pixel. */
static void pictures_are_turned_and_mirrored(void **state)
{
    const mfxU16 angles[] = {MFX_ANGLE_0, MFX_ANGLE_90, MFX_ANGLE_180, MFX_ANGLE_270};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (mfxU16 type = MFX_MIRRORING_DISABLED; type <= MFX_MIRRORING_VERTICAL; type++) {
            mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                          .Angle = angles[i]};
            mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                            .Type = type};
            struct filter_case c;

            begin(&c, MFX_FOURCC_RGB4, MFX_FOURCC_RGB4);
            if (i % 2)
                out_size(&c, HEIGHT, WIDTH);
            attach(&c, &rotation.Header);
            attach(&c, &mirroring.Header);
            assert_turned(&c, angles[i], type);
            end(&c);
        }
}

static void every_format_turns(void **state)
{
    const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_I420, MFX_FOURCC_P010, MFX_FOURCC_I010,
                              MFX_FOURCC_YUY2};
    const char *const chains[] = {"format=yuv420p,transpose=clock", "transpose=clock",
                                  "format=yuv420p10le,transpose=clock", "transpose=clock",
                                  "scale=flags=bicubic,format=yuv444p,transpose=clock,scale=flags=bicubic"};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                      .Angle = MFX_ANGLE_90};
        struct filter_case c;

        begin(&c, formats[i], formats[i]);
        out_size(&c, HEIGHT, WIDTH);
        attach(&c, &rotation.Header);
        assert_as(&c, chains[i]);
        end(&c);
    }
}

/* Cut out, deinterlaced, filtered, turned, scaled, converted, put into its place: in that order. */
static void filters_have_one_order(void **state)
{
    mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)}, .DenoiseFactor = 50};
    mfxExtVPPDetail detail = {.Header = {MFX_EXTBUFF_VPP_DETAIL, sizeof(detail)}, .DetailFactor = 50};
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                  .Angle = MFX_ANGLE_270};
    mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                    .Type = MFX_MIRRORING_HORIZONTAL};
    struct filter_case c;
    mfxFrameInfo *in = &c.setup.par.vpp.In;
    mfxFrameInfo *out = &c.setup.par.vpp.Out;

    (void)state;
    begin(&c, MFX_FOURCC_NV12, MFX_FOURCC_RGB4);
    in->Width = WIDTH + 32; /* the source lies in a larger surface */
    in->Height = HEIGHT + 32;
    in->CropX = 20;
    in->CropY = 8;
    in->PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    out_size(&c, 128, 96);
    out->CropX = 24;
    out->CropY = 10;
    out->CropW = 80;
    out->CropH = 70;
    attach(&c, &mirroring.Header);
    attach(&c, &rotation.Header);
    attach(&c, &detail.Header);
    attach(&c, &denoise.Header);
    assert_as(&c,
              "format=yuv420p,setfield=tff,bwdif=send_frame:tff,hqdn3d=4,unsharp=la=1,transpose=cclock,hflip,"
              "scale=80:70:flags=bicubic");
    end(&c);
}

static void video_memory_is_filtered_too(void **state)
{
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                  .Angle = MFX_ANGLE_180};
    struct filter_case c;

    (void)state;
    begin(&c, MFX_FOURCC_NV12, MFX_FOURCC_NV12);
    c.setup.par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    attach(&c, &rotation.Header);
    assert_as(&c, "format=yuv420p,hflip,vflip");
    end(&c);
}

/* By name alone with defaults; a filter not to be used is not used, whatever else is attached. */
static void lists_switch_filters(void **state)
{
    mfxU32 use[] = {MFX_EXTBUFF_VPP_DENOISE2, MFX_EXTBUFF_VPP_DETAIL, MFX_EXTBUFF_VPP_PROCAMP,
                    MFX_EXTBUFF_VPP_ROTATION, MFX_EXTBUFF_VPP_MIRRORING};
    mfxU32 leave[] = {MFX_EXTBUFF_VPP_DETAIL, MFX_EXTBUFF_VPP_MIRRORING};
    mfxExtVPPDoUse with = {.Header = {MFX_EXTBUFF_VPP_DOUSE, sizeof(with)}, .NumAlg = 5, .AlgList = use};
    mfxExtVPPDoNotUse without = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without)}, .NumAlg = 2, .AlgList = leave};
    mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                    .Type = MFX_MIRRORING_VERTICAL};
    struct filter_case c;

    (void)state;
    begin(&c, MFX_FOURCC_I420, MFX_FOURCC_I420);
    attach(&c, &with.Header);
    assert_as(&c, "hqdn3d=4,unsharp=la=1");
    attach(&c, &mirroring.Header);
    assert_as(&c, "hqdn3d=4,unsharp=la=1,vflip");
    attach(&c, &without.Header);
    assert_as(&c, "hqdn3d=4");
    end(&c);
}

static void refused(mfxExtBuffer *buffer)
{
    struct runtime runtime;
    mfxVideoParam par;
    mfxExtBuffer *buffers[] = {buffer};

    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    runtime_close(&runtime);
}

static void settings_beyond_their_range_are_refused(void **state)
{
    mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)}, .DenoiseFactor = 101};
    mfxExtVPPDenoise2 denoise2 = {.Header = {MFX_EXTBUFF_VPP_DENOISE2, sizeof(denoise2)}, .Strength = 101};
    mfxExtVPPDetail detail = {.Header = {MFX_EXTBUFF_VPP_DETAIL, sizeof(detail)}, .DetailFactor = 101};
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)}, .Angle = 45};
    mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)}, .Type = 3};
    mfxExtVPPProcAmp amp = {.Header = {MFX_EXTBUFF_VPP_PROCAMP, sizeof(amp)}, .Contrast = -1};

    (void)state;
    refused(&denoise.Header);
    assert_int_equal(denoise.DenoiseFactor, 0);
    refused(&denoise2.Header);
    assert_int_equal(denoise2.Strength, 0);
    denoise2.Mode = MFX_DENOISE_MODE_INTEL_HVS_AUTO_BDRATE;
    refused(&denoise2.Header);
    assert_int_equal(denoise2.Mode, MFX_DENOISE_MODE_DEFAULT);
    refused(&detail.Header);
    assert_int_equal(detail.DetailFactor, 0);
    refused(&rotation.Header);
    assert_int_equal(rotation.Angle, 0);
    refused(&mirroring.Header);
    assert_int_equal(mirroring.Type, 0);
    refused(&amp.Header);
    amp.Contrast = 1;
    amp.Hue = (double)NAN;
    refused(&amp.Header);
    assert_true(amp.Hue == 0);
}

static void colour_settings_are_clipped(void **state)
{
    mfxExtVPPProcAmp amp = {.Header = {MFX_EXTBUFF_VPP_PROCAMP, sizeof(amp)},
                            .Brightness = -100.5,
                            .Contrast = 1.234,
                            .Hue = 12.34,
                            .Saturation = 11};
    mfxExtBuffer *buffers[] = {&amp.Header};
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &par, &par), MFX_WRN_INCOMPATIBLE_VIDEO_PARAM);
    assert_true(amp.Brightness == -100 && amp.Saturation == 10);
    assert_true(fabs(amp.Contrast - 1.23) < 1e-9 && fabs(amp.Hue - 12.3) < 1e-9);
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &par, &par), MFX_ERR_NONE);
    runtime_close(&runtime);
}

static void two_kinds_of_denoise_exclude_each_other(void **state)
{
    mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)}, .DenoiseFactor = 1};
    mfxExtVPPDenoise2 denoise2 = {.Header = {MFX_EXTBUFF_VPP_DENOISE2, sizeof(denoise2)}, .Strength = 1};
    mfxExtBuffer *buffers[] = {&denoise.Header, &denoise2.Header};
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, WIDTH, HEIGHT);
    par.ExtParam = buffers;
    par.NumExtParam = 2;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &par, &par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    runtime_close(&runtime);
}

/* Fields that stay fields may be mirrored from left to right, and nothing else. */
static void fields_are_not_mixed(void **state)
{
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                  .Angle = MFX_ANGLE_180};
    mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                    .Type = MFX_MIRRORING_HORIZONTAL};
    struct runtime runtime;
    struct filter_case c;

    (void)state;
    runtime_open(&runtime);
    begin(&c, MFX_FOURCC_I420, MFX_FOURCC_I420);
    c.setup.par.vpp.In.PicStruct = c.setup.par.vpp.Out.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
    attach(&c, &mirroring.Header);
    assert_as(&c, "hflip");
    c.buffers[0] = &rotation.Header;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_INVALID_VIDEO_PARAM);
    c.setup.par.vpp.Out.PicStruct = MFX_PICSTRUCT_PROGRESSIVE; /* deinterlaced first */
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_NONE);
    end(&c);
    runtime_close(&runtime);
}

/* Reset turns another way, GetVideoParam tells of it, and the runtime's own surfaces are as good as others.
 */
static void reset_changes_filters(void **state)
{
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)}, .Angle = 90};
    mfxExtVPPRotation now = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(now)}};
    mfxExtBuffer *buffers[] = {&rotation.Header};
    mfxExtBuffer *now_buffers[] = {&now.Header};
    mfxVideoParam told = {.ExtParam = now_buffers, .NumExtParam = 1};
    struct runtime runtime;
    mfxFrameSurface1 *in;
    mfxFrameSurface1 *out;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    vpp_defaults(&par, MFX_FOURCC_RGB4, 64, 64, MFX_FOURCC_RGB4, 64, 64);
    par.ExtParam = buffers;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &par), MFX_ERR_NONE);
    rotation.Angle = MFX_ANGLE_180;
    assert_int_equal(MFXVideoVPP_Reset(runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_GetVideoParam(runtime.session, &told), MFX_ERR_NONE);
    assert_int_equal(now.Angle, MFX_ANGLE_180);

    assert_int_equal(MFXMemory_GetSurfaceForVPP(runtime.session, &in), MFX_ERR_NONE);
    assert_int_equal(in->FrameInterface->Map(in, MFX_MAP_WRITE), MFX_ERR_NONE);
    for (size_t y = 0; y < 64; y++)
        memset(in->Data.B + y * in->Data.Pitch, (int)y, 256);
    assert_int_equal(in->FrameInterface->Unmap(in), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in, &out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Map(out, MFX_MAP_READ), MFX_ERR_NONE);
    assert_int_equal(out->Data.B[0], 63);
    assert_int_equal(out->Data.B[63 * out->Data.Pitch], 0);
    assert_int_equal(out->FrameInterface->Unmap(out), MFX_ERR_NONE);
    assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    assert_int_equal(in->FrameInterface->Release(in), MFX_ERR_NONE);
    runtime_close(&runtime);
}

/* As many names as there is room for, and how many there are. */
static void active_filters_are_told(void **state)
{
    mfxExtVPPDenoise denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE, sizeof(denoise)}, .DenoiseFactor = 10};
    mfxExtVPPMirroring mirroring = {.Header = {MFX_EXTBUFF_VPP_MIRRORING, sizeof(mirroring)},
                                    .Type = MFX_MIRRORING_VERTICAL};
    mfxU32 leave[] = {MFX_EXTBUFF_VPP_MIRRORING};
    mfxExtVPPDoNotUse without = {
        .Header = {MFX_EXTBUFF_VPP_DONOTUSE, sizeof(without)}, .NumAlg = 1, .AlgList = leave};
    mfxU32 names[5] = {0};
    mfxExtVPPDoUse active = {
        .Header = {MFX_EXTBUFF_VPP_DOUSE, sizeof(active)}, .NumAlg = 2, .AlgList = names};
    mfxExtBuffer *buffers[] = {&active.Header};
    mfxVideoParam told = {.ExtParam = buffers, .NumExtParam = 1};
    struct runtime runtime;
    struct filter_case c;

    (void)state;
    runtime_open(&runtime);
    begin(&c, MFX_FOURCC_I420, MFX_FOURCC_NV12);
    attach(&c, &denoise.Header);
    attach(&c, &mirroring.Header);
    attach(&c, &without.Header);
    c.setup.par.vpp.Out.FrameRateExtN = 60;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &c.setup.par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_GetVideoParam(runtime.session, &told), MFX_ERR_NONE);
    assert_int_equal(active.NumAlg, 3);
    assert_int_equal(names[2], 0);
    active.NumAlg = 5;
    assert_int_equal(MFXVideoVPP_GetVideoParam(runtime.session, &told), MFX_ERR_NONE);
    assert_int_equal(active.NumAlg, 3);
    assert_int_equal(names[0], MFX_EXTBUFF_VPP_COLOR_CONVERSION);
    assert_int_equal(names[1], MFX_EXTBUFF_VPP_DENOISE);
    assert_int_equal(names[2], MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION);
    assert_int_equal(names[3], 0);
    end(&c);
    runtime_close(&runtime);
}

/* What the dispatcher is told is what can be asked for by name. */
static void the_description_tells_of_each_filter(void **state)
{
    struct runtime runtime;
    mfxImplDescription *desc = NULL;
    size_t found = 0;

    (void)state;
    runtime_open(&runtime);
    assert_int_equal(
        MFXEnumImplementations(runtime.loader, 0, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&desc),
        MFX_ERR_NONE);
    for (mfxU16 i = 0; i < desc->VPP.NumFilters; i++) {
        mfxU32 id = desc->VPP.Filters[i].FilterFourCC;

        found += id == MFX_EXTBUFF_VPP_DENOISE || id == MFX_EXTBUFF_VPP_DENOISE2 ||
                 id == MFX_EXTBUFF_VPP_DETAIL || id == MFX_EXTBUFF_VPP_PROCAMP ||
                 id == MFX_EXTBUFF_VPP_ROTATION || id == MFX_EXTBUFF_VPP_MIRRORING ||
                 id == MFX_EXTBUFF_VPP_FRAME_RATE_CONVERSION || id == MFX_EXTBUFF_VPP_COMPOSITE;
        assert_int_equal(desc->VPP.Filters[i].MaxDelayInFrames, id == MFX_EXTBUFF_VPP_DEINTERLACING);
    }
    assert_int_equal(found, 8);
    assert_int_equal(MFXDispReleaseImplDescription(runtime.loader, desc), MFX_ERR_NONE);
    runtime_close(&runtime);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_removed_by_hqdn3d),
        cmocka_unit_test(denoise2_has_a_strength_and_a_default),
        cmocka_unit_test(details_are_sharpened_by_unsharp),
        cmocka_unit_test(rgb_is_filtered_as_yuv),
        cmocka_unit_test(colours_are_adjusted_about_black_and_grey),
        cmocka_unit_test(pictures_are_turned_and_mirrored),
        cmocka_unit_test(every_format_turns),
        cmocka_unit_test(filters_have_one_order),
        cmocka_unit_test(video_memory_is_filtered_too),
        cmocka_unit_test(lists_switch_filters),
        cmocka_unit_test(settings_beyond_their_range_are_refused),
        cmocka_unit_test(colour_settings_are_clipped),
        cmocka_unit_test(two_kinds_of_denoise_exclude_each_other),
        cmocka_unit_test(fields_are_not_mixed),
        cmocka_unit_test(reset_changes_filters),
        cmocka_unit_test(active_filters_are_told),
        cmocka_unit_test(the_description_tells_of_each_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
