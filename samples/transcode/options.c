/* The command line: getopt_long, and checks that need nothing but the words themselves. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_ASYNC_DEPTH 4
#define MAX_ASYNC_DEPTH     64
#define MAX_SIZE            16384

enum option_key {
    OPT_CODEC = 1000,
    OPT_BITRATE,
    OPT_QUALITY,
    OPT_PRESET,
    OPT_GOP,
    OPT_BFRAMES,
    OPT_SIZE,
    OPT_DEINTERLACE,
    OPT_ASYNC,
    OPT_MEMORY,
    OPT_DEVICE,
    OPT_IMPL,
    OPT_FRAMES,
    OPT_LOW_POWER,
    OPT_HASH,
    OPT_OVERWRITE,
    OPT_PLAN,
    OPT_STATS,
    OPT_JSON,
    OPT_VERBOSE,
};

static const struct option long_options[] = {
    {"codec", required_argument, NULL, OPT_CODEC},
    {"bitrate", required_argument, NULL, OPT_BITRATE},
    {"quality", required_argument, NULL, OPT_QUALITY},
    {"preset", required_argument, NULL, OPT_PRESET},
    {"gop", required_argument, NULL, OPT_GOP},
    {"bframes", required_argument, NULL, OPT_BFRAMES},
    {"size", required_argument, NULL, OPT_SIZE},
    {"deinterlace", no_argument, NULL, OPT_DEINTERLACE},
    {"async", required_argument, NULL, OPT_ASYNC},
    {"memory", required_argument, NULL, OPT_MEMORY},
    {"device", required_argument, NULL, OPT_DEVICE},
    {"impl", required_argument, NULL, OPT_IMPL},
    {"frames", required_argument, NULL, OPT_FRAMES},
    {"low-power", required_argument, NULL, OPT_LOW_POWER},
    {"hash", no_argument, NULL, OPT_HASH},
    {"overwrite", no_argument, NULL, OPT_OVERWRITE},
    {"plan", no_argument, NULL, OPT_PLAN},
    {"stats", no_argument, NULL, OPT_STATS},
    {"json", no_argument, NULL, OPT_JSON},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"format", required_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: sample_transcode [options] INPUT OUTPUT\n"
    "\n"
    "Decodes the video of INPUT, and encodes it again, on whatever VPL runtime the machine has, with\n"
    "every frame in memory of libvfa. Other streams are copied. INPUT is any file libavformat opens,\n"
    "OUTPUT any it writes: mp4, mkv, ts, y4m, 264, 265, mjpeg... \"-\" is stdin, or stdout.\n"
    "\n"
    "Output\n"
    "  -f, --format NAME        container, as libavformat calls it (default: by OUTPUT's name;\n"
    "                           for stdout matroska, of raw video yuv4mpegpipe)\n"
    "      --codec NAME         h264, hevc, jpeg (or mjpeg), or raw: decode only (default: what OUTPUT's\n"
    "                           name says, else h264)\n"
    "      --overwrite          replace OUTPUT if it exists\n"
    "Encoding\n"
    "      --bitrate RATE       average bits per second: 800k, 2.5M; a plain number is kilobits\n"
    "      --quality N          constant quality: 1 (best) to 51 for h264 and hevc, default 23;\n"
    "                           1 to 100 (best) for jpeg, default 90\n"
    "      --preset NAME        1 (best) to 7 (fastest), or veryslow, slower, slow, medium, fast, faster,\n"
    "                           veryfast (default: medium)\n"
    "      --gop N              pictures from one key frame to the next\n"
    "      --bframes N          B-frames in a row, 0 for none\n"
    "      --low-power WHICH    auto, on, off: the encoder's fixed-function mode (default: auto)\n"
    "Picture\n"
    "      --size WxH           scale to this size\n"
    "      --deinterlace        make progressive frames of fields\n"
    "      --frames N           stop after N frames\n"
    "Runtime\n"
    "      --impl KIND          auto, software, hardware (default: auto)\n"
    "      --memory KIND        where frames live: system, va (VA-API surfaces), or auto (the default): va "
    "where\n"
    "                           a render node opens and a hardware runtime takes such frames, or with\n"
    "                           --device any runtime; else system; --stats and --json tell which, and why\n"
    "      --device PATH        render node of the VA-API surfaces (default: the first that opens)\n"
    "      --async N            operations in flight, AsyncDepth, 1 to 64 (default: 4)\n"
    "Reports (on stdout; on stderr when OUTPUT is -)\n"
    "      --plan               before the work: how many surfaces, and why\n"
    "      --stats              after it: figures of the allocator and the pools\n"
    "      --hash               md5 of all frames given to the encoder: their visible pixels, plane after\n"
    "                           plane, as `ffmpeg -f rawvideo` writes them\n"
    "      --json               the final summary as one JSON object on stdout, other reports on stderr\n"
    "      --verbose            what libvfa, libavformat and libavcodec have to say\n"
    "  -h, --help               this text\n"
    "\n"
    "Ctrl-C ends the input there and then: what was read by then is finished and OUTPUT is playable. A "
    "second\n"
    "Ctrl-C ends the program. An input that breaks off is transcoded as far as it goes, with a warning.\n"
    "\n"
    "Exit codes\n";

/* A word and what it stands for. */
struct choice {
    const char *word;
    int value;
};

static const struct choice codec_choices[] = {
    {"auto", VIDEO_AUTO},  {"h264", VIDEO_H264}, {"avc", VIDEO_H264},
    {"hevc", VIDEO_HEVC},  {"h265", VIDEO_HEVC}, {"jpeg", VIDEO_JPEG},
    {"mjpeg", VIDEO_JPEG}, {"raw", VIDEO_RAW},   {NULL, 0},
};

static const struct choice preset_choices[] = {
    {"veryslow", 1}, {"slower", 2},   {"slow", 3}, {"medium", 4}, {"fast", 5},
    {"faster", 6},   {"veryfast", 7}, {"1", 1},    {"2", 2},      {"3", 3},
    {"4", 4},        {"5", 5},        {"6", 6},    {"7", 7},      {NULL, 0},
};

static const struct choice memory_choices[] = {
    {"auto", MEMORY_AUTO}, {"system", MEMORY_SYSTEM}, {"va", MEMORY_VA}, {NULL, 0}};

static const struct choice impl_choices[] = {
    {"auto", 0}, {"software", MFX_IMPL_TYPE_SOFTWARE}, {"hardware", MFX_IMPL_TYPE_HARDWARE}, {NULL, 0}};

static const struct choice low_power_choices[] = {{"auto", MFX_CODINGOPTION_UNKNOWN},
                                                  {"on", MFX_CODINGOPTION_ON},
                                                  {"off", MFX_CODINGOPTION_OFF},
                                                  {NULL, 0}};

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

static enum exit_code number(const char *option, const char *word, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end || errno || value < min || value > max)
        return fail(EXIT_USAGE, "--%s needs a number from %llu to %llu, not '%s'", option,
                    (unsigned long long)min, (unsigned long long)max, word);
    *out = value;
    return EXIT_DONE;
}

/* "2500", "2500k", "2.5M": all 2500 kbit/s. */
static enum exit_code bitrate(const char *word, mfxU32 *kbps)
{
    char *end;
    double value = strtod(word, &end);

    if (*end == 'M' || *end == 'm') {
        value *= 1000;
        end++;
    } else if (*end == 'k' || *end == 'K') {
        end++;
    }
    if (word[0] < '0' || word[0] > '9' || *end || !(value >= 1) || value > 4e6)
        return fail(EXIT_USAGE, "--bitrate needs a rate such as 800k or 2.5M (1k to 4000M), not '%s'", word);
    *kbps = (mfxU32)value;
    return EXIT_DONE;
}

static enum exit_code size(const char *word, struct options *options)
{
    unsigned int width, height;
    int used = 0;

    if (sscanf(word, "%5u%*1[xX]%5u%n", &width, &height, &used) != 2 || word[used] || width < 16 ||
        height < 16 || width > MAX_SIZE || height > MAX_SIZE || width % 2 || height % 2)
        return fail(EXIT_USAGE, "--size needs WIDTHxHEIGHT in even numbers from 16 to %d, not '%s'", MAX_SIZE,
                    word);
    options->width = (mfxU16)width;
    options->height = (mfxU16)height;
    return EXIT_DONE;
}

/* The options whose argument is a number. */
static enum exit_code apply_number(struct options *options, int key, const char *word)
{
    uint64_t value = 0;
    enum exit_code code;

    switch (key) {
    case OPT_QUALITY:
        code = number("quality", word, 1, 100, &value);
        options->quality = (mfxU16)value;
        return code;
    case OPT_GOP:
        code = number("gop", word, 1, UINT16_MAX, &value);
        options->gop = (mfxU16)value;
        return code;
    case OPT_BFRAMES:
        code = number("bframes", word, 0, 16, &value);
        options->bframes = (int)value;
        return code;
    case OPT_ASYNC:
        code = number("async", word, 1, MAX_ASYNC_DEPTH, &value);
        options->async_depth = (mfxU16)value;
        return code;
    default:
        return number("frames", word, 1, INT64_MAX, &options->frames);
    }
}

/* The options whose argument is a word of a list. */
static enum exit_code apply_choice(struct options *options, int key, const char *word)
{
    enum exit_code code;
    int value = 0;

    switch (key) {
    case OPT_CODEC:
        code = choose("codec", word, codec_choices, &value);
        options->codec = (enum video_codec)value;
        return code;
    case OPT_PRESET:
        code = choose("preset", word, preset_choices, &value);
        options->preset = (mfxU16)value;
        return code;
    case OPT_MEMORY:
        code = choose("memory", word, memory_choices, &value);
        options->memory = (enum frame_memory)value;
        return code;
    case OPT_IMPL:
        code = choose("impl", word, impl_choices, &value);
        options->impl = (mfxImplType)value;
        return code;
    default:
        code = choose("low-power", word, low_power_choices, &value);
        options->low_power = (mfxU16)value;
        return code;
    }
}

static enum exit_code apply(struct options *options, int key, const char *word)
{
    switch (key) {
    case OPT_CODEC:
    case OPT_PRESET:
    case OPT_MEMORY:
    case OPT_IMPL:
    case OPT_LOW_POWER:
        return apply_choice(options, key, word);
    case OPT_QUALITY:
    case OPT_GOP:
    case OPT_BFRAMES:
    case OPT_ASYNC:
    case OPT_FRAMES:
        return apply_number(options, key, word);
    case OPT_DEVICE:
        options->device = word;
        return EXIT_DONE;
    case OPT_BITRATE:
        return bitrate(word, &options->bitrate_kbps);
    case OPT_SIZE:
        return size(word, options);
    case 'f':
        options->format = word;
        return EXIT_DONE;
    case OPT_DEINTERLACE:
        options->deinterlace = true;
        return EXIT_DONE;
    case OPT_HASH:
        options->hash = true;
        return EXIT_DONE;
    case OPT_OVERWRITE:
        options->overwrite = true;
        return EXIT_DONE;
    case OPT_PLAN:
        options->plan = true;
        return EXIT_DONE;
    case OPT_STATS:
        options->stats = true;
        return EXIT_DONE;
    case OPT_JSON:
        options->json = true;
        return EXIT_DONE;
    case OPT_VERBOSE:
        options->verbose = true;
        return EXIT_DONE;
    default: /* getopt_long has said what is wrong */
        return fail(EXIT_USAGE, "sample_transcode --help lists the options");
    }
}

/* Options that exclude each other. */
static enum exit_code check(const struct options *options)
{
    if (options->bitrate_kbps && options->quality)
        return fail(EXIT_USAGE, "--bitrate and --quality exclude each other: give one of them");
    if (options->device && options->memory == MEMORY_SYSTEM)
        return fail(EXIT_USAGE,
                    "--memory system and --device exclude each other: frames in system memory need none");
    return EXIT_DONE;
}

enum exit_code options_parse(struct options *options, int argc, char **argv, bool *help)
{
    int key;

    *help = false;
    *options = (struct options){.bframes = -1,
                                .async_depth = DEFAULT_ASYNC_DEPTH,
                                .preset = MFX_TARGETUSAGE_BALANCED,
                                .low_power = MFX_CODINGOPTION_UNKNOWN};
    while ((key = getopt_long(argc, argv, "f:h", long_options, NULL)) != -1) {
        if (key == 'h') {
            fputs(help_text, stdout);
            exit_codes_print(stdout);
            *help = true;
            return EXIT_DONE;
        }
        enum exit_code code = apply(options, key, optarg);
        if (code != EXIT_DONE)
            return code;
    }
    if (argc - optind != 2)
        return fail(EXIT_USAGE, "needs INPUT and OUTPUT, got %d name%s; --help explains", argc - optind,
                    argc - optind == 1 ? "" : "s");
    options->input = argv[optind];
    options->output = argv[optind + 1];
    return check(options);
}
