/* The command line: getopt_long, and checks that need nothing but the words themselves. */
#include "options.h"

#include "formats.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum option_key {
    OPT_SYSTEM = 1000,
    OPT_VA,
    OPT_OPTIONS,
    OPT_ONLY,
    OPT_FORMAT,
    OPT_LIST,
    OPT_TAP,
    OPT_JSON,
    OPT_STRICT,
    OPT_TIMEOUT,
    OPT_NO_FORK,
    OPT_VERBOSE,
};

static const struct option long_options[] = {
    {"system", no_argument, NULL, OPT_SYSTEM},
    {"va", optional_argument, NULL, OPT_VA},
    {"options", required_argument, NULL, OPT_OPTIONS},
    {"only", required_argument, NULL, OPT_ONLY},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"list", no_argument, NULL, OPT_LIST},
    {"tap", no_argument, NULL, OPT_TAP},
    {"json", no_argument, NULL, OPT_JSON},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"no-fork", no_argument, NULL, OPT_NO_FORK},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: vfa-conform [options] PLUGIN\n"
    "       vfa-conform [options] --system | --va[=NODE]\n"
    "       vfa-conform --list\n"
    "\n"
    "Tells where an mfxFrameAllocator breaks the contract between a VPL runtime and its application. PLUGIN\n"
    "is a shared object that exports vfa_conform_open (vfa/conform.h).\n"
    "\n"
    "      --system          judge this project's allocator over system memory\n"
    "      --va[=NODE]       over VA-API surfaces of a render node (default: the first that opens) as well\n"
    "      --options TEXT    for the plug-in: what it makes of it\n"
    "      --only NAME       only this rule, or the rules of this section; may be given several times\n"
    "      --format NAME     only this frame format (NV12, P010, ...); may be given several times\n"
    "      --strict          rules of level \"should\" count as well\n"
    "      --timeout SECONDS for one rule on one kind of memory (default: 60)\n"
    "      --no-fork         all rules in this process, without a time limit: for debuggers and leak "
    "checkers\n"
    "      --tap             the answer as Test Anything Protocol\n"
    "      --json            the answer as one JSON object\n"
    "      --verbose         rules that hold or were skipped, and what the allocator prints, too\n"
    "      --list            the rules\n"
    "  -h, --help            this text\n"
    "\n"
    "Levels\n"
    "  must                  runtimes and applications of today rely on it\n"
    "  should                what a robust allocator does besides\n"
    "\n"
    "Exit codes\n"
    "  0  every rule of level \"must\" that could be tried holds\n"
    "  1  one does not; with --strict: or one of level \"should\"\n"
    "  2  a mistake on the command line, there is no allocator to judge, or the output could not be "
    "written\n";

void options_help(void)
{
    fputs(help_text, stdout);
}

static bool is_rule_or_section(const char *name)
{
    for (size_t i = 0; i < conform_rule_count; i++)
        if (!strcmp(conform_rules[i].id, name) || !strcmp(conform_rules[i].section, name))
            return true;
    return false;
}

bool options_want(const struct options *options, const struct conform_rule *rule)
{
    for (size_t i = 0; i < options->only_count; i++)
        if (!strcmp(rule->id, options->only[i]) || !strcmp(rule->section, options->only[i]))
            return true;
    return !options->only_count;
}

static bool add_only(struct options *options, const char *name)
{
    if (!is_rule_or_section(name)) {
        fprintf(stderr, "vfa-conform: there is no rule and no section '%s'; --list prints all\n", name);
        return false;
    }
    if (options->only_count == OPTIONS_ONLY_MAX) {
        fprintf(stderr, "vfa-conform: --only can be given %d times\n", OPTIONS_ONLY_MAX);
        return false;
    }
    options->only[options->only_count++] = name;
    return true;
}

static bool add_format(struct options *options, const char *name)
{
    for (size_t i = 0; i < conform_format_count; i++) {
        if (strcasecmp(conform_formats[i].name, name) != 0)
            continue;
        if (options->format_count + 1 < OPTIONS_ONLY_MAX)
            options->formats[options->format_count++] = conform_formats[i].fourcc;
        return true;
    }
    fprintf(stderr, "vfa-conform: VPL has no frame format '%s'\n", name);
    return false;
}

static bool read_limit(struct options *options, const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (!errno && end != text && !*end && *text != '-' && value >= 1 && value <= 86400) {
        options->run.limit_s = (unsigned)value;
        return true;
    }
    fprintf(stderr, "vfa-conform: --timeout wants seconds, 1 to 86400, not '%s'\n", text);
    return false;
}

static bool choose(struct options *options, const char *plugin, const char *node, bool *chosen)
{
    if (*chosen) {
        fprintf(stderr, "vfa-conform: one allocator at a time: a plug-in, --system or --va\n");
        return false;
    }
    options->run.source.plugin = plugin;
    options->run.source.node = node;
    *chosen = true;
    return true;
}

static bool choose_plugin(struct options *options, const char *path, bool *chosen)
{
    if (*path)
        return choose(options, path, NULL, chosen);
    fprintf(stderr, "vfa-conform: the plug-in's path is empty\n");
    return false;
}

static bool read_option(struct options *options, int key, bool *chosen)
{
    switch (key) {
    case OPT_SYSTEM:
        return choose(options, NULL, NULL, chosen);
    case OPT_VA:
        return choose(options, NULL, optarg ? optarg : "", chosen);
    case OPT_OPTIONS:
        options->run.source.options = optarg;
        return true;
    case OPT_ONLY:
        return add_only(options, optarg);
    case OPT_FORMAT:
        return add_format(options, optarg);
    case OPT_LIST:
        options->list = true;
        return true;
    case OPT_TAP:
        options->output = OUTPUT_TAP;
        return true;
    case OPT_JSON:
        options->output = OUTPUT_JSON;
        return true;
    case OPT_STRICT:
        options->strict = true;
        return true;
    case OPT_TIMEOUT:
        return read_limit(options, optarg);
    case OPT_NO_FORK:
        options->run.no_fork = true;
        return true;
    case OPT_VERBOSE:
        options->verbose = true;
        options->run.quiet = false;
        return true;
    case 'h':
        options->help = true;
        return true;
    default:
        fprintf(stderr, "vfa-conform: --help lists the options\n");
        return false;
    }
}

bool options_read(struct options *options, int argc, char **argv)
{
    int key;
    bool chosen = false;
    memset(options, 0, sizeof *options);
    options->run.limit_s = 60;
    options->run.quiet = true;
    while ((key = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        if (!read_option(options, key, &chosen))
            return false;
    for (; optind < argc; optind++)
        if (!choose_plugin(options, argv[optind], &chosen))
            return false;
    if (options->format_count)
        options->run.only_formats = options->formats;
    if (options->run.source.options && !options->run.source.plugin) {
        fprintf(stderr, "vfa-conform: --options is for a plug-in\n");
        return false;
    }
    if (chosen || options->list || options->help)
        return true;
    fprintf(stderr, "vfa-conform: name a plug-in, or --system or --va; --help lists the options\n");
    return false;
}
