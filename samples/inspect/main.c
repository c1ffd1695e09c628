/* vfa-inspect: what a VA driver makes of every frame format. */
#include "json.h"
#include "options.h"
#include "survey.h"
#include "views.h"

#include <stdio.h>

/* What asks no device. */
static enum exit_code print_reference(const struct options *options)
{
    bool complete = true;
    if (options->output != OUTPUT_JSON)
        complete = options->list ? view_formats(options) : view_statuses(options);
    else if (options->list)
        json_formats(options);
    else
        json_statuses();
    if (complete)
        return EXIT_DONE;
    fprintf(stderr, "vfa-inspect: out of memory\n");
    return EXIT_FAILED;
}

static bool print_survey(const struct survey *survey)
{
    if (survey->options->output != OUTPUT_JSON)
        return view_survey(survey);
    json_survey(survey);
    return true;
}

static enum exit_code inspect(const struct options *options)
{
    struct survey survey;
    enum exit_code code = survey_run(&survey, options);
    if (code == EXIT_DONE && !print_survey(&survey)) {
        fprintf(stderr, "vfa-inspect: out of memory\n");
        code = EXIT_FAILED;
    }
    survey_end(&survey);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    enum exit_code code = options_read(&options, argc, argv);
    if (code != EXIT_DONE)
        return (int)code;
    if (options.help)
        options_help();
    else if (options.list || options.statuses)
        code = print_reference(&options);
    else
        code = inspect(&options);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("vfa-inspect: writing the output");
        return EXIT_FAILED;
    }
    return (int)code;
}
