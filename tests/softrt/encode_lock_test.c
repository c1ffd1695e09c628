/* Init from within libavcodec's avcodec_open2, as ffmpeg's Quick Sync encoders call it: libavcodec then holds
 * a lock of the whole process. Its encoder "libvpx" (VP8) stands for them, which says something while it is
 * opened. */
#include "encode_run.h"

#include <libavcodec/avcodec.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is to be called under the lock, once. */
static struct {
    mfxVideoParam par;
    atomic_bool wanted; /* any thread may have something to say */
    bool done;
    mfxStatus status;
} under_lock;

static void call_init(void *who, int level, const char *format, va_list args)
{
    (void)who, (void)level, (void)format, (void)args;
    if (!atomic_exchange(&under_lock.wanted, false))
        return;
    under_lock.status = MFXVideoENCODE_Init(SESSION, &under_lock.par);
    under_lock.done = true;
}

static mfxStatus init_under_lock(mfxU32 codec, mfxU32 fourcc)
{
    const AVCodec *opened = avcodec_find_encoder_by_name("libvpx");
    AVCodecContext *avctx = avcodec_alloc_context3(opened);

    assert_non_null(opened);
    assert_non_null(avctx);
    avctx->width = CLIP_WIDTH;
    avctx->height = CLIP_HEIGHT;
    avctx->pix_fmt = AV_PIX_FMT_YUV420P;
    avctx->time_base = (AVRational){1, 30};
    encode_defaults(&under_lock.par, codec, fourcc);
    under_lock.done = false;
    atomic_store(&under_lock.wanted, true);
    av_log_set_callback(call_init);
    assert_int_equal(avcodec_open2(avctx, opened, NULL), 0);
    av_log_set_callback(av_log_default_callback);
    assert_true(under_lock.done);
    avcodec_free_context(&avctx);
    return under_lock.status;
}

static void encode_one_frame(void)
{
    struct frames frames;
    mfxBitstream bs;
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    frames_create(&frames, &under_lock.par.mfx.FrameInfo, 1, false, 0);
    bitstream_create(&bs, 1000000);
    assert_int_equal(MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, frames_free_one(&frames), &bs, &sync),
                     MFX_ERR_MORE_DATA);
    while ((status = MFXVideoENCODE_EncodeFrameAsync(SESSION, NULL, NULL, &bs, &sync)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(status, MFX_ERR_NONE);
    sync_ok(SESSION, sync);
    assert_true(bs.DataLength > 0);
    bitstream_destroy(&bs);
    frames_destroy(&frames);
}

/* The codecs of ffmpeg's Quick Sync encoders, of each depth. */
static void all_but_av1_open_under_libavcodecs_lock(void **state)
{
    static const struct {
        mfxU32 codec, fourcc;
    } cases[] = {
        {MFX_CODEC_AVC, MFX_FOURCC_NV12},  {MFX_CODEC_HEVC, MFX_FOURCC_NV12},
        {MFX_CODEC_HEVC, MFX_FOURCC_P010}, {MFX_CODEC_VP9, MFX_FOURCC_NV12},
        {MFX_CODEC_VP9, MFX_FOURCC_P010},  {MFX_CODEC_MPEG2, MFX_FOURCC_NV12},
        {MFX_CODEC_JPEG, MFX_FOURCC_NV12},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(init_under_lock(cases[i].codec, cases[i].fourcc), MFX_ERR_NONE);
        encode_one_frame();
        assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
    }
}

/* What is printed meanwhile, cut to the room there is. */
static mfxStatus init_av1_and_listen(char *said, size_t room)
{
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);
    mfxStatus status;

    assert_non_null(file);
    assert_true(before >= 0);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    status = init_under_lock(MFX_CODEC_AV1, MFX_FOURCC_NV12);
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    (void)close(before);
    rewind(file);
    said[fread(said, 1, room - 1, file)] = 0;
    (void)fclose(file);
    return status;
}

/* libaom is opened by libavcodec: not for ever, not in silence, and the next Init is none the worse for it.
 */
static void av1_is_refused_there_and_opens_afterwards(void **state)
{
    char said[1000];

    (void)state;
    assert_int_equal(init_av1_and_listen(said, sizeof(said)), MFX_ERR_DEVICE_FAILED);
    assert_ptr_equal(strstr(said, "libvpl-softrt: MFXVideoENCODE_Init: libavcodec"), said);
    assert_int_equal(MFXVideoENCODE_Init(SESSION, &under_lock.par), MFX_ERR_NONE);
    encode_one_frame();
    assert_int_equal(MFXVideoENCODE_Close(SESSION), MFX_ERR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_but_av1_open_under_libavcodecs_lock, open_runtime, close_runtime),
        cmocka_unit_test_setup_teardown(av1_is_refused_there_and_opens_afterwards, open_runtime,
                                        close_runtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
