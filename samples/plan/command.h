/* The command line. */
#ifndef PLAN_COMMAND_H
#define PLAN_COMMAND_H

#include "options.h" /* of sample_transcode: what to make of a file */

#include <vfa/vfa.h>

#define MAX_STAGES 16
#define MAX_HOLDS  16

enum stage_kind {
    STAGE_DECODE,
    STAGE_VPP,
    STAGE_ENCODE,
};

/* What a component asks of one pool, as it was typed. */
struct need {
    mfxU16 min;
    mfxU16 suggested;
    mfxU16 async_depth; /* 0: not contained */
};

/* One --decode, --vpp or --encode. */
struct stage {
    enum stage_kind kind;
    char name[VFA_PLAN_NAME_MAX];
    struct need in;  /* of vpp and encode */
    struct need out; /* of decode and vpp */
    mfxFrameInfo info;
};

struct hold {
    char name[VFA_PLAN_NAME_MAX];
    mfxU16 count;
    size_t after; /* stages typed before it */
};

struct command {
    bool help;
    bool json;
    bool share;   /* all components in one pool */
    bool in_step; /* several encoders get each frame before the next is made */
    bool has_budget;
    uint64_t budget; /* bytes */
    struct stage stages[MAX_STAGES];
    size_t stage_count;
    struct hold holds[MAX_HOLDS];
    size_t hold_count;
    const char *of_shape; /* an option for stages typed in, and one for FILE: the last that was given */
    const char *of_source;
    mfxFrameInfo info;     /* --format and --size, of the stages that follow */
    struct options source; /* .input NULL: from numbers */
};

/* On EXIT_DONE with command->help set, the help has been printed and nothing is to be done. */
enum exit_code command_parse(struct command *command, int argc, char **argv);

#endif
