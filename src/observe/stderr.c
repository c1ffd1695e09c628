/* The ready-made logger: stderr. */
#include "observe/log.h"

#include <stdio.h>
#include <unistd.h>

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
    char line[VFA__LOG_LINE_MAX + 32];
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
