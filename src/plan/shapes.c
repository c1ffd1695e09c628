/* Pools of whole pipelines: chains, one stage that feeds several, several that feed one. */
#include <stdio.h>
#include <vfa/plan.h>

static const char *name_of(const struct vfa_plan_stage *stage)
{
    return stage->name ? stage->name : "component";
}

/* An empty plan named after the stages it lies between. */
static void begin(struct vfa_plan *plan, const struct vfa_plan_stage *from, const struct vfa_plan_stage *to,
                  const char *more)
{
    char name[4 * VFA_PLAN_NAME_MAX];
    (void)snprintf(name, sizeof name, "%s->%s%s", name_of(from), name_of(to), more);
    (void)vfa_plan_init(plan, name); /* cannot fail: it is there */
}

static mfxStatus plan_link(const struct vfa_plan_stage *from, const struct vfa_plan_stage *to,
                           mfxU16 depth_of_to, struct vfa_plan *plan)
{
    begin(plan, from, to, "");
    mfxStatus status = vfa_plan_add(plan, from->name, from->out, from->async_depth);
    if (status == MFX_ERR_NONE)
        status = vfa_plan_add(plan, to->name, to->in, depth_of_to);
    return status;
}

static mfxStatus clear_on_error(struct vfa_plan *plans, size_t count, mfxStatus status)
{
    for (size_t i = 0; i < count && status != MFX_ERR_NONE; i++)
        (void)vfa_plan_init(&plans[i], NULL);
    return status;
}

mfxStatus vfa_plan_chain(const struct vfa_plan_stage *stages, size_t count, struct vfa_plan *plans)
{
    if (!stages || !plans)
        return MFX_ERR_NULL_PTR;
    if (count < 2)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = MFX_ERR_NONE;
    for (size_t i = 0; i + 1 < count && status == MFX_ERR_NONE; i++)
        status = plan_link(&stages[i], &stages[i + 1], stages[i + 1].async_depth, &plans[i]);
    return clear_on_error(plans, count - 1, status);
}

static mfxStatus add_consumers(const struct vfa_plan_stage *to, size_t count, int in_step,
                               struct vfa_plan *plan)
{
    mfxStatus status = MFX_ERR_NONE;
    for (size_t i = 0; i < count && status == MFX_ERR_NONE; i++) {
        status = vfa_plan_add(plan, to[i].name, to[i].in, to[i].async_depth);
        if (status == MFX_ERR_NONE && in_step)
            status = vfa_plan_branch(plan);
    }
    return status;
}

mfxStatus vfa_plan_fan_out(const struct vfa_plan_stage *from, const struct vfa_plan_stage *to, size_t count,
                           int in_step, struct vfa_plan *plan)
{
    if (!from || !to || !plan)
        return MFX_ERR_NULL_PTR;
    mfxStatus status = MFX_ERR_INVALID_VIDEO_PARAM;
    if (count) {
        begin(plan, from, to, count > 1 ? ", ..." : "");
        status = vfa_plan_add(plan, from->name, from->out, from->async_depth);
    }
    if (status == MFX_ERR_NONE)
        status = add_consumers(to, count, in_step, plan);
    return clear_on_error(plan, 1, status);
}

/* Frames are as large as their source makes them: the composer's own size is that of the largest. */
static mfxStatus compose_one(const struct vfa_plan_stage *source, const struct vfa_plan_stage *composer,
                             struct vfa_plan *plan)
{
    struct vfa_plan_stage taker = *composer;
    mfxFrameAllocRequest in = *composer->in;
    if (source->out) {
        in.Info.Width = source->out->Info.Width;
        in.Info.Height = source->out->Info.Height;
    }
    taker.in = &in;
    return plan_link(source, &taker, 0, plan);
}

mfxStatus vfa_plan_compose(const struct vfa_plan_stage *sources, size_t count,
                           const struct vfa_plan_stage *composer, struct vfa_plan *plans)
{
    if (!sources || !composer || !plans)
        return MFX_ERR_NULL_PTR;
    if (!count)
        return MFX_ERR_INVALID_VIDEO_PARAM;
    mfxStatus status = composer->in ? MFX_ERR_NONE : MFX_ERR_NULL_PTR;
    for (size_t i = 0; i < count && status == MFX_ERR_NONE; i++)
        status = compose_one(&sources[i], composer, &plans[i]);
    return clear_on_error(plans, count, status);
}
