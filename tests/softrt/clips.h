/* Clips that `ffmpeg` makes, and files. Everything here fails the running test by itself when it cannot do
 * its work. No VPL: the tests of API 1.x, whose headers exclude VPL's, have clips too. */
#ifndef SOFTRT_CLIPS_H
#define SOFTRT_CLIPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The clip `name` (and its arguments, as a number before it) in the clips' folder, made by "ffmpeg <args>
 * <path>" if it is not there yet. `args` ends with NULL and holds no output. The path is allocated. */
char *clip_make(const char *name, const char *const *args);

/* The same from one string of arguments separated by single spaces. */
char *clip(const char *name, const char *args);

/* "ffmpeg -i clip" as raw frames of libav's pixel format `pix_fmt`: the bytes, allocated. */
uint8_t *clip_raw(const char *path, const char *pix_fmt, size_t *size);

/* The same of a file that a test has written: decoded anew each time, and not kept. */
uint8_t *file_raw(const char *path, const char *pix_fmt, size_t *size);

/* A whole file; allocated. */
uint8_t *file_read(const char *path, size_t *size);
void file_write(const char *path, const void *data, size_t size);

/* A path in the clips' folder; allocated. */
char *clip_path(const char *name);

#endif
