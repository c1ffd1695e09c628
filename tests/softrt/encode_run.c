/* A whole encode, as an application does it. */
#include "encode_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *encode_source(mfxU32 fourcc, size_t *size)
{
    bool packed = fourcc == MFX_FOURCC_YUY2;
    char *path = packed ? clip("source422.nut", "-f lavfi -i testsrc2=size=160x92:rate=30 -frames:v 30 "
                                                "-pix_fmt yuv422p -c:v rawvideo")
                        : clip("source.nut", "-f lavfi -i testsrc2=size=160x92:rate=30 -frames:v 30 "
                                             "-pix_fmt yuv420p -c:v rawvideo");
    uint8_t *data = clip_raw(path, pix_fmt_name(fourcc), size);

    assert_int_equal(*size, CLIP_FRAMES * picture_size(fourcc, CLIP_WIDTH, CLIP_HEIGHT));
    free(path);
    return data;
}

uint8_t *encode_changing_source(mfxU32 fourcc)
{
    char *path =
        clip("changing.nut",
             "-f lavfi -i testsrc2=size=160x92:rate=30:d=1[a];"
             "mandelbrot=size=160x92:rate=30,trim=end_frame=30[b];"
             "testsrc2=size=160x92:rate=30:d=1,negate,transpose,scale=160:92,setsar=1[c];[a][b][c]concat=n=3 "
             "-frames:v 90 -pix_fmt yuv420p -c:v rawvideo");
    size_t size;
    uint8_t *data = clip_raw(path, pix_fmt_name(fourcc), &size);

    assert_int_equal(size, CHANGING_FRAMES * picture_size(fourcc, CLIP_WIDTH, CLIP_HEIGHT));
    free(path);
    return data;
}

void encode_defaults(mfxVideoParam *par, mfxU32 codec, mfxU32 fourcc)
{
    mfxFrameInfo *info = &par->mfx.FrameInfo;

    memset(par, 0, sizeof(*par));
    par->IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    par->mfx.CodecId = codec;
    info->FourCC = fourcc;
    complete_info(info);
    info->Width = CLIP_WIDTH;
    info->Height = (CLIP_HEIGHT + 15) / 16 * 16;
    info->CropW = CLIP_WIDTH;
    info->CropH = CLIP_HEIGHT;
    info->FrameRateExtN = 30;
    info->FrameRateExtD = 1;
    info->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
}

void bitstream_create(mfxBitstream *bs, mfxU32 room)
{
    memset(bs, 0, sizeof(*bs));
    bs->Data = malloc(room);
    assert_non_null(bs->Data);
    bs->MaxLength = room;
}

void bitstream_destroy(mfxBitstream *bs)
{
    free(bs->Data);
    memset(bs, 0, sizeof(*bs));
}

static void take(struct encode_result *result, mfxBitstream *bs)
{
    result->data = realloc(result->data, result->size + bs->DataLength);
    result->pictures = realloc(result->pictures, (result->count + 1) * sizeof(*result->pictures));
    assert_non_null(result->data);
    assert_non_null(result->pictures);
    memcpy(result->data + result->size, bs->Data + bs->DataOffset, bs->DataLength);
    result->size += bs->DataLength;
    result->pictures[result->count++] = (struct coded_picture){.pts = bs->TimeStamp,
                                                               .dts = bs->DecodeTimeStamp,
                                                               .type = bs->FrameType,
                                                               .pic_struct = bs->PicStruct,
                                                               .bytes = bs->DataLength};
    bs->DataLength = bs->DataOffset = 0;
}

static void grow(mfxSession session, mfxBitstream *bs)
{
    mfxVideoParam par = {0};
    mfxU32 room;

    assert_int_equal(MFXVideoENCODE_GetVideoParam(session, &par), MFX_ERR_NONE);
    room = par.mfx.BufferSizeInKB * 1000U * (par.mfx.BRCParamMultiplier ? par.mfx.BRCParamMultiplier : 1);
    assert_true(room > bs->MaxLength);
    bs->Data = realloc(bs->Data, room);
    assert_non_null(bs->Data);
    bs->MaxLength = room;
}

/* One frame, or NULL to drain, until the encoder takes it. MFX_ERR_MORE_DATA or MFX_ERR_NONE. */
static mfxStatus feed(mfxSession session, mfxEncodeCtrl *ctrl, mfxFrameSurface1 *surface, mfxBitstream *bs,
                      struct encode_result *result)
{
    for (unsigned waited = 0; waited < 60000; waited++) {
        mfxSyncPoint sync = NULL;
        mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(session, ctrl, surface, bs, &sync);

        if (status == MFX_ERR_NONE) {
            sync_ok(session, sync);
            take(result, bs);
            return status;
        }
        assert_null(sync);
        if (status == MFX_ERR_MORE_DATA)
            return status;
        if (status == MFX_ERR_NOT_ENOUGH_BUFFER) {
            result->num_too_small++;
            grow(session, bs);
            continue;
        }
        assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
        sleep_ms(1);
    }
    fail_msg("the encoder stayed busy for a minute");
    return MFX_ERR_UNKNOWN;
}

/* What is asked of the frame; false for nothing. */
static bool control(const struct encode_setup *setup, size_t frame, mfxEncodeCtrl *ctrl)
{
    if (setup->key_at && setup->key_at == frame)
        ctrl->FrameType = MFX_FRAMETYPE_I | MFX_FRAMETYPE_IDR | MFX_FRAMETYPE_REF;
    if (setup->qp)
        ctrl->QP = setup->qp(frame);
    if (setup->num_payloads && setup->payloads_at == frame) {
        ctrl->Payload = setup->payloads;
        ctrl->NumPayload = setup->num_payloads;
    }
    return ctrl->FrameType || ctrl->QP || ctrl->NumPayload;
}

static void encode_frames(mfxSession session, const struct encode_setup *setup, struct frames *frames,
                          mfxBitstream *bs, struct encode_result *result)
{
    mfxU32 fourcc = setup->par.mfx.FrameInfo.FourCC;
    size_t picture = picture_size(fourcc, CLIP_WIDTH, CLIP_HEIGHT);
    size_t count = setup->num_frames ? setup->num_frames : CLIP_FRAMES;
    size_t source_frames = setup->source ? setup->source_frames : CLIP_FRAMES;
    size_t size;
    uint8_t *made = setup->source ? NULL : encode_source(fourcc, &size);
    const uint8_t *source = made ? made : setup->source;

    for (size_t i = 0; i < count; i++) {
        mfxFrameSurface1 *surface = frames_free_one(frames);
        mfxEncodeCtrl ctrl = {0};
        bool controlled = control(setup, i, &ctrl);

        picture_put(frames, surface, source + i % source_frames * picture);
        surface->Data.TimeStamp = setup->stamp ? setup->stamp(i) : i * 3000;
        (void)feed(session, controlled ? &ctrl : NULL, surface, bs, result);
    }
    while (feed(session, NULL, NULL, bs, result) == MFX_ERR_NONE) {
    }
    assert_int_equal(result->count, count);
    free(made);
}

static void check_given_back(struct frames *frames)
{
    assert_int_equal(frames_locked(frames), 0);
    assert_int_equal(atomic_load(&frames->num_errors), 0);
    assert_int_equal(atomic_load(&frames->num_locks), atomic_load(&frames->num_unlocks));
    assert_true(!frames->by_mid || atomic_load(&frames->num_locks) > 0);
    assert_int_equal(atomic_load(&frames->num_allocs), 0);
}

void encode_run(struct runtime *runtime, const struct encode_setup *setup, struct encode_result *result)
{
    mfxSession session = runtime->session;
    mfxVideoParam par = setup->par;
    mfxFrameAllocRequest request;
    struct frames frames;
    mfxBitstream bs;

    memset(result, 0, sizeof(*result));
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(session, &par, &request), MFX_ERR_NONE);
    if (par.IOPattern == MFX_IOPATTERN_IN_VIDEO_MEMORY)
        frames_create_video(&frames, &request.Info, request.NumFrameSuggested);
    else
        frames_create(&frames, &request.Info, request.NumFrameSuggested, setup->by_mid, setup->pad);
    frames.read_only = true;
    if (frames.by_mid)
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(session, &frames.allocator), MFX_ERR_NONE);
    assert_true(MFXVideoENCODE_Init(session, &par) >= MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_GetVideoParam(session, &result->par), MFX_ERR_NONE);
    bitstream_create(&bs, setup->room ? setup->room : result->par.mfx.BufferSizeInKB * 1000U);
    encode_frames(session, setup, &frames, &bs, result);
    assert_int_equal(MFXVideoENCODE_GetEncodeStat(session, &result->stat), MFX_ERR_NONE);
    assert_int_equal(frames_locked(&frames), 0); /* nothing is in flight any more */
    assert_int_equal(MFXVideoENCODE_Close(session), MFX_ERR_NONE);
    check_given_back(&frames);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

void encode_result_free(struct encode_result *result)
{
    free(result->data);
    free(result->pictures);
    memset(result, 0, sizeof(*result));
}

char *encode_written(const char *name, const struct encode_result *result)
{
    char *path = clip_path(name);

    file_write(path, result->data, result->size);
    return path;
}

uint8_t *encode_decoded(const char *name, const struct encode_result *result, const char *pix_fmt,
                        size_t *size)
{
    char *path = encode_written(name, result);
    uint8_t *data;

    data = file_raw(path, pix_fmt, size);
    free(path);
    return data;
}

static double sample(const uint8_t *from, unsigned bytes, unsigned shift)
{
    return bytes == 1 ? from[0] : (unsigned)(from[0] | from[1] << 8) >> shift;
}

double psnr(const uint8_t *a, const uint8_t *b, size_t size, unsigned bytes, unsigned shift)
{
    double peak = bytes == 1 ? 255 : 1023;
    double sum = 0;

    for (size_t i = 0; i < size; i += bytes) {
        double d = sample(a + i, bytes, shift) - sample(b + i, bytes, shift);
        sum += d * d;
    }
    return sum > 0 ? 10 * log10(peak * peak * (double)size / bytes / sum) : INFINITY;
}
