/* Components and sessions that one thread closes while others call them: each call is answered, and nothing
 * is taken from under its feet. The runtime is linked in: a dispatcher forgets a session by itself. */
#include "clips.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <vpl/mfxjpeg.h>
#include <vpl/mfxvideo.h>

enum {
    WIDTH = 64,
    HEIGHT = 48,
    CHANNEL = 3,
    ROUNDS = 60
};

/* What the callers call, and what they were answered. */
struct race {
    _Atomic(mfxSession) session;
    atomic_bool over;
    atomic_uint served;   /* calls that gave a surface or an answer of its own */
    atomic_uint refused;  /* since what they called was closed */
    atomic_uint nonsense; /* answers that no such call has */
    atomic_int example;   /* one of those */
    uint8_t *clip;
    size_t size;
    mfxVideoParam decode;
};

struct picture {
    struct picture *older;
    mfxBitstream bits;
    uint8_t room[1 << 14];
};

static void count(struct race *race, mfxStatus status)
{
    switch (status) {
    case MFX_ERR_NONE:
        atomic_fetch_add(&race->served, 1);
        break;
    case MFX_ERR_NOT_INITIALIZED:
    case MFX_ERR_INVALID_HANDLE:
    case MFX_ERR_ABORTED:
        atomic_fetch_add(&race->refused, 1);
        break;
    case MFX_ERR_MORE_DATA:
    case MFX_ERR_MORE_SURFACE:
    case MFX_WRN_DEVICE_BUSY:
    case MFX_WRN_IN_EXECUTION:
    case MFX_WRN_VIDEO_PARAM_CHANGED:
    case MFX_WRN_ALLOC_TIMEOUT_EXPIRED:
    case MFX_ERR_UNDEFINED_BEHAVIOR: /* Init where another Init was faster, Close of a pool in use */
        break;
    default:
        atomic_fetch_add(&race->nonsense, 1);
        atomic_store(&race->example, status);
    }
}

static void let_go(struct race *race, mfxFrameSurface1 *surface)
{
    if (surface && surface->FrameInterface->Release(surface) != MFX_ERR_NONE)
        count(race, MFX_ERR_UNKNOWN);
}

static mfxBitstream rewound(const struct race *race)
{
    return (mfxBitstream){
        .Data = race->clip, .DataLength = (mfxU32)race->size, .MaxLength = (mfxU32)race->size};
}

static void *decode(void *arg)
{
    struct race *race = arg;
    mfxBitstream bits = rewound(race);

    while (!atomic_load(&race->over)) {
        mfxFrameSurface1 *out = NULL;
        mfxSyncPoint sync;
        mfxStatus status =
            MFXVideoDECODE_DecodeFrameAsync(atomic_load(&race->session), &bits, NULL, &out, &sync);

        count(race, status);
        if (status == MFX_ERR_NONE)
            count(race, MFXVideoCORE_SyncOperation(atomic_load(&race->session), sync, 1));
        let_go(race, out);
        if (status == MFX_ERR_MORE_DATA || status == MFX_ERR_NOT_INITIALIZED)
            bits = rewound(race);
        sched_yield();
    }
    return NULL;
}

static void *decode_joint(void *arg)
{
    struct race *race = arg;
    mfxBitstream bits = rewound(race);

    while (!atomic_load(&race->over)) {
        mfxSurfaceArray *array = NULL;
        mfxVideoChannelParam channel;
        mfxStatus status =
            MFXVideoDECODE_VPP_DecodeFrameAsync(atomic_load(&race->session), &bits, NULL, 0, &array);

        count(race, status);
        for (mfxU32 i = 0; array && i < array->NumSurfaces; i++)
            let_go(race, array->Surfaces[i]);
        if (array)
            count(race, array->Release(array));
        if (status == MFX_ERR_MORE_DATA || status == MFX_ERR_NOT_INITIALIZED)
            bits = rewound(race);
        memset(&channel, 0, sizeof(channel));
        count(race, MFXVideoDECODE_VPP_GetChannelParam(atomic_load(&race->session), &channel, CHANNEL));
        sched_yield();
    }
    return NULL;
}

/* The picture's place is its encoder's until somebody knows that the operation is over. */
static struct picture *new_picture(struct picture *older)
{
    struct picture *picture = calloc(1, sizeof(*picture));

    if (!picture)
        abort();
    picture->older = older;
    picture->bits = (mfxBitstream){.Data = picture->room, .MaxLength = sizeof(picture->room)};
    return picture;
}

static bool is_over(struct race *race, mfxSyncPoint sync)
{
    mfxStatus status;

    do
        status = MFXVideoCORE_SyncOperation(atomic_load(&race->session), sync, 100);
    while (status == MFX_WRN_IN_EXECUTION);
    count(race, status);
    return status == MFX_ERR_NONE;
}

/* Grey, as an application that makes its pictures itself would fill it. */
static void paint(struct race *race, mfxFrameSurface1 *surface)
{
    mfxStatus status = surface->FrameInterface->Map(surface, MFX_MAP_WRITE);

    count(race, status);
    if (status != MFX_ERR_NONE)
        return;
    memset(surface->Data.Y, 0x80, (size_t)surface->Data.Pitch * HEIGHT);
    memset(surface->Data.UV, 0x80, (size_t)surface->Data.Pitch * HEIGHT / 2);
    count(race, surface->FrameInterface->Unmap(surface));
}

static void *encode(void *arg)
{
    struct race *race = arg;
    struct picture *picture = new_picture(NULL);

    while (!atomic_load(&race->over)) {
        mfxFrameSurface1 *in = NULL, *out = NULL;
        mfxSyncPoint sync = NULL;

        count(race, MFXMemory_GetSurfaceForVPP(atomic_load(&race->session), &in));
        if (in)
            paint(race, in);
        if (in)
            count(race, MFXVideoVPP_ProcessFrameAsync(atomic_load(&race->session), in, &out));
        picture->bits.DataLength = 0;
        if (out)
            count(race, MFXVideoENCODE_EncodeFrameAsync(atomic_load(&race->session), NULL, out,
                                                        &picture->bits, &sync));
        let_go(race, in);
        let_go(race, out);
        if (sync && !is_over(race, sync))
            picture = new_picture(picture);
        sched_yield();
    }
    return picture;
}

static void free_pictures(struct picture *picture)
{
    while (picture) {
        struct picture *older = picture->older;

        free(picture);
        picture = older;
    }
}

static void *ask(void *arg)
{
    struct race *race = arg;

    while (!atomic_load(&race->over)) {
        mfxSession session = atomic_load(&race->session);
        mfxVideoParam par = {.NumExtParam = 0};
        mfxFrameSurface1 *surface = NULL;
        mfxDecodeStat decoded;
        mfxEncodeStat encoded;
        mfxVPPStat processed;
        mfxPriority priority;

        count(race, MFXVideoDECODE_GetVideoParam(session, &par));
        count(race, MFXVideoDECODE_GetDecodeStat(session, &decoded));
        count(race, MFXVideoENCODE_GetVideoParam(session, &par));
        count(race, MFXVideoENCODE_GetEncodeStat(session, &encoded));
        count(race, MFXVideoVPP_GetVPPStat(session, &processed));
        count(race, MFXGetPriority(session, &priority));
        count(race, MFXMemory_GetSurfaceForDecode(session, &surface));
        let_go(race, surface);
        sched_yield();
    }
    return NULL;
}

static mfxFrameInfo picture_info(void)
{
    return (mfxFrameInfo){.FourCC = MFX_FOURCC_NV12,
                          .ChromaFormat = MFX_CHROMAFORMAT_YUV420,
                          .Width = WIDTH,
                          .Height = HEIGHT,
                          .CropW = WIDTH,
                          .CropH = HEIGHT,
                          .FrameRateExtN = 25,
                          .FrameRateExtD = 1,
                          .PicStruct = MFX_PICSTRUCT_PROGRESSIVE};
}

static void init_decoder(struct race *race, mfxSession session, bool joint)
{
    mfxVideoChannelParam channel = {.VPP = picture_info(), .IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    mfxVideoChannelParam *list[1] = {&channel};
    mfxVideoParam par = race->decode;

    channel.VPP.ChannelId = CHANNEL;
    if (joint)
        assert_int_equal(MFXVideoDECODE_VPP_Init(session, &par, list, 1), MFX_ERR_NONE);
    else
        assert_int_equal(MFXVideoDECODE_Init(session, &par), MFX_ERR_NONE);
}

static mfxSession open_session(struct race *race, bool joint)
{
    mfxInitializationParam init = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    mfxVideoParam vpp = {.AsyncDepth = 2,
                         .IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY};
    mfxVideoParam encode_par = {.AsyncDepth = 2, .IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY};
    mfxSession session;

    vpp.vpp.In = vpp.vpp.Out = picture_info();
    encode_par.mfx.CodecId = MFX_CODEC_JPEG;
    encode_par.mfx.CodecProfile = MFX_PROFILE_JPEG_BASELINE;
    encode_par.mfx.Quality = 50;
    encode_par.mfx.Interleaved = 1;
    encode_par.mfx.FrameInfo = picture_info();
    assert_int_equal(MFXInitialize(init, &session), MFX_ERR_NONE);
    init_decoder(race, session, joint);
    assert_int_equal(MFXVideoVPP_Init(session, &vpp), MFX_ERR_NONE);
    assert_int_equal(MFXVideoENCODE_Init(session, &encode_par), MFX_ERR_NONE);
    return session;
}

/* Components first, or the session with all that is in it. */
static void close_in_the_middle(mfxSession session, bool joint, unsigned round)
{
    const struct timespec some = {.tv_nsec = (long)(round % 8) * 500000};

    (void)nanosleep(&some, NULL);
    if (round % 3 == 0) {
        assert_int_equal(joint ? MFXVideoDECODE_VPP_Close(session) : MFXVideoDECODE_Close(session),
                         MFX_ERR_NONE);
        assert_int_equal(MFXVideoVPP_Close(session), MFX_ERR_NONE);
        assert_int_equal(MFXVideoENCODE_Close(session), MFX_ERR_NONE);
    }
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
}

static void read_clip(struct race *race)
{
    char *path =
        clip("close_race.h264", "-f lavfi -i testsrc2=size=64x48:rate=25 -frames:v 20 -pix_fmt yuv420p "
                                "-c:v libx264 -preset ultrafast -threads 1");
    mfxInitializationParam init = {.AccelerationMode = MFX_ACCEL_MODE_NA};
    mfxBitstream bits;
    mfxSession session;

    race->clip = file_read(path, &race->size);
    free(path);
    race->decode.mfx.CodecId = MFX_CODEC_AVC;
    race->decode.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    race->decode.AsyncDepth = 2;
    bits = rewound(race);
    assert_int_equal(MFXInitialize(init, &session), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_DecodeHeader(session, &bits, &race->decode), MFX_ERR_NONE);
    assert_int_equal(MFXClose(session), MFX_ERR_NONE);
    race->decode.mfx.FrameInfo.FourCC = MFX_FOURCC_NV12;
}

static void calls_outlive_what_they_call(void **state)
{
    void *(*const callers[])(void *) = {decode, decode_joint, encode, ask};
    pthread_t threads[sizeof(callers) / sizeof(callers[0])];
    void *pictures;
    struct race race = {.size = 0};

    (void)state;
    read_clip(&race);
    for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, callers[i], &race), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool joint = round % 2;
        mfxSession session = open_session(&race, joint);

        atomic_store(&race.session, session);
        close_in_the_middle(session, joint, round);
    }
    atomic_store(&race.over, true);
    for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
        assert_int_equal(pthread_join(threads[i], &pictures), 0);
        free_pictures(pictures);
    }
    if (atomic_load(&race.nonsense))
        fail_msg("%u answers made no sense, one of them %d", atomic_load(&race.nonsense), race.example);
    assert_in_range(atomic_load(&race.served), 1, UINT_MAX);
    assert_in_range(atomic_load(&race.refused), 1, UINT_MAX);
    free(race.clip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(calls_outlive_what_they_call)};

    return cmocka_run_group_tests_name("close_race", tests, NULL, NULL);
}
