/* The runtime's inside: operations and their sync points, who waits for whom, workers, surfaces in use. */
#include "support.h"

#include "core/op.h"
#include "core/session.h"
#include "core/worker.h"
#include "surface/frame.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* There is no session here, so none with an allocator. */
bool srt_session_allocator(struct srt_session *session, mfxFrameAllocator *out)
{
    (void)session;
    (void)out;
    return false;
}

mfxStatus srt_session_check_device(struct srt_session *session)
{
    (void)session;
    return MFX_ERR_NONE;
}

static int make_core(void **state)
{
    struct srt_core *core;

    assert_int_equal(srt_core_create(&core), MFX_ERR_NONE);
    *state = core;
    return 0;
}

static int drop_core(void **state)
{
    struct srt_core *core = *state;

    assert_false(srt_core_busy(core));
    srt_core_unref(&core);
    assert_null(core);
    return 0;
}

static struct srt_op *begin(struct srt_core *core)
{
    struct srt_op *op;

    assert_int_equal(srt_op_begin(core, &op), MFX_ERR_NONE);
    return op;
}

static void end(struct srt_op *op, mfxStatus status)
{
    srt_op_finish(op, status);
    srt_op_unref(&op);
}

static void an_operation_is_in_execution_until_it_is_finished(void **state)
{
    struct srt_core *core = *state;
    struct srt_op *op = begin(core);
    mfxSyncPoint sync = srt_op_sync_point(op);

    assert_true(srt_core_busy(core));
    assert_int_equal(srt_core_sync(core, sync, 0), MFX_WRN_IN_EXECUTION);
    assert_int_equal(srt_core_sync(core, sync, 10), MFX_WRN_IN_EXECUTION);
    end(op, MFX_WRN_VIDEO_PARAM_CHANGED);
    assert_int_equal(srt_core_sync(core, sync, 0), MFX_WRN_VIDEO_PARAM_CHANGED);
    assert_int_equal(srt_core_sync(core, sync, 0), MFX_WRN_VIDEO_PARAM_CHANGED);
}

static void finished_operations_are_remembered_for_a_while(void **state)
{
    struct srt_core *core = *state;
    struct srt_op *op = begin(core);
    mfxSyncPoint sync = srt_op_sync_point(op);

    end(op, MFX_ERR_DEVICE_FAILED);
    for (unsigned i = 0; i < 4000; i++)
        end(begin(core), MFX_ERR_NONE);
    assert_int_equal(srt_core_sync(core, sync, 0), MFX_ERR_DEVICE_FAILED);
    for (unsigned i = 0; i < 200; i++)
        end(begin(core), MFX_ERR_NONE);
    assert_int_equal(srt_core_sync(core, sync, 0), MFX_ERR_INVALID_HANDLE);
}

static void sync_points_belong_to_one_core(void **state)
{
    struct srt_core *other;
    struct srt_op *op = begin(*state);

    assert_int_equal(srt_core_create(&other), MFX_ERR_NONE);
    assert_int_equal(srt_core_sync(other, srt_op_sync_point(op), 0), MFX_ERR_INVALID_HANDLE);
    assert_int_equal(srt_core_sync(other, NULL, 0), MFX_ERR_NULL_PTR);
    end(op, MFX_ERR_NONE);
    srt_core_unref(&other);
}

static void *finish_soon(void *op)
{
    sleep_ms(30);
    end(op, MFX_ERR_NONE);
    return NULL;
}

static void whoever_waits_is_woken(void **state)
{
    struct srt_core *core = *state;
    struct srt_op *op = begin(core);
    mfxSyncPoint sync = srt_op_sync_point(op);
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, finish_soon, op), 0);
    assert_int_equal(srt_core_sync(core, sync, 60000), MFX_ERR_NONE);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *await_inputs(void *op)
{
    return (void *)(intptr_t)srt_op_await_inputs(op);
}

/* A consumer in a thread of its own; what it is told when its inputs are there, or failed. */
static mfxStatus consume(struct srt_op *consumer, struct srt_op *producer, mfxStatus produced)
{
    pthread_t thread;
    void *answer;

    assert_int_equal(pthread_create(&thread, NULL, await_inputs, consumer), 0);
    sleep_ms(10);
    end(producer, produced);
    assert_int_equal(pthread_join(thread, &answer), 0);
    return (mfxStatus)(intptr_t)answer;
}

static void a_consumer_waits_for_the_producer_of_its_surface(void **state)
{
    static const mfxStatus produced[] = {MFX_ERR_NONE, MFX_WRN_IN_EXECUTION, MFX_ERR_LOCK_MEMORY};
    static const mfxStatus expected[] = {MFX_ERR_NONE, MFX_ERR_NONE, MFX_ERR_ABORTED};
    mfxFrameSurface1 surface = {0};

    for (size_t i = 0; i < 3; i++) {
        struct srt_op *producer = begin(*state);
        struct srt_op *consumer = begin(*state);

        srt_op_produces(producer, &surface);
        assert_int_equal(srt_op_consumes(consumer, &surface), MFX_ERR_NONE);
        assert_int_equal(consume(consumer, producer, produced[i]), expected[i]);
        end(consumer, MFX_ERR_NONE);
    }
}

static void a_surface_nobody_fills_is_not_waited_for(void **state)
{
    mfxFrameSurface1 surface = {0};
    mfxFrameSurface1 other = {0};
    struct srt_op *producer = begin(*state);
    struct srt_op *consumer = begin(*state);

    srt_op_produces(producer, &other);
    assert_int_equal(srt_op_consumes(consumer, &surface), MFX_ERR_NONE);
    assert_int_equal(srt_op_await_inputs(consumer), MFX_ERR_NONE);
    end(consumer, MFX_ERR_NONE);
    end(producer, MFX_ERR_NONE);
}

static void the_latest_producer_counts(void **state)
{
    mfxFrameSurface1 surface = {0};
    struct srt_op *first = begin(*state);
    struct srt_op *second = begin(*state);
    struct srt_op *consumer = begin(*state);

    srt_op_produces(first, &surface);
    srt_op_produces(second, &surface);
    assert_int_equal(srt_op_consumes(consumer, &surface), MFX_ERR_NONE);
    end(second, MFX_ERR_NONE);
    assert_int_equal(srt_op_await_inputs(consumer), MFX_ERR_NONE);
    end(consumer, MFX_ERR_NONE);
    end(first, MFX_ERR_NONE);
}

static mfxStatus consume_now(struct srt_core *core, const mfxFrameSurface1 *surface)
{
    struct srt_op *consumer = begin(core);
    mfxStatus status;

    assert_int_equal(srt_op_consumes(consumer, surface), MFX_ERR_NONE);
    status = srt_op_await_inputs(consumer);
    end(consumer, MFX_ERR_NONE);
    return status;
}

static void a_surface_whose_producer_failed_is_no_input(void **state)
{
    mfxFrameSurface1 surface = {0};
    struct srt_op *producer = begin(*state);

    srt_op_produces(producer, &surface);
    end(producer, MFX_ERR_LOCK_MEMORY);
    assert_int_equal(consume_now(*state, &surface), MFX_ERR_ABORTED);
    producer = begin(*state);
    srt_op_produces(producer, &surface);
    end(producer, MFX_ERR_NONE);
    assert_int_equal(consume_now(*state, &surface), MFX_ERR_NONE);
}

static void after_the_failure_was_told_the_surface_is_the_applications(void **state)
{
    mfxFrameSurface1 surface = {0};
    struct srt_op *producer = begin(*state);
    mfxSyncPoint sync = srt_op_sync_point(producer);

    srt_op_produces(producer, &surface);
    end(producer, MFX_ERR_LOCK_MEMORY);
    assert_int_equal(srt_core_sync(*state, sync, 0), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(consume_now(*state, &surface), MFX_ERR_NONE);
}

static void an_abandoned_operation_is_aborted(void **state)
{
    mfxFrameSurface1 surface = {0};
    struct srt_op *producer = begin(*state);
    mfxSyncPoint sync = srt_op_sync_point(producer);

    srt_op_produces(producer, &surface);
    srt_op_unref(&producer);
    assert_int_equal(srt_core_sync(*state, sync, 60000), MFX_ERR_ABORTED);
}

static void inputs_are_bounded(void **state)
{
    mfxFrameSurface1 surfaces[SRT_OP_MAX_INPUTS + 1];
    struct srt_op *producers[SRT_OP_MAX_INPUTS + 1];
    struct srt_op *consumer = begin(*state);

    for (size_t i = 0; i <= SRT_OP_MAX_INPUTS; i++) {
        producers[i] = begin(*state);
        srt_op_produces(producers[i], &surfaces[i]);
        assert_int_equal(srt_op_consumes(consumer, &surfaces[i]),
                         i < SRT_OP_MAX_INPUTS ? MFX_ERR_NONE : MFX_ERR_MEMORY_ALLOC);
    }
    for (size_t i = 0; i <= SRT_OP_MAX_INPUTS; i++)
        end(producers[i], MFX_ERR_NONE);
    assert_int_equal(srt_op_await_inputs(consumer), MFX_ERR_NONE);
    end(consumer, MFX_ERR_NONE);
}

struct noted_job {
    struct srt_job job; /* first */
    atomic_int *next;
    int ran;
    int cancelled;
    pthread_mutex_t *gate;
};

static void note_run(struct srt_job *job)
{
    struct noted_job *noted = (struct noted_job *)job;

    if (noted->gate) {
        pthread_mutex_lock(noted->gate);
        pthread_mutex_unlock(noted->gate);
    }
    noted->ran = atomic_fetch_add(noted->next, 1) + 1;
}

static void note_cancel(struct srt_job *job)
{
    ((struct noted_job *)job)->cancelled++;
}

static void a_worker_runs_jobs_in_order(void **state)
{
    struct noted_job jobs[50];
    struct srt_worker *worker;
    atomic_int next = 0;

    (void)state;
    assert_int_equal(srt_worker_create(&worker, "test"), MFX_ERR_NONE);
    for (size_t i = 0; i < 50; i++) {
        jobs[i] = (struct noted_job){.job = {NULL, note_run, note_cancel}, .next = &next};
        srt_worker_push(worker, &jobs[i].job);
    }
    while (srt_worker_pending(worker))
        sleep_ms(1);
    srt_worker_destroy(&worker);
    assert_null(worker);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(jobs[i].ran, i + 1);
        assert_int_equal(jobs[i].cancelled, 0);
    }
}

static void *destroy_worker(void *slot)
{
    srt_worker_destroy(slot);
    return NULL;
}

static void a_worker_that_ends_finishes_one_job_and_cancels_the_rest(void **state)
{
    static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct noted_job jobs[5];
    struct srt_worker *worker;
    atomic_int next = 0;
    pthread_t destroyer;

    (void)state;
    assert_int_equal(srt_worker_create(&worker, "test"), MFX_ERR_NONE);
    pthread_mutex_lock(&gate);
    for (size_t i = 0; i < 5; i++) {
        jobs[i] = (struct noted_job){.job = {NULL, note_run, note_cancel}, .next = &next, .gate = &gate};
        srt_worker_push(worker, &jobs[i].job);
    }
    sleep_ms(50); /* the first one waits at the gate */
    assert_int_equal(pthread_create(&destroyer, NULL, destroy_worker, &worker), 0);
    sleep_ms(50); /* and the worker is told to stop */
    pthread_mutex_unlock(&gate);
    assert_int_equal(pthread_join(destroyer, NULL), 0);
    assert_null(worker);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal((jobs[i].ran != 0) + jobs[i].cancelled, 1);
    assert_int_equal(jobs[4].cancelled, 1);
    srt_worker_destroy(&worker); /* NULL is accepted */
}

static void a_surface_is_held_as_often_as_its_counter_can_say(void **state)
{
    mfxFrameSurface1 surface = {.Data.Locked = UINT16_MAX - 1};

    (void)state;
    assert_int_equal(srt_surface_hold(&surface), MFX_ERR_NONE);
    assert_int_equal(srt_surface_hold(&surface), MFX_ERR_LOCK_MEMORY);
    assert_int_equal(surface.Data.Locked, UINT16_MAX);
    srt_surface_drop(&surface);
    assert_int_equal(surface.Data.Locked, UINT16_MAX - 1);
    surface.Data.Locked = 0;
    srt_surface_drop(&surface);
    assert_int_equal(surface.Data.Locked, 0);
}

#define WITH_CORE(test) cmocka_unit_test_setup_teardown(test, make_core, drop_core)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CORE(an_operation_is_in_execution_until_it_is_finished),
        WITH_CORE(finished_operations_are_remembered_for_a_while),
        WITH_CORE(sync_points_belong_to_one_core),
        WITH_CORE(whoever_waits_is_woken),
        WITH_CORE(a_consumer_waits_for_the_producer_of_its_surface),
        WITH_CORE(a_surface_nobody_fills_is_not_waited_for),
        WITH_CORE(the_latest_producer_counts),
        WITH_CORE(a_surface_whose_producer_failed_is_no_input),
        WITH_CORE(after_the_failure_was_told_the_surface_is_the_applications),
        WITH_CORE(an_abandoned_operation_is_aborted),
        WITH_CORE(inputs_are_bounded),
        cmocka_unit_test(a_worker_runs_jobs_in_order),
        cmocka_unit_test(a_worker_that_ends_finishes_one_job_and_cancels_the_rest),
        cmocka_unit_test(a_surface_is_held_as_often_as_its_counter_can_say),
    };

    return cmocka_run_group_tests_name("softrt core", tests, NULL, NULL);
}
