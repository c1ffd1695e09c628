/* vfa-inspect: what a VA driver makes of every frame format. */
#include "json.h"
#include "options.h"
#include "survey.h"
#include "views.h"

#include <stdio.h>

static bool print_formats(const struct options *options)
{
    if (options->output != OUTPUT_JSON)
        return view_formats(options);
    json_formats(options);
    return true;
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
        return code;
    if (options.help) {
        options_help();
    } else if (!options.list) {
        code = inspect(&options);
    } else if (!print_formats(&options)) {
        fprintf(stderr, "vfa-inspect: out of memory\n");
        code = EXIT_FAILED;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("vfa-inspect: writing the output");
        return EXIT_FAILED;
    }
    return code;
}
