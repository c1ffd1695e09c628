/* What the shim says, on standard error. */
#include "shim.h"

#include <stdarg.h>
#include <unistd.h>

static void say(const char *format, va_list arguments)
{
    char line[512];
    int n = vsnprintf(line, sizeof line - 1, format, arguments);
    if (n < 0)
        return;
    size_t length = (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
    line[length] = '\n';
    /* One write a line, so that those of several threads stay apart. */
    if (write(STDERR_FILENO, line, length + 1) < 0)
        return;
}

void shim_log(int level, const char *format, ...)
{
    if (shim_config()->log_level < level)
        return;
    int saved = errno;
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    errno = saved;
}

void shim_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    _exit(125);
}
