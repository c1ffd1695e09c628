/* A log that remembers its lines, for tests. Thread-safe. */
#ifndef VFA_TEST_LOG_H
#define VFA_TEST_LOG_H

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <vfa/observe.h>

struct test_log {
    pthread_mutex_t lock;
    char text[16384];
    size_t length;
    int lines[VFA_LOG_DEBUG + 1]; /* by level */
};

static inline void test_log_write(void *user, enum vfa_log_level level, const char *message)
{
    struct test_log *log = user;
    pthread_mutex_lock(&log->lock);
    log->lines[level]++;
    int n = snprintf(log->text + log->length, sizeof log->text - log->length, "%s\n", message);
    if (n > 0 && log->length + (size_t)n < sizeof log->text)
        log->length += (size_t)n;
    pthread_mutex_unlock(&log->lock);
}

static inline struct vfa_log test_log_sink(struct test_log *log, enum vfa_log_level level)
{
    memset(log, 0, sizeof *log);
    pthread_mutex_init(&log->lock, NULL);
    return (struct vfa_log){.write = test_log_write, .user = log, .level = level};
}

static inline int test_log_has(const struct test_log *log, const char *part)
{
    return strstr(log->text, part) != NULL;
}

#endif
