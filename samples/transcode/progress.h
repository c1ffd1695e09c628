/* The progress line, on a terminal only. */
#ifndef TRANSCODE_PROGRESS_H
#define TRANSCODE_PROGRESS_H

#include "pipeline.h"

struct progress {
    bool shown;     /* stderr is a terminal */
    double started; /* seconds, monotonic */
    double last;    /* when the line was last written */
};

/* Seconds on the monotonic clock. */
double progress_now(void);

void progress_start(struct progress *progress);

/* A pipeline_watcher's tick: writes frames, fps, speed and time left, a few times a second. */
void progress_tick(void *progress, const struct pipeline *pipeline);

/* Removes the line. */
void progress_stop(struct progress *progress);

#endif
