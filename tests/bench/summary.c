/* Many measurements of one thing in a few numbers: the median, which one slow run does not move, and the
 * spread. */
#include "summary.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

struct summary summarise(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    double middle = values[count / 2];
    if (count % 2 == 0)
        middle = (values[count / 2 - 1] + middle) / 2;
    return (struct summary){.median = middle, .lowest = values[0], .highest = values[count - 1]};
}
