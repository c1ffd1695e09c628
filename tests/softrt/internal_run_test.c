/* Whole streams in the internal memory model: no surface and no allocator of the application's. What comes
 * out is what comes out of the application's own surfaces, byte for byte. */
#include "encode_run.h"
#include "own_decode.h"
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    FRAMES = OWN_FRAMES,
    WIDTH = OWN_WIDTH,
    HEIGHT = OWN_HEIGHT,
    DEPTH = 4
};

/* Surfaces on their way, oldest first. */
struct pending {
    mfxFrameSurface1 *surface[DEPTH + 1];
    size_t count;
};

/* Pictures that came out. */
struct pictures {
    uint8_t *data;
    size_t size;
    size_t count;
};

static void write_down(struct pictures *out, mfxFrameSurface1 *surface)
{
    const mfxFrameInfo *info = &surface->Info;
    size_t size = picture_size(info->FourCC, info->CropW, info->CropH);

    out->data = realloc(out->data, out->size + size);
    assert_non_null(out->data);
    assert_int_equal(own_take(surface, out->data + out->size), size);
    assert_int_equal(own_references(surface), 1);
    own_release(surface);
    out->size += size;
    out->count++;
}

static void write_down_oldest(struct pictures *out, struct pending *pending)
{
    write_down(out, pending->surface[0]);
    memmove(pending->surface, pending->surface + 1, --pending->count * sizeof(pending->surface[0]));
}

static void decode_all(struct decoding *d, bool work, struct pictures *out)
{
    struct pending pending = {.count = 0};
    mfxFrameSurface1 *surface;

    while ((surface = decoding_next(d, work))) {
        pending.surface[pending.count++] = surface;
        if (pending.count == DEPTH)
            write_down_oldest(out, &pending);
    }
    while (pending.count)
        write_down_oldest(out, &pending);
}

/* Decodes the clip, and compares with ffmpeg. */
static void check_decode(const char *name, const char *args, mfxU32 codec, bool work)
{
    struct decoding d;
    struct decode_result result = {.data = NULL};
    struct pictures out = {.data = NULL};

    decoding_open(&d, name, args, codec);
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    decode_all(&d, work, &out);
    assert_int_equal(MFXVideoDECODE_Close(d.session), MFX_ERR_NONE);
    result.data = out.data;
    result.size = out.size;
    result.num_frames = out.count;
    assert_same_as_ffmpeg(d.path, pix_fmt_name(d.par.mfx.FrameInfo.FourCC), &result);
    assert_int_equal(out.count, FRAMES);
    decoding_close(&d);
    free(out.data);
}

static void decoding_without_surfaces_gives_ffmpegs_frames(void **state)
{
    (void)state;
    check_decode("own.264", OWN_CLIP "-c:v libx264 -bf 2", MFX_CODEC_AVC, false);
    check_decode("own.265", OWN_CLIP "-c:v libx265 -x265-params log-level=0", MFX_CODEC_HEVC, false);
    check_decode("own.m2v", OWN_CLIP "-c:v mpeg2video", MFX_CODEC_MPEG2, false);
    check_decode("own.ivf", OWN_CLIP "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime", MFX_CODEC_VP9, false);
}

static void decoding_into_surfaces_for_decode_gives_ffmpegs_frames(void **state)
{
    (void)state;
    check_decode("own.264", OWN_CLIP "-c:v libx264 -bf 2", MFX_CODEC_AVC, true);
}

/* One frame, or NULL to drain, into an encoder. False when nothing came out. */
static bool encode_one(mfxSession session, mfxFrameSurface1 *surface, mfxBitstream *bs, struct pictures *out)
{
    for (unsigned waited = 0; waited < 60000; waited++) {
        mfxSyncPoint sync = NULL;
        mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(session, NULL, surface, bs, &sync);

        if (status == MFX_ERR_MORE_DATA)
            return false;
        if (status == MFX_ERR_NONE) {
            sync_ok(session, sync);
            out->data = realloc(out->data, out->size + bs->DataLength);
            assert_non_null(out->data);
            memcpy(out->data + out->size, bs->Data + bs->DataOffset, bs->DataLength);
            out->size += bs->DataLength;
            out->count++;
            bs->DataLength = bs->DataOffset = 0;
            return true;
        }
        assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        sleep_ms(1);
    }
    fail_msg("the encoder stayed busy for a minute");
    return false;
}

static void encoding_out_of_surfaces_for_encode_gives_the_same_stream(void **state)
{
    struct encode_setup setup = {.num_frames = 0};
    struct encode_result expected;
    struct pictures out = {.data = NULL};
    struct runtime runtime;
    mfxBitstream bs;
    size_t size, picture = picture_size(MFX_FOURCC_NV12, CLIP_WIDTH, CLIP_HEIGHT);
    uint8_t *source = encode_source(MFX_FOURCC_NV12, &size);

    (void)state;
    encode_defaults(&setup.par, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    runtime_open(&runtime);
    encode_run(&runtime, &setup, &expected);
    bitstream_create(&bs, 1000000);
    assert_int_equal(MFXVideoENCODE_Init(runtime.session, &setup.par), MFX_ERR_NONE);
    for (size_t i = 0; i < CLIP_FRAMES; i++) {
        mfxFrameSurface1 *surface = own_get(MFXMemory_GetSurfaceForEncode, runtime.session);

        assert_int_equal(surface_locked(surface), 0);
        assert_int_equal(own_put(surface, source + i * picture), picture);
        surface->Data.TimeStamp = i * 3000;
        encode_one(runtime.session, surface, &bs, &out);
        own_release(surface);
    }
    while (encode_one(runtime.session, NULL, &bs, &out)) {
    }
    assert_int_equal(MFXVideoENCODE_Close(runtime.session), MFX_ERR_NONE);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.data, expected.data, out.size);
    runtime_close(&runtime);
    encode_result_free(&expected);
    bitstream_destroy(&bs);
    free(out.data);
    free(source);
}

/* VPP's next output; NULL: MFX_ERR_MORE_DATA. */
static mfxFrameSurface1 *process_one(mfxSession session, mfxFrameSurface1 *in, struct pictures *out,
                                     struct pending *pending)
{
    for (unsigned waited = 0; waited < 60000; waited++) {
        mfxFrameSurface1 *result = NULL;
        mfxStatus status = MFXVideoVPP_ProcessFrameAsync(session, in, &result);

        if (status == MFX_ERR_MORE_DATA)
            return NULL;
        if (status == MFX_ERR_NONE)
            return result;
        assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        assert_null(result);
        if (pending->count)
            write_down_oldest(out, pending);
        else
            sleep_ms(1);
    }
    fail_msg("VPP stayed busy for a minute");
    return NULL;
}

static void processing_between_own_surfaces_gives_the_same_pictures(void **state)
{
    uint8_t *source = vpp_source(MFX_FOURCC_NV12, WIDTH, HEIGHT, FRAMES);
    struct vpp_setup setup = {.source = source, .num_frames = FRAMES};
    struct pictures out = {.data = NULL};
    struct pending pending = {.count = 0};
    struct vpp_result expected;
    struct runtime runtime;
    size_t picture = picture_size(MFX_FOURCC_NV12, WIDTH, HEIGHT);

    (void)state;
    vpp_defaults(&setup.par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_I420, 160, 96);
    vpp_run(&setup, &expected);
    runtime_open(&runtime);
    assert_int_equal(MFXVideoVPP_Init(runtime.session, &setup.par), MFX_ERR_NONE);
    for (size_t i = 0; i < FRAMES; i++) {
        mfxFrameSurface1 *in = own_get(MFXMemory_GetSurfaceForVPP, runtime.session), *result;

        assert_int_equal(own_put(in, source + i * picture), picture);
        result = process_one(runtime.session, in, &out, &pending);
        own_release(in);
        pending.surface[pending.count++] = result;
        if (pending.count == DEPTH)
            write_down_oldest(&out, &pending);
    }
    assert_null(process_one(runtime.session, NULL, &out, &pending));
    while (pending.count)
        write_down_oldest(&out, &pending);
    assert_int_equal(MFXVideoVPP_Close(runtime.session), MFX_ERR_NONE);
    assert_int_equal(out.size, expected.size);
    assert_memory_equal(out.data, expected.data, out.size);
    runtime_close(&runtime);
    vpp_result_free(&expected);
    free(out.data);
    free(source);
}

/* Decoder to VPP to encoder: nothing is waited for on the way, and every surface is released as soon as the
 * next component has it. */
static void a_whole_transcode_without_a_surface_of_the_applications(void **state)
{
    struct decoding d;
    struct pictures out = {.data = NULL};
    struct pending none = {.count = 0};
    struct encode_result coded = {.data = NULL};
    mfxVideoParam vpp, encode;
    mfxFrameSurface1 *decoded, *small;
    mfxBitstream bs;
    uint8_t *pictures;
    size_t size, frames = 0;

    (void)state;
    decoding_open(&d, "own.264", OWN_AVC, MFX_CODEC_AVC);
    vpp_defaults(&vpp, d.par.mfx.FrameInfo.FourCC, WIDTH, HEIGHT, MFX_FOURCC_NV12, CLIP_WIDTH, CLIP_HEIGHT);
    vpp.vpp.In = d.par.mfx.FrameInfo;
    encode_defaults(&encode, MFX_CODEC_AVC, MFX_FOURCC_NV12);
    vpp.vpp.Out = encode.mfx.FrameInfo;
    vpp.vpp.Out.FrameRateExtN = d.par.mfx.FrameInfo.FrameRateExtN;
    vpp.vpp.Out.FrameRateExtD = d.par.mfx.FrameInfo.FrameRateExtD;
    vpp.vpp.In.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    vpp.vpp.In.AspectRatioW = vpp.vpp.In.AspectRatioH = 0;
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    assert_true(MFXVideoVPP_Init(d.session, &vpp) >= MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(d.session, &encode), MFX_ERR_NONE);
    bitstream_create(&bs, 1000000);
    while ((decoded = decoding_next(&d, false))) {
        small = process_one(d.session, decoded, &out, &none);
        own_release(decoded);
        assert_non_null(small);
        encode_one(d.session, small, &bs, &out);
        own_release(small);
        frames++;
    }
    while (encode_one(d.session, NULL, &bs, &out)) {
    }
    assert_int_equal(frames, FRAMES);
    assert_int_equal(out.count, FRAMES);
    coded.data = out.data;
    coded.size = out.size;
    pictures = encode_decoded("own_transcode.264", &coded, "nv12", &size);
    assert_int_equal(size, FRAMES * picture_size(MFX_FOURCC_NV12, CLIP_WIDTH, CLIP_HEIGHT));
    bitstream_destroy(&bs);
    free(pictures);
    free(out.data);
    decoding_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_without_surfaces_gives_ffmpegs_frames),
        cmocka_unit_test(decoding_into_surfaces_for_decode_gives_ffmpegs_frames),
        cmocka_unit_test(encoding_out_of_surfaces_for_encode_gives_the_same_stream),
        cmocka_unit_test(processing_between_own_surfaces_gives_the_same_pictures),
        cmocka_unit_test(a_whole_transcode_without_a_surface_of_the_applications),
    };

    return cmocka_run_group_tests_name("softrt internal runs", tests, NULL, NULL);
}
