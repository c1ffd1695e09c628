/* What a multiplexer needs of every coded picture: FrameType, time stamps, PicStruct. libavformat writes them
 * into MP4 without a word, and reads the same pictures back. */
#include "encode_run.h"

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint warnings;

static void count_warning(void *who, int level, const char *format, va_list args)
{
    char line[512];

    if (level > AV_LOG_WARNING)
        return;
    (void)who;
    (void)vsnprintf(line, sizeof(line), format, args);
    print_message("libav: %s", line);
    atomic_fetch_add(&warnings, 1);
}

struct codec {
    mfxU32 id;
    enum AVCodecID av;
    const char *file;
    bool has_extradata;
};

static const struct codec codecs[] = {
    {MFX_CODEC_AVC, AV_CODEC_ID_H264, "mux_avc.mp4", true},
    {MFX_CODEC_HEVC, AV_CODEC_ID_HEVC, "mux_hevc.mp4", true},
    {MFX_CODEC_MPEG2, AV_CODEC_ID_MPEG2VIDEO, "mux_mpeg2.mp4", true},
    {MFX_CODEC_VP9, AV_CODEC_ID_VP9, "mux_vp9.mp4", false},
    {MFX_CODEC_AV1, AV_CODEC_ID_AV1, "mux_av1.mp4", true},
    {MFX_CODEC_JPEG, AV_CODEC_ID_MJPEG, "mux_jpeg.mp4", false},
};

/* The headers as they are in the first picture. */
static void add_extradata(AVCodecParameters *par, const uint8_t *data, size_t size)
{
    AVBSFContext *filter = NULL;
    AVPacket *packet = av_packet_alloc();
    size_t extra_size = 0;
    const uint8_t *extra;

    assert_non_null(packet);
    assert_int_equal(av_bsf_alloc(av_bsf_get_by_name("extract_extradata"), &filter), 0);
    assert_int_equal(avcodec_parameters_copy(filter->par_in, par), 0);
    assert_int_equal(av_bsf_init(filter), 0);
    assert_int_equal(av_new_packet(packet, (int)size), 0);
    memcpy(packet->data, data, size);
    assert_int_equal(av_bsf_send_packet(filter, packet), 0);
    assert_int_equal(av_bsf_receive_packet(filter, packet), 0);
    extra = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &extra_size);
    assert_non_null(extra);
    par->extradata = av_mallocz(extra_size + AV_INPUT_BUFFER_PADDING_SIZE);
    assert_non_null(par->extradata);
    memcpy(par->extradata, extra, extra_size);
    par->extradata_size = (int)extra_size;
    av_packet_free(&packet);
    av_bsf_free(&filter);
}

static AVFormatContext *open_file(const char *path, const struct codec *codec,
                                  const struct encode_result *result)
{
    AVFormatContext *file = NULL;
    AVStream *stream;

    assert_int_equal(avformat_alloc_output_context2(&file, NULL, "mp4", path), 0);
    stream = avformat_new_stream(file, NULL);
    assert_non_null(stream);
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = codec->av;
    stream->codecpar->width = CLIP_WIDTH;
    stream->codecpar->height = CLIP_HEIGHT;
    stream->codecpar->format = codec->id == MFX_CODEC_JPEG ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    stream->time_base = (AVRational){1, 90000};
    stream->avg_frame_rate = (AVRational){30, 1};
    if (codec->has_extradata)
        add_extradata(stream->codecpar, result->data, result->pictures[0].bytes);
    assert_int_equal(avio_open(&file->pb, path, AVIO_FLAG_WRITE), 0);
    assert_true(avformat_write_header(file, NULL) >= 0);
    return file;
}

static void mux(const char *path, const struct codec *codec, const struct encode_result *result)
{
    AVFormatContext *file = open_file(path, codec, result);
    AVPacket *packet = av_packet_alloc();
    size_t at = 0;

    assert_non_null(packet);
    for (size_t i = 0; i < result->count; at += result->pictures[i++].bytes) {
        const struct coded_picture *picture = &result->pictures[i];

        assert_int_equal(av_new_packet(packet, (int)picture->bytes), 0);
        memcpy(packet->data, result->data + at, picture->bytes);
        packet->pts = (int64_t)picture->pts;
        packet->dts = picture->dts;
        packet->duration = 3000;
        packet->flags = picture->type & MFX_FRAMETYPE_IDR ? AV_PKT_FLAG_KEY : 0;
        av_packet_rescale_ts(packet, (AVRational){1, 90000}, file->streams[0]->time_base);
        assert_int_equal(av_interleaved_write_frame(file, packet), 0);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    assert_int_equal(av_write_trailer(file), 0);
    assert_int_equal(avio_closep(&file->pb), 0);
    avformat_free_context(file);
}

/* What is read back are the same pictures, and ffmpeg decodes them all. */
static void check_file(const char *path, const struct encode_result *result)
{
    AVFormatContext *file = NULL;
    AVPacket *packet = av_packet_alloc();
    size_t count = 0;
    size_t size;

    assert_non_null(packet);
    assert_int_equal(avformat_open_input(&file, path, NULL, NULL), 0);
    while (av_read_frame(file, packet) >= 0) {
        assert_true(count < result->count);
        assert_int_equal(!!(packet->flags & AV_PKT_FLAG_KEY),
                         !!(result->pictures[count].type & MFX_FRAMETYPE_IDR));
        count++;
        av_packet_unref(packet);
    }
    assert_int_equal(count, result->count);
    avformat_close_input(&file);
    av_packet_free(&packet);
    free(file_raw(path, "yuv420p", &size));
    assert_int_equal(size, CLIP_FRAMES * picture_size(MFX_FOURCC_I420, CLIP_WIDTH, CLIP_HEIGHT));
}

static mfxU64 late(size_t frame)
{
    return 900000 + frame * 3000;
}

static void check_codec(const struct codec *codec, mfxU64 (*stamp)(size_t))
{
    mfxExtVP9Param vp9 = {.Header = {MFX_EXTBUFF_VP9_PARAM, sizeof(vp9)},
                          .WriteIVFHeaders = MFX_CODINGOPTION_OFF};
    mfxExtBuffer *buffers[] = {&vp9.Header};
    struct encode_setup setup = {.stamp = stamp, .key_at = 17};
    struct encode_result result;
    struct runtime runtime;
    char *path = clip_path(codec->file);

    encode_defaults(&setup.par, codec->id, MFX_FOURCC_I420);
    if (codec->id == MFX_CODEC_VP9) {
        setup.par.ExtParam = buffers;
        setup.par.NumExtParam = 1;
    }
    runtime_open(&runtime);
    encode_run(&runtime, &setup, &result);
    runtime_close(&runtime);
    for (size_t i = 0; i < result.count; i++) {
        assert_true(result.pictures[i].type & (MFX_FRAMETYPE_I | MFX_FRAMETYPE_P | MFX_FRAMETYPE_B));
        assert_int_equal(result.pictures[i].pic_struct, MFX_PICSTRUCT_PROGRESSIVE);
        assert_true(result.pictures[i].dts <= (mfxI64)result.pictures[i].pts);
        assert_true(!i || result.pictures[i].dts > result.pictures[i - 1].dts);
    }
    mux(path, codec, &result);
    check_file(path, &result);
    free(path);
    encode_result_free(&result);
}

static void coded_pictures_are_muxed_without_a_warning(void **state)
{
    (void)state;
    av_log_set_callback(count_warning);
    for (size_t c = 0; c < sizeof(codecs) / sizeof(codecs[0]); c++) {
        atomic_store(&warnings, 0);
        check_codec(&codecs[c], NULL);
        check_codec(&codecs[c], late);
        if (atomic_load(&warnings))
            fail_msg("%s: libav warned %u times", codecs[c].file, atomic_load(&warnings));
    }
    av_log_set_callback(av_log_default_callback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coded_pictures_are_muxed_without_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
