/* sample_transcode: transcodes a video through VPL, every frame in memory of libvfa.
 *
 * Where to look: pipeline.c has the stages and how frames go through them; decoder.c, vpp.c and encoder.c
 * each one VPL component's calls; setup.c Query and QueryIOSurf, formats and surface counts; pools.c the
 * surfaces; runtime.c dispatcher, session and allocator; device.c VA-API surfaces. The rest is files:
 * input.c, output.c, timestamps.c.
 */
#include "interrupt.h"
#include "options.h"
#include "pipeline.h"
#include "progress.h"
#include "report.h"
#include "target.h"

#include <fcntl.h>
#include <libavutil/log.h>
#include <unistd.h>

const char program_name[] = "sample_transcode";

/* What cannot be told to the user any more, the caller still sees. */
static enum exit_code flush_reports(FILE *to, enum exit_code code)
{
    bool lost = fflush(to) != 0 || ferror(to);

    if (!lost || code != EXIT_DONE)
        return code;
    return fail(EXIT_OUTPUT, "the report cannot be written to stdout");
}

/* Whoever is started without them would open OUTPUT as stdout, and print into it. What takes their place can
 * be used the wrong way round only, and fails like what is closed. */
static void occupy_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static enum exit_code transcode(const struct options *options)
{
    bool output_is_stdout = target_is_stdout(options->output);
    FILE *people = options->json || output_is_stdout ? stderr : stdout;
    struct pipeline pipeline;
    struct progress progress;
    struct pipeline_watcher watcher = {progress_tick, &progress};

    if (options->json && output_is_stdout)
        return fail(EXIT_USAGE, "--json writes to stdout, and so does OUTPUT '%s': give OUTPUT another name",
                    options->output);
    enum exit_code code = pipeline_open(&pipeline, options);
    if (code != EXIT_DONE) {
        pipeline_close(&pipeline);
        return code;
    }
    if (options->plan)
        report_plan(people, &pipeline);
    progress_start(&progress);
    code = pipeline_run(&pipeline, &watcher);
    double seconds = progress_now() - progress.started;
    progress_stop(&progress);
    if (code == EXIT_DONE && pipeline.interrupted)
        code = EXIT_INTERRUPTED;
    if (options->stats)
        report_stats(people, &pipeline);
    if (code == EXIT_DONE || code == EXIT_INTERRUPTED)
        report_summary(people, &pipeline, seconds);
    if (options->json)
        report_json(stdout, &pipeline, seconds, code);
    pipeline_close(&pipeline);
    return flush_reports(stdout, code);
}

int main(int argc, char **argv)
{
    struct options options;
    bool help;

    occupy_standard_files();
    enum exit_code code = options_parse(&options, argc, argv, &help);

    if (code != EXIT_DONE || help)
        return (int)flush_reports(stdout, code);
    av_log_set_level(options.verbose ? AV_LOG_INFO : AV_LOG_FATAL);
    interrupt_install();
    return (int)transcode(&options);
}
