/* One operation with its n-th call failing, for n = 1, 2, 3 ... until it is served without meeting the fault:
 * that call alone, and it and all after it, with memory from each source. */
#include "bench.h"

#define POINTS_MAX 100000 /* no operation makes so many calls */

/* What the libraries hold of the system. */
struct holdings {
    struct fault_live live;
    long manager_blocks, driver_objects;
    int files;
};

static struct holdings holdings_of(const struct bench *b)
{
    return (struct holdings){.live = fault_live(),
                             .manager_blocks = atomic_load(&b->memory.live_blocks),
                             .driver_objects = fake_va_alive(&b->v.fake),
                             .files = open_fds()};
}

static void assert_same(const char *when, const struct holdings *then, const struct holdings *now)
{
    if (then->live.blocks == now->live.blocks && then->live.mapped_bytes == now->live.mapped_bytes &&
        then->live.locks == now->live.locks && then->manager_blocks == now->manager_blocks &&
        then->driver_objects == now->driver_objects && then->files == now->files)
        return;
    fail_msg("%s: %ld blocks of the heap, %ld mapped bytes, %ld locks, %ld blocks of the manager, %ld "
             "objects of the driver and %d files are left",
             when, now->live.blocks - then->live.blocks, now->live.mapped_bytes - then->live.mapped_bytes,
             now->live.locks - then->live.locks, now->manager_blocks - then->manager_blocks,
             now->driver_objects - then->driver_objects, now->files - then->files);
}

static void call(void (*function)(struct bench *), struct bench *b)
{
    if (function)
        function(b);
}

static void end(const struct operation *operation, struct bench *b, mfxStatus status)
{
    if (operation->after)
        operation->after(b, status);
    operation->world->intact(b);
}

/* A failure has its cause told to whoever asks. */
static void assert_told(struct bench *b, mfxStatus status, const char *when)
{
    struct vfa_error error = error_of(&b->v);
    if (error.status != status || !strstr(error.text, vfa_status_name(status)) ||
        !strstr(b->v.f.log.text, error.text))
        fail_msg("%s, but the last error is \"%s\" and the log says \"%s\"", when, error.text,
                 b->v.f.log.text);
}

/* What is only asked of the system to be better off; builds for checkers ask more of it. */
static bool is_wish(const char *name)
{
    static const char *const wishes[] = {
        "madvise", "mprotect", "munmap", "prctl", "pthread_cond_timedwait", "pthread_cond_wait", "syscall"};
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++)
        if (strcmp(name, wishes[i]) == 0)
            return true;
    return false;
}

/* What an operation that met a fault answers, and leaves. */
static void check_failure(const struct operation *operation, struct bench *b, mfxStatus status, long n,
                          const struct holdings *before)
{
    char when[160];
    (void)snprintf(when, sizeof when, "call %ld, %s, failed, and %s answered %s", n, fault_hit(),
                   operation->name, vfa_status_name(status));
    if (status == MFX_ERR_NONE) {
        if (!(operation->traits & MAY_SERVE) && !is_wish(fault_hit()))
            fail_msg("%s", when);
        return;
    }
    if (status != operation->failure)
        fail_msg("%s instead of %s", when, vfa_status_name(operation->failure));
    if (operation->traits & TELLS)
        assert_told(b, status, when);
    call(operation->failed, b);
    struct holdings after = holdings_of(b);
    if (!(operation->traits & KEEPS))
        assert_same(when, before, &after);
}

/* Returns whether there was an n-th call. */
static bool run_with_fault(const struct operation *operation, struct bench *b, long n, bool on)
{
    call(operation->before, b);
    struct holdings before = holdings_of(b);
    b->v.f.log.length = 0;
    fault_arm(n, on);
    mfxStatus status = operation->run(b);
    long calls = fault_disarm();
    const char *hit = fault_hit();
    if (fault_locks_held())
        fail_msg("call %ld failed, and %s left %d mutexes locked", n, operation->name, fault_locks_held());
    if (fault_bad_closes())
        fail_msg("call %ld failed, and %s closed a file that was not open", n, operation->name);
    if (fault_gave_up())
        fail_msg("%s was interrupted in call %ld, %s, and did not make it again", operation->name, n, hit);
    if (!hit && status != MFX_ERR_NONE)
        fail_msg("%s, and no call failed", vfa_status_name(status));
    if (hit)
        check_failure(operation, b, status, n, &before);
    if ((operation->traits & ASKS_NOTHING) && calls)
        fail_msg("%ld calls that may fail, and there were to be none", calls);
    end(operation, b, status);
    assert_int_equal(b->called_with_locks, 0);
    if (status == MFX_ERR_NONE)
        return hit;
    call(operation->before, b);
    fault_arm(0, false);
    mfxStatus again = operation->run(b);
    if (again != MFX_ERR_NONE)
        fail_msg("after call %ld failed, %s answers %s once more", n, operation->name,
                 vfa_status_name(again));
    end(operation, b, again);
    return hit;
}

static long sweep(const struct operation *operation, enum source source, int manner, bool on)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    b.source = source;
    fault_arm(0, false); /* a row that failed may have left it set */
    fault_in_manner(manner);
    struct holdings before = holdings_of(&b);
    operation->world->open(&b);
    long n = 1;
    while (run_with_fault(operation, &b, n, on) && n < POINTS_MAX)
        n++;
    operation->world->close(&b);
    assert_int_equal(atomic_load(&b.memory.mismatches), 0);
    struct holdings after = holdings_of(&b);
    assert_same("in the end", &before, &after);
    assert_int_not_equal(n, POINTS_MAX);
    return n - 1;
}

void sweep_operation(const struct operation *operation, long *points)
{
    long of_this = 0;
    for (int source = 0; source < SOURCES; source++)
        for (int manner = 0; manner < (source == SOURCE_HEAP ? FAULT_MANNERS : 1); manner++)
            for (int on = 0; on < 2; on++)
                of_this += sweep(operation, (enum source)source, manner, on);
    if (operation->failure != MFX_ERR_NONE)
        assert_true(of_this > 0); /* else the row says something that does not happen */
    *points += of_this;
}
