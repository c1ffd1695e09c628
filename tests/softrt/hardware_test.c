/* The runtime in the guise of hardware, on a VA driver: what it says of itself, what it refuses, and pictures
 * in VA surfaces that it gets from the application's allocator. */
#include "decode_run.h"
#include "encode_run.h"
#include "va_frames.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define CLIP_8  "-f lavfi -i testsrc2=size=176x100:rate=25 -frames:v 12 -pix_fmt yuv420p -c:v libx264 -bf 2"
#define CLIP_10 "-f lavfi -i testsrc2=size=176x100:rate=25 -frames:v 2 -pix_fmt yuv420p10le -c:v libx265 "

enum {
    WIDTH = 176,
    HEIGHT = 112, /* 100 in macroblocks */
    CROP_HEIGHT = 100,
    FRAMES = 12,
    PICTURE = WIDTH * CROP_HEIGHT * 3 / 2
};

static mfxFrameInfo frame_info(mfxU32 fourcc, mfxU16 width, mfxU16 height)
{
    mfxFrameInfo info = {.FourCC = fourcc,
                         .Width = width,
                         .Height = height,
                         .CropW = width,
                         .CropH = height,
                         .FrameRateExtN = 25,
                         .FrameRateExtD = 1,
                         .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};

    complete_info(&info);
    return info;
}

static void it_says_hardware(void **state)
{
    mfxImplDescription *desc = NULL;
    struct runtime runtime;
    mfxPlatform platform;
    mfxIMPL impl = 0;

    (void)state;
    runtime_open(&runtime);
    assert_int_equal(
        MFXEnumImplementations(runtime.loader, 0, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&desc),
        MFX_ERR_NONE);
    assert_string_equal(desc->ImplName, "vfa-softrt");
    assert_int_equal(desc->Impl, MFX_IMPL_TYPE_HARDWARE);
    assert_int_equal(desc->AccelerationMode, MFX_ACCEL_MODE_VIA_VAAPI);
    assert_int_equal(desc->AccelerationModeDescription.NumAccelerationModes, 1);
    assert_int_equal(desc->AccelerationModeDescription.Mode[0], MFX_ACCEL_MODE_VIA_VAAPI);
    assert_int_equal(desc->Dev.MediaAdapterType, MFX_MEDIA_INTEGRATED);
    assert_string_equal(desc->Dev.DeviceID, "0000/0");
    assert_int_equal(desc->VendorID, 0);                 /* nobody's */
    assert_non_null(strstr(desc->Keywords, "software")); /* all the same */
    for (mfxU16 i = 0; i < desc->Dec.NumCodecs; i++)
        for (mfxU16 p = 0; p < desc->Dec.Codecs[i].NumProfiles; p++) {
            const struct decmemdesc *memory = &desc->Dec.Codecs[i].Profiles[p].MemDesc[1];

            assert_int_equal(memory->Width.Step, 16);
            assert_int_equal(memory->Height.Min % 16, 0);
            for (mfxU16 f = 0; f < memory->NumColorFormats; f++) {
                assert_int_not_equal(memory->ColorFormats[f], MFX_FOURCC_I420);
                assert_int_not_equal(memory->ColorFormats[f], MFX_FOURCC_I010);
            }
        }
    assert_int_equal(MFXDispReleaseImplDescription(runtime.loader, desc), MFX_ERR_NONE);
    assert_int_equal(MFXQueryIMPL(runtime.session, &impl), MFX_ERR_NONE);
    assert_int_equal(impl, MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI);
    assert_int_equal(MFXVideoCORE_QueryPlatform(runtime.session, &platform), MFX_ERR_NONE);
    assert_int_equal(platform.MediaAdapterType, MFX_MEDIA_INTEGRATED);
    runtime_close(&runtime);
}

/* Straight into the library: which of the ways in are open. */
static void only_hardware_is_let_in(void **state)
{
    static const mfxIMPL open[] = {MFX_IMPL_HARDWARE,
                                   MFX_IMPL_HARDWARE_ANY,
                                   MFX_IMPL_AUTO,
                                   MFX_IMPL_AUTO_ANY,
                                   MFX_IMPL_HARDWARE | MFX_IMPL_VIA_VAAPI,
                                   MFX_IMPL_HARDWARE | MFX_IMPL_VIA_ANY};
    static const mfxIMPL shut[] = {MFX_IMPL_SOFTWARE, MFX_IMPL_HARDWARE2,
                                   MFX_IMPL_HARDWARE | MFX_IMPL_VIA_D3D11};
    void *library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    mfxStatus (*init)(mfxIMPL, mfxVersion *, mfxSession *);
    mfxStatus (*initialize)(mfxInitializationParam, mfxSession *);
    mfxStatus (*close_session)(mfxSession);
    mfxInitializationParam par = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    mfxVersion version = {{.Major = 1, .Minor = 1}};
    mfxSession session = NULL;

    (void)state;
    assert_non_null(library);
    *(void **)&init = dlsym(library, "MFXInit");
    *(void **)&initialize = dlsym(library, "MFXInitialize");
    *(void **)&close_session = dlsym(library, "MFXClose");
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        assert_int_equal(init(open[i], &version, &session), MFX_ERR_NONE);
        assert_int_equal(close_session(session), MFX_ERR_NONE);
    }
    for (size_t i = 0; i < sizeof(shut) / sizeof(shut[0]); i++)
        assert_int_equal(init(shut[i], &version, &session), MFX_ERR_UNSUPPORTED);
    assert_int_equal(initialize(par, &session), MFX_ERR_UNSUPPORTED);
    par.AccelerationMode = MFX_ACCEL_MODE_VIA_D3D11;
    assert_int_equal(initialize(par, &session), MFX_ERR_UNSUPPORTED);
    assert_null(session);
    dlclose(library);
}

static void header_of(mfxSession session, const char *name, const char *args, mfxU32 codec,
                      mfxVideoParam *par)
{
    char *path = clip(name, args);
    struct stream stream;

    stream_open(&stream, path, 0);
    memset(par, 0, sizeof(*par));
    par->mfx.CodecId = codec;
    assert_true(decode_header(session, &stream, par));
    stream_close(&stream);
    free(path);
}

static void decoders_propose_what_gpus_have(void **state)
{
    struct runtime runtime;
    mfxVideoParam par;

    (void)state;
    runtime_open(&runtime);
    header_of(runtime.session, "hardware.264", CLIP_8, MFX_CODEC_AVC, &par);
    assert_int_equal(par.mfx.FrameInfo.FourCC, MFX_FOURCC_NV12);
    assert_int_equal(par.mfx.FrameInfo.Width, WIDTH);
    assert_int_equal(par.mfx.FrameInfo.Height, HEIGHT);
    assert_int_equal(par.mfx.FrameInfo.CropH, CROP_HEIGHT);
    header_of(runtime.session, "hardware.265", CLIP_10, MFX_CODEC_HEVC, &par);
    assert_int_equal(par.mfx.FrameInfo.FourCC, MFX_FOURCC_P010);
    assert_int_equal(par.mfx.FrameInfo.Shift, 1);
    runtime_close(&runtime);
}

static void check_refused(mfxSession session, mfxFrameInfo info)
{
    const mfxFrameInfo good = frame_info(MFX_FOURCC_NV12, WIDTH, HEIGHT);
    mfxVideoParam par = {.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};

    par.mfx.CodecId = MFX_CODEC_AVC;
    par.mfx.FrameInfo = info;
    assert_int_equal(MFXVideoDECODE_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoDECODE_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    encode_defaults(&par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    par.mfx.FrameInfo = info;
    par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    assert_int_equal(MFXVideoENCODE_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    assert_int_equal(MFXVideoENCODE_Query(session, &par, &par), MFX_ERR_UNSUPPORTED);
    memset(&par, 0, sizeof(par));
    par.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    par.vpp.In = info;
    par.vpp.Out = good;
    assert_int_equal(MFXVideoVPP_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    par.vpp.In = good;
    par.vpp.Out = info;
    assert_int_equal(MFXVideoVPP_Init(session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    par.vpp.Out = good;
    assert_int_equal(MFXVideoVPP_Init(session, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Close(session), MFX_ERR_NONE);
}

static void what_gpus_do_not_have_is_refused(void **state)
{
    struct runtime runtime;

    (void)state;
    runtime_open(&runtime);
    check_refused(runtime.session, frame_info(MFX_FOURCC_I420, WIDTH, HEIGHT));
    check_refused(runtime.session, frame_info(MFX_FOURCC_NV12, WIDTH, CROP_HEIGHT));
    check_refused(runtime.session, frame_info(MFX_FOURCC_NV12, WIDTH - 2, HEIGHT));
    runtime_close(&runtime);
}

/* As the GPU runtime does, which opens the first render node for a session that needs a device and has none.
 */
static void a_session_without_a_display_gets_one(void **state)
{
    mfxVideoParam par = {.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY};
    struct runtime runtime;
    mfxHDL display = NULL;

    (void)state;
    runtime_open(&runtime);
    assert_int_equal(MFXVideoCORE_GetHandle(runtime.session, MFX_HANDLE_VA_DISPLAY, &display),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    par.mfx.CodecId = MFX_CODEC_AVC;
    par.mfx.FrameInfo = frame_info(MFX_FOURCC_NV12, WIDTH, HEIGHT);
    assert_int_equal(MFXVideoDECODE_Init(runtime.session, &par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_GetHandle(runtime.session, MFX_HANDLE_VA_DISPLAY, &display), MFX_ERR_NONE);
    assert_non_null(display);
    assert_int_equal(MFXVideoCORE_SetHandle(runtime.session, MFX_HANDLE_VA_DISPLAY, display),
                     MFX_ERR_UNDEFINED_BEHAVIOR);
    runtime_close(&runtime);
}

/* A decoder of video memory with its surfaces. */
struct pipeline {
    struct va_frames frames;
    struct runtime runtime;
    mfxSession session;
    struct stream stream;
    char *path;
    mfxVideoParam par;
    struct va_set set;
    uint8_t *raw; /* what ffmpeg makes of the clip */
    uint8_t picture[PICTURE];
};

static void pipeline_open(struct pipeline *p)
{
    mfxFrameAllocRequest request;
    size_t size;

    memset(p, 0, sizeof(*p));
    va_frames_open(&p->frames);
    runtime_open(&p->runtime);
    p->session = p->runtime.session;
    assert_int_equal(MFXVideoCORE_SetHandle(p->session, MFX_HANDLE_VA_DISPLAY, p->frames.display),
                     MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(p->session, &p->frames.allocator), MFX_ERR_NONE);
    p->path = clip("hardware.264", CLIP_8);
    p->raw = clip_raw(p->path, "nv12", &size);
    assert_int_equal(size, FRAMES * PICTURE);
    stream_open(&p->stream, p->path, 0);
    p->par.mfx.CodecId = MFX_CODEC_AVC;
    assert_true(decode_header(p->session, &p->stream, &p->par));
    p->par.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
    p->par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    p->par.AsyncDepth = 2;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(p->session, &p->par, &request), MFX_ERR_NONE);
    request.NumFrameSuggested = (mfxU16)(request.NumFrameSuggested + 2); /* the test's own */
    va_set_alloc(&p->set, &p->frames, &request);
    assert_int_equal(MFXVideoDECODE_Init(p->session, &p->par), MFX_ERR_NONE);
}

static void pipeline_close(struct pipeline *p)
{
    runtime_close(&p->runtime);
    va_set_free(&p->set);
    va_frames_close(&p->frames);
    stream_close(&p->stream);
    free(p->raw);
    free(p->path);
}

/* The next frame, not synced; NULL at the end. */
static mfxFrameSurface1 *next_frame(struct pipeline *p, mfxSyncPoint *sync)
{
    mfxBitstream *bits = p->stream.bits.DataLength ? &p->stream.bits : NULL;

    for (;;) {
        mfxFrameSurface1 *out = NULL;
        mfxStatus status =
            MFXVideoDECODE_DecodeFrameAsync(p->session, bits, va_set_free_one(&p->set), &out, sync);

        if (status == MFX_ERR_NONE)
            return out;
        if (status == MFX_ERR_MORE_DATA) {
            if (!bits)
                return NULL;
            bits = NULL;
        } else {
            assert_true(status == MFX_ERR_MORE_SURFACE || status == MFX_WRN_DEVICE_BUSY);
        }
    }
}

static void check_decode(struct pipeline *p)
{
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t frames = 0;

    while ((out = next_frame(p, &sync))) {
        sync_ok(p->session, sync);
        va_picture_get(&p->frames, out, p->picture);
        assert_memory_equal(p->picture, p->raw + frames++ * PICTURE, PICTURE);
    }
    assert_int_equal(frames, FRAMES);
}

static void pictures_reach_va_surfaces_by_their_handles(void **state)
{
    struct pipeline p;

    (void)state;
    pipeline_open(&p);
    check_decode(&p);
    assert_int_equal(atomic_load(&p.frames.num_locks), 0);
    assert_true(atomic_load(&p.frames.num_handles) >= FRAMES);
    pipeline_close(&p);
}

/* Whoever looks at Data.Locked right after the call, as GStreamer does, finds it raised; and whoever waits
 * for it to fall finds it fallen, without syncing. */
static void a_surface_is_busy_for_a_moment(void **state)
{
    struct pipeline p;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t frames = 0;

    (void)state;
    pipeline_open(&p);
    while ((out = next_frame(&p, &sync))) {
        bool *taken = va_set_taken(&p.set, out);

        assert_int_not_equal(__atomic_load_n(&out->Data.Locked, __ATOMIC_ACQUIRE), 0);
        *taken = true; /* so that it is not offered before the test has looked at it */
        for (unsigned tries = 0; __atomic_load_n(&out->Data.Locked, __ATOMIC_ACQUIRE); tries++) {
            assert_true(tries < 10000);
            sleep_ms(1);
        }
        va_picture_get(&p.frames, out, p.picture);
        assert_memory_equal(p.picture, p.raw + frames++ * PICTURE, PICTURE);
        *taken = false;
    }
    assert_int_equal(frames, FRAMES);
    pipeline_close(&p);
}

/* Decode, process, encode, all in video memory. */
static void init_vpp(struct pipeline *p, struct va_set *out)
{
    mfxVideoParam par = {.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY | MFX_IOPATTERN_OUT_VIDEO_MEMORY};
    mfxFrameAllocRequest request[2];

    par.vpp.In = par.vpp.Out = p->par.mfx.FrameInfo;
    par.AsyncDepth = 2;
    assert_int_equal(MFXVideoVPP_QueryIOSurf(p->session, &par, request), MFX_ERR_NONE);
    request[1].NumFrameSuggested = (mfxU16)(request[1].NumFrameSuggested + 6); /* an encoder's */
    va_set_alloc(out, &p->frames, &request[1]);
    assert_int_equal(MFXVideoVPP_Init(p->session, &par), MFX_ERR_NONE);
}

static void init_encoder(struct pipeline *p, mfxVideoParam *par)
{
    mfxFrameAllocRequest request;

    memset(par, 0, sizeof(*par));
    par->mfx.CodecId = MFX_CODEC_AVC;
    par->mfx.FrameInfo = p->par.mfx.FrameInfo;
    par->mfx.RateControlMethod = MFX_RATECONTROL_CQP;
    par->mfx.QPI = par->mfx.QPP = par->mfx.QPB = 20;
    par->mfx.GopRefDist = 1;
    par->IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
    par->AsyncDepth = 1;
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(p->session, par, &request), MFX_ERR_NONE);
    assert_true(request.NumFrameSuggested > par->AsyncDepth); /* one to fill beside those in flight */
    assert_true(MFXVideoENCODE_Init(p->session, par) >= MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(p->session, par), MFX_ERR_NONE);
    assert_true(par->mfx.BRCParamMultiplier > 0);
    assert_true(par->mfx.BufferSizeInKB > 0);
}

static bool encode(struct pipeline *p, mfxFrameSurface1 *surface, mfxBitstream *bits)
{
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    while ((status = MFXVideoENCODE_EncodeFrameAsync(p->session, NULL, surface, bits, &sync)) ==
           MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    if (status == MFX_ERR_MORE_DATA)
        return false;
    assert_int_equal(status, MFX_ERR_NONE);
    sync_ok(p->session, sync);
    return true;
}

static void assert_coded_well(const struct pipeline *p, const mfxBitstream *bits)
{
    char *path = clip_path("hardware-out.264");
    size_t size;
    uint8_t *decoded;

    file_write(path, bits->Data + bits->DataOffset, bits->DataLength);
    decoded = file_raw(path, "nv12", &size);
    assert_int_equal(size, FRAMES * PICTURE);
    assert_true(psnr(p->raw, decoded, size, 1, 0) > 35);
    free(decoded);
    free(path);
}

static void a_chain_in_video_memory_keeps_the_pictures(void **state)
{
    struct pipeline p;
    struct va_set processed;
    mfxFrameSurface1 *in, *out;
    mfxVideoParam coded;
    mfxBitstream bits = {.MaxLength = 4 << 20};
    mfxSyncPoint sync;
    size_t pictures = 0;

    (void)state;
    pipeline_open(&p);
    init_vpp(&p, &processed);
    init_encoder(&p, &coded);
    bits.Data = malloc(bits.MaxLength);
    assert_non_null(bits.Data);
    for (size_t frames = 0; (in = next_frame(&p, &sync)); frames++) {
        out = va_set_free_one(&processed);
        assert_int_equal(MFXVideoVPP_RunFrameVPPAsync(p.session, in, out, NULL, &sync), MFX_ERR_NONE);
        sync_ok(p.session, sync);
        va_picture_get(&p.frames, out, p.picture);
        assert_memory_equal(p.picture, p.raw + frames * PICTURE, PICTURE);
        pictures += encode(&p, out, &bits);
    }
    while (encode(&p, NULL, &bits))
        pictures++;
    assert_int_equal(pictures, FRAMES);
    assert_coded_well(&p, &bits);
    assert_int_equal(atomic_load(&p.frames.num_locks), 0);
    free(bits.Data);
    assert_int_equal(MFXVideoENCODE_Close(p.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Close(p.session), MFX_ERR_NONE);
    va_set_free(&processed);
    pipeline_close(&p);
}

static void assert_image(VADisplay display, VASurfaceID surface, const uint8_t *want)
{
    uint8_t *bytes;
    VAImage image;

    assert_int_equal(vaSyncSurface(display, surface), VA_STATUS_SUCCESS);
    assert_int_equal(vaDeriveImage(display, surface, &image), VA_STATUS_SUCCESS);
    assert_int_equal(image.height, CROP_HEIGHT);
    assert_int_equal(vaMapBuffer(display, image.buf, (void **)&bytes), VA_STATUS_SUCCESS);
    for (size_t row = 0; row < CROP_HEIGHT; row++)
        assert_memory_equal(bytes + image.offsets[0] + row * image.pitches[0], want + row * WIDTH, WIDTH);
    for (size_t row = 0; row < CROP_HEIGHT / 2; row++)
        assert_memory_equal(bytes + image.offsets[1] + row * image.pitches[1],
                            want + (CROP_HEIGHT + row) * WIDTH, WIDTH);
    assert_int_equal(vaUnmapBuffer(display, image.buf), VA_STATUS_SUCCESS);
    assert_int_equal(vaDestroyImage(display, image.image_id), VA_STATUS_SUCCESS);
}

/* GStreamer's surfaces have no room for the rest of the last macroblocks, though Info says that they do. */
static void a_surface_of_the_pictures_size_is_enough(void **state)
{
    struct pipeline p;
    VASurfaceID small;
    mfxSyncPoint sync;

    (void)state;
    pipeline_open(&p);
    assert_int_equal(
        vaCreateSurfaces(p.frames.display, VA_RT_FORMAT_YUV420, WIDTH, CROP_HEIGHT, &small, 1, NULL, 0),
        VA_STATUS_SUCCESS);
    p.frames.instead = &small;
    for (size_t frames = 0; next_frame(&p, &sync); frames++) {
        sync_ok(p.session, sync);
        assert_image(p.frames.display, small, p.raw + frames * PICTURE);
    }
    assert_int_equal(MFXVideoDECODE_Close(p.session), MFX_ERR_NONE);
    assert_int_equal(vaDestroySurfaces(p.frames.display, &small, 1), VA_STATUS_SUCCESS);
    pipeline_close(&p);
}

/* But one of any size is not: nothing is written beyond it. */
static void a_smaller_surface_is_an_error(void **state)
{
    struct pipeline p;
    VASurfaceID small;
    mfxSyncPoint sync;

    (void)state;
    pipeline_open(&p);
    assert_int_equal(vaCreateSurfaces(p.frames.display, VA_RT_FORMAT_YUV420, 64, 64, &small, 1, NULL, 0),
                     VA_STATUS_SUCCESS);
    p.frames.instead = &small;
    assert_non_null(next_frame(&p, &sync));
    assert_int_equal(MFXVideoCORE_SyncOperation(p.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(MFXVideoDECODE_Close(p.session), MFX_ERR_NONE);
    assert_int_equal(vaDestroySurfaces(p.frames.display, &small, 1), VA_STATUS_SUCCESS);
    pipeline_close(&p);
}

static void a_surface_without_a_handle_is_an_error(void **state)
{
    struct pipeline p;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    pipeline_open(&p);
    p.frames.handle_answers = MFX_ERR_UNSUPPORTED;
    out = next_frame(&p, &sync);
    assert_non_null(out);
    assert_int_equal(MFXVideoCORE_SyncOperation(p.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(atomic_load(&p.frames.num_locks), 0);
    pipeline_close(&p);
}

/* In the guise of software. */
static void software_asks_for_the_handle_where_it_cannot_lock(void **state)
{
    struct pipeline p;
    mfxIMPL impl = 0;

    (void)state;
    pipeline_open(&p);
    assert_int_equal(MFXQueryIMPL(p.session, &impl), MFX_ERR_NONE);
    assert_int_equal(impl, MFX_IMPL_SOFTWARE | MFX_IMPL_VIA_VAAPI);
    p.frames.lock_answers = MFX_ERR_UNSUPPORTED;
    check_decode(&p);
    assert_true(atomic_load(&p.frames.num_locks) >= FRAMES);
    assert_true(atomic_load(&p.frames.num_handles) >= FRAMES);
    pipeline_close(&p);
}

static void software_does_not_where_the_lock_failed(void **state)
{
    struct pipeline p;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    pipeline_open(&p);
    p.frames.lock_answers = MFX_ERR_LOCK_MEMORY;
    out = next_frame(&p, &sync);
    assert_non_null(out);
    assert_int_equal(MFXVideoCORE_SyncOperation(p.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(atomic_load(&p.frames.num_handles), 0);
    pipeline_close(&p);
}

/* SOFTRT_GUISE holds another word: it is told on standard error, and nothing is to be had. */
static void an_unknown_guise_is_no_implementation(void **state)
{
    void *library = dlopen(getenv("SOFTRT_LIBRARY"), RTLD_NOW);
    mfxStatus (*init)(mfxIMPL, mfxVersion *, mfxSession *);
    mfxStatus (*initialize)(mfxInitializationParam, mfxSession *);
    const mfxAccelerationMode modes[] = {MFX_ACCEL_MODE_NA, MFX_ACCEL_MODE_VIA_VAAPI};
    const mfxIMPL impls[] = {MFX_IMPL_AUTO, MFX_IMPL_AUTO_ANY, MFX_IMPL_SOFTWARE, MFX_IMPL_HARDWARE};
    mfxLoader loader = MFXLoad();
    mfxImplDescription *desc = NULL;
    mfxSession session = NULL;

    (void)state;
    assert_non_null(library);
    *(void **)&init = dlsym(library, "MFXInit");
    *(void **)&initialize = dlsym(library, "MFXInitialize");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(initialize((mfxInitializationParam){.AccelerationMode = modes[i]}, &session),
                         MFX_ERR_UNSUPPORTED);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(init(impls[i], NULL, &session), MFX_ERR_UNSUPPORTED);
    for (mfxU32 i = 0;
         MFXEnumImplementations(loader, i, MFX_IMPLCAPS_IMPLDESCSTRUCTURE, (mfxHDL *)&desc) == MFX_ERR_NONE;
         i++) {
        assert_string_not_equal(desc->ImplName, "vfa-softrt");
        assert_int_equal(MFXDispReleaseImplDescription(loader, desc), MFX_ERR_NONE);
    }
    MFXUnload(loader);
    dlclose(library);
}

int main(void)
{
    const char *guise = getenv("SOFTRT_GUISE");
    const struct CMUnitTest unknown[] = {cmocka_unit_test(an_unknown_guise_is_no_implementation)};
    const struct CMUnitTest hardware[] = {
        cmocka_unit_test(it_says_hardware),
        cmocka_unit_test(only_hardware_is_let_in),
        cmocka_unit_test(decoders_propose_what_gpus_have),
        cmocka_unit_test(what_gpus_do_not_have_is_refused),
        cmocka_unit_test(a_session_without_a_display_gets_one),
        cmocka_unit_test(pictures_reach_va_surfaces_by_their_handles),
        cmocka_unit_test(a_surface_is_busy_for_a_moment),
        cmocka_unit_test(a_chain_in_video_memory_keeps_the_pictures),
        cmocka_unit_test(a_surface_of_the_pictures_size_is_enough),
        cmocka_unit_test(a_smaller_surface_is_an_error),
        cmocka_unit_test(a_surface_without_a_handle_is_an_error),
    };
    const struct CMUnitTest software[] = {
        cmocka_unit_test(software_asks_for_the_handle_where_it_cannot_lock),
        cmocka_unit_test(software_does_not_where_the_lock_failed),
    };

    if (guise && strcmp(guise, "hardware") != 0)
        return cmocka_run_group_tests_name("softrt in no guise", unknown, NULL, NULL);
    return guise ? cmocka_run_group_tests_name("softrt as hardware", hardware, NULL, NULL)
                 : cmocka_run_group_tests_name("softrt by handles", software, NULL, NULL);
}
