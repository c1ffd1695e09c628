/* The decoder call by call: order, arguments, answers, what it says of itself and of frames. */
#include "decode_run.h"

#include <stdlib.h>
#include <string.h>

#define CLIP "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 -pix_fmt yuv420p "

/* A session, a clip with its parameters, surfaces for it, and an initialised decoder when the test asks for
 * one. */
struct fixture {
    struct runtime runtime;
    mfxSession session;
    char *path;
    struct stream stream;
    mfxVideoParam par;
    struct frames frames;
};

static void open_clip(struct fixture *f, const char *name, const char *args, mfxU32 codec)
{
    f->path = clip(name, args);
    stream_open(&f->stream, f->path, 0);
    memset(&f->par, 0, sizeof(f->par));
    f->par.mfx.CodecId = codec;
    assert_true(decode_header(f->session, &f->stream, &f->par));
    f->par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    f->par.AsyncDepth = 2;
    frames_create(&f->frames, &f->par.mfx.FrameInfo, 6, true, 0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(f->session, &f->frames.allocator), MFX_ERR_NONE);
}

static void set_up(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    runtime_open(&f->runtime);
    f->session = f->runtime.session;
    open_clip(f, "api.264",
              CLIP "-c:v libx264 -bf 2 -g 10 -aspect 16:9 -colorspace bt709 -color_primaries bt709 "
                   "-color_trc bt709 -color_range tv",
              MFX_CODEC_AVC);
}

static void init(struct fixture *f)
{
    assert_int_equal(MFXVideoDECODE_Init(f->session, &f->par), MFX_ERR_NONE);
}

static void tear_down(struct fixture *f)
{
    runtime_close(&f->runtime);
    assert_int_equal(frames_locked(&f->frames), 0);
    assert_int_equal(atomic_load(&f->frames.num_errors), 0);
    frames_destroy(&f->frames);
    stream_close(&f->stream);
    free(f->path);
}

/* Calls until there is a frame (waiting while the decoder is busy) or another answer. */
static mfxStatus next_frame(struct fixture *f, mfxBitstream *bits, mfxFrameSurface1 **out, mfxSyncPoint *sync)
{
    for (unsigned tries = 0; tries < 20000; tries++) {
        mfxStatus status =
            MFXVideoDECODE_DecodeFrameAsync(f->session, bits, frames_free_one(&f->frames), out, sync);
        if (status != MFX_WRN_DEVICE_BUSY)
            return status;
        sleep_ms(1);
    }
    fail_msg("busy for twenty seconds");
    return MFX_ERR_UNKNOWN;
}

static size_t drain(struct fixture *f)
{
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;
    mfxStatus status;

    while ((status = next_frame(f, NULL, &out, &sync)) == MFX_ERR_NONE) {
        sync_ok(f->session, sync);
        count++;
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    return count;
}

/* All the rest of the stream. */
static size_t decode_rest(struct fixture *f)
{
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;
    mfxStatus status;

    while ((status = next_frame(f, &f->stream.bits, &out, &sync)) == MFX_ERR_NONE) {
        sync_ok(f->session, sync);
        count++;
    }
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    return count + drain(f);
}

static void calls_before_init_say_so(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out = NULL;
    mfxSyncPoint sync = NULL;
    mfxDecodeStat stat;
    mfxPayload payload = {0};
    mfxU64 stamp;

    (void)state;
    set_up(&f);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &f.par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &f.par), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NOT_INITIALIZED);
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, &f.frames.frame[0].surface, &out, &sync),
        MFX_ERR_NOT_INITIALIZED);
    init(&f);
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Close(f.session), MFX_ERR_NOT_INITIALIZED);
    tear_down(&f);
}

static void null_arguments_are_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxFrameSurface1 *work;
    mfxSyncPoint sync;
    mfxBitstream empty = {.DataLength = 10, .MaxLength = 10};
    mfxFrameAllocRequest request;
    mfxPayload payload = {0};
    mfxU64 stamp;

    (void)state;
    set_up(&f);
    work = &f.frames.frame[0].surface;
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, NULL, &request), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, NULL, &f.par), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &empty, &f.par), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_Init(f.session, NULL), MFX_ERR_NULL_PTR);
    init(&f);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, NULL, &payload), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, NULL), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, work, NULL, &sync),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, work, &out, NULL),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, NULL, &out, &sync),
                     MFX_ERR_NULL_PTR);
    assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &empty, work, &out, &sync), MFX_ERR_NULL_PTR);
    /* None of that cost a byte of the stream. */
    assert_int_equal(decode_rest(&f), 30);
    tear_down(&f);
}

static void surfaces_that_do_not_suit_are_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxFrameSurface1 work;
    mfxFrameSurface1 good;

    (void)state;
    set_up(&f);
    init(&f);
    good = f.frames.frame[0].surface;

#define ANSWER(change, expected)                                                                         \
    do {                                                                                                 \
        work = good;                                                                                     \
        change;                                                                                          \
        assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(f.session, &f.stream.bits, &work, &out, &sync), \
                         expected);                                                                      \
        assert_null(out);                                                                                \
    } while (0)

    ANSWER(work.Info.FourCC = MFX_FOURCC_NV12, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.FourCC = 0x12345678, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Width = 304, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Height = 0, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.ChromaFormat = MFX_CHROMAFORMAT_YUV444, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.BitDepthLuma = 10, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.Shift = 1, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Info.CropX = 300, MFX_ERR_INVALID_VIDEO_PARAM);
    ANSWER(work.Data.MemId = NULL, MFX_ERR_NULL_PTR);
    ANSWER(work.Data.Y = (mfxU8 *)&work, MFX_ERR_UNDEFINED_BEHAVIOR);
    ANSWER(work.Data.Locked = 1, MFX_ERR_MORE_SURFACE);
#undef ANSWER
    assert_int_equal(decode_rest(&f), 30);
    tear_down(&f);
}

static void a_broken_bitstream_structure_is_refused(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxBitstream bits;

    (void)state;
    set_up(&f);
    init(&f);
    bits = f.stream.bits;
    bits.DataOffset = bits.MaxLength;
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(f.session, &bits, frames_free_one(&f.frames), &out, &sync),
        MFX_ERR_UNDEFINED_BEHAVIOR);
    bits.DataOffset = UINT32_MAX;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &bits, &f.par), MFX_ERR_UNDEFINED_BEHAVIOR);
    tear_down(&f);
}

static void the_header_is_read_without_being_consumed(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f);
    const mfxFrameInfo *info = &f.par.mfx.FrameInfo;
    assert_int_equal(info->Width, 320);
    assert_int_equal(info->Height, 192);
    assert_int_equal(info->CropW, 320);
    assert_int_equal(info->CropH, 180);
    assert_int_equal(info->FourCC, MFX_FOURCC_I420);
    assert_int_equal(info->ChromaFormat, MFX_CHROMAFORMAT_YUV420);
    assert_int_equal(info->BitDepthLuma, 8);
    assert_int_equal(info->PicStruct, MFX_PICSTRUCT_PROGRESSIVE);
    assert_int_equal(info->FrameRateExtN, 25 * info->FrameRateExtD);
    assert_int_equal(info->AspectRatioW, info->AspectRatioH);
    assert_int_equal(f.par.mfx.CodecProfile, MFX_PROFILE_AVC_HIGH);
    assert_true(f.par.mfx.CodecLevel >= MFX_LEVEL_AVC_1);
    /* On the first byte of the sequence parameter set. */
    const mfxU8 *at = f.stream.bits.Data + f.stream.bits.DataOffset;
    assert_true(at[0] == 0 && at[1] == 0 && at[2] == 1 && (at[3] & 0x1f) == 7);
    tear_down(&f);
}

static void too_little_of_a_header_asks_for_more(void **state)
{
    struct fixture f;
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_AVC};

    (void)state;
    set_up(&f);
    for (mfxU32 length = 0; length < 40; length++) {
        mfxBitstream bits = f.stream.bits;

        bits.DataLength = length;
        assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &bits, &par), MFX_ERR_MORE_DATA);
        assert_true(bits.DataLength == length || length <= 3); /* all of the header that there is stays */
    }
    par.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &par), MFX_ERR_UNSUPPORTED);
    tear_down(&f);
}

static void the_header_fills_extension_buffers(void **state)
{
    struct fixture f;
    mfxU8 sps[256] = {0};
    mfxU8 pps[256] = {0};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)}};
    mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                     .SPSBuffer = sps,
                                     .PPSBuffer = pps,
                                     .SPSBufSize = sizeof(sps),
                                     .PPSBufSize = sizeof(pps)};
    mfxExtBuffer *ext[] = {&signal.Header, &sets.Header};

    (void)state;
    set_up(&f);
    f.par.ExtParam = ext;
    f.par.NumExtParam = 2;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &f.par), MFX_ERR_NONE);
    assert_int_equal(signal.ColourDescriptionPresent, 1);
    assert_int_equal(signal.ColourPrimaries, 1);
    assert_int_equal(signal.TransferCharacteristics, 1);
    assert_int_equal(signal.MatrixCoefficients, 1);
    assert_int_equal(signal.VideoFullRange, 0);
    assert_true(sets.SPSBufSize > 8 && sets.SPSBufSize < sizeof(sps));
    assert_true(sps[0] == 0 && sps[1] == 0 && sps[2] == 0 && sps[3] == 1 && (sps[4] & 0x1f) == 7);
    assert_true(sets.PPSBufSize > 4 && (pps[4] & 0x1f) == 8);
    sets.SPSBufSize = 4;
    assert_int_equal(MFXVideoDECODE_DecodeHeader(f.session, &f.stream.bits, &f.par),
                     MFX_ERR_NOT_ENOUGH_BUFFER);
    tear_down(&f);
}

static void query_names_what_can_be_set(void **state)
{
    struct fixture f;
    mfxVideoParam out = {.mfx.CodecId = MFX_CODEC_HEVC};

    (void)state;
    set_up(&f);
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, &out), MFX_ERR_NONE);
    assert_int_equal(out.mfx.CodecId, MFX_CODEC_HEVC);
    assert_int_equal(out.IOPattern, MFX_IOPATTERN_OUT_SYSTEM_MEMORY);
    assert_true(out.AsyncDepth && out.mfx.FrameInfo.Width && out.mfx.FrameInfo.FourCC);
    assert_int_equal(out.Protected, 0);
    out.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_Query(f.session, NULL, &out), MFX_ERR_UNSUPPORTED);
    tear_down(&f);
}

static void query_clears_what_cannot_be(void **state)
{
    struct fixture f;
    mfxVideoParam out;

    (void)state;
    set_up(&f);

#define QUERY(field, value, status, result)                                   \
    do {                                                                      \
        mfxVideoParam in = f.par;                                             \
        in.field = (value);                                                   \
        memset(&out, 0, sizeof(out));                                         \
        assert_int_equal(MFXVideoDECODE_Query(f.session, &in, &out), status); \
        assert_int_equal(out.field, result);                                  \
    } while (0)

    QUERY(AsyncDepth, 3, MFX_ERR_NONE, 3);
    QUERY(mfx.CodecId, MFX_CODEC_VC1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.CodecProfile, MFX_PROFILE_AVC_HIGH_422, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.CodecLevel, 99, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_AYUV, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FourCC, MFX_FOURCC_RGB4, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.ChromaFormat, MFX_CHROMAFORMAT_YUV444, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM,
          MFX_CHROMAFORMAT_YUV420);
    QUERY(mfx.FrameInfo.BitDepthLuma, 10, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 8);
    QUERY(mfx.FrameInfo.Shift, 1, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 0);
    QUERY(mfx.FrameInfo.Width, 20000, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.Height, 65535, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.CropW, 400, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.PicStruct, 0x77, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.FrameInfo.FrameRateExtD, 0, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.DecodedOrder, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(mfx.SliceGroupsPresent, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(Protected, 1, MFX_ERR_UNSUPPORTED, 0);
    QUERY(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY, MFX_ERR_UNSUPPORTED, 0);
    QUERY(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY, MFX_ERR_UNSUPPORTED,
          0);
    QUERY(AsyncDepth, 1000, MFX_WRN_INCOMPATIBLE_VIDEO_PARAM, 64);
#undef QUERY
    tear_down(&f);
}

static void extension_buffers_must_be_known_and_paired(void **state)
{
    struct fixture f;
    mfxExtDecVideoProcessing processing = {.Header = {MFX_EXTBUFF_DEC_VIDEO_PROCESSING, sizeof(processing)}};
    mfxExtVideoSignalInfo signal = {.Header = {MFX_EXTBUFF_VIDEO_SIGNAL_INFO, sizeof(signal)}};
    mfxExtBuffer *unknown[] = {&processing.Header};
    mfxExtBuffer *known[] = {&signal.Header};
    mfxVideoParam out = {0};

    (void)state;
    set_up(&f);
    f.par.ExtParam = unknown;
    f.par.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_ERR_UNSUPPORTED);
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_INVALID_VIDEO_PARAM);
    f.par.ExtParam = known;
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &out), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(MFXVideoDECODE_Query(f.session, &f.par, &f.par), MFX_ERR_NONE);
    f.par.ExtParam = NULL;
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_NULL_PTR);
    f.par.NumExtParam = 0;
    tear_down(&f);
}

static void init_refuses_what_is_wrong_or_missing(void **state)
{
    struct fixture f;

    (void)state;
    set_up(&f);

#define REFUSE(field, value)                                                                 \
    do {                                                                                     \
        mfxVideoParam par = f.par;                                                           \
        par.field = (value);                                                                 \
        assert_int_equal(MFXVideoDECODE_Init(f.session, &par), MFX_ERR_INVALID_VIDEO_PARAM); \
    } while (0)

    REFUSE(mfx.CodecId, 0);
    REFUSE(mfx.FrameInfo.FourCC, 0);
    REFUSE(mfx.FrameInfo.FourCC, MFX_FOURCC_YUY2);
    REFUSE(mfx.FrameInfo.Width, 0);
    REFUSE(mfx.FrameInfo.Height, 0);
    REFUSE(mfx.FrameInfo.Width, 32000);
    REFUSE(IOPattern, 0);
    REFUSE(IOPattern, MFX_IOPATTERN_OUT_VIDEO_MEMORY);
    REFUSE(Protected, 1);
#undef REFUSE
    f.par.mfx.FrameInfo.FourCC = MFX_FOURCC_P010;
    f.par.mfx.FrameInfo.BitDepthLuma = f.par.mfx.FrameInfo.BitDepthChroma = 10;
    assert_int_equal(MFXVideoDECODE_Init(f.session, &f.par), MFX_ERR_INVALID_VIDEO_PARAM); /* no shift */
    tear_down(&f);
}

static void surfaces_needed_follow_async_depth(void **state)
{
    struct fixture f;
    mfxFrameAllocRequest request;

    (void)state;
    set_up(&f);
    f.par.AllocId = 77;
    for (mfxU16 depth = 0; depth <= 20; depth += 5) {
        f.par.AsyncDepth = depth;
        assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_NONE);
        assert_int_equal(request.NumFrameMin, depth ? depth : 4);
        assert_int_equal(request.NumFrameSuggested, request.NumFrameMin + 1);
        assert_int_equal(request.Type,
                         MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_SYSTEM_MEMORY);
        assert_int_equal(request.Info.Width, f.par.mfx.FrameInfo.Width);
        assert_int_equal(request.Info.FourCC, MFX_FOURCC_I420);
    }
    f.par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_INVALID_VIDEO_PARAM);
    f.par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    f.par.mfx.CodecId = MFX_CODEC_VC1;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f.session, &f.par, &request), MFX_ERR_INVALID_VIDEO_PARAM);
    tear_down(&f);
}

/* An allocator whose Lock waits until the test lets it go on. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static mfxStatus (*plain_lock)(mfxHDL, mfxMemId, mfxFrameData *);

static mfxStatus MFX_CDECL gated_lock(mfxHDL pthis, mfxMemId mid, mfxFrameData *data)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return plain_lock(pthis, mid, data);
}

static void as_many_outputs_as_async_depth_then_busy(void **state)
{
    struct fixture f;
    struct runtime second;
    mfxFrameSurface1 *out[3] = {NULL};
    mfxSyncPoint sync[3] = {NULL};
    mfxFrameAllocator gated;

    (void)state;
    set_up(&f);
    second.loader = f.runtime.loader;
    second.session = runtime_session(&f.runtime);
    gated = f.frames.allocator;
    plain_lock = gated.Lock;
    gated.Lock = gated_lock;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(second.session, &gated), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(second.session, &f.par), MFX_ERR_NONE);
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < 2;) {
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits,
                                                           frames_free_one(&f.frames), &out[i], &sync[i]);
        if (status == MFX_ERR_NONE) {
            assert_true(surface_locked(out[i]) > 0);
            assert_int_equal(MFXVideoCORE_SyncOperation(second.session, sync[i], 0), MFX_WRN_IN_EXECUTION);
            assert_int_equal(MFXVideoCORE_SyncOperation(second.session, sync[i], 5), MFX_WRN_IN_EXECUTION);
            i++;
        } else {
            assert_int_equal(status, MFX_WRN_DEVICE_BUSY);
            sleep_ms(1);
        }
    }
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits,
                                                         frames_free_one(&f.frames), &out[2], &sync[2]),
                         MFX_WRN_DEVICE_BUSY);
        sleep_ms(1);
    }
    assert_int_equal(
        MFXVideoDECODE_DecodeFrameAsync(second.session, &f.stream.bits, out[0], &out[2], &sync[2]),
        MFX_ERR_MORE_SURFACE);
    pthread_mutex_unlock(&gate);
    sync_ok(second.session, sync[1]);
    sync_ok(second.session, sync[0]);
    assert_int_equal(surface_locked(out[0]), 0);
    sync_ok(second.session, sync[0]); /* the same answer again */
    assert_int_equal(MFXClose(second.session), MFX_ERR_NONE);
    tear_down(&f);
}

static void a_surface_that_cannot_be_locked_fails_its_operation_alone(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    set_up(&f);
    init(&f);
    atomic_store(&f.frames.refuse, true);
    assert_int_equal(next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(MFXVideoCORE_SyncOperation(f.session, sync, 60000), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(surface_locked(out), 0);
    atomic_store(&f.frames.refuse, false);
    assert_int_equal(decode_rest(&f), 29);
    tear_down(&f);
}

static void an_application_that_never_syncs_leaks_nothing(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t count = 0;

    (void)state;
    set_up(&f);
    init(&f);
    while (next_frame(&f, &f.stream.bits, &out, &sync) == MFX_ERR_NONE)
        count++;
    while (next_frame(&f, NULL, &out, &sync) == MFX_ERR_NONE)
        count++;
    assert_int_equal(count, 30);
    tear_down(&f);
}

static void draining_ends_with_more_data_and_the_stream_may_go_on(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(drain(&f), 0);
    assert_int_equal(decode_rest(&f), 30);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(next_frame(&f, NULL, &out, &sync), MFX_ERR_MORE_DATA);
    stream_close(&f.stream);
    stream_open(&f.stream, f.path, 0);
    assert_true(stream_read(&f.stream));
    assert_int_equal(decode_rest(&f), 30);
    tear_down(&f);
}

static void frames_carry_their_time_stamps_and_order(void **state)
{
    const char *args = CLIP "-c:v libvpx-vp9 -deadline realtime -cpu-used 8";
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxU32 order = 0;

    (void)state;
    memset(&f, 0, sizeof(f));
    runtime_open(&f.runtime);
    f.session = f.runtime.session;
    open_clip(&f, "stamps.ivf", args, MFX_CODEC_VP9);
    init(&f);
    for (bool more = true; order < 30;) {
        mfxStatus status = next_frame(&f, more ? &f.stream.bits : NULL, &out, &sync);

        if (status == MFX_ERR_MORE_DATA) {
            assert_true(more);
            more = stream_read(&f.stream);
            continue;
        }
        assert_int_equal(status, MFX_ERR_NONE);
        assert_int_equal(out->Data.TimeStamp, order * 3600);
        assert_int_equal(out->Data.FrameOrder, order);
        assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_ORIGINAL_TIMESTAMP);
        assert_int_equal(out->Info.CropW, 320);
        assert_int_equal(out->Info.CropH, 180);
        assert_int_equal(out->Info.PicStruct, MFX_PICSTRUCT_PROGRESSIVE);
        order++;
    }
    tear_down(&f);
}

static void reordered_frames_keep_the_stamps_of_their_pictures(void **state)
{
    struct fixture f;
    struct stream whole;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxU64 last = 0;
    size_t count = 0;
    bool ended = false;

    (void)state;
    set_up(&f);
    init(&f);
    stream_open(&whole, f.path, 500);
    /* Pieces with rising stamps: each goes to the first picture that begins in its piece, so they stay in the
     * order of decoding, and every frame that comes out is stamped with one of them or with none. */
    while (!ended) {
        mfxStatus status = next_frame(&f, &whole.bits, &out, &sync);

        if (status == MFX_ERR_MORE_DATA) {
            ended = !stream_read(&whole);
            whole.bits.TimeStamp = whole.num_reads * 1000;
        } else {
            assert_int_equal(status, MFX_ERR_NONE);
            if (out->Data.TimeStamp != (mfxU64)MFX_TIMESTAMP_UNKNOWN) {
                assert_int_equal(out->Data.TimeStamp % 1000, 0);
                assert_true(out->Data.TimeStamp <= whole.num_reads * 1000);
                assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_ORIGINAL_TIMESTAMP);
                last = out->Data.TimeStamp;
                count++;
            }
        }
    }
    assert_true(last > 1000 && count > 10);
    stream_close(&whole);
    tear_down(&f);
}

static void without_time_stamps_they_are_unknown(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_true(out->Data.TimeStamp == (mfxU64)MFX_TIMESTAMP_UNKNOWN);
    assert_int_equal(out->Data.DataFlag, MFX_FRAMEDATA_TIMESTAMP_UNKNOWN);
    tear_down(&f);
}

static void reset_starts_over_in_the_same_surfaces(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxVideoParam par;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &f.par), MFX_ERR_NONE);
    stream_close(&f.stream);
    stream_open(&f.stream, f.path, 0);
    assert_true(stream_read(&f.stream));
    assert_int_equal(decode_rest(&f), 30);
    par = f.par;
    par.mfx.FrameInfo.Width = 640;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    par = f.par;
    par.mfx.CodecId = MFX_CODEC_HEVC;
    par.mfx.CodecProfile = par.mfx.CodecLevel = 0;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INCOMPATIBLE_VIDEO_PARAM);
    par = f.par;
    par.IOPattern = MFX_IOPATTERN_OUT_VIDEO_MEMORY;
    assert_int_equal(MFXVideoDECODE_Reset(f.session, &par), MFX_ERR_INVALID_VIDEO_PARAM);
    tear_down(&f);
}

static void working_parameters_can_be_asked_for(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    mfxVideoParam par = {0};
    mfxU8 sps[200];
    mfxU8 pps[200];
    mfxExtCodingOptionSPSPPS sets = {.Header = {MFX_EXTBUFF_CODING_OPTION_SPSPPS, sizeof(sets)},
                                     .SPSBuffer = sps,
                                     .PPSBuffer = pps,
                                     .SPSBufSize = sizeof(sps),
                                     .PPSBufSize = sizeof(pps)};
    mfxExtBuffer *ext[] = {&sets.Header};

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par), MFX_ERR_NONE);
    assert_int_equal(par.mfx.CodecId, MFX_CODEC_AVC);
    assert_int_equal(par.AsyncDepth, 2);
    assert_int_equal(par.mfx.FrameInfo.FourCC, MFX_FOURCC_I420);
    par.ExtParam = ext;
    par.NumExtParam = 1;
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par),
                     MFX_ERR_NOT_FOUND); /* no header seen yet */
    assert_int_equal(next_frame(&f, &f.stream.bits, &out, &sync), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(f.session, &par), MFX_ERR_NONE);
    assert_ptr_equal(par.ExtParam, ext);
    assert_int_equal(par.mfx.FrameInfo.CropH, 180);
    assert_int_equal(par.mfx.FrameInfo.Height, 192);
    assert_int_equal(sps[4] & 0x1f, 7);
    tear_down(&f);
}

static void statistics_count(void **state)
{
    struct fixture f;
    mfxDecodeStat stat;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(decode_rest(&f), 30);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NONE);
    assert_int_equal(stat.NumFrame, 30);
    assert_int_equal(stat.NumError, 0);
    assert_int_equal(stat.NumSkippedFrame, 0);
    assert_int_equal(stat.NumCachedFrame, 0);
    tear_down(&f);
}

static void skipping_goes_by_steps_and_is_counted(void **state)
{
    struct fixture f;
    mfxDecodeStat stat;
    size_t count;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_LESS), MFX_WRN_VALUE_NOT_CHANGED);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NONE);
    count = decode_rest(&f);
    assert_int_equal(MFXVideoDECODE_GetDecodeStat(f.session, &stat), MFX_ERR_NONE);
    assert_true(stat.NumSkippedFrame > 5);
    assert_int_equal(count + stat.NumSkippedFrame, 30);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_MORE), MFX_WRN_VALUE_NOT_CHANGED);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, MFX_SKIPMODE_NOSKIP), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_SetSkipMode(f.session, (mfxSkipMode)99), MFX_ERR_UNSUPPORTED);
    tear_down(&f);
}

/* x264 writes its settings into an SEI message: a UUID and text. */
static void user_data_can_be_fetched(void **state)
{
    struct fixture f;
    mfxU8 bytes[4096];
    mfxPayload payload = {.Data = bytes, .BufSize = 10};
    mfxU64 stamp = 0;

    (void)state;
    set_up(&f);
    init(&f);
    /* From the first byte of the clip: the message may come before what DecodeHeader points at. */
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.NumBit, 0);
    assert_int_equal(decode_rest(&f), 30);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NOT_ENOUGH_BUFFER);
    payload.BufSize = sizeof(bytes);
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.Type, 5);
    assert_true(payload.NumBit > 16 * 8);
    assert_non_null(memmem(bytes, payload.NumBit / 8, "x264", 4));
    assert_int_equal(MFXVideoDECODE_GetPayload(f.session, &stamp, &payload), MFX_ERR_NONE);
    assert_int_equal(payload.NumBit, 0);
    tear_down(&f);
}

/* Where the next access unit delimiter (NAL type 9) begins after `from`. */
static size_t next_picture(const uint8_t *data, size_t size, size_t from)
{
    for (size_t i = from + 1; i + 4 < size; i++)
        if (!data[i] && !data[i + 1] && data[i + 2] == 1 && (data[i + 3] & 0x1f) == 9)
            return i;
    return size;
}

/* A picture a call, announced as complete: the decoder need not wait for the beginning of the next one. */
static void pictures_can_be_given_one_by_one(void **state)
{
    const char *args = CLIP "-c:v libx264 -bf 0 -g 10 -bsf:v h264_metadata=aud=insert";
    struct fixture f;
    size_t size;
    uint8_t *data;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;
    size_t given = 0;
    size_t got = 0;
    mfxStatus status;

    (void)state;
    memset(&f, 0, sizeof(f));
    runtime_open(&f.runtime);
    f.session = f.runtime.session;
    open_clip(&f, "delimited.264", args, MFX_CODEC_AVC);
    init(&f);
    data = file_read(f.path, &size);
    for (size_t at = next_picture(data, size, 0); at < size; given++) {
        size_t end = next_picture(data, size, at);
        mfxBitstream bits = {.Data = data + at,
                             .DataLength = (mfxU32)(end - at),
                             .MaxLength = (mfxU32)(end - at),
                             .TimeStamp = given * 3600,
                             .DataFlag = MFX_BITSTREAM_COMPLETE_FRAME};

        while ((status = next_frame(&f, &bits, &out, &sync)) == MFX_ERR_NONE)
            assert_int_equal(out->Data.TimeStamp, got++ * 3600);
        assert_int_equal(status, MFX_ERR_MORE_DATA);
        assert_int_equal(bits.DataLength, 0);
        at = end;
    }
    assert_int_equal(given, 30);
    while (next_frame(&f, NULL, &out, &sync) == MFX_ERR_NONE)
        assert_int_equal(out->Data.TimeStamp, got++ * 3600);
    assert_int_equal(got, 30);
    tear_down(&f);
    free(data);
}

static void no_surface_of_the_runtimes_own_even_after_init(void **state)
{
    struct fixture f;
    mfxFrameSurface1 *surface = NULL;

    (void)state;
    set_up(&f);
    init(&f);
    assert_int_equal(MFXMemory_GetSurfaceForDecode(f.session, &surface), MFX_ERR_UNSUPPORTED);
    assert_null(surface);
    tear_down(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_before_init_say_so),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(surfaces_that_do_not_suit_are_refused),
        cmocka_unit_test(a_broken_bitstream_structure_is_refused),
        cmocka_unit_test(the_header_is_read_without_being_consumed),
        cmocka_unit_test(too_little_of_a_header_asks_for_more),
        cmocka_unit_test(the_header_fills_extension_buffers),
        cmocka_unit_test(query_names_what_can_be_set),
        cmocka_unit_test(query_clears_what_cannot_be),
        cmocka_unit_test(extension_buffers_must_be_known_and_paired),
        cmocka_unit_test(init_refuses_what_is_wrong_or_missing),
        cmocka_unit_test(surfaces_needed_follow_async_depth),
        cmocka_unit_test(as_many_outputs_as_async_depth_then_busy),
        cmocka_unit_test(a_surface_that_cannot_be_locked_fails_its_operation_alone),
        cmocka_unit_test(an_application_that_never_syncs_leaks_nothing),
        cmocka_unit_test(draining_ends_with_more_data_and_the_stream_may_go_on),
        cmocka_unit_test(frames_carry_their_time_stamps_and_order),
        cmocka_unit_test(reordered_frames_keep_the_stamps_of_their_pictures),
        cmocka_unit_test(without_time_stamps_they_are_unknown),
        cmocka_unit_test(reset_starts_over_in_the_same_surfaces),
        cmocka_unit_test(working_parameters_can_be_asked_for),
        cmocka_unit_test(statistics_count),
        cmocka_unit_test(skipping_goes_by_steps_and_is_counted),
        cmocka_unit_test(user_data_can_be_fetched),
        cmocka_unit_test(pictures_can_be_given_one_by_one),
        cmocka_unit_test(no_surface_of_the_runtimes_own_even_after_init),
    };

    return cmocka_run_group_tests_name("softrt decode calls", tests, NULL, NULL);
}
