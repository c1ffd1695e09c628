/* Writing to an application's log. */
#include "observe/log.h"

#include <stdarg.h>
#include <stdio.h>

bool vfa__log_wants(const struct vfa_log *log, enum vfa_log_level level)
{
    enum vfa_log_level wanted = log->level == VFA_LOG_NONE ? VFA_LOG_WARNING : log->level;
    return log->write && level <= wanted;
}

void vfa__log(const struct vfa_log *log, enum vfa_log_level level, const char *format, ...)
{
    if (!vfa__log_wants(log, level))
        return;
    char line[VFA__LOG_LINE_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log->write(log->user, level, line);
}
