/* What the program tells about its work: the plan, the figures, the summary; for people, or as JSON. */
#ifndef TRANSCODE_REPORT_H
#define TRANSCODE_REPORT_H

#include "pipeline.h"

#include <stdio.h>

/* How many surfaces each pool has, with every term. */
void report_plan(FILE *to, const struct pipeline *pipeline);

/* Figures of the allocator and the pools; before pipeline_close. */
void report_stats(FILE *to, struct pipeline *pipeline);

/* The last lines: what was written, how fast, with how much memory. `seconds`: the work took. */
void report_summary(FILE *to, struct pipeline *pipeline, double seconds);

/* The output's codec, for both. */
const char *report_codec(const struct pipeline *pipeline);

/* All of it as one JSON object. */
void report_json(FILE *to, struct pipeline *pipeline, double seconds, enum exit_code code);

#endif
