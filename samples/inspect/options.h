/* The command line. */
#ifndef INSPECT_OPTIONS_H
#define INSPECT_OPTIONS_H

#include <stdbool.h>
#include <vfa/format.h>

/* Exit status of the program. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NO_NODE = 3,
    EXIT_NO_DRIVER = 4,
};

enum output {
    OUTPUT_TEXT,
    OUTPUT_JSON,
    OUTPUT_MARKDOWN,
};

struct options {
    bool help;
    bool list;          /* the formats themselves, without a device */
    bool statuses;      /* what a VAStatus means, likewise */
    bool times;         /* what was measured, too */
    const char *device; /* NULL: the first render node that opens */
    const char *usage;  /* as it was given */
    mfxU16 type;        /* MFX_MEMTYPE_ bits of it */
    mfxU16 width, height;
    enum output output;
    const struct vfa_format *format; /* only this one; NULL: all */
};

/* EXIT_DONE, or EXIT_USAGE: a mistake, which has been explained on stderr. */
enum exit_code options_read(struct options *options, int argc, char **argv);

void options_help(void);

#endif
