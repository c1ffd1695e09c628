/* Plans from the stages that were typed in: which of them share a pool follows from their order. */
#include "shape.h"

#include <string.h>

/* A stage as the planner takes it, with the requests it points to. */
struct part {
    struct vfa_plan_stage stage;
    mfxFrameAllocRequest in, out;
    mfxU16 depth_in, depth_out;
    size_t pool; /* which it fills; of an encoder, which it takes from */
};

struct shape {
    const struct command *command;
    struct part parts[MAX_STAGES];
    size_t sources, filters, sinks; /* in this order */
    struct plan_set *set;
};

static mfxFrameAllocRequest request(const struct need *need, const mfxFrameInfo *info)
{
    return (mfxFrameAllocRequest){.Info = *info,
                                  .Type = MFX_MEMTYPE_EXTERNAL_FRAME | MFX_MEMTYPE_SYSTEM_MEMORY,
                                  .NumFrameMin = need->min,
                                  .NumFrameSuggested = need->suggested};
}

/* A filter gives frames as the stage after it wants them. */
static void fill_parts(struct shape *shape)
{
    const struct command *command = shape->command;

    for (size_t i = 0; i < command->stage_count; i++) {
        const struct stage *stage = &command->stages[i];
        bool filter = stage->kind == STAGE_VPP && i + 1 < command->stage_count && !command->share;
        struct part *part = &shape->parts[i];
        part->in = request(&stage->in, &stage->info);
        part->out = request(&stage->out, filter ? &command->stages[i + 1].info : &stage->info);
        part->depth_in = stage->in.async_depth;
        part->depth_out = stage->out.async_depth;
        part->stage.name = stage->name;
    }
}

/* Sources, then filters, then sinks. */
static enum exit_code count_kinds(struct shape *shape)
{
    const struct command *command = shape->command;

    for (size_t i = 0; i < command->stage_count; i++) {
        if (i && command->stages[i].kind < command->stages[i - 1].kind)
            return fail(EXIT_USAGE, "--%s after --%s: stages go from --decode through --vpp to --encode",
                        command->stages[i].kind == STAGE_DECODE ? "decode" : "vpp",
                        command->stages[i - 1].kind == STAGE_ENCODE ? "encode" : "vpp");
        size_t *counts[] = {&shape->sources, &shape->filters, &shape->sinks};
        ++*counts[command->stages[i].kind];
    }
    if (shape->sources > 1 && !shape->filters && !command->share)
        return fail(EXIT_USAGE, "several --decode need a --vpp that composes them, or --share");
    return EXIT_DONE;
}

/* In words, what the planner says of two stages. */
static enum exit_code explain(mfxStatus status, const char *what)
{
    switch (status) {
    case MFX_ERR_NONE:
        return EXIT_DONE;
    case MFX_ERR_MEMORY_ALLOC:
        return fail(EXIT_UNSUPPORTED,
                    "%s: SUGGESTED is less than ASYNC, so that AsyncDepth cannot be reached", what);
    case MFX_ERR_INVALID_VIDEO_PARAM:
        return fail(EXIT_UNSUPPORTED, "%s: the stages cannot share frames, their formats differ", what);
    default:
        return fail(EXIT_INTERNAL, "%s: the planner answers %s", what, vfa_status_name(status));
    }
}

/* The pool that `from` fills (NULL: the application does) and `count` parts take from. */
static enum exit_code plan_pool(struct shape *shape, const struct part *from, struct part *to, size_t count)
{
    bool fan_out = shape->command->in_step && count > 1;
    struct vfa_plan *plan = &shape->set->plans[shape->set->count++];
    char name[3 * VFA_PLAN_NAME_MAX];
    mfxStatus status = MFX_ERR_NONE;

    snprintf(name, sizeof name, "%s%s%s%s", from ? from->stage.name : "", from && count ? "->" : "",
             count ? to->stage.name : "", count > 1 ? ", ..." : "");
    (void)vfa_plan_init(plan, name);
    if (from)
        status = vfa_plan_add(plan, from->stage.name, &from->out, from->depth_out);
    for (size_t i = 0; i < count && status == MFX_ERR_NONE; i++) {
        status = vfa_plan_add(plan, to[i].stage.name, &to[i].in, to[i].depth_in);
        if (status == MFX_ERR_NONE && fan_out)
            status = vfa_plan_branch(plan);
    }
    return explain(status, name);
}

static enum exit_code plan_composition(struct shape *shape)
{
    struct vfa_plan_stage sources[MAX_STAGES], composer = shape->parts[shape->sources].stage;

    composer.in = &shape->parts[shape->sources].in;
    composer.async_depth = shape->parts[shape->sources].depth_in;
    for (size_t i = 0; i < shape->sources; i++) {
        sources[i] = shape->parts[i].stage;
        sources[i].out = &shape->parts[i].out;
        sources[i].async_depth = shape->parts[i].depth_out;
        shape->parts[i].pool = i;
    }
    shape->set->count = shape->sources;
    return explain(vfa_plan_compose(sources, shape->sources, &composer, shape->set->plans), "composition");
}

/* What flows into the first filter, or into the encoders where there is none; then on from each filter. */
static enum exit_code plan_stages(struct shape *shape)
{
    struct part *filter = shape->parts + shape->sources, *sinks = filter + shape->filters;
    enum exit_code code = EXIT_DONE;

    if (shape->sources > 1)
        code = plan_composition(shape);
    else if (shape->filters)
        code = plan_pool(shape, shape->sources ? shape->parts : NULL, filter, 1);
    else
        code = plan_pool(shape, shape->sources ? shape->parts : NULL, sinks, shape->sinks);
    for (size_t i = 0; i < shape->filters && code == EXIT_DONE; i++) {
        bool last = i + 1 == shape->filters;
        filter[i].pool = shape->set->count;
        code = plan_pool(shape, &filter[i], &filter[i + 1], last ? shape->sinks : 1);
    }
    for (size_t i = 0; i < shape->sinks; i++)
        sinks[i].pool = shape->set->count - 1;
    return code;
}

static enum exit_code plan_shared(struct shape *shape)
{
    struct vfa_plan *plan = shape->set->plans;
    mfxStatus status = vfa_plan_init(plan, "shared");

    shape->set->count = 1;
    for (size_t i = 0; i < shape->command->stage_count && status == MFX_ERR_NONE; i++) {
        const struct part *part = &shape->parts[i];
        enum stage_kind kind = shape->command->stages[i].kind;
        char name[VFA_PLAN_NAME_MAX + 8];
        if (kind != STAGE_DECODE) {
            snprintf(name, sizeof name, "%s%s", part->stage.name, kind == STAGE_VPP ? " in" : "");
            status = vfa_plan_add(plan, name, &part->in, part->depth_in);
        }
        if (kind != STAGE_ENCODE && status == MFX_ERR_NONE) {
            snprintf(name, sizeof name, "%s%s", part->stage.name, kind == STAGE_VPP ? " out" : "");
            status = vfa_plan_add(plan, name, &part->out, part->depth_out);
        }
    }
    return explain(status, "--share");
}

enum exit_code add_hold_to(struct vfa_plan *plan, const struct hold *hold)
{
    mfxStatus status = vfa_plan_hold(plan, hold->name, hold->count);

    return status == MFX_ERR_NONE
               ? EXIT_DONE
               : fail(EXIT_UNSUPPORTED, "--hold %s: more terms than a plan has room for", hold->name);
}

enum exit_code shape_plan(const struct command *command, struct plan_set *set)
{
    struct shape shape = {.command = command, .set = set};
    enum exit_code code = count_kinds(&shape);

    if (code != EXIT_DONE)
        return code;
    fill_parts(&shape);
    code = command->share ? plan_shared(&shape) : plan_stages(&shape);
    for (size_t i = 0; i < command->hold_count && code == EXIT_DONE; i++) {
        const struct hold *hold = &command->holds[i];
        code = add_hold_to(&set->plans[hold->after ? shape.parts[hold->after - 1].pool : 0], hold);
    }
    return code;
}
