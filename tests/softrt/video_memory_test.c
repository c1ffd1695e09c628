/* Surfaces of video memory for the encoder and for VPP, and from the decoder straight into the encoder: they
 * are reached by Lock alone, never allocated, and give what surfaces of system memory give. */
#include "decode_fixture.h"
#include "encode_run.h"
#include "vpp_run.h"

#include <stdlib.h>
#include <string.h>

#define IN_VIDEO   MFX_IOPATTERN_IN_VIDEO_MEMORY
#define OUT_VIDEO  MFX_IOPATTERN_OUT_VIDEO_MEMORY
#define IN_SYSTEM  MFX_IOPATTERN_IN_SYSTEM_MEMORY
#define OUT_SYSTEM MFX_IOPATTERN_OUT_SYSTEM_MEMORY

enum {
    WIDTH = 160,
    HEIGHT = 92,
    FRAMES = 4
};

static void process(const struct vpp_setup *setup, mfxU16 io_pattern, struct vpp_result *result)
{
    struct vpp_setup how = *setup;

    how.par.IOPattern = io_pattern;
    vpp_run(&how, result);
}

/* Every combination makes the pictures that system memory on both sides makes. */
static void assert_combinations_equal(const struct vpp_setup *setup)
{
    static const mfxU16 patterns[] = {IN_VIDEO | OUT_SYSTEM, IN_SYSTEM | OUT_VIDEO, IN_VIDEO | OUT_VIDEO};
    struct vpp_result system;

    process(setup, IN_SYSTEM | OUT_SYSTEM, &system);
    assert_true(system.count > 0);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct vpp_result result;

        process(setup, patterns[i], &result);
        assert_int_equal(result.count, system.count);
        assert_int_equal(result.size, system.size);
        assert_memory_equal(result.data, system.data, system.size);
        vpp_result_free(&result);
    }
    vpp_result_free(&system);
}

static void vpp_makes_the_same_in_all_combinations(void **state)
{
    static const mfxU32 pairs[][2] = {
        {MFX_FOURCC_NV12, MFX_FOURCC_NV12}, {MFX_FOURCC_NV12, MFX_FOURCC_RGB4},
        {MFX_FOURCC_YUY2, MFX_FOURCC_I420}, {MFX_FOURCC_P010, MFX_FOURCC_NV12},
        {MFX_FOURCC_I010, MFX_FOURCC_P010}, {MFX_FOURCC_RGB4, MFX_FOURCC_P010},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint8_t *source = vpp_source(pairs[i][0], WIDTH, HEIGHT, FRAMES);
        struct vpp_setup setup = {.source = source, .num_frames = FRAMES};

        vpp_defaults(&setup.par, pairs[i][0], WIDTH, HEIGHT, pairs[i][1], 206, 118);
        assert_combinations_equal(&setup);
        vpp_defaults(&setup.par, pairs[i][0], WIDTH, HEIGHT, pairs[i][1], WIDTH, HEIGHT);
        setup.par.vpp.Out.CropX = setup.par.vpp.Out.CropY = 16; /* letterboxed */
        setup.par.vpp.Out.CropW = 128;
        setup.par.vpp.Out.CropH = 60;
        setup.whole_output = true;
        assert_combinations_equal(&setup);
        free(source);
    }
}

/* Its frames stay locked while the filter looks at them. */
static void deinterlacing_makes_the_same_in_all_combinations(void **state)
{
    static const mfxU32 formats[] = {MFX_FOURCC_I420, MFX_FOURCC_NV12};

    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        for (mfxU32 rate = 30; rate <= 60; rate += 30) {
            uint8_t *source = vpp_source(formats[i], WIDTH, HEIGHT, FRAMES);
            struct vpp_setup setup = {.source = source, .num_frames = FRAMES};

            vpp_defaults(&setup.par, formats[i], WIDTH, HEIGHT, formats[i], WIDTH, HEIGHT);
            setup.par.vpp.In.PicStruct = MFX_PICSTRUCT_FIELD_TFF;
            setup.par.vpp.Out.FrameRateExtN = rate;
            assert_combinations_equal(&setup);
            free(source);
        }
}

/* A session with VPP or an encoder of video memory, and surfaces. */
struct bench {
    struct runtime runtime;
    mfxSession session;
    struct frames in, out;
    mfxBitstream bs;
};

static void close_bench(struct bench *b)
{
    struct frames *sides[] = {&b->in, &b->out};

    runtime_close(&b->runtime);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(frames_locked(sides[i]), 0);
        assert_int_equal(atomic_load(&sides[i]->num_locks), atomic_load(&sides[i]->num_unlocks));
        assert_int_equal(atomic_load(&sides[i]->num_allocs), 0);
        frames_destroy(sides[i]);
    }
    bitstream_destroy(&b->bs);
}

static void open_vpp(struct bench *b, bool with_allocator)
{
    mfxVideoParam par;

    memset(b, 0, sizeof(*b));
    runtime_open(&b->runtime);
    b->session = b->runtime.session;
    vpp_defaults(&par, MFX_FOURCC_NV12, WIDTH, HEIGHT, MFX_FOURCC_NV12, 80, 48);
    par.IOPattern = IN_VIDEO | OUT_VIDEO;
    frames_create_video(&b->in, &par.vpp.In, 4);
    frames_create_video(&b->out, &par.vpp.Out, 4);
    b->out.next = &b->in;
    if (with_allocator)
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(b->session, &b->out.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoVPP_Init(b->session, &par), MFX_ERR_NONE);
}

static mfxStatus vpp_call(struct bench *b, mfxFrameSurface1 *in, mfxFrameSurface1 *out)
{
    mfxSyncPoint sync;
    mfxStatus status = MFXVideoVPP_RunFrameVPPAsync(b->session, in, out, NULL, &sync);

    return status == MFX_ERR_NONE ? MFXVideoCORE_SyncOperation(b->session, sync, 60000) : status;
}

static void vpp_refuses_surfaces_it_cannot_reach(void **state)
{
    struct bench b;
    mfxFrameSurface1 in;
    mfxFrameSurface1 out;
    mfxU8 byte;

    (void)state;
    open_vpp(&b, true);
#define ANSWER(change, status)                                 \
    do {                                                       \
        in = b.in.frame[0].surface;                            \
        out = b.out.frame[0].surface;                          \
        change;                                                \
        assert_int_equal(vpp_call(&b, &in, &out), status);     \
        assert_int_equal(in.Data.Locked + out.Data.Locked, 0); \
    } while (0)

    ANSWER(in.Data.MemId = NULL, MFX_ERR_NULL_PTR);
    ANSWER(out.Data.MemId = NULL, MFX_ERR_NULL_PTR);
    ANSWER(in.Data.MemId = NULL; in.Data.Y = in.Data.UV = &byte, MFX_ERR_UNDEFINED_BEHAVIOR);
    ANSWER((void)byte, MFX_ERR_NONE);
    ANSWER(in.Data.Y = out.Data.Y = (mfxU8 *)(uintptr_t)64, MFX_ERR_NONE); /* from an earlier Lock */
    assert_int_equal(atomic_load(&b.in.num_errors) + atomic_load(&b.out.num_errors), 0);
    ANSWER(in.Data.MemId = (mfxMemId)state, MFX_ERR_LOCK_MEMORY); /* the allocator does not know it */
    ANSWER(out.Data.MemId = (mfxMemId)state, MFX_ERR_LOCK_MEMORY);
    ANSWER((void)byte, MFX_ERR_NONE);
#undef ANSWER
    close_bench(&b);
}

static void vpp_without_an_allocator_says_so(void **state)
{
    struct bench b;

    (void)state;
    open_vpp(&b, false);
    assert_int_equal(vpp_call(&b, &b.in.frame[0].surface, &b.out.frame[0].surface), MFX_ERR_LOCK_MEMORY);
    close_bench(&b);
}

/* Either side's Lock, and the Unlock that brings the picture in: one picture is lost, and told of. */
static void vpp_goes_on_after_a_lock_that_fails(void **state)
{
    struct bench b;

    (void)state;
    for (int way = 0; way < 3; way++) {
        atomic_int *failing[] = {&b.in.lock_fails_at, &b.out.lock_fails_at, &b.out.unlock_fails_at};

        open_vpp(&b, true);
        atomic_store(failing[way], 2);
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(vpp_call(&b, &b.in.frame[i].surface, &b.out.frame[i].surface),
                             i == 1 ? MFX_ERR_LOCK_MEMORY : MFX_ERR_NONE);
        assert_int_equal(atomic_load(&b.in.num_errors) + atomic_load(&b.out.num_errors), 0);
        close_bench(&b);
    }
}

static void open_encoder(struct bench *b, mfxU32 codec)
{
    mfxVideoParam par;

    memset(b, 0, sizeof(*b));
    runtime_open(&b->runtime);
    b->session = b->runtime.session;
    encode_defaults(&par, codec, MFX_FOURCC_NV12);
    par.IOPattern = IN_VIDEO;
    par.AsyncDepth = 1;
    frames_create_video(&b->in, &par.mfx.FrameInfo, 4);
    b->in.read_only = true;
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(b->session, &b->in.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(b->session, &par), MFX_ERR_NONE);
    bitstream_create(&b->bs, 1000000);
}

static mfxStatus encode_call(struct bench *b, mfxFrameSurface1 *surface)
{
    for (unsigned tries = 0; tries < 60000; tries++) {
        mfxSyncPoint sync;
        mfxStatus status = MFXVideoENCODE_EncodeFrameAsync(b->session, NULL, surface, &b->bs, &sync);

        if (status != MFX_WRN_DEVICE_BUSY) {
            b->bs.DataLength = 0;
            return status;
        }
        sleep_ms(1);
    }
    fail_msg("the encoder stayed busy for a minute");
    return MFX_ERR_UNKNOWN;
}

static void the_encoder_refuses_surfaces_it_cannot_reach(void **state)
{
    struct bench b;
    mfxFrameSurface1 surface;
    mfxU8 byte;

    (void)state;
    open_encoder(&b, MFX_CODEC_AVC);
    surface = b.in.frame[0].surface;
    surface.Data.MemId = NULL;
    assert_int_equal(encode_call(&b, &surface), MFX_ERR_NULL_PTR);
    surface.Data.Y = surface.Data.UV = &byte;
    assert_int_equal(encode_call(&b, &surface), MFX_ERR_UNDEFINED_BEHAVIOR);
    assert_int_equal(surface.Data.Locked, 0);
    assert_int_equal(atomic_load(&b.in.num_locks), 0);
    close_bench(&b);
}

/* One of some frames cannot be locked: the next call or the drain says so, once; the others are coded.
 */
static void the_encoder_goes_on_after_a_lock_that_fails(void **state)
{
    static const mfxU32 codecs[] = {MFX_CODEC_AVC, MFX_CODEC_HEVC, MFX_CODEC_JPEG};

    (void)state;
    for (size_t c = 0; c < sizeof(codecs) / sizeof(codecs[0]); c++)
        for (int nth = 1; nth <= 6; nth += 5) { /* the first and the last */
            struct bench b;
            mfxEncodeStat stat;
            size_t failures = 0;
            mfxStatus status;

            open_encoder(&b, codecs[c]);
            atomic_store(&b.in.lock_fails_at, nth);
            for (unsigned i = 0; i < 6;) {
                status = encode_call(&b, frames_free_one(&b.in));
                failures += status == MFX_ERR_LOCK_MEMORY;
                i += status != MFX_ERR_LOCK_MEMORY; /* told instead of taking the frame */
                assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA ||
                            status == MFX_ERR_LOCK_MEMORY);
            }
            while ((status = encode_call(&b, NULL)) != MFX_ERR_MORE_DATA) {
                failures += status == MFX_ERR_LOCK_MEMORY;
                assert_true(status == MFX_ERR_NONE || status == MFX_ERR_LOCK_MEMORY);
            }
            assert_int_equal(failures, 1);
            assert_int_equal(MFXVideoENCODE_GetEncodeStat(b.session, &stat), MFX_ERR_NONE);
            assert_int_equal(stat.NumFrame, 5);
            assert_int_equal(atomic_load(&b.in.num_errors), 0);
            close_bench(&b);
        }
}

/* A clip decoded and encoded in one session, in the same surfaces; only the encoder's operations are waited
 * for. */
struct transcode {
    struct fixture decode;
    mfxBitstream bs;
    uint8_t *data;
    size_t size;
    size_t count;
};

static void open_transcode(struct transcode *t, bool video, mfxU32 fourcc)
{
    struct fixture *f = &t->decode;
    mfxFrameAllocRequest decode;
    mfxFrameAllocRequest encode;
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_AVC, .AsyncDepth = 2};
    bool deep = fourcc == MFX_FOURCC_P010;

    memset(t, 0, sizeof(*t));
    runtime_open(&f->runtime);
    f->session = f->runtime.session;
    fixture_open_clip(f, deep ? "deep.265" : "flat.264",
                      deep ? CLIP "-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none"
                           : CLIP "-c:v libx264 -bf 2",
                      deep ? MFX_CODEC_HEVC : MFX_CODEC_AVC);
    f->par.mfx.FrameInfo.FourCC = fourcc;
    complete_info(&f->par.mfx.FrameInfo);
    f->par.IOPattern = video ? OUT_VIDEO : OUT_SYSTEM;
    par.mfx.FrameInfo = f->par.mfx.FrameInfo;
    par.IOPattern = video ? IN_VIDEO : IN_SYSTEM;
    par.mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(f->session, &f->par, &decode), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_QueryIOSurf(f->session, &par, &encode), MFX_ERR_NONE);
    frames_destroy(&f->frames);
    if (video)
        frames_create_video(&f->frames, &decode.Info,
                            (size_t)decode.NumFrameSuggested + encode.NumFrameSuggested);
    else
        frames_create(&f->frames, &decode.Info, (size_t)decode.NumFrameSuggested + encode.NumFrameSuggested,
                      true, 0);
    fixture_init(f);
    assert_int_equal(MFXVideoENCODE_Init(f->session, &par), MFX_ERR_NONE);
    bitstream_create(&t->bs, 1000000);
}

/* One frame, or NULL to drain, until the encoder takes it. False when a drain is over. */
static bool put(struct transcode *t, mfxFrameSurface1 *surface)
{
    mfxSession session = t->decode.session;
    mfxSyncPoint sync;
    mfxStatus status;

    while ((status = MFXVideoENCODE_EncodeFrameAsync(session, NULL, surface, &t->bs, &sync)) ==
           MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    if (status == MFX_ERR_MORE_DATA)
        return surface;
    assert_int_equal(status, MFX_ERR_NONE);
    sync_ok(session, sync);
    t->data = realloc(t->data, t->size + t->bs.DataLength);
    assert_non_null(t->data);
    memcpy(t->data + t->size, t->bs.Data, t->bs.DataLength);
    t->size += t->bs.DataLength;
    t->count++;
    t->bs.DataLength = 0;
    return true;
}

static void run_transcode(struct transcode *t, bool video, mfxU32 fourcc)
{
    struct fixture *f;
    mfxBitstream *bits;
    mfxFrameSurface1 *out;
    mfxSyncPoint sync;

    open_transcode(t, video, fourcc);
    f = &t->decode;
    for (bits = &f->stream.bits;;) {
        mfxStatus status = fixture_next_frame(f, bits, &out, &sync);

        if (status == MFX_ERR_NONE)
            (void)put(t, out);
        else if (status != MFX_ERR_MORE_DATA)
            fail_msg("DecodeFrameAsync answered %d", status);
        else if (bits)
            bits = NULL;
        else
            break;
    }
    while (put(t, NULL)) {
    }
    assert_int_equal(t->count, 30);
    assert_int_equal(atomic_load(&f->frames.num_allocs), video);
    assert_int_equal(atomic_load(&f->frames.num_locks), 60);
    assert_int_equal(atomic_load(&f->frames.num_unlocks), 60);
    fixture_close(f);
    bitstream_destroy(&t->bs);
}

static void a_transcode_in_video_memory_is_the_one_in_system_memory(void **state)
{
    static const mfxU32 formats[] = {MFX_FOURCC_NV12, MFX_FOURCC_P010};

    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct transcode *system = malloc(sizeof(*system));
        struct transcode *video = malloc(sizeof(*video));

        assert_non_null(system);
        assert_non_null(video);
        run_transcode(system, false, formats[i]);
        run_transcode(video, true, formats[i]);
        assert_int_equal(video->size, system->size);
        assert_memory_equal(video->data, system->data, system->size);
        free(system->data);
        free(video->data);
        free(system);
        free(video);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vpp_makes_the_same_in_all_combinations),
        cmocka_unit_test(deinterlacing_makes_the_same_in_all_combinations),
        cmocka_unit_test(vpp_refuses_surfaces_it_cannot_reach),
        cmocka_unit_test(vpp_without_an_allocator_says_so),
        cmocka_unit_test(vpp_goes_on_after_a_lock_that_fails),
        cmocka_unit_test(the_encoder_refuses_surfaces_it_cannot_reach),
        cmocka_unit_test(the_encoder_goes_on_after_a_lock_that_fails),
        cmocka_unit_test(a_transcode_in_video_memory_is_the_one_in_system_memory),
    };

    return cmocka_run_group_tests_name("softrt video memory", tests, NULL, NULL);
}
