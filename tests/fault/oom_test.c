/* The sweep of the system's failures: each operation of the public headers, with each call that the libraries
 * make of the C library, and each block that they ask of an application's memory manager, failing in turn.
 * --operations lists what is swept. */
#include "bench.h"

static const struct operations *const lists[] = {
    &operations_allocator, &operations_frames, &operations_pool,   &operations_interface, &operations_va,
    &operations_dmabuf,    &operations_plain,  &operations_memory, &operations_surfaces,  &operations_waits,
};
/* The functions that imports.txt says are swept. */
static const char *const swept[] = {
#include "swept.inc"
};
#define SWEPT (sizeof swept / sizeof swept[0])

static long points;

/* What nothing calls is swept in name only. */
static void every_call_was_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < SWEPT; i++)
        if (!fault_met(swept[i]))
            fail_msg("no operation of the sweep has a call of %s that failed", swept[i]);
}

static void run_row(void **state)
{
    sweep_operation(*state, &points);
}

static int list_operations(void)
{
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            printf("%s\n", lists[l]->row[i].name);
    return 0;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[256];
    static struct operation rows[256];
    size_t count = 0;
    if (argc == 2 && strcmp(argv[1], "--operations") == 0)
        return list_operations();
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        for (size_t i = 0; i < lists[l]->count; i++, count++) {
            rows[count] = lists[l]->row[i];
            tests[count].name = rows[count].name;
            tests[count].test_func = run_row;
            tests[count].initial_state = &rows[count];
        }
    }
    tests[count].name = "every call that imports.txt has was met";
    tests[count].test_func = every_call_was_met;
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests("oom", tests, count + 1, NULL, NULL);
    printf("FIGURE oom_operations %zu\nFIGURE oom_points %ld\n", count, points);
    return failed;
}
