/* What a benchmark found, for programs: a file SUBJECT.json in the folder that the environment variable
 * VFA_BENCH_FIGURES names, beside the table that it prints. tests/bench/report.sh makes a document of them.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stddef.h>

struct figures;

/* One thing that was measured. */
struct figure {
    /* a to z, 0 to 9 and _, unique in its subject. Figures that differ in one number, of surfaces or threads,
     * end with _ and that number: they are a line in a plot. */
    const char *name;
    const char *text; /* for people */
    const char *unit; /* "ns", "us", "ms", "GB/s", "ratio", ... */
    size_t calls;     /* timed together in each round; 0 counts as 1 */
};

/* Begins the figures of `subject`. Where no folder is named, nothing is written by any of these. NULL, after
 * a message, when the file cannot be written. */
struct figures *figures_open(const char *subject);

/* The version of a library that takes part. The strings are kept as they are. */
void figures_library(struct figures *figures, const char *name, const char *version);

/* A value for each round; they stay as they are. `rounds`: 1 to SUMMARY_MAX_ROUNDS. */
void figures_add(struct figures *figures, const struct figure *figure, const double *values, size_t rounds);

/* The ratios of two contestants' values, round by round. */
void figures_add_ratio(struct figures *figures, const char *name, const char *text, const double *of,
                       const double *to, size_t rounds);

/* Ends them. The file takes its name only now, and not when the benchmark failed (`complete` is 0). 0, or -1
 * after a message when they could not be written. NULL is for where nothing was begun: -1. */
int figures_close(struct figures *figures, int complete);

#endif
