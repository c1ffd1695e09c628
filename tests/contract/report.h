/* The answer: as a table, as TAP, as JSON. */
#ifndef CONFORM_REPORT_H
#define CONFORM_REPORT_H

#include "options.h"

void report_rules(const struct options *options);

/* There is no allocator to judge. */
void report_trouble(const struct options *options, const char *why);

/* Around the results of a run of `count` rules, and each as it comes. */
void report_begin(const struct options *options, const struct conform_verdict *subject, size_t count);
void report_result(const struct options *options, const struct conform_result *result, size_t number);

struct tally {
    size_t passed, failed_must, failed_should, skipped;
};
void report_end(const struct options *options, const struct tally *tally);

#endif
