/* vfa-conform: where does an mfxFrameAllocator break the contract between a VPL runtime and its application?
 */
#include "report.h"

#include <stdio.h>

static size_t count_wanted(const struct options *options)
{
    size_t count = 0;
    for (size_t i = 0; i < conform_rule_count; i++)
        count += options_want(options, &conform_rules[i]);
    return count;
}

static void count_result(struct tally *tally, const struct conform_result *result)
{
    if (result->outcome == CONFORM_PASSED)
        tally->passed++;
    else if (result->outcome == CONFORM_SKIPPED)
        tally->skipped++;
    else if (result->rule->level == MUST)
        tally->failed_must++;
    else
        tally->failed_should++;
}

static enum exit_code judge(const struct options *options)
{
    struct conform_verdict subject;
    struct tally tally = {0};
    size_t number = 0;
    if (conform_probe(&options->run, &subject) != CONFORM_PASSED) {
        report_trouble(options, subject.what);
        return EXIT_TROUBLE;
    }
    report_begin(options, &subject, count_wanted(options));
    for (size_t i = 0; i < conform_rule_count; i++) {
        struct conform_result result;
        if (!options_want(options, &conform_rules[i]))
            continue;
        conform_run_rule(&options->run, &subject, &conform_rules[i], &result);
        count_result(&tally, &result);
        report_result(options, &result, ++number);
    }
    report_end(options, &tally);
    bool broken = tally.failed_must || (options->strict && tally.failed_should);
    return broken ? EXIT_BROKEN : EXIT_CONFORMS;
}

int main(int argc, char **argv)
{
    struct options options;
    enum exit_code code = EXIT_CONFORMS;
    if (!options_read(&options, argc, argv))
        return EXIT_TROUBLE;
    if (options.help)
        options_help();
    else if (options.list)
        report_rules(&options);
    else
        code = judge(&options);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("vfa-conform: writing the output");
        return EXIT_TROUBLE;
    }
    return (int)code;
}
