/* Operations in flight, their sync points, and the surfaces they fill. */
#include "core/op.h"

#include "core/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* How many finished operations a core remembers: a late SyncOperation still gets its answer. */
#define HISTORY 4096

/* A sync point is a number: which core in the high bits, which operation in the low ones. */
#define SEQUENCE_BITS 40

struct finished {
    uint64_t id;
    mfxStatus status;
};

/* A surface whose producer failed before anyone consumed it. */
struct broken {
    const mfxFrameSurface1 *surface;
    uint64_t id;
};

#define BROKEN 64

/* `lock` guards every field below it, and the fields so marked of every operation. */
struct srt_core {
    atomic_uint refs;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* some operation ended, or somebody began to wait for one */
    size_t waiters;
    uint64_t number;     /* constant */
    uint64_t sequence;   /* of the operation begun last */
    struct srt_op *live; /* newest first; holds no references */
    struct finished history[HISTORY];
    size_t history_next;
    struct broken broken[BROKEN];
    size_t broken_next;
};

struct srt_op {
    atomic_uint refs;
    struct srt_core *core; /* a reference */
    uint64_t id;           /* constant */
    struct timespec begun; /* constant */

    /* Guarded by the core's lock. */
    struct srt_op *newer;
    struct srt_op *older;
    bool done;
    mfxStatus status;
    const mfxFrameSurface1 *outputs[SRT_OP_MAX_OUTPUTS];
    size_t num_outputs;
    struct srt_op *inputs[SRT_OP_MAX_INPUTS]; /* references */
    size_t num_inputs;
    bool input_broken;
};

static atomic_uint_fast64_t core_numbers;

mfxStatus srt_core_create(struct srt_core **out)
{
    struct srt_core *core = calloc(1, sizeof(*core));

    *out = NULL;
    if (!core)
        return MFX_ERR_MEMORY_ALLOC;
    if (pthread_mutex_init(&core->lock, NULL)) {
        free(core);
        return MFX_ERR_MEMORY_ALLOC;
    }
    if (srt_cond_init(&core->changed)) {
        pthread_mutex_destroy(&core->lock);
        free(core);
        return MFX_ERR_MEMORY_ALLOC;
    }
    atomic_init(&core->refs, 1);
    core->number = (atomic_fetch_add(&core_numbers, 1) + 1) & ((UINT64_C(1) << (63 - SEQUENCE_BITS)) - 1);
    *out = core;
    return MFX_ERR_NONE;
}

struct srt_core *srt_core_ref(struct srt_core *core)
{
    atomic_fetch_add_explicit(&core->refs, 1, memory_order_relaxed);
    return core;
}

void srt_core_unref(struct srt_core **core)
{
    struct srt_core *gone = *core;

    *core = NULL;
    if (!gone || atomic_fetch_sub_explicit(&gone->refs, 1, memory_order_acq_rel) != 1)
        return;
    pthread_cond_destroy(&gone->changed);
    pthread_mutex_destroy(&gone->lock);
    free(gone);
}

bool srt_core_busy(struct srt_core *core)
{
    pthread_mutex_lock(&core->lock);
    bool busy = core->live != NULL;
    pthread_mutex_unlock(&core->lock);
    return busy;
}

mfxStatus srt_op_begin(struct srt_core *core, struct srt_op **out)
{
    struct srt_op *op = calloc(1, sizeof(*op));

    *out = NULL;
    if (!op)
        return MFX_ERR_MEMORY_ALLOC;
    atomic_init(&op->refs, 1);
    op->core = srt_core_ref(core);
    op->begun = srt_deadline(0);
    pthread_mutex_lock(&core->lock);
    op->id = core->number << SEQUENCE_BITS | ++core->sequence;
    op->older = core->live;
    if (core->live)
        core->live->newer = op;
    core->live = op;
    pthread_mutex_unlock(&core->lock);
    *out = op;
    return MFX_ERR_NONE;
}

struct srt_op *srt_op_ref(struct srt_op *op)
{
    atomic_fetch_add_explicit(&op->refs, 1, memory_order_relaxed);
    return op;
}

/* An operation nobody holds any more and nobody finished was abandoned: whoever waits for it must not wait
 * forever. */
void srt_op_unref(struct srt_op **op)
{
    struct srt_op *gone = *op;

    *op = NULL;
    if (!gone || atomic_fetch_sub_explicit(&gone->refs, 1, memory_order_acq_rel) != 1)
        return;
    srt_op_finish(gone, MFX_ERR_ABORTED);
    srt_core_unref(&gone->core);
    free(gone);
}

static void forget_broken(struct srt_core *core, const mfxFrameSurface1 *surface)
{
    for (size_t i = 0; i < BROKEN; i++)
        if (core->broken[i].surface == surface)
            core->broken[i].surface = NULL;
}

void srt_op_produces(struct srt_op *op, const mfxFrameSurface1 *surface)
{
    pthread_mutex_lock(&op->core->lock);
    forget_broken(op->core, surface);
    if (op->num_outputs < SRT_OP_MAX_OUTPUTS)
        op->outputs[op->num_outputs++] = surface;
    pthread_mutex_unlock(&op->core->lock);
}

static bool fills(const struct srt_op *op, const mfxFrameSurface1 *surface)
{
    for (size_t i = 0; i < op->num_outputs; i++)
        if (op->outputs[i] == surface)
            return true;
    return false;
}

static bool is_broken(const struct srt_core *core, const mfxFrameSurface1 *surface)
{
    for (size_t i = 0; i < BROKEN; i++)
        if (core->broken[i].surface == surface)
            return true;
    return false;
}

mfxStatus srt_op_consumes(struct srt_op *op, const mfxFrameSurface1 *surface)
{
    struct srt_core *core = op->core;
    mfxStatus status = MFX_ERR_NONE;

    pthread_mutex_lock(&core->lock);
    if (is_broken(core, surface))
        op->input_broken = true;
    for (struct srt_op *producer = core->live; producer; producer = producer->older) {
        if (producer == op || !fills(producer, surface))
            continue;
        if (op->num_inputs == SRT_OP_MAX_INPUTS)
            status = MFX_ERR_MEMORY_ALLOC;
        else
            op->inputs[op->num_inputs++] = srt_op_ref(producer);
        break;
    }
    pthread_mutex_unlock(&core->lock);
    return status;
}

/* Under the core's lock: who lingers is to stop. */
static void begin_wait(struct srt_core *core)
{
    if (!core->waiters++)
        pthread_cond_broadcast(&core->changed);
}

bool srt_op_has_inputs(struct srt_op *op)
{
    struct srt_core *core = op->core;
    bool all = true;

    pthread_mutex_lock(&core->lock);
    for (size_t i = 0; i < op->num_inputs; i++)
        all = all && op->inputs[i]->done;
    pthread_mutex_unlock(&core->lock);
    return all;
}

mfxStatus srt_op_await_inputs(struct srt_op *op)
{
    struct srt_core *core = op->core;
    mfxStatus status;

    pthread_mutex_lock(&core->lock);
    begin_wait(core);
    status = op->input_broken ? MFX_ERR_ABORTED : MFX_ERR_NONE;
    for (size_t i = 0; i < op->num_inputs; i++) {
        while (!op->inputs[i]->done)
            pthread_cond_wait(&core->changed, &core->lock);
        if (op->inputs[i]->status < MFX_ERR_NONE)
            status = MFX_ERR_ABORTED;
    }
    core->waiters--;
    pthread_mutex_unlock(&core->lock);
    return status;
}

void srt_op_linger(struct srt_op *op, mfxU32 ms)
{
    struct timespec until = srt_later(op->begun, ms);

    pthread_mutex_lock(&op->core->lock);
    while (!op->core->waiters && !srt_cond_wait_until(&op->core->changed, &op->core->lock, &until)) {
    }
    pthread_mutex_unlock(&op->core->lock);
}

static void unlink_live(struct srt_core *core, struct srt_op *op)
{
    if (op->newer)
        op->newer->older = op->older;
    else
        core->live = op->older;
    if (op->older)
        op->older->newer = op->newer;
    op->newer = op->older = NULL;
}

static void remember(struct srt_core *core, const struct srt_op *op)
{
    core->history[core->history_next] = (struct finished){.id = op->id, .status = op->status};
    core->history_next = (core->history_next + 1) % HISTORY;
    if (op->status >= MFX_ERR_NONE)
        return;
    for (size_t i = 0; i < op->num_outputs; i++) {
        core->broken[core->broken_next] = (struct broken){.surface = op->outputs[i], .id = op->id};
        core->broken_next = (core->broken_next + 1) % BROKEN;
    }
}

void srt_op_finish(struct srt_op *op, mfxStatus status)
{
    struct srt_op *inputs[SRT_OP_MAX_INPUTS];
    size_t num_inputs = 0;

    pthread_mutex_lock(&op->core->lock);
    if (!op->done) {
        op->done = true;
        op->status = status;
        unlink_live(op->core, op);
        remember(op->core, op);
        pthread_cond_broadcast(&op->core->changed);
    }
    for (; num_inputs < op->num_inputs; num_inputs++)
        inputs[num_inputs] = op->inputs[num_inputs];
    op->num_inputs = 0;
    pthread_mutex_unlock(&op->core->lock);

    /* Outside the lock: the last reference to an input takes the lock itself. */
    for (size_t i = 0; i < num_inputs; i++)
        srt_op_unref(&inputs[i]);
}

mfxSyncPoint srt_op_sync_point(const struct srt_op *op)
{
    return (mfxSyncPoint)(uintptr_t)op->id; // NOLINT(performance-no-int-to-ptr): a number, see op.h
}

static struct srt_op *find_live(struct srt_core *core, uint64_t id)
{
    for (struct srt_op *op = core->live; op; op = op->older)
        if (op->id == id)
            return srt_op_ref(op);
    return NULL;
}

/* The application has been told of the failure: from now on the surface is its own business again. */
static void tell_failure(struct srt_core *core, uint64_t id)
{
    for (size_t i = 0; i < BROKEN; i++)
        if (core->broken[i].id == id)
            core->broken[i].surface = NULL;
}

static mfxStatus look_back(struct srt_core *core, uint64_t id)
{
    for (size_t i = 0; i < HISTORY; i++) {
        /* Newest first: what is synced late is usually not very late. */
        const struct finished *f = &core->history[(core->history_next + HISTORY - 1 - i) % HISTORY];
        if (f->id == id)
            return f->status;
    }
    return MFX_ERR_INVALID_HANDLE;
}

mfxStatus srt_core_sync(struct srt_core *core, mfxSyncPoint sync, mfxU32 wait_ms)
{
    uint64_t id = (uint64_t)(uintptr_t)sync;
    struct timespec deadline = srt_deadline(wait_ms);
    struct srt_op *op;
    mfxStatus status;

    if (id == 0)
        return MFX_ERR_NULL_PTR;
    pthread_mutex_lock(&core->lock);
    op = find_live(core, id);
    if (op) {
        begin_wait(core);
        while (!op->done && wait_ms && !srt_cond_wait_until(&core->changed, &core->lock, &deadline)) {
        }
        core->waiters--;
        status = op->done ? op->status : MFX_WRN_IN_EXECUTION;
    } else {
        status = look_back(core, id);
    }
    if (status < MFX_ERR_NONE)
        tell_failure(core, id);
    pthread_mutex_unlock(&core->lock);
    srt_op_unref(&op);
    return status;
}
