/* Composition: several streams in one output, against plain arithmetic and against ffmpeg's overlay. */
#include "vpp_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 128, /* of the output */
    HEIGHT = 96,
    WIDE = 96, /* of the streams, at most */
    HIGH = 64,
    MOST = 64
};

/* What goes in: a picture for each stream. */
struct scene {
    mfxVideoParam par;
    mfxExtVPPComposite composite;
    mfxVPPCompInputStream streams[MOST + 1];
    mfxExtBuffer *buffers[4];
    mfxFrameInfo info[MOST + 1];
    uint8_t *picture[MOST + 1];
};

static void begin(struct scene *s, mfxU32 in, mfxU32 out)
{
    memset(s, 0, sizeof(*s));
    vpp_defaults(&s->par, in, WIDE, HIGH, out, WIDTH, HEIGHT);
    s->composite.Header.BufferId = MFX_EXTBUFF_VPP_COMPOSITE;
    s->composite.Header.BufferSz = sizeof(s->composite);
    s->composite.InputStream = s->streams;
    s->composite.Y = 60;
    s->composite.U = 100;
    s->composite.V = 150;
    s->buffers[0] = &s->composite.Header;
    s->par.ExtParam = s->buffers;
    s->par.NumExtParam = 1;
}

/* One more stream, of frames of that size, shown at that place. */
static mfxVPPCompInputStream *add(struct scene *s, mfxU32 fourcc, mfxU16 width, mfxU16 height, mfxU32 x,
                                  mfxU32 y, mfxU32 w, mfxU32 h)
{
    mfxU16 i = s->composite.NumInputStream++;
    mfxVideoParam like;

    assert_true(i < MOST + 1);
    s->streams[i] = (mfxVPPCompInputStream){.DstX = x, .DstY = y, .DstW = w, .DstH = h};
    vpp_defaults(&like, fourcc, width, height, fourcc, width, height);
    s->info[i] = like.vpp.In;
    s->picture[i] = vpp_source(fourcc, width, height, 1);
    return &s->streams[i];
}

static void end(struct scene *s)
{
    for (size_t i = 0; i < s->composite.NumInputStream; i++)
        free(s->picture[i]);
}

/* All frames of one session: those of each stream, and outputs. */
struct stage {
    struct runtime runtime;
    struct scene *scene;
    struct frames in[MOST];
    struct frames out;
};

static void open_stage(struct stage *stage, struct scene *scene)
{
    const bool video = scene->par.IOPattern & MFX_IOPATTERN_IN_VIDEO_MEMORY;

    stage->scene = scene;
    runtime_open(&stage->runtime);
    if (video)
        frames_create_video(&stage->out, &scene->par.vpp.Out, 2);
    else
        frames_create(&stage->out, &scene->par.vpp.Out, 2, true, 0);
    for (size_t i = 0; i < scene->composite.NumInputStream; i++) {
        struct frames *frames = &stage->in[i];

        if (video)
            frames_create_video(frames, &scene->info[i], 1);
        else
            frames_create(frames, &scene->info[i], 1, true, 0);
        frames->next = i ? stage->out.next : NULL; /* one allocator for all */
        stage->out.next = frames;
        picture_put(frames, &frames->frame[0].surface, scene->picture[i]);
        frames->frame[0].surface.Data.TimeStamp = 1000 + i;
        frames->frame[0].surface.Data.FrameOrder = (mfxU32)(50 + i);
    }
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(stage->runtime.session, &stage->out.allocator),
                     MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(stage->runtime.session, &scene->par), MFX_ERR_NONE);
}

static void close_stage(struct stage *stage)
{
    runtime_close(&stage->runtime);
    for (size_t i = 0; i < stage->scene->composite.NumInputStream; i++) {
        assert_int_equal(frames_locked(&stage->in[i]), 0);
        assert_int_equal(atomic_load(&stage->in[i].num_locks), atomic_load(&stage->in[i].num_unlocks));
        frames_destroy(&stage->in[i]);
    }
    assert_int_equal(frames_locked(&stage->out), 0);
    assert_int_equal(atomic_load(&stage->out.num_errors), 0);
    frames_destroy(&stage->out);
}

static mfxFrameSurface1 *input(struct stage *stage, size_t i)
{
    return &stage->in[i].frame[0].surface;
}

static mfxStatus give(struct stage *stage, mfxFrameSurface1 *in, mfxSyncPoint *sync)
{
    *sync = NULL;
    return MFXVideoVPP_RunFrameVPPAsync(stage->runtime.session, in, &stage->out.frame[0].surface, NULL, sync);
}

static void give_all(struct stage *stage, size_t count)
{
    mfxSyncPoint sync;

    for (size_t i = 0; i + 1 < count; i++) {
        assert_int_equal(give(stage, input(stage, i), &sync), MFX_ERR_MORE_DATA);
        assert_null(sync);
    }
    assert_int_equal(give(stage, input(stage, count - 1), &sync), MFX_ERR_NONE);
    sync_ok(stage->runtime.session, sync);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(frames_locked(&stage->in[i]), 0);
}

/* The whole output as three planes; allocated. */
static uint8_t *output(struct stage *stage)
{
    const mfxFrameInfo crop = stage->scene->par.vpp.Out;
    mfxFrameSurface1 *surface = &stage->out.frame[0].surface;
    const size_t luma = (size_t)WIDTH * HEIGHT;
    uint8_t *raw = malloc(luma * 4);
    uint8_t *planes = malloc(luma * 4);

    assert_non_null(raw);
    assert_non_null(planes);
    surface->Info.CropX = surface->Info.CropY = surface->Info.CropW = surface->Info.CropH = 0;
    (void)picture_get(&stage->out, surface, raw);
    surface->Info = crop;
    memcpy(planes, raw, luma * 4);
    for (size_t i = 0; crop.FourCC == MFX_FOURCC_NV12 && i < luma / 4; i++) {
        planes[luma + i] = raw[luma + 2 * i];
        planes[luma + luma / 4 + i] = raw[luma + 2 * i + 1];
    }
    free(raw);
    return planes;
}

static uint8_t *compose(struct scene *scene)
{
    struct stage stage = {0};
    uint8_t *planes;

    open_stage(&stage, scene);
    give_all(&stage, scene->composite.NumInputStream);
    assert_int_equal(stage.out.frame[0].surface.Data.TimeStamp, 1000); /* the first stream's */
    assert_int_equal(stage.out.frame[0].surface.Data.FrameOrder, 50);
    planes = output(&stage);
    close_stage(&stage);
    return planes;
}

/* The picture of a stream as it is to be shown, in I420. */
static uint8_t *scaled(const struct scene *s, size_t i)
{
    const mfxFrameInfo *info = &s->info[i];
    char filter[64];
    size_t size = picture_size(MFX_FOURCC_I420, s->streams[i].DstW, s->streams[i].DstH);

    if (info->FourCC == MFX_FOURCC_I420 && info->Width == s->streams[i].DstW &&
        info->Height == s->streams[i].DstH) {
        uint8_t *same = malloc(size);

        assert_non_null(same);
        return memcpy(same, s->picture[i], size);
    }
    (void)snprintf(filter, sizeof(filter), "scale=%u:%u:flags=bicubic", s->streams[i].DstW,
                   s->streams[i].DstH);
    return vpp_expected(s->picture[i], 1, info->FourCC, info->CropW, info->CropH, filter, MFX_FOURCC_I420,
                        &size);
}

/* How much of pixel (x, y) of a shown picture is seen. */
static unsigned seen(const mfxVPPCompInputStream *how, const uint8_t *luma, size_t x, size_t y)
{
    unsigned value = luma[y * how->DstW + x];

    if (how->LumaKeyEnable)
        return value >= how->LumaKeyMin && value <= how->LumaKeyMax ? 0 : 255;
    return how->GlobalAlphaEnable ? how->GlobalAlpha : 255;
}

/* A plane of a shown picture over a plane of the whole, inside the crop rectangle. */
static void put_over(const struct scene *s, size_t i, const uint8_t *shown, uint8_t *whole, size_t shift)
{
    const mfxVPPCompInputStream *how = &s->streams[i];
    const mfxFrameInfo *out = &s->par.vpp.Out;
    const size_t width = how->DstW >> shift;
    const size_t luma = (size_t)how->DstW * how->DstH;

    for (size_t plane = shift; plane < (shift ? 3 : 1); plane++) {
        const uint8_t *from = shown + (plane ? luma + (plane - 1) * luma / 4 : 0);
        uint8_t *to = whole + (plane ? (size_t)WIDTH * HEIGHT * (3 + plane) / 4 : 0);

        for (size_t y = 0; y < how->DstH >> shift; y++)
            for (size_t x = 0; x < width; x++) {
                size_t wx = (how->DstX >> shift) + x;
                size_t wy = (how->DstY >> shift) + y;
                unsigned alpha = seen(how, shown, x << shift, y << shift);
                uint8_t *under = &to[wy * (WIDTH >> shift) + wx];

                if (wx << shift < out->CropX || wx << shift >= (size_t)out->CropX + out->CropW ||
                    wy << shift < out->CropY || wy << shift >= (size_t)out->CropY + out->CropH)
                    continue;
                if (shift)
                    alpha = (alpha + seen(how, shown, 2 * x + 1, 2 * y) + seen(how, shown, 2 * x, 2 * y + 1) +
                             seen(how, shown, 2 * x + 1, 2 * y + 1) + 2) /
                            4;
                *under = (uint8_t)((from[y * width + x] * alpha + *under * (255 - alpha) + 127) / 255);
            }
    }
}

static void assert_composed(struct scene *s)
{
    const size_t luma = (size_t)WIDTH * HEIGHT;
    uint8_t *expected = malloc(luma * 3 / 2);
    uint8_t *got = compose(s);

    assert_non_null(expected);
    memset(expected, s->composite.Y, luma);
    memset(expected + luma, s->composite.U, luma / 4);
    memset(expected + luma * 5 / 4, s->composite.V, luma / 4);
    for (size_t i = 0; i < s->composite.NumInputStream; i++) {
        uint8_t *shown = scaled(s, i);

        put_over(s, i, shown, expected, 0);
        put_over(s, i, shown, expected, 1);
        free(shown);
    }
    for (size_t i = 0; i < luma * 3 / 2; i++)
        if (got[i] != expected[i])
            fail_msg("byte %zu is %u and not %u", i, got[i], expected[i]);
    free(expected);
    free(got);
}

/* Sizes of their own, over each other, partly outside of the output's crop rectangle. */
static void streams_lie_over_each_other(void **state)
{
    const mfxU32 formats[][2] = {{MFX_FOURCC_I420, MFX_FOURCC_I420},
                                 {MFX_FOURCC_NV12, MFX_FOURCC_NV12},
                                 {MFX_FOURCC_I420, MFX_FOURCC_NV12}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct scene s;

        begin(&s, formats[i][0], formats[i][1]);
        s.par.vpp.Out.CropX = 10;
        s.par.vpp.Out.CropY = 6;
        s.par.vpp.Out.CropW = 100;
        s.par.vpp.Out.CropH = 80;
        add(&s, formats[i][0], WIDE, HIGH, 0, 0, WIDE, HIGH);
        add(&s, formats[i][0], 48, 32, 40, 30, 88, 66);
        add(&s, formats[i][0], WIDE, HIGH, 60, 10, 32, 20);
        if (i == 1)
            s.par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
        assert_composed(&s);
        end(&s);
    }
}

static void a_whole_stream_is_seen_through(void **state)
{
    const mfxU16 alphas[] = {0, 1, 128, 255};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct scene s;
        mfxVPPCompInputStream *second;

        begin(&s, MFX_FOURCC_NV12, MFX_FOURCC_NV12);
        add(&s, MFX_FOURCC_NV12, WIDE, HIGH, 0, 0, WIDE, HIGH);
        second = add(&s, MFX_FOURCC_NV12, 48, 32, 20, 10, 48, 32);
        second->GlobalAlphaEnable = 1;
        second->GlobalAlpha = alphas[i];
        assert_composed(&s);
        end(&s);
    }
}

static void keyed_luma_is_seen_through(void **state)
{
    struct scene s;
    mfxVPPCompInputStream *second;

    (void)state;
    begin(&s, MFX_FOURCC_I420, MFX_FOURCC_I420);
    add(&s, MFX_FOURCC_I420, WIDE, HIGH, 0, 0, WIDE, HIGH);
    second = add(&s, MFX_FOURCC_I420, 48, 32, 20, 10, 48, 32);
    second->LumaKeyEnable = 1;
    second->LumaKeyMin = 60;
    second->LumaKeyMax = 150;
    assert_composed(&s);
    end(&s);
}

/* A flat RGB picture, its samples multiplied with alpha. */
static void paint(struct scene *s, size_t i, const uint8_t bgra[4])
{
    for (size_t p = 0; p < (size_t)s->info[i].Width * s->info[i].Height; p++)
        memcpy(s->picture[i] + 4 * p, bgra, 4);
}

static void rgb_lies_over_rgb_by_its_alpha(void **state)
{
    const uint8_t below[4] = {200, 100, 50, 255};
    const uint8_t above[4] = {30, 60, 90, 100};
    struct scene s;
    uint8_t *got;

    (void)state;
    begin(&s, MFX_FOURCC_RGB4, MFX_FOURCC_RGB4);
    s.composite.R = 1;
    s.composite.G = 2;
    s.composite.B = 3;
    add(&s, MFX_FOURCC_RGB4, WIDE, HIGH, 0, 0, WIDE, HIGH);
    add(&s, MFX_FOURCC_RGB4, 48, 32, 20, 10, 48, 32)->PixelAlphaEnable = 1;
    paint(&s, 0, below);
    paint(&s, 1, above);
    got = compose(&s);
    assert_memory_equal(got, below, 4);
    for (size_t c = 0; c < 3; c++)
        assert_int_equal(got[4 * (20 * WIDTH + 30) + c], above[c] + (below[c] * 155 + 127) / 255);
    assert_int_equal(got[4 * (20 * WIDTH + 30) + 3], 255);
    assert_memory_equal(got + 4 * (90 * WIDTH + 120), "\3\2\1\377", 4);
    free(got);
    end(&s);
}

static void assert_about(int got, double wanted)
{
    if (got < wanted - 2 || got > wanted + 2)
        fail_msg("%d is not about %.1f", got, wanted);
}

static void rgb_lies_over_yuv_by_its_alpha(void **state)
{
    const uint8_t above[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {100, 100, 100, 100}, {0, 0, 255, 255}};
    const double luma[] = {0, 219, 219 * 100 / 255.0, 65.5};
    const double red[] = {0, 0, 0, 112};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct scene s;
        double rest = (255 - above[i][3]) / 255.0;
        uint8_t *got;

        begin(&s, MFX_FOURCC_NV12, MFX_FOURCC_NV12);
        add(&s, MFX_FOURCC_NV12, WIDE, HIGH, 0, 0, 16, 16);
        add(&s, MFX_FOURCC_RGB4, 48, 32, 20, 20, 64, 48)->PixelAlphaEnable = 1;
        paint(&s, 1, above[i]);
        got = compose(&s);
        assert_about(got[40 * WIDTH + 50], 16 + luma[i] + rest * (60 - 16));
        assert_about(got[WIDTH * HEIGHT * 5 / 4 + 20 * WIDTH / 2 + 25], 128 + red[i] + rest * (150 - 128));
        free(got);
        end(&s);
    }
}

static void ffmpegs_overlay_is_the_same(void **state)
{
    struct scene s;
    uint8_t *got;
    uint8_t *expected;
    size_t size;

    (void)state;
    begin(&s, MFX_FOURCC_I420, MFX_FOURCC_I420);
    s.par.vpp.Out.Width = s.par.vpp.Out.CropW = WIDE;
    s.par.vpp.Out.Height = s.par.vpp.Out.CropH = HIGH;
    add(&s, MFX_FOURCC_I420, WIDE, HIGH, 0, 0, WIDE, HIGH);
    add(&s, MFX_FOURCC_I420, WIDE, HIGH, 30, 20, 40, 24);
    expected = vpp_expected(s.picture[0], 1, MFX_FOURCC_I420, WIDE, HIGH,
                            "split[a][b];[b]scale=40:24:flags=bicubic[c];[a][c]overlay=30:20:format=yuv420",
                            MFX_FOURCC_I420, &size);
    got = compose(&s);
    assert_memory_equal(got, expected, size);
    free(expected);
    free(got);
    end(&s);
}

static void sixty_four_streams_are_the_most(void **state)
{
    struct runtime runtime;
    mfxFrameAllocRequest request[2];
    struct scene s;

    (void)state;
    begin(&s, MFX_FOURCC_I420, MFX_FOURCC_NV12);
    for (mfxU32 i = 0; i < 64; i++)
        add(&s, MFX_FOURCC_I420, 16, 12, i % 8 * 16, i / 8 * 12, 16, 12);
    assert_composed(&s);
    runtime_open(&runtime);
    s.par.AsyncDepth = 3;
    s.par.AllocId = 77; /* as sample_multi_transcode has it */
    assert_int_equal(MFXVideoVPP_QueryIOSurf(runtime.session, &s.par, request), MFX_ERR_NONE);
    assert_int_equal(request[0].NumFrameSuggested, 3 * 64);
    assert_int_equal(request[0].NumFrameMin, 3 * 64);
    assert_int_equal(request[1].NumFrameSuggested, 3);
    add(&s, MFX_FOURCC_NV12, 16, 16, 0, 0, 16, 16);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &s.par, &s.par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(s.composite.NumInputStream, 0);
    s.composite.NumInputStream = 65;
    end(&s);
    runtime_close(&runtime);
}

/* Each query with one thing wrong. */
#define EXPECT_QUERY(s, field, value, status, becomes)                                                  \
    do {                                                                                                \
        (s).field = value;                                                                              \
        if ((status) < MFX_ERR_NONE)                                                                    \
            assert_int_equal(MFXVideoVPP_Init(runtime.session, &(s).par), MFX_ERR_INVALID_VIDEO_PARAM); \
        assert_int_equal(MFXVideoVPP_Query(runtime.session, &(s).par, &(s).par), status);               \
        assert_int_equal((s).field, becomes);                                                           \
        end(&(s));                                                                                      \
        two_streams(&(s));                                                                              \
    } while (0)

static void two_streams(struct scene *s)
{
    begin(s, MFX_FOURCC_NV12, MFX_FOURCC_NV12);
    add(s, MFX_FOURCC_NV12, WIDE, HIGH, 0, 0, WIDE, HIGH);
    add(s, MFX_FOURCC_NV12, WIDE, HIGH, 20, 10, 48, 32);
}

static void what_cannot_be_composed_is_refused(void **state)
{
    struct runtime runtime;
    struct scene s;

    (void)state;
    runtime_open(&runtime);
    two_streams(&s);
    EXPECT_QUERY(s, composite.U, 100, MFX_ERR_NONE, 100);
    EXPECT_QUERY(s, composite.V, 256, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, composite.NumTiles, 3, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, streams[1].DstX, WIDTH - 46, MFX_ERR_UNSUPPORTED, 0); /* two too far to the right */
    EXPECT_QUERY(s, streams[1].DstX, 0xfffffff0, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, streams[1].DstY, HEIGHT - 30, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, streams[1].DstW, 0, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, streams[1].DstH, 200, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, streams[1].DstX, 21, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 20);
    EXPECT_QUERY(s, streams[1].DstH, 31, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 30);
    EXPECT_QUERY(s, streams[1].PixelAlphaEnable, 1, MFX_ERR_NONE, 1);
    s.streams[1].GlobalAlphaEnable = 1;
    EXPECT_QUERY(s, streams[1].GlobalAlpha, 256, MFX_ERR_UNSUPPORTED, 0);
    s.streams[1].GlobalAlphaEnable = 1; /* two ways in one stream */
    EXPECT_QUERY(s, streams[1].LumaKeyEnable, 1, MFX_ERR_UNSUPPORTED, 0);
    s.streams[0].GlobalAlphaEnable = 1; /* and in two */
    EXPECT_QUERY(s, streams[1].PixelAlphaEnable, 1, MFX_ERR_UNSUPPORTED, 0);
    s.streams[1].LumaKeyEnable = 1;
    s.streams[1].LumaKeyMax = 10;
    EXPECT_QUERY(s, streams[1].LumaKeyMin, 11, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, par.vpp.In.FourCC, MFX_FOURCC_P010, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, par.vpp.Out.FourCC, MFX_FOURCC_RGB4, MFX_ERR_UNSUPPORTED, 0); /* YUV on RGB */
    EXPECT_QUERY(s, par.vpp.Out.FrameRateExtN, 60, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, par.vpp.In.PicStruct, MFX_PICSTRUCT_FIELD_TFF, MFX_ERR_UNSUPPORTED, 0);
    EXPECT_QUERY(s, composite.NumTiles, 1, MFX_ERR_NONE, 1);
    s.composite.NumTiles = 1;
    EXPECT_QUERY(s, streams[1].TileId, 1, MFX_ERR_UNSUPPORTED, 0);
    s.composite.InputStream = NULL;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_NULL_PTR);
    end(&s);
    runtime_close(&runtime);
}

/* A buffer of another size is of another API, whatever is in it: nothing but its header is read. */
static void a_buffer_of_another_size_is_refused(void **state)
{
    mfxExtBuffer *header = malloc(sizeof(*header));
    struct runtime runtime;
    struct scene s;

    (void)state;
    assert_non_null(header);
    *header = (mfxExtBuffer){MFX_EXTBUFF_VPP_COMPOSITE, sizeof(*header)};
    runtime_open(&runtime);
    two_streams(&s);
    s.buffers[0] = header;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &s.par, &s.par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_INVALID_VIDEO_PARAM);
    end(&s);
    free(header);
    runtime_close(&runtime);
}

/* Others are left out: with a warning, or, where frames would come out another way, not at all. */
static void composition_is_without_other_filters(void **state)
{
    mfxExtVPPDenoise2 denoise = {.Header = {MFX_EXTBUFF_VPP_DENOISE2, sizeof(denoise)}, .Strength = 50};
    mfxExtVPPRotation rotation = {.Header = {MFX_EXTBUFF_VPP_ROTATION, sizeof(rotation)},
                                  .Angle = MFX_ANGLE_180};
    mfxU32 ids[] = {MFX_EXTBUFF_VPP_COMPOSITE};
    mfxExtVPPDoUse use = {.Header = {MFX_EXTBUFF_VPP_DOUSE, sizeof(use)}, .NumAlg = 1, .AlgList = ids};
    struct runtime runtime;
    struct scene s;

    (void)state;
    runtime_open(&runtime);
    two_streams(&s);
    s.par.NumExtParam = 2;
    s.buffers[1] = &denoise.Header;
    assert_int_equal(MFXVideoVPP_Query(runtime.session, &s.par, &s.par), MFX_WRN_FILTER_SKIPPED);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_WRN_FILTER_SKIPPED);
    assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
    s.buffers[1] = &rotation.Header;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_INVALID_VIDEO_PARAM);
    s.buffers[1] = &use.Header;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_INVALID_VIDEO_PARAM);
    end(&s);
    runtime_close(&runtime);
}

static void an_end_before_the_last_stream_gives_the_frames_back(void **state)
{
    struct stage stage = {0};
    mfxSyncPoint sync;
    struct scene s;
    mfxVPPStat stat;

    (void)state;
    two_streams(&s);
    open_stage(&stage, &s);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(give(&stage, NULL, &sync), MFX_ERR_MORE_DATA);
        assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_MORE_DATA);
        assert_int_equal(frames_locked(&stage.in[0]) > 0, 1);
        assert_int_equal(MFXVideoVPP_GetVPPStat(stage.runtime.session, &stat), MFX_ERR_NONE);
        assert_int_equal(stat.NumCachedFrame, 1);
        assert_int_equal(give(&stage, NULL, &sync), MFX_ERR_MORE_DATA);
        (void)frames_free_one(&stage.in[0]); /* waits for it */
        give_all(&stage, 2);                 /* the first stream comes first again */
        assert_int_equal(MFXVideoVPP_GetVPPStat(stage.runtime.session, &stat), MFX_ERR_NONE);
        assert_int_equal(stat.NumFrame, round + 1);
        assert_int_equal(stat.NumCachedFrame, 0);
    }
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_MORE_DATA);
    close_stage(&stage); /* and so does Close */
    end(&s);
}

/* Locked once, since what clients have for allocators may know one image for each surface. */
static void one_surface_may_be_several_streams(void **state)
{
    struct stage stage = {0};
    mfxSyncPoint sync;
    struct scene s;
    uint8_t *got;

    (void)state;
    two_streams(&s);
    s.streams[1] = (mfxVPPCompInputStream){.DstX = 32, .DstY = 32, .DstW = WIDE, .DstH = HIGH};
    s.par.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    open_stage(&stage, &s);
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_MORE_DATA);
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_NONE);
    sync_ok(stage.runtime.session, sync);
    assert_int_equal(atomic_load(&stage.in[0].num_locks), 1);
    got = output(&stage);
    assert_memory_equal(got, s.picture[0], WIDE);
    assert_memory_equal(got + 32 * WIDTH + 32, s.picture[0], WIDE);
    free(got);
    input(&stage, 0)->Info.CropX = 16; /* another part of it is another picture */
    input(&stage, 0)->Info.CropY = 8;
    input(&stage, 0)->Info.CropW = WIDE - 16;
    input(&stage, 0)->Info.CropH = HIGH - 8;
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_MORE_DATA);
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_NONE);
    sync_ok(stage.runtime.session, sync);
    assert_int_equal(atomic_load(&stage.in[0].num_locks), 2);
    close_stage(&stage);
    end(&s);
}

static void a_frame_that_fails_fails_its_output_alone(void **state)
{
    struct stage stage = {0};
    mfxSyncPoint sync;
    struct scene s;

    (void)state;
    two_streams(&s);
    open_stage(&stage, &s);
    atomic_store(&stage.in[0].lock_fails_at, 1);
    atomic_store(&stage.in[1].lock_fails_at, 1);
    assert_int_equal(give(&stage, input(&stage, 0), &sync), MFX_ERR_MORE_DATA);
    assert_int_equal(give(&stage, input(&stage, 1), &sync), MFX_ERR_NONE);
    assert_true(MFXVideoCORE_SyncOperation(stage.runtime.session, sync, 60000) < MFX_ERR_NONE);
    atomic_store(&stage.in[0].lock_fails_at, 0);
    atomic_store(&stage.in[1].lock_fails_at, 0);
    give_all(&stage, 2);
    close_stage(&stage);
    end(&s);
}

static void frames_that_do_not_fit_are_refused(void **state)
{
    struct stage stage = {0};
    mfxFrameSurface1 *in;
    mfxSyncPoint sync;
    struct scene s;

    (void)state;
    begin(&s, MFX_FOURCC_NV12, MFX_FOURCC_NV12);
    add(&s, MFX_FOURCC_NV12, WIDE + 2, HIGH, 0, 0, WIDE, HIGH);
    add(&s, MFX_FOURCC_RGB4, WIDE, HIGH, 0, 0, WIDE, HIGH);
    open_stage(&stage, &s);
    in = input(&stage, 0);
    assert_int_equal(give(&stage, in, &sync), MFX_ERR_INVALID_VIDEO_PARAM); /* larger than initialised */
    in->Info.CropW = WIDE;                                                  /* the picture counts */
    assert_int_equal(give(&stage, in, &sync), MFX_ERR_MORE_DATA);
    assert_int_equal(give(&stage, input(&stage, 1), &sync),
                     MFX_ERR_INVALID_VIDEO_PARAM); /* no alpha: no RGB */
    assert_int_equal(give(&stage, in, &sync), MFX_ERR_NONE);
    sync_ok(stage.runtime.session, sync);
    close_stage(&stage);
    end(&s);
}

static void reset_changes_streams_and_colour(void **state)
{
    mfxVPPCompInputStream told[4] = {{0}};
    mfxExtVPPComposite now = {.Header = {MFX_EXTBUFF_VPP_COMPOSITE, sizeof(now)}};
    mfxExtBuffer *buffers[] = {&now.Header};
    mfxVideoParam par = {.ExtParam = buffers, .NumExtParam = 1};
    struct stage stage = {0};
    struct scene s;
    uint8_t *got;

    (void)state;
    two_streams(&s);
    open_stage(&stage, &s);
    s.composite.NumInputStream = 1;
    s.composite.Y = 77;
    s.streams[0].DstX = 32;
    assert_int_equal(MFXVideoVPP_Reset(stage.runtime.session, &s.par), MFX_ERR_NONE);
    give_all(&stage, 1);
    got = output(&stage);
    assert_int_equal(got[0], 77);
    assert_int_equal(got[32], s.picture[0][0]);
    free(got);
    assert_int_equal(MFXVideoVPP_GetVideoParam(stage.runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(now.NumInputStream, 1);
    assert_int_equal(now.Y, 77);
    now.InputStream = told;
    now.NumInputStream = 4;
    assert_int_equal(MFXVideoVPP_GetVideoParam(stage.runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(now.NumInputStream, 1);
    assert_int_equal(told[0].DstX, 32);
    s.composite.NumInputStream = 3;
    s.streams[2] = s.streams[1];
    assert_int_equal(MFXVideoVPP_Reset(stage.runtime.session, &s.par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    s.composite.NumInputStream = 2;
    close_stage(&stage);
    end(&s);
}

/* All of an NV12 surface of the runtime's own. */
static void fill_own(mfxFrameSurface1 *surface, int value)
{
    assert_int_equal(surface->FrameInterface->Map(surface, MFX_MAP_WRITE), MFX_ERR_NONE);
    memset(surface->Data.Y, value, (size_t)surface->Data.Pitch * HIGH);
    memset(surface->Data.UV, 128, (size_t)surface->Data.Pitch * HIGH / 2);
    assert_int_equal(surface->FrameInterface->Unmap(surface), MFX_ERR_NONE);
}

static void surfaces_of_the_runtimes_own_are_composed(void **state)
{
    struct runtime runtime;
    mfxFrameSurface1 *out;
    struct scene s;

    (void)state;
    runtime_open(&runtime);
    two_streams(&s);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_NONE);
    for (int i = 0; i < 4; i++) {
        mfxFrameSurface1 *in;

        assert_int_equal(MFXMemory_GetSurfaceForVPP(runtime.session, &in), MFX_ERR_NONE);
        fill_own(in, 100 + i);
        assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in, &out),
                         i % 2 ? MFX_ERR_NONE : MFX_ERR_MORE_DATA);
        assert_int_equal(in->FrameInterface->Release(in), MFX_ERR_NONE);
        if (i % 2 == 0)
            continue;
        assert_int_equal(out->FrameInterface->Synchronize(out, 60000), MFX_ERR_NONE);
        assert_int_equal(out->FrameInterface->Map(out, MFX_MAP_READ), MFX_ERR_NONE);
        assert_int_equal(out->Data.Y[0], 100 + i - 1); /* the first stream's first row */
        assert_int_equal(out->FrameInterface->Unmap(out), MFX_ERR_NONE);
        assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    }
    end(&s);
    runtime_close(&runtime);
}

/* Each pool that streams come from is told what these need of it, for as long as they do. */
static void pools_are_told_of_their_streams(void **state)
{
    mfxExtAllocationHints hints = {.Header = {MFX_EXTBUFF_ALLOCATION_HINTS, sizeof(hints)},
                                   .AllocationPolicy = MFX_ALLOCATION_OPTIMAL,
                                   .VPPPoolType = MFX_VPP_POOL_IN};
    mfxExtBuffer *buffers[] = {&hints.Header};
    mfxSurfacePoolInterface *pool[2];
    mfxFrameSurface1 *in[2];
    mfxFrameSurface1 *out;
    struct runtime runtime;
    struct runtime source[2];
    struct scene s;

    (void)state;
    two_streams(&s);
    for (int i = 0; i < 2; i++) {
        mfxVideoParam par;

        runtime_open(&source[i]);
        vpp_defaults(&par, MFX_FOURCC_NV12, WIDE, HIGH, MFX_FOURCC_NV12, WIDE, HIGH);
        par.AsyncDepth = 2;
        par.ExtParam = buffers;
        par.NumExtParam = 1;
        assert_int_equal(MFXVideoVPP_Init(source[i].session, &par), MFX_ERR_NONE);
        assert_int_equal(MFXMemory_GetSurfaceForVPP(source[i].session, &in[i]), MFX_ERR_NONE);
        assert_int_equal(
            in[i]->FrameInterface->QueryInterface(in[i], MFX_GUID_SURFACE_POOL, (mfxHDL *)&pool[i]),
            MFX_ERR_NONE);
    }
    fill_own(in[0], 100);
    fill_own(in[1], 100);
    runtime_open(&runtime);
    s.par.AsyncDepth = 5;
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &s.par), MFX_ERR_NONE);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in[0], &out), MFX_ERR_MORE_DATA);
        assert_int_equal(MFXVideoVPP_ProcessFrameAsync(runtime.session, in[1], &out), MFX_ERR_NONE);
        assert_int_equal(out->FrameInterface->Release(out), MFX_ERR_NONE);
    }
    for (int i = 0; i < 2; i++) {
        mfxU32 most;

        assert_int_equal(pool[i]->GetMaximumPoolSize(pool[i], &most), MFX_ERR_NONE);
        assert_int_equal(most, 2 + 5);
    }
    assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
    for (int i = 0; i < 2; i++) {
        mfxU32 most;

        assert_int_equal(pool[i]->GetMaximumPoolSize(pool[i], &most), MFX_ERR_NONE);
        assert_int_equal(most, 2);
        assert_int_equal(pool[i]->Release(pool[i]), MFX_ERR_NONE);
        assert_int_equal(in[i]->FrameInterface->Release(in[i]), MFX_ERR_NONE);
        runtime_close(&source[i]);
    }
    runtime_close(&runtime);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_lie_over_each_other),
        cmocka_unit_test(a_whole_stream_is_seen_through),
        cmocka_unit_test(keyed_luma_is_seen_through),
        cmocka_unit_test(rgb_lies_over_rgb_by_its_alpha),
        cmocka_unit_test(rgb_lies_over_yuv_by_its_alpha),
        cmocka_unit_test(ffmpegs_overlay_is_the_same),
        cmocka_unit_test(sixty_four_streams_are_the_most),
        cmocka_unit_test(what_cannot_be_composed_is_refused),
        cmocka_unit_test(a_buffer_of_another_size_is_refused),
        cmocka_unit_test(composition_is_without_other_filters),
        cmocka_unit_test(an_end_before_the_last_stream_gives_the_frames_back),
        cmocka_unit_test(one_surface_may_be_several_streams),
        cmocka_unit_test(a_frame_that_fails_fails_its_output_alone),
        cmocka_unit_test(frames_that_do_not_fit_are_refused),
        cmocka_unit_test(reset_changes_streams_and_colour),
        cmocka_unit_test(surfaces_of_the_runtimes_own_are_composed),
        cmocka_unit_test(pools_are_told_of_their_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
