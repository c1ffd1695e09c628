/* Writing to an application's log, and the ready-made logger for stderr. */
#include "observe/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Longer lines are cut: a log line is for a person. */
#define LINE_MAX_BYTES 512

bool vfa__log_wants(const struct vfa_log *log, enum vfa_log_level level)
{
    enum vfa_log_level wanted = log->level == VFA_LOG_NONE ? VFA_LOG_WARNING : log->level;
    return log->write && level <= wanted;
}

void vfa__log(const struct vfa_log *log, enum vfa_log_level level, const char *format, ...)
{
    if (!vfa__log_wants(log, level))
        return;
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log->write(log->user, level, line);
}

static const char *level_name(enum vfa_log_level level)
{
    switch (level) {
    case VFA_LOG_ERROR:
        return "error";
    case VFA_LOG_WARNING:
        return "warning";
    case VFA_LOG_INFO:
        return "info";
    case VFA_LOG_DEBUG:
        return "debug";
    case VFA_LOG_NONE:
        break;
    }
    return "log";
}

void vfa_log_stderr(void *user, enum vfa_log_level level, const char *message)
{
    (void)user;
    if (!message)
        return;
    /* One write, so that lines of several threads and processes do not mix. */
    char line[LINE_MAX_BYTES + 32];
    int length = snprintf(line, sizeof line, "vfa: %s: %s\n", level_name(level), message);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof line) {
        length = (int)sizeof line - 1;
        line[length - 1] = '\n';
    }
    ssize_t written = write(STDERR_FILENO, line, (size_t)length);
    (void)written; /* nowhere left to complain to */
}
