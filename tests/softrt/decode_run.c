/* A whole decode. */
#include "decode_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_PENDING 64

/* No decode in these tests may take this long, even under valgrind. */
#define TIME_LIMIT_S 400

struct output {
    mfxFrameSurface1 *surface;
    mfxSyncPoint sync;
};

struct run {
    mfxSession session;
    struct stream *stream;
    const struct decode_options *options;
    struct decode_result *result;
    struct frames frames;
    struct output pending[MOST_PENDING];
    size_t num_pending;
    size_t depth;
    time_t begun;
};

bool decode_header(mfxSession session, struct stream *stream, mfxVideoParam *par)
{
    for (;;) {
        mfxStatus status = MFX_ERR_MORE_DATA;

        if (stream->bits.DataLength)
            status = MFXVideoDECODE_DecodeHeader(session, &stream->bits, par);
        if (status == MFX_ERR_NONE)
            return true;
        assert_int_equal(status, MFX_ERR_MORE_DATA);
        if (stream_read(stream))
            continue;
        if (stream->bits.DataFlag & MFX_BITSTREAM_EOS || !stream->bits.DataLength)
            return false;
        stream->bits.DataFlag |= MFX_BITSTREAM_EOS;
    }
}

static void grow(struct decode_result *result, size_t bytes)
{
    result->data = realloc(result->data, result->size + bytes);
    assert_non_null(result->data);
}

static void note_stamp(struct decode_result *result, mfxU64 stamp)
{
    if (result->num_frames == 0)
        result->first_stamp = stamp;
    else if (stamp <= result->last_stamp)
        result->stamps_rise = false;
    result->last_stamp = stamp;
}

/* Waits for the oldest output and writes it down. */
static void finish_oldest(struct run *run)
{
    struct output oldest = run->pending[0];
    struct decode_result *result = run->result;
    const mfxFrameInfo *info = &oldest.surface->Info;

    sync_ok(run->session, oldest.sync);
    grow(result, picture_size(info->FourCC, info->CropW, info->CropH));
    result->size += picture_get(&run->frames, oldest.surface, result->data + result->size);
    note_stamp(result, oldest.surface->Data.TimeStamp);
    result->num_frames++;
    result->num_corrupted += oldest.surface->Data.Corrupted != 0;
    frames_find(&run->frames, oldest.surface)->taken = false;
    run->num_pending--;
    memmove(run->pending, run->pending + 1, run->num_pending * sizeof(run->pending[0]));
}

static void take_output(struct run *run, mfxFrameSurface1 *surface, mfxSyncPoint sync)
{
    assert_non_null(surface);
    assert_non_null(sync);
    frames_find(&run->frames, surface)->taken = true;
    run->pending[run->num_pending++] = (struct output){surface, sync};
    if (run->num_pending == run->depth)
        finish_oldest(run);
}

/* Nothing to give and nothing to take: lets the decoder get on. */
static void wait_a_little(struct run *run)
{
    if (run->num_pending)
        finish_oldest(run);
    else
        sleep_ms(1);
    assert_true(time(NULL) - run->begun < TIME_LIMIT_S);
}

/* Bigger surfaces, as GetVideoParam says. */
static void replace_frames(struct run *run)
{
    mfxVideoParam par = {0};
    mfxFrameInfo info;
    size_t count = run->frames.count;

    while (run->num_pending)
        finish_oldest(run);
    assert_int_equal(MFXVideoDECODE_GetVideoParam(run->session, &par), MFX_ERR_NONE);
    info = par.mfx.FrameInfo;
    assert_true(info.Width > run->frames.frame[0].surface.Info.Width ||
                info.Height > run->frames.frame[0].surface.Info.Height);
    frames_destroy(&run->frames);
    frames_create(&run->frames, &info, count, false, run->options->pad);
    run->result->num_realloc++;
}

/* One call of DecodeFrameAsync. False when its answer to `bits` was "more data". */
static bool step(struct run *run, mfxBitstream *bits, bool *incompatible)
{
    mfxFrameSurface1 *out = NULL;
    mfxSyncPoint sync = NULL;
    mfxFrameSurface1 *work = frames_free_one(&run->frames);
    mfxStatus status = MFXVideoDECODE_DecodeFrameAsync(run->session, bits, work, &out, &sync);

    if (status != MFX_ERR_NONE) {
        assert_null(out);
        assert_null(sync);
    }
    switch (status) {
    case MFX_ERR_NONE:
        run->result->num_others += out != work;
        take_output(run, out, sync);
        return true;
    case MFX_ERR_MORE_DATA:
        return false;
    case MFX_WRN_DEVICE_BUSY:
        wait_a_little(run);
        return true;
    case MFX_WRN_VIDEO_PARAM_CHANGED:
        run->result->num_changed++;
        return true;
    case MFX_ERR_MORE_SURFACE:
        assert_true(run->options->video);
        assert_int_equal(surface_locked(work), 1);
        run->result->num_kept++;
        return true;
    case MFX_ERR_REALLOC_SURFACE:
        assert_true(run->options->realloc_request);
        replace_frames(run);
        return true;
    case MFX_ERR_INCOMPATIBLE_VIDEO_PARAM:
        assert_non_null(bits);
        *incompatible = true;
        return true;
    default:
        fail_msg("DecodeFrameAsync answered %d", status);
        return false;
    }
}

/* Until the stream ends (false) or its headers no longer suit (true). */
static bool decode_on(struct run *run)
{
    mfxBitstream *bits = &run->stream->bits;
    bool incompatible = false;

    while (!incompatible) {
        if (run->options->complete && bits->DataLength)
            bits->DataFlag |= MFX_BITSTREAM_COMPLETE_FRAME;
        if (!step(run, bits, &incompatible) && !stream_read(run->stream))
            break;
    }
    while (step(run, NULL, &(bool){false})) {
    }
    while (run->num_pending)
        finish_oldest(run);
    return incompatible;
}

static void set_up(struct run *run, mfxVideoParam *par)
{
    const struct decode_options *options = run->options;
    mfxFrameAllocRequest request;
    mfxStatus status;

    if (options->fourcc)
        par->mfx.FrameInfo.FourCC = options->fourcc;
    complete_info(&par->mfx.FrameInfo);
    if (options->exact) {
        par->mfx.FrameInfo.Width = par->mfx.FrameInfo.CropW;
        par->mfx.FrameInfo.Height = par->mfx.FrameInfo.CropH;
    }
    if (options->realloc_request)
        par->mfx.EnableReallocRequest = MFX_CODINGOPTION_ON;
    par->IOPattern = options->video ? MFX_IOPATTERN_OUT_VIDEO_MEMORY : MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    par->AsyncDepth = options->async ? options->async : 4;
    par->mfx.NumThread = options->threads;
    run->depth = par->AsyncDepth;
    assert_int_equal(MFXVideoDECODE_Query(run->session, par, par), MFX_ERR_NONE);
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(run->session, par, &request), MFX_ERR_NONE);
    assert_int_equal(request.Type, options->video ? 0x0212 : 0x0242);
    assert_true(request.NumFrameMin >= 1 && request.NumFrameSuggested >= request.NumFrameMin);
    if (options->video)
        frames_create_video(&run->frames, &request.Info, request.NumFrameSuggested);
    else
        frames_create(&run->frames, &request.Info, request.NumFrameSuggested, options->by_mid, options->pad);
    if (run->frames.by_mid) {
        status = MFXVideoCORE_SetFrameAllocator(run->session, &run->frames.allocator);
        assert_true(status == MFX_ERR_NONE || run->result->num_incompatible);
    }
    assert_int_equal(MFXVideoDECODE_Init(run->session, par), MFX_ERR_NONE);
    run->result->par = *par;
}

static void tear_down(struct run *run)
{
    mfxDecodeStat stat;

    assert_int_equal(MFXVideoDECODE_GetDecodeStat(run->session, &stat), MFX_ERR_NONE);
    run->result->num_errors += stat.NumError;
    assert_int_equal(MFXVideoDECODE_Close(run->session), MFX_ERR_NONE);
    assert_int_equal(frames_locked(&run->frames), 0);
    run->result->locks += atomic_load(&run->frames.num_locks);
    run->result->unlocks += atomic_load(&run->frames.num_unlocks);
    run->result->lock_errors += atomic_load(&run->frames.num_errors);
    run->result->allocs += atomic_load(&run->frames.num_allocs);
    run->result->frees += atomic_load(&run->frames.num_frees);
    frames_destroy(&run->frames);
}

void decode_run(struct runtime *runtime, struct stream *stream, const struct decode_options *options,
                struct decode_result *result)
{
    struct run run = {.session = runtime->session,
                      .stream = stream,
                      .options = options,
                      .result = result,
                      .begun = time(NULL)};

    memset(result, 0, sizeof(*result));
    result->stamps_rise = true;
    for (bool again = true; again;) {
        mfxVideoParam par = {.mfx.CodecId = options->codec};

        if (options->complete && stream_read(stream))
            stream->bits.DataFlag |= MFX_BITSTREAM_COMPLETE_FRAME;
        if (!decode_header(run.session, stream, &par))
            return;
        set_up(&run, &par);
        again = decode_on(&run);
        tear_down(&run);
        result->num_incompatible += again;
    }
}

void decode_run_file(const char *path, const struct decode_options *options, struct decode_result *result)
{
    struct runtime runtime;
    struct stream stream;

    runtime_open(&runtime);
    stream_open(&stream, path, options->piece);
    decode_run(&runtime, &stream, options, result);
    stream_close(&stream);
    runtime_close(&runtime);
}

void decode_result_free(struct decode_result *result)
{
    free(result->data);
    memset(result, 0, sizeof(*result));
}

void assert_same_as_ffmpeg(const char *path, const char *pix_fmt, const struct decode_result *result)
{
    size_t size;
    uint8_t *raw = clip_raw(path, pix_fmt, &size);
    size_t frame = result->num_frames ? result->size / result->num_frames : 1;

    if (size != result->size)
        fail_msg("%s as %s: %zu bytes, ffmpeg gives %zu", path, pix_fmt, result->size, size);
    for (size_t i = 0; i < size; i++)
        if (raw[i] != result->data[i])
            fail_msg("%s as %s: frame %zu differs, from its byte %zu", path, pix_fmt, i / frame, i % frame);
    free(raw);
}
