/* Plans from the stages that were typed in. */
#ifndef PLAN_SHAPE_H
#define PLAN_SHAPE_H

#include "command.h"

/* A pool for each --decode or --vpp, and one for encoders without. */
struct plan_set {
    struct vfa_plan plans[MAX_STAGES + 1];
    size_t count;
};

enum exit_code shape_plan(const struct command *command, struct plan_set *set);

/* Adds a --hold to a plan. */
enum exit_code add_hold_to(struct vfa_plan *plan, const struct hold *hold);

#endif
