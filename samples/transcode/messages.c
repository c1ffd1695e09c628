/* What the program says on stderr, and what its exit status means. */
#include "messages.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

static const struct {
    enum exit_code code;
    const char *meaning;
} exit_codes[] = {
    {EXIT_DONE, "done (warnings on stderr, if any)"},
    {EXIT_INTERNAL, "internal error"},
    {EXIT_USAGE, "wrong usage: unknown option, impossible value"},
    {EXIT_INPUT, "the input cannot be opened: no such file, no permission"},
    {EXIT_NO_VIDEO, "the input has no video stream"},
    {EXIT_DAMAGED, "the input is damaged: nothing in it can be decoded"},
    {EXIT_NO_RUNTIME, "no VPL runtime was found, or none of the kind --impl asks for"},
    {EXIT_UNSUPPORTED, "the runtime or the container cannot do it: codec, pixel format, size, memory"},
    {EXIT_EXISTS, "the output exists; --overwrite replaces it"},
    {EXIT_OUTPUT, "the output cannot be written: no permission, disk full"},
    {EXIT_RUNTIME, "the runtime failed while at work"},
    {EXIT_MEMORY, "out of memory"},
    {EXIT_DEVICE,
     "no VA-API device, which --memory va or --device asks for: no such node, no permission, no driver"},
    {EXIT_INTERRUPTED, "interrupted; the output is complete up to there"},
};

/* The line that progress_line last wrote is still on the terminal. */
static bool line_shown;

void exit_codes_print(FILE *to)
{
    for (size_t i = 0; i < sizeof exit_codes / sizeof exit_codes[0]; i++)
        fprintf(to, "  %3d  %s\n", exit_codes[i].code, exit_codes[i].meaning);
}

static void say(const char *kind, const char *format, va_list args)
{
    progress_line(NULL);
    fprintf(stderr, "%s: %s: ", program_name, kind);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

enum exit_code fail(enum exit_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say("error", format, args);
    va_end(args);
    return code;
}

enum exit_code fail_memory(const char *what)
{
    return fail(EXIT_MEMORY, "no memory for %s", what);
}

void warn(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say("warning", format, args);
    va_end(args);
}

void progress_line(const char *text)
{
    if (text)
        fprintf(stderr, "\r\033[K%s", text);
    else if (line_shown)
        fputs("\r\033[K", stderr);
    line_shown = text != NULL;
    fflush(stderr);
}
