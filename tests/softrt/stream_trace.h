/* What is written in a stream's headers, as ffmpeg's own parser reads them. */
#ifndef SOFTRT_STREAM_TRACE_H
#define SOFTRT_STREAM_TRACE_H

#include "support.h"

/* The values of a header field with that name in the file at `path`, in the order of the stream; the first
 * `most` of them are kept, and the number of all is returned. `after` (or NULL) is the name of another field:
 * each value is then one of the first after such a field, so that a picture of many slices counts once. */
size_t trace_fields(const char *path, const char *name, const char *after, int *values, size_t most);

#endif
