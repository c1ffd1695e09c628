/* The progress line, on a terminal only. */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_S 0.25

double progress_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void progress_start(struct progress *progress)
{
    progress->shown = isatty(STDERR_FILENO);
    progress->started = progress_now();
    progress->last = progress->started;
}

/* How far into the video, in seconds, and how long it is; 0 when unknown. */
static double position(const struct pipeline *p)
{
    int64_t start = p->input.video->start_time;
    AVRational base = p->input.video->time_base;

    if (start == AV_NOPTS_VALUE || p->input.format->iformat->flags & AVFMT_TS_DISCONT)
        start = p->times->origin;
    return (double)(times_latest(p->times) - start) * av_q2d(base);
}

static double length(const struct pipeline *p)
{
    double seconds = input_seconds(&p->input);
    double wanted = (double)p->options->frames / av_q2d(p->frame_rate);

    return wanted > 0 && (seconds <= 0 || wanted < seconds) ? wanted : seconds;
}

void progress_tick(void *user, const struct pipeline *p)
{
    struct progress *progress = user;
    char line[160];
    int used;

    if (!progress->shown)
        return;
    double now = progress_now();
    if (now - progress->last < INTERVAL_S)
        return;
    progress->last = now;
    double elapsed = now - progress->started;
    double at = position(p);
    double speed = at / elapsed;
    used = snprintf(line, sizeof line, "%llu frames, %.1f fps, %.2fx", (unsigned long long)p->sink.frames,
                    (double)p->sink.frames / elapsed, speed);
    double left = speed > 0 ? (length(p) - at) / speed : 0;
    if (left > 0 && left < 360000 && used > 0)
        snprintf(line + used, sizeof line - (size_t)used, ", %d:%02d left", (int)left / 60, (int)left % 60);
    progress_line(line);
}

void progress_stop(struct progress *progress)
{
    (void)progress;
    progress_line(NULL);
}
