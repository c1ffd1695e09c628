/* What the planner's parts share. */
#ifndef VFA_PLAN_PLAN_H
#define VFA_PLAN_PLAN_H

#include <vfa/plan.h>

/* Saturates at UINT64_MAX. */
uint64_t vfa__plan_bytes(uint64_t surfaces, size_t each);

/* A term's own, and those that the other terms make of it. */
mfxU32 vfa__plan_warnings(const struct vfa_plan *plan, const struct vfa_plan_term *term);

/* Adds one pool to the sums. */
void vfa__plan_total_add(struct vfa_plan_total *total, const struct vfa_plan_result *result);

#endif
