/* The whole: input -> decoder -> filters -> encoder -> output, each stage with the surfaces it needs. */
#include "pipeline.h"

#include "formats.h"
#include "interrupt.h"
#include "setup.h"

#include <string.h>

/* What a container that knows no frame rate gets, or one that takes its clock for the rate. */
#define DEFAULT_RATE ((AVRational){25, 1})
#define MAX_RATE     1000

/* Quantisers of AVC and HEVC end there. */
#define MAX_QUALITY 51

/* A decoder that wants to be started anew time after time, and never gives a frame. */
#define MAX_IDLE_RESTARTS 8

static mfxU32 encode_codec(const struct output *output)
{
    switch (output->codec) {
    case VIDEO_HEVC:
        return MFX_CODEC_HEVC;
    case VIDEO_JPEG:
        return MFX_CODEC_JPEG;
    case VIDEO_RAW:
        return 0;
    default:
        return MFX_CODEC_AVC;
    }
}

/* What --quality counts depends on the codec, which may follow from the output's name. */
static enum exit_code check_quality(const struct pipeline *p)
{
    mfxU32 codec = encode_codec(&p->output);

    if (p->options->quality > MAX_QUALITY && codec && codec != MFX_CODEC_JPEG)
        return fail(EXIT_USAGE, "--quality of %s goes from 1 to %d, not %u", codec_name(codec), MAX_QUALITY,
                    p->options->quality);
    return EXIT_DONE;
}

/* Input and output as far as they go without a runtime: most mistakes end here, and nothing was created. */
static enum exit_code open_ends(struct pipeline *p)
{
    enum exit_code code = output_open(&p->output, p->options);

    if (code == EXIT_DONE)
        code = check_quality(p);
    if (code == EXIT_DONE)
        code = target_check(p->options);
    if (code == EXIT_DONE && encode_codec(&p->output))
        code = output_check_codec(&p->output, codec_to_av(encode_codec(&p->output)));
    if (code == EXIT_DONE)
        code = input_open(&p->input, p->options->input);
    if (code == EXIT_DONE)
        code = input_set_origin(&p->input, output_keeps_start(&p->output));
    if (code != EXIT_DONE)
        return code;
    p->raw_in = input_is_raw(&p->input);
    p->frame_rate = input_frame_rate(&p->input);
    if (p->frame_rate.num <= 0 || p->frame_rate.den <= 0 || av_q2d(p->frame_rate) > MAX_RATE)
        p->frame_rate = DEFAULT_RATE;
    p->aspect = av_guess_sample_aspect_ratio(p->input.format, p->input.video, NULL);
    p->times = times_create(p->input.video->time_base, p->frame_rate);
    if (!p->times)
        return fail_memory("time stamps");
    return feed_open(&p->feed, &p->input, &p->output, p->times);
}

static enum exit_code open_runtime(struct pipeline *p)
{
    enum AVCodecID id = p->input.video->codecpar->codec_id;
    mfxU32 decode = p->raw_in ? 0 : codec_to_mfx(id);

    if (!p->raw_in && !decode)
        return fail(EXIT_UNSUPPORTED, "VPL has no decoder for %s", avcodec_get_name(id));
    enum exit_code code = runtime_open(&p->runtime, p->options, decode, encode_codec(&p->output));
    if (code != EXIT_DONE)
        return code;
    p->pools.runtime = &p->runtime;
    code = sink_init(&p->sink, &p->runtime, p->options, encode_codec(&p->output), &p->input, p->times,
                     &p->output);
    if (code != EXIT_DONE)
        return code;
    if (p->raw_in)
        return reader_init(&p->reader, &p->runtime, &p->feed);
    decoder_init(&p->decoder, &p->runtime, &p->feed, decode, p->options->async_depth);
    return decoder_read_header(&p->decoder);
}

/* Pools first, then Init: the frames are there when a runtime asks for them. */
static enum exit_code start_filters(struct pipeline *p, const struct vfa_plan *plan)
{
    if (!p->filtering) {
        pools_retire(&p->pools, &p->filter_pool);
        return EXIT_DONE;
    }
    enum exit_code code = pools_make(&p->pools, plan, &p->filter_pool);
    return code == EXIT_DONE ? vpp_open(&p->vpp, p->filter_pool) : code;
}

static enum exit_code start_first(struct pipeline *p, const struct vfa_plan *plan)
{
    enum exit_code code = pools_make(&p->pools, plan, &p->first_pool);

    if (code != EXIT_DONE)
        return code;
    if (!p->raw_in)
        return decoder_open(&p->decoder, p->first_pool);
    p->reader.pool = p->first_pool;
    return EXIT_DONE;
}

/* Every frame must be ours: what the runtime allocates by itself through our allocator would show here. */
static void count_frames(struct pipeline *p)
{
    struct vfa_stats stats = {0};

    (void)vfa_allocator_stats(p->runtime.allocator, &stats);
    p->frames_live = stats.frames_live;
    p->frames_planned = pools_planned(&p->pools);
}

enum exit_code pipeline_plan(struct pipeline *p, struct vfa_plan plans[2], size_t *count)
{
    if (!p->alloc_id)
        p->alloc_id = vfa_next_alloc_id(p->runtime.allocator);
    p->decoder.par.AllocId = p->alloc_id;
    setup_filters(p);
    *count = p->filtering ? 2 : 1;
    return setup_plan(p, plans);
}

static enum exit_code start_stages(struct pipeline *p)
{
    struct vfa_plan plans[2];
    size_t count;
    enum exit_code code = pipeline_plan(p, plans, &count);

    if (code == EXIT_DONE)
        code = start_first(p, &plans[0]);
    if (code == EXIT_DONE)
        code = start_filters(p, &plans[1]);
    return code;
}

enum exit_code pipeline_prepare(struct pipeline *p, const struct options *options)
{
    memset(p, 0, sizeof *p);
    p->options = options;
    enum exit_code code = open_ends(p);
    if (code == EXIT_DONE)
        code = open_runtime(p);
    return code == EXIT_DONE ? setup_negotiate(p) : code;
}

enum exit_code pipeline_open(struct pipeline *p, const struct options *options)
{
    enum exit_code code = pipeline_prepare(p, options);

    if (code == EXIT_DONE)
        code = start_stages(p);
    if (code == EXIT_DONE)
        code = sink_open(&p->sink, &p->sink.info, p->frame_rate);
    if (code == EXIT_DONE)
        count_frames(p);
    return code;
}

static enum exit_code relieve(void *user, bool *waited)
{
    struct pipeline *p = user;
    return sink_wait(&p->sink, waited);
}

static enum exit_code into_sink(void *user, struct frame *frame)
{
    struct pipeline *p = user;
    struct relief relief = {relieve, p};

    if (p->options->frames && p->sink.frames >= p->options->frames) {
        frame_release(frame);
        return EXIT_DONE;
    }
    return sink_take(&p->sink, &relief, frame);
}

static enum exit_code run_filters(struct pipeline *p, struct frame *frame)
{
    struct relief relief = {relieve, p};
    struct vpp_outlet outlet = {into_sink, p};

    return vpp_run(&p->vpp, &relief, frame, &outlet);
}

/* What the filters hold goes on. */
static enum exit_code flush_filters(struct pipeline *p)
{
    return p->vpp.open ? run_filters(p, NULL) : EXIT_DONE;
}

/* Then they may go; their pool waits for those that come next. */
static enum exit_code stop_filters(struct pipeline *p)
{
    enum exit_code code = flush_filters(p);

    vpp_close(&p->vpp);
    return code;
}

/* The decoder is drained, and the stream goes on with another size or format: frames that do not fit are
 * replaced; the encoder stays as it is, filters bring the new frames to its size. */
static enum exit_code restart_source(struct pipeline *p)
{
    enum exit_code code = stop_filters(p);

    if (code == EXIT_DONE)
        code = decoder_read_header(&p->decoder);
    if (code != EXIT_DONE)
        return code;
    decoder_close(&p->decoder);
    p->idle_restarts = p->decoder.frames == p->frames_before_change ? p->idle_restarts + 1 : 0;
    if (p->idle_restarts > MAX_IDLE_RESTARTS)
        return fail(EXIT_RUNTIME, "the runtime '%s' refuses what it has read from the stream's own header",
                    p->runtime.name);
    p->frames_before_change = p->decoder.frames;
    p->size_changes++;
    code = setup_renegotiate(p);
    return code == EXIT_DONE ? start_stages(p) : code;
}

/* The decoder goes on with smaller pictures in the same surfaces: only the filters change. */
static enum exit_code restart_filters(struct pipeline *p, const mfxFrameInfo *now)
{
    struct vfa_plan plans[2];
    enum exit_code code = stop_filters(p);

    if (code != EXIT_DONE)
        return code;
    p->size_changes++;
    p->in.CropX = now->CropX;
    p->in.CropY = now->CropY;
    p->in.CropW = now->CropW;
    p->in.CropH = now->CropH;
    setup_filters(p);
    code = setup_plan(p, plans);
    return code == EXIT_DONE ? start_filters(p, &plans[1]) : code;
}

static bool is_other_size(const struct pipeline *p, const mfxFrameInfo *now)
{
    return now->CropW && now->CropH && (now->CropW != p->in.CropW || now->CropH != p->in.CropH);
}

/* One frame, from the first stage to the last. */
static enum exit_code forward(struct pipeline *p, struct frame *frame)
{
    mfxU64 stamp = 0;
    bool discard = false;
    enum exit_code code = frame_stamp(&p->runtime, frame, &stamp);

    if (code == EXIT_DONE) {
        mfxU64 known = times_decoded(p->times, stamp, &discard);
        if (known != stamp)
            frame->surface->Data.TimeStamp = known;
    }
    if (code == EXIT_DONE && !discard && is_other_size(p, &frame->surface->Info))
        code = restart_filters(p, &frame->surface->Info);
    if (code != EXIT_DONE || discard) {
        frame_release(frame);
        return code;
    }
    return p->filtering ? run_filters(p, frame) : into_sink(p, frame);
}

static enum exit_code next_frame(struct pipeline *p, struct frame *frame, enum decoder_event *event)
{
    struct relief relief = {relieve, p};
    bool more = true;

    if (!p->raw_in)
        return decoder_next(&p->decoder, &relief, frame, event);
    enum exit_code code = reader_next(&p->reader, &relief, frame, &more);
    *event = more ? DECODER_FRAME : DECODER_END;
    return code;
}

static bool is_enough(const struct pipeline *p)
{
    return p->options->frames && p->sink.frames >= p->options->frames;
}

static enum exit_code run_frames(struct pipeline *p, const struct pipeline_watcher *watcher)
{
    enum exit_code code = EXIT_DONE;
    enum decoder_event event = DECODER_FRAME;

    while (code == EXIT_DONE && event != DECODER_END && !is_enough(p)) {
        struct frame frame;
        code = next_frame(p, &frame, &event);
        if (code != EXIT_DONE)
            break;
        if (event == DECODER_FRAME)
            code = forward(p, &frame);
        else if (event == DECODER_CHANGED)
            code = restart_source(p);
        pools_sweep(&p->pools);
        watcher->tick(watcher->user, p);
    }
    return code;
}

static enum exit_code drain(struct pipeline *p)
{
    struct relief relief = {relieve, p};
    enum exit_code code = flush_filters(p);

    return code == EXIT_DONE ? sink_drain(&p->sink, &relief) : code;
}

/* An input that ends in the middle of things still gave frames that are worth their while. */
static bool is_input_at_fault(enum exit_code code)
{
    return code == EXIT_DAMAGED || code == EXIT_INTERRUPTED;
}

enum exit_code pipeline_run(struct pipeline *p, const struct pipeline_watcher *watcher)
{
    enum exit_code code = run_frames(p, watcher);

    if (code == EXIT_DONE || is_input_at_fault(code)) {
        enum exit_code drained = drain(p);
        if (drained != EXIT_DONE)
            code = drained;
    }
    enum exit_code finished = output_finish(&p->output);
    if (finished != EXIT_DONE)
        code = finished;
    p->interrupted = interrupt_asked();
    hash_finish(&p->sink.hash, p->hash);
    if (code == EXIT_DONE && !p->interrupted && p->sink.frames == 0) {
        output_discard(&p->output);
        code = fail(EXIT_DAMAGED, "the input is damaged: none of its %llu packets of video gave a frame",
                    (unsigned long long)p->input.packets);
    }
    return code;
}

/* Components before their pools, the session before its allocator; the output may hold a surface until it
 * closes. */
void pipeline_close(struct pipeline *p)
{
    decoder_finish(&p->decoder);
    vpp_close(&p->vpp);
    sink_finish(&p->sink);
    output_close(&p->output);
    pools_finish(&p->pools);
    runtime_close(&p->runtime);
    feed_close(&p->feed);
    times_free(&p->times);
    input_close(&p->input);
}
