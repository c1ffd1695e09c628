/* Runs rules: each in a process of its own, with a time limit, so that an allocator may crash or hang on one.
 */
#ifndef CONFORM_RUN_H
#define CONFORM_RUN_H

#include "rules.h"

struct conform_run {
    struct conform_source source;
    const mfxU32 *only_formats; /* ended by 0; NULL: all */
    bool no_fork;               /* everything in this process: for debuggers and leak checkers */
    bool quiet;                 /* what the child says on stderr is dropped */
    unsigned limit_s;           /* for one rule on one kind of memory */
};

/* What came of a rule. */
struct conform_result {
    const struct conform_rule *rule;
    enum conform_outcome outcome; /* PASSED, FAILED, SKIPPED */
    char what[CONFORM_TEXT_MAX];  /* why not passed */
};

/* Opens and closes the allocator once, and finds out what it serves. CONFORM_PASSED, or CONFORM_NOT_OPENED
 * and verdict->what. */
enum conform_outcome conform_probe(const struct conform_run *run, struct conform_verdict *verdict);

/* `probed`: what conform_probe found. */
void conform_run_rule(const struct conform_run *run, const struct conform_verdict *probed,
                      const struct conform_rule *rule, struct conform_result *result);

#endif
