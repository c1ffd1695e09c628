/* Plans of a file: what a VPL runtime asks for to transcode it. */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "shape.h"

/* Opens the file, the runtime and the stages of sample_transcode up to QueryIOSurf, and closes them all. */
enum exit_code source_plan(const struct command *command, struct plan_set *set);

#endif
