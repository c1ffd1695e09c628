/* A thread with a queue of jobs. */
#include "core/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

/* `lock` guards the fields below it. */
struct srt_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct srt_job *first;
    struct srt_job *last;
    size_t pending; /* queued, and the one that runs */
    bool stop;
};

static struct srt_job *pop(struct srt_worker *worker)
{
    struct srt_job *job = worker->first;

    if (job) {
        worker->first = job->next;
        if (!worker->first)
            worker->last = NULL;
        job->next = NULL;
    }
    return job;
}

static void *work(void *opaque)
{
    struct srt_worker *worker = opaque;

    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (!worker->first && !worker->stop)
            pthread_cond_wait(&worker->work, &worker->lock);
        if (worker->stop)
            break;
        struct srt_job *job = pop(worker);
        pthread_mutex_unlock(&worker->lock);
        job->run(job);
        pthread_mutex_lock(&worker->lock);
        worker->pending--;
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* Signals are the application's: its own threads take them. */
static int start(struct srt_worker *worker, const char *name)
{
    sigset_t all;
    sigset_t before;
    int err;

    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before))
        return -1;
    err = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!err)
        pthread_setname_np(worker->thread, name);
    return err;
}

mfxStatus srt_worker_create(struct srt_worker **out, const char *name)
{
    struct srt_worker *worker = calloc(1, sizeof(*worker));

    *out = NULL;
    if (!worker)
        return MFX_ERR_MEMORY_ALLOC;
    if (pthread_mutex_init(&worker->lock, NULL))
        goto no_lock;
    if (pthread_cond_init(&worker->work, NULL))
        goto no_cond;
    if (start(worker, name))
        goto no_thread;
    *out = worker;
    return MFX_ERR_NONE;

no_thread:
    pthread_cond_destroy(&worker->work);
no_cond:
    pthread_mutex_destroy(&worker->lock);
no_lock:
    free(worker);
    return MFX_ERR_MEMORY_ALLOC;
}

void srt_worker_push(struct srt_worker *worker, struct srt_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&worker->lock);
    if (worker->last)
        worker->last->next = job;
    else
        worker->first = job;
    worker->last = job;
    worker->pending++;
    pthread_cond_signal(&worker->work);
    pthread_mutex_unlock(&worker->lock);
}

size_t srt_worker_pending(struct srt_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    size_t pending = worker->pending;
    pthread_mutex_unlock(&worker->lock);
    return pending;
}

void srt_worker_destroy(struct srt_worker **slot)
{
    struct srt_worker *worker = *slot;
    struct srt_job *job;

    *slot = NULL;
    if (!worker)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    pthread_cond_signal(&worker->work);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    while ((job = pop(worker)))
        job->cancel(job);
    pthread_cond_destroy(&worker->work);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}
