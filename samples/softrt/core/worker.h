/* A thread that runs jobs one after the other. A component has one or more; none outlives its component. */
#ifndef SOFTRT_WORKER_H
#define SOFTRT_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <vpl/mfxdefs.h>

struct srt_worker;

/* One piece of work. The component embeds it in its own struct; `run` (or `cancel`) is called exactly once
 * and owns the job from then on. */
struct srt_job {
    struct srt_job *next;
    void (*run)(struct srt_job *job);    /* on the worker */
    void (*cancel)(struct srt_job *job); /* instead of run, when the worker is stopped first */
};

mfxStatus srt_worker_create(struct srt_worker **out, const char *name);

/* Queues a job. Never blocks: the component bounds what it queues. */
void srt_worker_push(struct srt_worker *worker, struct srt_job *job);

/* Jobs queued or running. */
size_t srt_worker_pending(struct srt_worker *worker);

/* Finishes the running job, cancels the queued ones, ends the thread. Accepts NULL, clears the pointer. */
void srt_worker_destroy(struct srt_worker **worker);

#endif
