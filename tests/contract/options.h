/* The command line. */
#ifndef CONFORM_OPTIONS_H
#define CONFORM_OPTIONS_H

#include "run.h"

/* Exit status of the program. */
enum exit_code {
    EXIT_CONFORMS = 0,
    EXIT_BROKEN = 1, /* a rule of level "must" does not hold, or --strict and any */
    EXIT_TROUBLE = 2,
};

enum output {
    OUTPUT_TABLE,
    OUTPUT_TAP,
    OUTPUT_JSON,
};

enum {
    OPTIONS_ONLY_MAX = 64
};

struct options {
    struct conform_run run;
    bool help, list, strict, verbose;
    enum output output;
    const char *only[OPTIONS_ONLY_MAX]; /* rules, or sections */
    size_t only_count;
    mfxU32 formats[OPTIONS_ONLY_MAX];
    size_t format_count;
};

/* False: a mistake, which has been explained on stderr. */
bool options_read(struct options *options, int argc, char **argv);
bool options_want(const struct options *options, const struct conform_rule *rule);
void options_help(void);

#endif
