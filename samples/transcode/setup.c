/* Which formats flow between the stages, in which memory, and how many surfaces that takes. */
#include "setup.h"

#include "formats.h"

#include <libavutil/pixdesc.h>
#include <string.h>

/* What to try, after what the runtime proposes itself. 8 bits last: they lose something of 10. */
static const mfxU32 formats_10[] = {MFX_FOURCC_I010, MFX_FOURCC_P010, MFX_FOURCC_I420, MFX_FOURCC_NV12};
static const mfxU32 formats_8[] = {MFX_FOURCC_I420, MFX_FOURCC_NV12, MFX_FOURCC_YUY2, MFX_FOURCC_RGB4};

/* On VA-API all targets are one kind of memory. */
#define VIDEO_TYPE  (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET)
#define SYSTEM_TYPE (MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_SYSTEM_MEMORY)

#define CANDIDATES (1 + sizeof formats_8 / sizeof formats_8[0])

/* The source's own format first, then the others that lose nothing, then the rest. Ends with a 0. */
static void list_candidates(const mfxFrameInfo *in, mfxU32 list[CANDIDATES + 1])
{
    const mfxU32 *others = format_depth(in) > 8 ? formats_10 : formats_8;
    size_t count = 0;

    list[count++] = in->FourCC;
    for (size_t i = 0; i < sizeof formats_8 / sizeof formats_8[0]; i++)
        if (others[i] != in->FourCC)
            list[count++] = others[i];
    list[count] = 0;
}

/* Decoders arrange planes anew, but leave samples as they are: Query cannot know what is in the stream. */
static bool source_accepts(struct pipeline *p, mfxU32 fourcc)
{
    const mfxFrameInfo *own = &p->decoder.par.mfx.FrameInfo;
    mfxFrameInfo other = *own;

    if (p->raw_in)
        return fourcc == p->reader.info.FourCC;
    if (fourcc == own->FourCC)
        return decoder_accepts(&p->decoder, fourcc);
    return format_describe(fourcc, &other) && format_depth(&other) == format_depth(own) &&
           other.ChromaFormat == own->ChromaFormat && decoder_accepts(&p->decoder, fourcc);
}

static void choose_source(struct pipeline *p, mfxU32 fourcc)
{
    mfxFrameInfo *info = p->raw_in ? &p->reader.info : &p->decoder.par.mfx.FrameInfo;

    if (info->FourCC != fourcc)
        format_describe(fourcc, info);
    p->in = *info;
}

/* Is anything to be done between the stages? */
static bool needs_filters(const struct pipeline *p, const mfxFrameInfo *in, const mfxFrameInfo *out)
{
    return p->tasks.deinterlace || p->tasks.expand_range || in->FourCC != out->FourCC ||
           in->CropW != out->CropW || in->CropH != out->CropH;
}

/* Chroma is halved both ways in 4:2:0, so such codecs cannot code an odd row or column. */
static mfxU16 codable(const struct pipeline *p, mfxU16 size)
{
    bool jpeg = p->sink.encoder.par.mfx.CodecId == MFX_CODEC_JPEG;
    return p->sink.raw || jpeg || size < 2 ? size : (mfxU16)(size & ~1);
}

/* Pixels keep their shape: what scaling stretches, the pixel aspect ratio takes back. */
static void set_aspect(const struct pipeline *p, const mfxFrameInfo *in, mfxFrameInfo *out)
{
    AVRational ratio = p->aspect;

    if (ratio.num <= 0 || ratio.den <= 0)
        ratio = (AVRational){1, 1};
    if (out->CropW != codable(p, in->CropW) || out->CropH != codable(p, in->CropH))
        av_reduce(&ratio.num, &ratio.den, (int64_t)ratio.num * in->CropW * out->CropH,
                  (int64_t)ratio.den * in->CropH * out->CropW, UINT16_MAX);
    out->AspectRatioW = (mfxU16)ratio.num;
    out->AspectRatioH = (mfxU16)ratio.den;
}

/* What the sink would be given, were it to take that format. Frames that are not touched keep their padding.
 */
static mfxFrameInfo target_info(const struct pipeline *p, mfxU32 fourcc)
{
    mfxFrameInfo out = p->in;
    mfxU16 width = p->options->width ? p->options->width : codable(p, p->in.CropW);
    mfxU16 height = p->options->height ? p->options->height : codable(p, p->in.CropH);

    if (out.FourCC != fourcc)
        format_describe(fourcc, &out);
    if (p->tasks.deinterlace)
        out.PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    if (width != out.CropW || height != out.CropH || p->tasks.deinterlace || out.FourCC != p->in.FourCC)
        frame_info_size(&out, width, height);
    set_aspect(p, &p->in, &out);
    return out;
}

static bool filters_accept(struct pipeline *p, const mfxFrameInfo *out)
{
    struct vpp vpp;

    if (!needs_filters(p, &p->in, out))
        return true;
    vpp_init(&vpp, &p->runtime, &p->in, out, &p->tasks, p->options->async_depth);
    return vpp_accepted(&vpp);
}

/* Does the driver make such frames, as each pool is going to ask for them? System memory holds any. */
static bool memory_holds(struct pipeline *p, const mfxFrameInfo *out)
{
    struct device *device = &p->runtime.device;
    bool filtering = needs_filters(p, &p->in, out);
    mfxU16 from = p->raw_in ? 0 : MFX_MEMTYPE_FROM_DECODE, to = p->sink.raw ? 0 : MFX_MEMTYPE_FROM_ENCODE;
    mfxU16 first = (mfxU16)(VIDEO_TYPE | from | (filtering ? MFX_MEMTYPE_FROM_VPPIN : to));
    mfxU16 second = (mfxU16)(VIDEO_TYPE | MFX_MEMTYPE_FROM_VPPOUT | to);

    if (!p->runtime.video)
        return true;
    return device_holds(device, &p->in, first) && (!filtering || device_holds(device, out, second));
}

/* Encoders that know no fields code the frames as they are. */
static bool sink_takes(struct pipeline *p, mfxFrameInfo *out)
{
    if (sink_accepts(&p->sink, out))
        return true;
    if (out->PicStruct == MFX_PICSTRUCT_PROGRESSIVE)
        return false;
    out->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    return sink_accepts(&p->sink, out);
}

/* One pair of formats. */
static bool try_pair(struct pipeline *p, mfxU32 source, mfxU32 target)
{
    if (!source_accepts(p, source))
        return false;
    mfxFrameInfo before = p->in;
    choose_source(p, source);
    mfxFrameInfo out = target_info(p, target);
    if (sink_takes(p, &out) && filters_accept(p, &out) && memory_holds(p, &out)) {
        p->sink.info = out;
        return true;
    }
    choose_source(p, before.FourCC);
    return false;
}

/* JPEG files hold values of 0 to 255, most video those of 16 to 235: unchanged, it would look pale. */
static bool wants_full_range(const struct pipeline *p)
{
    const AVCodecParameters *source = p->input.video->codecpar;
    bool rgb = p->in.FourCC == MFX_FOURCC_RGB4 || p->in.FourCC == MFX_FOURCC_BGR4;

    return !p->sink.raw && p->sink.encoder.par.mfx.CodecId == MFX_CODEC_JPEG && !rgb &&
           source->color_range != AVCOL_RANGE_JPEG;
}

static bool find_pair(struct pipeline *p, const mfxU32 *candidates)
{
    for (size_t i = 0; candidates[i]; i++) /* one format all the way */
        if (try_pair(p, candidates[i], candidates[i]))
            return true;
    for (size_t i = 0; candidates[i]; i++) /* or a conversion between */
        for (size_t j = 0; candidates[j]; j++)
            if (i != j && try_pair(p, candidates[i], candidates[j]))
                return true;
    return false;
}

static void take_source_info(struct pipeline *p)
{
    mfxFrameInfo *info = p->raw_in ? &p->reader.info : &p->decoder.par.mfx.FrameInfo;

    if (!info->CropW || !info->CropH) {
        info->CropW = info->Width;
        info->CropH = info->Height;
    }
    info->FrameRateExtN = (mfxU32)p->frame_rate.num;
    info->FrameRateExtD = (mfxU32)p->frame_rate.den;
    if (!info->PicStruct)
        info->PicStruct = MFX_PICSTRUCT_PROGRESSIVE;
    p->in = *info;
}

/* In words, when nothing fits. */
static enum exit_code fail_negotiation(const struct pipeline *p)
{
    const char *pixels = av_get_pix_fmt_name(format_to_av(p->in.FourCC));
    char fourcc[VFA_FOURCC_TEXT_MAX];
    char size[32] = "";

    if (p->options->width)
        snprintf(size, sizeof size, ", scaled to %ux%u", p->options->width, p->options->height);
    bool video = p->runtime.video, refused = video && p->runtime.device.why[0];
    return fail(
        EXIT_UNSUPPORTED,
        "the runtime '%s' finds no way from %ux%u %s (%s%s%s) to %s%s: decoder, filters and encoder have no "
        "format in common, or the encoder refuses an option; try without options, another --codec or "
        "--impl%s%s%s",
        p->runtime.name, p->in.CropW, p->in.CropH, pixels ? pixels : "pixels",
        vfa_fourcc_text(p->in.FourCC, fourcc), size, p->options->deinterlace ? ", deinterlaced" : "",
        p->sink.raw ? p->output.format->oformat->name : codec_name(p->sink.encoder.par.mfx.CodecId),
        video ? " in VA-API surfaces" : "", video ? ", or --memory system" : "",
        refused ? "; the device's last word: " : "", refused ? p->runtime.device.why : "");
}

/* A way through all stages in the memory that frames live in now. */
static bool find_way(struct pipeline *p)
{
    mfxU32 candidates[CANDIDATES + 1];

    list_candidates(&p->in, candidates);
    p->tasks.expand_range = wants_full_range(p);
    if (find_pair(p, candidates))
        return true;
    if (!p->tasks.expand_range)
        return false;
    p->tasks.expand_range = false;
    return find_pair(p, candidates);
}

/* Containers of raw pictures do not hold every format: not the 10 bits of P010, but those of I010. */
static bool loses_depth(const struct pipeline *p)
{
    return p->sink.raw && format_depth(&p->sink.info) < format_depth(&p->in);
}

/* Why frames had better live in system memory, now that the way through video memory is `found`. NULL: they
 * need not. */
static const char *why_not_video(const struct pipeline *p, bool found)
{
    if (!found)
        return p->runtime.device.why[0] ? p->runtime.device.why : "the runtime takes no such frames there";
    if (p->raw_in && p->sink.raw && !needs_filters(p, &p->in, &p->sink.info))
        return "pictures are only copied";
    if (loses_depth(p))
        return "the output's format would lose depth there";
    if (p->runtime.impl == MFX_IMPL_TYPE_SOFTWARE && !p->options->device)
        return "the runtime works on the processor, for which every look into a surface is a copy";
    return NULL;
}

/* Video memory first, where there is any. */
static bool find_memory_and_way(struct pipeline *p)
{
    const mfxVideoParam encoder = p->sink.encoder.par;
    bool found = find_way(p);

    if (!p->runtime.video || p->options->memory == MEMORY_VA)
        return found;
    const char *why = why_not_video(p, found);
    if (!why)
        return true;
    runtime_leave_video(&p->runtime, "%s: %s", device_path(&p->runtime.device), why);
    p->decoder.par.IOPattern = runtime_pattern_out(&p->runtime);
    p->sink.encoder.par = encoder;
    p->sink.encoder.par.IOPattern = runtime_pattern_in(&p->runtime);
    return find_way(p);
}

enum exit_code setup_negotiate(struct pipeline *p)
{
    take_source_info(p);
    p->tasks.deinterlace = p->options->deinterlace;
    if (!find_memory_and_way(p))
        return fail_negotiation(p);
    if (wants_full_range(p) && !p->tasks.expand_range)
        warn("the runtime cannot expand values of 16 to 235 to 0 to 255, as JPEG has them: pictures look "
             "pale");
    if (loses_depth(p))
        warn("the output has %u bits a sample, the source %u: in these frames, its container takes no more",
             format_depth(&p->sink.info), format_depth(&p->in));
    if (p->in.PicStruct != MFX_PICSTRUCT_PROGRESSIVE && !p->options->deinterlace &&
        p->sink.info.PicStruct == MFX_PICSTRUCT_PROGRESSIVE)
        warn("the source is interlaced, and the encoder codes whole frames; --deinterlace looks better");
    return EXIT_DONE;
}

static bool source_fits(struct pipeline *p, mfxU32 fourcc)
{
    if (!source_accepts(p, fourcc))
        return false;
    choose_source(p, fourcc);
    return filters_accept(p, &p->sink.info) && memory_holds(p, &p->sink.info);
}

enum exit_code setup_renegotiate(struct pipeline *p)
{
    mfxU32 candidates[CANDIDATES + 1];

    take_source_info(p);
    if (source_fits(p, p->sink.info.FourCC))
        return EXIT_DONE;
    list_candidates(&p->in, candidates);
    for (size_t i = 0; candidates[i]; i++)
        if (source_fits(p, candidates[i]))
            return EXIT_DONE;
    return fail_negotiation(p);
}

void setup_filters(struct pipeline *p)
{
    p->filtering = needs_filters(p, &p->in, &p->sink.info);
    vpp_init(&p->vpp, &p->runtime, &p->in, &p->sink.info, &p->tasks, p->options->async_depth);
}

/* The AsyncDepth of a second question, whose answer tells what the first one contains: away from 1 and 2,
 * where some requests step, and from where runtimes end. */
static mfxU16 other_depth(mfxU16 depth)
{
    return (mfxU16)(depth > 16 ? depth - 8 : depth + 8);
}

/* A depth that the runtime does not take as it is tells nothing. */
static bool is_told(mfxStatus status)
{
    return status >= MFX_ERR_NONE && status != MFX_WRN_INCOMPATIBLE_VIDEO_PARAM;
}

/* What a stage asks for, and what it would ask for at another AsyncDepth, if it says. */
struct asked {
    mfxFrameAllocRequest now, other;
    bool measured;
};

/* Of the stages in use, in their order. */
struct requests {
    struct asked decode, filter_in, filter_out, encode;
    bool has_encode;
    mfxU16 hold; /* frames that the writer keeps */
};

static enum exit_code ask_decoder(struct pipeline *p, struct asked *asked)
{
    mfxVideoParam par = p->decoder.par;
    enum exit_code code = decoder_request(&p->decoder, &asked->now);

    par.AsyncDepth = other_depth(par.AsyncDepth);
    asked->measured =
        code == EXIT_DONE && is_told(MFXVideoDECODE_QueryIOSurf(p->runtime.session, &par, &asked->other));
    /* Decoders with different ids never share frames; what the runtime allocates itself finds ours by it. */
    asked->now.AllocId = p->decoder.par.AllocId;
    return code;
}

static enum exit_code ask_filters(struct pipeline *p, struct asked *in, struct asked *out)
{
    mfxVideoParam par = p->vpp.par;
    mfxFrameAllocRequest now[2], other[2] = {0};
    enum exit_code code = vpp_request(&p->vpp, now);

    par.AsyncDepth = other_depth(par.AsyncDepth);
    in->measured = code == EXIT_DONE && is_told(MFXVideoVPP_QueryIOSurf(p->runtime.session, &par, other));
    out->measured = in->measured;
    in->now = now[0];
    in->other = other[0];
    out->now = now[1];
    out->other = other[1];
    return code;
}

static enum exit_code ask_sink(struct pipeline *p, struct requests *r)
{
    mfxVideoParam par = p->sink.encoder.par;
    enum exit_code code = sink_request(&p->sink, &r->encode.now, &r->has_encode, &r->hold);

    par.AsyncDepth = other_depth(par.AsyncDepth);
    r->encode.measured = code == EXIT_DONE && r->has_encode &&
                         is_told(MFXVideoENCODE_QueryIOSurf(p->runtime.session, &par, &r->encode.other));
    return code;
}

static enum exit_code ask(struct pipeline *p, struct requests *r)
{
    enum exit_code code = EXIT_DONE;

    memset(r, 0, sizeof *r);
    if (!p->raw_in)
        code = ask_decoder(p, &r->decode);
    if (code == EXIT_DONE && p->filtering)
        code = ask_filters(p, &r->filter_in, &r->filter_out);
    return code == EXIT_DONE ? ask_sink(p, r) : code;
}

/* AsyncDepth is part of a stage's count, if the runtime counts it at all. */
static mfxStatus add_stage(const struct pipeline *p, struct vfa_plan *plan, const char *name,
                           const struct asked *asked)
{
    mfxU16 depth = p->options->async_depth;

    if (asked->measured)
        return vfa_plan_add_measured(plan, name, &asked->now, depth, &asked->other, other_depth(depth));
    return vfa_plan_add(plan, name, &asked->now, asked->now.NumFrameSuggested >= depth ? depth : 0);
}

/* What the writer keeps until the pixels are there are operations in flight, which the stage before may
 * count; and there is the one it writes. */
static mfxU16 written(mfxU16 kept, mfxU16 counted)
{
    return kept > counted ? (mfxU16)(kept - counted) : 1;
}

/* Who gives frames to a pool, and who takes them; either may be the program itself. With components at both
 * ends the program holds nothing but the one frame on its way, which the plan counts between them. */
static mfxStatus plan_pool(const struct pipeline *p, struct vfa_plan *plan, const char *from,
                           const struct asked *gives, const char *to, const struct asked *takes, mfxU16 hold)
{
    char name[VFA_PLAN_NAME_MAX];
    mfxStatus status;

    snprintf(name, sizeof name, "%s->%s", from, to);
    status = vfa_plan_init(plan, name);
    if (gives && status == MFX_ERR_NONE)
        status = add_stage(p, plan, from, gives);
    if (takes && status == MFX_ERR_NONE)
        status = add_stage(p, plan, to, takes);
    if (!gives && status == MFX_ERR_NONE) /* the reader fills one at a time */
        status = vfa_plan_hold(plan, from, 1);
    if (!takes && status == MFX_ERR_NONE)
        status = vfa_plan_hold(plan, to, written(hold, plan->term_count ? plan->term[0].async_depth : 0));
    if (gives && takes && status == MFX_ERR_NONE)
        status = vfa_plan_hold(plan, "application", 0);
    return status;
}

/* No component at all: pictures are only copied, and the program says itself what frames it wants. */
static mfxStatus plan_copy(const struct pipeline *p, const struct requests *r, struct vfa_plan *plan)
{
    struct asked asked = {.now = {.Info = p->in,
                                  .Type = p->runtime.video ? VIDEO_TYPE : SYSTEM_TYPE,
                                  .NumFrameMin = 1,
                                  .NumFrameSuggested = 1}};
    return plan_pool(p, plan, "reader", &asked, "writer", NULL, r->hold);
}

enum exit_code setup_plan(struct pipeline *p, struct vfa_plan plans[2])
{
    struct requests r;
    enum exit_code code = ask(p, &r);
    mfxStatus status;

    if (code != EXIT_DONE)
        return code;
    const struct asked *first = p->raw_in ? NULL : &r.decode;
    const struct asked *last = r.has_encode ? &r.encode : NULL;
    const char *from = p->raw_in ? "reader" : "decode";
    const char *to = p->sink.raw ? "writer" : "encode";
    if (p->filtering) {
        status = plan_pool(p, &plans[0], from, first, "vpp", &r.filter_in, 0);
        if (status == MFX_ERR_NONE)
            status = plan_pool(p, &plans[1], "vpp", &r.filter_out, to, last, r.hold);
    } else if (first || last) {
        status = plan_pool(p, &plans[0], from, first, to, last, r.hold);
    } else {
        status = plan_copy(p, &r, &plans[0]);
    }
    if (status != MFX_ERR_NONE)
        return runtime_fail(&p->runtime, "vfa_plan_add", status, "planning the surfaces");
    return EXIT_DONE;
}
