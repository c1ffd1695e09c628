/* Processes, time limits and verdicts. */
#include "run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vfa/observe.h>

/* --- Verdicts */

void conform_fail(struct trial *t, const char *format, ...)
{
    va_list args;
    if (conform_has_failed(t))
        return;
    struct conform_verdict *v = t->verdict;
    int length = t->format ? snprintf(v->what, sizeof v->what, "%s: ", t->format) : 0;
    va_start(args, format);
    (void)vsnprintf(v->what + length, sizeof v->what - (size_t)length, format, args);
    va_end(args);
    v->outcome = CONFORM_FAILED;
}

void conform_skip(struct trial *t, const char *why)
{
    if (conform_has_failed(t))
        return;
    (void)snprintf(t->verdict->what, sizeof t->verdict->what, "%s", why);
    t->verdict->outcome = CONFORM_SKIPPED;
}

bool conform_has_failed(const struct trial *t)
{
    return t->verdict->outcome == CONFORM_FAILED;
}

const char *conform_status_text(mfxStatus status)
{
    return vfa_status_name(status);
}

/* --- In the process where a rule runs */

/* One trial; `rule` NULL: the allocator is opened and closed, no more. */
struct task {
    const struct conform_run *run;
    const struct conform_rule *rule;
    bool video;
    struct conform_verdict *verdict;
};

static void describe(const struct vfa_conform_subject *subject, struct conform_verdict *verdict)
{
    (void)snprintf(verdict->name, sizeof verdict->name, "%s", subject->name ? subject->name : "");
    verdict->memory = subject->memory;
    verdict->has_surfaces = subject->surfaces;
}

static void perform(const struct task *task)
{
    struct conform_verdict *verdict = task->verdict;
    struct trial t = {.source = &task->run->source,
                      .video = task->video,
                      .only = task->run->only_formats,
                      .verdict = verdict,
                      .doing = verdict->doing};
    (void)snprintf(verdict->doing, sizeof verdict->doing, "vfa_conform_open");
    if (!conform_open(t.source, &t.subject, verdict->what, sizeof verdict->what)) {
        verdict->outcome = CONFORM_NOT_OPENED;
        return;
    }
    t.a = t.subject.allocator;
    describe(&t.subject, verdict);
    if (task->rule)
        task->rule->run(&t);
    (void)snprintf(verdict->doing, sizeof verdict->doing, "closing the allocator");
    if (!conform_has_failed(&t)) /* whatever it holds after that */
        conform_close(&t.subject);
    if (verdict->outcome == CONFORM_RUNNING)
        verdict->outcome = CONFORM_PASSED;
}

/* --- And around it */

static void open_null(int fd, int flags)
{
    int null = open("/dev/null", flags | O_CLOEXEC);
    if (null >= 0)
        (void)dup2(null, fd);
}

/* A group of its own: whatever an allocator starts can be ended with it, and what it sends to its group does
 * not reach this program. The terminal is another group's: reading from it is not waited for, and writing to
 * it goes on. */
static void leave_the_group(void)
{
    (void)setpgid(0, 0);
    (void)signal(SIGTTOU, SIG_IGN);
    open_null(STDIN_FILENO, O_RDONLY);
}

static _Noreturn void be_child(const struct task *task, pid_t parent)
{
    const struct rlimit no_core = {0, 0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    leave_the_group();
    if (task->run->quiet)
        open_null(STDERR_FILENO, O_WRONLY);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* what an allocator prints is no part of the answer */
    perform(task);
    (void)fflush(NULL);
    _exit(0);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Whether a child has ended within so many seconds. It stays to be waited for: until then nobody else gets
 * its number. */
static bool ends_within(pid_t child, unsigned limit_s)
{
    struct timespec pause = {.tv_nsec = 200000};
    double end = now_s() + limit_s;
    for (;;) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid)
            return true;
        if (now_s() >= end)
            return false;
        (void)nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

/* Waits for a child, for so long: false when it had to be killed. Processes that it made end with it. */
static bool wait_for(pid_t child, unsigned limit_s, int *status)
{
    bool in_time = ends_within(child, limit_s);
    (void)kill(-child, SIGKILL);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, status, 0);
    return in_time;
}

/* The last calls: of the rule's own thread, and of those that it started. */
static void put_last_calls(const struct conform_verdict *verdict, char *text, size_t bytes)
{
    int length = snprintf(text, bytes, "%s", verdict->doing);
    for (size_t i = 0; i < CONFORM_THREADS; i++)
        if (verdict->thread_doing[i][0] && length > 0 && (size_t)length < bytes)
            length += snprintf(text + length, bytes - (size_t)length, "; thread %zu: %s", i + 1,
                               verdict->thread_doing[i]);
}

/* What a process that did not come to an end of its own says. */
static void judge_end(struct conform_verdict *verdict, bool in_time, int status, unsigned limit_s)
{
    char last[CONFORM_TEXT_MAX - 48];
    put_last_calls(verdict, last, sizeof last);
    if (!in_time)
        (void)snprintf(verdict->what, sizeof verdict->what, "no end within %u s; last: %s", limit_s, last);
    else if (WIFSIGNALED(status))
        (void)snprintf(verdict->what, sizeof verdict->what, "ended by SIG%s in: %s",
                       sigabbrev_np(WTERMSIG(status)), last);
    else
        (void)snprintf(verdict->what, sizeof verdict->what, "the process ended with status %d in: %s",
                       WEXITSTATUS(status), last);
    verdict->outcome = CONFORM_FAILED;
}

/* A failure that was told before a crash stays. */
static void run_in_child(const struct task *task)
{
    int status = 0;
    pid_t parent = getpid();
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        be_child(task, parent);
    if (child < 0) {
        (void)snprintf(task->verdict->what, sizeof task->verdict->what, "no process could be made");
        task->verdict->outcome = CONFORM_FAILED;
        return;
    }
    (void)setpgid(child, child); /* here too: it may not have come to it */
    bool in_time = wait_for(child, task->run->limit_s, &status);
    bool was_good = task->verdict->outcome == CONFORM_PASSED || task->verdict->outcome == CONFORM_SKIPPED;
    if (task->verdict->outcome == CONFORM_RUNNING || (was_good && (!in_time || status != 0)))
        judge_end(task->verdict, in_time, status, task->run->limit_s);
}

/* What an allocator prints is no part of the answer here either. */
static void run_here(const struct task *task)
{
    (void)fflush(NULL);
    int answer = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (answer >= 0)
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    perform(task);
    (void)fflush(NULL);
    if (answer < 0)
        return;
    (void)dup2(answer, STDOUT_FILENO);
    (void)close(answer);
}

static void run_task(const struct task *task)
{
    if (task->run->no_fork)
        run_here(task);
    else
        run_in_child(task);
}

/* `out` gets a verdict that was written in shared memory. */
static void try_task(const struct conform_run *run, const struct conform_rule *rule, bool video,
                     struct conform_verdict *out)
{
    struct conform_verdict *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(out, 0, sizeof *out);
    if (shared == MAP_FAILED) {
        out->outcome = CONFORM_FAILED;
        (void)snprintf(out->what, sizeof out->what, "no memory for a verdict");
        return;
    }
    struct task task = {run, rule, video, shared};
    run_task(&task);
    *out = *shared;
    (void)munmap(shared, sizeof *shared);
}

enum conform_outcome conform_probe(const struct conform_run *run, struct conform_verdict *verdict)
{
    try_task(run, NULL, false, verdict);
    if (verdict->outcome == CONFORM_FAILED)
        verdict->outcome = CONFORM_NOT_OPENED;
    return verdict->outcome;
}

/* Adds what one kind of memory had to say. A failure outweighs all, and a pass outweighs a skip. */
static void add_verdict(struct conform_result *result, const struct conform_verdict *verdict,
                        const char *kind)
{
    enum conform_outcome outcome = verdict->outcome == CONFORM_NOT_OPENED ? CONFORM_FAILED : verdict->outcome;
    if (outcome == CONFORM_SKIPPED && result->outcome == CONFORM_PASSED)
        return;
    result->outcome = outcome;
    result->what[0] = '\0';
    if (outcome != CONFORM_PASSED)
        (void)snprintf(result->what, sizeof result->what, "%s%.*s", kind, CONFORM_TEXT_MAX - 32,
                       verdict->what);
}

static void try_on(const struct conform_run *run, struct conform_result *result, bool video, const char *kind)
{
    struct conform_verdict verdict;
    if (result->outcome == CONFORM_FAILED)
        return;
    try_task(run, result->rule, video, &verdict);
    add_verdict(result, &verdict, kind);
}

void conform_run_rule(const struct conform_run *run, const struct conform_verdict *probed,
                      const struct conform_rule *rule, struct conform_result *result)
{
    bool video = probed->memory & CONFORM_VIDEO_TARGETS, system = probed->memory & MFX_MEMTYPE_SYSTEM_MEMORY;
    bool both = video && system;
    memset(result, 0, sizeof *result);
    result->rule = rule;
    result->outcome = CONFORM_SKIPPED;
    (void)snprintf(result->what, sizeof result->what, "no such frames are served");
    if (rule->scope == SURFACES) {
        if (probed->has_surfaces)
            try_on(run, result, video, "");
        return;
    }
    if (system && (rule->scope == ONCE || rule->scope == EACH || rule->scope == SYSTEM))
        try_on(run, result, false, both ? "system memory: " : "");
    if (video && (rule->scope == EACH || rule->scope == VIDEO || (rule->scope == ONCE && !system)))
        try_on(run, result, true, both ? "video memory: " : "");
}
