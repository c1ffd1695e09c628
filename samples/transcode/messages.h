/* What the program says on stderr, and what its exit status means. */
#ifndef TRANSCODE_MESSAGES_H
#define TRANSCODE_MESSAGES_H

#include <stdio.h>

/* Exit status of the program; every function that can fail returns one of these, EXIT_DONE for success. The
 * failure has been explained on stderr by then. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_INTERNAL = 1,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_NO_VIDEO = 4,
    EXIT_DAMAGED = 5,
    EXIT_NO_RUNTIME = 6,
    EXIT_UNSUPPORTED = 7,
    EXIT_EXISTS = 8,
    EXIT_OUTPUT = 9,
    EXIT_RUNTIME = 10,
    EXIT_MEMORY = 11,
    EXIT_DEVICE = 12,
    EXIT_INTERRUPTED = 130,
};

/* What messages begin with; defined beside main. */
extern const char program_name[];

/* Prints the table of exit codes for --help. */
void exit_codes_print(FILE *to);

/* Says what failed, why, and what to do about it, in one line on stderr; returns `code`. */
enum exit_code fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* fail(EXIT_MEMORY) for `what`. */
enum exit_code fail_memory(const char *what);

/* Something the user should know that does not stop the work. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Overwrites the progress line; NULL removes it. The other functions step around it. */
void progress_line(const char *text);

#endif
