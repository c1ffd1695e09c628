/* Clips and files. */
#include "clips.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    if (!value || !*value)
        fail_msg("%s is not set: run the tests by ctest", name);
    return value;
}

char *clip_path(const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s", setting("SOFTRT_CLIPS"), name) < 0)
        fail_msg("out of memory");
    return path;
}

static void run(const char *program, char *const *argv)
{
    pid_t pid;
    int status;
    int err = posix_spawn(&pid, program, NULL, NULL, argv, environ);

    if (err)
        fail_msg("%s: %s", program, strerror(err));
    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        fail_msg("%s failed (status 0x%x)", program, (unsigned)status);
}

/* ffmpeg into a file of another name first: tests run side by side, and a clip that exists is whole. */
static void run_ffmpeg(const char *const *args, const char *path)
{
    enum {
        most = 64
    };
    static const char *const before[] = {"ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"};
    char *argv[most];
    size_t n = 0;
    char *scratch = NULL;
    const char *extension = strrchr(path, '.');

    if (asprintf(&scratch, "%s.%ld%s", path, (long)getpid(), extension ? extension : "") < 0)
        fail_msg("out of memory");
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        argv[n++] = (char *)(uintptr_t)before[i];
    for (size_t i = 0; args[i]; i++) {
        assert_true(n + 2 < most);
        argv[n++] = (char *)(uintptr_t)args[i];
    }
    argv[n++] = scratch;
    argv[n] = NULL;
    run(setting("SOFTRT_FFMPEG"), argv);
    assert_int_equal(rename(scratch, path), 0);
    free(scratch);
}

/* FNV-1a over all arguments: two tests may use one name for different clips. */
static uint32_t hash_of(const char *const *args)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; args[i]; i++)
        for (const char *c = args[i];; c++) {
            hash = (hash ^ (uint8_t)*c) * 16777619u;
            if (!*c)
                break;
        }
    return hash;
}

static char *unique_path(const char *name, const char *const *args)
{
    char *unique = NULL;
    char *path;

    if (asprintf(&unique, "%08x-%s", hash_of(args), name) < 0)
        fail_msg("out of memory");
    path = clip_path(unique);
    free(unique);
    return path;
}

char *clip_make(const char *name, const char *const *args)
{
    char *path = unique_path(name, args);

    if (access(path, R_OK))
        run_ffmpeg(args, path);
    return path;
}

char *clip(const char *name, const char *args)
{
    enum {
        most = 48
    };
    const char *list[most] = {NULL};
    char *copy = strdup(args);
    char *rest = NULL;
    char *path;
    size_t n = 0;

    assert_non_null(copy);
    for (char *arg = strtok_r(copy, " ", &rest); arg; arg = strtok_r(NULL, " ", &rest)) {
        assert_true(n + 1 < most);
        list[n++] = arg;
    }
    path = clip_make(name, list);
    free(copy);
    return path;
}

static uint8_t *raw_frames(const char *path, const char *pix_fmt, bool keep, size_t *size)
{
    const char *const args[] = {"-i",       path,       "-vsync", "passthrough", "-f",
                                "rawvideo", "-pix_fmt", pix_fmt,  NULL};
    const char *base = strrchr(path, '/');
    char *name = NULL;
    char *raw;
    uint8_t *data;

    if (asprintf(&name, "%s.%s.raw", base ? base + 1 : path, pix_fmt) < 0)
        fail_msg("out of memory");
    raw = unique_path(name, args);
    if (!keep || access(raw, R_OK))
        run_ffmpeg(args, raw);
    data = file_read(raw, size);
    if (!keep)
        (void)unlink(raw);
    free(raw);
    free(name);
    return data;
}

uint8_t *clip_raw(const char *path, const char *pix_fmt, size_t *size)
{
    return raw_frames(path, pix_fmt, true, size);
}

uint8_t *file_raw(const char *path, const char *pix_fmt, size_t *size)
{
    return raw_frames(path, pix_fmt, false, size);
}

uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    struct stat info;
    uint8_t *data;

    if (!file || fstat(fileno(file), &info))
        fail_msg("%s: %s", path, strerror(errno));
    data = malloc((size_t)info.st_size + 1);
    assert_non_null(data);
    *size = fread(data, 1, (size_t)info.st_size, file);
    assert_int_equal(*size, info.st_size);
    assert_int_equal(fclose(file), 0);
    return data;
}

void file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (!file)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
