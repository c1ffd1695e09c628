/* The command line: getopt_long, and checks that need nothing but the words themselves. */
#include "command.h"
#include "words.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_ASYNC_DEPTH 4
#define MAX_ASYNC_DEPTH     64

enum option_key {
    OPT_DECODE = 1000,
    OPT_VPP,
    OPT_ENCODE,
    OPT_HOLD,
    OPT_FORMAT,
    OPT_SIZE,
    OPT_SHARE,
    OPT_IN_STEP,
    OPT_BUDGET,
    OPT_JSON,
    OPT_IMPL,
    OPT_ASYNC,
    OPT_CODEC,
    OPT_DEINTERLACE,
    OPT_MEMORY,
    OPT_DEVICE,
    OPT_VERBOSE,
};

static const struct option long_options[] = {
    {"decode", required_argument, NULL, OPT_DECODE},
    {"vpp", required_argument, NULL, OPT_VPP},
    {"encode", required_argument, NULL, OPT_ENCODE},
    {"hold", required_argument, NULL, OPT_HOLD},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"size", required_argument, NULL, OPT_SIZE},
    {"share", no_argument, NULL, OPT_SHARE},
    {"in-step", no_argument, NULL, OPT_IN_STEP},
    {"budget", required_argument, NULL, OPT_BUDGET},
    {"json", no_argument, NULL, OPT_JSON},
    {"impl", required_argument, NULL, OPT_IMPL},
    {"async", required_argument, NULL, OPT_ASYNC},
    {"codec", required_argument, NULL, OPT_CODEC},
    {"deinterlace", no_argument, NULL, OPT_DEINTERLACE},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"device", required_argument, NULL, OPT_DEVICE},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: vfa-plan [options] --decode NEED --encode NEED ...\n"
    "       vfa-plan [options] FILE\n"
    "\n"
    "Says how many surfaces a pipeline needs, and why: from what its components ask for (the NumFrameMin\n"
    "and NumFrameSuggested of QueryIOSurf), or by asking a VPL runtime about the video of FILE.\n"
    "\n"
    "From numbers: the stages in their order. NEED is [NAME=]MIN[:SUGGESTED[:ASYNC]], ASYNC being the\n"
    "AsyncDepth that SUGGESTED contains, nothing or 0 for none.\n"
    "      --decode NEED     a source; several before a --vpp are composed by it\n"
    "      --vpp NEED/NEED   a filter: what it takes, and what it gives\n"
    "      --encode NEED     a sink; several, at the end, all get the frames of the stage before\n"
    "      --in-step         each frame goes to all encoders before the next one is made\n"
    "      --share           all stages in one pool\n"
    "      --format NAME     of the stages that follow: NV12 (the default), P010, ...\n"
    "      --size WxH        likewise (default: 1920x1088)\n"
    "Of a file\n"
    "      --codec NAME      to encode: h264 (the default), hevc, jpeg, or raw for no encoder\n"
    "      --async N         AsyncDepth, 1 to 64 (default: 4)\n"
    "      --size WxH        scaled to this\n"
    "      --deinterlace     filtered\n"
    "      --impl KIND       auto, software, hardware (default: auto)\n"
    "      --memory KIND     auto, system, va (default: auto)\n"
    "      --device PATH     render node of VA-API surfaces\n"
    "      --verbose         what libraries have to say\n"
    "Both\n"
    "      --hold NAME:N     N surfaces that the application keeps, of the pool that the stage before\n"
    "                        fills, or an encoder takes from; of FILE, of the last pool\n"
    "      --budget BYTES    no more than this, such as 64M (k, M, G of 1024): as many as fit\n"
    "      --json            one JSON object\n"
    "  -h, --help            this text\n"
    "\n"
    "Exit codes\n"
    "    0  done\n"
    "    1  internal error\n"
    "    2  a mistake on the command line\n"
    "    3  FILE cannot be opened\n"
    "    4  FILE has no video\n"
    "    5  FILE is damaged\n"
    "    6  no VPL runtime, or none of that kind\n"
    "    7  not possible: frames that cannot be shared, SUGGESTED below ASYNC; codec, size, memory\n"
    "    9  the plan cannot be written\n"
    "   10  the runtime failed\n"
    "   11  not even the minimum fits into --budget (the plan is printed all the same); or out of memory\n"
    "   12  no device for --memory va or --device\n";

/* A word and what it stands for. */
struct choice {
    const char *word;
    int value;
};

static const struct choice codecs[] = {
    {"h264", VIDEO_H264}, {"avc", VIDEO_H264},   {"hevc", VIDEO_HEVC}, {"h265", VIDEO_HEVC},
    {"jpeg", VIDEO_JPEG}, {"mjpeg", VIDEO_JPEG}, {"raw", VIDEO_RAW},   {NULL, 0}};
static const struct choice memories[] = {
    {"auto", MEMORY_AUTO}, {"system", MEMORY_SYSTEM}, {"va", MEMORY_VA}, {NULL, 0}};
static const struct choice impls[] = {
    {"auto", 0}, {"software", MFX_IMPL_TYPE_SOFTWARE}, {"hardware", MFX_IMPL_TYPE_HARDWARE}, {NULL, 0}};

static enum exit_code choose(const char *option, const char *word, const struct choice *choices, int *out)
{
    for (size_t i = 0; choices[i].word; i++) {
        if (!strcmp(choices[i].word, word)) {
            *out = choices[i].value;
            return EXIT_DONE;
        }
    }
    return fail(EXIT_USAGE, "--%s does not know '%s'; --help lists what it knows", option, word);
}

static enum exit_code add_stage(struct command *command, enum stage_kind kind, const char *option,
                                const char *word)
{
    struct stage stage = {.kind = kind, .info = command->info};
    const char *end = read_name(word, '=', stage.name);
    bool good = true;

    if (kind != STAGE_DECODE)
        good = read_need(end, &stage.in, &end);
    if (good && kind == STAGE_VPP)
        good = *end++ == '/';
    if (good && kind != STAGE_ENCODE)
        good = read_need(end, &stage.out, &end);
    if (!good || *end)
        return fail(EXIT_USAGE, "--%s needs %s, numbers up to 65535, such as %s, not '%s'", option,
                    kind == STAGE_VPP ? "two of MIN:SUGGESTED:ASYNC" : "MIN:SUGGESTED:ASYNC",
                    kind == STAGE_VPP ? "5:5:4/5:5:4" : "5:9:4", word);
    if (command->stage_count == MAX_STAGES)
        return fail(EXIT_USAGE, "more than %d stages", MAX_STAGES);
    if (!stage.name[0])
        snprintf(stage.name, sizeof stage.name, "%s", option);
    command->stages[command->stage_count++] = stage;
    return EXIT_DONE;
}

static enum exit_code add_hold(struct command *command, const char *word)
{
    struct hold hold = {.after = command->stage_count};
    const char *end = read_name(word, ':', hold.name);
    uint64_t count;

    if (!hold.name[0] || !read_number(end, UINT16_MAX, &count, &end) || *end)
        return fail(EXIT_USAGE, "--hold needs NAME:N, N up to 65535, not '%s'", word);
    if (command->hold_count == MAX_HOLDS)
        return fail(EXIT_USAGE, "more than %d times --hold", MAX_HOLDS);
    hold.count = (mfxU16)count;
    command->holds[command->hold_count++] = hold;
    return EXIT_DONE;
}

static enum exit_code set_format(struct command *command, const char *name)
{
    for (size_t i = 0; i < vfa_format_count(); i++) {
        const struct vfa_format *format = vfa_format_at(i);
        if (format->linear || strcasecmp(format->name, name) != 0)
            continue;
        command->info.FourCC = format->fourcc;
        return EXIT_DONE;
    }
    return fail(EXIT_USAGE, "--format does not know '%s'; vfa-inspect --list prints all", name);
}

static enum exit_code set_size(struct command *command, const char *word)
{
    if (!read_size(word, &command->info.Width, &command->info.Height))
        return fail(EXIT_USAGE, "--size needs WIDTHxHEIGHT, 1x1 to 65535x65535, not '%s'", word);
    command->source.width = command->info.Width;
    command->source.height = command->info.Height;
    return EXIT_DONE;
}

static enum exit_code set_async(struct command *command, const char *word)
{
    const char *end;
    uint64_t depth;

    if (!read_number(word, MAX_ASYNC_DEPTH, &depth, &end) || *end || !depth)
        return fail(EXIT_USAGE, "--async needs a number from 1 to %d, not '%s'", MAX_ASYNC_DEPTH, word);
    command->source.async_depth = (mfxU16)depth;
    return EXIT_DONE;
}

static enum exit_code apply_choice(struct command *command, int key, const char *word)
{
    struct options *source = &command->source;
    int value = 0;
    enum exit_code code;

    if (key == OPT_CODEC) {
        code = choose("codec", word, codecs, &value);
        source->codec = (enum video_codec)value;
    } else if (key == OPT_MEMORY) {
        code = choose("memory", word, memories, &value);
        source->memory = (enum frame_memory)value;
    } else {
        code = choose("impl", word, impls, &value);
        source->impl = (mfxImplType)value;
    }
    return code;
}

static enum exit_code apply_flag(struct command *command, int key)
{
    switch (key) {
    case OPT_SHARE:
        command->share = true;
        return EXIT_DONE;
    case OPT_IN_STEP:
        command->in_step = true;
        return EXIT_DONE;
    case OPT_JSON:
        command->json = true;
        return EXIT_DONE;
    case OPT_DEINTERLACE:
        command->source.deinterlace = true;
        return EXIT_DONE;
    case OPT_VERBOSE:
        command->source.verbose = true;
        return EXIT_DONE;
    default: /* getopt_long has said what is wrong */
        return fail(EXIT_USAGE, "vfa-plan --help lists the options");
    }
}

static enum exit_code apply(struct command *command, int key, const char *word)
{
    switch (key) {
    case OPT_DECODE:
        return add_stage(command, STAGE_DECODE, "decode", word);
    case OPT_VPP:
        return add_stage(command, STAGE_VPP, "vpp", word);
    case OPT_ENCODE:
        return add_stage(command, STAGE_ENCODE, "encode", word);
    case OPT_HOLD:
        return add_hold(command, word);
    case OPT_FORMAT:
        return set_format(command, word);
    case OPT_SIZE:
        return set_size(command, word);
    case OPT_BUDGET:
        command->has_budget = true;
        return read_bytes(word, &command->budget)
                   ? EXIT_DONE
                   : fail(EXIT_USAGE, "--budget needs bytes, such as 64M, not '%s'", word);
    case OPT_ASYNC:
        return set_async(command, word);
    case OPT_CODEC:
    case OPT_MEMORY:
    case OPT_IMPL:
        return apply_choice(command, key, word);
    case OPT_DEVICE:
        command->source.device = word;
        return EXIT_DONE;
    default:
        return apply_flag(command, key);
    }
}

/* Which use of the program an option is for, if only for one. */
static void note_use(struct command *command, int key)
{
    const char *name = NULL;

    for (const struct option *option = long_options; option->name; option++)
        if (option->val == key)
            name = option->name;
    switch (key) {
    case OPT_FORMAT:
    case OPT_SHARE:
    case OPT_IN_STEP:
        command->of_shape = name;
        break;
    case OPT_IMPL:
    case OPT_ASYNC:
    case OPT_CODEC:
    case OPT_DEINTERLACE:
    case OPT_MEMORY:
    case OPT_DEVICE:
        command->of_source = name;
        break;
    default:
        break;
    }
}

static enum exit_code check(const struct command *command)
{
    const struct options *source = &command->source;

    if (source->input && command->stage_count)
        return fail(EXIT_USAGE,
                    "FILE and --decode, --vpp or --encode exclude each other: what '%s' needs is "
                    "asked of the runtime",
                    source->input);
    if (!source->input && !command->stage_count)
        return fail(EXIT_USAGE,
                    "needs FILE, or stages such as --decode 5:9:4 --encode 7:7:4; --help explains");
    if (source->input && command->of_shape)
        return fail(EXIT_USAGE, "--%s is for stages that are typed in, not for FILE", command->of_shape);
    if (!source->input && command->of_source)
        return fail(EXIT_USAGE, "--%s is for FILE, not for stages that are typed in", command->of_source);
    if (source->input && source->width && (source->width % 2 || source->height % 2))
        return fail(EXIT_USAGE, "--size of FILE needs even numbers");
    if (source->device && source->memory == MEMORY_SYSTEM)
        return fail(EXIT_USAGE, "--memory system and --device exclude each other");
    return EXIT_DONE;
}

enum exit_code command_parse(struct command *command, int argc, char **argv)
{
    int key;

    *command = (struct command){.info = {.FourCC = MFX_FOURCC_NV12, .Width = 1920, .Height = 1088},
                                .source = {.output = "-",
                                           .bframes = -1,
                                           .codec = VIDEO_H264,
                                           .async_depth = DEFAULT_ASYNC_DEPTH,
                                           .preset = MFX_TARGETUSAGE_BALANCED,
                                           .low_power = MFX_CODINGOPTION_UNKNOWN}};
    while ((key = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (key == 'h') {
            fputs(help_text, stdout);
            command->help = true;
            return EXIT_DONE;
        }
        note_use(command, key);
        enum exit_code code = apply(command, key, optarg);
        if (code != EXIT_DONE)
            return code;
    }
    if (argc - optind > 1)
        return fail(EXIT_USAGE, "needs one FILE, got %d names; --help explains", argc - optind);
    command->source.input = argv[optind];
    return check(command);
}
