/* ffmpeg's "trace_headers": a line for each field, with its name before its bits and its value at the end. */
#include "stream_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_trace(const char *path)
{
    const char *ffmpeg = getenv("SOFTRT_FFMPEG");
    char command[2048];
    int length = snprintf(command, sizeof(command),
                          "'%s' -nostdin -hide_banner -loglevel trace -i '%s' -c copy -bsf:v trace_headers "
                          "-f null - 2>&1",
                          ffmpeg ? ffmpeg : "ffmpeg", path);
    FILE *trace;

    assert_true(length > 0 && (size_t)length < sizeof(command));
    trace = popen(command, "r");
    assert_non_null(trace);
    return trace;
}

/* "[trace_headers @ 0x...] 8  base_q_idx  01111000 = 120": the name, and the value; false for another line.
 */
static bool read_line(const char *line, char *name, int *value)
{
    const char *prefix = "[trace_headers @ ";
    const char *behind = strchr(line, ']');

    return !strncmp(line, prefix, strlen(prefix)) && behind &&
           sscanf(behind + 1, "%*d %127s %*[01] = %d", name, value) == 2;
}

size_t trace_fields(const char *path, const char *name, const char *after, int *values, size_t most)
{
    FILE *trace = open_trace(path);
    char line[1024];
    char field[128];
    size_t count = 0;
    int value;
    bool wanted = !after;

    while (fgets(line, sizeof(line), trace)) {
        if (!read_line(line, field, &value))
            continue;
        if (after && !strcmp(field, after))
            wanted = true;
        if (!wanted || strcmp(field, name) != 0)
            continue;
        if (count < most)
            values[count] = value;
        count++;
        wanted = !after;
    }
    assert_int_equal(pclose(trace), 0);
    return count;
}
