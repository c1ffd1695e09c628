/* The sweep of the system's failures: each operation of the public headers, with each call that the libraries
 * make of the C library, and each block that they ask of an application's memory manager, failing in turn.
 * --operations lists what is swept. */
#include "bench.h"

static const struct operations *const lists[] = {
    &operations_allocator, &operations_frames, &operations_pool,  &operations_interface,
    &operations_va,        &operations_dmabuf, &operations_plain,
};
static long points;

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
    if (argc == 2)
        cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests("oom", tests, count, NULL, NULL);
    printf("FIGURE oom_operations %zu\nFIGURE oom_points %ld\n", count, points);
    return failed;
}
