/* What the tests of the software runtime share: a session through the dispatcher, and clips that `ffmpeg`
 * makes. Everything here fails the running test by itself when it cannot do its work. */
#ifndef SOFTRT_SUPPORT_H
#define SOFTRT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <vpl/mfx.h>

/* A loader whose only candidate is the software runtime, and a session of it. */
struct runtime {
    mfxLoader loader;
    mfxSession session;
};

void runtime_open(struct runtime *runtime);

/* One more session of the same loader. */
mfxSession runtime_session(struct runtime *runtime);

/* Closes the session and unloads. */
void runtime_close(struct runtime *runtime);

/* Waits for a sync point, a minute at most; anything but success fails the test. */
void sync_ok(mfxSession session, mfxSyncPoint sync);

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

/* Threads of this process. */
int count_threads(void);

/* Sleeps. */
void sleep_ms(unsigned ms);

/* Is the test run where everything is many times slower (valgrind, sanitizers)? */
bool is_slow(void);

#endif
