/* Plans of a file, by the very stages that sample_transcode would run: the numbers are those it works with.
 */
#include "source.h"

#include "pipeline.h"

enum exit_code source_plan(const struct command *command, struct plan_set *set)
{
    struct pipeline pipeline;
    enum exit_code code = pipeline_prepare(&pipeline, &command->source);

    if (code == EXIT_DONE)
        code = pipeline_plan(&pipeline, set->plans, &set->count);
    for (size_t i = 0; i < command->hold_count && code == EXIT_DONE; i++)
        code = add_hold_to(&set->plans[set->count - 1], &command->holds[i]);
    pipeline_close(&pipeline);
    return code;
}
