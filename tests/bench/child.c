/* Runs a program and measures it: wall clock around it, the rest from wait4. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* In the child: never returns. */
static void become(char *const argv[], const char *variable, const char *value, const char *log_path)
{
    int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    int nothing = open("/dev/null", O_RDONLY);
    if (log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    if (variable && setenv(variable, value, 1) != 0)
        _exit(126);
    execvp(argv[0], argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

int child_run(char *const argv[], const char *variable, const char *value, const char *log_path,
              struct child_result *out)
{
    struct rusage used;
    int status;
    memset(out, 0, sizeof *out);
    double begin = now_s();
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        return -1;
    }
    if (pid == 0)
        become(argv, variable, value, log_path);
    while (wait4(pid, &status, 0, &used) < 0) {
        if (errno != EINTR) {
            perror("wait4");
            return -1;
        }
    }
    out->wall_s = now_s() - begin;
    out->cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
    out->peak_mib = (double)used.ru_maxrss / 1024; /* Linux counts it in KiB */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    fprintf(stderr, "%s ended with %s %d; what it said is in %s\n", argv[0],
            WIFEXITED(status) ? "status" : "signal",
            WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), log_path);
    return -1;
}
