/* The machine that a benchmark ran on. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stddef.h>

#define MACHINE_FACTS      9
#define MACHINE_FACT_BYTES 128

struct machine {
    char fact[MACHINE_FACTS][MACHINE_FACT_BYTES];
};

/* What it does not know is "unknown". */
void machine_describe(struct machine *out);

/* "processor", "cores", ... */
const char *machine_fact_name(size_t fact);

#endif
