/* The command line: getopt_long, and checks that need nothing but the words themselves. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option_key {
    OPT_DEVICE = 1000,
    OPT_SIZE,
    OPT_USAGE,
    OPT_FORMAT,
    OPT_JSON,
    OPT_MARKDOWN,
    OPT_NO_TIMES,
    OPT_LIST,
    OPT_STATUSES,
};

static const struct option long_options[] = {
    {"device", required_argument, NULL, OPT_DEVICE},
    {"size", required_argument, NULL, OPT_SIZE},
    {"usage", required_argument, NULL, OPT_USAGE},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"json", no_argument, NULL, OPT_JSON},
    {"markdown", no_argument, NULL, OPT_MARKDOWN},
    {"no-times", no_argument, NULL, OPT_NO_TIMES},
    {"list", no_argument, NULL, OPT_LIST},
    {"statuses", no_argument, NULL, OPT_STATUSES},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: vfa-inspect [options]\n"
    "\n"
    "Asks a VA driver about every frame format of VPL: does it create such surfaces, by which ways are\n"
    "their bytes reached, at what cost, which way libvfa-va takes, and do they go out as dma-bufs and\n"
    "come in again.\n"
    "\n"
    "      --device NODE     render node (default: the first of /dev/dri that opens)\n"
    "      --size WxH        of the surfaces (default: 1920x1088)\n"
    "      --usage LIST      what they are for: decode, encode, vpp, export, with commas between several\n"
    "                        (default: decode)\n"
    "      --format NAME     only this format: NV12, P010, ...\n"
    "      --json            one JSON object\n"
    "      --markdown        tables in Markdown\n"
    "      --no-times        nothing that was measured: the same driver gives the same output\n"
    "      --list            the formats themselves and how frames of them lie; asks no device\n"
    "      --statuses        what libvfa-va makes of each VAStatus; asks no device\n"
    "  -h, --help            this text\n"
    "\n"
    "A format that the driver refuses is part of the answer, and no failure.\n"
    "\n"
    "Ways\n"
    "  derive                vaDeriveImage: in place, or as the driver makes it look\n"
    "  image                 an image beside the surface: vaGetImage, vaPutImage\n"
    "  derive+copy           as derive, then copied to and from host memory\n"
    "  image+copy            as image, then copied likewise\n"
    "A way says \"yes\" when a pattern written through it read back; \"writes back\" where that\n"
    "holds, but a map that only reads is not proven to leave the surface alone when it ends;\n"
    "\"refused\" by the driver; or \"unfit\" though the driver accepts it.\n"
    "\n"
    "Export                  the dma-buf's modifier; its layers, asked for one, and for one a plane\n"
    "Import                  \"yes\" when that dma-buf, imported again, shows the same pixels;\n"
    "                        \"unseen\" when no way to them works\n"
    "\n"
    "Exit codes\n"
    "  0  done\n"
    "  1  memory ran out, or the output could not be written\n"
    "  2  a mistake on the command line\n"
    "  3  the render node does not open, or there is none\n"
    "  4  the render node has no VA driver\n";

void options_help(void)
{
    fputs(help_text, stdout);
}

static const struct {
    const char *word;
    mfxU16 type;
} usages[] = {
    {"decode", MFX_MEMTYPE_FROM_DECODE | MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET},
    {"encode", MFX_MEMTYPE_FROM_ENCODE | MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET},
    {"vpp", MFX_MEMTYPE_FROM_VPPIN | MFX_MEMTYPE_FROM_VPPOUT | MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET},
    {"export", MFX_MEMTYPE_EXPORT_FRAME},
};

/* 0: no such word. */
static mfxU16 type_of(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
        if (strlen(usages[i].word) == length && !strncmp(usages[i].word, word, length))
            return usages[i].type;
    return 0;
}

static bool read_usage(struct options *options, const char *list)
{
    mfxU16 targets = MFX_MEMTYPE_VIDEO_MEMORY_DECODER_TARGET | MFX_MEMTYPE_VIDEO_MEMORY_ENCODER_TARGET |
                     MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    options->usage = list;
    options->type = 0;
    for (const char *word = list;; word++) {
        size_t length = strcspn(word, ",");
        mfxU16 type = type_of(word, length);
        if (!type) {
            fprintf(stderr, "vfa-inspect: --usage does not know '%.*s': decode, encode, vpp, export\n",
                    (int)length, word);
            return false;
        }
        options->type |= type;
        word += length;
        if (*word == '\0')
            break;
    }
    if (!(options->type & targets)) /* exported, and nothing else is known */
        options->type |= MFX_MEMTYPE_VIDEO_MEMORY_PROCESSOR_TARGET;
    options->type |= MFX_MEMTYPE_EXTERNAL_FRAME;
    return true;
}

/* A decimal number of 1 to 65,535; `end` is what follows it. */
static mfxU16 read_side(const char *text, const char **end)
{
    char *stop;
    errno = 0;
    unsigned long value = *text >= '0' && *text <= '9' ? strtoul(text, &stop, 10) : 0;
    if (!value || value > UINT16_MAX || errno)
        return 0;
    *end = stop;
    return (mfxU16)value;
}

static bool read_size(struct options *options, const char *text)
{
    const char *end;
    options->width = read_side(text, &end);
    options->height = options->width && *end == 'x' ? read_side(end + 1, &end) : 0;
    if (options->height && *end == '\0')
        return true;
    fprintf(stderr, "vfa-inspect: --size wants WIDTHxHEIGHT, 1x1 to 65535x65535, not '%s'\n", text);
    return false;
}

static bool read_format(struct options *options, const char *name)
{
    for (size_t i = 0; i < vfa_format_count(); i++) {
        if (!strcasecmp(vfa_format_at(i)->name, name)) {
            options->format = vfa_format_at(i);
            return true;
        }
    }
    fprintf(stderr, "vfa-inspect: there is no format '%s'; --list prints all\n", name);
    return false;
}

static bool read_option(struct options *options, int key)
{
    switch (key) {
    case OPT_DEVICE:
        options->device = optarg;
        return true;
    case OPT_SIZE:
        return read_size(options, optarg);
    case OPT_USAGE:
        return read_usage(options, optarg);
    case OPT_FORMAT:
        return read_format(options, optarg);
    case OPT_JSON:
        options->output = OUTPUT_JSON;
        return true;
    case OPT_MARKDOWN:
        options->output = OUTPUT_MARKDOWN;
        return true;
    case OPT_NO_TIMES:
        options->times = false;
        return true;
    case OPT_LIST:
        options->list = true;
        return true;
    case OPT_STATUSES:
        options->statuses = true;
        return true;
    case 'h':
        options->help = true;
        return true;
    default:
        fprintf(stderr, "vfa-inspect: --help lists the options\n");
        return false;
    }
}

enum exit_code options_read(struct options *options, int argc, char **argv)
{
    int key;
    *options = (struct options){.times = true, .width = 1920, .height = 1088};
    if (!read_usage(options, "decode"))
        return EXIT_USAGE;
    while ((key = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        if (!read_option(options, key))
            return EXIT_USAGE;
    if (optind < argc) {
        fprintf(stderr, "vfa-inspect: what is '%s'? --help lists the options\n", argv[optind]);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}
