/* What the tests of the software runtime share: a session through the dispatcher, and clips. Everything here
 * fails the running test by itself when it cannot do its work. */
#ifndef SOFTRT_SUPPORT_H
#define SOFTRT_SUPPORT_H

#include "clips.h"

#include <vpl/mfx.h>

/* A loader whose only candidate is the software runtime, in its guise of hardware where SOFTRT_GUISE is set,
 * and a session of it. */
struct runtime {
    mfxLoader loader;
    mfxSession session;
};

void runtime_open(struct runtime *runtime);

/* One more session of the same loader. */
mfxSession runtime_session(struct runtime *runtime);

/* Closes the session and unloads. */
void runtime_close(struct runtime *runtime);

/* Before and after each test of a group: a runtime, whose session the test calls SESSION. */
extern struct runtime test_runtime;
#define SESSION test_runtime.session
int open_runtime(void **state);
int close_runtime(void **state);

/* Waits for a sync point, a minute at most; anything but success fails the test. */
void sync_ok(mfxSession session, mfxSyncPoint sync);

/* Threads of this process. */
int count_threads(void);

/* Sleeps. */
void sleep_ms(unsigned ms);

/* Is the test run where everything is many times slower (valgrind, sanitizers)? */
bool is_slow(void);

#endif
