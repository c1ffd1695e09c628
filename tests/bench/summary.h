/* Many measurements of one thing in a few numbers, and the clock they are taken with. */
#ifndef BENCH_SUMMARY_H
#define BENCH_SUMMARY_H

#include <stddef.h>

/* More than any benchmark has. */
#define SUMMARY_MAX_ROUNDS 99

struct summary {
    double median;
    double lowest;
    double lower_quartile;
    double upper_quartile;
    double highest;
};

/* Of `count` > 0 values, which it sorts. */
struct summary summarise(double *values, size_t count);

/* Of the ratios of `of` to `to`, round by round; both stay as they are. `count`: 1 to SUMMARY_MAX_ROUNDS. */
struct summary summarise_ratio(const double *of, const double *to, size_t count);

/* Of the calling thread's own time: what else runs on the machine is not counted, but for what it takes of
 * the caches. */
double cpu_ns(void);
double cpu_us(void);

/* Of a clock that nobody sets. */
double now_ns(void);

#endif
