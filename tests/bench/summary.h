/* Many measurements of one thing in a few numbers. */
#ifndef BENCH_SUMMARY_H
#define BENCH_SUMMARY_H

#include <stddef.h>

struct summary {
    double median;
    double lowest;
    double highest;
};

/* Of `count` > 0 values, which it sorts. */
struct summary summarise(double *values, size_t count);

#endif
