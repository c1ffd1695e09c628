/* Throughput and memory of the sample transcoder beside ffmpeg: same clip, codec, preset, GOP, B frames,
 * quality and threads; the two take turns within each round, and the one that begins changes from round to
 * round, so that a machine that slows down slows both. */
#include "child.h"
#include "summary.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ROUNDS 99
#define PATH_BYTES 4096

struct options {
    const char *transcode, *softrt, *clip, *work, *preset, *only;
    size_t rounds;
    unsigned long frames;
};

/* What is transcoded to what. */
struct task {
    const char *name;
    const char *codec;   /* sample_transcode's word */
    const char *encoder; /* ffmpeg's word for the encoder that the software runtime uses for it */
    const char *quality, *gop, *bframes;
};

static const struct task tasks[] = {
    {"AVC to AVC", "h264", "libx264", "23", "250", "3"},
    {"AVC to HEVC", "hevc", "libx265", "28", "250", "4"},
};

enum {
    OURS,
    FFMPEG,
    CONTESTANTS
};

static const char *const contestant_name[CONTESTANTS] = {"sample_transcode", "ffmpeg"};

struct record {
    double wall_s[MAX_ROUNDS], cpu_s[MAX_ROUNDS], peak_mib[MAX_ROUNDS];
    long long output_bytes;
};

static void output_path(const struct options *options, const struct task *task, int who, const char *suffix,
                        char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/bench-%s-%s%s", options->work, contestant_name[who], task->codec, suffix);
}

static int run_ours(const struct options *options, const struct task *task, const char *output,
                    const char *log, struct child_result *result)
{
    const char *argv[] = {options->transcode, "--codec",     task->codec,   "--preset", options->preset,
                          "--quality",        task->quality, "--gop",       task->gop,  "--bframes",
                          task->bframes,      "--overwrite", options->clip, output,     NULL};
    return child_run((char *const *)argv, "ONEVPL_PRIORITY_PATH", options->softrt, log, result);
}

static int run_ffmpeg(const struct options *options, const struct task *task, const char *output,
                      const char *log, struct child_result *result)
{
    const char *argv[] = {"ffmpeg",        "-nostdin", "-v",          "error", "-y",          "-i",
                          options->clip,   "-c",       "copy",        "-c:v",  task->encoder, "-preset",
                          options->preset, "-crf",     task->quality, "-g",    task->gop,     "-bf",
                          task->bframes,   output,     NULL};
    return child_run((char *const *)argv, NULL, NULL, log, result);
}

/* One run of one contestant, written to `record` as number `round`. */
static int run_one(const struct options *options, const struct task *task, int who, size_t round,
                   struct record *record)
{
    char output[PATH_BYTES], log[PATH_BYTES];
    struct child_result result;
    struct stat file;
    output_path(options, task, who, ".mp4", output);
    output_path(options, task, who, ".log", log);
    int status = who == OURS ? run_ours(options, task, output, log, &result)
                             : run_ffmpeg(options, task, output, log, &result);
    if (status != 0)
        return -1;
    if (stat(output, &file) != 0) {
        fprintf(stderr, "%s: %s\n", output, strerror(errno));
        return -1;
    }
    record->wall_s[round] = result.wall_s;
    record->cpu_s[round] = result.cpu_s;
    record->peak_mib[round] = result.peak_mib;
    record->output_bytes = (long long)file.st_size;
    return 0;
}

static void print_record(const struct options *options, int who, struct record *record)
{
    struct summary wall = summarise(record->wall_s, options->rounds);
    struct summary cpu = summarise(record->cpu_s, options->rounds);
    struct summary peak = summarise(record->peak_mib, options->rounds);
    double frames = (double)options->frames;
    printf("  %-17s %7.1f fps  (%.1f to %.1f)  CPU %6.2f s  peak memory %6.1f MiB  output %lld bytes\n",
           contestant_name[who], frames / wall.median, frames / wall.highest, frames / wall.lowest,
           cpu.median, peak.median, record->output_bytes);
}

static int run_task(const struct options *options, const struct task *task)
{
    static struct record record[CONTESTANTS];
    double ratio[MAX_ROUNDS];
    /* Once before measuring: files in the cache, programs loaded. */
    for (int who = 0; who < CONTESTANTS; who++)
        if (run_one(options, task, who, 0, &record[who]) != 0)
            return -1;
    for (size_t round = 0; round < options->rounds; round++) {
        for (int turn = 0; turn < CONTESTANTS; turn++) {
            int who = (int)((round + (size_t)turn) % CONTESTANTS);
            if (run_one(options, task, who, round, &record[who]) != 0)
                return -1;
        }
        ratio[round] = record[FFMPEG].wall_s[round] / record[OURS].wall_s[round];
    }
    printf("%s, preset %s, quality %s, GOP %s, %s B frames; medians of %zu rounds of %lu frames\n",
           task->name, options->preset, task->quality, task->gop, task->bframes, options->rounds,
           options->frames);
    for (int who = 0; who < CONTESTANTS; who++)
        print_record(options, who, &record[who]);
    struct summary ratios = summarise(ratio, options->rounds);
    printf("  throughput relative to ffmpeg: %.3f  (rounds: %.3f to %.3f)\n", ratios.median, ratios.lowest,
           ratios.highest);
    fflush(stdout);
    return 0;
}

static int parse_number(const char *text, unsigned long highest, unsigned long *out)
{
    char *end;
    errno = 0;
    *out = strtoul(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 1 && *out <= highest ? 0 : -1;
}

static void usage(FILE *stream)
{
    fputs("Usage: transcode_bench --transcode PROGRAM --softrt FOLDER --clip FILE --work FOLDER [OPTION]...\n"
          "  --rounds N     rounds to measure, 1 to 99 (default 5)\n"
          "  --only CODEC   h264 or hevc: only this output (default both)\n"
          "  --preset NAME  for both programs (default medium)\n"
          "  --frames N     frames in the clip, for the fps (default 300)\n",
          stream);
}

/* 0: go on; otherwise main's exit status plus one. */
static int parse_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"transcode", required_argument, NULL, 't'},
        {"softrt", required_argument, NULL, 's'},
        {"clip", required_argument, NULL, 'c'},
        {"work", required_argument, NULL, 'w'},
        {"rounds", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},
        {"preset", required_argument, NULL, 'p'},
        {"frames", required_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, bad = 0;
    unsigned long rounds = 5;
    *options = (struct options){.preset = "medium", .frames = 300};
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        switch (option) {
        case 't':
            options->transcode = optarg;
            break;
        case 's':
            options->softrt = optarg;
            break;
        case 'c':
            options->clip = optarg;
            break;
        case 'w':
            options->work = optarg;
            break;
        case 'r':
            bad |= parse_number(optarg, MAX_ROUNDS, &rounds);
            break;
        case 'o':
            options->only = optarg;
            break;
        case 'p':
            options->preset = optarg;
            break;
        case 'f':
            bad |= parse_number(optarg, 1000000, &options->frames);
            break;
        case 'h':
            usage(stdout);
            return 1;
        default:
            bad = 1;
        }
    }
    options->rounds = rounds;
    if (bad || optind != argc || !options->transcode || !options->softrt || !options->clip ||
        !options->work) {
        usage(stderr);
        return 3;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    int done = 0, status = parse_options(argc, argv, &options);
    if (status != 0)
        return status - 1;
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        if (options.only && strcmp(options.only, tasks[i].codec) != 0)
            continue;
        if (run_task(&options, &tasks[i]) != 0)
            return 1;
        done++;
    }
    if (done == 0) {
        fprintf(stderr, "transcode_bench: nothing to do: --only takes h264 or hevc, not '%s'\n",
                options.only);
        return 2;
    }
    return 0;
}
