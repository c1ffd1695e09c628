/* OUTPUT as a name: the file, pipe or address it stands for, and what would be lost by writing there. */
#include "target.h"

#include <errno.h>
#include <libavutil/mem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Devices and terminals keep nothing that could be mixed up. */
bool target_is_stdout(const char *output)
{
    const char *name = target_file_name(target_url(output));
    struct stat to, standard;

    if (!strcmp(target_url(output), "pipe:1") || !strcmp(target_url(output), "pipe:"))
        return true;
    return name && stat(name, &to) == 0 && fstat(STDOUT_FILENO, &standard) == 0 &&
           same_file(&to, &standard) && !S_ISCHR(to.st_mode);
}

const char *target_url(const char *output)
{
    return strcmp(output, "-") ? output : "pipe:1";
}

const char *target_file_name(const char *url)
{
    const char *protocol = avio_find_protocol_name(url);

    if (!protocol || strcmp(protocol, "file") != 0)
        return NULL;
    return strncmp(url, "file:", strlen("file:")) ? url : url + strlen("file:");
}

/* libavformat reads "tee:a.mp4" and "md5:a.mp4" as ways to write other files, which nobody looks at here.
 * Addresses of the network have a "//". */
static enum exit_code check_protocol(const char *url)
{
    const char *colon = strchr(url, ':');
    const char *protocol = avio_find_protocol_name(url);

    if (protocol && (!strcmp(protocol, "file") || !strcmp(protocol, "pipe") ||
                     (colon && !strncmp(colon, "://", strlen("://")))))
        return EXIT_DONE;
    return fail(EXIT_USAGE,
                "'%s' begins like an address, and is none that OUTPUT may be; a file of that name is './%s'",
                url, url);
}

/* Is there a file that must not be lost? *out is zeroed where there is none. */
static enum exit_code find(const struct options *options, const char *url, struct stat *out)
{
    const char *name = target_file_name(url);
    const char *input = target_file_name(options->input);
    struct stat in;

    memset(out, 0, sizeof *out);
    if (!name || stat(name, out) != 0) {
        memset(out, 0, sizeof *out);
        return EXIT_DONE;
    }
    if (S_ISDIR(out->st_mode))
        return EXIT_OUTPUT;
    if (!S_ISREG(out->st_mode)) /* devices and pipes are no files to lose */
        return EXIT_DONE;
    if (input && stat(input, &in) == 0 && same_file(&in, out))
        return EXIT_USAGE;
    return options->overwrite ? EXIT_DONE : EXIT_EXISTS;
}

enum exit_code target_check(const struct options *options)
{
    struct stat there;
    enum exit_code code = check_protocol(target_url(options->output));

    if (code != EXIT_DONE)
        return code;
    code = find(options, target_url(options->output), &there);
    if (code == EXIT_USAGE)
        return fail(code, "INPUT and OUTPUT are the same file");
    if (code == EXIT_OUTPUT)
        return fail(code, "'%s' is a directory", options->output);
    if (code == EXIT_EXISTS)
        return fail(code, "'%s' exists; --overwrite replaces it", options->output);
    return EXIT_DONE;
}

static bool wrote(const struct target *target, const struct stat *file)
{
    for (size_t i = 0; i < target->written_count; i++)
        if (target->written[i].device == file->st_dev && target->written[i].number == file->st_ino)
            return true;
    return false;
}

/* Without memory for it the file is one that is not opened again. */
static void remember(struct target *target, const char *url)
{
    const char *name = target_file_name(url);
    struct stat file;

    if (target->options->overwrite || !name || stat(name, &file) != 0 || wrote(target, &file))
        return;
    struct target_file *grown =
        av_realloc_array(target->written, target->written_count + 1, sizeof *target->written);
    if (!grown)
        return;
    target->written = grown;
    grown[target->written_count++] = (struct target_file){file.st_dev, file.st_ino};
}

static int open_guarded(AVFormatContext *format, AVIOContext **out, const char *url, int flags,
                        AVDictionary **options)
{
    struct target *target = format->opaque;
    struct stat there;

    if (flags & AVIO_FLAG_WRITE) {
        enum exit_code code = find(target->options, url, &there);
        if (code != EXIT_DONE && code != EXIT_OUTPUT && !wrote(target, &there)) {
            av_freep(&target->refused);
            target->refused = av_strdup(url);
            return AVERROR(EEXIST);
        }
    }
    int error = avio_open2(out, url, flags, &format->interrupt_callback, options);
    if (error >= 0 && (flags & AVIO_FLAG_WRITE))
        remember(target, url);
    return error;
}

void target_guard(struct target *target, const struct options *options, AVFormatContext *format)
{
    *target = (struct target){.options = options};
    format->opaque = target;
    format->io_open = open_guarded;
}

void target_finish(struct target *target)
{
    av_freep(&target->written);
    av_freep(&target->refused);
    target->written_count = 0;
}
