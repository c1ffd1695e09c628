/* OUTPUT as a name: the file, pipe or address it stands for, and what would be lost by writing there. */
#ifndef TARGET_H
#define TARGET_H

#include "messages.h"
#include "options.h"

#include <libavformat/avformat.h>
#include <sys/types.h>

/* A file that this program wrote itself. */
struct target_file {
    dev_t device;
    ino_t number;
};

struct target {
    const struct options *options;
    struct target_file *written; /* without --overwrite: what may be opened again */
    size_t written_count;
    char *refused; /* the name that must not be written; NULL: none */
};

/* Does what is written there, and what is printed, end up in one file or pipe? */
bool target_is_stdout(const char *output);

/* What libavformat calls it. */
const char *target_url(const char *output);

/* The name of the local file that libavformat writes for `url`; NULL: it is none. */
const char *target_file_name(const char *url);

/* EXIT_USAGE: a name that libavformat takes for something else, or the input itself; EXIT_EXISTS: a file that
 * must not be lost; EXIT_OUTPUT: a directory. */
enum exit_code target_check(const struct options *options);

/* Has `format` ask here for each file that it opens: a container of several (pictures, segments) is known by
 * one name only. What must not be lost is AVERROR(EEXIST), and target->refused its name. */
void target_guard(struct target *target, const struct options *options, AVFormatContext *format);

void target_finish(struct target *target);

#endif
