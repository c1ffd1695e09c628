/* Many measurements of one thing in a few numbers: the median, which one slow run does not move, and the
 * spread. */
#include "summary.h"

#include <stdlib.h>
#include <time.h>

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The value below which this part of the sorted values lies, between two of them by proportion. */
static double quantile(const double *sorted, size_t count, double part)
{
    double at = part * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

struct summary summarise(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (struct summary){
        .median = quantile(values, count, 0.5),
        .lowest = values[0],
        .lower_quartile = quantile(values, count, 0.25),
        .upper_quartile = quantile(values, count, 0.75),
        .highest = values[count - 1],
    };
}

struct summary summarise_ratio(const double *of, const double *to, size_t count)
{
    double ratio[SUMMARY_MAX_ROUNDS];
    for (size_t i = 0; i < count; i++)
        ratio[i] = of[i] / to[i];
    return summarise(ratio, count);
}

static double read_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double cpu_ns(void)
{
    return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

double cpu_us(void)
{
    return cpu_ns() / 1e3;
}

double now_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}
