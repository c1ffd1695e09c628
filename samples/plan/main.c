/* vfa-plan: how many surfaces a pipeline needs, and why; from numbers typed in, or of a file and a runtime.
 */
#include "command.h"
#include "shape.h"
#include "source.h"

#include <libavutil/log.h>
#include <stdlib.h>
#include <vfa/vfa.h>

const char program_name[] = "vfa-plan";

typedef size_t writer(const struct vfa_plan *plans, size_t count, char *text, size_t bytes);

static enum exit_code flush(const char *what)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return fail(EXIT_OUTPUT, "%s cannot be written to stdout", what);
    return EXIT_DONE;
}

static enum exit_code print(const struct plan_set *set, bool json)
{
    writer *write = json ? vfa_plan_json : vfa_plan_print;
    size_t bytes = write(set->plans, set->count, NULL, 0) + 1;
    char *text = malloc(bytes);

    if (!text)
        return fail_memory("the plan's text");
    write(set->plans, set->count, text, bytes);
    fputs(text, stdout);
    free(text);
    return flush("the plan");
}

/* Also what does not fit is printed: it says what the least would be. */
static enum exit_code fit(struct plan_set *set, const struct command *command)
{
    struct vfa_plan_total total;

    if (!command->has_budget)
        return EXIT_DONE;
    mfxStatus status = vfa_plan_fit(set->plans, set->count, command->budget, &total);
    if (status == MFX_ERR_NONE)
        return EXIT_DONE;
    if (status == MFX_ERR_MEMORY_ALLOC)
        return fail(EXIT_MEMORY, "--budget %llu: not even the minimum fits, %llu surfaces of %llu bytes",
                    (unsigned long long)command->budget, (unsigned long long)total.min,
                    (unsigned long long)total.bytes_min);
    return fail(EXIT_UNSUPPORTED, "--budget: the frames' size is not known: %s", vfa_status_name(status));
}

static enum exit_code plan(const struct command *command)
{
    struct plan_set set = {.count = 0};
    enum exit_code code = command->source.input ? source_plan(command, &set) : shape_plan(command, &set);

    if (code != EXIT_DONE)
        return code;
    enum exit_code fits = fit(&set, command);
    code = print(&set, command->json);
    return code == EXIT_DONE ? fits : code;
}

int main(int argc, char **argv)
{
    struct command command;
    enum exit_code code = command_parse(&command, argc, argv);

    if (code != EXIT_DONE)
        return (int)code;
    if (command.help)
        return (int)flush("the help");
    av_log_set_level(command.source.verbose ? AV_LOG_INFO : AV_LOG_FATAL);
    return (int)plan(&command);
}
