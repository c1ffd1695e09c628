/* The sweep of the driver's failures: each operation that asks the VA driver for anything, with each of its
 * calls answering every status of va.h, or success and something that cannot be. Whatever it is: an error
 * that names the call or a way round it, nothing left behind, and it works right after. What exactly an
 * operation answers to each status, unit/va_fault_test.c and its neighbours say. */
#include "bench.h"

#include "../support/liar.h"

static const struct operations *const lists[] = {
    &operations_allocator, &operations_frames, &operations_pool,
    &operations_va,        &operations_dmabuf, &operations_surfaces,
};
static long points;

/* The ways a driver is bad: one call is, or all are from some call on; or it has what others have not. Every
 * status is tried in the first way, and every so many in the others. */
static const struct manner {
    bool on, modern;
    size_t status_step;
} manners[] = {{false, false, 1}, {true, false, 4}, {false, true, 4}};

/* One thing that the driver does wrong. */
struct wrong {
    const struct lie *lie; /* NULL: the status */
    VAStatus status;
};

static const char *name_of(const struct wrong *wrong)
{
    return wrong->lie ? wrong->lie->name : vfa_va_status_name(wrong->status);
}

static void arm(struct bench *b, const struct wrong *wrong, long n, bool on)
{
    b->v.f.log.length = 0;
    b->v.f.log.text[0] = '\0';
    if (wrong->lie) {
        liar_arm(wrong->lie, n, on);
    } else {
        fake_va_fail(&b->v.fake, FAKE_ANY, n, wrong->status);
        b->v.fake.fail_on = on;
    }
}

/* Returns whether the driver did wrong. */
static bool disarm(struct bench *b, const struct wrong *wrong)
{
    bool hit = wrong->lie ? liar_told() > 0 : atomic_load(&b->v.fake.failed_call) != FAKE_CALLS;
    liar_arm(NULL, 0, false);
    b->v.fake.fail_at = 0;
    return hit;
}

static const char *call_of(const struct bench *b, const struct wrong *wrong)
{
    return fake_va_call_name(wrong->lie ? wrong->lie->call
                                        : (enum fake_call)atomic_load(&b->v.fake.failed_call));
}

/* What may be answered. */
static bool is_an_answer(const struct bench *b, const struct wrong *wrong, mfxStatus status)
{
    int call = atomic_load(&b->v.fake.failed_call);
    if (wrong->lie)
        return status == MFX_ERR_LOCK_MEMORY || status == MFX_ERR_DEVICE_FAILED ||
               status == MFX_ERR_UNSUPPORTED || status == MFX_ERR_INCOMPATIBLE_VIDEO_PARAM;
    if (call == FAKE_GET_DISPLAY || call == FAKE_INITIALIZE)
        return status == MFX_ERR_DEVICE_FAILED; /* there is no driver */
    return status == vfa_va_status(wrong->status);
}

/* Lies that a whole operation may not be blind to: those of exports are an export's very answer, and those of
 * an image are what a map by that image alone hands out. */
static bool must_be_seen(const struct operation *operation, const struct lie *lie)
{
    static const struct {
        enum fake_call call;
        const char *operation;
    } answers[] = {
        {FAKE_EXPORT, "vfa_va_export"},
        {FAKE_EXPORT, "vfa_va_export: a layer a plane"},
        {FAKE_DERIVE, "vfa_map: the surface itself"},
        {FAKE_CREATE_IMAGE, "vfa_map: an image"},
    };
    if (!lie || lie->harmless)
        return false;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (lie->call == answers[i].call && strcmp(operation->name, answers[i].operation) == 0)
            return true;
    return false;
}

/* One call that fails is named. Of several that fail, the last one is, or any that the first led to. */
static bool is_named(const struct bench *b, const char *call, bool on)
{
    const char *text = b->v.f.log.text;
    bool named = strstr(text, call);
    for (int c = 0; on && !named && c < FAKE_CALLS; c++)
        named = strstr(text, fake_va_call_name((enum fake_call)c));
    return named;
}

static void check(const struct operation *operation, struct bench *b, const struct wrong *wrong, long n,
                  bool on, mfxStatus status)
{
    const char *call = call_of(b, wrong);
    if (status == MFX_ERR_NONE) {
        if (must_be_seen(operation, wrong->lie))
            fail_msg("%s answers %s, and %s succeeds", call, name_of(wrong), operation->name);
        return;
    }
    if (!is_an_answer(b, wrong, status))
        fail_msg("%s: call %ld, %s, answers %s: %s (%s)", operation->name, n, call, name_of(wrong),
                 vfa_status_name(status), b->v.f.log.text);
    if (!b->v.f.log.length)
        fail_msg("%s: call %ld, %s, answers %s: %s, and the log has no word of it", operation->name, n, call,
                 name_of(wrong), vfa_status_name(status));
    if (!wrong->lie && !is_named(b, call, on))
        fail_msg("%s: call %ld, %s, answers %s, and the log does not name it: %s", operation->name, n, call,
                 name_of(wrong), b->v.f.log.text);
    if (operation->failed)
        operation->failed(b);
}

static void end(const struct operation *operation, struct bench *b, mfxStatus status)
{
    if (operation->after)
        operation->after(b, status);
    operation->world->intact(b);
}

static bool run_with_fault(const struct operation *operation, struct bench *b, const struct wrong *wrong,
                           long n, bool on)
{
    mfxStatus status;
    long alive = fake_va_alive(&b->v.fake);
    int files = open_fds();
    if (operation->before)
        operation->before(b);
    arm(b, wrong, n, on);
    status = operation->run(b);
    bool hit = disarm(b, wrong);
    if (fault_locks_held())
        fail_msg("%s: call %ld, %s, answers %s: %d mutexes are left locked", operation->name, n,
                 call_of(b, wrong), name_of(wrong), fault_locks_held());
    if (fault_bad_closes())
        fail_msg("%s: call %ld, %s, answers %s: a file is closed that is not open", operation->name, n,
                 call_of(b, wrong), name_of(wrong));
    if (hit)
        check(operation, b, wrong, n, on, status);
    else
        assert_int_equal(status, MFX_ERR_NONE);
    end(operation, b, status);
    if (fake_va_alive(&b->v.fake) != alive || open_fds() != files || *b->v.fake.misuse)
        fail_msg("%s: call %ld, %s, answers %s: %ld objects and %d files are left, \"%s\"", operation->name,
                 n, call_of(b, wrong), name_of(wrong), fake_va_alive(&b->v.fake) - alive, open_fds() - files,
                 b->v.fake.misuse);
    if (status == MFX_ERR_NONE)
        return hit;
    if (operation->before)
        operation->before(b);
    status = operation->run(b);
    assert_int_equal(status, MFX_ERR_NONE);
    end(operation, b, status);
    return hit;
}

static void sweep(const struct operation *operation, const struct wrong *wrong, const struct manner *manner)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    b.modern = manner->modern;
    struct fault_live before = fault_live();
    operation->world->open(&b);
    operation->world->intact(&b); /* what it caches is there */
    long n = 1;
    while (run_with_fault(operation, &b, wrong, n, manner->on))
        n++;
    operation->world->close(&b);
    struct fault_live after = fault_live();
    if (after.blocks != before.blocks || after.mapped_bytes != before.mapped_bytes ||
        after.locks != before.locks)
        fail_msg("%s: %s: %ld blocks, %ld mapped bytes and %ld locks are left in the end", operation->name,
                 name_of(wrong), after.blocks - before.blocks, after.mapped_bytes - before.mapped_bytes,
                 after.locks - before.locks);
    points += n - 1;
}

/* What finding out makes of every status at every call, unit/va_probe_test.c sweeps. */
static size_t status_step(const struct operation *operation, const struct manner *manner)
{
    return manner->status_step * (operation->traits & FINDS_OUT ? 4 : 1);
}

static void run_row(void **state)
{
    const struct operation *operation = *state;
    for (size_t m = 0; m < sizeof manners / sizeof manners[0]; m++) {
        for (size_t s = 0; s < fake_va_status_count; s += status_step(operation, &manners[m]))
            sweep(operation, &(struct wrong){.status = fake_va_statuses[s]}, &manners[m]);
        for (size_t l = 0; l < liar_lie_count; l++)
            sweep(operation, &(struct wrong){.lie = &liar_lies[l]}, &manners[m]);
    }
}

static bool asks_a_driver(const struct operation *operation, const struct operations *list)
{
    return operation->world == &world_va || operation->world == &world_slots || list == &operations_va;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[256];
    static struct operation rows[256];
    size_t count = 0;
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            if (!asks_a_driver(&lists[l]->row[i], lists[l]))
                continue;
            rows[count] = lists[l]->row[i];
            tests[count].name = rows[count].name;
            tests[count].test_func = run_row;
            tests[count].initial_state = &rows[count];
            count++;
        }
    }
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests("driver", tests, count, NULL, NULL);
    printf("FIGURE driver_operations %zu\nFIGURE driver_points %ld\n", count, points);
    return failed;
}
