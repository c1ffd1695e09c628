/* Runs a program and measures it. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

struct child_result {
    double wall_s;
    double cpu_s; /* user and system, of all its threads */
    double peak_mib;
};

/* Runs argv[0], found on PATH, with `variable`=`value` in its environment (NULL: nothing added), its output
 * in `log_path`. 0, or -1 after a message on stderr when it could not be run or did not end with status 0. */
int child_run(char *const argv[], const char *variable, const char *value, const char *log_path,
              struct child_result *out);

#endif
