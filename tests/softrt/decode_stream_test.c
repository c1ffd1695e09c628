/* Streams that change, break off, are damaged, or run side by side. */
#include "own_decode.h"

#include <stdlib.h>
#include <string.h>
#include <vpl/mfxvp8.h>

#define SMALL "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 20 "
#define LARGE "-f lavfi -i testsrc2=size=416x240:rate=25 -frames:v 20 "

struct pair {
    mfxU32 codec;
    const char *small;
    const char *small_args;
    const char *large;
    const char *large_args;
    const char *pix_fmt;
};

static const struct pair pairs[] = {
    {MFX_CODEC_AVC, "small.264", SMALL "-pix_fmt yuv420p -c:v libx264 -bf 2", "large.264",
     LARGE "-pix_fmt yuv420p -c:v libx264 -bf 2", "yuv420p"},
    {MFX_CODEC_HEVC, "small.265",
     SMALL "-pix_fmt yuv420p -c:v libx265 -preset fast -x265-params log-level=none", "large.265",
     LARGE "-pix_fmt yuv420p -c:v libx265 -preset fast -x265-params log-level=none", "yuv420p"},
    {MFX_CODEC_MPEG2, "small.m2v", SMALL "-pix_fmt yuv420p -c:v mpeg2video -bf 2 -b:v 2M", "large.m2v",
     LARGE "-pix_fmt yuv420p -c:v mpeg2video -bf 2 -b:v 2M", "yuv420p"},
    {MFX_CODEC_JPEG, "small.mjpeg", SMALL "-pix_fmt yuvj420p -c:v mjpeg", "large.mjpeg",
     LARGE "-pix_fmt yuvj420p -c:v mjpeg", "yuvj420p"},
    {MFX_CODEC_VP9, "small.vp9.ivf", SMALL "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8",
     "large.vp9.ivf", LARGE "-pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -cpu-used 8", "yuv420p"},
    {MFX_CODEC_AV1, "small.av1.ivf", SMALL "-pix_fmt yuv420p -c:v libaom-av1 -usage realtime -cpu-used 8",
     "large.av1.ivf", LARGE "-pix_fmt yuv420p -c:v libaom-av1 -usage realtime -cpu-used 8", "yuv420p"},
    {MFX_CODEC_VP8, "small.vp8.ivf", SMALL "-pix_fmt yuv420p -c:v libvpx -deadline realtime -cpu-used 8",
     "large.vp8.ivf", LARGE "-pix_fmt yuv420p -c:v libvpx -deadline realtime -cpu-used 8", "yuv420p"},
};

#define NUM_PAIRS (sizeof(pairs) / sizeof(pairs[0]))

struct bytes {
    uint8_t *data;
    size_t size;
};

static struct bytes join(struct bytes a, struct bytes b, size_t skip_of_b)
{
    struct bytes c = {.size = a.size + b.size - skip_of_b};

    c.data = malloc(c.size);
    assert_non_null(c.data);
    memcpy(c.data, a.data, a.size);
    memcpy(c.data + a.size, b.data + skip_of_b, b.size - skip_of_b);
    free(a.data);
    free(b.data);
    return c;
}

static struct bytes read_clip(const char *path)
{
    struct bytes b;

    b.data = file_read(path, &b.size);
    return b;
}

static struct bytes raw_of(const char *path, const char *pix_fmt)
{
    struct bytes b;

    b.data = clip_raw(path, pix_fmt, &b.size);
    return b;
}

static bool is_packets(mfxU32 codec)
{
    return codec == MFX_CODEC_VP8 || codec == MFX_CODEC_VP9 || codec == MFX_CODEC_AV1;
}

/* One clip after the other as one stream (an IVF file's header is 32 bytes), and ffmpeg's frames of both. */
static void make_sequence(const struct pair *pair, bool grows, struct stream *stream, size_t piece,
                          struct bytes *raw)
{
    char *first = clip(grows ? pair->small : pair->large, grows ? pair->small_args : pair->large_args);
    char *second = clip(grows ? pair->large : pair->small, grows ? pair->large_args : pair->small_args);
    struct bytes both = join(read_clip(first), read_clip(second), is_packets(pair->codec) ? 32 : 0);

    *raw = join(raw_of(first, pair->pix_fmt), raw_of(second, pair->pix_fmt), 0);
    stream_open_bytes(stream, both.data, both.size, piece);
    if (is_packets(pair->codec)) {
        stream->ivf = true;
        stream->at = 32;
    }
    free(both.data);
    free(second);
    free(first);
}

static void run_stream(struct stream *stream, const struct decode_options *options,
                       struct decode_result *result)
{
    struct runtime runtime;

    runtime_open(&runtime);
    decode_run(&runtime, stream, options, result);
    runtime_close(&runtime);
}

static void assert_same_bytes(const struct decode_result *result, const struct bytes *raw)
{
    assert_int_equal(result->size, raw->size);
    assert_memory_equal(result->data, raw->data, raw->size);
}

static void growing_pictures_stop_at_the_header_and_lose_nothing(void **state)
{
    static const size_t pieces[] = {0, 997, 40000};

    (void)state;
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
            struct stream stream;
            struct bytes raw;
            struct decode_result result;

            if (is_packets(pairs[i].codec) && pieces[p])
                continue;
            make_sequence(&pairs[i], true, &stream, pieces[p], &raw);
            run_stream(&stream, &(struct decode_options){.codec = pairs[i].codec}, &result);
            assert_int_equal(result.num_incompatible, 1);
            assert_int_equal(result.num_changed, 0);
            assert_int_equal(result.num_frames, 40);
            assert_same_bytes(&result, &raw);
            decode_result_free(&result);
            stream_close(&stream);
            free(raw.data);
        }
    }
}

static void growing_pictures_in_video_memory_need_new_surfaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        struct stream stream;
        struct bytes raw;
        struct decode_result result;

        make_sequence(&pairs[i], true, &stream, 0, &raw);
        run_stream(&stream, &(struct decode_options){.codec = pairs[i].codec, .video = true}, &result);
        assert_int_equal(result.num_incompatible, 1);
        assert_int_equal(result.num_frames, 40);
        assert_same_bytes(&result, &raw);
        assert_int_equal(result.allocs, 2); /* one for each Init */
        assert_int_equal(result.frees, 2);
        assert_int_equal(result.lock_errors, 0);
        decode_result_free(&result);
        stream_close(&stream);
        free(raw.data);
    }
}

static void shrinking_pictures_go_on_in_the_same_surfaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        struct stream stream;
        struct bytes raw;
        struct decode_result result;

        make_sequence(&pairs[i], false, &stream, 0, &raw);
        run_stream(&stream, &(struct decode_options){.codec = pairs[i].codec}, &result);
        assert_int_equal(result.num_incompatible, 0);
        assert_int_equal(result.num_changed, 1);
        assert_int_equal(result.num_frames, 40);
        assert_same_bytes(&result, &raw);
        decode_result_free(&result);
        stream_close(&stream);
        free(raw.data);
    }
}

static void growing_vp9_asks_for_bigger_surfaces_when_allowed(void **state)
{
    struct stream stream;
    struct bytes raw;
    struct decode_result result;

    (void)state;
    make_sequence(&pairs[4], true, &stream, 0, &raw);
    run_stream(&stream, &(struct decode_options){.codec = MFX_CODEC_VP9, .realloc_request = true}, &result);
    assert_int_equal(result.num_realloc, 1);
    assert_int_equal(result.num_incompatible, 0);
    assert_same_bytes(&result, &raw);
    decode_result_free(&result);
    stream_close(&stream);
    free(raw.data);
}

/* The runtime makes the bigger surfaces itself; those that are out stay as they are. */
static void growing_vp9_grows_the_runtimes_own_surfaces(void **state)
{
    struct decoding d = {.session = NULL};
    struct bytes raw;
    mfxFrameSurface1 *surface, *first = NULL;
    size_t at = 0;
    uint8_t *picture;

    (void)state;
    make_sequence(&pairs[4], true, &d.stream, 0, &raw);
    runtime_open(&d.runtime);
    d.session = d.runtime.session;
    d.par.mfx.CodecId = MFX_CODEC_VP9;
    assert_true(decode_header(d.session, &d.stream, &d.par));
    d.par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    d.par.mfx.EnableReallocRequest = MFX_CODINGOPTION_ON;
    assert_int_equal(MFXVideoDECODE_Init(d.session, &d.par), MFX_ERR_NONE);
    picture = malloc(raw.size);
    assert_non_null(picture);
    while ((surface = decoding_next(&d, false))) {
        size_t size = own_take(surface, picture);

        assert_true(at + size <= raw.size);
        assert_memory_equal(picture, raw.data + at, size);
        at += size;
        if (first)
            own_release(surface);
        else
            first = surface;
    }
    assert_int_equal(at, raw.size);
    assert_true(own_take(first, picture) < raw.size / 40); /* still the small picture */
    own_release(first);
    runtime_close(&d.runtime);
    stream_close(&d.stream);
    free(picture);
    free(raw.data);
}

static void more_bits_a_sample_are_incompatible(void **state)
{
    char *eight = clip(pairs[0].small, pairs[0].small_args);
    char *ten = clip("small10.264", SMALL "-pix_fmt yuv420p10le -c:v libx264");
    struct bytes both = join(read_clip(eight), read_clip(ten), 0);
    struct bytes raw = join(raw_of(eight, "yuv420p"), raw_of(ten, "yuv420p10le"), 0);
    struct decode_result result;
    struct stream stream;

    (void)state;
    stream_open_bytes(&stream, both.data, both.size, 0);
    run_stream(&stream, &(struct decode_options){.codec = MFX_CODEC_AVC}, &result);
    assert_int_equal(result.num_incompatible, 1);
    assert_same_bytes(&result, &raw);
    decode_result_free(&result);
    stream_close(&stream);
    free(raw.data);
    free(both.data);
    free(ten);
    free(eight);
}

static void a_stream_may_begin_in_the_middle_of_garbage(void **state)
{
    char *path = clip(pairs[0].small, pairs[0].small_args);
    struct bytes garbage = {.data = calloc(1, 5000), .size = 5000};
    struct bytes raw = raw_of(path, "yuv420p");
    struct bytes both;
    struct decode_result result;
    struct stream stream;

    (void)state;
    assert_non_null(garbage.data);
    for (size_t i = 0; i < garbage.size; i++)
        garbage.data[i] = (uint8_t)(i * 7919 >> 3 | 4); /* no zero bytes, so no start code */
    both = join(garbage, read_clip(path), 0);
    stream_open_bytes(&stream, both.data, both.size, 600);
    run_stream(&stream, &(struct decode_options){.codec = MFX_CODEC_AVC}, &result);
    assert_same_bytes(&result, &raw);
    decode_result_free(&result);
    stream_close(&stream);
    free(both.data);
    free(raw.data);
    free(path);
}

static void garbage_has_no_frames(void **state)
{
    uint8_t garbage[20000];
    uint32_t seed = 12345;

    (void)state;
    for (size_t i = 0; i < sizeof(garbage); i++) {
        seed = seed * 1664525 + 1013904223;
        garbage[i] = (uint8_t)(seed >> 24);
    }
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        struct decode_result result;
        struct stream stream;

        stream_open_bytes(&stream, garbage, sizeof(garbage), 0);
        run_stream(&stream, &(struct decode_options){.codec = pairs[i].codec}, &result);
        assert_int_equal(result.num_frames, 0);
        decode_result_free(&result);
        stream_close(&stream);
    }
}

/* The frames before the cut are as they were; nothing hangs, and what is damaged is marked or missing. */
static void a_stream_cut_off_gives_what_is_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        char *path = clip(pairs[i].small, pairs[i].small_args);
        struct bytes whole = read_clip(path);
        struct bytes raw = raw_of(path, pairs[i].pix_fmt);
        const size_t frame = raw.size / 20;

        for (size_t tenth = 3; tenth < 10; tenth += 3) {
            struct decode_result result;
            struct stream stream;

            stream_open_bytes(&stream, whole.data, whole.size * tenth / 10, 0);
            stream.ivf = is_packets(pairs[i].codec);
            stream.at = stream.ivf ? 32 : 0;
            run_stream(&stream, &(struct decode_options){.codec = pairs[i].codec}, &result);
            assert_true(result.num_frames > 0 && result.num_frames <= 20);
            assert_int_equal(result.size, result.num_frames * frame);
            /* The first frame is whole in each of these cuts. */
            assert_memory_equal(result.data, raw.data, frame);
            decode_result_free(&result);
            stream_close(&stream);
        }
        free(raw.data);
        free(whole.data);
        free(path);
    }
}

/* Flips bits all over the stream. Whatever comes out, it ends, and the same session then decodes a sound
 * clip. */
static void damage_everywhere_is_survived(void **state)
{
    const unsigned rounds = is_slow() ? 2 : 12;

    (void)state;
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        char *path = clip(pairs[i].small, pairs[i].small_args);
        struct bytes whole = read_clip(path);
        struct bytes raw = raw_of(path, pairs[i].pix_fmt);
        struct runtime runtime;

        runtime_open(&runtime);
        for (unsigned round = 0; round < rounds; round++) {
            struct decode_options options = {.codec = pairs[i].codec};
            struct decode_result result;
            struct stream stream;
            uint32_t seed = 99 + round;

            stream_open_bytes(&stream, whole.data, whole.size, 0);
            stream.ivf = is_packets(pairs[i].codec);
            stream.at = stream.ivf ? 32 : 0;
            for (size_t flips = 0; flips < 10; flips++) {
                seed = seed * 1664525 + 1013904223;
                size_t at = 1000 + (seed >> 4) % (whole.size - 1000);
                stream.data[at] ^= (uint8_t)(1u << (seed & 7));
            }
            decode_run(&runtime, &stream, &options, &result);
            decode_result_free(&result);
            stream_close(&stream);
        }
        struct stream sound;
        struct decode_result result;
        stream_open(&sound, path, 0);
        decode_run(&runtime, &sound, &(struct decode_options){.codec = pairs[i].codec}, &result);
        assert_same_bytes(&result, &raw);
        decode_result_free(&result);
        stream_close(&sound);
        runtime_close(&runtime);
        free(raw.data);
        free(whole.data);
        free(path);
    }
}

/* One group of pictures is ruined: the mark is there, and the groups before and after are untouched. */
static void damage_in_one_place_stays_there(void **state)
{
    char *path = clip("groups.264", "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 -pix_fmt yuv420p "
                                    "-c:v libx264 -bf 0 -x264-params keyint=10:min-keyint=10:scenecut=0");
    struct bytes whole = read_clip(path);
    struct bytes raw = raw_of(path, "yuv420p");
    const size_t frame = raw.size / 30;
    struct decode_result result;
    struct stream stream;
    size_t key = 0;
    size_t found = 0;

    (void)state;
    /* The second IDR picture: NAL type 5. */
    for (size_t i = 0; i + 4 < whole.size && found < 2; i++)
        if (!whole.data[i] && !whole.data[i + 1] && whole.data[i + 2] == 1 &&
            (whole.data[i + 3] & 0x1f) == 5) {
            key = i;
            found++;
        }
    assert_int_equal(found, 2);
    stream_open_bytes(&stream, whole.data, whole.size, 0);
    memset(stream.data + key + 200, 0x55, 400);
    run_stream(&stream, &(struct decode_options){.codec = MFX_CODEC_AVC}, &result);
    assert_int_equal(result.num_frames, 30);
    assert_true(result.num_corrupted > 0 && result.num_errors > 0);
    assert_memory_equal(result.data, raw.data, 10 * frame);
    assert_memory_not_equal(result.data + 10 * frame, raw.data + 10 * frame, frame);
    assert_memory_equal(result.data + 20 * frame, raw.data + 20 * frame, 10 * frame);
    decode_result_free(&result);
    stream_close(&stream);
    free(raw.data);
    free(whole.data);
    free(path);
}

struct parallel {
    struct runtime runtime;
    const struct pair *pair;
    char *path;
    struct decode_result result;
    pthread_t thread;
};

static void *decode_in_parallel(void *opaque)
{
    struct parallel *p = opaque;
    struct stream stream;

    stream_open(&stream, p->path, 0);
    decode_run(&p->runtime, &stream, &(struct decode_options){.codec = p->pair->codec, .by_mid = true},
               &p->result);
    stream_close(&stream);
    return NULL;
}

static void run_parallel(bool joined)
{
    struct parallel p[NUM_PAIRS];
    struct runtime first;

    runtime_open(&first);
    memset(p, 0, sizeof(p));
    for (size_t i = 0; i < NUM_PAIRS; i++) {
        p[i].pair = &pairs[i];
        p[i].path = clip(pairs[i].small, pairs[i].small_args);
        p[i].runtime.loader = first.loader;
        p[i].runtime.session = i ? runtime_session(&first) : first.session;
        if (joined && i)
            assert_int_equal(MFXJoinSession(first.session, p[i].runtime.session), MFX_ERR_NONE);
    }
    for (size_t i = 0; i < NUM_PAIRS; i++)
        assert_int_equal(pthread_create(&p[i].thread, NULL, decode_in_parallel, &p[i]), 0);
    for (size_t i = 0; i < NUM_PAIRS; i++)
        assert_int_equal(pthread_join(p[i].thread, NULL), 0);
    for (size_t i = NUM_PAIRS; i-- > 0;) {
        assert_same_as_ffmpeg(p[i].path, pairs[i].pix_fmt, &p[i].result);
        assert_int_equal(p[i].result.locks, p[i].result.unlocks);
        if (joined && i)
            assert_int_equal(MFXDisjoinSession(p[i].runtime.session), MFX_ERR_NONE);
        if (i)
            assert_int_equal(MFXClose(p[i].runtime.session), MFX_ERR_NONE);
        decode_result_free(&p[i].result);
        free(p[i].path);
    }
    runtime_close(&first);
}

static void sessions_decode_side_by_side(void **state)
{
    (void)state;
    run_parallel(false);
}

static void joined_sessions_decode_side_by_side(void **state)
{
    (void)state;
    run_parallel(true);
}

/* Leaves with outputs never synced, packets queued and frames held back. */
static void close_in_flight(bool close_decoder)
{
    char *path = clip(
        "long.264", "-f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 100 -pix_fmt yuv420p -c:v libx264");
    mfxVideoParam par = {.mfx.CodecId = MFX_CODEC_AVC};
    mfxFrameAllocRequest request;
    struct runtime runtime;
    struct stream stream;
    struct frames frames;
    int threads;

    runtime_open(&runtime);
    threads = count_threads();
    stream_open(&stream, path, 0);
    assert_true(decode_header(runtime.session, &stream, &par));
    par.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    par.AsyncDepth = 8;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(runtime.session, &par, &request), MFX_ERR_NONE);
    frames_create(&frames, &request.Info, request.NumFrameSuggested, true, 0);
    assert_int_equal(MFXVideoCORE_SetFrameAllocator(runtime.session, &frames.allocator), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_Init(runtime.session, &par), MFX_ERR_NONE);
    for (size_t outputs = 0; outputs < 5;) {
        mfxFrameSurface1 *out;
        mfxSyncPoint sync;
        mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(runtime.session, &stream.bits,
                                                           frames_free_one(&frames), &out, &sync);
        assert_true(status == MFX_ERR_NONE || status == MFX_WRN_DEVICE_BUSY);
        outputs += status == MFX_ERR_NONE;
    }
    if (close_decoder)
        assert_int_equal(MFXVideoDECODE_Close(runtime.session), MFX_ERR_NONE);
    assert_int_equal(MFXClose(runtime.session), MFX_ERR_NONE);
    runtime.session = NULL;
    assert_int_equal(frames_locked(&frames), 0);
    assert_int_equal(atomic_load(&frames.num_locks), atomic_load(&frames.num_unlocks));
    assert_int_equal(atomic_load(&frames.num_errors), 0);
    assert_int_equal(count_threads(), threads);
    frames_destroy(&frames);
    stream_close(&stream);
    runtime_close(&runtime);
    free(path);
}

static void closing_the_session_ends_work_in_flight(void **state)
{
    (void)state;
    close_in_flight(false);
}

static void closing_the_decoder_ends_work_in_flight(void **state)
{
    (void)state;
    close_in_flight(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growing_pictures_stop_at_the_header_and_lose_nothing),
        cmocka_unit_test(growing_pictures_in_video_memory_need_new_surfaces),
        cmocka_unit_test(shrinking_pictures_go_on_in_the_same_surfaces),
        cmocka_unit_test(growing_vp9_asks_for_bigger_surfaces_when_allowed),
        cmocka_unit_test(growing_vp9_grows_the_runtimes_own_surfaces),
        cmocka_unit_test(more_bits_a_sample_are_incompatible),
        cmocka_unit_test(a_stream_may_begin_in_the_middle_of_garbage),
        cmocka_unit_test(garbage_has_no_frames),
        cmocka_unit_test(a_stream_cut_off_gives_what_is_there),
        cmocka_unit_test(damage_everywhere_is_survived),
        cmocka_unit_test(damage_in_one_place_stays_there),
        cmocka_unit_test(sessions_decode_side_by_side),
        cmocka_unit_test(joined_sessions_decode_side_by_side),
        cmocka_unit_test(closing_the_session_ends_work_in_flight),
        cmocka_unit_test(closing_the_decoder_ends_work_in_flight),
    };

    return cmocka_run_group_tests_name("softrt decode streams", tests, NULL, NULL);
}
