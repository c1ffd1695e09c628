/* Waiting for a surface: a queue in order of arrival, served by hand-off. internal.h has the rules. */
#include "base/cond.h"
#include "pool/internal.h"

/* How long the head waits between two looks at Data.Locked, which nobody signals. */
#define POLL_NS VFA__NS_PER_MS

void vfa__pool_gates(struct vfa_pool *pool, bool shut)
{
    vfa__bits_gate(&pool->free, shut);
    vfa__bits_gate(&pool->pending, shut);
}

static void enqueue(struct vfa_pool *pool, struct vfa__pool_waiter *waiter)
{
    if (!pool->head)
        vfa__pool_gates(pool, true);
    waiter->previous = pool->tail;
    waiter->next = NULL;
    if (pool->tail)
        pool->tail->next = waiter;
    else
        pool->head = waiter;
    pool->tail = waiter;
}

static void dequeue(struct vfa_pool *pool, struct vfa__pool_waiter *waiter)
{
    if (waiter->previous)
        waiter->previous->next = waiter->next;
    else
        pool->head = waiter->next;
    if (waiter->next)
        waiter->next->previous = waiter->previous;
    else
        pool->tail = waiter->previous;
    if (!pool->head && !pool->closed)
        vfa__pool_gates(pool, false);
}

static void dismiss(struct vfa_pool *pool, struct vfa__pool_waiter *waiter, enum vfa__wait_outcome outcome)
{
    dequeue(pool, waiter);
    waiter->outcome = outcome;
    pthread_cond_signal(&waiter->wake);
}

/* Whether anybody may look at the lent surfaces: while the feeder waits, no output is on its way. */
static bool lent_may_come(const struct vfa_pool *pool)
{
    if (vfa__bits_next(&pool->lent, 0) == VFA__BITS_NONE)
        return false;
    for (const struct vfa__pool_waiter *w = pool->head; w; w = w->next) {
        if (w->thread == pool->feeder)
            return true;
    }
    return false;
}

/* Whether Data.Locked of some surface may give the head one. */
static bool worth_polling(const struct vfa_pool *pool)
{
    return vfa__bits_next(&pool->pending, 0) != VFA__BITS_NONE || lent_may_come(pool);
}

/* Tells the first of those who may make a surface that there may be one more. */
static void tell_grower(struct vfa_pool *pool)
{
    if (!vfa__pool_may_grow(pool))
        return;
    for (struct vfa__pool_waiter *w = pool->head; w; w = w->next) {
        if (!w->failed) {
            pthread_cond_signal(&w->wake);
            return;
        }
    }
}

void vfa__pool_serve(struct vfa_pool *pool)
{
    if (lent_may_come(pool))
        vfa__pool_reclaim_lent(pool);
    while (pool->head) {
        uint32_t index = vfa__pool_take(pool, true);
        if (index == VFA__BITS_NONE)
            break;
        vfa__pool_lease(pool, index, pool->head->want->tag);
        pool->head->index = index;
        dismiss(pool, pool->head, VFA__WAIT_HANDED);
    }
    if (pool->head && !pool->head->polls && worth_polling(pool))
        pthread_cond_signal(&pool->head->wake);
    tell_grower(pool);
}

void vfa__pool_shut(struct vfa_pool *pool)
{
    if (pool->closed)
        return;
    pool->closed = true;
    vfa__pool_gates(pool, true);
    while (pool->head)
        dismiss(pool, pool->head, VFA__WAIT_ABORTED);
}

mfxStatus vfa_pool_cancel_waits(struct vfa_pool *pool, struct vfa_pool_cancel *cancel)
{
    if (!pool || !cancel)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&pool->lock);
    cancel->cancelled = 1;
    for (struct vfa__pool_waiter *w = pool->head, *next; w; w = next) {
        next = w->next;
        if (w->want->cancel == cancel)
            dismiss(pool, w, VFA__WAIT_CANCELLED);
    }
    vfa__pool_serve(pool); /* somebody else may be the head now */
    vfa__pool_leave(pool);
    return MFX_ERR_NONE;
}

/* Sleeps until told, until it is time to look again, or until `deadline` (UINT64_MAX: none). */
static void sleep_until(struct vfa_pool *pool, struct vfa__pool_waiter *waiter, uint64_t now,
                        uint64_t deadline)
{
    waiter->polls = waiter == pool->head && worth_polling(pool);
    if (waiter->polls && deadline > now + POLL_NS)
        deadline = now + POLL_NS;
    if (deadline == UINT64_MAX) {
        vfa__cond_wait(&waiter->wake, &pool->lock, NULL);
    } else {
        struct timespec moment = vfa__moment(deadline);
        vfa__cond_wait(&waiter->wake, &pool->lock, &moment);
    }
    waiter->polls = false;
}

static void count_wait(struct vfa_pool *pool, uint64_t ns)
{
    uint64_t us = ns / 1000;
    int bucket = us ? 64 - __builtin_clzll(us) : 0;
    pool->waits_by_time[bucket < VFA_POOL_WAIT_BUCKETS ? bucket : VFA_POOL_WAIT_BUCKETS - 1]++;
    pool->waited_ns += ns;
    if (ns > pool->longest_wait_ns)
        pool->longest_wait_ns = ns;
}

/* Queues and stays until the waiter is dismissed or its time is up. */
static void stay_in_queue(struct vfa_pool *pool, struct vfa__pool_waiter *waiter, uint64_t start,
                          int32_t timeout_ms)
{
    uint64_t deadline = timeout_ms < 0 ? UINT64_MAX : start + (uint64_t)timeout_ms * VFA__NS_PER_MS;
    enqueue(pool, waiter);
    pool->inside++;
    vfa__pool_serve(pool);
    uint64_t now = start;
    while (waiter->outcome == VFA__WAIT_QUEUED) {
        if (!vfa__pool_grow(pool, &waiter->failed)) {
            if (now >= deadline)
                break;
            sleep_until(pool, waiter, now, deadline);
        }
        now = vfa__now_ns();
        vfa__pool_serve(pool); /* even when it was dismissed: others may wait for what it grew to */
    }
    if (waiter->outcome == VFA__WAIT_QUEUED) {
        dequeue(pool, waiter);
        vfa__pool_serve(pool); /* somebody else is the head now */
    }
    pool->inside--;
    count_wait(pool, now - start);
}

static mfxStatus wait_in_turn(struct vfa_pool *pool, const struct vfa_pool_want *want, uint32_t *index)
{
    struct vfa__pool_waiter waiter = {
        .want = want, .thread = vfa__this_thread(), .outcome = VFA__WAIT_QUEUED};
    if (!vfa__cond_init(&waiter.wake))
        return MFX_ERR_MEMORY_ALLOC;
    stay_in_queue(pool, &waiter, vfa__now_ns(), want->timeout_ms);
    pthread_cond_destroy(&waiter.wake);
    *index = waiter.index;
    switch (waiter.outcome) {
    case VFA__WAIT_HANDED:
        return MFX_ERR_NONE;
    case VFA__WAIT_ABORTED:
        return MFX_ERR_ABORTED;
    case VFA__WAIT_CANCELLED:
        return MFX_ERR_NOT_FOUND;
    case VFA__WAIT_QUEUED:
        break;
    }
    return MFX_WRN_ALLOC_TIMEOUT_EXPIRED;
}

static mfxStatus acquire_locked(struct vfa_pool *pool, const struct vfa_pool_want *want, uint32_t *index)
{
    if (pool->closed)
        return MFX_ERR_ABORTED;
    if (pool->feeder == vfa__this_thread()) {
        vfa__pool_reclaim_lent(pool);
        vfa__pool_serve(pool); /* those who came before first */
    }
    if (!pool->head) {
        *index = vfa__pool_take(pool, true);
        if (*index != VFA__BITS_NONE) {
            vfa__pool_lease(pool, *index, want->tag);
            return MFX_ERR_NONE;
        }
    }
    pool->waits++;
    bool cancelled = want->cancel && want->cancel->cancelled;
    if ((want->timeout_ms || vfa__pool_may_grow(pool)) && !cancelled)
        return wait_in_turn(pool, want, index);
    count_wait(pool, 0);
    return cancelled ? MFX_ERR_NOT_FOUND : MFX_WRN_ALLOC_TIMEOUT_EXPIRED;
}

mfxStatus vfa__pool_acquire_slowly(struct vfa_pool *pool, const struct vfa_pool_want *want, uint32_t *index)
{
    struct vfa__pool_note note = {.text = ""};
    int before = vfa__cancel_off(); /* else a place in the queue, or a surface, would be lost */
    pthread_mutex_lock(&pool->lock);
    mfxStatus status = acquire_locked(pool, want, index);
    if (status == MFX_WRN_ALLOC_TIMEOUT_EXPIRED) {
        pool->timeouts++;
        vfa__pool_note_timeout(pool, want->timeout_ms, &note);
    }
    pool->cancelled += status == MFX_ERR_NOT_FOUND;
    vfa__pool_leave(pool);
    vfa__pool_write_note(&note);
    vfa__cancel_as(before);
    return status;
}
