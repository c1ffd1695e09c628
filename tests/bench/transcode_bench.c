/* Throughput and memory of the sample transcoder beside ffmpeg: same clip, codec, preset, GOP, B frames,
 * quality and threads; the two take turns within each round, and the one that begins changes from round to
 * round, so that a machine that slows down slows both. */
#include "child.h"
#include "figures.h"
#include "summary.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ROUNDS SUMMARY_MAX_ROUNDS
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
static const char *const word[CONTESTANTS] = {"ours", "ffmpeg"}; /* in names of figures */

static struct figures *figures;

struct record {
    double wall_s[MAX_ROUNDS], cpu_s[MAX_ROUNDS], peak_mib[MAX_ROUNDS];
    double pool_mib; /* planned, of ours */
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
    const char *argv[] = {options->transcode, "--codec",     task->codec,   "--preset",
                          options->preset,    "--quality",   task->quality, "--gop",
                          task->gop,          "--bframes",   task->bframes, "--overwrite",
                          "--json",           options->clip, output,        NULL};
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

/* The bytes of the pools that sample_transcode planned, from what it said with --json; each pool is a line.
 * 0: there are none. */
static double planned_mib(const char *log)
{
    char line[1024];
    double bytes = 0;
    FILE *from = fopen(log, "r");
    while (from && fgets(line, sizeof line, from)) {
        const char *planned = strstr(line, "\"planned\":"), *size = strstr(line, "\"bytes\": ");
        if (planned && size)
            bytes += strtod(size + strlen("\"bytes\": "), NULL);
    }
    if (from)
        (void)fclose(from);
    return bytes / (1 << 20);
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
    if (who == OURS && (record->pool_mib = planned_mib(log)) <= 0) {
        fprintf(stderr, "%s: sample_transcode does not say how large its pools are\n", log);
        return -1;
    }
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

static void keep_one(const struct task *task, const char *what, const char *text, const char *unit,
                     const double *values, size_t rounds)
{
    char name[128], words[192];
    (void)snprintf(name, sizeof name, "%s_%s", task->codec, what);
    (void)snprintf(words, sizeof words, "%s, %s", task->name, text);
    figures_add(figures, &(struct figure){name, words, unit, 0}, values, rounds);
}

/* Values of ours against ffmpeg's. The peak against ffmpeg's and the planned pools together. */
static void keep_record(const struct options *options, const struct task *task, struct record *record)
{
    double fps[CONTESTANTS][MAX_ROUNDS], ratio[MAX_ROUNDS], allowed[MAX_ROUNDS];
    char name[64], text[128];
    for (int who = 0; who < CONTESTANTS; who++) {
        const char *maker = contestant_name[who];
        for (size_t i = 0; i < options->rounds; i++)
            fps[who][i] = (double)options->frames / record[who].wall_s[i];
        (void)snprintf(name, sizeof name, "%s_fps", word[who]);
        keep_one(task, name, maker, "fps", fps[who], options->rounds);
        (void)snprintf(name, sizeof name, "%s_cpu", word[who]);
        (void)snprintf(text, sizeof text, "%s, CPU time", maker);
        keep_one(task, name, text, "s", record[who].cpu_s, options->rounds);
        (void)snprintf(name, sizeof name, "%s_peak", word[who]);
        (void)snprintf(text, sizeof text, "%s, memory at the peak", maker);
        keep_one(task, name, text, "MiB", record[who].peak_mib, options->rounds);
    }
    keep_one(task, "pools", "planned pools", "MiB", &record[OURS].pool_mib, 1);
    for (size_t i = 0; i < options->rounds; i++) {
        ratio[i] = fps[OURS][i] / fps[FFMPEG][i];
        allowed[i] = record[OURS].peak_mib[i] / (record[FFMPEG].peak_mib[i] + record[OURS].pool_mib);
    }
    keep_one(task, "fps_of_ffmpeg", "fps, of ffmpeg's", "ratio", ratio, options->rounds);
    for (size_t i = 0; i < options->rounds; i++)
        ratio[i] = record[OURS].cpu_s[i] / record[FFMPEG].cpu_s[i];
    keep_one(task, "cpu_of_ffmpeg", "CPU time, of ffmpeg's", "ratio", ratio, options->rounds);
    keep_one(task, "peak_of_both", "peak, of ffmpeg's and the planned pools together", "ratio", allowed,
             options->rounds);
}

static int run_task(const struct options *options, const struct task *task)
{
    static struct record record[CONTESTANTS];
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
    }
    keep_record(options, task, record);
    struct summary ratios = summarise_ratio(record[FFMPEG].wall_s, record[OURS].wall_s,
                                            options->rounds); /* before it is sorted */
    printf("%s, preset %s, quality %s, GOP %s, %s B frames; medians of %zu rounds of %lu frames\n",
           task->name, options->preset, task->quality, task->gop, task->bframes, options->rounds,
           options->frames);
    for (int who = 0; who < CONTESTANTS; who++)
        print_record(options, who, &record[who]);
    printf("  planned pools: %.1f MiB\n", record[OURS].pool_mib);
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
    figures = figures_open("transcode");
    int failed = !figures;
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0] && !failed; i++) {
        if (options.only && strcmp(options.only, tasks[i].codec) != 0)
            continue;
        failed = run_task(&options, &tasks[i]);
        done++;
    }
    failed |= figures_close(figures, !failed && done > 0);
    if (!failed && done == 0) {
        fprintf(stderr, "transcode_bench: nothing to do: --only takes h264 or hevc, not '%s'\n",
                options.only);
        return 2;
    }
    return failed ? 1 : 0;
}
