/* A small pipeline in pools of given sizes. */
#include "planned_run.h"

#include "decode_run.h"
#include "encode_run.h"

#include <stdlib.h>
#include <string.h>

#define MOST_ENCODERS 2

/* An operation in flight, and the surfaces it keeps until it is waited for. */
struct flight {
    mfxFrameSurface1 *surface[MOST_POOLS];
    mfxSyncPoint sync[MOST_ENCODERS]; /* NULL: nothing to wait for */
};

/* In a session of its own; the first in that of the other stages. */
struct sink {
    mfxSession session;
    mfxVideoParam par;
    size_t frames;
};

struct line {
    const struct planned_pipeline *pipeline;
    mfxSession session;
    struct stream stream;
    mfxVideoParam decode, vpp;
    struct sink encoder[MOST_ENCODERS];
    size_t encoder_count;
    mfxExtVPPDeinterlacing deinterlacing;
    mfxExtBuffer *ext[1];
    struct vfa_allocator *allocator;
    struct vfa_pool *pool[MOST_POOLS];
    size_t pool_count;
    struct flight flights[MOST_DEPTH];
    size_t flight_count;
    mfxFrameSurface1 *held[MOST_HOLDS];
    size_t held_count;
    mfxBitstream bits;
    struct planned_way way;
    bool stalled;
};

static bool has_filters(const struct planned_pipeline *pipeline)
{
    return pipeline->scale || pipeline->deinterlace;
}

/* ---- parameters, from the clip's header on ---- */

static void set_filters(struct line *line)
{
    const struct planned_pipeline *pipeline = line->pipeline;
    mfxFrameInfo *out = &line->vpp.vpp.Out;

    line->vpp.AsyncDepth = pipeline->depth;
    line->vpp.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY | MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    line->vpp.vpp.In = *out = line->decode.mfx.FrameInfo;
    if (pipeline->scale) {
        out->Width = out->CropW = 96;
        out->Height = out->CropH = 64;
    }
    if (!pipeline->deinterlace)
        return;
    line->deinterlacing.Header.BufferId = MFX_EXTBUFF_VPP_DEINTERLACING;
    line->deinterlacing.Header.BufferSz = sizeof line->deinterlacing;
    line->deinterlacing.Mode = MFX_DEINTERLACING_ADVANCED;
    line->ext[0] = &line->deinterlacing.Header;
    line->vpp.ExtParam = line->ext;
    line->vpp.NumExtParam = 1;
    line->vpp.vpp.In.PicStruct = MFX_PICSTRUCT_UNKNOWN;
}

static void add_encoder(struct line *line, mfxSession session, mfxU32 codec)
{
    struct sink *encoder = &line->encoder[line->encoder_count++];
    mfxVideoParam *par = &encoder->par;

    encoder->session = session;
    par->mfx.CodecId = codec;
    par->AsyncDepth = line->pipeline->depth;
    par->IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
    par->mfx.FrameInfo = has_filters(line->pipeline) ? line->vpp.vpp.Out : line->decode.mfx.FrameInfo;
    if (codec == MFX_CODEC_JPEG)
        return;
    par->mfx.GopRefDist = (mfxU16)(line->pipeline->b_frames + 1);
    par->mfx.TargetUsage = MFX_TARGETUSAGE_BEST_SPEED;
}

static void open_line(struct line *line, mfxSession session, const struct planned_pipeline *pipeline)
{
    memset(line, 0, sizeof *line);
    line->pipeline = pipeline;
    line->session = session;
    line->pool_count = has_filters(pipeline) ? 2 : 1;
    stream_open(&line->stream, pipeline->clip, 0);
    line->decode.mfx.CodecId = pipeline->decode;
    assert_true(decode_header(session, &line->stream, &line->decode));
    line->decode.AsyncDepth = pipeline->depth;
    line->decode.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
    line->decode.mfx.FrameInfo.FourCC = MFX_FOURCC_I420;
    complete_info(&line->decode.mfx.FrameInfo);
    line->decode.mfx.FrameInfo.FrameRateExtN = 25;
    line->decode.mfx.FrameInfo.FrameRateExtD = 1;
    line->decode.mfx.FrameInfo.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    set_filters(line);
    add_encoder(line, session, pipeline->encode);
    if (pipeline->second)
        add_encoder(line, session, pipeline->second);
}

/* ---- the plan ---- */

struct asked {
    mfxFrameAllocRequest decode, vpp[2], encode[MOST_ENCODERS];
};

static mfxU16 ask(struct line *line, mfxU16 depth, struct asked *asked)
{
    line->decode.AsyncDepth = line->vpp.AsyncDepth = depth;
    assert_int_equal(MFXVideoDECODE_QueryIOSurf(line->session, &line->decode, &asked->decode), MFX_ERR_NONE);
    if (has_filters(line->pipeline))
        assert_int_equal(MFXVideoVPP_QueryIOSurf(line->session, &line->vpp, asked->vpp), MFX_ERR_NONE);
    for (size_t i = 0; i < line->encoder_count; i++) {
        mfxVideoParam *par = &line->encoder[i].par;
        par->AsyncDepth = depth;
        assert_int_equal(MFXVideoENCODE_QueryIOSurf(line->session, par, &asked->encode[i]), MFX_ERR_NONE);
    }
    return depth;
}

static void add_stage(struct vfa_plan *plan, const char *name, const mfxFrameAllocRequest *now,
                      const mfxFrameAllocRequest *other, const mfxU16 depth[2])
{
    assert_int_equal(vfa_plan_add_measured(plan, name, now, depth[0], other, depth[1]), MFX_ERR_NONE);
}

/* To the last pool. */
static void add_encoders(const struct line *line, struct vfa_plan *plan, const struct asked *now,
                         const struct asked *other, const mfxU16 depth[2])
{
    for (size_t i = 0; i < line->encoder_count; i++) {
        add_stage(plan, "encode", &now->encode[i], &other->encode[i], depth);
        assert_int_equal(vfa_plan_branch(plan), MFX_ERR_NONE);
    }
    assert_int_equal(vfa_plan_hold(plan, "application", line->pipeline->holds), MFX_ERR_NONE);
}

size_t planned_plan(struct runtime *runtime, const struct planned_pipeline *pipeline,
                    struct vfa_plan plans[MOST_POOLS])
{
    struct line line;
    struct asked now, other;

    open_line(&line, runtime->session, pipeline);
    mfxU16 other_depth = ask(&line, (mfxU16)(pipeline->depth + 8), &other);
    const mfxU16 depth[2] = {ask(&line, pipeline->depth, &now), other_depth};
    bool filters = has_filters(pipeline);
    assert_int_equal(vfa_plan_init(&plans[0], filters ? "decode->vpp" : "decode->encode"), MFX_ERR_NONE);
    add_stage(&plans[0], "decode", &now.decode, &other.decode, depth);
    if (filters) {
        add_stage(&plans[0], "vpp", &now.vpp[0], &other.vpp[0], depth);
        assert_int_equal(vfa_plan_init(&plans[1], "vpp->encode"), MFX_ERR_NONE);
        add_stage(&plans[1], "vpp", &now.vpp[1], &other.vpp[1], depth);
    }
    add_encoders(&line, &plans[line.pool_count - 1], &now, &other, depth);
    stream_close(&line.stream);
    return line.pool_count;
}

/* ---- surfaces ---- */

static void release(struct line *line, size_t pool, mfxFrameSurface1 *surface)
{
    if (surface)
        assert_int_equal(vfa_pool_release(line->pool[pool], surface), MFX_ERR_NONE);
}

/* Keeps the frame for the application, in place of the one kept longest. */
static void keep(struct line *line, mfxFrameSurface1 *surface)
{
    size_t last = line->pool_count - 1;

    if (line->held_count && line->held_count == line->pipeline->holds) {
        release(line, last, line->held[0]);
        memmove(line->held, line->held + 1, --line->held_count * sizeof line->held[0]);
    }
    if (line->held_count < line->pipeline->holds)
        line->held[line->held_count++] = surface;
    else
        release(line, last, surface);
}

static void land_oldest(struct line *line)
{
    struct flight oldest = line->flights[0];

    for (size_t i = 0; i < line->encoder_count; i++)
        if (oldest.sync[i])
            sync_ok(line->encoder[i].session, oldest.sync[i]);
    memmove(line->flights, line->flights + 1, --line->flight_count * sizeof line->flights[0]);
    if (line->pool_count > 1)
        release(line, 0, oldest.surface[0]);
    keep(line, oldest.surface[line->pool_count - 1]);
}

/* A surface that the application itself holds comes back by what it does next, and by nothing else. */
static mfxFrameSurface1 *acquire(struct line *line, size_t pool)
{
    mfxFrameSurface1 *surface = NULL;

    while (vfa_pool_acquire(line->pool[pool], 0, &surface) != MFX_ERR_NONE) {
        struct vfa_pool_stats stats;
        assert_int_equal(vfa_pool_stats(line->pool[pool], &stats), MFX_ERR_NONE);
        if (line->way.relief && line->flight_count) {
            land_oldest(line);
            continue;
        }
        int32_t patience = stats.leased == stats.surfaces ? 0 : line->way.patience;
        if (vfa_pool_acquire(line->pool[pool], patience, &surface) == MFX_ERR_NONE)
            break;
        line->stalled = true;
        return NULL;
    }
    return surface;
}

/* ---- the stages ---- */

/* *sync NULL: no picture came out. `surface` NULL drains. */
static void encode(struct line *line, struct sink *encoder, mfxFrameSurface1 *surface, mfxSyncPoint *sync)
{
    mfxStatus status;

    line->bits.DataLength = line->bits.DataOffset = 0;
    while ((status = MFXVideoENCODE_EncodeFrameAsync(encoder->session, NULL, surface, &line->bits, sync)) ==
           MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA);
    encoder->frames += status == MFX_ERR_NONE;
    if (status != MFX_ERR_NONE)
        *sync = NULL;
}

/* The operation is waited for by its last sync points: the encoders', once they give pictures. The second
 * encoder knows nothing of operations in the other session, so that the frame has to be there first. */
static void encode_and_fly(struct line *line, mfxFrameSurface1 *first, mfxFrameSurface1 *last,
                           mfxSyncPoint before)
{
    struct flight flight = {.surface = {first, last}};

    if (line->encoder_count > 1)
        sync_ok(line->session, before);
    for (size_t i = 0; i < line->encoder_count; i++)
        encode(line, &line->encoder[i], last ? last : first, &flight.sync[i]);
    if (!flight.sync[0] && line->encoder_count == 1)
        flight.sync[0] = before;
    if (line->flight_count == line->pipeline->depth)
        land_oldest(line);
    line->flights[line->flight_count++] = flight;
}

/* Everything that comes of one frame, which it takes; NULL drains. False: stalled. */
static bool filter(struct line *line, mfxFrameSurface1 *in)
{
    mfxStatus status;

    do {
        mfxSyncPoint sync = NULL;
        mfxFrameSurface1 *out = acquire(line, 1);
        if (!out) {
            release(line, 0, in);
            return false;
        }
        while ((status = MFXVideoVPP_RunFrameVPPAsync(line->session, in, out, NULL, &sync)) ==
               MFX_WRN_DEVICE_BUSY)
            sleep_ms(1);
        assert_true(status == MFX_ERR_NONE || status == MFX_ERR_MORE_DATA || status == MFX_ERR_MORE_SURFACE);
        if (status == MFX_ERR_MORE_DATA) {
            release(line, 1, out);
            release(line, 0, in);
            return true;
        }
        bool last = status == MFX_ERR_NONE && in;
        encode_and_fly(line, last ? in : NULL, out, sync);
        if (last)
            return true;
    } while (true);
}

/* One call. False: nothing more to do, since the input ended or no surface is left. */
static bool decode(struct line *line, bool *drain)
{
    mfxFrameSurface1 *work = acquire(line, 0), *out = NULL;
    mfxSyncPoint sync = NULL;
    mfxStatus status;

    if (!work)
        return false;
    while ((status = MFXVideoDECODE_DecodeFrameAsync(line->session, *drain ? NULL : &line->stream.bits, work,
                                                     &out, &sync)) == MFX_WRN_DEVICE_BUSY)
        sleep_ms(1);
    assert_int_equal(vfa_pool_settle(line->pool[0], work, out), MFX_ERR_NONE);
    if (out && line->pool_count > 1)
        return filter(line, out);
    if (out)
        encode_and_fly(line, out, NULL, sync);
    if (out || status == MFX_ERR_MORE_SURFACE || status > MFX_ERR_NONE)
        return true;
    assert_int_equal(status, MFX_ERR_MORE_DATA);
    if (*drain)
        return false;
    *drain = !stream_read(&line->stream);
    return true;
}

static void run_line(struct line *line)
{
    bool drain = false;
    mfxSyncPoint sync;

    while (decode(line, &drain)) {
    }
    if (!line->stalled && line->pool_count > 1)
        (void)filter(line, NULL);
    for (size_t i = 0; i < line->encoder_count && !line->stalled; i++)
        do
            encode(line, &line->encoder[i], NULL, &sync);
        while (sync);
    while (line->flight_count)
        land_oldest(line);
    while (line->held_count)
        release(line, line->pool_count - 1, line->held[--line->held_count]);
}

static void start(struct line *line, const struct vfa_plan *plans, const mfxU16 *surfaces)
{
    assert_int_equal(vfa_allocator_create(&line->allocator, NULL), MFX_ERR_NONE);
    mfxFrameAllocator *table = vfa_allocator_mfx(line->allocator);
    for (size_t i = 0; i < line->encoder_count; i++)
        assert_int_equal(MFXVideoCORE_SetFrameAllocator(line->encoder[i].session, table), MFX_ERR_NONE);
    for (size_t i = 0; i < line->pool_count; i++) {
        struct vfa_pool_config config = vfa_pool_config_defaults();
        assert_int_equal(vfa_plan_request(&plans[i], &config.request), MFX_ERR_NONE);
        config.request.NumFrameMin = config.request.NumFrameSuggested = surfaces[i];
        config.request.AllocId = (mfxU32)i + 1;
        config.allocator = vfa_allocator_mfx(line->allocator);
        assert_int_equal(vfa_pool_create(&line->pool[i], &config), MFX_ERR_NONE);
    }
    line->decode.AllocId = 1;
    assert_int_equal(MFXVideoDECODE_Init(line->session, &line->decode), MFX_ERR_NONE);
    if (line->pool_count > 1)
        assert_int_equal(MFXVideoVPP_Init(line->session, &line->vpp), MFX_ERR_NONE);
    for (size_t i = 0; i < line->encoder_count; i++)
        assert_int_equal(MFXVideoENCODE_Init(line->encoder[i].session, &line->encoder[i].par), MFX_ERR_NONE);
    bitstream_create(&line->bits, 1000000);
}

static void stop(struct line *line)
{
    assert_int_equal(MFXVideoDECODE_Close(line->session), MFX_ERR_NONE);
    if (line->pool_count > 1)
        assert_int_equal(MFXVideoVPP_Close(line->session), MFX_ERR_NONE);
    for (size_t i = 0; i < line->encoder_count; i++) {
        assert_int_equal(MFXVideoENCODE_Close(line->encoder[i].session), MFX_ERR_NONE);
        assert_int_equal(MFXClose(line->encoder[i].session), MFX_ERR_NONE);
    }
    for (size_t i = 0; i < line->pool_count; i++)
        vfa_pool_destroy(&line->pool[i]);
    vfa_allocator_destroy(&line->allocator);
    bitstream_destroy(&line->bits);
    stream_close(&line->stream);
}

enum planned_end planned_run(struct runtime *runtime, const struct planned_pipeline *pipeline,
                             const struct vfa_plan *plans, const mfxU16 *surfaces, struct planned_way way,
                             size_t *frames)
{
    struct line line;

    open_line(&line, runtime_session(runtime), pipeline);
    if (pipeline->second)
        line.encoder[1].session = runtime_session(runtime);
    line.way = way;
    start(&line, plans, surfaces);
    run_line(&line);
    stop(&line);
    *frames = line.encoder[0].frames;
    if (pipeline->second && !line.stalled)
        assert_int_equal(line.encoder[1].frames, *frames);
    return line.stalled ? PLANNED_STALLED : PLANNED_DONE;
}
